"""Awards: who of the candidates gets it, in every period."""

from collections.abc import Iterator, Sequence
from fractions import Fraction
from functools import partial

from attrs import evolve

from ..dataflow.nodes import RuleNode
from ..expr.nodes import Order
from ..model.award import Candidate, Grant, grant, rank
from ..model.definitions import Award
from .bench import Bench
from .evaluation import Context
from .results import AwardResult

__all__ = ["CODES", "AwardJudge", "peer_group"]

CODES = {
    "E603": ("no quota", "An award's quota is not a whole number of at least 0 for some period."),
    "E604": (
        "a tie across the quota line",
        "Candidates with equal keys stand on both sides of the quota, and the award says `ties: refuse`.",
    ),
}


class AwardJudge:
    """Judges one version of an award, a whole period at a time."""

    kind = "award"

    def __init__(self, bench: Bench, node: RuleNode, award: Award) -> None:
        self.bench, self.node, self.award = bench, node, award

    def tasks(self) -> Iterator[tuple[int, str, Sequence[Context]]]:
        """Every period that has begun: (index, "", a context for each subject)."""
        for index, period in self.bench.begun(self.node, self.award):
            yield index, "", self.bench.contexts(self.award, self.node.schedule, index, period)

    def judge(self, contexts: Sequence[Context]) -> tuple[AwardResult, ...]:
        """The candidates by peer group, from the best."""
        groups: dict[str, list[Context]] = {}
        for context in contexts:
            groups.setdefault(peer_group(self.bench, self.award, context), []).append(context)
        found = (_grant(self.bench, self.award, self.node, peers, group) for peers, group in sorted(groups.items()))
        return tuple(result for results in found for result in results)


def peer_group(bench: Bench, award: Award, context: Context) -> str:
    """The subject's ancestor of the level that `within` names; "" for all subjects together."""
    if not award.within:
        return ""
    binding = bench.binding
    snapshot = binding.organisation.as_of(context.day)
    is_person = binding.organisation.nodes[context.subject].kind == "person"
    start = snapshot.home(context.subject) if is_person else context.subject
    chain = () if start is None else (start, *snapshot.ancestors(start, binding.ruleset.header.roll_up.along))
    return next((a for a in chain if binding.attribute(a, "level", context.day) == award.within), "")


def _grant(bench: Bench, award: Award, node: RuleNode, peers: str, contexts: list[Context]) -> list[AwardResult]:
    value, period = bench.evaluation.value, contexts[0].period
    orders = [e.tree for e in award.rank_by if isinstance(e.tree, Order)]

    def entry(context: Context) -> tuple[Candidate, bool]:
        """Whoever is judged, with the keys, and whether it is a candidate."""
        keys = tuple(value(o.key, context) for o in orders)
        return Candidate(context.subject, keys), award.when is None or value(award.when.tree, context) is True

    get, where = bench.evaluation.memo.get, (award.id, node.version, contexts[0].index)
    entries = [get(("candidate", *where, c.subject), partial(entry, c)) for c in contexts]
    participants = sum(None not in candidate.keys for candidate, _ in entries)
    candidates = [candidate for candidate, is_able in entries if is_able]
    ranked = rank(candidates, [o.descending for o in orders], award.ranking)
    quota: int | None = None
    if award.quota is not None:
        context = evolve(contexts[0], bound={"candidates": len(candidates), "participants": participants})
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
        AwardResult(award.id, r.subject, period.name, r.rank, o, quota, len(candidates), tuple(r.keys), peers, node.version)
        for r, o in zip(ranked, outcomes, strict=True)
    ]
