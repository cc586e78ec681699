"""Parts and wholes: a total is the exact sum rounded once, and the points shown are parts that add up to it."""

from decimal import ROUND_FLOOR, Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from programmes import DEPARTMENTS, SALONS, judge, organisation, over, rows, ruleset, salons, write

import learnorg_rules as lr
from learnorg_rules.explain import reason
from learnorg_rules.model.definitions import CardRounding
from learnorg_rules.model.scorecard import Item, total_of, worths
from learnorg_rules.tracing.trace import trace
from learnorg_rules.values import RoundingMode

THIRDS = """
scorecards:
  year:
    for: units where level == department
    every: year
    round: {decimals: 2, mode: half_up}
    total_points: 100
    categories:
      all:
        points: 100
        indicators:
          first: {when: any(salon)}
          second: {when: any(plan)}
          third: {when: count(salon) >= 2}
    grades: {full: 100, good: 60, fail: 0}
awards:
  full_marks: {for: units where level == department, every: year, when: year.total == 100, rank_by: [year.total descending, id], quota: 5}
"""
"""Source: neodb-social/neodb#1233 (pull 1295); eForms/eForms#249: equal shares whose rounded sum is short of the whole."""

ALL = [{"kind": "plan", "unit": "a", "on": "2005-02-01"}, *salons("a", "2005-02-01", "2005-03-01")]


def points(result: lr.Result, subject: str) -> list[Fraction | None]:
    return [i.points for i in result.indicators.where(subject=subject, period="2005")]


def hundredths(*numbers: int) -> list[Fraction]:
    return [Fraction(n, 100) for n in numbers]


# ---- meaning


def test_three_thirds_of_a_hundred_are_a_hundred():
    result = judge(THIRDS, DEPARTMENTS, ALL, "2005-12-31")
    card = result.scorecards.one(subject="a", period="2005")
    assert (card.total, card.grade) == (100, "full")
    assert points(result, "a") == hundredths(3334, 3333, 3333)
    assert result.awards.one(subject="a", period="2005").granted
    assert not result.findings


def test_two_thirds_are_two_parts_of_their_own_sum():
    result = judge(THIRDS, DEPARTMENTS, ALL[:2], "2005-12-31")
    assert result.scorecards.one(subject="a", period="2005").total == Fraction(6667, 100)
    assert points(result, "a") == hundredths(3334, 3333, 0)


def test_an_explanation_shows_no_loss_where_nothing_was_lost():
    told = str(reason(trace(judge(THIRDS, DEPARTMENTS, ALL[:2], "2005-12-31"), "a", "year", "2005")))
    assert "first: 33.34 of 33.34 points   [" in told
    assert "second: 33.33 of 33.33 points   [" in told
    assert "third: 0 of 33.33 points, lost 33.33   [" in told


def test_of_parts_every_part_is_rounded_before_the_sum():
    rules = THIRDS.replace("mode: half_up", "mode: half_up, of: parts")
    result = judge(rules, DEPARTMENTS, ALL, "2005-12-31")
    card = result.scorecards.one(subject="a", period="2005")
    assert (card.total, card.grade) == (Fraction(9999, 100), "good")
    assert points(result, "a") == hundredths(3333, 3333, 3333)


def test_others_read_exact_points_and_not_the_part_that_is_shown():
    rules = over(
        THIRDS,
        "awards:\n  full_marks: {for: units where level == department, every: year, rank_by: [year.first descending], ties: admit_all, quota: 1}",
    )
    events = [*ALL, {"kind": "salon", "unit": "b", "on": "2005-02-01"}]
    result = judge(rules, DEPARTMENTS, events, "2005-12-31")
    assert points(result, "b") == hundredths(3333, 0, 0)  # a has 33.34
    assert [(r.subject, r.rank, r.keys) for r in result.awards.where(period="2005")] == [
        ("a", 1, (Fraction(100, 3),)), ("b", 1, (Fraction(100, 3),)),
    ]  # fmt: skip


