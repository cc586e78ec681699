"""Whom a behaviour is fitted for: groups of units or persons, with the days on which each was in its group."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from json import dumps

from attrs import frozen

from ..authoring.scopes import Names
from ..counting.binding import Binding
from ..errors import Issues, Source, did_you_mean
from ..expr.lexemes import is_name
from ..expr.nodes import Subjects
from ..expr.parse import parse
from ..expr.render import render
from ..expr.resolve import resolve_subjects
from ..expr.scope import ExpressionError
from ..model.ruleset import Ruleset
from ..periods import ONE_DAY, Grain, Period

__all__ = ["Group", "group_of_persons", "groups_by_level", "groups_by_selector", "groups_by_unit"]

Stretches = Sequence[tuple[date, date]]
"""Days, half-open, sorted, without overlap."""


@frozen
class Group:
    """Units or persons that behave alike. `text` is their selector, `days` tells of each when it was among them."""

    name: str
    text: str
    subjects: Subjects
    days: Mapping[str, Stretches]
    of_persons: bool = False


def groups_by_level(binding: Binding, first: date, end: date) -> list[Group]:
    """One group for each level of units, in the order of the ruleset's levels, in [first, end)."""
    days: dict[str, dict[str, list[tuple[date, date]]]] = {}
    for unit, start, stop, level in binding.versions("level"):
        if binding.organisation.kind(unit) != "unit":
            continue  # persons may have an attribute of that name
        born, gone = binding.organisation.life(unit)
        stretch = max(first, start, born), min(end, stop, gone)
        if stretch[0] < stretch[1]:
            days.setdefault(str(level), {}).setdefault(unit, []).append(stretch)
    levels = [level for level in binding.ruleset.organisation.levels if level in days]
    quoted = {level: level if is_name(level) else dumps(level, ensure_ascii=False) for level in levels}
    return [_group(binding.ruleset, v, f"units where level == {quoted[v]}", days[v]) for v in levels]


def groups_by_unit(binding: Binding, units: Iterable[str], first: date, end: date) -> list[Group]:
    """A group for each of the units, in [first, end)."""
    found = []
    for unit in units:
        born, gone = binding.organisation.life(unit)
        stretch = max(first, born), min(end, gone)
        if stretch[0] < stretch[1]:
            found.append(_group(binding.ruleset, unit, render(Subjects(ids=(unit,))), {unit: [stretch]}))
    return found


def group_of_persons(binding: Binding, first: date, end: date) -> list[Group]:
    """One group of all persons, each on the days of [first, end) on which it belongs to a unit."""
    days: dict[str, list[tuple[date, date]]] = {}
    for start, stop in binding.organisation.home_segments(first, end):
        snapshot = binding.organisation.as_of(start)
        for person in snapshot.persons():
            if snapshot.home(person) is not None:
                _extend(days.setdefault(person, []), (start, stop))
    return [_group(binding.ruleset, "persons", "persons", days, of_persons=True)] if days else []


def groups_by_selector(binding: Binding, selectors: Sequence[str], first: date, end: date) -> list[Group]:
    """A group for each selector: whom it selects in each month, as it would for a rule judged monthly.

    Raises:
        InputError: a selector is none, names who is not there, or selects nobody in all the months; all faults at once.
    """
    issues = Issues()
    groups = []
    for text in selectors:
        subjects = _subjects(binding.ruleset, text, issues)
        if subjects is None:
            continue
        unknown = [i for i in (*subjects.ids, subjects.of, subjects.by) if i and i not in binding.organisation.nodes]
        for name in unknown:
            hint = did_you_mean(name, binding.organisation.nodes)
            issues.error(Source(text), "M302", f"the organisation has no '{name}'", hint)
        days: dict[str, list[tuple[date, date]]] = {}
        for month in binding.ruleset.calendar.schedule(Grain.MONTH.value, first, end).periods:
            for unit, _ in [] if unknown else binding.select(subjects, month):
                _extend(days.setdefault(unit, []), _here(binding, unit, month, first, end))
        days = {unit: stretches for unit, stretches in days.items() if stretches}
        if not days and not unknown:
            issues.error(Source(text), "M302", f"nobody is selected from {first} to {end - ONE_DAY}")
        persons = {binding.organisation.kind(one) == "person" for one in days}
        if len(persons) > 1:
            issues.error(Source(text), "M302", "units and persons are selected, expected one or the other")
        groups.append(Group(text, text, subjects, days, of_persons=persons == {True}))
    issues.raise_errors()
    return groups


def _here(binding: Binding, unit: str, month: Period, first: date, end: date) -> tuple[date, date]:
    born, gone = binding.organisation.life(unit)
    return max(first, month.start, born), min(end, month.end, gone)


def _extend(stretches: list[tuple[date, date]], more: tuple[date, date]) -> None:
    if more[0] >= more[1]:
        return
    if stretches and stretches[-1][1] == more[0]:
        more = stretches.pop()[0], more[1]
    stretches.append(more)


def _group(ruleset: Ruleset, name: str, text: str, days: Mapping[str, Stretches], of_persons: bool = False) -> Group:
    issues = Issues()
    subjects = _subjects(ruleset, text, issues)
    assert subjects is not None, issues.found  # the text is ours
    return Group(name, text, subjects, days, of_persons)


def _subjects(ruleset: Ruleset, text: str, issues: Issues) -> Subjects | None:
    """The resolved selector, a named one of the ruleset included; None where it is none."""
    if text in ruleset.selectors:
        named = ruleset.selectors[text].select.tree
        assert isinstance(named, Subjects)
        return named
    names = Names(ruleset.organisation, ruleset.fields, ruleset.events)
    for parameter in ruleset.parameters.values():
        kind = parameter.values[0][1].value.tree.type
        if kind is not None:
            names.parameters[parameter.id] = kind
    tree: Subjects | None = None
    try:
        surface = parse(text, "selector")
    except ExpressionError as error:
        faults = list(error.faults)
    else:
        assert isinstance(surface, Subjects)
        tree, faults = resolve_subjects(surface, names.selector(surface.family), text)
    for fault in faults:
        issues.error(Source(text, 1, fault.span.start + 1), fault.code, fault.message, fault.hint)
    return None if faults else tree
