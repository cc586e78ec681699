from datetime import date
from pathlib import Path

from small_scenarios import SCENARIO, scenario

DAY = date(2005, 1, 1)
SHAPE = """\
    - {level: house, count: 3}
    - {level: room, count: 2..4, attributes: {size: 10..20, share: [0.5, 1], open: 50%}}
  persons: {in: room, count: 3..5, attributes: {birth_date: 1950-01-01..1982-12-31, rank: [staff, chief]}}
"""


def shaped(folder: Path, seed: int = 7, shape: str = SHAPE) -> object:
    start, end = SCENARIO.index("    - {level: house"), SCENARIO.index("behaviours:")
    text = (SCENARIO[:start] + shape + SCENARIO[end:]).replace("seed: 7", f"seed: {seed}")
    return scenario(folder, text).organisation


def test_a_shape_has_its_levels_one_under_the_other(tmp_path: Path) -> None:
    org = shaped(tmp_path)
    now = org.as_of(DAY)
    houses = [u for u in org.units if now.attribute(u, "level") == "house"]
    assert houses == ["house_01", "house_02", "house_03"]
    for house in houses:
        rooms = now.sources(house, "part_of")
        assert 2 <= len(rooms) <= 4
        for room in rooms:
            assert now.attribute(room, "level") == "room"
            assert 3 <= len(now.members(room)) <= 5
    assert org.names("house_02") == "House 2"
    assert org.names("person_01") == "Person 1"


def test_the_only_unit_of_a_level_has_its_name(tmp_path: Path) -> None:
    org = scenario(tmp_path).organisation
    assert org.units == ("house", "room_01", "room_02", "room_03", "room_04")
    assert org.names("house") == "House"


def test_attributes_are_of_the_types_declared(tmp_path: Path) -> None:
    org = shaped(tmp_path)
    now = org.as_of(DAY)
    rooms = [u for u in org.units if now.attribute(u, "level") == "room"]
    assert {now.attribute(r, "open") for r in rooms} <= {"true", "false"}
    assert {now.attribute(r, "share") for r in rooms} <= {"0.5", "1"}
    assert all(10 <= int(str(now.attribute(r, "size"))) <= 20 for r in rooms)
    born = {date.fromisoformat(str(now.attribute(p, "birth_date"))) for p in org.persons}
    assert date(1950, 1, 1) <= min(born) < max(born) <= date(1982, 12, 31)
    assert {now.attribute(p, "rank") for p in org.persons} == {"staff", "chief"}


def test_a_seed_gives_one_organisation(tmp_path: Path) -> None:
    first, again, other = shaped(tmp_path), shaped(tmp_path), shaped(tmp_path, seed=8)
    assert (first.nodes, first.edges, first.versions) == (again.nodes, again.edges, again.versions)
    assert first.versions != other.versions


def test_more_persons_leave_the_units_as_they_are(tmp_path: Path) -> None:
    few, many = shaped(tmp_path), shaped(tmp_path, shape=SHAPE.replace("3..5", "30..50"))
    assert few.units == many.units
    assert few.versions["size"] == many.versions["size"]
    assert len(many.persons) > 5 * len(few.persons)
