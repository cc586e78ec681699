"""Why a result moved: what of it differs, and which changes of the rules are behind that."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from fractions import Fraction
from functools import cached_property
from typing import Any

from attrs import define, evolve

from ..api import Result
from ..counting.cells import rule_of
from ..expr.nodes import Node, Order, Ref
from ..expr.render import render, render_values
from ..judging.evaluation import Context
from ..model.kinds import KINDS
from ..model.results import AwardResult, DutyResult, IndicatorResult, ScorecardResult, StepResult
from .changes import FieldChange, RuleChange
from .moves import Move
from .phrases import Phrase, signed
from .rests import Rests

__all__ = ["Reasons"]

PARTS = 4  # indicators a reason names; the rest are summed
CHANGES = 2  # changes a reason names
FIELDS = 2  # fields of a change a reason names
LONGEST = 120  # characters of a changed field; the rules' own list has it whole
NAMES = 3  # others in an award that a reason names


def _phrase(key: str, **values: object) -> Phrase:
    return Phrase(key, values)


@define(slots=False)
class Reasons:
    """Finds the reasons of moves between two results."""

    old: Result
    new: Result
    rests: Rests

    def explained(self, move: Move) -> Move:
        """The move with its reason and the names of the changes behind it."""
        section = next(kind.section for kind in KINDS if move.kind in (kind.name, kind.part and kind.part.name))
        changes = self.rests.of(section, move.rule)
        found = [*self._of_result(move)]
        if changes:
            named = [self._change(change) for change in changes[:CHANGES]]
            more = [_phrase("more_places", n=len(changes) - CHANGES)] if len(changes) > CHANGES else []
            found.append(_phrase("because_changes", changes=(*named, *more)))
        elif self._accepted(self.old) != self._accepted(self.new):
            found.append(_phrase("events_differ", old=self._accepted(self.old), new=self._accepted(self.new)))
        because = tuple(found) or (_phrase("through"),)
        return evolve(move, because=because, changes=tuple(change.name for change in changes))

    @staticmethod
    def _accepted(result: Result) -> int:
        return result.counts["accepted"]

    def _of_result(self, move: Move) -> Iterator[Phrase]:
        old, new = move.old, move.new
        if move.kind == "award":
            yield from self._award(move)
        elif move.kind == "decision":
            yield _phrase("no_longer" if new is None else "follows")
        elif old is None or new is None:
            yield _phrase("now_judged_period" if old is None else "not_judged_period")
        elif isinstance(old, ScorecardResult) and isinstance(new, ScorecardResult):
            yield from self._score(old, new)
        elif isinstance(old, IndicatorResult) and isinstance(new, IndicatorResult):
            if old.out_of != new.out_of:
                yield _phrase("weight_alone", old=old.out_of, new=new.out_of)
            if old.value != new.value:
                yield _phrase("value_alone", old=old.value, new=new.value)
        elif isinstance(old, DutyResult) and isinstance(new, DutyResult):
            yield from self._duty(old, new)
        elif isinstance(old, StepResult) and isinstance(new, StepResult):
            if (old.from_, old.to) != (new.from_, new.to):
                yield _phrase("planned_differs", old=f"{old.from_}..{old.to}", new=f"{new.from_}..{new.to}")
            if tuple(old.missing) != tuple(new.missing):
                yield _phrase("conditions_differ", old=tuple(old.missing), new=tuple(new.missing))

    # ---- scores

    def _score(self, old: ScorecardResult, new: ScorecardResult) -> Iterator[Phrase]:
        parts = list(_parts(old, new))
        for _, phrase in parts[:PARTS]:
            yield phrase
        if len(parts) > PARTS:
            by = sum((points for points, _ in parts[PARTS:]), Fraction())
            yield _phrase("more_parts", n=len(parts) - PARTS, by=signed(by))
        if tuple(old.vetoes) != tuple(new.vetoes):
            yield _phrase("vetoes_differ", old=tuple(old.vetoes), new=tuple(new.vetoes))
        if set(old.decided_by) != set(new.decided_by):
            yield _phrase("lowered_differs", old=tuple(old.decided_by), new=tuple(new.decided_by))
        if old.total == new.total and old.grade_by_total != new.grade_by_total:
            yield _phrase("thresholds_differ")

    # ---- duties

    def _duty(self, old: DutyResult, new: DutyResult) -> Iterator[Phrase]:
        formulas = [self._formula(result, record) for result, record in ((self.old, old), (self.new, new))]
        if old.due != new.due:
            yield _phrase("due_differs", old=old.due, new=new.due)
        if None in (old.value, new.value) and old.value is new.value:
            yield _phrase("let_off", old=old.status, new=new.status)
        elif None not in formulas and formulas[0] != formulas[1]:
            yield _phrase("needs_differ", old=formulas[0], new=formulas[1])
        if old.above != new.above:
            yield _phrase("above_differs", old=old.above, new=new.above)

    def _formula(self, result: Result, record: DutyResult) -> str | None:
        """The requirement with its values; None where nobody looked at it."""
        duty = result.ruleset.duties[record.rule][record.version]
        context = self._contexts(result, "duty", record.rule, record.version, record.period).get(record.subject)
        return None if context is None else _with_values(duty.require.tree, context)

    def _contexts(self, result: Result, kind: str, rule: str, version: int, period: str) -> Mapping[str, Context]:
        """Where the rule was evaluated in a period, by subject."""
        key = (id(result), kind, rule, version, period)
        if key not in self._found:
            self._found[key] = {}
            judging_context = result.run.judging.judging_context
            for node in result.run.dataflow.rules:
                if (node.kind, node.id, node.version) != (kind, rule, version):
                    continue
                judged = rule_of(result.ruleset, node)
                for index, one in judging_context.begun(node, judged):
                    if one.name == period:
                        contexts = judging_context.contexts(judged, node.schedule, index, one)
                        self._found[key] = {context.subject: context for context in contexts}
        return self._found[key]

    @cached_property
    def _found(self) -> dict[tuple[object, ...], Mapping[str, Context]]:
        return {}

    # ---- awards

    def _award(self, move: Move) -> Iterator[Phrase]:
        old, new = move.old, move.new
        if not isinstance(old, AwardResult) or not isinstance(new, AwardResult):
            gone = "no_longer_eligible" if (move.rule, move.period) in self._listed else "no_list"
            yield _phrase("now_eligible" if old is None else gone)
            yield from self._candidacy(move)
            return
        yield from self._keys(old, new)
        if old.quota != new.quota and old.outcome is not new.outcome:
            yield _phrase("quota_differs", old=old.quota, new=new.quota)
        before, after = self._candidates(self.old, old), self._candidates(self.new, new)
        ahead_before, ahead_now = _ahead(old, before), _ahead(new, after)
        telling: Sequence[tuple[str, Callable[[str], bool], Sequence[str], Sequence[str]]] = (
            ("overtaken", before.__contains__, ahead_now, ahead_before),
            ("behind_new", lambda s: s not in before, ahead_now, ahead_before),
            ("overtakes", after.__contains__, ahead_before, ahead_now),
            ("out_of_way", lambda s: s not in after, ahead_before, ahead_now),
        )
        for key, fits, there, not_there in telling:
            who = [s for s in there if s not in not_there and fits(s)]
            if who:
                more = [_phrase("more_places", n=len(who) - NAMES)] if len(who) > NAMES else []
                yield _phrase(key, who=(*who[:NAMES], *more))

    def _keys(self, old: AwardResult, new: AwardResult) -> Iterator[Phrase]:
        """The values it is ranked by that are others now."""
        names, now = (
            [render(key.tree.key if isinstance(key.tree, Order) else key.tree) for key in versions[one.version].rank_by]
            for versions, one in (
                (self.old.ruleset.awards[old.rule], old),
                (self.new.ruleset.awards[new.rule], new),
            )
        )
        if names != now:
            yield _phrase("ranking_differs", old=tuple(names), new=tuple(now))
            return
        for name, a, b in zip(names, old.keys, new.keys, strict=True):
            if a != b:
                yield _phrase("key_differs", name=name, old=a, new=b)

    def _candidacy(self, move: Move) -> Iterator[Phrase]:
        """The condition of candidates with its values, where both sides looked at it."""
        said = []
        for result in (self.old, self.new):
            for version, award in enumerate(result.ruleset.awards[move.rule]):
                context = self._contexts(result, "award", move.rule, version, move.period).get(move.subject)
                if context is not None and award.when is not None:
                    said.append(_with_values(award.when.tree, context))
        if len(said) == 2 and said[0] != said[1]:
            yield _phrase("needs_differ", old=said[0], new=said[1])

    def _candidates(self, result: Result, one: AwardResult) -> Mapping[str, AwardResult]:
        """The candidates of the same award, period and group, from the best."""
        key = (id(result), one.rule, one.period, one.peers)
        if key not in self._peers:
            for other in result.awards:
                group = self._peers.setdefault((id(result), other.rule, other.period, other.peers), {})
                group[other.subject] = other
        return self._peers[key]

    @cached_property
    def _listed(self) -> set[tuple[str, str]]:
        """Award and period of every list that the new rules give; there is none where its quota is no number."""
        return {(award.rule, award.period) for award in self.new.awards}

    @cached_property
    def _peers(self) -> dict[tuple[int, str, str, str], dict[str, AwardResult]]:
        return {}

    # ---- changes

    @staticmethod
    def _change(change: RuleChange) -> Phrase:
        name = change.id if change.section == "parameters" else change.name
        if change.what != "changed":
            return _phrase(f"rule_{change.what}", name=name)
        telling = change.telling
        fields: list[Any] = [_field(f) for f in telling[:FIELDS]]
        if len(telling) > FIELDS:
            fields.append(_phrase("more_places", n=len(telling) - FIELDS))
        return _phrase("rule_change", name=name, fields=tuple(fields))


def _with_values(tree: Node, context: Context) -> str:
    """The condition with its values; of one that is a measure alone, the measure's formula."""
    while isinstance(tree, Ref) and tree.scope == "measure":
        tree = context.evaluation.binding.ruleset.measures[tree.name].value.tree
    return render_values(tree, context)


