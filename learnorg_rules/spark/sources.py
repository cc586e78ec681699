"""Reading events with Spark: files on any file system it knows, and tables by name."""

import json
import os
import re
from collections.abc import Callable, Sequence
from pathlib import Path

import polars as pl
from attrs import frozen
from py4j.protocol import Py4JError
from pyspark.errors import AnalysisException, PySparkException
from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F  # noqa: N812 - what everyone calls it
from pyspark.sql.pandas.types import to_arrow_schema

from ..adapters.events.collector import RowCollector
from ..adapters.events.formats import FORMATS, Format, format_of
from ..adapters.events.frames import read_frame
from ..adapters.events.plan import ReadPlan, case_plan_of, missing_columns, plan_of
from ..counting.port import REJECTED, Read, Wanted
from ..errors import InputError, Issue, Issues, Source
from .codes import MEMORY, refuse
from .origins import REMOTE, Origins
from .reading import Reading, issue_of, plain
from .transport import Columns

__all__ = ["Found", "brought", "chosen", "keys_of", "literal", "opened", "refuse_columns"]

SPARK_READS = "parquet"  # the format whose files Spark reads itself; of the others each is read by one task
LARGEST_FILE = 2**31 - 1  # bytes of a file that Spark hands over as a whole, however much memory there is
COPIES = 7  # of such a file that Java holds at once: with 1 GiB 150 MB were handed over, and 200 MB were not
_UNKNOWN = re.compile(r"^  optional int32 (.+?) \(UNKNOWN\)", re.MULTILINE)
_NANOS = re.compile(r"^  \w+ int64 (.+?) \(TIMESTAMP\(NANOS", re.MULTILINE)


@frozen
class Found:
    """Rows as they were read, in Spark, and what is known of them on the driver.

    Attributes:
        rows: the columns of `transport.Columns`, those that are no events included.
        names: what messages call each source, by `file` of a row.
        undeclared: columns nobody asked for, of sources whose columns are known before they are read.
    """

    rows: DataFrame
    columns: Columns
    names: tuple[str, ...]
    undeclared: frozenset[str]

    def where(self, name: str) -> Column:
        """One of our columns."""
        return F.col(self.columns.spark(name))

    @property
    def events(self) -> DataFrame:
        """The rows that are events."""
        return self.rows.where(self.where("_code").isNull())

    def row_report(self) -> tuple[pl.DataFrame, frozenset[str]]:
        """The rows that could not be read, as `Read.rejected`, and all columns nobody asked for. Everything is read for it.

        Raises:
            InputError: a file is refused.
        """
        found = self.columns.frame(self.rows.where(self.where("_code").isNotNull()).toArrow())
        told = found.filter(pl.col("_code").str.starts_with("#"))
        issues = [issue_of(text) for text in told.filter(pl.col("_code") == "#issue")["_reason"]]
        if issues:
            raise InputError(issues)
        undeclared = self.undeclared.union(told["_reason"].to_list())
        rejected = found.filter(~pl.col("_code").str.starts_with("#")).sort("file", "row", "id", "_code", "_reason")
        files = pl.Series(self.names, dtype=pl.String).gather(rejected["file"])
        # A table has no numbers of rows.
        row = pl.when(pl.col("row") > 0).then(pl.col("row"))
        said = rejected.select(files.alias("file"), row.alias("row"), "id", code="_code", reason="_reason")
        return said.cast(pl.Schema(REJECTED)), undeclared


def brought(spark: SparkSession, origins: Origins, wanted: Wanted) -> Read:
    """Everything, read with Spark and brought to this process.

    Raises:
        InputError: a source cannot be read, or does not have the columns that are needed.
    """
    found = opened(spark, origins, wanted)
    rejected, undeclared = found.row_report()
    frame = found.columns.frame(found.events.toArrow()).drop("_code", "_reason").sort("file", "row", "source", "id")
    return Read(frame, rejected, frame.height + rejected.height, found.names, tuple(sorted(undeclared)))


