"""How large the integer is that holds an event-level number: what keeps Polars from ever wrapping round.

A number over events is an integer cell divided by a constant: `value = cell / denominator`. Fields fill 64 bits at
most; the bound of everything computed from them follows from the tree, so whether 128 bits are enough is known before
any event is read.
"""

from collections.abc import Sequence
from fractions import Fraction
from math import lcm

from attrs import frozen

from .algebra import type_of
from .functions import FUNCTIONS
from .nodes import Across, Aggregate, Binary, Call, Literal, Negate, Node, Ref, walk

__all__ = ["NARROW", "WIDE", "Size", "TooWideError", "decimal_places", "is_constant", "joined", "product", "size"]

NARROW = 2**63 - 1
WIDE = 2**127 - 1


class TooWideError(ValueError):
    """The exact result may need more than 128 bits. `resolve` refuses such expressions beforehand."""


@frozen
class Size:
    """`bound` is the largest the cell can be, either sign; `denominator` what it is divided by."""

    bound: int
    denominator: int = 1

    def scaled(self, denominator: int) -> "Size":
        """The same value over a multiple of the denominator."""
        return _checked(Size(self.bound * (denominator // self.denominator), denominator))


def is_constant(node: Node) -> bool:
    """Whether no event, subject or measure has a part in it: literals and parameters only."""
    return not any(
        isinstance(part, Aggregate | Across) or (isinstance(part, Ref) and part.scope != "parameter")
        for part in walk(node)
    )


def decimal_places(value: Fraction) -> int | None:
    """How many digits the number has behind the point; None if they do not end."""
    rest, twos, fives = value.denominator, 0, 0
    while rest % 2 == 0:
        rest, twos = rest // 2, twos + 1
    while rest % 5 == 0:
        rest, fives = rest // 5, fives + 1
    return max(twos, fives) if rest == 1 else None


def size(node: Node) -> Size:
    """The size of a resolved number over events.

    A parameter without a value yet, or a function of constants, is taken to have 12 digits before the point and 4
    behind it.

    Raises:
        TooWideError: it may need more than 128 bits.
    """
    match node:
        case Literal(value=Fraction() as value):
            return _checked(Size(abs(value.numerator), value.denominator))
        case Ref(scope="parameter"):
            return _CONSTANT
        case Ref():
            return Size(NARROW + 1, 10 ** (type_of(node).places or 0))
        case Negate(operand=operand):
            return size(operand)
        case Binary(op="*", left=left, right=right):
            return product(size(left), size(right))
        case Binary(op="/", left=left, right=right):
            divisor = size(right)
            return product(size(left), Size(divisor.denominator, max(divisor.bound, 1)))
        case Binary(left=left, right=right):
            return joined([size(left), size(right)], 2)
        case Call(function=function, args=args) if FUNCTIONS[function].cells:
            return joined([size(a) for a in args[1 if function == "if" else 0 :]])
    return _CONSTANT


_CONSTANT = Size(10**16, 10**4)


def joined(sizes: Sequence[Size], terms: int = 1) -> Size:
    """Over one denominator: the size of any of them, or of the sum of `terms` of them."""
    denominator = lcm(*(s.denominator for s in sizes))
    return _checked(Size(terms * max(s.scaled(denominator).bound for s in sizes), denominator))


def product(left: Size, right: Size) -> Size:
    """The size of the product of two cells."""
    return _checked(Size(left.bound * right.bound, left.denominator * right.denominator))


def _checked(found: Size) -> Size:
    if found.bound > WIDE or found.denominator > WIDE:
        raise TooWideError("the exact result may need more than 128 bits")
    return found
