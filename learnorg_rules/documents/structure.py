"""A tree to a typed object: the class's own annotations say what each key holds, and every fault is found at once.

Metadata on a field of the class adds what an annotation cannot say:
`key` (the YAML key where it is no Python name), `short` (a bare text or list stands for this field alone),
`single` (a bare text is a list of one), `options` (the words allowed), `file` (filled in by the reader, no key).
"""

import enum
import re
import types
import typing
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from fractions import Fraction
from functools import lru_cache
from typing import Any, TypeVar

import attrs
from attrs import field, frozen

from ..errors import Issues, Source, did_you_mean
from ..notation import DAY, day_hint, day_in, number_hint, number_in
from .yaml import Broken, Mapping_, Scalar, Sequence_, Tree, kind_of, shorten

_ENDS = re.compile(r"([0-9.]+) ?(?:-|~|\.\.|to|\uff5e|\u2013|\u2014) ?([0-9.]+)")

__all__ = ["BROKEN", "Forms", "Reader", "check_id", "is_id", "reads_as_scalar", "structure"]

T = TypeVar("T")


YEARS = (1000, 9998)  # the day after the last still exists, in every time zone


class _Broken(enum.Enum):
    """What takes the place of a part whose fault was reported."""

    BROKEN = enum.auto()


BROKEN = _Broken.BROKEN


@frozen
class _Rest:
    """What is left of a part in which something was reported; it is used only to find more faults."""

    value: Any


def _is_whole(value: Any) -> bool:
    return value is not BROKEN and not isinstance(value, _Rest)


def _left(value: Any) -> Any:
    return value.value if isinstance(value, _Rest) else value


Reader = Callable[[Tree, Mapping[str, Any], Issues], Any]
"""Reads a class of its own form: (tree, the field's metadata, issues) -> object, or `BROKEN` after a report."""


@frozen
class Forms:
    """How some classes are read and called.

    Attributes:
        readers: class -> its reader, where its annotations do not say all.
        words: class -> what messages call one of it ("a duty"); default: its name in lower case.
        ids: what more an id must be; gives the reason why it is none, or "".
    """

    readers: Mapping[type, Reader] = field(factory=dict)
    words: Mapping[type, str] = field(factory=dict)
    ids: Callable[[str], str] = lambda _: ""

    def word(self, cls: type) -> str:
        """What messages call one object of the class."""
        if cls in self.words:
            return self.words[cls]
        name = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", cls.__name__).lower()
        return f"{'an' if name[0] in 'aeiou' else 'a'} {name}"


def structure(
    tree: Tree,
    cls: type[T],
    issues: Issues,
    forms: Forms | None = None,
    key: Scalar | None = None,
    rest: list[T] | None = None,
) -> T | None:
    """The object that the tree describes, or None where something in it was reported (codes E2xx).

    Args:
        tree: what was read; a `Broken` part is taken as reported.
        cls: an attrs class, read by the annotations of its fields.
        issues: takes the faults.
        forms: readers and words for classes that need their own.
        key: the map key it stands under; becomes `id` and the place of the object where the class has these.
        rest: takes what is left of the object where something was reported, so that more faults can be found in it.
    """
    found = _Structurer(issues, forms or Forms()).instance(tree, cls, key)
    if isinstance(found, _Rest) and rest is not None:
        rest.append(found.value)
    return found if _is_whole(found) else None


def is_id(text: str) -> bool:
    """Whether the text is a letter or `_`, then letters, digits and `_`, from any script."""
    return re.fullmatch(r"[^\W\d]\w*", text) is not None


def check_id(name: Scalar, issues: Issues, forms: Forms) -> bool:
    """Whether a key is an id; if not, it was reported."""
    if not is_id(name.text):
        bare = re.sub(r"\W+", "_", name.text).strip("_")
        suggestion = f"; such as '{bare}'" if is_id(bare) else ""
        message = f"'{shorten(name.text)}' is not an id"
        issues.error(name.source, "E204", message, f"a letter or '_', then letters, digits and '_'{suggestion}")
        return False
    reason = forms.ids(name.text)
    if reason:
        issues.error(name.source, "E204", f"'{shorten(name.text)}' is not an id: {reason}", "choose another name")
    return not reason