def opened(spark: SparkSession, origins: Origins, wanted: Wanted) -> Found:
    """What Spark would read, nothing of it read yet but the schemas.

    Raises:
        InputError: as for `brought`, for whatever shows before rows are read.
    """
    plan = plan_of(wanted, origins.columns, origins.constants)
    files = _files(spark, origins)
    names = (*(name for _, name, _ in files), *origins.tables)
    numbers = {uri: number for number, (uri, _, _) in enumerate(files)}
    reading = Reading(wanted, origins.columns, origins.constants, names, numbers)
    cases = case_plan_of(wanted)
    asked = {*plan.keys, *(cases.keys if cases is not None else ())}
    issues = Issues()
    parts: list[tuple[DataFrame, Callable[..., object]]] = []
    undeclared: set[str] = set()
    parquet = [file for file in files if file[2].name == SPARK_READS]
    for paths, unknown in _by_schema(spark, parquet, issues).items():
        frame = _parquet(spark, [uri for uri, _ in paths])
        for name in (name for _, name in paths):
            refuse_columns(frame, unknown[0], plan, name, issues)
        undeclared |= set(frame.columns) - asked
        keys = keys_of(plan, frame)
        place = (F.col("_metadata.file_path").alias("_file"), F.col("_metadata.row_index").alias("_row"))
        placed = frame.select(*chosen(keys, unknown[0]), *place)
        parts.append((placed, reading.rows(keys, "path")))
    for number, table in enumerate(origins.tables, start=len(files)):
        frame = _table(spark, table)
        refuse_columns(frame, (), plan, table, issues)
        undeclared |= set(frame.columns) - asked
        keys = keys_of(plan, frame)
        parts.append((frame.select(*chosen(keys, ())), reading.rows(keys, number)))
    for format_ in FORMATS:
        of_format = [uri for uri, _, its in files if its == format_ and its.name != SPARK_READS]
        here, elsewhere = ([uri for uri in of_format if bool(REMOTE.match(uri)) == far] for far in (False, True))
        if here:
            parts.append((_whole(spark, here).select("path"), reading.files(format_)))
        if elsewhere:
            whole = _whole(spark, elsewhere)
            _refuse_large(whole, _largest(spark), reading, issues)
            parts.append((whole.select("path", "content"), reading.contents(format_)))
    issues.raise_errors()
    out = Columns.of(wanted)
    rows = None
    for frame, read in parts:
        typed = frame.mapInArrow(read, out.ddl)
        rows = typed if rows is None else rows.unionAll(typed)
    if rows is None:
        rows = spark.createDataFrame([], out.ddl)
    return Found(rows, out, names, frozenset(undeclared))


def _files(spark: SparkSession, origins: Origins) -> list[tuple[str, str, Format]]:
    """(what Spark calls it, what messages call it, format) of every file, in the order of the names."""
    found: dict[str, tuple[str, Format]] = {}
    for path, format_ in origins.files.files if origins.files is not None else ():
        found["file:" + os.path.abspath(path)] = (str(path), format_)
    for given, wanted_form in origins.remote:
        try:
            reader = spark.read.format("binaryFile").option("recursiveFileLookup", "true")
            uris = [plain(uri, encoded=True) for uri in reader.load(given).inputFiles()]
        except (AnalysisException, PySparkException) as error:
            raise refuse(given, "K102", f"cannot be listed: {_first_line(error)}") from None
        if not uris:
            raise refuse(given, "V102", "no file matches the pattern")
        local = _formats(uris, wanted_form)
        found.update({_uri(uri): (uri, format_) for uri, format_ in local.items()})
    return [(plain(uri, encoded=False), name, its) for uri, (name, its) in sorted(found.items(), key=_by_name)]


def _by_name(entry: tuple[str, tuple[str, Format]]) -> Path:
    return Path(entry[1][0])


def _uri(path: str) -> str:
    return path if REMOTE.match(path) else f"file:{path}"


def _formats(uris: Sequence[str], name: str | None) -> dict[str, Format]:
    """The format of each file: the one of this name, else the one its suffix stands for.

    Raises:
        InputError: nothing says (V103).
    """
    found: dict[str, Format] = {}
    issues: list[Issue] = []
    for uri in uris:
        format_ = format_of(Path(uri), name)
        if format_ is None:
            issues.append(Issue(Source(uri), "V103", "its name says nothing known of the format", "say the format"))
        else:
            found[uri] = format_
    if issues:
        raise InputError(issues)
    return found


# ---- Parquet and tables: what can be refused by the columns is refused before a row is read


