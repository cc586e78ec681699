"""A behaviour as a scenario file has it, with what is known of its numbers in comments."""

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from fractions import Fraction
from json import dumps

from ..simulation.definitions import Behaviour, Draw
from ..values import to_decimal

__all__ = ["behaviour_lines", "shown"]

_PLAIN = re.compile(r"[^\W\d][\w-]*( [\w-]+)*")
_LEVEL = re.compile(r"units where level == \w+")


def behaviour_lines(
    behaviour: Behaviour, selector: str, remarks: Mapping[str, str], notes: Iterable[str], refused: Iterable[str]
) -> Iterator[str]:
    """The lines of the behaviour, two spaces in.

    Args:
        behaviour: what is written.
        selector: the text of its subjects.
        remarks: key of the behaviour -> what stands behind its value.
        notes: what stands above it.
        refused: why a scenario cannot have it; then all of it is a comment.
    """
    for note in (*notes, *refused):
        yield f"  # {_one_line(note)}"
    mark = "  # " if any(True for _ in refused) else "  "
    yield f"{mark}{behaviour.id}:"
    for key, value in _values(behaviour, selector):
        remark = f"  # {remarks[key]}" if key in remarks else ""
        yield f"{mark}  {key}: {value}{remark}" if value else f"{mark}  {key}:{remark}"


def shown(value: Fraction | date) -> str:
    """A number in all its decimals, or a day."""
    return value.isoformat() if isinstance(value, date) else f"{to_decimal(value):f}"


def _values(behaviour: Behaviour, selector: str) -> Iterator[tuple[str, str]]:
    yield "for", _text(selector)
    yield "event", behaviour.event
    yield "rate", shown(behaviour.rate)
    yield "every", behaviour.every
    if behaviour.season:
        yield "season", _flow((str(month), shown(factor)) for month, factor in behaviour.season.items())
    if behaviour.spread:
        yield "spread", shown(behaviour.spread)
    if behaviour.attendance is not None:
        yield "attendance", _percent(behaviour.attendance)
    if behaviour.attendance_spread:
        yield "attendance_spread", shown(behaviour.attendance_spread)
    if behaviour.fields:
        yield "fields", ""
        for name, draw in behaviour.fields.items():
            yield f"  {name}", _draw(draw)
    if behaviour.recorded_after is not None:
        yield "recorded_after", shown(behaviour.recorded_after)
    if behaviour.errors is not None:
        parts = [("chance", _percent(behaviour.errors.chance))]
        if behaviour.errors.corrected_after is not None:
            parts.append(("corrected_after", str(behaviour.errors.corrected_after)))
        yield "errors", _flow(parts)


def _draw(draw: Draw) -> str:
    if draw.sort == "range":
        assert draw.low is not None
        assert draw.high is not None
        return f"{shown(draw.low)}..{shown(draw.high)}"
    if draw.sort == "chance":
        assert draw.chance is not None
        return _percent(draw.chance)
    if draw.sort == "choice":
        return f"[{', '.join(map(_text, draw.options))}]"
    named = (("mean", draw.mean), ("deviation", draw.deviation), ("min", draw.low), ("max", draw.high))
    return _flow((name, shown(value)) for name, value in named if value is not None)


def _flow(parts: Iterable[tuple[str, str]]) -> str:
    return "{" + ", ".join(f"{key}: {value}" for key, value in parts) + "}"


def _percent(chance: Fraction) -> str:
    return f"{shown(chance * 100)}%"


def _text(text: str) -> str:
    """The text as YAML: in quotes where it could be read otherwise."""
    if _PLAIN.fullmatch(text) or _LEVEL.fullmatch(text):
        return text
    return (
        f"'{text}'"
        if '"' in text and text.isprintable() and not set(text) & {"'", "\\"}
        else dumps(text, ensure_ascii=False)
    )


def _one_line(text: str) -> str:
    return " ".join(text.split())
