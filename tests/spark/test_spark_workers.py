"""Agree: a run that loses an executor, or a Python worker, gives what it gives otherwise."""

import os
import signal
import threading
from pathlib import Path

import pytest
from same_results import assert_same

import learnorg_rules as lr

pytest.importorskip("pyspark", reason="Spark is not installed: make test-spark")


def children(pid: int) -> set[int]:
    """All processes below one."""
    parents: dict[int, list[int]] = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                fields = (folder / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue  # it ended while we looked
            parents.setdefault(int(fields[1]), []).append(int(folder.name))
    found: set[int] = set()
    left = [pid]
    while left:
        for child in parents.get(left.pop(), ()):
            found.add(child)
            left.append(child)
    return found


def command(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except OSError:
        return ""


def executors() -> list[int]:
    return [pid for pid in sorted(children(os.getpid())) if "CoarseGrainedExecutorBackend" in command(pid)]


def one_executor() -> list[int]:
    return executors()[:1]


def workers() -> list[int]:
    """Python processes that run tasks: those below the daemon of an executor."""
    daemons = [pid for one in executors() for pid in children(one) if "pyspark.daemon" in command(pid)]
    return [pid for daemon in daemons for pid in children(daemon)]


@pytest.mark.parametrize("whom", [one_executor, workers])
def test_what_is_lost_is_counted_again_by_another(spark, district, whom):
    rules, org, folder = district
    killed: list[int] = []
    over = threading.Event()
    context = spark.sparkContext._jsc.sc()
    before = {one.id() for one in context.getRDDStorageInfo()}

    def kill() -> None:
        """Wait until rows that were read are kept in the executors, so that they are lost too; then kill."""
        while not over.is_set():
            kept = [one for one in context.getRDDStorageInfo() if one.id() not in before and one.numCachedPartitions()]
            for pid in whom() if kept else ():
                os.kill(pid, signal.SIGKILL)
                killed.append(pid)
            if killed:
                return
            over.wait(0.02)

    hunter = threading.Thread(target=kill)
    hunter.start()
    try:
        there = lr.assess(rules, org, lr.spark_events(folder / "events.parquet"))
    finally:
        over.set()
        hunter.join()
    assert killed
    assert_same(lr.assess(rules, org, lr.scan_events(folder / "events.parquet")), there)
