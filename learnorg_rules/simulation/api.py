"""The call that runs a scenario."""

from collections.abc import Callable

from ..extras import extra_for
from .definitions import Scenario
from .results import Simulation

__all__ = ["simulate"]

LEVELS = ("auto", "event", "aggregate")


def simulate(
    scenario: Scenario,
    processes: int = 1,
    level: str = "auto",
    progress: Callable[[int, int], None] | None = None,
    memory: int | None = None,
) -> Simulation:
    """Run a scenario.

    The same scenario gives the same results, to the byte, however many processes run it and whatever the level.

    Args:
        scenario: from `read_scenario`.
        processes: how many run blocks of repetitions at a time.
        level: "aggregate" runs repetitions together and shares what policies share; "event" judges each as a stream of
            events of its own, which is slower and a check on the other; "auto" is "aggregate".
        progress: called with (repetitions done, repetitions in all).
        memory: bytes that events and results may take, in all processes; None for as many as the machine has.

    Returns:
        The results of all repetitions; where the run was interrupted (Ctrl-C), those of the first `done`.

    Raises:
        InputError: the results alone would need more than `memory` (M118); nothing was run.
        ImportError: NumPy is not installed.
        ValueError: no such level, or less than one process.
    """
    if level not in LEVELS:
        raise ValueError(f"there is no level {level!r}: {', '.join(LEVELS)}")
    if processes < 1:
        raise ValueError(f"{processes} processes; at least 1 is expected")
    with extra_for("simulate"):
        from .blocks import run_blocks
    return run_blocks(scenario, processes, level, progress, memory)
