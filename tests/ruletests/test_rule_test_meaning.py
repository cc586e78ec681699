"""What a case means: each way of saying a history, and each kind of expectation, met and unmet."""

import re
from pathlib import Path

import pytest
from reading_club import RULES, TREE, case, club, failures, passes

from learnorg_rules.ruletests import run_tests

SHIPPED = Path(__file__).parents[2] / "rulesets"


def test_a_duty_in_one_period_and_in_several(tmp_path):
    history = "history: {north: session(minutes=1) 2005-02-10 2 times}\nat: 2005-06-25\n"
    assert passes(tmp_path, history + "expect: {north.meets: {2005-Q1: met, 2005-Q2: at_risk, 2005-Q3: not_yet_due}}")
    assert failures(tmp_path, history + "expect: {north.meets: {2005-Q1: met, 2005-Q2: open}}") == [
        (11, "north.meets 2005-Q2", "open", "at_risk")
    ]


def test_a_single_value_is_of_the_last_period_that_has_begun(tmp_path):
    history = "history: {north: session(minutes=1) 2005-04-10 2 times}\n"
    assert passes(tmp_path, history + "at: 2005-06-25\nexpect: {north.meets: met, north.year.often: 22.22}")
    assert passes(tmp_path, history + "at: 2005-06-25\nperiod: 2005-Q1\nexpect: {north.meets: missed}")


def test_what_is_above_the_range_is_told_and_need_not_be_expected(tmp_path):
    history = "history: {north: session(minutes=1) 2005-02-10 3 times}\nat: 2005-03-31\n"
    assert passes(tmp_path, history + "expect: {north.few: met above}")
    assert passes(tmp_path, history + "expect: {north.few: met}")
    found = failures(
        tmp_path, "history: {north: session(minutes=1) 2005-02-10}\nat: 2005-03-31\nexpect: {north.few: met above}"
    )
    assert found == [(11, "north.few 2005-Q1", "met above", "met")]


def test_a_duty_with_a_last_day_needs_no_period(tmp_path):
    text = "at: 2005-08-01\nhistory: {ann: exam(passed=true) 2005-07-01}\nexpect: {ann.passes: met_late, bo.passes: missed}"
    assert passes(tmp_path, text)


def test_points_totals_grades_and_vetoes(tmp_path):
    text = """
at: 2005-12-31
history:
  north: session(minutes=1) 2005-02-10 6 times
  west: session(minutes=1) 2005-02-10 9 times
expect:
  north.year.total: 66.67          # exams is excluded and its points go to the other
  north.year: {often: 66.67, exams: excluded, grade: good, vetoes: none}
  west.year: {total: {2005: 100}, grade: poor, vetoes: [closed]}
  town.year.total: no result
"""
    assert failures(tmp_path, text) == []


def test_every_wrong_number_of_a_scorecard_is_told(tmp_path):
    text = "at: 2005-12-31\nexpect: {north.year: {total: 1, often: missing, exams: 0, grade: good, vetoes: closed}}"
    assert [(n, e, g) for _, n, e, g in failures(tmp_path, text)] == [
        ("north.year.total 2005", "1", "0"),
        ("north.year.often 2005", "missing", "0"),
        ("north.year.exams 2005", "0", "excluded"),
        ("north.year.grade 2005", "good", "poor"),
        ("north.year.vetoes 2005", "closed", "none"),
    ]


def test_awards_and_their_ranks(tmp_path):
    text = """
at: 2005-12-31
history:
  north: session(minutes=1) 2005-02-10 9 times
  desk: session(minutes=1) 2005-02-10 8 times
expect: {north.cup: granted rank 1, south.cup: rank 2, west.cup: no result}
"""
    assert passes(tmp_path, text)
    assert failures(tmp_path, text.replace("rank 2", "granted"))[0][2:] == ("granted", "not_granted rank 2")
    assert failures(tmp_path, text.replace("west.cup: no result", "west.cup: granted"))[0][3].startswith("no result")


def test_a_tie_that_is_refused_is_a_finding_that_must_be_expected(tmp_path):
    text = """
at: 2005-12-31
history:
  north, south: session(minutes=1) 2005-02-10 9 times
expect: {north.cup: tied, south.cup: tied}
"""
    assert failures(tmp_path, text)[0][1] == "finding E604"
    assert passes(tmp_path, text + "findings: E604\n")
    assert failures(tmp_path, "at: 2005-12-31\nfindings: E604")[0][1:] == ("finding E604", "there is one", "none")


