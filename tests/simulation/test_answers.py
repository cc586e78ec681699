from datetime import date
from decimal import Decimal
from fractions import Fraction
from math import comb

import made_simulation as made
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from learnorg_rules.reports.report import report_of, summary_of, write_report
from learnorg_rules.simulation.answers import answers, award_costs
from learnorg_rules.simulation.comparisons import compare_policies
from learnorg_rules.simulation.intervals import quantile_ranks, repetitions_for_share, t95, wilson

DAY = date(2005, 3, 31)


def interval(times, n):
    low, high = wilson(pl.lit(times), pl.lit(n))
    return pl.select(low.alias("low"), high.alias("high")).row(0)


# ---- meaning


def test_chances_count_every_repetition_and_carry_their_interval(tmp_path):
    rows = [("as_it_is", i, "cup", "north", "2005", 1, i < 5, 1, 1) for i in range(8)]
    found = answers(made.simulation(made.scenario(tmp_path), 10, awards=rows)).awards
    row = found.filter(pl.col("policy") == "as_it_is").row(0, named=True)
    assert (row["times"], row["candidate"], row["n"], row["chance"]) == (5, 8, 10, 0.5)
    assert (row["low"], row["high"]) == (pytest.approx(0.2366, abs=1e-4), pytest.approx(0.7634, abs=1e-4))


def test_who_is_no_candidate_under_a_policy_never_gets_the_award_there(tmp_path):
    rows = [("as_it_is", i, "cup", "north", "2005", 1, True, 1, 1) for i in range(10)]
    found = answers(made.simulation(made.scenario(tmp_path), 10, awards=rows)).awards
    row = found.filter(pl.col("policy") == "other").row(0, named=True)
    assert (row["chance"], row["low"], row["high"]) == (0.0, 0.0, pytest.approx(0.2775, abs=1e-4))


def test_a_duty_still_open_at_the_end_counts_neither_as_met_nor_as_missed(tmp_path):
    states = ["missed", "met", "met_late", "met", "open", "at_risk", "waived", "not_required"]
    rows = [("as_it_is", i, "meets", "north", "2005-Q1", DAY, s) for i, s in enumerate(states)]
    row = answers(made.simulation(made.scenario(tmp_path), 8, duties=rows)).duties.row(0, named=True)
    assert (row["times"], row["late"], row["n"], row["chance"]) == (1, 1, 4, 0.25)


def test_a_grade_never_reached_is_an_answer_too(tmp_path):
    rows = [("as_it_is", i, "year", s, "2005", t, g) for i in range(4)
            for s, t, g in (("north", 80.0, "good"), ("south", 10.0, "poor"))]  # fmt: skip
    grades = answers(made.simulation(made.scenario(tmp_path), 4, totals=rows)).grades
    chances = {(r["subject"], r["grade"]): r["chance"] for r in grades.iter_rows(named=True)}
    assert chances == {
        ("north", "good"): 1.0, ("north", "poor"): 0.0, ("south", "good"): 0.0, ("south", "poor"): 1.0
    }  # fmt: skip


def test_a_missing_total_is_counted_and_left_out_of_the_median(tmp_path):
    rows = [("as_it_is", i, "year", "north", "2005", t, None) for i, t in enumerate([1.0, 2.0, None, 9.0])]
    row = answers(made.simulation(made.scenario(tmp_path), 4, totals=rows)).totals.row(0, named=True)
    assert (row["n"], row["missing"], row["median"], row["mean"]) == (3, 1, 2.0, 4.0)
    assert row["median_low"] is None  # three values bound no median


def test_it_says_how_many_repetitions_would_do_and_which_answer_needs_them(tmp_path):
    rows = [("as_it_is", i, "cup", "north", "2005", 1, i < 10, 1, 1) for i in range(20)]
    found = answers(made.simulation(made.scenario(tmp_path), 20, awards=rows), precision=0.05)
    assert not found.is_enough
    assert (found.needed, found.widest) == (381, "as_it_is cup north 2005")
    assert answers(made.simulation(made.scenario(tmp_path), 20, awards=rows), precision=0.25).is_enough


def test_costs_are_exact_sums_by_policy_and_year(tmp_path):
    rows = [("as_it_is", i, "cup", s, "2005-Q1", 1, True, 2, 2) for i, s in ((0, "north"), (0, "south"), (1, "north"))]
    found = award_costs(made.simulation(made.scenario(tmp_path), 2, awards=rows), {"cup": Decimal("99.95")})
    assert found.select("policy", "year", "least", "most", "mean").rows() == [
        ("as_it_is", "2005", Decimal("99.95"), Decimal("199.90"), pytest.approx(149.925)),
        ("other", "2005", Decimal("0.00"), Decimal("0.00"), 0.0),
    ]


# ---- policies


def test_policies_are_compared_repetition_by_repetition(tmp_path):
    found = compare_policies(made.drawn(made.scenario(tmp_path), 30))
    assert set(found.totals["difference"].round(9)) == {2.0}  # luck, of 4 points, is the same on both sides
    assert set(found.totals["verdict"]) == {"more"}
    assert found.means["n"].to_list() == [30, 30]
    assert found.gains("other") == ["north", "south", "west"]
    assert found.loses("other") == []
    assert found.duties["verdict"].to_list() == ["less"]
    assert found.events.select("difference", "low", "high").row(0) == (3.0, 3.0, 3.0)


