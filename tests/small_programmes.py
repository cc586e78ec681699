"""A programme in a few lines: rules and organisation as YAML texts, events as short rows."""

from pathlib import Path
from tempfile import TemporaryDirectory

import learnorg_rules as lr

HEAD = """
ruleset:
  id: small
  effective: {from: 2003-01-01, to: 2007-12-31}
organisation:
  levels: [district, department, section]
  persons: {birth_date: date, rank: {type: choice, of: [ke, chu, ju]}}
fields:
  minutes: {type: integer, min: 0}
  score: {type: decimal, places: 1}
  rule: text
  period: text
  reason: text
  granted_by: text
  decided_by: text
  decided: text
  until: date
  points: {type: decimal, places: 2}
events:
  salon: [person?, minutes?, score?]
  plan: []
  let_off: {effect: waiver, fields: [person?, rule, reason, granted_by, until]}
  ruling: {effect: appeal, fields: [person?, rule, period, reason, decided_by, decided?, points?]}
"""


def judge(rules: str, org: str, events: list[dict], at: str) -> lr.Result:
    """The result of the rules (sections after HEAD) over an organisation file and events.

    An event is a dict; `on` is its day, noon UTC; ids are given where they are missing.
    """
    with TemporaryDirectory() as folder:
        ruleset, organisation = Path(folder) / "ruleset.yaml", Path(folder) / "organisation.yaml"
        ruleset.write_text(HEAD + rules, encoding="utf-8")
        organisation.write_text(org, encoding="utf-8")
        rows = []
        for number, event in enumerate(events):
            row = {"id": f"e{number}", **event}
            if "on" in row:
                row["occurred_at"] = f"{row.pop('on')}T12:00:00Z"
            rows.append(row)
        result = lr.assess(lr.load(ruleset), lr.read_org(organisation), lr.events_from(rows), at=at)
        assert not result.rejected.height, result.rejected["reason"].to_list()
        return result
