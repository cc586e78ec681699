import time
from datetime import date, timedelta
from fractions import Fraction

import pytest
from expression_strategies import (
    EVENT_SCOPE,
    KIND,
    SCOPE,
    event_conditions,
    event_values,
    orders,
    selectors,
    surface_trees,
)
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from learnorg_rules.expr.limits import LIMITS
from learnorg_rules.expr.nodes import Binary, Call, In, Literal, Logic, Name, Negate, Order, Range, Subjects
from learnorg_rules.expr.parse import parse
from learnorg_rules.expr.render import render
from learnorg_rules.expr.resolve import resolve
from learnorg_rules.expr.scope import ExpressionError

A, B, C = (Name((n,)) for n in "abc")


def number(value: object, unit: str = "") -> Literal:
    return Literal(Fraction(value), unit)


# ---- meaning


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("12", Fraction(12)),
        ("12.50", Fraction(25, 2)),
        ("1/3", Fraction(1, 3)),
        ("80%", Fraction(4, 5)),
        ("-12.5%", Fraction(-1, 8)),
        ("30 days", timedelta(30)),
        ("1 day", timedelta(1)),
        ("2 weeks", timedelta(14)),
        ("-3 days", timedelta(-3)),
        ("2005-04-01", date(2005, 4, 1)),
        ('"text, (quoted) and: =="', "text, (quoted) and: =="),
        (r'"a \"b\" \\"', 'a "b" \\'),
    ],
)
def test_a_literal_is_exact(text, value):
    assert parse(text) == Literal(value)


def test_a_number_keeps_its_unit_of_measure():
    assert parse("12.5 minutes") == number("12.5", "minutes")


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("a or b and not c", "a or (b and (not c))"),
        ("a + b * c", "a + (b * c)"),
        ("a - b - c", "(a - b) - c"),
        ("a / b * c", "(a / b) * c"),
        ("-a * b", "(-a) * b"),
        ("not a == b", "not (a == b)"),
        ("a + 1 in 1..2 and b", "((a + 1) in 1..2) and b"),
        ("a and (b and c)", "a and b and c"),
    ],
)
def test_operators_bind_as_in_mathematics(text, tree):
    assert parse(text) == parse(tree)


def test_brackets_change_what_binds():
    assert parse("(a + b) * c") == Binary("*", Binary("+", A, B), C)
    assert parse("-(a + b)") == Negate(Binary("+", A, B))


def test_an_aggregate_parses_with_kinds_condition_and_weight():
    tree = parse('mean(score in poll, "Group 1" where member and a by minutes)')
    score = In(Name(("score",)), Name(("poll",)))
    where = Logic("and", (Name(("member",)), A))
    assert tree == Call("mean", (score, Literal("Group 1")), where, Name(("minutes",)))


def test_names_come_from_any_script_and_may_have_dots():
    assert parse("群众参与率") == Name(("群众参与率",))
    assert parse("year.total") == Name(("year", "total"))
    assert parse("Çalışma_1") == Name(("Çalışma_1",))


def test_words_of_selectors_and_clauses_are_names_elsewhere():
    assert parse("units + of + that + descending") == parse("units+of+that+descending")
    assert parse("andes") == Name(("andes",))


def test_a_range_of_numbers_needs_no_blanks():
    assert parse("a in 1..2") == In(A, Range(number(1), number(2)))
    assert parse("a in 1.5..2.5") == In(A, Range(number("1.5"), number("2.5")))


def test_a_selector_says_family_place_relation_and_condition():
    tree = parse("persons of office that league leads where age <= 35", "selector")
    assert tree == Subjects("persons", of="office", by="league", edge="leads", where=parse("age <= 35"))


def test_a_selector_may_list_ids_that_are_no_names():
    assert parse('"Group 1", office', "selector") == Subjects(ids=("Group 1", "office"))


def test_an_order_descends_only_if_it_says_so():
    assert parse("year.total descending", "order") == Order(Name(("year", "total")), True)
    assert parse("id", "order") == parse("id ascending", "order") == Order(Name(("id",)), False)


def test_spans_point_at_what_was_written():
    text = "a and sum(minutes in study where member) >= 80%"
    total = parse(text).operands[1].left
    assert text[total.span.start : total.span.end] == "sum(minutes in study where member)"
    minutes = total.args[0].operand
    assert text[minutes.span.start : minutes.span.end] == "minutes"


