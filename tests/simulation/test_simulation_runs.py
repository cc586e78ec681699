import re
import signal
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from attrs import evolve
from small_scenarios import SCENARIO, delayed, responding, scenario, written

from learnorg_rules.simulation.api import simulate
from learnorg_rules.simulation.definitions import Scenario
from learnorg_rules.simulation.reading import read_scenario
from learnorg_rules.simulation.results import SCHEMAS, Simulation
from learnorg_rules.simulation.trajectory import EventModel, Trajectory

SHIPPED = Path(__file__).parents[2] / "rulesets" / "banner-loop" / "scenarios" / "banner.yaml"
POLL = """\
behaviours:
  polls: {for: rooms, event: poll, rate: 10, every: month}
policies:
  now: {}
"""


def polls(more: str = "", repetitions: int = 40) -> str:
    """A scenario of polls alone."""
    text = SCENARIO[: SCENARIO.index("behaviours:")] + POLL.replace("every: month", f"every: month{more}")
    return text.replace("repetitions: 4", f"repetitions: {repetitions}")


def events(read: Scenario, *repetitions: int) -> pl.DataFrame:
    """The events of some repetitions, default the first, where nobody responds."""
    model, which = EventModel(read), repetitions or (1,)
    trajectory = Trajectory(model, which, [model.randomness(repetition) for repetition in which])
    for number in range(len(model.steps)):
        trajectory.step(number, lambda place, profile: 1.0)
    return trajectory.read().frame


def same(one: Simulation, other: Simulation) -> None:
    assert one.done == other.done
    assert all(one.frames[name].equals(other.frames[name]) for name in SCHEMAS)


# ---- meaning


def test_the_tables_are_as_declared_and_sorted(tmp_path: Path) -> None:
    found = simulate(scenario(tmp_path))
    assert found.done == 4
    for name, schema in SCHEMAS.items():
        frame = found.frames[name]
        assert dict(frame.schema) == dict(schema)
        if name == "findings":
            assert frame.is_empty()
            continue
        assert frame["policy"].unique(maintain_order=True).to_list() == ["now", "two"]
        assert frame.filter(pl.col("policy") == "now")["repetition"].is_sorted()
    assert found.frames["events"].height == 2 * 4 * (4 + len(found.scenario.organisation.persons)) * 9


def test_as_many_events_happen_as_the_rate_says(tmp_path: Path) -> None:
    found = simulate(scenario(tmp_path, polls())).frames["events"]["events"]
    expected = 10 * 9 * 4 * 40
    assert found.len() == 9 * 4 * 40
    assert abs(found.sum() - expected) < 5 * expected**0.5
    assert abs(found.var() / found.mean() - 1) < 0.2  # as of a Poisson process


def test_a_season_and_a_spread_change_the_rate(tmp_path: Path) -> None:
    read = scenario(tmp_path, polls(", season: {2: 0, 3: 2}, spread: 0.5", 60))
    found = simulate(read).frames["events"]
    by_month = dict(found.group_by("step").agg(pl.col("events").mean()).iter_rows())
    assert by_month[date(2005, 2, 1)] == 0
    assert 1.8 < by_month[date(2005, 3, 1)] / by_month[date(2005, 4, 1)] < 2.2
    sums = found.filter(pl.col("step") > date(2005, 3, 1)).group_by("repetition", "subject").agg(pl.col("events").sum())
    mean, variance = sums["events"].mean(), sums["events"].var()
    assert abs(mean / 60 - 1) < 0.15
    assert 0.4 < ((variance - mean) / mean**2) ** 0.5 < 0.6


def test_members_attend_with_their_chance(tmp_path: Path) -> None:
    read = scenario(tmp_path)
    found = events(read, *range(1, 60)).filter(pl.col("kind") == "salon")
    now = read.organisation.as_of(date(2005, 1, 1))
    happenings = found.with_columns(pl.col("id").str.replace(r"\.\d+$", "")).group_by("file", "id", "unit").len()
    assert all(home == now.home(person) for home, person in found.select("unit", "person").unique().iter_rows())
    asked = {u: len(now.members(u)) for u in read.organisation.units if u != "house"}
    # Who is alone at home leaves no trace: the share among those with two members or more, corrected for the empty ones.
    for unit, size in asked.items():
        attended = happenings.filter(pl.col("unit") == unit)["len"].mean()
        assert abs(attended - 0.6 * size / (1 - 0.4**size)) < 0.35


def test_fields_are_drawn_as_declared(tmp_path: Path) -> None:
    found = events(scenario(tmp_path), *range(1, 60))
    salons, exams = (found.filter(pl.col("kind") == kind) for kind in ("salon", "exam"))
    assert (salons["minutes"].min(), salons["minutes"].max()) == (60, 90)
    assert set(salons["topic"]) == {"law", "history"}
    assert salons["score"].null_count() == salons.height
    assert (exams["score"].min() >= 0, exams["score"].max()) == (True, 1000)  # tenths
    assert abs(exams["score"].mean() / 10 - 69) < 3
    assert 0.5 < exams["passed"].mean() < 0.7


