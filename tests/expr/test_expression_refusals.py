"""Whole messages: a fault's place, code, words and hint, as the author sees them."""

import pytest
from attrs import evolve

from learnorg_rules.expr.nodes import Ref
from learnorg_rules.expr.parse import parse
from learnorg_rules.expr.resolve import resolve
from learnorg_rules.expr.scope import ExpressionError, Scope
from learnorg_rules.expr.types import BOOLEAN, DATE, NUMBER, RATIO, TEXT, Base, choice, listing, number

LEVELS = choice(["district", "department"])


def names(scope: str, **types: object) -> dict[str, Ref]:
    return {name: Ref(scope, name, type=kind) for name, kind in types.items()}


ENVELOPE = {
    **names("event", unit=TEXT, person=evolve(TEXT, nullable=True), date=DATE, member=BOOLEAN),
    **names("parameter", top_share=NUMBER, early_group=listing(TEXT)),
}
SCOPE = Scope(
    "a measure",
    {
        **names("subject", headcount=number("persons"), level=LEVELS),
        **names("parameter", top_share=NUMBER, early_group=listing(TEXT)),
        **names("measure", forums=RATIO),
    },
    {
        "forum": {**ENVELOPE, **names("event", minutes=number("minutes"))},
        "salon": {
            **ENVELOPE,
            **names("event", carrier=choice(["tea", "books"]), hours=number("hours"), score=number()),
        },
    },
    names("person", age=number()),
    frozenset({"previous", "base", "streak", "met", "persons", "across"}),
    frozenset({"salon_duty"}),
)


def refused(text: str, what: str = "expression", scope: Scope = SCOPE, expected: tuple[Base, ...] = ()) -> list[str]:
    """Each fault as `start-end CODE message | hint`."""
    try:
        faults = resolve(parse(text, what), scope, text, expected)[1]
    except ExpressionError as error:
        faults = error.faults
    return [f"{f.span.start}-{f.span.end} {f.code} {f.message} | {f.hint}".removesuffix(" | ") for f in faults]


