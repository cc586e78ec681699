"""Agree: within a limit of memory everything is as without, however events are cut. And a real process stays within it."""

import gzip
import json
import os
import re
import resource
import subprocess
import sys
from datetime import date
from functools import lru_cache
from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from messy_programme import lines, programme
from programmes import organisation, ruleset, scorecard
from same_results import assert_same

import learnorg_rules as lr
from learnorg_rules.counting.cells import wanted
from learnorg_rules.errors import InputError
from learnorg_rules.outofcore import bounded
from learnorg_rules.outofcore.bounded import Cut
from learnorg_rules.outofcore.buckets import linked_with
from learnorg_rules.outofcore.memory import container_limits

ROOT = Path(__file__).resolve().parents[2]
MIB = 1 << 20


def cut_in(cut, rules, org, events, at=None, known_at=None):
    return lr.Result.of(bounded.assess(rules, org, events, 1, at, known_at, cut=cut))


@lru_cache(maxsize=1)
def messy(folder):
    folder.mkdir(exist_ok=True)
    return programme(folder)


# ---- agree


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    seed=st.integers(0, 10**6), number=st.integers(1, 60), files=st.integers(1, 3), rows=st.integers(6, 40),
    buckets=st.integers(1, 6), known_at=st.none() | st.just(date(2005, 12, 14)),
)  # fmt: skip
def test_however_events_are_cut_the_results_are_those_of_one_run(
    tmp_path_factory, seed, number, files, rows, buckets, known_at
):
    folder = tmp_path_factory.getbasetemp() / "messy"
    rules, org = messy(folder)
    texts = lines(seed, number)
    for i in range(3):
        (folder / f"{i}.ndjson").write_text("".join(f"{t}\n" for t in texts[i::files]) if i < files else "")
    events = lr.scan_events(str(folder / "*.ndjson"))
    day = date(2005, 12, 30)
    plain = lr.assess(rules, org, events, at=day, known_at=known_at)
    cut = cut_in(Cut(rows, buckets), rules, org, events, day, known_at)
    assert_same(plain, cut)
    assert str(plain.why("a", "year", "2005")) == str(cut.why("a", "year", "2005"))


@pytest.mark.parametrize("form", ["csv", "parquet", "ndjson.gz"])
def test_every_format_in_one_row_at_a_time(tmp_path, form):
    rules, org = programme(tmp_path)
    rows = [
        {"id": f"e{i % 30}", "kind": "salon", "unit": "nowhere" if i % 7 == 0 else "a", "occurred_at": f"2005-05-{1 + i % 28:02}T00:00:00Z",
         "person": "ann", "minutes": i % 9, "corrects": f"e{i - 1}" if i % 5 == 4 else None, "colour": "red"}
        for i in range(36)
    ]  # fmt: skip
    path = tmp_path / f"events.{form}"
    if form == "csv":
        pl.DataFrame(rows).write_csv(path)
    elif form == "parquet":
        pl.DataFrame(rows).write_parquet(path)
    else:
        path.write_bytes(gzip.compress("".join(json.dumps(row) + "\n" for row in rows).encode()))
    events = lr.scan_events(path)
    plain = lr.assess(rules, org, events)
    assert_same(plain, cut_in(Cut(1, 4), rules, org, events))
    assert "column 'colour' is not declared and was not read" in plain.notes


NAMES = """
ruleset: {id: names, effective: {from: 2005-01-01, to: 2005-12-31}}
organisation: {levels: [department]}
fields: {root: integer, bucket: integer, number: integer, name: text}
events: {salon: [root, bucket, number, name]}
""" + scorecard(
    {"sums": "points: 100, value: sum(root in salon) + sum(bucket in salon) + sum(number in salon)"}, decimals=3
)


