"""Scorecards: the points, total and grade of every subject in every period."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from fractions import Fraction

from attrs import evolve, field, frozen

from ..dataflow.nodes import RuleNode
from ..expr.nodes import Ref, walk
from ..expr.render import render_number
from ..model.definitions import Expression, Indicator, Scorecard, Veto
from ..model.results import Appeal, IndicatorResult, ScorecardResult, Waiver
from ..model.scorecard import Item, grade_of, total_of, worst
from ..periods import Period
from ..values import Number, Value, Wrong, first_wrong, known
from .context import JudgingContext
from .evaluation import Context, Read
from .findings import WHO

__all__ = ["CODES", "ScorecardJudge", "declared_points"]

CODES = {
    "E601": (
        "points outside the indicator's range",
        "An indicator's `value` was below 0 or above its points for some subject, or an appeal decided so. Such a value is wrong, "
        "not missing: no policy for the missing applies to it, and there is no total.",
    ),
    "E602": (
        "nothing left to score",
        "Every indicator of a scorecard that has points was waived, or excluded for want of values, so there is no total.",
    ),
    "E605": ("a total in no grade", "A total lies in none of the scorecard's bands."),
    "E607": ("an appeal decides no grade", "The `decided` of an appeal about a scorecard is none of its grades."),
    "E630": (
        "a division by zero",
        "What a rule asks for was divided by 0, or by weights that add up to 0. It is wrong, not missing: no policy for the missing "
        "and no `coalesce` applies to it, there is no total, and a duty is `invalid`. Say what it is where there is nothing to "
        "divide by: `if(b > 0, a / b)` is missing there, `if(b > 0, a / b, 1)` is 1.",
    ),
    "E631": (
        "a number of too many digits",
        "A formula gave a number of more than 4000 digits, or a fraction with as many in either part: usually one that multiplies its own "
        "value of the period before. It is wrong, not missing: no policy for the missing and no `coalesce` applies to it, there is no "
        "total, and a duty is `invalid`.",
    ),
}
_REMEMBERED = 1_000
"""What was earned is remembered for so many different readings of an indicator."""

_HASHED = frozenset({int, bool, type(None)})
"""Types of readings that are found again faster than computed again; 1, which equals them, is told from fractions too."""

_Earned = tuple[Value, Item, Fraction | None, int | None]
"""Of an indicator: value, what it counts as, and points as in `_Alone`."""

_Alone = tuple[IndicatorResult, Item, int | None, Wrong | None]
"""An indicator's result as far as no other has a part in it: without exclusions of others, waivers and appeals.

Beside it stand what it counts as; its points in units of their last decimal digit, None where they are no whole number of
them or there are none; and what is wrong with its value.
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
            key,
            len(entries),
            lambda place: _alone(self.judging_context, card, self.node.version, plan.period, entries[place], context),
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


def declared_points(judging_context: JudgingContext, card: Scorecard, period: Period) -> Mapping[str, Fraction]:
    """The points of every indicator in force in the period, before others are excluded."""
    return {e.indicator.id: e.out_of for e in _plan(judging_context, card, period).entries}