SYNTAX = [
    ("level = 3", ["6-7 E301 there is no operator '=' | write '=='"]),
    (
        "a && b || !c",
        [
            "2-4 E301 there is no operator '&&' | write 'and'",
            "7-9 E301 there is no operator '||' | write 'or'",
            "10-11 E301 there is no operator '!' | write 'not'",
        ],
    ),
    (
        "count（forum）＞＝ 1",
        ["5-6 E301 '（' is full-width | write '('", "11-14 E301 '）＞＝' is full-width | write ')>='"],
    ),
    ("a，b", ["1-2 E301 '，' is full-width | write ','"]),
    ("a ＝ 1", ["2-3 E301 '＝' is full-width | write '=='"]),
    ("a ＜ 1", ["2-3 E301 '＜' is full-width | write '<'"]),
    ("bands(a, 0：1)", ["10-11 E301 '：' is full-width | write ':'"]),
    (
        "a == “论坛”",
        ["5-6 E301 '“' is full-width | write '\"'", "8-9 E301 '”' is full-width | write '\"'"],
    ),
    ("a ≥ 1", ["2-3 E301 there is no operator '≥' | write '>='"]),
    ("a == null", ["0-9 E301 a comparison with a missing value is never true | write 'a is missing'"]),
    (
        "b and min(a, 1) != missing",
        ["6-26 E301 a comparison with a missing value is never true | write 'min(a, 1) is not missing'"],
    ),
    ("coalesce(a, missing)", ["12-19 E301 'missing' is not a value | write 'x is missing'"]),
    ("1 < a < 3", ["6-7 E301 comparisons do not chain | write 'a < b and b < c'"]),
    ("a == b in [1]", ["7-9 E301 comparisons do not chain | write 'a < b and b < c'"]),
    (
        "a % 2 == 0",
        ["2-3 E301 there is no operator '%' | a percentage has no blank before its sign: write '80%'"],
    ),
    ("a ** 2", ["2-4 E301 there is no operator '**' | write 'x * x'"]),
    ("a ^ 2", ["2-3 E301 there is no operator '^' | write 'x * x'"]),
    (
        'a == "b',
        ["5-6 E301 the text is not closed | close it with '\"'; inside a text write '\\\"' and '\\\\'"],
    ),
    ("(a + (b * c)", ["0-1 E301 '(' is not closed | a ')' is missing"]),
    ("a in [1, 2", ["5-6 E301 '[' is not closed | a ']' is missing"]),
    ("(a]", ["2-3 E301 '(' is closed by ']' | write ')'"]),
    ("a + b)", ["5-6 E301 ')' closes nothing"]),
    ("", ["0-0 E301 an expression is missing"]),
    ("a and", ["5-5 E301 a value is missing behind 'and'"]),
    ("f(a, )", ["5-6 E301 a value is missing behind ','"]),
    ("* 2", ["0-1 E301 a value is missing before '*'"]),
    ("a AND b", ["2-5 E301 'AND' does not belong here behind 'a' | did you mean 'and'?"]),
    (
        "total points",
        ["6-12 E301 'points' does not belong here behind 'total' | an operator, 'and' or 'or' is missing before it"],
    ),
    ("a b", ["2-3 E301 'b' does not belong here behind 'a' | an operator, 'and' or 'or' is missing before it"]),
    ("count(forum whre member)", ["12-16 E301 'whre' does not belong here behind 'forum' | did you mean 'where'?"]),
    ("a is mising", ["5-11 E301 behind 'is' stands 'missing' or 'not missing' | did you mean 'missing'?"]),
    ("a is 3", ["5-6 E301 behind 'is' stands 'missing' or 'not missing' | write '==' to compare"]),
    ("a not b", ["6-7 E301 behind 'not' stands 'in', not 'b'"]),
    ("forum where a", ["6-11 E301 'where' stands inside an aggregate | write 'count(kind where condition)'"]),
    ("[a, b]", ["0-1 E301 a list stands right of 'in' only | write 'x in [a, b]'"]),
    ("1..2", ["1-3 E301 a range stands right of 'in' only | write 'x in 1..2'"]),
    ("a in b + 1", ["5-10 E301 right of 'in' stands a list, a range or a name | write 'x in [a, b]' or 'x in 1..2'"]),
    ("date < 2005-02-30", ["7-17 E303 there is no day 2005-02-30"]),
    (
        "date < 2005-4-1",
        ["7-15 E303 '2005-4-1' is not a date | write '2005-04-01' for the day, blanks around '-' for a difference"],
    ),
    ("0001-01-01", ["0-10 E303 the year 1 is outside 1000 to 9998"]),
    ("1e5", ["0-3 E303 '1e5' is not a number | write 100000"]),
    (
        "2x",
        ["0-2 E301 '2x' is neither a number nor a name | write '2 x' for a number with a unit, '2 * x' for a product"],
    ),
    ("1.5 days", ["0-8 E303 '1.5 days' is not a number of days | durations are whole days, at most 1000000"]),
    ("1" * 31, ["0-31 E302 the number has 31 digits; at most 30 are allowed"]),
    ("0." + "1" * 28 + "%", ["0-31 E302 the number has 29 digits; at most 28 are allowed"]),
]


@pytest.mark.parametrize(("text", "faults"), SYNTAX)
def test_a_text_that_is_no_expression_is_refused(text, faults):
    assert refused(text) == faults


@pytest.mark.parametrize(
    ("text", "what", "faults"),
    [
        ("units of", "selector", ["8-8 E301 something is missing behind 'of' | expected a name"]),
        (
            "office league",
            "selector",
            ["7-13 E301 'league' does not belong here behind 'office' | an id that is not a name stands in quotes"],
        ),
        (
            "level == ward",
            "selector",
            [
                "6-8 E301 '==' does not belong here: a condition alone does not say whom it is about"
                " | write 'units where condition' or 'persons where condition'"
            ],
        ),
        ("units where", "selector", ["11-11 E301 a value is missing behind 'where'"]),
        ("", "selector", ["0-0 E301 a selector is missing"]),
        ("a desc", "order", ["2-6 E301 'desc' is no order | did you mean 'descending'?"]),
    ],
)
def test_a_text_that_is_no_selector_or_order_is_refused(text, what, faults):
    assert refused(text, what) == faults


