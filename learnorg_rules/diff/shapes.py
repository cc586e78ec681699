"""A definition as texts by key: what of it can differ, without the places where it was written.

A shape is a text, or shapes by key; what is absent has none. Two definitions that mean the same have equal shapes,
wherever they stand and however their expressions are set.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from enum import Enum
from fractions import Fraction
from typing import Any

import attrs

from ..authoring.decision_text import render as render_decision
from ..expr.render import render, render_number
from ..model.decision import DecisionRule, Reference
from ..model.definitions import EventKind, Expression, HolidaySpan, NamedPeriod, Parameter, Text
from ..model.kinds import KINDS
from ..model.ruleset import Ruleset

__all__ = ["SECTIONS", "ForReaders", "Shape", "flat_text", "is_for_readers", "shapes_of"]


class ForReaders(str):
    """A text that only people read: no result rests on it."""


Shape = str | Mapping[str, "Shape"]

SECTIONS = (
    "ruleset", "organisation", "fields", "events", "parameters", "selectors", "measures",
    *(kind.section for kind in KINDS),
)  # fmt: skip
"""The sections of rule files, in the order of the reference."""

_NO_CONTENT = frozenset({"id", "source", "places"})
_TO_PEOPLE = frozenset({"reference", "note", "assumed", "version", "languages"})
_ORDERED = frozenset({"grades", "steps"})  # the order of these keys has a meaning


def shapes_of(ruleset: Ruleset) -> Mapping[tuple[str, str], Shape]:
    """(section, id) -> shape, in the order of the reference and of the files."""
    shaper = _Shaper(ruleset)
    header = {"id": ForReaders(ruleset.id), **shaper.record(ruleset.header)}
    found: dict[tuple[str, str], Shape] = {("ruleset", "ruleset"): header}
    schema = shaper.record(ruleset.organisation)
    if schema:
        found["organisation", "organisation"] = schema
    for section in SECTIONS[2:]:
        for name, value in getattr(ruleset, section).items():
            found[section, name] = shaper.definition(value)
    return found


def flat_text(shape: Shape) -> str:
    """The shape on one line: `points: 60, share: count(session) / 9`."""
    if isinstance(shape, str):
        return shape
    return ", ".join(
        f"{key}: {value}" if isinstance(value, str) else f"{key}: {{{flat_text(value)}}}"
        for key, value in shape.items()
    )


def is_for_readers(shape: Shape) -> bool:
    """Whether all of it only people read."""
    return isinstance(shape, ForReaders) if isinstance(shape, str) else all(map(is_for_readers, shape.values()))


@attrs.frozen
class _Shaper:
    ruleset: Ruleset

    def definition(self, value: Any) -> Shape:
        """A definition, or its versions by the day they begin; a single version stands for itself."""
        if isinstance(value, DecisionRule):
            return _decision(value)
        if not isinstance(value, tuple):
            return self.record(value)
        if len(value) == 1:
            return self.record(value[0])
        return {f"from {v.effective.from_}" if v.effective.from_ else "first": self.record(v) for v in value}

    def record(self, value: Any) -> dict[str, Shape]:
        found: dict[str, Shape] = {}
        for a in attrs.fields(type(value)):
            if not a.eq or a.name in _NO_CONTENT:
                continue
            key, inner = a.metadata.get("key", a.name), getattr(value, a.name)
            if isinstance(value, EventKind) and key == "fields":
                found[key] = {name: "needed" if needed else "may be missing" for name, needed in value.takes.items()}
            elif isinstance(value, Parameter) and key == "values":
                found |= self.dated(value)
            else:
                if key in _ORDERED and isinstance(inner, Mapping):
                    found[f"order of {key}"] = ", ".join(inner)
                shape = self.shape(inner)
                if shape is not None:
                    found[key] = ForReaders(shape) if key in _TO_PEOPLE else shape
        return {key: shape for key, shape in found.items() if shape}

    def dated(self, parameter: Parameter) -> dict[str, Shape]:
        """One value stands for itself; a history is by the days from which its values hold."""
        if len(parameter.values) == 1 and parameter.values[0][0] is None:
            return self.record(parameter.values[0][1])
        return {f"from {day}" if day else "first": self.record(dated) for day, dated in parameter.values}

    def shape(self, value: Any) -> Shape | None:
        """The shape of a value; None where there is nothing."""
        if value is None or value is False or value == "" or value == () or value == {}:
            return None  # the only conditions of a definition, `assumed` and the like, are no unless said
        if isinstance(value, Expression):
            named = value.text.strip()
            return named if named in self.ruleset.selectors else render(value.tree)
        if isinstance(value, Text):
            return _said(value.by_language)
        if isinstance(value, Mapping):
            return {str(key): shape for key, inner in value.items() if (shape := self.shape(inner)) is not None}
        if isinstance(value, tuple | list):
            return self.sequence(value)
        return self.record(value) or None if attrs.has(type(value)) else _scalar(value)

    def sequence(self, values: Sequence[Any]) -> Shape:
        if isinstance(values[0], HolidaySpan | NamedPeriod):
            return {f"{v.name} {v.from_}".strip(): f"{v.from_} to {v.to}" for v in values}
        return ", ".join(flat_text(self.shape(v) or "") for v in values)


def _said(texts: Mapping[str, str]) -> Shape | None:
    return {language: ForReaders(" ".join(text.split())) for language, text in texts.items() if text} or None


def _scalar(value: Any) -> str:
    if value is True:
        return "true"
    if isinstance(value, int | Fraction):
        return render_number(value)
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, str):
        return " ".join(value.split())  # where a long text is broken is no content
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"a {type(value).__name__} in a definition has no text")


def _decision(rule: DecisionRule) -> Shape:
    """The lines of its canonical text by key, and what it says to people."""
    found: dict[str, Any] = {}
    head = ""
    for line in render_decision(rule).splitlines()[1:]:
        key, _, text = line.strip().partition(":")
        if line.startswith("    "):
            found[head][key] = text.strip()
        elif text:
            found[key] = text.strip()
        else:
            head = key
            found[head] = {}
    found["because"] = {
        language: "".join(p if isinstance(p, str) else _placeholder(p) for p in parts)
        for language, parts in rule.because.items()
    }
    found["because"] = _said(found["because"])
    found["title"] = _said(rule.title.by_language)
    found["reference"] = ForReaders(", ".join(rule.reference))
    return {key: value for key, value in found.items() if value}


def _placeholder(reference: Reference) -> str:
    return f"{{{reference.alias}.{reference.field}}}"
