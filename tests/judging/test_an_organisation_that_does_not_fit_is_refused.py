"""Rules meet an organisation that does not fit them: every fault at once, with its place and whole message."""

import re
from pathlib import Path

import pytest
from programmes import DISTRICT, PLAN_DUTY, judge

from learnorg_rules.errors import InputError


def refused(rules: str, org: str) -> str:
    with pytest.raises(InputError) as error:
        judge(rules, org, [], "2005-12-31")
    return re.sub(r"\S*/([a-z]+\.yaml)", r"\1", str(error.value))


def test_attributes_ids_and_edges_that_do_not_fit_are_named_together():
    org = DISTRICT.replace("{id: ann, unit: a1}", "{id: ann, unit: a1, birth_date: 1970-2-30, rank: chuu}").replace(
        "level: section", "level: sektion"
    )
    rules = PLAN_DUTY.replace("for: units where level == department", "for: aa").replace(
        "responsible: leads", "responsible: chair, escalate: lead"
    )
    assert refused(rules, org).splitlines() == [
        "organisation.yaml:7:21: O201 level of a1: 'sektion' is not one of district, department, section",
        "    hint: did you mean 'section'?",
        "organisation.yaml:11:37: O201 birth_date of ann: '1970-2-30' is not a date like 2005-04-01",
        "organisation.yaml:11:54: O201 rank of ann: 'chuu' is not one of ke, chu, ju",
        "    hint: did you mean 'chu'?",
        "ruleset.yaml:26:15: O202 plan is for 'aa', which the organisation does not have",
        "    hint: did you mean 'a'?",
        "ruleset.yaml:26:65: O203 responsible of plan: 'chair' is neither a kind of edge nor an id of the organisation",
        "    hint: did you mean 'chairs'?",
        "ruleset.yaml:26:82: O203 escalate of plan: 'lead' is no kind of edge",
        "    hint: did you mean 'leads'?",
    ]


def test_nobody_is_born_after_their_first_day_or_after_the_days_judged():
    org = DISTRICT.replace("{id: ann, unit: a1}", "{id: ann, unit: a1, from: 2004-01-01, birth_date: 2004-02-01}")
    org = org.replace("{id: bo, unit: a}", "{id: bo, unit: a, birth_date: 2030-01-01}")
    assert [line.partition(" ")[2] for line in refused(PLAN_DUTY, org).splitlines()] == [
        "O204 ann is born on 2004-02-01, after the first day there (2004-01-01)",
        "O204 bo is born on 2030-01-01, after the days judged (2008-01-01)",
    ]


def test_an_organisation_read_without_the_names_of_the_ruleset_is_refused(tmp_path):
    import learnorg_rules as lr

    rules = lr.load(Path(__file__).parents[2] / "rulesets" / "district-year")
    (tmp_path / "org.json").write_text('{"units": [{"id": "u0", "parent": null, "kind": "district"}]}')
    with pytest.raises(InputError) as error:
        lr.assess(rules, lr.read_org(tmp_path / "org.json"), lr.events_from([]))
    assert str(error.value) == (
        f"{tmp_path}/org.json:1:12: O205 no node has the attribute 'level', which the ruleset reads from 'kind'\n"
        "    hint: read the organisation with `columns=rules.organisation.columns`"
    )
    read = lr.read_org(tmp_path / "org.json", columns=rules.organisation.columns)
    assert lr.assess(rules, read, lr.events_from([])).attribute("u0", "level") == "district"


def test_units_that_lead_each_other_are_refused_with_the_circle():
    org = DISTRICT + "  - {kind: leads, source: a, target: b}\n  - {kind: leads, source: b, target: a}\n"
    assert "O104 leads goes round in a circle" in refused(PLAN_DUTY, org) or "a -> b -> a" in refused(PLAN_DUTY, org)


def test_programs_that_mix_up_arguments_are_told_which():
    import learnorg_rules as lr

    folder = Path(__file__).parents[2] / "rulesets" / "district-year"
    rules = lr.load(folder)
    with pytest.raises(TypeError, match=r"org is a str; pass what read_org\(\.\.\.\) gives"):
        lr.assess(rules, "org", lr.events_from([]))  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="row 1 of rows is a str, not a mapping or an Event"):
        lr.events_from(["x"])  # type: ignore[list-item]
    with pytest.raises(TypeError, match="rows is a dict, not a list of mappings or Events"):
        lr.events_from({"id": "1"})  # type: ignore[arg-type]


def test_a_misspelt_status_or_column_is_no_empty_table():
    result = judge(PLAN_DUTY, DISTRICT, [], "2005-12-31")
    assert len(result.duties.where(status="missed", period="2005")) == 3
    with pytest.raises(LookupError, match="3 records with status 'missed' and period '2005'; `one` is for exactly one"):
        result.duties.one(status="missed", period="2005")
    with pytest.raises(LookupError, match="status is never 'mised'; did you mean 'missed'"):
        result.duties.where(status="mised")
    with pytest.raises(LookupError, match="there is no column 'sttus'; did you mean 'status'"):
        result.duties.where(sttus="met")
