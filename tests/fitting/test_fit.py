"""What a fit says of streams that were made for it, and what it refuses."""

import json
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from math import comb

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import learnorg_rules as lr
from learnorg_rules.cli import main
from learnorg_rules.fitting.api import fit
from learnorg_rules.fitting.intervals import chance_interval, rate_interval
from learnorg_rules.simulation.definitions import Draw
from learnorg_rules.simulation.reading import read_scenario

RULES = """
ruleset:
  id: offices
  time_zone: UTC
  effective: {from: 2005-01-01, to: 2007-12-31}
organisation:
  levels: [town, office]
  units: {closed: boolean}
fields:
  minutes: {type: integer, min: 0}
  price: {type: decimal, places: 2}
  topic: {type: choice, of: [history, law]}
  subject: text
  at: instant
  passed: boolean
events:
  salon: [minutes?, price?, topic?, passed?]
  lesson: [person]
  visit: [person?]
  parcel: [at]
selectors:
  open_offices: units where closed is missing
"""
ORG = """
units:
  - {id: town, name: Town, level: town}
  - {id: a, name: A, level: office, parent: town, closed: true}
  - {id: b, name: B, level: office, parent: town}
  - {id: new, name: New, level: office, parent: town, from: 2006-12-17}
persons:
  - {id: p1, name: P1, unit: a}
  - {id: p2, name: P2, unit: a}
  - {id: p3, name: P3, unit: a}
  - {id: p4, name: P4, unit: b}
"""
FIRST, LAST = date(2005, 1, 1), date(2006, 12, 31)
MONTHS = [(2005 + i // 12, i % 12 + 1) for i in range(24)]
NINETY_FIVE = Fraction(95, 100)


@pytest.fixture(scope="module")
def offices(tmp_path_factory):
    folder = tmp_path_factory.mktemp("offices")
    (folder / "rules").mkdir()
    (folder / "rules" / "ruleset.yaml").write_text(RULES, encoding="utf-8")
    (folder / "org.yaml").write_text(ORG, encoding="utf-8")
    return folder


def event(number, unit="a", kind="salon", on=(2005, 1, 1), **more):
    return {"id": f"e{number}", "kind": kind, "unit": unit, "occurred_at": datetime(*on, 12, tzinfo=UTC), **more}


def monthly(**more):
    """One event of `a` in every month."""
    return [event(i, on=(*month, 1 + i), **more) for i, month in enumerate(MONTHS)]


def fitted(offices, rows, **more):
    rules, org = lr.load(offices / "rules"), lr.read_org(offices / "org.yaml")
    return fit(rules, org, lr.events_from(rows), **{"from_": FIRST, "to": LAST, **more})


def one(offices, rows, **more):
    (found,) = fitted(offices, rows, **more).behaviours.values()
    return found


# ---- meaning


def test_a_unit_counts_for_the_share_of_each_month_that_it_was_there(offices):
    found = one(offices, monthly())
    # a and b for 24 months, new for the last 15 days of December
    assert found["rate"].value == Fraction("0.49501")  # 24 / (48 + 15/31), to six digits
    assert {c.name: c.exposure for c in found.by_subject} == {"a": 24, "b": 24, "new": Fraction("0.483871")}


def test_the_interval_of_a_rate_is_the_exact_one_of_a_poisson_number(offices):
    found = one(offices, monthly(), by="unit")["rate"]
    assert (found.value, found.low, found.high) == (1, Fraction("0.640719"), Fraction("1.48792"))  # chi-square tables
    assert (found.n, found.how) == (24, "Poisson, exact")


def test_months_that_differ_year_after_year_make_a_season_and_others_none(offices):
    rows = [event(f"{i}.{n}", on=(*m, 1 + n)) for i, m in enumerate(MONTHS) for n in range(8 if m[1] == 3 else 1)]
    found = one(offices, rows, by="unit")
    assert found["rate"].value == Fraction("1.58333")
    assert found["season 3"].value == Fraction("5.05263")
    assert found.behaviour.season[1] == Fraction("0.631579")
    assert one(offices, monthly(), by="unit").behaviour.season == {}


def test_without_all_twelve_months_no_season_is_fitted_and_that_is_said(offices):
    found = one(offices, monthly(), to=date(2005, 11, 30))
    assert "no season is fitted: the days hold 11 of the twelve months of a year" in found.notes


def test_units_that_differ_more_than_by_chance_have_a_spread(offices):
    rows = [event(f"{i}.{n}", on=(*m, 1 + n)) for i, m in enumerate(MONTHS) for n in range(5)]
    found = one(offices, rows)
    assert found["spread"].used
    assert found.behaviour.spread == found["spread"].value
    assert not one(offices, [*rows[:10], *(row | {"unit": "b", "id": f"b{row['id']}"} for row in rows[:10])])[
        "spread"
    ].used


def test_members_who_come_together_make_sessions_and_a_chance_to_attend(offices):
    rows = [
        event(f"{i}.{p}", kind="visit", on=(*m, 1), person=p) for i, m in enumerate(MONTHS) for p in ("p1", "p2", "p3")[: 2 + i % 2]
    ]  # fmt: skip
    found = one(offices, rows, by="unit")
    assert found["rate"].of == "sessions"
    assert found["rate"].n == 24
    chance = found["attendance"]
    assert (
        Fraction("0.82") < chance.value < Fraction("0.8334")
    )  # 60 of 72, less what sessions without anybody would have


def test_persons_who_never_meet_are_no_sessions_and_are_fitted_as_persons(offices):
    rows = [event(i, kind="lesson", on=(*m, 1 + i), person="p1") for i, m in enumerate(MONTHS)]
    found = one(offices, rows)
    assert found.refused == ("'lesson' needs a person, and these are no sessions: fit it by person",)
    of_persons = one(offices, rows, by="person")
    assert (of_persons.selector, of_persons.refused) == ("persons", ())
    assert of_persons["rate"].value == Fraction(1, 4)  # 24 events, four persons, 24 months


def test_fields_are_drawn_from_what_fits_them_best(offices):
    minutes = [80, 82, 85, 87, 88, 89, 90, 90, 91, 91, 92, 93, 95, 98, 102, 120]
    rows = [
        event(i, on=(2005, 1, 1 + i), minutes=n, price=i + 0.25, topic="law" if i % 2 else "history", passed=i % 4 > 0)
        for i, n in enumerate(minutes)
    ]
    fields = one(offices, rows).behaviour.fields
    assert (fields["minutes"].sort, fields["minutes"].mean) == ("normal", Fraction("92.0625"))
    assert (fields["minutes"].low, fields["minutes"].high) == (0, 120)  # declared, and the largest seen
    assert fields["price"] == Draw("range", low=Fraction("0.25"), high=Fraction("15.25"))
    assert fields["topic"] == Draw("choice", options=("history", "law"))
    assert fields["passed"] == Draw("chance", chance=Fraction(3, 4))


def test_options_that_are_not_equally_frequent_are_listed_with_their_shares(offices):
    rows = [event(i, on=(2005, 1, 1 + i), topic="law" if i else "history") for i in range(25)]
    found = one(offices, rows)
    assert (
        "topic: options are not equally frequent, but a scenario draws them so (law 96.0%, history 4.0%)" in found.notes
    )
    assert (found["fields.topic.law"].value, found["fields.topic.law"].used) == (Fraction(24, 25), False)


def test_late_records_wrong_units_and_voids_are_told_apart(offices):
    late = [row | {"recorded_at": row["occurred_at"] + timedelta(days=2 + i % 3)} for i, row in enumerate(monthly())]
    put_right = event("c", unit="b", on=(2005, 1, 1), corrects="e0", recorded_at=datetime(2005, 1, 10, 12, tzinfo=UTC))
    void = event("v", voids="e5", on=(2005, 6, 6), recorded_at=datetime(2005, 7, 1, tzinfo=UTC))
    found = one(offices, [*late, put_right, void])
    assert found["rate"].n == 23
    assert found["recorded_after"].value == 3
    assert found["errors.chance"].value == Fraction("0.0416667")
    assert found.behaviour.errors.corrected_after == 7
    assert "1 of 24 events were voided: a simulation makes none" in found.notes


def test_months_that_scatter_widen_the_interval_of_the_rate(offices):
    rows = [event(f"{i}.{n}", on=(*m, 1 + n)) for i, m in enumerate(MONTHS) for n in range(0 if i % 3 else 12)]
    found = one(offices, rows, by="unit", to=date(2005, 11, 30))
    exact = rate_interval(found["rate"].n, 11, NINETY_FIVE)
    assert found["rate"].low < exact[0]
    assert found["rate"].high > exact[1]
    assert found.behaviour.spread > 0
    assert any(note.startswith("months vary ") for note in found.notes)


def test_a_rate_that_rises_is_told(offices):
    rows = [event(f"{i}.{n}", on=(*m, 1 + n)) for i, m in enumerate(MONTHS) for n in range(i // 2)]
    assert any(note.startswith("the rate rises by about ") for note in one(offices, rows, by="unit").notes)


def test_every_event_that_no_behaviour_stands_for_is_counted(offices):
    rows = [*monthly(), event("x", unit="b", on=(2005, 1, 2)), event("bad", unit="nowhere")]
    found = fitted(offices, rows, selectors=["b"])
    assert found.notes == (
        "1 rows were refused and are not fitted",
        "24 of 25 events of salon happened to none of those fitted",
    )


def test_a_selector_of_the_ruleset_can_be_named(offices):
    rows = [*monthly(), event("x", unit="b", on=(2005, 1, 2))]
    assert [c.name for c in one(offices, rows, selectors=["open_offices"]).by_subject] == ["b", "new", "town"]


# ---- agree


def test_a_scenario_reads_what_a_fit_writes_as_the_same_behaviours(offices):
    rows = [row | {"minutes": 60 + i, "topic": "law", "recorded_at": row["occurred_at"] + timedelta(days=1 + i)} for i, row in enumerate(monthly())]  # fmt: skip
    rows += [event(f"v{i}.{p}", kind="visit", on=(*m, 1), person=p) for i, m in enumerate(MONTHS) for p in ("p1", "p2")]
    rows += [event(f"p{i}", kind="parcel", on=(*m, 1), at="2005-01-01T00:00:00Z") for i, m in enumerate(MONTHS)]
    found = fitted(offices, rows, selectors=["a", "units where level == office"])
    head = "{id: back, ruleset: rules, from: 2005-01-01, to: 2005-12-31, step: month, repetitions: 1, seed: 1}"
    text = f"scenario: {head}\norganisation: {{files: org.yaml}}\npolicies: {{as_it_is: {{}}}}\n{found.to_yaml()}"
    (offices / "back.yaml").write_text(text, encoding="utf-8")
    read = read_scenario(offices / "back.yaml").behaviours
    kept = {name: b.behaviour for name, b in found.behaviours.items() if not b.refused}
    assert read == kept
    assert [b.refused for b in found.behaviours.values() if b.refused] == [
        ("'parcel' needs at, for which nothing is drawn",)
    ] * 2


def test_the_command_writes_the_section_to_the_output_and_the_table_beside_it(offices, capsys):
    rows = "\n".join(json.dumps(row, default=str).replace(" 12:", "T12:") for row in monthly())
    (offices / "events.ndjson").write_text(rows, encoding="utf-8")
    given = [str(offices / "rules"), "--org", str(offices / "org.yaml"), "--events", str(offices / "events.ndjson")]
    with pytest.raises(SystemExit) as stop:
        main(["fit", *given, "--from", "2005-01-01", "--to", "2006-12-31", "--by", "unit"])
    printed = capsys.readouterr()
    assert stop.value.code == 0
    assert printed.out.splitlines()[-5:] == [
        "  salon_a:", "    for: a", "    event: salon", "    rate: 1  # 0.640719..1.48792, 24 events", "    every: month",
    ]  # fmt: skip
    assert "salon_a: salon of a" in printed.err
    with pytest.raises(SystemExit):
        main(["fit", *given, "--from", "2005-01-01", "--to", "2006-12-31", "--by", "unit", "--json"])
    assert json.loads(capsys.readouterr().out)["behaviours"]["salon_a"]["estimates"][0]["value"] == "1"


# ---- oracle


@pytest.mark.parametrize(("hits", "n"), [(0, 10), (3, 10), (10, 10), (40, 1000)])
def test_an_exact_interval_of_a_chance_leaves_out_what_would_be_too_rare(hits, n):
    low, high = chance_interval(hits, n, NINETY_FIVE)
    assert tail(n, high, range(hits + 1)) == pytest.approx(0.025 if hits < n else 1)
    assert tail(n, low, range(hits, n + 1)) == pytest.approx(0.025 if hits else 1)


def tail(n, chance, numbers):
    return sum(comb(n, k) * chance**k * (1 - chance) ** (n - k) for k in numbers)


# ---- refusal


def test_what_cannot_be_fitted_is_refused_all_at_once(offices):
    with pytest.raises(lr.InputError) as refused:
        fitted(offices, monthly(), kinds=["salom", "visits"], from_=LAST, to=FIRST)
    folder = offices / "rules"
    assert str(refused.value) == (
        f"{folder}: M303 there is no kind of event 'salom'\n    hint: did you mean 'salon'?\n"
        f"{folder}: M303 there is no kind of event 'visits'\n    hint: did you mean 'visit'?\n"
        "from: M301 the first day, 2006-12-31, is after the last, 2005-01-01"
    )


def test_days_without_any_event_are_refused(offices):
    with pytest.raises(lr.InputError) as refused:
        fitted(offices, monthly(), kinds=["visit"])
    assert str(refused.value) == "events: M301 no event of visit counts from 2005-01-01 to 2006-12-31"


def test_selectors_that_select_nobody_are_refused_all_at_once(offices):
    with pytest.raises(lr.InputError) as refused:
        fitted(
            offices,
            monthly(),
            selectors=["units where id == nobody", "c", "units where level == town and closed == true"],
        )
    assert str(refused.value) == (
        "c: M302 the organisation has no 'c'\n    hint: known: town, a, b, new, p1, p2, p3, p4\n"
        "units where id == nobody:1:19: E304 unknown name 'nobody'\n    hint: a text stands in quotes: '\"nobody\"'\n"
        "units where level == town and closed == true: M302 nobody is selected from 2005-01-01 to 2006-12-31"
    )


def test_an_unknown_way_to_group_is_a_fault_of_the_program(offices):
    with pytest.raises(ValueError, match="by='levels'"):
        fitted(offices, monthly(), by="levels")


# ---- any stream


ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "unit": st.sampled_from(["a", "b", "town"]),
            "kind": st.sampled_from(["salon", "visit", "lesson"]),
            "on": st.tuples(st.sampled_from([2005, 2006]), st.integers(1, 12), st.integers(1, 3)),
            "person": st.sampled_from(["p1", "p2", "p3", "p4"]),
            "minutes": st.integers(0, 3),
            "late": st.integers(0, 2),
        }
    ),
    min_size=1,
    max_size=25,
)


@settings(max_examples=60, deadline=None)
@given(
    rows=ROWS, by=st.sampled_from(["level", "unit", "person"]), days=st.sampled_from([(FIRST, LAST), (FIRST, FIRST)])
)
def test_whatever_happened_the_estimates_lie_in_their_intervals_and_nothing_is_lost(offices, rows, by, days):
    events = []
    for i, row in enumerate(rows):
        made = event(i, unit=row["unit"], kind=row["kind"], on=row["on"])
        made["recorded_at"] = made["occurred_at"] + timedelta(days=row["late"])
        made |= {"minutes": row["minutes"]} if row["kind"] == "salon" else {"person": row["person"]}
        events.append(made)
    inside = [e for e in events if days[0] <= e["occurred_at"].date() <= days[1]]
    try:
        found = fitted(offices, events, by=by, from_=days[0], to=days[1])
    except lr.InputError:
        assert inside == []
        return
    for behaviour in found.behaviours.values():
        assert all(e.value in e for e in behaviour.estimates)
        assert sum(m.observed for m in behaviour.by_month) == sum(s.observed for s in behaviour.by_subject)
    stood_for = sum(1 for e in inside if by != "person" or "person" in e)
    told = sum(int(note.split(" ")[0]) for note in found.notes)
    assert stood_for + told == len(inside)
    sessions = sum(m.observed for b in found.behaviours.values() for m in b.by_month)
    assert sessions <= stood_for
