"""The aggregate functions over events: one object says all that any room has to know of a function.

A function is an `AggregateFunction` in the register `FUNCTIONS`. It says how it is written, which values it takes and what type
it gives; what a *cell* (the events of one subject and period) keeps of them; how the value follows from the cell; and what
more events can do to it. To add a function: an object here, its line in the register, its test, its row in
docs/reference/rule-files.md.

What a cell keeps is one of five shapes (`Cell`). Its parts are `(events counted, *parts)`: no more parts for COUNT;
the sum, and with weights their sum, for TOTAL; the value for END; what `of_counts` gives for ELEMENTS and SUB_PERIODS.
Numbers in cells are integers, the value times 10**scale.
"""

import enum
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import Any

from attrs import evolve, field, frozen

from learnorg_rules.values import Value

from .nodes import Aggregate
from .types import BOOLEAN, COUNT, Base, Type

__all__ = ["AGGREGATES", "SPREADSHEET", "WRITTEN", "AggregateFunction", "Cell", "Order", "function_of"]

Counts = Mapping[Any, int]
"""How many events had each value, or fell into each sub-period."""


class Cell(enum.Enum):
    """What is kept of the events of one subject and period, besides how many there are."""

    COUNT = "count"
    TOTAL = "total"  # the sum of a number
    END = "end"  # the first or last value, in the order of values or of events
    ELEMENTS = "elements"  # how many events had each value
    SUB_PERIODS = "sub_periods"  # how many events fell into each year, quarter, month, week or day


class Order(enum.Enum):
    """What an END is the end of."""

    VALUE = "value"
    TIME = "time"


@frozen(kw_only=True, eq=False)
class AggregateFunction:
    """One aggregate function.

    Attributes:
        name: the `op` of its nodes, and how it is written, unless `grains` say otherwise.
        cell: what is kept.
        bases: the values it takes; empty: any sort, as a field of the events.
        type: the type it gives, by that of its value (None where it takes kinds of events only).
        empty: its value where no event counts; None is missing.
        grains: of SUB_PERIODS: word as written -> grain.
        is_weighted: whether `by` may stand in it.
        is_divided: of a TOTAL: whether it is divided by the weights, or by how many events there are.
        end: of an END: 0 for the first in the order, -1 for the last.
        order: of an END.
        of_counts: of ELEMENTS and SUB_PERIODS: the part of the cell.
        frame: how frames compute `of_counts`: "number" of distinct elements or "largest" count; "" where only
            `of_counts` can, which is slower.
        rises: whether more events never make it smaller: by the type of its value.
        can_foresee: whether it can be told which future events would change it, and by how much: not where the order of
            events or all other values matter.
    """

    name: str
    cell: Cell
    bases: frozenset[Base] = frozenset()
    type: Callable[[Type | None], Type] = field(default=lambda _: COUNT)
    empty: Value = 0
    grains: Mapping[str, str] = field(factory=dict)
    is_weighted: bool = False
    is_divided: bool = False
    end: int = 0
    order: Order = Order.VALUE
    of_counts: Callable[[Counts], Any] = len
    frame: str = "number"
    rises: Callable[[Type | None], bool] = field(default=lambda _: True)
    can_foresee: Callable[[Type | None], bool] = field(default=lambda _: True)

    def __reduce__(self) -> tuple[Any, ...]:
        return _named, (self.name,)  # another process has the same register

    @property
    def words(self) -> Mapping[str, str]:
        """The words it is written with -> the grain that each says."""
        return self.grains or {self.name: ""}

    @property
    def takes_value(self) -> bool:
        """Whether it is written `f(x in kind)`; else `f(kind)`."""
        return self.cell in (Cell.TOTAL, Cell.END, Cell.ELEMENTS)

    @property
    def is_truth(self) -> bool:
        """Whether it says only that some event counts."""
        return self.empty is False

    @property
    def column(self) -> str:
        """How partial tables join what it needs of the events: sum, min, max, first or last; "" where the count is enough."""
        if self.cell is Cell.TOTAL:
            return "sum"
        return self.name if self.cell is Cell.END else ""

    def finish(self, parts: Sequence[Any] | None, scale: int, weight_scale: int) -> Value:
        """The value from a cell: exact; None is missing.

        Args:
            parts: of the cell; None where no event counted.
            scale: decimal digits of its numbers.
            weight_scale: decimal digits of its weights.
        """
        if parts is None:
            return self.empty
        if self.cell is Cell.COUNT:
            return True if self.is_truth else int(parts[0])
        value = parts[1]
        if self.is_divided:
            weight = int(parts[2] if len(parts) > 2 else parts[0])
            return Fraction(int(value) * 10**weight_scale, 10**scale * weight) if weight else None
        if self.cell is Cell.TOTAL:
            return Fraction(int(value), 10**scale) if scale else int(value)
        if scale and isinstance(value, int) and not isinstance(value, bool):
            return Fraction(value, 10**scale)
        return value  # type: ignore[no-any-return]


