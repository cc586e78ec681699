"""Parameters set from Python: numbers, bools and dates mean what a rule file would, and nothing else is taken."""

from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from learnorg_rules import load
from learnorg_rules.expr.evaluate import compile_node

RULES = """
ruleset: {id: x, effective: {from: 2003-01-01, to: 2004-12-31}}
events: {study: []}
parameters: {share: 10%, strict: true, day: 2004-01-01}
"""


@pytest.fixture(scope="module")
def rules(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("set") / "ruleset.yaml"
    file.write_text(RULES, encoding="utf-8")
    return file


def value(rules: Path, name: str, given: object) -> object:
    ruleset = load(rules, set={name: given})  # type: ignore[dict-item]
    return compile_node(ruleset.parameters[name].values[0][1].value.tree)(lambda node: None)


@pytest.mark.parametrize(
    ("name", "given", "meant"),
    [
        ("share", 15, 15),
        ("share", -3, -3),
        ("share", 0.1, Fraction(1, 10)),
        ("share", 1e-7, Fraction(1, 10**7)),
        ("share", Decimal("0.150"), Fraction(15, 100)),
        ("share", Decimal("1E+3"), 1000),
        ("share", Fraction(1, 3), Fraction(1, 3)),
        ("strict", False, False),
        ("day", date(2004, 2, 29), date(2004, 2, 29)),
    ],
)
def test_a_value_is_taken_as_a_rule_file_would_have_it(rules, name, given, meant):
    assert value(rules, name, given) == meant


DIGITS = 10**15


@settings(max_examples=40, deadline=None)
@given(
    number=st.fractions(-DIGITS, DIGITS, max_denominator=DIGITS)
    | st.integers(-DIGITS, DIGITS)
    | st.decimals(-DIGITS, DIGITS, places=6)
)
def test_an_exact_number_stays_what_it_is(rules, number):
    assert value(rules, "share", number) == Fraction(number)


ACCEPTED = "; pass a text as in a rule file, a bool, int, Decimal, Fraction, short float or date"


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (0.1 + 0.2, "set: share is the float 0.30000000000000004, which is no short decimal; pass a Decimal or a Fraction"),
        (float("nan"), "set: share is nan" + ACCEPTED),
        (Decimal("Infinity"), "set: share is Decimal('Infinity')" + ACCEPTED),
        (datetime(2004, 1, 1, 8), "set: share is a datetime" + ACCEPTED),
        (None, "set: share is a NoneType" + ACCEPTED),
        ([1, 2], "set: share is a list" + ACCEPTED),
    ],
)  # fmt: skip
def test_what_no_rule_file_can_hold_is_refused_with_what_is_accepted(rules, given, message):
    with pytest.raises(TypeError) as refused:
        load(rules, set={"share": given})
    assert refused.value.args == (message,)
