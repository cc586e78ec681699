"""What decision rules mean, by example; both deciders say the same where both can be had."""

from datetime import date
from fractions import Fraction

import pytest
from deciding import duty, edge, rule

from learnorg_rules.authoring.decision_text import explain, render
from learnorg_rules.decisions.choice import best_decider
from learnorg_rules.decisions.durable import DurableDecider, durable_available
from learnorg_rules.decisions.port import MOST_FACTS, DecisionLimitError
from learnorg_rules.decisions.reference import ReferenceDecider
from learnorg_rules.model.decision import DecisionCycleError, Fact, strata

DECIDERS = [ReferenceDecider, *([DurableDecider] if durable_available() else [])]
ESCALATE = {
    "when": {"missed": "duty(status == missed, in_a_row >= 2)", "leader": "edge(kind == leads, to == missed.subject)"},
    "unless": {"waived": "waiver(subject == missed.subject, rule == missed.duty)"},
    "then": {"do": "escalate", "to": "leader.from", "about": "missed.subject"},
    "because": {
        "en": "{missed.duty} missed {missed.in_a_row} times",
        "zh": "{missed.duty} 连续 {missed.in_a_row} 次未履行",
    },
    "rule_id": "escalate",
}


@pytest.fixture(params=DECIDERS, ids=lambda cls: cls.name)
def decide(request):
    decider = request.param()
    return lambda rules, *cases: list(decider.decide(rules, cases))


def test_a_duty_missed_twice_goes_to_the_leader(decide):
    [[decision]] = decide([rule(**ESCALATE)], [duty(in_a_row=2), edge(), edge(to="publicity")])
    assert (decision.rule, decision.do) == ("escalate", "escalate")
    assert decision.values == {"to": "office", "about": "league"}
    assert decision.facts == (duty(in_a_row=2), edge())
    assert decision.because.by_language == {"en": "salon missed 2 times", "zh": "salon 连续 2 次未履行"}


def test_a_waiver_of_this_duty_prevents_it_and_one_of_another_does_not(decide):
    facts = [duty(in_a_row=2), edge()]
    waived = Fact("waiver", {"subject": "league", "rule": "salon"})
    other = Fact("waiver", {"subject": "league", "rule": "forum"})
    assert decide([rule(**ESCALATE)], [*facts, waived], [waived, *facts], [*facts, other])[:2] == [[], []]
    assert len(decide([rule(**ESCALATE)], [*facts, other])[0]) == 1


def test_nothing_follows_from_an_empty_case(decide):
    assert decide([rule(**ESCALATE)], [], [duty()], []) == [[], [], []]
    assert decide([], [duty()]) == [[]]


def test_every_combination_fires_once_and_a_fact_given_twice_counts_once(decide):
    facts = [duty(in_a_row=2), duty(in_a_row=2), duty(in_a_row=3, name="forum"), edge(), edge(from_="party")]
    [decisions] = decide([rule(**ESCALATE)], facts)
    assert [(d.facts[0].values["duty"], d.values["to"]) for d in decisions] == [
        ("forum", "office"), ("forum", "party"), ("salon", "office"), ("salon", "party"),
    ]  # fmt: skip


def test_two_patterns_never_stand_for_one_fact(decide):
    pair = rule(
        {
            "a": "duty(status == missed)",
            "b": "duty(subject == a.subject, period > a.period)".replace("period > a.period", "duty == a.duty"),
        }
    )
    [alone, both] = decide([pair], [duty()], [duty(), duty(period="2005-09")])
    assert (len(alone), len(both)) == (0, 2)


def test_an_exception_is_another_fact_than_those_that_matched(decide):
    lonely = rule({"a": "duty(status == missed)"}, {"other": "duty(subject == a.subject)"})
    assert [len(d) for d in decide([lonely], [duty()], [duty(), duty(period="2005-09", status="met")])] == [1, 0]


