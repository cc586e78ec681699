from pathlib import Path

import pytest
from small_scenarios import RULES, SCENARIO, responding, said, written

from learnorg_rules.errors import InputError
from learnorg_rules.simulation.api import simulate
from learnorg_rules.simulation.codes import CODES
from learnorg_rules.simulation.reading import read_scenario

CASES: list[tuple[str, str, str]] = [
    ("id: trial", "id: ../../trial", """\
trial.yaml:2:7: E204 '../../trial' is not an id
    hint: a letter or '_', then letters, digits and '_'; such as 'trial'"""),
    ("id: trial", "id: /tmp/trial", """\
trial.yaml:2:7: E204 '/tmp/trial' is not an id
    hint: a letter or '_', then letters, digits and '_'; such as 'tmp_trial'"""),
    ("repetitions: 4", "repetitions: 1000000000000000000000", """\
trial.yaml:7:16: M102 more than 10,000,000 repetitions
    hint: a tenth of them gives chances to a tenth of a percent"""),
    ("id: trial", "id: where", """\
trial.yaml:2:7: E204 'where' is not an id: it is a word of the expression language
    hint: choose another name"""),
    ("rate: 1\n    every: month", "rate: -1\n    every: month", """\
trial.yaml:18:11: M102 'rate' is -1, below zero
    hint: write 0 or more"""),
    ("attendance: 60%", "attendance: 1.5", """\
trial.yaml:20:17: M103 'attendance' is 1.5, no chance between 0 and 1
    hint: write it as 80% or 0.8"""),
    ("attendance: 60%", "attendance: 60%\n    attendance_spread: 60%", """\
trial.yaml:21:24: M103 subjects cannot differ by 0.6 in a chance of 0.6
    hint: write less than 0.49"""),
    ("attendance: 60%", "attendance: 60%\n    season: {2: 1, 02: 2}", """\
trial.yaml:21:20: M104 the month 2 stands there twice
    hint: write it once"""),
    ("passed: 60%", "passed: 160%", """\
trial.yaml:27:74: M103 'passed' is 1.6, no chance between 0 and 1
    hint: write it as 80% or 0.8"""),
    ("event: salon", "event: saloon", """\
trial.yaml:17:12: M106 there is no kind of event 'saloon'
    hint: did you mean 'salon'?"""),
    ("event: exam", "event: let_off", """\
trial.yaml:24:12: M106 'let_off' is a waiver, which somebody decides and nobody just does
    hint: name a kind without an effect"""),
    ("topic: [law, history]", "topics: [law, history]", """\
trial.yaml:21:39: M107 'topics' is not a field of 'salon'
    hint: did you mean 'topic'?"""),
    ("topic: [law, history]", "topic: [law, arts]", """\
trial.yaml:21:38: M108 field 'topic': 'arts' is not among law, history"""),
    ("minutes: 60..90", "minutes: 60.5..90", """\
trial.yaml:21:23: M108 field 'minutes': 60.5 has more decimals than an integer of 0 places"""),
    ("minutes: 60..90", "minutes: 80%", """\
trial.yaml:21:23: M108 field 'minutes': a chance does not give an integer; write a range such as 60..120, a list or {mean: ..., deviation: ...}"""),
    ("min: 0, max: 100}, passed", "min: 0}, passed", """\
trial.yaml:27:21: M108 field 'score': it can rise above the greatest possible, 100; limit it with `max`"""),
    ("minutes: 60..90", "minutes: {mean: 70, deviation: -1}", """\
trial.yaml:21:23: M102 a deviation of -1 is below zero
    hint: write 0 or more"""),
    ("minutes: 60..90", "minutes: 90..60", """\
trial.yaml:21:23: E515 the range 90..60 is empty
    hint: write 60..90"""),
    ("minutes: 60..90, ", "", """\
trial.yaml:21:13: M109 'salon' needs the field 'minutes'
    hint: write it under 'fields', such as {minutes: 60..120}"""),
    ("for: rooms", "for: units where levl == room", """\
trial.yaml:16:22: E304 unknown name 'levl'
    hint: did you mean 'level'?"""),
    ("for: rooms", 'for: units where level == house and id == "x"', """\
trial.yaml:16:10: M116 'units where level == house and id == "x"' finds nobody on the first day of any step"""),
    ("for: rooms", "for: room_9", """\
trial.yaml:16:10: M116 the organisation has no 'room_9'
    hint: did you mean 'room_04'?"""),
    ("    attendance: 60%\n", "", """\
trial.yaml:17:12: M114 'salon' needs a person, and the behaviour is of units without 'attendance'
    hint: write 'attendance: 75%', or 'for: persons'"""),
    ("  persons: {in: room, count: 2..4}\n", "", """\
trial.yaml:14:3: M113 the behaviour is about persons, and the organisation has none
    hint: write 'persons' under 'organisation'
trial.yaml:21:3: M113 the behaviour is about persons, and the organisation has none
    hint: write 'persons' under 'organisation'"""),
    ("to: 2005-09-30", "to: 2006-09-30", """\
trial.yaml:5:7: M101 2006-09-30 is no day that the rules judge
    hint: they judge 2005-01-01 to 2005-12-31"""),
    ("to: 2005-09-30", "to: 2004-09-30", """\
trial.yaml:5:7: M101 2004-09-30 is before 2005-01-01, where the scenario begins"""),
    ("repetitions: 4", "repetitions: 0", """\
trial.yaml:7:16: M102 0 repetitions; at least 1 is expected"""),
    ("step: month", "step: fortnight", """\
trial.yaml:6:9: E205 'step' cannot be 'fortnight'
    hint: one of: week, month, quarter"""),
    ("{level: room, count: 4}", "{level: rom, count: 4}", """\
trial.yaml:12:15: M112 there is no level 'rom'
    hint: did you mean 'room'?
trial.yaml:13:17: M112 the shape has no level 'room'
    hint: did you mean 'rom'?"""),
    ("{level: room, count: 4}", "{level: room, count: 4, attributes: {sizes: 1..3}}", """\
trial.yaml:12:51: M112 the ruleset declares no attribute 'sizes' of units
    hint: did you mean 'size'?"""),
    ("{level: room, count: 4}", "{level: room, count: 1.5}", """\
trial.yaml:12:28: M108 count: 1.5 has more decimals than an integer of 0 places
    hint: write 12 or 6..12"""),
    ("organisation:\n", "organisation:\n  files: org\n", """\
trial.yaml:10:3: M105 an organisation is given by 'files' or by 'shape'; found both
    hint: write one of them"""),
    ("{prizes: 2}", "{prices: 2}", """\
trial.yaml:30:23: M111 there is no parameter 'prices'
    hint: did you mean 'prizes'?"""),
    ("{prizes: 2}", "{prizes: 2, half.nothing.points: 2}", """\
trial.yaml:30:47: E215 'scorecards.half' has no 'nothing'
    hint: known: for, every, round, missing, indicators, grades, reach, met, score"""),
    ("{prizes: 2}", "{half.total_points: 99}", """\
trial.yaml:30:34: E507 'half' declares 99 points
    hint: its indicators add up to 100"""),
    ("{prizes: 2}", "{events.poll: [minutes]}", """\
trial.yaml:30:14: M117 policy 'two' changes what is recorded: its events are others
    hint: policies change rules; fields, kinds of event, attributes, days and time zone are the same for all"""),
]  # fmt: skip

