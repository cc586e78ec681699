"""What a unit inherits from those it succeeds: only in periods that were not over on the day of the succession."""

from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from programmes import SALONS, assess_text, judge, over, salons, scorecard

import learnorg_rules as lr
from learnorg_rules.tracing.trace import trace

ORG = """
units:
  - {id: d, level: district}
  - {id: a, level: department, parent: d, to: 2004-06-30}
  - {id: b, level: department, parent: d, to: 2005-08-31}
  - {id: c, level: department, parent: d}
edges:
  - {kind: succeeds, source: b, target: a, from: 2004-07-01}
  - {kind: succeeds, source: c, target: b, from: 2005-09-01}
"""


def counts(how: str, events: list[dict], at: str, org: str = ORG) -> dict[tuple[str, str], Fraction | None]:
    """By subject and period, the points of an indicator that gives what the expression gives."""
    rules = "measures: {n: count(salon)}\n" + scorecard(
        {"n": f'points: 1000, value: "{how}"'}, decimals=0, succession="inherit"
    )
    return {(i.subject, i.period): i.points for i in judge(rules, org, events, at).indicators}


def test_a_chain_of_successions_reaches_as_far_back_as_its_last_day_allows() -> None:
    found = counts("n", salons("a", "2003-05-01", "2004-05-01") + salons("b", "2005-02-01"), "2005-12-31")
    assert found["a", "2003"] == 1
    assert found["b", "2003"] == found["c", "2003"] == 0
    assert (found["b", "2004"], found["c", "2004"]) == (1, 0)  # c takes the place of b in 2005
    assert found["c", "2005"] == 1


def test_the_period_before_is_not_inherited_by_looking_back() -> None:
    found = counts("coalesce(previous(n), 0)", salons("a", "2003-05-01", "2004-05-01"), "2005-12-31")
    assert (found["b", "2004"], found["b", "2005"], found["c", "2005"]) == (0, 1, 0)


def test_before_the_day_of_the_succession_nothing_is_inherited_yet() -> None:
    events = salons("a", "2004-05-01")
    assert counts("n", events, "2004-06-30")["b", "2004"] == 0
    assert counts("n", events, "2004-07-01")["b", "2004"] == 1


def test_of_two_ways_to_inherit_the_earlier_one_holds() -> None:
    org = ORG + "  - {kind: succeeds, source: c, target: a, from: 2004-12-31}\n"
    found = counts("n", salons("a", "2004-05-01") + salons("b", "2004-05-01"), "2005-12-31", org)
    assert found["c", "2004"] == 1  # what a did, not what b did


def test_a_unit_is_there_for_as_long_as_what_it_took_the_place_of_from_the_period_of_the_succession_on() -> None:
    org = """
units:
  - {id: old, level: department, to: 2005-06-30}
  - {id: new, level: department, from: 2004-11-01}
edges: [{kind: succeeds, source: new, target: old, from: 2005-07-01}]
"""
    rules = "duties: {s: {for: units, require: any(salon), every: year, succession: inherit}}\n"
    result = judge(rules, org, [], "2005-12-31")
    assert [result.duties.one(subject="new", period=y).status.value for y in ("2004", "2005")] == [
        "not_required", "missed",
    ]  # fmt: skip


DEADLINE = (
    "duties: {s: {for: units where level == department, require: any(salon), by: 2004-09-30, succession: inherit}}\n"
)


def test_a_duty_by_a_day_is_inherited_by_whoever_succeeded_by_that_day() -> None:
    result = judge(DEADLINE, ORG, salons("a", "2003-05-01"), "2005-12-31")
    assert {r.subject: r.status.value for r in result.duties} == {"a": "met", "b": "met", "c": "missed"}


def test_a_deadline_that_was_over_is_not_met_late_by_succeeding_somebody() -> None:
    result = judge(DEADLINE, ORG, salons("b", "2004-11-01"), "2005-12-31")
    assert {r.subject: r.status.value for r in result.duties} == {"a": "missed", "b": "met_late", "c": "missed"}


