"""Decisions over settled facts: facts of each subject in, what follows out, grades vetoed or capped."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction

from attrs import evolve

from ..decisions.port import Decider
from ..model.decision import Decision, DecisionRule, Fact, FactValue, is_late, named_measures
from ..model.definitions import Scorecard
from ..model.kinds import KINDS
from ..model.results import DecisionResult, Record, ScorecardResult
from ..model.scorecard import worst
from ..org.records import EDGE_KINDS
from .context import JudgingContext
from .evaluation import Context

__all__ = ["Deciding", "Settled", "limit_of", "lowered", "withdrawals"]


Settled = Mapping[str, Sequence[Record]]
"""What is settled about one subject, by the name of the kind: what decisions about it rest on."""


class Deciding:
    """The ruleset's decision rules, either those that look at awards (`late`) or those that do not."""

    def __init__(self, judging_context: JudgingContext, decider: Decider, late: bool) -> None:
        every = judging_context.binding.ruleset.decisions
        self.judging_context, self.decider = judging_context, decider
        self.rules = [rule for rule in every.values() if late or not is_late(rule, every)]
        self.wanted = {rule.id for rule in self.rules if is_late(rule, every) == late}

    def facts(self, subject: str, settled: Settled) -> list[Fact]:
        """The facts about a subject; [] where nothing of it is judged."""
        found = [f for kind in KINDS for f in kind.facts(settled.get(kind.name, ()), self.judging_context.clock)]
        if found:
            found.extend(_edges(self.judging_context, subject))
            found.extend(_waivers(self.judging_context, subject))
            found.extend(_measures(self.judging_context, self.rules, subject))
        return found

    def decide(self, facts: Mapping[str, list[Fact]]) -> dict[str, tuple[DecisionResult, ...]]:
        """What follows for every subject with facts, by subject."""
        subjects = sorted(subject for subject, found in facts.items() if found)
        if not self.wanted or not subjects:
            return {}
        decided = self.decider.decide(self.rules, (facts[s] for s in subjects))
        return {subject: self._results(subject, found) for subject, found in zip(subjects, decided, strict=True)}

    def _results(self, subject: str, decisions: Iterable[Decision]) -> tuple[DecisionResult, ...]:
        alike: dict[tuple[object, ...], int] = {}
        results = []
        for d in decisions:
            if d.rule in self.wanted:
                said = (d.rule, d.do, *sorted(d.values.items()))
                number = alike[said] = alike.get(said, -1) + 1
                facts = tuple(f.id for f in d.facts)
                period = d.values.get("period", "")
                results.append(
                    DecisionResult(d.rule, subject, period, 0, d.do, dict(d.values), d.because, facts, number)
                )
        return tuple(results)


def lowered(
    judging_context: JudgingContext, score: ScorecardResult, decisions: Iterable[DecisionResult]
) -> ScorecardResult:
    """The score with its grade as vetoes (to the worst grade) and caps of decisions about its subject leave it."""
    card = judging_context.binding.ruleset.scorecards[score.rule][score.version]
    grade, by = score.grade, []
    for decision in decisions:
        limit = limit_of(decision, score, card)
        capped = grade if limit is None else worst([grade, limit], card.grades)
        if capped != grade:
            grade = capped
            by.append(decision.rule)
    return evolve(score, grade=grade, decided_by=tuple(dict.fromkeys(by))) if by else score


def limit_of(decision: DecisionResult, score: ScorecardResult, card: Scorecard) -> str | None:
    """The best grade that a decision about the score's subject leaves it; None where it does nothing to the score."""
    values = decision.values
    if values.get("period", score.period) != score.period or not card.grades:
        return None
    if decision.do == "veto":
        return list(card.grades)[-1] if values.get("scorecard") == score.rule else None
    named = values["grade"] if decision.do == "cap" and values.get("scorecard", score.rule) == score.rule else None
    return named if named in card.grades else None


def withdrawals(lowering: Mapping[str, Iterable[DecisionResult]]) -> dict[tuple[str, str], tuple[tuple[str, str], ...]]:
    """What vetoes of awards say: (award, subject) -> (rule, period; "" for every one), of vetoes and caps by subject."""
    found: dict[tuple[str, str], tuple[tuple[str, str], ...]] = {}
    for subject, decisions in lowering.items():
        for decision in decisions:
            award = decision.values.get("award")
            if award is not None and decision.do == "veto":
                found[award, subject] = (*found.get((award, subject), ()), (decision.rule, decision.period))
    return found


# ---- facts


def _fact(kind: str, **values: FactValue | None) -> Fact:
    return Fact(kind, {name.rstrip("_"): value for name, value in values.items() if value is not None})


def _edges(judging_context: JudgingContext, subject: str) -> Iterator[Fact]:
    """The subject's edges on the day judged, either way."""
    snapshot = judging_context.binding.organisation.as_of(judging_context.at)
    for kind in EDGE_KINDS:
        for target in snapshot.targets(subject, kind.name):
            yield Fact("edge", {"kind": kind.name, "from": subject, "to": target})
        for source in snapshot.sources(subject, kind.name):
            if kind.name != "member_of":  # a unit's persons are no part of a decision about it
                yield Fact("edge", {"kind": kind.name, "from": source, "to": subject})


def _waivers(judging_context: JudgingContext, subject: str) -> Iterator[Fact]:
    for (of, rule), waivers in judging_context.effects.waivers.items():
        if of == subject:
            for waiver in waivers:
                yield _fact("waiver", subject=subject, rule=rule, until=waiver.until)


def _measures(judging_context: JudgingContext, rules: Iterable[DecisionRule], subject: str) -> Iterator[Fact]:
    """Yearly values of the measures that rules name, for every year that has begun."""
    family = "persons" if judging_context.binding.organisation.kind(subject) == "person" else "units"
    years = judging_context.dataflow.schedules.get("year")
    for name in named_measures(rules):
        for index, period in enumerate(() if years is None else years.periods):
            if judging_context.clock.has_begun(period):
                day = judging_context.binding.day_in(subject, period)
                context = Context(judging_context.evaluation, subject, family, "year", index, day)
                value = judging_context.evaluation.measure(name, context)
                if context.is_over:
                    judging_context.report_wrong(context, name, value)
                if isinstance(value, int | Fraction) and not isinstance(value, bool):
                    yield _fact(
                        "measure", subject=subject, measure=name, period=period.name, value=Fraction(value),
                        provisional=not context.is_over,
                    )  # fmt: skip
