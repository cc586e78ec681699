"""The log: what came, in the order in which it came, and what was made of it."""

import hashlib
import os
from collections.abc import Iterator, Mapping, Sequence
from types import TracebackType
from typing import Self

from ..errors import Issue
from . import ledger, snapshots
from .database import MEMORY, Database, open_database
from .records import Appended, Entry, InForce, New, Publication, Restatement, Snapshot

__all__ = ["Log"]

PAGE = (
    500  # entries read at a time; between pages nothing is held, so that a slow reader keeps no writer from cleaning up
)
COLUMNS = "seq, sort, source, id, names, line, copies"
INSERT = """INSERT INTO entries (sort, source, id, names, line, digest) VALUES (?, ?, ?, ?, ?, ?)
    ON CONFLICT (digest) DO NOTHING"""
SAME_LINE = "SELECT seq FROM entries WHERE digest = ? AND source = ? AND id IS ? AND line = ?"
ONE_MORE = "UPDATE entries SET copies = copies + 1 WHERE seq = ?"
IN_ORDER = f"SELECT {COLUMNS} FROM entries WHERE seq > ? AND seq <= ? ORDER BY seq LIMIT {PAGE}"
BY_IDENTITY = f"SELECT {COLUMNS} FROM entries WHERE source = ? AND id = ? ORDER BY seq"
BY_NAMED = f"SELECT {COLUMNS} FROM entries WHERE source = ? AND names = ? ORDER BY seq"
RELATED = """SELECT EXISTS (SELECT 1 FROM entries WHERE source = ?1 AND id = ?2 AND seq < ?3)
    OR EXISTS (SELECT 1 FROM entries WHERE source = ?1 AND names = ?2 AND seq <= ?3)"""
LAST_DAY = "SELECT line FROM entries WHERE sort = 'advance' ORDER BY seq DESC LIMIT 1"
IN_FORCE = "SELECT seq, rules, organisation FROM inputs_in_force ORDER BY seq"
BEGIN_FORCE = "INSERT OR REPLACE INTO inputs_in_force (seq, rules, organisation) VALUES (?, ?, ?)"
KEEP_INPUT = "INSERT OR IGNORE INTO inputs (digest, content) VALUES (?, ?)"
NO_MARKS: Mapping[str, str] = {}


