"""Where events come from: files by their paths, rows in memory, frames."""

import glob
import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import polars as pl
from attrs import field, frozen

from ...counting.port import Read, Size, Wanted
from ...errors import InputError, Issue, Source, did_you_mean
from ...events.event import Event
from .csv import check_csv, read_csv
from .files import Opened
from .frames import parquet_schema, read_frame, read_parquet
from .ndjson import read_ndjson
from .plan import Gathered, Plan, Progress, case_plan_of, plan_of
from .size import size_of
from .xes import read_xes

__all__ = ["FORMATS", "FileEvents", "FrameEvents", "MemoryEvents", "events_from", "format_of", "row_of", "scan_events"]

FORMATS = ("ndjson", "csv", "parquet", "xes")
_ENDINGS = {".ndjson": "ndjson", ".jsonl": "ndjson", ".csv": "csv", ".parquet": "parquet", ".xes": "xes"}
_AT_FIRST = 64  # rows: where only the beginning of a file is looked at
_ALLOWED = "allowed: .ndjson, .jsonl, .csv, .xes (each also .gz) and .parquet, or say the format"


@frozen
class FileEvents:
    """Events in files, read each time they are asked for. Made by `scan_events`."""

    files: tuple[tuple[Path, str], ...]
    columns: Mapping[str, str] = field(factory=dict)
    constants: Mapping[str, str] = field(factory=dict)

    def read(self, wanted: Wanted, progress: Progress | None = None) -> Read:
        """Read all files, in the order of their names.

        Raises:
            InputError: a file cannot be read at all, or does not have the columns that are needed. What the columns of
                any of the files show is told at once, before a row is read.
        """
        gathered, cases = Gathered(plan_of(wanted, self.columns, self.constants)), case_plan_of(wanted)
        for _ in self._steps(gathered, cases, progress):
            pass
        return gathered.read(known=cases.keys if cases is not None else ())

    def parts(self, wanted: Wanted, rows: int, progress: Progress | None = None) -> Iterator[Read]:
        """What `read` gives, in parts whose rows follow one another; no more than one part is held at a time.

        Args:
            wanted: as for `read`.
            rows: about how many rows a part has at most, rejected ones included. An XES file is one part, however long.
            progress: as for `read`.

        Yields:
            Parts, one at least; the last may have no rows. `files` are in each the files begun so far, and `undeclared`
            the columns seen so far: those of the last part are those of `read`.

        Raises:
            InputError: as for `read`; for what shows only when rows are read, parts may have been given before.
        """
        gathered, cases = Gathered(plan_of(wanted, self.columns, self.constants)), case_plan_of(wanted)
        known = cases.keys if cases is not None else ()
        for _ in self._steps(gathered, cases, progress, rows):
            if gathered.height >= rows:
                part = gathered.read(known)
                gathered.drop_rows()
                yield part
        yield gathered.read(known)

    def size(self, wanted: Wanted) -> Size:
        """About how much there is to read.

        Raises:
            InputError: what is wanted cannot be (V110).
        """
        return size_of(self.files, plan_of(wanted, self.columns, self.constants))

    def _steps(
        self, gathered: Gathered, cases: Plan | None, progress: Progress | None, rows: int | None = None
    ) -> Iterator[None]:
        """Read file after file, and stop where all rows before and none behind are in `gathered`: after some `rows`."""
        if len(self.files) > 1:  # reading a single one tells all of it
            self._check(gathered.plan)
        sizes = self._sizes()
        for i, (path, form) in enumerate(self.files):
            opened = Opened(path, progress, sum(sizes[:i]), sum(sizes), rows=rows)
            if form == "ndjson":
                yield from read_ndjson(opened, gathered)
            elif form == "csv":
                yield from read_csv(opened, gathered)
            elif form == "parquet":
                yield from read_parquet(opened, gathered)
            else:
                read_xes(opened, gathered, cases)
                yield

    @property
    def bytes(self) -> int:
        """Of all files that are there."""
        return sum(self._sizes())

    def _sizes(self) -> list[int]:
        return [path.stat().st_size if path.exists() else 0 for path, _ in self.files]

    def _check(self, plan: Plan) -> None:
        """Look at the beginning of every file.

        Raises:
            InputError: some cannot be read, or do not have the columns that are needed; all of them are told.
        """
        issues: list[Issue] = []
        fine: pl.Schema | None = None  # the last one that was; most are the same
        for path, form in self.files:
            try:
                if form == "parquet":
                    schema = parquet_schema(path)
                    if schema != fine:
                        read_frame(pl.DataFrame(schema=schema), Gathered(plan), str(path))
                        fine = schema
                elif form == "csv":
                    check_csv(Opened(path, rows=_AT_FIRST), plan)
                else:
                    next(Opened(path, rows=_AT_FIRST).pieces(), b"")
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
    """Events in files; nothing is read before they are asked for.

    Args:
        paths: files, or patterns such as "events/*.ndjson", which pass over names that begin with "."; a file that
            several of them name is read once.
        columns: our name -> the file's name; goes before `records.columns` of the ruleset.
        constants: our name -> the value of every row; goes before `records.constants`.
        format: one of "ndjson", "csv", "parquet", "xes", where the names of the files do not tell.

    Raises:
        InputError: there is no such file (V101, V102), or its format is not known (V103).
    """
    issues: list[Issue] = []
    found: dict[Path, str] = {}
    if format is not None and format not in FORMATS:
        message = f"there is no format {format!r}"
        raise InputError([Issue(Source(str(format)), "V103", message, did_you_mean(format, FORMATS))])
    for given in paths:
        for path in _matching(os.fspath(given), issues):
            form = format_of(path, format)
            if form is None:
                says = f"its ending {''.join(path.suffixes)!r}" if path.suffixes else "its name, without ending,"
                issues.append(Issue(Source(str(path)), "V103", f"{says} says nothing known of the format", _ALLOWED))
            else:
                found[path] = form
    if issues:
        raise InputError(issues)
    return FileEvents(tuple(sorted(found.items())), dict(columns or {}), dict(constants or {}))


