from fractions import Fraction

import made_simulation as made
import pytest

import learnorg_rules as lr
from learnorg_rules.sensitivity.delays import late_costs


def events():
    return lr.events_from([
        {"id": str(i), "kind": "session", "unit": "north", "minutes": m, "occurred_at": f"2005-{month}-10T10:00:00+08:00"}
        for i, (m, month) in enumerate([(60, "01"), (60, "03"), (90, "06"), (20, "12")])
    ])  # fmt: skip


def test_what_comes_late_is_judged_as_of_its_later_day(tmp_path):
    rules, org = made.rules(tmp_path), made.organisation(tmp_path)
    (cost,) = late_costs(rules, org, events(), ["session"], days=30, at="2006-12-31")
    # the session of December, 20 minutes, now lies in January
    moved = Fraction(15, 2) + 2
    assert cost.points == {("year", "north", "2005"): -moved, ("year", "north", "2006"): moved}
    assert cost.events == 4


def test_an_unknown_kind_and_a_delay_of_no_day_are_refused(tmp_path):
    rules, org = made.rules(tmp_path), made.organisation(tmp_path)
    with pytest.raises(LookupError) as caught:
        late_costs(rules, org, events(), ["sesion"])
    assert caught.value.args[0] == "there is no kind of event 'sesion'; did you mean 'session'?"
    with pytest.raises(ValueError, match=r"^days have to be 1 or more, not 0$"):
        late_costs(rules, org, events(), ["session"], days=0)
