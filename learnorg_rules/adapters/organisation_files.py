"""Files of an organisation as rows: CSV, JSON and YAML, each row with its place.

A row maps a column to a text, a number or truth value of JSON, a list or a map; what is empty is not in it.
"""

import csv
import io
import json
import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import Path

from attrs import field, frozen

from ..documents import Broken, Mapping_, Scalar, Sequence_, Tree, kind_of, read_yaml
from ..errors import Issues, Source, did_you_mean

__all__ = [
    "ENDINGS", "NAME", "NODE_KIND", "RESERVED", "SECTIONS", "SHORTHAND", "Row", "as_text", "files_of", "rows_of",
    "section_of",
]  # fmt: skip

SECTIONS = ("units", "bodies", "persons", "edges", "attributes")
ENDINGS = (".csv", ".json", ".yaml", ".yml")
_ALLOWED = f"allowed: {', '.join(SECTIONS)}, with something behind a '-' if wanted, ending in {', '.join(ENDINGS)}"

RESERVED: Mapping[str, tuple[str, ...]] = {
    "units": ("id", "name", "level", "parent", "party_parent", "from", "to"),
    "bodies": ("id", "name", "part_of", "hosted_by", "from", "to"),
    "persons": ("id", "name", "unit", "from", "to"),
    "edges": ("kind", "source", "target", "from", "to"),
    "attributes": ("node", "name", "value", "from", "to"),
}
NODE_KIND = {"units": "unit", "bodies": "body", "persons": "person"}
# Column -> the edge kind, and whether the row's own node is its source
SHORTHAND: Mapping[str, Mapping[str, tuple[str, bool]]] = {
    "units": {"parent": ("part_of", True), "party_parent": ("party_part_of", True)},
    "bodies": {"part_of": ("part_of", True), "hosted_by": ("hosts", False)},
    "persons": {"unit": ("member_of", True)},
}
NAME = re.compile(r"name(?:\.(.+)|_([a-z]{2}))")


@frozen
class Row:
    """One row. `places` holds the places of single cells where the format tells them."""

    values: Mapping[str, object]
    source: Source
    places: Mapping[str, Source] = field(factory=dict)

    def place(self, column: str) -> Source:
        """Where the cell stands, else the row."""
        return self.places.get(column, self.source)


def section_of(path: Path) -> str | None:
    """The section a file holds by its name: what stands before the first "-" or "."."""
    stem = path.name.replace("-", ".").split(".")[0]
    return stem if stem in SECTIONS else None


def files_of(path: Path, issues: Issues) -> list[Path]:
    """The files to read, sorted: one file, or those of a folder. Whatever else lies in the folder is a fault."""
    if not path.exists():
        near = did_you_mean(path.name, [p.name for p in path.parent.iterdir()]) if path.parent.is_dir() else ""
        issues.error(Source(str(path)), "O130", "there is no such file or folder", near)
        return []
    if not path.is_dir():
        if path.suffix not in ENDINGS:
            message = f"a file that ends in '{path.suffix}' is no organisation file"
            issues.error(Source(str(path)), "O132", message, f"allowed: {', '.join(ENDINGS)}")
            return []
        if path.suffix == ".csv" and section_of(path) is None:
            issues.error(Source(str(path)), "O132", "the name of a CSV file says what is in it", _ALLOWED)
            return []
        return [path]
    found = []
    for entry in sorted(path.iterdir()):
        if entry.name.startswith("."):
            continue
        if entry.is_dir():
            issues.error(Source(str(entry)), "O132", "a folder inside an organisation folder is not read", _ALLOWED)
        elif section_of(entry) is None or entry.suffix not in ENDINGS:
            message = f"'{entry.name}' is no organisation file"
            issues.error(Source(str(entry)), "O132", message, _ALLOWED)
        else:
            found.append(entry)
    if not found and not issues.errors:
        issues.error(Source(str(path)), "O131", "there is no organisation file in the folder", _ALLOWED)
    return found


def rows_of(path: Path, issues: Issues) -> Iterator[tuple[str, Row]]:
    """Every row of a file with its section. What cannot be read is a fault, and the rest of the file goes on."""
    file, section = str(path), section_of(path)
    try:
        data = path.read_bytes()
    except OSError as error:
        issues.error(Source(file), "O133", f"cannot be read: {error.strerror}")
        return
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        message = f"byte 0x{data[error.start]:02x} is no UTF-8"
        issues.error(Source(file, line), "O133", message, "save the file as UTF-8")
        return
    if path.suffix == ".csv":
        assert section is not None  # files_of let it through
        yield from ((section, row) for row in _csv(text, file, issues))
    elif path.suffix == ".json":
        yield from _json(text, file, section, issues)
    else:
        yield from _yaml(text, file, section, issues)


# ---- CSV


def _csv(text: str, file: str, issues: Issues) -> Iterator[Row]:
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    line = 0
    try:
        header = next((cells for cells in reader if cells), None)
        if header is None:
            issues.error(Source(file), "O133", "the file is empty", "the first line names the columns")
            return
        if not _is_header(header, Source(file, reader.line_num), issues):
            return
        line, width = reader.line_num, len(header)
        for cells in reader:
            source, line = Source(file, line + 1), reader.line_num
            if len(cells) == width:
                yield Row({column: cell for column, cell in zip(header, cells, strict=True) if cell}, source)
            elif cells:
                few = "a cell that is empty still needs its comma"
                many = "a text with a comma in it stands in quotes"
                message = f"{len(cells)} cells for {width} columns"
                issues.error(source, "O134", message, few if len(cells) < width else many)
    except csv.Error as error:
        issues.error(
            Source(file, line + 1), "O133", f"no CSV from here on: {error}", "look for a quote without its other"
        )


