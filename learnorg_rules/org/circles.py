"""Where edges of one kind run in a circle, and when."""

import itertools
from collections.abc import Iterator, Sequence
from datetime import date

import networkx as nx

from .timeline import Link

__all__ = ["circles"]


def circles(links: Sequence[Link]) -> Iterator[tuple[set[int], date, date, tuple[str, ...]]]:
    """Every circle, with the days it is closed on: (positions of its edges, first day, day after the last, ids from the least).

    Only what is a circle over all time can be one on a day, and it closes on the day its last edge begins: nothing else
    is looked at.
    """
    whole: nx.DiGraph[str] = nx.DiGraph()
    whole.add_edges_from((source, target) for _, _, source, target in links)
    knot = {node: i for i, group in enumerate(nx.strongly_connected_components(whole)) for node in group}
    suspects = [i for i, (_, _, source, target) in enumerate(links) if knot[source] == knot[target]]
    active: nx.DiGraph[str] = nx.DiGraph()
    holding: dict[tuple[str, str], set[int]] = {}
    seen = set()
    for start, group in itertools.groupby(sorted(suspects, key=lambda i: links[i]), key=lambda i: links[i][0]):
        new = list(group)
        for pair, positions in list(holding.items()):
            positions.difference_update([i for i in positions if links[i][1] <= start])
            if not positions:
                del holding[pair]
                active.remove_edge(*pair)
        for i in new:
            holding.setdefault(links[i][2:], set()).add(i)
            active.add_edge(*links[i][2:])
        for i in new:
            source, target = links[i][2:]
            if not nx.has_path(active, target, source):
                continue
            path = nx.shortest_path(active, target, source)
            least = path.index(min(path))
            circle = (*path[least:], *path[:least])
            if (circle, start) in seen:
                continue
            seen.add((circle, start))
            pairs = list(zip(circle, (*circle[1:], circle[0]), strict=True))
            end = min(max(links[j][1] for j in holding[pair]) for pair in pairs)
            yield {j for pair in pairs for j in holding[pair]}, start, end, circle
