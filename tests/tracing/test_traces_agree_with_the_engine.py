"""A trace agrees with the engine: its own lists of events, evaluated in the stupidest way, give every value."""

from collections import Counter
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import cache
from pathlib import Path
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import learnorg_rules as lr
from learnorg_rules.errors import Source
from learnorg_rules.explain import reason
from learnorg_rules.expr.evaluate import compile_node
from learnorg_rules.expr.nodes import Ref
from learnorg_rules.org.records import Attribute, Edge, Node
from learnorg_rules.periods import Calendar, Grain
from learnorg_rules.tracing.trace import trace
from learnorg_rules.tracing.traces import AggregateTrace, MeasureTrace, PersonsTrace

HERE = Source("org")
FOLDER = Path(__file__).parents[2] / "rulesets" / "district-year"
EVERYTHING = 10**9
YEAR = (date(2005, 1, 1), date(2005, 12, 31))
PARENTS = {"u": None, "a": "u", "b": "u", "a1": "a", "a2": "a", "b1": "b"}
LEVELS = {"u": "district", "a": "department", "b": "department", "a1": "section", "a2": "section", "b1": "section"}
PERSONS = {"p": "a1", "q": "a2", "r": "b1", "s": "b"}
KINDS = (
    "forum", "salon", "study_session", "exam", "meeting", "report_heard", "plan_filed", "funds_allocated", "inspection",
    "poll", "resource_shared",
)  # fmt: skip

OTHER_RULES = """
ruleset: {id: other, effective: {from: 2005-01-01, to: 2005-12-31}, roll_up: {along: part_of, as: AS}}
organisation: {levels: [district, department, section], persons: {age: integer}}
fields: {minutes: {type: integer}, score: {type: decimal, places: 1}, passed: boolean}
events: {exam: [person?, minutes, score?, passed?], poll: [person?, minutes, score?, passed?]}
parameters: {enough: {2004-01-01: 20, 2005-07-01: 40}}
duties:
  units: {for: units where level != section, every: quarter, require: REQUIRE}
  people: {for: persons, every: half, require: REQUIRE}
"""
AGGREGATES = (
    "count(exam, poll where minutes >= enough) > 1",
    "min(score in exam where member) >= 1",
    "max(minutes in exam, poll where passed or not member) >= 1",
    "first(score in poll) >= 1",
    "last(minutes in exam where passed and score > 50) >= 1",
    "mean(score in exam, poll where member by minutes) >= 1",
    "most(person in exam, poll) <= 2",
    "most(minutes in exam where score is not missing) <= 2",
    "distinct(unit in exam where unit.level == section) >= 1",
    "weeks(exam) + days(poll where age <= 35) >= 1",
    "sum(minutes in poll where person is missing) >= 1",
)


def organisation_of(chance):
    """Sections and persons that mostly move once in the year."""

    def moves():
        return YEAR[0] + timedelta(chance.randrange(30, 330)) if chance.random() < 0.7 else None

    nodes = [Node(unit, "unit", {}, None, None, HERE) for unit in PARENTS]
    nodes += [Node(person, "person", {}, None, None, HERE) for person in PERSONS]
    edges = []
    for unit, parent in PARENTS.items():
        move = moves() if LEVELS[unit] == "section" else None
        if parent is not None:
            last = None if move is None else move - timedelta(1)
            edges.append(Edge("part_of", unit, parent, None, last, {}, HERE))
        if move is not None:
            edges.append(Edge("part_of", unit, "b" if parent == "a" else "a", move, None, {}, HERE))
    for person, home in PERSONS.items():
        move = moves()
        edges.append(Edge("member_of", person, home, None, None if move is None else move - timedelta(1), {}, HERE))
        if move is not None:
            edges.append(Edge("member_of", person, chance.choice(["a", "a1", "b1"]), move, None, {}, HERE))
    attributes = [Attribute(unit, "level", level, None, None, HERE) for unit, level in LEVELS.items()]
    attributes += [Attribute(person, "age", chance.randint(20, 60), None, None, HERE) for person in PERSONS]
    return lr.Organisation.of(nodes, edges, attributes)


def events_of(chance, kinds, how_many, time="occurred_at"):
    """Events from some days before the year to some after; a fifth in its first and last days, where weeks are cut."""
    rows = []
    for i in range(how_many):
        day = YEAR[0] + timedelta(chance.choice([0, 1, 363, 364]) if chance.random() < 0.2 else chance.randint(-5, 370))
        rows.append({
            "id": f"e{i}", "kind": chance.choice(kinds), "unit": chance.choice(list(PARENTS)),
            "person": chance.choice([None, *PERSONS]), time: f"{day.isoformat()}T{chance.randint(0, 23):02}:00:00Z",
            "minutes": chance.randint(1, 60), "score": chance.choice([None, Decimal(chance.randint(0, 1000)) / 10]),
            "passed": chance.choice([None, True, False]),
        })  # fmt: skip
    return rows


