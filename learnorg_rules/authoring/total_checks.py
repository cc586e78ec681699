"""What a scorecard's rounding makes of its declared points: which totals can be reached, and who asks for another."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from fractions import Fraction
from operator import eq, ge, gt, le, lt

from attrs import evolve, frozen

from ..errors import Issues
from ..expr.nodes import MIRRORED, Compare, Literal, Node, Ref
from ..expr.rewrite import conjuncts
from ..model.definitions import Band, Expression, Scorecard
from ..model.ruleset import Ruleset
from ..model.scorecard import in_band
from .constants import days_of, number, shown
from .scorecard_checks import lower_end, most_of, sound_points, upper_end

__all__ = ["reach_of", "totals_can_be_reached"]

_MOST_TOTALS = 10_000  # that are told one by one
_HOLDS: Mapping[str, Callable[[Fraction, Fraction], bool]] = {"==": eq, ">=": ge, ">": gt, "<=": le, "<": lt}


@frozen
class Reach:
    """The totals of a scorecard as long as nothing is left out: from 0 to `most`, and which, where they can be counted."""

    most: Fraction
    totals: frozenset[Fraction] | None

    def __str__(self) -> str:
        return f"full marks are {shown(self.most)}"

    def some(self, holds: Callable[[Fraction], bool], between: Sequence[Fraction] = ()) -> bool:
        """Whether some total meets it; `between`: numbers that may be totals where those are not counted."""
        if self.totals is not None:
            return any(map(holds, self.totals))
        return any(holds(total) for total in (Fraction(), self.most, *between) if 0 <= total <= self.most)


def totals_can_be_reached(ruleset: Ruleset, issues: Issues) -> None:
    """Full marks are the declared whole, and every grade and every award asks for a total that there can be."""
    reaches: dict[str, list[Reach]] = {}
    for versions in ruleset.scorecards.values():
        for card in versions:
            found = [r for day in days_of(ruleset, card) if (r := reach_of(ruleset, card, day, issues)) is not None]
            reaches.setdefault(card.id, []).extend(found)
            for name, band in card.grades.items() if found else ():
                if not any(_has_band(reach, band) for reach in found):
                    message = f"no total is in the grade '{name}': {found[-1]}"
                    issues.warn(band.source, "E526", message, "nobody can ever have it")
    for awards in ruleset.awards.values():
        for award in awards:
            if award.when is not None:
                for condition in conjuncts(award.when.tree):
                    _asked(ruleset, award.when, condition, reaches, days_of(ruleset, award), issues)


def reach_of(ruleset: Ruleset, card: Scorecard, day: date, issues: Issues) -> Reach | None:
    """What can be reached on a day; where full marks are not the declared whole, that is told once. None where the points are
    faulty.
    """
    points = sound_points(ruleset, card, day)
    if points is None:
        return None
    whole, most = sum(points, Fraction()), most_of(card, points)
    of_parts = card.round.of == "parts"
    if whole != most and not any(i.code == "E525" and i.source == card.place("round") for i in issues.found):
        how = "every part is rounded first" if of_parts else "the total is rounded"
        hint = f"give as many `decimals` as the points have{', or leave out `of: parts`' if of_parts else ''}"
        message = f"full marks of '{card.id}' come to {shown(most)}, not to the {shown(whole)} declared: {how}"
        issues.warn(card.place("round"), "E525", message, hint)
    totals: set[Fraction] | None = {Fraction()}
    for part in map(card.round.apply, points):
        if totals is not None:
            totals |= {total + part for total in totals}
            totals = totals if len(totals) <= _MOST_TOTALS else None
    all_or_none = all(i.when is not None for i in card.all_indicators.values())
    return Reach(most, frozenset(totals) if totals is not None and all_or_none and of_parts else None)


def _is_met(reach: Reach, op: str, bound: Fraction) -> bool:
    return reach.some(lambda total: _HOLDS[op](total, bound), [bound])


def _has_band(reach: Reach, band: Band) -> bool:
    return reach.some(lambda total: in_band(total, band), _ends(band))


def _ends(band: Band) -> list[Fraction]:
    """Totals that may lie in a band, if any does: its ends and what is just inside."""
    ends = [end.total for end in (lower_end(band), upper_end(band)) if end is not None]
    return [*ends, sum(ends, Fraction()) / 2, *(end + Fraction(1, 10**13) for end in ends)]


def _asked(
    ruleset: Ruleset, expression: Expression, node: Node, reaches: Mapping[str, list[Reach]], days: list[date], issues: Issues
) -> None:  # fmt: skip
    """A warning where a condition asks for a total that there never is."""
    if not isinstance(node, Compare) or node.op not in _HOLDS:
        return
    for total, bound, op in ((node.left, node.right, node.op), (node.right, node.left, MIRRORED[node.op])):
        card, _, part = total.name.partition(".") if isinstance(total, Ref) and total.scope == "score" else ("", "", "")
        bounds = list(_constants(ruleset, expression, bound, days)) if part == "total" and reaches.get(card) else []
        if bounds and not any(_is_met(reach, op, b) for reach in reaches[card] for b in bounds):
            message = f"{card}.total {op} {shown(bounds[0])} never holds: {reaches[card][-1]}"
            issues.warn(expression.source, "E526", message, "nobody can ever be a candidate")


def _constants(ruleset: Ruleset, expression: Expression, node: Node, days: list[date]) -> Iterator[Fraction]:
    if isinstance(node, Literal) or (isinstance(node, Ref) and node.scope == "parameter"):
        for day in days:
            value = number(ruleset, evolve(expression, tree=node), day)
            if isinstance(value, int | Fraction):
                yield Fraction(value)
