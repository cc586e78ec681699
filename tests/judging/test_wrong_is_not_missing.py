"""What is wrong is not missing: values outside their range, divisions by 0, weights of 0, and everything excused."""

import pytest
from programmes import DEPARTMENTS, DISTRICT, SALONS, judge, organisation, over, rows, ruleset, salons, scorecard

import learnorg_rules as lr
from learnorg_rules.explain import reason
from learnorg_rules.judging.findings import SubjectIssue, merged
from learnorg_rules.live.codec import line_of, record_of
from learnorg_rules.tracing.trace import trace

AWARD = """
awards:
  best: {for: units where level == department, every: year, rank_by: [year.total descending], ties: admit_all, quota: 1}
"""
TWO = {"quiz": "points: 40, value: sum(minutes in salon)", "exam": "points: 60, value: last(score in salon)"}
"""Source: puzzle/okr#495; mitodl/mitxpro#2452; sakaiproject/sakai#3411: marks above the maximum, and below 0."""


def marks(unit: str, quiz: int, exam: int = 40) -> list[dict]:
    return salons(unit, "2005-02-01", minutes=quiz, score=exam)


def told(result: lr.Result, subject: str, rule: str = "year", language: str = "en") -> str:
    return str(reason(trace(result, subject, rule, "2005"), language))


# ---- a value outside its range


@pytest.mark.parametrize("policy", ["zero", "exclude", "missing"])
def test_a_value_outside_its_range_leaves_no_total_whatever_is_said_of_the_missing(policy):
    rules = scorecard(TWO, missing=policy, grades="{four: 75, three: 50, two: 0}") + AWARD
    events = [*marks("a", 41), *marks("b", 20)]
    result = judge(rules, DEPARTMENTS, events, "2005-12-31")
    card = result.scorecards.one(subject="a", period="2005")
    assert (card.total, card.grade, card.lacking) == (None, None, "invalid")
    assert [(i.state, i.points) for i in card.indicators] == [("invalid", None), ("scored", 40)]
    assert [(f.code, f.message) for f in result.findings] == [
        ("E601", "year.quiz gives a 41 points in 2005, outside 0..40")
    ]
    outcomes = {r.subject: (r.rank, r.outcome.value) for r in result.awards.where(period="2005")}
    assert outcomes == {"a": (None, "unranked"), "b": (1, "granted")}


def test_less_than_nothing_is_not_better_than_an_honest_half():
    rules = over(
        SALONS.replace("minutes: {type: integer, min: 0}", "minutes: integer"), scorecard(TWO, missing="exclude"), AWARD
    )
    with lr.Live(ruleset(rules), organisation(DEPARTMENTS), at="2005-12-31") as live:
        for row in rows([*marks("a", -1), *marks("b", 20)]):
            live.post(row)
        found = live.result()
        assert "quiz: no points, invalid: -1 lies outside 0..40" in told(found, "a")
    outcomes = {r.subject: r.outcome.value for r in found.awards.where(period="2005")}
    assert outcomes == {"a": "unranked", "b": "granted"}


def test_the_reason_names_value_and_range_in_both_languages():
    result = judge(scorecard(TWO, grades="{two: 0}") + AWARD, DEPARTMENTS, marks("a", 41), "2005-12-31")
    assert "year 2005: no total (invalid)" in told(result, "a")
    assert "quiz: no points, invalid: 41 lies outside 0..40" in told(result, "a")
    assert "quiz：数据有误，无得分：41不在0至40之内" in told(result, "a", language="zh")
    assert "无总分（数据有误）" in told(result, "a", language="zh")
    assert "quiz: no points, invalid: 41 lies outside 0..40" in told(result, "a", "year.grade")
    assert "ranked by year.total: invalid (highest first)\n    year.quiz: 41 lies outside 0..40" in told(
        result, "a", "best"
    )


def test_not_even_a_veto_grades_what_is_wrong():
    rules = scorecard(TWO, grades="{good: 50, fail: 0}", veto="{idle: {when: not any(plan), grade: fail}}")
    result = judge(rules, DEPARTMENTS, marks("a", 41), "2005-12-31")
    assert result.scorecards.one(subject="a", period="2005").grade is None
    assert result.scorecards.one(subject="b", period="2005").grade == "fail"  # missing, which counts as nothing


def test_what_reads_a_wrong_total_is_wrong_with_it():
    cards = scorecard(TWO) + scorecard("share: year.total / 100", name="next", missing="exclude").replace(
        "scorecards:\n", ""
    )
    result = judge(cards, DEPARTMENTS, marks("a", 41), "2005-12-31")
    assert result.scorecards.one(rule="next", subject="a", period="2005").lacking == "invalid"
    assert "x: no points, invalid: year.quiz: 41 lies outside 0..40" in told(result, "a", "next")


# ---- a division by 0


