"""Quantiles and tails of the gamma, beta, t and chi-square distributions: what exact intervals and tests need.

Doubles, to about twelve digits. These few are here so that the `simulate` extra stays numpy and matplotlib; the cumulative
functions are the usual series and continued fractions (Abramowitz and Stegun 6.5.29, 6.5.31 and 26.5.8).
"""

import math
from collections.abc import Callable, Iterator

__all__ = ["beta_quantile", "chi2_quantile", "chi2_tail", "gamma_quantile", "t_quantile"]

_TINY = 1e-300
_CLOSE = 1e-15


def gamma_quantile(p: float, shape: float) -> float:
    """Below which a gamma variable of this shape and scale 1 lies with probability `p`, 0 < p < 1."""

    def density(x: float) -> float:
        return math.exp((shape - 1) * math.log(x) - x - math.lgamma(shape)) if x > 0 else 0.0

    most = shape + 12 * math.sqrt(shape) + 60
    return _root(lambda x: 1 - _gamma_tail(shape, x), density, p, 0.0, most, max(shape - 1 / 3, shape / 2))


def chi2_quantile(p: float, df: float) -> float:
    """Below which a chi-square variable with `df` degrees of freedom lies with probability `p`, 0 < p < 1."""
    return 2 * gamma_quantile(p, df / 2)


def chi2_tail(x: float, df: float) -> float:
    """The probability that a chi-square variable with `df` > 0 degrees of freedom is above `x`."""
    return _gamma_tail(df / 2, x / 2)


def beta_quantile(p: float, a: float, b: float) -> float:
    """Below which a beta variable lies with probability `p`, 0 < p < 1."""
    log_scale = math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b)

    def density(x: float) -> float:
        return math.exp(log_scale + (a - 1) * math.log(x) + (b - 1) * math.log1p(-x)) if 0 < x < 1 else 0.0

    return _root(lambda x: _beta_cdf(a, b, x), density, p, 0.0, 1.0, a / (a + b))


def t_quantile(p: float, df: float) -> float:
    """Below which a Student t variable lies with probability `p`, 0 < p < 1."""
    if p < 0.5:
        return -t_quantile(1 - p, df)
    if p == 0.5:
        return 0.0
    x = beta_quantile(2 * (1 - p), df / 2, 0.5)
    return math.sqrt(df * (1 - x) / x)


def _root(
    cdf: Callable[[float], float], density: Callable[[float], float], p: float, low: float, high: float, x: float
) -> float:
    """Newton's steps, halving where one would leave what is known to hold the root."""
    for _ in range(200):
        gap = cdf(x) - p
        low, high = (low, x) if gap > 0 else (x, high)
        slope = density(x)
        step = x - gap / slope if slope > 0 else low
        new = step if low < step < high else (low + high) / 2
        if abs(new - x) <= 1e-13 * abs(new):
            return new
        x = new
    return x


def _gamma_tail(a: float, x: float) -> float:
    """The regularised upper incomplete gamma function."""
    if x <= 0:
        return 1.0
    front = math.exp(a * math.log(x) - x - math.lgamma(a))
    if x < a + 1:
        term = total = 1 / a
        n = a
        while term > total * _CLOSE:
            n += 1
            term *= x / n
            total += term
        return max(0.0, 1 - front * total)

    def parts() -> Iterator[tuple[float, float]]:
        i = 1
        while True:
            yield -i * (i - a), x + 2 * i + 1 - a
            i += 1

    return front / _continued(x + 1 - a, parts())


def _beta_cdf(a: float, b: float, x: float) -> float:
    """The regularised incomplete beta function."""
    if x <= 0 or x >= 1:
        return float(x >= 1)
    if x > (a + 1) / (a + b + 2):
        return 1 - _beta_cdf(b, a, 1 - x)
    log_front = math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x) + b * math.log1p(-x)

    def parts() -> Iterator[tuple[float, float]]:
        m = 0
        while True:
            yield -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1)), 1.0
            m += 1
            yield m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)), 1.0

    return math.exp(log_front) / (a * _continued(1.0, parts()))


def _continued(first: float, parts: Iterator[tuple[float, float]]) -> float:
    """The continued fraction first + n1/(d1 + n2/(d2 + ...)), by Lentz's method."""
    value = upper = first if first else _TINY
    lower = 0.0
    for numerator, denominator in parts:
        lower = 1 / ((denominator + numerator * lower) or _TINY)
        upper = (denominator + numerator / upper) or _TINY
        change = upper * lower
        value *= change
        if abs(change - 1) < _CLOSE * 4:
            break
    return value
