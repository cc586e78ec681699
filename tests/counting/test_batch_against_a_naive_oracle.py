"""Batch against the stupidest recomputation: for every subject and period, walk all events and ask each whether it counts."""

from datetime import UTC, date, datetime, timedelta
from fractions import Fraction

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import learnorg_rules as lr
from learnorg_rules.errors import Source
from learnorg_rules.expr.evaluate import compile_node
from learnorg_rules.expr.nodes import Aggregate
from learnorg_rules.judging.evaluation import Context
from learnorg_rules.org.records import Attribute, Edge, Node
from learnorg_rules.periods import Calendar, Grain
from learnorg_rules.values import Wrong

HERE = Source("org")
FIRST, LAST = date(2004, 12, 1), date(2005, 6, 30)
KINDS = ("forum", "exam", "poll")

HEAD = """
ruleset:
  id: random
  effective: {from: 2004-12-01, to: 2005-06-30}
  time_zone: Asia/Shanghai
  roll_up: {along: part_of, as: AS}
organisation:
  levels: [district, department, section]
  persons: {birth_date: date, rank: {type: choice, of: [ke, chu, ju]}}
fields:
  minutes: {type: integer, min: -100}
  score: {type: decimal, places: 1}
  passed: boolean
events:
  forum: [person?, minutes?, score?, passed?]
  exam: [person?, minutes?, score?, passed?]
  poll: [person?, minutes?, score?, passed?]
parameters:
  enough: {2004-01-01: 10, 2005-03-01: 30}
"""

CONDITIONS = st.sampled_from(
    ["", "minutes >= 20", "score > 50.5", "passed", "member", "not member", "member and passed", "member or minutes < 15",
     "age <= 35", "rank >= chu", "minutes >= enough", "date < 2005-03-31", "occurred_at < 2005-02-01", "person is missing",
     "unit.level == section", "not (passed or member)", "score is not missing and member", "kind == \"exam\""]
)  # fmt: skip
KIND_LISTS = st.lists(st.sampled_from(KINDS), min_size=1, max_size=3, unique=True).map(", ".join)


@st.composite
def aggregates(draw):
    condition, kinds = draw(CONDITIONS), draw(KIND_LISTS)
    where = f" where {condition}" if condition else ""
    form = draw(st.sampled_from(["count", "any", "months", "weeks", "days", "quarters", "value", "element", "mean by"]))
    if form == "value":
        op = draw(st.sampled_from(["sum", "mean", "min", "max", "first", "last"]))
        value = draw(st.sampled_from(["minutes", "score", "minutes * score", "2 * score - minutes"]))
        return f"{op}({value} in {kinds}{where})"
    if form == "element":
        return f"{draw(st.sampled_from(['distinct', 'most']))}({draw(st.sampled_from(['person', 'minutes', 'date']))} in {kinds}{where})"
    if form == "mean by":
        return f"mean(score in {kinds}{where} by minutes)"
    return f"{form}({kinds}{where})"


UNITS = {"d": None, "a": "d", "b": "d", "a1": "a", "a2": "a", "b1": "b"}
LEVELS = {"d": "district", "a": "department", "b": "department", "a1": "section", "a2": "section", "b1": "section"}
PERSONS = ("p", "q", "r")
DAYS = st.dates(date(2004, 11, 20), date(2005, 7, 10))


@st.composite
def organisations(draw):
    here = HERE
    nodes = [Node(u, "unit", {}, None, None, here) for u in UNITS] + [
        Node(p, "person", {}, None, None, here) for p in PERSONS
    ]
    edges = []
    for unit, parent in UNITS.items():
        if parent is None:
            continue
        move = draw(st.none() | DAYS) if LEVELS[unit] == "section" else None
        if move is None:
            edges.append(Edge("part_of", unit, parent, None, None, {}, here))
        else:
            other = "b" if parent == "a" else "a"
            edges.append(Edge("part_of", unit, parent, None, move - timedelta(1), {}, here))
            edges.append(Edge("part_of", unit, other, move, None, {}, here))
    for person in PERSONS:
        first, second = draw(st.permutations(["a1", "a2", "b1"]))[:2]
        move = draw(st.none() | DAYS)
        edges.append(Edge("member_of", person, first, None, None if move is None else move - timedelta(1), {}, here))
        if move is not None:
            edges.append(Edge("member_of", person, second, move, None, {}, here))
    attributes = [Attribute(u, "level", level, None, None, here) for u, level in LEVELS.items()]
    for person in PERSONS:
        attributes.append(
            Attribute(
                person, "birth_date", draw(st.dates(date(1965, 1, 1), date(1975, 12, 31))).isoformat(), None, None, here
            )
        )
        rise = draw(DAYS)
        attributes.append(Attribute(person, "rank", "ke", None, rise - timedelta(1), here))
        attributes.append(Attribute(person, "rank", draw(st.sampled_from(["chu", "ju"])), rise, None, here))
    return lr.Organisation.of(nodes, edges, attributes)


INSTANTS = st.datetimes(datetime(2004, 11, 25), datetime(2005, 7, 5), timezones=st.just(UTC)).map(
    lambda t: t.replace(microsecond=0)
)


@st.composite
def histories(draw):
    rows = []
    for i in range(draw(st.integers(0, 14))):
        rows.append({
            "id": f"e{i}", "kind": draw(st.sampled_from(KINDS)), "unit": draw(st.sampled_from(list(UNITS))),
            "person": draw(st.none() | st.sampled_from(PERSONS)), "occurred_at": draw(INSTANTS).isoformat(),
            "minutes": draw(st.none() | st.integers(-20, 60)), "score": draw(st.none() | st.decimals(0, 100, places=1)),
            "passed": draw(st.none() | st.booleans()),
        })  # fmt: skip
    return rows


