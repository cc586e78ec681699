import contextlib
import io
import json
import os
import pty
import re
import signal
import subprocess
import sys
import threading

import made_simulation as made
import polars as pl
import pytest

from learnorg_rules.cli import main

SCENARIO = """\
scenario:
  id: tried
  title: {en: Is one cup enough?, zh: 一个奖杯够吗？}
  ruleset: rules.yaml
  from: 2005-01-01
  to: 2005-12-31
  step: quarter
  repetitions: 6
  seed: 3
organisation: {files: units.yaml}
behaviours:
  reads:
    for: units where level == office
    event: session
    rate: 0.5
    every: month
    fields: {minutes: 30..90}
policies:
  as_it_is: {}
  two_cups: {set: {cup.quota: 2}}
"""

EVENTS = '{"id":"1","kind":"session","unit":"north","minutes":60,"occurred_at":"2005-02-10T10:00:00+08:00"}\n'


@pytest.fixture
def learnorg(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "rules.yaml").write_text(made.RULES, encoding="utf-8")
    (tmp_path / "units.yaml").write_text(made.UNITS, encoding="utf-8")
    (tmp_path / "tried.yaml").write_text(SCENARIO, encoding="utf-8")
    (tmp_path / "events.ndjson").write_text(EVENTS, encoding="utf-8")

    def run(*arguments):
        out, err = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err), pytest.raises(SystemExit) as stop:
            main(list(arguments))
        return stop.value.code, out.getvalue(), err.getvalue()

    return run


def test_a_scenario_becomes_a_folder_to_decide_by(learnorg, tmp_path):
    code, out, err = learnorg("simulate", "tried.yaml", "--out", "done", "--cost", "cup=500", "--lang", "zh")
    assert code == 0, err
    assert out.startswith("# 一个奖杯够吗？\n")
    assert err.startswith("written: done/summary.md and ")
    folder = tmp_path / "done"
    assert (folder / "summary.md").read_text(encoding="utf-8").startswith(out[:200])
    awards = pl.read_parquet(folder / "tables" / "answers_awards.parquet")
    assert set(awards["policy"]) == {"as_it_is", "two_cups"}
    assert pl.read_csv(folder / "tables" / "answers_awards.csv").height == awards.height
    shown = [line.partition("(")[2][:-1] for line in (folder / "summary.md").read_text().splitlines() if "![" in line]
    assert shown
    assert all((folder / name).exists() for name in shown)


def test_a_scenario_writes_nowhere_but_in_its_own_folder(learnorg, tmp_path):
    outside = tmp_path / "outside"
    outside.mkdir()
    scenario = (tmp_path / "tried.yaml").read_text(encoding="utf-8")
    (tmp_path / "out.yaml").write_text(scenario.replace("id: tried", "id: ../outside/x"), encoding="utf-8")
    code, out, err = learnorg("simulate", "out.yaml")
    assert (code, out) == (1, "")
    assert err.startswith("out.yaml:2:7: E204 '../outside/x' is not an id\n")
    (tmp_path / "tried").symlink_to(outside)
    code, out, err = learnorg("simulate", "tried.yaml", "--force", "--repetitions", "10000")
    assert (code, out) == (1, "")
    assert (
        err
        == "tried: F102 is a symbolic link, and nothing is written through one\n    hint: name the folder that it leads to\n"
    )
    assert list(outside.iterdir()) == []


def test_a_second_run_replaces_the_first_and_nothing_else(learnorg, tmp_path):
    again = ("simulate", "tried.yaml", "--repetitions", "1")
    assert [learnorg(*again)[0], learnorg(*again)[0]] == [0, 0]
    summary = tmp_path / "tried" / "summary.md"
    summary.write_text("what I think of it")
    code, _, err = learnorg(*again)
    assert (code, summary.read_text()) == (1, "what I think of it")
    assert err.startswith(
        "tried/summary.md: F101 was changed since it was written\n    hint: name another place, or give --force"
    )
    assert learnorg(*again, "--force")[0] == 0


def test_json_has_every_table_and_writes_no_files(learnorg, tmp_path):
    before = set(tmp_path.iterdir())
    code, out, _ = learnorg("simulate", "tried.yaml", "--json", "--repetitions", "3", "--cost", "cup=99.50")
    assert code == 0
    found = json.loads(out)
    assert (found["scenario"], found["repetitions"], found["done"]) == ("tried", 3, 3)
    assert {row["policy"] for row in found["answers_costs"]} == {"as_it_is", "two_cups"}
    assert found["compared_events"][0]["verdict"] == "same"
    assert set(tmp_path.iterdir()) == before


