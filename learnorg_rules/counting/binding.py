"""Rules meet an organisation: attributes get their declared types, selectors their subjects."""

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from functools import cached_property
from itertools import compress, repeat

from attrs import field, frozen

from ..errors import Issues, did_you_mean
from ..expr.nodes import Node, Ref, Subjects, walk
from ..model.decision import FACT_TYPES
from ..model.definitions import FieldType
from ..model.kinds import rules_in
from ..model.parameters import Parameters
from ..model.ruleset import Ruleset
from ..org.organisation import Organisation
from ..org.records import EDGE_KINDS
from ..periods import ONE_DAY, Clock, Period, Stretches, common, days_in
from ..values import Value
from .headcounts import Headcounts
from .typed import TypedColumn, typed_column
from .verdicts import Verdicts

__all__ = ["CODES", "Binding", "bind"]

CODES: Mapping[str, tuple[str, str]] = {
    "O201": ("attribute of the wrong type", "A unit's or person's attribute is not of the type the ruleset declares for it."),
    "O202": ("unknown id in a rule", "A selector names a unit, body or person that the organisation does not have."),
    "O204": ("born too late", "A person's birth date lies after their first day in the organisation, or after the days judged."),
    "O203": ("unknown kind of edge in a rule", "A selector follows a kind of edge that does not exist."),
    "O206": ("a day that is not judged", "The day judged lies before the first or after the last day of the rules."),
    "O205": ("read under another name", "Files call an attribute as `organisation.columns` of the ruleset says, but the organisation was read without it."),
}  # fmt: skip


@frozen
class Days:
    """Days of a period that a subject was there, and the days of its members in sum."""

    present: int
    of_members: int


