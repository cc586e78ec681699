"""Refusal, and its gentle form: what can never be, always is, or goes beyond the whole, each with place and whole message."""

import pytest

from learnorg_rules.authoring import load
from learnorg_rules.errors import InputError

RULES = """\
ruleset:
  id: reach
  time_zone: Asia/Shanghai
  effective: {from: 2015-01-01, to: 2016-12-31}
organisation:
  units: {headcount: integer}
  persons: {party_member: boolean}
fields:
  score: {type: decimal, places: 1, min: 0, max: 100}
  carrier: {type: choice, of: [forum, salon]}
events:
  talk: [person?, carrier?]
  exam: [person, score?]
measures:
  member: if(party_member, 1, 0)
duties:
  certificate: {for: persons, every: year, require: any(exam where score >= 60)}
  asked: {for: units, every: EVERY, require: REQUIRED}
scorecards:
  year:
    for: units
    every: year
    round: {decimals: 2, mode: half_up}
    missing: zero
    indicators: {talks: {points: 10, WORTH}}
    grades: {good: 6, fail: 0}
  own:
    for: persons
    every: year
    round: {decimals: 2, mode: half_up}
    missing: zero
    indicators: {exams: {points: 100, OWN}}
"""
USUAL = {"EVERY": "year", "REQUIRED": "any(talk)", "WORTH": "when: any(talk)", "OWN": "when: any(exam)"}


def told(tmp_path, **written):
    text = RULES
    for word, value in {**USUAL, **written}.items():
        text = text.replace(word, value)
    path = tmp_path / "rules.yaml"
    path.write_text(text, encoding="utf-8")
    try:
        issues = load(path).warnings
    except InputError as error:
        issues = error.issues
    return [f"{i.source.line}:{i.source.column} {i.code} {i.message} | {i.hint}" for i in issues if i.code != "W501"]


NEVER, ALWAYS = "no events make it true", "no events make it false"


@pytest.mark.parametrize(
    ("every", "required", "warning"),
    [
        ("year", "months(talk) > 12", f"can never hold | {NEVER}"),
        ("year", "months(talk) >= 12", ""),
        ("month", "months(talk) >= 2", f"can never hold | {NEVER}"),
        ("quarter", "weeks(talk) >= 15", f"can never hold | {NEVER}"),
        ("week", "days(talk) >= 8", f"can never hold | {NEVER}"),
        ("year", "mean(score in exam) > 100", f"can never hold | {NEVER}"),
        ("year", "mean(score in exam) >= 100", ""),
        ("year", "count(exam where score > 100) >= 1", f"can never hold | {NEVER}"),
        ("year", "count(talk where carrier == forum and carrier == salon) >= 1", f"can never hold | {NEVER}"),
        ("year", "any(exam where score >= 90 and score < 60)", f"can never hold | {NEVER}"),
        ("year", "any(exam where score >= 60 and score < 90)", ""),
        ("year", "distinct(carrier in talk) >= 3", f"can never hold | {NEVER}"),
        ("year", "count(talk) == 1.5", f"can never hold | {NEVER}"),
        ("year", "year.grade > good", f"can never hold | {NEVER}"),
        ("year", "year.grade >= good", ""),
        ("year", "previous(year.total) > 10", f"can never hold | {NEVER}"),
        ("year", "share((headcount > 3) in children) >= 80", "can never hold | a share is at most 1: write 80%"),
        ("year", "count(talk) >= 0", f"always holds | {ALWAYS}"),
        ("year", "any(talk) or not any(talk)", f"always holds | {ALWAYS}"),
        ("month", "months(talk) in 0..1", f"always holds | {ALWAYS}"),
        ("year", "mean(score in exam) <= 100", ""),  # unknown without events
        ("year", "true", ""),
    ],
)
def test_a_requirement_that_says_nothing_is_a_warning(tmp_path, every, required, warning):
    found = [f"18:{41 + len(every)} W512 the requirement '{required}' {warning}"] if warning else []
    assert told(tmp_path, EVERY=every, REQUIRED=f"'{required}'") == found


