"""The state behind a `Stream`: batches go in, results come out of it, and it survives the process.

The state is a folder. It holds every row that came, and tables of what those rows give that nothing else can change. Rows
that something else can change, because a correction or a void links them or because their identity came with several
contents, are *linked*: they are counted anew, all together, whenever results are wanted. When rows that were counted
become linked, the bucket they are in is counted anew without them. docs/design/decisions/0014-spark.md says why.
"""

import json
import os
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path

import polars as pl
import pyarrow as pa
from attrs import evolve, field, frozen
from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F  # noqa: N812 - what everyone calls it

from ..adapters.events.plan import plan_of
from ..counting.cells import wanted
from ..counting.ingest_report import Tables
from ..counting.port import Read, Wanted
from ..errors import Issues
from ..judging.batch import Outcome
from ..live.plain import digest
from ..model.ruleset import Ruleset
from ..org.organisation import Organisation
from ..outofcore.buckets import job_of
from .buckets import by_bucket, in_partition
from .codes import refuse
from .reading import Reading
from .run import bucketed, computed, judged, merge
from .session import end_of_java_told, session
from .sources import Found, chosen, keys_of, literal, refuse_columns
from .transport import PAYLOAD, Columns, payloads

__all__ = ["StreamState"]

STREAM = "stream"  # what messages call the rows' origin
TABLES = f"{PAYLOAD}, bucket bigint"
_NOT_CONTENT = ("source", "id", "recorded_at", "file", "row", "_code", "_reason")


@frozen
class _State:
    """What was kept with a batch.

    Attributes:
        batch: its number; -1 before the first.
        since: by bucket, the batch from which on its tables hold; those of earlier ones were replaced.
        undeclared: columns that came and nobody asked for.
    """

    batch: int = -1
    since: Mapping[int, int] = field(factory=dict)
    undeclared: frozenset[str] = frozenset()


