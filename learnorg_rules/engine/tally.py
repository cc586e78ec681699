"""Cells kept up to date one event at a time: what the kernel computes in bulk, by plain accumulators.

A tally holds, for every ask, subject and period, the event count and the parts of the value, and, for the aggregates that
need them, the elements or values seen. Adding an event and taking it back are each other's opposite, so a correction
costs what an event costs, and no other event is looked at.
"""

import bisect
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, date
from fractions import Fraction
from typing import Any

from attrs import define, frozen

from ..dataflow.nodes import Ask, Dataflow, Family
from ..events.event import Event
from ..expr.evaluate import compile_node
from ..expr.nodes import Bool, Node, Ref
from ..expr.types import Base
from ..periods import ONE_DAY
from ..values import Value
from .atoms import atoms_for
from .binding import Binding
from .closure import Closure, closure_of
from .kernel import Cells, scale_of

__all__ = ["CellKey", "SeenRow", "Tally"]

CellKey = tuple[int, str, int]
"""Number of the ask, subject, index of the period."""

SeenRow = tuple[int, str, int, int, int, int, list[tuple[Any, int]] | None, list[tuple[Any, str, Any]] | None]
"""What one cell has seen: its key, events counted, sum, sum of weights, counts by element, values in order."""

Getter = Callable[[Node], Any]


@define
class _Seen:
    """What one cell has seen. `counted`: element, sub-period or value -> how many events had it."""

    n: int = 0
    total: int = 0
    weight: int = 0
    counted: dict[Any, int] | None = None
    ordered: list[tuple[Any, str, Any]] | None = None  # (when, id, value), sorted


@frozen
class _Question:
    """An ask, ready for events of one kind: numbers of its conditions (None: always), and its value."""

    number: int
    op: str
    inside: int | None
    outside: int | None
    value: Callable[[Getter], Any] | None
    scale: int
    weight: Callable[[Getter], Any] | None
    weight_scale: int
    schedule: str
    period: str  # columns of the atoms
    hit: str
    belongs: str


class Tally:
    """Cells of every ask of a dataflow, by adding events and taking them back."""

    def __init__(self, binding: Binding, dataflow: Dataflow, subjects: Iterable[str], last: date) -> None:
        """An empty tally.

        Args:
            binding: the organisation; its day judged is the one whose tree counts with `as_now`.
            dataflow: the asks.
            subjects: ids of all units and bodies that cells are wanted for.
            last: the last day events are taken from.
        """
        self.binding, self.dataflow, self.subjects = binding, dataflow, frozenset(subjects)
        self.cells: dict[int, Cells] = {}
        self._seen: dict[CellKey, _Seen] = {}
        families = [f for f in dataflow.families if any(dataflow.schedules[s].periods for s in f.schedules)]
        if families:
            first = min(dataflow.schedules[s].periods[0].start for f in families for s in f.schedules)
            closures = _closures(binding, families, self.subjects, first, last + ONE_DAY)
            self._families = [_FamilyTally(self, f, closures.get(f.key.subjects), first, last) for f in families]
        else:
            self._families = []
        for ask in dataflow.asks:
            self.cells[ask.number] = Cells({}, scale_of(ask.lowered.value), scale_of(ask.lowered.weight))

    def add(self, event: Event, day: date, sign: int = 1) -> list[CellKey]:
        """Count an event of a local day, or with `sign` -1 take it back; the cells that are different now."""
        look = _Looked(self.binding, event, day)
        changed: list[CellKey] = []
        for family in self._families:
            family.add(event, day, look, sign, changed)
        return changed

    def change(
        self,
        question: _Question,
        subject: str,
        index: int,
        event: Event,
        look: Getter,
        element: Any,
        hit: Any,
        sign: int,
    ) -> bool:
        """One event more or less in one cell; whether its value is different now."""
        key = (question.number, subject, index)
        seen = self._seen.get(key)
        if seen is None:
            seen = self._seen[key] = _Seen()
        seen.n += sign
        op = question.op
        values: dict[tuple[str, int], tuple[object, ...]] = self.cells[question.number].values  # type: ignore[assignment]
        if seen.n == 0:
            del self._seen[key], values[subject, index]
            return True
        before = values.get((subject, index))
        if op in ("sum", "mean"):
            assert question.value is not None
            seen.total += sign * _scaled(question.value(look), question.scale)
            if question.weight is not None:
                seen.weight += sign * _scaled(question.weight(look), question.weight_scale)
        elif op in ("distinct", "most", "hits"):
            _change_count(seen, hit if op == "hits" else element, sign)
        elif op not in ("count", "any"):
            assert question.value is not None
            _change_order(seen, op, event, _cell(question.value(look), question.scale), sign)
        after = values[subject, index] = _value(op, seen, question.weight is not None)
        return before is None or (op != "any" and before != after)

    # ---- kept and brought back

    def rows(self) -> list[SeenRow]:
        """What every cell has seen; `restore` of an empty tally of the same asks brings it back."""
        return [
            (*key, s.n, s.total, s.weight, None if s.counted is None else list(s.counted.items()), s.ordered)
            for key, s in self._seen.items()
        ]

    def restore(self, rows: Iterable[SeenRow]) -> None:
        """Take over what `rows` gave."""
        asks = {ask.number: ask.lowered for ask in self.dataflow.asks}
        for number, subject, index, n, total, weight, counted, ordered in rows:
            seen = _Seen(
                n, total, weight, None if counted is None else dict(counted),
                None if ordered is None else [(when, id_, value) for when, id_, value in ordered],
            )  # fmt: skip
            self._seen[number, subject, index] = seen
            low = asks[number]
            values: dict[tuple[str, int], tuple[object, ...]] = self.cells[number].values  # type: ignore[assignment]
            values[subject, index] = _value(low.op, seen, low.weight is not None)


