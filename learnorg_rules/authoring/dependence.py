"""What rests on what among measures, duties and selectors, read from surface trees, before any name has a meaning."""

from collections.abc import Iterator, Mapping, Sequence
from graphlib import CycleError, TopologicalSorter

from ..expr.aggregate_syntax import is_aggregate
from ..expr.nodes import Call, Name, Node, children

__all__ = ["Item", "in_order", "needs", "outer"]

Item = tuple[str, str]
"""("measure", id), ("duty", id), ("scorecard", id) or ("selector", id)."""


def outer(node: Node) -> Iterator[Node]:
    """The nodes of a surface tree outside its aggregates, where a name is a measure and not a field."""
    if isinstance(node, Call) and (is_aggregate(node) or node.function == "persons"):
        return
    yield node
    for child in children(node):
        yield from outer(child)


def needs(tree: Node, sections: Mapping[str, Mapping[str, object]], itself: str = "") -> Iterator[Item]:
    """The measures, duties and scorecards that a surface tree names, each once, in order.

    A measure may rest on its own value in the period before (`previous(itself)`): that is no circle.
    """
    seen: dict[Item, None] = {}
    earlier = {id(a) for n in outer(tree) if isinstance(n, Call) and n.function == "previous" for a in n.args}
    for node in outer(tree):
        parts = node.parts if isinstance(node, Name) else ()
        if len(parts) > 1 and parts[0] == "subject":
            parts = parts[1:]
        if isinstance(node, Call) and node.function == "met":
            names = [arg.parts[0] for arg in node.args if isinstance(arg, Name)]
            seen.update({("duty", name): None for name in names if name in sections["duties"]})
        elif len(parts) == 1 and parts[0] in sections["measures"]:
            if parts[0] != itself or id(node) not in earlier:
                seen["measure", parts[0]] = None
        elif len(parts) == 2 and parts[0] in sections["scorecards"]:
            seen["scorecard", parts[0]] = None
    yield from seen


def in_order(graph: Mapping[Item, Sequence[Item]]) -> tuple[list[Item], list[list[Item]]]:
    """The items of a graph item -> what it needs, those needed first, and the cycles, whose items are left out.

    Each cycle begins with its first item in the order of the graph; each item in it needs the next.
    """
    left = dict(graph)
    position = {item: i for i, item in enumerate(graph)}
    cycles: list[list[Item]] = []
    while True:
        try:
            order = TopologicalSorter({item: [n for n in wants if n in left] for item, wants in left.items()})
            return list(order.static_order()), cycles
        except CycleError as error:
            cycle = list(reversed(error.args[1]))[:-1]
            start = min(range(len(cycle)), key=lambda i: position[cycle[i]])
            cycles.append([*cycle[start:], *cycle[:start]])
            for item in cycle:
                del left[item]