@pytest.mark.parametrize(
    ("text", "what", "faults"),
    [
        ("a android", "expression", ["2-9 E301 'android' does not belong here behind 'a' | did you mean 'and'?"]),
        ("x ina", "expression", ["2-5 E301 'ina' does not belong here behind 'x' | did you mean 'in'?"]),
        (
            "sum(x in y wherez)",
            "expression",
            ["11-17 E301 'wherez' does not belong here behind 'y' | did you mean 'where'?"],
        ),
        (
            "x is notmissing",
            "expression",
            ["5-15 E301 behind 'is' stands 'missing' or 'not missing' | did you mean 'missing'?"],
        ),
        ("a and.x", "expression", ["2-7 E301 'and.x' does not belong here behind 'a' | did you mean 'and'?"]),
        (
            "a > 2005-04-011",
            "expression",
            ["4-15 E303 '2005-04-011' is not a date | write blanks around '-' for a difference"],
        ),
        (
            "units ofx",
            "selector",
            ["6-9 E301 behind 'units' stands 'of' or 'that' or 'where', not 'ofx' | did you mean 'of'?"],
        ),
        (
            "units.x",
            "selector",
            ["0-7 E301 'units.x' does not belong here | an id that is not a name stands in quotes"],
        ),
    ],
)
def test_a_word_that_only_begins_like_one_of_the_language_is_refused_whole(text, what, faults):
    assert refused(text, what) == faults


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("a" * 4001, "4000-4001 E302 the expression has 4001 characters; at most 4000 are allowed"),
        (
            "not " * 40 + "a",
            "160-161 E302 the expression is nested 41 deep; at most 40 levels are allowed",
        ),
        (
            "(" * 41 + "a" + ")" * 41,
            "40-41 E302 the expression is nested 41 deep; at most 40 levels are allowed",
        ),
        (
            "f(" + ", ".join("a" * 400) + ")",
            "0-1201 E302 the expression has 401 parts; at most 400 are allowed",
        ),
    ],
)
def test_an_expression_that_is_too_large_is_refused(text, fault):
    assert refused(text) == [f"{fault} | split it into several measures"]


PRODUCT = "score * " + "(score * score * score * score * score * score * score * score) * " * 7 + "score"

