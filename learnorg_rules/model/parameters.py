"""Parameters: what a named value was on a day, and constants built from them."""

from collections.abc import Mapping
from datetime import date

from ..expr.evaluate import compile_node
from ..expr.nodes import Node, Ref
from ..values import Value
from .definitions import Dated, Expression, Parameter

__all__ = ["Parameters"]


class Parameters:
    """Values of parameters by day, and of expressions over nothing but parameters. Remembers which assumed ones were read."""

    def __init__(self, parameters: Mapping[str, Parameter]) -> None:
        self._parameters = parameters
        self._values: dict[int, Value] = {}
        self.assumed: dict[str, Dated] = {}

    def value(self, name: str, day: date) -> Value:
        """The value in force on the day; None (missing) before its first."""
        dated = self._parameters[name].on(day)
        if dated is None:
            return None
        if dated.assumed:
            self.assumed[name] = dated
        if id(dated) not in self._values:
            self._values[id(dated)] = self.constant(dated.value, day)
        return self._values[id(dated)]

    def constant(self, expression: Expression, day: date) -> Value:
        """The value of an expression over parameters as of the day."""

        def lookup(node: Node) -> Value:
            assert isinstance(node, Ref)
            assert node.scope == "parameter"  # the scope of constants holds nothing else
            return self.value(node.name, day)

        return compile_node(expression.tree)(lookup)
