"""The rulesets that come with the project, live, over whole streams: shuffled, part before the first day judged, part after."""

import gzip
import random
import subprocess
import sys
from collections.abc import Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from test_live_equals_batch import Folded, assert_same, records_of

import learnorg_rules as lr
from learnorg_rules.counting.cells import wanted
from learnorg_rules.judging.changes import key_of
from learnorg_rules.model.definitions import FieldType

RULESETS = Path(__file__).parents[2] / "rulesets"
GENERATOR = Path(__file__).parents[3] / "shared" / "bench" / "district-year" / "gen.py"

Given = lr.Event | str | Mapping[str, object]


class Stream:
    """Events in an order of their own, posted in parts between advances; what changed is folded."""

    def __init__(self, live: lr.Live, events: Sequence[Given], seed: int) -> None:
        self.live, self.folded = live, Folded()
        self.events = list(events)
        random.Random(seed).shuffle(self.events)

    def post(self, number: int) -> None:
        part, self.events = self.events[:number], self.events[number:]
        for posted in self.live.post_many(part):
            self.folded.add(posted)

    def post_one_by_one(self, number: int) -> None:
        for _ in range(number):
            self.folded.add(self.live.post(self.events.pop()))

    def advance(self, *days: str) -> None:
        for day in days:
            self.folded.add(self.live.advance(day))

    def assert_ends_as(self, batch: lr.Result) -> None:
        assert not self.events
        result = self.live.result()
        assert_same(result, batch)
        assert self.folded.records == {key_of(r): r for r in records_of(result)}


def event_of(row: Mapping[str, Any], rules: lr.Ruleset) -> lr.Event:
    fields = {name: typed(row[name], rules.fields[name]) for name in rules.fields if row.get(name) is not None}
    return lr.Event(
        row["id"], row["kind"], row["unit"], row["occurred_at"], row["source"], row["person"], row["recorded_at"],
        row["corrects"], row["voids"], fields,
    )  # fmt: skip


def typed(cell: Any, kind: FieldType) -> object:
    return Fraction(cell, 10**kind.scale) if kind.type == "decimal" else cell


def test_the_learning_organ_programme_ends_as_batch() -> None:
    folder = RULESETS / "zhabei-2003"
    rules, org, file = lr.load(folder), lr.read_org(folder / "example/org"), folder / "example/events/events.ndjson.gz"
    with lr.Live(rules, org) as live, gzip.open(file, "rt", encoding="utf-8") as lines:
        stream = Stream(live, lines.readlines(), seed=2003)
        stream.post(len(stream.events) - 180)
        stream.advance("2006-12-20", "2006-12-24")
        stream.post_one_by_one(40)
        stream.post(80)
        stream.advance("2006-12-26")
        stream.post(len(stream.events))
        stream.assert_ends_as(lr.assess(rules, org, lr.scan_events(file), at="2006-12-26"))


def test_the_receipt_of_permits_ends_as_batch() -> None:
    folder = RULESETS / "permit-intake"
    rules, org, log = (
        lr.load(folder),
        lr.read_org(folder / "example/org"),
        lr.scan_events(folder / "example/events/receipt.xes.gz"),
    )
    rows = [event_of(row, rules) for row in log.read(wanted(rules)).frame.iter_rows(named=True)]  # tasks and cases
    assert {row.kind for row in rows} == {"task", "case"}
    with lr.Live(rules, org) as live:
        stream = Stream(live, rows, seed=2010)
        stream.post(5000)
        stream.advance("2011-08-15", "2011-09-05")
        stream.post_one_by_one(200)
        stream.advance("2011-10-02")
        stream.post(len(stream.events))
        stream.assert_ends_as(lr.assess(rules, org, log, at="2011-10-02"))


@pytest.mark.skipif(not GENERATOR.exists(), reason="the workload's generator is not beside the project")
def test_a_district_year_ends_as_batch(tmp_path: Path) -> None:
    org_file, ndjson, parquet = (tmp_path / name for name in ("org.json", "e.ndjson", "e.parquet"))
    files = ("--org", org_file, "--ndjson", ndjson, "--parquet", parquet)
    subprocess.run([sys.executable, GENERATOR, "-n", "20000", *files], check=True, capture_output=True)
    rules = lr.load(RULESETS / "district-year")
    org = lr.read_org(org_file, columns=rules.organisation.columns)
    with lr.Live(rules, org) as live:
        stream = Stream(live, ndjson.read_text(encoding="utf-8").splitlines(), seed=2005)
        stream.post(12_000)
        stream.advance("2005-03-31", "2005-12-31")
        stream.post_one_by_one(200)
        stream.post(len(stream.events))
        stream.assert_ends_as(lr.assess(rules, org, lr.scan_events(ndjson), at="2005-12-31"))
