"""Files as bytes: plain or compressed, whole or in blocks of whole lines, with bounded memory."""

import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

from attrs import define, frozen

from ...errors import InputError, Issue, Source
from ...texts import is_utf_16
from .exact import LINE_LIMIT
from .plan import ReadPlan

__all__ = [
    "BOM", "FIRST_ROWS", "GZIP_WINDOW", "PACKED", "Block", "OpenFile", "Progress", "is_packed", "readability_checker",
    "refuse", "split_lines",
]  # fmt: skip

BOM = b"\xef\xbb\xbf"
BLOCK = 16 << 20  # bytes of text handled at once
PIECE = 4 << 20  # bytes read at once
LEAST_ROW = 64  # bytes: the four values that every event has, with names or without, and little else
UNPACKED = 16 << 20  # bytes that every compressed file may have
RATIO = 200  # of what is unpacked to what was read; events in text have 10 to 50
UNPACK_IT = "a file that can be trusted is read when it is unpacked first (gunzip)"
FIRST_ROWS = 64  # that are read where only the beginning of a file is looked at

PACKED = ".gz"
"""How the names of compressed files end."""

GZIP_WINDOW = 16 + zlib.MAX_WBITS

Progress = Callable[[int, int], None]
"""Called with (bytes done, bytes in all)."""


def is_packed(path: Path | str) -> bool:
    """Whether a file is compressed, by its name."""
    return Path(path).suffix == PACKED


def refuse(path: Path, code: str, message: str, hint: str = "") -> InputError:
    """The error that refuses a file as a whole."""
    return InputError([Issue(Source(str(path)), code, message, hint)])


@frozen
class Block:
    """Some whole lines of a file. `broken` says why the file ends behind them before its time; None where it does not."""

    data: bytes
    broken: str | None = None


