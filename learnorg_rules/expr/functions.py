"""The closed list of scalar functions: how each is written, its type, and what it gives.

A meaning takes exact values and returns one; where it `chooses`, None being missing, else values that are all there. It raises
`ZeroDivisionError` where it divides by 0. Aggregates over events are no functions; see aggregates.py.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from fractions import Fraction
from typing import Any

from attrs import evolve, frozen

from learnorg_rules.values import Rounding, Wrong, first_wrong

from .algebra import RefusalError, common, comparison, described, nullable, type_of
from .nodes import Literal, Node, Pair, Span
from .types import DATE, RATIO, Base, Type

__all__ = ["FUNCTIONS", "Function"]

MOST_DECIMALS = 30


@frozen
class Function:
    """One function.

    Attributes:
        form: how it is written, for messages; the name stands before the bracket.
        least, most: number of arguments; `most` None for any number.
        typed: the type of the result from the resolved arguments and the place of the call; raises `RefusalError`.
        meaning: the value from the arguments' values; a `Pair` comes as a tuple (threshold, value).
        cells: whether frames can compute it from columns. The others may stand in an aggregate over constants only.
        chooses: whether what is wrong in an argument that it does not choose is no matter; any other gives what is wrong.
    """

    form: str
    least: int
    most: int | None
    typed: Callable[[Sequence[Node], Span], Type]
    meaning: Callable[..., Any]
    cells: bool = False
    chooses: bool = False


def _number_of(node: Node) -> Type:
    kind = type_of(node)
    if kind.base is not Base.NUMBER:
        raise RefusalError(node.span, "E305", f"a number is expected, not {described(kind)}")
    return kind


def _linear_type(args: Sequence[Node], span: Span) -> Type:
    for arg in args:
        _number_of(arg)
    common(args, span)
    low, high = args[1:]
    literal = isinstance(low, Literal) and isinstance(high, Literal)
    if literal and low.value == high.value:  # type: ignore[attr-defined]
        raise RefusalError(
            span, "E305", "'linear' needs two different bounds", "a single bound is a condition: 'x >= bound'"
        )
    return evolve(RATIO, nullable=nullable(*args), non_negative=True)


def _linear(x: Fraction, low: Fraction, high: Fraction) -> Fraction:
    # (x - low) / (high - low) of parts that are whole: fractions of fractions take several times as long.
    above = (x.numerator * low.denominator - low.numerator * x.denominator) * high.denominator
    width = (high.numerator * low.denominator - low.numerator * high.denominator) * x.denominator
    if width < 0:
        above, width = -above, -width
    if not width:
        raise ZeroDivisionError
    return Fraction(0) if above < 0 else Fraction(1) if above > width else Fraction(above, width)


def _bands_type(args: Sequence[Node], span: Span) -> Type:
    x, pairs = args[0], args[1:]
    for arg in args:
        if isinstance(arg, Pair) is (arg is x):
            raise RefusalError(
                arg.span, "E309", "'bands' takes a value, then 'threshold: value'", "write 'bands(x, 0: a, 3: b)'"
            )
    thresholds = [p.left for p in pairs if isinstance(p, Pair)]
    values = [p.right for p in pairs if isinstance(p, Pair)]
    for node in (x, *thresholds, *values):
        _number_of(node)
    for threshold in thresholds:
        comparison(">=", x, threshold, threshold.span)
    steps = [t.value for t in thresholds if isinstance(t, Literal)]
    for before, after, node in zip(steps, steps[1:], thresholds[1:], strict=False):
        if len(steps) == len(thresholds) and not before < after:  # type: ignore[operator]
            message = f"the threshold {after} does not lie above {before}"
            raise RefusalError(node.span, "E305", message, "write the thresholds from low to high")
    result = common(values, span)
    below = not (type_of(x).non_negative and steps and len(steps) == len(thresholds) and steps[0] <= 0)  # type: ignore[operator]
    return evolve(result, nullable=nullable(x, *thresholds, *values) or below)


def _bands(x: Fraction | None, *pairs: tuple[Fraction | None, Fraction | None]) -> Fraction | None:
    wrong = first_wrong(x, *(threshold for threshold, _ in pairs))
    if x is None or wrong is not None:
        return wrong  # type: ignore[return-value]
    best: tuple[Fraction, Fraction | None] | None = None
    for threshold, value in pairs:
        if threshold is None:
            return None
        if threshold <= x and (best is None or threshold >= best[0]):
            best = (threshold, value)
    return None if best is None else best[1]


def _extreme_type(args: Sequence[Node], span: Span) -> Type:
    result = common(args, span)
    if result.base not in (Base.NUMBER, Base.DATE, Base.DURATION):
        raise RefusalError(span, "E305", f"numbers or dates are expected, not {described(result)}")
    any_positive = any(type_of(arg).non_negative for arg in args)
    return evolve(result, non_negative=result.non_negative or any_positive)


def _least_type(args: Sequence[Node], span: Span) -> Type:
    return evolve(_extreme_type(args, span), non_negative=all(type_of(arg).non_negative for arg in args))


def _abs_type(args: Sequence[Node], span: Span) -> Type:
    return evolve(_number_of(args[0]), places=None, non_negative=True)


def _whole_type(args: Sequence[Node], span: Span) -> Type:
    return evolve(_number_of(args[0]), places=None)


def _round_type(args: Sequence[Node], span: Span) -> Type:
    kind = _number_of(args[0])
    if len(args) == 2:
        decimals = args[1].value if isinstance(args[1], Literal) else None
        if not (isinstance(decimals, Fraction) and decimals.denominator == 1 and 0 <= decimals <= MOST_DECIMALS):
            raise RefusalError(
                args[1].span, "E309", f"the decimals are a whole number from 0 to {MOST_DECIMALS}, written out"
            )
    return evolve(kind, places=None)


def _if_type(args: Sequence[Node], span: Span) -> Type:
    condition = type_of(args[0])
    if condition.base is not Base.BOOLEAN:
        hint = "compare it, such as 'x > 0'" if condition.base is Base.NUMBER else ""
        raise RefusalError(args[0].span, "E305", f"a condition is expected, not {described(condition)}", hint)
    return evolve(common(args[1:], span), nullable=nullable(*args) or len(args) == 2)


def _coalesce_type(args: Sequence[Node], span: Span) -> Type:
    return evolve(common(args, span), nullable=all(type_of(arg).nullable for arg in args))


def _date_type(args: Sequence[Node], span: Span) -> Type:
    for arg in args:
        _number_of(arg)
    values = [arg.value for arg in args if isinstance(arg, Literal)]
    if len(values) == 3:
        if _date(*values) is None:
            year, month, day = (str(v) for v in values)
            raise RefusalError(span, "E303", f"there is no day {year}-{month:0>2}-{day:0>2}")
        return DATE
    return evolve(DATE, nullable=True)


def _date(year: Any, month: Any, day: Any) -> date | None:
    if any(Fraction(part).denominator != 1 for part in (year, month, day)):
        return None
    try:
        return date(int(year), int(month), int(day))
    except (ValueError, OverflowError):
        return None


def _round(x: Fraction, decimals: Fraction = Fraction(0)) -> Fraction:
    return Rounding(int(decimals)).apply(x)


FUNCTIONS: Mapping[str, Function] = {
    "linear": Function("(x, low, high)", 3, 3, _linear_type, _linear),
    "bands": Function("(x, 0: a, 3: b)", 2, None, _bands_type, _bands, chooses=True),
    "min": Function("(a, b)", 2, None, _least_type, min, cells=True),
    "max": Function("(a, b)", 2, None, _extreme_type, max, cells=True),
    "abs": Function("(x)", 1, 1, _abs_type, abs, cells=True),
    "ceil": Function("(x)", 1, 1, _whole_type, lambda x: -(-x // 1)),
    "floor": Function("(x)", 1, 1, _whole_type, lambda x: x // 1),
    "round": Function("(x, decimals)", 1, 2, _round_type, _round),
    "if": Function(
        "(condition, then, else)",
        2,
        3,
        _if_type,
        lambda c, a, b=None: c if c is None or type(c) is Wrong else (a if c else b),
        cells=True,
        chooses=True,
    ),
    "coalesce": Function(
        "(a, b)",
        2,
        None,
        _coalesce_type,
        lambda *v: next((x for x in v if x is not None), None),
        cells=True,
        chooses=True,
    ),
    "date": Function("(year, month, day)", 3, 3, _date_type, _date),
}
"""Every scalar function. `min` and `max` of `x in kind` are aggregates instead."""
