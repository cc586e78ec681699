"""Lives, versions of rules, and periods cut to both; what people decided; what is running. In batch and live alike.

The situations are reported ones: each test names where.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from programmes import organisation, rows, ruleset
from same_results import assert_same

import learnorg_rules as lr

ONE_DAY = timedelta(1)
HEAD = """
ruleset: {{id: subjects, effective: {{from: {first}, to: {last}}}{more}}}
organisation: {{levels: [office]}}
fields: {{rule: text, reason: text, granted_by: text, decided_by: text, decided: text, period: text, until: date, from_day: date}}
events:
  report: []
  course: [person]
  let_off: {{effect: waiver, fields: [person?, rule, reason, granted_by, until, from_day?]}}
  ruling: {{effect: appeal, fields: [person?, rule, period, reason, decided_by, decided?]}}
"""
OFFICE = "units: [{id: north, level: office}]\n"


def head(first: str, last: str, more: str = "") -> str:
    return HEAD.format(first=first, last=last, more=f", {more}" if more else "")


def both(rules: str, org: str, events: Iterable[Mapping[str, object]], at: str) -> lr.Result:
    """The result in batch, which is that of a live run to which the events come one by one in the middle of the time."""
    loaded, tree, given_ = ruleset(rules), organisation(org), rows(events)
    batch = lr.assess(loaded, tree, lr.events_from(given_), at=at)
    middle = loaded.first_day + (date.fromisoformat(at) - loaded.first_day) / 2
    with lr.Live(loaded, tree, at=loaded.first_day) as live:
        live.advance(middle)
        for event in given_:
            live.post(event)
        live.advance(at)
        assert_same(live.result(), batch, rows=False)
    return batch


def statuses(result: lr.Result, rule: str, subject: str) -> dict[str, str]:
    return {r.period: r.status.value for r in result.duties if (r.rule, r.subject) == (rule, subject)}


# ---- versions


REVISED = """
duties:
  yearly:
    - {for: units, every: year, require: count(report) >= 6, effective: {to: 2021-08-31}}
    - {for: units, every: year, require: count(report) >= 12, effective: {from: 2021-09-01}}
scorecards:
  card:
    - {for: units, every: year, round: {decimals: 2}, missing: zero, effective: {to: 2021-08-31}, indicators: {n: {points: 100, share: count(report) / 6}}}
    - {for: units, every: year, round: {decimals: 2}, missing: zero, effective: {from: 2021-09-01}, indicators: {n: {points: 100, share: count(report) / 12}}}
"""


def test_a_requirement_revised_within_the_year_is_judged_by_the_version_on_its_last_day() -> None:
    """Sources: frappe/hrms#640, PolicyEngine/policyengine-uk#1807."""
    events = [{"kind": "report", "unit": "north", "on": day} for day in ("2021-03-01", "2021-10-01")]
    result = both(head("2020-01-01", "2022-12-31") + REVISED, OFFICE, events, "2022-12-31")
    assert [(r.period, r.version, r.status.value) for r in result.duties] == [
        ("2020", 0, "missed"), ("2021", 1, "missed"), ("2022", 1, "missed"),
    ]  # fmt: skip
    assert result.scorecards.one(period="2021").total == Fraction("16.67")


def test_who_left_before_the_revision_is_judged_by_the_version_they_knew() -> None:
    org = "units: [{id: north, level: office, to: 2021-08-15}]\n"
    events = [{"kind": "report", "unit": "north", "on": f"2021-0{month}-01"} for month in range(1, 7)]
    result = both(head("2021-01-01", "2021-12-31") + REVISED, org, events, "2021-12-31")
    assert [(r.version, r.due, r.status.value) for r in result.duties] == [(0, date(2021, 8, 15), "met")]


def test_where_the_cadence_is_revised_the_old_periods_end_with_it() -> None:
    rules = head("2021-01-01", "2021-12-31") + """
duties:
  d:
    - {for: units, every: quarter, require: any(report), effective: {to: 2021-08-31}}
    - {for: units, every: month, require: any(report), effective: {from: 2021-09-01}}
"""  # fmt: skip
    result = both(rules, OFFICE, [], "2021-12-31")
    assert [(r.period, r.start, r.due) for r in result.duties][2:5] == [
        ("2021-Q3", date(2021, 7, 1), date(2021, 8, 31)), ("2021-09", date(2021, 9, 1), date(2021, 9, 30)),
        ("2021-10", date(2021, 10, 1), date(2021, 10, 31)),
    ]  # fmt: skip


