"""Meaning: XES logs; and oracle: the totals that a publisher wrote into a log."""

import gzip
from pathlib import Path

import polars as pl
import pytest

from learnorg_rules.adapters.events.sources import scan_events
from learnorg_rules.adapters.events.xes import xes_totals
from learnorg_rules.counting.port import Wanted
from learnorg_rules.model.definitions import CaseColumns, FieldType

EVENTS = {
    "id": "xes:id",
    "kind": "concept:name",
    "unit": "org:group",
    "person": "org:resource",
    "occurred_at": "time:timestamp",
}
LOG = """<?xml version="1.0" encoding="UTF-8"?>
<!-- a comment -->
<log xes.version="1.0" xmlns="http://www.xes-standard.org/">
  <extension name="Time" prefix="time" uri="http://www.xes-standard.org/time.xesext"/>
  <global scope="event"><string key="concept:name" value="UNKNOWN"/></global>
  <classifier name="Activity" keys="concept:name"/>
  <int key="meta:total" value="3">
    <int key="G1" value="2"><string key="note" value="x"/></int><int key="G2" value="1"/>
  </int>
  <trace>
    <string key="concept:name" value="case-1"/>
    <string key="department" value="d1"/>
    <date key="enddate" value="2011-10-18T13:56:55.943+02:00"/>
    <event>
      <string key="concept:name" value="receipt"/>
      <string key="org:group" value="G1"/>
      <date key="time:timestamp" value="2011-10-11T13:45:40.276+02:00"/>
      <int key="minutes" value="12"><string key="unit" value="minutes"/></int>
      <boolean key="passed" value="true"/>
      <float key="score" value="7.5E1"/>
    </event>
    <event>
      <string key="concept:name" value="check"/>
      <string key="org:group" value="G1"/>
      <date key="time:timestamp" value="2011-10-12T00:00:00.000Z"/>
      <list key="steps"><values><string key="step" value="one"/></values></list>
    </event>
  </trace>
  <trace>
    <string key="concept:name" value="case-2"/>
    <string key="department" value="d2"/>
    <date key="enddate" value="2011-11-01T00:00:00Z"/>
    <event>
      <string key="concept:name" value="receipt"/>
      <string key="org:group" value="G2"/>
      <date key="time:timestamp" value="2011-10-11T13:45:40.276+02:00"/>
    </event>
  </trace>
</log>
"""
FIELDS = {
    "minutes": FieldType("integer"),
    "passed": FieldType("boolean"),
    "score": FieldType("decimal", places=1),
    "department": FieldType("text"),
    "step": FieldType("text"),
}


@pytest.fixture
def log(tmp_path: Path) -> Path:
    path = tmp_path / "log.xes"
    path.write_text(LOG, encoding="utf-8")
    return path


def test_an_event_has_its_own_attributes_and_those_of_its_case(log: Path) -> None:
    wanted = Wanted(FIELDS, {**EVENTS, "department": "case:department", "step": "steps/step"})
    read = scan_events(log).read(wanted)
    columns = ["id", "kind", "unit", "minutes", "passed", "score", "department", "step", "row"]
    assert read.frame.select(columns).rows() == [
        ("case-1#1", "receipt", "G1", 12, True, 750, "d1", None, 1),
        ("case-1#2", "check", "G1", None, None, None, "d1", "one", 2),
        ("case-2#1", "receipt", "G2", None, None, None, "d2", None, 4),
    ]
    assert read.frame["occurred_at"][0].isoformat() == "2011-10-11T11:45:40.276000+00:00"
    assert read.undeclared == ("case:concept:name", "case:enddate", "minutes/unit", "xes:row")


def test_cases_become_events_too_where_the_ruleset_maps_them(log: Path) -> None:
    cases = CaseColumns(
        {"id": "xes:id", "unit": "case:department", "occurred_at": "case:enddate"}, {"kind": "case", "source": "cases"}
    )
    read = scan_events(log).read(Wanted(FIELDS, EVENTS, {"source": "events"}, "UTC", cases))
    assert read.frame.select("source", "id", "kind", "unit", "row").rows() == [
        ("events", "case-1#1", "receipt", "G1", 1),
        ("events", "case-1#2", "check", "G1", 2),
        ("cases", "case-1", "case", "d1", 3),
        ("events", "case-2#1", "receipt", "G2", 4),
        ("cases", "case-2", "case", "d2", 5),
    ]
    assert read.rejected.height == 0


