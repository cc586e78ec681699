"""Behaviours from recorded events: what a simulation needs so that it draws events like those that happened."""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from fractions import Fraction

import polars as pl
from attrs import frozen

from ..counting.binding import Binding, bind
from ..counting.cells import wanted
from ..counting.ingest import ingest
from ..counting.port import EventSource
from ..errors import Issues, Source, did_you_mean
from ..model.definitions import EventKind
from ..model.ruleset import Ruleset
from ..org.organisation import Organisation
from ..periods import ONE_DAY, Grain, Schedule
from ..simulation.definitions import Behaviour
from .attendance import Attendance, fit_attendance
from .counts import Counts, count, inside
from .estimates import Estimate, estimate, rounded
from .fields import fit_fields
from .groups import Group, group_of_persons, groups_by_level, groups_by_selector, groups_by_unit
from .rates import Rates, fit_rates
from .records import fit_recording, recorded
from .results import Compared, Fitted, FittedBehaviour

__all__ = ["CODES", "fit_behaviours"]

CODES: Mapping[str, tuple[str, str]] = {
    "M301": ("days that hold nothing to fit", "`from` is not after `to`, and some event of the kinds fitted counts on these days."),
    "M302": ("a selector that selects nobody", "Each selector of a fit selects units, or persons, of the organisation on the days fitted."),
    "M303": ("no such kind of event", "A fit is of kinds that the ruleset declares."),
}  # fmt: skip


@frozen
class _Fit:
    """What all behaviours are fitted from: the events that count, and as they were first sent."""

    binding: Binding
    level: Fraction
    months: Schedule
    events: pl.DataFrame
    first: pl.DataFrame


def fit_behaviours(
    ruleset: Ruleset,
    organisation: Organisation,
    events: EventSource,
    from_: date,
    to: date,
    kinds: Sequence[str],
    by: str,
    selectors: Sequence[str],
    level: Fraction,
) -> Fitted:
    """`fit` of what it has checked."""
    _check(ruleset, kinds, from_, to)
    binding = bind(ruleset, organisation, to)
    ingested = ingest(events.read(wanted(ruleset)), ruleset, organisation)
    days = pl.col("date").is_between(pl.lit(from_), pl.lit(to))
    asked = pl.col("kind").is_in(list(kinds)) if kinds else pl.lit(True)
    frame = ingested.frame.filter(days & asked)
    if frame.is_empty():
        _refuse("M301", f"no event {'of ' + ', '.join(kinds) + ' ' if kinds else ''}counts from {from_} to {to}")
    end = to + ONE_DAY
    months = ruleset.calendar.schedule(Grain.MONTH.value, from_, end)
    data = _Fit(binding, level, months, frame, recorded(ingested).filter(days & asked))
    if selectors:
        groups = groups_by_selector(binding, selectors, from_, end)
    elif by == "unit":
        groups = groups_by_unit(binding, frame["unit"].unique().sort().to_list(), from_, end)
    else:
        groups = groups_by_level(binding, from_, end) if by == "level" else group_of_persons(binding, from_, end)
    found: dict[str, FittedBehaviour] = {}
    notes = [f"{n:,} rows were refused and are not fitted" for n in (ingested.counts["rejected"],) if n]
    for kind in ruleset.events.values():
        of_kind = frame.filter(pl.col("kind") == kind.id)
        fitted = 0
        for group in groups:
            own = inside(of_kind, group, "person" if group.of_persons else "unit")
            fitted += own.height
            if own.height:
                one = _behaviour(data, kind, group, own, _free(f"{kind.id}_{group.name}", found))
                found[one.behaviour.id] = one
        if fitted != of_kind.height:
            less = f"{of_kind.height - fitted:,} of {of_kind.height:,} events of {kind.id} happened to none of those fitted"
            more = f"{fitted - of_kind.height:,} events of {kind.id} are in several behaviours: the selectors overlap"
            notes.append(less if fitted < of_kind.height else more)
    return Fitted(ruleset.id, from_, to, level, found, tuple(notes))


def _check(ruleset: Ruleset, kinds: Iterable[str], from_: date, to: date) -> None:
    issues = Issues()
    for kind in kinds:
        if kind not in ruleset.events:
            hint = did_you_mean(kind, ruleset.events)
            issues.error(Source(ruleset.folder), "M303", f"there is no kind of event '{kind}'", hint)
    if from_ > to:
        issues.error(Source("from"), "M301", f"the first day, {from_}, is after the last, {to}")
    issues.raise_errors()


def _refuse(code: str, message: str) -> None:
    issues = Issues()
    issues.error(Source("events"), code, message)
    issues.raise_errors()


def _free(text: str, taken: Mapping[str, object]) -> str:
    """The text as an id that is not taken."""
    plain = re.sub(r"\W+", "_", text).strip("_")
    name, number = plain, 2
    while name in taken:
        name, number = f"{plain}_{number}", number + 1
    return name


