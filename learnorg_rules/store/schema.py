"""The tables of a log, and how a file of an older format becomes one of this format.

`user_version` of the file is its format. A new file has format 0, so that making one is the first migration.
"""

import sqlite3
from collections.abc import Callable, Sequence

from ..texts import nfc
from .codes import refusal

__all__ = ["APPLICATION", "MIGRATIONS", "Migration", "format_of", "migrate"]

APPLICATION = 0x4C4F5247  # "LORG", the `application_id` by which a file is known to be a log
Migration = Sequence[str] | Callable[[sqlite3.Connection], None]
"""Statements, or a function for what statements cannot say. It runs inside a transaction and must not end it."""

STAY = """CREATE TRIGGER entries_stay_1 BEFORE UPDATE OF seq, sort, source, id, names, line, digest ON entries
        BEGIN SELECT RAISE(ABORT, 'entries never change'); END"""
FIRST = (
    # copies is the only thing about an entry that may change.
    """CREATE TABLE entries (
        seq INTEGER PRIMARY KEY, sort TEXT NOT NULL CHECK (sort IN ('event', 'advance')), source TEXT NOT NULL, id TEXT,
        names TEXT, line TEXT NOT NULL, digest BLOB UNIQUE, copies INTEGER NOT NULL DEFAULT 1)""",
    "CREATE INDEX entries_by_identity ON entries (source, id) WHERE id IS NOT NULL",
    "CREATE INDEX entries_by_named ON entries (source, names) WHERE names IS NOT NULL",
    STAY,
    "CREATE TRIGGER entries_stay_2 BEFORE DELETE ON entries BEGIN SELECT RAISE(ABORT, 'entries never go'); END",
    "CREATE TABLE marks (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID",
    "CREATE TABLE snapshots (number INTEGER PRIMARY KEY, seq INTEGER NOT NULL, key TEXT NOT NULL, digest TEXT NOT NULL)",
    """CREATE TABLE snapshot_parts (
        snapshot INTEGER NOT NULL REFERENCES snapshots (number) ON DELETE CASCADE, name TEXT NOT NULL, bytes BLOB NOT NULL,
        PRIMARY KEY (snapshot, name))""",
    """CREATE TABLE publications (
        number INTEGER PRIMARY KEY, period TEXT NOT NULL, at TEXT NOT NULL, known_at TEXT, seq INTEGER NOT NULL,
        ruleset TEXT NOT NULL, version TEXT NOT NULL, rules_digest TEXT NOT NULL, organisation_digest TEXT NOT NULL,
        results BLOB NOT NULL, digest TEXT NOT NULL)""",
    """CREATE TABLE restatements (
        publication INTEGER NOT NULL REFERENCES publications (number), seq INTEGER NOT NULL, subject TEXT NOT NULL,
        rule TEXT NOT NULL, period TEXT NOT NULL, old TEXT NOT NULL, new TEXT NOT NULL, cause TEXT NOT NULL,
        allowed INTEGER NOT NULL, reason TEXT NOT NULL, UNIQUE (publication, seq, subject, rule, period, old, new))""",
    *(
        f"CREATE TRIGGER {table}_stay_{i} BEFORE {change} ON {table} BEGIN SELECT RAISE(ABORT, '{table} never {verb}'); END"
        for table in ("publications", "restatements")
        for i, (change, verb) in enumerate((("UPDATE", "change"), ("DELETE", "go")), 1)
    ),
    f"PRAGMA application_id = {APPLICATION}",
)
INPUTS = (
    "CREATE TABLE inputs (digest TEXT PRIMARY KEY, content BLOB NOT NULL)",
    "CREATE TABLE inputs_in_force (seq INTEGER PRIMARY KEY, rules TEXT NOT NULL, organisation TEXT NOT NULL)",
)
NOT_ASCII = "SELECT seq, source, id, names FROM entries WHERE (source || coalesce(id, '') || coalesce(names, '')) GLOB '*[^ -~]*'"


def _ids_in_nfc(connection: sqlite3.Connection) -> None:
    """Let the index find events by ids in NFC, as they are read; before, they stood in it in any form. Lines stay as they came."""
    found = [(*map(_nfc, (source, id_, names)), seq) for seq, source, id_, names in connection.execute(NOT_ASCII)]
    connection.execute("DROP TRIGGER entries_stay_1")
    connection.executemany("UPDATE entries SET source = ?, id = ?, names = ? WHERE seq = ?", found)
    connection.execute(STAY)


def _nfc(text: str | None) -> str | None:
    return None if text is None else nfc(text)


MIGRATIONS: Sequence[Migration] = (FIRST, INPUTS, _ids_in_nfc)
"""Each brings a file of the format of its place, counted from 0, to the next."""


def format_of(connection: sqlite3.Connection, path: str, newest: int) -> int:
    """The format of the file; 0 where it holds nothing yet.

    Raises:
        InputError: it is not a log (S102), or one of a format that is not known here (S103).
    """
    ((application,),) = connection.execute("PRAGMA application_id").fetchall()
    ((number,),) = connection.execute("PRAGMA user_version").fetchall()
    ((tables,),) = connection.execute("SELECT count(*) FROM sqlite_master").fetchall()
    if application != APPLICATION and (application or number or tables):
        raise refusal(path, "S102", "is a database of another program, expected a log of learnorg_rules")
    if number > newest:
        raise refusal(
            path,
            "S103",
            f"is of format {number}, expected at most {newest}",
            "install a newer version of learnorg_rules",
        )
    return int(number)


def migrate(connection: sqlite3.Connection, path: str, migrations: Sequence[Migration] = MIGRATIONS) -> None:
    """Bring the file to the newest format, in one transaction: wholly, or not at all.

    The caller holds the writer's lock, and deals with the errors of SQLite.

    Raises:
        InputError: the file is not one this version can bring up to date (S102, S103).
    """
    connection.execute("BEGIN IMMEDIATE")
    try:
        found = format_of(connection, path, len(migrations))
        for migration in migrations[found:]:
            if callable(migration):
                migration(connection)
            else:
                for statement in migration:
                    connection.execute(statement)
        if found < len(migrations):
            connection.execute(f"PRAGMA user_version = {len(migrations)}")
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