def counts_for(org, rows, subject, period, as_now, at):
    """The events of the subject in the period, each with the local day it happened on."""
    for row in rows:
        day = (datetime.fromisoformat(row["occurred_at"]) + timedelta(hours=8)).date()
        if day not in period or not FIRST <= day <= min(at, LAST):  # the days the rules judge
            continue
        tree = org.as_of(at if as_now else day)
        if subject in (row["unit"], *tree.ancestors(row["unit"])):
            yield row, day


def is_member(org, person, subject, day):
    home = org.as_of(day).home(person) if person else None
    return home is not None and subject in (home, *org.as_of(day).ancestors(home))


def age_on(born, day):
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def oracle(result, node, subject, period, rows, as_now):
    """The aggregate, from the events one by one."""
    org, at, calendar = result.organisation, result.at, Calendar()
    binding = result.run.evaluation.binding
    found = []
    for row, day in sorted(
        counts_for(org, rows, subject, period, as_now, at), key=lambda x: (x[0]["occurred_at"], x[0]["id"])
    ):
        if row["kind"] not in node.kinds:
            continue

        def lookup(ref, row=row, day=day):
            if ref.scope == "parameter":
                return binding.parameters.value(ref.name, period.last)
            if ref.scope == "person":
                person = row["person"]
                if person is None:
                    return None
                if ref.name == "age":
                    return age_on(binding.attribute(person, "birth_date", day), day)
                return binding.attribute(person, ref.name, day)
            if ref.scope == "unit":
                return LEVELS[row["unit"]]
            if ref.name == "member":
                return is_member(org, row["person"], subject, at if as_now else day)
            if ref.name == "date":
                return day
            if ref.name == "occurred_at":
                return datetime.fromisoformat(row["occurred_at"])
            value = row[ref.name]
            return Fraction(value) if ref.name == "score" and value is not None else value

        tz = result.ruleset.time_zone
        if node.where is not None and compile_node(node.where, tz)(lookup) is not True:
            continue
        value = compile_node(node.value, tz)(lookup) if node.value is not None else None
        weight = compile_node(node.by, tz)(lookup) if node.by is not None else 1
        found.append((value, weight, day))
    if node.op in ("count", "any"):
        return len(found) if node.op == "count" else bool(found)
    if node.op == "hits":
        subs = {calendar.period(Grain(node.grain), d).start for _, _, d in found}
        return len([s for s in subs if node.grain != "week" or s + timedelta(3) in period])
    kept = [(v, w) for v, w, _ in found if v is not None and w is not None]
    values = [v for v, _ in kept]
    if node.op == "sum":
        return sum(values)
    if node.op == "distinct":
        return len(set(values))
    if node.op == "most":
        return max((values.count(v) for v in values), default=0)
    if node.op == "mean":
        total = sum(w for _, w in kept)
        if kept and not total:
            return "weights"  # that add up to 0 are wrong, not missing
        return sum((Fraction(v) * w for v, w in kept), Fraction()) / total if total else None
    if not values:
        return None
    return {"min": min(values), "max": max(values), "first": values[0], "last": values[-1]}[node.op]


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(aggregates(), min_size=1, max_size=6, unique=True), organisations(), histories(),
    st.sampled_from(["as_it_was", "as_now"]), st.sampled_from(["month", "quarter", "year", "week"]), st.dates(FIRST, LAST),
)  # fmt: skip
def test_every_aggregate_equals_walking_all_events(tmp_path_factory, texts, org, rows, as_, every, at):
    measures = "".join(f"  m{i}: '{t}'\n" for i, t in enumerate(texts))
    duties = "".join(
        f"  d{i}: {{for: units, every: {every}, require: m{i} is not missing}}\n" for i in range(len(texts))
    )
    rules = tmp_path_factory.mktemp("rules") / "ruleset.yaml"
    rules.write_text(HEAD.replace("AS", as_) + "measures:\n" + measures + "duties:\n" + duties, encoding="utf-8")
    result = lr.assess(lr.load(rules), org, lr.events_from(rows), at=at)
    assert not result.rejected.height, result.rejected
    schedule = result.run.dataflow.schedules[every]
    for i in range(len(texts)):
        tree = result.ruleset.measures[f"m{i}"].value.tree
        assert isinstance(tree, Aggregate)
        for index, period in enumerate(schedule.periods):
            if period.start > at:
                continue
            for subject in UNITS:
                context = Context(result.run.evaluation, subject, "units", every, index, min(period.last, at))
                got = result.run.evaluation.measure(f"m{i}", context)
                want = oracle(result, tree, subject, period, rows, as_ == "as_now")
                got = got.kind if isinstance(got, Wrong) else got
                assert got == want, (texts[i], subject, period.name)


@pytest.mark.parametrize("at", ["2005-01-31"])
def test_an_event_after_the_day_judged_does_not_count(tmp_path, at):
    rules = tmp_path / "ruleset.yaml"
    rules.write_text(
        HEAD.replace("AS", "as_it_was") + "duties:\n  d: {for: d, every: quarter, require: count(poll) >= 1}\n",
        encoding="utf-8",
    )
    here = HERE
    org = lr.Organisation.of(
        [Node("d", "unit", {}, None, None, here)], [], [Attribute("d", "level", "district", None, None, here)]
    )
    rows = [{"id": "1", "kind": "poll", "unit": "d", "occurred_at": "2005-02-01T00:00:00+08:00"}]
    judged = lr.assess(lr.load(rules), org, lr.events_from(rows), at=at)
    later = lr.assess(lr.load(rules), org, lr.events_from(rows), at="2005-02-01")
    assert judged.duties.one(period="2005-Q1").status.value == "open"
    assert later.duties.one(period="2005-Q1").status.value == "met"
