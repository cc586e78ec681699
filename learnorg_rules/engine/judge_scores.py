"""Scorecards: the points, total and grade of every subject in every period."""

from collections.abc import Iterable, Iterator
from fractions import Fraction

from attrs import evolve, frozen

from ..dataflow.nodes import RuleNode
from ..expr.render import render_number
from ..model.definitions import Expression, Indicator, Scorecard
from ..model.scorecard import Item, Scored, grade_of, total_of, worst
from ..periods import Period
from ..values import Value
from .bench import Bench
from .effects import Appeal
from .evaluation import Context
from .results import ItemResult, ScoreResult

__all__ = ["CODES", "judge_scorecard"]

CODES = {
    "E601": (
        "points outside the indicator's range",
        "An indicator's `value` was below 0 or above its points for some subject, or an appeal decided so.",
    ),
    "E602": (
        "nothing left to score",
        "Every indicator of a scorecard was excluded for want of values, so there is no total.",
    ),
    "E605": ("a total in no grade", "A total lies in none of the scorecard's bands."),
    "E607": ("an appeal decides no grade", "The `decided` of an appeal about a scorecard is none of its grades."),
}


@frozen
class _Entry:
    """One indicator in force in a period."""

    category: str
    indicator: Indicator
    out_of: Fraction


def judge_scorecard(bench: Bench, node: RuleNode, card: Scorecard) -> list[ScoreResult]:
    """The scorecard's results, by period and subject; the evaluation learns them for `card.total` and its like."""
    results: list[ScoreResult] = []
    for index, period in bench.begun(node, card):
        plan = _plan(bench, card, period)
        contexts = bench.contexts(card, node.schedule, index, period)
        required = (c for c in contexts if bench.is_required(card, c.subject, period))
        results.extend(_score(bench, node, card, plan, context) for context in required)
    return results


def _plan(bench: Bench, card: Scorecard, period: Period) -> list[_Entry]:
    """What is in force in the period: `only` applied, what is left of a category shared out."""
    if card.indicators:
        return list(_entries(bench, "", card.indicators.values(), None, period))
    holds = bench.binding.parameters.constant
    here = (c for c in card.categories.values() if c.only is None or holds(c.only, period.last) is True)
    return [entry for c in here for entry in _entries(bench, c.id, c.indicators.values(), c.points, period)]


def _entries(
    bench: Bench, category: str, members: Iterable[Indicator], whole: Expression | None, period: Period
) -> Iterator[_Entry]:
    constant = bench.binding.parameters.constant
    here = [i for i in members if i.only is None or constant(i.only, period.last) is True]
    fixed = {i.id: _number(constant(i.points, period.last)) for i in here if i.points is not None}
    shared = len(here) - len(fixed)
    rest = Fraction()
    if shared:
        assert whole is not None  # checked when the ruleset is loaded
        rest = (_number(constant(whole, period.last)) - sum(fixed.values(), Fraction())) / shared
    for i in here:
        yield _Entry(category, i, fixed.get(i.id, rest))


def _score(bench: Bench, node: RuleNode, card: Scorecard, plan: list[_Entry], context: Context) -> ScoreResult:
    evaluation, period, subject = bench.evaluation, context.period, context.subject
    values: list[Value] = []
    items: list[Item] = []
    excused: set[str] = set()
    for entry in plan:
        indicator = entry.indicator
        value, earned = _earned(bench, card, entry, context)
        policy = indicator.missing or card.missing
        if bench.effects.waiver(subject, f"{card.id}.{indicator.id}", period) is not None:
            excused.add(indicator.id)
            policy = indicator.excused or card.excused
            earned = entry.out_of if policy == "full" else None
        values.append(value)
        items.append(Item(indicator.id, entry.out_of, earned, policy))
    scored, total = total_of(items, card.round)
    if items and all(s.state == "excluded" for s in scored):
        bench.findings.error(
            card.source, "E602", f"{card.id}: every indicator of {subject} in {period.name} was excluded, so it has no "
            "total", "let at least one indicator say `missing: zero`",
        )  # fmt: skip
    first = {s.id: s.points for s in scored}
    scored, total, appeals = _appealed(bench, card, scored, total, context)
    by_total = _grade(bench, card, total, context)
    known: dict[str, Value] = {"total": total, "grade": by_total, **{s.id: s.points for s in scored}}
    evaluation.scores[card.id, subject, period.start, period.end] = known
    veto_context = evolve(context, bound={**context.bound, "total": total})
    vetoes = [v for v in card.veto.values() if evaluation.value(v.when.tree, veto_context) is True]
    grade = worst([by_total, *(v.grade for v in vetoes)], card.grades) if card.grades else None
    decided = bench.effects.appeal(subject, card.id, period)
    first_grade = grade
    if decided is not None and _is_grade(bench, card, decided, period):
        grade = decided.decided
    known["grade"] = grade
    result_items = tuple(
        ItemResult(
            card.id, subject, period.name, entry.category, s.id, s.points, s.out_of, value,
            "excused" if s.id in excused else s.state, first[s.id] if s.id in appeals else None, appeals.get(s.id),
        )
        for entry, s, value in zip(plan, scored, values, strict=True)
    )  # fmt: skip
    return ScoreResult(
        card.id, subject, period.name, total, sum((s.out_of for s in scored), Fraction()), grade, by_total,
        tuple(v.id for v in vetoes), bench.at < period.last, result_items, card.round.decimals, node.version,
        first_grade if decided is not None and grade != first_grade else None, decided,
    )  # fmt: skip


