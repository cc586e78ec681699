"""One run on Spark: read, cut into buckets, computed in the executors, judged on the driver."""

from collections.abc import Callable
from datetime import date, datetime
from functools import partial

import polars as pl
from attrs import evolve
from pyspark import StorageLevel
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F  # noqa: N812 - what everyone calls it

from ..counting.cells import wanted
from ..counting.ingest import ingest
from ..counting.ingest_report import Tables
from ..counting.port import Read, Wanted
from ..judging.batch import Outcome
from ..model.ruleset import Ruleset
from ..org.organisation import Organisation
from ..outofcore.buckets import Job, job_of, linked_with
from .buckets import groups, in_partition, merging
from .origins import Origins
from .session import end_of_java_told, session
from .sources import Found, brought, opened
from .transport import PAYLOAD

__all__ = ["assess", "bucketed", "computed", "judged", "merge"]


def assess(
    ruleset: Ruleset,
    organisation: Organisation,
    origins: Origins,
    at: date | None = None,
    known_at: date | datetime | None = None,
    decider: str = "",
    buckets: int = 0,
    master: str = "",
) -> Outcome:
    """Judge every rule as `batch.assess` does, the events read and counted by Spark.

    Args:
        ruleset: from `load`.
        organisation: from `read_org`.
        origins: of the events.
        at: the day judged; default: the last day of the rules.
        known_at: events recorded later are not looked at.
        decider: as for `batch.assess`.
        buckets: into how many parts the events are cut; 0: as many as they were read in.
        master: where Spark is started if there is no session.

    Raises:
        InputError: as for `batch.assess`; or Spark does not start (K101), or ends while it works (K107).
    """
    job = job_of(ruleset, organisation, at, known_at)
    spark = session(master)
    with end_of_java_told():
        found = opened(spark, origins, wanted(ruleset))
        # In the memory of Java rows would leave too little for the rest: with 1 GiB ten million of them ended Spark.
        kept = evolve(found, rows=found.rows.persist(StorageLevel.DISK_ONLY))
        try:
            rejected, undeclared = kept.row_report()
            number = buckets or max(spark.sparkContext.defaultParallelism, found.rows.rdd.getNumPartitions())
            tables = computed(spark, kept, evolve(job, files=kept.names), number)
        finally:
            kept.rows.unpersist()
    reading = partial(brought, spark, origins)
    return judged(evolve(job, files=kept.names), tables, rejected, undeclared, reading, decider)


def computed(spark: SparkSession, found: Found, job: Job, number: int) -> Tables:
    """What the events give in this many buckets, merged in the executors, then here."""
    return merge(bucketed(spark, found, number).mapInArrow(in_partition(job, found.columns), PAYLOAD), job, number)


def merge(parts: DataFrame, job: Job, number: int) -> Tables:
    """Tables of many buckets merged, those of one family by one task of at most `number`, and brought here."""
    tasks = min(number, len(job.kernels) + 1)
    rows = parts.repartition(tasks, "what", "number").mapInArrow(merging(job), PAYLOAD).collect()
    given = groups((row["what"], row["number"], bytes(row["payload"])) for row in rows)
    return {key: job.merged(*key, frames) for key, frames in given.items()}


def bucketed(spark: SparkSession, found: Found, number: int) -> DataFrame:
    """The events, so that all of one identity, and all that corrections and voids link, are in one partition."""
    source, id_ = found.where("source"), found.where("id")
    names = ("source", "id", "corrects", "voids")
    linking = found.events.where(found.where("corrects").isNotNull() | found.where("voids").isNotNull())
    given = linking.select(*(found.where(name).alias(name) for name in names)).distinct()
    links = pl.DataFrame(pl.from_arrow(given.toArrow()))
    if not links.height:
        return found.events.repartition(number, source, id_)
    rows = linked_with(links).rows()
    table = spark.createDataFrame(rows, "_source string, _id string, _root string")
    joined = found.events.join(F.broadcast(table), (source == F.col("_source")) & (id_ == F.col("_id")), "left")
    bucket = joined.repartition(number, source, F.coalesce(F.col("_root"), id_))
    return bucket.drop("_source", "_id", "_root")


def judged(
    job: Job,
    tables: Tables,
    rejected: pl.DataFrame,
    undeclared: frozenset[str],
    read: Callable[[Wanted], Read],
    decider: str = "",
) -> Outcome:
    """Results of what the executors gave. `ingested`, and with it `why`, read the events into this process; nothing else does."""
    ruleset, organisation = job.binding.ruleset, job.binding.organisation
    reading = lambda: ingest(read(wanted(ruleset)), ruleset, organisation, job.known_at)  # noqa: E731
    return job.judged(tables, rejected, undeclared, reading, decider)
