"""What happens on days of a period on which the rule is not in force does not count, in batch and live alike."""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta

import pytest
from programmes import organisation, rows, ruleset
from same_results import assert_same

import learnorg_rules as lr

HEAD = """
ruleset: {{id: days, effective: {{from: {first}, to: {last}}}{more}}}
organisation: {{levels: [office]}}
events: {{report: [], course: [person]}}
"""
OFFICE = "units: [{id: north, level: office}]\n"


def head(first: str = "2021-01-01", last: str = "2021-12-31", more: str = "") -> str:
    return HEAD.format(first=first, last=last, more=f", {more}" if more else "")


def reports(*days: str, unit: str = "north") -> list[dict[str, object]]:
    return [{"kind": "report", "unit": unit, "on": day} for day in days]


def both(rules: str, org: str, events: Iterable[Mapping[str, object]], at: str = "2021-12-31") -> lr.Result:
    """The result in batch, which is that of a live run into which every event comes on its day."""
    loaded, tree, given = ruleset(rules), organisation(org), rows(events)
    batch = lr.assess(loaded, tree, lr.events_from(given), at=at)
    with lr.Live(loaded, tree, at=loaded.first_day) as live:
        for event in sorted(given, key=lambda e: str(e["occurred_at"])):
            day = max(date.fromisoformat(str(event["occurred_at"])[:10]), loaded.first_day)
            live.advance(min(day, date.fromisoformat(at)))
            live.post(event)
        live.advance(at)
        assert_same(live.result(), batch, rows=False)
    return batch


def statuses(result: lr.Result) -> dict[str, str]:
    return {r.period: r.status.value for r in result.duties}


YEARLY = "duties: {{y: {{for: units, every: year, require: any(report), effective: {{{days}}}}}}}\n"


@pytest.mark.parametrize(
    ("days", "on", "status"),
    [
        ("to: 2021-06-30", "2021-07-01", "missed"), ("to: 2021-06-30", "2021-06-30", "met"),
        ("from: 2021-07-01", "2021-06-30", "missed"), ("from: 2021-07-01", "2021-07-01", "met"),
    ],
)  # fmt: skip
def test_what_happens_before_or_after_a_rule_is_in_force_does_not_count_for_it(days: str, on: str, status: str) -> None:
    rules = head(more="required_share: 1/3") + YEARLY.format(days=days)
    assert statuses(both(rules, OFFICE, reports(on))) == {"2021": status}


def test_a_duty_missed_when_its_rule_ended_stays_missed_and_says_which_days_counted() -> None:
    rules = head(more="required_share: 1/3") + YEARLY.format(days="to: 2021-06-30")
    loaded, tree = ruleset(rules), organisation(OFFICE)
    with lr.Live(loaded, tree, at="2021-06-29") as live:
        assert [c.new.status.value for c in live.advance("2021-07-10") if c.new] == ["missed"]
        assert live.post(rows(reports("2021-07-05"))[0]).changes == ()
        assert "between 2021-01-01 and 2021-06-30" in str(live.why("north", "y"))


def test_a_quarter_that_a_revision_of_the_cadence_ends_takes_nothing_of_the_month_after() -> None:
    rules = head() + """
duties:
  d:
    - {for: units, every: quarter, require: any(report), effective: {to: 2021-08-31}}
    - {for: units, every: month, require: any(report), effective: {from: 2021-09-01}}
"""  # fmt: skip
    found = statuses(both(rules, OFFICE, reports("2021-09-10")))
    assert (found["2021-Q3"], found["2021-09"], found["2021-10"]) == ("missed", "met", "missed")


def test_what_happened_before_the_rules_began_does_not_count_and_present_is_their_share() -> None:
    rules = head("2021-03-15") + """
duties: {y: {for: units, every: year, require: any(report)}}
scorecards: {c: {for: units, every: year, round: {decimals: 0}, missing: zero, indicators: {n: {points: 100, share: count(report)}, p: {points: 365, value: present() * 365}, d: {points: 999, value: person_days()}}}}
"""  # fmt: skip
    result = both(rules, OFFICE + "persons: [{id: ann, unit: north}]\n", reports("2021-01-05"))
    assert statuses(result) == {"2021": "missed"}
    assert {i.indicator: i.points for i in result.indicators} == {"n": 0, "p": 292, "d": 292}
    assert result.counts["outside"] == 1


@pytest.mark.parametrize(
    ("more", "on", "status"),
    [
        ("effective: {to: 2021-07-31}", "2021-08-05", "missed"), ("effective: {to: 2021-07-31}", "2021-07-31", "met"),
        ("effective: {from: 2021-03-01}", "2021-02-01", "missed"), ("from: 2021-02-01", "2021-01-31", "missed"),
        ("effective: {from: 2021-03-01}", "2021-11-01", "met_late"), ("late: refused", "2021-11-01", "missed"),
    ],
)  # fmt: skip
def test_a_deadline_counts_the_days_of_its_rule_and_what_is_late_where_that_is_accepted(
    more: str, on: str, status: str
) -> None:
    rules = head() + f"duties: {{d: {{for: units, require: any(report), by: 2021-09-30, {more}}}}}\n"
    assert statuses(both(rules, OFFICE, reports(on))) == {"by 2021-09-30": status}