def _is_header(header: list[str], source: Source, issues: Issues) -> bool:
    good = True
    for i, column in enumerate(header):
        if not column:
            issues.error(source, "O134", f"column {i + 1} has no name")
            good = False
        elif column in header[:i]:
            issues.error(source, "O139", f"there are two columns '{column}'")
            good = False
    return good


# ---- JSON


class _TwiceError(ValueError):
    """A key stands twice in one object."""


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) < len(pairs):
        keys = [key for key, _ in pairs]
        raise _TwiceError(next(key for i, key in enumerate(keys) if key in keys[:i]))
    return found


def _no_number(text: str) -> object:
    raise ValueError(f"{text} is no number")


_DECODER = json.JSONDecoder(object_pairs_hook=_unique, parse_float=Decimal, parse_constant=_no_number)


class _Cursor:
    """A place in a JSON text that only moves on, so that lines are counted once."""

    def __init__(self, text: str, file: str) -> None:
        self.text, self.file = text, file
        self.at, self._line, self._counted, self._break = 0, 1, 0, -1

    def peek(self) -> str:
        """The next character that is no space; "" at the end."""
        while self.at < len(self.text) and self.text[self.at] in " \t\r\n":
            self.at += 1
        return self.text[self.at : self.at + 1]

    def take(self, wanted: str) -> str:
        """The next character, one of those wanted."""
        found = self.peek()
        if not found or found not in wanted:
            expected = " or ".join(f"'{w}'" for w in wanted)
            raise ValueError(f"{expected} expected, not {f'{found!r}' if found else 'the end'}")
        self.at += 1
        return found

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


def _json(text: str, file: str, section: str | None, issues: Issues) -> Iterator[tuple[str, Row]]:
    cursor = _Cursor(text, file)
    try:
        if cursor.peek() == "[" and section is not None:
            yield from _json_rows(cursor, section, issues)
        elif cursor.peek() == "{":
            yield from _json_sections(cursor, issues)
        else:
            wanted = f"one object with the keys {', '.join(SECTIONS)}" + (", or a list of rows" if section else "")
            issues.error(cursor.source, "O137", f"the file holds {wanted}")
            return
        if cursor.peek():
            raise ValueError(f"the end expected, not {cursor.peek()!r}")
    except json.JSONDecodeError as error:
        cursor.at = error.pos
        issues.error(cursor.source, "O133", f"no JSON from here on: {error.msg}")
    except _TwiceError as error:
        issues.error(cursor.source, "O139", f"the key '{error}' is given twice in this object")
    except (ValueError, RecursionError) as error:
        issues.error(cursor.source, "O133", f"no JSON from here on: {error}")


def _json_sections(cursor: _Cursor, issues: Issues) -> Iterator[tuple[str, Row]]:
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
            yield from _json_rows(cursor, key, issues)
    cursor.take("}")


def _json_rows(cursor: _Cursor, section: str, issues: Issues) -> Iterator[tuple[str, Row]]:
    cursor.take("[")
    first = True
    while cursor.peek() != "]":
        if not first:
            cursor.take(",")
        first = False
        cursor.peek()
        source, value = cursor.source, cursor.value()
        if isinstance(value, dict):
            yield section, Row({k: v for k, v in value.items() if v is not None and v != ""}, source)
        else:
            issues.error(source, "O137", f"a row of {section} is an object")
    cursor.take("]")


# ---- YAML


def _yaml(text: str, file: str, section: str | None, issues: Issues) -> Iterator[tuple[str, Row]]:
    tree = read_yaml(text, file, issues)
    if isinstance(tree, Sequence_) and section is not None:
        yield from _yaml_rows(tree, section, issues)
    elif isinstance(tree, Mapping_):
        for key, value in tree.entries:
            if key.text not in SECTIONS:
                hint = did_you_mean(key.text, SECTIONS)
                issues.error(key.source, "O138", f"a file of the organisation has no key '{key.text}'", hint)
            elif isinstance(value, Sequence_):
                yield from _yaml_rows(value, key.text, issues)
            elif not isinstance(value, Broken):
                issues.error(value.source, "O137", f"'{key.text}' is a list of rows, not {kind_of(value)}")
    elif tree is not None and not isinstance(tree, Broken):
        wanted = f"the keys {', '.join(SECTIONS)}" + (", or a list of rows" if section else "")
        issues.error(tree.source, "O137", f"the file holds {wanted}, not {kind_of(tree)}")


def _yaml_rows(rows: Sequence_, section: str, issues: Issues) -> Iterator[tuple[str, Row]]:
    for row in rows.items:
        if isinstance(row, Mapping_):
            values = {key.text: _plain(value) for key, value in row.entries}
            places = {key.text: value.source for key, value in row.entries}
            yield section, Row({k: v for k, v in values.items() if v is not None and v != ""}, row.source, places)
        elif not isinstance(row, Broken):
            issues.error(row.source, "O137", f"a row of {section} is a mapping, not {kind_of(row)}")


def _plain(tree: Tree) -> object:
    """The tree without places. Texts stay texts; nothing, `null` and `~` are None."""
    if isinstance(tree, Scalar):
        return None if not tree.style and tree.text in ("", "null", "~") else tree.text
    if isinstance(tree, Sequence_):
        return [_plain(item) for item in tree.items]
    return {key.text: _plain(value) for key, value in tree.entries} if isinstance(tree, Mapping_) else None


def as_text(value: object) -> str:
    """A value of a cell as the text that reads back as it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return "nothing" if value is None else str(value)
