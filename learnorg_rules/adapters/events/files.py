"""Files as bytes: plain or compressed, whole or in blocks of whole lines, with bounded memory."""

import zlib
from collections.abc import Iterator
from pathlib import Path

from attrs import define, frozen

from ...errors import InputError, Issue, Source
from .exact import LINE_LIMIT
from .plan import Progress

__all__ = ["BOM", "Block", "Opened", "refuse", "split_lines"]

BOM = b"\xef\xbb\xbf"
BLOCK = 16 << 20  # bytes of text handled at once
PIECE = 4 << 20  # bytes read at once
LEAST_ROW = 64  # bytes: the four values that every event has, with names or without, and little else

_GZIP = 16 + zlib.MAX_WBITS


def refuse(path: Path, code: str, message: str, hint: str = "") -> InputError:
    """The error that refuses a file as a whole."""
    return InputError([Issue(Source(str(path)), code, message, hint)])


@frozen
class Block:
    """Some whole lines of a file, and what the file broke off with behind them, if it did."""

    data: bytes
    broken: str | None = None


@define
class Opened:
    """A file being read, decompressed if its name ends in .gz.

    `broken` says, once the end was reached, why compressed data ended too early; None where it did not.
    """

    path: Path
    progress: Progress | None = None
    before: int = 0  # bytes of the files before
    total: int = 0  # bytes of all files
    broken: str | None = None
    rows: int | None = None  # to be read at a time; None for as many as are read fastest

    @property
    def compressed(self) -> bool:
        """Whether it is a gzip file, by its name."""
        return self.path.suffix == ".gz"

    def _size(self, usual: int) -> int:
        return usual if self.rows is None else min(usual, max(self.rows, 1) * LEAST_ROW)

    def pieces(self) -> Iterator[bytes]:
        """Its content in pieces of some megabytes."""
        try:
            with self.path.open("rb") as stream:
                size = self._size(PIECE)
                raw = self._counted(iter(lambda: stream.read(size), b""))
                yield from self._unpacked(raw) if self.compressed else raw
        except OSError as error:
            raise self._unreadable(error) from None

    def all_done(self) -> None:
        """Report that nothing of the file is left to be read."""
        if self.progress is not None:
            self.progress(self.before + self.path.stat().st_size, self.total)

    def first_line(self) -> bytes:
        """Its first line, and perhaps more, without a byte order mark; empty where compressed data broke off inside it."""
        begun: list[bytes] = []
        for piece in self.pieces():
            begun.append(piece)
            if b"\n" in piece:
                break
        data = b"".join(begun).removeprefix(BOM)
        return data if self.broken is None or b"\n" in data else b""

    def _unreadable(self, error: OSError) -> InputError:
        return refuse(self.path, "V104", f"cannot be read: {(error.strerror or str(error)).lower()}")

    def blocks(self, cut: bool = True) -> Iterator[Block]:
        """Its lines in blocks, without a byte order mark; the last one, which may be empty, says what it broke off with.

        Where compressed data breaks off, the last line is left out of the last block: it may not be whole.

        Args:
            cut: a line longer than the limit is cut behind it, which still shows that it is too long.
        """
        held: list[bytes | memoryview] = []
        size, most = 0, self._size(BLOCK)
        tail = b""
        first = True
        for piece in self.pieces():
            if first:
                piece, first = piece.removeprefix(BOM), False
            end = piece.rfind(b"\n") + 1
            if not end:
                tail += piece
                if cut:
                    tail = tail[: LINE_LIMIT + 1]
                continue
            too_long = cut and len(tail) > LINE_LIMIT
            held += [tail, memoryview(piece)[piece.find(b"\n") if too_long else 0 : end]]
            size += len(held[-2]) + len(held[-1])
            tail = piece[end:]
            if size >= most:
                yield Block(b"".join(held))
                held, size = [], 0
        if self.broken is None and tail:
            held.append(tail)
        yield Block(b"".join(held), self.broken)

    def _counted(self, pieces: Iterator[bytes]) -> Iterator[bytes]:
        done = self.before
        for piece in pieces:
            yield piece
            done += len(piece)
            if self.progress is not None:
                self.progress(done, self.total)

    def _unpacked(self, pieces: Iterator[bytes]) -> Iterator[bytes]:
        member, begun, size = zlib.decompressobj(_GZIP), False, self._size(PIECE)
        for piece in pieces:
            rest = piece
            while rest:
                try:
                    out = member.decompress(rest, size)
                except zlib.error as error:
                    self.broken = f"the compressed data is damaged: {str(error).rpartition(': ')[2]}"
                    return
                begun = True
                if out:
                    yield out
                if member.eof:
                    # A gzip file may have several members, and zeros behind the last.
                    rest = member.unused_data.lstrip(b"\0")
                    member, begun = zlib.decompressobj(_GZIP), False
                else:
                    rest = member.unconsumed_tail
        if begun:
            out = member.flush()
            if out:
                yield out
            if not member.eof:
                self.broken = "the compressed data ends too early"


def split_lines(data: bytes) -> Iterator[tuple[int, str | None]]:
    """Lines with their numbers from 0; None for one that is not UTF-8. Only a line feed ends a line."""
    lines = data.split(b"\n")
    if lines and not lines[-1]:
        lines.pop()
    for number, line in enumerate(lines):
        if len(line) > LINE_LIMIT:  # may have been cut inside a character
            yield number, line.decode(errors="replace")
            continue
        try:
            yield number, line.removesuffix(b"\r").decode()
        except UnicodeDecodeError:
            yield number, None
