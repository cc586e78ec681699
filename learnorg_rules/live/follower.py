"""Live: the same answer as batch, kept up to date one event and one day at a time.

Two things change a result, and each has one way in: events that come to count or cease to (`exchange`), and time that passes
(`advance`). Other rules, or an organisation that is different from what was thought, are another follower. Cells are kept by a `Tally`; what
rests on a changed cell is judged again by the shared `Judging`; everything that depends on the day is judged anew when the
day changes. What batch would say is what this says: the tests compare every field.
"""

from calendar import isleap
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from functools import cached_property

from attrs import evolve, frozen

from ..counting.binding import Binding, bind
from ..counting.cells import rule_of, subjects_of
from ..counting.ingest import Ingested
from ..counting.kernel import Cells
from ..counting.tally import CellKey, SeenRow, Tally
from ..dataflow.build import build
from ..dataflow.nodes import AggregateQuery, Dataflow
from ..events.event import Event, Identity
from ..expr.nodes import Aggregate, Ref, walk
from ..judging.batch import Outcome, Run, decider_for
from ..judging.changes import Cause, Change, changes_of, differences
from ..judging.context import JudgingContext
from ..judging.effects import Effects, effects_of_rows
from ..judging.evaluation import Evaluation
from ..judging.judging import Judging
from ..judging.memo import Key, TrackedMemo
from ..model.definitions import Duty
from ..model.kinds import JUDGED, KINDS, rules_in
from ..model.parameters import Parameters
from ..model.references import expressions_in
from ..model.results import Record
from ..model.ruleset import Ruleset
from ..org.organisation import Organisation
from ..periods import ONE_DAY

__all__ = ["Counted", "Follower", "State"]

Counted = tuple[Event, date]
"""An event that counts, and its local day."""

QueryKey = tuple[Aggregate, str, str]


@frozen
class _Shape:
    """What cells depend on besides the events: where it is the same, a tally goes on being right on another day."""

    tree: int  # with `as_now`: the segment of the day judged
    successions: int  # with `succession: inherit`: how many had taken place


@frozen
class State:
    """All that a follower knows and cannot compute from rules and organisation alone."""

    at: date
    subjects: Sequence[str]
    seen: Sequence[SeenRow]
    later: Sequence[Counted]
    effects: Sequence[Counted]


