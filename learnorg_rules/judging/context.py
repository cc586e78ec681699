"""What every rule is judged with: whom, when, whether enough of the period is theirs, and what was decided by people."""

from collections.abc import Iterator
from datetime import date

from attrs import field, frozen

from ..counting.binding import Binding
from ..dataflow.build import family_of
from ..dataflow.nodes import Dataflow, RuleNode
from ..errors import Issues
from ..model.definitions import Duty, Rule
from ..periods import ONE_DAY, Clock, Period
from .effects import Effects
from .evaluation import Context, Evaluation

__all__ = ["JudgingContext"]


@frozen
class JudgingContext:
    """The means of one run. `findings` collects what an author or a person has to settle, with subject and place."""

    binding: Binding
    dataflow: Dataflow
    evaluation: Evaluation
    effects: Effects
    findings: Issues = field(factory=Issues)

    @property
    def at(self) -> date:
        """The day judged."""
        return self.binding.at

    @property
    def clock(self) -> Clock:
        """Says what has come by the day judged."""
        return self.binding.clock

    def periods(self, node: RuleNode, rule: Rule) -> Iterator[tuple[int, Period]]:
        """The periods a rule version is in force for: those whose last judged day it covers."""
        last_judged = self.binding.ruleset.end - ONE_DAY
        for index, period in enumerate(self.dataflow.schedules[node.schedule].periods):
            if min(period.last, last_judged) in rule.effective or (isinstance(rule, Duty) and rule.by is not None):
                yield index, period

    def begun(self, node: RuleNode, rule: Rule) -> Iterator[tuple[int, Period]]:
        """Those of its periods that have begun on the day judged."""
        return ((index, period) for index, period in self.periods(node, rule) if self.clock.has_begun(period))

    def contexts(self, rule: Rule, schedule: str, index: int, period: Period) -> list[Context]:
        """A context for each subject of the rule in the period, in order of id."""
        family = family_of(rule, self.binding.organisation)
        judged = self.evaluation.judged(rule, period)
        return [
            Context(self.evaluation, s, family, schedule, index, day, rule=rule, peers=judged)
            for s, day in judged.items()
        ]

    def is_required(self, rule: Rule, subject: str, period: Period) -> bool:
        """Whether enough of the period lies in the subject's life, the rule's days and the ruleset's.

        What is due by a day is due from whoever is there on that day.
        """
        start, end = self.binding.life(subject, rule.succession, period)
        if isinstance(rule, Duty) and rule.by is not None:
            return start <= period.last < end
        ruleset = self.binding.ruleset
        start, end = max(start, ruleset.first_day), min(end, ruleset.end)
        if rule.effective.from_ is not None:
            start = max(start, rule.effective.from_)
        if rule.effective.to is not None:
            end = min(end, rule.effective.to + ONE_DAY)
        least = ruleset.header.required_share  # in whole numbers: this is asked of every subject in every period
        return period.overlap(start, end) * least.denominator >= least.numerator * period.days
