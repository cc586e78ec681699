"""Results as columns: what is kept of each repetition and policy."""

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from typing import Any

import polars as pl

from ..judging.judging import Judging
from ..periods import Period
from .results import SCHEMAS
from .trajectory import Profile, Trajectory

__all__ = ["Tables", "sorted_frames"]


class Tables:
    """The rows of some repetitions."""

    def __init__(self) -> None:
        self._columns: Mapping[str, Mapping[str, list[Any]]] = {
            name: {column: [] for column in schema} for name, schema in SCHEMAS.items()
        }

    def add(self, policy: str, repetition: int, judging: Judging) -> None:
        """All results of one policy in one repetition."""
        where = (policy, repetition)
        scores = judging.scorecards
        self._extend("totals", where, ((s.rule, s.subject, s.period, _float(s.total), s.grade) for s in scores))
        items = (item for score in scores for item in score.indicators)
        self._extend(
            "items",
            where,
            ((i.rule, i.subject, i.period, i.indicator, _float(i.points), float(i.out_of)) for i in items),
        )
        awards = judging.awards
        self._extend(
            "awards",
            where,
            ((a.rule, a.subject, a.period, a.rank, a.granted, a.candidates, a.quota) for a in awards),
        )
        duties = judging.duties
        found = judging.findings
        self._extend("findings", where, ((f.code, str(f.source), f.message) for f in found))
        self._extend("duties", where, ((d.rule, d.subject, d.period, d.due, d.status.value) for d in duties))

    def add_events(self, policy: str, trajectory: Trajectory) -> None:
        """How many events each behaviour of each subject gave in each step."""
        model = trajectory.model
        for repetition, of_profiles in zip(trajectory.repetitions, trajectory.counts, strict=True):
            for profile, counts in zip(model.profiles, of_profiles, strict=True):
                rows = _counted(profile, model.steps, counts)
                self._extend("events", (policy, repetition), rows)

    def _extend(self, name: str, where: tuple[str, int], rows: Iterable[Sequence[Any]]) -> None:
        columns = list(self._columns[name].values())
        kept = list(rows)
        columns[0].extend([where[0]] * len(kept))
        columns[1].extend([where[1]] * len(kept))
        for column, values in zip(columns[2:], zip(*kept, strict=True), strict=False):
            column.extend(values)

    def frames(self) -> dict[str, pl.DataFrame]:
        """The tables, as they are."""
        return {name: pl.DataFrame(dict(self._columns[name]), schema=dict(schema)) for name, schema in SCHEMAS.items()}


def sorted_frames(parts: Sequence[Mapping[str, pl.DataFrame]], policies: Sequence[str]) -> dict[str, pl.DataFrame]:
    """The tables of all repetitions, sorted by policy, in the scenario's order, then by all other columns."""
    found: dict[str, pl.DataFrame] = {}
    for name, schema in SCHEMAS.items():
        whole = pl.concat([pl.DataFrame(schema=dict(schema)), *(part[name] for part in parts)])
        order = pl.col("policy").cast(pl.Enum(list(policies)))
        found[name] = whole.sort(order, *(pl.col(c) for c in schema if c != "policy"), maintain_order=True)
    return found


def _counted(profile: Profile, steps: Sequence[Period], counts: Sequence[int | None]) -> list[tuple[Any, ...]]:
    return [
        (profile.behaviour.id, profile.subject, step.start, count)
        for step, count in zip(steps, counts, strict=True)
        if count is not None
    ]


def _float(points: Fraction | None) -> float | None:
    return None if points is None else float(points)
