"""What is said of what is missing: events by sort, the days by which they help, or why nothing can be said."""

from collections.abc import Mapping, Sequence
from datetime import date
from fractions import Fraction

from attrs import evolve, field, frozen

from ..dataflow.nodes import AggregateQuery
from ..expr.nodes import Ref, walk
from ..expr.render import render
from ..expr.rewrite import conjuncts
from ..values import Value
from .future_events import FutureEvent, Sort
from .search import Events
from .trial import Trial

__all__ = ["Missing", "Needed", "Undecided", "told"]


@frozen
class Needed:
    """Some events of one sort.

    `where`: the conditions they have to meet, as the rules say them with their parameters filled in; "" if none. `by`: the
    last day on which the last of them still helps, None where none is set; `first_by`: that of the first, earlier where
    they have to lie in different sub-periods. `fields`: a value of each field the rule looks at that is enough; of a sum
    that of the first. `grain`: they have to lie in different ones of these ("month"), none of which has been hit yet.
    `element`: each needs a new one of these ("person"). `person`: whom one of them may be about, where that matters.
    """

    kind: str
    count: int
    where: str = ""
    by: date | None = None
    first_by: date | None = None
    fields: Mapping[str, Value] = field(factory=dict)
    grain: str = ""
    element: str = ""
    person: str = ""


@frozen
class Missing:
    """What one duty or scorecard of the subject still needs.

    `target`: "met", or the grade to be reached. `state`: "needed"; "out_of_reach": no events can do it any more;
    "undecided": it cannot be told. `why` is then a code (`explain.missing` has the words), `detail` the part of the rule
    it is about. `needs`: the events; `events`: the same one by one, as they were tried. `gain`: points, of a scorecard.
    `last_day`: the day by which the first of them must have happened. `fewest`: no smaller number is enough; False where
    too many combinations were possible to try all. `held`: indicators taken as they are, for their values lie with others.
    `steady`: the duty cannot be undone by further events.
    """

    rule: str
    period: str
    target: str
    state: str = "needed"
    needs: tuple[Needed, ...] = ()
    gain: Fraction | None = None
    last_day: date | None = None
    why: str = ""
    detail: str = ""
    fewest: bool = True
    held: tuple[str, ...] = ()
    steady: bool = True
    events: Events = field(default=(), repr=False)


class Undecided(Exception):  # noqa: N818 - an answer, not an error
    """Raised inside the search only: there is no proposal, and why."""

    def __init__(self, why: str, detail: str = "", state: str = "undecided", held: tuple[str, ...] = ()) -> None:
        super().__init__(why)
        self.why, self.detail, self.state, self.held = why, detail, state, held


def told(trial: Trial, late: bool, base: Missing, events: Events, sorts: Sequence[Sort]) -> Missing:
    """The answer with its events, those of one sort together. `late`: the last day is over, so there is none to name."""
    queries = {a.number: a for a in trial.queries}
    together: dict[tuple[str, frozenset[int]], list[FutureEvent]] = {}
    for event in events:
        numbers = frozenset(n for n, a in queries.items() if trial.sorts.taken(a.aggregate, event) is not None)
        together.setdefault((event.kind, numbers), []).append(event)
    needs = tuple(
        _needed(ours, [queries[n] for n in sorted(numbers)], sorts, late) for (_, numbers), ours in together.items()
    )
    return evolve(base, needs=needs, events=events, last_day=None if late else min(e.day for e in events))


def _needed(
    events: Sequence[FutureEvent], queries: Sequence[AggregateQuery], sorts: Sequence[Sort], late: bool
) -> Needed:
    first, days = events[0], [e.day for e in events]
    numbers = {a.number for a in queries}
    alike = [s for s in sorts if s.kind == first.kind and s.queries == numbers]
    sort = next((s for s in alike if any(e.key == first.key for e in s.events)), next(iter(alike), None))
    new = sort is not None and len(events) <= len(sort.events)
    wheres = [c for a in queries if a.aggregate.where is not None for c in conjuncts(a.aggregate.where)]
    parts = [p for a in queries for p in (a.aggregate.where, a.aggregate.value) if p is not None]
    refs = {n for p in parts for n in walk(p) if isinstance(n, Ref)}
    personal = any(r.scope == "person" or r.name in ("person", "member") for r in refs)
    return Needed(
        first.kind,
        len(events),
        " and ".join(dict.fromkeys(render(c) for c in wheres)),
        None if late else max(days),
        None if late else min(days),
        {n: v for n, v in first.fields.items() if v is not None},
        "" if sort is None or not new else sort.grain,
        "" if sort is None or not new else sort.element,
        (first.person or "") if personal else "",
    )
