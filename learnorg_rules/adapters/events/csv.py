"""CSV with a header: UTF-8, commas, cells in quotes where needed, an empty cell is no value.

As with NDJSON there are three ways to read, all with the same result. Lines without quotes are split at their commas.
Polars parses lines that are plain: as many cells as the header, no line feed inside quotes. A block with any other line
is read record by record. Each way pays. Measured with the events of tests/bench/district_year (CPU seconds): a million
lines without quotes take 0.7 s, 1.0 s if they are parsed; 300,000 lines with some quotes take 0.3 s, 5.8 s record by record.

A row is numbered by the line on which it begins; the header is line 1.
"""

import csv
import io
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from itertools import chain, islice
from pathlib import Path

import polars as pl
from attrs import define
from polars.exceptions import PolarsError

from ...texts import nfc, separator_of, utf_8_hint
from .collector import RowCollector
from .columns import absent, from_text
from .exact import LINE_LIMIT, Problem
from .files import OpenFile, refuse
from .plan import ReadPlan, missing_columns
from .sampling import ROWS, Row, Sample, sample_text
from .split import distinct, split

__all__ = ["csv_checker", "read_csv", "sample_csv"]

COLUMNS = 10_000  # of a file


def read_csv(opened: OpenFile, collector: RowCollector) -> Iterator[None]:
    """Read one file, a step at a time. A bad row is rejected.

    Raises:
        InputError: the file cannot be read at all (V104), its header names a column twice or none (V105), or lacks one
            that every event needs (V108).
    """
    file = collector.begin_file(str(opened.path))
    blocks = (block.data for block in opened.blocks(quotes=True))
    data = next(blocks)
    done = 0
    header = _columns(opened, data, collector.plan)
    if header is not None:
        collector.note_columns(header)
        done = 1
        for rows in chain([data.partition(b"\n")[2]], blocks):
            if rows and not rows.strip(b"\r\n"):
                done += rows.count(b"\n")
            elif rows:
                plain = _read_plain(rows, header, collector, file, done)
                done += _read_records(rows, blocks, header, collector, file, done) if plain is None else plain
            yield
    if opened.broken is not None:
        collector.reject(file, done + 1, None, [Problem("V209", f"{opened.broken}: what follows is lost")])
        yield


def csv_checker(plan: ReadPlan) -> Callable[[OpenFile], None]:
    """What looks at the headers of files; raises as `read_csv` does."""

    def check(opened: OpenFile) -> None:
        _columns(opened, opened.first_line(), plan)

    return check


def sample_csv(path: Path, plan: ReadPlan) -> Sample:
    """Some rows of a file."""
    return sample_text(path, _sampled_rows)


def _sampled_rows(first: bytes, piece: bytes) -> Iterator[Row]:
    header = b"" if piece is first else first.partition(b"\n")[0] + b"\n"
    text = io.StringIO((header + piece).decode(errors="replace"), newline="")
    return islice(csv.DictReader(text), ROWS)


def _columns(opened: OpenFile, data: bytes, plan: ReadPlan) -> list[str] | None:
    """The names in the header; None where compressed data ends inside it.

    Raises:
        InputError: there is no usable header (V105), or it lacks a column that every event needs (V108).
    """
    if not data:
        if opened.broken is None:
            raise refuse(opened.path, "V105", "the file is empty, expected a header")
        return None
    header = _header(opened, data)
    missing_columns(str(opened.path), plan, header)
    return header


def _header(opened: OpenFile, data: bytes) -> list[str]:
    end = data.find(b"\n")
    end = end if end >= 0 else len(data)
    if end > LINE_LIMIT:
        raise refuse(opened.path, "V112", "the header is longer than 1 MiB", "it names the columns, and no more")
    if data.count(b",", 0, end) >= COLUMNS:
        hint = "leave out columns that the rules do not declare"
        raise refuse(opened.path, "V112", f"the header names more than {COLUMNS:,} columns", hint)
    try:
        line = data[:end].decode()
        header = next(csv.reader([line], strict=True), [])
    except UnicodeDecodeError:
        raise refuse(opened.path, "V105", "the header is not UTF-8", utf_8_hint(data)) from None
    except csv.Error as error:
        raise refuse(opened.path, "V105", f"the header cannot be read: {error}") from None
    header = list(map(nfc, header))
    repeated = min((name for name, times in Counter(header).items() if times > 1), default=None)
    if repeated is not None:
        raise refuse(opened.path, "V105", f"the header names the column {repeated!r} twice")
    if not header:
        raise refuse(opened.path, "V105", "the first line is empty, expected a header")
    if len(header) == 1 and (between := separator_of(header[0])):
        hint = "save the file with commas between cells, and numbers with points"
        raise refuse(opened.path, "V105", f"{between} stand between the names in the header, expected commas", hint)
    return header


