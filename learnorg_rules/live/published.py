"""Published results, which are kept as JSON, as results again, so that they are told like any others."""

import json
import re
from collections.abc import Mapping
from datetime import date
from fractions import Fraction
from typing import Any

from ..judging.changes import Cause, Change
from ..judging.effects import Appeal, Waiver
from ..judging.results import AwardResult, DecisionResult, DutyResult, ItemResult, Record, ScoreResult
from ..model.award import Grant
from ..model.definitions import Text
from ..model.duty import Status
from ..store import Restatement
from ..values import Value

__all__ = ["change_of", "record_of"]

_FRACTION = re.compile(r"-?\d+/\d+")
_DAYS = frozenset({"start", "due", "from", "until"})


def change_of(restatement: Restatement, at: date) -> Change | None:
    """The restatement as a change, of a publication of day `at`; None where neither side is a result."""
    old, new = record_of(restatement.old), record_of(restatement.new)
    if old is None and new is None:
        return None
    sort, _, id_ = restatement.cause.partition(" ")
    if sort == "time":  # on which day is not kept with it
        sort = "later"
    kind = _kind(new if new is not None else old)
    place, subject = (restatement.seq, 0), restatement.subject
    return Change(place, at, kind, restatement.rule, subject, restatement.period, old, new, Cause(sort, "", id_))


def record_of(line: str) -> Record | None:
    """The result that a line of a publication says; None for "null", where there was none."""
    found = json.loads(line)
    if found is None:
        return None
    if "duty" in found:
        first = None if found["first"] is None else Status(found["first"])
        rest = {"status": Status(found["status"]), "first": first, "unmet_in": frozenset(found["unmet_in"])}
        return DutyResult(**_plain(found) | rest)
    if "scorecard" in found:
        numbers = {name: _number(found[name]) for name in ("total", "out_of")}
        items = tuple(_item(item) for item in found["items"])
        return ScoreResult(**_plain(found) | numbers | {"items": items})
    if "award" in found:
        keys = tuple(_value(key) for key in found["keys"])
        return AwardResult(**_plain(found) | {"outcome": Grant(found["outcome"]), "keys": keys})
    return DecisionResult(**found | {"because": Text(**found["because"]), "facts": tuple(found["facts"])})


def _item(found: Mapping[str, Any]) -> ItemResult:
    numbers = {name: _number(found[name]) for name in ("points", "out_of", "first")}
    return ItemResult(**_plain(found) | numbers | {"value": _value(found["value"])})


def _plain(found: Mapping[str, Any]) -> dict[str, Any]:
    """The fields with days, lists and what people decided as results have them."""
    given: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in found.items()}
    given |= {name: date.fromisoformat(value) for name, value in given.items() if name in _DAYS}
    for name, sort in (("waiver", Waiver), ("appeal", Appeal)):
        held = given.get(name)
        if held is not None:
            days = {key: date.fromisoformat(value) for key, value in held.items() if key in _DAYS}
            numbers = {"points": _number(held["points"])} if "points" in held else {}
            fields = held | days | numbers
            given[name] = sort(**{("from_" if key == "from" else key): value for key, value in fields.items()})
    return given


def _number(value: int | str | None) -> Fraction | None:
    return None if value is None else Fraction(value)


def _value(value: Any) -> Value:
    return Fraction(value) if isinstance(value, str) and _FRACTION.fullmatch(value) else value


def _kind(record: Record | None) -> str:
    kinds = {DutyResult: "duty", ScoreResult: "score", AwardResult: "award", DecisionResult: "decision"}
    return next(kind for sort, kind in kinds.items() if isinstance(record, sort))
