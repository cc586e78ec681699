"""A wrong value goes through everything that is computed from it, as wrong, with its cause: batch, live, and what people are told."""

from fractions import Fraction

import pytest
from programmes import DEPARTMENTS, SALONS, judge, organisation, rows, ruleset, salons, scorecard

import learnorg_rules as lr
from learnorg_rules.explain import reason
from learnorg_rules.tracing.trace import trace

RATE = "measures:\n  rate: count(salon) / count(plan)\n"


def plans(unit: str, *days: str) -> list[dict[str, object]]:
    return [{"kind": "plan", "unit": unit, "on": day} for day in days]


def both(rules: str, org: str, events: list[dict[str, object]], at: str = "2005-12-31") -> lr.Result:
    """The result of a batch run, after a live run gave the same."""
    batch = judge(rules, org, events, at)
    with lr.Live(ruleset(SALONS + rules), organisation(org)) as live:
        live.advance("2003-06-01")
        for row in rows(events):
            live.post(row)
        live.advance(at)
        mine = live.result()
    for section in ("duties", "scorecards", "indicators", "awards", "plans", "decisions"):
        assert mine.table(section).records == batch.table(section).records, section
    assert mine.findings == batch.findings  # asked for the first time after the log was closed
    return batch


def told(result: lr.Result, subject: str, rule: str, period: str = "2005", language: str = "en") -> str:
    return str(reason(trace(result, subject, rule, period), language))


def messages(result: lr.Result, period: str = "2005") -> list[str]:
    return [f"{f.code} {f.message}" for f in result.findings if f" in {period} " in f.message]


def test_a_number_that_grew_too_long_does_not_begin_again_a_period_later():
    """Source: a carried value that squares itself; `coalesce` began again with 3 where the number had no value."""
    rules = "measures:\n  x: coalesce(previous(x), 3) * coalesce(previous(x), 3)\n" + scorecard(
        "value: 'min(x, 10)'", every="month", missing="zero"
    )
    result = both(rules, DEPARTMENTS, [])
    states = [i.state for i in result.indicators.where(subject="a")]
    assert "invalid" in states
    assert set(states[states.index("invalid") :]) == {"invalid"}
    assert "more than 4000 digits" in told(result, "a", "year.x", "2005-12")


def test_a_duty_whose_requirement_divides_by_nothing_is_neither_met_nor_missed():
    rules = (
        RATE
        + "duties:\n  busy: {for: units where level == department, require: rate >= 1, every: year}\n"
        + scorecard("share: met(busy)", missing="zero")
    )
    events = [*salons("a", "2005-02-01"), *plans("b", "2005-02-01")]
    result = both(rules, DEPARTMENTS, events)
    assert [d.status.value for d in result.duties.where(period="2005")] == ["invalid", "missed"]
    assert [i.state for i in result.indicators.where(period="2005")] == ["invalid", "scored"]
    assert messages(result) == [
        "E630 busy, year.x in 2005 cannot be computed for a: 'count(salon) / count(plan)' divides by 0"
    ]
    assert "busy 2005: invalid" in told(result, "a", "busy")
    assert "数据有误" in told(result, "a", "busy", language="zh")
    running = both(rules, DEPARTMENTS, events, "2005-06-30")
    assert [d.status.value for d in running.duties.where(period="2005")] == ["open", "open"]
    assert all("busy" not in f for f in messages(running))


def test_an_appeal_decides_a_duty_that_nobody_can_compute():
    rules = RATE + "duties:\n  busy: {for: units where level == department, require: rate >= 1, every: year}\n"
    ruling = {
        "kind": "ruling", "on": "2006-01-05", "unit": "a", "rule": "busy", "period": "2005", "reason": "no plans", "decided_by": "d", "decided": "met",
    }  # fmt: skip
    result = both(rules, DEPARTMENTS, [*salons("a", "2005-02-01"), ruling], "2006-01-31")
    duty = result.duties.one(subject="a", period="2005")
    assert (duty.status.value, duty.first.value) == ("met", "invalid")
    assert not [m for m in messages(result) if " for a:" in m]


def test_one_member_whose_rate_divides_by_nothing_makes_the_mean_wrong_and_is_named():
    persons = "persons: [{id: ann, unit: a}, {id: bo, unit: a}]\n"
    rules = RATE + scorecard("share: mean(rate in members)", missing="zero") + (
        "awards:\n  best: {for: units where level == department, every: year, rank_by: [year.total descending], quota: 1, ties: admit_all}\n"
    )  # fmt: skip
    events = [
        {"kind": "salon", "unit": "a", "person": "ann", "on": "2005-02-01"},
        {"kind": "salon", "unit": "a", "person": "bo", "on": "2005-02-01"},
    ]
    rules = rules.replace("count(plan)", "sum(minutes in salon)")
    result = both(rules, DEPARTMENTS + persons, [{**events[0], "minutes": 1}, {**events[1], "minutes": 0}])
    assert result.indicators.one(subject="a", period="2005").state == "invalid"
    assert messages(result) == [
        "E630 year.x, best in 2005 cannot be computed for a: 'count(salon) / sum(minutes in salon)' divides by 0 (bo)"
    ]
    assert "bo: count(salon) / sum(minutes in salon) divides by 0" in told(result, "a", "year")