RESPONSES: list[tuple[str, str, str]] = [
    ("to: missed, rule: meet", "to: missed, rule: meat", """\
trial.yaml:23:28: M110 there is no duty 'meat'
    hint: did you mean 'meet'?"""),
    ("to: award, rule: prize", "to: award, rule: half", """\
trial.yaml:24:27: M110 there is no award 'half'
    hint: known: prize"""),
    ("to: distance, rule: half", "to: distance, rule: prize", """\
trial.yaml:27:30: M110 there is no scorecard 'prize'
    hint: known: half"""),
    ("rule: prize, within: 1,", "rule: prize,", """\
trial.yaml:26:9: M115 'to: rank' needs the key 'within'
    hint: such as within: 3"""),
    ("factor: 2}", "factor: 2, within: 1}", """\
trial.yaml:23:53: M115 'to: missed' takes no 'within'
    hint: leave it out"""),
    ("factor: 2}", "factor: -2}", """\
trial.yaml:23:42: M102 'factor' is -2, below zero
    hint: write 0 or more"""),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "message"), CASES)
def test_a_fault_is_told_where_it_stands(old: str, new: str, message: str, tmp_path: Path) -> None:
    assert old in SCENARIO
    with pytest.raises(InputError) as caught:
        read_scenario(written(tmp_path, SCENARIO.replace(old, new, 1)))
    assert said(caught.value, tmp_path) == message


