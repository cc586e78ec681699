"""A rule judged again for one subject, as if some more events had come: the proof of every proposal.

Cells are changed by the accumulators of live runs, and the rule, with the duties and scorecards it reads, is judged by the
same code as in the run.
"""

from collections import ChainMap, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from copy import copy
from datetime import date
from fractions import Fraction

from attrs import define, evolve, field, frozen

from ..counting.accumulators import Accumulator, accumulator_of
from ..counting.cells import rule_of
from ..counting.kernel import Cells, scale_of
from ..dataflow.nodes import AggregateQuery, RuleNode
from ..expr.aggregates import Cell, Order, function_of
from ..expr.nodes import Across, Aggregate, Node, Ref
from ..judging.batch import Outcome
from ..judging.context import JudgingContext
from ..judging.duties import DutyJudge, rate_of
from ..judging.evaluation import Context, Evaluation
from ..judging.memo import Memo
from ..judging.scorecards import ScorecardJudge
from ..model.definitions import Duty, Rule, Scorecard
from ..model.kinds import measure_expressions
from ..model.references import formulas_of, reached
from ..model.results import DutyResult, ScorecardResult
from ..model.ruleset import Ruleset
from ..periods import Calendar, Period
from ..values import Value, known
from .future_events import OF_SETS, CandidateFinder, Contribution, FutureEvent

__all__ = ["Dependencies", "Trial", "dependencies"]

Judged = DutyResult | ScorecardResult


@frozen
class Dependencies:
    """What expressions rest on: aggregates of the subject, those of others, and where those stand.

    `elsewhere`: parts whose value comes from other subjects.
    """

    own: tuple[Aggregate, ...] = ()
    of_others: tuple[Aggregate, ...] = ()
    elsewhere: tuple[Across, ...] = ()


def dependencies(trees: Sequence[Node], ruleset: Ruleset) -> Dependencies:
    """What the trees rest on, through measures, `met(...)` and other scorecards."""
    own: dict[int, Aggregate] = {}
    others: dict[int, Aggregate] = {}
    elsewhere: list[Across] = []
    for node, ours in reached(trees, lambda ref: _behind(ref, ruleset), True, lambda _group, _ours: False):
        if isinstance(node, Aggregate):
            (own if ours else others).setdefault(id(node), node)
        elif isinstance(node, Across):
            elsewhere.append(node)
    return Dependencies(tuple(own.values()), tuple(others.values()), tuple(elsewhere))


def _behind(node: Ref, ruleset: Ruleset) -> Iterator[Node]:
    if node.scope in ("duty", "score"):
        versions = ruleset.duties if node.scope == "duty" else ruleset.scorecards
        for rule in versions[node.name.partition(".")[0]]:
            yield from (e.tree for e in measure_expressions(rule))
    yield from formulas_of(ruleset.measures)(node)


@frozen
class _OneSubject(JudgingContext):
    """Only one subject is judged, in the periods that share a day with another."""

    subject: str = ""
    within: Period | None = None

    def periods(self, node: RuleNode, rule: Rule) -> Iterator[tuple[int, Period]]:
        """Those of the rule's periods that share a day with `within`."""
        assert self.within is not None
        for index, period in JudgingContext.periods(self, node, rule):
            if period.overlap(self.within.start, self.within.end):
                yield index, period

    def contexts(self, rule: Rule, schedule: str, index: int, period: Period) -> list[Context]:
        """The subject's context, if the rule judges it."""
        return [c for c in JudgingContext.contexts(self, rule, schedule, index, period) if c.subject == self.subject]


