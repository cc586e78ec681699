"""Awards: who of the candidates gets it, in every period."""

from collections.abc import Iterator, Sequence
from datetime import date
from fractions import Fraction

from attrs import evolve, frozen

from ..dataflow.nodes import RuleNode
from ..expr.nodes import Order
from ..model.award import Candidate, Grant, grant, rank
from ..model.definitions import Award
from ..model.kinds import measure_expressions
from ..model.references import scorecards_read
from ..model.results import AwardResult
from ..values import Value, Wrong, known
from .context import JudgingContext
from .evaluation import Context

__all__ = ["CODES", "AwardJudge", "peer_group"]

CODES = {
    "E603": ("no quota", "An award's quota is not a whole number of at least 0 for some period."),
    "E604": (
        "a tie across the quota line",
        "Candidates with equal keys stand on both sides of the quota, and the award says `ties: refuse`.",
    ),
}


_Group = tuple[str, Sequence[Context]]
"""The unit that its members have in common, and a context for each member."""


@frozen
class _Field:
    """Who stands for an award in one peer group, and how many may have it: all that decides who gets it.

    `is_settled`: whether the quota is a number that can be one.
    """

    peers: str
    candidates: Sequence[Candidate]
    quota: int | None
    is_settled: bool = True


class AwardJudge:
    """Judges one version of an award, a whole period at a time."""

    kind = "award"

    def __init__(self, judging_context: JudgingContext, node: RuleNode, award: Award) -> None:
        self.judging_context, self.node, self.award = judging_context, node, award
        self._groups: dict[int, tuple[Sequence[Context], Sequence[_Group]]] = {}
        self._last: dict[int, tuple[list[_Field], list[AwardResult], tuple[AwardResult, ...]]] = {}

    def tasks(self) -> Iterator[tuple[int, str, Sequence[Context]]]:
        """Every period that has begun: (index, "", a context for each subject)."""
        for index, period in self.judging_context.begun(self.node, self.award):
            contexts = self.judging_context.contexts(self.award, self.node.schedule, index, period)
            yield index, "", [context for context in contexts if context.cut is not None and context.cut.days]

    def judge(self, contexts: Sequence[Context]) -> tuple[AwardResult, ...]:
        """The candidates by peer group, from the best."""
        if not contexts:
            return ()
        index = contexts[0].index
        of, groups = self._groups.get(index, ((), ()))
        if of is not contexts:
            groups = self._grouped(contexts)
            self._groups[index] = contexts, groups
        told = len(self.judging_context.findings.found)
        fields = [_field(self.judging_context, self.award, self.node.version, *group) for group in groups]
        of_peers = {field.peers: field for field in fields}
        period = contexts[0].period.name
        is_open = not (self.award.provisional or self.judging_context.clock.has_come(self._over(contexts)))
        withdrawn = [
            evolve(r, quota=of_peers[peers].quota, candidates=len(of_peers[peers].candidates), is_open=is_open)
            for peers, group in groups
            for r in _withdrawn(self.award, self.node.version, peers, group)
        ]
        last = self._last.get(index)
        if last is not None and last[:2] == (fields, withdrawn):
            return last[2]
        results = tuple(
            r for f in fields for r in _grant(self.judging_context, self.award, self.node.version, period, is_open, f)
        )
        if len(self.judging_context.findings.found) == told:  # a finding is told whenever it is judged
            self._last[index] = fields, withdrawn, (*results, *withdrawn)
        return (*results, *withdrawn)

    def _over(self, contexts: Sequence[Context]) -> date:
        """The last day of what the candidates are judged by: of the award's period, and of the scorecards that it reads in it."""
        ruleset, cuts = self.judging_context.binding.ruleset, self.judging_context.evaluation.cuts
        ends = [c.cut.period.last for c in contexts if c.cut is not None]
        for card in scorecards_read([e.tree for e in measure_expressions(self.award)], ruleset.measures):
            for version in (v for v in ruleset.scorecards[card] if v.every == self.award.every):
                judged = cuts.judged(version, contexts[0].period)
                ends += [judged[c.subject][1].period.last for c in contexts if c.subject in judged]
        return max(ends)

    def _grouped(self, contexts: Sequence[Context]) -> Sequence[_Group]:
        """Every peer group, in order."""
        groups: dict[str, list[Context]] = {}
        for context in contexts:
            groups.setdefault(peer_group(self.judging_context, self.award, context), []).append(context)
        return sorted(groups.items())


def peer_group(judging_context: JudgingContext, award: Award, context: Context) -> str:
    """The subject's ancestor of the level that `within` names; "" for all subjects together."""
    if not award.within:
        return ""
    binding = judging_context.binding
    snapshot = binding.organisation.as_of(context.day)
    is_person = binding.organisation.kind(context.subject) == "person"
    start = snapshot.home(context.subject) if is_person else context.subject
    chain = () if start is None else (start, *snapshot.ancestors(start, binding.ruleset.header.roll_up.along))
    return next((a for a in chain if binding.attribute(a, "level", context.day) == award.within), "")


