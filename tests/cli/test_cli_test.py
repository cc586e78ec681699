import json
from xml.etree import ElementTree

from conftest import CASES, build

FAILED = """\
FAILED two sessions are enough
  reading/tests/meets.yaml:12:7: north.meets 2005-Q1
      expected: missed
      got:      met
      why:
"""


def test_passing_cases_are_told_in_one_line_with_what_no_test_looks_at(reading, learnorg):
    code, out, err = learnorg("test", "reading")
    assert (code, err) == (0, "")
    assert out.splitlines() == [
        "reading: 1 case passed",
        "    note: no test looks at indicator year.often, indicator year.long, award cup",
    ]


def test_a_failing_case_says_where_what_was_expected_and_why(tmp_path, learnorg):
    build(tmp_path, tests__meets_yaml=CASES.replace("north.meets: met", "north.meets: missed"))
    code, out, _ = learnorg("test", "reading")
    assert code == 1
    assert out.startswith(FAILED)
    assert "count(session) >= enough" in out
    assert "reading: 0 cases passed, 1 failed, in reading/tests/meets.yaml" in out


def test_junit_and_json_tell_the_same(tmp_path, learnorg):
    build(tmp_path, tests__meets_yaml=CASES.replace("north.meets: met", "north.meets: missed"))
    code, out, _ = learnorg("test", "reading", "--json", "--junit", "report.xml")
    report = json.loads(out)["rulesets"][0]
    suite = ElementTree.parse(tmp_path / "report.xml").getroot()[0]
    assert code == 1
    assert (report["passed"], report["failed"]) == (0, 1)
    assert (suite.get("tests"), suite.get("failures")) == ("1", "1")
    failure = report["cases"][0]["failures"][0]
    assert (failure["line"], failure["expected"], failure["got"]) == (12, "missed", "met")
    assert suite[0][0].get("message") == "north.meets 2005-Q1: expected missed, got met"


def test_a_report_replaces_a_report_and_no_other_file(reading, learnorg, tmp_path):
    report = ("test", "reading", "--junit", "report.xml")
    assert [learnorg(*report)[0], learnorg(*report)[0]] == [0, 0]
    rules = (reading / "rules.yaml").read_bytes()
    code, out, err = learnorg("test", "reading", "--junit", "reading/rules.yaml")
    assert (code, out) == (1, "")
    assert err.startswith(
        "reading/rules.yaml: F101 there is a file that is not ours\n    hint: name another place, or give --force"
    )
    assert (reading / "rules.yaml").read_bytes() == rules


def test_only_some_cases_can_be_run(reading, learnorg):
    assert learnorg("test", "reading", "--run", "two.*enough")[:2] == (0, "reading: 1 case passed\n")
    code, _, err = learnorg("test", "reading", "--run", "three")
    assert (code, err) == (1, "Error: no case matches 'three'\n")


def test_faults_of_a_test_file_are_shown_like_those_of_rules(tmp_path, learnorg):
    build(
        tmp_path, tests__meets_yaml=CASES.replace("session(minutes=60) 2005-02-10 2", "sesion(minutes=60) 2005-02-10 2")
    )
    code, out, err = learnorg("test", "reading")
    assert (code, out) == (1, "")
    assert err.splitlines() == [
        "reading/tests/meets.yaml:8:14: T111 there is no kind of event 'sesion'",
        "    hint: did you mean 'session'?",
        "    8 |       north: sesion(minutes=60) 2005-02-10 2 times",
        "      |              ^",
    ]
