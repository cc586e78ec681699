"""The batch kernel: events to mergeable partial tables, partial tables to cells of (subject, period).

`partial` may run on any part of the events; `merge` joins the outcomes in any order; `cells` needs them all. What
travels between them is one small table per family (see `learnorg_rules.dataflow.nodes`).
"""

from collections.abc import Mapping, Sequence
from datetime import tzinfo
from functools import reduce
from operator import or_

import polars as pl
from attrs import frozen

from ..dataflow.nodes import Ask, Family
from ..expr.frames import to_cell, to_polars, to_value
from ..expr.nodes import Bool, Node, Ref, walk
from ..expr.types import Base
from .atoms import Atoms, segment_by_day
from .closure import Closure

__all__ = ["Cells", "Kernel", "base_columns", "needs_wide", "scale_of"]

WORD = 62  # bits of a signature that fit one non-negative Int64
KEYS = ("_who", "_atom", "_element", "person", "_kind")
INT64 = 2**63 - 1


@frozen
class Cells:
    """What the events give for one ask: `values[(subject, index of period)]` is (events counted, *parts of the value).

    Absent keys counted nothing. `scale`, `weight_scale`: decimal digits in the integer parts.
    """

    values: Mapping[tuple[str, int], tuple[object, ...]]
    scale: int = 0
    weight_scale: int = 0


@frozen
class _Column:
    """A value column of a partial table: how it is made, and how rows of it are merged."""

    name: str
    node: Node
    how: str  # sum | min | max | first | last


