"""Days and periods: half-open stretches of local days, named, cut from a declared calendar.

A period holds whole local days, so a boundary instant belongs to its local date (decision 0002).
"""

import bisect
import enum
import re
from collections.abc import Iterable, Mapping, Sequence, Set
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from attrs import evolve, field, frozen

from .errors import did_you_mean
from .notation import day_hint, day_in, instant_in

__all__ = [
    "ONE_DAY",
    "Calendar",
    "Clock",
    "Cut",
    "Grain",
    "Holiday",
    "Period",
    "Schedule",
    "Stretches",
    "common",
    "day_of",
    "days_in",
    "days_skipped",
    "moment_of",
    "period_hint",
]

ONE_DAY = timedelta(days=1)


def day_of(day: date | str) -> date:
    """A day as callers give it, as a date.

    Raises:
        ValueError: the text is no day.
    """
    found = day_in(day) if isinstance(day, str) else day
    if found is None:
        raise ValueError(f"{day!r} is no day; {day_hint(str(day), 'a day is written like 2005-12-31')}")
    return found


def period_hint(name: str, known: Iterable["Period | str"]) -> str:
    """Which period was meant by a name that is none; "" where that cannot be told.

    Of a year that begins in another month the days are told, as its third quarter is not that of the calendar.
    """
    named = {one if isinstance(one, str) else one.name: one for one in known}
    year, rest = re.escape(name[:4]), re.escape(name[4:])
    fiscal = next((one for one in named if re.fullmatch(rf"{year}/[0-9]{{2}}{rest}", one)), None)
    month = re.fullmatch(r"([0-9]{4})-(0[1-9]|1[0-2])", name)  # of a rule by longer periods
    if fiscal is None and month is not None:
        parts = (f"{month[1]}-Q{(int(month[2]) + 2) // 3}", f"{month[1]}-H{(int(month[2]) + 5) // 6}", month[1])
        longer = next((one for one in parts if one in named), None)
        return f"write '{longer}', in which it lies" if longer else did_you_mean(name, named)
    if fiscal is None:
        return did_you_mean(name, named)
    found = named[fiscal]
    days = f" for {found.start} to {found.last}" if isinstance(found, Period) else ""
    return f"write '{fiscal}'{days}: the year begins in another month"


def moment_of(moment: date | datetime | str) -> date | datetime:
    """A day, or an instant with its zone, as callers give it.

    Raises:
        ValueError: the text is neither, or a time without zone.
    """
    if not isinstance(moment, str):
        return moment
    found = day_in(moment) or instant_in(moment)
    if found is None:
        hint = day_hint(moment, "write 2005-12-31, or 2005-12-31T09:00:00+08:00")
        raise ValueError(f"{moment!r} is neither a day nor a time with its zone; {hint}")
    return found


class Grain(enum.Enum):
    """The calendar units a rule may repeat by or count hits of."""

    YEAR = "year"
    HALF = "half"
    QUARTER = "quarter"
    MONTH = "month"
    WEEK = "week"
    DAY = "day"


