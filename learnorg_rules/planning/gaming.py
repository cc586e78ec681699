"""Where a scorecard invites to be gamed: the cheapest points, activities cut in two, events that serve twice.

As for what is missing (`missing`), nothing is read off formulas: events are tried, and the card itself judges with them.
An event has the amounts that events of its kind usually have, so that no gain rests on one that nobody could hold.
"""

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction

import polars as pl
from attrs import evolve, field, frozen

from ..counting.cells import rule_of
from ..judging.batch import Outcome
from ..model.definitions import Scorecard
from ..model.kinds import measure_expressions
from ..model.results import ScorecardResult
from ..values import Value
from .answers import Undecided
from .future_events import NUMBERS, EventClass, FutureEvent, conditions
from .outlook import Outlook, known

__all__ = ["Extra", "Gaming", "gaming"]


@frozen
class Extra:
    """What one more event gives one subject.

    `where`: the conditions it meets, as the rules say them. `fields`: what it says, amounts as usually recorded. `gain`: points
    of the total for the first one; `second`: for another one after it. `indicators`: the points of each indicator it moves.
    `split`: points gained when the same activity is recorded as two events with half the amounts each; None where an amount
    cannot be halved.
    """

    scorecard: str
    subject: str
    period: str
    kind: str
    where: str
    fields: Mapping[str, Value]
    gain: Fraction
    second: Fraction
    indicators: Mapping[str, Fraction]
    split: Fraction | None

    @property
    def serves_twice(self) -> bool:
        """Whether one event gives points under two indicators or more."""
        return sum(points > 0 for points in self.indicators.values()) > 1


@frozen
class Gaming:
    """What one more event of each sort gives each subject, the cheapest points first.

    `held`: indicators whose values lie with others or with what is written into events, so that no event was tried for them.
    """

    scorecard: str
    extras: Sequence[Extra] = field(repr=False)
    held: Sequence[str] = ()

    @property
    def splits(self) -> Sequence[Extra]:
        """Where cutting an activity in two gains points."""
        return tuple(e for e in self.extras if e.split is not None and e.split > 0)

    @property
    def doubles(self) -> Sequence[Extra]:
        """Where one event serves two indicators."""
        return tuple(e for e in self.extras if e.serves_twice)

    def cheapest(self) -> Mapping[str, Extra]:
        """Indicator -> the event that gives anybody the most points under it."""
        best: dict[str, Extra] = {}
        for extra in self.extras:
            for name, points in extra.indicators.items():
                if points > 0 and (name not in best or points > best[name].indicators[name]):
                    best[name] = extra
        return best

    def table(self) -> pl.DataFrame:
        """One row per sort of event and subject."""
        rows = [
            (e.subject, e.period, e.kind, e.where, float(e.gain), float(e.second),
             None if e.split is None else float(e.split), [n for n, p in e.indicators.items() if p > 0])
            for e in self.extras
        ]  # fmt: skip
        texts = dict.fromkeys(("subject", "period", "kind", "where"), pl.String())
        numbers = dict.fromkeys(("gain", "second", "split"), pl.Float64())
        return pl.DataFrame(rows, schema={**texts, **numbers, "indicators": pl.List(pl.String())}, orient="row")


def gaming(outcome: Outcome, scorecard: str, subjects: Sequence[str] | None = None) -> Gaming:
    """What each further event would give under a scorecard whose period still runs on the day judged.

    Args:
        outcome: a run, judged before the end of the card's period.
        scorecard: its id.
        subjects: whom to look at; default: everybody the card judges.

    Raises:
        LookupError: there is no such scorecard, or none of its periods still runs for these subjects.
    """
    ruleset = outcome.ruleset
    known("scorecard", scorecard, list(ruleset.scorecards))
    extras: list[Extra] = []
    held: dict[str, None] = {}
    running = False
    for node in outcome.run.dataflow.rules:
        if node.kind != "scorecard" or node.id != scorecard:
            continue
        card = rule_of(ruleset, node)
        assert isinstance(card, Scorecard)  # the node says so
        for result in outcome.scorecards.where(rule=scorecard, version=node.version):
            if result.provisional and (subjects is None or result.subject in subjects):
                running = True
                search = _Search(outcome, node, card, result)
                extras += search.extras(card)
                judged = {item.indicator for item in result.indicators}
                held |= {name: None for name, i in card.all_indicators.items() if name in judged and search.is_held(i)}
    if not running:
        raise LookupError(
            f"no period of '{scorecard}' still runs for these subjects at the end of {outcome.at}; judge an earlier day"
        )
    extras.sort(key=lambda e: (-e.gain, e.subject, e.kind, e.where))
    return Gaming(scorecard, tuple(extras), tuple(held))


