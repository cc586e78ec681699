"""A small programme whose results are worked out by hand in the tests beside it."""

import learnorg_rules as lr

RULES = """\
ruleset:
  id: reading
  title: {en: Reading circle, zh: 读书会}
  effective: {from: 2005-01-01, to: 2005-12-31}
organisation:
  levels: [town, office]
fields:
  minutes: {type: integer, unit: minutes, min: 0}
events:
  session: [minutes]
parameters:
  enough: 2
selectors:
  offices: units where level == office
measures:
  sessions: count(session)
duties:
  meets:
    for: offices
    require: sessions >= enough
    every: quarter
scorecards:
  year:
    for: offices
    every: year
    round: {decimals: 4, mode: half_up}
    missing: zero
    indicators:
      often: {points: 60, share: sessions / 9}
      long: {points: 40, share: sum(minutes in session) / 400}
    grades: {good: 40, poor: 0}
awards:
  cup:
    for: offices
    every: year
    rank_by: [year.total descending]
    quota: "1"
decisions:
  praise:
    when:
      g: grade(scorecard == year, grade == good)
    then: {do: notify, to: g.subject}
    because: well done
"""

UNITS = """\
- {id: town, name: Town, level: town}
- {id: north, name: North, level: office, parent: town}
- {id: south, name: South, level: office, parent: town}
"""

# north meets often and briefly, south once and long
SESSIONS = [("north", f"2005-0{month}-10", 10) for month in (1, 2, 4, 5)] + [("south", "2005-03-10", 400)]


def organisation(folder):
    (folder / "units.yaml").write_text(UNITS, encoding="utf-8")
    return lr.read_org(folder / "units.yaml")


def events(sessions=SESSIONS):
    return lr.events_from(
        {"id": f"e{n}", "kind": "session", "unit": unit, "occurred_at": f"{day}T09:00:00Z", "minutes": minutes}
        for n, (unit, day, minutes) in enumerate(sessions)
    )


def ruleset(folder, text=RULES, name="rules", **settings):
    """The ruleset in a file of the folder, with values set."""
    path = folder / f"{name}.yaml"
    path.write_text(text, encoding="utf-8")
    return lr.load(path, set={key.replace("__", "."): value for key, value in settings.items()})


def compared(folder, old=RULES, new=RULES, **settings):
    """Both texts compared over the small programme, settings on the new side."""
    before, after = ruleset(folder, old, "old"), ruleset(folder, new, "new", **settings)
    return lr.compare(before, after, organisation(folder), events())
