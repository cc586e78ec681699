"""Which events of a log count, as they arrive one by one.

Whether an event counts depends only on those of its own id, those it corrects or voids, and those that correct or void it.
So an arrival is settled together with these and no others, by `events.settle`, before and after.
"""

from collections.abc import Iterable, Sequence

from attrs import frozen

from ..adapters.events.single import ReadRow, RowReader
from ..counting.admission import Admission
from ..events.event import Event
from ..events.settle import Settled, settle
from ..store import Appended, Log
from .follower import Counted

__all__ = ["Arrival", "Settling"]


@frozen
class Arrival:
    """What an arrival changed about which events count. `state`, `code`, `reason`: as in `Posted`."""

    state: str
    code: str = ""
    reason: str = ""
    gone: Sequence[Counted] = ()
    come: Sequence[Counted] = ()


class Settling:
    """Settles arrivals against the log that holds them."""

    def __init__(self, log: Log, reader: RowReader, admission: Admission) -> None:
        self.log, self.reader, self.admission = log, reader, admission

    def arrived(self, row: ReadRow, place: Appended) -> Arrival:
        """What is different because of a row that was just appended."""
        if not place.is_new:
            return Arrival("duplicate")
        event = row.event
        if event is None:
            assert row.problems is not None  # a row is an event, or says why not
            return Arrival("rejected", *row.problems)
        if row.names is None and self.log.is_alone(event.source, event.id, place.seq):
            refused = self.admission.check(event)
            if refused is not None:
                return Arrival("rejected", *refused)
            return Arrival("accepted", come=((event, self.admission.day(event)),))
        return self._among(event, place.seq)

    def _among(self, event: Event, seq: int) -> Arrival:
        related = self._related(event, seq)
        before = self._counted(e for number, e in related.items() if number != seq)
        settled = settle(related.values())
        after = self._counted(related.values())
        gone = tuple(counted for key, counted in before.items() if key not in after)
        come = tuple(counted for key, counted in after.items() if key not in before)
        state, code, reason = self._state(related[seq], settled)
        return Arrival(state, code, reason, gone, come)

    def _state(self, event: Event, settled: Settled) -> tuple[str, str, str]:
        for other, code, reason in settled.set_aside:
            if other is event:
                return ("conflicting" if code == "V401" else "rejected"), code, reason
        for name, events in (("superseded", settled.superseded), ("voided", settled.voided), ("voids", settled.voids)):
            if any(other is event for other in events):
                return name, "", ""
        if all(other is not event for other in settled.counted):
            return "duplicate", "", ""  # with another time of recording
        refused = self.admission.check(event)
        return ("accepted", "", "") if refused is None else ("rejected", *refused)

    def _counted(self, events: Iterable[Event]) -> dict[tuple[object, ...], Counted]:
        """The events among these that count, by all they say: also when they were recorded, which rules may ask for."""
        return {
            (event.source, event.id, event.recorded_at, *event.content.items()): (event, self.admission.day(event))
            for event in settle(events).counted
            if self.admission.check(event) is None
        }

    def _related(self, event: Event, seq: int) -> dict[int, Event]:
        """The event and all before it that it can depend on, or that can depend on it, by place in the log."""
        todo, seen = [event.id], {event.id}
        found: dict[int, Event] = {}
        while todo:
            name = todo.pop()
            for entry in (*self.log.same_identity(event.source, name), *self.log.naming(event.source, name)):
                other = None if entry.seq in found or entry.seq > seq else self.reader.read(entry.line).event
                if other is None:
                    continue
                found[entry.seq] = other
                for id_ in (other.id, other.corrects, other.voids):
                    if id_ is not None and id_ not in seen:
                        seen.add(id_)
                        todo.append(id_)
        return dict(sorted(found.items()))
