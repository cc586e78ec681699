"""Awards: who of the candidates gets it, in every period."""

from fractions import Fraction

from attrs import evolve

from ..dataflow.nodes import RuleNode
from ..expr.nodes import Order
from ..model.award import Candidate, Grant, grant, rank
from ..model.definitions import Award
from ..periods import Period
from .bench import Bench
from .evaluation import Context
from .results import AwardResult

__all__ = ["CODES", "judge_award"]

CODES = {
    "E603": ("no quota", "An award's quota is not a whole number of at least 0 for some period."),
    "E604": (
        "a tie across the quota line",
        "Candidates with equal keys stand on both sides of the quota, and the award says `ties: refuse`.",
    ),
}


def judge_award(bench: Bench, node: RuleNode, award: Award) -> list[AwardResult]:
    """The award's candidates, by period and peer group, from the best."""
    results = []
    for index, period in bench.begun(node, award):
        groups: dict[str, list[Context]] = {}
        for context in bench.contexts(award, node.schedule, index, period):
            groups.setdefault(_peers(bench, award, context), []).append(context)
        for peers, contexts in sorted(groups.items()):
            results += _grant(bench, award, node, peers, contexts, period)
    return results


def _peers(bench: Bench, award: Award, context: Context) -> str:
    """The subject's ancestor of the level that `within` names; "" for all subjects together."""
    if not award.within:
        return ""
    binding = bench.binding
    snapshot = binding.organisation.as_of(context.day)
    is_person = binding.organisation.nodes[context.subject].kind == "person"
    start = snapshot.home(context.subject) if is_person else context.subject
    chain = () if start is None else (start, *snapshot.ancestors(start, binding.ruleset.header.roll_up.along))
    return next((a for a in chain if binding.attribute(a, "level", context.day) == award.within), "")


def _grant(
    bench: Bench, award: Award, node: RuleNode, peers: str, contexts: list[Context], period: Period
) -> list[AwardResult]:
    value = bench.evaluation.value
    orders = [e.tree for e in award.rank_by if isinstance(e.tree, Order)]
    keys = {c.subject: tuple(value(o.key, c) for o in orders) for c in contexts}
    able = [c for c in contexts if award.when is None or value(award.when.tree, c) is True]
    participants = sum(None not in keys[c.subject] for c in contexts)
    candidates = [Candidate(c.subject, keys[c.subject]) for c in able]
    ranked = rank(candidates, [o.descending for o in orders], award.ranking)
    quota: int | None = None
    if award.quota is not None:
        context = evolve(contexts[0], bound={"candidates": len(able), "participants": participants})
        number = value(award.quota.tree, context)
        if not isinstance(number, int | Fraction) or Fraction(number).denominator != 1 or number < 0:
            shown = "missing" if number is None else str(number)
            bench.findings.error(
                award.place("quota"), "E603",
                f"the quota of {award.id} in {period.name} is {shown}, not a whole number of at least 0",
                "round it: ceil(...), floor(...) or round(..., 0)",
            )  # fmt: skip
            return []
        quota = int(number)
    outcomes = grant(ranked, quota, award.ties)
    tied = [r.subject for r, o in zip(ranked, outcomes, strict=True) if o is Grant.TIED]
    if tied and award.ties == "refuse":
        bench.findings.error(
            award.source, "E604",
            f"{award.id} in {period.name}: {', '.join(tied)} are tied across the quota of {quota}",
            "add a key to rank_by (the last may be id), or say ties: admit_all or leave_empty",
        )  # fmt: skip
    return [
        AwardResult(award.id, r.subject, period.name, r.rank, o, quota, len(able), tuple(r.keys), peers, node.version)
        for r, o in zip(ranked, outcomes, strict=True)
    ]
