"""CSV files of an organisation as rows."""

import csv
import io
import itertools
from collections.abc import Callable, Iterator, Sequence

from ...errors import Issues, Source
from ...sheets import text_of
from ...texts import separator_of
from .rows import Batch, LinePlaces, Row

__all__ = ["csv_rows"]

COLUMNS = 10_000  # of a file
_LINE = 64  # characters, about


def csv_rows(
    data: bytes, file: str, section: str | None, issues: Issues, at_once: int
) -> Iterator[tuple[str, Row | Batch]]:
    """The rows of a CSV file in UTF-8, all of one section.

    Where each of the next lines is one row, about `at_once` characters of them come in one batch.
    """
    assert section is not None  # by the name of the file
    return ((section, row) for row in _rows(data, file, issues, at_once))


def _rows(data: bytes, file: str, issues: Issues, at_once: int) -> Iterator[Row | Batch]:
    lines = io.TextIOWrapper(io.BytesIO(data), "utf-8-sig", newline="")
    reader = csv.reader(lines, strict=True)
    texts = _texts if b"'" in data else list[str]
    line = 0
    try:
        header = next((texts(cells) for cells in reader if cells), None)
        if header is None:
            issues.error(Source(file), "O133", "the file is empty", "the first line names the columns")
            return
        if not _is_header(header, Source(file, reader.line_num), issues):
            return
        line = reader.line_num
        while ahead := list(itertools.islice(lines, max(1, at_once // _LINE))):
            if batch := _batch(ahead, header, file, line, texts) if at_once else None:
                yield batch
                line += len(ahead)
                continue
            before, reader = line, csv.reader(itertools.chain(ahead, lines), strict=True)
            for cells in reader:  # a row may take more lines than those ahead
                source, line = Source(file, line + 1), before + reader.line_num
                if len(cells) == len(header):
                    yield Row({column: cell for column, cell in zip(header, texts(cells), strict=True) if cell}, source)
                elif cells:
                    few = "a cell that is empty still needs its comma"
                    many = "a text with a comma in it stands in quotes"
                    message = f"{len(cells)} cells for {len(header)} columns"
                    issues.error(source, "O134", message, few if len(cells) < len(header) else many)
                if reader.line_num >= len(ahead):
                    break
    except csv.Error as error:
        issues.error(
            Source(file, line + 1), "O133", f"no CSV from here on: {error}", "look for a quote without its other"
        )


def _batch(
    lines: Sequence[str], header: Sequence[str], file: str, before: int, texts: Callable[[list[str]], list[str]]
) -> Batch | None:
    """The lines as columns; None where some line is not exactly one row."""
    try:
        rows = [texts(cells) for cells in csv.reader(lines, strict=True)]
    except csv.Error:
        return None
    if len(rows) != len(lines) or set(map(len, rows)) != {len(header)}:
        return None
    places = LinePlaces(file, before + 1, len(rows))
    columns: dict[str, Sequence[object]] = {}
    for column, cells in zip(header, zip(*rows, strict=True), strict=True):
        if "" not in cells:
            columns[column] = cells
        elif any(cells):
            columns[column] = [cell or None for cell in cells]
    return Batch(
        columns,
        places,
        (
            Row({column: cell for column, cell in zip(header, cells, strict=True) if cell}, places[i])
            for i, cells in enumerate(rows)
        ),
    )


def _texts(cells: list[str]) -> list[str]:
    return [text_of(cell) for cell in cells]


def _is_header(header: list[str], source: Source, issues: Issues) -> bool:
    good = True
    between = separator_of(header[0]) if len(header) == 1 else ""
    if between:
        hint = "save the file with commas between cells, and numbers with points"
        issues.error(source, "O133", f"{between} stand between the names of the columns, expected commas", hint)
        return False
    if len(header) > COLUMNS:
        issues.error(
            source, "O134", f"the header names more than {COLUMNS:,} columns", "leave out what no rule asks for"
        )
        return False
    for i, column in enumerate(header):
        if not column:
            issues.error(source, "O134", f"column {i + 1} has no name")
            good = False
        elif column in header[:i]:
            issues.error(source, "O139", f"there are two columns '{column}'")
            good = False
    return good
