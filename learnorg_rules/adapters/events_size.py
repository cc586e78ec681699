"""About how many rows files have, and how long these are, told by some lines of some of them. A run's memory is estimated from it.

Whatever is wrong with a file is not said here, but when it is read.
"""

import csv
import io
import json
import zlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import polars as pl
from attrs import frozen
from polars.exceptions import PolarsError

from ..engine.port import Size
from .events_plan import Plan

__all__ = ["size_of"]

FILES = 20  # that are looked into; the others are taken to be like them
SAMPLE = 1 << 18  # bytes looked at of a file
ROWS = 1_000  # looked at of a Parquet file
VIEW = 16  # bytes of a text in a column; one of up to `INSIDE` bytes has no others
INSIDE = 12
OBJECTS = 2_000  # bytes of a row of XES, which is objects before it is columns


@frozen
class _Sample:
    """`rows` as they stand in a file, those that can be read with ease; `height`: about how many it has; `text`: bytes of one."""

    rows: Sequence[Mapping[str, object]]
    height: float
    text: float


def size_of(files: Sequence[tuple[Path, str]], plan: Plan) -> Size:
    """About how much there is to read; nothing, where no file can be read.

    Args:
        files: path and format of each.
        plan: the columns that are read.
    """
    step = -(-len(files) // FILES) or 1
    looked_at = [(path, _sample(path, form, plan)) for path, form in files[::step] if path.is_file()]
    samples = [sample for _, sample in looked_at]
    height = sum(sample.height for sample in samples)
    if not height:
        return Size(0, 0, 0)
    share = sum(path.stat().st_size for path, _ in files if path.is_file()) / sum(
        p.stat().st_size for p, _ in looked_at
    )
    width = sum(sample.height * _width(sample.rows, plan) for sample in samples) / height
    text = sum(sample.height * sample.text for sample in samples) / height
    at_once = max((s.height for (_, form), s in zip(files[::step], samples, strict=False) if form == "xes"), default=0)
    return Size(round(height * share), round(width), round(text), round(at_once))


def _width(rows: Sequence[Mapping[str, object]], plan: Plan) -> float:
    """The bytes of a row in columns."""
    columns = [*plan.columns, *(column for column, _ in plan.constants.values())]
    found = 2.0 * 4  # where it stands
    for column in columns:
        found += VIEW if column.dtype == pl.String else 1 if column.dtype == pl.Boolean else 8
    keys = {column.key for column in plan.columns if column.dtype == pl.String}
    lengths = (len(value.encode()) for row in rows for key in keys if isinstance(value := row.get(key), str))
    return found + sum(length for length in lengths if length > INSIDE) / max(1, len(rows))


def _sample(path: Path, form: str, plan: Plan) -> _Sample:
    try:
        if form == "parquet":
            return _of_parquet(path, plan)
        data, size = _beginning(path)
    except (OSError, PolarsError, zlib.error):
        return _Sample((), 0, 0)
    if form == "xes":
        text = len(data) / max(1, data.count(b"<event"))
        return _Sample((), size / max(1.0, text), text + OBJECTS)
    lines = data.decode(errors="replace").splitlines()
    text = len(data) / max(1, len(lines))
    rows = list(_of_csv(data) if form == "csv" else _of_json(lines))
    return _Sample(rows, size / max(1.0, text), text)


def _of_parquet(path: Path, plan: Plan) -> _Sample:
    lazy = pl.scan_parquet(path, glob=False)
    texts = [key for key, dtype in lazy.collect_schema().items() if key in plan.keys and dtype == pl.String]
    height = lazy.select(pl.len()).collect().item()
    return _Sample(lazy.select(texts).head(ROWS).collect().to_dicts(), height, 0)


def _beginning(path: Path) -> tuple[bytes, float]:
    """The first bytes, unpacked, and about how many there are in all."""
    with path.open("rb") as stream:
        data = stream.read(SAMPLE)
    size = path.stat().st_size
    if path.suffix != ".gz":
        return data, size
    unpacking = zlib.decompressobj(16 + zlib.MAX_WBITS)
    unpacked = unpacking.decompress(data, SAMPLE)
    taken = len(data) - len(unpacking.unconsumed_tail) - len(unpacking.unused_data)
    return unpacked, size * len(unpacked) / max(1, taken)


def _of_json(lines: Sequence[str]) -> Iterator[Mapping[str, object]]:
    for line in lines[:ROWS]:
        try:
            row = json.loads(line)
        except ValueError:
            continue
        if isinstance(row, dict):
            yield row


def _of_csv(data: bytes) -> Iterator[Mapping[str, object]]:
    for number, row in enumerate(csv.DictReader(io.StringIO(data.decode(errors="replace"), newline=""))):
        if number == ROWS:
            return
        yield row
