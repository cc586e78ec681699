"""What the subset cannot say is a fault with its place when rules are loaded."""

import random

import pytest
from deciding import NOTIFY, random_ruleset, read, rule, said

from learnorg_rules.authoring.decision_constants import CODES
from learnorg_rules.authoring.decision_reading import read_rule, unknown_rules
from learnorg_rules.authoring.decision_text import render
from learnorg_rules.expr.parse import parse
from learnorg_rules.model.decision import FACT_TYPES, with_needs

MANY = ", ".join(f"in_a_row != {n}" for n in range(25))
JOINS = ", ".join(["subject == a.subject"] * 13)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("duty", "E701 when.x «duty» 'duty' has no brackets [write 'duty()' for any]"),
        ("status == missed", "E701 when.x «status == missed» a pattern is a type of fact with conditions in brackets [write 'duty(status == missed, in_a_row >= 2)']"),
        ("duty(above where above)", "E701 when.x «above» a pattern has no 'where' [put its conditions between commas]"),
        ("dutty(above)", "E702 when.x «dutty(above)» there is no type of fact 'dutty' [did you mean 'duty'?]"),
        ("duty(state == missed)", "E703 when.x «state» 'duty' has no field 'state' [did you mean 'status'?]"),
        ("duty(in_a_row + 1 > 2)", "E704 when.x «in_a_row + 1» a pattern does not compute [make it a measure and match that]"),
        ("duty(in_a_row > 1 + 2)", "E704 when.x «1 + 2» a pattern does not compute [make it a measure and match that]"),
        ("duty(abs(in_a_row) > 1)", "E704 when.x «abs(in_a_row)» a pattern calls no function; found 'abs' [make it a measure]"),
        ("duty(status == missed or above)", "E704 when.x «status == missed or above» a pattern has no 'or' [write 'field in [a, b]' for one field, else one rule for each]"),
        ("duty(status == missed and above)", "E704 when.x «status == missed and above» conditions of a pattern are not joined by 'and' [write a comma]"),
        ("duty(not (status == missed))", "E704 when.x «not (status == missed» 'not' stands before a boolean field only [turn the comparison round]"),
        ("duty(due is missing)", "E704 when.x «due is missing» a pattern cannot ask whether a field is missing [a fact that lacks a field which a pattern names does not match it]"),
        ("duty(2 <= in_a_row)", "E704 when.x «2 <= in_a_row» the field stands left and the constant right [write 'in_a_row >= …']"),
        ("duty(period == duty)", "E704 when.x «period == duty» 'period' and 'duty' are fields of the same fact, which cannot be compared [a text stands in quotes: \"duty\"]"),
        ("duty(in_a_row in weeks)", "E704 when.x «weeks» right of 'in' stands a list of constants [write 'x in [a, b]']"),
        ("duty(in_a_row not in 1..2)", "E704 when.x «in_a_row not in 1..2» 'not in' takes a list [write one rule below the range and one above]"),
        ("duty(5)", "E704 when.x «5» this is no condition on a field [write 'field == constant' or 'field == alias.field']"),
        ("duty(status == mised)", "E705 when.x «mised» 'mised' is no value of 'status' [did you mean 'missed'?]"),
        ("edge(kind == leeds)", "E705 when.x «leeds» 'leeds' is no value of 'kind' [did you mean 'leads'?]"),
        ("duty(status)", "E705 when.x «status» 'status' is a text, not a condition [write 'status == …']"),
        ("duty(in_a_row == \"2\")", "E705 when.x «\"2\"» 'in_a_row' is an integer; found '2'"),
        ("duty(in_a_row == true)", "E705 when.x «true» 'in_a_row' is an integer; found 'true'"),
        ("duty(above == 1)", "E705 when.x «1» 'above' is a boolean; found '1'"),
        ("duty(due > 3)", "E705 when.x «3» 'due' is a date; found '3'"),
        ("duty(period == 2005)", "E705 when.x «2005» 'period' is a text; found '2005' [the name of a period stands in quotes: period == \"2005-Q1\"]"),
        ("duty(period < \"2005\")", "E705 when.x «period < \"2005\"» 'period' is a text, which has no order for '<' "
         "[name what is meant: 'period in [a, b]']"),
        ("duty(in_a_row > 1.5)", "E705 when.x «1.5» 'in_a_row' is an integer; the constant is finer"),
        ("duty(in_a_row > 2 weeks)", "E705 when.x «2 weeks» 'in_a_row' is an integer; found '14 days, 0:00:00'"),
        ("duty(in_a_row > 2 points)", "E705 when.x «2 points» 'in_a_row' is a pure number [leave 'points' out]"),
        ("duty(in_a_row < 5000000000000000000)", "E705 when.x «5000000000000000000» 'in_a_row' is an integer; the constant is too large"),
        ("duty(subject == b.subject)", "E706 when.x «b.subject» no pattern above this one is called 'b' [a text with a dot stands in quotes: \"b.subject\"]"),
        ("duty(subject == later.subject)", "E706 when.x «later.subject» the pattern 'later' stands below [a pattern looks back: put it above this one]"),
        ("duty(subject == later)", "E706 when.x «later» the pattern 'later' stands below [a pattern looks back: put it above this one]"),
        ("duty(subject == x.duty)", "E706 when.x «x.duty» 'x' is this pattern itself [a condition compares with another one]"),
        ("duty(subject == a)", "E706 when.x «a» 'a' is no field of a pattern [write 'a.subject']"),
        ("duty(subject == a.subjct)", "E703 when.x «a.subjct» 'a.subjct': 'duty' has no field 'subjct' [did you mean 'subject'?]"),
        ("duty(subject == a.in_a_row)", "E706 when.x «subject == a.in_a_row» 'subject' is a text and 'a.in_a_row' is an integer [only fields of one type are compared]"),
        ("score(total == a.in_a_row)", "E706 when.x «total == a.in_a_row» 'total' is a decimal and 'a.in_a_row' is an integer [only fields of one type are compared]"),
        ("duty(in_a_row > a.in_a_row)", "E706 when.x «in_a_row > a.in_a_row» '>' with a field of 'a' needs an '==' with a field of 'a' beside it [such as 'subject == a.subject']"),
        ("duty(subject == a.subject, period > a.period)", "E705 when.x «period > a.period» 'period' is a text, which has no order for '>'"),
        (f"duty({MANY})", f"E707 when.x «duty({MANY})» the pattern has 25 conditions; at most 24 are allowed"),
        (f"duty({JOINS})", f"E707 when.x «duty({JOINS})» the pattern has 13 joins; at most 12 are allowed"),
    ],
)  # fmt: skip
def test_a_pattern_outside_the_subset_is_refused(text, message):
    found, faults = read({"a": "duty()", "x": text, "later": "duty()"})
    assert found is None
    assert [said(fault, text) for fault in faults] == [message]


