"""From rules to the dataflow: collect every aggregate some rule needs, bind its parameters, lower it, group it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date

from attrs import evolve, frozen

from ..expr.aggregates import Cell, function_of
from ..expr.nodes import (
    Aggregate,
    Binary,
    Bool,
    IsMissing,
    Literal,
    Logic,
    Node,
    Ref,
    walk,
)
from ..expr.rewrite import assume, bind
from ..expr.types import BOOLEAN, NUMBER, TEXT
from ..model.decision import named_measures
from ..model.definitions import Duty, Expression, Plan, Rule
from ..model.kinds import kind_of, measure_expressions, rules_in
from ..model.parameters import Parameters
from ..model.references import duties_met, family_in, formulas_of, reached, scorecards_read
from ..model.ruleset import Ruleset
from ..org.organisation import Organisation
from ..periods import ONE_DAY, Clock, Period, Schedule
from ..values import Value
from .nodes import AggregateQuery, Dataflow, Lowered, RuleNode, ScanGroup, ScanKey

__all__ = ["StepNames", "build", "deadline_names", "family_of", "in_force", "periods_of", "step_names"]

PERSON = Ref(scope="event", name="person", type=TEXT)


def build(ruleset: Ruleset, organisation: Organisation, at: date, parameters: Parameters) -> Dataflow:
    """The dataflow of a ruleset over an organisation, for everything that has begun on the day `at`.

    The organisation only says which ids are persons and which are units; no event is looked at. `parameters` learns
    which assumed values were read.
    """
    return _Builder(ruleset, organisation, at, parameters).build()


def family_of(rule: Rule, organisation: Organisation) -> str:
    """How events are counted for the subjects of a rule.

    "persons"; "units" (units and bodies); or "successors": units that also inherit what those they succeed had.
    """
    subjects = rule.subjects
    units = "successors" if rule.succession == "inherit" else "units"
    if subjects.family:
        return "persons" if subjects.family == "persons" else units
    node = organisation.nodes.get(subjects.ids[0]) if subjects.ids else None
    return "persons" if node is not None and node.kind == "person" else units


def in_force(ruleset: Ruleset, rule: Rule) -> list[tuple[date, date, int]]:
    """The judged days of all versions of the rule's id with its cadence, half-open, each with the version's number, sorted.

    Where a revision changes the cadence, the periods of either are judged apart; else the days of both count together.
    """
    found = []
    for number, version in enumerate(getattr(ruleset, kind_of(rule).section)[rule.id]):
        first, last = version.effective.from_ or ruleset.first_day, version.effective.to
        start, end = max(first, ruleset.first_day), ruleset.end if last is None else min(ruleset.end, last + ONE_DAY)
        if version.every == rule.every and start < end:
            found.append((start, end, number))
    return sorted(found)


def deadline_names(duty: Duty, version: int) -> tuple[str, str]:
    """Names of the schedules of a duty with `by`: up to its last day, and up to the day judged."""
    return f"by {duty.id}#{version}", f"after {duty.id}#{version}"


@frozen
class StepNames:
    """Names of the schedules of a step: its planned days, those up to the day judged, and the plan's days before it."""

    planned: str
    until_now: str
    before: str
    before_until_now: str


def step_names(plan: Plan, version: int, step: str) -> StepNames:
    """The schedules of one step of a plan."""
    name = f"plan {plan.id}#{version} {step}"
    return StepNames(name, f"{name} until now", f"{name} before", f"{name} before until now")


def periods_of(dataflow: Dataflow, node: RuleNode, rule: Rule) -> Sequence[Period]:
    """The periods in which subjects of the rule are judged; of a plan the one from its first planned day to its last."""
    periods = dataflow.schedules[node.schedule].periods
    if not isinstance(rule, Plan):
        return periods
    last = dataflow.schedules[step_names(rule, node.version, list(rule.steps)[-1]).planned].periods[0]
    return (evolve(periods[0], end=last.end),)


@frozen
class _Version:
    kind: str
    rule: Rule
    number: int
    subjects: str
    schedules: tuple[str, ...]


