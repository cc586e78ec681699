"""What a log says, by batch: the events up to an entry, settled and checked."""

from collections.abc import Iterator

from ..engine.batch import wanted
from ..engine.ingest import Ingested, ingest
from ..engine.live import Counted
from ..events.event import Event
from ..model.ruleset import Ruleset
from ..org.organisation import Organisation
from ..store import Log
from .log_events import LogEvents

__all__ = ["counted", "ingested"]


def ingested(log: Log, ruleset: Ruleset, organisation: Organisation, until: int) -> Ingested:
    """What became of every event up to an entry of the log."""
    return ingest(LogEvents(log, until).read(wanted(ruleset)), ruleset, organisation)


def counted(found: Ingested, ruleset: Ruleset) -> Iterator[Counted]:
    """The events that count, each with its local day, in no order."""
    fields = [name for name in found.frame.columns if name in ruleset.fields]
    for row in found.frame.iter_rows(named=True):
        values = {name: row[name] for name in fields if row[name] is not None}
        event = Event(
            row["id"], row["kind"], row["unit"], row["occurred_at"], row["source"], row["person"], row["recorded_at"],
            row["corrects"], row["voids"], values,
        )  # fmt: skip
        yield event, row["date"]
