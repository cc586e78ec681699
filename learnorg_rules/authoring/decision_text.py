"""Decision rules as text for people: canonical, and with what happened filled in."""

from collections.abc import Iterator, Sequence

from ..expr.lexemes import is_name
from ..model.decision import FACT_TYPES, Decision, DecisionRule, FactField, FactValue, Pattern, Reference, value_text
from ..words import LANGUAGES, say

__all__ = ["explain", "pattern_text", "render"]


def render(rule: DecisionRule) -> str:
    """The rule as a rule file would say it, one line for each pattern; its patterns read back as the same."""
    lines = [f"{rule.id}:", "  when:", *_patterns(rule.patterns)]
    if rule.unless:
        lines += ["  unless:", *_patterns(rule.unless)]
    values = {"do": rule.do, **{name: _value(value) for name, value in rule.then.items()}}
    lines.append(f"  then: {{{', '.join(f'{name}: {value}' for name, value in values.items())}}}")
    if rule.priority:
        lines.append(f"  priority: {rule.priority}")
    return "\n".join(lines)


def _patterns(patterns: Sequence[Pattern]) -> Iterator[str]:
    for pattern in patterns:
        yield f"    {pattern.alias}: {pattern_text(pattern)}"


def pattern_text(pattern: Pattern) -> str:
    """The pattern as a rule file would say it, without its name: `duty(status == missed, subject == other.subject)`."""
    fields = FACT_TYPES[pattern.type].fields
    parts = [_test(test.field, test.op, test.value, fields[test.field]) for test in pattern.tests]
    parts += [f"{join.field} {join.op} {join.alias}.{join.other}" for join in pattern.joins]
    return f"{pattern.type}({', '.join(parts)})"


def _test(name: str, op: str, value: FactValue | tuple[FactValue, ...], declared: FactField) -> str:
    if isinstance(value, bool) and op == "==":
        return name if value else f"not {name}"
    if isinstance(value, tuple):
        return f"{name} {op} [{', '.join(_constant(v, declared) for v in value)}]"
    return f"{name} {op} {_constant(value, declared)}"


def _constant(value: FactValue, declared: FactField) -> str:
    if isinstance(value, str) and value not in declared.options:
        return _quoted(value)
    return value_text(value)


def _value(value: str | Reference) -> str:
    if isinstance(value, Reference):
        return f"{value.alias}.{value.field}"
    return value if is_name(value) else _quoted(value)


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def explain(decision: Decision, language: str = "en") -> str:
    """What follows, why, and from which facts: a sentence, then one line for each fact.

    The reason is in the language, else in English, else in any; a rule without one is named instead.
    """
    known = language if language in LANGUAGES else "en"
    what = say(f"follows.{decision.do}", known, **decision.values)
    why = decision.because.say(language) or say("by_rule_id", known, rule=decision.rule)
    return "\n".join([f"{what}{say('colon', known)}{why}", *(f"  {fact.id}" for fact in decision.facts)])
