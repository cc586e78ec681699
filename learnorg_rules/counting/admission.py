"""Whether one event fits the rules and the organisation, at once: the checks of `ingest` for events that come singly.

Most events are plainly fine, and plain Python sees it in a few microseconds. Any other goes through the very checks of
`ingest`, as a frame of one row, so what is refused, with which code and reason, is said in one place.
"""

from collections.abc import Mapping, Set
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import pairwise

import polars as pl
from attrs import frozen

from ..events.event import Event
from ..model.definitions import EventKind
from ..model.ruleset import Ruleset
from ..org.organisation import Organisation
from .ingest import local_days, refusals
from .port import ENVELOPE, INSTANT, dtype_of
from .presence import is_absent

__all__ = ["Admission"]

_LEAST, _GREATEST = -(2**63), 2**63 - 1  # of a cell
_ALWAYS = (date.min, date.max)
_DAYS = 4096  # days whose offsets are kept; events of more days than in eleven years at a time are rare


@frozen
class _Kind:
    """What an event of one kind must have.

    Attributes:
        person: whether there must be one.
        needed: the fields that must be there.
        ranges: (field, least, greatest), as cells.
        choices: (field, options).
    """

    person: bool
    needed: tuple[str, ...]
    ranges: tuple[tuple[str, int, int], ...]
    choices: tuple[tuple[str, frozenset[str]], ...]

    @classmethod
    def of(cls, kind: EventKind, ruleset: Ruleset) -> "_Kind":
        fields = {name: ruleset.fields[name] for name in kind.takes if name in ruleset.fields and name not in ENVELOPE}
        ranges = []
        for name, type_ in fields.items():
            if type_.type in ("integer", "decimal") and not (type_.min is None and type_.max is None):
                scale = 10**type_.scale
                low = _LEAST if type_.min is None else -(-type_.min * scale // 1)  # up to a whole number
                high = _GREATEST if type_.max is None else type_.max * scale // 1
                ranges.append((name, low, high))
        choices = [(name, frozenset(type_.of)) for name, type_ in fields.items() if type_.type == "choice"]
        needed = tuple(name for name in fields if kind.takes[name])
        return cls(kind.takes.get("person", False), needed, tuple(ranges), tuple(choices))


class Admission:
    """Says of single events whether they fit. Rules and organisation are looked at once, here."""

    def __init__(self, ruleset: Ruleset, organisation: Organisation) -> None:
        self._ruleset = ruleset
        self._organisation = organisation
        self._effects = ruleset.effect_kinds
        self._kinds = {id_: _Kind.of(kind, ruleset) for id_, kind in ruleset.events.items()}
        self._lives = {id_: organisation.life(id_) for id_ in (*organisation.units, *organisation.bodies)}
        accepts_all = ruleset.header.records.unknown_person == "accept"
        self._persons = None if accepts_all else frozenset(organisation.persons)
        self._dated: Set[str | None] = set() if accepts_all else set(organisation.intermittent)
        fields = {name: dtype_of(type_.type) for name, type_ in ruleset.fields.items() if name not in ENVELOPE}
        self._fields = tuple(fields)
        self._schema: Mapping[str, pl.DataType] = {**ENVELOPE, **fields}
        self._time_zone = ruleset.header.time_zone
        self._offsets = lru_cache(_DAYS)(self._offsets_of)

    def check(self, event: Event) -> tuple[str, str] | None:
        """Code and reason with which `ingest` refuses the event when it is alone; None where it does not.

        Args:
            event: with fields as the cells of `Read.frame`.
        """
        return None if self._is_fine(event) else self._refusal(event)

    def day(self, event: Event) -> date:
        """The local day of the event: `date` of the frame that `ingest` gives."""
        at = event.occurred_at
        if at.tzinfo is not UTC:
            at = at.astimezone(UTC)
        if self._time_zone == "UTC":
            return at.date()
        offset = self._offsets(at.date())[at.hour]
        return (at + offset).date() if offset is not None else self._local(at)

    def _is_fine(self, event: Event) -> bool:
        kind, life, person = self._kinds.get(event.kind), self._lives.get(event.unit), event.person
        if kind is None or life is None:
            return False
        if kind.person if person is None else self._persons is not None and person not in self._persons:
            return False
        if (life != _ALWAYS or person in self._dated) and event.kind not in self._effects:
            day = self.day(event)
            if not life[0] <= day < life[1] or (person in self._dated and is_absent(self._organisation, person, day)):
                return False
        get = event.fields.get
        for name in kind.needed:
            if get(name) is None:
                return False
        for name, low, high in kind.ranges:
            value = get(name)
            if value is not None and not (isinstance(value, int) and low <= value <= high):
                return False
        for name, options in kind.choices:
            value = get(name)
            if value is not None and value not in options:
                return False
        return True

    def _refusal(self, event: Event) -> tuple[str, str] | None:
        row: dict[str, object] = {name: getattr(event, name) for name in ENVELOPE}
        row.update((name, event.fields.get(name)) for name in self._fields)
        frame = pl.DataFrame([list(row.values())], schema=dict(self._schema), orient="row")
        return refusals(frame, self._ruleset, self._organisation).get(0)

    # ---- local days, by the clock that `ingest` goes by, asked once a day

    def _offsets_of(self, day: date) -> tuple[timedelta | None, ...]:
        """From UTC to local time in each hour of the UTC day; None for an hour in which that changes."""
        start = datetime.combine(day, time(), UTC)
        hours = pl.Series([start + timedelta(hours=hour) for hour in range(25)], dtype=INSTANT)
        local = hours.dt.convert_time_zone(self._time_zone).dt.replace_time_zone("UTC")
        found: list[timedelta] = (local - hours).to_list()
        return tuple(one if one == next_ else None for one, next_ in pairwise(found))

    def _local(self, at: datetime) -> date:
        day: date = local_days(pl.Series([at], dtype=INSTANT), self._time_zone)[0]
        return day
