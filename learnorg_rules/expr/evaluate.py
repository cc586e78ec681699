"""What an expression gives: the definition, in plain Python, that every other back end must agree with.

Three-valued: None is missing. A comparison with it is unknown, which is None too; `and`, `or`, `not` follow Kleene.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, time, tzinfo
from fractions import Fraction
from operator import add, eq, ge, gt, le, lt, mul, ne, sub
from typing import Any

from attrs import frozen

from learnorg_rules.values import Value, within_digits

from .functions import FUNCTIONS
from .nodes import (
    Across,
    Aggregate,
    Binary,
    Bool,
    Call,
    Compare,
    In,
    IsMissing,
    Literal,
    Logic,
    Negate,
    Node,
    Not,
    Outer,
    Pair,
    Range,
    Ref,
)
from .types import Base

__all__ = ["Lookup", "asked", "compile_node", "midnight"]

Lookup = Callable[[Node], Value]
"""The value of a `Ref`, `Aggregate`, `Across`, `Outer`, or a `Call` about other periods, duties or days; None: missing."""

Compiled = Callable[[Any], Any]
"""Gives a value, from what its leaves take: a `Lookup`, where nothing else is said."""

_COMPARISONS: Mapping[str, Callable[[Any, Any], bool]] = {
    "==": eq, "!=": ne, "<": lt, "<=": le, ">": gt, ">=": ge
}  # fmt: skip


def asked(node: Node) -> Compiled:
    """The value of a node is what the lookup gives for it."""
    return lambda lookup: lookup(node)


@frozen
class _Names:
    """Where a day begins, and what gives the values that stand for something outside the expression."""

    tz: tzinfo | None
    leaf: Callable[[Node], Compiled]


def compile_node(
    node: Node, tz: tzinfo | None = None, leaf: Callable[[Node], Compiled] = asked
) -> Callable[[Lookup], Value]:
    """A function that gives the value of the resolved node, from the values its names have.

    Numbers are exact (int or Fraction), choices are texts, instants are aware datetimes. Division by zero gives
    missing, and so does a day the calendar does not have.

    Args:
        node: a resolved tree.
        tz: the time zone in which a date compared with an instant begins; needed only for that.
        leaf: the function that gives the value of what `Lookup` is asked for; by default it asks.

    Raises:
        TypeError: the tree is not resolved.
        ValueError: a date is compared with an instant, and no time zone was given.
    """
    return _compiled(node, _Names(tz, leaf))


def _compiled(node: Node, names: _Names) -> Compiled:
    match node:
        case Literal(value=value):
            constant = _constant(value)
            return lambda _: constant
        case Bool(value=value):
            return lambda _: value
        case Ref() | Aggregate() | Across() | Outer():
            return _looked_up(node, names)
        case Call(function="previous" | "base" | "streak" | "met" | "present" | "person_days"):
            return names.leaf(node)
        case Call(function="linear", args=args):
            meaning = FUNCTIONS["linear"].meaning
            return _call(lambda *values: within_digits(meaning(*values)), [_compiled(a, names) for a in args])
        case Call(function=function, args=args) if function in FUNCTIONS:
            return _call(FUNCTIONS[function].meaning, [_compiled(a, names) for a in args])
        case Pair(left=left, right=right):
            threshold, value_at = _compiled(left, names), _compiled(right, names)
            return lambda lookup: (threshold(lookup), value_at(lookup))
        case Negate(operand=operand):
            return _call(lambda x: None if x is None else -x, [_compiled(operand, names)])
        case Not(operand=operand):
            return _call(lambda x: None if x is None else not x, [_compiled(operand, names)])
        case Logic(op=op, operands=operands):
            return _logic(op, [_compiled(o, names) for o in operands])
        case Binary(op=op, left=left, right=right):
            return _call(_ARITHMETIC[op], [_compiled(left, names), _compiled(right, names)])
        case Compare(op=op, left=left, right=right):
            return _compare(op, left, right, names)
        case In():
            return _membership(node, names)
        case IsMissing(operand=operand, negated=negated):
            inner = _compiled(operand, names)
            return lambda lookup: (inner(lookup) is None) is not negated
    raise TypeError(f"{type(node).__name__} is not resolved")


def midnight(day: date, tz: tzinfo) -> datetime:
    """The instant, in UTC, at which the local day begins."""
    return datetime.combine(day, time(), tz).astimezone(UTC)


def _constant(value: object) -> object:
    if isinstance(value, Fraction) and value.denominator == 1:
        return value.numerator  # integers are several times faster, and equal
    if isinstance(value, tuple):
        return tuple(_constant(v) for v in value)
    return value


def _looked_up(node: Node, names: _Names) -> Compiled:
    leaf = names.leaf(node)
    if node.type is not None and node.type.base is Base.INSTANT:

        def instant(lookup: Lookup) -> Any:
            # In UTC, because Python compares two datetimes of one zone by their wall clocks.
            value = leaf(lookup)
            return value.astimezone(UTC) if isinstance(value, datetime) else value

        return instant
    return leaf


def _call(meaning: Callable[..., Any], args: Sequence[Compiled]) -> Compiled:
    if len(args) == 1:
        (only,) = args
        return lambda lookup: meaning(only(lookup))
    if len(args) == 2:
        one, two = args
        return lambda lookup: meaning(one(lookup), two(lookup))
    return lambda lookup: meaning(*(arg(lookup) for arg in args))


def _logic(op: str, operands: Sequence[Compiled]) -> Compiled:
    decisive = op == "or"  # one true operand decides `or`, one false operand `and`

    def value(lookup: Lookup) -> Any:
        unknown = False
        for operand in operands:
            found = operand(lookup)
            if found is None:
                unknown = True
            elif found is decisive:
                return decisive
        return None if unknown else not decisive

    return value


def _calculated(compute: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    def value(a: Any, b: Any) -> Any:
        if a is None or b is None:
            return None
        try:
            return within_digits(compute(a, b))
        except OverflowError:  # dates only: the calendar ends
            return None

    return value


def _quotient(a: int | Fraction, b: int | Fraction) -> Fraction | None:
    # Of parts that are whole: a fraction of fractions takes several times as long.
    return Fraction(a.numerator * b.denominator, a.denominator * b.numerator) if b else None


_ARITHMETIC: Mapping[str, Callable[[Any, Any], Any]] = {
    "+": _calculated(add),
    "-": _calculated(sub),
    "*": _calculated(mul),
    "/": _calculated(_quotient),
}


def _compare(op: str, left: Node, right: Node, names: _Names) -> Compiled:
    one, other = _comparable(left, right, names), _comparable(right, left, names)
    test = _COMPARISONS[op]
    places = _places(left, right) if op not in ("==", "!=") else None

    def value(lookup: Lookup) -> Any:
        a, b = one(lookup), other(lookup)
        if places is not None:
            a, b = places.get(a), places.get(b)
        return None if a is None or b is None else test(a, b)

    return value


def _places(left: Node, right: Node) -> Mapping[Any, int] | None:
    """Option -> its place in the declared order, if choices are compared."""
    for node in (left, right):
        if node.type is not None and node.type.base is Base.CHOICE:
            return {option: i for i, option in enumerate(node.type.options)}
    return None


def _comparable(node: Node, other: Node, names: _Names) -> Compiled:
    """The node's value; of a date compared with an instant, the instant at which it begins."""
    compiled = _compiled(node, names)
    if node.type is None or other.type is None:
        return compiled
    if node.type.base is not Base.DATE or other.type.base is not Base.INSTANT:
        return compiled
    tz = names.tz
    if tz is None:
        raise ValueError("a date is compared with an instant, which needs a time zone")

    def value(lookup: Lookup) -> Any:
        day: Any = compiled(lookup)
        return None if day is None else midnight(day, tz)

    return value


def _membership(node: In, names: _Names) -> Compiled:
    items = node.items
    if isinstance(items, Range):
        inside = _logic(
            "and", [_compare(">=", node.operand, items.low, names), _compare("<=", node.operand, items.high, names)]
        )
    elif isinstance(items, Node):
        inside = _in_values(_compiled(node.operand, names), _compiled(items, names))
    else:
        operand = _compiled(node.operand, names)
        any_of = _logic("or", [_compare("==", node.operand, item, names) for item in items])

        def inside(lookup: Lookup) -> Any:
            return None if operand(lookup) is None else any_of(lookup)

    if not node.negated:
        return inside

    def outside(lookup: Lookup) -> Any:
        found = inside(lookup)
        return None if found is None else not found

    return outside


def _in_values(operand: Compiled, values: Compiled) -> Compiled:
    """Membership in a list parameter, whose value is a tuple or list."""

    def value(lookup: Lookup) -> Any:
        x, listed = operand(lookup), values(lookup)
        return None if x is None or listed is None else x in listed

    return value
