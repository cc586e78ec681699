"""What live refuses, with what is said; and what of a file may be lost without loss."""

import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from small_live import RULES, event, opened, programme

from learnorg_rules.errors import InputError


def refused(call: Callable[[], object]) -> str:
    """The refusal as it is shown."""
    with pytest.raises(InputError) as caught:
        call()
    return str(caught.value)


def changed(path: Path, *statements: str) -> None:
    connection = sqlite3.connect(path)
    for statement in statements:
        connection.execute(statement)
    connection.commit()
    connection.close()


def test_the_log_of_another_ruleset_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "log"
    opened(path, at="2005-01-10").close()
    said = refused(lambda: opened(path, rules=RULES.replace("id: small", "id: other")))
    assert said == f"{path}: L101 the log is of the ruleset 'small', not of 'other'"
    with opened(path) as live:  # it was let go of
        assert str(live.at) == "2005-01-10"


@pytest.mark.parametrize(
    ("period", "message"),
    [
        ("2005-02", "L102 2005-02 runs until 2005-02-28, and it is 2005-02-10\n    hint: advance to 2005-02-28"),
        ("2005-01", "L103 2005-01 was published already\n    hint: see `learnorg published`"),
        ("2005-1", "L104 no rule is judged in a period '2005-1'\n    hint: did you mean '2005-12'?"),
    ],
)
def test_a_period_that_cannot_be_published_is_refused(period: str, message: str) -> None:
    with opened(at="2005-02-10") as live:
        live.publish("2005-01")
        assert refused(lambda: live.publish(period)) == f"--period: {message}"
        assert len(live.publications()) == 1


def test_a_publication_of_rules_that_the_log_does_not_hold_does_not_verify(tmp_path: Path) -> None:
    path = tmp_path / "log"
    with opened(path, at="2005-02-10") as live:
        live.post(event("1", "2005-01-05"))
        publication = live.publish("2005-01")
    changed(path, "DELETE FROM inputs")
    with opened(path, rules=RULES.replace("salons >= 1, every", "salons >= 2, every")) as live:
        said = refused(lambda: live.verify(publication))
    again = said.split("computed again it is ")[1][:64]
    assert again != publication.digest
    assert said == (
        f"2005-01: L105 publication 1 of 2005-01 has the digest {publication.digest}, computed again it is {again}\n"
        "    hint: not as they were when it was published, and those are not in the log: the rules"
    )


@pytest.mark.parametrize(
    ("day", "message"),
    [
        ("2005-01-09", "L106 2005-01-09: it is 2005-01-10 already"),
        ("2007-01-01", "L106 2007-01-01: the rules judge 2005-01-01 to 2006-12-31"),
    ],
)
def test_a_day_out_of_order_is_refused_and_nothing_moves(day: str, message: str) -> None:
    with opened(at="2005-01-10") as live:
        before = live.result()
        assert refused(lambda: live.advance(day)) == f"--at: {message}"
        assert (live.seq, live.result().duties) == (1, before.duties)


def test_before_a_first_day_there_is_no_result() -> None:
    with opened() as live:
        live.post(event("1", "2005-01-05"))
        with pytest.raises(LookupError, match="no day was judged yet: advance to one first"):
            live.result()
        assert live.result("2005-01-31").duties.one(subject="a", period="2005-01").status.value == "met"


def test_what_is_no_event_and_no_selector_is_the_fault_of_the_program() -> None:
    with opened(at="2005-01-10") as live:
        with pytest.raises(TypeError, match="found int, expected a mapping, an Event or a line of text"):
            live.post_many([event("1", "2005-01-05"), 7])  # type: ignore[list-item]
        assert live.seq == 1
        with pytest.raises(TypeError, match="changes are not selected by 'subjct'; did you mean 'subject'"):
            live.subscribe(print, subjct="a")


def test_a_rule_and_a_kind_that_there_are_not_cannot_be_listened_to() -> None:
    with opened(at="2005-01-10") as live:
        with pytest.raises(LookupError, match="there is no kind 'duties'; did you mean 'duty'"):
            live.subscribe(print, kind="duties")
        rule = next(iter(live.rules.duties))
        with pytest.raises(LookupError, match=f"there is no rule '{rule}x'; did you mean '{rule}'"):
            live.subscribe(print, rule=f"{rule}x")


def test_a_second_writer_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "log"
    with opened(path):
        assert refused(lambda: opened(path)) == (
            f"{path}: S106 is open for writing elsewhere, expected no other writer\n"
            "    hint: close the other writer, or open the log for reading"
        )


def test_a_log_of_a_newer_format_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "log"
    opened(path, at="2005-01-10").close()
    changed(path, "PRAGMA user_version = 99")
    assert refused(lambda: opened(path)).startswith(f"{path}: S103 ")
    changed(path, "PRAGMA user_version = 2")
    opened(path).close()


def test_a_file_of_another_program_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_text("no log " * 100)
    assert refused(lambda: opened(path)) == (
        f"{path}: S102 is not a SQLite database\n    hint: name another file, or restore this one from a copy"
    )


def test_a_snapshot_cut_short_is_noticed_and_costs_nothing_but_time(tmp_path: Path) -> None:
    path = tmp_path / "log"
    with opened(path, at="2005-01-10") as live:
        live.post(event("1", "2005-01-05"))
        live.snapshot()
        live.post(event("2", "2005-01-06", "b"))
        before = live.result()
    changed(path, "UPDATE snapshot_parts SET bytes = substr(bytes, 1, 5) WHERE name = 'seen'")
    with opened(path) as live:
        assert [(n.code, n.severity, n.message) for n in live.notices] == [
            ("S110", "warning", "the snapshot after entry 2 is damaged, and is not used")
        ]
        assert live.result().duties == before.duties
        assert live.result().scorecards == before.scorecards


def test_an_organisation_that_does_not_fit_changes_nothing() -> None:
    worse = programme(
        org="units:\n  - {id: d, level: district}\n  - {id: a, level: office, parent: d}\n  - {id: b, level: department, parent: d}\n"
    )[1]
    with opened(at="2005-01-10") as live:
        before, seq = live.result(), live.seq
        assert "'office'" in refused(lambda: live.reorganise(worse))
        assert live.seq == seq
        assert live.result().duties == before.duties
        assert live.post(event("1", "2005-01-05")).state == "accepted"
