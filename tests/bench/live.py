"""How long one event takes: the accumulator, the whole of `Live.post`, and what durability costs, beside bare SQLite.

    make bench-live                          10,000 events, 3 rounds, as on docs/benchmarks.md
    python tests/bench/live.py --events 100000 --rounds 5 --json

The ruleset is that of district-year; 40 departments; events of all kinds on days all through 2005, in random order, judged as
of the last day of the year. Half of them are there before the clock starts. This makes its own events: none is sent twice,
late, of an unknown unit or outside the year. Some move nothing (briefings count for no indicator), many do.

Where the workload's own baselines stand beside the project, plain Python is timed on the same events; otherwise it is left out,
and the run says so. It keeps the same counts and gives, after each event, the points and the total of one department: no grade
of the others, no award, changes, corrections or log. It runs in a process of its own, everybody else in this one.

Each round runs everybody once, one after the other. Of the rounds the best p50 and its p99 count, because other work on the
machine only adds. A ratio is that of two p50 of the same round: the median of the rounds, with the least and the greatest.
"""

import argparse
import gc
import json
import platform
import random
import re
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import tracemalloc
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from time import perf_counter_ns
from typing import Any

import learnorg_rules as lr
from learnorg_rules.adapters.events.single import RowReader
from learnorg_rules.counting.admission import Admission
from learnorg_rules.counting.binding import bind
from learnorg_rules.counting.cells import subjects_of, wanted
from learnorg_rules.counting.tally import Tally
from learnorg_rules.dataflow.build import build
from learnorg_rules.live import Live
from learnorg_rules.live.follower import Counted
from learnorg_rules.model.parameters import Parameters
from learnorg_rules.model.ruleset import Ruleset
from learnorg_rules.org.organisation import Organisation

HERE = Path(__file__).resolve()
BASELINES = HERE.parents[3] / "shared" / "bench" / "district-year" / "baselines"
RULESET = HERE.parents[2] / "rulesets" / "district-year"
LAST = date(2005, 12, 31)
BATCH = 100
KINDS = {
    "study_session": 40, "forum": 10, "salon": 10, "briefing": 12, "exam": 6, "meeting": 8, "inspection": 4, "poll": 5,
    "resource_shared": 5, "report_heard": 1, "plan_filed": 1, "funds_allocated": 1,
}  # fmt: skip
SCORED = ("exam", "poll", "inspection", "funds_allocated")
PERSONAL = ("forum", "salon", "study_session", "exam")
Timed = dict[str, list[int]]  # nanoseconds an event


# ---- what is posted


def organisation_file(departments: int, place: Path) -> tuple[list[str], Mapping[str, list[str]]]:
    """An organisation of 10 sections a department and 8 persons a section: its units, and the persons of each."""
    draw = random.Random(2005)
    units: list[dict[str, object]] = [{"id": "u0", "parent": None, "kind": "district"}]
    persons: list[dict[str, object]] = []
    homes: dict[str, list[str]] = {}
    for d in range(departments):
        units.append({"id": f"d{d:05}", "parent": "u0", "kind": "department"})
        for s in range(10 * d, 10 * d + 10):
            units.append({"id": f"s{s:06}", "parent": f"d{d:05}", "kind": "section"})
            homes[f"s{s:06}"] = [f"p{p:07}" for p in range(8 * s, 8 * s + 8)]
            persons += [{"id": p, "unit": f"s{s:06}", "age": draw.randint(22, 60)} for p in homes[f"s{s:06}"]]
    place.write_text(json.dumps({"year": 2005, "units": units, "persons": persons}), encoding="utf-8")
    return list(homes), homes


def rows(count: int, sections: Sequence[str], homes: Mapping[str, Sequence[str]]) -> list[dict[str, Any]]:
    """Events of all kinds through the year, in random order."""
    draw = random.Random(count)
    found: list[dict[str, Any]] = []
    for number, kind in enumerate(draw.choices(list(KINDS), list(KINDS.values()), k=count)):
        section = draw.choice(sections)
        at = datetime(2005, 1, 1) + timedelta(seconds=draw.randrange(365 * 86400))
        found.append({
            "id": f"{number:016x}", "time": f"{at.isoformat()}Z", "unit": section,
            "person": draw.choice(homes[section]) if kind in PERSONAL else None, "kind": kind,
            "minutes": 5 * draw.randint(3, 36), "score": draw.randrange(400, 1001) / 10 if kind in SCORED else None,
            "passed": draw.random() < 0.6 if kind == "exam" else None,
        })  # fmt: skip
    return found