def format_of(path: Path, said: str | None = None) -> str | None:
    """One of `FORMATS`: as said, else by the ending of the name; None where that says nothing known."""
    form = said or _ENDINGS.get((path.with_suffix("") if path.suffix == ".gz" else path).suffix)
    return None if form == "parquet" and path.suffix == ".gz" else form


def _pattern_of(folder: Path) -> Path:
    """A pattern that would name files in the folder, or else below it."""
    known = [path for path in sorted(folder.rglob("*")) if path.is_file() and format_of(path) is not None]
    first = min(known, key=lambda path: path.parent != folder, default=folder / "events.ndjson")
    ending = "".join(first.suffixes[-2:]) if first.suffix == ".gz" else first.suffix
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
        gathered, own = Gathered(plan_of(wanted)), plan_of(wanted.in_our_names)
        file = gathered.begin(self.name)
        for number, given in enumerate(self.rows, start=1):
            if isinstance(given, Event):
                gathered.row(file, number, row_of(given), plan=own)
            else:
                gathered.row(file, number, given)
        return gathered.read(own.keys if any(isinstance(row, Event) for row in self.rows) else ())


def events_from(rows: Iterable[Mapping[str, object] | Event], name: str = "rows") -> MemoryEvents:
    """Events from rows in memory.

    Args:
        rows: mappings with the names that event files have (where `records.columns` says so, theirs, else ours); times as
            text or aware datetimes, numbers as int, Decimal, Fraction or float. An `Event` is taken as it is.
        name: what messages call the rows' origin.

    Raises:
        TypeError: a row is neither a mapping nor an `Event`: a fault of the program, not of an event.
    """
    taken = tuple(rows)
    for number, row in enumerate(taken, start=1):
        if not isinstance(row, Mapping | Event):
            raise TypeError(f"row {number} of {name} is a {type(row).__name__}, not a mapping or an Event")
    return MemoryEvents(taken, name)


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
        gathered = Gathered(plan_of(wanted))
        read_frame(self.frame.lazy().collect(), gathered, self.name)
        return gathered.read()