MEANING = [
    # names
    ("headcout > 1", ["0-8 E304 unknown name 'headcout' | did you mean 'headcount'?"]),
    ("forum > 1", ["0-5 E304 'forum' is a kind of event, not a value | write 'count(forum)'"]),
    ("minutes > 1", ["0-7 E304 'minutes' is known of events only | write 'sum(minutes in forum)'"]),
    (
        "minutes in forum",
        ["0-16 E304 'forum' is a kind of event, not a list | write 'sum(minutes in forum)' or another aggregate"],
    ),
    ("count(form)", ["6-10 E308 unknown kind of event 'form' | did you mean 'forum'?"]),
    ("sum(minuts in forum)", ["4-10 E304 unknown name 'minuts' inside 'sum' | did you mean 'minutes'?"]),
    (
        "sum(minutes in forum, salon)",
        ["4-11 E304 'minutes' is not a field of 'salon' | inside an aggregate every kind of event needs the field"],
    ),
    (
        "count(forum where headcount > 1)",
        ["18-27 E304 'headcount' is not known inside 'count' | fields of events and parameters stand here"],
    ),
    ("count(forum where unit == office)", ["26-32 E304 unknown name 'office' | a text stands in quotes: '\"office\"'"]),
    ("previous(forms)", ["9-14 E304 unknown name 'forms' | did you mean 'forums'?"]),
    ("met(salon)", ["4-9 E304 unknown duty 'salon' | did you mean 'salon_duty'?"]),
    # choices
    (
        "level == departement",
        ["9-20 E307 'departement' is not an option (district, department) | did you mean 'department'?"],
    ),
    ('level in ["district", town]', ["22-26 E307 'town' is not an option (district, department)"]),
    # sorts of value
    (
        "level == headcount",
        [
            "0-18 E305 a choice (district, department) cannot be compared with a number of persons | compare it with one of: district, department"
        ],
    ),
    ("forums and true", ["0-6 E305 a condition is expected, not a number | compare it, such as 'forums > 0'"]),
    ("not forums", ["4-10 E305 a condition is expected, not a number | compare it, such as 'forums > 0'"]),
    ("forums + 2005-01-01", ["0-19 E305 a number cannot be added to a date | a number of days is written '30 days'"]),
    (
        "count(forum where date > 3)",
        ["18-26 E305 a date cannot be compared with a number | a date is written 2005-04-01, without quotes"],
    ),
    (
        "count(forum where date < 2005-01-01 + 3)",
        ["25-39 E305 a date cannot be added to a number | a number of days is written '30 days'"],
    ),
    ("count(forum where member < true)", ["18-31 E305 a boolean has no order | compare with '==' or '!='"]),
    ('count(forum where unit < "a")', ["18-28 E305 a text has no order | compare with '==' or '!='"]),
    ("top_share == early_group", ["0-24 E305 a number cannot be compared with a list of text | write 'x in list'"]),
    ("forums in top_share", ["10-19 E305 a number is not a list | write 'x in [a, b]'"]),
    ("forums in early_group", ["10-21 E305 a number cannot be compared with a text"]),
    ("if(forums, 1, 2)", ["3-9 E305 a condition is expected, not a number | compare it, such as 'x > 0'"]),
    ("if(true, 1, 2005-01-01)", ["12-22 E305 a number and a date cannot be values of one function"]),
    ("-level == district", ["0-6 E305 a choice (district, department) has no sign"]),
    # units of measure
    (
        "sum(minutes in forum) + headcount",
        [
            "0-33 E306 minutes cannot be added to persons | write '3 minutes', or '3', which agrees with every unit; 'x / 1 persons' takes a unit off"
        ],
    ),
    (
        "sum(minutes in forum) > sum(hours in salon)",
        [
            "0-43 E306 minutes cannot be compared with hours | write '3 minutes', or '3', which agrees with every unit; 'x / 1 hours' takes a unit off"
        ],
    ),
    (
        "headcount - count(forum)",
        [
            "0-24 E306 persons cannot be reduced by a number without unit | declare the unit with 'unit: persons', or take it off the other: 'x / 1 persons'"
        ],
    ),
    (
        "headcount >= 25 points",
        [
            "0-22 E306 persons cannot be compared with points | write '3 persons', or '3', which agrees with every unit; 'x / 1 points' takes a unit off"
        ],
    ),
    (
        "max(headcount, 3 minutes)",
        [
            "0-25 E306 persons cannot be mixed with minutes | write '3 persons', or '3', which agrees with every unit; 'x / 1 minutes' takes a unit off"
        ],
    ),
    # functions
    ("conut(forum)", ["0-12 E309 unknown function 'conut' | did you mean 'count'?"]),
    ("linear(forums)", ["0-14 E309 'linear' takes 3 arguments, not 1 | write 'linear(x, low, high)'"]),
    ("round(forums, 1, 2)", ["0-19 E309 'round' takes 1 to 2 arguments, not 3 | write 'round(x, decimals)'"]),
    ("round(forums, 0.5)", ["14-17 E309 the decimals are a whole number from 0 to 30, written out"]),
    (
        "linear(forums, 1, 1)",
        ["0-20 E305 'linear' needs two different bounds | a single bound is a condition: 'x >= bound'"],
    ),
    (
        "bands(forums, 3: 0, 1: 1)",
        ["20-21 E305 the threshold 1 does not lie above 3 | write the thresholds from low to high"],
    ),
    (
        "bands(forums, 3, 1: 1)",
        ["14-15 E309 'bands' takes a value, then 'threshold: value' | write 'bands(x, 0: a, 3: b)'"],
    ),
    ("max(forums, 1: 1)", ["12-16 E309 ':' stands inside 'bands' only | write 'bands(x, 0: a, 3: b)'"]),
    ("date(2005, 2, 30)", ["0-17 E303 there is no day 2005-02-30"]),
    ("abs(forums where true)", ["0-22 E309 'where' stands inside an aggregate, and 'abs' is none here"]),
    ("met(1)", ["0-6 E309 'met' takes the name of one duty | write 'met(duty)'"]),
    # aggregates
    ("sum(forum)", ["0-10 E310 'sum' needs a value and the kinds of event it comes from | write 'sum(x in forum)'"]),
    ("count()", ["0-7 E310 'count' names no kind of event | write 'count(forum)'"]),
    (
        "count(minutes in forum)",
        [
            "6-22 E310 'count' takes kinds of event, not values"
            " | write 'count(forum)', or 'distinct(x in forum)' for values"
        ],
    ),
    ("count(forum, forum)", ["13-18 E310 'forum' is named twice"]),
    ("count(1 + 1)", ["6-11 E310 a kind of event is expected | write 'count(forum)'"]),
    (
        "sum(minutes in forum by minutes)",
        ["24-31 E310 'by' stands inside 'mean' only, not 'sum' | write 'mean(x in kind by w)'"],
    ),
    (
        "count(forum where count(salon) > 1)",
        ["18-30 E310 aggregates do not nest: 'count' stands inside 'count' | give it a name under 'measures'"],
    ),
    ("count(forum where previous(forums) > 1)", ["18-34 E310 'previous' cannot stand inside 'count'"]),
    ("sum(date in forum)", ["4-8 E305 'sum' takes numbers, not a date"]),
    (
        "count(forum where minutes)",
        ["18-25 E305 a condition is expected, not a number of minutes | compare it, such as 'minutes > 0'"],
    ),
    # exactness over events
    (
        "sum(minutes / 2 in forum)",
        ["4-15 E311 there is no division inside 'sum': 'minutes / 2' | divide after aggregating"],
    ),
    ("sum(minutes * (1/3) in forum)", ["15-18 E311 1/3 has no finite decimal form | divide after aggregating"]),
    (
        "count(salon where score / hours > 1)",
        [
            "18-31 E311 inside 'count' only constants divide, not 'hours' | multiply the other side of the comparison instead"
        ],
    ),
    (
        "count(salon where round(score) > 1)",
        ["18-30 E311 inside 'count' the arguments of 'round' are constants | compute after aggregating"],
    ),
    (
        "sum(abs(score) in salon)",
        ["4-14 E311 there are no functions before 'in' and behind 'by': 'abs' | compute after aggregating"],
    ),
    (
        f"sum({PRODUCT} in salon)",
        [f"4-{4 + len(PRODUCT)} E311 '{PRODUCT}' may need more than 1000 digits | multiply after aggregating"],
    ),
    ("sum(member in forum)", ["4-10 E311 'member' is a condition, not a value | write it behind 'where'"]),
]


