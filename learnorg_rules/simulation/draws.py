"""Values from uniform numbers: what a field, an attribute or a count is drawn as."""

from collections.abc import Sequence
from datetime import date
from fractions import Fraction
from math import ceil, floor
from statistics import NormalDist
from typing import Any

import numpy as np

from ..model.definitions import FieldType
from .definitions import Draw

__all__ = ["cells", "fault_of", "whole_number"]

_LEAST = 2.0**-60  # the inverse of the normal distribution has no value at 0
_NORMAL = NormalDist()


def cells(draw: Draw, kind: FieldType, uniform: np.ndarray) -> list[Any]:
    """A drawn value for each uniform number, as cells of event columns: decimals are integers times 10**places."""
    if draw.sort == "chance":
        assert draw.chance is not None  # what "chance" means
        return (uniform < float(draw.chance)).tolist()  # type: ignore[no-any-return]
    if draw.sort == "choice":
        options = [_option(text, kind) for text in draw.options]
        return [options[i] for i in (uniform * len(options)).astype(np.int64).tolist()]
    low, high = _ends(draw, kind)
    if draw.sort == "normal":
        assert draw.mean is not None
        assert draw.deviation is not None
        mean, deviation = float(draw.mean * 10**kind.scale), float(draw.deviation * 10**kind.scale)
        drawn = (round(mean + deviation * _NORMAL.inv_cdf(max(u, _LEAST))) for u in uniform.tolist())
        return [_limited(n, low, high) for n in drawn]
    assert low is not None
    assert high is not None
    numbers = (low + (uniform * (high - low + 1)).astype(np.int64)).tolist()
    return [date.fromordinal(n) for n in numbers] if kind.type == "date" else numbers


def _limited(number: int, low: int | None, high: int | None) -> int:
    number = number if low is None else max(number, low)
    return number if high is None else min(number, high)


def whole_number(draw: Draw, uniform: float) -> int:
    """A count from a range of whole numbers."""
    (number,) = cells(draw, FieldType("integer"), np.array([uniform]))
    return int(number)


def _ends(draw: Draw, kind: FieldType) -> tuple[int | None, int | None]:
    """Both ends as integers: of a range those drawn from, of a normal distribution those it is limited to."""
    scale = 10**kind.scale
    low, high = (
        end.toordinal() if isinstance(end, date) else None if end is None else end * scale
        for end in (draw.low, draw.high)
    )
    return None if low is None else ceil(low), None if high is None else floor(high)


def _option(text: str, kind: FieldType) -> object:
    if kind.type in ("integer", "decimal"):
        return int(Fraction(text) * 10**kind.scale)
    if kind.type == "date":
        return date.fromisoformat(text)
    return text == "true" if kind.type == "boolean" else text


# ---- does it fit?


def fault_of(draw: Draw, kind: FieldType) -> str:
    """Why the draw does not fit the declared type, or ""; nothing is said of one that was reported."""
    if draw.sort == "reported":
        return ""
    checks = {
        "integer": _number_fault, "decimal": _number_fault, "boolean": _boolean_fault, "date": _date_fault,
        "text": _text_fault, "choice": _text_fault,
    }  # fmt: skip
    if kind.type not in checks:
        return f"values of type {kind.type} cannot be drawn"
    return checks[kind.type](draw, kind)


def _number_fault(draw: Draw, kind: FieldType) -> str:
    ends: Sequence[Fraction | date | None] = (draw.low, draw.high)
    if draw.sort == "chance":
        return f"a chance does not give {_an(kind)}; write a range such as 60..120, a list or {{mean: ..., deviation: ...}}"
    if draw.sort == "choice":
        try:
            ends = [Fraction(text) for text in draw.options]
        except (ValueError, ZeroDivisionError):
            return f"expected numbers, found {', '.join(draw.options)}"
    numbers = [end for end in ends if end is not None]
    if any(isinstance(number, date) for number in numbers):
        return f"days do not give {_an(kind)}"
    exact = [Fraction(number) for number in numbers if not isinstance(number, date)]
    fine = next((n for n in exact if (n * 10**kind.scale).denominator != 1), None)
    if fine is not None:
        return f"{_shown(fine)} has more decimals than {_an(kind)} of {kind.scale} places"
    if draw.sort == "normal" and draw.low is None and kind.min is not None:
        return f"it can fall below the least possible, {_shown(kind.min)}; limit it with `min`"
    if draw.sort == "normal" and draw.high is None and kind.max is not None:
        return f"it can rise above the greatest possible, {_shown(kind.max)}; limit it with `max`"
    for number in exact:
        if kind.min is not None and number < kind.min:
            return f"{_shown(number)} is below the least possible, {_shown(kind.min)}"
        if kind.max is not None and number > kind.max:
            return f"{_shown(number)} is above the greatest possible, {_shown(kind.max)}"
    return ""


def _boolean_fault(draw: Draw, kind: FieldType) -> str:
    if draw.sort == "chance" or (draw.sort == "choice" and set(draw.options) <= {"true", "false"}):
        return ""
    return "expected the chance that it is true, such as 80%"


def _date_fault(draw: Draw, kind: FieldType) -> str:
    if draw.sort == "range" and isinstance(draw.low, date):
        return ""
    return "expected days, such as 2005-01-01..2005-12-31"


def _text_fault(draw: Draw, kind: FieldType) -> str:
    if draw.sort != "choice":
        return "expected a list of texts, such as [history, law]"
    unknown = next((text for text in draw.options if kind.type == "choice" and text not in kind.of), None)
    return "" if unknown is None else f"'{unknown}' is not among {', '.join(kind.of)}"


def _an(kind: FieldType) -> str:
    return f"{'an' if kind.type == 'integer' else 'a'} {kind.type}"


def _shown(number: Fraction) -> str:
    return str(number) if number.denominator == 1 else str(float(number))