def test_fields_with_the_names_that_buckets_might_use(tmp_path):
    rules, org = ruleset(NAMES), organisation("units: [{id: a, level: department}]")
    rows = [
        {"id": f"e{i}", "kind": "salon", "unit": "a", "occurred_at": "2005-05-01T00:00:00Z", "root": i, "bucket": 2, "number": 1,
         "name": "x", **({"corrects": f"e{i - 1}"} if i % 4 == 1 else {})}
        for i in range(9)
    ]  # fmt: skip
    (tmp_path / "e.ndjson").write_text("".join(json.dumps(row) + "\n" for row in rows))
    events = lr.scan_events(tmp_path / "e.ndjson")
    assert_same(lr.assess(rules, org, events), cut_in(Cut(2, 3), rules, org, events))


def test_a_bucket_into_which_more_came_than_was_expected_is_cut_again(tmp_path):
    rules, org = programme(tmp_path)
    (tmp_path / "e.ndjson").write_text("\n".join(lines(3, 300)) + "\n")
    events = lr.scan_events(tmp_path / "e.ndjson")
    assert_same(lr.assess(rules, org, events), cut_in(Cut(10, 2), rules, org, events))


def test_no_events_at_all(tmp_path):
    rules, org = programme(tmp_path)
    (tmp_path / "none.ndjson").write_text("")
    events = lr.scan_events(tmp_path / "none.ndjson")
    assert_same(lr.assess(rules, org, events), cut_in(Cut(10, 2), rules, org, events))


def test_temporary_files_are_gone_also_where_a_file_is_refused_in_the_middle(tmp_path, monkeypatch):
    rules, org = programme(tmp_path)
    held = tmp_path / "temporary"
    held.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(held))
    (tmp_path / "1.ndjson").write_text("\n".join(lines(3, 100)) + "\n")
    events = lr.scan_events(tmp_path / "1.ndjson")
    cut_in(Cut(10, 2), rules, org, events)
    (tmp_path / "2.xes").write_text("<!DOCTYPE log>\n<log/>\n")
    with pytest.raises(InputError, match="DOCTYPE"):
        cut_in(Cut(10, 2), rules, org, lr.scan_events(tmp_path / "1.ndjson", tmp_path / "2.xes"))
    assert list(held.iterdir()) == []


IDS = st.sampled_from("abcdefg")
LINKS = st.lists(st.tuples(st.sampled_from(["", "x"]), IDS, st.none() | IDS, st.none() | IDS), max_size=12)


@given(LINKS)
def test_linked_identities_have_the_least_id_of_all_that_can_be_reached(links):
    schema = dict.fromkeys(("source", "id", "corrects", "voids"), pl.String)
    found = {row[:2]: row[2] for row in linked_with(pl.DataFrame(links, schema=schema, orient="row")).iter_rows()}
    edges = [((s, i), (s, to)) for s, i, *named in links for to in named if to is not None]
    reach = {one: {one} for edge in edges for one in edge}
    for _ in reach:
        for one, other in edges:
            reach[one] = reach[other] = reach[one] | reach[other]
    for _ in reach:
        reach = {one: set().union(*(reach[other] for other in there)) for one, there in reach.items()}
    assert found == {one: min(there)[1] for one, there in reach.items()}


# ---- meaning


