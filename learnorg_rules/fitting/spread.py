"""How much units differ: the standard deviation of their rates as a share of the mean, from their counts."""

from fractions import Fraction

import numpy as np
from scipy.special import gammaln, stdtrit

from .counts import Floats

__all__ = ["spread_interval", "spread_squared"]

_GRID = np.concatenate([[0.0], np.geomspace(0.005, 20.0, 140)])
_ROUNDS = 30
_NONE = 1e-9  # what is left of a difference of equal doubles


def spread_squared(n: Floats, exposure: Floats, dispersion: float = 1.0) -> float:
    """The method of moments: the variance of the units' rates without what chance adds, over the squared mean rate.

    Args:
        n: events of each unit; of two units at least, and one event at least.
        exposure: of each unit, above 0.
        dispersion: variance of a unit's events over that of a Poisson number.
    """
    total, there = n.sum(), exposure.sum()
    rate = total / there
    own = n / exposure
    by_chance = dispersion * rate * (len(n) - 1)
    between = (exposure * (own - rate) ** 2).sum() - by_chance
    squared = between / (there - (exposure**2).sum() / there) / rate**2
    return float(squared) if squared > _NONE else 0.0


def spread_interval(n: Floats, exposure: Floats, level: Fraction) -> tuple[float, float | None]:
    """The spreads that the profile likelihood does not rule out, if the units' rates are gamma distributed.

    The upper end is None where the counts rule none out.
    """
    profile = np.array([_log_likelihood(n, exposure, float(s)) for s in _GRID])
    reach = stdtrit(len(n) - 1, 1 - float(1 - level) / 2) ** 2 / 2  # of few units the normal's is too short
    inside = np.flatnonzero(profile >= profile.max() - reach)
    first, last = int(inside[0]), int(inside[-1])
    high = float(_GRID[last + 1]) if last + 1 < len(_GRID) else None
    return float(_GRID[max(0, first - 1)]), high


def _log_likelihood(n: Floats, exposure: Floats, spread: float) -> float:
    """Of the negative binomial, at the rate that fits best."""
    rate = n.sum() / exposure.sum()
    if spread == 0:
        return float((n * np.log(rate * exposure) - rate * exposure).sum()) - _log_factorials(n)
    size = 1 / spread**2
    for _ in range(_ROUNDS):
        weight = 1 / (1 + rate * exposure / size)
        new = (weight * n).sum() / (weight * exposure).sum()
        if abs(new - rate) < 1e-10 * rate:
            break
        rate = new
    mean = rate * exposure
    rising = float((gammaln(n + size) - gammaln(size)).sum())
    return rising - _log_factorials(n) + float((n * np.log(mean / (size + mean)) - size * np.log1p(mean / size)).sum())


def _log_factorials(n: Floats) -> float:
    return float(gammaln(n + 1).sum())
