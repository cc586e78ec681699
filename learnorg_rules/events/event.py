"""An event: something that happened at a unit, known by who sent it and the id they gave it."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from attrs import field, frozen

from ..periods import ONE_DAY

__all__ = ["Event", "Identity", "known_until"]

Identity = tuple[str, str]
"""Who sent it, and the id they gave it."""


@frozen
class Event:
    """One record of one happening.

    Attributes:
        id: unique within `source`.
        occurred_at: when it happened; decides the period. Has a time zone.
        source: who sent it; "" where nothing says so.
        person: whom it is about; None where it is about nobody.
        recorded_at: when it became known; None where it was known as it happened.
        corrects: id, of the same source, of the event that this one takes the place of.
        voids: id, of the same source, of the event that this one takes back. Such an event never counts itself.
        fields: the declared fields; an absent one and one that is None are the same.
    """

    id: str
    kind: str
    unit: str
    occurred_at: datetime
    source: str = ""
    person: str | None = None
    recorded_at: datetime | None = None
    corrects: str | None = None
    voids: str | None = None
    fields: Mapping[str, object] = field(factory=dict)

    @property
    def identity(self) -> Identity:
        """What makes it the same event when it comes again."""
        return self.source, self.id

    @property
    def known_from(self) -> datetime:
        """When it became known."""
        return self.occurred_at if self.recorded_at is None else self.recorded_at

    @property
    def order(self) -> tuple[datetime, str, str]:
        """Its place in the one total order of events."""
        return self.occurred_at, self.source, self.id

    @property
    def content(self) -> Mapping[str, object]:
        """All it says of the happening: what a resend must repeat. When it was recorded is not part of it."""
        said: dict[str, object] = {
            "kind": self.kind,
            "unit": self.unit,
            "person": self.person,
            "occurred_at": self.occurred_at.astimezone(UTC),
            "corrects": self.corrects,
            "voids": self.voids,
            **dict(sorted(self.fields.items())),
        }
        return {name: value for name, value in said.items() if value is not None}


def known_until(known_at: date | datetime | None, time_zone: tzinfo) -> datetime | None:
    """The last instant, to the microsecond, that `known_at` includes: a date means the end of that local day.

    Raises:
        ValueError: `known_at` is a datetime without time zone.
    """
    if known_at is None:
        return None
    if isinstance(known_at, datetime):
        if known_at.tzinfo is None:
            raise ValueError(f"known_at {known_at.isoformat()} has no time zone")
        return known_at.astimezone(UTC)
    midnight = datetime.combine(known_at + ONE_DAY, time(), time_zone)
    return midnight.astimezone(UTC) - timedelta(microseconds=1)
