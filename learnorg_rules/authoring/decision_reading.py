"""From the surface trees of a rule's expressions to patterns that can be matched, and every fault in them.

What the subset cannot say is a fault with its place here, so that nothing is left for a run to stumble on.
"""

import re
from collections.abc import Iterator, Mapping, Sequence

from attrs import frozen

from ..errors import did_you_mean
from ..expr.nodes import MIRRORED, Bool, Call, Compare, In, IsMissing, Literal, Logic, Name, Node, Not, Range, Span
from ..expr.scope import Fault
from ..model.decision import (
    ACTIONS,
    FACT_TYPES,
    MOST_JOINS,
    MOST_PATTERNS,
    MOST_TESTS,
    DecisionRule,
    FactField,
    FactType,
    Join,
    Pattern,
    Reference,
    Test,
    of_settled,
    with_needs,
)
from ..model.definitions import Text
from .decision_constants import Unreadable, constant, not_simple, unknown_field

__all__ = ["Misread", "read_rule", "unknown_rules"]

_PERIOD_QUOTED = "the name of a period stands in two sorts of quotes: period: '\"{text}\"'"


@frozen(order=True)
class Misread:
    """A fault and the text it stands in: `section` is when, unless, then or because (or "" for the rule), `key` in it."""

    section: str
    key: str
    fault: Fault


def read_rule(
    rule_id: str,
    when: Mapping[str, Node | None],
    unless: Mapping[str, Node | None],
    then: Mapping[str, Node | None],
    because: Mapping[str, str] | None = None,
    priority: int = 0,
    title: Text | None = None,
    reference: Sequence[str] = (),
    provisional: bool = True,
) -> tuple[DecisionRule | None, list[Misread]]:
    """The rule that the trees say, or None and every fault.

    `when`, `unless`, `then` (with `do`) hold surface trees, in the order written; None stands for a text that could not
    be parsed, which was reported where that was seen: nothing is said of its uses here. `because`: text by language,
    with `{alias.field}` in it; `{{` and `}}` are braces. `provisional`: whether it looks at periods that are not over.
    """
    reader = _Reader([*when, *unless])
    for alias, tree in when.items():
        reader.pattern("when", alias, tree)
    for alias, tree in unless.items():
        reader.pattern("unless", alias, tree)
    reader.count(when, unless)
    action, values = reader.then(then)
    reasons = {language: reader.because(language, text) for language, text in (because or {}).items()}
    if reader.faults:
        return None, sorted(reader.faults)
    if None in (*when.values(), *unless.values(), *then.values()):
        return None, []
    patterns = reader.patterns
    rule = DecisionRule(
        rule_id,
        tuple(patterns["when"]),
        tuple(patterns["unless"]),
        action,
        values,
        reasons,
        priority,
        title or Text(),
        tuple(reference),
    )
    return with_needs(rule if provisional else of_settled(rule)), []


def unknown_rules(rules: Sequence[DecisionRule]) -> Iterator[tuple[str, Misread]]:
    """(id of the rule, fault) for every condition of a pattern `decision(rule == x)` where no rule is called x."""
    ids = [rule.id for rule in rules]
    for rule in rules:
        for section, pattern in rule.sections:
            tests = [t for t in pattern.tests if t.field == "rule"] if pattern.type == "decision" else []
            for name in (name for test in tests for name in test.constants if name not in ids):
                hint = did_you_mean(str(name), ids)
                fault = Fault(pattern.span, "E711", f"no rule under 'decisions' is called '{name}'", hint)
                yield rule.id, Misread(section, pattern.alias, fault)


