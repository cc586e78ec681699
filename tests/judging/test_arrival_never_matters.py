"""Any order, duplicates, files and void-then-resend give the same results, records and all."""

import json

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from programmes import DISTRICT, SCORED, organisation, ruleset

import learnorg_rules as lr

EVENTS = st.lists(
    st.builds(
        lambda kind, unit, person, day, minutes, score: {
            "kind": kind, "unit": unit, "person": person if kind == "salon" else None,
            "occurred_at": f"2005-{day[0]:02}-{day[1]:02}T12:00:00Z", "minutes": minutes, "score": score,
        },
        st.sampled_from(["salon", "plan"]), st.sampled_from(["d", "a", "b", "a1"]), st.sampled_from([None, "ann", "bo", "eve"]),
        st.tuples(st.integers(1, 12), st.integers(1, 28)), st.none() | st.integers(0, 90), st.none() | st.integers(0, 100),
    ),
    min_size=1, max_size=12,
)  # fmt: skip


def outcome(rules, org, events) -> list:
    result = lr.assess(rules, org, events, at="2005-12-31")
    assert not result.rejected.height, result.rejected["reason"].to_list()
    return [result.duties.records, result.scorecards.records, result.awards.records]


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(EVENTS, st.data())
def test_order_duplicates_files_and_void_then_resend_change_nothing(tmp_path_factory, events, data):
    folder = tmp_path_factory.getbasetemp() / "arrival"
    folder.mkdir(exist_ok=True)
    rules, org = ruleset(SCORED), organisation(DISTRICT)
    rows = [{"id": f"e{i}", **event} for i, event in enumerate(events)]
    first = outcome(rules, org, lr.events_from(rows))
    again = data.draw(st.permutations(rows + data.draw(st.lists(st.sampled_from(rows), max_size=5))))
    assert outcome(rules, org, lr.events_from(again)) == first
    # One event is sent with a wrong unit, voided, and sent again under another id.
    chosen = data.draw(st.sampled_from(rows))
    wrong = {**chosen, "id": "wrong", "unit": "c"}
    void = {"id": "void", "kind": "plan", "unit": "c", "occurred_at": chosen["occurred_at"], "voids": "wrong"}
    story = data.draw(st.permutations([*rows, wrong, void]))
    assert outcome(rules, org, lr.events_from(story)) == first
    cut = data.draw(st.integers(0, len(story)))
    for number, part in enumerate((story[:cut], story[cut:])):
        text = "".join(json.dumps(row) + "\n" for row in part)
        (folder / f"part{number}.ndjson").write_text(text, encoding="utf-8")
    assert outcome(rules, org, lr.scan_events(folder / "part*.ndjson")) == first
