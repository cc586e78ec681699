"""Agree: ingesting frames = `settle`; and meaning: what the rules and the organisation refuse."""

import random
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from fractions import Fraction

import polars as pl
import pytest
from histories import day, event, histories
from hypothesis import given, settings
from hypothesis import strategies as st

from learnorg_rules.adapters.events.sources import FrameEvents, events_from, scan_events
from learnorg_rules.counting.ingest import COUNTS, Ingested, ingest
from learnorg_rules.counting.port import REJECTED, Wanted
from learnorg_rules.errors import Source
from learnorg_rules.events import Event, settle
from learnorg_rules.model.definitions import Columns, Effective, EventKind, FieldType, Header
from learnorg_rules.model.ruleset import Ruleset
from learnorg_rules.org.organisation import Organisation
from learnorg_rules.org.records import Node

FIELDS = {
    "minutes": FieldType("integer", min=Fraction(0), max=Fraction(600)),
    "score": FieldType("decimal", places=1, min=Fraction(5, 2), max=Fraction(100)),
    "carrier": FieldType("choice", of=("forum", "salon", "study")),
}
KINDS = {
    "forum": EventKind(id="forum", fields=("person?", "minutes", "carrier?")),
    "exam": EventKind(id="exam", fields=("person", "score?")),
    "poll": EventKind(id="poll"),
}


def rules(time_zone: str = "UTC", unknown_person: str = "reject") -> Ruleset:
    header = Header(
        id="test",
        time_zone=time_zone,
        effective=Effective(date(2005, 1, 1), date(2005, 12, 31)),
        records=Columns(unknown_person=unknown_person),
    )
    return Ruleset(header=header, fields=FIELDS, events=KINDS)


def node(id_: str, kind: str = "unit", from_: date | None = None, to: date | None = None) -> Node:
    return Node(id_, kind, {}, from_, to, Source("org"))


ORGANISATION = Organisation.of(
    [node("u1"), node("u2", from_=date(2005, 3, 1), to=date(2005, 6, 30)), node("ann", "person"), node("bob", "person")]
)
WANTED = Wanted(FIELDS)


def run(rows: Sequence[Mapping[str, object] | Event], ruleset: Ruleset | None = None, **more: object) -> Ingested:
    return ingest(events_from(rows).read(WANTED), ruleset or rules(), ORGANISATION, **more)  # type: ignore[arg-type]


def row(id_: str = "a", **more: object) -> dict[str, object]:
    """An event that counts, but for what is said."""
    found = {"id": id_, "kind": "forum", "unit": "u1", "occurred_at": "2005-04-01T09:30:00Z", "minutes": 60}
    return {**found, **more}


def said(ingested: Ingested) -> list[str]:
    return [f"{code} {reason}" for code, reason in ingested.rejected.select("code", "reason").iter_rows()]


# ---- agree


@settings(max_examples=200, deadline=None)
@given(histories(), st.sampled_from([None, day(5), date(2005, 1, 7)]))
def test_ingesting_is_settling(events: list[Event], known_at: date | datetime | None) -> None:
    ingested = run(events, known_at=known_at)
    settled = settle(events, known_at)
    frame = ingested.frame.sort("occurred_at", "source", "id")
    assert frame.select("source", "id").rows() == [e.identity for e in settled.counted]
    assert frame["minutes"].to_list() == [e.fields["minutes"] for e in settled.counted]
    assert frame["recorded_at"].to_list() == [e.recorded_at for e in settled.counted]
    assert sorted(ingested.rejected.select("id", "code", "reason").rows()) == sorted(
        (e.id, code, reason) for e, code, reason in settled.set_aside
    )
    conflicts = sum(code == "V401" for _, code, _ in settled.set_aside)
    assert ingested.counts == {
        "read": len(events),
        "duplicate": settled.duplicates,
        "conflicting": conflicts,
        "rejected": len(settled.set_aside) - conflicts,
        "superseded": len(settled.superseded),
        "voided": len(settled.voided),
        "voids": len(settled.voids),
        "not_yet_known": len(settled.not_yet_known),
        "accepted": len(settled.counted),
    }


