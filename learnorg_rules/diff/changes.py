"""What differs between two rulesets, rule by rule and field by field."""

from collections.abc import Iterator, Mapping, Sequence

from attrs import frozen

from ..errors import Source
from ..model.ruleset import Ruleset
from .shapes import SECTIONS, Shape, flat_text, is_for_readers, shapes_of

__all__ = ["FieldChange", "RuleChange", "changes_between"]


@frozen
class FieldChange:
    """One key of a rule: `indicators.often.points` was `60`, is `30`.

    None: the key was not there, or is not any more. `is_for_readers`: only people read it, so that no result rests on it.
    """

    path: str
    old: str | None
    new: str | None
    is_for_readers: bool = False

    def __str__(self) -> str:
        if self.old is None:
            return f"{self.path}: new, {self.new}"
        return f"{self.path}: no longer {self.old}" if self.new is None else f"{self.path}: {self.old} → {self.new}"


@frozen
class RuleChange:
    """A rule, parameter, measure, selector, field or kind of event that differs.

    `what`: "added", "removed" or "changed"; only a changed one has `fields`. `old_place` and `new_place` are where it
    stands; a section that has no place of its own, or a side that lacks it, has an empty one.
    """

    section: str
    id: str
    what: str
    fields: Sequence[FieldChange] = ()
    old_place: Source = Source("")
    new_place: Source = Source("")

    @property
    def name(self) -> str:
        """`scorecards.year`; the header is `ruleset`, the attributes are `organisation`."""
        return self.id if self.id == self.section else f"{self.section}.{self.id}"

    @property
    def is_for_readers(self) -> bool:
        """Whether only titles, notes and references differ."""
        return self.what == "changed" and all(f.is_for_readers for f in self.fields)

    @property
    def telling(self) -> Sequence[FieldChange]:
        """The fields on which results can rest."""
        return tuple(f for f in self.fields if not f.is_for_readers)


def changes_between(old: Ruleset, new: Ruleset) -> Sequence[RuleChange]:
    """Every difference, by section and id, in the order of the files; places and formatting are no differences.

    A rule under another id is one removed and one added.
    """
    before, after = shapes_of(old), shapes_of(new)
    found = []
    for key in _in_order(before, after):
        section, name = key
        here, there = before.get(key), after.get(key)
        if here == there:
            continue
        what = "added" if here is None else "removed" if there is None else "changed"
        fields = () if here is None or there is None else tuple(_fields(here, there, ""))
        found.append(RuleChange(section, name, what, fields, _place(old, section, name), _place(new, section, name)))
    return tuple(found)


def _in_order(
    before: Mapping[tuple[str, str], Shape], after: Mapping[tuple[str, str], Shape]
) -> Sequence[tuple[str, str]]:
    """Section by section: what was there before in its order, then what is new."""
    return sorted(dict.fromkeys((*before, *after)), key=lambda key: SECTIONS.index(key[0]))


def _fields(old: Shape | None, new: Shape | None, path: str) -> Iterator[FieldChange]:
    if old == new:
        return
    if isinstance(old, str) or isinstance(new, str) or old is None or new is None:
        was, now = (None if shape is None else flat_text(shape) for shape in (old, new))
        silent = all(is_for_readers(shape) for shape in (old, new) if shape is not None)
        yield FieldChange(path, was, now, silent)
        return
    for key in dict.fromkeys((*old, *new)):
        yield from _fields(old.get(key), new.get(key), f"{path}.{key}" if path else key)


def _place(ruleset: Ruleset, section: str, name: str) -> Source:
    if section == "ruleset":
        return ruleset.header.source
    if section == "decisions":
        return ruleset.decision_sources.get(name, Source(""))
    found = {} if section == "organisation" else getattr(ruleset, section)
    definition = found.get(name)
    first = definition[0] if isinstance(definition, tuple) else definition
    return getattr(first, "source", Source(""))
