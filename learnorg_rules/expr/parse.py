"""Text to surface tree, by recursive descent: one function for each level of the grammar.

    expression  = disjunction
    selector    = ("units" | "bodies" | "persons") ["of" id] ["that" id id] ["where" disjunction]
                | id {"," id}
    order       = disjunction ["ascending" | "descending"]
    id          = NAME | TEXT

    disjunction = conjunction {"or" conjunction}
    conjunction = inversion {"and" inversion}
    inversion   = {"not"} comparison
    comparison  = sum [COMPARE sum | ["not"] "in" items | "is" ["not"] "missing"]
    items       = "[" disjunction {"," disjunction} "]" | sum [".." sum]
    sum         = product {("+" | "-") product}
    product     = unary {("*" | "/") unary}
    unary       = {"-"} atom
    atom        = NUMBER [NAME] | PERCENT | DATE | TEXT | "true" | "false" | "missing" | NAME | "(" disjunction ")" | call
    call        = NAME "(" [argument {"," argument}] ["where" disjunction] ["by" disjunction] ")"
    argument    = disjunction [":" disjunction]

The words are those of lexemes.py. Comparisons do not chain. Which function takes what is not grammar; resolve.py knows.
"""

from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import date, timedelta
from fractions import Fraction
from typing import Literal as OneOf

from .lexemes import RESERVED, Lexeme, lexemes, lexical_faults
from .limits import DAYS, LONGEST, length_faults, nesting_faults, size_faults
from .nodes import (
    Binary,
    Bool,
    Call,
    Compare,
    In,
    IsMissing,
    Literal,
    Logic,
    Name,
    Negate,
    Node,
    Not,
    Order,
    Pair,
    Range,
    Span,
    Subjects,
)
from .scope import ExpressionError, Fault
from .syntax_faults import END, NAME, TEXT, VALUE, shape_faults, syntax_fault

__all__ = ["parse"]

What = OneOf["expression", "selector", "order"]


def parse(text: str, what: What = "expression") -> Node:
    """The surface tree of the text: an expression, a selector (`Subjects`) or an entry of a ranking (`Order`).

    Number literals are exact: `80%` is 4/5; `1/2` and `-3` are one literal each; `2 weeks` is a timedelta.

    Raises:
        ExpressionError: the text is none. All faults of single words are given, else the first of the grammar.
    """
    _refuse(length_faults(text))
    words = list(lexemes(text))
    _refuse(lexical_faults(words) or nesting_faults(words))
    tree = _Parser(words, what).tree()
    _refuse([*size_faults(tree), *shape_faults(tree, text)])
    return tree


def _refuse(faults: Sequence[Fault]) -> None:
    if faults:
        raise ExpressionError(*faults)


# ---- the grammar

_FAMILIES = frozenset({"units", "bodies", "persons"})
_DIRECTIONS = frozenset({"ascending", "descending"})
_NAMES = frozenset({NAME, "of", "that", *_DIRECTIONS})  # the four words are names wherever nothing else is expected
_UNITS = _NAMES - _DIRECTIONS  # `3 descending` ranks by a constant
_COMPARISONS = frozenset({"==", "!=", "<=", ">=", "<", ">"})

# What can stand behind a whole part of an expression, wherever the expression stands.
_BEHIND_COMPARISON = frozenset({"and", "or", "where", "by", ")", "]", ",", ":", *_DIRECTIONS, END})
_BEHIND_ATOM = _BEHIND_COMPARISON | _COMPARISONS | {"in", "is", "not", "..", "+", "-", "*", "/"}
_BEHIND_ARGUMENT = frozenset({",", "where", "by", ")"})
_IDS = _NAMES | {TEXT}
_BEHIND_ID = _IDS | {"where", ",", END}


