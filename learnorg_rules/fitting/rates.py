"""How often things happen: the rate of a month, its seasons, and how much units and months differ beyond chance.

The model is the simulator's: in month m, unit u has a Poisson number of happenings with mean rate x (its own factor) x
(its share of the month) x season(m). Every statement about one part allows for the others.
"""

import math
from collections.abc import Mapping
from fractions import Fraction
from statistics import NormalDist

import numpy as np
from attrs import field, frozen
from scipy.special import chdtrc, stdtrit

from .counts import Counts, Floats
from .estimates import Estimate, Tested, estimate, rounded
from .intervals import chance_interval, rate_interval
from .spread import spread_interval, spread_squared

__all__ = ["SIGNIFICANT", "Rates", "fit_rates"]

SIGNIFICANT = 0.01  # tests that fail below it are believed; a behaviour has many, and one in twenty is by luck
_ROUNDS = 50
_LEAST = 3  # degrees of freedom, below which the scatter of months says nothing
_MONTHS = 6  # without which no trend is looked for


@frozen
class Rates:
    """What was fitted to counts.

    `season`: month of the year -> multiplier, empty where none is needed. `expected`: units x months, with every unit's own
    rate. `dispersion`: variance of the months over that of a Poisson number, at least 1.
    """

    rate: Estimate
    spread: Estimate
    season: Mapping[int, Estimate]
    tests: tuple[Tested, ...]
    notes: tuple[str, ...]
    dispersion: float
    expected: Floats = field(repr=False, eq=False)


def fit_rates(counts: Counts, level: Fraction, per_month: str = "events") -> Rates:
    """Rate, spread and season of the counts, of which there is at least one; `per_month` names what is counted."""
    notes: list[str] = []
    factors, expected, tests = _season(counts, notes)
    scatter, dispersion = _dispersion(counts, expected, len(factors))
    tests.append(scatter)
    if scatter.p > 1 - Fraction(SIGNIFICANT) and scatter.df:
        notes.append("months vary less than by chance: this happens by plan, and a simulation spreads it at random")
    if dispersion > 1:
        notes.append(
            f"months vary {dispersion:.1f} times as much as chance would have them: intervals are widened; a simulation "
            "draws every month by chance alone, so its bands for single months are too narrow"
        )
    trend = _trend(counts, expected, factors, dispersion, notes)
    tests += [trend] if trend is not None else []

    by_month = np.array([factors.get(int(m), 1.0) for m in counts.of_year])
    exposure = (counts.exposure * by_month).sum(axis=1)
    n = counts.n.sum(axis=1)
    spread, variance, difference = _spread(counts, n, exposure, dispersion, level)
    tests += [difference] if difference is not None else []
    rate = _rate(n, exposure, variance, dispersion, level, per_month)
    season = _season_estimates(counts, factors, dispersion, level, per_month)
    return Rates(rate, spread, season, tuple(tests), tuple(notes), dispersion, expected)


# ---- season


def _season(counts: Counts, notes: list[str]) -> tuple[Mapping[int, float], Floats, list[Tested]]:
    """The multipliers where a likelihood-ratio test asks for them, and what is expected with each unit's own rate."""
    flat = _expected(counts, {})
    of_year = counts.of_year
    seen = {m: int(((of_year == m) & (counts.exposure.sum(axis=0) > 0)).sum()) for m in range(1, 13)}
    if min(seen.values()) == 0:
        there = sum(1 for number in seen.values() if number)
        notes.append(f"no season is fitted: the days hold {there} of the twelve months of a year")
        return {}, flat, []
    factors = _multipliers(counts)
    seasonal = _expected(counts, factors)
    some = counts.n > 0
    ratio = 2 * float((counts.n[some] * np.log(seasonal[some] / flat[some])).sum())
    scale = max(_excess(counts.n, seasonal, 12), _excess(counts.n.sum(axis=0, keepdims=True), seasonal.sum(axis=0, keepdims=True), 12))  # fmt: skip
    p = float(chdtrc(11, ratio / scale))
    needed = p < SIGNIFICANT
    says = "months of the year differ: seasons are fitted" if needed else "months of the year do not differ: no season"
    if needed and max(seen.values()) == 1:
        notes.append("each month of the year was seen once: a season cannot be told from a chance of that year")
    test = Tested("season", rounded(ratio / scale), Fraction(11), rounded(p), says)
    return (factors, seasonal, [test]) if needed else ({}, flat, [test])


