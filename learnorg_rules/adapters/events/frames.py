"""Frames: their columns have types, and a wrong type refuses the whole column."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import partial

import polars as pl

from ...counting.port import INSTANT
from ...errors import InputError, Issue, Source
from ...texts import nfc
from .collector import RowCollector
from .columns import LARGEST, Column, absent, from_text
from .exact import Problem, Unfit, cell, too_fine
from .plan import missing_columns

__all__ = ["add_frame", "new_names", "read_frame"]

_Converted = tuple[pl.Series, pl.Series | None, Callable[[object], Problem]]
"""The values, which of them are bad (None: none of them), and what gives the problem of a bad one."""

_FIRST, _AFTER = datetime(1000, 1, 1, tzinfo=UTC), datetime(3000, 1, 1, tzinfo=UTC)

_EXPECTED = {
    "integer": "a column of integers",
    "decimal": "a column of numbers",
    "boolean": "a column of booleans",
    "date": "a column of dates",
    "instant": "a column of times with zone",
}


def read_frame(frame: pl.DataFrame, collector: RowCollector, name: str) -> None:
    """Read the rows of a frame, which are numbered from 1.

    Raises:
        InputError: a column is missing (V108), or has a wrong type (V106, V107).
    """
    file = collector.begin_file(name)
    frame = frame.rename(new_names(frame.columns))
    collector.note_columns(frame.columns)
    missing_columns(name, collector.plan, frame.columns)
    add_frame(frame, collector, file, 1)


def new_names(columns: Sequence[str]) -> dict[str, str]:
    """Names that are not in NFC -> what they are in it, unless a column has that name already."""
    return {name: nfc(name) for name in columns if nfc(name) not in columns}


def add_frame(frame: pl.DataFrame, collector: RowCollector, file: int, first: int) -> None:
    """Add the rows of a frame, which are numbered from `first`, chunk by chunk.

    A frame whose columns are in chunks of different lengths would be copied later.

    Raises:
        InputError: a column has a wrong type (V106, V107).
    """
    lengths = frame.to_series(0).chunk_lengths() if frame.width else [frame.height]
    done = 0
    for length in lengths:
        _add_chunk(frame.slice(done, length), collector, file, first + done)
        done += length


def _add_chunk(frame: pl.DataFrame, collector: RowCollector, file: int, first: int) -> None:
    name = collector.files[file]
    columns: list[pl.Series] = []
    faults: dict[int, list[Problem]] = {}
    issues: list[Issue] = []
    for column in collector.plan.columns:
        if column.key not in frame.columns:
            columns.append(absent(column, frame.height))
            continue
        raw = frame[column.key]
        if column.needed and raw.null_count():
            for i in raw.is_null().arg_true():
                faults.setdefault(i, []).append(Problem("V206", f"{column.label} is missing"))
        try:
            values, bad, reason = _converted(raw, column, name)
        except InputError as error:
            issues += error.issues
            continue
        columns.append(values.alias(column.name))
        if bad is not None:
            for i in bad.arg_true():
                faults.setdefault(i, []).append(reason(raw[i]))
    if issues:
        raise InputError(issues)
    rows = pl.int_range(first, first + frame.height, dtype=pl.UInt32, eager=True).alias("row")
    if faults:
        wrong = pl.Series(sorted(faults), dtype=pl.UInt32)
        keep = ~pl.int_range(frame.height, dtype=pl.UInt32, eager=True).is_in(wrong.implode())
        ids = frame[collector.plan.id_key or ""] if collector.plan.id_key in frame.columns else None
        for i, problems in sorted(faults.items()):
            collector.reject(file, first + i, ids[i] if ids is not None else None, problems)
        columns, rows = [column.filter(keep) for column in columns], rows.filter(keep)
    collector.add_columns(file, columns, rows)


def _converted(raw: pl.Series, column: Column, file: str) -> _Converted:
    if raw.dtype == pl.Null:
        return absent(column, len(raw)), None, _never
    if column.type in ("integer", "decimal"):
        if raw.dtype.is_integer():
            return _from_integers(raw, column)
        if raw.dtype == pl.Float64:
            return _from_doubles(raw, column)
        if raw.dtype.is_decimal():
            return _from_decimals(raw, column)
    elif (column.type, raw.dtype) in (("boolean", pl.Boolean()), ("date", pl.Date())):
        return raw, None, _never
    elif column.type == "instant" and isinstance(raw.dtype, pl.Datetime):
        if raw.dtype.time_zone is None:
            message = f"{column.label} has times without zone, expected UTC or a zone"
            raise InputError(
                [Issue(Source(file), "V107", message, "say which zone they are of where the file is made")]
            )
        return _from_times(raw, column)
    elif column.type in ("text", "choice") and raw.dtype in (pl.String, pl.Categorical, pl.Enum):
        texts = raw.cast(pl.String)
        empty = texts == ""
        bad = empty if column.name == "id" and empty.any() else None
        return texts, bad, lambda _: Problem("V206", f"{column.label} is missing")
    if column.type in ("date", "instant") and raw.dtype == pl.String:
        typed = from_text(raw, column)
        bad = typed.bad & raw.is_not_null() if typed.bad is not None else None
        return typed.values, bad, partial(_text_fault, column)
    expected = _EXPECTED.get(column.type, "a column of texts")
    raise InputError([Issue(Source(file), "V106", f"{column.label} is of type {raw.dtype}, expected {expected}")])


def _never(value: object) -> Problem:
    raise AssertionError(f"{value!r} is not bad")


def _text_fault(column: Column, value: object) -> Problem:
    try:
        cell(column, value)
    except Unfit as unfit:
        return unfit.problem
    return _never(value)


def _number_fault(column: Column) -> Callable[[object], Problem]:
    def fault(value: object) -> Problem:
        text = str(value)
        if text in ("nan", "inf", "-inf"):
            return Problem("V306", f"{column.label}: {text} is no number")
        if abs(float(text)) * 10**column.scale > LARGEST:
            return Problem("V305", f"{column.label}: {text} is too large")
        return Problem("V304", too_fine(column, text))

    return fault


def _any(bad: pl.Series) -> pl.Series | None:
    return bad if bad.any() else None


def _from_integers(raw: pl.Series, column: Column) -> _Converted:
    largest = LARGEST // 10**column.scale
    if raw.dtype in (pl.Int8, pl.Int16, pl.Int32, pl.UInt8, pl.UInt16, pl.UInt32):
        raw = raw.cast(pl.Int64)  # the bounds below do not fit the type itself
    inside = raw.is_between(-largest, largest) if raw.dtype.is_signed_integer() else raw <= largest
    bad = ~inside & raw.is_not_null()
    kept = raw.set(bad, None) if bad.any() else raw
    return kept.cast(pl.Int64) * 10**column.scale, _any(bad), _number_fault(column)


def _from_doubles(raw: pl.Series, column: Column) -> _Converted:
    # Dividing rounds correctly: the quotient is the double nearest to the decimal number, the same one or another.
    scaled = (raw * 10**column.scale).round()
    # (A series as divisor: by a number, Polars multiplies by its inverse, which rounds twice.)
    divisor = pl.Series([10.0**column.scale]).new_from_index(0, len(raw))
    same = (scaled / divisor == raw) & (
        scaled.abs() <= LARGEST
    )  # (of no number this is false: it comes behind all others)
    bad = ~same & raw.is_not_null()
    kept = scaled.set(bad, None) if bad.any() else scaled
    return kept.cast(pl.Int64), _any(bad), _number_fault(column)


def _from_decimals(raw: pl.Series, column: Column) -> _Converted:
    # Few files have them; one by one is exact, whatever their precision.
    values: list[int | None] = []
    bad: list[bool] = []
    for value in raw:
        scaled = None if value is None else value.scaleb(column.scale)
        fits = scaled is None or (abs(scaled) <= LARGEST and scaled == scaled.to_integral_value())
        values.append(int(scaled) if scaled is not None and fits else None)
        bad.append(not fits)
    return pl.Series(column.name, values, dtype=pl.Int64), _any(pl.Series(bad, dtype=pl.Boolean)), _number_fault(column)


def _from_times(raw: pl.Series, column: Column) -> _Converted:
    utc = raw.dt.convert_time_zone("UTC").dt.cast_time_unit("us")
    bad = ~utc.is_between(_FIRST, _AFTER, closed="left") & raw.is_not_null()
    if isinstance(raw.dtype, pl.Datetime) and raw.dtype.time_unit == "ns":
        bad = bad | (raw.dt.nanosecond() % 1000 != 0).fill_null(False)
    reason = "is no time of the years 1000 to 2999, to the microsecond"
    return utc.cast(INSTANT), _any(bad), lambda value: Problem("V301", f"{column.label}: {value} {reason}")