def test_measures_are_exact(tmp_path):
    text = """
at: 2005-12-31
history:
  ann: [exam(score=50) 2005-02-10, exam(score=50) 2005-02-11, exam(score=50.5) 2005-02-12]
expect: {north.mean_score@year: 301/6, south.mean_score@year: missing, north.juniors@year: 1}
"""
    assert failures(tmp_path, text) == []
    assert failures(tmp_path, text.replace("301/6", "50.166667"))[0][2:] == ("50.166667", "301/6 (about 50.166667)")


def test_a_measure_that_no_rule_asks_for_has_no_value_and_says_so(tmp_path):
    found = failures(tmp_path, "at: 2005-12-31\nexpect: {north.attendees@month: 0}")
    assert found[0][3].startswith("no result: ")


def test_an_unmet_expectation_shows_why(tmp_path):
    result = case(tmp_path, "at: 2005-03-31\nexpect: {north.meets: met}")
    reason = "\n".join(result.failures[0].reason)
    assert "count(session) >= enough" in reason
    assert "why:" in str(result.failures[0])


def test_a_reason_must_hold_the_text(tmp_path):
    text = "at: 2005-03-31\nwhy: {north.meets 2005-Q1: [count(session) >= enough, 0 >= 2]}"
    assert passes(tmp_path, text)
    found = failures(tmp_path, text.replace("0 >= 2", "1 >= 2"))
    assert found == [(10, "why north.meets 2005-Q1", "1 >= 2", "a reason that does not say so")]


def test_value_nothing_recorded_and_missing_are_told_apart(tmp_path):
    excluded = "at: 2005-12-31\nhistory: {ann: %s}\nexpect: {north.year.exams: %s}"
    assert passes(tmp_path, excluded % ("exam(score=0) 2005-02-10", "0"))
    assert passes(tmp_path, excluded % ("exam 2005-02-10", "excluded"))
    assert passes(tmp_path, excluded % ("exam(score=missing) 2005-02-10", "excluded"))


def test_an_event_that_the_rules_refuse_fails_the_case_at_its_line(tmp_path):
    text = "at: 2005-12-31\nhistory:\n  north:\n    - session(minutes=-1) 2005-02-10\nexpect: {north.year.often: 0}"
    line, name, expected, got = failures(tmp_path, text)[0]
    assert (line, name, expected) == (12, "an event of the history", "it counts")
    assert got.startswith("it is set aside: V506")
    assert passes(tmp_path, f"{text}\nrejected: V506")
    assert failures(tmp_path, "at: 2005-12-31\nrejected: V506")[0][1:] == (
        "rejected V506",
        "an event is set aside",
        "none is",
    )


def test_a_required_field_that_is_not_said_fails_the_case(tmp_path):
    found = failures(tmp_path, "at: 2005-12-31\nhistory: {north: session 2005-02-10}\nexpect: {north.year.often: 0}")
    assert "V505" in found[0][3]


def test_everybody_is_who_belongs_to_the_unit_on_that_day(tmp_path):
    tree = """\
organisation:
  town:
    north: [ann, bo: {to: 2005-03-31}]
    south: [bo: {from: 2005-04-01}]
"""
    text = """
at: 2005-12-31
history:
  north: session(minutes=1) monthly 2005-03..2005-04 for everybody
expect: {north.year.often: {2005: 33.33}}     # ann and bo in March, ann alone in April: 3 of 9
"""
    assert failures(tmp_path, text, tree) == []


def test_resends_corrections_voids_and_what_was_known(tmp_path):
    history = """
at: 2005-12-31
history:
  north:
    - session(minutes=1) 2005-02-10 id=a resent
    - session(minutes=1) 2005-02-11 id=b
    - session(minutes=1) 2006-02-11 corrects b recorded 2005-06-01
    - session(minutes=1) 2005-02-12 id=c
    - session(minutes=1) 2005-02-12 voids c recorded 2005-07-01
"""
    assert passes(tmp_path, history + "expect: {north.year.often: 11.11}")
    assert passes(tmp_path, history + "known_at: 2005-06-30\nexpect: {north.year.often: 22.22}")
    assert passes(tmp_path, history + "known_at: 2005-05-31\nexpect: {north.year.often: 33.33}")


