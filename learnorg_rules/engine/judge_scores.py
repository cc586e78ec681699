"""Scorecards: the points, total and grade of every subject in every period."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction

from attrs import evolve, frozen

from ..dataflow.nodes import RuleNode
from ..errors import Issue
from ..expr.nodes import Ref, walk
from ..expr.render import render_number
from ..model.definitions import Expression, Indicator, Scorecard, Veto
from ..model.scorecard import Item, Scored, grade_of, scored_alone, total_of, worst
from ..periods import Period
from ..values import Value
from .bench import Bench
from .effects import Appeal, Waiver
from .evaluation import Context
from .results import ItemResult, ScoreResult

__all__ = ["CODES", "ScorecardJudge"]

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
    """One indicator in force in a period. `name`: as waivers and appeals call it."""

    category: str
    indicator: Indicator
    out_of: Fraction
    name: str


@frozen
class _Plan:
    """What is in force in a period, and the points it comes to."""

    entries: Sequence[_Entry]
    declared: Fraction


@frozen
class _Line:
    """One indicator of a subject, by itself. `scored` and `result` hold where no other indicator has a part in it.

    `units`: the points in units of their last decimal digit; None where there are none.
    """

    value: Value
    item: Item
    scored: Scored
    result: ItemResult
    units: int | None
    issue: Issue | None


class ScorecardJudge:
    """Judges one version of a scorecard, a subject and period at a time; the evaluation learns `card.total` and its like."""

    kind = "scorecard"

    def __init__(self, bench: Bench, node: RuleNode, card: Scorecard) -> None:
        self.bench, self.node, self.card = bench, node, card
        self._plans: dict[int, _Plan] = {}
        self._veto_names_total = any(
            isinstance(n, Ref) and n.scope == "local" for v in card.veto.values() for n in walk(v.when.tree)
        )

    def tasks(self) -> Iterator[tuple[int, str, Context]]:
        """Every period that has begun, and subject that is scored in it: (index, subject, context), by period."""
        for index, period in self.bench.begun(self.node, self.card):
            self._plans[index] = _plan(self.bench, self.card, period)
            for context in self.bench.contexts(self.card, self.node.schedule, index, period):
                if self.bench.is_required(self.card, context.subject, period):
                    yield index, context.subject, context

    def judge(self, context: Context) -> tuple[ScoreResult, ...]:
        """The one result."""
        plan, bench, card = self._plans[context.index], self.bench, self.card
        key = ("lines", card.id, self.node.version, context.subject, context.index)
        entries = plan.entries
        lines = bench.evaluation.memo.parts(
            key, len(entries), lambda place: _line(bench, card, context, entries[place])
        )
        return (_score(bench, self.node, card, plan, context, lines, self._veto_names_total),)


def _plan(bench: Bench, card: Scorecard, period: Period) -> _Plan:
    """What is in force in the period: `only` applied, what is left of a category shared out."""
    holds = bench.binding.parameters.constant
    entries = list(_entries(bench, card.id, "", card.indicators.values(), None, period))
    for c in card.categories.values():
        if c.only is None or holds(c.only, period.last) is True:
            entries += _entries(bench, card.id, c.id, c.indicators.values(), c.points, period)
    return _Plan(entries, sum((e.out_of for e in entries), Fraction()))


def _entries(
    bench: Bench, card: str, category: str, members: Iterable[Indicator], whole: Expression | None, period: Period
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
        yield _Entry(category, i, fixed.get(i.id, rest), f"{card}.{i.id}")


def _score(
    bench: Bench, node: RuleNode, card: Scorecard, plan: _Plan, context: Context, lines: Sequence[_Line],
    veto_names_total: bool,
) -> ScoreResult:  # fmt: skip
    evaluation, period, subject = bench.evaluation, context.period, context.subject
    units = [line.units for line in lines]
    bench.findings.found.extend([line.issue for line in lines if line.issue is not None])
    waivers, appeals = _effects(bench, plan, context)
    if waivers or appeals or (None in units and any(line.scored.state == "excluded" for line in lines)):
        scored, total, items = _together(bench, card, plan, context, lines, waivers, appeals)
        out_of = sum((s.out_of for s in scored), Fraction())
    else:  # every indicator stands for itself
        scored, items, out_of = [line.scored for line in lines], tuple([line.result for line in lines]), plan.declared
        total = None if None in units else Fraction(sum(filter(None, units)), 10**card.round.decimals)
    by_total = _grade(bench, card, total, context)
    known: dict[str, Value] = {"total": total, "grade": by_total, **{s.id: s.points for s in scored}}
    evaluation.scores[card.id, subject, period.start, period.end] = known
    vetoes: list[Veto] = []
    if card.veto:
        veto_context = evolve(context, bound={**context.bound, "total": total}) if veto_names_total else context
        vetoes = [v for v in card.veto.values() if evaluation.value(v.when.tree, veto_context) is True]
    grade = worst([by_total, *(v.grade for v in vetoes)], card.grades) if vetoes and card.grades else by_total
    decided = bench.effects.appeal(subject, card.id, period)
    first_grade = grade
    if decided is not None and _is_grade(bench, card, decided, period):
        grade = decided.decided
    known["grade"] = grade
    return ScoreResult(
        card.id, subject, period.name, total, out_of, grade, by_total, tuple(v.id for v in vetoes), bench.at < period.last,
        items, card.round.decimals, node.version, first_grade if decided is not None and grade != first_grade else None,
        decided,
    )  # fmt: skip


def _line(bench: Bench, card: Scorecard, context: Context, entry: _Entry) -> _Line:
    """The indicator alone: nothing of the others, of waivers or of appeals."""
    value, earned, issue = _earned(bench, card, entry, context)
    item = Item(entry.indicator.id, entry.out_of, earned, entry.indicator.missing or card.missing)
    scored = scored_alone(item, card.round)
    result = ItemResult(
        card.id, context.subject, context.period.name, entry.category, scored.id, scored.points, scored.out_of, value,
        scored.state,
    )  # fmt: skip
    points = scored.points
    units = None if points is None else points.numerator * (10**card.round.decimals // points.denominator)
    return _Line(value, item, scored, result, units, issue)


def _effects(bench: Bench, plan: _Plan, context: Context) -> tuple[dict[str, Waiver], dict[str, Appeal]]:
    """The waivers and appeals about the subject's indicators, by indicator."""
    effects, subject, period = bench.effects, context.subject, context.period
    waivers: dict[str, Waiver] = {}
    appeals: dict[str, Appeal] = {}
    for entry in plan.entries if effects.waivers or effects.appeals else ():
        waiver = effects.waiver(subject, entry.name, period)
        if waiver is not None:
            waivers[entry.indicator.id] = waiver
        appeal = effects.appeal(subject, entry.name, period)
        if appeal is not None:
            appeals[entry.indicator.id] = appeal
    return waivers, appeals


