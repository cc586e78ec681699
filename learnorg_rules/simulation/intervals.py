"""95 % intervals: of chances, of quantiles, of means; and how many repetitions a stated precision takes.

Nothing here draws: every interval follows from the numbers alone, so that the same simulation always says the same.
"""

from fractions import Fraction
from functools import cache
from math import ceil, sqrt

import numpy as np
import polars as pl
from scipy.special import bdtr, bdtrc, stdtrit

__all__ = ["Z", "mean_interval", "quantile_ranks", "repetitions_for_mean", "repetitions_for_share", "t95", "wilson"]

Z = 1.959963984540054  # the normal distribution lies within this many deviations in 95 of 100 cases
TAIL = 0.025  # on either side of a 95 % interval
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
    successes, chance = np.arange(n + 1), float(share)
    low = int((bdtr(successes, n, chance) <= TAIL).sum()) - 1
    high = n - int((bdtrc(successes - 1, n, chance) <= TAIL).sum())
    return (low if low >= 0 else None), (high if high < n else None)


def t95(freedom: int) -> float:
    """The factor of a mean's standard error: Student's t for so many degrees of freedom (from 1)."""
    return float(stdtrit(freedom, 1 - TAIL))


def mean_interval(mean: pl.Expr, deviation: pl.Expr, n: pl.Expr) -> tuple[pl.Expr, pl.Expr]:
    """Student's interval of a mean: (low, high); null where fewer than two values were seen."""
    factor = n.map_elements(lambda count: t95(count - 1) if count > 1 else None, return_dtype=pl.Float64)
    half = factor * deviation / n.cast(pl.Float64).sqrt()
    return mean - half, mean + half
