"""Where chance comes from: a stream of its own for every purpose, found by its name and never by what was drawn before.

So neither blocks nor processes nor policies change what is drawn. Streams are asked for in chunks of fixed size, because
a sum of floats depends on how it is cut.
"""

import hashlib
import json

import numpy as np

__all__ = ["Arrivals", "Marks", "generator"]

_ARRIVALS = 16
_MARKS = 8


def generator(*name: object) -> np.random.Generator:
    """The stream of this name: the same on every machine, day and process."""
    digest = hashlib.sha256(json.dumps(name, ensure_ascii=True, default=str).encode("ascii")).digest()
    return np.random.Generator(np.random.PCG64(int.from_bytes(digest[:16], "big")))


class Arrivals:
    """A Poisson process of rate 1: its times, growing, drawn as far as anybody asks.

    What happens under a policy is where the policy's cumulative rate reaches these times. Two policies with the same
    rates have the same events; one with a higher rate has its first events earlier, not others.
    """

    def __init__(self, source: np.random.Generator) -> None:
        self._source = source
        self._times = np.empty(0)

    def between(self, first: int, level: float) -> np.ndarray:
        """The times from number `first` on that are not above `level`."""
        while not len(self._times) or self._times[-1] <= level:
            last = self._times[-1] if len(self._times) else 0.0
            more = last + np.cumsum(self._source.standard_exponential(_ARRIVALS))
            self._times = np.concatenate([self._times, more])
        return self._times[first : int(np.searchsorted(self._times, level, side="right"))]


class Marks:
    """For each happening a row of numbers, uniform on 0..1, of a width that never depends on what happens."""

    def __init__(self, source: np.random.Generator, width: int) -> None:
        self._source, self._width = source, width
        self._rows = np.empty((0, width))

    def row(self, number: int) -> np.ndarray:
        """The numbers of one happening."""
        while number >= len(self._rows):
            self._rows = np.concatenate([self._rows, self._source.random((_MARKS, self._width))])
        row: np.ndarray = self._rows[number]
        return row
