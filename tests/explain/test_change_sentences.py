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
     "North office: Quarterly meeting 2005-Q1 changed from open to met, because of record e7",
     "依据记录e7，North office“季度例会”2005-Q1由进行中变为已完成"),
    (DUTY, evolve(DUTY, status=Status.MISSED), TIME,
     "North office: Quarterly meeting 2005-Q1 changed from open to missed, as 2005-03-31 ended",
     "2005-03-31结束，North office“季度例会”2005-Q1由进行中变为未完成"),
    (DUTY, evolve(DUTY, responsible=("town",)), ORGANISATION,
     "North office: Quarterly meeting 2005-Q1 is still open; now responsible: Town, because the organisation changed",
     "因组织变动，North office“季度例会”2005-Q1仍为进行中；责任单位（人）现为Town"),
    (DUTY, evolve(DUTY, value=True), Cause("event", "hall", "e7"),
     "North office: Quarterly meeting 2005-Q1 is still open; the requirement is now met, because of record e7 from hall",
     "依据hall的记录e7，North office“季度例会”2005-Q1仍为进行中；现符合要求"),
    (evolve(DUTY, status=Status.MISSED), evolve(DUTY, status=Status.MET, appeal=APPEAL), EVENT,
     "North office: Quarterly meeting 2005-Q1 changed from missed to met; changed on appeal by Town: the hall was flooded,"
     " because of record e7",
     "依据记录e7，North office“季度例会”2005-Q1由未完成变为已完成；申诉后由Town更正：the hall was flooded"),
    (DUTY, evolve(DUTY, status=Status.WAIVED, waiver=WAIVER), EVENT,
     "North office: Quarterly meeting 2005-Q1 changed from open to waived; waived until 2005-06-30 by Town: rebuilding,"
     " because of record e7",
     "依据记录e7，North office“季度例会”2005-Q1由进行中变为经批准免除；经Town批准免除至2005-06-30：rebuilding"),
    (None, DUTY, ORGANISATION,
     "North office: Quarterly meeting 2005-Q1 is now judged: open, because the organisation changed",
     "因组织变动，North office“季度例会”2005-Q1开始评定：进行中"),
    (DUTY, None, ORGANISATION,
     "North office: Quarterly meeting 2005-Q1 is no longer judged (was open), because the organisation changed",
     "因组织变动，North office“季度例会”2005-Q1不再评定（原为进行中）"),
    (SCORE, evolve(SCORE, total=Fraction(95, 3), grade="good", indicators=(BETTER, LONG)), EVENT,
     "North office: Year 2005 rose from 25 to ≈31.67 points (Regularity ≈+6.67), grade from poor to good,"
     " because of record e7",
     "依据记录e7，North office“年度”2005由25升至≈31.67分（经常性≈+6.67），等次由poor变为good"),
    (SCORE, evolve(SCORE, total=Fraction(1), indicators=(evolve(OFTEN, points=Fraction(1)), evolve(LONG, points=Fraction(0)))),
     EVENT,
     "North office: Year 2005 fell from 25 to 1 point (Regularity −19, long −5), grade still poor, because of record e7",
     "依据记录e7，North office“年度”2005由25降至1分（经常性−19、long−5），等次仍为poor"),
    (SCORE, evolve(SCORE, provisional=False), TIME,
     "North office: Year 2005 stays at 25 points, grade still poor; now final: the period is over,"
     " as 2005-03-31 ended",
     "2005-03-31结束，North office“年度”2005仍为25分，等次仍为poor；本期已结束，为最终结果"),
    (evolve(SCORE, grade="good"), evolve(SCORE, vetoes=("silent",)), EVENT,
     "North office: Year 2005 stays at 25 points, grade from good to poor; grade limit applies: Silence, because of record e7",
     "依据记录e7，North office“年度”2005仍为25分，等次由good变为poor；等次限制已触发：沉默"),
    (SCORE, evolve(SCORE, decided_by=("talk",)), EVENT,
     "North office: Year 2005 stays at 25 points, grade still poor; lowered by rule: Talk with the office,"
     " because of record e7",
     "依据记录e7，North office“年度”2005仍为25分，等次仍为poor；按规则降等：约谈"),
    (SCORE, evolve(SCORE, indicators=(evolve(OFTEN, value=Fraction(1, 2)), LONG)), EVENT,
     "North office: Year 2005 stays at 25 points, grade still poor; Regularity is 0.5 instead of ≈0.33,"
     " with the same points, because of record e7",
     "依据记录e7，North office“年度”2005仍为25分，等次仍为poor；经常性的取值由≈0.33变为0.5，得分不变"),
    (SCORE, evolve(SCORE, total=Fraction(5), indicators=(EXCUSED, LONG)), EVENT,
     "North office: Year 2005 fell from 25 to 5 points (Regularity from 20 to waived until 2005-06-30 by Town:"
     " rebuilding), grade still poor, because of record e7",
     "依据记录e7，North office“年度”2005由25降至5分（经常性由20变为经Town批准免除至2005-06-30：rebuilding），等次仍为poor"),
    (evolve(SCORE, total=None, grade=None), SCORE, EVENT,
     "North office: Year 2005 changed from no total to 25 points, grade from none to poor, because of record e7",
     "依据记录e7，North office“年度”2005由无总分变为25分，等次由无变为poor"),
    (AWARD, evolve(AWARD, rank=1, outcome=Grant.GRANTED), EVENT,
     "North office: Cup 2005 changed from rank 2 of 3 (not selected) to rank 1 of 3 (selected), because of record e7",
     "依据记录e7，North office“奖杯”2005由3个参评对象中第2名（未入选）变为3个参评对象中第1名（入选）"),
    (None, AWARD, EVENT,
     "North office: Cup 2005 changed from not eligible to rank 2 of 3 (not selected), because of record e7",
     "依据记录e7，North office“奖杯”2005由不符合参评条件变为3个参评对象中第2名（未入选）"),
    (AWARD, evolve(AWARD, keys=(Fraction(30),)), EVENT,
     "North office: Cup 2005 is still rank 2 of 3 (not selected); ranked by 30 instead of 25, because of record e7",
     "依据记录e7，North office“奖杯”2005仍为3个参评对象中第2名（未入选）；排序依据由25变为30"),
    (PHASE, evolve(PHASE, missing=()), EVENT,
     "North office: Launch of Two steps is still running; nothing is missing any more, because of record e7",
     "依据记录e7，North office“两步：启动”仍为进行中；条件均已达到"),
    (evolve(PHASE, missing=()), evolve(PHASE, state=StepState.CLOSED), TIME,
     "North office: Launch of Two steps changed from running to ended unfinished; still missing: Founding meeting,"
     " as 2005-03-31 ended",
     "2005-03-31结束，North office“两步：启动”由进行中变为到期未完成；未达条件：成立会议"),
    (None, DECISION, TIME,
     "North office: \"Talk with the office\" now applies: it missed meets, as 2005-03-31 ended",
     "2005-03-31结束，North office：新触发“约谈”：未履行meets"),
    (DECISION, None, EVENT,
     "North office: \"Talk with the office\" no longer applies: it missed meets, because of record e7",
     "依据记录e7，North office：不再触发“约谈”：未履行meets"),
    (DECISION, evolve(DECISION, facts=("duty 2",)), EVENT,
     "North office: \"Talk with the office\" still applies, on other facts: it missed meets, because of record e7",
     "依据记录e7，North office：“约谈”仍触发，所依据的情况有变：未履行meets"),
    (evolve(DECISION, because=Text()), DECISION, EVENT,
     "North office: \"Talk with the office\" applies for a different reason: it missed meets, because of record e7",
     "依据记录e7，North office：“约谈”因其他情况触发：未履行meets"),
]  # fmt: skip


@pytest.fixture(scope="module")
def rules(tmp_path_factory):
    folder = tmp_path_factory.mktemp("rules")
    (folder / "rules.yaml").write_text(RULES, encoding="utf-8")
    return lr.load(folder)


def change(old, new, cause=EVENT):
    kind, rule, subject, period, _ = key_of(old if new is None else new)
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
        " 2 more indicators), grade still poor, because of record e7"
    )


def test_there_are_sentences_in_two_languages_and_no_other(rules):
    with pytest.raises(LookupError, match="no words in the language 'fr'"):
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
            assert "; " in said or "changed from" in said, (name, said)
