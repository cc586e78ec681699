"""Groups looked at from another period or from another subject: `peers` are always those whom the rule that asks judges."""

from collections.abc import Mapping
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from programmes import SALONS, assess_text, judge, over, salons, scorecard

import learnorg_rules as lr
from learnorg_rules.tracing.trace import trace

TOWN = """
units:
  - {id: town, level: district}
  - {id: a, level: department, parent: town}
  - {id: b, level: department, parent: town}
  - {id: c, level: department, parent: town}
"""
MEASURES = """
measures:
  n: count(salon)
  place: rank(n in peers)
  place_before: previous(place)
  mean_before: previous(mean(n in peers))
  behind: streak(place >= 2)
  first_place: base(place)
"""


def held(counts: Mapping[str, Mapping[int, int]]) -> list[dict[str, object]]:
    """Salons of each unit, so many in each year."""
    return [
        event
        for unit, by_year in counts.items()
        for year, n in by_year.items()
        for event in salons(unit, *(f"{year}-{1 + i // 28:02}-{1 + i % 28:02}" for i in range(n)))
    ]


def values(result: lr.Result, measure: str, unit: str, years: range = range(2003, 2008)) -> list[object]:
    return [trace(result, unit, measure, str(year)).value for year in years]


THREE_YEARS = held(
    {"a": {2003: 3, 2004: 1, 2005: 1}, "b": {2003: 2, 2004: 2, 2005: 2}, "c": {2003: 1, 2004: 3, 2005: 6}}
)


@pytest.mark.parametrize(
    ("measure", "expected"),
    [
        ("place", {"a": [1, 3, 3], "c": [3, 1, 1]}),
        ("place_before", {"a": [None, 1, 3], "c": [None, 3, 1]}),
        ("mean_before", {"a": [None, 2, 2], "c": [None, 2, 2]}),
        ("behind", {"a": [0, 1, 2], "c": [1, 0, 0]}),
        ("first_place", {"a": [1, 1, 1], "c": [3, 3, 3]}),
    ],
)
def test_an_earlier_period_has_the_peers_of_that_period(measure, expected):
    rules = MEASURES + scorecard(f"value: {measure}", missing="zero")
    result = judge(rules, TOWN, THREE_YEARS, "2005-12-31")
    assert {unit: values(result, measure, unit, range(2003, 2006)) for unit in expected} == expected


def test_whom_a_rule_judged_in_an_earlier_period_is_asked_of_the_version_in_force_then():
    """In 2003 all units are judged, from 2004 on departments only: town, first of all in 2003, is no peer later."""
    rules = """
measures:
  n: count(salon)
  place: rank(n in peers)
  before: previous(place)
scorecards:
  year:
    - {for: units, every: year, effective: {to: 2003-12-31}, round: {decimals: 0, mode: half_up}, missing: zero, indicators: {x: {points: 10, value: place}}}
    - {for: units where level == department, every: year, effective: {from: 2004-01-01}, round: {decimals: 0, mode: half_up}, missing: zero, indicators: {x: {points: 10, value: before}}}
"""
    result = judge(rules, TOWN, THREE_YEARS, "2005-12-31")
    points = {(r.subject, r.period): r.points for r in result.indicators}
    assert points["a", "2003"] == points["a", "2004"] == 2  # behind the town, to which everything counts
    assert points["a", "2005"] == 3  # of three departments


def test_a_unit_takes_part_in_its_children_s_ranking_only_where_the_rule_judges_them_all():
    """`share((place <= 2) in children)`: of the units that one rule judges together, two of three children are first or second."""
    rules = """
measures:
  own: count(salon) / (1 + 9 * count(plan))
  place: rank(own in peers)
  leading: share((place <= 2) in children)
""" + scorecard("share: leading", for_="units")
    events = [
        *salons("a", "2005-02-01", "2005-02-02"),
        *salons("b", "2005-02-01"),
        {"kind": "plan", "unit": "town", "on": "2005-01-01"},
    ]
    result = judge(rules, TOWN, events, "2005-12-31")  # a has 2, b 1, the town 3 / 10, c nothing
    assert values(result, "leading", "town", range(2005, 2006)) == [Fraction(2, 3)]


def test_whom_the_rule_does_not_judge_has_no_peers():
    rules = "measures: {n: count(salon), place: rank(n in peers), best: min(place in children)}\n" + scorecard(
        "value: 'coalesce(best, 7)'", for_="units where level == district"
    )
    result = judge(rules, TOWN, THREE_YEARS, "2005-12-31")
    assert result.indicators.one(subject="town", period="2005").points == 7


@pytest.mark.parametrize(
    ("value", "whom", "family", "judged"),
    [
        ("share((place <= 1) in members)", "units", "persons", "units"),
        ("min(place in home)", "persons", "units", "persons"),
        ("count((n > mean(n in peers)) in members)", "units", "persons", "units"),
    ],
)
def test_peers_of_subjects_of_another_sort_are_refused(value, whom, family, judged):
    rules = f"measures: {{n: count(salon), place: rank(n in peers), asked: '{value}'}}\n" + scorecard(
        "share: asked", for_=whom
    )
    with pytest.raises(lr.InputError) as refused:
        assess_text(over(SALONS, rules), TOWN, [], at="2005-12-31")
    (issue,) = refused.value.issues
    assert issue.code == "E530"
    assert issue.message.endswith(f"asks for the peers of {family}; 'year' judges {judged}")


# ---- the subject whose group it is

OFFICES = """
units:
  - {id: d, level: department}
  - {id: o1, level: section, parent: d, headcount: 10}
  - {id: o2, level: section, parent: d, headcount: 10}
  - {id: o3, level: section, parent: d, headcount: 1}
  - {id: e, level: department}
  - {id: p1, level: section, parent: e}
  - {id: f, level: department}
"""
STAFFED = SALONS.replace("  persons: {birth", "  units: {headcount: integer}\n  persons: {birth")


