"""What every peer of the district-year workload shares: the calendar, the organisation, what is counted for a unit, points.

WORKLOAD.md beside this file says what has to be computed. Numbers are integers throughout: a score in tenths, points in
millionths. Only the standard library is needed.
"""

import argparse
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any, NamedTuple

try:
    from orjson import loads
except ImportError:  # a test may run without it; the benchmark does not
    from json import loads  # type: ignore[assignment]

FIRST, APRIL, AFTER = "2005-01-01T00:00:00Z", "2005-04-01T00:00:00Z", "2006-01-01T00:00:00Z"
MAXIMA = {
    "r1": 6, "r2": 6, "r3": 8, "r4": 4, "r5": 4, "r6": 10, "r7": 8, "r8a": 8, "r8b": 4, "r9": 10, "r10": 4, "r11": 10,
    "r12a": 6, "r12b": 4,
}  # fmt: skip
MILLION = 1_000_000
GRADES = (("excellent", 85 * MILLION), ("good", 70 * MILLION), ("pass", 60 * MILLION))
CLASSES = ("accepted", "duplicate", "rejected", "outside")
AWARD = "civilised organ"
KINDS = (
    "forum", "salon", "study_session", "briefing", "exam", "meeting", "report_heard", "plan_filed", "funds_allocated",
    "inspection", "poll", "resource_shared",
)  # fmt: skip


class Bits(NamedTuple):
    """A day as one bit for its quarter, its month and its ISO week; the week is 0 on days of another ISO year."""

    quarter: int
    month: int
    week: int


