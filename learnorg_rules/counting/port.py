"""The interface of event sources: what they are asked to read, and what they return."""

from collections.abc import Callable, Iterator, Mapping
from typing import Protocol, runtime_checkable

import polars as pl
from attrs import field, frozen

from ..model.definitions import CaseColumns, FieldType

__all__ = ["ENVELOPE", "INSTANT", "REJECTED", "EventSource", "PartedEvents", "Read", "Size", "Wanted", "dtype_of"]

INSTANT = pl.Datetime("us", "UTC")

ENVELOPE: Mapping[str, pl.DataType] = {
    "id": pl.String(),
    "source": pl.String(),
    "kind": pl.String(),
    "unit": pl.String(),
    "person": pl.String(),
    "occurred_at": INSTANT,
    "recorded_at": INSTANT,
    "corrects": pl.String(),
    "voids": pl.String(),
}
"""Columns of every frame of events. `id`, `kind`, `unit`, `occurred_at` are never null, nor `source`, "" where not given."""

REJECTED: Mapping[str, pl.DataType] = {
    "file": pl.String(),
    "row": pl.Int64(),
    "id": pl.String(),
    "code": pl.String(),
    "reason": pl.String(),
}
"""Columns of rejected rows: file, number of the row in it (from 1), id (null where it has none), code and reason."""


def dtype_of(type_: str) -> pl.DataType:
    """The type of a column that holds the cells of a declared type."""
    types: Mapping[str, pl.DataType] = {
        "integer": pl.Int64(),
        "decimal": pl.Int64(),
        "boolean": pl.Boolean(),
        "date": pl.Date(),
        "instant": INSTANT,
    }
    return types.get(type_, pl.String())


@frozen
class Wanted:
    """What to read.

    Attributes:
        fields: declared fields with their types.
        columns: our name -> the file's name, where that is another.
        constants: our name -> the value of every row, for columns that no file has.
        time_zone: the zone of the ruleset.
        cases: names and constants for the cases of a log, where each case becomes an event too.
    """

    fields: Mapping[str, FieldType]
    columns: Mapping[str, str] = field(factory=dict)
    constants: Mapping[str, str] = field(factory=dict)
    time_zone: str = "UTC"
    cases: CaseColumns = CaseColumns()

    @property
    def in_our_names(self) -> "Wanted":
        """The same fields, read from rows that have our names and no constants."""
        return Wanted(self.fields, time_zone=self.time_zone)


@frozen
class Read:
    """What was read.

    Attributes:
        frame: the `ENVELOPE` columns, one column per wanted field (integer: Int64; decimal: Int64, the value times
            10**scale, exact; boolean; text and choice: String; date: Date; instant: Datetime us UTC; null where
            absent), `file` (UInt32, index into `files`) and `row` (UInt32, from 1).
        rejected: rows that could not be read, with the `REJECTED` columns.
        rows: how many rows were read, rejected ones included.
        files: names of the files, or what messages call another source.
        undeclared: names of columns that the files have and that were not wanted.
    """

    frame: pl.DataFrame
    rejected: pl.DataFrame
    rows: int
    files: tuple[str, ...] = ()
    undeclared: tuple[str, ...] = ()


class EventSource(Protocol):
    """A source of events: files, rows in memory, a frame, a log."""

    def read(self, wanted: Wanted, progress: Callable[[int, int], None] | None = None) -> Read:
        """Read everything. `progress` is called with (bytes done, bytes in all)."""
        ...


@frozen
class Size:
    """About how much there is to read.

    Attributes:
        rows: in all.
        width: bytes of a row in `Read.frame`.
        widest: the same where rows are longest.
        text: bytes of the file for a row, where rows are longest; 0 where rows are read without their text.
        at_once: rows of the largest file that can only be read all at once; 0 where there is none.
    """

    rows: int
    width: int
    widest: int
    text: int
    at_once: int = 0


@runtime_checkable
class PartedEvents(EventSource, Protocol):
    """A source that can be read in parts, none of which needs the memory of the whole."""

    def parts(self, wanted: Wanted, rows: int, progress: Callable[[int, int], None] | None = None) -> Iterator[Read]:
        """What `read` returns, in parts whose rows follow one another: one part at least, each of about `rows` rows at most.

        `files` and `undeclared` of a part are those of all that was read so far.
        """
        ...

    def size(self, wanted: Wanted) -> Size:
        """About how much there is to read, estimated from some rows."""
        ...