@pytest.mark.parametrize("policy", ["zero", "exclude", "missing"])
def test_nothing_by_nothing_is_no_want_of_a_value(policy):
    rules = scorecard(
        {"x": "points: 10, share: count(salon) / count(plan)", "y": "points: 10, when: any(salon)"}, missing=policy
    )
    result = judge(rules, DEPARTMENTS, salons("a", "2005-02-01"), "2005-12-31")
    for unit in "ab":
        card = result.scorecards.one(subject=unit, period="2005")
        assert (card.total, card.lacking, card.indicators[0].state) == (None, "invalid", "invalid")
    assert [(f.code, f.message) for f in result.findings if "2005 " in f.message] == [
        ("E630", f"year.x in 2005 cannot be computed for {unit}: 'count(salon) / count(plan)' divides by 0")
        for unit in "ab"
    ]
    assert "x: no points, invalid: count(salon) / count(plan) divides by 0" in told(result, "a")
    assert "x：数据有误，无得分：count(salon) / count(plan) 的除数为0" in told(result, "a", language="zh")
    assert "count(salon) / count(plan) = 1 / 0 = invalid" in told(result, "a")


@pytest.mark.parametrize(
    ("share", "state"),
    [
        ("if(count(plan) > 0, count(salon) / count(plan))", "zero"),
        ("if(count(plan) > 0, count(salon) / count(plan), 1)", "scored"),
        ("coalesce(count(salon) / count(plan), 1)", "invalid"),
        ("coalesce(1, count(salon) / count(plan))", "scored"),
        ("if((count(salon) / count(plan)) is missing, 1, 0)", "invalid"),
        ("min(1, count(salon) / count(plan))", "invalid"),
        ("max(mean(score in salon), count(salon) / count(plan))", "invalid"),  # wrong comes before missing
        ("if(count(plan) > 0 and count(salon) / count(plan) > 1, 1, 0)", "scored"),
        ("if(count(plan) == 0 and count(salon) / count(plan) > 1, 1, 0)", "invalid"),
        ("bands(count(plan), 0: 1, 1: count(salon) / count(plan))", "scored"),
        ("bands(count(plan), 0: count(salon) / count(plan), 1: 1)", "invalid"),
        ("rank((count(salon) / count(plan)) in peers)", "invalid"),
        ("streak(count(salon) / count(plan) > 1)", "invalid"),
        ("coalesce(count(salon) / count(plan), mean(score in salon) / 100)", "invalid"),
        ("mean(score in salon) / 100", "zero"),
        ("mean(score in salon) / count(plan)", "zero"),  # missing, before anything is divided
        ("linear(count(salon), count(plan), 2 * count(plan))", "invalid"),
        ("previous(count(salon) / count(plan))", "invalid"),
        ("mean((count(salon) / count(plan)) in peers)", "invalid"),
        ("1 - rate", "invalid"),
    ],
)
def test_what_the_rule_provides_for_is_no_fault_and_what_only_lacks_records_neither(share, state):
    rules = "measures:\n  rate: count(salon) / count(plan)\n" + scorecard(f'share: "{share}"')
    result = judge(rules, DEPARTMENTS, salons("a", "2005-02-01"), "2005-12-31")
    assert result.indicators.one(subject="a", period="2005").state == state


def test_weights_that_add_up_to_nothing_are_named():
    rules = scorecard("share: mean(score in salon by minutes) / 100", missing="exclude")
    result = judge(rules, DEPARTMENTS, salons("a", "2005-02-01", minutes=0, score=90), "2005-12-31")
    assert result.indicators.one(subject="a", period="2005").state == "invalid"
    assert result.indicators.one(subject="b", period="2005").state == "excluded"
    assert [f.message for f in result.findings if f.code == "E630"] == [
        "year.x in 2005 cannot be computed for a: the weights of 'mean(score in salon by minutes)' add up to 0"
    ]


def test_persons_of_one_unit_are_one_finding_that_names_unit_number_and_division():
    """886 persons of a unit whose weights add up to 0 were 886 findings."""
    persons = "".join(f"  - {{id: p{n:03}, unit: {'a' if n < 886 else 'b'}}}\n" for n in range(890))
    rules = "measures:\n  weight: sum(minutes in salon)\n" + scorecard(
        "share: count(plan) / min(weight in home)", for_="persons", missing="exclude"
    )
    events = salons("b", "2005-02-01", minutes=30)
    result = judge(rules, f"{DEPARTMENTS}persons:\n{persons}", events, "2005-12-31")
    assert [f.message for f in result.findings if " 2005 " in f.message] == [
        "year.x in 2005 cannot be computed for 886 persons of a: 'count(plan) / min(weight in home)' divides by 0"
    ]
    assert len([i for i in result.indicators.where(period="2005") if i.state == "invalid"]) == 886


