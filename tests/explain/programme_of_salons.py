"""A small programme that the tests of explanations share: its rules, organisation and events."""

from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path

import learnorg_rules as lr
from learnorg_rules.api import Result
from learnorg_rules.errors import Source
from learnorg_rules.org.records import Attribute, Edge, Node

HERE = Source("org")

RULES = """
ruleset:
  id: salons
  effective: {from: 2005-01-01, to: 2005-12-31}
  time_zone: Asia/Shanghai
  holidays: [{name: Spring Festival, from: 2005-02-07, to: 2005-02-13}]
organisation:
  levels: [district, department, section]
  persons: {birth_date: date}
fields:
  carrier: {type: choice, of: [forum, salon, study]}
  minutes: {type: integer, unit: minutes, min: 0}
  score: {type: decimal, places: 1, min: 0, max: 100}
  passed: boolean
events:
  activity: {title: {en: activity, zh: 活动}, fields: [person?, carrier, minutes?]}
  poll: {title: {zh: 测评}, fields: [score]}
  exam: {fields: [person, passed]}
  plan: []
parameters:
  full: {value: 3, assumed: true, reference: R70, note: the source gives none}
  top: {value: 50%, assumed: true}
measures:
  guests: count(activity where not member)
  young: persons(age <= 35)
  attendees: distinct(person in activity where member)
  rate: {title: {en: Rate, zh: 参与率}, value: attendees / young, reference: R6}
  satisfaction: {value: mean(score in poll), without_events: missing}
duties:
  salon:
    for: publicity
    require: count(activity where carrier == salon) >= 1
    every: month
    reference: R32
    excused: holidays
  weekly:
    for: publicity
    require: any(activity)
    every: week
    excused: holidays
  exam:
    for: persons of publicity where age <= 35
    require: any(exam where passed)
    by: 2005-06-30
  late_rule:
    for: publicity
    require: any(plan)
    every: quarter
    effective: {from: 2005-07-01}
scorecards:
  year:
    title: {en: Year, zh: 年度得分}
    for: units where level == department
    every: year
    round: {decimals: 2, mode: half_up}
    missing: zero
    indicators:
      forms: {points: 30, share: distinct(carrier in activity) / full}
      months: {points: 30, share: months(activity) / 12}
      polls: {points: 40, share: satisfaction / 100}
    grades: {good: 50, fail: 0}
    veto:
      no_plan: {when: not any(plan), grade: fail, because: {en: no plan, zh: 未报计划}}
awards:
  best:
    for: units where level == department
    every: year
    when: year.grade == good
    rank_by: [year.total descending, id]
    quota: ceil(top * candidates)
"""

NODES = [
    Node("district", "unit", {"en": "District", "zh": "区"}, None, None, HERE),
    Node("publicity", "unit", {"en": "Publicity department", "zh": "宣传部"}, None, None, HERE),
    Node("office", "unit", {"en": "Office", "zh": "办公室"}, None, None, HERE),
    Node("finance", "unit", {}, None, None, HERE),
    Node("ann", "person", {"en": "Ann", "zh": "安"}, None, None, HERE),
    Node("bo", "person", {}, None, None, HERE),
    Node("cy", "person", {}, None, None, HERE),
]
EDGES = [
    Edge("part_of", "publicity", "district", None, None, {}, HERE),
    Edge("part_of", "finance", "district", None, None, {}, HERE),
    Edge("part_of", "office", "publicity", None, None, {}, HERE),
    Edge("member_of", "ann", "office", None, None, {}, HERE),
    Edge("member_of", "bo", "publicity", None, date(2005, 3, 31), {}, HERE),
    Edge("member_of", "bo", "finance", date(2005, 4, 1), None, {}, HERE),
    Edge("member_of", "cy", "publicity", None, None, {}, HERE),
]
LEVELS = {"district": "district", "publicity": "department", "finance": "department", "office": "section"}
BORN = {"ann": "1980-01-01", "bo": "1975-05-05", "cy": "1950-02-02"}
ATTRIBUTES = [Attribute(unit, "level", level, None, None, HERE) for unit, level in LEVELS.items()]
ATTRIBUTES += [Attribute(person, "birth_date", day, None, None, HERE) for person, day in BORN.items()]


def event(id_: str, kind: str, day: str, unit: str = "publicity", **fields: object) -> Mapping[str, object]:
    """An event at noon."""
    return {"id": id_, "kind": kind, "unit": unit, "occurred_at": f"{day}T12:00:00+08:00", **fields}


def rules(folder: Path, text: str = RULES) -> lr.Ruleset:
    """The rules, from the file `salons/rules.yaml` in the folder."""
    place = folder / "salons"
    place.mkdir(exist_ok=True)
    (place / "rules.yaml").write_text(text, "utf-8")
    return lr.load(place)


def result(
    folder: Path,
    events: Iterable[Mapping[str, object]],
    at: str = "2005-12-31",
    known_at: str | None = None,
    text: str = RULES,
) -> Result:
    """The programme judged over some events."""
    organisation = lr.Organisation.of(NODES, EDGES, ATTRIBUTES)
    return lr.assess(rules(folder, text), organisation, lr.events_from(events), at=at, known_at=known_at)
