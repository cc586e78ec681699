"""Results of two runs side by side: which are the same, which moved, which only one side has."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from fractions import Fraction
from typing import Any

from attrs import field, frozen

from ..api import Result
from ..judging.results import AwardResult, DecisionResult, DutyResult, ItemResult, PhaseResult, ScoreResult
from .phrases import Phrase, say

__all__ = ["KINDS", "Kind", "Move", "OneSided", "Record", "Tally", "moved"]

Record = DutyResult | ScoreResult | ItemResult | AwardResult | PhaseResult | DecisionResult

Key = tuple[Any, ...]
"""What two results of one kind share if they are the same one: (rule, subject, period or step, ...)."""


@frozen
class Kind:
    """A sort of result. `section` is where its rules stand; `standing`: what of a result can move."""

    name: str
    section: str
    records: Callable[[Result], Iterable[Record]]
    key: Callable[[Any], Key]
    standing: Callable[[Any], Mapping[str, object]]


def _item_key(r: ItemResult) -> Key:
    return f"{r.scorecard}.{r.indicator}", r.subject, r.period


def _decision_key(r: DecisionResult) -> Key:
    return r.rule, r.subject, r.values.get("period", ""), r.do, r.then


KINDS: Sequence[Kind] = (
    Kind("score", "scorecards", lambda r: r.totals, lambda r: (r.scorecard, r.subject, r.period),
         lambda r: {"total": r.total, "grade": r.grade}),
    Kind("item", "scorecards", lambda r: r.scores, _item_key, lambda r: {"points": r.points}),
    Kind("award", "awards", lambda r: r.awards, lambda r: (r.award, r.subject, r.period),
         lambda r: {"outcome": r.outcome.value, "rank": r.rank}),
    Kind("duty", "duties", lambda r: r.duties, lambda r: (r.duty, r.subject, r.period),
         lambda r: {"status": r.status.value, "above": r.above}),
    Kind("phase", "phases", lambda r: r.phases, lambda r: (r.plan, r.subject, r.step),
         lambda r: {"state": r.state.value, "missing": tuple(r.missing), "from": r.from_, "to": r.to}),
    Kind("decision", "decisions", lambda r: r.decisions, _decision_key, lambda r: {"then": r.then}),
)  # fmt: skip
"""In the order in which people ask."""


@frozen
class Move:
    """A result that is another under the new rules.

    `rule`: its id, `card.indicator` for an item. `period`: its name; of a phase the step; "" of a decision that names none.
    `old`, `new`: None where the rule has no such result for the subject on that side. `because`: why, the nearest first.
    `changes`: names of the rule changes behind it.
    """

    kind: str
    rule: str
    subject: str
    period: str
    old: Record | None
    new: Record | None
    because: Sequence[Phrase] = field(default=(), repr=False)
    changes: Sequence[str] = field(default=(), repr=False)

    @property
    def points(self) -> Fraction | None:
        """New total or points minus old; None where one of them is missing, and for results without points."""
        old, new = points_of(self.old), points_of(self.new)
        return None if old is None or new is None else new - old

    def why(self, language: str = "en") -> str:
        """The reason as a sentence."""
        return say("also", language).join(phrase.say(language) for phrase in self.because)


@frozen
class OneSided:
    """How many results a rule gives that only one ruleset has. `side`: "added" or "removed"."""

    kind: str
    rule: str
    side: str
    results: int
    subjects: int


@frozen
class Tally:
    """How many results of a rule that both rulesets have moved, and how many are the same."""

    kind: str
    rule: str
    moved: int
    unmoved: int


def points_of(record: Record | None) -> Fraction | None:
    """The total of a score, the points of an item; None for other results."""
    if isinstance(record, ScoreResult):
        return record.total
    return record.points if isinstance(record, ItemResult) else None


def moved(old: Result, new: Result) -> tuple[list[Move], list[OneSided], list[Tally]]:
    """All moves, by kind: awards gained and lost first, then the largest, then by ids; what one side alone has; counts."""
    moves: list[Move] = []
    sides: list[OneSided] = []
    tallies: list[Tally] = []
    for kind in KINDS:
        before, after = _by_key(kind, old), _by_key(kind, new)
        was, now = _rules(kind, old, before), _rules(kind, new, after)
        sides += _one_sided(kind, "removed", [key for key in before if key[0] not in now])
        sides += _one_sided(kind, "added", [key for key in after if key[0] not in was])
        both, counts = was & now, Counter[tuple[str, bool]]()
        for key in dict.fromkeys((*before, *after)):
            if key[0] not in both:
                continue
            a, b = before.get(key), after.get(key)
            differs = a is None or b is None or kind.standing(a) != kind.standing(b)
            counts[key[0], differs] += 1
            if differs:
                rule, subject, period, *_ = kind.key(a if b is None else b)
                moves.append(Move(kind.name, rule, subject, period, a, b))
        tallies += [Tally(kind.name, r, counts[r, True], counts[r, False]) for r in dict.fromkeys(r for r, _ in counts)]
    return sorted(moves, key=_size), sides, tallies


def _by_key(kind: Kind, result: Result) -> dict[Key, Record]:
    """The results by key; a decision that follows several times from different facts is numbered.

    What is due by a day is the same duty where the day is another one, though its period is named by that day.
    """
    found: dict[Key, Record] = {}
    for record in kind.records(result):
        key = kind.key(record)
        if isinstance(record, DutyResult) and result.ruleset.duties[record.duty][record.version].by is not None:
            key = (record.duty, record.subject, f"by#{record.version}")
        number = 1
        while (*key, number) in found:
            number += 1
        found[*key, number] = record
    return found


def _rules(kind: Kind, result: Result, records: Mapping[Key, Record]) -> set[str]:
    """The rules of the kind. An indicator counts where it is in force for somebody, for `only` takes some out."""
    if kind.name == "item":
        return {key[0] for key in records}
    return set(getattr(result.ruleset, kind.section))


def _one_sided(kind: Kind, side: str, keys: Sequence[Key]) -> list[OneSided]:
    subjects: dict[str, list[str]] = {}
    for rule, subject, *_ in keys:
        subjects.setdefault(rule, []).append(subject)
    return [OneSided(kind.name, rule, side, len(found), len(set(found))) for rule, found in subjects.items()]


def _size(move: Move) -> tuple[object, ...]:
    order = [kind.name for kind in KINDS].index(move.kind)
    points = move.points
    settled = {isinstance(record, AwardResult) and record.granted for record in (move.old, move.new)}
    return order, len(settled) == 1, points is None, -abs(points or 0), move.rule, move.subject, move.period
