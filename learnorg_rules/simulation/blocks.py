"""Blocks of repetitions, run in this process or in several; the same bytes either way."""

import multiprocessing
import signal
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager

import polars as pl

from ..counting.cells import judgements, rule_of
from ..dataflow.nodes import RuleNode
from ..errors import InputError, Issue
from ..model.definitions import Scorecard
from ..outofcore.memory import machine_memory
from .aggregate import RulesOnDay
from .definitions import Scenario
from .results import SCHEMAS, Simulation
from .simulator import Simulator
from .tables import sorted_frames
from .trajectory import EventModel

__all__ = ["run_blocks"]

BLOCK = 20  # repetitions that run together: more share more, and are lost together on Ctrl-C
_EVENT = 600  # bytes of an event while a block runs: its row, three times

Frames = Mapping[str, pl.DataFrame]


def run_blocks(
    scenario: Scenario, processes: int, level: str, progress: Callable[[int, int], None] | None, memory: int | None
) -> Simulation:
    """`simulate` of what it has checked."""
    model = EventModel(scenario)
    simulator = Simulator(model, level)
    size = _block(simulator, processes, memory)
    numbers = range(1, scenario.repetitions + 1)
    blocks = [numbers[start : start + size] for start in range(0, len(numbers), size)]
    parts: list[Frames] = []
    done = 0
    try:
        with _running(simulator, scenario, blocks, processes) as results:
            for block, part in zip(blocks, results, strict=True):
                parts.append(part)
                done += len(block)
                if progress is not None:
                    progress(done, len(numbers))
    except KeyboardInterrupt:
        pass  # what is whole is given back, and says how much of it there is
    return Simulation(scenario, done, sorted_frames(parts, list(scenario.policies)))


# ---- processes


@contextmanager
def _running(
    simulator: Simulator, scenario: Scenario, blocks: Sequence[Sequence[int]], processes: int
) -> Iterator[Iterator[Frames]]:
    """The tables of each block, in order."""
    if processes == 1 or len(blocks) == 1:
        yield map(simulator.run, blocks)
        return
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(min(processes, len(blocks)), context, _begin, (scenario, simulator.level))
    try:
        yield pool.map(_run, blocks)
    finally:
        pool.shutdown(cancel_futures=True)


_worker: list[Simulator] = []  # of a process that runs blocks: its simulator


def _begin(scenario: Scenario, level: str) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the process that collects
    _worker[:] = [Simulator(EventModel(scenario), level)]


def _run(block: Sequence[int]) -> Frames:
    return _worker[0].run(block)


# ---- memory


def _block(simulator: Simulator, processes: int, memory: int | None) -> int:
    """How many repetitions run together, so that memory suffices.

    Raises:
        InputError: it cannot suffice; says how many repetitions would fit.
    """
    scenario = simulator.model.scenario
    even = -(-scenario.repetitions // processes)
    allowed = machine_memory() if memory is None else memory
    if allowed is None:
        return min(BLOCK, even)
    of_events = _EVENT * max(1, round(simulator.model.expected())) * min(processes, scenario.repetitions)
    of_results = _bytes_of_results(simulator)
    needed = of_results * scenario.repetitions
    left = allowed - needed
    if left < of_events:
        fits = max(0, (allowed - of_events) // of_results)
        message = f"{scenario.repetitions} repetitions need about {_shown(needed + of_events)}, {'there are' if memory is None else 'allowed are'} {_shown(allowed)}"
        hint = (
            f"about {fits:,} repetitions fit; or compare fewer policies"
            if fits
            else "allow more (--memory), or compare fewer policies"
        )
        raise InputError([Issue(scenario.source, "M118", message, hint)])
    if memory is None:
        return min(BLOCK, even)
    return max(1, min(BLOCK, even, left // of_events))


def _bytes_of_results(simulator: Simulator) -> int:
    """An estimate for one repetition, all policies: rows by table, twice, for they are joined and sorted at the end."""
    widths = {
        name: sum(32 if kind == pl.String() else 8 for kind in schema.values()) for name, schema in SCHEMAS.items()
    }
    model, found = simulator.model, 0
    steps = sum(day is not None for profile in model.profiles for day in profile.daily)
    for policy in model.scenario.policies:
        on_day = simulator.on_day(policy, model.scenario.to)
        rows = dict.fromkeys(SCHEMAS, 0) | {"events": steps}  # findings are few, and no rule says how many
        for node in on_day.dataflow.rules:
            _count(node, on_day, rows)
        found += sum(rows[name] * width for name, width in widths.items())
    return max(1, 2 * found)


def _count(node: RuleNode, on_day: RulesOnDay, rows: dict[str, int]) -> None:
    rule = rule_of(on_day.binding.ruleset, node)
    judged = judgements(on_day.binding, on_day.dataflow, node)
    if isinstance(rule, Scorecard):
        rows["totals"] += judged
        rows["items"] += judged * len(rule.all_indicators)
    elif node.kind in ("award", "duty"):
        rows["awards" if node.kind == "award" else "duties"] += judged


def _shown(size: int) -> str:
    return f"{size / 10**6:,.1f} MB"