# ---- lives


def test_periods_before_somebody_was_there_have_no_value() -> None:
    """Sources: odoo/odoo#188621 and #227646, frappe/hrms#1295."""
    rules = head("2019-01-01", "2023-12-31") + """
measures:
  earned: count(course) * 10
  carried: "min(20, coalesce(previous(carried), 0) + earned - 10)"
  growth: earned / base(earned)
  dry: streak(earned == 0)
scorecards:
  year:
    for: persons
    every: year
    round: {decimals: 2}
    missing: missing
    indicators:
      carried: {points: 100, value: carried + 50}
      growth: {points: 10, value: growth}
      dry: {points: 10, value: dry}
"""  # fmt: skip
    org = OFFICE + "persons: [{id: new, unit: north, from: 2022-01-01}, {id: idle, unit: north, from: 2023-01-01}]\n"
    events = [{"kind": "course", "unit": "north", "person": "new", "on": f"{year}-03-10"} for year in (2022, 2023)]
    result = both(rules, org, events, "2023-12-31")
    earned = {(i.subject, i.indicator): i.points for i in result.indicators if i.period == "2023"}
    assert (earned["new", "carried"], earned["new", "growth"], earned["idle", "dry"]) == (50, 1, 1)
    assert [r.period for r in result.scorecards if r.subject == "new"] == ["2022", "2023"]


CLOSING = "duties: {q: {for: units, every: quarter, require: any(report), at_risk: 14 days}, p: {for: persons, every: quarter, require: any(course), at_risk: 14 days}}\n"
CLOSES = "units: [{id: shut, level: office, to: 2022-06-10}, {id: open, level: office}]\npersons: [{id: leaver, unit: open, to: 2022-06-10}]\n"


@pytest.mark.parametrize(
    ("at", "status"),
    [("2022-05-26", "open"), ("2022-05-27", "at_risk"), ("2022-06-09", "at_risk"), ("2022-06-10", "missed"), ("2022-12-31", "missed")],
)  # fmt: skip
def test_what_closes_within_the_quarter_is_due_on_its_last_day(at: str, status: str) -> None:
    """Source: dhis2/dhis2-core#3040."""
    result = both(head("2022-01-01", "2022-12-31") + CLOSING, CLOSES, [], at)
    for rule, subject in (("q", "shut"), ("p", "leaver")):
        found = result.duties.one(rule=rule, subject=subject, period="2022-Q2")
        assert (found.status.value, found.due) == (status, date(2022, 6, 10))


def test_missing_counts_on_no_day_after_the_last_of_a_life() -> None:
    rules = ruleset(head("2022-01-01", "2022-12-31") + CLOSING)
    result = lr.assess(rules, organisation(CLOSES), lr.events_from([]), at="2022-06-08")
    (needed,) = [m for m in result.missing("shut") if (m.rule, m.period) == ("q", "2022-Q2")]
    assert needed.last_day == date(2022, 6, 10)


def test_the_end_of_a_life_is_noticed_on_its_day_in_one_leap() -> None:
    with lr.Live(ruleset(head("2022-01-01", "2022-12-31") + CLOSING), organisation(CLOSES), at="2022-05-20") as live:
        found = [
            (c.at, c.subject, c.new.status.value) for c in live.advance("2022-06-25") if c.new and c.subject != "open"
        ]
    days = {date(2022, 5, 27): "at_risk", date(2022, 6, 10): "missed"}
    assert sorted(found) == sorted((day, who, status) for day, status in days.items() for who in ("leaver", "shut"))


GAP = OFFICE + "persons: [{id: back, unit: [{of: north, to: 2021-02-28}, {of: north, from: 2021-09-01}]}]\n"


