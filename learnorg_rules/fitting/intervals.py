"""Intervals of fitted numbers."""

from fractions import Fraction

from scipy.special import betaincinv, gammaincinv, stdtrit

__all__ = ["chance_interval", "mean_interval", "rate_interval"]

Interval = tuple[float, float]


def rate_interval(n: float, exposure: float, level: Fraction) -> Interval:
    """The exact interval of a Poisson rate: `n` events in `exposure`. Both divided by a dispersion, a widened one."""
    tail = float(1 - level) / 2
    low = float(gammaincinv(n, tail)) / exposure if n > 0 else 0.0
    return low, float(gammaincinv(n + 1, 1 - tail)) / exposure


def chance_interval(hits: float, n: float, level: Fraction) -> Interval:
    """The exact interval of a chance (Clopper and Pearson): `hits` of `n` > 0 trials."""
    tail = float(1 - level) / 2
    low = float(betaincinv(hits, n - hits + 1, tail)) if hits > 0 else 0.0
    high = float(betaincinv(hits + 1, n - hits, 1 - tail)) if hits < n else 1.0
    return low, high


def mean_interval(mean: float, error: float, df: float, level: Fraction) -> Interval:
    """Student's interval of a mean with this standard error."""
    reach = float(stdtrit(df, 1 - float(1 - level) / 2)) * error
    return mean - reach, mean + reach