@pytest.mark.parametrize(
    ("unless", "message"),
    [
        ({"x": "duty(subject == a.subject, in_a_row > a.in_a_row)"}, "E706 unless.x «in_a_row > a.in_a_row» an exception compares with 'a' by '==' only [compare with a constant, or put the pattern under 'when']"),
        ({"y": "duty()", "x": "duty(subject == y.subject)"}, "E706 unless.x «y.subject» 'y' is an exception, which matches nothing where the rule fires"),
        ({"a": "duty()"}, "E701 unless.a «» 'a' is a pattern under 'when' already [give the exception another name]"),
    ],
)  # fmt: skip
def test_an_exception_outside_the_subset_is_refused(unless, message):
    _, faults = read({"a": "duty()"}, unless)
    assert [said(fault, list(unless.values())[-1]) for fault in faults] == [message]


@pytest.mark.parametrize(
    ("then", "message"),
    [
        ({}, "E708 then.do «» 'then' does not say 'do' [known: veto, cap, escalate, notify, propose]"),
        ({"do": "notfy", "to": "b"}, "E708 then.do «» 'notfy' is nothing that can follow [did you mean 'notify'?]"),
        ({"do": "escalate", "to": "b"}, "E708 then.about «» 'escalate' needs 'to' and 'about'; 'about' is missing"),
        ({"do": "notify", "to": "b", "abuot": "c"}, "E708 then.abuot «» 'then' has no key 'abuot' [did you mean 'about'?]"),
        ({"do": "notify", "to": "5"}, "E708 then.to «5» a value here is a text or a field [write 'alias.field' or \"text\"]"),
        ({"do": "notify", "to": "a.in_a_row"}, "E708 then.to «a.in_a_row» 'a.in_a_row' is an integer; 'to' takes a text"),
        ({"do": "notify", "to": "a"}, "E709 then.to «a» 'a' is no field [write 'a.subject']"),
        ({"do": "notify", "to": "a.subjct"}, "E703 then.to «a.subjct» 'a.subjct': 'duty' has no field 'subjct' [did you mean 'subject'?]"),
        ({"do": "notify", "to": "x.rule"}, "E709 then.to «x.rule» 'x' is an exception, which matches nothing where the rule fires"),
        ({"do": "notify", "to": "mised.subject"}, "E709 then.to «mised.subject» no pattern under 'when' is called 'mised' [known: a]"),
    ],
)  # fmt: skip
def test_a_consequence_that_cannot_be_is_refused(then, message):
    _, faults = read({"a": "duty()"}, {"x": "waiver()"}, then)
    assert [said(fault, then.get("to", "")) if "to «" in message else said(fault) for fault in faults] == [message]


