"""What live does, by example."""

from collections.abc import Iterable
from pathlib import Path

import pytest
from small_live import event, opened, programme

import learnorg_rules as lr
from learnorg_rules.errors import InputError
from learnorg_rules.judging.changes import Change


def said(changes: Iterable[Change], *kinds: str) -> list[str]:
    """The changes in short: what, whom, period, from what to what."""
    return [
        f"{c.rule} {c.subject} {c.period}: {_state(c.old)} -> {_state(c.new)}"
        for c in changes
        if not kinds or c.kind in kinds
    ]


def _state(record: object) -> str:
    for name in ("status", "state", "outcome", "total"):
        if hasattr(record, name):
            return str(getattr(record, name))
    return "nothing"


def test_a_duty_falls_due_without_an_event() -> None:
    with opened(at="2005-01-10") as live:
        changes = live.advance("2005-01-31")
        assert said(changes, "duty") == [
            "salon a 2005-01: open -> at_risk", "salon b 2005-01: open -> at_risk",
            "salon a 2005-01: at_risk -> missed", "salon b 2005-01: at_risk -> missed",
        ]  # fmt: skip
        assert [c.at.isoformat() for c in changes if c.kind == "duty"] == ["2005-01-24"] * 2 + ["2005-01-31"] * 2
        assert {str(c.cause) for c in changes} == {"time"}


def test_an_event_meets_a_duty_at_once_and_moves_points_and_ranks() -> None:
    with opened(at="2005-01-10") as live:
        posted = live.post(event("1", "2005-01-05", "b"))
        assert said(posted) == [
            "salon b 2005-01: open -> met", "year b 2005: 0 -> 1",
            "best b 2005: not_granted -> granted", "best a 2005: granted -> not_granted",
        ]  # fmt: skip
        assert [(c.position, str(c.cause)) for c in posted] == [((2, n), "event 1") for n in range(4)]


def test_a_correction_months_later_moves_both_months() -> None:
    with opened(at="2005-01-10") as live:
        live.post(event("1", "2005-01-05"))
        live.advance("2005-06-10")
        assert live.result().duties.one(subject="a", period="2005-01").status.value == "met"
        posted = live.post(event("2", "2005-03-05", corrects="1"))
        assert said(posted, "duty") == ["salon a 2005-01: met -> missed", "salon a 2005-03: missed -> met"]
        voided = live.post(event("3", "2005-03-05", voids="2"))
        assert said(voided, "duty") == ["salon a 2005-01: missed -> met", "salon a 2005-03: met -> missed"]


def test_a_waiver_lets_off_what_was_missed_and_what_is_to_come() -> None:
    with opened(at="2005-03-10") as live:
        waiver = event(
            "w", "2005-02-01", kind="let_off", rule="salon", reason="flood", granted_by="d", until="2005-03-31"
        )
        assert said(live.post(waiver)) == ["salon a 2005-02: missed -> waived", "salon a 2005-03: open -> waived"]
        assert said(live.post(event("v", "2005-03-10", voids="w"))) == [
            "salon a 2005-02: waived -> missed", "salon a 2005-03: waived -> open",
        ]  # fmt: skip


def test_what_an_event_of_a_day_to_come_changes_is_told_of_its_day_however_far_time_passes() -> None:
    with opened(at="2005-02-01") as live:
        live.post(event("1", "2005-02-03"))
        (met, *_) = [c for c in live.advance("2005-03-10") if c.kind == "duty" and c.subject == "a"]
        assert said([met]) == ["salon a 2005-02: open -> met"]
        assert (met.at.isoformat(), str(met.cause)) == ("2005-02-03", "time")


def test_an_event_of_a_day_to_come_counts_when_the_day_comes() -> None:
    with opened(at="2005-01-10") as live:
        assert said(live.post(event("1", "2005-02-03"))) == []
        assert said(live.advance("2005-02-03"), "duty")[-3:] == [
            "salon a 2005-02: not_yet_due -> open", "salon b 2005-02: not_yet_due -> open", "salon a 2005-02: open -> met",
        ]  # fmt: skip


def test_a_gate_opens_for_the_next_step_when_what_it_waited_for_comes() -> None:
    with opened(at="2005-05-10") as live:
        assert [p.state.value for p in live.result().plans] == ["extended", "waiting"]
        assert said(live.post(event("1", "2005-05-02", "d", "plan"))) == [
            "programme d start: extended -> done_late", "programme d work: waiting -> running",
        ]  # fmt: skip


def test_an_award_is_overtaken() -> None:
    with opened(at="2005-06-10") as live:
        live.post_many([event("1", "2005-01-05", "b"), event("2", "2005-01-06", "b")])
        three = live.post_many([event(str(n), f"2005-02-0{n}") for n in (3, 4, 5)])
        assert said(three[1]) == [
            "year a 2005: 1 -> 2", "best a 2005: not_granted -> granted", "best b 2005: granted -> not_granted",
        ]  # fmt: skip
        assert [a.subject for a in live.result().awards if a.granted] == ["a"]


