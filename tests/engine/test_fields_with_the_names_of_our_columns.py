"""Meaning: a declared field may be called as a column in which the engine says something."""

from learnorg_rules.adapters.events import events_from
from learnorg_rules.adapters.organisation import read_org
from learnorg_rules.authoring import load
from learnorg_rules.engine.batch import wanted
from learnorg_rules.engine.ingest import ingest

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
