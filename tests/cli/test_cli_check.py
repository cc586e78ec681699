import json
import subprocess
import sys

import pytest
from conftest import RULES, build

SEVERAL = """\
reading/rules.yaml:23:5: E106 the key 'every' is given twice
    hint: first on line 22, column 5
   23 |     every: month
      |     ^
reading/rules.yaml:41:22: E301 there is no operator '='
    hint: write '=='
   41 |     when: year.grade = good
      |                      ^
reading: 2 errors
"""


def test_a_good_ruleset_is_told_in_one_line(reading, process):
    assert process("check", "reading") == (
        0,
        "reading: 1 duty, 1 scorecard, 1 award, 1 parameter (1 assumed): fine\n",
        "",
    )


def test_every_fault_is_shown_with_its_line_and_a_caret(tmp_path, learnorg):
    build(
        tmp_path,
        rules_yaml=RULES.replace("every: quarter", "evry: quarter").replace("in session) / 400", "in sesion) / 400"),
    )
    code, out, err = learnorg("check", "reading")
    assert (code, err) == (1, "")
    assert out.startswith(
        "reading/rules.yaml:21:5: E201 unknown key 'evry' in a duty\n    hint: did you mean 'every'?;"
    )
    assert "\n   21 |     evry: quarter\n      |     ^\n" in out
    assert out.endswith("reading: 2 errors\n")
    assert "sesion" in out


def test_the_whole_output_for_several_faults(tmp_path, process):
    rules = RULES.replace("year.grade == good", "year.grade = good").replace(
        "every: quarter", "every: quarter\n    every: month"
    )
    build(tmp_path, rules_yaml=rules.replace("parameters:\n", "parameters:\n  spare: 3\n"))
    assert process("check", "reading") == (1, SEVERAL, "")


def test_the_caret_stands_below_chinese_text_as_wide_as_a_terminal_shows_it(tmp_path, learnorg):
    build(tmp_path, rules_yaml=RULES.replace("{en: Year, zh: 年度}", "{zh: 年度考评, english: Year}"))
    _, out, _ = learnorg("check", "reading")
    at = next(i for i, line in enumerate(out.splitlines()) if "年度考评" in line)
    line, caret = out.splitlines()[at : at + 2]
    # Each of the four characters before the key takes two cells of the terminal and one of the text.
    assert caret.index("^") == line.index("english") + 4


def test_a_long_line_is_cut_around_the_caret(tmp_path, learnorg):
    long = "units where level == office and " + " and ".join(["level != town"] * 12) + " and level == ofice"
    build(tmp_path, rules_yaml=RULES.replace("units where level == office\n    require", f"{long}\n    require"))
    _, out, _ = learnorg("check", "reading")
    excerpt = [line for line in out.splitlines() if " | " in line]
    assert excerpt
    assert all(len(line) <= 100 for line in excerpt)
    assert excerpt[0][excerpt[1].index("^") :].startswith("ofice")


def test_warnings_alone_give_exit_code_3(tmp_path, learnorg):
    build(tmp_path, rules_yaml=RULES.replace("parameters:\n", "parameters:\n  spare: 3\n"))
    code, out, _ = learnorg("check", "reading")
    assert code == 3
    assert "W501" in out
    assert out.endswith(": 1 warning\n")


def test_one_broken_ruleset_among_good_ones_is_broken(tmp_path, reading, learnorg):
    code, out, _ = learnorg("check", "reading", "nowhere", "reading")
    assert code == 1
    assert out.count("fine") == 2


def test_json_tells_the_same(tmp_path, learnorg):
    build(tmp_path, rules_yaml=RULES.replace("every: quarter", "evry: quarter"))
    code, out, _ = learnorg("check", "--json", "reading")
    found = json.loads(out)["rulesets"][0]
    assert code == 1
    assert found["contents"] is None
    assert [(i["line"], i["column"], i["code"]) for i in found["issues"]] == [(21, 5, "E201")]


@pytest.mark.parametrize(
    "content", ["", "\x00", "[", "- a", "ruleset: [", "\ufeff", "a: &x 1", "{" * 60, "\u3000a: b", "x" * 200_000]
)
def test_no_file_content_gives_a_traceback(tmp_path, learnorg, content):
    build(tmp_path, rules_yaml=content)
    code, out, err = learnorg("check", "reading")
    assert code == 1
    assert "Traceback" not in out + err
    assert "E1" in out or "E2" in out


def test_check_never_loads_the_engine(reading, tmp_path):
    script = (
        "import sys\nfrom learnorg_rules.cli import main\n"
        "try:\n    main(['check', 'reading'])\nexcept SystemExit:\n    pass\n"
        "sys.exit(any(name in sys.modules for name in ('polars', 'learnorg_rules.judging')))"
    )
    assert (
        subprocess.run([sys.executable, "-c", script], cwd=tmp_path, capture_output=True, check=False).returncode == 0
    )
