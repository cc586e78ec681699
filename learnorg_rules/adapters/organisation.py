"""Organisations from files: rows of units, bodies, persons, edges and attributes become an `Organisation`."""

import contextlib
import difflib
import gc
import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path

from ..errors import Issues, Source, did_you_mean, nearest
from ..org.organisation import Organisation
from ..org.records import Attribute, Edge, Node
from .organisation_files import NAME, NODE_KIND, RESERVED, SHORTHAND, Row, as_text, files_of, rows_of
from .organisation_writing import write_org

__all__ = ["CODES", "read_org", "write_org"]

CODES: Mapping[str, tuple[str, str]] = {
    "O120": (
        "nearly a known column",
        "A warning: a column that is nearly one of those with a meaning was taken as an attribute. Rename it if it was "
        "misspelt.",
    ),
    "O121": ("not read", "A warning: a key of a JSON file, or a name given in `columns`, that nothing was read from."),
    "O130": ("no such file or folder", "The path of the organisation leads nowhere."),
    "O131": ("an empty folder", "The folder of the organisation has no file that could be read."),
    "O132": (
        "a file that does not belong",
        "Everything in an organisation folder is read, so that a misspelt name cannot lose half of the organisation. "
        "Hidden files are left alone.",
    ),
    "O133": ("cannot be read", "The file is not UTF-8, or breaks the rules of its format from this place on."),
    "O134": ("cells and columns do not match", "A row of a CSV file has as many cells as its first line has columns."),
    "O135": ("something is missing", "A row lacks a column it cannot do without."),
    "O136": ("not a date", "Days are written 2005-01-31."),
    "O137": ("the wrong shape", "A list, map or text stands where something else is expected."),
    "O138": ("unknown key", "The key has no meaning here, and nothing is left unread in silence."),
    "O139": ("twice", "Two columns or keys say the same thing."),
}
"""Code -> title and explanation, for the page of errors."""

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_NEAR = 0.75  # below it, words such as `rank` and `name` would be taken for one another
_NOTHING: Mapping[str, str] = {}


def read_org(path: str | os.PathLike[str], columns: Mapping[str, str] | None = None) -> Organisation:
    """The organisation written in a folder, or in one file.

    Args:
        path: a folder with files `units`, `bodies`, `persons`, `edges`, `attributes` (CSV, JSON or YAML, several of
            each allowed: `units-2.csv`), or one file; see the reference page on organisation files.
        columns: how the files name what has a meaning here or in the rules: our name -> the file's name.

    Returns:
        The organisation, its `warnings` saying what was odd. Attributes are texts, or numbers and truth values where
        JSON has them, until the reader of rules types them.

    Raises:
        InputError: every fault of the files and of what they say, with file and line.
    """
    issues = Issues()
    files = files_of(Path(path), issues)
    reader = _Reader(columns or {}, issues)
    with _no_collection():
        for file in files:
            for section, row in rows_of(file, issues):
                reader.add(section, row)
        reader.finish(Source(str(path)))
        if not files or (issues.errors and not reader.nodes):
            issues.raise_errors()  # that nothing is there has been said, with its cause
        return Organisation.of(reader.nodes, reader.edges, reader.attributes, [str(file) for file in files], issues)


