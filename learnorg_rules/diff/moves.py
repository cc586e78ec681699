"""Results of two runs side by side: which are the same, which moved, which only one side has."""

from collections import Counter
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from attrs import field, frozen

from ..api import Result
from ..model.kinds import AS_ASKED, Kind, Part, rule_of, sort_of
from ..model.results import IndicatorResult, Record
from ..words import say
from .phrases import Phrase

__all__ = ["Compared", "Move", "OneSided", "Tally", "compared", "moved"]

Compared = Record | IndicatorResult
"""What can move."""

Key = tuple[Any, ...]
"""What two results of one kind share if they are the same one: (rule, subject, period or step, ...)."""


@frozen
class Move:
    """A result that is another under the new rules.

    `rule`: its id, `card.indicator` for an indicator. `period`: its name; of a plan the step; "" of a decision that names none.
    `old`, `new`: None where the rule has no such result for the subject on that side. `because`: why, the nearest first.
    `changes`: names of the rule changes behind it.
    """

    kind: str
    rule: str
    subject: str
    period: str
    old: Compared | None
    new: Compared | None
    because: Sequence[Phrase] = field(default=(), repr=False)
    changes: Sequence[str] = field(default=(), repr=False)

    @property
    def points(self) -> Fraction | None:
        """New total or points minus old; None where one of them is missing, and for results without points."""
        old, new = points_of(self.old), points_of(self.new)
        return None if old is None or new is None else new - old

    def why(self, language: str = "en") -> str:
        """The reason as a sentence."""
        return say("semicolon", language).join(phrase.say(language) for phrase in self.because)


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


def points_of(record: Compared | None) -> Fraction | None:
    """The total of a scorecard, the points of an indicator; None for other results."""
    return None if record is None else sort_of(record).points(record)


def moved(old: Result, new: Result) -> tuple[list[Move], list[OneSided], list[Tally]]:
    """All moves, by kind: awards gained and lost first, then the largest, then by ids; what one side alone has; counts."""
    moves: list[Move] = []
    sides: list[OneSided] = []
    tallies: list[Tally] = []
    for kind in AS_ASKED:
        before, after = _by_key(kind, old), _by_key(kind, new)
        was, now = _rules(kind, old, before), _rules(kind, new, after)
        sides += _one_sided(kind, "removed", [key for key in before if key[0] not in now])
        sides += _one_sided(kind, "added", [key for key in after if key[0] not in was])
        both, counts = was & now, Counter[tuple[str, bool]]()
        for key in dict.fromkeys((*before, *after)):
            if key[0] not in both:
                continue
            a, b = before.get(key), after.get(key)
            differs = a is None or b is None or compared(a) != compared(b)
            counts[key[0], differs] += 1
            if differs:
                one = a if b is None else b
                assert one is not None  # one of them is there
                moves.append(Move(kind.name, kind.id(one), one.subject, one.period, a, b))
        tallies += [Tally(kind.name, r, counts[r, True], counts[r, False]) for r in dict.fromkeys(r for r, _ in counts)]
    return sorted(moves, key=_size), sides, tallies


def compared(record: Compared) -> Mapping[str, object]:
    """What of a result can move."""
    return sort_of(record).compared(record)


def _by_key(kind: Kind | Part, result: Result) -> dict[Key, Compared]:
    """The results by what tells them apart.

    What is due by a day is the same where the day is another one, though its period is named by that day.
    """
    found: dict[Key, Compared] = {}
    for record in result.table(kind.section):
        period = record.period
        if isinstance(kind, Kind) and kind.dated == "schedule":
            rule = rule_of(result.ruleset, kind, record.rule, record.version)
            period = period if rule.every else f"by#{record.version}"
        found[kind.id(record), record.subject, period, kind.key(record)] = record
    return found


def _rules(kind: Kind | Part, result: Result, records: Mapping[Key, Compared]) -> set[str]:
    """The rules of the kind. A part counts where it is in force for somebody, for `only` takes some out."""
    return {key[0] for key in records} if isinstance(kind, Part) else set(getattr(result.ruleset, kind.section))


def _one_sided(kind: Kind | Part, side: str, keys: Sequence[Key]) -> list[OneSided]:
    subjects: dict[str, list[str]] = {}
    for rule, subject, *_ in keys:
        subjects.setdefault(rule, []).append(subject)
    return [OneSided(kind.name, rule, side, len(found), len(set(found))) for rule, found in subjects.items()]


def _size(move: Move) -> tuple[object, ...]:
    order = [kind.name for kind in AS_ASKED].index(move.kind)
    points = move.points
    settled = {getattr(record, "granted", False) for record in (move.old, move.new)}
    return order, len(settled) == 1, points is None, -abs(points or 0), move.rule, move.subject, move.period
