"""Refusal, in the gentle form: a decision that asks for a number which nothing reaches is a warning, with place and whole message."""

import pytest

from learnorg_rules.authoring import load

RULES = """\
ruleset:
  id: reach
  time_zone: Asia/Shanghai
  effective: {from: 2015-01-01, to: 2016-12-31}
parameters: {whole: {2015-01-01: {value: 60}, 2016-01-01: {value: 80}}}
events: {talk: []}
measures:
  talks: count(talk)
  busy: linear(count(talk), 0, 4)
duties:
  talking: {for: units, require: any(talk), every: half}
scorecards:
  year:
    for: units
    every: year
    round: {decimals: 2, mode: half_up}
    indicators: {talks: {points: whole, when: any(talk)}}
    grades: {good: 60, fail: 0}
decisions:
  praise:
    when:
      s: PATTERN
    then: {do: propose, subject: s.subject}
    because: {en: praise}
"""


def warnings_of(tmp_path, pattern):
    path = tmp_path / "rules.yaml"
    path.write_text(RULES.replace("PATTERN", pattern), encoding="utf-8")
    return [str(w).replace(f"{path}", "rules.yaml") for w in load(path).warnings if "W501" not in str(w)]


@pytest.mark.parametrize(
    ("pattern", "warnings"),
    [
        ("score(scorecard == year, total > 80)", [
            "rules.yaml:22:35: E526 no total of 'year' meets it: full marks are 80\n    hint: no fact will ever match",
        ]),
        ("score(total < 0)", [
            "rules.yaml:22:16: E526 no total of 'year' meets it: full marks are 80\n    hint: no fact will ever match",
        ]),
        ("score(scorecard == year, total >= 80)", []),
        ("score(scorecard == year, total in 90..100)", [
            "rules.yaml:22:35: E526 no total of 'year' meets it: full marks are 80\n    hint: no fact will ever match",
        ]),
        ("duty(duty == talking, in_a_row > 4)", [
            "rules.yaml:22:32: W512 'talking' has no more than 4 periods\n    hint: no fact will ever match",
        ]),
        ("duty(in_a_row >= 4)", []),
        ("measure(measure == busy, value > 1)", [
            "rules.yaml:22:35: W512 'busy' is at least 0 and at most 1\n    hint: no fact will ever match",
        ]),
        ("measure(measure == talks, value < 0)", [
            "rules.yaml:22:36: W512 'talks' is at least 0\n    hint: no fact will ever match",
        ]),
        ("measure(measure in [talks, busy], value >= 30)", []),
        (
            "score(scorecard == year, total >= 60%)",
            ["rules.yaml:22:35: W514 'total' is no share, and 60% is 0.6\n    hint: write 60"],
        ),
    ],
)  # fmt: skip
def test_a_number_that_no_fact_has_is_a_warning(tmp_path, pattern, warnings):
    assert warnings_of(tmp_path, pattern) == warnings