class _Parser:
    """Reads the words of one text from the first to the last.

    `kind` is the kind of the next word: the word itself for a sign or a word of the language, else NAME, TEXT, "number",
    "percent" or "date"; END behind the last word.
    """

    def __init__(self, words: Sequence[Lexeme], what: What) -> None:
        self.words, self.what, self.index = words, what, 0
        self.kinds = [*map(_kind, words), END]
        self.kind = self.kinds[0]

    def take(self) -> Lexeme:
        """Read the next word."""
        word = self.words[self.index]
        self.index += 1
        self.kind = self.kinds[self.index]
        return word

    def expect(self, kinds: AbstractSet[str]) -> None:
        """Raise `ExpressionError` unless the next word is of one of these kinds."""
        if self.kind not in kinds:
            raise self.refused(kinds)

    def refused(self, expected: AbstractSet[str]) -> ExpressionError:
        """What to raise at the next word where one of these kinds was expected."""
        return ExpressionError(syntax_fault(self.words, self.index, expected, self.what))

    def takes(self, kind: str) -> bool:
        """Whether the next word is of this kind; then it is read."""
        if self.kind != kind:
            return False
        self.take()
        return True

    # ---- whole texts

    def tree(self) -> Node:
        """The tree of all words."""
        tree = {"expression": self.disjunction, "order": self.order, "selector": self.selector}[self.what]()
        self.expect({END})
        return tree

    def order(self) -> Node:
        key = self.disjunction()
        self.expect({*_DIRECTIONS, END})
        if self.kind == END:
            return Order(key, span=key.span)
        direction = self.take()
        return Order(key, direction.text == "descending", span=_across(key, direction))

    def selector(self) -> Node:
        family, _, rest = self.words[0].text.partition(".") if self.kind == NAME else ("", "", "")
        if family not in _FAMILIES:
            return self.listed_ids()
        if rest:
            raise self.refused({NAME, TEXT})
        first = last = self.take()
        of = by = edge = where = None
        if self.kind != END:
            self.expect({"of", "that", "where"})
        if self.takes("of"):
            of = last = self.id()
            self.expect({"that", "where", END})
        if self.takes("that"):
            by = self.id()
            if self.kind == "that":
                raise self.refused({NAME, TEXT})
            edge = last = self.id()
            self.expect({"where", END})
        if self.takes("where"):
            where = self.disjunction()
        return Subjects(family, (), _id(of), _id(by), _id(edge), where, span=_across(first, where or last))

    def listed_ids(self) -> Node:
        ids = [self.id()]
        self.expect({",", END})
        while self.takes(","):
            ids.append(self.id())
            self.expect({",", END})
        return Subjects(ids=tuple(map(_id, ids)), span=_across(ids[0], ids[-1]))

    def id(self) -> Lexeme:
        if self.kind not in _IDS:
            raise self.refused({NAME, TEXT})
        word = self.take()
        if self.kind not in _BEHIND_ID:
            raise self.refused({NAME, TEXT, "that", "where", ","})
        return word

    # ---- conditions

    def disjunction(self) -> Node:
        operands = [self.conjunction()]
        while self.takes("or"):
            operands.append(self.conjunction())
        return _logic("or", operands)

    def conjunction(self) -> Node:
        operands = [self.inversion()]
        while self.takes("and"):
            operands.append(self.inversion())
        return _logic("and", operands)

    def inversion(self) -> Node:
        signs = []
        while self.kind == "not":
            signs.append(self.take())
        tree = self.comparison()
        for sign in reversed(signs):
            tree = Not(tree, span=_across(sign, tree))
        return tree

    def comparison(self) -> Node:
        tree = left = self.sum()
        if self.kind in _COMPARISONS:
            op = self.take()
            right = self.sum()
            tree = Compare(op.text, left, right, span=_across(left, right))
        elif self.kind in ("in", "not"):
            tree = self.membership(left)
        elif self.kind == "is":
            tree = self.is_missing(left)
        self.expect(_BEHIND_COMPARISON)
        return tree

    def membership(self, operand: Node) -> Node:
        negated = self.takes("not")
        self.expect({"in"})
        self.take()
        if self.takes("["):
            items = [self.disjunction()]
            self.expect({",", "]"})
            while self.takes(","):
                items.append(self.disjunction())
                self.expect({",", "]"})
            return In(operand, tuple(items), negated, span=_across(operand, self.take()))
        low = self.sum()
        if not self.takes(".."):
            return In(operand, low, negated, span=_across(operand, low))
        high = self.sum()
        return In(operand, Range(low, high, span=_across(low, high)), negated, span=_across(operand, high))

    def is_missing(self, operand: Node) -> Node:
        self.take()
        self.expect({"missing", "not"})
        negated = self.takes("not")
        self.expect({"missing"})
        return IsMissing(operand, negated, span=_across(operand, self.take()))

    # ---- arithmetic

    def sum(self) -> Node:
        left = self.product()
        while self.kind in ("+", "-"):
            left = _binary(self.take().text, left, self.product())
        return left

    def product(self) -> Node:
        left = self.unary()
        while self.kind in ("*", "/"):
            left = _binary(self.take().text, left, self.unary())
        return left

    def unary(self) -> Node:
        signs = []
        while self.kind == "-":
            signs.append(self.take())
        tree = self.atom()
        for sign in reversed(signs):
            tree = _negated(sign, tree)
        return tree

    def atom(self) -> Node:
        if self.takes("("):
            tree = self.disjunction()
            self.expect({")"})
            self.take()
        elif self.kind in _NAMES:
            name = self.take()
            tree = self.call(name) if self.kind == "(" else Name(tuple(name.text.split(".")), span=name.span)
        elif self.kind == "number":
            number = self.take()
            tree = _number(number, self.take() if self.kind in _UNITS else None)
        elif self.kind in _CONSTANTS:
            constant = _CONSTANTS[self.kind]
            word = self.take()
            tree = constant(word.text, word.span)
        else:
            raise self.refused({VALUE})
        self.expect(_BEHIND_ATOM)
        return tree

    def call(self, function: Lexeme) -> Node:
        self.take()
        args: list[Node] = []
        where = by = None
        if self.kind not in ("where", "by", ")"):
            args.append(self.argument())
            while self.takes(","):
                args.append(self.argument())
        if self.takes("where"):
            where = self.disjunction()
            if self.kind not in ("by", ")"):
                raise self.refused({"by", ")", END})
        if self.takes("by"):
            by = self.disjunction()
            self.expect({")"})
        return Call(function.text, tuple(args), where, by, span=_across(function, self.take()))

    def argument(self) -> Node:
        left = self.disjunction()
        self.expect({":", *_BEHIND_ARGUMENT})
        if not self.takes(":"):
            return left
        right = self.disjunction()
        self.expect(_BEHIND_ARGUMENT)
        return Pair(left, right, span=_across(left, right))


