"""Ratios of this library to hand-written peers on the district-year workload, paired in one run.

    make bench                      1,000,000 events, 3 rounds
    EVENTS=100000 ROUNDS=5 make bench

The peers are the workload's own baselines, which stand beside the project in ../shared; without them there is nothing to
compare with, and this says so. CPU is user plus system time of the whole process, imports included; memory is its peak.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve()
SHARED = HERE.parents[3] / "shared" / "bench" / "district-year"
EVENTS = int(os.environ.get("EVENTS", "1000000"))
ROUNDS = int(os.environ.get("ROUNDS", "3"))
OURS = "learnorg_rules"


def run(command: list[str], cwd: Path) -> tuple[float, float, float]:
    """Run a command to its end: (CPU seconds, wall seconds, peak MiB)."""
    start = time.perf_counter()
    process = subprocess.Popen(command, cwd=cwd, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    errors = process.stderr.read() if process.stderr else b""
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"{' '.join(command)} failed:\n{errors.decode(errors='replace')}")
    return usage.ru_utime + usage.ru_stime, time.perf_counter() - start, usage.ru_maxrss / 1024


def main() -> None:
    """Generate the input, run everybody in turn, compare bytes, print medians and ratios."""
    if not SHARED.exists():
        sys.exit(f"no peers: the workload's baselines are not beside the project ({SHARED.name} in ../shared/bench)")
    with tempfile.TemporaryDirectory() as folder:
        at = Path(folder)
        files = {"org": at / "org.json", "ndjson": at / "events.ndjson", "parquet": at / "events.parquet"}
        print(f"generating {EVENTS:,} events ...", flush=True)
        generate = [sys.executable, str(SHARED / "gen.py"), "-n", str(EVENTS)]
        run([*generate, *(x for k, f in files.items() for x in (f"--{k}", str(f)))], SHARED)
        peers = {
            OURS: [sys.executable, str(HERE.parent / "district_year.py")],
            "polars by hand": [sys.executable, "polars_.py"],
            "duckdb by hand": [sys.executable, "duckdb_.py"],
        }
        for form in ("parquet", "ndjson"):
            compare(form, files, peers, at)


def compare(form: str, files: dict[str, Path], peers: dict[str, list[str]], folder: Path) -> None:
    """Run every peer in turn, a few rounds, and print a table."""
    figures: dict[str, list[tuple[float, float, float]]] = {name: [] for name in peers}
    outputs: dict[str, bytes] = {}
    for _ in range(ROUNDS + 1):  # the first round warms the file cache and is not counted
        for name, command in peers.items():
            out = folder / "out.csv"
            arguments = ["--events", str(files[form]), "--org", str(files["org"]), "--out", str(out)]
            figures[name].append(run([*command, *arguments], SHARED / "baselines"))
            outputs[name] = out.read_bytes()
    same = len(set(outputs.values())) == 1
    print(f"\n{form}, {EVENTS:,} events, {ROUNDS} rounds, output bytes {'equal' if same else 'DIFFER'}")
    print(f"{'':16} {'CPU s':>8} {'wall s':>8} {'peak MiB':>9} {'CPU ratio of ours':>19}")
    for name, rows in figures.items():
        cpu, wall, peak = (statistics.median(r[i] for r in rows[1:]) for i in range(3))
        ratios = [ours[0] / theirs[0] for ours, theirs in zip(figures[OURS][1:], rows[1:], strict=True)]
        print(f"{name:16} {cpu:8.2f} {wall:8.2f} {peak:9.0f} {statistics.median(ratios):18.2f}x")
    if not same:
        sys.exit("the outputs differ")


if __name__ == "__main__":
    main()
