"""The nodes of the expression language: frozen, each with its place in the text.

Two stages share these classes. `parse` gives the *surface* tree: `Name` and `Call` only say what was written.
`resolve` gives the *resolved* tree of the same nodes, in which every `Name` has become a `Ref` (what it refers to,
with its type), every symbol a `Literal`, and every `Call` of an aggregate an `Aggregate`. Back ends
(`evaluate`, `frames`, `render`) take resolved trees only; `render` takes both.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import cache

import attrs
from attrs import field, frozen

from .types import Type

__all__ = [
    "GROUPS", "MIRRORED", "Across",
    "Aggregate", "Binary", "Bool", "Call", "Compare", "In", "IsMissing", "Literal", "Logic", "Name", "Negate", "Node",
    "Not", "Order", "Outer", "Pair", "Range", "Ref", "Span", "Subjects", "children", "walk",
]  # fmt: skip


@frozen(order=True)
class Span:
    """Offsets into the expression's text, in characters, end not included."""

    start: int = 0
    end: int = 0


@frozen
class Node:
    """One node. `span` never takes part in equality, so equal meaning is equal wherever it was written."""

    span: Span = field(default=Span(), eq=False, repr=False, kw_only=True)
    type: Type | None = field(default=None, eq=False, repr=False, kw_only=True)


@frozen
class Literal(Node):
    """A constant: Fraction (also for `80%`), str, date, or `timedelta`; `unit` as written after a number.

    In a resolved tree also a symbol of a choice (str, with type Choice).
    """

    value: object = None
    unit: str = ""


@frozen
class Bool(Node):
    """`true` or `false`."""

    value: bool = False


@frozen
class Name(Node):
    """A name as written, its dots split: `year.total` is ("year", "total"). Surface trees only."""

    parts: Sequence[str] = ()


@frozen
class Ref(Node):
    """What a name refers to. Resolved trees only.

    `scope` is one of "event" (envelope or declared field), "person" (attribute of the event's person), "unit"
    (attribute of the event's unit), "subject" (attribute of the subject judged), "parameter", "measure", "duty",
    "score" (name is "card.total", "card.grade" or "card.indicator"), "local" (bound by the rule: `candidates`,
    `period_end`, `total`, `grade`, ...). `name` is the name within the scope.
    """

    scope: str = ""
    name: str = ""


@frozen
class Negate(Node):
    """`-x`."""

    operand: Node = field(default=None)


@frozen
class Not(Node):
    """`not x`; unknown stays unknown."""

    operand: Node = field(default=None)


@frozen
class Logic(Node):
    """`a and b and c` or `a or b or c`, flat. Kleene logic: unknown and false is false."""

    op: str = "and"
    operands: Sequence[Node] = ()


@frozen
class Binary(Node):
    """`+ - * /`. Exact. A division by zero is wrong, not missing (decision 0026)."""

    op: str = "+"
    left: Node = field(default=None)
    right: Node = field(default=None)


@frozen
class Compare(Node):
    """`== != < <= > >=`. Either side missing gives unknown."""

    op: str = "=="
    left: Node = field(default=None)
    right: Node = field(default=None)


MIRRORED: Mapping[str, str] = {"==": "==", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}
"""The operator of a comparison -> that of the same comparison with its sides exchanged."""


@frozen
class Range(Node):
    """`low..high`, both ends included. Only right of `in`."""

    low: Node = field(default=None)
    high: Node = field(default=None)


@frozen
class In(Node):
    """`x in [a, b]`, `x in 1..2`, `x in name_of_list_parameter`, `x not in ...`.

    `items` is a tuple of nodes for a bracketed list, else one `Range`, `Name` or `Ref`. On the surface,
    `minutes in forum` inside an aggregate is this too; `resolve` turns it into the `Aggregate`.
    """

    operand: Node = field(default=None)
    items: "Sequence[Node] | Node" = ()
    negated: bool = False