class Log:
    """The file of one assessment. It is used from the thread that opened it.

    Every call raises `InputError` where the file cannot be used (S104, S105, S107 to S109). What a call wrote is on the
    disk when it returns; where it raises, nothing of it was written.

    Attributes:
        notices: warnings about what was found damaged and could be done without.
    """

    def __init__(self, database: Database) -> None:
        self.notices: list[Issue] = []
        self._database = database
        self._execute = database.execute

    @classmethod
    def open(cls, path: str | os.PathLike[str] = MEMORY, writer: bool = True) -> Self:
        """Open the log at a place, or begin one where there is none and it is opened for writing.

        Args:
            path: the file, on a local disk; ":memory:" is a log of its own that ends with the process.
            writer: hold the lock of the one writer until the log is closed. Any number may read beside it.

        Raises:
            InputError: the file cannot be used (S101 to S109).
        """
        return cls(open_database(path, writer))

    def close(self) -> None:
        """Close the file and let go of the lock."""
        self._database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def append(self, entries: Sequence[New], marks: Mapping[str, str] = NO_MARKS) -> list[Appended]:
        """Write entries and marks together, and say where each entry stands.

        An event whose source, id and line are all there already is not written again: its copies rise by one. An
        advance is always an entry of its own.

        Raises:
            InputError: also S111 and S112, where a text cannot be kept.
        """
        with self._database.writing:
            appended = [self._put(new) for new in entries]
            self._database.mark(marks)
        return appended

    def entries(self, after: int = 0, until: int | None = None) -> Iterator[Entry]:
        """The entries with `after` < seq <= `until`, in order; `until` None is the last one there when reading begins."""
        end = self.last() if until is None else until
        while after < end:
            page = self._select(IN_ORDER, (after, end))
            yield from page
            if len(page) < PAGE:
                return
            after = page[-1].seq

    def last(self) -> int:
        """The seq of the last entry; 0 where there is none."""
        with self._database.reading:
            ((seq,),) = self._execute("SELECT max(seq) FROM entries").fetchall()
        return seq or 0

    def same_identity(self, source: str, id: str) -> list[Entry]:  # noqa: A002
        """The events of this identity, in order: more than one where they conflict."""
        return self._select(BY_IDENTITY, (source, id))

    def naming(self, source: str, id: str) -> list[Entry]:  # noqa: A002
        """The events that correct or void this identity, in order, whether or not it is there."""
        return self._select(BY_NAMED, (source, id))

    def is_alone(self, source: str, id: str, seq: int) -> bool:  # noqa: A002
        """Whether no event up to an entry has the identity of the one it holds, corrects it or voids it."""
        with self._database.reading:
            ((is_related,),) = self._execute(RELATED, (source, id, seq)).fetchall()
        return not is_related

    def mark(self, name: str) -> str | None:
        """The text last set under this name; None where none ever was."""
        with self._database.reading:
            row = self._execute("SELECT value FROM marks WHERE name = ?", (name,)).fetchone()
        return None if row is None else row[0]

    def set_marks(self, marks: Mapping[str, str]) -> None:
        """Set texts under names, all together."""
        self.append((), marks)

    def last_day(self) -> str | None:
        """The day to which time was advanced last, as it was written; None where it never was."""
        with self._database.reading:
            row = self._execute(LAST_DAY).fetchone()
        return None if row is None else row[0]

    def take_over(
        self,
        entry: New | None,
        digests: tuple[str, str],
        contents: Mapping[str, bytes],
        marks: Mapping[str, str] = NO_MARKS,
    ) -> InForce:
        """Write down that the rules and the organisation are those of these digests from an entry on.

        All is written together.

        Args:
            entry: what is written into the log for it; None: they are in force from the last one there is.
            digests: of the rules and of the organisation.
            contents: digest -> bytes to have them again by; those that are there stay.
            marks: texts by name.
        """  # fmt: skip
        with self._database.writing:
            ((last,),) = self._execute("SELECT coalesce(max(seq), 0) FROM entries").fetchall()
            found = InForce(int(last) if entry is None else self._put(entry).seq, *digests)
            self._execute(BEGIN_FORCE, (found.seq, *digests))
            self._database.cursor.executemany(KEEP_INPUT, contents.items())
            self._database.mark(marks)
        return found

    def renamed(self, old: tuple[str, str], new: tuple[str, str], contents: Mapping[str, bytes]) -> None:
        """Write down that rules and organisation have other digests now though they say what they said."""
        with self._database.writing:
            self._execute(
                "UPDATE inputs_in_force SET rules = ?, organisation = ? WHERE rules = ? AND organisation = ?",
                (*new, *old),
            )
            self._database.cursor.executemany(KEEP_INPUT, contents.items())

    def in_force(self) -> list[InForce]:
        """From which entries on which rules and organisation were in force, in order; empty where that was never written."""
        with self._database.reading:
            return [InForce(*row) for row in self._execute(IN_FORCE).fetchall()]

    def content(self, digest: str) -> bytes | None:
        """What was kept with `take_over` under a digest, or None."""
        with self._database.reading:
            row = self._execute("SELECT content FROM inputs WHERE digest = ?", (digest,)).fetchone()
        return None if row is None else bytes(row[0])

    def save_snapshot(self, seq: int, key: str, parts: Mapping[str, bytes]) -> None:
        """Keep a state computed after entry `seq`, with its digest; of all states the newest two are kept."""
        snapshots.save(self._database, seq, key, parts)

    def snapshot(self, key: str) -> Snapshot | None:
        """The newest sound state of this key, or None. A damaged one is never used; `notices` names it (S110)."""
        with self._database.reading:
            found, notices = snapshots.find(self._database, key)
        self.notices += [notice for notice in notices if notice not in self.notices]
        return found

    def publish(self, publication: Publication, marks: Mapping[str, str] = NO_MARKS) -> int:
        """Write down what is given out, for good, and give its number. Marks are written with it.

        Raises:
            ValueError: the digest is not that of the results, or `number` is neither 0 nor the next.
        """
        return ledger.publish(self._database, publication, marks)

    def publications(self) -> list[Publication]:
        """All that was given out, in order."""
        with self._database.reading:
            return ledger.publications(self._database)

    def restate(self, restatements: Sequence[Restatement], marks: Mapping[str, str] = NO_MARKS) -> None:
        """Write down what would be different today, for good, with marks. What is there already is not written again.

        Raises:
            ValueError: one is there with other content.
        """
        ledger.restate(self._database, restatements, marks)

    def restatements(self, publication: int | None = None) -> list[Restatement]:
        """The restatements of one publication, or of all, in the order of writing."""
        with self._database.reading:
            return ledger.restatements(self._database, publication)

    def _select(self, query: str, values: tuple[object, ...]) -> list[Entry]:
        with self._database.reading:
            return [Entry(*row) for row in self._execute(query, values)]

    def _put(self, new: New) -> Appended:
        execute, cursor = self._execute, self._database.cursor
        sort, source, id_, line = new.sort, new.source, new.id, new.line
        if sort != "event":
            execute(INSERT, (sort, source, id_, new.names, line, None))
            return Appended(cursor.lastrowid or 0, True)
        attempt = 0  # another is needed where two lines share a digest, which nobody will live to see
        while True:
            digest = _digest(attempt, source, id_, line)
            execute(INSERT, (sort, source, id_, new.names, line, digest))
            if cursor.rowcount:
                return Appended(cursor.lastrowid or 0, True)
            row = execute(SAME_LINE, (digest, source, id_, line)).fetchone()
            if row is not None:
                execute(ONE_MORE, row)
                return Appended(row[0], False)
            attempt += 1


def _digest(attempt: int, source: str, id_: str | None, line: str) -> bytes:
    """16 bytes that stand for a line in the index. The lengths keep apart what would read the same when joined."""
    text = f"{attempt} {len(source)} {-1 if id_ is None else len(id_)} {source}{id_ or ''}{line}"
    return hashlib.blake2b(text.encode(), digest_size=16).digest()
