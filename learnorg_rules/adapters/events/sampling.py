"""A few rows from several places of a file, from which its size in memory is estimated."""

import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

from attrs import frozen

from .files import GZIP_WINDOW, is_packed

__all__ = ["PLACES", "ROWS", "Row", "RowsOf", "Sample", "sample_text"]

PLACES = 5  # that are looked at in a file, from its beginning to its end: rows may become longer
PIECE = 1 << 16  # bytes that are looked at in one place
ROWS = 250  # at most that are looked at in one place

Row = Mapping[str, object]
RowsOf = Callable[[bytes, bytes], Iterable[Row]]
"""Takes the piece at the beginning of a file and a piece of whole lines; returns the rows of the latter that are easy to read."""


@frozen
class Sample:
    """Some rows of a file.

    Attributes:
        places: for each place that was looked at, how many rows the piece of the file has there and some of them.
        height: about how many rows the file has.
        text: bytes of the file that a row takes, where rows are longest; 0 where rows are read without their text.
    """

    places: Sequence[tuple[int, Sequence[Row]]]
    height: float
    text: float


def sample_text(path: Path, rows_of: RowsOf, row_end: bytes = b"\n") -> Sample:
    """A sample of a text file, compressed or not.

    Args:
        path: of the file.
        rows_of: reads the rows of a piece.
        row_end: what each row has exactly once.

    Raises:
        OSError, zlib.error: the file cannot be read.
    """
    pieces, size = _pieces(path)
    first = pieces[0]
    pieces = [piece for piece in pieces if row_end in piece] or pieces[:1]  # a hole of the file system has no rows
    counts = [piece.count(row_end) for piece in pieces]
    mean = sum(map(len, pieces)) / max(1, sum(counts))
    longest = max(len(piece) / max(1, count) for piece, count in zip(pieces, counts, strict=True))
    places = [(max(1, n), list(rows_of(first, piece))) for n, piece in zip(counts, pieces, strict=True)]
    return Sample(places, size / max(1.0, mean), longest)


def _pieces(path: Path) -> tuple[list[bytes], float]:
    """Some bytes of each place, unpacked, whole lines but for the first piece; and about how many bytes there are in all.

    A compressed file is looked at only at its beginning.
    """
    size, packed = path.stat().st_size, is_packed(path)
    whole = packed or size < PLACES * PIECE
    starts = [0] if whole else [(size - PIECE) * place // (PLACES - 1) for place in range(PLACES)]
    pieces = []
    with path.open("rb") as stream:
        for start in starts:
            stream.seek(start)
            data = stream.read(PLACES * PIECE if whole else PIECE)
            pieces.append(data.partition(b"\n")[2] if start else data)
    if not packed:
        return pieces, size
    data = pieces[0]
    unpacking = zlib.decompressobj(GZIP_WINDOW)
    unpacked = unpacking.decompress(data, PLACES * PIECE)
    used = len(data) - len(unpacking.unconsumed_tail) - len(unpacking.unused_data)
    return [unpacked], size * len(unpacked) / max(1, used)
