"""Where each engine ends: the same work in this process, in this process with bounded memory, and on Spark.

On Spark CPU and peak are of all processes that a run starts, Java's and the Python workers' among them; start and imports
included.
"""

import statistics
import sys
from collections.abc import Sequence
from pathlib import Path

from attrs import frozen
from measure import Command, Taken, run

__all__ = ["ENGINES", "Engine", "compare_engines"]


@frozen
class Engine:
    """A way to run the same rules: what `ours.py` is told, and what has to be installed."""

    name: str
    options: tuple[str, ...]
    package: str = ""


ENGINES = (
    Engine("this process", ()),
    Engine("this process, 512 MiB", ("--memory", "512MiB")),
    Engine("Spark, local[1]", ("--engine", "spark", "--master", "local[1]"), "pyspark"),
    Engine("Spark, local[2]", ("--engine", "spark", "--master", "local[2]"), "pyspark"),
)


def compare_engines(
    engines: Sequence[Engine], command: Command, out: Path, rounds: int, cwd: Path, limit: float
) -> dict[str, Taken | None]:
    """What each takes at the median of its rounds, run in turn; None where it took longer than the limit.

    The bytes must be the same, or everything ends.
    """
    taken: dict[str, list[Taken]] = {engine.name: [] for engine in engines}
    late: set[str] = set()
    right: bytes | None = None
    for number in range(rounds + 1):
        for engine in engines:
            # The first round, so that files are in the cache of the system, is not counted; Spark takes too long for one.
            if engine.name in late or (not number and engine.package):
                continue
            one = run([*command, *engine.options], cwd, limit, family=bool(engine.package))
            if one is None:
                late.add(engine.name)
                continue
            if number:
                taken[engine.name].append(one)
            written = out.read_bytes()
            right = written if right is None else right
            if written != right:
                sys.exit(f"the output of {engine.name} differs from that of {engines[0].name}")
    return {name: None if name in late else _median(runs) for name, runs in taken.items()}


def _median(runs: Sequence[Taken]) -> Taken:
    return Taken(*(statistics.median(getattr(run, of) for run in runs) for of in ("cpu", "wall", "peak")))
