"""Files that cannot be used: what is said, and that nothing of them is changed or lost."""

import os
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from learnorg_rules.errors import InputError
from learnorg_rules.store import CODES, Log, New
from learnorg_rules.store.database import open_database
from learnorg_rules.store.schema import APPLICATION, MIGRATIONS


def events(*ids: str, size: int = 10) -> list[New]:
    return [New("event", "", id_, None, id_ * size) for id_ in ids]


def database(path: Path, *statements: str) -> None:
    connection = sqlite3.connect(path)
    for statement in statements:
        connection.execute(statement)
    connection.commit()
    connection.close()


def refused(call: Callable[[], object]) -> str:
    with pytest.raises(InputError) as caught:
        call()
    assert all(issue.code in CODES and issue.severity == "error" for issue in caught.value.issues)
    return str(caught.value)


def filled(log: Log) -> tuple[int, str]:
    """Append two events at a time until that is refused: the last number acknowledged, and what was said."""
    acknowledged = -1
    try:
        while True:
            number = acknowledged + 1
            log.append(events(f"{number} a", f"{number} b", size=200), {"last": str(number)})
            acknowledged = number
    except InputError as refusal:
        return acknowledged, str(refusal)


def opened(path: Path | str, writer: bool = True) -> None:
    with Log.open(path, writer):
        pass


@contextmanager
def nobody() -> Iterator[Path]:
    """A folder that others may read and not write, and for the length of the block a user who is such an other."""
    if not hasattr(os, "geteuid"):
        pytest.skip("this system has other rights")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        opened(folder / "log")
        (folder / "log").chmod(0o644)
        folder.chmod(0o555)
        was = os.geteuid()
        if was == 0:
            os.seteuid(65534)
        try:
            if not os.access(folder, os.R_OK, effective_ids=True):
                pytest.skip("temporary folders are closed to others")
            yield folder
        finally:
            os.seteuid(was)
            folder.chmod(0o755)


def test_every_code_has_a_title_and_an_explanation() -> None:
    assert sorted(CODES) == [f"S{n}" for n in range(101, 115)]
    assert all(title and text.endswith(".") for title, text in CODES.values())


def test_a_log_to_read_must_be_there(tmp_path: Path) -> None:
    path = tmp_path / "log"
    assert refused(lambda: opened(path, writer=False)) == (
        f"{path}: S101 no such file\n    hint: a log begins when it is first opened for writing"
    )
    path.touch()
    assert refused(lambda: opened(path, writer=False)) == (
        f"{path}: S101 holds no log yet\n    hint: a log begins when it is first opened for writing"
    )
    assert [p.name for p in tmp_path.iterdir()] == ["log"]


def test_the_folder_of_a_new_log_must_be_there(tmp_path: Path) -> None:
    path = tmp_path / "no" / "log"
    assert refused(lambda: opened(path)) == (
        f"{path}: S101 its folder does not exist\n    hint: make the folder '{path.parent}', or name another"
    )


@pytest.mark.parametrize("content", [b"a", b"id,kind\n", b"no database " * 1000], ids=len)
@pytest.mark.parametrize("writer", [True, False])
def test_a_file_of_another_sort_is_left_as_it_is(content: bytes, writer: bool, tmp_path: Path) -> None:
    path = tmp_path / "events.csv"
    path.write_bytes(content)
    assert refused(lambda: opened(path, writer)) == (
        f"{path}: S102 is not a SQLite database\n    hint: name another file, or restore this one from a copy"
    )
    assert ([p.name for p in tmp_path.iterdir()], path.read_bytes()) == (["events.csv"], content)


@pytest.mark.parametrize("statement", ["CREATE TABLE t (x)", "PRAGMA application_id = 7", "PRAGMA user_version = 1"])
@pytest.mark.parametrize("mode", ["delete", "wal"])
def test_a_database_of_another_program_is_left_as_it_is(statement: str, mode: str, tmp_path: Path) -> None:
    path = tmp_path / "other"
    database(path, f"PRAGMA journal_mode = {mode}", statement)
    before = path.read_bytes()
    assert refused(lambda: opened(path)) == (
        f"{path}: S102 is a database of another program, expected a log of learnorg_rules\n"
        "    hint: name another file, or restore this one from a copy"
    )
    assert ([p.name for p in tmp_path.iterdir()], path.read_bytes()) == (["other"], before)


def test_a_folder_is_no_log(tmp_path: Path) -> None:
    assert refused(lambda: opened(tmp_path)) == (
        f"{tmp_path}: S102 is a folder, expected a log of learnorg_rules\n"
        "    hint: name another file, or restore this one from a copy"
    )


@pytest.mark.parametrize("writer", [True, False])
def test_a_log_of_a_newer_version_is_refused(writer: bool, tmp_path: Path) -> None:
    path = tmp_path / "log"
    database(path, f"PRAGMA application_id = {APPLICATION}", "PRAGMA user_version = 7")
    assert refused(lambda: opened(path, writer)) == (
        f"{path}: S103 is of format 7, expected at most {len(MIGRATIONS)}\n    hint: install a newer version of learnorg_rules"
    )


