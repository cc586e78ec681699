"""Batch: the definition of the answer. All events, one day judged, every rule."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from functools import cached_property

import polars as pl
from attrs import define, field

from ..dataflow.build import build
from ..dataflow.nodes import Dataflow, RuleNode
from ..decisions.choice import best_decider
from ..decisions.durable import durable_available
from ..decisions.port import Decider
from ..decisions.reference import ReferenceDecider
from ..errors import Issue
from ..model.definitions import Rule
from ..model.ruleset import Ruleset
from ..org.organisation import Organisation
from ..periods import ONE_DAY
from .atoms import atoms_for
from .attributes import with_attributes
from .bench import Bench
from .binding import Binding, bind
from .closure import Closure, closure_of
from .effects import effects_of
from .evaluation import Evaluation
from .ingest import Ingested, ingest
from .judging import Judging
from .kernel import Cells, Kernel, base_columns, needs_wide
from .port import EventSource, Wanted
from .results import (
    AssumedParameter,
    AwardResult,
    DecisionResult,
    DutyResult,
    ItemResult,
    PhaseResult,
    ScoreResult,
    Table,
    award_table,
    decision_table,
    duty_table,
    item_table,
    phase_table,
    score_table,
)

__all__ = ["Outcome", "assess", "decider_for", "kernels_of", "read_by_kernels", "rule_of", "subjects_of", "wanted"]

Progress = Callable[[int, int], None]


@define(slots=False, repr=False)
class Outcome:
    """Everything one run found.

    `at`: the day judged, all of it included. `known_at`: what was known; None for everything. `findings`: what a person has
    to settle. `reading` gives the events as they were settled; a live run reads them only when somebody asks.
    """

    ruleset: Ruleset
    organisation: Organisation
    at: date
    known_at: date | datetime | None
    dataflow: Dataflow = field(repr=False)
    evaluation: Evaluation = field(repr=False)
    judging: Judging = field(repr=False)
    reading: Callable[[], Ingested] = field(repr=False)

    def __repr__(self) -> str:
        judged = f"{len(self.duties)} duties, {len(self.totals)} totals, {len(self.awards)} award candidates"
        return f"<{type(self).__name__} {self.ruleset.id} at {self.at}: {judged}, {len(self.findings)} findings>"

    @cached_property
    def ingested(self) -> Ingested:
        """The events that count and those that do not."""
        return self.reading()

    @cached_property
    def counts(self) -> Mapping[str, int]:
        """Events by what became of them; `outside` are those in no judged day, `counted` the rest."""
        frame = self.ingested.frame
        last = min(self.ruleset.end - ONE_DAY, self.at)
        inside = frame.select(pl.col("date").is_between(pl.lit(self.ruleset.first_day), pl.lit(last)).sum()).item()
        return {**self.ingested.counts, "counted": inside, "outside": frame.height - inside}

    @property
    def notes(self) -> Sequence[str]:
        """Findings about the events as a whole, for people."""
        return self.ingested.notes

    @property
    def duties(self) -> Table[DutyResult]:
        """One record per duty, subject and period, in the order of the rules."""
        return duty_table(self.judging.duties)

    @property
    def totals(self) -> Table[ScoreResult]:
        """One record per scorecard, subject and period: total, grade, vetoes."""
        return score_table(self.judging.scores)

    @cached_property
    def scores(self) -> Table[ItemResult]:
        """One record per scorecard, subject, period and indicator."""
        return item_table(self.judging.scores)

    @property
    def awards(self) -> Table[AwardResult]:
        """One record per award, period and candidate, from the best."""
        return award_table(self.judging.awards)

    @property
    def phases(self) -> Table[PhaseResult]:
        """One record per plan, subject and step, in the plan's order."""
        return phase_table(self.judging.phases)

    @property
    def decisions(self) -> Table[DecisionResult]:
        """One record per decision, by subject; those that look at awards last."""
        return decision_table(self.judging.decisions)

    @property
    def decider(self) -> str:
        """Who decided: "durable_rules", "reference", or "" where the ruleset decides nothing."""
        return "" if self.judging.decider is None else self.judging.decider.name

    @property
    def findings(self) -> Sequence[Issue]:
        """What a person has to settle: ties across a quota, points outside their range, ..."""
        return tuple(self.judging.findings)

    @property
    def rejected(self) -> pl.DataFrame:
        """Events kept aside: file, row, id, code, reason."""
        return self.ingested.rejected

    @property
    def assumed(self) -> Sequence[AssumedParameter]:
        """Parameters the source does not give that these results used, by name."""
        used = {**self.evaluation.binding.parameters.assumed}
        return tuple(
            AssumedParameter(name, dated.value.text, dated.note or self.ruleset.parameters[name].note, dated.source)
            for name, dated in sorted(used.items())
        )


def wanted(ruleset: Ruleset) -> Wanted:
    """What to read from event files for a ruleset."""
    records = ruleset.header.records
    return Wanted(ruleset.fields, records.columns, records.constants, ruleset.header.time_zone, records.cases)


