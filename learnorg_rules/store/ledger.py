"""What was given out, and what would be different today. Both only grow: the tables refuse changes."""

import hashlib
import zlib
from collections.abc import Mapping, Sequence
from typing import Any

from attrs import astuple, evolve, fields

from .codes import refusal
from .database import Database
from .records import Publication, Restatement

__all__ = ["publications", "publish", "restate", "restatements"]

PUBLISHED = ", ".join(f.name for f in fields(Publication))
RESTATED = ", ".join(f.name for f in fields(Restatement))
ANSWER = f"INSERT INTO publications ({PUBLISHED}) VALUES ({', '.join('?' * len(fields(Publication)))})"
CHANGE = f"""INSERT INTO restatements ({RESTATED}) VALUES ({", ".join("?" * len(fields(Restatement)))})
    ON CONFLICT (publication, seq, subject, rule, period, old, new) DO NOTHING"""
SAME = f"""SELECT {RESTATED} FROM restatements
    WHERE publication = ? AND seq = ? AND subject = ? AND rule = ? AND period = ? AND old = ? AND new = ?"""


def publish(database: Database, publication: Publication, marks: Mapping[str, str]) -> int:
    """Write one under the next number, and the marks, together.

    Raises:
        ValueError: the digest is not that of the results, or another number is expected by the caller.
    """
    results = publication.results.encode()
    if hashlib.sha256(results).hexdigest() != publication.digest:
        raise ValueError(f"the results of {publication.period} do not have the digest {publication.digest}")
    with database.writing:
        ((last,),) = database.execute("SELECT coalesce(max(number), 0) FROM publications").fetchall()
        number = int(last) + 1
        if publication.number not in (0, number):
            raise ValueError(f"the next publication is number {number}, not {publication.number}")
        row = evolve(publication, number=number)
        database.execute(ANSWER, (*astuple(row)[:-2], zlib.compress(results), row.digest))
        database.mark(marks)
    return number


def publications(database: Database) -> list[Publication]:
    """All of them, in order.

    Raises:
        InputError: one does not have its digest any more (S104).
    """
    found = []
    for *head, packed, digest in database.execute(f"SELECT {PUBLISHED} FROM publications ORDER BY number").fetchall():
        try:
            results = zlib.decompress(packed)
        except (zlib.error, TypeError):
            results = b""
        if hashlib.sha256(results).hexdigest() != digest:
            raise refusal(
                database.path, "S104", f"publication {head[0]} is damaged: its results do not have their digest"
            )
        found.append(Publication(*(*head, results.decode(), digest)))
    return found


def restate(database: Database, restated: Sequence[Restatement], marks: Mapping[str, str]) -> None:
    """Write those that are not there yet, and the marks, together.

    Raises:
        ValueError: one is there with other content; what was once said is not replaced.
    """
    with database.writing:
        for one in restated:
            database.execute(CHANGE, astuple(one))
            if not database.cursor.rowcount:
                key = (one.publication, one.seq, one.subject, one.rule, one.period, one.old, one.new)
                ((*row,),) = database.execute(SAME, key).fetchall()
                if _restatement(row) != one:
                    raise ValueError(f"restatement {key} is there with other content: {_restatement(row)}, not {one}")
        database.mark(marks)


def restatements(database: Database, publication: int | None) -> list[Restatement]:
    """Those of one publication, or all, in the order of writing."""
    query = f"SELECT {RESTATED} FROM restatements WHERE ?1 IS NULL OR publication = ?1 ORDER BY rowid"
    return [_restatement(row) for row in database.execute(query, (publication,)).fetchall()]


def _restatement(row: Sequence[Any]) -> Restatement:
    return evolve(Restatement(*row), allowed=bool(row[-2]))
