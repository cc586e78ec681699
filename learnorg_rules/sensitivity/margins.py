"""How far each number of the rules can move before somebody else gets an award."""

from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime
from fractions import Fraction

import polars as pl
from attrs import frozen

from ..counting.port import EventSource
from ..model.ruleset import Ruleset
from ..org.organisation import Organisation
from .numbers import RuleNumber, rule_numbers, selected, written
from .variants import VariantJudge, VariantResults, variant_judge

__all__ = ["Margin", "award_margins", "margin_table"]

FIRST = Fraction(1, 50)  # of the value: how far the first look goes; each further one twice as far
FINE = Fraction(1, 1000)  # of the value: how near a bound is found; whole numbers are found exactly


@frozen
class Margin:
    """The values of one number between which the list of awards is what it is.

    `low`, `high`: the last values tried at which it still is; `breaks_low`, `breaks_high`: the nearest beyond at which it is
    another, None where none was found as far as was looked. `changes_low`, `changes_high`: who gets or loses what there, as
    "+award period subject". What changes and changes back between two looks is not seen.
    """

    number: RuleNumber
    low: Fraction
    high: Fraction
    breaks_low: Fraction | None
    breaks_high: Fraction | None
    changes_low: Sequence[str] = ()
    changes_high: Sequence[str] = ()

    @property
    def room(self) -> Fraction | None:
        """The smaller way to a change, as a share of the value; None where none was found."""
        ways = [abs(b - self.number.value) for b in (self.breaks_low, self.breaks_high) if b is not None]
        return min(ways) / abs(self.number.value) if ways and self.number.value else None


def award_margins(
    rules: Ruleset,
    org: Organisation,
    events: EventSource,
    at: date | str | None = None,
    parameters: Sequence[str] | None = None,
    reach: Fraction = Fraction(1),
    progress: Callable[[int, int], None] | None = None,
    known_at: date | datetime | None = None,
) -> Sequence[Margin]:
    """How far each number can move alone before the list of awards changes, those with the least room first.

    Args:
        rules: from `load`.
        org: from `read_org`.
        events: recorded events.
        at: the day judged; default: the last day of the rules.
        parameters: as for `sweep`; default: all on which a total or award rests.
        reach: how far is looked, as a share of the value; never below 0 for a number that is not negative.
        progress: called with (numbers done, numbers in all).
        known_at: events recorded later are not looked at.

    Raises:
        LookupError: there is no such number, or it cannot be moved.
        InputError: as `assess`.
    """
    judge = variant_judge(rules, org, events, at, known_at)
    known, left = rule_numbers(rules, judge.at)
    numbers = [
        n for n in selected(known, left, parameters)
        if parameters is not None or n.sort != "parameter" or n.name in judge.reads
    ]  # fmt: skip
    margins = []
    for i, number in enumerate(n for n in numbers if n.value):
        low, breaks_low, lost = _side(judge, number, -1, reach)
        high, breaks_high, gained = _side(judge, number, 1, reach)
        margins.append(Margin(number, low, high, breaks_low, breaks_high, lost, gained))
        if progress is not None:
            progress(i + 1, len(numbers))
    return sorted(margins, key=lambda m: (m.room is None, m.room or 0))


def margin_table(margins: Sequence[Margin]) -> pl.DataFrame:
    """One row per number: its value, the bounds as texts ("" where none was found), the room in per cent, what changes."""
    rows = [
        (m.number.name, written(m.number.value, m.number.unit),
         *("" if b is None else written(b, m.number.unit) for b in (m.breaks_low, m.breaks_high)),
         None if m.room is None else float(m.room * 100), list(m.changes_low), list(m.changes_high))
        for m in margins
    ]  # fmt: skip
    texts = dict.fromkeys(("number", "value", "below", "above"), pl.String())
    lists = dict.fromkeys(("changes_below", "changes_above"), pl.List(pl.String()))
    return pl.DataFrame(rows, schema={**texts, "room": pl.Float64(), **lists}, orient="row")


def _side(
    judge: VariantJudge, number: RuleNumber, sign: int, reach: Fraction
) -> tuple[Fraction, Fraction | None, Sequence[str]]:
    """The last value with the same awards, the nearest found with others, and what is other there."""
    same, value = Fraction(), number.value
    whole = value.denominator == 1
    for way in _looks(number, sign, reach):
        new = judge.of_rules(number.with_value(value + sign * way))
        if new.granted == judge.base.granted:
            same = way
            continue
        other, there = way, new
        fine = Fraction(1) if whole else abs(value) * FINE
        while other - same > fine:
            middle = (other + same) / 2
            if whole:
                middle = Fraction(int(middle))
            new = judge.of_rules(number.with_value(value + sign * middle))
            if new.granted == judge.base.granted:
                same = middle
            else:
                other, there = middle, new
        return value + sign * same, value + sign * other, _changes(judge.base, there)
    return value + sign * same, None, ()


def _looks(number: RuleNumber, sign: int, reach: Fraction) -> Iterator[Fraction]:
    """How far to look, each time twice as far, at last `reach` or as far as the rules allow."""
    value, most = abs(number.value), abs(number.value) * reach
    whole = number.value.denominator == 1
    fine = Fraction(1) if whole else value * FINE
    if sign < 0 < number.value:
        most = min(most, number.value)
    limit = number.above if sign < 0 else number.below
    if limit is not None:
        most = min(most, abs(limit - number.value) - fine)
    way = Fraction(1) if whole else value * FIRST
    if whole:
        way, most = max(way, Fraction(round(value * FIRST))), Fraction(int(most))
    while 0 < way < most:
        yield way
        way *= 2
    if most > 0:
        yield most


def _changes(old: VariantResults, new: VariantResults) -> Sequence[str]:
    changes = []
    for key in sorted({*old.granted, *new.granted}):
        award, period, _ = key
        was, now = old.granted.get(key, frozenset()), new.granted.get(key, frozenset())
        changes += [f"+{award} {period} {s}" for s in sorted(now - was)]
        changes += [f"-{award} {period} {s}" for s in sorted(was - now)]
    return changes
