"""Trees to trees: parts replaced, parameters bound, one condition assumed to hold or not."""

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

import attrs

from .nodes import Bool, Call, Compare, In, IsMissing, Literal, Logic, Node, Not, Ref

__all__ = ["assume", "bind", "conjuncts", "substitute"]


def substitute(node: Node, mapping: Callable[[Node], Node | None]) -> Node:
    """The tree with every part replaced for which `mapping` gives another; asked from the outside in.

    A replaced part is not looked into. A list literal right of `in` becomes its items.
    """
    replaced = mapping(node)
    if replaced is not None:
        return replaced
    changes: dict[str, Any] = {}
    for a in attrs.fields(type(node)):
        if a.name in ("span", "type"):
            continue
        value = getattr(node, a.name)
        if isinstance(value, Node):
            new: object = substitute(value, mapping)
        elif isinstance(value, tuple) and value and isinstance(value[0], Node):
            items = tuple(substitute(v, mapping) for v in value)
            new = value if all(x is y for x, y in zip(items, value, strict=True)) else items
        else:
            continue
        if isinstance(node, In) and isinstance(new, Literal) and isinstance(new.value, tuple):
            item = None if new.type is None else new.type.item
            new = tuple(_constant(v, new, item) for v in new.value)
        if new is not value:
            changes[a.name] = new
    return _with(node, **changes)


def bind(node: Node, value_of: Callable[[str], object]) -> Node:
    """The resolved tree with every parameter replaced by its value.

    `value_of` takes a parameter's name and gives a number, text, date, timedelta, bool, a list of those, or a resolved
    node; it raises what it likes for a parameter without a value.
    """

    def bound(part: Node) -> Node | None:
        if not isinstance(part, Ref) or part.scope != "parameter":
            return None
        value = value_of(part.name)
        if isinstance(value, Node):
            return attrs.evolve(value, span=part.span, type=value.type or part.type)
        return _constant(value, part, part.type)

    return substitute(node, bound)


def _constant(value: object, place: Node, kind: object) -> Node:
    fields = {"span": place.span, "type": kind}
    if isinstance(value, Node):
        return value
    if isinstance(value, bool):
        return Bool(value, **fields)  # type: ignore[arg-type]
    if isinstance(value, int):
        value = Fraction(value)
    if isinstance(value, list):
        value = tuple(value)
    if not isinstance(value, Fraction | str | date | timedelta | tuple):
        raise TypeError(f"a parameter cannot be a {type(value).__name__}")
    return Literal(value, **fields)  # type: ignore[arg-type]


def conjuncts(node: Node) -> Sequence[Node]:
    """The conditions that must all hold: the operands of an `and` at the top, else the node alone."""
    return tuple(node.operands) if isinstance(node, Logic) and node.op == "and" else (node,)


def assume(node: Node, ref_name: str, value: bool) -> Node:
    """The condition if the boolean event name `ref_name` (such as `member`) were this; simplified.

    The name does not occur in the result.
    """

    def assumed(part: Node) -> Node | None:
        if isinstance(part, Ref) and part.scope == "event" and part.name == ref_name:
            return Bool(value, span=part.span, type=part.type)
        return None

    return _simplified(substitute(node, assumed))


def _simplified(node: Node) -> Node:
    """`and`, `or`, `not` and what else takes a condition, without the constants in it; Kleene's logic allows it."""
    match node:
        case Not(operand=operand):
            inner = _simplified(operand)
            return _bool(not inner.value, node) if isinstance(inner, Bool) else _with(node, operand=inner)
        case Logic(op=op, operands=operands):
            return _simplified_logic(node, op == "or", [_simplified(o) for o in operands])
        case Compare(op=op, left=left, right=right):
            a, b = _simplified(left), _simplified(right)
            if isinstance(a, Bool) and isinstance(b, Bool):
                return _bool((a.value == b.value) is (op == "=="), node)
            return _with(node, left=a, right=b)
        case IsMissing(operand=operand, negated=negated):
            inner = _simplified(operand)
            return _bool(negated, node) if isinstance(inner, Bool) else _with(node, operand=inner)
        case Call(function="if", args=args):
            condition, *values = (_simplified(a) for a in args)
            if isinstance(condition, Bool):
                if condition.value or len(values) == 2:
                    return values[0] if condition.value else values[1]
                return Literal(value=None, span=node.span, type=node.type)
            return _with(node, args=(condition, *values))
    return node


def _simplified_logic(node: Logic, decisive: bool, operands: Sequence[Node]) -> Node:
    kept: list[Node] = []
    for operand in operands:
        if isinstance(operand, Bool):
            if operand.value is decisive:
                return _bool(decisive, node)
        elif isinstance(operand, Logic) and operand.op == node.op:
            kept += operand.operands
        else:
            kept.append(operand)
    if len(kept) < 2:
        return kept[0] if kept else _bool(not decisive, node)
    return attrs.evolve(node, operands=tuple(kept))


def _bool(value: bool, node: Node) -> Bool:
    return Bool(value, span=node.span, type=node.type)


def _with(node: Node, **changes: Any) -> Node:
    same = all(getattr(node, name) is value for name, value in changes.items())
    return node if same else attrs.evolve(node, **changes)
