"""How far numbers and choices reach, whatever happens, and which conditions can never or must always hold."""

from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction

from attrs import frozen

from ..expr.aggregates import function_of
from ..expr.nodes import (
    MIRRORED,
    Across,
    Aggregate,
    Binary,
    Bool,
    Call,
    Compare,
    In,
    Literal,
    Logic,
    Negate,
    Node,
    Not,
    Outer,
    Range,
    Ref,
)  # fmt: skip
from ..expr.types import Base
from ..model.definitions import FieldType
from ..model.ruleset import Ruleset

__all__ = ["ENDLESS", "Span", "Spans"]

Bound = Fraction | float | None
ENDLESS = float("inf")

_MOST_IN = {
    "half": {"year": 2},
    "quarter": {"year": 4, "half": 2},
    "month": {"year": 12, "half": 6, "quarter": 3},
    "week": {"year": 53, "half": 27, "quarter": 14, "month": 5},
    "day": {"year": 366, "half": 184, "quarter": 92, "month": 31, "week": 7},
}
"""How many of the smaller periods at most belong to a greater one."""
_ORDER = ("day", "week", "month", "quarter", "half", "year")
_NEGATED = {"==": "!=", "!=": "==", "<": ">=", ">=": "<", ">": "<=", "<=": ">"}


