import contextlib
import io
import os
import subprocess
import sys
from pathlib import Path

import pytest

from learnorg_rules.cli import main

RULES = """\
ruleset:
  id: reading
  title: {en: Reading circle, zh: 读书会}
  effective: {from: 2005-01-01, to: 2005-12-31}
  time_zone: Asia/Shanghai
organisation:
  levels: [town, office]
  persons: {age: integer}
fields:
  minutes: {type: integer, unit: minutes, min: 0}
  topic: text
events:
  session: [person?, minutes, topic?]
parameters:
  enough: {value: 2, assumed: true, note: nobody said how many}
duties:
  meets:
    title: {en: Meets every quarter, zh: 每季一次}
    for: units where level == office
    require: count(session) >= enough
    every: quarter
    at_risk: 14 days
    responsible: town
scorecards:
  year:
    title: {en: Year, zh: 年度}
    for: units where level == office
    every: year
    round: {decimals: 4, mode: half_up}
    missing: zero
    indicators:
      often: {points: 60, share: count(session) / 9}
      long: {points: 40, share: sum(minutes in session) / 400}
    grades: {good: 50, poor: 0}
awards:
  cup:
    for: units where level == office
    every: year
    when: year.grade == good
    rank_by: [year.total descending]
    quota: "1"
"""

UNITS = """\
- {id: town, name: Town, level: town}
- {id: north, name: {en: North office, zh: 北所}, level: office, parent: town}
- {id: south, name: {en: South office, zh: 南所}, level: office, parent: town}
"""

EVENTS = """\
{"id":"1","kind":"session","unit":"north","occurred_at":"2005-01-10T10:00:00+08:00","minutes":60}
{"id":"2","kind":"session","unit":"north","occurred_at":"2005-03-10T10:00:00+08:00","minutes":60}
{"id":"3","kind":"session","unit":"north","occurred_at":"2005-05-10T10:00:00+08:00","minutes":100}
{"id":"3","kind":"session","unit":"north","occurred_at":"2005-05-10T10:00:00+08:00","minutes":100}
{"id":"4","kind":"session","unit":"north","occurred_at":"2005-06-10T10:00:00+08:00","minutes":180}
{"id":"5","kind":"session","unit":"south","occurred_at":"2005-06-10T10:00:00+08:00","minutes":30}
{"id":"6","kind":"session","unit":"soth","occurred_at":"2005-06-10T10:00:00+08:00","minutes":30}
{"id":"7","kind":"session","unit":"south","occurred_at":"2005-06-11T10:00:00+08:00","minutes":"long"}
"""

CASES = """\
organisation:
  town:
    north: [ann: {age: 30}, bo: {age: 50}]
    south: [cy: {age: 40}]
cases:
  two sessions are enough:
    history:
      north: session(minutes=60) 2005-02-10 2 times
      south: session(minutes=60) 2005-02-10
    at: 2005-03-31
    expect:
      north.meets: met
      south.meets: {2005-Q1: missed, 2005-Q2: not_yet_due}
"""


def build(folder: Path, **files: str) -> Path:
    """A small ruleset in the folder; keyword arguments replace or add files, `__` standing for a slash."""
    contents = {
        "rules.yaml": RULES, "example/org/units.yaml": UNITS, "example/events/all.ndjson": EVENTS,
        "tests/meets.yaml": CASES,
    }  # fmt: skip
    contents.update({name.replace("__", "/").replace("_yaml", ".yaml"): text for name, text in files.items()})
    for name, text in contents.items():
        path = folder / "reading" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder / "reading"


@pytest.fixture
def reading(tmp_path):
    return build(tmp_path)


@pytest.fixture
def learnorg(tmp_path, monkeypatch):
    """Runs the command line in tmp_path, inside this process; gives (exit code, stdout, stderr)."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments):
        out, err = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err), pytest.raises(SystemExit) as stop:
            main([str(a) for a in arguments])
        return stop.value.code, out.getvalue(), err.getvalue()

    return run


@pytest.fixture
def process(tmp_path):
    """Runs the command line in tmp_path, as a user would, in a process of its own."""

    def run(*arguments):
        done = subprocess.run(
            [sys.executable, "-m", "learnorg_rules.cli", *map(str, arguments)],
            cwd=tmp_path, capture_output=True, encoding="utf-8", check=False, env={**os.environ, "PYTHONUTF8": "1"},
        )  # fmt: skip
        return done.returncode, done.stdout, done.stderr

    return run
