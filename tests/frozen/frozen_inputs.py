"""What the frozen cases read beside the shipped files: made anew for each session, the same bytes each time."""

import gzip
import json
import shutil
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path

__all__ = ["ROOT", "make_inputs"]

ROOT = Path(__file__).resolve().parents[2]
RULESETS = ROOT / "rulesets"

# Each edit must be found once: an edited copy that equals the original would compare nothing.
EDITS = {
    "zhabei-2003": {
        "ruleset.yaml": {
            "organ_quota: {value: 20%,": "organ_quota: {value: 40%,",
            "regular_min: {value: 1,": "regular_min: {value: 3,",
        }
    },
    "banner-loop": {
        "rules.yaml": {
            "regular: {points: 40,": "regular: {points: 30,",
            "full:    {points: 20,": "full:    {points: 30,",
            "require: any(arts_salon)": "require: count(arts_salon) >= 2",
        }
    },
    "schemes/cpd_worked_examples": {"ruleset.yaml": {"thirty_hours_hours: {value: 30,": "thirty_hours_hours: {value: 40,"}},
}  # fmt: skip

BANNER_UNITS = """\
- {id: district, level: district, name: {en: District, zh: 区}}
- {id: arts, level: department, parent: district, name: {en: Arts office, zh: 文化科}}
- {id: books, level: department, parent: district, name: {en: Book office, zh: 图书科}}
- {id: courts, level: department, parent: district, name: {en: Court office, zh: 法院}}
- {id: docks, level: department, parent: district}
"""

KINDS = """\
ruleset:
  id: kinds
  time_zone: Asia/Shanghai
  effective: {from: 2005-01-01, to: 2012-12-31}
@records@organisation: {levels: [unit]}
fields:
  minutes: {type: integer, min: 0}
  score: {type: decimal, places: 1}
  passed: boolean
  carrier: {type: choice, of: [forum, salon]}
  topic: text
  day: date
  held_at: instant
events:
  forum: [person?, minutes?, score?, passed?, carrier?, topic?, day?, held_at?]
duties:
  talks:
    for: units where level == unit
    every: year
    require: sum(minutes in forum) + count(forum where passed) + count(forum where carrier == salon) > 60
"""
XES_COLUMNS = "  records: {columns: {id: xes:id, kind: concept:name, unit: org:group, occurred_at: time:timestamp}}\n"


def make_inputs(folder: Path) -> None:
    """Write everything into the folder, which must not be there yet."""
    folder.mkdir()
    for ruleset, edits in EDITS.items():
        _edited(RULESETS / ruleset, folder / "edited" / ruleset, edits)
    _write(folder / "zhabei" / "events.ndjson", "".join(_first_lines(80)))
    _write(folder / "banner" / "org" / "units.yaml", BANNER_UNITS)
    _write(folder / "banner" / "org" / "persons.yaml", "".join(_members()))
    _write(folder / "banner" / "events.ndjson", "".join(_salons()))
    _write(folder / "banner" / "late.ndjson", _salon(900, "docks", date(2005, 2, 3)) + _void(901, "s1"))
    scenario = (RULESETS / "banner-loop" / "scenarios" / "banner.yaml").read_text(encoding="utf-8")
    scenario = _replaced(scenario, {"ruleset: ..": "ruleset: ../../rulesets/banner-loop", "to: 2006-12-31": "to: 2005-09-30", "count: 12}": "count: 5}"})  # fmt: skip
    _write(folder / "banner" / "short.yaml", scenario)
    _write(folder / "kinds" / "ruleset.yaml", KINDS.replace("@records@", ""))
    _write(folder / "kinds_in_xes" / "ruleset.yaml", KINDS.replace("@records@", XES_COLUMNS))
    _write(folder / "kinds_org" / "units.yaml", "- {id: u1, level: unit}\n")
    _district(folder / "district")


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def _replaced(text: str, edits: dict[str, str]) -> str:
    for old, new in edits.items():
        if text.count(old) != 1:
            raise ValueError(f"'{old}' is there {text.count(old)} times")
        text = text.replace(old, new)
    return text


def _edited(source: Path, target: Path, edits: dict[str, dict[str, str]]) -> None:
    shutil.copytree(source, target, ignore=shutil.ignore_patterns("example", "tests", "scenarios"))
    for name, changes in edits.items():
        _write(target / name, _replaced((source / name).read_text(encoding="utf-8"), changes))


def _first_lines(number: int) -> list[str]:
    with gzip.open(RULESETS / "zhabei-2003/example/events/events.ndjson.gz", "rt", encoding="utf-8") as lines:
        return [line for _, line in zip(range(number), lines, strict=False)]


def _salon(number: int, unit: str, day: date, person: str = "", minutes: object = 90) -> str:
    event = {"id": f"s{number}", "kind": "arts_salon", "unit": unit, "person": person or f"{unit}_{number % 3}",
             "occurred_at": f"{day}T14:00:00+08:00", "minutes": minutes}  # fmt: skip
    return json.dumps(event) + "\n"


def _members() -> list[str]:
    """Four of arts and of courts, two of books, nobody of docks."""
    sizes = {"arts": 4, "books": 2, "courts": 4}
    return [f"- {{id: {unit}_{i}, unit: {unit}}}\n" for unit, size in sizes.items() for i in range(size)]


def _void(number: int, voided: str) -> str:
    event = {"id": f"s{number}", "kind": "arts_salon", "unit": "arts", "occurred_at": "2005-01-05T14:00:00+08:00"}
    return json.dumps({**event, "voids": voided}) + "\n"


def _salons() -> list[str]:
    """Half a year of salons: arts every ten days, books every month, courts now and then; three lines to refuse."""
    lines, day, number = [], date(2005, 1, 5), 0
    while day < date(2005, 7, 1):
        number += 1
        lines.append(_salon(number, "arts", day, minutes=60 + number))
        if number % 3 == 0:
            lines.append(_salon(number + 300, "books", day + timedelta(1)))
        if number % 7 == 0:
            lines.append(_salon(number + 600, "courts", day + timedelta(2)))
        day += timedelta(10)
    return [*lines, lines[0], _salon(990, "bocks", day), _salon(991, "books", day, minutes="long"), _salon(992, "books", day, "nobody")]  # fmt: skip


def _district(folder: Path) -> None:
    folder.mkdir()
    files = {"org": "org.json", "ndjson": "events.ndjson", "parquet": "events.parquet"}
    options = [part for name, file in files.items() for part in (f"--{name}", str(folder / file))]
    size = ["-n", "3000", "--departments", "8", "--sections", "3", "--persons", "4"]
    generator = ROOT / "tests" / "bench" / "district_year" / "generate.py"
    subprocess.run([sys.executable, str(generator), *size, *options], check=True, capture_output=True)
