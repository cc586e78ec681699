"""One change is one sentence that can be read aloud, in both languages."""

from datetime import date
from fractions import Fraction

import pytest
from attrs import evolve

import learnorg_rules as lr
from learnorg_rules.explain.changes import change_sentence
from learnorg_rules.judging.changes import Cause, Change, key_of
from learnorg_rules.judging.effects import Appeal, Waiver
from learnorg_rules.model.award import Grant
from learnorg_rules.model.definitions import Text
from learnorg_rules.model.duty import Status
from learnorg_rules.model.plan import StepState
from learnorg_rules.model.results import (
    AwardResult,
    DecisionResult,
    DutyResult,
    IndicatorResult,
    ScorecardResult,
    StepResult,
)

RULES = """\
ruleset:
  id: circle
  effective: {from: 2005-01-01, to: 2005-12-31}
organisation: {levels: [office]}
events: {session: []}
duties:
  meets: {title: {en: Quarterly meeting, zh: 季度例会}, for: units, require: count(session) >= 1, every: quarter}
scorecards:
  year:
    title: {en: Year, zh: 年度}
    for: units
    every: year
    round: {decimals: 2, mode: half_up}
    missing: zero
    indicators:
      often: {title: {en: Regularity, zh: 经常性}, points: 60, share: count(session) / 9}
      long: {points: 40, share: count(session) / 20}
    grades: {good: 50, poor: 0}
    veto:
      silent: {title: {en: Silence, zh: 沉默}, when: met(meets) == 0, grade: poor}
awards:
  cup: {title: {en: Cup, zh: 奖杯}, for: units, every: year, rank_by: year.total descending, quota: "1"}
plans:
  plan:
    title: {en: Two steps, zh: 两步}
    for: units
    steps:
      launch:
        title: {en: Launch, zh: 启动}
        from: 2005-01-01
        to: 2005-03-31
        done: {founded: {title: {en: Founding meeting, zh: 成立会议}, when: any(session)}}
decisions:
  talk:
    title: {en: Talk with the office, zh: 约谈}
    when: {missed: duty(status == missed)}
    then: {do: notify, to: missed.subject, about: missed.duty}
    because: {en: "it missed {missed.duty}.", zh: "未履行{missed.duty}。"}
"""
NAMES = {"north": "North office", "town": "Town"}
EVENT, TIME, ORGANISATION = Cause("event", "", "e7"), Cause("time"), Cause("organisation")

DUTY = DutyResult("meets", "north", "2005-Q1", 0, date(2005, 1, 1), date(2005, 3, 31), Status.OPEN, False)
OFTEN = IndicatorResult("year", "north", "2005", 0, "", "often", Fraction(20), Fraction(60), Fraction(1, 3), "scored")
LONG = evolve(OFTEN, indicator="long", points=Fraction(5), out_of=Fraction(40))
SCORE = ScorecardResult(
    "year", "north", "2005", 0, Fraction(25), Fraction(100), "poor", "poor", (), True, (OFTEN, LONG), 2
)
AWARD = AwardResult("cup", "north", "2005", 0, 2, Grant.NOT_GRANTED, 1, 3, (Fraction(25),))
PHASE = StepResult(
    "plan", "north", "launch", 0, date(2005, 1, 1), date(2005, 3, 31), StepState.RUNNING, (), ("founded",), "close", ()
)
BECAUSE = Text({"en": "it missed meets.", "zh": "未履行meets。"})
DECISION = DecisionResult("talk", "north", "", 0, "notify", {"to": "north", "about": "meets"}, BECAUSE, ("duty 1",))
APPEAL = Appeal("north", "meets", "2005-Q1", "met", None, "the hall was flooded", "town", "r1")
WAIVER = Waiver("north", "meets", date(2005, 1, 1), date(2005, 6, 30), "rebuilding", "town", "w1")
BETTER = evolve(OFTEN, points=Fraction(80, 3))
EXCUSED = evolve(OFTEN, points=Fraction(0), state="excused", waiver=WAIVER)