def test_values_of_several_persons_outside_the_range_are_one_finding():
    rules = scorecard("value: sum(minutes in salon)", for_="persons of a")
    events = [
        *salons("a", "2005-02-01", person="bo", minutes=11),
        *salons("a1", "2005-02-01", person="ann", minutes=12),
    ]
    result = judge(rules, DISTRICT, events, "2005-12-31")
    assert {f.message for f in result.findings} == {
        "year.x gives bo 11 points in 2005, outside 0..10", "year.x gives ann 12 points in 2005, outside 0..10",
    }  # fmt: skip
    of_one_unit = judge(rules, DISTRICT.replace("unit: a1", "unit: a"), events, "2005-12-31")
    assert [f.message for f in of_one_unit.findings] == ["year.x gives 2 persons of a points in 2005 outside 0..10"]


def test_a_duty_that_divides_by_nothing_says_so():
    rules = "duties:\n  busy: {for: units where level == department, require: count(salon) / count(plan) >= 1, every: year}\n"
    result = judge(rules, DEPARTMENTS, salons("a", "2005-02-01"), "2005-12-31")
    assert result.duties.one(subject="a", period="2005").status.value == "invalid"
    assert "invalid" in told(result, "a", "busy").splitlines()[0]
    assert "count(salon) / count(plan) divides by 0" in told(result, "a", "busy")
    assert [f.message for f in result.findings if "2005 " in f.message and " a:" in f.message] == [
        "busy in 2005 cannot be computed for a: 'count(salon) / count(plan) >= 1' divides by 0".replace(" >= 1", "")
    ]


# ---- everything excused


@pytest.mark.parametrize("more", [{}, {"nothing": "points: 0, value: 0"}])
def test_where_everything_was_waived_the_reason_says_so(more):
    """Source: sakaiproject/sakai pull 6640 (SAK-41440); aopell/SchoologyPlus#88."""
    indicators = {"x": "points: 10, when: any(salon)", "y": "points: 10, when: any(plan)", **more}
    let_off = {"kind": "let_off", "on": "2005-02-02", "reason": "ill", "granted_by": "d", "until": "2005-12-31"}
    events = [{**let_off, "unit": "a", "rule": f"year.{name}"} for name in "xy"]
    result = judge(scorecard(indicators, grades="{good: 10, poor: 0}"), DEPARTMENTS, events, "2005-12-31")
    card = result.scorecards.one(subject="a", period="2005")
    assert (card.total, card.grade, card.lacking) == (None, None, "excused")
    assert [(f.code, f.message, f.hint) for f in result.findings] == [
        (
            "E602", "year: everything was excused for a in 2005, so there is no total",
            "say `excused: full` or `excused: zero` where points are to stand, or end a waiver",
        )
    ]  # fmt: skip
    assert "no total (everything was excused)" in told(result, "a")
    assert "无总分（全部指标经批准免除）" in told(result, "a", language="zh")
    assert "scaled" not in told(result, "a")


def test_where_everything_lacks_data_that_is_said_instead():
    rules = scorecard("share: mean(score in salon) / 100", missing="exclude")
    result = judge(rules, DEPARTMENTS, [], "2005-12-31")
    assert result.scorecards.one(subject="a", period="2005").lacking == "excluded"
    assert "no total (every indicator was left out)" in told(result, "a")


# ---- agree


def test_live_finds_what_batch_finds_when_a_fault_comes_and_goes():
    rules = scorecard({"x": "points: 10, share: count(salon) / count(plan)", **TWO}, missing="exclude") + AWARD
    events = [
        *marks("a", 41), {"kind": "plan", "unit": "a", "on": "2005-02-01"}, {"kind": "plan", "unit": "b", "on": "2005-03-01"},
        *marks("b", 30),
    ]  # fmt: skip
    with lr.Live(ruleset(SALONS + rules), organisation(DEPARTMENTS), at="2005-12-31") as live:
        for n, row in enumerate(rows(events), start=1):
            live.post(row)
            batch = judge(rules, DEPARTMENTS, events[:n], "2005-12-31")
            mine = live.result()
            assert mine.scorecards.records == batch.scorecards.records
            assert mine.awards.records == batch.awards.records
            assert mine.findings == batch.findings


def test_a_record_that_is_wrong_comes_back_from_a_line_and_old_lines_are_read():
    result = judge(scorecard(TWO), DEPARTMENTS, marks("a", 41), "2005-12-31")
    card = result.scorecards.one(subject="a", period="2005")
    assert record_of(line_of(card)) == card
    assert record_of(line_of(card)).lacking == "invalid"
    old = line_of(card).replace('"state":"invalid"', '"state":"missing"')  # as it was written before
    assert record_of(old).lacking == "missing"


def test_findings_of_persons_are_told_where_the_first_stood():
    a, b = (SubjectIssue(lr.Source("f"), "E1", f"{p} is off", "", "error", "u", p, "{who} off") for p in ("p", "q"))
    other = lr.Issue(lr.Source("f"), "E2", "else")
    assert [str(i) for i in merged([a, other, b])] == ["f: E1 2 persons of u off", "f: E2 else"]
    assert [i.message for i in merged([a, other])] == ["p is off", "else"]
