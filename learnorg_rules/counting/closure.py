"""The organisation as tables: which subjects an event of a unit counts for, and who is a member of whom, per segment."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date

import polars as pl
from attrs import frozen

from ..org.snapshot import Snapshot
from .binding import Binding

__all__ = ["Closure", "closure_of"]

Reach = tuple[tuple[int, date], ...]
"""The subjects that what happens somewhere counts for, by number, each with the day since when."""


@frozen
class Closure:
    """Unit tables over the segments of one run.

    `segments`: half-open, sorted. `anchors`: `unit`, `_segment`, `_anchor`: the nearest subject at or above the unit
    (a number, within its segment; null: none). `subjects`: `_anchor`, `_segment`, `_subject`, `_since`: every subject the
    anchor's events count for, in periods due on `_since` or later (`date.min` but for what was inherited).
    `homes`: `person`, `_segment`, `_home`: the anchor of each person's home; only where some rule asks for members. `members`:
    `_home`, `_segment`, `_subject`, `_member_since`: the subjects that those at home there belong to, as in `subjects`.
    `names`: subject by number. `of_bodies`: `person`, `_segment`, `_subject`: the members of bodies; None where none has any.
    """

    segments: list[tuple[date, date]]
    anchors: pl.DataFrame
    subjects: pl.DataFrame
    homes: pl.DataFrame | None
    members: pl.DataFrame
    names: list[str]
    of_bodies: pl.DataFrame | None = None


def closure_of(
    binding: Binding, subjects: Collection[str], first: date, end: date, members: bool, inherit: bool
) -> Closure:
    """The tables for these subjects and days. With `as_now`, one segment: the tree of the day judged.

    `inherit`: what counts for a unit also counts for those that took its place; with `as_now` also where the unit is gone
    by the day judged.
    """
    organisation, roll_up = binding.organisation, binding.ruleset.header.roll_up
    names = sorted(subjects)
    heirs: dict[str, list[tuple[int, date]]] = {}
    for number, heir in enumerate(names) if inherit else ():
        for old, since in binding.predecessors(heir).items():
            heirs.setdefault(old, []).append((number, since))
    own: dict[str, Reach] = {name: ((number, date.min),) for number, name in enumerate(names)}
    own |= {old: _earliest(own.get(old, ()), tuple(inherited)) for old, inherited in heirs.items()}
    if roll_up.as_ == "as_now":
        segments, days = [(first, end)], [binding.at]
    else:
        cut = organisation.segments if members else organisation.unit_segments
        segments = cut(roll_up.along, first, end)
        days = [start for start, _ in segments]
    units, reaches, homes, members_of = [], [], [], []
    bodies = (
        [n for n, name in enumerate(names) if organisation.kind(name) == "body"]
        if organisation.bodies_with_members
        else ()
    )
    for segment, day in enumerate(days):
        snapshot = organisation.as_of(day)
        reach_of = _reaches(snapshot, roll_up.along, own)
        if roll_up.as_ == "as_now":
            reach_of |= {unit: tuple(heirs[unit]) for unit in sorted(heirs) if not snapshot.exists(unit)}
        anchors: dict[Reach, int] = {}  # units that reach the same share an anchor
        of_units = [anchors.setdefault(reach, len(anchors)) if reach else None for reach in reach_of.values()]
        reached = [(anchor, *to) for reach, anchor in anchors.items() for to in reach]
        units.append(_table(segment, ("unit", "_anchor"), (list(reach_of), of_units)))
        reaches.append(_table(segment, ("_anchor", "_subject", "_since"), list(zip(*reached, strict=True))))
        if members:
            homes.append(_table(segment, ("person", "unit"), organisation.homes(day)))
        if members and bodies:
            pairs = [(p, body) for body in bodies for p in snapshot.members(names[body], roll_up.along)]
            members_of.append(_table(segment, ("person", "_subject"), list(zip(*pairs, strict=True))))
    anchors_, subjects_, at_home = pl.concat(units), pl.concat(reaches), None
    if members:
        anchored = pl.concat(homes).join(anchors_.drop_nulls("_anchor"), on=("unit", "_segment"))
        at_home = anchored.select("person", "_segment", _home="_anchor")
    belonging = subjects_.rename({"_anchor": "_home", "_since": "_member_since"})
    of_bodies = pl.concat(members_of) if members_of else None
    return Closure(segments, anchors_, subjects_, at_home, belonging, names, of_bodies)


def _reaches(snapshot: Snapshot, along: str, own: Mapping[str, Reach]) -> dict[str, Reach]:
    """The reach of every unit and body of a day: what is its own, and what its parent reaches."""
    found: dict[str, Reach] = {}
    parents = snapshot.parents(along)
    for unit in (*snapshot.units(), *snapshot.bodies()):
        path = []
        node: str | None = unit
        while node is not None and node not in found:
            path.append(node)
            node = parents.get(node)
        reach = () if node is None else found[node]
        for below in reversed(path):
            reach = found[below] = _earliest(own[below], reach) if below in own else reach
    return found


def _earliest(one: Reach, other: Reach) -> Reach:
    """Both in one; of a subject that is in both, the earlier day."""
    if not one:
        return other
    since = dict(one)
    for subject, day in other:
        since[subject] = min(day, since.get(subject, date.max))
    return tuple(since.items())


def _table(segment: int, names: Sequence[str], columns: Sequence[Sequence[object]]) -> pl.DataFrame:
    """The columns, and behind the first the number of the segment."""
    types = {n: pl.Date() if n == "_since" else pl.Int32() if n.startswith("_") else pl.String() for n in names}
    frame = pl.DataFrame(dict(zip(names, columns or ((),) * len(names), strict=True)), schema=types)
    return frame.select(names[0], pl.lit(segment, pl.Int32()).alias("_segment"), *names[1:])