@frozen
class Binding:
    """An organisation as a ruleset sees it. `attributes`: those it declares, by name."""

    ruleset: Ruleset
    organisation: Organisation
    parameters: Parameters
    at: date
    attributes: Mapping[str, TypedColumn] = field(repr=False)
    _selected: dict[tuple[int, date], list[str]] = field(factory=dict, repr=False)

    @cached_property
    def clock(self) -> Clock:
        """Says what has come by the day judged."""
        return Clock(self.at)

    def attribute(self, node: str, name: str, day: date) -> Value:
        """The typed attribute of a unit or person on a day; None where it has none. `age` counts full years."""
        if name == "id":
            return node
        if name == "name":
            return self.organisation.names(node)
        if name == "age" and "age" not in self.attributes:
            born = self.attribute(node, "birth_date", day)
            return age(born, day) if isinstance(born, date) else None
        column = self.attributes.get(name)
        return None if column is None else column.on(node, day)

    def column(self, name: str, nodes: Sequence[str], day: date) -> Sequence[Value]:
        """`attribute` of each of the nodes."""
        if name in self.attributes:
            return self.attributes[name].of(nodes, day)
        return [self.attribute(node, name, day) for node in nodes]

    @cached_property
    def headcounts(self) -> Headcounts:
        """Counts of members by conditions on their attributes."""
        along = self.ruleset.header.roll_up.along
        return Headcounts(self.organisation, along, self.parameters, self.column, self.ruleset.time_zone)

    def group(self, name: str, subject: str, day: date) -> tuple[str, ...]:
        """The subjects of a group (`expr.nodes.GROUPS`, but `peers`) as of a day, sorted but for `home` (nearest first)."""
        snapshot, along = self.organisation.as_of(day), self.ruleset.header.roll_up.along
        if name == "members":
            return snapshot.members(subject, along)
        if name == "home":
            home = snapshot.home(subject)
            return () if home is None else (home, *snapshot.ancestors(home, along))
        if name in ("led", "guided"):
            return tuple(sorted(snapshot.targets(subject, "leads" if name == "led" else "guides")))
        kind = self.organisation.kind
        below = [u for u in snapshot.descendants(subject, along) if u != subject and kind(u) == "unit"]
        return tuple(below if name == "below" else (u for u in below if snapshot.parent(u, along) == subject))

    def days(self, subject: str, period: Period) -> "Days":
        """Days of the period that count, up to the day judged, that the subject lived, and those of its members in sum."""
        start, end = period.counted
        end = min(end, self.clock.end)
        along = self.ruleset.header.roll_up.along
        so_far = ((start, end),) if start < end else ()
        of_members = 0
        for day, stop in self.organisation.segments(along, start, end) if so_far else ():
            of_members += self.headcounts.count(None, subject, day, day) * (stop - day).days
        return Days(days_in(common(self.organisation.stays(subject), so_far)), of_members)

    def life(self, node: str, inherits: bool, period: Period) -> Stretches:
        """The days of a subject's life. Where it inherits, it begins with the oldest it inherits from in the period."""
        stays = self.organisation.stays(node)
        if inherits and stays:
            old = (n for n, since in self.predecessors(node).items() if since <= period.due)
            start = min((stays[0][0], *(self.organisation.life(n)[0] for n in old)))
            return ((start, stays[0][1]), *stays[1:])
        return stays

    def own_days(self, node: str, inherits: bool, period: Period) -> Stretches:
        """The days of the period that the ruleset judges, from the first to the last in the subject's life; () where none is."""
        judged = (self.ruleset.first_day, self.ruleset.end)
        own = common(((period.start, period.end),), (judged,), self.life(node, inherits, period))
        return ((own[0][0], own[-1][1]),) if own else ()

    def is_required(self, days: int, whole: int) -> bool:
        """Whether so many days of a subject are enough of a period of `whole` days to ask something of it."""
        least = self.ruleset.header.required_share  # in whole numbers: this is asked of every subject in every period
        return days > 0 and days * least.denominator >= least.numerator * whole

    def day_in(self, node: str, period: Period) -> date:
        """The day on which a subject is looked at in a period: the last that has come, of its life where any of it was lived."""
        last = self.clock.up_to(period.last)
        lived = common(self.organisation.stays(node), ((period.start, max(last, period.start) + ONE_DAY),))
        return lived[-1][1] - ONE_DAY if lived else last

    def predecessors(self, node: str) -> Mapping[str, date]:
        """Those the node had taken the place of by the day judged, directly or not, each with the day from which it had.

        Through a chain (a, then b, then c) that is the day of its last link; of several ways, the earliest holds. What
        they had counts for the node in periods that are due on that day or later.
        """
        found: dict[str, date] = {}
        todo = [(node, date.min)]
        for new, so_far in todo:  # grows while it runs
            for old, day in self._successions.get(new, ()):
                since = max(so_far, day)
                if old != node and self.clock.has_come(since) and since < found.get(old, date.max):
                    found[old] = since
                    todo.append((old, since))
        return found

    @cached_property
    def _successions(self) -> Mapping[str, list[tuple[str, date]]]:
        """New one -> what it succeeds, each with the first day of the edge."""
        found: dict[str, list[tuple[str, date]]] = {}
        for edge in self.organisation.edges["succeeds"]:
            first = edge.from_ if edge.from_ is not None else self.organisation.life(edge.source_id)[0]
            found.setdefault(edge.source_id, []).append((edge.target_id, first))
        return found

    def versions(self, name: str) -> Iterator[tuple[str, date, date, Value]]:
        """(node, first day, end, value) of one attribute, sorted by node and day."""
        if name in self.attributes:
            yield from self.attributes[name].sorted_rows()

    def select(self, subjects: Subjects, period: Period) -> list[tuple[str, date]]:
        """(subject, day its attributes are taken from), sorted: those that are there in the period and are selected.

        The day is the last of the period that has come, or of the subject's life if that ended before (`day_in`). Persons
        whom the selector takes though they do not live in the period at all are among them.
        """
        last = self.clock.up_to(period.last)
        days = dict.fromkeys(self._select_on(subjects, last, period), last)
        there, departures = self.organisation.as_of(last).belonging, self.organisation.departures
        away = {
            s
            for s in days.keys() - there
            if subjects.family in ("persons", "") and self.organisation.kind(s) == "person"
        }
        known = days.keys() - away
        for is_person in (True, False) if not subjects.family else (subjects.family == "persons",):
            ends = self._departure_days[is_person]
            for end in reversed(ends[bisect_right(ends, period.start) : bisect_right(ends, last)]):
                nodes = departures[is_person][end] - there - known
                if nodes:
                    known |= nodes
                    for node in nodes & away:
                        del days[node]
                    day = end - ONE_DAY
                    days.update(dict.fromkeys(nodes & set(self._select_on(subjects, day, period)), day))
        return sorted(days.items())

    @cached_property
    def _departure_days(self) -> Mapping[bool, Sequence[date]]:
        return {is_person: list(days) for is_person, days in self.organisation.departures.items()}

    def _select_on(self, subjects: Subjects, day: date, period: Period) -> list[str]:
        uses_period = subjects.where is not None and _names_period(subjects.where)
        key = (id(subjects), day)
        if key in self._selected and not uses_period:
            return self._selected[key]
        snapshot = self.organisation.as_of(day)
        along = self.ruleset.header.roll_up.along
        if subjects.family == "persons":
            nodes = list(snapshot.members(subjects.of, along) if subjects.of else snapshot.persons())
        elif subjects.family == "bodies":
            nodes = list(snapshot.bodies())
        elif subjects.family == "units":
            nodes = list(snapshot.descendants(subjects.of, along)) if subjects.of else list(snapshot.units())
        else:
            nodes = [i for i in subjects.ids if snapshot.exists(i)]
        if subjects.edge:
            allowed = set(snapshot.targets(subjects.by, subjects.edge)) if snapshot.exists(subjects.by) else set()
            nodes = [n for n in nodes if n in allowed]
        if subjects.where is not None:
            bounds = {"period_start": period.start, "period_end": period.last}

            def other(ref: Ref) -> Value:
                return bounds[ref.name] if ref.scope == "local" else self.parameters.value(ref.name, period.last)

            condition = Verdicts(subjects.where, other, self.ruleset.time_zone)
            columns = [self.column(name, nodes, day) for name in condition.names]
            values = zip(*columns, strict=True) if columns else repeat((), len(nodes))
            nodes = list(compress(nodes, map(condition.__getitem__, values)))
        self._selected[key] = sorted(nodes)
        return self._selected[key]


