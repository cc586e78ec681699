"""Decisions: when these settled facts hold together, this follows. Definitions, and what they mean.

A rule's *patterns* are matched against the *facts* of one case, a short list of small flat facts that holds all one
subject needs. Two patterns of one rule never stand for the same fact. A fact that lacks a field which a pattern tests,
joins or passes on does not match that pattern. A rule fires once for every combination of facts that match its
patterns, unless a fact matches one of its exceptions (decision 0011).
"""

import graphlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from fractions import Fraction
from functools import cached_property
from operator import eq, ge, gt, le, lt, ne
from types import MappingProxyType

from attrs import evolve, field, frozen

from ..expr.nodes import Span
from ..expr.render import render_number
from ..org.records import EDGE_KINDS
from ..values import shown
from ..words import LANGUAGES, say
from .award import Grant
from .definitions import Text
from .duty import Status
from .plan import StepState

__all__ = [
    "ACTIONS", "FACT_TYPES", "LARGEST", "MOST_JOINS", "MOST_PATTERNS", "MOST_TESTS", "Decision", "DecisionCycleError",
    "DecisionRule", "Fact", "FactField", "FactType", "FactValue", "Join", "Pattern", "Reference", "Test", "in_order", "is_late", "may_match", "named_measures",
    "strata", "value_shown", "value_text", "with_needs",
]  # fmt: skip

LARGEST = 2**62  # of an integer, either sign: what both deciders hold without loss
MOST_PATTERNS = 16  # of one rule, exceptions included
MOST_TESTS = 24  # conditions of one pattern with a constant
MOST_JOINS = 12  # conditions of one pattern with a field of another

FactValue = str | int | bool | date | Fraction
"""A decimal is a Fraction: exact, whatever its digits."""

DECIMALS = (
    6  # of a decimal that people see, unless it ends after a few more, or takes more to see why a condition holds
)
ENDS = 9
_PYTHON: Mapping[str, type] = {"text": str, "integer": int, "decimal": Fraction, "boolean": bool, "date": date}
_COMPARE = {"==": eq, "!=": ne, "<": lt, "<=": le, ">": gt, ">=": ge}


# ---- facts


@frozen
class FactField:
    """A field of a fact: "text", "integer", "decimal", "boolean" or "date".

    `options`: the values a text can have, where that is a closed list. `optional`: a fact may leave it out. `names`: what a
    text is the name of: "subject", "period", "rule" (of a decision), "duty", "grade", ...; "" where of nothing.
    `least`: of a number, the smallest it can be.
    """

    type: str = "text"
    options: Sequence[str] = ()
    optional: bool = False
    names: str = ""
    least: int | None = None

    @property
    def is_ordered(self) -> bool:
        """Whether `<` means something."""
        return self.type in ("integer", "decimal", "date")

    def __str__(self) -> str:
        return f"{'an' if self.type == 'integer' else 'a'} {self.type}"


@frozen
class FactType:
    """A sort of fact and its fields, in the order that facts are sorted by."""

    name: str
    fields: Mapping[str, FactField]


_BOOLEAN, _OPEN = FactField("boolean"), FactField("boolean", optional=True)
_DECIMAL = FactField("decimal", optional=True)


def _named(names: str, optional: bool = False, options: Sequence[str] = ()) -> FactField:
    return FactField(options=options, optional=optional, names=names)


_SUBJECT, _PERIOD = _named("subject"), _named("period")

ACTIONS: Mapping[str, Sequence[str]] = {
    "veto": ("subject",),
    "cap": ("subject", "grade"),
    "escalate": ("to", "about"),
    "notify": ("to",),
    "propose": ("subject",),
}
"""What can follow, and the values it must say. Others of the fields of the fact `decision` may be said with it."""

