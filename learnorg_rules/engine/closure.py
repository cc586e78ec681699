"""The organisation as tables: which subjects an event of a unit counts for, and who is a member of whom, per segment."""

from collections.abc import Collection, Sequence
from datetime import date
from typing import Any

import polars as pl
from attrs import frozen

from .binding import Binding

__all__ = ["Closure", "closure_of"]


@frozen
class Closure:
    """Unit tables over the segments of one run.

    `segments`: half-open, sorted. `anchors`: `unit`, `_segment`, `_anchor`: the nearest subject at or above the unit
    (a number, within its segment; null: none). `subjects`: `_anchor`, `_segment`, `_subject`, `_since`: every subject the
    anchor's events count for, in periods due on `_since` or later (`date.min` but for what was inherited).
    `members`: `person`, `_segment`, `_subject`, `_member_since`: the persons who belong to a subject, alike; only where some
    rule asks. `names`: subject by number.
    """

    segments: list[tuple[date, date]]
    anchors: pl.DataFrame
    subjects: pl.DataFrame
    members: pl.DataFrame | None
    names: list[str]


def closure_of(
    binding: Binding, subjects: Collection[str], first: date, end: date, members: bool, inherit: bool
) -> Closure:
    """The tables for these subjects and days. With `as_now`, one segment: the tree of the day judged.

    `inherit`: what counts for a unit also counts for those that took its place; with `as_now` also where the unit is gone
    by the day judged.
    """
    organisation, roll_up = binding.organisation, binding.ruleset.header.roll_up
    heirs: dict[str, list[tuple[str, date]]] = {}
    for heir in sorted(subjects) if inherit else ():
        for old, since in binding.predecessors(heir).items():
            heirs.setdefault(old, []).append((heir, since))
    if roll_up.as_ == "as_now":
        segments, days = [(first, end)], [binding.at]
    else:
        cut = organisation.segments if members else organisation.unit_segments
        segments = cut(roll_up.along, first, end)
        days = [start for start, _ in segments]
    names = sorted(subjects)
    number = {name: i for i, name in enumerate(names)}
    anchor_rows: tuple[list[str], list[int], list[int | None]] = ([], [], [])
    subject_rows: tuple[list[int], list[int], list[int], list[date]] = ([], [], [], [])
    member_rows: tuple[list[str], list[int], list[int], list[date]] = ([], [], [], [])
    for segment, day in enumerate(days):
        snapshot = organisation.as_of(day)
        counts_for: dict[str, tuple[tuple[int, date], ...]] = {}
        gone = [u for u in sorted(heirs) if roll_up.as_ == "as_now" and not snapshot.exists(u)]
        for unit in (*snapshot.units(), *snapshot.bodies(), *gone):
            chain = (unit, *snapshot.ancestors(unit, roll_up.along))
            found = {number[u]: date.min for u in chain if u in number and unit not in gone}
            for heir, since in (pair for old in chain for pair in heirs.get(old, ())):
                found[number[heir]] = min(since, found.get(number[heir], date.max))
            counts_for[unit] = tuple(found.items())
        anchors: dict[tuple[tuple[int, date], ...], int] = {}  # equal sets of subjects share an anchor
        for unit, reached in counts_for.items():
            _append(anchor_rows, unit, segment, anchors.setdefault(reached, len(anchors)) if reached else None)
        for reached, anchor in anchors.items():
            for subject, since in reached:
                _append(subject_rows, anchor, segment, subject, since)
        if members:
            for person in snapshot.persons():
                home = snapshot.home(person)
                for subject, since in counts_for.get(home, ()) if home is not None else ():
                    _append(member_rows, person, segment, subject, since)
    return Closure(
        segments,
        _table(("unit", "_segment", "_anchor"), anchor_rows),
        _table(("_anchor", "_segment", "_subject", "_since"), subject_rows),
        _table(("person", "_segment", "_subject", "_member_since"), member_rows) if members else None,
        names,
    )


def _append(columns: Sequence[list[Any]], *row: object) -> None:
    for column, value in zip(columns, row, strict=True):
        column.append(value)


def _table(names: Sequence[str], columns: Sequence[Sequence[object]]) -> pl.DataFrame:
    types = {n: pl.Date() if n.endswith("since") else pl.Int32() if n.startswith("_") else pl.String() for n in names}
    return pl.DataFrame(dict(zip(names, columns, strict=True)), schema=types)
