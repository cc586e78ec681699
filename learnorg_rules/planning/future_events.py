"""Events that may still happen: for the conditions of a rule, every class of events that would count differently.

Two events are of one class where each aggregate of the rule takes the same from both. So a rule that only looks at the form
of an activity has as many classes of it as it tells forms apart, and the classes are found by trying values around the
constants the rule compares with, not by reading its formulas backwards.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from fractions import Fraction
from itertools import islice, product

from attrs import define, evolve, field, frozen

from ..dataflow.nodes import AggregateQuery
from ..expr.aggregates import Cell, function_of
from ..expr.evaluate import compile_node
from ..expr.nodes import Aggregate, Compare, In, Literal, Node, Range, Ref, walk
from ..expr.render import render
from ..expr.rewrite import conjuncts
from ..judging.evaluation import Context
from ..model.definitions import FieldType
from ..periods import ONE_DAY, Grain
from ..tracing.evidence import Evidence, Lookup
from ..values import Value

__all__ = [
    "FRESH", "NUMBERS", "OF_SETS", "CandidateFinder", "Contribution", "EventClass", "FutureEvent", "can_foresee", "conditions",
    "is_amount",
]  # fmt: skip

ANY_AMOUNT = Fraction(
    10**9
)  # stands for "as much as is needed" where a field has no greatest value; made smaller later
MOST_PERSONS = 60  # of those who have the same attributes
MOST_EVENTS = 6000  # tried for one rule
FRESH = 40  # texts that no event has had yet
NOON = time(12)
NUMBERS = ("integer", "decimal")
OF_SETS = (Cell.ELEMENTS, Cell.SUB_PERIODS)
"""Cells of aggregates to which it matters whether an element or sub-period is new."""


@frozen
class FutureEvent:
    """An event that has not happened. `fields`: only those the rule looks at; None where it has to be absent."""

    kind: str
    unit: str
    person: str | None
    day: date
    fields: Mapping[str, Value] = field(factory=dict)

    @property
    def key(self) -> tuple[object, ...]:
        """Equal for equal events."""
        return self.kind, self.unit, self.person, self.day, *self.fields.items()

    @property
    def present(self) -> Mapping[str, Value]:
        """The fields it has."""
        return {name: value for name, value in self.fields.items() if value is not None}

    def with_field(self, name: str, value: Value) -> "FutureEvent":
        """The event with another value of a field."""
        return evolve(self, fields={**self.fields, name: value})


@frozen
class Contribution:
    """What an aggregate takes from one event: value and weight; or the element of a set, or the start of a sub-period."""

    value: Value = None
    weight: Value = None
    mark: Value = None


@frozen
class EventClass:
    """Events that the rule's aggregates do not tell apart, but for which element or sub-period is new.

    `queries`: numbers of the queries that take something from them. `events`: in the order they are to be used, the latest
    day first. `limited`: each may be used once only, because it is the newness that counts. `grain`, `element`: what is new.
    """

    kind: str
    queries: frozenset[int]
    events: tuple[FutureEvent, ...]
    limited: bool
    grain: str = ""
    element: str = ""

    def first(self, count: int) -> tuple[FutureEvent, ...]:
        """This many events of the class; fewer where no more are possible."""
        if self.limited:
            return self.events[:count]
        return tuple(self.events[i % len(self.events)] for i in range(count))


def can_foresee(node: Aggregate) -> bool:
    """Whether the value lies with which events happen, not with what others will write into them."""
    return not node.kinds or function_of(node).can_foresee(node.type)


def is_amount(name: str, queries: Sequence[AggregateQuery]) -> bool:
    """Whether some query adds up this field of events, or takes the greatest, be it inside a formula."""
    for node in (query.aggregate for query in queries):
        rises = function_of(node).cell in (Cell.TOTAL, Cell.END) and can_foresee(node)
        if rises and node.value is not None and any(_is_field(part, name) for part in walk(node.value)):
            return True
    return False


def conditions(queries: Sequence[AggregateQuery]) -> str:
    """The conditions of the queries, as the rules say them with their parameters filled in; "" if none."""
    wheres = [query.aggregate.where for query in queries if query.aggregate.where is not None]
    return " and ".join(dict.fromkeys(render(part) for where in wheres for part in conjuncts(where)))


@define(slots=False)
class CandidateFinder:
    """Finds the classes of events that may happen to one subject, from `first` to `last`."""

    evidence: Evidence
    context: Context
    first: date
    last: date
    _compiled: dict[int, object] = field(factory=dict, init=False)

    def contribution(self, aggregate: Aggregate, event: FutureEvent) -> Contribution | None:
        """What the aggregate takes from the event; None where it does not count."""
        if event.kind not in aggregate.kinds:
            return None
        lookup = self._lookup(event)
        if aggregate.where is not None and self._value(aggregate.where, lookup) is not True:
            return None
        value = None if aggregate.value is None else self._value(aggregate.value, lookup)
        weight = None if aggregate.by is None else self._value(aggregate.by, lookup)
        if (aggregate.value is not None and value is None) or (aggregate.by is not None and weight is None):
            return None
        cell = function_of(aggregate).cell
        if cell is Cell.ELEMENTS:
            return Contribution(mark=value)
        if cell is Cell.SUB_PERIODS:
            sub = self.evidence.binding.ruleset.calendar.period(Grain(aggregate.grain), event.day)
            outside = aggregate.grain == "week" and sub.middle not in self.context.period
            return None if outside else Contribution(mark=sub.start)
        return Contribution(value, weight)

    def _value(self, node: Node, lookup: Lookup) -> Value:
        code = self._compiled.get(id(node))
        if code is None:
            code = self._compiled[id(node)] = compile_node(node, self.evidence.binding.ruleset.time_zone)
        return code(lookup)  # type: ignore[operator,no-any-return]

    def _lookup(self, event: FutureEvent) -> Lookup:
        ruleset = self.evidence.binding.ruleset
        row: dict[str, object] = dict.fromkeys(ruleset.fields)
        for name, value in event.fields.items():
            scale = ruleset.fields[name].scale
            row[name] = int(value * 10**scale) if scale and isinstance(value, Fraction) else value
        moment = datetime.combine(event.day, NOON, ruleset.time_zone).astimezone(UTC)
        member = self.context.family == "persons" or self.evidence.is_member(self.context, event.person, event.day)
        row |= {
            "kind": event.kind, "unit": event.unit, "person": event.person, "date": event.day, "occurred_at": moment,
            "recorded_at": moment, "source": "", "id": "", "_member": member,
        }  # fmt: skip
        return self.evidence.event_lookup(row, self.context)

    # ---- what to try

    def classes(
        self, queries: Sequence[AggregateQuery], counted: Mapping[int, Mapping[Value, int]]
    ) -> tuple[list[EventClass], bool]:
        """Every class of events from which some query takes something, and whether all candidates could be tried.

        `counted`: for queries of sets, the elements or starts of sub-periods that count already.
        """
        groups: dict[object, list[FutureEvent]] = {}
        complete = True
        for kind in sorted({k for query in queries for k in query.aggregate.kinds}):
            ours = [q for q in queries if kind in q.aggregate.kinds]
            tried = list(islice(self._candidates(kind, ours), MOST_EVENTS + 1))
            complete = complete and len(tried) <= MOST_EVENTS
            for event in tried[:MOST_EVENTS]:
                effects = tuple(self._effect(query, event, counted) for query in ours)
                if any(effect is not None for effect in effects):
                    groups.setdefault((kind, effects), []).append(event)
        return [self._class(events, queries, counted) for events in groups.values()], complete

    def _effect(
        self, query: AggregateQuery, event: FutureEvent, counted: Mapping[int, Mapping[Value, int]]
    ) -> tuple[object, ...] | None:
        """Equal for events that do the same to the aggregate; None for those that do nothing."""
        takes = self.contribution(query.aggregate, event)
        if takes is None:
            return None
        if function_of(query.aggregate).cell not in OF_SETS:
            return takes.value, takes.weight
        return (takes.mark not in counted.get(query.number, ()) or not _counts_once(query),)

    def _class(
        self, events: Sequence[FutureEvent], queries: Sequence[AggregateQuery],
        counted: Mapping[int, Mapping[Value, int]],
    ) -> EventClass:  # fmt: skip
        """The class of these events; of those that are new in the same way only the one with the latest day is kept."""
        takes = [(q, t) for q in queries if (t := self.contribution(q.aggregate, events[0])) is not None]
        of_sets = [(q, t) for q, t in takes if function_of(q.aggregate).cell in OF_SETS]
        new = [q for q, t in of_sets if t.mark not in counted.get(q.number, ())]
        grain, element = "", ""
        for node in (q.aggregate for q in new):
            grain = node.grain or grain
            element = node.value.name if isinstance(node.value, Ref) else element
        ordered = sorted(events, key=lambda e: (-e.day.toordinal(), e.person or ""))
        kept: list[FutureEvent] = [] if of_sets else ordered[:1]
        used: set[tuple[int, Value]] = set()
        for event in ordered if of_sets else ():
            marks = {(q.number, t.mark) for q, _ in of_sets if (t := self.contribution(q.aggregate, event)) is not None}
            if marks - used:
                kept.append(event)
                used |= marks
        # where another query takes something too, an event that is not new may still count there
        limited = any(_counts_once(q) for q in new) and len(takes) == len(of_sets) == 1
        return EventClass(events[0].kind, frozenset(q.number for q, _ in takes), tuple(kept), limited, grain, element)

    def _candidates(self, kind: str, queries: Sequence[AggregateQuery]) -> Iterator[FutureEvent]:
        """Events of the kind around every constant that the queries compare with."""
        ruleset = self.evidence.binding.ruleset
        refs = {
            n for a in queries for part in (a.aggregate.where, a.aggregate.value, a.aggregate.by) if part is not None
            for n in walk(part) if isinstance(n, Ref)
        }  # fmt: skip
        takes = ruleset.events[kind].takes
        names = sorted({r.name for r in refs if r.scope == "event" and r.name in takes and r.name in ruleset.fields})
        values = [
            [*self._values(n, ruleset.fields[n], queries), *(() if takes[n] else (None,))]
            for n in names
        ]  # fmt: skip
        days = self._days(refs, queries)
        persons = self._persons(kind, refs)
        units = self._units(refs)
        for day, unit, person, combination in product(days, units, persons, product(*values)):
            home = unit
            if self.context.family == "persons" and person is not None:
                home = self.evidence.binding.organisation.as_of(day).home(person) or ""
            if home:
                yield FutureEvent(kind, home, person, day, dict(zip(names, combination, strict=True)))

    def _values(self, name: str, kind: FieldType, queries: Sequence[AggregateQuery]) -> list[Value]:
        constants = list(dict.fromkeys(_constants(name, queries)))
        if kind.type == "choice":
            return list(kind.of)
        if kind.type == "boolean":
            return [True, False]
        if kind.type in NUMBERS:
            step = Fraction(1, 10**kind.scale)
            numbers = [n for c in constants if isinstance(c, int | Fraction) for n in (c - step, Fraction(c), c + step)]
            computed = is_amount(name, queries)
            greatest = ANY_AMOUNT if kind.max is None else kind.max
            numbers += [greatest] if computed or not numbers else []
            if self._counts(name, queries):
                numbers += [Fraction(i) for i in range(FRESH)]
            least = kind.min
            fitting = [_cut(n, kind.scale) for n in numbers if n <= greatest and (least is None or n >= least)]
            return list(dict.fromkeys(n for n in fitting if n is not None))
        if kind.type == "text":
            texts = [c for c in constants if isinstance(c, str)]
            return [*texts, *(f"{name} {i + 1}" for i in range(FRESH if self._counts(name, queries) else 1))]
        if kind.type == "date":
            days = [c for c in constants if isinstance(c, date)]
            return [*(d + timedelta(i) for d in days for i in (-1, 0, 1)), self.last]
        return [None]

    def _counts(self, name: str, queries: Sequence[AggregateQuery]) -> bool:
        """Whether some query counts the different values of the field."""
        return any(
            function_of(q.aggregate).cell is Cell.ELEMENTS and _is_field(q.aggregate.value, name) for q in queries
        )

    def _days(self, refs: set[Ref], queries: Sequence[AggregateQuery]) -> list[date]:
        first = self.first
        days = {self.last}
        calendar = self.evidence.binding.ruleset.calendar
        for query in queries:
            if function_of(query.aggregate).cell is Cell.SUB_PERIODS:
                subs = calendar.schedule(query.aggregate.grain, first, self.last + ONE_DAY).periods
                days.update(min(sub.last, self.last) for sub in subs)
        if any(r.scope == "event" and r.name in ("date", "occurred_at") for r in refs):
            for name in ("date", "occurred_at"):
                constants = [c for c in _constants(name, queries) if isinstance(c, date)]
                days.update(c + timedelta(i) for c in constants for i in (-1, 0, 1))
            days.add(first)
            if self._counts("date", queries):
                days.update(self.last - timedelta(i) for i in range(FRESH))
        return sorted((d for d in days if first <= d <= self.last), reverse=True)

    def _persons(self, kind: str, refs: set[Ref]) -> list[str | None]:
        if self.context.family == "persons":
            return [self.context.subject]
        takes = self.evidence.binding.ruleset.events[kind].takes
        matters = any(r.scope == "person" or (r.scope == "event" and r.name in ("person", "member")) for r in refs)
        organisation, binding = self.evidence.binding.organisation, self.evidence.binding
        snapshot = organisation.as_of(binding.at)
        if not matters and not takes.get("person"):
            return [None]
        members = snapshot.members(self.context.subject, binding.ruleset.header.roll_up.along)
        inside = set(members)
        others = [p for p in organisation.persons if p not in inside and snapshot.exists(p)]
        if not matters:
            return [next(iter((*members, *others)), None)]
        attributes = sorted({r.name for r in refs if r.scope == "person"})
        by_attributes: dict[tuple[Value, ...], list[str]] = {}
        for person in (*members, *others):
            here = (person in inside, *(binding.attribute(person, name, binding.at) for name in attributes))
            by_attributes.setdefault(here, []).append(person)
        none: list[str | None] = [] if takes.get("person") else [None]
        return [*(p for persons in by_attributes.values() for p in persons[:MOST_PERSONS]), *none]

    def _units(self, refs: set[Ref]) -> list[str]:
        subject, binding = self.context.subject, self.evidence.binding
        if self.context.family == "persons" or not any(r.scope == "unit" for r in refs):
            return [subject]
        below = binding.organisation.as_of(binding.at).descendants(subject, binding.ruleset.header.roll_up.along)
        return [subject, *(u for u in below if u != subject)][:20]


def _is_field(node: Node | None, name: str) -> bool:
    return isinstance(node, Ref) and node.scope == "event" and node.name == name


def _counts_once(query: AggregateQuery) -> bool:
    """Whether it matters only that an element or sub-period is new, not how many events have it."""
    return function_of(query.aggregate).of_counts is len


def _cut(number: Fraction, scale: int) -> Fraction | None:
    """The number, if a field with this many digits behind the point can hold it."""
    return number if (number * 10**scale).denominator == 1 else Fraction(int(number * 10**scale), 10**scale)


def _constants(name: str, queries: Sequence[AggregateQuery]) -> Iterator[Value]:
    """What the conditions compare the name with, as far as it is a constant there."""
    for query in queries:
        where = query.aggregate.where
        for node in () if where is None else walk(where):
            sides: list[Node] = []
            if isinstance(node, Compare):
                sides = [node.left, node.right]
            elif isinstance(node, In):
                items = node.items
                listed = [items.low, items.high] if isinstance(items, Range) else items
                sides = [node.operand, *(listed if isinstance(listed, Sequence) else [listed])]
            if not any(isinstance(n, Ref) and n.name == name for side in sides for n in walk(side)):
                continue
            for side in sides:
                if not any(isinstance(n, Ref) for n in walk(side)):
                    value = side.value if isinstance(side, Literal) else compile_node(side, UTC)(_nothing)
                    yield from value if isinstance(value, tuple) else (value,)


def _nothing(node: Node) -> Value:
    raise TypeError(f"a constant names nothing, but here is {node}")