def test_progress_goes_to_the_end_when_the_last_bucket_is_counted_and_never_back(tmp_path):
    rules, org = programme(tmp_path)
    path = tmp_path / "e.ndjson"
    path.write_text("\n".join(lines(3, 300)) + "\n")
    told = []
    bounded.assess(
        rules, org, lr.scan_events(path), 1, progress=lambda done, size: told.append((done, size)), cut=Cut(10, 2)
    )
    whole = 2 * path.stat().st_size
    assert {size for _, size in told} == {whole}
    assert told == sorted(told)
    assert told[-1] == (whole, whole)
    assert len([done for done, _ in told if done > whole // 2]) > 2


@pytest.mark.parametrize(("ending", "write"), [("ndjson", "write_ndjson"), ("csv", "write_csv"), ("parquet", "write_parquet")])  # fmt: skip
def test_rows_that_become_longer_later_in_a_file_are_seen(tmp_path, ending, write):
    rules, _ = programme(tmp_path)
    row = {"kind": "salon", "unit": "a", "occurred_at": "2005-05-01T00:00:00Z", "minutes": 9}
    rows = [{"id": f"{i:0{20 if i < 4000 else 300}}", **row} for i in range(8000)]
    getattr(pl.DataFrame(rows), write)(tmp_path / f"e.{ending}")
    size = lr.scan_events(tmp_path / f"e.{ending}").size(wanted(rules))
    assert 7000 < size.rows < 10000
    assert size.width + 90 < size.widest  # the mean, and the longest
    if ending != "parquet":
        assert size.text > 300


def test_the_limits_of_a_group_and_of_those_above_it_are_found(tmp_path):
    for folder, limit in (
        ("", "max"),
        ("outer", "900"),
        ("outer/inner", "max"),
        ("memory/one", "800"),
        ("cpu/one", "7"),
    ):
        (tmp_path / folder).mkdir(parents=True, exist_ok=True)
        (tmp_path / folder / ("memory.limit_in_bytes" if "one" in folder else "memory.max")).write_text(f"{limit}\n")
    assert list(container_limits("0::/outer/inner\n", tmp_path)) == [900]
    assert list(container_limits("5:cpu,cpuacct:/one\n4:memory:/one/not_mounted\n0::/\n", tmp_path)) == [800]


# ---- refusal


@pytest.mark.parametrize(
    ("given", "hint"),
    [("2X", ""), ("", ""), ("-1GiB", ""), ("0MiB", ""), ("0.0000001B", ""), ("1 GiB 2", ""), ("2G", "did you mean '2GiB'?"), ("much", "")],
)  # fmt: skip
def test_what_is_no_amount_of_memory_is_refused(tmp_path, given, hint):
    rules, org = programme(tmp_path)
    with pytest.raises(InputError) as refused:
        lr.assess(rules, org, lr.events_from([]), memory=given)
    (issue,) = refused.value.issues
    said = f"'{given}' is no amount of memory, expected one such as 2GiB, 800MB or a number of bytes"
    assert (str(issue.source), issue.code, issue.message, issue.hint) == ("memory", "R101", said, hint)


def test_a_limit_is_for_events_in_files(tmp_path):
    rules, org = programme(tmp_path)
    with pytest.raises(TypeError, match="events is a MemoryEvents; a limit of memory needs those of scan_events"):
        lr.assess(rules, org, lr.events_from([]), memory="1GiB")


def huge(path: Path, size: int) -> Path:
    """A file that says it is huge, of which the beginning is events and the rest holes."""
    row = {"id": "e", "kind": "salon", "unit": "a", "occurred_at": "2005-05-01T00:00:00Z", "minutes": 9}
    path.write_text("".join(json.dumps({**row, "id": f"e{i}"}) + "\n" for i in range(4000)))
    os.truncate(path, size)
    return path


def test_too_little_memory_is_said_before_events_are_read(tmp_path):
    rules, org = programme(tmp_path)
    events = lr.scan_events(huge(tmp_path / "e.ndjson", 10**9))
    with pytest.raises(InputError) as refused:
        lr.assess(rules, org, events, memory="1MiB")
    (issue,) = refused.value.issues
    said = r"1MiB is too little for these rules, this organisation and about 1\d,\d{3},\d{3} events"
    assert (str(issue.source), issue.code) == ("memory", "R102")
    assert re.fullmatch(said, issue.message)
    least = r"the least is about \d+ MiB, of which \d+ MiB are held by the process already"
    assert re.fullmatch(least, issue.hint)
    with pytest.raises(InputError) as refused:
        lr.assess(rules, org, events, memory=" 256")
    (issue,) = refused.value.issues
    assert issue.message.startswith("256 bytes is too little for these rules, ")
    assert re.fullmatch(rf"did you mean '256MiB'\? {least}", issue.hint)


def test_too_little_disk_is_said_before_events_are_read(tmp_path):
    rules, org = programme(tmp_path)
    events = lr.scan_events(huge(tmp_path / "e.ndjson", 10**13))
    with pytest.raises(InputError) as refused:
        lr.assess(rules, org, events, memory="64GiB")
    (issue,) = refused.value.issues
    assert issue.code == "R103"
    assert re.fullmatch(r"about [\d.]+ GiB are needed for temporary files, [\d.]+ [GM]iB are free", issue.message)
    assert issue.hint == "set TMPDIR to a folder with more room"


def test_a_folder_of_temporary_files_that_is_none_is_said_and_not_replaced(tmp_path, monkeypatch):
    rules, org = programme(tmp_path)
    (tmp_path / "e.ndjson").write_text("\n".join(lines(3, 100)) + "\n")
    monkeypatch.setenv("TMPDIR", "/no/such/folder")
    with pytest.raises(InputError) as refused:
        cut_in(Cut(100, 2), rules, org, lr.scan_events(tmp_path / "e.ndjson"))
    (issue,) = refused.value.issues
    assert (str(issue.source), issue.code, issue.message, issue.hint) == (
        "TMPDIR", "R103", "'/no/such/folder' is no folder that can be written to", "set TMPDIR to such a folder, or do not set it",
    )  # fmt: skip


def test_temporary_files_that_cannot_be_written_are_said(tmp_path):
    rules, org = programme(tmp_path)
    (tmp_path / "e.ndjson").write_text("\n".join(lines(3, 100)) + "\n")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, before[1]))
    try:
        with pytest.raises(InputError) as refused:
            cut_in(Cut(100, 2), rules, org, lr.scan_events(tmp_path / "e.ndjson"))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    (issue,) = refused.value.issues
    assert (issue.code, issue.message) == ("R103", "temporary files cannot be written: file too large")
    assert issue.hint == "set TMPDIR to a folder with more room"


