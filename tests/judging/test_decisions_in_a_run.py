"""Decisions in a whole run: facts from results, grades lowered before awards, reasons filled in, both deciders alike."""

import pytest
from programmes import DISTRICT, PLAN_DUTY, SALONS, judge, ruleset, salons
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
    with pytest.raises(InputError, match="E712 'praise' looks at awards, so it cannot veto what they rest on"):
        judge(CAP + proposal.replace("PROPOSE", "veto, scorecard: year"), DISTRICT, events, "2005-12-31")


VETO = """
measures: {trouble: count(let_off)}
decisions:
  late_filing:
    title: {en: Filed late, zh: 迟报}
    when: {m: "measure(measure == trouble, value >= 1)"}
    then: {do: veto, subject: m.subject, period: m.period, award: best}
    because: {en: "{m.value} times", zh: "{m.value}次"}
"""


def test_a_veto_of_an_award_withdraws_it_and_leaves_the_scorecards_alone():
    """a and b are good; a, the first, is kept from the award by a decision, and b takes the only place."""
    rules = (CAP + VETO).replace("quota: 3", "quota: 1")
    events = salons("a", "2005-02-01") + salons("b", "2005-02-01") + [waiver("a", "year.x", "2005-03-01", "2005-03-01")]
    result = judge(rules, DISTRICT, events, "2005-12-31")
    assert {s.subject: s.grade for s in result.scorecards.where(period="2005")} == {
        "a": "good",
        "b": "good",
        "c": "fail",
    }
    found = [
        (a.subject, a.rank, a.outcome.value, a.candidates, tuple(a.decided_by))
        for a in result.awards.where(period="2005")
    ]
    assert found == [("b", 1, "granted", 1, ()), ("a", None, "not_granted", 1, ("late_filing",))]
    assert "kept from the award by Filed late (late_filing): 1 times" in str(result.why("a", "best", "2005"))
    assert "按规则“迟报（late_filing）”取消参评资格：1次" in str(result.why("a", "best", "2005", language="zh"))


def test_a_lowered_grade_names_the_rule_and_its_reason():
    """Source: ubc/iPeer#513: two caps, of which the lower holds; each says what it did."""
    rules = (
        CAP
        + """
measures: {trouble: count(let_off)}
decisions:
  late:
    title: {en: Filed late, zh: 迟报}
    when: {m: "measure(measure == trouble, value >= 1)"}
    then: {do: cap, subject: m.subject, scorecard: year, period: m.period, grade: fail}
    because: {en: late, zh: 迟报}
    priority: 2
  later:
    when: {m: "measure(measure == trouble, value >= 1)"}
    then: {do: cap, subject: m.subject, scorecard: year, period: m.period, grade: fair}
    because: {en: once}
    priority: 1
"""
    )
    events = [*salons("a", "2005-02-01"), waiver("a", "year.x", "2005-03-01", "2005-03-01")]
    result = judge(rules, DISTRICT, events, "2005-12-31")
    said = str(result.why("a", "year", "2005"))
    assert "lowered to fair by later: once" in said
    assert "lowered to fail by Filed late (late): late" in said
    assert "按规则“迟报（late）”降为fail：迟报" in str(result.why("a", "year.grade", "2005", language="zh"))


ONE = "decisions: {{d: {{when: {{m: '{0}'}}, then: {{do: {1}}}}}}}\n"


