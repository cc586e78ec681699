"""The exact reader: reads a row value by value, loses nothing in a conversion, and gives the reason of each failure."""

import json
import math
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from fractions import Fraction

from attrs import frozen

from ...notation import DATE, NUMBER, day_hint, instant_in, number_hint
from ...texts import encoding_of, nfc, nfc_keys
from ...values import to_decimal
from .columns import LARGEST, Column

__all__ = ["LINE_LIMIT", "Cell", "Problem", "Unfit", "cell", "json_row", "row", "text_cell", "too_fine"]

LINE_LIMIT = 1 << 20  # bytes of one line; beyond it something is broken, and memory must stay bounded

Cell = str | int | bool | date | datetime | None

_SHOWN = 60  # characters of an offending value
_DIGITS = len(str(LARGEST))
_NUMBER, _DATE = re.compile(NUMBER), re.compile(DATE)
_LOCAL = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]+)?)?")
_LONG_FRACTION = re.compile(r"[^.]*\.[0-9]{7,}(Z|[+-][0-9]{2}:[0-9]{2})")
_NO_NUMBER = re.compile(r"[+-]?(nan|inf|infinity)", re.IGNORECASE)


@frozen
class Problem:
    """Why a row, or a value of it, is rejected: a code of the page of errors, and the reason as a text."""

    code: str
    reason: str


class Unfit(ValueError):  # noqa: N818 - the word says more than "Error"
    """A value does not fit its column, or a row cannot be read."""

    def __init__(self, code: str, reason: str) -> None:
        self.problem = Problem(code, reason)
        super().__init__(code, reason)


@frozen
class _NotANumber:
    """What JSON writes as NaN or Infinity, although it must not."""

    text: str


class _RepeatedKey(ValueError):  # noqa: N818
    """One object has the same key twice."""


def row(
    columns: Sequence[Column], given: Mapping[str, object], as_text: bool = False
) -> tuple[tuple[Cell, ...], Sequence[Problem]]:
    """The values of a row in the order of the columns, and all that is wrong with it; a wrong value is None."""
    given = nfc_keys(given)
    values: list[Cell] = []
    problems: list[Problem] = []
    for column in columns:
        raw = given.get(column.key)
        value: Cell = None
        try:
            value = text_cell(column, raw) if as_text and isinstance(raw, str) else cell(column, raw)
            if column.needed and (value is None or (column.name == "id" and value == "")):
                raise Unfit("V206", f"{column.label} is missing")
        except Unfit as unfit:
            problems.append(unfit.problem)
        values.append(value)
    return tuple(values), problems


def json_row(line: str) -> Mapping[str, object]:
    """The object that a line of NDJSON holds, with numbers as int or Decimal.

    Raises:
        Unfit: it is none (V201 to V203, V205).
    """
    if len(line) > LINE_LIMIT or len(line.encode(errors="replace")) > LINE_LIMIT:
        raise Unfit("V205", "the line is longer than 1 MiB")
    try:
        value = json.loads(
            line, parse_float=_decimal, parse_int=_integer, parse_constant=_NotANumber, object_pairs_hook=_object
        )
    except json.JSONDecodeError as error:
        reason = error.msg.lower().removesuffix(" at")
        raise Unfit("V201", f"no JSON: {reason} at column {error.colno}") from None
    except RecursionError:
        raise Unfit("V201", "no JSON that could be read: nested too deep") from None
    except _RepeatedKey as repeated:
        raise Unfit("V203", f"the key {str(repeated)!r} is there twice") from None
    if not isinstance(value, dict):
        raise Unfit("V202", f"{_described(value)}, expected an object")
    return value


def _object(pairs: Sequence[tuple[str, object]]) -> Mapping[str, object]:
    members: dict[str, object] = {}
    for given, value in pairs:
        key = nfc(given)
        if key in members:
            raise _RepeatedKey(key)
        members[key] = value
    return members


def _integer(text: str) -> int | Decimal:
    return int(text) if len(text) <= 2 * _DIGITS else Decimal(text)  # int() of many digits is slow, or refused