@pytest.mark.parametrize(("old", "new", "message"), RESPONSES)
def test_a_response_to_nothing_is_told(old: str, new: str, message: str, tmp_path: Path) -> None:
    text = responding()
    assert old in text
    with pytest.raises(InputError) as caught:
        read_scenario(written(tmp_path, text.replace(old, new, 1)))
    assert said(caught.value, tmp_path) == message


def test_all_faults_are_told_at_once(tmp_path: Path) -> None:
    text = SCENARIO
    for old, new in (
        ("repetitions: 4", "repetitions: -1"),
        ("rate: 1\n", "rate: -1\n"),
        ("attendance: 60%", "attendance: 60%\n    season: {13: 1, 2: -1}"),
        ("event: exam", "event: exams"),
        ("{prizes: 2}", "{nothing: 2}"),
    ):
        text = text.replace(old, new)
    with pytest.raises(InputError) as caught:
        read_scenario(written(tmp_path, text))
    assert [(i.code, i.source.line) for i in caught.value.issues] == [
        ("M102", 7), ("M102", 18), ("M104", 21), ("M102", 21), ("M106", 25), ("M102", 26), ("M111", 31),
    ]  # fmt: skip


def test_the_faults_of_rules_are_those_of_rules(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        read_scenario(written(tmp_path, rules=RULES.replace("require: any(poll)", "require: any(pol)")))
    assert [i.code for i in caught.value.issues] == ["E308"]


def test_a_scenario_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        read_scenario(tmp_path / "no.yaml")
    assert said(caught.value, tmp_path) == "no.yaml: E114 cannot be read: it does not exist"


def test_too_little_memory_is_told_before_anything_runs(tmp_path: Path) -> None:
    text = SCENARIO.replace("repetitions: 4", "repetitions: 1000")
    reached: list[int] = []
    with pytest.raises(InputError) as caught:
        simulate(
            read_scenario(written(tmp_path, text)), memory=10_000_000, progress=lambda done, _: reached.append(done)
        )
    (issue,) = caught.value.issues
    assert issue.code == "M118"
    assert issue.message.startswith("1000 repetitions need about ")
    assert issue.message.endswith("allowed are 10.0 MB")
    assert "repetitions fit; or compare fewer policies" in issue.hint
    assert reached == []


def test_more_repetitions_than_the_machine_holds_are_refused_before_anything_runs(tmp_path: Path) -> None:
    text = SCENARIO.replace("repetitions: 4", "repetitions: 10000000").replace("room, count: 4", "room, count: 400")
    with pytest.raises(InputError) as caught:
        simulate(read_scenario(written(tmp_path, text)))
    (issue,) = caught.value.issues
    assert issue.code == "M118"
    assert issue.message.startswith("10000000 repetitions need about ")


def test_levels_and_processes_that_are_none_are_faults_of_the_caller(tmp_path: Path) -> None:
    read = read_scenario(written(tmp_path))
    with pytest.raises(ValueError, match="there is no level 'events': auto, event, aggregate"):
        simulate(read, level="events")
    with pytest.raises(ValueError, match="0 processes; at least 1 is expected"):
        simulate(read, processes=0)


def test_every_code_has_its_section() -> None:
    assert all(title and text for title, text in CODES.values())
    assert all(code.startswith("M1") for code in CODES)
