"""district-year with this library: the rules are files, this reads and writes. The command line of all peers, and some options.

`--rules` assesses by another ruleset over the same kinds of events; `--stages` prints, as JSON, what each stage of the run took.
"""

import argparse
import csv
import json
import resource
import sys
import time
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

START = time.perf_counter(), time.process_time()

import learnorg_rules as lr  # noqa: E402 - its import is a stage

SHIPPED = Path(__file__).resolve().parents[3] / "rulesets" / "district-year"


def stages(*names: str) -> Iterator[dict[str, float]]:
    """Wall seconds, CPU seconds and the peak so far in MiB, of each stage that ends when the next of these is asked for."""
    wall, cpu = START
    for _ in names:
        now_wall, now_cpu = time.perf_counter(), time.process_time()
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1024 if sys.platform != "darwin" else 1024**2)
        yield {"wall": now_wall - wall, "cpu": now_cpu - cpu, "peak": peak}
        wall, cpu = now_wall, now_cpu


def main() -> None:
    """Read the arguments, assess, write the CSV."""
    names = ("import", "rules", "organisation", "assessment", "writing")
    clock = stages(*names)
    took = [next(clock)]
    parser = argparse.ArgumentParser()
    for name in ("events", "org", "out"):
        parser.add_argument(f"--{name}", required=True)
    parser.add_argument("--rules", default=SHIPPED)
    parser.add_argument("--stages", action="store_true")
    parser.add_argument("--engine", choices=["spark"], help="count the events there")
    parser.add_argument("--master", default="", help="`master` of `spark_events`")
    parser.add_argument("--memory", help="`memory` of `assess`")
    arguments = parser.parse_args()
    rules = lr.load(arguments.rules)
    took.append(next(clock))
    organisation = lr.read_org(arguments.org, columns=rules.organisation.columns)
    took.append(next(clock))
    on_spark = arguments.engine is not None
    events = (
        lr.spark_events(arguments.events, master=arguments.master) if on_spark else lr.scan_events(arguments.events)
    )
    result = lr.assess(rules, organisation, events, at="2005-12-31", memory=arguments.memory)
    took.append(next(clock))
    write(result, arguments.out)
    took.append(next(clock))
    if arguments.stages:
        print(json.dumps(dict(zip(names, took, strict=True))))


def shown(points: Fraction | None) -> object:
    """With six decimals; nothing where there are none."""
    return "" if points is None else lr.to_decimal(points, 6)


def write(result: lr.Result, path: str) -> None:
    """The district, then its departments; a row for each of their periods."""
    awarded = {(a.subject, a.period): "civilised organ" for a in result.awards if a.granted}
    rows = sorted(result.scorecards, key=lambda t: (result.attribute(t.subject, "level") != "district", t.subject))
    indicators = [item.indicator for item in rows[0].indicators] if rows else []
    with open(path, "w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(["unit", *indicators, "total", "grade", "award"])
        for row in rows:
            points = [shown(item.points) for item in row.indicators]
            award = awarded.get((row.subject, row.period), "")
            writer.writerow([row.subject, *points, shown(row.total), row.grade, award])
        for name in ("counted", "duplicate", "rejected", "outside"):
            writer.writerow([f"#{'accepted' if name == 'counted' else name}", result.counts[name]])


if __name__ == "__main__":
    main()
