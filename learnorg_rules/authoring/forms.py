"""How the parts of a rule are written where their class's annotations do not say it: texts, expressions, parameters."""

import re
from collections.abc import Mapping
from datetime import date
from fractions import Fraction
from typing import Any

from attrs import evolve, field, frozen

from ..documents import Broken, Forms, Mapping_, Scalar, Sequence_, Tree, kind_of, place, reads_as_scalar, structure
from ..documents.structure import BROKEN
from ..errors import Issues, Source
from ..expr.lexemes import RESERVED, is_name
from ..expr.nodes import Bool, Literal, Name, Node, Span
from ..expr.parse import parse
from ..expr.scope import ExpressionError, Fault
from ..model.definitions import (
    Band,
    CardRounding,
    Category,
    Columns,
    Dated,
    DecisionText,
    Effective,
    EventKind,
    Expression,
    FieldType,
    Gate,
    Header,
    HolidaySpan,
    Indicator,
    Measure,
    NamedPeriod,
    OrganisationSchema,
    Parameter,
    RejectedLimit,
    RollUp,
    Selector,
    Step,
    Text,
    Veto,
)
from ..model.kinds import JUDGED

__all__ = ["Expressions", "read_parameter", "rule_forms", "word_of"]

_WORDS: Mapping[type, str] = {
    **{kind.definition: f"{'an' if kind.name[0] in 'aeiou' else 'a'} {kind.name}" for kind in JUDGED},
    Band: "a band of a grade", Category: "a category", Columns: "'records'",
    Dated: "a parameter's value", Effective: "'effective'", EventKind: "a kind of event",
    FieldType: "a field", Header: "the section 'ruleset'", HolidaySpan: "a holiday", Indicator: "an indicator",
    Measure: "a measure", NamedPeriod: "a period", OrganisationSchema: "the section 'organisation'",
    Parameter: "a parameter", DecisionText: "a decision", Step: "a step", Gate: "a gate", RollUp: "'roll_up'", CardRounding: "'round'",
    Selector: "a selector", Veto: "a veto",
}  # fmt: skip

_LANGUAGE = re.compile(r"[a-z]{2,3}")


@frozen
class Expressions:
    """Reads expressions, and remembers where each stands so that later faults can be placed inside it too."""

    issues: Issues
    _scalars: dict[Source, Scalar] = field(factory=dict)
    _trees: dict[tuple[str, str], Node] = field(factory=dict)

    def read(self, tree: Tree, metadata: Mapping[str, Any], issues: Issues) -> Any:
        """The parsed expression in a text, or `BROKEN`."""
        scope = metadata.get("scope", "")
        what = {"selector": "a selector", "ranking": "an entry of a ranking"}.get(scope, "an expression")
        if isinstance(tree, Broken):
            return BROKEN
        if not isinstance(tree, Scalar) or tree.is_empty:
            hint = ""
            if scope == "selector" and isinstance(tree, Sequence_):
                hint = "write the ids on one line: a, b"
            issues.error(tree.source, "E203", f"{what} is expected; found {kind_of(tree)}", hint)
            return BROKEN
        node = self.parsed(tree, "selector" if scope == "selector" else "order" if scope == "ranking" else "expression")
        return BROKEN if node is None else Expression(node, tree.text, tree.source)

    def parsed(self, scalar: Scalar, what: Any) -> Node | None:
        """The surface tree of the text, or None after its faults were reported."""
        self._scalars[scalar.source] = scalar
        key = (scalar.text, what)
        try:
            if key not in self._trees:  # hundreds of indicators say `points: 1`
                self._trees[key] = parse(scalar.text, what)
            return self._trees[key]
        except ExpressionError as error:
            self.report(Expression(Name(), scalar.text, scalar.source), *error.faults)
        return None

    def report(self, expression: Expression, *faults: Fault) -> None:
        """Record faults found in the expression at their places in the file."""
        for fault in faults:
            self.issues.error(self.place(expression, fault.span), fault.code, fault.message, fault.hint)

    def place(self, expression: Expression, span: Span) -> Source:
        """Where a part of the expression begins in the file."""
        scalar = self._scalars.get(expression.source)
        return expression.source if scalar is None else place(scalar, span.start)


