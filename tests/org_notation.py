"""Organisations for tests in a few lines of YAML."""

import textwrap
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

from learnorg_rules.adapters.organisation.reading import read_org
from learnorg_rules.errors import Source
from learnorg_rules.org.organisation import Organisation
from learnorg_rules.org.records import Attribute, Edge, Node

NOWHERE = Source("test")


def organisation(text: str) -> Organisation:
    """The organisation written as one YAML file."""
    with TemporaryDirectory() as folder:
        file = Path(folder) / "organisation.yaml"
        file.write_text(textwrap.dedent(text), encoding="utf-8")
        return read_org(file)


def day(text: str) -> date:
    return date.fromisoformat(text)


def maybe(text: str | None) -> date | None:
    return None if text is None else day(text)


def node(id_: str, kind: str = "unit", from_: str | None = None, to: str | None = None, line: int = 0) -> Node:
    return Node(id_, kind, {}, maybe(from_), maybe(to), Source("org", line))


def edge(kind: str, source: str, target: str, from_: str | None = None, to: str | None = None, line: int = 0) -> Edge:
    return Edge(kind, source, target, maybe(from_), maybe(to), {}, Source("org", line))


def attribute(
    id_: str, name: str, value: object, from_: str | None = None, to: str | None = None, line: int = 0
) -> Attribute:
    return Attribute(id_, name, value, maybe(from_), maybe(to), Source("org", line))
