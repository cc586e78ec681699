"""Entries and marks: what is appended is what is read, in order, once."""

import sqlite3
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from learnorg_rules.store import Appended, Entry, Log, New


def event(id_: str | None, line: str = "{}", source: str = "", names: str | None = None) -> New:
    return New("event", source, id_, names, line)


def advance(day: str) -> New:
    return New("advance", "", None, None, day)


def test_entries_are_read_in_the_order_in_which_they_came() -> None:
    with Log.open() as log:
        assert log.append([event("b"), event("a")]) == [Appended(1, True), Appended(2, True)]
        assert log.append([advance("2005-03-31")]) == [Appended(3, True)]
        assert list(log.entries()) == [
            Entry(1, "event", "", "b", None, "{}", 1),
            Entry(2, "event", "", "a", None, "{}", 1),
            Entry(3, "advance", "", None, None, "2005-03-31", 1),
        ]
        assert log.last() == 3


def test_an_empty_log_ends_at_0() -> None:
    with Log.open() as log:
        assert (log.last(), list(log.entries()), log.append([])) == (0, [], [])


def test_a_line_that_comes_again_only_raises_its_copies() -> None:
    with Log.open() as log:
        log.append([event("a"), event("b")])
        assert log.append([event("a"), event("c"), event("c")]) == [
            Appended(1, False),
            Appended(3, True),
            Appended(3, False),
        ]
        assert [(e.id, e.copies) for e in log.entries()] == [("a", 2), ("b", 1), ("c", 2)]


def test_a_line_is_another_where_its_source_id_or_text_differs() -> None:
    lines = [event("a", "x"), event("a", "y"), event("b", "x"), event(None, "x"), event("a", "x", "s"), event("", "x")]
    with Log.open() as log:
        assert [one.seq for one in log.append(lines)] == [1, 2, 3, 4, 5, 6]
        assert [one.seq for one in log.append(lines[::-1])] == [6, 5, 4, 3, 2, 1]


def test_what_reads_the_same_when_joined_is_kept_apart() -> None:
    with Log.open() as log:
        assert all(
            one.is_new
            for one in log.append([event("ab", "c"), event("a", "bc"), event("b", "c", "a"), event("bc", "", "a")])
        )


def test_an_advance_that_comes_again_is_an_entry_of_its_own() -> None:
    with Log.open() as log:
        assert log.append([advance("2005-03-31")] * 2) == [Appended(1, True), Appended(2, True)]


def test_two_lines_with_one_digest_are_both_kept(tmp_path: Path) -> None:
    other = tmp_path / "other"
    with Log.open(other) as log:
        log.append([event("b", "second")])
    with sqlite3.connect(other) as taken:
        ((digest,),) = taken.execute("SELECT digest FROM entries").fetchall()
    taken.close()
    with Log.open(tmp_path / "log"):
        pass
    with sqlite3.connect(tmp_path / "log") as made:
        made.execute(
            "INSERT INTO entries (sort, source, id, line, digest) VALUES ('event', '', 'a', 'first', ?)", (digest,)
        )
    made.close()
    with Log.open(tmp_path / "log") as log:
        assert log.append([event("b", "second")]) == [Appended(2, True)]
        assert log.append([event("b", "second")]) == [Appended(2, False)]
        assert [(e.line, e.copies) for e in log.entries()] == [("first", 1), ("second", 2)]


def test_texts_come_back_as_they_were_given() -> None:
    lines = ["", "\0 and more", "学习型组织", "\U0001f600", 'a "quoted"\\u0000', "1e3", "\ufeff"]
    with Log.open() as log:
        log.append([event(line, line, line, line) for line in lines])
        assert [(e.source, e.id, e.names, e.line) for e in log.entries()] == [(line,) * 4 for line in lines]


def test_entries_of_a_stretch_begin_behind_after_and_end_with_until() -> None:
    with Log.open() as log:
        log.append([event(str(i)) for i in range(1, 1203)])
        assert [e.seq for e in log.entries(after=3, until=5)] == [4, 5]
        assert [e.seq for e in log.entries(after=100, until=1150)] == list(range(101, 1151))
        assert [e.seq for e in log.entries(after=1200)] == [1201, 1202]
        assert list(log.entries(after=5, until=5)) == list(log.entries(after=2000)) == []
        assert [e.seq for e in log.entries(until=10**9)] == list(range(1, 1203))


def test_entries_appended_while_they_are_read_are_not_of_this_reading() -> None:
    with Log.open() as log:
        log.append([event(str(i)) for i in range(700)])
        seen = []
        for entry in log.entries():
            seen.append(entry.seq)
            log.append([event(f"more {entry.seq}")])
        assert seen == list(range(1, 701))
        assert log.last() == 1400


def test_events_are_found_by_identity_and_by_what_they_name() -> None:
    with Log.open() as log:
        log.append(
            [
                event("a", "1"),
                event("b", "2", names="a"),
                event("a", "3"),
                event("a", "4", "s"),
                event("c", "5", "s", "a"),
            ]
        )
        assert [e.line for e in log.same_identity("", "a")] == ["1", "3"]
        assert [e.line for e in log.same_identity("s", "a")] == ["4"]
        assert log.same_identity("", "c") == []
        assert [e.line for e in log.naming("", "a")] == ["2"]
        assert [e.line for e in log.naming("s", "a")] == ["5"]
        assert log.naming("", "b") == []


