"""Where events come from: files by their paths, rows in memory, frames."""

import glob
import os
from collections.abc import Iterable, Iterator, Mapping
from operator import itemgetter
from pathlib import Path

import polars as pl
from attrs import field, frozen

from ...counting.port import Read, Size, Wanted
from ...errors import InputError, Issue, Source, did_you_mean
from ...events.event import Event
from .collector import RowCollector
from .files import FIRST_ROWS, OpenFile, Progress, is_packed
from .formats import ALLOWED_SUFFIXES, FORMATS, Format, check_format_name, format_of
from .frames import read_frame
from .plan import ReadPlan, case_plan_of, plan_of
from .size import size_of

__all__ = ["FileEvents", "FrameEvents", "MemoryEvents", "events_from", "row_of", "scan_events"]

_ALLOWED = f"allowed: {ALLOWED_SUFFIXES}, or say the format"


@frozen
class FileEvents:
    """Events in files, read each time they are asked for. Made by `scan_events`."""

    files: tuple[tuple[Path, Format], ...]
    columns: Mapping[str, str] = field(factory=dict)
    constants: Mapping[str, str] = field(factory=dict)

    def read(self, wanted: Wanted, progress: Progress | None = None) -> Read:
        """Read all files, in the order of their names.

        Raises:
            InputError: a file cannot be read at all, or does not have the columns that are needed. Whatever the
                beginnings of the files show is raised together, before a row is read.
        """
        collector = self._collector(wanted)
        for _ in self._steps(collector, progress):
            pass
        return collector.read()

    def parts(self, wanted: Wanted, rows: int, progress: Progress | None = None) -> Iterator[Read]:
        """What `read` returns, in parts whose rows follow one another; no more than one part is held at a time.

        Args:
            wanted: as for `read`.
            rows: about how many rows a part has at most, rejected ones included. A file whose format is read at once
                is one part, however long.
            progress: as for `read`.

        Yields:
            Parts, one at least; the last may have no rows. `files` are in each the files begun so far, and `undeclared`
            the columns seen so far: those of the last part are those of `read`.

        Raises:
            InputError: as for `read`; parts may have been given before where a fault shows only when rows are read.
        """
        collector = self._collector(wanted)
        for _ in self._steps(collector, progress, rows):
            if collector.height >= rows:
                part = collector.read()
                collector.drop_rows()
                yield part
        yield collector.read()

    def size(self, wanted: Wanted) -> Size:
        """About how much there is to read.

        Raises:
            InputError: what is wanted cannot be (V110).
        """
        return size_of(self.files, plan_of(wanted, self.columns, self.constants))

    def _collector(self, wanted: Wanted) -> RowCollector:
        return RowCollector(plan_of(wanted, self.columns, self.constants), case_plan_of(wanted))

    def _steps(self, collector: RowCollector, progress: Progress | None, rows: int | None = None) -> Iterator[None]:
        """Read file after file; after each step, of about `rows` rows, the collector has all rows up to some place."""
        if len(self.files) > 1:  # the faults of a single file show when it is read
            self._check(collector.plan)
        sizes = self._sizes()
        before, total = 0, sum(sizes)
        for (path, format_), size in zip(self.files, sizes, strict=True):
            yield from format_.read(OpenFile(path, progress, before, total, rows=rows), collector)
            before += size

    @property
    def bytes(self) -> int:
        """Of all files that exist."""
        return sum(self._sizes())

    def _sizes(self) -> list[int]:
        return [path.stat().st_size if path.exists() else 0 for path, _ in self.files]

    def _check(self, plan: ReadPlan) -> None:
        """Look at the beginning of every file.

        Raises:
            InputError: the faults of all files that cannot be read, or do not have the columns that are needed.
        """
        issues: list[Issue] = []
        checks = {format_.name: format_.checker(plan) for format_ in FORMATS}
        for path, format_ in self.files:
            try:
                checks[format_.name](OpenFile(path, rows=FIRST_ROWS))
            except InputError as error:
                issues += error.issues
        if issues:
            raise InputError(issues)


