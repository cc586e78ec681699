"""What an organisation says on a day."""

from datetime import date

import pytest
from org_notation import day, edge, node, organisation

from learnorg_rules.org.organisation import Organisation

OFFICES = """
    units:
      - {id: district, name: {en: District, zh: 区}, level: district}
      - {id: publicity, parent: district, level: department}
      - {id: station, parent: district, level: department}
      - {id: news, parent: publicity, level: section}
    persons:
      - id: ann
        unit: [{of: publicity, to: 2005-03-31}, {of: station, from: 2005-04-01}]
      - {id: bo, unit: news}
      - {id: chen, unit: null}
"""


def test_a_member_who_moves_counts_for_the_old_unit_until_the_day_before():
    org = organisation(OFFICES)
    assert org.as_of(day("2005-03-31")).home("ann") == "publicity"
    assert org.as_of(day("2005-04-01")).home("ann") == "station"


def test_members_of_a_unit_are_those_of_the_units_below_it_too():
    snapshot = organisation(OFFICES).as_of(day("2005-01-01"))
    assert snapshot.members("district") == ("ann", "bo")
    assert snapshot.members("publicity") == ("ann", "bo")
    assert snapshot.members("station") == ()


def test_ancestors_come_nearest_first_and_descendants_begin_with_the_unit_itself():
    snapshot = organisation(OFFICES).as_of(day("2005-01-01"))
    assert snapshot.ancestors("news") == ("publicity", "district")
    assert snapshot.descendants("district") == ("district", "news", "publicity", "station")
    assert snapshot.parent("news") == "publicity"
    assert snapshot.parent("district") is None


def test_a_person_without_a_unit_has_no_home():
    snapshot = organisation(OFFICES).as_of(day("2005-01-01"))
    assert snapshot.home("chen") is None
    assert snapshot.persons() == ("ann", "bo", "chen")


def test_a_membership_of_a_body_is_no_home():
    org = organisation("""
        units: [{id: office}]
        bodies: [{id: league, hosted_by: office}, {id: board}]
        persons: [{id: ann, unit: office}]
        edges:
          - {kind: member_of, source: ann, target: league}
          - {kind: member_of, source: ann, target: board}
          - {kind: chairs, source: ann, target: board}
    """)
    snapshot = org.as_of(day("2005-01-01"))
    assert snapshot.home("ann") == "office"
    assert snapshot.targets("ann", "member_of") == ("board", "league", "office")
    assert snapshot.targets("office", "hosts") == ("league",)
    assert snapshot.sources("board", "chairs") == ("ann",)


def test_the_last_day_is_included():
    org = organisation("units: [{id: office, from: 2003-01-01, to: 2005-12-31}]")
    assert org.life("office") == (day("2003-01-01"), day("2006-01-01"))
    assert [org.as_of(day(d)).exists("office") for d in ("2002-12-31", "2003-01-01", "2005-12-31", "2006-01-01")] == [
        False, True, True, False,
    ]  # fmt: skip


def test_an_open_end_stands_for_always():
    assert organisation("units: [{id: office}]").life("office") == (date.min, date.max)


MERGER = """
    units:
      - {id: city}
      - {id: zhabei, parent: city, to: 2015-11-03}
      - {id: old_jingan, parent: city, to: 2015-11-03}
      - {id: jingan, parent: city, from: 2015-11-04}
      - {id: school, parent: [{of: zhabei, to: 2015-11-03}, {of: jingan, from: 2015-11-04}]}
    edges:
      - {kind: succeeds, source: jingan, target: zhabei}
      - {kind: succeeds, source: jingan, target: old_jingan}
"""


def test_a_merger_moves_the_parts_to_the_successor_on_its_first_day():
    org = organisation(MERGER)
    before, after = org.as_of(day("2015-11-03")), org.as_of(day("2015-11-04"))
    assert before.ancestors("school") == ("zhabei", "city")
    assert after.ancestors("school") == ("jingan", "city")
    assert (before.exists("zhabei"), after.exists("zhabei")) == (True, False)
    assert after.descendants("zhabei") == ()


def test_a_successor_points_at_those_it_followed_for_as_long_as_it_lives():
    org = organisation(MERGER)
    assert org.as_of(day("2015-11-03")).targets("jingan", "succeeds") == ()
    assert org.as_of(day("2020-01-01")).targets("jingan", "succeeds") == ("old_jingan", "zhabei")


def test_a_split_gives_one_unit_two_successors():
    org = organisation("""
        units:
          - {id: bureau, to: 2004-06-30}
          - {id: culture, from: 2004-07-01}
          - {id: sports, from: 2004-07-01}
        edges:
          - {kind: succeeds, source: culture, target: bureau}
          - {kind: succeeds, source: sports, target: bureau}
    """)
    assert org.as_of(day("2004-07-01")).sources("bureau", "succeeds") == ("culture", "sports")


def test_the_party_tree_and_the_administrative_tree_may_differ():
    org = organisation("""
        units:
          - {id: district}
          - {id: party_committee}
          - {id: tax_office, parent: district, party_parent: party_committee}
        persons: [{id: ann, unit: tax_office}]
    """)
    snapshot = org.as_of(day("2005-01-01"))
    assert snapshot.ancestors("tax_office") == ("district",)
    assert snapshot.ancestors("tax_office", "party_part_of") == ("party_committee",)
    assert snapshot.members("party_committee") == ()
    assert snapshot.members("party_committee", "party_part_of") == ("ann",)