@pytest.mark.parametrize(("text", "faults"), MEANING)
def test_an_expression_without_meaning_is_refused(text, faults):
    assert refused(text) == faults


def test_every_fault_is_reported_and_causes_no_other():
    assert refused("headcout + 1 > forms and not level == departement and count(form) > 2") == [
        "0-8 E304 unknown name 'headcout' | did you mean 'headcount'?",
        "15-20 E304 unknown name 'forms' | did you mean 'forums'?",
        "38-49 E307 'departement' is not an option (district, department) | did you mean 'department'?",
        "60-64 E308 unknown kind of event 'form' | did you mean 'forum'?",
    ]


def test_an_aggregate_where_there_are_no_events_says_where_it_stands():
    scope = evolve(SCOPE, what="the condition of a selector", kinds={}, functions=frozenset())
    hint = "aggregates over events stand in measures, duties and scorecards"
    assert refused("count(forum) > 1", scope=scope) == [
        f"0-12 E310 'count' cannot stand in the condition of a selector | {hint}"
    ]
    assert refused("persons() > 1", scope=scope) == ["0-9 E310 'persons' cannot stand in the condition of a selector"]


def test_the_sort_of_the_whole_is_checked_where_one_is_expected():
    assert refused("forums", expected=(Base.BOOLEAN,)) == [
        "0-6 E305 a condition is expected here, not a number | compare it, such as 'forums >= 1'"
    ]
    assert refused("true", expected=(Base.NUMBER,)) == [
        "0-4 E305 a number is expected here, not a boolean | write 'if(true, 1, 0)'; points for a condition are 'when'"
    ]
    assert refused("units where headcount", "selector") == [
        "12-21 E305 a condition is expected, not a number of persons | compare it, such as 'headcount > 0'"
    ]
