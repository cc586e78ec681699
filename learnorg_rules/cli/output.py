"""Results for programs: every table as records or as a file, numbers exact."""

import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import click
import polars as pl

from ..api import Result
from .faults import issue_record

__all__ = ["frames", "to_json", "write_files"]


def frames(result: Result, units: Sequence[str], period: str | None) -> Mapping[str, pl.DataFrame]:
    """Every table of a run by name; those of rules only for these subjects and this period, where given."""
    tables = {
        "duties": result.duties.to_polars(),
        "totals": result.totals.to_polars(),
        "scores": result.scores.to_polars(),
        "awards": result.awards.to_polars(),
        "phases": result.phases.to_polars().rename({"from_": "from"}),
    }
    for name, frame in tables.items():
        if units:
            frame = frame.filter(pl.col("subject").is_in(units))
        if period is not None and "period" in frame.columns:
            frame = frame.filter(pl.col("period") == period)
        tables[name] = frame
    text = pl.String()
    findings = [
        tuple(map(str, (r["code"], r["severity"], r["file"], r["line"], r["message"])))
        for r in map(issue_record, result.findings)
    ]
    assumed = [(a.name, a.value, a.note, str(a.source)) for a in result.assumed]
    return {
        **tables,
        "rejected": result.rejected,
        "counts": pl.DataFrame(list(result.counts.items()), schema={"state": text, "events": pl.Int64()}, orient="row"),
        "findings": pl.DataFrame(
            findings, schema=dict.fromkeys(("code", "severity", "file", "line", "message"), text), orient="row"
        ).with_columns(pl.col("line").cast(pl.Int64)),
        "assumed": pl.DataFrame(assumed, schema=dict.fromkeys(("name", "value", "note", "source"), text), orient="row"),
    }


def to_json(result: Result, units: Sequence[str], period: str | None) -> str:
    """The run as one JSON object: what was judged, then every table as a list of records; decimals are strings."""
    known = result.known_at
    record: dict[str, object] = {
        "ruleset": result.ruleset.id,
        "version": result.ruleset.header.version,
        "at": result.at.isoformat(),
        "known_at": None if known is None else known.isoformat(),
    }
    for name, frame in frames(result, units, period).items():
        record[name] = dict(frame.rows()) if name == "counts" else frame.to_dicts()
    return json.dumps(record, ensure_ascii=False, indent=2, default=_plain)


def _plain(value: object) -> object:
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, date | datetime):
        return value.isoformat()
    raise TypeError(f"no JSON form of {value!r}")  # a table got a new type of column


def write_files(tables: Mapping[str, pl.DataFrame], folder: str, form: str) -> Mapping[str, int]:
    """Write each table as DIR/NAME.csv or DIR/NAME.parquet: file name -> rows.

    Raises:
        click.FileError: a file cannot be written.
    """
    written = {}
    place = Path(folder)
    try:
        place.mkdir(parents=True, exist_ok=True)
        for name, frame in tables.items():
            file = place / f"{name}.{form}"
            if form == "csv":
                lists = [c for c, t in frame.schema.items() if isinstance(t, pl.List)]
                frame.with_columns(pl.col(c).list.join(" ") for c in lists).write_csv(file)
            else:
                frame.write_parquet(file)
            written[str(file)] = frame.height
    except OSError as error:
        raise click.FileError(str(error.filename or place), error.strerror or str(error)) from None
    return written
