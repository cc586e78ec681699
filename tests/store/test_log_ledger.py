"""What was published stays as it was said."""

import hashlib
import sqlite3
from pathlib import Path

import pytest
from attrs import evolve

from learnorg_rules.errors import InputError
from learnorg_rules.store import Log, Publication, Restatement

RESULTS = '{"subject": "publicity", "value": "98.50"}\n{"subject": "学习部", "value": null}\n'
FIRST = Publication(
    0, "2005-Q1", "2005-04-10T09:00:00+08:00", None, 12, "lo", "1.2", "r" * 64, "o" * 64, RESULTS, hashlib.sha256(RESULTS.encode()).hexdigest()
)  # fmt: skip
EMPTY = evolve(FIRST, period="2005-Q2", known_at="2005-07-01", results="", digest=hashlib.sha256(b"").hexdigest())
CHANGE = Restatement(1, 13, "publicity", "forum", "2005-Q1", '"98.50"', '"97.00"', "corrects e17", False, "closed")


def test_publications_are_numbered_and_come_back_as_they_were(tmp_path: Path) -> None:
    with Log.open(tmp_path / "log") as log:
        assert log.publications() == []
        assert (log.publish(FIRST), log.publish(EMPTY), log.publish(evolve(FIRST, number=3))) == (1, 2, 3)
    with Log.open(tmp_path / "log", writer=False) as log:
        assert log.publications() == [evolve(FIRST, number=1), evolve(EMPTY, number=2), evolve(FIRST, number=3)]


def test_results_are_compressed_in_the_file(tmp_path: Path) -> None:
    results = '{"subject": "publicity"}\n' * 40_000
    with Log.open(tmp_path / "log") as log:
        log.publish(evolve(FIRST, results=results, digest=hashlib.sha256(results.encode()).hexdigest()))
    assert (tmp_path / "log").stat().st_size < 200_000


def test_results_without_their_digest_are_not_published() -> None:
    with Log.open() as log:
        with pytest.raises(ValueError, match="the results of 2005-Q1 do not have the digest"):
            log.publish(evolve(FIRST, results=RESULTS + " "))
        assert log.publications() == []


def test_a_number_that_is_not_the_next_is_refused() -> None:
    with Log.open() as log:
        log.publish(FIRST)
        with pytest.raises(ValueError, match="the next publication is number 2, not 1"):
            log.publish(evolve(FIRST, number=1))
        assert len(log.publications()) == 1


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE publications SET results = x''",
        "DELETE FROM publications",
        "UPDATE restatements SET allowed = 1",
        "DELETE FROM restatements",
    ],
)
def test_the_file_refuses_to_change_what_was_said(change: str, tmp_path: Path) -> None:
    with Log.open(tmp_path / "log") as log:
        log.publish(FIRST)
        log.restate([CHANGE])
    connection = sqlite3.connect(tmp_path / "log")
    with pytest.raises(sqlite3.IntegrityError, match=r"never (change|go)"):
        connection.execute(change)
    connection.close()


@pytest.mark.parametrize("damage", ["x'00'", "substr(results, 1, 20)", "'text'", "7"])
def test_a_damaged_publication_is_never_shown(damage: str, tmp_path: Path) -> None:
    path = tmp_path / "log"
    with Log.open(path) as log:
        log.publish(FIRST)
    connection = sqlite3.connect(path)
    connection.execute("DROP TRIGGER publications_stay_1")
    connection.execute(f"UPDATE publications SET results = {damage}")
    connection.commit()
    connection.close()
    with Log.open(path) as log, pytest.raises(InputError) as refused:
        log.publications()
    assert str(refused.value) == (
        f"{path}: S104 publication 1 is damaged: its results do not have their digest\n"
        "    hint: restore it from a copy, or send the events again to a new log"
    )


def test_restatements_are_read_by_publication_in_the_order_of_writing() -> None:
    later = [evolve(CHANGE, subject=s, publication=p, allowed=True) for s, p in (("z", 1), ("a", 2), ("b", 1))]
    with Log.open() as log:
        log.publish(FIRST)
        log.publish(FIRST)
        log.restate(later[:2])
        log.restate([CHANGE, later[2]])
        assert log.restatements() == [*later[:2], CHANGE, later[2]]
        assert log.restatements(1) == [later[0], CHANGE, later[2]]
        assert (log.restatements(2), log.restatements(3)) == ([later[1]], [])
        assert log.restatements()[2].allowed is False


def test_a_restatement_written_again_is_there_once() -> None:
    with Log.open() as log:
        log.publish(FIRST)
        log.restate([CHANGE, CHANGE])
        log.restate([CHANGE, evolve(CHANGE, seq=14, new='"96.00"')])
        assert [r.seq for r in log.restatements()] == [13, 14]


def test_a_restatement_is_never_replaced_by_another() -> None:
    with Log.open() as log:
        log.publish(FIRST)
        log.restate([CHANGE])
        with pytest.raises(ValueError, match="is there with other content"):
            log.restate([evolve(CHANGE, seq=14), evolve(CHANGE, allowed=True)], {})
        assert log.restatements() == [CHANGE]


def test_a_restatement_of_what_was_never_published_is_refused() -> None:
    with Log.open() as log, pytest.raises(sqlite3.IntegrityError, match="FOREIGN KEY"):
        log.restate([CHANGE])
