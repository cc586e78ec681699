"""What people decided, taken from events: waivers that let a subject off, appeals that change what was decided.

The engine never invents a judgement (design: human judgement is an input). A kind of event with `effect: waiver` or
`effect: appeal` says which rule of which subject it is about; it has no other influence than here.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from fractions import Fraction
from typing import Any

import polars as pl
from attrs import field, frozen

from ..model.results import Appeal, Waiver
from ..model.ruleset import Ruleset
from ..periods import Period

__all__ = ["Effects", "deciding", "effects_of", "effects_of_rows"]


@frozen
class Effects:
    """All waivers and appeals of a run, by subject and rule, in the order of events.

    `appeals`: those that hold: of several about one result the last decided. `overruled`: the others, each with why. `refused`:
    events of appeals that decide what their rule has not; a judge that meets one reports it and adds it here.
    """

    waivers: dict[tuple[str, str], tuple[Waiver, ...]] = field(factory=dict)
    appeals: dict[tuple[str, str, str], Appeal] = field(factory=dict)
    overruled: dict[Appeal, str] = field(factory=dict)
    refused: set[str] = field(factory=set)

    def waiver(self, subject: str, rule: str, period: Period) -> Waiver | None:
        """The waiver that lets the subject off the rule in the period, or None."""
        return next((w for w in self.waivers.get((subject, rule), ()) if w.covers(period)), None)

    def appeal(self, subject: str, rule: str, period: Period) -> Appeal | None:
        """The appeal that holds for the subject, rule and period, or None."""
        return self.appeals.get((subject, rule, period.name))

    def become(self, other: "Effects") -> None:
        """Take over what the other holds; a live run's rules keep looking at this one."""
        for mine, theirs in (
            (self.waivers, other.waivers), (self.appeals, other.appeals), (self.overruled, other.overruled)
        ):  # fmt: skip
            mine.clear()
            mine.update(theirs)  # type: ignore[arg-type]


def deciding(frame: pl.LazyFrame, ruleset: Ruleset, at: date) -> pl.LazyFrame:
    """The events of a frame by which people decide, up to the day judged."""
    return frame.filter(pl.col("kind").is_in(sorted(ruleset.effect_kinds)) & (pl.col("date") <= at))


def effects_of(frame: pl.DataFrame | pl.LazyFrame, ruleset: Ruleset, at: date) -> Effects:
    """The waivers and appeals among ingested events up to the day judged."""
    if not ruleset.effect_kinds:
        return Effects()
    rows = deciding(frame.lazy(), ruleset, at).sort("occurred_at", "source", "id").collect()
    return effects_of_rows(rows.iter_rows(named=True), ruleset)


def effects_of_rows(rows: Iterable[Mapping[str, Any]], ruleset: Ruleset) -> Effects:
    """The waivers and appeals that events say: rows of ingested events of such kinds, in the order of events."""
    waivers: dict[tuple[str, str], list[Waiver]] = {}
    appeals: dict[tuple[str, str, str], list[tuple[Any, Appeal]]] = {}
    for row in rows:
        subject = row["person"] or row["unit"]
        if ruleset.events[row["kind"]].effect == "waiver":
            start = row.get("from_day") or row["date"]
            waiver = Waiver(subject, row["rule"], start, row["until"], row["reason"], row["granted_by"], row["id"])
            waivers.setdefault((subject, row["rule"]), []).append(waiver)
        else:
            scale = ruleset.fields["points"].scale if "points" in ruleset.fields else 0
            points = row.get("points")
            appeal = Appeal(
                subject, row["rule"], row["period"], row.get("decided") or "",
                None if points is None else Fraction(points, 10**scale), row["reason"], row["decided_by"], row["id"],
            )  # fmt: skip
            appeals.setdefault((subject, row["rule"], row["period"]), []).append((row["occurred_at"], appeal))
    found = Effects({key: tuple(granted) for key, granted in waivers.items()})
    for key, decided in appeals.items():
        _settle(found, key, decided)
    return found


def _settle(effects: Effects, key: tuple[str, str, str], decided: Sequence[tuple[Any, Appeal]]) -> None:
    """Of the appeals about one result the last holds; where the last are of one instant and differ, nobody knows which."""
    instant, last = decided[-1]
    same = [appeal for at, appeal in decided if at == instant]
    if len({(appeal.decided, appeal.points) for appeal in same}) > 1:
        events = " and ".join(appeal.event for appeal in same)
        effects.overruled.update(
            (appeal, f"{events} are of the same instant and decide differently") for appeal in same
        )
    else:
        effects.appeals[key] = last
        effects.overruled.update((appeal, f"{last.event} decides the same") for appeal in same[:-1])
    earlier = (appeal for at, appeal in decided if at != instant)
    effects.overruled.update((appeal, f"{last.event} was decided later") for appeal in earlier)