def test_months_between_two_employments_are_not_required() -> None:
    """Sources: bendyworks/payroll#197, wp-erp/wp-erp#172."""
    rules = head("2021-01-01", "2021-12-31") + """
duties:
  monthly: {for: persons, every: month, require: any(course)}
  of_north: {for: persons of north, every: month, require: any(course)}
scorecards:
  year:
    for: persons
    every: year
    round: {decimals: 2}
    missing: zero
    indicators: {kept: {points: 50, share: met(monthly)}, pro_rata: {points: 50, share: months(course) / (12 * present())}}
"""  # fmt: skip
    months = (1, 2, 9, 10, 11, 12)
    events = [{"kind": "course", "unit": "north", "person": "back", "on": f"2021-{m:02}-10"} for m in months]
    result = both(rules, GAP, events, "2021-12-31")
    assert statuses(result, "monthly", "back") == {
        f"2021-{m:02}": "met" if m in months else "not_required" for m in range(1, 13)
    }
    assert statuses(result, "of_north", "back") == {f"2021-{m:02}": "met" for m in months}
    assert result.scorecards.one(subject="back").total == 100


LEFT = (
    OFFICE
    + "persons: [{id: gone, unit: north, to: 2023-08-15}, {id: soon, unit: north, from: 2023-03-01}, {id: back, unit: [{of: north, to: 2023-02-28}, {of: north, from: 2023-06-01}]}]\n"
)
OUTSIDE = [
    {"kind": "course", "unit": "north", "person": "gone", "on": "2023-08-22"},
    {"kind": "course", "unit": "north", "person": "soon", "on": "2023-01-10"},
    {"kind": "course", "unit": "north", "person": "back", "on": "2023-04-10"},
]
COURSES = """
duties:
  person: {for: persons, every: year, require: any(course)}
  unit: {for: units, every: year, require: any(course)}
"""


def test_what_happens_to_somebody_who_is_not_there_is_refused() -> None:
    """Sources: frappe/hrms#372, frappe/erpnext#34359 and #29088."""
    result = both(head("2023-01-01", "2023-12-31") + COURSES, LEFT, OUTSIDE, "2023-12-31")
    assert {r.status.value for r in result.duties} == {"missed"}
    assert [(r["code"], r["reason"]) for r in result.rejected.sort("id").to_dicts()] == [
        ("V508", "person 'gone' left on 2023-08-15, the event is of 2023-08-22"),
        ("V508", "person 'soon' came on 2023-03-01, the event is of 2023-01-10"),
        ("V508", "person 'back' left on 2023-02-28 and came back on 2023-06-01, the event is of 2023-04-10"),
    ]


def test_where_unknown_persons_are_accepted_it_counts_for_the_unit_only_and_a_note_says_so() -> None:
    rules = head("2023-01-01", "2023-12-31", "records: {unknown_person: accept}") + COURSES
    loaded, org = ruleset(rules), organisation(LEFT)
    result = lr.assess(loaded, org, lr.events_from(rows(OUTSIDE)))
    assert {(r.rule, r.status.value) for r in result.duties} == {("person", "missed"), ("unit", "met")}
    assert result.notes == ("kind 'course': 3 of a person on a day outside their time, which count for the unit only",)
    with lr.Live(loaded, org, at="2023-12-31") as live:
        live.post_many(rows(OUTSIDE))
        assert live.result().duties.records == result.duties.records
    assert "counted: none" in str(result.why("gone", "person"))


def test_a_deadline_asks_those_who_were_there_for_enough_of_it() -> None:
    """Sources: civicrm/civicrm-core#22351, frappe/hrms#664."""
    rules = head("2021-01-01", "2022-12-31") + "duties: {d: {for: persons, require: any(course), by: 2021-12-31}}\n"
    org = (
        OFFICE
        + "persons: [{id: dec31, unit: north, from: 2021-12-31}, {id: left_dec30, unit: north, to: 2021-12-30}, {id: jul02, unit: north, from: 2021-07-02}, {id: jul03, unit: north, from: 2021-07-03}]\n"
    )
    result = both(rules, org, [], "2022-12-31")
    assert {r.subject: (r.status.value, r.due) for r in result.duties} == {
        "dec31": ("not_required", date(2021, 12, 31)), "left_dec30": ("missed", date(2021, 12, 30)),
        "jul02": ("missed", date(2021, 12, 31)), "jul03": ("not_required", date(2021, 12, 31)),
    }  # fmt: skip


