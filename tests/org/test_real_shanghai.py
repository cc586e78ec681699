"""Real organisations: Shanghai's divisions over forty years, and New York City's bodies with several superiors."""

import csv
import itertools
from collections import defaultdict
from datetime import date, timedelta
from pathlib import Path

import pytest
from org_notation import day, edge, node

from learnorg_rules.adapters.organisation.reading import read_org, write_org
from learnorg_rules.org.organisation import Organisation
from learnorg_rules.org.records import Node

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
SHANGHAI = DATA / "china_divisions" / "gb2260_shanghai_revisions.csv"
NEW_YORK = DATA / "nyc" / "nyc_governance_organizations.csv"
CITY, ZHABEI, JINGAN = "310000", "310108", "310106"


def needs(path):
    return pytest.mark.skipif(not path.exists(), reason=f"the real data {path.name} is not beside this project")


def first_of(revision):
    return date(int(revision[:4]), int(revision[4:]), 1)


@pytest.fixture(scope="module")
def shanghai():
    """The city's divisions; a revision holds from the first of its month to the day before the next one's."""
    present, names = defaultdict(set), {}
    with SHANGHAI.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            present[row["revision"]].add(row["code"])
            names[row["code"]] = row["name"]
    revisions = sorted(present)
    nodes, edges = [], []
    for code in sorted(names):
        held = [i for i, revision in enumerate(revisions) if code in present[revision]]
        starts = [i for i in held if i - 1 not in held]
        for number, start in enumerate(starts):  # one that comes back, as 310100 does, is another unit of that name
            last = next(i for i in range(start, len(revisions) + 1) if i not in held)
            to = first_of(revisions[last]) - timedelta(1) if last < len(revisions) else None
            id_ = f"{code}#{number + 1}" if number else code
            nodes.append(Node(id_, "unit", {"zh": names[code]}, first_of(revisions[start]), to, node("x").source))
            if code != CITY:
                edges.append(edge("part_of", id_, CITY))
    edges.append(edge("succeeds", JINGAN, ZHABEI, from_="2015-12-01"))
    return Organisation.of(nodes, edges), present


@needs(SHANGHAI)
def test_zhabei_is_there_until_november_2015_and_gone_after(shanghai):
    org, _ = shanghai
    assert org.names(ZHABEI, "zh") == "闸北区"
    assert org.life(ZHABEI) == (day("1980-12-01"), day("2015-12-01"))
    before, after = org.as_of(day("2015-11-30")), org.as_of(day("2015-12-01"))
    assert (before.exists(ZHABEI), after.exists(ZHABEI)) == (True, False)
    assert ZHABEI in before.descendants(CITY)
    assert ZHABEI not in after.descendants(CITY)
    assert (before.targets(JINGAN, "succeeds"), after.targets(JINGAN, "succeeds")) == ((), (ZHABEI,))


@needs(SHANGHAI)
def test_each_revision_of_shanghai_is_the_snapshot_of_its_month(shanghai):
    org, present = shanghai
    for revision, codes in present.items():
        snapshot = org.as_of(first_of(revision))
        assert set(snapshot.descendants(CITY)) == set(snapshot.units())
        assert sorted(id_.split("#")[0] for id_ in snapshot.units()) == sorted(codes)


@needs(SHANGHAI)
def test_the_year_of_the_merger_is_cut_where_a_revision_differs_from_the_one_before(shanghai):
    org, present = shanghai
    months = [r for r in sorted(present) if "201501" <= r <= "201512"]
    changes = [b for a, b in itertools.pairwise(months) if present[a] != present[b]]
    expected = [day("2015-01-01"), *map(first_of, changes), day("2016-01-01")]
    segments = org.unit_segments("part_of", day("2015-01-01"), day("2016-01-01"))
    assert segments == list(itertools.pairwise(expected))
    assert segments[-1] == (day("2015-12-01"), day("2016-01-01"))


@needs(SHANGHAI)
def test_shanghai_is_written_and_read_back(shanghai, tmp_path):
    org, _ = shanghai
    write_org(org, tmp_path)
    again = read_org(tmp_path)
    assert again.nodes == org.nodes
    assert sorted(map(repr, again.graph.edges(keys=True))) == sorted(map(repr, org.graph.edges(keys=True)))
    assert again.as_of(day("2015-11-30")).descendants(CITY) == org.as_of(day("2015-11-30")).descendants(CITY)


@needs(NEW_YORK)
def test_new_york_has_bodies_that_report_to_several():
    with NEW_YORK.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    ids = {row["name"]: row["record_id"] for row in rows}
    reports = [
        (row["record_id"], ids[name])
        for row in rows
        for name in dict.fromkeys(part.strip() for part in row["reports_to"].split(";"))
        if name in ids
    ]
    org = Organisation.of(
        [node(row["record_id"], "body") for row in rows], [edge("reports_to", *ends) for ends in reports]
    )
    snapshot = org.as_of(day("2025-06-27"))
    assert len(snapshot.bodies()) == len(rows)
    several = [body for body in org.bodies if len(snapshot.targets(body, "reports_to")) > 1]
    assert several
    for body in several:
        assert set(snapshot.targets(body, "reports_to")) <= set(snapshot.ancestors(body, "reports_to"))
