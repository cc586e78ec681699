"""A waiver or appeal that names a rule or period that does not exist is told, in batch and live."""

from pathlib import Path

import learnorg_rules as lr

RULES = """
ruleset: {id: waived, time_zone: UTC, effective: {from: 2025-01-01, to: 2025-12-31}}
organisation: {levels: [office]}
fields: {rule: text, until: date, reason: text, granted_by: text, period: text, decided: text, decided_by: text}
events:
  session: []
  let_off: {fields: [rule, until, reason, granted_by], effect: waiver}
  appeal: {fields: [rule, period, decided, reason, decided_by], effect: appeal}
duties:
  monthly_session: {for: units, require: count(session) >= 1, every: month}
scorecards:
  year: {for: units, every: year, round: {decimals: 2}, indicators: {often: {points: 100, share: count(session) / 12}}, grades: {good: 50, poor: 0}}
"""
ORG = "units:\n  - {id: north, name: North, level: office}\n"


def event(id_: str, kind: str, **fields: str) -> dict[str, str]:
    said = (
        {"reason": "illness", "granted_by": "head"}
        if kind == "let_off"
        else {"reason": "counted", "decided_by": "head"}
    )
    return {"id": id_, "kind": kind, "unit": "north", "occurred_at": "2025-03-01T09:00:00Z", **said, **fields}


EVENTS = [
    event("w1", "let_off", rule="monthly_sesion", until="2025-06-30"),
    event("w2", "let_off", rule="monthly_session", until="2025-06-30"),
    event("w3", "let_off", rule="year", until="2025-06-30"),
    event("a1", "appeal", rule="monthly_session", period="2025-1", decided="met"),
    event("a2", "appeal", rule="years", period="2025", decided="good"),
    event("a3", "appeal", rule="year", period="2025", decided="good"),
]
FOUND = [
    ("E608", "the appeal a1 is about the period '2025-1' of monthly_session, which has none of this name", "did you mean '2025-12'?"),
    ("E608", "the appeal a2 is about 'years', no duty, scorecard or indicator", "did you mean 'year'?"),
    ("E608", "the waiver w1 is about 'monthly_sesion', no duty or indicator", "did you mean 'monthly_session'?"),
    ("E608", "the waiver w3 is about 'year', no duty or indicator", "known: monthly_session, year.often"),
]  # fmt: skip


def test_a_waiver_or_appeal_that_is_about_nothing_is_a_finding_in_batch_and_live(tmp_path: Path) -> None:
    (tmp_path / "rules.yaml").write_text(RULES, encoding="utf-8")
    (tmp_path / "org.yaml").write_text(ORG, encoding="utf-8")
    rules, org = lr.load(tmp_path / "rules.yaml"), lr.read_org(tmp_path / "org.yaml")
    batch = lr.assess(rules, org, lr.events_from(EVENTS))
    with lr.Live(rules, org, at="2025-12-31") as live:
        live.post_many(EVENTS)
        assert live.result().findings == batch.findings
    assert [(f.code, f.message, f.hint) for f in batch.findings] == FOUND
    assert batch.duties.one(period="2025-05").status == "waived"