@frozen
class Span:
    """The least and the greatest that a number can be, or the place of a choice among its options.

    None where that is not known, `ENDLESS` where it goes on and on.
    """

    low: Bound = None
    high: Bound = None

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing in it."""
        return self.low is not None and self.high is not None and self.low > self.high


_SHARE = Span(Fraction(), Fraction(1))
_NONE = Span(Fraction(), Fraction())
_OPEN = Span()


class Spans:
    """How far the values of a ruleset's expressions reach, whatever happens."""

    def __init__(self, ruleset: Ruleset, totals: Callable[[str], Span] = lambda card: _OPEN, every: str = "") -> None:
        """How values reach in the periods of a rule.

        Args:
            ruleset: with its measures, parameters and types of fields.
            totals: how far the totals of a scorecard go.
            every: the period of the rule, which limits how many months it can have; "" where none is known.
        """
        self.ruleset, self.totals, self.every = ruleset, totals, every

    def span(self, node: Node, within: frozenset[str] = frozenset()) -> Span:
        """The span of a number or choice; `within`: measures it is a part of."""
        if node.type is not None and node.type.base is Base.CHOICE:
            options = list(node.type.options)
            if isinstance(node, Literal):
                place = Fraction(options.index(str(node.value))) if node.value in options else None
                return Span(place, place)
            return Span(Fraction(), Fraction(len(options) - 1))
        found = self._span(node, within)
        if found.low is None and node.type is not None and node.type.non_negative:
            return Span(Fraction(), found.high)
        return found

    def _span(self, node: Node, within: frozenset[str]) -> Span:
        match node:
            case Literal(value=Fraction() as value):
                return Span(value, value)
            case Ref(scope="measure", name=name) if name in self.ruleset.measures and name not in within:
                return self.span(self.ruleset.measures[name].value.tree, within | {name})
            case Ref(scope="parameter", name=name) if name in self.ruleset.parameters:
                spans = [self.span(dated.value.tree) for _, dated in self.ruleset.parameters[name].values]
                return Span(_of_all(min, [s.low for s in spans]), _of_all(max, [s.high for s in spans]))
            case Ref(scope="score", name=name):
                return _OPEN if name.endswith(".grade") else self.totals(name.partition(".")[0])
            case Ref():
                declared = self._declared(node)
                return _OPEN if declared is None else Span(declared.min, declared.max)
            case Outer(value=value):
                return self.span(value, within)
            case Across(op="share"):
                return _SHARE
            case Across(op="rank"):
                return Span(Fraction(1))
            case Across(op="mean" | "min" | "max", value=value):
                return self.span(value, within)
            case Aggregate():
                return self._aggregate(node, within)
            case Call(function=function, args=args):
                return self._called(function, [self.span(a, within) for a in args])
            case Negate(operand=operand):
                return _negative(self.span(operand, within))
            case Binary(op=op, left=left, right=right):
                return _computed(op, self.span(left, within), self.span(right, within))
        return _OPEN

    def _declared(self, ref: Ref) -> FieldType | None:
        if ref.scope == "event":
            return self.ruleset.fields.get(ref.name)
        organisation = self.ruleset.organisation
        if ref.scope == "subject":  # a name is that of one of them only
            return organisation.units.get(ref.name) or organisation.persons.get(ref.name)
        return {"person": organisation.persons, "unit": organisation.units}.get(ref.scope, {}).get(ref.name)

    def _aggregate(self, node: Aggregate, within: frozenset[str]) -> Span:
        name = node.op if node.op == "persons" else function_of(node).name
        if node.value is not None and name in ("min", "max", "mean", "first", "last"):
            return self.span(node.value, within)
        if node.where is not None and self.never(node.where):
            return _NONE
        if node.grain:
            longer = self.every in _ORDER and _ORDER.index(self.every) > _ORDER.index(node.grain)
            most = _MOST_IN[node.grain][self.every] if longer else 1
            return Span(Fraction(), Fraction(most) if self.every in _ORDER else None)
        if name == "sum" and node.value is not None:
            value = self.span(node.value, within)
            is_positive = value.low is not None and value.low >= 0
            return Span(Fraction() if is_positive else None, _NONE.high if value.high == 0 else ENDLESS)
        kind = None if node.value is None else node.value.type
        if name == "distinct" and kind is not None and kind.base in (Base.CHOICE, Base.BOOLEAN):
            return Span(Fraction(), Fraction(len(kind.options) or 2))
        return Span(Fraction(), ENDLESS if name in ("count", "distinct", "most") else None)

    def _called(self, function: str, args: list[Span]) -> Span:
        if function in ("met", "present", "linear"):
            return _SHARE
        if function == "previous" or function == "base":
            return args[0]
        lows, highs = [a.low for a in args], [a.high for a in args]
        if function == "min":
            return Span(_of_all(min, lows), _known(min, highs))
        if function == "max":
            return Span(_known(max, lows), _of_all(max, highs))
        if function == "if" and len(args) > 1:
            return Span(_of_all(min, lows[1:]), _of_all(max, highs[1:]))
        if function == "coalesce":
            return Span(_of_all(min, lows), _of_all(max, highs))
        return Span(Fraction()) if function in ("abs", "streak", "person_days") else _OPEN

    # ---- conditions

    def never(self, condition: Node) -> bool:
        """Whether the condition never holds: it is false or unknown, whatever happens."""
        match condition:
            case Bool(value=value):
                return not value
            case Not(operand=operand):
                return self.always(operand)
            case Logic(op="and", operands=operands):
                return any(map(self.never, operands)) or self._contradict(operands)
            case Logic(op="or", operands=operands):
                return all(map(self.never, operands))
            case Compare(op=op, left=left, right=right):
                return self._no_value(op, left, right)
            case In(operand=operand, items=Range(low=low, high=high), negated=False):
                return self._no_value(">=", operand, low) or self._no_value("<=", operand, high)
            case Aggregate(where=Node() as where):
                return self.never(where)  # any(...)
        return False

    def always(self, condition: Node) -> bool:
        """Whether the condition always holds and is never unknown."""
        if condition.type is None or condition.type.nullable:
            return False
        match condition:
            case Bool(value=value):
                return value
            case Not(operand=operand):
                return self.never(operand)
            case Logic(op="and", operands=operands):
                return all(map(self.always, operands))
            case Logic(op="or", operands=operands):
                return any(map(self.always, operands)) or any(Not(o) in operands for o in operands)
            case Compare(op=op, left=left, right=right):
                return self._no_value(_NEGATED[op], left, right)
            case In(operand=operand, items=Range(low=low, high=high), negated=False):
                return self._no_value("<", operand, low) and self._no_value(">", operand, high)
        return False

    def _no_value(self, op: str, left: Node, right: Node) -> bool:
        """Whether no values of the two sides meet the comparison."""
        a, b = self.span(left), self.span(right)
        if op in (">", ">="):
            a, b, op = b, a, MIRRORED[op]
        if op in ("<", "<="):
            return _beyond(a.low, b.high, op == "<")
        if op == "!=":
            return None not in (a.low, b.low) and a.low == a.high == b.low == b.high
        whole = (self.is_whole(left) and _is_broken(b)) or (self.is_whole(right) and _is_broken(a))
        return whole or _beyond(a.low, b.high, False) or _beyond(b.low, a.high, False)

    def is_whole(self, node: Node) -> bool:
        """Whether the number counts something."""
        if isinstance(node, Ref) and node.scope == "measure" and node.name in self.ruleset.measures:
            node = self.ruleset.measures[node.name].value.tree
        if isinstance(node, Aggregate):
            return node.op == "persons" or function_of(node).name not in ("sum", "min", "max", "mean", "first", "last")
        return isinstance(node, Across) and node.op in ("count", "rank")

    def _contradict(self, operands: Sequence[Node]) -> bool:
        """Whether conditions that must hold together leave nothing that one of their values can be."""
        left: dict[Node, Span] = {}
        options: dict[Node, object] = {}
        for node, op, other in (part for operand in operands for part in _constants(operand)):
            if op == "==" and isinstance(other, Literal) and options.setdefault(node, other.value) != other.value:
                return True
            bound, known = self.span(other), left.get(node, _OPEN)
            lows = [known.low, bound.low if op in ("==", ">", ">=") else None]
            highs = [known.high, bound.high if op in ("==", "<", "<=") else None]
            left[node] = Span(_known(max, lows), _known(min, highs))
            if left[node].is_empty:
                return True
        return False


