"""The written form of a scenario: one class per part of the file, and how draws, seasons and settings are read."""

import re
from collections.abc import Mapping, Sequence
from datetime import date
from fractions import Fraction
from typing import Any

from attrs import evolve, field, frozen

from ..authoring.forms import Expressions, rule_forms
from ..documents import BROKEN, Broken, Forms, Mapping_, Scalar, Sequence_, Tree, kind_of, reads_as_scalar
from ..errors import Issues, Source
from ..model.definitions import Expression, Text
from ..notation import DAY
from .definitions import Draw, Errors, Response

__all__ = [
    "BehaviourForm", "Drawn", "FileForm", "Head", "OrganisationForm", "Persons", "PolicyForm", "ShapeLevel", "scenario_forms",
]  # fmt: skip

GRAINS = ("day", "week", "month", "quarter", "year")


@frozen
class Drawn:
    """A draw and where it is written."""

    draw: Draw
    source: Source


@frozen
class Season:
    """Month -> how often in it, compared with other months; with the place of each key and value."""

    months: Sequence[tuple[Scalar, Fraction, Source]] = ()


@frozen
class Settings:
    """What a policy sets: name -> (value as written, its place)."""

    values: Mapping[str, tuple[str, Source]] = field(factory=dict)


@frozen(kw_only=True)
class Placed:
    """Something that knows where it and its keys are written."""

    source: Source = field(default=Source(""), eq=False, metadata={"file": True})
    places: Mapping[str, Source] = field(factory=dict, eq=False, repr=False, metadata={"file": True})

    def place(self, key: str) -> Source:
        """Where this key's value stands, else where the whole begins."""
        return self.places.get(key, self.source)


@frozen(kw_only=True)
class Head(Placed):
    """The section `scenario`."""

    id: str = field(metadata={"id": True})
    title: Text = Text()
    ruleset: str
    from_: date = field(metadata={"key": "from"})
    to: date
    step: str = field(metadata={"options": ("week", "month", "quarter")})
    repetitions: int
    seed: int


@frozen(kw_only=True)
class ShapeLevel(Placed):
    """So many units of a level under each unit of the level before."""

    level: str
    count: Drawn
    attributes: Mapping[str, Drawn] = field(factory=dict)


@frozen(kw_only=True)
class Persons(Placed):
    """So many persons in each unit of a level."""

    in_: str = field(metadata={"key": "in"})
    count: Drawn
    attributes: Mapping[str, Drawn] = field(factory=dict)


@frozen(kw_only=True)
class OrganisationForm(Placed):
    """The section `organisation`: files, or a shape."""

    files: str = ""
    shape: Sequence[ShapeLevel] = ()
    persons: Persons | None = None


@frozen(kw_only=True)
class ErrorsForm(Placed):
    """Events recorded wrongly."""

    chance: Fraction
    corrected_after: int | None = None


@frozen(kw_only=True)
class ResponseForm(Placed):
    """How results change a rate."""

    to: str = field(metadata={"options": ("missed", "at_risk", "award", "no_award", "distance", "rank")})
    rule: str
    factor: Fraction
    within: Fraction | None = None


@frozen(kw_only=True)
class BehaviourForm(Placed):
    """One behaviour."""

    id: str = ""
    for_: Expression = field(metadata={"key": "for", "scope": "selector"})
    event: str
    rate: Fraction
    every: str = field(metadata={"options": GRAINS})
    season: Season = Season()
    spread: Fraction = Fraction()
    attendance: Fraction | None = None
    attendance_spread: Fraction = Fraction()
    fields: Mapping[str, Drawn] = field(factory=dict)
    recorded_after: Fraction | None = None
    errors: ErrorsForm | None = None
    responds: Sequence[ResponseForm] = ()


@frozen(kw_only=True)
class PolicyForm(Placed):
    """One policy."""

    id: str = ""
    set: Settings = Settings()


@frozen(kw_only=True)
class FileForm(Placed):
    """The whole file."""

    scenario: Head
    organisation: OrganisationForm
    behaviours: Mapping[str, BehaviourForm]
    policies: Mapping[str, PolicyForm]


def scenario_forms(expressions: Expressions) -> Forms:
    """How the classes of this module are read."""
    rules = rule_forms(expressions)
    words: dict[type, str] = {
        FileForm: "a scenario file", Head: "the section 'scenario'", OrganisationForm: "the section 'organisation'",
        ShapeLevel: "a level of a shape", Persons: "'persons'", BehaviourForm: "a behaviour", ErrorsForm: "'errors'",
        ResponseForm: "a response", PolicyForm: "a policy",
    }  # fmt: skip
    readers = {**rules.readers, Drawn: _read_draw, Season: _read_season, Settings: _read_settings}
    return evolve(rules, readers=readers, words=words)


def errors_of(form: ErrorsForm | None) -> Errors | None:
    """The errors as the scenario has them."""
    return None if form is None else Errors(form.chance, form.corrected_after)


def response_of(form: ResponseForm) -> Response:
    """The response as the scenario has it."""
    return Response(form.to, form.rule, form.factor, form.within, form.source)


# ---- draws

_NUMBER = re.compile(r"[-+]?[0-9]+(\.[0-9]+)?(/[0-9]+)?")  # or nearly one