def test_a_step_is_a_step_of_those_who_are_there_in_it() -> None:
    """Sources: dhis2/dhis2-core#3040, deptofdefense/anet#705."""
    rules = head("2021-01-01", "2024-12-31") + """
plans:
  plan:
    for: units
    unmet: carry_over
    steps:
      launch: {from: 2021-01-01, to: 2021-12-31, done: {began: any(report)}}
      work: {from: 2022-01-01, to: 2022-12-31, done: {trained: any(report)}, unmet: extend}
      close: {from: 2023-01-01, to: 2023-12-31, done: {reviewed: any(report)}, unmet: close}
"""  # fmt: skip
    org = """
units:
  - {id: came_2022, level: office, from: 2022-03-01}
  - {id: came_2023, level: office, from: 2023-07-01}
  - {id: left_2021, level: office, to: 2021-09-30}
  - {id: left_2024, level: office, to: 2024-02-01}
"""
    events = [{"kind": "report", "unit": u, "on": day} for u, day in (("came_2022", "2022-05-01"), ("came_2022", "2023-05-01"), ("came_2023", "2023-08-01"))]  # fmt: skip
    result = both(rules, org, events, "2024-12-31")
    assert {(r.subject, r.step): (r.state.value, r.to) for r in result.plans} == {
        ("came_2022", "work"): ("done", date(2022, 12, 31)), ("came_2022", "close"): ("done", date(2023, 12, 31)),
        ("came_2023", "close"): ("done", date(2023, 12, 31)), ("left_2021", "launch"): ("closed", date(2021, 9, 30)),
        ("left_2024", "launch"): ("closed", date(2021, 12, 31)), ("left_2024", "work"): ("closed", date(2022, 12, 31)),
        ("left_2024", "close"): ("closed", date(2023, 12, 31)),
    }  # fmt: skip


# ---- ends of rules, weeks


def test_a_ruleset_that_ends_within_a_period_settles_it_and_lets_it_be_published() -> None:
    """Source: frappe/hrms#2704."""
    rules = head("2024-01-01", "2024-12-20") + """
duties:
  yearly: {for: units, every: year, require: count(report) >= 2, at_risk: 30 days}
  to_november: {for: units, every: month, require: any(report), effective: {from: 2024-11-01, to: 2024-11-29}}
scorecards: {year: {for: units, every: year, round: {decimals: 0}, missing: zero, indicators: {n: {points: 100, share: count(report) / 2}}}}
awards: {best: {for: units, every: year, rank_by: [year.total descending, id], quota: 1}}
"""  # fmt: skip
    result = both(rules, OFFICE, [{"kind": "report", "unit": "north", "on": "2024-03-01"}], "2024-12-20")
    assert {(r.rule, r.period): (r.status.value, r.due) for r in result.duties} == {
        ("yearly", "2024"): ("missed", date(2024, 12, 20)), ("to_november", "2024-11"): ("missed", date(2024, 11, 29)),
    }  # fmt: skip
    assert not result.scorecards.one().provisional
    assert result.awards.one().outcome.value == "granted"
    with lr.Live(ruleset(rules), organisation(OFFICE), at="2024-12-19") as live:
        with pytest.raises(lr.InputError, match="advance to 2024-12-20"):
            live.publish("2024")
        live.advance("2024-12-20")
        assert live.publish("2024").period == "2024"


def test_a_week_belongs_to_the_year_of_its_thursday_for_met_as_for_weeks() -> None:
    """Sources: dhis2/dhis2-core#5745 and #5620."""
    rules = head("2019-12-30", "2022-01-02") + """
duties: {weekly: {for: units, every: week, require: any(report)}}
scorecards:
  year:
    for: units
    every: year
    round: {decimals: 4}
    missing: zero
    indicators: {kept: {points: 100, share: met(weekly)}, hits: {points: 100, value: weeks(report)}}
"""  # fmt: skip
    result = both(rules, OFFICE, [{"kind": "report", "unit": "north", "on": "2020-12-30"}], "2022-01-02")  # 2020-W53
    points = {(i.period, i.indicator): i.points for i in result.indicators}
    assert (points["2020", "kept"], points["2020", "hits"]) == (Fraction("1.8868"), 1)
    assert (points["2021", "kept"], points["2021", "hits"]) == (0, 0)
    assert "1 of 53" in str(result.why("north", "year.kept", "2020"))


