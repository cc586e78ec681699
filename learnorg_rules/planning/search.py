"""The smallest number of events that is enough: counted up from one, every combination of classes tried.

What is enough is asked of a function, so nothing here knows rules; where there are too many combinations it says so.
"""

from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from itertools import combinations_with_replacement

from ..expr.nodes import Node
from .future_events import EventClass, FutureEvent

__all__ = ["MOST_EVENTS", "Events", "best_by_count", "bisect", "fewest", "grouped", "together"]

MOST_EVENTS = 60  # of one group of conditions
MOST_TRIALS = 2500  # of one group of conditions
MOST_JUDGED = 400  # scorecards judged for one group of indicators
Events = tuple[FutureEvent, ...]


def fewest(classes: Sequence[EventClass], holds: Callable[[Sequence[FutureEvent]], bool]) -> tuple[Events | None, bool]:
    """The fewest events with which the condition holds, and whether everything smaller was tried."""
    tried = 0
    for count in range(1, MOST_EVENTS + 1):
        possible = False
        for events in of_count(classes, count):
            possible = True
            tried += 1
            if tried > MOST_TRIALS:
                return None, False
            if holds(events):
                return events, True
        if not possible:
            return None, True
    return None, False


def of_count(classes: Sequence[EventClass], count: int) -> Iterator[Events]:
    """Every combination of so many events."""
    for chosen in combinations_with_replacement(range(len(classes)), count):
        events: list[FutureEvent] = []
        for i in dict.fromkeys(chosen):
            events.extend(classes[i].first(chosen.count(i)))
        if len(events) == count:
            yield tuple(events)


def grouped(parts: Sequence[tuple[Node, Sequence[EventClass]]]) -> list[tuple[list[Node], list[EventClass]]]:
    """Expressions that share classes of events, directly or through others, with all their classes."""
    groups: list[tuple[list[Node], list[EventClass]]] = []
    for node, classes in parts:
        nodes, ours = [node], list(classes)
        rest = []
        for other in groups:
            if any(c in ours for c in other[1]):
                nodes = [*other[0], *nodes]
                ours = [*other[1], *(c for c in ours if c not in other[1])]
            else:
                rest.append(other)
        groups = [*rest, (nodes, ours)]
    return groups


Options = dict[int, tuple[Fraction, Events]]


def best_by_count(
    classes: Sequence[EventClass], total: Callable[[Sequence[FutureEvent]], Fraction], lifts: Callable[[Fraction], bool],
    full: Callable[[Events], bool],
) -> tuple[Options, bool]:  # fmt: skip
    """The best total by number of events of these classes alone, and whether every number that can matter was tried."""
    options: Options = {0: (total(()), ())}
    tried = 0
    for count in range(1, MOST_EVENTS + 1):
        best: tuple[Fraction, Events] | None = None
        for events in of_count(classes, count):
            tried += 1
            if tried > MOST_JUDGED:
                return options, False
            points = total(events)
            if best is None or points > best[0]:
                best = points, events
        if best is None:
            return options, True  # there are no more such events
        options[count] = best
        if lifts(best[0]) or full(best[1]):
            return options, True
    return options, False


def together(
    options: Sequence[tuple[Options, bool]], start: Fraction, lifts: Callable[[Fraction], bool]
) -> tuple[Events | None, bool]:
    """The fewest events over all groups that lift the total, points of groups adding up."""
    best: Options = {0: (start, ())}
    for of_group, _ in options:
        combined: Options = {}
        for n, (points, events) in best.items():
            for m, (more, others) in of_group.items():
                lifted = points + more - start
                if n + m not in combined or lifted > combined[n + m][0]:
                    combined[n + m] = lifted, (*events, *others)
        best = combined
    for count in sorted(best):
        if lifts(best[count][0]):
            cut = [max(o) for o, tried_all in options if not tried_all]
            return best[count][1], all(count <= most for most in cut)
    return None, False


def bisect(most: int, enough: Callable[[int], bool]) -> int:
    """The smallest number up to `most` that is enough; `most` itself is."""
    low, high = 0, most
    while low < high:
        middle = (low + high) // 2
        if enough(middle):
            high = middle
        else:
            low = middle + 1
    return high
