from fractions import Fraction

import made_simulation as made
import pytest
from programmes import over

import learnorg_rules as lr
from learnorg_rules.sensitivity.margins import award_margins, margin_table
from learnorg_rules.sensitivity.sweeps import sweep
from learnorg_rules.sensitivity.variants import VariantResults

SESSIONS = {"north": [60, 60, 90, 50, 40, 50], "south": [30, 100, 100, 100], "west": [45, 45, 45]}


def events():
    return lr.events_from(
        {"id": f"{unit}{i}", "kind": "session", "unit": unit, "minutes": m,
         "occurred_at": f"2005-{1 + 2 * i:02}-10T10:00:00+08:00"}
        for unit, minutes in SESSIONS.items() for i, m in enumerate(minutes)
    )  # fmt: skip


def judged_afresh(folder, **changes):
    result = lr.assess(
        lr.load(folder / "rules.yaml", set=changes), made.organisation(folder), events(), at="2005-12-31"
    )
    granted = {}
    for a in result.awards:
        granted.setdefault((a.rule, a.period), set()).update({a.subject} if a.granted else ())
    totals = {(s.rule, s.subject, s.period): s.total for s in result.scorecards}
    return totals, {(s.rule, s.subject, s.period): s.grade for s in result.scorecards}, granted


def plain(judged: VariantResults):
    granted = {}
    for (award, period, _), subjects in judged.granted.items():
        granted.setdefault((award, period), set()).update(subjects)
    return dict(judged.totals), dict(judged.grades), granted


def swept(folder, **arguments):
    return sweep(made.rules(folder), made.organisation(folder), events(), "2005-12-31", **arguments)


# ---- agree


def test_every_number_moved_gives_what_the_rules_with_that_number_give(tmp_path):
    from learnorg_rules.sensitivity.numbers import rule_numbers
    from learnorg_rules.sensitivity.variants import variant_judge

    rules = made.rules(tmp_path)
    judge = variant_judge(rules, made.organisation(tmp_path), events(), "2005-12-31")
    assert plain(judge.base) == judged_afresh(tmp_path)
    numbers, _ = rule_numbers(rules, judge.at)
    assert list(numbers) == [
        "enough", "full", "year.often.points", "year.long.points", "year.grades.good", "cup.quota",
    ]  # fmt: skip
    for number in numbers.values():
        for value in number.steps(Fraction(1, 4)):
            assert plain(judge.of_rules(number.with_value(value))) == judged_afresh(tmp_path, **{number.name: value}), (
                number
            )


def test_a_number_in_a_condition_on_events_is_counted_again(tmp_path):
    (tmp_path / "rules.yaml").write_text(
        made.RULES.replace("count(session) / full", "count(session where minutes >= long_enough) / full").replace(
            "parameters:\n", "parameters:\n  long_enough: {value: 50 minutes}\n"
        )
    )
    rules, org = lr.load(tmp_path / "rules.yaml"), made.organisation(tmp_path)
    found = sweep(rules, org, events(), "2005-12-31", steps={"long_enough": [Fraction(41), Fraction(200)]})
    for effect in found.effects:
        new, _, _ = judged_afresh(tmp_path, long_enough=f"{effect.value} minutes")
        old = found.base[0].totals
        assert {s.subject: s.points for s in effect.shifts if s.points} == {
            key[1]: new[key] - old[key] for key in old if new[key] != old[key]
        }


def test_a_number_that_lets_others_into_a_rule_counts_for_them_too(tmp_path):
    text = over(made.RULES, "organisation:\n  units: {staff: integer}\nparameters:\n  large: {value: 10}")
    text = text.replace("units where level == office", "units where level == office and staff >= large")
    (tmp_path / "rules.yaml").write_text(text)
    units = made.UNITS.replace("{id: north", "{staff: 5, id: north").replace("{id: south", "{staff: 20, id: south")
    (tmp_path / "units.yaml").write_text(units.replace("{id: west", "{staff: 20, id: west"))
    rules, org = lr.load(tmp_path / "rules.yaml"), lr.read_org(tmp_path / "units.yaml")
    (effect,) = sweep(rules, org, events(), "2005-12-31", steps={"large": [Fraction(1)]}).effects
    moved = {s.subject: (s.total, s.rank) for s in effect.shifts}
    assert moved == {"north": ((None, 80), (None, 1)), "south": ((63, 63), (1, 2)), "west": ((36, 36), (2, 3))}
    assert (effect.gained, effect.lost) == ([("cup", "2005", "north")], [("cup", "2005", "south")])


