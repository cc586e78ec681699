"""`learnorg watch` in processes of its own: files that grow, kills, pipes, signals."""

import json
import os
import random
import signal
import subprocess
import sys
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from conftest import EVENTS, RULES, build

import learnorg_rules as lr

OPTIONS = ("--json", "--advance-with-events")


def line(number, day, minutes=30, unit="north", **more):
    return (
        json.dumps(
            {
                "id": f"e{number}",
                "kind": "session",
                "unit": unit,
                "occurred_at": f"{day}T10:00:00+08:00",
                "minutes": minutes,
            }
            | more
        )
        + "\n"
    )


def year(seed):
    """A year of sessions in the order of their days; some late, resent, corrected, voided, or refused."""
    chance, lines = random.Random(seed), []
    day = date(2005, 1, 3)
    for number in range(60):
        day += timedelta(chance.randrange(0, 11))
        unit = chance.choice(["north", "south", "soth"] if number % 9 == 0 else ["north", "south"])
        more = {}
        if number > 5 and chance.random() < 0.2:
            more = {chance.choice(["corrects", "voids"]): f"e{chance.randrange(number)}"}
        happened = day - timedelta(40) if chance.random() < 0.1 and day > date(2005, 3, 1) else day
        lines.append(line(number, min(happened, date(2005, 12, 30)), chance.randrange(10, 90), unit, **more))
        if chance.random() < 0.1:
            lines.append(lines[chance.randrange(len(lines))])
    return lines


@pytest.fixture
def watch(tmp_path):
    """Starts a watch in tmp_path; it is killed where the test leaves it running."""
    started = []

    def start(*arguments, stdin=None):
        process = subprocess.Popen(
            [sys.executable, "-m", "learnorg_rules.cli", "watch", "reading", *map(str, arguments)],
            cwd=tmp_path, stdin=stdin, stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8",
            env={**os.environ, "PYTHONUTF8": "1"},
        )  # fmt: skip
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.wait()
        process.stdout.close()
        process.stderr.close()


@contextmanager
def appending(file):
    with file.open("a", encoding="utf-8") as stream:

        def append(text):
            stream.write(text)
            stream.flush()

        yield append


def by_id(outputs):
    """CloudEvents by id; the same id must never say two things."""
    found = {}
    for text in outputs:
        for printed in text.splitlines():
            try:
                event = json.loads(printed)
            except ValueError:
                assert printed == text.splitlines()[-1]  # a kill may cut the last line
                continue
            assert found.setdefault(event["id"], event) == event
    return found


@pytest.mark.parametrize("seed", [1, 2])
def test_what_killed_watches_printed_is_together_what_an_undisturbed_one_prints(
    reading, watch, process, tmp_path, seed
):
    lines, file = year(seed), tmp_path / "growing.ndjson"
    file.write_text("")
    chance, printed, written = random.Random(seed), [], 0
    arguments = ("--events", "growing.ndjson", "--store", "killed.db", *OPTIONS)
    with appending(file) as append:
        while written < len(lines):
            more = chance.randrange(12, 30)
            whole = "".join(lines[written : written + more])
            written += more
            cut = chance.randrange(1, len(whole))  # in the middle of a line, as a file is when it grows
            append(whole[:cut])
            killed = watch(*arguments)
            out = [killed.stdout.readline() for _ in range(chance.randrange(1, 4))]
            append(whole[cut:])
            killed.send_signal(signal.SIGKILL)
            printed.append("".join(out) + killed.stdout.read())
    for last in ((*arguments, "--no-follow"), ("--store", "killed.db", "--json", "--at", "2005-12-31")):
        code, out, _ = process("watch", "reading", *last)
        assert code == 0
        printed.append(out)
    (tmp_path / "whole.ndjson").write_text("".join(lines))
    alone = []
    for last in (
        ("--events", "whole.ndjson", "--store", "alone.db", *OPTIONS, "--no-follow"),
        ("--store", "alone.db", "--json", "--at", "2005-12-31"),
    ):
        alone.append(process("watch", "reading", *last)[1])
    assert by_id(printed) == by_id(alone)
    assert len(by_id(alone)) > 50
    _, run, _ = process("run", "reading", "--events", "whole.ndjson", "--json")
    run = json.loads(run)
    with lr.Live(lr.load(reading), lr.read_org(reading / "example/org"), tmp_path / "killed.db") as live:
        result = live.result()
        assert [d.status for d in result.duties] == [d["status"] for d in run["duties"]]
        assert [str(t) for t in result.scorecards.to_polars()["total"]] == [t["total"] for t in run["scorecards"]]
        assert result.counts == run["counts"]


