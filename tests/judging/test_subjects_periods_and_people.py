"""Values over other subjects and periods, waivers and appeals, succession, responsibility, phases: worked examples."""

from fractions import Fraction

import pytest
from programmes import DISTRICT, PLAN_DUTY, judge, salons, scorecard


def points(result, subject: str, indicator: str, period: str = "2005"):
    return result.indicators.one(subject=subject, indicator=indicator, period=period).points


def card(how: str, subjects: str = "units where level == department", more: str = "") -> str:
    return scorecard(how, for_=subjects, decimals=4) + more


@pytest.mark.parametrize(
    ("how", "expected"),
    [
        ("value: 'bands(rank(n in peers), 1: 10, 2: 6, 3: 1)'", {"a": 10, "b": 6, "c": 1}),
        ("share: 'n / max(n in peers)'", {"a": 10, "b": Fraction(20, 3), "c": 0}),
        ("share: 'n / sum(n in peers)'", {"a": 6, "b": 4, "c": 0}),
        ("when: 'n > mean(n in peers)'", {"a": 10, "b": 10, "c": 0}),
        ("value: 'count((n >= 1) in peers)'", {"a": 2, "b": 2, "c": 2}),
    ],
)
def test_a_unit_is_scored_by_how_it_stands_among_its_peers(how, expected):
    events = salons("a", "2005-02-01", "2005-03-01", "2005-04-01") + salons("b", "2005-02-01", "2005-03-01")
    result = judge("measures: {n: count(salon)}\n" + card(how), DISTRICT, events, "2005-12-31")
    assert {u: points(result, u, "x") for u in "abc"} == {
        u: Fraction(round(Fraction(p) * 10**4), 10**4) for u, p in expected.items()
    }


def test_equal_values_share_a_rank():
    events = salons("a", "2005-02-01") + salons("b", "2005-02-01")
    result = judge("measures: {n: count(salon)}\n" + card("value: rank(n in peers)"), DISTRICT, events, "2005-12-31")
    assert [points(result, u, "x") for u in "abc"] == [1, 1, 3]


def test_the_body_that_leads_answers_for_the_units_it_leads_and_not_for_those_it_guides():
    rules = PLAN_DUTY + card("share: mean(met(plan) in led)", "group")
    result = judge(rules, DISTRICT, [{"kind": "plan", "unit": "a", "on": "2005-03-01"}], "2005-12-31")
    assert points(result, "group", "x") == 5
    with_c = [{"kind": "plan", "unit": u, "on": "2005-03-01"} for u in "ac"]
    assert points(judge(rules, DISTRICT, with_c, "2005-12-31"), "group", "x") == 5


def test_a_unit_is_scored_by_the_share_of_its_members_who_met_a_duty_of_persons():
    rules = "duties: {came: {for: persons, require: any(salon), every: year}}\n" + card(
        "share: share((met(came) == 1) in members)"
    )
    result = judge(rules, DISTRICT, salons("a", "2005-02-01", person="ann"), "2005-12-31")
    assert [points(result, u, "x") for u in "abc"] == [5, 0, 0]


def test_a_person_is_scored_with_the_total_of_the_unit_it_belongs_to():
    rules = (
        card("share: count(salon) / 4")
        + """
  person:
    for: persons
    every: year
    round: {decimals: 2, mode: half_up}
    missing: zero
    indicators: {unit: {points: 10, share: max(year.total in home) / 10}}
"""
    )
    result = judge(rules, DISTRICT, salons("a1", "2005-02-01", "2005-03-01"), "2005-12-31")
    assert {p: points(result, p, "unit") for p in ("ann", "bo", "eve")} == {"ann": 5, "bo": 5, "eve": 0}


def test_growth_is_measured_against_the_first_year_that_has_a_value():
    rules = "measures: {m: mean(score in salon), growth: m / base(m)}\n" + card("value: growth")
    events = salons("a", "2004-02-01", score=40) + salons("a", "2006-02-01", score=50)
    result = judge(rules, DISTRICT, events, "2006-12-31")
    assert [points(result, "a", "x", y) for y in ("2003", "2004", "2005", "2006")] == [0, 1, 0, Fraction(5, 4)]


def test_a_streak_counts_years_in_a_row_and_ends_where_the_condition_fails():
    rules = "measures: {n: streak(count(salon) >= 1)}\n" + card("value: n")
    events = salons("a", "2003-05-01", "2004-05-01", "2006-05-01")
    result = judge(rules, DISTRICT, events, "2006-12-31")
    assert [points(result, "a", "x", y) for y in ("2003", "2004", "2005", "2006")] == [1, 2, 0, 1]


def test_credits_beyond_the_need_are_carried_over_up_to_a_cap():
    rules = """
measures:
  earned: sum(minutes in salon)
  have: earned + coalesce(previous(left_over), 0)
  left_over: min(5, max(0, earned + coalesce(previous(left_over), 0) - 10))
""" + card("share: have / 10")
    events = (
        salons("a", "2003-05-01", minutes=12)
        + salons("a", "2004-05-01", minutes=20)
        + salons("a", "2006-05-01", minutes=1)
    )
    result = judge(rules, DISTRICT, events, "2006-12-31")
    # 2003: 12, 2 left; 2004: 22, 12 left but at most 5; 2005: 5, nothing left; 2006: 1
    assert [points(result, "a", "x", y) for y in ("2003", "2004", "2005", "2006")] == [10, 10, 5, 1]


