"""The results of repetitions run together are those of each run alone: by batch, and followed live."""

from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal
from small_scenarios import RULES, SCENARIO, delayed, responding, scenario

from learnorg_rules.simulation.api import simulate
from learnorg_rules.simulation.definitions import Scenario

OTHER_RULES = """\
  two: {set: {prizes: 2}}
  easy: {set: {enough: 20%}}
  more_points: {set: {half.reach.points: 50, half.met.points: 40}}
  more_salons: {set: {needed: 2}}
  lenient: {set: {half.grades.good: 40}}
"""


def both(read: Scenario) -> None:
    together, alone = (simulate(read, level=level) for level in ("aggregate", "event"))
    assert together.done == alone.done == read.repetitions
    for name, frame in together.frames.items():
        assert_frame_equal(frame, alone.frames[name])
        assert frame.height or name == "findings"
    assert simulate(read).frames["totals"].equals(together.frames["totals"])


def test_without_responses(tmp_path: Path) -> None:
    both(scenario(tmp_path, SCENARIO.replace("  two: {set: {prizes: 2}}\n", OTHER_RULES)))


def test_with_results_that_a_person_has_to_settle(tmp_path: Path) -> None:
    read = scenario(tmp_path, SCENARIO.replace("prizes: 2", "prize.quota: 3 * candidates / 7"))
    both(read)
    found = simulate(read).frames["findings"]
    assert found.select("policy", "code").unique().rows() == [("two", "E603")]
    assert found["repetition"].unique().sort().to_list() == [1, 2, 3, 4]


def test_with_late_and_wrong_records(tmp_path: Path) -> None:
    both(scenario(tmp_path, delayed(SCENARIO)))


def test_with_responses(tmp_path: Path) -> None:
    both(scenario(tmp_path, responding().replace("repetitions: 4", "repetitions: 3")))


def test_with_responses_to_late_and_wrong_records(tmp_path: Path) -> None:
    both(scenario(tmp_path, delayed(responding()).replace("repetitions: 4", "repetitions: 2")))


def test_with_responses_where_rules_look_back_at_results(tmp_path: Path) -> None:
    rules = RULES.replace("  guests:", "  before: previous(half.total)\n  guests:")
    rules = rules.replace(
        "    grades: {good: 60, fair: 30, poor: 0}\n",
        "    grades: {good: 60, fair: 30, poor: 0}\n"
        "  trend: {for: rooms, every: quarter, round: {decimals: 2, mode: half_up}, missing: zero,\n"
        "          indicators: {low: {points: 100, share: 1 - before / 100}}}\n",
    ).replace("half.total descending", "trend.total descending")
    text = responding().replace("repetitions: 4", "repetitions: 2")
    both(scenario(tmp_path, text, rules))


@pytest.mark.parametrize("succession", ["restart", "inherit"])
def test_with_an_organisation_that_changes(tmp_path: Path, succession: str) -> None:
    org = tmp_path / "org"
    org.mkdir()
    (org / "units.csv").write_text(
        "id,level,name,part_of,from,to\nhouse,house,House,,,\nred,room,Red,house,,2005-05-15\n"
        "green,room,Green,house,,\nblue,room,Blue,house,2005-05-16,\n",
        encoding="utf-8",
    )
    (org / "persons.csv").write_text("id,name\nann,Ann\nbo,Bo\ncy,Cy\ndi,Di\n", encoding="utf-8")
    (org / "edges.csv").write_text(
        "kind,source,target,from,to\nmember_of,ann,red,,2005-05-15\nmember_of,ann,blue,2005-05-16,\n"
        "member_of,bo,red,,2005-03-10\nmember_of,bo,green,2005-03-11,\nmember_of,cy,green,,\nmember_of,di,blue,2005-05-16,\n"
        "succeeds,blue,red,2005-05-16,\n",
        encoding="utf-8",
    )
    rules = RULES.replace("every: quarter\n    round", f"every: quarter\n    succession: {succession}\n    round")
    rules = rules.replace("for: rooms, require: count", f"for: rooms, succession: {succession}, require: count")
    start, end = SCENARIO.index("  shape:"), SCENARIO.index("behaviours:")
    text = SCENARIO[:start] + "  files: org\n" + SCENARIO[end:]
    both(scenario(tmp_path, text, rules))
    both(scenario(tmp_path, responding(text).replace("repetitions: 4", "repetitions: 2"), rules))


def test_policies_that_ask_the_same_share_one_pass(tmp_path: Path) -> None:
    from learnorg_rules.simulation.simulator import Simulator
    from learnorg_rules.simulation.trajectory import EventModel

    rules = RULES.replace("require: any(poll)", "require: count(salon where minutes >= long) >= 1")
    rules = rules.replace("  prizes: 1", "  prizes: 1\n  long: 70")
    policies = OTHER_RULES + "  longer: {set: {long: 80}}\n"
    read = scenario(tmp_path, SCENARIO.replace("  two: {set: {prizes: 2}}\n", policies), rules)
    groups = Simulator(EventModel(read), "aggregate").groups()
    assert groups == [["now", "two", "easy", "more_points", "more_salons", "lenient"], ["longer"]]
    both(read)


def test_what_policies_share_is_what_says_the_same(tmp_path: Path) -> None:
    from learnorg_rules.simulation.sharing import same_rules
    from learnorg_rules.simulation.simulator import Simulator
    from learnorg_rules.simulation.trajectory import EventModel

    read = scenario(tmp_path, SCENARIO.replace("  two: {set: {prizes: 2}}\n", OTHER_RULES))
    dataflow = Simulator(EventModel(read), "aggregate").on_day("now", read.to).dataflow
    now = read.policies["now"].ruleset
    found = {
        name: {dataflow.rules[place].id for place in same_rules(now, policy.ruleset, dataflow)}
        for name, policy in read.policies.items()
    }
    everything = {"meet", "quarterly_poll", "sit", "half", "prize"}
    assert found == {
        "now": everything,
        "two": everything - {"prize"},
        "easy": {"meet", "quarterly_poll", "sit"},
        "more_points": {"meet", "quarterly_poll", "sit"},
        "more_salons": {"quarterly_poll", "sit"},
        "lenient": {"meet", "quarterly_poll", "sit"},
    }


def test_the_cells_of_many_repetitions_hold_every_aggregate(tmp_path: Path) -> None:
    rules = RULES.replace(
        "      met: {",
        "      often: {points: 1, share: most(topic in salon) / 100}\n"
        "      last: {points: 1, share: last(minutes in salon) / 100}\n"
        "      most: {points: 1, share: max(minutes in salon) / 100}\n"
        "      weeks: {points: 1, share: weeks(salon where person.rank is missing) / 100}\n"
        "      members: {points: 1, share: share((met(sit) == 1) in members)}\n"
        "      met: {",
    )
    both(scenario(tmp_path, SCENARIO, rules))


def test_results_differ_where_rules_do(tmp_path: Path) -> None:
    found = simulate(scenario(tmp_path, SCENARIO.replace("  two: {set: {prizes: 2}}\n", OTHER_RULES)))
    granted = found.frames["awards"].filter("granted").group_by("policy").len()
    by_policy = dict(granted.iter_rows())
    assert by_policy["two"] == 2 * by_policy["now"]
    means = dict(found.frames["totals"].group_by("policy").agg(pl.col("total").mean()).iter_rows())
    assert means["easy"] > means["now"] > means["more_salons"]
