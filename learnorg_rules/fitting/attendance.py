"""Who comes: the chance that a member attends, from events that are about persons.

A session is what happened at one unit at one instant, whoever it is about. One to which nobody came leaves no event; the
chance and the rate allow for those that were never seen.
"""

import math
from fractions import Fraction

import numpy as np
import polars as pl
from attrs import field, frozen
from scipy.special import chdtri

from ..org.organisation import Organisation
from .counts import Floats
from .estimates import Estimate, estimate
from .intervals import chance_interval, mean_interval

__all__ = ["Attendance", "fit_attendance"]

_MOST_STRANGERS = 0.5  # share of persons from elsewhere, above which it is no attendance of members
_HALVINGS = 60


@frozen
class Attendance:
    """What was fitted to sessions.

    `sessions`: columns `unit`, `date`, a row each. `held`: sessions that must have been held for each that was seen, 1 or more.
    """

    chance: Estimate
    spread: Estimate
    sessions: pl.DataFrame = field(repr=False, eq=False)
    held: float
    notes: tuple[str, ...]


def fit_attendance(
    events: pl.DataFrame, organisation: Organisation, along: str, level: Fraction
) -> Attendance | tuple[str, ...]:
    """The attendance of the events of one kind and group, all of them about persons; or why there is none to fit."""
    sessions = events.group_by("unit", "occurred_at", "date", maintain_order=True).agg(pl.col("person").unique())
    came, members, strangers = [], [], 0
    for unit, _, day, persons in sessions.iter_rows():
        belong = set(organisation.as_of(day).members(unit, along))
        here = belong.intersection(persons)
        came.append(len(here))
        members.append(len(belong))
        strangers += len(persons) - len(here)
    hits, size = np.array(came, dtype=float), np.array(members, dtype=float)
    everybody = hits.sum() + strangers
    if strangers > _MOST_STRANGERS * everybody:
        return (f"no attendance is fitted: {strangers:,} of {everybody:,.0f} persons are no members of the unit",)
    if hits.max() <= 1:
        return ("no attendance is fitted: never two members at the same unit and time, so these are no sessions",)
    seen = hits > 0
    notes = [f"{strangers:,} of {everybody:,.0f} persons are no members of the unit: they are left out"] * (strangers > 0)  # fmt: skip
    if not seen.all():
        notes.append(f"{int((~seen).sum()):,} sessions without any member are left out")
    sessions, hits, size = sessions.filter(pl.Series(seen)), hits[seen], size[seen]
    chance = _chance(hits, size)
    held = float((1 / -np.expm1(size * np.log1p(-chance))).mean()) if chance < 1 else 1.0
    if held > 1.01:
        notes.append(f"{held - 1:.1%} more sessions are taken to have been held, to which nobody came")
    value, spread = _estimates(sessions["unit"], hits, size, chance, level)
    return Attendance(value, spread, sessions.select("unit", "date"), held, tuple(notes))


def _chance(hits: Floats, size: Floats) -> float:
    """The chance at which as many come as came, of sessions to which somebody came."""
    if hits.sum() == size.sum():
        return 1.0
    low, high = 0.0, 1.0
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        expected = (size * middle / -np.expm1(size * np.log1p(-middle))).sum()
        low, high = (middle, high) if expected < hits.sum() else (low, middle)
    return (low + high) / 2


def _estimates(
    units: pl.Series, hits: Floats, size: Floats, chance: float, level: Fraction
) -> tuple[Estimate, Estimate]:
    names = sorted(set(units))
    rows = np.array([names.index(unit) for unit in units])
    each = np.bincount(rows, size)
    # What came beyond the truncated expectation, so that units of few members are not taken for eager ones.
    expected = size * chance / -np.expm1(size * np.log1p(-chance)) if chance < 1 else size
    own = chance + np.bincount(rows, hits - expected) / each
    trials, k = float(size.sum()), len(names)
    low, high = chance_interval(chance * trials, trials, level)
    if k == 1:
        alone = estimate(
            "attendance_spread", 0.0, (0.0, None), level, 1, "units", "one unit: none between units", False
        )
        return estimate("attendance", chance, (low, high), level, len(hits), "sessions", "Clopper-Pearson"), alone
    noise = chance * (1 - chance) * float((1 / each).mean())
    variance = float(own.var(ddof=1))
    squared = max(0.0, variance - noise)
    tail = float(1 - level) / 2
    ends = [(k - 1) * variance / chdtri(k - 1, above) - noise for above in (tail, 1 - tail)]
    least, most = (math.sqrt(max(0.0, end)) for end in ends)
    how = "moments; interval from the scatter of units"
    possible = squared < chance * (1 - chance)  # no distribution of chances differs by more
    used = least > 0 and possible
    how += "" if possible else "; more than chances can differ"
    spread = estimate("attendance_spread", math.sqrt(squared), (least, most), level, k, "units", how, used)
    if squared > 0:
        wide = mean_interval(chance, math.sqrt(variance / k), k - 1, level)
        low, high = min(low, max(0.0, wide[0])), max(high, min(1.0, wide[1]))
    how = "Clopper-Pearson" + (", widened by the spread of units" if squared > 0 else "")
    return estimate("attendance", chance, (low, high), level, len(hits), "sessions", how), spread
