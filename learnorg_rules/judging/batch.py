"""Batch: the definition of the answer. All events, one day judged, every rule."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from functools import cached_property
from typing import Any, Protocol, runtime_checkable

import polars as pl
from attrs import define, field

from ..counting.binding import Binding, bind
from ..counting.cells import compute_cells, wanted
from ..counting.ingest import Ingested, ingest
from ..counting.ingest_report import IngestReport, ingest_report_of
from ..counting.kernel import Cells
from ..counting.port import EventSource
from ..dataflow.build import build
from ..dataflow.nodes import Dataflow
from ..decisions.choice import best_decider
from ..decisions.durable import durable_available
from ..decisions.port import Decider
from ..decisions.reference import ReferenceDecider
from ..errors import Issue
from ..model.kinds import sort_in
from ..model.results import (
    AssumedParameter,
    AwardResult,
    DecisionResult,
    DutyResult,
    IndicatorResult,
    ScorecardResult,
    StepResult,
)
from ..model.ruleset import Ruleset
from ..org.organisation import Organisation
from ..periods import ONE_DAY
from .context import JudgingContext
from .effects import Effects, effects_of
from .evaluation import Evaluation
from .judging import Judging
from .tables import Table, table_of
from .unheld import unheld_attributes

__all__ = [
    "EventsWithEngine",
    "Outcome",
    "Run",
    "assess",
    "assess_bound",
    "bound",
    "decider_for",
    "judged",
]

Progress = Callable[[int, int], None]


@define(slots=False, repr=False)
class Run:
    """How a run came to its results: for the rooms that explain, plan, publish and compare.

    Attributes:
        dataflow: what was computed, and in which order.
        evaluation: the values of expressions.
        judging: the results of every rule.
        reading: gives the events as they were settled; a live run reads them only when somebody asks.
        known_report: the report on the events, where the run knows it without `reading`.
        may_lack_records: whether too many records may have been rejected, which the report has to say; a live run knows of most
            that it cannot be, and reads no event for it.
    """

    dataflow: Dataflow
    evaluation: Evaluation
    judging: Judging
    reading: Callable[[], Ingested]
    known_report: IngestReport | None = None
    may_lack_records: bool = True

    @cached_property
    def ingested(self) -> Ingested:
        """The events that count and those that do not."""
        return self.reading()

    @cached_property
    def ingest_report(self) -> IngestReport:
        """Counts, notes and rejected rows of the events."""
        if self.known_report is not None:
            return self.known_report
        binding = self.evaluation.binding
        return ingest_report_of(self.ingested, binding.ruleset, binding.at)


@define(slots=False, repr=False)
class Outcome:
    """Everything one run found.

    `at`: the day judged, all of it included. `known_at`: what was known; None for everything. `findings`: what a person has
    to settle. `run`: how it was found.
    """

    ruleset: Ruleset
    organisation: Organisation
    at: date
    known_at: date | datetime | None
    run: Run = field(repr=False)

    def __repr__(self) -> str:
        judged = f"{len(self.duties)} duties, {len(self.scorecards)} scorecards, {len(self.awards)} award candidates"
        return f"<{type(self).__name__} {self.ruleset.id} at {self.at}: {judged}, {len(self.findings)} findings>"

    @property
    def counts(self) -> Mapping[str, int]:
        """Events by what became of them; `outside` are those in no judged day, `counted` the rest."""
        return self.run.ingest_report.counts

    @property
    def notes(self) -> Sequence[str]:
        """Findings about the events and the organisation as a whole, for people."""
        return (*self.run.ingest_report.notes, *unheld_attributes(self.run.evaluation.binding))

    def table(self, section: str) -> Table[Any]:
        """The results of a kind, or their parts, in the order of the rules: `table("duties")` is `duties`."""
        sort = sort_in(section)
        decimals = max((r.decimals for r in self.run.judging.scorecards), default=0) if sort.has_points else 0
        return table_of(sort, self.run.judging.of(sort), decimals)

    @property
    def duties(self) -> Table[DutyResult]:
        """One record per duty, subject and period, in the order of the rules."""
        return self.table("duties")

    @property
    def scorecards(self) -> Table[ScorecardResult]:
        """One record per scorecard, subject and period: total, grade, vetoes."""
        return self.table("scorecards")

    @cached_property
    def indicators(self) -> Table[IndicatorResult]:
        """One record per scorecard, subject, period and indicator."""
        return self.table("indicators")

    @property
    def awards(self) -> Table[AwardResult]:
        """One record per award, period and candidate, from the best."""
        return self.table("awards")

    @property
    def plans(self) -> Table[StepResult]:
        """One record per plan, subject and step, in the plan's order."""
        return self.table("plans")

    @property
    def decisions(self) -> Table[DecisionResult]:
        """One record per decision, by subject; those that look at awards last."""
        return self.table("decisions")

    @property
    def decider(self) -> str:
        """Who decided: "durable_rules", "reference", or "" where the ruleset decides nothing."""
        return "" if self.run.judging.decider is None else self.run.judging.decider.name

    @property
    def findings(self) -> Sequence[Issue]:
        """What a person has to settle: first of all too many rejected records, then ties across a quota, ..."""
        rejected = self.run.ingest_report.finding(self.ruleset) if self.run.may_lack_records else None
        return (*([] if rejected is None else [rejected]), *self.run.judging.findings)

    @property
    def rejected(self) -> pl.DataFrame:
        """Events kept aside: file, row, id, code, reason."""
        return self.run.ingest_report.rejected

    @property
    def assumed(self) -> Sequence[AssumedParameter]:
        """Parameters the source does not give that these results used, by name."""
        used = {**self.run.evaluation.binding.parameters.assumed}
        return tuple(
            AssumedParameter(name, dated.value.text, dated.note or self.ruleset.parameters[name].note, dated.source)
            for name, dated in sorted(used.items())
        )