def test_ctrl_c_leaves_what_was_done(learnorg, tmp_path):
    ours, theirs = pty.openpty()  # a terminal, so that the bar says how far it is
    started = subprocess.Popen(
        [sys.executable, "-m", "learnorg_rules.cli", "simulate", "tried.yaml", "--out", "part", "--repetitions", "100000"],
        cwd=tmp_path, stdout=subprocess.PIPE, stderr=theirs, encoding="utf-8",
        env={**os.environ, "PYTHONUTF8": "1", "TERM": "xterm", "COLUMNS": "100"},
    )  # fmt: skip
    os.close(theirs)
    seen = b""
    while not re.search(rb"[1-9]\d*/100000", seen):
        seen += os.read(ours, 4096)
    started.send_signal(signal.SIGINT)
    reader = threading.Thread(target=read_to_the_end, args=(ours,))
    reader.start()  # or the process would wait for room to write
    out, _ = started.communicate()
    reader.join()
    os.close(ours)
    assert started.returncode == 130
    done = int(re.search(r"(\d+) of 100000 runs", out)[1])
    assert f"Everything below rests on the {done} runs that were done." in out
    totals = pl.read_parquet(tmp_path / "part" / "tables" / "raw_totals.parquet")
    assert totals["repetition"].n_unique() == done > 0


def read_to_the_end(terminal):
    with contextlib.suppress(OSError):  # how a terminal says that nobody writes to it any more
        while os.read(terminal, 4096):
            pass


def test_a_quota_that_is_none_is_told_and_not_taken_for_no_award(learnorg, tmp_path):
    text = SCENARIO.replace("cup.quota: 2", "cup.quota: 3 * candidates / 4")
    (tmp_path / "tried.yaml").write_text(text, encoding="utf-8")
    code, out, _ = learnorg("simulate", "tried.yaml")
    assert code == 0
    section = out.partition("## Needs a decision\n")[2].partition("\n## ")[0]
    assert section == (
        "\nThese results were left open or not given; the results below take them as they are. One message of each rule:\n\n"
        "| option | finding | in runs |\n|---|---|---|\n"
        "| two_cups | E603 the quota of cup in 2005 is 9/4, not a whole number of at least 0 | 6 / 6 |\n"
    )


def test_wrong_options_are_told_before_anything_runs(learnorg):
    for arguments, message in {
        ("--cost", "cap=5"): "--cost: there is no award 'cap'; did you mean 'cup'?",
        ("--cost", "cup=much"): "'cup=much' is not award=amount, with an amount such as 500 or 99.50",
        ("--cost", "cup=1", "--cost", "cup=2"): "'cup' is given twice",
        ("--precision", "0"): "0 is not above 0 and below 50",
    }.items():
        code, out, err = learnorg("simulate", "tried.yaml", *arguments)
        assert (code, out) == (2, "")
        assert message in err


def test_a_sweep_prints_what_moves_whom(learnorg):
    code, out, err = learnorg("sweep", "rules.yaml", "--org", "units.yaml", "--events", "events.ndjson", "--at", "2005-12-31")  # fmt: skip
    assert code == 0, err
    lines = out.splitlines()
    assert lines[0] == "judged at the end of 2005-12-31; totals, ranks, grades and awards: how many are another"
    assert any(line.split()[:3] == ["full", "8", "7"] for line in lines)
    assert lines[-1] == "not moved: day_zero, it is no number (2005-03-01)"


def test_margins_say_where_the_awards_change(learnorg):
    arguments = ("rules.yaml", "--org", "units.yaml", "--events", "events.ndjson", "--at", "2005-12-31", "--margins")
    code, out, _ = learnorg("sweep", *arguments, "--number", "year.grades.good", "--json")
    assert code == 0
    # north has 13.5 points of 100: it would get the cup from a bound of 13 on
    assert json.loads(out)[0] | {"room": 0} == {
        "number": "year.grades.good", "value": "50", "below": "13", "above": "", "room": 0,
        "changes_below": ["+cup 2005 north"], "changes_above": [],
    }  # fmt: skip


def test_an_unknown_number_is_wrong_usage(learnorg):
    code, _, err = learnorg(
        "sweep", "rules.yaml", "--org", "units.yaml", "--events", "events.ndjson", "--number", "ful"
    )
    assert code == 2
    assert "there is no number 'ful' in the rules; did you mean 'full'?" in err
    code, _, err = learnorg("sweep", "rules.yaml", "--org", "units.yaml", "--events", "events.ndjson", "--step", "0%")
    assert code == 2
    assert "'0%' is not a share above 0 such as 10% or 0.1" in err


@pytest.mark.parametrize(
    ("lacking", "arguments", "name"),
    [
        ("numpy", "simulate tried.yaml", "simulate"),
        ("numpy", "fit rules.yaml --org units.yaml --events events.ndjson --from 2025-01-01 --to 2025-06-30", "fit"),
        ("matplotlib", "simulate tried.yaml", "simulate"),
    ],
)
def test_without_an_extra_the_command_says_what_to_install(learnorg, lacking: str, arguments: str, name: str) -> None:
    program = f"import sys; sys.modules['{lacking}'] = None\nfrom learnorg_rules.cli import main\nmain()"
    ran = subprocess.run(
        [sys.executable, "-c", program, *arguments.split()], capture_output=True, text=True, check=False
    )
    said = f"Error: {name} needs {lacking}, which is not installed: pip install 'learnorg-rules[simulate]'"
    assert (ran.returncode, ran.stderr.splitlines()[-1]) == (2, said)
