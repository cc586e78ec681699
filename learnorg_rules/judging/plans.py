"""Plans: where every step stands for every subject, and how it came there."""

from collections.abc import Iterator
from datetime import date

from attrs import evolve

from ..dataflow.build import step_names
from ..dataflow.nodes import RuleNode
from ..model.definitions import Gate, Plan, Step
from ..model.plan import GateState, StepState, judge_step
from ..model.results import StepResult, Transition
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
        steps = list(self.plan.steps)
        names = step_names(self.plan, self.node.version, steps[0])
        schedules = self.judging_context.dataflow.schedules
        period = schedules[names.planned].periods[0]
        last = schedules[step_names(self.plan, self.node.version, steps[-1]).planned].periods[0]
        for context in self.judging_context.contexts(self.plan, names.planned, 0, evolve(period, end=last.end)):
            yield 0, context.subject, context

    def judge(self, context: Context) -> tuple[StepResult, ...]:
        """The steps in their order."""
        results: list[StepResult] = []
        blocked = False
        for step in self.plan.steps.values():
            result, blocked = _judge(self.judging_context, self.node, self.plan, step, context, blocked)
            results.append(result)
        return tuple(results)


def _judge(
    judging_context: JudgingContext, node: RuleNode, plan: Plan, step: Step, context: Context, blocked: bool
) -> tuple[StepResult, bool]:
    gates = [_gate(judging_context, node, plan, step, gate, "enter", context) for gate in step.enter.values()]
    gates += [_gate(judging_context, node, plan, step, gate, "done", context) for gate in step.done.values()]
    unmet = step.unmet or plan.unmet
    where = judge_step(step.from_, step.to, judging_context.clock, gates, unmet, blocked)
    result = StepResult(
        plan.id, context.subject, step.id, node.version, step.from_, step.to, where.state, tuple(gates), where.missing,
        unmet, _transitions(step, where.state, where.missing, judging_context.at),
    )  # fmt: skip
    return result, where.blocks_next


def _gate(
    judging_context: JudgingContext, node: RuleNode, plan: Plan, step: Step, gate: Gate, kind: str, context: Context
) -> GateState:
    """What the gate held: over the days of the step (of an entry gate: the plan's days before it), and up to now."""
    then, now = gate_schedules(plan, node.version, step, kind)
    due = step.from_ if kind == "enter" else step.to
    held = _held(judging_context, gate, then, context) if judging_context.clock.has_come(due) else None
    held_now = _held(judging_context, gate, now, context) if now in judging_context.dataflow.schedules else held
    if not judging_context.clock.has_come(due) and then in judging_context.dataflow.schedules:
        held_now = _held(judging_context, gate, then, context)
    return GateState(gate.id, kind, held, held_now)


def gate_schedules(plan: Plan, version: int, step: Step, kind: str) -> tuple[str, str]:
    """The schedules a gate is looked at over: up to the day it is due, and up to the day judged."""
    names = step_names(plan, version, step.id)
    return (names.before, names.before_until_now) if kind == "enter" else (names.planned, names.until_now)


def _held(judging_context: JudgingContext, gate: Gate, schedule: str, context: Context) -> bool | None:
    if schedule not in judging_context.dataflow.schedules:
        return False  # an entry gate of the first step has no days before it
    if not judging_context.clock.has_begun(judging_context.dataflow.schedules[schedule].periods[0]):
        return None
    value = judging_context.evaluation.value(gate.when.tree, evolve(context, schedule=schedule, index=0))
    return None if value is None else bool(value)


def _transitions(step: Step, state: StepState, missing: tuple[str, ...], at: date) -> tuple[Transition, ...]:
    """What the step went through up to the day judged. A day that is only known to lie between two is the later one."""
    if state is StepState.NOT_BEGUN:
        return ()
    if state is StepState.WAITING:
        return (Transition(step.from_, StepState.NOT_BEGUN, StepState.WAITING, missing),)
    found = [Transition(step.from_, StepState.NOT_BEGUN, StepState.RUNNING)]
    if state is StepState.RUNNING:
        return tuple(found)
    if state is StepState.DONE_LATE:
        return (*found, Transition(at, StepState.RUNNING, state, (), at_latest=True))
    return (*found, Transition(step.to, StepState.RUNNING, state, missing))