@contextlib.contextmanager
def _no_collection() -> Iterator[None]:
    """Look for no garbage: millions of records are made and all are kept, and looking took a third of the time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


class _Reader:
    """Makes records of rows."""

    def __init__(self, columns: Mapping[str, str], issues: Issues) -> None:
        self.issues = issues
        self.nodes: list[Node] = []
        self.edges: list[Edge] = []
        self.attributes: list[Attribute] = []
        self._ours = {theirs: ours for ours, theirs in columns.items()}
        self._columns = columns
        self._read: set[str] = set()  # columns of files that `columns` renamed
        self._named: dict[tuple[str, str], str] = {}
        self._warned: set[tuple[str, str, str]] = set()
        self._days: dict[str, date] = {}
        self._add: Mapping[str, Callable[[str, Row, dict[str, object]], None]] = {
            "units": self._node, "bodies": self._node, "persons": self._node,
            "edges": self._edge, "attributes": self._attribute,
        }  # fmt: skip

    def add(self, section: str, row: Row) -> None:
        """Take one row."""
        values: dict[str, object] = {}
        for column, value in row.values.items():
            name = self._named.get((section, column)) or self._name_of(section, column)
            if name in values:
                message = f"'{column}' and another column both say what '{name}' is"
                self.issues.error(row.place(column), "O139", message, "see `columns`")
            values[name] = value
        self._add[section](section, row, values)

    def finish(self, place: Source) -> None:
        """Say which names given in `columns` no file has."""
        for ours, theirs in self._columns.items():
            if theirs not in self._read:
                seen = {column for _, column in self._named}
                message = f"`columns` reads '{ours}' from '{theirs}', but no row has it"
                self.issues.warn(place, "O121", message, did_you_mean(theirs, seen))

    def _name_of(self, section: str, column: str) -> str:
        """Our name for a column of this section's files."""
        name, reserved = column, RESERVED[section]
        if column in self._ours:
            # `columns: {level: kind}` is about units; it leaves the `kind` of an edge alone.
            ours = self._ours[column]
            if ours in reserved or (section in NODE_KIND and column not in reserved):
                name = ours
                self._read.add(column)
        self._named[section, column] = name
        return name

    def _near_miss(self, section: str, row: Row, name: str) -> None:
        """Warn, once per file, of an attribute whose name is nearly a word with a meaning."""
        key = (row.source.file, section, name)
        if key in self._warned:
            return
        self._warned.add(key)
        near = nearest(name, RESERVED[section])
        if near is not None and _likeness(name, near) >= _NEAR:
            message = f"'{name}' in {section} is taken as an attribute"
            self.issues.warn(row.place(name), "O120", message, f"did you mean '{near}'?")

    # ---- nodes

    def _node(self, section: str, row: Row, values: dict[str, object]) -> None:
        source = row.source
        from_, to = self._span(row, values)
        node = self._id(row, "id", values.pop("id", None), section)
        if node is None:
            return
        names: dict[str, str] = {}
        shorthand, reserved = SHORTHAND[section], RESERVED[section]
        for name, value in values.items():
            if name in shorthand:
                self._shorthand(row, node, name, value, *shorthand[name])
            elif name == "name" or (name.startswith("name") and NAME.fullmatch(name)):
                self._name(row, name, value, names)
            else:
                if name not in reserved and (row.source.file, section, name) not in self._warned:
                    self._near_miss(section, row, name)
                self._values(row, node, name, value)
        self.nodes.append(Node(node, NODE_KIND[section], names or _NOTHING, from_, to, source))

    def _name(self, row: Row, key: str, value: object, names: dict[str, str]) -> None:
        match = NAME.fullmatch(key)
        given = value if isinstance(value, dict) else {(match[1] or match[2]) if match else "en": value}
        for language, text in given.items():
            if not isinstance(text, str):
                message = f"a name is a text, or a map from languages to texts, not {_said(text)}"
                self.issues.error(row.place(key), "O137", message)
            elif names.setdefault(language, text) != text:
                self.issues.error(row.place(key), "O139", f"there are two names in the language '{language}'")

    def _shorthand(self, row: Row, node: str, key: str, value: object, kind: str, is_source: bool) -> None:
        for other, from_, to in self._versions(row, key, value):
            end = self._id(row, key, other, key)
            if end is not None:
                ends = (node, end) if is_source else (end, node)
                self.edges.append(Edge(kind, *ends, from_, to, _NOTHING, row.place(key)))

    def _values(self, row: Row, node: str, name: str, value: object) -> None:
        if type(value) is str:
            self.attributes.append(Attribute(node, name, value, None, None, row.places.get(name, row.source)))
            return
        for version, from_, to in self._versions(row, name, value):
            if isinstance(version, str | bool | int | Decimal):
                self.attributes.append(Attribute(node, name, version, from_, to, row.place(name)))
            else:
                self.issues.error(
                    row.place(name), "O137", f"'{name}' is a text, a number or a history, not {_said(version)}"
                )

    def _versions(self, row: Row, key: str, value: object) -> Iterable[tuple[object, date | None, date | None]]:
        """A plain value, or each entry of a history: value, first and last day."""
        if not isinstance(value, list):
            return [(value, None, None)]
        found = []
        for entry in value:
            if not isinstance(entry, dict):
                message = f"an entry of the history of '{key}' is a map with `value` or `of`, not {_said(entry)}"
                self.issues.error(row.place(key), "O137", message)
                continue
            rest = dict(entry)
            from_, to = self._span(row, rest, key)
            given = [word for word in ("value", "of") if word in rest]
            if len(given) != 1:
                message = f"an entry of the history of '{key}' has one of `value` and `of`"
                self.issues.error(row.place(key), "O135" if not given else "O139", message)
                continue
            content = rest.pop(given[0])
            for word in rest:
                message = f"an entry of the history of '{key}' has no '{word}'"
                hint = did_you_mean(word, ("value", "of", "from", "to"))
                self.issues.error(row.place(key), "O138", message, hint)
            if content is not None and content != "":  # nothing, for these days
                found.append((content, from_, to))
        return found

    # ---- edges and attributes

    def _edge(self, section: str, row: Row, values: dict[str, object]) -> None:
        from_, to = self._span(row, values)
        kind, source, target = (
            self._id(row, key, values.pop(key, None), "edges") for key in ("kind", "source", "target")
        )
        own = {}
        for name, value in values.items():
            self._near_miss(section, row, name)
            if isinstance(value, str | bool | int | Decimal):
                own[name] = as_text(value)
            else:
                self.issues.error(row.place(name), "O137", f"'{name}' of an edge is a text, not {_said(value)}")
        if kind is not None and source is not None and target is not None:
            self.edges.append(Edge(kind, source, target, from_, to, own or _NOTHING, row.source))

    def _attribute(self, section: str, row: Row, values: dict[str, object]) -> None:
        from_, to = self._span(row, values)
        node, name = (self._id(row, key, values.pop(key, None), section) for key in ("node", "name"))
        value = values.pop("value", None)
        if value is None:
            self.issues.error(row.source, "O135", "a row of attributes has no 'value'")
        elif not isinstance(value, str | bool | int | Decimal):
            self.issues.error(row.place("value"), "O137", f"a value is a text or a number, not {_said(value)}")
        elif node is not None and name is not None:
            self.attributes.append(Attribute(node, name, value, from_, to, row.source))
        for other in values:
            hint = did_you_mean(other, RESERVED[section])
            self.issues.error(row.place(other), "O138", f"a row of attributes has no '{other}'", hint)

    # ---- single cells

    def _id(self, row: Row, key: str, value: object, what: str) -> str | None:
        if type(value) is str:
            return value
        if value is None:
            self.issues.error(row.source, "O135", f"a row of {what} has no '{key}'")
        elif type(value) is int:  # a JSON file may number its units
            return str(value)
        else:
            self.issues.error(row.place(key), "O137", f"'{key}' is an id, not {_said(value)}")
        return None

    def _span(self, row: Row, values: dict[str, object], key: str = "") -> tuple[date | None, date | None]:
        from_, to = values.pop("from", None), values.pop("to", None)
        return (
            None if from_ is None else self._day(row, key or "from", from_),
            None if to is None else self._day(row, key or "to", to),
        )

    def _day(self, row: Row, key: str, value: object) -> date | None:
        if isinstance(value, str):
            known = self._days.get(value)
            if known is not None:
                return known
            if value == "":
                return None
            if _DAY.fullmatch(value):
                try:
                    found = self._days[value] = date.fromisoformat(value)
                except ValueError:
                    self.issues.error(row.place(key), "O136", f"there is no day '{value}'")
                    return None
                return found
        self.issues.error(row.place(key), "O136", f"{_said(value)} is no day", "write it as 2005-01-31")
        return None


def _likeness(word: str, other: str) -> float:
    """How much of two words is the same, 0 to 1."""
    return difflib.SequenceMatcher(None, word.casefold(), other).ratio()


def _said(value: object) -> str:
    if isinstance(value, list):
        return "a list"
    return "a map" if isinstance(value, dict) else f"'{as_text(value)}'"