@pytest.mark.parametrize(
    ("required", "warning"),
    [
        (
            "year.total >= 60%",
            "W514 'year.total' is no share, and 60% is 0.6 | write 60, or divide 'year.total' by the whole",
        ),
        (
            "count(talk) >= 80%",
            "W514 'count(talk)' is no share, and 80% is 0.8 | write 80, or divide 'count(talk)' by the whole",
        ),
        ("count(talk) / headcount >= 80%", ""),
    ],
)
def test_a_percentage_of_what_is_no_share_is_a_warning(tmp_path, required, warning):
    assert told(tmp_path, REQUIRED=f"'{required}'") == ([f"18:45 {warning}"] if warning else [])


@pytest.mark.parametrize(
    ("worth", "warning"),
    [
        (
            "value: 2 * count(talk)",
            "W515 the value of 'talks' can be more than its 10 points, and then there is no total | "
            "if it ends there, write 'min(10, 2 * count(talk))'",
        ),
        ("value: 'min(10, 2 * count(talk))'", ""),
        (
            "value: 10 - count(talk)",
            "W515 the value of 'talks' can be below 0, and then there is no total | if it ends there, write 'max(0, 10 - count(talk))'",
        ),
        ("value: mean(score in exam)", ""),  # what is recorded out of range is wrong, and no reason to cut it
        (
            "share: count(talk)",
            "W515 the share of 'talks' can be any number; above 1 it counts as 1 | divide it by the whole",
        ),
        (
            "share: mean(score in exam)",
            "W515 the share of 'talks' can be 100; above 1 it counts as 1 | divide it by the whole: '(mean(score in exam)) / 100'",
        ),
        ("share: count(talk) / 4", ""),
        ("share: 0 - 5%", "W512 the share of 'talks' is never above 0 | nobody can have a point for it"),
    ],
)
def test_points_and_shares_beyond_the_whole_are_a_warning(tmp_path, worth, warning):

    assert told(tmp_path, WORTH=worth) == ([f"25:45 {warning}"] if warning else [])


@pytest.mark.parametrize(
    ("place", "asked", "column", "refused"),
    [
        (
            "WORTH", "share: met(certificate)", 45,
            "E533 'met(certificate)' is about persons, and is asked of units; 'year' judges units | "
            "reach them through a group, such as 'mean(met(certificate) in members)'",
        ),
        ("WORTH", "share: mean(met(certificate) in members)", 45, ""),
        (
            "OWN", "share: year.total / 100", 46,
            "E533 'year.total' is about units, and is asked of persons; 'own' judges persons | "
            "reach them through a group, such as 'max(year.total in home)'",
        ),
        ("OWN", "share: max(year.total in home) / 100", 46, ""),
        (
            "OWN", "when: year.grade == good", 45,
            "E533 'year.grade' is about units, and is asked of persons; 'own' judges persons | "
            "reach them through a group, such as 'max(year.total in home)'",
        ),
        (
            "WORTH", "share: member", 45,
            "E533 'party_member' is about persons, and is asked of units; 'year' judges units | "
            "reach them through a group, such as 'share((party_member) in members)'",
        ),
        ("WORTH", "share: mean(member in members)", 45, ""),
    ],
)  # fmt: skip
def test_results_of_the_other_sort_of_subject_are_refused(tmp_path, place, asked, column, refused):
    line = 25 if place == "WORTH" else 32
    assert told(tmp_path, **{place: asked}) == ([f"{line}:{column} {refused}"] if refused else [])


def test_nothing_is_told_of_an_expression_that_was_refused(tmp_path):
    assert told(tmp_path, WORTH="share: count(tlak) / 4") == [
        "25:51 E308 unknown kind of event 'tlak' | did you mean 'talk'?"
    ]
    assert told(tmp_path, WORTH="when: any(tlak)") == ["25:48 E308 unknown kind of event 'tlak' | did you mean 'talk'?"]
