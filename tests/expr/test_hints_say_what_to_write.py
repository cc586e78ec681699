"""What people bring along from other languages and spreadsheets is answered with what to write here."""

from pathlib import Path

import pytest

import learnorg_rules as lr
from learnorg_rules.errors import InputError

RULES = """
ruleset: {id: h, title: H, version: "1", time_zone: UTC, effective: {from: 2024-01-01, to: 2024-12-31}}
organisation: {levels: [top, office], units: {headcount: integer}, persons: {rank: {type: choice, of: [a, b]}}}
fields: {minutes: {type: integer, unit: minutes}, n: integer, day: date}
events: {mark: [n, minutes, day, person?]}
measures: {s: sum(n in mark), m: sum(minutes in mark)}
scorecards:
  year:
    for: SELECTOR
    every: year
    round: {decimals: 2}
    missing: missing
    indicators: {s: {points: "POINTS", value: "VALUE"}}
"""
IF = "write 'if(condition, value, other value)'"
CASES = [
    ("VALUE", "if(s between 30 and 60, 1, 0)", "E301 there is no operator 'between' | write 's in 30..60'"),
    ("VALUE", "if s > 3 then 1 else 2", f"E301 'if' is a function | {IF}"),
    ("VALUE", "if (s > 3) then 1", f"E301 there is no word 'then' | {IF}"),
    ("VALUE", "s > 3 ? 1 : 2", f"E301 there is no operator '?' | {IF}"),
    ("VALUE", "case when s > 3 then 1 end", f"E301 there is no word 'case' | {IF}"),
    ("VALUE", "=s + 1", "E301 an expression does not begin with '=' | leave it out"),
    ("VALUE", "if(s == 3 or 4, 1, 0)",
     "E305 a condition is expected, not a number | write the whole comparison: 'x == 3 or x == 4', or 'x in [3, 4]'"),
    ("VALUE", "if(not s, 1, 0)", "E305 a condition is expected, not a number | compare it, such as 's > 0'"),
    ("VALUE", "if(s is null, 1, 0)", "E301 behind 'is' stands 'missing' or 'not missing' | write 'missing'"),
    ("VALUE", 'if(s > \\"3\\", 1, 0)', "E305 a number cannot be compared with a text | write 3, without quotes"),
    ("VALUE", "if(s \u5927\u4e8e 3, 1, 0)", "E301 there is no operator '\u5927\u4e8e' | write '>'"),
    ("VALUE", "iferror(s, 0)", "E309 unknown function 'iferror' | write 'coalesce(x, 0)', or 'x is missing'"),
    ("VALUE", "today() - 3", "E309 unknown function 'today' | periods say which events count; an expression has no clock"),
    ("VALUE", "s(mark)", "E309 unknown function 's' | it is a name: write 's'"),
    ("VALUE", "sum(mark)", "E310 'sum' needs a value and the kinds of event it comes from | write 'sum(x in mark)'"),
    ("VALUE", "count(n)", "E308 unknown kind of event 'n' | it is a field: write 'distinct(n in mark)', or count(kind where n ...)"),
    ("POINTS", "no", "E304 unknown name 'no' | write false"),
    ("POINTS", "1:30", "E301 ':' stands inside 'bands' only | a length of time is a number with a unit: '90 minutes'"),
    ("POINTS", "1,500", "E301 ',' does not belong here | write 1500 or 1.500"),
    ("VALUE", "average(n in mark)", "E309 unknown function 'average' | write 'mean(x in kind)'"),
    ("VALUE", "countif(mark where n > 3)", "E309 unknown function 'countif' | write 'count(kind where condition)'"),
    ("VALUE", "count(mark where day > 31.3.2024)", "E303 '31.3.2024' is not a date | write 2024-03-31"),
    (
        "VALUE", "count(mark where day > 2024/3/31)",
        "E303 '2024/3/31' is not a date | write 2024-03-31; for a division write blanks around '/'",
    ),
    (
        "VALUE", "count(mark where day > 3/4/2024)",
        "E303 '3/4/2024' is not a date | write 2024-04-03 or 2024-03-04; for a division write blanks around '/'",
    ),
    ("VALUE", "count(mark where day > 2024年3月31日)", "E303 '2024年3月31日' is not a date | write 2024-03-31"),
    ("VALUE", "if(m > 1 minute, 1, 0)", "E306 minutes cannot be compared with minute | write 'minutes', as it is declared"),
    ("VALUE", "if(m > 30 days, 1, 0)",
     "E305 a number of minutes cannot be compared with a duration | write it in minutes, such as '60 minutes'"),
    ("VALUE", "if(m > s, 1, 0)", "E306 minutes cannot be compared with a number without unit | "
     "declare the unit with 'unit: minutes', or take it off the other: 'x / 1 minutes'"),
    ("VALUE", "if(s at least 3, 1, 0)", "E301 there is no operator 'at' | write '>=' for at least, '<=' for at most"),
    ("VALUE", "if(rank == a, 1, 0)", "E304 'rank' is an attribute of persons, which an indicator does not know | "
     "count the members with 'persons(condition)', or average a measure with 'mean(x in members)'"),
    ("POINTS", "headcount", "E304 'headcount' is an attribute of units, which a constant of an indicator does not know | "
     "a number or a parameter stands here; what depends on the subject is a measure"),
    ("SELECTOR", "persons where headcount > 3", "E304 'headcount' is an attribute of units, which a selector of persons "
     "does not know | attributes of persons and parameters stand here"),
    ("SELECTOR", "units where level in (top, office)",
     "E301 behind 'top' stands ')', not ',' | a list stands in brackets: 'x in [a, b]'"),
]  # fmt: skip


@pytest.mark.parametrize(("place", "text", "message"), CASES)
def test_a_refusal_says_what_to_write(tmp_path: Path, place: str, text: str, message: str) -> None:
    filled = {"SELECTOR": "units where level == office", "POINTS": "10", "VALUE": "s", place: text}
    rules = RULES
    for word, value in filled.items():
        rules = rules.replace(word, value)
    (tmp_path / "ruleset.yaml").write_text(rules, encoding="utf-8")
    with pytest.raises(InputError) as refused:
        lr.load(tmp_path)
    assert [f"{i.code} {i.message} | {i.hint}" for i in refused.value.issues] == [message]
