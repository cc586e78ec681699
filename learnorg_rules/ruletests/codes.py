"""The codes of faults in rule tests: T1xx."""

from collections.abc import Mapping

__all__ = ["CODES"]

CODES: Mapping[str, tuple[str, str]] = {
    "T101": (
        "no tests",
        "The ruleset has no folder `tests`, or there is no file `*.yaml` in it.",
    ),
    "T102": (
        "no such organisation",
        "`organisation` is `example` (the ruleset's example), the name of a file or folder in `tests/organisations/`, "
        "or a tree written out.",
    ),
    "T103": (
        "not an organisation tree",
        "A unit is a mapping from units to what is in them, or a list of persons. `attributes` and `persons` are "
        "reserved inside a unit, `bodies` and `edges` on the first level.",
    ),
    "T104": (
        "a unit without a level",
        "The levels of a tree are those of `organisation.levels` by depth. A unit below the last of them, or one that "
        "skips a level, says its own: `attributes: {level: section}`.",
    ),
    "T105": (
        "not an edge",
        "An edge is written `SOURCE KIND TARGET, TARGET from DATE to DATE`; both dates may be left out.",
    ),
    "T110": (
        "not a line of a history",
        "A line says what happened and when: `forum(minutes=60) 2005-02-10 person=ann`. The grammar is on the page of "
        "rule tests.",
    ),
    "T111": ("unknown kind of event", "The ruleset declares no such kind in the section `events`."),
    "T112": ("unknown field", "The kind of event does not take the field."),
    "T113": (
        "a value of the wrong type",
        "The value is not of the type the field was declared with. Nothing is converted. A value that is not there is "
        "left out, or written `missing`.",
    ),
    "T114": (
        "unknown subject of a history",
        "A history is kept for ids of units, bodies and persons of the organisation, several separated by commas. A "
        "person needs a unit on the day, because every event is recorded at one.",
    ),
    "T115": (
        "a day or period that does not exist",
        "Days are written `2005-02-10` or `2005-02-10T09:00`, periods by their names: 2005, 2005-H1, 2005-Q1, 2005-02, "
        "2005-W06. What stands behind `except` must be among what is repeated.",
    ),
    "T116": (
        "one id, several events",
        "An id given with `id=` is that of one event of the case; `corrects` and `voids` name such an id.",
    ),
    "T120": (
        "an expectation of nothing",
        "The key is `subject.duty`, `subject.card.part`, `subject.award`, `subject.decisions`, `subject.decision_rule` or "
        "`subject.measure@schedule`; the part is "
        "`total`, `grade`, `vetoes` or an indicator. A misspelt expectation must not pass.",
    ),
    "T121": (
        "a result that can never be",
        "A duty has one of its statuses, a grade is one the scorecard has, points are numbers, an award is granted or "
        "not.",
    ),
    "T122": (
        "no such period",
        "The rule has no period of this name. The names are those of tables and explanations.",
    ),
    "T123": (
        "nothing expected",
        "A case says what is expected, in `expect` or `rejected`; otherwise it tests nothing.",
    ),
    "T124": ("no case", "A test file has at least one case under `cases`."),
    "T125": ("judged on no judged day", "`at` lies outside the days the ruleset judges."),
    "T130": (
        "no requirements",
        "The ruleset has no file `requirements.csv` with the columns `number`, `en` and, if there is one, `zh`: the "
        "requirements that `reference: R12` names.",
    ),
    "T131": (
        "not a requirement",
        "A row of `requirements.csv` is a whole number from 1 on, each number once, and a text.",
    ),
}
