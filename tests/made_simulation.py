"""Simulations made by hand, so that every answer is known before it is asked."""

import random
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import polars as pl
from programmes import READING, READING_UNITS, over, without, write

import learnorg_rules as lr
from learnorg_rules.model.definitions import Text
from learnorg_rules.simulation.definitions import Policy, Scenario
from learnorg_rules.simulation.results import SCHEMAS, Simulation

RULES = over(
    without(READING, "duties.meets.at_risk", "duties.meets.responsible"),
    """
ruleset:
  effective: {from: 2005-01-01, to: 2006-12-31}
  languages: [en, zh]
events:
  session: [minutes]
  visit: []
parameters:
  enough: {value: 2}
  full: {value: 8, note: sessions that earn all points}
  day_zero: {value: 2005-03-01}
scorecards:
  year:
    indicators:
      often: {points: 60, share: count(session) / full}
      long: {points: 40, share: sum(minutes in session) / 400 minutes}
awards:
  cup:
    title: {en: Reading cup, zh: 读书杯}
""",
)

UNITS = READING_UNITS + "- {id: west, name: {zh: 西所}, level: office, parent: town}\n"
QUARTERS = {f"{y}-Q{q}": date(y, 3 * q, 30) for y in (2005, 2006) for q in (1, 2, 3, 4)}


def rules(folder: Path):
    return lr.load(write(folder, RULES, "rules.yaml"))


def organisation(folder: Path):
    return lr.read_org(write(folder, UNITS, "units.yaml"))


def scenario(folder: Path, policies: Sequence[str] = ("as_it_is", "other"), repetitions: int = 10) -> Scenario:
    ruleset = rules(folder)
    return Scenario(
        "made", Text({"en": "Made by hand", "zh": "手工"}), date(2005, 1, 1), date(2006, 12, 31), "month", repetitions, 1,
        organisation(folder), {}, {p: Policy(p, {}, ruleset) for p in policies},
    )  # fmt: skip


def simulation(of: Scenario, done: int, **rows: Sequence[tuple]) -> Simulation:
    frames = {name: pl.DataFrame(rows.get(name, []), schema=dict(s), orient="row") for name, s in SCHEMAS.items()}
    return Simulation(of, done, frames)


def drawn(of: Scenario, done: int, subjects: Sequence[str] = ("north", "south", "west")) -> Simulation:
    """Totals around 70 for the first subject and 5 fewer for each next; the other policy gives two points more."""
    chance = random.Random(7)
    rows: dict[str, list[tuple]] = {name: [] for name in SCHEMAS}
    for run in range(done):
        luck = {(s, y): chance.gauss(0, 4) for s in subjects for y in ("2005", "2006")}
        quarters = {(s, q): chance.random() for s in subjects for q in QUARTERS}
        for p, policy in enumerate(of.policies):
            totals = {k: 70 - 5 * subjects.index(k[0]) + 2 * p + x for k, x in luck.items()}
            for (subject, year), total in totals.items():
                rows["totals"].append((policy, run, "year", subject, year, total, "good" if total >= 65 else "poor"))
            for year in ("2005", "2006"):
                able = sorted((-t, s) for (s, y), t in totals.items() if y == year and t >= 65)
                for rank, (_, subject) in enumerate(able, 1):
                    rows["awards"].append((policy, run, "cup", subject, year, rank, rank == 1, len(able), 1))
            for (subject, quarter), x in quarters.items():
                status = "missed" if x < 0.1 + 0.2 * subjects.index(subject) - 0.05 * p else "met"
                rows["duties"].append((policy, run, "meets", subject, quarter, QUARTERS[quarter], status))
            for subject in subjects:
                rows["events"].append((policy, run, "reads", subject, date(2005, 1, 1), 5 + p))
    return simulation(of, done, **rows)
