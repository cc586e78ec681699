"""Whom a version of a rule judges in a period, and what of the period is theirs.

A period of a subject is the period cut to the subject's life, to the days of the rule (all its versions) and to the ruleset.
Whatever is asked about it (who judges, when it is due or over, whether enough of it is left) goes by the cut.
"""

from collections.abc import Mapping, Sequence
from datetime import date

from attrs import evolve, field, frozen

from ..counting.binding import Binding
from ..dataflow.build import family_of, in_force
from ..model.definitions import Rule
from ..model.kinds import kind_of
from ..org.timeline import ALWAYS
from ..periods import Cut, Period, Stretches

__all__ = ["Cuts"]

Span = tuple[date, date, int]
"""First day and end of a stretch in which a version of a rule is in force, and the number of the version."""


@frozen
class Cuts:
    """The subjects of rules with their cuts, each computed once."""

    binding: Binding
    _spans: dict[int, tuple[int, Sequence[Span]]] = field(factory=dict, init=False)
    _judged: dict[tuple[int, Period], Mapping[str, tuple[date, Cut]]] = field(factory=dict, init=False)
    _peers: dict[tuple[int, Period], Mapping[str, date]] = field(factory=dict, init=False)

    def in_force(self, rule: Rule) -> tuple[int, Sequence[Span]]:
        """The number of the rule's version, and the days of all versions (`dataflow.build.in_force`)."""
        known = self._spans.get(id(rule))
        if known is None:
            versions = getattr(self.binding.ruleset, kind_of(rule).section)[rule.id]
            number = next(i for i, version in enumerate(versions) if version is rule)
            known = self._spans[id(rule)] = number, in_force(self.binding.ruleset, rule)
        return known

    def whole(self, rule: Rule, period: Period) -> Cut | None:
        """The cut of a subject that is always there; None where the rule has no day in the period."""
        here = self._here(rule, period)
        return _cut(period, here, (ALWAYS,), self._size(rule, period)) if here else None

    def judged(self, rule: Rule, period: Period) -> Mapping[str, tuple[date, Cut]]:
        """Those whom this version of the rule judges in the period, in order of id: the day on which each is looked at, and
        its cut. It judges those whose cut ends on one of its days; an award, which is judged for all at once, all or none.
        """
        known = self._judged.get((id(rule), period))
        if known is None:
            known = self._judged[id(rule), period] = dict(self._of(rule, period))
        return known

    def peers(self, rule: Rule, period: Period) -> Mapping[str, date]:
        """Those of them who live on some day of the period, each with the day on which it is looked at."""
        known = self._peers.get((id(rule), period))
        if known is None:
            judged = self.judged(rule, period).items()
            known = self._peers[id(rule), period] = {subject: day for subject, (day, cut) in judged if cut.days}
        return known

    def _of(self, rule: Rule, period: Period) -> list[tuple[str, tuple[date, Cut]]]:
        (number, _), whole = self.in_force(rule), self.whole(rule, period)
        here, size = self._here(rule, period), self._size(rule, period)
        if whole is None or all(version != number for _, _, version in here):
            return []
        inherits = family_of(rule, self.binding.organisation) == "successors"
        judged = []
        for subject, day in self.binding.select(rule.subjects, period):
            life = self.binding.life(subject, inherits, period)
            covered = len(life) == 1 and life[0][0] <= whole.period.start and whole.period.end <= life[0][1]
            cut = whole if covered else _cut(period, here, life, size)
            if (cut if kind_of(rule).of_everyone else whole).version == number:
                judged.append((subject, (day, cut)))
        return judged

    def _here(self, rule: Rule, period: Period) -> Sequence[Span]:
        spans = self.in_force(rule)[1]
        return [(max(a, period.start), min(b, period.end), v) for a, b, v in spans if period.overlap(a, b)]

    def _size(self, rule: Rule, period: Period) -> int:
        """How many days there might be: a deadline asks for nothing before its rule is in force."""
        by = getattr(rule, "by", None)
        return period.days if by is None else period.overlap(self.in_force(rule)[1][0][0], period.end)


def _cut(period: Period, here: Sequence[Span], life: Stretches, size: int) -> Cut:
    """What of a period is a subject's, of these days that the rule is in force in it; all of them where it lives in none."""
    own = [(max(a, c), min(b, d), v) for a, b, v in here for c, d in life if max(a, c) < min(b, d)]
    first, last = (own or here)[0][0], max(own or here, key=lambda span: span[1])
    days = (last[1] - first).days if own else 0
    return Cut(evolve(period, start=first, end=last[1]), days, size, last[2])