def _field(
    judging_context: JudgingContext, award: Award, version: int, peers: str, contexts: Sequence[Context]
) -> _Field:
    """The candidates of a peer group and their quota; one that cannot be a quota is a finding."""
    value = judging_context.evaluation.value
    orders = [e.tree for e in award.rank_by if isinstance(e.tree, Order)]

    def entry(place: int) -> tuple[Candidate, bool, bool, Sequence[Value]]:
        """Whoever is judged, with the keys; whether none is missing, whether it is a candidate, and what may be wrong."""
        context = contexts[place]
        read = [value(o.key, context) for o in orders]
        ranked_by, held = tuple(map(known, read)), True if award.when is None else value(award.when.tree, context)
        is_able = held is True and not _kept_from(award, context)
        wrong = [v for v in (held, *(read if is_able else ())) if isinstance(v, Wrong)]
        return Candidate(context.subject, ranked_by), None not in ranked_by, is_able, wrong

    key = ("candidates", award.id, version, contexts[0].index, peers)
    entries = judging_context.evaluation.memo.parts(key, len(contexts), entry)
    candidates = [candidate for candidate, _, is_able, _ in entries if is_able]
    for context, (*_, wrong) in zip(contexts, entries, strict=True):
        for one in wrong:
            judging_context.report_wrong(context, award.id, one)
    if award.quota is None:
        return _Field(peers, candidates, None)
    tree, counts = award.quota.tree, {"candidates": len(candidates), "participants": sum([p for _, p, *_ in entries])}
    where = ("quota", award.id, version, contexts[0].index, peers, *counts.values())
    bound = evolve(contexts[0], bound=counts)
    number = judging_context.evaluation.memo.get(where, lambda: value(tree, bound))
    if isinstance(number, int | Fraction) and number.denominator == 1 and number >= 0:
        return _Field(peers, candidates, int(number))
    _, fault = judging_context.places.told(number)
    shown = f"invalid ({fault})" if fault is not None else "missing" if number is None else str(number)
    judging_context.findings.error(
        award.place("quota"), "E603",
        f"the quota of {award.id} in {contexts[0].period.name}{f' for {peers}' if peers else ''} is {shown}, "
        "not a whole number of at least 0",
        "round it: ceil(...), floor(...) or round(..., 0)",
    )  # fmt: skip
    return _Field(peers, candidates, None, is_settled=False)


def _is_eligible(award: Award, context: Context) -> bool:
    return award.when is None or context.evaluation.value(award.when.tree, context) is True


def _kept_from(award: Award, context: Context) -> list[str]:
    """The decision rules that keep the subject from the award in the period."""
    context.evaluation.memo.read(("withdrawn", award.id, context.subject))
    said = context.evaluation.withdrawn.get((award.id, context.subject), ())
    return [rule for rule, period in said if period in ("", context.period.name)] if said else []


def _withdrawn(award: Award, version: int, peers: str, contexts: Sequence[Context]) -> Iterator[AwardResult]:
    """Those who would be candidates of a peer group, but for a decision; they have no rank and take no place."""
    of_rules = contexts[0].evaluation.withdrawn
    for context in (c for c in contexts if (award.id, c.subject) in of_rules):
        by = tuple(dict.fromkeys(_kept_from(award, context)))
        if by and _is_eligible(award, context):
            keys = tuple(
                known(context.evaluation.value(e.tree.key, context)) for e in award.rank_by if isinstance(e.tree, Order)
            )
            period, outcome = context.period.name, Grant.NOT_GRANTED
            yield AwardResult(award.id, context.subject, period, version, None, outcome, None, 0, keys, peers, by)


def _grant(
    judging_context: JudgingContext, award: Award, version: int, period: str, is_open: bool, field: _Field
) -> Iterator[AwardResult]:
    """The candidates of a group. While the period is open, they have their ranks, and nobody has the award."""
    descending = [e.tree.descending for e in award.rank_by if isinstance(e.tree, Order)]
    ranked = rank(field.candidates, descending, award.ranking)
    outcomes = grant(ranked, field.quota, award.ties)
    if not field.is_settled:
        outcomes = [Grant.UNRANKED if r.rank is None else Grant.UNDECIDED for r in ranked]
    tied = [r.subject for r, o in zip(ranked, outcomes, strict=True) if o is Grant.TIED]
    if is_open and field.is_settled:
        outcomes = [Grant.PROVISIONAL if r.rank is not None else o for r, o in zip(ranked, outcomes, strict=True)]
    elif tied and award.ties == "refuse":
        judging_context.findings.error(
            award.source, "E604",
            f"{award.id} in {period}: {', '.join(tied)} are tied across the quota of {field.quota}{f' of {field.peers}' if field.peers else ''}",
            "add a key to rank_by (the last may be id), or say ties: admit_all or leave_empty",
        )  # fmt: skip
    number = len(field.candidates)
    for r, o in zip(ranked, outcomes, strict=True):
        yield AwardResult(
            award.id,
            r.subject,
            period,
            version,
            r.rank,
            o,
            field.quota,
            number,
            tuple(r.keys),
            field.peers,
            is_open=is_open,
        )
