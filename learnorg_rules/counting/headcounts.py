"""How many members of a subject meet a condition."""

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import date, tzinfo
from itertools import chain, compress, repeat

from ..expr.nodes import Node, Ref
from ..model.parameters import Parameters
from ..org.organisation import Organisation
from ..org.snapshot import Snapshot
from ..values import Value
from .verdicts import Verdicts

__all__ = ["Headcounts"]

Column = Callable[[str, Sequence[str], date], Sequence[Value]]
"""The values of an attribute, of persons, on a day."""

Groups = Mapping[str, Sequence[tuple[Value, ...]]]
"""Unit -> the values of some attributes of each person at home there; equal ones are one object."""


class Headcounts:
    """Counts of persons, each person looked at once, at home: what is above adds up what is below.

    Args:
        organisation: whose persons.
        along: the kind of edge of the tree.
        parameters: what conditions may name besides attributes.
        column: gives attributes.
        tz: in which days begin.
    """

    def __init__(
        self, organisation: Organisation, along: str, parameters: Parameters, column: Column, tz: tzinfo
    ) -> None:
        self._organisation, self._along = organisation, along
        self._parameters, self._column, self._tz = parameters, column, tz
        self._known: dict[tuple[int, date, date], Mapping[str, int]] = {}
        # These keep the conditions, so that their ids stay their own.
        self._verdicts: dict[tuple[int, date], Verdicts] = {}
        self._groups: dict[tuple[tuple[str, ...], date], Groups] = {}

    def count(self, condition: Node | None, subject: str, day: date, values_on: date) -> int:
        """How many persons belong to the subject on a day and meet the condition.

        Args:
            condition: on attributes of the person; None: everybody counts.
            subject: a unit or body; a person has no members.
            day: whose members, and attributes, are taken.
            values_on: the day whose parameters are taken.
        """
        bodies = self._organisation.bodies_with_members
        if bodies and self._organisation.kind(subject) == "body":
            return self._of_body(condition, subject, day, values_on)
        key = (id(condition), day, values_on)
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = self._counts(condition, day, values_on)
        return found[subject]

    def _of_body(self, condition: Node | None, body: str, day: date, values_on: date) -> int:
        """How many members of a body meet the condition: a person can belong to several, so they are counted one by one."""
        members = self._organisation.as_of(day).members(body, self._along)
        if condition is None:
            return len(members)
        verdicts = self._verdicts_of(condition, values_on)
        return sum(map(verdicts.__getitem__, self._rows(verdicts.names, members, day)))

    def _verdicts_of(self, condition: Node, values_on: date) -> Verdicts:
        found = self._verdicts.get((id(condition), values_on))
        if found is None:

            def parameter(ref: Ref) -> Value:
                return self._parameters.value(ref.name, values_on)

            found = self._verdicts[id(condition), values_on] = Verdicts(condition, parameter, self._tz)
        return found

    def _counts(self, condition: Node | None, day: date, values_on: date) -> Mapping[str, int]:
        """Unit -> how many of its members meet the condition."""
        snapshot = self._organisation.as_of(day)
        persons, homes = self._organisation.homes(day)
        if condition is None:
            return self._added_up(Counter(homes), snapshot)
        verdicts = self._verdicts_of(condition, values_on)
        if not verdicts.names_others:
            held = map(verdicts.__getitem__, self._rows(verdicts.names, persons, day))
            return self._added_up(Counter(compress(homes, held)), snapshot)
        # An age changes with the day, the rest with the organisation only.
        start = day if "age" in verdicts.names else snapshot.start
        groups = self._groups.get((verdicts.names, start))
        if groups is None:
            grouped: defaultdict[str, list[tuple[Value, ...]]] = defaultdict(list)
            one: dict[tuple[Value, ...], tuple[Value, ...]] = {}
            for home, values in zip(homes, self._rows(verdicts.names, persons, day), strict=False):
                grouped[home].append(one.setdefault(values, values))
            groups = self._groups[verdicts.names, start] = dict(grouped)
        return _OnDemand(groups, verdicts, snapshot, self._along)

    def _rows(
        self, names: Sequence[str], persons: Sequence[str], day: date
    ) -> "zip[tuple[Value, ...]] | repeat[tuple[()]]":
        """The values of the attributes, person by person."""
        columns = [self._column(name, persons, day) for name in names]
        return zip(*columns, strict=True) if columns else repeat((), len(persons))

    def _added_up(self, level: Counter[str], snapshot: Snapshot) -> Counter[str]:
        """The counts of those at home in a unit, added to every unit above it."""
        parents = snapshot.parents(self._along)
        found = Counter(level)
        while level:
            above: Counter[str] = Counter()
            for unit, count in level.items():
                parent = parents.get(unit)
                if parent is not None:
                    above[parent] += count
            found.update(above)
            level = above
        return found


class _OnDemand(dict[str, int]):
    """Unit -> how many of its members meet a condition, counted when it is first asked for.

    So a parameter is read only for persons of those judged, and said to be assumed only where it mattered.
    """

    def __init__(self, groups: Groups, verdicts: Verdicts, snapshot: Snapshot, along: str) -> None:
        super().__init__()
        self._groups, self._verdicts, self._snapshot, self._along = groups, verdicts, snapshot, along

    def __missing__(self, subject: str) -> int:
        homes = self._snapshot.descendants(subject, self._along)
        members = chain.from_iterable(self._groups.get(unit, ()) for unit in homes)
        count = self[subject] = sum(map(self._verdicts.__getitem__, members))
        return count
