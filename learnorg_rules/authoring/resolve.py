"""From what the files say to typed rules: every name gets its meaning, measures in the order of their dependence.

A definition in which anything was refused is left out and its name remembered. An expression that mentions such a name
is left out in silence: its fault is that of the other, and everything else is still looked at.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from typing import Any, TypeVar

import attrs
from attrs import evolve

from ..errors import Source
from ..expr.nodes import Call, Literal, Name, Node, Subjects, walk
from ..expr.resolve import resolve
from ..expr.scope import Fault, Scope
from ..expr.types import DATE, DURATION, NUMBER, TEXT, Base, Type, listing
from ..model.definitions import (
    Award,
    Dated,
    Definition,
    Duty,
    Effective,
    Expression,
    Header,
    Measure,
    Parameter,
    Scorecard,
    Selector,
)
from ..model.kinds import JUDGED, measure_expressions
from ..model.ruleset import Ruleset
from .decision_names import misnamed
from .decision_reach import unreached
from .decisions import read_decisions, report
from .dependence import Item, in_order, needs, outer
from .expected import EXPECTED, REPLACED, STAND_INS
from .forms import Expressions, word_of
from .scopes import ENVELOPE, RESERVED_NAMES, Names, scores
from .sections import Draft
from .setting_checks import with_known_zone

__all__ = ["resolved"]

DEEPEST = 20  # measures that rest on each other; each costs every evaluation a few levels of Python's stack

D = TypeVar("D", bound=Definition)
ScopeFor = Callable[[str, Definition], Scope]

_STAND_IN_HEADER = Header(id="", effective=Effective(date(1000, 1, 1), date(9990, 12, 31)))

_SECTIONS = {"measure": "measures", "duty": "duties", "scorecard": "scorecards", "selector": "selectors"}
_VALUES = frozenset({"organisation", "fields", "events", "parameters", "measures", "scorecards"})
"""Sections whose ids stand as names in expressions."""

_ITEMS: Mapping[type, Type] = {str: TEXT, date: DATE}


def resolved(draft: Draft, expressions: Expressions, folder: str) -> Ruleset:
    """The ruleset of a draft; faults go to the expressions' issues, and what they refuse is left out.

    Where the header was refused, a stand-in that judges all days takes its place, so that the rest can be checked.
    """
    return _Resolver(draft, expressions).ruleset(folder)


class _Resolver:
    def __init__(self, draft: Draft, expressions: Expressions) -> None:
        self.draft, self.expressions, self.issues = draft, expressions, expressions.issues
        self.header = _STAND_IN_HEADER if draft.header is None else with_known_zone(draft.header, self.issues)
        self.broken = set(draft.broken)
        sections = draft.sections
        self.names = Names(
            draft.organisation,
            sections["fields"],
            sections["events"],
            frozenset(sections["duties"]) | _of(draft.broken, "duties"),
        )
        self.selectors: dict[str, Selector] = {}
        self._scopes: dict[tuple[str, str], Scope] = {}
        self.names.scores.update(scores(sections["scorecards"]))

    def ruleset(self, folder: str) -> Ruleset:
        sections = self.draft.sections
        self._refuse_two_meanings()
        parameters = self._each("parameters", self._parameter)
        self._select(sections["selectors"])
        measures = self._measures(sections["measures"])
        judged: dict[str, Any] = {kind.section: self._each(kind.section, self._versions) for kind in JUDGED}
        for rest in self.draft.rests:
            self._look_at(rest)
        texts = sections["decisions"]
        ruleset = Ruleset(
            header=self.header,
            organisation=self.draft.organisation,
            fields=sections["fields"],
            events=sections["events"],
            parameters=parameters,
            selectors=self.selectors,
            measures=measures,
            **judged,
            decisions=read_decisions(texts, self.expressions, self.issues),
            decision_sources={name: text.source for name, text in texts.items()},
            folder=folder,
        )
        for name, fault in (*misnamed(ruleset, texts, self.broken), *unreached(ruleset, texts, self.broken)):
            report(texts[name], fault, self.expressions, self.issues)
        return ruleset

    def _each(self, section: str, read: Callable[[Any], Any]) -> dict[str, Any]:
        """The definitions that could be resolved; the names of the others are remembered."""
        kept = {}
        for name, definition in self.draft.sections[section].items():
            found = read(definition)
            if found is None:
                self.broken.add((section, name))
            else:
                kept[name] = found
        return kept

    # ---- names

    def _refuse_two_meanings(self) -> None:
        sections, names = self.draft.sections, self.names
        attributes = {
            "an attribute of units": names.unit_attributes(),
            "an attribute of persons": names.person_attributes(),
        }
        for card in sections["scorecards"].get("subject", ())[:1]:
            self.issues.error(card.source, "E502", "'subject' is a scorecard and the subject of a group", "rename it")
        bound = {"a name that some places bind themselves": RESERVED_NAMES}
        for declared, what in ((self.draft.organisation.units, "units"), (self.draft.organisation.persons, "persons")):
            for name in sorted(declared.keys() & RESERVED_NAMES - {"grade"}):  # no place binds `grade`
                message = f"'{name}' is an attribute of {what} and a name that some places bind themselves"
                self.issues.error(declared[name].source, "E502", message, "rename it; an expression could mean either")
        inside = {"a field of events": sections["fields"], "a part of every event": ENVELOPE}
        for what, section, others in (
            ("measure", "measures", {"a parameter": sections["parameters"], **attributes, **bound}),
            ("parameter", "parameters", {**attributes, **inside, **bound}),
        ):
            for name, definition in sections[section].items():
                other = next((o for o, known in others.items() if name in known), None)
                if other is not None:
                    message = f"'{name}' is a {what} and {other}"
                    self.issues.error(definition.source, "E502", message, "rename one; an expression could mean either")

    # ---- expressions

    def _expression(self, expression: Expression, scope: Scope, expected: Sequence[Base] = ()) -> Expression | None:
        """The expression with its resolved tree, or None where it was refused now or rests on what was."""
        tree = expression.tree
        if self._rests_on_broken(tree):
            return None
        node, faults = resolve(tree, scope, expression.text, expected)
        if faults:
            if not scope.kinds and scope.functions:
                faults = [_no_kinds(fault) for fault in faults]
            self.expressions.report(expression, *faults)
            return None
        return evolve(expression, tree=node)

    def _rests_on_broken(self, tree: Node) -> bool:
        if not self.broken:
            return False
        duties = _of(self.broken, "duties")
        values = {name for section, name in self.broken if section in _VALUES}
        for node in walk(tree):
            if isinstance(node, Call) and node.function == "met":
                if any(isinstance(arg, Name) and arg.parts[0] in duties for arg in node.args):
                    return True
            elif isinstance(node, Name) and not values.isdisjoint(node.parts):
                return True
        return False

    def _look_at(self, rest: Definition) -> None:
        """Find what more is wrong in a definition that was refused; its parts are not used."""
        if isinstance(rest, Measure):
            self._within(rest, self._scope_for(""))
        elif isinstance(rest, Duty | Scorecard | Award):
            self._rule(rest)

    def _within(self, definition: D, scope_for: ScopeFor) -> D | None:
        """The definition with all its expressions resolved, also those of its parts."""
        changes: dict[str, Any] = {}
        broken = False
        for a in attrs.fields(type(definition)):
            value = getattr(definition, a.name)
            found: Any = None
            kind = a.metadata.get("scope")
            if kind == "selector" or value is None:
                continue
            if isinstance(value, Expression):
                expected = EXPECTED.get((type(definition), a.name), ())
                found = self._expression(value, scope_for(kind, definition), expected)
                if found is None and (type(definition), a.name) in REPLACED:
                    found = evolve(value, tree=STAND_INS[expected[0]])
                broken |= found is None
            elif isinstance(value, tuple) and value and isinstance(value[0], Expression):
                items = [self._expression(item, scope_for(kind, definition)) for item in value]
                broken |= None in items
                found = tuple(items)
            elif isinstance(value, Mapping) and value and isinstance(next(iter(value.values())), Definition):
                parts = {name: self._within(part, scope_for) for name, part in value.items()}
                broken |= None in parts.values()
                found = parts
            if found is not None:
                changes[a.name] = found
        return None if broken else evolve(definition, **changes)

    # ---- parameters

    def _parameter(self, parameter: Parameter) -> Parameter | None:
        values: list[tuple[date | None, Dated]] = []
        for day, dated in parameter.values:
            value = self._constant(dated.value)
            if value is None:
                return None
            values.append((day, evolve(dated, value=value)))
        types = [_type(dated.value.tree) for _, dated in values]
        first = types[0]
        for (_, dated), other in zip(values, types, strict=True):
            if (other.base, other.item) != (first.base, first.item) or (other.unit or None) != (first.unit or None):
                message = f"the values of '{parameter.id}' are of different types: {first} and {other}"
                self.issues.error(dated.value.source, "E216", message)
                return None
        start = values[0][0]
        begins = None if self.draft.header is None else self.draft.header.effective.from_
        self.names.parameters[parameter.id] = evolve(
            first,
            nullable=start is not None and begins is not None and start > begins,
            non_negative=all(kind.non_negative for kind in types),
        )
        return evolve(parameter, values=tuple(values))

    def _constant(self, expression: Expression) -> Expression | None:
        tree = expression.tree
        if isinstance(tree, Literal) and isinstance(tree.value, tuple):
            sort = type(tree.value[0]) if tree.value else str
            item = _ITEMS.get(sort, DURATION if sort.__name__ == "timedelta" else NUMBER)
            return evolve(expression, tree=evolve(tree, type=listing(item)))
        return self._expression(expression, Scope("a parameter's value"))

    # ---- selectors

    def _select(self, selectors: Mapping[str, Selector]) -> None:
        """Resolve the named selectors; one that only names another takes its meaning."""
        graph = {name: self._names_selector(s.select, selectors) for name, s in selectors.items()}
        for name in self._in_order({("selector", n): tuple(("selector", m) for m in to) for n, to in graph.items()}):
            definition = selectors[name[1]]
            select = self._subjects(definition.select)
            if select is None:
                self.broken.add(("selectors", name[1]))
            else:
                self.selectors[name[1]] = evolve(definition, select=select)
        # In the order of the files again, whatever rests on what.
        self.selectors = {name: self.selectors[name] for name in selectors if name in self.selectors}

    @staticmethod
    def _names_selector(expression: Expression, selectors: Mapping[str, Selector]) -> tuple[str, ...]:
        tree = expression.tree
        assert isinstance(tree, Subjects)  # parsed as a selector
        return tuple(tree.ids) if len(tree.ids) == 1 and tree.ids[0] in selectors else ()

    def _subjects(self, expression: Expression) -> Expression | None:
        tree = expression.tree
        assert isinstance(tree, Subjects)  # parsed as a selector
        if not _of(self.broken, "selectors").isdisjoint(tree.ids):
            return None
        if len(tree.ids) == 1 and tree.ids[0] in self.selectors:
            return evolve(expression, tree=self.selectors[tree.ids[0]].select.tree)
        named = next((name for name in tree.ids if name in self.draft.sections["selectors"]), None)
        if named is not None:
            place = self.expressions.place(expression, tree.span)
            self.issues.error(
                place, "E519", f"'{named}' is a selector, not an id", "let the selector stand alone, or list ids only"
            )
            return None
        return self._expression(expression, self._scope("selector", tree.family))

    # ---- measures

    def _measures(self, measures: Mapping[str, Measure]) -> dict[str, Measure]:
        sections = self.draft.sections
        graph: dict[Item, tuple[Item, ...]] = {}
        for name, measure in measures.items():
            graph["measure", name] = tuple(needs(measure.value.tree, sections, itself=name))
        for sort in ("duty", "scorecard"):
            for name, versions in sections[_SECTIONS[sort]].items():
                trees = (e.tree for rule in versions for e in measure_expressions(rule))
                graph[sort, name] = tuple(dict.fromkeys(need for tree in trees for need in needs(tree, sections)))
        # A name that is not resolved yet must still be known, so that a misspelling of it gets the right hint.
        for name in measures:
            self.names.set_measure(name, evolve(NUMBER, nullable=True))
        found: dict[str, Measure] = {}
        depths: dict[Item, int] = {}
        for sort, name in self._in_order(graph):
            needed = graph[sort, name]
            depth = depths[sort, name] = 1 + max((depths.get(item, 0) for item in needed), default=0)
            if depth == DEEPEST + 1:
                definition = self.draft.sections[_SECTIONS[sort]][name]
                place = (definition[0] if isinstance(definition, tuple) else definition).source
                message = f"'{name}' rests on a chain of more than {DEEPEST} measures and duties"
                self.issues.error(place, "E521", message, "write some of them out")
            if sort == "measure":
                resolved_measure = self._within(measures[name], self._scope_for(""))
                if resolved_measure is None:
                    self.broken.add(("measures", name))
                else:
                    found[name] = resolved_measure
                    self.names.set_measure(name, _of_measure(resolved_measure))
        return {name: found[name] for name in measures if name in found}

    def _in_order(self, graph: Mapping[Item, Sequence[Item]]) -> Iterable[Item]:
        """The items, those needed first; items on a cycle are reported and left out."""
        order, cycles = in_order(graph)
        for cycle in cycles:
            self._report_cycle(cycle)
            self.broken.update((_SECTIONS[sort], name) for sort, name in cycle)
        return order

    def _report_cycle(self, cycle: Sequence[Item]) -> None:
        sort, name = cycle[0]
        definition = self.draft.sections[_SECTIONS[sort]][name]
        place: Source = (definition[0] if isinstance(definition, tuple) else definition).source
        path = " -> ".join(f"{n}" if s == sort else f"{s} {n}" for s, n in [*cycle, cycle[0]])
        if len(cycle) == 1:
            message = f"the {sort} '{name}' depends on itself"
        else:
            message = f"the {sort} '{name}' depends on itself: {path}"
        hint = f"its value in the period before is 'previous({name})'" if sort == "measure" and len(cycle) == 1 else ""
        self.issues.error(place, "E501", message, hint)

    # ---- duties, scorecards, awards

    def _versions(self, versions: tuple[D, ...]) -> tuple[D, ...] | None:
        found = [self._rule(version) for version in versions]
        return None if None in found else tuple(rule for rule in found if rule is not None)

    def _rule(self, rule: D) -> D | None:
        selector: Expression = rule.for_  # type: ignore[attr-defined]
        subjects = self._subjects(selector)
        family = subjects.tree.family if subjects is not None and isinstance(subjects.tree, Subjects) else ""
        card = rule if isinstance(rule, Scorecard) else None
        if card is not None:
            self._refuse_ambiguous_veto(card)
        found = self._within(rule, self._scope_for(family, card))
        return None if found is None or subjects is None else evolve(found, for_=subjects)  # type: ignore[call-arg]

    def _refuse_ambiguous_veto(self, card: Scorecard) -> None:
        both = {i for i in card.all_indicators if i in self.names.measure_refs or i in self.names.parameters}
        for veto in card.veto.values():
            for node in outer(veto.when.tree):
                if isinstance(node, Name) and len(node.parts) == 1 and node.parts[0] in both:
                    name = node.parts[0]
                    what = "measure" if name in self.names.measure_refs else "parameter"
                    self.issues.error(
                        self.expressions.place(veto.when, node.span), "E502",
                        f"'{name}' is an indicator of '{card.id}' and a {what}",
                        "rename one; the veto could mean either",
                    )  # fmt: skip

    def _scope_for(self, family: str, card: Scorecard | None = None) -> ScopeFor:
        def scope(kind: str, definition: Definition) -> Scope:
            if kind == "veto" and card is not None:
                return self.names.veto(family, card)
            return self._scope(kind, family, word_of(type(definition)))

        return scope

    def _scope(self, kind: str, family: str, what: str = "") -> Scope:
        key = (f"{kind} {what}", family)
        if key not in self._scopes:
            self._scopes[key] = self._new_scope(kind, family, what)
        return self._scopes[key]

    def _new_scope(self, kind: str, family: str, what: str) -> Scope:
        if kind == "constant":
            return self.names.constant(f"a constant of {what}")
        if kind == "selector":
            return self.names.selector(family)
        if kind == "quota":
            return self.names.quota()
        if kind in ("award", "ranking"):
            return self.names.award(what, family)
        return self.names.measure(what, family)


def _no_kinds(fault: Fault) -> Fault:
    """Where aggregates may stand and no kind is declared, the lack of kinds is the fault."""
    if fault.code != "E310" or "cannot stand in" not in fault.message:
        return fault
    return Fault(fault.span, "E308", "no kind of event is declared", "declare kinds in the section 'events'")


def _of(broken: Iterable[tuple[str, str]], section: str) -> frozenset[str]:
    return frozenset(name for of, name in broken if of == section)


def _type(node: Node) -> Type:
    assert node.type is not None  # resolved trees are typed
    return node.type


def _of_measure(measure: Measure) -> Type:
    kind = _type(measure.value.tree)
    return evolve(kind, nullable=True) if measure.without_events == "missing" else kind
