"""What decision rules name and what can never match: their constants against what the ruleset declares."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from functools import cached_property

from attrs import frozen

from ..errors import did_you_mean
from ..expr.nodes import Call, Compare, In, Name, Node, Not, Span
from ..expr.scope import Fault
from ..expr.types import Base
from ..model.decision import FACT_TYPES, DecisionRule, FactField, Pattern, Reference, Test, may_match
from ..model.definitions import DecisionText, Duty, Expression
from ..model.duty import Status
from ..model.references import names_peers
from ..model.ruleset import Ruleset
from ..periods import period_hint
from .decision_reading import Misread

__all__ = ["CODES", "can_hold", "misnamed", "place_of"]

CODES: Mapping[str, tuple[str, str]] = {
    "E713": (
        "unknown name in a decision",
        "A condition or `then` names a duty, scorecard, award, plan, step, measure, grade or period that the ruleset does not "
        "have.",
    ),
    "E714": (
        "a pattern that can never match",
        "No fact meets all conditions of the pattern: they contradict each other, name a status or value that what is named "
        "never has, compare names of different things, or look at decisions that no rule makes.",
    ),
}

_SECTIONS = {"duty": "duties", "scorecard": "scorecards", "award": "awards", "phase": "plans"}
"""The sort of a name -> the section of its rules."""

_DONE_BY_ANOTHER = {"veto": {"grade": "cap"}, "cap": {"award": "veto"}}
"""Values that an action would say without doing anything to them -> the action that does."""

_MADE_OF = {"duty": "duties", "score": "scorecards", "grade": "scorecards", "award": "awards", "phase": "plans"}
"""The sort of a fact -> the section of the rules that give it."""

_WORDS = {"phase": "plan", "let off": "duty or indicator"}


def misnamed(
    ruleset: Ruleset, texts: Mapping[str, DecisionText], broken: AbstractSet[tuple[str, str]]
) -> Iterator[tuple[str, Misread]]:
    """(id of the rule, fault) for every name that the ruleset does not have, and every pattern that can never match.

    Args:
        ruleset: with its decisions.
        texts: the decisions as written, for the places of faults.
        broken: (section, id) of what was refused in part; nothing is said of its uses.
    """
    names = _Names(ruleset, broken)
    for rule in ruleset.decisions.values():
        reader = _Rule(names, rule, texts[rule.id])
        for section, pattern in rule.sections:
            for fault in reader.pattern(pattern):
                yield rule.id, Misread(section, pattern.alias, fault)
        for key, fault in reader.then():
            yield rule.id, Misread("then", key, fault)
    if len(ruleset.decisions) == len(texts):
        yield from _unmade(ruleset)


def _unmade(ruleset: Ruleset) -> Iterator[tuple[str, Misread]]:
    """Patterns over decisions of which no rule makes any."""
    for rule in ruleset.decisions.values():
        for section, pattern in rule.sections:
            if pattern.type != "decision" or any(may_match(pattern, r) for r in ruleset.decisions.values()):
                continue
            named = [t.value for t in pattern.tests if t.field == "rule" and t.op == "=="]
            makers = [ruleset.decisions[str(n)] for n in named if n in ruleset.decisions]
            lacking = sorted(pattern.needs - {"rule", "do", *(k for m in makers for k in m.then)})
            hint = ""
            if makers and lacking:
                values = ", ".join(makers[0].then)
                hint = f"'{makers[0].id}' has no value '{lacking[0]}'; it has {values}" if values else ""
            fault = Fault(pattern.span, "E714", f"'{pattern.alias}' matches the decisions of no rule", hint)
            yield rule.id, Misread(section, pattern.alias, fault)


@frozen(slots=False)
class _Names:
    """The names there are, by their sort; None where the list is not closed, or parts of it were refused."""

    ruleset: Ruleset
    broken: AbstractSet[tuple[str, str]]

    def of(self, sort: str, admits: Callable[[str, str], bool]) -> Sequence[str] | None:
        """All names of the sort.

        Args:
            sort: as in `FactField.names`.
            admits: whether what a pattern says of another sort admits a name: of which scorecards the grades are meant.
        """
        section = _SECTIONS.get(sort, "measures" if sort == "measure" else "")
        if section:
            return [*getattr(self.ruleset, section), *(name for of, name in self.broken if of == section)]
        if sort == "let off":
            if self.is_open("duties") or self.is_open("scorecards"):
                return None
            cards = self.ruleset.scorecards.items()
            return [*self.ruleset.duties, *(f"{c}.{i}" for c, vs in cards for v in vs for i in v.all_indicators)]
        if sort in ("grade", "step"):
            of = "scorecard" if sort == "grade" else "phase"
            parts = "grades" if sort == "grade" else "steps"
            if self.is_open(_SECTIONS[of]):
                return None
            rules = getattr(self.ruleset, _SECTIONS[of])
            meant = [n for n in rules if admits(of, n)] or rules  # one that is not there is reported itself
            return list(dict.fromkeys(name for n in meant for rule in rules[n] for name in getattr(rule, parts)))
        return self.periods(admits) if sort == "period" else None

    def is_open(self, section: str) -> bool:
        """Whether a rule of the section was refused, so that its parts are not known."""
        return any(of == section for of, _ in self.broken)

    def periods(self, admits: Callable[[str, str], bool]) -> Sequence[str] | None:
        """The names of the periods of the rules that a pattern admits; of measures those of years."""
        ruleset = self.ruleset
        if not ruleset.header.id:
            return None
        every = {"year"} if admits("measure", "") else set()
        for sort, section in list(_SECTIONS.items())[:3]:
            if self.is_open(section) and admits(sort, ""):
                return None
            rules = [v for n, vs in getattr(ruleset, section).items() if admits(sort, n) for v in vs]
            if not all(rule.every for rule in rules):
                return None  # of a duty by a day
            every |= {rule.every for rule in rules}
        if not every:
            return None  # of rules that are not there
        known = {*ruleset.calendar.named, "year", "half", "quarter", "month", "week", "day"}
        if not every <= known:
            return None
        schedules = [ruleset.calendar.schedule(e, ruleset.first_day, ruleset.end) for e in sorted(every)]
        return [p.name for schedule in schedules for p in schedule.periods]

    @cached_property
    def effects(self) -> set[str]:
        """What kinds of event can have effects: waiver, appeal."""
        return {kind.effect for kind in self.ruleset.events.values()}

    def statuses(self, duty: Duty) -> set[str]:
        """The statuses that a duty can have once its period has begun, which is when it becomes a fact."""
        if "appeal" in self.effects:
            return {s.value for s in Status if s is not Status.NOT_YET_DUE}
        found = {Status.OPEN, Status.MET, Status.MISSED, Status.NOT_REQUIRED, Status.INVALID}
        conditions = (
            (Status.AT_RISK, duty.at_risk is not None), (Status.EXCUSED, bool(duty.excused)),
            (Status.MET_LATE, duty.by is not None and duty.late == "accepted"), (Status.WAIVED, "waiver" in self.effects),
        )  # fmt: skip
        return {s.value for s in (*found, *(status for status, can_be in conditions if can_be))}


@frozen
class _Rule:
    names: _Names
    rule: DecisionRule
    text: DecisionText

    def admits(self, pattern: Pattern) -> Callable[[str, str], bool]:
        """Whether the pattern may match a fact about a rule or measure of the sort and name ("": of any name)."""
        fields = FACT_TYPES[pattern.type].fields

        def admitted(sort: str, name: str) -> bool:
            tests = [t for t in pattern.tests if fields[t.field].names == sort]
            has = pattern.type == "decision" or any(field.names == sort for field in fields.values())
            return has and (not name or all(t.holds(name) for t in tests))

        return admitted

    # ---- patterns

    def pattern(self, pattern: Pattern) -> list[Fault]:
        """Every fault of the pattern: names that are not there, else that it can never match."""
        found = list(self._unknown(pattern))
        never = None if found else self._never(pattern)
        return found + ([] if never is None else [Fault(never[0] or pattern.span, "E714", *never[1:])])

    def _unknown(self, pattern: Pattern) -> Iterator[Fault]:
        admits, fields = self.admits(pattern), FACT_TYPES[pattern.type].fields
        for test in pattern.tests:
            known = self.names.of(fields[test.field].names, admits)
            for value in test.constants:
                if known is not None and value not in known:
                    what = self._no_such(fields[test.field].names, str(value), known)
                    yield Fault(self._place(pattern, test.field), "E713", *what)

    def _no_such(self, sort: str, value: str, known: Sequence[str]) -> tuple[str, str]:
        what = _WORDS.get(sort, sort)
        return f"there is no {what} '{value}'", (period_hint if sort == "period" else did_you_mean)(
            value, known
        ) if known else f"there is no {what} at all"

    def _never(self, pattern: Pattern) -> tuple[Span | None, str, str] | None:
        """Why no fact can match: (place, or None for the pattern, what, hint)."""
        fields, admits, ruleset = FACT_TYPES[pattern.type].fields, self.admits(pattern), self.names.ruleset
        section = _MADE_OF.get(pattern.type, "")
        if section and not getattr(ruleset, section) and not self.names.is_open(section):
            return None, f"the ruleset has no {section}", ""
        if pattern.type == "waiver" and pattern in self.rule.patterns and "waiver" not in self.names.effects:
            return None, "no kind of event has 'effect: waiver'", "declare one under 'events'"
        for join in pattern.joins:
            others = FACT_TYPES[self._type(join.alias)].fields
            mine, theirs = fields[join.field], others[join.other]
            if not _comparable(mine, theirs):
                message = f"'{join.field}' {_of(mine)}, '{join.alias}.{join.other}' {_of(theirs)}"
                return self._place(pattern, join.field), message, "compare names of the same thing"
        for name in dict.fromkeys(t.field for t in pattern.tests):
            tests = [t for t in pattern.tests if t.field == name]
            values: Sequence[object] | None = fields[name].options or self.names.of(fields[name].names, admits)
            if not can_hold(fields[name], tests, values):
                return self._place(pattern, name), f"no '{name}' meets the conditions of '{pattern.alias}'", ""
        if pattern.type == "duty":
            return self._never_duty(pattern, admits)
        return self._never_measure(pattern) if pattern.type == "measure" else None

    def _never_duty(self, pattern: Pattern, admits: Callable[[str, str], bool]) -> tuple[Span | None, str, str] | None:
        duties = self.names.ruleset.duties
        meant = [v for n, versions in duties.items() if admits("duty", n) for v in versions]
        if self.names.is_open("duties"):
            return None
        can_be = {s for duty in meant for s in self.names.statuses(duty)}
        tests = [t for t in pattern.tests if t.field == "status"]
        if not any(all(t.holds(s) for t in tests) for s in can_be):
            known = ", ".join(s.value for s in Status if s.value in can_be)
            named = f"'{meant[0].id}'" if len({d.id for d in meant}) == 1 else "no duty"
            verb = "never has" if named != "no duty" else "has"
            return self._place(pattern, "status"), f"{named} {verb} such a status", f"once begun: {known}"
        above = [t for t in pattern.tests if t.field == "above"]
        if any(t.holds(True) and not t.holds(False) for t in above) and all(d.above != "note" for d in meant):
            return self._place(pattern, "above"), "no such duty says 'above: note'", ""
        return None

    def _never_measure(self, pattern: Pattern) -> tuple[Span | None, str, str] | None:
        measures = self.names.ruleset.measures
        tests = [t for t in pattern.tests if t.field == "measure" and t.op in ("==", "in")]
        named = [name for t in tests for name in t.constants]
        if not named and not any(join.field == "measure" for join in pattern.joins):
            return None, f"'{pattern.alias}' names no measure", "only those a rule names are facts: measure == NAME"
        for name in named:
            measure = measures.get(str(name))
            if measure is None:
                continue  # it was refused
            kind = measure.value.tree.type
            if kind is not None and kind.base is not Base.NUMBER:
                return (
                    self._place(pattern, "measure"),
                    f"'{name}' is {kind}; a fact holds a number",
                    f"such as if({name}, 1, 0)",
                )
            if names_peers(measure.value.tree, measures):
                hint = "peers are those a rule judges; let a scorecard hold the value and match its score"
                return self._place(pattern, "measure"), f"'{name}' asks for peers, which a decision has not", hint
        return None

    def _type(self, alias: str) -> str:
        return next(p.type for p in self.rule.all_patterns if p.alias == alias)

    def _place(self, pattern: Pattern, name: str) -> Span:
        return place_of(self.text.when if pattern in self.rule.patterns else self.text.unless, pattern, name)

    # ---- what follows

    def then(self) -> Iterator[tuple[str, Fault]]:
        """Names in `then` that are not there, and fields that hold the name of another thing."""
        fields, rule = FACT_TYPES["decision"].fields, self.rule
        for key, action in _DONE_BY_ANOTHER.get(rule.do, {}).items():
            if key in rule.then:
                message = f"'{rule.do}' does nothing to '{key}'"
                yield key, Fault(self.text.then[key].tree.span, "E708", message, f"say do: {action}")
        for key, value in rule.then.items():
            wanted, place = fields[key], self.text.then[key].tree.span
            if isinstance(value, Reference):
                given = FACT_TYPES[self._type(value.alias)].fields[value.field]
                if key != "about" and not _comparable(wanted, given):
                    message = f"'{value.alias}.{value.field}' {_of(given)}; '{key}' takes that of a {_word(wanted)}"
                    yield key, Fault(place, "E708", message)
                continue
            known = self.names.of(wanted.names, self._named_in_then)
            if known is not None and value not in known:
                yield key, Fault(place, "E713", *self._no_such(wanted.names, value, known))

    def _named_in_then(self, sort: str, name: str) -> bool:
        """Whether a rule of the sort and name may be the one that `then` is about."""
        said = self.rule.then.get(sort)
        if isinstance(said, Reference):
            pattern = next(p for p in self.rule.patterns if p.alias == said.alias)
            tests = [t for t in pattern.tests if t.field == said.field]
            return not name or all(t.holds(name) for t in tests)
        return said is None or not name or said == name


def place_of(section: Mapping[str, Expression], pattern: Pattern, name: str) -> Span:
    """Where the pattern's first condition on the field stands. `section`: the patterns as written."""
    tree = section[pattern.alias].tree
    assert isinstance(tree, Call)  # else it would have been refused as a pattern
    return next((arg.span for arg in tree.args if _field_of(arg) == name), pattern.span)