def test_a_person_reads_what_each_event_changed(reading, process):
    code, out, err = process(
        "watch", "reading", "--events", "reading/example/events/all.ndjson", "--at", "2005-06-20", "--no-follow"
    )
    assert code == 0
    assert out == (
        "2005-06-20  10 results are now judged\n"
        "2005-06-20  North office: Year 2005 rose from 0 to 12.6667 points (often +6.6667, long +6), grade still poor,"
        " because of record 1\n"
        "2005-06-20  North office: Meets every quarter 2005-Q1 changed from missed to met, because of record 2\n"
        "2005-06-20  North office: Year 2005 rose from 12.6667 to 25.3333 points (often +6.6666, long +6), grade still"
        " poor, because of record 2\n"
        "2005-06-20  North office: Year 2005 rose from 25.3333 to 42 points (long +10, often +6.6667), grade still poor,"
        " because of record 3\n"
        "2005-06-20  North office: Meets every quarter 2005-Q2 changed from due soon to met, because of record 4\n"
        "2005-06-20  North office: Year 2005 rose from 42 to 66.6667 points (long +18, often +6.6667), grade from poor"
        " to good, because of record 4\n"
        "2005-06-20  North office: cup 2005 changed from not eligible to rank 1 of 1 (selected), because of record 4\n"
        "2005-06-20  South office: Year 2005 rose from 0 to 9.6667 points (often +6.6667, long +3), grade still poor,"
        " because of record 5\n"
    )
    assert err == (
        "reading/example/events/all.ndjson:7: V502 there is no unit 'soth' (did you mean 'south'?)\n"
        "reading/example/events/all.ndjson:8: V207 minutes: found the text 'long', expected a whole number\n"
        "records: 5 accepted, 1 repeated, 2 not accepted; changes: 18; results as of 2005-06-20\n"
    )


def test_a_duty_is_told_missed_on_its_last_day_and_not_on_the_day_after(reading, learnorg):
    _, out, _ = learnorg("watch", "reading", "--store", "s.db", "--at", "2005-03-30")
    _, out, _ = learnorg("watch", "reading", "--store", "s.db", "--at", "2005-04-05", "--unit", "south")
    assert out == (
        "2005-03-31  South office: Meets every quarter 2005-Q1 changed from due soon to missed, as 2005-03-31 ended\n"
        "2005-04-01  South office: Meets every quarter 2005-Q2 changed from not started to open, as 2005-04-01 ended\n"
    )


def test_a_late_event_never_moves_time_back_and_a_misspelt_year_never_forward(reading, learnorg, tmp_path):
    (tmp_path / "e.ndjson").write_text(
        line(1, "2005-05-10") + line(2, "2005-02-10") + line(3, "2050-01-01") + line(4, "2005-09-09", unit="soth")
    )
    arguments = ("watch", "reading", "--events", "e.ndjson", "--no-follow", "--advance-with-events", "--json")
    _, out, err = learnorg(*arguments)
    days = [json.loads(printed)["data"]["at"] for printed in out.splitlines()]
    assert days == sorted(days)
    assert days[-1] == "2005-05-09"  # the event of 2005-02-10 counts at once, that of 2005-05-10 when its day is over
    assert err.endswith("changes: 11; results as of 2005-05-09\n")


def test_sigterm_and_sigint_end_it_with_a_summary_and_nothing_is_printed_twice(reading, watch, tmp_path):
    file = tmp_path / "e.ndjson"
    file.write_text(line(1, "2005-02-01"))
    for number, sent in ((2, signal.SIGTERM), (3, signal.SIGINT)):
        process = watch("--events", "e.ndjson", "--store", "s.db", "--at", "2005-06-20")
        for printed in process.stdout:
            if "record e1" in printed or f"record e{number - 1}" in printed:
                break
        process.send_signal(sent)
        out, err = process.stdout.read(), process.stderr.read()
        assert process.wait() == 0
        assert "record e1" not in out or number == 2
        assert err == "records: 1 accepted; changes: " + err.partition("changes: ")[2]
        with appending(file) as append:
            append(line(number, "2005-02-01"))


