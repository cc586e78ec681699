"""The ruleset on a real log: what the engine counts is what the publisher counted, and what a slow reading finds."""

import gzip
import runpy
import shutil
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from fractions import Fraction
from pathlib import Path
from xml.etree import ElementTree
from zoneinfo import ZoneInfo

import pytest

import learnorg_rules as lr
from learnorg_rules.adapters.events.xes import Attribute, xes_totals
from learnorg_rules.api import Result
from learnorg_rules.judging.evaluation import Context
from learnorg_rules.ruletests import run_tests
from learnorg_rules.values import Rounding

FOLDER = Path(__file__).parents[2] / "rulesets" / "permit-intake"
LOG = FOLDER / "example" / "events" / "receipt.xes.gz"
ORG = FOLDER / "example" / "org"
XES = "{http://www.xes-standard.org/}"
AMSTERDAM = ZoneInfo("Europe/Amsterdam")

Row = Mapping[str, str]


@pytest.fixture(scope="module")
def result() -> Result:
    return lr.assess(lr.load(FOLDER), lr.read_org(ORG), lr.scan_events(LOG))


@pytest.fixture(scope="module")
def totals() -> Mapping[str, Attribute]:
    return xes_totals(LOG)


@pytest.fixture(scope="module")
def log() -> Sequence[tuple[Row, Sequence[Row]]]:
    """Cases and their tasks, read by hand."""
    with gzip.open(LOG) as opened:
        root = ElementTree.parse(opened).getroot()
    return [(values(trace), [values(e) for e in trace.iter(f"{XES}event")]) for trace in root.iter(f"{XES}trace")]


def values(element: ElementTree.Element) -> Row:
    return {one.attrib["key"]: one.attrib["value"] for one in element if one.tag != f"{XES}event"}


def local_day(text: str) -> date:
    return datetime.fromisoformat(text).astimezone(AMSTERDAM).date()


def quarter(day: date) -> str:
    return f"{day.year}-Q{(day.month + 2) // 3}"


def over_all_periods(result: Result, measure: str, subject: str, schedule: str) -> int:
    """The measure's values in all periods of the ruleset's days, summed."""
    family = "persons" if result.organisation.nodes[subject].kind == "person" else "units"
    total = 0
    for index, period in enumerate(result.run.dataflow.schedules[schedule].periods):
        value = result.run.evaluation.measure(
            measure, Context(result.run.evaluation, subject, family, schedule, index, period.last)
        )
        assert isinstance(value, int)
        total += value
    return total


def counts(total: Attribute) -> dict[str, int]:
    return {key: int(part.value) for key, part in total.nested.items()}


# ---- the whole log counts


def test_the_rules_load_without_a_warning() -> None:
    assert not lr.load(FOLDER).warnings


def test_the_rule_tests_beside_the_rules_hold_and_reach_every_rule() -> None:
    report = run_tests(FOLDER)
    assert [case.name for case in report.cases if case.failures] == []
    assert not report.unreached


def test_no_row_of_the_log_is_rejected(result: Result, totals: Mapping[str, Attribute]) -> None:
    cases, tasks = int(totals["meta_general:traces_total"].value), int(totals["meta_general:events_total"].value)
    assert result.rejected.is_empty()
    assert result.counts["read"] == result.counts["counted"] == cases + tasks
    assert not result.findings


def test_the_publisher_says_that_the_log_is_public(totals: Mapping[str, Attribute]) -> None:
    assert totals["meta_3TU:rights"].value == "Public"
    assert "a07386a5" in totals["meta_3TU:doi"].value


def test_tasks_of_groups_summed_over_months_are_the_publishers_totals(
    result: Result, totals: Mapping[str, Attribute]
) -> None:
    published = counts(totals["meta_org:group_events_total"])
    assert len(published) == int(totals["meta_org:different_groups_total"].value)
    assert {group: over_all_periods(result, "tasks", group, "month") for group in published} == published


def test_tasks_of_persons_summed_over_months_are_the_publishers_totals(
    result: Result, totals: Mapping[str, Attribute]
) -> None:
    published = counts(totals["meta_org:resource_events_total"])
    assert len(published) == int(totals["meta_org:different_resources_total"].value)
    assert {person: over_all_periods(result, "tasks", person, "month") for person in published} == published


def test_tasks_of_the_municipality_are_all_events(result: Result, totals: Mapping[str, Attribute]) -> None:
    assert over_all_periods(result, "tasks", "municipality", "month") == int(totals["meta_general:events_total"].value)


def test_cases_due_in_all_quarters_are_all_traces(result: Result, totals: Mapping[str, Attribute]) -> None:
    assert over_all_periods(result, "cases_due", "municipality", "quarter of duty digital") == int(
        totals["meta_general:traces_total"].value
    )


