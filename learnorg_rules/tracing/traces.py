"""What a trace is made of: the way from one result back to the events, without a word of any language.

Every list that may be long is a `Listed`: the first entries, and how many there are in all.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from fractions import Fraction
from typing import Generic, TypeVar

from attrs import field, frozen

from ..errors import Source
from ..expr.nodes import Aggregate, Node
from ..judging.faults import Fault
from ..model.decision import DecisionRule, Fact
from ..model.definitions import (
    Award,
    Band,
    Dated,
    Definition,
    Duty,
    Gate,
    Indicator,
    Measure,
    Plan,
    Scorecard,
    Step,
    Veto,
)
from ..model.plan import GateState
from ..model.results import (
    Appeal,
    AwardResult,
    DecisionResult,
    DutyResult,
    IndicatorResult,
    ScorecardResult,
    StepResult,
    Waiver,
)
from ..model.ruleset import Ruleset
from ..org.organisation import Organisation
from ..periods import Cut, Period
from ..values import Value

__all__ = [
    "AggregateTrace",
    "AwardTrace",
    "CardTrace",
    "Condition",
    "DecisionTrace",
    "ElsewhereTrace",
    "EventSeen",
    "FactSeen",
    "Failed",
    "Followed",
    "Formula",
    "GateTrace",
    "ItemTrace",
    "Key",
    "Leaf",
    "Listed",
    "Matched",
    "MeasureTrace",
    "MetTrace",
    "NotCounted",
    "ParameterUse",
    "Part",
    "PersonSeen",
    "PersonsTrace",
    "PlanTrace",
    "ScoreTrace",
    "SetAside",
    "StepTrace",
    "Trace",
    "VetoTrace",
    "listed",
]  # fmt: skip

Entry = TypeVar("Entry")


@frozen
class Listed(Generic[Entry]):
    """The first entries of a list, and how long it is."""

    shown: tuple[Entry, ...] = ()
    total: int = 0

    @property
    def more(self) -> int:
        """How many are not shown."""
        return self.total - len(self.shown)


def listed(entries: Iterable[Entry], limit: int) -> Listed[Entry]:
    """The first `limit` entries, counted."""
    every = tuple(entries)
    return Listed(every[:limit], len(every))


# ---- expressions and their values


@frozen
class Leaf:
    """Something an expression names, where it stands in the text, and its value; where it has none, what is wrong."""

    node: Node
    value: Value
    start: int = 0
    end: int = 0  # 0: nowhere in the text
    fault: Fault | None = None


@frozen
class Condition:
    """An expression with its value and those of everything it names. `text` is as written."""

    text: str
    value: Value
    leaves: tuple[Leaf, ...] = ()
    tree: Node | None = field(default=None, repr=False)


@frozen
class Failed(Condition):
    """A condition that does not hold (`value` False) or cannot be told (`value` None)."""


@frozen
class Formula(Condition):
    """An expression of a rule. `parts`: what stands behind its names, in the order written, each once per trace.

    `fault`: why it has no value, where something is wrong rather than missing.
    """

    parts: "tuple[Part, ...]" = ()
    fault: Fault | None = None


# ---- events and persons


@frozen
class EventSeen:
    """One event. `fields`: those its kind declares and it has. `date`: its local day. `place`: file and row."""

    id: str
    source: str
    kind: str
    unit: str
    person: str | None
    date: date
    occurred_at: datetime
    recorded_at: datetime | None
    fields: Mapping[str, Value]
    place: Source


@frozen
class NotCounted:
    """An event of the right kind, subject and days that does not count.

    `failed`: the first-level conditions that it does not meet. `elsewhere`: for hits, the sub-period it lies in that
    does not belong to the period.
    """

    event: EventSeen
    failed: tuple[Failed, ...]
    elsewhere: str = ""


@frozen
class SetAside:
    """An event that was put aside before any rule looked at it.

    `what`: conflicting, rejected, superseded, voided or not_yet_known. `code`, `reason`: of the first two. `by`: ids of
    the events that correct or void it.
    """

    what: str
    event: EventSeen
    code: str = ""
    reason: str = ""
    by: tuple[str, ...] = ()


@frozen
class AggregateTrace:
    """An aggregate over events: its value, what counted and what nearly did.

    `start`, `last`: the days looked at, both included. `values`: for distinct and most, each value and how many events
    have it, the most frequent first. `hit`, `not_hit`: for hits, names of the sub-periods with and without an event.
    `decided_by`: for min, max, first and last, the event that gives the value.
    """

    node: Aggregate
    value: Value
    start: date
    last: date
    counted: Listed[EventSeen]
    not_counted: Listed[NotCounted]
    set_aside: Listed[SetAside]
    values: Listed[tuple[Value, int]] = Listed()
    hit: tuple[str, ...] = ()
    not_hit: tuple[str, ...] = ()
    decided_by: EventSeen | None = None


@frozen
class PersonSeen:
    """A member, and the conditions that the member does not meet."""

    id: str
    failed: tuple[Failed, ...] = ()


@frozen
class PersonsTrace:
    """`persons(...)`: the members on a day who count, and those who do not."""

    node: Aggregate
    value: Value
    day: date
    counted: Listed[PersonSeen]
    not_counted: Listed[PersonSeen]


# ---- what else an expression may name


@frozen
class MeasureTrace:
    """A measure for the same subject and period. `without_events`: no event counted, so it is missing rather than 0."""

    definition: Measure
    value: Value
    formula: Formula
    without_events: bool = False


@frozen
class DaysTrace:
    """`present()` or `person_days()`: on how many days of the period, up to the day judged, the subject was there (of how many
    the period has), or its members were, in sum.
    """

    text: str
    days: int
    of: int | None
    period: Period


@frozen
class ElsewhereTrace:
    """A value from other periods or other subjects (`previous(x)`, `mean(x in led)`): not followed further.

    `values`: each period's name, or each subject's id, with the value there, in the order looked at; for a rank from the
    greatest. `by_subject`: whether they are subjects. `without`: how many of these have no value, so that they do not count.
    """

    text: str
    value: Value
    values: Listed[tuple[str, Value]]
    by_subject: bool = False
    without: int = 0


@frozen
class MetTrace:
    """`met(duty)`: of the duty's required periods that ended in this one, how many were met, and which were missed."""

    definition: Duty
    value: Value
    met: int
    judged: int
    missed: Listed[DutyResult]


