"""Plans: where every step stands for every subject, and how it came there."""

from collections.abc import Iterator
from datetime import date

from attrs import evolve

from ..dataflow.build import periods_of, step_names
from ..dataflow.nodes import RuleNode
from ..model.definitions import Gate, Plan, Step
from ..model.plan import GateState, StepState, judge_step
from ..model.results import StepResult, Transition
from ..periods import ONE_DAY, Period, common
from ..values import Value, Wrong, truth
from .context import JudgingContext
from .evaluation import Context

__all__ = ["PlanJudge", "gate_schedules"]


class PlanJudge:
    """Judges one version of a plan, all steps of a subject at a time."""

    kind = "plan"

    def __init__(self, judging_context: JudgingContext, node: RuleNode, plan: Plan) -> None:
        self.judging_context, self.node, self.plan = judging_context, node, plan

    def tasks(self) -> Iterator[tuple[int, str, Context]]:
        """Every subject, over the days of the whole plan: (0, subject, context)."""
        (days,) = periods_of(self.judging_context.dataflow, self.node, self.plan)
        for context in self.judging_context.contexts(self.plan, self.node.schedule, 0, days):
            if context.cut is not None and context.cut.days:
                yield 0, context.subject, context

    def judge(self, context: Context) -> tuple[StepResult, ...]:
        """The steps in their order, without those that lie wholly outside the subject's days."""
        results: list[StepResult] = []
        blocked = False
        assert context.cut is not None  # a rule judges the subject
        for step in self.plan.steps.values():
            if self._is_theirs(step, context):
                result, blocked = _judge(self.judging_context, self.node, self.plan, step, context, blocked)
                results.append(result)
        return tuple(results)

    def _is_theirs(self, step: Step, context: Context) -> bool:
        """Whether the subject is there on a day of the step. Whoever inherits one that was over for good has none of it."""
        assert context.cut is not None  # a rule judges the subject
        days, own = (step.from_, step.to + ONE_DAY), context.cut.period
        goes_on = (step.unmet or self.plan.unmet) != "close"
        looked_at = Period(days[0], max(days[1], self.judging_context.clock.end) if goes_on else days[1], step.id)
        life = self.judging_context.binding.life(context.subject, context.family == "successors", looked_at)
        return bool(common(life, (days,), ((own.start, own.end),)))


def _judge(
    judging_context: JudgingContext, node: RuleNode, plan: Plan, step: Step, context: Context, blocked: bool
) -> tuple[StepResult, bool]:
    assert context.cut is not None  # a rule judges the subject
    from_, to = max(step.from_, context.cut.period.start), min(step.to, context.cut.period.last)
    life = judging_context.binding.life(context.subject, context.family == "successors", context.period)
    is_gone = judging_context.clock.has_come(life[-1][1] - ONE_DAY)
    gates = [_gate(judging_context, node, plan, step, gate, "enter", from_, context) for gate in step.enter.values()]
    gates += [_gate(judging_context, node, plan, step, gate, "done", to, context) for gate in step.done.values()]
    unmet = step.unmet or plan.unmet
    where = judge_step(from_, to, judging_context.clock, gates, unmet, blocked, is_gone)
    result = StepResult(
        plan.id, context.subject, step.id, node.version, from_, to, where.state, tuple(gates), where.missing,
        unmet, _transitions(from_, to, where.state, where.missing),
    )  # fmt: skip
    return result, where.blocks_next


def _gate(
    judging_context: JudgingContext, node: RuleNode, plan: Plan, step: Step, gate: Gate, kind: str, due: date,
    context: Context,
) -> GateState:  # fmt: skip
    """What the gate held on the day it was due, over the days of the step (of an entry gate: the plan's days before it),
    and what it holds now.
    """
    then, now = gate_schedules(plan, node.version, step, kind)
    schedules, has_come = judging_context.dataflow.schedules, judging_context.clock.has_come(due)
    held = _held(judging_context, gate, then, context) if has_come else None
    held_now = _held(judging_context, gate, now, context) if now in schedules else held
    if not has_come and then in schedules:
        held_now = _held(judging_context, gate, then, context)
    if has_come and truth(held_now) is not True:
        what = f"{plan.id}.{step.id}.{gate.id}"
        judging_context.report_wrong(context, what, held if isinstance(held, Wrong) else held_now, step.id)
    return GateState(gate.id, kind, truth(held), truth(held_now))


def gate_schedules(plan: Plan, version: int, step: Step, kind: str) -> tuple[str, str]:
    """The schedules a gate is looked at over: up to the day it is due, and up to the day judged."""
    names = step_names(plan, version, step.id)
    return (names.before, names.before_until_now) if kind == "enter" else (names.planned, names.until_now)


def _held(judging_context: JudgingContext, gate: Gate, schedule: str, context: Context) -> Value:
    if schedule not in judging_context.dataflow.schedules:
        return False  # an entry gate of the first step has no days before it
    if not judging_context.clock.has_begun(judging_context.dataflow.schedules[schedule].periods[0]):
        return None
    return judging_context.evaluation.value(gate.when.tree, evolve(context, schedule=schedule, index=0))


def _transitions(from_: date, to: date, state: StepState, missing: tuple[str, ...]) -> tuple[Transition, ...]:
    """What the step went through up to the day judged: the same on each day on which it stands where it does."""
    if state is StepState.NOT_BEGUN:
        return ()
    if state is StepState.WAITING:
        return (Transition(from_, StepState.NOT_BEGUN, StepState.WAITING, missing),)
    found = [Transition(from_, StepState.NOT_BEGUN, StepState.RUNNING)]
    if state is StepState.RUNNING:
        return tuple(found)
    if state is StepState.DONE_LATE:
        return (*found, Transition(to, StepState.RUNNING, state, (), later=True))
    return (*found, Transition(to, StepState.RUNNING, state, missing))
