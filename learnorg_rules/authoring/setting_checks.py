"""What no type can check about the section `ruleset`, fields, attributes and kinds of event."""

import re
from collections.abc import Iterator, Mapping
from itertools import pairwise
from zoneinfo import ZoneInfo, available_timezones

from attrs import evolve

from ..errors import Issues, Source, did_you_mean
from ..expr.lexemes import is_name
from ..model.definitions import EventKind, FieldType, Header
from ..model.kinds import rules_in
from ..model.ruleset import Ruleset
from ..org.records import KINDS, TREE_KINDS
from ..periods import Grain
from ..texts import difference, same_looking
from .scopes import ENVELOPE

__all__ = [
    "columns_are_known", "days_are_usable", "fields_fit_their_types", "header_is_sound", "kinds_list_declared_fields",
    "names_look_different", "periods_are_sound", "with_known_zone",
]  # fmt: skip

LONGEST = 200  # years a ruleset may judge; a list of all its days still fits anywhere

_ENVELOPE = {*ENVELOPE, "corrects", "voids"} - {"date", "member"}


def days_are_usable(header: Header, issues: Issues) -> bool:
    """Whether periods can be cut from what the header says; if not, that was reported."""
    before = len(issues.found)
    first, last = header.effective.from_, header.effective.to
    place = header.place("effective")
    if first is not None and last is not None and last < first:
        issues.error(place, "E217", "'effective' ends before it begins", f"from {first} to {last}")
    elif first is not None and last is not None and last.year - first.year > LONGEST:
        issues.error(place, "E517", f"the ruleset judges more than {LONGEST} years", "")
    if not 1 <= header.year_starts <= 12:
        issues.error(header.place("year_starts"), "E517", f"'year_starts' is {header.year_starts}", "a month, 1 to 12")
    return len(issues.found) == before


def with_known_zone(header: Header, issues: Issues) -> Header:
    """The header with a zone that is in the database of this system: UTC in place of one that is not, which is refused."""
    name = header.time_zone
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        near = did_you_mean(name, available_timezones())
        issues.error(
            header.place("time_zone"), "E213", f"unknown time zone '{name}'", near or "write it as Asia/Shanghai"
        )
        return evolve(header, time_zone="UTC")
    return header


def header_is_sound(ruleset: Ruleset, issues: Issues) -> None:
    """Numbers and names of the section `ruleset` are in their ranges."""
    header = ruleset.header
    if not header.id:
        return  # a stand-in; what was wrong was reported
    if not 0 <= header.required_share <= 1:
        issues.error(
            header.place("required_share"), "E517", f"'required_share' is {header.required_share}", "a share, 0 to 1"
        )
    days = header.publication.correctable_days
    if days is not None and days < 0:
        place = header.place("publication")
        issues.error(place, "E517", f"'correctable_days' is {days}", "0 lets only appeals move what is published")
    if header.roll_up.along not in TREE_KINDS:
        place, along = header.place("roll_up"), header.roll_up.along
        if along in KINDS:
            issues.error(place, "E520", f"edges of kind '{along}' make no tree", f"one of: {', '.join(TREE_KINDS)}")
        else:
            issues.error(place, "E520", f"unknown kind of edge '{along}'", f"one of: {', '.join(TREE_KINDS)}")
    for language in header.languages:
        if not re.fullmatch(r"[a-z]{2,3}", language):
            issues.error(header.place("languages"), "E209", f"'{language}' is not a language", "such as en or zh")
    for what, levels in (("levels", ruleset.organisation.levels),):
        doubled = sorted({level for level in levels if list(levels).count(level) > 1})
        for level in doubled:
            issues.error(header.source, "E517", f"'{level}' stands twice in '{what}'", "")


def periods_are_sound(ruleset: Ruleset, issues: Issues) -> None:
    """Named periods and holidays run forward; those of one list have names of their own and do not overlap."""
    header = ruleset.header
    for holiday in header.holidays:
        if holiday.to < holiday.from_:
            issues.error(
                header.place("holidays"), "E217", f"the holiday '{holiday.name}' ends before it begins",
                f"from {holiday.from_} to {holiday.to}",
            )  # fmt: skip
    place = header.place("periods")
    for name, periods in header.periods.items():
        if name in {grain.value for grain in Grain}:
            issues.error(
                place, "E517", f"a list of periods is called '{name}', as a part of the calendar is", "rename it"
            )
        if not periods:
            issues.error(place, "E517", f"the list of periods '{name}' is empty", "")
        for period in periods:
            if period.to < period.from_:
                hint = f"from {period.from_} to {period.to}"
                issues.error(place, "E217", f"the period '{period.name}' of '{name}' ends before it begins", hint)
        by_day = sorted(periods, key=lambda p: p.from_)
        for earlier, later in pairwise(by_day):
            if later.from_ <= earlier.to:
                message = f"the periods '{earlier.name}' and '{later.name}' of '{name}' overlap"
                issues.error(
                    place, "E517", message, f"the first ends on {earlier.to}, the second begins on {later.from_}"
                )
        names = [period.name for period in periods]
        for doubled in sorted({n for n in names if names.count(n) > 1}):
            issues.error(place, "E517", f"two periods of '{name}' are called '{doubled}'", "rename one")


