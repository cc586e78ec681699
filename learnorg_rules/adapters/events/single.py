"""Events that come one at a time: each is read as in a batch, and written as one line of NDJSON that means the same.

Plain values are read by one small function per column, all others by the exact reader (`exact`), so that they mean the
same. Only the line of an event is kept. A row in memory that its line cannot express is therefore rejected, with the
reason that reading the line would give: a row of more than 1 MiB, or of the year 3000.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction
from functools import partial
from json.encoder import encode_basestring

from attrs import evolve, frozen

from ...counting.port import Wanted
from ...events.event import Event
from ...notation import is_instant
from ...values import to_decimal
from .collector import reason_of, shown_id
from .columns import LARGEST, Column
from .exact import LINE_LIMIT, Cell, Problem, Unfit, cell, json_row, row
from .plan import plan_of
from .sources import row_of

__all__ = ["ReadRow", "RowReader"]

UNREADABLE = "unreadable "  # before a line that must not be taken for what it looks like; with it no line is JSON


OWN = "learnorg.event"  # the only key of a line that holds an event in our names where files have other names


@frozen
class ReadRow:
    """One event as it was given, and as it was read.

    Attributes:
        line: what was given, as one line of NDJSON without line break that can be written as UTF-8. Read again, it gives
            the same event, or is rejected again; with V201 where JSON could not express what was wrong with it.
        event: None where it cannot be read; its fields are as the cells of `Read.frame`, absent ones left out.
        id: of the event, or of what cannot be read; None where it has none that can be shown.
        source: of the event; "" where it has none, or cannot be read.
        names: the id of the event that it corrects or voids; None where it does neither, or cannot be read.
        problems: code and reason where it cannot be read; else None.
    """

    line: str
    event: Event | None
    id: str | None
    source: str
    names: str | None
    problems: tuple[str, str] | None = None


class RowReader:
    """Reads rows one at a time, to the same events that `events_from` and NDJSON files give.

    Raises:
        InputError: a constant does not fit its type (V110).
    """

    def __init__(self, wanted: Wanted) -> None:
        self._plan = plan_of(wanted)
        self._own = None if wanted.in_our_names == wanted else RowReader(wanted.in_our_names)
        self._readers: dict[str, list[tuple[str, Callable[[object], Cell]]]] = {}
        for column in self._plan.columns:
            self._readers.setdefault(column.key, []).append((column.name, _reader(column)))
        self._constants = {name: value for name, (_, value) in self._plan.constants.items() if value is not None}
        self._keys = {key: f"{encode_basestring(key)}:" for key in self._plan.keys}

    def read(self, given: Mapping[str, object] | Event | str) -> ReadRow:
        """Read one row; a text is one line of NDJSON.

        Raises:
            TypeError: it is none of these, which is an error of the program and not of an event.
        """
        if isinstance(given, str):
            return self._of_text(given)
        if isinstance(given, Event):
            return self._of_event(given)
        if not isinstance(given, Mapping):
            raise TypeError(f"found {type(given).__name__}, expected a mapping, an Event or a line of text")
        line = self._plain_line(given)
        if line is not None:
            event = self._plain_event(given)
            if event is not None:
                return _good(line, event)
        return self._of_mapping(given)

    def _of_event(self, event: Event) -> ReadRow:
        """An event has our names; where files have other names, `OWN` marks its line."""
        given = {key: value for key, value in row_of(event).items() if value is not None}
        if self._own is None:
            return self.read(given)
        read = self._own.read(given)
        return read if read.line.startswith(UNREADABLE) else evolve(read, line=f'{{"{OWN}":{read.line}}}')

    # ---- plain rows; None for others

    def _plain_line(self, given: Mapping[str, object]) -> str | None:
        parts: list[str] = []
        for key, value in given.items():
            write = _PLAIN.get(type(value))
            if write is None or type(key) is not str or not (key.isascii() or key in self._keys):
                return None
            text = write(value)
            if text is None:
                return None
            parts.append((self._keys.get(key) or f"{encode_basestring(key)}:") + text)
        line = f"{{{','.join(parts)}}}"
        return line if 4 * len(line) <= LINE_LIMIT and _is_unicode(line) else None

    def _plain_event(self, given: Mapping[str, object]) -> Event | None:
        values: dict[str, Cell] = dict(self._constants)
        readers = self._readers.get
        try:
            for key, value in given.items():
                if value is not None:
                    for name, read in readers(key, ()):
                        values[name] = read(value)
            return _event(values) if values["id"] != "" else None
        except (Unfit, KeyError):  # a value that does not fit, or a column that every event needs and this one lacks
            return None

    # ---- by the exact reader

    def _of_text(self, text: str) -> ReadRow:
        body = text.removesuffix("\n").removesuffix("\r")
        if not _is_unicode(body):  # half a surrogate pair, as the escape that JSON has for it
            body = body.encode(errors="backslashreplace").decode()
        try:
            if "\n" in body:
                raise Unfit("V201", "no JSON: found a line break, expected one line")
            given = json_row(body)
        except Unfit as unfit:
            blank = "\n" in body or not body.strip(" \t\r")
            return _refused(UNREADABLE + encode_basestring(body) if blank else body, None, [unfit.problem])
        line, own = body.strip(" \t\r"), given.get(OWN)
        if self._own is not None and len(given) == 1 and isinstance(own, Mapping):
            event = self._own._plain_event(own)
            return _good(line, event) if event is not None else self._own._exact(line, own)
        event = self._plain_event(given)
        return _good(line, event) if event is not None else self._exact(line, given)

    def _exact(self, line: str, given: Mapping[str, object]) -> ReadRow:
        """The row as the exact reader reads it."""
        values, problems = row(self._plan.columns, given)
        by_name = {column.name: value for column, value in zip(self._plan.columns, values, strict=True)}
        if problems:
            source = {**by_name, **self._constants}.get("source")
            return _refused(line, given.get(self._plan.id_key or ""), problems, source)
        cells = {name: value for name, value in by_name.items() if value is not None} | self._constants
        return _good(line, _event({"id": None, "kind": None, "unit": None, "occurred_at": None, **cells}))

    def _of_mapping(self, given: Mapping[str, object]) -> ReadRow:
        """A row in memory that is not plain. What is wrong with it may be something that its line cannot express."""
        try:
            line = _json(given)
        except RecursionError:
            problem = Problem("V201", "no JSON that could be read: nested too deep")
            return _refused(f"{UNREADABLE}{problem.reason}", given.get(self._plan.id_key or ""), [problem])
        if not _is_unicode(line):
            line = line.encode(errors="backslashreplace").decode()
        read = self._exact(line, given)
        again = self._of_text(line)
        if read.problems is None:
            return again
        same = again.problems is not None and again.problems[0] == read.problems[0]
        line = line if same else UNREADABLE + line
        return ReadRow(line, None, read.id, read.source, None, read.problems)


def _event(values: dict[str, Cell]) -> Event:
    """The event of these cells; all but those of the envelope are its fields.

    Raises:
        KeyError: a column is missing that every event needs.
    """
    take = values.pop
    return Event(
        take("id"),  # type: ignore[arg-type] # the readers gave what the columns say
        take("kind"),  # type: ignore[arg-type]
        take("unit"),  # type: ignore[arg-type]
        take("occurred_at"),  # type: ignore[arg-type]
        take("source", ""),  # type: ignore[arg-type]
        take("person", None),  # type: ignore[arg-type]
        take("recorded_at", None),  # type: ignore[arg-type]
        take("corrects", None),  # type: ignore[arg-type]
        take("voids", None),  # type: ignore[arg-type]
        values,
    )


def _good(line: str, event: Event) -> ReadRow:
    names = event.corrects if event.corrects is not None else event.voids
    return ReadRow(line, event, event.id, event.source, names)


def _refused(line: str, id_: object, problems: Sequence[Problem], source: Cell = None) -> ReadRow:
    text = source if isinstance(source, str) else ""
    return ReadRow(line, None, shown_id(id_), text, None, (problems[0].code, reason_of(problems)))


# ---- cells


def _reader(column: Column) -> Callable[[object], Cell]:
    """A function from a value that is not None to the column's cell: quick for plain values, else `cell`. It may raise `Unfit`."""
    exact = partial(cell, column)
    factor = 10**column.scale
    most = LARGEST // factor

    def text(value: object) -> Cell:
        return value if type(value) is str and value.isascii() else exact(value)

    def instant(value: object) -> Cell:
        if type(value) is str and is_instant(value):
            try:
                return datetime.fromisoformat(value).astimezone(UTC)
            except ValueError:
                return exact(value)  # which says why
        return exact(value)

    def number(value: object) -> Cell:
        return value * factor if type(value) is int and -most <= value <= most else exact(value)

    quick = {"text": text, "choice": text, "instant": instant, "integer": number, "decimal": number}
    return quick.get(column.type, exact)


