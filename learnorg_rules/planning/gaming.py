"""Where a scorecard invites to be gamed: the cheapest points, activities cut in two, events that serve twice, delays.

As for what is missing (`engine.missing`), nothing is read off formulas: events are tried, and the card itself judges with them.
An event has the amounts that events of its kind usually have, so that no gain rests on one that nobody could hold.
"""

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction

import polars as pl
from attrs import evolve, field, frozen

from ..dataflow.nodes import AggregateQuery, RuleNode
from ..errors import did_you_mean
from ..expr.nodes import Aggregate
from ..expr.render import render
from ..expr.rewrite import conjuncts
from ..expr.types import Base
from ..judging.batch import Outcome, rule_of
from ..judging.results import ScoreResult
from ..model.definitions import Scorecard, measure_expressions
from ..periods import ONE_DAY
from ..tracing.evidence import Evidence
from ..values import Value
from .future_events import FutureEvent, Sort, Sorts
from .trial import Trial, reached

__all__ = ["Extra", "Gaming", "gaming"]

NUMBERS = ("integer", "decimal")


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
        found: dict[str, Extra] = {}
        for extra in self.extras:
            for name, points in extra.indicators.items():
                if points > 0 and (name not in found or points > found[name].indicators[name]):
                    found[name] = extra
        return found

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
    if scorecard not in ruleset.scorecards:
        hint = did_you_mean(scorecard, ruleset.scorecards)
        raise LookupError(f"there is no scorecard '{scorecard}'" + (f"; {hint}" if hint else ""))
    extras: list[Extra] = []
    held: dict[str, None] = {}
    looked = False
    for node in outcome.dataflow.rules:
        if node.kind != "scorecard" or node.id != scorecard:
            continue
        for result in outcome.totals.where(scorecard=scorecard, version=node.version):
            if result.provisional and (subjects is None or result.subject in subjects):
                looked = True
                search = _Search(outcome, node, result)
                extras += search.extras()
                held |= dict.fromkeys(search.held())
    if not looked:
        raise LookupError(
            f"no period of '{scorecard}' still runs for these subjects at the end of {outcome.at}; judge an earlier day"
        )
    extras.sort(key=lambda e: (-e.gain, e.subject, e.kind, e.where))
    return Gaming(scorecard, tuple(extras), tuple(held))


