"""What many subjects read alike is computed once: each still gets its own exact points, and no name more than it asked for."""

from fractions import Fraction

from programmes import judge, scorecard

DEPARTMENTS = 1_100  # more than the readings of one indicator that are remembered
ORG = "units:\n  - {id: d, level: district}\n" + "".join(
    f"  - {{id: u{n:04}, level: department, parent: d}}\n" for n in range(DEPARTMENTS)
)


def minutes(*given: int | None) -> list[dict]:
    return [{"kind": "salon", "unit": f"u{n:04}", "on": "2005-03-01", "minutes": m} for n, m in enumerate(given)]


def test_more_different_readings_than_are_remembered_give_each_subject_its_points():
    given = [n % 1_050 for n in range(DEPARTMENTS)]
    result = judge(scorecard("share: sum(minutes in salon) / 1050"), ORG, minutes(*given), "2005-12-31")
    found = {s.subject: s.points for s in result.indicators.where(period="2005")}
    expected = {f"u{n:04}": Fraction((200 * 10 * m + 1050) // 2100, 100) for n, m in enumerate(given)}
    assert found == expected


def test_what_is_missing_to_one_subject_is_none_of_the_others():
    share = 'share: "if(any(salon where minutes > 0), 60 / sum(minutes in salon))"'
    result = judge(scorecard(share), ORG, minutes(0, 120, 60, 120, 0), "2005-12-31")
    found = [(s.points, s.state, s.value) for s in result.indicators.where(period="2005")][:5]
    nothing, half = (0, "zero", None), (5, "scored", Fraction(1, 2))
    assert found == [nothing, half, (10, "scored", 1), half, nothing]


def test_a_value_outside_its_range_is_told_of_every_subject_that_has_it():
    result = judge(scorecard("value: sum(minutes in salon)"), ORG, minutes(11, 10, 11), "2005-12-31")
    assert [issue.message for issue in result.findings if "2005," in issue.message] == [
        "year.x gives u0000 11 points in 2005, outside 0..10",
        "year.x gives u0002 11 points in 2005, outside 0..10",
    ]


def test_an_assumed_parameter_that_an_and_never_came_to_is_not_told():
    parameters = "parameters:\n  enough: {value: 5, assumed: true}\n"
    rules = parameters + scorecard('when: "count(salon) > 0 and sum(minutes in salon) >= enough"')
    assert not judge(rules, ORG, [], "2005-12-31").assumed
    assert [a.name for a in judge(rules, ORG, minutes(7), "2005-12-31").assumed] == ["enough"]