@settings(max_examples=40, deadline=None)
@given(histories(), st.integers(0, 1000), st.integers(1, 4))
def test_no_cut_into_files_and_no_order_changes_the_outcome(
    tmp_path_factory: pytest.TempPathFactory, events: list[Event], seed: int, parts: int
) -> None:
    folder = tmp_path_factory.mktemp("parts")
    shuffled = list(events)
    random.Random(seed).shuffle(shuffled)
    for number in range(parts):
        frame = events_from(shuffled[number::parts]).read(WANTED).frame
        scored = pl.col("score") / 10.0
        frame.drop("file", "row").with_columns(scored).write_parquet(folder / f"{number}.parquet")
    cut = ingest(scan_events(folder / "*.parquet").read(WANTED), rules(), ORGANISATION)
    whole = run(events)
    content = [name for name in whole.frame.columns if name not in ("file", "row")]
    order = ["occurred_at", "source", "id"]
    assert cut.frame.sort(order).select(content).equals(whole.frame.sort(order).select(content))
    assert cut.counts == whole.counts
    told = ["id", "code", "reason"]
    assert cut.rejected.select(told).sort(told).equals(whole.rejected.select(told).sort(told))


def test_rows_whose_ids_share_a_hash_are_told_apart() -> None:
    # The same text as source and id gives equal parts of the key; what counts is the pair.
    rows = [row(a, source=b) for a in ("x", "y", "z") for b in ("x", "y", "z")]
    assert run(rows).counts["accepted"] == 9


# ---- against rules and organisation


FEBRUARY, JULY = "2005-02-28T23:59:59Z", "2005-07-01T00:00:00Z"
EXAM = {"kind": "exam", "person": "ann"}


@pytest.mark.parametrize(
    ("given_", "expected"),
    [
        ({"kind": "form"}, "V501 there is no kind of event 'form' (did you mean 'forum'?)"),
        ({"unit": "u9"}, "V502 there is no unit 'u9' (known: u1, u2)"),
        ({"unit": "u2", "occurred_at": FEBRUARY}, "V503 unit 'u2' began on 2005-03-01, the event is of 2005-02-28"),
        ({"unit": "u2", "occurred_at": JULY}, "V503 unit 'u2' ended on 2005-06-30, the event is of 2005-07-01"),
        ({"person": "anna"}, "V504 there is no person 'anna' (did you mean 'ann'?)"),
        ({"kind": "exam"}, "V505 person is missing, which kind 'exam' needs"),
        ({"minutes": None}, "V505 field 'minutes' is missing, which kind 'forum' needs"),
        ({"minutes": -1}, "V506 field 'minutes': -1 is below the least possible, 0"),
        ({"minutes": 601}, "V506 field 'minutes': 601 is above the greatest possible, 600"),
        ({**EXAM, "score": 2.4}, "V506 field 'score': 2.4 is below the least possible, 2.5"),
        ({**EXAM, "score": 100.1}, "V506 field 'score': 100.1 is above the greatest possible, 100"),
        ({"carrier": "forums"}, "V507 field 'carrier': there is no choice 'forums' (did you mean 'forum'?)"),
        (
            {"kind": "quiz", "unit": "u9"},
            "V501 there is no kind of event 'quiz' (known: forum, exam, poll); there is no unit 'u9' (known: u1, u2)",
        ),
    ],
)
def test_an_event_that_does_not_fit_is_put_aside_with_its_reason(given_: dict[str, object], expected: str) -> None:
    ingested = run([row("good"), row("bad", **given_)])
    assert said(ingested) == [expected]
    assert ingested.frame["id"].to_list() == ["good"]
    assert ingested.rejected.select("file", "row", "id").rows() == [("rows", 2, "bad")]
    assert ingested.rejected.schema == REJECTED


@pytest.mark.parametrize(
    "given_",
    [
        {"minutes": 0},
        {"minutes": 600},
        {"kind": "exam", "person": "ann", "score": 2.5},
        {"kind": "exam", "person": "ann", "score": None},
        {"unit": "u2", "occurred_at": "2005-03-01T00:00:00Z"},
        {"unit": "u2", "occurred_at": "2005-06-30T23:59:59Z"},
        {"kind": "poll", "minutes": 9999, "carrier": "none"},  # a poll takes neither
    ],
)
def test_what_is_just_inside_counts(given_: dict[str, object]) -> None:
    assert run([row(**given_)]).counts["accepted"] == 1


