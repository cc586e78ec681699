"""What expressions give: values, types, and what may be missing."""

from datetime import UTC, date, datetime
from fractions import Fraction
from zoneinfo import ZoneInfo

import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from learnorg_rules.expr.evaluate import compile_node, midnight
from learnorg_rules.expr.monotone import monotone
from learnorg_rules.expr.nodes import Aggregate, Call, Literal, Node, Ref
from learnorg_rules.expr.parse import parse
from learnorg_rules.expr.render import render, render_number, render_values
from learnorg_rules.expr.resolve import resolve, resolve_subjects
from learnorg_rules.expr.rewrite import assume, bind, conjuncts, substitute
from learnorg_rules.expr.scope import Scope
from learnorg_rules.expr.types import (
    BOOLEAN,
    DATE,
    DURATION,
    INSTANT,
    NUMBER,
    RATIO,
    TEXT,
    Base,
    choice,
    listing,
    number,
    unit_text,
)

SHANGHAI = ZoneInfo("Asia/Shanghai")
NAMES = {
    "x": evolve(NUMBER, nullable=True),
    "y": evolve(NUMBER, nullable=True),
    "p": evolve(BOOLEAN, nullable=True),
    "q": evolve(BOOLEAN, nullable=True),
    "day": evolve(DATE, nullable=True),
    "moment": evolve(INSTANT, nullable=True),
    "rank": choice(["ke", "chu", "ju"], nullable=True),
    "topic": evolve(TEXT, nullable=True),
    "spent": number("days"),
    "heads": evolve(number("persons"), non_negative=True),
}
PARAMETERS = {"share": NUMBER, "factor": evolve(NUMBER, non_negative=True), "ids": listing(TEXT)}
PARAMETER_REFS = {name: Ref("parameter", name, type=kind) for name, kind in PARAMETERS.items()}
EVENT = {
    "minutes": Ref("event", "minutes", type=evolve(number("minutes"), non_negative=True)),
    "delta": Ref("event", "delta", type=number("minutes")),
    "member": Ref("event", "member", type=BOOLEAN),
    "done": Ref("event", "done", type=DATE),
    "person": Ref("event", "person", type=evolve(TEXT, nullable=True)),
    **PARAMETER_REFS,
}
SCOPE = Scope(
    "a measure",
    {name: Ref("subject", name, type=kind) for name, kind in NAMES.items()}
    | PARAMETER_REFS
    | {"rate": Ref("measure", "rate", type=RATIO)},
    {"forum": EVENT, "salon": EVENT},
    {"age": Ref("person", "age", type=evolve(RATIO, nullable=True))},
    frozenset({"previous", "base", "streak", "met", "persons", "across"}),
    frozenset({"plan"}),
)


def resolved(text: str) -> Node:
    tree, faults = resolve(parse(text), SCOPE, text)
    assert not faults, faults
    return tree


def value(text: str, **values: object) -> object:
    def lookup(node: Node) -> object:
        assert isinstance(node, Ref)
        return values[node.name]

    return compile_node(resolved(text), SHANGHAI)(lookup)


# ---- logic

KLEENE = [None, False, True]


@pytest.mark.parametrize("p", KLEENE)
@pytest.mark.parametrize("q", KLEENE)
def test_and_or_not_follow_kleene(p, q):
    # False is below unknown is below true; `and` is the lower, `or` the higher, `not` turns the order round.
    order = {False: 0, None: 1, True: 2}
    back = {v: k for k, v in order.items()}
    assert value("p and q", p=p, q=q) is back[min(order[p], order[q])]
    assert value("p or q", p=p, q=q) is back[max(order[p], order[q])]
    assert value("not p", p=p) is back[2 - order[p]]


@pytest.mark.parametrize("text", ["x == y", "x != y", "x < y", "x in [y, 3]", "x not in [y, 3]", "x in y..9"])
def test_a_comparison_with_a_missing_value_is_unknown(text):
    assert value(text, x=None, y=1) is None
    assert value(text, x=2, y=None) is None


def test_one_equal_item_is_enough_though_another_is_missing():
    assert value("x in [y, 3]", x=3, y=None) is True
    assert value("x not in [y, 3]", x=3, y=None) is False


def test_a_range_that_one_end_excludes_is_false_though_the_other_is_missing():
    assert value("x in 5..y", x=4, y=None) is False


def test_is_missing_is_always_known():
    assert value("x is missing", x=None) is True
    assert value("x is not missing", x=None) is False
    assert value("x + 1 is missing", x=None) is True
    assert value("(x > 1) is missing", x=None) is True


