"""Organisation and events of the district-year workload, drawn from a seed: the same arguments give the same bytes.

    python generate.py -n 100000 --org org.json --ndjson events.ndjson --parquet events.parquet

The order of the draws is part of the workload: whoever draws in another order makes other events. So the two streams (one for the
organisation and how its departments behave, one for the events) are read strictly from top to bottom, and nothing is drawn
lazily. Needs numpy and polars.
"""

import argparse
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from attrs import frozen
from numpy.random import Generator
from numpy.typing import NDArray
from workload import KINDS

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]

CODE = {kind: code for code, kind in enumerate(KINDS)}
COMMON = {
    "study_session": 0.40, "forum": 0.10, "salon": 0.10, "briefing": 0.12, "exam": 0.06, "meeting": 0.08,
    "inspection": 0.04, "poll": 0.05, "resource_shared": 0.05,
}  # fmt: skip
SECONDS_A_DAY = 86_400
YEAR = 365 * SECONDS_A_DAY  # seconds; times are seconds since the beginning of 2005
APRIL = 90 * SECONDS_A_DAY
UNIX_2005 = 1_104_537_600
UNKNOWN_UNITS = 50
ROWS_A_PART = 1_000_000  # what is written to a file at a time


@frozen
class Size:
    """How big a district is."""

    departments: int
    sections: int  # of a department
    persons: int  # of a section

    @property
    def all_sections(self) -> int:
        """Sections of the district."""
        return self.departments * self.sections

    @property
    def staff(self) -> int:
        """Persons of a department."""
        return self.sections * self.persons

    @property
    def all_persons(self) -> int:
        """Persons of the district."""
        return self.departments * self.staff


@frozen(eq=False)
class District:
    """Who belongs where. Departments, sections and persons are numbers; `names` turns them into ids."""

    size: Size
    department_of_section: Ints
    section_of_person: Ints
    ages: Ints
    units: list[dict[str, str | None]]  # as in the organisation file, in its order

    @property
    def department_of_person(self) -> Ints:
        """Of each person."""
        return self.department_of_section[self.section_of_person]

    def by_department(self, department_of: Ints) -> Ints:
        """One row of numbers of things for each department; each has as many."""
        return np.argsort(department_of, kind="stable").reshape(self.size.departments, -1)

    def write(self, path: Path) -> None:
        """The organisation file."""
        sections = names("s", 6, self.size.all_sections)
        persons = [
            {"id": person, "unit": sections[section], "age": age}
            for person, section, age in zip(
                names("p", 7, self.size.all_persons), self.section_of_person.tolist(), self.ages.tolist(), strict=True
            )
        ]
        with replacing(path) as part:
            part.write_text(json.dumps({"year": 2005, "units": self.units, "persons": persons}))


@frozen(eq=False)
class Windows:
    """Stretches of the year in which events of a kind may fall, and which of them each department uses."""

    bounds: Ints  # of each stretch: first second, second after the last
    used: Ints  # of each department: how many
    order: Ints  # of each department: the numbers of the stretches, those in use first


@frozen(eq=False)
class Behaviour:
    """How good each department is, and at what. Arrays by department; `passes` by person."""

    perfect: Bools
    windows: dict[str, Windows]
    active: Ints  # of the staff, how many ever take part
    passes: Bools
    poll: Floats
    inspection: Floats
    plans: Ints
    plans_early: Bools
    reports: Ints
    grants: Ints
    granted: Floats  # in sum over the year


class replacing:  # noqa: N801 - reads as the verb it is
    """A file that appears under its name only when it is whole."""

    def __init__(self, path: Path) -> None:
        self.path, self.part = path, path.with_name(path.name + ".tmp")

    def __enter__(self) -> Path:
        return self.part

    def __exit__(self, kind: object, *rest: object) -> None:
        if kind is None:
            os.replace(self.part, self.path)


def names(prefix: str, digits: int, count: int) -> list[str]:
    """Ids of so many things."""
    return [f"{prefix}{number:0{digits}}" for number in range(count)]


# ---- the organisation


