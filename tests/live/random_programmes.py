"""Random programmes for live: rulesets from one rich template, organisations that change, events of every sort."""

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from attrs import frozen
from hypothesis import strategies as st

import learnorg_rules as lr
from learnorg_rules.errors import Source
from learnorg_rules.org.records import Attribute, Edge, Node

HERE = Source("org")
FIRST, LAST = date(2004, 10, 1), date(2006, 3, 31)
Row = Mapping[str, Any]

HEAD = """
ruleset:
  id: random
  version: "1"
  effective: {from: 2004-10-01, to: <to>}
  time_zone: <zone>
  roll_up: {along: part_of, as: <as>}
  required_share: <share>
  holidays: [{name: spring, from: 2005-01-30, to: 2005-02-15}]
  periods: {term: [{name: first, from: 2004-11-15, to: 2005-04-20}, {name: second, from: 2005-06-01, to: 2005-12-31}]}
  records: {unknown_person: <unknown>}
organisation:
  levels: [district, department, section]
  units: {headcount: integer}
  persons: {birth_date: date, rank: {type: choice, of: [ke, chu, ju]}}
fields:
  minutes: {type: integer, min: -30, max: 90}
  score: {type: decimal, places: 1}
  passed: boolean
  carrier: {type: choice, of: [forum, study]}
  rule: text
  period: text
  reason: text
  granted_by: text
  decided_by: text
  decided: text
  until: date
  from_day: date
  points: {type: decimal, places: 2}
events:
  salon: [person?, minutes?, score?, passed?, carrier?]
  exam: [person, minutes?, score?, passed]
  plan: []
  let_off: {effect: waiver, fields: [person?, rule, reason, granted_by, until, from_day?]}
  ruling: {effect: appeal, fields: [person?, rule, period, reason, decided_by, decided?, points?]}
parameters:
  enough: {2004-01-01: 1, 2005-05-09: <enough>}
  often: {2004-01-01: 2, 2005-08-11: 1}
  need: {value: 2, assumed: true, note: nobody says}
  top: {2004-01-01: {value: 30%, assumed: true, note: no source}, 2005-12-01: {value: 60%}}
  warned: <warned> days
  early: [p, q]
measures:
  n: count(salon)
  heard: sum(minutes in salon, exam where minutes >= enough)
  mine: sum(minutes in salon where member)
  who: distinct(person in salon, exam where member)
  loyal: most(person in salon)
  staff: persons()
  young: persons(age <= 35)
  mark: {value: mean(score in salon by minutes), without_events: missing}
  lowest: min(score in salon, exam)
  highest: max(minutes in salon where carrier == forum or not member)
  opening: first(score in salon where occurred_at >= 2004-12-31)
  latest: last(score in salon, exam where recorded_at >= occurred_at)
  told_early: count(salon where recorded_at < 2005-03-01)
  by_source: count(salon where source == "s")
  weeks_busy: weeks(salon, exam)
  months_busy: months(salon where not passed)
  quarters_busy: quarters(salon)
  days_busy: days(salon where unit.level == section)
  got: any(exam where passed and person in early)
  carried: min(3, max(0, n + coalesce(previous(carried), 0) - enough))
  growth: n - base(n)
  run: streak(n >= enough)
  there: present() * 4
  load: person_days() / 100
  order: rank(n in peers)
  order_before: previous(order)
  leading: share((order <= 2) in peers)
  lesser: count((n < subject.n) in below)
  nearer: mean(abs(n - subject.n) in peers)
  led_well: mean(met(plan) in led)
  partly: share((n >= enough) in children)
  deep: sum(n in below)
  certified: share((met(came) == 1) in members)
  relative: n / max(n in peers)
  mixed: 'bands(weeks_busy, 0: 0, 1: 2, 3: 4)'
"""

