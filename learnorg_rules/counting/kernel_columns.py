"""What partial tables hold beside their keys: a column for each distinct thing that some aggregate needs to know.

What an event must be to count is a *side*: of one of some kinds, and a condition met. An aggregate whose condition speaks of
`member` has two, one for members and one for others. Aggregates that need the same of the same events share a column.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set

import polars as pl
from attrs import evolve, frozen

from ..dataflow.nodes import AggregateQuery, Lowered
from ..expr.nodes import Bool, Node

__all__ = ["COUNT", "Column", "Need", "Side", "columns_for", "found_in", "joined", "needs", "sides"]

COUNT = "count"


@frozen(cache_hash=True)
class Side:
    """What an event must be to count: of one of the kinds, and the condition met (None: always)."""

    kinds: tuple[str, ...]
    condition: Node | None


@frozen(cache_hash=True)
class Need:
    """Something to know of all events of a side: how many, or of a value its sum, the least, greatest, first or last."""

    side: Side
    how: str  # count | sum | min | max | first | last
    value: Node | None = None


@frozen
class Column:
    """Where a table keeps something. A first or last value takes three columns: that, its time and its event's id.

    `pieces`: how many columns a number takes; more than one where 128 bits do not hold it (`frames.to_pieces`).
    """

    name: str
    how: str
    pieces: int = 1

    @property
    def names(self) -> tuple[str, ...]:
        """The columns it takes, the value's first."""
        values = (self.name,) if self.pieces == 1 else tuple(f"{self.name}.{i}" for i in range(self.pieces))
        return (*values, f"{self.name}.t", f"{self.name}.id") if self.how in ("first", "last") else values

    def of(self, parts: Sequence[pl.Expr]) -> "Column":
        """The same, with room for these parts."""
        return evolve(self, pieces=len(parts) - (2 if self.how in ("first", "last") else 0))

    def within(self, names: Set[str]) -> "Column":
        """The same, in as many pieces as a table with columns of these names has."""
        return (
            self
            if self.name in names
            else evolve(self, pieces=sum(f"{self.name}.{i}" in names for i in range(len(names))))
        )

    def all(self) -> list[pl.Expr]:
        """The columns, to be read."""
        return [pl.col(name) for name in self.names]

    def named(self, parts: Sequence[pl.Expr]) -> list[pl.Expr]:
        """Expressions for the columns, under their names."""
        return [part.alias(name) for part, name in zip(parts, self.names, strict=True)]

    def joined(self) -> list[pl.Expr]:
        """The columns of several rows in one."""
        return joined(self.how, self.all())


def sides(low: Lowered) -> list[tuple[bool | None, Side]]:
    """What events must be to count: if the person is a member, if not, or in both cases (None). What cannot be is left out."""
    kinds = tuple(low.kinds)
    both: list[tuple[bool | None, Node | None]] = [(True, low.inside), (False, low.outside)]
    if low.inside == low.outside:
        both = [(None, low.inside)]
    return [(member, Side(kinds, on)) for member, on in both if not isinstance(on, Bool) or on.value]


def needs(low: Lowered, side: Side) -> list[Need]:
    """What an aggregate needs to know of one side: first of all how many events there are."""
    found = [Need(side, COUNT)]
    if low.value is not None:
        found.append(Need(side, low.function.column, low.value))
    if low.weight is not None:
        found.append(Need(side, "sum", low.weight))
    return found


def columns_for(queries: Iterable[AggregateQuery]) -> dict[Need, Column]:
    """The columns for all that the queries need."""
    wanted = dict.fromkeys(
        need for query in queries for _, side in sides(query.lowered) for need in needs(query.lowered, side)
    )
    return {need: Column(f"m{i}", need.how) for i, need in enumerate(wanted)}


def found_in(low: Lowered, columns: Mapping[Need, Column]) -> Iterator[tuple[str, list[pl.Expr]]]:
    """What an aggregate needs, from rows that say in `_member` whether the person is one: how it is joined, and its columns."""
    members = [member for member, _ in sides(low)]
    for alike in zip(*(needs(low, side) for _, side in sides(low)), strict=True):
        parts = [columns[need].all() for need in alike]
        if members == [True, False]:
            yield alike[0].how, [pl.when("_member").then(a).otherwise(b) for a, b in zip(*parts, strict=True)]
        elif members == [None]:
            yield alike[0].how, parts[0]
        else:
            yield alike[0].how, [pl.when(pl.col("_member") == members[0]).then(part) for part in parts[0]]


def joined(how: str, parts: Sequence[pl.Expr]) -> list[pl.Expr]:
    """What several rows have, as one; of a first or last value the parts are that, its time and its event's id.

    Rows without events have 0 or null.
    """
    if how in ("first", "last"):
        return [part.sort_by(parts[-2:], descending=how == "last", nulls_last=True).first() for part in parts]
    if how in ("min", "max") and len(parts) > 1:
        return [part.sort_by(parts[::-1], descending=how == "max", nulls_last=True).first() for part in parts]
    name = {"min": "min", "max": "max"}.get(how, "sum")
    return [getattr(part, name)() for part in parts]
