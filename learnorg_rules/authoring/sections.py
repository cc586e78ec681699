"""The sections of rule files: what each holds, and how those of several files become one."""

from collections.abc import Mapping, Sequence
from datetime import date
from itertools import pairwise
from typing import Any, TypeVar

from attrs import evolve, frozen

from ..documents import Broken, Mapping_, Scalar, Sequence_, Tree, check_id, kind_of, structure
from ..errors import Issues, Source, did_you_mean
from ..model.definitions import (
    DecisionText,
    Definition,
    Effective,
    EventKind,
    FieldType,
    Header,
    Measure,
    OrganisationSchema,
    Selector,
)
from ..model.kinds import JUDGED, KINDS
from ..periods import ONE_DAY
from .forms import Expressions, read_parameter, rule_forms
from .setting_checks import days_are_usable

__all__ = ["FORMER_NAMES", "SECTIONS", "Draft", "collect", "with_current_names"]

Versioned = TypeVar("Versioned", bound=Definition)

_DEFINED: Mapping[str, type] = {
    "fields": FieldType, "events": EventKind, "selectors": Selector, "measures": Measure, "decisions": DecisionText,
}  # fmt: skip
_VERSIONED: Mapping[str, type[Definition]] = {kind.section: kind.definition for kind in JUDGED}

SECTIONS = (
    "ruleset", "organisation", "fields", "events", "parameters", "selectors", "measures",
    *(kind.section for kind in KINDS),
)  # fmt: skip
"""The keys a rule file may have, in the order of the reference."""


FORMER_NAMES: Mapping[str, str] = {"phases": "plans"}
"""What sections were called in rule files of earlier days, which are still read."""


def with_current_names(tree: Tree, issues: Issues) -> Tree:
    """The file with its sections under the names they have today; one that has a section under both is refused."""
    if not isinstance(tree, Mapping_):
        return tree
    names = {name.text for name, _ in tree.entries}
    entries = []
    for name, value in tree.entries:
        current = FORMER_NAMES.get(name.text, name.text)
        if current != name.text and current in names:
            hint = f"move what stands under '{name.text}' to '{current}'"
            issues.error(name.source, "E211", f"'{name.text}' is the former name of '{current}'; both are given", hint)
        entries.append((evolve(name, text=current), value))
    return evolve(tree, entries=tuple(entries))


_OF_ORGANISATIONS = (
    "id", "name", "level", "parent", "party_parent", "part_of", "hosted_by", "unit", "kind", "source", "target", "node",
    "value", "from", "to",
)  # fmt: skip
"""What files of organisations have besides attributes."""


@frozen
class Draft:
    """What the files say, before names and types are looked at.

    `sections`: section -> id -> definition (for duties, scorecards and awards: its versions, by date). `broken` holds
    (section, id) of what was refused in part: nothing is said of its uses. `rests` is what is left of it, in which
    faults of expressions can still be found.
    """

    header: Header | None
    organisation: OrganisationSchema
    sections: Mapping[str, Mapping[str, Any]]
    broken: frozenset[tuple[str, str]]
    rests: Sequence[Definition] = ()


def collect(trees: Sequence[Tree], expressions: Expressions) -> Draft:
    """The sections of all files as one draft; faults go to the issues of `expressions`."""
    return _Collector(expressions).collect(trees)


