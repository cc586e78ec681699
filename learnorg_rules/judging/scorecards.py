"""Scorecards: the points, total and grade of every subject in every period."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from fractions import Fraction

from attrs import evolve, field, frozen

from ..dataflow.nodes import RuleNode
from ..errors import Issue
from ..expr.nodes import Ref, walk
from ..expr.render import render_number
from ..model.definitions import Expression, Indicator, Scorecard, Veto
from ..model.results import Appeal, IndicatorResult, ScorecardResult, Waiver
from ..model.scorecard import Item, Scored, grade_of, scored_alone, total_of, worst
from ..periods import Period
from ..values import Number, Value
from .context import JudgingContext
from .evaluation import Context, Read

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
_REMEMBERED = 1_000
"""What was earned is remembered for so many different readings of an indicator."""

_HASHED = frozenset({int, bool, type(None)})
"""Types of readings that are found again faster than computed again; 1, which equals them, is told from fractions too."""

_Earned = tuple[Value, Fraction | None, Fraction, str, int | None]
"""Of an indicator: value, points, points it is out of, state, and points as in `_Alone`."""

_Alone = tuple[IndicatorResult, int | None]
"""An indicator's result as far as no other has a part in it: without exclusions of others, waivers and appeals.

Beside it stand its points in units of their last decimal digit: whole numbers add up many times as fast as fractions. None where
it is not scored.
"""


@frozen
class _Entry:
    """One indicator in force in a period: it earns a share of `whole`. `name`: as waivers and appeals call it.

    `reads` and `value`: see `Evaluation.steps`. `known`: what was earned, by what was read; most subjects share theirs.
    """

    category: str
    indicator: Indicator
    expression: Expression
    reads: Sequence[Read]
    value: Callable[[tuple[Value, ...]], Value]
    out_of: Fraction
    whole: Fraction
    missing: str
    name: str
    known: dict[tuple[Value, ...], _Earned] = field(factory=dict, eq=False, repr=False)


@frozen
class _Plan:
    """What is in force in a period, and the points it comes to."""

    period: Period
    entries: Sequence[_Entry]
    ids: Sequence[str]
    declared: Fraction


class ScorecardJudge:
    """Judges one version of a scorecard, a subject and period at a time; the evaluation learns `card.total` and its like."""

    kind = "scorecard"

    def __init__(self, judging_context: JudgingContext, node: RuleNode, card: Scorecard) -> None:
        self.judging_context, self.node, self.card = judging_context, node, card
        self._plans: dict[int, _Plan] = {}
        self._veto_names_total = any(
            isinstance(n, Ref) and n.scope == "local" for v in card.veto.values() for n in walk(v.when.tree)
        )

    def tasks(self) -> Iterator[tuple[int, str, Context]]:
        """Every period that has begun, and subject that is scored in it: (index, subject, context), by period."""
        for index, period in self.judging_context.begun(self.node, self.card):
            self._plans[index] = _plan(self.judging_context, self.card, period)
            for context in self.judging_context.contexts(self.card, self.node.schedule, index, period):
                assert context.cut is not None  # a rule judges the subject
                if self.judging_context.is_required(context.cut) and self.judging_context.clock.has_begun(
                    context.cut.period
                ):
                    yield index, context.subject, context

    def judge(self, context: Context) -> tuple[ScorecardResult, ...]:
        """The one result."""
        plan, evaluation, card = self._plans[context.index], self.judging_context.evaluation, self.card
        key = ("items", card.id, self.node.version, context.subject, context.index)
        entries = plan.entries
        alone = evaluation.memo.parts(
            key, len(entries), lambda place: _alone(card, self.node.version, plan.period, entries[place], context)
        )
        return (_score(self.judging_context, self.node, card, plan, context, alone, self._veto_names_total),)


def _plan(judging_context: JudgingContext, card: Scorecard, period: Period) -> _Plan:
    """What is in force in the period: `only` applied, what is left of a category shared out."""
    holds = judging_context.binding.parameters.constant
    entries = list(_entries(judging_context, card, "", card.indicators.values(), None, period))
    for c in card.categories.values():
        if c.only is None or holds(c.only, period.last) is True:
            entries += _entries(judging_context, card, c.id, c.indicators.values(), c.points, period)
    return _Plan(period, entries, [e.indicator.id for e in entries], sum((e.out_of for e in entries), Fraction()))


def _entries(
    judging_context: JudgingContext,
    card: Scorecard,
    category: str,
    members: Iterable[Indicator],
    points: Expression | None,
    period: Period,
) -> Iterator[_Entry]:
    constant = judging_context.binding.parameters.constant
    here = [i for i in members if i.only is None or constant(i.only, period.last) is True]
    fixed = {i.id: _number(constant(i.points, period.last)) for i in here if i.points is not None}
    shared = len(here) - len(fixed)
    rest = Fraction()
    if shared:
        assert points is not None  # checked when the ruleset is loaded
        rest = (_number(constant(points, period.last)) - sum(fixed.values(), Fraction())) / shared
    for i in here:
        expression = i.share or i.when or i.value
        assert expression is not None  # checked when the ruleset is loaded: exactly one
        out_of = fixed.get(i.id, rest)
        whole = out_of if i.value is None else Fraction(1)  # a value is points already
        yield _Entry(
            category, i, expression, *judging_context.evaluation.steps(expression.tree), out_of, whole, i.missing or card.missing,
            f"{card.id}.{i.id}",
        )  # fmt: skip


def _score(
    judging_context: JudgingContext, node: RuleNode, card: Scorecard, plan: _Plan, context: Context, alone: Sequence[_Alone],
    veto_names_total: bool,
) -> ScorecardResult:  # fmt: skip
    assert context.cut is not None  # a rule judges the subject
    evaluation, period, own, subject = judging_context.evaluation, plan.period, context.cut.period, context.subject
    items, out_of = tuple([item for item, _ in alone]), plan.declared
    units = [points for _, points in alone]
    states = {item.state for item in items} if None in units else set()
    if states:
        judging_context.findings.found.extend(_outside(plan, items))
    waivers, appeals = _effects(judging_context, plan, context)
    if waivers or appeals or "excluded" in states:
        total, items = _together(judging_context, card, node.version, plan, context, items, waivers, appeals)
        out_of = sum((item.out_of for item in items), Fraction())
    else:  # every indicator stands for itself
        total = None if "missing" in states else Fraction(sum(filter(None, units)), 10**card.round.decimals)
    by_total = _grade(judging_context, card, total, context)
    known: dict[str, Value] = {"total": total, "grade": by_total}
    known.update(zip(plan.ids, [item.points for item in items], strict=True))
    evaluation.scores[card.id, subject, period.start, period.end] = known
    vetoes: list[Veto] = []
    if card.veto:
        veto_context = evolve(context, bound={**context.bound, "total": total}) if veto_names_total else context
        vetoes = [v for v in card.veto.values() if evaluation.value(v.when.tree, veto_context) is True]
    grade = worst([by_total, *(v.grade for v in vetoes)], card.grades) if vetoes and card.grades else by_total
    decided = judging_context.effects.appeal(subject, card.id, period)
    first_grade = grade
    if decided is not None and not _is_grade(judging_context, card, decided, period):
        decided = None
    if decided is not None:
        grade = decided.decided
    known["grade"] = grade
    return ScorecardResult(
        card.id, subject, period.name, node.version, total, out_of, grade, by_total, tuple(v.id for v in vetoes),
        not judging_context.clock.is_over(own), items, card.round.decimals, first_grade if decided is not None and grade != first_grade else None,
        decided,
    )  # fmt: skip


def _alone(card: Scorecard, version: int, period: Period, entry: _Entry, context: Context) -> _Alone:
    read = tuple([read(context) for read in entry.reads])
    if _HASHED.issuperset(map(type, read)):
        earned = entry.known.get(read)
        if earned is None:
            earned = _earned(card, entry, entry.value(read))
            if len(entry.known) < _REMEMBERED:
                entry.known[read] = earned
    else:
        earned = _earned(card, entry, entry.value(read))
    value, points, out_of, state, units = earned
    result = IndicatorResult(
        card.id, context.subject, period.name, version, entry.category, entry.indicator.id, points, out_of, value, state
    )
    return result, units


def _earned(card: Scorecard, entry: _Entry, value: Value) -> _Earned:
    share = _share(entry, value)
    if share is None:
        item = scored_alone(Item(entry.indicator.id, entry.out_of, None, entry.missing), card.round)
        return value, item.points, item.out_of, item.state, None
    units = card.round.units(share, entry.whole)
    return value, Fraction(units, 10**card.round.decimals), entry.out_of, "scored", units


def _share(entry: _Entry, value: Value) -> Number | None:
    """How much of the indicator's whole a value earns; None where there is no value or it is outside the range."""
    if value is None:
        return None
    if entry.indicator.when is not None:
        return 1 if value is True else 0
    assert isinstance(value, int | Fraction)  # typed when the ruleset is loaded
    if entry.indicator.share is None:
        return value if 0 <= value <= entry.out_of else None
    if value.numerator <= 0:  # by its parts: comparing fractions takes many times as long
        return 0
    return 1 if value.numerator >= value.denominator else value


