"""JSON files of an organisation as rows."""

import itertools
import json
import operator
import re
from array import array
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from operator import itemgetter

from ...errors import Issues, Source, did_you_mean
from ...org.pieces import Picked
from ...texts import nfc
from .rows import SECTIONS, Batch, Row, TextPlaces

__all__ = ["json_rows"]


class _RepeatedKeyError(ValueError):
    """One object has the same key twice."""


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    row = dict(pairs)
    if len(row) < len(pairs):
        keys = [key for key, _ in pairs]
        raise _RepeatedKeyError(next(key for i, key in enumerate(keys) if key in keys[:i]))
    return row


def _no_number(text: str) -> object:
    raise ValueError(f"{text} is no number")


_DECODER = json.JSONDecoder(object_pairs_hook=_unique, parse_float=Decimal, parse_constant=_no_number)
_PLAIN = json.JSONDecoder(parse_float=Decimal, parse_constant=_no_number)
_SPARSE = 4  # times as many cells as there are values, at the most
_FAR = 4  # times as many characters as are wanted, at the most
_FEW = 8  # rows that are not worth columns


class _Cursor:
    """A place in a JSON text. It only moves forward, so that each line is counted once."""

    def __init__(self, text: str, file: str) -> None:
        self.text, self.file = text, file
        self.at, self._line, self._counted, self._break = 0, 1, 0, -1

    def peek(self) -> str:
        """The next character that is no space; "" at the end."""
        while self.at < len(self.text) and self.text[self.at] in " \t\r\n":
            self.at += 1
        return self.text[self.at : self.at + 1]

    def take(self, wanted: str) -> str:
        """The next character, which must be one of those wanted."""
        character = self.peek()
        if not character or character not in wanted:
            expected = " or ".join(f"'{w}'" for w in wanted)
            raise ValueError(f"{expected} expected, not {f'{character!r}' if character else 'the end'}")
        self.at += 1
        return character

    def value(self) -> object:
        """The whole value that begins here."""
        self.peek()
        value, self.at = _DECODER.raw_decode(self.text, self.at)
        return value

    @property
    def source(self) -> Source:
        """Line and column of this place."""
        self._line += self.text.count("\n", self._counted, self.at)
        self._break = max(self._break, self.text.rfind("\n", self._counted, self.at))  # a file may be one line
        self._counted = self.at
        return Source(self.file, self._line, self.at - self._break)


def json_rows(
    data: bytes, file: str, section: str | None, issues: Issues, at_once: int
) -> Iterator[tuple[str, Row | Batch]]:
    """The rows of a JSON file in UTF-8, each with its section: `section` where the file is a list.

    Where the next rows have nothing unusual, about `at_once` characters of them come in one batch.
    """
    cursor = _Cursor(_in_nfc(data.decode("utf-8-sig")), file)
    del data  # a large file is not held twice
    try:
        if cursor.peek() == "[" and section is not None:
            yield from _rows(cursor, section, issues, at_once)
        elif cursor.peek() == "{":
            yield from _sections(cursor, issues, at_once)
        else:
            wanted = f"one object with the keys {', '.join(SECTIONS)}" + (", or a list of rows" if section else "")
            issues.error(cursor.source, "O137", f"the file holds {wanted}")
            return
        if cursor.peek():
            raise ValueError(f"the end expected, not {cursor.peek()!r}")
    except json.JSONDecodeError as error:
        cursor.at = error.pos
        issues.error(cursor.source, "O133", f"no JSON from here on: {error.msg}")
    except _RepeatedKeyError as error:
        issues.error(cursor.source, "O139", f"the key '{error}' is given twice in this object")
    except (ValueError, RecursionError) as error:
        issues.error(cursor.source, "O133", f"no JSON from here on: {error}")


# An escape of what may be an accent, or of what has another form in NFC: all but Latin, usual signs, Chinese and Hangul.
_ACCENT = re.compile(
    r"\\u(?!0[0-2]|20(?!0[01])[0-9a-cA-C]|3[1-9a-fA-F]|[4-9]|[aA][0-5c-fC-F]|[bBcC]|[dD][0-6]|[fF]{2})[0-9a-fA-F]{4}"
)
_ESCAPE = re.compile(r"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|.)", re.DOTALL)


def _in_nfc(text: str) -> str:
    """The text, with its texts in NFC: an accent may be written as an escape."""
    if not _ACCENT.search(text):
        return text
    plain = _ESCAPE.sub(_unescaped, text)
    one_form = nfc(plain)
    return text if one_form is plain else one_form


def _unescaped(escape: re.Match[str]) -> str:
    """The character that the escape stands for, if it is no ASCII and no half of a pair."""
    found: str = json.loads(f'"{escape[0]}"') if escape[0][1] == "u" else ""
    return found if found and not found.isascii() and not "\ud800" <= found <= "\udfff" else escape[0]


def _sections(cursor: _Cursor, issues: Issues, at_once: int) -> Iterator[tuple[str, Row | Batch]]:
    cursor.take("{")
    seen: set[str] = set()
    while cursor.peek() != "}":
        if seen:
            cursor.take(",")
        cursor.peek()
        source, key = cursor.source, cursor.value()
        if not isinstance(key, str):
            raise ValueError("a key in double quotes expected")
        cursor.take(":")
        if key in seen:
            issues.error(source, "O139", f"the key '{key}' is given twice")
        seen.add(key)
        if key not in SECTIONS:
            issues.warn(source, "O121", f"'{key}' is not read", did_you_mean(key, SECTIONS))
            cursor.value()
        elif cursor.peek() != "[":
            issues.error(cursor.source, "O137", f"'{key}' is a list of rows")
            cursor.value()
        else:
            yield from _rows(cursor, key, issues, at_once)
    cursor.take("}")


