"""What can never be, always is, or goes beyond what it may be: conditions, points and shares."""

from collections.abc import Iterable, Iterator
from fractions import Fraction

from ..errors import Issues
from ..expr.cells import is_constant
from ..expr.nodes import Aggregate, Binary, Compare, Literal, Node, Ref, walk
from ..model.definitions import Award, Duty, Expression, Scorecard
from ..model.references import formulas_of, reached
from ..model.ruleset import Ruleset
from .constants import days_of, nodes_of, number, rules_of, shown
from .expected import STAND_INS
from .reach import ENDLESS, Span, Spans
from .total_checks import reach_of

__all__ = [
    "conditions_depend_on_something",
    "percentages_are_shares",
    "span_of_totals",
    "spans_of",
    "values_can_be_earned",
]

_PERCENT = Fraction(100)


def spans_of(ruleset: Ruleset, every: str = "") -> Spans:
    """How far the values of a ruleset reach, totals of its scorecards included."""
    return Spans(ruleset, lambda card: span_of_totals(ruleset, ruleset.scorecards.get(card, ())), every)


def span_of_totals(ruleset: Ruleset, cards: Iterable[Scorecard]) -> Span:
    """How far the totals of these scorecards go; open where some points are faulty."""
    found = [reach_of(ruleset, card, day, Issues()) for card in cards for day in days_of(ruleset, card)]
    most = [reach.most for reach in found if reach is not None]
    return Span(Fraction(), max(most)) if most and len(most) == len(found) else Span()


def conditions_depend_on_something(ruleset: Ruleset, issues: Issues) -> None:
    """Requirements, and whatever else is a condition, hold for some events and not for all."""
    for rule in rules_of(ruleset):
        spans = spans_of(ruleset, getattr(rule, "every", ""))
        for what, expression in ((w, e) for w, e in _conditions(rule) if not _is_refused(e)):
            written = " ".join(expression.text.split())
            if spans.never(expression.tree):
                if not any(i.code == "E526" and i.source == expression.source for i in issues.found):
                    hint = _share_of(spans, expression.tree) or "no events make it true"
                    issues.warn(expression.source, "W512", f"{what} '{written}' can never hold", hint)
            elif not is_constant(expression.tree) and spans.always(expression.tree):  # `true` is meant as it stands
                issues.warn(expression.source, "W512", f"{what} '{written}' always holds", "no events make it false")
    told, spans = {i.source for i in issues.found if i.code == "W512"}, Spans(ruleset)
    for _, expression, node in nodes_of(ruleset):
        where = node.where if isinstance(node, Aggregate) and expression.source not in told else None
        if isinstance(node, Aggregate) and where is not None and spans.never(where):
            message = f"'{' '.join(node.text.split())}' counts nothing: its condition can never hold"
            issues.warn(expression.source, "W512", message, "no events make it true")


def _is_refused(expression: Expression) -> bool:
    """Whether the expression was refused, and something stands in for it."""
    return any(expression.tree is stand_in for stand_in in STAND_INS.values())


def _conditions(rule: object) -> Iterator[tuple[str, Expression]]:
    if isinstance(rule, Duty):
        yield "the requirement", rule.require
    elif isinstance(rule, Award) and rule.when is not None:
        yield "the condition", rule.when
    elif isinstance(rule, Scorecard):
        yield from (("the condition", i.when) for i in rule.all_indicators.values() if i.when is not None)
        yield from (("the condition", veto.when) for veto in rule.veto.values())


def _share_of(spans: Spans, condition: Node) -> str:
    """What to write where a share, which is at most 1, is compared with a number of percents."""
    for node in walk(condition):
        for share, bound in ((node.left, node.right), (node.right, node.left)) if isinstance(node, Compare) else ():
            value = bound.value if isinstance(bound, Literal) else None
            is_percent = isinstance(value, Fraction) and 1 < value <= _PERCENT and not spans.is_whole(share)
            if is_percent and spans.span(share).high == 1:
                return f"a share is at most 1: write {shown(value)}%"
    return ""


