"""Numbers of any size and any digits: what batch, live and bounded runs give is what fractions give."""

from fractions import Fraction

from programmes import assess_text, organisation, rows, ruleset

import learnorg_rules as lr

UNITS = "units:\n  - {id: top, level: top}\n" + "".join(
    f"  - {{id: {name}, level: office, parent: top}}\n" for name in ("one", "two", "three")
)
HEAD = """
ruleset: {id: digits, effective: {from: 2024-01-01, to: 2024-12-31}}
organisation: {levels: [top, office]}
"""


def both(rules, events):
    """The results of a batch run and of a live run, of the same rules and events."""
    given = rows({"kind": "deal", "on": "2024-02-01", **event} for event in events)
    with lr.Live(ruleset(rules), organisation(UNITS), at="2024-12-31") as live:
        for row in given:
            assert live.post(row).state == "accepted", row
        live.advance("2024-12-31")
        return assess_text(rules, UNITS, given, at="2024-12-31"), live.result()


RATES = (
    HEAD
    + """
fields: {p: {type: decimal, places: 6, min: 0}, q: {type: decimal, places: 6, min: 0}}
events: {deal: [p, q]}
measures: {rate: sum(p in deal) / sum(q in deal)}
duties:
  ninety: {for: units where level == office, require: rate >= 90%, every: year}
scorecards:
  year:
    for: units where level == office
    every: year
    round: {decimals: 9, mode: half_up}
    missing: zero
    indicators: {rate: {points: 100, share: rate}}
    grades: {good: 90, poor: 0}
decisions:
  by_measure:
    when: {m: "measure(measure == rate, value >= 0.9)"}
    then: {do: propose, subject: m.subject}
    because: {en: "the rate is {m.value}"}
  by_total:
    when: {s: "score(scorecard == year, total >= 90)"}
    then: {do: propose, subject: s.subject}
  below:
    when: {m: "measure(measure == rate, value < 0.9)"}
    then: {do: notify, to: m.subject}
    because: {en: "only {m.value}"}
  any_at_all:
    when: {m: "measure(measure == rate, value > 0)"}
    then: {do: notify, to: m.subject}
"""
)


def test_decisions_compare_what_duties_and_grades_compare():
    """A rate just below a threshold, and one just above zero. Source: usds/justice40-tool#1053; manytask/manytask#760."""
    events = [
        {"unit": "one", "p": 8999999.9, "q": 10000000},
        {"unit": "two", "p": 9, "q": 10},
        {"unit": "three", "p": 1, "q": 10000000},
    ]
    for result in both(RATES, events):
        assert {d.subject for d in result.duties if d.status.value == "missed"} == {"one", "three"}
        fired = {rule: [d.subject for d in result.decisions.where(rule=rule)] for rule in ("by_measure", "by_total")}
        assert fired == {"by_measure": ["two"], "by_total": ["two"]}
        below = [(d.subject, d.because.say("en")) for d in result.decisions.where(rule="below")]
        assert below == [("one", "only 0.89999999"), ("three", "only 0.0000001")]
        assert [d.subject for d in result.decisions.where(rule="any_at_all")] == ["one", "three", "two"]
        assert result.scorecards.one(subject="one").total == Fraction("89.999999")
