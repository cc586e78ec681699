"""What the library takes, beside peers written by hand, paired in one run: `make bench`.

    make bench BENCH="--full"                          10,000,000 events too, per-event engines at every size
    make bench BENCH="--only peers --events 100000"    peers | rules | scaling | stages | engines | against-shared
    make bench BENCH="--against-shared"                our peers beside the workload's own baselines, where those are
    make bench BENCH="--write"                         puts the tables into docs/benchmarks.md

Everybody runs as a process of its own, in turn, and a ratio is of one round: what else the machine does hits both. CPU is
user plus system time of the whole process, start and imports included. One round that is not counted comes first, so that files
are in the cache of the system. Everybody has to write the same bytes.
"""

import argparse
import compileall
import importlib.metadata
import importlib.util
import json
import os
import platform
import re
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path

from attrs import frozen
from engines import ENGINES, compare_engines
from measure import Command, Measured, in_turn, run

HERE = Path(__file__).resolve().parent
WORKLOAD = HERE / "district_year"
PAGE = HERE.parents[1] / "docs" / "benchmarks.md"
SHARED = HERE.parents[2] / "shared" / "bench" / "district-year"
OURS = "learnorg_rules"
FORMS = ("ndjson", "parquet")


@frozen
class Peer:
    """A contender: its script, the package it needs (as imported, as installed), and what it is able to do."""

    script: str
    package: str | None = None
    distribution: str = ""
    per_event: bool = False
    writes_result: bool = True
    baseline: str = ""  # its counterpart among the workload's own
    baseline_forms: Sequence[str] = ("ndjson",)

    @property
    def is_there(self) -> bool:
        """Whether its package is installed."""
        return self.package is None or importlib.util.find_spec(self.package) is not None


PEERS = {
    OURS: Peer("ours.py"),
    "Polars by hand": Peer("by_polars.py", "polars", "polars", baseline="polars_.py", baseline_forms=FORMS),
    "DuckDB by hand": Peer("by_duckdb.py", "duckdb", "duckdb", baseline="duckdb_.py", baseline_forms=FORMS),
    "plain Python": Peer("plain_python.py", baseline="reference.py"),
    "CEL": Peer("with_cel.py", "cel", "common-expression-language", True, baseline="cel_.py"),
    "zen-engine": Peer("with_zen.py", "zen", "zen-engine", True, baseline="zen_.py"),
    "CLIPS": Peer("with_clips.py", "clips", "clipspy", True, baseline="clipspy_.py"),
    "durable-rules": Peer("with_durable_rules.py", "durable", "durable_rules", True, baseline="durable_.py"),
    "reading only": Peer("reading_floor.py", "polars", "polars", writes_result=False),
}


@frozen
class Data:
    """Input of some size, generated when it is first asked for."""

    folder: Path
    events: int
    departments: int = 40
    depth: int = 3  # levels: the district, departments (more than one level of them if deeper), sections

    @property
    def name(self) -> str:
        """A name of its own."""
        return f"{self.events}-{self.departments}"

    @property
    def org(self) -> Path:
        """The organisation file."""
        shallow = self.folder / f"{self.name}.json"
        if self.depth == 3:
            self.events_as("ndjson")
            return shallow
        path = self.folder / f"{self.name}-{self.depth}.json"
        if not path.exists():
            given = json.loads(Data(self.folder, self.events, self.departments).org.read_bytes())
            above = {}
            departments = [unit["id"] for unit in given["units"] if unit["kind"] == "department"]
            for number, unit in enumerate(departments):  # chains of departments, as long as the depth leaves room for
                above[unit] = departments[number - 1] if number % (self.depth - 2) else None
            for unit in given["units"]:
                unit["parent"] = above.get(unit["id"]) or unit["parent"]
            path.write_text(json.dumps(given))
        return path

    def events_as(self, form: str) -> Path:
        """The events in a form."""
        path = self.folder / f"{self.name}.{form}"
        if not path.exists():
            files = {kind: str(self.folder / f"{self.name}.{kind}") for kind in ("json", *FORMS)}
            print(f"generating {self.events:,} events in {self.departments:,} departments", file=sys.stderr, flush=True)
            size = ["-n", str(self.events), "--departments", str(self.departments)]
            outs = [
                x
                for flag, kind in (("--org", "json"), ("--ndjson", FORMS[0]), ("--parquet", FORMS[1]))
                for x in (flag, files[kind])
            ]
            run([sys.executable, str(WORKLOAD / "generate.py"), *size, *outs], self.folder)
        return path

    def command(self, script: Path, form: str, out: Path, *more: str) -> Command:
        """A contender's command line on this data."""
        files = ("--events", str(self.events_as(form)), "--org", str(self.org), "--out", str(out))
        return [sys.executable, str(script), *files, *more]


