"""Agree: what a stream of batches gives, killed and begun again, is what one run over all of it gives."""

import os
import pickle
import signal
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest
from messy_programme import lines, programme

import learnorg_rules as lr

pytest.importorskip("pyspark", reason="Spark is not installed: make test-spark")

SCRIPT = Path(__file__).parent / "stream_of_files.py"
BATCHES = 4


def run(folder, *arguments: str) -> int:
    environment = {
        **os.environ, "PYSPARK_PYTHON": sys.executable, "POLARS_MAX_THREADS": "1",
        "PYTHONPATH": os.pathsep.join([str(SCRIPT.parents[2]), str(SCRIPT.parents[1])]),
    }  # fmt: skip
    done = subprocess.run(
        [sys.executable, SCRIPT, folder, *arguments], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode in (0, -signal.SIGKILL), done.stderr[-3000:]
    return done.returncode


def kept(folder) -> list[int]:
    return sorted(int(file.stem) for file in (folder / "state" / "kept").glob("*.json"))


def test_a_driver_killed_in_a_batch_and_between_batches_goes_on_as_if_nothing_had_been(tmp_path):
    rules, org = programme(tmp_path)
    texts = lines(3, 240)
    incoming = tmp_path / "in"
    incoming.mkdir()
    for number in range(BATCHES):
        file = incoming / f"{number}.txt"
        file.write_text("\n".join(texts[number::BATCHES]) + "\n", encoding="utf-8")
        os.utime(file, (1_000_000 + number, 1_000_000 + number))

    assert run(tmp_path, "at", "1") == -signal.SIGKILL
    assert kept(tmp_path) == [0]
    assert (tmp_path / "state" / "tables" / "1").exists()  # it was counted, and does not hold

    assert run(tmp_path, "after", "2") == -signal.SIGKILL
    assert kept(tmp_path) == [0, 1, 2]
    assert not (tmp_path / "checkpoint" / "commits" / "2").exists()  # Spark will send it again

    assert run(tmp_path, "all") == 0
    said = pickle.loads((tmp_path / "said.pickle").read_bytes())
    assert said["taken"] == {2: False, 3: True}  # the replayed batch was skipped
    assert said["rebuilt"] != "{}"  # corrections reached back into what was counted

    (tmp_path / "all.ndjson").write_text("\n".join(texts) + "\n", encoding="utf-8")
    here = lr.assess(rules, org, lr.scan_events(tmp_path / "all.ndjson"), at="2005-12-30")
    for name, records in said["tables"].items():
        assert getattr(here, name).records == records, name
    assert said["counts"] == here.counts
    assert said["notes"] == list(here.notes)
    assert said["findings"] == list(here.findings)
    what = ["id", "code", "reason"]
    rejected = pl.DataFrame(said["rejected"]).select(what).sort(what, nulls_last=True)
    assert rejected.to_dicts() == here.rejected.select(what).sort(what, nulls_last=True).to_dicts()
    events = lr.scan_events(tmp_path / "all.ndjson")
    june = lr.assess(rules, org, events, at="2005-06-30", known_at="2005-12-10")
    assert said["june"] == june.duties.records


def test_a_state_is_refused_to_other_rules_and_to_batches_out_of_order(spark, tmp_path):
    rules, org = programme(tmp_path)
    state = tmp_path / "state"
    stream = lr.Stream(rules, org, state)
    texts = spark.createDataFrame([("{}",)], "value string")
    with pytest.raises(lr.InputError) as error:
        stream.take(texts, 3)
    assert str(error.value) == (
        f"{state}: K106 batch 3 came, expected 0\n    hint: use the checkpoint and the folder that were used together"
    )
    with pytest.raises(lr.InputError) as error:
        lr.Stream(rules, org, state, at="2005-03-01")
    assert str(error.value) == (
        f"{state}: K105 holds the state of other rules, another organisation or another day\n"
        "    hint: open it with those, or begin in a new folder"
    )
    with pytest.raises(lr.InputError) as error:
        stream.take(spark.createDataFrame([("e1",)], "id string"), 0)
    assert "stream: V108 there is no column for kind" in str(error.value)
    assert stream.finalise().counts["read"] == 0


def test_columns_of_a_frame_are_taken_as_those_of_a_file(spark, tmp_path):
    rules, org = programme(tmp_path)
    rows = [(f"e{i}", "salon", "a", f"2005-0{1 + i % 9}-03T00:00:00Z", 10 * i, 1) for i in range(9)]
    schema = "id string, kind string, unit string, occurred_at string, minutes int, odd int"
    frame = spark.createDataFrame(rows, schema)
    stream = lr.Stream(rules, org, tmp_path / "state", buckets=2)
    assert stream.take(frame, 0)
    assert not stream.take(frame, 0)
    assert stream.take(frame.limit(3), 1)
    result = lr.Stream(rules, org, tmp_path / "state").finalise()
    names = [name.split()[0] for name in schema.split(", ")]
    twice = [dict(zip(names, row, strict=True)) for row in [*rows, *rows[:3]]]
    here = lr.assess(rules, org, lr.events_from(twice))
    assert result.duties.records == here.duties.records
    assert result.indicators.records == here.indicators.records
    assert result.counts == here.counts
    assert result.notes == here.notes