class _Reader:
    """Collects the patterns and faults of one rule."""

    def __init__(self, aliases: Sequence[str]) -> None:
        self.aliases = aliases  # also those still to come, so that a look forward is not read as a text
        self.faults: list[Misread] = []
        self.patterns: dict[str, list[Pattern]] = {"when": [], "unless": []}
        self.types: dict[str, FactType | None] = {}  # alias -> type; None where its pattern is broken
        self.sections: dict[str, str] = {}
        self.section, self.key = "", ""

    def fault(self, span: Span, code: str, message: str, hint: str = "") -> None:
        self.faults.append(Misread(self.section, self.key, Fault(span, code, message, hint)))

    def count(self, when: Mapping[str, Node | None], unless: Mapping[str, Node | None]) -> None:
        self.section, self.key = "", ""
        if not when:
            self.fault(Span(), "E707", "'when' has no pattern", "a rule needs at least one")
        total = len(when) + len(unless)
        if total > MOST_PATTERNS:
            message = f"the rule has {total} patterns; at most {MOST_PATTERNS} are allowed, exceptions included"
            self.fault(Span(), "E707", message, "split it: a rule may look at the decision of another")

    # ---- patterns

    def pattern(self, section: str, alias: str, tree: Node | None) -> None:
        self.section, self.key = section, alias
        if alias in self.sections:
            self.fault(
                Span(), "E701", f"'{alias}' is a pattern under 'when' already", "give the exception another name"
            )
            return
        self.sections[alias] = section
        self.types[alias] = None
        if tree is None:
            return
        kind = self._kind(tree)
        if kind is None:
            return
        self.types[alias] = kind
        assert isinstance(tree, Call)
        tests: list[Test] = []
        joins: list[tuple[Join, Span]] = []
        for argument in tree.args:
            try:
                for condition in self._conditions(kind, argument):
                    if isinstance(condition, Test):
                        tests.append(condition)
                    else:
                        joins.append((condition, argument.span))
            except Unreadable as found:
                self.faults.append(Misread(section, alias, found.fault))
        self._check_joins(joins)
        for what, most, some in (("conditions", MOST_TESTS, tests), ("joins", MOST_JOINS, joins)):
            if len(some) > most:
                self.fault(tree.span, "E707", f"the pattern has {len(some)} {what}; at most {most} are allowed")
        pattern = Pattern(alias, kind.name, tuple(tests), tuple(join for join, _ in joins), span=tree.span)
        self.patterns[section].append(pattern)

    def _kind(self, tree: Node) -> FactType | None:
        example = "write 'duty(status == missed, in_a_row >= 2)'"
        if isinstance(tree, Name) and len(tree.parts) == 1 and tree.parts[0] in FACT_TYPES:
            self.fault(tree.span, "E701", f"'{tree.parts[0]}' has no brackets", f"write '{tree.parts[0]}()' for any")
            return None
        if not isinstance(tree, Call):
            self.fault(tree.span, "E701", "a pattern is a type of fact with conditions in brackets", example)
            return None
        for word, clause in (("where", tree.where), ("by", tree.by)):
            if clause is not None:
                self.fault(clause.span, "E701", f"a pattern has no '{word}'", "put its conditions between commas")
        if tree.function not in FACT_TYPES:
            known = [*FACT_TYPES]
            self.fault(
                tree.span, "E702", f"there is no type of fact '{tree.function}'", did_you_mean(tree.function, known)
            )
            return None
        return FACT_TYPES[tree.function]

    def _check_joins(self, joins: Sequence[tuple[Join, Span]]) -> None:
        equal = {join.alias for join, _ in joins if join.op == "=="}
        for join, span in joins:
            if join.op != "==" and self.section == "unless":
                message = f"an exception compares with '{join.alias}' by '==' only"
                self.fault(span, "E706", message, "compare with a constant, or put the pattern under 'when'")
            elif join.op != "==" and join.alias not in equal:
                message = (
                    f"'{join.op}' with a field of '{join.alias}' needs an '==' with a field of '{join.alias}' beside it"
                )
                self.fault(span, "E706", message, f"such as 'subject == {join.alias}.subject'")

    def _conditions(self, kind: FactType, node: Node) -> Iterator[Test | Join]:
        if isinstance(node, Compare):
            yield self._comparison(kind, node)
        elif isinstance(node, In):
            yield from self._membership(kind, node)
        elif isinstance(node, Name):
            yield Test(self._flag(kind, node), "==", True)
        elif isinstance(node, Not) and isinstance(node.operand, Name):
            yield Test(self._flag(kind, node.operand), "==", False)
        elif isinstance(node, Not):
            raise Unreadable(node.span, "E704", "'not' stands before a boolean field only", "turn the comparison round")
        elif isinstance(node, Logic) and node.op == "and":
            raise Unreadable(node.span, "E704", "conditions of a pattern are not joined by 'and'", "write a comma")
        elif isinstance(node, Logic):
            hint = "write 'field in [a, b]' for one field, else one rule for each"
            raise Unreadable(node.span, "E704", "a pattern has no 'or'", hint)
        elif isinstance(node, IsMissing):
            hint = "a fact that lacks a field which a pattern names does not match it"
            raise Unreadable(node.span, "E704", "a pattern cannot ask whether a field is missing", hint)
        else:
            hint = "write 'field == constant' or 'field == alias.field'"
            raise Unreadable(node.span, "E704", "this is no condition on a field", hint)

    def _flag(self, kind: FactType, node: Name) -> str:
        name, declared = self._field(kind, node)
        if declared.type != "boolean":
            raise Unreadable(node.span, "E705", f"'{name}' is {declared}, not a condition", f"write '{name} == …'")
        return name

    def _field(self, kind: FactType, node: Node) -> tuple[str, FactField]:
        if not isinstance(node, Name):
            raise not_simple(node, "left of a comparison stands a field")
        if len(node.parts) != 1:
            message = f"left of a comparison stands a field of '{kind.name}'; found '{'.'.join(node.parts)}'"
            raise Unreadable(node.span, "E704", message, "turn the comparison round")
        name = node.parts[0]
        if name not in kind.fields:
            raise unknown_field(node.span, name, kind)
        return name, kind.fields[name]

    def _comparison(self, kind: FactType, node: Compare) -> Test | Join:
        if isinstance(node.left, Literal | Bool) and isinstance(node.right, Name):
            hint = f"write '{'.'.join(node.right.parts)} {MIRRORED[node.op]} …'"
            raise Unreadable(node.span, "E704", "the field stands left and the constant right", hint)
        name, declared = self._field(kind, node.left)
        if isinstance(node.right, Name) and (len(node.right.parts) > 1 or self._is_alias(node.right, declared)):
            return self._join(name, declared, node)
        if isinstance(node.right, Name) and node.right.parts[0] in kind.fields:
            message = f"'{name}' and '{node.right.parts[0]}' are fields of the same fact, which cannot be compared"
            hint = f'a text stands in quotes: "{node.right.parts[0]}"'
            raise Unreadable(node.span, "E704", message, hint)
        if node.op not in ("==", "!=") and not declared.is_ordered:
            raise Unreadable(
                node.span,
                "E705",
                f"'{name}' is {declared}, which has no order for '{node.op}'",
                f"name what is meant: '{name} in [a, b]'",
            )
        return Test(name, node.op, constant(node.right, name, declared))

    def _is_alias(self, node: Name, declared: FactField) -> bool:
        """Whether a name without a dot was meant for a pattern: where the text could be anything, it may have been."""
        name = node.parts[0]
        return name in self.aliases and name not in declared.options

    def _join(self, name: str, declared: FactField, node: Compare) -> Join:
        assert isinstance(node.right, Name)
        alias, *rest = node.right.parts
        if alias not in self.sections or alias == self.key or (self.sections[alias] == "unless"):
            raise self._bad_alias(node.right.span, alias, node.right.parts)
        other = self.types[alias]
        if other is None:
            raise Unreadable(node.span, "E706", f"the pattern '{alias}' is not readable")
        if len(rest) != 1:
            hint = f"write '{alias}.{name if name in other.fields else next(iter(other.fields))}'"
            raise Unreadable(node.right.span, "E706", f"'{'.'.join(node.right.parts)}' is no field of a pattern", hint)
        if rest[0] not in other.fields:
            raise unknown_field(node.right.span, rest[0], other, f"{alias}.")
        theirs = other.fields[rest[0]]
        if declared.type != theirs.type:
            message = f"'{name}' is {declared} and '{alias}.{rest[0]}' is {theirs}"
            raise Unreadable(node.span, "E706", message, "only fields of one type are compared")
        if node.op not in ("==", "!=") and not declared.is_ordered:
            raise Unreadable(
                node.span,
                "E705",
                f"'{name}' is {declared}, which has no order for '{node.op}'",
            )
        return Join(name, node.op, alias, rest[0])

    def _bad_alias(self, span: Span, alias: str, parts: Sequence[str]) -> Unreadable:
        if alias == self.key:
            return Unreadable(
                span, "E706", f"'{alias}' is this pattern itself", "a condition compares with another one"
            )
        if self.sections.get(alias) == "unless":
            return Unreadable(span, "E706", f"'{alias}' is an exception, which matches nothing where the rule fires")
        if alias in self.aliases:
            return Unreadable(
                span, "E706", f"the pattern '{alias}' stands below", "a pattern looks back: put it above this one"
            )
        earlier = [a for a, section in self.sections.items() if section == "when" and a != self.key]
        near = did_you_mean(alias, earlier, listed=False)
        hint = near or f'a text with a dot stands in quotes: "{".".join(parts)}"'
        return Unreadable(span, "E706", f"no pattern above this one is called '{alias}'", hint)

    def _membership(self, kind: FactType, node: In) -> Iterator[Test]:
        name, declared = self._field(kind, node.operand)
        if isinstance(node.items, Range):
            if node.negated:
                raise Unreadable(
                    node.span, "E704", "'not in' takes a list", "write one rule below the range and one above"
                )
            if not declared.is_ordered:
                raise Unreadable(node.span, "E705", f"'{name}' is {declared}, which has no order for a range")
            yield Test(name, ">=", constant(node.items.low, name, declared))
            yield Test(name, "<=", constant(node.items.high, name, declared))
        elif isinstance(node.items, Node):
            raise Unreadable(node.items.span, "E704", "right of 'in' stands a list of constants", "write 'x in [a, b]'")
        else:
            values = tuple(dict.fromkeys(constant(item, name, declared) for item in node.items))
            yield Test(name, "not in" if node.negated else "in", values)

    # ---- what follows

    def then(self, then: Mapping[str, Node | None]) -> tuple[str, dict[str, str | Reference]]:
        self.section, self.key = "then", "do"
        if "do" not in then:
            self.fault(Span(), "E708", "'then' does not say 'do'", f"known: {', '.join(ACTIONS)}")
        action, tree = "", then.get("do")
        if tree is not None:
            is_word = isinstance(tree, Name) and len(tree.parts) == 1  # whatever patterns are called
            said = tree.parts[0] if isinstance(tree, Name) and is_word else self._value(tree)
            action = said if isinstance(said, str) else ""
            if action not in ACTIONS and said is not None:
                self.fault(tree.span, "E708", f"'{action}' is nothing that can follow", did_you_mean(action, ACTIONS))
        allowed = [name for name in FACT_TYPES["decision"].fields if name not in ("rule", "do")]
        for name in ACTIONS.get(action, ()):
            self.key = name
            if name not in then:
                wanted = " and ".join(f"'{n}'" for n in ACTIONS[action])
                self.fault(Span(), "E708", f"'{action}' needs {wanted}; '{name}' is missing")
        values: dict[str, str | Reference] = {}
        for name, node in then.items():
            self.key = name
            if name != "do" and name not in allowed:
                self.fault(Span(), "E708", f"'then' has no key '{name}'", did_you_mean(name, allowed))
            elif name != "do" and node is not None:
                value = self._value(node)
                if value is not None:
                    values[name] = value
        return action, values

    def _value(self, node: Node) -> str | Reference | None:
        if isinstance(node, Literal) and isinstance(node.value, str):
            return node.value
        if not isinstance(node, Name):
            hint = "write 'alias.field' or \"text\"" if self.key != "period" else _PERIOD_QUOTED
            self.fault(node.span, "E708", "a value here is a text or a field", hint)
            return None
        if len(node.parts) == 1 and node.parts[0] not in self.sections:
            return node.parts[0]
        found = self._reference(node.parts, node.span)
        if found is not None:
            kind = self.types[found.alias]
            declared = kind.fields[found.field] if kind else FactField()
            if declared.type != "text":
                self.fault(node.span, "E708", f"'{'.'.join(node.parts)}' is {declared}; '{self.key}' takes a text")
                return None
        return found

    def _reference(self, parts: Sequence[str], span: Span) -> Reference | None:
        """A field of a pattern under `when`; None and a fault where it is none."""
        alias, *rest = parts
        patterns = [a for a, section in self.sections.items() if section == "when"]
        if self.sections.get(alias) == "unless":
            self.fault(span, "E709", f"'{alias}' is an exception, which matches nothing where the rule fires")
        elif alias not in self.sections:
            self.fault(span, "E709", f"no pattern under 'when' is called '{alias}'", did_you_mean(alias, patterns))
        elif self.types[alias] is None:
            return None  # its pattern was reported
        elif len(rest) != 1:
            fields = self.types[alias]
            assert fields is not None
            self.fault(span, "E709", f"'{'.'.join(parts)}' is no field", f"write '{alias}.{next(iter(fields.fields))}'")
        else:
            kind = self.types[alias]
            assert kind is not None
            if rest[0] in kind.fields:
                return Reference(alias, rest[0])
            found = unknown_field(span, rest[0], kind, f"{alias}.").fault
            self.faults.append(Misread(self.section, self.key, found))
        return None

    def because(self, language: str, text: str) -> tuple[str | Reference, ...]:
        self.section, self.key = "because", language
        parts: list[str | Reference] = []
        for match in re.finditer(r"\{\{|\}\}|\{([^{}]*)\}|[{}]|[^{}]+", text):
            span = Span(*match.span())
            if match.group() in ("{", "}"):
                self.fault(
                    span, "E709", f"'{match.group()}' has no partner", f"write '{match.group() * 2}' for the sign"
                )
            elif match.group(1) is not None:
                found = self._reference([part.strip() for part in match.group(1).split(".")], span)
                parts += [] if found is None else [found]
            else:
                parts.append({"{{": "{", "}}": "}"}.get(match.group(), match.group()))
        return tuple(parts)
