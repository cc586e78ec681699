"""What to tell an author whose expression the grammar refuses: in his words, never in the parser's."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet

from ..errors import did_you_mean
from ..notation import number_hint
from .lexemes import Lexeme
from .limits import DAYS, LONGEST
from .nodes import Compare, In, Literal, Name, Node, Range, Span, children
from .scope import Fault

__all__ = ["END", "NAME", "TEXT", "VALUE", "shape_faults", "syntax_fault"]

# What can be expected besides the words and signs of the language. An END expected too leaves other hints than the words.
NAME, TEXT, VALUE, END = "a name", "a text", "a value", "the end"
_NOTHING = frozenset({"null", "nil"})
_EMPTY = _NOTHING | {"none", "empty", "blank", "na", "unknown"}  # how other languages write a missing value
_CLOSES = {")": "(", "]": "["}
_COMPARES = frozenset({"==", "!=", "<", "<=", ">", ">=", "in", "is"})
_IF = "write 'if(condition, value, other value)'"
_FOREIGN = {  # words of spreadsheets and other languages, and what to write
    **dict.fromkeys(("then", "else", "elif", "case", "when"), _IF),
    **dict.fromkeys(("equals", "equal", "like"), "write '=='"), **dict.fromkeys(("greater", "more"), "write '>'"),
    **dict.fromkeys(("less", "fewer", "\u5c0f\u4e8e"), "write '<'"), "at": "write '>=' for at least, '<=' for at most",
    "\u7b49\u4e8e": "write '=='", "\u5927\u4e8e": "write '>'", **dict.fromkeys(("\u4e14", "\u5e76\u4e14"), "write 'and'"),
    **dict.fromkeys(("\u6216", "\u6216\u8005"), "write 'or'"), "distinct": "write 'distinct(x in kind)'",
}  # fmt: skip
_MISPLACED = {
    "where": ("'where' stands inside an aggregate", "write 'count(kind where condition)'"),
    "by": ("'by' stands inside 'mean'", "write 'mean(x in kind by weight)'"),
    "[": ("a list stands right of 'in' only", "write 'x in [a, b]'"),
    "..": ("a range stands right of 'in' only", "write 'x in 1..2'"),
    ":": ("':' stands inside 'bands' only", "write 'bands(x, 0: a, 3: b)'"),
    ",": ("',' does not belong here", "commas separate the arguments of a function and the items of a list"),
}


def syntax_fault(words: Sequence[Lexeme], index: int, expected: AbstractSet[str], what: str) -> Fault:
    """The fault at the first word the grammar could not take.

    `index` is the number of that word, that of none at the end of the text. `expected` are the words and signs the grammar
    would have taken, NAME, TEXT, VALUE and END. `what` is what the text should have been: expression, selector or order.
    """
    before = words[index - 1] if index else None
    wants_value = VALUE in expected
    foreign = _foreign(words, index, before)
    if foreign is not None:
        return foreign
    if index == len(words):
        return _too_early(words, before, expected, wants_value, what)
    word = words[index]
    if word.text in _CLOSES:
        fault = _closing(words[:index], word, wants_value)
        if fault is not None:
            return fault
    if wants_value:
        return _no_value(word, before)
    if word.text in _COMPARES and what == "selector" and index == 1:  # behind an id, as one alone is a selector
        said = f"'{word.text}' does not belong here: a condition alone does not say whom it is about"
        return Fault(word.span, "E301", said, "write 'units where condition' or 'persons where condition'")
    if word.text in _COMPARES and "and" in expected:
        return Fault(word.span, "E301", "comparisons do not chain", "write 'a < b and b < c'")
    words_expected = sorted(expected - {TEXT, END})
    if before is not None and 0 < len(words_expected) <= 3 and len(words_expected) == len(expected):
        return _instead(word, before, words_expected)
    if what == "order":
        hint = "write 'descending' for the highest first, 'ascending' for the lowest"
        return Fault(
            word.span, "E301", f"'{word.text}' is no order", _nearest_word(word, ("ascending", "descending")) or hint
        )
    if word.text in _MISPLACED and what == "expression":
        message, hint = _MISPLACED[word.text]
        around = [w.text for w in words[index - 1 : index + 2] if w.kind == "number"]
        if len(around) == 2 and word.text in ":,":  # 1:30 and 1,500
            hint = (
                number_hint(",".join(around))
                if word.text == ","
                else "a length of time is a number with a unit: '90 minutes'"
            )
        return Fault(word.span, "E301", message, hint or _MISPLACED[word.text][1])
    known = [w for w in words_expected if w.isalpha()] if word.kind == "name" else []
    near = _nearest_word(word, known)
    behind = f" behind '{before.text}'" if before else ""
    return Fault(word.span, "E301", f"'{word.text}' does not belong here{behind}", near or _between(word, expected))


def _foreign(words: Sequence[Lexeme], index: int, before: Lexeme | None) -> Fault | None:
    """The fault where a word of another language stands, such as `between 30 and 60` or `if a then b`."""
    if before is not None and before.text == "if" and index < len(words) and words[index].kind != "operator":
        return Fault(before.span, "E301", "'if' is a function", _IF)
    word = words[index] if index < len(words) else None
    if word is not None and before is not None and before.text in _FOREIGN and word.kind == "name":
        word = before  # `case when`, `at least`
    if word is None or word.kind != "name":
        return None
    if word.text == "between":
        ends = [w.text for w in words[index + 1 : index + 4]]
        low, high = ends[::2] if len(ends) == 3 and ends[1] == "and" else ("30", "60")
        subject = next((w.text for w in reversed(words[:index]) if w.text != "not"), "x")
        negated = "not " if before is not None and before.text == "not" else ""
        written = f"{subject} {negated}in {low}..{high}" if subject.isidentifier() else f"{negated}in {low}..{high}"
        return Fault(word.span, "E301", "there is no operator 'between'", f"write '{written}'")
    if word.text in _FOREIGN:
        what = "word" if _FOREIGN[word.text] == _IF else "operator"
        return Fault(word.span, "E301", f"there is no {what} '{word.text}'", _FOREIGN[word.text])
    return None


def _nearest_word(word: Lexeme, expected: Sequence[str]) -> str:
    """A hint that names the expected word that was probably meant: never for one letter, which is a name and no slip."""
    return did_you_mean(word.text, expected, listed=False) if len(word.text) > 1 else ""


def _quoted(expected: str) -> str:
    return expected if expected == NAME else f"'{expected}'"


def _between(word: Lexeme, expected: AbstractSet[str]) -> str:
    if word.kind == "operator" and word.text != "(":
        return ""
    if "and" in expected:
        return "an operator, 'and' or 'or' is missing before it"
    return "an id that is not a name stands in quotes" if TEXT in expected or "," in expected else ""


def _too_early(
    words: Sequence[Lexeme], before: Lexeme | None, expected: AbstractSet[str], wants_value: bool, what: str
) -> Fault:
    if before is None:
        missing = {"selector": "a selector", "order": "a name to rank by"}.get(what, "an expression")
        return Fault(Span(0, 0), "E301", f"{missing} is missing")
    end = Span(before.span.end, before.span.end)
    if wants_value:
        return Fault(end, "E301", f"a value is missing behind '{before.text}'")
    unclosed = _open(words)
    if unclosed:
        bracket = unclosed[-1]
        close = ")" if bracket.text == "(" else "]"
        return Fault(bracket.span, "E301", f"'{bracket.text}' is not closed", f"a '{close}' is missing")
    names = " or ".join(_quoted(word) for word in sorted(expected - {TEXT, END}))
    return Fault(end, "E301", f"something is missing behind '{before.text}'", f"expected {names}" if names else "")


def _closing(words: Sequence[Lexeme], word: Lexeme, wants_value: bool) -> Fault | None:
    unclosed = _open(words)
    if not unclosed:
        return Fault(word.span, "E301", f"'{word.text}' closes nothing")
    opened = unclosed[-1].text
    if opened != _CLOSES[word.text]:
        close = ")" if opened == "(" else "]"
        return Fault(word.span, "E301", f"'{opened}' is closed by '{word.text}'", f"write '{close}'")
    return None


def _no_value(word: Lexeme, before: Lexeme | None) -> Fault:
    if word.text in _MISPLACED and word.text in ("[", "..", "where"):
        return Fault(word.span, "E301", *_MISPLACED[word.text])
    behind = f"behind '{before.text}'" if before else f"before '{word.text}'"
    hint = "write '==' for equality" if before and before.text in ("==", "=") and word.text in ("==", "=") else ""
    hint = hint or ("a number has no sign but '-'" if word.text == "+" else "")
    return Fault(word.span, "E301", f"a value is missing {behind}", hint)


def _instead(word: Lexeme, before: Lexeme, expected: Sequence[str]) -> Fault:
    choices = " or ".join(map(_quoted, expected))
    near = _nearest_word(word, expected)
    if word.text == "," and expected == [")"]:
        near = near or "a list stands in brackets: 'x in [a, b]'"
    if before.text == "is":
        return Fault(
            word.span,
            "E301",
            "behind 'is' stands 'missing' or 'not missing'",
            near or ("write 'missing'" if word.text.casefold() in _EMPTY else "write '==' to compare"),
        )
    return Fault(word.span, "E301", f"behind '{before.text}' stands {choices}, not '{word.text}'", near)


def _open(words: Sequence[Lexeme]) -> list[Lexeme]:
    unclosed: list[Lexeme] = []
    for word in words:
        if word.kind != "operator":
            continue
        if word.text in _CLOSES.values():
            unclosed.append(word)
        elif word.text in _CLOSES and unclosed and unclosed[-1].text == _CLOSES[word.text]:
            unclosed.pop()
    return unclosed


def shape_faults(tree: Node, text: str) -> list[Fault]:
    """What the grammar lets pass and no expression may have. `text` is that of the tree."""
    faults: list[Fault] = []
    stack = [tree]
    while stack:
        node = stack.pop()
        inside = children(node)
        if isinstance(node, Compare) and node.op in ("==", "!="):
            absent = [_is_absent(node.left), _is_absent(node.right)]
            if any(absent):
                other = node.right if absent[0] else node.left
                written = text[other.span.start : other.span.end]
                test = "is missing" if node.op == "==" else "is not missing"
                message = "a comparison with a missing value is never true"
                faults.append(Fault(node.span, "E301", message, f"write '{written} {test}'"))
                inside = [child for child in inside if not _is_absent(child)]
        elif isinstance(node, Name) and node.parts == ("missing",):
            faults.append(Fault(node.span, "E301", "'missing' is not a value", "write 'x is missing'"))
        elif isinstance(node, Literal) and node.unit in DAYS:
            message = f"'{text[node.span.start : node.span.end]}' is not a number of days"
            faults.append(Fault(node.span, "E303", message, f"durations are whole days, at most {LONGEST}"))
        elif isinstance(node, In) and isinstance(node.items, Node):
            items = node.items
            if not isinstance(items, Name | Range) and not _is_text(items):
                message = "right of 'in' stands a list, a range or a name"
                faults.append(Fault(items.span, "E301", message, "write 'x in [a, b]' or 'x in 1..2'"))
        stack += inside
    return sorted(faults)


def _is_absent(node: Node) -> bool:
    if not isinstance(node, Name) or len(node.parts) != 1:
        return False
    return node.parts[0] == "missing" or node.parts[0].casefold() in _NOTHING


def _is_text(node: Node) -> bool:
    return isinstance(node, Literal) and isinstance(node.value, str)
