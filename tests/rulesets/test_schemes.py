"""Published schemes as rulesets: they check clean, their published answers come out, and what is broken as printed is refused."""

import json
import random
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pytest
import yaml

import learnorg_rules as lr
from learnorg_rules.ruletests import run_tests

ROOT = Path(__file__).parents[2]
SCHEMES = ROOT / "rulesets" / "schemes"
FOLDERS = sorted(path for path in SCHEMES.iterdir() if path.is_dir())
FACTS = ROOT.parent / "shared" / "data" / "scorecards" / "published_schemes.json"

REFUSED = {
    "cbc_taiwan_grades": """\
ruleset.yaml:30:7: E509 a total of 70 has no grade: 'C' ends at 70, 'B' begins at 70
    hint: write to: 70
ruleset.yaml:31:7: E509 a total of 60 has no grade: 'D' ends at 60, 'C' begins at 60
    hint: write to: 60""",
    "shijie_learning_organ_kaoping": """\
ruleset.yaml:28:17: E507 the category 'leadership' declares 20 points
    hint: its indicators add up to 33""",
}


def facts() -> Sequence[Mapping[str, object]]:
    return json.loads(FACTS.read_text(encoding="utf-8")) if FACTS.exists() else []


def cases(folder: Path) -> Mapping[str, Mapping[str, object]]:
    """All cases of the rule tests, read by hand: every value is the text that was written."""
    found: dict[str, Mapping[str, object]] = {}
    for file in sorted((folder / "tests").glob("*.yaml")):
        found |= yaml.load(file.read_text(encoding="utf-8"), yaml.BaseLoader)["cases"]
    return found


def case_of(check: Mapping[str, str], folder: Path) -> Mapping[str, object] | None:
    """The case that has the check's origin and its words in its name."""
    for name, case in cases(folder).items():
        if name.startswith(f"{check['origin']}: ") and name.endswith(check["given"]):
            return case
    return None


def numbers(want: object) -> Iterator[float]:
    """The numbers that a check wants; of a calculation written out its result, of a sentence all of them."""
    if isinstance(want, bool):
        return
    if isinstance(want, int | float):
        yield want
    elif isinstance(want, str):
        yield from (float(word) for word in re.findall(r"(?<![\w.])\d+(?:\.\d+)?", want.rsplit("=", 1)[-1]))
    else:
        for part in want.values() if isinstance(want, dict) else want:  # type: ignore[attr-defined]
            yield from numbers(part)


# ---- every scheme


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda path: path.name)
def test_a_scheme_checks_clean_and_is_called_as_its_folder(folder):
    rules = lr.load(folder)
    assert not rules.warnings
    assert rules.header.id == folder.name


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda path: path.name)
def test_the_cases_of_a_scheme_pass_and_name_every_rule(folder):
    report = run_tests(folder)
    assert [failure for case in report.cases for failure in case.failures] == []
    assert report.passed > 0
    assert report.unreached in ((), [])


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda path: path.name)
def test_a_scheme_names_its_source_and_how_well_it_is_known(folder):
    header = lr.load(folder).header
    assert re.search(r"\[V2?\b", str(header.reference))
    assert "an example written from published facts" in str(header.note)


# ---- the facts they were written from


@pytest.mark.skipif(not FACTS.exists(), reason="the facts lie beside the project only where it is made")
def test_every_published_scheme_has_a_folder():
    assert {scheme["id"] for scheme in facts()} <= {folder.name for folder in FOLDERS}


@pytest.mark.parametrize(
    ("scheme", "check"),
    [(scheme["id"], check) for scheme in facts() for check in scheme.get("checks", ())],  # type: ignore[attr-defined]
    ids=lambda part: part if isinstance(part, str) else part["given"][:40],
)
def test_a_published_check_is_a_case_that_expects_its_numbers(scheme, check):
    case = case_of(check, SCHEMES / scheme)
    assert case is not None, f"no case is named '{check['origin']}: ... {check['given']}'"
    said = re.findall(r"(?<![\w.])\d+(?:\.\d+)?", f"{case['expect']} {case.get('note', '')}")
    assert set(numbers(check["want"])) <= {float(word) for word in said}


# ---- what is broken as printed


@pytest.mark.parametrize("scheme", sorted(REFUSED))
def test_a_scheme_as_printed_is_refused_with_the_place(scheme):
    folder = SCHEMES / scheme / "tests" / "as_published"
    with pytest.raises(lr.InputError) as refused:
        lr.load(folder)
    assert str(refused.value).replace(f"{folder}/", "") == REFUSED[scheme]


# ---- the appraisal of 1994 and 2007, a second time by hand

CHANGE = 2007
BANDS = {
    False: ((90, "excellent"), (60, "competent"), (0, "incompetent")),
    True: ((90, "excellent"), (75, "competent"), (60, "basically_competent"), (0, "incompetent")),
}
YEARS = range(2003, 2011)
PERSONS = [f"p{number:02}" for number in range(1, 24)]


def grade_by_hand(person: str, scores: Mapping[str, int], year: int) -> str | None:
    """Bands first, then the seats: whoever has as many or more at or above the own score than there are seats is out."""
    if person not in scores:
        return None
    grade = next(name for low, name in BANDS[year >= CHANGE] if scores[person] >= low)
    seats = len(scores) * (20 if year >= CHANGE else 15) // 100
    at_or_above = sum(other >= scores[person] for other in scores.values())
    return "competent" if grade == "excellent" and at_or_above > seats else grade


def test_grades_and_streaks_agree_with_a_reading_by_hand(tmp_path):
    chance = random.Random(2007)
    given = {
        year: {p: chance.choice([50, 60, 70, 75, 85, *range(88, 100)]) for p in PERSONS if chance.random() < 0.9}
        for year in YEARS
    }
    file = tmp_path / "org.yaml"
    persons = "\n".join(f"  - {{id: {p}, unit: organ}}" for p in PERSONS)
    file.write_text(f"units:\n  - {{id: organ, level: organ}}\npersons:\n{persons}\n", encoding="utf-8")
    rows = [
        {"id": f"{p}-{year}", "kind": "appraised", "unit": "organ", "person": p, "score": score}
        | {"occurred_at": f"{year}-12-10T12:00:00+08:00"}
        for year, scores in given.items()
        for p, score in scores.items()
    ]
    result = lr.assess(
        lr.load(SCHEMES / "civil_servant_appraisal"), lr.read_org(file), lr.events_from(rows), at="2010-12-31"
    )
    found = {(row["subject"], row["period"]): row["grade"] for row in result.scorecards.to_polars().to_dicts()}
    grades = {(p, year): grade_by_hand(p, given[year], year) for p in PERSONS for year in YEARS}
    assert {key: found[key[0], str(key[1])] for key in grades} == grades
    assert {"excellent", "basically_competent", "incompetent", None} <= set(grades.values())

    dismissed = {
        (p, str(year))
        for p in PERSONS
        for year in YEARS
        if year - 1 in YEARS and grades[p, year] == grades[p, year - 1] == "incompetent"
    }
    duties = result.duties.to_polars().to_dicts()
    missed = {
        (row["subject"], row["period"])
        for row in duties
        if row["rule"] == "stays_in_service" and row["status"] == "missed"
    }
    assert missed == dismissed
