"""Computed states beside the log, which save computing it again. They may be lost at any time without loss."""

import hashlib
import sqlite3
from collections.abc import Mapping

from ..errors import Issue, Source
from .database import Database
from .records import Snapshot

__all__ = ["KEPT", "find", "save"]

KEPT = 2  # the second is there for when the first turns out damaged


def save(database: Database, seq: int, key: str, parts: Mapping[str, bytes]) -> None:
    """Write one, and let go of all but the newest."""
    with database.writing:
        database.execute(
            "INSERT INTO snapshots (seq, key, digest) VALUES (?, ?, ?)", (seq, key, _digest(seq, key, parts))
        )
        number = database.cursor.lastrowid
        database.cursor.executemany(
            "INSERT INTO snapshot_parts (snapshot, name, bytes) VALUES (?, ?, ?)",
            ((number, name, part) for name, part in parts.items()),
        )
        database.execute(
            "DELETE FROM snapshots WHERE number NOT IN (SELECT number FROM snapshots ORDER BY number DESC LIMIT ?)",
            (KEPT,),
        )


def find(database: Database, key: str) -> tuple[Snapshot | None, list[Issue]]:
    """The newest sound one of the key, and what is to be said of those that are damaged."""
    notices: list[Issue] = []
    query = "SELECT number, seq, digest FROM snapshots WHERE key = ? ORDER BY number DESC"
    for number, seq, digest in database.execute(query, (key,)).fetchall():
        try:
            rows = database.execute("SELECT name, bytes FROM snapshot_parts WHERE snapshot = ?", (number,)).fetchall()
            parts = {name: bytes(part) for name, part in rows}
            if _digest(seq, key, parts) == digest:
                return Snapshot(seq, key, parts), notices
        except sqlite3.DatabaseError as error:
            if getattr(error, "sqlite_errorcode", 0) & 0xFF != sqlite3.SQLITE_CORRUPT:
                raise
        except (TypeError, ValueError):  # something else than bytes or texts stands there now
            pass
        notices.append(
            Issue(
                Source(database.path), "S110", f"the snapshot after entry {seq} is damaged, and is not used",
                "nothing is lost; keep an eye on the disk", "warning",
            )
        )  # fmt: skip
    return None, notices


def _digest(seq: int, key: str, parts: Mapping[str, bytes]) -> str:
    """SHA-256 of all there is; lengths go before contents, so that no two snapshots look alike."""
    whole = hashlib.sha256(f"{seq} {len(key)} {key}".encode())
    for name in sorted(parts):
        whole.update(f" {len(name)} {len(parts[name])} {name}".encode())
        whole.update(parts[name])
    return whole.hexdigest()