def _names_period(node: Node) -> bool:
    return any(isinstance(n, Ref) and n.scope == "local" for n in walk(node))


def bind(ruleset: Ruleset, organisation: Organisation, at: date) -> Binding:
    """The organisation with typed attributes, as the ruleset declares them.

    Raises:
        InputError: the day lies outside those of the rules; attributes of the wrong type, ids or edge kinds in selectors that
            do not exist; all at once.
    """
    issues = Issues()
    if not ruleset.first_day - ONE_DAY <= at < ruleset.end:  # on the day before the first nothing has begun
        issues.error(
            ruleset.header.place("effective"), "O206", f"results as of {at} are asked for, which the rules do not judge",
            f"they judge {ruleset.first_day} to {ruleset.end - ONE_DAY}; ask for one of these days, or let 'effective' go on",
        )  # fmt: skip
    schema = ruleset.organisation
    units = {"level": FieldType("choice", of=tuple(schema.levels)), **schema.units}
    attributes = {
        name: typed_column(organisation, name, declared, issues) for name, declared in _by_name(units, schema.persons)
    }
    _check_columns(ruleset, organisation, attributes, issues)
    _check_births(ruleset, organisation, attributes, issues)
    _check_ids(ruleset, organisation, issues)
    _check_ids_of_decisions(ruleset, organisation, issues)
    issues.raise_errors()
    return Binding(ruleset, organisation, Parameters(ruleset.parameters), at, attributes)


