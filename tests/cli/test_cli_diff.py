import json

import pytest
from conftest import RULES, build

CHANGE = ("--set", "year.often.points=30", "--set", "year.long.points=70", "--set", "enough=1", "--at", "2005-06-20")

SEEN = """\
Reading circle, results as of 2005-06-20
old: reading; new: the same with year.often.points=30, year.long.points=70, enough=1

Changes of the rules: 2
rule                change    field                     old    new
──────────────────────────────────────────────────────────────────
parameters.enough   changed   value                     2      1
                              assumed                   true
scorecards.year     changed   indicators.often.points   60     30
                              indicators.long.points    40     70

Changed: 7 results of 2 units and persons; unchanged: 8
rule         changed   unchanged
────────────────────────────────
year               2           0
year.often         2           0
year.long          2           0
meets              1           7

Totals and grades, the largest difference first: 2
+16.67  year  2005  north (North office)  66.67 → 83.33
    long +30.00 (weight 40 → 70); often −13.33 (weight 60 → 30); because of scorecards.year
    indicators.often.points 60 → 30, indicators.long.points 40 → 70
−1.08  year  2005  south (South office)  9.67 → 8.58
    often −3.33 (weight 60 → 30); long +2.25 (weight 40 → 70); because of scorecards.year
    indicators.often.points 60 → 30, indicators.long.points 40 → 70

Duties: 1
meets  2005-Q2  south (South office)  due soon → met
    required: 1 >= 1; before: 1 >= 2; because of enough 2 → 1
"""

PAGE = """\
## Reading circle, results as of 2005-06-20

**Changed: 1 result of 1 unit or person; unchanged: 14**

old: reading; new: the same with enough=1

### Changes of the rules

| rule | change | field | old | new |
|---|---|---|---|---|
| parameters.enough | changed | value | 2 | 1 |
|  |  | assumed | true |  |

<details><summary>All changes: 1</summary>

| unit or person | rule | period | difference | change | reason |
|---|---|---|---|---|---|
| south (South office) | meets | 2005-Q2 |  | due soon → met | required: 1 &gt;= 1; before: 1 &gt;= 2; because of enough 2 → 1 |

</details>
"""


def other(reading, *replaced, name="new"):
    """A second ruleset beside the first, with texts replaced."""
    text = RULES
    for old, new in replaced:
        assert old in text
        text = text.replace(old, new)
    folder = reading.parent / name
    folder.mkdir()
    (folder / "rules.yaml").write_text(text, encoding="utf-8")
    return name


def test_what_a_person_sees(reading, process):
    assert process("diff", "reading", *CHANGE) == (3, SEEN, "")


def test_markdown_for_a_merge_request(reading, learnorg):
    assert learnorg("diff", "reading", "--set", "enough=1", "--at", "2005-06-20", "--markdown") == (3, PAGE, "")


def test_markdown_takes_no_text_of_a_file_for_its_own(reading, learnorg):
    new = other(reading, ("{en: Reading circle, zh: 读书会}", "'a|b <i>*c*_`'"))
    _, out, _ = learnorg("diff", "reading", new, "--markdown")
    assert out.startswith("## a\\|b &lt;i&gt;\\*c\\*\\_\\`, results as of")


def test_json_holds_every_move_with_exact_numbers_and_both_reasons(reading, learnorg):
    code, out, _ = learnorg("diff", "reading", *CHANGE, "--json")
    found = json.loads(out)
    assert code == 3
    assert found["summary"] == {
        "moved": 7, "subjects": 2, "unmoved": 8, "regraded": 0, "awards_gained": 0, "awards_lost": 0,
    }  # fmt: skip
    assert found["moves"][0] == {
        "kind": "scorecard", "rule": "year", "subject": "north", "period": "2005",
        "old": {"total": "66.6667", "grade": "good"}, "new": {"total": "83.3333", "grade": "good"}, "points": "16.6666",
        "reason": "long +30.00 (weight 40 → 70); often −13.33 (weight 60 → 30); because of scorecards.year "
        "indicators.often.points 60 → 30, indicators.long.points 40 → 70",
        "reason_zh": "long +30.00（分值 40 → 70）；often −13.33（分值 60 → 30）；起因：scorecards.year "
        "indicators.often.points 60 → 30、indicators.long.points 40 → 70",
        "changes": ["scorecards.year"],
    }  # fmt: skip
    assert found["moves"][-1]["old"] == {"status": "at_risk", "above": False}
    assert found["changes"][1]["fields"][0] == {
        "path": "indicators.often.points", "old": "60", "new": "30", "for_readers": False,
    }  # fmt: skip
    assert found["changes"][1]["old_place"] == "reading/rules.yaml:25:3"


def test_in_chinese(reading, learnorg):
    _, out, _ = learnorg("diff", "reading", "--set", "enough=1", "--at", "2005-06-20", "--lang", "zh")
    assert out.startswith("读书会，评定日：2005-06-20（含当日）\n原：reading；新：同上，另设 enough=1\n")
    for text in (
        "规则变动：1",
        "变化1项结果，涉及1个单位/人员；不变14项",
        "临期预警 → 已完成",
        "要求：1 >= 1；原为：1 >= 2；起因：enough 2 → 1",
    ):
        assert text in out


