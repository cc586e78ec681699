"""The organisation as tables: which subjects an event of a unit counts for, and who is a member of whom, per segment."""

from collections.abc import Collection, Sequence
from datetime import date

import polars as pl
from attrs import frozen

from .binding import Binding

__all__ = ["Closure", "closure_of"]


@frozen
class Closure:
    """Unit tables over the segments of one run.

    `segments`: half-open, sorted. `anchors`: `unit`, `_segment`, `_anchor`: the nearest subject at or above the unit
    (a number, within its segment; null: none). `subjects`: `_anchor`, `_segment`, `_subject`: every subject the anchor's events count for.
    `members`: `person`, `_segment`, `_subject`: the persons who belong to a subject; only where some rule asks.
    `names`: subject by number.
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

    `inherit`: what counts for a unit also counts for those that took its place.
    """
    organisation, roll_up = binding.organisation, binding.ruleset.header.roll_up
    heirs: dict[str, list[str]] = {}
    if inherit:
        for heir in sorted(subjects):
            for old in binding.predecessors(heir)[1:]:
                heirs.setdefault(old, []).append(heir)
    if roll_up.as_ == "as_now":
        segments, days = [(first, end)], [binding.at]
    else:
        cut = organisation.segments if members else organisation.unit_segments
        segments = cut(roll_up.along, first, end)
        days = [start for start, _ in segments]
    names = sorted(subjects)
    number = {name: i for i, name in enumerate(names)}
    anchor_rows: tuple[list[str], list[int], list[int | None]] = ([], [], [])
    subject_rows: tuple[list[int], list[int], list[int]] = ([], [], [])
    member_rows: tuple[list[str], list[int], list[int]] = ([], [], [])
    for segment, day in enumerate(days):
        snapshot = organisation.as_of(day)
        counts_for: dict[str, tuple[int, ...]] = {}
        for unit in (*snapshot.units(), *snapshot.bodies()):
            chain = (unit, *snapshot.ancestors(unit, roll_up.along))
            if heirs:
                chain = tuple(dict.fromkeys(u for old in chain for u in (old, *heirs.get(old, ()))))
            counts_for[unit] = tuple(number[u] for u in chain if u in number)
        anchors: dict[tuple[int, ...], int] = {}  # equal sets of subjects share an anchor
        for unit, found in counts_for.items():
            anchor_rows[0].append(unit)
            anchor_rows[1].append(segment)
            anchor_rows[2].append(anchors.setdefault(found, len(anchors)) if found else None)
        for found, anchor in anchors.items():
            for subject in found:
                subject_rows[0].append(anchor)
                subject_rows[1].append(segment)
                subject_rows[2].append(subject)
        if members:
            for person in snapshot.persons():
                home = snapshot.home(person)
                for subject in counts_for.get(home, ()) if home is not None else ():
                    member_rows[0].append(person)
                    member_rows[1].append(segment)
                    member_rows[2].append(subject)
    return Closure(
        segments,
        _table(("unit", "_segment", "_anchor"), anchor_rows),
        _table(("_anchor", "_segment", "_subject"), subject_rows),
        _table(("person", "_segment", "_subject"), member_rows) if members else None,
        names,
    )


def _table(names: tuple[str, str, str], columns: Sequence[Sequence[object]]) -> pl.DataFrame:
    types = {n: pl.Int32() if n.startswith("_") else pl.String() for n in names}
    return pl.DataFrame(dict(zip(names, columns, strict=True)), schema=types)
