"""What an expression gives: the definition, in plain Python, that every other back end must agree with.

Three-valued: None is missing. A comparison with it is unknown, which is None too; `and`, `or`, `not` follow Kleene.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, time, tzinfo
from fractions import Fraction
from operator import eq, ge, gt, le, lt, ne
from typing import Any

from learnorg_rules.values import Value

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
    Pair,
    Range,
    Ref,
)
from .types import Base

__all__ = ["Lookup", "compile_node", "midnight"]

Lookup = Callable[[Node], Value]
"""The value of a `Ref`, `Aggregate`, `Across`, or a `Call` about other periods, duties or days; None: missing."""

Compiled = Callable[[Lookup], Any]

_COMPARISONS: Mapping[str, Callable[[Any, Any], bool]] = {
    "==": eq, "!=": ne, "<": lt, "<=": le, ">": gt, ">=": ge
}  # fmt: skip


def compile_node(node: Node, tz: tzinfo | None = None) -> Callable[[Lookup], Value]:
    """A function that gives the value of the resolved node, from the values its names have.

    Numbers are exact (int or Fraction), choices are texts, instants are aware datetimes. Division by zero gives
    missing, and so does a day the calendar does not have.

    Args:
        node: a resolved tree.
        tz: the time zone in which a date compared with an instant begins; needed only for that.

    Raises:
        TypeError: the tree is not resolved.
        ValueError: a date is compared with an instant, and no time zone was given.
    """
    match node:
        case Literal(value=value):
            constant = _constant(value)
            return lambda _: constant
        case Bool(value=value):
            return lambda _: value
        case Ref() | Aggregate() | Across():
            return _looked_up(node)
        case Call(function="previous" | "base" | "streak" | "met" | "present" | "person_days"):
            return lambda lookup: lookup(node)
        case Call(function=function, args=args) if function in FUNCTIONS:
            return _call(FUNCTIONS[function].meaning, [compile_node(a, tz) for a in args])
        case Pair(left=left, right=right):
            threshold, value_at = compile_node(left, tz), compile_node(right, tz)
            return lambda lookup: (threshold(lookup), value_at(lookup))
        case Negate(operand=operand):
            return _call(lambda x: None if x is None else -x, [compile_node(operand, tz)])
        case Not(operand=operand):
            return _call(lambda x: None if x is None else not x, [compile_node(operand, tz)])
        case Logic(op=op, operands=operands):
            return _logic(op, [compile_node(o, tz) for o in operands])
        case Binary(op=op, left=left, right=right):
            return _call(_ARITHMETIC[op], [compile_node(left, tz), compile_node(right, tz)])
        case Compare(op=op, left=left, right=right):
            return _compare(op, left, right, tz)
        case In():
            return _membership(node, tz)
        case IsMissing(operand=operand, negated=negated):
            inner = compile_node(operand, tz)
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


def _looked_up(node: Node) -> Compiled:
    if node.type is not None and node.type.base is Base.INSTANT:

        def instant(lookup: Lookup) -> Any:
            # In UTC, because Python compares two datetimes of one zone by their wall clocks.
            value = lookup(node)
            return value.astimezone(UTC) if isinstance(value, datetime) else value

        return instant
    return lambda lookup: lookup(node)


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
            return compute(a, b)
        except OverflowError:  # dates only: the calendar ends
            return None

    return value


_ARITHMETIC: Mapping[str, Callable[[Any, Any], Any]] = {
    "+": _calculated(lambda a, b: a + b),
    "-": _calculated(lambda a, b: a - b),
    "*": _calculated(lambda a, b: a * b),
    "/": _calculated(lambda a, b: None if b == 0 else Fraction(a, b)),
}


def _compare(op: str, left: Node, right: Node, tz: tzinfo | None) -> Compiled:
    one, other = _comparable(left, right, tz), _comparable(right, left, tz)
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


def _comparable(node: Node, other: Node, tz: tzinfo | None) -> Compiled:
    """The node's value; of a date compared with an instant, the instant at which it begins."""
    compiled = compile_node(node, tz)
    if node.type is None or other.type is None:
        return compiled
    if node.type.base is not Base.DATE or other.type.base is not Base.INSTANT:
        return compiled
    if tz is None:
        raise ValueError("a date is compared with an instant, which needs a time zone")

    def value(lookup: Lookup) -> Any:
        day: Any = compiled(lookup)
        return None if day is None else midnight(day, tz)

    return value


def _membership(node: In, tz: tzinfo | None) -> Compiled:
    items = node.items
    if isinstance(items, Range):
        inside = _logic(
            "and", [_compare(">=", node.operand, items.low, tz), _compare("<=", node.operand, items.high, tz)]
        )
    elif isinstance(items, Node):
        inside = _in_values(compile_node(node.operand, tz), compile_node(items, tz))
    else:
        operand = compile_node(node.operand, tz)
        any_of = _logic("or", [_compare("==", node.operand, item, tz) for item in items])

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
