"""What is still missing: hand-worked examples."""

from datetime import date
from fractions import Fraction

import made_simulation as made
import pytest
from programmes import TOWN, judge, scorecard

import learnorg_rules as lr


def duty(require, **more):
    settings = {"for": "units where level == department", "every": "quarter", **more}
    keys = "".join(f", {k}: {v}" for k, v in settings.items() if v)
    return f"duties:\n  d: {{require: '{require}'{keys}}}\n"


def missing_of(rules, events=(), at="2005-08-10", unit="north"):
    return judge(rules, TOWN, list(events), at).missing(unit)


def salon(on, **more):
    return {"kind": "salon", "unit": "north", "on": on, **more}


def said(found):
    return [(n.kind, n.count, n.where, n.by) for m in found for n in m.needs]


def test_a_count_needs_as_many_events_as_are_missing_by_the_last_day_of_the_period():
    (found,) = missing_of(duty("count(salon) >= 3"), [salon("2005-07-02")])
    assert said([found]) == [("salon", 2, "", date(2005, 9, 30))]
    assert (found.target, found.state, found.last_day, found.fewest) == ("met", "needed", date(2005, 9, 30), True)


def test_a_duty_that_is_met_needs_nothing():
    assert missing_of(duty("count(salon) >= 1"), [salon("2005-07-02")]) == []


def test_the_condition_is_said_with_its_parameters_filled_in():
    rules = "parameters: {enough: {value: 30}}\n" + duty("any(salon where minutes >= enough)")
    (found,) = missing_of(rules)
    assert said([found]) == [("salon", 1, "minutes >= 30", date(2005, 9, 30))]
    assert found.events[0].fields["minutes"] >= 30


def test_months_are_counted_among_those_not_hit_that_are_not_over():
    (found,) = missing_of(duty("months(salon) >= 3", every="year"), [salon("2005-03-02"), salon("2005-08-02")])
    assert said([found]) == [("salon", 1, "", date(2005, 12, 31))]
    assert found.needs[0].grain == "month"


def test_several_months_name_the_day_of_the_first_and_of_the_last():
    (found,) = missing_of(duty("months(salon) >= 4", every="year"), [salon("2005-08-02")])
    need = found.needs[0]
    assert (need.count, need.first_by, need.by) == (3, date(2005, 10, 31), date(2005, 12, 31))
    assert found.last_day == date(2005, 10, 31)


def test_where_too_few_months_are_left_the_target_is_out_of_reach():
    (found,) = missing_of(duty("months(salon) >= 6", every="year"))
    assert (found.state, found.why, found.detail) == ("out_of_reach", "spent", "months(salon) >= 6")


def test_a_day_that_is_past_is_out_of_reach():
    (found,) = missing_of(duty("any(salon where occurred_at < 2005-08-01)"))
    assert (found.state, found.why) == ("out_of_reach", "over")


def test_a_day_before_which_it_must_happen_is_the_last_day():
    (found,) = missing_of(duty("any(salon where occurred_at < 2005-09-15)"))
    assert found.last_day == date(2005, 9, 14)


def test_different_persons_are_persons_not_counted_yet():
    (found,) = missing_of(duty("distinct(person in salon where member) >= 2"), [salon("2005-07-02", person="ann")])
    assert [e.person for e in found.events] == ["bo"]
    assert found.needs[0].element == "person"


def test_more_different_members_than_there_are_is_out_of_reach():
    (found,) = missing_of(duty("distinct(person in salon where member) >= 3"))
    assert (found.state, found.why) == ("out_of_reach", "spent")


def test_a_condition_on_the_person_names_somebody_who_meets_it():
    (found,) = missing_of(duty("any(salon where person.rank == chu)"))
    assert found.needs[0].person == "ann"


def test_a_sum_needs_one_event_with_what_is_missing():
    (found,) = missing_of(duty("sum(minutes in salon) >= 100"), [salon("2005-07-02", minutes=70)])
    assert [(n.count, n.fields) for n in found.needs] == [(1, {"minutes": Fraction(30)})]


def test_of_alternatives_the_smaller_is_taken():
    (found,) = missing_of(duty("count(salon) >= 3 or count(plan) >= 2"), [salon("2005-07-02"), salon("2005-07-03")])
    assert said([found]) == [("salon", 1, "", date(2005, 9, 30))]


def test_conditions_that_one_event_meets_together_need_one_event():
    (found,) = missing_of(duty("any(salon where minutes >= 30) and any(salon where score > 5)"))
    assert [n.count for n in found.needs] == [1]


def test_a_part_that_more_events_could_undo_says_so():
    (found,) = missing_of(duty("count(salon) == 1"))
    assert (found.needs[0].count, found.steady) == (1, False)


def test_an_exceeded_maximum_cannot_be_mended_by_more_events():
    (found,) = missing_of(duty("count(salon) <= 1"), [salon("2005-07-02"), salon("2005-07-03")])
    assert (found.state, found.why) == ("undecided", "many")


def test_a_mean_lies_with_values_nobody_knows():
    (found,) = missing_of(duty("mean(score in salon) >= 5"))
    assert (found.state, found.why, found.detail) == ("undecided", "values", "mean(score in salon)")


def test_a_share_of_members_lies_with_other_subjects():
    rules = "measures: {came: count(salon)}\n" + duty("share((came >= 1) in members) >= 0.5")
    (found,) = missing_of(rules)
    assert (found.state, found.why) == ("undecided", "elsewhere")
    assert found.detail == "share((came >= 1) in members)"


def test_what_predecessors_had_is_not_guessed():
    (found,) = missing_of(duty("count(salon) >= 1", succession="inherit"))
    assert (found.state, found.why) == ("undecided", "inherits")


