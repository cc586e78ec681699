"""The batch kernel: events to mergeable partial tables, partial tables to cells of (subject, period).

`partial` may run on any part of the events; `merge` joins the outcomes in any order; `cells` needs them all. What
travels between them is one small table per pass (see `learnorg_rules.dataflow.nodes`).
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import tzinfo
from itertools import groupby
from math import prod

import polars as pl
from attrs import evolve

from ..dataflow.nodes import AggregateQuery, ScanGroup
from ..expr.cells import NARROW, WIDE
from ..expr.nodes import Node, Ref
from .atoms import Atoms, segment_by_day
from .closure import Closure
from .frames import piece_count, to_cell, to_pieces, to_polars, to_text
from .kernel_cells import Cells, cells_of, is_number, scale_of, scales_of
from .kernel_columns import Column, Need, Side, columns_for, joined, sides
from .widths import Widths

__all__ = ["Cells", "Kernel", "passes", "scale_of", "scales_of", "with_places"]

CUBE = 6
"""Conditions up to which events are first added up by signature. With many there are nearly as many signatures as events."""
PASS = 32
"""Aggregates of one pass: what bounds how wide its table is. With more, a pass looks at events of more kinds."""

Attributes = Callable[[pl.LazyFrame], pl.LazyFrame]
"""Adds the columns of the person's and the unit's attributes."""


Given = dict[tuple[str, Node | None], list[pl.Expr]]
"""How something is joined, and the value -> what that needs of each event."""


def _no_attributes(rows: pl.LazyFrame) -> pl.LazyFrame:
    return rows


class Kernel:
    """One pass, built once from the dataflow and the organisation's tables, run on any number of frames."""

    def __init__(
        self,
        scan: ScanGroup,
        atoms: Atoms,
        closure: Closure | None,
        kinds: Sequence[str],
        tz: tzinfo,
        attributes: Attributes = _no_attributes,
    ) -> None:
        self.scan, self.atoms, self.closure, self.kinds, self.tz = scan, atoms, closure, kinds, tz
        self.attributes = attributes
        self.code = {kind: i for i, kind in enumerate(kinds)}
        self.columns = columns_for(scan.queries)
        self.keys = [":who", ":atom"]
        if scan.key.element is not None:
            self.keys.append(":element")
        if scan.key.by_person and not self._element_is_person:
            self.keys.append("person")
        self._sizes = {":atom": atoms.table.height, ":kind": len(kinds), ":met": 1 << len(scan.conditions)}
        if closure is not None:
            last = closure.anchors["_anchor"].max()
            self._sizes[":who"] = 1 + (last if isinstance(last, int) else 0)
        small = len(scan.conditions) <= CUBE and scan.key.element is None and prod(self._sizes.values()) < 2**63
        self.by_signature = small

    @property
    def _element_is_person(self) -> bool:
        element = self.scan.key.element
        return isinstance(element, Ref) and element.scope == "event" and element.name == "person"

    # ---- events -> partial

    def partial(self, frame: pl.LazyFrame, here: Widths, laid: Widths | None = None) -> pl.DataFrame:
        """The partial table of some events: a row for each of the `keys`, with the `columns`.

        Numbers are in 64 bits where `here` proves that these hold them, else in 128, else in pieces.

        Args:
            frame: has what `with_places` adds.
            here: of these events.
            laid: of all events whose partial tables are merged with this one; default: there are no others.
        """
        scan, laid = self.scan, laid or here
        who = pl.col("person") if scan.key.subjects == "persons" else pl.col(f"_anchor:{scan.key.subjects}")
        rows = frame.filter(self._is_kind(scan.kinds))
        rows = rows.with_columns(self.atoms.expression(), who.alias(":who"))
        rows = self.attributes(rows.filter(pl.col(":atom").is_not_null() & pl.col(":who").is_not_null()))
        if scan.key.element is not None:
            rows = rows.with_columns(self._element(scan.key.element, here, laid).alias(":element"))
        given: Given = {}
        for how, value in dict.fromkeys((need.how, need.value) for need in self.columns):
            given[how, value], made = self._of_event(how, value, here, laid)
            rows = rows.with_columns(made)
        return self._by_signature(rows, given, here) if self.by_signature else self._by_condition(rows, given, here)

    def _element(self, node: Node, here: Widths, laid: Widths) -> pl.Expr:
        if not is_number(node):
            return to_polars(node, self.tz, here.largest)
        return to_cell(node, here.largest)[0] if laid.bound("", node) <= NARROW else to_text(node, here.largest)

    def _of_event(self, how: str, node: Node | None, here: Widths, laid: Widths) -> tuple[list[pl.Expr], list[pl.Expr]]:
        """What joining by `how` needs of each event; and the columns that are to be there for it."""
        made: list[pl.Expr] = []
        if node is None:
            return [pl.lit(1, dtype=pl.Int64)], made
        if not is_number(node):
            value = [to_polars(node, self.tz, here.largest)]
        elif (bound := laid.bound(how, node)) <= WIDE:
            value = [to_cell(node, here.largest)[0].cast(pl.Int64 if bound <= NARROW else pl.Int128)]
        else:
            count, name = piece_count(laid.bound("", node)), f":{how}:{self.scan.values.index(node)}"
            made.append(to_pieces(node, here.largest, count).alias(name))
            value = [pl.col(name).struct.field(str(i)) for i in range(count)]
        return [*value, *(map(pl.col, ("occurred_at", "id")) if how in ("first", "last") else ())], made

    def _by_condition(self, rows: pl.LazyFrame, given: Given, here: Widths) -> pl.DataFrame:
        """The partial table at once: every column looks at every event."""
        of_kinds = {kinds: self._is_kind(kinds) for kinds in dict.fromkeys(side.kinds for side in self._sides)}
        matches = {side: of_kinds[side.kinds] for side in self._sides}
        matches |= {
            s: to_polars(s.condition, self.tz, here.largest) & m for s, m in matches.items() if s.condition is not None
        }
        made: list[pl.Expr] = []
        for need, column in self.columns.items():
            match, parts = matches[need.side], given[need.how, need.value]
            if need.value is None:
                made.append(match.sum().cast(pl.Int64).alias(column.name))
            else:
                made += column.of(parts).named(joined(need.how, [pl.when(match).then(part) for part in parts]))
        return rows.group_by(self.keys).agg(made).collect()

    def _by_signature(self, rows: pl.LazyFrame, given: Given, here: Widths) -> pl.DataFrame:
        """The partial table by way of the cube: a row for each kind and signature, which says what conditions are met."""
        bits = {node: 1 << i for i, node in enumerate(self.scan.conditions)}
        met = pl.lit(0, dtype=pl.Int64)
        for node, bit in bits.items():
            kinds = {kind for side in self._sides if side.condition == node for kind in side.kinds}
            on = to_polars(node, self.tz, here.largest).fill_null(value=False) & self._is_kind(sorted(kinds))
            met = met | (on.cast(pl.Int64) * bit)
        cubed = {key: Column(f"v{i}", key[0]).of(parts) for i, (key, parts) in enumerate(given.items())}
        made: list[pl.Expr] = []
        for (how, value), column in cubed.items():
            parts = [pl.len().cast(pl.Int64)] if value is None else joined(how, given[how, value])
            made += column.named(parts)
        rest = [key for key in self.keys if key not in self._sizes]
        cube = (
            rows.with_columns(met.alias(":met")).with_columns(_packed(self._sizes)).group_by(*rest, ":packed").agg(made)
        )
        again: list[pl.Expr] = []
        for need, column in self.columns.items():
            match, condition = self._is_kind(need.side.kinds), need.side.condition
            if condition is not None:
                match = match & ((pl.col(":met") & bits[condition]) != 0)
            of_cube = cubed[need.how, need.value].all()
            again += column.of(of_cube).named(joined(need.how, [pl.when(match).then(part) for part in of_cube]))
        # As a plan of one piece, both steps take twice as long.
        return cube.collect().lazy().with_columns(_unpacked(self._sizes)).group_by(self.keys).agg(again).collect()

    @property
    def _sides(self) -> list[Side]:
        return list(dict.fromkeys(need.side for need in self.columns))

    def _is_kind(self, kinds: Sequence[str]) -> pl.Expr:
        return pl.col(":kind").is_in([self.code[k] for k in kinds])

    # ---- partial + partial

    def merge(self, partials: Sequence[pl.DataFrame]) -> pl.DataFrame:
        """One partial table of several. Commutative and associative."""
        if len(partials) == 1:
            return partials[0]
        merged = [e for column in self._columns_of(partials[0]).values() for e in column.joined()]
        return pl.concat(partials).group_by(self.keys).agg(merged)

    # ---- partial -> cells

    def cells(self, partial: pl.DataFrame) -> dict[int, Cells]:
        """For every query of the scan, its cells by subject and period."""
        return cells_of(partial, self.scan, self._columns_of(partial), self.atoms, self.closure)

    def _columns_of(self, partial: pl.DataFrame) -> dict[Need, Column]:
        """The columns, in as many pieces as the table has."""
        names = frozenset(partial.columns)
        return {need: column.within(names) for need, column in self.columns.items()}