def _multipliers(counts: Counts) -> Mapping[int, float]:
    """Of each month, with mean 1 over the exposure; units keep their own rates."""
    of_year, total = counts.of_year, counts.exposure.sum()
    factors = dict.fromkeys(range(1, 13), 1.0)
    for _ in range(_ROUNDS):
        by_month = np.array([factors[int(m)] for m in of_year])
        weights = (counts.exposure * by_month).sum(axis=1)
        own = np.divide(counts.n.sum(axis=1), weights, out=np.zeros(len(weights)), where=weights > 0)
        load = own[:, None] * counts.exposure
        new = {m: float(counts.n[:, of_year == m].sum() / (load[:, of_year == m].sum() or 1.0)) for m in factors}
        mean = sum(new[m] * float(counts.exposure[:, of_year == m].sum()) for m in new) / float(total)
        new = {m: value / mean for m, value in new.items()}
        if max(abs(new[m] - factors[m]) for m in new) < 1e-10:
            break
        factors = new
    return factors


def _expected(counts: Counts, factors: Mapping[int, float]) -> Floats:
    by_month = np.array([factors.get(int(m), 1.0) for m in counts.of_year])
    shares = counts.exposure * by_month
    weights = shares.sum(axis=1, keepdims=True)
    shares = np.divide(shares, weights, out=np.zeros_like(shares), where=weights > 0)
    result: Floats = counts.n.sum(axis=1, keepdims=True) * shares
    return result


def _season_estimates(
    counts: Counts, factors: Mapping[int, float], dispersion: float, level: Fraction, what: str
) -> Mapping[int, Estimate]:
    """Of all that happened, a month has a binomial share: its exact interval, as a multiplier."""
    total = float(counts.n.sum())
    found = {}
    for month, factor in factors.items():
        hits = float(counts.n[:, counts.of_year == month].sum())
        low, high = chance_interval(hits / dispersion, total / dispersion, level)
        scale = factor * total / hits if hits else float(counts.exposure.sum() / counts.exposure[:, counts.of_year == month].sum())  # fmt: skip
        how = "share of the year, Clopper-Pearson" + (", widened" if dispersion > 1 else "")
        found[month] = estimate(f"season {month}", factor, (low * scale, high * scale), level, int(hits), what, how)
    return found


# ---- beyond chance


def _excess(n: Floats, expected: Floats, months: int) -> float:
    """Pearson's statistic over its degrees of freedom, at least 1; 1 where there are too few cells to tell."""
    some = expected > 0
    df = some.sum() - some.any(axis=1).sum() - max(0, months - 1)
    if df < _LEAST:
        return 1.0
    return max(1.0, float((((n - expected) ** 2)[some] / expected[some]).sum() / df))


def _pearson(n: Floats, expected: Floats, df: float) -> tuple[float, float]:
    """Pearson's statistic and its tail. Where little is expected its variance is larger, by the sum of 1/expected."""
    statistic = float(((n - expected) ** 2 / expected).sum())
    scale = (2 * df + float((1 / expected).sum())) / (2 * df)
    return statistic, float(chdtrc(df / scale, statistic / scale))


def _dispersion(counts: Counts, expected: Floats, months: int) -> tuple[Tested, float]:
    some = expected > 0
    df = int(some.sum() - some.any(axis=1).sum() - max(0, months - 1))
    if df < _LEAST:
        return Tested("months", Fraction(), Fraction(df), Fraction(1), "too few months to tell chance from more"), 1.0
    statistic, p = _pearson(counts.n[some], expected[some], df)
    found = p < SIGNIFICANT and statistic > df
    says = "months vary more than by chance" if found else "months vary as by chance"
    tested = Tested("months", rounded(statistic), Fraction(df), rounded(p), says)
    return tested, statistic / df if found else 1.0


