"""Live against batch: whatever comes, in whatever order, the results are those of a batch run over the same events."""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from random_programmes import FAULTS, FIRST, Records, loaded, organisations, rows, rulesets, spoilt

import learnorg_rules as lr
from learnorg_rules.judging.changes import Change, RecordKey, key_of
from learnorg_rules.live import Posted
from learnorg_rules.model.results import Record

TABLES = ("duties", "scorecards", "indicators", "awards", "plans", "decisions")


def records_of(result: lr.Result) -> list[Record]:
    """Everything that changes are told of."""
    return [r for name in ("duties", "scorecards", "awards", "plans", "decisions") for r in getattr(result, name)]


def rejected_of(result: lr.Result) -> list[tuple[str | None, str, str]]:
    """What was kept aside. An id that is not there is told by the reader; rows are of other files."""
    return sorted(result.rejected.select("id", "code", "reason").rows(), key=str)


def assert_same(live: lr.Result, batch: lr.Result) -> None:
    """Every field of every table."""
    for name in TABLES:
        mine, theirs = getattr(live, name).records, getattr(batch, name).records
        for one, other in zip(mine, theirs, strict=False):
            assert one == other, name
        assert len(mine) == len(theirs), name
        assert getattr(live, name).to_polars().equals(getattr(batch, name).to_polars()), name
    assert live.findings == batch.findings
    assert live.assumed == batch.assumed
    assert live.counts == batch.counts
    assert rejected_of(live) == rejected_of(batch)
    assert (live.decider, live.at) == (batch.decider, batch.at)


class Folded:
    """All records, from their changes alone; each change must begin where the last one of its record ended."""

    def __init__(self) -> None:
        self.records: dict[RecordKey, Record] = {}
        self.position = (0, -1)

    def add(self, changes: Iterable[Change]) -> None:
        for change in changes:
            assert change.position > self.position, change
            self.position = change.position
            assert self.records.get(change.key) == change.old, change
            assert change.old != change.new, change
            if change.new is None:
                del self.records[change.key]
            else:
                self.records[change.key] = change.new


