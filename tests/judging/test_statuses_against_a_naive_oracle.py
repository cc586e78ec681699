"""Statuses of duties against the stupidest recomputation: lists of days for lives, versions, gaps, shares and ends of rules."""

from datetime import date, timedelta
from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st
from programmes import organisation, rows, ruleset

import learnorg_rules as lr

ONE_DAY = timedelta(1)
START, END = date(2020, 11, 1), date(2022, 3, 31)
ALL = [START + timedelta(i) for i in range((END - START).days + 1)]
DAYS = st.dates(START, END)
HEAD = """
ruleset: {{id: oracle, effective: {{from: {first}, to: {last}}}, required_share: {share}, year_starts: {year}}}
organisation: {{levels: [office]}}
fields: {{rule: text, reason: text, granted_by: text, until: date, from_day: date}}
events:
  course: [person]
  let_off: {{effect: waiver, fields: [person?, rule, reason, granted_by, until, from_day?]}}
duties:
"""


def stretches(most: int) -> st.SearchStrategy[list[tuple[date, date]]]:
    """Up to so many stretches of days, first and last, with a day or more between them."""

    def paired(days: list[date]) -> list[tuple[date, date]]:
        pairs = list(zip(sorted(days)[::2], sorted(days)[1::2], strict=False))
        return [pair for i, pair in enumerate(pairs) if not i or pair[0] > pairs[i - 1][1] + ONE_DAY]

    return st.lists(DAYS, min_size=2, max_size=2 * most, unique=True).map(paired)


def name_of(day: date, every: str, year_starts: int) -> str:
    """The period that the day lies in, by whatever tells it from all others."""
    if every == "month":
        return f"{day.year}-{day.month:02}"
    if every == "week":
        return "{}-W{:02}".format(*day.isocalendar()[:2])
    year = day.year if day.month >= year_starts else day.year - 1
    label = str(year) if year_starts == 1 else f"{year}/{(year + 1) % 100:02}"
    return label if every == "year" else f"{label}-Q{(day.month - year_starts) % 12 // 3 + 1}"


@settings(max_examples=150, deadline=None)
@given(
    life=stretches(3), versions=stretches(3), ends=st.tuples(DAYS, DAYS).map(sorted), share=st.sampled_from(["1/2", "1", "1/1000", "1/3"]),
    every=st.sampled_from(["week", "month", "quarter", "year"]), year=st.sampled_from([1, 4, 9]), courses=st.lists(DAYS, max_size=12, unique=True),
    waivers=st.lists(st.tuples(DAYS, DAYS), max_size=2), data=st.data(),
)  # fmt: skip
def test_a_status_is_what_lists_of_days_give(
    life: list[tuple[date, date]], versions: list[tuple[date, date]], ends: list[date], share: str, every: str, year: int,
    courses: list[date], waivers: list[tuple[date, date]], data: st.DataObject,
) -> None:  # fmt: skip
    judged = [day for day in ALL if ends[0] <= day <= ends[1]]
    versions = [(first, last) for first, last in versions if any(first <= day <= last for day in judged)]
    if not versions:
        return
    at = data.draw(st.sampled_from(judged))
    needs = [data.draw(st.integers(1, 3)) for _ in versions]
    text = HEAD.format(first=ends[0], last=ends[1], share=share, year=year) + "  d:\n"
    for (first, last), least in zip(versions, needs, strict=True):
        text += f"    - {{for: persons, every: {every}, at_risk: 9 days, require: count(course) >= {least}, effective: {{from: {first}, to: {last}}}}}\n"
    spans = ", ".join(f"{{of: north, from: {first}, to: {last}}}" for first, last in life)
    org = f"units: [{{id: north, level: office}}]\npersons: [{{id: ann, unit: [{spans}]}}]\n"
    events = [{"kind": "course", "unit": "north", "person": "ann", "on": str(day)} for day in courses]
    events += [
        {"kind": "let_off", "unit": "north", "person": "ann", "rule": "d", "reason": "ill", "granted_by": "board", "on": str(ends[0]), "from_day": str(min(w)), "until": str(max(w))}
        for w in waivers
    ]  # fmt: skip
    result = lr.assess(ruleset(text), organisation(org), lr.events_from(rows(events)), at=at)
    lived = {day for day in ALL if any(first <= day <= last for first, last in life)}
    version_on = {day: n for n, (first, last) in enumerate(versions) for day in judged if first <= day <= last}
    whole: dict[str, list[date]] = {}
    for day in (START - timedelta(400) + timedelta(i) for i in range(1200)):
        whole.setdefault(name_of(day, every, year), []).append(day)
    expected = {}
    for name, days in whole.items():
        here = [day for day in days if day in version_on]
        if not here:
            continue
        own = [day for day in here if day in lived]
        first, last = (own or here)[0], (own or here)[-1]
        least = needs[version_on[last]]
        counted = sum(here[0] <= day <= min(here[-1], at) and day in lived for day in courses)
        if not own or Fraction((last - first).days + 1, len(days)) < Fraction(share):
            status = "not_required"
        elif first > at:
            status = "not_yet_due"
        elif any(min(w) <= last <= max(w) for w in waivers):
            status = "waived"
        elif counted >= least:
            status = "met"
        else:
            status = "missed" if at >= last else "at_risk" if at >= last - timedelta(9) else "open"
        expected[name] = (version_on[last], first, last, status)
    assert {r.period: (r.version, r.start, r.due, r.status.value) for r in result.duties} == expected


