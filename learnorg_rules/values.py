"""Numbers and their absence: exact values, the four kinds of nothing, and rounding once by a named mode."""

import enum
from decimal import Decimal
from fractions import Fraction

from attrs import frozen

__all__ = ["Absent", "Number", "Rounding", "RoundingMode", "Value", "to_decimal"]

Number = int | Fraction
"""Every number between reading and rounding: exact, never a binary float."""


class Absent(enum.Enum):
    """Why there is no value. None of these is zero, and none is another (decision 0005)."""

    MISSING = "missing"  # it should be there, and nothing says what it is
    NOT_APPLICABLE = "not_applicable"  # it does not concern this subject in this period
    EXCUSED = "excused"  # it concerns the subject, which was let off


Value = Number | bool | str | object | None
"""What an expression gives: a number, boolean, text, date, instant, or None for missing."""


class RoundingMode(enum.Enum):
    """How the last kept digit is decided. Ties are exact here because values are exact."""

    HALF_UP = "half_up"  # ties away from zero
    HALF_EVEN = "half_even"
    UP = "up"  # away from zero
    DOWN = "down"  # towards zero


@frozen
class Rounding:
    """Round once, here, in this way."""

    decimals: int = 0
    mode: RoundingMode = RoundingMode.HALF_UP

    def apply(self, value: Number) -> Fraction:
        """The value with at most `decimals` decimal digits, still exact."""
        return Fraction(self.units(value), 10**self.decimals)

    def units(self, value: Number) -> int:
        """The rounded value in units of its last decimal digit."""
        return _whole(value.numerator * 10**self.decimals, value.denominator, self.mode)


def _whole(numerator: int, denominator: int, mode: RoundingMode) -> int:
    sign = -1 if numerator < 0 else 1
    low, rest = divmod(abs(numerator), denominator)
    double = 2 * rest
    if mode is RoundingMode.UP:
        up = rest > 0
    elif mode is RoundingMode.DOWN:
        up = False
    elif mode is RoundingMode.HALF_UP:
        up = double >= denominator
    else:
        up = double > denominator or (double == denominator and low % 2 == 1)
    return sign * (low + up)


def to_decimal(value: Number, decimals: int | None = None) -> Decimal:
    """The number as a Decimal: exactly `decimals` digits where given, else all it has.

    Raises:
        ValueError: the number needs more digits than asked for, or has no finite decimal form.
    """
    fraction = Fraction(value)
    digits = decimals
    if digits is None:
        digits, rest = 0, fraction.denominator
        while rest % 10 == 0:
            rest, digits = rest // 10, digits + 1
        while rest % 5 == 0:
            rest, digits = rest // 5, digits + 1
        while rest % 2 == 0:
            rest, digits = rest // 2, digits + 1
        if rest != 1:
            raise ValueError(f"{fraction} has no finite decimal form")
    scaled = fraction * 10**digits
    if scaled.denominator != 1:
        raise ValueError(f"{fraction} needs more than {digits} decimals")
    whole = abs(scaled.numerator)  # from its digits: Decimal's arithmetic would round to the context's precision
    return Decimal((int(scaled < 0), tuple(map(int, str(whole))), -digits))
