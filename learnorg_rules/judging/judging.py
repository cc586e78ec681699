"""Rules in their order: duties, scorecards and plans, then decisions, then awards, then what is decided on awards.

Every result belongs to a *task*: one rule version, one period, one subject (an award: all its subjects). A batch run judges
every task once. A live run judges again those whose grounds changed, in the same order, until nothing more changes.
"""

import heapq
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any, Protocol

from attrs import frozen

from ..dataflow.nodes import RuleNode
from ..decisions.port import Decider
from ..errors import Issue
from ..model.decision import Fact
from ..model.kinds import KINDS, Kind, Part, kind_named, rule_of, sort_in
from ..model.results import AwardResult, DecisionResult, DutyResult, Record, ScorecardResult
from .awards import AwardJudge
from .context import JudgingContext
from .dangling_effects import dangling_effects
from .deciding import Deciding, lowered, withdrawals
from .duties import DutyJudge, rate_of
from .findings import merged
from .memo import Key
from .plans import PlanJudge
from .scorecards import ScorecardJudge

__all__ = ["Judging", "Move", "Task"]

Task = tuple[int, int, str]
"""Place of the rule version in the order, index of the period, subject ("" for all)."""


@frozen
class Move:
    """The results of one task before and after; of decisions, those about one subject."""

    old: Sequence[Record]
    new: Sequence[Record]


class Judge(Protocol):
    """One rule version, ready to judge."""

    kind: str

    def tasks(self) -> Iterator[tuple[int, str, Any]]:
        """(index of the period, subject, what `judge` takes)."""

    def judge(self, given: Any) -> tuple[Record, ...]:
        """The results of one task."""


JUDGES: Mapping[str, Callable[[JudgingContext, RuleNode, Any], Judge]] = {
    judge.kind: judge for judge in (DutyJudge, ScorecardJudge, AwardJudge, PlanJudge)
}
"""Who judges the rules of a kind."""