@frozen
class ScoreTrace:
    """`card.total`, `card.grade` or `card.indicator`: not followed further."""

    definition: Scorecard
    name: str
    value: Value
    result: ScorecardResult | None


Part = AggregateTrace | PersonsTrace | MeasureTrace | DaysTrace | ElsewhereTrace | MetTrace | ScoreTrace


@frozen
class ParameterUse:
    """A parameter some expression of the trace reads, with the value in force."""

    name: str
    value: Value
    dated: Dated | None
    note: str = ""
    reference: Sequence[str] = ()


# ---- rules


@frozen
class ItemTrace:
    """An indicator: what it gave.

    `declared`: its points before others were excluded. `worth`: what it could give, as shown beside its points. `lacking`: of
    its scorecard. `fault`: what is wrong with it.
    """

    definition: Indicator
    result: IndicatorResult
    formula: Formula
    declared: Fraction
    worth: Fraction
    lacking: str = ""
    fault: Fault | None = None

    @property
    def lost(self) -> Fraction | None:
        """Points that could have been had and were not; None where it has none."""
        return None if self.result.points is None else self.worth - self.result.points


@frozen
class VetoTrace:
    """A veto: whether it held, and why."""

    definition: Veto
    formula: Formula


@frozen
class CardTrace:
    """A scorecard's total and grade. `items` is empty where only the grade was asked for.

    `lowered`: the decisions that lowered the grade, each with the best grade that it leaves.
    """

    definition: Scorecard
    result: ScorecardResult
    items: tuple[ItemTrace, ...]
    band: tuple[str, Band] | None
    vetoes: tuple[VetoTrace, ...]
    lowered: tuple[tuple[DecisionResult, str], ...] = ()


@frozen
class Key:
    """One entry of a ranking: as written, and the subject's value; where it has none, what is wrong."""

    text: str
    value: Value
    descending: bool
    fault: Fault | None = None


@frozen
class AwardTrace:
    """An award for one subject. `result` None: the subject is no candidate; `failed` says why.

    `around`: the candidates next to the subject and to the quota line, in order. `participants`: subjects with all
    keys. `withdrawn`: the decisions that keep the subject from it.
    """

    definition: Award
    result: AwardResult | None
    when: Formula | None
    failed: tuple[Failed, ...]
    keys: tuple[Key, ...]
    quota: Formula | None
    granted: int
    candidates: int
    participants: int
    around: Listed[AwardResult]
    withdrawn: tuple[DecisionResult, ...] = ()


