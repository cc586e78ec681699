"""Numbers of any size and any digits: what batch, live and bounded runs give is what fractions give."""

import json
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st
from programmes import assess_text, organisation, rows, ruleset, write

import learnorg_rules as lr
from learnorg_rules.judging.evaluation import Context
from learnorg_rules.outofcore import bounded
from learnorg_rules.outofcore.bounded import Cut
from learnorg_rules.values import Wrong

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
        result = live.result()
        assert result.findings is not None  # read while the log is open
        return assess_text(rules, UNITS, given, at="2024-12-31"), result


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


# ---- products, weighted means, extremes

SIZES = (
    HEAD
    + """
fields:
  a: {type: decimal, places: 2}
  b: {type: decimal, places: 2}
  n: {type: integer}
  w: {type: decimal, places: 3, min: 0}
  small: {type: decimal, places: 1, min: -50, max: 30}
events: {deal: [a, b, n, w, small?]}
"""
)

OF_EVENT = {
    "a": lambda e: e["a"],
    "a * b": lambda e: e["a"] * e["b"],
    "a * b * n": lambda e: e["a"] * e["b"] * e["n"],
    "a * b * n * n + 0.5": lambda e: e["a"] * e["b"] * e["n"] ** 2 + Fraction(1, 2),
    "a * b * a * b * n - w": lambda e: (e["a"] * e["b"]) ** 2 * e["n"] - e["w"],
    "small * 2": lambda e: None if e["small"] is None else 2 * e["small"],
    "small * small * small - n": lambda e: None if e["small"] is None else e["small"] ** 3 - e["n"],
    "n * n * n * n * n * n * n * n": lambda e: e["n"] ** 8,
}
CONDITIONS = {
    "": lambda e: True,
    " where a * b > 1000": lambda e: e["a"] * e["b"] > 1000,
    " where a * b * n > w * 0.1": lambda e: e["a"] * e["b"] * e["n"] > e["w"] / 10,
    " where a * b * n * n * n == n": lambda e: e["a"] * e["b"] * e["n"] ** 3 == e["n"],
}
EVENTS = st.fixed_dictionaries(
    {
        "unit": st.sampled_from(["one", "two"]),
        "on": st.dates(date(2024, 1, 1), date(2024, 12, 31)).map(str),
        **{
            name: (st.sampled_from([0, 1, -1, 10**15, -(10**15)]) | st.integers(-(10**15), 10**15)).map(
                lambda cell, scale=scale: Fraction(cell, scale)
            )
            for name, scale in {"a": 100, "b": 100, "n": 1}.items()
        },
        "w": st.integers(0, 10**15).map(lambda cell: Fraction(cell, 1000)),
        "small": st.none() | st.integers(-500, 300).map(lambda cell: Fraction(cell, 10)),
    }
)


