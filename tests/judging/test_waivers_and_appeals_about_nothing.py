"""A waiver or appeal that names a rule or period that does not exist is told, in batch and live."""

from programmes import SALONS, organisation, ruleset, scorecard

import learnorg_rules as lr

RULES = (
    SALONS
    + scorecard({"often": "points: 100, share: count(salon) / 12"}, for_="units", grades="{good: 50, poor: 0}")
    + """
duties:
  monthly_salon: {for: units, require: count(salon) >= 1, every: month}
"""
)
ORG = "units:\n  - {id: north, name: North, level: department}\n"


def event(id_: str, kind: str, **fields: str) -> dict[str, str]:
    said = (
        {"reason": "illness", "granted_by": "head"}
        if kind == "let_off"
        else {"reason": "counted", "decided_by": "head"}
    )
    return {"id": id_, "kind": kind, "unit": "north", "occurred_at": "2005-03-01T09:00:00Z", **said, **fields}


EVENTS = [
    event("w1", "let_off", rule="monthly_salom", until="2005-06-30"),
    event("w2", "let_off", rule="monthly_salon", until="2005-06-30"),
    event("w3", "let_off", rule="year", until="2005-06-30"),
    event("a1", "ruling", rule="monthly_salon", period="2005-1", decided="met"),
    event("a2", "ruling", rule="years", period="2005", decided="good"),
    event("a3", "ruling", rule="year", period="2005", decided="good"),
]
FOUND = [
    ("E608", "the appeal a1 is about the period '2005-1' of monthly_salon, which has none of this name", "did you mean '2005-12'?"),
    ("E608", "the appeal a2 is about 'years', no duty, scorecard or indicator", "did you mean 'year'?"),
    ("E608", "the waiver w1 is about 'monthly_salom', no duty or indicator", "did you mean 'monthly_salon'?"),
    ("E608", "the waiver w3 is about 'year', no duty or indicator", "did you mean 'year.often'?"),
]  # fmt: skip


def test_a_waiver_or_appeal_that_is_about_nothing_is_a_finding_in_batch_and_live() -> None:
    rules, org = ruleset(RULES), organisation(ORG)
    batch = lr.assess(rules, org, lr.events_from(EVENTS))
    with lr.Live(rules, org, at="2005-12-31") as live:
        live.post_many(EVENTS)
        assert live.result().findings == batch.findings
    assert [(f.code, f.message, f.hint) for f in batch.findings] == FOUND
    assert batch.duties.one(period="2005-05").status == "waived"
