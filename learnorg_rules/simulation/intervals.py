"""95 % intervals: of chances, of quantiles, of means; and how many repetitions a stated precision takes.

Nothing here draws: every interval follows from the numbers alone, so that the same simulation always says the same.
"""

from fractions import Fraction
from functools import cache
from math import ceil, comb, sqrt

import polars as pl

__all__ = ["Z", "mean_interval", "quantile_ranks", "repetitions_for_mean", "repetitions_for_share", "t95", "wilson"]

Z = 1.959963984540054  # the normal distribution lies within this many deviations in 95 of 100 cases
_T = {1: 12.7062, 2: 4.3027, 3: 3.1824, 4: 2.7764, 5: 2.5706}  # where the expansion below is too coarse
MOST = 10**9  # repetitions nobody would run


def wilson(successes: pl.Expr, n: pl.Expr) -> tuple[pl.Expr, pl.Expr]:
    """Wilson's interval of a chance: (low, high), within 0..1; null where `n` is 0."""
    n = pl.when(n > 0).then(n.cast(pl.Float64))
    share = successes / n
    scale = 1 + Z**2 / n
    centre = (share + Z**2 / (2 * n)) / scale
    half = Z / scale * (share * (1 - share) / n + Z**2 / (4 * n**2)).sqrt()
    # at none and at all the formula meets 0 and 1 but for what doubles lose
    low = pl.when(successes == 0).then(0.0).otherwise(centre - half)
    high = pl.when(successes == n).then(1.0).otherwise(centre + half)
    return low, high


def repetitions_for_share(share: float, precision: float) -> int:
    """The fewest repetitions at which Wilson's interval of this share reaches no further than `precision` on average.

    Args:
        share: as observed, 0..1.
        precision: half the width of the interval, above 0.
    """

    def half(n: int) -> float:
        return Z / (1 + Z**2 / n) * sqrt(share * (1 - share) / n + Z**2 / (4 * n**2))

    low, high = 1, MOST
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if half(middle) <= precision else (middle + 1, high)
    return low


def repetitions_for_mean(n: int, half: float, precision: float) -> int:
    """How many repetitions would make an interval of half-width `half` over `n` of them as narrow as `precision`."""
    return n if half <= precision else min(MOST, ceil(n * (half / precision) ** 2))


@cache
def quantile_ranks(n: int, share: Fraction) -> tuple[int | None, int | None]:
    """The order statistics, counted from 0, that enclose a quantile of any distribution in 95 of 100 cases.

    Args:
        n: values observed.
        share: which quantile: 1/2 for the median.

    Returns:
        (low, high); None on a side where so few values cannot bound it.
    """
    below = [Fraction(comb(n, k)) * share**k * (1 - share) ** (n - k) for k in range(n + 1)] if n <= 200 else None
    if below is None:  # exact sums of long fractions would take seconds; the normal law is close by now
        spread = Z * sqrt(n * share * (1 - share))
        low, high = int(float(n * share) - spread) - 1, ceil(float(n * share) + spread)
        return (low if low >= 0 else None), (high if high < n else None)
    tail, total, lowest = Fraction(1, 40), Fraction(), -1
    for k, probability in enumerate(below):
        total += probability
        if total > tail:
            break
        lowest = k
    total, highest = Fraction(), n
    for k in range(n, -1, -1):
        total += below[k]
        if total > tail:
            break
        highest = k - 1
    return (lowest if lowest >= 0 else None), (highest if highest < n else None)


def t95(freedom: int) -> float:
    """The factor of a mean's standard error: Student's t for so many degrees of freedom (from 1)."""
    if freedom in _T:
        return _T[freedom]
    z, v = Z, float(freedom)
    return (
        z
        + (z**3 + z) / (4 * v)
        + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * v**2)
        + (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / (384 * v**3)
    )


def mean_interval(mean: pl.Expr, deviation: pl.Expr, n: pl.Expr) -> tuple[pl.Expr, pl.Expr]:
    """Student's interval of a mean: (low, high); null where fewer than two values were seen."""
    factor = n.map_elements(lambda count: t95(count - 1) if count > 1 else None, return_dtype=pl.Float64)
    half = factor * deviation / n.cast(pl.Float64).sqrt()
    return mean - half, mean + half
