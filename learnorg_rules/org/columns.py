"""Records as columns: a million nodes, edges and values are held in lists, and made into records where somebody looks at one."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import TypeVar

from attrs import field, frozen

from ..errors import Source
from .pieces import Made, Picked, Pieces
from .records import NODE_KINDS, Attribute, Edge, Node
from .timeline import ALWAYS, half_open

__all__ = ["AttributeColumns", "Days", "Edges", "Nodes", "Records", "Versions"]

Days = tuple[date | None, date | None]
"""First and last day as recorded; None is open."""

V = TypeVar("V")
_OPEN: Days = (None, None)
_NOTHING: Mapping[str, str] = {}


@frozen(eq=False)
class AttributeColumns:
    """The values of one attribute, a row for each of its versions: by node in the order of the records, then by date.

    Attributes:
        nodes: the node of each row.
        values: the value of each row, as it was recorded.
        spans: the first day of each row and the day after its last; None where every row holds on every day.
        source: the place of the record of a row.
    """

    nodes: Sequence[str]
    values: Sequence[object]
    spans: Sequence[tuple[date, date]] | None
    source: Callable[[int], Source]


class Nodes(Mapping[str, Node]):
    """All nodes by id, in the order of the records.

    Attributes:
        ids: the id of each record.
        kinds: id -> "unit", "body" or "person".
        dates: position -> days, of the records that have any.
        kind_runs: position -> the kind of the records from there on.
    """

    def __init__(self) -> None:
        self.ids: list[str] = []
        self.kinds: dict[str, str] = {}
        self.dates: dict[int, Days] = {}
        self.kind_runs: dict[int, str] = {}
        self.names: Pieces[Mapping[str, str]] = Pieces()
        self.places: Pieces[Source] = Pieces()
        self._positions: dict[str, int] | None = None
        self._sorted: dict[str, tuple[str, ...]] = {}

    def __getitem__(self, key: str) -> Node:
        i = self.position(key)
        return Node(key, self.kinds[key], self.names[i], *self.dates.get(i, _OPEN), self.places[i])

    def __iter__(self) -> Iterator[str]:
        return iter(self.kinds)

    def __len__(self) -> int:
        return len(self.kinds)

    def __contains__(self, key: object) -> bool:
        return key in self.kinds

    def position(self, node: str) -> int:
        """The position of the first record with the id.

        Raises:
            KeyError: there is none.
        """
        if self._positions is None:
            self._positions = dict(zip(reversed(self.ids), reversed(range(len(self.ids))), strict=True))
        return self._positions[node]

    def of_kind(self, kind: str) -> tuple[str, ...]:
        """The ids of the nodes of a kind, sorted."""
        if kind not in self._sorted:
            self._sorted[kind] = tuple(sorted(id_ for id_, of_id in self.kinds.items() if of_id == kind))
        return self._sorted[kind]

    def add(self, node: Node) -> None:
        """Take one record."""
        if node.kind not in NODE_KINDS:
            raise ValueError(f"no kind of node: {node.kind!r}")
        if node.from_ is not None or node.to is not None:
            self.dates[len(self.ids)] = node.from_, node.to
        self.kind_runs[len(self.ids)] = self.kinds[node.id] = node.kind
        self.ids.append(node.id)
        self.names.append(node.name)
        self.places.append(node.source)

    def extend(
        self,
        kind: str,
        ids: Sequence[str],
        names: Mapping[str, Sequence[str | None]],
        dates: Mapping[int, Days],
        places: Sequence[Source],
    ) -> None:
        """Take many of one kind: their names by language, None where there is none; `dates` by position among these."""
        _shifted(self.dates, dates, len(self.ids))
        self.kind_runs[len(self.ids)] = kind
        self.kinds.update(dict.fromkeys(ids, kind))
        self.ids.extend(ids)
        self.names.extend(_Names(names, len(ids)))
        self.places.extend(places)

    def settle(self) -> list[tuple[int, str]]:
        """Let only the first record of an id count; position and kind of the others. To be called when all are there."""
        again: list[tuple[int, str]] = []
        if len(self.kinds) < len(self.ids):
            self.kinds.clear()
            kind = ""
            for position, id_ in enumerate(self.ids):
                kind = self.kind_runs.get(position, kind)
                if id_ in self.kinds:
                    again.append((position, kind))
                else:
                    self.kinds[id_] = kind
        return again


class _Names(Made[Mapping[str, str]]):
    """The names of many nodes, held by language."""

    def __init__(self, columns: Mapping[str, Sequence[str | None]], size: int) -> None:
        self.columns, self.size = columns, size

    def __len__(self) -> int:
        return self.size

    def _at(self, index: int) -> Mapping[str, str]:
        texts = ((language, column[index]) for language, column in self.columns.items())
        return {language: text for language, text in texts if text is not None}


class Edges(Made[Edge]):
    """The edges of one kind, in the order of the records.

    Attributes:
        sources, targets: the ends of each.
        dates: position -> days, of those that have any.
        own: position -> attributes, of those that have any.
        row_kinds: the kinds of the sources, where each edge is the only one in the row of its source; else None.
    """

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self.sources: list[str] = []
        self.targets: list[str] = []
        self.dates: dict[int, Days] = {}
        self.own: dict[int, Mapping[str, str]] = {}
        self.row_kinds: set[str] | None = set()
        self.places: Pieces[Source] = Pieces()

    def __len__(self) -> int:
        return len(self.sources)

    def _at(self, index: int) -> Edge:
        days, own = self.dates.get(index, _OPEN), self.own.get(index, _NOTHING)
        return Edge(self.kind, self.sources[index], self.targets[index], *days, own, self.places[index])

    def add(self, edge: Edge) -> None:
        """Take one record of this kind."""
        position = len(self.sources)
        self.sources.append(edge.source_id)
        self.targets.append(edge.target_id)
        if edge.from_ is not None or edge.to is not None:
            self.dates[position] = edge.from_, edge.to
        if edge.attributes:
            self.own[position] = edge.attributes
        self.places.append(edge.source)
        self.row_kinds = None

    def extend(
        self,
        sources: Sequence[str],
        targets: Sequence[str],
        dates: Mapping[int, Days],
        own: Mapping[int, Mapping[str, str]],
        places: Sequence[Source],
        row_kind: str | None = None,
    ) -> None:
        """Take many; `dates` and `own` by position among these.

        `row_kind`: the kind of the sources, where each edge is the only one in the row of its source.
        """
        if self.row_kinds is not None and row_kind is not None:
            self.row_kinds.add(row_kind)
        else:
            self.row_kinds = None
        start = len(self.sources)
        self.sources.extend(sources)
        self.targets.extend(targets)
        _shifted(self.dates, dates, start)
        _shifted(self.own, own, start)
        self.places.extend(places)

    def picked(self, positions: Sequence[int]) -> "Edges":
        """Those at the positions."""
        found = Edges(self.kind)
        sources, targets = ([column[i] for i in positions] for column in (self.sources, self.targets))
        dates, own = _picked(self.dates, positions), _picked(self.own, positions)
        found.extend(sources, targets, dates, own, Picked(self.places, positions))
        return found


class Versions(Mapping[str, tuple[Attribute, ...]]):
    """The values of one attribute: node -> its versions, by date once `sort` was called.

    Attributes:
        nodes, given: the node and the value of each record.
        dates: position -> days, of the records that have any.
        in_rows: whether each value stood in the row of its node, and no other.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.nodes: list[str] = []
        self.given: list[object] = []
        self.dates: dict[int, Days] = {}
        self.in_rows = True
        self.places: Pieces[Source] = Pieces()
        self._first: dict[str, int] | None = None

    def __getitem__(self, key: str) -> tuple[Attribute, ...]:
        return tuple(map(self.record, self._rows(key)))

    def __iter__(self) -> Iterator[str]:
        return iter(dict.fromkeys(self.nodes))

    def __len__(self) -> int:
        return len(set(self.nodes))

    def on(self, node: str, day: date) -> object | None:
        """The value of the node on the day; None where there is none."""
        for row in self._rows(node) if node in self else ():
            from_, to = self.dates.get(row, _OPEN)
            if (from_ is None or from_ <= day) and (to is None or day <= to):
                return self.given[row]
        return None

    def __contains__(self, key: object) -> bool:
        return key in self._rows_by_node()

    def record(self, row: int) -> Attribute:
        """The record of a row."""
        days = self.dates.get(row, _OPEN)
        return Attribute(self.nodes[row], self.name, self.given[row], *days, self.places[row])

    def span(self, row: int) -> tuple[date, date]:
        """The days of a row, half-open."""
        return half_open(*self.dates[row]) if row in self.dates else ALWAYS

    def columns(self) -> AttributeColumns:
        """The rows as columns."""
        spans = [self.span(row) for row in range(len(self.nodes))] if self.dates else None
        return AttributeColumns(self.nodes, self.given, spans, self.places.__getitem__)

    def add(self, attribute: Attribute) -> None:
        """Take one record of this attribute."""
        if attribute.from_ is not None or attribute.to is not None:
            self.dates[len(self.nodes)] = attribute.from_, attribute.to
        self.nodes.append(attribute.node)
        self.given.append(attribute.value)
        self.places.append(attribute.source)
        self.in_rows = False

    def extend(
        self,
        nodes: Sequence[str],
        values: Sequence[object],
        dates: Mapping[int, Days],
        places: Sequence[Source],
        in_rows: bool = False,
    ) -> None:
        """Take many; `dates` by position among these. `in_rows`: each stood in the row of its node, and no other."""
        self.in_rows = self.in_rows and in_rows
        _shifted(self.dates, dates, len(self.nodes))
        self.nodes.extend(nodes)
        self.given.extend(values)
        self.places.extend(places)

    def picked(self, rows: Sequence[int]) -> "Versions":
        """Those of the rows, in their order."""
        found = Versions(self.name)
        nodes, values = [self.nodes[i] for i in rows], [self.given[i] for i in rows]
        found.extend(nodes, values, _picked(self.dates, rows), Picked(self.places, rows))
        return found

    def _rows(self, node: str) -> Iterable[int]:
        """The rows of a node; they stand together."""
        row = self._rows_by_node()[node]
        while row < len(self.nodes) and self.nodes[row] == node:
            yield row
            row += 1

    def _rows_by_node(self) -> dict[str, int]:
        if self._first is None:
            self._first = dict(zip(reversed(self.nodes), reversed(range(len(self.nodes))), strict=True))
        return self._first


@frozen
class Records:
    """All records of an organisation, as they come. `edges` by kind, `versions` by the name of the attribute."""

    nodes: Nodes = field(factory=Nodes)
    edges: dict[str, Edges] = field(factory=dict)
    versions: dict[str, Versions] = field(factory=dict)

    def edges_of(self, kind: str) -> Edges:
        """The edges of a kind, to add to."""
        found = self.edges.get(kind)
        if found is None:
            found = self.edges[kind] = Edges(kind)
        return found

    def versions_of(self, name: str) -> Versions:
        """The values of an attribute, to add to."""
        found = self.versions.get(name)
        if found is None:
            found = self.versions[name] = Versions(name)
        return found


def _shifted(into: dict[int, V], some: Mapping[int, V], start: int) -> None:
    for position, value in some.items():
        into[start + position] = value


def _picked(values: Mapping[int, V], positions: Sequence[int]) -> dict[int, V]:
    return {new: values[old] for new, old in enumerate(positions) if old in values} if values else {}
