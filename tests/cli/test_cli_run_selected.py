"""`learnorg run`: decisions, what people changed, and only a part of a run."""

import csv
import json

from conftest import CASES, RULES, build

DECIDING = (
    RULES.replace("  topic: text\n", "  topic: text\n  rule: text\n  period: text\n  reason: text\n  decided_by: text\n"
                  "  decided: text\n  granted_by: text\n  until: date\n")
    .replace("  session: [person?, minutes, topic?]\n", "  session: [person?, minutes, topic?]\n"
             "  ruling: {effect: appeal, fields: [rule, period, reason, decided_by, decided]}\n"
             "  let_off: {effect: waiver, fields: [rule, reason, granted_by, until]}\n")
    + """\
  late_cup:
    title: {en: Late cup, zh: 晚杯}
    for: units where level == office
    every: quarter
    when: met(meets) == 3
    rank_by: [count(session) descending]
    quota: "1"
decisions:
  tell_town:
    title: {en: Tell the town, zh: 告知镇里}
    when: {missed: duty(status == missed)}
    then: {do: notify, to: town, about: missed.subject, period: missed.period}
    because: {en: "{missed.duty} was missed in {missed.period}", zh: "{missed.period} 未履行 {missed.duty}"}
"""
)  # fmt: skip
EVENTS = """\
{"id":"1","kind":"session","unit":"north","occurred_at":"2005-05-10T10:00:00+08:00","minutes":60}
{"id":"2","kind":"ruling","unit":"north","occurred_at":"2005-05-10T10:00:00+08:00","rule":"meets","period":"2005-Q1","reason":"heard","decided_by":"town","decided":"met"}
{"id":"3","kind":"let_off","unit":"south","occurred_at":"2005-01-10T10:00:00+08:00","rule":"meets","reason":"moving","granted_by":"town","until":"2005-04-30"}
{"id":"4","kind":"session","unit":"nowhere","occurred_at":"2005-05-10T10:00:00+08:00","minutes":60}
"""


def write(folder, rules=DECIDING, events=EVENTS):
    build(folder, rules_yaml=rules)
    (folder / "reading/example/events/all.ndjson").write_text(events, encoding="utf-8")


def part(out, begin):
    """The lines from the one that begins so to the next empty one."""
    lines = out.splitlines()
    start = next(i for i, line in enumerate(lines) if line.startswith(begin))
    return lines[start : next((i for i in range(start, len(lines)) if not lines[i]), len(lines))]


def test_decisions_are_shown_by_what_is_to_be_done(tmp_path, learnorg):
    write(tmp_path)
    code, out, err = learnorg("run", "reading")
    assert (code, err) == (0, "")
    assert "Proposed actions (6" in out
    assert part(out, "notify: ")[0] == "notify: Tell the town (6)"
    assert part(out, "notify: ")[3] == "north   North office   to: Town, period: 2005-Q4   meets was missed in 2005-Q4"
    _, chinese, _ = learnorg("run", "reading", "--lang", "zh")
    assert "通知：告知镇里（6项）" in chinese
    assert "2005-Q4 未履行 meets" in chinese


def test_programs_get_the_decisions_and_who_decided(tmp_path, learnorg):
    write(tmp_path)
    _, out, _ = learnorg("run", "reading", "--json", "--csv", "out")
    result = json.loads(out)
    assert result["decider"] in ("durable_rules", "reference")
    first = result["decisions"][0]
    assert list(first) == ["rule", "subject", "period", "do", "then", "reason", "facts", "decider"]
    assert (first["rule"], first["do"], first["decider"]) == ("tell_town", "notify", result["decider"])
    with (tmp_path / "out" / "decisions.csv").open(encoding="utf-8", newline="") as file:
        assert len(list(csv.DictReader(file))) == len(result["decisions"]) == 6


def test_appeals_and_waivers_are_told_with_who_and_why(tmp_path, learnorg):
    write(tmp_path)
    _, out, _ = learnorg("run", "reading", "--period", "2005-Q1")
    assert part(out, "Waived, or")[1:] == [
        "North office, Meets every quarter, 2005-Q1: changed on appeal from missed to met by Town: heard",
        "South office, Meets every quarter, 2005-Q1: waived until 2005-04-30 by Town: moving",
    ]
    duties = json.loads(learnorg("run", "reading", "--period", "2005-Q1", "--json")[1])["duties"]
    assert [(d["status"], d["first"], d["appeal"], d["appeal_by"], d["appeal_reason"], d["waiver"]) for d in duties] == [
        ("met", "missed", "2", "town", "heard", None), ("waived", None, None, None, None, "3"),
    ]  # fmt: skip


def test_a_grade_changed_on_appeal_is_told_below_the_scores(tmp_path, learnorg):
    ruling = EVENTS.replace('"rule":"meets","period":"2005-Q1"', '"rule":"year","period":"2005"')
    write(tmp_path, events=ruling.replace('"decided":"met"', '"decided":"good"'))
    _, out, _ = learnorg("run", "reading")
    assert "North office, grade: changed on appeal from poor to good by Town: heard" in part(out, "Year, 2005")
    totals = json.loads(learnorg("run", "reading", "--json")[1])["scorecards"]
    assert (totals[0]["grade"], totals[0]["first"], totals[0]["appeal"]) == ("good", "poor", "2")


