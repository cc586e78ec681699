"""How events are recorded: how late, and how often at the wrong unit, from the events that others took the place of."""

from collections.abc import Mapping
from fractions import Fraction

import polars as pl
from attrs import frozen

from ..counting.binding import Binding
from ..counting.ingest import Ingested
from ..simulation.definitions import Errors
from .estimates import Estimate, estimate
from .intervals import chance_interval, mean_interval

__all__ = ["Recording", "fit_recording", "recorded"]


@frozen
class Recording:
    """What was fitted: None where there is nothing to fit."""

    recorded_after: Fraction | None = None
    errors: Errors | None = None
    estimates: tuple[Estimate, ...] = ()
    notes: tuple[str, ...] = ()


def recorded(ingested: Ingested) -> pl.DataFrame:
    """Every event as it was first sent, those apart that correct, void or are refused, with what became of it.

    Columns beside those of the envelope: `date`; `state`, "accepted", "superseded" or "voided"; `delay`, days until it was
    recorded, null where that is not known; `new_unit`, that of its correction, null where there is none; `counts_at`, the
    unit at which it counts now, null where it is voided; `corrected_after`, days from its record to the correction's.
    """
    columns = ["source", "id", "kind", "unit", "person", "date", "occurred_at", "recorded_at", "corrects"]
    frames = [ingested.frame.select(*columns, pl.lit("accepted").alias("state"))]
    if ingested.aside is not None:
        aside = ingested.aside.with_columns(pl.col("state").cast(pl.String))
        frames.append(aside.filter(pl.col("state").is_in(["superseded", "voided"])).select(*columns, "state"))
    rows = pl.concat(frames)
    first = rows.filter(pl.col("corrects").is_null())
    took_over: dict[tuple[str, str], tuple[str, object]] = {}  # event that was corrected last -> unit, recorded
    chain: dict[tuple[str, str], tuple[str, str]] = {}
    for row in rows.filter(pl.col("corrects").is_not_null()).iter_rows(named=True):
        chain[row["source"], row["id"]] = row["source"], row["corrects"]
    for row in rows.filter(pl.col("corrects").is_not_null() & (pl.col("state") == "accepted")).iter_rows(named=True):
        at = row["source"], row["id"]
        while at in chain:
            at = chain[at]
        took_over[at] = row["unit"], row["recorded_at"]
    new = pl.DataFrame(
        [(*key, *value) for key, value in took_over.items()],
        schema={
            "source": pl.String(),
            "id": pl.String(),
            "new_unit": pl.String(),
            "new_time": rows["recorded_at"].dtype,
        },
        orient="row",
    )
    days = pl.lit(86_400_000_000)
    since = (pl.col("recorded_at") - pl.col("occurred_at")).dt.total_microseconds() / days
    until = (pl.col("new_time") - pl.coalesce("recorded_at", "occurred_at")).dt.total_microseconds() / days
    return first.join(new, on=["source", "id"], how="left").with_columns(
        delay=since,
        corrected_after=until,
        counts_at=pl.when(pl.col("state") == "voided").then(None).otherwise(pl.coalesce("new_unit", "unit")),
    )


def fit_recording(first: pl.DataFrame, binding: Binding, level: Fraction) -> Recording:
    """Delay and errors of one kind in one group; `first` has at least one row of `recorded`, by where it counts."""
    notes: list[str] = []
    estimates: list[Estimate] = []
    delays = first["delay"].drop_nulls()
    after = None
    if delays.len() and float(delays.max() or 0) > 0:  # type: ignore[arg-type]
        found = _mean("recorded_after", delays, level)
        estimates.append(found)
        assert isinstance(found.value, Fraction)
        after = found.value
    moved = first.filter(pl.col("counts_at").is_not_null() & (pl.col("counts_at") != pl.col("unit")))
    wrong = moved.filter(pl.Series([_alike(binding, row) for row in moved.iter_rows(named=True)], dtype=pl.Boolean))
    if moved.height > wrong.height:
        notes.append(f"{moved.height - wrong.height:,} corrections to a unit of another level are left out")
    others = first.filter(pl.col("new_unit").is_not_null()).height - moved.height
    if others:
        notes.append(f"{others:,} corrections change other things than the unit: a simulation makes none")
    voided = first.filter(pl.col("state") == "voided").height
    if voided:
        notes.append(f"{voided:,} of {first.height:,} events were voided: a simulation makes none")
    if not wrong.height:
        return Recording(after, None, tuple(estimates), tuple(notes))
    ends = chance_interval(wrong.height, first.height, level)
    chance = estimate(
        "errors.chance", wrong.height / first.height, ends, level, first.height, "events", "Clopper-Pearson"
    )
    estimates.append(chance)
    assert isinstance(chance.value, Fraction)
    waits = wrong["corrected_after"].drop_nulls()
    days = None
    if waits.len():
        wait = _mean("errors.corrected_after", waits, level)
        estimates.append(wait)
        assert isinstance(wait.value, Fraction)
        days = round(wait.value)
    notes.append("errors that nobody corrected cannot be seen: the chance is that of corrected ones")
    return Recording(after, Errors(chance.value, days), tuple(estimates), tuple(notes))


def _mean(name: str, days: pl.Series, level: Fraction) -> Estimate:
    mean, n = float(days.mean()), days.len()  # type: ignore[arg-type]
    if n == 1:
        return estimate(name, mean, (0.0, None), level, 1, "events", "one event")
    low, high = mean_interval(mean, float(days.std()) / n**0.5, n - 1, level)  # type: ignore[arg-type]
    return estimate(name, mean, (max(0.0, low), high), level, n, "events", "Student")


def _alike(binding: Binding, row: Mapping[str, object]) -> bool:
    """Whether the wrong unit is of the right one's level."""
    day = row["date"]
    return binding.attribute(str(row["unit"]), "level", day) == binding.attribute(str(row["counts_at"]), "level", day)  # type: ignore[arg-type]
