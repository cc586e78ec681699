"""Organisations of rule tests: a compact tree, a file of `tests/organisations/`, or the ruleset's example."""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from pathlib import Path

from attrs import define, field

from ..adapters.organisation.reading import read_org
from ..documents import Broken, Mapping_, Scalar, Sequence_, Tree, kind_of, place, read_yaml
from ..errors import Issues, did_you_mean
from ..model.ruleset import Ruleset
from ..notation import day_hint, day_in
from ..org.organisation import Organisation
from ..org.records import KINDS, Attribute, Edge, Node
from .lines import LineError, Word, words_of

__all__ = ["Organisations"]

RESERVED_IN_UNIT = ("attributes", "persons")
RESERVED_ON_TOP = ("bodies", "edges")


@define
class Organisations:
    """Finds and reads the organisations of one ruleset's tests, each named one once."""

    folder: Path
    ruleset: Ruleset
    _named: dict[str, Organisation | None] = field(factory=dict)

    def get(self, tree: Tree, issues: Issues) -> Organisation | None:
        """The organisation that a test file names or writes out; None where a fault was reported.

        Raises:
            InputError: a file it names is refused by the reader of organisations.
        """
        if isinstance(tree, Broken):
            return None
        if isinstance(tree, Mapping_):
            return _of_tree(tree, self.ruleset, issues)
        if not isinstance(tree, Scalar) or tree.is_empty:
            issues.error(tree.source, "E203", f"'organisation' takes a name or a tree; found {kind_of(tree)}")
            return None
        if tree.text not in self._named:
            self._named[tree.text] = self._find(tree, issues)
        return self._named[tree.text]

    def _find(self, name: Scalar, issues: Issues) -> Organisation | None:
        folder = self.folder / "tests" / "organisations"
        if name.text == "example":
            return read_org(self.folder / "example" / "org", columns=self.ruleset.organisation.columns)
        known = sorted(p.stem for p in folder.glob("*") if p.suffix == ".yaml" or p.is_dir())
        if name.text not in known:
            hint = did_you_mean(name.text, ["example", *known])
            issues.error(name.source, "T102", f"there is no organisation '{name.text}' in {folder}", hint)
            return None
        if (folder / name.text).is_dir():
            return read_org(folder / name.text, columns=self.ruleset.organisation.columns)
        file = folder / f"{name.text}.yaml"
        tree = read_yaml(file.read_bytes(), str(file), issues)
        if tree is None or isinstance(tree, Mapping_):
            return None if tree is None else _of_tree(tree, self.ruleset, issues)
        issues.error(
            tree.source, "T103", f"an organisation is a mapping from units to what is in them; found {kind_of(tree)}"
        )
        return None


def _of_tree(tree: Mapping_, ruleset: Ruleset, issues: Issues) -> Organisation | None:
    own = Issues()
    reader = _TreeReader(ruleset, own)
    reader.top(tree)
    issues.found.extend(own.found)
    if own.errors:
        return None
    return Organisation.of(reader.nodes.values(), reader.edges, reader.attributes, (tree.source.file,))


