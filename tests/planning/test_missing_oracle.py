"""What is said to be missing is added as real events and everything is judged again: enough, and not one too many."""

from datetime import date, timedelta
from decimal import Decimal

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from programmes import TOWN, judge, scorecard

from learnorg_rules.model.scorecard import grade_of

AT = date(2005, 8, 10)
COUNTS = (
    "count(salon)", "count(plan)", "months(salon)", "weeks(plan)", "distinct(person in salon where member)",
    "count(salon where minutes >= 20)", "count(salon where person.rank == chu)", "sum(minutes in salon) / 30",
    "count(salon, plan)", "count(salon where occurred_at < 2005-09-10)", "distinct(person in salon)",
    "months(salon where minutes >= 40)", "max(minutes in salon) / 20", "count(salon where not member and score > 5)",
)  # fmt: skip
PARTS = st.builds("{} >= {}".format, st.sampled_from(COUNTS), st.integers(1, 4))
CONDITIONS = st.one_of(
    PARTS,
    st.builds("{} and {}".format, PARTS, PARTS),
    st.builds("{} or {}".format, PARTS, PARTS),
    st.builds("({} or {}) and {}".format, PARTS, PARTS, PARTS),
)
HISTORY = st.lists(
    st.fixed_dictionaries({
        "kind": st.sampled_from(["salon", "plan"]), "unit": st.sampled_from(["north", "south"]),
        "on": st.dates(date(2005, 1, 2), AT).map(str), "person": st.sampled_from([None, "ann", "bo", "cy"]),
        "minutes": st.sampled_from([None, 10, 20, 60]), "score": st.sampled_from([None, Decimal("4.5"), Decimal("7.0")]),
    }), max_size=6,
)  # fmt: skip
MODEST = settings(
    max_examples=12,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.too_slow],
)


def rows_of(events):
    """Future events as rows of a file."""
    rows = []
    for i, e in enumerate(events):
        fields = {
            n: None if v is None else Decimal(int(v * 10)) / 10 if n == "score" else int(v) for n, v in e.fields.items()
        }
        rows.append({"id": f"new{i}", "kind": e.kind, "unit": e.unit, "person": e.person, "on": str(e.day), **fields})
    return rows


def everything():
    """Every kind of event, of everybody, on every day that is left."""
    days = [AT + timedelta(i) for i in range(1, (date(2005, 12, 31) - AT).days + 1)]
    return [
        {"id": f"{day}{person}{kind}", "kind": kind, "unit": "north", "person": person, "on": str(day), "minutes": 600,
         "score": Decimal("9.0")}
        for day in days for person in ("ann", "bo", "cy") for kind in ("salon", "plan")
    ]  # fmt: skip


@MODEST
@given(CONDITIONS, HISTORY, st.sampled_from(["quarter", "year"]))
def test_the_events_meet_the_duty_and_one_fewer_does_not(condition, history, every):
    rules = f"duties:\n  d: {{for: units where level == department, every: {every}, require: '{condition}'}}\n"
    found = judge(rules, TOWN, history, str(AT)).missing("north")
    if not found:
        return
    (answer,) = found

    def status(more):
        end = "2005-09-30" if every == "quarter" else "2005-12-31"
        judged = judge(rules, TOWN, [*history, *more], end)
        return judged.duties.one(rule="d", subject="north", period=answer.period).status.value

    if answer.state == "out_of_reach":
        assert status(everything()) == "missed"
        return
    if answer.state == "undecided":  # too many combinations, and it says so; nothing else is undecided here
        assert answer.why == "many"
        return
    rows = rows_of(answer.events)
    assert all(e.day > AT for e in answer.events)
    assert status(rows) == "met", (condition, answer)
    kinds = {(e.kind, str(e.fields)): i for i, e in enumerate(answer.events)}
    for i in kinds.values():
        assert status(rows[:i] + rows[i + 1 :]) == "missed", (condition, answer)


@MODEST
@given(st.sampled_from(COUNTS), PARTS, st.sampled_from(COUNTS), HISTORY, st.sampled_from(["zero", "exclude"]))
def test_the_events_lift_the_grade_and_one_fewer_does_not(one, two, three, history, missing):
    indicators = {
        "one": f"points: 50, share: '{one} / 5'", "two": f"points: 30, when: '{two}'", "three": f"points: 20, share: '{three} / 4'"
    }  # fmt: skip
    grades, veto = (
        "{best: 90, good: 70, fair: 40, poor: 0}",
        "{long: {when: any(salon where minutes > 300), grade: fair}}",
    )
    rules = scorecard(indicators, "card", missing=missing, grades=grades, veto=veto)
    before = judge(rules, TOWN, history, str(AT))
    found = before.missing("north")
    if not found:
        return
    (answer,) = found
    if answer.state != "needed":
        return
    order = list(before.ruleset.scorecards["card"][0].grades)

    def judged(more):
        return judge(rules, TOWN, [*history, *more], "2005-12-31").scorecards.one(
            rule="card", subject="north", period="2005"
        )

    rows = rows_of(answer.events)
    after, old = judged(rows), before.scorecards.one(rule="card", subject="north", period="2005")
    assert order.index(after.grade) < order.index(old.grade)
    assert (after.grade, after.total - old.total) == (answer.target, answer.gain)
    assert grade_of(after.total, before.ruleset.scorecards["card"][0].grades) is not None
    if answer.fewest:
        for i in {(e.kind, str(e.fields)): i for i, e in enumerate(answer.events)}.values():
            assert judged(rows[:i] + rows[i + 1 :]).grade == old.grade, answer