def calendar() -> dict[str, Bits]:
    """The bits of each day of 2005, by its text."""
    found = {}
    for number in range(365):
        day = date(2005, 1, 1) + timedelta(number)
        year, week, _ = day.isocalendar()
        found[day.isoformat()] = Bits(1 << (day.month - 1) // 3, 1 << day.month, 1 << week if year == 2005 else 0)
    return found


class Sheet:
    """What has been counted for one rated unit."""

    __slots__ = (  # noqa: RUF023 - in the order of the indicators
        "id", "is_district", "members", "members_to_35", "members_to_45",
        "forum_quarters", "meeting_quarters", "salon_months", "shared_months", "study_weeks",
        "plans", "early_plans", "reports", "granted_tenths",
        "attended", "study_minutes", "passed_to_35", "passed_to_45",
        "poll_weighted", "poll_minutes", "inspected_tenths", "inspections",
    )  # fmt: skip

    def __init__(self, id_: str, is_district: bool) -> None:
        self.id, self.is_district = id_, is_district
        self.members = self.members_to_35 = self.members_to_45 = 0
        self.forum_quarters = self.meeting_quarters = self.salon_months = self.shared_months = self.study_weeks = 0
        self.plans = self.early_plans = self.reports = self.granted_tenths = self.study_minutes = 0
        self.poll_weighted = self.poll_minutes = self.inspected_tenths = self.inspections = 0
        self.attended: set[str] = set()
        self.passed_to_35: set[str] = set()
        self.passed_to_45: set[str] = set()

    def shares(self) -> Mapping[str, tuple[int, int]]:
        """Numerator and denominator of each indicator."""
        heads, weight = self.members, self.poll_minutes
        return {
            "r1": (self.forum_quarters.bit_count(), 4),
            "r2": (self.salon_months.bit_count(), 12),
            "r3": (min(self.study_weeks.bit_count(), 48), 48),
            "r4": (int(self.early_plans > 0), 1),
            "r5": (int(self.granted_tenths >= 125 * heads), 1),
            "r6": (min(max(20 * len(self.attended) - 10 * heads, 0), 9 * heads), 9 * heads),
            "r7": (min(self.study_minutes, 2400 * heads), 2400 * heads),
            "r8a": (len(self.passed_to_35), self.members_to_35),
            "r8b": (len(self.passed_to_45), self.members_to_45),
            "r9": (min(max(self.poll_weighted - 600 * weight, 0), 350 * weight), 350 * weight),
            "r10": (self.shared_months.bit_count(), 12),
            "r11": (self.inspected_tenths, 1000 * self.inspections),
            "r12a": (self.meeting_quarters.bit_count(), 4),
            "r12b": ((0, 2, 2)[self.reports] if self.reports < 3 else 1, 2),
        }


class Organisation:
    """Whose sheets an event at a unit counts on, and of which sheets a person is a member."""

    def __init__(self, path: str) -> None:
        given = json.loads(Path(path).read_bytes())
        above: dict[str, str | None] = {unit["id"]: unit["parent"] for unit in given["units"]}
        rated = {u["id"]: Sheet(u["id"], u["kind"] == "district") for u in given["units"] if u["kind"] != "section"}
        self.rated: Sequence[Sheet] = tuple(rated.values())
        self.sheets_of_unit: dict[str, tuple[Sheet, ...]] = {}
        for unit in above:
            found, at = [], unit if unit else None
            while at is not None:
                if at in rated:
                    found.append(rated[at])
                at = above[at]
            self.sheets_of_unit[unit] = tuple(found)
        self.age: dict[str, int] = {}
        self.sheets_of_member: dict[str, tuple[Sheet, ...]] = {}
        for person in given["persons"]:
            age = self.age[person["id"]] = person["age"]
            sheets = self.sheets_of_member[person["id"]] = self.sheets_of_unit[person["unit"]]
            for sheet in sheets:
                sheet.members += 1
                sheet.members_to_35 += age <= 35
                sheet.members_to_45 += age <= 45


def rows(path: str) -> Iterator[dict[str, Any]]:
    """The events of a file of NDJSON or Parquet, one after the other, with times as text."""
    if not path.endswith(".parquet"):
        with open(path, "rb") as file:
            yield from map(loads, file)
        return
    import polars as pl  # only where there is Parquet

    texts = pl.scan_parquet(path).with_columns(pl.col("time").dt.strftime("%Y-%m-%dT%H:%M:%SZ"))
    for part in texts.collect().iter_slices(100_000):
        yield from part.to_dicts()


def points(maximum: int, numerator: int, denominator: int) -> int:
    """Points in millionths, rounded half up; 0 where there is nothing to divide by."""
    return (2 * MILLION * maximum * numerator + denominator) // (2 * denominator) if denominator else 0


def decimals(millionths: int) -> str:
    """With exactly six decimals."""
    return f"{millionths // MILLION}.{millionths % MILLION:06}"


def write(path: str, sheets: Iterable[Sheet], counts: Mapping[str, int]) -> None:
    """Points, totals, grades and awards of all sheets, and how many lines were of each class."""
    rows = []
    for sheet in sheets:
        earned = [points(MAXIMA[name], *share) for name, share in sheet.shares().items()]
        total = sum(earned)
        reached = next((grade for grade, bound in GRADES if total >= bound), "fail")
        rows.append((sheet, earned, total, reached if sheet.plans else "fail"))
    rows.sort(key=lambda row: (not row[0].is_district, row[0].id))
    candidates = [row for row in rows if row[3] in ("excellent", "good") and not row[0].is_district]
    candidates.sort(key=lambda row: (-row[2], row[0].id))
    awarded = {row[0].id for row in candidates[: -(-len(candidates) // 10)]}
    with open(path, "w", encoding="utf-8", newline="") as out:
        out.write(f"unit,{','.join(MAXIMA)},total,grade,award\n")
        for sheet, earned, total, grade in rows:
            texts = ",".join(map(decimals, earned))
            out.write(f"{sheet.id},{texts},{decimals(total)},{grade},{AWARD if sheet.id in awarded else ''}\n")
        out.writelines(f"#{name},{counts[name]}\n" for name in CLASSES)


class Arguments(NamedTuple):
    """The command line that all peers have."""

    events: str
    org: str
    out: str


def arguments() -> Arguments:
    """Read it."""
    parser = argparse.ArgumentParser()
    for name in Arguments._fields:
        parser.add_argument(f"--{name}", required=True)
    given = parser.parse_args()
    return Arguments(given.events, given.org, given.out)