CASES = [
    (DUTY, evolve(DUTY, status=Status.MET), EVENT,
     "North office: Quarterly meeting 2005-Q1 went from open to met, because of event e7",
     "因事件e7，North office“季度例会”2005-Q1由进行中变为已完成"),
    (DUTY, evolve(DUTY, status=Status.MISSED), TIME,
     "North office: Quarterly meeting 2005-Q1 went from open to missed, as 2005-03-31 ended",
     "2005-03-31结束，North office“季度例会”2005-Q1由进行中变为未完成"),
    (DUTY, evolve(DUTY, responsible=("town",)), ORGANISATION,
     "North office: Quarterly meeting 2005-Q1 is still open; responsible now: Town, because the organisation changed",
     "因组织变动，North office“季度例会”2005-Q1仍为进行中；责任方现为Town"),
    (DUTY, evolve(DUTY, value=True), Cause("event", "hall", "e7"),
     "North office: Quarterly meeting 2005-Q1 is still open; what it requires holds now, because of event e7 from hall",
     "因hall的事件e7，North office“季度例会”2005-Q1仍为进行中；要求现已成立"),
    (evolve(DUTY, status=Status.MISSED), evolve(DUTY, status=Status.MET, appeal=APPEAL), EVENT,
     "North office: Quarterly meeting 2005-Q1 went from missed to met; decided on appeal by Town: the hall was flooded,"
     " because of event e7",
     "因事件e7，North office“季度例会”2005-Q1由未完成变为已完成；经申诉由Town决定：the hall was flooded"),
    (DUTY, evolve(DUTY, status=Status.WAIVED, waiver=WAIVER), EVENT,
     "North office: Quarterly meeting 2005-Q1 went from open to waived; waived until 2005-06-30 by Town: rebuilding,"
     " because of event e7",
     "因事件e7，North office“季度例会”2005-Q1由进行中变为豁免；由Town豁免至2005-06-30：rebuilding"),
    (None, DUTY, ORGANISATION,
     "North office: Quarterly meeting 2005-Q1 is judged now: open, because the organisation changed",
     "因组织变动，North office“季度例会”2005-Q1开始评定：进行中"),
    (DUTY, None, ORGANISATION,
     "North office: Quarterly meeting 2005-Q1 is not judged any more (was open), because the organisation changed",
     "因组织变动，North office“季度例会”2005-Q1不再评定（原为进行中）"),
    (SCORE, evolve(SCORE, total=Fraction(95, 3), grade="good", indicators=(BETTER, LONG)), EVENT,
     "North office: Year 2005 rose from 25 to ≈31.67 points (Regularity ≈+6.67), grade from poor to good,"
     " because of event e7",
     "因事件e7，North office“年度”2005由25升至≈31.67分（经常性≈+6.67），等级由poor变为good"),
    (SCORE, evolve(SCORE, total=Fraction(1), indicators=(evolve(OFTEN, points=Fraction(1)), evolve(LONG, points=Fraction(0)))),
     EVENT,
     "North office: Year 2005 fell from 25 to 1 point (Regularity −19, long −5), grade still poor, because of event e7",
     "因事件e7，North office“年度”2005由25降至1分（经常性−19、long−5），等级仍为poor"),
    (SCORE, evolve(SCORE, provisional=False), TIME,
     "North office: Year 2005 stays at 25 points, grade still poor; final now, for the period is over,"
     " as 2005-03-31 ended",
     "2005-03-31结束，North office“年度”2005仍为25分，等级仍为poor；该期已结束，为最终结果"),
    (evolve(SCORE, grade="good"), evolve(SCORE, vetoes=("silent",)), EVENT,
     "North office: Year 2005 stays at 25 points, grade from good to poor; veto: Silence, because of event e7",
     "因事件e7，North office“年度”2005仍为25分，等级由good变为poor；否决：沉默"),
    (SCORE, evolve(SCORE, decided_by=("talk",)), EVENT,
     "North office: Year 2005 stays at 25 points, grade still poor; lowered by decision: Talk with the office,"
     " because of event e7",
     "因事件e7，North office“年度”2005仍为25分，等级仍为poor；因决定降等：约谈"),
    (SCORE, evolve(SCORE, indicators=(evolve(OFTEN, value=Fraction(1, 2)), LONG)), EVENT,
     "North office: Year 2005 stays at 25 points, grade still poor; the value of Regularity went from ≈0.33 to 0.5,"
     " which moves no points, because of event e7",
     "因事件e7，North office“年度”2005仍为25分，等级仍为poor；经常性的取值由≈0.33变为0.5，分数不变"),
    (SCORE, evolve(SCORE, total=Fraction(5), indicators=(EXCUSED, LONG)), EVENT,
     "North office: Year 2005 fell from 25 to 5 points (Regularity from 20 to excused, waived until 2005-06-30 by Town:"
     " rebuilding), grade still poor, because of event e7",
     "因事件e7，North office“年度”2005由25降至5分（经常性由20变为免除，由Town豁免至2005-06-30：rebuilding），等级仍为poor"),
    (evolve(SCORE, total=None, grade=None), SCORE, EVENT,
     "North office: Year 2005 went from no total to 25 points, grade from none to poor, because of event e7",
     "因事件e7，North office“年度”2005由无总分变为25分，等级由无变为poor"),
    (AWARD, evolve(AWARD, rank=1, outcome=Grant.GRANTED), EVENT,
     "North office: Cup 2005 went from rank 2 of 3 (not granted) to rank 1 of 3 (granted), because of event e7",
     "因事件e7，North office“奖杯”2005由3名候选中第2名（未授予）变为3名候选中第1名（授予）"),
    (None, AWARD, EVENT,
     "North office: Cup 2005 went from no candidate to rank 2 of 3 (not granted), because of event e7",
     "因事件e7，North office“奖杯”2005由非候选变为3名候选中第2名（未授予）"),
    (AWARD, evolve(AWARD, keys=(Fraction(30),)), EVENT,
     "North office: Cup 2005 is still rank 2 of 3 (not granted); ranked by 30 instead of 25, because of event e7",
     "因事件e7，North office“奖杯”2005仍为3名候选中第2名（未授予）；排名依据由25变为30"),
    (PHASE, evolve(PHASE, missing=()), EVENT,
     "North office: Launch of Two steps is still running; nothing is missing any more, because of event e7",
     "因事件e7，North office“两步：启动”仍为进行中；不再缺少条件"),
    (evolve(PHASE, missing=()), evolve(PHASE, state=StepState.CLOSED), TIME,
     "North office: Launch of Two steps went from running to closed unfinished; missing now: Founding meeting,"
     " as 2005-03-31 ended",
     "2005-03-31结束，North office“两步：启动”由进行中变为未完成而结束；现缺：成立会议"),
    (None, DECISION, TIME,
     "North office: \"Talk with the office\" follows now: it missed meets, as 2005-03-31 ended",
     "2005-03-31结束，North office：现得出“约谈”：未履行meets"),
    (DECISION, None, EVENT,
     "North office: \"Talk with the office\" does not follow any more: it missed meets, because of event e7",
     "因事件e7，North office：不再得出“约谈”：未履行meets"),
    (DECISION, evolve(DECISION, facts=("duty 2",)), EVENT,
     "North office: \"Talk with the office\" follows from other facts: it missed meets, because of event e7",
     "因事件e7，North office：另据事实得出“约谈”：未履行meets"),
]  # fmt: skip


