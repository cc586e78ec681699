"""Conditions and values over events as Polars expressions, equal to `evaluate` row by row.

Columns: an event's name is the column's name; an attribute of the person is "person.<name>", of the unit
"unit.<name>". Numbers are Int64, the value times 10**places; choices and texts String, dates Date, instants Datetime
(us, UTC). Null is missing.

`largest` is, by column, the largest magnitude of its integers (where none is said: 64 bits). Where that does not prove that
128 bits hold what is computed, Python computes it, row by row and exactly (decision 0030).
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta, tzinfo
from fractions import Fraction
from functools import reduce
from math import ceil, floor
from operator import eq, ge, gt, le, lt, ne
from typing import Any

import polars as pl
from attrs import frozen

from ..expr.algebra import type_of
from ..expr.cells import NARROW, WIDE, Size, column, decimal_size, is_constant, joined, product, size
from ..expr.evaluate import compile_node, midnight
from ..expr.nodes import (
    MIRRORED,
    Binary,
    Call,
    Compare,
    In,
    IsMissing,
    Literal,
    Logic,
    Negate,
    Node,
    Not,
    Range,
    Ref,
    walk,
)
from ..expr.types import Base, Type

__all__ = ["PIECE", "column", "piece_count", "to_cell", "to_pieces", "to_polars", "to_text", "whole_of"]

PIECE = 30
"""Bits of a piece: 2**33 of them add up in 64 bits."""

Largest = Mapping[str, int]

_INSTANT = pl.Datetime("us", "UTC")
_UNKNOWN = pl.lit(None, dtype=pl.Boolean)
_OPERATORS = {"==": eq, "!=": ne, "<": lt, "<=": le, ">": gt, ">=": ge}


def to_polars(node: Node, tz: tzinfo, largest: Largest | None = None) -> pl.Expr:
    """An expression for a resolved condition over events, null where it is unknown; or for a value that is no number.

    A condition without any column gives a literal, which has length one.

    Args:
        node: the condition; parameters are literals already (`rewrite.bind`), `member` was split off (`assume`).
        tz: the zone in which a date that is compared with an instant begins.
        largest: see above.

    Raises:
        ValueError: a name has no column.
    """
    if type_of(node).base is Base.NUMBER:
        raise TypeError(f"a condition is expected, not {type_of(node)}")
    return _Frames(tz, largest or {}).expression(node)


def to_cell(node: Node, largest: Largest | None = None) -> tuple[pl.Expr, int]:
    """An expression for a resolved number over events, and its scale: the value times 10**scale.

    Int64 where that is enough, else Int128; text of all its digits where that is not enough either.

    Raises:
        ValueError: a name has no column, or the number has no finite decimal form.
    """
    bounds = largest or {}
    found, scale = decimal_size(node, bounds)
    try:
        cell = _Frames(None, bounds).number(node)
        if cell is None:
            return pl.lit(None, dtype=pl.Int64), scale
        whole = (_as_cell(cell) if isinstance(cell, Fraction) else cell).over(10**scale)
    except _TooWideError:
        return _by_definition(node, None, lambda value: str(int(value * 10**scale)), pl.String()), scale
    return whole.expr if whole.is_narrow or found.bound > NARROW else whole.expr.cast(pl.Int64, strict=True), scale


def to_text(node: Node, largest: Largest) -> pl.Expr:
    """The cells of a number with all their digits, as text."""
    return to_cell(node, largest)[0].cast(pl.String)


def to_pieces(node: Node, largest: Largest, count: int) -> pl.Expr:
    """The cells of a number in so many pieces of `PIECE` bits, the lowest first: a struct of Int64; the last has the sign.

    Pieces add up piece by piece, and compare from the last to the first; `whole_of` puts them together.
    """
    found, scale = decimal_size(node, largest)
    names = [str(i) for i in range(count)]
    if found.bound > WIDE:
        dtype = pl.Struct(dict.fromkeys(names, pl.Int64()))
        return _by_definition(node, None, lambda value: _cut(int(value * 10**scale), names), dtype)
    rest = to_cell(node, largest)[0].cast(pl.Int128)
    pieces = []
    for name in names[:-1]:
        pieces.append((rest % 2**PIECE).cast(pl.Int64).alias(name))
        rest = rest // 2**PIECE
    return pl.struct(*pieces, rest.cast(pl.Int64).alias(names[-1]))


def piece_count(bound: int) -> int:
    """How many pieces hold what is no larger than that, either sign."""
    return bound.bit_length() // PIECE + 1


def whole_of(pieces: Sequence[int | None]) -> int | None:
    """The number of its pieces."""
    if pieces[0] is None:
        return None
    return sum(piece << (PIECE * i) for i, piece in enumerate(pieces) if piece is not None)


def _cut(value: int, names: Sequence[str]) -> dict[str, int]:
    found = {}
    for name in names[:-1]:
        found[name] = value % 2**PIECE
        value >>= PIECE
    return {**found, names[-1]: value}


def _by_definition(node: Node, tz: tzinfo | None, given: Callable[[Any], Any], dtype: Any) -> pl.Expr:
    """What the evaluator gives for each row."""
    value = compile_node(node, tz)
    refs = {column(part): type_of(part) for part in walk(node) if isinstance(part, Ref)}
    scales = {name: 10**kind.places for name, kind in refs.items() if kind.places}

    def computed(rows: pl.Series) -> pl.Series:
        found = []
        for row in rows.to_list():
            for name, scale in scales.items():
                row[name] = None if row[name] is None else Fraction(row[name], scale)
            one = value(lambda ref, row=row: row[column(ref)])  # type: ignore[misc]
            found.append(None if one is None else given(one))
        return pl.Series(rows.name, found, dtype)

    return pl.struct(pl.col(name) for name in refs).map_batches(computed, return_dtype=dtype, is_elementwise=True)


class _TooWideError(Exception):
    """128 bits may not hold it."""


@frozen
class _Cell:
    """Integers of which each is a value times `size.denominator`; 64 bits wide where that is enough."""

    expr: pl.Expr
    size: Size
    is_narrow: bool

    @property
    def wide(self) -> pl.Expr:
        return self.expr.cast(pl.Int128) if self.is_narrow else self.expr

    def over(self, denominator: int) -> "_Cell":
        """The same values over a multiple of the denominator."""
        factor = denominator // self.size.denominator
        if factor == 1:
            return self
        return _Cell(self.wide * _whole(factor), self.size.scaled(denominator), False)

    def __attrs_post_init__(self) -> None:
        if self.size.bound > WIDE or self.size.denominator > WIDE:
            raise _TooWideError


Number = _Cell | Fraction | None
"""Cells, or a constant: exact, or missing in every row."""


def _whole(value: int) -> pl.Expr:
    if abs(value) > WIDE:
        raise _TooWideError
    return pl.lit(value, dtype=pl.Int128)


def _sum(op: str, a: pl.Expr, b: pl.Expr) -> pl.Expr:
    return a + b if op == "+" else a - b


def _as_cell(value: Fraction) -> _Cell:
    return _Cell(_whole(value.numerator), Size(abs(value.numerator), value.denominator), False)


@frozen
class _Frames:
    """Writes one expression. `tz` is None where no date can be compared with an instant."""

    tz: tzinfo | None
    largest: Largest

    # ---- conditions and values that are no numbers

    def expression(self, node: Node) -> pl.Expr:
        """The expression of a condition, text, choice, date, instant or duration."""
        if is_constant(node):
            return _literal(self.constant(node), type_of(node))
        match node:
            case Ref():
                return pl.col(column(node))
            case Not(operand=operand):
                return ~self.expression(operand)
            case Logic(op=op, operands=operands):
                parts = [self.expression(o) for o in operands]
                return reduce((lambda a, b: a & b) if op == "and" else (lambda a, b: a | b), parts)
            case Compare() if type_of(node.left).base is Base.NUMBER:
                return self.of_numbers(node)
            case Compare(op=op, left=left, right=right):
                return self.compared(op, left, right)
            case In() if type_of(node.operand).base is Base.NUMBER:
                return self.of_numbers(node)
            case IsMissing(operand=operand) if type_of(operand).base is Base.NUMBER:
                return self.of_numbers(node)
            case In():
                inside = self.contained(node)
                return ~inside if node.negated else inside
            case IsMissing(operand=operand, negated=negated):
                missing = self.expression(operand).is_null()
                return ~missing if negated else missing
            case Negate(operand=operand):
                return -self.expression(operand)
            case Binary(op=op, left=left, right=right):
                a, b = self.expression(left), self.expression(right)
                return _sum(op, a, b)
            case Call(function=function, args=args):
                if function == "if":
                    then, otherwise = (self.expression(a) for a in args[1:])
                    return _chosen(self.expression(args[0]), then, otherwise, _DTYPES[type_of(node).base])
                return _combined(function, [self.expression(a) for a in args])
        raise TypeError(f"{type(node).__name__} has no place in a frame")

    def of_numbers(self, node: Compare | In | IsMissing) -> pl.Expr:
        """A condition on numbers: in columns where 128 bits hold them, else row by row."""
        try:
            match node:
                case Compare(op=op, left=left, right=right):
                    return self.compared(op, left, right)
                case IsMissing(operand=operand):
                    value = self.number(operand)
                    found = value.expr.is_null() if isinstance(value, _Cell) else pl.lit(value is None)
                case _:
                    found = self.contained(node)
            return ~found if node.negated else found
        except _TooWideError:
            return _by_definition(node, self.tz, bool, pl.Boolean())

    def constant(self, node: Node) -> Any:
        """The value of a part without columns."""

        def unbound(part: Node) -> object:
            raise ValueError(f"parameter '{getattr(part, 'name', part)}' has no value yet")

        return compile_node(node, self.tz)(unbound)

    def compared(self, op: str, left: Node, right: Node) -> pl.Expr:
        bases = {type_of(left).base, type_of(right).base}
        if bases == {Base.NUMBER}:
            return _compared_numbers(op, self.number(left), self.number(right))
        if bases == {Base.DATE, Base.INSTANT}:
            a, b = (self.instant(n) if type_of(n).base is Base.DATE else self.expression(n) for n in (left, right))
        elif Base.CHOICE in bases and op not in ("==", "!="):
            options = next(type_of(n).options for n in (left, right) if type_of(n).base is Base.CHOICE)
            a, b = (_place(self.expression(n), options) for n in (left, right))
        else:
            a, b = self.expression(left), self.expression(right)
        return _as_boolean(_OPERATORS[op](a, b))

    def instant(self, node: Node) -> pl.Expr:
        """The instant at which a date begins."""
        tz = self.tz
        if tz is None:
            raise ValueError("a date is compared with an instant, which needs a time zone")
        expr = self.expression(node)
        if _without_columns(expr):
            only = pl.select(expr).item()
            return pl.lit(None if only is None else midnight(only, tz), dtype=_INSTANT)

        def instants(days: pl.Series) -> pl.Series:
            # Through Python, because Polars gives no instant where the clocks skip midnight; dates are few.
            begins = {day: midnight(day, tz) for day in days.unique() if day is not None}
            return pl.Series(days.name, [begins.get(day) for day in days], dtype=_INSTANT)

        return expr.map_batches(instants, return_dtype=_INSTANT, is_elementwise=True)

    def contained(self, node: In) -> pl.Expr:
        items, operand = node.items, node.operand
        if isinstance(items, Range):
            return self.compared(">=", operand, items.low) & self.compared("<=", operand, items.high)
        if isinstance(items, Node):
            if not is_constant(items):
                raise ValueError("right of 'in' stands a name that is no list")
            kind = type_of(items).item
            items = tuple(Literal(v, type=kind) for v in self.constant(items))
        texts = [i.value for i in items if isinstance(i, Literal) and isinstance(i.value, str)]
        if items and len(texts) == len(items):
            return self.expression(operand).is_in(texts)
        if not items:
            return pl.when(self.expression(IsMissing(operand))).then(_UNKNOWN).otherwise(pl.lit(False))
        return reduce(lambda a, b: a | b, [self.compared("==", operand, item) for item in items])

    # ---- numbers

    def number(self, node: Node) -> Number:
        """Cells of a number over events; a number or None where it is constant."""
        if is_constant(node):
            value = self.constant(node)
            return None if value is None else Fraction(value)
        match node:
            case Ref():
                return _Cell(pl.col(column(node)), size(node, self.largest), True)
            case Negate(operand=operand):
                value = self.number(operand)
                return _Cell(_whole(0) - value.wide, value.size, False) if isinstance(value, _Cell) else value
            case Binary(op=op, left=left, right=right):
                return _arithmetic(op, self.number(left), self.number(right))
            case Call(function="if", args=args):
                return self._chosen_number(self.expression(args[0]), [self.number(a) for a in args[1:]])
            case Call(function=function, args=args):
                cells, over = _joined([self.number(a) for a in args])
                return _Cell(_combined(function, cells), over, False)
        raise TypeError(f"{type(node).__name__} is not a number over events")

    def _chosen_number(self, condition: pl.Expr, values: Sequence[Number]) -> Number:
        cells, over = _joined(values)
        return _Cell(_chosen(condition, cells[0], cells[1], pl.Int128()), over, False)


def _joined(values: Sequence[Number]) -> tuple[list[pl.Expr], Size]:
    """All over one denominator, 128 bits wide."""
    cells = [_as_cell(v) if isinstance(v, Fraction) else v for v in values]
    over = joined([cell.size for cell in cells if cell is not None] or [Size(0)])
    missing = pl.lit(None, dtype=pl.Int128)
    return [missing if cell is None else cell.over(over.denominator).wide for cell in cells], over


def _arithmetic(op: str, left: Number, right: Number) -> Number:
    if left is None or right is None:
        return None
    if op == "/":
        if not isinstance(right, Fraction):
            raise TypeError("only constants divide events")
        if right == 0:
            return None
        op, right = "*", 1 / right
    a = _as_cell(left) if isinstance(left, Fraction) else left
    b = _as_cell(right) if isinstance(right, Fraction) else right
    if op == "*":
        return _Cell(a.wide * b.wide, product(a.size, b.size), False)
    (x, y), _ = _joined([a, b])
    return _Cell(_sum(op, x, y), joined([a.size, b.size], 2), False)


def _compared_numbers(op: str, left: Number, right: Number) -> pl.Expr:
    if left is None or right is None:
        return _UNKNOWN
    if isinstance(right, Fraction):
        if isinstance(left, Fraction):
            return pl.lit(_OPERATORS[op](left, right))
        return _compared_with(op, left, right)
    if isinstance(left, Fraction):
        return _compared_with(MIRRORED[op], right, left)
    if left.is_narrow and right.is_narrow and left.size.denominator == right.size.denominator:
        return _as_boolean(_OPERATORS[op](left.expr, right.expr))
    (a, b), _ = _joined([left, right])
    return _as_boolean(_OPERATORS[op](a, b))


def _compared_with(op: str, cell: _Cell, value: Fraction) -> pl.Expr:
    """Cells against a constant: the constant becomes an integer, so the column is compared as it is."""
    threshold = value * cell.size.denominator
    low, high = floor(threshold), ceil(threshold)
    if op in ("==", "!=") and low != high:
        return _everywhere(cell, op == "!=")
    whole = {"<": high, ">=": high, "<=": low, ">": low}.get(op, low)
    if abs(whole) > cell.size.bound:  # no cell reaches it, and it may not fit
        return _everywhere(cell, {"<": whole > 0, "<=": whole > 0, ">": whole < 0, ">=": whole < 0}.get(op, op == "!="))
    if abs(whole) > NARROW:
        return _as_boolean(_OPERATORS[op](cell.wide, _whole(whole)))
    bound = pl.lit(whole, dtype=pl.Int64 if cell.is_narrow else pl.Int128)
    return _as_boolean(_OPERATORS[op](cell.expr, bound))


def _everywhere(cell: _Cell, value: bool) -> pl.Expr:
    return pl.when(cell.expr.is_null()).then(_UNKNOWN).otherwise(pl.lit(value))


def _as_boolean(expr: Any) -> pl.Expr:
    assert isinstance(expr, pl.Expr)
    return expr


def _without_columns(expr: pl.Expr) -> bool:
    """Whether the expression came out constant, though its node has columns: `score / 0 > 1` is unknown everywhere."""
    return not expr.meta.root_names()


def _chosen(condition: pl.Expr, then: pl.Expr, otherwise: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    """`if`: missing where the condition is unknown."""
    if _without_columns(condition):
        # Polars gives one row for a constant `when`, whatever the length of the branches.
        value = pl.select(condition).item()
        return pl.lit(None, dtype=dtype) if value is None else (then if value else otherwise)
    return pl.when(condition).then(then).when(~condition).then(otherwise).otherwise(None)


def _combined(function: str, parts: Sequence[pl.Expr]) -> pl.Expr:
    if function == "coalesce":
        return pl.coalesce(*parts)
    if function == "abs":
        return parts[0].abs()
    known = reduce(lambda a, b: a & b, [p.is_not_null() for p in parts])
    best = pl.min_horizontal(*parts) if function == "min" else pl.max_horizontal(*parts)
    return pl.when(known).then(best).otherwise(None)


def _place(expr: pl.Expr, options: Sequence[str]) -> pl.Expr:
    """Where a choice stands in the declared order; null for what is no option."""
    return expr.replace_strict(list(options), list(range(len(options))), default=None, return_dtype=pl.Int64)


_DTYPES: dict[Base, pl.DataType] = {
    Base.BOOLEAN: pl.Boolean(),
    Base.TEXT: pl.String(),
    Base.CHOICE: pl.String(),
    Base.DATE: pl.Date(),
    Base.INSTANT: _INSTANT,
    Base.DURATION: pl.Duration("us"),
}


def _literal(value: str | bool | date | datetime | timedelta | None, kind: Type) -> pl.Expr:
    return pl.lit(value, dtype=_DTYPES[kind.base])