def _outside(plan: _Plan, items: Sequence[IndicatorResult]) -> Iterator[Issue]:
    """What is wrong where a value gives no points."""
    for entry, item in zip(plan.entries, items, strict=True):
        if item.state != "scored" and item.value is not None:
            yield Issue(
                entry.expression.source, "E601",
                f"{entry.name} gives {item.subject} {render_number(_number(item.value))} points "
                f"in {item.period}, outside 0..{render_number(entry.out_of)}",
                "say `share:` if the ratio is to be limited, or limit it yourself with min(...)",
            )  # fmt: skip


def _effects(
    judging_context: JudgingContext, plan: _Plan, context: Context
) -> tuple[dict[str, Waiver], dict[str, Appeal]]:
    """The waivers and appeals about the subject's indicators, by indicator."""
    assert context.cut is not None  # a rule judges the subject
    effects, subject, period, own = judging_context.effects, context.subject, context.period, context.cut.period
    waivers: dict[str, Waiver] = {}
    appeals: dict[str, Appeal] = {}
    for entry in plan.entries if effects.waivers or effects.appeals else ():
        waiver = effects.waiver(subject, entry.name, own)
        if waiver is not None:
            waivers[entry.indicator.id] = waiver
        appeal = effects.appeal(subject, entry.name, period)
        if appeal is not None:
            appeals[entry.indicator.id] = appeal
    return waivers, appeals


