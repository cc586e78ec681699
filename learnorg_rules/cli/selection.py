"""What `--unit` and `--period` leave of a run."""

from collections.abc import Mapping, Sequence
from functools import cached_property

from attrs import define

from ..api import Result
from ..judging.results import DutyResult
from ..periods import Period

__all__ = ["Selection"]

WEEK = 7


@define(slots=False)
class Selection:
    """`units`: only these subjects, all where empty; `period`: only this one and the shorter ones inside it."""

    result: Result
    units: Sequence[str] = ()
    period: str | None = None

    def __bool__(self) -> bool:
        return bool(self.units) or self.period is not None

    @cached_property
    def persons(self) -> frozenset[str]:
        """Who belongs, on the day judged, to the units asked for or to one below them."""
        snapshot = self.result.organisation.as_of(self.result.at)
        along = self.result.ruleset.header.roll_up.along
        return frozenset(p for unit in self.units for p in snapshot.members(unit, along))

    @cached_property
    def periods(self) -> Mapping[str, Period]:
        """Every period of some rule that lies in the one asked for, itself included; a week lies where its Thursday does."""
        every = {p.name: p for schedule in self.result.dataflow.schedules.values() for p in schedule.periods}
        whole = every.get(self.period or "")
        if whole is None:
            return every
        return {name: p for name, p in every.items() if name == self.period or _is_inside(p, whole)}

    def subject(self, subject: str) -> bool:
        """Whether results of the subject are wanted."""
        return not self.units or subject in self.units

    def has(self, period: str) -> bool:
        """Whether results of the period are wanted."""
        return self.period is None or period in self.periods

    def duty(self, duty: DutyResult) -> bool:
        """Whether the duty is wanted; those of a unit's persons go with it, those due by a day with the period of that day."""
        if not (self.subject(duty.subject) or duty.subject in self.persons):
            return False
        if self.period is None or duty.period in self.periods:
            return True
        by = any(version.by is not None for version in self.result.ruleset.duties[duty.duty])
        whole = self.periods.get(self.period)
        return by and whole is not None and duty.due in whole

    def last(self, periods: Sequence[str]) -> str:
        """Of the periods a rule has results for, in order: the one asked for, else the last that is wanted; "" for none."""
        if self.period in periods:
            return str(self.period)
        return next((p for p in reversed(periods) if self.has(p)), "")


def _is_inside(period: Period, whole: Period) -> bool:
    if period.days >= whole.days:
        return False
    if period.days == WEEK:
        return period.middle in whole
    return whole.start <= period.start and period.end <= whole.end