class _Builder:
    def __init__(self, ruleset: Ruleset, organisation: Organisation, at: date, parameters: Parameters) -> None:
        self.ruleset, self.organisation, self.at, self.parameters = ruleset, organisation, at, parameters
        self.clock = Clock(at)
        self.schedules: dict[str, Schedule] = {}
        self.queries: dict[tuple[Aggregate, str, str], dict[int, None]] = {}
        self.groups: set[str] = set()
        self.looks: dict[tuple[str, int], list[tuple[str, str]]] = {}
        self.origins: dict[tuple[int, str, str, int], tuple[Aggregate, str, str]] = {}

    def build(self) -> Dataflow:
        versions = list(self.versions())
        for version in versions:
            for expression in measure_expressions(version.rule):
                for aggregate, family in self.aggregates(expression.tree, version.subjects):
                    for schedule in version.schedules:
                        self.query(aggregate, schedule, family)
        for measure in named_measures(self.ruleset.decisions.values()):
            self.schedule("year")
            for family in ("units", "persons"):
                for aggregate, here in self.aggregates(self.ruleset.measures[measure].value.tree, family):
                    self.query(aggregate, "year", here)
        queries: dict[tuple[Aggregate, str, str], AggregateQuery] = {}
        for number, (key, periods) in enumerate(self.queries.items()):
            aggregate, schedule, subjects = key
            queries[key] = AggregateQuery(number, aggregate, lower(aggregate, subjects), schedule, tuple(periods))
        scans = self.scans(queries.values())
        nodes = [n for f in scans for c in (*f.conditions, *f.values, *_elements(f)) for n in walk(c)]
        refs = {(n.scope, n.name) for n in nodes if isinstance(n, Ref)}
        return Dataflow(
            schedules=self.schedules,
            scans=scans,
            rules=self.in_order(versions),
            slots={place: queries[key].number for place, key in self.origins.items()},
            groups=tuple(sorted(self.groups)),
            fields=tuple(sorted(name for scope, name in refs if scope == "event")),
            person_attributes=tuple(sorted(name for scope, name in refs if scope == "person")),
            unit_attributes=tuple(sorted(name for scope, name in refs if scope == "unit")),
            looks=self.looks,
        )

    # ---- rules and their schedules

    def versions(self) -> Iterator[_Version]:
        for kind, number, rule in rules_in(self.ruleset):
            subjects = family_of(rule, self.organisation)
            yield _Version(kind.name, rule, number, subjects, self.schedules_of(rule, number))

    def schedules_of(self, rule: Rule, number: int) -> tuple[str, ...]:
        first = self.ruleset.first_day
        spans = in_force(self.ruleset, rule)
        if rule.every:
            schedule = self.schedule(rule.every)
            cut = Schedule(
                f"{rule.every} of {kind_of(rule).name} {rule.id}", tuple(_cut(p, spans) for p in schedule.periods)
            )
            if cut.periods != schedule.periods:  # what happens outside the days of the rule does not count for it
                schedule = self.schedules[cut.name] = cut
            return (schedule.name,)
        if isinstance(rule, Plan):
            return self.steps_of(rule, number)
        assert isinstance(rule, Duty)
        assert rule.by is not None  # checked when the ruleset is loaded: one of every and by
        start = self.day(rule.from_, first) if rule.from_ is not None else first
        by = self.day(rule.by, start)
        name, after = deadline_names(rule, number)
        self.schedules[name] = Schedule(name, (_cut(Period(start, by + ONE_DAY, f"by {by.isoformat()}"), spans),))
        if not self.clock.has_passed(by) or rule.late == "refused":
            return (name,)
        looked_at = Period(start, self.clock.end, f"up to {self.at.isoformat()}", by)
        counts_from = spans[0][0] if spans else first
        self.schedules[after] = Schedule(after, (looked_at.within(counts_from, looked_at.end),))
        return (name, after, *self.looks_of(rule, number, start, by, counts_from))

    def schedule(self, every: str) -> Schedule:
        """The periods of a cadence; only the days that the ruleset judges count in them."""
        if every not in self.schedules:
            first, end = self.ruleset.first_day, self.ruleset.end
            periods = self.ruleset.calendar.schedule(every, first, end).periods
            self.schedules[every] = Schedule(every, tuple(p.within(first, end) for p in periods))
        return self.schedules[every]

    def looks_of(self, duty: Duty, number: int, start: date, by: date, counts_from: date) -> tuple[str, ...]:
        """The schedules that show whether a duty that can be met late was met by the end of each step that asks."""
        looks = self.looks.setdefault((duty.id, number), [])
        for versions in self.ruleset.plans.values():
            for version, plan in enumerate(versions):
                for step, gates, days in _days_of_gates(plan, version):
                    if (
                        by in days
                        and self.clock.has_passed(days.last)
                        and any(duty.id in self.met_in(g) for g in gates)
                    ):
                        last = days.last.isoformat()
                        name = f"{deadline_names(duty, number)[0]} as of {last}"
                        looked_at = Period(start, days.end, f"up to {last}", by)
                        self.schedules[name] = Schedule(name, (looked_at.within(counts_from, days.end),))
                        looks.append((step, name))
        return tuple(dict.fromkeys(name for _, name in looks))

    def steps_of(self, plan: Plan, number: int) -> tuple[str, ...]:
        """The schedules of a plan's steps; those up to the day judged only where a step's days are over."""
        first = min(step.from_ for step in plan.steps.values())
        found = []
        for step in plan.steps.values():
            names = step_names(plan, number, step.id)
            spans = [(names.planned, step.from_, step.to + ONE_DAY)]
            if self.clock.has_passed(step.to):
                spans.append((names.until_now, step.from_, self.clock.end))
            if step.enter and first < step.from_:
                spans.append((names.before, first, step.from_))
                if self.clock.has_come(step.from_):
                    spans.append((names.before_until_now, first, self.clock.end))
            for name, start, end in spans:
                self.schedules[name] = Schedule(name, (Period(start, end, step.id),))
                found.append(name)
        return tuple(found)

    def day(self, expression: Expression, on: date) -> date:
        value = self.parameters.constant(expression, on)
        assert isinstance(value, date)  # typed when the ruleset is loaded
        return value

    def in_order(self, versions: list[_Version]) -> tuple[RuleNode, ...]:
        """What a rule reads comes before it; else duties, scorecards, awards. Cycles were refused on loading."""
        done: dict[str, RuleNode] = {}
        by_name: dict[str, list[_Version]] = {}
        for version in versions:
            by_name.setdefault(f"{version.kind} {version.rule.id}", []).append(version)

        def visit(name: str) -> None:
            for version in by_name[name]:
                after = [n for n in self.settled_before(version.rule) if n != name]  # a veto reads its own card
                for other in after:
                    if f"{other}#0" not in done:
                        visit(other)
                done[f"{name}#{version.number}"] = RuleNode(
                    version.kind, version.rule.id, version.number, version.schedules[0], tuple(after)
                )

        for name in by_name:
            if f"{name}#0" not in done:
                visit(name)
        return tuple(done.values())

    # ---- aggregates

    def reached(self, tree: Node, family: str) -> Iterator[tuple[Node, str]]:
        """Every node of the tree and of the measures it names, with the family of subjects it is evaluated for."""
        return reached([tree], formulas_of(self.ruleset.measures), family, self._entered)

    def _entered(self, group: str, family: str) -> str:
        self.groups.add(group)
        return family_in(group, family)

    def aggregates(self, tree: Node, family: str) -> Iterator[tuple[Aggregate, str]]:
        for node, here in self.reached(tree, family):
            if isinstance(node, Aggregate) and node.op != "persons":
                yield node, here

    def settled_before(self, rule: Rule) -> list[str]:
        """The duties and scorecards whose results the rule reads."""
        trees = [expression.tree for expression in measure_expressions(rule)]
        measures = self.ruleset.measures
        duties = (f"duty {name}" for name in duties_met(trees, measures))
        return sorted([*duties, *(f"scorecard {name}" for name in scorecards_read(trees, measures))])

    def met_in(self, expression: Expression) -> set[str]:
        """The duties whose `met(...)` the expression rests on."""
        return duties_met([expression.tree], self.ruleset.measures)

    def query(self, aggregate: Aggregate, schedule: str, subjects: str) -> None:
        names = sorted({n.name for n in walk(aggregate) if isinstance(n, Ref) and n.scope == "parameter"})
        for index, period in enumerate(self.schedules[schedule].periods):
            if not self.clock.has_begun(period):
                break
            bound = aggregate
            if names:
                values = {name: self.parameters.value(name, period.last) for name in names}
                bound = _bound(aggregate, values)
            key = (bound, schedule, subjects)
            self.queries.setdefault(key, {})[index] = None
            self.origins[(id(aggregate), schedule, subjects, index)] = key

    def scans(self, queries: Iterable[AggregateQuery]) -> tuple[ScanGroup, ...]:
        by_key: dict[ScanKey, list[AggregateQuery]] = {}
        for query in queries:
            by_key.setdefault(query.lowered.scan, []).append(query)
        scans = []
        for key, members in by_key.items():
            conditions: dict[Node, None] = {}
            values: dict[Node, None] = {}
            kinds: set[str] = set()
            schedules: set[str] = set()
            grains: set[str] = set()
            for query in members:
                low = query.lowered
                for node in (low.inside, low.outside):
                    if node is not None and not isinstance(node, Bool):
                        conditions[node] = None
                for node in (low.value, low.weight):
                    if node is not None:
                        values[node] = None
                kinds.update(low.kinds)
                schedules.add(query.schedule)
                if low.grain:
                    grains.add(low.grain)
            scans.append(
                ScanGroup(
                    key, tuple(conditions), tuple(values), tuple(sorted(kinds)), tuple(sorted(schedules)),
                    tuple(sorted(grains)), tuple(members),
                )
            )  # fmt: skip
        return tuple(scans)


