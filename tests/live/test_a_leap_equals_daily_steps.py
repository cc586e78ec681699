"""Time in one leap against time in daily steps: the same changes, on the same days, from the same to the same."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from random_programmes import FIRST, ONE, Records, loaded, organisations, rows, rulesets

import learnorg_rules as lr
from learnorg_rules.judging.changes import Change, RecordKey
from learnorg_rules.model.results import Record

STRETCHES = st.tuples(st.integers(-1, 500), st.integers(20, 45))  # first day judged, and how many days pass


DAILY = {"present() * 4": "4", "person_days() / 100": "1", "present() == 1": "n == 1"}


def turning(text: str) -> str:
    """The rules without what is another on each day, so that a leap stops only where something turns."""
    for what, instead in DAILY.items():
        text = text.replace(what, instead)
    assert "present(" not in text
    assert "person_days(" not in text
    return text


def by_day(changes: list[Change]) -> Mapping[tuple[date, RecordKey], tuple[Record | None, Record | None]]:
    """Day and result -> what it was and what it is."""
    found = {(c.at, c.key): (c.old, c.new) for c in changes}
    assert len(found) == len(changes)
    return found


@given(rulesets().map(turning) | rulesets(), organisations(), st.lists(rows() | rows("voids"), max_size=25), STRETCHES)
@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
def test_a_leap_gives_the_changes_of_daily_steps_on_their_days(
    text: str, org: Records, events: list[dict[str, Any]], stretch: tuple[int, int]
) -> None:
    rules, begins, days = loaded(text), FIRST + timedelta(stretch[0]), stretch[1]
    to = min(begins + timedelta(days), rules.end - ONE)
    with lr.Live(rules, org.made, at=begins, decider="reference") as leap, lr.Live(rules, org.made, at=begins, decider="reference") as daily:  # fmt: skip
        for live in (leap, daily):
            live.post_many(events)
        stepwise = [change for i in range((to - begins).days) for change in daily.advance(begins + timedelta(i + 1))]
        assert by_day(leap.advance(to)) == by_day(stepwise)
