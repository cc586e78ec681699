"""One SQLite file opened by one reader or the one writer, with transactions that are durable when they end."""

import os
import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, closing, suppress
from pathlib import Path
from types import TracebackType

from .codes import refusal, translated
from .schema import MIGRATIONS, Migration, format_of, migrate

__all__ = ["MEMORY", "Database", "Reading", "Writing", "open_database"]

MEMORY = ":memory:"
BUSY_SECONDS = 5.0  # for a foreign program to let go; our own writers never wait for one another
OWNER_ONLY = 0o600
LOCK_SUFFIX = "-writer"
SET_MARK = "INSERT INTO marks (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value"


class Database:
    """An open file. `reading` and `writing` are context managers that turn SQLite's errors into refusals."""

    def __init__(self, path: str, connection: sqlite3.Connection, held: ExitStack, is_writer: bool) -> None:
        self.path = path
        self.is_writer = is_writer
        self.connection = connection
        self.cursor = connection.cursor()
        self.execute = self.cursor.execute  # bound once: this is the hottest call
        self.reading = Reading(self)
        self.writing = Writing(self)
        self._held = held

    def mark(self, marks: Mapping[str, str]) -> None:
        """Set texts under names, in the transaction that is open."""
        if marks:
            self.cursor.executemany(SET_MARK, marks.items())

    def close(self) -> None:
        """Close the file and let go of the writer's lock. Again is harmless."""
        with self.reading:
            self.connection.close()  # before the lock, which stands for all that is still being written
        self._held.close()


class Reading:
    """Turns errors that the owner of the file can do something about into `InputError`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        refused = None if error is None else translated(error, self._database.path)
        if refused is not None:
            raise refused from error


class Writing:
    """One transaction: when it ends, all of it is on the disk; when it ends by an error, nothing is."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def __enter__(self) -> None:
        if not self._database.is_writer:
            raise ValueError("the log was opened for reading")
        try:
            self._database.execute("BEGIN IMMEDIATE")
        except sqlite3.Error as error:
            self._undo(error)
            raise

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if error is not None:
            self._undo(error)
            return
        try:
            self._database.execute("COMMIT")
        except BaseException as failed:
            self._undo(failed)
            raise

    def _undo(self, error: BaseException) -> None:
        refused = translated(error, self._database.path)
        # Where even this fails, what is left open is undone when the file is next opened.
        with suppress(sqlite3.Error):
            if self._database.connection.in_transaction:  # SQLite ends it itself on some errors, such as a full disk
                self._database.execute("ROLLBACK")
        if refused is not None:
            raise refused from error


def open_database(path: str | os.PathLike[str], writer: bool, migrations: Sequence[Migration] = MIGRATIONS) -> Database:
    """Open a log, or begin one where there is none and it is opened for writing.

    Everything is looked at through SQLite: to open and close the file by other means would, under POSIX, let go of the
    locks that this process holds on it.

    Raises:
        InputError: the file cannot be used (S101 to S109).
    """
    shown = os.fspath(path)
    held = ExitStack()
    try:
        if shown == MEMORY:
            connection = _connect(held, MEMORY)
            migrate(connection, shown, migrations)
        else:
            connection = _open_file(held, shown, writer, migrations)
    except BaseException as error:
        held.close()
        refused = translated(error, shown)
        if refused is None:
            raise
        raise refused from error
    return Database(shown, connection, held, writer)


def _open_file(held: ExitStack, shown: str, writer: bool, migrations: Sequence[Migration]) -> sqlite3.Connection:
    place = Path(os.path.realpath(shown))  # SQLite puts its files beside what a link leads to, and so does the lock
    if place.is_dir():
        raise refusal(shown, "S102", "is a folder, expected a log of learnorg_rules")
    if not place.parent.is_dir():
        raise refusal(
            shown, "S101", "its folder does not exist", f"make the folder '{Path(shown).parent}', or name another"
        )
    is_new = not place.exists()
    if is_new and Path(shown).is_symlink():
        raise refusal(shown, "S101", "is a symbolic link to a file that is not there", "name the file itself")
    if is_new and not writer:
        raise refusal(shown, "S101", "no such file", "a log begins when it is first opened for writing")
    if not is_new and place.stat().st_size == 1:  # SQLite takes it for an empty file
        raise refusal(shown, "S102", "is not a SQLite database")
    # The order matters: a writer at work fills the file before there is anything beside it.
    beside = Path(f"{place}-wal")
    if beside.exists() and beside.stat().st_size and not (place.exists() and place.stat().st_size):
        # SQLite would take the file for a new one and delete what is beside it.
        raise refusal(shown, "S104", f"the log is empty or gone, but '{beside.name}' beside it is not")
    connection = _connect(held, f"{place.as_uri()}?mode={'rwc' if writer else 'rw'}")
    found = format_of(connection, shown, len(migrations))  # before anything is made or locked: it may not be ours
    if is_new:
        place.chmod(OWNER_ONLY)  # it will name people; what SQLite keeps beside it gets the same rights
    if writer:
        _lock(held, place, shown)
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA fullfsync = ON")  # on macOS fsync alone does not reach the disk
        # Before WAL, so that the first pages of a new file are in the file itself.
        migrate(connection, shown, migrations)
        connection.execute("PRAGMA journal_mode = WAL")
    else:
        if not found:
            raise refusal(shown, "S101", "holds no log yet", "a log begins when it is first opened for writing")
        if found < len(migrations):
            message = f"is of format {found}, expected {len(migrations)}"
            raise refusal(shown, "S103", message, "open it for writing once, which brings it up to date")
        connection.execute("PRAGMA query_only = ON")
    return connection


def _connect(held: ExitStack, uri: str, seconds: float = BUSY_SECONDS) -> sqlite3.Connection:
    connection = sqlite3.connect(uri, timeout=seconds, isolation_level=None, uri=True)
    held.enter_context(closing(connection))
    connection.execute("PRAGMA foreign_keys = ON")
    return connection


def _lock(held: ExitStack, place: Path, shown: str) -> None:
    """Hold an empty database beside the log locked: the system frees it with the process, on every system alike.

    It is never deleted, for a writer that waits at the old file would not see one that holds a new.
    """
    beside = Path(f"{place}{LOCK_SUFFIX}")
    is_new = not beside.exists()
    try:
        connection = _connect(held, f"{beside.as_uri()}?mode=rwc", seconds=0)
        if is_new:
            connection.execute("PRAGMA schema_version")  # opens the file
            beside.chmod(OWNER_ONLY)
        connection.execute("BEGIN EXCLUSIVE")
    except sqlite3.Error as error:
        if error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY:
            raise refusal(
                shown, "S106", "is open for writing elsewhere, expected no other writer",
                "close the other writer, or open the log for reading",
            ) from error  # fmt: skip
        refused = translated(error, str(beside))  # its own name: the log itself may be quite in order
        if refused is None:
            raise
        raise refused from error
