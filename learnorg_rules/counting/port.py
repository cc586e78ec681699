"""What the engine asks of whoever brings events: rows as typed columns, and those that could not be read."""

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
"""Columns of every read frame. Only `id`, `kind`, `unit` and `occurred_at` are never null; `source` is "" if not given."""

REJECTED: Mapping[str, pl.DataType] = {
    "file": pl.String(),
    "row": pl.Int64(),
    "id": pl.String(),
    "code": pl.String(),
    "reason": pl.String(),
}
"""One row per event kept aside: where it stands (row counts from 1 in its file), its id if it has one, and why."""


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
    """What to read: declared fields with their types, how the file names our columns, and columns no file has.

    `cases`: the same for the cases of a log, where each is to become an event too.
    """

    fields: Mapping[str, FieldType]
    columns: Mapping[str, str] = field(factory=dict)
    constants: Mapping[str, str] = field(factory=dict)
    time_zone: str = "UTC"
    cases: CaseColumns = CaseColumns()

    @property
    def in_our_names(self) -> "Wanted":
        """The same of rows that have our names, and every column."""
        return Wanted(self.fields, time_zone=self.time_zone)


@frozen
class Read:
    """What was read.

    `frame`: the `ENVELOPE` columns, one column per wanted field (integer: Int64; decimal: Int64, the value times
    10**scale, exact; boolean; text and choice: String; date: Date; instant: Datetime us UTC; null where absent),
    `file` (UInt32, index into `files`) and `row` (UInt32, from 1). `rejected`: the `REJECTED` columns. `rows`: how
    many rows there were in all, rejected ones included. `undeclared`: names of columns nobody asked for.
    """

    frame: pl.DataFrame
    rejected: pl.DataFrame
    rows: int
    files: tuple[str, ...] = ()
    undeclared: tuple[str, ...] = ()


class EventSource(Protocol):
    """Somewhere events come from."""

    def read(self, wanted: Wanted, progress: Callable[[int, int], None] | None = None) -> Read:
        """Read everything. `progress` is called with (bytes done, bytes in all)."""
        ...


@frozen
class Size:
    """About how much there is to read.

    `rows`: in all. `width`: bytes of one in `Read.frame`, and `widest` where they are longest. `text`: bytes that are read
    for one, where they are longest. `at_once`: rows that can only be read all at once.
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
        """What `read` gives, in parts of about `rows` rows at most whose rows follow one another, one part at least.

        `files` and `undeclared` of a part speak of all that was read so far.
        """
        ...

    def size(self, wanted: Wanted) -> Size:
        """About how much there is, told by little of it."""
        ...
