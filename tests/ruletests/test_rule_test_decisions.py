"""Rule tests that look at decisions, and faults that a Chinese keyboard or a small organisation brings about."""

from reading_club import RULES, TREE, club
from test_rule_test_refusals import refused

from learnorg_rules.ruletests import run_tests

DECIDING = (
    RULES
    + """\
decisions:
  escalate:
    when: {missed: "duty(status == missed, duty == meets, in_a_row >= 2)"}
    then: {do: escalate, to: group, about: missed.subject}
    because: {en: "{missed.duty} missed {missed.in_a_row} times"}
  tell:
    when: {missed: "duty(status == missed, duty == meets)"}
    then: {do: notify, to: missed.subject}
    because: {en: "{missed.duty} missed"}
"""
)
HISTORY = "history: {south: session(minutes=1) quarterly 2005-Q1..2005-Q4 2 times, north: session(minutes=1) 2005-05-01 2 times}"


def decided(folder, expect, at="2005-12-31"):
    tests = f"{TREE}cases:\n  it:\n    at: {at}\n    {HISTORY}\n    expect: {expect}\n"
    result = run_tests(club(folder, tests, DECIDING)).cases[0]
    return [(f.name, f.expected, f.got) for f in result.failures]


def test_which_rules_fired_for_a_subject_in_any_order(tmp_path):
    assert decided(tmp_path, "{north.decisions: [tell, escalate], south.decisions: []}") == []
    assert decided(tmp_path, "{north.decisions: tell}") == [("north.decisions", "tell", "escalate, tell")]
    assert decided(tmp_path, "{south.decisions: [tell]}") == [("south.decisions", "tell", "none")]
    assert decided(tmp_path, "{north.decisions: [tell], south.decisions: none}", "2005-09-30") == []


def test_what_one_rule_decided(tmp_path):
    assert decided(tmp_path, "{north.escalate: {do: escalate, about: north}, south.escalate: no result}") == []
    assert decided(tmp_path, "{north.escalate: no result}")[0][2] == "do: escalate, to: group, about: north"
    assert decided(tmp_path, "{south.escalate: {do: escalate}}") == [("south.escalate", "do: escalate", "no result")]
    assert decided(tmp_path, "{north.escalate: {about: south}}")[0][1] == "about: south"


def test_a_failing_expectation_of_a_decision_shows_its_facts(tmp_path):
    tests = f"{TREE}cases:\n  it: {{at: 2005-12-31, expect: {{north.tell: no result}}}}\n"
    failure = run_tests(club(tmp_path, tests, DECIDING)).cases[0].failures[0]
    assert failure.reason[0] == "tell: notify to: north: meets missed"
    assert 'duty="meets"' in failure.reason[1]


def test_decisions_that_no_test_names_are_told(tmp_path):
    tests = f"{TREE}cases:\n  it: {{at: 2005-12-31, expect: {{north.decisions: [tell, escalate]}}}}\n"
    assert not any(rule.startswith("decision") for rule in run_tests(club(tmp_path, tests, DECIDING)).unreached)
    tests = tests.replace("[tell, escalate]", "[]")
    assert {"decision tell", "decision escalate"} <= set(run_tests(club(tmp_path, tests, DECIDING)).unreached)


def test_a_decision_that_can_never_be_is_refused(tmp_path):
    (tmp_path / "tests").mkdir()
    tests = f"""\
{TREE}cases:
  it:
    expect:
      north.decisions: [tel]
      north.tell: {{do: escalate}}
      north.escalate: {{too: group}}
      south.escalate: fired
"""
    club(tmp_path, tests, DECIDING)
    said = refused_as_is(tmp_path)
    assert said == [
        "T121 there is no decision 'tel'\n    hint: did you mean 'tell'?",
        "T121 do of 'tell' can never be 'escalate'\n    hint: the rule says 'notify'",
        "T121 'escalate' does not say 'too'\n    hint: did you mean 'to'?",
        "T121 'south.escalate' takes a mapping of what follows; found 'fired'\n"
        "    hint: write {do: escalate} or 'no result'",
    ]


def refused_as_is(folder):
    try:
        run_tests(folder)
    except Exception as error:
        return [str(issue).split(": ", 1)[1] for issue in error.issues]
    return []


def test_full_width_signs_are_named_instead_of_what_follows_from_them(tmp_path):
    tests = f"""\
{TREE}cases:
  it:
    history:
      north:
        - session（minutes=60） 2005-02-10
        - session(minutes=60)　2005-02-10，2 times
        - exam(topic=读书（一）, person=ann) 2005-02-10
      north、south: session(minutes=60) 2005-02-10
    expect:
      north.meets: met，above
      north.year.often：: 3
"""
    assert [text.split(": ", 1)[1] for text in refused(tmp_path, tests)] == [
        "T110 '（' is full-width\n    hint: write '('",
        "T110 '，' is full-width\n    hint: write ','",
        "T114 '、' is full-width\n    hint: write ','",
        "T121 '，' is full-width\n    hint: write ','",
        "T120 '：' is full-width\n    hint: write ':'",
    ]


def test_a_status_with_a_blank_leads_to_the_one_meant(tmp_path):
    tests = f"{TREE}cases:\n  it: {{expect: {{north.meets: at risk, north.cup: not granted}}}}\n"
    first, second = refused(tmp_path, tests)
    assert "hint: did you mean 'at_risk'?" in first
    assert "hint: did you mean 'not_granted'?" in second


def test_an_unknown_period_lists_those_there_are(tmp_path):
    tests = f"{TREE}cases:\n  it: {{expect: {{north.meets: {{2005-07: met, 2007-Q1: met, spring: met}}}}}}\n"
    hints = [text.rpartition("hint: ")[2] for text in refused(tmp_path, tests)]
    assert hints[:2] == [
        "its periods are 2005-Q1 to 2006-Q4; nearest: '2005-Q3'",
        "its periods are 2005-Q1 to 2006-Q4; nearest: '2006-Q4'",
    ]
    assert hints[2].startswith("its periods are 2005-Q1 to 2006-Q4")


def test_a_rule_for_a_unit_that_the_small_organisation_lacks_says_what_to_do(tmp_path):
    rules = RULES.replace("meets: {for: units where level == office", "meets: {for: finance")
    tests = f"{TREE}cases:\n  it: {{expect: {{north.few: open}}}}\n"
    reason = "\n".join(run_tests(club(tmp_path, tests, rules)).cases[0].failures[0].reason)
    assert "O202 meets is for 'finance', which the organisation does not have" in reason
    assert 'add it, or write `for: units where id == "finance"`' in reason
    rules = rules.replace("for: finance", 'for: "units where id == \\"finance\\""')
    assert run_tests(club(tmp_path, f"{TREE}cases:\n  it: {{expect: {{north.meets: no result}}}}\n", rules)).failed == 0


def test_each_file_is_told_when_it_is_done(tmp_path):
    club(tmp_path, f"{TREE}cases:\n  it: {{at: 2005-03-31, expect: {{north.meets: missed}}}}\n")
    text = (tmp_path / "tests" / "club.yaml").read_text(encoding="utf-8")
    (tmp_path / "tests" / "other.yaml").write_text(text, encoding="utf-8")
    told = []
    run_tests(tmp_path, finished=told.append)
    assert [[case.file.rpartition("/")[2] for case in cases] for cases in told] == [["club.yaml"], ["other.yaml"]]