def test_a_measure_reads_attributes_of_persons_and_may_be_missing_by_condition():
    org = DISTRICT.replace("{id: ann, unit: a1}", "{id: ann, unit: a1, rank: chu}").replace(
        "{id: bo, unit: a}", "{id: bo, unit: a, rank: ke}"
    )
    rules = "measures: {due: 'if(rank >= chu, 2)'}\n" + card("value: due", "persons")
    result = judge(rules, org, [], "2005-12-31")
    assert [(i.subject, i.points, i.state) for i in result.indicators.where(period="2005")] == [
        ("ann", 2, "scored"), ("bo", 0, "zero"), ("eve", 0, "zero"),
    ]  # fmt: skip


def test_who_transfers_counts_in_both_units_for_their_days_and_what_is_due_is_pro_rated():
    org = """
units:
  - {id: d, level: district}
  - {id: a, level: department, parent: d}
  - {id: b, level: department, parent: d, from: 2005-07-02}
persons:
  - {id: ann, unit: [{of: a, to: 2005-10-19}, {of: b, from: 2005-10-20}]}
  - {id: bo, unit: a, from: 2005-12-30}
"""
    days = judge(card("value: person_days() / 100"), org, [], "2005-12-31")
    assert {u: points(days, u, "x") for u in "ab"} == {"a": Fraction(292 + 2, 100), "b": Fraction(73, 100)}
    share = judge(card("share: present()"), org, [], "2005-12-31")
    assert {u: points(share, u, "x") for u in "ab"} == {
        "a": 10,
        "b": Fraction(round(Fraction(183, 365) * 10**5), 10**4),
    }


# ---- waivers, appeals, responsibility


def waiver(unit: str, rule: str, on: str, until: str) -> dict:
    return {
        "kind": "let_off",
        "unit": unit,
        "on": on,
        "rule": rule,
        "reason": "flood",
        "granted_by": "eve",
        "until": until,
    }


def ruling(unit: str, rule: str, period: str, **decided) -> dict:
    return {
        "kind": "ruling", "unit": unit, "on": "2006-02-01", "rule": rule, "period": period, "reason": "miscounted",
        "decided_by": "eve", **decided,
    }  # fmt: skip


def test_a_waiver_lets_a_unit_off_until_its_end_and_no_longer():
    result = judge(PLAN_DUTY, DISTRICT, [waiver("a", "plan", "2004-06-01", "2005-12-31")], "2006-12-31")
    statuses = {r.period: r.status.value for r in result.duties.where(subject="a", rule="plan")}
    assert statuses == {"2003": "missed", "2004": "waived", "2005": "waived", "2006": "missed", "2007": "not_yet_due"}
    assert result.duties.one(subject="a", period="2005").waiver.reason == "flood"


def test_a_waived_indicator_leaves_its_points_to_the_others_unless_the_rule_says_otherwise():
    rules = """
scorecards:
  year:
    for: units where level == department
    every: year
    round: {decimals: 2, mode: half_up}
    missing: zero
    indicators:
      x: {points: 10, share: count(salon) / 2EXCUSED}
      y: {points: 10, when: any(plan)}
"""
    events = [waiver("a", "year.x", "2005-02-01", "2005-12-31"), {"kind": "plan", "unit": "a", "on": "2005-03-01"}]
    for said, total, out_of in (("", 20, 20), (", excused: full", 20, 20), (", excused: zero", 10, 20)):
        result = judge(rules.replace("EXCUSED", said), DISTRICT, events, "2005-12-31")
        score = result.scorecards.one(subject="a", period="2005")
        assert (score.total, score.out_of, score.indicators[0].state) == (total, out_of, "excused"), said
        assert (score.indicators[0].waiver.reason, score.indicators[1].waiver) == ("flood", None)
        assert "waived from 2005-02-01 to 2005-12-31 by eve" in str(result.why("a", "year.x", "2005"))


def test_an_appeal_changes_what_was_decided_and_keeps_the_first():
    rules = PLAN_DUTY + card("share: count(salon) / 4") + "    grades: {good: 5, fail: 0}\n"
    events = [
        *salons("a", "2005-05-01"),
        ruling("a", "plan", "2005", decided="met"),
        ruling("a", "year.x", "2005", points=7.5),
        ruling("b", "year", "2005", decided="good"),
    ]
    result = judge(rules, DISTRICT, events, "2006-12-31")
    duty = result.duties.one(subject="a", rule="plan", period="2005")
    assert (duty.status.value, duty.first.value, duty.appeal.decided_by) == ("met", "missed", "eve")
    score = result.scorecards.one(subject="a", period="2005")
    assert (score.total, score.grade, score.indicators[0].first) == (Fraction(15, 2), "good", Fraction(5, 2))
    other = result.scorecards.one(subject="b", period="2005")
    assert (other.grade, other.first, other.total) == ("good", "fail", 0)


