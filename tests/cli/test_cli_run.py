import csv
import json
import os
import subprocess
import sys
from fractions import Fraction

import polars as pl
import pytest
from conftest import RULES, build

SEEN = """\
Reading circle, results as of 2005-06-20

Year, 2005
code    name           often    long    total   grade
─────────────────────────────────────────────────────
north   North office   26.67   40.00   66.67*   good
south   South office    6.67    3.00    9.67*   poor
* provisional: the period is not over
points shown to 2 decimals; --csv and --json give them exactly

Not met in the last periods: 1 missed, 1 due soon
status     duty    code    name           period    due          responsible   title
──────────────────────────────────────────────────────────────────────────────────────────────────
missed     meets   south   South office   2005-Q1   2005-03-31   Town          Meets every quarter
due soon   meets   south   South office   2005-Q2   2005-06-30   Town          Meets every quarter

cup, 2005 (eligible: 1, places: 1, selected: 1)
rank   code    name           year.total   outcome
───────────────────────────────────────────────────
   1   north   North office        66.67   selected

Assumed values (not in the source)
setting   value   note
──────────────────────────────────────
enough    2       nobody said how many

Records: 8 read, 5 counted, 1 repeated, 2 not accepted

Records not used
code   count   first in       reason
─────────────────────────────────────────────────────────────────────────────────────
V207       1   all.ndjson:8   minutes: found the text 'long', expected a whole number
V502       1   all.ndjson:7   there is no unit 'soth' (did you mean 'south'?)
"""


def test_what_a_person_sees(reading, process):
    assert process("run", "reading", "--at", "2005-06-20") == (0, SEEN, "")


def test_chinese_titles_names_and_headers(reading, learnorg):
    _, out, _ = learnorg("run", "reading", "--at", "2005-06-20", "--lang", "zh")
    assert out.startswith("读书会，评定日：2005-06-20（含当日）\n\n年度，2005\n代码")
    for text in ("北所", "未完成", "临期预警", "每季一次", "总分", "记录：读入8条"):
        assert text in out


def test_only_one_unit_and_period(reading, learnorg):
    code, out, _ = learnorg("run", "reading", "--at", "2005-06-20", "--unit", "south", "--period", "2005-Q1")
    assert code == 0
    assert "Not met in 2005-Q1: 1 missed" in out
    assert "north" not in out
    assert "cup" not in out


def test_a_unit_or_period_that_is_not_there_is_wrong_usage(reading, learnorg):
    code, _, err = learnorg("run", "reading", "--unit", "nort")
    assert (code, err.splitlines()[-1]) == (2, "Error: the organisation has no 'nort'; did you mean 'north'?")
    code, _, err = learnorg("run", "reading", "--period", "2005-Q5")
    assert (code, err.splitlines()[-1]) == (2, "Error: no rule has a period '2005-Q5'; did you mean '2005-Q4'?")


def test_a_parameter_can_be_set(reading, learnorg):
    _, out, _ = learnorg("run", "reading", "--at", "2005-06-20", "--set", "enough=1", "--json")
    result = json.loads(out)
    assert {d["status"] for d in result["duties"] if d["period"] == "2005-Q2"} == {"met"}
    assert result["assumed"] == []


def test_json_holds_every_table_with_exact_decimals(reading, learnorg):
    code, out, _ = learnorg("run", "reading", "--at", "2005-06-20", "--json")
    result = json.loads(out)
    assert code == 0
    assert list(result) == [
        "ruleset", "version", "at", "known_at", "decider", "duties", "scorecards", "indicators", "awards", "plans", "decisions",
        "rejected", "counts", "findings", "assumed",
    ]  # fmt: skip
    assert [t["total"] for t in result["scorecards"]] == ["66.6667", "9.6667"]
    assert result["counts"]["duplicate"] == 1
    assert [r["code"] for r in result["rejected"]] == ["V502", "V207"]
    assert learnorg("run", "reading", "--at", "2005-06-20", "--json")[1] == out