def test_the_days_between_two_versions_count_as_those_of_both_do() -> None:
    rules = head() + """
duties:
  y:
    - {for: units, every: year, require: count(report) >= 1, effective: {to: 2021-03-31}}
    - {for: units, every: year, require: count(report) >= 3, effective: {from: 2021-07-01}}
"""  # fmt: skip
    events = reports("2021-02-05", "2021-05-20", "2021-08-08")
    assert statuses(both(rules, OFFICE, events)) == {"2021": "met"}


def test_a_rule_looks_back_at_periods_before_it_was_in_force() -> None:
    rules = head("2020-01-01", "2022-12-31") + """
scorecards: {c: {for: units, every: year, round: {decimals: 0}, missing: zero, effective: {from: 2021-07-01}, indicators: {n: {points: 10, value: count(report)}, p: {points: 10, value: previous(count(report))}}}}
"""  # fmt: skip
    events = reports("2020-03-01", "2020-04-01", "2021-06-30", "2021-07-01")
    result = both(rules, OFFICE, events, "2022-12-31")
    assert {(i.period, i.indicator): i.points for i in result.indicators} == {
        ("2021", "n"): 1, ("2021", "p"): 2, ("2022", "n"): 0, ("2022", "p"): 1,
    }  # fmt: skip
    assert "previous" in str(result.why("north", "c.p", "2021"))


def test_missing_counts_nothing_on_days_on_which_the_rule_is_not_in_force() -> None:
    rules = head(more="required_share: 1/3") + YEARLY.format(days="to: 2021-06-30").replace(
        "any(report)", "days(report) >= 3"
    )
    result = lr.assess(
        ruleset(rules), organisation(OFFICE), lr.events_from(rows(reports("2021-01-01"))), at="2021-06-28"
    )
    (needed,) = result.missing("north")
    assert (needed.state, needed.needs[0].count) == ("needed", 2)
    later = lr.assess(
        ruleset(rules), organisation(OFFICE), lr.events_from(rows(reports("2021-01-01"))), at="2021-06-29"
    )
    assert [m.state for m in later.missing("north")] == ["out_of_reach"]


SUCCEEDS = """
units: [{id: old, level: office, to: 2021-06-10}, {id: new, level: office, from: 2021-06-11}]
edges: [{kind: succeeds, source: new, target: old}]
"""


@pytest.mark.parametrize(("unmet", "steps"), [("close", ["two"]), ("carry_over", ["one", "two"])])
def test_a_step_that_was_over_for_good_is_none_of_whom_inherits_later(unmet: str, steps: list[str]) -> None:
    rules = head() + f"""
plans:
  p: {{for: units, succession: inherit, unmet: {unmet}, steps: {{one: {{from: 2021-01-01, to: 2021-05-31, done: {{g: any(report)}}}}, two: {{from: 2021-06-01, to: 2021-09-30, done: {{g: any(report)}}}}}}}}
"""  # fmt: skip
    result = both(rules, SUCCEEDS, reports("2021-02-05", unit="old"))
    assert [s.step for s in result.plans if s.subject == "new"] == steps
    assert result.plans.one(subject="old", step="one").state.value == "done"


def test_a_step_is_none_of_who_was_away_on_all_its_days() -> None:
    rules = head() + """
plans:
  p: {for: persons, steps: {one: {from: 2021-01-01, to: 2021-02-28, done: {g: any(course)}}, two: {from: 2021-03-01, to: 2021-04-30, done: {g: any(course)}}, three: {from: 2021-05-01, to: 2021-06-30, done: {g: any(course)}}}}
"""  # fmt: skip
    org = OFFICE + "persons: [{id: ann, unit: [{of: north, to: 2021-02-15}, {of: north, from: 2021-05-15}]}]\n"
    assert [s.step for s in both(rules, org, []).plans] == ["one", "three"]


def test_a_publication_waits_for_the_week_that_ends_in_the_next_year() -> None:
    rules = head("2020-01-01", "2021-06-30", "publication: {correctable_days: 0}") + """
duties: {w: {for: units, every: week, require: any(report)}, y: {for: units, every: year, require: any(report)}, later: {for: units, every: week, require: any(report), effective: {from: 2021-02-01}}}
"""  # fmt: skip
    with lr.Live(ruleset(rules), organisation(OFFICE), at="2020-12-31") as live:
        with pytest.raises(lr.InputError, match="what belongs to 2020 runs until 2021-01-03") as refused:
            live.publish("2020")
        assert refused.value.issues[0].hint == "advance to 2021-01-03"
        live.advance("2021-01-03")
        publication = live.publish("2020")
        live.verify(publication)
        assert '"open"' not in publication.results
        assert live.advance("2021-01-20")
        assert not live.restatements()