def _together(
    judging_context: JudgingContext, card: Scorecard, version: int, plan: _Plan, context: Context,
    alone: Sequence[IndicatorResult], waivers: Mapping[str, Waiver], appeals: Mapping[str, Appeal],
) -> tuple[Fraction | None, tuple[IndicatorResult, ...]]:  # fmt: skip
    """Total and results where indicators are let off, appealed, or excluded, which scales the others."""
    subject, period = context.subject, plan.period
    items = []
    for entry, result in zip(plan.entries, alone, strict=True):
        share, missing = _share(entry, result.value), entry.missing
        earned = None if share is None else share * entry.whole
        if result.indicator in waivers:
            missing = entry.indicator.excused or card.excused
            earned = entry.out_of if missing == "full" else None
        items.append(Item(result.indicator, entry.out_of, earned, missing))
    scored, total = total_of(items, card.round)
    if items and all(s.state == "excluded" for s in scored):
        judging_context.findings.error(
            card.source, "E602", f"{card.id}: every indicator of {subject} in {period.name} was excluded, so it has no "
            "total", "let at least one indicator say `missing: zero`",
        )  # fmt: skip
    first = {s.id: s.points for s in scored}
    scored, total, held = _appealed(judging_context, card, scored, total, context, appeals)
    results = tuple(
        IndicatorResult(
            card.id, subject, period.name, version, entry.category, s.id, s.points, s.out_of, result.value,
            "excused" if s.id in waivers else s.state, first[s.id] if s.id in held else None, held.get(s.id),
            waivers.get(s.id),
        )
        for entry, s, result in zip(plan.entries, scored, alone, strict=True)
    )  # fmt: skip
    return total, results


def _appealed(
    judging_context: JudgingContext, card: Scorecard, scored: list[Scored], total: Fraction | None, context: Context,
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
            judging_context.effects.refused.add(appeal.event)
            judging_context.findings.error(
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


def _grade(judging_context: JudgingContext, card: Scorecard, total: Fraction | None, context: Context) -> str | None:
    grade = grade_of(total, card.grades)
    if total is not None and card.grades and grade is None:
        judging_context.findings.error(
            card.place("grades"), "E605",
            f"{card.id}: the total {render_number(total)} of {context.subject} in {context.period.name} is in no grade",
        )  # fmt: skip
    return grade


def _is_grade(judging_context: JudgingContext, card: Scorecard, appeal: Appeal, period: Period) -> bool:
    if appeal.decided in card.grades:
        return True
    judging_context.effects.refused.add(appeal.event)
    judging_context.findings.error(
        card.source, "E607", f"the appeal {appeal.event} decides {appeal.decided!r} for {card.id} of {appeal.subject} in "
        f"{period.name}, which is no grade", f"one of {', '.join(card.grades)}",
    )  # fmt: skip
    return False


def _number(value: Value) -> Fraction:
    assert isinstance(value, int | Fraction)  # typed when the ruleset is loaded
    return value if type(value) is Fraction else Fraction(value)
