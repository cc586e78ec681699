"""Test files that are refused: every fault at once, each at its place."""

import pytest
from reading_club import TREE, club

from learnorg_rules.errors import InputError
from learnorg_rules.model.duty import Status
from learnorg_rules.ruletests import CODES, run_tests


def refused(folder, tests):
    with pytest.raises(InputError) as error:
        run_tests(club(folder, tests))
    return [str(issue).replace(f"{folder}/", "") for issue in error.value.issues]


def test_every_fault_of_a_file_is_told_with_its_place(tmp_path):
    tests = f"""\
{TREE}cases:
  first:
    history:
      nort: session(minutes=60) 2005-02-10
      north:
        - sesion(minutes=60) 2005-02-10
        - session(minuts=60) 2005-02-10
        - session(minutes=an_hour) 2005-02-10
        - session(minutes=60) 2005-02-30
        - session(minutes=60)
        - session(minutes=60) 2005-02-10 corrects a
      ann: exam(passed=yes, when=soon) 2005-02-10
    expect:
      nort.meets: met
      north.mets: met
      north.meets: done
      north.meets.x: met
      north.sessions: 3
      north.year: {{total: many, oftn: 3, grade: best, vetoes: shut}}
      north.cup: won
      north.few: {{2005-Q5: met}}
  second: {{}}
"""
    assert refused(tmp_path, tests) == [
        "tests/club.yaml:10:7: T114 the organisation has no 'nort'\n    hint: did you mean 'north'?",
        "tests/club.yaml:12:11: T111 there is no kind of event 'sesion'\n    hint: did you mean 'session'?",
        "tests/club.yaml:13:19: T112 'session' does not take 'minuts'\n    hint: did you mean 'minutes'?",
        "tests/club.yaml:14:27: T113 minutes: 'an_hour' is not a whole number",
        "tests/club.yaml:15:31: T115 there is no day or time 2005-02-30",
        "tests/club.yaml:16:30: T110 when 'session' happened is not said\n"
        "    hint: add a day such as 2005-02-10, or monthly 2005-01..2005-12",
        "tests/club.yaml:17:51: T116 no line gives the id 'a'\n    hint: give it with id=",
        "tests/club.yaml:18:24: T113 passed: 'yes' is not true or false",
        "tests/club.yaml:18:34: T113 when: 'soon' is not a day",
        "tests/club.yaml:20:7: T120 the organisation has no 'nort'\n    hint: did you mean 'north'?",
        "tests/club.yaml:21:7: T120 there is no duty, scorecard or award 'mets'\n    hint: did you mean 'meets'?",
        f"tests/club.yaml:22:20: T121 'done' can never be\n    hint: known: {', '.join(s.value for s in Status)}",
        "tests/club.yaml:23:7: T120 there is no duty, scorecard or award 'meets'\n    hint: did you mean 'meets'?",
        "tests/club.yaml:24:7: T120 there is no duty, scorecard or award 'sessions'\n"
        "    hint: a measure is asked over a schedule: north.sessions@year",
        "tests/club.yaml:25:27: E207 'many' is not a number\n    hint: write it as 12, 12.5, 1/2 or 80%",
        "tests/club.yaml:25:33: T120 the scorecard 'year' has no indicator 'oftn'\n    hint: did you mean 'often'?",
        "tests/club.yaml:25:49: T121 'best' can never be\n    hint: known: good, poor, missing, invalid, excused, excluded",
        "tests/club.yaml:25:63: T121 'year' has no veto 'shut'\n    hint: known: closed, none",
        "tests/club.yaml:26:18: T121 'won' can never be\n    hint: known: granted, not_granted, tied, unranked, provisional, undecided",
        "tests/club.yaml:27:19: T122 'few' has no period '2005-Q5'\n"
        "    hint: its periods are 2005-Q1 to 2006-Q4; nearest: '2005-Q4'",
        "tests/club.yaml:28:3: T123 the case 'second' expects nothing\n    hint: say it under expect",
    ]


