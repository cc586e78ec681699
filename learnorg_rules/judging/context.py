"""What every rule is judged with: whom, when, whether enough of the period is theirs, and what was decided by people."""

from collections.abc import Iterator
from datetime import date

from attrs import field, frozen

from ..counting.binding import Binding
from ..dataflow.build import family_of
from ..dataflow.nodes import Dataflow, RuleNode
from ..errors import Issues, Source
from ..model.definitions import Rule
from ..model.results import Appeal
from ..periods import Clock, Cut, Period
from ..values import Value, Wrong
from .effects import Effects
from .evaluation import Context, Evaluation
from .faults import Places
from .findings import WHAT, WHO, SubjectIssue

__all__ = ["JudgingContext"]


@frozen
class JudgingContext:
    """The means of one run. `findings` collects what an author or a person has to settle, with subject and place."""

    binding: Binding
    dataflow: Dataflow
    evaluation: Evaluation
    effects: Effects
    findings: Issues = field(factory=Issues)
    places: Places = field(init=False, repr=False)

    @places.default
    def _places(self) -> Places:
        return Places(self.binding.ruleset)

    @property
    def at(self) -> date:
        """The day judged."""
        return self.binding.at

    @property
    def clock(self) -> Clock:
        """Says what has come by the day judged."""
        return self.binding.clock

    def periods(self, node: RuleNode, rule: Rule) -> Iterator[tuple[int, Period]]:
        """The periods in which a rule version is in force on some day: it judges those whose cut ends on such a day."""
        number, spans = self.evaluation.cuts.in_force(rule)
        for index, period in enumerate(self.dataflow.schedules[node.schedule].periods):
            if any(version == number and period.overlap(first, end) for first, end, version in spans):
                yield index, period

    def begun(self, node: RuleNode, rule: Rule) -> Iterator[tuple[int, Period]]:
        """Those of its periods that have begun on the day judged."""
        return ((index, period) for index, period in self.periods(node, rule) if self.clock.has_begun(period))

    def contexts(self, rule: Rule, schedule: str, index: int, period: Period) -> list[Context]:
        """A context for each subject that this version of the rule judges in the period, in order of id."""
        evaluation, family = self.evaluation, family_of(rule, self.binding.organisation)
        peers = evaluation.cuts.peers(rule, period)
        return [
            Context(evaluation, subject, family, schedule, index, day, rule=rule, peers=peers, cut=cut)
            for subject, (day, cut) in evaluation.cuts.judged(rule, period).items()
        ]

    def is_required(self, cut: Cut) -> bool:
        """Whether enough of the period is the subject's for what the rule asks in it."""
        return self.binding.is_required(cut.days, cut.whole)

    def report(
        self, context: Context, source: Source, code: str, message: str, hint: str = "", about: str = "", **rest: str
    ) -> None:
        """A finding about the context's subject, `WHO` in the message standing for it.

        Those with one cause about one unit, or about persons of one, become one finding: `about` says it without what is a
        person's own; `rest` are further attributes of `SubjectIssue`.
        """
        unit, person = context.subject, ""
        if self.binding.organisation.kind(unit) == "person":
            unit, person = self.binding.organisation.as_of(context.day).home(unit) or "", unit
        self.findings.found.append(
            SubjectIssue(source, code, message, hint, "error", unit, person, about or message, **rest)
        )

    def refuse(self, appeal: Appeal, source: Source, code: str, decides: str, hint: str) -> None:
        """A finding that an appeal decides what its rule has not, so that it has no effect."""
        self.effects.refused.add(appeal.event)
        self.findings.error(source, code, f"the appeal {appeal.event} decides {decides}", hint)

    def report_wrong(self, context: Context, what: str, value: Value, period: str = "") -> None:
        """A finding where the value is wrong; `what` rests on it. A range of the subject's own has one already."""
        if isinstance(value, Wrong) and (value.kind != "range" or value.of):
            fault = self.places.fault(value)
            period, said = period or context.period.name, f"{WHAT} cannot be computed for {WHO}: {fault}"
            cause = value.of or period
            self.report(context, fault.source, fault.code, said, fault.hint, what=what, period=period, cause=cause)
