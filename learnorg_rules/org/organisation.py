"""The organisation by date: records checked and indexed, asked for a day or for stretches of days."""

import bisect
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from datetime import date
from functools import cached_property
from itertools import chain
from typing import TYPE_CHECKING

from attrs import frozen

from ..errors import Issue, Issues
from .checks import check
from .columns import AttributeColumns, Edges, Nodes, Records, Versions
from .records import KINDS, NODE_KINDS, Attribute, Edge, Node
from .snapshot import Snapshot
from .timeline import ALWAYS, Recent, Timeline, cut, half_open, joined

if TYPE_CHECKING:
    import networkx

__all__ = ["Organisation"]

_KEPT = 4_000_000  # nodes in remembered days, all in all: some hundred MB at the most
_MOST = 1024
_WHOLE = (ALWAYS,)


@frozen(eq=False, repr=False)
class Organisation:
    """Units, bodies and persons with the edges between them, by date. Made by `Organisation.of`.

    Attributes:
        nodes: every node by id, whenever it was there.
        edges: the edges of each kind, in the order of the records.
        versions: attribute name -> node -> its values, by date, never two on one day.
        files: the files the records came from, as they were named.
        warnings: findings that did not refuse the records.
    """

    nodes: Nodes
    edges: Mapping[str, Edges]
    versions: Mapping[str, Versions]
    files: tuple[str, ...]
    warnings: tuple[Issue, ...]
    _lives: Mapping[str, tuple[date, date]]
    _timelines: Mapping[str, Timeline]
    _homes: Timeline
    _recent: Recent[int, Snapshot]

    @classmethod
    def of(
        cls,
        nodes: Iterable[Node],
        edges: Iterable[Edge] = (),
        attributes: Iterable[Attribute] = (),
        files: Iterable[str] = (),
        issues: Issues | None = None,
    ) -> "Organisation":
        """The organisation of these records.

        Args:
            nodes: in any order, each id once.
            edges: in any order.
            attributes: in any order; several of one node and name where the value changed.
            files: the files the records came from.
            issues: what the reader of the records found already; raised, or kept as warnings, with what is found here.

        Raises:
            InputError: the records do not hold together; it holds every fault (codes O101 to O111).
        """
        records = Records()
        for node in nodes:
            records.nodes.add(node)
        for edge in edges:
            records.edges_of(edge.kind).add(edge)
        for attribute in attributes:
            records.versions_of(attribute.name).add(attribute)
        return cls.of_records(records, files, issues or Issues())

    @classmethod
    def of_records(cls, records: Records, files: Iterable[str], issues: Issues) -> "Organisation":
        """As `of`, for records in columns. They are taken over: nobody else may add to them.

        Raises:
            InputError: the records do not hold together.
        """
        files = tuple(files)
        found = check(records, files, issues)
        issues.raise_errors()
        size = max(8, min(_MOST, _KEPT // len(records.nodes)))
        timelines = {kind: Timeline(links, Recent(size)) for kind, links in found.links.items()}
        all_home = found.homes is found.links["member_of"]
        at_home = timelines["member_of"] if all_home else Timeline(found.homes, Recent(size))
        warnings = tuple(sorted(set(issues.found)))
        return cls(
            records.nodes, found.edges, found.versions, files, warnings, found.lives, timelines, at_home, Recent(size)
        )

    def __repr__(self) -> str:
        kinds = Counter(self.nodes.kinds.values())
        sizes = ", ".join(f"{kinds[kind]} {kind}s" for kind in NODE_KINDS).replace("bodys", "bodies")
        return f"<Organisation: {sizes}, {sum(map(len, self.edges.values()))} edges>"

    @property
    def units(self) -> tuple[str, ...]:
        """The ids of all units, whenever they were there, sorted."""
        return self.nodes.of_kind("unit")

    @property
    def bodies(self) -> tuple[str, ...]:
        """The ids of all bodies, whenever they were there, sorted."""
        return self.nodes.of_kind("body")

    @property
    def persons(self) -> tuple[str, ...]:
        """The ids of all persons, whenever they were there, sorted."""
        return self.nodes.of_kind("person")

    def life(self, node: str) -> tuple[date, date]:
        """The days the node is there, half-open; date.min and date.max stand for an open end.

        Raises:
            KeyError: there is no such node.
        """
        if node not in self.kinds:
            raise KeyError(node)
        return self._lives.get(node, ALWAYS)

    def stays(self, node: str) -> Sequence[tuple[date, date]]:
        """The days the node lives, as half-open stretches, sorted, without touching each other.

        Those of a person are the days on which both the person and some membership (`member_of`) of theirs hold. Where no
        membership of theirs is recorded, on any day, nothing is known of it, and they live as units and bodies do: from
        their first day to their last.

        Raises:
            KeyError: there is no such node.
        """
        life = self.life(node)
        is_person = self.kinds[node] == "person"
        return self._of_members.get(node, (life,)) if is_person else (life,)

    def kind(self, node: str) -> str:
        """Whether it is a "unit", a "body" or a "person".

        Raises:
            KeyError: there is no such node.
        """
        return self.kinds[node]

    def names(self, node: str, language: str = "en") -> str:
        """The node's name in the language, else in English, else in any, else its id.

        Raises:
            KeyError: there is no such node.
        """
        name = self.nodes[node].name
        return name.get(language) or name.get("en") or next(iter(name.values()), "") or node

    # ---- as of a day

    def as_of(self, day: date) -> Snapshot:
        """The organisation as it is on the day. Days between which nothing changes share one snapshot."""
        position = bisect.bisect_right(self.change_days, day)

        def make() -> Snapshot:
            start = self.change_days[position - 1] if position else date.min
            end = self.change_days[position] if position < len(self.change_days) else date.max
            return Snapshot(start, end, self.nodes, self._lives, self._timelines, self._homes, self.versions)

        return self._recent.get(position, make)

    # ---- stretches without change

    def segments(self, along: str, start: date, end: date) -> list[tuple[date, date]]:
        """The stretches of [start, end) in which the tree along this edge kind, the lives and the homes stay the same.

        Half-open and sorted, without gaps; one where nothing changes, none where [start, end) is empty.
        """
        homes = self._timelines["member_of"].days if self.bodies_with_members else self._homes.days
        return cut(
            {*self._timelines[along].days, *homes, *self._life_days["unit"], *self._life_days["person"]}, start, end
        )

    @cached_property
    def bodies_with_members(self) -> frozenset[str]:
        """The bodies to which a person ever belongs by an edge of its own."""
        if self._timelines["member_of"].links is self._homes.links:
            return frozenset()  # every link joins a person to a unit
        kind = self.kind
        return frozenset(
            e.target_id
            for e in self.edges["member_of"]
            if kind(e.target_id) == "body" and kind(e.source_id) == "person"
        )

    def unit_segments(self, along: str, start: date, end: date) -> list[tuple[date, date]]:
        """As `segments`, for the lives of units and the edges of this kind only."""
        return cut({*self._timelines[along].days, *self._life_days["unit"]}, start, end)

    def home_segments(self, start: date, end: date) -> list[tuple[date, date]]:
        """As `segments`, for the lives of persons and their homes only."""
        return cut({*self._homes.days, *self._life_days["person"]}, start, end)

    def attribute_versions(self, name: str) -> Iterator[tuple[str, date, date, object, Attribute]]:
        """Every value the attribute ever had: node, first day, day after the last, value, and its record.

        By node in the order of the records, then by date. None where no node has the attribute.
        """
        versions = self.versions.get(name, Versions(name))
        for row, node in enumerate(versions.nodes):
            yield (node, *versions.span(row), versions.given[row], versions.record(row))

    # ---- in bulk

    @property
    def kinds(self) -> Mapping[str, str]:
        """Every node with its kind, in the order of the records."""
        return self.nodes.kinds

    @cached_property
    def departures(self) -> Mapping[bool, Mapping[date, Set[str]]]:
        """Of persons (True) and of units and bodies: each day on which some live no longer who lived the day before, and who."""
        found: dict[bool, dict[date, set[str]]] = {True: {}, False: {}}
        members = self._of_members
        others = ((node, (life,)) for node, life in self._lives.items() if node not in members)
        for node, stays in chain(members.items(), others):
            for _, end in stays if stays is not _WHOLE else ():
                if end < date.max:
                    found[self.kinds[node] == "person"].setdefault(end, set()).add(node)
        return {is_person: dict(sorted(days.items())) for is_person, days in found.items()}

    @cached_property
    def intermittent(self) -> Mapping[str, Sequence[tuple[date, date]]]:
        """The persons who do not live on every day, with the days they do, as `stays` gives them."""
        members, lives = self._of_members, self._lives
        dated = {node: stays for node, stays in members.items() if stays is not _WHOLE and self.kinds[node] == "person"}
        others = {n: (life,) for n, life in lives.items() if n not in members and self.kinds[n] == "person"}
        return dated | others

    def homes(self, day: date) -> tuple[Sequence[str], Sequence[str]]:
        """The persons who have a home on the day, in no order, and beside them their homes."""
        found = self._homes.on(day)
        return found.sources, found.targets

    def attribute_columns(self, name: str) -> AttributeColumns:
        """Every value the attribute ever had, of all nodes, as columns; empty where no node has it."""
        return self.versions.get(name, Versions(name)).columns()

    # ---- for people

    @cached_property
    def graph(self) -> "networkx.MultiDiGraph[str]":
        """All nodes and edges, frozen, for algorithms of networkx.

        A node has `kind`, `name`, `from`, `to`; an edge is keyed (kind, from, to), with a number behind where that is
        taken, and has the same with its own attributes.
        """
        import networkx as nx  # a good part of the start of a command, and few look at the graph itself

        graph: nx.MultiDiGraph[str] = nx.MultiDiGraph()
        for node in self.nodes.values():
            graph.add_node(node.id, kind=node.kind, name=node.name, **{"from": node.from_, "to": node.to})
        for edges in self.edges.values():
            for edge in edges:
                key: tuple[object, ...] = (edge.kind, edge.from_, edge.to)
                number = 2
                while graph.has_edge(edge.source_id, edge.target_id, key):
                    key, number = (edge.kind, edge.from_, edge.to, number), number + 1
                own = {"kind": edge.kind, "from": edge.from_, "to": edge.to, "attributes": edge.attributes}
                graph.add_edge(edge.source_id, edge.target_id, key, **own)
        nx.freeze(graph)
        return graph

    def history(self, node: str) -> list[tuple[date, str]]:
        """What is recorded of a node by day, for people; date.min where it has always been so.

        A change is told on the first day on which it holds. Who is a member of it is left out: a unit may have
        thousands.

        Raises:
            KeyError: there is no such node.
        """
        start, end = self.life(node)
        told: list[tuple[date, int, str]] = [(start, 0, "begins")] if start > date.min else []
        if end < date.max:
            told.append((end, 9, "is there no longer"))
        for kind in KINDS:
            edges, links = self.edges[kind], self._timelines[kind].links
            for i, (source, target) in enumerate(zip(edges.sources, edges.targets, strict=True)):
                if source == node:
                    what = f"{kind} {target}"
                elif target == node and kind != "member_of":
                    what = f"{source} {kind} it"
                else:
                    continue
                first, after, _, _ = links.link(i)
                what += "".join(f", {name} {value}" for name, value in edges[i].attributes.items())
                told.append((first, 1, what))
                if after < end:
                    told.append((after, 3, f"no longer: {what}"))
        for name in sorted(self.versions):
            for version in self.versions[name].get(node, ()):
                first, after = half_open(version.from_, version.to)
                told.append((first, 2, f"{name} is {version.value}"))
                if after < end:
                    told.append((after, 3, f"no longer: {name} is {version.value}"))
        return [(day, text) for day, _, text in sorted(told)]

    # ---- made on first use

    @cached_property
    def _of_members(self) -> Mapping[str, Sequence[tuple[date, date]]]:
        """Every node that is ever a member of anything -> the days on which it is, in stretches."""
        links = self._timelines["member_of"].links
        found: dict[str, Sequence[tuple[date, date]]] = dict.fromkeys(links.sources, _WHOLE)
        dated: dict[str, list[tuple[date, date]]] = {}
        for position in links.spans:
            dated.setdefault(links.sources[position], []).append(links.spans[position])
        if dated:
            always = {s for i, s in enumerate(links.sources) if s in dated and i not in links.spans}
            found.update((node, joined(spans)) for node, spans in dated.items() if node not in always)
        return found

    @cached_property
    def _life_days(self) -> Mapping[str, frozenset[date]]:
        found: dict[str, set[date]] = {kind: set() for kind in NODE_KINDS}
        for node, life in self._lives.items():
            found[self.kind(node)].update(life)
        return {kind: frozenset(days - set(ALWAYS)) for kind, days in found.items()}

    @cached_property
    def change_days(self) -> list[date]:
        """Every day on which anything changes, sorted."""
        days = set().union(*self._life_days.values(), *(timeline.days for timeline in self._timelines.values()))
        for versions in self.versions.values():
            days.update(day for span in set(versions.dates.values()) for day in half_open(*span))
        return sorted(days - set(ALWAYS))
