"""What events say: for each field of a kind how a simulation is to draw it, as far as a scenario can."""

import math
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import date
from fractions import Fraction
from statistics import NormalDist

import numpy as np
import polars as pl
from attrs import frozen
from scipy.special import chdtrc, chdtri

from ..model.definitions import EventKind, FieldType
from ..simulation.definitions import Draw
from .counts import Floats
from .estimates import Estimate, estimate
from .intervals import chance_interval, mean_interval
from .rates import SIGNIFICANT

__all__ = ["FittedField", "fit_field", "fit_fields"]

_MOST_OPTIONS = 30  # different texts, beyond which they are no choice
_BINS = 10
_LISTED = 5  # options in a note; the estimates have all


@frozen
class FittedField:
    """One field. `draw` is None where a scenario has no way to draw it; `notes` say why, or what does not fit.

    `refused`: why a scenario without a draw of this field would be refused.
    """

    name: str
    draw: Draw | None
    estimates: tuple[Estimate, ...] = ()
    notes: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()


def fit_fields(
    kind: EventKind, declared: dict[str, FieldType], events: pl.DataFrame, level: Fraction
) -> list[FittedField]:
    """Every declared field that the kind takes, from the events of the kind that count (columns as `Read.frame`)."""
    found = []
    for name, needed in kind.takes.items():
        if name not in declared:
            continue  # the person
        values = events[name].drop_nulls()
        fitted = fit_field(name, declared[name], values, level)
        absent = events.height - len(values)
        notes = list(fitted.notes)
        if not needed and 2 * absent > events.height:
            rare = f"{name}: missing in {absent:,} of {events.height:,} events, and so never drawn"
            found.append(FittedField(name, None, fitted.estimates, (rare,)))
            continue
        if absent and fitted.draw is not None:
            notes.append(f"{name}: missing in {absent:,} of {events.height:,} events, a simulation always has it")
        lacks = (f"'{kind.id}' needs {name}, for which nothing is drawn",) if fitted.draw is None and needed else ()
        found.append(FittedField(name, fitted.draw, fitted.estimates, tuple(notes), lacks))
    return found


def fit_field(name: str, declared: FieldType, values: pl.Series, level: Fraction) -> FittedField:
    """One field from its values, none of them null: cells as `dtype_of` has them, decimals times 10**scale."""
    if values.is_empty():
        return FittedField(name, None, (), (f"{name}: no event has it",))
    if declared.type in ("integer", "decimal"):
        return _number(name, declared, values.to_numpy().astype(float), level)
    if declared.type == "boolean":
        hits = int(values.sum())
        ends = chance_interval(hits, len(values), level)
        share = estimate(f"fields.{name}", hits / len(values), ends, level, len(values), "events", "Clopper-Pearson")
        assert isinstance(share.value, Fraction)
        return FittedField(name, Draw("chance", chance=share.value), (share,))
    if declared.type in ("choice", "text"):
        return _choice(name, declared, values, level)
    if declared.type == "date":
        low, high = values.min(), values.max()
        assert isinstance(low, date)
        assert isinstance(high, date)
        note = f"{name}: dates are drawn from {low} to {high}, whenever the event happens"
        return FittedField(name, Draw("range", low=low, high=high), (), (note,))
    return FittedField(name, None, (), (f"{name}: a scenario cannot draw an instant",))


# ---- numbers


def _number(name: str, declared: FieldType, cells: Floats, level: Fraction) -> FittedField:
    """A range or a normal distribution, whichever makes the values likelier."""
    scale, n = 10**declared.scale, len(cells)
    low, high = float(cells.min()), float(cells.max())
    mean, deviation = float(cells.mean()), float(cells.std(ddof=1)) if n > 1 else 0.0
    width = high - low + 1
    normal = NormalDist(mean, deviation) if deviation > 0 else None
    likelihood = -math.inf
    if normal is not None:
        seen, often = np.unique(cells, return_counts=True)
        chances = [max(normal.cdf(x + 0.5) - normal.cdf(x - 0.5), 1e-300) for x in seen.tolist()]
        likelihood = float((often * np.log(chances)).sum())
    if normal is None or likelihood <= -n * math.log(width):
        misfit = _misfit(cells, lambda x: (x - low + 1) / width, lambda q: low - 0.5 + q * width, 0)
        draw = Draw("range", low=Fraction(int(low), scale), high=Fraction(int(high), scale))
        return FittedField(name, draw, _ends(name, declared, low, high, n, level), _misfit_notes(name, misfit))
    bounds = [
        bound if bound is not None else Fraction(int(seen_), scale)
        for bound, seen_ in ((declared.min, low), (declared.max, high))
    ]
    middle = mean_interval(mean / scale, deviation / scale / math.sqrt(n), n - 1, level)
    tail = float(1 - level) / 2
    ends = [deviation / scale * math.sqrt((n - 1) / chdtri(n - 1, above)) for above in (tail, 1 - tail)]
    estimates = (
        estimate(f"fields.{name}.mean", mean / scale, middle, level, n, "events", "Student"),
        estimate(f"fields.{name}.deviation", deviation / scale, (ends[0], ends[1]), level, n, "events", "chi-square"),
    )
    assert isinstance(estimates[0].value, Fraction)
    assert isinstance(estimates[1].value, Fraction)
    draw = Draw("normal", bounds[0], bounds[1], mean=estimates[0].value, deviation=estimates[1].value)
    misfit = _misfit(cells, lambda x: normal.cdf(x + 0.5), normal.inv_cdf, 2)
    return FittedField(name, draw, estimates, _misfit_notes(name, misfit))


