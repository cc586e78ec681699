"""A condition on the attributes of units or persons, evaluated once for equal attributes."""

from collections.abc import Callable
from datetime import tzinfo

from ..expr.evaluate import compile_node
from ..expr.nodes import Node, Ref, walk
from ..values import Value

__all__ = ["Verdicts"]


class Verdicts(dict[tuple[Value, ...], bool]):
    """Whether a condition holds, by the values of the attributes it reads, in the order of `names`.

    Each is found when it is first asked for: a million persons are of a hundred ages. All nodes asked for are of one kind,
    so that an attribute has one type.

    Attributes:
        condition: the resolved condition.
        names: the attributes it reads.
        names_others: whether it names anything else: parameters.
    """

    def __init__(self, condition: Node, other: Callable[[Ref], Value], tz: tzinfo) -> None:
        """`other` gives the value of a name that is no attribute."""
        super().__init__()
        self.condition = condition
        refs = [node for node in walk(condition) if isinstance(node, Ref)]
        self.names = tuple(dict.fromkeys(ref.name for ref in refs if _is_attribute(ref)))
        self.names_others = not all(map(_is_attribute, refs))
        self._other, self._test = other, compile_node(condition, tz)

    def __missing__(self, values: tuple[Value, ...]) -> bool:
        own = dict(zip(self.names, values, strict=True))

        def lookup(node: Node) -> Value:
            assert isinstance(node, Ref)  # a condition on attributes has no other names
            return own[node.name] if _is_attribute(node) else self._other(node)

        held = self[values] = self._test(lookup) is True
        return held


def _is_attribute(ref: Ref) -> bool:
    return ref.scope in ("person", "subject")