def _behaviour(data: _Fit, kind: EventKind, group: Group, events: pl.DataFrame, name: str) -> FittedBehaviour:
    ruleset, organisation = data.binding.ruleset, data.binding.organisation
    notes: list[str] = []
    refused: list[str] = []
    along = ruleset.header.roll_up.along
    subject, happened, attendance = "person" if group.of_persons else "unit", events, None
    about = events["person"].drop_nulls().len()
    if not group.of_persons and about:
        found = fit_attendance(events.filter(pl.col("person").is_not_null()), organisation, along, data.level)
        if isinstance(found, Attendance) and about == events.height:
            attendance, happened = found, found.sessions
            notes += found.notes
        else:
            notes += (
                found if not isinstance(found, Attendance) else ["no attendance is fitted: some events name no person"]
            )
    if kind.effect:
        refused.append(f"'{kind.id}' is decided by somebody ({kind.effect}), and nobody just does it")
    if kind.takes.get("person") and attendance is None and not group.of_persons:
        refused.append(f"'{kind.id}' needs a person, and these are no sessions: fit it by person")
    if group.of_persons:
        away = _elsewhere(organisation, events)
        notes += [f"{away:,} of {events.height:,} events happened away from the person's unit: a simulation has none"] * (away > 0)  # fmt: skip
    counts = count(happened, group, subject, data.months)
    rates = fit_rates(counts, data.level, "events" if attendance is None else "sessions")
    rate = rates.rate if attendance is None else _scaled(rates.rate, attendance.held)
    fields = fit_fields(kind, dict(ruleset.fields), events, data.level)
    refused += [note for one in fields for note in one.refused]
    mine = data.first.filter((pl.col("kind") == kind.id) & pl.col("counts_at").is_not_null())
    place = subject if group.of_persons else "counts_at"
    first = inside(mine, group, place)
    voided = inside(data.first.filter((pl.col("kind") == kind.id) & (pl.col("state") == "voided")), group, subject)
    first = pl.concat([first, voided.select(first.columns)])
    if attendance is not None:  # who attends is recorded together, as one
        first = first.unique(["unit", "occurred_at", "recorded_at", "counts_at", "state"])
    recording = fit_recording(first, data.binding, data.level)
    estimates = [rate, *rates.season.values(), rates.spread]
    if attendance is not None:
        estimates += [attendance.chance, attendance.spread]
    estimates += [e for one in fields for e in one.estimates]
    behaviour = Behaviour(
        id=name, subjects=group.subjects, event=kind.id, rate=_number(rate), every="month",
        season={month: _number(one) for month, one in rates.season.items()},
        spread=_number(rates.spread) if rates.spread.used else Fraction(),
        attendance=_number(attendance.chance) if attendance is not None else None,
        attendance_spread=_number(attendance.spread) if attendance is not None and attendance.spread.used else Fraction(),
        fields={one.name: one.draw for one in fields if one.draw is not None},
        recorded_after=recording.recorded_after, errors=recording.errors,
    )  # fmt: skip
    notes += [*rates.notes, *(note for one in fields for note in one.notes), *recording.notes]
    by_month, by_subject = _compared(counts, rates)
    return FittedBehaviour(
        behaviour, group.text, (*estimates, *recording.estimates), rates.tests, tuple(notes), tuple(refused), by_month, by_subject
    )  # fmt: skip


def _number(one: Estimate) -> Fraction:
    assert isinstance(one.value, Fraction)  # only ends of ranges are days
    return one.value


def _scaled(rate: Estimate, by: float) -> Estimate:
    """The rate of sessions held, from that of those seen."""
    if by == 1:
        return rate
    assert isinstance(rate.low, Fraction)
    assert isinstance(rate.high, Fraction)
    ends = float(rate.low) * by, float(rate.high) * by
    how = f"{rate.how}; times {by:.4f} for sessions to which nobody came"
    return estimate(rate.name, float(_number(rate)) * by, ends, rate.level, rate.n, rate.of, how)


def _elsewhere(organisation: Organisation, events: pl.DataFrame) -> int:
    """How many events happened at another unit than the person's."""
    groups = events.group_by("person", "unit", "date").len()
    return sum(n for person, unit, day, n in groups.iter_rows() if organisation.as_of(day).home(person) != unit)


def _compared(counts: Counts, rates: Rates) -> tuple[tuple[Compared, ...], tuple[Compared, ...]]:
    season = [float(_number(rates.season[day.month])) if rates.season else 1.0 for day in counts.months]
    by_month = tuple(
        Compared(
            f"{day:%Y-%m}", rounded(counts.exposure[:, j].sum()), int(counts.n[:, j].sum()),
            rounded(rates.expected[:, j].sum()),
        )
        for j, day in enumerate(counts.months)
    )  # fmt: skip
    rate = float(_number(rates.rate))
    by_subject = tuple(
        Compared(
            unit, rounded(counts.exposure[i].sum()), int(counts.n[i].sum()), rounded(rate * (counts.exposure[i] * season).sum())
        )
        for i, unit in enumerate(counts.units)
    )  # fmt: skip
    return by_month, by_subject