@pytest.fixture(scope="module")
def whole_log(tmp_path_factory: pytest.TempPathFactory, totals: Mapping[str, Attribute]) -> Result:
    """The rules, and a duty with one more or less than the publisher's number for each number he gives."""
    folder = tmp_path_factory.mktemp("whole") / "rules"
    folder.mkdir()
    for path in FOLDER.glob("*.yaml"):
        shutil.copy(path, folder)
    wanted: list[tuple[str, str, int]] = []  # whose, counted what, how many
    for key in ("group", "resource"):
        wanted += [(name, "count(task)", n) for name, n in counts(totals[f"meta_org:{key}_events_total"]).items()]
    for activity, number in counts(totals["meta_concept:named_events_total"]).items():
        wanted.append(("municipality", f'count(task where activity == "{activity}")', number))
    wanted.append(("municipality", "count(case)", int(totals["meta_general:traces_total"].value)))
    wanted.append(("municipality", "count(task)", int(totals["meta_general:events_total"].value)))
    different = int(totals["meta_concept:different_names_total"].value)
    wanted.append(("municipality", "distinct(activity in task)", different))
    lines = ["duties:"]
    for place, (subject, aggregate, number) in enumerate(wanted):
        for name, claim in (("exactly", number), ("more", number + 1)):
            lines.append(
                f"""  {name}_{place}: {{for: '"{subject}"', require: '{aggregate} >= {claim}', from: 2010-10-01, """
                f"by: 2013-01-31, title: {name}}}"
            )
    (folder / "totals.yaml").write_text("\n".join(lines), encoding="utf-8")
    return lr.assess(lr.load(folder), lr.read_org(ORG), lr.scan_events(LOG))


def test_every_total_in_the_logs_header_is_reached_and_never_passed(
    whole_log: Result, totals: Mapping[str, Attribute]
) -> None:
    exactly = [d.status.value for d in whole_log.duties if d.rule.startswith("exactly_")]
    more = [d.status.value for d in whole_log.duties if d.rule.startswith("more_")]
    numbers = sum(
        len(totals[key].nested)
        for key in ("meta_org:group_events_total", "meta_org:resource_events_total", "meta_concept:named_events_total")
    )
    assert exactly == ["met"] * (numbers + 3)
    assert more == ["missed"] * (numbers + 3)


# ---- against a slow reading of the same file


def test_late_cases_are_those_found_by_hand(result: Result, log: Sequence[tuple[Row, Sequence[Row]]]) -> None:
    bad: set[tuple[str, str]] = set()  # (who, month) with a case closed late or never
    for case, _ in log:
        due, month = local_day(case["enddate_planned"]), local_day(case["enddate_planned"]).strftime("%Y-%m")
        if "enddate" not in case or local_day(case["enddate"]) > due:
            bad |= {(who, month) for who in (case["department"], case["responsible"], "municipality")}
    judged = [d for d in result.duties if d.rule in ("close_in_time", "close_own_in_time")]
    assert len({(d.subject, d.period) for d in judged}) == len(judged) == 14 * (4 + 39)
    wrong = [d for d in judged if (d.status.value == "missed") != ((d.subject, d.period) in bad)]
    assert not wrong


def test_heavy_months_are_those_found_by_hand(result: Result, log: Sequence[tuple[Row, Sequence[Row]]]) -> None:
    done: Counter[tuple[str, str]] = Counter()
    for _, tasks in log:
        for task in tasks:
            done[task["org:resource"], local_day(task["time:timestamp"]).strftime("%Y-%m")] += 1
    missed = {(d.subject, d.period) for d in result.duties.where(rule="workload") if d.status.value == "missed"}
    assert missed == {key for key, number in done.items() if number > 150}


ADJUSTED = (
    "T03 Adjust confirmation of receipt",
    "T13 Adjust document X request unlicensed",
    "T18 Adjust report Y to stop indicition",
)
CHECKED = ("T02 Check confirmation of receipt", "T06 Determine necessity of stop advice")
Done = tuple[Row, Row, date]  # the case, the task, its local day


def linear(x: Fraction, low: str, high: str) -> Fraction:
    return min(max((x - Fraction(low)) / (Fraction(high) - Fraction(low)), Fraction(0)), Fraction(1))