def _rows(cursor: _Cursor, section: str, issues: Issues, at_once: int) -> Iterator[tuple[str, Row | Batch]]:
    cursor.take("[")
    first, singly = True, 0  # up to where rows are read one by one
    while cursor.peek() != "]":
        if not first:
            cursor.take(",")
        first = False
        cursor.peek()
        if at_once and cursor.at >= singly:
            end = _end(cursor.text, cursor.at, at_once)
            rows, length = _read_together(cursor.text[cursor.at : end], cursor.source)
            if length:
                yield from ((section, row) for row in rows)
                cursor.at += length
                continue
            singly = end
        source, value = cursor.source, cursor.value()
        if isinstance(value, dict):
            yield section, Row(_filled(value), source)
        else:
            issues.error(source, "O137", f"a row of {section} is an object")
    cursor.take("]")


def _filled(row: Mapping[str, object]) -> Mapping[str, object]:
    return {k: v for k, v in row.items() if v is not None and v != ""}


def _end(text: str, start: int, at_once: int) -> int:
    """Where some row ends that is about `at_once` characters further on, by how rows begin; rows up to there are read together."""
    head = text[start : text.find(":", start, start + at_once) + 1]
    next_head = text.find(head, start + at_once, start + _FAR * at_once) if head else -1
    return text.rfind("}", start, next_head) + 1 if next_head > 0 else start + _FAR * at_once


def _read_together(text: str, start: Source) -> tuple[Sequence[Row | Batch], int]:
    """The rows in a text, up to the end of their list, and how long they are; 0 where they cannot be read together.

    Reading a list of objects at once is many times faster than object by object, but only one value of a repeated key is
    left. Then the text has more quotes than its keys and texts account for, if none of these holds a quote itself.
    """
    try:
        rows, after = _PLAIN.raw_decode(f"[{text}]")
    except (ValueError, RecursionError):
        return (), 0
    text = text[: after - 2]
    if '\\"' in text or set(map(type, rows)) != {dict}:
        return (), 0
    braces, quotes = text.count("{"), text.count('"')
    positions = _positions(text, "{")
    breaks = _positions(text, "\n")
    if braces == len(rows) and "[" not in text:
        texts = list(map(type, itertools.chain.from_iterable(map(dict.values, rows)))).count(str)
        if quotes != 2 * (sum(map(len, rows)) + texts):
            return (), 0
        return _batches(rows, TextPlaces(start, positions, breaks), '""' in text), len(text)
    signs = [_signs(row) for row in rows]
    if (braces, quotes) != tuple(map(sum, zip(*signs, strict=True))):
        return (), 0
    first = itertools.accumulate((of_row for of_row, _ in signs[:-1]), initial=0)
    places = TextPlaces(start, array("I", map(positions.__getitem__, first)), breaks)
    result: list[Row | Batch] = []
    for rich, run in itertools.groupby(
        range(len(rows)), lambda i: any(type(cell) is list for cell in rows[i].values())
    ):
        of_run = list(run)
        some = rows[of_run[0] : of_run[-1] + 1]
        if rich or len(some) < _FEW:
            result.extend(Row(_filled(rows[i]), places[i]) for i in of_run)
        else:
            result.extend(_batches(some, Picked(places, range(of_run[0], of_run[-1] + 1)), True))
    return result, len(text)


def _signs(value: object) -> tuple[int, int]:
    """How many braces a value begins, and how many quotes its keys and texts have."""
    if isinstance(value, str):
        return 0, 2
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    braces, quotes = (1, 2 * len(value)) if isinstance(value, dict) else (0, 0)
    for part in parts:
        more, others = _signs(part)
        braces += more
        quotes += others
    return braces, quotes


def _batches(rows: Sequence[Mapping[str, object]], places: Sequence[Source], gaps: bool) -> Sequence[Row | Batch]:
    """The rows as columns, if they have something in common. `gaps`: some texts are empty, perhaps."""
    singly = (Row(_filled(row), places[i]) for i, row in enumerate(rows))
    columns = _columns(rows)
    if columns is None:
        return list(singly)
    for key, cells in columns.items() if gaps else ():
        if "" in cells:
            columns[key] = [None if cell == "" else cell for cell in cells]
    return [Batch({key: cells for key, cells in columns.items() if any(map(_is_something, cells))}, places, singly)]


def _columns(rows: Sequence[Mapping[str, object]]) -> dict[str, list[object]] | None:
    """Key -> its cells; None where the rows have little in common, or the same keys in another order."""
    orders = sorted(set(map(tuple, rows)), key=lambda order: (-len(order), order))
    if len(orders) == 1:
        return {key: list(map(itemgetter(key), rows)) for key in orders[0]}
    place = {key: i for i, key in enumerate(dict.fromkeys(itertools.chain.from_iterable(orders)))}
    if len(place) * len(rows) > _SPARSE * sum(map(len, rows)):
        return None
    if any(place[one] > place[other] for order in orders for one, other in itertools.pairwise(order)):
        return None
    return {key: [row.get(key) for row in rows] for key in place}


def _is_something(cell: object) -> bool:
    return cell is not None


def _positions(text: str, sign: str) -> "array[int]":
    """Where the sign stands."""
    lengths = map(len, text.split(sign)[:-1]) if sign in text else ()
    return array("I", map(operator.add, itertools.accumulate(lengths), itertools.count()))
