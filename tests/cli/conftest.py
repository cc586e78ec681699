import contextlib
import io
import os
import subprocess
import sys
from pathlib import Path

import pytest
from programmes import READING, READING_UNITS, write

from learnorg_rules.cli import main

RULES = READING

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
        "rules.yaml": RULES, "example/org/units.yaml": READING_UNITS, "example/events/all.ndjson": EVENTS,
        "tests/meets.yaml": CASES,
    }  # fmt: skip
    contents.update({name.replace("__", "/").replace("_yaml", ".yaml"): text for name, text in files.items()})
    for name, text in contents.items():
        write(folder / "reading", text, name)
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
