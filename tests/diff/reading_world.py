"""A small programme whose results are worked out by hand in the tests beside it."""

from programmes import READING, READING_UNITS, over, without, write

import learnorg_rules as lr

RULES = over(
    without(
        READING,
        "fields.topic",
        "duties.meets.title",
        "duties.meets.at_risk",
        "duties.meets.responsible",
        "scorecards.year.title",
        "awards.cup.when",
    ),
    """
events:
  session: [minutes]
parameters:
  enough: 2
selectors:
  offices: units where level == office
duties:
  meets:
    for: offices
    require: sessions >= enough
scorecards:
  year:
    for: offices
    indicators:
      often: {points: 60, share: sessions / 9}
    grades: {good: 40, poor: 0}
awards:
  cup:
    for: offices
decisions:
  praise:
    when:
      g: grade(scorecard == year, grade == good)
    then: {do: notify, to: g.subject}
    because: well done
measures:
  sessions: count(session)
""",
)

UNITS = READING_UNITS.replace("{en: North office, zh: 北所}", "North").replace("{en: South office, zh: 南所}", "South")

# north meets often and briefly, south once and long
SESSIONS = [("north", f"2005-0{month}-10", 10) for month in (1, 2, 4, 5)] + [("south", "2005-03-10", 400)]


def organisation(folder):
    return lr.read_org(write(folder, UNITS, "units.yaml"))


def events(sessions=SESSIONS):
    return lr.events_from(
        {"id": f"e{n}", "kind": "session", "unit": unit, "occurred_at": f"{day}T09:00:00Z", "minutes": minutes}
        for n, (unit, day, minutes) in enumerate(sessions)
    )


def ruleset(folder, text=RULES, name="rules", **settings):
    """The ruleset in a file of the folder, with values set."""
    return lr.load(
        write(folder, text, f"{name}.yaml"), set={key.replace("__", "."): value for key, value in settings.items()}
    )


def compared(folder, old=RULES, new=RULES, **settings):
    """Both texts compared over the small programme, settings on the new side."""
    before, after = ruleset(folder, old, "old"), ruleset(folder, new, "new", **settings)
    return lr.compare(before, after, organisation(folder), events())