def _by_name(
    units: Mapping[str, FieldType], persons: Mapping[str, FieldType]
) -> Iterator[tuple[str, dict[str, FieldType]]]:
    for name in dict.fromkeys((*units, *persons)):
        declared = {}
        if name in units:
            declared["unit"] = units[name]
        if name in persons:
            declared["person"] = persons[name]
        yield name, declared


def _check_columns(
    ruleset: Ruleset, organisation: Organisation, attributes: Mapping[str, TypedColumn], issues: Issues
) -> None:
    """Without the ruleset's names nobody would have a level, and no rule anybody to judge."""
    for ours, theirs in ruleset.organisation.columns.items():
        recorded = organisation.attribute_columns(theirs)
        if ours in attributes and not attributes[ours].nodes and recorded.nodes:
            issues.error(
                recorded.source(0), "O205", f"no node has the attribute '{ours}', which the ruleset reads from '{theirs}'",
                "read the organisation with `columns=rules.organisation.columns`",
            )  # fmt: skip


def _check_births(
    ruleset: Ruleset, organisation: Organisation, attributes: Mapping[str, TypedColumn], issues: Issues
) -> None:
    """Nobody is born after the first day they are there, or after the days judged."""
    if "birth_date" not in ruleset.organisation.persons:
        return
    typed = attributes["birth_date"]
    births = dict(zip(reversed(typed.nodes), reversed(typed.values), strict=True))  # of several the first
    recorded = organisation.attribute_columns("birth_date")
    for row, node in enumerate(recorded.nodes):
        born = births.get(node)
        first, _ = organisation.life(node)
        latest = min(day for day in (first if first > date.min else ruleset.end, ruleset.end))
        if isinstance(born, date) and born > latest:
            what = "the first day there" if latest == first else "the days judged"
            message = f"{node} is born on {recorded.values[row]}, after {what} ({latest})"
            issues.error(recorded.source(row), "O204", message)


def _check_ids(ruleset: Ruleset, organisation: Organisation, issues: Issues) -> None:
    edges = [kind.name for kind in EDGE_KINDS]
    for _, _, rule in rules_in(ruleset):
        tree = rule.subjects
        for name in filter(None, (*tree.ids, tree.of, tree.by)):
            if name not in organisation.nodes:
                issues.error(
                    rule.place("for"), "O202", f"{rule.id} is for {name!r}, which the organisation does not have",
                    did_you_mean(name, organisation.nodes),
                )  # fmt: skip
        for key, name in (("responsible", rule.responsible), ("escalate", rule.escalate)):
            if name and name not in edges and (key == "escalate" or name not in organisation.nodes):
                what = (
                    "no kind of edge" if key == "escalate" else "neither a kind of edge nor an id of the organisation"
                )
                hint = did_you_mean(name, edges) or did_you_mean(name, organisation.nodes)
                issues.error(rule.place(key), "O203", f"{key} of {rule.id}: {name!r} is {what}", hint)
        if tree.edge and tree.edge not in edges:
            issues.error(rule.place("for"), "O203", f"{tree.edge!r} is no kind of edge", did_you_mean(tree.edge, edges))


def _check_ids_of_decisions(ruleset: Ruleset, organisation: Organisation, issues: Issues) -> None:
    for rule in ruleset.decisions.values():
        subjects: list[tuple[str, object]] = [
            (t.field, id_)
            for p in rule.all_patterns
            for t in p.tests
            if FACT_TYPES[p.type].fields[t.field].names == "subject"
            for id_ in t.constants
        ]
        for name, id_ in [*subjects, ("subject", rule.then.get("subject"))]:
            if isinstance(id_, str) and id_ not in organisation.nodes:
                issues.error(
                    ruleset.decision_sources[rule.id], "O202",
                    f"'{name}' of {rule.id} is {id_!r}, which the organisation does not have",
                    did_you_mean(id_, organisation.nodes),
                )  # fmt: skip


def age(born: date, day: date) -> int | None:
    """Full years from the day of birth to the day; None before birth. Someone born on 29 February ages on 1 March."""
    years = day.year - born.year - ((day.month, day.day) < (born.month, born.day))
    return years if years >= 0 else None
