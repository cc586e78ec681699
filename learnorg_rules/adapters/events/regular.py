"""NDJSON as programs write it: each line has the same keys in the same order, and no comma but those between them.

Such lines are split at their commas, which takes less time than parsing JSON. What stands between two commas must match
the pattern of one key and its plain values; if one piece of one line does not, nothing is read.
"""

import json
from collections.abc import Sequence

import polars as pl
from attrs import frozen

from .columns import Column, absent, from_text
from .exact import Unfit, json_row
from .json import LITERAL, value_patterns
from .split import distinct, split

__all__ = ["Layout", "layout_of", "read_regular"]


@frozen
class _Piece:
    """What stands between two commas: `before` the value, the pattern of the `value`, and `behind` it."""

    key: str
    before: str
    value: str
    behind: str

    def texts(self, pieces: pl.Series) -> pl.Series | None:
        """The values as texts, without their quotes; null where they are null. None if some piece does not match."""
        pattern = f"^{pl.escape_regex(self.before)}{self.value}{pl.escape_regex(self.behind)}$"
        if not pieces.str.contains(pattern).all(ignore_nulls=False):
            return None
        quote = 1 if '"' in self.value else 0
        texts = pieces.str.slice(len(self.before) + quote)
        behind = quote + len(self.behind)
        texts = texts.str.head(-behind) if behind else texts
        if "null" not in self.value:
            return texts
        return texts.set(~pieces.str.ends_with(f'"{self.behind}') if quote else texts == "null", None)


@frozen
class Layout:
    """How every line of a file is written, piece by piece."""

    pieces: tuple[_Piece, ...]


def layout_of(lines: Sequence[str], columns: Sequence[Column]) -> Layout | None:
    """How these lines are written; None where that is not the same for all of them, or they are not plain."""
    try:
        keys = list(json_row(lines[0])) if lines else []
    except Unfit:
        return None
    values = value_patterns(keys, columns, LITERAL)
    if not values or any(column.needed and column.key not in values for column in columns):
        return None
    # Half of a surrogate pair can stand in a key only as an escape.
    raw = [json.dumps(key, ensure_ascii=lines[0].isascii()) for key in keys]
    names = [name.encode(errors="backslashreplace").decode() for name in raw]
    space = " " if lines[0].startswith(f"{{{names[0]}: ") else ""
    before = [f"{'{' if i == 0 else space}{name}:{space}" for i, name in enumerate(names)]
    behind = [""] * (len(keys) - 1) + ["}"]
    layout = Layout(tuple(_Piece(key, b, values[key], e) for key, b, e in zip(keys, before, behind, strict=True)))
    return layout if read_regular("\n".join(lines).encode(), layout, columns) is not None else None


def read_regular(data: bytes, layout: Layout, columns: Sequence[Column]) -> list[pl.Series] | None:
    """The columns of lines that are all written like this; None where some are not."""
    pieces = {str(i): piece for i, piece in enumerate(layout.pieces)}
    lines = split(data, tuple(pieces))
    if lines is None:
        return None
    read: dict[str, pl.Series] = {}
    for name, piece in pieces.items():
        unique = distinct(lines[name])
        texts = piece.texts(unique.texts)
        if texts is None:
            return None
        for column in columns:
            if column.key == piece.key:
                typed = from_text(texts, column, plain=True)
                if typed.bad is not None:  # it only looked plain, such as 30 February
                    return None
                read[column.name] = unique.by_row(typed.values)
    return [read[column.name] if column.name in read else absent(column, lines.height) for column in columns]
