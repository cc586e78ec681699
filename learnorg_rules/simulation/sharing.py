"""Which rules say the same under two policies: their results are taken over instead of judged again."""

from collections.abc import Sequence

from ..counting.cells import rule_of
from ..dataflow.nodes import Dataflow, RuleNode
from ..expr.nodes import Ref, walk
from ..judging.evaluation import Evaluation
from ..judging.scorecards import ScorecardJudge
from ..model.references import expressions_in
from ..model.ruleset import Ruleset

__all__ = ["same_rules", "take_over"]


def same_rules(one: Ruleset, other: Ruleset, dataflow: Dataflow) -> frozenset[int]:
    """The places, in the order of judging, of the rules that give the same on the same cells under both.

    Such a rule is written the same, names only parameters and measures that are the same, and rests only on such rules.

    Args:
        one: the rules of one policy.
        other: those of another; schedules and asks are the same.
        dataflow: of the first.
    """
    if one.decisions or other.decisions:  # these may lower any grade
        return frozenset()
    different: set[str] = set()
    same: set[int] = set()
    for place, node in enumerate(dataflow.rules):
        name = f"{node.kind} {node.id}"
        if different.isdisjoint(node.after) and _is_same(one, other, node):
            same.add(place)
        else:
            different.add(name)
    # Of a rule in several versions a reader may look at any.
    return frozenset(p for p in same if f"{dataflow.rules[p].kind} {dataflow.rules[p].id}" not in different)


def take_over(known: Evaluation, evaluation: Evaluation, places: frozenset[int], rules: Sequence[RuleNode]) -> None:
    """Let an evaluation know what another found of the rules at these places."""
    values = known.memo.values
    evaluation.memo.values.update((key, values[key]) for key in values if type(key[0]) is int and key[0] in places)
    cards = {rules[place].id for place in places if rules[place].kind == ScorecardJudge.kind}
    evaluation.scores.update((key, found) for key, found in known.scores.items() if key[0] in cards)


def _is_same(one: Ruleset, other: Ruleset, node: RuleNode) -> bool:
    rule = rule_of(one, node)
    if rule != rule_of(other, node):
        return False
    todo = [e.tree for e in expressions_in(rule)]
    seen: set[str] = set()
    for tree in todo:  # grows while it runs
        for ref in (n for n in walk(tree) if isinstance(n, Ref)):
            if ref.scope == "parameter" and one.parameters[ref.name] != other.parameters[ref.name]:
                return False
            if ref.scope == "measure" and ref.name not in seen:
                seen.add(ref.name)
                if one.measures[ref.name] != other.measures[ref.name]:
                    return False
                todo.append(one.measures[ref.name].value.tree)
    return True
