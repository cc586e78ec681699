"""Accumulators: the cells of one query, an event more or an event less at a time.

The cell itself is the state wherever that is enough; where it is not, what was seen is kept beside it, with how often, so
that taking an event back needs no other event.
"""

import bisect
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC
from fractions import Fraction
from typing import Any

from attrs import define, field

from ..dataflow.nodes import AggregateQuery
from ..events.event import Event
from ..expr.aggregates import AggregateFunction, Cell, Order
from ..expr.evaluate import compile_node
from ..expr.nodes import Bool, Node
from .kernel import scale_of

__all__ = ["Accumulator", "Getter", "Place", "accumulator_of"]

Place = tuple[str, int]
"""Subject, index of the period."""

Getter = Callable[[Node], Any]


@define(eq=False)
class Accumulator:
    """That of COUNT, which needs no more than how many events there were; what the other shapes have in common.

    Attributes:
        number: of the query.
        inside: number of the scan's condition where the person is a member; None: always, -1: never.
        outside: alike, where it is not.
        values: its cells.
    """

    number: int
    function: AggregateFunction
    inside: int | None
    outside: int | None
    schedule: str
    grain: str
    values: dict[Place, tuple[Any, ...]]

    def taken(self, event: Event, look: Getter, element: Any, hit: Any) -> Any:
        """What `change` takes of an event, the same for all cells that it counts in."""

    def change(self, place: Place, taken: Any, sign: int) -> bool:
        """One event more or less in one cell; whether what it gives is different now."""
        before = self.values.get(place)
        n = sign if before is None else before[0] + sign
        if n == 0:
            del self.values[place]
            return True
        self.values[place] = (n,)
        return before is None or not self.function.is_truth

    def kept(self, place: Place) -> Sequence[Any] | None:
        """What was seen besides the cell, as rows keep it."""
        return None

    def restore(self, place: Place, kept: Sequence[Any] | None) -> None:
        """Take over what `kept` gave."""


@define(eq=False)
class _Sum(Accumulator):
    """TOTAL: the cell itself is all that is needed."""

    value: Callable[[Getter], Any]
    scale: int
    weight: Callable[[Getter], Any] | None
    weight_scale: int

    def taken(self, event: Event, look: Getter, element: Any, hit: Any) -> tuple[int, int]:
        value = _scaled(self.value(look), self.scale)
        return value, 0 if self.weight is None else _scaled(self.weight(look), self.weight_scale)

    def change(self, place: Place, taken: tuple[int, int], sign: int) -> bool:
        before = self.values.get(place)
        if before is None:
            before = (0, 0) if self.weight is None else (0, 0, 0)
        n, (value, weight) = before[0] + sign, taken
        if n == 0:
            del self.values[place]
            return True
        total = before[1] + sign * value
        if self.weight is not None:
            self.values[place] = (n, total, before[2] + sign * weight)
            return bool(value or weight or not before[0])
        self.values[place] = (n, total)
        return bool(value or self.function.is_divided or not before[0])


@define(eq=False)
class _Set(Accumulator):
    """ELEMENTS and SUB_PERIODS: how many events had each element, or fell into each sub-period."""

    seen: dict[Place, dict[Any, int]] = field(factory=dict)

    def taken(self, event: Event, look: Getter, element: Any, hit: Any) -> Any:
        return hit if self.grain else element

    def change(self, place: Place, taken: Any, sign: int) -> bool:
        before = self.values.get(place)
        if before is None:
            n = sign
            counted = self.seen[place] = {}
        else:
            n = before[0] + sign
            counted = self.seen[place]
        if n == 0:
            del self.values[place], self.seen[place]
            return True
        if taken is not None:  # a sub-period that does not belong to the period
            left = counted.get(taken, 0) + sign
            if left:
                counted[taken] = left
            else:
                del counted[taken]
        found = self.function.of_counts(counted)
        self.values[place] = (n, found)
        return before is None or before[1] != found

    def kept(self, place: Place) -> Sequence[Any]:
        return list(self.seen[place].items())

    def restore(self, place: Place, kept: Sequence[Any] | None) -> None:
        self.seen[place] = dict(kept or ())


@define(eq=False)
class _Ordered(Accumulator):
    """END: every value, in order."""

    value: Callable[[Getter], Any]
    scale: int
    seen: dict[Place, list[tuple[Any, str, Any]]] = field(factory=dict)  # (when, id, value)

    def taken(self, event: Event, look: Getter, element: Any, hit: Any) -> tuple[Any, str, Any]:
        value = self.value(look)
        if isinstance(value, int | Fraction) and not isinstance(value, bool):
            value = _scaled(value, self.scale)
        if self.function.order is Order.VALUE:
            return value, "", value
        return event.occurred_at.astimezone(UTC), event.id, value

    def change(self, place: Place, taken: tuple[Any, str, Any], sign: int) -> bool:
        before = self.values.get(place)
        n = sign if before is None else before[0] + sign
        if n == 0:
            del self.values[place], self.seen[place]
            return True
        ordered = self.seen.get(place)
        if ordered is None:
            ordered = self.seen[place] = []
        at = bisect.bisect_left(ordered, taken[:2], key=_when)
        if sign > 0:
            ordered.insert(at, taken)
        else:
            del ordered[at]
        found = ordered[self.function.end][2]
        self.values[place] = (n, found)
        return before is None or before[1] != found

    def kept(self, place: Place) -> Sequence[Any]:
        return self.seen[place]

    def restore(self, place: Place, kept: Sequence[Any] | None) -> None:
        self.seen[place] = [(when, id_, value) for when, id_, value in kept or ()]


def _when(entry: tuple[Any, str, Any]) -> tuple[Any, str]:
    return entry[:2]


def _scaled(value: Any, scale: int) -> int:
    return int(value * 10**scale) if scale else int(value)


def accumulator_of(
    query: AggregateQuery, numbers: Mapping[Node, int], tz: Any, values: dict[Place, tuple[Any, ...]]
) -> Accumulator:
    """An empty accumulator; `numbers`: of the scan's conditions, `values`: where its cells are to be."""
    low = query.lowered

    def number(condition: Node | None) -> int | None:
        if condition is None:
            return None
        if isinstance(condition, Bool):
            return None if condition.value else -1
        return numbers[condition]

    common = query.number, low.function, number(low.inside), number(low.outside), query.schedule, low.grain, values
    if low.function.cell is Cell.COUNT:
        return Accumulator(*common)
    if low.function.cell in (Cell.ELEMENTS, Cell.SUB_PERIODS):
        return _Set(*common)
    assert low.value is not None
    value, scale = compile_node(low.value, tz), scale_of(low.value)
    if low.function.cell is Cell.TOTAL:
        weight = None if low.weight is None else compile_node(low.weight, tz)
        return _Sum(*common, value, scale, weight, scale_of(low.weight))
    return _Ordered(*common, value, scale)
