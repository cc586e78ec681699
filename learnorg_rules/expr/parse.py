"""Text to surface tree. The grammar stands in grammar.lark; this module turns its rules into nodes, and refusals into faults."""

from collections.abc import Sequence
from datetime import date, timedelta
from fractions import Fraction
from typing import Any
from typing import Literal as OneOf

from ..frozen import frozen
from .grammar import RefusedError, reduced
from .lexemes import Lexeme, lexemes, lexical_faults
from .nodes import (
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
    Pair,
    Range,
    Span,
    Subjects,
    children,
)
from .scope import ExpressionError, Fault
from .syntax_faults import syntax_fault

__all__ = ["LIMITS", "Limits", "parse"]


@frozen
class Limits:
    """How large an expression may be: characters of text, levels of nesting, nodes."""

    length: int = 4000
    depth: int = 40
    nodes: int = 400


LIMITS = Limits()
_DURATIONS = {"day": 1, "days": 1, "week": 7, "weeks": 7}
_LONGEST = 1_000_000  # days; more than the calendar has between the years that dates may have
_NOTHING = frozenset({"null", "nil"})  # how other languages write a missing value


def parse(text: str, what: OneOf["expression", "selector", "order"] = "expression") -> Node:
    """The surface tree of the text: an expression, a selector (`Subjects`) or an entry of a ranking (`Order`).

    Number literals are exact: `80%` is 4/5; `1/2` and `-3` are one literal each; `2 weeks` is a timedelta.

    Raises:
        ExpressionError: the text is none. All faults of single words are given, else the first of the grammar.
    """
    if len(text) > LIMITS.length:
        message = f"the expression has {len(text)} characters; at most {LIMITS.length} are allowed"
        raise ExpressionError(Fault(Span(LIMITS.length, len(text)), "E302", message, "split it into several measures"))
    words = list(lexemes(text))
    faults = lexical_faults(words)
    if faults:
        raise ExpressionError(*faults)
    try:
        tree: Node = reduced(words, what, _CALLBACKS)
    except RefusedError as refused:
        raise ExpressionError(syntax_fault(words, refused.index, refused.expected, what)) from None
    faults = [*_size_faults(tree), *_shape_faults(tree, text)]
    if faults:
        raise ExpressionError(*faults)
    return tree


Child = Any  # a Node, a Lexeme or a _Clause: what a rule's parts have become


def _span(parts: Sequence[Child]) -> Span:
    return Span(parts[0].span.start, parts[-1].span.end)


@frozen
class _Clause:
    """A part of a rule that is no expression itself: `where`, `by`, `of`, `that`, an id."""

    keyword: str
    values: Sequence[Any]
    span: Span


class _Nodes:
    """One method for each rule or alias of the grammar that makes something; called while parsing, so nothing recurses."""

    def disjunction(self, parts: list[Child]) -> Node:
        return self._logic("or", parts)

    def conjunction(self, parts: list[Child]) -> Node:
        return self._logic("and", parts)

    def _logic(self, op: str, parts: list[Child]) -> Node:
        operands: list[Node] = []
        for part in parts[::2]:
            operands += part.operands if isinstance(part, Logic) and part.op == op else [part]
        return Logic(op, tuple(operands), span=_span(parts))

    def negation(self, parts: list[Child]) -> Node:
        return Not(parts[1], span=_span(parts))

    def compare(self, parts: list[Child]) -> Node:
        return Compare(parts[1].text, parts[0], parts[2], span=_span(parts))

    def membership(self, parts: list[Child]) -> Node:
        items = parts[-1]
        listed = tuple(items.values) if isinstance(items, _Clause) else items
        return In(parts[0], listed, negated=len(parts) == 4, span=_span(parts))

    def is_missing(self, parts: list[Child]) -> Node:
        return IsMissing(parts[0], negated=len(parts) == 4, span=_span(parts))

    def listed(self, parts: list[Child]) -> _Clause:
        return _Clause("list", parts[1:-1], _span(parts))

    def range(self, parts: list[Child]) -> Node:
        return Range(parts[0], parts[2], span=_span(parts))

    def binary(self, parts: list[Child]) -> Node:
        left, op, right = parts
        span = _span(parts)
        if op.text == "/" and _is_integer(left) and _is_integer(right) and right.value:
            return Literal(left.value / right.value, span=span)
        return Binary(op.text, left, right, span=span)

    def negate(self, parts: list[Child]) -> Node:
        operand, span = parts[1], _span(parts)
        if isinstance(operand, Literal) and isinstance(operand.value, Fraction | timedelta):
            return Literal(-operand.value, operand.unit, span=span)
        return Negate(operand, span=span)

    def number(self, parts: list[Child]) -> Node:
        return Literal(Fraction(parts[0].text), span=_span(parts))

    def quantity(self, parts: list[Child]) -> Node:
        number, unit = Fraction(parts[0].text), parts[1].text
        days = number * _DURATIONS.get(unit, 0)
        if unit in _DURATIONS and days.denominator == 1 and days <= _LONGEST:
            return Literal(timedelta(int(days)), span=_span(parts))
        return Literal(number, unit, span=_span(parts))

    def percent(self, parts: list[Child]) -> Node:
        return Literal(Fraction(parts[0].text[:-1]) / 100, span=_span(parts))

    def date(self, parts: list[Child]) -> Node:
        return Literal(date.fromisoformat(parts[0].text), span=_span(parts))

    def text(self, parts: list[Child]) -> Node:
        return Literal(_unquoted(parts[0].text), span=_span(parts))

    def boolean(self, parts: list[Child]) -> Node:
        return Bool(parts[0].text == "true", span=_span(parts))

    def missing(self, parts: list[Child]) -> Node:
        return Name(("missing",), span=_span(parts))  # refused by _shape_faults, where it can say what to write

    def name(self, parts: list[Child]) -> Node:
        return Name(tuple(parts[0].text.split(".")), span=_span(parts))

    def parentheses(self, parts: list[Child]) -> Node:
        return parts[1]  # type: ignore[no-any-return]

    def call(self, parts: list[Child]) -> Node:
        clauses = {p.keyword: p.values[0] for p in parts if isinstance(p, _Clause)}
        args = tuple(p for p in parts[2:-1] if isinstance(p, Node))
        return Call(parts[0].text, args, clauses.get("where"), clauses.get("by"), span=_span(parts))

    def pair(self, parts: list[Child]) -> Node:
        return Pair(parts[0], parts[2], span=_span(parts))

    def where(self, parts: list[Child]) -> _Clause:
        return _Clause("where", parts[1:], _span(parts))

    def by(self, parts: list[Child]) -> _Clause:
        return _Clause("by", parts[1:], _span(parts))

    def of(self, parts: list[Child]) -> _Clause:
        return _Clause("of", parts[1].values, _span(parts))

    def that(self, parts: list[Child]) -> _Clause:
        return _Clause("that", [*parts[1].values, *parts[2].values], _span(parts))

    def id(self, parts: list[Child]) -> _Clause:
        word: Lexeme = parts[0]
        return _Clause("id", [_unquoted(word.text) if word.kind == "text" else word.text], _span(parts))

    def selected(self, parts: list[Child]) -> Node:
        clauses = {p.keyword: p.values for p in parts[1:]}
        by, edge = clauses.get("that", ("", ""))
        of, where = clauses.get("of", ("",))[0], clauses.get("where", (None,))[0]
        return Subjects(parts[0].text, of=of, by=by, edge=edge, where=where, span=_span(parts))

    def listed_ids(self, parts: list[Child]) -> Node:
        return Subjects(ids=tuple(p.values[0] for p in parts), span=_span(parts))

    def order(self, parts: list[Child]) -> Node:
        return Order(parts[0], descending=len(parts) == 2 and parts[1].text == "descending", span=_span(parts))


