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


@pytest.mark.parametrize("day", ["2002-12-31", "2008-01-01"])
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
    assert not [w for w in ruleset(over(BY_STAFF, AWARD.format("ceil(candidates / 4)"))).warnings if w.code == "W511"]