def test_policies_that_change_nothing_are_the_same(tmp_path):
    rows = [(p, i, "year", "north", "2005", float(i), None) for p in ("as_it_is", "other") for i in range(5)]
    found = compare_policies(made.simulation(made.scenario(tmp_path), 5, totals=rows)).totals
    assert found.select("difference", "more", "less", "verdict").row(0) == (0.0, 0.0, 0.0, "same")


def test_one_repetition_gives_a_difference_without_an_interval(tmp_path):
    rows = [(p, 0, "year", "north", "2005", t, None) for p, t in (("as_it_is", 1.0), ("other", 3.0))]
    row = compare_policies(made.simulation(made.scenario(tmp_path), 1, totals=rows)).totals.row(0, named=True)
    assert (row["difference"], row["low"], row["high"], row["verdict"]) == (2.0, None, None, "unclear")


def test_nothing_granted_under_one_policy_is_a_difference(tmp_path):
    rows = [("as_it_is", i, "cup", "north", "2005", 1, True, 1, 1) for i in range(4)]
    found = compare_policies(made.simulation(made.scenario(tmp_path), 4, awards=rows)).awards
    assert found.select("policy", "award", "subject", "difference", "verdict").rows() == [
        ("other", "cup", "north", -1.0, "less")
    ]


# ---- oracle


@pytest.mark.parametrize(("freedom", "known"), [(1, 12.706), (4, 2.776), (9, 2.262), (29, 2.045), (199, 1.972)])
def test_students_factor_is_that_of_the_tables(freedom, known):
    assert t95(freedom) == pytest.approx(known, abs=2e-3)


@given(n=st.integers(1, 60), share=st.sampled_from([Fraction(1, 20), Fraction(1, 2), Fraction(19, 20)]))
@settings(max_examples=60, deadline=None)
def test_order_statistics_leave_out_no_more_than_they_may(n, share):
    low, high = quantile_ranks(n, share)
    mass = [Fraction(comb(n, k)) * share**k * (1 - share) ** (n - k) for k in range(n + 1)]
    # the quantile lies below the statistic of rank r (from 0) where at most r values lie below it
    if low is not None:
        assert sum(mass[: low + 1]) <= Fraction(1, 40) < sum(mass[: low + 2])
    if high is not None:
        assert sum(mass[high + 1 :]) <= Fraction(1, 40) < sum(mass[high:])


@given(n=st.integers(1, 500), data=st.data())
@settings(max_examples=50, deadline=None)
def test_an_interval_of_a_chance_holds_the_share_and_stays_a_chance(n, data):
    times = data.draw(st.integers(0, n))
    low, high = interval(times, n)
    assert 0 <= low <= times / n <= high <= 1


@given(share=st.floats(0, 1), precision=st.floats(0.02, 0.3))
@settings(max_examples=50, deadline=None)
def test_with_the_repetitions_it_asks_for_an_interval_is_as_narrow_as_wanted(share, precision):
    n = repetitions_for_share(share, precision)
    low, high = wilson(pl.lit(share * n), pl.lit(float(n)))
    width = pl.select((high - low).alias("w")).item()
    assert width / 2 <= precision + 1e-9


# ---- report


def test_a_run_stopped_early_says_so_first(tmp_path):
    report = report_of(made.drawn(made.scenario(tmp_path, repetitions=10), 4))
    assert "**The simulation was stopped early.** Everything below rests on the 4 runs that were done." in summary_of(
        report
    )


def test_a_report_is_the_same_bytes_every_time(tmp_path):
    files = []
    for name in ("one", "two"):
        report = report_of(made.drawn(made.scenario(tmp_path), 12), {"cup": 500})
        written, _ = write_report(report, tmp_path / name, "zh")
        files.append({f.relative_to(tmp_path / name): f.read_bytes() for f in written})
    assert files[0] == files[1]
    assert len(files[0]) == 1 + 2 * 4 + 2 * 16


def test_a_summary_in_chinese_names_units_and_rules_in_chinese(tmp_path):
    text = summary_of(report_of(made.drawn(made.scenario(tmp_path), 12)), "zh")
    assert "## 入选读书杯的概率，2006" in text
    assert "| 北所 |" in text


# ---- refusal


def test_nothing_is_said_of_no_repetitions(tmp_path):
    empty = made.simulation(made.scenario(tmp_path), 0)
    with pytest.raises(ValueError, match=r"^no repetition ran through, so there is nothing to say$"):
        answers(empty)
    with pytest.raises(ValueError, match=r"^no repetition ran through, so there is nothing to compare$"):
        compare_policies(empty)


def test_a_precision_of_nothing_is_refused(tmp_path):
    with pytest.raises(ValueError, match=r"^a precision has to be above 0$"):
        answers(made.drawn(made.scenario(tmp_path), 3), precision=0)


def test_an_amount_for_an_award_that_is_none_is_refused(tmp_path):
    with pytest.raises(LookupError, match=r"^there is no award 'cap'; there are cup$"):
        award_costs(made.drawn(made.scenario(tmp_path), 3), {"cap": 1})
