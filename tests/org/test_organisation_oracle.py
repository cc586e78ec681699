"""Random dated organisations against a stupid recomputation day by day."""

import itertools
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from org_notation import NOWHERE

from learnorg_rules.errors import InputError
from learnorg_rules.org.organisation import Organisation
from learnorg_rules.org.records import Edge, Node

START, DAYS = date(2005, 1, 1), 12
UNITS, PERSONS = [f"u{i}" for i in range(6)], [f"p{i}" for i in range(5)]


def on(offset):
    return START + timedelta(offset)


@st.composite
def lives(draw):
    first = draw(st.none() | st.integers(0, DAYS - 1))
    last = draw(st.none() | st.integers(first or 0, DAYS - 1))
    return first, last


@st.composite
def worlds(draw):
    """The truth as tables of day -> alive and day -> target, and the records that say it."""
    nodes, alive = [], {}
    for id_ in UNITS + PERSONS:
        first, last = draw(lives())
        alive[id_] = [(first is None or first <= d) and (last is None or d <= last) for d in range(DAYS)]
        from_, to = (None if x is None else on(x) for x in (first, last))
        nodes.append(Node(id_, "unit" if id_ in UNITS else "person", {}, from_, to, NOWHERE))
    edges, target = [], {}
    for id_ in UNITS[1:] + PERSONS:
        options = UNITS[: UNITS.index(id_)] if id_ in UNITS else UNITS
        target[id_] = [None] * DAYS
        cuts = sorted({0, DAYS, *draw(st.lists(st.integers(1, DAYS - 1), max_size=3))})
        for a, b in itertools.pairwise(cuts):
            other = draw(st.none() | st.sampled_from(options))
            held = [d for d in range(a, b) if other and alive[id_][d] and alive[other][d]]
            if not held:
                continue
            target[id_][held[0] : held[-1] + 1] = [other] * len(held)
            kind = "part_of" if id_ in UNITS else "member_of"
            edges.append(Edge(kind, id_, other, on(held[0]), on(held[-1]), {}, NOWHERE))
    return Organisation.of(nodes, draw(st.permutations(edges))), alive, target


def chain(target, id_, d):
    found = []
    while (id_ := target.get(id_, [None] * DAYS)[d]) is not None:
        found.append(id_)
    return found


@settings(max_examples=80, deadline=None)
@given(worlds())
def test_each_day_agrees_with_a_recomputation_of_that_day(world):
    org, alive, target = world
    for d in range(DAYS):
        snapshot = org.as_of(on(d))
        units = [u for u in UNITS if alive[u][d]]
        assert list(snapshot.units()) == units
        assert list(snapshot.persons()) == [p for p in PERSONS if alive[p][d]]
        for unit in UNITS:
            assert list(snapshot.ancestors(unit)) == chain(target, unit, d)
            below = [u for u in units if unit in chain(target, u, d)]
            assert list(snapshot.descendants(unit)) == ([unit, *below] if alive[unit][d] else [])
            assert list(snapshot.members(unit)) == [p for p in PERSONS if unit in chain(target, p, d)]
        for person in PERSONS:
            assert snapshot.home(person) == target[person][d]


@settings(max_examples=80, deadline=None)
@given(worlds())
def test_segments_are_the_longest_stretches_without_a_change(world):
    org, alive, target = world

    def state(ids, d):
        return {id_: (alive[id_][d], target.get(id_, [None] * DAYS)[d]) for id_ in ids}

    def expected(ids):
        cuts = [0, *(d for d in range(1, DAYS) if state(ids, d) != state(ids, d - 1)), DAYS]
        return [(on(a), on(b)) for a, b in itertools.pairwise(cuts)]

    span = (on(0), on(DAYS))
    assert org.segments("part_of", *span) == expected(UNITS + PERSONS)
    assert org.unit_segments("part_of", *span) == expected(UNITS)
    assert org.home_segments(*span) == expected(PERSONS)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from("abcd"), st.sampled_from("abcd"), st.integers(0, 5), st.integers(0, 5)),
        max_size=9,
    )
)
def test_a_circle_is_refused_exactly_if_some_day_has_one(drawn):
    nodes = [Node(id_, "unit", {}, None, None, NOWHERE) for id_ in "abcd"]
    drawn = [(s, t, min(a, b), max(a, b)) for s, t, a, b in drawn]
    edges = [Edge("reports_to", s, t, on(a), on(b), {}, NOWHERE) for s, t, a, b in drawn]

    def closed(d):
        reach = {(s, t) for s, t, a, b in drawn if a <= d <= b}
        for middle in "abcd":
            reach |= {(s, t) for s, m in reach if m == middle for n, t in reach if n == middle}
        return any(s == t for s, t in reach)

    if any(closed(d) for d in range(6)):
        with pytest.raises(InputError) as caught:
            Organisation.of(nodes, edges)
        assert {issue.code for issue in caught.value.issues} == {"O104"}
    else:
        Organisation.of(nodes, edges)
