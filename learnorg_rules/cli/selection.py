"""What `--unit` and `--period` leave of a run."""

from collections.abc import Mapping, Sequence
from functools import cached_property

from attrs import define

from ..api import Result
from ..model.kinds import kind_of, rule_of, sort_of
from ..model.results import IndicatorResult, Record
from ..periods import Period

__all__ = ["Selection"]


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
        every = {p.name: p for schedule in self.result.run.dataflow.schedules.values() for p in schedule.periods}
        whole = every.get(self.period or "")
        if whole is None:
            return every
        return {name: p for name, p in every.items() if p.is_of(whole)}

    def subject(self, subject: str) -> bool:
        """Whether results of the subject are wanted."""
        return not self.units or subject in self.units

    def has(self, period: str) -> bool:
        """Whether results of the period are wanted."""
        return self.period is None or period in self.periods

    def wants(self, record: Record | IndicatorResult) -> bool:
        """Whether a result is wanted: of the subjects asked for, duties also of a unit's persons; in the period asked for, in
        which what is due by a day lies with that day. A result that is of no period is wanted in every one.
        """
        sort = sort_of(record)
        if not (self.subject(record.subject) or (sort.goes_with_unit and record.subject in self.persons)):
            return False
        if self.period is None or sort.dated == "own" or not record.period or record.period in self.periods:
            return True
        due, whole = getattr(record, "due", None), self.periods.get(self.period)
        if due is None or whole is None or due not in whole:
            return False
        return not rule_of(self.result.ruleset, kind_of(record), record.rule, record.version).every  # due by a day

    def last(self, periods: Sequence[str]) -> str:
        """Of the periods a rule has results for, in order: the one asked for, else the last that is wanted; "" for none."""
        if self.period in periods:
            return str(self.period)
        return next((p for p in reversed(periods) if self.has(p)), "")
