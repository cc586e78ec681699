"""The small programmes that the tests share, and short ways to write, read and assess them.

A programme is the text of a rule file. Two are the base of the others: `SALONS` (a district whose departments hold salons;
waivers and appeals are declared, there are no rules yet) and `READING` (a town whose offices read; a duty, a scorecard, an
award). `over` lays further rules over a base, `without` takes some away:

    rules = over(SALONS, "duties: {busy: {for: units, require: count(salon) >= 3, every: year}}")
    result = assess_text(rules, DISTRICT, [{"kind": "salon", "unit": "a", "on": "2005-03-01"}], at="2005-12-31")
"""

from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory

import learnorg_rules as lr

SALONS = """
ruleset:
  id: small
  effective: {from: 2003-01-01, to: 2007-12-31}
organisation:
  levels: [district, department, section]
  persons: {birth_date: date, rank: {type: choice, of: [ke, chu, ju]}}
fields:
  minutes: {type: integer, min: 0}
  score: {type: decimal, places: 1}
  rule: text
  period: text
  reason: text
  granted_by: text
  decided_by: text
  decided: text
  until: date
  points: {type: decimal, places: 2}
events:
  salon: [person?, minutes?, score?]
  plan: []
  let_off: {effect: waiver, fields: [person?, rule, reason, granted_by, until]}
  ruling: {effect: appeal, fields: [person?, rule, period, reason, decided_by, decided?, points?]}
"""

DEPARTMENTS = """
units:
  - {id: d, level: district}
  - {id: a, level: department, parent: d}
  - {id: b, level: department, parent: d}
"""

DISTRICT = (
    DEPARTMENTS
    + """\
  - {id: c, level: department, parent: d}
  - {id: a1, level: section, parent: a}
bodies:
  - {id: group}
persons:
  - {id: ann, unit: a1}
  - {id: bo, unit: a}
  - {id: eve, unit: b}
edges:
  - {kind: leads, source: group, target: a}
  - {kind: leads, source: group, target: b}
  - {kind: guides, source: group, target: c}
  - {kind: chairs, source: eve, target: group}
"""
)

TOWN = """
units:
  - {id: town, level: district}
  - {id: north, level: department, parent: town}
  - {id: south, level: department, parent: town}
persons:
  - {id: ann, unit: north, rank: chu}
  - {id: bo, unit: north, rank: ke}
  - {id: cy, unit: south, rank: ke}
"""


READING = """\
ruleset:
  id: reading
  title: {en: Reading circle, zh: 读书会}
  effective: {from: 2005-01-01, to: 2005-12-31}
  time_zone: Asia/Shanghai
organisation:
  levels: [town, office]
  persons: {age: integer}
fields:
  minutes: {type: integer, unit: minutes, min: 0}
  topic: text
events:
  session: [person?, minutes, topic?]
parameters:
  enough: {value: 2, assumed: true, note: nobody said how many}
duties:
  meets:
    title: {en: Meets every quarter, zh: 每季一次}
    for: units where level == office
    require: count(session) >= enough
    every: quarter
    at_risk: 14 days
    responsible: town
scorecards:
  year:
    title: {en: Year, zh: 年度}
    for: units where level == office
    every: year
    round: {decimals: 4, mode: half_up}
    missing: zero
    indicators:
      often: {points: 60, share: count(session) / 9}
      long: {points: 40, share: sum(minutes in session) / 400}
    grades: {good: 50, poor: 0}
awards:
  cup:
    for: units where level == office
    every: year
    when: year.grade == good
    rank_by: [year.total descending]
    quota: "1"
    provisional: true
"""

READING_UNITS = """\
- {id: town, name: Town, level: town}
- {id: north, name: {en: North office, zh: 北所}, level: office, parent: town}
- {id: south, name: {en: South office, zh: 南所}, level: office, parent: town}
"""


# ---- sections of rules


FOR_DEPARTMENTS = "units where level == department"
PLAN_DUTY = f"""
duties:
  plan: {{for: {FOR_DEPARTMENTS}, require: any(plan), every: year, responsible: leads}}
"""


def scorecard(indicators: str | Mapping[str, str], name: str = "year", **settings: object) -> str:
    """The section of one scorecard; its settings are those of departments scored every year to 2 decimals, where not given.

    Args:
        indicators: what stands in the braces of the indicator `x`, which is worth 10 points, or of each by its name.
        name: the scorecard's.
        settings: keys of the scorecard and what stands behind them; `for_` for `for`, `decimals` for `round`.
    """
    if isinstance(indicators, str):
        indicators = {"x": f"points: 10, {indicators}"}
    keys = {"for": FOR_DEPARTMENTS, "every": "year", "decimals": 2, "missing": "zero"}
    keys |= {key.rstrip("_"): value for key, value in settings.items()}
    keys["round"] = f"{{decimals: {keys.pop('decimals')}, mode: half_up}}"
    lines = [f"    {key}: {value}" for key, value in keys.items()]
    lines += ["    indicators:", *(f"      {key}: {{{value}}}" for key, value in indicators.items())]
    return "\n".join(["scorecards:", f"  {name}:", *lines, ""])