def test_several_superiors_are_ancestors_and_no_single_parent():
    org = Organisation.of(
        [node(id_) for id_ in ("board", "mayor", "council", "city")],
        [
            edge("reports_to", "board", "mayor"), edge("reports_to", "board", "council"),
            edge("reports_to", "mayor", "city"), edge("reports_to", "council", "city"),
        ],
    )  # fmt: skip
    snapshot = org.as_of(day("2005-01-01"))
    assert snapshot.ancestors("board", "reports_to") == ("council", "mayor", "city")
    assert snapshot.descendants("city", "reports_to") == ("city", "board", "council", "mayor")
    with pytest.raises(ValueError, match="several"):
        snapshot.parent("board", "reports_to")


def test_an_attribute_with_a_history_has_the_value_of_the_day():
    org = organisation("""
        units: [{id: office, headcount: [{value: 12, to: 2004-12-31}, {value: 15, from: 2005-02-01}]}]
    """)
    values = [org.as_of(day(d)).attribute("office", "headcount") for d in ("2004-12-31", "2005-01-01", "2005-02-01")]
    assert values == ["12", None, "15"]
    assert [version[:4] for version in org.attribute_versions("headcount")] == [
        ("office", date.min, day("2005-01-01"), "12"), ("office", day("2005-02-01"), date.max, "15"),
    ]  # fmt: skip


def test_an_id_nobody_has_has_no_relations():
    snapshot = organisation(OFFICES).as_of(day("2005-01-01"))
    assert (snapshot.exists("x"), snapshot.home("x"), snapshot.parent("x")) == (False, None, None)
    assert snapshot.ancestors("x") == snapshot.descendants("x") == snapshot.members("x") == ()


def test_names_fall_back_to_english_then_any_then_the_id():
    org = organisation("""
        units: [{id: a, name: {en: Office, zh: 办公室}}, {id: b, name: {zh: 科}}, {id: c}, {id: d, name: Bureau}]
    """)
    assert [org.names(id_, "zh") for id_ in "abcd"] == ["办公室", "科", "c", "Bureau"]
    assert [org.names(id_) for id_ in "abcd"] == ["Office", "科", "c", "Bureau"]


def test_a_move_between_units_cuts_homes_and_leaves_the_tree_whole():
    org, year = organisation(OFFICES), (day("2005-01-01"), day("2006-01-01"))
    moved = day("2005-04-01")
    assert org.unit_segments("part_of", *year) == [year]
    assert org.home_segments(*year) == [(year[0], moved), (moved, year[1])]
    assert org.segments("part_of", *year) == [(year[0], moved), (moved, year[1])]
    assert org.segments("part_of", year[0], year[0]) == []


def test_an_edge_written_in_two_pieces_that_touch_changes_nothing():
    org = Organisation.of(
        [node("a"), node("b")],
        [edge("part_of", "b", "a", to="2005-03-31"), edge("part_of", "b", "a", from_="2005-04-01")],
    )
    assert len(org.unit_segments("part_of", day("2005-01-01"), day("2006-01-01"))) == 1


def test_days_between_which_nothing_changes_share_a_snapshot():
    org = organisation(OFFICES)
    assert org.as_of(day("2005-04-01")) is org.as_of(day("2005-12-31"))
    assert (org.as_of(day("2005-05-01")).start, org.as_of(day("2005-05-01")).end) == (day("2005-04-01"), date.max)


def test_the_graph_of_networkx_keeps_parallel_edges():
    org = organisation("""
        units: [{id: office}, {id: team}]
        edges:
          - {kind: serves, source: team, target: office, function: press}
          - {kind: serves, source: team, target: office, function: archive}
    """)
    functions = [d["attributes"]["function"] for _, _, d in org.graph.edges(data=True)]
    assert functions == ["press", "archive"]
    assert org.graph.has_edge("team", "office", ("serves", None, None))
    assert org.graph.nodes["office"]["kind"] == "unit"


def test_the_history_of_a_unit_tells_each_change_on_its_first_day():
    org = organisation("""
        units:
          - {id: city}
          - {id: district, parent: city, from: 2000-01-01, to: 2015-11-03, level: [{value: county, to: 2004-12-31}]}
          - {id: new, from: 2015-11-04}
        edges: [{kind: succeeds, source: new, target: district}]
    """)
    assert org.history("district") == [
        (date.min, "level is county"),
        (day("2000-01-01"), "begins"),
        (day("2000-01-01"), "part_of city"),
        (day("2005-01-01"), "no longer: level is county"),
        (day("2015-11-04"), "new succeeds it"),
        (day("2015-11-04"), "is there no longer"),
    ]


def test_a_parent_that_ends_leaves_its_part_behind_with_a_warning():
    org = organisation("""
        units:
          - {id: district, to: 2005-12-31}
          - {id: office, parent: district}
        persons: [{id: ann, unit: district}]
    """)
    assert org.as_of(day("2006-01-01")).ancestors("office") == ()
    assert [(w.code, w.message) for w in org.warnings] == [
        ("O112", "'office' has no parent from 2006-01-01 on, when 'district' is there no longer"),
        ("O112", "'ann' has no home from 2006-01-01 on, when 'district' is there no longer"),
    ]
