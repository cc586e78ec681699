"""What a step of a plan means: where it stands on a day, from its gates."""

import enum
from collections.abc import Sequence
from datetime import date

from attrs import frozen

from ..periods import Clock

__all__ = ["GateState", "StepState", "Where", "judge_step"]


class StepState(enum.StrEnum):
    """Where a step stands. Exactly one holds for a subject on a day."""

    NOT_BEGUN = "not_begun"
    WAITING = "waiting"  # its days have come, but an entry gate or the step before holds it back
    RUNNING = "running"
    DONE = "done"  # every gate held on its last planned day
    DONE_LATE = "done_late"  # held after it: carried over, or the step was extended
    CARRIED_OVER = "carried_over"  # over with gates unmet that go on being looked at
    EXTENDED = "extended"  # goes on until its gates hold
    CLOSED = "closed"  # over with gates unmet, for good


@frozen
class GateState:
    """One gate. `held`: on the step's last planned day (of an entry gate: the day before its first); `held_now`: on the
    day judged. None: it could not be computed, or its day has not come.
    """

    id: str
    kind: str  # "enter" or "done"
    held: bool | None
    held_now: bool | None


@frozen
class Where:
    """Where a step stands, and the gates that are missing now."""

    state: StepState
    missing: tuple[str, ...]
    blocks_next: bool  # whether the step after it has to wait


def judge_step(
    from_: date, to: date, clock: Clock, gates: Sequence[GateState], unmet: str, blocked: bool, is_gone: bool = False
) -> Where:
    """Where a step of these planned days stands at the end of day `at`.

    Args:
        from_: the first planned day on which the subject is there.
        to: the last such day.
        clock: of the day judged.
        gates: entry and exit gates with what they held.
        unmet: what the rule wants where an exit gate is unmet on the last day: carry_over, extend or close.
        blocked: whether the step before is extended, so that this one cannot begin.
        is_gone: whether the last day of the subject's life has come: then nothing goes on.
    """
    entry = tuple(g.id for g in gates if g.kind == "enter" and not g.held and not g.held_now)
    missing = tuple(g.id for g in gates if g.kind == "done" and not g.held_now)
    if not clock.has_come(from_):
        return Where(StepState.NOT_BEGUN, entry, blocks_next=blocked)
    if blocked or entry:
        return Where(StepState.CLOSED if is_gone else StepState.WAITING, (*entry, *missing), blocks_next=blocked)
    if not clock.has_come(to):
        return Where(StepState.RUNNING, missing, blocks_next=False)
    late = tuple(g.id for g in gates if g.kind == "done" and not g.held)
    if not late:
        return Where(StepState.DONE, (), blocks_next=False)
    if unmet == "close":
        return Where(StepState.CLOSED, late, blocks_next=False)
    if not missing:
        return Where(StepState.DONE_LATE, (), blocks_next=False)
    if is_gone:
        return Where(StepState.CLOSED, missing, blocks_next=False)
    if unmet == "extend":
        return Where(StepState.EXTENDED, missing, blocks_next=True)
    return Where(StepState.CARRIED_OVER, missing, blocks_next=False)
