"""The one catalogue of words: complete, used, and the only place of texts in another language."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import learnorg_rules
from learnorg_rules.counting.ingest import COUNTS
from learnorg_rules.model.award import Grant
from learnorg_rules.model.decision import ACTIONS
from learnorg_rules.model.duty import Status
from learnorg_rules.model.plan import StepState
from learnorg_rules.words import CATALOGUE, LANGUAGES, say, state
from learnorg_rules.words.catalogue import MODULES

ROOT = Path(learnorg_rules.__file__).parent
FILES = sorted(path for path in ROOT.rglob("*.py") if path.parent.name != "words")
CALLS = {"say", "word", "column", "_say", "_add", "_phrase"}
"""Functions and methods whose first argument is a key."""
WIDE_SIGNS = {"ruletests/wide.py"}
"""Files that must name Chinese signs: what a rule test may be written with."""


def fields(text: str) -> set[str]:
    """The values that are filled in; `{n:one|many}` only asks how many there are."""
    return {name for name, form in re.findall(r"\{(\w+)(?::([^}]*))?\}", text) if "|" not in form}


def test_every_word_has_a_text_and_the_same_values_in_every_language():
    for key, texts in CATALOGUE.items():
        assert len(texts) == len(LANGUAGES), key
        assert all(texts), key
        assert len({frozenset(fields(text)) for text in texts}) == 1, key


def test_each_key_stands_once():
    keys = [key for module in MODULES for key in module.WORDS]
    assert sorted(keys) == sorted(set(keys))


def test_forms_of_one_and_many_follow_the_number():
    assert say("days", n=1) == "1 day"
    assert say("days", n=12) == "12 days"
    assert say("points", n="1") == "1 point"
    assert say("record.voids", n=2) == "cancellations"
    assert say("days", "zh", n=2) == "2天"


def test_an_unknown_language_is_refused_with_those_there_are():
    with pytest.raises(LookupError, match="there are no words in the language 'fr'; known: en, zh"):
        say("comma", "fr")
    with pytest.raises(LookupError, match="did you mean 'zh'"):
        state("duty", "met", "ZH")


def test_no_other_room_holds_a_chinese_text():
    chinese = re.compile("[\u4e00-\u9fff]")
    found = [path.relative_to(ROOT).as_posix() for path in FILES if chinese.search(path.read_text(encoding="utf-8"))]
    assert set(found) <= WIDE_SIGNS, "the words of people stand in learnorg_rules/words, in every language"


def literals(node: ast.expr) -> Iterator[str]:
    """The keys an argument can be, as far as they are written there; a pattern for one that is put together."""
    match node:
        case ast.Constant(value=str(text)):
            yield re.escape(text)
        case ast.IfExp(body=body, orelse=other):
            yield from (*literals(body), *literals(other))
        case ast.JoinedStr(values=values):
            yield "".join(re.escape(v.value) if isinstance(v, ast.Constant) else r"\w+" for v in values)


def keys_written() -> Iterator[tuple[Path, str]]:
    for path in FILES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and node.args:
                name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
                if name in CALLS and (name != "column" or path.parent.name == "cli"):  # elsewhere one of a frame
                    yield from ((path, key) for key in literals(node.args[0]) if key not in LANGUAGES)


def constants() -> set[str]:
    trees = (ast.walk(ast.parse(path.read_text(encoding="utf-8"))) for path in FILES)
    return {n.value for tree in trees for n in tree if isinstance(n, ast.Constant) and isinstance(n.value, str)}


def test_each_key_that_is_asked_for_exists():
    for path, key in keys_written():
        assert any(re.fullmatch(key, known) for known in CATALOGUE), f"{path}: no word '{key}'"


def test_each_key_is_used():
    known = constants()
    patterns = {key for _, key in keys_written()}
    for key in CATALOGUE:
        kind, dot, _ = key.partition(".")
        is_used = kind in STATES if dot and kind in STATES else key in known
        assert is_used or any(re.fullmatch(pattern, key) for pattern in patterns), f"nothing says '{key}'"


STATES = {
    "duty": [s.value for s in Status],
    "award": ["none", *(g.value for g in Grant)],
    "plan": [s.value for s in StepState],
    "action": list(ACTIONS),
    "indicator": ["missing", "excluded", "excused", "invalid"],
    "record": [*COUNTS, "read", "counted", "outside"],
}


@pytest.mark.parametrize("kind", STATES)
def test_every_state_has_its_word(kind):
    assert {key for key in CATALOGUE if key.startswith(f"{kind}.")} == {f"{kind}.{value}" for value in STATES[kind]}