def scan_events(
    *paths: str | os.PathLike[str],
    columns: Mapping[str, str] | None = None,
    constants: Mapping[str, str] | None = None,
    format: str | None = None,  # noqa: A002 - the word every reader of files uses
) -> FileEvents:
    """Events in files, which are read when a run needs them.

    Args:
        paths: files, or patterns such as "events/*.ndjson", which pass over names that begin with "."; a file that
            several of them name is read once.
        columns: our name -> the file's name; goes before `records.columns` of the ruleset.
        constants: our name -> the value of every row; goes before `records.constants`.
        format: the name of one of the `FORMATS`, such as "ndjson", where the names of the files do not show it.

    Raises:
        InputError: there is no such file (V101, V102), or its format is not known (V103).
    """
    issues: list[Issue] = []
    files: dict[Path, Format] = {}
    check_format_name(format)
    for given in paths:
        for path in _matching(os.fspath(given), issues):
            format_ = format_of(path, format)
            if format_ is None:
                says = f"its ending {''.join(path.suffixes)!r}" if path.suffixes else "its name, without ending,"
                issues.append(Issue(Source(str(path)), "V103", f"{says} says nothing known of the format", _ALLOWED))
            else:
                files[path] = format_
    if issues:
        raise InputError(issues)
    return FileEvents(tuple(sorted(files.items(), key=itemgetter(0))), dict(columns or {}), dict(constants or {}))


def _pattern_of(folder: Path) -> Path:
    """A pattern that would name files in the folder, or else below it."""
    known = [path for path in sorted(folder.rglob("*")) if path.is_file() and format_of(path) is not None]
    first = min(known, key=lambda path: path.parent != folder, default=folder / "events.ndjson")
    ending = "".join(first.suffixes[-2:]) if is_packed(first) else first.suffix
    return folder / f"*{ending}" if first.parent == folder else folder / "**" / f"*{ending}"


def _matching(given: str, issues: list[Issue]) -> list[Path]:
    path = Path(given)
    if path.is_file():
        return [path]
    if path.is_dir():
        hint = f"name its files, such as '{_pattern_of(path)}'"
        issues.append(Issue(Source(given), "V101", "this is a folder, expected files", hint))
        return []
    if glob.has_magic(given):
        files = [Path(name) for name in sorted(glob.glob(given, recursive=True)) if Path(name).is_file()]
        if not files:
            issues.append(Issue(Source(given), "V102", "no file matches the pattern"))
        return files
    near = [p.name for p in sorted(path.parent.iterdir()) if p.is_file()] if path.parent.is_dir() else []
    issues.append(Issue(Source(given), "V101", "there is no such file", did_you_mean(path.name, near)))
    return []


@frozen
class MemoryEvents:
    """Events as rows in memory: mappings as in a file, or `Event`s. Rows are numbered from 1."""

    rows: tuple[Mapping[str, object] | Event, ...]
    name: str = "rows"

    def read(self, wanted: Wanted, progress: Progress | None = None) -> Read:
        """Read all rows."""
        collector, own = RowCollector(plan_of(wanted)), plan_of(wanted.in_our_names)
        file = collector.begin_file(self.name)
        for number, given in enumerate(self.rows, start=1):
            if isinstance(given, Event):
                collector.add_row(file, number, row_of(given), plan=own)
            else:
                collector.add_row(file, number, given)
        return collector.read(own.keys if any(isinstance(row, Event) for row in self.rows) else ())


def events_from(rows: Iterable[Mapping[str, object] | Event], name: str = "rows") -> MemoryEvents:
    """Events from rows in memory.

    Args:
        rows: mappings with the names that event files have (where `records.columns` says so, theirs, else ours); times as
            text or aware datetimes, numbers as int, Decimal, Fraction or float. An `Event` is taken as it is.
        name: what messages call the rows.

    Raises:
        TypeError: a row is neither a mapping nor an `Event`: a fault of the program, not of an event.
    """
    if isinstance(rows, Mapping | Event | str):
        raise TypeError(f"{name} is a {type(rows).__name__}, not a list of mappings or Events")
    all_rows = tuple(rows)
    for number, row in enumerate(all_rows, start=1):
        if not isinstance(row, Mapping | Event):
            raise TypeError(f"row {number} of {name} is a {type(row).__name__}, not a mapping or an Event")
    return MemoryEvents(all_rows, name)


def row_of(event: Event) -> Mapping[str, object]:
    """The event as a row, with our names."""
    return {
        **event.fields,
        "id": event.id,
        "source": event.source,
        "kind": event.kind,
        "unit": event.unit,
        "person": event.person,
        "occurred_at": event.occurred_at,
        "recorded_at": event.recorded_at,
        "corrects": event.corrects,
        "voids": event.voids,
    }


@frozen
class FrameEvents:
    """Events as rows of a Polars frame, lazy or not, with the types of a Parquet file. Rows are numbered from 1."""

    frame: pl.DataFrame | pl.LazyFrame = field(eq=False)
    name: str = "frame"

    def read(self, wanted: Wanted, progress: Progress | None = None) -> Read:
        """Read all rows.

        Raises:
            InputError: a column is missing (V108), or has a wrong type (V106, V107).
        """
        collector = RowCollector(plan_of(wanted))
        read_frame(self.frame.lazy().collect(), collector, self.name)
        return collector.read()
