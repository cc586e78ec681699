"""Random dated organisations: attributes, headcounts and reaches against a walk over every node, one by one, day by day."""

import itertools
from datetime import date, timedelta
from fractions import Fraction
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from attrs import evolve, frozen
from hypothesis import given, settings
from hypothesis import strategies as st

import learnorg_rules as lr
from learnorg_rules.counting.binding import age, bind
from learnorg_rules.counting.closure import closure_of
from learnorg_rules.errors import Source
from learnorg_rules.expr.evaluate import compile_node
from learnorg_rules.model.parameters import Parameters
from learnorg_rules.org.organisation import Organisation
from learnorg_rules.org.records import Attribute, Edge, Node

START, DAYS = date(2005, 1, 1), 9
UNITS, BODIES, PERSONS = [f"u{i}" for i in range(5)], ["b0", "b1"], [f"p{i}" for i in range(6)]
NOWHERE = Source("test")
CONDITIONS = (
    "age <= 35",
    "not (party and age > limit)",
    "rank >= chu or salary is missing",
    "party and salary < 2 * wage",
    'birth_date in 1969-12-31..1970-01-04 or id in ["p1", "p2"]',
    "limit > 34",
    "rank in [ke, ju] and not party",
)
RULES = """
ruleset:
  id: oracle
  effective: {from: 2005-01-01, to: 2005-01-31}
organisation:
  levels: [section]
  units: {rank: integer}
  persons:
    birth_date: date
    rank: {type: choice, of: [ke, chu, ju]}
    party: boolean
    salary: {type: decimal, places: 2}
parameters:
  limit:
    2005-01-03: {value: 34, assumed: true}
    2005-01-06: {value: 35}
  wage: {value: 10, assumed: true}
measures:
  everybody: persons()
"""
WRITTEN = {  # what may be written, and what it is
    "birth_date": {d: date.fromisoformat(d) for d in ("1970-01-01", "1970-01-04", "1969-12-31")} | {"": None},
    "rank": {"ke": "ke", "chu": "chu", "ju": "ju"},
    "party": {"true": True, "false": False, True: True, False: False},
    "salary": {"19.99": Fraction("19.99"), 20: 20, "20.00": 20, "20.01": Fraction("20.01")},
}


@cache
def rules(as_: str = "as_it_was") -> lr.Ruleset:
    text = RULES + "".join(f"  m{i}: persons({condition})\n" for i, condition in enumerate(CONDITIONS))
    with TemporaryDirectory() as folder:
        path = Path(folder) / "ruleset.yaml"
        path.write_text(text, encoding="utf-8")
        found = lr.load(path)
    return evolve(found, header=evolve(found.header, roll_up=evolve(found.header.roll_up, as_=as_)))


def on(offset: int) -> date:
    return START + timedelta(offset)


@frozen
class World:
    """The truth by day, and the organisation whose records say it."""

    organisation: Organisation
    alive: dict
    above: dict  # of units and bodies the parent, of persons the home
    values: dict  # (node, name) -> value by day
    successions: list  # (new, old, day)

    def chain(self, node: str, d: int) -> list[str]:
        found = [node]
        while (node := self.above.get(node, [None] * DAYS)[d]) is not None:
            found.append(node)
        return found

    def members(self, subject: str, d: int) -> list[str]:
        return [p for p in PERSONS if subject in self.chain(p, d)[1:]]

    def value(self, node: str, name: str, d: int) -> object:
        if name == "id":
            return node
        if name == "age":
            born = self.value(node, "birth_date", d)
            return None if born is None else age(born, on(d))
        return self.values.get((node, name), [None] * DAYS)[d]


@st.composite
def worlds(draw) -> World:
    nodes, alive, edges, above, attributes, values, successions = [], {}, [], {}, [], {}, []

    def stretches():
        return itertools.pairwise(sorted({0, DAYS, *draw(st.lists(st.integers(1, DAYS - 1), max_size=2))}))

    for id_ in UNITS + BODIES + PERSONS:
        first, last = draw(st.none() | st.integers(0, 4)), draw(st.none() | st.integers(4, DAYS - 1))
        alive[id_] = [(first is None or first <= d) and (last is None or d <= last) for d in range(DAYS)]
        kind = {"u": "unit", "b": "body", "p": "person"}[id_[0]]
        nodes.append(Node(id_, kind, {}, *(None if x is None else on(x) for x in (first, last)), NOWHERE))
    for id_ in UNITS[1:] + BODIES + PERSONS:
        options = UNITS[: UNITS.index(id_)] if id_ in UNITS else UNITS
        above[id_] = [None] * DAYS
        for a, b in stretches():
            other = draw(st.sampled_from([*options, None]))
            held = [d for d in range(a, b) if other and alive[id_][d] and alive[other][d]]
            if held:
                above[id_][held[0] : held[-1] + 1] = [other] * len(held)
                kind = "member_of" if id_ in PERSONS else "part_of"
                edges.append(Edge(kind, id_, other, on(held[0]), on(held[-1]), {}, NOWHERE))
    dated = draw(st.booleans())
    written = [(p, name, WRITTEN[name]) for p in PERSONS for name in WRITTEN]
    for node, name, options in [*written, *((u, "rank", {"1": 1, 2: 2}) for u in UNITS)]:
        values[node, name] = [None] * DAYS
        for a, b in stretches() if dated else [(0, DAYS)]:
            text = draw(st.none() | st.sampled_from(list(options)))
            if text is not None:
                values[node, name][a:b] = [options[text]] * (b - a)
                span = (on(a), on(b - 1)) if dated else (None, None)
                attributes.append(Attribute(node, name, text, *span, NOWHERE))
    for new, old in itertools.combinations(UNITS, 2):
        d = draw(st.integers(-3, DAYS - 1))
        if d >= 0 and alive[new][d] and any(alive[old][: d + 1]):
            successions.append((new, old, d))
            edges.append(Edge("succeeds", new, old, on(d), None, {}, NOWHERE))
    return World(Organisation.of(nodes, edges, attributes), alive, above, values, successions)


