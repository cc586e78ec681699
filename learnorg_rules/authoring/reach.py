"""What can never be: conditions that no events can meet, and items that can only take points away."""

from collections.abc import Callable, Iterator
from fractions import Fraction

from attrs import frozen

from ..errors import Issues
from ..expr.nodes import Across, Aggregate, Binary, Call, Compare, In, Literal, Logic, Negate, Node, Outer, Range, Ref
from ..model.definitions import Award, Duty, Expression, Scorecard
from ..model.ruleset import Ruleset
from .constants import rules_of

__all__ = ["Span", "Spans", "conditions_can_hold", "values_can_be_earned"]

Bound = Fraction | None


@frozen
class Span:
    """The least and the greatest that a number can be; None where it is open, or not known."""

    low: Bound = None
    high: Bound = None


_SHARE = Span(Fraction(), Fraction(1))
_OPEN = Span()


class Spans:
    """How far the numbers of a ruleset's expressions reach, whatever happens."""

    def __init__(self, ruleset: Ruleset) -> None:
        self.ruleset = ruleset

    def span(self, node: Node, within: frozenset[str] = frozenset()) -> Span:
        """The span of a number; `within`: measures it is a part of."""
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
            case Outer(value=value):
                return self.span(value, within)
            case Across(op="share"):
                return _SHARE
            case Across(op="rank"):
                return Span(Fraction(1))
            case Across(op="mean" | "min" | "max", value=value):
                return self.span(value, within)
            case Call(function=function, args=args):
                return self._called(function, [self.span(a, within) for a in args])
            case Negate(operand=operand):
                return _negative(self.span(operand, within))
            case Binary(op=op, left=left, right=right):
                return _computed(op, self.span(left, within), self.span(right, within))
        return _OPEN

    def _called(self, function: str, args: list[Span]) -> Span:
        if function in ("met", "present", "linear"):
            return _SHARE
        lows, highs = [a.low for a in args], [a.high for a in args]
        if function == "min":
            return Span(_of_all(min, lows), min((high for high in highs if high is not None), default=None))
        if function == "max":
            return Span(max((low for low in lows if low is not None), default=None), _of_all(max, highs))
        if function == "if" and len(args) > 1:
            return Span(_of_all(min, lows[1:]), _of_all(max, highs[1:]))
        if function == "coalesce":
            return Span(_of_all(min, lows), _of_all(max, highs))
        return Span(Fraction()) if function in ("abs", "streak", "person_days") else _OPEN

    def never(self, condition: Node) -> bool:
        """Whether no events at all can make the condition hold."""
        match condition:
            case Logic(op="and", operands=operands):
                return any(map(self.never, operands))
            case Logic(op="or", operands=operands):
                return all(map(self.never, operands))
            case Compare(op=op, left=left, right=right):
                a, b = self.span(left), self.span(right)
                if op in (">", ">="):
                    a, b, op = b, a, {">": "<", ">=": "<="}[op]
                below = _beyond(a.low, b.high, op == "<")
                return below if op in ("<", "<=") else op == "==" and (below or _beyond(b.low, a.high, False))
            case In(operand=operand, items=Range(low=low, high=high), negated=False):
                value = self.span(operand)
                return _beyond(value.low, self.span(high).high, False) or _beyond(self.span(low).low, value.high, False)
            case Across() | Aggregate() | Call():
                return False
        return False


def _beyond(low: Bound, high: Bound, also_equal: bool) -> bool:
    """Whether what is at least `low` can never be below (or, unless `also_equal`, at) `high`."""
    return low is not None and high is not None and (low > high or (also_equal and low == high))


def _of_all(choose: Callable[[list[Fraction]], Fraction], bounds: list[Bound]) -> Bound:
    known = [bound for bound in bounds if bound is not None]
    return choose(known) if known and len(known) == len(bounds) else None


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
    if factor is None or factor != constant.high or factor == 0:
        return _OPEN
    factor = 1 / factor if op == "/" else factor
    scaled = Span(*(None if bound is None else bound * factor for bound in (other.low, other.high)))
    return scaled if factor > 0 else Span(scaled.high, scaled.low)


# ---- checks


def conditions_can_hold(ruleset: Ruleset, issues: Issues) -> None:
    """Requirements, and whatever else is a condition of a rule, can be met by some events."""
    reach = Spans(ruleset)
    for rule in rules_of(ruleset):
        for what, expression in _conditions(rule):
            if reach.never(expression.tree):
                written = " ".join(expression.text.split())
                issues.warn(expression.source, "W512", f"{what} '{written}' can never hold", "no events make it true")


def _conditions(rule: object) -> Iterator[tuple[str, Expression]]:
    if isinstance(rule, Duty):
        yield "the requirement", rule.require
    elif isinstance(rule, Award) and rule.when is not None:
        yield "the condition", rule.when
    elif isinstance(rule, Scorecard):
        yield from (("the condition", i.when) for i in rule.all_indicators.values() if i.when is not None)
        yield from (("the condition", veto.when) for veto in rule.veto.values())


def values_can_be_earned(ruleset: Ruleset, issues: Issues) -> None:
    """An indicator's `value` gives points: one that can only be negative takes them away, which no indicator can."""
    reach = Spans(ruleset)
    for card in (rule for rule in rules_of(ruleset) if isinstance(rule, Scorecard)):
        for indicator in card.all_indicators.values():
            if indicator.value is None:
                continue
            span = reach.span(indicator.value.tree)
            if span.high is not None and span.high <= 0 and (span.low is None or span.low < 0):
                written = " ".join(indicator.value.text.split())
                lost = written.removeprefix("0 - ").removeprefix("-")
                left = f"{_points(indicator.points)} {'+' if lost == written else '-'} {lost}"
                issues.error(
                    indicator.value.source, "E532", f"'{indicator.id}' can only take points away, which an indicator cannot",
                    f"say what is left of its points: value: 'max(0, {left})'",
                )  # fmt: skip


def _points(points: Expression | None) -> str:
    return "points" if points is None else " ".join(points.text.split())