FACT_TYPES: Mapping[str, FactType] = {
    t.name: t
    for t in (
        FactType("duty", {
            "subject": _SUBJECT, "duty": _named("duty"), "period": _PERIOD,
            "status": FactField(options=[s.value for s in Status]),
            "in_a_row": FactField("integer", least=1),  # periods up to and with this one that had this status without a break
            "due": FactField("date", optional=True), "above": _BOOLEAN,
        }),
        FactType("score", {
            "subject": _SUBJECT, "scorecard": _named("scorecard"), "period": _PERIOD, "total": _DECIMAL,
            "provisional": _BOOLEAN,
        }),
        FactType("grade", {
            "subject": _SUBJECT, "scorecard": _named("scorecard"), "period": _PERIOD, "grade": _named("grade"),
            "by_total": _named("grade"), "provisional": _OPEN,
        }),
        FactType("award", {
            "subject": _SUBJECT, "award": _named("award"), "period": _PERIOD,
            "outcome": FactField(options=[g.value for g in Grant]), "rank": FactField("integer", optional=True, least=1),
        }),
        FactType("edge", {"kind": FactField(options=[k.name for k in EDGE_KINDS]), "from": _SUBJECT, "to": _SUBJECT}),
        FactType("waiver", {"subject": _SUBJECT, "rule": _named("let off"), "until": FactField("date", optional=True)}),
        FactType("measure", {
            "subject": _SUBJECT, "measure": _named("measure"), "period": _PERIOD, "value": _DECIMAL,
            "provisional": _OPEN,
        }),
        FactType("phase", {
            "subject": _SUBJECT, "phase": _named("phase"), "step": _named("step"),
            "state": FactField(options=[s.value for s in StepState]),
        }),
        FactType("decision", {
            "rule": _named("rule"), "do": FactField(options=list(ACTIONS)),
            **{key: _named("subject", True) for key in ("subject", "to", "about")},
            **{key: _named(key, True) for key in ("period", "duty", "scorecard", "award", "phase", "grade")},
        }),
    )
}  # fmt: skip
"""The facts rules may speak of. A `decision` is what a rule of an earlier stratum gave."""


def _frozen(values: Mapping[str, FactValue]) -> Mapping[str, FactValue]:
    return MappingProxyType(dict(values))


@frozen(eq=False, slots=False)
class Fact:
    """A settled fact. What is missing is left out. Facts are equal, and sorted, by type and values.

    Raises:
        ValueError: no such type or field, a required field is left out, a value of another type or too large a number.
            This is a fault of the program that made it, never of an author.
    """

    type: str
    values: Mapping[str, FactValue] = field(converter=_frozen)

    def __attrs_post_init__(self) -> None:
        kind = FACT_TYPES.get(self.type)
        if kind is None:
            raise ValueError(f"no such type of fact: {self.type!r}")
        found = 0
        for name, declared in kind.fields.items():
            value = self.values.get(name)
            if value is None:
                if not declared.optional or name in self.values:
                    raise ValueError(f"a fact '{self.type}' needs the field '{name}'; leave out what is missing")
                continue
            found += 1
            if type(value) is not _PYTHON[declared.type]:
                raise ValueError(f"'{name}' of a fact '{self.type}' is {declared}; found {value!r}")
            if isinstance(value, int) and not -LARGEST <= value <= LARGEST:
                raise ValueError(f"'{name}' of a fact '{self.type}' is {value}; at most 2**62 can be held")
        if found != len(self.values):
            unknown = sorted(set(self.values) - set(kind.fields))
            raise ValueError(f"a fact '{self.type}' has no field '{unknown[0]}'")

    @cached_property
    def key(self) -> tuple[object, ...]:
        """What facts are compared and sorted by; a field left out comes before any value."""
        values = self.values
        return (self.type, *((1, values[n]) if n in values else (0,) for n in FACT_TYPES[self.type].fields))

    @property
    def id(self) -> str:
        """The fact as text, unique to its content: `edge(kind="leads", from="office", to="league")`."""
        parts = []
        for name, declared in FACT_TYPES[self.type].fields.items():
            if name in self.values:
                text = value_text(self.values[name])
                if declared.type == "text":
                    text = '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
                parts.append(f"{name}={text}")
        return f"{self.type}({', '.join(parts)})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Fact) and self.key == other.key

    def __hash__(self) -> int:
        return hash(self.key)

    def __lt__(self, other: "Fact") -> bool:
        return self.key < other.key