# ---- real processes


SHORT = (
    r"about [\d.]+ GiB of memory are needed, [\d.]+ [GM]iB are there, and the run goes on all the same; "
    r'memory="\d+MiB" \(learnorg run --memory \d+MiB\) takes about that'
)


def learnorg(*arguments, **more):
    command = [sys.executable, "-m", "learnorg_rules.cli", *map(str, arguments)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **more)


def test_a_run_that_needs_more_memory_than_there_is_says_so_before(tmp_path):
    programme(tmp_path)
    huge(tmp_path / "e.ndjson", 10**12)
    with learnorg(
        "run", tmp_path / "ruleset.yaml", "--org", tmp_path / "organisation.yaml", "--events", tmp_path / "e.ndjson"
    ) as run:
        said = run.stderr.readline()
        run.kill()
    assert re.fullmatch(SHORT + "\n", said)


def test_python_warns_of_a_run_that_needs_more_memory_than_there_is(tmp_path):
    rules, org = programme(tmp_path)
    with pytest.raises(RuntimeWarning, match=SHORT):  # here warnings are errors
        lr.assess(rules, org, lr.scan_events(huge(tmp_path / "e.ndjson", 10**12)))


def test_a_limit_above_what_is_there_is_said_before(tmp_path):
    programme(tmp_path)
    (tmp_path / "e.ndjson").write_text("")
    with learnorg(
        "run", tmp_path / "ruleset.yaml", "--org", tmp_path / "organisation.yaml", "--events", tmp_path / "e.ndjson",
        "--memory", "900TB",
    ) as run:  # fmt: skip
        said = run.communicate()[1]
    assert re.fullmatch(r"the limit of 900TB is more than the [\d.]+ [GM]iB that are there\n", said)


def test_what_is_no_amount_of_memory_is_wrong_usage(tmp_path):
    programme(tmp_path)
    with learnorg("run", tmp_path / "ruleset.yaml", "--memory", "2G") as run:
        said = run.communicate()[1]
    assert run.returncode == 2
    message = "'2G' is no amount of memory, expected one such as 2GiB, 800MB or a number of bytes; did you mean '2GiB'?"
    assert said.endswith(f"Error: Invalid value for '--memory': {message}\n")