def assess(
    ruleset: Ruleset,
    organisation: Organisation,
    events: EventSource,
    at: date | None = None,
    known_at: date | datetime | None = None,
    progress: Progress | None = None,
    decider: str = "",
) -> Outcome:
    """Judge every rule of the ruleset at the end of day `at` (default: its last day), with what was known at `known_at`.

    Raises:
        InputError: the organisation does not fit the rules, or an event source cannot be read at all. Single bad
            events do not raise; they are in `rejected`.
    """
    for what, given, wanted_type in (("rules", ruleset, Ruleset), ("org", organisation, Organisation)):
        if not isinstance(given, wanted_type):
            maker = "load" if wanted_type is Ruleset else "read_org"
            raise TypeError(f"{what} is a {type(given).__name__}; pass what {maker}(...) gives")
    if not hasattr(events, "read"):
        raise TypeError(
            f"events is a {type(events).__name__}; pass scan_events(...), or events_from(rows) for rows in memory"
        )
    day = at if at is not None else ruleset.end - ONE_DAY
    binding = bind(ruleset, organisation, day)
    dataflow = build(ruleset, organisation, day, binding.parameters)
    ingested = ingest(events.read(wanted(ruleset), progress), ruleset, organisation, known_at)
    cells = compute_cells(ingested.frame, binding, dataflow)
    evaluation = Evaluation(binding, dataflow, cells)
    effects = effects_of(ingested.frame, ruleset, day)
    judging = Judging(Bench(binding, dataflow, evaluation, effects), decider_for(ruleset, decider))
    judging.run()
    return Outcome(ruleset, organisation, day, known_at, dataflow, evaluation, judging, lambda: ingested)


def decider_for(ruleset: Ruleset, wanted: str) -> Decider | None:
    """The decider asked for by the caller, else by the ruleset, else durable-rules where it can be imported.

    Raises:
        ValueError: there is no such decider, or durable-rules is asked for and cannot be imported.
    """
    if not ruleset.decisions:
        return None
    name = wanted or ruleset.header.decider
    if name == "reference":
        return ReferenceDecider()
    if name not in ("", "durable_rules"):
        raise ValueError(f"there is no decider {name!r}: durable_rules or reference")
    if name and not durable_available():
        raise ValueError("durable_rules cannot be imported here: it needs a C compiler and CPython before 3.13")
    return best_decider()


def compute_cells(frame: pl.DataFrame, binding: Binding, dataflow: Dataflow) -> dict[int, Cells]:
    """The cells of every ask, from ingested events."""
    kernels, base = prepare(frame, binding, dataflow)
    plans = [k.partial(base, wide=needs_wide(frame, k.family)) for k in kernels]
    cells: dict[int, Cells] = {}
    for kernel, partial in zip(kernels, pl.collect_all(plans), strict=True):
        cells.update(kernel.cells(partial))
    return cells


def prepare(frame: pl.DataFrame, binding: Binding, dataflow: Dataflow) -> tuple[list[Kernel], pl.LazyFrame]:
    """The kernels of a run and the lazy frame they read."""
    kernels, closures = kernels_of(binding, dataflow)
    return kernels, read_by_kernels(frame, binding, dataflow, closures)


def read_by_kernels(
    frame: pl.DataFrame, binding: Binding, dataflow: Dataflow, closures: Mapping[str, Closure]
) -> pl.LazyFrame:
    """Ingested events with the columns that kernels read."""
    kinds = pl.Enum(sorted(binding.ruleset.events))
    return base_columns(with_attributes(frame.lazy(), binding, dataflow), kinds, closures)


def kernels_of(binding: Binding, dataflow: Dataflow) -> tuple[list[Kernel], dict[str, Closure]]:
    """The kernels of a run and the tables of the organisation that they share; neither depends on events."""
    ruleset, at = binding.ruleset, binding.at
    tz, kinds = ruleset.time_zone, pl.Enum(sorted(ruleset.events))
    families = [f for f in dataflow.families if _has_days(dataflow, f.schedules, at)]
    if not families:
        return [], {}
    first = min(dataflow.schedules[s].periods[0].start for f in families for s in f.schedules)
    end = at + ONE_DAY
    subjects = subjects_of(binding, dataflow)
    closures: dict[str, Closure] = {}
    for name in ("units", "heirs"):
        here = [f for f in families if f.key.subjects == name]
        if here:
            members = any(f.key.by_person for f in here)
            closures[name] = closure_of(binding, subjects, first, end, members, name == "heirs")
    kernels = []
    for family in families:
        closure = closures.get(family.key.subjects)
        segments = [(first, end)] if closure is None else closure.segments
        schedules = {s: dataflow.schedules[s] for s in family.schedules}
        atoms = atoms_for(schedules, family.grains, segments, ruleset.calendar, at)
        kernels.append(Kernel(family, atoms, closure, kinds, tz))
    return kernels, closures


def _has_days(dataflow: Dataflow, schedules: Sequence[str], at: date) -> bool:
    return any(p.start <= at for s in schedules for p in dataflow.schedules[s].periods)


def subjects_of(binding: Binding, dataflow: Dataflow) -> set[str]:
    """Every unit and body that some rule judges in some period that has begun, or that some expression runs over."""
    ruleset = binding.ruleset
    found: set[str] = set()
    for node in dataflow.rules:
        subjects = rule_of(ruleset, node).subjects
        for period in dataflow.schedules[node.schedule].periods:
            if period.start <= binding.at:
                found.update(s for s, _ in binding.select(subjects, period))
    nodes = binding.organisation.nodes
    if {"children", "below", "home"} & set(dataflow.groups):
        found.update(binding.organisation.units)
    if {"led", "guided"} & set(dataflow.groups):
        found.update(e.target_id for kind in ("leads", "guides") for e in binding.organisation.edges[kind])
    return {s for s in found if nodes[s].kind != "person"}


def rule_of(ruleset: Ruleset, node: RuleNode) -> Rule:
    """The rule version that a node of the dataflow stands for."""
    if node.kind == "duty":
        return ruleset.duties[node.id][node.version]
    if node.kind == "scorecard":
        return ruleset.scorecards[node.id][node.version]
    if node.kind == "phase":
        return ruleset.phases[node.id][node.version]
    return ruleset.awards[node.id][node.version]