@pytest.mark.parametrize(
    ("pattern", "then", "message", "hint"),
    [
        ("duty(duty == plann)", "notify, to: m.subject", "E713 there is no duty 'plann'", "did you mean 'plan'?"),
        ("grade(scorecard == yeer)", "notify, to: m.subject", "E713 there is no scorecard 'yeer'", "did you mean 'year'?"),
        ("grade(grade == goood)", "notify, to: m.subject", "E713 there is no grade 'goood'", "did you mean 'good'?"),
        ("award(award in [best, beast])", "notify, to: m.subject", "E713 there is no award 'beast'", "did you mean 'best'?"),
        ("measure(measure == sallons)", "notify, to: m.subject", "E713 there is no measure 'sallons'", "did you mean 'salons'?"),
        ('score(period == "2035")', "notify, to: m.subject", "E713 there is no period '2035'", "did you mean '2005'?"),
        ("waiver(rule == year.y)", "notify, to: m.subject", "E706", None),
        ("waiver(rule == \"year.y\")", "notify, to: m.subject", "E713 there is no duty or indicator 'year.y'", "did you mean 'year.x'?"),
        ("duty()", "cap, subject: m.subject, scorecard: year, grade: god", "E713 there is no grade 'god'", "did you mean 'good'?"),
        ("duty()", "veto, subject: m.subject, award: besst", "E713 there is no award 'besst'", "did you mean 'best'?"),
        ("duty()", "veto, subject: m.subject, award: best, grade: fair", "E708 'veto' does nothing to 'grade'", "say do: cap"),
        ("duty()", "cap, subject: m.subject, award: best, grade: fair", "E708 'cap' does nothing to 'award'", "say do: veto"),
        ("duty()", "veto, subject: m.subject, scorecard: m.duty", "E708 'm.duty' is the name of a duty; 'scorecard' takes that of a scorecard", ""),
        ("duty(in_a_row in 3..2)", "notify, to: m.subject", "E714 no 'in_a_row' meets the conditions of 'm'", ""),
        ("duty(in_a_row < 1)", "notify, to: m.subject", "E714 no 'in_a_row' meets the conditions of 'm'", ""),
        ("duty(duty == plan, status == met_late)", "notify, to: m.subject", "E714 'plan' never has such a status", None),
        ("duty(status == not_yet_due)", "notify, to: m.subject", "E714 'plan' never has such a status", None),
        ("duty(above)", "notify, to: m.subject", "E714 no such duty says 'above: note'", ""),
        ("grade(grade == good, grade != good)", "notify, to: m.subject", "E714 no 'grade' meets the conditions of 'm'", ""),
        ("measure(value > 1)", "notify, to: m.subject", "E714 'm' names no measure", None),
        ("measure(measure == held)", "notify, to: m.subject", "E714 'held' is boolean; a fact holds a number", "such as if(held, 1, 0)"),
        ("measure(measure == place)", "notify, to: m.subject", "E714 'place' asks for peers, which a decision has not", None),
        ("decision(do == propose)", "notify, to: m.subject", "E714 'm' matches the decisions of no rule", ""),
        ("phase()", "notify, to: m.subject", "E714 the ruleset has no plans", ""),
    ],
)  # fmt: skip
def test_names_are_checked_and_what_can_never_match_is_refused(pattern, then, message, hint):
    known = "measures: {salons: count(salon), held: any(salon), place: rank(salons in peers)}\n"
    no_appeals = SALONS.replace(
        "  ruling: {effect: appeal, fields: [person?, rule, period, reason, decided_by, decided?, points?]}\n", ""
    )
    with pytest.raises(InputError) as refused:
        ruleset(no_appeals + PLAN_DUTY + CAP + known + ONE.format(pattern, then))
    (issue,) = refused.value.issues
    assert f"{issue.code} {issue.message}".startswith(message)
    assert hint is None or issue.hint == hint


def test_a_veto_that_names_nothing_changes_nothing_and_is_a_warning():
    rules = PLAN_DUTY + CAP + ONE.format("duty(status == missed)", "veto, subject: m.subject")
    (warning,) = [w for w in ruleset(SALONS + rules).warnings if w.code == "W513"]
    assert warning.message == "the veto of 'd' names nothing, so it does nothing"
    result = judge(rules, DISTRICT, [], "2003-12-31")
    assert {d.do for d in result.decisions if d.rule == "d"} == {"veto"}
    assert not any("d" in s.decided_by for s in result.scorecards)


def test_an_unknown_subject_of_a_decision_is_refused_with_the_organisation():
    rules = PLAN_DUTY + ONE.format("duty(subject == annn)", "notify, to: m.subject")
    with pytest.raises(InputError, match="O202 'subject' of d is 'annn', which the organisation does not have"):
        judge(rules, DISTRICT, [], "2005-12-31")
