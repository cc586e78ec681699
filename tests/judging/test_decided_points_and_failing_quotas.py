"""Points that a person decided are declared points; a quota that is no number leaves its candidates undecided."""

from fractions import Fraction

import pytest
from programmes import DEPARTMENTS, SALONS, judge, organisation, rows, ruleset, salons, scorecard

import learnorg_rules as lr
from learnorg_rules.explain import reason
from learnorg_rules.tracing.trace import trace

CARD = scorecard(
    {"quiz": "points: 40, share: sum(minutes in salon) / 40", "exam": "points: 60, share: mean(score in salon) / 60"},
    grades="{four: 75, three: 50, two: 0}",
)
"""Source: catalyst/moodle-mod_subcourse#29; openedx/openedx-platform pull 15263: a decided mark on another scale."""

QUIZ = salons("a", "2005-02-01", minutes=30)
LET_OFF = {
    "kind": "let_off", "unit": "a", "on": "2005-04-02", "rule": "year.exam", "reason": "ill", "granted_by": "d", "until": "2005-12-31",
}  # fmt: skip


def ruling(points: int, rule: str = "year.quiz", on: str = "2005-03-02") -> dict:
    about = {"rule": rule, "period": "2005", "reason": "r", "decided_by": "d", "points": points}
    return {"id": "ruling", "kind": "ruling", "unit": "a", "on": on, **about}


def found(events: list[dict]) -> lr.ScorecardResult:
    """The card of batch, which is that of live."""
    batch = judge(CARD, DEPARTMENTS, events, "2005-12-31").scorecards.one(subject="a", period="2005")
    with lr.Live(ruleset(SALONS + CARD), organisation(DEPARTMENTS), at="2005-12-31") as live:
        for row in rows(events):
            live.post(row)
        assert live.result().scorecards.one(subject="a", period="2005") == batch
    return batch


@pytest.mark.parametrize(
    ("events", "total", "grade"),
    [
        ([*QUIZ, ruling(40)], 40, "two"),
        ([*QUIZ, LET_OFF], 75, "four"),
        ([*QUIZ, ruling(40), LET_OFF], 100, "four"),  # 40 of 40 decided, the other left out
        ([*QUIZ, ruling(20), LET_OFF], 50, "three"),
        ([*QUIZ, ruling(80), LET_OFF], 75, "four"),  # no such points: the first result stands
        ([*QUIZ, LET_OFF, ruling(50, "year.exam", "2005-05-02")], 80, "four"),
        ([ruling(30), LET_OFF], 75, "four"),
    ],
)
def test_decided_points_are_scaled_with_the_others(events, total, grade):
    card = found(events)
    assert (card.total, card.grade) == (total, grade)


def test_more_than_the_declared_points_are_a_finding_also_on_a_scaled_card():
    result = judge(CARD, DEPARTMENTS, [*QUIZ, ruling(80), LET_OFF], "2005-12-31")
    assert [(f.code, f.message) for f in result.findings] == [
        ("E601", "the appeal ruling decides 80 points for year.quiz of a in 2005, outside 0..40")
    ]


def test_the_reason_tells_what_was_decided_and_that_it_was_scaled():
    result = judge(CARD, DEPARTMENTS, [*QUIZ, ruling(40), LET_OFF], "2005-12-31")
    told = str(reason(trace(result, "a", "year", "2005")))
    assert "quiz: 100 of 100 points" in told
    assert "changed on appeal from 30 to 40 by d: r (record ruling)" in told
    assert "40 of the declared 40 points, scaled up with the others" in told
    chinese = str(reason(trace(result, "a", "year", "2005"), "zh"))
    assert "为原分值40分中的40分，与其余指标一并按比例折算" in chinese


def test_an_appeal_decides_a_waived_indicator_and_both_are_named():
    result = judge(CARD, DEPARTMENTS, [*QUIZ, LET_OFF, ruling(50, "year.exam", "2005-05-02")], "2005-12-31")
    item = result.indicators.one(subject="a", period="2005", indicator="exam")
    assert (item.points, item.state, item.first) == (50, "scored", None)
    assert item.waiver is not None
    told = str(reason(trace(result, "a", "year.exam", "2005")))
    assert "changed on appeal from waived to 50 by d" in told
    assert "waived from 2005-04-02" in told
    assert not result.findings


def test_an_appeal_puts_right_what_is_wrong():
    card = CARD.replace("share: sum(minutes in salon) / 40", "value: sum(minutes in salon)")
    result = judge(card, DEPARTMENTS, [*salons("a", "2005-02-01", minutes=41), ruling(40)], "2005-12-31")
    assert result.scorecards.one(subject="a", period="2005").total == 40
    assert not result.findings


# ---- quotas


MARKS = scorecard(
    {"all": "points: 100, value: last(score in salon)"}, for_="units where level == section", missing="missing"
)
SECTIONS = DEPARTMENTS + "".join(
    f"  - {{id: o{n}, level: section, parent: {'a' if n <= 3 else 'b'}}}\n" for n in range(1, 6)
)
AWARDS = """
awards:
  half: {for: units where level == section, every: year, within: department, rank_by: [year.total descending], ties: admit_all, quota: 50% * candidates}
  all_but_ten: {for: units where level == section, every: year, rank_by: [year.total descending], ties: admit_all, quota: candidates - 10}
"""
"""Source: OpenSlides/OpenSlides#2623; OpenSlides/OpenSlides#2142: quotas that cannot be."""


@pytest.fixture(scope="module")
def judged() -> lr.Result:
    scores = {"o1": 90, "o2": 85, "o3": 80, "o4": 90, "o5": 70}
    events = [salon for unit, score in scores.items() for salon in salons(unit, "2005-02-01", score=score)]
    return judge(MARKS + AWARDS, SECTIONS, events, "2005-12-31")


def test_candidates_of_a_group_without_a_quota_are_undecided_and_others_are_decided(judged):
    half = {
        r.subject: (r.outcome.value, r.rank, r.candidates, r.quota)
        for r in judged.awards.where(rule="half", period="2005")
    }
    assert half == {
        "o1": ("undecided", 1, 3, None), "o2": ("undecided", 2, 3, None), "o3": ("undecided", 3, 3, None),
        "o4": ("granted", 1, 2, 1), "o5": ("not_granted", 2, 2, 1),
    }  # fmt: skip
    others = {(r.outcome.value, r.candidates) for r in judged.awards.where(rule="all_but_ten", period="2005")}
    assert others == {("undecided", 5)}


def test_the_finding_and_the_reason_say_the_same_quota_and_name_the_group(judged):
    messages = [f.message for f in judged.findings if f.code == "E603" and " 2005 " in f.message]
    assert messages == [
        "the quota of half in 2005 for a is 3/2, not a whole number of at least 0",
        "the quota of all_but_ten in 2005 is -5, not a whole number of at least 0",
    ]
    half = str(reason(trace(judged, "o1", "half", "2005")))
    assert half.startswith("o1 · half 2005: undecided")
    assert "undecided, for the number of places of a is 3/2, not a whole number of at least 0" in half
    assert "50% * candidates = 50% * 3" in half
    assert "undecided, for the number of places is -5" in str(reason(trace(judged, "o1", "all_but_ten", "2005")))
    assert "待裁定：“a”的名额为3/2，不是不小于0的整数" in str(reason(trace(judged, "o1", "half", "2005"), "zh"))


def test_exact_totals_stand_behind_the_ranks(judged):
    assert judged.awards.one(rule="half", subject="o2", period="2005").keys == (Fraction(85),)
