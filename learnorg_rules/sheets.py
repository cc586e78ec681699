"""CSV that is opened in spreadsheets: no text stands in it that one of them takes for a formula (decision 0039)."""

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import BinaryIO

import polars as pl

from .notation import NUMBER

__all__ = ["cell_of", "text_of", "write_frame", "write_rows"]

_BEGIN = r"[=+\-@\t\r\n\x{ff1d}\x{ff0b}\x{ff0d}\x{ff20}]"
_LIVE = rf"^'*{_BEGIN}"  # apostrophes too, so that one can be taken off again
_IS_LIVE = re.compile(re.sub(r"\\x\{(....)\}", r"\\u\1", _LIVE))
_IS_NUMBER = re.compile(NUMBER)


def cell_of(text: str) -> str:
    """The text as it stands in a cell: with an apostrophe in front where it would be taken for a formula and is no number."""
    return f"'{text}" if _IS_LIVE.match(text) and not _IS_NUMBER.fullmatch(text) else text


def text_of(cell: str) -> str:
    """The text that `cell_of` put into a cell."""
    return cell[1:] if cell[:1] == "'" and _IS_LIVE.match(cell) else cell


def write_frame(frame: pl.DataFrame, stream: BinaryIO, raw: bool = False) -> None:
    """Write a frame with a header; a list becomes its items with blanks between. `raw`: texts as they are."""
    lists = [name for name, kind in frame.schema.items() if isinstance(kind, pl.List)]
    frame = frame.with_columns(pl.col(name).cast(pl.List(pl.String)).list.join(" ") for name in lists)
    if not raw:
        texts = [name for name, kind in frame.schema.items() if kind == pl.String]
        frame = frame.with_columns(_guarded(pl.col(name)) for name in texts).rename(cell_of)
    frame.write_csv(stream)


def write_rows(stream: BinaryIO, columns: Sequence[str], rows: Iterable[Mapping[str, str]], raw: bool = False) -> None:
    """Write rows with a header. A column that a row does not have is an empty cell. `raw`: texts as they are."""
    guarded = str if raw else cell_of
    text = io.TextIOWrapper(stream, encoding="utf-8", newline="")
    writer = csv.writer(text)  # its own line ends: with others it leaves \r unquoted
    writer.writerow(map(guarded, columns))
    writer.writerows([guarded(row.get(column, "")) for column in columns] for row in rows)
    text.detach()  # the stream is the caller's


def _guarded(column: pl.Expr) -> pl.Expr:
    live = column.str.contains(_LIVE) & ~column.str.contains(f"^(?:{NUMBER})$")
    return pl.when(live).then(pl.lit("'") + column).otherwise(column).name.keep()
