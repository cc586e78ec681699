"""Runs that count events in buckets: each bucket by the ingest and the kernels all runs share, then merged, then judged.

A bucket holds all rows of every identity in it, and all that corrections and voids link with them. Within it the shared
`ingest` therefore says of each row what it would say among all rows. Who carries rows into buckets, and tables out of
them, is not said here: Spark does, and so do temporary files.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime

import polars as pl
from attrs import frozen

from ..counting.binding import Binding, bind
from ..counting.cells import kernels_of, read_by_kernels, wanted
from ..counting.closure import Closure
from ..counting.ingest import PLACES, Ingested, ingest
from ..counting.ingest_report import Tables, counted_inside, ingest_report_of_buckets
from ..counting.kernel import Cells, Kernel
from ..counting.port import ENVELOPE, REJECTED, Read, dtype_of
from ..counting.widths import declared_widths, widths_of
from ..dataflow.build import build
from ..dataflow.nodes import Dataflow
from ..events.event import known_until
from ..judging.batch import Outcome, judged
from ..judging.effects import Effects, deciding, effects_of
from ..model.ruleset import Ruleset
from ..org.organisation import Organisation
from ..periods import ONE_DAY

__all__ = ["Job", "Payload", "job_for", "job_of", "linked_with"]

Payload = tuple[str, int, pl.DataFrame]
"""What it is, the number of the family it is of (0 where of none), and the table."""


@frozen
class Job:
    """What must be known to count a bucket, and to judge what all of them gave. `files`: the names of what was read."""

    binding: Binding
    dataflow: Dataflow
    kernels: Sequence[Kernel]
    closures: Mapping[str, Closure]
    known_at: date | datetime | None
    files: tuple[str, ...] = ()

    def bucket(self, frame: pl.DataFrame) -> Iterator[Payload]:
        """What the rows of one bucket give: "partial" by family, "rejected", "refused", "effects", "counts", "surplus"."""
        ruleset, at = self.binding.ruleset, self.binding.at
        read = Read(frame, pl.DataFrame(schema=dict(REJECTED)), frame.height, self.files)
        found = ingest(read, ruleset, self.binding.organisation, self.known_at)
        settled = found.rejected.filter(~pl.col("code").str.starts_with("V5"))
        if settled.height:
            yield "rejected", 0, settled
        if found.refused is not None:
            yield "refused", 0, found.refused
        effects = deciding(found.lazy(), ruleset, at).drop(PLACES).collect()
        if effects.height:
            yield "effects", 0, effects
        yield "counts", 0, _table({**found.counts, "counted": counted_inside(found.days, ruleset, at)})
        if found.surplus:
            yield "surplus", 0, _table({f"{kind}\n{name}": n for (kind, name), n in found.surplus.items()})
        base = read_by_kernels(found.rows, self.binding, self.dataflow, self.closures)
        here, laid = widths_of(found.rows, self.dataflow.scans), declared_widths(ruleset.fields)
        for number, kernel in enumerate(self.kernels):
            partial = kernel.partial(base, here, laid)
            if partial.height:
                yield "partial", number, partial

    def merged(self, what: str, number: int, frames: Sequence[pl.DataFrame]) -> pl.DataFrame:
        """One table of several of a sort."""
        if what == "partial":
            return self.kernels[number].merge(frames)
        if what in ("counts", "surplus"):
            return pl.concat(frames).group_by("name").agg(pl.col("count").sum())
        return pl.concat(frames)

    def judged(
        self,
        tables: Tables,
        unread: pl.DataFrame,
        undeclared: frozenset[str],
        reading: Callable[[], Ingested],
        decider: str = "",
    ) -> Outcome:
        """Results of what all buckets gave.

        Args:
            tables: merged.
            unread: rows that could not be read, as `Read.rejected`.
            undeclared: columns nobody asked for.
            reading: gives the events as they were settled, when somebody asks.
            decider: as for `assess`.
        """
        ruleset, organisation, at = self.binding.ruleset, self.binding.organisation, self.binding.at
        cells: dict[int, Cells] = {}
        for number, kernel in enumerate(self.kernels):
            partial = tables.get(("partial", number))
            cells.update(kernel.cells(partial if partial is not None else self._nothing(number)))
        rows = tables.get(("effects", 0))
        effects = Effects() if rows is None else effects_of(rows, ruleset, at)
        said = ingest_report_of_buckets(tables, ruleset, organisation, unread, undeclared, self.files)
        return judged(self.binding, self.dataflow, self.known_at, cells, effects, reading, decider, said)

    def _nothing(self, number: int) -> pl.DataFrame:
        """The partial table of no events."""
        types = {name: dtype_of(type_.type) for name, type_ in wanted(self.binding.ruleset).fields.items()}
        schema = {**ENVELOPE, **types, "date": pl.Date(), "file": pl.UInt32(), "row": pl.UInt32()}
        base = read_by_kernels(pl.DataFrame(schema=schema), self.binding, self.dataflow, self.closures)
        return self.kernels[number].partial(base, declared_widths(self.binding.ruleset.fields))


def job_for(binding: Binding, dataflow: Dataflow, known_at: date | datetime | None) -> Job:
    """The job of what is bound; its files are added when they are known.

    Raises:
        ValueError: `known_at` is a datetime without time zone.
    """
    known_until(known_at, binding.ruleset.time_zone)  # said here, not by a bucket
    return Job(binding, dataflow, *kernels_of(binding, dataflow), known_at)


def job_of(ruleset: Ruleset, organisation: Organisation, at: date | None, known_at: date | datetime | None) -> Job:
    """The job of judging these rules at the end of day `at` (default: their last day).

    Raises:
        InputError: the organisation does not fit the rules.
        ValueError: `known_at` is a datetime without time zone.
    """
    day = at if at is not None else ruleset.end - ONE_DAY
    binding = bind(ruleset, organisation, day)
    return job_for(binding, build(ruleset, organisation, day, binding.parameters), known_at)


def linked_with(links: pl.DataFrame) -> pl.DataFrame:
    """Every identity that corrections and voids link with another: `source`, `id`, `:root`.

    `:root` is the least id among all that are linked with it, directly or not; corrections and voids stay in one source.

    Args:
        links: `source`, `id`, `corrects` and `voids` of every event that corrects or voids.
    """
    named = pl.concat([links.select("source", "id", other=how) for how in ("corrects", "voids")]).drop_nulls("other")
    ends = pl.concat([named.select("source", "id"), named.select("source", id="other")])
    identities = ends.unique().sort("source", "id")
    numbers = identities.with_row_index("at")
    pairs = named.join(numbers, on=["source", "id"]).join(
        numbers.select("source", other="id", to="at"), on=["source", "other"]
    )
    parent = list(range(identities.height))

    def root(one: int) -> int:
        while parent[one] != one:
            parent[one] = one = parent[parent[one]]
        return one

    for one, other in pairs.select("at", "to").iter_rows():
        first, second = sorted((root(one), root(other)))
        parent[second] = first
    roots = pl.Series([root(one) for one in range(len(parent))], dtype=pl.UInt32)
    return identities.with_columns(identities["id"].gather(roots).alias(":root"))


def _table(counts: Mapping[str, int]) -> pl.DataFrame:
    return pl.DataFrame(
        {"name": list(counts), "count": list(counts.values())}, schema={"name": pl.String, "count": pl.Int64}
    )
