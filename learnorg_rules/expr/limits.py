"""How large an expression may be."""

from collections.abc import Sequence

from attrs import frozen

from .lexemes import Lexeme
from .nodes import Node, Span, children
from .scope import Fault

__all__ = ["DAYS", "LIMITS", "LONGEST", "Limits", "length_faults", "nesting_faults", "size_faults"]


@frozen
class Limits:
    """Characters of text, levels of nesting (of the tree and of brackets), nodes."""

    length: int = 4000
    depth: int = 40
    nodes: int = 400


LIMITS = Limits()
DAYS = {"day": 1, "days": 1, "week": 7, "weeks": 7}
"""Word of a duration -> its days."""
LONGEST = 1_000_000
"""Days of the longest duration; more than the calendar has between the years that dates may have."""

_SPLIT = "split it into several measures"


def length_faults(text: str) -> list[Fault]:
    """Too many characters."""
    if len(text) <= LIMITS.length:
        return []
    message = f"the expression has {len(text)} characters; at most {LIMITS.length} are allowed"
    return [Fault(Span(LIMITS.length, len(text)), "E302", message, _SPLIT)]


def nesting_faults(words: Sequence[Lexeme]) -> list[Fault]:
    """Too many brackets open at once: the parser calls itself in each, and Python allows about a thousand calls."""
    depth = deepest = 0
    first = None
    for word in words:
        if word.kind == "operator" and word.text in "([":
            depth += 1
            deepest = max(deepest, depth)
            first = word if depth == LIMITS.depth + 1 and first is None else first
        elif word.kind == "operator" and word.text in ")]":
            depth = max(depth - 1, 0)
    return [] if first is None else [_too_deep(first.span, deepest)]


def size_faults(tree: Node) -> list[Fault]:
    """Too deep or too many nodes. With a stack of its own, because the tree may be deeper than Python's."""
    nodes, deepest, stack = 0, (0, tree), [(1, tree)]
    while stack:
        depth, node = stack.pop()
        nodes += 1
        if depth > deepest[0]:
            deepest = (depth, node)
        stack += [(depth + 1, child) for child in children(node)]
    faults = []
    if nodes > LIMITS.nodes:
        message = f"the expression has {nodes} parts; at most {LIMITS.nodes} are allowed"
        faults.append(Fault(tree.span, "E302", message, _SPLIT))
    if deepest[0] > LIMITS.depth:
        faults.append(_too_deep(deepest[1].span, deepest[0]))
    return faults


def _too_deep(span: Span, depth: int) -> Fault:
    message = f"the expression is nested {depth} deep; at most {LIMITS.depth} levels are allowed"
    return Fault(span, "E302", message, _SPLIT)
