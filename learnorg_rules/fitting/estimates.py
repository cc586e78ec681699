"""One fitted number: its value, the interval it is likely in, and what it rests on."""

from datetime import date
from decimal import Decimal
from fractions import Fraction

from attrs import frozen

__all__ = ["Estimate", "Tested", "estimate", "rounded"]

_DIGITS = 6  # of a fitted number; no data of an organisation supports more


@frozen
class Estimate:
    """A parameter of a behaviour.

    Attributes:
        name: as in a scenario: "rate", "season 2" (a month), "spread", "fields.minutes.mean".
        value: the estimate. Numbers have six digits.
        low: the interval's lower end, included; None where nothing bounds it.
        high: its upper end, included; None where nothing bounds it.
        level: the share of such intervals that hold the true value, if the behaviour is of the fitted sort.
        n: what it rests on: so many of `of`.
        of: "events", "sessions", "units", ...
        how: the method.
        used: whether the behaviour has it; what is not needed is told and left out.
    """

    name: str
    value: Fraction | date
    low: Fraction | date | None
    high: Fraction | date | None
    level: Fraction
    n: int
    of: str
    how: str
    used: bool = True

    @property
    def rests_on(self) -> str:
        """`n` and what they are: "561 events", "1 event"."""
        return f"{self.n:,} {self.of if self.n != 1 else self.of.removesuffix('s')}"

    def __contains__(self, value: Fraction | date) -> bool:
        below = self.low is not None and value < self.low  # type: ignore[operator]
        return not below and not (self.high is not None and value > self.high)  # type: ignore[operator]


@frozen
class Tested:
    """A test of the fit. `p`: the chance of a statistic as large as this one if nothing is amiss."""

    name: str
    statistic: Fraction
    df: Fraction
    p: Fraction
    says: str


def rounded(x: float) -> Fraction:
    """The number to six digits, exact from there on."""
    return Fraction(Decimal(f"{x:.{_DIGITS}g}"))


def estimate(
    name: str, value: float, interval: tuple[float, float | None], level: Fraction, n: int, of: str, how: str,
    used: bool = True,
) -> Estimate:  # fmt: skip
    """The estimate of a number that was computed in doubles."""
    low, high = interval
    return Estimate(
        name, rounded(value), rounded(low), None if high is None else rounded(high), level, n, of, how, used
    )
