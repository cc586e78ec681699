"""The reference programme on its own example: what the engine finds is what a slow reading of the same files finds."""

import gzip
import json
import os
import shutil
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from fractions import Fraction
from math import floor
from pathlib import Path

import pytest

import learnorg_rules as lr
from learnorg_rules.api import Result
from learnorg_rules.model.definitions import CardRounding
from learnorg_rules.model.scorecard import Item, total_of
from learnorg_rules.tracing.trace import trace
from learnorg_rules.ruletests.files import read_cases

FOLDER = Path(__file__).parents[2] / "rulesets" / "zhabei-2003"
EVENTS = FOLDER / "example" / "events" / "events.ndjson.gz"
ORG = FOLDER / "example" / "org"
UNUSABLE = {  # id: (code, why it cannot be used), as example/generate.py means them
    "e022038": ("V502", "transport_bureau"),
    "e022039": ("V504", "p_9999"),
    "e022040": ("V501", "picnic"),
    "e022041": ("V507", "karaoke"),
    "e022042": ("V207", "an hour"),
    "e022043": ("V506", "180"),
    "e022044": ("V302", "time zone"),
}
MONTHS = [f"{year}-{month:02}" for year in range(2003, 2008) for month in range(1, 13)]
EARLY = ("p_0202", "p_0220")

Row = Mapping[str, object]


@pytest.fixture(scope="module")
def result() -> Result:
    return run()


def run(**parameters: str) -> Result:
    return lr.assess(lr.load(FOLDER, set=parameters), lr.read_org(ORG), lr.scan_events(EVENTS))


# ---- a slow reading of the files: no code of the library


def rows_of(file: str) -> Mapping[str, Row]:
    """The rows of an organisation file by id; its script writes one JSON row a line."""
    lines = (ORG / file).read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line[2:]) for line in lines if line.startswith("- ")]
    return {row["id"]: row for row in rows}


UNITS, PERSONS = rows_of("units.yaml"), rows_of("persons.yaml")


def on(value: object, day: str) -> str | None:
    """The place that a history names for the day; ISO texts sort as days do."""
    if isinstance(value, list):
        return next((s["of"] for s in value if s.get("from", "") <= day <= s.get("to", "9999")), None)
    return value if isinstance(value, str) else None


def department(unit: str | None, day: str) -> str | None:
    """The department above a unit on the day."""
    while unit is not None and UNITS[unit]["level"] != "department":
        unit = on(UNITS[unit].get("parent"), day)
    return unit


def home(person: str, day: str) -> str | None:
    """The department of a person on the day; None where the person is not there yet or no longer."""
    row = PERSONS[person]
    there = str(row.get("from", "")) <= day <= str(row.get("to", "9999"))
    return department(on(row["unit"], day), day) if there else None


@pytest.fixture(scope="module")
def settled() -> Sequence[Row]:
    """The events that count: each once, without what was corrected or taken back, and without what cannot be used."""
    with gzip.open(EVENTS, "rt", encoding="utf-8") as lines:
        by_id = {row["id"]: row for row in map(json.loads, lines)}
    gone = {row.get("corrects") or row.get("voids") for row in by_id.values()}
    return [r for r in by_id.values() if r["id"] not in gone and "voids" not in r and r["id"] not in UNUSABLE]


def day_of(event: Row) -> str:
    """The local day; every time in the file is written in local time."""
    text = str(event["occurred_at"])
    assert text.endswith("+08:00")
    return text[:10]


# ---- the scorecard


def test_the_card_has_seventeen_items_of_a_hundred_points(result: Result) -> None:
    cards = list(result.scorecards.where(rule="year"))
    assert len(cards) == 12 * 5
    assert {len(card.indicators) for card in cards} == {17}
    assert {sum(item.out_of for item in card.indicators) for card in cards} == {Fraction(100)}
    categories = {frozenset(Counter(item.category for item in card.indicators).items()) for card in cards}
    assert categories == {frozenset({("leadership", 4), ("carriers", 4), ("participation", 4), ("results", 5)})}