def test_parameters_can_be_set_for_a_case(tmp_path):
    text = "at: 2005-03-31\nset: {enough: 0}\nexpect: {north.meets: met}"
    assert passes(tmp_path, text)


def test_a_file_can_say_what_all_its_cases_share(tmp_path):
    tests = f"""\
{TREE}at: 2005-03-31
history: {{north: session(minutes=1) 2005-02-10}}
cases:
  one is not enough: {{expect: {{north.meets: missed}}}}
  with another it is: {{history: {{north: session(minutes=1) 2005-02-11}}, expect: {{north.meets: met}}}}
  nothing yet in january: {{at: 2005-01-31, expect: {{north.meets: open}}}}
"""
    report = run_tests(club(tmp_path, tests))
    assert (report.passed, report.failed) == (3, 0)


def test_organisations_can_be_shared_and_have_bodies_and_edges(tmp_path):
    club(
        tmp_path,
        "organisation: big\ncases:\n  it: {at: 2005-03-31, expect: {north.meets: missed, committee.meets: no result}}",
    )
    (tmp_path / "tests/organisations").mkdir()
    (tmp_path / "tests/organisations/big.yaml").write_text(
        "town:\n  north: {persons: [ann]}\nbodies: [committee]\n"
        "edges: [ann chairs committee from 2005-01-01 to 2005-06-30, committee leads north]\n"
    )
    assert run_tests(tmp_path).failed == 0


def test_attributes_may_have_a_history(tmp_path):
    tree = "organisation:\n  town:\n    north: {attributes: {closed: {2005-01-01: true, 2006-01-01: false}}}\n"
    text = "expect: {north.year.vetoes: {2005: closed, 2006: none}}"
    assert failures(tmp_path, text, tree) == []


def test_what_no_test_looks_at_is_named(tmp_path):
    tests = f"{TREE}cases:\n  it: {{at: 2005-12-31, expect: {{north.meets: missed, north.year: {{often: 0, vetoes: none}}}}}}"
    report = run_tests(club(tmp_path, tests))
    assert report.unreached == ("duty few", "duty passes", "indicator year.exams", "veto year.closed", "award cup")
    assert run_tests(tmp_path, "it").unreached is None


@pytest.mark.parametrize("name", ["district-year"])
def test_the_shipped_tests_pass_and_look_at_every_rule(name):
    report = run_tests(SHIPPED / name)
    assert report.failed == 0, "\n".join(str(f) for c in report.cases for f in c.failures)
    assert report.unreached == ()


def test_no_changed_expectation_passes(tmp_path):
    """The tests of district-year with each number of a scorecard off by a millionth: every such case fails."""
    original = SHIPPED / "district-year"
    for path in [*original.glob("*.yaml"), *original.glob("tests/organisations/*.yaml")]:
        target = tmp_path / path.relative_to(original)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(path.read_text(encoding="utf-8"), encoding="utf-8")
    text = (original / "tests" / "indicators.yaml").read_text(encoding="utf-8")
    changed = re.sub(r"(year\.r\d+[ab]?: )([0-9.]+)", lambda m: f"{m[1]}{float(m[2]) + 0.000001:.6f}", text)
    (tmp_path / "tests" / "indicators.yaml").write_text(changed, encoding="utf-8")
    report = run_tests(tmp_path)
    wrong = re.findall(r"year\.r\d+[ab]?: [0-9.]+", changed)
    assert sum(len(case.failures) for case in report.cases) == len(wrong) > 10


def test_steps_of_a_plan(tmp_path):
    plan = """\
plans:
  build_up:
    for: town
    steps:
      start: {from: 2005-01-01, to: 2005-06-30, done: {met_once: any(session)}}
      grow: {from: 2005-07-01, to: 2005-12-31, done: {met_often: count(session) >= 3}}
"""
    tests = f"""\
{TREE}cases:
  it:
    at: 2005-08-01
    history: {{north: session(minutes=1) 2005-06-30}}
    expect: {{town.build_up.start: done, town.build_up.grow: running}}
  wrong:
    at: 2005-08-01
    expect: {{town.build_up.start: done, north.build_up.start: closed}}
"""
    report = run_tests(club(tmp_path, tests, RULES + plan))
    assert report.cases[0].passed
    assert [(f.name, f.got) for f in report.cases[1].failures] == [
        ("town.build_up.start", "closed"),
        ("north.build_up.start", "no result"),
    ]
