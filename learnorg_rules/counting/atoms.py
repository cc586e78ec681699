"""Days to atoms: the coarsest cut of time in which no schedule, hit grain or organisation changes.

Everything that depends on the day alone is looked up per atom afterwards, so events are grouped by one small integer.
"""

import bisect
from collections.abc import Mapping, Sequence
from datetime import date
from itertools import pairwise

import polars as pl
from attrs import frozen

from ..periods import ONE_DAY, Calendar, Grain, Schedule

__all__ = ["Atoms", "atoms_for", "segment_by_day"]

EPOCH = date(1970, 1, 1)


@frozen
class Atoms:
    """The atoms of one scan.

    `first_day` and `of_day`: the atom of each day from there on, -1 where no schedule has it. `table`: one row per atom with
    `:atom`, `_segment`, `period:<schedule>` (index, null where none), `hit:<grain>` (a number per sub-period) and
    `in:<grain>:<schedule>` (whether the sub-period belongs to the period). `due`: of each schedule's periods, by index.
    """

    first_day: date
    of_day: Sequence[int]
    table: pl.DataFrame
    due: Mapping[str, Sequence[date]]

    def expression(self) -> pl.Expr:
        """The atom of each row from its column `date`; null outside all schedules."""
        return by_day([None if a < 0 else a for a in self.of_day], self.first_day, ":atom")


def by_day(days: Sequence[int | None], first_day: date, name: str) -> pl.Expr:
    """A value looked up by the column `date`; null before `first_day` and after the last."""
    lookup = pl.Series(name, [None, *days], dtype=pl.Int32)
    offset = pl.col("date").cast(pl.Int32) - (first_day - EPOCH).days
    inside = (offset >= 0) & (offset < len(days))
    return pl.lit(lookup).gather(pl.when(inside).then(offset + 1).otherwise(0)).alias(name)


def segment_by_day(segments: Sequence[tuple[date, date]]) -> pl.Expr:
    """The number of the segment that holds each row's `date`."""
    days = [number for number, (start, end) in enumerate(segments) for _ in range((end - start).days)]
    return by_day(days, segments[0][0], "_segment")


def atoms_for(
    schedules: Mapping[str, Schedule],
    grains: Sequence[str],
    segments: Sequence[tuple[date, date]],
    calendar: Calendar,
    at: date,
) -> Atoms:
    """The atoms of some schedules, hit grains and segments, up to and including the day `at`."""
    first = min(s.periods[0].start for s in schedules.values() if s.periods)
    end = min(at + ONE_DAY, max(s.periods[-1].end for s in schedules.values() if s.periods))
    cuts = {first, end}
    for schedule in schedules.values():
        for period in schedule.periods:
            cuts.update((period.start, period.end, *period.counted))
    for grain in grains:
        cuts.update(p.start for p in calendar.schedule(grain, first, end).periods)
    cuts.update(start for start, _ in segments)
    days = sorted(c for c in cuts if first <= c <= end)
    rows: dict[str, list[object]] = {":atom": [], "_segment": []}
    rows.update({f"period:{s}": [] for s in schedules})
    rows.update({f"hit:{g}": [] for g in grains})
    rows.update({f"in:{g}:{s}": [] for g in grains for s in schedules})
    starts = [s for s, _ in segments]
    of_day: list[int] = []
    for start, stop in pairwise(days):
        found = {name: _index(schedule, start) for name, schedule in schedules.items()}
        inside = any(i is not None for i in found.values())
        atom = len(rows[":atom"]) if inside else -1
        of_day.extend([atom] * (stop - start).days)
        if not inside:
            continue
        rows[":atom"].append(atom)
        rows["_segment"].append(max(0, bisect.bisect_right(starts, start) - 1))
        for name, index in found.items():
            rows[f"period:{name}"].append(index)
        for grain in grains:
            sub = calendar.period(Grain(grain), start)
            rows[f"hit:{grain}"].append((sub.start - EPOCH).days)
            belongs = sub.middle if grain == "week" else start
            for name, index in found.items():
                rows[f"in:{grain}:{name}"].append(index is not None and belongs in schedules[name].periods[index])
    types: dict[str, pl.DataType] = {n: pl.Boolean() if n.startswith("in:") else pl.Int32() for n in rows}
    due = {name: [p.due for p in schedule.periods] for name, schedule in schedules.items()}
    return Atoms(first, of_day, pl.DataFrame(rows, schema=types), due)


def _index(schedule: Schedule, day: date) -> int | None:
    period = schedule.at(day)
    return None if period is None else schedule.periods.index(period)