class _FamilyTally:
    """The asks of one family, by kind of event."""

    def __init__(self, tally: Tally, family: Family, closure: Closure | None, first: date, last: date) -> None:
        self.tally, self.key = tally, family.key
        binding, dataflow = tally.binding, tally.dataflow
        schedules = {s: dataflow.schedules[s] for s in family.schedules}
        segments = [(first, last + ONE_DAY)] if closure is None else closure.segments
        atoms = atoms_for(schedules, family.grains, segments, binding.ruleset.calendar, last)
        self.first, self.of_day = atoms.first_day, atoms.of_day
        self.atoms, self.due = list(atoms.table.iter_rows(named=True)), atoms.due
        self.counts_for, self.members = _lookups(closure, family.key.by_person)
        tz = binding.ruleset.time_zone
        self.conditions = [compile_node(c, tz) for c in family.conditions]
        numbers = {node: i for i, node in enumerate(family.conditions)}
        self.element = None if family.key.element is None else compile_node(family.key.element, tz)
        self.questions: dict[str, list[_Question]] = {}
        for ask in family.asks:
            question = _question(ask, numbers, tz)
            if question is not None:
                for kind in ask.lowered.kinds:
                    self.questions.setdefault(kind, []).append(question)

    def add(self, event: Event, day: date, look: "_Looked", sign: int, changed: list[CellKey]) -> None:
        """Count the event in every cell it belongs to, or take it back; cells that are different now go to `changed`."""
        questions = self.questions.get(event.kind)
        number = (day - self.first).days
        if questions is None or not 0 <= number < len(self.of_day):
            return
        atom = self.of_day[number]
        if atom < 0:
            return
        where = self.atoms[atom]
        segment = where["_segment"]
        subjects: Sequence[tuple[str, date]]
        if self.key.subjects == "persons":
            if event.person is None:
                return
            subjects = ((event.person, date.min),)
        else:
            subjects = self.counts_for.get((event.unit, segment), ())
            if not subjects:
                return
        held: list[bool | None] = [None] * len(self.conditions)
        conditions, change = self.conditions, self.tally.change
        element = self.element(look) if self.element is not None else None
        for question in questions:
            index = where[question.period]
            if index is None:
                continue
            inside, outside = question.inside, question.outside
            meets = _meets(inside, held, conditions, look)
            other = meets if inside == outside else _meets(outside, held, conditions, look)
            if not (meets or other):
                continue
            if element is None and question.op in ("distinct", "most"):
                continue
            hit = None
            if question.op == "hits" and where[question.belongs]:
                hit = where[question.hit]
            due = self.due[question.schedule][index]
            for subject, since in subjects:
                if since > due:
                    continue  # a period that was over before the succession is not changed by it
                if meets is not other:
                    joined = self.members.get((event.person, segment, subject))
                    if not (meets if joined is not None and joined <= due else other):
                        continue
                if change(question, subject, index, event, look, element, hit, sign):
                    changed.append((question.number, subject, index))


def _meets(
    number: int | None, held: list[bool | None], conditions: Sequence[Callable[[Getter], Any]], look: Getter
) -> bool:
    """Whether a condition holds; each is computed at most once an event. None holds always, -1 never."""
    if number is None:
        return True
    if number < 0:
        return False
    found = held[number]
    if found is None:
        found = held[number] = conditions[number](look) is True
    return found