def rule_forms(expressions: Expressions) -> Forms:
    """How the classes of `learnorg_rules.model.definitions` are read."""
    words = {**_WORDS, _About: "a parameter", _Titled: "a parameter"}
    return Forms(
        readers={Text: _read_text, Expression: expressions.read, RejectedLimit: _read_limit}, words=words, ids=_reserved
    )


def word_of(cls: type) -> str:
    """What messages call one of the class."""
    return _WORDS[cls]


def _reserved(text: str) -> str:
    return "it is a word of the expression language" if text in RESERVED else ""


_LIMIT = re.compile(r"([0-9]{1,18}(?:\.[0-9]{1,18}(?=%))?)(%?)")


def _read_limit(tree: Tree, metadata: Mapping[str, Any], issues: Issues) -> Any:
    found = _LIMIT.fullmatch(tree.text) if isinstance(tree, Scalar) else None
    if found is None or (found[2] and Fraction(found[1]) > 100):
        if not isinstance(tree, Broken):
            hint = "write a number of records, such as 20, or a share of them, such as 5%"
            issues.error(tree.source, "E207", "'max_rejected' is neither a number nor a share of records", hint)
        return BROKEN
    return RejectedLimit(Fraction(found[1]) / (100 if found[2] else 1), bool(found[2]))


def _read_text(tree: Tree, metadata: Mapping[str, Any], issues: Issues) -> Any:
    if isinstance(tree, Broken):
        return BROKEN
    if isinstance(tree, Scalar) and not tree.is_empty:
        return Text({"en": tree.text})
    if not isinstance(tree, Mapping_):
        message = f"a text, or a mapping from languages to texts, is expected; found {kind_of(tree)}"
        issues.error(tree.source, "E203", message)
        return BROKEN
    texts: dict[str, str] = {}
    broken = False
    for language, value in tree.entries:
        if not _LANGUAGE.fullmatch(language.text):
            hint = "a code of two or three letters, such as en or zh"
            issues.error(language.source, "E209", f"'{language.text}' is not a language", hint)
            broken = True
        elif not isinstance(value, Scalar) or value.is_empty:
            if not isinstance(value, Broken):
                issues.error(value.source, "E203", f"'{language.text}' takes a text; found {kind_of(value)}")
            broken = True
        else:
            texts[language.text] = value.text
    return BROKEN if broken else Text(texts)


# ---- parameters

_DAY = re.compile(r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}")


def read_parameter(key: Scalar, tree: Tree, expressions: Expressions) -> Parameter | None:
    """A parameter in any of its forms: value, list, mapping with `value`, mapping from days to any of these."""
    issues = expressions.issues
    if not isinstance(tree, Mapping_):
        value = _dated(tree, expressions)
        return None if value is None else Parameter(id=key.text, source=key.source, values=((None, value),))
    days = [(name, value) for name, value in tree.entries if _DAY.fullmatch(name.text)]
    about = tuple((name, value) for name, value in tree.entries if not _DAY.fullmatch(name.text))
    if not days:
        value = _dated(tree, expressions)
        return None if value is None else Parameter(
            id=key.text, source=key.source, values=((None, value),), title=_title(tree, expressions),
            reference=value.reference, note=value.note,
        )  # fmt: skip
    values: list[tuple[date | None, Dated]] = []
    broken = False
    for name, inner in days:
        day = reads_as_scalar(date, name, issues)
        dated = _dated(inner, expressions)
        broken |= day is BROKEN or dated is None
        if day is not BROKEN and dated is not None:
            values.append((day, dated))
    rest = structure(Mapping_(about, tree.source), _About, issues, rule_forms(expressions), key)
    if broken or rest is None:
        return None
    values.sort(key=lambda pair: pair[0] or date.min)
    return Parameter(
        id=key.text, source=key.source, values=tuple(values), title=rest.title, reference=rest.reference, note=rest.note
    )


