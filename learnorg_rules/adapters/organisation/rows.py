"""What is read of an organisation's files: single rows, and batches of rows in columns.

A row maps a column to a text, a number or truth value of JSON, a list or a map; what is empty is not in it.
"""

import re
from array import array
from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence

from attrs import field, frozen

from ...errors import Source
from ...org.pieces import Made

__all__ = [
    "NAME", "NODE_KIND", "RESERVED", "SECTIONS", "SHORTHAND", "Batch", "LinePlaces", "Row", "TextPlaces", "as_text",
]  # fmt: skip

SECTIONS = ("units", "bodies", "persons", "edges", "attributes")
RESERVED: Mapping[str, tuple[str, ...]] = {
    "units": ("id", "name", "level", "parent", "party_parent", "from", "to"),
    "bodies": ("id", "name", "part_of", "hosted_by", "from", "to"),
    "persons": ("id", "name", "unit", "from", "to"),
    "edges": ("kind", "source", "target", "from", "to"),
    "attributes": ("node", "name", "value", "from", "to"),
}
NODE_KIND = {"units": "unit", "bodies": "body", "persons": "person"}
# Column -> the edge kind, and whether the row's own node is its source
SHORTHAND: Mapping[str, Mapping[str, tuple[str, bool]]] = {
    "units": {"parent": ("part_of", True), "party_parent": ("party_part_of", True)},
    "bodies": {"part_of": ("part_of", True), "hosted_by": ("hosts", False)},
    "persons": {"unit": ("member_of", True)},
}
NAME = re.compile(r"name(?:\.(.+)|_([a-z]{2}))")


@frozen
class Row:
    """One row. `places` holds the places of single cells where the format has them."""

    values: Mapping[str, object]
    source: Source
    places: Mapping[str, Source] = field(factory=dict)

    def place(self, column: str) -> Source:
        """Where the cell stands, else the row."""
        return self.places.get(column, self.source)


@frozen(eq=False)
class Batch:
    """Many rows of one section. Every cell is a text, a number, a truth value or a map.

    Attributes:
        columns: column -> its cells, None where a row has none. No column is empty; their order is that of every row.
        places: the place of each row.
        rows: the same rows one by one; can be iterated only once.
    """

    columns: Mapping[str, Sequence[object]]
    places: Sequence[Source]
    rows: Iterable[Row]


class LinePlaces(Made[Source]):
    """The places of rows of one line each."""

    def __init__(self, file: str, first: int, size: int) -> None:
        self.file, self.first, self.size = file, first, size

    def __len__(self) -> int:
        return self.size

    def _at(self, index: int) -> Source:
        return Source(self.file, self.first + index)


class TextPlaces(Made[Source]):
    """The places of rows in a stretch of text.

    Attributes:
        start: where the stretch begins.
        offsets: where in it each row begins.
        breaks: where in it a line ends.
    """

    def __init__(self, start: Source, offsets: "array[int]", breaks: "array[int]") -> None:
        self.start, self.offsets, self.breaks = start, offsets, breaks

    def __len__(self) -> int:
        return len(self.offsets)

    def _at(self, index: int) -> Source:
        offset = self.offsets[index]
        line = bisect_left(self.breaks, offset)
        column = offset - self.breaks[line - 1] if line else self.start.column + offset
        return Source(self.start.file, self.start.line + line, column)


def as_text(value: object) -> str:
    """A value of a cell as the text that reads back as it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return "nothing" if value is None else str(value)
