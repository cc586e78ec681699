"""What an organisation is made of: nodes, edges and attributes, each with the days it holds."""

from collections.abc import Mapping
from datetime import date

from attrs import field, frozen

from ..errors import Source
from ..texts import nfc

__all__ = ["EDGE_KINDS", "KINDS", "NODE_KINDS", "TREE_KINDS", "Attribute", "Edge", "EdgeKind", "Node"]

NODE_KINDS = ("unit", "body", "person")


def _in_nfc(value: object) -> object:
    return nfc(value) if isinstance(value, str) else value


@frozen
class Node:
    """A unit, a body (a committee, a leading group) or a person.

    Attributes:
        kind: "unit", "body" or "person".
        name: the name by language; empty where nothing but the id is known.
        from_: the first day; None where it has always been there.
        to: the last day, included; None where no end is known.
        source: the place of the record; no part of equality.
    """

    id: str = field(converter=nfc)
    kind: str
    name: Mapping[str, str]
    from_: date | None
    to: date | None
    source: Source = field(eq=False)


@frozen
class Edge:
    """A relation of two nodes. `from_` and `to` (last day, included) left out: for as long as both ends live."""

    kind: str
    source_id: str = field(converter=nfc)
    target_id: str = field(converter=nfc)
    from_: date | None
    to: date | None
    attributes: Mapping[str, str]
    source: Source = field(eq=False)


@frozen
class Attribute:
    """A value of a node over some days, both ends included; None is open. Text until the reader of rules types it."""

    node: str = field(converter=nfc)
    name: str = field(converter=nfc)
    value: object = field(converter=_in_nfc)
    from_: date | None
    to: date | None
    source: Source = field(eq=False)


@frozen
class EdgeKind:
    """What a kind of edge says.

    Attributes:
        sentence: its meaning, `source` and `target` being the ends.
        sources, targets: the kinds of node that may stand at either end.
        tree: a node has at most one target of this kind at a time.
        acyclic: its edges never lead back to where they began.
    """

    name: str
    sentence: str
    sources: tuple[str, ...]
    targets: tuple[str, ...]
    tree: bool = False
    acyclic: bool = False


_GROUPS = ("unit", "body")
_MEMBERS = ("person", "unit")
_ANY = NODE_KINDS

EDGE_KINDS = (
    EdgeKind("part_of", "the source is a part of the target, its parent", _GROUPS, _GROUPS, tree=True, acyclic=True),
    EdgeKind(
        "party_part_of",
        "the source stands under the target in the Party's tree, which may differ from the administrative one",
        _GROUPS, _GROUPS, tree=True, acyclic=True,
    ),
    EdgeKind("member_of", "the source belongs to the target; a person to one unit at a time", _MEMBERS, _GROUPS),
    EdgeKind("chairs", "the source, a person, chairs the target", ("person",), ("body",)),
    EdgeKind("hosts", "the source, a unit, houses the office of the target", ("unit",), ("body",)),
    EdgeKind("leads", "the source leads the target, which is assessed", _ANY, ("unit",), acyclic=True),
    EdgeKind("guides", "the source guides the target, which is reported but not ranked", _ANY, ("unit",)),
    EdgeKind("serves", "the source works for the target, in a function", _ANY, _ANY),
    EdgeKind("implements", "the source carries out what the target decides", _ANY, _ANY),
    EdgeKind("supports", "the source helps the target", _ANY, _ANY),
    EdgeKind("participates", "the source takes part in the target, in a cohort", _ANY, _ANY),
    EdgeKind("reports_to", "the source reports to the target, or to several", _ANY, _ANY, acyclic=True),
    EdgeKind(
        "succeeds", "the source, the new one, takes the place of the target, the old one",
        _GROUPS, _GROUPS, acyclic=True,
    ),
)  # fmt: skip
"""The register of edge kinds, in the order of the reference page."""

KINDS: Mapping[str, EdgeKind] = {kind.name: kind for kind in EDGE_KINDS}
TREE_KINDS = tuple(kind.name for kind in EDGE_KINDS if kind.tree)
