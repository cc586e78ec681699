"""Sensitivity: each number of the rules moved alone, and whom that moves; how far it can go before an award does.

Events are read and counted once. A moved number changes few of the counts the rules ask for, most of them none; only those
are counted again, and only scorecards, awards and what they read are judged again, by the code that judged them first.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from fractions import Fraction
from typing import Any

import polars as pl
from attrs import define, evolve, field, frozen

from ..counting.binding import Binding, bind
from ..counting.cells import compute_cells, rule_of, subjects_of, wanted
from ..counting.ingest import ingest
from ..counting.kernel import Cells
from ..counting.port import EventSource
from ..dataflow.build import build
from ..dataflow.nodes import Dataflow
from ..decisions.port import Decider
from ..judging.batch import decider_for
from ..judging.context import JudgingContext
from ..judging.effects import Effects, effects_of
from ..judging.evaluation import Evaluation
from ..judging.judging import Judging
from ..model.results import AwardResult, ScorecardResult
from ..model.ruleset import Ruleset
from ..org.organisation import Organisation
from ..periods import ONE_DAY
from .settings import Movable, chosen, movables, parameters_read, written

__all__ = ["Again", "Effect", "Judged", "Shift", "Sweep", "prepared", "sweep"]

STEP = Fraction(1, 10)


@frozen
class Judged:
    """Totals by (scorecard, subject, period), and who got what: (award, period, peers) -> subjects."""

    totals: Mapping[tuple[str, str, str], Fraction | None]
    grades: Mapping[tuple[str, str, str], str | None]
    granted: Mapping[tuple[str, str, str], frozenset[str]]

    def ranks(self) -> Mapping[tuple[str, str, str], int]:
        """1 for the best total of a scorecard and period; equal totals share a rank; those without a total have none."""
        of: dict[tuple[str, str], list[Fraction]] = {}
        for (card, _, period), total in self.totals.items():
            if total is not None:
                of.setdefault((card, period), []).append(total)
        places = {}
        for key, totals in of.items():
            totals.sort(reverse=True)
            places[key] = {t: i for i, t in reversed(list(enumerate(totals, 1)))}
        return {k: places[k[0], k[2]][t] for k, t in self.totals.items() if t is not None}


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
class Effect:
    """What one value of one number does to one set of events.

    `repetition`: which of the sets, from 0. `gained`, `lost`: (award, period, subject). `unmoved`: totals that are the same.
    """

    number: Movable
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
    base: Sequence[Judged] = field(repr=False)
    effects: Sequence[Effect] = field(repr=False)
    left_out: Mapping[str, str]

    def table(self) -> pl.DataFrame:
        """One row per number and value, over all repetitions; those that move most first.

        `moved`: totals that are another, on average over the repetitions; `mean`, `most`: points, without sign; `ranks`,
        `grades`, `awards`: how many are another (an award that changes hands is one gained and one lost); `whom`: who is
        moved most.
        """
        groups: dict[tuple[str, Fraction], list[Effect]] = {}
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


def _row(effects: Sequence[Effect]) -> dict[str, Any]:
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


@define(slots=False)
class Again:
    """One set of events, judged for any variant of a ruleset whose numbers alone differ.

    Only scorecards, awards and what they read are judged, unless decisions of the ruleset may lower grades.
    """

    ruleset: Ruleset
    organisation: Organisation
    at: date
    frame: pl.DataFrame = field(repr=False)
    _effects: Effects = field(init=False, repr=False)
    _cells: dict[object, Cells] = field(factory=dict, init=False, repr=False)
    _subjects: set[str] = field(factory=set, init=False, repr=False)
    _decider: Decider | None = field(default=None, init=False, repr=False)
    base: Judged = field(init=False, repr=False)
    reads: frozenset[str] = field(init=False, repr=False)
    """Parameters on which some total or award rests."""

    def __attrs_post_init__(self) -> None:
        self._effects = effects_of(self.frame, self.ruleset, self.at)
        lowering = any(rule.do in ("veto", "cap") for rule in self.ruleset.decisions.values())
        self._decider = decider_for(self.ruleset, "") if lowering else None
        binding = bind(self.ruleset, self.organisation, self.at)
        dataflow = build(self.ruleset, self.organisation, self.at, binding.parameters)
        self._subjects = subjects_of(binding, dataflow)
        cells = compute_cells(self.frame, binding, dataflow)
        self._cells = {_key(dataflow, query): cells[query.number] for query in dataflow.queries}
        kept = self._kept(dataflow)
        self.reads = parameters_read(self.ruleset, [rule_of(self.ruleset, n) for n in kept.rules])
        if self._decider is not None:  # what decides on grades is not looked into
            self.reads = frozenset(self.ruleset.parameters)
        self.base = self._judged(binding, kept, cells)

    def judged(self, variant: Ruleset) -> Judged:
        """The results under a variant."""
        binding = bind(variant, self.organisation, self.at)
        dataflow = build(variant, self.organisation, self.at, binding.parameters)
        return self._judged(binding, self._kept(dataflow), self._cells_of(binding, dataflow))

    def judged_with(self, frame: pl.DataFrame) -> Judged:
        """The results of the ruleset over other events, ingested as `frame` was."""
        binding = bind(self.ruleset, self.organisation, self.at)
        dataflow = build(self.ruleset, self.organisation, self.at, binding.parameters)
        return self._judged(binding, self._kept(dataflow), compute_cells(frame, binding, dataflow))

    def _cells_of(self, binding: Binding, dataflow: Dataflow) -> dict[int, Cells]:
        """The cells known, and those that the variant asks for and nobody did before, which are remembered."""
        if not subjects_of(binding, dataflow) <= self._subjects:  # a number in a selector let others in
            return compute_cells(self.frame, binding, dataflow)
        keys = {query.number: _key(dataflow, query) for query in dataflow.queries}
        fresh = {number for number, key in keys.items() if key not in self._cells}
        if fresh:
            scans = [f for f in dataflow.scans if any(a.number in fresh for a in f.queries)]
            counted = compute_cells(self.frame, binding, evolve(dataflow, scans=scans))
            self._cells |= {keys[number]: counted[number] for number in fresh}
        return {number: self._cells[key] for number, key in keys.items()}

    def _kept(self, dataflow: Dataflow) -> Dataflow:
        if self._decider is not None:
            return dataflow
        after = {f"{n.kind} {n.id}": n.after for n in dataflow.rules}
        todo = [name for name in after if name.split()[0] in ("scorecard", "award")]
        kept: set[str] = set()
        while todo:
            name = todo.pop()
            if name not in kept:
                kept.add(name)
                todo.extend(after.get(name, ()))
        return evolve(dataflow, rules=[n for n in dataflow.rules if f"{n.kind} {n.id}" in kept])

    def _judged(self, binding: Binding, dataflow: Dataflow, cells: Mapping[int, Cells]) -> Judged:
        judging_context = JudgingContext(binding, dataflow, Evaluation(binding, dataflow, cells), self._effects)
        judging = Judging(judging_context, self._decider)
        judging.run()
        return _results(judging.scorecards, judging.awards)


def _key(dataflow: Dataflow, query: Any) -> object:
    """Equal where two asks are answered by the same cells."""
    return (
        query.aggregate,
        query.lowered.scan,
        query.schedule,
        query.periods,
        dataflow.schedules[query.schedule].periods,
    )


def _results(scores: Sequence[ScorecardResult], awards: Sequence[AwardResult]) -> Judged:
    granted: dict[tuple[str, str, str], set[str]] = {}
    for a in awards:
        found = granted.setdefault((a.rule, a.period, a.peers), set())
        if a.granted:
            found.add(a.subject)
    return Judged(
        {(s.rule, s.subject, s.period): s.total for s in scores},
        {(s.rule, s.subject, s.period): s.grade for s in scores},
        {key: frozenset(subjects) for key, subjects in granted.items()},
    )


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
    day = _day(rules, at)
    known, left = movables(rules, day)
    wants = list(steps) if isinstance(steps, Mapping) and parameters is None else parameters
    numbers = chosen(known, left, wants)
    if isinstance(steps, Fraction | int) and steps <= 0:
        raise ValueError(f"a step has to be above 0, not {steps}")
    tried: list[tuple[Movable, Fraction]] = []
    for number in numbers:
        values = steps.get(number.name, ()) if isinstance(steps, Mapping) else number.steps(Fraction(steps))
        refused = [v for v in values if not number.allows(Fraction(v))]
        if refused:
            raise ValueError(f"{number.name}: {written(refused[0])} is not between the bounds of the grades next to it")
        tried += [(number, Fraction(v)) for v in dict.fromkeys(values) if v != number.value]
    sets = [events] if hasattr(events, "read") else list(events)
    effects, base = [], []
    for repetition, source in enumerate(sets):
        again = prepared(rules, org, source, day, known_at)
        base.append(again.base)
        ranks = again.base.ranks()
        for i, (number, value) in enumerate(tried):
            unread = number.sort == "parameter" and number.name not in again.reads
            judged = again.base if unread else again.judged(number.moved(value))
            effects.append(_effect(number, value, repetition, again.base, ranks, judged))
            if progress is not None:
                progress(repetition * len(tried) + i + 1, len(sets) * len(tried))
    return Sweep(day, base, effects, left if parameters is None else {})


def prepared(
    ruleset: Ruleset, organisation: Organisation, events: EventSource, at: date | str | None = None,
    known_at: date | datetime | None = None,
) -> Again:  # fmt: skip
    """Events read once, ready to be judged by variants of the ruleset.

    Raises:
        InputError: as `assess`.
    """
    ingested = ingest(events.read(wanted(ruleset), None), ruleset, organisation, known_at)
    return Again(ruleset, organisation, _day(ruleset, at), ingested.frame)


def _day(ruleset: Ruleset, at: date | str | None) -> date:
    if at is None:
        return ruleset.end - ONE_DAY
    return date.fromisoformat(at) if isinstance(at, str) else at


def _effect(
    number: Movable, value: Fraction, repetition: int, old: Judged, old_ranks: Mapping[tuple[str, str, str], int],
    new: Judged,
) -> Effect:  # fmt: skip
    if new is old:
        return Effect(number, value, repetition, (), (), (), len(old.totals))
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
    return Effect(number, value, repetition, shifts, sorted(now - was), sorted(was - now), unmoved)
