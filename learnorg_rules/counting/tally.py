"""Cells kept up to date one event at a time: what the kernel computes in bulk, by plain accumulators.

A tally holds, for every query, subject and period, the cell, and, for the aggregates that need them, the elements or values
seen. Adding an event and taking it back are each other's opposite, so a correction costs what an event costs, and no other
event is looked at.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from fractions import Fraction
from typing import Any

from attrs import frozen

from ..dataflow.nodes import Dataflow, ScanGroup
from ..events.event import Event
from ..expr.aggregates import Cell
from ..expr.evaluate import compile_node
from ..expr.types import Base
from ..periods import ONE_DAY
from ..values import Value
from .accumulators import Accumulator, Getter, Place, accumulator_of
from .atoms import atoms_for
from .binding import Binding
from .closure import Closure, closure_of
from .kernel import Cells, scales_of
from .presence import is_absent

__all__ = ["CellKey", "SeenRow", "Tally"]

CellKey = tuple[int, str, int]
"""Number of the query, subject, index of the period."""

SeenRow = tuple[int, str, int, Sequence[Any], Sequence[Any] | None]
"""One cell: its key, events counted and parts of the value, and what was seen, where that is kept."""

_Step = tuple[Accumulator, int | None, int | None, bool, int, date, int | None]
"""A query in an atom: its accumulator, conditions (see there), whether it needs an element, the index of the period, the last
day on which what is inherited counts in it, and the sub-period that is hit."""


class Tally:
    """Cells of every query of a dataflow, by adding events and taking them back."""

    def __init__(self, binding: Binding, dataflow: Dataflow, subjects: Iterable[str], last: date) -> None:
        """An empty tally.

        Args:
            binding: the organisation; its day judged is the one whose tree counts with `as_now`.
            dataflow: the queries.
            subjects: ids of all units and bodies that cells are wanted for.
            last: the last day events are taken from.
        """
        self.binding, self.dataflow, self.subjects = binding, dataflow, frozenset(subjects)
        self.cells = {query.number: Cells({}, *scales_of(query.lowered)) for query in dataflow.queries}
        self.accumulators: dict[int, Accumulator] = {}
        self._by_kind: dict[str, list[_ScanTally]] = {}
        scans = [f for f in dataflow.scans if any(dataflow.schedules[s].periods for s in f.schedules)]
        if scans:
            first = min(dataflow.schedules[s].periods[0].start for f in scans for s in f.schedules)
            closures = _closures(binding, scans, self.subjects, first, last + ONE_DAY)
            reaches = {name: _reach_of(closure) for name, closure in closures.items()}
            for scan in scans:
                name = scan.key.subjects
                found = _ScanTally(self, scan, closures.get(name), reaches.get(name, _Reach({}, {})), first, last)
                for kind in found.asked:
                    self._by_kind.setdefault(kind, []).append(found)

    def add(self, event: Event, day: date, sign: int = 1) -> list[CellKey]:
        """Count an event of a local day, or with `sign` -1 take it back.

        Returns:
            The cells that give something else now, or came to be or ceased; that more events gave the same is no difference.
        """
        changed: list[CellKey] = []
        scans = self._by_kind.get(event.kind)
        if scans is not None:
            look = _Looked(self.binding, event, day)
            for scan in scans:
                scan.add(event, day, look, sign, changed)
        return changed

    # ---- kept and brought back

    def rows(self) -> list[SeenRow]:
        """What every cell has seen; `restore` of an empty tally of the same queries brings it back."""
        return [
            (number, *place, list(parts), accumulator.kept(place))
            for number, accumulator in self.accumulators.items()
            for place, parts in accumulator.values.items()
        ]

    def restore(self, rows: Iterable[SeenRow]) -> None:
        """Take over what `rows` gave."""
        for number, subject, index, parts, kept in rows:
            accumulator = self.accumulators[number]
            accumulator.values[subject, index] = tuple(parts)
            accumulator.restore((subject, index), kept)


class _ScanTally:
    """The queries of one scan, by kind of event."""

    def __init__(
        self, tally: Tally, scan: ScanGroup, closure: Closure | None, reach: "_Reach", first: date, last: date
    ) -> None:
        self.key = scan.key
        binding, dataflow = tally.binding, tally.dataflow
        self._organisation = binding.organisation
        schedules = {s: dataflow.schedules[s] for s in scan.schedules}
        segments = [(first, last + ONE_DAY)] if closure is None else closure.segments
        atoms = atoms_for(schedules, scan.grains, segments, binding.ruleset.calendar, last)
        self.first, self.of_day = atoms.first_day.toordinal(), atoms.of_day
        self.atoms, self.due = list(atoms.table.iter_rows(named=True)), atoms.due
        self.counts_for, self.members = reach.counts_for, reach.members if scan.key.by_person else {}
        tz = binding.ruleset.time_zone
        self.conditions = [compile_node(c, tz) for c in scan.conditions]
        numbers = {node: i for i, node in enumerate(scan.conditions)}
        self.element = None if scan.key.element is None else compile_node(scan.key.element, tz)
        self.asked: dict[str, list[Accumulator]] = {}
        self._steps: dict[tuple[str, int], tuple[Sequence[_Step], int]] = {}
        for query in scan.queries:
            values: dict[Place, tuple[Any, ...]] = tally.cells[query.number].values  # type: ignore[assignment] # ours
            accumulator = tally.accumulators[query.number] = accumulator_of(query, numbers, tz, values)
            for kind in query.lowered.kinds:
                self.asked.setdefault(kind, []).append(accumulator)

    def add(self, event: Event, day: date, look: "_Looked", sign: int, changed: list[CellKey]) -> None:
        """Count the event in every cell it belongs to, or take it back; cells that are different now go to `changed`."""
        number = day.toordinal() - self.first
        if not 0 <= number < len(self.of_day):
            return
        atom = self.of_day[number]
        steps, segment = self._steps.get((event.kind, atom)) or self._steps_of(event.kind, atom)
        if not steps:
            return
        subjects: Sequence[tuple[str, date]]
        if self.key.subjects == "persons":
            person = event.person
            subjects = () if person is None or is_absent(self._organisation, person, day) else ((person, date.min),)
        else:
            subjects = self.counts_for.get(segment, _NOWHERE).get(event.unit, ())
        if not subjects:
            return
        conditions = self.conditions
        held: list[bool | None] = [None] * len(conditions)
        element = None if self.element is None else self.element(look)
        belongs = self.members.get((event.person, segment), _NOWHERE)
        for accumulator, inside, outside, needs_element, index, due, hit in steps:
            if needs_element and element is None:
                continue
            meets = inside is None or _meets(inside, held, conditions, look)
            other = meets if inside == outside else outside is None or _meets(outside, held, conditions, look)
            if not (meets or other):
                continue
            taken = accumulator.taken(event, look, element, hit)
            for subject, since in subjects:
                if since > due:
                    continue  # a period that was over before the succession is not changed by it
                if meets is not other:
                    joined = belongs.get(subject)
                    if not (meets if joined is not None and joined <= due else other):
                        continue
                if accumulator.change((subject, index), taken, sign):
                    changed.append((accumulator.number, subject, index))

    def _steps_of(self, kind: str, atom: int) -> tuple[Sequence[_Step], int]:
        """What events of a kind count in on the days of an atom, and its segment. Kept: there are few of either."""
        steps: list[_Step] = []
        where = self.atoms[atom] if atom >= 0 else {}
        for a in self.asked[kind] if where else ():
            index = where[f"period:{a.schedule}"]
            if index is not None:
                is_hit = a.grain and where[f"in:{a.grain}:{a.schedule}"]
                hit = where[f"hit:{a.grain}"] if is_hit else None
                needs_element = a.function.cell is Cell.ELEMENTS
                steps.append((a, a.inside, a.outside, needs_element, index, self.due[a.schedule][index], hit))
        found = self._steps[kind, atom] = steps, where.get("_segment", 0)
        return found


def _meets(number: int, held: list[bool | None], conditions: Sequence[Callable[[Getter], Any]], look: Getter) -> bool:
    """Whether a condition holds; each is computed at most once an event. -1 never holds."""
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

    def __call__(self, node: Any) -> Value:  # a `Ref`: conditions and values have no other names
        event, name, scope = self.event, node.name, node.scope
        if scope == "event":
            if name in _ENVELOPE:
                return getattr(event, name)  # type: ignore[no-any-return]
            if name == "date":
                return self.day
            value = event.fields.get(name)
            if value is None or node.type is None or node.type.base is not Base.NUMBER:
                return value
            scale = self.binding.ruleset.fields[name].scale
            return Fraction(value, 10**scale) if scale else value  # type: ignore[call-overload]
        who = event.person if scope == "person" else event.unit
        return None if who is None else self.binding.attribute(who, name, self.day)


_NOWHERE: Mapping[str, Any] = {}
_ENVELOPE = frozenset(("id", "kind", "unit", "person", "occurred_at", "recorded_at", "source"))


def _closures(
    binding: Binding, scans: Sequence[ScanGroup], subjects: frozenset[str], first: date, end: date
) -> dict[str, Closure]:
    closures = {}
    for name in ("units", "successors"):
        here = [f for f in scans if f.key.subjects == name]
        if here:
            members = any(f.key.by_person for f in here)
            closures[name] = closure_of(binding, subjects, first, end, members, name == "successors")
    return closures


@frozen
class _Reach:
    """A closure by key, the same for all families of one sort of subject.

    `counts_for[segment][unit]`: the subjects that events of the unit count for, each with the day since when.
    `members[person, segment]`: the subjects the person belongs to, alike.
    """

    counts_for: Mapping[int, Mapping[str, Sequence[tuple[str, date]]]]
    members: Mapping[tuple[str | None, int], Mapping[str, date]]


def _reach_of(closure: Closure) -> _Reach:
    names = closure.names
    of_anchor: dict[tuple[int, int], list[tuple[str, date]]] = {}
    for anchor, segment, subject, since in closure.subjects.iter_rows():
        of_anchor.setdefault((segment, anchor), []).append((names[subject], since))
    counts_for: dict[int, dict[str, Sequence[tuple[str, date]]]] = {}
    for unit, segment, anchor in closure.anchors.iter_rows():
        if anchor is not None:
            counts_for.setdefault(segment, {})[unit] = of_anchor[segment, anchor]
    # The persons of a unit belong to the same subjects: one dict for all of them.
    belongs = {key: dict(reached) for key, reached in of_anchor.items()}
    homes = () if closure.homes is None else closure.homes.iter_rows()
    members = {(person, segment): belongs[segment, home] for person, segment, home in homes}
    for person, segment, body in () if closure.of_bodies is None else closure.of_bodies.iter_rows():
        members[person, segment] = {**members.get((person, segment), {}), names[body]: date.min}
    return _Reach(counts_for, members)
