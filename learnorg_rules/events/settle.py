"""Which events count: resends, conflicts, corrections, voids and what was not yet known.

This is the definition. The order of arrival never enters: every choice is made by what the events say. What is set
aside or voided is as if it had never been sent, so a correction of it has nothing to correct and is set aside too;
the one exception is an event in conflict, which a correction or a void may put right.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, tzinfo

from attrs import evolve, frozen

from .event import Event, Identity, known_until

__all__ = ["SetAside", "Settled", "settle"]

SetAside = tuple[Event, str, str]
"""An event, the code and the reason why it is set aside."""

NAMES_SHOWN = 5  # of a circle of corrections or of rivals; longer lists say nothing more


@frozen
class Settled:
    """What became of every event.

    `duplicates` + the lengths of all others = how many events there were. Each tuple is in the total order.

    Attributes:
        counted: those that count, each once.
        duplicates: resends dropped.
        set_aside: those that cannot be used, with code and reason.
        superseded: those that a correction took the place of.
        voided: those that a void took back.
        voids: the voids that did so.
        not_yet_known: those recorded after `known_at`.
    """

    counted: tuple[Event, ...]
    duplicates: int
    set_aside: tuple[SetAside, ...]
    superseded: tuple[Event, ...]
    voided: tuple[Event, ...]
    voids: tuple[Event, ...]
    not_yet_known: tuple[Event, ...]


def settle(events: Iterable[Event], known_at: date | datetime | None = None, time_zone: tzinfo = UTC) -> Settled:
    """The events that count, in the order of `occurred_at`, then `source`, then `id`.

    Args:
        events: in any order, with any repetitions.
        known_at: leave out what was recorded later; a date means the end of that day in `time_zone`.
        time_zone: only for a `known_at` that is a date.

    Raises:
        ValueError: `known_at` is a datetime without time zone.
    """
    until = known_until(known_at, time_zone)
    versions: dict[Identity, list[Event]] = defaultdict(list)
    late: list[Event] = []
    seen = 0
    for event in events:
        if until is not None and event.known_from > until:
            late.append(event)
        else:
            versions[event.identity].append(event)
            seen += 1
    aside: list[SetAside] = []
    single: dict[Identity, Event] = {}
    conflicts: dict[Identity, list[Event]] = {}
    for identity, copies in versions.items():
        distinct = _distinct(copies)
        if len(distinct) == 1:
            single[identity] = distinct[0]
        else:
            conflicts[identity] = distinct
    duplicates = seen - sum(map(len, conflicts.values())) - len(single)
    voids, voided, remaining = _void(single, conflicts, versions.keys(), aside)
    aside += [(event, "V401", _conflict(distinct)) for distinct in conflicts.values() for event in distinct]
    chains = _Chains(remaining, single, versions.keys(), aside)
    counted, superseded = chains.follow()
    return Settled(
        counted=_ordered(counted),
        duplicates=duplicates,
        set_aside=tuple(sorted(aside, key=lambda entry: (entry[0].order, entry[1], repr(entry[0].content)))),
        superseded=_ordered(superseded),
        voided=tuple(sorted(voided, key=lambda event: (event.order, repr(event.content)))),  # versions have one order
        voids=_ordered(voids),
        not_yet_known=_ordered(late),
    )


def _ordered(events: Iterable[Event]) -> tuple[Event, ...]:
    return tuple(sorted(events, key=lambda event: event.order))


def _distinct(copies: Sequence[Event]) -> list[Event]:
    """One event for each different content: the copy recorded first."""
    if len(copies) == 1:
        return [copies[0]]
    first: dict[tuple[tuple[str, object], ...], Event] = {}
    for event in copies:
        content = tuple(event.content.items())
        kept = first.get(content)
        if kept is None or _recorded(event) < _recorded(kept):
            first[content] = event
    return list(first.values())


def _recorded(event: Event) -> tuple[datetime, bool]:
    return event.known_from, event.recorded_at is not None


def _conflict(distinct: Sequence[Event]) -> str:
    contents = [event.content for event in distinct]
    names = dict.fromkeys(name for content in contents for name in content)
    differ = [name for name in names if any(content.get(name) != contents[0].get(name) for content in contents)]
    envelope = [name for name in ("kind", "unit", "person", "occurred_at", "corrects", "voids") if name in differ]
    fields = sorted(name for name in differ if name not in envelope)
    return f"{_name(distinct[0])} came in {len(distinct)} versions that differ in {', '.join(envelope + fields)}"


def _name(event: Event) -> str:
    return f"id {event.id!r} of source {event.source!r}" if event.source else f"id {event.id!r}"


def _void(
    single: dict[Identity, Event],
    conflicts: dict[Identity, list[Event]],
    known: Iterable[Identity],
    aside: list[SetAside],
) -> tuple[list[Event], list[Event], dict[Identity, Event]]:
    """Take back what is voided: (the voids that did, what they took back, what remains).

    An event in conflict is taken back in all its versions, and is a conflict no longer; one of them stands for it in `single`.
    """
    known = set(known)
    remaining: dict[Identity, Event] = {}
    takers: list[Event] = []
    for identity, event in single.items():
        if event.voids is None:
            remaining[identity] = event
        elif event.corrects is not None:
            aside.append(
                (event, "V407", f"corrects {event.corrects!r} and voids {event.voids!r}: only one is possible")
            )
        else:
            takers.append(event)
    voids: list[Event] = []
    voided: dict[Identity, list[Event]] = {}
    for event in takers:
        target = (event.source, event.voids or "")
        named = single.get(target)
        if target not in known:
            aside.append((event, "V405", f"voids {event.voids!r}, which is not there"))
        elif named is not None and named.voids is not None and named.corrects is None:
            aside.append((event, "V406", f"voids {event.voids!r}, which is itself a void"))
        else:
            voids.append(event)
            if target in remaining:
                voided[target] = [remaining.pop(target)]
            elif target in conflicts:
                voided[target] = conflicts.pop(target)
    single.update({i: evolve(events[0], corrects=None, voids=None) for i, events in voided.items() if i not in single})
    return voids, [event for versions in voided.values() for event in versions], remaining


class _Chains:
    """Follows corrections from what they correct to what counts in its place."""

    def __init__(
        self,
        remaining: Mapping[Identity, Event],
        single: Mapping[Identity, Event],
        known: Iterable[Identity],
        aside: list[SetAside],
    ) -> None:
        self.remaining = remaining
        self.single = single
        self.known = set(known)
        self.aside = aside
        self.by_target: dict[Identity, list[Event]] = defaultdict(list)
        for event in remaining.values():
            if event.corrects is not None:
                self.by_target[event.source, event.corrects].append(event)
        self.counted: list[Event] = []
        self.superseded: list[Event] = []
        self.reached: set[Identity] = set()

    def follow(self) -> tuple[list[Event], list[Event]]:
        """(what counts, what was superseded)."""
        for identity, event in self.remaining.items():
            if event.corrects is None:
                self._from(identity, event)
        for identity in [target for target in self.by_target if target in self.known and target not in self.single]:
            self._from(identity, None)  # in conflict: the correction says what is right
        self._rest()
        return self.counted, self.superseded

    def _from(self, identity: Identity, event: Event | None) -> None:
        current = event
        while True:
            if current is not None:
                identity = current.identity
                self.reached.add(identity)
            corrections = self.by_target.get(identity, [])
            winner = self._winner(corrections)
            if winner is None:
                break
            if current is not None:
                self.superseded.append(current)
            for loser in corrections:
                if loser is not winner:
                    self.superseded += self._branch(loser)
            current = winner
        if current is not None:
            self.counted.append(current)

    def _winner(self, corrections: Sequence[Event]) -> Event | None:
        """The correction that holds; None where there is none, or none that can be told to be the last."""
        if len(corrections) <= 1:
            return corrections[0] if corrections else None
        dated = sorted((e for e in corrections if e.recorded_at is not None), key=lambda e: e.known_from, reverse=True)
        if len(dated) == len(corrections) and dated[0].recorded_at != dated[1].recorded_at:
            return dated[0]
        ids = sorted(event.id for event in corrections)
        for event in corrections:
            rivals = _listed([other for other in ids if other != event.id])
            reason = f"corrects {event.corrects!r}, and so does {rivals}: recorded_at does not say which is the last"
            self.aside.append((event, "V402", reason))
            for later in self._branch(event)[1:]:
                self.aside.append((later, "V403", f"corrects {later.corrects!r}, which is set aside"))
        return None

    def _branch(self, event: Event) -> list[Event]:
        """The event and all that correct it, directly or not."""
        found = [event]
        for one in found:
            self.reached.add(one.identity)
            found += self.by_target.get(one.identity, [])
        return found

    def _rest(self) -> None:
        """Corrections that hang on nothing that counts."""
        rest = {identity: event for identity, event in self.remaining.items() if identity not in self.reached}
        circles = _circles(rest)
        for identity, event in rest.items():
            target = (event.source, event.corrects or "")
            if identity in circles:
                self.aside.append((event, "V404", f"corrects itself in a circle: {circles[identity]}"))
                continue
            named = self.single.get(target)
            if target not in self.known:
                why = "is not there"
            elif named is not None and named.voids is not None and named.corrects is None:
                why = "is a void"
            elif named is not None and named.voids is None and target not in self.remaining:
                why = "was voided"
            else:
                why = "is set aside"
            self.aside.append((event, "V403", f"corrects {event.corrects!r}, which {why}"))


def _circles(rest: Mapping[Identity, Event]) -> dict[Identity, str]:
    """The events that correct one another in a circle, each with the circle in words, from its least id on."""
    circles: dict[Identity, str] = {}
    done: set[Identity] = set()
    for start in rest:
        path: dict[Identity, None] = {}
        here = start
        while here in rest and here not in done and here not in path:
            path[here] = None
            here = (here[0], rest[here].corrects or "")
        if here in path:
            walked = list(path)
            circle = walked[walked.index(here) :]
            least = circle.index(min(circle))
            ids = [identity[1] for identity in circle[least:] + circle[:least]]
            shown = ids if len(ids) <= NAMES_SHOWN else [*ids[:NAMES_SHOWN], "..."]
            words = " corrects ".join(repr(i) if i != "..." else i for i in [*shown, ids[0]])
            circles.update(dict.fromkeys(circle, words))
        done.update(path)
    return circles


def _listed(ids: Sequence[str]) -> str:
    shown = ", ".join(repr(i) for i in ids[:NAMES_SHOWN])
    return shown if len(ids) <= NAMES_SHOWN else f"{shown} and {len(ids) - NAMES_SHOWN} more"