def _together(
    bench: Bench, card: Scorecard, plan: _Plan, context: Context, lines: Sequence[_Line], waivers: Mapping[str, Waiver],
    appeals: Mapping[str, Appeal],
) -> tuple[list[Scored], Fraction | None, tuple[ItemResult, ...]]:  # fmt: skip
    """Points, total and results where indicators are let off, appealed, or excluded, which scales the others."""
    subject, period = context.subject, context.period
    items = []
    for entry, line in zip(plan.entries, lines, strict=True):
        item = line.item
        if item.id in waivers:
            policy = entry.indicator.excused or card.excused
            item = evolve(item, earned=entry.out_of if policy == "full" else None, missing=policy)
        items.append(item)
    scored, total = total_of(items, card.round)
    if items and all(s.state == "excluded" for s in scored):
        bench.findings.error(
            card.source, "E602", f"{card.id}: every indicator of {subject} in {period.name} was excluded, so it has no "
            "total", "let at least one indicator say `missing: zero`",
        )  # fmt: skip
    first = {s.id: s.points for s in scored}
    scored, total, held = _appealed(bench, card, scored, total, context, appeals)
    results = tuple(
        ItemResult(
            card.id, subject, period.name, entry.category, s.id, s.points, s.out_of, line.value,
            "excused" if s.id in waivers else s.state, first[s.id] if s.id in held else None, held.get(s.id),
            waivers.get(s.id),
        )
        for entry, s, line in zip(plan.entries, scored, lines, strict=True)
    )  # fmt: skip
    return scored, total, results


def _earned(
    bench: Bench, card: Scorecard, entry: _Entry, context: Context
) -> tuple[Value, Fraction | None, Issue | None]:
    """The indicator's value, the points it earns before rounding (None where it has no value), and what is wrong with it."""
    indicator, out_of = entry.indicator, entry.out_of
    expression = indicator.share or indicator.when or indicator.value
    assert expression is not None  # checked when the ruleset is loaded: exactly one
    value = bench.evaluation.value(expression.tree, context)
    if value is None:
        return None, None, None
    if indicator.when is not None:
        return value, out_of if value is True else Fraction(), None
    number = _number(value)
    if indicator.share is not None:  # by its parts: comparing fractions takes many times as long
        if number.numerator <= 0:
            return value, Fraction(), None
        return value, out_of if number.numerator >= number.denominator else out_of * number, None
    if not 0 <= number <= out_of:
        return value, None, Issue(
            expression.source, "E601", f"{card.id}.{indicator.id} gives {context.subject} {render_number(number)} points "
            f"in {context.period.name}, outside 0..{render_number(out_of)}",
            "say `share:` if the ratio is to be limited, or limit it yourself with min(...)",
        )  # fmt: skip
    return value, number, None


def _appealed(
    bench: Bench, card: Scorecard, scored: list[Scored], total: Fraction | None, context: Context,
    appeals: Mapping[str, Appeal],
) -> tuple[list[Scored], Fraction | None, dict[str, Appeal]]:  # fmt: skip
    """The points with those an appeal decided in place of the first, the total with them, and the appeals that held."""
    held: dict[str, Appeal] = {}
    changed = []
    for s in scored:
        appeal = appeals.get(s.id)
        if appeal is None or appeal.points is None:
            changed.append(s)
        elif not 0 <= appeal.points <= s.out_of:
            bench.findings.error(
                card.source, "E601", f"the appeal {appeal.event} decides {render_number(appeal.points)} points for "
                f"{card.id}.{s.id} of {context.subject} in {context.period.name}, outside 0..{render_number(s.out_of)}",
            )  # fmt: skip
            changed.append(s)
        else:
            held[s.id] = appeal
            changed.append(evolve(s, points=appeal.points, state="scored"))
    if held:
        points = [s.points for s in changed if s.state != "excluded"]
        total = None if None in points else sum((p for p in points if p is not None), Fraction())
    return changed, total, held


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
    return value if type(value) is Fraction else Fraction(value)
