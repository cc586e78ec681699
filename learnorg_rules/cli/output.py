"""Results for programs: every table as records or as a file, numbers exact."""

from collections.abc import Mapping
from functools import partial

import click
import polars as pl

from ..files import Writer, write_folder
from ..judging.tables import Table, column_of, column_type
from ..model.kinds import SORTS, Kind, Part
from ..sheets import write_frame
from .faults import issue_record
from .selection import Selection

__all__ = ["frames", "to_record", "write_files"]

TEXT = pl.String()
DECIDED: Mapping[str, Mapping[str, str]] = {
    "appeal": {"appeal": "event", "appeal_by": "decided_by", "appeal_reason": "reason"},
    "waiver": {"waiver": "event", "waiver_by": "granted_by", "waiver_reason": "reason"},
}
"""What is told of an appeal and of a waiver: column -> attribute."""


def frames(only: Selection) -> Mapping[str, pl.DataFrame]:
    """Every table of a run by name; those of rules only for the subjects and the period asked for."""
    result = only.result
    findings = [
        tuple(map(str, (r["code"], r["severity"], r["file"], r["line"], r["message"])))
        for r in map(issue_record, result.findings)
    ]
    assumed = [(a.name, a.value, a.note, str(a.source)) for a in result.assumed]
    return {
        **{sort.section: frame_of(only, sort) for sort in SORTS},
        "rejected": result.rejected,
        "counts": pl.DataFrame(list(result.counts.items()), schema={"state": TEXT, "events": pl.Int64()}, orient="row"),
        "findings": pl.DataFrame(
            findings, schema=dict.fromkeys(("code", "severity", "file", "line", "message"), TEXT), orient="row"
        ).with_columns(pl.col("line").cast(pl.Int64)),
        "assumed": pl.DataFrame(assumed, schema=dict.fromkeys(("name", "value", "note", "source"), TEXT), orient="row"),
    }


def frame_of(only: Selection, sort: Kind | Part) -> pl.DataFrame:
    """The table of one kind of result with what people decided about each, of the subjects and the period asked for."""
    whole = only.result.table(sort.section)
    table = Table([record for record in whole if only.wants(record)], whole.columns)
    decimals = next((t.scale for t in table.columns.values() if isinstance(t, pl.Decimal)), 0)
    frame = table.to_polars().rename(lambda name: name.rstrip("_"))
    more: list[pl.Series] = []
    for name, word in sort.more.items():
        if word in DECIDED:
            effects = [getattr(record, name) for record in table]
            for column, attribute in DECIDED[word].items():
                cells = [None if effect is None else getattr(effect, attribute) for effect in effects]
                more.append(pl.Series(column, cells, TEXT))
        elif word == "run":
            more.append(pl.Series(name, [getattr(only.result, name)] * len(table), TEXT))
        else:
            more.append(column_of(name, (getattr(record, name) for record in table), column_type(word, decimals)))
    return frame.with_columns(more)


def to_record(only: Selection) -> Mapping[str, object]:
    """The run as one object for JSON: what was judged, then every table as a list of records."""
    result = only.result
    known = result.known_at
    record: dict[str, object] = {
        "ruleset": result.ruleset.id,
        "version": result.ruleset.header.version,
        "at": result.at.isoformat(),
        "known_at": None if known is None else known.isoformat(),
        "decider": result.decider,
    }
    for name, frame in frames(only).items():
        record[name] = dict(frame.rows()) if name == "counts" else frame.to_dicts()
    return record


def write_files(
    tables: Mapping[str, pl.DataFrame], folder: str, form: str, force: bool, raw: bool
) -> Mapping[str, int]:
    """Write each table as DIR/NAME.csv or DIR/NAME.parquet: file name -> rows. `raw`: texts in CSV as they are.

    Raises:
        InputError: a file there is not ours (F1xx).
        click.FileError: a file cannot be written.
    """
    writers: dict[str, Writer] = {
        f"{name}.{form}": partial(write_frame, frame, raw=raw) if form == "csv" else frame.write_parquet
        for name, frame in tables.items()
    }
    try:
        written = write_folder(folder, writers, force)
    except OSError as error:
        raise click.FileError(str(error.filename or folder), error.strerror or str(error)) from None
    return {str(file): frame.height for file, frame in zip(written, tables.values(), strict=True)}