class _Collector:
    def __init__(self, expressions: Expressions) -> None:
        self.expressions, self.issues = expressions, expressions.issues
        self.forms = rule_forms(expressions)
        self.headers: list[tuple[Scalar, Header | None]] = []
        self.organisation = OrganisationSchema()
        self.columns: list[Scalar] = []  # our names in `organisation.columns`
        self.sections: dict[str, dict[str, Any]] = {name: {} for name in SECTIONS[2:]}
        self.places: dict[tuple[str, str], Source] = {}
        self.broken: set[tuple[str, str]] = set()
        self.rests: list[Any] = []

    def collect(self, trees: Sequence[Tree]) -> Draft:
        for tree in trees:
            if not isinstance(tree, Mapping_):
                if not isinstance(tree, Broken):
                    wide = isinstance(tree, Scalar) and "：" in tree.text
                    hint = (
                        "the '：' is full-width; write ':' and a space"
                        if wide
                        else "begin with a section such as 'duties:'"
                    )
                    self.issues.error(
                        tree.source, "E203", f"a rule file is a mapping from sections; found {kind_of(tree)}", hint
                    )
                continue
            for name, value in tree.entries:
                self._section(name, value)
        self._check_columns()
        return Draft(self._header(trees), self.organisation, self.sections, frozenset(self.broken), self.rests)

    def _section(self, name: Scalar, value: Tree) -> None:
        if name.text not in SECTIONS:
            hint = did_you_mean(name.text, SECTIONS)
            known = f"known: {', '.join(SECTIONS)}"
            hint = known if not hint or hint.startswith("known") else f"{hint}; {known}"
            self.issues.error(name.source, "E210", f"unknown section '{name.text}'", hint)
        elif name.text == "ruleset":
            self.headers.append((name, structure(value, Header, self.issues, self.forms)))
        elif isinstance(value, Broken) or (isinstance(value, Scalar) and value.is_empty):
            if not isinstance(value, Broken):
                self.issues.error(
                    name.source, "E203", f"the section '{name.text}' holds nothing", "delete it, or fill it"
                )
        elif not isinstance(value, Mapping_):
            self.issues.error(value.source, "E203", f"'{name.text}' takes a mapping from ids; found {kind_of(value)}")
        elif name.text == "organisation":
            self._organisation(value)
        else:
            for key, inner in value.entries:
                self._definition(name.text, key, inner)

    def _definition(self, section: str, key: Scalar, tree: Tree) -> None:
        is_new = self._is_new(section, key)
        is_named = check_id(key, self.issues, self.forms)
        found: Any
        if section == "parameters":
            found = read_parameter(key, tree, self.expressions)
        elif section in _DEFINED:
            found = structure(tree, _DEFINED[section], self.issues, self.forms, key, self.rests)
        else:
            found = self._versions(_VERSIONED[section], key, tree)
        if not is_new:  # reported; faults inside it are looked for all the same
            self.rests += [] if found is None else found if isinstance(found, tuple) else [found]
        elif found is None or not is_named:
            self.broken.add((section, key.text))
            if section == "fields":  # kinds that list it are not at fault
                self.sections[section][key.text] = FieldType("text", source=key.source)
        else:
            self.sections[section][key.text] = found

    def _is_new(self, section: str, key: Scalar) -> bool:
        first = self.places.setdefault((section, key.text), key.source)
        if first != key.source:
            self.issues.error(key.source, "E211", f"'{key.text}' is defined twice in {section}", f"first at {first}")
        return first == key.source

    def _versions(self, cls: type[Versioned], key: Scalar, tree: Tree) -> tuple[Versioned, ...] | None:
        if not isinstance(tree, Sequence_):
            only = structure(tree, cls, self.issues, self.forms, key, self.rests)
            return None if only is None else (only,)
        if not tree.items:
            self.issues.error(tree.source, "E203", f"'{key.text}' has an empty list of versions", "write at least one")
            return None
        # Each version stands at its own place, so that messages tell them apart.
        versions = [
            structure(item, cls, self.issues, self.forms, evolve(key, source=item.source), self.rests)
            for item in tree.items
        ]
        found = [version for version in versions if version is not None]
        found.sort(key=lambda version: version.effective.from_ or date.min)
        for earlier, later in pairwise(found):
            gap = _gap(earlier.effective, later.effective)
            if gap is not None:
                self.issues.warn(
                    later.place("effective"), "W502", f"no version of '{key.text}' is in force from {gap[0]} to {gap[1]}",
                    "begin this one a day after the other ends, if that is not meant",
                )  # fmt: skip
            if _overlap(earlier.effective, later.effective):
                day = later.effective.from_ or "every day before they end"
                self.issues.error(
                    later.place("effective"), "E214", f"two versions of '{key.text}' are in force on {day}",
                    f"the other stands on line {earlier.source.line}; both ends of 'effective' are included",
                )  # fmt: skip
        return tuple(found) if len(found) == len(versions) else None

    def _organisation(self, tree: Mapping_) -> None:
        for key in ("units", "persons", "columns"):
            for name in _keys(tree.get(key)):
                self._is_new(f"organisation.{key}", name)
        self.columns += _keys(tree.get("columns"))
        levels = tree.get("levels")
        if levels is not None:
            self._is_new("organisation", Scalar("levels", levels.source))
        rest: list[OrganisationSchema] = []
        found = structure(tree, OrganisationSchema, self.issues, self.forms, rest=rest)
        if found is None:
            names = (name.text for key in ("units", "persons") for name in _keys(tree.get(key)))
            self.broken.update(("organisation", name) for name in (*names, "level"))
            found = rest[0] if rest else OrganisationSchema()
        whole = self.organisation
        self.organisation = OrganisationSchema(
            whole.levels or found.levels,
            {**found.units, **whole.units},
            {**found.persons, **whole.persons},
            {**found.columns, **whole.columns},
        )

    def _check_columns(self) -> None:
        """`organisation.columns` renames what organisations have: attributes, and what nodes and edges are made of."""
        schema, refused = self.organisation, {name for of, name in self.broken if of == "organisation"}
        ours = sorted({*_OF_ORGANISATIONS, *schema.units, *schema.persons})
        for name in self.columns:
            if name.text not in ours and name.text not in refused:
                message = f"'{name.text}' in 'columns' is no attribute that the section 'organisation' declares"
                self.issues.error(name.source, "E514", message, did_you_mean(name.text, ours))

    def _header(self, trees: Sequence[Tree]) -> Header | None:
        if not self.headers:
            if not all(isinstance(tree, Mapping_) for tree in trees):
                return None  # that file may have been meant to hold it
            files = [tree.source.file for tree in trees]
            place = next((f for f in files if f.endswith("ruleset.yaml")), files[0] if files else "")
            self.issues.error(
                Source(place), "E212", "the section 'ruleset' is missing", "it gives id, time_zone and effective"
            )
            return None
        for key, _ in self.headers[1:]:
            self.issues.error(
                key.source, "E212", "the section 'ruleset' is given twice", f"first at {self.headers[0][0].source}"
            )
        key, header = self.headers[0]
        if header is None:
            return None
        complete = True
        if not header.id:
            self.issues.error(key.source, "E202", "the section 'ruleset' needs the key 'id'")
            complete = False
        else:
            complete = check_id(Scalar(header.id, header.place("id")), self.issues, self.forms)
        for end, day in (("from", header.effective.from_), ("to", header.effective.to)):
            if day is None:
                self.issues.error(
                    header.place("effective") if "effective" in header.places else key.source, "E202",
                    f"'effective' of the ruleset needs the key '{end}'", "its two ends are the days that are judged",
                )  # fmt: skip
                complete = False
        usable = days_are_usable(header, self.issues)
        return header if complete and usable else None


def _gap(earlier: Effective, later: Effective) -> tuple[date, date] | None:
    """The first and last day between two versions on which neither is in force; None where they meet."""
    if earlier.to is None or later.from_ is None or later.from_ <= earlier.to + ONE_DAY:
        return None
    return earlier.to + ONE_DAY, later.from_ - ONE_DAY


def _overlap(earlier: Effective, later: Effective) -> bool:
    return earlier.to is None or later.from_ is None or later.from_ <= earlier.to


def _keys(tree: Tree | None) -> list[Scalar]:
    return [name for name, _ in tree.entries] if isinstance(tree, Mapping_) else []