def _kind(word: Lexeme) -> str:
    text = word.text
    if word.kind == "name":
        return text if text in _NAMES or text.partition(".")[0] in RESERVED else NAME
    if word.kind == "number":
        return "percent" if text.endswith("%") else "number"
    return {"operator": text, "text": TEXT}.get(word.kind, word.kind)


# ---- nodes


def _across(first: Node | Lexeme, last: Node | Lexeme) -> Span:
    return Span(first.span.start, last.span.end)


def _logic(op: str, operands: Sequence[Node]) -> Node:
    """`a and b and c` is flat, also where brackets are written; one operand is itself."""
    if len(operands) == 1:
        return operands[0]
    flat: list[Node] = []
    for operand in operands:
        flat += operand.operands if isinstance(operand, Logic) and operand.op == op else [operand]
    return Logic(op, tuple(flat), span=_across(operands[0], operands[-1]))


def _binary(op: str, left: Node, right: Node) -> Node:
    """Of two whole numbers `/` makes one literal."""
    span = _across(left, right)
    dividend, divisor = _integer(left), _integer(right)
    if op == "/" and dividend is not None and divisor:
        return Literal(dividend / divisor, span=span)
    return Binary(op, left, right, span=span)


def _integer(node: Node) -> Fraction | None:
    """The whole number that the node is, None if it is none."""
    value = node.value if isinstance(node, Literal) and not node.unit else None
    return value if isinstance(value, Fraction) and value.denominator == 1 else None


def _negated(sign: Lexeme, operand: Node) -> Node:
    """A literal takes the sign itself."""
    span = _across(sign, operand)
    if isinstance(operand, Literal) and isinstance(operand.value, Fraction | timedelta):
        return Literal(-operand.value, operand.unit, span=span)
    return Negate(operand, span=span)


def _number(number: Lexeme, unit: Lexeme | None) -> Node:
    value = Fraction(number.text)
    if unit is None:
        return Literal(value, span=number.span)
    span = _across(number, unit)
    days = value * DAYS.get(unit.text, 0)
    if unit.text in DAYS and days.denominator == 1 and days <= LONGEST:
        return Literal(timedelta(int(days)), span=span)
    return Literal(value, unit.text, span=span)


def _id(word: Lexeme | None) -> str:
    if word is None:
        return ""
    return _unquoted(word.text) if word.kind == "text" else word.text


def _unquoted(text: str) -> str:
    return text[1:-1].replace('\\"', '"').replace("\\\\", "\\")


_CONSTANTS: Mapping[str, Callable[[str, Span], Node]] = {
    "percent": lambda text, span: Literal(Fraction(text[:-1]) / 100, span=span),
    "date": lambda text, span: Literal(date.fromisoformat(text), span=span),
    TEXT: lambda text, span: Literal(_unquoted(text), span=span),
    "true": lambda _, span: Bool(True, span=span),
    "false": lambda _, span: Bool(False, span=span),
    "missing": lambda text, span: Name((text,), span=span),  # refused by shape_faults, which can say what to write
}
