"""Results: what was found, as frozen records and as tables, and the way back to why."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from enum import StrEnum
from fractions import Fraction
from operator import attrgetter
from typing import Any, Generic, TypeVar

import polars as pl
from attrs import field, fields

from ..errors import Source, did_you_mean
from ..frozen import frozen
from ..model.award import Grant
from ..model.definitions import Text
from ..model.duty import Status
from ..model.phase import GateState, StepState
from ..values import Value, to_decimal
from .effects import Appeal, Waiver

__all__ = [
    "AssumedParameter",
    "AwardResult",
    "DecisionResult",
    "DutyResult",
    "ItemResult",
    "PhaseResult",
    "Record",
    "ScoreResult",
    "Table",
    "award_table",
    "decision_table",
    "duty_table",
    "item_table",
    "phase_table",
    "score_table",
]


@frozen
class DutyResult:
    """One duty for one subject and period.

    `due`: the last day of the period. `above`: the requirement was exceeded, which the duty only notes. `value`: whether
    the requirement held on the day judged; None where it could not be computed or was not looked at. `responsible`: who
    must act, and `hears_next`: who hears if nobody does; both empty where the duty is fulfilled or not looked at. `first`:
    the status before an appeal changed it. `unmet_in`: of a duty met late, the schedules of steps of plans on whose last day it
    was not met yet.
    """

    duty: str
    subject: str
    period: str
    start: date
    due: date
    status: Status
    value: bool | None = None
    above: bool = False
    responsible: Sequence[str] = ()
    hears_next: Sequence[str] = ()
    waiver: Waiver | None = None
    first: Status | None = None
    appeal: Appeal | None = None
    version: int = field(default=0, repr=False)
    unmet_in: frozenset[str] = field(default=frozenset(), repr=False)


@frozen
class ItemResult:
    """One indicator of a scorecard for one subject and period.

    `points`: rounded; None where missing or excluded. `value`: the share, condition or points before the maximum was applied;
    None where missing. `state`: scored, zero (missing counts as 0), excluded, excused, missing. `waiver`: what let the subject
    off an excused one. `first`: the points before an appeal changed them.
    """

    scorecard: str
    subject: str
    period: str
    category: str
    indicator: str
    points: Fraction | None
    out_of: Fraction
    value: Value
    state: str
    first: Fraction | None = None
    appeal: Appeal | None = None
    waiver: Waiver | None = None


@frozen
class ScoreResult:
    """One scorecard for one subject and period.

    `grade`: after vetoes; `grade_by_total` before. `vetoes`: ids of those that held. `provisional`: the period still runs on
    the day judged. `total` and `grade` are None where missing. `first`: the grade before an appeal changed it.
    """

    scorecard: str
    subject: str
    period: str
    total: Fraction | None
    out_of: Fraction
    grade: str | None
    grade_by_total: str | None
    vetoes: Sequence[str]
    provisional: bool
    items: Sequence[ItemResult] = field(repr=False, default=())
    decimals: int = 0
    version: int = field(default=0, repr=False)
    first: str | None = None
    appeal: Appeal | None = None
    decided_by: Sequence[str] = ()  # decision rules that lowered the grade


@frozen
class AwardResult:
    """One candidate for an award in one period. `rank` None: it could not be ranked for want of a value."""

    award: str
    subject: str
    period: str
    rank: int | None
    outcome: Grant
    quota: int | None
    candidates: int
    keys: Sequence[Value] = ()
    peers: str = ""
    version: int = field(default=0, repr=False)

    @property
    def granted(self) -> bool:
        """Whether the candidate gets it."""
        return self.outcome is Grant.GRANTED


@frozen
class Transition:
    """A step of a plan went from one state to another on a day, because gates held or were missing.

    `at_latest`: the day is the last it can have been; when between the planned end and it is not looked for.
    """

    day: date
    before: StepState
    after: StepState
    missing: Sequence[str] = ()
    at_latest: bool = False


@frozen
class PhaseResult:
    """One step of a plan for one subject, as of the day judged. `missing`: the gates that do not hold now."""

    plan: str
    subject: str
    step: str
    from_: date
    to: date
    state: StepState
    gates: Sequence[GateState]
    missing: Sequence[str]
    unmet: str
    transitions: Sequence[Transition]
    version: int = field(default=0, repr=False)


@frozen
class DecisionResult:
    """What follows for a subject from settled facts.

    `values`: what the rule's `then` says. `facts`: what matched, by id. `number`: which of those that say the same of the
    subject, by other facts, from 0.
    """

    rule: str
    subject: str
    do: str
    values: Mapping[str, str]
    because: Text
    facts: Sequence[str]
    number: int = field(default=0, repr=False)

    @property
    def reason(self) -> str:
        """The reason in English."""
        return self.because.say("en")

    @property
    def then(self) -> str:
        """What follows, in short: `to: group, about: a`."""
        return ", ".join(f"{name}: {value}" for name, value in self.values.items())


Record = DutyResult | ScoreResult | AwardResult | PhaseResult | DecisionResult
"""One result of a rule."""


@frozen
class AssumedParameter:
    """A parameter that the source does not give and that these results used."""

    name: str
    value: str
    note: str
    source: Source


Row = TypeVar("Row")


@frozen
class Table(Generic[Row]):
    """Records of one class in their order, as a frame on demand."""

    records: Sequence[Row]
    columns: Mapping[str, pl.DataType]

    def __len__(self) -> int:
        return len(self.records)

    def __iter__(self) -> Iterator[Row]:
        return iter(self.records)

    def where(self, **values: object) -> "Table[Row]":
        """The records whose attributes have these values: `duties.where(subject="a", status="missed")`.

        Raises:
            LookupError: no record has such an attribute, or none of them this status; the message names the nearest.
        """
        for name, value in values.items():
            self._check(name, value)
        kept = [r for r in self.records if all(getattr(r, name) == value for name, value in values.items())]
        return Table(kept, self.columns)

    def _check(self, name: str, value: object) -> None:
        """A misspelt name or status would give an empty table, which looks like an answer."""
        if not self.records:
            return
        held = getattr(self.records[0], name, None)
        known = [a.name for a in fields(type(self.records[0]))]  # type: ignore[arg-type]
        if name not in known and held is None:
            raise LookupError(f"there is no column '{name}'; {did_you_mean(name, known) or ', '.join(known)}")
        if isinstance(held, StrEnum) and value not in list(type(held)):
            raise LookupError(f"{name} is never '{value}'; {did_you_mean(str(value), list(type(held)))}")

    def one(self, **values: object) -> Row:
        """The one record whose attributes have these values.

        Raises:
            LookupError: there is none, or more than one.
        """
        found = self.where(**values).records
        if len(found) != 1:
            raise LookupError(f"{len(found)} records with {values}")
        return found[0]

    def to_polars(self) -> pl.DataFrame:
        """One row per record, in order; points are exact decimals, absent values null."""
        columns = [_column(map(attrgetter(name), self.records), kind) for name, kind in self.columns.items()]
        return pl.DataFrame(
            [pl.Series(name, cells, kind) for (name, kind), cells in zip(self.columns.items(), columns, strict=True)]
        )

    def _repr_html_(self) -> str:
        return self.to_polars()._repr_html_()


def _column(values: Iterable[Any], kind: pl.DataType) -> list[object]:
    """The values of one column as Polars takes them."""
    if isinstance(kind, pl.Decimal):
        return [None if value is None else to_decimal(value) for value in values]
    if isinstance(kind, pl.List):
        return [list(value) for value in values]
    return [value.value if isinstance(value, StrEnum) else value for value in values]


STRING, DATE, BOOL = pl.String(), pl.Date(), pl.Boolean()


def duty_table(records: Sequence[DutyResult]) -> Table[DutyResult]:
    """One row per duty, subject and period."""
    columns = {
        "duty": STRING,
        "subject": STRING,
        "period": STRING,
        "start": DATE,
        "due": DATE,
        "status": STRING,
        "above": BOOL,
        "responsible": pl.List(pl.String()),
        "hears_next": pl.List(pl.String()),
    }
    return Table(records, columns)


def score_table(records: Sequence[ScoreResult]) -> Table[ScoreResult]:
    """One row per scorecard, subject and period; `total` and `out_of` in points."""
    points = pl.Decimal(38, max((r.decimals for r in records), default=0))
    columns = {
        "scorecard": STRING, "subject": STRING, "period": STRING, "total": points, "grade": STRING,
        "grade_by_total": STRING, "vetoes": pl.List(pl.String()), "provisional": BOOL,
    }  # fmt: skip
    return Table(records, columns)


def item_table(records: Sequence[ScoreResult]) -> Table[ItemResult]:
    """One row per scorecard, subject, period and indicator; `points` exact."""
    points = pl.Decimal(38, max((r.decimals for r in records), default=0))
    columns = {
        "scorecard": STRING, "subject": STRING, "period": STRING, "category": STRING, "indicator": STRING,
        "points": points, "state": STRING,
    }  # fmt: skip
    return Table([item for r in records for item in r.items], columns)


def award_table(records: Sequence[AwardResult]) -> Table[AwardResult]:
    """One row per award, period and candidate, from the best."""
    columns = {
        "award": STRING, "subject": STRING, "period": STRING, "rank": pl.Int64(), "outcome": STRING, "quota": pl.Int64(),
        "candidates": pl.Int64(), "peers": STRING,
    }  # fmt: skip
    return Table(records, columns)


def phase_table(records: Sequence[PhaseResult]) -> Table[PhaseResult]:
    """One row per plan, subject and step, in the plan's order."""
    columns = {
        "plan": STRING,
        "subject": STRING,
        "step": STRING,
        "from_": DATE,
        "to": DATE,
        "state": STRING,
        "missing": pl.List(pl.String()),
    }
    return Table(records, columns)


def decision_table(records: Sequence[DecisionResult]) -> Table[DecisionResult]:
    """One row per decision, by subject."""
    return Table(records, {"rule": STRING, "subject": STRING, "do": STRING, "then": STRING, "reason": STRING})
