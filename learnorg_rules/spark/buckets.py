"""In the executors: the events of one bucket to partial tables, by the ingest and the kernels that all runs share.

A bucket holds all rows of every identity in it, and all that corrections and voids link with them. Within it the shared
`ingest` therefore says of each row what it would say among all rows.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime

import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
from attrs import frozen

from ..dataflow.nodes import Dataflow
from ..engine.batch import read_by_kernels
from ..engine.binding import Binding
from ..engine.closure import Closure
from ..engine.ingest import ingest
from ..engine.kernel import Kernel
from ..engine.port import REJECTED, Read
from ..periods import ONE_DAY
from .transport import Columns, Payload, from_bytes, payloads

__all__ = ["Job", "groups", "merged", "roots"]

Identity = tuple[str, str]


@frozen
class Job:
    """What an executor must know to compute partial tables."""

    binding: Binding
    dataflow: Dataflow
    kernels: Sequence[Kernel]
    closures: Mapping[str, Closure]
    known_at: date | datetime | None
    files: tuple[str, ...]

    def bucket(self, frame: pl.DataFrame) -> Iterator[Payload]:
        """What the rows of one bucket give: "partial" by family, "aside", "effects", "counts" and "surplus"."""
        ruleset, at = self.binding.ruleset, self.binding.at
        read = Read(frame, pl.DataFrame(schema=dict(REJECTED)), frame.height, self.files)
        found = ingest(read, ruleset, self.binding.organisation, self.known_at)
        base = read_by_kernels(found.frame, self.binding, self.dataflow, self.closures)
        # Sums of other buckets join these, so that none can tell whether 64 bits would hold the whole.
        plans = [kernel.partial(base, wide=True) for kernel in self.kernels]
        for number, partial in enumerate(pl.collect_all(plans)):
            if partial.height:
                yield "partial", number, partial
        settled = found.rejected.filter(~pl.col("code").str.starts_with("V5"))
        if settled.height:
            yield "rejected", 0, settled
        if found.refused is not None:
            yield "refused", 0, found.refused
        kinds = [name for name, kind in ruleset.events.items() if kind.effect]
        effects = found.frame.filter(pl.col("kind").is_in(kinds) & (pl.col("date") <= at))
        if effects.height:
            yield "effects", 0, effects
        last = min(ruleset.end - ONE_DAY, at)
        inside = int(found.frame["date"].is_between(ruleset.first_day, last).sum())
        yield "counts", 0, _table({**found.counts, "counted": inside})
        if found.surplus:
            yield "surplus", 0, _table({f"{kind}\n{name}": n for (kind, name), n in found.surplus.items()})

    def judge(self, columns: Columns) -> Callable[[Iterable[pa.RecordBatch]], Iterator[pa.RecordBatch]]:
        """Computes what the rows of one partition of Spark give; the partition is one bucket, or several."""

        def run(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
            frame = columns.frame(batches).drop("_code", "_reason")
            if frame.height:
                yield from payloads(self.bucket(frame))

        return run

    def judge_each(self, columns: Columns) -> Callable[[Iterable[pa.RecordBatch]], Iterator[pa.RecordBatch]]:
        """As `judge`, for rows that say in a last column `bucket` which they are of; so do the tables."""

        def run(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
            by_bucket: dict[int, list[pa.RecordBatch]] = {}
            for batch in batches:
                numbers = batch.column("bucket")
                for number in pc.unique(numbers).to_pylist():
                    rows = batch.filter(pc.equal(numbers, number)).drop_columns(["bucket"])
                    by_bucket.setdefault(number, []).append(rows)
            for number, rows_ in by_bucket.items():
                for found in payloads(self.bucket(columns.frame(rows_).drop("_code", "_reason"))):
                    yield found.append_column("bucket", pa.array([number], pa.int64()))

        return run

    def merge(self, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """Merges what several buckets gave."""
        rows = ((r["what"], r["number"], r["payload"]) for batch in batches for r in batch.to_pylist())
        for (what, number), frames in groups(rows).items():
            yield from payloads([(what, number, merged(self.kernels, what, number, frames))])


def groups(rows: Iterable[tuple[str, int, bytes]]) -> dict[tuple[str, int], list[pl.DataFrame]]:
    """Tables by what they are and the family they are of."""
    found: dict[tuple[str, int], list[pl.DataFrame]] = {}
    for what, number, payload in rows:
        found.setdefault((what, number), []).append(from_bytes(payload))
    return found


def merged(kernels: Sequence[Kernel], what: str, number: int, frames: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """One table of several of a sort."""
    if what == "partial":
        return kernels[number].merge(frames)
    if what in ("counts", "surplus"):
        return pl.concat(frames).group_by("name").agg(pl.col("count").sum())
    return pl.concat(frames)


def _table(counts: Mapping[str, int]) -> pl.DataFrame:
    return pl.DataFrame(
        {"name": list(counts), "count": list(counts.values())}, schema={"name": pl.String, "count": pl.Int64}
    )


def roots(links: Iterable[tuple[str, str, str | None, str | None]]) -> dict[Identity, str]:
    """Identity -> the least id among all that corrections and voids link with it, directly or not.

    Args:
        links: source, id, corrects and voids of every event that corrects or voids.
    """
    parent: dict[Identity, Identity] = {}

    def root(one: Identity) -> Identity:
        parent.setdefault(one, one)
        while parent[one] != one:
            parent[one] = one = parent[parent[one]]
        return one

    for source, id_, corrects, voids in links:
        for named in (corrects, voids):
            if named is not None:
                first, second = sorted((root((source, id_)), root((source, named))))
                parent[second] = first
    return {one: root(one)[1] for one in list(parent)}