def value_text(value: FactValue) -> str:
    """The value as rules write it: a decimal without closing zeros, or as a fraction; a date as ISO; `true` and `false`."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Fraction):
        return render_number(value)
    return value.isoformat() if isinstance(value, date) else str(value)


def value_shown(value: FactValue, beside: Iterable[FactValue]) -> str:
    """The value as people read it: a decimal with no more digits than it takes to see how it compares with those beside it."""
    if isinstance(value, Fraction):
        ends = 10**ENDS % value.denominator == 0
        value = value if ends else shown(value, DECIMALS, [other for other in beside if isinstance(other, Fraction)])
    return value_text(value)


# ---- rules


@frozen
class Test:
    """A condition on a field with a constant: `== != < <= > >=`, or `in`, `not in` with a tuple of constants."""

    __test__ = False  # pytest looks at the name

    field: str
    op: str
    value: FactValue | tuple[FactValue, ...]

    @property
    def constants(self) -> tuple[FactValue, ...]:
        """What it compares with: one, or those of the list."""
        return self.value if isinstance(self.value, tuple) else (self.value,)

    def holds(self, value: FactValue) -> bool:
        """Whether a value of the field meets it."""
        if isinstance(self.value, tuple):
            return (value in self.value) == (self.op == "in")
        return bool(_COMPARE[self.op](value, self.value))


@frozen
class Join:
    """A condition on a field with the field `other` of the fact that matched `alias`, an earlier pattern."""

    field: str
    op: str
    alias: str
    other: str

    def holds(self, value: FactValue, other: FactValue) -> bool:
        """Whether the two values meet it."""
        return bool(_COMPARE[self.op](value, other))


@frozen
class Pattern:
    """Facts of one type that meet the tests and joins, and have every field in `needs`."""

    alias: str
    type: str
    tests: tuple[Test, ...] = ()
    joins: tuple[Join, ...] = ()
    needs: frozenset[str] = frozenset()
    span: Span = field(default=Span(), eq=False, repr=False)

    def admits(self, fact: Fact) -> bool:
        """Whether the fact, alone, may match: type, fields and tests."""
        values = fact.values
        if fact.type != self.type or not all(name in values for name in self.needs):
            return False
        return all(test.holds(values[test.field]) for test in self.tests)


@frozen
class Reference:
    """`alias.field` in `then` and `because`: a field of the fact that matched."""

    alias: str
    field: str


@frozen
class DecisionRule:
    """When the patterns match and no exception does, this follows.

    Attributes:
        patterns: in the order written; joins look back only.
        unless: exceptions; each, alone, prevents what follows. Their joins name `patterns` only.
        do: one of `ACTIONS`. `then`: its other values, texts or references to fields that are texts.
        because: by language, texts and references in turn.
        priority: lower comes first; a veto comes before everything else.
    """

    id: str
    patterns: tuple[Pattern, ...]
    unless: tuple[Pattern, ...] = ()
    do: str = "notify"
    then: Mapping[str, str | Reference] = field(factory=dict)
    because: Mapping[str, Sequence[str | Reference]] = field(factory=dict)
    priority: int = 0
    title: Text = field(factory=Text)
    reference: Sequence[str] = ()

    @property
    def all_patterns(self) -> tuple[Pattern, ...]:
        """The patterns, exceptions last."""
        return (*self.patterns, *self.unless)

    @property
    def sections(self) -> Iterator[tuple[str, Pattern]]:
        """Each pattern behind the section it stands in: "when", "unless"."""
        yield from (("when", pattern) for pattern in self.patterns)
        yield from (("unless", pattern) for pattern in self.unless)

    @property
    def rank(self) -> tuple[bool, int]:
        """What decisions are ordered by first: vetoes, then priority."""
        return self.do != "veto", self.priority

    def fire(self, facts: Sequence[Fact]) -> "Decision":
        """What follows from these facts, one for each pattern, in their order."""
        by_alias = {pattern.alias: fact for pattern, fact in zip(self.patterns, facts, strict=True)}
        values: dict[str, str] = {}
        for name, value in self.then.items():
            said = by_alias[value.alias].values[value.field] if isinstance(value, Reference) else value
            assert isinstance(said, str)  # reading a rule refuses every other type
            values[name] = said
        reasons = {
            language: "".join(self._filled(part, by_alias, language) for part in parts)
            for language, parts in self.because.items()
        }
        return Decision(self.id, self.do, values, tuple(facts), Text(reasons))

    def beside(self, alias: str, name: str, by_alias: Mapping[str, Fact]) -> Iterator[FactValue]:
        """What the field of a pattern is compared with: constants, and fields of the facts that matched other patterns."""
        for pattern in self.all_patterns:
            for test in pattern.tests:
                if (pattern.alias, test.field) == (alias, name):
                    yield from test.constants
            for join in pattern.joins:
                ends = [(pattern.alias, join.field), (join.alias, join.other)]
                if (alias, name) in ends:
                    others = (by_alias[a].values.get(f) for a, f in ends if (a, f) != (alias, name) and a in by_alias)
                    yield from (value for value in others if value is not None)

    def _filled(self, part: str | Reference, by_alias: Mapping[str, Fact], language: str) -> str:
        if isinstance(part, str):
            return part
        value = by_alias[part.alias].values.get(part.field)
        if value is None or isinstance(value, bool):
            known = language if language in LANGUAGES else "en"  # a reason can be in any language its author writes
            return say("no_data" if value is None else "true" if value else "false", known)
        return value_shown(value, self.beside(part.alias, part.field, by_alias))


@frozen
class Decision:
    """What follows, of which rule, and from which facts.

    `values`: what `then` says besides `do`. `facts`: what matched, one for each pattern in their order (`Fact.id`
    names one). `because`: the reason, filled in, by language.
    """

    rule: str
    do: str
    values: Mapping[str, str]
    facts: tuple[Fact, ...]
    because: Text = field(factory=Text)

    @property
    def as_fact(self) -> Fact:
        """The fact that rules of later strata see."""
        return Fact("decision", {"rule": self.rule, "do": self.do, **self.values})


def in_order(rules: Sequence[DecisionRule], decisions: Iterable[Decision]) -> list[Decision]:
    """All decisions: vetoes first, then by priority, by the order of the rules, and by their facts.

    Every match counts; none hides another. Which of several vetoes or caps prevails is for the engine to say.
    """
    place = {rule.id: (*rule.rank, index) for index, rule in enumerate(rules)}
    return sorted(decisions, key=lambda d: (place[d.rule], [fact.key for fact in d.facts]))


# ---- strata


class DecisionCycleError(ValueError):
    """Rules rest on each other's decisions. `cycle` names them; the last is the first again."""

    def __init__(self, cycle: Sequence[str]) -> None:
        self.cycle = tuple(cycle)
        super().__init__(f"decisions rest on each other in a circle: {' -> '.join(cycle)}")


