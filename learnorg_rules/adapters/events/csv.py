"""CSV with a header: UTF-8, commas, cells in quotes where needed, an empty cell is no value.

As with NDJSON, Polars reads a file whose every line is plain: as many cells as the header, no line feed inside quotes.
Any other file is read record by record. A row is numbered by the line on which it begins; the header is line 1.
"""

import csv
import io
from collections.abc import Iterator, Sequence
from itertools import chain

import polars as pl
from attrs import define
from polars.exceptions import PolarsError

from .columns import absent, from_text
from .exact import LINE_LIMIT, Problem
from .files import Opened, refuse
from .plan import Gathered, Plan, missing_columns
from .split import distinct, split

__all__ = ["check_csv", "read_csv"]


def read_csv(opened: Opened, gathered: Gathered) -> Iterator[None]:
    """Read one file into `gathered`, a step at a time. A bad row is put aside.

    Raises:
        InputError: the file cannot be read at all (V104), its header names a column twice or none (V105), or lacks one
            that every event needs (V108).
    """
    file = gathered.begin(str(opened.path))
    blocks = (block.data for block in opened.blocks(cut=False))
    data = next(blocks)
    done = 0
    header = _columns(opened, data, gathered.plan)
    if header is not None:
        gathered.keys(header)
        done = 1
        for rows in chain([data.partition(b"\n")[2]], blocks):
            if rows:
                plain = _read_plain(rows, header, gathered, file, done)
                done += _read_records(rows, blocks, header, gathered, file, done) if plain is None else plain
            yield
    if opened.broken is not None:
        gathered.reject(file, done + 1, None, [Problem("V209", f"{opened.broken}: what follows is lost")])
        yield


def check_csv(opened: Opened, plan: Plan) -> None:
    """Look at the header, and read no row.

    Raises:
        InputError: as for `read_csv`, which says nothing else of a file as a whole.
    """
    _columns(opened, opened.first_line(), plan)


def _columns(opened: Opened, data: bytes, plan: Plan) -> list[str] | None:
    """The header, where it has all that is needed; None where compressed data broke off inside it."""
    if not data:
        if opened.broken is None:
            raise refuse(opened.path, "V105", "the file is empty, expected a header")
        return None
    header = _header(opened, data)
    missing_columns(str(opened.path), plan, header)
    return header


def _header(opened: Opened, data: bytes) -> list[str]:
    end = data.find(b"\n")
    try:
        line = data[: end if end >= 0 else len(data)].decode()
        header = next(csv.reader([line], strict=True), [])
    except (UnicodeDecodeError, csv.Error) as error:
        raise refuse(opened.path, "V105", f"the header cannot be read: {error}") from None
    twice = sorted({name for name in header if header.count(name) > 1})
    if twice:
        raise refuse(opened.path, "V105", f"the header names the column {twice[0]!r} twice")
    if not header:
        raise refuse(opened.path, "V105", "the first line is empty, expected a header")
    return header


def _read_plain(data: bytes, header: Sequence[str], gathered: Gathered, file: int, before: int) -> int | None:
    """Read lines that are all plain, and say how many there were; None, with nothing taken, where some are not."""
    bare = b'"' not in data and b"\r" not in data and len(header) > 1
    frame = split(data, header) if bare else _quoted(data, header)
    if frame is None:
        return None
    _take_texts(frame, gathered, file, first=before + 1)
    return frame.height


def _quoted(data: bytes, header: Sequence[str]) -> pl.DataFrame | None:
    cell = r'(?:[^",\r\n]*|"(?:[^"\r\n]|"")*")'
    pattern = f"^{cell}(?:,{cell}){{{len(header) - 1}}}$" if len(header) > 1 else '^(?:[^",\r\n]+|"(?:[^"\r\n]|"")+")$'
    line = pl.col("line")
    plain = line.str.contains(pattern) & (line.str.len_bytes() <= LINE_LIMIT)
    try:
        lines = pl.scan_lines(data).select(odd=(~plain).sum(), count=pl.len()).collect()
        frame = pl.read_csv(data, has_header=False, schema=dict.fromkeys(header, pl.String()))
    except PolarsError:
        return None
    return frame if not lines["odd"].item() and lines["count"].item() == frame.height else None


def _take_texts(frame: pl.DataFrame, gathered: Gathered, file: int, first: int) -> None:
    """Take a frame of texts whose rows are numbered from `first`: well-typed ones at once, the others one by one."""
    columns: list[pl.Series] = []
    bad = pl.Series("bad", [False], dtype=pl.Boolean()).new_from_index(0, frame.height)
    for column in gathered.plan.columns:
        if column.key not in frame.columns:
            columns.append(absent(column, frame.height))
            continue
        found = distinct(frame[column.key])
        typed = from_text(found.texts.set(found.texts == "", None), column)
        columns.append(found.by_row(typed.values))
        if typed.bad is not None:
            bad = bad | found.by_row(typed.bad)
    rows = pl.int_range(first, first + frame.height, dtype=pl.UInt32, eager=True).alias("row")
    if not bad.any():
        gathered.frame(file, columns, rows)
        return
    gathered.frame(file, [column.filter(~bad) for column in columns], rows.filter(~bad))
    for number, given in zip(rows.filter(bad), frame.filter(bad).iter_rows(named=True), strict=True):
        gathered.row(file, number, given, as_text=True)


@define
class _Lines:
    """The lines of a block as text; those of the next blocks too, as long as a record goes on.

    Bytes that are no UTF-8 become lone surrogates, which the exact reader refuses, cell by cell.
    """

    lines: Iterator[str]
    blocks: Iterator[bytes]
    inside: bool = False  # a record

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        line = next(self.lines, None)
        while line is None and self.inside:
            self.lines = _text(next(self.blocks))
            line = next(self.lines, None)
        if line is None:
            raise StopIteration
        self.inside = True
        return line


def _text(data: bytes) -> Iterator[str]:
    return io.StringIO(data.decode(errors="surrogateescape"), newline="")


def _read_records(
    data: bytes, blocks: Iterator[bytes], header: Sequence[str], gathered: Gathered, file: int, before: int
) -> int:
    """Read record by record, into the next blocks where the last one goes on there, and say how many lines there were."""
    lines = _Lines(_text(data), blocks)
    reader = csv.reader(lines, strict=True)
    while True:
        number = before + reader.line_num + 1
        lines.inside = False
        try:
            cells = next(reader)
        except StopIteration:
            return reader.line_num
        except csv.Error as error:
            long = "field limit" in str(error)
            problem = Problem("V205", "a cell is too long") if long else Problem("V211", f"bad quoting: {error}")
            gathered.reject(file, number, None, [problem])
            continue
        if not cells:
            continue
        if len(cells) != len(header):
            reason = f"{len(cells)} cell{'' if len(cells) == 1 else 's'}, expected {len(header)} as in the header"
            gathered.reject(file, number, None, [Problem("V208", reason)])
        elif sum(map(len, cells)) > LINE_LIMIT:
            gathered.reject(file, number, None, [Problem("V205", "the row is longer than 1 MiB")])
        else:
            gathered.row(file, number, dict(zip(header, cells, strict=True)), as_text=True)
