"""What a duty means: its status for one subject and period."""

import enum
from collections.abc import Callable
from datetime import timedelta

from attrs import frozen

from ..periods import Clock, Period

__all__ = ["Held", "Status", "judge", "judge_deadline"]


class Status(enum.StrEnum):
    """The life of a duty. Exactly one holds for a subject and period on a day."""

    NOT_YET_DUE = "not_yet_due"
    OPEN = "open"
    AT_RISK = "at_risk"
    MET = "met"
    MET_LATE = "met_late"
    MISSED = "missed"
    WAIVED = "waived"
    EXCUSED = "excused"
    NOT_REQUIRED = "not_required"
    INVALID = "invalid"

    @property
    def is_fulfilled(self) -> bool:
        """Whether it counts as met."""
        return self in (Status.MET, Status.MET_LATE)

    @property
    def is_settled(self) -> bool:
        """Whether it was required and its period is over; where its requirement is wrong, nothing can be said of it."""
        return self in (Status.MET, Status.MET_LATE, Status.MISSED, Status.INVALID)


@frozen
class Held:
    """Whether the requirement held over some days. `value` None: it could not be computed for want of a value.

    `above`: it was exceeded, which the duty only notes. `is_wrong`: it could not be computed because something is wrong.
    """

    value: bool | None
    above: bool = False
    is_wrong: bool = False


def judge(period: Period, clock: Clock, held: Held, rising: bool, at_risk: timedelta | None) -> Status:
    """The status of a required duty in one period, judged at the end of a day.

    Args:
        period: the days in which it must hold.
        clock: of the day judged; the events of that day are known.
        held: the requirement over the period's events up to `at`.
        rising: whether more events can never undo it, so that it is met before the period ends.
        at_risk: how long before the end an unmet duty is at risk; None for never.
    """
    if not clock.has_begun(period):
        return Status.NOT_YET_DUE
    if clock.is_over(period):
        return Status.MET if held.value else Status.INVALID if held.is_wrong else Status.MISSED
    if held.value and rising:
        return Status.MET
    if not held.value and at_risk is not None and clock.has_come(period.last - at_risk):
        return Status.AT_RISK
    return Status.OPEN


def judge_deadline(
    period: Period,
    clock: Clock,
    held: Held,
    held_later: Callable[[], Held],
    rising: bool,
    at_risk: timedelta | None,
    late: bool,
) -> Status:
    """The status of a duty with a last day, which may be met after it where `late` is accepted.

    `held_later` gives the requirement over the events from the period's start up to `at`.
    """
    status = judge(period, clock, held, rising, at_risk)
    if status in (Status.MISSED, Status.INVALID) and late and clock.has_passed(period.last) and held_later().value:
        return Status.MET_LATE
    return status
