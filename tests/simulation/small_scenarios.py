"""A small programme and scenarios over it, written to files and read as anybody's would be."""

import re
from pathlib import Path
from textwrap import dedent

from learnorg_rules.simulation.definitions import Scenario
from learnorg_rules.simulation.reading import read_scenario

RULES = """\
ruleset:
  id: club
  time_zone: Asia/Shanghai
  effective: {from: 2005-01-01, to: 2005-12-31}
organisation:
  levels: [house, room]
  units: {size: integer, share: {type: decimal, places: 1}, open: boolean}
  persons: {birth_date: date, rank: {type: choice, of: [staff, chief]}}
fields:
  minutes: {type: integer, min: 0}
  score: {type: decimal, places: 1, min: 0, max: 100}
  topic: {type: choice, of: [law, history]}
  passed: boolean
  until: date
  rule: text
  reason: text
  granted_by: text
events:
  salon: [person, minutes, topic?]
  exam: [person?, score, passed?]
  poll: []
  let_off: {effect: waiver, fields: [person?, rule, reason, granted_by, until]}
parameters:
  enough: 50%
  prizes: 1
  needed: 1
selectors:
  rooms: units where level == room
measures:
  staff: persons()
  guests: distinct(person in salon where member)
duties:
  meet: {for: rooms, require: count(salon) >= needed, every: month}
  quarterly_poll: {for: rooms, require: any(poll), every: quarter, at_risk: 40 days}
  sit: {for: persons, require: any(exam where passed), by: 2005-06-30}
scorecards:
  half:
    for: rooms
    every: quarter
    round: {decimals: 3, mode: half_up}
    missing: zero
    indicators:
      reach: {points: 60, share: "linear(guests / staff, enough, 100%)"}
      met: {points: 30, share: met(meet)}
      score: {points: 10, share: mean(score in exam) / 100}
    grades: {good: 60, fair: 30, poor: 0}
awards:
  prize:
    for: rooms
    every: quarter
    when: half.total > 0
    rank_by: [half.total descending, id]
    quota: prizes
"""

SCENARIO = """\
scenario:
  id: trial
  ruleset: rules
  from: 2005-01-01
  to: 2005-09-30
  step: month
  repetitions: 4
  seed: 7
organisation:
  shape:
    - {level: house, count: 1}
    - {level: room, count: 4}
  persons: {in: room, count: 2..4}
behaviours:
  salons:
    for: rooms
    event: salon
    rate: 1
    every: month
    attendance: 60%
    fields: {minutes: 60..90, topic: [law, history]}
  exams:
    for: persons
    event: exam
    rate: 1
    every: year
    fields: {score: {mean: 70, deviation: 20, min: 0, max: 100}, passed: 60%}
policies:
  now: {}
  two: {set: {prizes: 2}}
"""

RESPONDS = """\
    responds:
      - {to: missed, rule: meet, factor: 2}
      - {to: award, rule: prize, factor: 1/2}
      - {to: no_award, rule: prize, factor: 1.25}
      - {to: rank, rule: prize, within: 1, factor: 1.5}
      - {to: distance, rule: half, within: 15, factor: 1.5}
      - {to: at_risk, rule: quarterly_poll, factor: 1.1}
"""
DELAYS = "    recorded_after: 5\n    errors: {chance: 20%, corrected_after: 14}\n"


def responding(text: str = SCENARIO) -> str:
    """The scenario with a salon that responds to everything there is."""
    return text.replace("topic: [law, history]}\n", "topic: [law, history]}\n" + RESPONDS)


def delayed(text: str) -> str:
    """The scenario with salons that are recorded late, and sometimes wrongly."""
    return text.replace("    attendance: 60%\n", "    attendance: 60%\n" + DELAYS)


def written(folder: Path, text: str = SCENARIO, rules: str = RULES) -> Path:
    """The files, and the path of the scenario's."""
    (folder / "rules").mkdir(exist_ok=True)
    (folder / "rules" / "ruleset.yaml").write_text(dedent(rules), encoding="utf-8")
    path = folder / "trial.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def scenario(folder: Path, text: str = SCENARIO, rules: str = RULES) -> Scenario:
    """The scenario, read."""
    return read_scenario(written(folder, text, rules))


def said(error: BaseException, folder: Path) -> str:
    """The messages, with the folder left out."""
    return re.sub(re.escape(f"{folder}/"), "", str(error))