class Kernel:
    """A family's pass, built once from the dataflow and the organisation's tables, run on any number of frames."""

    def __init__(self, family: Family, atoms: Atoms, closure: Closure | None, kinds: pl.Enum, tz: tzinfo) -> None:
        self.family, self.atoms, self.closure, self.kinds, self.tz = family, atoms, closure, kinds, tz
        self.code = {kind: i for i, kind in enumerate(kinds.categories)}
        self.kinds_of = _kinds_of_conditions(family)
        self.columns = _value_columns(family)
        words = (len(family.conditions) + WORD - 1) // WORD
        self.signature = tuple(f"_sig{i}" for i in range(words))
        self.keys = ["_who", "_atom", "_kind", *self.signature]
        if family.key.element is not None:
            self.keys.append("_element")
        if family.key.by_person and not self._element_is_person:
            self.keys.append("person")

    @property
    def _element_is_person(self) -> bool:
        element = self.family.key.element
        return isinstance(element, Ref) and element.scope == "event" and element.name == "person"

    # ---- events -> partial

    def partial(self, frame: pl.LazyFrame, wide: bool = False) -> pl.LazyFrame:
        """The partial table of some events. `wide`: sums in 128 bits, where 64 might not hold them.

        `frame` has the columns of `base_columns`.
        """
        family = self.family
        who = pl.col("person") if family.key.subjects == "persons" else pl.col(f"_anchor:{family.key.subjects}")
        rows = frame.filter(pl.col("_kind").is_in([self.code[k] for k in family.kinds]))
        rows = rows.with_columns(self.atoms.expression(), _who=who)
        rows = rows.filter(pl.col("_atom").is_not_null() & pl.col("_who").is_not_null())
        if family.key.element is not None:
            rows = rows.with_columns(_element=to_value(family.key.element, self.tz))
        rows = rows.with_columns(*self._signatures())
        made = [pl.len().cast(pl.Int64).alias("n")]
        for column in self.columns:
            made.extend(_make(column, self.tz, wide))
        return rows.group_by(self.keys).agg(made)

    def _signatures(self) -> list[pl.Expr]:
        words = []
        for w, name in enumerate(self.signature):
            bits = []
            for i, node in enumerate(self.family.conditions[w * WORD : (w + 1) * WORD]):
                on = to_polars(node, self.tz).fill_null(value=False) & self._is_kind(self.kinds_of[node])
                bits.append(on.cast(pl.Int64) * (1 << i))
            words.append(reduce(or_, bits).alias(name))
        return words

    def _is_kind(self, kinds: Sequence[str]) -> pl.Expr:
        return reduce(or_, [pl.col("_kind") == self.code[k] for k in kinds])

    # ---- partial + partial

    def merge(self, partials: Sequence[pl.DataFrame]) -> pl.DataFrame:
        """One partial table of several. Commutative and associative."""
        if len(partials) == 1:
            return partials[0]
        merged = [pl.col("n").sum()]
        for column in self.columns:
            merged.extend(_merge(column))
        return pl.concat(partials).group_by(self.keys).agg(merged)

    # ---- partial -> cells

    def cells(self, partial: pl.DataFrame) -> dict[int, Cells]:
        """For every ask of the family, its cells by subject and period."""
        rows = partial.lazy().join(self.atoms.table.lazy(), on="_atom")
        if self.family.key.subjects != "persons":
            assert self.closure is not None
            rows = rows.join(
                self.closure.subjects.lazy(), left_on=["_who", "_segment"], right_on=["_anchor", "_segment"]
            )
            if self.family.key.by_person:
                assert self.closure.members is not None
                person = "_element" if self._element_is_person else "person"
                rows = rows.join(
                    self.closure.members.lazy().with_columns(_member=pl.lit(value=True)),
                    left_on=[person, "_segment", "_subject"], right_on=["person", "_segment", "_subject"], how="left",
                ).with_columns(pl.col("_member").fill_null(value=False))  # fmt: skip
        else:
            rows = rows.with_columns(_subject=pl.col("_who"))
        table = rows.collect()
        found: dict[int, Cells] = {}
        for schedule in self.family.schedules:
            asks = [a for a in self.family.asks if a.schedule == schedule]
            found.update(self._schedule_cells(table, schedule, asks))
        return found

    def _schedule_cells(self, table: pl.DataFrame, schedule: str, asks: Sequence[Ask]) -> dict[int, Cells]:
        period = f"period:{schedule}"
        rows = table.lazy().filter(pl.col(period).is_not_null())
        if self.family.key.subjects == "heirs":  # a period that was over before the succession is not changed by it
            due = pl.lit(pl.Series(self.atoms.due[schedule], dtype=pl.Date)).gather(pl.col(period))
            rows = rows.filter(pl.col("_since") <= due)
            if self.family.key.by_person:
                inherited = (pl.col("_member_since") <= due).fill_null(value=False)
                rows = rows.with_columns(_member=pl.col("_member") & inherited)
        queries = [
            rows.group_by("_subject", period).agg([e for a in asks if a.lowered.op != "most" for e in self._parts(a)])
        ]
        most = [a for a in asks if a.lowered.op == "most"]
        if most:
            by_element = rows.group_by("_subject", period, "_element").agg(
                [pl.col("n").filter(self._match(a)).sum().alias(f"{a.number}.n") for a in most]
            )
            queries.append(
                by_element.group_by("_subject", period).agg(
                    [
                        e
                        for a in most
                        for e in (pl.col(f"{a.number}.n").sum(), pl.col(f"{a.number}.n").max().alias(f"{a.number}.0"))
                    ]
                )
            )
        found: dict[int, Cells] = {}
        for frame in pl.collect_all(queries):
            subjects = self._names(frame["_subject"])
            keys = list(zip(subjects, frame[period].to_list(), strict=True))
            for ask in asks:
                n = f"{ask.number}.n"
                if n not in frame.columns:
                    continue
                parts = [frame[c].to_list() for c in frame.columns if c.startswith(f"{ask.number}.")]
                values = {k: row for k, row in zip(keys, zip(*parts, strict=True), strict=True) if row[0]}
                found[ask.number] = Cells(values, scale_of(ask.lowered.value), scale_of(ask.lowered.weight))
        return found

    def _names(self, subjects: pl.Series) -> list[str]:
        if self.family.key.subjects == "persons":
            return subjects.to_list()
        assert self.closure is not None
        return [self.closure.names[i] for i in subjects.to_list()]

    def _match(self, ask: Ask) -> pl.Expr:
        low = ask.lowered
        inside = self._meets(low.inside)
        if low.inside != low.outside:
            inside = pl.when(pl.col("_member")).then(inside).otherwise(self._meets(low.outside))
        if low.op in ("distinct", "most"):
            inside = inside & pl.col("_element").is_not_null()
        return inside & pl.col("_kind").is_in([self.code[k] for k in low.kinds])

    def _meets(self, condition: Node | None) -> pl.Expr:
        if condition is None:
            return pl.lit(value=True)
        if isinstance(condition, Bool):
            return pl.lit(value=condition.value)
        word, bit = divmod(self.family.conditions.index(condition), WORD)
        return (pl.col(self.signature[word]) & (1 << bit)) != 0

    def _parts(self, ask: Ask) -> list[pl.Expr]:
        """The cell of one ask: `<number>.n`, then the parts of its value."""
        low, match, name = ask.lowered, self._match(ask), str(ask.number)
        parts = [pl.col("n").filter(match).sum().alias(f"{name}.n")]
        if low.op in ("sum", "mean"):
            assert low.value is not None
            parts.append(pl.col(self._column(low.value, "sum")).filter(match).sum().alias(f"{name}.0"))
            if low.weight is not None:
                parts.append(pl.col(self._column(low.weight, "sum")).filter(match).sum().alias(f"{name}.1"))
        elif low.op in ("min", "max"):
            assert low.value is not None
            values = pl.col(self._column(low.value, low.op)).filter(match)
            parts.append((values.min() if low.op == "min" else values.max()).alias(f"{name}.0"))
        elif low.op in ("first", "last"):
            assert low.value is not None
            column = self._column(low.value, low.op)
            late = low.op == "last"
            ordered = (
                pl.col(f"{column}.v")
                .filter(match)
                .sort_by(pl.col(f"{column}.t").filter(match), pl.col(f"{column}.i").filter(match), descending=late)
            )
            parts.append(ordered.first().alias(f"{name}.0"))
        elif low.op == "hits":
            belongs = pl.col(f"in:{low.grain}:{ask.schedule}")
            parts.append(pl.col(f"hit:{low.grain}").filter(match & belongs).n_unique().alias(f"{name}.0"))
        elif low.op == "distinct":
            parts.append(pl.col("_element").filter(match).n_unique().alias(f"{name}.0"))
        return parts

    def _column(self, node: Node, how: str) -> str:
        return next(c.name for c in self.columns if c.node == node and c.how == how)