def test_a_deadline_without_a_result_at_publication_is_restated_when_one_comes() -> None:
    rules = head("2021-01-01", "2022-12-31") + """
duties:
  yearly: {for: units, every: year, require: any(report)}
  d: {for: units, require: any(report), by: 2021-06-30}
"""  # fmt: skip
    event = {"id": "1", "kind": "report", "unit": "north", "occurred_at": "2021-05-01T09:00:00Z"}
    with lr.Live(ruleset(rules), organisation(OFFICE), at="2022-01-31") as live:
        publication = live.publish("2021")
        live.post(event)
        assert [(r.rule, r.period) for r in live.restatements(publication)] == [
            ("yearly", "2021"), ("d", "by 2021-06-30"),
        ]  # fmt: skip


# ---- what is running


STREAK = """
measures: {failed: streak(year.grade == fail)}
scorecards:
  year: {for: persons, every: year, round: {decimals: 0}, missing: zero, indicators: {a: {points: 100, share: count(course) / 10}}, grades: {pass: 60, fail: 0}}
awards:
  best: {for: persons, every: year, rank_by: [year.total descending, id], quota: 1}
decisions:
  twice:
    when: {f: "measure(measure == failed, value >= 2)"}
    then: {do: propose, subject: f.subject, period: f.period}
"""  # fmt: skip


def test_a_running_year_is_in_no_streak_no_decision_and_no_award() -> None:
    rules, org = head("2015-01-01", "2018-12-31") + STREAK, OFFICE + "persons: [{id: ann, unit: north}]\n"
    result = both(rules, org, [], "2016-01-01")
    assert not result.decisions.records
    assert [(r.period, r.outcome.value, r.rank) for r in result.awards] == [
        ("2015", "granted", 1), ("2016", "provisional", 1),
    ]  # fmt: skip
    assert [r.period for r in both(rules, org, [], "2016-12-31").decisions] == ["2016"]


def test_where_the_rule_says_provisional_a_running_year_counts() -> None:
    rules = head("2015-01-01", "2018-12-31") + STREAK.replace(
        "streak(year.grade == fail)}", "{value: streak(year.grade == fail), provisional: true}}"
    ).replace("  twice:\n", "  twice:\n    provisional: true\n").replace("quota: 1}", "quota: 1, provisional: true}")
    result = both(rules, OFFICE + "persons: [{id: ann, unit: north}]\n", [], "2016-01-01")
    assert [r.period for r in result.decisions] == ["2016"]
    assert [r.outcome.value for r in result.awards] == ["granted", "granted"]


# ---- what people decided


DECIDED = "duties: {monthly: {for: units, every: month, require: any(report), excused: holidays}}\n"
BEGINS = "units: [{id: north, level: office, from: 2023-02-20}]\n"


def let_off(id_: str, until: str, on: str, **more: object) -> dict[str, object]:
    return {"id": id_, "kind": "let_off", "unit": "north", "rule": "monthly", "reason": "flood", "granted_by": "board", "until": until, "on": on, **more}  # fmt: skip


def ruling(id_: str, period: str, decided: str, on: str, **more: object) -> dict[str, object]:
    return {"id": id_, "kind": "ruling", "unit": "north", "rule": "monthly", "period": period, "reason": "heard", "decided": decided, "decided_by": "board", "on": on, **more}  # fmt: skip


