"""`why` answers for every result of every kind in all shipped rulesets, in both languages.

Of results of one rule that stand alike, the first and the last are asked for: all of them (some 12,000 in the reference
programme, each explained down to its events) would take minutes and go the same ways.
"""

import sys
from pathlib import Path

import pytest

import learnorg_rules as lr
from learnorg_rules.model.kinds import KINDS, SORTS

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "tests" / "frozen"))
from frozen_inputs import make_inputs  # noqa: E402

SHIPPED = [
    ("zhabei-2003", "2005-12-31"), ("permit-intake", "2011-12-31"), ("banner-loop", "2005-06-30"),
    ("district-year", None), *((f"schemes/{path.name}", None) for path in sorted((ROOT / "rulesets/schemes").glob("*/"))),
]  # fmt: skip


@pytest.fixture(scope="session")
def made(tmp_path_factory):
    """Organisations and events for the rulesets that ship without."""
    folder = tmp_path_factory.mktemp("shipped") / "inputs"
    make_inputs(folder)
    return {
        "banner-loop": (folder / "banner/org", folder / "banner/events.ndjson"),
        "district-year": (folder / "district/org.json", folder / "district/events.ndjson"),
    }


@pytest.mark.parametrize(("name", "at"), SHIPPED)
def test_every_result_of_a_shipped_ruleset_has_a_reason_in_both_languages(name, at, request):
    folder = ROOT / "rulesets" / name
    rules = lr.load(folder)
    org, events = folder / "example/org", folder / "example/events/*"
    if not org.exists():
        org, events = request.getfixturevalue("made")[name]
    organisation = lr.read_org(org, columns=rules.organisation.columns)
    result = lr.assess(rules, organisation, lr.scan_events(str(events)), at=at)
    asked = 0
    for sort in SORTS:
        alike = {}
        for record in result.table(sort.section):
            alike.setdefault((sort.id(record), sort.standing(record)), []).append(record)
        for (rule, standing), records in alike.items():
            for record in {id(r): r for r in (records[0], records[-1])}.values():
                for language in ("en", "zh"):
                    why = result.why(record.subject, rule, record.period or None, language)
                    assert why.children, (sort.name, rule, standing)
                    assert "{" not in why.text, why.text
                    asked += 1
    assert asked


def test_all_kinds_of_results_are_asked_for():
    shipped = {
        kind.section
        for name, _ in SHIPPED
        for kind in KINDS
        if getattr(lr.load(ROOT / "rulesets" / name), kind.section)
    }
    assert shipped == {kind.section for kind in KINDS}
