import subprocess
import sys
from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest

from learnorg_rules.authoring import load
from learnorg_rules.errors import InputError
from learnorg_rules.expr.nodes import Aggregate, Literal, Ref, Subjects, walk
from learnorg_rules.expr.types import Base

PROGRAMME = Path(__file__).parent / "programme"
HEAD = """\
ruleset:
  id: programme
  time_zone: Asia/Shanghai
  effective: {from: 2004-01-01, to: 2005-12-31}
"""


@pytest.fixture
def rules(tmp_path):
    def loaded(text, **options):
        path = tmp_path / "rules.yaml"
        path.write_text(HEAD + text, encoding="utf-8")
        return load(path, **options)

    return loaded


def codes(error):
    return [issue.code for issue in error.value.issues]


def test_the_programme_of_the_reference_is_read_whole():
    ruleset = load(PROGRAMME)
    assert ruleset.id == "zhabei_2003"
    assert ruleset.calendar.holidays[0].from_ == date(2005, 2, 9)
    assert ruleset.events["exam"].takes == {"person": True, "score": False, "passed": True}
    assert [day for day, _ in ruleset.parameters["quota"].values] == [date(1994, 1, 1), date(2007, 1, 4)]
    assert ruleset.parameters["reference_year"].values[0][1].assumed
    assert ruleset.measures["rate"].title.say("zh") == "群众参与率"
    card = ruleset.scorecards["year"][0]
    assert card.categories["participation"].indicators["visits"].points is not None
    assert all(node.type is not None for node in walk(card.veto["no_plan"].when.tree))
    assert (card.source.line, card.places["grades"].line) == (74, 89)


def test_no_frame_is_needed_to_read_rules():
    code = "import sys, learnorg_rules.authoring; sys.exit('polars' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_a_named_selector_takes_its_meaning_wherever_it_stands(rules):
    ruleset = rules(
        "selectors:\n  led: units that office leads\n  same: led\n"
        "duties:\n  a: {for: same, require: true, every: year}\n  b: {for: office, require: true, every: year}\n"
    )
    assert ruleset.duties["a"][0].for_.tree == Subjects("units", by="office", edge="leads")
    assert ruleset.duties["b"][0].for_.tree == Subjects(ids=("office",))


def test_measures_may_stand_in_any_order(rules):
    ruleset = rules("events: {study: []}\nmeasures:\n  twice: 2 * once\n  once: count(study)\n")
    tree = ruleset.measures["twice"].value.tree
    assert [n.scope for n in walk(tree) if isinstance(n, Ref)] == ["measure"]
    assert list(ruleset.measures) == ["twice", "once"]


def test_a_measure_may_be_called_as_a_field_is(rules):
    ruleset = rules(
        "fields: {minutes: {type: integer, unit: minutes}}\nevents: {study: [minutes]}\n"
        "measures: {minutes: sum(minutes in study)}\n"
    )
    assert isinstance(ruleset.measures["minutes"].value.tree, Aggregate)


def test_a_field_shadows_an_attribute_of_the_person(rules):
    ruleset = rules(
        "organisation: {persons: {rank: text}}\nfields: {rank: integer}\nevents: {exam: [person, rank]}\n"
        "measures:\n  field: sum(rank in exam)\n  attribute: distinct(person.rank in exam)\n"
    )
    scopes = {m.id: m.value.tree.value.scope for m in ruleset.measures.values()}
    assert scopes == {"field": "event", "attribute": "person"}


def test_an_attribute_is_not_called_as_what_vetoes_quotas_and_selectors_have_themselves(rules):
    """In a veto `total` is that of the scorecard, so the attribute was hidden without a word."""
    with pytest.raises(InputError) as error:
        rules("organisation:\n  units: {total: integer, grade: text}\n  persons: {period_end: date}\n")
    assert [(issue.code, issue.message.split("'")[1]) for issue in error.value.issues] == [
        ("E502", "total"), ("E502", "period_end"),
    ]  # fmt: skip


def test_a_condition_where_conditions_have_names_is_told_to_get_one(rules):
    steps = "{a: {from: 2004-01-01, to: 2004-12-31, done: any(poll)}}"
    with pytest.raises(InputError) as error:
        rules(f"events: {{poll: []}}\nplans:\n  p:\n    for: office\n    steps: {steps}\n")
    (issue,) = error.value.issues
    assert (issue.code, issue.hint) == ("E203", "write 'done: {name: ...}'")


