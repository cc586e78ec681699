"""What is still missing: the fewest future events that clear a unit's open duties and lift its scorecards by a grade.

Nothing is read off formulas. Sorts of events that the rule would count are found (`missing_events`), the smallest number
of them that is enough is searched for, and what is proposed was judged by the rule itself with those events added
(`missing_trial`): as if they had come by the day judged, everything else as it is. Where that cannot be told, the answer
is why not.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import date
from fractions import Fraction
from functools import partial

from attrs import define, evolve

from ..dataflow.build import deadline_names
from ..dataflow.nodes import AggregateQuery, RuleNode
from ..errors import did_you_mean
from ..expr.nodes import Aggregate, Compare, In, Node, Range, Ref, walk
from ..expr.render import render, render_number
from ..expr.rewrite import conjuncts
from ..expr.types import Base
from ..judging.batch import Outcome, rule_of
from ..judging.results import DutyResult, ScoreResult
from ..model.definitions import Duty, Indicator, Scorecard, measure_expressions
from ..model.duty import Status
from ..model.scorecard import grade_of
from ..periods import ONE_DAY, Period
from ..tracing.evidence import Evidence, written
from .answers import Missing, Needed, Undecided, told
from .future_events import FRESH, FutureEvent, Sort, Sorts, with_amount
from .search import Events, best_by_count, bisect, fewest, grouped, together
from .trial import Reached, Trial, reached

__all__ = ["Missing", "Needed", "missing"]


def missing(outcome: Outcome, subject: str, rule: str | None = None) -> list[Missing]:
    """What the subject's open duties and running scorecards still need, in the order of the rules.

    Args:
        outcome: a run.
        subject: id of a unit, body or person.
        rule: id of a duty or scorecard; default: all of them.

    Raises:
        LookupError: there is no such subject or rule; the message names the nearest.
    """
    nodes, ruleset = outcome.organisation.nodes, outcome.ruleset
    if subject not in nodes:
        raise LookupError(_unknown("unit, body or person", subject, list(nodes)))
    known = [*ruleset.duties, *ruleset.scorecards]
    if rule is not None and rule not in known:
        raise LookupError(_unknown("duty or scorecard", rule, known))
    found = []
    for node in outcome.dataflow.rules:
        if node.kind not in ("duty", "scorecard") or rule not in (None, node.id):
            continue
        judged = rule_of(ruleset, node)
        if isinstance(judged, Duty):
            found += [_Search(outcome, node, judged, r).duty(r) for r in _open(outcome, node, judged, subject)]
        elif isinstance(judged, Scorecard) and judged.grades:
            found += [_Search(outcome, node, judged, r).card(r) for r in _running(outcome, node, judged, subject)]
    return found


def _unknown(what: str, name: str, known: Sequence[str]) -> str:
    hint = did_you_mean(name, known)
    return f"there is no {what} '{name}'" + (f"; {hint}" if hint else "")


def _open(outcome: Outcome, node: RuleNode, duty: Duty, subject: str) -> Iterator[DutyResult]:
    for r in outcome.duties.where(duty=duty.id, subject=subject, version=node.version):
        late = r.status is Status.MISSED and duty.by is not None and duty.late == "accepted" and r.appeal is None
        if (r.status in (Status.OPEN, Status.AT_RISK) and r.value is not True) or late:
            yield r


def _running(outcome: Outcome, node: RuleNode, card: Scorecard, subject: str) -> Iterator[ScoreResult]:
    best = next(iter(card.grades))
    for r in outcome.totals.where(scorecard=card.id, subject=subject, version=node.version):
        if r.provisional and r.grade != best:
            yield r


@define(slots=False)
class _Search:
    """The search for one rule and period of one subject."""

    outcome: Outcome
    node: RuleNode
    rule: Duty | Scorecard
    result: DutyResult | ScoreResult

    def __attrs_post_init__(self) -> None:
        outcome, node = self.outcome, self.node
        periods = outcome.dataflow.schedules[node.schedule].periods
        index = next(i for i, p in enumerate(periods) if p.name == self.result.period)
        contexts = outcome.judging.judging_context.contexts(self.rule, node.schedule, index, periods[index])
        self.context = next(c for c in contexts if c.subject == self.result.subject)
        self.late = isinstance(self.result, DutyResult) and self.result.status is Status.MISSED
        self.last = self._last(periods[index])
        after = deadline_names(self.rule, node.version)[1] if isinstance(self.rule, Duty) and self.late else ""
        looked = evolve(self.context, schedule=after, index=0) if after else self.context
        self.trial = Trial(outcome, node, self.rule, self.context, looked, after)

    def _last(self, period: Period) -> date:
        """The last day on which an event can still count."""
        ruleset, at = self.outcome.ruleset, self.outcome.at
        _, end = self.outcome.organisation.life(self.context.subject)
        if self.late:
            return min(end - ONE_DAY, max(ruleset.end - ONE_DAY, at + ONE_DAY))
        return min(period.last, end - ONE_DAY, ruleset.end - ONE_DAY)

    # ---- duties

    def duty(self, result: DutyResult) -> Missing:
        """What clears the duty."""
        base = Missing(result.duty, result.period, "met")
        assert isinstance(self.rule, Duty)
        try:
            needed = _needed(self.rule)
            parts = list(self._conjuncts(needed))
            rests = reached([needed], self.outcome.ruleset)
            sorts, complete = self._sorts(rests)
            events, smallest = self._enough_for(parts, sorts, complete)
        except Undecided as answer:
            return evolve(base, state=answer.state, why=answer.why, detail=answer.detail)

        def holds(tried: Sequence[FutureEvent]) -> bool:
            judged = self.trial.judged(tried)
            return isinstance(judged, DutyResult) and (judged.status.is_fulfilled or judged.value is True)

        if not holds(events):
            return evolve(base, state="undecided", why="interplay")
        events = self._least(events, holds)
        judged = self.trial.judged(events)
        assert isinstance(judged, DutyResult)  # it held just now
        steady = judged.status.is_fulfilled
        return told(self.trial, self.late, evolve(base, fewest=smallest and complete, steady=steady), events, sorts)

    def _conjuncts(self, tree: Node) -> Iterator[Node]:
        """The conditions that must all hold, looked for inside measures too."""
        for part in conjuncts(tree):
            if isinstance(part, Ref) and part.scope == "measure":
                yield from self._conjuncts(self.outcome.ruleset.measures[part.name].value.tree)
            elif part is tree:
                yield part
            else:
                yield from self._conjuncts(part)

    def _enough_for(self, parts: Sequence[Node], sorts: Sequence[Sort], complete: bool) -> tuple[Events, bool]:
        """The fewest events with which all conditions hold; conditions that share events are searched together."""
        groups = grouped([(p, self._of_tree(p, sorts)) for p in parts])
        found: list[FutureEvent] = []
        smallest = True
        for conditions, ours in groups:

            def holds(events: Sequence[FutureEvent], conditions: Sequence[Node] = conditions) -> bool:
                return all(self.trial.value(c, events) is True for c in conditions)

            if holds(()):
                continue
            best, tried_all = fewest(ours, holds)
            if best is None:
                unmet = [c for c in conditions if self.trial.value(c, ()) is not True]
                raise self._hopeless(unmet, ours, holds, complete and tried_all)
            found.extend(best)
            smallest = smallest and tried_all
        return tuple(found), smallest

    def _hopeless(
        self, conditions: Sequence[Node], sorts: Sequence[Sort], holds: Callable[[Events], bool], complete: bool
    ) -> Undecided:
        """Why no events were found that make the conditions hold; out of reach only where that is certain."""
        rests = reached(conditions, self.outcome.ruleset)
        text = "; ".join(self._written(c) for c in conditions)
        refused = self._refused(rests)
        if refused is not None:
            return refused
        queries = self._asks(rests.own)
        taken = {n for s in sorts for n in s.queries}
        if all(a.number in taken for a in queries):
            spent = all(s.limited and len(s.events) < FRESH for s in sorts) and not holds(_all_of(sorts))
            return Undecided("spent", text, "out_of_reach") if spent and complete else Undecided("many", text)
        finder = self.trial.sorts
        before = Sorts(finder.evidence, finder.context, self.context.period.start, self.outcome.at)
        possible = {n for s in before.of(queries, {})[0] for n in s.queries} | taken
        over = all(a.number in possible for a in queries) and not sorts and complete
        return Undecided("over", text, "out_of_reach") if over else Undecided("no_event", text)

    # ---- scorecards

    def card(self, result: ScoreResult) -> Missing:
        """What lifts the scorecard to a better grade."""
        card = self.rule
        assert isinstance(card, Scorecard)
        order = list(card.grades)
        target = order[-1] if result.grade is None else order[order.index(result.grade) - 1]
        base = Missing(result.scorecard, result.period, target)
        try:
            if result.grade is None:
                raise Undecided("no_total", ", ".join(i.indicator for i in result.items if i.points is None))
            if result.appeal is not None or result.decided_by:
                raise Undecided("decided", ", ".join(result.decided_by) or result.appeal.event)  # type: ignore[union-attr]
            return self._lifted(card, result, base, order[: order.index(target) + 1])
        except Undecided as answer:
            return evolve(base, state=answer.state, why=answer.why, detail=answer.detail, held=answer.held)

    def _lifted(self, card: Scorecard, result: ScoreResult, base: Missing, good: Sequence[str]) -> Missing:
        indicators = card.all_indicators
        trees = {i.indicator: _tree(indicators[i.indicator]) for i in result.items}
        ruleset = self.outcome.ruleset
        rests = reached([*trees.values(), *(v.when.tree for v in card.veto.values())], ruleset)
        sorts, complete = self._sorts(rests)
        start = self.trial.judged(())
        assert isinstance(start, ScoreResult)  # it is judged in the run
        held = tuple(
            i.indicator for i in start.items
            if (i.points is None or i.points < i.out_of) and self._lies_with_others(trees[i.indicator])
        )  # fmt: skip

        def reaches(events: Sequence[FutureEvent]) -> bool:
            judged = self.trial.judged(events)
            return isinstance(judged, ScoreResult) and judged.grade in good

        if start.vetoes and grade_of(start.total, card.grades) in good:
            raise Undecided("veto", ", ".join(start.vetoes), "out_of_reach")
        by_group = grouped([(t, self._of_tree(t, sorts)) for t in trees.values()])
        groups = [(nodes, ours) for nodes, ours in by_group if ours]
        if any(i.state == "excluded" for i in start.items) and groups:  # the points of all hang together
            groups = [(list(trees.values()), [s for s in sorts if any(s in ours for _, ours in groups)])]

        def total(events: Sequence[FutureEvent]) -> Fraction:
            judged = self.trial.judged(events)
            none = not isinstance(judged, ScoreResult) or judged.total is None
            return Fraction(-1) if none else judged.total  # type: ignore[union-attr,return-value]

        def lifts(points: Fraction) -> bool:
            return grade_of(points, card.grades) in good

        started = total(())

        def full(nodes: Sequence[Node], events: Events) -> bool:
            judged = self.trial.judged(events)
            assert isinstance(judged, ScoreResult)  # it was judged for its total
            return all(i.points == i.out_of for i in judged.items if any(trees[i.indicator] is n for n in nodes))

        options = [best_by_count(ours, total, lifts, partial(full, nodes)) for nodes, ours in groups]
        chosen, smallest = together(options, started, lifts)
        if chosen is None:
            best = started + sum((max(p for p, _ in o.values()) - started for o, _ in options), Fraction())
            why = "held" if held else "points"
            decided = all(tried_all for _, tried_all in options) and complete and not held
            detail = f"{render_number(best)}/{render_number(start.out_of)}"
            raise Undecided(why, detail, "out_of_reach" if decided else "undecided", held)
        if not reaches(chosen):
            if start.vetoes:
                raise Undecided("veto", ", ".join(start.vetoes), "out_of_reach")
            raise Undecided("interplay", "", held=held)
        events = self._least(chosen, reaches)
        judged = self.trial.judged(events)
        assert isinstance(judged, ScoreResult)  # it was reached just now
        gain = None if judged.total is None else judged.total - started
        scaled = any(i.state == "excluded" for i in start.items)
        found = evolve(
            base,
            target=judged.grade or "",
            gain=gain,
            held=held,
            fewest=smallest and complete and not scaled,
            steady=False,
        )
        return told(self.trial, self.late, found, events, sorts)

    def _lies_with_others(self, tree: Node) -> bool:
        rests = reached([tree], self.outcome.ruleset)
        return not rests.own or self._refused(rests) is not None

    # ---- sorts of events

    def _sorts(self, rests: Reached) -> tuple[list[Sort], bool]:
        """The sorts of events that the aggregates take, without those whose effect nobody can foresee.

        Raises:
            Undecided: the days are over, or the subject inherits what others had.
        """
        if self.context.family == "successors":
            raise Undecided("inherits")
        if self.last <= self.outcome.at:
            raise Undecided("over", "", "out_of_reach")
        outcome = self.outcome
        queries = self._asks(rests.own)
        evidence = Evidence(outcome.ingested, outcome.evaluation.binding, outcome.dataflow, 0)
        finder = Sorts(evidence, self.trial.context, outcome.at + ONE_DAY, self.last)
        self.trial.prepare(finder, queries)
        found, complete = finder.of(queries, self.trial.seen)
        unforeseen = {a.number for a in queries if _is_unforeseen(a.aggregate)}

        def touches_others(sort: Sort) -> bool:
            return any(finder.taken(a, sort.events[0]) is not None for a in rests.of_others)

        sorts = [s for s in found if not s.queries & unforeseen and not touches_others(s)]
        return sorts, complete

    def _asks(self, aggregates: Sequence[Aggregate]) -> list[AggregateQuery]:
        """The asks that answer the aggregates for the subject and the period searched, and for periods inside it."""
        evaluation, wanted = self.outcome.evaluation, {id(a) for a in aggregates}
        target = self.context.period
        schedules = self.outcome.dataflow.schedules
        found: dict[int, AggregateQuery] = {}
        for (aggregate, schedule, family, index), number in self.outcome.dataflow.slots.items():
            if aggregate not in wanted or family != self.context.family:
                continue
            period = schedules[schedule].periods[index]
            open_ = period.last > self.outcome.at or schedule == self.trial.late
            if open_ and (schedule == self.trial.late or period.overlap(target.start, target.end)):
                found[number] = evaluation.queries[number]
        return [found[number] for number in sorted(found)]

    def _of_tree(self, tree: Node, sorts: Sequence[Sort]) -> list[Sort]:
        """The sorts that the tree looks at."""
        numbers = {a.number for a in self._asks(reached([tree], self.outcome.ruleset).own)}
        return [s for s in sorts if s.queries & numbers]

    def _refused(self, rests: Reached) -> Undecided | None:
        """What of these expressions cannot be counted ahead; None where all of it can."""
        for node in rests.elsewhere:
            return Undecided("elsewhere", render(node))
        unforeseen = next((n for n in rests.own if _is_unforeseen(n)), None)
        return None if unforeseen is None else Undecided("values", render(unforeseen))

    # ---- telling

    def _least(self, events: Events, holds: Callable[[Sequence[FutureEvent]], bool]) -> Events:
        """The same events with the smallest amounts that are still enough."""
        ruleset = self.outcome.ruleset
        found = list(events)
        for i, event in enumerate(events):
            for name, value in event.fields.items():
                kind = ruleset.fields[name]
                if not self._is_amount(event.kind, name) or not isinstance(value, Fraction):
                    continue
                step = Fraction(1, 10**kind.scale)
                low = kind.min if kind.min is not None else min(Fraction(), value)

                def enough(
                    steps: int, i: int = i, name: str = name, low: Fraction = low, step: Fraction = step
                ) -> bool:
                    tried = [*found[:i], with_amount(found[i], name, low + steps * step), *found[i + 1 :]]
                    return holds(tried)

                least = bisect(int((value - low) / step), enough)
                found[i] = with_amount(found[i], name, low + least * step)
        return tuple(found)

    def _is_amount(self, kind: str, name: str) -> bool:
        return any(
            kind in a.aggregate.kinds and a.aggregate.op in ("sum", "max") and isinstance(a.aggregate.value, Ref)
            and a.aggregate.value.name == name
            for a in self.trial.queries
        )  # fmt: skip

    def _written(self, node: Node) -> str:
        for expression in measure_expressions(self.rule):
            text = written(node, expression.text)
            if any(part is node for part in walk(expression.tree)):
                return text
        return render(node)


def _needed(duty: Duty) -> Node:
    """What must hold: the requirement, or only its lower bound where exceeding the range is merely noted."""
    tree = duty.require.tree
    if duty.above == "note" and isinstance(tree, In) and isinstance(tree.items, Range):
        return Compare(op=">=", left=tree.operand, right=tree.items.low, span=tree.span, type=tree.type)
    return tree


def _tree(indicator: Indicator) -> Node:
    expression = indicator.share or indicator.when or indicator.value
    assert expression is not None  # checked when the ruleset is loaded: exactly one
    return expression.tree


def _all_of(sorts: Sequence[Sort]) -> Events:
    return tuple(e for s in sorts for e in s.events)


def _is_unforeseen(node: Aggregate) -> bool:
    """Whether the value lies with what others will write into events, not with whether events happen."""
    if node.op in ("mean", "first", "last"):
        return True
    return node.op == "min" and (node.type is None or node.type.base is Base.NUMBER)
