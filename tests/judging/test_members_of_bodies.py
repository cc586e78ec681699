"""Bodies have members: persons who belong to them by an edge of their own, wherever they are at home."""

import pytest
from programmes import DISTRICT, SALONS, assess_text, organisation, over, rows, ruleset, salons, scorecard

import learnorg_rules as lr
from learnorg_rules.tracing.trace import trace

GROUP = (
    DISTRICT
    + """\
  - {kind: member_of, source: ann, target: group}
  - {kind: member_of, source: eve, target: group, from: 2005-07-01}
"""
).replace("{id: ann, unit: a1}", "{id: ann, unit: a1, rank: chu}")
RULES = over(
    SALONS,
    """
measures:
  staff: persons()
  seniors: persons(rank == chu)
  own: count(salon where member)
  who: distinct(person in salon where member)
  others: count(salon where not member)
  heard: sum(minutes in salon where member)
  busy: count((count(salon) >= 1) in members)
""",
    scorecard(
        {"x": "points: 99, value: staff + seniors + own + who + others + heard + busy"},
        for_="group, a, d",
        every="half",
    ),
)
EVENTS = [
    *salons("group", "2005-02-01", person="ann", minutes=5),
    *salons("group", "2005-03-01", person="eve", minutes=7),
    *salons("group", "2005-08-01", person="eve", minutes=9),
    *salons("group", "2005-09-01", person="bo", minutes=11),
    *salons("a", "2005-09-02", person="bo", minutes=3),
]
MEASURES = ("staff", "seniors", "own", "who", "others", "heard", "busy")


def test_the_members_of_a_body_are_counted_like_those_of_a_unit():
    """ann belongs to the group all year, eve from July on, bo never; the department a has ann and bo, as ever."""
    result = assess_text(RULES, GROUP, EVENTS, at="2005-12-31")
    of_group = {half: [trace(result, "group", m, f"2005-{half}").value for m in MEASURES] for half in ("H1", "H2")}
    assert of_group == {"H1": [1, 1, 1, 1, 1, 5, 1], "H2": [2, 1, 1, 1, 1, 9, 1]}
    assert [trace(result, "a", m, "2005-H2").value for m in MEASURES] == [2, 1, 1, 1, 0, 3, 1]
    assert trace(result, "d", "staff", "2005-H2").value == 3


@pytest.mark.parametrize("roll_up", ["as_it_was", "as_now"])
def test_live_and_batch_agree_on_the_members_of_bodies(roll_up):
    rules = ruleset(over(RULES, f"ruleset:\n  roll_up: {{along: part_of, as: {roll_up}}}\n"))
    live = lr.Live(rules, organisation(GROUP), at="2005-01-01")
    for row in rows(EVENTS):
        live.advance(str(row["occurred_at"])[:10])
        live.post(row)
    live.advance("2005-12-31")
    batch = lr.assess(rules, organisation(GROUP), lr.events_from(rows(EVENTS)), at="2005-12-31")
    assert list(live.result().indicators) == list(batch.indicators)


def test_an_explanation_names_the_members_of_a_body():
    result = assess_text(RULES, GROUP, EVENTS, at="2005-12-31")
    said = str(result.why("group", "own", "2005-H2"))
    assert "eve" in said
    assert "bo" in said