def strata(rules: Sequence[DecisionRule]) -> tuple[tuple[DecisionRule, ...], ...]:
    """The rules in steps: each comes after all whose decisions one of its patterns or exceptions may match.

    Within a step the order of `rules` is kept.

    Raises:
        DecisionCycleError: a rule rests, in the end, on its own decisions.
    """
    needed = {rule.id: [other.id for other in rules if _rests(rule, other)] for rule in rules}
    try:
        order = list(graphlib.TopologicalSorter(needed).static_order())
    except graphlib.CycleError as error:
        cycle = error.args[1]  # each is needed by the next
        first = min(range(len(cycle) - 1), key=lambda i: str(cycle[i]))
        turned = [*cycle[first:-1], *cycle[:first]]
        raise DecisionCycleError([*turned, turned[0]]) from None
    level: dict[str, int] = {}
    for rule_id in order:
        level[rule_id] = max((level[other] + 1 for other in needed[rule_id]), default=0)
    steps = range(max(level.values(), default=-1) + 1)
    return tuple(tuple(rule for rule in rules if level[rule.id] == step) for step in steps)


def _rests(rule: DecisionRule, other: DecisionRule) -> bool:
    """Whether a pattern of the rule may match a decision of the other."""
    return any(may_match(pattern, other) for pattern in rule.all_patterns)


