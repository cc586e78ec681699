"""Ids that records name and nobody has."""

import itertools
from collections.abc import Iterable, Mapping

from ..errors import Issues, Source, did_you_mean

__all__ = ["Unknown"]

_HINTS = 200  # look-ups of the nearest id
_OPTIONS = 2000  # ids that each compares with, where there are more than a few
_FEW = 1000


class Unknown:
    """Ids that nobody has. Their hints are worked out together: comparing each with every id would take minutes."""

    def __init__(self, kinds: Mapping[str, str]) -> None:
        self.kinds = kinds
        self.found: list[tuple[Source, str, str]] = []

    def add(self, source: Source, what: str, id_: str) -> None:
        """Keep one to report."""
        self.found.append((source, f"{what}: there is no unit, body or person '{id_}'", id_))

    def report(self, issues: Issues) -> None:
        """All of them as faults, those that come first with a hint."""
        self.found.sort()
        words = list(itertools.islice(dict.fromkeys(id_ for _, _, id_ in self.found), _HINTS))
        alike = self._alike(words) if len(self.kinds) > _FEW else dict.fromkeys(words, self.kinds)
        hints = {word: did_you_mean(word, alike[word], listed=False) for word in words}
        for source, message, id_ in self.found:
            issues.error(source, "O103", message, hints.get(id_, ""))

    def _alike(self, words: Iterable[str]) -> dict[str, Iterable[str]]:
        """For each word the first ids that begin alike and are about as long."""
        buckets: dict[str, dict[int, list[tuple[int, str]]]] = {word[:2].casefold(): {} for word in words}
        for position, id_ in enumerate(self.kinds) if buckets else ():
            by_length = buckets.get(id_[:2].casefold())
            if by_length is not None:
                bucket = by_length.setdefault(len(id_), [])
                if len(bucket) < _OPTIONS:
                    bucket.append((position, id_))
        found: dict[str, Iterable[str]] = {}
        for word in words:
            by_length = buckets[word[:2].casefold()]
            near = sorted(pair for n in range(len(word) - 2, len(word) + 3) for pair in by_length.get(n, ()))
            found[word] = [id_ for _, id_ in near[:_OPTIONS]]
        return found