# ---- numbers


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x + y", Fraction(31)),
        ("x - y", Fraction(29)),
        ("x * 80%", Fraction(24)),
        ("y / x", Fraction(1, 30)),
        ("x / 0", None),
        ("x / (y - 1)", None),
        ("-x", Fraction(-30)),
        ("0.1 + 0.2", Fraction(3, 10)),
    ],
)
def test_arithmetic_is_exact_and_division_by_zero_is_missing(text, expected):
    assert value(text, x=30, y=1) == expected


@pytest.mark.parametrize("op", ["+", "-", "*", "/"])
def test_arithmetic_with_a_missing_value_is_missing(op):
    assert value(f"x {op} y", x=None, y=1) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("linear(x, 50%, 95%)", [(Fraction(1, 2), 0), (Fraction(95, 100), 1), (Fraction(725, 1000), Fraction(1, 2))]),
        ("linear(x, 0, 10)", [(-5, 0), (15, 1), (3, Fraction(3, 10)), (None, None)]),
        ("linear(x, 10, 0)", [(0, 1), (10, 0), (4, Fraction(3, 5))]),
        ("bands(x, 0: 0, 3: 1/2, 5: 1)", [(-1, None), (0, 0), (2, 0), (3, Fraction(1, 2)), (7, 1), (None, None)]),
        ("min(x, 3)", [(2, 2), (5, 3), (None, None)]),
        ("max(x, 3)", [(2, 3), (5, 5), (None, None)]),
        ("abs(x)", [(-2, 2), (2, 2), (None, None)]),
        ("ceil(x)", [(Fraction(5, 2), 3), (Fraction(-5, 2), -2), (2, 2), (None, None)]),
        ("floor(x)", [(Fraction(5, 2), 2), (Fraction(-5, 2), -3), (2, 2), (None, None)]),
        ("round(x)", [(Fraction(5, 2), 3), (Fraction(-5, 2), -3), (Fraction(7, 2), 4), (Fraction(249, 100), 2)]),
        ("round(x, 1)", [(Fraction(1, 3), Fraction(3, 10)), (Fraction(1, 4), Fraction(3, 10)), (None, None)]),
        ("if(x > 1, 10, 20)", [(2, 10), (0, 20), (None, None)]),
        ("coalesce(x, 7)", [(2, 2), (None, 7)]),
    ],
)
def test_a_function_gives_its_value(text, expected):
    assert [value(text, x=x) for x, _ in expected] == [v for _, v in expected]


def test_bands_with_thresholds_that_are_computed_take_the_highest_not_above():
    assert value("bands(x, y: 1, 3: 2)", x=4, y=3) == 2
    assert value("bands(x, y: 1, 3: 2)", x=4, y=None) is None
    assert value("linear(x, y, 3)", x=4, y=3) is None


AMOUNTS = st.fractions(-100, 100, max_denominator=1000) | st.integers(-100, 100)


@settings(max_examples=100, deadline=None)
@given(AMOUNTS, AMOUNTS, st.integers(-3, 3).filter(bool))
def test_linear_is_the_share_of_the_way_and_a_quotient_is_exact(x, low, width):
    way = Fraction(x - low, width)
    assert value(f"linear(x, y, y + ({width}))", x=x, y=low) == min(max(way, 0), 1)
    assert value("x / y", x=x, y=low) == (None if low == 0 else Fraction(x) / Fraction(low))


@settings(max_examples=100, deadline=None)
@given(st.fractions(-100, 100, max_denominator=1000), st.integers(0, 4))
def test_round_is_the_nearest_with_ties_away_from_zero(x, decimals):
    found = value(f"round(x, {decimals})", x=x)
    step = Fraction(1, 10**decimals)
    assert found % step == 0
    assert abs(found - x) <= step / 2
    assert abs(found - x) < step / 2 or abs(found) > abs(x)


# ---- days, instants, choices


def test_days_are_counted_with_durations():
    assert value("day + 30 days", day=date(2005, 1, 31)) == date(2005, 3, 2)
    assert value("day - 2004-12-31 > 30 days", day=date(2005, 1, 31)) is True
    assert value("day - 1 week == 2005-01-24", day=date(2005, 1, 31)) is True
    assert value("day + 1000000 days + 1000000 days + 1000000 days", day=date(2005, 1, 31)) is None


def test_a_number_of_days_is_compared_with_a_duration():
    assert value("spent <= 30 days", spent=30) is True
    assert value("spent in 1..30 days", spent=31) is False


def test_a_date_is_made_of_numbers_and_missing_if_there_is_none():
    assert value("date(x, 12, 31)", x=2004) == date(2004, 12, 31)
    assert value("date(x, 2, 29)", x=2005) is None
    assert value("date(x, 1, 1)", x=Fraction(1, 2)) is None


