"""What was acknowledged is there after kill -9, and readers see whole batches while a writer writes."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from learnorg_rules.errors import InputError
from learnorg_rules.store import Log, New
from learnorg_rules.store.database import open_database
from learnorg_rules.store.schema import MIGRATIONS

BEGIN = "import sys; from learnorg_rules.store import Log, New\n"
WRITES = (
    BEGIN
    + """
with Log.open(sys.argv[1]) as log:
    for i in range(int(sys.argv[2]), int(sys.argv[3])):
        pair = [New("event", "", f"{i} {x}", None, f"{i} {x}") for x in "ab"]
        print(i, *(one.seq for one in log.append(pair, {"last": str(i)})), flush=True)
"""
)
BEGINS = (
    BEGIN
    + """
for i in range(100_000):
    with Log.open(f"{sys.argv[1]}{i}") as log:
        log.append([New("event", "", "a", None, "a")])
    print(i, flush=True)
"""
)


@contextmanager
def child(script: str, *arguments: object) -> Iterator["subprocess.Popen[str]"]:
    """A process of its own, killed without warning at the end of the block."""
    command = [sys.executable, "-c", script, *map(str, arguments)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2]) as process:
        try:
            yield process
        finally:
            process.kill()


def lines(process: "subprocess.Popen[str]", number: int = -1) -> list[str]:
    """So many of the lines the process has written, or all there will be. A line that was cut off says nothing."""
    assert process.stdout is not None
    found = []
    while len(found) != number and (line := process.stdout.readline()).endswith("\n"):
        found.append(line.strip())
    return found


def test_what_was_acknowledged_is_there_once_after_kill_9(tmp_path: Path) -> None:
    path, seqs = tmp_path / "log", {}
    for round_, heard in enumerate((1, 40, 7, 150)):
        with child(WRITES, path, round_ * 10_000, 10**9) as process:
            said = lines(process, heard)
            process.kill()
            said += lines(process)  # acknowledged before the end came
        seqs |= {f"{i} {x}": int(seq) for i, *pair in map(str.split, said) for x, seq in zip("ab", pair, strict=True)}
        with Log.open(path) as log:
            kept = list(log.entries())
            assert [e.seq for e in kept] == list(range(1, len(kept) + 1))
            assert len({e.id for e in kept}) == len(kept)
            assert seqs.items() <= {e.id: e.seq for e in kept}.items()
            assert len(kept) % 2 == 0
            assert f"{log.mark('last')} b" == kept[-1].id
            again = log.append([New("event", "", id_, None, id_) for id_ in seqs])
            assert [(one.seq, one.is_new) for one in again] == [(seq, False) for seq in seqs.values()]
    assert len(seqs) >= 2 * (1 + 40 + 7 + 150)


def test_a_log_whose_beginning_was_killed_can_be_begun_again(tmp_path: Path) -> None:
    for heard in (1, 2, 5):
        with child(BEGINS, tmp_path / f"{heard}-") as process:
            lines(process, heard)
            process.kill()
            begun = heard + len(lines(process))
        for i in range(begun + 1):
            with Log.open(tmp_path / f"{heard}-{i}") as log:
                assert i == begun or log.last() == 1
                assert log.append([New("event", "", "b", None, "b")])[0].is_new


def test_the_lock_of_a_killed_writer_is_free(tmp_path: Path) -> None:
    path = tmp_path / "log"
    with child(WRITES, path, 0, 10**9) as process:
        lines(process, 3)
        with pytest.raises(InputError, match="S106"):
            Log.open(path)
        with Log.open(path, writer=False) as log:
            assert log.last() >= 6
    with Log.open(path) as log:
        assert log.last() >= 6


def test_a_reader_sees_whole_batches_while_a_writer_writes(tmp_path: Path) -> None:
    path, seen = tmp_path / "log", 0
    with child(WRITES, path, 0, 1500) as process:
        lines(process, 1)
        with Log.open(path, writer=False) as log:
            while seen < 3000:
                last = log.last()
                new = list(log.entries(after=seen, until=last))
                assert [e.seq for e in new] == list(range(seen + 1, last + 1))
                assert last % 2 == 0
                assert int(log.mark("last") or -1) >= (last - 1) // 2
                seen = last
        assert len(lines(process)) == 1499


def test_reading_stopped_half_way_holds_up_nobody(tmp_path: Path) -> None:
    with Log.open(tmp_path / "log") as log, Log.open(tmp_path / "log", writer=False) as reader:
        log.append([New("event", "", str(i), None, "x" * 100) for i in range(2000)])
        entries = reader.entries()
        next(entries)
        assert log._execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone() == (0, 0, 0)
        assert len(list(entries)) == 1999


def test_the_file_is_written_through_to_the_disk(tmp_path: Path) -> None:
    database = open_database(tmp_path / "log", writer=True)
    settings = ("journal_mode", "synchronous", "user_version", "foreign_keys")
    assert [database.execute(f"PRAGMA {name}").fetchone()[0] for name in settings] == ["wal", 2, len(MIGRATIONS), 1]
    database.close()
    database.close()


def test_a_closed_log_is_one_file_and_its_lock(tmp_path: Path) -> None:
    with Log.open(tmp_path / "a log 100%?#é") as log:
        log.append([New("event", "", "a", None, "a")])
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a log 100%?#é", "a log 100%?#é-writer"]
    with Log.open(str(tmp_path / "a log 100%?#é"), writer=False) as log:
        assert log.last() == 1


def test_logs_in_memory_know_nothing_of_each_other() -> None:
    with Log.open() as one, Log.open() as other:
        one.append([New("event", "", "a", None, "a")])
        assert (one.last(), other.last()) == (1, 0)
