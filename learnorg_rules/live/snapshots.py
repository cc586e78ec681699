"""The state of a follower as bytes, and back. JSON, compressed: nothing in it is ever executed."""

import json
import zlib
from collections.abc import Mapping
from datetime import date, datetime
from fractions import Fraction
from typing import Any

from ..events.event import Event
from .follower import Counted, State

__all__ = ["meant", "pack", "said", "unpack"]

ENVELOPE = ("id", "kind", "unit", "occurred_at", "source", "person", "recorded_at", "corrects", "voids", "fields")


def pack(state: State) -> Mapping[str, bytes]:
    """The parts of a snapshot."""
    parts = {
        "at": state.at.isoformat(),
        "subjects": list(state.subjects),
        "seen": [[said(value) for value in row] for row in state.seen],
        "later": [_event(counted) for counted in state.later],
        "effects": [_event(counted) for counted in state.effects],
    }
    return {name: zlib.compress(json.dumps(part, ensure_ascii=False).encode(), 1) for name, part in parts.items()}


def unpack(parts: Mapping[str, bytes]) -> State:
    """The state that `pack` was given."""
    found = {name: json.loads(zlib.decompress(part)) for name, part in parts.items()}
    return State(
        date.fromisoformat(found["at"]),
        found["subjects"],
        [tuple(meant(value) for value in row) for row in found["seen"]],
        [_counted(row) for row in found["later"]],
        [_counted(row) for row in found["effects"]],
    )


def said(value: Any) -> Any:
    """In JSON's types; what it has none for as a mapping of one tag."""
    match value:
        case datetime():
            return {"instant": value.isoformat()}
        case date():
            return {"day": value.isoformat()}
        case Fraction():
            return {"number": str(value)}
        case list() | tuple():
            return [said(item) for item in value]
        case Mapping():
            return {"fields": {name: said(item) for name, item in value.items()}}
    return value


def meant(value: Any) -> Any:
    """What `said` was given."""
    if isinstance(value, list):
        return [meant(item) for item in value]
    if not isinstance(value, dict):
        return value
    ((tag, inner),) = value.items()
    if tag == "fields":
        return {name: meant(item) for name, item in inner.items()}
    if tag == "instant":
        return datetime.fromisoformat(inner)
    return date.fromisoformat(inner) if tag == "day" else Fraction(inner)


def _event(counted: Counted) -> list[Any]:
    event, day = counted
    return [said(getattr(event, name)) for name in ENVELOPE] + [said(day)]


def _counted(row: list[Any]) -> Counted:
    *values, day = (meant(value) for value in row)
    return Event(**dict(zip(ENVELOPE, values, strict=True))), day
