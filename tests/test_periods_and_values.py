"""Meaning and oracle tests of calendars and exact numbers."""

from datetime import date, timedelta
from decimal import ROUND_DOWN, ROUND_HALF_EVEN, ROUND_HALF_UP, ROUND_UP, Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from learnorg_rules.periods import Calendar, Grain, Holiday, Period, Schedule
from learnorg_rules.values import Rounding, RoundingMode, to_decimal

DAYS = st.dates(date(1999, 1, 1), date(2012, 12, 31))


def test_the_first_days_of_2005_belong_to_an_iso_week_of_2004():
    assert Calendar().period(Grain.WEEK, date(2005, 1, 2)).name == "2004-W53"
    assert Calendar().period(Grain.WEEK, date(2005, 1, 3)).name == "2005-W01"


def test_quarters_follow_a_year_that_starts_in_september():
    calendar = Calendar(year_starts=9)
    assert calendar.period(Grain.QUARTER, date(2005, 11, 30)) == Period(
        date(2005, 9, 1), date(2005, 12, 1), "2005/06-Q1"
    )
    assert calendar.period(Grain.YEAR, date(2005, 8, 31)).name == "2004/05"


@given(DAYS, st.sampled_from(list(Grain)), st.integers(1, 12))
def test_a_day_lies_in_its_period_and_periods_follow_without_gap(day, grain, year_starts):
    calendar = Calendar(year_starts=year_starts)
    period = calendar.period(grain, day)
    assert day in period
    assert calendar.period(grain, period.last) == period
    following = calendar.period(grain, period.end)
    assert following.start == period.end
    assert following.name != period.name


@given(DAYS, st.integers(1, 800), st.sampled_from([g.value for g in Grain]))
def test_a_schedule_covers_every_day_of_its_range_once(start, length, every):
    end = start + timedelta(length)
    periods = Calendar().schedule(every, start, end).periods
    for offset in range(0, length, 7):
        day = start + timedelta(offset)
        assert sum(day in p for p in periods) == 1
    assert len({p.name for p in periods}) == len(periods)


def test_a_schedule_says_what_came_before():
    schedule = Calendar().schedule("year", date(2003, 1, 1), date(2006, 1, 1))
    first, second, _ = schedule.periods
    assert schedule.before(second) == first
    assert schedule.before(first) is None
    assert schedule.at(date(2009, 1, 1)) is None
    assert Schedule("x", ()).at(date(2005, 1, 1)) is None


def test_a_week_is_all_holiday_only_if_each_of_its_days_is():
    week = Calendar().period(Grain.WEEK, date(2005, 2, 9))
    whole = Calendar(
        holidays=(Holiday(week.start, week.start, "eve"), Holiday(date(2005, 2, 8), week.last, "festival"))
    )
    part = Calendar(holidays=(Holiday(week.start, week.last - timedelta(1)),))
    assert whole.is_all_holiday(week)
    assert not part.is_all_holiday(week)


MODES = {
    RoundingMode.HALF_UP: ROUND_HALF_UP,
    RoundingMode.HALF_EVEN: ROUND_HALF_EVEN,
    RoundingMode.UP: ROUND_UP,
    RoundingMode.DOWN: ROUND_DOWN,
}


@given(st.decimals(-1000, 1000, places=4), st.integers(0, 4), st.sampled_from(list(RoundingMode)))
def test_rounding_agrees_with_the_decimal_module(value, decimals, mode):
    ours = Rounding(decimals, mode).apply(Fraction(value))
    assert ours == Fraction(value.quantize(Decimal(1).scaleb(-decimals), rounding=MODES[mode]))


def test_half_a_point_rounds_away_from_zero_unless_said_otherwise():
    assert Rounding(0).apply(Fraction(5, 2)) == 3
    assert Rounding(0).apply(Fraction(-5, 2)) == -3
    assert Rounding(0, RoundingMode.HALF_EVEN).apply(Fraction(5, 2)) == 2


def test_a_number_becomes_a_decimal_only_where_that_is_exact():
    assert str(to_decimal(Fraction(1, 12) * 12, 6)) == "1.000000"
    assert to_decimal(Fraction(1, 80)) == Decimal("0.0125")
    assert str(to_decimal(Fraction(-(10**40) - 1, 10), 1)) == f"-1{'0' * 39}.1"
    with pytest.raises(ValueError, match="no finite decimal form"):
        to_decimal(Fraction(1, 3))
    with pytest.raises(ValueError, match="needs more than 2 decimals"):
        to_decimal(Fraction(1, 8), 2)