def _score(
    judging_context: JudgingContext, node: RuleNode, card: Scorecard, plan: _Plan, context: Context, alone: Sequence[_Alone],
    veto_names_total: bool,
) -> ScorecardResult:  # fmt: skip
    assert context.cut is not None  # a rule judges the subject
    evaluation, period, own, subject = judging_context.evaluation, plan.period, context.cut.period, context.subject
    units = [points for _, _, points, _ in alone]
    waivers, appeals = _effects(judging_context, plan, context)
    wrong: Wrong | None = None
    if waivers or appeals or None in units:
        total, items = _together(judging_context, card, plan, context, alone, waivers, appeals)
        _report(judging_context, card, plan, context, items, [wrong for *_, wrong in alone], total)
        wrong = first_wrong(*(wrong for item, (*_, wrong) in zip(items, alone, strict=True) if item.state == "invalid"))
    else:  # every indicator stands for itself
        total, items = Fraction(sum(filter(None, units)), 10**card.round.decimals), tuple([item for item, *_ in alone])
    by_total = _grade(judging_context, card, total, context)
    parts = [item.points if card.round.of == "parts" else item.exact for item in items]
    score: dict[str, Value] = dict(zip(plan.ids, parts, strict=True))
    if wrong is not None:
        score.update({i.indicator: w for i, (*_, w) in zip(items, alone, strict=True) if i.state == "invalid"})
    score.update({"total": total, "grade": by_total} if wrong is None else {"total": wrong, "grade": wrong})
    evaluation.scores[card.id, subject, period.start, period.end] = score
    vetoes: list[Veto] = []
    if card.veto and wrong is None:  # of what is wrong not even the worst is known
        veto_context = evolve(context, bound={**context.bound, "total": total}) if veto_names_total else context
        held = {v.id: evaluation.value(v.when.tree, veto_context) for v in card.veto.values()}
        vetoes = [v for v in card.veto.values() if held[v.id] is True]
        for name, value in held.items():
            judging_context.report_wrong(context, f"{card.id}.{name}", value)
        wrong = first_wrong(*held.values())
    grade = worst([by_total, *(v.grade for v in vetoes)], card.grades) if vetoes and card.grades else by_total
    if wrong is not None and [grade] != list(card.grades)[-1:]:
        grade, score["grade"] = None, wrong
    decided = judging_context.effects.appeal(subject, card.id, period)
    first_grade = grade
    if decided is not None and not _is_grade(judging_context, card, decided, period):
        decided = None
    if decided is not None:
        grade = decided.decided
    if grade is not None or wrong is None:
        score["grade"] = grade
    return ScorecardResult(
        card.id, subject, period.name, node.version, total, plan.declared, grade, by_total, tuple(v.id for v in vetoes),
        not judging_context.clock.is_over(own), items, card.round.decimals, first_grade if decided is not None and grade != first_grade else None,
        decided,
    )  # fmt: skip


def _alone(
    judging_context: JudgingContext, card: Scorecard, version: int, period: Period, entry: _Entry, context: Context
) -> _Alone:
    read = tuple([read(context) for read in entry.reads])
    if _HASHED.issuperset(map(type, read)):
        earned = entry.known.get(read)
        if earned is None:
            earned = _earned(card, entry, entry.value(read))
            if len(entry.known) < _REMEMBERED:
                entry.known[read] = earned
    else:
        earned = _earned(card, entry, entry.value(read))
    value, item, points, units = earned
    wrong, state = first_wrong(value), "" if points is None else "scored"
    if value is None and item.missing == "zero":
        points, units, state = Fraction(), 0, "zero"
    elif item.is_invalid and wrong is None:
        assert isinstance(value, int | Fraction)  # a value outside its range
        wrong = Wrong("range", entry.name, value=value, most=entry.out_of)
    result = IndicatorResult(
        card.id, context.subject, period.name, version, entry.category, entry.indicator.id, points, entry.out_of,
        known(value), state, exact=item.earned if state == "scored" else points,
    )  # fmt: skip
    return result, item, units, wrong


def _earned(card: Scorecard, entry: _Entry, value: Value) -> _Earned:
    share = _share(entry, value)
    item = Item(
        entry.indicator.id, entry.out_of, None if share is None else Fraction(share * entry.whole), entry.missing,
        share is None and value is not None, entry.category,
    )  # fmt: skip
    if share is None:
        return value, item, None, None
    assert item.earned is not None
    units = card.round.units(share, entry.whole)
    points = Fraction(units, 10**card.round.decimals)
    return value, item, points, units if card.round.of == "parts" or points == item.earned else None


