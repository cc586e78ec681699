"""Why a step of a plan stands where it stands, and why a decision follows or does not."""

import pytest

import learnorg_rules as lr

RULES = """\
ruleset: {id: small, time_zone: Asia/Shanghai, effective: {from: 2004-01-01, to: 2005-12-31}, decider: reference}
events: {salon: [], founding: []}
duties:
  meet: {for: units, every: year, require: count(salon) >= 2}
scorecards:
  year:
    for: units
    every: year
    round: {decimals: 0}
    missing: zero
    indicators: {often: {points: 10, share: count(salon) / 2}}
    grades: {good: 5, poor: 0}
plans:
  course:
    for: units
    title: {en: Course, zh: 课程}
    unmet: extend
    steps:
      launch: {from: 2004-01-01, to: 2004-06-30, done: {founded: any(founding)}}
      nurture: {from: 2004-07-01, to: 2004-12-31, enter: {known: any(founding)}, done: {held: count(salon) >= 1}}
decisions:
  idle:
    title: {en: Idle offices, zh: 未开展}
    when: {missed: 'duty(status == missed, duty == meet)'}
    then: {do: cap, subject: missed.subject, period: missed.period, grade: poor}
    because: {en: "{missed.duty} was missed in {missed.period}", zh: "{missed.period}未完成{missed.duty}"}
"""
ORG = "units: [{id: a, name: {en: Arts, zh: 文化}}, {id: b}]\n"


def salon(number, unit, day, kind="salon"):
    return {"id": f"e{number}", "kind": kind, "unit": unit, "occurred_at": f"{day}T10:00:00+08:00"}


EVENTS = [
    salon(1, "a", "2004-02-01"), salon(2, "a", "2004-08-01"), salon(3, "a", "2004-09-01", "founding"),
    salon(4, "b", "2004-03-01"),
]  # fmt: skip


@pytest.fixture(scope="module")
def result(tmp_path_factory):
    folder = tmp_path_factory.mktemp("small")
    (folder / "rules.yaml").write_text(RULES, encoding="utf-8")
    (folder / "org.yml").write_text(ORG, encoding="utf-8")
    return lr.assess(
        lr.load(folder / "rules.yaml"), lr.read_org(folder / "org.yml"), lr.events_from(EVENTS), at="2004-12-31"
    )


def lines(reason):
    return [line.split("   [")[0] for line in str(reason).splitlines()]


def test_a_step_tells_its_days_its_gates_and_what_it_went_through(result):
    assert lines(result.why("a", "course.launch")) == [
        "Arts (a) · launch of Course: finished late",
        "  planned from 2004-01-01 to 2004-06-30",
        "  condition to finish, founded: not met on 2004-06-30, met on 2004-12-31",
        "    required: any(founding); so far: yes",
        "      counted: 1 of 1 record of kind founding between 2004-01-01 and 2004-12-31",
        "        e3 2004-09-01",
        "  2004-01-01: not started → running",
        "  after 2004-06-30: running → finished late",
    ]
    assert lines(result.why("a", "course", "launch")) == lines(result.why("a", "course.launch"))


def test_a_step_that_waits_tells_which_step_holds_it_back(result):
    said = lines(result.why("b", "course.nurture"))
    assert said[:3] == [
        "b · nurture of Course: waiting to start",
        "  planned from 2004-07-01 to 2004-12-31",
        "  waits for the phase before, launch, which is not over",
    ]
    assert "  condition to finish, held: not met on 2004-12-31" in said
    assert result.why("b", "course.nurture", language="zh").text == "b · 课程：nurture：待启动"


def test_a_plan_tells_all_its_steps(result):
    why = result.why("a", "course")
    assert why.text == "Arts (a) · Course (course): launch: finished late, nurture: finished"
    assert [child.kind for child in why.children[:2]] == ["step", "step"]


def test_a_decision_tells_the_facts_behind_each_pattern_and_what_it_lowered(result):
    assert lines(result.why("b", "idle", "2004")) == [
        "b · Idle offices (idle) 2004: the grade of b is at most poor",
        "  reason: meet was missed in 2004",
        '  missed: duty(status == missed, duty == "meet"); found: duty is meet, period is 2004, status is missed, in_a_row is 1, '
        "due is 2004-12-31, above is no",
        '    for the records behind it: why("b", "meet", "2004")',
        "  with period: 2004, grade: poor",
        "  the grade of year 2004 is lowered from good to poor",
        "  decided with: reference",
    ]
    assert "  lowered to poor by Idle offices (idle): meet was missed in 2004" in lines(
        result.why("b", "year.grade", "2004")
    )


def test_a_decision_that_does_not_follow_tells_which_pattern_nothing_fits(result):
    assert lines(result.why("a", "idle", language="zh")) == [
        "文化（a） · 未开展（idle）：未触发",
        '  missed：duty(status == missed, duty == "meet")；未查得',
        "  判定程序：reference",
    ]


def test_what_there_is_not_is_refused_with_the_nearest(result):
    with pytest.raises(LookupError, match="course has no step 'lunch'; did you mean 'launch'"):
        result.why("a", "course.lunch")
    with pytest.raises(LookupError, match="there is no rule 'cours'; did you mean 'course'"):
        result.why("a", "cours")
