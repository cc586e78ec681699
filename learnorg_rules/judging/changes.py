"""Changes: what is different after an event, or after time has passed."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date

from attrs import frozen

from ..model.kinds import kind_of
from ..model.results import Record

__all__ = ["Cause", "Change", "RecordKey", "differences", "key_of"]

RecordKey = tuple[str, str, str, str, str]
"""Kind of result, rule, subject, period, and what tells several apart: what was decided. Of all versions of a rule one judges."""


@frozen
class Cause:
    """Why something changed.

    `sort`: "event", "time", "organisation", "rules", or "inputs" for rules and organisation at once. `source`, `id`: the
    event's identity; "" of the others.
    """

    sort: str
    source: str = ""
    id: str = ""

    def __str__(self) -> str:
        return f"event {self.id}" if self.sort == "event" else self.sort


@frozen
class Change:
    """One result that is different now: `old` None where there was none before, `new` None where there is none any more.

    `position`: the place of its cause in the log, and its number among the changes of that cause; changes are ordered by it,
    and the same log gives the same changes again. `at`: the day judged.
    """

    position: tuple[int, int]
    at: date
    kind: str  # the name of a kind of `learnorg_rules.model.kinds`
    rule: str
    subject: str
    period: str  # of a step of a plan: the step
    old: Record | None
    new: Record | None
    cause: Cause

    @property
    def key(self) -> RecordKey:
        """Which result it is about."""
        record = self.new if self.new is not None else self.old
        assert record is not None  # one of them is there
        return key_of(record)


def key_of(record: Record) -> RecordKey:
    """Which result a record is, whatever it says."""
    kind = kind_of(record)
    return kind.name, record.rule, record.subject, record.period, kind.key(record)


def differences(old: Iterable[Record], new: Iterable[Record]) -> Iterator[tuple[Record | None, Record | None]]:
    """Pairs of records that differ: those that are new or different in the order of `new`, then those that are gone."""
    if old is new:
        return
    old, new = list(old), list(new)
    if len(old) == len(new) == 1 and key_of(old[0]) == key_of(new[0]):  # the usual case, and the fast one
        yield from [(old[0], new[0])] if old[0] != new[0] else []
        return
    before = {key_of(record): record for record in old}
    for record in new:
        earlier = before.pop(key_of(record), None)
        if earlier != record:
            yield earlier, record
    for record in before.values():
        yield record, None


def changes_of(
    pairs: Sequence[tuple[Record | None, Record | None]], position: int, first: int, at: date, cause: Cause
) -> list[Change]:
    """The pairs as changes, numbered from `first`."""
    changes = []
    for number, (old, new) in enumerate(pairs, start=first):
        record = new if new is not None else old
        assert record is not None
        kind, rule, subject, period, _ = key_of(record)
        changes.append(Change((position, number), at, kind, rule, subject, period, old, new, cause))
    return changes