def test_a_veto_that_is_wrong_leaves_no_grade_but_the_worst():
    veto = "{idle: {when: rate < 1, grade: fair}, none: {when: not any(salon), grade: poor}}"
    rules = RATE + scorecard("value: '10'", grades="{good: 10, fair: 5, poor: 0}", veto=veto)
    result = both(rules, DEPARTMENTS, salons("a", "2005-02-01"))
    grades = {r.subject: (r.total, r.grade) for r in result.scorecards.where(period="2005")}
    assert grades == {"a": (10, None), "b": (10, "poor")}
    assert "E630 year.idle in 2005 cannot be computed for a: 'count(salon) / count(plan)' divides by 0" in messages(
        result
    )


def test_a_gate_that_is_wrong_does_not_open_and_says_so():
    plan = """
plans:
  build:
    for: units where level == department
    steps:
      one: {from: 2005-01-01, to: 2005-03-31, done: {rated: rate >= 1}}
"""
    result = both(RATE + plan, DEPARTMENTS, plans("b", "2005-02-01"))
    assert [r.missing for r in result.plans] == [("rated",), ("rated",)]
    assert messages(result, "one") == [
        "E630 build.one.rated in one cannot be computed for a: 'count(salon) / count(plan)' divides by 0"
    ]
    assert "rated: count(salon) / count(plan) divides by 0" in str(reason(trace(result, "a", "build")))


def test_a_condition_of_an_award_that_is_wrong_is_a_finding():
    rules = RATE + (
        "awards:\n  best: {for: units where level == department, every: year, when: rate >= 1, rank_by: [count(salon) descending], quota: 1, ties: admit_all}\n"
    )
    result = both(rules, DEPARTMENTS, [*salons("b", "2005-02-01"), *plans("b", "2005-02-01")])
    assert [(r.subject, r.outcome.value) for r in result.awards.where(period="2005")] == [("b", "granted")]
    assert messages(result) == ["E630 best in 2005 cannot be computed for a: 'count(salon) / count(plan)' divides by 0"]


def test_a_fact_that_cannot_be_computed_is_a_finding():
    rules = RATE + scorecard("value: '10'") + (
        "decisions:\n  praise:\n    when: {m: 'measure(measure == rate, value >= 1)'}\n"
        "    then: {do: propose, subject: m.subject}\n    because: {en: 'the rate is {m.value}'}\n"
    )  # fmt: skip
    result = both(rules, DEPARTMENTS, [*salons("b", "2005-02-01"), *plans("b", "2005-02-01")])
    assert [d.subject for d in result.decisions] == ["b"]
    assert [m for m in messages(result) if " a:" in m] == [
        "E630 rate in 2005 cannot be computed for a: 'count(salon) / count(plan)' divides by 0"
    ]


def test_a_candidate_whose_key_is_wrong_is_told_so():
    rules = RATE + (
        "awards:\n  best: {for: units where level == department, every: year, rank_by: [rate descending], quota: 1, ties: admit_all}\n"
    )
    result = both(rules, DEPARTMENTS, [*salons("b", "2005-02-01"), *plans("b", "2005-02-01")])
    assert "best 2005: invalid" in told(result, "a", "best")


def test_previous_names_the_period_in_which_something_was_wrong():
    rules = RATE + scorecard("share: 'coalesce(previous(rate), 1)'", missing="zero")
    result = both(rules, DEPARTMENTS, [*plans("a", "2005-02-01"), *salons("a", "2004-02-01")])
    states = {i.period: i.state for i in result.indicators.where(subject="a")}
    assert states == {"2003": "scored", "2004": "invalid", "2005": "invalid"}
    assert "2004: count(salon) / count(plan) divides by 0" in told(result, "a", "year")
    assert result.indicators.one(subject="a", period="2003").points == Fraction(10)


def test_later_periods_that_rest_on_a_wrong_one_are_one_finding():
    rules = RATE + scorecard("share: 'coalesce(base(rate), 1)'", every="month", missing="zero")
    result = both(rules, DEPARTMENTS, plans("b", "2003-01-10"))
    assert [f.message for f in result.findings if " a: " in f.message and "(2003-01)" in f.message] == [
        "year.x in 2003-02; year.x in 2003-03; year.x in 2003-04; year.x in 2003-05; year.x in 2003-06 and 30 more "
        "cannot be computed for a: 'count(salon) / count(plan)' divides by 0 (2003-01)"
    ]


@pytest.mark.parametrize(
    ("rules", "message"),
    [
        (
            "parameters: {part: 1/3}\nmeasures: {m: sum(minutes * part in salon)}\n",
            "'part' is 1/3, which has no finite decimal form",
        ),
        (
            "parameters: {none: 0}\nmeasures: {m: count(salon where minutes / none > 1)}\n",
            "'minutes / none' divides by 0",
        ),
    ],
)
def test_a_parameter_without_a_finite_form_multiplies_no_event_and_0_divides_none(rules, message):
    with pytest.raises(lr.InputError) as refused:
        ruleset(SALONS + rules + scorecard("value: m"))
    assert ("E311", message) in [(i.code, i.message) for i in refused.value.issues]


def test_an_attribute_of_more_than_64_bits_is_refused():
    rules = SALONS.replace("organisation:\n", "organisation:\n  units: {size: integer}\n")
    rules += scorecard("share: size / 100", missing="zero")
    org = DEPARTMENTS.replace("{id: a, ", f"{{id: a, size: {2**63}, ")
    with pytest.raises(lr.InputError) as refused:
        lr.assess(ruleset(rules), organisation(org), lr.events_from([]))
    said = [(i.code, i.message) for i in refused.value.issues]
    assert said == [("O201", f"size of a: {2**63} needs more than 64 bits")]