@settings(max_examples=60, deadline=None)
@given(worlds())
def test_attributes_are_what_was_written_for_the_day(world: World):
    binding = bind(rules(), world.organisation, on(DAYS - 1))
    nodes = UNITS + BODIES + PERSONS
    for d in range(DAYS):
        for name in ("id", "age", *WRITTEN):
            expected = [world.value(node, name, d) for node in nodes]
            assert [binding.attribute(node, name, on(d)) for node in nodes] == expected
            assert list(binding.column(name, nodes, on(d))) == expected


@settings(max_examples=60, deadline=None)
@given(worlds(), st.data())
def test_a_headcount_is_how_many_members_meet_the_condition_one_by_one(world: World, data: st.DataObject):
    """And no more parameters are read than for the members of those asked for."""
    binding = bind(rules(), world.organisation, on(DAYS - 1))
    counts, parameters = binding.headcounts, Parameters(rules().parameters)
    asked = data.draw(
        st.lists(
            st.tuples(
                st.integers(-1, len(CONDITIONS) - 1),
                st.sampled_from(UNITS + BODIES + PERSONS),
                st.integers(0, DAYS - 1),
                st.integers(0, DAYS - 1),
            ),
            max_size=30,
        )
    )
    for number, subject, d, values_on in asked:
        name = "everybody" if number < 0 else f"m{number}"
        where = rules().measures[name].value.tree.where
        holds = [where is None or _holds(world, where, p, d, values_on, parameters) for p in world.members(subject, d)]
        assert counts.count(where, subject, on(d), on(values_on)) == sum(holds)
    assert binding.parameters.assumed == parameters.assumed


def _holds(world, condition, person, d, values_on, parameters):
    def lookup(ref):
        if ref.scope == "parameter":
            return parameters.value(ref.name, on(values_on))
        return world.value(person, ref.name, d)

    return compile_node(condition)(lookup) is True


@settings(max_examples=60, deadline=None)
@given(
    worlds(), st.sets(st.sampled_from(UNITS + BODIES), min_size=3), st.integers(0, DAYS - 1), st.sampled_from([True, True, False]),
    st.booleans(),
)  # fmt: skip
def test_a_reach_is_the_chain_of_each_unit_with_those_who_took_places_in_it(world, subjects, last, inherit, as_now):
    binding = bind(rules("as_now" if as_now else "as_it_was"), world.organisation, on(last))
    closure = closure_of(binding, subjects, START, on(last + 1), members=True, inherit=inherit)
    heirs = {old: {} for old in UNITS}
    for heir in subjects if inherit else ():
        for old, since in binding.predecessors(heir).items():
            heirs[old][heir] = since
    units, members = {}, {}
    for segment, (start, _) in enumerate(closure.segments):
        d = last if as_now else (start - START).days
        for unit in UNITS + BODIES:
            if not world.alive[unit][d]:
                if as_now and heirs.get(unit):
                    units[unit, segment] = heirs[unit]
                continue
            units[unit, segment] = found = {}
            for above in world.chain(unit, d):
                for subject, since in (*[(above, date.min)] * (above in subjects), *heirs.get(above, {}).items()):
                    found[subject] = min(since, found.get(subject, since))
        for person in PERSONS:
            home = world.above[person][d]
            if home is not None and units[home, segment]:
                members[person, segment] = units[home, segment]
    reaches = {}
    for anchor, segment, subject, since in closure.subjects.iter_rows():
        assert reaches.setdefault((anchor, segment), {}).setdefault(closure.names[subject], since) == since
    rows = closure.anchors.rows()
    assert {(unit, segment): reaches.get((anchor, segment), {}) for unit, segment, anchor in rows} == units
    assert len(rows) == len(units)
    found = {}
    for person, segment, subject, since in _members(closure).iter_rows():
        found.setdefault((person, segment), {})[closure.names[subject]] = since
    assert found == members
    assert _members(closure).height == sum(map(len, members.values()))


def _members(closure):
    """Person, segment, subject and since when, of each subject that a person belongs to."""
    joined = closure.homes.join(closure.members, on=["_home", "_segment"])
    return joined.select("person", "_segment", "_subject", "_member_since")