CUP = """
scorecards: {c: {for: units, every: year, round: {decimals: 0}, missing: zero, indicators: {n: {points: 100, share: count(report) / 4}}}}
awards: {cup: {for: units, every: year, rank_by: [c.total descending], quota: 1, ties: leave_empty}}
decisions:
  first: {when: {a: "award(rank == 1)"}, then: {do: propose, subject: a.subject, period: a.period}}
  not_given: {when: {a: "award(outcome != granted)"}, then: {do: propose, subject: a.subject, period: a.period}}
  stands: {when: {a: "award(outcome == provisional)"}, then: {do: propose, subject: a.subject, period: a.period}}
  any_day: {provisional: true, when: {a: "award(rank == 1)"}, then: {do: propose, subject: a.subject, period: a.period}}
"""


def test_an_award_of_a_running_year_enters_no_decision_that_does_not_ask_for_it() -> None:
    org = "units: [{id: a, level: office}, {id: b, level: office}, {id: c, level: office}]\n"
    events = [*reports("2021-02-01", unit="a"), *reports("2021-02-02", unit="b")]  # two of one rank
    running = both(head() + CUP, org, events, "2021-12-30")
    assert {r.outcome.value for r in running.awards} == {"provisional"}
    assert sorted((d.rule, d.subject) for d in running.decisions) == [
        ("any_day", "a"), ("any_day", "b"), ("stands", "a"), ("stands", "b"), ("stands", "c"),
    ]  # fmt: skip
    over = both(head() + CUP, org, events, "2021-12-31")
    assert sorted((d.rule, d.subject) for d in over.decisions) == [
        ("any_day", "a"), ("any_day", "b"), ("first", "a"), ("first", "b"), ("not_given", "a"), ("not_given", "b"), ("not_given", "c"),
    ]  # fmt: skip


def test_a_measure_is_asked_for_by_the_cadence_of_its_rules_and_of_decisions() -> None:
    rules = head(more="required_share: 1/3") + """
measures: {n: count(report), of_decisions: days(report)}
duties: {y: {for: units, every: year, require: n >= 2, effective: {to: 2021-06-30}}}
decisions: {d: {when: {m: "measure(measure == of_decisions, value >= 2)"}, then: {do: propose, subject: m.subject, period: m.period}}}
"""  # fmt: skip
    result = both(rules, OFFICE, reports("2021-02-01", "2021-07-01"))
    for asked, value in (("n@year", 1), ("n", 1), ("of_decisions@year", 2), ("of_decisions", 2)):
        assert f"2021: {value}" in str(result.why("north", asked, "2021"))
    assert [d.subject for d in result.decisions] == ["north"]


def test_an_award_that_ends_before_the_scorecard_it_reads_waits_for_it() -> None:
    rules = head(more="required_share: 1/4") + """
scorecards: {c: {for: units, every: year, round: {decimals: 0}, missing: zero, indicators: {n: {points: 100, share: count(report) / 4}}}}
awards: {a: {for: units, every: year, rank_by: [c.total descending, id], quota: 1, effective: {to: 2021-06-30}}}
"""  # fmt: skip
    org = "units: [{id: n, level: office}, {id: s, level: office}]\n"
    events = [*reports("2021-02-02", unit="n"), *reports("2021-08-02", "2021-08-03", unit="s")]
    found = {
        at: [(r.subject, r.outcome.value) for r in both(rules, org, events, at).awards]
        for at in ("2021-07-15", "2021-12-31")
    }
    assert found == {
        "2021-07-15": [("n", "provisional"), ("s", "provisional")],
        "2021-12-31": [("s", "granted"), ("n", "not_granted")],
    }


def test_daily_steps_and_one_leap_tell_the_same_of_rules_that_begin_and_end() -> None:
    rules = head(more="required_share: 1/3") + """
duties:
  y: {for: units, every: year, require: count(report) >= 2, at_risk: 20 days, effective: {from: 2021-03-10, to: 2021-08-20}}
scorecards: {c: {for: units, every: quarter, round: {decimals: 2}, missing: zero, effective: {from: 2021-05-01, to: 2021-08-20}, indicators: {n: {points: 10, share: present()}, m: {points: 10, share: met(y)}}}}
"""  # fmt: skip
    loaded, tree, days = ruleset(rules), organisation(OFFICE), [date(2021, 2, 1) + timedelta(i) for i in range(330)]

    def changes(steps: Iterable[date]) -> list[tuple[object, ...]]:
        with lr.Live(loaded, tree, at="2021-01-31") as live:
            for event in rows(reports("2021-03-09", "2021-06-01", "2021-08-21")):
                live.post(event)
            return [(c.at, *c.key, c.old, c.new) for day in steps for c in live.advance(day)]

    assert changes(days) == changes([days[-1]])