def decimal_of(value):
    """The value as rows of events have it."""
    return Decimal(value.numerator * 1000 // value.denominator).scaleb(-3)


def line_of(row):
    return (
        "{" + ",".join(f'"{k}":{f"{v:f}" if isinstance(v, Decimal) else json.dumps(v)}' for k, v in row.items()) + "}"
    )


def measured(result, unit, name):
    """The value of a measure in the year."""
    evaluation = result.run.evaluation
    value = evaluation.measure(name, Context(evaluation, unit, "units", "year", 0, date(2024, 12, 31)))
    return value.kind if isinstance(value, Wrong) else value


def expected_of(op, value, events):
    """What an aggregate gives, from fractions; `events` are those that count, in their order."""
    values = [value(e) for e in events if value(e) is not None]
    if op == "sum":
        return sum(values)
    if op == "distinct":
        return len(set(values))
    if op == "most":
        return max((values.count(v) for v in values), default=0)
    if not values:
        return None
    return {"mean": lambda: Fraction(sum(values)) / len(values), "min": lambda: min(values), "max": lambda: max(values),
            "first": lambda: values[0], "last": lambda: values[-1]}[op]()  # fmt: skip


def weighted(value, events):
    pairs = [(value(e), e["w"]) for e in events if value(e) is not None]
    weights = sum(w for _, w in pairs)
    if not pairs:
        return None
    return sum(Fraction(v) * w for v, w in pairs) / weights if weights else "weights"


@settings(max_examples=25, deadline=None)
@given(st.lists(EVENTS, max_size=8), st.data())
def test_batch_live_and_bounded_runs_give_what_fractions_give(events, data):
    """Source: NightDreamGames/Graded#22; iosdevelopershq/camille#42; miki151/keeperrl#664."""
    asked = {}
    for number in range(6):
        text = data.draw(st.sampled_from(sorted(OF_EVENT)))
        where = data.draw(st.sampled_from(sorted(CONDITIONS)))
        op = data.draw(st.sampled_from(["sum", "mean", "by", "min", "max", "first", "last", "distinct", "most"]))
        asked[f"m{number}"] = (op, text, where)
    written = {
        name: f"mean({text} in deal{where} by w)" if op == "by" else f"{op}({text} in deal{where})"
        for name, (op, text, where) in asked.items()
    }
    rules = SIZES + "measures:\n" + "".join(f"  {name}: '{text}'\n" for name, text in written.items())
    rules += "duties:\n" + "".join(
        f"  d{name}: {{for: units where level == office, every: year, require: {name} is not missing}}\n"
        for name in asked
    )
    given_rows = rows({"kind": "deal", **event} for event in events)
    for row in given_rows:
        row.update({k: decimal_of(v) for k, v in row.items() if isinstance(v, Fraction)})
    run = ruleset(rules), organisation(UNITS)
    batch = lr.assess(*run, lr.events_from(given_rows))
    assert batch.counts["accepted"] == len(events)
    with TemporaryDirectory() as folder:
        file = write(Path(folder), "\n".join(map(line_of, given_rows)), "deals.ndjson")
        cut = lr.Result.of(bounded.assess(*run, lr.scan_events(file), 1, cut=Cut(2, 3)))
    with lr.Live(*run, at="2024-12-31") as live:
        for row in given_rows:
            assert live.post(row).state == "accepted"
        live.advance("2024-12-31")
        for result in (batch, cut, live.result()):
            for unit in ("one", "two"):
                ours = sorted(
                    (e | {"place": n} for n, e in enumerate(events) if e["unit"] == unit),
                    key=lambda e: (e["on"], f"e{e['place']}"),
                )
                for name, (op, text, where) in asked.items():
                    counted = [e for e in ours if CONDITIONS[where](e)]
                    value = OF_EVENT[text]
                    wanted = weighted(value, counted) if op == "by" else expected_of(op, value, counted)
                    assert measured(result, unit, name) == wanted, (written[name], unit)


SQUARES = (
    HEAD.replace("2024-01-01", "2020-01-01")
    + """
fields: {p: integer}
events: {deal: [p]}
measures: {x: "coalesce(previous(x), 3 + 0 * count(deal)) * coalesce(previous(x), 3)", y: "previous(x) * previous(x)"}
duties: {d: {for: units where level == office, every: month, require: x > 5}}
scorecards:
  month:
    for: units where level == office
    every: month
    round: {decimals: 2, mode: half_up}
    missing: zero
    indicators: {a: {points: 10, when: y > 0}}
"""
)


def test_a_number_that_doubles_its_digits_is_wrong_once_it_has_too_many():
    for result in both(SQUARES, [{"unit": "one", "p": 1}]):
        states = [r.state for r in result.indicators.where(subject="one")]
        assert str(states[0]) == "zero"
        assert "invalid" in map(str, states)
        found = [issue for issue in result.findings if issue.code == "E631"]
        assert found
        assert "of more than 4000 digits" in found[0].message