def _share(entry: _Entry, value: Value) -> Number | None:
    """How much of the indicator's whole a value earns; None where there is no value, or it is wrong or outside the range."""
    if value is None or type(value) is Wrong:
        return None
    if entry.indicator.when is not None:
        return 1 if value is True else 0
    assert isinstance(value, int | Fraction)  # typed when the ruleset is loaded
    if entry.indicator.share is None:
        return value if 0 <= value <= entry.out_of else None
    if value.numerator <= 0:  # by its parts: comparing fractions takes many times as long
        return 0
    return 1 if value.numerator >= value.denominator else value


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
    judging_context: JudgingContext, card: Scorecard, plan: _Plan, context: Context, alone: Sequence[_Alone],
    waivers: Mapping[str, Waiver], appeals: Mapping[str, Appeal],
) -> tuple[Fraction | None, tuple[IndicatorResult, ...]]:  # fmt: skip
    """Total and results where indicators share what is rounded, are let off or appealed, or others are excluded.

    What an appeal decides is in declared points, and takes the place of the value, of its want, and of a waiver.
    """
    items, firsts, held = [], {}, {}
    for entry, (result, item, _, _) in zip(plan.entries, alone, strict=True):
        waiver, appeal = waivers.get(item.id), appeals.get(item.id)
        if waiver is not None:
            excused = entry.indicator.excused or card.excused
            item = evolve(item, earned=item.out_of if excused == "full" else None, missing=excused, is_invalid=False)
        if (
            appeal is not None
            and appeal.points is not None
            and _is_possible(judging_context, card, entry, appeal, context)
        ):
            held[item.id], firsts[item.id] = appeal, None if waiver is not None else result.points
            item = evolve(item, earned=appeal.points, is_invalid=False)
        items.append(item)
    scored, total = total_of(items, card.round)
    results = tuple(
        evolve(
            result, points=s.points, out_of=s.out_of, exact=s.exact, first=firsts.get(s.id), appeal=held.get(s.id),
            state="excused" if s.id in waivers and s.id not in held else s.state, waiver=waivers.get(s.id),
        )
        for s, (result, *_) in zip(scored, alone, strict=True)
    )  # fmt: skip
    return total, results


def _is_possible(
    judging_context: JudgingContext, card: Scorecard, entry: _Entry, appeal: Appeal, context: Context
) -> bool:
    """Whether the appeal decides points that the indicator can give; if not, that is a finding."""
    assert appeal.points is not None
    if 0 <= appeal.points <= entry.out_of:
        return True
    judging_context.refuse(
        appeal, card.source, "E601", f"{render_number(appeal.points)} points for {entry.name} of {context.subject} in "
        f"{context.period.name}, outside 0..{render_number(entry.out_of)}",
        "decide on the declared points: they are scaled with the others",
    )  # fmt: skip
    return False


def _report(
    judging_context: JudgingContext, card: Scorecard, plan: _Plan, context: Context, items: Sequence[IndicatorResult],
    wrongs: Sequence[Wrong | None], total: Fraction | None,
) -> None:  # fmt: skip
    """A finding for every value that is wrong, and where nothing is left to score."""
    period = plan.period.name
    for entry, item, wrong in zip(plan.entries, items, wrongs, strict=True):
        if item.state != "invalid":
            continue
        if wrong is not None and wrong.cause == entry.name and wrong.value is not None:
            outside = f"outside 0..{render_number(entry.out_of)}"
            said = f"{entry.name} gives {WHO} {render_number(wrong.value)} points in {period}, {outside}"
            about = f"{entry.name} gives {WHO} points in {period} {outside}"
            hint = judging_context.places.fault(wrong).hint
            judging_context.report(context, entry.expression.source, "E601", said, hint, about)
        else:
            judging_context.report_wrong(context, entry.name, wrong)
    left_out = [i for i in items if i.points is None and i.state in ("excluded", "excused")]
    if total is None and len(left_out) == len([i for i in items if i.out_of or i.points is None]) and left_out:
        excused = all(i.state == "excused" for i in left_out)
        how = "everything was excused" if excused else "every indicator was excluded"
        hint = (
            "say `excused: full` or `excused: zero` where points are to stand, or end a waiver"
            if excused
            else "let at least one indicator say `missing: zero`"
        )
        judging_context.report(
            context, card.source, "E602", f"{card.id}: {how} for {WHO} in {period}, so there is no total", hint
        )


def _grade(judging_context: JudgingContext, card: Scorecard, total: Fraction | None, context: Context) -> str | None:
    grade = grade_of(total, card.grades)
    if total is not None and card.grades and grade is None:
        judging_context.report(
            context, card.place("grades"), "E605",
            f"{card.id}: the total {render_number(total)} of {WHO} in {context.period.name} is in no grade",
        )  # fmt: skip
    return grade


def _is_grade(judging_context: JudgingContext, card: Scorecard, appeal: Appeal, period: Period) -> bool:
    if appeal.decided in card.grades:
        return True
    judging_context.refuse(
        appeal, card.source, "E607",
        f"{appeal.decided!r} for {card.id} of {appeal.subject} in {period.name}, which is no grade",
        f"one of {', '.join(card.grades)}",
    )  # fmt: skip
    return False


def _number(value: Value) -> Fraction:
    assert isinstance(value, int | Fraction)  # typed when the ruleset is loaded
    return value if type(value) is Fraction else Fraction(value)
