"""Results as tables: records of one sort in their order, and as a Polars frame on demand."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import StrEnum
from operator import attrgetter
from typing import Any, Generic, TypeVar

import polars as pl
from attrs import fields, frozen

from ..errors import did_you_mean
from ..model.kinds import Sort
from ..values import to_decimal

__all__ = ["Table", "column_of", "column_type", "table_of"]

Row = TypeVar("Row")

FIRST = ("rule", "subject", "period")
"""The first columns of every table."""


@frozen
class Table(Generic[Row]):
    """Records of one class in their order, as a frame on demand."""

    records: Sequence[Row]
    columns: Mapping[str, pl.DataType]

    def __len__(self) -> int:
        return len(self.records)

    def __iter__(self) -> Iterator[Row]:
        return iter(self.records)

    def where(self, **values: object) -> "Table[Row]":
        """The records whose attributes have these values: `duties.where(subject="a", status="missed")`.

        Raises:
            LookupError: no record has such an attribute, or none of them this status; the message names the nearest.
        """
        for name, value in values.items():
            self._check(name, value)
        kept = [r for r in self.records if all(getattr(r, name) == value for name, value in values.items())]
        return Table(kept, self.columns)

    def _check(self, name: str, value: object) -> None:
        """A misspelt name or status would give an empty table, which looks like an answer."""
        if not self.records:
            return
        held = getattr(self.records[0], name, None)
        known = [a.name for a in fields(type(self.records[0]))]  # type: ignore[arg-type]
        if name not in known and held is None:
            raise LookupError(f"there is no column '{name}'; {did_you_mean(name, known) or ', '.join(known)}")
        if isinstance(held, StrEnum) and value not in list(type(held)):
            raise LookupError(f"{name} is never '{value}'; {did_you_mean(str(value), list(type(held)))}")

    def one(self, **values: object) -> Row:
        """The one record whose attributes have these values.

        Raises:
            LookupError: there is none, or more than one.
        """
        found = self.where(**values).records
        if len(found) != 1:
            asked = " and ".join(f"{name} {value!r}" for name, value in values.items())
            said = f"with {asked}" if asked else "in the table"
            raise LookupError(f"{len(found)} records {said}; `one` is for exactly one")
        return found[0]

    def to_polars(self) -> pl.DataFrame:
        """One row per record, in order; points are exact decimals, absent values null."""
        return pl.DataFrame(
            [column_of(name, map(attrgetter(name), self.records), type_) for name, type_ in self.columns.items()]
        )

    def _repr_html_(self) -> str:
        return self.to_polars()._repr_html_()


DIGITS = 38  # of a decimal in Polars, Arrow and Parquet


def column_of(name: str, values: Iterable[Any], type_: pl.DataType) -> pl.Series:
    """One column: choices by their value, fractions as exact decimals, or as texts where one has more digits than those can."""
    cells: list[Any]
    if isinstance(type_, pl.Decimal):
        cells = [None if value is None else to_decimal(value) for value in values]
        if any(abs(cell) >= 10 ** (DIGITS - type_.scale) for cell in cells if cell is not None):
            return pl.Series(name, [None if cell is None else f"{cell:.{type_.scale}f}" for cell in cells], pl.String())
    elif isinstance(type_, pl.List):
        cells = [list(value) for value in values]
    else:
        cells = [value.value if isinstance(value, StrEnum) else value for value in values]
    return pl.Series(name, cells, type_)


def table_of(sort: Sort, records: Sequence[Any], decimals: int = 0) -> Table[Any]:
    """The records of a sort as a table. `decimals`: how many digits its points have behind the point."""
    types = {**dict.fromkeys(FIRST, "text"), **sort.columns}
    return Table(records, {name: column_type(word, decimals) for name, word in types.items()})


def column_type(word: str, decimals: int = 0) -> pl.DataType:
    """The Polars type that a word of `Sort.columns` means."""
    return pl.Decimal(DIGITS, decimals) if word == "points" else _TYPES[word]


_TYPES: Mapping[str, pl.DataType] = {
    "text": pl.String(), "texts": pl.List(pl.String()), "date": pl.Date(), "boolean": pl.Boolean(), "integer": pl.Int64(),
}  # fmt: skip
