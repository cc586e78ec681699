"""The grammar at work: words reduced to a tree by the LALR(1) table in grammar.json, which is made from grammar.lark.

The table is kept and not made anew, because making it takes longer than reading a ruleset; `python tests/expr/grammar_table.py`
makes it, and a test refuses one that is not of grammar.lark.
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from functools import cache
from pathlib import Path
from typing import Any

from ..frozen import frozen
from .lexemes import RESERVED, Lexeme

__all__ = ["RefusedError", "reduced"]

END = "$END"
NO_ACTION = -(10**6)
_FAMILIES = frozenset({"units", "bodies", "persons"})
_WHERE_EXPECTED = frozenset({"of", "that", "ascending", "descending"})  # names everywhere else
_SIGNS = {
    **dict.fromkeys(("==", "!=", "<=", ">=", "<", ">"), "COMPARE"),
    "..": "RANGE", "+": "PLUS", "-": "MINUS", "*": "STAR", "/": "SLASH", "(": "LPAR", ")": "RPAR", "[": "LSQB",
    "]": "RSQB", ":": "COLON", ",": "_COMMA",
}  # fmt: skip


class RefusedError(Exception):
    """The grammar does not take the word: `index` is its number, that of no word at the end; `expected` are terminals."""

    def __init__(self, index: int, expected: AbstractSet[str]) -> None:
        self.index, self.expected = index, expected
        super().__init__(index, expected)


@frozen
class _Rule:
    """What a reduction does: takes `size` parts, and gives the one part itself (`call` is ""), or what `call` makes.

    Of the parts only those at `kept` are passed. A rule that stands for a repetition (`repeats`) gives its parts as a list,
    which is passed on in their place where it is in `spread`.
    """

    origin: str
    size: int
    call: str
    kept: Sequence[int]
    spread: AbstractSet[int]
    repeats: bool

    def passed(self, parts: Sequence[Any]) -> list[Any]:
        """The parts that a callback gets."""
        if not self.spread:
            return [parts[i] for i in self.kept]
        return [part for i in self.kept for part in (parts[i] if i in self.spread else (parts[i],))]


@frozen
class _Table:
    """Each state's row: terminal -> the state behind it, or -1 - the rule it reduces by; rule name -> the state behind it."""

    starts: Mapping[str, int]
    rows: Sequence[Mapping[str, int]]
    rules: Sequence[_Rule]


@cache
def _table() -> _Table:
    read = json.loads(Path(__file__).with_name("grammar.json").read_text("utf-8"))
    return _Table(read["starts"], read["states"], [_rule(*rule) for rule in read["rules"]])


def _rule(origin: str, symbols: Sequence[str], call: str) -> _Rule:
    """As lark has it: a terminal that begins with `_` is left out, a rule that does is a repetition."""
    kept = [i for i, name in enumerate(symbols) if not (name.isupper() and name.startswith("_"))]
    spread = frozenset(i for i in kept if symbols[i].startswith("_"))
    return _Rule(origin, len(symbols), call, kept, spread, origin.startswith("_"))


def reduced(words: Sequence[Lexeme], start: str, callbacks: Mapping[str, Callable[[list[Any]], Any]]) -> Any:
    """What the callbacks, one for each rule or alias of the grammar, make of the words from the inside out.

    Raises:
        RefusedError: at the first word that nothing the grammar has can go on with.
    """
    table = _table()
    rows, rules = table.rows, table.rules
    states, values = [table.starts[start]], list[Any]()
    for index, word in enumerate((*words, None)):
        row = rows[states[-1]]
        terminal = END if word is None else _terminal(word, row)
        if terminal not in row and word is not None:
            raise RefusedError(index, frozenset(_terminals(row)) - {END})
        while (action := row.get(terminal, NO_ACTION)) < 0:
            if action == NO_ACTION:
                raise RefusedError(index, frozenset(_terminals(row)))
            rule = rules[-1 - action]
            if rule.call or rule.repeats:
                parts = rule.passed(values[-rule.size :])
                values[-rule.size :] = [parts if rule.repeats else callbacks[rule.call](parts)]
            states[-rule.size :] = [rows[states[-rule.size - 1]][rule.origin]]
            row = rows[states[-1]]
            if not row and word is None:
                return values[0]
        states.append(action)
        values.append(word)
    raise AssertionError("the end of the text is never shifted")


def _terminals(row: Mapping[str, int]) -> Iterable[str]:
    return (name for name in row if name.isupper())


def _terminal(word: Lexeme, row: Mapping[str, int]) -> str:
    """The terminal a word is where this row is asked; some words are names unless they are expected."""
    if word.kind != "name":
        return _SIGNS[word.text] if word.kind == "operator" else _literal(word)
    text, head = word.text, word.text.partition(".")[0]
    if head in RESERVED or (text in _WHERE_EXPECTED and text.upper() in row):
        return text.upper()
    if head in _FAMILIES and "FAMILY" in row:
        return "FAMILY" if text == head else ""  # `units.x` is neither
    return "NAME"


def _literal(word: Lexeme) -> str:
    if word.kind == "number":
        return "PERCENT" if word.text.endswith("%") else "NUMBER"
    return {"text": "STRING", "date": "DATE"}[word.kind]