def draw_district(draw: Generator, size: Size) -> District:
    """Sections dealt to departments and persons to sections; every department has as many of each."""
    department_of_section = draw.permutation(np.repeat(np.arange(size.departments), size.sections))
    section_of_person = draw.permutation(np.repeat(np.arange(size.all_sections), size.persons))
    ages = draw.integers(22, 61, size.all_persons)
    departments = names("d", 5, size.departments)
    units: list[dict[str, str | None]] = [{"id": "u0", "parent": None, "kind": "district"}]
    units += [{"id": one, "parent": "u0", "kind": "department"} for one in departments]
    units += [
        {"id": one, "parent": departments[of], "kind": "section"}
        for one, of in zip(names("s", 6, size.all_sections), department_of_section.tolist(), strict=True)
    ]
    draw.shuffle(units)
    return District(size, department_of_section, section_of_person, ages, units)


def draw_behaviour(draw: Generator, district: District) -> Behaviour:
    """One department in five does everything right; the others as well as their quality lets them."""
    size = district.size
    quality = draw.uniform(0.35, 1.0, size.departments)
    perfect = draw.random(size.departments) < 0.2
    quality[perfect] = 1.0

    def sure(chance: Floats, of: Any = slice(None)) -> Floats:
        chances: Floats = np.where(perfect, 1.1, chance)
        chosen: Floats = chances[of]
        return chosen

    def windows(bounds: Ints, chance: Floats) -> Windows:
        open_ = draw.random((size.departments, len(bounds))) < sure(chance)[:, None]
        return Windows(bounds, open_.sum(1), np.argsort(~open_, axis=1, kind="stable"))

    months = (
        np.arange("2005-01", "2006-02", dtype="datetime64[M]").astype("datetime64[s]").astype(np.int64)
    ) - UNIX_2005
    # The first stretch is 1 and 2 January, which belong to the last ISO week of 2004.
    weeks = np.concatenate([[0], np.arange(2, 365, 7) * SECONDS_A_DAY, [YEAR]])
    by_kind = {
        "forum": windows(between(months[::3]), 0.5 + 0.5 * quality),
        "salon": windows(between(months), 0.3 + 0.7 * quality),
        "study_session": windows(between(weeks), 0.6 + 0.4 * quality),
        "resource_shared": windows(between(months), 0.3 + 0.7 * quality),
        "meeting": windows(between(months[::3]), 0.5 + 0.5 * quality),
    }
    active = np.maximum(1, ((0.5 + 0.5 * quality) * size.staff).astype(int))
    passes = draw.random(size.all_persons) < sure(0.3 + 0.7 * quality, district.department_of_person)
    poll = np.where(perfect, 98, 60 + 38 * quality * draw.uniform(0.6, 1, size.departments))
    inspection = np.where(perfect, 100, 50 + 45 * quality)
    # Both chances are drawn for everybody, so the stream does not depend on who is perfect.
    forgets = draw.random(size.departments) < 0.08
    plans = np.where(~perfect & forgets, 0, draw.integers(1, 4, size.departments))
    if perfect.sum() > 1:  # one that has everything but a plan, so that the veto decides something
        plans[np.flatnonzero(perfect)[-1]] = 0
    plans_early = perfect | (draw.random(size.departments) < 0.8)
    reports = np.where(perfect, 2, draw.choice([0, 1, 2, 3, 6], size.departments, p=[0.1, 0.3, 0.3, 0.2, 0.1]))
    grants = draw.integers(1, 13, size.departments)
    granted = 12.5 * size.staff * np.where(perfect, 1.5, draw.uniform(0.5, 1.6, size.departments))
    return Behaviour(
        perfect, by_kind, active, passes, poll, inspection, plans, plans_early, reports, grants, granted
    )  # fmt: skip


def between(edges: Ints) -> Ints:
    """Stretches from each edge to the next."""
    return np.stack([edges[:-1], edges[1:]], 1)


# ---- the events