def test_a_date_beside_an_instant_is_its_local_midnight():
    at = datetime(2004, 12, 31, 16, tzinfo=UTC)
    assert value("moment >= 2005-01-01", moment=at) is True
    assert value("moment == 2005-01-01", moment=at.astimezone(SHANGHAI)) is True
    assert value("2005-01-01 > moment", moment=at.replace(hour=15)) is True
    assert value("moment in 2005-01-01..2005-01-02", moment=at) is True


def test_a_date_beside_an_instant_needs_a_time_zone():
    with pytest.raises(ValueError, match="needs a time zone"):
        compile_node(resolved("moment >= 2005-01-01"))


def test_midnight_that_the_clocks_skip_is_when_the_day_begins():
    assert midnight(date(2005, 10, 16), ZoneInfo("America/Sao_Paulo")) == datetime(2005, 10, 16, 3, tzinfo=UTC)


def test_choices_compare_by_their_declared_order():
    assert value("rank >= chu", rank="ju") is True
    assert value("chu <= rank", rank="ke") is False
    assert value("rank in [ke, chu]", rank="chu") is True
    assert value("rank in chu..ju", rank="ke") is False
    assert value('rank == "chu"', rank="chu") is True


def test_a_list_parameter_holds_or_does_not_hold_a_value():
    assert value("topic in ids", topic="a", ids=("a", "b")) is True
    assert value("topic not in ids", topic="c", ids=["a", "b"]) is True
    assert value("topic in ids", topic=None, ids=("a",)) is None


# ---- types


@pytest.mark.parametrize(
    ("text", "unit", "nullable"),
    [
        ("3", None, False),
        ("count(forum)", "", False),
        ("sum(minutes in forum, salon)", "minutes", False),
        ("mean(minutes in forum by minutes)", "minutes", True),
        ("min(minutes in forum)", "minutes", True),
        ("sum(minutes in forum) / heads", "minutes/persons", False),  # a division by 0 is wrong, not missing
        ("sum(minutes in forum) / 60", None, False),
        ("sum(minutes * minutes in forum)", "minutes^2", False),
        ("persons(age <= 35)", "", False),
        ("distinct(person in forum)", "", False),
        ("most(person in forum)", "", False),
        ("years(forum)", "", False),
        ("previous(rate)", "", True),
        ("met(plan)", "", True),
        ("coalesce(previous(rate), 0)", "", False),
        ("coalesce(previous(rate), x)", "", True),
        ("linear(count(forum), 0, 10)", "", False),
        ("linear(x, 0, 10)", "", True),
        ("bands(count(forum), 0: 0, 3: 1)", None, False),
        ("bands(count(forum), 1: 0, 3: 1)", None, True),
        ("if(count(forum) > 1, heads, 3)", "persons", False),
        ("max(heads, 3)", "persons", False),
        ("heads + 3 persons", "persons", False),
    ],
)
def test_units_and_absence_are_derived(text, unit, nullable):
    kind = resolved(text).type
    assert (None if kind.unit is None else unit_text(kind.unit), kind.nullable) == (unit, nullable)


def test_first_and_last_have_the_type_of_their_value():
    assert resolved("last(done in forum)").type == evolve(DATE, nullable=True)
    assert resolved("last(done in forum) - 2005-01-01").type == evolve(DURATION, nullable=True)


def test_an_aggregate_knows_its_kinds_in_order_and_its_text():
    text = "1 +  sum(minutes in salon,forum where member)"
    total = resolved(text).right
    assert total == Aggregate("sum", EVENT["minutes"], ("forum", "salon"), EVENT["member"])
    assert total.text == "sum(minutes in salon,forum where member)"


def test_hits_know_their_grain_and_min_of_values_is_no_aggregate():
    assert resolved("quarters(forum)") == Aggregate("hits", None, ("forum",), grain="quarter")
    assert isinstance(resolved("min(heads, 3)"), Call)


def test_an_option_wins_over_another_name_when_compared_with_a_choice():
    scope = evolve(SCOPE, names={**SCOPE.names, "chu": Ref("measure", "chu", type=NUMBER)})
    tree, faults = resolve(parse("rank == chu and chu > 1"), scope, "rank == chu and chu > 1")
    assert not faults
    option, measure = tree.operands[0].right, tree.operands[1].left
    assert (option, option.type.base) == (Literal("chu"), Base.CHOICE)
    assert measure == Ref("measure", "chu")


def test_a_selector_is_resolved_in_its_condition():
    tree, faults = resolve_subjects(parse("persons where rank >= chu", "selector"), SCOPE, "persons where rank >= chu")
    assert not faults
    assert tree.where.left == Ref("subject", "rank")