def test_both_lookups_use_an_index() -> None:
    with Log.open() as log:
        for column, index in (("id", "entries_by_identity"), ("names", "entries_by_named")):
            plan = log._execute(
                f"EXPLAIN QUERY PLAN SELECT * FROM entries WHERE source = ? AND {column} = ?", ("", "a")
            )
            assert index in plan.fetchone()[3]


def test_a_mark_holds_what_was_last_set() -> None:
    with Log.open() as log:
        assert log.mark("organisation") is None
        log.set_marks({"organisation": "x", "rules": ""})
        log.append([event("a")], {"organisation": "y"})
        assert (log.mark("organisation"), log.mark("rules"), log.mark("other")) == ("y", "", None)


def test_entries_and_marks_of_a_call_stand_or_fall_together(tmp_path: Path) -> None:
    with Log.open(tmp_path / "log") as log:
        with pytest.raises(sqlite3.IntegrityError, match="CHECK constraint"):
            log.append([event("a"), New("neither", "", "b", None, "")], {"m": "1"})
        assert (log.last(), log.mark("m")) == (0, None)
        with pytest.raises(sqlite3.IntegrityError, match="NOT NULL"):
            log.append([event("a")], {"m": None})  # type: ignore[dict-item]
        assert (log.last(), log.append([event("a")])) == (0, [Appended(1, True)])


@pytest.mark.parametrize(
    "change", ["UPDATE entries SET line = 'other'", "DELETE FROM entries", "UPDATE entries SET seq = 7"]
)
def test_the_file_refuses_to_change_or_lose_an_entry(change: str, tmp_path: Path) -> None:
    with Log.open(tmp_path / "log") as log:
        log.append([event("a")])
    connection = sqlite3.connect(tmp_path / "log")
    with pytest.raises(sqlite3.IntegrityError, match="entries never"):
        connection.execute(change)
    connection.close()


texts = st.sampled_from(["", "a", "b", "ab", "é", "\0"])
events = st.builds(New, st.just("event"), texts, st.none() | texts, st.none() | texts, texts)
advances = st.builds(advance, st.dates().map(str))


class AgainstAList(RuleBasedStateMachine):
    """A log, closed and opened at any time, and a plain list that does the same."""

    root: Path
    numbers: Iterator[int]

    @initialize()
    def begin(self) -> None:
        self.path = self.root / f"{next(self.numbers)}"
        self.log = Log.open(self.path)
        self.kept: list[Entry] = []
        self.marks: dict[str, str] = {}

    @rule(batch=st.lists(events | advances, max_size=6), marks=st.dictionaries(texts, texts, max_size=2))
    def append(self, batch: list[New], marks: dict[str, str]) -> None:
        wanted = []
        for new in batch:
            same = [
                i
                for i, e in enumerate(self.kept)
                if new.sort == e.sort == "event" and (e.source, e.id, e.line) == (new.source, new.id, new.line)
            ]
            if same:
                old = self.kept[same[0]]
                self.kept[same[0]] = Entry(old.seq, old.sort, old.source, old.id, old.names, old.line, old.copies + 1)
                wanted.append(Appended(old.seq, False))
            else:
                self.kept.append(Entry(len(self.kept) + 1, new.sort, new.source, new.id, new.names, new.line, 1))
                wanted.append(Appended(len(self.kept), True))
        self.marks |= marks
        assert self.log.append(batch, marks) == wanted

    @rule()
    def reopen(self) -> None:
        self.log.close()
        self.log = Log.open(self.path)

    @rule(source=texts, id_=texts)
    def look_up(self, source: str, id_: str) -> None:
        assert self.log.same_identity(source, id_) == [e for e in self.kept if (e.source, e.id) == (source, id_)]
        assert self.log.naming(source, id_) == [e for e in self.kept if (e.source, e.names) == (source, id_)]

    @invariant()
    def same(self) -> None:
        if hasattr(self, "log"):
            assert list(self.log.entries()) == self.kept
            assert all(self.log.mark(name) == value for name, value in self.marks.items())

    def teardown(self) -> None:
        if hasattr(self, "log"):
            self.log.close()


def test_a_log_agrees_with_a_list(tmp_path: Path) -> None:
    class Here(AgainstAList):
        root = tmp_path
        numbers = count()

    run_state_machine_as_test(Here, settings=settings(max_examples=30, stateful_step_count=12, deadline=None))


@given(st.lists(st.tuples(texts, st.none() | texts, texts), max_size=30))
@settings(max_examples=50, deadline=None)
def test_the_cut_into_batches_never_matters(rows: list[tuple[str, str | None, str]]) -> None:
    new = [New("event", source, id_, None, line) for source, id_, line in rows]
    with Log.open() as whole, Log.open() as singly:
        assert whole.append(new) == [one for n in new for one in singly.append([n])]
        assert list(whole.entries()) == list(singly.entries())
