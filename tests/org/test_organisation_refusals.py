"""Records that do not hold together: each code, with its whole message."""

import pytest
from org_notation import attribute, edge, node

from learnorg_rules.errors import InputError, nearest
from learnorg_rules.org.checks import CODES
from learnorg_rules.org.organisation import Organisation
from learnorg_rules.org.records import EDGE_KINDS


def refused(nodes=(), edges=(), attributes=(), files=()):
    with pytest.raises(InputError) as caught:
        Organisation.of(nodes, edges, attributes, files)
    return str(caught.value).splitlines()


UNITS = [node("district"), node("office"), node("school")]
ANN = node("ann", "person")


def test_an_id_is_there_twice():
    assert refused([node("ann", "person", line=2), node("ann", "unit", line=5)]) == [
        "org:5: O101 unit 'ann' is there twice; first as a person at org:2",
    ]


def test_an_unknown_edge_kind():
    assert refused(UNITS, [edge("parts_of", "office", "district", line=3)]) == [
        "org:3: O102 there is no edge kind 'parts_of'",
        "    hint: did you mean 'part_of'?",
    ]


def test_an_end_that_does_not_exist():
    assert refused(UNITS, [edge("part_of", "office", "distrct", line=3)]) == [
        "org:3: O103 part_of from 'office' to 'distrct': there is no unit, body or person 'distrct'",
        "    hint: did you mean 'district'?",
    ]


def test_an_attribute_of_nobody():
    assert refused(UNITS, attributes=[attribute("offise", "level", "x", line=3)]) == [
        "org:3: O103 attribute level: there is no unit, body or person 'offise'",
        "    hint: did you mean 'office'?",
    ]


def test_the_nearest_id_is_found_among_very_many():
    many = [node(f"unit_{i:06}") for i in range(20_000)]
    assert refused(many, [edge("part_of", "unit_000001", "unti_000002")]) == [
        "org: O103 part_of from 'unit_000001' to 'unti_000002': there is no unit, body or person 'unti_000002'",
        "    hint: did you mean 'unit_000002'?",
    ]


def test_a_circle_is_written_out_with_the_days_it_is_closed():
    edges = [
        edge("part_of", "a", "b", from_="2005-01-01", line=1),
        edge("part_of", "b", "c", to="2006-12-31", line=2),
        edge("part_of", "c", "a", from_="2005-07-01", line=3),
    ]
    assert refused([node(id_) for id_ in "abc"], edges) == [
        "org:1: O104 part_of runs in a circle from 2005-07-01 to 2006-12-31: a -> b -> c -> a",
        "    hint: end one of these edges, or point it elsewhere",
    ]


def test_edges_that_never_hold_on_the_same_day_are_no_circle():
    edges = [edge("part_of", "a", "b", to="2005-06-30"), edge("part_of", "b", "a", from_="2005-07-01")]
    assert Organisation.of([node("a"), node("b")], edges).warnings == ()


def test_a_node_that_reports_to_itself_is_a_circle():
    assert refused([node("a")], [edge("reports_to", "a", "a")]) == [
        "org: O104 reports_to runs in a circle on every day: a -> a",
        "    hint: end one of these edges, or point it elsewhere",
    ]


@pytest.mark.parametrize("kind", ["part_of", "party_part_of"])
def test_two_parents_at_once(kind):
    edges = [
        edge(kind, "office", "district", to="2005-06-30", line=1),
        edge(kind, "office", "school", from_="2005-06-01", line=2),
    ]
    assert refused(UNITS, edges) == [
        f"org:2: O105 'office' is {kind} 'district' and 'school' at once, from 2005-06-01 to 2005-06-30",
        "    hint: end one before the other begins; the other is at org:1",
    ]


def test_a_person_in_two_units_at_once():
    edges = [edge("member_of", "ann", "office", line=1), edge("member_of", "ann", "school", from_="2005-06-01", line=2)]
    assert refused([*UNITS, ANN], edges) == [
        "org:2: O106 'ann' is a member of 'office' and 'school' at once, from 2005-06-01 on",
        "    hint: end one before the other begins; the other is at org:1",
    ]


def test_the_same_membership_written_twice_is_said_so():
    edges = [edge("member_of", "ann", "office", line=1), edge("member_of", "ann", "office", line=2)]
    assert refused([*UNITS, ANN], edges) == [
        "org:2: O106 'ann' is a member of 'office' twice at once, on every day",
        "    hint: end one before the other begins; the other is at org:1",
    ]


