"""Processes run in turn, round after round: what each took, and whether all wrote the same bytes.

This module imports little: a process counts as its own peak what its parent had when it was started.
"""

import contextlib
import os
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from attrs import frozen

Command = Sequence[str]


@frozen
class Taken:
    """What one run of a process took: user plus system seconds of all its threads, seconds, peak in MiB."""

    cpu: float
    wall: float
    peak: float


@frozen
class Measured:
    """All counted runs of one contender; empty where one took longer than it may."""

    name: str
    runs: tuple[Taken, ...]

    def median(self, of: str) -> float:
        """Of `cpu`, `wall` or `peak`."""
        return float(statistics.median(getattr(run, of) for run in self.runs))

    def ratios(self, other: "Measured", of: str) -> list[float]:
        """What this one takes by what the other does, in order of size; a pair is of one round."""
        pairs = zip(self.runs, other.runs, strict=True)
        return sorted(getattr(mine, of) / getattr(theirs, of) for mine, theirs in pairs)


def run(command: Command, cwd: Path, limit: float | None = None, family: bool = False) -> Taken | None:
    """Run a command to its end; None where it was stopped at the limit, in seconds. A failure ends everything.

    `family`: with all processes it starts, which are looked at five times a second; the peak is that of their sum.
    """
    start = time.perf_counter()
    with subprocess.Popen(command, cwd=cwd, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as process:
        stopped = threading.Event()

        def stop() -> None:
            stopped.set()
            process.kill()

        timer = threading.Timer(limit or 0, stop)
        if limit is not None:
            timer.start()
        watch = _Family(process.pid) if family else None
        errors = process.stderr.read() if process.stderr else b""
        _, status, usage = os.wait4(process.pid, 0)
        timer.cancel()
        process.returncode = os.waitstatus_to_exitcode(status)
    if stopped.is_set():
        return None
    if process.returncode:
        sys.exit(f"{' '.join(command)} failed:\n{errors.decode(errors='replace')}")
    wall = time.perf_counter() - start
    if watch is not None:
        return Taken(max(watch.cpu(), usage.ru_utime + usage.ru_stime), wall, watch.peak)
    peak = usage.ru_maxrss / (1024**2 if sys.platform == "darwin" else 1024)
    return Taken(usage.ru_utime + usage.ru_stime, wall, peak)


class _Family:
    """A process and all below it, looked at while they run: their CPU seconds, and their peak in MiB, shared pages once."""

    def __init__(self, pid: int) -> None:
        import psutil  # only where Spark is measured

        self.peak = 0.0
        self._gone = (psutil.NoSuchProcess, psutil.AccessDenied)
        self._seconds: dict[int, float] = {}
        self._first = psutil.Process(pid)
        threading.Thread(target=self._look, daemon=True).start()

    def cpu(self) -> float:
        """User plus system seconds, of each process when it was last seen."""
        return sum(self._seconds.values())

    def _look(self) -> None:
        with contextlib.suppress(*self._gone):
            while self._first.is_running():
                size = 0
                for one in (self._first, *self._first.children(recursive=True)):
                    with contextlib.suppress(*self._gone):
                        times = one.cpu_times()
                        self._seconds[one.pid] = times.user + times.system
                        size += one.memory_full_info().pss
                self.peak = max(self.peak, size / 1024**2)
                time.sleep(0.2)


def in_turn(
    commands: Mapping[str, Command], outputs: Mapping[str, Path | None], rounds: int, cwd: Path, limit: float
) -> list[Measured]:
    """Run everybody once to warm the file cache, then in turn for some rounds, each begun by another; exit where bytes differ.

    `outputs` has the file that each writes, or None where it writes no result to compare.
    """
    taken: dict[str, list[Taken]] = {name: [] for name in commands}
    late: set[str] = set()
    for number in range(rounds + 1):
        written: dict[str, bytes] = {}
        names = list(commands)
        for name in (*names[number % len(names) :], *names[: number % len(names)]):
            command = commands[name]
            if name in late:
                continue
            one = run(command, cwd, limit)
            if one is None:
                late.add(name)
                taken[name].clear()
                continue
            if number:
                taken[name].append(one)
            out = outputs[name]
            if out is not None:
                written[name] = out.read_bytes()
        if len(set(written.values())) > 1:
            first = next(iter(written))
            differing = [name for name, data in written.items() if data != written[first]]
            sys.exit(f"the outputs of {', '.join(differing)} differ from that of {first}: {' '.join(commands[first])}")
    return [Measured(name, tuple(runs)) for name, runs in taken.items()]