def value_of(event, node):
    """The value of an expression over one event; here only fields and the envelope are used."""

    def lookup(ref):
        assert isinstance(ref, Ref)
        return event.fields.get(ref.name) if ref.name in ("minutes", "score", "passed") else getattr(event, ref.name)

    return compile_node(node)(lookup)


def stupidly(part):
    """The aggregate, from the events that the trace says count."""
    node, counted = part.node, part.counted.shown
    if node.op == "persons":
        return len(counted)
    values = [] if node.value is None else [value_of(e, node.value) for e in counted]
    assert None not in values
    if node.op == "any":
        return bool(counted)
    if node.op == "count":
        return len(counted)
    if node.op == "hits":
        return len({Calendar().period(Grain(node.grain), e.date).name for e in counted})
    if node.op == "distinct":
        return len(set(values))
    if node.op == "most":
        return max(Counter(values).values(), default=0)
    if node.op == "sum":
        return sum(values)
    if not values:
        return None
    if node.op == "mean":
        weights = [1] * len(values) if node.by is None else [value_of(e, node.by) for e in counted]
        return (
            Fraction(sum(v * w for v, w in zip(values, weights, strict=True))) / sum(weights) if sum(weights) else None
        )
    if node.op in ("min", "max"):
        return (min if node.op == "min" else max)(values)
    ordered = [
        v for _, v in sorted(zip([(e.occurred_at, e.id) for e in counted], values, strict=True), key=lambda x: x[0])
    ]
    return ordered[0 if node.op == "first" else -1]


def check(found, rows, organisation, as_now=False, time="occurred_at"):
    """Every part agrees, and no event of the right kind, subject and days is left out."""
    for part in found.parts:
        if isinstance(part, MeasureTrace):
            assert part.formula.value == part.value
        if not isinstance(part, AggregateTrace | PersonsTrace):
            continue
        assert stupidly(part) == part.value, part.node.text
        assert all(entry.failed or getattr(entry, "elsewhere", "") for entry in part.not_counted.shown)
        if isinstance(part, AggregateTrace):
            near = {r["id"] for r in rows if is_near(r, part, found, organisation, as_now, time)}
            seen = [e.id for e in part.counted.shown] + [n.event.id for n in part.not_counted.shown]
            assert sorted(seen) == sorted(near)
            assert part.counted.more == part.not_counted.more == 0
    for language in ("en", "zh"):
        assert str(reason(found, language))


def is_near(row, part, found, organisation, as_now, time):
    day = datetime.fromisoformat(row[time].replace("Z", "+00:00")).date()
    if row["kind"] not in part.node.kinds or not part.start <= day <= part.last:
        return False
    if organisation.nodes[found.subject].kind == "person":
        return row["person"] == found.subject
    tree = organisation.as_of(YEAR[1] if as_now else day)
    return found.subject in (row["unit"], *tree.ancestors(row["unit"]))


@cache
def district_year():
    return lr.load(FOLDER)


@settings(max_examples=6, deadline=None)
@given(st.integers(0, 10**6))
def test_every_number_of_district_year_follows_from_the_events_its_trace_lists(seed):
    chance = Random(seed)
    organisation, rows = organisation_of(chance), events_of(chance, KINDS, 120, "time")
    result = lr.assess(district_year(), organisation, lr.events_from(rows))
    for total in result.scorecards:
        for item in total.indicators:
            found = trace(result, total.subject, f"year.{item.indicator}", limit=EVERYTHING)
            assert found.value == item.points
            check(found, rows, organisation, time="time")
        assert str(result.why(total.subject, "year"))
        assert str(result.why(total.subject, "year.grade", language="zh"))
    for subject in ("a", "b"):
        award = trace(result, subject, "civilised_organ")
        granted = any(a.subject == subject and a.granted for a in result.awards)
        assert (award.value == "granted") is granted


@pytest.mark.parametrize("as_now", [False, True])
@pytest.mark.parametrize("require", AGGREGATES)
@settings(max_examples=3, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 10**6))
def test_every_aggregate_follows_from_the_events_its_trace_lists(tmp_path, require, as_now, seed):
    chance = Random(seed)
    organisation, rows = organisation_of(chance), events_of(chance, ("exam", "poll"), 60)
    text = OTHER_RULES.replace("REQUIRE", f'"{require}"').replace("AS}", "as_now}" if as_now else "as_it_was}")
    (tmp_path / "rules.yaml").write_text(text, "utf-8")
    result = lr.assess(lr.load(tmp_path), organisation, lr.events_from(rows))
    for duty in result.duties:
        if duty.status.is_settled:
            found = trace(result, duty.subject, duty.rule, duty.period, limit=EVERYTHING)
            assert (found.formula.value is True) is (duty.status.value == "met")
            check(found, rows, organisation, as_now)