@settings(max_examples=120, deadline=None)
@given(
    life=stretches(2), force=st.tuples(DAYS, DAYS).map(sorted), ends=st.tuples(DAYS, DAYS).map(sorted), share=st.sampled_from(["1/2", "1", "1/1000"]),
    from_=st.none() | DAYS, late=st.sampled_from(["accepted", "refused"]), courses=st.lists(DAYS, max_size=5, unique=True), data=st.data(),
)  # fmt: skip
def test_the_status_of_a_deadline_is_what_lists_of_days_give(
    life: list[tuple[date, date]], force: list[date], ends: list[date], share: str, from_: date | None, late: str, courses: list[date],
    data: st.DataObject,
) -> None:  # fmt: skip
    judged = [day for day in ALL if ends[0] <= day <= ends[1]]
    by, at = data.draw(st.sampled_from(judged)), data.draw(st.sampled_from(judged))
    start = from_ or ends[0]
    in_force = [day for day in judged if force[0] <= day <= force[1]]
    if start > by or not any(start <= day <= by for day in in_force):
        return
    text = HEAD.format(first=ends[0], last=ends[1], share=share, year=1)
    given_from = f"from: {from_}, " if from_ else ""
    text += f"  d: {{for: persons, {given_from}by: {by}, late: {late}, require: count(course) >= 2, effective: {{from: {force[0]}, to: {force[1]}}}}}\n"
    spans = ", ".join(f"{{of: north, from: {first}, to: {last}}}" for first, last in life)
    org = f"units: [{{id: north, level: office}}]\npersons: [{{id: ann, unit: [{spans}]}}]\n"
    events = [{"kind": "course", "unit": "north", "person": "ann", "on": str(day)} for day in courses]
    result = lr.assess(ruleset(text), organisation(org), lr.events_from(rows(events)), at=at)
    lived = {day for day in ALL if any(first <= day <= last for first, last in life)}
    here = [day for day in in_force if start <= day <= by]
    own = [day for day in here if day in lived]
    first, last = (own or here)[0], (own or here)[-1]
    might_be = [day for day in ALL if max(start, in_force[0]) <= day <= by]
    counted = [day for day in courses if day in lived and day <= at and day >= max(start, in_force[0])]
    if not own or Fraction((last - first).days + 1, len(might_be)) < Fraction(share):
        status = "not_required"
    elif first > at:
        status = "not_yet_due"
    elif sum(day <= here[-1] for day in counted) >= 2:
        status = "met"
    elif at < last:
        status = "open"
    else:
        status = "met_late" if late == "accepted" and last == by and at > by and len(counted) >= 2 else "missed"
    assert [(r.start, r.due, r.status.value) for r in result.duties] == [(first, last, status)]