def test_categories_share_the_total_and_indicators_their_category():
    items = [
        Item(name, Fraction(25, 4), Fraction(earned, 9), category=category)
        for name, category, earned in (("a", "x", 25), ("b", "x", 13), ("c", "y", 50), ("d", "y", 49))
    ]
    scored, total = total_of(items, CardRounding(1))
    assert total == Fraction(152, 10)  # 137 ninths are 15.22...
    shown = {s.id: s.points for s in scored}
    assert shown["a"] + shown["b"] == Fraction(42, 10)  # 38 ninths are 4.22..., 99 ninths are 11
    assert shown["c"] + shown["d"] == 11
    assert shown == {"a": Fraction(28, 10), "b": Fraction(14, 10), "c": Fraction(56, 10), "d": Fraction(54, 10)}


def test_what_is_left_out_is_shared_by_the_others_to_the_declared_whole():
    items = [Item(n, Fraction(100, 7), Fraction(100, 7)) for n in "abcdef"] + [
        Item("g", Fraction(100, 7), None, "exclude")
    ]
    scored, total = total_of(items, CardRounding(2))
    assert total == 100
    assert [s.points for s in scored] == [*hundredths(1667, 1667, 1667, 1667, 1666, 1666), None]


def test_missing_counts_the_gain_as_the_scorecard_rounds_it():
    result = judge(THIRDS, DEPARTMENTS, ALL[1:2], "2005-11-30")
    (missing,) = [m for m in result.missing("a") if m.rule == "year" and m.period == "2005"]
    assert (missing.target, missing.gain) == ("good", Fraction(3334, 100))  # from 33.33 to 66.67


# ---- agree: live is batch


def test_live_shows_the_same_parts_after_every_event():
    with lr.Live(ruleset(SALONS + THIRDS), organisation(DEPARTMENTS), at="2005-12-31") as live:
        for row in rows(ALL):
            live.post(row)
        mine = live.result()
    batch = judge(THIRDS, DEPARTMENTS, ALL, "2005-12-31")
    assert mine.scorecards.records == batch.scorecards.records
    assert mine.indicators.records == batch.indicators.records


# ---- check


EIGHTHS = """
scorecards:
  year:
    for: units where level == department
    every: year
    round: {decimals: 0, mode: half_up, of: parts}
    total_points: 100
    categories:
      all:
        points: 100
        indicators:
          {i1: {when: any(salon)}, i2: {when: any(salon)}, i3: {when: any(salon)}, i4: {when: any(salon)}, i5: {when: any(plan)}, i6: {when: any(plan)}, i7: {when: any(plan)}, i8: {when: any(plan)}}
    grades: {full: {from: 100, to: 100}, good: {from: 60, below: 100}, fail: {below: 60}}
awards:
  full_marks: {for: units where level == department, every: year, when: year.total == 100, rank_by: [year.total descending, id], quota: 5}
"""


def test_check_refuses_bands_that_full_marks_of_rounded_parts_lie_above(tmp_path):
    with pytest.raises(lr.InputError) as refused:
        lr.load(write(tmp_path, SALONS + EIGHTHS))
    told = [(i.code, i.severity, i.message, i.hint) for i in refused.value.issues]
    assert told[:2] == [
        (
            "E525", "warning", "full marks of 'year' come to 104, not to the 100 declared: every part is rounded first",
            "give as many `decimals` as the points have, or leave out `of: parts`",
        ),
        ("E509", "error", "a total of 104 has no grade: 'full' is the best and ends at 100", "write to: 104, or leave the upper end out"),
    ]  # fmt: skip
    assert {i[0] for i in told[2:]} == {"E526"}


def test_check_names_grades_and_awards_that_no_sum_of_rounded_parts_reaches(tmp_path):
    bands = "{best: {from: 105}, top: {from: 104, below: 105}, full: {from: 92, below: 104}, good: {from: 60, below: 92}, fail: {below: 60}}"
    rules = EIGHTHS.replace("{full: {from: 100, to: 100}, good: {from: 60, below: 100}, fail: {below: 60}}", bands)
    found = lr.load(write(tmp_path, SALONS + rules)).warnings
    assert [(i.code, i.message) for i in found] == [
        ("E525", "full marks of 'year' come to 104, not to the 100 declared: every part is rounded first"),
        ("E526", "no total is in the grade 'best': full marks are 104"),
        ("E526", "no total is in the grade 'full': full marks are 104"),  # 91 and 104 are reached, nothing between
        ("E526", "year.total == 100 never holds: full marks are 104"),
    ]