def test_csv_and_parquet_files_say_the_same_as_json(reading, learnorg, tmp_path):
    code, out, err = learnorg(
        "run", "reading", "--at", "2005-06-20", "--csv", "out/csv", "--parquet", "out/pq", "--json"
    )
    result = json.loads(out)
    assert code == 0
    assert "duties.csv: 8 rows" in err
    for name in ("duties", "scorecards", "indicators", "awards", "rejected", "findings", "assumed"):
        with (tmp_path / "out" / "csv" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        assert len(rows) == len(result[name])
        assert pl.read_parquet(tmp_path / "out" / "pq" / f"{name}.parquet").height == len(rows)
    totals = pl.read_parquet(tmp_path / "out" / "pq" / "scorecards.parquet")
    assert str(totals["total"][0]) == "66.6667"


def test_a_tie_across_the_quota_is_a_finding_and_gives_exit_code_3(tmp_path, learnorg):
    build(tmp_path, rules_yaml=RULES.replace("good: 50", "good: 1"))
    line = '{"id":"%s","kind":"session","unit":"%s","occurred_at":"2005-01-10T10:00:00+08:00","minutes":60}\n'
    events = "".join(line % (unit, unit) for unit in ("north", "south"))
    (tmp_path / "reading/example/events/all.ndjson").write_text(events)
    code, out, _ = learnorg("run", "reading")
    assert code == 3
    assert "Needs a decision" in out
    assert "E604" in out
    assert out.count("tied") >= 2


def test_the_plan_is_shown_without_any_events(reading, learnorg):
    (reading / "example/events/all.ndjson").unlink()
    code, out, _ = learnorg("run", "reading", "--plan")
    assert code == 0
    assert out.startswith("plan of reading: 1 pass over the events, 3 aggregates, 3 rules\n")
    assert "  quarter: 4 periods, 2005-Q1 to 2005-Q4\n" in out
    assert "    over quarter\n" in out
    assert "sum(minutes in session)\n" in out
    order = out[out.index("rules in order") :].splitlines()
    assert [line.split(",")[0] for line in order] == [
        "rules in order", "  1. duty meets every quarter", "  2. scorecard year every year", "  3. award cup every year",
    ]  # fmt: skip


def test_explain_goes_down_to_the_events(reading, learnorg):
    code, out, err = learnorg("explain", "reading", "south", "meets", "--period", "2005-Q2", "--at", "2005-06-20")
    assert (code, err) == (0, "")
    assert "count(session) >= enough" in out
    assert "2005-06-10" in out
    code, out, _ = learnorg("explain", "reading", "south", "meets", "--at", "2005-06-20", "--json")
    assert code == 0
    assert json.loads(out)["kind"] == "duty"
    assert "临期预警" in learnorg("explain", "reading", "south", "meets", "--at", "2005-06-20", "--lang", "zh")[1]


def test_explain_names_the_nearest_rule(reading, learnorg):
    code, out, err = learnorg("explain", "reading", "south", "meet", "--at", "2005-06-20")
    assert (code, out, err) == (1, "", "Error: there is no rule 'meet'; did you mean 'meets'?\n")


@pytest.mark.parametrize(
    "arguments",
    [
        ("run", "nowhere"),
        ("run", "reading", "--org", "nowhere"),
        ("run", "reading", "--events", "nowhere.ndjson"),
        ("run", "reading", "--events", "reading"),
        ("run", "reading", "--events", "reading/rules.yaml"),
        ("run", "reading", "--set", "enough=many"),
        ("run", "reading", "--set", "enogh=2"),
        ("run", "reading", "--at", "yesterday"),
        ("run", "reading", "--at", "2005-02-30"),
        ("run", "reading", "--known-at", "2005-01-01T00:00"),
        ("run", "reading", "--csv", "reading/rules.yaml"),
        ("explain", "reading", "nobody", "meets"),
        ("explain", "reading", "north", "meets", "--period", "1999"),
        ("explain", "reading", "town", "meets"),
        ("test", "nowhere"),
        ("test", "reading", "--run", "("),
        ("nonsense",),
    ],
)
def test_no_wrong_input_gives_a_traceback(reading, learnorg, arguments):
    code, _, err = learnorg(*arguments)
    assert code in (1, 2)
    assert "Traceback" not in err
    assert err.strip()


def test_our_own_fault_looks_like_ours(reading, tmp_path):
    script = (
        "import learnorg_rules.cli.check_command as c\nfrom learnorg_rules.cli import main\n"
        "def broken(path): raise ZeroDivisionError('ours')\nc.load = broken\nmain(['check', 'reading'])"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "ZeroDivisionError: ours" in done.stderr
    assert "is a fault of learnorg-rules" in done.stderr


def test_a_closed_pipe_is_no_error(reading, tmp_path):
    command = f"{sys.executable} -m learnorg_rules.cli run reading --json | head -c 1"
    done = subprocess.run(
        command, shell=True, cwd=tmp_path, capture_output=True, text=True, check=False, env=dict(os.environ)
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_control_characters_of_event_files_never_reach_the_terminal(reading, learnorg):
    line = (
        '{"id":"1","kind":"session","unit":"\\u001b[31mred","occurred_at":"2005-01-10T10:00:00+08:00","minutes":60}\n'
    )
    (reading / "example/events/all.ndjson").write_text(line)
    _, out, _ = learnorg("run", "reading")
    assert "V502" in out
    assert "\x1b" not in out


def test_a_master_without_spark_is_refused(reading, learnorg):
    code, out, err = learnorg("run", "reading", "--master", "local[2]")
    assert (code, out) == (2, "")
    assert err.splitlines()[-1] == "Error: --master needs --engine spark"


def test_an_interrupt_is_told_and_gives_the_code_of_the_signal(reading):
    interrupting = (
        "import os, signal, sys; from learnorg_rules.cli import main; "
        "sys.addaudithook(lambda event, given: event == 'open' and str(given[0]).endswith('units.yaml') "
        "and os.kill(os.getpid(), signal.SIGINT)); main(sys.argv[1:])"
    )
    command = [sys.executable, "-c", interrupting, "run", str(reading)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr.strip()) == (130, "", "interrupted")


def test_csv_holds_no_formula_unless_it_is_asked_for(reading, learnorg, tmp_path):
    late = '{"id":"=1+1","kind":"session","unit":"@soth","occurred_at":"2005-06-11T10:00:00+08:00","minutes":30}\n'
    with (reading / "example/events/all.ndjson").open("a", encoding="utf-8") as file:
        file.write(late)
    for folder, more, id_ in (("safe", (), "'=1+1"), ("raw", ("--raw-csv",), "=1+1")):
        assert learnorg("run", "reading", "--csv", folder, *more)[0] == 0
        with (tmp_path / folder / "rejected.csv").open(encoding="utf-8", newline="") as file:
            assert list(csv.DictReader(file))[-1]["id"] == id_


def test_points_of_more_digits_than_a_decimal_column_has_are_exact_in_every_output(tmp_path, learnorg):
    points = 10**30 - 1
    rules = RULES.replace("decimals: 4", "decimals: 12").replace("points: 60", f"points: {points}")
    build(tmp_path, rules_yaml=rules)
    code, out, err = learnorg("run", "reading", "--json", "--csv", "out", "--parquet", "out")
    assert code == 0, err
    total = json.loads(out)["scorecards"][0]["total"]  # of north: 4 of 9 sessions, and all of the minutes
    assert Fraction(total) == Fraction(points * 4, 9) + 40
    assert len(total) > 38
    assert pl.read_parquet(tmp_path / "out" / "scorecards.parquet")["total"][0] == total
    with (tmp_path / "out" / "scorecards.csv").open(encoding="utf-8", newline="") as file:
        assert next(csv.DictReader(file))["total"] == total
