"""Makes the table of the expression language, learnorg_rules/expr/grammar.json, from its grammar: run it after a change of that."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from lark import Lark
from lark.parsers.lalr_analysis import Shift

import learnorg_rules.expr

FOLDER = Path(learnorg_rules.expr.__file__).parent
TABLE = FOLDER / "grammar.json"
STARTS = ("expression", "selector", "order")


def grammar() -> Lark:
    """The grammar as lark reads it."""
    return Lark((FOLDER / "grammar.lark").read_text("utf-8"), parser="lalr", start=[*STARTS], maybe_placeholders=False)


def table() -> str:
    """The table as JSON, the same on every day: states are numbered as they are met from the starts on."""
    made: Any = grammar().parser.parser._parse_table
    numbers = {state: number for number, state in enumerate(_states(made))}
    rules: dict[str, int] = {}
    rows = []
    for state in numbers:
        row = {}
        for symbol, (action, to) in sorted(made.states[state].items()):
            row[symbol] = numbers[to] if action is Shift else -1 - rules.setdefault(_rule(to), len(rules))
        rows.append(json.dumps(row))
    starts = {start: numbers[made.start_states[start]] for start in STARTS}
    parts = (f'"starts": {json.dumps(starts)}', _listed("rules", rules), _listed("states", rows))
    return "{\n" + ",\n".join(parts) + "\n}\n"


def _states(made: Any) -> Iterator[int]:
    found: dict[int, None] = {made.start_states[start]: None for start in STARTS}
    open_ = list(found)
    while open_:
        row: Mapping[str, tuple[Any, Any]] = made.states[open_.pop(0)]
        new = [to for _, (action, to) in sorted(row.items()) if action is Shift and to not in found]
        found |= dict.fromkeys(new)
        open_ += dict.fromkeys(new)
    yield from found


def _rule(rule: Any) -> str:
    """[its name, its symbols, the callback; "" where it passes on its one part]."""
    names = [str(symbol.name) for symbol in rule.expansion]
    passes = rule.options.expand1 and rule.alias is None and len(names) == 1
    return json.dumps([rule.origin.name, names, "" if passes else rule.alias or rule.origin.name])


def _listed(name: str, lines: Any) -> str:
    return f'"{name}": [\n' + ",\n".join(lines) + "\n]"


if __name__ == "__main__":
    TABLE.write_text(table(), "utf-8")
