"""Events that name a person on a day outside the person's life: they never count for the person.

Whether they count for the unit follows what the ruleset does with unknown persons (`records: unknown_person`).
"""

from datetime import date

import polars as pl

from ..model.ruleset import Ruleset
from ..org.organisation import Organisation
from ..periods import ONE_DAY

__all__ = ["absent", "absent_expression", "is_absent", "why_absent"]


def is_absent(organisation: Organisation, person: str | None, day: date) -> bool:
    """Whether the day lies outside the life of a person whom the organisation knows."""
    stays = None if person is None else organisation.intermittent.get(person)
    return stays is not None and not any(start <= day < end for start, end in stays)


def absent(organisation: Organisation, persons: pl.Series, days: pl.Series) -> pl.Series:
    """Of each pair of an id and a day, what `is_absent` says; false where there is no id."""
    away = organisation.intermittent
    if not away or persons.null_count() == len(persons):
        return pl.repeat(False, len(persons), dtype=pl.Boolean(), eager=True)
    numbers = persons.cast(pl.Enum(list(away)), strict=False).to_physical()
    first = pl.Series([stays[0][0] for stays in away.values()], dtype=pl.Date)
    end = pl.Series([stays[-1][1] for stays in away.values()], dtype=pl.Date)
    outside = ((days < first.gather(numbers)) | (days >= end.gather(numbers))).fill_null(False)
    with_gaps = pl.Series([len(stays) > 1 for stays in away.values()], dtype=pl.Boolean)
    rows = (with_gaps.gather(numbers).fill_null(False) & ~outside).arg_true()
    pairs = zip(persons.gather(rows), days.gather(rows), strict=True)
    missing = pl.Series([is_absent(organisation, person, day) for person, day in pairs], dtype=pl.Boolean)
    return outside.scatter(rows.filter(missing), True)


def absent_expression(ruleset: Ruleset, organisation: Organisation) -> pl.Expr | None:
    """`absent` of ingested events; None where none of them can be, since such events are refused."""
    if ruleset.header.records.unknown_person != "accept" or not organisation.intermittent:
        return None

    def of(pairs: pl.Series) -> pl.Series:
        return absent(organisation, pairs.struct.field("person"), pairs.struct.field("date"))

    return pl.struct("person", "date").map_batches(of, return_dtype=pl.Boolean())


def why_absent(organisation: Organisation, person: str, day: date) -> str:
    """In words, where a person of the organisation is not there on the day."""
    stays = organisation.intermittent[person]
    if day < stays[0][0]:
        return f"person '{person}' came on {stays[0][0]}"
    left = max(end for _, end in stays if end <= day) - ONE_DAY
    back = [start for start, _ in stays if start > day]
    return f"person '{person}' left on {left}" + (f" and came back on {back[0]}" if back else "")
