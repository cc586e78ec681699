"""Meaning: a declared field may be called as a column in which the engine says something."""

import json
from datetime import date

import pytest
from programmes import organisation, ruleset

from learnorg_rules.adapters.events.sources import events_from, scan_events
from learnorg_rules.counting.cells import wanted
from learnorg_rules.counting.ingest import ingest
from learnorg_rules.judging.batch import assess
from learnorg_rules.judging.evaluation import Context
from learnorg_rules.outofcore import bounded

BASE = """
ruleset: {id: small, effective: {from: 2005-01-01, to: 2005-12-31}}
organisation: {levels: [department]}
"""
RULES = (
    BASE
    + """
fields: {reason: text, code: text}
events: {forum: [reason, code?]}
duties: {talk: {for: units, require: any(forum), every: year}}
"""
)
ORG = "units: [{id: a, level: department}]\n"


def test_what_is_said_of_a_row_that_does_not_count_goes_before_its_field_called_reason():
    rules, org = ruleset(RULES), organisation(ORG)
    row = {
        "id": "e",
        "kind": "forum",
        "unit": "nowhere",
        "occurred_at": "2005-03-01T00:00:00Z",
        "reason": "x",
        "code": "y",
    }
    found = ingest(events_from([row]).read(wanted(rules)), rules, org)
    said = ("V502", "there is no unit 'nowhere' (known: a)")
    assert found.aside.select("code", "reason").rows() == [said]
    assert found.rejected.select("code", "reason").rows() == [said]
    assert found.refused["reason"].to_list() == ["x"]


COUNTED = (
    BASE
    + """
fields: {NAME: integer}
events: {forum: [NAME, person?]}
measures:
  added: sum(NAME in forum where NAME > 3)
  persons: distinct(person in forum where member or NAME > 2)
  greatest: max(NAME in forum)
  last: last(NAME in forum where NAME < 5)
duties: {talk: {for: units, require: added + persons + greatest + last > 0, every: year}}
"""
)


@pytest.mark.parametrize(
    "name",
    ["_who", "_atom", "_kind", "_unit", "_counts", "_element", "_member", "_met", "_packed", "_segment", "m0", "v0"],
)
def test_a_field_counts_whatever_columns_the_kernels_have(name):
    persons = ", ".join(f"{{id: p{i}, unit: a}}" for i in range(4))
    org = organisation(f"{ORG}persons: [{persons}, {{id: p4}}, {{id: p5}}]")
    rows = [
        {"id": f"e{i}", "kind": "forum", "unit": "a", "person": f"p{i}", "occurred_at": "2005-03-01T00:00:00Z", name: i}
        for i in range(6)
    ]
    outcome = assess(ruleset(COUNTED.replace("NAME", name)), org, events_from(rows))
    context = Context(outcome.run.evaluation, "a", "units", "year", 0, date(2005, 12, 31))
    found = [outcome.run.evaluation.measure(measure, context) for measure in ("added", "persons", "greatest", "last")]
    assert found == [4 + 5, 6, 5, 4]


DATED = (
    BASE.replace("]", "], persons: {grade: integer}")
    + """
fields: {NAME: integer}
events: {forum: [NAME, person]}
measures: {added: sum(NAME in forum where grade >= 2)}
duties: {talk: {for: units, require: added > 0, every: year}}
"""
)


@pytest.mark.parametrize("name", ["_from", "_end", "_order", "_root", "_file"])
@pytest.mark.parametrize("cut", [False, True])
def test_a_field_counts_whatever_columns_dated_attributes_and_buckets_have(tmp_path, name, cut):
    rules = ruleset(DATED.replace("NAME", name))
    org = organisation(
        f"{ORG}persons: [{{id: p, unit: a}}]\nattributes:\n"
        "  - {node: p, name: grade, value: 1, to: 2005-05-31}\n  - {node: p, name: grade, value: 2, from: 2005-06-01}\n"
    )
    rows = [
        {"id": f"e{i}", "kind": "forum", "unit": "a", "person": "p", "occurred_at": f"2005-{1 + i:02}-15T00:00:00Z", name: 1 + i}
        for i in range(12)
    ]  # fmt: skip
    rows.append({**rows[11], "id": "later", "corrects": "e11", name: 100})
    (tmp_path / "e.ndjson").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    events = scan_events(tmp_path / "e.ndjson")
    outcome = bounded.assess(rules, org, events, 1, cut=bounded.Cut(3, 4)) if cut else assess(rules, org, events)
    context = Context(outcome.run.evaluation, "a", "units", "year", 0, date(2005, 12, 31))
    assert outcome.run.evaluation.measure("added", context) == sum(range(6, 12)) + 100
