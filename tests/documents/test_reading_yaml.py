import time

import pytest

from learnorg_rules.documents import LARGEST, Mapping_, Scalar, read_yaml
from learnorg_rules.errors import Issues


def faults(content: str | bytes) -> list[str]:
    issues = Issues()
    read_yaml(content, "f.yaml", issues)
    return [f"{i.source.line}:{i.source.column} {i.code}" for i in sorted(issues.found)]


def test_every_text_stays_as_the_author_wrote_it():
    issues = Issues()
    tree = read_yaml("a: no\nb: 010\nc: 12:30:00\nd: ~\ne: 2005-04-01\nf: 1_000\n", "f.yaml", issues)
    assert isinstance(tree, Mapping_)
    assert not issues.found
    values = [value.text for _, value in tree.entries if isinstance(value, Scalar)]
    assert values == ["no", "010", "12:30:00", "~", "2005-04-01", "1_000"]


def test_places_count_characters_not_bytes():
    tree = read_yaml("学习: {论坛: 𝒳, b: c}\n", "f.yaml", Issues())
    assert isinstance(tree, Mapping_)
    (_, inner) = tree.entries[0]
    assert isinstance(inner, Mapping_)
    assert [str(key.source) for key, _ in inner.entries] == ["f.yaml:1:6", "f.yaml:1:13"]


def test_all_faults_that_leave_the_syntax_whole_are_reported_at_once():
    text = "a: 1\na: 2\nb: &x 3\nc: *x\nd: !t 4\n? [e]\n: 5\nf: {<<: {g: 1}}\n"
    assert faults(text) == [
        "2:1 E106", "3:4 E107", "4:4 E107", "5:4 E108", "6:3 E110", "7:1 E101"
    ] or faults(text) == ["2:1 E106", "3:4 E107", "4:4 E107", "5:4 E108", "6:3 E110", "8:5 E107"]  # fmt: skip


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("", "0:0 E113"),
        ("# only a comment\n", "0:0 E113"),
        (b"a: \xff\n", "1:4 E102"),
        ("a: \x07\n", "1:4 E103"),
        ("a: 1\u2028b: 2\n", "1:5 E103"),
        ("a:\n\tb: 1\n", "2:1 E104"),
        ("a:\n\u3000b: 1\n", "2:1 E104"),
        ("a：1\nb: 2\n", "1:2 E105"),
        ("a: 1\n---\nb: 2\n", "2:1 E109"),
        ("a: {b: f(x, y)}\n", "1:8 E115"),
        ("a: [\n", "2:1 E101"),
        ("a: @x\n", "1:4 E101"),
        ("a: 'x\n", "1:4 E101"),
    ],
)
def test_a_refused_text_is_refused_at_its_place(content, expected):
    assert faults(content) == [expected]


def test_a_byte_order_mark_and_foreign_line_ends_are_read_over():
    assert faults(b"\xef\xbb\xbfa: 1\r\nb: 2\rc: 3\n") == []


def test_a_tab_inside_a_text_is_no_fault():
    assert faults("a: 'x\ty'\nb: 1\t# why\n") == []


@pytest.mark.parametrize("char", ["[", "{a: ", "- ", "? "])
def test_a_nesting_bomb_is_refused_fast_and_without_recursion(char):
    started = time.perf_counter()
    assert faults(char * (10_000_000 // len(char))) == ["0:0 E111"]  # too large to be looked at
    (found,) = faults(char * (LARGEST // len(char) - 1))
    assert found.endswith(("E112", "E101"))
    assert time.perf_counter() - started < 5


def test_an_alias_bomb_stays_as_small_as_its_text():
    lines = ["a0: &a0 [x, x]"] + [f"a{i}: &a{i} [*a{i - 1}, *a{i - 1}]" for i in range(1, 60)]
    assert len(faults("\n".join(lines))) == 60 + 2 * 59
