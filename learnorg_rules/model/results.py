"""Results of rules, as frozen records. Every record begins with the same fields: rule, subject, period and version."""

from collections.abc import Mapping, Sequence
from datetime import date
from fractions import Fraction

from attrs import field, frozen

from ..errors import Source
from ..periods import Period
from ..values import Value
from .award import Grant
from .definitions import Text
from .duty import Status
from .plan import GateState, StepState

__all__ = [
    "Appeal",
    "AssumedParameter",
    "AwardResult",
    "DecisionResult",
    "DutyResult",
    "IndicatorResult",
    "Record",
    "ScorecardResult",
    "StepResult",
    "Transition",
    "Waiver",
]

# Of every record: `rule` is the rule's id, `subject` a unit, body or person, `period` the period's name, and `version` the
# place of the rule's version among its versions, from 0.


@frozen(order=True)
class Waiver:
    """A subject is let off a duty or an indicator (`card.indicator`) from a day to a day, both included."""

    subject: str
    rule: str
    from_: date
    until: date
    reason: str
    granted_by: str
    event: str

    def covers(self, period: Period) -> bool:
        """Whether the last day of the period, on which it is due, lies in the waiver."""
        return self.from_ <= period.last <= self.until


@frozen(order=True)
class Appeal:
    """What was decided for a subject and period is changed: a duty's status, a grade, or an indicator's points."""

    subject: str
    rule: str
    period: str
    decided: str
    points: Fraction | None
    reason: str
    decided_by: str
    event: str


@frozen
class DutyResult:
    """One duty for one subject and period.

    `due`: the last day of the period. `above`: the requirement was exceeded, which the duty only notes. `value`: whether
    the requirement held on the day judged; None where it could not be computed or was not looked at. `responsible`: who
    must act, and `hears_next`: who hears if nobody does; both empty where the duty is fulfilled or not looked at. `first`:
    the status before an appeal changed it. `unmet_in`: of a duty met late, the schedules of steps of plans on whose last day it
    was not met yet.
    """

    rule: str
    subject: str
    period: str
    version: int = field(repr=False)
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
    unmet_in: frozenset[str] = field(default=frozenset(), repr=False)


@frozen
class IndicatorResult:
    """One indicator of a scorecard for one subject and period. `rule` is the scorecard's id.

    `points`: its part of the total, so that those of all indicators add up to it; None where missing, excluded or invalid.
    `out_of`: exact, what it could give after others were excluded. `value`: the share, condition or points before the maximum
    was applied; None where missing. `state`: scored, zero (missing counts as 0), excluded, excused, missing, invalid (the value
    is outside its range, or was divided by 0). `waiver`: what lets the subject off, unless an appeal decided. `first`: the
    points before an appeal changed them, and `appeal.points` those after, as declared, which is before others were excluded.
    `exact`: the points before rounding; None where they are not known, as in results read from a log.
    """

    rule: str
    subject: str
    period: str
    version: int = field(repr=False)
    category: str
    indicator: str
    points: Fraction | None
    out_of: Fraction
    value: Value
    state: str
    first: Fraction | None = None
    appeal: Appeal | None = None
    waiver: Waiver | None = None
    exact: Fraction | None = field(default=None, eq=False, repr=False)

    @property
    def is_full(self) -> bool:
        """Whether it gave all that it could."""
        earned = self.points if self.exact is None else self.exact
        return earned is not None and earned >= self.out_of


@frozen
class ScorecardResult:
    """One scorecard for one subject and period.

    `grade`: after vetoes; `grade_by_total` before. `vetoes`: ids of those that held. `provisional`: the period still runs on
    the day judged. `total` and `grade` are None where there is none; `lacking` says why. `first`: the grade before an appeal
    changed it. `decided_by`: ids of the decision rules that lowered the grade.
    """

    rule: str
    subject: str
    period: str
    version: int = field(repr=False)
    total: Fraction | None
    out_of: Fraction
    grade: str | None
    grade_by_total: str | None
    vetoes: Sequence[str]
    provisional: bool
    indicators: Sequence[IndicatorResult] = field(repr=False, default=())
    decimals: int = 0
    first: str | None = None
    appeal: Appeal | None = None
    decided_by: Sequence[str] = ()

    @property
    def lacking(self) -> str:
        """Why there is no total: an indicator is "invalid" or "missing", or all are left out: "excused", "excluded"; else ""."""
        if self.total is not None:
            return ""
        states = {i.state for i in self.indicators if i.out_of or i.points is None}
        return next((state for state in ("invalid", "missing", "excluded", "excused") if state in states), "missing")


@frozen
class AwardResult:
    """One candidate for an award in one period.

    `rank` None: it could not be ranked for want of a value. `quota` None: the award has none, or, where the outcome is undecided,
    it is no whole number of at least 0.
    `decided_by`: ids of the decision rules that keep it from the award; it has no rank then and is not among the candidates.
    `is_open`: whether the period is not over yet, and the rule does not give the award before that.
    """

    rule: str
    subject: str
    period: str
    version: int = field(repr=False)
    rank: int | None
    outcome: Grant
    quota: int | None
    candidates: int
    keys: Sequence[Value] = ()
    peers: str = ""
    decided_by: Sequence[str] = ()
    is_open: bool = field(default=False, eq=False, repr=False)

    @property
    def granted(self) -> bool:
        """Whether the candidate gets it."""
        return self.outcome is Grant.GRANTED


@frozen
class Transition:
    """A step of a plan went from one state to another on a day, because gates held or were missing.

    `later`: after that day, the last planned one; on which is not looked for.
    """

    day: date
    before: StepState
    after: StepState
    missing: Sequence[str] = ()
    later: bool = False


@frozen
class StepResult:
    """One step of a plan for one subject, as of the day judged. `rule` is the plan's id, `period` the step's.

    `from_`, `to`: its planned days, both included. `missing`: the gates that do not hold now.
    """

    rule: str
    subject: str
    period: str
    version: int = field(repr=False)
    from_: date
    to: date
    state: StepState
    gates: Sequence[GateState]
    missing: Sequence[str]
    unmet: str
    transitions: Sequence[Transition]

    @property
    def step(self) -> str:
        """The step's id, which stands in the place of a period."""
        return self.period


@frozen
class DecisionResult:
    """What follows for a subject from settled facts. `period` is what its values name, else "".

    `values`: what the rule's `then` says. `facts`: what matched, by id. `number`: which of those that say the same of the
    subject, by other facts, from 0.
    """

    rule: str
    subject: str
    period: str
    version: int = field(repr=False)
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


Record = DutyResult | ScorecardResult | AwardResult | StepResult | DecisionResult
"""One result of a rule."""


@frozen
class AssumedParameter:
    """A parameter that the source does not give and that these results used."""

    name: str
    value: str
    note: str
    source: Source
