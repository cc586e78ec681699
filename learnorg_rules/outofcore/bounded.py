"""A run within a limit of memory: events in parts, cut into buckets in temporary files, counted bucket by bucket."""

import gc
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from math import isqrt

import polars as pl
from attrs import define, evolve, field, frozen

from ..counting.cells import judgements, rule_of, wanted
from ..counting.ingest import ingest
from ..counting.port import EventSource, PartedEvents, Read, Size
from ..errors import InputError, Issue, Source
from ..judging.batch import Outcome, Progress, assess_bound, bound
from ..model.kinds import kind_named
from ..model.ruleset import Ruleset
from ..org.organisation import Organisation
from .buckets import Job, job_for, linked_with
from .memory import SLACK, bytes_of, held, needed, running, shown
from .spill import Spill, see_that_there_is_room

__all__ = ["Cut", "assess"]

AT_LEAST = 50_000  # rows at once; fewer take much longer and spare little
CELL = 100  # bytes of a cell
RESULT = 600  # of a duty, or of a scorecard or one of its indicators, of one subject and period
GROUP = 200  # bytes of a row of a table by person, while it is merged
LINKS = ("source", "id", "corrects", "voids")


@frozen
class Cut:
    """How events are cut: `rows` that are handled at once, and the number of `buckets`."""

    rows: int
    buckets: int