@frozen
class GateTrace:
    """A gate of a step. `due`: the day on which it has to hold. `formula`: its condition over the days up to then where it
    held, else up to the day judged; None where there are no such days, or they have not begun.
    """

    definition: Gate
    state: GateState
    due: date
    formula: Formula | None


@frozen
class StepTrace:
    """A step of a plan: where it stands, and its gates. `blocked_by`: the step before, where it holds this one back."""

    definition: Step
    result: StepResult
    gates: tuple[GateTrace, ...]
    blocked_by: Step | None = None


@frozen
class PlanTrace:
    """The steps of a plan for one subject, in order. `whole`: all of them were asked for."""

    definition: Plan
    steps: tuple[StepTrace, ...]
    whole: bool


@frozen
class FactSeen:
    """A fact that fits a pattern. `pattern`: as rule files say it. `fact` is None where it is another decision."""

    alias: str
    pattern: str
    id: str
    fact: Fact | None


@frozen
class Matched:
    """A pattern of a rule that nothing followed from, and the facts that fit it alone. `is_exception`: it prevents."""

    alias: str
    pattern: str
    is_exception: bool
    facts: Listed[FactSeen]


@frozen
class Followed:
    """What followed once: from these facts, one for each pattern. `lowered`: the scorecards whose grade it lowered."""

    result: DecisionResult
    facts: tuple[FactSeen, ...]
    lowered: tuple[ScorecardResult, ...]


@frozen
class DecisionTrace:
    """What follows for one subject by a decision rule; `patterns` where nothing does. `decider`: who decided."""

    definition: DecisionRule
    followed: Listed[Followed]
    patterns: tuple[Matched, ...]
    decider: str


@frozen
class Trace:
    """Why one subject has one result.

    `rule`: as asked. `kind`: duty, scorecard, indicator, total, grade, award, plan, step, measure or decision. `definition`: the version in
    force. `formula`: of a duty, an indicator or a measure; None where the duty was not looked at. `later`: a missed
    deadline's requirement up to the day judged. `cut`: what of the period is the subject's, of a rule that judges it.
    `idle`: waivers and appeals about it that change nothing.
    `unread`: rows of the event files that could not be read as events, so that nobody can tell whom they concern.
    """

    ruleset: Ruleset = field(repr=False)
    organisation: Organisation = field(repr=False)
    rule: str
    kind: str
    definition: Definition | DecisionRule
    version: int
    subject: str
    schedule: str
    period: Period
    at: date
    known_at: date | datetime | None = None
    value: Value = None
    duty: DutyResult | None = None
    item: ItemTrace | None = None
    card: CardTrace | None = None
    award: AwardTrace | None = None
    plan: PlanTrace | None = None
    decision: DecisionTrace | None = None
    formula: Formula | None = None
    later: Formula | None = None
    cut: Cut | None = None
    idle: tuple[Waiver | Appeal, ...] = ()
    parameters: tuple[ParameterUse, ...] = ()
    unread: int = 0
    decimals: int = 6  # for numbers without a finite decimal form

    @property
    def source(self) -> Source:
        """Where the rule stands."""
        if isinstance(self.definition, DecisionRule):
            return self.ruleset.decision_sources.get(self.definition.id, Source(""))
        return self.definition.source

    @property
    def parts(self) -> tuple[Part, ...]:
        """Every part of the trace, the outer before the inner."""
        formulas = [f for f in (self.formula, self.later) if f is not None]
        if self.item is not None:
            formulas.append(self.item.formula)
        if self.card is not None:
            formulas += [i.formula for i in self.card.items] + [v.formula for v in self.card.vetoes]
        if self.award is not None:
            formulas += [f for f in (self.award.when, self.award.quota) if f is not None]
        if self.plan is not None:
            formulas += [g.formula for s in self.plan.steps for g in s.gates if g.formula is not None]
        found: list[Part] = []
        while formulas:
            for part in formulas.pop(0).parts:
                found.append(part)
                if isinstance(part, MeasureTrace):
                    formulas.append(part.formula)
        return tuple(found)