def test_events_lie_in_their_step_and_local_day(tmp_path: Path) -> None:
    found = events(scenario(tmp_path, polls()))
    days = found["occurred_at"].dt.convert_time_zone("Asia/Shanghai").dt.date()
    assert days.min() >= date(2005, 1, 1)
    assert days.max() <= date(2005, 9, 30)
    assert found["id"].n_unique() == found.height


def test_what_is_recorded_late_does_not_count_before(tmp_path: Path) -> None:
    text = polls(", recorded_after: 1000", 2)
    late = simulate(scenario(tmp_path, text)).frames["duties"]
    prompt = simulate(scenario(tmp_path, polls("", 2))).frames["duties"]
    met = [f.filter((pl.col("duty") == "quarterly_poll") & (pl.col("status") == "met")).height for f in (late, prompt)]
    assert met[1] == 2 * 4 * 3
    assert met[0] < met[1]


def test_errors_name_another_unit_of_the_level_and_are_put_right(tmp_path: Path) -> None:
    found = events(scenario(tmp_path, polls(", errors: {chance: 50%, corrected_after: 14}")))
    corrections = found.filter(pl.col("corrects").is_not_null())
    pairs = corrections.join(found, left_on="corrects", right_on="id", suffix="_wrong")
    assert pairs.height == corrections.height > 0.4 * (found.height - corrections.height)
    assert (pairs["unit"] != pairs["unit_wrong"]).all()
    assert "house" not in set(found["unit"])
    assert set(pairs["recorded_at"] - pairs["occurred_at"]) == {timedelta(14)}


def test_a_response_raises_the_rate_of_those_it_holds_for(tmp_path: Path) -> None:
    responds = ", responds: [{to: missed, rule: quarterly_poll, factor: 30}]"
    read = scenario(tmp_path, polls(responds, 30).replace("rate: 10", "rate: 0.2"))
    found = simulate(read)
    duties = found.frames["duties"].filter((pl.col("duty") == "quarterly_poll") & (pl.col("period") == "2005-Q1"))
    april = found.frames["events"].filter(pl.col("step") == date(2005, 4, 1))
    both = april.join(duties, on=["repetition", "subject"])
    means = dict(both.group_by("status").agg(pl.col("events").mean()).iter_rows())
    assert 5 < means["missed"] < 7
    assert means["met"] < 0.5


# ---- chance is the same whatever is compared, and however it is run


def test_policies_are_compared_on_the_same_chances(tmp_path: Path) -> None:
    found = simulate(scenario(tmp_path)).frames["events"]
    now, two = (found.filter(pl.col("policy") == p).drop("policy") for p in ("now", "two"))
    assert now.equals(two)


def test_responses_that_change_nothing_change_no_event(tmp_path: Path) -> None:
    still = scenario(tmp_path, re.sub(r"factor: [0-9./]+", "factor: 1", responding()))
    same(simulate(still), simulate(scenario(tmp_path)))


def test_a_higher_rate_has_the_same_events_earlier(tmp_path: Path) -> None:
    slow = events(scenario(tmp_path))
    fast = events(
        scenario(tmp_path, SCENARIO.replace("    rate: 1\n    every: month", "    rate: 2\n    every: month"))
    )
    both = slow.join(fast, on="id", suffix="_fast").filter(pl.col("kind") == "salon")
    assert both.height == slow.filter(pl.col("kind") == "salon").height
    assert (both["occurred_at_fast"] < both["occurred_at"]).all()
    assert (
        both.select("person", "minutes", "topic").rows()
        == both.select("person_fast", "minutes_fast", "topic_fast").rows()
    )


def test_another_behaviour_moves_no_event_of_this_one(tmp_path: Path) -> None:
    start, end = SCENARIO.index("  exams:"), SCENARIO.index("policies:")
    alone = events(scenario(tmp_path, SCENARIO[:start] + SCENARIO[end:]))
    beside = events(scenario(tmp_path)).filter(pl.col("kind") == "salon")
    assert alone.drop("row").equals(beside.drop("row"))


def test_repetitions_and_seeds_differ(tmp_path: Path) -> None:
    read = scenario(tmp_path)
    found = [events(read, 1), events(read, 2), events(evolve(read, seed=8), 1)]
    assert len({tuple(f["occurred_at"].to_list()) for f in found}) == 3


def test_more_repetitions_leave_the_first_as_they_are(tmp_path: Path) -> None:
    read = scenario(tmp_path, responding().replace("repetitions: 4", "repetitions: 2"))
    few, more = simulate(read), simulate(evolve(read, repetitions=3))
    for name, frame in few.frames.items():
        assert frame.equals(more.frames[name].filter(pl.col("repetition") <= 2))