class LiveEqualsBatch(RuleBasedStateMachine):
    """Events of every sort, time, other organisations, snapshots and restarts, in any order."""

    @initialize(
        rules=rulesets(), org=organisations(), file=st.booleans(), decider=st.sampled_from(["reference"] * 4 + [""])
    )
    def begin(self, rules: str, org: Records, file: bool, decider: str) -> None:
        self.folder = TemporaryDirectory()
        self.store = Path(self.folder.name) / "log" if file else None
        self.rules, self.org, self.decider = loaded(rules), org.made, decider
        self.came: list[Mapping[str, Any]] = []
        self.changes: list[Change] = []
        self.folded = Folded()
        self.last: Posted | None = None
        self.live = lr.Live(self.rules, self.org, self.store, decider=decider)

    # ---- what happens

    def take(self, changes: Iterable[Change]) -> None:
        found = list(changes)
        self.folded.add(found)
        self.changes += found

    def post(self, *given: Mapping[str, Any]) -> None:
        posted = self.live.post(given[0]) if len(given) == 1 else self.live.post_many(given)
        self.came += given
        for one in [posted] if isinstance(posted, Posted) else posted:
            self.take(one)
            self.last = one

    @rule(row=rows())
    def an_event_comes(self, row: Mapping[str, Any]) -> None:
        self.post(row)

    @rule(row=rows("corrects"))
    def a_correction_comes(self, row: Mapping[str, Any]) -> None:
        self.post(row)

    @rule(row=rows("voids"))
    def a_void_comes(self, row: Mapping[str, Any]) -> None:
        self.post(row)

    @rule(row=rows(), fault=st.sampled_from(FAULTS))
    def an_unusable_event_comes(self, row: Mapping[str, Any], fault: str) -> None:
        self.post(spoilt(row, fault))

    @rule(given=st.lists(rows() | rows("corrects") | rows("voids"), min_size=2, max_size=8))
    def several_come_together(self, given: list[Mapping[str, Any]]) -> None:
        self.post(*given)

    @precondition(lambda self: self.came)
    @rule(data=st.data(), how=st.sampled_from(["same", "recorded", "other", "void", "correct", "undo"]))
    def one_comes_again(self, data: st.DataObject, how: str) -> None:
        """The same, with another time of recording, with other content, or taken back."""
        row = dict(data.draw(st.sampled_from(self.came)))
        if how == "recorded":
            row["recorded_at"] = data.draw(rows()).get("recorded_at", "2004-12-01T00:00:00Z")
        elif how == "other":
            row["occurred_at"] = data.draw(rows())["occurred_at"]
        elif how in ("void", "correct", "undo") and "id" in row:
            name = "corrects" if how == "correct" else "voids"
            made = {k: v for k, v in row.items() if k not in ("corrects", "voids")}
            row = {**made, "id": f"{row['id']}-{how}", name: row["id"]}
            if how == "correct":
                row["unit"], row["minutes"] = data.draw(st.sampled_from(["a", "a2", "b1"])), 45
        self.post(row)

    @rule(days=st.sampled_from([1, 3, 7, 20, 45, 92, 200]))
    def time_passes(self, days: int) -> None:
        to = min(
            self.rules.end - timedelta(1),
            FIRST + timedelta(days) if self.live.at is None else self.live.at + timedelta(days),
        )
        self.take(self.live.advance(to))

    @precondition(lambda self: self.live.at is None)
    @rule()
    def the_day_before_the_first_is_judged(self) -> None:
        self.take(self.live.advance(FIRST - timedelta(1)))

    @rule(org=organisations())
    def the_organisation_is_another(self, org: Records) -> None:
        self.org = org.made
        self.take(self.live.reorganise(self.org))
        self.last = None  # what was said of it was said of the organisation before

    @rule(rules=rulesets())
    def the_rules_are_others(self, rules: str) -> None:
        if not self.judges(loaded(rules)):
            with pytest.raises(lr.InputError, match="L107"):
                self.live.revise(loaded(rules))
            return
        self.rules = loaded(rules)
        self.take(self.live.revise(self.rules))
        self.last = None

    def judges(self, rules: lr.Ruleset) -> bool:
        return self.live.at is None or self.live.at < rules.end

    @rule()
    def a_snapshot_is_kept(self) -> None:
        self.live.snapshot()

    @precondition(lambda self: self.store is not None)
    @rule(since=st.none() | st.integers(0, 40))
    def it_is_closed_and_opened(self, since: int | None) -> None:
        seq = self.live.seq
        self.live.close()
        since = None if since is None else min(since, seq)
        self.live = lr.Live(self.rules, self.org, self.store, decider=self.decider, since=since)
        assert self.live.seq == seq
        later = [] if since is None else [c for c in self.changes if c.position[0] > since]
        assert self.live.replayed == later
        assert not self.live.notices

    @precondition(lambda self: self.store is not None)
    @rule(rules=st.none() | rulesets(), org=st.none() | organisations(), since=st.none() | st.integers(0, 40))
    def it_is_opened_with_others(self, rules: str | None, org: Records | None, since: int | None) -> None:
        """Other rules, another organisation, or both, are told on opening, behind what is computed again."""
        seq = self.live.seq
        self.live.close()
        if rules is not None and not self.judges(loaded(rules)):
            with pytest.raises(lr.InputError, match="L107"):
                lr.Live(loaded(rules), self.org, self.store)
            rules = None
        self.rules = self.rules if rules is None else loaded(rules)
        self.org = self.org if org is None else org.made
        since = seq if since is None else min(since, seq)
        self.live = lr.Live(self.rules, self.org, self.store, decider=self.decider, since=since)
        later = [c for c in self.changes if c.position[0] > since]
        assert self.live.replayed[: len(later)] == later
        self.take(self.live.replayed[len(later) :])
        self.last = None

    # ---- what must hold

    @precondition(lambda self: self.live.at is not None)
    @rule()
    def it_is_looked_at(self) -> None:
        self.compare()

    def compare(self) -> None:
        at = self.live.at
        if at is None:
            return
        result = self.live.result()
        assert_same(result, self.batch(at))
        records = records_of(result)
        assert self.folded.records == {key_of(r): r for r in records}
        assert len(self.folded.records) == len(records)
        if self.last is not None and self.last.code:
            assert (self.last.code, self.last.reason) in {(code, reason) for _, code, reason in rejected_of(result)}

    def batch(self, at: date) -> lr.Result:
        return lr.assess(self.rules, self.org, lr.events_from(self.came), at=at, decider=self.decider)

    @invariant()
    def what_was_folded_is_what_is_there(self) -> None:
        if hasattr(self, "live") and self.live.at is not None:
            assert len(self.folded.records) == len(self.live._follower.records)

    def teardown(self) -> None:
        if hasattr(self, "live"):
            try:
                self.compare()
            finally:
                self.live.close()
                self.folder.cleanup()


LiveEqualsBatch.TestCase.settings = settings(
    max_examples=30, stateful_step_count=20, deadline=None, suppress_health_check=list(HealthCheck)
)
TestLiveEqualsBatch = LiveEqualsBatch.TestCase