VALUES = (
    "n", "heard / 60", "mine / 60", "who", "loyal", "staff", "young", "mark / 25", "lowest / 25", "highest / 30",
    "opening / 25", "latest / 25", "told_early", "by_source", "weeks_busy", "months_busy", "quarters_busy", "days_busy",
    "if(got, 3, 1)", "carried", "growth", "run", "there", "load", "order", "order_before", "leading * 4", "lesser", "nearer", "led_well * 4", "partly * 4", "deep",
    "certified * 4", "relative * 4", "mixed", "n / headcount", "coalesce(latest, enough) / 25", "met(plan) * 4",
    "met(weekly) * 4", "who / staff", "previous(heard) / 60",
)  # fmt: skip
UNITS_FOR = ("units", "units where level == department", "units of d where level in [department, section]", "units where headcount > 3",
             "units that c leads", "a, b, n", "bodies")  # fmt: skip
PERSONS_FOR = ("persons", "persons of a", "persons where age <= 35", "persons where rank >= chu", "p, q")
REQUIRED = (
    "n >= often", "n == 1", "mine >= 30", "heard in 10..60", "who >= 2", "any(plan)", "mark > 50", "latest is not missing", "lowest < highest",
    "weeks_busy >= enough", "days_busy <= 1", "growth >= 0", "run >= 2", "carried >= 1", "certified >= 0.5", "order <= 2", "partly == 1",
    "n >= need", "told_early >= 1", "n >= staff / 3", "deep >= 1 and not got", "present() == 1 or n > 1", "relative > 0.5",
)  # fmt: skip
PERSON_REQUIRED = (
    "any(exam where passed)",
    "n >= enough",
    "run >= 1",
    "mark > 40",
    "got",
    "max(year.total in home) > 4",
    "age > 35 or n >= 1",
)
SUCCESSIONS = ("restart", "inherit")
DEADLINES = ("2005-06-30", "2005-02-14", "'date(2005, 12, 31)'")
REVISED = st.sampled_from([date(2005, 5, 17), date(2005, 7, 1), date(2005, 12, 20)])
ONE = timedelta(1)
EVERY = ("month", "quarter", "half", "year", "week", "term")


@st.composite
def duties(draw: st.DrawFn) -> str:
    """The duties that others name, and a few more."""

    def settings(condition: str, subjects: str, more: str = "") -> str:
        return f"{{for: '{subjects}', require: '{condition}'{more}}}"

    def succession() -> str:
        return f", succession: {draw(st.sampled_from(SUCCESSIONS))}"

    found = {
        "plan": settings("any(plan)", "units", f", every: {draw(st.sampled_from(EVERY[1:4]))}{succession()}, responsible: leads"),
        "came": settings("any(exam where passed) or n >= often", "persons", f", every: {draw(st.sampled_from(EVERY[1:4]))}"),
        "weekly": settings(
            f"n >= {draw(st.sampled_from(['1', 'enough', 'often']))}", draw(st.sampled_from(UNITS_FOR)),
            f", every: {draw(st.sampled_from(['week', 'month', 'quarter']))}, at_risk: warned, excused: holidays" + succession(),
        ),
    }  # fmt: skip
    for number in range(draw(st.integers(1, 3))):
        of_persons = draw(st.integers(0, 3)) == 0
        condition = draw(st.sampled_from(PERSON_REQUIRED if of_persons else REQUIRED))
        more = "" if of_persons else succession()
        if " in 10..60" in condition and draw(st.booleans()):
            more += ", above: note"
        if draw(st.integers(0, 2)) == 0:
            more += f", by: {draw(st.sampled_from(DEADLINES))}, late: {draw(st.sampled_from(['accepted', 'refused']))}"
            more += draw(st.sampled_from(["", ", from: 2005-01-10"]))
        else:
            more += f", every: {draw(st.sampled_from(EVERY))}"
        more += draw(st.sampled_from(["", ", at_risk: warned", ", at_risk: 10 days"]))
        found[f"x{number}"] = settings(condition, draw(st.sampled_from(PERSONS_FOR if of_persons else UNITS_FOR)), more)
    if draw(st.booleans()):
        revised = draw(REVISED)
        every = draw(st.sampled_from(["quarter", "quarter", "month", "week"]))  # a revision may change the cadence
        early = f"{{for: units, every: quarter, require: n >= 1, effective: {{to: {revised - ONE}}}}}"
        late = f"{{for: units, every: {every}, require: n >= 2, effective: {{from: {revised}}}{succession()}}}"
        found["changed"] = f"[{early}, {late}]"
    return "duties:\n" + "".join(f"  {name}: {text}\n" for name, text in found.items())