@frozen(kw_only=True)
class _About:
    """What may stand beside the days of a parameter."""

    title: Text = field(factory=Text)
    reference: tuple[str, ...] = field(default=(), metadata={"single": True})
    note: str = ""


@frozen(kw_only=True)
class _Titled(Dated):
    title: Text = field(factory=Text)


def _title(tree: Mapping_, expressions: Expressions) -> Text:
    title = tree.get("title")
    found = Text() if title is None else _read_text(title, {}, Issues())  # its faults were reported with the value
    return Text() if found is BROKEN else found


def _dated(tree: Tree, expressions: Expressions) -> Dated | None:
    """One value of a parameter with what is said about it."""
    forms = rule_forms(expressions)

    def constant(part: Tree, metadata: Mapping[str, Any], issues: Issues) -> Any:
        return _constant(part, expressions)

    forms = evolve(forms, readers={**forms.readers, Expression: constant})
    if isinstance(tree, Sequence_):
        value = _constant(tree, expressions)
        return None if value is BROKEN else Dated(value, source=tree.source)
    found = structure(tree, _Titled, expressions.issues, forms)
    if found is None:
        return None
    return Dated(found.value, found.assumed, found.reference, found.note, found.source)


def _constant(tree: Tree, expressions: Expressions) -> Any:
    """A literal value: a quoted text is itself, a plain one is parsed, a list becomes one literal with a tuple."""
    if isinstance(tree, Broken):
        return BROKEN
    if isinstance(tree, Sequence_):
        return _list(tree, expressions)
    if not isinstance(tree, Scalar) or tree.is_empty:
        expressions.issues.error(tree.source, "E216", f"a value is expected; found {kind_of(tree)}")
        return BROKEN
    if tree.style in ("'", '"', "|", ">"):
        return Expression(Literal(tree.text, span=Span(0, len(tree.text))), tree.text, tree.source)
    node = expressions.parsed(tree, "expression")
    if node is None:
        return BROKEN
    if isinstance(node, Name):
        hint = f'a text stands in quotes: "{tree.text}"'
        if tree.text.casefold() in ("yes", "no", "on", "off"):
            hint = "write true or false"
        expressions.issues.error(tree.source, "E216", f"'{tree.text}' is not a value", hint)
        return BROKEN
    if not isinstance(node, Literal | Bool):
        expressions.issues.error(tree.source, "E216", f"'{tree.text}' is not a single value", "write the result")
        return BROKEN
    return Expression(node, tree.text, tree.source)


def _list(tree: Sequence_, expressions: Expressions) -> Any:
    values: list[object] = []
    broken = False
    for item in tree.items:
        if isinstance(item, Scalar) and not item.style and is_name(item.text):
            values.append(item.text)
            continue
        if isinstance(item, Scalar) and (item.style or re.match(r"-?[0-9]", item.text)):
            found = _constant(item, expressions)
        else:
            if isinstance(item, Scalar) and not item.is_empty:
                expressions.issues.error(
                    item.source, "E216", f"'{item.text}' is not an id or a number", "put it in quotes"
                )
            elif not isinstance(item, Broken):
                expressions.issues.error(item.source, "E216", f"a list holds ids or numbers; found {kind_of(item)}")
            found = BROKEN
        if found is BROKEN:
            broken = True
        else:
            values.append(found.tree.value)
    if broken:
        return BROKEN
    sorts = {type(value) for value in values}
    if len(sorts) > 1:
        expressions.issues.error(
            tree.source, "E216", "a list holds values of one sort", "quote ids that look like numbers"
        )
        return BROKEN
    text = ", ".join(str(value) for value in values)
    return Expression(Literal(tuple(values)), f"[{text}]", tree.source)