@define
class Trial:
    """One rule, subject and period.

    `of_rule`: the subject's place in the rule. `context`: where its requirement is looked at; the same, but for a deadline that
    is over and may still be met: then in the schedule `late`.
    """

    outcome: Outcome
    node: RuleNode
    rule: Duty | Scorecard
    of_rule: Context
    context: Context
    late: str = ""
    finder: CandidateFinder = field(init=False)
    queries: tuple[AggregateQuery, ...] = field(init=False)
    counted: dict[int, Mapping[Value, int]] = field(init=False)
    _evaluation: Evaluation = field(init=False)
    _judging_context: _OneSubject = field(init=False)
    _judges: tuple[tuple[int, DutyJudge | ScorecardJudge, frozenset[str], tuple[Context, ...]], ...] = field(init=False)
    _accumulators: Mapping[int, Accumulator] = field(init=False)
    _known: dict[tuple[object, ...], object] = field(factory=dict, init=False)

    def prepare(self, finder: CandidateFinder, queries: Sequence[AggregateQuery]) -> None:
        """Make ready to try events that the queries take."""
        given = self.outcome.run.evaluation
        self.finder, self.queries = finder, tuple(queries)
        self.counted = {q.number: self._counted(q) for q in queries if function_of(q.aggregate).cell in OF_SETS}
        tz, conditions = given.binding.ruleset.time_zone, defaultdict[Node, int](int)  # which hold is known already
        self._accumulators = {q.number: accumulator_of(q, conditions, tz, {}) for q in queries}
        self._evaluation = Evaluation(given.binding, given.dataflow, given.cells)
        self._judging_context = _OneSubject(
            given.binding, given.dataflow, self._evaluation, self.outcome.run.judging.judging_context.effects,
            subject=self.context.subject, within=self.of_rule.period,
        )  # fmt: skip
        self.context = evolve(self.context, evaluation=self._evaluation)
        self._judges = tuple(self._all_judges())

    # ---- asking

    def judged(self, events: Sequence[FutureEvent]) -> Judged | None:
        """The rule's result with these events; None where the rule does not judge the subject."""
        key = tuple(e.key for e in events)
        if key not in self._known:
            self._put(events)
            self._known[key] = self._judge(events)
        return self._known[key]  # type: ignore[return-value]

    def value(self, tree: Node, events: Sequence[FutureEvent]) -> Value:
        """The value of an expression in the rule's context with these events."""
        self._put(events)
        return known(self._evaluation.value(tree, self.context))

    def _judge(self, events: Sequence[FutureEvent]) -> Judged | None:
        kinds = {e.kind for e in events}
        for place, judge, read, contexts in self._judges:
            own = judge.node == self.node
            if not own and isinstance(judge, DutyJudge) and not read & kinds:
                continue  # as it was in the run
            for context in contexts:
                (result,) = judge.judge(context)
                if isinstance(judge, DutyJudge) and isinstance(result, DutyResult) and not own:
                    rates = self._evaluation.duty_rates.setdefault((result.rule, result.subject), {})
                    rates.pop((place, context.index), None)
                    if result.status.is_settled:
                        rates[place, context.index] = rate_of(judge.duty, result, context)
                if own and context.index == self.of_rule.index:
                    return result
        return None

    def _all_judges(self) -> Iterator[tuple[int, DutyJudge | ScorecardJudge, frozenset[str], tuple[Context, ...]]]:
        """The judges of what the rule reads, in order, then its own: place, judge, kinds it looks at, contexts."""
        before = self._before()
        for place, node in enumerate(self.outcome.run.dataflow.rules):
            if f"{node.kind} {node.id}" not in before and node != self.node:
                continue
            rule = rule_of(self.outcome.ruleset, node)
            judge: DutyJudge | ScorecardJudge
            if isinstance(rule, Duty):
                judge = DutyJudge(self._judging_context, node, rule)
            elif isinstance(rule, Scorecard):
                judge = ScorecardJudge(self._judging_context, node, rule)
            else:
                continue
            own = dependencies([e.tree for e in measure_expressions(rule)], self.outcome.ruleset).own
            yield place, judge, frozenset(k for a in own for k in a.kinds), tuple(c for _, _, c in judge.tasks())

    def _before(self) -> set[str]:
        """The rules whose results the rule reads, and those that they read."""
        after = {f"{n.kind} {n.id}": n.after for n in self.outcome.run.dataflow.rules}
        names: set[str] = set()
        todo = list(self.node.after)
        while todo:
            name = todo.pop()
            if name not in names:
                names.add(name)
                todo.extend(after.get(name, ()))
        return names

    # ---- cells

    def _put(self, events: Sequence[FutureEvent]) -> None:
        """Set the evaluation to the run's cells and settled values, with these events added."""
        given, evaluation = self.outcome.run.evaluation, self._evaluation
        evaluation.memo = Memo()
        evaluation.duty_rates = {k: copy(v) for k, v in given.duty_rates.items() if k[1] == self.context.subject}
        evaluation.scores = dict(given.scores)
        evaluation.lowered = dict(given.lowered)
        self._judging_context.findings.found.clear()
        changed: dict[int, Cells] = {}
        for query in self.queries:
            takes = [(e, t) for e in events if (t := self.finder.contribution(query.aggregate, e)) is not None]
            if takes:
                changed[query.number] = self._with(query, takes)
        evaluation.cells = ChainMap(changed, given.cells)  # type: ignore[arg-type]

    def _with(self, query: AggregateQuery, takes: Sequence[tuple[FutureEvent, Contribution]]) -> Cells:
        """The cells of the query with these contributions added, as they are when an event comes in live."""
        cells, accumulator = self.outcome.run.evaluation.cells[query.number], self._accumulators[query.number]
        values = accumulator.values = {}
        schedule = self.outcome.run.dataflow.schedules[query.schedule]
        for index in query.periods:
            period, place = schedule.periods[index], (self.context.subject, index)
            here = [
                t for e, t in takes if period.counted[0] <= e.day < period.counted[1] or query.schedule == self.late
            ]
            if not here:
                continue
            parts = cells.values.get(place)
            if parts is not None:
                values[place] = parts
            accumulator.restore(place, None if parts is None else self._kept(query, parts))
            for contribution in here:
                accumulator.change(place, _added(query, contribution), 1)
        return evolve(cells, values=ChainMap(values, cells.values))  # type: ignore[arg-type]

    def _kept(self, query: AggregateQuery, parts: Sequence[object]) -> Sequence[object] | None:
        """What an accumulator keeps besides the cell; of an END the value in the cell is enough, as nothing is taken away."""
        cell = function_of(query.aggregate).cell
        if cell in OF_SETS:
            return tuple(self.counted[query.number].items())
        return [(parts[1], "", parts[1])] if cell is Cell.END else None

    def _counted(self, query: AggregateQuery) -> Mapping[Value, int]:
        """What counts already: elements with their number of events, or starts of sub-periods."""
        index = self._index(query)
        if index is None:
            return {}
        period = self.outcome.run.dataflow.schedules[query.schedule].periods[index]
        day = min(period.last, self.outcome.at)
        family = query.lowered.scan.subjects
        here = Context(self.outcome.run.evaluation, self.context.subject, family, query.schedule, index, day)
        if function_of(query.aggregate).cell is Cell.SUB_PERIODS:
            seen = self.finder.evidence.of(query.aggregate, "", None, query, here)
            return {_start(name, period, query.aggregate.grain, self.outcome.ruleset.calendar): 1 for name in seen.hit}
        return self.finder.evidence.elements(query, here)

    def _index(self, query: AggregateQuery) -> int | None:
        """The period of the query in which future events fall; one at most has begun and is not over."""
        periods = self.outcome.run.dataflow.schedules[query.schedule].periods
        open_ = [i for i in query.periods if self.outcome.at < periods[i].last or query.schedule == self.late]
        return open_[0] if open_ else None


def _start(name: str, period: Period, grain: str, calendar: Calendar) -> date:
    return next(p.start for p in calendar.schedule(grain, period.start, period.end).periods if p.name == name)


def _added(query: AggregateQuery, contribution: Contribution) -> object:
    """What the accumulator of the query adds to a cell; its numbers are integers, as in cells."""
    cell, low = function_of(query.aggregate).cell, query.lowered
    if cell is Cell.COUNT:
        return None
    if cell in OF_SETS:
        return contribution.mark
    if cell is Cell.TOTAL:
        weight = 1 if contribution.weight is None else contribution.weight
        return _whole(contribution.value * weight, scale_of(low.value)), _whole(weight, scale_of(low.weight))  # type: ignore[operator]
    assert function_of(query.aggregate).order is Order.VALUE  # events that touch first and last are not tried
    value = contribution.value
    number = isinstance(value, int | Fraction) and not isinstance(value, bool)
    value = _whole(value, scale_of(low.value)) if number else value
    return value, "", value


def _whole(value: Value, scale: int) -> int:
    scaled = value * 10**scale
    assert scaled.denominator == 1, f"{value} does not fit a cell with {scale} digits behind the point"
    return int(scaled)
