"""Snapshots: the newest sound one of its key, never a damaged one."""

import sqlite3
from pathlib import Path

import pytest

from learnorg_rules.errors import InputError
from learnorg_rules.store import Log, Snapshot

PARTS = {"cells": b"\x00\x01" * 50, "notes": b"", "学习": b"x"}


def tampered(path: Path, *changes: str) -> None:
    connection = sqlite3.connect(path)
    for change in changes:
        connection.execute(change)
    connection.commit()
    connection.close()


def test_the_newest_of_its_key_comes_back_as_it_was(tmp_path: Path) -> None:
    with Log.open(tmp_path / "log") as log:
        assert log.snapshot("k") is None
        log.save_snapshot(3, "k", {"cells": b"old"})
        log.save_snapshot(7, "k", PARTS)
    with Log.open(tmp_path / "log", writer=False) as log:
        assert log.snapshot("k") == Snapshot(7, "k", PARTS)
        assert (log.snapshot("other"), log.notices) == (None, [])


def test_the_newest_two_are_kept(tmp_path: Path) -> None:
    with Log.open(tmp_path / "log") as log:
        for seq, key in ((1, "a"), (2, "b"), (3, "c")):
            log.save_snapshot(seq, key, PARTS)
        assert [log.snapshot(key) and log.snapshot(key).seq for key in "abc"] == [None, 2, 3]  # type: ignore[union-attr]
        assert log._execute("SELECT count(DISTINCT snapshot) FROM snapshot_parts").fetchone() == (2,)


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE snapshot_parts SET bytes = x'0001' WHERE snapshot = 2 AND name = 'cells'",
        "UPDATE snapshot_parts SET bytes = substr(bytes, 1, 99) WHERE snapshot = 2 AND name = 'cells'",
        "UPDATE snapshot_parts SET bytes = 'text' WHERE snapshot = 2 AND name = 'cells'",
        "UPDATE snapshot_parts SET bytes = 7 WHERE snapshot = 2 AND name = 'cells'",
        "UPDATE snapshot_parts SET name = 'other' WHERE snapshot = 2 AND name = 'cells'",
        "DELETE FROM snapshot_parts WHERE snapshot = 2 AND name = 'notes'",
        "INSERT INTO snapshot_parts VALUES (2, 'more', x'')",
        "UPDATE snapshots SET seq = 8 WHERE number = 2",
        "UPDATE snapshots SET digest = '' WHERE number = 2",
    ],
)
def test_a_damaged_one_is_named_and_the_one_before_is_used(change: str, tmp_path: Path) -> None:
    path = tmp_path / "log"
    with Log.open(path) as log:
        log.save_snapshot(3, "k", {"cells": b"old"})
        log.save_snapshot(7, "k", PARTS)
    tampered(path, change)
    with Log.open(path) as log:
        assert log.snapshot("k") == log.snapshot("k") == Snapshot(3, "k", {"cells": b"old"})
        seq = 8 if "seq" in change else 7
        assert [f"{n.severity}: {n}" for n in log.notices] == [
            f"warning: {path}: S110 the snapshot after entry {seq} is damaged, and is not used\n"
            "    hint: nothing is lost; keep an eye on the disk"
        ]


def test_where_all_are_damaged_there_is_none(tmp_path: Path) -> None:
    with Log.open(tmp_path / "log") as log:
        log.save_snapshot(3, "k", PARTS)
        log.save_snapshot(7, "k", PARTS)
    tampered(tmp_path / "log", "UPDATE snapshot_parts SET bytes = x''")
    with Log.open(tmp_path / "log") as log:
        assert log.snapshot("k") is None
        assert [n.code for n in log.notices] == ["S110", "S110"]


def test_one_whose_pages_are_destroyed_is_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "log"
    with Log.open(path) as log:
        log.save_snapshot(3, "k", {"cells": b"old"})
        log.save_snapshot(7, "k", {"cells": b"\xab" * 100_000})
    raw = bytearray(path.read_bytes())
    pages = [i for i in range(0, len(raw), 4096) if raw[i + 4 : i + 4096] == b"\xab" * 4092]
    raw[pages[3] : pages[3] + 4] = b"\xff\xff\xff\xff"  # the chain of pages leads out of the file
    path.write_bytes(raw)
    with Log.open(path) as log:
        assert log.snapshot("k") == Snapshot(3, "k", {"cells": b"old"})
        assert [n.code for n in log.notices] == ["S110"]


def test_one_that_cannot_be_kept_leaves_those_before() -> None:
    with Log.open() as log:
        log.save_snapshot(3, "k", PARTS)
        log._database.connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, 10_000)
        with pytest.raises(InputError) as refused:
            log.save_snapshot(7, "k", {"a": b"fits", "b": bytes(20_000)})
        assert str(refused.value) == (
            ":memory:: S112 a text or snapshot of more than 1 GB cannot be kept (SQLITE_TOOBIG)\n    hint: assess in smaller parts"
        )
        assert log.snapshot("k") == Snapshot(3, "k", PARTS)
