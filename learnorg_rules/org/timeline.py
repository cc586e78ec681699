"""Relations that change by the day: which links hold when, and what follows from those of one day."""

import bisect
import itertools
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from datetime import date
from functools import cached_property
from typing import Generic, TypeVar

from attrs import field, frozen

from ..periods import ONE_DAY

__all__ = [
    "ALWAYS",
    "Link",
    "Links",
    "Recent",
    "Relation",
    "Timeline",
    "change_days",
    "cut",
    "half_open",
    "joined",
    "stretch_text",
]

Link = tuple[date, date, str, str]
"""First day, day after the last, source, target."""

ALWAYS = (date.min, date.max)

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Recent(Generic[K, V]):
    """The values made last, at most `size` of them."""

    def __init__(self, size: int) -> None:
        self.size = size
        self._values: OrderedDict[K, V] = OrderedDict()

    def get(self, key: K, make: Callable[[], V]) -> V:
        """The value of the key, made now if it is not among the recent ones."""
        if key in self._values:
            self._values.move_to_end(key)
            return self._values[key]
        value = self._values[key] = make()
        if len(self._values) > self.size:
            self._values.popitem(last=False)
        return value


@frozen(eq=False)
class Links:
    """The edges of one kind, resolved to the days they hold.

    Attributes:
        sources, targets: the ends of each.
        spans: position -> first day and day after the last, of those that do not always hold.
    """

    sources: Sequence[str]
    targets: Sequence[str]
    spans: Mapping[int, tuple[date, date]]

    def __len__(self) -> int:
        return len(self.sources)

    def link(self, position: int) -> Link:
        """One of them."""
        return (*self.spans.get(position, ALWAYS), self.sources[position], self.targets[position])

    def picked(self, positions: Sequence[int]) -> "Links":
        """Those at the positions."""
        sources, targets = ([column[i] for i in positions] for column in (self.sources, self.targets))
        spans = {new: self.spans[old] for new, old in enumerate(positions) if old in self.spans} if self.spans else {}
        return Links(sources, targets, spans)


@frozen(eq=False)
class Relation:
    """The links of one kind that hold on one day, in no order; a pair may be there twice."""

    sources: Sequence[str]
    targets: Sequence[str]
    _below: dict[str, tuple[str, ...]] = field(factory=dict, init=False, repr=False)

    @cached_property
    def one(self) -> Mapping[str, str]:
        """Source -> its target, one of them where there are `several`."""
        return dict(zip(self.sources, self.targets, strict=True))

    @cached_property
    def several(self) -> Mapping[str, tuple[str, ...]]:
        """Source -> its targets, sorted, where there is more than one."""
        one = self.one
        found: dict[str, set[str]] = {}
        if len(one) < len(self.sources):
            for source, target in zip(self.sources, self.targets, strict=True):
                if one[source] != target:
                    found.setdefault(source, {one[source]}).add(target)
        return {source: tuple(sorted(targets)) for source, targets in found.items()}

    @cached_property
    def into(self) -> Mapping[str, Sequence[str]]:
        """Target -> its sources, in no order."""
        found: dict[str, list[str]] = {}
        for source, target in zip(self.sources, self.targets, strict=True):
            known = found.get(target)
            if known is None:
                found[target] = [source]
            else:
                known.append(source)
        return found

    def targets_of(self, source: str) -> tuple[str, ...]:
        """The targets, sorted."""
        target = self.one.get(source)
        return () if target is None else self.several.get(source, (target,))

    def sources_of(self, target: str) -> tuple[str, ...]:
        """The sources, sorted."""
        return tuple(sorted(set(self.into.get(target, ()))))

    def above(self, node: str) -> tuple[str, ...]:
        """All that can be reached from the id, nearest first, equally near ones sorted; not the id itself."""
        found: dict[str, None] = {}
        if self.several:
            level: Iterable[str] = self.targets_of(node)
            while level:
                new = [t for t in level if t not in found]
                found.update(dict.fromkeys(new))
                level = sorted({above for t in new for above in self.targets_of(t)})
        else:
            one, at = self.one, self.one.get(node)
            while at is not None and at not in found:
                found[at] = None
                at = one.get(at)
        found.pop(node, None)
        return tuple(found)

    def below(self, node: str) -> tuple[str, ...]:
        """The id, then, sorted, all from which it can be reached. Remembered, because roll-ups ask for every id."""
        known = self._below.get(node)
        if known is None:
            found, todo = {node}, [node]
            while todo:
                for source in self.into.get(todo.pop(), ()):
                    if source not in found:
                        found.add(source)
                        todo.append(source)
            found.discard(node)
            known = self._below[node] = (node, *sorted(found))
        return known


@frozen(eq=False)
class Timeline:
    """All links of one kind, in any order. Days between which nothing changes share one `Relation`."""

    links: Links
    recent: Recent[int, Relation]

    @cached_property
    def days(self) -> list[date]:
        """The days on which a link begins, or is there no longer, sorted."""
        return sorted(change_days(self.links))

    def on(self, day: date) -> Relation:
        """What holds on the day."""
        return self.recent.get(bisect.bisect_right(self.days, day), lambda: self._relation(day))

    def _relation(self, day: date) -> Relation:
        links = self.links
        gone = {i for i, (start, end) in links.spans.items() if not start <= day < end}
        if gone:
            links = links.picked([i for i in range(len(links)) if i not in gone])
        return Relation(links.sources, links.targets)


def change_days(links: Links) -> set[date]:
    """The days on which some pair is linked but was not the day before, or the other way round."""
    dated = {links.sources[i] for i in links.spans}  # of the others nothing ever changes
    first: dict[str, Link] = {}
    several: dict[str, list[Link]] = {}
    for i, source in enumerate(links.sources) if dated else ():
        if source in dated:
            link = links.link(i)
            if first.setdefault(source, link) is not link:
                several.setdefault(source, [first[source]]).append(link)
    days = {day for source, link in first.items() if source not in several for day in link[:2]}
    for group in several.values():
        spans: dict[str, list[tuple[date, date]]] = {}
        for start, end, _, target in group:
            spans.setdefault(target, []).append((start, end))
        for of_target in spans.values():
            days.update(day for stretch in joined(of_target) for day in stretch)
    return days - set(ALWAYS)


def half_open(from_: date | None, to: date | None) -> tuple[date, date]:
    """The days from a first to a last one, both included, as [start, end). None is open: date.min, date.max."""
    if from_ is None and to is None:
        return ALWAYS
    return from_ or date.min, date.max if to is None or to == date.max else to + ONE_DAY


def cut(days: Iterable[date], start: date, end: date) -> list[tuple[date, date]]:
    """[start, end) cut at the days, as half-open stretches, sorted; none where it is empty."""
    if start >= end:
        return []
    edges = [start, *sorted({day for day in days if start < day < end}), end]
    return list(itertools.pairwise(edges))


def joined(stretches: Iterable[tuple[date, date]]) -> tuple[tuple[date, date], ...]:
    """Half-open stretches in any order as the fewest that hold the same days, sorted."""
    found: list[tuple[date, date]] = []
    for start, end in sorted(stretches):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((start, end))
    return tuple(found)


def stretch_text(start: date, end: date) -> str:
    """A half-open stretch for people: "from 2005-01-01 to 2005-03-31", "until 2005-03-31", "on every day"."""
    if (start, end) == ALWAYS:
        return "on every day"
    if end == date.max:
        return f"from {start} on"
    last = end - ONE_DAY
    if start == date.min:
        return f"until {last}"
    return f"on {start}" if start == last else f"from {start} to {last}"