@st.composite
def scorecards(draw: st.DrawFn) -> str:
    values = draw(st.lists(st.sampled_from(VALUES), min_size=2, max_size=5, unique=True))
    lines = []
    for number, value in enumerate(values):
        form = draw(
            st.sampled_from(["share: '({0}) / 4'", "when: '({0}) > 1'", "value: '{0}'", "value: 'min(6, max(0, {0}))'"])
        )
        missing = draw(
            st.sampled_from(["", ", missing: exclude", ", missing: missing", ", excused: full", ", excused: zero"])
        )
        lines.append(f"      i{number}: {{points: 6, {form.format(value)}{missing}}}")
    veto = draw(st.sampled_from([
        "", "    veto: {no_plan: {when: not any(plan), grade: pass, because: no plan}}\n",
        "    veto: {low: {when: i0 < 2 or total < 3, grade: fail, because: too low}}\n",
    ]))  # fmt: skip
    subjects = draw(
        st.sampled_from(["units where level == department", "units", "a, b, n", "units where headcount > 3"])
    )
    items = "\n".join(lines)
    body = f"""
    for: '{subjects}'
    every: {draw(st.sampled_from(["year", "half", "quarter"]))}
    round: {{decimals: 2, mode: half_even}}
    missing: {draw(st.sampled_from(["zero", "exclude", "missing"]))}
    succession: {draw(st.sampled_from(SUCCESSIONS))}
    indicators:
{items}
    grades: {{good: 8, pass: 3, fail: 0}}
{veto}"""
    if draw(st.integers(0, 2)) == 0:
        body = _in_versions(body, body.replace("{points: 6,", "{points: 5,"), draw(REVISED))
    person = draw(st.sampled_from(["", f"""
  person:
    for: persons
    every: {draw(st.sampled_from(["quarter", "year", "half"]))}
    round: {{decimals: 1, mode: half_up}}
    missing: exclude
    indicators:
      own: {{points: 4, share: n / 2}}
      unit: {{points: 4, share: max(year.total in home) / 10}}
      marks: {{points: 2, share: "mean(score in salon, exam) / 100"}}
    grades: {{good: 3, poor: 0}}
"""]))  # fmt: skip
    return f"""
scorecards:
  year:{body}{person}"""


def _in_versions(early: str, late: str, revised: date) -> str:
    """Two versions of a rule as a list; either is the text of its settings."""
    versions = ((early, f"{{to: {revised - ONE}}}"), (late, f"{{from: {revised}}}"))
    return (
        "".join(f"\n    - effective: {days}" + text.rstrip("\n").replace("\n", "\n  ") for text, days in versions)
        + "\n"
    )


@st.composite
def awards(draw: st.DrawFn, every: str) -> str:
    subjects = draw(st.sampled_from(["units where level == department", "units", "units where level == section"]))
    when = draw(
        st.sampled_from(["", "    when: year.grade in [good, pass]\n", "    when: year.grade >= pass or n > 1\n"])
    )
    ranked = draw(
        st.sampled_from(
            [
                "[year.total descending]",
                "[year.total descending, id]",
                "[n descending, weeks_busy ascending, id]",
                "[mark ascending]",
            ]
        )
    )
    quota = draw(st.sampled_from(["1", "ceil(top * candidates)", "ceil(50% * participants)", "2", "candidates / 2"]))
    within = draw(st.sampled_from(["", "    within: department\n", "    within: district\n"]))
    return f"""
awards:
  best:
    for: '{subjects}'
    every: {every}
{when}{within}    rank_by: {ranked}
    ranking: {draw(st.sampled_from(["competition", "dense"]))}
    ties: {draw(st.sampled_from(["admit_all", "leave_empty", "refuse"]))}
    quota: {quota}
"""


