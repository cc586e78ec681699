"""Numbers and their absence: exact values, the four kinds of nothing, and rounding once by a named mode."""

import enum
from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction

from attrs import field, frozen

__all__ = [
    "LONGEST",
    "MOST_DIGITS",
    "Absent",
    "Number",
    "Rounding",
    "RoundingMode",
    "Value",
    "Wrong",
    "first_wrong",
    "known",
    "shown",
    "shown_decimal",
    "to_decimal",
    "truth",
    "within_digits",
]

MOST_DIGITS = 1000
"""Of a number over events."""

LONGEST = 4000
"""Digits of a number or, of a fraction, of either part: what has more comes of a formula that feeds on itself (decision 31)."""
_LONGEST_BITS = (10**LONGEST).bit_length()

Number = int | Fraction
"""Every number between reading and rounding: exact, never a binary float."""


class Absent(enum.Enum):
    """Why there is no value. None of these is zero, and none is another (decision 0005)."""

    MISSING = "missing"  # it should be there, and nothing says what it is
    NOT_APPLICABLE = "not_applicable"  # it does not concern this subject in this period
    EXCUSED = "excused"  # it concerns the subject, which was let off


Value = Number | bool | str | object | None
"""What an expression gives: a number, boolean, text, date, instant, None for missing, or `Wrong`."""


@frozen
class Wrong:
    """Instead of a value that is wrong rather than missing; whatever is computed from it is this (decision 26).

    `kind`: "division" by 0, "weights" that add up to 0, "digits" (more than a number may have), or "range". `cause`: the node
    of the expression where it came up, compared by identity; of a range, the name of the indicator. `of`: whose value or of
    which period, where a group or an earlier period was looked at. `value`, `most`: of a range, what was outside 0 to what.
    """

    kind: str
    cause: object = field(eq=lambda cause: cause if isinstance(cause, str) else id(cause), repr=False)
    of: str = ""
    value: Number | None = None
    most: Number = 0


def first_wrong(*values: Value) -> Wrong | None:
    """The first of the values that is wrong; None where at most some are missing."""
    return next((value for value in values if type(value) is Wrong), None)


def known(value: Value) -> Value:
    """The value; None also where it is wrong."""
    return None if type(value) is Wrong else value


def truth(value: Value) -> bool | None:
    """Whether a condition's value holds; None where it is missing or wrong."""
    return None if known(value) is None else bool(value)


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

    def units(self, value: Number, times: Number = 1) -> int:
        """The rounded value, as often as said, in units of its last decimal digit."""
        numerator = value.numerator * times.numerator * 10**self.decimals
        return _whole(numerator, value.denominator * times.denominator, self.mode)


def _whole(numerator: int, denominator: int, mode: RoundingMode) -> int:
    low, rest = divmod(abs(numerator), denominator)
    if rest:
        double = 2 * rest
        if mode is RoundingMode.HALF_UP:
            low += double >= denominator
        elif mode is RoundingMode.HALF_EVEN:
            low += double > denominator or (double == denominator and low % 2 == 1)
        elif mode is RoundingMode.UP:
            low += 1
    return -low if numerator < 0 else low


def shown(value: Number, decimals: int, beside: Iterable[Number] = ()) -> Fraction:
    """The value as people see it: of so many decimals, and more where fewer would put it on the wrong side of another number.

    Beside 75, 74.996 of two decimals is 74.996; beside nothing it is 75.
    """
    other = [number for number in beside if number != value]
    seen = Rounding(decimals).apply(value)
    while any((seen < number) is not (value < number) or seen == number for number in other):
        decimals += 1
        seen = Rounding(decimals).apply(value)
    return seen


def shown_decimal(value: Number, decimals: int, beside: Iterable[Number] = ()) -> Decimal:
    """As `shown`, with so many decimals at least."""
    seen = shown(value, decimals, beside)
    return to_decimal(seen, decimals if (seen * 10**decimals).denominator == 1 else None)


def within_digits(value: Value, wrong: Wrong | None) -> Value:
    """The value; `wrong` for a number of more than `LONGEST` digits."""
    if isinstance(value, int):
        return value if value.bit_length() <= _LONGEST_BITS else wrong
    if isinstance(value, Fraction):
        longest = max(value.numerator.bit_length(), value.denominator.bit_length())
        return value if longest <= _LONGEST_BITS else wrong
    return value


def to_decimal(value: Number, decimals: int | None = None) -> Decimal:
    """The number as a Decimal: exactly `decimals` digits where given, else all it has.

    Raises:
        ValueError: the number needs more digits than asked for, or has no finite decimal form.
    """
    digits, denominator = decimals, value.denominator
    if digits is None:
        digits, rest = 0, denominator
        while rest % 10 == 0:
            rest, digits = rest // 10, digits + 1
        while rest % 5 == 0:
            rest, digits = rest // 5, digits + 1
        while rest % 2 == 0:
            rest, digits = rest // 2, digits + 1
        if rest != 1:
            raise ValueError(f"{value} has no finite decimal form")
    whole, rest = divmod(value.numerator * 10**digits, denominator)
    if rest:
        raise ValueError(f"{value} needs more than {digits} decimals")
    return Decimal(f"{whole}E-{digits}")  # from its digits: Decimal's arithmetic would round to the context's precision
