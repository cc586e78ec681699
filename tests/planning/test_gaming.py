from fractions import Fraction

import made_simulation as made
import pytest

import learnorg_rules as lr
from learnorg_rules.planning.gaming import gaming


def events():
    return lr.events_from([
        {"id": str(i), "kind": "session", "unit": "north", "minutes": m, "occurred_at": f"2005-{month}-10T10:00:00+08:00"}
        for i, (m, month) in enumerate([(60, "01"), (60, "03"), (90, "06"), (20, "12")])
    ])  # fmt: skip


def played(folder, at="2005-06-30"):
    return lr.assess(made.rules(folder), made.organisation(folder), events(), at=at)


def test_one_more_event_gives_what_the_card_gives_for_it(tmp_path):
    (extra,) = gaming(played(tmp_path), "year", ["north"]).extras
    # 1/8 of 60 points, and 60 minutes, as sessions usually have, of 400 for 40 points
    assert (extra.kind, extra.fields, extra.gain) == ("session", {"minutes": 60}, Fraction(27, 2))
    assert extra.indicators == {"often": Fraction(15, 2), "long": 6}
    assert extra.second == Fraction(27, 2)


def test_an_event_that_serves_two_indicators_is_found(tmp_path):
    found = gaming(played(tmp_path), "year")
    assert {e.subject for e in found.doubles} == {"north", "south", "west"}
    assert {name: e.kind for name, e in found.cheapest().items()} == {"often": "session", "long": "session"}


def test_a_field_is_no_amount_because_another_whose_name_begins_the_same_is_added_up(tmp_path):
    rules = (
        made.RULES.replace("  minutes: {type", "  minute: {type: integer, min: 0, max: 59}\n  minutes: {type")
        .replace("session: [minutes]", "session: [minute, minutes]")
        .replace("count(session) / full", "count(session where minute >= 30) / full")
    )
    (tmp_path / "rules.yaml").write_text(rules)
    recorded = lr.events_from([
        {"id": str(i), "kind": "session", "unit": "north", "minute": 0, "minutes": 60, "occurred_at": f"2005-0{i}-10T10:00:00+08:00"}
        for i in (1, 2)
    ])  # fmt: skip
    result = lr.assess(lr.load(tmp_path / "rules.yaml"), made.organisation(tmp_path), recorded, at="2005-06-30")
    best = gaming(result, "year", ["north"]).extras[0]
    # the minute stays at one that the card counts, though all that were recorded began on the hour
    assert best.fields == {"minute": 30, "minutes": 60}
    assert best.indicators == {"often": Fraction(15, 2), "long": 6}


def test_an_activity_cut_in_two_gains_where_events_are_counted_and_not_where_minutes_are(tmp_path):
    (extra,) = gaming(played(tmp_path), "year", ["north"]).splits
    assert extra.split == Fraction(15, 2)
    (tmp_path / "rules.yaml").write_text(made.RULES.replace("count(session) / full", "any(visit) and 1 or 0")
                                         .replace("share: any(visit) and 1 or 0", "when: any(visit)"))  # fmt: skip
    rules = lr.load(tmp_path / "rules.yaml")
    by_minutes = lr.assess(rules, made.organisation(tmp_path), events(), at="2005-06-30")
    sessions = [e for e in gaming(by_minutes, "year", ["north"]).extras if e.kind == "session"]
    assert [e.split for e in sessions] == [0]


def test_the_table_has_the_cheapest_points_first(tmp_path):
    table = gaming(played(tmp_path), "year").table()
    assert table["gain"].is_sorted(descending=True)
    assert table["indicators"].to_list()[0] == ["often", "long"]


def test_nobody_can_gain_in_a_period_that_is_over(tmp_path):
    with pytest.raises(LookupError) as caught:
        gaming(played(tmp_path, "2006-12-31"), "year")
    assert caught.value.args[0] == (
        "no period of 'year' still runs for these subjects at the end of 2006-12-31; judge an earlier day"
    )


def test_an_unknown_scorecard_is_refused_with_the_nearest(tmp_path):
    with pytest.raises(LookupError) as caught:
        gaming(played(tmp_path), "yeer")
    assert caught.value.args[0] == "there is no scorecard 'yeer'; did you mean 'year'?"
