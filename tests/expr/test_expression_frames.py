from datetime import UTC, date, datetime
from fractions import Fraction
from zoneinfo import ZoneInfo

import polars as pl
import pytest
from expression_strategies import (
    EVENT_SCOPE,
    event_conditions,
    event_numbers,
    event_values,
    finite,
    frame,
    lookup,
    rows,
)
from hypothesis import assume as given_that
from hypothesis import given, settings
from hypothesis import strategies as st

from learnorg_rules.counting.frames import piece_count, to_cell, to_pieces, to_polars, whole_of
from learnorg_rules.expr.cells import decimal_size
from learnorg_rules.expr.evaluate import compile_node
from learnorg_rules.expr.nodes import Compare, Node
from learnorg_rules.expr.parse import parse
from learnorg_rules.expr.render import render
from learnorg_rules.expr.resolve import resolve
from learnorg_rules.expr.rewrite import bind

SHANGHAI = ZoneInfo("Asia/Shanghai")
# Its clocks skipped midnight on 2005-10-16 and had it twice on 2006-02-19.
SAO_PAULO = ZoneInfo("America/Sao_Paulo")


def resolved(text: str) -> Node:
    tree, faults = resolve(parse(text), EVENT_SCOPE, text)
    assert not faults, faults
    return tree


@settings(max_examples=300, deadline=None)
@given(event_conditions(), st.lists(rows, min_size=1, max_size=5), st.sampled_from([SHANGHAI, SAO_PAULO]))
def test_polars_agrees_with_the_evaluator_on_every_condition(tree, events, tz):
    node = resolved(render(tree))
    expr = to_polars(node, tz)
    found = frame(events).with_columns(found=expr)["found"].to_list()
    value = compile_node(node, tz)
    assert found == [value(lookup(event)) for event in events]


@settings(max_examples=200, deadline=None)
@given(
    st.builds(Compare, st.sampled_from(["==", "!=", "<", "<=", ">", ">="]), event_numbers(0), event_numbers(1)),
    st.lists(rows, min_size=4, max_size=8),
)
def test_polars_agrees_with_the_evaluator_on_every_comparison_of_numbers(tree, events):
    node = resolved(render(tree))
    expr = to_polars(node, SHANGHAI)
    value = compile_node(node, SHANGHAI)
    assert frame(events).with_columns(found=expr)["found"].to_list() == [value(lookup(event)) for event in events]


@settings(max_examples=300, deadline=None)
@given(event_values() | event_numbers(2, finite), st.lists(rows, min_size=1, max_size=5))
def test_polars_agrees_with_the_evaluator_on_every_summed_value(tree, events):
    node = resolved(render(tree))
    value = compile_node(node, SHANGHAI)
    expected = [value(lookup(event)) for event in events]
    try:
        expr, scale = to_cell(node)
    except ValueError:  # divided by what gives no finite decimals
        given_that(False)
    found = frame(events).with_columns(found=expr)
    assert [None if v is None else Fraction(int(v), 10**scale) for v in found["found"]] == expected


def column(text: str, **columns: pl.Series) -> list[object]:
    return pl.DataFrame(columns).with_columns(to_polars(resolved(text), SHANGHAI).alias("x"))["x"].to_list()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("score >= 60.55", [False, True, None]),
        ("score > 60.5", [False, True, None]),
        ("score == 60.5", [True, False, None]),
        ("score == 60.55", [False, False, None]),
        ("score != 60.55", [True, True, None]),
        ("score < 182/3", [True, True, None]),
        ("score in 60.45..60.55", [True, False, None]),
        ("score <= 1000000000000000000000000000", [True, True, None]),
        ("score > -1000000000000000000000000000", [True, True, None]),
        ("score / 0 > 1", [None, None, None]),
    ],
)
def test_a_one_place_column_is_compared_exactly_with_any_number(text, expected):
    assert column(text, score=pl.Series([605, 606, None], dtype=pl.Int64)) == expected


def test_a_field_with_one_place_is_compared_with_a_field_with_two():
    score, price = pl.Series([605, 605], dtype=pl.Int64), pl.Series([6050, 6051], dtype=pl.Int64)
    assert column("score == price", score=score, price=price) == [True, False]


def test_the_product_of_the_largest_cells_does_not_wrap_round():
    largest = pl.Series([2**63 - 1], dtype=pl.Int64)
    assert column("visits * guests > 0", visits=largest, guests=largest) == [True]


def test_a_number_is_as_wide_as_what_is_known_of_its_columns_asks_for():
    data = pl.DataFrame({"visits": [2**63 - 1]})
    for text, largest, dtype in [
        ("visits", {}, pl.Int64),
        ("visits + visits", {}, pl.Int128),
        ("visits + visits", {"visits": 2**62 - 1}, pl.Int64),
        ("visits * visits * visits", {}, pl.String),
        ("visits * visits * visits", {"visits": 2**40}, pl.Int128),
        ("visits * visits * visits", {"visits": 2**20}, pl.Int64),
    ]:
        expr, _ = to_cell(resolved(text), largest)
        small = data.with_columns(visits=pl.lit(3)) if largest else data
        value = 3 if largest else 2**63 - 1
        found = small.select(expr).to_series()
        assert found.dtype == dtype, text
        assert [int(one) for one in found] == [value * 2 if "+" in text else value if text == "visits" else value**3]


