"""A step of a plan whose gate asks whether a duty was met: by its last day, and now."""

import pytest
from programmes import DEPARTMENTS, judge, scorecard

LED = (
    DEPARTMENTS
    + """\
bodies: [{id: group}]
edges:
  - {kind: leads, source: group, target: a}
  - {kind: leads, source: group, target: b}
"""
)
RULES = """
duties:
  filed: {for: units where level == department, require: any(plan), by: 2004-06-30LATE}
measures:
  all_filed: min(met(filed) in led)
plans:
  programme:
    for: group
    unmet: UNMET
    steps:
      launch: {from: 2003-01-01, to: 2004-12-31, done: {filed: all_filed == 1}}
      nurture: {from: 2005-01-01, to: 2005-12-31, enter: {filed: all_filed == 1}, done: {salon: any(salon)}}
"""


def run(days: dict[str, str], at: str, unmet: str = "carry_over", late: str = ""):
    events = [{"kind": "plan", "unit": unit, "on": day} for unit, day in days.items()]
    return judge(RULES.replace("UNMET", unmet).replace("LATE", late), LED, events, at)


@pytest.mark.parametrize(
    ("filed", "at", "launch", "nurture"),
    [
        ("2004-06-30", "2005-06-30", "done", "running"),
        ("2004-10-01", "2004-12-31", "done", "not_begun"),
        ("2004-10-01", "2005-06-30", "done", "running"),  # late for the duty, in time for the step
        ("2004-12-31", "2005-06-30", "done", "running"),
        ("2005-01-01", "2005-06-30", "done_late", "running"),
        ("2005-03-01", "2005-02-28", "carried_over", "waiting"),
        ("2005-03-01", "2005-06-30", "done_late", "running"),
    ],
)
def test_a_duty_counts_for_a_step_if_it_was_met_by_the_steps_last_day(filed, at, launch, nurture):
    result = run({"a": "2004-01-01", "b": filed}, at)
    assert {r.step: r.state.value for r in result.plans} == {"launch": launch, "nurture": nurture}


@pytest.mark.parametrize(("unmet", "launch"), [("close", "closed"), ("extend", "done_late")])
def test_a_step_that_closes_is_not_reopened_by_a_duty_met_after_it(unmet, launch):
    result = run({"a": "2004-01-01", "b": "2005-03-01"}, "2005-06-30", unmet)
    step = result.plans.one(step="launch")
    assert (step.state.value, step.gates[0].held, step.gates[0].held_now) == (launch, False, True)
    assert result.duties.one(subject="b").status.value == "met_late"


def test_a_duty_that_accepts_nothing_late_is_missed_for_every_step():
    result = run({"a": "2004-01-01", "b": "2004-10-01"}, "2005-06-30", late=", late: refused")
    assert result.plans.one(step="launch").state.value == "carried_over"


def test_a_scorecard_still_counts_what_was_met_late():
    rules = RULES.replace("UNMET", "close").replace("LATE", "") + scorecard("share: met(filed)")
    result = judge(rules, LED, [{"kind": "plan", "unit": "a", "on": "2005-03-01"}], "2005-06-30")
    assert {t.subject: t.total for t in result.scorecards.where(period="2004")} == {"a": 10, "b": 0}


# ---- an oracle: judged on the last day of the step, nothing that came after can have been seen


@pytest.mark.parametrize("late", ["2004-05-01", "2004-07-01", "2004-12-31", "2005-01-01", "2005-11-30"])
def test_what_held_on_the_last_day_is_what_was_said_on_the_last_day(late):
    days = {"a": "2004-01-01", "b": late}
    then = run(days, "2004-12-31").plans.one(step="launch").gates[0].held
    assert run(days, "2005-12-31").plans.one(step="launch").gates[0].held is then