def test_a_person_with_a_birth_date_has_an_age(rules):
    text = "events: {exam: [person]}\nmeasures: {young: count(exam where age <= 35)}\n"
    rules("organisation: {persons: {birth_date: date}}\n" + text)
    with pytest.raises(InputError, match="unknown name 'age'"):
        rules(text)


def test_versions_stand_by_date_whatever_their_order_in_the_file(rules):
    ruleset = rules(
        "duties:\n  a:\n"
        "    - {for: office, require: true, every: year, effective: {from: 2005-01-01}}\n"
        "    - {for: office, require: false, every: year, effective: {to: 2004-12-31}}\n"
    )
    assert [version.effective.to for version in ruleset.duties["a"]] == [date(2004, 12, 31), None]


def test_a_grade_compares_from_the_worst_up(rules):
    ruleset = rules(
        "events: {study: []}\n"
        "scorecards:\n  year:\n    for: office\n    every: year\n    round: {decimals: 1}\n"
        "    indicators: {a: {points: 10, when: any(study)}}\n    grades: {good: 6, fail: 0}\n"
        "awards: {model: {for: office, every: year, when: year.grade >= good}}\n"
    )
    when = ruleset.awards["model"][0].when
    (grade,) = [n for n in walk(when.tree) if isinstance(n, Ref)]
    assert grade.type.options == ("fail", "good")


# ---- parameters


def test_a_parameter_is_replaced_from_outside(rules):
    text = "parameters:\n  share: {2004-01-01: {value: 10%, assumed: true}}\n  reading: 'strict'\n  group: [a]\n"
    ruleset = rules(text, set={"share": "15%", "reading": "wide", "group": "[b, c]"})
    values = {name: p.values[0][1].value.tree for name, p in ruleset.parameters.items()}
    assert {name: node.value for name, node in values.items() if isinstance(node, Literal)} == {
        "share": Fraction(15, 100), "reading": "wide", "group": ("b", "c"),
    }  # fmt: skip
    assert ruleset.parameters["share"].values[0][0] is None
    assert not ruleset.parameters["share"].values[0][1].assumed


def test_setting_an_unknown_parameter_or_to_no_value_is_refused(rules):
    with pytest.raises(InputError) as refused:
        rules("parameters: {share: 10%}\n", set={"shore": "1", "share": "ten"})
    assert str(refused.value) == (
        "--set: E215 there is no parameter 'shore'\n    hint: did you mean 'share'?\n"
        "--set share:1:1: E216 'ten' is not a value\n    hint: a text stands in quotes: \"ten\""
    )


def test_a_quoted_parameter_is_a_text_and_a_plain_one_a_value(rules):
    ruleset = rules("parameters:\n  a: '12'\n  b: 12\n  c: 60 days\n  d: 2005-04-01\n  e: true\n  f: 25 points\n")
    bases = {name: p.values[0][1].value.tree.type.base for name, p in ruleset.parameters.items()}
    assert bases == {
        "a": Base.TEXT, "b": Base.NUMBER, "c": Base.DURATION, "d": Base.DATE, "e": Base.BOOLEAN, "f": Base.NUMBER,
    }  # fmt: skip


def test_a_parameter_without_a_first_day_in_time_can_be_missing(rules):
    card = (
        "parameters:\n  least: {2004-06-01: 2}\nevents: {study: []}\n"
        "scorecards:\n  c:\n    for: office\n    every: year\n"
        "    round: {decimals: 1}\n    indicators: {a: {points: 10, when: count(study) >= least}}\n"
    )
    with pytest.raises(InputError) as refused:
        rules(card)
    assert codes(refused) == ["E510"]


def test_only_the_days_on_which_points_are_read_must_have_them(rules):
    card = (
        "parameters:\n  most: {DAY: 10}\nevents: {study: []}\nscorecards:\n  c:\n    for: office\n    every: year\n"
        "    round: {decimals: 1}\n    indicators: {a: {points: most, when: any(study)}}\n"
    )
    rules(card.replace("DAY", "2004-12-31"))  # the last day of the first year
    with pytest.raises(InputError) as refused:
        rules(card.replace("DAY", "2005-01-01"))
    assert codes(refused) == ["E506"]


# ---- sums and grades