def _packed(sizes: Mapping[str, int]) -> pl.Expr:
    """Numbers below some sizes as one: rows are grouped faster by it than by each."""
    dtype = pl.Int32 if prod(sizes.values()) < 2**31 else pl.Int64
    number = pl.lit(0, dtype=dtype)
    for name, size in sizes.items():
        number = number * size + pl.col(name).cast(dtype)
    return number.alias(":packed")


def _unpacked(sizes: Mapping[str, int]) -> list[pl.Expr]:
    found, rest = [], pl.col(":packed")
    for name, size in reversed(list(sizes.items())):
        found.append((rest % size).cast(pl.Int64 if name == ":met" else pl.Int32).alias(name))
        rest = rest // size
    return found


def with_places(rows: pl.LazyFrame, places: tuple[pl.Enum, pl.Enum], closures: Mapping[str, Closure]) -> pl.LazyFrame:
    """Ingested events with what kernels share: `:kind` and `:unit` (places in `places`) and `_anchor:<subjects>` (null: none)."""
    names = rows.collect_schema().names()
    if ":unit" not in names:
        kinds, units = places
        rows = rows.with_columns(
            pl.col("kind").cast(kinds).to_physical().alias(":kind"),
            pl.col("unit").cast(units, strict=False).to_physical().alias(":unit"),
        )
    return rows.with_columns(_anchor(closure, places[1]).alias(f"_anchor:{name}") for name, closure in closures.items())