def _days_of_gates(plan: Plan, version: int) -> Iterator[tuple[str, list[Expression], Period]]:
    """For the exit and the entry gates of every step: their schedule, their conditions, and the days looked at."""
    first = min(step.from_ for step in plan.steps.values())
    for step in plan.steps.values():
        names = step_names(plan, version, step.id)
        yield names.planned, [gate.when for gate in step.done.values()], Period(step.from_, step.to + ONE_DAY, step.id)
        yield names.before, [gate.when for gate in step.enter.values()], Period(first, step.from_, step.id)


def _elements(scan: ScanGroup) -> tuple[Node, ...]:
    return () if scan.key.element is None else (scan.key.element,)


def _cut(period: Period, spans: Sequence[tuple[date, date, int]]) -> Period:
    """The period, of which the days count that a rule is in force; where it is on none, it is there to look back at."""
    here = [span for span in spans if period.overlap(span[0], span[1])]
    return period.within(here[0][0], max(end for _, end, _ in here)) if here else period


# ---- lowering


def lower(aggregate: Aggregate, subjects: str) -> Lowered:
    """The aggregate in terms of cells, for subjects of one sort."""
    function, value, where = function_of(aggregate), aggregate.value, aggregate.where
    if value is not None:
        where = _and(where, _present(value))
    if aggregate.by is not None:
        where = _and(where, _present(aggregate.by))
    if subjects == "persons":  # an event counts for its own person
        inside = outside = None if where is None else assume(where, "member", True)
    else:
        inside = None if where is None else assume(where, "member", True)
        outside = None if where is None else assume(where, "member", False)
    inside, outside = _plain(inside), _plain(outside)
    by_person = subjects != "persons" and inside != outside
    counts_values = function.cell is Cell.ELEMENTS
    element = value if counts_values else None
    if by_person and element is None:
        element = PERSON
    if element == PERSON:
        by_person = subjects != "persons"
    if value is not None and aggregate.by is not None:
        product = Binary(op="*", left=value, right=aggregate.by, type=NUMBER)
        return Lowered(
            function, ScanKey(subjects, element, by_person), aggregate.kinds, inside, outside, product, aggregate.by
        )
    return Lowered(
        function, ScanKey(subjects, element, by_person), aggregate.kinds, inside, outside,
        None if counts_values else value, None, aggregate.grain,
    )  # fmt: skip


