"""Patterns of plain values in JSON, by the columns that are read from a key."""

from collections.abc import Iterable, Mapping

from ...notation import DATE, INSTANT
from .columns import Column, number_pattern

__all__ = ["ESCAPED", "LITERAL", "value_patterns"]

LITERAL = r'[^"\\\x00-\x1f]'
"""A character of a text that stands for itself."""

ESCAPED = (
    rf'(?:{LITERAL}|\\(?:["\\/bfnrt]|u(?:[0-9a-ce-fA-CE-F][0-9a-fA-F]{{3}}|[dD][0-7][0-9a-fA-F]{{2}}'
    r"|[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2})))"
)
"""A character of a text in any of its forms; half of a surrogate pair is none."""

_ANY = r'(?:"{}*"|null|true|false|-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?|\[\]|\{{\}})'


def value_patterns(keys: Iterable[str], columns: Iterable[Column], character: str) -> Mapping[str, str] | None:
    """Key -> pattern of its plain values; None where one key is read as two types that no value can both have.

    Args:
        keys: of the lines of a file.
        columns: what is read of them. The values of other keys may be any but such that hold others.
        character: the pattern of a character of a text.
    """
    by_key: dict[str, list[Column]] = {}
    for column in columns:
        by_key.setdefault(column.key, []).append(column)
    patterns: dict[str, str] = {}
    for key in keys:
        read = by_key.get(key, [])
        values = {_value(column, character) for column in read}
        if any(
            column.name == "id" for column in read
        ):  # the narrower one, where another text is read from the same key
            values.discard(_text(character))
        if len(values) > 1:
            return None
        null = "" if any(column.needed for column in read) else "|null"
        patterns[key] = f"(?:{values.pop()}{null})" if values else _ANY.format(character)
    return patterns


def _text(character: str) -> str:
    return f'"{character}*"'


def _value(column: Column, character: str) -> str:
    if column.type in ("integer", "decimal"):
        return number_pattern(column.scale)
    if column.type == "boolean":
        return "true|false"
    if column.type in ("date", "instant"):
        return f'"{DATE if column.type == "date" else INSTANT}"'
    return f'"{character}+"' if column.name == "id" else _text(character)