def _field(change: FieldChange) -> str:
    said = f"{change.old or '-'} → {change.new or '-'}"
    said = said if change.path == "value" else f"{change.path} {said}"
    return said if len(said) <= LONGEST else f"{said[: LONGEST - 1]}…"


def _parts(old: ScorecardResult, new: ScorecardResult) -> Iterator[tuple[Fraction, Phrase]]:
    """What each indicator adds to the difference of the totals, the most first; those that are missing come first."""
    before = {item.indicator: item for item in old.indicators}
    after = {item.indicator: item for item in new.indicators}
    found = []
    for name in dict.fromkeys((*before, *after)):
        a, b = before.get(name), after.get(name)
        points = _earned(b) - _earned(a)
        known = [item.state if item.state in ("missing", "invalid") else "" for item in (a, b) if item is not None]
        if a is not None and b is not None and known[0] != known[1]:
            found.append((Fraction(), _phrase("part_missing", name=name, old=a.points, new=b.points)))
        elif points:
            found.append((points, _part(name, signed(points), a, b)))
    yield from sorted(found, key=lambda part: (part[1].key != "part_missing", -abs(part[0])))


def _part(name: str, by: signed, a: IndicatorResult | None, b: IndicatorResult | None) -> Phrase:
    if a is None or b is None:
        return _phrase("part_added" if a is None else "part_removed", name=name, by=by)
    worth, value = a.out_of != b.out_of, a.value != b.value
    if worth and value:
        return _phrase(
            "weight_and_value_differ", name=name, by=by, old=a.out_of, new=b.out_of, value=a.value, value_new=b.value
        )
    if worth:
        return _phrase("weight_differs", name=name, by=by, old=a.out_of, new=b.out_of)
    if value:
        return _phrase("value_differs", name=name, by=by, old=a.value, new=b.value)
    return _phrase("points_moved", name=name, by=by)


def _earned(item: IndicatorResult | None) -> Fraction:
    return item.points if item is not None and item.points is not None else Fraction()


def _ahead(one: AwardResult, candidates: Mapping[str, AwardResult]) -> list[str]:
    """Who is ranked before the candidate, from the best."""
    if one.rank is None:
        return [s for s, other in candidates.items() if other.rank is not None]
    return [s for s, other in candidates.items() if other.rank is not None and other.rank < one.rank]
