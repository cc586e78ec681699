from fractions import Fraction

import pytest
from reading_world import RULES, SESSIONS, compared, events, organisation, ruleset

import learnorg_rules as lr


def said(moves):
    return [(m.rule, m.subject, m.period, m.why()) for m in moves]


@pytest.fixture
def reweighted(tmp_path):
    """Often counts 90 instead of 60, long 10 instead of 40."""
    return compared(tmp_path, year__often__points="90", year__long__points="10")


def test_a_total_moves_by_what_its_indicators_move(reweighted):
    # north: often 4/9, long 40/400; south: often 1/9, long all
    assert [(m.subject, m.old.total, m.new.total, m.points) for m in reweighted.of("scorecard")] == [
        ("south", Fraction("46.6667"), Fraction(20), Fraction("-26.6667")),
        ("north", Fraction("30.6667"), Fraction(41), Fraction("10.3333")),
    ]
    assert [(m.rule, m.subject, m.points) for m in reweighted.of("indicator")] == [
        ("year.long", "south", Fraction(-30)),
        ("year.often", "north", Fraction("13.3333")),
        ("year.often", "south", Fraction("3.3333")),
        ("year.long", "north", Fraction(-3)),
    ]


def test_the_reason_of_a_total_names_indicators_and_the_change_behind_them(reweighted):
    first = reweighted.of("scorecard")[0]
    rules = "scorecards.year indicators.often.points 60 → 90, indicators.long.points 40 → 10"
    assert first.why() == f"long −30.00 (weight 40 → 10); often +3.33 (weight 60 → 90); because of {rules}"
    assert first.why("zh") == (
        f"long −30.00（分值 40 → 10）；often +3.33（分值 60 → 90）；起因：{rules.replace(', ', '、')}"
    )
    assert first.changes == ("scorecards.year",)


def test_an_indicator_rests_only_on_its_own_part_of_the_card(reweighted):
    assert reweighted.of("indicator")[0].why() == (
        "weight 40 → 10; because of scorecards.year indicators.long.points 40 → 10"
    )


def test_grades_and_awards_gained_and_lost_are_named(reweighted):
    assert [(m.subject, m.old.grade, m.new.grade) for m in reweighted.regraded] == [
        ("south", "good", "poor"),
        ("north", "poor", "good"),
    ]
    assert [m.subject for m in reweighted.gained] == ["north"]
    assert [m.subject for m in reweighted.lost] == ["south"]
    reasons = {m.subject: m.why().partition("; because")[0] for m in reweighted.of("award")}
    assert reasons == {
        "north": "year.total 30.67 → 41; passes south",
        "south": "year.total 46.67 → 20; passed by north",
    }


def test_a_decision_that_follows_for_another_moves_both(reweighted):
    assert [(m.subject, m.old is None, m.why().partition(";")[0]) for m in reweighted.of("decision")] == [
        ("north", True, "now applies"),
        ("south", False, "no longer applies"),
    ]


def test_a_duty_moves_by_its_threshold_and_says_the_formula_with_its_values(tmp_path):
    found = compared(tmp_path, enough="1")
    assert said(found.moves) == [
        ("meets", "south", "2005-Q1", "required: 1 >= 1; before: 1 >= 2; because of enough 2 → 1")
    ]
    assert (found.moves[0].old.status, found.moves[0].new.status) == ("missed", "met")
    assert found.unmoved == 7 + 4 + 2 + 2 + 1  # duties, indicators, totals, candidates, a decision


def test_what_is_due_by_another_day_is_the_same_duty(tmp_path):
    old = RULES.replace("    every: quarter\n", "    by: 2005-06-30\n", 1)
    found = compared(tmp_path, old, old.replace("by: 2005-06-30", "by: 2005-01-31"))
    assert [(m.subject, m.period, m.old.status, m.new.status, m.why()) for m in found.moves] == [
        (
            "north", "by 2005-01-31", "met", "met_late",
            "due 2005-06-30 → 2005-01-31; required: 1 >= 2; before: 4 >= 2; "
            "because of duties.meets by 2005-06-30 → 2005-01-31",
        )
    ]  # fmt: skip


def test_a_larger_quota_is_the_reason_of_an_award(tmp_path):
    found = compared(tmp_path, cup__quota='"2"')
    assert said(found.moves) == [("cup", "north", "2005", "number of places 1 → 2; because of awards.cup quota 1 → 2")]


def test_a_condition_of_candidates_says_why_one_is_none_any_more(tmp_path):
    found = compared(tmp_path, new=RULES.replace("    rank_by", "    when: year.total >= 40\n    rank_by"))
    assert said(found.moves) == [
        ("cup", "north", "2005", "no longer eligible; because of awards.cup when - → year.total >= 40")
    ]