@define
class _TreeReader:
    ruleset: Ruleset
    issues: Issues
    nodes: dict[str, Node] = field(factory=dict)
    edges: list[Edge] = field(factory=list)
    attributes: list[Attribute] = field(factory=list)
    said: dict[tuple[str, str], Tree] = field(factory=dict)

    def top(self, tree: Mapping_) -> None:
        later = []
        for key, value in tree.entries:
            if key.text in RESERVED_ON_TOP:
                later.append((key, value))
            else:
                self.unit(key, value, None, 0)
        for key, value in sorted(later, key=lambda entry: entry[0].text):  # bodies before edges
            for item in self.items(key, value):
                if key.text == "bodies":
                    self.nodes[item.text] = Node(item.text, "body", {}, None, None, item.source)
                else:
                    self.edge(item)

    def items(self, key: Scalar, value: Tree) -> Iterator[Scalar]:
        for item in value.items if isinstance(value, Sequence_) else (value,):
            if isinstance(item, Scalar) and not item.is_empty:
                yield item
            else:
                self.wrong(item, f"'{key.text}' takes a list of texts")

    def wrong(self, tree: Tree, expected: str, hint: str = "") -> None:
        if not isinstance(tree, Broken):
            self.issues.error(tree.source, "T103", f"{expected}; found {kind_of(tree)}", hint)

    # ---- units and persons

    def unit(self, key: Scalar, tree: Tree, parent: str | None, depth: int) -> None:
        unit = key.text
        from_, to = None, None
        if isinstance(tree, Mapping_):
            values = dict(self.attributes_of(unit, tree.get("attributes")))
            from_, to = self.span(values)
            self.write(unit, values)
        if unit in self.nodes:
            self.issues.error(
                key.source, "T103", f"'{unit}' is there twice", f"first on line {self.nodes[unit].source.line}"
            )
            return
        self.nodes[unit] = Node(unit, "unit", {}, from_, to, key.source)
        if parent is not None:
            self.edges.append(Edge("part_of", unit, parent, None, None, {}, key.source))
        if (unit, "level") not in self.said:
            self.level(key, depth)
        if isinstance(tree, Mapping_):
            for name, value in tree.entries:
                if name.text == "persons":
                    self.persons(unit, value)
                elif name.text not in RESERVED_IN_UNIT:
                    self.unit(name, value, unit, depth + 1)
        elif not (isinstance(tree, Scalar) and tree.is_empty):
            self.persons(unit, tree)

    def level(self, key: Scalar, depth: int) -> None:
        levels = self.ruleset.organisation.levels
        if not levels:
            return
        if depth >= len(levels):
            self.issues.error(
                key.source, "T104", f"'{key.text}' is {depth + 1} deep, and there are {len(levels)} levels",
                "say it: attributes: {level: ...}",
            )  # fmt: skip
            return
        self.attributes.append(Attribute(key.text, "level", levels[depth], None, None, key.source))

    def persons(self, unit: str, tree: Tree) -> None:
        if isinstance(tree, Sequence_):
            entries: list[tuple[Scalar, Tree | None]] = []
            for item in tree.items:
                if isinstance(item, Mapping_):
                    entries.extend(item.entries)
                elif isinstance(item, Scalar) and not item.is_empty:
                    entries.append((item, None))
                else:
                    self.wrong(
                        item, "a person is an id, or an id with attributes", "such as ann: {birth_date: 1970-01-01}"
                    )
        elif isinstance(tree, Mapping_):
            entries = list(tree.entries)
        else:
            self.wrong(tree, f"what is in '{unit}' is a list of persons or a mapping of units", "such as [ann, bo]")
            return
        for key, attributes in entries:
            self.person(unit, key, attributes)

    def person(self, unit: str, key: Scalar, attributes: Tree | None) -> None:
        values = dict(self.attributes_of(key.text, attributes))
        from_, to = self.span(values)  # of belonging to the unit: a person who moves stands in several
        self.write(key.text, values)
        known = self.nodes.setdefault(key.text, Node(key.text, "person", {}, None, None, key.source))
        if known.kind != "person":
            self.issues.error(
                key.source, "T103", f"'{key.text}' is a {known.kind} already", f"on line {known.source.line}"
            )
            return
        self.edges.append(Edge("member_of", key.text, unit, from_, to, {}, key.source))

    # ---- attributes

    def attributes_of(self, node: str, tree: Tree | None) -> Iterator[tuple[str, tuple[Scalar, Tree]]]:
        if tree is None or isinstance(tree, Broken) or (isinstance(tree, Scalar) and tree.is_empty):
            return
        if not isinstance(tree, Mapping_):
            self.wrong(tree, f"the attributes of '{node}' are a mapping")
            return
        schema = self.ruleset.organisation
        declared = {*schema.units, *schema.persons, "level", "from", "to"}
        for key, value in tree.entries:
            if key.text not in declared:
                self.issues.error(
                    key.source,
                    "T103",
                    f"the ruleset declares no attribute '{key.text}'",
                    did_you_mean(key.text, declared),
                )
            yield key.text, (key, value)

    def span(self, values: dict[str, tuple[Scalar, Tree]]) -> tuple[date | None, date | None]:
        found = [self.day(values.pop(name)[1]) if name in values else None for name in ("from", "to")]
        return found[0], found[1]

    def day(self, tree: Tree) -> date | None:
        text = tree.text if isinstance(tree, Scalar) else ""
        found = day_in(text)
        if found is None and not isinstance(tree, Broken):
            self.issues.error(tree.source, "E208", f"{kind_of(tree)} is not a date", day_hint(text))
        return found

    def write(self, node: str, values: Mapping[str, tuple[Scalar, Tree]]) -> None:
        """Take the values of a node; a mapping from days to values is a history."""
        for name, (key, value) in values.items():
            if (node, name) in self.said:
                if value != self.said[node, name]:
                    self.issues.error(key.source, "T103", f"'{name}' of '{node}' is said twice", "say it once")
                continue
            self.said[node, name] = value
            if isinstance(value, Scalar) and not value.is_empty:
                self.attributes.append(Attribute(node, name, value.text, None, None, value.source))
            elif isinstance(value, Mapping_):
                self.versions(node, name, value)
            else:
                self.wrong(value, f"'{name}' takes a value, or values by the day from which they hold")

    def versions(self, node: str, name: str, tree: Mapping_) -> None:
        days = [(self.day(key), value) for key, value in tree.entries]
        if any(day is None or not isinstance(value, Scalar) for day, value in days):
            return
        ordered = sorted((day, value.text, value.source) for day, value in days if day and isinstance(value, Scalar))
        for i, (day, text, source) in enumerate(ordered):
            last = ordered[i + 1][0] - timedelta(1) if i + 1 < len(ordered) else None
            self.attributes.append(Attribute(node, name, text, day, last, source))

    # ---- edges

    def edge(self, scalar: Scalar) -> None:
        try:
            words = list(words_of(scalar.text))
            source, kind, targets, days = _edge(words, len(scalar.text))
        except LineError as fault:
            self.issues.error(
                place(scalar, fault.offset),
                "T105",
                fault.message,
                fault.hint or "SOURCE KIND TARGET, such as office leads a, b",
            )
            return
        if kind.text not in KINDS:
            self.issues.error(
                place(scalar, kind.offset), "T105", f"'{kind.text}' is no kind of edge", did_you_mean(kind.text, KINDS)
            )
            return
        for word in (source, *targets):
            if word.text not in self.nodes:
                hint = did_you_mean(word.text, self.nodes)
                self.issues.error(place(scalar, word.offset), "T105", f"the tree has no '{word.text}'", hint)
        for target in targets:
            self.edges.append(
                Edge(kind.text, source.text, target.text, days.get("from"), days.get("to"), {}, scalar.source)
            )


def _edge(words: list[Word], end: int) -> tuple[Word, Word, list[Word], dict[str, date]]:
    if len(words) < 3:
        raise LineError("an edge has a source, a kind and a target", end)
    source, kind, *rest = words
    targets, rest = [rest[0]], rest[1:]
    while rest and rest[0].text == ",":
        if len(rest) < 2:
            raise LineError("a target is missing behind the comma", end)
        targets.append(rest[1])
        rest = rest[2:]
    days: dict[str, date] = {}
    while rest:
        if rest[0].text not in ("from", "to") or rest[0].text in days or len(rest) < 2:
            raise LineError(
                f"'{rest[0].text}' is not understood here", rest[0].offset, "behind the targets: from DATE to DATE"
            )
        day = day_in(rest[1].text)
        if day is None:
            raise LineError(f"'{rest[1].text}' is not a date", rest[1].offset, day_hint(rest[1].text))
        days[rest[0].text] = day
        rest = rest[2:]
    return source, kind, targets, days