@pytest.mark.parametrize(
    ("harm", "message"),
    [
        (lambda file: os.replace(file.with_name("new.ndjson"), file), "is another file now"),
        (lambda file: file.write_text(""), "has 0 bytes, and 108 were read of it"),
        (lambda file: file.unlink(), "is gone"),
    ],
)
def test_a_file_that_becomes_another_ends_the_watch_with_its_reason(reading, watch, tmp_path, harm, message):
    file = tmp_path / "e.ndjson"
    file.write_text(line(1, "2005-02-01"))
    file.with_name("new.ndjson").write_text(line(2, "2005-02-01"))
    process = watch("--events", "e.ndjson", "--store", "s.db", "--at", "2005-06-20")
    for printed in process.stdout:
        if "record e1" in printed:
            break
    harm(file)
    err = process.stderr.read()
    assert process.wait() == 1
    assert err == (
        f"e.ndjson: L111 {message}\n"
        "    hint: give the old file its name back, or follow the new one under a name of its own\n"
    )


def test_a_file_that_was_replaced_between_two_watches_is_refused(reading, learnorg, tmp_path):
    file, arguments = (
        tmp_path / "e.ndjson",
        ("watch", "reading", "--events", "e.ndjson", "--no-follow", "--store", "s.db"),
    )
    file.write_text(line(1, "2005-02-01"))
    assert learnorg(*arguments, "--at", "2005-06-20")[0] == 0
    file.write_text(line(7, "2005-02-01") + line(8, "2005-02-01"))
    code, out, err = learnorg(*arguments)
    assert (code, out) == (1, "")
    assert err == (
        "e.ndjson: L111 does not begin any more as it did when it was read\n"
        "    hint: give the old file its name back, or follow the new one under a name of its own\n"
    )


def test_lines_from_a_pipe_count_as_lines_of_a_file_do(reading, watch):
    process = watch("--events", "-", "--at", "2005-06-20", "--json", stdin=subprocess.PIPE)
    out, err = process.communicate(EVENTS.replace("\n", "\r\n\r\n").rstrip())  # blank lines, and no break at the end
    assert process.returncode == 0
    assert len(out.splitlines()) == 18
    assert "standard input:13: V502 there is no unit 'soth'" in err
    assert "5 accepted, 1 repeated, 2 not accepted" in err


def test_bytes_that_are_no_utf8_are_rejected_and_the_others_count(reading, learnorg, tmp_path):
    bad = line(1, "2005-02-01").encode().replace(b'"e1"', b'"e\xff1"')
    (tmp_path / "e.ndjson").write_bytes(bad + line(2, "2005-02-01").encode())
    code, _, err = learnorg("watch", "reading", "--events", "e.ndjson", "--no-follow", "--at", "2005-06-20")
    assert code == 0
    assert err.startswith("e.ndjson:1: V2")
    assert "records: 1 not accepted, 1 accepted" in err


def test_what_cannot_be_followed_is_refused(reading, learnorg, tmp_path):
    at = ("--at", "2005-06-20")
    assert learnorg("watch", "reading", "--events", "none.ndjson", *at)[::2] == (
        1,
        "none.ndjson: L112 cannot be read: No such file or directory\n",
    )
    assert learnorg("watch", "reading", "--events", "e.ndjson.gz", *at)[::2] == (
        1,
        "e.ndjson.gz: L112 only plain NDJSON is followed\n    hint: zcat e.ndjson.gz | learnorg watch ... --events -\n",
    )
    assert learnorg("watch", "reading", "--events", "reading", *at)[::2] == (
        1,
        "reading: L112 cannot be read: it is a folder\n",
    )


def test_wrong_usage_is_told_before_anything_is_taken_in(reading, learnorg):
    code, _, err = learnorg("watch", "reading")
    assert code == 2
    assert "no day was judged yet; say how time passes: --at, --advance-with-events or --today" in err
    code, _, err = learnorg("watch", "reading", "--today", "--at", "2005-06-20")
    assert (code, "--today goes neither with --at nor with" in err) == (2, True)
    code, _, err = learnorg("watch", "reading", "--at", "2005-06-20", "--unit", "nort")
    assert (code, "the organisation has no 'nort'; did you mean 'north'?" in err) == (2, True)


def test_today_is_the_local_day_of_the_rules(tmp_path, learnorg):
    build(tmp_path, rules_yaml=RULES.replace("to: 2005-12-31", "to: 2099-12-31"))
    zone = ZoneInfo("Asia/Shanghai")
    before = datetime.now(zone).date()
    code, _, err = learnorg("watch", "reading", "--today")
    assert code == 0
    assert any(err.endswith(f"results as of {day}\n") for day in (before, datetime.now(zone).date()))


def test_a_day_outside_the_rules_is_refused(reading, learnorg):
    code, _, err = learnorg("watch", "reading", "--at", "2006-06-20")
    assert (code, err) == (1, "--at: L106 2006-06-20: the rules judge 2005-01-01 to 2005-12-31\n")
