"""The words of an expression, and the faults that can be seen in them before any grammar is asked.

Every fault is reported, not only the first: whoever types full-width brackets types them in pairs.
"""

import re
from collections.abc import Iterable, Iterator
from datetime import date

from attrs import frozen

from ..notation import day_hint, number_hint
from .nodes import Span
from .scope import Fault

__all__ = ["MOST_DIGITS", "RESERVED", "Lexeme", "is_name", "lexemes", "lexical_faults"]

RESERVED = frozenset({"and", "or", "not", "in", "is", "missing", "true", "false", "where", "by"})
"""Words that are never names, also before a dot."""

MOST_DIGITS = 30
YEARS = (1000, 9998)  # so that local midnight has an instant in every time zone

_LEXEME = re.compile(
    r"""
      (?P<white>\s+)
    | (?P<text>"(?:[^"\\]|\\["\\])*")
    | (?P<exponent>[0-9]+(?:\.[0-9]+)?[eE][+-]?[0-9]+)
    | (?P<date>[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?![0-9])|[0-9]{4}-[0-9]{2}-[0-9]{3,})
    | (?P<pointed>[0-9]{1,4}\.[0-9]{1,2}\.[0-9]{1,4}(?![0-9])
        |[12][0-9]{3}\u5e74[0-9]{1,2}\u6708[0-9]{1,2}\u65e5?)
    | (?P<slashed>[12][0-9]{3}/[0-9]{1,2}/[0-9]{1,2}(?![0-9.])|[0-9]{1,2}/[0-9]{1,2}/[12][0-9]{3}(?![0-9.]))
    | (?P<number>[0-9]+(?:\.[0-9]+)?%?)
    | (?P<name>[^\W\d]\w*(?:\.[^\W\d]\w*)*)
    | (?P<foreign>&&|\|\||===|!==|=>|=<|<>|\*\*|\.\.\.|//|:=)
    | (?P<operator>==|!=|<=|>=|\.\.|[<>+\-*/()\[\],:])
    | (?P<wide>[\uff01-\uff5e\u3001\u3002\u201c-\u201f\u300c-\u300f]+)
    | (?P<digits>[\d][\d.,]*)
    | (?P<stray>.)
    """,
    re.VERBOSE | re.DOTALL,
)

# Signs of other languages and of a keyboard in Chinese, and what to write.
_INSTEAD = {
    "&&": "and", "||": "or", "&": "and", "|": "or", "!": "not", "=": "==", "===": "==", "!==": "!=", "=>": ">=",
    "=<": "<=", "<>": "!=", "...": "..", ":=": "==", "//": "floor(a / b)", "≥": ">=", "≤": "<=", "≠": "!=", "×": "*",
    "÷": "/", "−": "-", "–": "-", "—": "-", "…": "..", **dict.fromkeys("'‘’", '"text"'), "{": "(", "}": ")", ";": ",",
}  # fmt: skip
_WIDE = {"、": ",", "。": ".", **dict.fromkeys("“”„‟「」『』", '"')}


@frozen
class Lexeme:
    """One word or sign with its place. `kind` is a group of the pattern: name, number, text, operator, ..."""

    kind: str
    text: str
    span: Span


def lexemes(text: str) -> Iterator[Lexeme]:
    """The words and signs of the text, white space left out; characters that are neither come as "stray"."""
    for match in _LEXEME.finditer(text):
        if match.lastgroup != "white":
            yield Lexeme(str(match.lastgroup), match.group(), Span(*match.span()))


def lexical_faults(words: Iterable[Lexeme]) -> list[Fault]:
    """Every fault in single words: foreign operators, full-width signs, impossible dates, numbers too long."""
    faults, before = [], None
    for word in words:
        fault = _fault(word, before)
        if fault is not None:
            faults.append(fault)
            if fault.message.startswith("the text is not closed"):
                break  # everything behind may be inside the text
        before = word
    return faults