def test_a_log_of_an_older_version_is_brought_up_to_date_by_a_writer_only(tmp_path: Path) -> None:
    path = tmp_path / "log"
    with Log.open(path) as log:
        log.append(events("a"))
    newer = (*MIGRATIONS, ("CREATE TABLE more (x)",), lambda c: c.execute("INSERT INTO more VALUES (1)"))
    assert refused(lambda: open_database(path, False, newer)) == (
        f"{path}: S103 is of format 3, expected 5\n    hint: open it for writing once, which brings it up to date"
    )
    open_database(path, True, newer).close()
    now = open_database(path, False, newer)
    assert now.execute("SELECT x, (SELECT line FROM entries) FROM more").fetchall() == [(1, "a" * 10)]
    now.close()
    assert "S103 is of format 5, expected at most 3" in refused(lambda: opened(path))


def test_a_migration_that_fails_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "log"
    with Log.open(path) as log:
        log.append(events("a"))
    with pytest.raises(sqlite3.OperationalError, match="no such table"):
        open_database(path, True, (*MIGRATIONS, ("CREATE TABLE more (x)", "DROP TABLE missing")))
    with Log.open(path) as log:
        assert log.last() == 1
        assert log._execute("SELECT count(*) FROM sqlite_master WHERE name = 'more'").fetchone() == (0,)