@pytest.mark.parametrize("reading", [15, 19, 21])
def test_another_reading_has_its_own_items_and_the_same_hundred_points(reading: int, result: Result) -> None:
    other = run(items_reading=str(reading))
    cards = list(other.scorecards.where(rule="year"))
    assert {len(card.indicators) for card in cards} == {reading}
    assert {sum(item.out_of for item in card.indicators) for card in cards} == {Fraction(100)}
    assert [d.status for d in other.duties] == [d.status for d in result.duties]
    for card in (cards[0], next(iter(result.scorecards.where(rule="year")))):
        full = [Item(i.indicator, i.out_of, i.out_of, category=i.category) for i in card.indicators]
        assert total_of(full, CardRounding(4))[1] == 100
    assert "items_reading" in {parameter.name for parameter in result.assumed}  # until somebody says which


def test_points_are_what_the_shares_come_to_and_totals_what_the_points_come_to(result: Result) -> None:
    for card in result.scorecards:
        scale = 10_000 if card.rule in ("year", "section_year", "led_result") else 100
        for item in card.indicators:
            if item.state == "excluded":
                assert item.points is None
                continue
            share = Fraction(item.value) if isinstance(item.value, Fraction | int) else Fraction(0)
            exact = min(max(share, Fraction(0)), Fraction(1)) * item.out_of
            assert item.exact == exact
            assert item.points is not None
            assert abs(item.points - exact) < Fraction(1, scale)
        whole = sum((item.exact or Fraction(0) for item in card.indicators), Fraction(0))
        assert card.total == Fraction(floor(whole * scale + Fraction(1, 2)), scale)
        assert card.total == sum(item.points or 0 for item in card.indicators)


def test_only_the_sports_bureau_loses_a_grade_and_keeps_its_total(result: Result) -> None:
    vetoed = [card for card in result.scorecards if card.vetoes]
    assert [(c.subject, c.period, tuple(c.vetoes)) for c in vetoed] == [("sports_bureau", "2006", ("integrity",))]
    assert (vetoed[0].grade_by_total, vetoed[0].grade) == ("good", "fail")
    assert not result.awards.where(rule="civilised_organ", subject="sports_bureau", period="2006").records


def test_no_guided_unit_has_a_score_or_an_award(result: Result) -> None:
    guided = {id_ for id_, unit in UNITS.items() if unit["level"] in ("street", "branch_bureau")}
    assert len(guided) == 10
    assert guided <= {duty.subject for duty in result.duties}
    assert not guided & {r.subject for r in (*result.scorecards, *result.awards)}


# ---- what there is to find, as the README tells it


def test_the_story_of_the_readme_is_what_is_found(result: Result) -> None:
    def others(duty: str, but: str = "met") -> list[tuple[str, str]]:
        found = result.duties.where(rule=duty)
        return [
            (d.period, d.status.value + (" above" if d.above else ""))
            for d in found
            if d.status.value != but or d.above
        ]

    assert others("arts_salon") == [("2004-10", "missed"), ("2005-08", "missed"), ("2006-02", "missed")]
    assert ("2005-Q2", "met above") in others("cadre_forum")
    assert others("rotating_host") == [("2005", "missed")]
    assert others("study_document") == [("2006", "missed")]
    assert others("reports_heard") == [("2005", "met above"), ("2006", "missed")]
    education = result.duties.one(rule="department_groups", subject="education_bureau")
    assert education.status.value == "met_late"
    assert result.scorecards.one(rule="year", subject="party_school", period="2007").vetoes == ()
    weeks = result.duties.where(rule="study_session")
    assert [d.period for d in weeks if d.status.value == "excused"] == ["2007-W40"]


# ---- events that are set aside


