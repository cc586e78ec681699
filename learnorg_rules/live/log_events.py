"""The events of a log, as a source of events like any other: its lines in their order, resends included."""

from collections.abc import Callable
from typing import Any

from attrs import field, frozen

from ..adapters.events.collector import RowCollector
from ..adapters.events.exact import Problem
from ..adapters.events.plan import plan_of
from ..adapters.events.single import RowReader
from ..adapters.events.sources import row_of
from ..counting.port import ENVELOPE, Read, Wanted
from ..store import Log

__all__ = ["LogEvents"]


@frozen
class LogEvents:
    """Every event that came to a log up to an entry; rows are numbered by their place in it."""

    log: Log = field(repr=False)
    until: int | None = None  # the last entry looked at; None for all there are
    name: str = "log"

    def read(self, wanted: Wanted, progress: Callable[[int, int], None] | None = None) -> Read:
        """Read all lines; a line that came several times is there as often."""
        collector, reader = RowCollector(plan_of(wanted)), RowReader(wanted)
        file = collector.begin_file(self.name)
        names: dict[str, Any] = dict.fromkeys((*ENVELOPE, *wanted.fields))
        end = self.log.last() if self.until is None else self.until
        for entry in self.log.entries(until=end):
            if entry.sort != "event":
                continue
            row = reader.read(entry.line)
            event = row.event
            for _ in range(entry.copies):
                if event is None:
                    assert row.problems is not None  # a row is an event, or says why not
                    collector.reject(file, entry.seq, row.id, [Problem(*row.problems)])
                else:
                    collector.exact.append((file, entry.seq, names | dict(row_of(event))))
            if progress is not None and entry.seq % 1000 == 0:
                progress(entry.seq, end)
        return collector.read()
