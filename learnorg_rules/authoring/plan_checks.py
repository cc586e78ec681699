"""What no type can check about plans, and about events with an effect."""

from itertools import pairwise

from ..errors import Issues, did_you_mean
from ..expr.cells import is_constant
from ..model.definitions import EventKind
from ..model.ruleset import Ruleset
from ..periods import ONE_DAY
from .reach_checks import spans_of

__all__ = ["effects_have_their_fields", "gates_can_hold", "steps_follow"]

_NEEDED = {
    "waiver": {"rule": "text", "reason": "text", "granted_by": "text", "until": "date"},
    "appeal": {"rule": "text", "period": "text", "reason": "text", "decided_by": "text"},
}
_OPTIONAL = {"waiver": {"from_day": "date"}, "appeal": {"decided": "text", "points": "decimal"}}


def steps_follow(ruleset: Ruleset, issues: Issues) -> None:
    """Every plan has steps, in order of their days, without overlap, within the days judged."""
    for plan in (plan for versions in ruleset.plans.values() for plan in versions):
        if not plan.steps:
            issues.error(plan.source, "E522", f"the plan '{plan.id}' has no steps", "write at least one under 'steps'")
        for step in plan.steps.values():
            if step.to < step.from_:
                issues.error(
                    step.place("to"),
                    "E217",
                    f"the step '{step.id}' ends before it begins",
                    f"from {step.from_} to {step.to}",
                )
            elif ruleset.header.id and not (ruleset.first_day <= step.from_ and step.to < ruleset.end):
                days = f"{ruleset.first_day} to {ruleset.end - ONE_DAY}"
                issues.error(
                    step.place("from"),
                    "E522",
                    f"the step '{step.id}' lies outside the days judged",
                    f"the ruleset judges {days}",
                )
        for before, after in pairwise(plan.steps.values()):
            if after.from_ <= before.to:
                message = f"the step '{after.id}' begins on {after.from_}, before '{before.id}' ends on {before.to}"
                issues.error(after.place("from"), "E522", message, "steps follow each other; both ends are included")


def gates_can_hold(ruleset: Ruleset, issues: Issues) -> None:
    """No gate is a constant, or asks for what can never be."""
    spans = spans_of(ruleset)
    for plan in (plan for versions in ruleset.plans.values() for plan in versions):
        for step in plan.steps.values():
            for gate in (*step.enter.values(), *step.done.values()):
                if is_constant(gate.when.tree):
                    issues.error(
                        gate.when.source, "E523", f"the gate '{gate.id}' does not depend on anything that happens"
                    )
                elif spans.never(gate.when.tree):
                    issues.error(
                        gate.when.source,
                        "E523",
                        f"the gate '{gate.id}' can never hold",
                        "no events make it true",
                    )


def effects_have_their_fields(ruleset: Ruleset, issues: Issues) -> None:
    """A kind with an effect takes the fields that say whom, what, why and by whom."""
    for kind in ruleset.events.values():
        if kind.effect:
            _check_effect(ruleset, kind, issues)


def _check_effect(ruleset: Ruleset, kind: EventKind, issues: Issues) -> None:
    for name, sort in _NEEDED[kind.effect].items():
        if not kind.takes.get(name, False):
            what = "needs" if name not in kind.takes else "cannot leave out"
            issues.error(
                kind.place("fields"), "E524", f"the {kind.effect} '{kind.id}' {what} the field '{name}' ({sort})",
                f"take the '?' from '{name}?'" if name in kind.takes else did_you_mean(name, kind.takes) or f"a {kind.effect} takes {', '.join(_NEEDED[kind.effect])}",
            )  # fmt: skip
    for name, sort in (_NEEDED[kind.effect] | _OPTIONAL[kind.effect]).items():
        declared = ruleset.fields.get(name)
        if (
            name in kind.takes
            and declared is not None
            and declared.type not in (sort, "choice" if sort == "text" else sort)
        ):
            issues.error(declared.source, "E524", f"'{name}' of a {kind.effect} is a {sort}, not a {declared.type}")