# ---- lines


def _is_unicode(text: str) -> bool:
    if text.isascii():
        return True
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _float(value: float) -> str:
    if value != value or value in (float("inf"), float("-inf")):
        return json.dumps(value)
    return float.__repr__(value)


def _decimal(value: Decimal) -> str:
    if value.is_finite():
        return str(value)
    return "NaN" if value.is_nan() else ("-Infinity" if value < 0 else "Infinity")


def _time(value: datetime) -> str | None:
    """A time in the form that is read; None where it has no such form as it stands."""
    text = value.isoformat()
    return f'"{text}"' if is_instant(text) else None


_PLAIN: Mapping[type, Callable[..., str | None]] = {
    str: encode_basestring,
    int: lambda value: int.__repr__(value) if -LARGEST <= value <= LARGEST else None,
    bool: lambda value: "true" if value else "false",
    type(None): lambda value: "null",
    float: _float,
    Decimal: _decimal,
    datetime: _time,
}
"""How the usual values are written; None for those that need a closer look."""


def _json(value: object) -> str:
    """Any value as JSON: numbers exactly, times and dates as ISO text, what JSON does not have as Python shows it."""
    if isinstance(value, bool) or value is None:
        return json.dumps(value)
    if isinstance(value, str):
        return encode_basestring(str.__str__(value))
    if isinstance(value, Mapping):
        pairs = (
            f"{encode_basestring(key if isinstance(key, str) else repr(key))}:{_json(value[key])}" for key in value
        )
        return f"{{{','.join(pairs)}}}"
    if isinstance(value, list | tuple):
        return f"[{','.join(map(_json, value))}]"
    if isinstance(value, datetime):
        return _time(value) or encode_basestring(_in_utc(value).isoformat())
    if isinstance(value, date):
        return encode_basestring(value.isoformat())
    if isinstance(value, Fraction):
        try:
            value = to_decimal(value)
        except ValueError:
            return encode_basestring(str(value))
    if isinstance(value, int):  # repr refuses numbers of thousands of digits, Decimal does not
        value = Decimal(value)
    if isinstance(value, Decimal):
        return _decimal(value)
    return _float(value) if isinstance(value, float) else encode_basestring(repr(value))


def _in_utc(value: datetime) -> datetime:
    """The same instant, where it has one: an offset with seconds has no form in JSON."""
    try:
        return value if value.tzinfo is None else value.astimezone(UTC)
    except OverflowError:  # beyond the first or the last day there is
        return value
