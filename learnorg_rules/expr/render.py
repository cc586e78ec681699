"""Trees as text: canonical, so that it parses back to the same tree, or with the values filled in."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from fractions import Fraction

from ..values import Wrong
from ..words import say
from .aggregates import function_of
from .cells import decimal_places
from .evaluate import Lookup
from .lexemes import MOST_DIGITS, is_name
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
    Name,
    Negate,
    Node,
    Not,
    Order,
    Outer,
    Pair,
    Range,
    Ref,
    Subjects,
)
from .rewrite import substitute
from .types import Base

__all__ = ["render", "render_number", "render_values"]

# How tightly each construct binds; a part that binds less than its place asks for stands in brackets.
_OR, _AND, _NOT, _COMPARISON, _SUM, _PRODUCT, _SIGN, _ATOM = range(8)

_SELECTOR_WORDS = frozenset({"units", "bodies", "persons", "of", "that"})


def render(node: Node) -> str:
    """The canonical text of a surface or resolved tree.

    `parse(render(tree)) == tree` for every tree that `parse` gives, and `resolve` of it gives the same resolved tree.
    """
    return _text(node, _OR)


def render_values(node: Node, lookup: Lookup, language: str = "en") -> str:
    """The formula with the value of each name and aggregate in its place: `31 / 80`.

    A fraction is written as a decimal where that ends, else as `31/80`. What is missing is written "missing".
    """

    def filled(part: Node) -> Node | None:
        if not isinstance(part, Ref | Aggregate) and not (
            isinstance(part, Call) and part.function in ("previous", "met")
        ):
            return None
        value = lookup(part)
        if value is None or isinstance(value, bool | Wrong):
            word = (
                "no_data" if value is None else "invalid" if isinstance(value, Wrong) else "true" if value else "false"
            )
            return Name((say(word, language),), span=part.span, type=part.type)
        if isinstance(value, int):
            value = Fraction(value)
        return Literal(tuple(value) if isinstance(value, list) else value, span=part.span, type=part.type)

    return render(substitute(node, filled))


def render_number(value: Fraction | int) -> str:
    """The number as a decimal where that ends after at most 30 digits, else as a fraction: "12.5", "-3", "1/3"."""
    value = Fraction(value)
    places = decimal_places(value)
    if places is None or (places and places + len(str(abs(value.numerator) // value.denominator)) > MOST_DIGITS):
        return f"{value.numerator}/{value.denominator}"
    digits = str(abs(value.numerator) * 10**places // value.denominator).rjust(places + 1, "0")
    sign = "-" if value < 0 else ""
    return f"{sign}{digits[:-places]}.{digits[-places:]}" if places else sign + digits


def _text(node: Node, least: int) -> str:
    text, strength = _rendered(node)
    return f"({text})" if strength < least else text


def _rendered(node: Node) -> tuple[str, int]:
    """The text, and how tightly it binds."""
    match node:
        case Literal():
            return _literal(node)
        case Bool(value=value):
            return ("true" if value else "false"), _ATOM
        case Name(parts=parts):
            return ".".join(parts), _ATOM
        case Ref(scope=scope, name=name):
            return (f"{scope}.{name}" if scope in ("person", "unit") else name), _ATOM
        case Negate(operand=operand):
            return f"-{_text(operand, _SIGN)}", _SIGN
        case Not(operand=operand):
            return f"not {_text(operand, _NOT)}", _NOT
        case Logic(op=op, operands=operands):
            strength = _OR if op == "or" else _AND
            return f" {op} ".join(_text(o, strength + 1) for o in operands), strength
        case Binary(op=op, left=left, right=right):
            strength = _SUM if op in "+-" else _PRODUCT
            return f"{_text(left, strength)} {op} {_text(right, strength + 1)}", strength
        case Compare(op=op, left=left, right=right):
            return f"{_text(left, _SUM)} {op} {_text(right, _SUM)}", _COMPARISON
        case In(operand=operand, items=items, negated=negated):
            word = "not in" if negated else "in"
            return f"{_text(operand, _SUM)} {word} {_items(items)}", _COMPARISON
        case Range():
            return _items(node), _COMPARISON
        case IsMissing(operand=operand, negated=negated):
            return f"{_text(operand, _SUM)} is {'not ' if negated else ''}missing", _COMPARISON
        case Pair(left=left, right=right):
            return f"{_text(left, _OR)}: {_text(right, _OR)}", _OR
        case Call(function=function, args=args, where=where, by=by):
            return f"{function}({_arguments([_text(a, _OR) for a in args], where, by)})", _ATOM
        case Across(op=op, value=value, group=group):
            return f"{op}({_text(value, _SUM)} in {group})", _ATOM
        case Outer(value=value):
            return f"subject.{_text(value, _ATOM)}", _ATOM
        case Aggregate():
            return _aggregate(node), _ATOM
        case Order(key=key, descending=descending):
            return _text(key, _OR) + (" descending" if descending else ""), _OR
        case Subjects():
            return _subjects(node), _OR
    raise TypeError(f"{type(node).__name__} has no text")


def _literal(node: Literal) -> tuple[str, int]:
    value = node.value
    if isinstance(value, Fraction | int):
        text = render_number(value) + (f" {node.unit}" if node.unit else "")
        return text, _PRODUCT if "/" in text else (_SIGN if value < 0 else _ATOM)
    if isinstance(value, timedelta):
        return f"{value.days} day{'' if abs(value.days) == 1 else 's'}", _SIGN if value.days < 0 else _ATOM
    if isinstance(value, datetime):
        return value.isoformat(" "), _ATOM
    if isinstance(value, date):
        return value.isoformat(), _ATOM
    if isinstance(value, tuple):
        return f"[{', '.join(_literal(Literal(v))[0] for v in value)}]", _ATOM
    text = str(value)
    is_option = node.type is not None and node.type.base is Base.CHOICE
    return (text if is_option and is_name(text) else _quoted(text)), _ATOM


def _items(items: Sequence[Node] | Node) -> str:
    if isinstance(items, Range):
        return f"{_text(items.low, _SUM)}..{_text(items.high, _SUM)}"
    if isinstance(items, Node):
        return _text(items, _SUM)
    return f"[{', '.join(_text(i, _OR) for i in items)}]"


def _arguments(args: Sequence[str], where: Node | None, by: Node | None) -> str:
    text = ", ".join(args)
    for word, clause in (("where", where), ("by", by)):
        if clause is not None:
            text = f"{text} {word} {_text(clause, _OR)}"
    return text.strip()


def _aggregate(node: Aggregate) -> str:
    if node.op == "persons":
        return f"persons({'' if node.where is None else _text(substitute(node.where, _bare), _OR)})"
    kinds = [kind if is_name(kind) else _quoted(kind) for kind in node.kinds]
    if node.value is not None:
        kinds[0] = f"{_text(node.value, _SUM)} in {kinds[0]}"
    words = function_of(node).words.items()
    word = next(word for word, grain in words if grain == node.grain)
    return f"{word}({_arguments(kinds, node.where, node.by)})"


def _bare(node: Node) -> Node | None:
    """Inside `persons(...)` an attribute of a person stands by its name alone."""
    return Name((node.name,)) if isinstance(node, Ref) and node.scope == "person" else None


def _subjects(node: Subjects) -> str:
    if not node.family:
        return ", ".join(_id(i) for i in node.ids)
    parts = [node.family]
    if node.of:
        parts += ["of", _id(node.of)]
    if node.edge:
        parts += ["that", _id(node.by), _id(node.edge)]
    if node.where is not None:
        parts += ["where", _text(node.where, _OR)]
    return " ".join(parts)


def _id(text: str) -> str:
    return text if is_name(text) and text not in _SELECTOR_WORDS else _quoted(text)


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
