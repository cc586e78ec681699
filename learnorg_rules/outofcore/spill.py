"""Rows in temporary files, cut into buckets."""

import io
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType

import polars as pl

from ..errors import InputError, Issue, Source
from .memory import shown

__all__ = ["Spill", "see_that_there_is_room"]

LENGTH = 8  # bytes that say how long the frame behind them is


def see_that_there_is_room(size: int) -> None:
    """Refuse where the folder of temporary files cannot be written to, or has less room than this many bytes.

    Raises:
        InputError: it is so (R103).
    """
    wanted = os.environ.get("TMPDIR")
    if wanted and not (os.path.isdir(wanted) and os.access(wanted, os.W_OK | os.X_OK)):  # tempfile would take another
        hint = "set TMPDIR to such a folder, or do not set it"
        raise InputError([Issue(Source("TMPDIR"), "R103", f"'{wanted}' is no folder that can be written to", hint)])
    folder = tempfile.gettempdir()
    free = shutil.disk_usage(folder).free
    if free < size:
        raise _refusal(folder, f"about {shown(size)} are needed for temporary files, {shown(free)} are free")


def _refusal(folder: str | Path, message: str) -> InputError:
    return InputError([Issue(Source(str(folder)), "R103", message, "set TMPDIR to a folder with more room")])


class Spill:
    """Frames by bucket, each bucket a file. A context: the files are gone when it is left, also by an error."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="learnorg-", ignore_cleanup_errors=True)
        self.rows: dict[int, int] = {}

    def __enter__(self) -> "Spill":
        return self

    def __exit__(self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None) -> None:
        self._folder.cleanup()

    def add(self, frame: pl.DataFrame, bucket: pl.Expr) -> None:
        """Append rows, each to the bucket whose number the expression gives.

        Raises:
            InputError: there is no room for them (R103).
        """
        cut = frame.with_columns(bucket.alias("_bucket")).partition_by("_bucket", as_dict=True, include_key=False)
        for (number,), rows in cut.items():
            buffer = io.BytesIO()
            rows.write_ipc(buffer, compression="lz4")
            data = buffer.getbuffer()
            try:
                with self._path(number).open("ab") as out:
                    out.write(len(data).to_bytes(LENGTH))
                    out.write(data)
            except OSError as error:
                reason = (error.strerror or str(error)).lower()
                raise _refusal(self._folder.name, f"temporary files cannot be written: {reason}") from None
            self.rows[number] = self.rows.get(number, 0) + rows.height

    def frames(self, bucket: int) -> Iterator[pl.DataFrame]:
        """The rows of a bucket, as they were appended."""
        with self._path(bucket).open("rb") as stream:
            while length := stream.read(LENGTH):
                yield pl.read_ipc(io.BytesIO(stream.read(int.from_bytes(length))))

    def take(self, bucket: int) -> pl.DataFrame:
        """All rows of a bucket, whose file is gone then."""
        rows = pl.concat(self.frames(bucket))
        self.drop(bucket)
        return rows

    def drop(self, bucket: int) -> None:
        """Remove the file of a bucket."""
        self._path(bucket).unlink()
        del self.rows[bucket]

    def _path(self, bucket: int) -> Path:
        return Path(self._folder.name) / f"{bucket}"