@pytest.mark.parametrize(
    ("tree", "place", "message"),
    [
        ("organisation: smal\n", ":1:15", "T102 there is no organisation 'smal'"),
        ("organisation: example\n", "example/org", "O130"),
        ("organisation: [a]\n", ":1:15", "E203 'organisation' takes a name or a tree; found a list"),
        ("organisation: {town: {north: {east: {far: {}}}}}\n", ":1:38", "T104 'far' is 4 deep, and there are 3 levels"),
        ("organisation: {town: {north: ann}}\n", ":1:30", "T103 what is in 'north' is a list of persons"),
        ("organisation: {town: {town: []}}\n", ":1:23", "T103 'town' is there twice"),
        ("organisation: {town: [town]}\n", ":1:23", "T103 'town' is a unit already"),
        ("organisation: {town: [ann: {agee: 3}]}\n", ":1:29", "T103 the ruleset declares no attribute 'agee'"),
        ("organisation: {town: [ann: {from: soon}]}\n", ":1:35", "E208"),
        ("organisation: {town: [ann], edges: [ann likes town]}\n", ":1:41", "T105 'likes' is no kind of edge"),
        ("organisation: {town: [ann], edges: [ann leads twon]}\n", ":1:47", "T105 the tree has no 'twon'"),
        (
            "organisation: {town: [ann], edges: [ann leads]}\n",
            ":1:46",
            "T105 an edge has a source, a kind and a target",
        ),
        ("organisation: {town: [ann], edges: [ann leads town since 2005-01-01]}\n", ":1:52", "T105 'since'"),
        ("organisation: {town: [ann], edges: [ann part_of town]}\n", ":1:37", "O1"),
    ],
)
def test_an_organisation_that_cannot_be_is_refused(tmp_path, tree, place, message):
    found = refused(tmp_path, f"{tree}cases:\n  it: {{expect: {{town.meets: no result}}}}\n")
    assert len(found) == 1
    where, _, said = found[0].partition(": ")
    assert where.endswith(place)
    assert said.startswith(message)


@pytest.mark.parametrize(
    ("tests", "code"),
    [
        ("", "E113"),
        ("cases: {}\norganisation: x\n", "T124"),
        ("cases: [a]\norganisation: x\n", "T124"),
        ("cases: {it: {expect: {}}}\n", "E202"),
        (f"{TREE}cases: {{it: {{expekt: {{}}}}}}\n", "E201"),
        (f"{TREE}cases: {{it: {{expect: [a]}}}}\n", "E203"),
        (f"{TREE}cases: {{it: {{history: [a], expect: {{north.meets: met}}}}}}\n", "E203"),
        (f"{TREE}cases: {{it: {{history: {{north: {{a: b}}}}, expect: {{north.meets: met}}}}}}\n", "E203"),
        (f"{TREE}cases: {{it: {{at: 2004-12-31, expect: {{north.meets: met}}}}}}\n", "T125"),
        (f"{TREE}cases: {{it: {{at: soon, expect: {{north.meets: met}}}}}}\n", "E208"),
        (f"{TREE}cases: {{it: {{set: {{enogh: 3}}, expect: {{north.meets: met}}}}}}\n", "E215"),
        (f"{TREE}cases: {{it: {{why: {{north.meets: [[a]]}}}}}}\n", "T121"),
        (
            f"{TREE}cases: {{it: {{history: {{ann: session(minutes=1) 2005-02-10 for each bo}}, rejected: V1}}}}\n",
            "T110",
        ),
        (
            f"{TREE}cases: {{it: {{history: {{north: session(minutes=1) 2005-02-10 id=a 2 times}}, rejected: V1}}}}\n",
            "T116",
        ),
    ],
)
def test_a_case_that_says_nothing_useful_is_refused(tmp_path, tests, code):
    found = refused(tmp_path, tests)
    assert [code] == list(dict.fromkeys(text.split(": ")[1].split()[0] for text in found))


def test_a_ruleset_without_tests_is_told_so(tmp_path):
    club(tmp_path, "")
    (tmp_path / "tests" / "club.yaml").unlink()
    with pytest.raises(InputError) as error:
        run_tests(tmp_path)
    assert [issue.code for issue in error.value.issues] == ["T101"]


def test_every_code_has_a_title_and_an_explanation():
    assert all(len(code) == 4 and title and text.endswith(".") for code, (title, text) in CODES.items())