@pytest.fixture(scope="module")
def rules(tmp_path_factory):
    folder = tmp_path_factory.mktemp("rules")
    (folder / "rules.yaml").write_text(RULES, encoding="utf-8")
    return lr.load(folder)


def change(old, new, cause=EVENT):
    kind, rule, _, subject, period, _ = key_of(old if new is None else new)
    return Change((7, 0), date(2005, 3, 31), kind, rule, subject, period, old, new, cause)


@pytest.mark.parametrize(("old", "new", "cause", "english", "chinese"), CASES)
def test_a_change_is_told_in_a_sentence(rules, old, new, cause, english, chinese):
    def name(node):
        return NAMES.get(node, node)

    assert change_sentence(change(old, new, cause), "en", rules, name) == english
    assert change_sentence(change(old, new, cause), "zh", rules, name) == chinese


def test_of_many_indicators_the_four_that_moved_most_are_named(rules):
    before = tuple(evolve(OFTEN, category=str(n), points=Fraction(0)) for n in range(7))
    after = tuple(evolve(item, points=Fraction(n)) for n, item in enumerate(before))
    said = change_sentence(
        change(evolve(SCORE, indicators=before), evolve(SCORE, total=Fraction(46), indicators=after)), "en", rules
    )
    assert said == (
        "north: Year 2005 rose from 25 to 46 points (Regularity +6, Regularity +5, Regularity +4, Regularity +3,"
        " 2 more indicators), grade still poor, because of event e7"
    )


def test_there_are_sentences_in_two_languages_and_no_other(rules):
    with pytest.raises(LookupError, match="no language 'fr'"):
        change_sentence(change(DUTY, None), "fr", rules)


def test_every_field_of_a_result_that_moves_is_told(rules):
    """No change is told as a bare `is still`, for its reader would not know what changed."""
    moved = {
        DUTY: {"above": True, "due": date(2005, 4, 1), "hears_next": ("town",), "responsible": ("town",), "value": None,
               "waiver": WAIVER, "appeal": APPEAL, "status": Status.MET},
        AWARD: {"rank": 1, "outcome": Grant.TIED, "quota": 2, "candidates": 4, "keys": (Fraction(1),)},
        PHASE: {"to": date(2005, 4, 1), "state": StepState.DONE, "missing": (), "unmet": "extend"},
    }  # fmt: skip
    for record, fields in moved.items():
        for name, value in fields.items():
            said = change_sentence(change(record, evolve(record, **{name: value})), "en", rules)
            assert "; " in said or "went from" in said, (name, said)
