"""What stands behind one aggregate: the events that count for it, and those that nearly do, each with what it lacks.

Which events count is asked of the same lowered conditions the kernel runs; why one does not is asked of the plain
evaluator, condition by condition as written. The two must agree, and an event they disagree on is a fault of ours.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import date, tzinfo
from fractions import Fraction

import polars as pl
from attrs import define, field

from ..counting.attributes import with_attributes
from ..counting.binding import Binding
from ..counting.frames import column, to_cell, to_polars
from ..counting.ingest import Ingested
from ..counting.presence import absent_expression
from ..dataflow.nodes import AggregateQuery, Dataflow
from ..errors import Source
from ..expr.aggregates import Cell, Order, function_of
from ..expr.evaluate import compile_node
from ..expr.nodes import Across, Aggregate, Call, IsMissing, Node, Ref, children
from ..expr.render import render
from ..expr.rewrite import assume, conjuncts
from ..expr.types import BOOLEAN, Base
from ..judging.evaluation import Context
from ..periods import ONE_DAY, Grain, Period
from ..values import Value, known
from .traces import (
    AggregateTrace,
    EventSeen,
    Failed,
    Leaf,
    Listed,
    NotCounted,
    PersonSeen,
    PersonsTrace,
    SetAside,
    listed,
)

__all__ = ["Evidence", "failing", "leaves_of", "written"]

LOOKED_UP = (
    "previous",
    "base",
    "streak",
    "met",
    "present",
    "person_days",
)  # calls whose value comes from outside the expression
Lookup = Callable[[Node], Value]


@define(slots=False)
class Evidence:
    """The events of one run, asked for one subject and period at a time. `limit`: entries per list."""

    ingested: Ingested = field(repr=False)
    binding: Binding = field(repr=False)
    dataflow: Dataflow = field(repr=False)
    limit: int
    _members: dict[tuple[tuple[str, ...], date], frozenset[str]] = field(factory=dict, init=False, repr=False)

    # ---- events

    def of(
        self, node: Aggregate, text: str, value: Value, query: AggregateQuery | None, context: Context
    ) -> AggregateTrace:
        """What stands behind an aggregate over events: `text` is the expression it is in, `ask` what answered it."""
        period = context.period
        first, last = self._days(period)
        if query is None:
            return AggregateTrace(node, value, first, last, Listed(), Listed(), Listed())
        function = function_of(node)
        near = self._near(node, query, context, last)
        match = self._match(query)
        counted = near.filter(match)
        rest = near.filter(~match).sort(self._lacking(query), "occurred_at", "source", "id")
        missed = [self._not_counted(row, node, text, context) for row in rest.head(self.limit).iter_rows(named=True)]
        total = rest.height
        hit: tuple[str, ...] = ()
        not_hit: tuple[str, ...] = ()
        if function.cell is Cell.SUB_PERIODS:
            counted, astray = self._in_sub_periods(counted, node, period)
            total += astray.height
            room = self.limit - len(missed)
            missed += [
                NotCounted(self._seen(row), (), self._sub_period(node, row["date"]).name)
                for row in astray.head(max(0, room)).iter_rows(named=True)
            ]
            hit, not_hit = self._hits(counted, node, period, last)
        rows = [self._seen(row) for row in counted.head(self.limit).iter_rows(named=True)]
        return AggregateTrace(
            node,
            value,
            first,
            last,
            Listed(tuple(rows), counted.height),
            Listed(tuple(missed), total),
            self._set_aside(node, context, last),
            self._values(counted, query.aggregate) if function.cell is Cell.ELEMENTS else Listed(),
            hit,
            not_hit,
            self._deciding(counted, query.aggregate),
        )

    def elements(self, query: AggregateQuery, context: Context) -> Mapping[Value, int]:
        """For `distinct` and `most`: every value that counted, and how many events have it."""
        near = self._near(query.aggregate, query, context, self._days(context.period)[1])
        assert query.aggregate.value is not None  # both count the values of something
        expression, scale = _column(query.aggregate.value)
        tally = near.filter(self._match(query)).group_by(expression.alias("value")).len("n")
        return {_unscaled(value, scale): n for value, n in tally.rows()}

    def _days(self, period: Period) -> tuple[date, date]:
        """The first and the last day of the period on which what happens counts, up to the day judged."""
        first, end = period.counted
        return first, self.binding.clock.up_to(end - ONE_DAY)

    def _near(self, node: Aggregate, query: AggregateQuery, context: Context, last: date) -> pl.DataFrame:
        """The events of these kinds, of the subject or below, on days of the period that count, up to `last`; in their order."""
        rows = self._of_subject(self.ingested.frame, node, context, last)
        found = _in_order(with_attributes(rows, self.binding, self.dataflow)).collect()
        if context.family == "persons" or query.lowered.inside == query.lowered.outside:
            return found.with_columns(_member=pl.lit(value=True))
        pairs = found.select("person", "date").unique().rows()
        members = pl.DataFrame(
            [(person, on, self.is_member(context, person, on)) for person, on in pairs],
            schema={"person": found.schema["person"], "date": pl.Date(), "_member": pl.Boolean()},
            orient="row",
        )
        return found.join(members, on=["person", "date"], how="left", nulls_equal=True, maintain_order="left")

    def _of_subject(self, frame: pl.DataFrame, node: Aggregate, context: Context, last: date) -> pl.LazyFrame:
        day, (first, _) = pl.col("date"), context.period.counted
        rows = frame.lazy().filter(pl.col("kind").cast(pl.String).is_in(list(node.kinds)) & day.is_between(first, last))
        if context.family == "persons":
            away = absent_expression(self.binding.ruleset, self.binding.organisation)
            rows = rows.filter(pl.col("person") == context.subject, *([] if away is None else [~away]))
        else:
            below = pl.lit(value=False)
            for start, end, units in self._below(context, first, last + ONE_DAY):
                below = below | (day.is_between(start, end - ONE_DAY) & pl.col("unit").is_in(units))
            rows = rows.filter(below)
        return rows

    def _set_aside(self, node: Aggregate, context: Context, last: date) -> Listed[SetAside]:
        aside = self.ingested.aside
        if aside is None:
            return Listed()
        rows = _in_order(self._of_subject(aside.filter(pl.col("state") != "voids"), node, context, last)).collect()
        found = [
            SetAside(
                row["state"], self._seen(row), row["code"] or "", row["reason"] or "",
                self._replaced_by(row, "corrects" if row["state"] == "superseded" else "voids", aside),
            )
            for row in rows.head(self.limit).iter_rows(named=True)
        ]  # fmt: skip
        return Listed(tuple(found), rows.height)

    def _replaced_by(self, row: Mapping[str, object], how: str, aside: pl.DataFrame) -> tuple[str, ...]:
        if row["state"] not in ("superseded", "voided"):
            return ()
        same = (pl.col(how) == row["id"]) & (pl.col("source") == row["source"])
        ids = [i for frame in (self.ingested.frame, aside) for i in frame.filter(same)["id"].to_list()]
        return tuple(sorted(set(ids)))

    def _match(self, query: AggregateQuery) -> pl.Expr:
        tz, low = self.binding.ruleset.time_zone, query.lowered
        inside, outside = (
            pl.lit(value=True) if condition is None else to_polars(condition, tz).fill_null(value=False)
            for condition in (low.inside, low.outside)
        )  # fmt: skip
        return pl.when(pl.col("_member")).then(inside).otherwise(outside)

    def _lacking(self, query: AggregateQuery) -> pl.Expr:
        """How many of its first-level conditions an event does not meet: the fewer, the nearer it was to counting."""
        tz, where = self.binding.ruleset.time_zone, query.aggregate.where
        missed = pl.repeat(0, pl.len())  # not a literal: a sort by one fails where there is no row
        for condition in () if where is None else conjuncts(where):
            inside, outside = (
                to_polars(assume(condition, "member", value), tz).fill_null(value=False) for value in (True, False)
            )
            missed = missed + (~pl.when(pl.col("_member")).then(inside).otherwise(outside)).cast(pl.Int32)
        return missed

    def _below(self, context: Context, start: date, end: date) -> Iterator[tuple[date, date, list[str]]]:
        """Stretches of days with the units and bodies whose events count for the subject, those it inherits among them."""
        organisation, roll_up = self.binding.organisation, self.binding.ruleset.header.roll_up
        subject, *old = self._tops(context)
        if roll_up.as_ == "as_now":
            now = organisation.as_of(self.binding.at)
            inherited = [u for o in old for u in now.descendants(o, roll_up.along) or (o,)]
            yield start, end, [*now.descendants(subject, roll_up.along), *inherited]
            return
        for first, after in organisation.unit_segments(roll_up.along, start, end):
            snapshot = organisation.as_of(first)
            yield first, after, [u for top in (subject, *old) for u in snapshot.descendants(top, roll_up.along)]

    def is_member(self, context: Context, person: str | None, on: date) -> bool:
        """Whether the person belonged to the subject, to what it inherits from, or to something below, on the day."""
        roll_up = self.binding.ruleset.header.roll_up
        snapshot = self.binding.organisation.as_of(self.binding.at if roll_up.as_ == "as_now" else on)
        tops = self._tops(context)
        key = (tops, snapshot.start)
        if key not in self._members:
            self._members[key] = frozenset(p for top in tops for p in snapshot.members(top, roll_up.along))
        return person in self._members[key]

    def _tops(self, context: Context) -> tuple[str, ...]:
        """The subject, then those whose events it inherits in the period."""
        old = self.binding.predecessors(context.subject) if context.family == "successors" else {}
        return (context.subject, *sorted(o for o, since in old.items() if since <= context.period.due))

    # ---- one event

    def _seen(self, row: Mapping[str, object]) -> EventSeen:
        ruleset = self.binding.ruleset
        kind = str(row["kind"])
        values = {name: self._field(row, name) for name in ruleset.events[kind].takes if name in ruleset.fields}
        index = row.get("file")
        file = self.ingested.files[index] if isinstance(index, int) and index < len(self.ingested.files) else ""
        line = row.get("row")
        return EventSeen(
            str(row["id"]), str(row["source"] or ""), kind, str(row["unit"]), row["person"], row["date"],  # type: ignore[arg-type]
            row["occurred_at"], row["recorded_at"], {n: v for n, v in values.items() if v is not None},  # type: ignore[arg-type]
            Source(file, line if isinstance(line, int) else 0),
        )  # fmt: skip

    def _field(self, row: Mapping[str, object], name: str) -> Value:
        value = row[name]
        declared = self.binding.ruleset.fields.get(name)
        if declared is not None and declared.scale and isinstance(value, int):
            return Fraction(value, 10**declared.scale)
        return value

    def event_lookup(self, row: Mapping[str, object], context: Context) -> Lookup:
        """The value of what a condition over events names, for one row."""

        def lookup(node: Node) -> Value:
            assert isinstance(node, Ref)
            if node.scope == "parameter":
                return self.binding.parameters.value(node.name, context.period.last)
            on = row["date"]
            assert isinstance(on, date)
            if node.scope == "person":
                return None if row["person"] is None else self.binding.attribute(str(row["person"]), node.name, on)
            if node.scope == "unit":
                return self.binding.attribute(str(row["unit"]), node.name, on)
            if node.name == "member":
                return bool(row["_member"])
            return self._field(row, node.name)

        return lookup

    def _not_counted(self, row: Mapping[str, object], node: Aggregate, text: str, context: Context) -> NotCounted:
        tz = self.binding.ruleset.time_zone
        lookup = self.event_lookup(row, context)
        failed = [] if node.where is None else failing(node.where, text, lookup, tz)
        for part in (node.value, node.by):
            if part is not None and compile_node(part, tz)(lookup) is None:
                test = IsMissing(operand=part, negated=True, type=BOOLEAN)
                leaves = leaves_of(part, lookup, part.span.start)
                failed.append(Failed(f"{written(part, text)} is not missing", False, leaves, test))
        if not failed:  # the kernel's condition and the evaluator disagree
            raise AssertionError(f"event {row['id']} does not count for {node.text}, but meets its conditions")
        return NotCounted(self._seen(row), tuple(failed))

    # ---- what the value is made of

    def _values(self, counted: pl.DataFrame, node: Aggregate) -> Listed[tuple[Value, int]]:
        assert node.value is not None
        expression, scale = _column(node.value)
        tally = counted.group_by(expression.alias("value")).len("n").sort("n", "value", descending=[True, False])
        shown = [(_unscaled(value, scale), n) for value, n in tally.head(self.limit).rows()]
        return Listed(tuple(shown), tally.height)

    def _deciding(self, counted: pl.DataFrame, node: Aggregate) -> EventSeen | None:
        function = function_of(node)
        if function.cell is not Cell.END or node.value is None or not counted.height:
            return None
        if function.order is Order.TIME:
            rows = counted.sort("occurred_at", "id", descending=function.end == -1)
        else:
            value, scale = _column(node.value)
            taken = [_unscaled(one, scale) for one in counted.select(value).to_series()]
            best = (max if function.end else min)(taken)  # type: ignore[type-var] # of one sort, which has an order
            rows = counted.filter([one == best for one in taken])
        return self._seen(rows.row(0, named=True))

    def _sub_period(self, node: Aggregate, day: date) -> Period:
        return self.binding.ruleset.calendar.period(Grain(node.grain), day)

    def _belongs(self, node: Aggregate, sub: Period, period: Period) -> bool:
        return node.grain != "week" or sub.middle in period

    def _in_sub_periods(
        self, counted: pl.DataFrame, node: Aggregate, period: Period
    ) -> tuple[pl.DataFrame, pl.DataFrame]:
        days = counted["date"].unique().to_list()
        ours = [day for day in days if self._belongs(node, self._sub_period(node, day), period)]
        inside = pl.col("date").is_in(ours)
        return counted.filter(inside), counted.filter(~inside)

    def _hits(
        self, counted: pl.DataFrame, node: Aggregate, period: Period, last: date
    ) -> tuple[tuple[str, ...], tuple[str, ...]]:
        calendar = self.binding.ruleset.calendar
        subs = calendar.schedule(node.grain, period.counted[0], last + ONE_DAY).periods
        ours = [sub for sub in subs if self._belongs(node, sub, period)]
        hit = {self._sub_period(node, day).name for day in counted["date"].unique().to_list()}
        return tuple(s.name for s in ours if s.name in hit), tuple(s.name for s in ours if s.name not in hit)

    # ---- persons

    def persons(self, node: Aggregate, text: str, value: Value, context: Context) -> PersonsTrace:
        """What stands behind `persons(...)`."""
        day, along = context.day, self.binding.ruleset.header.roll_up.along
        members = self.binding.organisation.as_of(day).members(context.subject, along)
        counted: list[PersonSeen] = []
        rest: list[PersonSeen] = []
        for person in members:

            def lookup(ref: Node, person: str = person) -> Value:
                assert isinstance(ref, Ref)
                if ref.scope == "parameter":
                    return self.binding.parameters.value(ref.name, context.period.last)
                return self.binding.attribute(person, ref.name, day)

            failed = [] if node.where is None else failing(node.where, text, lookup, self.binding.ruleset.time_zone)
            (rest if failed else counted).append(PersonSeen(person, tuple(failed)))
        return PersonsTrace(node, value, day, listed(counted, self.limit), listed(rest, self.limit))


def _column(value: Node) -> tuple[pl.Expr, int | None]:
    """What an aggregate takes of each event, and the decimal digits of its integers; None where it is no number."""
    if value.type is not None and value.type.base is Base.NUMBER:
        return to_cell(value)
    assert isinstance(value, Ref)  # checked when the ruleset is loaded: only numbers are computed
    return pl.col(column(value)), None


def _unscaled(value: Value, scale: int | None) -> Value:
    """The value of a cell; `scale` is None where it is no number. One of very many digits comes as text."""
    return value if scale is None or value is None else Fraction(int(value), 10**scale)  # type: ignore[call-overload]


def _in_order(rows: pl.LazyFrame) -> pl.LazyFrame:
    """The one total order of events."""
    return rows.sort("occurred_at", "source", "id")


# ---- conditions


def failing(condition: Node, text: str, lookup: Lookup, tz: tzinfo) -> list[Failed]:
    """The first-level conditions that do not hold, each with the values of what it names."""
    found = []
    for part in conjuncts(condition):
        value = known(compile_node(part, tz, tells_wrong=True)(lookup))
        if value is not True:
            found.append(Failed(written(part, text), value, leaves_of(part, lookup, part.span.start), part))
    return found


def leaves_of(node: Node, lookup: Lookup, offset: int = 0) -> tuple[Leaf, ...]:
    """What the expression names outside of aggregates, each as often as it stands there, in the order written.

    `offset`: where the text of the expression begins, in the text that spans count in.
    """
    found: list[Leaf] = []

    def visit(part: Node) -> None:
        if isinstance(part, Ref | Aggregate | Across) or (isinstance(part, Call) and part.function in LOOKED_UP):
            found.append(Leaf(part, lookup(part), part.span.start - offset, max(0, part.span.end - offset)))
            return
        for child in children(part):
            visit(child)

    visit(node)
    return tuple(found)


def written(node: Node, text: str) -> str:
    """The node as the author wrote it, on one line; canonical where its place is not known."""
    found = text[node.span.start : node.span.end]
    return found if found else render(node)
