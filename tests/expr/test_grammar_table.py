"""The table that is shipped is that of the grammar; words are taken whole."""

import pytest
from grammar_table import TABLE, grammar, table
from hypothesis import given, settings
from hypothesis import strategies as st
from lark import UnexpectedInput

from learnorg_rules.expr.parse import parse
from learnorg_rules.expr.scope import ExpressionError

LARK = grammar()
VOCABULARY = (
    'a b study year.total "text" 1 2.5 80% 2005-04-01 days and or not in is missing true where by units of that '
    "ascending descending == < .. + - * / ( ) [ ] : ,"
)
WORDS = st.sampled_from(VOCABULARY.split())


def test_the_table_is_that_of_the_grammar() -> None:
    assert TABLE.read_text("utf-8") == table(), "run tests/expr/grammar_table.py"


@settings(max_examples=300)
@given(st.lists(WORDS, max_size=9), st.sampled_from(["expression", "selector", "order"]))
def test_what_lark_takes_by_the_grammar_is_what_parse_takes(words: list[str], what: str) -> None:
    text = " ".join(words)
    try:
        LARK.parse(text, start=what)
        taken = True
    except UnexpectedInput:
        taken = False
    assert _is_of_the_grammar(text, what) == taken


def _is_of_the_grammar(text: str, what: str) -> bool:
    try:
        parse(text, what)  # type: ignore[arg-type]
    except ExpressionError as error:
        # What the grammar lets pass and `parse` refuses by other means.
        other = (
            "'missing' is not a value",
            "a comparison with a missing value",
            "right of 'in' stands",
            "is not a number of days",
        )
        return all(any(words in fault.message for words in other) for fault in error.faults)
    return True


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("a android", "'android' does not belong here behind 'a'", "did you mean 'and'?"),
        ("x ina", "'ina' does not belong here behind 'x'", "did you mean 'in'?"),
        ("sum(x in y wherez)", "'wherez' does not belong here behind 'y'", "did you mean 'where'?"),
        ("x is notmissing", "behind 'is' stands 'missing' or 'not missing'", "did you mean 'missing'?"),
        ("a and.x", "'and.x' does not belong here behind 'a'", "did you mean 'and'?"),
        ("a > 2005-04-011", "'2005-04-011' is not a date", "write blanks around '-' for a difference"),
    ],
)
def test_a_word_that_only_begins_like_one_of_the_language_is_refused_whole(text: str, message: str, hint: str) -> None:
    with pytest.raises(ExpressionError) as refused:
        parse(text)
    assert [(f.message, f.hint) for f in refused.value.faults] == [(message, hint)]


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        (
            "units ofx",
            "behind 'units' stands 'of' or 'that' or 'where', not 'ofx'",
            "did you mean 'of'?",
        ),
        ("units.x", "'units.x' does not belong here", "an id that is not a name stands in quotes"),
    ],
)
def test_a_selector_takes_its_words_whole(text: str, message: str, hint: str) -> None:
    with pytest.raises(ExpressionError) as refused:
        parse(text, "selector")
    assert [(f.message, f.hint) for f in refused.value.faults] == [(message, hint)]
