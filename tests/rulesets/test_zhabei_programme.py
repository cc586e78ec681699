"""Phases, goals and persons of the reference programme on its example: what its README tells, counted by hand where it can be."""

import gzip
import json
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from fractions import Fraction
from pathlib import Path

import pytest

import learnorg_rules as lr
from learnorg_rules.api import Result
from learnorg_rules.tracing.trace import trace

FOLDER = Path(__file__).parents[2] / "rulesets" / "zhabei-2003"
EVENTS = FOLDER / "example" / "events" / "events.ndjson.gz"
ORG = FOLDER / "example" / "org"
YEARS = [str(year) for year in range(2003, 2008)]

Row = Mapping[str, object]


@pytest.fixture(scope="module")
def rows() -> Sequence[Row]:
    with gzip.open(EVENTS, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def judge(rows: Sequence[Row]) -> Result:
    return lr.assess(lr.load(FOLDER), lr.read_org(ORG), lr.events_from([dict(row) for row in rows]))


@pytest.fixture(scope="module")
def result() -> Result:
    return lr.assess(lr.load(FOLDER), lr.read_org(ORG), lr.scan_events(EVENTS))


def missed(result: Result, duty: str) -> list[str]:
    return [d.period for d in result.duties.where(rule=duty) if d.status.value == "missed"]


def test_the_story_of_the_plan_is_what_is_found(result: Result) -> None:
    steps = {r.step: (r.state.value, tuple(r.missing)) for r in result.plans.where(rule="five_year_plan")}
    assert steps == {
        "launch": ("done_late", ()),
        "nurture": ("carried_over", ("studied_in_the_field",)),
        "improve": ("carried_over", ("institutions",)),
    }
    assert result.duties.one(rule="unit_plans", subject="education_bureau").status.value == "met_late"
    assert missed(result, "learning_keeps_up") == ["2006"]
    assert missed(result, "competency_gap_shrinks") == ["2005"]
    assert missed(result, "peer_exchange") == ["2004"]
    assert missed(result, "grading_rests_on_learning")
    assert missed(result, "promotion_rests_on_learning")


def test_learning_and_change_are_those_counted_by_hand(result: Result, rows: Sequence[Row]) -> None:
    hours: Counter[str] = Counter()
    index: defaultdict[str, list[Fraction]] = defaultdict(list)
    for row in rows:
        year = str(row["occurred_at"])[:4]
        if row["kind"] == "learning":
            hours[year] += Fraction(str(row["hours"]))
        elif row["kind"] == "change_indicator":
            index[year].append(Fraction(str(row["index"])))
    change = {year: sum(index[year]) / len(index[year]) for year in YEARS}
    for year in YEARS:
        assert trace(result, "zhabei", "learning_level@year", year).value == hours[year] / Fraction(hours["2003"])
        assert trace(result, "zhabei", "change_level@year", year).value == change[year] / change["2003"]


def test_a_person_total_is_what_its_parts_come_to_and_takes_in_the_department(result: Result) -> None:
    totals = {(s.subject, s.period): s for s in result.scorecards if s.rule in ("year", "person_year")}
    cards = list(result.scorecards.where(rule="person_year"))
    assert len(cards) > 1000
    for card in cards:
        assert card.total == sum(item.points or 0 for item in card.indicators)
        assert sum(item.out_of for item in card.indicators if item.state != "excluded") == 100
    sports = totals["sports_bureau", "2006"]
    head = next(p["id"] for p in persons() if p["unit"] == "sports_bureau" and p["post"] == "head")
    unit = next(i for i in totals[head, "2006"].indicators if i.indicator == "unit")
    assert unit.value == sports.total / 100  # the lost grade does not touch the total, nor what persons get of it


def persons() -> Sequence[Mapping[str, object]]:
    lines = (ORG / "persons.yaml").read_text(encoding="utf-8").splitlines()
    return [json.loads(line[2:]) for line in lines if line.startswith("- ")]


def test_every_appraisal_finding_rests_on_a_grade_of_its_year(result: Result) -> None:
    graded = {(s.subject, s.period): s.grade for s in result.scorecards.where(rule="person_year")}
    found = {"annual_excellent": {"excellent"}, "annual_incompetent": {"incompetent", "basically_competent"}}
    for rule, grades in found.items():
        decided = {(d.subject, d.values["period"]) for d in result.decisions.where(rule=rule)}
        assert decided == {key for key, grade in graded.items() if grade in grades}
        assert {d.do for d in result.decisions.where(rule=rule)} == {"propose"}
    assert {graded[key] for key in graded if key[1] < "2007"} <= {"excellent", "competent", "incompetent"}


def test_an_integrity_incident_is_the_only_review(result: Result) -> None:
    reviews = [(d.subject, d.values["period"]) for d in result.decisions.where(rule="integrity_review")]
    assert reviews == [("sports_bureau", "2006")]


def test_what_guided_units_do_moves_no_score_award_or_decision_about_those_that_are_led(
    result: Result, rows: Sequence[Row]
) -> None:
    guided = {
        row["id"]
        for row in (json.loads(line[2:]) for line in (ORG / "units.yaml").read_text().splitlines() if line[0] == "-")
        if row["level"] in ("street", "branch_bureau")
    }
    without = judge([row for row in rows if row["unit"] not in guided])

    def of_led(r: Result) -> object:
        cards = ("year", "section_year", "five_learnings", "goals", "led_result")
        return (
            [(s.subject, s.period, s.total, s.grade) for s in r.scorecards if s.rule in cards],
            [(a.subject, a.period, a.rule, a.outcome, a.rank) for a in r.awards],
            [(d.rule, d.subject, d.values) for d in r.decisions if d.rule in ("no_study_goes_up", "integrity_review")],
        )

    assert of_led(without) == of_led(result)
    assert len(missed(without, "guidance_given_to_all")) == 5
    assert len(missed(result, "guidance_given_to_all")) < 5


def test_the_new_events_leave_the_results_of_the_first_rules_as_they_were(result: Result, rows: Sequence[Row]) -> None:
    first = judge([row for row in rows if str(row["id"]).startswith("e")])
    assert [(s.subject, s.period, s.total, s.grade) for s in first.scorecards.where(rule="year")] == [
        (s.subject, s.period, s.total, s.grade) for s in result.scorecards.where(rule="year")
    ]
    assert [(a.subject, a.period, a.rule, a.rank) for a in first.awards] == [
        (a.subject, a.period, a.rule, a.rank) for a in result.awards
    ]
