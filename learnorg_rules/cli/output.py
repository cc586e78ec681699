"""Results for programs: every table as records or as a file, numbers exact."""

import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import click
import polars as pl

from ..judging.effects import Appeal, Waiver
from ..judging.results import DecisionResult, DutyResult, ItemResult, ScoreResult, Table
from ..values import to_decimal
from .faults import issue_record
from .selection import Selection

__all__ = ["frames", "to_json", "write_files"]

TEXT = pl.String()
APPEAL = ("appeal", "appeal_by", "appeal_reason")  # the id of the event, who decided, why
WAIVER = ("waiver", "waiver_by", "waiver_reason")


def frames(only: Selection) -> Mapping[str, pl.DataFrame]:
    """Every table of a run by name; those of rules only for the subjects and the period asked for."""
    result = only.result
    duties = Table([d for d in result.duties if only.duty(d)], result.duties.columns)
    totals = Table([t for t in result.totals if only.subject(t.subject) and only.has(t.period)], result.totals.columns)
    scores = Table([s for s in result.scores if only.subject(s.subject) and only.has(s.period)], result.scores.columns)
    awards = Table([a for a in result.awards if only.subject(a.subject) and only.has(a.period)], result.awards.columns)
    phases = Table([p for p in result.phases if only.subject(p.subject)], result.phases.columns)
    decisions = [
        d for d in result.decisions if only.subject(d.subject) and only.has(d.values.get("period", only.period or ""))
    ]
    findings = [
        tuple(map(str, (r["code"], r["severity"], r["file"], r["line"], r["message"])))
        for r in map(issue_record, result.findings)
    ]
    assumed = [(a.name, a.value, a.note, str(a.source)) for a in result.assumed]
    return {
        "duties": pl.concat([duties.to_polars(), _duty_changes(duties)], how="horizontal"),
        "totals": pl.concat([totals.to_polars(), _total_changes(totals)], how="horizontal"),
        "scores": pl.concat([scores.to_polars(), _score_changes(scores)], how="horizontal"),
        "awards": awards.to_polars(),
        "phases": phases.to_polars().rename({"from_": "from"}),
        "decisions": _decisions(decisions, result.decider),
        "rejected": result.rejected,
        "counts": pl.DataFrame(list(result.counts.items()), schema={"state": TEXT, "events": pl.Int64()}, orient="row"),
        "findings": pl.DataFrame(
            findings, schema=dict.fromkeys(("code", "severity", "file", "line", "message"), TEXT), orient="row"
        ).with_columns(pl.col("line").cast(pl.Int64)),
        "assumed": pl.DataFrame(assumed, schema=dict.fromkeys(("name", "value", "note", "source"), TEXT), orient="row"),
    }


# ---- what people decided, and what followed


def _appeal(appeal: Appeal | None) -> tuple[str | None, ...]:
    return (None, None, None) if appeal is None else (appeal.event, appeal.decided_by, appeal.reason)


def _waiver(waiver: Waiver | None) -> tuple[str | None, ...]:
    return (None, None, None) if waiver is None else (waiver.event, waiver.granted_by, waiver.reason)


def _texts(rows: Sequence[Sequence[object]], names: Sequence[str]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=dict.fromkeys(names, TEXT), orient="row")


def _duty_changes(duties: Table[DutyResult]) -> pl.DataFrame:
    rows = [(None if d.first is None else d.first.value, *_appeal(d.appeal), *_waiver(d.waiver)) for d in duties]
    return _texts(rows, ("first", *APPEAL, *WAIVER))


def _total_changes(totals: Table[ScoreResult]) -> pl.DataFrame:
    decided = pl.DataFrame({"decided_by": pl.Series([list(t.decided_by) for t in totals], dtype=pl.List(TEXT))})
    return pl.concat(
        [decided, _texts([(t.first, *_appeal(t.appeal)) for t in totals], ("first", *APPEAL))], how="horizontal"
    )


def _score_changes(scores: Table[ItemResult]) -> pl.DataFrame:
    points = scores.columns["points"]
    first = pl.Series("first", [None if s.first is None else to_decimal(s.first) for s in scores], dtype=points)
    texts = _texts([(*_appeal(s.appeal), *_waiver(s.waiver)) for s in scores], (*APPEAL, *WAIVER))
    return pl.concat([first.to_frame(), texts], how="horizontal")


def _decisions(decisions: Sequence[DecisionResult], decider: str) -> pl.DataFrame:
    """One row per decision; `because` in English, `facts` as the decider saw them."""
    rows = [(d.rule, d.subject, d.do, d.then, d.reason, list(d.facts), decider) for d in decisions]
    columns = dict.fromkeys(("rule", "subject", "do", "then", "because"), TEXT)
    return pl.DataFrame(rows, schema={**columns, "facts": pl.List(TEXT), "decider": TEXT}, orient="row")


def to_json(only: Selection) -> str:
    """The run as one JSON object: what was judged, then every table as a list of records; decimals are strings."""
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