def test_a_longer_period_takes_in_those_inside_it(tmp_path, learnorg):
    write(tmp_path)
    _, out, _ = learnorg("run", "reading", "--period", "2005", "--unit", "north")
    assert part(out, "Not met in 2005")[0] == "Not met in 2005: 3 missed"
    assert [line.split()[-3] for line in part(out, "Not met in 2005")[3:]] != []
    assert all(f"2005-Q{n}" in out for n in (2, 3, 4))
    assert json.loads(learnorg("run", "reading", "--period", "2005-Q2", "--json")[1])["scorecards"] == []


def test_of_a_part_assumptions_and_events_set_aside_are_only_counted(tmp_path, learnorg):
    write(tmp_path)
    _, out, _ = learnorg("run", "reading", "--unit", "north")
    assert "\nAssumed values (not in the source): 1\n" in out
    assert out.endswith("\nRecords not used: V502 1\n")


def test_every_assumed_parameter_is_listed(tmp_path, learnorg):
    many = "".join(f"  p{n}: {{value: {n}, assumed: true}}\n" for n in range(30))
    rules = DECIDING.replace("parameters:\n", f"parameters:\n{many}")
    used = " + ".join(f"p{n}" for n in range(30))
    write(tmp_path, rules.replace("count(session) / 9", f"count(session) / ({used})"))
    assert len(part(learnorg("run", "reading")[1], "Assumed values")) == 3 + 31


def test_duties_of_a_units_persons_go_with_the_unit(tmp_path, learnorg):
    rules = RULES.replace("scorecards:\n", "  reads:\n    for: persons\n    require: any(session)\n    every: year\n"
                          "scorecards:\n")  # fmt: skip
    write(tmp_path, rules)
    (tmp_path / "reading/example/org/persons.yaml").write_text(
        "- {id: ann, name: Ann, unit: north}\n- {id: bo, name: Bo, unit: south}\n", encoding="utf-8"
    )
    code, out, err = learnorg("run", "reading", "--unit", "north")
    assert code == 0, err
    assert "(including 1 person of the unit): " in out
    assert "ann" in out
    assert "bo " not in out


def test_an_award_without_candidates_says_so_for_its_newest_period(tmp_path, learnorg):
    write(tmp_path)
    assert "\nLate cup, 2005-Q4: nobody is eligible\n" in learnorg("run", "reading")[1]
    assert "\nLate cup, 2005-Q2: nobody is eligible\n" in learnorg("run", "reading", "--at", "2005-06-20")[1]


def test_who_is_responsible_is_itself_or_nobody(tmp_path, learnorg):
    more = '  tidies:\n    for: south\n    require: any(session where topic == "tidy")\n    every: year\n'
    write(tmp_path, RULES.replace("responsible: town\n", f"responsible: chairs\n{more}"))
    _, out, _ = learnorg("run", "reading")
    assert "vacant (chairs)" in out
    assert "itself" in out


def test_scores_stand_from_the_best_and_those_with_grades_first(tmp_path, learnorg):
    plain = (
        "  aside:\n    for: units where level == office\n    every: year\n    missing: zero\n"
        "    round: {decimals: 2, mode: half_up}\n    indicators: {n: {points: 1, when: any(session)}}\n"
    )
    rules = RULES.replace("scorecards:\n", f"scorecards:\n{plain}")
    write(tmp_path, rules, EVENTS.replace('"unit":"north"', '"unit":"south"').replace('"ruling"', '"session"'))
    out = learnorg("run", "reading")[1]
    assert out.index("Year, 2005") < out.index("aside, 2005")
    assert [line.split()[0] for line in part(out, "Year, 2005")[3:5]] == ["south", "north"]


def test_where_there_is_no_room_for_id_and_title_of_a_duty_the_title_stays(tmp_path, learnorg):
    long = "A session of at least the minutes that the town asks for, every quarter"
    write(tmp_path, RULES.replace("en: Meets every quarter", f'en: "{long}"'))
    out = learnorg("run", "reading")[1]
    assert "A session of at least" in out
    assert "meets" not in part(out, "Not met")[3]
    assert " …" not in out


def test_titles_of_duties_stand_for_their_ids_in_chinese(tmp_path, learnorg):
    write(tmp_path)
    row = part(learnorg("run", "reading", "--lang", "zh")[1], "近期未完成任务")[3]
    assert "每季一次" in row
    assert "meets" not in row


def test_explain_says_how_to_ask_for_more_as_a_command(tmp_path, learnorg):
    write(tmp_path)
    _, out, _ = learnorg("explain", "reading", "north", "year", "--at", "2005-06-20", "--set", "enough=1")
    assert "learnorg explain reading north year.often --period 2005 --at 2005-06-20 --set enough=1" in out


def test_tests_are_told_file_by_file_where_the_output_is_no_terminal(tmp_path, learnorg):
    build(tmp_path, tests__other_yaml=CASES)
    code, out, err = learnorg("test", "reading")
    assert code == 0
    assert err.splitlines() == ["reading/tests/meets.yaml: 1 case passed", "reading/tests/other.yaml: 1 case passed"]
    assert out.startswith("reading: 2 cases passed\n")
