"""The section `decisions`: patterns to rules that every decider can match, or positioned faults."""

from collections.abc import Mapping

from ..errors import Issues
from ..model.decision import DecisionCycleError, DecisionRule, is_late, strata
from ..model.definitions import DecisionText
from .decision_reach import WARNINGS
from .decision_reading import Misread, read_rule, unknown_rules
from .forms import Expressions

__all__ = ["read_decisions", "report"]

CODES: Mapping[str, tuple[str, str]] = {
    "W513": (
        "a veto of nothing",
        "A veto does what it names: the scorecard gets its worst grade, the award is not given. One that names neither is written "
        "down as a decision, and changes no result.",
    ),
    "E712": (
        "a veto that comes too late",
        "A rule that looks at awards, or at decisions that do, is decided after them; it cannot veto an award or a grade, nor cap "
        "one, which awards rest on.",
    ),
}


def read_decisions(
    texts: Mapping[str, DecisionText], expressions: Expressions, issues: Issues
) -> dict[str, DecisionRule]:
    """The rules of the section; faults go to the issues, each at its place in the file."""
    rules: dict[str, DecisionRule] = {}
    for name, text in texts.items():
        rule, misread = read_rule(
            name,
            {alias: e.tree for alias, e in text.when.items()},
            {alias: e.tree for alias, e in text.unless.items()},
            {key: e.tree for key, e in text.then.items()},
            text.because.by_language, text.priority, text.title, tuple(text.reference), text.provisional,
        )  # fmt: skip
        for fault in misread:
            report(text, fault, expressions, issues)
        if rule is not None:
            rules[name] = rule
    for name, fault in unknown_rules(list(rules.values())):
        report(texts[name], fault, expressions, issues)
    try:
        strata(list(rules.values()))
    except DecisionCycleError as error:
        first = error.cycle[0]
        issues.error(texts[first].source, "E710", f"decisions rest on each other: {' -> '.join(error.cycle)}")
        return rules
    for name, rule in rules.items():
        if rule.do == "veto" and not {"scorecard", "award"} & set(rule.then):
            issues.warn(
                texts[name].place("then"), "W513", f"the veto of '{name}' names nothing, so it does nothing",
                "say what the subject is not to have: 'scorecard' or 'award'",
            )  # fmt: skip
        if rule.do in ("veto", "cap") and is_late(rule, rules):
            issues.error(
                texts[name].source, "E712", f"'{name}' looks at awards, so it cannot {rule.do} what they rest on",
                "look at scores and grades instead, or propose to a person",
            )  # fmt: skip
    return rules


def report(text: DecisionText, misread: Misread, expressions: Expressions, issues: Issues) -> None:
    """Put the fault into the issues, at its place in the file."""
    sections = {"when": text.when, "unless": text.unless, "then": text.then}
    fault = misread.fault
    expression = sections.get(misread.section, {}).get(misread.key)
    source = text.place(misread.section) if expression is None else expressions.place(expression, fault.span)
    hint = fault.hint if expression is None else fault.hint.replace("{text}", expression.text)
    (issues.warn if fault.code in WARNINGS else issues.error)(source, fault.code, fault.message, hint)