class Judging:
    """One run over all rules, and, with a tracked memo, all runs after it."""

    def __init__(
        self, judging_context: JudgingContext, decider: Decider | None = None, before: "Judging | None" = None
    ) -> None:
        """Nothing is judged yet.

        Args:
            judging_context: what is judged with.
            decider: None where the ruleset decides nothing.
            before: of the same ruleset and decider on an earlier day: what it decided from facts that are the same now is
                not decided again.
        """
        self.judging_context, self.decider = judging_context, decider
        self.judges = [_judge_of(judging_context, node) for node in judging_context.dataflow.rules]
        self.results: dict[Task, tuple[Record, ...]] = {}
        self._given: dict[Task, Any] = {}
        self._findings: dict[Task, tuple[Issue, ...]] = {}
        self._lowered: dict[Task, ScorecardResult] = {}
        self._decided: dict[bool, dict[str, tuple[DecisionResult, ...]]] = {False: {}, True: {}}
        self._deciding: dict[bool, Deciding] = {}
        if decider is not None:
            self._deciding = {late: Deciding(judging_context, decider, late) for late in (False, True)}
        self._facts: dict[tuple[bool, str], list[Fact]] = {}
        self._wrong_facts: dict[tuple[bool, str], tuple[Issue, ...]] = {}
        if before is not None:
            self._facts = dict(before._facts)
            self._decided = {late: dict(decided) for late, decided in before._decided.items()}
        self._of_subject: dict[str, list[Task]] = {}

    # ---- what was found

    def of(self, sort: Kind | Part) -> list[Any]:
        """The results of a kind, or their parts: by rule, period and subject, grades as decisions left them; candidates for
        an award from the best; decisions by subject, those that look at awards last.
        """
        if isinstance(sort, Part):
            return [part for kind in KINDS if kind.part is sort for record in self.of(kind) for part in sort.of(record)]
        if not sort.is_judged:
            return [d for late in (False, True) for _, found in sorted(self._decided[late].items()) for d in found]
        judges = self.judges
        return [r for task in self.results if judges[task[0]].kind == sort.name for r in self._results(task)]

    @property
    def duties(self) -> list[DutyResult]:
        """By rule, period and subject."""
        return self.of(sort_in("duties"))

    @property
    def scorecards(self) -> list[ScorecardResult]:
        """By rule, period and subject; grades as decisions left them."""
        return self.of(sort_in("scorecards"))

    @property
    def awards(self) -> list[AwardResult]:
        """By rule, period and peer group, from the best."""
        return self.of(sort_in("awards"))

    def facts(self, subject: str, late: bool) -> list[Fact]:
        """What decisions about the subject rest on; of those that look at awards where `late`."""
        return list(self._facts.get((late, subject), ()))

    @property
    def findings(self) -> list[Issue]:
        """What a person has to settle, with subject and place; of persons, one for each cause and unit."""
        judged = [issue for task in self.results for issue in self._findings.get(task, ())]
        known = set(judged)
        judged += [i for key in sorted(self._wrong_facts) for i in self._wrong_facts[key] if i not in known]
        return [*dangling_effects(self.judging_context, self._records_of), *merged(judged)]

    def _records_of(self, subject: str) -> Iterator[Record]:
        return (record for task in self._of_subject.get(subject, ()) for record in self._results(task))

    def _results(self, task: Task) -> Sequence[Record]:
        return (self._lowered[task],) if task in self._lowered else self.results[task]

    # ---- the first time

    def run(self) -> None:
        """Judge every task."""
        self.judging_context.evaluation.after_decisions = False
        self._judge_all(lambda judge: judge.kind != AwardJudge.kind)
        if self.decider is not None:
            self._decide_all(False, self._of_subject)
            lowering = self._lowering()
            for task in self.results:
                self._lower(task, lowering)
            self._withdraw(lowering)
        self.judging_context.evaluation.after_decisions = True
        self._judge_all(lambda judge: judge.kind == AwardJudge.kind)
        if self.decider is not None:
            self._decide_all(True, {**self._of_subject, **self._awards_of()})

    def _judge_all(self, wanted: Callable[[Judge], bool]) -> None:
        for place, judge in enumerate(self.judges):
            if wanted(judge):
                for index, subject, given in judge.tasks():
                    task = (place, index, subject)
                    self._given[task] = given
                    self._judge(task)
                    if subject:
                        self._of_subject.setdefault(subject, []).append(task)

    def _judge(self, task: Task) -> list[Key]:
        """Judge one task; what others may have read of it and is different now."""
        judge, evaluation, found = (
            self.judges[task[0]],
            self.judging_context.evaluation,
            self.judging_context.findings.found,
        )
        key = None
        if judge.kind == ScorecardJudge.kind:
            period, card = self._given[task].period, self.judging_context.dataflow.rules[task[0]].id
            key = (card, task[2], period.start, period.end)
        before = None if key is None else evaluation.scores.get(key)
        self.results[task] = evaluation.memo.get(task, lambda: judge.judge(self._given[task]))
        if found:
            self._findings[task] = tuple(found)
            found.clear()
        else:
            self._findings.pop(task, None)
        if key is not None and evaluation.scores.get(key) != before:
            return [("score", *key)]
        return self._rate(task) if judge.kind == DutyJudge.kind else []

    def _rate(self, task: Task) -> list[Key]:
        """Tell the evaluation, for `met(...)`, whether a duty that is settled was fulfilled."""
        place, index, subject = task
        judge, (result,) = self.judges[place], self.results[task]
        assert isinstance(judge, DutyJudge)
        assert isinstance(result, DutyResult)
        rates = self.judging_context.evaluation.duty_rates.setdefault((result.rule, subject), {})
        before = rates.pop((place, index), None)
        if result.status.is_settled:
            rates[place, index] = rate_of(judge.duty, result, self._given[task])
        return [("rate", result.rule, subject)] if rates.get((place, index)) != before else []

    # ---- again

    def again(self, changed: Iterable[Key], subjects: Iterable[str] = ()) -> list[Move]:
        """Judge again every task that rests on what changed, and all tasks of some subjects; what moved, in order."""
        evaluation = self.judging_context.evaluation
        moved: dict[Task, tuple[Record, ...]] = {}
        dirty = evaluation.memo.forget(changed)
        for subject in subjects:
            for task in self._of_subject.get(subject, ()):
                evaluation.memo.values.pop(task, None)
                dirty.add(task)
        evaluation.after_decisions = False
        later = self._settle(dirty, moved, lambda judge: judge.kind != AwardJudge.kind)
        moves: list[Move] = []
        if self.decider is not None:
            later |= self._decide_again(False, later, moved, moves)
        evaluation.after_decisions = True
        later = self._settle(later, moved, lambda judge: judge.kind == AwardJudge.kind)
        if self.decider is not None:
            self._decide_again(True, dirty | later, moved, moves)
        found = [Move(old, self._results(task)) for task, old in sorted(moved.items())]
        return [*found, *moves]

    def _settle(
        self, dirty: Iterable[Key], moved: dict[Task, tuple[Record, ...]], wanted: Callable[[Judge], bool]
    ) -> set[Key]:
        """Judge the dirty tasks of some judges in order, and what rests on them; the keys left for others."""
        heap: list[Any] = [key for key in dirty if type(key[0]) is int and wanted(self.judges[key[0]])]
        rest = set(dirty)
        rest.difference_update(heap)
        heapq.heapify(heap)
        while heap:
            task = heapq.heappop(heap)
            if task in self.judging_context.evaluation.memo.values:
                continue  # it was there twice
            moved.setdefault(task, tuple(self._results(task)))
            changed = self._judge(task)
            for key in self.judging_context.evaluation.memo.forget(changed) if changed else ():
                if type(key[0]) is int and wanted(self.judges[key[0]]):
                    heapq.heappush(heap, key)
                else:
                    rest.add(key)
        return rest

    # ---- decisions

    def _decide_all(self, late: bool, subjects: Mapping[str, object]) -> None:
        """Decide about these subjects and no others."""
        for subject in [s for is_late, s in self._facts if is_late is late and s not in subjects]:
            del self._facts[late, subject]
            self._wrong_facts.pop((late, subject), None)
            self._decided[late].pop(subject, None)
        self._decide(late, subjects)

    def _decide(self, late: bool, subjects: Iterable[str]) -> dict[str, tuple[DecisionResult, ...]]:
        """Decide about some subjects; what was decided about those whose facts are different now, before."""
        deciding, memo = self._deciding[late], self.judging_context.evaluation.memo
        if not deciding.wanted:
            return {}
        awards = self._awards_of() if late else {}
        changed: dict[str, list[Fact]] = {}
        for subject in subjects:
            key, settled = ("facts", late, subject), self._settled(late, subject, awards)
            facts = memo.get(key, partial(self._facts_of, deciding, late, subject, settled))
            if facts != self._facts.get((late, subject)):
                self._facts[late, subject] = changed[subject] = facts
        before = {subject: self._decided[late].pop(subject, ()) for subject in changed}
        self._decided[late].update(deciding.decide(changed))
        return before

    def _facts_of(
        self, deciding: Deciding, late: bool, subject: str, settled: Mapping[str, Sequence[Record]]
    ) -> list[Fact]:
        facts, found = deciding.facts(subject, settled), self.judging_context.findings.found
        self._wrong_facts.pop((late, subject), None)
        if found:
            self._wrong_facts[late, subject] = tuple(found)
            found.clear()
        return facts

    def _settled(
        self, late: bool, subject: str, awards: Mapping[str, Sequence[Record]]
    ) -> Mapping[str, Sequence[Record]]:
        by_kind: dict[str, list[Record]] = {}
        for task in self._of_subject.get(subject, ()):
            records = self._results(task) if late else self.results[task]
            by_kind.setdefault(self.judges[task[0]].kind, []).extend(records)
        return {**by_kind, AwardJudge.kind: awards.get(subject, ())}

    def _awards_of(self) -> Mapping[str, Sequence[Record]]:
        found: dict[str, list[Record]] = {}
        for award in self.awards:
            found.setdefault(award.subject, []).append(award)
        return found

    def _decide_again(
        self, late: bool, dirty: Iterable[Key], moved: dict[Task, tuple[Record, ...]], moves: list[Move]
    ) -> set[Key]:
        """Decide again about every subject whose facts may have changed; the keys that rest on what is different now."""
        touched = {task[2] for task in moved if task[2]}
        touched.update(str(key[2]) for key in dirty if key[0] == "facts" and key[1] is late)
        for task, old in moved.items():
            if not task[2]:
                touched.update(r.subject for r in _difference(old, self.results[task]))
        memo = self.judging_context.evaluation.memo
        for subject in touched:
            memo.values.pop(("facts", late, subject), None)
        decided = self._decided[late]
        before = self._decide(late, sorted(touched))
        for subject, old_decisions in before.items():
            moves.append(Move(old_decisions, decided.get(subject, ())))
            for decision in (*old_decisions, *decided.get(subject, ())):
                touched.add(decision.values.get("subject", subject))
        changed: list[Key] = []
        if not late:
            lowering = self._lowering()
            for task in (t for s in sorted(touched) for t in self._of_subject.get(s, ())):
                before_this = tuple(self._results(task))
                keys = self._lower(task, lowering)
                if keys or self._results(task) != before_this:
                    moved.setdefault(task, before_this)
                changed += keys
            changed += self._withdraw(lowering)
        return memo.forget(changed)

    def _lowering(self) -> Mapping[str, Sequence[DecisionResult]]:
        """The decisions that veto or cap a grade, by the subject they are about."""
        found: dict[str, list[DecisionResult]] = {}
        for subject in sorted(self._decided[False]):
            for decision in self._decided[False][subject]:
                if decision.do in ("veto", "cap"):
                    found.setdefault(decision.values["subject"], []).append(decision)
        return found

    def _withdraw(self, lowering: Mapping[str, Sequence[DecisionResult]]) -> list[Key]:
        """Let decisions keep their subjects from awards; what awards may have read of it and is different now."""
        evaluation, found = self.judging_context.evaluation, withdrawals(lowering)
        before, evaluation.withdrawn = evaluation.withdrawn, found
        changed = [key for key in {**before, **found} if before.get(key) != found.get(key)]
        return [("withdrawn", *key) for key in changed]

    def _lower(self, task: Task, lowering: Mapping[str, Sequence[DecisionResult]]) -> list[Key]:
        """Let decisions lower a scorecard's grade; what others may have read of it and is different now."""
        if self.judges[task[0]].kind != ScorecardJudge.kind:
            return []
        (score,) = self.results[task]
        assert isinstance(score, ScorecardResult)
        known, period = self.judging_context.evaluation.lowered, self._given[task].period
        key = (score.rule, score.subject, period.start, period.end)
        before = known.pop(key, None)
        self._lowered.pop(task, None)
        decided = lowered(self.judging_context, score, lowering.get(score.subject, ()))
        if decided is not score:
            assert decided.grade is not None  # lowered to a grade
            self._lowered[task], known[key] = decided, decided.grade
        return [("lowered", *key)] if known.get(key) != before else []


def _difference(old: Sequence[Record], new: Sequence[Record]) -> list[Record]:
    """The records that are in one of them only."""
    return [r for r in old if r not in new] + [r for r in new if r not in old]


def _judge_of(judging_context: JudgingContext, node: RuleNode) -> Judge:
    rule = rule_of(judging_context.binding.ruleset, kind_named(node.kind), node.id, node.version)
    return JUDGES[node.kind](judging_context, node, rule)