def test_a_step_that_is_carried_over_is_done_by_what_was_inherited_after_it() -> None:
    plan = """
plans:
  p:
    for: c
    succession: inherit
    unmet: carry_over
    steps: {one: {from: 2003-01-01, to: 2004-12-31, done: {salon: any(salon)}}}
"""
    events = salons("b", "2004-11-01")
    states = {at: judge(plan, ORG, events, at).plans.one(step="one").state.value for at in ("2005-08-31", "2005-09-01")}
    assert states == {"2005-08-31": "carried_over", "2005-09-01": "done_late"}


def test_a_member_of_the_old_unit_is_one_of_the_new_only_where_the_new_inherits() -> None:
    org = ORG + "persons: [{id: ann, unit: [{of: b, to: 2005-08-31}, {of: c, from: 2005-09-01}]}]\n"
    events = [{**e, "person": "ann"} for e in salons("c", "2004-05-01", "2005-02-01")]
    found = counts("count(salon where member)", events, "2005-12-31", org)
    assert (found["c", "2004"], found["c", "2005"]) == (0, 1)


def test_a_measure_of_units_that_inherit_can_be_asked_for() -> None:
    rules = "measures: {n: count(salon)}\nduties: {s: {for: units where level == department, require: n >= 1, every: year, succession: inherit}}\n"
    result = judge(rules, ORG, salons("a", "2004-05-01"), "2005-12-31")
    assert "2004-05-01" in str(result.why("b", "n@year", "2004"))
    assert "2004-05-01" not in str(result.why("c", "n", "2004"))


# ---- an oracle: every path of successions, every event, one by one


DAYS = ("2003-01-01", "2003-12-31", "2004-01-01", "2004-05-05", "2004-12-31", "2005-01-01", "2005-07-02")
CARD = scorecard(
    {"n": "points: 1000, value: count(salon)", "m": "points: 1000, value: count(salon where member)"},
    decimals=0, succession="inherit",
)  # fmt: skip


@st.composite
def successions(draw: st.DrawFn) -> dict:
    """Departments with a section and a person each, edges between them, and events on days when the unit is there."""
    number = draw(st.integers(2, 4))
    lives = []
    for _ in range(number):
        start = draw(st.sampled_from([date.min, date(2003, 12, 31), date(2004, 5, 5)]))
        end = draw(st.sampled_from([date.max, date(2004, 12, 31), date(2005, 1, 1), date(2005, 7, 2)]))
        lives.append((start, end))  # half-open
    edges = []
    for new in range(number):
        for old in range(new):
            day = draw(st.sampled_from([None, None, *(date.fromisoformat(d) for d in DAYS)]))
            if day is not None and max(lives[new][0], lives[old][0]) <= day < lives[new][1]:
                edges.append((new, old, day))
    events = []
    for _ in range(draw(st.integers(1, 12))):
        unit, day = draw(st.integers(0, number - 1)), date.fromisoformat(draw(st.sampled_from(DAYS)))
        if lives[unit][0] <= day < lives[unit][1]:
            who = draw(st.integers(0, number - 1))
            there = lives[who][0] <= day < lives[who][1] and draw(st.booleans())
            events.append((f"{draw(st.sampled_from(['d', 's']))}{unit}", day, who if there else None))
    return {
        "lives": lives, "edges": edges, "events": events, "as_": draw(st.sampled_from(["as_it_was", "as_now"])),
        "at": date.fromisoformat(draw(st.sampled_from(["2004-05-05", "2005-01-01", "2005-12-31"]))),
    }  # fmt: skip