def draw_events(draw: Generator, district: District, does: Behaviour, lines: int) -> dict[str, NDArray[Any]]:
    """The columns of the event files, as numbers, in the order of their lines; 1 in 100 is a resend.

    `person` and `passed` are -1 and `score` is NaN where there is none; `unit` counts sections, departments, unknown units.
    """
    size, resends = district.size, lines // 100
    count = lines - resends
    department = draw.integers(0, size.departments, count)
    kind = draw.choice([CODE[k] for k in COMMON], count, p=list(COMMON.values()))
    rare = {"plan_filed": np.maximum(does.plans, 1), "report_heard": does.reports, "funds_allocated": does.grants}
    rare_department = np.concatenate([np.repeat(np.arange(size.departments), n) for n in rare.values()])
    rare_kind = np.concatenate([np.full(n.sum(), CODE[k]) for k, n in rare.items()])
    fitting = min(len(rare_department), count // 2)
    place = draw.choice(count, fitting, replace=False)
    department[place], kind[place] = rare_department[:fitting], rare_kind[:fitting]

    def of(*which: str) -> Ints:
        return np.flatnonzero(np.isin(kind, [CODE[k] for k in which]))

    at = draw.integers(0, YEAR, count)
    for name, windows in does.windows.items():
        who = of(name)
        used = windows.used[department[who]]
        kind[who[used == 0]] = CODE["briefing"]
        who, used = who[used > 0], used[used > 0]
        first, after = windows.bounds[windows.order[department[who], (draw.random(len(who)) * used).astype(int)]].T
        at[who] = first + (draw.random(len(who)) * (after - first)).astype(np.int64)
    who = of("plan_filed")
    early = does.plans_early[department[who]]
    in_time = (draw.random(len(who)) * APRIL).astype(np.int64)
    too_late = APRIL + (draw.random(len(who)) * 200 * SECONDS_A_DAY).astype(np.int64)
    edge = draw.random(len(who))
    filed = np.select([early & (edge < 0.15), ~early & (edge < 0.3), early], [APRIL - 1, APRIL, in_time], too_late)
    none = does.plans[department[who]] == 0  # its plan is dated outside the year, which must not save it
    at[who] = np.where(none, np.where(edge < 0.5, -1, YEAR), filed)

    person, minutes, score, passed = draw_contents(draw, district, does, department, kind)

    at_department = draw.random(count) < 0.10
    sections = district.by_department(district.department_of_section)
    section = sections[department, draw.integers(0, size.sections, count)]
    unit = np.where(at_department, size.all_sections + department, section)
    unknown = draw.random(count) < 0.005
    unit[unknown] = size.all_sections + size.departments + draw.integers(0, UNKNOWN_UNITS, unknown.sum())

    common = ~np.isin(kind, [CODE[k] for k in rare])
    who = np.flatnonzero((draw.random(count) < 0.015) & common)
    where = draw.random(len(who))
    before = -1 - draw.integers(0, 40 * SECONDS_A_DAY, len(who))
    after = YEAR + draw.integers(0, 40 * SECONDS_A_DAY, len(who))
    at[who] = np.select([where < 0.05, where < 0.10, where < 0.55], [YEAR, -1, before], after)
    who = np.flatnonzero(common & (draw.random(count) < 0.0005))
    who = who[np.isin(kind[who], [CODE[k] for k in ("briefing", "exam", "poll", "inspection")])]
    at[who] = np.where(draw.random(len(who)) < 0.5, 0, YEAR - 1)

    known_at = at.astype(np.float64)  # lines stand in the order in which they became known
    late = draw.random(count) < 0.02
    known_at[late] += draw.uniform(3600, 60 * SECONDS_A_DAY, late.sum())
    resent = draw.integers(0, count, resends)
    known_at = np.concatenate([known_at, known_at[resent] + draw.uniform(1, 30 * SECONDS_A_DAY, resends)])
    line = np.concatenate([np.arange(count), resent])[np.argsort(known_at, kind="stable")]
    columns = {
        "at": at,
        "unit": unit,
        "person": person,
        "kind": kind,
        "minutes": minutes,
        "score": score,
        "passed": passed,
    }
    return {"event": line, **{name: column[line] for name, column in columns.items()}}


def draw_contents(
    draw: Generator, district: District, does: Behaviour, department: Ints, kind: Ints
) -> tuple[Ints, Ints, Floats, NDArray[np.int8]]:
    """Who took part, how long, with what score, and whether the exam was passed."""
    size, count = district.size, len(kind)
    is_kind: Callable[..., Bools] = lambda *which: np.isin(kind, [CODE[k] for k in which])  # noqa: E731
    person = np.full(count, -1)
    who = np.flatnonzero(is_kind("forum", "salon", "study_session", "exam") & (draw.random(count) < 0.95))
    staff = district.by_department(district.department_of_person)
    person[who] = staff[department[who], (draw.random(len(who)) * does.active[department[who]]).astype(int)]
    guests = who[draw.random(len(who)) < 0.02]
    person[guests] = draw.integers(0, size.all_persons, len(guests))
    minutes = draw.integers(3, 37, count) * 5
    score = np.full(count, np.nan)
    passed = np.full(count, -1, np.int8)
    who = np.flatnonzero(is_kind("exam"))
    passed[who] = (draw.random(len(who)) < 0.6) & ((person[who] < 0) | does.passes[person[who]])
    high, low = draw.uniform(60, 100, len(who)), draw.uniform(10, 60, len(who))
    score[who] = np.where(passed[who] == 1, high, low)
    for name, level, spread in (("poll", does.poll, 5), ("inspection", does.inspection, 8)):
        who = np.flatnonzero(is_kind(name) & (draw.random(count) < 0.95))
        noise = draw.normal(0, spread, len(who)) * ~does.perfect[department[who]]
        score[who] = np.clip(level[department[who]] + noise, 0, 100)
    who = np.flatnonzero(is_kind("funds_allocated"))
    score[who] = (does.granted / does.grants)[department[who]]
    return person, minutes, np.round(score, 1), passed


# ---- the files


def scrambled(number: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """SplitMix64: another number for each number, without a pattern anyone could lean on."""
    mixed = number + np.uint64(0x9E3779B97F4A7C15)
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
        mixed = (mixed ^ (mixed >> np.uint64(shift))) * np.uint64(factor)
    return mixed ^ (mixed >> np.uint64(31))


def write_events(columns: dict[str, NDArray[Any]], size: Size, seed: int, ndjson: Path, parquet: Path) -> None:
    """The same rows as NDJSON and as Parquet."""
    unit_names = names("s", 6, size.all_sections) + names("d", 5, size.departments) + names("x", 4, UNKNOWN_UNITS)
    units, persons, kinds = (pl.Series(n) for n in (unit_names, names("p", 7, size.all_persons), KINDS))
    parts: list[pl.DataFrame] = []
    lines = len(columns["event"])
    with replacing(ndjson) as text, replacing(parquet) as table, text.open("wb") as stream:
        for start in range(0, lines, ROWS_A_PART):
            part = {name: column[start : start + ROWS_A_PART] for name, column in columns.items()}
            digits = scrambled(part["event"].astype(np.uint64) + np.uint64(seed << 40)).astype(">u8").tobytes().hex()
            person, passed = pl.Series(part["person"]), pl.Series(part["passed"])
            frame = pl.DataFrame({
                "id": [digits[i : i + 16] for i in range(0, len(digits), 16)],
                "time": pl.Series((part["at"] + UNIX_2005) * 1000).cast(pl.Datetime("ms", "UTC")),
                "unit": units.gather(pl.Series(part["unit"])),
                "person": persons.gather(person.set(person < 0, None)),
                "kind": kinds.gather(pl.Series(part["kind"])),
                "minutes": part["minutes"],
                "score": pl.Series(part["score"]).fill_nan(None),
                "passed": passed.set(passed < 0, None) == 1,
            })  # fmt: skip
            frame.with_columns(pl.col("time").dt.strftime("%Y-%m-%dT%H:%M:%SZ")).write_ndjson(stream)
            parts.append(frame)
        pl.concat(parts).write_parquet(table, compression="zstd", row_group_size=250_000)


def main() -> None:
    """Read the arguments, draw, write three files."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("-n", type=int, default=100_000, help="lines of events")
    parser.add_argument("--departments", type=int, default=40)
    parser.add_argument("--sections", type=int, default=10, help="of a department")
    parser.add_argument("--persons", type=int, default=8, help="of a section")
    parser.add_argument("--seed", type=int, default=2005)
    for name in ("org", "ndjson", "parquet"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    given = parser.parse_args()
    size = Size(given.departments, given.sections, given.persons)
    lasting = np.random.default_rng([given.seed, 1])  # the same district however many events there are
    district = draw_district(lasting, size)
    district.write(given.org)
    does = draw_behaviour(lasting, district)
    columns = draw_events(np.random.default_rng([given.seed, 2, given.n]), district, does, given.n)
    write_events(columns, size, given.seed, given.ndjson, given.parquet)


if __name__ == "__main__":
    main()
