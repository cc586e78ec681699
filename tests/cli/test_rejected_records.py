"""A run that lost its records says so first, and ends with exit code 3."""

import json

import pytest
from programmes import READING, READING_UNITS, write

GOOD = {"kind": "session", "unit": "north", "minutes": 60, "occurred_at": "2005-02-01T09:00:00Z"}
LOST = GOOD | {"kind": "sesion"}


@pytest.fixture
def run(learnorg, tmp_path):
    def ran(events, limit="", *options, command=("run",)):
        """Exit code, standard output and standard error of a run of these events, with this limit of rejected records."""
        records = f"  records: {{max_rejected: {limit}}}\n  time_zone:" if limit else "  time_zone:"
        lines = [json.dumps({"id": str(n), **event}) for n, event in enumerate(events)]
        rules = write(tmp_path / "rules", READING.replace("  time_zone:", records)).parent
        units = write(tmp_path, READING_UNITS, "units.yaml")
        read = write(tmp_path, "\n".join(lines), "e.ndjson")
        command, *more = command
        return learnorg(command, rules, *more, "--org", units, "--events", read, "--at", "2005-12-31", *options)

    return ran


@pytest.mark.parametrize("options", [(), ("--memory", "1GiB")])
def test_a_run_without_any_record_says_so_before_its_tables(run, options):
    code, out, _err = run([LOST, LOST | {"unit": "nowhere"}], "", *options)
    assert code == 3
    _, said, hint, *rest = out.splitlines()
    assert said.endswith("V601 no record counts; rejected: 2 of 2")
    assert hint == "    hint: most often (1): there is no kind of event 'sesion' (did you mean 'session'?)"
    assert not any("V601" in line for line in rest)


@pytest.mark.parametrize(
    ("lost", "limit", "said"),
    [
        (1, "", None),
        (1, "1", None),
        (2, "1", "records rejected: 2 of 4; 'max_rejected' allows 1"),
        (1, "25%", None),
        (2, "33.3%", "records rejected: 2 of 4; 'max_rejected' allows 33.3%"),
        (0, "0", None),
        (1, "0", "records rejected: 1 of 4; 'max_rejected' allows 0"),
        (4, "100%", "no record counts; rejected: 4 of 4"),
    ],
)
def test_more_rejected_records_than_the_rules_allow_are_a_finding(run, lost, limit, said):
    code, out, _err = run([LOST] * lost + [GOOD] * (4 - lost), limit, "--json")
    messages = [one["message"] for one in json.loads(out)["findings"] if one["code"] == "V601"]
    assert (messages, code) == (([said], 3) if said else ([], 0))


@pytest.mark.parametrize("limit", ["x", "101%", "1.5", "-1", "[1]"])
def test_a_limit_that_is_no_number_of_records_is_refused(run, limit):
    code, _out, err = run([GOOD], limit)
    assert code == 1
    assert (
        "E207 'max_rejected' is neither a number nor a share of records\n    hint: write a number of records, such as 20, or a share of them, such as 5%"
        in err
    )


@pytest.mark.parametrize(
    "command", [("explain", "north", "meets"), ("missing", "north"), ("diff", "--set", "duties.meets.title=met")]
)
def test_whatever_rests_on_no_record_says_so_first(run, command):
    code, out, _err = run([LOST], command=command)
    assert code == 3
    assert out.splitlines()[0].endswith("V601 no record counts; rejected: 1 of 1")
    assert out.count("V601") == 1
    code, out, err = run([LOST], "", "--json", command=command)
    assert code == 3
    json.loads(out)
    assert err.splitlines()[0].endswith("V601 no record counts; rejected: 1 of 1")
    code, out, _err = run([GOOD], command=command)
    assert (code, "V601" in out) == (0, False)