def may_match(pattern: Pattern, other: DecisionRule) -> bool:
    """Whether the pattern may match a decision of the other rule, as far as constants can tell."""
    said: dict[str, str | None] = {"rule": other.id, "do": other.do}
    for name, value in other.then.items():
        said[name] = None if isinstance(value, Reference) else value
    if pattern.type != "decision" or not pattern.needs <= set(said):
        return False
    values = [(test, said[test.field]) for test in pattern.tests]
    return all(value is None or test.holds(value) for test, value in values)


def of_settled(rule: DecisionRule) -> DecisionRule:
    """The rule as it looks at nothing provisional: periods that are not over, but where a pattern itself asks for them."""

    def settled(pattern: Pattern) -> Pattern:
        over = Test("provisional", "==", False)
        if pattern.type == "award":  # of which the outcome says it
            over = Test("outcome", "!=", "provisional")
        elif over.field not in FACT_TYPES[pattern.type].fields:
            return pattern
        named = (t.constants for t in pattern.tests if t.field == over.field)
        asks = any(over.field == "provisional" or over.value in constants for constants in named)
        return pattern if asks else evolve(pattern, tests=(*pattern.tests, over))

    return evolve(rule, patterns=tuple(map(settled, rule.patterns)), unless=tuple(map(settled, rule.unless)))


def with_needs(rule: DecisionRule) -> DecisionRule:
    """The rule with `needs` of its patterns: every field that is tested, joined or passed on by `then`."""
    needs: dict[str, set[str]] = {p.alias: set() for p in rule.all_patterns}
    for pattern in rule.all_patterns:
        needs[pattern.alias] |= {test.field for test in pattern.tests} | {join.field for join in pattern.joins}
        for join in pattern.joins:
            needs[join.alias].add(join.other)
    for value in rule.then.values():
        if isinstance(value, Reference):
            needs[value.alias].add(value.field)

    def needing(patterns: Sequence[Pattern]) -> tuple[Pattern, ...]:
        return tuple(evolve(p, needs=frozenset(needs[p.alias])) for p in patterns)

    return evolve(rule, patterns=needing(rule.patterns), unless=needing(rule.unless))


def is_late(rule: DecisionRule, rules: Mapping[str, DecisionRule]) -> bool:
    """Whether the rule is decided after awards: it looks at them, or at decisions of rules that do."""
    return any(_is_late(pattern, rules, frozenset({rule.id})) for pattern in rule.all_patterns)


def _is_late(pattern: Pattern, rules: Mapping[str, DecisionRule], seen: frozenset[str]) -> bool:
    if pattern.type == "award":
        return True
    if pattern.type != "decision":
        return False
    named = {t.value for t in pattern.tests if t.field == "rule" and t.op == "=="} or set(rules)
    makers = (rules[n] for n in named if isinstance(n, str) and n in rules and n not in seen)
    return any(_is_late(p, rules, seen | {m.id}) for m in makers for p in m.all_patterns)


def named_measures(rules: Iterable[DecisionRule]) -> list[str]:
    """The measures that rules match by name, each once."""
    tests = (t for r in rules for p in r.all_patterns if p.type == "measure" for t in p.tests)
    return list(dict.fromkeys(str(name) for t in tests if t.field == "measure" for name in t.constants))
