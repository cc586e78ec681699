"""Decisions over settled facts: facts of each subject in, what follows out, grades vetoed or capped."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction

from attrs import evolve, frozen

from ..decisions.port import Decider
from ..model.award import Grant
from ..model.decision import Decision, DecisionRule, Fact, FactValue, is_late, named_measures
from ..model.scorecard import worst
from ..org.records import EDGE_KINDS
from ..values import Rounding
from .context import JudgingContext
from .evaluation import Context
from .results import AwardResult, DecisionResult, DutyResult, PhaseResult, ScoreResult

__all__ = ["Deciding", "Settled", "lowered"]

SIX = Rounding(6)


@frozen
class Settled:
    """What is settled about one subject: what decisions about it rest on. `awards` only for rules that look at them."""

    duties: Sequence[DutyResult] = ()
    scores: Sequence[ScoreResult] = ()
    phases: Sequence[PhaseResult] = ()
    awards: Sequence[AwardResult] = ()


class Deciding:
    """The ruleset's decision rules, either those that look at awards (`late`) or those that do not."""

    def __init__(self, judging_context: JudgingContext, decider: Decider, late: bool) -> None:
        every = judging_context.binding.ruleset.decisions
        self.judging_context, self.decider = judging_context, decider
        self.rules = [rule for rule in every.values() if late or not is_late(rule, every)]
        self.wanted = {rule.id for rule in self.rules if is_late(rule, every) == late}

    def facts(self, subject: str, settled: Settled) -> list[Fact]:
        """The facts about a subject; [] where nothing of it is judged."""
        found = [
            *_duty_facts(self.judging_context, settled.duties), *_score_facts(settled.scores), *_phase_facts(settled.phases),
            *_award_facts(settled.awards),
        ]  # fmt: skip
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
                results.append(DecisionResult(d.rule, subject, d.do, dict(d.values), d.because, facts, number))
        return tuple(results)


def lowered(judging_context: JudgingContext, score: ScoreResult, decisions: Iterable[DecisionResult]) -> ScoreResult:
    """The score with its grade as vetoes (to the worst grade) and caps of decisions about its subject leave it."""
    card = judging_context.binding.ruleset.scorecards[score.scorecard][score.version]
    grade, by = score.grade, []
    for decision in decisions:
        values = decision.values
        if values.get("scorecard", score.scorecard) != score.scorecard or not card.grades:
            continue
        if values.get("period", score.period) != score.period:
            continue
        limit = list(card.grades)[-1] if decision.do == "veto" else values["grade"]
        capped = worst([grade, limit], card.grades) if limit in card.grades else grade
        if capped != grade:
            grade = capped
            by.append(decision.rule)
    return evolve(score, grade=grade, decided_by=tuple(dict.fromkeys(by))) if by else score


# ---- facts


def _fact(kind: str, **values: FactValue | None) -> Fact:
    return Fact(kind, {name.rstrip("_"): value for name, value in values.items() if value is not None})


def _duty_facts(judging_context: JudgingContext, duties: Iterable[DutyResult]) -> Iterator[Fact]:
    """One fact per duty, subject and period that has begun; `in_a_row` counts periods with this status without a break."""
    last: dict[tuple[str, str], tuple[str, int]] = {}
    for d in sorted(duties, key=lambda d: (d.duty, d.subject, d.start)):
        if d.start > judging_context.at:
            continue
        status, run = last.get((d.duty, d.subject), ("", 0))
        run = run + 1 if status == d.status.value else 1
        last[d.duty, d.subject] = (d.status.value, run)
        yield _fact(
            "duty", subject=d.subject, duty=d.duty, period=d.period, status=d.status.value, in_a_row=run, due=d.due,
            above=d.above,
        )  # fmt: skip


def _score_facts(scores: Iterable[ScoreResult]) -> Iterator[Fact]:
    for s in scores:
        yield _fact(
            "score", subject=s.subject, scorecard=s.scorecard, period=s.period, total=_six(s.total),
            provisional=s.provisional,
        )  # fmt: skip
        if s.grade is not None:
            by_total = s.grade_by_total or s.grade
            yield _fact(
                "grade", subject=s.subject, scorecard=s.scorecard, period=s.period, grade=s.grade, by_total=by_total
            )


def _award_facts(awards: Iterable[AwardResult]) -> Iterator[Fact]:
    for a in awards:
        outcome = a.outcome.value if isinstance(a.outcome, Grant) else a.outcome
        yield _fact("award", subject=a.subject, award=a.award, period=a.period, outcome=outcome, rank=a.rank)


def _phase_facts(phases: Iterable[PhaseResult]) -> Iterator[Fact]:
    for p in phases:
        yield _fact("phase", subject=p.subject, phase=p.plan, step=p.step, state=p.state.value)


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
            if period.start <= judging_context.at:
                context = Context(
                    judging_context.evaluation, subject, family, "year", index, min(period.last, judging_context.at)
                )
                value = judging_context.evaluation.measure(name, context)
                if isinstance(value, int | Fraction) and not isinstance(value, bool):
                    yield _fact("measure", subject=subject, measure=name, period=period.name, value=_six(value))


def _six(value: Fraction | int | None) -> int | None:
    return None if value is None else int(SIX.apply(value) * 10**6)
