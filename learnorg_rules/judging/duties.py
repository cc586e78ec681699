"""Duties: the status of every subject in every period."""

from collections.abc import Iterator
from datetime import date, timedelta
from functools import partial

from attrs import evolve

from ..dataflow.build import deadline_names
from ..dataflow.nodes import RuleNode
from ..expr.monotone import monotone
from ..expr.nodes import Compare, In, Node, Range, Ref
from ..expr.rewrite import substitute
from ..model.definitions import Duty
from ..model.duty import Held, Status, judge, judge_deadline
from ..model.results import DutyResult
from ..model.ruleset import Ruleset
from ..periods import Period
from ..values import Wrong, truth
from .context import JudgingContext
from .evaluation import Context
from .responsibility import hears_next, responsible

__all__ = ["CODES", "DutyJudge", "needed", "rate_of"]

CODES = {
    "E606": (
        "an appeal decides what a duty cannot be",
        "The `decided` of an appeal about a duty is not the name of a status, so the appeal has no effect.",
    ),
}
DECIDABLE = (Status.MET, Status.MET_LATE, Status.MISSED, Status.WAIVED, Status.EXCUSED, Status.NOT_REQUIRED)


class DutyJudge:
    """Judges one version of a duty, a subject and period at a time."""

    kind = "duty"

    def __init__(self, judging_context: JudgingContext, node: RuleNode, duty: Duty) -> None:
        self.judging_context, self.node, self.duty = judging_context, node, duty
        self.needed = needed(duty)  # made once: values are remembered by node
        self.rising = monotone(_written_out(self.needed, judging_context.binding.ruleset))
        self._spans: dict[int, timedelta | None] = {}

    def tasks(self) -> Iterator[tuple[int, str, Context]]:
        """Every period the duty is in force for, and subject: (index, subject, context), by period."""
        for index, period in self.judging_context.periods(self.node, self.duty):
            self._spans[index] = _span(self.judging_context, self.duty, period)
            for context in self.judging_context.contexts(self.duty, self.node.schedule, index, period):
                yield index, context.subject, context

    def judge(self, context: Context) -> tuple[DutyResult, ...]:
        """The one result."""
        at_risk = self._spans[context.index]
        return (_judge(self.judging_context, self.node, self.duty, self.needed, self.rising, at_risk, context),)


def _judge(
    judging_context: JudgingContext,
    node: RuleNode,
    duty: Duty,
    needed: Node,
    rising: bool,
    at_risk: timedelta | None,
    context: Context,
) -> DutyResult:
    assert context.cut is not None  # a rule judges the subject
    whole, own, subject, clock = context.period, context.cut.period, context.subject, judging_context.clock
    result = DutyResult(duty.id, subject, whole.name, node.version, own.start, own.last, Status.NOT_YET_DUE)
    if not judging_context.is_required(context.cut):
        return _appealed(judging_context, duty, evolve(result, status=Status.NOT_REQUIRED), whole)
    if not clock.has_begun(own):
        return result
    waiver = judging_context.effects.waiver(subject, duty.id, own)
    if waiver is not None:
        return _appealed(judging_context, duty, evolve(result, status=Status.WAIVED, waiver=waiver), whole)
    if duty.excused == "holidays" and judging_context.binding.ruleset.calendar.is_all_holiday(own):
        return _appealed(judging_context, duty, evolve(result, status=Status.EXCUSED), whole)
    held = _held(duty, needed, context)
    if duty.by is None:
        status = judge(own, clock, held, rising, at_risk)
    else:
        later = evolve(context, schedule=deadline_names(duty, node.version)[1], index=0)
        held_later = partial(_held, duty, needed, later)
        is_there = own.last == whole.last  # whoever left before the deadline makes up for nothing
        status = judge_deadline(own, clock, held, held_later, rising, at_risk, duty.late == "accepted" and is_there)
    result = evolve(result, status=status, value=held.value, above=held.above)
    if not status.is_fulfilled:
        result = evolve(
            result, responsible=responsible(judging_context.binding, duty, subject, context.day),
            hears_next=hears_next(judging_context.binding, duty, subject, context.day),
        )  # fmt: skip
    result = _appealed(judging_context, duty, result, whole)
    if result.status is Status.INVALID:
        judging_context.report_wrong(context, duty.id, context.evaluation.value(needed, context))
    if result.status is Status.MET_LATE:
        looks = judging_context.dataflow.looks.get((duty.id, node.version), ())
        contexts = {step: evolve(context, schedule=look, index=0) for step, look in looks}
        unmet = frozenset(step for step, then in contexts.items() if not _held(duty, needed, then).value)
        result = evolve(result, unmet_in=unmet)
    return result


def _appealed(judging_context: JudgingContext, duty: Duty, result: DutyResult, period: Period) -> DutyResult:
    appeal = judging_context.effects.appeal(result.subject, duty.id, period)
    if appeal is None:
        return result
    decided = next((s for s in DECIDABLE if s.value == appeal.decided), None)
    if decided is None:
        judging_context.refuse(
            appeal, duty.source, "E606",
            f"{appeal.decided!r} for {duty.id} of {result.subject} in {period.name}, which is no status",
            f"one of {', '.join(s.value for s in DECIDABLE)}",
        )  # fmt: skip
        return result
    return evolve(result, status=decided, first=result.status, appeal=appeal)


def _span(judging_context: JudgingContext, duty: Duty, period: Period) -> timedelta | None:
    if duty.at_risk is None:
        return None
    span = judging_context.binding.parameters.constant(duty.at_risk, period.last)
    assert isinstance(span, timedelta)  # typed when the ruleset is loaded
    return span


def _held(duty: Duty, needed: Node, context: Context) -> Held:
    enough = context.evaluation.value(needed, context)
    is_wrong, holds = isinstance(enough, Wrong), truth(enough)
    if duty.above == "note":  # the requirement is a range, and holds above it too
        within = context.evaluation.value(duty.require.tree, context)
        return Held(holds, above=enough is True and within is False, is_wrong=is_wrong)
    return Held(holds, is_wrong=is_wrong)


def needed(duty: Duty) -> Node:
    """What must hold: the requirement, or only its lower bound where exceeding the range is merely noted."""
    tree = duty.require.tree
    if duty.above == "note" and isinstance(tree, In) and isinstance(tree.items, Range):
        return Compare(op=">=", left=tree.operand, right=tree.items.low, span=tree.span, type=tree.type)
    return tree


def rate_of(duty: Duty, result: DutyResult, context: Context) -> tuple[date, bool | Wrong, frozenset[str]]:
    """What `met(...)` knows of a settled duty: the day that decides which longer periods it belongs to (a deadline: the day
    it was due), whether it was fulfilled (or what is wrong), and the schedules of steps in which it was not yet.
    """
    day = result.due if duty.by is not None else context.period.middle
    value = context.evaluation.value(needed(duty), context) if result.status is Status.INVALID else None
    return day, value if isinstance(value, Wrong) else result.status.is_fulfilled, result.unmet_in


def _written_out(tree: Node, ruleset: Ruleset, within: tuple[str, ...] = ()) -> Node:
    """The tree with the formulas of measures in place of their names, to see what more events can do to it."""

    def formula(node: Node) -> Node | None:
        # A measure that looks back names itself: where it does, its name stays.
        if isinstance(node, Ref) and node.scope == "measure" and node.name not in within:
            return _written_out(ruleset.measures[node.name].value.tree, ruleset, (*within, node.name))
        return None

    return substitute(tree, formula)
