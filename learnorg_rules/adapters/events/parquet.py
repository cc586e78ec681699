"""Parquet files: their columns have types, and a wrong type refuses the whole column."""

from collections.abc import Callable, Iterator
from pathlib import Path

import polars as pl
from polars.exceptions import PanicException, PolarsError

from ...errors import InputError
from .collector import RowCollector
from .files import OpenFile, refuse
from .frames import add_frame, new_names, read_frame
from .plan import ReadPlan, missing_columns
from .sampling import PLACES, ROWS, Sample

__all__ = ["BROKEN", "parquet_checker", "read_parquet", "sample_parquet"]

BROKEN = (OSError, PolarsError, PanicException)
"""What reading a Parquet file may raise. A panic is what some damage ends in; it is no `Exception`."""


def read_parquet(opened: OpenFile, collector: RowCollector) -> Iterator[None]:
    """Read one file, a step at a time.

    Raises:
        InputError: the file cannot be read at all (V104), or one of its columns cannot (V106 to V108).
    """
    file = collector.begin_file(str(opened.path))
    try:
        lazy = pl.scan_parquet(opened.path, glob=False)
        lazy = lazy.rename(new_names(lazy.collect_schema().names()))
        schema = lazy.collect_schema()
        collector.note_columns(schema)
        missing_columns(str(opened.path), collector.plan, list(schema))
        selected = lazy.select(key for key in collector.plan.keys if key in schema)
        height = lazy.select(pl.len()).collect().item()
        step = height if opened.rows is None else opened.rows
        for first in range(0, max(height, 1), max(step, 1)):
            add_frame(selected.slice(first, step).collect(), collector, file, first + 1)
            yield
    except BROKEN as error:
        raise _unreadable(opened.path, error) from None
    opened.report_all_read()


def parquet_checker(plan: ReadPlan) -> Callable[[OpenFile], None]:
    """What looks at the columns of files; V104 and V106 to V108 as for `read_parquet`."""
    accepted: pl.Schema | None = None  # of the last file without a fault; most files of a run have the same columns

    def check(opened: OpenFile) -> None:
        nonlocal accepted
        try:
            schema = pl.scan_parquet(opened.path, glob=False).collect_schema()
        except BROKEN as error:
            raise _unreadable(opened.path, error) from None
        if schema != accepted:
            read_frame(pl.DataFrame(schema=schema), RowCollector(plan), str(opened.path))
            accepted = schema

    return check


def sample_parquet(path: Path, plan: ReadPlan) -> Sample:
    """Some rows of a file, with the texts that are read."""
    lazy = pl.scan_parquet(path, glob=False)
    texts = [key for key, dtype in lazy.collect_schema().items() if key in plan.keys and dtype == pl.String]
    height = lazy.select(pl.len()).collect().item()
    starts = [max(0, height - ROWS) * place // (PLACES - 1) for place in range(PLACES)]
    places = [lazy.select(texts).slice(start, ROWS).collect().to_dicts() for start in starts]
    return Sample([(1, rows) for rows in places], height, 0)


def _unreadable(path: Path, error: BaseException) -> InputError:
    if isinstance(error, PanicException):
        return refuse(
            path, "V104", "cannot be read as Parquet: it is damaged", "write it again, or take it from a copy"
        )
    return refuse(path, "V104", f"cannot be read as Parquet: {str(error).splitlines()[0]}")
