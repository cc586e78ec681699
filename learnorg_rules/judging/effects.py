"""What people decided, taken from events: waivers that let a subject off, appeals that change what was decided.

The engine never invents a judgement (design: human judgement is an input). A kind of event with `effect: waiver` or
`effect: appeal` says which rule of which subject it is about; it has no other influence than here.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from fractions import Fraction
from typing import Any

import polars as pl
from attrs import field, frozen

from ..model.results import Appeal, Waiver
from ..model.ruleset import Ruleset
from ..periods import Period

__all__ = ["Effects", "effects_of", "effects_of_rows"]


@frozen
class Effects:
    """All waivers and appeals of a run, by subject and rule; of several appeals the last decided holds."""

    waivers: dict[tuple[str, str], tuple[Waiver, ...]] = field(factory=dict)
    appeals: dict[tuple[str, str, str], Appeal] = field(factory=dict)

    def waiver(self, subject: str, rule: str, period: Period) -> Waiver | None:
        """The waiver that lets the subject off the rule in the period, or None."""
        return next((w for w in self.waivers.get((subject, rule), ()) if w.covers(period)), None)

    def appeal(self, subject: str, rule: str, period: Period) -> Appeal | None:
        """The appeal decided for the subject, rule and period, or None."""
        return self.appeals.get((subject, rule, period.name))

    def become(self, other: "Effects") -> None:
        """Take over what the other says; a live run's rules keep looking at this one."""
        for mine, theirs in ((self.waivers, other.waivers), (self.appeals, other.appeals)):
            mine.clear()
            mine.update(theirs)  # type: ignore[arg-type]


def effects_of(frame: pl.DataFrame | pl.LazyFrame, ruleset: Ruleset, at: date) -> Effects:
    """The waivers and appeals among ingested events up to the day judged."""
    kinds = [name for name, kind in ruleset.events.items() if kind.effect]
    if not kinds:
        return Effects()
    deciding = frame.lazy().filter(pl.col("kind").is_in(kinds) & (pl.col("date") <= at))
    rows = deciding.sort("occurred_at", "source", "id").collect()
    return effects_of_rows(rows.iter_rows(named=True), ruleset)


def effects_of_rows(rows: Iterable[Mapping[str, Any]], ruleset: Ruleset) -> Effects:
    """The waivers and appeals that events say: rows of ingested events of such kinds, in the order of events."""
    waivers: dict[tuple[str, str], list[Waiver]] = {}
    appeals: dict[tuple[str, str, str], Appeal] = {}
    for row in rows:
        subject = row["person"] or row["unit"]
        if ruleset.events[row["kind"]].effect == "waiver":
            start = row.get("from_day") or row["date"]
            waiver = Waiver(subject, row["rule"], start, row["until"], row["reason"], row["granted_by"], row["id"])
            waivers.setdefault((subject, row["rule"]), []).append(waiver)
        else:
            scale = ruleset.fields["points"].scale if "points" in ruleset.fields else 0
            points = row.get("points")
            appeals[subject, row["rule"], row["period"]] = Appeal(
                subject, row["rule"], row["period"], row.get("decided") or "",
                None if points is None else Fraction(points, 10**scale), row["reason"], row["decided_by"], row["id"],
            )  # fmt: skip
    return Effects({key: tuple(found) for key, found in waivers.items()}, appeals)
