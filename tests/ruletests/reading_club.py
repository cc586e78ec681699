"""A small ruleset with one rule of each kind, and the running of one case against it."""

from pathlib import Path

from learnorg_rules.ruletests import run_tests

RULES = """\
ruleset:
  id: club
  time_zone: Asia/Shanghai
  effective: {from: 2005-01-01, to: 2006-12-31}
organisation:
  levels: [town, office, desk]
  units: {closed: boolean}
  persons: {age: integer, rank: {type: choice, of: [junior, senior]}}
fields:
  minutes: {type: integer, unit: minutes, min: 0}
  score: {type: decimal, places: 1}
  passed: boolean
  when: date
  topic: text
events:
  session: [person?, minutes]
  exam: [person, score?, passed?, when?, topic?]
parameters:
  enough: 2
measures:
  sessions: count(session)
  attendees: distinct(person in session where member)
  mean_score: mean(score in exam)
  juniors: persons(rank == junior)
  busy: count(session) > 3
duties:
  meets: {for: units where level == office, require: count(session) >= enough, every: quarter, at_risk: 10 days}
  few: {for: units where level == office, require: count(session) in 1..2, above: note, every: quarter}
  passes: {for: persons of north, require: any(exam where passed), by: 2005-06-30}
scorecards:
  year:
    for: units where level == office
    every: year
    round: {decimals: 2, mode: half_up}
    indicators:
      often: {points: 90, share: count(session) / 9}
      exams: {points: 10, share: mean_score / 100, missing: exclude}
    grades: {good: 50, poor: 0}
    veto:
      closed: {when: closed, grade: poor, because: the office is closed}
awards:
  cup:
    for: units where level == office
    every: year
    when: year.grade == good
    rank_by: [year.total descending]
    ties: refuse
    quota: "1"
"""

TREE = """\
organisation:
  town:
    north: [ann: {age: 30, rank: junior}, bo: {age: 50, rank: senior}]
    south:
      desk: [cy]
    west: {attributes: {closed: true}}
"""


def club(folder: Path, tests: str, rules: str = RULES) -> Path:
    """The ruleset with one test file."""
    (folder / "tests").mkdir(parents=True, exist_ok=True)
    (folder / "rules.yaml").write_text(rules, encoding="utf-8")
    (folder / "tests" / "club.yaml").write_text(tests, encoding="utf-8")
    return folder


def case(folder: Path, text: str, tree: str = TREE):
    """The result of one case, written as it stands below its name."""
    lines = "".join(f"    {line}\n" for line in text.strip("\n").splitlines())
    return run_tests(club(folder, f"{tree}cases:\n  it:\n{lines}")).cases[0]


def passes(folder: Path, text: str, tree: str = TREE) -> bool:
    """Whether the case passes."""
    return case(folder, text, tree).passed


def failures(folder: Path, text: str, tree: str = TREE):
    """(line, name, expected, got) of each failure."""
    return [(f.source.line, f.name, f.expected, f.got) for f in case(folder, text, tree).failures]
