"""The register of event formats. A new format is one module with the functions named here, and one entry in `FORMATS`."""

from collections.abc import Callable, Iterator
from pathlib import Path

from attrs import field, frozen

from ...errors import InputError, Issue, Source, did_you_mean
from .collector import RowCollector
from .csv import csv_checker, read_csv, sample_csv
from .files import PACKED, OpenFile, is_packed, readability_checker
from .ndjson import read_ndjson, sample_ndjson
from .parquet import parquet_checker, read_parquet, sample_parquet
from .plan import ReadPlan
from .sampling import Sample
from .xes import read_xes, sample_xes

__all__ = ["ALLOWED_SUFFIXES", "FORMATS", "Format", "check_format_name", "format_of"]


@frozen
class Format:
    """A format of event files.

    Attributes:
        name: what `scan_events(..., format=)` calls it.
        suffixes: how the names of such files end, compression aside.
        read: adds the rows of one file to the collector, step by step: after each step the collector has all rows up to
            some place of the file and none behind it. Raises `InputError` where the file cannot be read at all.
        checker: takes the plan and returns a function that looks at the beginning of a file and reads no row. That
            function raises the `InputError` that `read` would raise for the file's columns.
        sample: looks at some rows of a file, for the estimate of its size. May raise `OSError`, `PolarsError` and
            `zlib.error`; the file then counts as empty, and `read` reports the fault.
        packable: whether such files may be compressed with gzip.
        at_once: whether a file is read in one step, however long it is.
    """

    name: str
    suffixes: tuple[str, ...] = field(repr=False)
    read: Callable[[OpenFile, RowCollector], Iterator[None]] = field(repr=False)
    checker: Callable[[ReadPlan], Callable[[OpenFile], None]] = field(repr=False)
    sample: Callable[[Path, ReadPlan], Sample] = field(repr=False)
    packable: bool = field(default=True, repr=False)
    at_once: bool = field(default=False, repr=False)


FORMATS: tuple[Format, ...] = (
    Format("ndjson", (".ndjson", ".jsonl"), read_ndjson, readability_checker, sample_ndjson),
    Format("csv", (".csv",), read_csv, csv_checker, sample_csv),
    Format("parquet", (".parquet",), read_parquet, parquet_checker, sample_parquet, packable=False),
    Format("xes", (".xes",), read_xes, readability_checker, sample_xes, at_once=True),
)


def _suffixes(packable: bool) -> str:
    return ", ".join(suffix for format_ in FORMATS if format_.packable == packable for suffix in format_.suffixes)


ALLOWED_SUFFIXES = f"{_suffixes(True)} (each also {PACKED}) and {_suffixes(False)}"


def format_of(path: Path, name: str | None = None) -> Format | None:
    """The format of a file: the one of this name, else the one its suffix stands for.

    Returns:
        None where the suffix stands for no format, or where the file is compressed and its format cannot be.
    """
    packed = is_packed(path)
    suffix = (path.with_suffix("") if packed else path).suffix
    for format_ in FORMATS:
        if format_.name == name if name is not None else suffix in format_.suffixes:
            return None if packed and not format_.packable else format_
    return None


def check_format_name(name: str | None) -> None:
    """Refuse a name that is none of a format; None is fine.

    Raises:
        InputError: there is no such format (V103).
    """
    names = [format_.name for format_ in FORMATS]
    if name is not None and name not in names:
        message = f"there is no format {name!r}"
        raise InputError([Issue(Source(str(name)), "V103", message, did_you_mean(name, names))])