@frozen
class IsMissing(Node):
    """`x is missing`, `x is not missing`: always true or false."""

    operand: Node = field(default=None)
    negated: bool = False


@frozen
class Pair(Node):
    """`threshold: value` inside a call such as `bands(n, 0: 0, 3: 1)`."""

    left: Node = field(default=None)
    right: Node = field(default=None)


@frozen
class Call(Node):
    """A function call. `where` and `by` only on the surface of an aggregate."""

    function: str = ""
    args: Sequence[Node] = ()
    where: Node | None = None
    by: Node | None = None


@frozen
class Aggregate(Node):
    """A number, or a boolean, from the events of the subject and period. Resolved trees only.

    `op`: count, sum, mean, min, max, first, last, distinct, most, any, hits, persons.
    `value`: what is aggregated (an event-level expression); None for count, any, hits and persons.
    `kinds`: the event kinds, sorted; empty for persons.
    `where`: event-level condition; for persons, a condition on person attributes.
    `by`: weight of a mean. `grain`: for hits, "year", "quarter", "month", "week" or "day".
    `text`: the aggregate as written, for people.
    """

    op: str = "count"
    value: Node | None = None
    kinds: Sequence[str] = ()
    where: Node | None = None
    by: Node | None = None
    grain: str = ""
    text: str = field(default="", eq=False)


@frozen
class Across(Node):
    """A number or condition from other subjects: `mean(rate in led)`, `rank(rate in peers)`. Resolved trees only.

    `op`: sum, mean, min, max, count, share or rank. `value`: evaluated for each subject of the group, in the same period;
    a condition for count and share. `group`: one of `GROUPS`. Subjects without a value do not count.
    """

    op: str = "mean"
    value: Node = field(default=None)
    group: str = ""
    text: str = field(default="", eq=False)
    names_subject: bool = field(default=False, eq=False, repr=False)  # whether `subject.x` stands inside


@frozen
class Outer(Node):
    """`subject.x` inside a group: what the name is of the subject whose group it is. Resolved trees only."""

    value: Node = field(default=None)


GROUPS = {
    "led": "the units the subject leads",
    "guided": "the units the subject guides",
    "children": "the units directly below the subject",
    "below": "all units below the subject",
    "members": "the persons of the subject and of the units below it",
    "home": "the unit a person belongs to, and those above it",
    "peers": "all subjects of the rule that asks, in the period; only of a subject that is one of them",
}
"""Groups of subjects an `Across` may run over; edges and tree as they were on the day of the subject's attributes."""


@frozen
class Subjects(Node):
    """A selector: `units where level == department`, `persons of office where age <= 35`, `office, league`.

    `family` is "units", "bodies", "persons" or "" for a list of ids; `ids` holds that list. `of`: only those in the
    part of the tree under this id (for persons: its members). `by`, `edge`: only those the node `by` points at
    with an edge of this kind (`units that office leads`). `where`: condition on subject attributes.
    """

    family: str = ""
    ids: Sequence[str] = ()
    of: str = ""
    by: str = ""
    edge: str = ""
    where: Node | None = None


@frozen
class Order(Node):
    """`year.total descending`: one entry of a ranking."""

    key: Node = field(default=None)
    descending: bool = False


def children(node: Node) -> Sequence[Node]:
    """The nodes directly inside, in the order written."""
    found: list[Node] = []
    cls: type = type(node)
    for name in _parts(cls):
        value = getattr(node, name)
        if isinstance(value, Node):
            found.append(value)
        elif isinstance(value, tuple):
            found += [v for v in value if isinstance(v, Node)]
    return found


@cache
def _parts(cls: type) -> Sequence[str]:
    """The fields of a class of nodes that can hold nodes."""
    return [a.name for a in attrs.fields(cls) if "Node" in str(a.type)]


def walk(node: Node) -> Iterator[Node]:
    """The node and everything inside it, from the outside in."""
    ahead = [node]
    while ahead:
        node = ahead.pop()
        yield node
        ahead += children(node)[::-1]
