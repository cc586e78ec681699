"""About how many rows files have and how long these are, estimated from some rows of some files.

A run's memory is estimated from it. Faults of a file are not reported here, but when it is read.
"""

import zlib
from collections.abc import Sequence
from pathlib import Path

import polars as pl

from ...counting.port import Size
from .formats import Format
from .parquet import BROKEN
from .plan import ReadPlan
from .sampling import Row, Sample

__all__ = ["size_of"]

FILES = 20  # that are looked into; the others are taken to be like them
VIEW = 16  # bytes that every text takes in a column; one of up to `INSIDE` bytes takes no others
INSIDE = 12


def size_of(files: Sequence[tuple[Path, Format]], plan: ReadPlan) -> Size:
    """About how much there is to read; nothing where no file can be read.

    Args:
        files: path and format of each.
        plan: the columns that are read.
    """
    step = -(-len(files) // FILES) or 1
    sampled = [(path, format_, _sample(path, format_, plan)) for path, format_ in files[::step] if path.is_file()]
    samples = [sample for _, _, sample in sampled]
    height = sum(sample.height for sample in samples)
    if not height:
        return Size(0, 0, 0, 0)
    all_bytes = sum(path.stat().st_size for path, _ in files if path.is_file())
    share = all_bytes / sum(path.stat().st_size for path, _, _ in sampled)
    width = sum(sample.height * _mean_width(sample, plan) for sample in samples) / height
    widest = max((_width(rows, plan) for sample in samples for _, rows in sample.places), default=width)
    text = max(sample.text for sample in samples)
    at_once = max((sample.height for _, format_, sample in sampled if format_.at_once), default=0)
    return Size(round(height * share), round(width), round(widest), round(text), round(at_once))


def _sample(path: Path, format_: Format, plan: ReadPlan) -> Sample:
    try:
        return format_.sample(path, plan)
    except (*BROKEN, zlib.error):
        return Sample((), 0, 0)


def _mean_width(sample: Sample, plan: ReadPlan) -> float:
    if not sample.places:
        return _width((), plan)
    return sum(n * _width(rows, plan) for n, rows in sample.places) / sum(n for n, _ in sample.places)


def _width(rows: Sequence[Row], plan: ReadPlan) -> float:
    """The bytes that a row takes in columns."""
    columns = [*plan.columns, *(column for column, _ in plan.constants.values())]
    width = 2.0 * 4  # the numbers of its file and of its row
    for column in columns:
        width += VIEW if column.dtype == pl.String else 1 if column.dtype == pl.Boolean else 8
    keys = {column.key for column in plan.columns if column.dtype == pl.String}
    lengths = (len(value.encode()) for row in rows for key in keys if isinstance(value := row.get(key), str))
    return width + sum(length for length in lengths if length > INSIDE) / max(1, len(rows))
