"""Single rows of an organisation's files: all that a row may say, and all that may be wrong with it."""

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from decimal import Decimal

from ...errors import Issues, did_you_mean
from ...notation import DAY, day_hint, day_in
from ...org.columns import Records
from ...org.records import Attribute, Edge, Node
from .naming import Naming
from .rows import NAME, NODE_KIND, RESERVED, SHORTHAND, Row, as_text

__all__ = ["RowRecorder"]

_NOTHING: Mapping[str, str] = {}


class RowRecorder:
    """Makes records of single rows, and reports what is wrong with them."""

    def __init__(self, records: Records, naming: Naming, issues: Issues) -> None:
        self.records, self.naming, self.issues = records, naming, issues
        self._days: dict[str, date] = {}
        self._take: Mapping[str, Callable[[str, Row, dict[str, object]], None]] = {
            "units": self._node, "bodies": self._node, "persons": self._node,
            "edges": self._edge, "attributes": self._attribute,
        }  # fmt: skip

    def take(self, section: str, row: Row) -> None:
        """Make records of one row."""
        values: dict[str, object] = {}
        for column, value in row.values.items():
            name = self.naming.name(section, column)
            if name in values:
                message = f"'{column}' and another column both say what '{name}' is"
                self.issues.error(row.place(column), "O139", message, "see `columns`")
            values[name] = value
        self._take[section](section, row, values)

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
                if name not in reserved:
                    self.naming.near_miss(section, name, row.source, row.place(name))
                self._values(row, node, name, value)
        self.records.nodes.add(Node(node, NODE_KIND[section], names or _NOTHING, from_, to, source))

    def _name(self, row: Row, key: str, value: object, names: dict[str, str]) -> None:
        match = NAME.fullmatch(key)
        given = value if isinstance(value, dict) else {(match[1] or match[2]) if match else "en": value}
        for language, text in given.items():
            if not isinstance(text, str):
                message = f"a name is a text, or a map from languages to texts, not {_described(text)}"
                self.issues.error(row.place(key), "O137", message)
            elif names.setdefault(language, text) != text:
                self.issues.error(row.place(key), "O139", f"there are two names in the language '{language}'")

    def _shorthand(self, row: Row, node: str, key: str, value: object, kind: str, is_source: bool) -> None:
        for other, from_, to in self._versions(row, key, value):
            end = self._id(row, key, other, key)
            if end is not None:
                ends = (node, end) if is_source else (end, node)
                self.records.edges_of(kind).add(Edge(kind, *ends, from_, to, _NOTHING, row.place(key)))

    def _values(self, row: Row, node: str, name: str, value: object) -> None:
        if type(value) is str:
            self.records.versions_of(name).add(
                Attribute(node, name, value, None, None, row.places.get(name, row.source))
            )
            return
        for version, from_, to in self._versions(row, name, value):
            if isinstance(version, str | bool | int | Decimal):
                self.records.versions_of(name).add(Attribute(node, name, version, from_, to, row.place(name)))
            else:
                self.issues.error(
                    row.place(name), "O137", f"'{name}' is a text, a number or a history, not {_described(version)}"
                )

    def _versions(self, row: Row, key: str, value: object) -> Iterable[tuple[object, date | None, date | None]]:
        """A plain value, or each entry of a history: value, first and last day."""
        if not isinstance(value, list):
            return [(value, None, None)]
        versions = []
        for entry in value:
            if not isinstance(entry, dict):
                message = f"an entry of the history of '{key}' is a map with `value` or `of`, not {_described(entry)}"
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
                versions.append((content, from_, to))
        return versions

    # ---- edges and attributes

    def _edge(self, section: str, row: Row, values: dict[str, object]) -> None:
        from_, to = self._span(row, values)
        kind, source, target = (
            self._id(row, key, values.pop(key, None), "edges") for key in ("kind", "source", "target")
        )
        own = {}
        for name, value in values.items():
            self.naming.near_miss(section, name, row.source, row.place(name))
            if isinstance(value, str | bool | int | Decimal):
                own[name] = as_text(value)
            else:
                self.issues.error(row.place(name), "O137", f"'{name}' of an edge is a text, not {_described(value)}")
        if kind is not None and source is not None and target is not None:
            self.records.edges_of(kind).add(Edge(kind, source, target, from_, to, own or _NOTHING, row.source))

    def _attribute(self, section: str, row: Row, values: dict[str, object]) -> None:
        from_, to = self._span(row, values)
        node, name = (self._id(row, key, values.pop(key, None), section) for key in ("node", "name"))
        value = values.pop("value", None)
        if value is None:
            self.issues.error(row.source, "O135", "a row of attributes has no 'value'")
        elif not isinstance(value, str | bool | int | Decimal):
            self.issues.error(row.place("value"), "O137", f"a value is a text or a number, not {_described(value)}")
        elif node is not None and name is not None:
            self.records.versions_of(name).add(Attribute(node, name, value, from_, to, row.source))
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
            self.issues.error(row.place(key), "O137", f"'{key}' is an id, not {_described(value)}")
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
            day = day_in(value)
            if day is not None:
                self._days[value] = day
                return day
            if re.fullmatch(DAY, value):
                self.issues.error(row.place(key), "O136", f"there is no day '{value}'")
                return None
        hint = day_hint(value if isinstance(value, str) else "", "write it as 2005-01-31")
        self.issues.error(row.place(key), "O136", f"{_described(value)} is no day", hint)
        return None


def _described(value: object) -> str:
    if isinstance(value, list):
        return "a list"
    return "a map" if isinstance(value, dict) else f"'{as_text(value)}'"