def _read_plain(data: bytes, header: Sequence[str], collector: RowCollector, file: int, before: int) -> int | None:
    """Read lines that are all plain; how many they are. None, and nothing is read, where some are not plain."""
    bare = b'"' not in data and b"\r" not in data and len(header) > 1
    frame = split(data, header) if bare else _quoted(data, header)
    if frame is None:
        return None
    _add_texts(frame, collector, file, first=before + 1, in_nfc=data.isascii())
    return frame.height


def _quoted(data: bytes, header: Sequence[str]) -> pl.DataFrame | None:
    cell = r'(?:[^",\r\n]*|"(?:[^"\r\n]|"")*")'
    pattern = f"^{cell}(?:,{cell}){{{len(header) - 1}}}$" if len(header) > 1 else '^(?:[^",\r\n]+|"(?:[^"\r\n]|"")+")$'
    line = pl.col("line")
    plain = line.str.contains(pattern) & (line.str.len_bytes() <= LINE_LIMIT)
    try:
        lines = pl.scan_lines(data).select(others=(~plain).sum(), count=pl.len()).collect()
        if lines["others"].item():
            return None  # before they are parsed: a line of a million commas would take gigabytes
        frame = pl.read_csv(data, has_header=False, schema=dict.fromkeys(header, pl.String()))
    except PolarsError:
        return None
    return frame if lines["count"].item() == frame.height else None


def _add_texts(frame: pl.DataFrame, collector: RowCollector, file: int, first: int, in_nfc: bool) -> None:
    """Add a frame of texts whose rows are numbered from `first`: well-typed rows as columns, the others one by one."""
    columns: list[pl.Series] = []
    bad = pl.Series("bad", [False], dtype=pl.Boolean()).new_from_index(0, frame.height)
    for column in collector.plan.columns:
        if column.key not in frame.columns:
            columns.append(absent(column, frame.height))
            continue
        unique = distinct(frame[column.key])
        typed = from_text(unique.texts.set(unique.texts == "", None), column)
        columns.append(unique.by_row(typed.values))
        if typed.bad is not None:
            bad = bad | unique.by_row(typed.bad)
    rows = pl.int_range(first, first + frame.height, dtype=pl.UInt32, eager=True).alias("row")
    if not bad.any():
        collector.add_columns(file, columns, rows, in_nfc)
        return
    collector.add_columns(file, [column.filter(~bad) for column in columns], rows.filter(~bad), in_nfc)
    for number, given in zip(rows.filter(bad), frame.filter(bad).iter_rows(named=True), strict=True):
        collector.add_row(file, number, given, as_text=True)


@define
class _Lines:
    """The lines of a block as text, and those of the next blocks as long as a record goes on.

    Bytes that are not UTF-8 become lone surrogates, which the exact reader rejects, cell by cell.
    """

    lines: Iterator[str]
    blocks: Iterator[bytes]
    inside: bool = False  # whether a record has begun
    too_long: bool = False  # whether one of its lines is

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
        if 4 * len(line) > LINE_LIMIT and len(line.encode(errors="surrogateescape").rstrip(b"\r\n")) > LINE_LIMIT:
            self.too_long = True
        return line


def _text(data: bytes) -> Iterator[str]:
    return io.StringIO(data.decode(errors="surrogateescape"), newline="")


def _read_records(
    data: bytes, blocks: Iterator[bytes], header: Sequence[str], collector: RowCollector, file: int, before: int
) -> int:
    """Read record by record; how many lines there were. The last record may go on in the next blocks."""
    lines = _Lines(_text(data), blocks)
    reader = csv.reader(lines, strict=True)
    while True:
        number = before + reader.line_num + 1
        lines.inside = lines.too_long = False
        try:
            cells = next(reader)
        except StopIteration:
            return reader.line_num
        except csv.Error as error:
            long = "field limit" in str(error)
            problem = Problem("V205", "a cell is too long") if long else Problem("V211", f"bad quoting: {error}")
            collector.reject(file, number, None, [problem])
            continue
        if not cells:
            continue
        if lines.too_long or sum(map(len, cells)) > LINE_LIMIT:
            collector.reject(file, number, None, [Problem("V205", "the row is longer than 1 MiB")])
        elif len(cells) != len(header):
            reason = f"{len(cells)} cell{'' if len(cells) == 1 else 's'}, expected {len(header)} as in the header"
            collector.reject(file, number, None, [Problem("V208", reason)])
        else:
            collector.add_row(file, number, dict(zip(header, cells, strict=True)), as_text=True)
