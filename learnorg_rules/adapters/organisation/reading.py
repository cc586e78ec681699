"""Organisations from files: rows of units, bodies, persons, edges and attributes become an `Organisation`."""

import os
from collections.abc import Mapping
from pathlib import Path

from ...errors import Issues, Source
from ...org.columns import Records
from ...org.organisation import Organisation
from ...uncollected import uncollected
from .columns import ColumnRecorder
from .files import files_of, rows_of
from .naming import Naming
from .rows import Row
from .single import RowRecorder
from .writing import write_org

__all__ = ["CODES", "read_org", "write_org"]

CODES: Mapping[str, tuple[str, str]] = {
    "O120": (
        "nearly a known column",
        "A warning: a column that is nearly one of those with a meaning was taken as an attribute. Rename it if it was "
        "misspelt.",
    ),
    "O121": ("not read", "A warning: a key of a JSON file, or a name given in `columns`, that nothing was read from."),
    "O130": ("no such file or folder", "The path of the organisation leads nowhere."),
    "O131": ("an empty folder", "The folder of the organisation has no file that could be read."),
    "O132": (
        "a file that does not belong",
        "Everything in an organisation folder is read, so that a misspelt name cannot lose half of the organisation. "
        "Hidden files are left alone.",
    ),
    "O133": ("cannot be read", "The file is not UTF-8, or breaks the rules of its format from this place on."),
    "O134": (
        "cells and columns do not match",
        "A row of a CSV file has as many cells as its first line has columns, of which there are at most 10,000.",
    ),
    "O135": ("something is missing", "A row lacks a column it cannot do without."),
    "O136": ("not a date", "Days are written 2005-01-31."),
    "O137": ("the wrong shape", "A list, map or text stands where something else is expected."),
    "O138": ("unknown key", "The key has no meaning here, and nothing is left unread in silence."),
    "O139": ("twice", "Two columns or keys say the same thing."),
}
"""Code -> title and explanation, for the page of errors."""

_UNREAD = ("O130", "O131", "O132", "O133")  # something was not read, and its columns are not known


def read_org(
    path: str | os.PathLike[str], columns: Mapping[str, str] | None = None, *, at_once: int = 1 << 17
) -> Organisation:
    """The organisation written in a folder, or in one file.

    Args:
        path: a folder with files `units`, `bodies`, `persons`, `edges`, `attributes` (CSV, JSON or YAML, several of
            each allowed: `units-2.csv`), or one file; see the reference page on organisation files.
        columns: how the files name what has a meaning here or in the rules: our name -> the file's name.
        at_once: how many characters of CSV and JSON are read together; 0 reads row by row, to the same end, slowly.

    Returns:
        The organisation; its `warnings` say what was unusual in the files. Attributes are texts, or numbers and truth values where
        JSON has them, until the reader of rules types them.

    Raises:
        InputError: all errors of the files and of their contents, with file and line.
    """
    issues = Issues()
    files = files_of(Path(path), issues)
    records, naming = Records(), Naming(columns or {}, issues)
    single, columnar = RowRecorder(records, naming, issues), ColumnRecorder(records, naming)
    with uncollected():
        for file in files:
            for section, read in rows_of(file, issues, at_once):
                if isinstance(read, Row):
                    single.take(section, read)
                elif not columnar.take(section, read):
                    for row in read.rows:
                        single.take(section, row)
        if not any(issue.code in _UNREAD for issue in issues.found):
            naming.finish(Source(str(path)))
        if not files or (issues.errors and not records.nodes):
            issues.raise_errors()  # no further errors: why there are no nodes is among these
        return Organisation.of_records(records, [str(file) for file in files], issues)