def staffed(measures: str, score: str = "value: small") -> lr.Result:
    return assess_text(
        over(STAFFED, f"measures:\n{measures}\n", scorecard(score, missing="zero")), OFFICES, [], at="2005-12-31"
    )


def test_each_of_a_group_is_compared_with_a_value_of_the_subject():
    """An office below half of the mean of its department's offices is too small."""
    result = staffed(
        "  half: 1/2 * mean(headcount in children)\n  small: count((headcount < subject.half) in children)"
    )
    assert values(result, "half", "d", range(2005, 2006)) == [Fraction(7, 2)]
    assert values(result, "small", "d", range(2005, 2006)) == [1]
    reason = str(result.why("d", "small", "2005"))
    assert "o3: yes" in reason
    assert "half = 1/2 * mean(headcount in children) = 1/2 * 7 = 3.5" in reason


def test_a_group_of_which_nobody_has_a_value_gives_none_and_an_empty_group_nothing():
    """Of e the only office has no headcount; f has no offices at all: one is not known, the other is none."""
    measures = "  small: count((headcount < 5) in children)\n  staff: sum(headcount in children)\n"
    result = staffed(measures + "  least: coalesce(staff, 0) + coalesce(small, 0)", "value: least")
    for measure in ("small", "staff"):
        assert values(result, measure, "e", range(2005, 2006)) == [None]
        assert values(result, measure, "f", range(2005, 2006)) == [0]
    assert "none of the 1 has data" in str(result.why("e", "small", "2005"))
    assert "1个均无数据" in str(result.why("e", "small", "2005", language="zh"))
    assert "the group is empty" in str(result.why("f", "small", "2005"))


def test_who_of_a_group_does_not_count_is_said():
    result = assess_text(
        over(STAFFED, "measures:\n  staff: sum(headcount in below)\n", scorecard("share: staff / 99", for_="units")),
        OFFICES.replace("{id: e, level: department}", "{id: e, level: department, parent: d}"), [], at="2005-12-31",
    )  # fmt: skip
    assert values(result, "staff", "d", range(2005, 2006)) == [21]
    assert "no data for 2 of 5, not counted" in str(result.why("d", "staff", "2005"))


def test_in_an_earlier_period_the_subject_is_seen_in_that_period_too():
    measures = "  fewer: count((previous(count(salon) < subject.n)) in children)\n  n: 3 * count(plan)\n"
    events = [*salons("a", "2004-02-01"), {"kind": "plan", "unit": "town", "on": "2004-01-01"}]
    result = judge(f"measures:\n{measures}" + scorecard("value: fewer", for_="town"), TOWN, events, "2005-12-31")
    assert values(result, "fewer", "town", range(2005, 2006)) == [3]  # in 2005 itself the town has no plan


def test_names_a_veto_binds_are_the_subject_s_own():
    rules = (
        scorecard("value: 1", for_="units", grades="{good: 0.5, fail: 0}")
        + "    veto: {first: {when: 'HOW', grade: fail}}\n"
    )
    better = over(SALONS, rules.replace("HOW", "count((count(salon) > subject.total) in children) > 0"))
    result = assess_text(better, TOWN, salons("a", "2005-01-01", "2005-01-02"), at="2005-12-31")
    assert {r.subject for r in result.scorecards.where(period="2005") if r.vetoes} == {"town"}
    with pytest.raises(lr.InputError) as refused:
        assess_text(over(SALONS, rules.replace("HOW", "rank(total in peers) > 2")), TOWN, [])
    (issue,) = (i for i in refused.value.issues if i.severity == "error")
    assert (issue.code, issue.message) == ("E304", "'total' is of the subject itself, not of each in 'peers'")
    assert issue.hint == "write 'subject.total'"


@pytest.mark.parametrize(
    ("value", "whom"),
    [("max(n in home)", "units"), ("sum(n in members)", "persons"), ("count((n > 1) in led)", "persons")],
)
def test_a_group_that_subjects_of_the_rule_cannot_have_is_refused(value, whom):
    with pytest.raises(lr.InputError) as refused:
        assess_text(
            over(SALONS, f"measures: {{n: count(salon), x: {value}}}\n", scorecard("value: x", for_=whom)), TOWN, []
        )
    (issue,) = refused.value.issues
    assert (issue.code, issue.message) == ("E531", f"'{value}' of {whom} is always empty; 'year' judges {whom}")


# ---- any counts, by a recomputation

COUNTS = st.fixed_dictionaries(
    {unit: st.fixed_dictionaries({year: st.integers(0, 4) for year in range(2003, 2008)}) for unit in "abc"}
)


@settings(max_examples=30, deadline=None)
@given(COUNTS)
def test_the_rank_before_is_the_rank_that_was(counts):
    rules = over(SALONS, MEASURES, scorecard("value: place + place_before + behind + first_place", missing="zero"))
    result = assess_text(rules, TOWN, held(counts), at="2007-12-31")

    def place(unit: str, year: int) -> int:
        return 1 + sum(counts[other][year] > counts[unit][year] for other in "abc")

    for unit in "abc":
        assert values(result, "place", unit) == [place(unit, year) for year in range(2003, 2008)]
        assert values(result, "place_before", unit) == [None, *(place(unit, year) for year in range(2003, 2007))]
        assert values(result, "first_place", unit) == [place(unit, 2003)] * 5
        for year, behind in zip(range(2003, 2008), values(result, "behind", unit), strict=True):
            run = [place(unit, y) >= 2 for y in range(year, 2002, -1)]
            assert behind == (run.index(False) if False in run else len(run))