def _earned(bench: Bench, card: Scorecard, entry: _Entry, context: Context) -> tuple[Value, Fraction | None]:
    """The indicator's value, and the points it earns before rounding; None where it has no value."""
    indicator, out_of = entry.indicator, entry.out_of
    expression = indicator.share or indicator.when or indicator.value
    assert expression is not None  # checked when the ruleset is loaded: exactly one
    value = bench.evaluation.value(expression.tree, context)
    if value is None:
        return None, None
    if indicator.when is not None:
        return value, out_of if value is True else Fraction()
    number = _number(value)
    if indicator.share is not None:
        return value, out_of * min(max(number, Fraction()), Fraction(1))
    if not 0 <= number <= out_of:
        bench.findings.error(
            expression.source, "E601", f"{card.id}.{indicator.id} gives {context.subject} {render_number(number)} points "
            f"in {context.period.name}, outside 0..{render_number(out_of)}",
            "say `share:` if the ratio is to be limited, or limit it yourself with min(...)",
        )  # fmt: skip
        return value, None
    return value, number


def _appealed(
    bench: Bench, card: Scorecard, scored: list[Scored], total: Fraction | None, context: Context
) -> tuple[list[Scored], Fraction | None, dict[str, Appeal]]:
    """The points with those an appeal decided in place of the first, the total with them, and the appeals by indicator."""
    appeals: dict[str, Appeal] = {}
    changed = []
    for s in scored:
        appeal = bench.effects.appeal(context.subject, f"{card.id}.{s.id}", context.period)
        if appeal is None or appeal.points is None:
            changed.append(s)
        elif not 0 <= appeal.points <= s.out_of:
            bench.findings.error(
                card.source, "E601", f"the appeal {appeal.event} decides {render_number(appeal.points)} points for "
                f"{card.id}.{s.id} of {context.subject} in {context.period.name}, outside 0..{render_number(s.out_of)}",
            )  # fmt: skip
            changed.append(s)
        else:
            appeals[s.id] = appeal
            changed.append(evolve(s, points=appeal.points, state="scored"))
    if appeals:
        points = [s.points for s in changed if s.state != "excluded"]
        total = None if None in points else sum((p for p in points if p is not None), Fraction())
    return changed, total, appeals


def _grade(bench: Bench, card: Scorecard, total: Fraction | None, context: Context) -> str | None:
    grade = grade_of(total, card.grades)
    if total is not None and card.grades and grade is None:
        bench.findings.error(
            card.place("grades"), "E605",
            f"{card.id}: the total {render_number(total)} of {context.subject} in {context.period.name} is in no grade",
        )  # fmt: skip
    return grade


def _is_grade(bench: Bench, card: Scorecard, appeal: Appeal, period: Period) -> bool:
    if appeal.decided in card.grades:
        return True
    bench.findings.error(
        card.source, "E607", f"the appeal {appeal.event} decides {appeal.decided!r} for {card.id} of {appeal.subject} in "
        f"{period.name}, which is no grade", f"one of {', '.join(card.grades)}",
    )  # fmt: skip
    return False


def _number(value: Value) -> Fraction:
    assert isinstance(value, int | Fraction)  # typed when the ruleset is loaded
    return Fraction(value)
