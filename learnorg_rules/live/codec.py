"""Result records as plain JSON values, and back: what publications, restatements and CloudEvents are made of."""

import json
import re
from collections.abc import Mapping, Sequence
from datetime import date
from enum import Enum
from fractions import Fraction
from functools import cache
from types import UnionType
from typing import Any, Union, get_args, get_origin

import attrs

from ..model.kinds import kind_named, kind_of
from ..model.results import Record
from ..texts import nfc
from .plain import plain, text

__all__ = ["NOTHING", "line_of", "lines_of", "plain_record", "record_of", "renewed"]

NOTHING = text(None)
"""The line that stands for no result."""

_FRACTION = re.compile(r"-?\d+/\d+")


def plain_record(record: Record | None) -> dict[str, Any] | None:
    """The record in JSON's types: its kind, then its fields; None for None."""
    return None if record is None else {"kind": kind_of(record).name, **plain(record)}


def line_of(record: Record | None) -> str:
    """The record as canonical JSON on one line; `NOTHING` for None."""
    return text(plain_record(record))


def lines_of(records: Sequence[Record]) -> str:
    """Canonical JSON, one result a line: what is published and digested."""
    return "".join(f"{line_of(record)}\n" for record in records)


def record_of(line: str) -> Record | None:
    """The record that a line says; None for `NOTHING`."""
    found = json.loads(renewed(line))
    if found is None:
        return None
    result: Record = _structured(kind_named(found.pop("kind")).result, found)
    return result


def renewed(line: str) -> str:
    """The line as it is written today.

    Logs written before the kinds of results had one form name a rule by its kind (`"duty": "salon"`), call indicators
    `items`, and say nothing of the period of a decision. Older ones have ids as they came, not in NFC, and say nothing of what
    decisions did to awards.
    """
    line = nfc(line)
    if line == NOTHING:
        return line
    found = json.loads(line)
    if found.get("kind") == "award" and "decided_by" not in found:
        return text({**found, "decided_by": []})
    if "kind" in found:
        return line
    kind = next((name for name in ("duty", "scorecard", "award") if name in found), "decision")
    if kind == "decision":
        found |= {"period": found["values"].get("period", ""), "version": 0}
    else:
        found["rule"] = found.pop(kind)
    if "items" in found:
        parts = [{**item, "rule": found["rule"], "version": found["version"]} for item in found.pop("items")]
        found["indicators"] = [{name: value for name, value in part.items() if name != kind} for part in parts]
    return text({"kind": kind, **({"decided_by": []} if kind == "award" else {}), **found})


def _structured(type_: Any, value: Any) -> Any:
    """A value of JSON as one of a field's type; an expression's value is what its JSON says."""
    if value is None:
        return None
    if attrs.has(type_):
        return type_(**{alias: _structured(inner, value[name]) for name, alias, inner in _fields_of(type_)})
    origin, inner = get_origin(type_), get_args(type_)
    if origin in (Union, UnionType):
        types = [one for one in inner if one is not type(None)]
        return _structured(types[0], value) if len(types) == 1 else _value(value)
    if type_ is Fraction:
        return Fraction(value)
    if type_ is date:
        return date.fromisoformat(value)
    if isinstance(type_, type) and issubclass(type_, Enum):
        return type_(value)
    if origin is frozenset:
        return frozenset(_structured(inner[0], one) for one in value)
    if origin is not None and issubclass(origin, Mapping):
        return {name: _structured(inner[1], one) for name, one in value.items()}
    if origin is not None and issubclass(origin, Sequence):
        return tuple(_structured(inner[0], one) for one in value)
    return value


def _value(value: Any) -> Any:
    return Fraction(value) if isinstance(value, str) and _FRACTION.fullmatch(value) else value


@cache
def _fields_of(cls: type) -> Sequence[tuple[str, str, Any]]:
    """Of each compared field: its name in JSON, the argument that takes it, and its type."""
    resolved: Any = attrs.resolve_types(cls)
    return [(f.name.strip("_"), f.alias, f.type) for f in attrs.fields(resolved) if f.eq is not False]