def _trend(
    counts: Counts, expected: Floats, factors: Mapping[int, float], dispersion: float, notes: list[str]
) -> Tested | None:
    """A score test of a rate that grows by the same share every month."""
    weights, residual = expected.sum(axis=0), (counts.n - expected).sum(axis=0)
    time = np.arange(len(weights), dtype=float)
    of_year = counts.of_year
    for month in range(1, 13) if factors else (None,):
        part = of_year == month if month is not None else np.full(len(time), True)
        if weights[part].sum() > 0:
            time[part] -= (weights[part] * time[part]).sum() / weights[part].sum()
    information = float((weights * time**2).sum())
    if information <= 1e-9 * weights.sum() or len(weights) < _MONTHS:
        return None
    score = float((time * residual).sum())
    statistic = score / math.sqrt(information * dispersion)
    p = 2 * NormalDist().cdf(-abs(statistic))
    if p >= SIGNIFICANT:
        return Tested("trend", rounded(statistic), Fraction(1), rounded(p), "the rate is the same from first to last")
    share = score / information
    says = f"the rate {'rises' if share > 0 else 'falls'} by about {abs(share):.1%} a month"
    notes.append(f"{says}: a simulation keeps it as it was on average")
    return Tested("trend", rounded(statistic), Fraction(1), rounded(p), says)


# ---- between units


def _spread(
    counts: Counts, n: Floats, exposure: Floats, dispersion: float, level: Fraction
) -> tuple[Estimate, float, Tested | None]:
    """The spread, its square as the rate's interval needs it, and whether chance alone would explain it."""
    there = exposure > 0
    n, exposure, units = n[there], exposure[there], int(there.sum())
    if units == 1:
        squared = _over_time(float(n.sum()), dispersion)
        how = "scatter of months, over as many months again" if squared else "one unit: none between units"
        value = estimate(
            "spread", math.sqrt(squared), (0.0, None), level, len(counts.months), "months", how, squared > 0
        )
        return value, 0.0, None
    expected = exposure * n.sum() / exposure.sum()
    statistic, p = _pearson(n, expected, units - 1)
    p = float(chdtrc(units - 1, statistic / dispersion)) if dispersion > 1 else p
    needed = p < SIGNIFICANT * 5
    says = "units differ more than by chance" if needed else "units differ as by chance: no spread"
    tested = Tested("units", rounded(statistic), Fraction(units - 1), rounded(p), says)
    squared = spread_squared(n, exposure, dispersion)
    low, high = spread_interval(n, exposure, level)
    between = math.sqrt(squared)
    interval = min(low, between), None if high is None else max(high, between)
    how = "moments; interval from the profile of the negative binomial"
    return estimate("spread", between, interval, level, units, "units", how, needed and between > 0), squared, tested


def _over_time(n: float, dispersion: float) -> float:
    """Of one unit: the squared share by which two stretches as long as this one differ, beyond chance.

    Half of it is this stretch's distance from the unit's long-run rate, half the distance of the one to come.
    """
    return 2 * (dispersion - 1) / n


def _rate(
    n: Floats, exposure: Floats, variance: float, dispersion: float, level: Fraction, what: str
) -> Estimate:  # fmt: skip
    total, there = float(n.sum()), float(exposure.sum())
    value = total / there
    low, high = rate_interval(total / dispersion, there / dispersion, level)
    how = "Poisson, exact" if dispersion == 1 else "Poisson, widened by the scatter of months"
    units = int((exposure > 0).sum())
    if variance > 0 and units > 1:
        error = math.sqrt(dispersion / total + variance * float((exposure**2).sum()) / there**2)
        reach = math.exp(stdtrit(units - 1, 1 - float(1 - level) / 2) * error)
        low, high = min(low, value / reach), max(high, value * reach)
        how += ", and by the spread of units"
    return estimate("rate", value, (low, high), level, int(total), what, how)