class Follower:
    """Results of one ruleset over one organisation, as of a day, while events come and time passes."""

    def __init__(self, ruleset: Ruleset, organisation: Organisation, decider: str = "") -> None:
        """Nothing is judged before the first `advance`.

        Raises:
            InputError: the organisation does not fit the rules.
            ValueError: there is no such decider.
        """
        self.ruleset, self.at = ruleset, date.min
        self.decider = decider_for(ruleset, decider)
        self._judging: Judging | None = None
        self._later: dict[Identity, Counted] = {}  # events of days that have not come
        self._effects: dict[Identity, Counted] = {}  # waivers and appeals
        last = self.ruleset.end - ONE_DAY
        self._binding = bind(self.ruleset, organisation, last)
        self.organisation = organisation
        self._horizon = build(self.ruleset, organisation, last, Parameters(self.ruleset.parameters))
        self._tally: Tally | None = None
        self._shape: _Shape | None = None
        self._dataflow_of_tally = self._horizon

    # ---- what changes results

    def exchange(self, gone: Iterable[Counted], come: Iterable[Counted], position: int, cause: Cause) -> list[Change]:
        """Events cease to count and others come to; what is different now.

        Args:
            gone: events that counted.
            come: events that count from now on.
            position: place of the cause in the log.
            cause: why.
        """
        cells: list[CellKey] = []
        subjects: set[str] = set()
        for sign, events in ((-1, gone), (1, come)):
            for counted in events:
                self._count(counted, sign, cells, subjects)
        if self._judging is None or not (cells or subjects):
            return []
        moves = self._judging.again(self._keys(cells), sorted(subjects))
        pairs = [pair for move in moves for pair in differences(move.old, move.new)]
        return changes_of(pairs, position, 0, self.at, cause)

    def advance(
        self,
        to: date,
        counted: Callable[[], Iterable[Counted]],
        position: int,
        progress: Callable[[date], None] | None = None,
    ) -> Iterator[Change]:
        """Time passes up to the end of a day; what falls due, begins, ends, or is different on its last day.

        Changes come at each day on which the calendar, a deadline or the organisation turns or an event waits for, and
        at the last.

        Args:
            to: the day judged from now on.
            counted: all events that count, for when cells have to be made anew.
            position: place of the cause in the log.
            progress: called with each day that was judged.

        Raises:
            ValueError: the day lies before the one judged, or after the last of the rules.
        """
        if to < self.at:
            raise ValueError(f"time does not go back: {to} is before {self.at}")
        if not self.ruleset.first_day - ONE_DAY <= to < self.ruleset.end:
            last = self.ruleset.end - ONE_DAY
            raise ValueError(f"{to} is outside the days of the rules, {self.ruleset.first_day} to {last}")
        number = 0
        days = [to] if self._judging is None else [*self._turns(to), to]
        for day in days:
            changes = changes_of(self._judge_on(day, counted), position, number, day, Cause("time"))
            number += len(changes)
            if progress is not None:
                progress(day)
            yield from changes

    # ---- where it begins

    def await_first_day(self, counted: Iterable[Counted]) -> None:
        """Begin before the first day judged, with events that came already."""
        self._later = {event.identity: (event, day) for event, day in counted}

    def begin(self, at: date, counted: Callable[[], Iterable[Counted]]) -> None:
        """Begin on a day that was judged before, with the events known then."""
        self._judge_on(at, counted)

    def state(self) -> State | None:
        """What `resume` needs; None where there is nothing worth keeping: no day was judged, or cells are of one day only."""
        tally = self._tally
        if tally is None or self._dataflow_of_tally is not self._horizon:
            return None
        later, effects = list(self._later.values()), list(self._effects.values())
        return State(self.at, sorted(tally.subjects), tally.rows(), later, effects)

    def resume(self, state: State, counted: Callable[[], Iterable[Counted]]) -> None:
        """Begin where a follower of the same rules and organisation was."""
        binding = evolve(self._binding, at=state.at)
        self._tally = Tally(binding, self._horizon, state.subjects, self.ruleset.end - ONE_DAY)
        self._tally.restore(state.seen)
        self._shape = self._shape_of(binding)
        self._later = {event.identity: (event, day) for event, day in state.later}
        self._effects = {event.identity: (event, day) for event, day in state.effects}
        self._judge_on(state.at, counted)

    # ---- what is known

    def outcome(self, reading: Callable[[], Ingested]) -> Outcome:
        """Everything found, as a batch run on the day judged would.

        Raises:
            LookupError: no day was judged yet.
        """
        if self._judging is None:
            raise LookupError("no day was judged yet: advance to one first")
        judging_context = self._judging.judging_context
        counts = self._tally is not None and any(cells.values for cells in self._tally.cells.values())
        may_lack = not counts or self.ruleset.header.records.max_rejected is not None
        dataflow, evaluation = judging_context.dataflow, judging_context.evaluation
        run = Run(dataflow, evaluation, self._judging, reading, may_lack_records=may_lack)
        return Outcome(self.ruleset, self.organisation, self.at, None, run)

    @property
    def records(self) -> list[Record]:
        """All results, in the order of batch."""
        j = self._judging
        return [] if j is None else [record for kind in KINDS for record in j.of(kind)]

    # ---- events into cells

    def _count(self, counted: Counted, sign: int, cells: list[CellKey], subjects: set[str]) -> None:
        event, day = counted
        if day > self.at:
            if sign > 0:
                self._later[event.identity] = counted
            else:
                del self._later[event.identity]
            return
        if self._tally is not None:
            cells += self._tally.add(event, day, sign)
        if self.ruleset.events[event.kind].effect:
            if sign > 0:
                self._effects[event.identity] = counted
            else:
                del self._effects[event.identity]
            subjects.add(event.person or event.unit)
            self._renew_effects()

    def _renew_effects(self) -> None:
        if self._judging is not None:
            in_order = sorted(self._effects.values(), key=lambda c: c[0].order)
            names: dict[str, object] = dict.fromkeys(self.ruleset.fields)
            rows = (
                {
                    **names,
                    **e.fields,
                    "person": e.person,
                    "unit": e.unit,
                    "kind": e.kind,
                    "id": e.id,
                    "date": day,
                    "occurred_at": e.occurred_at,
                }
                for e, day in in_order
            )
            self._judging.judging_context.effects.become(effects_of_rows(rows, self.ruleset))

    def _keys(self, cells: Iterable[CellKey]) -> list[Key]:
        numbers = self._numbers
        return [("cell", n, subject, index) for query, subject, index in cells for n in numbers.get(query, ())]

    # ---- a day

    def _judge_on(
        self, day: date, counted: Callable[[], Iterable[Counted]]
    ) -> list[tuple[Record | None, Record | None]]:
        """Judge everything on a day; pairs of results that differ from before."""
        before = self.records
        binding = evolve(self._binding, at=day, parameters=Parameters(self.ruleset.parameters))
        dataflow = build(self.ruleset, self.organisation, day, binding.parameters)
        self.at = day
        self._keep_cells(binding, dataflow, counted)
        evaluation = Evaluation(binding, dataflow, self._cells(dataflow), TrackedMemo())
        self._judging = Judging(JudgingContext(binding, dataflow, evaluation, Effects()), self.decider, self._judging)
        self._renew_effects()
        self._judging.run()
        return list(differences(before, self.records))

    def _keep_cells(self, binding: Binding, dataflow: Dataflow, counted: Callable[[], Iterable[Counted]]) -> None:
        """Bring the tally to the day judged: events of days that have come, or all of them where cells are others now."""
        wanted, shape = subjects_of(binding, dataflow), self._shape_of(binding)
        tally, queries = self._tally, {_query_key(query) for query in dataflow.queries}
        horizon = {_query_key(query) for query in self._dataflow_of_tally.queries}
        if tally is None or shape != self._shape or not wanted <= tally.subjects or not queries <= horizon:
            # An ask whose parameters have another value on this day than on the last of the rules is its own.
            known = {_query_key(query) for query in self._horizon.queries}
            self._dataflow_of_tally = self._horizon if queries <= known else dataflow
            subjects = wanted | (tally.subjects if tally is not None else frozenset())
            self._tally, self._shape = (
                Tally(binding, self._dataflow_of_tally, subjects, self.ruleset.end - ONE_DAY),
                shape,
            )
            self._later.clear()
            self._effects.clear()
            for one in counted():
                self._count(one, 1, [], set())
        else:
            for one in [one for one in self._later.values() if one[1] <= self.at]:
                del self._later[one[0].identity]
                self._count(one, 1, [], set())
        self._numbers: dict[int, list[int]] = {}
        of_tally = {_query_key(query): query.number for query in self._dataflow_of_tally.queries}
        for query in dataflow.queries:
            self._numbers.setdefault(of_tally[_query_key(query)], []).append(query.number)

    def _cells(self, dataflow: Dataflow) -> Mapping[int, Cells]:
        assert self._tally is not None
        return {n: self._tally.cells[number] for number, numbers in self._numbers.items() for n in numbers}

    def _shape_of(self, binding: Binding) -> _Shape:
        roll_up, at = self.ruleset.header.roll_up, binding.at
        segments = self.organisation.segments(roll_up.along, self.ruleset.first_day, self.ruleset.end)
        tree = sum(start <= at for start, _ in segments) if roll_up.as_ == "as_now" else 0
        inherited = any(f.key.subjects == "successors" for f in self._horizon.scans)
        starts = (since for node in self.organisation.nodes for since in binding.predecessors(node).values())
        return _Shape(tree, sum(1 for _ in starts) if inherited else 0)

    def _turns(self, to: date) -> list[date]:
        """The days after the one judged and before `to` on which results may change though no event comes."""
        if self._changes_daily:
            return [self.at + timedelta(i) for i in range(1, (to - self.at).days)]
        waiting = (day for _, day in self._later.values())  # what such an event changes is told of its own day
        return sorted({day for day in (*self._days_of_turns, *waiting) if self.at < day < to})

    @cached_property
    def _names(self) -> frozenset[str]:
        """What the expressions of the rules, and of those they name, ask for."""
        parts = (getattr(self.ruleset, name) for name in ("measures", *(kind.section for kind in JUDGED)))
        nodes = (node for part in parts for expression in expressions_in(part) for node in walk(expression.tree))
        return frozenset(node.name if isinstance(node, Ref) else getattr(node, "function", "") for node in nodes)

    @property
    def _changes_daily(self) -> bool:
        return bool(self._names & {"present", "person_days"})

    @cached_property
    def _days_of_turns(self) -> frozenset[date]:
        """The days on which the calendar, a rule, a deadline, a parameter or the organisation turns."""
        # On its last day a period is over and what was due is missed; so it is where rules, a life or the ruleset end inside it.
        ends = {end - ONE_DAY for departures in self.organisation.departures.values() for end in departures}
        ends |= {rule.effective.to for _, _, rule in rules_in(self.ruleset) if rule.effective.to is not None}
        ends.add(self.ruleset.end - ONE_DAY)
        turns = {*ends, *self.organisation.change_days}
        turns |= {rule.effective.from_ for _, _, rule in rules_in(self.ruleset) if rule.effective.from_ is not None}
        # Gates of plans are looked at by the parameters of the day.
        turns |= {day for p in self.ruleset.parameters.values() for day, _ in p.values if day is not None}
        for schedule in self._horizon.schedules.values():
            turns.update(day for period in schedule.periods for day in (period.start, period.last))
        for node in self._horizon.rules:
            rule = rule_of(self.ruleset, node)
            if isinstance(rule, Duty) and rule.at_risk is not None:
                for period in self._horizon.schedules[node.schedule].periods:
                    span = self._binding.parameters.constant(rule.at_risk, period.last)
                    assert isinstance(span, timedelta)  # typed when the ruleset is loaded
                    turns.update(day - span for day in (period.last, *(end for end in ends if end in period)))
        if "age" in self._names and "age" not in self._binding.attributes:
            turns.update(self._birthdays())
        return frozenset(turns)

    def _birthdays(self) -> Iterator[date]:
        """The days on which somebody is a year older. Who is born on 29 February is so on 1 March."""
        births = self._binding.attributes.get("birth_date")
        for born in set() if births is None else {value for value in births.values if isinstance(value, date)}:
            for year in range(max(self.ruleset.first_day.year, born.year + 1), self.ruleset.end.year + 1):
                leap = (born.month, born.day) == (2, 29) and not isleap(year)
                yield date(year, 3, 1) if leap else born.replace(year=year)


def _query_key(query: AggregateQuery) -> QueryKey:
    return query.aggregate, query.schedule, query.lowered.scan.subjects