def test_an_unknown_person_counts_where_the_ruleset_says_so() -> None:
    assert run([row(person="guest")], rules(unknown_person="accept")).counts["accepted"] == 1


def test_the_local_day_is_that_of_the_ruleset() -> None:
    late = row(unit="u2", occurred_at="2005-02-28T16:00:00Z")
    assert run([late]).counts["rejected"] == 1
    ingested = run([late], rules("Asia/Shanghai"))
    assert ingested.frame["date"].to_list() == [date(2005, 3, 1)]


def test_known_at_a_date_ends_with_the_local_day() -> None:
    rows = [row("a", recorded_at="2005-04-30T15:59:59Z"), row("b", recorded_at="2005-04-30T16:00:00Z")]
    ingested = run(rows, rules("Asia/Shanghai"), known_at=date(2005, 4, 30))
    assert ingested.frame["id"].to_list() == ["a"]
    assert ingested.counts["not_yet_known"] == 1


def test_a_resend_of_a_refused_event_is_a_resend() -> None:
    counts = run([row(unit="u9"), row(unit="u9"), row(unit="u9")]).counts
    assert (counts["duplicate"], counts["rejected"]) == (2, 1)


def test_a_refused_correction_has_still_taken_the_place_of_what_it_corrects() -> None:
    counts = run([row("a"), row("b", unit="u9", corrects="a")]).counts
    assert (counts["superseded"], counts["rejected"], counts["accepted"]) == (1, 1, 0)


def test_an_event_not_yet_known_is_not_checked() -> None:
    ingested = run([row(unit="u9", recorded_at="2005-12-01T00:00:00Z")], known_at=date(2005, 6, 1))
    assert ingested.rejected.height == 0


def test_unreadable_rows_are_counted_and_listed_with_the_others() -> None:
    ingested = run([row("a", minutes="x"), row("b", unit="u9"), row("c"), {"id": "d"}])
    assert ingested.rejected.select("row", "code").rows() == [(1, "V207"), (2, "V502"), (4, "V206")]
    assert ingested.counts["rejected"] == 3
    assert sum(ingested.counts[name] for name in COUNTS) == ingested.counts["read"] == 4


def test_values_that_a_kind_does_not_take_and_undeclared_columns_are_noted() -> None:
    assert run([row("a", kind="poll"), row("b", kind="poll", sauce="hot")]).notes == (
        "kind 'poll' does not take 'minutes': 2 values are not looked at",
        "column 'sauce' is not declared and was not read",
    )


def test_no_events_at_all_give_an_empty_frame() -> None:
    ingested = run([])
    assert ingested.frame.height == 0
    assert ingested.frame.schema["date"] == pl.Date
    assert ingested.counts == {"read": 0, **dict.fromkeys(COUNTS, 0)}


def test_a_long_history_of_mixed_events_is_settled_as_by_definition() -> None:
    pick = random.Random(7)
    events = []
    for number in range(4000):
        target = f"e{pick.randrange(4000)}"
        role = pick.choice(["", "", "", "corrects", "voids"])
        moment = day(1) + timedelta(minutes=pick.randrange(400_000))
        events.append(
            Event(
                f"e{number if pick.random() < 0.95 else pick.randrange(4000)}",
                "forum",
                "u1",
                moment,
                source=pick.choice(["", "s"]),
                recorded_at=pick.choice([None, moment + timedelta(days=pick.randrange(9))]),
                corrects=target if role == "corrects" else None,
                voids=target if role == "voids" else None,
                fields={"minutes": 60},
            )
        )
    ingested, settled = run(events), settle(events)
    assert set(ingested.frame.select("source", "id").rows()) == {e.identity for e in settled.counted}
    assert sorted(ingested.rejected["reason"]) == sorted(reason for _, _, reason in settled.set_aside)
    assert sum(ingested.counts[name] for name in COUNTS) == len(events)


def test_a_frame_is_read_as_a_file_is() -> None:
    read = events_from([event("a"), event("b", corrects="a")]).read(WANTED)
    frame = read.frame.drop("file", "row").with_columns(pl.col("score") / 10.0)
    assert FrameEvents(frame.lazy()).read(WANTED).frame.equals(read.frame)