def test_an_appeal_changes_what_was_waived_excused_or_not_required() -> None:
    """Sources: frappe/hrms#2942, Submitty/Submitty#7440."""
    rules = head("2023-01-01", "2023-12-31", "holidays: [{name: Shutdown, from: 2023-08-01, to: 2023-08-31}]") + DECIDED
    events = [
        let_off("w1", "2023-05-31", "2023-04-01"), ruling("a1", "2023-02", "met", "2023-06-01"),
        ruling("a2", "2023-04", "missed", "2023-06-02"), ruling("a3", "2023-08", "met", "2023-09-02"),
        ruling("a4", "2023-12", "met", "2023-06-03"),
    ]  # fmt: skip
    result = both(rules, BEGINS, events, "2023-12-31")
    found = {r.period: (None if r.first is None else r.first.value, r.status.value) for r in result.duties}
    assert {p: found[p] for p in ("2023-02", "2023-04", "2023-05", "2023-08", "2023-12")} == {
        "2023-02": ("not_required", "met"), "2023-04": ("waived", "missed"), "2023-05": (None, "waived"),
        "2023-08": ("excused", "met"), "2023-12": ("missed", "met"),
    }  # fmt: skip
    assert result.findings == ()
    assert "not required" in str(result.why("north", "monthly", "2023-02"))


def test_a_waiver_that_covers_nothing_is_a_finding_and_named_in_the_explanation() -> None:
    """Sources: okpy/ok#1169, classmoji/classmoji#43, frappe/erpnext#14372."""
    rules = head("2024-01-01", "2024-12-31") + DECIDED
    events = [
        let_off("after", "2024-03-31", "2024-04-10"), let_off("short", "2024-05-30", "2024-05-02"),
        let_off("good", "2024-06-30", "2024-07-10", from_day="2024-06-01"), let_off("later", "2024-12-31", "2024-12-01"),
    ]  # fmt: skip
    result = both(rules, OFFICE, events, "2024-11-30")
    assert [(f.code, f.message) for f in result.findings] == [
        ("E620", "the waiver after of north has no effect: it begins on 2024-04-10 and ends on 2024-03-31, before that"),
        ("E620", "the waiver short of north has no effect: it covers the last day of no period of monthly"),
    ]  # fmt: skip
    assert statuses(result, "monthly", "north")["2024-06"] == "waived"
    assert "does not cover the last day, 2024-05-31" in str(result.why("north", "monthly", "2024-05"))
    assert "未涵盖最后一日2024-05-31" in str(result.why("north", "monthly", "2024-05", "zh"))


def test_of_several_appeals_the_last_holds_and_of_two_at_once_that_differ_none() -> None:
    rules = head("2024-01-01", "2024-12-31") + DECIDED
    events = [
        ruling("first", "2024-01", "met", "2024-02-02"), ruling("second", "2024-01", "waived", "2024-02-03"),
        ruling("yes", "2024-02", "met", "2024-03-03"), ruling("no", "2024-02", "waived", "2024-03-03"),
    ]  # fmt: skip
    result = both(rules, OFFICE, events, "2024-12-31")
    assert {p: s for p, s in statuses(result, "monthly", "north").items() if p < "2024-03"} == {
        "2024-01": "waived", "2024-02": "missed",
    }  # fmt: skip
    assert [f.message for f in result.findings] == [
        "the appeal first has no effect: second was decided later",
        "the appeal no has no effect: no and yes are of the same instant and decide differently",
        "the appeal yes has no effect: no and yes are of the same instant and decide differently",
    ]


def test_decisions_about_whom_the_rule_does_not_judge_are_findings() -> None:
    rules = head("2024-01-01", "2024-12-31") + DECIDED.replace("units", "units where level == office")
    org = OFFICE + "persons: [{id: ann, unit: north}]\n"
    events = [let_off("w", "2024-12-31", "2024-01-01", person="ann"), ruling("a", "2024-01", "met", "2024-02-02", person="ann")]  # fmt: skip
    assert [f.message for f in both(rules, org, events, "2024-12-31").findings] == [
        "the appeal a of ann has no effect: monthly does not judge it in 2024-01",
        "the waiver w of ann has no effect: monthly does not judge ann",
    ]


# ---- for all lives and versions


DAYS = st.dates(date(2020, 1, 1), date(2022, 12, 31))


@st.composite
def stretches(draw: st.DrawFn) -> list[tuple[date, date]]:
    """One to three stretches of days, first and last, with a day or more between them."""
    days = sorted(draw(st.lists(DAYS, min_size=2, max_size=6, unique=True)))
    pairs = list(zip(days[::2], days[1::2], strict=False))
    return [pair for i, pair in enumerate(pairs) if not i or pair[0] > pairs[i - 1][1] + ONE_DAY]


