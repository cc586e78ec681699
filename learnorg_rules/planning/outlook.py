"""What may still happen to one subject under one rule: the classes of events that count, and the trial that judges with them.

Both searches stand on it: for what is missing (`missing`) and for what could be gamed (`gaming`).
"""

from collections.abc import Sequence
from datetime import date

from attrs import define, evolve, field

from ..dataflow.build import deadline_names
from ..dataflow.nodes import AggregateQuery, RuleNode
from ..errors import with_hint
from ..expr.nodes import Aggregate, Node
from ..expr.render import render
from ..judging.batch import Outcome
from ..judging.evaluation import Context
from ..model.definitions import Duty, Indicator, Scorecard
from ..model.duty import Status
from ..model.results import DutyResult, ScorecardResult
from ..periods import ONE_DAY, common
from ..tracing.evidence import Evidence
from .answers import Undecided
from .future_events import CandidateFinder, EventClass, can_foresee, is_amount
from .trial import Dependencies, Trial, dependencies

__all__ = ["Outlook", "formula", "known"]


@define(slots=False)
class Outlook:
    """The future of one result: of a subject and period of a duty or scorecard.

    `context`: the subject's place in the rule. `is_late`: the deadline is over and the duty may still be met. `last`: the last
    day on which an event can count. `trial`: judges the rule with events added, once `classes` was called.
    """

    outcome: Outcome
    node: RuleNode
    rule: Duty | Scorecard
    result: DutyResult | ScorecardResult
    context: Context = field(init=False)
    is_late: bool = field(init=False)
    last: date = field(init=False)
    trial: Trial = field(init=False)

    def __attrs_post_init__(self) -> None:
        outcome, node = self.outcome, self.node
        periods = outcome.run.dataflow.schedules[node.schedule].periods
        index = next(i for i, p in enumerate(periods) if p.name == self.result.period)
        contexts = outcome.run.judging.judging_context.contexts(self.rule, node.schedule, index, periods[index])
        self.context = next(c for c in contexts if c.subject == self.result.subject)
        self.is_late = isinstance(self.result, DutyResult) and self.result.status in (Status.MISSED, Status.INVALID)
        self.last = self._last()
        after = deadline_names(self.rule, node.version)[1] if isinstance(self.rule, Duty) and self.is_late else ""
        evaluated = evolve(self.context, schedule=after, index=0) if after else self.context
        self.trial = Trial(outcome, node, self.rule, self.context, evaluated, after)

    def _last(self) -> date:
        ruleset, at = self.outcome.ruleset, self.outcome.at
        if self.is_late:  # whoever was there on the day it was due may be gone since
            stays = self.outcome.organisation.stays(self.context.subject)
            return min(stays[-1][1] - ONE_DAY, max(ruleset.end - ONE_DAY, at + ONE_DAY))
        assert self.context.cut is not None  # a rule judges the subject
        return self.context.cut.period.last

    def _first(self) -> date:
        """The first day to come on which the subject is there."""
        to_come = common(
            self.outcome.organisation.stays(self.context.subject), ((self.outcome.at + ONE_DAY, date.max),)
        )
        return to_come[0][0]

    def dependencies(self, trees: Sequence[Node]) -> Dependencies:
        """What the expressions rest on."""
        return dependencies(trees, self.outcome.ruleset)

    def classes(self, of: Dependencies) -> tuple[list[EventClass], bool]:
        """The classes of events that the aggregates take, without those whose effect nobody can foresee; the trial is ready.

        Returns:
            The classes, and whether all candidates could be tried.

        Raises:
            Undecided: the days are over, or the subject inherits what others had.
        """
        if self.context.family == "successors":
            raise Undecided("inherits")
        if self.last <= self.outcome.at:
            raise Undecided("over", "", "out_of_reach")
        outcome = self.outcome
        queries = self.queries(of.own)
        evidence = Evidence(outcome.run.ingested, outcome.run.evaluation.binding, outcome.run.dataflow, 0)
        finder = CandidateFinder(evidence, self.trial.context, self._first(), self.last)
        self.trial.prepare(finder, queries)
        classes, complete = finder.classes(queries, self.trial.counted)
        unforeseen = {q.number for q in queries if not can_foresee(q.aggregate)}

        def touches_others(one: EventClass) -> bool:
            return any(finder.contribution(a, one.events[0]) is not None for a in of.of_others)

        return [c for c in classes if not c.queries & unforeseen and not touches_others(c)], complete

    def queries(self, aggregates: Sequence[Aggregate]) -> list[AggregateQuery]:
        """The queries that answer the aggregates for the subject in the period, and in those inside it, while they run."""
        evaluation, schedules = self.outcome.run.evaluation, self.outcome.run.dataflow.schedules
        wanted, target = {id(a) for a in aggregates}, self.context.period
        by_number: dict[int, AggregateQuery] = {}
        for (aggregate, schedule, family, index), number in self.outcome.run.dataflow.slots.items():
            if aggregate not in wanted or family != self.context.family:
                continue
            period, after = schedules[schedule].periods[index], schedule == self.trial.late
            if after or (period.last > self.outcome.at and period.overlap(target.start, target.end)):
                by_number[number] = evaluation.queries[number]
        return [by_number[number] for number in sorted(by_number)]

    def taking(self, one: EventClass) -> list[AggregateQuery]:
        """The queries that take something from events of the class."""
        return [q for q in self.trial.queries if q.number in one.queries]

    def obstacle(self, of: Dependencies) -> Undecided | None:
        """Why the value of these expressions cannot be counted ahead; None where it can."""
        for node in of.elsewhere:
            return Undecided("elsewhere", render(node))
        unforeseen = next((a for a in of.own if not can_foresee(a)), None)
        return None if unforeseen is None else Undecided("values", render(unforeseen))

    def is_held(self, indicator: Indicator) -> bool:
        """Whether no event of the subject's own can be tried for the indicator, which is taken as it is."""
        of = self.dependencies([formula(indicator)])
        return not of.own or self.obstacle(of) is not None

    def is_amount(self, kind: str, name: str) -> bool:
        """Whether the rule adds up the field of events of this kind, or takes the greatest."""
        return is_amount(name, [q for q in self.trial.queries if kind in q.aggregate.kinds])


def formula(indicator: Indicator) -> Node:
    """The one expression of the indicator."""
    expression = indicator.share or indicator.when or indicator.value
    assert expression is not None  # checked when the ruleset is loaded: exactly one
    return expression.tree


def known(what: str, name: str, names: Sequence[str]) -> None:
    """Check that there is such a name.

    Raises:
        LookupError: there is not; the message names the nearest.
    """
    if name not in names:
        raise LookupError(with_hint(f"there is no {what} '{name}'", name, names))
