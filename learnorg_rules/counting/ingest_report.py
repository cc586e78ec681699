"""What a run says of its events, beside its results: how many of each sort, which were set aside, and notes.

Runs that see the events in buckets put it together from what each bucket said. What needs the whole is made here: hints
for unknown names (the first of all), the order of rows set aside, totals.
"""

from collections.abc import Mapping
from datetime import date

import polars as pl
from attrs import frozen

from ..errors import Issue
from ..expr.render import render_number
from ..model.ruleset import Ruleset
from ..org.organisation import Organisation
from ..periods import ONE_DAY
from .ingest import COUNTS, Ingested, refusals, surplus_notes
from .ingest_checks import ABSENT
from .port import REJECTED

__all__ = ["CODES", "IngestReport", "Tables", "counted_inside", "ingest_report_of", "ingest_report_of_buckets"]

CODES = {
    "V601": (
        "too many records rejected",
        "More records were rejected than `records: max_rejected` allows, or all of them were. The results are those of the "
        "records that are left, so they say little or nothing. Look at the reasons of the rejected records first.",
    ),
}

Tables = Mapping[tuple[str, int], pl.DataFrame]
"""What buckets gave, merged: by what it is and the scan it is of (0 where of none)."""


@frozen
class IngestReport:
    """Rows by what became of them, those set aside (the `REJECTED` columns), and findings about the events as a whole."""

    counts: Mapping[str, int]
    rejected: pl.DataFrame
    notes: tuple[str, ...]

    def finding(self, ruleset: Ruleset) -> Issue | None:
        """That all records were rejected, or more than the rules allow; None where neither is so."""
        limit, read, rejected = ruleset.header.records.max_rejected, self.counts["read"], self.rejected.height
        if rejected and self.counts["accepted"] == 0:
            message = f"no record counts; rejected: {rejected} of {read}"
        elif limit is not None and limit.is_passed(rejected, read):
            allowed = f"{render_number(limit.most * 100)}%" if limit.is_share else f"{render_number(limit.most)}"
            message = f"records rejected: {rejected} of {read}; 'max_rejected' allows {allowed}"
        else:
            return None
        by_reason = self.rejected.group_by("reason").agg(pl.len()).sort("len", "reason", descending=[True, False])
        reason, count = by_reason.row(0)
        header = ruleset.header
        place = header.place("records") if "records" in header.places else header.source
        return Issue(place, "V601", message, f"most often ({count}): {reason}")


def counted_inside(days: pl.Series, ruleset: Ruleset, at: date) -> int:
    """How many of the days of ingested events are judged."""
    last = min(ruleset.end - ONE_DAY, at)
    return int(days.is_between(ruleset.first_day, last).sum())


def ingest_report_of(ingested: Ingested, ruleset: Ruleset, at: date) -> IngestReport:
    """What is said of events that were ingested all at once."""
    inside = counted_inside(ingested.days, ruleset, at)
    counts = {**ingested.counts, "counted": inside, "outside": ingested.counts["accepted"] - inside}
    return IngestReport(counts, ingested.rejected, ingested.notes)


def ingest_report_of_buckets(
    tables: Tables,
    ruleset: Ruleset,
    organisation: Organisation,
    unread: pl.DataFrame,
    undeclared: frozenset[str],
    files: tuple[str, ...],
) -> IngestReport:
    """What is said of events that were ingested bucket by bucket.

    Args:
        tables: "counts", "surplus", "rejected" and "refused" of all buckets.
        ruleset: the rules they were ingested under.
        organisation: the one they were ingested in.
        unread: rows that could not be read, as `Read.rejected`.
        undeclared: columns nobody asked for.
        files: the names that `file` of a row counts through.
    """
    found = _counts(tables, "counts")
    counts = {"read": found.get("read", 0) + unread.height, **{name: found.get(name, 0) for name in COUNTS}}
    counts["rejected"] += unread.height
    counts["counted"] = found.get("counted", 0)
    counts["outside"] = counts["accepted"] - counts["counted"]
    refused = tables.get(("refused", 0))
    settled = tables.get(("rejected", 0))
    parts = [unread, *([] if settled is None else [settled])]
    if refused is not None:
        parts.append(_said(refused, ruleset, organisation, files))
    rejected = _in_order(pl.concat(parts), files) if len(parts) > 1 else unread
    live = counts["accepted"] + (0 if refused is None else refused.height)
    notes = ["no event counts"] if not live and found.get("read", 0) else []
    notes += surplus_notes(_surplus(ruleset, _counts(tables, "surplus")))
    notes += [f"column '{name}' is not declared and was not read" for name in sorted(undeclared)]
    return IngestReport(counts, rejected, tuple(notes))


def _counts(tables: Tables, what: str) -> dict[str, int]:
    table = tables.get((what, 0))
    return {} if table is None else dict(table.iter_rows())


def _surplus(ruleset: Ruleset, found: Mapping[str, int]) -> dict[tuple[str, str], int]:
    """By kind and field, in the order of the ruleset, in which one frame would give them."""
    names = ("person", *ruleset.fields, ABSENT)
    pairs = ((kind, name) for kind in ruleset.events for name in dict.fromkeys(names))
    return {pair: found["\n".join(pair)] for pair in pairs if "\n".join(pair) in found}


def _said(refused: pl.DataFrame, ruleset: Ruleset, organisation: Organisation, files: tuple[str, ...]) -> pl.DataFrame:
    """What is said of rows that rules or organisation refuse, as one run over all of them says it.

    Which unknown names get a hint depends on all unknown names, which no bucket knows.
    """
    said = refusals(refused, ruleset, organisation)
    found = [said[i] for i in range(refused.height)]
    names = pl.Series(files, dtype=pl.String).gather(refused["file"])
    codes, reasons = pl.Series("code", [f[0] for f in found]), pl.Series("reason", [f[1] for f in found])
    return refused.select(names.alias("file"), "row", "id", codes, reasons).cast(pl.Schema(REJECTED))


def _in_order(rejected: pl.DataFrame, files: tuple[str, ...]) -> pl.DataFrame:
    """By file and row; of rows without numbers, by what they say."""
    order = {name: i for i, name in enumerate(files)}
    place = rejected["file"].replace_strict(order, default=len(order), return_dtype=pl.UInt32)
    numbered = rejected.with_columns(place.alias("_file"), pl.when(pl.col("row") > 0).then(pl.col("row")))
    return numbered.sort("_file", "row", "code", "id", "reason").drop("_file")
