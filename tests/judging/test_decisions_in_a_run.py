"""Decisions in a whole run: facts from results, grades lowered before awards, reasons filled in, both deciders alike."""

import pytest
from programmes import DISTRICT, PLAN_DUTY, judge, salons
from test_subjects_periods_and_people import card, waiver

from learnorg_rules.decisions.durable import durable_available
from learnorg_rules.errors import InputError

ESCALATE = """
decisions:
  escalate:
    when:
      missed: duty(status == missed, in_a_row >= 2)
      leader: edge(kind == leads, to == missed.subject)
    unless:
      waived: waiver(subject == missed.subject, rule == missed.duty)
    then: {do: escalate, to: leader.from, about: missed.subject, period: missed.period}
    because: {en: "{missed.duty} missed {missed.in_a_row} times", zh: "{missed.duty} 连续 {missed.in_a_row} 次未完成"}
  tell:
    when: {up: "decision(rule == escalate)"}
    then: {do: notify, to: up.to, about: up.about}
"""


def test_a_duty_missed_twice_in_a_row_goes_up_to_who_leads_the_unit_and_they_are_told():
    result = judge(PLAN_DUTY + ESCALATE, DISTRICT, [{"kind": "plan", "unit": "b", "on": "2004-03-01"}], "2005-12-31")
    up = [
        (d.subject, d.values["to"], d.values["period"], d.because.say("en"))
        for d in result.decisions.where(rule="escalate")
    ]
    assert up == [
        ("a", "group", "2004", "plan missed 2 times"),
        ("a", "group", "2005", "plan missed 3 times"),
    ]
    told = result.decisions.where(rule="tell")
    assert [(d.subject, d.values["to"]) for d in told] == [("a", "group")] * 2  # one for each of the two escalations
    assert up[0][3] in result.decisions.to_polars()["reason"].to_list()
    assert result.decider == ("durable_rules" if durable_available() else "reference")


def test_a_waiver_keeps_a_failure_from_going_up():
    result = judge(PLAN_DUTY + ESCALATE, DISTRICT, [waiver("a", "plan", "2003-02-01", "2003-12-31")], "2005-12-31")
    assert {d.subject for d in result.decisions} == {"b"}


CAP = card(
    "share: count(salon) / 2",
    more="""    grades: {good: 5, fair: 2, fail: 0}
awards:
  best: {for: units where level == department, every: year, when: year.grade == good, rank_by: [id], quota: 3}
""",
)


def test_a_capped_grade_keeps_a_unit_from_an_award():
    capped = """
decisions:
  no_plan:
    when:
      missed: duty(duty == plan, status == missed)
      graded: grade(subject == missed.subject, period == missed.period, scorecard == year)
    then: {do: cap, subject: missed.subject, scorecard: graded.scorecard, period: graded.period, grade: fair}
    because: no plan
"""
    events = salons("a", "2005-02-01") + salons("b", "2005-02-01") + [{"kind": "plan", "unit": "a", "on": "2005-03-01"}]
    result = judge(PLAN_DUTY + CAP + capped, DISTRICT, events, "2005-12-31")
    scores = {s.subject: s for s in result.scorecards.where(period="2005")}
    assert {u: s.grade for u, s in scores.items()} == {"a": "good", "b": "fair", "c": "fail"}
    assert (scores["b"].grade_by_total, scores["b"].decided_by) == ("good", ("no_plan",))
    assert [a.subject for a in result.awards.where(period="2005")] == ["a"]


def test_a_rule_may_look_at_awards_and_yearly_measures_but_not_veto_then():
    proposal = """
measures: {salons: count(salon)}
decisions:
  praise:
    when:
      won: award(outcome == granted)
      busy: measure(measure == salons, value >= 1, subject == won.subject, period == won.period)
    then: {do: PROPOSE, subject: won.subject}
"""
    events = salons("a", "2005-02-01")
    result = judge(CAP + proposal.replace("PROPOSE", "propose"), DISTRICT, events, "2005-12-31")
    assert [(d.subject, d.do) for d in result.decisions] == [("a", "propose")]
    with pytest.raises(InputError, match="E712 'praise' looks at awards, so it cannot veto a grade they rest on"):
        judge(CAP + proposal.replace("PROPOSE", "veto"), DISTRICT, events, "2005-12-31")
