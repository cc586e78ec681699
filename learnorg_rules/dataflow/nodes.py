"""What is computed, before anything is: which aggregates, over which periods, for which subjects, in which scans.

A *scan group* is a set of aggregates that share one pass over the events: the same kind of subject, the same element
counted, the same need to know the person. Its partial table has one row per (anchor, atom, element, person), and a column
for each distinct thing that some aggregate needs to know: an *atom* is a stretch of days in which no schedule, hit grain
or organisation changes. Where conditions are few, events are first added up by kind and *signature*, which says which of
the scan's conditions an event meets. Every aggregate is a sum, minimum, maximum or set over the rows, so partial tables
merge in any order.
"""

from collections.abc import Mapping, Sequence

from attrs import field, frozen

from ..expr.aggregates import AggregateFunction
from ..expr.nodes import Aggregate, Node
from ..periods import Schedule

__all__ = ["AggregateQuery", "Dataflow", "Lowered", "RuleNode", "ScanGroup", "ScanKey"]


@frozen
class ScanKey:
    """What aggregates must share to be computed in one pass."""

    subjects: str  # "units" (units and bodies), "heirs" (units with what those they succeed had) or "persons"
    element: Node | None = None  # what `distinct` and `most` count; None for the rest
    by_person: bool = False  # whether `member` must be known


@frozen
class Lowered:
    """An aggregate in terms of cells: one condition where the person is a member, one where not.

    `inside` and `outside` are the aggregate's condition with `member` true and false (Shannon expansion), each with "the
    value is there" added; None is always. Where `member` is not used they are the same.
    """

    function: AggregateFunction
    scan: ScanKey
    kinds: Sequence[str]
    inside: Node | None
    outside: Node | None
    value: Node | None = None
    weight: Node | None = None
    grain: str = ""


@frozen
class AggregateQuery:
    """One aggregate as some rules need it: over a schedule, with the parameters of its periods filled in."""

    number: int
    aggregate: Aggregate  # parameters are literals
    lowered: Lowered
    schedule: str
    periods: Sequence[int]  # indexes into the schedule


@frozen
class ScanGroup:
    """One pass: the distinct conditions and values of its queries, and what cuts its atoms."""

    key: ScanKey
    conditions: Sequence[Node]
    values: Sequence[Node]
    kinds: Sequence[str]
    schedules: Sequence[str]
    grains: Sequence[str]
    queries: Sequence[AggregateQuery]


@frozen
class RuleNode:
    """A rule version in the order of evaluation, and what must be settled before it."""

    kind: str  # "duty", "scorecard" or "award"
    id: str
    version: int
    schedule: str
    after: Sequence[str] = ()  # "kind id"


@frozen
class Dataflow:
    """Everything an engine needs to know of a ruleset, frozen.

    `slots[(id of an unbound Aggregate node, schedule, subjects, index of period)]` is the number of the query that
    answers it. `looks[(duty, version)]`: for every step of a plan that asks whether the duty was met by the step's last day,
    the schedule the step's gates are looked at in, and the one that shows whether the duty was met by then.
    """

    schedules: Mapping[str, Schedule]
    scans: Sequence[ScanGroup]
    rules: Sequence[RuleNode]
    slots: Mapping[tuple[int, str, str, int], int] = field(repr=False)
    groups: Sequence[str] = ()  # groups of subjects that expressions run over
    fields: Sequence[str] = ()
    person_attributes: Sequence[str] = ()
    unit_attributes: Sequence[str] = ()
    looks: Mapping[tuple[str, int], Sequence[tuple[str, str]]] = field(factory=dict)

    @property
    def queries(self) -> Sequence[AggregateQuery]:
        """All queries, by number."""
        return sorted((a for f in self.scans for a in f.queries), key=lambda a: a.number)
