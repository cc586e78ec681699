"""The example service of the documentation, started for real: what its page shows, retries, kills, listeners, copies."""

import ast
import json
import os
import re
import resource
import shlex
import signal
import socket
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

import learnorg_rules as lr

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "how-to" / "embed-in-a-web-service.md").read_text(encoding="utf-8")
EXAMPLE = (ROOT / "docs" / "how-to" / "live_service.py").read_text(encoding="utf-8")
FILES = dict(re.findall(r'^```\w+ title="([^"]+)"\n(.*?)^```$', PAGE, re.MULTILINE | re.DOTALL))
SHOWN = re.findall(r"^```sh\n((?:curl [^\n]*\n)+)```\n\n```json\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
SETTINGS = {"RULES": "reading", "ORG": "organisation.yaml", "LOG": "reading.log", "PYTHONPATH": str(ROOT)}
UNITS = ("arts", "city", "sports")


@pytest.fixture
def folder(tmp_path):
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


def start(folder):
    command = [sys.executable, "-m", "uvicorn", "live_service:app", "--port", "0", "--timeout-graceful-shutdown", "1"]
    return subprocess.Popen(
        command,
        cwd=folder,
        env={**os.environ, **SETTINGS},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )


@contextmanager
def running(folder):
    """The service's process and a client for it."""
    with start(folder) as process:
        try:
            said = []
            for line in process.stderr:
                said.append(line)
                if found := re.search(r"running on (http://\S+)", line):
                    break
            else:
                pytest.fail("".join(said))
            with httpx.Client(base_url=found[1], timeout=30) as client:
                yield process, client
        finally:
            process.kill()


def forum(number, unit, day, minutes=90, **more):
    return {
        "id": f"e{number}",
        "kind": "forum",
        "unit": unit,
        "occurred_at": f"2005-{day}T09:00:00Z",
        "minutes": minutes,
        **more,
    }


def post(client, *events):
    return client.post("/events", content="".join(f"{json.dumps(event)}\n" for event in events))


def states(response):
    return [posted["state"] for posted in response.json()]


def judged(client):
    """What the service says of every unit, but for the place in the log."""
    found = {unit: client.get(f"/units/{unit}").json() for unit in UNITS}
    return {unit: {key: value for key, value in said.items() if key != "seq"} for unit, said in found.items()}


def judged_by_batch(folder, events, at):
    """The same by `assess`."""
    rules, org = lr.load(folder / "reading"), lr.read_org(folder / "organisation.yaml")
    result = lr.assess(rules, org, lr.events_from(events), at=at)
    tables = {"duties": result.duties, "scorecards": result.scorecards, "indicators": result.indicators}
    found = {
        unit: {"at": at} | {name: table.where(subject=unit).to_polars().to_dicts() for name, table in tables.items()}
        for unit in UNITS
    }
    return json.loads(json.dumps(found, default=str))


def code_lines(text):
    """Lines that hold code, without imports and docstrings."""
    tree = ast.parse(text)
    left_out = {
        number
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        or (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))
        for number in range(node.lineno, node.end_lineno + 1)
    }
    lines = enumerate(text.splitlines(), 1)
    return [line for number, line in lines if number not in left_out and line.split("#")[0].strip()]


def fits(shown, found):
    """Whether an answer is what the page shows; "..." on the page stands for anything."""
    if shown == "...":
        return True
    if isinstance(shown, dict) and isinstance(found, dict):
        named = {key: value for key, value in shown.items() if key != "..."}
        same = shown.keys() == found.keys() or ("..." in shown and named.keys() < found.keys())
        return same and all(fits(value, found[key]) for key, value in named.items())
    if isinstance(shown, list) and isinstance(found, list):
        return len(shown) == len(found) and all(map(fits, shown, found))
    return shown == found


def ask(client, line):
    """What a line with curl would do."""
    words = shlex.split(line)
    (address,) = (word for word in words if word.startswith("localhost:8000"))
    body = words[words.index("--data-binary") + 1] if "--data-binary" in words else None
    method = words[words.index("-X") + 1] if "-X" in words else "GET"
    return client.request(method, address.removeprefix("localhost:8000"), content=body)


# ---- the page


def test_the_page_holds_the_example_as_it_is():
    assert FILES["live_service.py"] == EXAMPLE


def test_the_example_has_less_than_sixty_lines_of_code():
    assert len(code_lines(EXAMPLE)) < 60


def test_every_request_of_the_page_is_answered_as_it_shows_and_others_read_beside_and_copy(folder):
    assert len(SHOWN) == 5
    with running(folder) as (_, client):
        for lines, answer in SHOWN:
            found = [ask(client, line) for line in lines.splitlines()][-1].json()
            assert fits(json.loads(answer), found), json.dumps(found, indent=1)
        printed = {
            name: subprocess.run(
                [sys.executable, name], cwd=folder, env={**os.environ, **SETTINGS}, text=True, capture_output=True, check=True
            ).stdout
            for name in ("backup.py", "beside.py")
        }  # fmt: skip
    assert printed == {"backup.py": "", "beside.py": "arts 18.60 fail\nsports 0.00 fail\n"}
    with lr.Live(lr.load(folder / "reading"), lr.read_org(folder / "organisation.yaml"), folder / "copy.log") as live:
        assert str(live.at) == "2005-02-10"
        assert live.result().counts["duplicate"] == 1


# ---- meaning


