"""Days and times named in a line of a history: single moments, and repetitions over the calendar."""

import re
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta, tzinfo

from attrs import frozen

from ..notation import DAY, day_hint
from ..periods import ONE_DAY, Calendar, Grain, Period
from .lines import Line, LineError, Word

__all__ = ["Moments"]

NOON = time(12)  # far from both ends of the day, so that no test lies on a boundary by chance
LONGEST = timedelta(days=40 * 366)  # of a repetition; a slip in a year must not fill the memory
_MONTHS = {"month": 1, "quarter": 3, "half": 6, "year": 12}
_DAYS = {"day": 1, "week": 7}


@frozen
class Moments:
    """Reads days and times by a ruleset's calendar and time zone."""

    calendar: Calendar
    time_zone: tzinfo

    def of(self, line: Line) -> list[datetime]:
        """When the events of a line happened, in order.

        Raises:
            LineError: there is no such day or period, or `except` names what is not repeated.
        """
        assert line.when is not None  # every line that was read has one
        if not line.every:
            return [self.moment(line.when)]
        assert line.last is not None  # a repetition has both ends
        first, last = self._day(line.when), self._day(line.last)
        if (first is None) != (last is None):
            raise _no_day("one end is a day and the other a period", line.last.offset, "name both in the same way")
        days = self._stepped(line, first, last) if first and last else self._in_periods(line)
        return [datetime.combine(day, NOON, self.time_zone) for day in self._without(line, days)]

    def moment(self, word: Word) -> datetime:
        """A day, at noon, or a day and a local time.

        Raises:
            LineError: it is neither.
        """
        match = re.fullmatch(rf"({DAY})(?:T([0-9]{{2}}:[0-9]{{2}}(?::[0-9]{{2}}(?:\.[0-9]{{1,6}})?)?))?", word.text)
        if match is not None:
            try:
                day = date.fromisoformat(match[1])
                return datetime.combine(day, time.fromisoformat(match[2]) if match[2] else NOON, self.time_zone)
            except ValueError:
                raise _no_day(f"there is no day or time {word.text}", word.offset) from None
        hint = day_hint(word.text, "write 2005-02-10 or 2005-02-10T09:00, in local time")
        raise _no_day(f"'{word.text}' is not a day", word.offset, hint)

    def period(self, grain: str, name: str) -> Period | None:
        """The period of this name; None where there is none."""
        match = re.match(r"[0-9]{4}", name)
        if match is None or not 1000 <= int(match[0]) <= 2999:
            return None
        year = int(match[0])
        periods = self.calendar.schedule(grain, date(year - 1, 1, 1), date(year + 2, 1, 1)).periods
        return next((p for p in periods if p.name == name), None)

    def _day(self, word: Word) -> date | None:
        """The day a word names; None where it names no day at all."""
        return self.moment(word).date() if re.match(DAY, word.text) else None

    def _stepped(self, line: Line, first: date, last: date) -> list[date]:
        assert line.last is not None  # asked for by `of`
        self._check_ends(line.last, first, last)
        if line.every in _DAYS:
            step = _DAYS[line.every]
            return [first + timedelta(i) for i in range(0, (last - first).days + 1, step)]
        days, months = [], 0
        while (day := self._months_on(line, first, months)) <= last:
            days.append(day)
            months += _MONTHS[line.every]
        return days

    def _months_on(self, line: Line, first: date, months: int) -> date:
        year, month = divmod(first.year * 12 + first.month - 1 + months, 12)
        try:
            return date(year, month + 1, first.day)
        except ValueError:
            assert line.when is not None  # every line that was read has one
            raise _no_day(
                f"{year}-{month + 1:02} has no day {first.day}",
                line.when.offset,
                "name the ends as months: 2005-01..2005-12",
            ) from None

    def _in_periods(self, line: Line) -> list[date]:
        """One day in each period: its first; of a week its Thursday, which decides the month and year it belongs to."""
        assert line.when is not None  # asked for by `of`
        assert line.last is not None
        ends = []
        for word in (line.when, line.last):
            period = self.period(line.every, word.text)
            if period is None:
                example = self.calendar.period(Grain(line.every), date(2005, 2, 10)).name
                raise _no_day(
                    f"there is no {line.every} '{word.text}'", word.offset, f"a {line.every} is written like {example}"
                )
            ends.append(period)
        first, last = ends
        self._check_ends(line.last, first.start, last.start)
        return [_day_of(line.every, p) for p in self.calendar.schedule(line.every, first.start, last.end).periods]

    @staticmethod
    def _check_ends(word: Word, first: date, last: date) -> None:
        if last < first:
            raise _no_day("the last is before the first", word.offset)
        if last - first > LONGEST:
            raise _no_day("more than 40 years of repetition", word.offset)

    def _without(self, line: Line, days: Sequence[date]) -> list[date]:
        left = list(days)
        for word in line.excepted:
            day = self._day(word)
            period = Period(day, day + ONE_DAY, word.text) if day else self.period(line.every, word.text)
            if period is None:
                raise _no_day(
                    f"there is no {line.every} '{word.text}'",
                    word.offset,
                    f"name what 'except' leaves out by {line.every} or day",
                )
            kept = [d for d in left if d not in period]
            if len(kept) == len(left):
                raise _no_day(f"'{word.text}' is not among what is repeated", word.offset)
            left = kept
        return left


def _day_of(every: str, period: Period) -> date:
    return period.middle if every == "week" else period.start


def _no_day(message: str, offset: int, hint: str = "") -> LineError:
    return LineError(message, offset, hint, "T115")