def _field_of(condition: Node) -> str:
    """The field that a condition of a pattern looks at."""
    while isinstance(condition, Not):
        condition = condition.operand
    side = (
        condition.left
        if isinstance(condition, Compare)
        else condition.operand
        if isinstance(condition, In)
        else condition
    )
    return side.parts[0] if isinstance(side, Name) else ""


def _word(declared: FactField) -> str:
    return _WORDS.get(declared.names, declared.names)


def _of(declared: FactField) -> str:
    """What a field holds, as a clause."""
    return f"is the name of a {_word(declared)}" if declared.names else f"is one of {', '.join(declared.options)}"


def _comparable(one: FactField, other: FactField) -> bool:
    """Whether both hold names of the same thing, or words of the same list, or no text."""
    if "let off" in (one.names, other.names):
        return {one.names, other.names} <= {"let off", "duty"}
    return (one.names, tuple(one.options)) == (other.names, tuple(other.options)) or one.type != "text"


def can_hold(
    declared: FactField, tests: Sequence[Test], values: Sequence[object] | None, low: object = None, high: object = None
) -> bool:
    """Whether one value can meet all tests.

    Args:
        declared: the field of the value.
        tests: conditions on it with constants.
        values: those there are, where that is a closed list.
        low: no value is below it; None where that is open.
        high: no value is above it.
    """
    low = declared.least if low is None else low
    if declared.type == "boolean":
        values = (True, False)
    named = [v for t in tests if t.op in ("==", "in") for v in t.constants]
    if named or any(t.op == "in" for t in tests):
        values = [v for v in named if (low is None or v >= low) and (high is None or v <= high)]  # type: ignore[operator]
    if values is not None:
        return any(all(t.holds(v) for t in tests) for v in values)  # type: ignore[arg-type]
    if not declared.is_ordered:
        return True
    step = 1 if declared.type == "integer" else 0
    lows = [(t.value, t.op == ">") for t in tests if t.op in (">", ">=")]
    highs = [(t.value, t.op == "<") for t in tests if t.op in ("<", "<=")]
    if step:
        lows = [(v + 1, False) if strict else (v, False) for v, strict in lows]  # type: ignore[operator]
        highs = [(v - 1, False) if strict else (v, False) for v, strict in highs]  # type: ignore[operator]
    every_low = [*lows, *(() if low is None else ((low, False),))]
    every_high = [*highs, *(() if high is None else ((high, False),))]
    return all(a < b or (a == b and not (a_open or b_open)) for a, a_open in every_low for b, b_open in every_high)
