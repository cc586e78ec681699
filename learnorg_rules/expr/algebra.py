"""Which types go together: sums, products, comparisons, and the type several values have in common."""

from collections.abc import Mapping, Sequence
from fractions import Fraction

from attrs import evolve, frozen

from ..notation import day_hint, day_in, number_in
from .nodes import Literal, Node, Span
from .scope import Fault
from .types import BOOLEAN, DATE, DURATION, Base, Type, unit_text

__all__ = ["RefusalError", "arithmetic", "common", "comparison", "described", "in_days", "nullable", "type_of"]

_ORDERED = frozenset({Base.NUMBER, Base.DATE, Base.INSTANT, Base.DURATION, Base.CHOICE})
_TIMES = frozenset({Base.DATE, Base.INSTANT})


class RefusalError(Exception):
    """Raised inside this room only: nodes that do not go together. `fault` says why."""

    def __init__(self, span: Span, code: str, message: str, hint: str = "") -> None:
        self.fault = Fault(span, code, message, hint)
        super().__init__(self.fault)


@frozen
class _Verb:
    """How a message says what was tried."""

    together: str
    between: str


_VERBS = {
    "+": _Verb("added", "added to"),
    "-": _Verb("subtracted", "reduced by"),
    "*": _Verb("multiplied", "multiplied by"),
    "/": _Verb("divided", "divided by"),
    "compare": _Verb("compared", "compared with"),
    "both": _Verb("values of one function", "mixed with"),
}


def type_of(node: Node) -> Type:
    """The type of a resolved node. A node without one is a fault of ours."""
    if node.type is None:
        raise TypeError(f"{type(node).__name__} is not resolved")
    return node.type


def described(kind: Type) -> str:
    """A type as a message names it: "a number of minutes", "a date"."""
    if kind.base is Base.CHOICE:
        shown = ", ".join(kind.options[:5]) + (", ..." if len(kind.options) > 5 else "")
        return f"a choice ({shown})"
    article = "an" if kind.base is Base.INSTANT else "a"
    return f"{article} {kind}"


def nullable(*nodes: Node) -> bool:
    """Whether any of the values can be missing."""
    return any(type_of(node).nullable for node in nodes)


def in_days(node: Node, other: Node) -> Node:
    """`30 days` beside a number whose unit is days is that number; everything else is left as it is."""
    wanted = type_of(other)
    is_duration = isinstance(node, Literal) and type_of(node).base is Base.DURATION
    if is_duration and wanted.base is Base.NUMBER and wanted.unit in ({"days": 1}, {"day": 1}):
        (unit,) = wanted.unit
        days = Fraction(node.value.days)  # type: ignore[attr-defined]
        return Literal(days, unit, span=node.span, type=Type(Base.NUMBER, {unit: 1}, non_negative=days >= 0))
    return node


def arithmetic(op: str, left: Node, right: Node, span: Span) -> Type:
    """The type of `left op right`.

    Raises:
        RefusalError: these cannot be added, subtracted, multiplied or divided.
    """
    a, b = type_of(left), type_of(right)
    if a.base is b.base is Base.NUMBER:
        return _of_numbers(op, left, right, span)
    missing = nullable(left, right)
    if op == "+" and {a.base, b.base} == {Base.DATE, Base.DURATION}:
        return evolve(DATE, nullable=missing)
    if op == "-" and a.base is Base.DATE and b.base in (Base.DATE, Base.DURATION):
        return evolve(DURATION if b.base is Base.DATE else DATE, nullable=missing)
    if op in "+-" and a.base is b.base is Base.DURATION:
        return evolve(DURATION, nullable=missing)
    hint = ""
    if Base.DATE in (a.base, b.base) and Base.NUMBER in (a.base, b.base):
        hint = "a number of days is written '30 days'"
    elif Base.INSTANT in (a.base, b.base):
        hint = "reckon with days: 'date'"
    raise RefusalError(span, "E305", f"{described(a)} cannot be {_VERBS[op].between} {described(b)}", hint)


def _of_numbers(op: str, left: Node, right: Node, span: Span) -> Type:
    a, b = type_of(left), type_of(right)
    missing = nullable(left, right)
    positive = a.non_negative and b.non_negative and op != "-"
    if op in "+-":
        return Type(Base.NUMBER, _agreed(op, a, b, span), nullable=missing, non_negative=positive)
    unit: dict[str, int] | None = None
    if a.unit is not None and b.unit is not None:
        sign = 1 if op == "*" else -1
        powers = {name: a.unit.get(name, 0) + sign * b.unit.get(name, 0) for name in {*a.unit, *b.unit}}
        unit = {name: power for name, power in powers.items() if power}
    return Type(Base.NUMBER, unit, nullable=missing, non_negative=positive)


