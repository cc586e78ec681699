"""The names that columns of an organisation's files have in the library."""

import difflib
from collections.abc import Mapping

from ...errors import Issues, Source, did_you_mean, nearest
from ...texts import nfc
from .rows import NODE_KIND, RESERVED

__all__ = ["Naming"]

_NEAR = 0.75  # below it, words such as `rank` and `name` would be taken for one another


class Naming:
    """Our name for each column, and warnings about names."""

    def __init__(self, columns: Mapping[str, str], issues: Issues) -> None:
        self.issues = issues
        self._columns = {nfc(ours): nfc(theirs) for ours, theirs in columns.items()}
        self._ours = {theirs: ours for ours, theirs in self._columns.items()}
        self._read: set[str] = set()  # columns of files that `columns` renamed
        self._named: dict[tuple[str, str], str] = {}
        self._warned: set[tuple[str, str, str]] = set()

    def name(self, section: str, column: str) -> str:
        """Our name for a column of this section's files that is not empty."""
        known = self._named.get((section, column))
        if known is not None:
            return known
        name, reserved = column, RESERVED[section]
        if column in self._ours:
            # `columns: {level: kind}` is about units; it leaves the `kind` of an edge alone.
            ours = self._ours[column]
            if ours in reserved or (section in NODE_KIND and column not in reserved):
                name = ours
                self._read.add(column)
        self._named[section, column] = name
        return name

    def near_miss(self, section: str, name: str, row: Source, cell: Source) -> None:
        """Warn, once per file, of an attribute whose name is nearly a word with a meaning."""
        key = (row.file, section, name)
        if key in self._warned:
            return
        self._warned.add(key)
        near = nearest(name, RESERVED[section])
        if near is not None and _likeness(name, near) >= _NEAR:
            message = f"'{name}' in {section} is taken as an attribute"
            self.issues.warn(cell, "O120", message, f"did you mean '{near}'?")

    def finish(self, place: Source) -> None:
        """Warn of names given in `columns` that no file has."""
        for ours, theirs in self._columns.items():
            if theirs not in self._read:
                seen = sorted({column for _, column in self._named})
                message = f"`columns` reads '{ours}' from '{theirs}', but no row has it"
                self.issues.warn(place, "O121", message, did_you_mean(theirs, seen))


def _likeness(word: str, other: str) -> float:
    """How much of two words is the same, 0 to 1."""
    return difflib.SequenceMatcher(None, word.casefold(), other).ratio()
