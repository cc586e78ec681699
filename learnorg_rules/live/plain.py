"""Anything of ours as plain data, the same for what is equal: what digests, the ledger and CloudEvents are made of."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from enum import Enum
from fractions import Fraction
from typing import Any

import attrs

from ..errors import Source

__all__ = ["digest", "plain", "text"]


def plain(value: object, tagged: bool = False) -> Any:
    """JSON's types only: attrs classes as mappings without what does not count in comparisons, such as positions in files.

    Fractions are texts like "7/2" (whole ones integers), days and instants ISO 8601, choices their value. `tagged`: with
    the name of each class, for what is told apart by its class alone.
    """
    match value:
        case Enum():
            return value.value
        case None | bool() | int() | str():
            return value
        case Fraction():
            return value.numerator if value.denominator == 1 else f"{value.numerator}/{value.denominator}"
        case datetime() | date():
            return value.isoformat()
        case timedelta():
            return f"{value.days} days"
        case Mapping():
            return {str(key): plain(item, tagged) for key, item in value.items()}
        case set() | frozenset():
            return sorted(plain(item, tagged) for item in value)
        case Sequence():  # a text has been taken above
            return [plain(item, tagged) for item in value]
    kind: Any = type(value)
    if attrs.has(kind):
        fields = [f for f in attrs.fields(kind) if f.eq is not False]
        found = {f.name.strip("_"): plain(getattr(value, f.name), tagged) for f in fields if f.type is not Source}
        return {"is": type(value).__name__, **found} if tagged else found
    raise TypeError(f"{type(value).__name__} has no plain form")


def text(value: object) -> str:
    """The plain form as canonical JSON on one line: keys sorted, no spaces, no escapes but those JSON needs."""
    return _json(plain(value))


def digest(*values: object) -> str:
    """SHA-256, in hexadecimal, of the tagged plain forms of some values."""
    found = hashlib.sha256()
    for value in values:
        found.update(_json(plain(value, tagged=True)).encode() + b"\n")
    return found.hexdigest()


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
