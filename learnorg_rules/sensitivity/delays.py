"""What delays cost: recorded events judged as if those of a kind had come later."""

from collections.abc import Mapping, Sequence
from datetime import date
from fractions import Fraction

import polars as pl
from attrs import field, frozen

from ..counting.port import EventSource
from ..errors import with_hint
from ..model.ruleset import Ruleset
from ..org.organisation import Organisation
from .variants import variant_judge

__all__ = ["LateCost", "late_costs"]


@frozen
class LateCost:
    """What it costs when every event of a kind comes so many days later.

    `points`: (scorecard, subject, period) -> new total minus old, of those that differ. `lost`: (award, period, subject).
    `events`: how many were moved.
    """

    kind: str
    days: int
    events: int
    points: Mapping[tuple[str, str, str], Fraction] = field(repr=False)
    lost: Sequence[tuple[str, str, str]] = ()

    @property
    def mean(self) -> Fraction:
        """Points of those that differ, on average; 0 where nobody's total does."""
        return sum(self.points.values(), Fraction()) / len(self.points) if self.points else Fraction()


def late_costs(
    rules: Ruleset, org: Organisation, events: EventSource, kinds: Sequence[str], days: int = 30,
    at: date | str | None = None,
) -> Sequence[LateCost]:  # fmt: skip
    """What late plans, courses or meetings cost: recorded events judged as if those of a kind had come later.

    Args:
        rules: from `load`.
        org: from `read_org`.
        events: recorded events.
        kinds: kinds of event, each moved alone.
        days: by how many days.
        at: the day judged; default: the last day of the rules. What is moved behind it does not count any more.

    Raises:
        LookupError: there is no such kind of event.
        ValueError: `days` is below 1.
    """
    if days < 1:
        raise ValueError(f"days have to be 1 or more, not {days}")
    for kind in kinds:
        if kind not in rules.events:
            raise LookupError(with_hint(f"there is no kind of event '{kind}'", kind, rules.events))
    judge = variant_judge(rules, org, events, at)
    costs = []
    for kind in kinds:
        ours = pl.col("kind").cast(pl.String) == kind
        later = pl.duration(days=days)
        moved = judge.frame.with_columns(
            pl.when(ours).then(pl.col(c) + later).otherwise(pl.col(c)).alias(c) for c in ("date", "occurred_at")
        )
        new = judge.of_events(moved)
        points = {}
        for key, total in judge.base.totals.items():
            other = new.totals.get(key)
            if total is not None and other is not None and other != total:
                points[key] = other - total
        lost = [
            (award, period, s) for (award, period, peers), subjects in sorted(judge.base.granted.items())
            for s in sorted(subjects - new.granted.get((award, period, peers), frozenset()))
        ]  # fmt: skip
        costs.append(LateCost(kind, days, judge.frame.filter(ours).height, points, lost))
    return costs