# ---- agree: text and tree


@settings(max_examples=400, deadline=None)
@given(surface_trees())
def test_the_text_of_an_expression_parses_back_to_it(tree):
    assume(len(render(tree)) < LIMITS.length)
    assert parse(render(tree)) == tree


@settings(max_examples=100, deadline=None)
@given(selectors())
def test_the_text_of_a_selector_parses_back_to_it(tree):
    assert parse(render(tree), "selector") == tree


@settings(max_examples=100, deadline=None)
@given(orders())
def test_the_text_of_an_order_parses_back_to_it(tree):
    assert parse(render(tree), "order") == tree


@settings(max_examples=150, deadline=None)
@given(event_conditions())
def test_the_text_of_a_resolved_condition_resolves_to_it_again(tree):
    text = render(tree)
    once, faults = resolve(parse(text), EVENT_SCOPE, text)
    again, _ = resolve(parse(render(once).replace("person.rank", "rank")), EVENT_SCOPE, text)
    assert not faults
    assert again == once


@settings(max_examples=100, deadline=None)
@given(event_conditions(1), event_values())
def test_the_text_of_a_resolved_aggregate_resolves_to_it_again(where, value):
    text = f"sum({render(value)} in {KIND} where ({render(where)}) and member)"
    once, faults = resolve(parse(text), SCOPE, text)
    assume(not faults)  # a product of three fields
    again, _ = resolve(parse(render(once).replace("person.rank", "rank")), SCOPE, text)
    assert again == once


def faults_of(text, what="expression"):
    """The faults of the text; None if it parses."""
    try:
        parse(text, what)
    except ExpressionError as error:
        return error.faults
    return None


# ---- refusal: nothing else comes out, whatever goes in

_fragments = st.sampled_from(
    [
        "a",
        "and",
        "or",
        "not",
        "(",
        "(",
        "(",
        ")",
        ")",
        "[",
        "]",
        ",",
        ":",
        "..",
        "==",
        "=",
        "<",
        "in",
        "is",
        "missing",
        "where",
        "by",
        "1",
        "2.5",
        "80%",
        "30",
        "days",
        "2005-01-01",
        '"',
        "“",
        "（",
        "%",
        "*",
        "-",
        "+",
        "units",
        "that",
    ]
)


@settings(max_examples=400, deadline=None)
@given(
    st.text(max_size=40) | st.lists(_fragments, max_size=25).map(" ".join),
    st.sampled_from(["expression", "selector", "order"]),
)
def test_any_text_parses_or_is_refused_with_places_inside_it(text, what):
    faults = faults_of(text, what)
    assert faults is None or faults
    for fault in faults or ():
        assert 0 <= fault.span.start <= fault.span.end <= len(text)
        assert fault.code in ("E301", "E302", "E303")
        assert not set(fault.message.split()) & {"LPAR", "RPAR", "NAME", "NUMBER", "$END", "COMPARE", "LSQB"}


@pytest.mark.parametrize(
    "text",
    [
        "(" * 3999,
        "(" * 1900 + "a" + ")" * 1900,
        "not " * 999 + "a",
        "-" * 3999 + "a",
        "a+" * 1999 + "a",
        "f(" * 1300 + "a" + ")" * 1300,
        "a in [" * 600 + "a" + "]" * 600,
        "x" * 10**6,
        "1" * 4000,
        '"' * 4000,
    ],
)
def test_monstrous_texts_are_refused_or_parsed_at_once(text):
    start = time.perf_counter()
    faults_of(text)
    assert time.perf_counter() - start < 1.0


@pytest.mark.parametrize(
    "text", ["0." + "1" * 27 + "%", "1" * 28 + "%", "9" * 30, "1/" + "8" * 30, "1/9223372036854775808"]
)
def test_numbers_at_the_limit_have_a_text_that_parses(text):
    assert parse(render(parse(text))) == parse(text)


def test_brackets_alone_add_no_depth_to_the_tree():
    assert parse("(" * LIMITS.depth + "a" + ")" * LIMITS.depth) == A


def test_brackets_nested_as_deep_as_they_may_be_leave_room_on_the_stack_of_python():
    inside = "a or b and c == d + e * f(g, x: "
    parse("(" * (LIMITS.depth - 5) + inside * 5 + "1" + ")" * LIMITS.depth)