def assess(
    ruleset: Ruleset,
    organisation: Organisation,
    events: EventSource,
    limit: int | str,
    at: date | None = None,
    known_at: date | datetime | None = None,
    progress: Progress | None = None,
    decider: str = "",
    cut: Cut | None = None,
) -> Outcome:
    """As `batch.assess`, in about `limit` of memory (as `bytes_of` reads it); where everything fits into them, it is `batch.assess`.

    `ingested` reads all events again, all at once. `cut`: how events are cut, whatever the limit says.

    Raises:
        InputError: as for `batch.assess`; or the limit is no amount (R101) or too low (R102), or there is no
            room for temporary files (R103).
        TypeError: the events cannot be read in parts.
    """
    most = bytes_of(limit)
    binding, dataflow = bound(ruleset, organisation, events, at)
    if not isinstance(events, PartedEvents):
        raise TypeError(f"events is a {type(events).__name__}; a limit of memory needs those of scan_events(...)")
    asked = wanted(ruleset)
    gc.collect()  # results that nobody has any more
    size = events.size(asked)
    job = job_for(binding, dataflow, known_at)
    results = _results(job, size.rows)
    if cut is None and needed(size) + results <= most:
        with running(results + size.rows * size.width):
            return assess_bound(binding, dataflow, events, known_at, progress, decider)
    cut = cut or _cut_of(size, results, most, limit)
    see_that_there_is_room(size.rows * size.width // 2)  # they are compressed, most to a third
    with running(results):
        with Spill() as spill:
            cutting, telling = _Cutting(spill, cut), _Telling(progress)
            for part in events.parts(asked, cut.rows, telling.read if progress else None):
                cutting.take(part)
                job, undeclared = evolve(job, files=part.files), part.undeclared  # those of the last part are of all
            tables, telling.rows = _Tables(job), sum(spill.rows.values())
            for frame in cutting.buckets():
                tables.take(frame)
                telling.counted(frame.height)
        unread = pl.concat(cutting.unread)
        reading = lambda: ingest(events.read(asked), ruleset, organisation, known_at)  # noqa: E731
        return job.judged(tables.merged, unread, frozenset(undeclared), reading, decider)


def _cut_of(size: Size, results: int, limit: int, given: int | str) -> Cut:
    """How to cut so that what is held at once stays within the limit, beside the results, whose bytes are given.

    Args:
        size: of the events.
        results: bytes.
        limit: bytes.
        given: the limit as it was written.

    Raises:
        InputError: no cut does (R102).
    """
    # Of a part there are what is read, its columns, and those cut by bucket with their bytes; of a bucket there is less.
    row = 2 * size.text + 4 * size.widest
    besides = held() + SLACK + results
    # Of a part every bucket should get some hundred rows, or files are mostly headers.
    rows, least = (limit - besides) // max(1, row), max(min(AT_LEAST, size.rows), isqrt(100 * size.rows), size.at_once)
    if rows < least:
        what = f"these rules, this organisation and about {size.rows:,} events"
        hint = f"the least is about {shown(min(needed(size) + results, besides + least * row))}"
        hint += f", of which {shown(held())} are held by the process already"
        plain = str(given).strip().isdigit()
        if plain and limit < 1 << 20:
            hint = f"did you mean '{limit}MiB'? {hint}"
        said = f"{shown(limit) if plain else given} is too little for {what}"
        raise InputError([Issue(Source("memory"), "R102", said, hint)])
    return Cut(rows, -(-size.rows * 5 // (rows * 4)))


def _results(job: Job, rows: int) -> int:
    """About the bytes of all tables, cells and results."""
    persons = len(job.binding.organisation.persons)
    found = 0
    for kernel in job.kernels:
        scan = kernel.scan
        subjects = persons if kernel.closure is None else len(kernel.closure.names)
        cells = sum(subjects * len(job.dataflow.schedules[query.schedule].periods) for query in scan.queries)
        groups = min(rows, persons * kernel.atoms.table.height) if scan.key.by_person else 0
        found += cells * CELL + groups * GROUP
    return found + _judged(job) * RESULT


def _judged(job: Job) -> int:
    """About how many results there will be, with their parts."""
    found = 0
    for node in job.dataflow.rules:
        rule = rule_of(job.binding.ruleset, node)
        part = kind_named(node.kind).part
        each = 1 if part is None else 1 + len(list(part.ids(rule)))
        found += each * judgements(job.binding, job.dataflow, node)
    return found


@define
class _Telling:
    """Tells how far a run is whose events are read twice: from their files, then from the buckets. `rows` are in these."""

    progress: Progress | None
    rows: int = 0
    size: int = 0
    done: int = 0

    def read(self, done: int, size: int) -> None:
        """So many bytes of all are read from the files."""
        assert self.progress is not None
        self.size = size
        self.progress(done, 2 * size)

    def counted(self, rows: int) -> None:
        """So many rows more are counted."""
        self.done += rows
        if self.progress is not None and self.rows:
            self.progress(self.size + self.size * self.done // self.rows, 2 * self.size)


@define
class _Tables:
    """What the buckets counted so far gave."""

    job: Job
    merged: dict[tuple[str, int], pl.DataFrame] = field(factory=dict)

    def take(self, frame: pl.DataFrame) -> None:
        """Count the rows of a bucket."""
        for what, number, table in self.job.bucket(frame):
            there = self.merged.get((what, number))
            self.merged[what, number] = table if there is None else self.job.merged(what, number, [there, table])


@define
class _Cutting:
    """Rows on their way into buckets. Which identities are linked is known when all have been read."""

    spill: Spill
    cut: Cut
    unread: list[pl.DataFrame] = field(factory=list)
    links: list[pl.DataFrame] = field(factory=list)

    def take(self, part: Read) -> None:
        """Put the rows of a part into their buckets."""
        self.unread.append(part.rejected)
        linking = pl.col("corrects").is_not_null() | pl.col("voids").is_not_null()
        self.links.append(part.frame.lazy().filter(linking).select(LINKS).collect())
        self.spill.add(part.frame, _hash("id") % self.cut.buckets)

    def buckets(self) -> Iterator[pl.DataFrame]:
        """The rows of every bucket, but of linked identities; then those, in buckets of their own."""
        linked = linked_with(pl.concat(self.links))
        numbers = [piece for number in sorted(self.spill.rows) for piece in self._pieces(number)]
        if not linked.height:
            for number in numbers:
                yield self.spill.take(number)
            return
        first, into = max(numbers) + 1, -(-linked.height // self.cut.rows)
        for number in numbers:
            yield self._without(linked, number, first + _hash(":root") % into)
        for number in sorted(self.spill.rows):
            yield self.spill.take(number).drop(":root")

    def _without(self, linked: pl.DataFrame, number: int, bucket: pl.Expr) -> pl.DataFrame:
        """The rows of a bucket, but of linked identities, which are put into others."""
        rows = self.spill.take(number)
        self.spill.add(rows.join(linked, on=["source", "id"]), bucket)
        return rows.join(linked, on=["source", "id"], how="anti")

    def _pieces(self, number: int) -> Sequence[int]:
        """The bucket; where more rows came than were expected, the buckets it is cut into."""
        into = self.spill.rows[number] // (2 * self.cut.rows) + 1
        if into == 1:
            return [number]
        first = max(self.spill.rows) + 1
        for frame in self.spill.frames(number):
            self.spill.add(frame, first + _hash("id") // self.cut.buckets % into)
        self.spill.drop(number)
        return [piece for piece in range(first, first + into) if piece in self.spill.rows]


def _hash(name: str) -> pl.Expr:
    """By what a row is put into a bucket: its source, and its id or that of its root."""
    return pl.struct("source", name).hash()
