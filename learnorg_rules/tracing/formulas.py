"""Expressions of a rule with the values in them, and what stands behind every name they use."""

from collections.abc import Iterator
from typing import Any

from attrs import define, evolve, field

from ..expr.nodes import Across, Aggregate, Call, Node, Outer, Ref, children, walk
from ..judging.batch import Outcome
from ..judging.evaluation import Context
from ..model.definitions import Expression, Measure
from ..values import Value, known
from .evidence import Evidence, leaves_of, written
from .traces import (
    DaysTrace,
    ElsewhereTrace,
    Formula,
    Leaf,
    MeasureTrace,
    MetTrace,
    ParameterUse,
    Part,
    ScoreTrace,
    listed,
)

__all__ = ["Formulas"]


@define(slots=False)
class Formulas:
    """Writes the formulas of one trace. It remembers what it has told, so that nothing is told twice.

    `parameters`: those that the expressions seen so far read.
    """

    outcome: Outcome
    subject: str
    limit: int
    seen: set[object] = field(factory=set)
    parameters: dict[str, ParameterUse] = field(factory=dict)

    def __attrs_post_init__(self) -> None:
        self.ruleset, self.evaluation = self.outcome.ruleset, self.outcome.run.evaluation
        self.binding, self.places = self.evaluation.binding, self.outcome.run.judging.judging_context.places
        self.evidence = Evidence(self.outcome.run.ingested, self.binding, self.outcome.run.dataflow, self.limit)

    def formula(self, expression: Expression, context: Context, deep: bool = True) -> Formula:
        """The expression in the context, with what stands behind its names; without that where not `deep`."""
        tree = expression.tree
        self.uses(expression, context)
        leaves = leaves_of(tree, context)
        parts: list[Part] = []
        if deep:
            nodes = [(leaf.node, leaf.value) for leaf in leaves]
            for leaf in leaves:  # what a group is compared with stands behind the group
                nodes += [(n, self.evaluation.value(n, context)) for n in _of_subject(leaf.node)]
            found = (self.part(node, value, expression, context) for node, value in nodes)
            parts += [part for part in found if part is not None]
        value, fault = self.places.told(self.evaluation.value(tree, context))
        leaves = tuple([leaf if leaf.value is known(leaf.value) else self._with_fault(leaf) for leaf in leaves])
        return Formula(expression.text, value, leaves, tree, tuple(parts), fault)

    def _with_fault(self, leaf: Leaf) -> Leaf:
        value, fault = self.places.told(leaf.value)
        return evolve(leaf, value=value, fault=fault)

    def uses(self, expression: Expression | None, context: Context) -> None:
        """Remember the parameters that the expression reads."""
        if expression is None:
            return
        for node in walk(expression.tree):
            if isinstance(node, Ref) and node.scope == "parameter" and node.name not in self.parameters:
                parameter = self.ruleset.parameters[node.name]
                dated = parameter.on(context.period.last)
                value = self.binding.parameters.value(node.name, context.period.last)
                note = parameter.note if dated is None else dated.note or parameter.note
                reference = parameter.reference if dated is None else dated.reference or parameter.reference
                self.parameters[node.name] = ParameterUse(node.name, value, dated, note, tuple(reference))
                self.uses(None if dated is None else dated.value, context)

    def part(self, node: Node, value: Value, expression: Expression, context: Context) -> Part | None:
        """What stands behind a name; None where there is nothing to tell or it was told already."""
        key = (node, context.schedule, context.index)
        if key in self.seen:
            return None
        self.seen.add(key)
        if isinstance(node, Aggregate):
            if node.op == "persons":
                return self.evidence.persons(node, expression.text, value, context)
            return self.evidence.of(node, expression.text, value, self.evaluation.query_of(node, context), context)
        if isinstance(node, Call) and node.function in ("present", "person_days"):
            days = self.binding.days(context.subject, context.period)
            is_present = node.function == "present"
            number = days.present if is_present else days.of_members
            return DaysTrace(
                written(node, expression.text), number, context.period.days if is_present else None, context.period
            )
        if isinstance(node, Call) and node.function == "met":
            return self.met(node, value, context)
        if isinstance(node, Call | Across):
            found = self.in_periods(node, context) if isinstance(node, Call) else self.of_others(node, context)
            text, of_others = written(node, expression.text), isinstance(node, Across)
            without = sum(v is None for _, v in found) if of_others else 0
            return ElsewhereTrace(text, value, listed(found, self.limit), of_others, without)
        assert isinstance(node, Ref)
        if node.scope == "measure":
            return self.measured(self.ruleset.measures[node.name], context)
        return self.score(node.name, value, context) if node.scope == "score" else None

    def measured(self, definition: Measure, context: Context) -> MeasureTrace:
        """The measure in the context."""
        value = known(self.evaluation.measure(definition.id, context))
        formula = self.formula(definition.value, context)
        return MeasureTrace(definition, value, formula, value is None and formula.value is not None)

    def in_periods(self, node: Call, context: Context) -> list[tuple[str, Value]]:
        """The periods that `previous`, `base` or `streak` looked at, with the value in each."""
        target, found = node.args[0], []
        for c in context.looked_at(node.function):  # up to and with the one that breaks the streak or gives the base
            value = self.evaluation.value(target, c)
            found.append((c.period.name, value))
            if (value is not True) if node.function == "streak" else (value is not None):
                break
        return [entry for entry in found[-1:] if entry[1] is not None] if node.function == "base" else found

    def of_others(self, node: Across, context: Context) -> list[tuple[str, Value]]:
        """The subjects of a group, with the value of each."""
        found = [(c.subject, self.evaluation.value(node.value, c)) for c in context.group(node.group)]
        if node.op == "rank":
            found.sort(key=lambda pair: (known(pair[1]) is None, -(known(pair[1]) or 0)))  # type: ignore[operator]
        return found

    def met(self, node: Call, value: Value, context: Context) -> MetTrace:
        """What stands behind `met(duty)`."""
        target = node.args[0]
        assert isinstance(target, Ref)
        judging, rates = self.outcome.run.judging, self.evaluation.duty_rates.get((target.name, context.subject), {})
        tasks = sorted((*task, context.subject) for task, (day, *_) in rates.items() if day in context.period)
        judged: list[Any] = [result for task in tasks for result in judging.results[task]]
        missed = [r for r in judged if not r.status.is_fulfilled]
        definition = self.ruleset.duties[target.name][judged[-1].version if judged else -1]
        return MetTrace(definition, value, len(judged) - len(missed), len(judged), listed(missed, self.limit))

    def score(self, name: str, value: Value, context: Context) -> Part | None:
        """The scorecard's result behind `card.total` and the like; None where it was told already."""
        card = name.partition(".")[0]
        key = (card, context.schedule, context.index)
        if key in self.seen:
            return None
        self.seen.add(key)
        period = context.period
        found = self.outcome.scorecards.where(rule=card, subject=self.subject, period=period.name)
        versions = self.ruleset.scorecards[card]
        result = found.records[0] if len(found) else None
        return ScoreTrace(versions[result.version if result is not None else -1], name, value, result)


def _of_subject(node: Node) -> Iterator[Node]:
    """What stands behind `subject.` in a group, without groups inside it, whose subjects are others."""
    for child in children(node) if isinstance(node, Across) else ():
        ahead = [child]
        while ahead:
            part = ahead.pop(0)
            if isinstance(part, Outer):
                yield part.value
            elif not isinstance(part, Across):
                ahead += children(part)