def _ends(
    name: str, declared: FieldType, low: float, high: float, n: int, level: Fraction
) -> tuple[Estimate, ...]:  # fmt: skip
    """The smallest and largest value seen, and how far beyond them the range may go: exact for a uniform one."""
    scale = 10**declared.scale
    beyond = (high - low + 1) * (float(1 - level) ** (-1 / max(1, n - 1)) - 1) if n > 1 else math.inf
    least = -math.inf if declared.min is None else float(declared.min)
    most = math.inf if declared.max is None else float(declared.max)
    found = []
    for end, value, other in (("low", low, max(least, (low - beyond) / scale)), ("high", high, min(most, (high + beyond) / scale))):  # fmt: skip
        at = Fraction(int(value), scale)
        far = Fraction(round(other * scale), scale) if math.isfinite(other) else None
        least_, most_ = (far, at) if end == "low" else (at, far)
        found.append(Estimate(f"fields.{name}.{end}", at, least_, most_, level, n, "events", "smallest and largest"))
    return tuple(found)


def _misfit(cells: Floats, cdf: Callable[[float], float], quantile: Callable[[float], float], parameters: int) -> float:
    """The tail of Pearson's statistic over tenths of the distribution; `parameters` that were fitted cost a degree each."""
    edges = sorted({math.floor(quantile(i / _BINS)) for i in range(1, _BINS)})
    ordered = np.sort(cells)
    seen = np.diff([0, *np.searchsorted(ordered, edges, side="right"), len(cells)])
    expected = len(cells) * np.diff([0.0, *map(cdf, edges), 1.0])
    df = len(seen) - 1 - parameters
    if df < 1 or expected.min() < 1:
        return 1.0  # too few values, or too few different ones, to tell
    return float(chdtrc(df, ((seen - expected) ** 2 / expected).sum()))


def _misfit_notes(name: str, p: float) -> tuple[str, ...]:
    if p >= SIGNIFICANT:
        return ()
    return (f"{name}: neither a range nor a normal distribution fits (p below {SIGNIFICANT}); the likelier is taken",)


# ---- choices


def _choice(name: str, declared: FieldType, values: pl.Series, level: Fraction) -> FittedField:
    seen = Counter(values.to_list())
    options: Sequence[str] = declared.of if declared.type == "choice" else sorted(seen)
    if len(options) > _MOST_OPTIONS:
        return FittedField(name, None, (), (f"{name}: {len(seen):,} different texts, no choice among a few",))
    n = len(values)
    estimates = tuple(
        estimate(
            f"fields.{name}.{option}", seen[option] / n, chance_interval(seen[option], n, level), level, n, "events",
            "Clopper-Pearson", used=False,
        )
        for option in options
    )  # fmt: skip
    drawn = tuple(option for option in options if seen[option])
    expected = n / len(drawn)
    statistic = sum((seen[option] - expected) ** 2 / expected for option in drawn)
    notes = []
    if len(drawn) > 1 and chdtrc(len(drawn) - 1, statistic) < SIGNIFICANT:
        shares = ", ".join(f"{option} {often / n:.1%}" for option, often in seen.most_common(_LISTED))
        shares += f", and {len(seen) - _LISTED} more" if len(seen) > _LISTED else ""
        notes.append(f"{name}: options are not equally frequent, but a scenario draws them so ({shares})")
    never = [option for option in options if not seen[option]]
    if never:
        notes.append(f"{name}: never seen and so never drawn: {', '.join(never)}")
    return FittedField(name, Draw("choice", options=drawn), estimates, tuple(notes))
