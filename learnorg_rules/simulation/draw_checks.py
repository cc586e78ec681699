"""Whether a draw fits the type that is declared for its values."""

from collections.abc import Sequence
from datetime import date
from fractions import Fraction

from ..model.definitions import FieldType
from ..notation import number_in
from .definitions import Draw

__all__ = ["fault_of"]


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
        ends = [number_in(text) for text in draw.options]
        if None in ends:
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
