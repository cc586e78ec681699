"""What an expression gives: the definition, in plain Python, that every other back end must agree with.

Three-valued: None is missing. A comparison with it is unknown, which is None too; `and`, `or`, `not` follow Kleene. What is
`Wrong` stays so through everything but an operand that does not matter: one that `if`, `coalesce` or `bands` does not choose,
one beside which `and` or `or` is decided.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, time, tzinfo
from fractions import Fraction
from operator import add, eq, ge, gt, le, lt, mul, ne, neg, sub
from typing import Any

from attrs import frozen

from learnorg_rules.values import Value, Wrong, first_wrong, within_digits

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
    tells_wrong: bool


def compile_node(
    node: Node, tz: tzinfo | None = None, leaf: Callable[[Node], Compiled] = asked, tells_wrong: bool = False
) -> Callable[[Lookup], Value]:
    """A function that gives the value of the resolved node, from the values its names have.

    Numbers are exact (int or Fraction), choices are texts, instants are aware datetimes. A day the calendar does not have is
    missing; so are a division by zero and a number of too many digits, unless `tells_wrong`: then they are `Wrong`. Of one event,
    where only constants divide, frames know nothing but missing.

    Args:
        node: a resolved tree.
        tz: the time zone in which a date compared with an instant begins; needed only for that.
        leaf: the function that gives the value of what `Lookup` is asked for; by default it asks.
        tells_wrong: whether what is wrong is told from what is missing.

    Raises:
        TypeError: the tree is not resolved.
        ValueError: a date is compared with an instant, and no time zone was given.
    """
    return _compiled(node, _Names(tz, leaf, tells_wrong))


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
        case Call(function=function, args=args) if function in FUNCTIONS:
            meaning, chooses = FUNCTIONS[function].meaning, FUNCTIONS[function].chooses
            return _call(meaning if chooses else _calculated(meaning, node, names), [_compiled(a, names) for a in args])
        case Pair(left=left, right=right):
            threshold, value_at = _compiled(left, names), _compiled(right, names)
            return lambda lookup: (threshold(lookup), value_at(lookup))
        case Negate(operand=operand):
            return _call(_calculated(neg, node, names), [_compiled(operand, names)])
        case Not(operand=operand):
            return _call(_opposite, [_compiled(operand, names)])
        case Logic(op=op, operands=operands):
            return _logic(op, [_compiled(o, names) for o in operands])
        case Binary(op=op, left=left, right=right):
            return _call(_calculated(_ARITHMETIC[op], node, names), [_compiled(left, names), _compiled(right, names)])
        case Compare(op=op, left=left, right=right):
            return _compare(op, left, right, names)
        case In():
            return _membership(node, names)
        case IsMissing(operand=operand, negated=negated):
            is_there = not negated
            return _call(lambda x: x if type(x) is Wrong else (x is None) is is_there, [_compiled(operand, names)])
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
        unknown, wrong = False, None
        for operand in operands:
            found = operand(lookup)
            if found is decisive:
                return decisive
            if found is None:
                unknown = True
            elif type(found) is Wrong:
                wrong = wrong or found
        return wrong if wrong is not None or unknown else not decisive

    return value


def _opposite(x: Any) -> Any:
    return x if x is None or type(x) is Wrong else not x


def _calculated(compute: Callable[..., Any], node: Node, names: _Names) -> Callable[..., Any]:
    """What is computed from values, of which those that are wrong come before those that are missing."""
    division, digits = (Wrong(kind, node) if names.tells_wrong else None for kind in ("division", "digits"))

    def value(*values: Any) -> Any:
        for one in values:  # `None in values` would ask every fraction whether it equals None
            if one is None:
                return first_wrong(*values)
        try:
            return within_digits(compute(*values), digits)
        except ZeroDivisionError:
            return division
        except OverflowError:  # dates only: the calendar ends
            return None
        except (TypeError, AttributeError):  # what is wrong is no number
            wrong = first_wrong(*values)
            if wrong is None:
                raise
            return wrong

    return value


def _quotient(a: int | Fraction, b: int | Fraction) -> Fraction:
    # Of parts that are whole: a fraction of fractions takes several times as long.
    return Fraction(a.numerator * b.denominator, a.denominator * b.numerator)


_ARITHMETIC: Mapping[str, Callable[[Any, Any], Any]] = {"+": add, "-": sub, "*": mul, "/": _quotient}


def _compare(op: str, left: Node, right: Node, names: _Names) -> Compiled:
    one, other = _comparable(left, right, names), _comparable(right, left, names)
    test = _COMPARISONS[op]
    places = _places(left, right) if op not in ("==", "!=") else None

    def value(lookup: Lookup) -> Any:
        a, b = one(lookup), other(lookup)
        if a is None or b is None or type(a) is Wrong or type(b) is Wrong:
            return first_wrong(a, b)
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
        return day if day is None or type(day) is Wrong else midnight(day, tz)

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

    return _call(_opposite, [inside])


def _in_values(operand: Compiled, values: Compiled) -> Compiled:
    """Membership in a list parameter, whose value is a tuple or list."""

    def value(lookup: Lookup) -> Any:
        x, listed = operand(lookup), values(lookup)
        wrong = first_wrong(x, listed)
        return wrong if wrong is not None or x is None or listed is None else x in listed

    return value
