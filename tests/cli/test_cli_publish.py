"""`learnorg publish` and `learnorg published`: what was given out, and what became of it."""

import json
import os
import sqlite3
import subprocess
import sys
from contextlib import closing

import pytest
import yaml
from conftest import RULES, build

from learnorg_rules.live.codec import line_of, record_of

VOID = '{"id":"v1","kind":"session","unit":"north","occurred_at":"2005-06-10T10:00:00+08:00","voids":"4"}\n'
RULING = (
    '{"id":"r1","kind":"ruling","unit":"north","occurred_at":"2005-12-20T10:00:00+08:00","rule":"meets",'
    '"period":"2005-Q4","reason":"the hall was flooded","decided_by":"town","decided":"met"}\n'
)
RULED = RULES.replace(
    "  topic: text\n",
    "  topic: text\n  rule: text\n  period: text\n  reason: text\n  decided_by: text\n  decided: text\n",
).replace("events:\n", "events:\n  ruling: {effect: appeal, fields: [rule, period, reason, decided_by, decided]}\n")


def terms(days):
    """The rules with appeals, and so many days for corrections."""
    return RULED.replace("  time_zone:", f"  publication: {{correctable_days: {days}}}\n  time_zone:")


@pytest.fixture
def published(tmp_path, learnorg):
    """Publishes 2005 by some rules, then takes in late lines; gives what `published --json` says of it."""

    def run(rules, late, at=None):
        folder = build(tmp_path, rules_yaml=rules)
        assert _watch(learnorg, folder / "example/events/all.ndjson", "--at", "2005-12-31") == 0
        assert learnorg("publish", "reading", "--store", "s.db", "--period", "2005")[0] == 0
        (tmp_path / "late.ndjson").write_text(late)
        assert _watch(learnorg, "late.ndjson", *(() if at is None else ("--at", at))) == 0
        code, out, _ = learnorg("published", "reading", "--store", "s.db", "--json", "--verify")
        assert code == 0
        return json.loads(out)[0]

    return run


def _watch(learnorg, events, *more):
    return learnorg("watch", "reading", "--events", events, "--store", "s.db", "--no-follow", *more)[0]


def of(found, rule):
    return [r for r in found["restatements"] if r["rule"] == rule]


def test_a_void_after_publication_is_a_restatement_that_names_it_with_the_old_and_the_new_score(published):
    found = published(RULES, VOID)
    assert found["verified"] is True
    (year,) = of(found, "year")
    assert (year["cause"], year["allowed"]) == ("event v1", True)
    assert (year["old"]["total"], year["old"]["grade"]) == ("666667/10000", "good")
    assert (year["new"]["total"], year["new"]["grade"]) == (42, "poor")
    assert year["old"] in found["results"]
    assert year["new"] in found["standing"]
    assert year["new"] not in found["results"]


def test_where_nothing_may_be_corrected_a_void_takes_no_effect_and_an_appeal_does(published):
    found = published(terms(0), VOID + RULING)
    assert found["verified"] is True
    (year,) = of(found, "year")
    assert (year["allowed"], year["reason"]) == (
        False,
        "corrections do not move what is published: only an appeal moves it",
    )
    assert year["old"] in found["standing"]
    by_period = {r["period"]: r for r in of(found, "meets")}
    assert by_period["2005-Q2"]["allowed"] is False
    appeal = by_period["2005-Q4"]
    assert (appeal["cause"], appeal["allowed"], appeal["reason"]) == ("event r1", True, "decided on appeal")
    assert (appeal["old"]["status"], appeal["new"]["status"]) == ("missed", "met")
    assert appeal["new"] in found["standing"]


def test_an_appeal_of_a_later_day_takes_effect_when_time_passes(published, learnorg):
    rules = terms(0).replace("to: 2005-12-31}", "to: 2006-12-31}")
    published(rules, RULING.replace("2005-12-20", "2006-01-15"))
    assert learnorg("watch", "reading", "--store", "s.db", "--at", "2006-01-15")[0] == 0
    (meets,) = of(json.loads(learnorg("published", "reading", "--store", "s.db", "--json")[1])[0], "meets")
    assert (meets["cause"], meets["allowed"], meets["reason"]) == ("time", True, "decided on appeal")
    assert (
        "changed from missed to met; changed on appeal by Town"
        in learnorg("published", "reading", "--store", "s.db")[1]
    )