@settings(max_examples=60, deadline=None)
@given(
    life=stretches(), cuts=st.lists(DAYS, max_size=3, unique=True), cadences=st.lists(st.sampled_from(["week", "month", "quarter", "year"]), min_size=4, max_size=4),
    ends=st.tuples(DAYS, DAYS).map(sorted), share=st.sampled_from(["1/2", "1/3", "1/365"]),
)  # fmt: skip
def test_every_day_of_a_life_is_in_exactly_one_period_of_a_duty(
    life: list[tuple[date, date]], cuts: list[date], cadences: list[str], ends: list[date], share: str
) -> None:
    starts = [None, *sorted(cuts)]
    lasts = [*(day - ONE_DAY for day in sorted(cuts)), None]
    versions = [
        f"    - {{for: persons, every: {every}, require: any(course), effective: {{"
        + ", ".join(f"{key}: {day}" for key, day in (("from", first), ("to", last)) if day is not None) + "}}"
        for first, last, every in zip(starts, lasts, cadences, strict=False)
        if (first is None or first <= ends[1]) and (last is None or last >= ends[0])
    ]  # fmt: skip
    rules = (
        head(str(ends[0]), str(ends[1]), f"required_share: {share}") + "duties:\n  d:\n" + "\n".join(versions) + "\n"
    )
    spans = ", ".join(f"{{of: north, from: {first}, to: {last}}}" for first, last in life)
    result = lr.assess(
        ruleset(rules), organisation(OFFICE + f"persons: [{{id: ann, unit: [{spans}]}}]\n"), lr.events_from([])
    )
    duty = result.ruleset.duties["d"]
    judged = Counter(
        day
        for r in result.duties
        for day in (r.start + timedelta(i) for i in range((r.due - r.start).days + 1))
        if any(
            day in v.effective and v.every == duty[r.version].every for v in duty
        )  # days of another cadence are its own
    )
    lived = {first + timedelta(i) for first, last in life for i in range((last - first).days + 1)}
    expected = {day for day in lived if ends[0] <= day <= ends[1]}
    assert expected <= set(judged)
    assert all(judged[day] == 1 for day in expected)


@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_every_waiver_and_appeal_ends_in_exactly_one_of_effect_and_finding(data: st.DataObject) -> None:
    life = data.draw(stretches())
    days, names = (
        st.dates(date(2020, 12, 1), date(2022, 12, 31)),
        st.sampled_from(["monthly", "year.n", "year", "monthli"]),
    )
    events = []
    for number in range(data.draw(st.integers(1, 6))):
        who = {
            "person": data.draw(st.sampled_from(["ann", "bob"])),
            "rule": data.draw(names),
            "on": str(data.draw(days)),
        }
        if data.draw(st.booleans()):
            events.append({**let_off(f"e{number}", str(data.draw(days)), ""), "from_day": str(data.draw(days)), **who})
        else:
            period = data.draw(st.sampled_from(["2021-01", "2021-06", "2022-12", "2021", "2022"]))
            events.append(
                {**ruling(f"e{number}", period, data.draw(st.sampled_from(["met", "good", "waived"])), ""), **who}
            )
    rules = head("2021-01-01", "2022-12-31") + """
duties: {monthly: {for: persons, every: month, require: any(course)}}
scorecards: {year: {for: persons, every: year, round: {decimals: 0}, missing: zero, indicators: {n: {points: 100, share: count(course) / 2}}, grades: {good: 50, poor: 0}}}
"""  # fmt: skip
    spans = ", ".join(f"{{of: north, from: {first}, to: {last}}}" for first, last in life)
    org = OFFICE + f"persons: [{{id: ann, unit: [{spans}]}}, {{id: bob, unit: north}}]\n"
    result = lr.assess(ruleset(rules), organisation(org), lr.events_from(rows(events)))
    records = [*result.duties, *result.scorecards, *result.indicators]
    effective = {d.event for r in records for d in (getattr(r, "waiver", None), getattr(r, "appeal", None)) if d}
    for number, _ in enumerate(events):
        found = [
            f for f in result.findings if f" e{number} " in f.message.replace(":", " ").split(" has no effect")[0] + " "
        ]
        assert (len(found) > 0) != (f"e{number}" in effective), (number, [f.message for f in result.findings])


