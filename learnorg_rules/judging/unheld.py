"""Attributes that rules ask for and nobody has: nothing is known where the rules look."""

from collections.abc import Iterator

from ..counting.binding import Binding
from ..expr.nodes import Node, Ref, walk
from ..model.kinds import rules_in
from ..model.references import expressions_in, formulas_of, reached

__all__ = ["unheld_attributes"]


def unheld_attributes(binding: Binding) -> Iterator[str]:
    """A sentence for each declared attribute that some rule asks for and the organisation records of nobody."""
    unheld = {name for name, column in binding.attributes.items() if not column.nodes}
    for _, _, rule in rules_in(binding.ruleset) if unheld else ():
        trees = [expression.tree for expression in expressions_in(rule)]
        asked = reached(trees, formulas_of(binding.ruleset.measures), None, lambda _group, _state: None)
        for name in sorted({name for node, _ in asked for name in _named(node)} & unheld):
            unheld.discard(name)
            yield (
                f"nobody has the attribute '{name}', which '{rule.id}' asks for: record it, or say in `organisation.columns` "
                "what files call it"
            )


def _named(node: Node) -> set[str]:
    """The attributes that a node names; what stands in an aggregate or a selector is looked at whole."""
    return {n.name for n in walk(node) if isinstance(n, Ref) and n.scope in ("subject", "person", "unit")}