def test_from_after_to():
    assert refused(
        [node("office", from_="2005-02-01", to="2005-01-31", line=1), node("school")],
        [edge("leads", "school", "office", from_="2005-02-01", to="2005-01-31", line=2)],
        [attribute("office", "level", "x", from_="2005-02-01", to="2005-01-31", line=3)],
    ) == [
        "org:1: O107 unit 'office' begins 2005-02-01, after it ends 2005-01-31",
        "org:2: O107 leads from 'school' to 'office' begins 2005-02-01, after it ends 2005-01-31",
        "org:3: O107 level of 'office' begins 2005-02-01, after it ends 2005-01-31",
    ]


OUTSIDE = "    hint: leave `from` and `to` out where the edge holds as long as both ends live"


def test_an_edge_outside_the_life_of_its_ends():
    nodes = [node("old", to="2004-12-31"), node("new", from_="2005-01-01"), node("other")]
    edges = [
        edge("part_of", "other", "old", to="2005-06-30", line=1),
        edge("leads", "other", "new", from_="2004-06-01", line=2),
        edge("part_of", "old", "new", line=3),
        edge("leads", "other", "old", from_="2005-06-01", line=4),
    ]
    assert refused(nodes, edges) == [
        "org:1: O108 part_of from 'other' to 'old': ends 2005-06-30, but 'old' is there until 2004-12-31",
        OUTSIDE,
        "org:2: O108 leads from 'other' to 'new': begins 2004-06-01, but 'new' is there from 2005-01-01 on",
        OUTSIDE,
        "org:3: O108 part_of from 'old' to 'new': holds on no day: 'old' is there until 2004-12-31, "
        "'new' from 2005-01-01 on",
        OUTSIDE,
        "org:4: O108 leads from 'other' to 'old': holds on no day: 'other' is there on every day, "
        "'old' until 2004-12-31",
        OUTSIDE,
    ]


def test_a_successor_cannot_begin_before_what_it_succeeds():
    nodes = [node("old", from_="2006-01-01"), node("new", from_="2005-01-01")]
    assert refused(nodes, [edge("succeeds", "new", "old")]) == [
        "org: O108 succeeds from 'new' to 'old': begins 2005-01-01, but 'old' is there from 2006-01-01 on",
        OUTSIDE,
    ]


def test_two_values_of_one_attribute_at_once():
    values = [
        attribute("office", "level", "section", to="2005-06-30", line=1),
        attribute("office", "level", "department", from_="2005-06-30", line=2),
    ]
    assert refused(UNITS, attributes=values) == [
        "org:2: O109 level of 'office' is 'section' and 'department' at once, on 2005-06-30",
        "    hint: end one before the other begins; the other is at org:1",
    ]


@pytest.mark.parametrize("kind", EDGE_KINDS, ids=lambda kind: kind.name)
def test_each_edge_kind_takes_the_ends_of_its_register_and_no_others(kind):
    ends = {"unit": node("u"), "body": node("b", "body"), "person": node("p", "person")}
    others = {"unit": node("u2"), "body": node("b2", "body"), "person": node("p2", "person")}
    for source, one in ends.items():
        for target, other in others.items():
            records = [one, other], [edge(kind.name, one.id, other.id)]
            if source in kind.sources and target in kind.targets:
                Organisation.of(*records)
            else:
                assert "O110" in refused(*records)[0]


def test_the_wrong_kind_of_end():
    assert refused([*UNITS, ANN], [edge("chairs", "ann", "office", line=2)]) == [
        "org:2: O110 chairs from 'ann' to 'office': leads from a person to a unit",
        "    hint: chairs leads from a person to a body",
    ]


def test_an_empty_organisation():
    assert refused(files=["org/units.csv"]) == [
        "org/units.csv: O111 there is no unit, body or person",
        "    hint: write at least one unit",
    ]


def test_all_faults_are_told_at_once_by_place():
    found = refused(
        [node("a", line=1), node("a", line=2), node("ann", "person", line=9)],
        [edge("part_of", "a", "x", line=7), edge("leeds", "a", "a", line=3), edge("leads", "a", "ann", line=4)],
        [attribute("a", "level", "x", "2005-01-02", "2005-01-01", line=5)],
    )
    assert [line.split()[1] for line in found if "hint" not in line] == ["O101", "O102", "O110", "O107", "O103"]


def test_every_code_is_explained():
    assert sorted(CODES) == [f"O{n}" for n in range(101, 114)]


def test_among_thousands_of_names_one_slip_is_still_found() -> None:
    names = [f"unit_{n:05}" for n in range(5000)]
    assert [nearest(word, names) for word in ("unit_0001", "Unit-00O17", "unti_00042", "section_1")] == [
        "unit_00001", "unit_00017", "unit_00042", None,
    ]  # fmt: skip