def test_exactly_the_seven_unusable_rows_are_rejected(result: Result) -> None:
    rejected = {row["id"]: (row["code"], row["reason"]) for row in result.rejected.to_dicts()}
    assert {id_: code for id_, (code, _) in rejected.items()} == {id_: code for id_, (code, _) in UNUSABLE.items()}
    assert all(word in rejected[id_][1] for id_, (_, word) in UNUSABLE.items())
    assert result.counts["rejected"] == 7


def test_every_row_is_accounted_for(result: Result, settled: Sequence[Row]) -> None:
    counts = result.counts
    assert counts["counted"] == len(settled)
    kept = counts["read"] - sum(counts[k] for k in ("duplicate", "rejected", "superseded", "voided", "voids"))
    assert kept == counts["counted"] == counts["accepted"]


# ---- the section that moves


@pytest.fixture(scope="module")
def registers(tmp_path_factory: pytest.TempPathFactory) -> Result:
    """The rules, and a measure that counts the lines of the registers."""
    folder = tmp_path_factory.mktemp("registers") / "rules"
    folder.mkdir()
    for path in FOLDER.glob("*.yaml"):
        shutil.copy(path, folder)
    (folder / "lines.yaml").write_text(
        "measures: {register_lines: count(attendance)}\n"
        "duties: {lines: {for: led_departments, require: register_lines >= 0, every: month, title: lines}}\n",
        encoding="utf-8",
    )
    return lr.assess(lr.load(folder), lr.read_org(ORG), lr.scan_events(EVENTS))


def test_a_section_that_moves_counts_for_the_department_of_the_day(
    registers: Result, result: Result, settled: Sequence[Row]
) -> None:
    lines: Counter[tuple[str, str]] = Counter()
    came: Counter[tuple[str, str]] = Counter()
    of_section: Counter[tuple[str, str]] = Counter()  # the lines of the section that moves on 1 July 2005
    for event in settled:
        if event["kind"] != "attendance":
            continue
        day, unit = day_of(event), department(str(event["unit"]), day_of(event))
        assert unit is not None
        lines[unit, day[:7]] += 1
        if event["status"] != "excused":
            came[unit, f"{day[:4]} expected"] += 1
            came[unit, f"{day[:4]} present"] += event["status"] == "present"
        if event["unit"] == "cadre_training_section":
            of_section[unit, day[:7]] += 1
    for unit in ("personnel_bureau", "organisation_department"):
        counted = {month: trace(registers, unit, "register_lines@month", month).value for month in MONTHS}
        assert counted == {month: lines[unit, month] for month in MONTHS}
        for year in map(str, range(2003, 2008)):
            rate = Fraction(came[unit, f"{year} present"], came[unit, f"{year} expected"])
            assert trace(result, unit, "attendance_rate@year", year).value == rate
    assert of_section["personnel_bureau", "2005-06"] > 0
    assert of_section["organisation_department", "2005-07"] > 0
    assert {unit for unit, month in of_section if month < "2005-07"} == {"personnel_bureau"}
    assert {unit for unit, month in of_section if month >= "2005-07"} == {"organisation_department"}


def test_the_section_is_ranked_among_those_of_its_department_at_the_end_of_the_year(result: Result) -> None:
    awards = result.awards.where(rule="civilised_section", subject="cadre_training_section")
    found = {a.period: a.peers for a in awards}
    late = {year for year in found if year >= "2005"}
    assert late
    assert {found[year] for year in late} == {"organisation_department"}
    assert {found[year] for year in found if year not in late} <= {"personnel_bureau"}


# ---- three duties against plain Python


def statuses(result: Result, duty: str) -> Mapping[tuple[str, str], str]:
    found = result.duties.where(rule=duty)
    assert len({(d.subject, d.period) for d in found}) == len(found)
    return {(d.subject, d.period): d.status.value + (" above" if d.above else "") for d in found}


def activities(settled: Sequence[Row], unit: str, form: str) -> list[str]:
    """The days of a department's activities of one form."""
    days = [(e, day_of(e)) for e in settled if e["kind"] == "activity" and e["form"] == form]
    return [day for e, day in days if department(str(e["unit"]), day) == unit]