@frozen
class _Search:
    """The events that can be tried for one subject and period of a scorecard."""

    outcome: Outcome
    node: RuleNode
    result: ScoreResult
    card: Scorecard = field(init=False)
    trial: Trial = field(init=False)

    def __attrs_post_init__(self) -> None:
        outcome, node = self.outcome, self.node
        card = rule_of(outcome.ruleset, node)
        assert isinstance(card, Scorecard)  # the node says so
        periods = outcome.dataflow.schedules[node.schedule].periods
        index = next(i for i, p in enumerate(periods) if p.name == self.result.period)
        contexts = outcome.judging.judging_context.contexts(card, node.schedule, index, periods[index])
        context = next(c for c in contexts if c.subject == self.result.subject)
        object.__setattr__(self, "card", card)
        object.__setattr__(self, "trial", Trial(outcome, node, card, context, context))

    def held(self) -> Iterator[str]:
        """Indicators that no event of the subject's own can be tried for."""
        judged = {i.indicator for i in self.result.items}
        for name, indicator in self.card.all_indicators.items():
            if name not in judged:
                continue
            trees = [e.tree for e in (indicator.share, indicator.when, indicator.value) if e is not None]
            rests = reached(trees, self.outcome.ruleset)
            if rests.elsewhere or not rests.own or any(_is_unforeseen(a) for a in rests.own):
                yield name

    def extras(self) -> Iterator[Extra]:
        """One for each sort of event that lifts the total."""
        outcome, trial = self.outcome, self.trial
        context = trial.context
        _, end = outcome.organisation.life(context.subject)
        last = min(context.period.last, end - ONE_DAY, outcome.ruleset.end - ONE_DAY)
        if last <= outcome.at or context.family == "successors":  # what is inherited is not counted ahead
            return
        rests = reached([e.tree for e in measure_expressions(self.card)], outcome.ruleset)
        queries = self._asks(rests.own)
        evidence = Evidence(outcome.ingested, outcome.evaluation.binding, outcome.dataflow, 0)
        finder = Sorts(evidence, context, outcome.at + ONE_DAY, last)
        trial.prepare(finder, queries)
        unforeseen = {a.number for a in queries if _is_unforeseen(a.aggregate)}
        start = trial.judged(())
        if not isinstance(start, ScoreResult) or start.total is None:
            return
        seen: set[object] = set()
        for sort in finder.of(queries, trial.seen)[0]:
            if sort.queries & unforeseen or any(finder.taken(a, sort.events[0]) is not None for a in rests.of_others):
                continue
            extra = self._extra(sort, start, queries)
            # sorts that differ only in amounts nobody usually records have become one
            key = None if extra is None else (extra.kind, extra.where, *extra.fields.items())
            if extra is not None and extra.gain > 0 and key not in seen:
                seen.add(key)
                yield extra

    def _extra(self, sort: Sort, start: ScoreResult, queries: Sequence[AggregateQuery]) -> Extra | None:
        two = [self._usual(e) for e in sort.first(2)]
        one = two[:1]
        after = self.trial.judged(one)
        if not isinstance(after, ScoreResult) or after.total is None or start.total is None:
            return None
        both = self.trial.judged(two)
        more = both.total - after.total if isinstance(both, ScoreResult) and both.total is not None else Fraction()
        before = {i.indicator: i.points for i in start.items}
        moved = {}
        for item in after.items:
            old = before[item.indicator]
            if item.points is not None and old is not None and item.points != old:
                moved[item.indicator] = item.points - old
        halves = self._halved(one[0])
        apart = None if halves is None else self.trial.judged(halves)
        split = apart.total - after.total if isinstance(apart, ScoreResult) and apart.total is not None else None
        taken = [a for a in queries if a.number in sort.queries and a.aggregate.where is not None]
        wheres = dict.fromkeys(render(c) for a in taken for c in conjuncts(a.aggregate.where))  # type: ignore[arg-type]
        return Extra(
            self.result.scorecard, self.result.subject, self.result.period, sort.kind, " and ".join(wheres),
            {n: v for n, v in one[0].fields.items() if v is not None}, after.total - start.total,
            more if len(two) > 1 else Fraction(), moved, split,
        )  # fmt: skip

    def _usual(self, event: FutureEvent) -> FutureEvent:
        """The event with the median of what was recorded, where a field stands for as much as one likes."""
        fields = dict(event.fields)
        for name, value in event.fields.items():
            kind = self.outcome.ruleset.fields[name]
            if kind.type not in NUMBERS or not isinstance(value, Fraction | int):
                continue
            frame = self.outcome.ingested.frame
            seen = frame.filter(pl.col("kind").cast(pl.String) == event.kind)[name].drop_nulls().sort()
            if not seen.is_empty() and self._is_amount(event.kind, name):
                fields[name] = Fraction(int(seen[len(seen) // 2]), 10**kind.scale)
        return evolve(event, fields=fields)

    def _is_amount(self, kind: str, name: str) -> bool:
        """Whether the card adds up the field, or takes the greatest."""
        return any(
            kind in a.aggregate.kinds and a.aggregate.op in ("sum", "max") and a.aggregate.value is not None
            and name in render(a.aggregate.value)
            for a in self.trial.queries
        )  # fmt: skip

    def _halved(self, event: FutureEvent) -> tuple[FutureEvent, FutureEvent] | None:
        """The event as two, its amounts shared out; None where half of one is less than the field allows."""
        first, second = dict(event.fields), dict(event.fields)
        for name, value in event.fields.items():
            kind = self.outcome.ruleset.fields[name]
            if kind.type not in NUMBERS or not isinstance(value, Fraction | int) or kind.unit == "":
                continue  # a number without a unit is a mark or a score, not an amount
            step = Fraction(1, 10**kind.scale)
            half = (Fraction(value) / 2 // step) * step
            if kind.min is not None and half < kind.min:
                return None
            first[name], second[name] = half, Fraction(value) - half
        return evolve(event, fields=first), evolve(event, fields=second)

    def _asks(self, aggregates: Sequence[Aggregate]) -> list[AggregateQuery]:
        """The asks that answer the aggregates in the period and inside it, as far as it still runs."""
        outcome, context = self.outcome, self.trial.context
        wanted, target = {id(a) for a in aggregates}, context.period
        found: dict[int, AggregateQuery] = {}
        for (aggregate, schedule, family, index), number in outcome.dataflow.slots.items():
            if aggregate in wanted and family == context.family:
                period = outcome.dataflow.schedules[schedule].periods[index]
                if period.last > outcome.at and period.overlap(target.start, target.end):
                    found[number] = outcome.evaluation.queries[number]
        return [found[number] for number in sorted(found)]


def _is_unforeseen(node: Aggregate) -> bool:
    """Whether the value lies with what is written into events, not with whether they happen."""
    if node.op in ("mean", "first", "last"):
        return True
    return node.op == "min" and (node.type is None or node.type.base is Base.NUMBER)
