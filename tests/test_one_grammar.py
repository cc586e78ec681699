"""Numbers, days and instants are written in one way in every input (decision 0036)."""

from datetime import UTC, date, datetime
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import learnorg_rules as lr
from learnorg_rules.adapters.events.columns import Column
from learnorg_rules.adapters.events.exact import Unfit, text_cell
from learnorg_rules.counting.typed import typed_value
from learnorg_rules.documents import BROKEN, Scalar, reads_as_scalar
from learnorg_rules.errors import InputError, Issues, Source
from learnorg_rules.expr.nodes import Literal
from learnorg_rules.expr.parse import parse
from learnorg_rules.expr.scope import ExpressionError
from learnorg_rules.model.definitions import FieldType
from learnorg_rules.notation import day_hint, day_in, instant_in, number_hint, number_in, written
from learnorg_rules.periods import Period, day_of, moment_of, period_hint

PLACES = 6

RULES = """
ruleset: {id: g, title: G, version: "1", time_zone: UTC, effective: {from: 2024-01-01, to: 2024-12-31}}
organisation: {levels: [top, office], units: {headcount: integer, budget: {type: decimal, places: 2}, opened: date}}
fields: {n: {type: decimal, places: 2}}
events: {mark: [n]}
parameters: {part: 5}
measures: {marks: sum(n in mark) * part}
scorecards:
  year:
    for: units where level == office
    every: year
    round: {decimals: 2}
    missing: missing
    indicators: {marked: {points: 1000, value: marks}}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "ruleset.yaml").write_text(RULES, encoding="utf-8")
    return tmp_path


# ---- the same numbers everywhere


def in_rule_file(text: str) -> Fraction | None:
    found = reads_as_scalar(Fraction, Scalar(text, Source("f", 1, 1)), Issues())
    return None if found is BROKEN or set(text) & {"%", "/"} else found  # a share may be written in more ways


def in_expression(text: str) -> Fraction | None:
    try:
        tree = parse(text, "expression")
    except ExpressionError:
        return None
    plain = isinstance(tree, Literal) and isinstance(tree.value, Fraction) and not tree.unit
    return tree.value if plain and not set(text) & {"%", "/"} else None


def in_organisation(text: str) -> Fraction | None:
    try:
        return typed_value(text, FieldType("decimal", places=PLACES))
    except ValueError:
        return None


def in_event_file(text: str) -> Fraction | None:
    try:
        cell = text_cell(Column("n", "n", "decimal", PLACES), text)
    except Unfit:
        return None
    return None if cell is None else Fraction(cell, 10**PLACES)


ODD = st.sampled_from([*"+-_.,'eE０１٣ 0123456789", "1_0", "00", "−", "\u00a0", "x", "5", "12"])


@settings(max_examples=600, deadline=None)
@given(st.lists(ODD, min_size=1, max_size=4).map("".join).filter(lambda text: text == text.strip(" ")))
def test_every_input_takes_the_same_numbers(text: str) -> None:
    """But for what the language reckons with: `--1` and `- 1` are an operator and a number, blanks around mean nothing."""
    expected = number_in(text)
    assert in_rule_file(text) == expected
    if "--" not in text and "- " not in text and "\u00a0" not in text:
        assert in_expression(text) == expected
    assert in_organisation(text) == expected
    assert in_event_file(text) == expected


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**9), max_value=10**9, places=4))
def test_a_number_reads_back_as_it_is_written(number) -> None:
    assert number_in(written(Fraction(number))) == Fraction(number)


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("1_000", "write 1000"), ("１２", "write 12"), ("١٢", "write 12"), ("+12", "write 12"), ("012", "write 12"),
        (" 12 ", "write 12"), ("12.", "write 12"), (".5", "write 0.5"), ("1e3", "write 1000"), ("1,5", "write 1.5"),
        ("1,234", "write 1234 or 1.234"), ("1.234.567,5", "write 1234567.5"), ("80%", "write 0.8"), ("1/2", "write 0.5"),
        ("12 persons", "write 12"), ("−3", "write -3"), ("1/3", ""), ("many", ""), ("0x10", ""), ("1e999999", ""),
    ],
)  # fmt: skip
def test_what_is_no_number_is_refused_with_what_to_write(text: str, hint: str) -> None:
    assert number_in(text) is None
    assert number_hint(text) == hint


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("31.3.2015", "write 2015-03-31"), ("31/3/2015", "write 2015-03-31"), ("2015/3/31", "write 2015-03-31"),
        ("3/4/2015", "write 2015-04-03 or 2015-03-04"), ("20150331", "write 2015-03-31"), ("2015-3-31", "write 2015-03-31"),
        ("2015年3月31日", "write 2015-03-31"), ("31 March 2015", "write 2015-03-31"), ("March 31, 2015", "write 2015-03-31"),
        ("2015-03-31T09:00:00Z", "write 2015-03-31"), ("２０１５-０３-３１", "write 2015-03-31"),
        ("2015-02-30", "write it as 2005-04-01"), ("2015-W14-2", "write it as 2005-04-01"),
    ],
)  # fmt: skip
def test_what_is_no_day_is_refused_with_what_to_write(text: str, hint: str) -> None:
    assert day_in(text) is None
    assert day_hint(text) == hint


# ---- organisations (source: pyexcel/pyexcel#138, SethMMorton/fastnumbers#23, weecology/retriever#1322)


def refusals(folder: Path, **cells: str) -> list[str]:
    path = folder / "units.csv"
    path.write_text(f"id,level,{','.join(cells)}\ntop,top,{','.join(cells.values())}\n", encoding="utf-8")
    organisation = lr.read_org(path)
    try:
        lr.assess(lr.load(folder / "rules"), organisation, lr.events_from([]))
    except InputError as error:
        return [f"{i.code} {i.message}" + (f" | {i.hint}" if i.hint else "") for i in error.issues]
    return []


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("headcount", "1_000", "O201 headcount of top: '1_000' is not a number | write 1000"),
        ("headcount", "٣", "O201 headcount of top: '٣' is not a number | write 3"),
        ("headcount", "012", "O201 headcount of top: '012' is not a number | write 12"),
        ("headcount", " 12", "O201 headcount of top: ' 12' is not a number | write 12"),
        ("headcount", "1.5", "O201 headcount of top: '1.5' is not a whole number"),
        ("budget", "1.505", "O201 budget of top: '1.505' has more than 2 decimals"),
        ("opened", "31.3.2015", "O201 opened of top: '31.3.2015' is not a date like 2005-04-01 | write 2015-03-31"),
        ("opened", "20150331", "O201 opened of top: '20150331' is not a date like 2005-04-01 | write 2015-03-31"),
    ],
)
def test_attributes_are_written_as_values_of_events_are(folder: Path, name: str, text: str, message: str) -> None:
    assert refusals(folder, **{name: text}) == [message]


@pytest.mark.parametrize(
    ("name", "text"), [("headcount", "12.0"), ("headcount", "-3"), ("budget", "1.50"), ("budget", "7")]
)
def test_attributes_of_the_declared_form_are_taken(folder: Path, name: str, text: str) -> None:
    assert refusals(folder, **{name: text}) == []


def test_a_parameter_set_from_outside_is_written_as_in_a_file(folder: Path) -> None:
    for text in ("1_000", "012", "+12", "٣", "１２", " 12 "):
        with pytest.raises(InputError):
            lr.load(folder / "rules", set={"part": text})


def test_a_period_of_a_year_that_begins_elsewhere_is_named() -> None:
    known = ["2022/23", "2022/23-Q1", "2023/24"]
    assert period_hint("2022", known) == "write '2022/23': the year begins in another month"
    assert period_hint("2022-Q1", known) == "write '2022/23-Q1': the year begins in another month"
    assert period_hint("2023/25", known) == "did you mean '2023/24'?"


def test_the_days_of_a_quarter_are_told_where_the_year_begins_elsewhere() -> None:
    third = Period(date(2022, 10, 1), date(2023, 1, 1), "2022/23-Q3")
    hint = "write '2022/23-Q3' for 2022-10-01 to 2022-12-31: the year begins in another month"
    assert period_hint("2022-Q3", [third]) == hint


# ---- what was known, and the day judged


def test_known_at_with_an_offset_is_the_same_instant_in_another_zone(folder: Path) -> None:
    rules = lr.load(folder / "rules")
    organisation = lr.Organisation.of([lr.Node("u", "unit", {}, None, None, Source("t"))], attributes=[
        lr.Attribute("u", "level", "office", None, None, Source("t")),
    ])  # fmt: skip
    times = ("2024-05-31T15:59:59Z", "2024-05-31T16:00:00Z", "2024-05-31T16:00:01Z")
    events = [{"id": t, "kind": "mark", "unit": "u", "n": 1, "occurred_at": t} for t in times]
    for known in (
        "2024-06-01T00:00:00+08:00",
        datetime.fromisoformat("2024-06-01T00:00:00+08:00"),
        "2024-05-31T16:00:00Z",
    ):
        result = lr.assess(rules, organisation, lr.events_from(events), known_at=known)
        assert result.counts["accepted"] == 2
        assert result.counts["not_yet_known"] == 1


def test_days_and_moments_are_read_in_one_form() -> None:
    assert day_of("2005-12-31") == date(2005, 12, 31)
    assert moment_of("2005-12-31") == date(2005, 12, 31)
    assert moment_of("2005-12-31T00:00:00+08:00") == datetime(2005, 12, 30, 16, tzinfo=UTC)
    assert instant_in("2005-12-31T00:00:00.5Z") == datetime(2005, 12, 31, 0, 0, 0, 500_000, UTC)
    for text in ("20051231", "2005-W52-6", "31.12.2005", "2005-12-31T00:00:00", "2005-12-31 00:00:00Z", "٢٠٠٥-١٢-٣١"):
        with pytest.raises(ValueError, match=r"write|like"):
            moment_of(text)
