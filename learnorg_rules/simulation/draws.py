"""Values from uniform numbers: what a field, an attribute or a count is drawn as."""

from datetime import date
from math import ceil, floor
from statistics import NormalDist
from typing import Any

import numpy as np

from ..model.definitions import FieldType
from ..notation import number_in
from .definitions import Draw

__all__ = ["cells", "whole_number"]

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
        return int((number_in(text) or 0) * 10**kind.scale)  # checked when the scenario was read
    if kind.type == "date":
        return date.fromisoformat(text)
    return text == "true" if kind.type == "boolean" else text
