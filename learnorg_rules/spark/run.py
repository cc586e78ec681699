"""One run on Spark: read, cut into buckets, computed in the executors, judged on the driver."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from functools import cached_property

import polars as pl
from attrs import define, evolve, field, frozen
from pyspark import StorageLevel
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F  # noqa: N812 - what everyone calls it

from ..adapters.events import FileEvents
from ..api import Result
from ..dataflow.build import build
from ..engine.batch import decider_for, kernels_of, read_by_kernels, wanted
from ..engine.bench import Bench
from ..engine.binding import bind
from ..engine.effects import Effects, effects_of
from ..engine.evaluation import Evaluation
from ..engine.ingest import COUNTS, ingest, refusals, surplus_notes
from ..engine.judging import Judging
from ..engine.kernel import Cells
from ..engine.port import ENVELOPE, REJECTED, EventSource, dtype_of
from ..events.event import known_until
from ..model.ruleset import Ruleset
from ..org.organisation import Organisation
from ..periods import ONE_DAY
from .buckets import Job, groups, merged, roots
from .session import session
from .sources import Found, SparkEvents
from .transport import PAYLOAD

__all__ = ["SparkResult", "Tables", "assess", "bucketed", "computed", "job_of", "judged", "merge"]

Tables = Mapping[tuple[str, int], pl.DataFrame]
"""What the buckets gave, merged: by what it is and the family it is of."""


@define(slots=False, repr=False)
class SparkResult(Result):
    """What one run on Spark found. `ingested`, and with it `why`, bring the events to this process; nothing else does."""

    beside: "Beside" = field(kw_only=True)

    @cached_property
    def counts(self) -> Mapping[str, int]:
        """Events by what became of them."""
        return self.beside.counts

    @property
    def rejected(self) -> pl.DataFrame:
        """Events kept aside: file, row, id, code, reason."""
        return self.beside.rejected

    @property
    def notes(self) -> Sequence[str]:
        """Findings about the events as a whole, for people."""
        return self.beside.notes


@frozen
class Beside:
    """What a run says of its events, beside its results."""

    counts: Mapping[str, int]
    rejected: pl.DataFrame
    notes: Sequence[str]


def assess(
    rules: Ruleset,
    org: Organisation,
    events: object,
    at: date | None = None,
    known_at: date | datetime | None = None,
    decider: str = "",
    master: str = "",
) -> Result:
    """Judge every rule as `learnorg_rules.assess` does, the events read and counted by Spark.

    Raises:
        InputError: as for `learnorg_rules.assess`; or Spark does not start (K101).
        TypeError: the events are neither of `scan_events` nor of `spark_events`.
    """
    if isinstance(events, FileEvents):
        events = SparkEvents(events, columns=events.columns, constants=events.constants)
    if not isinstance(events, SparkEvents):
        raise TypeError(
            f"events is a {type(events).__name__}; Spark reads those of scan_events(...) or spark_events(...)"
        )
    source = events
    job = job_of(rules, org, at, known_at)
    spark = session(master)
    found = source.open(spark, wanted(rules))
    kept = evolve(found, rows=found.rows.persist(StorageLevel.MEMORY_AND_DISK))
    try:
        rejected, undeclared = kept.beside()
        number = source.buckets or max(spark.sparkContext.defaultParallelism, found.rows.rdd.getNumPartitions())
        tables = computed(spark, kept, evolve(job, files=kept.names), number)
    finally:
        kept.rows.unpersist()
    return judged(evolve(job, files=kept.names), tables, rejected, undeclared, source, decider)


def job_of(rules: Ruleset, org: Organisation, at: date | None, known_at: date | datetime | None) -> Job:
    """What executors must know; the files are added when they are known.

    Raises:
        ValueError: `known_at` is a datetime without time zone.
    """
    known_until(known_at, rules.time_zone)  # said here, not by an executor
    day = at if at is not None else rules.end - ONE_DAY
    binding = bind(rules, org, day)
    dataflow = build(rules, org, day, binding.parameters)
    kernels, closures = kernels_of(binding, dataflow)
    return Job(binding, dataflow, kernels, closures, known_at, ())


def computed(spark: SparkSession, found: Found, job: Job, number: int) -> Tables:
    """What the events give in this many buckets, merged in the executors, then here."""
    return merge(bucketed(spark, found, number).mapInArrow(job.judge(found.columns), PAYLOAD), job, number)


def merge(parts: DataFrame, job: Job, number: int) -> Tables:
    """Tables of many buckets merged, those of one family by one task of at most `number`, and brought here."""
    merging = min(number, len(job.kernels) + 1)
    rows = parts.repartition(merging, "what", "number").mapInArrow(job.merge, PAYLOAD).collect()
    given = groups((row["what"], row["number"], bytes(row["payload"])) for row in rows)
    return {key: merged(job.kernels, *key, frames) for key, frames in given.items()}


def bucketed(spark: SparkSession, found: Found, number: int) -> DataFrame:
    """The events, so that all of one identity, and all that corrections and voids link, are in one partition."""
    source, id_ = found.where("source"), found.where("id")
    names = ("source", "id", "corrects", "voids")
    linking = found.events.where(found.where("corrects").isNotNull() | found.where("voids").isNotNull())
    links = linking.select(*(found.where(name).alias(name) for name in names)).distinct().collect()
    if not links:
        return found.events.repartition(number, source, id_)
    rows = [(*identity, root) for identity, root in roots(tuple(link) for link in links).items()]
    table = spark.createDataFrame(rows, "_source string, _id string, _root string")
    joined = found.events.join(F.broadcast(table), (source == F.col("_source")) & (id_ == F.col("_id")), "left")
    bucket = joined.repartition(number, source, F.coalesce(F.col("_root"), id_))
    return bucket.drop("_source", "_id", "_root")


# ---- on the driver


def judged(
    job: Job,
    tables: Tables,
    rejected: pl.DataFrame,
    undeclared: frozenset[str],
    events: EventSource,
    decider: str = "",
) -> SparkResult:
    """Results of what the executors gave, by the judging that all runs share."""
    binding, dataflow = job.binding, job.dataflow
    ruleset, organisation, at = binding.ruleset, binding.organisation, binding.at
    cells: dict[int, Cells] = {}
    for number, kernel in enumerate(job.kernels):
        partial = tables.get(("partial", number))
        cells.update(kernel.cells(partial if partial is not None else _nothing(job, number)))
    evaluation = Evaluation(binding, dataflow, cells)
    deciding = tables.get(("effects", 0))
    effects = Effects() if deciding is None else effects_of(deciding, ruleset, at)
    judging = Judging(Bench(binding, dataflow, evaluation, effects), decider_for(ruleset, decider))
    judging.run()
    beside = _beside(job, tables, rejected, undeclared)
    reading = lambda: ingest(events.read(wanted(ruleset)), ruleset, organisation, job.known_at)  # noqa: E731
    return SparkResult(ruleset, organisation, at, job.known_at, dataflow, evaluation, judging, reading, beside=beside)


def _nothing(job: Job, number: int) -> pl.DataFrame:
    """The partial table of no events."""
    types = {name: dtype_of(type_.type) for name, type_ in wanted(job.binding.ruleset).fields.items()}
    schema = {**ENVELOPE, **types, "date": pl.Date(), "file": pl.UInt32(), "row": pl.UInt32()}
    base = read_by_kernels(pl.DataFrame(schema=schema), job.binding, job.dataflow, job.closures)
    return job.kernels[number].partial(base, wide=True).collect()


def _beside(job: Job, tables: Tables, unread: pl.DataFrame, undeclared: frozenset[str]) -> Beside:
    ruleset = job.binding.ruleset
    found = _counts(tables, "counts")
    counts = {"read": found.get("read", 0) + unread.height, **{name: found.get(name, 0) for name in COUNTS}}
    counts["rejected"] += unread.height
    counts["counted"] = found.get("counted", 0)
    counts["outside"] = counts["accepted"] - counts["counted"]
    refused = tables.get(("refused", 0))
    settled = tables.get(("rejected", 0))
    parts = [unread, *([] if settled is None else [settled]), *([] if refused is None else [_said(refused, job)])]
    rejected = _in_order(pl.concat(parts), job.files) if len(parts) > 1 else unread
    live = counts["accepted"] + (0 if refused is None else refused.height)
    notes = ["no event counts"] if not live and found.get("read", 0) else []
    notes += surplus_notes(_surplus(ruleset, _counts(tables, "surplus")))
    notes += [f"column '{name}' is not declared and was not read" for name in sorted(undeclared)]
    return Beside(counts, rejected, tuple(notes))


def _counts(tables: Tables, what: str) -> dict[str, int]:
    table = tables.get((what, 0))
    return {} if table is None else dict(table.iter_rows())


def _surplus(ruleset: Ruleset, found: Mapping[str, int]) -> dict[tuple[str, str], int]:
    """By kind and field, in the order of the ruleset, in which one frame would give them."""
    names = ("person", *ruleset.fields)
    pairs = ((kind, name) for kind in ruleset.events for name in dict.fromkeys(names))
    return {pair: found["\n".join(pair)] for pair in pairs if "\n".join(pair) in found}


def _said(refused: pl.DataFrame, job: Job) -> pl.DataFrame:
    """What is said of rows that rules or organisation refuse, as one run over all of them says it.

    Which unknown names get a hint depends on all unknown names, which no bucket knows.
    """
    said = refusals(refused, job.binding.ruleset, job.binding.organisation)
    found = [said[i] for i in range(refused.height)]
    names = pl.Series(job.files, dtype=pl.String).gather(refused["file"])
    codes, reasons = pl.Series("code", [f[0] for f in found]), pl.Series("reason", [f[1] for f in found])
    return refused.select(names.alias("file"), "row", "id", codes, reasons).cast(pl.Schema(REJECTED))


def _in_order(rejected: pl.DataFrame, files: tuple[str, ...]) -> pl.DataFrame:
    """By file and row; of rows without numbers, by what they say."""
    order = {name: i for i, name in enumerate(files)}
    place = rejected["file"].replace_strict(order, default=len(order), return_dtype=pl.UInt32)
    numbered = rejected.with_columns(place.alias("_file"), pl.when(pl.col("row") > 0).then(pl.col("row")))
    return numbered.sort("_file", "row", "code", "id", "reason").drop("_file")
