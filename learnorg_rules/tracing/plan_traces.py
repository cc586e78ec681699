"""The way back from a step of a plan: its gates, with their conditions on the day they were due and on the day judged."""

from collections.abc import Sequence

from attrs import evolve

from ..dataflow.build import step_names
from ..errors import with_hint
from ..judging.batch import Outcome
from ..judging.evaluation import Context
from ..judging.plans import gate_schedules
from ..model.definitions import Gate, Plan, Step
from ..model.results import StepResult
from ..periods import Period
from .absence import why_not_judged
from .formulas import Formulas
from .traces import Formula, GateTrace, PlanTrace, StepTrace

__all__ = ["plan_context", "plan_trace"]


def plan_trace(
    outcome: Outcome, formulas: Formulas, versions: Sequence[Plan], subject: str, step: str
) -> tuple[PlanTrace, Context]:
    """Where the subject stands in the plan, or in one of its steps.

    Args:
        outcome: a run.
        formulas: writes the conditions of the gates.
        versions: of the plan.
        subject: id of a unit, body or person.
        step: id of a step; "" for all.

    Returns:
        The trace, and the subject's place over the days of the whole plan.

    Raises:
        LookupError: the plan has no such step, or does not judge the subject; the message says so.
    """
    known = list(dict.fromkeys(name for plan in versions for name in plan.steps))
    if step and step not in known:
        raise LookupError(with_hint(f"{versions[0].id} has no step '{step}'", step, known))
    found = [r for r in outcome.plans if (r.rule, r.subject) == (versions[0].id, subject) and step in ("", r.step)]
    if not found:
        plan = versions[-1]
        raise LookupError(
            why_not_judged(outcome.run.evaluation.binding, plan, subject, _days(outcome, plan, len(versions) - 1))
        )
    in_force = [r for r in found if outcome.at in versions[r.version].effective] or found
    version = in_force[-1].version
    plan = versions[version]
    context = plan_context(outcome, plan, version, subject)
    steps = tuple(
        StepTrace(
            plan.steps[r.step],
            r,
            tuple(_gates(outcome, formulas, plan, r, context, deep=bool(step))),
            _blocked_by(outcome, plan, r),
        )
        for r in found
        if r.version == version
    )
    return PlanTrace(plan, steps, whole=not step), context


def plan_context(outcome: Outcome, plan: Plan, version: int, subject: str) -> Context:
    """The subject's place over the days of the whole plan."""
    schedule, days = step_names(plan, version, next(iter(plan.steps))).planned, _days(outcome, plan, version)
    contexts = outcome.run.judging.judging_context.contexts(plan, schedule, 0, days)
    return next(c for c in contexts if c.subject == subject)


def _days(outcome: Outcome, plan: Plan, version: int) -> Period:
    """From the first planned day of the plan to its last."""
    schedules, steps = outcome.run.dataflow.schedules, list(plan.steps)
    first = schedules[step_names(plan, version, steps[0]).planned].periods[0]
    return evolve(first, end=schedules[step_names(plan, version, steps[-1]).planned].periods[0].end)


def _blocked_by(outcome: Outcome, plan: Plan, result: StepResult) -> Step | None:
    """The step before, where it is extended and holds this one back."""
    names = list(plan.steps)
    place = names.index(result.step)
    if not place or result.state != "waiting":
        return None
    before = outcome.plans.where(rule=plan.id, subject=result.subject, period=names[place - 1], version=result.version)
    return next((plan.steps[r.step] for r in before if r.state in ("extended", "waiting")), None)


def _gates(
    outcome: Outcome, formulas: Formulas, plan: Plan, result: StepResult, context: Context, deep: bool
) -> list[GateTrace]:
    step = plan.steps[result.step]
    gates = []
    for state in result.gates:
        gate = (step.enter if state.kind == "enter" else step.done)[state.id]
        due = result.from_ if state.kind == "enter" else result.to
        then, now = gate_schedules(plan, result.version, step, state.kind)
        looked_at = (then, now) if state.held else (now, then)  # what was decided then, or what is lacking now
        tried = (_formula(outcome, formulas, gate, schedule, context, deep) for schedule in looked_at)
        formula = next((found for found in tried if found is not None), None)
        gates.append(GateTrace(gate, state, due, formula))
    return gates


def _formula(
    outcome: Outcome, formulas: Formulas, gate: Gate, schedule: str, context: Context, deep: bool
) -> Formula | None:
    """The condition over the days of a schedule; None where there are no such days, or they have not begun."""
    found = outcome.run.dataflow.schedules.get(schedule)
    if found is None or not outcome.run.evaluation.binding.clock.has_begun(found.periods[0]):
        return None
    return formulas.formula(gate.when, evolve(context, schedule=schedule, index=0), deep=deep)
