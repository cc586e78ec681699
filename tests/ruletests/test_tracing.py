"""From requirements to rules to tests: what is traced, and every gap."""

import importlib.util
import json
from pathlib import Path

import click.testing
import pytest

from learnorg_rules.cli.trace_command import command
from learnorg_rules.errors import InputError
from learnorg_rules.ruletests.running import run_tests
from learnorg_rules.ruletests.tracing import trace_requirements

RULES = """\
ruleset: {id: club, effective: {from: 2005-01-01, to: 2006-12-31}}
organisation: {levels: [town, office]}
events: {session: []}
selectors:
  offices: {select: units where level == office, reference: R4}
measures:
  sessions: {value: count(session), reference: R1}
duties:
  meets: {for: offices, require: sessions >= 2, every: year, reference: [R1, "Act 12, section 3"]}
scorecards:
  year:
    for: offices
    every: year
    reference: R2
    round: {decimals: 2, mode: half_up}
    indicators:
      often: {points: 90, share: sessions / 9}
      first: {points: 10, when: any(session), reference: R3b}
"""
TESTS = """\
organisation: {town: {north: {}}}
cases:
  twice:
    history: {north: session 2005-02-10 2 times}
    expect: {north.meets: {2005: met}, north.year: {first: 10}}
  never:
    expect: {north.meets: {2005: missed}, north.year.often: 0}
"""
REQUIREMENTS = """\
number,en,zh
1,Meet twice,开会两次
2,"Be scored, each year",评分
3,Meet at all,
4,Offices only,仅限机关
"""


@pytest.fixture
def club(tmp_path: Path):
    """Writes a ruleset that has no gap, with pieces of its files replaced, and returns its folder."""

    def write(*changes: tuple[str, str]) -> Path:
        folder = tmp_path / "club"
        (folder / "tests").mkdir(parents=True)
        files = {"ruleset.yaml": RULES, "tests/club.yaml": TESTS, "requirements.csv": REQUIREMENTS}
        for old, new in changes:
            assert any(old in text for text in files.values())
            files = {name: text.replace(old, new) for name, text in files.items()}
        for name, text in files.items():
            (folder / name).write_text(text, encoding="utf-8")
        return folder

    return write


def gaps(folder: Path) -> list[str]:
    return [text for _, text in trace_requirements(folder).gaps]


def test_a_requirement_has_the_rules_that_refer_to_it_and_the_cases_that_look_at_them(club):
    found = trace_requirements(club())
    assert str(found) == "4 of 4, each with a rule and a test"
    assert not found.gaps
    rules = {r.number: [rule.name for rule in r.rules] for r in found.requirements}
    assert rules == {
        1: ["duty meets", "measure sessions"],
        2: ["scorecard year", "indicator year.often"],  # an indicator without a reference answers what its card does
        3: ["indicator year.first"],
        4: ["selector offices"],
    }
    tests = {r.number: r.tests for r in found.requirements}
    twice, never = "club.yaml: twice", "club.yaml: never"
    assert tests == {1: (twice, never), 2: (twice, never), 3: (twice,), 4: (twice, never)}
    assert found.requirements[1].text.say("zh") == "评分"


def test_a_rule_stands_where_its_file_says(club):
    rule = trace_requirements(club()).requirements[0].rules[0]
    assert rule.source.line == RULES.splitlines().index(next(x for x in RULES.splitlines() if "meets:" in x)) + 1


def test_a_requirement_without_a_rule_is_a_gap(club):
    assert gaps(club(("4,Offices only,仅限机关\n", "4,Offices only,仅限机关\n5,Report,报告\n"))) == [
        "R5 Report: no rule refers to it"
    ]


def test_a_reference_to_a_requirement_that_there_is_not_is_a_gap(club):
    assert gaps(club(("reference: R3b", "reference: [R3b, R33]"))) == [
        "indicator year.first refers to R33, which is no requirement"
    ]


def test_a_rule_that_answers_no_requirement_is_a_gap(club):
    found = gaps(club(('reference: [R1, "Act 12, section 3"]', 'reference: "Act 12, section 3"')))
    assert found == ["R1 Meet twice: no test looks at measure sessions", "duty meets refers to no requirement"]


def test_a_rule_that_no_case_names_is_a_gap_and_what_the_tests_report_as_unreached(club):
    folder = club(
        (", north.year.often: 0", ""),
        ("north.meets: {2005: met}, ", ""),
        ("north.meets: {2005: missed}", "north.year.total: 0"),
    )
    assert gaps(folder) == [
        "R1 Meet twice: no test looks at duty meets, measure sessions",
        "no test names the duty meets",
        "no test names the indicator year.often",
    ]
    assert run_tests(folder).unreached == ("duty meets", "indicator year.often")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("number,en,zh", "no,en,zh"), "1:1: T130 the columns are no, en, zh, expected number, en and zh"),
        (("4,Offices", "four,Offices"), "5:1: T131 'four' is no number, expected a whole number from 1 on"),
        (("4,Offices", "1,Offices"), "5:1: T131 the number 1 is there a second time"),
        (('"Be scored, each year"', "Be scored, each year"), "3:1: T131 requirement 2 needs one text a language"),
        (("1,Meet twice", "1,"), "2:1: T131 requirement 1 needs one text a language"),
    ],
)
def test_a_list_of_requirements_that_cannot_be_read_is_refused_at_its_place(club, change, message):
    with pytest.raises(InputError) as error:
        trace_requirements(club(change))
    assert f"requirements.csv:{message}" in str(error.value)


def test_a_ruleset_without_requirements_is_refused(club):
    folder = club()
    (folder / "requirements.csv").unlink()
    with pytest.raises(InputError, match="T130 there is no such file"):
        trace_requirements(folder)


def ask(*arguments: str) -> click.testing.Result:
    """The command; its exit code is what it returns."""
    return click.testing.CliRunner().invoke(command, [*arguments], standalone_mode=False)


def test_the_command_says_how_many_are_covered_and_fails_on_a_gap(club):
    folder = club(("reference: R3b", "reference: [R3b, R33]"))
    answer = ask(str(folder))
    assert answer.return_value == 1
    last = answer.output.splitlines()[-1]
    assert last == "club: 4 of 4, each with a rule and a test; 1 gap"


def test_the_command_writes_json(club):
    answer = ask(str(club()), "--json")
    assert answer.return_value == 0
    record = json.loads(answer.output)
    assert (record["covered"], record["gaps"]) == (4, [])
    assert record["requirements"][2]["rules"][0]["tests"] == ["club.yaml: twice"]


def test_every_requirement_of_the_reference_programme_has_a_rule_and_a_test():
    found = trace_requirements(Path(__file__).parents[2] / "rulesets" / "zhabei-2003")
    assert [text for _, text in found.gaps] == []
    assert [r.number for r in found.requirements] == list(range(1, 86))
    assert str(found) == "85 of 85, each with a rule and a test"


def test_the_page_of_requirements_is_what_the_build_writes():
    docs = Path(__file__).parents[2] / "docs"
    spec = importlib.util.spec_from_file_location("docs_build", docs / "build.py")
    build = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(build)
    page = build.requirements_page(docs.parent / "rulesets" / "zhabei-2003")
    assert (docs / "requirements.md").read_text(encoding="utf-8") == page
