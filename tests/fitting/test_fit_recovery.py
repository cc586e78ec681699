"""Oracle: what is drawn from known behaviours is found again, as often as the intervals promise."""

from collections import defaultdict
from datetime import date
from fractions import Fraction

import polars as pl
import pytest

import learnorg_rules as lr
from learnorg_rules.counting.port import Read
from learnorg_rules.fitting.api import fit
from learnorg_rules.simulation.reading import read_scenario
from learnorg_rules.simulation.trajectory import EventModel, Trajectory

RUNS = 200
PROMISED = 0.90  # of the runs, at least, each parameter lies in its 95 % interval

RULES = """
ruleset:
  id: known
  time_zone: Asia/Shanghai
  effective: {from: 2005-01-01, to: 2006-12-31}
organisation:
  levels: [section]
fields:
  minutes: integer
  score: {type: decimal, places: 1}
  passed: boolean
  topic: {type: choice, of: [history, law]}
events:
  salon: [minutes, topic]
  lesson: [person, score, passed]
"""

SCENARIO = """
scenario: {id: known, ruleset: rules, from: 2005-01-01, to: 2006-12-31, step: quarter, repetitions: 200, seed: 2005}
organisation:
  shape: [{level: section, count: 8}]
  persons: {in: section, count: 4}
behaviours:
  salons:
    for: units where level == section
    event: salon
    rate: 1.2
    every: month
    season: {2: 0.2, 8: 0.2}
    spread: 0.4
    fields: {minutes: 60..119, topic: [history, law]}
    recorded_after: 3
    errors: {chance: 8%, corrected_after: 14}
  lessons:
    for: units where level == section
    event: lesson
    rate: 0.4
    every: month
    attendance: 60%
    attendance_spread: 0.12
    fields: {score: {mean: 80, deviation: 6}, passed: 85%}
policies: {as_it_is: {}}
"""
# The rate that is fitted is the mean over the year, and the season's multipliers have the mean 1 over it.
MEAN = (Fraction(2, 10) * 2 + 10) / 12
TRUE = {
    ("salon", "rate"): Fraction(12, 10) * MEAN,
    ("salon", "spread"): Fraction(4, 10),
    **{("salon", f"season {m}"): (Fraction(2, 10) if m in (2, 8) else 1) / MEAN for m in range(1, 13)},
    ("salon", "fields.minutes.low"): Fraction(60),
    ("salon", "fields.minutes.high"): Fraction(119),
    ("salon", "fields.topic.law"): Fraction(1, 2),
    ("salon", "recorded_after"): Fraction(3),
    ("salon", "errors.chance"): Fraction(8, 100),
    ("salon", "errors.corrected_after"): Fraction(14),
    ("lesson", "rate"): Fraction(4, 10),
    ("lesson", "spread"): Fraction(0),
    ("lesson", "attendance"): Fraction(60, 100),
    ("lesson", "attendance_spread"): Fraction(12, 100),
    ("lesson", "fields.score.mean"): Fraction(80),
    ("lesson", "fields.score.deviation"): Fraction(6),
    ("lesson", "fields.passed"): Fraction(85, 100),
}


class Drawn:
    """One repetition's events, as a source."""

    def __init__(self, frame: pl.DataFrame, read: Read) -> None:
        self._read = Read(frame, read.rejected, frame.height, ("drawn",))

    def read(self, wanted, progress=None):
        return self._read


@pytest.fixture(scope="module")
def fits(tmp_path_factory):
    folder = tmp_path_factory.mktemp("known")
    (folder / "rules").mkdir()
    (folder / "rules" / "ruleset.yaml").write_text(RULES, encoding="utf-8")
    (folder / "known.yaml").write_text(SCENARIO, encoding="utf-8")
    rules, scenario = lr.load(folder / "rules"), read_scenario(folder / "known.yaml")
    model = EventModel(scenario)
    trajectory = Trajectory(model, range(RUNS), [model.randomness(i) for i in range(RUNS)])
    for number in range(len(model.steps)):
        trajectory.step(number, lambda place, profile: 1.0)
    read = trajectory.read()
    drawn = [Drawn(frame, read) for frame in read.frame.partition_by("file", maintain_order=True)]
    return [fit(rules, scenario.organisation, one, date(2005, 1, 1), date(2006, 12, 31)) for one in drawn]


def coverage(fits):
    """How often each parameter's interval holds the true value, of the runs in which it was fitted."""
    hits = defaultdict(list)
    for one in fits:
        for behaviour in one.behaviours.values():
            for estimate in behaviour.estimates:
                name = behaviour.behaviour.event, estimate.name
                if name in TRUE:
                    hits[name].append(TRUE[name] in estimate)
    return {name: (sum(found) / len(found), len(found)) for name, found in hits.items()}


def test_known_parameters_lie_in_their_intervals_in_nine_of_ten_runs(fits):
    found = coverage(fits)
    assert set(found) == set(TRUE)
    assert {name: share for name, share in found.items() if share[0] < PROMISED} == {}
