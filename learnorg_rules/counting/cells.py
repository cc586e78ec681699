"""From ingested events to the cells of every query: the kernels of a run, and what they read."""

from collections.abc import Mapping, Sequence
from functools import partial

import polars as pl
from attrs import evolve

from ..dataflow.build import periods_of
from ..dataflow.nodes import Dataflow, RuleNode, ScanGroup, ScanKey
from ..expr.nodes import Ref, walk
from ..model.definitions import Rule
from ..model.kinds import kind_named
from ..model.kinds import rule_of as _rule_of
from ..model.ruleset import Ruleset
from ..periods import Clock
from .atoms import atoms_for
from .attributes import with_attributes
from .binding import Binding
from .closure import Closure, closure_of
from .ingest_checks import places_of
from .kernel import Cells, Kernel, passes, with_places
from .port import Wanted
from .presence import absent_expression
from .widths import widths_of

__all__ = ["compute_cells", "judgements", "kernels_of", "read_by_kernels", "rule_of", "subjects_of", "wanted"]


def wanted(ruleset: Ruleset) -> Wanted:
    """What to read from event files for a ruleset."""
    records = ruleset.header.records
    return Wanted(ruleset.fields, records.columns, records.constants, ruleset.header.time_zone, records.cases)


def compute_cells(frame: pl.DataFrame, binding: Binding, dataflow: Dataflow) -> dict[int, Cells]:
    """The cells of every query, from ingested events: `Ingested.rows`, or the like of `Ingested.frame`."""
    kernels, base = prepare(frame, binding, dataflow)
    here = widths_of(frame, dataflow.scans)
    cells: dict[int, Cells] = {}
    for kernel in kernels:
        cells.update(kernel.cells(kernel.partial(base, here)))
    return cells


def prepare(frame: pl.DataFrame, binding: Binding, dataflow: Dataflow) -> tuple[list[Kernel], pl.LazyFrame]:
    """The kernels of a run and the lazy frame they read."""
    kernels, closures = kernels_of(binding, dataflow)
    return kernels, read_by_kernels(frame, binding, dataflow, closures)


def read_by_kernels(
    frame: pl.DataFrame, binding: Binding, dataflow: Dataflow, closures: Mapping[str, Closure]
) -> pl.LazyFrame:
    """Ingested events (`Ingested.rows`, or the like of `Ingested.frame`) with the columns that kernels read."""
    rows = frame.lazy().filter(":counts") if ":counts" in frame.columns else frame.lazy()
    return with_places(rows, places_of(binding.ruleset, binding.organisation), closures)


def kernels_of(binding: Binding, dataflow: Dataflow) -> tuple[list[Kernel], dict[str, Closure]]:
    """The kernels of a run and the tables of the organisation that they share; neither depends on events."""
    ruleset, at = binding.ruleset, binding.at
    scans = [p for f in dataflow.scans if _has_days(dataflow, f.schedules, binding.clock) for p in passes(f)]
    if not scans:
        return [], {}
    first = min(dataflow.schedules[s].periods[0].start for f in scans for s in f.schedules)
    end = binding.clock.end
    subjects = subjects_of(binding, dataflow)
    closures: dict[str, Closure] = {}
    for name in ("units", "successors"):
        here = [f for f in scans if f.key.subjects == name]
        if here:
            members = any(f.key.by_person for f in here)
            closures[name] = closure_of(binding, subjects, first, end, members, name == "successors")
    kernels = []
    for scan in scans:
        closure = closures.get(scan.key.subjects)
        segments = [(first, end)] if closure is None else closure.segments
        schedules = {s: dataflow.schedules[s] for s in scan.schedules}
        atoms = atoms_for(schedules, scan.grains, segments, ruleset.calendar, at)
        attributes = partial(_attributed, binding=binding, dataflow=_reading(scan, dataflow), key=scan.key)
        kernels.append(Kernel(scan, atoms, closure, tuple(ruleset.events), ruleset.time_zone, attributes))
    return kernels, closures


def _attributed(rows: pl.LazyFrame, binding: Binding, dataflow: Dataflow, key: ScanKey) -> pl.LazyFrame:
    """The rows with attributes; for persons, without those of days on which the person is not there."""
    away = absent_expression(binding.ruleset, binding.organisation) if key.subjects == "persons" else None
    return with_attributes(rows if away is None else rows.filter(~away), binding=binding, dataflow=dataflow)


def _reading(scan: ScanGroup, dataflow: Dataflow) -> Dataflow:
    """The dataflow with those attributes only that the scan reads."""
    nodes = (*scan.conditions, *scan.values, *(() if scan.key.element is None else (scan.key.element,)))
    read = {f"{ref.scope}.{ref.name}" for node in nodes for ref in walk(node) if isinstance(ref, Ref)}
    persons = [name for name in dataflow.person_attributes if f"person.{name}" in read]
    units = [name for name in dataflow.unit_attributes if f"unit.{name}" in read]
    return evolve(dataflow, person_attributes=persons, unit_attributes=units)


def _has_days(dataflow: Dataflow, schedules: Sequence[str], clock: Clock) -> bool:
    return any(clock.has_begun(p) for s in schedules for p in dataflow.schedules[s].periods)


def subjects_of(binding: Binding, dataflow: Dataflow) -> set[str]:
    """Every unit and body that some rule judges in some period that has begun, or that some expression runs over."""
    ruleset = binding.ruleset
    found: set[str] = set()
    for node in dataflow.rules:
        rule = rule_of(ruleset, node)
        for period in periods_of(dataflow, node, rule):
            if binding.clock.has_begun(period):
                found.update(s for s, _ in binding.select(rule.subjects, period))
    if {"children", "below", "home"} & set(dataflow.groups):
        found.update(binding.organisation.units)
    if {"led", "guided"} & set(dataflow.groups):
        found.update(e.target_id for kind in ("leads", "guides") for e in binding.organisation.edges[kind])
    return {s for s in found if binding.organisation.kind(s) != "person"}


def judgements(binding: Binding, dataflow: Dataflow, node: RuleNode) -> int:
    """How many pairs of subject and period a rule judges, of the periods that have begun."""
    rule = rule_of(binding.ruleset, node)
    begun = [period for period in periods_of(dataflow, node, rule) if binding.clock.has_begun(period)]
    return sum(len(binding.select(rule.subjects, period)) for period in begun)


def rule_of(ruleset: Ruleset, node: RuleNode) -> Rule:
    """The rule version that a node of the dataflow stands for."""
    found: Rule = _rule_of(ruleset, kind_named(node.kind), node.id, node.version)
    return found