@settings(max_examples=200, deadline=None)
@given(event_numbers(2, finite), st.lists(rows, min_size=1, max_size=5), st.integers(0, 3))
def test_the_pieces_of_a_number_are_the_number(tree, events, more):
    node = resolved(render(tree))
    try:
        expected = frame(events).with_columns(x=to_cell(node)[0])["x"]
        room = piece_count(decimal_size(node, {})[0].bound) + more
    except ValueError:
        given_that(False)
    pieces = frame(events).with_columns(x=to_pieces(node, {}, room))["x"].struct.unnest().rows()
    assert [whole_of(one) for one in pieces] == [None if one is None else int(one) for one in expected]


@pytest.mark.parametrize(
    ("text", "scale", "cell"),
    [
        ("score", 1, 605),
        ("score * price", 3, 605 * 250),
        ("score + 0.25", 2, 6075),
        ("2 * score", 1, 1210),
        ("1", 0, 1),
    ],
)
def test_the_scale_of_a_value_is_what_its_parts_need(text, scale, cell):
    expr, found = to_cell(resolved(text))
    frame = pl.DataFrame({"score": [605], "price": [250]}).select(expr.alias("x"))
    assert (found, frame["x"].to_list()) == (scale, [cell])


def test_a_value_without_an_end_has_no_cell():
    with pytest.raises(ValueError, match="a number over 30 has no finite decimal form"):
        to_cell(resolved("score * 1/3"))


def test_not_in_with_a_missing_value_is_unknown():
    topics = pl.Series(["a", "b", None], dtype=pl.String)
    assert column('topic not in ["a", "c"]', topic=topics) == [False, True, None]


def test_a_date_against_an_instant_means_local_midnight():
    before, at = datetime(2004, 12, 31, 15, 59, tzinfo=UTC), datetime(2004, 12, 31, 16, tzinfo=UTC)
    moments = pl.Series([before, at], dtype=pl.Datetime("us", "UTC"))
    assert column("occurred_at >= 2005-01-01", occurred_at=moments) == [False, True]


def test_choices_are_ordered_as_declared():
    ranks = pl.Series(["ke", "chu", "ju", None], dtype=pl.String)
    assert column("rank >= chu", **{"person.rank": ranks}) == [False, True, True, None]


def test_member_and_unbound_parameters_have_no_column():
    with pytest.raises(ValueError, match="no column holds event 'member'"):
        to_polars(resolved("member and passed"), SHANGHAI)
    with pytest.raises(ValueError, match="parameter 'threshold' has no value yet"):
        to_polars(resolved("visits > threshold"), SHANGHAI)


def test_bound_parameters_are_constants():
    values = {"threshold": Fraction(1, 3), "deadline": date(2005, 6, 1), "topics": ["a", "b"], "numbers": [1, 2]}
    text = "visits > threshold * 3 and date < deadline + 1 days and topic in topics and guests not in numbers"
    node = bind(resolved(text), values.__getitem__)
    data = {"visits": [2, 2], "date": [date(2005, 6, 1), date(2005, 6, 2)], "topic": ["a", "a"], "guests": [3, 3]}
    assert pl.DataFrame(data).select(to_polars(node, SHANGHAI).alias("x"))["x"].to_list() == [True, False]


def test_an_empty_list_holds_nothing_and_a_missing_value_stays_unknown():
    node = bind(resolved("topic in topics"), lambda _: [])
    data = pl.DataFrame({"topic": ["a", None]})
    assert data.select(to_polars(node, SHANGHAI).alias("x"))["x"].to_list() == [False, None]


@pytest.mark.parametrize("constant", ["2", "2.5", "3", "1/3", "-9223372036854775808", "9223372036854775808"])
@pytest.mark.parametrize("op", ["==", "!=", "<", "<=", ">", ">="])
def test_a_column_is_compared_with_a_constant_on_either_side(op, constant):
    visits = pl.Series([2, 3, 4, -(2**63), 2**63 - 1], dtype=pl.Int64)
    for text in (f"visits {op} {constant}", f"{constant} {op} visits"):
        value = compile_node(resolved(text))
        assert column(text, visits=visits) == [value(lambda _, v=v: v) for v in visits]


def test_a_constant_condition_inside_if_keeps_the_length_of_the_frame():
    topics = pl.Series(["a", "b"], dtype=pl.String)
    assert column('if(false, topic == "a", true)', topic=topics) == [True, True]
    assert column('if(true, topic == "a", true)', topic=topics) == [True, False]