def _decimal(text: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation:  # an exponent beyond all bounds
        return Decimal("1E-999999" if "e-" in text.lower() else "1E+999999")


def cell(column: Column, value: object) -> Cell:
    """A value of JSON or Python as the column's type; None where there is none.

    Raises:
        Unfit: it is not of that type, or does not fit (V204, V207, V301 to V306).
    """
    if value is None:
        return None
    if column.type in ("integer", "decimal"):
        return _number(column, value)
    if column.type == "boolean" and isinstance(value, bool):
        return value
    if column.type == "date":
        if isinstance(value, date) and not isinstance(value, datetime):
            return value
        if isinstance(value, str):
            return _date(column, value)
    if column.type == "instant":
        if isinstance(value, datetime):
            if value.tzinfo is None:
                raise Unfit("V302", f"{column.label}: {value.isoformat()} has no time zone")
            return value.astimezone(UTC)
        if isinstance(value, str):
            return _instant(column, value)
    if column.type in ("text", "choice") and isinstance(value, str):
        return _text(column, value)
    raise Unfit("V207", f"{column.label}: {_described(value)}, expected {_expected(column)}")


def text_cell(column: Column, text: str) -> Cell:
    """A text as the column's type, as in formats that know only text; None where it is empty.

    Raises:
        Unfit: as for `cell`.
    """
    if text == "":
        return None
    if column.type in ("integer", "decimal"):
        if _NUMBER.fullmatch(text):
            return _number(column, _decimal(text))
        if _NO_NUMBER.fullmatch(text):
            return _number(column, _NotANumber(text))
    if column.type == "boolean" and text in ("true", "false"):
        return text == "true"
    return cell(column, text)


def _text(column: Column, text: str) -> str:
    try:
        text.encode()
    except UnicodeEncodeError:
        shown = text.encode("ascii", "backslashreplace").decode()[:_SHOWN]
        raise Unfit("V204", f"{column.label}: '{shown}' is no valid Unicode{_encoding(text)}") from None
    return nfc(text)


def _encoding(text: str) -> str:
    """What the bytes of a text look like that were read as half surrogates because they are no UTF-8."""
    try:
        found = encoding_of(text.encode(errors="surrogateescape"))
    except UnicodeEncodeError:
        return ""
    return f", it looks like {found}: save the file as UTF-8" if found else ""


def _number(column: Column, value: object) -> int:
    if isinstance(value, float):
        # repr gives the shortest decimal that is nearest to the double: the number somebody wrote, if it was short.
        value = Decimal(float.__repr__(value)) if math.isfinite(value) else _NotANumber(str(value))
    if isinstance(value, Fraction):
        try:
            value = to_decimal(value)
        except ValueError:
            raise Unfit("V304", too_fine(column, value)) from None
    if isinstance(value, _NotANumber) or (isinstance(value, Decimal) and not value.is_finite()):
        shown = value.text if isinstance(value, _NotANumber) else str(value)
        raise Unfit("V306", f"{column.label}: {shown} is no number, expected {_expected(column)}")
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        instead = number_hint(value) if isinstance(value, str) else ""
        raise Unfit("V207", f"{column.label}: {_described(value)}, {instead or f'expected {_expected(column)}'}")
    number = Decimal(value) if isinstance(value, int) else value
    if not number:
        return 0
    if number.adjusted() + column.scale > _DIGITS:
        raise _too_large(column, number)
    sign, digits, exponent = number.as_tuple()
    significant = "".join(map(str, digits)).rstrip("0")
    power = int(exponent) + len(digits) - len(significant) + column.scale
    if power < 0:
        raise Unfit("V304", too_fine(column, number))
    scaled: int = int(significant) * 10**power
    if scaled > LARGEST:
        raise _too_large(column, number)
    return -scaled if sign else scaled


def _too_large(column: Column, number: Decimal) -> Unfit:
    largest = to_decimal(Fraction(LARGEST, 10**column.scale))
    return Unfit("V305", f"{column.label}: {_short(number)} is too large, expected at most {largest} either way")


def too_fine(column: Column, value: object) -> str:
    """The reason that a number has more decimals than its column was declared with."""
    if column.scale == 0:
        return f"{column.label}: {_short(value)} is no whole number"
    return f"{column.label}: {_short(value)} has more than {column.scale} decimal{'' if column.scale == 1 else 's'}"


def _date(column: Column, text: str) -> date:
    if _DATE.fullmatch(text):
        try:
            return date.fromisoformat(text)
        except ValueError as error:
            raise Unfit("V303", f"{column.label}: {text!r} is no date: {error}") from None
    instead = day_hint(text, "expected one like 2005-04-01")
    raise Unfit("V303", f"{column.label}: {_quoted(text)} is no date, {instead}")


def _instant(column: Column, text: str) -> datetime:
    try:
        instant = instant_in(text)
    except ValueError as error:
        raise Unfit("V301", f"{column.label}: {text!r} is no time: {error}") from None
    if instant is not None:
        return instant
    shown = _quoted(text)
    if _DATE.fullmatch(text):
        raise Unfit("V302", f"{column.label}: {shown} is a date, expected a time with zone like {text}T00:00:00Z")
    if _LOCAL.fullmatch(text):
        raise Unfit("V302", f"{column.label}: {shown} has no time zone, expected Z or an offset like +08:00 behind it")
    if _LONG_FRACTION.fullmatch(text):
        raise Unfit("V301", f"{column.label}: {shown} has more than six digits of a second's fraction")
    raise Unfit("V301", f"{column.label}: {shown} is no time, expected one like 2005-04-01T09:30:00+08:00")


_EXPECTED = {
    "integer": "a whole number",
    "decimal": "a number",
    "boolean": "true or false",
    "text": "a text",
    "choice": "a text",
    "date": "a date like 2005-04-01",
    "instant": "a time like 2005-04-01T09:30:00Z",
}


def _expected(column: Column) -> str:
    return _EXPECTED[column.type]


def _short(value: object) -> str:
    text = str(value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."


def _quoted(text: str) -> str:
    shown = text.encode(errors="backslashreplace").decode()
    return f"'{_short(shown)}'"


def _described(value: object) -> str:
    """A value of a wrong type, in words."""
    if isinstance(value, bool):
        return f"found {str(value).lower()}"
    if isinstance(value, int | float | Decimal | Fraction):
        return f"found the number {_short(value)}"
    if isinstance(value, _NotANumber):
        return f"found {value.text}"
    if isinstance(value, str):
        return f"found the text {_quoted(value)}"
    if isinstance(value, Mapping):
        return "found an object"
    if isinstance(value, list | tuple):
        return "found a list"
    if value is None:
        return "found null"
    return f"found {type(value).__name__} {_short(value)}"