class _Looked:
    """The values that names have for one event."""

    __slots__ = ("binding", "day", "event")

    def __init__(self, binding: Binding, event: Event, day: date) -> None:
        self.binding, self.event, self.day = binding, event, day

    def __call__(self, node: Node) -> Value:
        assert isinstance(node, Ref)
        event, name = self.event, node.name
        if node.scope == "event":
            if name == "date":
                return self.day
            if name in _ENVELOPE:
                return getattr(event, name)  # type: ignore[no-any-return]
            value = event.fields.get(name)
            if value is None or node.type is None or node.type.base is not Base.NUMBER:
                return value
            scale = self.binding.ruleset.fields[name].scale
            return Fraction(value, 10**scale) if scale else value  # type: ignore[call-overload]
        who = event.person if node.scope == "person" else event.unit
        return None if who is None else self.binding.attribute(who, name, self.day)


_ENVELOPE = frozenset(("id", "kind", "unit", "person", "occurred_at", "recorded_at", "source"))


def _question(ask: Ask, numbers: Mapping[Node, int], tz: Any) -> _Question | None:
    low = ask.lowered

    def number(condition: Node | None) -> int | None:
        if condition is None:
            return None
        if isinstance(condition, Bool):
            return None if condition.value else -1
        return numbers[condition]

    inside, outside = number(low.inside), number(low.outside)
    return _Question(
        ask.number, low.op, inside, outside,
        None if low.value is None else compile_node(low.value, tz), scale_of(low.value),
        None if low.weight is None else compile_node(low.weight, tz), scale_of(low.weight),
        ask.schedule, f"period:{ask.schedule}", f"hit:{low.grain}", f"in:{low.grain}:{ask.schedule}",
    )  # fmt: skip


def _scaled(value: Any, scale: int) -> int:
    return int(value * 10**scale) if scale else int(value)


def _cell(value: Any, scale: int) -> Any:
    return _scaled(value, scale) if isinstance(value, int | Fraction) and not isinstance(value, bool) else value


def _change_count(seen: _Seen, what: Any, sign: int) -> None:
    counted = seen.counted
    if counted is None:
        counted = seen.counted = {}
    if what is not None:
        left = counted.get(what, 0) + sign
        if left:
            counted[what] = left
        else:
            del counted[what]


def _change_order(seen: _Seen, op: str, event: Event, value: Any, sign: int) -> None:
    entry = (value, "", None) if op in ("min", "max") else (event.occurred_at.astimezone(UTC), event.id, value)
    ordered = seen.ordered
    if ordered is None:
        ordered = seen.ordered = []
    place = bisect.bisect_left(ordered, entry[:2], key=lambda e: e[:2])
    if sign > 0:
        ordered.insert(place, entry)
    else:
        del ordered[place]


def _value(op: str, seen: _Seen, is_weighted: bool) -> tuple[object, ...]:
    """The cell, as the kernel gives it: events counted, then the parts of the value."""
    if op in ("count", "any"):
        return (seen.n,)
    if op in ("sum", "mean"):
        return (seen.n, seen.total, seen.weight) if is_weighted else (seen.n, seen.total)
    if op in ("distinct", "most", "hits"):
        counted = seen.counted or {}
        return seen.n, max(counted.values(), default=0) if op == "most" else len(counted)
    assert seen.ordered  # of a cell that has seen an event
    best = seen.ordered[0] if op in ("min", "first") else seen.ordered[-1]
    return seen.n, best[0] if op in ("min", "max") else best[2]


def _closures(
    binding: Binding, families: Sequence[Family], subjects: frozenset[str], first: date, end: date
) -> dict[str, Closure]:
    closures = {}
    for name in ("units", "heirs"):
        here = [f for f in families if f.key.subjects == name]
        if here:
            members = any(f.key.by_person for f in here)
            closures[name] = closure_of(binding, subjects, first, end, members, name == "heirs")
    return closures


def _lookups(
    closure: Closure | None, by_person: bool
) -> tuple[dict[tuple[str, int], tuple[tuple[str, date], ...]], dict[tuple[str | None, int, str], date]]:
    """By (unit, segment): the subjects its events count for, each with the day since when; by member: since when."""
    if closure is None:
        return {}, {}
    names = closure.names
    of_anchor: dict[tuple[int, int], list[tuple[str, date]]] = {}
    for anchor, segment, subject, since in closure.subjects.iter_rows():
        of_anchor.setdefault((segment, anchor), []).append((names[subject], since))
    counts_for = {
        (unit, segment): tuple(of_anchor[segment, anchor])
        for unit, segment, anchor in closure.anchors.iter_rows()
        if anchor is not None
    }
    members: dict[tuple[str | None, int, str], date] = {}
    if by_person:
        assert closure.members is not None
        for person, segment, subject, since in closure.members.iter_rows():
            members[person, segment, names[subject]] = since
    return counts_for, members
