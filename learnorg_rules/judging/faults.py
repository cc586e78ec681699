"""Why an expression has no value: whether something in it is wrong, rather than missing.

Expressions give None for both. What is wrong is looked for only where there was no value, along the way that the value would
have taken, so that a fault which `coalesce` or `if` provides for is none.
"""

from collections.abc import Mapping
from fractions import Fraction
from typing import Literal

from attrs import field, frozen

from ..errors import Source
from ..expr.functions import FUNCTIONS
from ..expr.group_functions import GROUP_FUNCTIONS
from ..expr.nodes import Across, Aggregate, Binary, Call, Node, Outer, Ref, children, walk
from ..expr.render import render
from ..model.definitions import Expression, Measure
from ..values import LONGEST, Number
from .evaluation import Context, Evaluation

__all__ = ["Fault", "can_fail", "fault_in", "fault_key"]


@frozen
class Fault:
    """What is wrong.

    `kind`: a value outside its range, a division by 0, weights that add up to 0, more digits than a number may have. `text`: the indicator, or the division or
    aggregate as written. `value`, `most`: of a range, what was outside 0 to what.
    """

    kind: Literal["range", "division", "weights", "digits"]
    text: str
    source: Source = field(default=Source(""), eq=False)
    value: Number | None = None
    most: Number = 0

    def __str__(self) -> str:
        if self.kind == "range":
            return f"{self.text} gives points outside its range"
        if self.kind == "digits":
            return f"'{self.text}' gives a number of more than {LONGEST} digits"
        return f"the weights of '{self.text}' add up to 0" if self.kind == "weights" else f"'{self.text}' divides by 0"

    @property
    def hint(self) -> str:
        """What its author can do."""
        if self.kind == "digits":
            return "a value that is multiplied by itself from period to period has twice the digits in each; say what bounds it"
        if self.kind == "weights":
            return "say what it is without weights, such as coalesce(..., 0), or leave out events of no weight"
        return "say what it is where there is nothing to divide by: if(b > 0, a / b), missing there, or if(b > 0, a / b, 1)"


def fault_key(part: str) -> str:
    """Where `Evaluation.scores` keeps what is wrong with a part of a scorecard; no part can be called so."""
    return f"{part}!"


def can_fail(tree: Node, measures: Mapping[str, Measure], seen: frozenset[str] = frozenset()) -> bool:
    """Whether anything in the expression, or in measures it names, divides or may be wrong in another scorecard."""
    for node in walk(tree):
        match node:
            case Binary() | Across() | Call(function="linear") | Ref(scope="score"):
                return True
            case Aggregate(by=Node()):
                return True
            case Ref(scope="measure", name=name) if name not in seen:
                if can_fail(measures[name].value.tree, measures, seen | {name}):
                    return True
    return False


def fault_in(evaluation: Evaluation, expression: Expression, context: Context) -> Fault | None:
    """What is wrong in an expression that has no value in the context; None where something is only missing."""
    return _Search(evaluation, expression).of(expression.tree, context)


@frozen
class _Search:
    evaluation: Evaluation
    expression: Expression

    def of(self, node: Node, context: Context) -> Fault | None:
        """The first thing wrong that leaves the node, in the context, without a value."""
        match node:
            case Aggregate():
                return self.fault("weights", node) if self._has_no_weight(node, context) else None
            case Ref(scope="measure", name=name):
                return self._measure(name, context)
            case Ref(scope="score", name=name):
                card, _, part = name.partition(".")
                period = context.period
                scores = self.evaluation.scores.get((card, context.subject, period.start, period.end), {})
                found = scores.get(fault_key(part))
                return found if isinstance(found, Fault) else None
            case Across():
                return self._group(node, context)
            case Outer(value=value):
                assert context.outer is not None  # it stands in a group only
                return self._missing(value, context.outer)
            case Call(function="previous", args=args):
                before = next(iter(context.earlier()), None)
                return None if before is None else self._missing(args[0], before)
            case Call(function="if", args=args):
                condition = self.evaluation.value(args[0], context)
                taken = args[0] if condition is None else args[1] if condition else args[2] if len(args) > 2 else None
                return None if taken is None else self._missing(taken, context)
        if isinstance(node, Call) and node.function not in FUNCTIONS:
            return None
        inside = children(node)
        found = next((f for child in inside if (f := self._missing(child, context)) is not None), None)
        if found is None and self._divides_by_nothing(node, context):
            return self.fault("division", node)
        if found is None and self._is_too_long(node, context):
            return self.fault("digits", node)
        return found

    def fault(self, kind: Literal["division", "weights", "digits"], node: Node) -> Fault:
        """What is wrong with a node, as written."""
        text = self.expression.text[node.span.start : node.span.end] or render(node)
        return Fault(kind, " ".join(text.split()), self.expression.source)

    def _missing(self, node: Node, context: Context) -> Fault | None:
        return self.of(node, context) if self.evaluation.value(node, context) is None else None

    def _group(self, node: Across, context: Context) -> Fault | None:
        """Of a group of which nobody has a value, the first that has one for a fault; asked once where all ask the same."""
        if GROUP_FUNCTIONS[node.op].compares:
            return self._missing(node.value, context)
        alike = node.group == "peers" and not node.names_subject
        key = (
            "fault", id(node), id(context.rule), "" if alike else context.subject, context.schedule, context.index,
            self.evaluation.after_decisions,
        )  # fmt: skip
        found = (self._missing(node.value, c) for c in context.group(node.group))
        return self.evaluation.memo.get(key, lambda: next(filter(None, found), None))

    def _measure(self, name: str, context: Context) -> Fault | None:
        value = self.evaluation.binding.ruleset.measures[name].value
        if self.evaluation.value(value.tree, context) is not None:
            return None  # missing because nothing counted
        return _Search(self.evaluation, value).of(value.tree, context)

    def _has_no_weight(self, node: Aggregate, context: Context) -> bool:
        return node.by is not None and self.evaluation.counted(node, context) > 0

    def _is_too_long(self, node: Node, context: Context) -> bool:
        number = isinstance(node, Binary) or (isinstance(node, Call) and node.function == "linear")
        values = [self.evaluation.value(child, context) for child in children(node)] if number else []
        return bool(values) and all(isinstance(v, int | Fraction) for v in values)

    def _divides_by_nothing(self, node: Node, context: Context) -> bool:
        value = self.evaluation.value
        if isinstance(node, Binary):
            return node.op == "/" and value(node.left, context) is not None and value(node.right, context) == 0
        if isinstance(node, Call) and node.function == "linear":
            _, low, high = (value(arg, context) for arg in node.args)
            return low is not None and low == high
        return False