# ---- who is timed


def batches(given: Sequence[Any], size: int) -> list[Sequence[Any]]:
    """The given in order, so many at a time."""
    return [given[start : start + size] for start in range(0, len(given), size)]


def clocked(step: Callable[[Any], object], given: Sequence[Any], size: int = 1) -> list[int]:
    """Nanoseconds of each step, divided by how many events it takes."""
    taken = []
    for one in given:
        start = perf_counter_ns()
        step(one)
        taken.append((perf_counter_ns() - start) // size)
    return taken


def counted_events(rules: Ruleset, org: Organisation, given: Sequence[dict[str, Any]]) -> Iterator[Counted]:
    """The events of these rows, each with its local day."""
    reader, admission = RowReader(wanted(rules)), Admission(rules, org)
    for row in given:
        event = reader.read(row).event
        assert event is not None  # they are all well formed
        yield event, admission.day(event)


def empty_tally(rules: Ruleset, org: Organisation) -> Tally:
    """A tally as `Live` makes one."""
    binding = bind(rules, org, LAST)
    dataflow = build(rules, org, LAST, Parameters(rules.parameters))
    return Tally(binding, dataflow, subjects_of(binding, dataflow), LAST)


def accumulator(rules: Ruleset, org: Organisation, before: Sequence[Counted], timed: Sequence[Counted]) -> list[int]:
    """`Tally.add` alone."""
    tally = empty_tally(rules, org)
    for event, day in before:
        tally.add(event, day)
    return clocked(lambda one: tally.add(*one), timed)


def posting(
    rules: Ruleset, org: Organisation, store: Path | None, size: int, before: Sequence[Any], timed: Sequence[Any]
) -> list[int]:
    """`Live.post`, or `Live.post_many` of some at a time."""
    with Live(rules, org, store, at=LAST) as live:
        live.post_many(before)
        return clocked(live.post, timed) if size == 1 else clocked(live.post_many, batches(timed, size), size)


def bare_sqlite(place: Path, size: int, before: Sequence[str], timed: Sequence[str]) -> list[int]:
    """The same lines into a table of two columns, as durable as the log."""
    insert = "INSERT INTO lines (line) VALUES (?)"
    with closing(sqlite3.connect(place, isolation_level=None)) as connection:
        for pragma in ("synchronous = FULL", "fullfsync = ON", "journal_mode = WAL"):
            connection.execute(f"PRAGMA {pragma}")
        connection.execute("CREATE TABLE lines (seq INTEGER PRIMARY KEY, line TEXT NOT NULL)")
        execute = connection.cursor().execute

        def write(lines: Sequence[str]) -> None:
            execute("BEGIN IMMEDIATE")
            for line in lines:
                execute(insert, (line,))
            execute("COMMIT")

        write(before)
        return clocked(write, batches(timed, size), size)


def plain_python(org: Path, events: Path, start: int, count: int) -> tuple[float, float]:
    """p50 and p99 in µs of the workload's plain baseline, in a process of its own."""
    command = [sys.executable, "reference.py", "--org", str(org), "--events", str(events), "--out", "-"]
    done = subprocess.run(
        [*command, "--live", f"{start},{count}"], cwd=BASELINES, check=True, capture_output=True, text=True
    )
    p50, p99 = re.findall(r"p\d\d_us=([0-9.]+)", done.stderr)
    return float(p50), float(p99)


def bytes_of_tally(rules: Ruleset, org: Organisation, counted: Sequence[Counted]) -> tuple[int, int, int]:
    """Bytes of an empty tally, bytes that events add to it, and the (unit, schedule, period) it then has cells of."""
    gc.collect()
    tracemalloc.start()
    tally = empty_tally(rules, org)
    gc.collect()
    empty = tracemalloc.get_traced_memory()[0]
    for event, day in counted:
        tally.add(event, day)
    gc.collect()
    filled = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    schedules = {query.number: query.schedule for query in tally.dataflow.queries}
    places = {(subject, schedules[n], index) for n, cells in tally.cells.items() for subject, index in cells.values}
    return empty, filled - empty, len(places)


# ---- one run


def main() -> None:
    """Time everybody in turn, and print what came of it."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--events", type=int, default=10_000)
    parser.add_argument("--departments", type=int, default=40)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--folder", help="where the logs are written: the disk that is timed")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=arguments.folder) as folder:
        found = measure(arguments.events, arguments.departments, arguments.rounds, Path(folder))
    print(json.dumps(found, indent=1) if arguments.json else table(found))


def measure(events: int, departments: int, rounds: int, folder: Path) -> dict[str, Any]:
    """Everything measured: for each contender p50 and p99 in µs, ratios, bytes, and what it was measured on."""
    org_file, events_file = folder / "org.json", folder / "events.ndjson"
    given = rows(events, *organisation_file(departments, org_file))
    lines = [json.dumps(row) for row in given]
    events_file.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    rules = lr.load(RULESET)
    org = lr.read_org(org_file, columns=rules.organisation.columns)
    half = events // 2
    counted = list(counted_events(rules, org, given))
    taken: list[dict[str, tuple[float, float]]] = []  # of each round: p50 and p99 of everybody
    if not BASELINES.exists():
        print("plain Python is left out: the workload's own baselines are not beside the project", file=sys.stderr)

    def keep(name: str, figures: tuple[float, float]) -> None:
        taken[-1][name] = figures
        print(f"{name}: p50 {figures[0]:.1f}, p99 {figures[1]:.1f}", file=sys.stderr)

    for number in range(rounds):
        at = folder / f"round{number}"
        at.mkdir()
        taken.append({})
        if BASELINES.exists():
            keep("plain Python", plain_python(org_file, events_file, half, events - half))
        keep("Tally.add", quantiles(accumulator(rules, org, counted[:half], counted[half:])))
        keep("post", quantiles(posting(rules, org, None, 1, given[:half], given[half:])))
        for size, suffix in ((1, ""), (BATCH, f" by {BATCH}")):
            bare, log = at / f"bare{size}.db", at / f"log{size}.db"
            keep(f"bare SQLite{suffix}", quantiles(bare_sqlite(bare, size, lines[:half], lines[half:])))
            keep(f"post durable{suffix}", quantiles(posting(rules, org, log, size, given[:half], given[half:])))
    empty, added, places = bytes_of_tally(rules, org, counted)
    ratios = [
        ("post", "plain Python"), ("Tally.add", "plain Python"), ("post durable", "bare SQLite"),
        (f"post durable by {BATCH}", f"bare SQLite by {BATCH}"),
    ]  # fmt: skip
    return {
        "machine": f"{platform.processor() or platform.machine()}, {platform.system()}, Python {platform.python_version()}, "
        f"SQLite {sqlite3.sqlite_version}",
        "day": datetime.now(UTC).date().isoformat(), "events": events, "departments": departments, "rounds": rounds,
        "microseconds": {
            name: dict(zip(("p50", "p99"), min(one[name] for one in taken), strict=True)) for name in taken[0]
        },
        "ratios": {f"{a} / {b}": spread([one[a][0] / one[b][0] for one in taken]) for a, b in ratios if b in taken[0]},
        "bytes": {"tally_empty": empty, "by_events": added, "unit_periods": places, "per_unit_period": added // places},
    }  # fmt: skip


def quantiles(taken: Sequence[int]) -> tuple[float, float]:
    """p50 and p99, from nanoseconds, in microseconds."""
    in_order = sorted(taken)
    return in_order[len(in_order) // 2] / 1000, in_order[len(in_order) * 99 // 100] / 1000


def spread(ratios: Sequence[float]) -> dict[str, float]:
    """Median, least and greatest."""
    return {"median": statistics.median(ratios), "least": min(ratios), "greatest": max(ratios)}


def table(found: Mapping[str, Any]) -> str:
    """The figures as lines of text."""
    said = [
        f"{found['machine']}; {found['day']}",
        f"{found['events']:,} events, {found['departments']} departments, best of {found['rounds']} rounds; µs an event",
        f"{'':24} {'p50':>9} {'p99':>9}",
    ]
    said += [f"{name:24} {f['p50']:9.1f} {f['p99']:9.1f}" for name, f in found["microseconds"].items()]
    said += ["ratios of p50 within a round: median (least–greatest)"]
    said += [
        f"{name:44} {r['median']:.2f} ({r['least']:.2f}–{r['greatest']:.2f})" for name, r in found["ratios"].items()
    ]
    memory = found["bytes"]
    said.append(
        f"{memory['by_events']:,} bytes for {memory['unit_periods']:,} (unit, period): {memory['per_unit_period']:,} each"
    )
    return "\n".join(said)


if __name__ == "__main__":
    main()
