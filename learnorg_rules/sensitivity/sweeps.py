"""Each number of the rules moved alone, down and up, and whom that moves."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from fractions import Fraction
from typing import Any

import polars as pl
from attrs import field, frozen

from ..counting.port import EventSource
from ..model.ruleset import Ruleset
from ..org.organisation import Organisation
from .numbers import RuleNumber, rule_numbers, selected, written
from .variants import VariantResults, last_day, variant_judge

__all__ = ["Shift", "Sweep", "SweepEffect", "sweep"]

STEP = Fraction(1, 10)


@frozen
class Shift:
    """A subject whose total, rank or grade is another. Exact; None where there is none on that side."""

    scorecard: str
    subject: str
    period: str
    total: tuple[Fraction | None, Fraction | None]
    rank: tuple[int | None, int | None]
    grade: tuple[str | None, str | None]

    @property
    def points(self) -> Fraction:
        """New total minus old; 0 where one of them is missing."""
        old, new = self.total
        return Fraction() if old is None or new is None else new - old


@frozen
class SweepEffect:
    """What one value of one number does to one set of events.

    `repetition`: which of the sets, from 0. `gained`, `lost`: (award, period, subject). `unmoved`: totals that are the same.
    """

    number: RuleNumber
    value: Fraction
    repetition: int
    shifts: Sequence[Shift]
    gained: Sequence[tuple[str, str, str]]
    lost: Sequence[tuple[str, str, str]]
    unmoved: int

    @property
    def largest(self) -> Shift | None:
        """The largest difference of points, the first by id where several are; None where nobody's total moves."""
        moved = [s for s in self.shifts if s.points]
        return min(moved, key=lambda s: (-abs(s.points), s.scorecard, s.period, s.subject)) if moved else None


@frozen
class Sweep:
    """Every number moved alone. `base`: the results as the rules are, by repetition. `left_out`: what cannot be moved, why."""

    at: date
    base: Sequence[VariantResults] = field(repr=False)
    effects: Sequence[SweepEffect] = field(repr=False)
    left_out: Mapping[str, str]

    def table(self) -> pl.DataFrame:
        """One row per number and value, over all repetitions; those that move most first.

        `moved`: totals that are another, on average over the repetitions; `mean`, `most`: points, without sign; `ranks`,
        `grades`, `awards`: how many are another (an award that changes hands is one gained and one lost); `whom`: who is
        moved most.
        """
        groups: dict[tuple[str, Fraction], list[SweepEffect]] = {}
        for effect in self.effects:
            groups.setdefault((effect.number.name, effect.value), []).append(effect)
        rows = [_row(effects) for effects in groups.values()]
        most: dict[str, float] = {}
        for row in rows:
            most[row["number"]] = max(
                most.get(row["number"], 0), row["awards"] * 1e6 + row["most"] * 1e3 + row["moved"]
            )
        order = {name: i for i, name in enumerate(dict.fromkeys(row["number"] for row in rows))}
        rows.sort(key=lambda row: (-most[row["number"]], order[row["number"]]))
        return pl.DataFrame(rows, schema=_COLUMNS)

    def shifts(self) -> pl.DataFrame:
        """One row per number, value, repetition and subject that is moved."""
        rows = [
            (e.number.name, written(e.value, e.number.unit), e.repetition, s.scorecard, s.subject, s.period,
             *(None if t is None else float(t) for t in s.total), float(s.points), *s.rank, *s.grade)
            for e in self.effects for s in e.shifts
        ]  # fmt: skip
        texts, ranks = ("number", "value"), ("rank", "new_rank")
        schema: dict[str, Any] = {
            **dict.fromkeys(texts, pl.String), "repetition": pl.Int32,
            **dict.fromkeys(("scorecard", "subject", "period"), pl.String),
            **dict.fromkeys(("total", "new_total", "points"), pl.Float64), **dict.fromkeys(ranks, pl.Int32),
            "grade": pl.String, "new_grade": pl.String,
        }  # fmt: skip
        return pl.DataFrame(rows, schema=schema, orient="row")


_COLUMNS: Mapping[str, Any] = {
    "number": pl.String, "sort": pl.String, "old": pl.String, "new": pl.String, "moved": pl.Float64,
    "mean": pl.Float64, "most": pl.Float64, "ranks": pl.Float64, "grades": pl.Float64, "awards": pl.Float64,
    "whom": pl.String, "points": pl.Float64, "gained": pl.List(pl.String), "lost": pl.List(pl.String),
}  # fmt: skip


