"""Lines as they come: of a file that grows, or of a pipe.

A line is whole when its line break is there; the last one of a pipe that is closed, or of a file that is read once, also
without. Where a file was read to is kept with the events, so that nothing is lost or read twice after a kill.
"""

import json
import os
import select
import sys
import threading
from collections.abc import Mapping, Sequence
from hashlib import blake2b
from pathlib import Path
from types import TracebackType
from typing import Self

from attrs import frozen

from ..adapters.events.files import PACKED
from ..adapters.events.formats import FORMATS
from ..errors import InputError, Issue, Source

__all__ = ["CODES", "Line", "Lines"]

CODES: Mapping[str, tuple[str, str]] = {
    "L111": ("followed file is another", "The file was replaced, emptied, removed or rewritten while it was followed, or since it was last read with this log: what is at its end is not the continuation of what was taken in. All that was read before is in the log. Give the old file its name back, or follow the new one under a name of its own; events that are there already are only resent."),
    "L112": ("file cannot be followed", "It cannot be opened or read, or is no plain NDJSON. Packed files and other formats are read by `learnorg run`; NDJSON can be piped in: `zcat FILE | learnorg watch ... --events -`."),
    "L113": ("line without end", "More than 64 MiB came without a line break, so that it is no NDJSON. Lines of more than 1 MiB are put aside; this is refused, because it might go on for ever."),
}  # fmt: skip

CHUNK = 1 << 16
ENDLESS = 64 << 20
HEAD = 1024  # bytes from the beginning by which the file is known again
OTHER_FORMATS = (PACKED, *(suffix for f in FORMATS if f.name != "ndjson" for suffix in f.suffixes))


@frozen
class Line:
    """A line: its text without line break, its number from 1, and the bytes up to its end."""

    text: str
    number: int
    end: int


class Lines:
    """Lines of a file or pipe. A context manager."""

    def __init__(self, path: str, follow: bool, stop: threading.Event) -> None:
        """Open it.

        Args:
            path: a file, a named pipe, or "-" for standard input.
            follow: wait for more at the end of a file; a pipe is read until it is closed.
            stop: set when no more is wanted.

        Raises:
            InputError: it cannot be read (L112).
        """
        self.name, self._stop = "standard input" if path == "-" else path, stop
        self._path = Path(path)
        if path.endswith(OTHER_FORMATS):
            raise self._fault("L112", "only plain NDJSON is followed", f"zcat {path} | learnorg watch ... --events -")
        try:
            self._fd = os.dup(sys.stdin.fileno()) if path == "-" else os.open(path, os.O_RDONLY)
            self._is_file = path != "-" and self._path.is_file()
            if self._path.is_dir():
                os.close(self._fd)
                raise IsADirectoryError(21, "it is a folder")
        except OSError as error:
            raise self._fault("L112", f"cannot be read: {error.strerror}") from None
        self._follow = follow and self._is_file
        self._rest = bytearray()
        self._offset = self._number = 0  # what was given out: bytes, lines
        self._head, self._head_size = b"", 0
        self.ended = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        os.close(self._fd)

    # ---- where it is

    @property
    def mark_name(self) -> str:
        """Under which name the place is kept; "" for a pipe, which has none."""
        return f"offset {self._path.resolve()}" if self._is_file else ""

    def mark(self, line: Line) -> Mapping[str, str]:
        """That everything up to this line was taken in."""
        if not self._is_file:
            return {}
        size = min(HEAD, line.end)
        if size > self._head_size:
            self._head, self._head_size = self._digest(size), size
        place = {"bytes": line.end, "lines": line.number, "head": self._head.hex()}
        return {self.mark_name: json.dumps(place)}

    def resume(self, mark: str | None) -> None:
        """Go on behind what was taken in.

        Raises:
            InputError: the file does not begin as it did, or is shorter (L111).
        """
        if mark is None:
            return
        place = json.loads(mark)
        self._offset, self._number = place["bytes"], place["lines"]
        self._head_size, self._head = min(HEAD, self._offset), bytes.fromhex(place["head"])
        self._check()
        os.lseek(self._fd, self._offset, os.SEEK_SET)

    # ---- what comes

    def read(self, most: int) -> Sequence[Line]:
        """The lines that are there, in order, at most so many; after a short wait none.

        Raises:
            InputError: the file became another (L111), cannot be read (L112), or has no line breaks (L113).
        """
        lines = self._cut(most)
        while not lines and not self.ended and not self._stop.is_set():
            if not self._fill():
                break
            lines = self._cut(most)
        return lines

    def _fill(self) -> bool:
        """Whether something came; False after a short wait."""
        if not self._is_file and not select.select([self._fd], [], [], 0.2)[0]:
            return False
        try:
            found = os.read(self._fd, CHUNK)
        except OSError as error:
            raise self._fault("L112", f"cannot be read: {error.strerror}") from None
        if found:
            self._rest += found
            if len(self._rest) > ENDLESS:
                raise self._fault("L113", "more than 64 MiB without a line break")
            return True
        if self._follow:
            self._check()
            self._stop.wait(0.2)
            return False
        self.ended = True
        return True

    def _cut(self, most: int) -> list[Line]:
        lines: list[Line] = []
        start = 0
        while len(lines) < most:
            end = self._rest.find(b"\n", start)
            if end < 0 and not (self.ended and start < len(self._rest)):
                break
            after = len(self._rest) if end < 0 else end + 1
            self._number += 1
            self._offset += after - start
            # Bytes that are no UTF-8 become half surrogates, for which the reader of events has a refusal.
            text = self._rest[start:after].rstrip(b"\r\n").decode(errors="surrogateescape")
            lines.append(Line(text, self._number, self._offset))
            start = after
        del self._rest[:start]
        return lines

    # ---- whether it is still the same

    def _check(self) -> None:
        """See that the name still stands for the file that is open, and that this one only grew.

        Raises:
            InputError: it does not (L111).
        """
        size, inode = os.fstat(self._fd).st_size, os.fstat(self._fd).st_ino
        read = self._offset + len(self._rest)
        if size < read:
            raise self._fault("L111", f"has {size} bytes, and {read} were read of it")
        if self._head_size and self._digest(self._head_size) != self._head:
            raise self._fault("L111", "does not begin any more as it did when it was read")
        try:
            is_same = os.stat(self._path).st_ino == inode
        except OSError:
            raise self._fault("L111", "is gone") from None
        if not is_same:
            raise self._fault("L111", "is another file now")

    def _digest(self, size: int) -> bytes:
        return blake2b(os.pread(self._fd, size, 0), digest_size=16).digest()

    def _fault(self, code: str, message: str, hint: str | None = None) -> InputError:
        hints = {"L111": "give the old file its name back, or follow the new one under a name of its own"}
        return InputError([Issue(Source(self.name), code, message, hints.get(code, "") if hint is None else hint)])