def columns_are_known(ruleset: Ruleset, issues: Issues) -> None:
    """`records` names columns that events have."""
    header = ruleset.header
    known = sorted({*_ENVELOPE, *ruleset.fields})
    for key, named in (("columns", header.records.columns), ("constants", header.records.constants)):
        for name in named:
            if name not in known:
                message = f"'{name}' in '{key}' is neither a field nor a part of every event"
                issues.error(header.place("records"), "E514", message, did_you_mean(name, known))


def fields_fit_their_types(ruleset: Ruleset, issues: Issues) -> None:
    """A type has the keys it needs and no others; names are free."""
    for what, name, declared in _declared(ruleset):
        taken = {
            "a field": {*_ENVELOPE, *ENVELOPE, "row", "file"},
            "an attribute of units": {"id", "level", "name"},
        }.get(what, {"id", "name"})
        if name in taken:
            hint = (
                "rename it" if what != "a field" or name != "person" else "a kind lists 'person' without a declaration"
            )
            issues.error(declared.source, "E502", f"'{name}' is there without being declared as {what}", hint)
        _fit(name, declared, issues)


def _declared(ruleset: Ruleset) -> Iterator[tuple[str, str, FieldType]]:
    organisation = ruleset.organisation
    groups: tuple[tuple[str, Mapping[str, FieldType]], ...] = (
        ("a field", ruleset.fields),
        ("an attribute of units", organisation.units),
        ("an attribute of persons", organisation.persons),
    )
    for what, fields in groups:
        for name, declared in fields.items():
            yield what, name, declared


def _fit(name: str, declared: FieldType, issues: Issues) -> None:
    place, kind = declared.source, declared.type

    def refuse(message: str, hint: str = "") -> None:
        issues.error(place, "E513", f"'{name}' {message}", hint)

    if kind == "choice" and not declared.of:
        refuse("is a choice of nothing", "write its options: of: [a, b]")
    if kind != "choice" and declared.of:
        refuse(f"has options, but is of type {kind}", "write type: choice")
    for doubled in sorted({option for option in declared.of if list(declared.of).count(option) > 1}):
        refuse(f"has the option '{doubled}' twice")
    if declared.places is not None and kind != "decimal":
        refuse(f"has places, but is of type {kind}", "write type: decimal")
    if declared.places is not None and not 0 <= declared.places <= 9:
        refuse(f"has {declared.places} places", "0 to 9")
    if kind not in ("integer", "decimal"):
        for key, given in (("unit", declared.unit), ("min", declared.min), ("max", declared.max)):
            if given not in ("", None):
                refuse(f"has '{key}', but is of type {kind}", "only numbers have it")
    if declared.unit and not is_name(declared.unit):
        refuse(f"has the unit '{declared.unit}'", "a unit of measure is one word, such as minutes")
    if declared.min is not None and declared.max is not None and declared.min > declared.max:
        issues.error(place, "E515", f"'{name}' has min {declared.min} above max {declared.max}", "")


def kinds_list_declared_fields(ruleset: Ruleset, issues: Issues) -> None:
    """Every field a kind takes is declared, and taken once."""
    for kind in ruleset.events.values():
        seen: set[str] = set()
        for written in kind.fields:
            name = written.removesuffix("?")
            if name in seen:
                issues.error(_fields_place(kind), "E514", f"'{kind.id}' lists the field '{name}' twice", "")
            elif name != "person" and name not in ruleset.fields:
                near = did_you_mean(name, [*ruleset.fields, "person"])
                issues.error(_fields_place(kind), "E514", f"'{kind.id}' lists the undeclared field '{name}'", near)
            seen.add(name)


def _fields_place(kind: EventKind) -> Source:
    return kind.place("fields")


def names_look_different(ruleset: Ruleset, issues: Issues) -> None:
    """No two names, and no two options of a choice, differ in what nobody can see."""
    schema = ruleset.organisation
    types = {**schema.units, **schema.persons, **ruleset.fields}
    places: dict[str, Source] = {name: type_.source for name, type_ in types.items()}
    named = (ruleset.events, ruleset.parameters, ruleset.selectors, ruleset.measures)
    places.update((name, definition.source) for section in named for name, definition in section.items())
    places.update((rule.id, rule.source) for _, _, rule in rules_in(ruleset))
    options = [(type_.of, type_.source) for type_ in types.values()] + [(schema.levels, ruleset.header.source)]
    found = [(*pair, places[pair[0]]) for pair in same_looking(places)]
    found += [(*pair, place) for of, place in options for pair in same_looking(of)]
    for name, other, place in found:
        issues.warn(place, "E218", f"'{name}' and '{other}' look the same and are two", difference(name, other))
