"""Whatever a public call returns can be named: its class is a name of `learnorg_rules` too."""

import inspect
import re
import sys
import typing
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path

import attrs

import learnorg_rules as lr

ROOT = Path(__file__).resolve().parents[1]
NAMES = {name: getattr(lr, name) for name in lr.__all__}

NOT_FOLLOWED = ("Behaviour", "FileEvents", "Organisation", "Ruleset", "Scenario", "SparkEvents")
"""Classes that calls take: what their methods return has a name, the parts they are made of need none."""

MACHINERY = (
    "learnorg_rules.counting.ingest", "learnorg_rules.dataflow", "learnorg_rules.judging.batch",
    "learnorg_rules.judging.evaluation", "learnorg_rules.judging.judging", "learnorg_rules.org.columns",
)  # fmt: skip
"""Modules whose classes are for the rooms of the library."""


def resolved(annotation: object, owner: object) -> object:
    """An annotation, evaluated where it is a text."""
    if not isinstance(annotation, str):
        return annotation
    return eval(annotation, {**vars(sys.modules[owner.__module__]), **NAMES})  # type: ignore[attr-defined]


def members(cls: type) -> Iterator[tuple[str, object]]:
    """Public attributes and methods of a class, with the annotations of what they hold or return."""
    if attrs.has(cls) and cls.__name__ not in NOT_FOLLOWED:
        for attribute in attrs.fields(cls):
            if not attribute.name.startswith("_"):
                yield attribute.name, resolved(attribute.type, cls)
    for name, member in inspect.getmembers(cls):
        function = (
            member.fget
            if isinstance(member, property)
            else member.func
            if isinstance(member, cached_property)
            else member
        )
        if not name.startswith("_") and (inspect.isfunction(function) or inspect.ismethod(function)):
            yield name, resolved(inspect.get_annotations(function).get("return"), function)


def classes(annotation: object) -> Iterator[type]:
    """The classes of ours in an annotation."""
    for part in (annotation, typing.get_origin(annotation)):
        if isinstance(part, type) and part.__module__.startswith("learnorg_rules."):
            yield part
    for part in typing.get_args(annotation):
        yield from classes(part)


def test_every_class_that_a_public_call_returns_or_a_returned_object_holds_is_a_public_name() -> None:
    missing = []
    for name, value in NAMES.items():
        found = (
            members(value)
            if isinstance(value, type)
            else [("", resolved(inspect.get_annotations(value)["return"], value))]
        )
        for member, annotation in found:
            for cls in classes(annotation):
                if NAMES.get(cls.__name__) is not cls and not cls.__module__.startswith(MACHINERY):
                    missing.append(
                        f"{name}.{member} -> {cls.__module__}.{cls.__name__}: add it to learnorg_rules/public"
                    )
    assert missing == []


def test_the_reference_has_every_name() -> None:
    text = (ROOT / "docs" / "reference" / "python.md").read_text(encoding="utf-8")
    written = set(re.findall(r"\blr\.(\w+)|`(\w+)`", text))
    known = {name for pair in written for name in pair}
    assert sorted(set(NAMES) - known) == []


def test_a_result_shows_results_and_keeps_its_machinery_in_one_attribute() -> None:
    held = {attribute.name for attribute in attrs.fields(lr.Result)}
    assert held == {"ruleset", "organisation", "at", "known_at", "run"}