def _constants(condition: Node) -> Iterator[tuple[Node, str, Node]]:
    """(value, operator, constant) for each comparison of a value with a constant that the condition is."""
    if isinstance(condition, Compare):
        if isinstance(condition.right, Literal):
            yield condition.left, condition.op, condition.right
        elif isinstance(condition.left, Literal):
            yield condition.right, MIRRORED[condition.op], condition.left
    elif isinstance(condition, In) and isinstance(condition.items, Range) and not condition.negated:
        yield condition.operand, ">=", condition.items.low
        yield condition.operand, "<=", condition.items.high


def _is_broken(span: Span) -> bool:
    return isinstance(span.low, Fraction) and span.low == span.high and span.low.denominator != 1


def _known(choose: Callable[[list[Fraction | float]], Fraction | float], bounds: list[Bound]) -> Bound:
    known = [bound for bound in bounds if bound is not None]
    return choose(known) if known else None


def _beyond(low: Bound, high: Bound, also_equal: bool) -> bool:
    """Whether what is at least `low` can never be below (or, unless `also_equal`, at) `high`."""
    return low is not None and high is not None and (low > high or (also_equal and low == high))


def _of_all(choose: Callable[[list[Fraction | float]], Fraction | float], bounds: list[Bound]) -> Bound:
    return None if None in bounds else _known(choose, bounds)


def _negative(span: Span) -> Span:
    return Span(None if span.high is None else -span.high, None if span.low is None else -span.low)


def _sum(a: Bound, b: Bound) -> Bound:
    return None if a is None or b is None else a + b


def _computed(op: str, a: Span, b: Span) -> Span:
    if op == "-":
        op, b = "+", _negative(b)
    if op == "+":
        return Span(_sum(a.low, b.low), _sum(a.high, b.high))
    constant = b if op == "/" or (b.low is not None and b.low == b.high) else a
    other = a if constant is b else b
    factor = constant.low
    if not isinstance(factor, Fraction) or factor != constant.high or factor == 0:
        return _OPEN
    factor = 1 / factor if op == "/" else factor  # a constant, so not endless
    scaled = Span(*(None if bound is None else bound * factor for bound in (other.low, other.high)))
    return scaled if factor > 0 else Span(scaled.high, scaled.low)