def test_who_is_not_selected_any_more_is_a_move_and_not_a_removed_result(tmp_path):
    found = compared(tmp_path, selectors__offices="north")
    assert {(m.kind, m.subject, m.why().partition(";")[0]) for m in found.of("scorecard")} == {
        ("scorecard", "south", "no longer judged for this period")
    }
    assert not found.one_sided
    assert found.of("scorecard")[0].changes[0] == "selectors.offices"


def test_bands_of_grades_alone_move_a_grade(tmp_path):
    found = compared(tmp_path, year__grades__good="50")
    assert said(found.of("scorecard")) == [
        (
            "year", "south", "2005",
            "the thresholds of the grades changed; because of scorecards.year grades.good.from 40 → 50",
        )
    ]  # fmt: skip
    assert [m.kind for m in found.moves] == ["scorecard", "decision"]


def test_a_renamed_rule_is_one_removed_and_one_added_and_nobody_moves(tmp_path):
    found = compared(tmp_path, new=RULES.replace("  cup:", "  mug:"))
    assert [(c.name, c.what) for c in found.changes] == [("awards.cup", "removed"), ("awards.mug", "added")]
    assert not found.moves
    assert [(s.rule, s.side, s.results) for s in found.one_sided] == [("cup", "removed", 2), ("mug", "added", 2)]
    assert not found.is_same


def test_an_indicator_that_is_there_on_one_side_moves_the_total_and_is_itself_one_sided(tmp_path):
    new = RULES.replace(
        "often: {points: 60,", "often: {points: 50,"
    ).replace("    grades:", "      any: {points: 10, when: sessions > 0}\n    grades:")  # fmt: skip
    found = compared(tmp_path, new=new)
    assert [(s.kind, s.rule, s.side) for s in found.one_sided] == [("indicator", "year.any", "added")]
    assert found.of("scorecard", "year")[0].why().startswith("any +10.00 (now scored); often −1.11 (weight 60 → 50)")


def test_other_files_order_formatting_and_comments_are_no_change(tmp_path):
    again = RULES.replace("count(session)", ">-\n    count( session )").replace("enough: 2", "enough: {value: 2.0}")
    texts = again.split("duties:\n")
    folder = tmp_path / "two"
    folder.mkdir()
    (folder / "b.yaml").write_text("# moved\nduties:\n" + texts[1], encoding="utf-8")
    (folder / "a.yaml").write_text(texts[0], encoding="utf-8")
    found = lr.compare(ruleset(tmp_path), lr.load(folder), organisation(tmp_path), events())
    assert found.changes == ()
    assert found.is_same


def test_titles_and_notes_change_the_rules_and_are_no_reason(tmp_path):
    new = RULES.replace("  meets:\n", "  meets:\n    title: Meets\n    note: every quarter\n")
    found = compared(tmp_path, new=new, enough="1")
    change = next(c for c in found.changes if c.name == "duties.meets")
    assert [(f.path, f.old, f.new, f.is_for_readers) for f in change.fields] == [
        ("title", None, "en: Meets", True),
        ("note", None, "every quarter", True),
    ]
    assert found.moves[0].changes == ("parameters.enough",)


def test_a_version_is_named_by_the_day_it_begins(tmp_path):
    new = RULES.replace("enough: 2", "enough: {2005-01-01: 2, 2005-07-01: 3}")
    found = compared(tmp_path, new=new)
    assert [str(f) for f in found.changes[0].fields] == [
        "value: no longer 2",
        "from 2005-01-01: new, value: 2",
        "from 2005-07-01: new, value: 3",
    ]


def test_kinds_of_events_that_are_declared_differently_are_named(tmp_path):
    new = RULES.replace("session: [minutes]", "session: [minutes, topic]\n  poll: []").replace(
        "fields:\n", "fields:\n  topic: text\n"
    )
    found = compared(tmp_path, new=new)
    assert found.event_kinds == ["poll", "session"]
    assert (found.old.counts["accepted"], found.new.counts["accepted"]) == (5, 0)
    assert (
        found.of("duty")[0].why()
        == "required: 0 >= 2; before: 2 >= 2; because of events.session fields.topic - → needed, fields.topic (new)"
    )


class Counted:
    """An event source that counts how often it is read."""

    def __init__(self):
        self.times = 0

    def read(self, wanted, progress=None):
        self.times += 1
        return events(SESSIONS).read(wanted, progress)


def test_events_are_read_once_where_both_read_alike_and_twice_where_not(tmp_path):
    org, old = organisation(tmp_path), ruleset(tmp_path)
    source = Counted()
    lr.compare(old, ruleset(tmp_path, name="new", enough="3"), org, source)
    assert source.times == 1
    fields = RULES.replace("fields:\n", "fields:\n  topic: text\n")
    lr.compare(old, ruleset(tmp_path, fields, name="fields"), org, source)
    assert source.times == 3


def test_the_day_judged_is_the_last_that_both_judge(tmp_path):
    new = RULES.replace("to: 2005-12-31", "to: 2005-06-30")
    assert compared(tmp_path, new=new).new.at.isoformat() == "2005-06-30"
