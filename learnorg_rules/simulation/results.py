"""What a simulation gives: one row per result, policy and repetition, as frames."""

from collections.abc import Mapping

import polars as pl
from attrs import field, frozen

from .definitions import Scenario

__all__ = ["SCHEMAS", "Simulation"]

_RUN = {"policy": pl.String(), "repetition": pl.Int32()}

SCHEMAS: Mapping[str, Mapping[str, pl.DataType]] = {
    "totals": {
        **_RUN, "scorecard": pl.String(), "subject": pl.String(), "period": pl.String(), "total": pl.Float64(),
        "grade": pl.String(),
    },
    "items": {
        **_RUN, "scorecard": pl.String(), "subject": pl.String(), "period": pl.String(), "indicator": pl.String(),
        "points": pl.Float64(), "out_of": pl.Float64(),
    },
    "awards": {
        **_RUN, "award": pl.String(), "subject": pl.String(), "period": pl.String(), "rank": pl.Int32(),
        "granted": pl.Boolean(), "candidates": pl.Int32(), "quota": pl.Int32(),
    },
    "duties": {
        **_RUN, "duty": pl.String(), "subject": pl.String(), "period": pl.String(), "due": pl.Date(),
        "status": pl.String(),
    },
    "findings": {**_RUN, "code": pl.String(), "place": pl.String(), "message": pl.String()},
    "events": {**_RUN, "behaviour": pl.String(), "subject": pl.String(), "step": pl.Date(), "events": pl.Int32()},
}  # fmt: skip
"""Columns of each frame. Points were exact when they were ranked and graded; here they are doubles, for statistics."""


@frozen
class Simulation:
    """All results of a scenario. `done`: repetitions that ran through for every policy, which may be fewer than asked for.

    `frames`: name in `SCHEMAS` -> frame, sorted by policy (in the scenario's order), repetition, and the rest.
    """

    scenario: Scenario
    done: int
    frames: Mapping[str, pl.DataFrame] = field(repr=False)