def base_columns(frame: pl.LazyFrame, kinds: pl.Enum, closures: Mapping[str, Closure]) -> pl.LazyFrame:
    """The ingested events with what families share: `_kind` (number) and `_anchor:<subjects>` (null: counts for none)."""
    rows = frame.with_columns(_kind=pl.col("kind").cast(kinds).to_physical())
    for name, closure in closures.items():
        anchors = closure.anchors.lazy().rename({"_anchor": f"_anchor:{name}"})
        if len(closure.segments) == 1:
            rows = rows.join(anchors.drop("_segment"), on="unit", how="left")
        else:
            rows = rows.with_columns(segment_by_day(closure.segments))
            rows = rows.join(anchors, on=["unit", "_segment"], how="left").drop("_segment")
    return rows


def needs_wide(frame: pl.DataFrame, family: Family) -> bool:
    """Whether some sum of the family might not fit 64 bits: decided from the largest magnitudes, before summing."""
    refs = {n.name for v in family.values if _is_number(v) for n in walk(v) if isinstance(n, Ref)}
    if not refs or not frame.height:
        return False
    biggest = {name: _magnitude(frame[name]) for name in sorted(refs)}
    rows = frame.height
    return any(_bound(v, biggest) * rows > INT64 for v in family.values if _is_number(v))


def _magnitude(column: pl.Series) -> int:
    low, high = column.min(), column.max()
    return max(abs(int(low)) if isinstance(low, int) else 0, abs(int(high)) if isinstance(high, int) else 0)


def _bound(node: Node, biggest: Mapping[str, int]) -> int:
    """A magnitude the node's cell cannot exceed: every literal and field as large as can be, all products taken."""
    bound = 1
    for n in walk(node):
        if isinstance(n, Ref):
            bound *= max(1, biggest.get(n.name, 1))
        elif n is not node and not isinstance(n, Ref):
            value = getattr(n, "value", None)
            bound *= max(1, abs(int(value)) + 1) * 10**6 if isinstance(value, int) else 4 * 10**6
    return bound * 4


def _is_number(node: Node) -> bool:
    return node.type is None or node.type.base is Base.NUMBER


def scale_of(value: Node | None) -> int:
    """Decimal digits in the integer cells of a value; 0 for what is no number."""
    return 0 if value is None or not _is_number(value) else to_cell(value)[1]


def _kinds_of_conditions(family: Family) -> dict[Node, tuple[str, ...]]:
    kinds: dict[Node, set[str]] = {}
    for ask in family.asks:
        for node in (ask.lowered.inside, ask.lowered.outside):
            if node is not None:
                kinds.setdefault(node, set()).update(ask.lowered.kinds)
    return {node: tuple(sorted(k)) for node, k in kinds.items()}


def _value_columns(family: Family) -> tuple[_Column, ...]:
    wanted: dict[tuple[Node, str], None] = {}
    for ask in family.asks:
        low = ask.lowered
        if low.value is not None:
            wanted[(low.value, "sum" if low.op in ("sum", "mean") else low.op)] = None
        if low.weight is not None:
            wanted[(low.weight, "sum")] = None
    return tuple(_Column(f"v{i}", node, how) for i, (node, how) in enumerate(wanted))


def _make(column: _Column, tz: tzinfo, wide: bool) -> list[pl.Expr]:
    value = to_value(column.node, tz)
    if column.how == "sum":
        return [(value.cast(pl.Int128) if wide else value).sum().alias(column.name)]
    if column.how in ("min", "max"):
        return [(value.min() if column.how == "min" else value.max()).alias(column.name)]
    late = column.how == "last"
    order = [pl.col("occurred_at"), pl.col("id")]
    return [
        e.sort_by(order, descending=late).first().alias(f"{column.name}.{suffix}")
        for e, suffix in ((value, "v"), (pl.col("occurred_at"), "t"), (pl.col("id"), "i"))
    ]


def _merge(column: _Column) -> list[pl.Expr]:
    if column.how == "sum":
        return [pl.col(column.name).sum()]
    if column.how in ("min", "max"):
        return [pl.col(column.name).min() if column.how == "min" else pl.col(column.name).max()]
    order = [pl.col(f"{column.name}.t"), pl.col(f"{column.name}.i")]
    late = column.how == "last"
    return [pl.col(f"{column.name}.{s}").sort_by(order, descending=late).first() for s in ("v", "t", "i")]
