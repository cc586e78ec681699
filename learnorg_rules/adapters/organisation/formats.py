"""The register of organisation formats. A new format is one module with a function as below, and one entry in `FORMATS`."""

from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

from attrs import field, frozen

from ...errors import Issues
from .csv import csv_rows
from .json import json_rows
from .rows import Batch, Row
from .yaml import yaml_rows

__all__ = ["FORMATS", "SUFFIXES", "Format", "format_of"]


class Rows(Protocol):
    """Reads the rows of one file."""

    def __call__(
        self, data: bytes, file: str, section: str | None, issues: Issues, at_once: int
    ) -> Iterator[tuple[str, Row | Batch]]:
        """The rows of a file, each with the section it belongs to.

        Args:
            data: what the file holds; it is UTF-8, perhaps with a byte order mark.
            file: what issues call the file.
            section: the section that the name of the file says; None where it says none.
            issues: receives what is wrong with the file; rows that are right are given all the same.
            at_once: about how many characters to give as one `Batch`; 0 for none. A format may give none at all.
        """
        ...


@frozen
class Format:
    """A format of organisation files.

    Attributes:
        name: what messages call it.
        suffixes: how the names of such files end.
        rows: reads the rows of a file.
        one_section: whether all rows of a file are of one section, which the file's name has to say.
    """

    name: str
    suffixes: tuple[str, ...]
    rows: Rows = field(repr=False)
    one_section: bool = False


FORMATS: tuple[Format, ...] = (
    Format("CSV", (".csv",), csv_rows, one_section=True),
    Format("JSON", (".json",), json_rows),
    Format("YAML", (".yaml", ".yml"), yaml_rows),
)

SUFFIXES = tuple(suffix for format_ in FORMATS for suffix in format_.suffixes)


def format_of(path: Path) -> Format | None:
    """The format that the suffix of a file stands for; None where it stands for none."""
    return next((format_ for format_ in FORMATS if path.suffix in format_.suffixes), None)