def test_each_exception_alone_prevents(decide):
    guarded = rule({"a": "duty(status == missed)"}, {"x": "edge(to == a.subject)", "y": "waiver(subject == a.subject)"})
    waiver = Fact("waiver", {"subject": "league", "rule": "salon"})
    assert [len(d) for d in decide([guarded], [duty()], [duty(), edge()], [duty(), waiver])] == [1, 0, 0]


def test_what_a_fact_leaves_out_meets_no_condition(decide):
    unranked = Fact("award", {"subject": "a", "award": "best", "period": "2005", "outcome": "unranked"})
    ranked = Fact("award", {"subject": "b", "award": "best", "period": "2005", "outcome": "granted", "rank": 1})
    for condition in ("rank == 1", "rank != 5", "rank < 5", "rank <= 5", "rank in [1, 2]", "rank not in [3]"):
        [decisions] = decide([rule({"a": f"award({condition})"})], [unranked, ranked])
        assert [d.facts for d in decisions] == [(ranked,)], condition
    joined = rule({"a": "award()", "b": "award(period == a.period, rank != a.rank)"})
    assert decide([joined], [unranked, ranked]) == [[]]
    same = rule({"a": "award()", "b": "award(rank == a.rank)"})
    other = Fact("award", {**unranked.values, "subject": "c"})
    assert decide([same], [unranked, other]) == [[]]


def _score(total, subject="a"):
    values = {"subject": subject, "scorecard": "year", "period": "2005", "total": Fraction(total), "provisional": False}
    return Fact("score", values)


def test_decimals_compare_exactly_whatever_their_digits(decide):
    """Source: usds/justice40-tool#1053; manytask/manytask#760."""
    below, third = Fraction("0.89999999"), Fraction(1, 3)
    for condition, fits in {
        "total >= 0.9": [Fraction("0.9"), Fraction(10**40)],
        "total < 0.9": [below, third, Fraction(1, 10**20)],
        "total == 1/3": [third],
        "total > 0.000000000000000000000001": [below, third, Fraction(1, 10**20), Fraction("0.9"), Fraction(10**40)],
        "total in [1/3, 0.9, 7]": [third, Fraction("0.9")],
    }.items():
        facts = [_score(total) for total in (below, third, Fraction("0.9"), Fraction(1, 10**20), Fraction(10**40))]
        [found] = decide([rule({"s": f"score({condition})"})], facts)
        assert sorted(d.facts[0].values["total"] for d in found) == sorted(fits), condition


def test_decimals_of_two_facts_compare_exactly(decide):
    higher = rule({"s": "score()", "o": "score(scorecard == s.scorecard, total > s.total)"})
    sums = [_score(Fraction(1, 3)), _score(Fraction(1, 3) + Fraction(1, 10**50), "b")]
    [[decision]] = decide([higher], sums)
    assert [fact.values["subject"] for fact in decision.facts] == ["a", "b"]


def test_a_reason_shows_as_many_decimals_as_the_condition_takes(decide):
    def reason(condition, total):
        [[decision]] = decide([rule({"s": f"score({condition})"}, because={"en": "{s.total} points"})], [_score(total)])
        return decision.because.say("en")

    assert reason("total < 0.9", "0.89999999") == "0.89999999 points"
    assert reason("total < 1", Fraction(2, 3)) == "0.666667 points"
    assert reason("total < 0.9", Fraction(9 * 10**9 - 1, 10**10)) == "0.8999999999 points"
    assert reason("total > 1/3", Fraction(1, 3) + Fraction(1, 10**12)) == "0.333333333334 points"
    assert reason("total == 1/3", Fraction(1, 3)) == "0.333333 points"
    assert reason("total < 60", "59.5") == "59.5 points"


def test_dates_compare_as_days(decide):
    late = rule({"d": "duty(due in 2005-08-01..2005-08-31)"})
    facts = [duty(due=date(2005, 8, day)) for day in (1, 31)] + [duty(due=date(2005, 9, 1))]
    assert len(decide([late], facts)[0]) == 2


