"""Meaning: what counts of events that come again, contradict each other, correct and take back."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from attrs import evolve
from histories import day, event, histories
from hypothesis import given, settings
from hypothesis import strategies as st

from learnorg_rules.events import Event, Settled, settle


def ids(events: Sequence[Event]) -> list[str]:
    return [e.id for e in events]


def aside(settled: Settled) -> dict[str, str]:
    return {e.id: f"{code} {reason}" for e, code, reason in settled.set_aside}


def test_events_count_in_the_order_of_time_then_source_then_id() -> None:
    events = [event("b", on=2), event("z", on=1), event("a", on=2, source="x"), event("a", on=2)]
    assert [(e.source, e.id) for e in settle(events).counted] == [("", "z"), ("", "a"), ("", "b"), ("x", "a")]


def test_a_resend_is_dropped_and_the_earliest_recording_is_kept() -> None:
    events = [event("a", recorded_at=day(r)) for r in (5, 3, 9)]
    settled = settle(events)
    assert settled.counted == (event("a", recorded_at=day(3)),)
    assert settled.duplicates == 2


def test_a_resend_in_another_zone_or_with_an_empty_field_is_the_same() -> None:
    there = event("a").occurred_at.astimezone(ZoneInfo("Asia/Shanghai"))
    again = evolve(event("a"), occurred_at=there, fields={"minutes": 60, "score": None})
    assert settle([event("a"), again]).duplicates == 1


def test_of_one_id_with_two_contents_none_counts() -> None:
    settled = settle([event("a", 60), event("a", 90), event("a", 60), event("b")])
    assert ids(settled.counted) == ["b"]
    assert aside(settled) == {"a": "V401 id 'a' came in 2 versions that differ in minutes"}
    assert (len(settled.set_aside), settled.duplicates) == (2, 1)


def test_the_same_id_of_two_sources_is_two_events() -> None:
    assert len(settle([event("a", 60, source="x"), event("a", 90, source="y")]).counted) == 2


def test_a_correction_takes_the_place_of_what_it_corrects() -> None:
    settled = settle([event("a", 60), event("b", 90, corrects="a")])
    assert ids(settled.counted) == ["b"]
    assert ids(settled.superseded) == ["a"]


def test_of_a_chain_of_corrections_the_last_counts() -> None:
    settled = settle([event("c", corrects="b"), event("b", corrects="a"), event("a")])
    assert ids(settled.counted) == ["c"]
    assert ids(settled.superseded) == ["a", "b"]


def test_a_correction_may_only_name_an_event_of_its_own_source() -> None:
    settled = settle([event("a", source="x"), event("b", source="y", corrects="a")])
    assert ids(settled.counted) == ["a"]
    assert aside(settled) == {"b": "V403 corrects 'a', which is not there"}


def test_of_two_corrections_of_one_event_the_one_recorded_later_counts() -> None:
    settled = settle(
        [event("a"), event("b", corrects="a", recorded_at=day(8)), event("c", corrects="a", recorded_at=day(9))]
    )
    assert ids(settled.counted) == ["c"]
    assert ids(settled.superseded) == ["a", "b"]


def test_what_corrects_the_losing_correction_is_superseded_with_it() -> None:
    settled = settle(
        [
            event("a"),
            event("b", corrects="a", recorded_at=day(8)),
            event("b2", corrects="b", recorded_at=day(20)),
            event("c", corrects="a", recorded_at=day(9)),
        ]
    )
    assert ids(settled.counted) == ["c"]


@pytest.mark.parametrize(("first", "second"), [(None, None), (8, None), (8, 8)])
def test_two_corrections_of_which_none_is_known_to_be_later_are_set_aside(
    first: int | None, second: int | None
) -> None:
    recorded = [None if r is None else day(r) for r in (first, second)]
    settled = settle(
        [
            event("a"),
            event("b", corrects="a", recorded_at=recorded[0]),
            event("c", corrects="a", recorded_at=recorded[1]),
            event("d", corrects="c"),
        ]
    )
    assert ids(settled.counted) == ["a"]
    assert aside(settled) == {
        "b": "V402 corrects 'a', and so does 'c': recorded_at does not say which is the last",
        "c": "V402 corrects 'a', and so does 'b': recorded_at does not say which is the last",
        "d": "V403 corrects 'c', which is set aside",
    }


def test_a_circle_of_corrections_is_set_aside_with_what_hangs_on_it() -> None:
    settled = settle(
        [event("a", corrects="c"), event("b", corrects="a"), event("c", corrects="b"), event("d", corrects="a")]
    )
    assert settled.counted == ()
    circle = "V404 corrects itself in a circle: 'a' corrects 'c' corrects 'b' corrects 'a'"
    assert aside(settled) == {"a": circle, "b": circle, "c": circle, "d": "V403 corrects 'a', which is set aside"}


def test_a_void_takes_an_event_back_and_does_not_count_itself() -> None:
    settled = settle([event("a"), event("v", voids="a"), event("a")])
    assert settled.counted == ()
    assert (ids(settled.voided), ids(settled.voids), settled.duplicates) == (["a"], ["v"], 1)


def test_a_voided_correction_was_never_made() -> None:
    settled = settle([event("a", 60), event("b", 90, corrects="a"), event("v", voids="b")])
    assert ids(settled.counted) == ["a"]
    assert settled.superseded == ()


def test_of_a_chain_whose_middle_is_voided_only_what_was_first_counts() -> None:
    settled = settle([event("a"), event("b", corrects="a"), event("c", corrects="b"), event("v", voids="b")])
    assert ids(settled.counted) == ["a"]
    assert aside(settled) == {"c": "V403 corrects 'b', which was voided"}


def test_an_event_that_was_voided_cannot_be_corrected() -> None:
    settled = settle([event("a"), event("b", corrects="a"), event("v", voids="a")])
    assert settled.counted == ()
    assert aside(settled) == {"b": "V403 corrects 'a', which was voided"}


def test_a_void_of_what_is_not_there_is_reported_until_it_arrives() -> None:
    void = event("v", voids="a")
    assert aside(settle([void])) == {"v": "V405 voids 'a', which is not there"}
    assert settle([void, event("a")]).set_aside == ()
    assert settle([void, event("a")]).counted == ()


def test_a_void_cannot_be_voided_nor_corrected() -> None:
    settled = settle([event("a"), event("v", voids="a"), event("w", voids="v"), event("c", corrects="v")])
    assert settled.counted == ()
    assert aside(settled) == {
        "w": "V406 voids 'v', which is itself a void",
        "c": "V403 corrects 'v', which is a void",
    }


def test_an_event_cannot_both_correct_and_void() -> None:
    settled = settle([event("a"), event("b", corrects="a", voids="a")])
    assert ids(settled.counted) == ["a"]
    assert aside(settled) == {"b": "V407 corrects 'a' and voids 'a': only one is possible"}


def test_a_correction_puts_a_conflict_right() -> None:
    settled = settle([event("a", 60), event("a", 90), event("b", 75, corrects="a")])
    assert ids(settled.counted) == ["b"]
    assert [code for _, code, _ in settled.set_aside] == ["V401", "V401"]


def test_a_void_takes_an_event_in_conflict_back_with_all_its_versions() -> None:
    settled = settle([event("a", 60), event("a", 90), event("v", voids="a"), event("b", 75, corrects="a")])
    assert ids(settled.counted) == []
    assert ids(settled.voided) == ["a", "a"]
    assert ids(settled.voids) == ["v"]
    assert aside(settled) == {"b": "V403 corrects 'a', which was voided"}


def test_two_voids_of_an_event_in_conflict_say_the_same() -> None:
    versions = [event("a", 60), event("a", voids="z"), event("v", voids="a"), event("w", voids="a")]
    settled = settle(versions)
    assert settle(versions[::-1]) == settled
    assert (ids(settled.voids), aside(settled)) == (["v", "w"], {})


def test_a_correction_in_conflict_leaves_what_it_corrects() -> None:
    settled = settle([event("a"), event("b", 1, corrects="a"), event("b", 2, corrects="a")])
    assert ids(settled.counted) == ["a"]


def test_what_was_recorded_later_is_not_there_yet() -> None:
    events = [
        event("a", recorded_at=day(2)),
        event("b", corrects="a", recorded_at=day(10)),
        event("c", on=5),
        event("d", on=15),
    ]
    settled = settle(events, known_at=day(9))
    assert ids(settled.counted) == ["a", "c"]
    assert ids(settled.not_yet_known) == ["b", "d"]


def test_a_late_version_is_no_conflict_yet() -> None:
    events = [event("a", 60), event("a", 90, recorded_at=day(9))]
    assert ids(settle(events, known_at=day(8)).counted) == ["a"]
    assert settle(events, known_at=day(9)).counted == ()


def test_known_at_a_date_means_the_end_of_that_local_day() -> None:
    shanghai = ZoneInfo("Asia/Shanghai")
    last = datetime(2005, 1, 9, 23, 59, 59, 999999, tzinfo=shanghai)
    inside, outside = event("a", recorded_at=last), event("b", recorded_at=last + timedelta(microseconds=1))
    settled = settle([inside, outside], known_at=date(2005, 1, 9), time_zone=shanghai)
    assert ids(settled.counted) == ["a"]


def test_known_at_without_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="known_at 2005-01-09T00:00:00 has no time zone"):
        settle([], known_at=datetime(2005, 1, 9))


# ---- whatever the order


def told(settled: Settled) -> tuple[object, ...]:
    """Everything that is said, without the number of resends."""
    return (
        settled.counted,
        settled.superseded,
        settled.voided,
        settled.voids,
        [(e.identity, dict(e.content), code, reason) for e, code, reason in settled.set_aside],
    )


@settings(max_examples=300, deadline=None)
@given(histories(), st.randoms(use_true_random=False))
def test_the_order_of_arrival_never_matters(events: list[Event], random: object) -> None:
    shuffled = list(events)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert told(settle(shuffled)) == told(settle(events))


@settings(max_examples=200, deadline=None)
@given(histories())
def test_every_event_becomes_exactly_one_thing(events: list[Event]) -> None:
    for known_at in (None, day(7)):
        s = settle(events, known_at)
        parts = (s.counted, s.set_aside, s.superseded, s.voided, s.voids, s.not_yet_known)
        assert sum(map(len, parts)) + s.duplicates == len(events)


@settings(max_examples=200, deadline=None)
@given(histories())
def test_resends_change_nothing(events: list[Event]) -> None:
    again = [evolve(e, recorded_at=e.known_from + timedelta(days=30)) for e in events]
    assert told(settle([*again, *events, *again])) == told(settle(events))


@settings(max_examples=200, deadline=None)
@given(histories())
def test_to_have_been_known_is_to_have_been_sent(events: list[Event]) -> None:
    until = day(7)
    assert told(settle(events, until)) == told(settle([e for e in events if e.known_from <= until]))


@settings(max_examples=200, deadline=None)
@given(histories())
def test_what_counts_is_counted_once_and_is_no_void(events: list[Event]) -> None:
    counted = settle(events).counted
    assert len({e.identity for e in counted}) == len(counted)
    assert all(e.voids is None for e in counted)