# ---- monotone


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("count(forum) >= 3", True),
        ("3 <= count(forum)", True),
        ("count(forum) + distinct(person in salon) > share", True),
        ("sum(minutes in forum) * 2 - 5 >= 100", True),
        ("sum(minutes in forum) / 60 >= factor", True),
        ("sum(delta in forum) >= 3", False),
        ("sum(minutes in forum) * share >= 3", False),
        ("count(forum) * -2 >= -3", False),
        ("count(forum) in 1..2", False),
        ("count(forum) == 1", False),
        ("count(forum) <= 3", False),
        ("count(forum) >= x", False),
        ("count(forum) >= count(salon)", False),
        ("mean(minutes in forum) >= 3", False),
        ("max(minutes in forum) >= 3", True),
        ("min(minutes in forum) >= 3", False),
        ("last(minutes in forum) >= 3", False),
        ("any(forum where member)", True),
        ("any(forum) and months(salon) >= 2 or true", True),
        ("any(forum) and x > 1", False),
        ("not any(forum)", False),
        ("persons() >= 3", False),
        ("previous(rate) >= 3", False),
        ("linear(count(forum), 0, 10) >= 80%", True),
        ("linear(count(forum), 10, 0) >= 80%", False),
        ("count(forum) >= 3 and share > 0", True),
    ],
)
def test_a_condition_that_more_events_cannot_undo_is_known(text, expected):
    assert monotone(resolved(text)) is expected


# ---- rewriting and showing


def test_conjuncts_are_the_conditions_that_must_all_hold():
    assert [render(n) for n in conjuncts(resolved("p and (q or x > 1) and x < 3"))] == ["p", "q or x > 1", "x < 3"]
    assert conjuncts(resolved("p or q")) == (resolved("p or q"),)


@pytest.mark.parametrize(
    ("text", "if_member", "if_not"),
    [
        ("member", "true", "false"),
        ("not member", "false", "true"),
        ("member and minutes > 3", "minutes > 3", "false"),
        ("member or minutes > 3", "true", "minutes > 3"),
        (
            "minutes > 3 and (member or minutes < 9) and delta > 1",
            "minutes > 3 and delta > 1",
            "minutes > 3 and minutes < 9 and delta > 1",
        ),
        ("not (member and minutes > 3)", "not minutes > 3", "true"),
        ("member == false", "false", "true"),
        ("member is missing or minutes > 3", "minutes > 3", "minutes > 3"),
        ("if(member, minutes, delta) > 3", "minutes > 3", "delta > 3"),
        ("minutes > 3", "minutes > 3", "minutes > 3"),
    ],
)
def test_a_condition_is_simplified_where_membership_is_known(text, if_member, if_not):
    where = resolved(f"count(forum where {text})").where
    assert render(assume(where, "member", True)) == if_member
    assert render(assume(where, "member", False)) == if_not


def test_binding_replaces_parameters_by_typed_constants():
    bound = bind(resolved("topic in ids and x > share"), {"ids": ["a", "b"], "share": 3}.__getitem__)
    assert render(bound) == 'topic in ["a", "b"] and x > 3'
    assert bound.operands[0].items[0].type == TEXT
    assert bound.operands[1].right.type == NUMBER


def test_substituting_nothing_gives_the_same_tree():
    tree = resolved("count(forum where member) / heads > share")
    assert substitute(tree, lambda _: None) is tree


def test_values_are_filled_in():
    values = {"x": Fraction(31), "y": Fraction(1, 3), "p": None, "rank": "chu", "day": date(2005, 1, 1), "q": True}

    def lookup(node: Node) -> object:
        return 80 if isinstance(node, Aggregate) else values[node.name]

    assert render_values(resolved("x / count(forum where member)"), lookup) == "31 / 80"
    assert render_values(resolved("x * y - count(forum)"), lookup) == "31 * (1/3) - 80"
    assert render_values(resolved("p and not q and rank >= ju"), lookup) == "no data and not yes and chu >= ju"
    assert render_values(resolved("p and q"), lookup, "zh") == "无数据 and 是"
    assert render_values(resolved("day < 2005-04-01"), lookup) == "2005-01-01 < 2005-04-01"


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (Fraction(0), "0"),
        (Fraction(-5, 2), "-2.5"),
        (Fraction(1, 1000), "0.001"),
        (Fraction(-1, 3), "-1/3"),
        (10**40, "1" + "0" * 40),
    ],
)
def test_a_number_is_written_as_a_decimal_where_that_ends(number, text):
    assert render_number(number) == text


@pytest.mark.parametrize(
    "text",
    [
        "sum(minutes in forum, salon where member)",
        "mean(minutes in forum by minutes)",
        "months(forum where member)",
        "persons(age <= 35)",
        "persons()",
        "previous(rate) + met(plan)",
        "rank in [ke, chu]",
        "bands(x, 0: 0, 3: 0.5)",
        "not (p or q) and x not in 1..2",
    ],
)
def test_canonical_text_stays_as_it_is(text):
    assert render(resolved(text)) == text
