"""Numbers that decision rules ask for and nothing reaches: totals above full marks, more periods in a row than there are."""

import re
from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from fractions import Fraction

from ..expr.scope import Fault
from ..model.decision import FACT_TYPES, Pattern
from ..model.definitions import DecisionText, Duty
from ..model.ruleset import Ruleset
from .constants import is_period, shown
from .decision_names import can_hold, place_of
from .decision_reading import Misread
from .reach import ENDLESS, Span
from .reach_checks import span_of_totals, spans_of

__all__ = ["WARNINGS", "unreached"]

WARNINGS = frozenset({"E526", "W512", "W514"})
"""Codes that refuse nothing."""

_NUMBERS = {"score": ("scorecard", "total"), "duty": ("duty", "in_a_row"), "measure": ("measure", "value")}
"""The sort of a fact -> its field with the name of a rule or measure, and that with a number of it."""


def unreached(
    ruleset: Ruleset, texts: Mapping[str, DecisionText], broken: AbstractSet[tuple[str, str]]
) -> Iterator[tuple[str, Misread]]:
    """(id of the rule, warning) for every number that a pattern asks for and no fact has.

    Args:
        ruleset: with its decisions.
        texts: the decisions as written, for the places of warnings.
        broken: (section, id) of what was refused in part, which might reach the number.
    """
    if {section for section, _ in broken} & {"scorecards", "duties", "measures", "parameters"} or not ruleset.header.id:
        return
    for rule in ruleset.decisions.values():
        text = texts[rule.id]
        for section, pattern in rule.sections:
            written = getattr(text, section)
            fault = _beyond(ruleset, pattern) or _percentage(pattern, written[pattern.alias].text)
            if fault is not None:
                place = place_of(written, pattern, _NUMBERS[pattern.type][1])
                yield rule.id, Misread(section, pattern.alias, Fault(place, *fault))


def _beyond(ruleset: Ruleset, pattern: Pattern) -> tuple[str, str, str] | None:
    """Code, what, and hint of a number that nothing reaches."""
    naming, number = _NUMBERS.get(pattern.type, ("", ""))
    tests = [test for test in pattern.tests if test.field == number]
    names = [test for test in pattern.tests if test.field == naming]
    if not tests:
        return None
    spans = [(name, s) for name, s in _spans(ruleset, pattern.type) if all(test.holds(name) for test in names)]
    declared = FACT_TYPES[pattern.type].fields[number]
    if not spans or any(can_hold(declared, tests, None, span.low, span.high) for _, span in spans):
        return None
    if not can_hold(declared, tests, None):
        return None  # they contradict each other, which is reported as such
    name, span = max(spans, key=lambda item: (item[1].high is not None, item[1].high or 0))
    if number == "total":
        return "E526", f"no total of '{name}' meets it: full marks are {shown(span.high)}", "no fact will ever match"
    if number == "in_a_row":
        return "W512", f"'{name}' has no more than {shown(span.high)} periods", "no fact will ever match"
    ends = [
        f"{word} {shown(end)}"
        for word, end in (("at least", span.low), ("at most", span.high))
        if end not in (None, ENDLESS)
    ]
    return "W512", f"'{name}' is {' and '.join(ends)}", "no fact will ever match"


def _percentage(pattern: Pattern, written: str) -> tuple[str, str, str] | None:
    """Code, what, and hint of a total that is compared with a percentage."""
    found = re.search(r"total [<>=!]=? *(([0-9.]+)%)", written) if pattern.type == "score" else None
    total = next((t.value for t in pattern.tests if t.field == "total"), None)
    if found is None or not isinstance(total, Fraction):
        return None
    return "W514", f"'total' is no share, and {found[1]} is {shown(total)}", f"write {found[2]}"


def _spans(ruleset: Ruleset, fact: str) -> Iterator[tuple[str, Span]]:
    """From where to where the numbers of every version go, with its name."""
    if fact == "score":
        yield from (
            (name, span_of_totals(ruleset, [card])) for name, cards in ruleset.scorecards.items() for card in cards
        )
    elif fact == "duty":
        yield from ((name, _in_a_row(ruleset, versions)) for name, versions in ruleset.duties.items())
    else:
        reach = spans_of(ruleset, "year")  # measures are facts of years
        yield from ((name, reach.span(measure.value.tree)) for name, measure in ruleset.measures.items())


def _in_a_row(ruleset: Ruleset, versions: Iterable[Duty]) -> Span:
    """One for a day, else no more than its versions have periods together."""
    most = 0
    for duty in versions:
        if duty.every and not is_period(ruleset, duty.every):
            return Span()
        schedule = ruleset.calendar.schedule(duty.every, ruleset.first_day, ruleset.end) if duty.every else None
        most += 1 if schedule is None else len(schedule.periods)
    return Span(Fraction(1), Fraction(most))