SCORED = (
    SALONS
    + PLAN_DUTY.replace("every: year", "every: quarter")
    + """\
  busy: {for: "units where level in [district, department]", require: sum(minutes in salon where member) >= 60, every: month}
awards:
  best: {for: units where level == department, every: year, rank_by: [year.total descending, id], quota: 1}
"""
    + scorecard(
        {
            "months": "points: 6, share: months(salon) / 12",
            "who": "points: 6, share: distinct(person in salon where member) / persons()",
            "how": "points: 6, share: mean(score in salon by minutes) / 100",
            "last": "points: 6, share: last(score in salon) / 100",
        },
        decimals=3,
        grades="{good: 6, fail: 0}",
    )
)
"""SALONS with duties, a scorecard whose indicators need every sort of counting, and an award."""


# ---- texts out of texts


def over(base: str, *texts: str) -> str:
    """The base with the entries of each further text added, or in the place of the entries of the same name.

    Entries that are written in lines of their own in both texts are merged, at any depth; whatever else has the same name is
    replaced whole.
    """
    entries = _entries(base)
    for text in texts:
        entries = _merged(entries, _entries(text))
    return _text(entries)


def without(base: str, *names: str) -> str:
    """The base without the named entries; a name is the way to an entry that has a line of its own, `duties.meets.at_risk`."""
    entries = _entries(base)
    for name in names:
        *way, last = name.split(".")
        inside = entries
        for key in way:
            inside = inside[key][1]
        del inside[last]
    return _text(entries)


Entries = dict[str, tuple[str, "Entries"]]
"""By its name: the line that begins the entry, and the entries in lines of their own below it."""


def _entries(text: str) -> Entries:
    entries: Entries = {}
    open_: list[tuple[int, Entries]] = [(0, entries)]
    for line in text.splitlines():
        if not line.strip():
            continue
        indent = len(line) - len(line.lstrip())
        while indent < open_[-1][0]:
            open_.pop()
        if indent > open_[-1][0]:
            open_.append((indent, list(open_[-1][1].values())[-1][1]))
        open_[-1][1][line.split(":")[0].strip()] = (line, {})
    return entries


def _merged(base: Entries, more: Entries) -> Entries:
    merged = dict(base)
    for name, (line, inside) in more.items():
        old = merged[name][1] if name in merged else {}
        merged[name] = (line, _merged(old, inside) if old and inside else inside)
    return merged


def _text(entries: Entries) -> str:
    return "".join(f"{line}\n{_text(inside)}" for line, inside in entries.values())


# ---- rows


def salons(unit: str, *days: str, **more: object) -> list[dict[str, object]]:
    """A salon of the unit on each of the days."""
    return [{"kind": "salon", "unit": unit, "on": day, **more} for day in days]


def rows(events: Iterable[Mapping[str, object]]) -> list[dict[str, object]]:
    """The events as rows: `on` is the day, noon UTC; an id is given where it is missing."""
    given: list[dict[str, object]] = []
    for number, event in enumerate(events):
        row = {"id": f"e{number}", **event}
        if "on" in row:
            row["occurred_at"] = f"{row.pop('on')}T12:00:00Z"
        given.append(row)
    return given


# ---- written and read


def write(folder: Path, text: str, name: str = "ruleset.yaml") -> Path:
    """The file of the text, in the folder, which need not be there."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


@lru_cache(maxsize=64)
def ruleset(text: str) -> lr.Ruleset:
    """The rules that the text gives."""
    with TemporaryDirectory(prefix="ruleset-") as folder:
        return lr.load(write(Path(folder), text))


@lru_cache(maxsize=64)
def organisation(text: str) -> lr.Organisation:
    """The organisation that the text of a YAML file gives."""
    with TemporaryDirectory(prefix="organisation-") as folder:  # before ruleset-, as messages are sorted by file
        return lr.read_org(write(Path(folder), text, "organisation.yaml"))


def assess_text(rules: str, org: str, events: Iterable[Mapping[str, object]], at: str | None = None) -> lr.Result:
    """The result of rules over an organisation and events, all of which count; for the events see `rows`."""
    result = lr.assess(ruleset(rules), organisation(org), lr.events_from(rows(events)), at=at)
    assert not result.rejected.height, result.rejected["reason"].to_list()
    return result


def judge(rules: str, org: str, events: Iterable[Mapping[str, object]], at: str) -> lr.Result:
    """The result of SALONS with further sections of rules."""
    return assess_text(SALONS + rules, org, events, at)