@pytest.mark.parametrize(("to", "allowed"), [("2006-03-31", True), ("2006-04-01", False)])
def test_a_correction_takes_effect_until_its_last_day(published, to, allowed):
    rules = terms(90).replace("to: 2005-12-31}", "to: 2006-12-31}")
    (year,) = of(published(rules, VOID, at=to), "year")
    assert year["allowed"] is allowed


def test_a_person_reads_what_was_published_and_what_became_of_it(published, learnorg):
    digest = published(terms(0), VOID + RULING)["digest"]
    code, out, err = learnorg("published", "reading", "--store", "s.db", "--verify")
    assert (code, err) == (0, "")
    no_effect = "        recorded only: corrections do not move what is published: only an appeal moves it\n"
    assert out == (
        "Reading circle, published\n\n"
        "1. 2005, results as of 2005-12-31 (11 results)\n"
        f"    check value (SHA-256) {digest}\n"
        "    computed again: the same\n"
        "    North office: Meets every quarter 2005-Q2 changed from met to missed, because of record v1\n"
        + no_effect
        + "    North office: Year 2005 fell from 66.6667 to 42 points (long −18, often −6.6667), grade from good to poor,"
        " because of record v1\n"
        + no_effect
        + "    North office: cup 2005 changed from rank 1 of 1 (selected) to not eligible, because of record v1\n"
        + no_effect
        + "    North office: Meets every quarter 2005-Q4 changed from missed to met; changed on appeal by Town: the hall"
        " was flooded, because of record r1\n"
        "        applied: decided on appeal\n"
    )


def test_a_publication_of_rules_that_changed_verifies_by_those_of_its_time_as_long_as_the_log_has_them(
    published, learnorg, tmp_path
):
    digest = published(RULES, "")["digest"]
    build(tmp_path, rules_yaml=RULES.replace("points: 60", "points: 50").replace("points: 40", "points: 50"))
    code, out, err = learnorg("published", "reading", "--store", "s.db", "--verify")
    assert (code, "    computed again: the same\n" in out) == (0, True)
    assert err.startswith("s.db: L108 opened with other rules than the last time: ")
    with closing(sqlite3.connect(tmp_path / "s.db")) as log, log:
        log.execute("DELETE FROM inputs")
    code, out, err = learnorg("published", "reading", "--store", "s.db", "--verify")
    assert code == 1
    assert "    computed again: different\n" in out
    assert err.startswith(f"2005: L105 publication 1 of 2005 has the digest {digest}, computed again it is ")
    assert err.endswith("\n    hint: not as they were when it was published, and those are not in the log: the rules\n")
    assert learnorg("published", "reading", "--store", "s.db")[0] == 0  # what was given out is shown all the same