def test_a_change_is_heard_by_those_who_asked_for_its_like() -> None:
    heard: list[Change] = []
    every: list[Change] = []
    with opened(at="2005-01-10") as live:
        end = live.subscribe(heard.append, kind="duty", subject="a")
        live.subscribe(every.append)
        live.post_many([event("1", "2005-01-05", "b"), event("2", "2005-01-05", "a")])
        assert said(heard) == ["salon a 2005-01: open -> met"]
        assert len(every) > 4
        end()
        live.advance("2005-02-28")
        assert len(heard) == 1


def test_each_event_says_what_became_of_it() -> None:
    with opened(at="2005-01-10") as live:
        states = {
            "accepted": live.post(event("1", "2005-01-05")),
            "duplicate": live.post(event("1", "2005-01-05")),
            "conflicting": live.post(event("1", "2005-01-06")),
            "rejected": live.post(event("2", "2005-01-05", "nowhere")),
        }
        assert live.post(event("3", "2005-01-05", voids="4")).code == "V405"  # what it voids has not come yet
        states["voided"] = live.post(event("4", "2005-01-05"))
        states["voids"] = live.post(event("9", "2005-01-05", voids="4"))
        live.post(event("6", "2005-01-07", corrects="5", recorded_at="2005-01-08T00:00:00Z"))
        states["superseded"] = live.post(event("5", "2005-01-06"))
        assert {state: posted.state for state, posted in states.items()} == dict(zip(states, states, strict=True))
        assert {s: p.code for s, p in states.items() if p.code} == {"conflicting": "V401", "rejected": "V502"}
        assert states["rejected"].reason == "there is no unit 'nowhere' (known: a, b, d)"
        assert live.result().counts["accepted"] == 1


def test_results_wait_in_the_file_and_go_on_from_a_snapshot(tmp_path: Path) -> None:
    with opened(tmp_path / "log", at="2005-01-10") as live:
        first = live.post(event("1", "2005-01-05"))
        live.snapshot()
        second = live.post(event("2", "2005-01-06", "b"))
        before = live.result()
    with opened(tmp_path / "log", since=first.seq) as live:
        assert live.replayed == list(second)
        assert live.result().duties == before.duties
        assert live.result().awards == before.awards


def test_an_organisation_put_right_changes_what_rests_on_it() -> None:
    other = programme(
        org="units:\n  - {id: d, level: district}\n  - {id: a, level: department, parent: d}\n  - {id: b, level: district}\n"
    )[1]
    with opened(at="2005-01-10") as live:
        live.post(event("1", "2005-01-05", "b"))
        changes = live.reorganise(other)
        assert "salon b 2005-01: met -> nothing" in said(changes)
        assert "best a 2005: not_granted -> granted" in said(changes)
        assert {str(c.cause) for c in changes} == {"organisation"}


def test_a_failed_write_acknowledges_nothing_and_counts_nothing(tmp_path: Path) -> None:
    with opened(tmp_path / "log", at="2005-01-10") as live:
        live.post(event("1", "2005-01-05"))
        before = live.result()
        live._log._execute("PRAGMA max_page_count = 1")
        with pytest.raises(InputError, match="S108"):
            live.post_many([event(f"x{n}", "2005-01-06", "b", source="x" * 500) for n in range(2000)])
        assert live.seq == 2
        assert live.result().duties == before.duties
        assert live.result().counts == before.counts
        live._log._execute("PRAGMA max_page_count = 100000")
        assert live.post(event("2", "2005-01-06", "b")).state == "accepted"


def test_what_is_published_is_restated_and_stays() -> None:
    with opened(at="2005-01-31") as live:
        publication = live.publish("2005-01")
        live.post(event("1", "2005-01-05"))
        (restated,) = [r for r in live.restatements(publication) if r.rule == "salon"]
        assert ('"missed"' in restated.old, '"met"' in restated.new, restated.cause) == (True, True, "event 1")
        assert live.publications()[0].results == publication.results
        live.verify(publication)


def test_another_organisation_restates_what_was_published_just_before() -> None:
    other = programme(org="units:\n  - {id: d, level: district}\n  - {id: a, level: department, parent: d}\n")[1]
    with opened(at="2005-01-31") as live:
        live.publish("2005-01")
        live.reorganise(other)
        assert [(r.subject, r.new, r.cause) for r in live.restatements() if r.rule == "salon"] == [
            ("b", "null", "organisation")
        ]


def test_changes_go_out_as_cloud_events() -> None:
    with opened(at="2005-01-10") as live:
        (change, *_) = live.post(event("1", "2005-01-05", "b"))
        sent = lr.cloudevent(change, "small")
        assert {name: sent[name] for name in ("id", "source", "type", "subject")} == {
            "id": "2.0", "source": "learnorg:small", "type": "learnorg.duty.changed", "subject": "b",
        }  # fmt: skip
        assert (sent["data"]["old"]["status"], sent["data"]["new"]["status"]) == ("open", "met")