def test_salons_of_all_months_are_those_counted_by_hand(result: Result, settled: Sequence[Row]) -> None:
    unit = "publicity_department"
    held = {day[:7] for day in activities(settled, unit, "salon")}
    expected = {(unit, m): "met" if m in held else "missed" for m in MONTHS if m >= "2004"}
    assert statuses(result, "arts_salon") == expected


def test_forums_of_all_quarters_are_those_counted_by_hand(result: Result, settled: Sequence[Row]) -> None:
    unit = "publicity_department"
    held = Counter(f"{day[:4]}-Q{(int(day[5:7]) + 2) // 3}" for day in activities(settled, unit, "forum"))
    quarters = [f"{year}-Q{quarter}" for year in range(2004, 2008) for quarter in range(1, 5)]
    expected = {(unit, q): ("missed", "met", "met", "met above")[held[q]] for q in quarters}
    assert statuses(result, "cadre_forum") == expected


@pytest.mark.parametrize(("duty", "year"), [("english_first_cohort", 2004), ("english_second_cohort", 2005)])
def test_a_cohort_is_the_one_found_by_hand(duty: str, year: int, result: Result, settled: Sequence[Row]) -> None:
    passed: defaultdict[str, list[str]] = defaultdict(list)
    for event in settled:
        if event["kind"] == "exam" and event["certificate"] == "english300" and event["passed"]:
            passed[str(event["person"])].append(day_of(event))
    end = date(year, 12, 31)
    expected = {}
    for person, row in PERSONS.items():
        age = year - int(str(row["birth_date"])[:4])  # on the last day of the year, whatever the birthday
        first = age - (year - 2004) <= 35 or person in EARLY
        if (
            home(person, end.isoformat()) != "station_area_office"
            or first != (year == 2004)
            or (age > 45 and not first)
        ):
            continue
        days = [d for d in passed[person] if d >= "2003-01-01"]
        in_time = any(d <= end.isoformat() for d in days)
        expected[person, f"by {end}"] = "met" if in_time else "met_late" if days else "missed"
        there = (end - max(date(2003, 1, 1), date.fromisoformat(str(row["from"])))) + timedelta(1)
        assert there * 2 >= end - date(2003, 1, 1) + timedelta(1)  # nobody so new that nothing is required
    assert len(set(expected.values())) == 2  # the example shows more than one outcome
    assert statuses(result, duty) == expected


# ---- the example's scripts


@pytest.mark.parametrize("seed", ["0", "4711"])
def test_the_scripts_write_the_example_again_byte_for_byte(seed: str, tmp_path: Path) -> None:
    for file in (FOLDER / "example").glob("*.py"):
        shutil.copy(file, tmp_path)
    (tmp_path / "org").mkdir()
    for script in ("invent.py", "generate.py"):
        environment = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONDONTWRITEBYTECODE": "1"}
        subprocess.run([sys.executable, script], cwd=tmp_path, env=environment, check=True, timeout=60)
    for file in ORG.iterdir():
        assert (tmp_path / "org" / file.name).read_bytes() == file.read_bytes()
    again = (tmp_path / "events" / EVENTS.name).read_bytes()
    assert gzip.decompress(again) == gzip.decompress(EVENTS.read_bytes())


# ---- the rule tests


def test_every_duty_has_a_case_that_meets_it_and_one_that_misses_it() -> None:
    ruleset = lr.load(FOLDER)
    seen: defaultdict[str, set[str]] = defaultdict(set)
    reasons = 0
    for case in read_cases(FOLDER, ruleset):
        reasons += len(case.reasons)
        for expectation in case.expectations:
            if expectation.target.kind == "duty":
                seen[expectation.target.rule].add(str(expectation.expected).split(" ")[0])
    assert {duty for duty in ruleset.duties if not {"met", "missed"} <= seen[duty]} == set()
    assert reasons >= 10
