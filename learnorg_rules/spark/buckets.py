"""In the executors: the events of one bucket to partial tables, and the tables of several buckets to one."""

from collections.abc import Callable, Iterable, Iterator

import polars as pl
import pyarrow as pa
import pyarrow.compute as pc

from ..outofcore.buckets import Job
from .transport import Columns, from_bytes, payloads

__all__ = ["by_bucket", "groups", "in_partition", "merging"]

InExecutor = Callable[[Iterable[pa.RecordBatch]], Iterator[pa.RecordBatch]]


def in_partition(job: Job, columns: Columns) -> InExecutor:
    """Computes what the rows of one partition of Spark give; the partition is one bucket, or several."""

    def run(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        frame = columns.frame(batches).drop("_code", "_reason")
        if frame.height:
            yield from payloads(job.bucket(frame))

    return run


def by_bucket(job: Job, columns: Columns) -> InExecutor:
    """As `in_partition`, for rows that say in a last column `bucket` which they are of; so do the tables."""

    def run(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        found: dict[int, list[pa.RecordBatch]] = {}
        for batch in batches:
            numbers = batch.column("bucket")
            for number in pc.unique(numbers).to_pylist():
                rows = batch.filter(pc.equal(numbers, number)).drop_columns(["bucket"])
                found.setdefault(number, []).append(rows)
        for number, rows_ in found.items():
            for table in payloads(job.bucket(columns.frame(rows_).drop("_code", "_reason"))):
                yield table.append_column("bucket", pa.array([number], pa.int64()))

    return run


def merging(job: Job) -> InExecutor:
    """Merges what several buckets gave."""

    def run(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        rows = ((r["what"], r["number"], r["payload"]) for batch in batches for r in batch.to_pylist())
        for (what, number), frames in groups(rows).items():
            yield from payloads([(what, number, job.merged(what, number, frames))])

    return run


def groups(rows: Iterable[tuple[str, int, bytes]]) -> dict[tuple[str, int], list[pl.DataFrame]]:
    """Tables by what they are and the family they are of."""
    found: dict[tuple[str, int], list[pl.DataFrame]] = {}
    for what, number, payload in rows:
        found.setdefault((what, number), []).append(from_bytes(payload))
    return found
