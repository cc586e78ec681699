"""Whatever a killed process had acknowledged is there once, and the next answer is that of batch."""

import json
import os
import random
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import IO

import pytest
from small_live import BY_MONTH, event, opened, programme
from test_live_equals_batch import assert_same

import learnorg_rules as lr
from learnorg_rules.live.codec import line_of
from learnorg_rules.live.publishing import published_in
from learnorg_rules.store import Log

ROUNDS = 50
HERE = Path(__file__).parent

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")


def acknowledged(said: IO[str], until: int) -> list[Sequence[str]]:
    """What a worker says, which is killed after so many lines."""
    lines: list[Sequence[str]] = []
    (_, pid) = said.readline().split()
    while (line := said.readline()) != "end\n":
        assert line.endswith("\n"), line
        lines.append(line.split())
        if len(lines) == until:
            os.kill(int(pid), signal.SIGKILL)
    return lines


def rows_of(path: Path) -> tuple[list[dict[str, object]], Counter[str]]:
    """All events of the log as they came, and how many entries each id has."""
    with Log.open(path, writer=False) as log:
        entries = [e for e in log.entries() if e.sort == "event"]
    return [json.loads(e.line) for e in entries for _ in range(e.copies)], Counter(str(e.id) for e in entries)


def check_ledger(live: lr.Live) -> None:
    """Publications and their restatements say together what the results are; each restatement goes on from the last."""
    result = live.result()
    for publication in live.publications():
        records = published_in(result, publication.period)
        assert sorted(live.standing(publication)) == sorted(line_of(r) for r in records)
        now = Counter(publication.results.splitlines())
        for restated in live.restatements(publication):
            assert restated.old == "null" or now[restated.old] == 1, restated
            now -= Counter([restated.old])
            now[restated.new] += 1


def test_after_kill_9_at_any_point_nothing_is_lost_doubled_or_counted_twice(tmp_path: Path) -> None:
    path, draw = tmp_path / "log", random.Random(9)
    rules, org = programme(BY_MONTH)
    with opened(path, at="2005-01-31", rules=BY_MONTH) as live:
        live.post(event("first", "2005-01-03"))
        live.publish("2005-01")
    ids, days = {"first"}, ["2005-01-31"]
    command = [sys.executable, str(HERE / "worker_to_be_killed.py"), str(path)]
    environment = {
        **os.environ,
        "POLARS_MAX_THREADS": "1",
        "PYTHONPATH": os.pathsep.join([str(HERE.parents[1]), str(HERE.parent), str(HERE)]),
    }
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
    ) as nursery:
        assert nursery.stdin is not None
        assert nursery.stdout is not None
        for round_ in range(ROUNDS):
            nursery.stdin.write(f"{round_}\n")
            nursery.stdin.flush()
            for what, *words in acknowledged(nursery.stdout, draw.randint(1, 12)):
                if what == "did":
                    ids.update(words)
                elif what == "day":
                    days += words
            came, counted = rows_of(path)
            assert ids <= counted.keys()
            assert set(counted.values()) == {1}
            with opened(path, rules=BY_MONTH) as live:
                assert live.at is not None
                assert live.at.isoformat() >= days[-1]
                assert_same(live.result(), lr.assess(rules, org, lr.events_from(came), at=live.at))
                check_ledger(live)
                if round_ % 10 == 9:  # one month more is given out
                    month = f"2005-{len(live.publications()) + 1:02}"
                    if month < live.at.isoformat()[:7]:
                        live.publish(month)
                if round_ == ROUNDS - 1:
                    assert len(live.publications()) > 1
                    assert len(live.restatements()) > ROUNDS
                    for publication in live.publications():
                        live.verify(publication)
        nursery.stdin.close()
        assert nursery.wait() == 0
    assert len(ids) > ROUNDS