def test_a_log_that_was_cut_short_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "log"
    with Log.open(path) as log:
        log.append(events("a", "b", "c", size=20_000))
    whole = path.read_bytes()
    for size in (len(whole) // 2, len(whole) - 4096, 4096):
        path.write_bytes(whole[:size])
        assert refused(lambda: opened(path)) == (
            f"{path}: S104 the log is damaged (SQLITE_CORRUPT)\n"
            "    hint: restore it from a copy, or send the events again to a new log"
        )
        assert path.read_bytes() == whole[:size]


def test_a_log_that_was_emptied_beside_its_latest_entries_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "log"
    with Log.open(path) as log:
        log.append(events("a"))
        latest = (tmp_path / "log-wal").read_bytes()
    path.write_bytes(b"")
    (tmp_path / "log-wal").write_bytes(latest)
    said = (
        f"{path}: S104 the log is empty or gone, but 'log-wal' beside it is not\n"
        "    hint: restore it from a copy, or send the events again to a new log"
    )
    assert refused(lambda: opened(path)) == said
    path.unlink()
    assert refused(lambda: opened(path)) == said
    assert (tmp_path / "log-wal").read_bytes() == latest


def test_entries_that_were_overwritten_are_refused_when_they_are_read(tmp_path: Path) -> None:
    path = tmp_path / "log"
    with Log.open(path) as log:
        log.append(events("a", "b", size=20_000))
    raw = bytearray(path.read_bytes())
    page = next(i for i in range(0, len(raw), 4096) if raw[i + 4 : i + 4096] == b"a" * 4092)
    raw[page : page + 4] = b"\xff\xff\xff\xff"
    path.write_bytes(raw)
    with Log.open(path) as log:
        assert refused(lambda: list(log.entries())).startswith(f"{path}: S104 the log is damaged")


def test_bytes_that_are_no_text_are_refused_when_they_are_read(tmp_path: Path) -> None:
    with Log.open(tmp_path / "texts") as log:
        log._execute("INSERT INTO entries (sort, source, line) VALUES ('event', '', CAST(x'ff' AS TEXT))")
        assert refused(lambda: list(log.entries())).startswith(f"{tmp_path / 'texts'}: S104 the log is damaged")


def test_a_writer_needs_the_right_to_write() -> None:
    with nobody() as folder:
        path = folder / "log"
        hint = "\n    hint: give the right to write the file and its folder, or copy the log to where you have it"
        for writer in (True, False):
            assert refused(lambda writer=writer: opened(path, writer)) in (  # type: ignore[misc]
                f"{path}: S105 the log cannot be written (SQLITE_READONLY_DIRECTORY){hint}",
                f"{path}: S105 the file cannot be opened (SQLITE_CANTOPEN){hint}",
            )
        assert (
            refused(lambda: opened(folder / "new"))
            == f"{folder / 'new'}: S105 the file cannot be opened (SQLITE_CANTOPEN){hint}"
        )


def test_the_lock_must_be_a_file_that_can_be_made(tmp_path: Path) -> None:
    (tmp_path / "log-writer").mkdir()
    assert refused(lambda: opened(tmp_path / "log")) == (
        f"{tmp_path / 'log-writer'}: S105 the file cannot be opened (SQLITE_CANTOPEN)\n"
        "    hint: give the right to write the file and its folder, or copy the log to where you have it"
    )


def test_a_log_that_turns_read_only_takes_nothing_and_loses_nothing(tmp_path: Path) -> None:
    with Log.open(tmp_path / "log") as log:
        log.append(events("a"))
        log._execute("PRAGMA query_only = ON")
        assert "S105 the log cannot be written (SQLITE_READONLY)" in refused(lambda: log.append(events("b")))
        log._execute("PRAGMA query_only = OFF")
        assert [one.seq for one in log.append(events("b"))] == [2]


def test_a_reader_that_writes_is_a_fault_of_ours(tmp_path: Path) -> None:
    opened(tmp_path / "log")
    with Log.open(tmp_path / "log", writer=False) as log:
        for call in (
            lambda: log.append([]),
            lambda: log.set_marks({}),
            lambda: log.save_snapshot(0, "", {}),
            lambda: log.restate([]),
        ):
            with pytest.raises(ValueError, match="the log was opened for reading"):
                call()


def test_there_is_one_writer(tmp_path: Path) -> None:
    path, link = tmp_path / "log", tmp_path / "link"
    with Log.open(path) as log:
        link.symlink_to(path)
        for name in (path, link):
            assert refused(lambda name=name: opened(name)) == (  # type: ignore[misc]
                f"{name}: S106 is open for writing elsewhere, expected no other writer\n"
                "    hint: close the other writer, or open the log for reading"
            )
        assert log.append(events("a"))[0].seq == 1
    opened(link)
    opened(path)


def test_a_log_held_by_another_program_is_busy(tmp_path: Path) -> None:
    path = tmp_path / "log"
    with Log.open(path) as log:
        log._execute("PRAGMA busy_timeout = 0")
        other = sqlite3.connect(path, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        assert refused(lambda: log.append(events("a"))) == (
            f"{path}: S107 another program holds the log (SQLITE_BUSY)\n"
            "    hint: close the other program that uses the file, and do it again"
        )
        assert log.last() == 0
        other.execute("ROLLBACK")
        other.close()
        assert log.append(events("a"))[0].is_new


def test_on_a_full_disk_what_was_acknowledged_stays_and_the_rest_comes_again(tmp_path: Path) -> None:
    path = tmp_path / "log"
    with Log.open(path) as log:
        log._execute("PRAGMA max_page_count = 60")
        acknowledged, said = filled(log)
        assert said == (
            f"{path}: S108 no room left on the disk (SQLITE_FULL)\n"
            "    hint: make room and send it again; all that was acknowledged before is kept"
        )
        assert acknowledged > 10
        assert (log.last(), log.mark("last")) == (2 * acknowledged + 2, str(acknowledged))
        log._execute("PRAGMA max_page_count = 100000")
        assert log.append(events(f"{acknowledged + 1} a", size=200))[0].seq == 2 * acknowledged + 3
    with Log.open(path) as log:
        assert [e.seq for e in log.entries()] == list(range(1, 2 * acknowledged + 4))


def test_when_the_system_refuses_to_write_what_was_acknowledged_stays(tmp_path: Path) -> None:
    resource = pytest.importorskip("resource")  # POSIX; a file may not grow beyond the limit
    path = tmp_path / "log"
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    with Log.open(path) as log:
        resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, hard))
        try:
            acknowledged, said = filled(log)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        assert said.startswith(f"{path}: S109 the system refused to read or write the log (SQLITE_IOERR")
        assert said.endswith("hint: look at the disk, the quota and the limits of the process; then send it again")
        assert acknowledged > 10
        assert (log.last(), log.mark("last")) == (2 * acknowledged + 2, str(acknowledged))
        assert [one.seq for one in log.append(events("more"))] == [2 * acknowledged + 3]
    with Log.open(path) as log:
        assert [e.seq for e in log.entries()] == list(range(1, 2 * acknowledged + 4))


@pytest.mark.parametrize(
    "bad",
    [
        New("event", "", "\ud800", None, "{}"),
        New("event", "", "b", "\ud800", "{}"),
        New("advance", "", None, None, "\ud800"),
    ],
)
def test_half_a_surrogate_pair_is_refused_with_its_batch(bad: New) -> None:
    with Log.open() as log:
        assert refused(lambda: log.append([*events("a"), bad])) == (
            ":memory:: S111 half a surrogate pair '\\ud800' in a text, expected characters that UTF-8 can hold\n"
            "    hint: put the text right where it is made; nothing of its batch was written"
        )
        assert (log.last(), log.append(events("a"))[0].is_new) == (0, True)
        assert refused(lambda: log.same_identity("", "\ud800")).startswith(":memory:: S111")


def test_a_line_too_long_is_refused_with_its_batch() -> None:
    with Log.open() as log:
        log._database.connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, 1000)
        assert refused(lambda: log.append(events("a", "b" * 200))).startswith(
            ":memory:: S112 a text or snapshot of more than"
        )
        assert log.last() == 0