_CALLBACKS = {
    name: method for name, method in ((name, getattr(_Nodes(), name)) for name in vars(_Nodes)) if callable(method)
}


def _is_integer(node: Child) -> bool:
    literal = isinstance(node, Literal) and isinstance(node.value, Fraction) and not node.unit
    return literal and node.value.denominator == 1


def _unquoted(text: str) -> str:
    return text[1:-1].replace('\\"', '"').replace("\\\\", "\\")


def _size_faults(tree: Node) -> list[Fault]:
    """Too deep or too many nodes. With a stack of its own, because the tree may be deeper than Python's."""
    nodes, deepest, stack = 0, (0, tree), [(1, tree)]
    while stack:
        depth, node = stack.pop()
        nodes += 1
        if depth > deepest[0]:
            deepest = (depth, node)
        stack += [(depth + 1, child) for child in children(node)]
    hint = "split it into several measures"
    faults = []
    if nodes > LIMITS.nodes:
        message = f"the expression has {nodes} parts; at most {LIMITS.nodes} are allowed"
        faults.append(Fault(tree.span, "E302", message, hint))
    if deepest[0] > LIMITS.depth:
        message = f"the expression is nested {deepest[0]} deep; at most {LIMITS.depth} levels are allowed"
        faults.append(Fault(deepest[1].span, "E302", message, hint))
    return faults


def _shape_faults(tree: Node, text: str) -> list[Fault]:
    """What the grammar lets pass and no expression may have."""
    faults: list[Fault] = []
    stack = [tree]
    while stack:
        node = stack.pop()
        inside = children(node)
        if isinstance(node, Compare) and node.op in ("==", "!="):
            absent = [_is_absent(node.left), _is_absent(node.right)]
            if any(absent):
                other = node.right if absent[0] else node.left
                written = text[other.span.start : other.span.end]
                test = "is missing" if node.op == "==" else "is not missing"
                message = "a comparison with a missing value is never true"
                faults.append(Fault(node.span, "E301", message, f"write '{written} {test}'"))
                inside = [child for child in inside if not _is_absent(child)]
        elif isinstance(node, Name) and node.parts == ("missing",):
            faults.append(Fault(node.span, "E301", "'missing' is not a value", "write 'x is missing'"))
        elif isinstance(node, Literal) and node.unit in _DURATIONS:
            message = f"'{text[node.span.start : node.span.end]}' is not a number of days"
            faults.append(Fault(node.span, "E303", message, f"durations are whole days, at most {_LONGEST}"))
        elif isinstance(node, In) and isinstance(node.items, Node):
            items = node.items
            if not isinstance(items, Name | Range) and not _is_text(items):
                message = "right of 'in' stands a list, a range or a name"
                faults.append(Fault(items.span, "E301", message, "write 'x in [a, b]' or 'x in 1..2'"))
        stack += inside
    return sorted(faults)


def _is_absent(node: Node) -> bool:
    if not isinstance(node, Name) or len(node.parts) != 1:
        return False
    return node.parts[0] == "missing" or node.parts[0].casefold() in _NOTHING


def _is_text(node: Node) -> bool:
    return isinstance(node, Literal) and isinstance(node.value, str)