class StreamState:
    """One state and what goes into it. `Stream` says what its methods take and give."""

    def __init__(
        self,
        ruleset: Ruleset,
        organisation: Organisation,
        folder: Path,
        at: date | None,
        columns: Mapping[str, str],
        constants: Mapping[str, str],
        buckets: int,
    ) -> None:
        self.folder = folder
        self._job = evolve(job_of(ruleset, organisation, at, None), files=(STREAM,))
        self._wanted = wanted(ruleset)
        self._given = (dict(columns), dict(constants))
        self._columns = Columns.of(self._wanted)
        self._state = _State()
        self._spark: SparkSession = session()
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)  # it holds events, which name people
        about = evolve(ruleset, folder="", warnings=()), organisation.nodes, organisation.edges, organisation.versions
        self._begin(digest(*about, self._job.binding.at, *self._given), buckets)

    def _begin(self, mark: str, buckets: int) -> None:
        about = self.folder / "about.json"
        if about.exists():
            said = json.loads(about.read_text())
            if said["mark"] != mark:
                message = "holds the state of other rules, another organisation or another day"
                raise refuse(str(self.folder), "K105", message, "open it with those, or begin in a new folder")
            buckets = said["buckets"]
        else:
            _write(about, {"mark": mark, "buckets": buckets})
        self.buckets = buckets
        kept = max((int(p.stem) for p in (self.folder / "kept").glob("*.json")), default=-1)
        if kept >= 0:
            said = json.loads(self._kept(kept).read_text())
            since = {int(bucket): batch for bucket, batch in said["since"].items()}
            self._state = _State(kept, since, frozenset(said["undeclared"]))

    @property
    def batch(self) -> int:
        """The number of the last batch that was kept; -1: none was."""
        return self._state.batch

    # ---- in

    def take(self, frame: DataFrame, batch: int) -> bool:
        """Keep one batch; False where it was kept before."""
        if batch <= self._state.batch:
            return False
        if batch != self._state.batch + 1:
            message = f"batch {batch} came, expected {self._state.batch + 1}"
            raise refuse(str(self.folder), "K106", message, "use the checkpoint and the folder that were used together")
        self._read(frame).write.mode("overwrite").parquet(_uri(self._rows(batch)))
        # From here on what was written is read, so that each step may fail and be done again.
        new = self._rows_of(range(batch, batch + 1)).where(self._named("_code").isNull())
        self._newly_linked(new, batch).write.mode("overwrite").parquet(_uri(self._linked(batch)))
        again = self._again(batch)
        self._counted(new, batch, again).write.mode("overwrite").parquet(_uri(self._tables(batch)))
        since = {**self._state.since, **dict.fromkeys(again, batch)}
        self._keep(_State(batch, since, self._state.undeclared | self._undeclared(frame)))
        return True

    def _keep(self, state: _State) -> None:
        """What was written for a batch holds from here on. Until then none of it does, and the batch can come again."""
        _write(self._kept(state.batch), {"since": state.since, "undeclared": sorted(state.undeclared)})
        self._state = state

    def _read(self, frame: DataFrame) -> DataFrame:
        """The rows as every run reads them, with the bucket of each."""
        plan = plan_of(self._wanted, *self._given)
        reading = Reading(self._wanted, *self._given, (STREAM,), {})
        if frame.columns == ["value"]:
            rows = frame.mapInArrow(reading.lines(0), self._columns.ddl)
        else:
            issues = Issues()
            refuse_columns(frame, (), plan, STREAM, issues)
            issues.raise_errors()
            keys = keys_of(plan, frame)
            rows = frame.select(*chosen(keys, ())).mapInArrow(reading.rows(keys, 0), self._columns.ddl)
        number = F.pmod(F.hash(self._named("source"), self._named("id")), F.lit(self.buckets))
        return rows.withColumn("bucket", number.cast("bigint"))

    def _undeclared(self, frame: DataFrame) -> set[str]:
        asked = plan_of(self._wanted, *self._given).keys
        return set() if frame.columns == ["value"] else set(frame.columns) - set(asked)

    def _named(self, name: str) -> Column:
        return F.col(self._columns.spark(name))

    def _newly_linked(self, new: DataFrame, batch: int) -> DataFrame:
        """The identities that are linked because of new rows."""
        linking = new.where(self._named("corrects").isNotNull() | self._named("voids").isNotNull())
        source, id_ = self._identity()
        found = linking.select(source, id_)
        for how in ("corrects", "voids"):
            found = found.unionAll(linking.where(self._named(how).isNotNull()).select(source, self._named(how)))
        earlier, known = self._events(batch), self._all_linked(batch)
        if earlier is not None:
            mine = new.select(source, id_, self._content("said"))
            theirs = earlier.select(source, id_, self._content("before"))
            differ = ~F.col("said").eqNullSafe(F.col("before"))
            found = found.unionAll(mine.join(theirs, ["source", "id"]).where(differ).select("source", "id"))
        return found.distinct() if known is None else found.distinct().join(known, ["source", "id"], "left_anti")

    def _again(self, batch: int) -> list[int]:
        """The buckets in which rows of earlier batches were counted that are linked now."""
        earlier = self._events(batch)
        if earlier is None:
            return []
        linked = F.broadcast(self._read_linked([batch]))
        counted = earlier.select(*self._identity(), "bucket").join(linked, ["source", "id"], "left_semi")
        return sorted(row["bucket"] for row in counted.select("bucket").distinct().collect())

    def _identity(self) -> tuple[Column, Column]:
        return self._named("source").alias("source"), self._named("id").alias("id")

    def _content(self, name: str) -> Column:
        """All a row says of the happening; of two such, nulls are equal too."""
        columns = (self._named(one) for one in self._columns.types if one not in _NOT_CONTENT)
        return F.struct(*columns).alias(name)

    def _counted(self, new: DataFrame, batch: int, again: list[int]) -> DataFrame:
        """The tables of new rows that nothing links and that are no resends; of buckets to count anew, of all their rows."""
        rows = self._by_link(new, batch + 1, "left_anti").where(~F.col("bucket").isin(again))
        earlier = self._events(batch)
        resends = None
        if earlier is not None:
            # What came before with the same content; with another it would be linked.
            seen = earlier.select(*self._identity())
            same = (self._named("source") == F.col("source")) & (self._named("id") == F.col("id"))
            resends = rows.join(seen, same, "left_semi").select("bucket").mapInArrow(_resends, TABLES)
            rows = rows.join(seen, same, "left_anti")
        if again:
            everything = self._events(batch + 1)
            assert everything is not None
            anew = everything.where(F.col("bucket").isin(again))
            rows = rows.unionAll(self._by_link(anew, batch + 1, "left_anti"))
        tables = rows.repartition(self.buckets, "bucket").mapInArrow(by_bucket(self._job, self._columns), TABLES)
        found = tables if resends is None else tables.unionAll(resends)
        return found.withColumn("batch", F.lit(batch))

    def _by_link(self, rows: DataFrame, end: int, how: str) -> DataFrame:
        linked = self._read_linked(range(end))
        same = (self._named("source") == F.col("source")) & (self._named("id") == F.col("id"))
        return rows.join(F.broadcast(linked), same, how)

    # ---- out

    @end_of_java_told()
    def finalise(self, at: date | None, known_at: date | datetime | None) -> Outcome:
        """Results at the end of a day, by all that was kept."""
        binding = self._job.binding
        day = at or binding.at
        found = self._found()
        rejected, undeclared = found.row_report()
        undeclared |= self._state.undeclared
        if day == binding.at and known_at is None:
            return judged(self._job, self._merged(found), rejected, undeclared, self.read)
        job = evolve(job_of(binding.ruleset, binding.organisation, day, known_at), files=(STREAM,))
        return judged(job, computed(self._spark, found, job, self.buckets), rejected, undeclared, self.read)

    def _merged(self, found: Found) -> Tables:
        if self.batch < 0:
            return {}
        paths = [literal(str(self._tables(n))) for n in range(self.batch + 1)]
        tables = self._spark.read.schema(f"{TABLES}, batch int").parquet(*paths)
        for bucket, batch in self._state.since.items():
            tables = tables.where((F.col("bucket") != bucket) | (F.col("batch") >= batch))
        linked = evolve(found, rows=self._by_link(found.events, self.batch + 1, "left_semi"))
        anew = bucketed(self._spark, linked, self.buckets).mapInArrow(in_partition(self._job, self._columns), PAYLOAD)
        return merge(tables.select("what", "number", "payload").unionAll(anew), self._job, self.buckets)

    def read(self, wanted: Wanted) -> Read:
        """All rows that were kept, brought to this process."""
        found = self._found()
        rejected, undeclared = found.row_report()
        frame = self._columns.frame(found.events.toArrow()).drop("_code", "_reason").sort("source", "id")
        return Read(frame, rejected, frame.height + rejected.height, (STREAM,), tuple(sorted(undeclared)))

    def _found(self) -> Found:
        if self.batch < 0:
            rows = self._spark.createDataFrame([], self._columns.ddl)
        else:
            rows = self._rows_of(range(self.batch + 1)).drop("bucket")
        return Found(rows, self._columns, (STREAM,), frozenset())

    # ---- files of the state

    def _rows(self, batch: int) -> Path:
        return self.folder / "rows" / f"{batch}"

    def _linked(self, batch: int) -> Path:
        return self.folder / "linked" / f"{batch}"

    def _tables(self, batch: int) -> Path:
        return self.folder / "tables" / f"{batch}"

    def _kept(self, batch: int) -> Path:
        return self.folder / "kept" / f"{batch}.json"

    def _rows_of(self, batches: range) -> DataFrame:
        return self._spark.read.schema(f"{self._columns.ddl}, bucket bigint").parquet(
            *(literal(str(self._rows(n))) for n in batches)
        )

    def _events(self, end: int) -> DataFrame | None:
        """The events of the batches before one; None before the first."""
        return self._rows_of(range(end)).where(self._named("_code").isNull()) if end else None

    def _all_linked(self, end: int) -> DataFrame | None:
        return self._read_linked(range(end)) if end else None

    def _read_linked(self, batches: Sequence[int]) -> DataFrame:
        return self._spark.read.schema("source string, id string").parquet(
            *(literal(str(self._linked(n))) for n in batches)
        )


def _resends(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Counts rows that came before, by bucket."""
    for batch in batches:
        for bucket, number in Counter(batch.column("bucket").to_pylist()).items():
            table = pl.DataFrame({"name": ["read", "duplicate"], "count": [number, number]})
            for found in payloads([("counts", 0, table)]):
                yield found.append_column("bucket", pa.array([bucket], pa.int64()))


def _uri(path: Path) -> str:
    """The path on the mounted file system, whatever Spark takes a path without scheme for."""
    return f"file:{path}"


def _write(path: Path, said: Mapping[str, object]) -> None:
    """Write a small file so that it is there whole or not at all, and stays."""
    path.parent.mkdir(mode=0o700, exist_ok=True)
    part = path.with_suffix(".part")
    with part.open("w") as out:
        json.dump(said, out)
        out.flush()
        os.fsync(out.fileno())
    part.replace(path)