@define
class OpenFile:
    """A file being read, decompressed if its name ends in .gz.

    Attributes:
        path: of the file.
        progress: called while it is read.
        bytes_before: bytes of the files that were read before.
        bytes_total: bytes of all files.
        broken: known at the end of the file: why compressed data ended too early; None where it did not.
        rows: about how many rows to read at a time; None for as many as are read fastest.
    """

    path: Path
    progress: Progress | None = None
    bytes_before: int = 0
    bytes_total: int = 0
    broken: str | None = None
    rows: int | None = None

    def _size(self, usual: int) -> int:
        return usual if self.rows is None else min(usual, max(self.rows, 1) * LEAST_ROW)

    def pieces(self) -> Iterator[bytes]:
        """Its content in pieces of some megabytes.

        Raises:
            InputError: it cannot be read (V104).
        """
        try:
            with self.path.open("rb") as stream:
                size = self._size(PIECE)
                raw = self._counted(iter(lambda: stream.read(size), b""))
                yield from self._unpacked(raw) if is_packed(self.path) else raw
        except OSError as error:
            raise self._unreadable(error) from None

    def report_all_read(self) -> None:
        """Report the file as read to its end."""
        if self.progress is not None:
            self.progress(self.bytes_before + self.path.stat().st_size, self.bytes_total)

    def first_line(self) -> bytes:
        """Its first line and perhaps more, without a byte order mark; empty where compressed data ends inside that line."""
        pieces: list[bytes] = []
        for piece in self.pieces():
            pieces.append(piece)
            if b"\n" in piece or sum(map(len, pieces)) > LINE_LIMIT:
                break
        self._check(b"".join(pieces))
        data = b"".join(pieces).removeprefix(BOM)
        return data if self.broken is None or b"\n" in data else b""

    def _check(self, beginning: bytes) -> None:
        """See that the file has lines in an encoding that can be read.

        Raises:
            InputError: it has not (V104).
        """
        if is_utf_16(beginning):
            raise refuse(self.path, "V104", "the file is UTF-16, expected UTF-8", "save the file as UTF-8")
        is_json = beginning.lstrip(BOM + b" \t\r").startswith(b"{")  # in which one such sign spoils a line only
        if b"\n" not in beginning and (b"}\r{" if is_json else b"\r") in beginning.strip(b"\r"):
            hint = "save the file with line feeds, or carriage return and line feed, at the ends of lines"
            raise refuse(self.path, "V104", "its lines end with a carriage return alone", hint)

    def _unreadable(self, error: OSError) -> InputError:
        return refuse(self.path, "V104", f"cannot be read: {(error.strerror or str(error)).lower()}")

    def blocks(self, quotes: bool = False) -> Iterator[Block]:
        """Its lines in blocks, without a byte order mark; the last block, which may be empty, has `broken`.

        Where compressed data ends too early, the last line is left out of the last block: it may not be whole.

        A line longer than the limit is cut behind it, which still shows that it is too long, and bounds what is held.

        Args:
            quotes: a cut line leaves a quotation mark open where the whole line does, so that the next lines mean the same.
        """
        parts: list[bytes | memoryview] = []
        size, most = 0, self._size(BLOCK)
        tail = b""
        lost = 0  # quotation marks that were cut off
        first = True
        for piece in self.pieces():
            if first:
                self._check(piece)
                piece, first = piece.removeprefix(BOM), False
            end = piece.rfind(b"\n") + 1
            if not end:
                room = max(0, LINE_LIMIT + 1 - len(tail))
                tail += piece[:room]
                lost += piece.count(b'"', room) if quotes and len(piece) > room else 0
                continue
            start = piece.find(b"\n") if len(tail) > LINE_LIMIT else 0
            if quotes and start:
                lost += piece.count(b'"', 0, start)
            tail, lost = _as_open(tail, lost), 0
            parts += [tail, memoryview(piece)[start:end]]
            size += len(parts[-2]) + len(parts[-1])
            tail = piece[end:]
            if size >= most:
                yield Block(b"".join(parts))
                parts, size = [], 0
        if self.broken is None and tail:
            parts.append(_as_open(tail, lost))
        yield Block(b"".join(parts), self.broken)

    def _counted(self, pieces: Iterator[bytes]) -> Iterator[bytes]:
        done = self.bytes_before
        for piece in pieces:
            yield piece
            done += len(piece)
            if self.progress is not None:
                self.progress(done, self.bytes_total)

    def _unpacked(self, pieces: Iterator[bytes]) -> Iterator[bytes]:
        member, begun, size = zlib.decompressobj(GZIP_WINDOW), False, self._size(PIECE)
        packed = unpacked = 0
        for piece in pieces:
            rest, packed = piece, packed + len(piece)
            while rest:
                try:
                    out = member.decompress(rest, size)
                except zlib.error as error:
                    self.broken = f"the compressed data is damaged: {str(error).rpartition(': ')[2]}"
                    return
                begun = True
                if out:
                    unpacked += len(out)
                    if unpacked > max(UNPACKED, RATIO * packed):
                        raise refuse(self.path, "V111", f"it unpacks to more than {RATIO} times its size", UNPACK_IT)
                    yield out
                if member.eof:
                    # A gzip file may have several members, and zeros behind the last.
                    rest = member.unused_data.lstrip(b"\0")
                    member, begun = zlib.decompressobj(GZIP_WINDOW), False
                else:
                    rest = member.unconsumed_tail
        if begun:
            out = member.flush()
            if out:
                yield out
            if not member.eof:
                self.broken = "the compressed data ends too early"


def _as_open(line: bytes, lost: int) -> bytes:
    """The line, cut off before so many quotation marks, with one more where it takes one to be as open as it was."""
    if lost % 2:
        return line + (b'"' if line.count(b'"') % 2 else b',"')
    return line


def readability_checker(plan: ReadPlan) -> Callable[[OpenFile], None]:
    """What refuses a file that cannot be read (V104); for formats whose beginning says nothing of the columns."""

    def check(opened: OpenFile) -> None:
        next(opened.pieces(), b"")

    return check


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