def _by_schema(
    spark: SparkSession, files: Sequence[tuple[str, str, Format]], issues: Issues
) -> dict[tuple[tuple[str, str], ...], tuple[tuple[str, ...]]]:
    """Files whose schemas are the same, as ((what Spark calls it, what messages do), ...), with their columns of nulls.

    Spark takes one schema for all files it reads at once, so files that differ are read apart.
    """
    jvm = spark._jvm
    assert jvm is not None
    conf = spark._jsc.hadoopConfiguration()
    found: dict[str, list[tuple[str, str]]] = {}
    for uri, name, _ in files:
        try:
            path = jvm.org.apache.hadoop.fs.Path(uri if REMOTE.match(uri) else f"file:{uri}")
            opened = jvm.org.apache.parquet.hadoop.util.HadoopInputFile.fromPath(path, conf)
            reader = jvm.org.apache.parquet.hadoop.ParquetFileReader.open(opened)
            meta = reader.getFooter().getFileMetaData()
            said = meta.getKeyValueMetaData().get("org.apache.spark.sql.parquet.row.metadata")
            schema = f"{meta.getSchema().toString()}\n{said}"
            reader.close()
        except Py4JError as error:
            issues.error(Source(name), "V104", f"cannot be read as Parquet: {_first_line(error)}")
            continue
        nanos = _NANOS.findall(schema)
        for column in nanos:
            issues.error(
                Source(name), "K103", f"column '{column}' has times in nanoseconds", "write them with microseconds"
            )
        if not nanos:
            found.setdefault(schema, []).append((uri, name))
    return {tuple(paths): (tuple(_UNKNOWN.findall(schema)),) for schema, paths in found.items()}


def _parquet(spark: SparkSession, uris: Sequence[str]) -> DataFrame:
    # Days are the same days for whoever wrote the file; Spark would refuse those before 1582 otherwise.
    reader = spark.read.format("parquet").option("datetimeRebaseMode", "CORRECTED")
    return reader.option("int96RebaseMode", "CORRECTED").load([literal(uri) for uri in uris])


def literal(uri: str) -> str:
    """The path, with the signs that Spark would take for a pattern taken as they are."""
    escaped = re.sub(r"([\\*?\[\]{}])", r"\\\1", uri)
    return escaped if REMOTE.match(uri) else f"file:{escaped}"


def _table(spark: SparkSession, name: str) -> DataFrame:
    try:
        return spark.table(name)
    except (AnalysisException, PySparkException) as error:
        raise refuse(name, "K102", f"cannot be read: {_first_line(error)}") from None


def keys_of(plan: ReadPlan, frame: DataFrame) -> tuple[str, ...]:
    """The columns of a frame that are read."""
    return tuple(key for key in plan.keys if key in frame.columns)


def chosen(keys: Sequence[str], unknown: Sequence[str]) -> list[Column]:
    """Columns under names that have no capitals and no dots: `k0`, `k1`, ...; nulls for those of no type."""
    return [
        (F.lit(None) if key in unknown else F.col(f"`{key.replace('`', '``')}`")).alias(f"k{i}")
        for i, key in enumerate(keys)
    ]


def refuse_columns(frame: DataFrame, unknown: Sequence[str], plan: ReadPlan, name: str, issues: Issues) -> None:
    """Take note of columns that are missing or of a wrong type: what the reader says of them on no rows at all."""
    schema = to_arrow_schema(frame.select(*chosen(keys_of(plan, frame), unknown)).schema, timezone="UTC")
    none = pl.DataFrame(pl.from_arrow(schema.empty_table()))
    try:
        missing_columns(name, plan, frame.columns)
        read_frame(none.rename({f"k{i}": key for i, key in enumerate(keys_of(plan, frame))}), RowCollector(plan), name)
    except InputError as error:
        issues.found.extend(error.issues)


def _whole(spark: SparkSession, uris: Sequence[str]) -> DataFrame:
    return spark.read.format("binaryFile").load([literal(uri) for uri in uris])


def _largest(spark: SparkSession) -> int:
    """About the bytes of a file that Spark can hand over as a whole in the memory that its tasks have."""
    context = spark.sparkContext
    inner = spark._jsc.sc()
    if inner.isLocal():
        assert spark._jvm is not None
        heap: int = spark._jvm.java.lang.Runtime.getRuntime().maxMemory()
        tasks = context.defaultParallelism
    else:
        heap = inner.executorMemory() << 20
        tasks = int(context.getConf().get("spark.executor.cores") or 1)
    largest: int = heap // tasks // COPIES
    return min(LARGEST_FILE, largest)


def _refuse_large(files: DataFrame, largest: int, reading: Reading, issues: Issues) -> None:
    for row in files.where(F.col("length") > largest).select("path", "length").collect():
        name = reading.names[reading.numbers[plain(row["path"], encoded=False)]]
        what = f"has {row['length']:,} bytes, expected at most {largest:,} in the memory that each task of Spark has"
        hint = f"cut it into several, write Parquet, or give Spark more memory ({MEMORY})"
        issues.error(Source(name), "K104", what, hint)


def _first_line(error: Exception) -> str:
    java = getattr(error, "java_exception", None)
    text = str(java.getMessage() if java is not None else error) or type(error).__name__
    return json.dumps(text.splitlines()[0], ensure_ascii=False).strip('"')