# ---- meaning


def test_a_sweep_says_who_is_moved_by_how_much_and_to_which_rank(tmp_path):
    (effect,) = swept(tmp_path, steps={"year.long.points": [Fraction(100)]}).effects
    shifts = {s.subject: s for s in effect.shifts}
    # 350 of 400 minutes, 330 of 400: 60 points more for all of them
    assert {s: shifts[s].points for s in ("north", "south")} == {"north": Fraction(105, 2), "south": Fraction(99, 2)}
    assert shifts["south"].rank == (2, 2)
    assert shifts["west"].grade == ("poor", "good")


def test_a_number_on_which_nothing_rests_moves_nobody(tmp_path):
    found = swept(tmp_path, parameters=["enough"])
    assert [e.shifts for e in found.effects] == [(), ()]
    assert found.table()["moved"].to_list() == [0.0, 0.0]


def test_whole_numbers_stay_whole_and_shares_stay_shares(tmp_path):
    (tmp_path / "rules.yaml").write_text(made.RULES.replace("value: 2}", "value: 95%}"))
    rules = lr.load(tmp_path / "rules.yaml")
    found = sweep(rules, made.organisation(tmp_path), events(), "2005-12-31", ["enough", "full"])
    tried = [(e.number.name, e.value) for e in found.effects]
    assert tried == [("enough", Fraction(171, 200)), ("enough", Fraction(1)), ("full", 7), ("full", 9)]


def test_several_sets_of_events_are_several_repetitions(tmp_path):
    rules, org = made.rules(tmp_path), made.organisation(tmp_path)
    found = sweep(rules, org, [events(), lr.events_from([])], "2005-12-31", ["full"])
    assert [(e.value, e.repetition) for e in found.effects] == [(7, 0), (9, 0), (7, 1), (9, 1)]
    assert found.table()["moved"].to_list() == [1.5, 1.5]
    assert set(found.shifts()["repetition"]) == {0}


def test_what_cannot_be_moved_is_named_with_its_reason(tmp_path):
    assert swept(tmp_path).left_out == {"day_zero": "it is no number (2005-03-01)"}


def test_a_margin_ends_where_the_awards_change(tmp_path):
    rules, org = made.rules(tmp_path), made.organisation(tmp_path)
    margins = award_margins(rules, org, events(), "2005-12-31", reach=Fraction(4))
    _, _, base = judged_afresh(tmp_path)
    for margin in margins:
        name = margin.number.name
        for same in (margin.low, margin.high):
            assert judged_afresh(tmp_path, **{name: same})[2] == base, name
        for other in (margin.breaks_low, margin.breaks_high):
            assert other is None or judged_afresh(tmp_path, **{name: other})[2] != base, name
    good = next(m for m in margins if m.number.name == "year.grades.good")
    # north has 80 and is first of one: at a bound of 81 nobody gets the cup
    assert (good.high, good.breaks_high, good.changes_high) == (80, 81, ["-cup 2005 north"])
    assert margin_table(margins)["number"].to_list() == [m.number.name for m in margins]


# ---- refusal


def test_an_unknown_number_is_refused_with_the_nearest(tmp_path):
    with pytest.raises(LookupError) as caught:
        swept(tmp_path, parameters=["enoug"])
    assert caught.value.args[0] == "there is no number 'enoug' in the rules; did you mean 'enough'?"
    with pytest.raises(LookupError) as caught:
        swept(tmp_path, parameters=["day_zero"])
    assert caught.value.args[0] == "'day_zero' cannot be moved: it is no number (2005-03-01)"


def test_a_step_of_nothing_is_refused(tmp_path):
    with pytest.raises(ValueError, match=r"^a step has to be above 0, not 0$"):
        swept(tmp_path, steps=Fraction(0))