def scorecard(indicators, more=""):
    return (
        "events: {study: []}\nparameters: {wide: false}\nscorecards:\n  c:\n    for: office\n    every: year\n"
        f"    round: {{decimals: 0}}\n    categories:\n"
        f"      x:\n        points: 10\n        indicators: {indicators}\n{more}"
    )


def test_indicators_without_points_share_what_is_left(rules):
    rules(scorecard("{a: {points: 4, when: any(study)}, b: {when: any(study)}, d: {when: any(study)}}"))


def test_an_indicator_that_is_not_read_counts_in_no_sum(rules):
    indicators = "{a: {points: 10, when: any(study)}, b: {points: 5, only: wide, when: any(study)}}"
    rules(scorecard(indicators, "    declared_items: 1\n"))
    with pytest.raises(InputError) as refused:
        rules(scorecard(indicators, "    declared_items: 1\n"), set={"wide": "true"})
    assert codes(refused) == ["E507"]


def test_bands_of_whole_points_touch_where_no_total_lies_between(rules):
    rules(scorecard("{a: {when: any(study)}}", "    grades: {good: {from: 7, to: 10}, fail: {from: 0, to: 6}}\n"))
    with pytest.raises(InputError, match="a total of 6 has no grade"):
        rules(scorecard("{a: {when: any(study)}}", "    grades: {good: {above: 6, to: 10}, fail: {below: 6}}\n"))


# ---- what is broken hides nothing


def test_a_broken_measure_is_not_reported_again_where_it_is_used(rules):
    with pytest.raises(InputError) as refused:
        rules(
            "events: {study: []}\nmeasures:\n  a: count(stdy)\n  b: 2 * a\n  c: b + count(stuty)\n  d: cuont(study)\n"
        )
    assert codes(refused) == ["E308", "E309"]


def test_a_misspelt_key_hides_no_fault_of_the_same_rule(rules):
    with pytest.raises(InputError) as refused:
        rules("duties:\n  a: {for: office, require: any(study), evry: year}\n")
    assert codes(refused) == ["E308", "E201"]


def test_a_fault_inside_a_folded_expression_is_found_on_its_line(rules):
    with pytest.raises(InputError) as refused:
        rules("events: {study: []}\nmeasures:\n  a:\n    value: >-\n      count(study)\n      + cuont(study)\n")
    (issue,) = refused.value.issues
    assert (issue.source.line, issue.source.column) == (10, 9)


def test_what_nothing_uses_is_shown_and_refuses_nothing(rules):
    ruleset = rules("fields: {topic: text}\nevents: {poll: []}\nparameters: {share: 10%}\n")
    assert [issue.message for issue in ruleset.warnings] == [
        "the field 'topic' is never used", "the event kind 'poll' is never used", "the parameter 'share' is never used",
    ]  # fmt: skip


def test_a_chain_of_measures_has_a_limit(rules):
    chain = "".join(f"  m{i}: m{i + 1} + 1\n" for i in range(30)) + "  m30: count(study)\n"
    with pytest.raises(InputError, match="'m10' rests on a chain of more than 20") as refused:
        rules(f"events: {{study: []}}\nmeasures:\n{chain}")
    assert codes(refused) == ["E521"]


def test_two_thousand_rules_load_in_seconds(rules):
    measures = "".join(f"  m{i}: count(study) + {'m' + str(i - 1) if i % 10 else '0'}\n" for i in range(1000))
    duties = "".join(f"  d{i}: {{for: office, require: m{i} >= 1, every: month}}\n" for i in range(1000))
    assert len(rules(f"events: {{study: []}}\nmeasures:\n{measures}duties:\n{duties}").duties) == 1000


PLAN = "{course: {for: units, steps: {one: {from: 2004-01-01, to: 2004-06-30, done: {held: any(study)}}}}}"


def test_plans_are_read_under_their_former_name_too(rules):
    head = "events: {study: []}\n"
    (plan,) = rules(f"{head}phases: {PLAN}").plans["course"]
    assert plan == rules(f"{head}plans: {PLAN}").plans["course"][0]
    changed = rules(f"{head}plans: {PLAN}", set={"phases.course.unmet": "extend"})
    assert changed.plans["course"][0].unmet == "extend"


def test_a_file_with_plans_under_both_names_is_refused(rules):
    with pytest.raises(InputError, match="E211 'phases' is the former name of 'plans'; both are given"):
        rules(f"events: {{study: []}}\nphases: {PLAN}\nplans: {PLAN.replace('course', 'other')}")