def test_a_deadline_that_may_be_met_late_has_no_last_day():
    (found,) = missing_of(duty("count(salon) >= 2", every="", by="2005-06-30"), [salon("2005-07-02")])
    assert (said([found]), found.last_day) == ([("salon", 1, "", None)], None)


def test_a_deadline_that_may_not_be_met_late_is_not_asked_for():
    assert missing_of(duty("count(salon) >= 2", every="", by="2005-06-30", late="refused")) == []


def test_a_waived_duty_needs_nothing():
    waiver = {
        "kind": "let_off", "unit": "north", "on": "2005-07-01", "person": "ann", "rule": "d", "reason": "r",
        "granted_by": "town", "until": "2005-12-31",
    }  # fmt: skip
    result = judge(duty("count(salon) >= 2"), TOWN, [waiver], "2005-08-10")
    waived = [r.subject for r in result.duties if r.status.value == "waived"]
    assert [result.missing(u) == [] for u in waived] == [True] * len(waived)


def test_a_person_is_told_of_events_of_their_own():
    (found,) = missing_of(duty("count(salon) >= 1", **{"for": "persons of north"}), unit="ann")
    assert [(e.person, e.unit) for e in found.events] == [("ann", "north")]


def card(*indicators, **more):
    named = {f"i{i}": f"points: {points}, {what}" for i, (points, what) in enumerate(indicators)}
    return scorecard(named, "card", grades="{good: 80, fair: 50, poor: 0}", **more)


def test_a_scorecard_is_lifted_to_the_next_grade_with_the_fewest_events():
    rules = card((40, "share: count(salon) / 8"), (60, "when: count(plan) >= 2"))
    (found,) = missing_of(rules, [salon("2005-07-02")])
    assert said([found]) == [("plan", 2, "", date(2005, 12, 31))]
    assert (found.target, found.gain, found.fewest) == ("fair", 60, True)


def test_a_scorecard_without_grades_says_that_there_is_none_to_reach():
    """It was passed over, and the command said that nothing more is needed."""
    named = {"i0": "points: 100, share: count(salon) / 8"}
    (found,) = missing_of(scorecard(named, "card"))
    assert (found.rule, found.state, found.why, found.needs) == ("card", "undecided", "no_grades", ())
    several = missing_of(scorecard(named, "card") + duty("count(salon) >= 1"))
    assert [m.rule for m in several] == ["d"]


def test_points_of_several_indicators_add_up():
    rules = card((40, "share: count(salon) / 2"), (60, "when: count(plan) >= 1"))
    (found,) = missing_of(rules, [{"kind": "plan", "unit": "north", "on": "2005-02-01"}])
    assert (found.target, said([found]), found.gain) == ("good", [("salon", 1, "", date(2005, 12, 31))], 20)


def test_an_indicator_that_lies_with_others_is_taken_as_it_stands():
    rules = card((40, "share: mean(score in salon) / 10"), (60, "when: count(plan) >= 1"))
    (found,) = missing_of(rules)
    assert (found.target, found.held, said([found])) == ("fair", ("i0",), [("plan", 1, "", date(2005, 12, 31))])


def test_a_grade_beyond_what_events_can_give_says_how_far_they_reach():
    rules = card((70, "share: mean(score in salon) / 10"), (30, "when: count(plan) >= 1"))
    (found,) = missing_of(rules)
    assert (found.state, found.why, found.detail, found.held) == ("undecided", "held", "30/100", ("i0",))


def test_a_veto_that_no_event_can_lift_keeps_the_grade_out_of_reach():
    veto = "{long: {when: any(salon where minutes > 500), grade: poor}}"
    rules = card((100, "when: count(plan) >= 1"), veto=veto)
    (found,) = missing_of(rules, [salon("2005-07-02", minutes=600)])
    assert (found.state, found.why, found.detail) == ("out_of_reach", "veto", "long")


def test_an_event_that_meets_a_duty_counts_in_the_card_that_asks_for_it():
    rules = duty("any(plan)", every="year") + card((100, "share: 'coalesce(met(d), 0)'"))
    found = {m.rule: m for m in missing_of(rules)}
    assert said([found["card"]]) == [("plan", 1, "", date(2005, 12, 31))]
    assert (found["card"].target, found["card"].gain) == ("good", 100)


def test_the_best_grade_needs_nothing():
    rules = card((100, "when: count(plan) >= 1"))
    assert missing_of(rules, [{"kind": "plan", "unit": "north", "on": "2005-02-01"}]) == []


@pytest.mark.parametrize(
    ("unit", "rule", "message"),
    [
        ("noth", None, "there is no unit, body or person 'noth'; did you mean 'north'?"),
        ("north", "e", "there is no duty or scorecard 'e'; known: d"),
        ("north", "dd", "there is no duty or scorecard 'dd'; did you mean 'd'?"),
    ],
)
def test_what_is_not_there_is_refused(unit, rule, message):
    result = judge(duty("count(salon) >= 1"), TOWN, [], "2005-08-10")
    with pytest.raises(LookupError) as refusal:
        result.missing(unit, rule)
    assert str(refusal.value.args[0]) == message


def test_what_is_missing_names_the_least_amount_where_a_formula_adds_it_up(tmp_path):
    rules = made.RULES.replace(
        "require: count(session) >= enough", "require: sum(minutes * 2 in session) >= 240 minutes"
    )
    (tmp_path / "rules.yaml").write_text(rules)
    result = lr.assess(
        lr.load(tmp_path / "rules.yaml"), made.organisation(tmp_path), lr.events_from([]), at="2005-01-31"
    )
    ((need,),) = [m.needs for m in result.missing("north", "meets") if m.period == "2005-Q1"]
    assert (need.kind, need.count, need.fields) == ("session", 1, {"minutes": 120})