def _boolean(_: Type | None) -> Type:
    return BOOLEAN


def _summed(value: Type | None) -> Type:
    assert value is not None
    return evolve(value, places=None, nullable=False)


def _averaged(value: Type | None) -> Type:
    assert value is not None
    return evolve(value, places=None, nullable=True)


def _one_of_them(value: Type | None) -> Type:
    assert value is not None
    return evolve(value, nullable=True)


def _never(_: Type | None) -> bool:
    return False


def _of_positive(value: Type | None) -> bool:
    return value is not None and value.non_negative


def _unless_number(value: Type | None) -> bool:
    """Future events can be dated as one likes, but a smaller number than the least is none that anybody strives for."""
    return not (value is None or value.base is Base.NUMBER)


def _largest(counts: Counts) -> int:
    return max(counts.values(), default=0)


_ORDERED = frozenset({Base.NUMBER, Base.DATE, Base.INSTANT})
_NUMBERS = frozenset({Base.NUMBER})

AGGREGATES: Sequence[AggregateFunction] = (
    AggregateFunction(name="count", cell=Cell.COUNT),
    AggregateFunction(name="any", cell=Cell.COUNT, type=_boolean, empty=False),
    AggregateFunction(name="sum", cell=Cell.TOTAL, bases=_NUMBERS, type=_summed, rises=_of_positive),
    AggregateFunction(
        name="mean", cell=Cell.TOTAL, bases=_NUMBERS, type=_averaged, empty=None, is_weighted=True, is_divided=True,
        rises=_never, can_foresee=_never,
    ),
    AggregateFunction(
        name="min", cell=Cell.END, bases=_ORDERED, type=_one_of_them, empty=None, rises=_never, can_foresee=_unless_number
    ),
    AggregateFunction(name="max", cell=Cell.END, bases=_ORDERED, type=_one_of_them, empty=None, end=-1),
    AggregateFunction(
        name="first", cell=Cell.END, type=_one_of_them, empty=None, order=Order.TIME, rises=_never, can_foresee=_never
    ),
    AggregateFunction(
        name="last", cell=Cell.END, type=_one_of_them, empty=None, order=Order.TIME, end=-1, rises=_never,
        can_foresee=_never,
    ),
    AggregateFunction(name="distinct", cell=Cell.ELEMENTS),
    AggregateFunction(name="most", cell=Cell.ELEMENTS, of_counts=_largest, frame="largest"),
    AggregateFunction(
        name="hits", cell=Cell.SUB_PERIODS,
        grains={"years": "year", "quarters": "quarter", "months": "month", "weeks": "week", "days": "day"},
    ),
)  # fmt: skip
"""Every aggregate function over events, in the order of the reference page."""

_BY_NAME = {function.name: function for function in AGGREGATES}


def _named(name: str) -> AggregateFunction:
    return _BY_NAME[name]


WRITTEN: Mapping[str, tuple[AggregateFunction, str]] = {
    word: (function, grain) for function in AGGREGATES for word, grain in function.words.items()
}
"""Word as written -> the function it means, and the grain it says."""


SPREADSHEET: Mapping[str, str] = {
    **dict.fromkeys(("average", "avg"), "write 'mean(x in kind)'"), "total": "write 'sum(x in kind)'",
    **dict.fromkeys(("averageif", "averageifs"), "write 'mean(x in kind where condition)'"),
    **dict.fromkeys(("sumif", "sumifs"), "write 'sum(x in kind where condition)'"),
    **dict.fromkeys(("countif", "countifs"), "write 'count(kind where condition)'"),
    **dict.fromkeys(("length", "len", "size"), "write 'count(kind)'"),
    **dict.fromkeys(("unique", "countunique"), "write 'distinct(x in kind)'"),
    **dict.fromkeys(("iif", "ifs", "switch", "when"), "write 'if(condition, value, other value)'"),
    **dict.fromkeys(("ifnull", "nvl", "isnull", "iferror"), "write 'coalesce(x, 0)', or 'x is missing'"),
    **dict.fromkeys(("vlookup", "hlookup", "xlookup", "lookup"), "write 'bands(x, 0: a, 3: b)'"), "percent": "write '80%'",
    "and": "write 'a and b'", "or": "write 'a or b'", "not": "write 'not a'", "power": "write 'x * x'",
    **dict.fromkeys(("today", "now"), "periods say which events count; an expression has no clock"),
    **dict.fromkeys(("rank", "rankx", "rank.eq"), "write 'rank(x in peers)'"), "share": "write 'share((condition) in members)'",
}  # fmt: skip
"""What to write in place of functions that others have."""


def function_of(node: Aggregate) -> AggregateFunction:
    """The function of an aggregate over events; `persons(...)`, which is over members, has none."""
    return _BY_NAME[node.op]
