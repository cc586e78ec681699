"""One line of a history: what it says, and what is refused."""

from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from learnorg_rules.periods import Calendar
from learnorg_rules.ruletests.lines import LineError, read_line
from learnorg_rules.ruletests.moments import Moments

MOMENTS = Moments(Calendar(), ZoneInfo("Asia/Shanghai"))


def days(text, calendar=None):
    moments = MOMENTS if calendar is None else Moments(calendar, ZoneInfo("UTC"))
    return [m.date().isoformat() for m in moments.of(read_line(text))]


def test_a_day_without_a_time_is_noon_of_the_ruleset_zone():
    assert [m.isoformat() for m in MOMENTS.of(read_line("forum 2005-02-10"))] == ["2005-02-10T12:00:00+08:00"]


def test_a_time_is_local():
    assert [m.isoformat() for m in MOMENTS.of(read_line("forum 2005-02-10T23:59:59"))] == ["2005-02-10T23:59:59+08:00"]


def test_fields_may_stand_in_brackets_and_behind_in_any_order():
    line = read_line('forum(minutes=60, topic="a, b (c)") person=ann 2005-02-10 passed=true')
    assert [(n.text, v.text) for n, v in line.fields] == [
        ("minutes", "60"), ("topic", "a, b (c)"), ("person", "ann"), ("passed", "true"),
    ]  # fmt: skip


def test_each_month_has_its_first_day():
    assert days("salon monthly 2005-01..2005-04 except 2005-02, 2005-03") == ["2005-01-01", "2005-04-01"]


def test_each_week_has_its_thursday_which_decides_its_year():
    assert days("salon weekly 2004-W53..2005-W02") == ["2004-12-30", "2005-01-06", "2005-01-13"]


def test_days_repeat_from_the_first_on():
    assert days("salon weekly 2005-01-03..2005-01-20 except 2005-01-10") == ["2005-01-03", "2005-01-17"]
    assert days("salon monthly 2005-01-15..2005-03-14") == ["2005-01-15", "2005-02-15"]
    assert days("salon yearly 2004-02-28..2006-12-31") == ["2004-02-28", "2005-02-28", "2006-02-28"]


def test_quarters_halves_and_years_follow_the_calendar():
    september = Calendar(year_starts=9)
    assert days("x quarterly 2005/06-Q1..2005/06-Q2", september) == ["2005-09-01", "2005-12-01"]
    assert days("x half-yearly 2005/06-H1..2005/06-H2", september) == ["2005-09-01", "2006-03-01"]
    assert days("x yearly 2004..2006") == ["2004-01-01", "2005-01-01", "2006-01-01"]


@settings(max_examples=60, deadline=None)
@given(
    st.dates(date(2000, 1, 1), date(2010, 12, 31)), st.integers(0, 200), st.sampled_from([("daily", 1), ("weekly", 7)])
)
def test_repetitions_by_days_are_what_counting_gives(first, length, how):
    word, step = how
    last = first + timedelta(length)
    expected, day = [], first
    while day <= last:
        expected.append(day.isoformat())
        day += timedelta(step)
    assert days(f"x {word} {first}..{last}") == expected


@settings(max_examples=40, deadline=None)
@given(st.integers(2000, 2010), st.integers(1, 12), st.integers(0, 40))
def test_months_by_name_are_the_months_of_the_calendar(year, month, more):
    last_year, last_month = divmod(year * 12 + month - 1 + more, 12)
    found = days(f"x monthly {year}-{month:02}..{last_year}-{last_month + 1:02}")
    assert len(found) == more + 1
    assert all(day.endswith("-01") for day in found)
    assert found == sorted(set(found))


@pytest.mark.parametrize(
    ("text", "offset", "message"),
    [
        ("forum", 5, "when 'forum' happened is not said"),
        ("forum(minutes 60) 2005-02-10", 14, "'=' and a value should follow 'minutes'"),
        ("forum(minutes=60 2005-02-10", 17, "',' or ')' should stand here"),
        ("forum 2005-02-10 minutes=60 minutes=70", 28, "'minutes' is given twice"),
        ('forum 2005-02-10 topic="open', 23, "a quote is opened here and never closed"),
        ("forum 2005-02-10 2005-02-11", 17, "when it happened is said twice"),
        ("forum monthly 2005-01", 21, "'..' and the last period should follow '2005-01'"),
        ("forum 2005-01-01..2005-02-01", 6, "a range of days needs a word for how often"),
        ("forum montly 2005-01..2005-02", 6, "'montly' is not understood here"),
        ("forum 2005-02-10 except 2005-02", 24, "'except' belongs to a repetition"),
        ("forum 2005-02-10 for ann", 17, "'for' is followed by 'each'"),
        ("forum 2005-02-10 for each ann,", 30, "the id of a person is missing at the end"),
        ("forum 2005-02-10 0 times", 17, "0 times is out of range"),
        ("forum 2005-02-10 99999999999999 times", 17, "99999999999999 times is out of range"),
        ("forum 2005-02-10 recorded", 25, "the day it was recorded is missing at the end"),
        ("(minutes=60) 2005-02-10", 0, "'(' where the kind of event should stand"),
    ],
)
def test_a_line_that_breaks_the_grammar_is_refused_at_its_place(text, offset, message):
    with pytest.raises(LineError) as fault:
        read_line(text)
    assert (fault.value.offset, fault.value.code) == (offset, "T110")
    assert fault.value.message.startswith(message)


@pytest.mark.parametrize(
    ("text", "offset", "message"),
    [
        ("x 2005-02-30", 2, "there is no day or time 2005-02-30"),
        ("x 2005-02-10T25:00", 2, "there is no day or time 2005-02-10T25:00"),
        ("x 2005-02", 2, "'2005-02' is not a day"),
        ("x monthly 2005-01..2005-13", 19, "there is no month '2005-13'"),
        ("x monthly 2005-01..2005-Q2", 19, "there is no month '2005-Q2'"),
        ("x monthly 2005-03..2005-01", 19, "the last is before the first"),
        ("x monthly 2005-01..2005-02-03", 19, "one end is a day and the other a period"),
        ("x monthly 2005-01-31..2005-12-31", 10, "2005-02 has no day 31"),
        ("x daily 1000-01-01..2999-01-01", 20, "more than 40 years of repetition"),
        ("x monthly 2005-01..2005-03 except 2005-04", 34, "'2005-04' is not among what is repeated"),
    ],
)
def test_a_day_or_period_that_does_not_exist_is_refused_at_its_place(text, offset, message):
    with pytest.raises(LineError) as fault:
        MOMENTS.of(read_line(text))
    assert (fault.value.offset, fault.value.code) == (offset, "T115")
    assert fault.value.message.startswith(message)


@settings(max_examples=150, deadline=None)
@given(st.text(alphabet='ab1(),=." 2005-0-T:\\', max_size=40))
def test_no_text_does_more_than_refuse(text):
    place = 0
    try:
        MOMENTS.of(read_line(text))
    except LineError as fault:
        place = fault.offset
    assert 0 <= place <= len(text)
