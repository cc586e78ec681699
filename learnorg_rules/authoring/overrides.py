"""`--set` of more than a parameter: a value of a rule file replaced before the files are read as rules.

The new value stands where the old one stood, so everything that is checked of a file is checked of it, and every
message about it names `--set` and its path.
"""

from collections.abc import Iterator, Mapping, Sequence

from attrs import evolve

from ..documents import Mapping_, Scalar, Sequence_, Tree, kind_of, read_yaml
from ..errors import Issues, Source, did_you_mean
from ..model.kinds import KINDS
from .sections import FORMER_NAMES, SECTIONS

__all__ = ["overridden"]

_SHORT = ("parameters", "selectors", "measures", *(kind.section for kind in KINDS))
"""Sections whose ids may begin a path, where only one of them has the id."""


def overridden(trees: Sequence[Tree], values: Mapping[str, str], issues: Issues) -> list[Tree]:
    """The trees with values replaced: path -> value, written as in a file.

    A path is `section.id.key...`, or `id.key...` where one section alone has the id; `card.indicator.key` finds the
    indicator in its category. A version of a rule is its number, from 1. What a path leads through has to be there;
    its last key may be new.
    """
    found = list(trees)
    for path, text in values.items():
        value = read_yaml(text, f"--set {path}", issues)
        whole = None if value is None else _keys(found, path, issues)
        if value is None or whole is None:
            continue
        section, name, *keys = whole
        at = next(i for i, tree in enumerate(found) if name in _ids(tree, section))
        replaced = _replaced(found[at], [section, name, *keys], value, path, issues)
        if replaced is not None:
            found[at] = replaced
    return found


def _ids(tree: Tree, section: str) -> Sequence[str]:
    inner = tree.get(section) if isinstance(tree, Mapping_) else None
    return [key.text for key, _ in inner.entries] if isinstance(inner, Mapping_) else []


def _keys(trees: Sequence[Tree], path: str, issues: Issues) -> Sequence[str] | None:
    """The keys of a path from its section on; None, and an issue, where there is no such id."""
    first, *rest = path.split(".")
    first = FORMER_NAMES.get(first, first)
    place = Source(f"--set {path}")
    if first in SECTIONS and rest:
        known = [name for tree in trees for name in _ids(tree, first)]
        if rest[0] not in known:
            issues.error(place, "E215", f"there is no '{rest[0]}' in {first}", did_you_mean(rest[0], known))
            return None
        return _with_indicator(trees, [first, *rest])
    homes = [section for section in _SHORT if any(first in _ids(tree, section) for tree in trees)]
    if len(homes) == 1:
        return _with_indicator(trees, [homes[0], first, *rest])
    if homes:
        said = " and ".join(homes)
        issues.error(place, "E215", f"'{first}' stands in {said}", f"begin with the section: {homes[0]}.{path}")
    else:
        known = sorted({name for section in _SHORT for tree in trees for name in _ids(tree, section)})
        issues.error(place, "E215", f"there is nothing named '{first}'", did_you_mean(first, known))
    return None


def _with_indicator(trees: Sequence[Tree], keys: list[str]) -> list[str]:
    """The keys, those to an indicator written out where a card's key is none of its own."""
    if keys[0] != "scorecards" or len(keys) < 3:
        return keys
    for tree in trees:
        card = _at(tree, keys[:2])
        if isinstance(card, Mapping_) and card.get(keys[2]) is None:
            for way in _indicators(card):
                if way[-1] == keys[2]:
                    return [*keys[:2], *way, *keys[3:]]
    return keys


def _indicators(card: Mapping_) -> Iterator[Sequence[str]]:
    """The ways to the indicators of a card, from the card on."""
    for way in (("indicators",), *(("categories", c, "indicators") for c in _names(card, "categories"))):
        inner = _at(card, way)
        if isinstance(inner, Mapping_):
            yield from ((*way, key.text) for key, _ in inner.entries)


def _names(tree: Mapping_, key: str) -> Sequence[str]:
    inner = tree.get(key)
    return [name.text for name, _ in inner.entries] if isinstance(inner, Mapping_) else []


def _at(tree: Tree, keys: Sequence[str]) -> Tree | None:
    found: Tree | None = tree
    for key in keys:
        found = found.get(key) if isinstance(found, Mapping_) else None
    return found


def _replaced(tree: Tree, keys: Sequence[str], value: Tree, path: str, issues: Issues, passed: str = "") -> Tree | None:
    """The tree with the value at the keys; None, and an issue, where they lead nowhere."""
    if not keys:
        return value
    place, (key, *rest) = Source(f"--set {path}"), keys
    inside = f"{passed}.{key}" if passed else key
    if isinstance(tree, Sequence_):
        number = int(key) if key.isascii() and key.isdigit() else 0
        if not 1 <= number <= len(tree.items):
            hint = f"its entries are 1 to {len(tree.items)}"
            issues.error(place, "E215", f"'{passed}' is a list and has no entry '{key}'", hint)
            return None
        new = _replaced(tree.items[number - 1], rest, value, path, issues, inside)
        items = (*tree.items[: number - 1], *(() if new is None else (new,)), *tree.items[number:])
        return None if new is None else evolve(tree, items=items)
    if not isinstance(tree, Mapping_):
        issues.error(place, "E215", f"'{passed}' holds no keys, it is {kind_of(tree)}", "set it as a whole")
        return None
    old = tree.get(key)
    if old is None and rest:
        known = [*(name.text for name, _ in tree.entries), *(way[-1] for way in _indicators(tree))]
        hint = did_you_mean(key, known)
        issues.error(place, "E215", f"'{passed}' has no '{key}'", hint)
        return None
    new = value if old is None else _replaced(old, rest, value, path, issues, inside)
    if new is None:
        return None
    if old is None:
        return evolve(tree, entries=(*tree.entries, (Scalar(key, Source(f"--set {path}", 1, 1)), new)))
    return evolve(tree, entries=tuple((name, new if name.text == key else inner) for name, inner in tree.entries))