def percentages_are_shares(ruleset: Ruleset, issues: Issues) -> None:
    """What is no share is not compared with a percentage: totals, and what counts something."""
    spans = Spans(ruleset)
    for _, expression, node in nodes_of(ruleset):
        for value, bound in ((node.left, node.right), (node.right, node.left)) if isinstance(node, Compare) else ():
            written = expression.text[bound.span.start : bound.span.end]
            is_total = isinstance(value, Ref) and value.scope == "score" and not value.name.endswith(".grade")
            if isinstance(bound, Literal) and written.endswith("%") and (is_total or spans.is_whole(value)):
                assert isinstance(bound.value, Fraction)
                of = " ".join(expression.text[value.span.start : value.span.end].split())
                issues.warn(
                    expression.source, "W514", f"'{of}' is no share, and {written} is {shown(bound.value)}",
                    f"write {shown(bound.value * 100)}, or divide '{of}' by the whole",
                )  # fmt: skip


def values_can_be_earned(ruleset: Ruleset, issues: Issues) -> None:
    """An indicator's `value` gives points between 0 and those declared, and its share is at most 1."""
    for card in (rule for rule in rules_of(ruleset) if isinstance(rule, Scorecard)):
        spans = spans_of(ruleset, card.every)
        for indicator in card.all_indicators.values():
            if (
                indicator.share is not None
                and not _is_refused(indicator.share)
                and not any(i.source == indicator.share.source for i in issues.found)
            ):
                _share_is_one(spans, indicator.id, indicator.share, issues)
            if indicator.value is None:
                continue
            span = spans.span(indicator.value.tree)
            written = " ".join(indicator.value.text.split())
            if span.high is not None and span.high <= 0 and (span.low is None or span.low < 0):
                lost = written.removeprefix("0 - ").removeprefix("-")
                left = f"{_points(indicator.points)} {'+' if lost == written else '-'} {lost}"
                issues.error(
                    indicator.value.source, "E532", f"'{indicator.id}' can only take points away, which an indicator cannot",
                    f"say what is left of its points: value: 'max(0, {left})'",
                )  # fmt: skip
            elif indicator.points is not None:
                points = [number(ruleset, indicator.points, day) for day in days_of(ruleset, card)]
                least = min((Fraction(p) for p in points if isinstance(p, int | Fraction)), default=None)
                told = any(i.source == indicator.value.source for i in issues.found)
                beyond = "" if told or _is_recorded(ruleset, indicator.value.tree) else _beyond(span, least)
                if beyond:
                    kept = (
                        f"max(0, {written})" if beyond == "below 0" else f"min({_points(indicator.points)}, {written})"
                    )
                    issues.warn(
                        indicator.value.source, "W515", f"the value of '{indicator.id}' can be {beyond}, and then there is no total",
                        f"if it ends there, write '{kept}'",
                    )  # fmt: skip


def _points(points: Expression | None) -> str:
    return "points" if points is None else " ".join(points.text.split())


def _is_recorded(ruleset: Ruleset, tree: Node) -> bool:
    """Whether the value rests on numbers as people recorded them: one that is out of range is wrong, and not to be cut."""
    parts = reached([tree], formulas_of(ruleset.measures), None, lambda _, state: state)
    return any(isinstance(n, Aggregate) and n.op in ("min", "max", "mean", "first", "last") for n, _ in parts)


def _beyond(span: Span, points: Fraction | None) -> str:
    """Whether a value can be more or less than it may be."""
    if points is not None and span.high is not None and span.high > points:
        return f"more than its {shown(points)} points"
    return "below 0" if points is not None and span.low is not None and span.low < 0 else ""


def _share_is_one(spans: Spans, indicator: str, share: Expression, issues: Issues) -> None:
    """A warning where a share is a number that is no ratio, or none that anybody can have."""
    span = spans.span(share.tree)
    written = " ".join(share.text.split())
    parts = reached([share.tree], formulas_of(spans.ruleset.measures), None, lambda _, state: state)
    is_ratio = any(isinstance(node, Binary) and node.op == "/" for node, _ in parts)  # which may be more than whole
    if span.high is not None and span.high > 1 and not is_ratio:
        most = "any number" if span.high == ENDLESS else shown(span.high)
        hint = (
            f"divide it by the whole: '({written}) / {shown(span.high)}'"
            if span.high == _PERCENT
            else "divide it by the whole"
        )
        issues.warn(share.source, "W515", f"the share of '{indicator}' can be {most}; above 1 it counts as 1", hint)
    elif span.high is not None and span.high <= 0:
        issues.warn(
            share.source, "W512", f"the share of '{indicator}' is never above 0", "nobody can have a point for it"
        )
