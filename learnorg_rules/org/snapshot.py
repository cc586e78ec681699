"""The organisation as it is on one day."""

from collections.abc import Mapping, Set
from datetime import date
from functools import cached_property

from attrs import field, frozen

from .columns import Nodes, Versions
from .timeline import ALWAYS, Relation, Timeline

__all__ = ["Snapshot"]


@frozen(eq=False)
class Snapshot:
    """What holds on every day of [start, end), a stretch in which nothing of the organisation changes.

    An id that is not there on these days has no relations: asking gives None or (), never an error. `along` is an
    edge kind. Attributes are told for what they say, whether or not the node is there on the day.
    """

    start: date
    end: date
    _nodes: Nodes
    _lives: Mapping[str, tuple[date, date]]
    _timelines: Mapping[str, Timeline]
    _homes: Timeline
    _versions: Mapping[str, Versions]
    _members: dict[tuple[str, str], tuple[str, ...]] = field(factory=dict, init=False, repr=False)
    _relations: dict[str, Relation] = field(factory=dict, init=False, repr=False)
    _existing: dict[str, tuple[str, ...]] = field(factory=dict, init=False, repr=False)

    def exists(self, node: str) -> bool:
        """Whether there is a node with this id, and it is there on the day."""
        start, end = self._lives.get(node, ALWAYS)
        return node in self._nodes.kinds and start <= self.start < end

    @cached_property
    def belonging(self) -> Set[str]:
        """Whoever is a member of anything."""
        return frozenset(self._relation("member_of").one)

    def units(self) -> tuple[str, ...]:
        """The units there are, sorted."""
        return self._of_kind("unit")

    def bodies(self) -> tuple[str, ...]:
        """The bodies there are, sorted."""
        return self._of_kind("body")

    def persons(self) -> tuple[str, ...]:
        """The persons there are, sorted."""
        return self._of_kind("person")

    def parent(self, unit: str, along: str = "part_of") -> str | None:
        """The one node above.

        Raises:
            ValueError: there are several; `part_of` and `party_part_of` never have.
        """
        targets = self.targets(unit, along)
        if len(targets) > 1:
            raise ValueError(f"'{unit}' has several targets along {along}: {', '.join(targets)}")
        return targets[0] if targets else None

    def parents(self, along: str = "part_of") -> Mapping[str, str]:
        """The one node above, of every node that has one.

        Raises:
            ValueError: some have several; in `part_of` and `party_part_of` none does.
        """
        relation = self._relation(along)
        if relation.several:
            raise ValueError(f"'{next(iter(relation.several))}' has several targets along {along}")
        return relation.one

    def ancestors(self, unit: str, along: str = "part_of") -> tuple[str, ...]:
        """All nodes above, nearest first, without the unit itself."""
        return self._relation(along).above(unit)

    def descendants(self, unit: str, along: str = "part_of") -> tuple[str, ...]:
        """The unit itself, then all nodes below it, sorted; () where it is not there. Bodies are among them."""
        return self._relation(along).below(unit) if self.exists(unit) else ()

    def home(self, person: str) -> str | None:
        """The unit the person is a member of; bodies are no home."""
        return self._homes_now.one.get(person)

    def members(self, unit: str, along: str = "part_of") -> tuple[str, ...]:
        """The persons whose home is the unit or one below it; of a body also its members and those of bodies below it. Sorted.

        The members of a body belong to it, and not for that to the units above it.
        """
        known = self._members.get((along, unit))
        if known is None:
            direct, below = self._homes_now.into, self.descendants(unit, along)
            found = {p for node in below for p in direct.get(node, ())}
            if self._nodes.kinds.get(unit) == "body":
                kinds = self._nodes.kinds
                into = self._relation("member_of").into
                found |= {p for node in below for p in into.get(node, ()) if kinds.get(p) == "person"}
            known = self._members[along, unit] = tuple(sorted(found))
        return known

    def targets(self, node: str, kind: str) -> tuple[str, ...]:
        """The nodes the id points at with an edge of the kind, sorted."""
        return self._relation(kind).targets_of(node)

    def sources(self, node: str, kind: str) -> tuple[str, ...]:
        """The nodes that point at the id with an edge of the kind, sorted."""
        return self._relation(kind).sources_of(node)

    def attribute(self, node: str, name: str) -> object | None:
        """The attribute's value, None where none is recorded for the day."""
        versions = self._versions.get(name)
        return None if versions is None else versions.on(node, self.start)

    def _relation(self, kind: str) -> Relation:
        found = self._relations.get(kind)
        if found is None:
            found = self._relations[kind] = self._timelines[kind].on(self.start)
        return found

    @cached_property
    def _homes_now(self) -> Relation:
        return self._homes.on(self.start)

    def _of_kind(self, kind: str) -> tuple[str, ...]:
        found = self._existing.get(kind)
        if found is None:
            found = self._nodes.of_kind(kind)
            if gone := {n for n, (start, end) in self._lives.items() if not start <= self.start < end}:
                found = tuple(node for node in found if node not in gone)
            self._existing[kind] = found
        return found