TOLD = """
duties:
  seniors: {for: persons where grade >= senior, every: quarter, require: any(course)}
  over_35: {for: persons where age >= 35, every: quarter, require: any(course)}
  of_red: {for: persons of red, every: quarter, require: any(course), at_risk: 20 days}
  teams: {for: units where level == office, every: quarter, require: any(course), at_risk: 10 days}
  big: {for: units where level == office, every: quarter, require: persons() < 3}
scorecards:
  q: {for: units where level == office, every: quarter, round: {decimals: 2}, missing: zero, indicators: {staff: {points: 10, value: persons()}}}
"""
CHANGING = """
units: [{id: red, level: office}, {id: blue, level: office}, {id: new, level: office, from: 2022-05-20}, {id: old, level: office, to: 2022-05-25}]
persons:
  - {id: ann, unit: [{of: red, to: 2022-05-09}, {of: blue, from: 2022-05-10}], grade: [{value: junior, to: 2022-05-11}, {value: senior, from: 2022-05-12}], birth_date: 1987-05-15}
  - {id: bob, unit: blue, grade: junior, birth_date: 1995-01-01, to: 2022-06-12}
  - {id: cy, unit: blue, grade: junior, birth_date: 1995-01-01}
"""


@pytest.mark.parametrize("present", [False, True])
def test_one_leap_gives_the_same_changes_on_the_same_days_as_daily_steps(present: bool) -> None:
    """Source: CuBoulder/express#1916."""
    rules = head("2022-01-01", "2022-12-31").replace(
        "levels: [office]", "levels: [office], persons: {birth_date: date, grade: {type: choice, of: [junior, senior]}}"
    ) + TOLD  # fmt: skip
    if present:
        rules = rules.replace("staff: {points: 10, value: persons()}", "staff: {points: 10, share: present()}")

    def changes(days: Iterable[date]) -> list[tuple[object, ...]]:
        with lr.Live(ruleset(rules), organisation(CHANGING), at="2022-05-01") as live:
            return [(c.at, *c.key, c.old, c.new) for day in days for c in live.advance(day)]

    last = date(2022, 7, 5)
    leap = changes([last])
    assert leap == changes(date(2022, 5, 2) + timedelta(i) for i in range((last - date(2022, 5, 2)).days + 1))
    told = {(str(at), rule) for at, _, rule, *_ in leap}
    assert {("2022-05-10", "of_red"), ("2022-05-12", "seniors"), ("2022-05-15", "over_35"), ("2022-05-20", "teams"), ("2022-05-25", "teams")} <= told  # fmt: skip


def test_a_day_that_the_time_zone_never_had_is_no_day() -> None:
    """Sources: golang/go#29602, moment/moment#3468, canonical/pebble#1061: Samoa had no 2011-12-30."""
    rules = head("2011-12-26", "2012-01-02", "time_zone: Pacific/Apia") + """
duties: {daily: {for: units, every: day, require: any(report)}, weekly: {for: units, every: week, require: days(report) >= 7}}
scorecards: {week: {for: units, every: week, round: {decimals: 2}, missing: zero, indicators: {kept: {points: 50, share: met(daily)}, there: {points: 1, share: present()}}}}
"""  # fmt: skip
    days = ("2011-12-26", "2011-12-27", "2011-12-28", "2011-12-29", "2011-12-31", "2012-01-01")
    events = [{"kind": "report", "unit": "north", "occurred_at": f"{day}T12:00:00{'+14:00' if day > '2011-12-30' else '-10:00'}"} for day in days]  # fmt: skip
    result = both(rules, OFFICE, events, "2012-01-02")
    assert list(statuses(result, "daily", "north")) == [*days, "2012-01-02"]
    assert result.scorecards.one(period="2011-W52").total == 51
    early = lr.assess(ruleset(rules), organisation(OFFICE), lr.events_from(rows(events)), at="2011-12-29")
    (needed,) = [m for m in early.missing("north") if m.rule == "weekly" and m.period == "2011-W52"]
    assert needed.state == "out_of_reach"
