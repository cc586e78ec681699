from datetime import date
from fractions import Fraction
from pathlib import Path

from small_scenarios import SCENARIO, responding, scenario

from learnorg_rules.simulation.definitions import Draw

SHIPPED = Path(__file__).parents[2] / "rulesets" / "banner-loop" / "scenarios" / "banner.yaml"


def test_a_scenario_is_what_its_file_says(tmp_path: Path) -> None:
    read = scenario(tmp_path, responding())
    assert (read.id, read.from_, read.to, read.step) == ("trial", date(2005, 1, 1), date(2005, 9, 30), "month")
    assert (read.repetitions, read.seed, list(read.policies)) == (4, 7, ["now", "two"])
    salons = read.behaviours["salons"]
    assert (salons.rate, salons.every, salons.attendance) == (1, "month", Fraction(3, 5))
    assert salons.fields == {
        "minutes": Draw("range", Fraction(60), Fraction(90)),
        "topic": Draw("choice", options=("law", "history")),
    }
    assert [(r.to, r.rule, r.factor, r.within) for r in salons.responds][1] == ("award", "prize", Fraction(1, 2), None)
    exams = read.behaviours["exams"].fields
    assert exams["score"] == Draw("normal", Fraction(0), Fraction(100), mean=Fraction(70), deviation=Fraction(20))
    assert exams["passed"] == Draw("chance", chance=Fraction(3, 5))


def test_each_policy_has_its_rules(tmp_path: Path) -> None:
    read = scenario(
        tmp_path, SCENARIO.replace("{prizes: 2}", "{prizes: 2, half.reach.points: 60, half.total_points: 100}")
    )
    texts = {n: p.ruleset.parameters["prizes"].values[0][1].value.text for n, p in read.policies.items()}
    assert texts == {"now": "1", "two": "2"}
    assert read.policies["two"].ruleset.scorecards["half"][0].total_points is not None
    assert read.policies["now"].ruleset.scorecards["half"][0].total_points is None


def test_a_season_is_by_month(tmp_path: Path) -> None:
    read = scenario(
        tmp_path, SCENARIO.replace("    attendance: 60%", "    season: {2: 0.4, 12: 2}\n    attendance: 60%")
    )
    assert read.behaviours["salons"].season == {2: Fraction(2, 5), 12: 2}


def test_an_organisation_may_come_from_files(tmp_path: Path) -> None:
    org = tmp_path / "org"
    org.mkdir()
    (org / "units.csv").write_text("id,level,name,part_of\nhouse,house,House,\nred,room,Red,house\n", encoding="utf-8")
    (org / "persons.csv").write_text("id,name,unit\nann,Ann,red\n", encoding="utf-8")
    start, end = SCENARIO.index("  shape:"), SCENARIO.index("behaviours:")
    read = scenario(tmp_path, SCENARIO[:start] + "  files: org\n" + SCENARIO[end:])
    assert (read.organisation.units, read.organisation.persons) == (("house", "red"), ("ann",))


def test_the_shipped_scenario_is_read() -> None:
    from learnorg_rules.simulation.reading import read_scenario

    read = read_scenario(SHIPPED)
    assert (read.repetitions, len(read.organisation.units), list(read.policies)) == (100, 13, ["as_it_is", "no_banner"])