class _Search(Outlook):
    """The search for one subject and period of a scorecard."""

    def extras(self, card: Scorecard) -> Iterator[Extra]:
        """One for each class of events that lifts the total."""
        try:
            classes, _ = self.classes(self.dependencies([e.tree for e in measure_expressions(card)]))
        except Undecided:
            return
        start = self._judged(())
        if start is None:
            return
        seen: set[object] = set()
        for one in classes:
            extra = self._extra(one, start)
            # classes that differ only in amounts nobody usually records have become one
            key = None if extra is None else (extra.kind, extra.where, *extra.fields.items())
            if extra is not None and extra.gain > 0 and key not in seen:
                seen.add(key)
                yield extra

    def _judged(self, events: Sequence[FutureEvent]) -> ScorecardResult | None:
        """The card's result with these events; None where it has no total."""
        judged = self.trial.judged(events)
        return judged if isinstance(judged, ScorecardResult) and judged.total is not None else None

    def _gain(self, events: Sequence[FutureEvent], before: ScorecardResult) -> Fraction | None:
        """What these events give more than those of `before`; None where there is no total with them."""
        after = self._judged(events)
        return None if after is None else _total(after) - _total(before)

    def _extra(self, one: EventClass, start: ScorecardResult) -> Extra | None:
        two = [self._usual(e) for e in one.first(2)]
        first = two[0]
        after = self._judged([first])
        if after is None:
            return None
        before = {i.indicator: i for i in start.indicators}
        moved = {}
        for item in after.indicators:
            old = before[item.indicator]
            if item.points is None or old.points is None or item.exact == old.exact:
                continue  # what is shown for it may follow from others
            if item.points != old.points:
                moved[item.indicator] = item.points - old.points
        second = self._gain(two, after) if len(two) > 1 else None
        halves = self._halved(first)
        return Extra(
            after.rule, after.subject, after.period, one.kind, conditions(self.taking(one)), first.present,
            _total(after) - _total(start), second or Fraction(), moved,
            None if halves is None else self._gain(halves, after),
        )  # fmt: skip

    def _usual(self, event: FutureEvent) -> FutureEvent:
        """The event with the median of what was recorded, in the fields whose amounts the card adds up."""
        for name, value in event.fields.items():
            declared = self.outcome.ruleset.fields[name]
            if declared.type in NUMBERS and value is not None and self.is_amount(event.kind, name):
                frame = self.outcome.run.ingested.frame
                recorded = frame.filter(pl.col("kind").cast(pl.String) == event.kind)[name].drop_nulls().sort()
                if not recorded.is_empty():
                    median = Fraction(int(recorded[len(recorded) // 2]), 10**declared.scale)
                    event = event.with_field(name, median)
        return event

    def _halved(self, event: FutureEvent) -> tuple[FutureEvent, FutureEvent] | None:
        """The event as two, its amounts shared out; None where half of one is less than the field allows."""
        first, second = dict(event.fields), dict(event.fields)
        for name, value in event.fields.items():
            declared = self.outcome.ruleset.fields[name]
            if declared.type not in NUMBERS or not isinstance(value, Fraction | int) or declared.unit == "":
                continue  # a number without a unit is a mark or a score, not an amount
            step = Fraction(1, 10**declared.scale)
            half = (Fraction(value) / 2 // step) * step
            if declared.min is not None and half < declared.min:
                return None
            first[name], second[name] = half, Fraction(value) - half
        return evolve(event, fields=first), evolve(event, fields=second)


def _total(result: ScorecardResult) -> Fraction:
    assert result.total is not None  # asked before
    return result.total
