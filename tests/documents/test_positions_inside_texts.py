import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from learnorg_rules.documents import Mapping_, Scalar, place, read_yaml
from learnorg_rules.errors import Issues


def only_value(text: str) -> Scalar:
    tree = read_yaml(text, "f.yaml", Issues())
    assert isinstance(tree, Mapping_)
    (_, value) = tree.entries[0]
    assert isinstance(value, Scalar)
    return value


@pytest.mark.parametrize(
    ("text", "word", "expected"),
    [
        ("a: count(forum)\n", "forum", (1, 10)),
        ("a: count(x\n  where y)  # why\n", "y)", (2, 9)),
        ("a: 'it''s y'\n", "y", (1, 11)),
        ('a: "\\u0041\\tb y"\n', "y", (1, 15)),
        ('a: "one \\\n   two y"\n', "y", (2, 8)),
        ("a: |\n  one\n    two y\n", "y", (3, 9)),
        ("a: |2\n   one y\n", "y", (2, 8)),
        ("a: >-  # folded\n  one\n  two\n\n  three y\n", "y", (5, 9)),
    ],
)
def test_a_character_inside_a_text_is_found_in_the_file(text, word, expected):
    value = only_value(text)
    found = place(value, value.text.rindex(word))
    assert (found.line, found.column) == expected


def test_the_end_of_a_text_has_a_place():
    value = only_value("a: 'b +'\n")
    assert str(place(value, 3)) == "f.yaml:1:8"


texts = st.text(alphabet=list("ab(),: '\"\\#\n\t论é|>-&*!%"), min_size=1, max_size=40)


@settings(max_examples=200, deadline=None)
@given(text=texts, style=st.sampled_from([None, "'", '"', "|", ">"]), width=st.sampled_from([10, 80]))
def test_every_visible_character_of_every_style_is_found_where_it_stands(text, style, width):
    document = yaml.safe_dump({"key": text}, default_style=style, width=width, allow_unicode=True)
    issues = Issues()
    tree = read_yaml(document, "f.yaml", issues)
    if not isinstance(tree, Mapping_) or issues.found:
        return  # refused, such as a tab in the indentation
    (_, value) = tree.entries[0]
    assert isinstance(value, Scalar)
    assert value.text == text
    lines = document.split("\n")
    for offset, char in enumerate(text):
        found = place(value, offset)
        if not char.isspace():
            written = lines[found.line - 1][found.column - 1]
            assert written == char or written == "\\"