@pytest.fixture(scope="module")
def district(tmp_path_factory):
    folder = tmp_path_factory.mktemp("district")
    generate = ROOT / "tests" / "bench" / "district_year" / "generate.py"
    names = ("--org", folder / "org.json", "--ndjson", folder / "e.ndjson", "--parquet", folder / "e.parquet")
    subprocess.run([sys.executable, generate, "-n", "900000", *names], check=True, capture_output=True)
    return folder


# A process of its own between, which is small: a child counts as its own peak what its parent held when it was started.
WATCH = """import os, subprocess, sys
child = subprocess.Popen(sys.argv[1:], stdout=subprocess.DEVNULL)
_, status, used = os.wait4(child.pid, 0)
print(os.waitstatus_to_exitcode(status), used.ru_maxrss * (1 if sys.platform == "darwin" else 1024))
"""


def district_run(folder: Path, events: str, out: str, *more: str) -> list[object]:
    rules = ROOT / "rulesets" / "district-year"
    return ["run", rules, "--org", folder / "org.json", "--events", folder / events, "--csv", folder / out, *more]


def run_district(folder: Path, events: str, out: str, *more: str) -> int:
    """Runs the command, writes its tables, and gives the most bytes of memory it held."""
    command = [sys.executable, "-m", "learnorg_rules.cli", *district_run(folder, events, out, *more)]
    done = subprocess.run([sys.executable, "-c", WATCH, *command], capture_output=True, text=True, check=True)
    ended, peak = map(int, done.stdout.split())
    assert ended in (0, 3), done.stderr
    return peak


def least_for(district: Path) -> int:
    """The MiB that the command names when it is given too little: how much a process holds differs between machines."""
    with learnorg(*district_run(district, "e.ndjson", "none", "--memory", "64MiB")) as run:
        said = run.communicate()[1]
    least = re.search(r"R102 64MiB is too little (?s:.*)the least is about (\d+) MiB", said)
    assert least, said
    return int(least[1]) + 8  # two processes do not hold the very same


def test_a_process_stays_within_the_least_limit_it_names_and_writes_the_same_bytes(district):
    limit = least_for(district)
    assert run_district(district, "e.ndjson", "plain") > limit * MIB
    assert run_district(district, "e.ndjson", "bounded", "--memory", f"{limit}MiB") <= limit * MIB
    names = sorted(file.name for file in (district / "plain").iterdir())
    assert names == sorted(file.name for file in (district / "bounded").iterdir())
    for name in names:
        assert (district / "plain" / name).read_bytes() == (district / "bounded" / name).read_bytes(), name


REPEATED = """import re, sys
import learnorg_rules as lr
rules, org = lr.load(sys.argv[1]), lr.read_org(sys.argv[2], columns=lr.load(sys.argv[1]).organisation.columns)
try:
    lr.assess(rules, org, lr.scan_events(sys.argv[3]), memory="1MiB")
except lr.InputError as e:
    least = int(re.search(r"the least is about ([0-9]+) MiB", str(e))[1]) + 16
for _ in range(4):
    lr.assess(rules, org, lr.scan_events(sys.argv[3]), memory=f"{least}MiB")
"""


def test_a_process_that_ran_before_is_not_refused_for_what_its_allocator_kept():
    folder = ROOT / "rulesets" / "zhabei-2003"
    command = [sys.executable, "-c", REPEATED, folder, folder / "example" / "org", f"{folder}/example/events/*"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_sigterm_leaves_no_temporary_files(district, tmp_path):
    limit = f"{least_for(district)}MiB"
    common = ("--org", district / "org.json", "--events", district / "e.ndjson", "--memory", limit)
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    with learnorg("run", ROOT / "rulesets" / "district-year", *common, env=environment) as run:
        while run.poll() is None and not any(tmp_path.glob("learnorg-*/*")):
            pass
        run.terminate()
        said = run.communicate()[1]
    assert (run.returncode, said, list(tmp_path.iterdir())) == (143, "", [])
