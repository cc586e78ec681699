"""A programme small enough to follow by hand, live: two departments that hold salons, a plan a year, a card and an award."""

import os
from collections.abc import Mapping
from typing import Any

from programmes import DEPARTMENTS, SALONS, organisation, over, ruleset, scorecard

import learnorg_rules as lr

RULES = over(
    SALONS,
    """
ruleset:
  version: "1"
  effective: {from: 2005-01-01, to: 2006-12-31}
measures:
  salons: count(salon)
duties:
  salon: {for: units where level == department, require: salons >= 1, every: month, at_risk: 7 days}
awards:
  best: {for: units where level == department, every: year, provisional: true, rank_by: [year.total descending, id], quota: 1}
plans:
  programme:
    for: d
    steps:
      start: {from: 2005-01-01, to: 2005-03-31, done: {planned: any(plan)}, unmet: extend}
      work: {from: 2005-04-01, to: 2006-06-30, done: {ten: salons >= 10}}
""",
    scorecard({"salons": "points: 10, share: salons / 10"}, decimals=0, grades="{good: 5, fair: 0}"),
)
BY_MONTH = RULES.replace("every: year", "every: month").replace(
    "points: 10, share: salons / 10", "points: 999, value: salons"
)
"""The same with a card and an award a month, so that every salon moves a result of its month."""


def programme(rules: str = RULES, org: str = DEPARTMENTS) -> tuple[lr.Ruleset, lr.Organisation]:
    """Rules and organisation."""
    return ruleset(rules), organisation(org)


def opened(store: os.PathLike[str] | None = None, at: str | None = None, rules: str = RULES, **more: Any) -> lr.Live:
    """The programme live."""
    return lr.Live(*programme(rules), store, at, **more)


def event(id_: str, on: str, unit: str = "a", kind: str = "salon", **more: object) -> Mapping[str, object]:
    """A row; it happens at noon."""
    return {"id": id_, "kind": kind, "unit": unit, "occurred_at": f"{on}T12:00:00Z", **more}