def test_a_reason_names_fields_of_patterns_that_matched():
    text = "{a.duty} {a.dutty} {b.duty} {x.rule} {a} } {"
    _, faults = read({"a": "duty()"}, {"x": "waiver()"}, because={"en": text})
    assert [said(fault, text) for fault in faults] == [
        "E703 because.en «{a.dutty}» 'a.dutty': 'duty' has no field 'dutty' [did you mean 'duty'?]",
        "E709 because.en «{b.duty}» no pattern under 'when' is called 'b' [known: a]",
        "E709 because.en «{x.rule}» 'x' is an exception, which matches nothing where the rule fires",
        "E709 because.en «{a}» 'a' is no field [write 'a.subject']",
        "E709 because.en «}» '}' has no partner [write '}}' for the sign]",
        "E709 because.en «{» '{' has no partner [write '{{' for the sign]",
    ]


def test_a_rule_needs_a_pattern_and_has_at_most_sixteen():
    _, faults = read({})
    assert [said(f) for f in faults] == ["E707 . «» 'when' has no pattern [a rule needs at least one]"]
    _, faults = read({f"a{n}": "duty()" for n in range(15)}, {"x": "duty()", "y": "duty()"})
    assert [said(f) for f in faults] == [
        "E707 . «» the rule has 17 patterns; at most 16 are allowed, exceptions included "
        "[split it: a rule may look at the decision of another]"
    ]


def test_all_faults_of_a_rule_come_at_once():
    _, faults = read({"a": "duty(state == x, in_a_row > 1.5)", "b": "dutty()"}, {"x": "duty(5)"}, {"do": "veto"})
    assert [fault.fault.code for fault in faults] == ["E708", "E704", "E703", "E705", "E702"]


def test_nothing_is_said_of_the_uses_of_a_pattern_that_was_not_parsed():
    trees = {"a": None, "b": parse("edge(kind == leads)")}
    then = {"do": parse("notify"), "to": parse("a.subject")}
    assert read_rule("r", trees, {}, then, {"en": "{a.duty}"}) == (None, [])


def test_a_condition_on_an_unknown_rule_is_refused():
    rules = [rule({"d": "decision(rule in [escalat, other])"}, rule_id="x"), rule({"d": "duty()"}, rule_id="escalate")]
    assert [(i, f.fault.code, f.fault.message, f.fault.hint) for i, f in unknown_rules(rules)] == [
        ("x", "E711", "no rule under 'decisions' is called 'escalat'", "did you mean 'escalate'?"),
        ("x", "E711", "no rule under 'decisions' is called 'other'", "known: x, escalate"),
    ]


def test_every_code_is_explained_and_used():
    assert sorted(CODES) == [f"E7{n:02}" for n in range(1, 12)]


def test_a_rendered_rule_reads_back_as_the_same():
    for seed in range(300):
        rng = random.Random(seed)
        for written in random_ruleset(rng, 3, wide=True):
            if "a\nb" in render(written):
                continue  # a text of two lines; the lines below are the patterns
            lines = [line.strip().split(": ", 1) for line in render(written).splitlines() if line.startswith("    ")]
            count = len(written.patterns)
            then = {**NOTIFY, **dict.fromkeys(("subject", "about", "grade"), "a"), "do": written.do}
            found, faults = read(dict(lines[:count]), dict(lines[count:]), then)
            assert found is not None, (render(written), faults)
            bare = with_needs(found)
            assert [(p.type, p.tests, p.joins) for p in (*bare.patterns, *bare.unless)] == [
                (p.type, p.tests, p.joins) for p in (*written.patterns, *written.unless)
            ], render(written)


def test_every_type_of_fact_has_only_fields_of_the_types_that_facts_have():
    declared = {field.type for kind in FACT_TYPES.values() for field in kind.fields.values()}
    assert declared == {"text", "integer", "decimal", "boolean", "date"}