def _row(effects: Sequence[SweepEffect]) -> dict[str, Any]:
    first, n = effects[0], len(effects)
    shifts = [s for e in effects for s in e.shifts]
    totals = [s for s in shifts if s.total[0] != s.total[1]]
    largest = min((e.largest for e in effects if e.largest), key=lambda s: -abs(s.points), default=None)
    gained, lost = ([" ".join(a) for a in dict.fromkeys(a for e in effects for a in getattr(e, side))]
                    for side in ("gained", "lost"))  # fmt: skip
    return {
        "number": first.number.name, "sort": first.number.sort,
        "old": written(first.number.value, first.number.unit), "new": written(first.value, first.number.unit),
        "moved": len(totals) / n,
        "mean": float(sum((abs(s.points) for s in totals), Fraction()) / len(totals)) if totals else 0.0,
        "most": float(abs(largest.points)) if largest else 0.0,
        "ranks": sum(s.rank[0] != s.rank[1] for s in shifts) / n,
        "grades": sum(s.grade[0] != s.grade[1] for s in shifts) / n,
        "awards": sum(len(e.gained) + len(e.lost) for e in effects) / n,
        "whom": f"{largest.subject} {largest.period}" if largest else "",
        "points": float(largest.points) if largest else 0.0,
        "gained": gained, "lost": lost,
    }  # fmt: skip


def sweep(
    rules: Ruleset,
    org: Organisation,
    events: EventSource | Sequence[EventSource],
    at: date | str | None = None,
    parameters: Sequence[str] | None = None,
    steps: Fraction | Mapping[str, Sequence[Fraction]] = STEP,
    progress: Callable[[int, int], None] | None = None,
    known_at: date | datetime | None = None,
) -> Sweep:
    """Move each number of the rules alone, down and up, and judge again.

    Args:
        rules: from `load`.
        org: from `read_org`.
        events: recorded events; or one set of them per repetition of a simulation.
        at: the day judged; default: the last day of the rules.
        parameters: names of numbers, as `--set` has them: parameters, `card.indicator.points`, `card.grades.good`,
            `award.quota`; default: all. A number alone is moved: points are not
            shared out again, and sums that a card declares are not held against it.
        steps: by which share of itself each is moved, below and above (a whole number by 1 at least, and stays whole); or
            the values to try, by name.
        progress: called with (values tried, values in all).
        known_at: events recorded later are not looked at.

    Raises:
        LookupError: there is no such number, or it cannot be moved.
        ValueError: a step is not above 0, or a value would put grades out of order.
        InputError: as `assess`.
    """
    day = last_day(rules, at)
    known, left = rule_numbers(rules, day)
    wants = list(steps) if isinstance(steps, Mapping) and parameters is None else parameters
    numbers = selected(known, left, wants)
    if isinstance(steps, Fraction | int) and steps <= 0:
        raise ValueError(f"a step has to be above 0, not {steps}")
    tried: list[tuple[RuleNumber, Fraction]] = []
    for number in numbers:
        values = steps.get(number.name, ()) if isinstance(steps, Mapping) else number.steps(Fraction(steps))
        refused = [v for v in values if not number.allows(Fraction(v))]
        if refused:
            raise ValueError(f"{number.name}: {written(refused[0])} is not between the bounds of the grades next to it")
        tried += [(number, Fraction(v)) for v in dict.fromkeys(values) if v != number.value]
    sets = [events] if hasattr(events, "read") else list(events)
    effects, base = [], []
    for repetition, source in enumerate(sets):
        judge = variant_judge(rules, org, source, day, known_at)
        base.append(judge.base)
        ranks = judge.base.ranks()
        for i, (number, value) in enumerate(tried):
            unread = number.sort == "parameter" and number.name not in judge.reads
            judged = judge.base if unread else judge.of_rules(number.with_value(value))
            effects.append(_effect(number, value, repetition, judge.base, ranks, judged))
            if progress is not None:
                progress(repetition * len(tried) + i + 1, len(sets) * len(tried))
    return Sweep(day, base, effects, left if parameters is None else {})


def _effect(
    number: RuleNumber, value: Fraction, repetition: int, old: VariantResults, old_ranks: Mapping[tuple[str, str, str], int],
    new: VariantResults,
) -> SweepEffect:  # fmt: skip
    if new is old:
        return SweepEffect(number, value, repetition, (), (), (), len(old.totals))
    ranks = new.ranks()
    shifts = []
    for key in dict.fromkeys((*old.totals, *new.totals)):
        shift = Shift(
            *key,
            (old.totals.get(key), new.totals.get(key)),
            (old_ranks.get(key), ranks.get(key)),
            (old.grades.get(key), new.grades.get(key)),
        )
        if any(one != other for one, other in (shift.total, shift.rank, shift.grade)):
            shifts.append(shift)
    was, now = (
        {(award, period, s) for (award, period, _), subjects in side.granted.items() for s in subjects}
        for side in (old, new)
    )
    unmoved = len(old.totals) - sum(s.total[0] != s.total[1] for s in shifts)
    return SweepEffect(number, value, repetition, shifts, sorted(now - was), sorted(was - now), unmoved)
