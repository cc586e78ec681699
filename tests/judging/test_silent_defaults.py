"""What used to be taken in silence: days that no rule judges, attributes that nobody has, quotas that are no number."""

import pytest
from programmes import DISTRICT, SALONS, assess_text, organisation, over, ruleset, salons, scorecard

import learnorg_rules as lr

BY_STAFF = over(
    SALONS.replace("  persons: {birth", "  units: {headcount: integer}\n  persons: {birth"),
    "measures: {busy: count(salon) / headcount}\n",
    scorecard("share: busy", for_="units"),
)


def test_an_attribute_that_nobody_has_is_told():
    """Source of the kind: a column of the file has another name, and everybody gets 0."""
    result = assess_text(BY_STAFF, DISTRICT, salons("a", "2005-02-01"), at="2005-12-31")
    said = "nobody has the attribute 'headcount', which 'year' asks for: record it, or say in `organisation.columns` what files call it"
    assert said in result.notes
    some = DISTRICT.replace("{id: a, level", "{id: a, headcount: 3, level")
    assert assess_text(BY_STAFF, some, [], at="2005-12-31").notes == ()


@pytest.mark.parametrize("day", ["2002-12-30", "2008-01-01"])
def test_a_day_that_the_rules_do_not_judge_is_refused(day):
    with pytest.raises(lr.InputError) as refused:
        lr.assess(ruleset(BY_STAFF), organisation(DISTRICT), lr.events_from([]), at=day)
    (issue,) = refused.value.issues
    assert (issue.code, issue.message) == ("O206", f"results as of {day} are asked for, which the rules do not judge")
    assert issue.hint == "they judge 2003-01-01 to 2007-12-31; ask for one of these days, or let 'effective' go on"


AWARD = "awards: {{best: {{for: units, every: year, rank_by: [year.total descending, id], quota: {0}}}}}\n"


@pytest.mark.parametrize("quota", ["10%", "-1", "1/2", "half_of_one"])
def test_a_quota_that_is_no_whole_number_is_refused(quota):
    with pytest.raises(lr.InputError) as refused:
        ruleset(over(BY_STAFF, "parameters: {half_of_one: 0.5}\n", AWARD.format(quota)))
    (issue,) = (i for i in refused.value.issues if i.severity == "error")
    assert issue.code == "E511"
    assert issue.message == f"the quota of 'best' is {quota}, not a whole number of at least 0"


def test_a_quota_that_is_not_always_whole_is_a_warning():
    rules = ruleset(over(BY_STAFF, AWARD.format("candidates / 4")))
    (warning,) = (w for w in rules.warnings if w.code == "W511")
    assert warning.message == "the quota of 'best' is 0.25 where it counts 1"
    (warning,) = (
        w for w in ruleset(over(BY_STAFF, AWARD.format("ceil(10 * candidates)"))).warnings if w.code == "W511"
    )
    assert warning.message == "the quota of 'best' keeps nobody out: it is never below what it counts"
    assert warning.hint == "a share of ten in a hundred is 10%, not 10"
    assert not [w for w in ruleset(over(BY_STAFF, AWARD.format("ceil(candidates / 4)"))).warnings if w.code == "W511"]


# ---- what can never be


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        ("count(salon) < 0", False),
        ("count(salon) <= 0", True),
        ("n == -1", False),
        ("n in -3..-1", False),
        ("met(plan) > 1", False),
        ("rank(n in peers) < 1", False),
        ("share((n > 1) in children) > 100%", False),
        ("n + 3 < 3", False),
        ("2 * n + 1 <= 1", True),
        ("0 - n > 0", False),
        ("min(n, 5) > 5", False),
        ("max(n, 5) < 5", False),
        ("max(n, 5) > 5", True),
        ("any(salon) and present() > 1.5", False),
        ("any(salon) or present() > 1.5", True),
        ("sum(score in salon) < 0", True),
        ("sum(minutes in salon) < 0", False),
        ("balance < 0", True),
    ],
)
def test_a_condition_that_nothing_can_meet_is_a_warning(condition, holds):
    rules = f"""
measures: {{n: count(salon), balance: 'n + coalesce(previous(balance), 0)'}}
duties:
  plan: {{for: units, every: year, require: any(plan)}}
  asked: {{for: units, every: year, require: '{condition}'}}
"""
    found = [w.message for w in ruleset(over(SALONS, rules)).warnings if w.code == "W512"]
    assert found == ([] if holds else [f"the requirement '{condition}' can never hold"])


def test_an_item_that_can_only_take_points_away_is_refused():
    """4 of 10 points lost: under `missing: zero` the negative item counted 0, and the penalty was gone."""
    minus = scorecard(
        {"plus": "points: 10, value: 'min(10, count(plan))'", "minus": "points: 10, value: VALUE"}, for_="units"
    )
    with pytest.raises(lr.InputError) as refused:
        ruleset(over(SALONS, minus.replace("VALUE", "0 - count(salon)")))
    (issue,) = refused.value.issues
    assert (issue.code, issue.message) == ("E532", "'minus' can only take points away, which an indicator cannot")
    assert issue.hint == "say what is left of its points: value: 'max(0, 10 - count(salon))'"
    mended = over(SALONS, minus.replace("VALUE", "'max(0, 10 - count(salon))'"))
    result = assess_text(mended, DISTRICT, salons("a", "2005-02-01", "2005-02-02"), at="2005-12-31")
    assert result.indicators.one(subject="a", period="2005", indicator="minus").points == 8
