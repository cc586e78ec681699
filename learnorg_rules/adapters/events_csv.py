"""CSV with a header: UTF-8, commas, cells in quotes where needed, an empty cell is no value.

As with NDJSON, Polars reads a file whose every line is plain: as many cells as the header, no line feed inside quotes.
Any other file is read record by record. A row is numbered by the line on which it begins; the header is line 1.
"""

import csv
import io
from collections.abc import Sequence

import polars as pl
from polars.exceptions import PolarsError

from .events_columns import from_text
from .events_exact import LINE_LIMIT, Problem
from .events_files import Opened, refuse
from .events_plan import Gathered, missing_columns

__all__ = ["read_csv"]


def read_csv(opened: Opened, gathered: Gathered) -> None:
    """Read one file into `gathered`. A bad row is put aside.

    Raises:
        InputError: the file cannot be read at all (V104), its header names a column twice or none (V105), or lacks one
            that every event needs (V108).
    """
    file = gathered.begin(str(opened.path))
    data = opened.whole()
    if opened.broken is not None:
        data = data[: data.rfind(b"\n") + 1]  # the last row may not be whole
    if not data:
        if opened.broken is not None:
            gathered.reject(file, 1, None, [Problem("V209", f"{opened.broken}: what follows is lost")])
            return
        raise refuse(opened.path, "V105", "the file is empty, expected a header")
    header = _header(opened, data)
    missing_columns(str(opened.path), gathered.plan, header)
    gathered.keys(header)
    if not _read_plain(data, header, gathered, file):
        _read_records(data, header, gathered, file)
    if opened.broken is not None:
        gathered.reject(file, data.count(b"\n") + 1, None, [Problem("V209", f"{opened.broken}: what follows is lost")])


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


def _read_plain(data: bytes, header: Sequence[str], gathered: Gathered, file: int) -> bool:
    """Read a file whose lines are all plain; False, with nothing taken, where some are not."""
    cell = r'(?:[^",\r\n]*|"(?:[^"\r\n]|"")*")'
    pattern = f"^{cell}(?:,{cell}){{{len(header) - 1}}}$" if len(header) > 1 else '^(?:[^",\r\n]+|"(?:[^"\r\n]|"")+")$'
    line = pl.col("line")
    plain = line.str.contains(pattern) & (line.str.len_bytes() <= LINE_LIMIT)
    try:
        lines = pl.scan_lines(data).select(odd=(~plain).sum(), count=pl.len()).collect()
        frame = pl.read_csv(data, infer_schema=False, raise_if_empty=False)
    except PolarsError:
        return False
    if lines["odd"].item() or lines["count"].item() != frame.height + 1 or frame.columns != list(header):
        return False
    _take_texts(frame, gathered, file, first=2)
    return True


def _take_texts(frame: pl.DataFrame, gathered: Gathered, file: int, first: int) -> None:
    """Take a frame of texts whose rows are numbered from `first`: well-typed ones at once, the others one by one."""
    columns: list[pl.Series] = []
    bad = pl.Series("bad", [False], dtype=pl.Boolean()).new_from_index(0, frame.height)
    for column in gathered.plan.columns:
        if column.key not in frame.columns:
            columns.append(pl.Series(column.name, [None], dtype=column.dtype).new_from_index(0, frame.height))
            continue
        texts = frame[column.key]
        typed = from_text(texts.set(texts == "", None), column)
        columns.append(typed.values)
        if typed.bad is not None:
            bad = bad | typed.bad
    rows = pl.int_range(first, first + frame.height, dtype=pl.UInt32, eager=True).alias("row")
    if not bad.any():
        gathered.frame(file, columns, rows)
        return
    gathered.frame(file, [column.filter(~bad) for column in columns], rows.filter(~bad))
    for number, given in zip(rows.filter(bad), frame.filter(bad).iter_rows(named=True), strict=True):
        gathered.row(file, number, given, as_text=True)


def _read_records(data: bytes, header: Sequence[str], gathered: Gathered, file: int) -> None:
    # Bytes that are no UTF-8 become lone surrogates, which the exact reader refuses, cell by cell.
    lines = io.StringIO(data.decode(errors="surrogateescape"), newline="")
    reader = csv.reader(lines, strict=True)
    next(reader)
    while True:
        number = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
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