def test_the_same_rules_in_another_file_are_exit_code_0(reading, learnorg):
    assert learnorg("diff", "reading", other(reading)) == (
        0,
        "Reading circle, results as of 2005-12-31\nold: reading; new: new\n\nThe rules mean the same.\n\n"
        "No result changes; unchanged: 15\n",
        "",
    )


def test_a_rule_of_one_side_is_told_and_is_exit_code_3(reading, learnorg):
    new = other(reading, ("  meets:", "  gathers:"))
    code, out, _ = learnorg("diff", "reading", new)
    assert code == 3
    assert "No result changes; unchanged: 7" in out
    assert "removed   meets     8 results of 2 units and persons" in out
    assert "added     gathers   8 results of 2 units and persons" in out


def test_settings_change_the_new_side_where_there_is_one(reading, learnorg):
    _, out, _ = learnorg("diff", "reading", other(reading), "--set", "enough=1", "--at", "2005-06-20")
    assert "old: reading; new: new (enough=1)\n" in out
    assert "meets  2005-Q2  south (South office)  due soon → met" in out


def test_events_that_only_one_side_takes_are_told(reading, learnorg):
    new = other(reading, ("[person?, minutes, topic?]", "[person?, minutes, topic]"))
    _, out, _ = learnorg("diff", "reading", new)
    assert "Kinds of records declared differently: session\nRecords that count: 5 → 0\n" in out


def test_run_takes_the_path_of_a_value_too(reading, learnorg):
    _, out, _ = learnorg("run", "reading", "--set", "year.often.points=30", "--json")
    assert json.loads(out)["scorecards"][0]["total"] == "53.3333"


# ---- refused


USAGE = "Usage: learnorg diff [OPTIONS] OLD [NEW]\nTry 'learnorg diff --help' for help.\n\nError: "


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        ((), 2, f"{USAGE}there is nothing to compare: give NEW, or change a value of OLD with --set\n"),
        (("--set", "enough=1", "--json", "--markdown"), 2, f"{USAGE}--json and --markdown do not go together\n"),
        (
            ("--set", "year.oftn.points=3"), 1,
            "--set year.oftn.points: E215 'scorecards.year' has no 'oftn'\n    hint: did you mean 'often'?\n",
        ),
        (("--set", "year.often.points=lots"), 1, "--set year.often.points:1:1: E304 unknown name 'lots'\n    hint: a number or a parameter stands here; what depends on the subject is a measure\n"),
        (
            ("--set", "yaer.often.points=3"), 1,
            "--set yaer.often.points: E215 there is nothing named 'yaer'\n    hint: did you mean 'year'?\n",
        ),
        (
            ("--set", "duties.meat.every=year"), 1,
            "--set duties.meat.every: E215 there is no 'meat' in duties\n    hint: did you mean 'meets'?\n",
        ),
        (
            ("--set", "meets.every.day=1"), 1,
            "--set meets.every.day: E215 'duties.meets.every' holds no keys, it is 'quarter'\n"
            "    hint: set it as a whole\n",
        ),
        (
            ("--set", "cup.rank_by.2=id"), 1,
            "--set cup.rank_by.2: E215 'awards.cup.rank_by' is a list and has no entry '2'\n"
            "    hint: its entries are 1 to 1\n",
        ),
    ],
)  # fmt: skip
def test_what_cannot_be_compared_is_refused(reading, learnorg, arguments, code, message):
    assert learnorg("diff", "reading", *arguments) == (code, "", message)


def test_an_id_of_two_sections_needs_its_section(tmp_path, learnorg):
    build(tmp_path, **{"rules.yaml": RULES.replace("  cup:", "  meets:")})
    assert learnorg("diff", "reading", "--set", "meets.every=year") == (
        1, "",
        "--set meets.every: E215 'meets' stands in duties and awards\n"
        "    hint: begin with the section: duties.meets.every\n",
    )  # fmt: skip
    assert learnorg("diff", "reading", "--set", "duties.meets.every=year")[0] == 3


def test_faults_of_both_rulesets_are_told_at_once(reading, learnorg):
    assert learnorg("diff", "nowhere", other(reading, ("every: quarter", "every: quater"))) == (
        1, "",
        "new/rules.yaml:21:12: E505 'quater' is no period\n    hint: did you mean 'quarter'?\n"
        "   21 |     every: quater\n      |            ^\n"
        "nowhere: E114 cannot be read: it does not exist\n",
    )  # fmt: skip


def test_an_organisation_has_to_fit_both(reading, learnorg):
    new = other(reading, ("    for: units where level == office\n    require", "    for: north, east\n    require"))
    assert learnorg("diff", "reading", new) == (
        1, "",
        "new/rules.yaml:19:10: O202 meets is for 'east', which the organisation does not have\n"
        "    hint: known: town, north, south\n   19 |     for: north, east\n      |          ^\n",
    )  # fmt: skip


def test_organisations_that_are_read_differently_cannot_be_compared(reading, learnorg):
    new = other(reading, ("  persons: {age: integer}", "  persons: {age: integer}\n  columns: {level: kind}"))
    message = "OLD and NEW name the columns of organisation files differently (organisation.columns)\n"
    assert learnorg("diff", "reading", new) == (2, "", USAGE + message)
