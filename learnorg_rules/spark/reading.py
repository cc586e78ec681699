"""In the executors: rows as Spark hands them over to rows as every run reads them, by the readers that all runs share."""

import json
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from urllib.parse import unquote

import polars as pl
import pyarrow as pa
from attrs import evolve, frozen

from ..adapters.events.collector import RowCollector
from ..adapters.events.exact import Problem, Unfit, json_row
from ..adapters.events.files import PACKED, is_packed
from ..adapters.events.formats import Format
from ..adapters.events.frames import read_frame
from ..adapters.events.plan import plan_of
from ..adapters.events.sources import FileEvents
from ..counting.port import Wanted
from ..errors import InputError, Issue, Source
from .transport import Columns

__all__ = ["Batches", "Reading", "issue_of", "plain"]

AT_ONCE = 50_000  # rows of a file that a task holds
Batches = Iterable[pa.RecordBatch]


@frozen
class Reading:
    """What an executor must know to read: what is wanted, and of which files.

    `names`: what messages call each file; `numbers`: the place in `names` of a file by the name Spark has for it.
    """

    wanted: Wanted
    columns: Mapping[str, str]
    constants: Mapping[str, str]
    names: tuple[str, ...]
    numbers: Mapping[str, int]

    def rows(self, keys: tuple[str, ...], place: str | int) -> Callable[[Batches], Iterator[pa.RecordBatch]]:
        """Reads rows of columns `k0`, `k1`, ... that the source calls `keys`.

        Args:
            keys: the columns.
            place: "path" where `_file` and `_row` say where a row stands; else the number of the source, whose rows have
                no numbers.
        """

        def read(batches: Batches) -> Iterator[pa.RecordBatch]:
            out, plan = Columns.of(self.wanted), plan_of(self.wanted, self.columns, self.constants)
            for batch in batches:
                raw = pl.DataFrame(pl.from_arrow(batch))
                if not raw.height:
                    continue
                if place == "path":
                    files = raw["_file"].replace_strict(self._by_uri(raw["_file"]), return_dtype=pl.Int64)
                    numbers = raw["_row"].cast(pl.Int64) + 1
                else:
                    files = pl.Series([place], dtype=pl.Int64).new_from_index(0, raw.height)
                    numbers = pl.Series([0], dtype=pl.Int64).new_from_index(0, raw.height)
                collector = RowCollector(plan)
                given = raw.select(pl.col(f"k{i}").alias(key) for i, key in enumerate(keys))
                # A frame without columns has no rows; `plan` refuses such a source long before.
                read_frame(given, collector, "")
                found = collector.read()
                yield from out.batches(_placed(found.frame, files, numbers))
                yield from out.batches(_placed(_said(found.rejected), files, numbers))

        return read

    def lines(self, source: int) -> Callable[[Batches], Iterator[pa.RecordBatch]]:
        """Reads texts, each one event as in a line of NDJSON, from a column `value`, as messages of a queue have it."""

        def read(batches: Batches) -> Iterator[pa.RecordBatch]:
            out, plan = Columns.of(self.wanted), plan_of(self.wanted, self.columns, self.constants)
            for batch in batches:
                collector = RowCollector(plan)
                collector.begin_file("")
                for number, value in enumerate(batch.column("value").to_pylist(), start=1):
                    try:
                        given = json_row("" if value is None else value if isinstance(value, str) else value.decode())
                    except Unfit as unfit:
                        collector.reject(0, number, None, [unfit.problem])
                    except UnicodeDecodeError:
                        collector.reject(0, number, None, [Problem("V204", "the line is not UTF-8")])
                    else:
                        collector.add_row(0, number, given)
                found = collector.read()
                # Messages have no numbers that would be the same when they are read again.
                place = (pl.lit(source, dtype=pl.Int64).alias("file"), pl.lit(0, dtype=pl.Int64).alias("row"))
                yield from out.batches(found.frame.with_columns(place))
                yield from out.batches(_said(found.rejected).with_columns(place))
                undeclared = list(found.undeclared)
                yield from out.batches(
                    pl.DataFrame({"_code": ["#undeclared"] * len(undeclared), "_reason": undeclared})
                )

        return read

    def _by_uri(self, uris: pl.Series) -> dict[str, int]:
        return {uri: self.numbers[plain(uri, encoded=True)] for uri in uris.unique().to_list()}

    def contents(self, format_: Format) -> Callable[[Batches], Iterator[pa.RecordBatch]]:
        """Reads whole files of a format, from columns `path` and `content`."""

        def read(batches: Batches) -> Iterator[pa.RecordBatch]:
            for batch in batches:
                for path, content in zip(batch.column("path"), batch.column("content"), strict=True):
                    uri = path.as_py()
                    with tempfile.TemporaryDirectory() as folder:
                        # The readers look at the ending of the name, to see whether a file is compressed.
                        copy = Path(folder) / (f"events{PACKED if is_packed(uri) else ''}")
                        copy.write_bytes(content.as_buffer())
                        yield from self._file(uri, copy, format_)

        return read

    def files(self, format_: Format) -> Callable[[Batches], Iterator[pa.RecordBatch]]:
        """Reads files of a format that are on this machine, from a column `path`: they do not pass through Java."""

        def read(batches: Batches) -> Iterator[pa.RecordBatch]:
            for batch in batches:
                for path in batch.column("path").to_pylist():
                    yield from self._file(path, Path(plain(path, encoded=False)), format_)

        return read

    def _file(self, uri: str, path: Path, format_: Format) -> Iterator[pa.RecordBatch]:
        out, number = Columns.of(self.wanted), self.numbers[plain(uri, encoded=False)]
        of_file = pl.lit(number, dtype=pl.Int64).alias("file")
        undeclared: Sequence[str] = ()
        try:
            for part in FileEvents(((path, format_),), self.columns, self.constants).parts(self.wanted, AT_ONCE):
                yield from out.batches(part.frame.with_columns(of_file, pl.col("row").cast(pl.Int64)))
                yield from out.batches(_said(part.rejected).with_columns(of_file))
                undeclared = part.undeclared  # those of the last part are of all
        except InputError as error:
            said = [_issue_text(issue, str(path), self.names[number]) for issue in error.issues]
            yield from out.batches(pl.DataFrame({"_code": ["#issue"] * len(said), "_reason": said}))
            return
        yield from out.batches(pl.DataFrame({"_code": ["#undeclared"] * len(undeclared), "_reason": list(undeclared)}))


def _said(rejected: pl.DataFrame) -> pl.DataFrame:
    return rejected.rename({"code": "_code", "reason": "_reason"})


def _placed(rows: pl.DataFrame, files: pl.Series, numbers: pl.Series) -> pl.DataFrame:
    """Rows numbered in their batch, from 1, with the places they have in their files."""
    at = rows["row"].cast(pl.Int64) - 1
    return rows.with_columns(files.gather(at).alias("file"), numbers.gather(at).alias("row"))


def plain(uri: str, encoded: bool) -> str:
    """A path as Spark has it, however many slashes it writes and whichever characters it replaces."""
    if encoded:
        uri = unquote(uri)
    return "/" + uri.removeprefix("file:").lstrip("/") if uri.startswith("file:") else uri


def _issue_text(issue: Issue, copy: str, name: str) -> str:
    source = evolve(issue.source, file=name) if issue.source.file == copy else issue.source
    place = [source.file, source.line, source.column]
    return json.dumps([place, issue.code, issue.message.replace(copy, name), issue.hint])


def issue_of(text: str) -> Issue:
    """The fault that a "#issue" row tells of."""
    place, code, message, hint = json.loads(text)
    return Issue(Source(*place), code, message, hint)