class JudgingContext:
    """One run of the benchmark."""

    def __init__(self, given: argparse.Namespace, folder: Path) -> None:
        self.given, self.folder = given, folder

    def compare(self, data: Data, form: str, names: Iterable[str]) -> list[Measured]:
        """Some contenders on one input."""
        outs = {name: self.folder / f"{PEERS[name].script}.csv" for name in names}
        commands = {name: data.command(WORKLOAD / PEERS[name].script, form, out) for name, out in outs.items()}
        compared = {name: out if PEERS[name].writes_result else None for name, out in outs.items()}
        return in_turn(commands, compared, self.given.rounds, WORKLOAD, self.given.limit)

    def peers(self) -> None:
        """Everybody at each size and form."""
        rows = []
        for departments in self.given.departments:
            for events in self.given.events:
                for form in FORMS:
                    few = events <= self.given.per_event_to and departments <= 40
                    names = [
                        name for name, peer in PEERS.items()
                        if peer.is_there and (few or not peer.per_event)
                    ]  # fmt: skip
                    found = self.compare(Data(self.folder, events, departments), form, names)
                    size = (f"{events:,}", f"{departments:,}", form)
                    rows += [
                        (
                            *size,
                            one.name,
                            *self.figures(one),
                            self.ratio(found[0], one),
                            self.ratio(found[0], one, "wall"),
                        )
                        for one in found
                    ]
        ratios = ("our CPU ÷ its CPU", "our wall ÷ its wall")
        self.table("peers", ("events", "departments", "form", "contender", *FIGURES, *ratios), rows)

    def scaling(self, name: str, cases: Sequence[tuple[str, str, Command]]) -> None:
        """Ours alone, in many sizes, in turn."""
        commands = {f"{what} {size}": command for what, size, command in cases}
        found = in_turn(commands, dict.fromkeys(commands), self.given.rounds, WORKLOAD, self.given.limit)
        rows = [(what, size, *self.figures(one)) for (what, size, _), one in zip(cases, found, strict=True)]
        self.table(name, ("what", "size", *FIGURES), rows)

    def rules(self) -> None:
        """Ours with many rules, at each size."""
        sizes = [n for n in self.given.events if n >= 100_000] or self.given.events
        cases = [
            (f"{count:,} rules", f"{events:,} events", self.ours(Data(self.folder, events), count=count))
            for events in sizes
            for count in (15, 200, 1000)
        ]
        self.scaling("rules", cases)

    def scale(self) -> None:
        """Ours, one thing larger at a time."""
        base = 100_000
        cases = [("events", f"{n:,}", self.ours(Data(self.folder, n))) for n in self.given.events]
        cases += [("departments", f"{n:,}", self.ours(Data(self.folder, base, n))) for n in (40, 400, 1000, 4000)]
        cases += [("rules", f"{n:,}", self.ours(Data(self.folder, base), count=n)) for n in (50, 100, 200, 400)]
        cases += [
            ("periods", f"{n}", self.ours(Data(self.folder, base), every=every))
            for n, every in ((1, "year"), (4, "quarter"), (12, "month"), (53, "week"))
        ]
        deep = [Data(self.folder, base, depth=depth) for depth in (3, 6, 12, 42)]
        cases += [("levels", str(data.depth), self.ours(data)) for data in deep]
        self.scaling("scaling", cases)
        for data in deep:  # the tree is not the workload's any more, so its results are compared once
            self.given.rounds, rounds = 1, self.given.rounds
            self.compare(data, "ndjson", (OURS, "plain Python"))
            self.given.rounds = rounds

    def stages(self) -> None:
        """Where ours spends its time and memory, stage by stage."""
        rows = []
        for events, departments, count in (
            (100_000, 40, 15),
            (1_000_000, 40, 15),
            (100_000, 1000, 15),
            (100_000, 40, 1000),
        ):
            command = self.ours(Data(self.folder, events, departments), "--stages", count=count)
            done = subprocess.run(
                command, cwd=WORKLOAD, check=True, capture_output=True, text=True
            )  # of modest size: no limit
            for stage, took in json.loads(done.stdout).items():
                size = (f"{events:,}", f"{departments:,}", f"{count:,}")
                rows.append((*size, stage, f"{took['cpu']:.2f}", f"{took['wall']:.2f}", f"{took['peak']:.0f}"))
        self.table("stages", ("events", "departments", "rules", "stage", "CPU s", "wall s", "peak so far MiB"), rows)

    def engines(self) -> None:
        """Ours in this process, with bounded memory and on Spark."""
        engines = [e for e in ENGINES if not e.package or importlib.util.find_spec(e.package)]
        if len(engines) < len(ENGINES):
            print("Spark is left out: pyspark is not installed")
        rows = []
        for events in (n for n in self.given.events if n >= 100_000):
            command = self.ours(Data(self.folder, events))
            out = self.folder / "ours.csv"
            found = compare_engines(engines, command, out, self.given.rounds, WORKLOAD, 20 * self.given.limit)
            first = found[engines[0].name]
            for name, one in found.items():
                if one is None or first is None:
                    rows.append((f"{events:,}", name, "stopped", "", "", ""))
                    continue
                times = f"{one.cpu / first.cpu:.1f}"
                rows.append((f"{events:,}", name, f"{one.cpu:.1f}", f"{one.wall:.1f}", f"{one.peak:.0f}", times))
        self.table("engines", ("events", "engine", *FIGURES, "times the CPU of the first"), rows)

    def against_shared(self) -> None:
        """Our peers beside the workload's own baselines: the same bytes, and no slower."""
        if not SHARED.exists():
            print("the workload's own baselines are not beside the project; nothing to compare with", file=sys.stderr)
            return
        rows = []
        for events in self.given.events:
            for form in FORMS:
                for name, peer in PEERS.items():
                    few = not peer.per_event or events <= self.given.per_event_to
                    if not (peer.baseline and peer.is_there and few and form in peer.baseline_forms):
                        continue
                    data, outs = Data(self.folder, events), [self.folder / "ours.csv", self.folder / "theirs.csv"]
                    commands = {
                        "ours": data.command(WORKLOAD / peer.script, form, outs[0]),
                        "theirs": data.command(SHARED / "baselines" / peer.baseline, form, outs[1]),
                    }
                    ours, theirs = in_turn(
                        commands, dict(zip(commands, outs, strict=True)), self.given.rounds, SHARED / "baselines", self.given.limit
                    )  # fmt: skip
                    cells = (self.figures(ours)[0], self.figures(theirs)[0], self.ratio(ours, theirs))
                    rows.append((f"{events:,}", form, name, *cells))
        self.table("against-shared", ("events", "form", "peer", "CPU s", "CPU s of the baseline", "ratio"), rows)

    def ours(self, data: Data, *more: str, count: int = 15, every: str = "year") -> Command:
        """Our command on Parquet, with a ruleset of this size; 15 rules are the shipped ones."""
        folder = self.folder / f"rules-{count}-{every}"
        if not folder.exists():
            number = [] if count == 15 else ["--count", str(count)]
            run([sys.executable, str(WORKLOAD / "make_rules.py"), str(folder), "--every", every, *number], WORKLOAD)
        return data.command(WORKLOAD / "ours.py", "parquet", self.folder / "ours.csv", "--rules", str(folder), *more)

    def figures(self, one: Measured) -> tuple[str, str, str]:
        """CPU, wall and peak as cells."""
        if not one.runs:
            return f"> {self.given.limit:.0f} s", "", ""
        return f"{one.median('cpu'):.2f}", f"{one.median('wall'):.2f}", f"{one.median('peak'):.0f}"

    def ratio(self, ours: Measured, other: Measured, of: str = "cpu") -> str:
        """The median of the ratios of the same rounds, with the least and the greatest."""
        if ours is other or not (ours.runs and other.runs):
            return ""
        found = ours.ratios(other, of)
        return f"{statistics.median(found):.2f} ({found[0]:.2f}–{found[-1]:.2f})"

    def table(self, name: str, head: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
        """Keep a table, and print it."""
        lines = [head, ["---"] * len(head), *rows]
        text = "".join(f"| {' | '.join(line)} |\n" for line in lines)
        print(f"\n{name}\n\n{text}", flush=True)
        if self.given.write:
            PAGE.write_text(
                written(PAGE.read_text(encoding="utf-8"), name, f"{text}\n{rounds(self.given.rounds)}"), "utf-8"
            )


FIGURES = ("CPU s", "wall s", "peak MiB")


def rounds(number: int) -> str:
    """When a table was measured, and how often."""
    load = f", load {os.getloadavg()[0]:.1f} when it was done" if hasattr(os, "getloadavg") else ""
    return f"{date.today().isoformat()}, medians of {number} round{'s' if number > 1 else ''}{load}.\n"  # noqa: DTZ011


def machine() -> str:
    """What it was measured on, and by which versions."""
    cpu = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.exists() and (model := re.search(r"^model name\s*:\s*(.+)$", info.read_text(), re.MULTILINE)):
        cpu = model[1]
    names = dict.fromkeys(
        ["polars", "numpy", "orjson", *(peer.distribution for peer in PEERS.values() if peer.distribution)]
    )
    installed = {d.metadata["Name"].lower().replace("-", "_"): d.version for d in importlib.metadata.distributions()}
    versions = [f"{name} {installed[key]}" for name in names if (key := name.lower().replace("-", "_")) in installed]
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 1024**3 if hasattr(os, "sysconf") else 0
    return (
        f"{cpu}, {os.cpu_count()} cores{f', {memory:.0f} GiB' if memory else ''}, {platform.system()} {platform.machine()} "
        f"({' '.join(platform.libc_ver())}), Python {platform.python_version()}, {', '.join(versions)}.\n"
    )


def written(page: str, name: str, table: str) -> str:
    """The page with this table between its markers."""
    begin, end = f"<!-- bench:{name} -->\n", f"<!-- /bench:{name} -->"
    if begin not in page or end not in page:
        raise LookupError(f"no place for the table '{name}' on {PAGE.name}")
    before, _, rest = page.partition(begin)
    return f"{before}{begin}\n{table}\n{end}{rest.partition(end)[2]}"


def numbers(text: str) -> list[int]:
    """Whole numbers with commas between them."""
    return [int(number) for number in text.split(",")]


def main() -> None:
    """Read the arguments, measure, print; write the page if asked to."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=numbers, help="sizes, such as 10000,100000 (default: to 1000000)")
    parser.add_argument("--departments", type=numbers, default=[40, 10_000], help="for peers (default: 40,10000)")
    parser.add_argument(
        "--rounds", type=int, default=3, help="runs of each that count; one more comes first (default: 3)"
    )
    parser.add_argument(
        "--limit", type=float, help="seconds after which a run is stopped and shown as such (default: 60)"
    )
    parser.add_argument(
        "--per-event-to", type=int, help="largest size for engines that go event by event (default: 100000)"
    )
    parser.add_argument("--only", default="peers,rules,scaling,stages,engines", help="parts (default: all of these)")
    parser.add_argument("--against-shared", action="store_true", help="only our peers and the workload's own baselines")
    parser.add_argument(
        "--full", action="store_true", help="to 10000000 events, an hour for a run, event by event to 1000000"
    )
    parser.add_argument("--folder", help="where the input is kept for another run; otherwise it is temporary")
    parser.add_argument("--write", action="store_true", help=f"put the tables into {PAGE.name}")
    given = parser.parse_args()
    if given.rounds < 1:
        parser.error("--rounds is 1 or more")
    given.events = given.events or [10_000, 100_000, 1_000_000, *([10_000_000] if given.full else [])]
    given.limit = given.limit or (3600 if given.full else 60)
    given.per_event_to = given.per_event_to or (1_000_000 if given.full else 100_000)
    wanted = ["against-shared"] if given.against_shared else given.only.split(",")
    # As an installed package has it; else each start would compile it anew where Python may not write beside the sources.
    compileall.compile_dir(HERE.parents[1] / "learnorg_rules", quiet=1)
    about = machine()
    print(about)
    if given.write:
        PAGE.write_text(written(PAGE.read_text(encoding="utf-8"), "machine", about), encoding="utf-8")
        for name in wanted:
            written(PAGE.read_text(encoding="utf-8"), name, "")  # a missing place is said before hours of measuring
    for name, peer in PEERS.items():
        if not peer.is_there:
            print(f"{name} is left out: {peer.distribution} is not installed")
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(given.folder or temporary).resolve()
        folder.mkdir(parents=True, exist_ok=True)
        bench = JudgingContext(given, folder)
        parts = {
            "peers": bench.peers, "rules": bench.rules, "scaling": bench.scale, "stages": bench.stages,
            "engines": bench.engines, "against-shared": bench.against_shared,
        }  # fmt: skip
        if unknown := set(wanted) - set(parts):
            sys.exit(f"'{unknown.pop()}' is not measured; one of {', '.join(parts)}")
        for name in wanted:
            parts[name]()


if __name__ == "__main__":
    main()
