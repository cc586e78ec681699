"""Decisions over settled facts: facts of each subject in, what follows out, grades vetoed or capped."""

from collections.abc import Iterable, Iterator
from fractions import Fraction

from attrs import evolve

from ..decisions.port import Decider
from ..model.award import Grant
from ..model.decision import DecisionRule, Fact, FactValue, is_late, named_measures
from ..model.scorecard import worst
from ..org.records import EDGE_KINDS
from ..values import Rounding
from .bench import Bench
from .evaluation import Context
from .results import AwardResult, DecisionResult, DutyResult, PhaseResult, ScoreResult

__all__ = ["decide", "with_decisions"]

SIX = Rounding(6)


def decide(
    bench: Bench,
    decider: Decider,
    late: bool,
    duties: Iterable[DutyResult],
    scores: Iterable[ScoreResult],
    phases: Iterable[PhaseResult],
    awards: Iterable[AwardResult] = (),
) -> list[DecisionResult]:
    """What follows for every subject, by subject.

    Args:
        bench: the run.
        decider: who matches the rules.
        late: the rules that look at awards, or those that do not.
        duties: all results of duties; those that are not settled are facts too, with their status.
        scores: results of scorecards, with grades.
        phases: steps of plans.
        awards: outcomes for candidates; only for late rules.
    """
    every = bench.binding.ruleset.decisions
    rules = [rule for rule in every.values() if late or not is_late(rule, every)]
    wanted = {rule.id for rule in rules if is_late(rule, every) == late}
    if not wanted:
        return []
    facts: dict[str, list[Fact]] = {}
    for subject, fact in (
        *_duty_facts(bench, duties), *_score_facts(scores), *_phase_facts(phases), *_award_facts(awards),
    ):  # fmt: skip
        facts.setdefault(subject, []).append(fact)
    for subject, found in facts.items():
        found.extend(_edges(bench, subject))
        found.extend(_waivers(bench, subject))
        found.extend(_measures(bench, rules, subject))
    subjects = sorted(facts)
    decided = decider.decide(rules, (facts[s] for s in subjects))
    return [
        DecisionResult(d.rule, subject, d.do, dict(d.values), d.because, tuple(f.id for f in d.facts))
        for subject, found in zip(subjects, decided, strict=True)
        for d in found
        if d.rule in wanted
    ]


def with_decisions(bench: Bench, scores: list[ScoreResult], decisions: Iterable[DecisionResult]) -> list[ScoreResult]:
    """The scores with grades that decisions vetoed (to the worst grade) or capped; the evaluation learns them."""
    grades: dict[str, list[DecisionResult]] = {}
    for decision in decisions:
        if decision.do in ("veto", "cap"):
            grades.setdefault(decision.values["subject"], []).append(decision)
    if not grades:
        return scores
    return [_decided(bench, score, grades.get(score.subject, ())) for score in scores]


def _decided(bench: Bench, score: ScoreResult, decisions: Iterable[DecisionResult]) -> ScoreResult:
    card = bench.binding.ruleset.scorecards[score.scorecard][score.version]
    grade, by = score.grade, []
    for decision in decisions:
        values = decision.values
        if values.get("scorecard", score.scorecard) != score.scorecard or not card.grades:
            continue
        if values.get("period", score.period) != score.period:
            continue
        limit = list(card.grades)[-1] if decision.do == "veto" else values["grade"]
        lowered = worst([grade, limit], card.grades) if limit in card.grades else grade
        if lowered != grade:
            grade = lowered
            by.append(decision.rule)
    if not by:
        return score
    for period in (p for s in bench.dataflow.schedules.values() for p in s.periods if p.name == score.period):
        known = bench.evaluation.scores.get((score.scorecard, score.subject, period.start, period.end))
        if known is not None:
            bench.evaluation.scores[score.scorecard, score.subject, period.start, period.end] = {
                **known,
                "grade": grade,
            }
    return evolve(score, grade=grade, decided_by=tuple(dict.fromkeys(by)))


