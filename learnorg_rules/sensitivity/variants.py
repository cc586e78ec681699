"""Recorded events, counted once and judged again for variants of the rules or of the events.

A changed number changes few of the counts that the rules ask for, most of them none; only those are counted again, and only
scorecards, awards and what they read are judged again, by the code that judged them first. Nothing is simulated.
"""

from collections.abc import Mapping, Sequence
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
from ..periods import ONE_DAY, day_of
from .numbers import parameters_read

__all__ = ["VariantJudge", "VariantResults", "last_day", "variant_judge"]


@frozen
class VariantResults:
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


@define(slots=False)
class VariantJudge:
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
    base: VariantResults = field(init=False, repr=False)
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

    def of_rules(self, variant: Ruleset) -> VariantResults:
        """The results under a variant."""
        binding = bind(variant, self.organisation, self.at)
        dataflow = build(variant, self.organisation, self.at, binding.parameters)
        return self._judged(binding, self._kept(dataflow), self._cells_of(binding, dataflow))

    def of_events(self, frame: pl.DataFrame) -> VariantResults:
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

    def _judged(self, binding: Binding, dataflow: Dataflow, cells: Mapping[int, Cells]) -> VariantResults:
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


def _results(scores: Sequence[ScorecardResult], awards: Sequence[AwardResult]) -> VariantResults:
    granted: dict[tuple[str, str, str], set[str]] = {}
    for a in awards:
        receivers = granted.setdefault((a.rule, a.period, a.peers), set())
        if a.granted:
            receivers.add(a.subject)
    return VariantResults(
        {(s.rule, s.subject, s.period): s.total for s in scores},
        {(s.rule, s.subject, s.period): s.grade for s in scores},
        {key: frozenset(subjects) for key, subjects in granted.items()},
    )


def variant_judge(
    ruleset: Ruleset, organisation: Organisation, events: EventSource, at: date | str | None = None,
    known_at: date | datetime | None = None,
) -> VariantJudge:  # fmt: skip
    """Events read once, ready to be judged by variants of the ruleset.

    Raises:
        InputError: as `assess`.
    """
    ingested = ingest(events.read(wanted(ruleset), None), ruleset, organisation, known_at)
    return VariantJudge(ruleset, organisation, last_day(ruleset, at), ingested.frame)


def last_day(ruleset: Ruleset, at: date | str | None) -> date:
    """The day judged; by default the last day of the rules."""
    if at is None:
        return ruleset.end - ONE_DAY
    return day_of(at)
