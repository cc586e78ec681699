"""The shared kernel: from cells to measures, duties, scores and awards. Small data, plain Python, exact numbers.

Batch, live and distributed runs all end here, so none of them can mean something else than another.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from fractions import Fraction
from itertools import chain, islice
from operator import itemgetter
from typing import Any

from attrs import evolve, field, frozen

from ..counting.binding import Binding
from ..counting.kernel import Cells
from ..dataflow.nodes import AggregateQuery, Dataflow
from ..expr.aggregates import function_of
from ..expr.evaluate import asked, compile_node
from ..expr.group_functions import GROUP_FUNCTIONS
from ..expr.nodes import Across, Aggregate, Call, In, Logic, Node, Outer, Ref, children
from ..model.definitions import Rule
from ..model.kinds import kind_of, rule_of
from ..model.references import family_in, names_peers
from ..periods import ONE_DAY, Cut, Period, Stretches, days_in
from ..values import Value, Wrong, first_wrong, within_digits
from .cuts import Cuts
from .memo import Memo

__all__ = ["Context", "Evaluation", "Read"]

Read = Callable[["Context"], Value]
"""Gives a value in a context."""

Steps = tuple[Sequence[Read], Callable[[tuple[Value, ...]], Value]]
"""Functions that read in a context what an expression names, and one that gives its value from what they read."""

ScoreKey = tuple[str, str, date, date]
"""A scorecard, a subject, and the first and the end day of a period."""


@frozen
class Context:
    """Where an expression is evaluated: a subject, a period of a schedule, and names the rule binds.

    `rule`: the version on whose behalf; None where no rule asks. `peers`: those it judges in the period, each with the day
    its attributes are taken from; one mapping for all of them. `outer`: in a group, the subject whose group it is. Calling it gives the value of a `Ref`, `Aggregate` or `Call`,
    which is what compiled expressions ask for.
    """

    evaluation: "Evaluation" = field(repr=False)
    subject: str
    family: str  # "units" or "persons"
    schedule: str
    index: int
    day: date  # the subject's attributes are taken from this day
    bound: Mapping[str, Value] = field(factory=dict)
    rule: Rule | None = field(default=None, eq=False, repr=False)
    peers: Mapping[str, date] = field(factory=dict, eq=False, repr=False)
    outer: "Context | None" = field(default=None, eq=False, repr=False)
    cut: Cut | None = field(default=None, repr=False)  # what of the period is the subject's, where a rule judges it
    provisional: bool = False  # whether a period that is not over counts in `streak`

    @property
    def period(self) -> Period:
        """The period."""
        return self.evaluation.dataflow.schedules[self.schedule].periods[self.index]

    def __call__(self, node: Node) -> Value:
        """The value of a node that stands for something outside the expression."""
        evaluation = self.evaluation
        if type(node) is Ref and node.scope == "measure":  # the usual case
            return evaluation.measure(node.name, self)
        if isinstance(node, Aggregate):
            return evaluation.aggregate(node, self)
        if isinstance(node, Call):
            return evaluation.call(node, self)
        if isinstance(node, Across):
            return evaluation.across(node, self)
        if isinstance(node, Outer):
            assert self.outer is not None  # it stands in a group only
            return evaluation.value(node.value, self.outer)
        assert isinstance(node, Ref)
        if node.scope == "parameter":
            return evaluation.binding.parameters.value(node.name, self.period.last)
        if node.scope == "score":
            return evaluation.score(node.name, self)
        if node.scope == "local":
            return self.bound[node.name]
        return evaluation.binding.attribute(self.subject, node.name, self.day)

    def in_period(self, index: int) -> "Context":
        """The same subject in another period of the schedule, as the version of the rule in force then sees it."""
        evaluation = self.evaluation
        period = evaluation.dataflow.schedules[self.schedule].periods[index]
        rule, peers, day = self.rule, self.peers, evaluation.binding.day_in(self.subject, period)
        if rule is not None and index != self.index:
            version = evaluation.in_force(rule, period)
            rule, peers = version or rule, {} if version is None else evaluation.cuts.peers(version, period)
        outer = None if self.outer is None else self.outer.in_period(index)
        return evolve(self, index=index, day=day, rule=rule, peers=peers, outer=outer, cut=None)

    @property
    def own(self) -> Stretches:
        """The days of the period in the subject's life that the ruleset judges."""
        return self.evaluation.binding.own_days(self.subject, self.family == "successors", self.period)

    def earlier(self) -> "Iterator[Context]":
        """The same subject in the periods before in which it lived long enough to be judged, the nearest first."""
        binding = self.evaluation.binding
        before = (self.in_period(index) for index in range(self.index - 1, -1, -1))
        return (c for c in before if binding.is_required(days_in(c.own), c.period.days))

    def looked_at(self, function: str) -> "Iterable[Context]":
        """The same subject in the periods that `previous`, `base` or `streak` look at, in the order in which they do."""
        if function == "previous":
            return islice(self.earlier(), 1)
        if function == "base":
            return reversed([self, *self.earlier()])
        return chain([self] if self.provisional or self.is_over else (), self.earlier())

    @property
    def is_over(self) -> bool:
        """Whether the last day of the period on which the subject lives has come."""
        own = self.own
        return bool(own) and self.evaluation.binding.clock.has_come(own[-1][1] - ONE_DAY)

    def group(self, name: str) -> "Iterator[Context]":
        """A context in the same period for each subject of a group (`expr.nodes.GROUPS`), in order of id.

        Whom the rule does not judge in the period has no `peers` there.
        """
        if name == "peers":
            peers = self.peers.items() if self.subject in self.peers else ()
            return (evolve(self, subject=s, day=day, outer=self) for s, day in peers)
        binding = self.evaluation.binding
        family = family_in(name, self.family)
        return (evolve(self, subject=s, family=family, outer=self) for s in binding.group(name, self.subject, self.day))