def test_check_has_nothing_to_say_where_the_total_is_rounded_once(tmp_path):
    assert not lr.load(write(tmp_path, SALONS + EIGHTHS.replace(", of: parts", ""))).warnings


# ---- property: any weights, any rounding


ROUNDINGS = st.builds(CardRounding, st.integers(0, 4), st.sampled_from(list(RoundingMode)))
RATIOS = st.fractions(0, 1, max_denominator=60)


@st.composite
def cards(draw: st.DrawFn) -> list[Item]:
    weights = draw(st.lists(st.integers(1, 40), min_size=1, max_size=12))
    whole = draw(st.sampled_from([10, 60, 100, 1000]))
    return [
        Item(
            f"i{n}", Fraction(weight * whole, sum(weights)), None, draw(st.sampled_from(["zero", "exclude"])),
            category=draw(st.sampled_from(["", "x", "y"])),
        )
        for n, weight in enumerate(weights)
    ]  # fmt: skip


def earned(item: Item, share: Fraction | None) -> Item:
    return Item(
        item.id, item.out_of, None if share is None else item.out_of * share, item.missing, category=item.category
    )


@given(cards(), ROUNDINGS)
def test_full_marks_are_the_declared_whole(items, rounding):
    whole = sum(i.out_of for i in items)
    scored, total = total_of([earned(i, Fraction(1)) for i in items], rounding)
    assert total == whole == sum(s.points for s in scored)


@given(cards(), ROUNDINGS, st.data())
def test_parts_add_up_and_each_is_its_exact_points_cut_or_filled_up(items, rounding, data):
    given_ = [earned(i, data.draw(st.none() | RATIOS)) for i in items]
    scored, total = total_of(given_, rounding)
    exact = [s.exact for s in scored if s.exact is not None]
    unit = Fraction(1, 10**rounding.decimals)
    if total is None:
        assert all(s.state == "excluded" for s in scored)
        return
    assert total == rounding.apply(sum(exact, Fraction())) == sum(s.points or 0 for s in scored)
    for category in {i.category for i in items} - {""}:
        mine = [s for s, i in zip(scored, items, strict=True) if i.category == category and s.exact is not None]
        assert abs(sum(s.points for s in mine) - sum(s.exact for s in mine)) < unit
    for s in scored:
        if s.exact is not None:
            assert abs(s.points - s.exact) < unit, s
            assert s.exact % unit or s.points == s.exact


@given(st.lists(st.integers(0, 500), min_size=1, max_size=8), st.integers(1, 90), st.integers(0, 3))
def test_parts_without_categories_are_those_of_the_rule_in_the_textbook(numbers, by, decimals):
    """Largest remainder by decimal arithmetic: cut, then one unit each to the greatest rests, the first of equals."""
    items = [Item(f"i{n}", Fraction(500), Fraction(number, by)) for n, number in enumerate(numbers)]
    scored, total = total_of(items, CardRounding(decimals))
    scale = 10**decimals
    cut = [int((Decimal(n * scale) / Decimal(by)).to_integral_value(ROUND_FLOOR)) for n in numbers]
    rests = [n * scale - c * by for n, c in zip(numbers, cut, strict=True)]
    for _ in range(int(total * scale) - sum(cut)):
        place = rests.index(max(rests))
        cut[place], rests[place] = cut[place] + 1, -1
    assert [s.points * scale for s in scored] == cut


def test_worths_add_up_to_the_whole_beside_the_parts():
    result = judge(THIRDS, DEPARTMENTS, ALL[1:], "2005-12-31")  # the second is missed
    card = result.scorecards.one(subject="a", period="2005")
    worth = worths(card.indicators, CardRounding(2))
    assert list(worth.values()) == hundredths(3334, 3333, 3333)
    assert sum(worth.values()) == 100
    assert [worth[i.indicator] - i.points for i in card.indicators] == hundredths(0, 3333, 0)
