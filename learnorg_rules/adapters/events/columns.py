"""What is read of a row: columns with their types, and patterns of plain values.

A plain value is one that all readers of JSON and CSV read alike. Polars reads plain values only; all others go to the
exact reader (`exact`), which reads the value or finds what is wrong with it.
"""

import polars as pl
from attrs import field, frozen

from ...counting.port import ENVELOPE, INSTANT, dtype_of
from ...model.definitions import FieldType
from ...notation import DATE
from ...notation import INSTANT as INSTANT_TEXT

__all__ = ["LARGEST", "NEEDED", "Column", "absent", "from_text", "number_pattern", "time_form"]

LARGEST = 10**15  # of a scaled number: every integer up to it is exact as a double too

NEEDED = ("id", "kind", "unit", "occurred_at")
"""The columns without which there is no event."""

_WHOLE_SECONDS = len("2005-04-01T09:30:00Z")


@frozen
class Column:
    """One column: our `name`, the `key` the file has for it, and its type.

    `scale`: decimal digits of the integer that a number becomes. `needed`: never missing.
    """

    name: str
    key: str
    type: str
    scale: int = 0
    needed: bool = False

    @property
    def dtype(self) -> pl.DataType:
        """The type in a read frame."""
        return dtype_of(self.type)

    @property
    def label(self) -> str:
        """What messages call it: our name, and the file's where that is another."""
        return self.name if self.key == self.name else f"{self.name} (column '{self.key}')"

    @classmethod
    def of_envelope(cls, name: str, key: str) -> "Column":
        """A column that every event has."""
        kind = "instant" if ENVELOPE[name] == INSTANT else "text"
        return cls(name, key, kind, needed=name in NEEDED)

    @classmethod
    def of_field(cls, name: str, key: str, type_: FieldType) -> "Column":
        """A column of a declared field."""
        return cls(name, key, type_.type, type_.scale)


@frozen
class Typed:
    """A column with its type; `bad` marks the values that could not be converted, None where all could."""

    values: pl.Series
    bad: pl.Series | None = field(default=None)


def number_pattern(scale: int) -> str:
    """A number of at most 15 digits, `scale` of them decimals at most: a double tells which it was."""
    whole = f"-?(?:0|[1-9][0-9]{{0,{14 - scale}}})"
    return f"{whole}(?:\\.[0-9]{{1,{scale}}})?" if scale else whole


def absent(column: Column, height: int) -> pl.Series:
    """The column for rows that have no value for it."""
    value = "" if column.name == "source" else None
    return pl.Series(column.name, [value], dtype=column.dtype).new_from_index(0, height)


def from_text(texts: pl.Series, column: Column, plain: bool = False) -> Typed:
    """Texts as values of the column's type; null stays null.

    Args:
        texts: null where there is nothing.
        column: what they should be.
        plain: all texts are known to match the pattern of their type, so that only their values are checked.
    """
    if column.type == "instant":
        shaped = texts if plain else _only(texts, INSTANT_TEXT)
        values = shaped.str.to_datetime(time_form(shaped), time_unit="us", time_zone="UTC", strict=False)
    elif column.type == "date":
        shaped = texts if plain else _only(texts, DATE)
        values = shaped.str.to_date("%Y-%m-%d", strict=False)
    elif column.type == "boolean":
        values = texts.replace_strict({"true": True, "false": False}, default=None, return_dtype=pl.Boolean())
    elif column.type in ("integer", "decimal"):
        shaped = texts if plain else _only(texts, number_pattern(column.scale))
        values = (shaped.cast(pl.Float64) * 10**column.scale).round().cast(pl.Int64)
    else:
        values = texts
    bad = values.is_null()
    if not column.needed:
        bad = bad & texts.is_not_null()
    elif column.name == "id":
        bad = bad | (texts == "")
    return Typed(values.alias(column.name), bad if bad.any() else None)


def _only(texts: pl.Series, pattern: str) -> pl.Series:
    """The texts that match the pattern as a whole; null for the others."""
    frame = texts.to_frame("t")
    return frame.select(pl.when(pl.col("t").str.contains(f"^(?:{pattern})$")).then("t")).to_series()


def time_form(texts: pl.Series) -> str:
    """The format for texts that match `notation.INSTANT`; that of whole seconds in UTC is read four times as fast as the other."""
    usual = (texts.str.len_bytes() == _WHOLE_SECONDS).all()
    return "%Y-%m-%dT%H:%M:%SZ" if usual else "%Y-%m-%dT%H:%M:%S%.f%#z"