def test_an_appeal_that_decides_the_impossible_has_no_effect_and_is_a_finding():
    rules = PLAN_DUTY + card("share: count(salon) / 4") + "    grades: {good: 5, fail: 0}\n"
    events = [
        ruling("a", "plan", "2005", decided="fulfilled"), ruling("a", "year.x", "2005", points=11), ruling("a", "year", "2005", decided="superb"),
    ]  # fmt: skip
    result = judge(rules, DISTRICT, events, "2006-12-31")
    assert [f.code for f in result.findings] == ["E606", "E601", "E607"]
    assert result.duties.one(subject="a", rule="plan", period="2005").status.value == "missed"


def test_an_overdue_duty_names_who_must_act_and_who_hears_next():
    result = judge(PLAN_DUTY, DISTRICT, [], "2005-12-31")
    missed = result.duties.one(subject="a", period="2005")
    assert (missed.responsible, missed.hears_next) == (("eve", "group"), ("group",))
    alone = result.duties.one(subject="c", period="2005")
    assert (alone.responsible, alone.hears_next) == ((), ("d",))


# ---- change of the organisation


MERGER = """
units:
  - {id: d, level: district}
  - {id: old, level: department, parent: d, to: 2005-10-31}
  - {id: new, level: department, parent: d, from: 2005-11-01}
edges:
  - {kind: succeeds, source: new, target: old}
"""


@pytest.mark.parametrize(("succession", "new"), [("inherit", "met"), ("restart", "not_required")])
def test_what_a_merger_does_to_a_running_duty_is_declared(succession, new):
    rules = f"duties: {{s: {{for: units where level == department, require: count(salon) >= 2, every: year, succession: {succession}}}}}\n"
    events = salons("old", "2005-03-01") + salons("new", "2005-12-01")
    result = judge(rules, MERGER, events, "2005-12-31")
    assert result.duties.one(subject="new", period="2005").status.value == new
    assert result.duties.one(subject="old", period="2005").status.value == "missed"


# ---- phases


PLAN = """
measures: {n: count(salon)}
plans:
  plan:
    for: d
    unmet: UNMET
    steps:
      launch: {from: 2003-01-01, to: 2004-12-31, done: {ten: n >= 2}}
      nurture: {from: 2005-01-01, to: 2006-12-31, enter: {begun: any(plan)}, done: {more: n >= 1}}
"""


def steps(unmet: str, events: list[dict], at: str) -> dict[str, str]:
    result = judge(PLAN.replace("UNMET", unmet), DISTRICT, events, at)
    return {r.step: r.state.value for r in result.plans}


BEGUN = {"kind": "plan", "unit": "a", "on": "2004-05-01"}


@pytest.mark.parametrize(
    ("unmet", "days", "at", "launch", "nurture"),
    [
        ("close", ["2003-02-01", "2003-03-01"], "2004-06-30", "running", "not_begun"),
        ("close", ["2003-02-01", "2003-03-01"], "2004-12-31", "done", "not_begun"),
        ("close", ["2003-02-01"], "2005-06-30", "closed", "running"),
        ("carry_over", ["2003-02-01"], "2005-06-30", "carried_over", "running"),
        ("carry_over", ["2003-02-01", "2005-03-01"], "2005-06-30", "done_late", "running"),
        ("extend", ["2003-02-01"], "2005-06-30", "extended", "waiting"),
        ("extend", ["2003-02-01", "2005-03-01"], "2006-12-31", "done_late", "done"),
    ],
)
def test_a_step_that_ends_with_a_gate_unmet_does_what_the_rule_wants(unmet, days, at, launch, nurture):
    assert steps(unmet, [BEGUN, *salons("a", *days)], at) == {"launch": launch, "nurture": nurture}


def test_a_step_waits_for_its_entry_gate_and_says_what_is_missing():
    result = judge(PLAN.replace("UNMET", "close"), DISTRICT, salons("a", "2003-02-01", "2003-03-01"), "2005-06-30")
    waiting = result.plans.one(step="nurture")
    assert (waiting.state.value, waiting.missing) == ("waiting", ("begun", "more"))
    done = result.plans.one(step="launch")
    assert [(t.day.isoformat(), t.after.value) for t in done.transitions] == [
        ("2003-01-01", "running"),
        ("2004-12-31", "done"),
    ]


def test_a_step_done_late_says_the_same_on_each_day_after_its_last():
    later = [
        judge(PLAN.replace("UNMET", "extend"), DISTRICT, [BEGUN, *salons("a", "2003-02-01", "2005-03-01")], at).plans.one(step="launch")
        for at in ("2005-03-01", "2005-03-02", "2006-12-31")
    ]  # fmt: skip
    assert later[0] == later[1] == later[2]
    done = later[0].transitions[-1]
    assert (done.day.isoformat(), done.after.value, done.later) == ("2004-12-31", "done_late", True)