@pytest.mark.parametrize("text", [SCENARIO, delayed(responding())])
def test_processes_and_blocks_change_no_byte(tmp_path: Path, text: str) -> None:
    read = scenario(tmp_path, text)
    one = simulate(read)
    same(one, simulate(read, processes=2))
    same(one, simulate(read, memory=2_000_000))


def test_little_memory_makes_small_blocks(tmp_path: Path) -> None:
    read, reached = scenario(tmp_path, SCENARIO.replace("repetitions: 4", "repetitions: 6")), []
    simulate(read, progress=lambda done, of: reached.append((done, of)))
    assert reached == [(6, 6)]
    reached.clear()
    simulate(read, memory=1_200_000, progress=lambda done, of: reached.append((done, of)))
    assert reached[-1] == (6, 6)
    assert len(reached) > 1


# ---- what is shipped


def test_the_shipped_scenario_runs_and_without_a_quota_nobody_holds_the_banner() -> None:
    read = evolve(read_scenario(SHIPPED), repetitions=2)
    found = simulate(read)
    granted = found.frames["awards"].filter("granted").group_by("policy").len()
    assert dict(granted.iter_rows()) == {"as_it_is": 2 * 3 * 8}
    sums = found.frames["events"].group_by("policy").agg(pl.col("events").sum())
    assert sums["events"].n_unique() == 2  # the banner changes what happens


# ---- from outside


@pytest.mark.parametrize("first", ["", "import learnorg_rules.simulation.results", "lr.read_scenario"])
def test_the_calls_are_there_whatever_was_imported_first(tmp_path: Path, first: str) -> None:
    program = f"import sys, learnorg_rules as lr; {first}\nprint(lr.simulate(lr.read_scenario(sys.argv[1])).done)"
    ran = subprocess.run(
        [sys.executable, "-c", program, str(written(tmp_path))], capture_output=True, text=True, check=False
    )
    assert (ran.stdout, ran.stderr) == ("4\n", "")


# ---- interrupted


def test_ctrl_c_gives_the_repetitions_that_are_done(tmp_path: Path) -> None:
    read = scenario(tmp_path, SCENARIO.replace("repetitions: 4", "repetitions: 50"))

    def interrupt(done: int, of: int) -> None:
        if done >= 40:
            raise KeyboardInterrupt

    found = simulate(read, progress=interrupt)
    assert (found.done, found.frames["totals"]["repetition"].max()) == (40, 40)
    same(found, simulate(evolve(read, repetitions=40)))


def test_ctrl_c_in_the_first_block_gives_empty_tables(tmp_path: Path) -> None:
    read = scenario(tmp_path)
    found = simulate(evolve(read, repetitions=4), progress=_interrupt)
    assert found.done == 4  # the block was whole when it was told
    assert dict(found.frames["totals"].schema) == dict(SCHEMAS["totals"])


def _interrupt(done: int, of: int) -> None:
    raise KeyboardInterrupt


PROGRAM = """
import sys
from attrs import evolve
from learnorg_rules.simulation.api import simulate
from learnorg_rules.simulation.reading import read_scenario

if __name__ == "__main__":
    read = evolve(read_scenario(sys.argv[1]), repetitions=100000)
    found = simulate(read, processes=2, progress=lambda done, of: print("at", done, flush=True))
    print("done", found.done, found.frames["totals"]["repetition"].max())
"""


def test_a_signal_ends_all_processes_and_keeps_what_is_whole(tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text(PROGRAM, encoding="utf-8")
    arguments = [sys.executable, str(program), str(written(tmp_path))]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as running:
        assert running.stdout is not None
        first = running.stdout.readline()
        running.send_signal(signal.SIGINT)
        rest, faults = running.communicate(timeout=60)
    assert first == "at 20\n"
    last = rest.splitlines()[-1].split()
    assert (running.returncode, faults, last[0]) == (0, "", "done")
    assert int(last[1]) >= 20
    assert last[1] == last[2]


def test_streams_are_found_by_name() -> None:
    from learnorg_rules.simulation.streams import Arrivals, Marks, generator

    numbers = generator(1, 2, "a", "b").random(3)
    assert np.array_equal(numbers, generator(1, 2, "a", "b").random(3))
    assert not np.array_equal(numbers, generator(1, 2, "a b").random(3))
    at_once, bit_by_bit = Arrivals(generator(1)), Arrivals(generator(1))
    pieces = [bit_by_bit.between(0, level)[-1] for level in (5, 50, 500)]
    assert [at_once.between(0, level)[-1] for level in (500, 50, 5)] == pieces[::-1]
    forward, backward = Marks(generator(2), 3), Marks(generator(2), 3)
    rows = [forward.row(n).tolist() for n in range(30)]
    assert [backward.row(n).tolist() for n in reversed(range(30))] == rows[::-1]
