"""Which periods of which rules a response looks at, so that a step is judged without judging all that went before."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date

from attrs import frozen

from ..dataflow.nodes import Dataflow, RuleNode
from ..expr.nodes import Call, walk
from ..judging.context import JudgingContext
from ..model.definitions import Rule
from ..model.kinds import measure_expressions, rules_in
from ..model.references import duties_met, scorecards_read
from ..model.ruleset import Ruleset
from ..periods import Period
from .definitions import Response

__all__ = ["WindowContext", "Windows", "windows_of"]

Span = tuple[date, date]
"""Days, half-open."""

Windows = Mapping[str, frozenset[Span]]
"""Rule ("kind id") -> the days whose periods are wanted."""

_LOOKING_BACK = ("previous", "base", "streak")


@frozen(kw_only=True)
class WindowContext(JudgingContext):
    """A bench on which only some periods of some rules lie."""

    windows: Windows

    def periods(self, node: RuleNode, rule: Rule) -> Iterator[tuple[int, Period]]:
        """Those of the rule's periods that share a day with its windows."""
        spans = self.windows.get(f"{node.kind} {node.id}", frozenset())
        for index, period in JudgingContext.periods(self, node, rule):
            if any(period.overlap(start, end) for start, end in spans):
                yield index, period


def windows_of(
    responses: Iterable[Response], ruleset: Ruleset, dataflow: Dataflow, step: Period, following: date
) -> Windows | None:
    """What the responses of a step look at, and what that rests on; None where it may rest on anything.

    A result rests on results of the same days only, unless a rule looks back at results of earlier periods, or decisions
    are drawn from all of them.
    """
    if ruleset.decisions or _looks_back_at_results(ruleset):
        return None
    found: dict[str, set[Span]] = {}
    for response in responses:
        for node in dataflow.rules:
            if node.id == response.rule and node.kind == _KINDS.get(response.to, "award"):
                span = _span(response, node, dataflow, step, following)
                if span is not None:
                    found.setdefault(f"{node.kind} {node.id}", set()).add(span)
    rests: dict[str, set[str]] = {}
    for node in dataflow.rules:
        rests.setdefault(f"{node.kind} {node.id}", set()).update(node.after)
    todo = list(found)
    for rule in todo:  # grows while it runs
        spans = _whole(rule, found[rule], dataflow)
        for other in rests[rule]:
            before = found.setdefault(other, set())
            if not spans <= before:
                before |= spans
                todo.append(other)
    return {rule: frozenset(spans) for rule, spans in found.items()}


_KINDS = {"missed": "duty", "at_risk": "duty", "distance": "scorecard"}


def _span(response: Response, node: RuleNode, dataflow: Dataflow, step: Period, following: date) -> Span | None:
    if response.to == "missed":
        return step.start, step.end
    if response.to in ("at_risk", "distance"):
        return step.last, step.end
    schedule = dataflow.schedules[node.schedule]
    now = schedule.at(following)
    before = None if now is None else schedule.before(now)
    return None if before is None else (before.start, before.end)


def _whole(rule: str, spans: set[Span], dataflow: Dataflow) -> set[Span]:
    """The periods of a rule that share a day with the spans: what it rests on may lie anywhere in them."""
    schedules = [dataflow.schedules[node.schedule] for node in dataflow.rules if f"{node.kind} {node.id}" == rule]
    periods = [period for schedule in schedules for period in schedule.periods]
    return {(p.start, p.end) for p in periods if any(p.overlap(start, end) for start, end in spans)}


def _looks_back_at_results(ruleset: Ruleset) -> bool:
    trees = [m.value.tree for m in ruleset.measures.values()]
    trees += [e.tree for _, _, rule in rules_in(ruleset) for e in measure_expressions(rule)]
    back = [n for tree in trees for n in walk(tree) if isinstance(n, Call) and n.function in _LOOKING_BACK]
    return bool(duties_met(back, ruleset.measures) or scorecards_read(back, ruleset.measures))