def organisation(case: dict) -> str:
    lines = {"units": [], "persons": []}
    for i, (start, end) in enumerate(case["lives"]):
        days = "" if start == date.min else f", from: {start}"
        days += "" if end == date.max else f", to: {date.fromordinal(end.toordinal() - 1)}"
        lines["units"].append(f"  - {{id: d{i}, level: department{days}}}")
        lines["units"].append(f"  - {{id: s{i}, level: section, parent: d{i}{days}}}")
        lines["persons"].append(f"  - {{id: p{i}, unit: s{i}{days}}}")
    edges = [f"  - {{kind: succeeds, source: d{n}, target: d{o}, from: {day}}}" for n, o, day in case["edges"]]
    texts = [f"{name}:\n" + "\n".join(found) for name, found in lines.items()]
    return "\n".join([*texts, "edges:\n" + "\n".join(edges) if edges else ""])


def run(case: dict) -> lr.Result:
    head = over(SALONS, f"ruleset:\n  roll_up: {{along: part_of, as: {case['as_']}}}")
    events = [
        {"kind": "salon", "unit": unit, "on": str(day), **({"person": f"p{who}"} if who is not None else {})}
        for unit, day, who in case["events"]
    ]
    return assess_text(head + CARD, organisation(case), events, case["at"])


def inherited(case: dict, new: int, latest: date) -> set[int]:
    """Those `new` had taken the place of by the day, along any path."""
    found = set()
    for source, target, day in case["edges"]:
        if source == new and day <= latest:
            found |= {target} | inherited(case, target, latest)
    return found


def expected(case: dict) -> dict[tuple[str, str], tuple[int, int]]:
    lives, at = case["lives"], case["at"]
    found = {}
    for year in (2003, 2004, 2005):
        first, last = date(year, 1, 1), date(year, 12, 31)
        for subject, (start, end) in enumerate(lives):
            if first > at or start > min(last, at) or end <= first:
                continue
            old = inherited(case, subject, min(last, at))
            begins = min([start, *(lives[o][0] for o in old)])
            days = (min(end, date(year + 1, 1, 1)) - max(begins, first)).days
            if Fraction(days, (date(year + 1, 1, 1) - first).days) < Fraction(1, 2):
                continue

            def reaches(home: int, department: bool, day: date, subject: int = subject, old: set[int] = old) -> bool:
                """Whether what is at a department, or at its section, is the subject's."""
                on = at if case["as_"] == "as_now" else day
                if not lives[home][0] <= on < lives[home][1]:  # only as_now: the events are on days of the unit
                    return case["as_"] == "as_now" and department and home in old
                return home == subject or home in old

            n = m = 0
            for unit, day, who in case["events"]:
                if first <= day <= min(last, at) and reaches(int(unit[1:]), unit[0] == "d", day):
                    n += 1
                    m += who is not None and reaches(who, False, day)
            found[f"d{subject}", str(year)] = (n, m)
    return found


@settings(max_examples=60, deadline=None)
@given(successions())
def test_what_is_inherited_is_what_every_path_of_successions_says(case: dict) -> None:
    result = run(case)
    found = {(t.subject, t.period): tuple(i.points for i in t.indicators) for t in result.scorecards}
    assert found == expected(case)
    heirs = {f"d{new}" for new, _, _ in case["edges"]}
    for subject, period in [key for key in found if key[0] in heirs][:2]:
        parts = [trace(result, subject, f"year.{i}", period).parts[0] for i in "nm"]
        assert tuple(part.counted.total for part in parts) == found[subject, period]


@pytest.mark.parametrize("at", ["2005-09-30", "2005-12-31"])
def test_with_todays_tree_what_is_gone_counts_for_its_heir(at: str) -> None:
    lives = [(date.min, date(2005, 10, 1)), (date.min, date.max)]
    case = {
        "lives": lives, "edges": [(1, 0, date(2005, 10, 1))], "as_": "as_now", "at": date.fromisoformat(at),
        "events": [("d0", date(2005, 2, 1), None)],
    }  # fmt: skip
    totals = {t.subject: t.total for t in run(case).scorecards.where(period="2005")}
    assert totals == ({"d0": 0, "d1": 1} if at == "2005-12-31" else {"d0": 1, "d1": 0})
