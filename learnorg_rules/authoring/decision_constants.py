"""The codes of faults in decision rules, and constants as the fields of facts hold them."""

from collections.abc import Mapping
from datetime import date
from fractions import Fraction

from ..errors import did_you_mean
from ..expr.nodes import Binary, Bool, Call, Literal, Name, Negate, Node, Span
from ..expr.scope import Fault
from ..model.decision import LARGEST, FactField, FactType, FactValue

__all__ = ["CODES", "Unreadable", "constant", "not_simple", "unknown_field"]

CODES: Mapping[str, tuple[str, str]] = {
    "E701": (
        "not a pattern",
        "Under `when` and `unless` every alias has one pattern: a type of fact and, in brackets, its conditions with "
        "commas between: `duty(status == missed, in_a_row >= 2)`.",
    ),
    "E702": (
        "unknown type of fact",
        "Decisions see only facts that are settled before they run; the reference lists them.",
    ),
    "E703": ("unknown field of a fact", "Each type of fact has its own fields; the reference lists them."),
    "E704": (
        "more than a condition can say",
        "A condition compares one field with a constant, or with a field of an earlier pattern. Arithmetic, functions and "
        "alternatives belong into a measure, which is a fact here, or into a rule of their own.",
    ),
    "E705": (
        "a constant that does not fit",
        "The constant is of another type than the field, is none of its values, or is no whole number, or too large a one, "
        "where the field holds whole numbers.",
    ),
    "E706": (
        "a join that cannot be made",
        "A pattern looks back: it names a pattern written above it, and an exception names a pattern under `when`. Both "
        "fields have one type, and `<`, `>` or `!=` between two facts stands beside an `==` between the same two.",
    ),
    "E707": ("too many patterns or conditions", "The limits are far above what a rule that can be read needs."),
    "E708": ("what follows is incomplete", "`then` says `do` and the values that this action needs, and nothing else."),
    "E709": (
        "a value that is not there",
        "`then` and `because` may use the fields of patterns under `when`: an exception matched nothing when the rule fires.",
    ),
    "E710": (
        "decisions rest on each other in a circle",
        "A rule that looks at decisions comes after the rules that make them, so it cannot, in the end, look at its own.",
    ),
    "E711": ("unknown rule", "A condition on `rule` of a decision names a rule of the section `decisions`."),
}


class Unreadable(Exception):  # noqa: N818 - a fault on its way, not an error
    """One condition could not be read."""

    def __init__(self, span: Span, code: str, message: str, hint: str = "") -> None:
        self.fault = Fault(span, code, message, hint)


def unknown_field(span: Span, name: str, kind: FactType, before: str = "") -> Unreadable:
    """The fault of a name that the type of fact does not have; `before` is the alias and dot it was written behind."""
    where = f"'{before}{name}': " if before else ""
    return Unreadable(span, "E703", f"{where}'{kind.name}' has no field '{name}'", did_you_mean(name, kind.fields))


def not_simple(node: Node, wanted: str) -> Unreadable:
    """The fault of a side of a comparison that is neither a field nor a constant; `wanted` says what belongs there."""
    if isinstance(node, Binary | Negate):
        return Unreadable(node.span, "E704", "a pattern does not compute", "make it a measure and match that")
    if isinstance(node, Call):
        return Unreadable(
            node.span, "E704", f"a pattern calls no function; found '{node.function}'", "make it a measure"
        )
    return Unreadable(node.span, "E704", wanted)


def constant(node: Node, name: str, declared: FactField) -> FactValue:
    """The constant as facts hold it.

    Raises:
        Unreadable: it is no constant, or does not fit the field.
    """
    if declared.names == "period" and not isinstance(node, Name) and not isinstance(getattr(node, "value", None), str):
        hint = f'the name of a period stands in quotes: {name} == "2005-Q1"'
        found = f"; found '{getattr(node, 'value', '')}'" if isinstance(node, Literal) else ""
        raise Unreadable(node.span, "E705", f"'{name}' is {declared}{found}", hint)
    if isinstance(node, Bool):
        if declared.type == "boolean":
            return node.value
        raise _misfit(node, name, declared, "true" if node.value else "false")
    if isinstance(node, Name) and declared.type == "text" and len(node.parts) == 1:
        return _text(node.span, node.parts[0], name, declared)
    if isinstance(node, Name):
        raise _misfit(node, name, declared, ".".join(node.parts))
    if not isinstance(node, Literal):
        raise not_simple(node, "right of a comparison stands a constant")
    value = node.value
    if isinstance(value, str) and declared.type == "text":
        return _text(node.span, value, name, declared)
    if type(value) is date and declared.type == "date":
        return value
    if isinstance(value, Fraction) and declared.type in ("integer", "decimal"):
        if node.unit:
            raise Unreadable(node.span, "E705", f"'{name}' is a pure number", f"leave '{node.unit}' out")
        if declared.type == "decimal":
            return value
        if value.denominator != 1:
            raise Unreadable(node.span, "E705", f"'{name}' is {declared}; the constant is finer")
        if abs(value) > LARGEST:
            raise Unreadable(node.span, "E705", f"'{name}' is {declared}; the constant is too large")
        return value.numerator
    raise _misfit(node, name, declared, str(value))


def _text(span: Span, value: str, name: str, declared: FactField) -> str:
    if declared.options and value not in declared.options:
        hint = did_you_mean(value, declared.options)
        raise Unreadable(
            span, "E705", f"'{value}' is no value of '{name}'", hint or f"known: {', '.join(declared.options)}"
        )
    return value


def _misfit(node: Node, name: str, declared: FactField, found: str) -> Unreadable:
    return Unreadable(node.span, "E705", f"'{name}' is {declared}; found '{found}'")