def test_vetoes_come_first_then_priority_then_the_order_of_the_rules(decide):
    rules = [
        rule({"d": "duty()"}, rule_id="last", priority=2),
        rule({"d": "duty()"}, rule_id="second"),
        rule({"d": "duty()"}, then={"do": "veto", "subject": "d.subject"}, rule_id="veto", priority=9),
        rule({"d": "duty()"}, rule_id="third"),
        rule({"d": "duty()"}, rule_id="first", priority=-1),
    ]
    [decisions] = decide(rules, [duty()])
    assert [d.rule for d in decisions] == ["veto", "first", "second", "third", "last"]


def test_a_rule_sees_the_decisions_of_rules_before_it_wherever_it_stands(decide):
    report = rule(
        {"d": "decision(rule == escalate)", "up": "edge(kind == reports_to, from == d.to)"},
        then={"do": "notify", "to": "up.to", "about": "d.about"}, rule_id="report",
    )  # fmt: skip
    quiet = rule({"m": "duty()"}, {"d": "decision(do == escalate, about == m.subject)"}, rule_id="quiet")
    rules = [report, quiet, rule(**ESCALATE)]
    facts = [duty(in_a_row=2), edge(), edge("reports_to", "office", "committee")]
    [decisions] = decide(rules, facts)
    assert [(d.rule, d.values["to"]) for d in decisions] == [("report", "committee"), ("escalate", "office")]
    assert [[r.id for r in step] for step in strata(rules)] == [["escalate"], ["report", "quiet"]]
    assert [d.rule for d in decide(rules, [duty()])[0]] == ["quiet"]


def test_rules_that_rest_on_each_other_are_refused_with_the_circle_written_out(decide):
    rules = [
        rule({"d": "decision(rule == two)"}, rule_id="one"),
        rule({"d": "duty()"}, {"e": "decision(rule == three)"}, rule_id="two"),
        rule({"d": "decision(do == notify, rule == one)"}, rule_id="three"),
    ]
    with pytest.raises(DecisionCycleError) as caught:
        decide(rules, [])
    assert str(caught.value) == "decisions rest on each other in a circle: one -> three -> two -> one"
    with pytest.raises(DecisionCycleError, match="a circle: self -> self"):
        decide([rule({"d": "decision()"}, rule_id="self")], [])


def test_a_rule_may_look_at_actions_it_does_not_take(decide):
    assert len(strata([rule({"d": "decision(do == veto)"}, rule_id="tells")])) == 1


def test_a_case_without_end_is_refused_by_every_decider_alike(decide):
    product = rule({"a": "duty()", "b": "duty(status == a.status)", "c": "duty(status == b.status)"}, rule_id="product")
    facts = [duty(period=str(n)) for n in range(100)]
    with pytest.raises(DecisionLimitError) as caught:
        decide([product], facts)
    assert str(caught.value) == (
        "the rule 'product' would look at more than 250000 combinations of facts in one case; "
        "join its patterns by more '=='"
    )
    [decisions] = decide([product], facts[:30])
    assert len(decisions) == 30 * 29 * 28
    with pytest.raises(
        DecisionLimitError, match=f"a case has {MOST_FACTS + 1} facts; at most {MOST_FACTS} are allowed"
    ):
        decide([product], [duty(period=str(n)) for n in range(MOST_FACTS + 1)])


def test_thousands_of_facts_joined_by_their_subject_are_decided(decide):
    facts = [duty(f"u{n}", in_a_row=n % 3) for n in range(3000)] + [edge(to=f"u{n}") for n in range(3000)]
    [decisions] = decide([rule(**ESCALATE)], facts)
    assert len(decisions) == 1000


