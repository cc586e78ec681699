"""Meaning: a declared field may be called as a column in which the engine says something."""

import json
from datetime import date

import pytest

from learnorg_rules.adapters.events.sources import events_from, scan_events
from learnorg_rules.adapters.organisation.reading import read_org
from learnorg_rules.authoring import load
from learnorg_rules.counting.ingest import ingest
from learnorg_rules.judging.batch import assess, wanted
from learnorg_rules.judging.evaluation import Context
from learnorg_rules.outofcore import bounded

RULES = """
ruleset: {id: small, effective: {from: 2005-01-01, to: 2005-12-31}}
organisation: {levels: [department]}
fields: {reason: text, code: text}
events: {forum: [reason, code?]}
duties: {talk: {for: units, require: any(forum), every: year}}
"""


def test_what_is_said_of_a_row_that_does_not_count_goes_before_its_field_called_reason(tmp_path):
    (tmp_path / "ruleset.yaml").write_text(RULES, encoding="utf-8")
    (tmp_path / "org.yaml").write_text("units: [{id: a, level: department}]", encoding="utf-8")
    rules, org = load(tmp_path / "ruleset.yaml"), read_org(tmp_path / "org.yaml")
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


COUNTED = """
ruleset: {{id: small, effective: {{from: 2005-01-01, to: 2005-12-31}}}}
organisation: {{levels: [department]}}
fields: {{{0}: integer}}
events: {{forum: [{0}, person?]}}
measures:
  added: sum({0} in forum where {0} > 3)
  persons: distinct(person in forum where member or {0} > 2)
  greatest: max({0} in forum)
  last: last({0} in forum where {0} < 5)
duties: {{talk: {{for: units, require: added + persons + greatest + last > 0, every: year}}}}
"""


@pytest.mark.parametrize(
    "name",
    ["_who", "_atom", "_kind", "_unit", "_counts", "_element", "_member", "_met", "_packed", "_segment", "m0", "v0"],
)
def test_a_field_counts_whatever_columns_the_kernels_have(tmp_path, name):
    (tmp_path / "ruleset.yaml").write_text(COUNTED.format(name), encoding="utf-8")
    persons = ", ".join(f"{{id: p{i}, unit: a}}" for i in range(4))
    org = f"units: [{{id: a, level: department}}]\npersons: [{persons}, {{id: p4}}, {{id: p5}}]"
    (tmp_path / "org.yaml").write_text(org, encoding="utf-8")
    rows = [
        {"id": f"e{i}", "kind": "forum", "unit": "a", "person": f"p{i}", "occurred_at": "2005-03-01T00:00:00Z", name: i}
        for i in range(6)
    ]
    outcome = assess(load(tmp_path / "ruleset.yaml"), read_org(tmp_path / "org.yaml"), events_from(rows))
    context = Context(outcome.evaluation, "a", "units", "year", 0, date(2005, 12, 31))
    found = [outcome.evaluation.measure(measure, context) for measure in ("added", "persons", "greatest", "last")]
    assert found == [4 + 5, 6, 5, 4]


DATED = """
ruleset: {{id: small, effective: {{from: 2005-01-01, to: 2005-12-31}}}}
organisation: {{levels: [department], persons: {{grade: integer}}}}
fields: {{{0}: integer}}
events: {{forum: [{0}, person]}}
measures: {{added: sum({0} in forum where grade >= 2)}}
duties: {{talk: {{for: units, require: added > 0, every: year}}}}
"""


@pytest.mark.parametrize("name", ["_from", "_end", "_order", "_root", "_file"])
@pytest.mark.parametrize("cut", [False, True])
def test_a_field_counts_whatever_columns_dated_attributes_and_buckets_have(tmp_path, name, cut):
    (tmp_path / "ruleset.yaml").write_text(DATED.format(name), encoding="utf-8")
    (tmp_path / "org.yaml").write_text(
        "units: [{id: a, level: department}]\npersons: [{id: p, unit: a}]\nattributes:\n"
        "  - {node: p, name: grade, value: 1, to: 2005-05-31}\n  - {node: p, name: grade, value: 2, from: 2005-06-01}\n",
        encoding="utf-8",
    )
    rows = [
        {"id": f"e{i}", "kind": "forum", "unit": "a", "person": "p", "occurred_at": f"2005-{1 + i:02}-15T00:00:00Z", name: 1 + i}
        for i in range(12)
    ]  # fmt: skip
    rows.append({**rows[11], "id": "later", "corrects": "e11", name: 100})
    (tmp_path / "e.ndjson").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    rules, org = load(tmp_path / "ruleset.yaml"), read_org(tmp_path / "org.yaml")
    events = scan_events(tmp_path / "e.ndjson")
    outcome = bounded.assess(rules, org, events, 1, cut=bounded.Cut(3, 4)) if cut else assess(rules, org, events)
    context = Context(outcome.evaluation, "a", "units", "year", 0, date(2005, 12, 31))
    assert outcome.evaluation.measure("added", context) == sum(range(6, 12)) + 100