@st.composite
def phases(draw: st.DrawFn) -> str:
    unmet = st.sampled_from(["carry_over", "extend", "close"])
    gates = st.sampled_from(["n >= often", "met(plan) > 0", "share((met(weekly) == 1) in children) == 1", "who >= 2", "heard >= 60", "certified > 0", "mean(met(came) in members) == 1 or any(plan)"])  # fmt: skip
    return f"""
plans:
  course:
    for: {draw(st.sampled_from(["d", "units where level == department", "a"]))}
    unmet: {draw(unmet)}
    succession: {draw(st.sampled_from(SUCCESSIONS))}
    steps:
      launch: {{from: 2004-11-01, to: 2005-03-31, done: {{one: '{draw(gates)}', two: '{draw(gates)}'}}}}
      nurture: {{from: 2005-04-01, to: 2005-09-30, enter: {{began: '{draw(gates)}'}}, done: {{more: '{draw(gates)}'}}, unmet: {draw(unmet)}}}
      close: {{from: 2005-10-15, to: 2006-02-28, done: {{end: '{draw(gates)}'}}}}
"""


DECISIONS = {
    "escalate": """
    when: {missed: "duty(status == missed, in_a_row >= 2)", leader: "edge(kind == leads, to == missed.subject)"}
    unless: {waived: "waiver(subject == missed.subject, rule == missed.duty)"}
    then: {do: escalate, to: leader.from, about: missed.subject, period: missed.period}
    because: {en: "{missed.duty} missed {missed.in_a_row} times"}
""",
    "low": """
    when:
      missed: duty(duty == plan, status == missed)
      graded: grade(subject == missed.subject, scorecard == year)
    then: {do: cap, subject: missed.subject, scorecard: graded.scorecard, period: graded.period, grade: pass}
    because: no plan
""",
    "out": """
    when: {busy: "measure(measure == n, value >= 4)"}
    then: {do: veto, subject: busy.subject, scorecard: year}
    because: too much
""",
    "kept": """
    when: {busy: "measure(measure == n, value >= 3)"}
    then: {do: veto, subject: busy.subject, award: best}
    because: too busy
""",
    "stuck": """
    when: {step: "phase(state in [waiting, extended])"}
    then: {do: notify, to: group, about: step.subject}
""",
    "praise": """
    when: {won: award(outcome == granted), busy: "measure(measure == heard, value > 0, subject == won.subject)"}
    then: {do: propose, subject: won.subject, period: won.period}
""",
    "graded": """
    when: {graded: "grade(grade == pass)"}
    unless: {up: "duty(subject == graded.subject, status == open)"}
    then: {do: notify, to: group, about: graded.subject, period: graded.period}
""",
}


@st.composite
def rulesets(draw: st.DrawFn) -> str:
    """The text of a ruleset with every kind of rule."""
    text = HEAD
    for name, options in (
        ("zone", ["UTC", "Asia/Shanghai"]), ("as", ["as_it_was", "as_now"]), ("share", ["1/2", "0", "1"]),
        ("unknown", ["reject", "accept"]), ("enough", ["2", "3"]), ("warned", ["7", "20"]), ("to", ["2006-03-31", "2006-03-31", "2006-03-17"]),
    ):  # fmt: skip
        text = text.replace(f"<{name}>", draw(st.sampled_from(options)))
    cards = draw(scorecards())
    every = cards.split("every: ")[1].split("\n")[0]
    text += draw(duties()) + cards + draw(awards(every)) + draw(phases())
    chosen = draw(st.lists(st.sampled_from(sorted(DECISIONS)), max_size=3, unique=True))
    if chosen:
        text += "decisions:\n" + "".join(f"  {name}:{DECISIONS[name]}" for name in sorted(chosen))
    return text


@lru_cache(maxsize=64)
def loaded(text: str) -> lr.Ruleset:
    with TemporaryDirectory() as folder:
        file = Path(folder) / "ruleset.yaml"
        file.write_text(text, encoding="utf-8")
        return lr.load(file)


UNITS = {"d": None, "a": "d", "b": "d", "n": "d", "a1": "a", "a2": "a", "b1": "b"}
LEVELS = {"d": "district", "a": "department", "b": "department", "n": "department", "a1": "section", "a2": "section", "b1": "section"}  # fmt: skip
PERSONS = ("p", "q", "r")
DAYS = st.dates(date(2004, 9, 20), date(2006, 4, 10))