@frozen(order=True)
class Period:
    """The local days from `start` up to, not including, `end`. `name` is unique within its schedule.

    `due`: where given, the day on which it was over for the rule, though events up to `last` are looked at. `skipped`: how many
    of the days the time zone never had. `judged`: where given, the only days of it, as a half-open stretch, on which what happens counts.
    """

    start: date
    end: date
    name: str
    _due: date | None = None
    skipped: int = 0
    judged: tuple[date, date] | None = field(default=None, order=False)

    @property
    def counted(self) -> tuple[date, date]:
        """The days of it on which what happens counts, half-open."""
        return self.judged or (self.start, self.end)

    def within(self, start: date, end: date) -> "Period":
        """The same period, of which only the days in [start, end) count; as it is where none are."""
        first, after = self.counted
        judged = max(first, start), min(after, end)
        return self if judged == (first, after) or judged[0] >= judged[1] else evolve(self, judged=judged)

    def __contains__(self, day: date) -> bool:
        return self.start <= day < self.end

    @property
    def last(self) -> date:
        """The last day inside."""
        return self.end - ONE_DAY

    @property
    def middle(self) -> date:
        """The day by which it belongs to a longer period: whoever holds it holds most of the days. Of an ISO week its Thursday."""
        return self.start + timedelta(self.days // 2)

    def is_of(self, longer: "Period") -> bool:
        """Whether it belongs to a longer period, or is the same: whether that holds its middle."""
        return self.days <= longer.days and self.middle in longer

    @property
    def due(self) -> date:
        """The day on which what the period asks for is due: its last, but where a deadline is looked at beyond its day."""
        return self.last if self._due is None else self._due

    @property
    def days(self) -> int:
        """How many days are inside."""
        return (self.end - self.start).days - self.skipped

    def overlap(self, start: date, end: date) -> int:
        """How many days of [start, end) are inside."""
        return max(0, (min(self.end, end) - max(self.start, start)).days)


@frozen
class Cut:
    """What of a period is a subject's: the days in its life, in the days of the rule (all its versions) and of the ruleset.

    Attributes:
        period: from the first to the last of them, by the name of the whole; all that the rule leaves where there are none.
        days: how many days that is; 0 where the subject lives on none.
        whole: how many there might be; what share of them is needed, the ruleset says.
        version: of the rule, in force on the last of them.
    """

    period: Period
    days: int
    whole: int
    version: int


Stretches = Sequence[tuple[date, date]]
"""Days as half-open stretches, sorted, that do not overlap."""


def common(*of: Stretches) -> Stretches:
    """The days that are in all of them, as stretches."""
    first, *others = of
    for other in others:
        first = [(max(a, c), min(b, d)) for a, b in first for c, d in other if max(a, c) < min(b, d)]
    return first


def days_in(stretches: Stretches) -> int:
    """How many days they hold."""
    return sum((end - start).days for start, end in stretches)


@frozen
class Clock:
    """The day judged, `at`, all of it included. Whatever depends on the day asks this, so that it is known who asks."""

    at: date

    def has_come(self, day: date) -> bool:
        """Whether the day has come: it is the day judged or lies before it."""
        return day <= self.at

    def has_passed(self, day: date) -> bool:
        """Whether the day lies before the day judged."""
        return day < self.at

    def has_begun(self, period: Period) -> bool:
        """Whether the period's first day has come."""
        return period.start <= self.at

    def is_over(self, period: Period) -> bool:
        """Whether the period's last day has come."""
        return period.last <= self.at

    def up_to(self, day: date) -> date:
        """The day, or the day judged if that is earlier."""
        return min(day, self.at)

    @property
    def end(self) -> date:
        """The day after the day judged."""
        return self.at + ONE_DAY


@frozen
class Schedule:
    """The periods one rule is judged in: sorted, without overlap. `name` says where they come from ("quarter", "by x")."""

    name: str
    periods: Sequence[Period]

    def at(self, day: date) -> Period | None:
        """The period in which the day counts, or None."""
        i = bisect.bisect_right([p.start for p in self.periods], day) - 1
        return self.periods[i] if i >= 0 and self.periods[i].counted[0] <= day < self.periods[i].counted[1] else None

    def before(self, period: Period) -> Period | None:
        """The period just before, or None where the schedule begins."""
        i = self.periods.index(period)
        return self.periods[i - 1] if i else None


@frozen
class Holiday:
    """Days on which nothing is expected, both ends included."""

    from_: date
    to: date
    name: str = ""


@frozen
class Calendar:
    """How a ruleset cuts time: the first month of its year, its holidays, and periods it names itself.

    Attributes:
        year_starts: month in which the year begins, 1 to 12; quarters and halves follow it. Months, ISO weeks and
            days do not depend on it.
        holidays: what duties with `excused: holidays` look at.
        named: schedules a rule may use in `every`, such as terms.
        skipped: days that the time zone never had, such as 2011-12-30 in Samoa: on them nothing is judged, and no period
            counts them.
    """

    year_starts: int = 1
    holidays: Sequence[Holiday] = ()
    named: Mapping[str, Sequence[Period]] = field(factory=dict)
    skipped: Set[date] = frozenset()

    def __hash__(self) -> int:
        return hash((self.year_starts, tuple(self.holidays), tuple(sorted(self.named))))

    def schedule(self, every: str, start: date, end: date) -> Schedule:
        """All periods of a grain, or of a list the calendar names, that share a day with [start, end).

        The first and last may reach outside; they are whole periods with their usual names.
        """
        if every in self.named:
            return Schedule(every, tuple(sorted(self._whole(p) for p in self.named[every] if p.overlap(start, end))))
        grain, periods, day = Grain(every), [], start
        while day < end:
            period = self.period(grain, day)
            periods += [period] if period.days else []
            day = period.end
        return Schedule(every, tuple(periods))

    def period(self, grain: Grain, day: date) -> Period:
        """The period of this grain that holds the day."""
        return self._whole(_period(grain, day, self.year_starts))

    def _whole(self, period: Period) -> Period:
        skipped = sum(day in period for day in self.skipped)
        return evolve(period, skipped=skipped) if skipped else period

    def is_all_holiday(self, period: Period) -> bool:
        """Whether every day of the period is a holiday."""
        days = (period.start + timedelta(i) for i in range((period.end - period.start).days))
        return all(any(h.from_ <= day <= h.to for h in self.holidays) for day in days)


@lru_cache
def days_skipped(zone: str, first: date, end: date) -> Set[date]:
    """The days of [first, end) that a time zone never had: where it crossed the date line."""
    tz, found, month = ZoneInfo(zone), set(), first.replace(day=1)
    while month < end:
        following = _month_on(month, 1)
        offsets = [
            datetime(day.year, day.month, 1, 12, tzinfo=tz).utcoffset() or timedelta() for day in (month, following)
        ]
        if offsets[1] - offsets[0] > timedelta(hours=12):
            for day in (month + timedelta(i) for i in range((following - month).days)):
                noon = datetime(day.year, day.month, day.day, 12, tzinfo=tz)
                if noon.astimezone(UTC).astimezone(tz).date() != day:
                    found.add(day)
        month = following
    return frozenset(found)


@lru_cache(maxsize=65536)
def _period(grain: Grain, day: date, year_starts: int) -> Period:
    if grain is Grain.DAY:
        return Period(day, day + ONE_DAY, day.isoformat())
    if grain is Grain.WEEK:
        year, week, weekday = day.isocalendar()
        start = day - timedelta(weekday - 1)
        return Period(start, start + timedelta(7), f"{year}-W{week:02}")
    if grain is Grain.MONTH:
        return Period(day.replace(day=1), _month_on(day.replace(day=1), 1), f"{day.year}-{day.month:02}")
    first_year = day.year if day.month >= year_starts else day.year - 1
    year_start = date(first_year, year_starts, 1)
    label = str(first_year) if year_starts == 1 else f"{first_year}/{(first_year + 1) % 100:02}"
    months = {Grain.YEAR: 12, Grain.HALF: 6, Grain.QUARTER: 3}[grain]
    index = ((day.year - first_year) * 12 + day.month - year_starts) // months
    start = _month_on(year_start, index * months)
    name = label if grain is Grain.YEAR else f"{label}-{'H' if grain is Grain.HALF else 'Q'}{index + 1}"
    return Period(start, _month_on(start, months), name)


def _month_on(first: date, months: int) -> date:
    year, month = divmod(first.year * 12 + first.month - 1 + months, 12)
    return date(year, month + 1, 1)


def cuts(schedules: Iterable[Schedule]) -> list[date]:
    """All days on which some period of the schedules starts or ends, sorted."""
    return sorted({day for s in schedules for p in s.periods for day in (p.start, p.end)})