@runtime_checkable
class EventsWithEngine(EventSource, Protocol):
    """Events that an engine of their own counts where they are: `api.assess` asks them instead of reading them."""

    def assess(
        self,
        ruleset: Ruleset,
        organisation: Organisation,
        at: date | None = None,
        known_at: date | datetime | None = None,
        decider: str = "",
    ) -> Outcome:
        """What `assess` of this module gives for the same events."""
        ...


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
    binding, dataflow = bound(ruleset, organisation, events, at)
    return assess_bound(binding, dataflow, events, known_at, progress, decider)


def bound(
    ruleset: Ruleset, organisation: Organisation, events: EventSource, at: date | None
) -> tuple[Binding, Dataflow]:
    """What is known before an event is read.

    Raises:
        InputError: the organisation does not fit the rules.
        TypeError: one of them is something else.
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
    return binding, build(ruleset, organisation, day, binding.parameters)


def assess_bound(
    binding: Binding,
    dataflow: Dataflow,
    events: EventSource,
    known_at: date | datetime | None = None,
    progress: Progress | None = None,
    decider: str = "",
) -> Outcome:
    """`assess` of what is bound, all events in memory."""
    ruleset = binding.ruleset
    ingested = ingest(events.read(wanted(ruleset), progress), ruleset, binding.organisation, known_at)
    cells = compute_cells(ingested.rows, binding, dataflow)
    effects = effects_of(ingested.lazy(), ruleset, binding.at)
    return judged(binding, dataflow, known_at, cells, effects, lambda: ingested, decider)


def judged(
    binding: Binding,
    dataflow: Dataflow,
    known_at: date | datetime | None,
    cells: Mapping[int, Cells],
    effects: Effects,
    reading: Callable[[], Ingested],
    decider: str = "",
    said: IngestReport | None = None,
) -> Outcome:
    """Every rule judged by cells, however those were made."""
    evaluation = Evaluation(binding, dataflow, cells)
    judging = Judging(JudgingContext(binding, dataflow, evaluation, effects), decider_for(binding.ruleset, decider))
    judging.run()
    here = (binding.ruleset, binding.organisation, binding.at, known_at)
    return Outcome(*here, Run(dataflow, evaluation, judging, reading, said))


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
