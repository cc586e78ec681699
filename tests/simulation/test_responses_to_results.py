"""For whom a response holds, against what the tables of results say."""

from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest
from small_scenarios import responding, scenario

from learnorg_rules.judging.judging import Judging
from learnorg_rules.periods import Period
from learnorg_rules.simulation.definitions import Response
from learnorg_rules.simulation.responses import holding, rate_factor
from learnorg_rules.simulation.simulator import Simulator
from learnorg_rules.simulation.trajectory import EventModel, Trajectory

STEPS = [4, 5, 7]  # May, June and August, from 0


def judged(folder: Path, number: int, repetition: int) -> tuple[EventModel, Judging, Period, date]:
    model = EventModel(scenario(folder, responding()))
    trajectory = Trajectory(model, [repetition], [model.randomness(repetition)])
    for step in range(number + 1):
        trajectory.step(step, lambda place, profile: 1.0)
    step = model.steps[number]
    simulator = Simulator(model, "aggregate")
    on_day = simulator.on_day("now", step.last)
    (cells,) = on_day.cells(simulator._ingested(trajectory.read(), step.last).frame, 1)
    return model, on_day.judge(cells), step, model.steps[number + 1].start


@pytest.mark.parametrize("number", STEPS)
@pytest.mark.parametrize("repetition", [1, 2, 3])
def test_a_response_holds_for_those_the_tables_name(tmp_path: Path, number: int, repetition: int) -> None:
    model, judging, step, following = judged(tmp_path, number, repetition)
    holds = {r.to: set(found) for r, found in holding(model.responses, judging, step, following).items()}
    month, quarter = step.name, (following.month - 1) // 3 + 1
    before = f"2005-Q{quarter - 1}"
    assert holds["missed"] == {
        d.subject for d in judging.duties if d.rule == "meet" and d.period == month and d.status == "missed"
    }
    awards = [a for a in judging.awards if a.period == before]
    assert holds["award"] == {a.subject for a in awards if a.granted}
    assert holds["no_award"] == {a.subject for a in awards if not a.granted}
    assert holds["rank"] == {a.subject for a in awards if a.rank == 2}  # one prize, within 1
    at_risk = {d.subject for d in judging.duties if d.rule == "quarterly_poll" and d.status == "at_risk"}
    assert holds["at_risk"] == at_risk
    assert bool(at_risk) == (number in (4, 7))  # a month before the quarter ends
    near = set()
    if step.last.month // 3 * 3 != step.last.month:  # at the end of a quarter the next begins anew
        for score in judging.scorecards:
            left = min((b - score.total for b in (0, 30, 60) if b > score.total), default=None)
            if score.period == f"2005-Q{quarter}" and left is not None and left <= 15:
                near.add(score.subject)
    assert holds["distance"] == near


def test_factors_of_all_responses_that_hold_are_multiplied(tmp_path: Path) -> None:
    model = EventModel(scenario(tmp_path, responding()))
    salons = model.scenario.behaviours["salons"]
    missed, award = salons.responds[0], salons.responds[1]
    holds = {missed: {"room_01", "room_02"}, award: {"room_01"}}
    factors = [rate_factor(salons, room, holds) for room in ("room_01", "room_02", "room_03")]
    assert factors == [1, 2, 1]  # 2 * 1/2, 2, nothing
    assert rate_factor(salons, "room_01", {Response("missed", "meet", Fraction(9)): {"room_01"}}) == 1