def _read_draw(tree: Tree, metadata: Mapping[str, Any], issues: Issues) -> Any:
    """`60..120`, `12`, `80%`, `1950-01-01..1982-12-31`, a list, `{mean: …, deviation: …, min: …, max: …}`, or a word."""
    if isinstance(tree, Broken):
        return _reported(tree)
    if isinstance(tree, Sequence_):
        return _read_choice(tree, issues)
    if isinstance(tree, Mapping_):
        return _read_normal(tree, issues)
    if tree.is_empty:
        issues.error(tree.source, "E203", "what is drawn is expected; found nothing", "write 60..120, 80% or a list")
        return _reported(tree)
    text = tree.text
    if tree.style:
        return Drawn(Draw("choice", options=(text,)), tree.source)
    if text in ("true", "false"):
        return Drawn(Draw("chance", chance=Fraction(text == "true")), tree.source)
    if text.endswith("%"):
        chance = reads_as_scalar(Fraction, tree, issues)
        return _reported(tree) if chance is BROKEN else Drawn(Draw("chance", chance=chance), tree.source)
    low, dots, high = text.partition("..")
    sort: Any = date if re.fullmatch(DAY, low) else Fraction if _NUMBER.fullmatch(low) else None
    if sort is None:
        if dots:
            issues.error(tree.source, "E207", f"'{text}' is not a range", "write 60..120 or 2005-01-01..2005-12-31")
            return _reported(tree)
        return Drawn(Draw("choice", options=(text,)), tree.source)
    ends = [reads_as_scalar(sort, evolve(tree, text=end), issues) for end in ((low, high) if dots else (low,))]
    if any(end is BROKEN for end in ends):
        return _reported(tree)
    if ends[0] > ends[-1]:
        issues.error(tree.source, "E515", f"the range {text} is empty", f"write {high}..{low}")
        return _reported(tree)
    return Drawn(Draw("range", ends[0], ends[-1]), tree.source)


def _reported(tree: Tree) -> Drawn:
    """Stands for a draw that was reported, so that nothing more is said of it."""
    return Drawn(Draw("reported"), tree.source)


def _read_choice(tree: Sequence_, issues: Issues) -> Any:
    texts = [item.text for item in tree.items if isinstance(item, Scalar) and not item.is_empty]
    wrong = next((item for item in tree.items if not isinstance(item, Scalar) or item.is_empty), None)
    if wrong is not None or not texts:
        found = "an empty list" if wrong is None else kind_of(wrong)
        issues.error((wrong or tree).source, "E203", f"a list of values is expected; found {found}")
        return _reported(tree)
    return Drawn(Draw("choice", options=tuple(texts)), tree.source)


def _read_normal(tree: Mapping_, issues: Issues) -> Any:
    keys = ("mean", "deviation", "min", "max")
    found: dict[str, Any] = {}
    for name, value in tree.entries:
        if name.text not in keys:
            issues.error(name.source, "E201", f"unknown key '{name.text}' in a draw", f"known: {', '.join(keys)}")
            found[name.text] = BROKEN
        else:
            found[name.text] = reads_as_scalar(Fraction, value, issues)
    for name_ in ("mean", "deviation"):
        if name_ not in found:
            issues.error(tree.source, "E202", f"a draw needs the key '{name_}'", "required: mean, deviation")
            found[name_] = BROKEN
    if any(value is BROKEN for value in found.values()):
        return _reported(tree)
    if found["deviation"] < 0:
        issues.error(
            tree.source, "M102", f"a deviation of {float(found['deviation']):g} is below zero", "write 0 or more"
        )
        return _reported(tree)
    low, high = found.get("min"), found.get("max")
    if low is not None and high is not None and low > high:
        issues.error(tree.source, "E515", "the range from `min` to `max` is empty", "exchange them")
        return _reported(tree)
    draw = Draw("normal", low, high, mean=found["mean"], deviation=found["deviation"])
    return Drawn(draw, tree.source)


def _read_season(tree: Tree, metadata: Mapping[str, Any], issues: Issues) -> Any:
    if isinstance(tree, Broken):
        return BROKEN
    if not isinstance(tree, Mapping_):
        issues.error(tree.source, "E203", f"'season' takes a mapping from months; found {kind_of(tree)}")
        return BROKEN
    months = [(name, reads_as_scalar(Fraction, value, issues), value.source) for name, value in tree.entries]
    return BROKEN if any(factor is BROKEN for _, factor, _ in months) else Season(tuple(months))


def _read_settings(tree: Tree, metadata: Mapping[str, Any], issues: Issues) -> Any:
    if isinstance(tree, Broken):
        return BROKEN
    if not isinstance(tree, Mapping_):
        issues.error(tree.source, "E203", f"'set' takes a mapping from parameters; found {kind_of(tree)}")
        return BROKEN
    values: dict[str, tuple[str, Source]] = {}
    broken = False
    for name, value in tree.entries:
        text = _as_text(value)
        if text is None:
            broken = True
            if not isinstance(value, Broken):
                issues.error(value.source, "E203", f"'{name.text}' takes a value or a list; found {kind_of(value)}")
        else:
            values[name.text] = (text, value.source)
    return BROKEN if broken else Settings(values)


def _as_text(tree: Tree) -> str | None:
    """The value as `--set` takes it; None where it is none."""
    if isinstance(tree, Scalar) and not tree.is_empty:
        return tree.raw if tree.style in ("'", '"') and tree.raw else tree.text
    if isinstance(tree, Sequence_):
        items = [_as_text(item) for item in tree.items]
        return None if None in items else f"[{', '.join(item for item in items if item is not None)}]"
    return None
