"""Synthetic organisations: so many units of each level, so many persons in them, with readable ids; the same for a seed."""

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction

import numpy as np
from attrs import define, field

from ..errors import Source
from ..model.definitions import FieldType, OrganisationSchema
from ..org.organisation import Organisation
from ..org.records import Attribute, Edge, Node
from ..values import to_decimal
from .draws import cells, whole_number
from .forms import Drawn, Persons, ShapeLevel
from .streams import generator

__all__ = ["organisation_of_shape"]


def organisation_of_shape(
    levels: Sequence[ShapeLevel], persons: Persons | None, seed: int, schema: OrganisationSchema, along: str
) -> Organisation:
    """The organisation of a shape. A level with one unit alone has its name as id; others are `department_03`.

    Args:
        levels: from the top down.
        persons: where the persons are, and what is drawn for each.
        seed: of the scenario.
        schema: the types of the attributes.
        along: the kind of edge that makes the tree.
    """
    builder = _Builder(seed, along)
    above: list[str] = [""]
    for place, level in enumerate(levels):
        counts = builder.counts(level.count, ("units", place), len(above))
        parents = [parent for parent, count in zip(above, counts, strict=True) for _ in range(count)]
        above = builder.units(level, parents, schema.units)
    if persons is not None:
        units = [node.id for node in builder.nodes if builder.levels.get(node.id) == persons.in_]
        counts = builder.counts(persons.count, ("persons",), len(units))
        homes = [unit for unit, count in zip(units, counts, strict=True) for _ in range(count)]
        builder.persons(persons, homes, schema.persons)
    return Organisation.of(builder.nodes, builder.edges, builder.attributes)


@define
class _Builder:
    seed: int
    along: str
    nodes: list[Node] = field(factory=list)
    edges: list[Edge] = field(factory=list)
    attributes: list[Attribute] = field(factory=list)
    levels: dict[str, str] = field(factory=dict)

    def counts(self, count: Drawn, name: tuple[object, ...], times: int) -> list[int]:
        drawn = generator(self.seed, "organisation", *name).random(times)
        return [whole_number(count.draw, u) for u in drawn]

    def units(self, level: ShapeLevel, parents: Sequence[str], types: Mapping[str, FieldType]) -> list[str]:
        ids = list(_ids(level.level, len(parents)))
        for number, (id_, parent) in enumerate(zip(ids, parents, strict=True), start=1):
            words = level.level.replace("_", " ").capitalize()
            name = words if len(ids) == 1 else f"{words} {number}"
            self.nodes.append(Node(id_, "unit", {"en": name}, None, None, level.source))
            self.levels[id_] = level.level
            self.attributes.append(Attribute(id_, "level", level.level, None, None, level.source))
            if parent:
                self.edges.append(Edge(self.along, id_, parent, None, None, {}, level.source))
        self._attributes(ids, level.level, level.attributes, types, level.source)
        return ids

    def persons(self, persons: Persons, homes: Sequence[str], types: Mapping[str, FieldType]) -> None:
        width = max(2, len(str(len(homes))))
        ids = [f"person_{number:0{width}}" for number in range(1, len(homes) + 1)]
        for number, (id_, home) in enumerate(zip(ids, homes, strict=True), start=1):
            self.nodes.append(Node(id_, "person", {"en": f"Person {number}"}, None, None, persons.source))
            self.edges.append(Edge("member_of", id_, home, None, None, {}, persons.source))
        self._attributes(ids, "person", persons.attributes, types, persons.source)

    def _attributes(
        self, ids: Sequence[str], what: str, drawn: Mapping[str, Drawn], types: Mapping[str, FieldType], place: Source
    ) -> None:
        for name, one in drawn.items():
            uniform: np.ndarray = generator(self.seed, "organisation", "attribute", what, name).random(len(ids))
            kind = types[name]
            for id_, cell in zip(ids, cells(one.draw, kind, uniform), strict=True):
                text = str(to_decimal(Fraction(cell, 10**kind.scale))) if kind.type == "decimal" else _text(cell)
                self.attributes.append(Attribute(id_, name, text, None, None, place))


def _ids(level: str, count: int) -> Iterator[str]:
    if count == 1:
        yield level
        return
    width = max(2, len(str(count)))
    yield from (f"{level}_{number:0{width}}" for number in range(1, count + 1))


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