def _anchor(closure: Closure, units: pl.Enum) -> pl.Expr:
    """The anchor of each row, looked up by segment and unit at once."""
    size = len(units.categories)
    anchors = closure.anchors
    places = anchors["_segment"].cast(pl.UInt32) * size + anchors["unit"].cast(units).to_physical().cast(pl.UInt32)
    table = pl.repeat(None, size * len(closure.segments), dtype=pl.Int32, eager=True).scatter(
        places, anchors["_anchor"]
    )
    place = pl.col(":unit").cast(pl.UInt32)
    if len(closure.segments) > 1:
        place = segment_by_day(closure.segments).cast(pl.UInt32) * size + place
    return pl.lit(table).gather(place)


def passes(scan: ScanGroup, most: int = PASS) -> list[ScanGroup]:
    """A scan in passes of at most so many aggregates.

    Those with the same sub-periods are together, for their atoms are coarser; and of these those of the same kinds of events,
    for a pass looks at events of its kinds only.
    """
    if len(scan.queries) <= most:
        return [scan]

    def grain(query: AggregateQuery) -> tuple[str, str]:
        return query.schedule, query.lowered.grain

    by_grain = sorted(scan.queries, key=lambda query: (*grain(query), sorted(query.lowered.kinds)))
    alike = [list(group) for _, group in groupby(by_grain, key=grain)]
    return [_part(scan, group[i : i + most]) for group in alike for i in range(0, len(group), most)]


def _part(scan: ScanGroup, queries: Sequence[AggregateQuery]) -> ScanGroup:
    lowered = [query.lowered for query in queries]
    conditions = dict.fromkeys(
        side.condition for low in lowered for _, side in sides(low) if side.condition is not None
    )
    values = dict.fromkeys(node for low in lowered for node in (low.value, low.weight) if node is not None)
    return evolve(
        scan,
        conditions=tuple(conditions),
        values=tuple(values),
        kinds=tuple(sorted({kind for low in lowered for kind in low.kinds})),
        schedules=tuple(sorted({query.schedule for query in queries})),
        grains=tuple(sorted({low.grain for low in lowered if low.grain})),
        queries=tuple(queries),
    )