def test_totals_are_nested_as_they_are_written(log: Path) -> None:
    totals = xes_totals(log)
    assert list(totals) == ["meta:total"]
    total = totals["meta:total"]
    assert (total.value, total["G1"].value, total["G1"]["note"].value, total["G2"].value) == ("3", "2", "x", "1")


def test_a_compressed_log_is_the_log(log: Path, tmp_path: Path) -> None:
    packed = tmp_path / "log.xes.gz"
    packed.write_bytes(gzip.compress(log.read_bytes()))
    wanted = Wanted(FIELDS, EVENTS)
    assert scan_events(packed).read(wanted).frame.equals(scan_events(log).read(wanted).frame)


def test_entities_never_expand(tmp_path: Path) -> None:
    path = tmp_path / "log.xes"
    path.write_text(LOG.replace('value="case-1"', 'value="&amp;&lt;&#65;"'), encoding="utf-8")
    assert scan_events(path).read(Wanted(FIELDS, EVENTS)).frame["id"][0] == "&<A#1"
    path.write_text(LOG.replace('value="case-1"', 'value="&other;"'), encoding="utf-8")
    rejected = scan_events(path).read(Wanted(FIELDS, EVENTS)).rejected
    assert rejected["reason"][0].startswith("broken XML: undefined entity")


# ---- logs as published

LOGS = Path(__file__).parents[4] / "shared" / "data" / "xes"
published = pytest.mark.skipif(not LOGS.is_dir(), reason="the published logs are not here")


@published
@pytest.mark.parametrize(
    ("column", "total"),
    [
        ("unit", "meta_org:group_events_total"),
        ("person", "meta_org:resource_events_total"),
        ("kind", "meta_concept:named_events_total"),
    ],
)
def test_what_is_read_of_the_receipt_log_equals_the_totals_its_publisher_gives(column: str, total: str) -> None:
    path = LOGS / "08_receipt.xes.gz"
    read = scan_events(path).read(Wanted({}, EVENTS))
    said = xes_totals(path)
    assert read.rejected.height == 0
    assert read.rows == int(said["meta_general:events_total"].value) == int(said[total].value)
    counted = dict(read.frame[column].value_counts().iter_rows())
    assert counted == {name: int(part.value) for name, part in said[total].nested.items()}


@published
def test_the_cases_of_the_receipt_log_are_as_many_as_its_publisher_says() -> None:
    path = LOGS / "08_receipt.xes.gz"
    cases = CaseColumns(
        {"id": "xes:id", "unit": "case:department", "person": "case:responsible", "occurred_at": "case:startdate"},
        {"kind": "case"},
    )
    read = scan_events(path).read(Wanted({}, EVENTS, {}, "UTC", cases))
    traces = int(xes_totals(path)["meta_general:traces_total"].value)
    assert read.frame.filter(pl.col("kind") == "case").height == traces == 1434
    assert read.frame["id"].n_unique() == read.rows


@published
@pytest.mark.parametrize(
    ("name", "events", "read_well"),
    [
        ("15_bpic2020_permit_log_1t_per_variant.xes.gz", 26028, 26028),
        # The times of this one have no zone, so nobody can tell which instants they are.
        ("12_roadtraffic_1t_per_variant.xes.gz", 1891, 0),
        ("roadtraffic100traces.xes", None, 390),
    ],
)
def test_other_logs_are_read_event_by_event(name: str, events: int | None, read_well: int) -> None:
    wanted = Wanted({}, {**EVENTS, "unit": "xes:row"})
    read = scan_events(LOGS / name).read(wanted)
    text = (LOGS / name).read_bytes()
    count = (gzip.decompress(text) if name.endswith(".gz") else text).count(b"<event>")
    assert read.rows == count
    assert events in (None, count)
    assert read.frame.height == read_well
    assert set(read.rejected["code"]) <= {"V302"}