@frozen
class Records:
    """What an organisation is made of."""

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    attributes: tuple[Attribute, ...]

    @property
    def made(self) -> lr.Organisation:
        return lr.Organisation.of(self.nodes, self.edges, self.attributes)

    def _repr_pretty_(self, printer: Any, _: bool) -> None:
        """As Hypothesis prints it: without what is None."""
        lives = [f"{n.id} {n.from_}..{n.to}" for n in self.nodes if n.from_ or n.to]
        edges = [f"{e.source_id} {e.kind} {e.target_id} {e.from_}..{e.to}" for e in self.edges]
        values = [f"{a.node} {a.name} {a.value} {a.from_}..{a.to}" for a in self.attributes]
        printer.text("; ".join([*lives, *edges, *values]).replace("None", ""))


@st.composite
def organisations(draw: st.DrawFn) -> "Records":
    """b merges into n on a day; sections and persons move; ranks, heads and leaders change."""
    merged = draw(DAYS)
    lives = {"b": (None, merged - ONE), "n": (merged, None)}
    nodes = [Node(u, "unit", {}, *lives.get(u, (None, None)), HERE) for u in UNITS]
    nodes += [Node("p", "person", {}, None, None, HERE), Node("q", "person", {}, None, draw(st.none() | DAYS), HERE)]
    nodes += [Node("r", "person", {}, draw(st.none() | DAYS), None, HERE), Node("c", "body", {}, None, None, HERE)]
    edges: list[Edge] = []

    def edge(kind: str, source: str, target: str, start: date | None = None, end: date | None = None) -> None:
        edges.append(Edge(kind, source, target, start, end, {}, HERE))

    edge("succeeds", "n", "b")
    for unit in ("a", "b", "n"):
        edge("part_of", unit, "d")
    for unit in ("a1", "a2"):
        move = draw(st.none() | DAYS)
        edge("part_of", unit, "a", None, None if move is None else move - ONE)
        if move is not None:
            if move < merged and draw(st.booleans()):
                edge("part_of", unit, "b", move, merged - ONE)
                edge("part_of", unit, "n", merged)
            else:
                edge("part_of", unit, "d", move)
    edge("part_of", "b1", "b", None, merged - ONE)
    edge("part_of", "b1", "n", merged)
    for person in PERSONS:
        first, second = draw(st.permutations(["a1", "a2", "b1", "a"]))[:2]
        move = draw(st.none() | DAYS)
        start, life = draw(st.integers(0, 9)), next(x for x in nodes if x.id == person)
        back = None if move is None else move + timedelta(draw(st.sampled_from([0, 0, 0, 5, 40, 120])))  # after a gap
        if move is not None and not (life.from_ or date.min) < move <= back < (life.to or date.max):
            move = None
        edge("member_of", person, first, None, None if move is None else move - ONE)
        if move is not None and start:  # else it leaves for good
            edge("member_of", person, second, back)
    edge("leads", draw(st.sampled_from(["c", "d"])), "a", None, draw(st.none() | DAYS))
    edge("leads", "c", "b1", draw(st.none() | DAYS))
    edge("guides", "c", "a2")
    edge("chairs", "p", "c")
    if draw(st.booleans()):
        since, end = draw(st.none() | DAYS), nodes[len(UNITS) + 1].to
        edge("member_of", "q", "c", since if since is None or end is None or since <= end else end)
    attributes = [Attribute(u, "level", level, None, None, HERE) for u, level in LEVELS.items()]
    for unit in UNITS:
        turn = draw(DAYS)
        attributes.append(Attribute(unit, "headcount", str(draw(st.integers(1, 6))), None, turn - ONE, HERE))
        attributes.append(Attribute(unit, "headcount", str(draw(st.integers(1, 6))), turn, None, HERE))
    for person in PERSONS:
        born, rise = draw(st.dates(date(1969, 6, 1), date(1970, 12, 31))), draw(DAYS)
        attributes.append(Attribute(person, "birth_date", born.isoformat(), None, None, HERE))
        attributes.append(Attribute(person, "rank", "ke", None, rise - ONE, HERE))
        attributes.append(Attribute(person, "rank", draw(st.sampled_from(["chu", "ju"])), rise, None, HERE))
    return Records(tuple(nodes), tuple(edges), tuple(attributes))


