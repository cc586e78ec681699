"""NDJSON: one JSON object on each line.

Polars reads fast but not strictly: of a repeated key it takes one value, a number becomes a text where a text is
expected, half of a surrogate pair becomes a NUL. So a line may be read in three ways, all with the same result:

- regular: all lines have the same keys in the same order, and none has a comma inside a value. A block of such lines
  is split at its commas and not parsed at all (`regular`).
- plain: the line matches a pattern made from the first lines of the file: the keys in one order, each at most once,
  every value of its declared type with no more digits than declared. Polars parses the lines that match.
- any other line: read by the exact reader (`exact`), one by one.

Each way pays. Measured with the events of tests/bench/district_year (CPU seconds): a million
regular lines take 1.0 s, 1.4 s if they are parsed as plain lines; 300,000 plain lines take 0.4 s, 7.8 s one by one;
300,000 lines of which one in a thousand is bad take 1.0 s, 7.4 s if every line of such a block is read one by one.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import polars as pl
from attrs import evolve, field, frozen
from polars.exceptions import PolarsError

from ...texts import encoding_of
from .collector import RowCollector
from .columns import Column, time_form
from .exact import LINE_LIMIT, Problem, Unfit, json_row
from .files import OpenFile, split_lines
from .json import ESCAPED, value_patterns
from .plan import ReadPlan
from .regular import Layout, layout_of, read_regular
from .sampling import ROWS, Row, Sample, sample_text

__all__ = ["read_ndjson", "sample_ndjson"]

SAMPLE = 1 << 18  # bytes at the beginning of a file that show its keys and their order
SAMPLE_LINES = 100

_RAW: dict[str, pl.DataType] = {"integer": pl.Int64(), "decimal": pl.Float64(), "boolean": pl.Boolean()}


@frozen
class _Template:
    """What a plain line of a file looks like; `pattern` None where no line is plain.

    `layout`: how regular lines are written; None where lines are not regular.
    """

    pattern: str | None
    schema: dict[str, pl.DataType] = field(factory=dict)
    layout: Layout | None = None

    @property
    def plain(self) -> pl.Expr:
        """Whether the column `line` holds a plain line."""
        line = pl.col("line")
        return line.str.contains(self.pattern or "") & (line.str.len_bytes() <= LINE_LIMIT)


def read_ndjson(opened: OpenFile, collector: RowCollector) -> Iterator[None]:
    """Read one file, a step at a time. A bad line is rejected with its number, which counts from 1.

    Raises:
        InputError: the file cannot be read at all (V104).
    """
    file = collector.begin_file(str(opened.path))
    template: _Template | None = None
    done = irregular = 0
    for block in opened.blocks():
        if template is None:
            template = _template(block.data[:SAMPLE], collector)
        if block.data and not block.data.strip(b" \t\r\n"):
            done += block.data.count(b"\n")  # a file of millions of blank lines is millions of objects otherwise
        elif block.data:
            rows = _read_plain(block.data, template, collector, file, done)
            irregular = 0 if rows is not None else irregular + 1
            if rows is None:
                if irregular > 1:  # block after block: trying the layout on each does not pay
                    template = evolve(template, layout=None)
                rows = _read_mixed(block.data, template, collector, file, done)
            done += rows
        if block.broken is not None:
            collector.reject(file, done + 1, None, [Problem("V209", f"{block.broken}: what follows is lost")])
        yield


def sample_ndjson(path: Path, plan: ReadPlan) -> Sample:
    """Some rows of a file."""
    return sample_text(path, _sampled_rows)


def _sampled_rows(first: bytes, piece: bytes) -> Iterator[Row]:
    for line in piece.splitlines()[:ROWS]:
        try:
            row = json.loads(line)
        except ValueError:
            continue
        if isinstance(row, dict):
            yield row


def _read_plain(data: bytes, template: _Template, collector: RowCollector, file: int, before: int) -> int | None:
    """Read lines that are all plain; how many they are. None, and nothing is read, where some are not plain."""
    columns = collector.plan.columns
    if template.layout is not None:
        read = read_regular(data, template.layout, columns)
    else:
        read = _parsed(data, template, columns)
    if read is None:
        return None
    height = len(read[0])
    rows = pl.int_range(before + 1, before + 1 + height, dtype=pl.UInt32, eager=True)
    collector.add_columns(file, read, rows, in_nfc=data.isascii() and b"\\" not in data)
    return height


def _parsed(data: bytes, template: _Template, columns: Sequence[Column]) -> list[pl.Series] | None:
    if template.pattern is None:
        return None
    odd_lines = pl.scan_lines(data).filter(~template.plain).head(1)
    try:
        typed, odd = pl.collect_all([pl.scan_ndjson(data, schema=template.schema), odd_lines])
    except PolarsError:
        return None
    if odd.height:
        return None
    read, bad = _columns(typed, columns)
    return read if bad is None else None


def _read_mixed(data: bytes, template: _Template, collector: RowCollector, file: int, before: int) -> int:
    """Read lines some of which are not plain; how many they are, blank ones included."""
    lines, count = _lines(data, collector, file, before)
    exact = lines
    if template.pattern is not None:
        plain = lines.select(template.plain).to_series()
        trusted = lines.filter(plain)
        try:
            typed = _typed(trusted["line"], template)
        except PolarsError:
            typed = None
        if typed is not None and typed.height == trusted.height:
            columns, bad = _columns(typed, collector.plan.columns)
            exact = lines.filter(~plain)
            if bad is not None:
                exact = pl.concat([exact, trusted.filter(bad)])
                columns = [column.filter(~bad) for column in columns]
                trusted = trusted.filter(~bad)
            collector.add_columns(file, columns, trusted["row"])
    for number, line in exact.select("row", "line").iter_rows():
        if line.strip(" \t\r"):
            _read_exact(line, collector, file, number)
    return count


def _typed(lines: pl.Series, template: _Template) -> pl.DataFrame:
    joined = "\n".join(lines).encode()
    return pl.read_ndjson(joined, schema=template.schema) if joined else pl.DataFrame(schema=template.schema)


def _lines(data: bytes, collector: RowCollector, file: int, before: int) -> tuple[pl.DataFrame, int]:
    """The lines with their numbers in the file, and how many there are; those that are not UTF-8 are rejected."""
    numbers: list[int] = []
    texts: list[str] = []
    count, found = 0, ""
    for number, text in split_lines(data):
        count = number + 1
        if text is None:
            found = found or encoding_of(data)
            reason = "the line is not UTF-8" + (f", it looks like {found}: save the file as UTF-8" if found else "")
            collector.reject(file, before + count, None, [Problem("V204", reason)])
        else:
            numbers.append(before + count)
            texts.append(text)
    return pl.DataFrame({"row": numbers, "line": texts}, schema={"row": pl.UInt32, "line": pl.String}), count


def _read_exact(line: str, collector: RowCollector, file: int, number: int) -> None:
    try:
        given = json_row(line)
    except Unfit as unfit:
        collector.reject(file, number, None, [unfit.problem])
        return
    collector.add_row(file, number, given)


def _columns(typed: pl.DataFrame, columns: Sequence[Column]) -> tuple[list[pl.Series], pl.Series | None]:
    """The columns with their types, and which rows have a value that only looks plain, such as 30 February (None: no row)."""
    expressions: list[pl.Expr] = []
    for column in columns:
        raw = pl.col(column.key)
        if column.key not in typed.columns:
            raw = pl.lit("" if column.name == "source" else None, dtype=column.dtype)
        elif column.type == "decimal":
            raw = (raw * 10**column.scale).round().cast(pl.Int64)
        elif column.type == "date":
            raw = raw.str.to_date("%Y-%m-%d", strict=False)
        elif column.type == "instant":
            raw = raw.str.to_datetime(time_form(typed[column.key]), time_unit="us", time_zone="UTC", strict=False)
        expressions.append(raw.alias(column.name))
    read = typed.lazy().with_columns(expressions).select(column.name for column in columns).collect()
    bad: pl.Series | None = None
    for column in columns:
        if column.type in ("date", "instant") and column.key in typed.columns:
            raw_, parsed = typed[column.key], read[column.name]
            if parsed.null_count() > raw_.null_count():
                wrong = parsed.is_null() & raw_.is_not_null()
                bad = wrong if bad is None else bad | wrong
    return read.get_columns(), bad


def _template(sample: bytes, collector: RowCollector) -> _Template:
    """The pattern of a plain line, from the first lines."""
    keys: list[str] = []
    lines = [text or "" for _, text in split_lines(sample)]
    if len(sample) >= SAMPLE:  # the last line may be cut
        lines = lines[:-1]
    for line in lines[:SAMPLE_LINES]:
        try:
            here = list(json_row(line))
        except Unfit:
            continue
        _merge(keys, here)
    collector.note_columns(keys)
    layout = layout_of(lines[:SAMPLE_LINES], collector.plan.columns)
    return evolve(_pattern(keys, collector.plan), layout=layout)


def _merge(keys: list[str], here: Iterable[str]) -> None:
    """Add the keys of a line that are new, each behind the one it stands behind in the line."""
    at = 0
    for key in here:
        if key in keys:
            at = keys.index(key) + 1
        else:
            keys.insert(at, key)
            at += 1


def _pattern(keys: Sequence[str], plan: ReadPlan) -> _Template:
    needed = {column.key for column in plan.columns if column.needed}
    values = value_patterns(keys, plan.columns, ESCAPED)
    if not needed or not needed <= set(keys) or values is None:
        return _Template(None)
    parts: list[str] = []
    anchored = False  # from the first key on that every line has, commas stand before keys, until then behind
    for key in keys:
        pair = f"{_key(key)}: ?{values[key]}"
        if key in needed:
            parts.append(f", ?{pair}" if anchored else pair)
            anchored = True
        else:
            parts.append(f"(?:, ?{pair})?" if anchored else f"(?:{pair}, ?)?")
    schema = {column.key: _RAW.get(column.type, pl.String()) for column in plan.columns if column.key in values}
    return _Template(rf"^\{{{''.join(parts)}\}}$", schema)


def _key(key: str) -> str:
    # Half of a surrogate pair can stand in a key only as an escape.
    forms = {json.dumps(key), json.dumps(key, ensure_ascii=False).encode(errors="backslashreplace").decode()}
    return f"(?:{'|'.join(pl.escape_regex(form) for form in sorted(forms))})"