def _fault(word: Lexeme, before: Lexeme | None) -> Fault | None:
    text, span = word.text, word.span
    if word.kind == "foreign" or (word.kind == "stray" and text in _INSTEAD):
        if text == "=" and before is None:
            return Fault(span, "E301", "an expression does not begin with '='", "leave it out")
        return _foreign(word)
    if word.kind == "wide":
        narrow = "".join(_WIDE.get(c) or chr(ord(c) - 0xFEE0) for c in text)
        narrow = re.sub(r"(?<![=<>!])=(?!=)", "==", narrow).replace(";", ",")
        narrow = {"&": "and", "&&": "and", "|": "or", "||": "or", "!": "not"}.get(narrow, narrow)
        return Fault(span, "E301", f"'{text}' is full-width", f"write '{narrow}'")
    if word.kind == "exponent":
        hint = number_hint(text) or "write the number without an exponent"
        return Fault(span, "E303", f"'{text}' is not a number", hint)
    if word.kind in ("pointed", "slashed"):
        hint = day_hint(text) + ("; for a division write blanks around '/'" if word.kind == "slashed" else "")
        return Fault(span, "E303", f"'{text}' is not a date", hint)
    if word.kind == "digits" or (word.kind == "number" and text[0] == "0" and text[1:2].isdecimal()):
        grouped = before is not None and before.text == "," and text == "000"  # 1,000
        hint = "a number has no ',': write 1000" if grouped else number_hint(text.removesuffix("%"))
        return Fault(span, "E303", f"'{text}' is not a number", f"{hint}%" if text.endswith("%") else hint)
    if word.kind == "number":
        digits = sum(c.isdigit() for c in text)
        most = MOST_DIGITS - 2 if text.endswith("%") else MOST_DIGITS  # 0.1% is 0.001: two more digits
        if digits > most:
            return Fault(span, "E302", f"the number has {digits} digits; at most {most} are allowed")
    if word.kind == "name" and before is not None and before.kind == "number" and before.span.end == span.start:
        whole = Span(before.span.start, span.end)
        hint = number_hint(before.text + text) if text[0] == "_" else ""
        hint = hint or f"write '{before.text} {text}' for a number with a unit, '{before.text} * {text}' for a product"
        return Fault(whole, "E301", f"'{before.text}{text}' is neither a number nor a name", hint)
    if word.kind == "date":
        return _date_fault(word)
    return _stray(word) if word.kind == "stray" else None


def _foreign(word: Lexeme) -> Fault:
    text, span = word.text, word.span
    if text == "**":
        return Fault(span, "E301", "there is no operator '**'", "write 'x * x'")
    if text in "'‘’":
        return Fault(span, "E301", "a text stands in double quotes", "write '\"text\"'")
    what = "operator" if text not in "{};" else "sign"
    return Fault(span, "E301", f"there is no {what} '{text}'", f"write '{_INSTEAD[text]}'")


def _stray(word: Lexeme) -> Fault:
    text, span = word.text, word.span
    if text == '"':
        return Fault(
            span, "E301", "the text is not closed", "close it with '\"'; inside a text write '\\\"' and '\\\\'"
        )
    if text == "%":
        return Fault(span, "E301", "there is no operator '%'", "a percentage has no blank before its sign: write '80%'")
    if text == "^":
        return Fault(span, "E301", "there is no operator '^'", "write 'x * x'")
    if text == "?":
        return Fault(span, "E301", "there is no operator '?'", "write 'if(condition, value, other value)'")
    if text == ".":
        return Fault(span, "E301", "'.' does not belong here", "write '0.5' for a number, 'card.total' for a name")
    return Fault(span, "E301", f"there is no sign {text!r}", 'text stands in quotes: "..."')


def _date_fault(word: Lexeme) -> Fault | None:
    year, month, day = (int(part) for part in word.text.split("-"))
    if len(word.text) > 10:
        return Fault(word.span, "E303", f"'{word.text}' is not a date", "write blanks around '-' for a difference")
    if len(word.text) != 10:
        hint = f"write '{year}-{month:02}-{day:02}' for the day, blanks around '-' for a difference"
        return Fault(word.span, "E303", f"'{word.text}' is not a date", hint)
    try:
        date(year, month, day)
    except ValueError:
        return Fault(word.span, "E303", f"there is no day {word.text}")
    if not YEARS[0] <= year <= YEARS[1]:
        return Fault(word.span, "E303", f"the year {year} is outside {YEARS[0]} to {YEARS[1]}")
    return None


def is_name(text: str) -> bool:
    """Whether the text can stand in an expression as one name, without quotes or dots."""
    return bool(re.fullmatch(r"[^\W\d]\w*", text)) and text not in RESERVED