def test_every_published_result_is_read_back_as_it_was_written(published):
    waived = RULED.replace(
        "events:\n", "events:\n  let_off: {effect: waiver, fields: [rule, reason, granted_by, until]}\n"
    )
    waived = waived.replace("  topic: text\n", "  topic: text\n  granted_by: text\n  until: date\n")
    waiver = (
        '{"id":"w1","kind":"let_off","unit":"south","occurred_at":"2005-01-05T10:00:00+08:00","rule":"meets",'
        '"reason":"rebuilding","granted_by":"town","until":"2005-12-31"}\n'
    )
    found = published(waived, VOID + RULING + waiver)
    lines = [*found["results"], *found["standing"]]
    assert any(line.get("waiver") for line in lines)
    assert any(line.get("appeal") for line in lines)
    for line in lines:
        canonical = json.dumps(line, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        assert line_of(record_of(canonical)) == canonical


def test_faults_are_told_by_their_place(reading, learnorg):
    assert learnorg("published", "reading", "--store", "no.db") == (
        1,
        "",
        "no.db: S101 there is no such log\n    hint: begin one with `learnorg watch ... --store`\n",
    )
    assert learnorg("watch", "reading", "--store", "s.db", "--at", "2005-06-20")[0] == 0
    publish = ("publish", "reading", "--store", "s.db", "--period")
    assert learnorg(*publish, "2005")[::2] == (
        1,
        "--period: L102 2005 runs until 2005-12-31, and it is 2005-06-20\n    hint: advance to 2005-12-31\n",
    )
    assert learnorg(*publish, "2055")[::2] == (
        1,
        "--period: L104 no rule is judged in a period '2055'\n    hint: did you mean '2005'?\n",
    )
    assert learnorg(*publish, "2005", "--at", "2005-12-31")[0] == 0
    assert learnorg(*publish, "2005")[::2] == (
        1,
        "--period: L103 2005 was published already\n    hint: see `learnorg published`\n",
    )
    code, _, err = learnorg("published", "reading", "--store", "s.db", "--period", "2004")
    assert (code, "nothing was published of a period '2004'; did you mean '2005'?" in err) == (2, True)


def test_a_log_of_other_rules_is_refused(reading, learnorg, tmp_path):
    assert learnorg("watch", "reading", "--store", "s.db", "--at", "2005-06-20")[0] == 0
    build(tmp_path, rules_yaml=RULES.replace("id: reading", "id: writing"))
    assert learnorg("published", "reading", "--store", "s.db") == (
        1,
        "",
        "s.db: L101 the log is of the ruleset 'reading', not of 'writing'\n",
    )


def test_beside_a_running_watch_publications_can_be_read_and_not_made(reading, learnorg, tmp_path):
    (tmp_path / "e.ndjson").write_text("")
    assert learnorg("watch", "reading", "--store", "s.db", "--at", "2005-12-30")[0] == 0
    process = subprocess.Popen(
        [sys.executable, "-m", "learnorg_rules.cli", "watch", "reading", "--events", "e.ndjson", "--store", "s.db",
         "--at", "2005-12-31"],
        cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env={**os.environ, "PYTHONUTF8": "1"},
    )  # fmt: skip
    try:
        assert b"2005-12-31" in process.stdout.readline()  # it has the log
        assert learnorg("published", "reading", "--store", "s.db") == (
            0,
            "Reading circle, published\nNothing has been published.\n",
            "",
        )
        code, _, err = learnorg("publish", "reading", "--store", "s.db", "--period", "2005")
        assert (code, err.startswith("s.db: S106 is open for writing elsewhere")) == (1, True)
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def test_another_organisation_is_told_by_whichever_command_opens_the_log_and_by_watch_again(tmp_path, learnorg):
    folder = build(tmp_path, rules_yaml=terms(0))
    assert _watch(learnorg, folder / "example/events/all.ndjson", "--at", "2005-12-31") == 0
    assert learnorg("publish", "reading", "--store", "s.db", "--period", "2005-Q1")[0] == 0
    org = folder / "example/org/units.yaml"
    units = yaml.safe_load(org.read_text())
    units.append({"id": "west", "name": "West office", "level": "office", "parent": "town"})
    org.write_text(yaml.safe_dump(units))
    code, out, errors = learnorg("publish", "reading", "--store", "s.db", "--period", "2005")
    assert code == 0
    assert "s.db: L108 opened with another organisation than the last time: " in errors
    told = [line for line in out.splitlines() if line.endswith("because the organisation changed")]
    assert any(line.startswith("2005-12-31  West office: ") for line in told)
    code, again, errors = learnorg("watch", "reading", "--store", "s.db")
    assert (code, "L108" in errors) == (0, False)
    assert [line for line in again.splitlines() if line in told] == told  # those who follow the stream miss nothing
    code, out, errors = learnorg("published", "reading", "--store", "s.db", "--json", "--verify")
    first, second = json.loads(out)
    assert (code, first["verified"], second["verified"]) == (0, True, True)
    assert {(r["subject"], r["cause"], r["allowed"]) for r in first["restatements"]} == {
        ("west", "organisation", False)
    }
    assert second["restatements"] == []