# ---- facts


def _fact(kind: str, **values: FactValue | None) -> Fact:
    return Fact(kind, {name.rstrip("_"): value for name, value in values.items() if value is not None})


def _duty_facts(bench: Bench, duties: Iterable[DutyResult]) -> Iterator[tuple[str, Fact]]:
    """One fact per duty, subject and period that has begun; `in_a_row` counts periods with this status without a break."""
    last: dict[tuple[str, str], tuple[str, int]] = {}
    for d in sorted(duties, key=lambda d: (d.duty, d.subject, d.start)):
        if d.start > bench.at:
            continue
        status, run = last.get((d.duty, d.subject), ("", 0))
        run = run + 1 if status == d.status.value else 1
        last[d.duty, d.subject] = (d.status.value, run)
        yield (
            d.subject,
            _fact(
                "duty",
                subject=d.subject,
                duty=d.duty,
                period=d.period,
                status=d.status.value,
                in_a_row=run,
                due=d.due,
                above=d.above,
            ),
        )


def _score_facts(scores: Iterable[ScoreResult]) -> Iterator[tuple[str, Fact]]:
    for s in scores:
        yield (
            s.subject,
            _fact(
                "score",
                subject=s.subject,
                scorecard=s.scorecard,
                period=s.period,
                total=_six(s.total),
                provisional=s.provisional,
            ),
        )
        if s.grade is not None:
            by_total = s.grade_by_total or s.grade
            yield (
                s.subject,
                _fact(
                    "grade", subject=s.subject, scorecard=s.scorecard, period=s.period, grade=s.grade, by_total=by_total
                ),
            )


def _award_facts(awards: Iterable[AwardResult]) -> Iterator[tuple[str, Fact]]:
    for a in awards:
        outcome = a.outcome.value if isinstance(a.outcome, Grant) else a.outcome
        yield a.subject, _fact("award", subject=a.subject, award=a.award, period=a.period, outcome=outcome, rank=a.rank)


def _phase_facts(phases: Iterable[PhaseResult]) -> Iterator[tuple[str, Fact]]:
    for p in phases:
        yield p.subject, _fact("phase", subject=p.subject, phase=p.plan, step=p.step, state=p.state.value)


def _edges(bench: Bench, subject: str) -> Iterator[Fact]:
    """The subject's edges on the day judged, either way."""
    snapshot = bench.binding.organisation.as_of(bench.at)
    for kind in EDGE_KINDS:
        for target in snapshot.targets(subject, kind.name):
            yield Fact("edge", {"kind": kind.name, "from": subject, "to": target})
        for source in snapshot.sources(subject, kind.name):
            if kind.name != "member_of":  # a unit's persons are no part of a decision about it
                yield Fact("edge", {"kind": kind.name, "from": source, "to": subject})


def _waivers(bench: Bench, subject: str) -> Iterator[Fact]:
    for (of, rule), waivers in bench.effects.waivers.items():
        if of == subject:
            for waiver in waivers:
                yield _fact("waiver", subject=subject, rule=rule, until=waiver.until)


def _measures(bench: Bench, rules: Iterable[DecisionRule], subject: str) -> Iterator[Fact]:
    """Yearly values of the measures that rules name, for every year that has begun."""
    family = "persons" if bench.binding.organisation.nodes[subject].kind == "person" else "units"
    years = bench.dataflow.schedules.get("year")
    for name in named_measures(rules):
        for index, period in enumerate(() if years is None else years.periods):
            if period.start <= bench.at:
                context = Context(bench.evaluation, subject, family, "year", index, min(period.last, bench.at))
                value = bench.evaluation.measure(name, context)
                if isinstance(value, int | Fraction) and not isinstance(value, bool):
                    yield _fact("measure", subject=subject, measure=name, period=period.name, value=_six(value))


def _six(value: Fraction | int | None) -> int | None:
    return None if value is None else int(SIX.apply(value) * 10**6)