IDS = [f"e{number}" for number in range(9)]
RULES = ["plan", "weekly", "x0", "came", "year.i0", "year.i1", "year", "changed", "course"]
PERIODS = ["2005", "2004-Q4", "2005-Q1", "2005-Q2", "2005-H1", "2005-01", "2005-03", "2004-H2", "2006"]


@st.composite
def instants(draw: st.DrawFn) -> str:
    day = draw(DAYS)
    hour, offset = draw(st.sampled_from([(0, "Z"), (12, "Z"), (23, "+08:00"), (17, "Z"), (3, "-05:00")]))
    return f"{day.isoformat()}T{hour:02}:{draw(st.sampled_from([0, 30])):02}:00{offset}"


@st.composite
def rows(draw: st.DrawFn, role: str = "") -> dict[str, Any]:
    """One row of an event: few ids, so that conflicts, corrections and voids of everything are common."""
    kind = draw(st.sampled_from(["salon"] * 6 + ["exam", "exam", "plan", "plan", "plan", "let_off", "ruling"]))
    row: dict[str, Any] = {
        "id": draw(st.sampled_from(IDS)) + draw(st.sampled_from(["", "", "x", "y", "z"])), "kind": kind,
        "unit": draw(st.sampled_from(["a", "a1", "a2", "b", "b1", "n", "d", "c"])), "occurred_at": draw(instants()),
        "source": draw(st.sampled_from([None, None, "s"])), "recorded_at": draw(st.none() | instants()),
        "person": draw(st.none() | st.sampled_from(PERSONS)),
    }  # fmt: skip
    if kind == "salon" or kind == "exam":
        row |= {
            "minutes": draw(st.none() | st.integers(-20, 60)), "score": draw(st.none() | st.integers(0, 200).map(lambda x: x / 2)),
            "passed": draw(st.none() | st.booleans()) if kind == "salon" else draw(st.booleans()),
            "carrier": draw(st.sampled_from([None, "forum", "study"])),
        }  # fmt: skip
        if kind == "exam":
            row["person"] = draw(st.sampled_from(PERSONS))
    elif kind != "plan":
        row |= {"rule": draw(st.sampled_from(RULES)), "reason": draw(st.sampled_from(["flood", "miscounted"]))}
        if kind == "let_off":
            row |= {
                "granted_by": "p",
                "until": draw(DAYS).isoformat(),
                "from_day": draw(st.none() | DAYS.map(date.isoformat)),
            }
        else:
            row |= {
                "period": draw(st.sampled_from(PERIODS)), "decided_by": "q",
                "decided": draw(st.sampled_from([None, "met", "missed", "good", "fail", "odd"])), "points": draw(st.sampled_from([None, 2.5, 6, 9])),
            }  # fmt: skip
    if role:
        row[role] = draw(st.sampled_from(IDS)) + draw(st.sampled_from(["", "x"]))
    return {key: value for key, value in row.items() if value is not None}


def spoilt(row: Row, how: str) -> dict[str, Any]:
    """The row with one thing that makes it unusable."""
    faults: Mapping[str, Callable[[dict[str, Any]], object]] = {
        "kind": lambda r: r.update(kind="picnic"),
        "unit": lambda r: r.update(unit="nowhere"),
        "person": lambda r: r.update(person="nobody"),
        "minutes": lambda r: r.update(minutes=500),
        "carrier": lambda r: r.update(carrier="karaoke"),
        "text": lambda r: r.update(minutes="an hour"),
        "time": lambda r: r.update(occurred_at="2005-03-01"),
        "id": lambda r: r.pop("id"),
        "empty id": lambda r: r.update(id=""),
        "both": lambda r: r.update(voids="e0", corrects="e1"),
    }
    made = dict(row)
    faults[how](made)
    return made


FAULTS = ["kind", "unit", "person", "minutes", "carrier", "text", "time", "id", "empty id", "both"]