def comparison(op: str, left: Node, right: Node, span: Span) -> Type:
    """Boolean, if the two can be compared by `op`.

    Raises:
        RefusalError: they cannot, or have no order.
    """
    a, b = type_of(left), type_of(right)
    bases = {a.base, b.base}
    result = evolve(BOOLEAN, nullable=nullable(left, right))
    if Base.LIST in bases:
        raise RefusalError(span, "E305", f"{described(a)} cannot be compared with {described(b)}", "write 'x in list'")
    named = op in ("==", "!=") and bases == {Base.CHOICE, Base.TEXT}
    if not (a.base is b.base or bases == _TIMES or named):
        raise RefusalError(
            span, "E305", f"{described(a)} cannot be compared with {described(b)}", _instead(left, right)
        )
    if a.base is b.base is Base.NUMBER:
        _agreed("compare", a, b, span)
    if a.base is b.base is Base.CHOICE and tuple(a.options) != tuple(b.options):
        raise RefusalError(span, "E305", f"{described(a)} cannot be compared with {described(b)}")
    if op not in ("==", "!=") and not bases <= _ORDERED:
        raise RefusalError(span, "E305", f"{described(a)} has no order", "compare with '==' or '!='")
    return result


def _instead(left: Node, right: Node) -> str:
    """What to write where values of two sorts are compared."""
    types = {type_of(node).base: node for node in (left, right)}
    if types.keys() == {Base.NUMBER, Base.DURATION}:
        unit = unit_text(type_of(types[Base.NUMBER]).unit or {})
        return f"write it in {unit}, such as '60 {unit}'" if unit else "a number of days is written '30 days'"
    if types.keys() & _TIMES and types.keys() & {Base.NUMBER, Base.TEXT}:
        other = next(node for base, node in types.items() if base not in _TIMES)
        text = other.value if isinstance(other, Literal) else None
        usual = "a date is written 2005-04-01, without quotes"
        return f"write {text}, without quotes" if day_in(str(text)) else day_hint(str(text), usual)
    other_ = types.get(Base.TEXT)
    if (
        types.keys() == {Base.NUMBER, Base.TEXT}
        and isinstance(other_, Literal)
        and number_in(str(other_.value)) is not None
    ):
        return f"write {other_.value}, without quotes"
    if types.keys() == {Base.NUMBER, Base.CHOICE}:
        return f"compare it with one of: {', '.join(type_of(types[Base.CHOICE]).options)}"
    return ""


def common(nodes: Sequence[Node], span: Span) -> Type:
    """The type that all values share; it can be missing if one can, and is non-negative if all are.

    Raises:
        RefusalError: they are of different sorts, units or options.
    """
    first = type_of(nodes[0])
    unit = first.unit
    for node in nodes[1:]:
        kind = type_of(node)
        if kind.base is not first.base or tuple(kind.options) != tuple(first.options):
            message = f"{described(first)} and {described(kind)} cannot be {_VERBS['both'].together}"
            raise RefusalError(node.span if node.span.end else span, "E305", message)
        unit = _agreed("both", evolve(first, unit=unit), kind, span)
    positive = all(type_of(node).non_negative for node in nodes)
    return evolve(first, unit=unit, places=None, nullable=nullable(*nodes), non_negative=positive)


def _agreed(op: str, a: Type, b: Type, span: Span) -> Mapping[str, int] | None:
    """The unit of measure of both; a bare literal agrees with every unit."""
    if a.unit is None or b.unit is None:
        return b.unit if a.unit is None else a.unit
    if a.unit != b.unit:
        one, other = (unit_text(unit) or "a number without unit" for unit in (a.unit, b.unit))
        hint = f"write '3 {one}', or '3', which agrees with every unit; 'x / 1 {other}' takes a unit off"
        if not a.unit or not b.unit:
            unit = unit_text(a.unit or b.unit)
            hint = f"declare the unit with 'unit: {unit}', or take it off the other: 'x / 1 {unit}'"
        elif one.removesuffix("s") == other.removesuffix("s"):
            hint = f"write '{one}', as it is declared"
        raise RefusalError(span, "E306", f"{one} cannot be {_VERBS[op].between} {other}", hint)
    return a.unit
