"""What a rule refers to: the one walk from its expressions through the measures, duties and scorecards that they name."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import TypeVar

import attrs

from ..expr.nodes import Across, Aggregate, Node, Outer, Ref, children
from .definitions import Definition, Expression, Measure

__all__ = [
    "Behind",
    "duties_met",
    "expressions_in",
    "family_in",
    "formulas_of",
    "names_peers",
    "reached",
    "scorecards_read",
]

State = TypeVar("State")


def expressions_in(part: object) -> Iterator[Expression]:
    """Every expression in a definition and its parts, in the order of their fields."""
    if isinstance(part, Expression):
        yield part
    elif isinstance(part, Definition):
        cls: type = type(part)
        for name in _fields(cls):
            yield from expressions_in(getattr(part, name))
    elif isinstance(part, Mapping):
        for value in part.values():
            yield from expressions_in(value)
    elif isinstance(part, tuple | list):
        for value in part:
            yield from expressions_in(value)


@cache
def _fields(cls: type) -> Sequence[str]:
    """The fields of a class of definitions that may hold expressions."""
    return [a.name for a in attrs.fields(cls) if a.type is not str and not a.metadata.get("file")]


Behind = Callable[[Ref], Iterable[Node]]
"""The trees that a name stands for; none where it stands for itself."""


def formulas_of(measures: Mapping[str, Measure]) -> Behind:
    """Behind a measure stands its formula, behind other names nothing."""
    return lambda ref: (measures[ref.name].value.tree,) if ref.scope == "measure" else ()


def reached(
    trees: Iterable[Node], behind: Behind, state: State, enter: Callable[[str, State], State]
) -> Iterator[tuple[Node, State]]:
    """Every node of the trees and of what their names stand for, each name once for a state, from the outside in.

    What stands inside an aggregate is not among them: it is about events, not about subjects.

    Args:
        trees: resolved.
        behind: what names stand for. Those of one rule (`card.total`, `card.grade`) stand for the same.
        state: what is known of the subject that the trees are evaluated for.
        enter: the state of a subject of a group (`expr.nodes.GROUPS`), seen from one of a state.
    """
    seen: set[tuple[str, str, State]] = set()
    for tree in trees:
        ahead: list[tuple[Node, tuple[State, ...]]] = [
            (tree, (state,))
        ]  # the subject's, and those whose groups it is in
        while ahead:
            node, states = ahead.pop()
            here = states[0]
            yield node, here
            if isinstance(node, Ref):
                name = (node.scope, node.name.partition(".")[0], here)
                if name not in seen:
                    seen.add(name)
                    ahead.extend((inner, (here,)) for inner in reversed([*behind(node)]))
            elif not isinstance(node, Aggregate):
                if isinstance(node, Across):
                    states = (enter(node.group, here), *states)
                elif isinstance(node, Outer):
                    states = states[1:]
                ahead.extend((child, states) for child in reversed(children(node)))


def family_in(group: str, family: str) -> str:
    """How events are counted for the subjects of a group (`expr.nodes.GROUPS`), seen from a subject of the family."""
    if group == "members":
        return "persons"
    return "units" if family == "persons" and group != "peers" else family


def _same(_: str, state: None) -> None:
    return state


def duties_met(trees: Iterable[Node], measures: Mapping[str, Measure]) -> set[str]:
    """The duties whose `met(...)` the trees rest on."""
    nodes = reached(trees, formulas_of(measures), None, _same)
    return {n.name for n, _ in nodes if isinstance(n, Ref) and n.scope == "duty"}


def scorecards_read(trees: Iterable[Node], measures: Mapping[str, Measure]) -> set[str]:
    """The scorecards whose total, grade or indicators the trees rest on."""
    nodes = reached(trees, formulas_of(measures), None, _same)
    return {n.name.partition(".")[0] for n, _ in nodes if isinstance(n, Ref) and n.scope == "score"}


def names_peers(tree: Node, measures: Mapping[str, Measure]) -> bool:
    """Whether the value depends on the others that a rule judges, directly or through a measure."""
    groups: set[str] = set()

    def enter(group: str, _: None) -> None:
        groups.add(group)

    return any("peers" in groups for _ in reached([tree], formulas_of(measures), None, enter))
