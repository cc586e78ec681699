"""Whether more events can ever undo a condition that holds: what lets a duty be met before its period ends."""

from fractions import Fraction

from .aggregates import function_of
from .algebra import type_of
from .cells import is_constant
from .nodes import Aggregate, Binary, Bool, Call, Compare, Literal, Logic, Node, Not
from .types import Base

__all__ = ["monotone"]


def monotone(node: Node) -> bool:
    """True if more events can never turn this resolved condition from true to false.

    Careful: False also where it is merely not known, such as for another measure; `substitute` measures by their
    formulas first. Corrections and voided events are not more events.
    """
    match node:
        case Bool():
            return True
        case Aggregate(op=op) if op != "persons" and function_of(node).is_truth:
            return True
        case Logic(operands=operands):
            return all(monotone(o) for o in operands)
        case Compare(op=">=" | ">", left=left, right=right) if is_constant(right):
            return _rises(left)
        case Compare(op="<=" | "<", left=left, right=right) if is_constant(left):
            return _rises(right)
        case Not(operand=operand):
            return is_constant(operand)
    return is_constant(node)


def _rises(node: Node) -> bool:
    """Whether more events never make the value smaller; a value that was missing may appear."""
    if is_constant(node):
        return True
    match node:
        case Aggregate(op=op, value=value):
            return op != "persons" and function_of(node).rises(None if value is None else value.type)
        case Binary(op="+", left=left, right=right):
            return _rises(left) and _rises(right)
        case Binary(op="-", left=left, right=right):
            return _rises(left) and is_constant(right)
        case Binary(op="*", left=left, right=right):
            return (_rises(left) and _positive(right)) or (_rises(right) and _positive(left))
        case Binary(op="/", left=left, right=right):
            return _rises(left) and _positive(right)
        case Call(function="min" | "max" | "ceil" | "floor", args=args):
            return all(_rises(a) for a in args)
        case Call(function="round", args=args):
            return _rises(args[0])
        case Call(function="linear", args=args):
            return _rises(args[0]) and _risen(args[1], args[2])
    return False


def _positive(node: Node) -> bool:
    """A constant that is never below zero. Zero is harmless: times it nothing changes, by it everything is missing."""
    return is_constant(node) and type_of(node).base is Base.NUMBER and type_of(node).non_negative


def _risen(low: Node, high: Node) -> bool:
    if not (isinstance(low, Literal) and isinstance(high, Literal)):
        return False
    return isinstance(low.value, Fraction) and isinstance(high.value, Fraction) and low.value < high.value
