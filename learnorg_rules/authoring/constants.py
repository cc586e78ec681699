"""Constants of rules on the days that matter: the last days of the rule's periods, once per change of a parameter."""

import bisect
from collections.abc import Iterator
from datetime import date
from fractions import Fraction

from ..expr.nodes import Node, walk
from ..model.definitions import Definition, Expression, Rule
from ..model.kinds import rules_in
from ..model.parameters import Parameters
from ..model.references import expressions_in
from ..model.ruleset import Ruleset
from ..periods import ONE_DAY, Grain
from ..values import Value

__all__ = ["days_of", "is_period", "nodes_of", "number", "rules_of", "shown", "trees_of"]


def rules_of(ruleset: Ruleset) -> Iterator[Rule]:
    """Every version of every rule that judges subjects, in the order of the files."""
    return (rule for _, _, rule in rules_in(ruleset))


def is_period(ruleset: Ruleset, every: str) -> bool:
    """Whether `every` may say this."""
    return every in ruleset.header.periods or every in {grain.value for grain in Grain}


def days_of(ruleset: Ruleset, rule: Rule) -> list[date]:
    """The days on which the rule's constants are read, one for each combination of values that parameters take.

    Empty where the ruleset's own days are not known, or the rule's periods never come.
    """
    first, last = ruleset.first_day, ruleset.end - ONE_DAY
    if not ruleset.header.id:
        return []
    every = getattr(rule, "every", "")
    if not every:
        ends = [first]
    elif is_period(ruleset, every):
        periods = ruleset.calendar.schedule(every, first, ruleset.end).periods
        ends = [p.last for p in periods if min(p.last, last) in rule.effective]
    else:
        ends = [last]  # its periods are not known; sums can be looked at nevertheless
    changes = {day for p in ruleset.parameters.values() for day, _ in p.values if day is not None}
    chosen = {0, *(bisect.bisect_left(ends, day) for day in changes)}
    return [ends[i] for i in sorted(chosen) if i < len(ends)]


def number(ruleset: Ruleset, expression: Expression, day: date) -> Value:
    """The value of a constant on the day; None where it has none."""
    return Parameters(ruleset.parameters).constant(expression, day)


def shown(value: object) -> str:
    """A number or other value as a message writes it."""
    if isinstance(value, Fraction):
        if value.denominator == 1:
            return str(value.numerator)
        if 10**6 % value.denominator == 0:
            whole, rest = divmod(abs(value.numerator) * (10**6 // value.denominator), 10**6)
            return f"{'-' if value < 0 else ''}{whole}.{rest:06}".rstrip("0")
        return f"{value.numerator}/{value.denominator}"
    return str(value)


def trees_of(ruleset: Ruleset) -> Iterator[tuple[Definition, Expression]]:
    """Every expression of every selector, measure and rule, with the definition it stands in."""
    for named in (*ruleset.selectors.values(), *ruleset.measures.values(), *rules_of(ruleset)):
        for expression in expressions_in(named):
            yield named, expression


def nodes_of(ruleset: Ruleset) -> Iterator[tuple[Definition, Expression, Node]]:
    """Every node of every expression."""
    for definition, expression in trees_of(ruleset):
        for node in walk(expression.tree):
            yield definition, expression, node
