"""Zhabei became part of Jing'an in November 2015: what a yearly duty of the one means for the other, on Shanghai's real divisions."""

import csv
from collections import defaultdict
from datetime import date, timedelta
from pathlib import Path

import pytest

import learnorg_rules as lr
from learnorg_rules.api import Result

SHANGHAI = Path(__file__).resolve().parents[3] / "shared" / "data" / "china_divisions" / "gb2260_shanghai_revisions.csv"
CITY, ZHABEI, JINGAN, HUANGPU = "310000", "310108", "310106", "310101"
RULES = """
ruleset:
  id: merger
  time_zone: Asia/Shanghai
  effective: {from: 2013-01-01, to: 2016-12-31}
organisation:
  levels: [city, district]
events:
  study_day: {title: {en: Study day, zh: 学习日}, fields: []}
duties:
  study_days:
    title: {en: Four study days a year, zh: 每年四次学习日}
    for: units where level == district
    require: count(study_day) >= 4
    every: year
    succession: SUCCESSION
"""

pytestmark = pytest.mark.skipif(not SHANGHAI.exists(), reason="the divisions of Shanghai are not beside this project")


@pytest.fixture(scope="module")
def organisation(tmp_path_factory: pytest.TempPathFactory) -> lr.Organisation:
    """The districts there were from 2013 on; a revision holds from the first of its month to the day before the next."""
    present: defaultdict[str, set[str]] = defaultdict(set)
    names: dict[str, str] = {}
    with SHANGHAI.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            present[row["revision"]].add(row["code"])
            names[row["code"]] = row["name"]
    revisions = [r for r in sorted(present) if r >= "201212"]
    lines = ["units:", f"  - {{id: '{CITY}', name: {names[CITY]}, level: city}}"]
    for code in sorted(set.union(*(present[r] for r in revisions)) - {CITY, "310100", "310200"}):
        held = [r for r in revisions if code in present[r]]
        later = [r for r in revisions if r > held[-1]]
        last = date(int(later[0][:4]), int(later[0][4:]), 1) - timedelta(1) if later else None
        first = "" if held[0] == revisions[0] else f", from: {held[0][:4]}-{held[0][4:]}-01"
        end = f", to: {last}" if last else ""
        lines.append(f"  - {{id: '{code}', name: {names[code]}, level: district, parent: '{CITY}'{first}{end}}}")
    lines += ["edges:", f"  - {{kind: succeeds, source: '{JINGAN}', target: '{ZHABEI}', from: 2015-12-01}}"]
    file_ = tmp_path_factory.mktemp("shanghai") / "organisation.yaml"
    file_.write_text("\n".join(lines), encoding="utf-8")
    return lr.read_org(file_)


def run(folder: Path, organisation: lr.Organisation, succession: str, at: str = "2016-12-31") -> Result:
    """Zhabei studied three times in 2015 and four times in 2014, Jing'an once in each year, Huangpu four times."""
    rules = folder / "ruleset.yaml"
    rules.write_text(RULES.replace("SUCCESSION", succession), encoding="utf-8")
    days = [(ZHABEI, f"2015-{month:02}-15") for month in (3, 6, 11)]
    days += [(ZHABEI, f"2014-{month:02}-15") for month in (2, 5, 8, 11)]
    days += [(JINGAN, "2014-12-15"), (JINGAN, "2015-12-15"), (JINGAN, "2016-12-15")]
    days += [(HUANGPU, f"2015-{month:02}-15") for month in (2, 5, 8, 11)]
    rows = [
        {"id": f"e{n}", "kind": "study_day", "unit": unit, "occurred_at": f"{day}T12:00:00+08:00"}
        for n, (unit, day) in enumerate(days)
    ]
    return lr.assess(lr.load(rules), organisation, lr.events_from(rows), at=at)


def status(result: Result, unit: str, period: str) -> str:
    return result.duties.one(subject=unit, rule="study_days", period=period).status.value


def test_the_district_that_inherits_is_judged_by_what_both_did_in_the_year(
    tmp_path: Path, organisation: lr.Organisation
) -> None:
    result = run(tmp_path, organisation, "inherit")
    assert status(result, JINGAN, "2015") == "met"
    assert "actual: 4 >= 4" in str(result.why(JINGAN, "study_days", "2015"))
    assert status(result, JINGAN, "2016") == "missed"  # nothing is left of Zhabei's years


def test_the_district_that_restarts_is_judged_by_what_it_did_itself(
    tmp_path: Path, organisation: lr.Organisation
) -> None:
    result = run(tmp_path, organisation, "restart")
    assert [status(result, JINGAN, year) for year in ("2014", "2015", "2016")] == ["missed"] * 3
    assert "actual: 1 >= 4" in str(result.why(JINGAN, "study_days", "2015"))


@pytest.mark.parametrize("succession", ["inherit", "restart"])
def test_the_old_district_answers_for_eleven_of_twelve_months_and_for_none_after(
    succession: str, tmp_path: Path, organisation: lr.Organisation
) -> None:
    result = run(tmp_path, organisation, succession)
    assert [status(result, ZHABEI, year) for year in ("2013", "2014", "2015")] == ["missed", "met", "missed"]
    assert "actual: 3 >= 4" in str(result.why(ZHABEI, "study_days", "2015"))
    assert not result.duties.where(subject=ZHABEI, rule="study_days", period="2016").records


@pytest.mark.parametrize("succession", ["inherit", "restart"])
def test_a_district_that_had_no_part_in_it_is_judged_alike(
    succession: str, tmp_path: Path, organisation: lr.Organisation
) -> None:
    result = run(tmp_path, organisation, succession)
    assert [status(result, HUANGPU, year) for year in ("2014", "2015", "2016")] == ["missed", "met", "missed"]


def test_on_its_last_day_the_duty_of_the_old_district_is_over_and_that_of_its_successor_open(
    tmp_path: Path, organisation: lr.Organisation
) -> None:
    result = run(tmp_path, organisation, "inherit", at="2015-11-30")
    assert (status(result, ZHABEI, "2015"), status(result, JINGAN, "2015")) == ("missed", "open")


def test_a_year_that_was_over_before_the_merger_is_not_changed_by_it(
    tmp_path: Path, organisation: lr.Organisation
) -> None:
    result = run(tmp_path, organisation, "inherit")
    assert [status(result, JINGAN, year) for year in ("2013", "2014")] == ["missed", "missed"]


def test_the_explanation_of_an_inherited_duty_shows_the_old_districts_events(
    tmp_path: Path, organisation: lr.Organisation
) -> None:
    reason = str(run(tmp_path, organisation, "inherit").why(JINGAN, "study_days", "2015"))
    assert "2015-11-15" in reason
