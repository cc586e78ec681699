"""What duties, scorecards and awards mean, from worked examples."""

from datetime import date, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from learnorg_rules.model.award import Candidate, Grant, grant, rank
from learnorg_rules.model.definitions import Band, CardRounding
from learnorg_rules.model.duty import Held, Status, judge, judge_deadline
from learnorg_rules.model.scorecard import Item, grade_of, total_of, worst
from learnorg_rules.periods import Clock, Period

AUGUST = Period(date(2005, 8, 1), date(2005, 9, 1), "2005-08")
WEEK = timedelta(7)


@pytest.mark.parametrize(
    ("at", "holds", "rising", "status"),
    [
        (date(2005, 7, 31), False, True, Status.NOT_YET_DUE),
        (date(2005, 8, 1), False, True, Status.OPEN),
        (date(2005, 8, 24), False, True, Status.AT_RISK),
        (date(2005, 8, 10), True, True, Status.MET),
        (date(2005, 8, 10), True, False, Status.OPEN),
        (date(2005, 8, 31), True, False, Status.MET),
        (date(2005, 8, 31), False, True, Status.MISSED),
        (date(2005, 8, 31), None, True, Status.MISSED),
    ],
)
def test_a_duty_lives_from_not_yet_due_to_met_or_missed(at, holds, rising, status):
    assert judge(AUGUST, Clock(at), Held(holds), rising, WEEK) is status


def test_a_deadline_can_be_met_late_only_where_the_rule_accepts_it():
    at = date(2005, 9, 20)
    late, never = (lambda: Held(value=True)), (lambda: Held(value=False))
    assert judge_deadline(AUGUST, Clock(at), Held(value=False), late, True, None, late=True) is Status.MET_LATE
    assert judge_deadline(AUGUST, Clock(at), Held(value=False), late, True, None, late=False) is Status.MISSED
    assert judge_deadline(AUGUST, Clock(at), Held(value=False), never, True, None, late=True) is Status.MISSED


def test_an_excluded_indicator_leaves_its_points_to_the_others():
    items = [Item("a", Fraction(10), Fraction(5), "zero"), Item("b", Fraction(10), None, "exclude")]
    scored, total = total_of(items, CardRounding(2))
    assert total == 10
    assert [(s.points, s.out_of, s.state) for s in scored] == [(10, 20, "scored"), (None, 0, "excluded")]


def test_missing_as_zero_keeps_the_weight_and_missing_as_missing_leaves_no_total():
    zero = [Item("a", Fraction(10), Fraction(5)), Item("b", Fraction(10), None, "zero")]
    missing = [Item("a", Fraction(10), Fraction(5)), Item("b", Fraction(10), None, "missing")]
    assert total_of(zero, CardRounding(2))[1] == 5
    assert total_of(missing, CardRounding(2))[1] is None


def test_nothing_left_to_score_gives_no_total():
    assert total_of([Item("a", Fraction(10), None, "exclude")], CardRounding(2))[1] is None


def test_the_exact_sum_is_rounded_and_the_first_of_equal_parts_takes_what_is_over():
    items = [Item(str(i), Fraction(1), Fraction(1, 3)) for i in range(3)]
    scored, total = total_of(items, CardRounding(2))
    assert total == 1
    assert [s.points for s in scored] == [Fraction(34, 100), Fraction(33, 100), Fraction(33, 100)]


def test_of_parts_every_part_is_rounded_before_they_are_added():
    items = [Item(str(i), Fraction(1), Fraction(1, 3)) for i in range(3)]
    assert total_of(items, CardRounding(2, of="parts"))[1] == Fraction(99, 100)


def test_no_policy_for_the_missing_applies_to_what_is_wrong():
    for policy in ("zero", "exclude", "missing"):
        items = [Item("a", Fraction(10), Fraction(5)), Item("b", Fraction(10), None, policy, is_invalid=True)]
        scored, total = total_of(items, CardRounding(2))
        assert total is None
        assert [(s.state, s.points) for s in scored] == [("scored", 5), ("invalid", None)]


GRADES = {"good": Band(from_=Fraction(70)), "pass": Band(from_=Fraction(60)), "fail": Band(from_=Fraction(0))}


def test_a_total_on_the_bound_has_the_better_grade():
    assert grade_of(Fraction(70), GRADES) == "good"
    assert grade_of(Fraction(6999, 100), GRADES) == "pass"
    assert grade_of(None, GRADES) is None


def test_of_several_vetoes_the_worst_grade_holds():
    assert worst(["good", "fail", "pass"], GRADES) == "fail"


def test_equal_totals_share_a_rank_and_the_next_is_skipped_or_not():
    rows = [Candidate("c", (5,)), Candidate("a", (9,)), Candidate("b", (9,)), Candidate("d", (None,))]
    assert [(r.subject, r.rank) for r in rank(rows, [True], "competition")] == [
        ("a", 1),
        ("b", 1),
        ("c", 3),
        ("d", None),
    ]
    assert [r.rank for r in rank(rows, [True], "dense")] == [1, 1, 2, None]


def test_a_tie_across_the_quota_line_is_settled_as_declared():
    ranked = rank([Candidate(s, (k,)) for s, k in (("a", 9), ("b", 7), ("c", 7), ("d", 1))], [True], "competition")
    assert grant(ranked, 2, "admit_all") == [Grant.GRANTED, Grant.GRANTED, Grant.GRANTED, Grant.NOT_GRANTED]
    assert grant(ranked, 2, "leave_empty") == [Grant.GRANTED, Grant.TIED, Grant.TIED, Grant.NOT_GRANTED]
    assert grant(ranked, 3, "leave_empty") == [Grant.GRANTED] * 3 + [Grant.NOT_GRANTED]
    assert grant(ranked, 0, "admit_all") == [Grant.NOT_GRANTED] * 4
    assert grant(ranked, None, "refuse") == [Grant.GRANTED] * 4


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), max_size=8), st.integers(0, 9))
def test_ranks_and_grants_agree_with_counting_who_is_better(keys, quota):
    rows = [Candidate(f"u{i}", k) for i, k in enumerate(keys)]
    ranked = rank(rows, [True, False], "competition")
    better = {c.subject: sum((-o.keys[0], o.keys[1]) < (-c.keys[0], c.keys[1]) for o in rows) for c in rows}
    assert {r.subject: r.rank for r in ranked} == {s: n + 1 for s, n in better.items()}
    for r, outcome in zip(ranked, grant(ranked, quota, "leave_empty"), strict=True):
        same = sum(n == better[r.subject] for n in better.values())
        safe = better[r.subject] + same <= quota
        lost = better[r.subject] >= quota
        assert outcome is (Grant.GRANTED if safe else Grant.NOT_GRANTED if lost else Grant.TIED)
