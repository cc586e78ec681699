"""How large the integer is that holds an event-level number: what keeps Polars from ever wrapping round.

A number over events is an integer cell divided by a constant: `value = cell / denominator`. Fields fill 64 bits at
most, and often much less is known of them; the bound of everything computed from them follows from the tree. So it is known
before anything is computed whether 64 bits are enough, or 128, or neither.
"""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from math import lcm

from attrs import frozen

from .algebra import type_of
from .evaluate import compile_node
from .functions import FUNCTIONS
from .nodes import Across, Aggregate, Binary, Call, Negate, Node, Ref, walk

__all__ = [
    "NARROW",
    "WIDE",
    "Size",
    "column",
    "decimal_places",
    "decimal_size",
    "is_constant",
    "joined",
    "product",
    "size",
]

NARROW = 2**63 - 1
WIDE = 2**127 - 1


@frozen
class Size:
    """`bound` is the largest the cell can be, either sign; `denominator` what it is divided by."""

    bound: int
    denominator: int = 1

    def scaled(self, denominator: int) -> "Size":
        """The same value over a multiple of the denominator."""
        return Size(self.bound * (denominator // self.denominator), denominator)


def column(ref: Ref) -> str:
    """The column that holds what the name refers to.

    Raises:
        ValueError: the name is not of an event: a parameter that was not bound, `member`, or something outside.
    """
    if ref.scope == "event" and ref.name != "member":
        return ref.name
    if ref.scope in ("person", "unit"):
        return f"{ref.scope}.{ref.name}"
    raise ValueError(f"no column holds {ref.scope} '{ref.name}'")


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


def size(node: Node, largest: Mapping[str, int]) -> Size:
    """The size of a resolved number over events.

    A parameter without a value yet, or a function of one, is taken to have 12 digits before the point and 4 behind it.

    Args:
        node: the number.
        largest: by column, the largest magnitude of its integers; where none is said, 64 bits.
    """
    if not isinstance(node, Ref) and is_constant(node):
        if any(isinstance(part, Ref) for part in walk(node)):
            return _CONSTANT
        value = compile_node(node)(_nothing)
        return Size(abs(value.numerator), value.denominator) if isinstance(value, int | Fraction) else Size(0)
    match node:
        case Ref(scope="parameter"):
            return _CONSTANT
        case Ref():
            return Size(largest.get(column(node), NARROW + 1), 10 ** (type_of(node).places or 0))
        case Negate(operand=operand):
            return size(operand, largest)
        case Binary(op="*", left=left, right=right):
            return product(size(left, largest), size(right, largest))
        case Binary(op="/", left=left, right=right):
            divisor = size(right, largest)
            return product(size(left, largest), Size(divisor.denominator, max(divisor.bound, 1)))
        case Binary(left=left, right=right):
            return joined([size(left, largest), size(right, largest)], 2)
        case Call(function=function, args=args) if FUNCTIONS[function].cells:
            return joined([size(a, largest) for a in args[1 if function == "if" else 0 :]])
    return _CONSTANT


_CONSTANT = Size(10**16, 10**4)


def decimal_size(node: Node, largest: Mapping[str, int]) -> tuple[Size, int]:
    """The size over a power of ten, and which.

    Raises:
        ValueError: the number has no finite decimal form.
    """
    found = size(node, largest)
    scale = decimal_places(Fraction(1, found.denominator))
    if scale is None:
        raise ValueError(f"a number over {found.denominator} has no finite decimal form")
    return found.scaled(10**scale), scale


def joined(sizes: Sequence[Size], terms: int = 1) -> Size:
    """Over one denominator: the size of any of them, or of the sum of `terms` of them."""
    denominator = lcm(*(s.denominator for s in sizes))
    return Size(terms * max(s.scaled(denominator).bound for s in sizes), denominator)


def product(left: Size, right: Size) -> Size:
    """The size of the product of two cells."""
    return Size(left.bound * right.bound, left.denominator * right.denominator)


def _nothing(node: Node) -> None:
    raise TypeError(f"{type(node).__name__} is no constant")