class Evaluation:
    """Values of measures and expressions for any subject and period, computed when asked, once.

    `duty_rates` (by duty and subject: for every judged period its last day, whether the duty was fulfilled, and the
    schedules of steps in which it was not yet), `scores`
    and `lowered` (grades that decisions lowered) are told to it as rules are judged. What rests on them, and on cells, is
    remembered in `memo`.
    """

    def __init__(
        self, binding: Binding, dataflow: Dataflow, cells: Mapping[int, Cells], memo: Memo | None = None
    ) -> None:
        self.binding, self.dataflow, self.cells = binding, dataflow, cells
        self.memo = Memo() if memo is None else memo
        self.queries = {query.number: query for query in dataflow.queries}
        self.duty_rates: dict[tuple[str, str], dict[tuple[int, int], tuple[date, bool | Wrong, frozenset[str]]]] = {}
        self.scores: dict[ScoreKey, Mapping[str, Value]] = {}
        self.lowered: dict[ScoreKey, str] = {}
        self.withdrawn: dict[tuple[str, str], tuple[tuple[str, str], ...]] = {}  # see `deciding.withdrawals`
        self.after_decisions = False  # whether grades are read as decisions left them
        self._compiled: dict[int, tuple[Node, Read]] = {}
        self._steps: dict[int, tuple[Node, Steps]] = {}
        measures = binding.ruleset.measures
        self._of_peers = {name for name, m in measures.items() if names_peers(m.value.tree, measures)}
        self.cuts = Cuts(binding)

    def value(self, tree: Node, context: Context) -> Value:
        """The expression's value in the context; None where it is missing or unknown, `Wrong` where it is wrong."""
        return self.code(tree)(context)

    def code(self, tree: Node) -> Read:
        """The function that gives the expression's value in a context."""
        found = self._compiled.get(id(tree))
        if found is None:  # the node is kept beside its code, so that its id stays its own
            found = self._compiled[id(tree)] = (
                tree,
                compile_node(tree, self.binding.ruleset.time_zone, self._leaf, tells_wrong=True),
            )
        return found[1]

    def steps(self, tree: Node) -> Steps:
        """The expression in two steps, the second of which needs no context.

        With `and` and `or`, which look at no more than they need, all is one reading.
        """
        found = self._steps.get(id(tree))
        if found is None:
            reads: list[Read] = []

            def place(node: Node) -> Any:
                reads.append(self.code(node))
                return itemgetter(len(reads) - 1)

            tz = self.binding.ruleset.time_zone
            value: Any = place(tree) if _is_selective(tree) else compile_node(tree, tz, place, tells_wrong=True)
            found = self._steps[id(tree)] = tree, (reads, value)
        return found[1]

    def _leaf(self, node: Node) -> Read:
        """What gives a node's value in a context. The usual ones are told apart when compiled, not whenever asked for."""
        if isinstance(node, Ref) and node.scope == "measure":
            name, definition = node.name, self.binding.ruleset.measures[node.name]
            if not _is_of_cells(definition.value.tree):
                return lambda context: self._remembered(name, context)
            if definition.without_events == "missing":
                return lambda context: self._measure(name, context)  # as quickly read as remembered
            node = definition.value.tree
        if isinstance(node, Aggregate):
            return self._of_cells(node) if _is_of_cells(node) else self._of_persons(node)
        return asked(node)

    def _of_cells(self, node: Aggregate) -> Read:
        slots, place, function = self.dataflow.slots, id(node), function_of(node)
        empty, finish = function.empty, function.finish
        no_weight = None if node.by is None else Wrong("weights", node)

        def value(context: Context) -> Value:
            subject, index = context.subject, context.index
            number = slots.get((place, context.schedule, context.family, index))
            if number is None:
                return empty
            self.memo.read(("cell", number, subject, index))
            cells = self.cells[number]
            cell: Any = cells.values.get((subject, index))
            found = finish(cell, cells.scale, cells.weight_scale)
            return no_weight if found is None and no_weight is not None and cell is not None and cell[0] else found

        return value

    def _of_persons(self, node: Aggregate) -> Read:
        count = self.binding.headcounts.count
        return lambda context: count(node.where, context.subject, context.day, context.period.last)

    # ---- whom a rule judges

    def in_force(self, rule: Rule, period: Period) -> Rule | None:
        """The version of the rule in force on the last day of the period that the rule has; None without one."""
        whole = self.cuts.whole(rule, period)
        return None if whole is None else rule_of(self.binding.ruleset, kind_of(rule), rule.id, whole.version)

    # ---- what expressions ask for

    def measure(self, name: str, context: Context) -> Value:
        """A measure for the context's subject and period."""
        is_of_cells = _is_of_cells(self.binding.ruleset.measures[name].value.tree)
        return self._measure(name, context) if is_of_cells else self._remembered(name, context)

    def _remembered(self, name: str, context: Context) -> Value:
        rule = id(context.rule) if name in self._of_peers else None
        key = (
            "measure", name, context.subject, context.family, context.schedule, context.index, context.day, rule,
            self.after_decisions, context.provisional,
        )  # fmt: skip
        return self.memo.get(key, lambda: self._measure(name, context))

    def _measure(self, name: str, context: Context) -> Value:
        definition = self.binding.ruleset.measures[name]
        tree = definition.value.tree
        if definition.provisional and not context.provisional:
            context = evolve(context, provisional=True)
        value = self.value(tree, context)
        if definition.without_events == "missing" and isinstance(tree, Aggregate) and not self.counted(tree, context):
            return None
        return value

    def query_of(self, node: Aggregate, context: Context) -> AggregateQuery | None:
        """The ask that answers an aggregate here; None in periods that have not begun."""
        number = self.dataflow.slots.get((id(node), context.schedule, context.family, context.index))
        return None if number is None else self.queries[number]

    def counted(self, node: Aggregate, context: Context) -> int:
        """How many events (or persons) count for an aggregate."""
        if node.op == "persons":
            count = self.aggregate(node, context)
            assert isinstance(count, int)
            return count
        query = self.query_of(node, context)
        if query is None:
            return 0
        self.memo.read(("cell", query.number, context.subject, context.index))
        found = self.cells[query.number].values.get((context.subject, context.index))
        return 0 if found is None else int(found[0])  # type: ignore[call-overload]

    def aggregate(self, node: Aggregate, context: Context) -> Value:
        """The value of an aggregate for the context's subject and period."""
        return self._leaf(node)(context)

    def call(self, node: Call, context: Context) -> Value:
        """`previous(x)`, `base(x)`, `streak(condition)`, `met(duty)`, `present()` or `person_days()`."""
        if node.function in ("present", "person_days"):
            days = self.binding.days(context.subject, context.period)
            return Fraction(days.present, context.period.days) if node.function == "present" else days.of_members
        target = node.args[0]
        if node.function != "met":
            return self._earlier(node.function, target, context)
        assert isinstance(target, Ref)
        period = context.period
        self.memo.read(("rate", target.name, context.subject))
        rates = self.duty_rates.get((target.name, context.subject), {})
        judged = [
            ok is True and context.schedule not in unmet_in for due, ok, unmet_in in rates.values() if due in period
        ]
        wrong = first_wrong(*(ok for due, ok, _ in rates.values() if due in period))
        return wrong if wrong is not None or not judged else Fraction(sum(judged), len(judged))

    def _earlier(self, function: str, target: Node, context: Context) -> Value:
        """The value of `previous`, `base` or `streak`; what is wrong in a period that they look at says in which."""
        streak = 0
        for c in context.looked_at(function):
            value = self.value(target, c)
            if type(value) is Wrong:
                return value if value.of or c.index == context.index else evolve(value, of=c.period.name)
            if function == "streak" and value is True:
                streak += 1
            elif function == "streak":
                break
            elif value is not None or function == "previous":
                return value
        return streak if function == "streak" else None

    def across(self, node: Across, context: Context) -> Value:
        """A number or condition from the subjects of a group that have a value."""
        function = GROUP_FUNCTIONS[node.op]
        own = self.value(node.value, context) if function.compares else None
        if type(own) is Wrong:
            return own
        if node.group != "peers" or node.names_subject or context.subject not in context.peers:
            return self._of_group(node, self._values(node, context), own)
        key = (
            "peers",
            id(node),
            id(context.rule),
            context.schedule,
            context.index,
            self.after_decisions,
            context.provisional,
        )
        read = self.memo.get(key, lambda: self._values(node, context))
        return self._of_group(node, read, own)  # what all have in common is read once

    def _of_group(self, node: Across, read: list[Value] | Wrong, own: Value) -> Value:
        if isinstance(read, Wrong):
            return read
        return within_digits(GROUP_FUNCTIONS[node.op].value(read, own), Wrong("digits", node))

    def _values(self, node: Across, context: Context) -> list[Value] | Wrong:
        """The value of every subject of a group; one that is wrong stands for all, and says whose it is."""
        read = []
        for c in context.group(node.group):
            value = self.value(node.value, c)
            if type(value) is Wrong:
                return value if value.of else evolve(value, of=c.subject)
            read.append(value)
        return read

    def score(self, name: str, context: Context) -> Value:
        """`card.total`, `card.grade` or `card.indicator` of the subject for the same days; None where there is none."""
        card, _, part = name.partition(".")
        period = context.period
        key = (card, context.subject, period.start, period.end)
        self.memo.read(("score", *key))
        if part == "grade" and self.after_decisions:
            self.memo.read(("lowered", *key))
            if key in self.lowered:
                return self.lowered[key]
        return self.scores.get(key, {}).get(part)


def _is_selective(node: Node) -> bool:
    """Whether there is `and` or `or` outside aggregates: what is looked at depends on what was found."""
    if isinstance(node, Logic | In):
        return True
    return not isinstance(node, Aggregate) and any(map(_is_selective, children(node)))


def _is_of_cells(tree: Node) -> bool:
    return isinstance(tree, Aggregate) and tree.op != "persons"