def test_a_listener_hears_each_change_of_its_subject_once_though_the_event_is_sent_twice(folder):
    with running(folder) as (process, client):
        client.post("/advance?to=2005-02-10")
        with client.stream("GET", "/changes/arts") as stream:
            lines = (line for line in stream.iter_lines() if line)
            assert next(lines) == ": listening"
            first = post(client, forum(1, "sports", "01-03"), forum(2, "arts", "01-04")).json()
            again = post(client, forum(1, "sports", "01-03"), forum(2, "arts", "01-04"))
            last = post(client, forum(3, "arts", "01-05")).json()
            assert states(again) == ["duplicate", "duplicate"]
            assert [posted["changes"] for posted in again.json()] == [[], []]
            expected = first[1]["changes"] + last[0]["changes"]
            assert [change["data"]["rule"] for change in expected] == ["year", "two_forums", "year"]
            heard = [json.loads(next(lines).removeprefix("data: ")) for _ in expected]
            assert heard == expected
            process.terminate()  # with a listener that would listen for ever
            with pytest.raises(httpx.RemoteProtocolError, match="peer closed connection"):
                next(lines)
        process.wait(timeout=30)
        assert "Application shutdown complete" in process.stderr.read()


def test_it_goes_on_where_it_was_stopped(folder):
    events = [forum(1, "arts", "01-04"), forum(2, "arts", "01-05"), forum(3, "sports", "01-06", 400)]
    with running(folder) as (process, client):
        client.post("/advance?to=2005-02-10")
        post(client, *events)
        before = judged(client)
        process.terminate()
        process.wait(timeout=30)
    with running(folder) as (_, client):
        assert judged(client) == before == judged_by_batch(folder, events, "2005-02-10")


# ---- agree


def test_what_was_answered_survives_a_kill_and_what_was_not_is_counted_once_when_sent_again(folder):
    answered = [forum(n, unit, f"0{month}-1{n % 10}", 40 + n) for n, (unit, month) in enumerate([("arts", 1), ("arts", 2), ("sports", 2), ("arts", 5)])]  # fmt: skip
    unanswered = [forum(10, "sports", "02-20"), forum(11, "arts", "06-01", 200)]
    with running(folder) as (process, client):
        client.post("/advance?to=2005-03-31")
        for event in answered:
            assert states(post(client, event)) == ["accepted"]
        body = "".join(f"{json.dumps(event)}\n" for event in unanswered).encode()
        with socket.create_connection((client.base_url.host, client.base_url.port)) as line:
            line.sendall(b"POST /events HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))
            os.kill(process.pid, signal.SIGKILL)
        process.wait(timeout=30)
    with running(folder) as (_, client):
        assert set(states(post(client, *answered))) == {"duplicate"}
        assert len(set(states(post(client, *unanswered)))) == 1  # both were in the log, or neither
        for day in ("2005-03-31", "2005-06-30"):
            client.post(f"/advance?to={day}")
            assert judged(client) == judged_by_batch(folder, [*answered, *unanswered], day)
        correction = forum(20, "arts", "05-13", 300, corrects="e3")
        assert states(post(client, correction)) == ["accepted"]
        assert judged(client) == judged_by_batch(folder, [*answered, *unanswered, correction], "2005-06-30")


# ---- refusal


@pytest.mark.skipif(not hasattr(resource, "prlimit"), reason="the limits of another process can be set on Linux only")
def test_nothing_is_taken_in_where_the_disk_takes_no_more_and_sent_again_it_counts_once(folder):
    events = [forum(1, "arts", "01-04"), forum(2, "sports", "01-05")]
    with running(folder) as (process, client):
        client.post("/advance?to=2005-02-10")
        limits = resource.prlimit(process.pid, resource.RLIMIT_FSIZE)
        resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (0, limits[1]))
        refused = post(client, *events)
        assert (refused.status_code, refused.json()["reason"].split()[:2]) == (503, ["reading.log:", "S109"])
        assert judged(client) == judged_by_batch(folder, [], "2005-02-10")
        resource.prlimit(process.pid, resource.RLIMIT_FSIZE, limits)
        assert states(post(client, *events)) == ["accepted", "accepted"]
        assert judged(client) == judged_by_batch(folder, events, "2005-02-10")


def test_what_cannot_be_answered_says_why(folder):
    with running(folder) as (_, client):
        assert _said(client.get("/units/arts")) == (404, "no day was judged yet: advance to one first")
        client.post("/advance?to=2005-02-10")
        assert _said(client.get("/units/art")) == (404, "there is no unit, body or person 'art'")
        assert _said(client.get("/why/arts/yeer")) == (404, "there is no rule 'yeer'; did you mean 'year'?")
        assert _said(client.post("/advance?to=today")) == (422, "'today' is no day; a day is written like 2005-12-31")
        assert _said(client.post("/advance?to=2005-01-01")) == (
            422, "--at: L106 2005-01-01: it is 2005-02-10 already",
        )  # fmt: skip
        batch = client.post(
            "/events", content=b'{"id": "\xff"}\nno\n\n' + json.dumps(forum(1, "arts", "01-04")).encode()
        )
        assert batch.status_code == 422
        assert states(batch) == ["rejected", "rejected", "accepted"]
        assert [posted["code"] for posted in batch.json()] == ["V204", "V201", ""]
        conflict = post(client, forum(1, "arts", "01-04", 91))
        assert (conflict.status_code, states(conflict)) == (422, ["conflicting"])
        why = client.get("/why/arts/year?language=zh").json()
        assert why["text"].startswith("arts")
        assert client.get("/units/arts").json()["scorecards"][0]["total"] == "0.00"


def test_a_second_service_is_refused_the_log(folder):
    with running(folder), start(folder) as second:
        said = second.stderr.read()
        assert second.wait(timeout=30) == 3
    assert "S106 is open for writing elsewhere, expected no other writer" in said


def _said(response):
    return response.status_code, response.json()["reason"]