def test_more_rules_than_one_ruleset_of_the_engine_holds_are_cut_into_several(decide):
    rules = [rule({"d": f"duty(in_a_row >= {n})"}, rule_id=f"r{n}") for n in range(300)]
    [decisions] = decide(rules, [duty(in_a_row=250)])
    assert [d.rule for d in decisions] == [f"r{n}" for n in range(251)]
    same = [rule({"d": "duty(status == missed)"}, rule_id=f"r{n}") for n in range(300)]
    assert len(decide(same, [duty()])[0]) == 300


def test_sixteen_patterns_and_many_conditions_are_held(decide):
    when = {"a": "duty(status == missed)"}
    for n in range(9):
        when[f"b{n}"] = f"duty(subject == a.subject, duty == a.duty, in_a_row == {n + 2}, in_a_row > a.in_a_row)"
    unless = {f"x{n}": f"duty(subject == a.subject, in_a_row == {n + 50}, period == a.period)" for n in range(6)}
    facts = [duty(in_a_row=n) for n in range(1, 11)]
    assert [len(d) for d in decide([rule(when, unless)], facts, [*facts, duty(in_a_row=52)])] == [1, 0]


def test_a_fact_of_the_wrong_form_is_a_fault_of_the_program():
    for type_, values, message in [
        ("dutty", {}, "no such type of fact: 'dutty'"),
        ("edge", {"kind": "leads", "from": "a"}, "a fact 'edge' needs the field 'to'; leave out what is missing"),
        (
            "edge",
            {"kind": "leads", "from": "a", "to": None},
            "a fact 'edge' needs the field 'to'; leave out what is missing",
        ),
        ("edge", {"kind": "leads", "from": "a", "to": 5}, "'to' of a fact 'edge' is a text; found 5"),
        ("edge", {"kind": "leads", "from": "a", "to": "b", "x": 1}, "a fact 'edge' has no field 'x'"),
        (
            "waiver",
            {"subject": "a", "rule": "b", "until": None},
            "a fact 'waiver' needs the field 'until'; leave out what is missing",
        ),
    ]:
        with pytest.raises(ValueError) as caught:
            Fact(type_, values)
        assert str(caught.value) == message
    with pytest.raises(ValueError, match=r"is an integer; found 1\.5"):
        duty(in_a_row=1.5)
    with pytest.raises(ValueError, match="is an integer; found True"):
        duty(in_a_row=True)
    with pytest.raises(ValueError, match=r"at most 2\*\*62 can be held"):
        duty(in_a_row=2**62 + 1)


def test_a_rule_and_a_decision_are_shown_to_people():
    written = rule(**ESCALATE)
    assert render(written) == (
        "escalate:\n"
        "  when:\n"
        "    missed: duty(status == missed, in_a_row >= 2)\n"
        "    leader: edge(kind == leads, to == missed.subject)\n"
        "  unless:\n"
        "    waived: waiver(subject == missed.subject, rule == missed.duty)\n"
        "  then: {do: escalate, to: leader.from, about: missed.subject}"
    )
    [[decision]] = best_decider().decide([written], [[duty(in_a_row=2), edge()]])
    assert explain(decision) == (
        "league is referred to office: salon missed 2 times\n"
        '  duty(subject="league", duty="salon", period="2005-08", status="missed", in_a_row=2, above=false)\n'
        '  edge(kind="leads", from="office", to="league")'
    )
    assert explain(decision, "zh").startswith("将league的情况提请office研究：salon 连续 2 次未履行")


def test_braces_and_missing_values_in_a_reason_are_written_plainly(decide):
    waived = rule({"w": "waiver()"}, because={"en": "{{until}} {w.until}"})
    values = {"subject": "a", "rule": "b"}
    facts = [Fact("waiver", values), Fact("waiver", {**values, "until": date(2005, 1, 2)})]
    assert [d.because.say() for d in decide([waived], facts)[0]] == ["{until} no data", "{until} 2005-01-02"]