def _present(value: Node) -> Node | None:
    """A condition that the value is there; None where it always is."""
    refs = {n: None for n in walk(value) if isinstance(n, Ref) and (n.type is None or n.type.nullable)}
    tests: list[Node] = [IsMissing(operand=ref, negated=True, type=BOOLEAN) for ref in refs]
    return None if not tests else tests[0] if len(tests) == 1 else Logic(op="and", operands=tuple(tests), type=BOOLEAN)


def _and(left: Node | None, right: Node | None) -> Node | None:
    if left is None or right is None:
        return right if left is None else left
    parts = [*(left.operands if isinstance(left, Logic) and left.op == "and" else (left,))]
    parts += [*(right.operands if isinstance(right, Logic) and right.op == "and" else (right,))]
    return Logic(op="and", operands=tuple(dict.fromkeys(parts)), type=BOOLEAN)


def _plain(condition: Node | None) -> Node | None:
    return None if isinstance(condition, Bool) and condition.value else condition


def _bound(aggregate: Aggregate, values: Mapping[str, Value]) -> Aggregate:
    """The aggregate with its parameters filled in; one that has no value yet stays missing."""
    nothing = Literal(value=None)
    bound = bind(aggregate, lambda name: nothing if values[name] is None else values[name])
    assert isinstance(bound, Aggregate)
    return bound