def reads_as_scalar(annotation: Any, tree: Tree, issues: Issues, metadata: Mapping[str, Any] | None = None) -> Any:
    """One text read as `str`, `bool`, `int`, `Fraction`, `date` or an enum; `BROKEN` after a report."""
    return _Structurer(issues, Forms()).value(tree, annotation, metadata or {}, "value")


@frozen
class _Field:
    """One field of a class as the structurer sees it."""

    name: str
    key: str
    annotation: Any
    metadata: Mapping[str, Any]
    required: bool


@lru_cache(maxsize=256)
def _fields(cls: type) -> tuple[_Field, ...]:
    hints = typing.get_type_hints(cls)
    return tuple(
        _Field(a.name, a.metadata.get("key", a.name), hints[a.name], a.metadata, a.default is attrs.NOTHING)
        for a in attrs.fields(cls)
        if not a.metadata.get("file")
    )


@lru_cache(maxsize=256)
def _names(cls: type) -> tuple[frozenset[str], frozenset[str]]:
    """The names of all fields, and of those that the reader fills in."""
    fields = attrs.fields(cls)
    return frozenset(a.name for a in fields), frozenset(a.name for a in fields if a.metadata.get("file"))


class _Structurer:
    def __init__(self, issues: Issues, forms: Forms) -> None:
        self.issues, self.forms = issues, forms

    def instance(self, tree: Tree, cls: type, key: Scalar | None, metadata: Mapping[str, Any] | None = None) -> Any:
        if isinstance(tree, Broken):
            return BROKEN
        if cls in self.forms.readers:
            return self.forms.readers[cls](tree, metadata or {}, self.issues)
        fields = _fields(cls)
        source = key.source if key else tree.source
        filled: dict[str, Any] = {}
        places: dict[str, Source] = {}
        if key is not None:
            fields = tuple(f for f in fields if f.name != "id")
        if isinstance(tree, Mapping_):
            self._keys(tree, cls, fields, filled, places)
        else:
            short = next((f for f in fields if f.metadata.get("short")), None)
            if short is None or not self._fits(tree, short):
                return self._wrong(tree, self._expected(cls, fields, short), source)
            filled[short.name] = self.value(tree, short.annotation, short.metadata, short.key)
            places[short.key] = tree.source
        whole = all(_is_whole(value) for value in filled.values())
        filled = {name: _left(value) for name, value in filled.items() if value is not BROKEN}
        if not whole and any(f.required and f.name not in filled for f in fields):
            return BROKEN
        names, from_file = _names(cls)
        if key is not None and "id" in names:
            filled["id"] = key.text
        filled |= {name: given for name, given in (("source", source), ("places", places)) if name in from_file}
        made = cls(**{_argument(name): value for name, value in filled.items()})
        return made if whole else _Rest(made)

    def _keys(
        self, tree: Mapping_, cls: type, fields: Sequence[_Field], filled: dict[str, Any], places: dict[str, Source]
    ) -> None:
        """Fill the fields from the keys; a fault of a key that is no field is filled in as broken under its name."""
        by_key = {f.key: f for f in fields}
        for name, value in tree.entries:
            known = by_key.get(name.text)
            if known is None:
                self._unknown(name, cls, list(by_key))
                filled[f"unknown {name.text}"] = BROKEN
                continue
            places[name.text] = value.source
            filled[known.name] = self.value(value, known.annotation, known.metadata, known.key)
        for f in fields:
            if f.required and f.key not in places:
                unknown = [name.text for name, _ in tree.entries if name.text not in by_key]
                if did_you_mean(f.key, unknown).startswith("did"):
                    filled[f.name] = BROKEN
                    continue  # the misspelt key was reported just now
                self.issues.error(
                    tree.source, "E202", f"{self.forms.word(cls)} needs the key '{f.key}'", _all_required(fields)
                )
                filled[f.name] = BROKEN

    def _unknown(self, name: Scalar, cls: type, keys: Sequence[str]) -> None:
        near = did_you_mean(name.text, keys)
        known = f"known: {', '.join(sorted(keys))}"
        hint = near if not near or near.startswith("known") else f"{near}; {known}"
        self.issues.error(
            name.source, "E201", f"unknown key '{shorten(name.text)}' in {self.forms.word(cls)}", hint or known
        )

    def value(self, tree: Tree, annotation: Any, metadata: Mapping[str, Any], key: str) -> Any:
        """The tree read as the annotation says, or `BROKEN`."""
        if isinstance(tree, Broken):
            return BROKEN
        origin = typing.get_origin(annotation)
        if origin is types.UnionType or origin is typing.Union:  # Optional: leaving the key out is how to say None
            inner = next(a for a in typing.get_args(annotation) if a is not type(None))
            return self.value(tree, inner, metadata, key)
        if origin is not None and issubclass(origin, Mapping):
            return self._mapping(tree, typing.get_args(annotation)[1], metadata, key)
        if origin is not None and issubclass(origin, Sequence):
            return self._sequence(tree, typing.get_args(annotation)[0], metadata, key)
        if annotation in self.forms.readers or attrs.has(annotation):
            return self.instance(tree, annotation, None, metadata)
        return self._scalar(tree, annotation, metadata, key)

    def _mapping(self, tree: Tree, inner: Any, metadata: Mapping[str, Any], key: str) -> Any:
        if not isinstance(tree, Mapping_):
            lone = isinstance(tree, Scalar) and not tree.is_empty
            return self._wrong(
                tree, f"'{key}' takes a mapping", tree.source, f"write '{key}: {{name: ...}}'" if lone else ""
            )
        result: dict[str, Any] = {}
        broken = False
        for name, value in tree.entries:
            if inner is not str and not check_id(name, self.issues, self.forms):
                broken = True
            if attrs.has(inner):
                found = self.instance(value, inner, name, metadata)
            else:
                found = self.value(value, inner, metadata, name.text)
            broken |= not _is_whole(found)
            if found is not BROKEN:
                result[name.text] = _left(found)
        return _Rest(result) if broken else result

    def _sequence(self, tree: Tree, inner: Any, metadata: Mapping[str, Any], key: str) -> Any:
        if isinstance(tree, Scalar) and metadata.get("single") and not tree.is_empty:
            items: Iterable[Tree] = (tree,)
        elif isinstance(tree, Sequence_):
            items = tree.items
        else:
            return self._wrong(tree, f"'{key}' takes a list, such as [a, b]", tree.source)
        result = tuple(self.value(item, inner, metadata, key) for item in items)
        if all(_is_whole(item) for item in result):
            return result
        return _Rest(tuple(_left(item) for item in result if item is not BROKEN))

    def _scalar(self, tree: Tree, annotation: Any, metadata: Mapping[str, Any], key: str) -> Any:
        if not isinstance(tree, Scalar) or tree.is_empty:
            return self._wrong(tree, f"'{key}' takes {_SCALARS.get(annotation, 'a word')}", tree.source)
        options = metadata.get("options")
        if isinstance(annotation, type) and issubclass(annotation, enum.Enum):
            options = tuple(str(member.value) for member in annotation)
        if options is not None and tree.text not in options:
            written = [option for option in options if option]
            return self._report(
                tree, "E205", f"'{key}' cannot be '{shorten(tree.text)}'",
                f"one of: {', '.join(written)}",
            )  # fmt: skip
        if annotation is str:
            bad = metadata.get("id") and not check_id(tree, self.issues, self.forms)
            return _Rest(tree.text) if bad else tree.text
        if annotation is bool:
            if tree.text not in ("true", "false"):
                return self._report(tree, "E206", f"'{shorten(tree.text)}' is not a boolean", "write true or false")
            return tree.text == "true"
        if annotation is int:
            whole = number_in(tree.text)
            if whole is None or whole.denominator != 1:
                hint = number_hint(tree.text) if whole is None else ""
                message = f"'{shorten(tree.text)}' is not a whole number"
                return self._report(tree, "E207", message, hint or "write digits only, such as 12")
            return int(whole)
        if annotation is Fraction:
            return self._fraction(tree)
        if annotation is date:
            return self._date(tree)
        if isinstance(annotation, type) and issubclass(annotation, enum.Enum):
            return annotation(tree.text)
        raise TypeError(f"no way to read {annotation!r} for the key {key!r}")  # a fault of a class, not of an author

    def _fraction(self, tree: Scalar) -> Any:
        number, sign, divisor = tree.text.partition("/")  # a share may be a division, or a percentage
        if not sign and number.endswith("%"):
            number, divisor = number.removesuffix("%"), "100"
        value, by = number_in(number), number_in(divisor or "1")
        if value is None or by is None or by <= 0 or by.denominator != 1 or (sign and not divisor):
            hint = number_hint(tree.text) or "write it as 12, 12.5, 1/2 or 80%"
            if ends := _ENDS.fullmatch(tree.text):
                hint = f"write one number, or both ends as {{from: {ends[1]}, to: {ends[2]}}}"
            return self._report(tree, "E207", f"'{shorten(tree.text)}' is not a number", hint)
        return value / by

    def _date(self, tree: Scalar) -> Any:
        day = day_in(tree.text)
        if day is None and re.fullmatch(DAY, tree.text):
            return self._report(tree, "E208", f"there is no day {tree.text}", "write year-month-day")
        if day is None:
            return self._report(tree, "E208", f"'{shorten(tree.text)}' is not a date", day_hint(tree.text))
        if not YEARS[0] <= day.year <= YEARS[1]:
            return self._report(tree, "E208", f"the year {day.year} is outside {YEARS[0]} to {YEARS[1]}", "")
        return day

    @staticmethod
    def _fits(tree: Tree, short: _Field) -> bool:
        is_list = typing.get_origin(short.annotation) is not None and issubclass(
            typing.get_origin(short.annotation) or object, Sequence
        )
        return isinstance(tree, Sequence_) if is_list else isinstance(tree, Scalar) and not tree.is_empty

    def _expected(self, cls: type, fields: Sequence[_Field], short: _Field | None) -> str:
        keys = ", ".join(f.key for f in fields if f.required or f is short) or ", ".join(f.key for f in fields[:4])
        return f"{self.forms.word(cls)} is a mapping with keys such as {keys}"

    def _wrong(self, tree: Tree, expected: str, source: Source, hint: str = "") -> Any:
        place = source if isinstance(tree, Scalar) and tree.is_empty else tree.source
        if isinstance(tree, Scalar) and "：" in tree.text and "mapping" in expected:
            hint = "the '：' is full-width; write ':' and a space"
        self.issues.error(place, "E203", f"{expected}; found {kind_of(tree)}", hint)
        return BROKEN

    def _report(self, tree: Scalar, code: str, message: str, hint: str) -> Any:
        self.issues.error(tree.source, code, message, hint)
        return BROKEN


_SCALARS: Mapping[Any, str] = {
    str: "a text", bool: "true or false", int: "a whole number", Fraction: "a number", date: "a date",
}  # fmt: skip


def _argument(name: str) -> str:
    return name.lstrip("_")  # how attrs names the argument of a private attribute


def _all_required(fields: Sequence[_Field]) -> str:
    required = [f.key for f in fields if f.required]
    return f"required: {', '.join(required)}" if len(required) > 1 else ""