def share_of(indicator: str, done: Sequence[Done], before: int, weeks: int) -> Fraction | None:
    """The share of the indicator's points for the tasks of one group and quarter; None where it has no value."""
    number = len(done)
    cases = {case["concept:name"]: case for case, _, _ in done}.values()
    if indicator == "prompt":
        return linear(
            Fraction(sum(day <= local_day(case["enddate_planned"]) for case, _, day in done), number), "0.9", "1"
        )
    if indicator == "in_time":
        closed = [case for case in cases if "enddate" in case]
        in_time = [datetime.fromisoformat(c["enddate"]) <= datetime.fromisoformat(c["enddate_planned"]) for c in closed]
        return linear(Fraction(sum(in_time), len(closed)), "0.5", "0.9") if closed else None
    if indicator == "right_first":
        checks = [(c["concept:name"], t["concept:name"]) for c, t, _ in done if t["concept:name"] in CHECKED]
        again = len(checks) - len(set(checks)) + sum(t["concept:name"] in ADJUSTED for _, t, _ in done)
        return linear(Fraction(again, number), "0.1", "0")
    if indicator == "none_open":
        left = [
            case for case in cases if "enddate" not in case and local_day(case["enddate_planned"]) <= date(2012, 1, 23)
        ]
        return Fraction(Fraction(len(left), len(cases)) <= Fraction(2, 100))
    if indicator == "cover":
        return linear(
            Fraction(max(Counter(task["org:resource"] for _, task, _ in done).values()), number), "0.6", "0.25"
        )
    if indicator == "steady":
        return min(Fraction(weeks, 13), Fraction(1))
    ratio = Fraction(number, before) if before else None
    steps = ((Fraction(12, 10), 10), (Fraction(1), 8), (Fraction(8, 10), 5), (Fraction(0), 0))
    return None if ratio is None else Fraction(next(points for least, points in steps if ratio >= least), 10)


def test_points_of_groups_are_those_found_by_hand(result: Result, log: Sequence[tuple[Row, Sequence[Row]]]) -> None:
    quarters = ["2010-Q3", "2010-Q4", "2011-Q1", "2011-Q2", "2011-Q3", "2011-Q4"]
    by_quarter: defaultdict[tuple[str, str], list[Done]] = defaultdict(list)
    weeks: defaultdict[tuple[str, str], set[date]] = defaultdict(set)  # a week is where its Thursday is
    for case, tasks in log:
        for task in tasks:
            day = local_day(task["time:timestamp"])
            by_quarter[task["org:group"], quarter(day)].append((case, task, day))
            thursday = day + timedelta(3 - day.weekday())
            weeks[task["org:group"], quarter(thursday)].add(thursday)
    compared = 0
    for card in result.scorecards:
        done = by_quarter[card.subject, card.period]
        assert ("idle" in card.vetoes) == (not done)
        if not done:
            continue
        before = len(by_quarter[card.subject, quarters[quarters.index(card.period) - 1]])
        shares = {
            i.indicator: share_of(i.indicator, done, before, len(weeks[card.subject, card.period])) for i in card.indicators
        }
        points = {
            "prompt": 20,
            "in_time": 25,
            "right_first": 15,
            "none_open": 10,
            "cover": 10,
            "steady": 10,
            "trend": 10,
        }
        there = sum(points[name] for name, share in shares.items() if share is not None)
        exact = {name: share * points[name] * Fraction(100, there) for name, share in shares.items() if share is not None}
        assert card.total == Rounding(2).apply(sum(exact.values())) == sum(i.points or 0 for i in card.indicators)
        for item in card.indicators:
            where = (card.subject, card.period, item.indicator)
            assert item.exact == exact.get(item.indicator), where
            assert item.points is None or abs(item.points - exact[item.indicator]) < Fraction(1, 100), where
            compared += 1
    assert compared == 7 * (45 - 7)  # nine groups in five quarters, seven of them idle


# ---- what a judged day changes


def test_a_later_day_changes_nothing_that_was_settled(result: Result) -> None:
    """Every rule ends with the last whole month of the log, so the day judged after it does not matter."""
    at_the_end = lr.assess(lr.load(FOLDER), lr.read_org(ORG), lr.scan_events(LOG), at="2012-01-23")
    assert list(at_the_end.duties) == list(result.duties)
    assert list(at_the_end.scorecards) == list(result.scorecards)
    assert list(at_the_end.awards) == list(result.awards)


def test_what_rests_on_no_source_is_told(result: Result) -> None:
    assert {parameter.name for parameter in result.assumed} == {
        name for name, parameter in result.ruleset.parameters.items() if parameter.values[0][1].assumed
    }


def test_the_organisation_is_what_its_script_writes_from_the_log(tmp_path: Path) -> None:
    (tmp_path / "events").mkdir()
    (tmp_path / "org").mkdir()
    shutil.copy(LOG, tmp_path / "events")
    script = shutil.copy(FOLDER / "example" / "make_org.py", tmp_path)
    runpy.run_path(str(script), run_name="__main__")
    for name in ("units.csv", "persons.csv"):
        assert (tmp_path / "org" / name).read_bytes() == (ORG / name).read_bytes()
