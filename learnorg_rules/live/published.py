"""Restatements, which are kept as JSON, as changes again, so that they are told like any others."""

from collections.abc import Iterable
from datetime import date

from ..judging.changes import Cause, Change, RecordKey, key_of
from ..model.kinds import kind_of
from ..model.results import Record
from ..store import Restatement
from .codec import record_of

__all__ = ["change_of", "changed_by"]


def change_of(restatement: Restatement, at: date) -> Change | None:
    """The restatement as a change, of a publication of day `at`; None where neither side is a result."""
    old, new = record_of(restatement.old), record_of(restatement.new)
    record = new if new is not None else old
    if record is None:
        return None
    sort, _, id_ = restatement.cause.partition(" ")
    if sort == "time":  # on which day is not kept with it
        sort = "later"
    place, subject = (restatement.seq, 0), restatement.subject
    kind = kind_of(record).name
    return Change(place, at, kind, restatement.rule, subject, restatement.period, old, new, Cause(sort, "", id_))


def changed_by(seq: int, restated: Iterable[Restatement]) -> list[tuple[Record | None, Record | None]]:
    """The results that restatements of an entry moved, before and after, each once."""
    found: dict[RecordKey, tuple[Record | None, Record | None]] = {}
    for restatement in restated:
        old, new = record_of(restatement.old), record_of(restatement.new)
        record = new if new is not None else old
        if restatement.seq == seq and record is not None:
            found.setdefault(key_of(record), (old, new))
    return list(found.values())
