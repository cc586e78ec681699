"""The organisation as it is on one day."""

from collections.abc import Mapping, Sequence
from datetime import date
from functools import cached_property

from attrs import field, frozen

from .records import Attribute
from .timeline import Relation, Timeline

__all__ = ["Snapshot"]


@frozen(eq=False)
class Snapshot:
    """What holds on every day of [start, end), a stretch in which nothing of the organisation changes.

    An id that is not there on these days has no relations: asking gives None or (), never an error. `along` is an
    edge kind. Attributes are told for what they say, whether or not the node is there on the day.
    """

    start: date
    end: date
    _ids: Mapping[str, Sequence[str]]
    _lives: Mapping[str, tuple[date, date]]
    _timelines: Mapping[str, Timeline]
    _homes: Timeline
    _versions: Mapping[str, Mapping[str, tuple[Attribute, ...]]]
    _members: dict[tuple[str, str], tuple[str, ...]] = field(factory=dict, init=False, repr=False)
    _relations: dict[str, Relation] = field(factory=dict, init=False, repr=False)

    def exists(self, node: str) -> bool:
        """Whether there is a node with this id, and it is there on the day."""
        life = self._lives.get(node)
        return life is not None and life[0] <= self.start < life[1]

    def units(self) -> tuple[str, ...]:
        """The units there are, sorted."""
        return self._existing["unit"]

    def bodies(self) -> tuple[str, ...]:
        """The bodies there are, sorted."""
        return self._existing["body"]

    def persons(self) -> tuple[str, ...]:
        """The persons there are, sorted."""
        return self._existing["person"]

    def parent(self, unit: str, along: str = "part_of") -> str | None:
        """The one node above.

        Raises:
            ValueError: there are several; `part_of` and `party_part_of` never have.
        """
        targets = self.targets(unit, along)
        if len(targets) > 1:
            raise ValueError(f"'{unit}' has several targets along {along}: {', '.join(targets)}")
        return targets[0] if targets else None

    def ancestors(self, unit: str, along: str = "part_of") -> tuple[str, ...]:
        """All nodes above, nearest first, without the unit itself."""
        return self._relation(along).above(unit)

    def descendants(self, unit: str, along: str = "part_of") -> tuple[str, ...]:
        """The unit itself, then all nodes below it, sorted; () where it is not there. Bodies are among them."""
        return self._relation(along).below(unit) if self.exists(unit) else ()

    def home(self, person: str) -> str | None:
        """The unit the person is a member of; bodies are no home."""
        homes = self._homes_now.targets.get(person)
        return homes[0] if homes else None

    def members(self, unit: str, along: str = "part_of") -> tuple[str, ...]:
        """The persons whose home is the unit or one below it, sorted."""
        known = self._members.get((along, unit))
        if known is None:
            direct = self._homes_now.sources
            found = [p for below in self.descendants(unit, along) for p in direct.get(below, ())]
            known = self._members[along, unit] = tuple(sorted(found))
        return known

    def targets(self, node: str, kind: str) -> tuple[str, ...]:
        """The nodes the id points at with an edge of the kind, sorted."""
        return self._relation(kind).targets.get(node, ())

    def sources(self, node: str, kind: str) -> tuple[str, ...]:
        """The nodes that point at the id with an edge of the kind, sorted."""
        return self._relation(kind).sources.get(node, ())

    def attribute(self, node: str, name: str) -> object | None:
        """The attribute's value, None where none is recorded for the day."""
        for version in self._versions.get(name, {}).get(node, ()):
            if (version.from_ is None or version.from_ <= self.start) and (
                version.to is None or self.start <= version.to
            ):
                return version.value
        return None

    def _relation(self, kind: str) -> Relation:
        found = self._relations.get(kind)
        if found is None:
            found = self._relations[kind] = self._timelines[kind].on(self.start)
        return found

    @cached_property
    def _homes_now(self) -> Relation:
        return self._homes.on(self.start)

    @cached_property
    def _existing(self) -> Mapping[str, tuple[str, ...]]:
        return {kind: tuple(node for node in ids if self.exists(node)) for kind, ids in self._ids.items()}
