"""The way back from a decision: the facts that matched, pattern by pattern, and the grades that it lowered."""

from attrs import evolve

from ..authoring.decision_text import pattern_text
from ..judging.batch import Outcome
from ..model.decision import DecisionRule, Fact, Pattern, is_late
from ..model.results import DecisionResult, ScorecardResult
from .traces import DecisionTrace, FactSeen, Followed, Matched, listed

__all__ = ["decision_trace"]


def decision_trace(outcome: Outcome, rule: DecisionRule, subject: str, period: str | None, limit: int) -> DecisionTrace:
    """What follows for the subject by the rule, or what is there for each of its patterns where nothing does.

    Args:
        outcome: a run.
        rule: of its ruleset.
        subject: id of a unit, body or person.
        period: only decisions that name this period; default: all.
        limit: facts per pattern.

    Raises:
        LookupError: nothing is settled about the subject that a decision could rest on.
    """
    late = is_late(rule, outcome.ruleset.decisions)
    facts = outcome.run.judging.facts(subject, late)
    found = [
        d for d in outcome.decisions if (d.rule, d.subject) == (rule.id, subject) and period in (None, "", d.period)
    ]
    if not facts and not found:
        raise LookupError(f"nothing is settled about {subject} that {rule.id} could rest on")
    by_id = {fact.id: fact for fact in facts}
    followed = [Followed(d, _seen(rule, d, by_id), _lowered(outcome, d)) for d in found]
    patterns = () if followed else tuple(
        Matched(p.alias, pattern_text(p), p in rule.unless, listed(_fitting(p, facts), limit))
        for p in rule.all_patterns
    )  # fmt: skip
    return DecisionTrace(rule, listed(followed, limit), patterns, outcome.decider)


def _seen(rule: DecisionRule, decision: DecisionResult, by_id: dict[str, Fact]) -> tuple[FactSeen, ...]:
    """What matched each pattern; a decision of an earlier rule is no fact of the subject, and has its id alone."""
    pairs = zip(rule.patterns, decision.facts, strict=True)
    return tuple(FactSeen(p.alias, pattern_text(p), id_, by_id.get(id_)) for p, id_ in pairs)


def _fitting(pattern: Pattern, facts: list[Fact]) -> list[FactSeen]:
    """The facts that fit the pattern alone, whatever the others are."""
    alone = evolve(pattern, joins=())
    return [FactSeen(pattern.alias, pattern_text(pattern), fact.id, fact) for fact in facts if alone.admits(fact)]


def _lowered(outcome: Outcome, decision: DecisionResult) -> tuple[ScorecardResult, ...]:
    """The scorecards whose grade the decision's rule lowered: of the subject it is about, in the period it names."""
    about = decision.values.get("subject", decision.subject)
    return tuple(
        r
        for r in outcome.scorecards
        if r.subject == about and decision.rule in r.decided_by and decision.period in ("", r.period)
    )
