"""How aggregates over events are written, and the type of one that is resolved."""

from collections.abc import Sequence

from attrs import frozen

from ..errors import did_you_mean
from .aggregates import WRITTEN, function_of
from .algebra import RefusalError, described, type_of
from .group_functions import GROUP_FUNCTIONS
from .names import kind_text
from .nodes import GROUPS, Aggregate, Call, In, Literal, Name, Node, Range, Ref
from .scope import Fault, Scope
from .types import Base, Type

__all__ = ["Parts", "group_of", "is_aggregate", "parts_of", "result_type"]


def group_of(node: Node) -> str | None:
    """The group of subjects a surface call runs over; None where it is no such call."""
    if not isinstance(node, Call) or node.function not in GROUP_FUNCTIONS or len(node.args) != 1:
        return None
    first = node.args[0]
    if not isinstance(first, In) or not isinstance(first.items, Name):
        return None
    group = ".".join(first.items.parts)
    return group if group in GROUPS else None


@frozen
class Parts:
    """What an aggregate is written of: the value before `in`, and the known kinds in the order written."""

    value: Node | None
    kinds: Sequence[str]
    faults: Sequence[Fault] = ()


def is_aggregate(node: Call) -> bool:
    """Whether the call is one: `min(a, b)` is a function, `min(x in kind)` an aggregate, `min(x in led)` neither."""
    if group_of(node) is not None:
        return False
    if node.function in ("min", "max"):
        first = node.args[0] if node.args else None
        return isinstance(first, In) and isinstance(first.items, Node) and not isinstance(first.items, Range)
    return node.function in WRITTEN


def parts_of(node: Call, scope: Scope) -> Parts:
    """What stands inside the brackets of an aggregate.

    Raises:
        RefusalError: it is not written as this aggregate is. Kinds that are not known are among `faults` instead.
    """
    name, args = node.function, list(node.args)
    example = kind_text(next(iter(sorted(scope.kinds)), "kind"))
    function, _ = WRITTEN[name]
    if node.by is not None and not function.is_weighted:
        weighted = [word for word, (other, _) in WRITTEN.items() if other.is_weighted]
        only = " or ".join(f"'{word}'" for word in weighted)
        hint = f"write '{weighted[0]}(x in kind by w)'"
        raise RefusalError(node.by.span, "E310", f"'by' stands inside {only} only, not '{name}'", hint)
    value: Node | None = None
    if function.takes_value:
        first = args[0] if args else None
        if not isinstance(first, In) or not isinstance(first.items, Node) or first.negated:
            named = ".".join(first.parts) if isinstance(first, Name) else ""
            hint = f"write '{name}(x in {kind_text(named) if named in scope.kinds else example})'"
            raise RefusalError(node.span, "E310", f"'{name}' needs a value and the kinds of event it comes from", hint)
        value, args[0] = first.operand, first.items
    if not args:
        raise RefusalError(node.span, "E310", f"'{name}' names no kind of event", f"write '{name}({example})'")
    kinds: list[str] = []
    faults: list[Fault] = []
    for arg in args:
        kind, fault = _kind(name, arg, scope, example)
        if fault is None and kind in kinds:
            fault = Fault(arg.span, "E310", f"'{kind}' is named twice")
        if fault is not None:
            faults.append(fault)
        else:
            kinds.append(kind)
    return Parts(value, tuple(kinds), tuple(faults))


def _kind(function: str, node: Node, scope: Scope, example: str) -> tuple[str, Fault | None]:
    if isinstance(node, Name):
        kind = ".".join(node.parts)
    elif isinstance(node, Literal) and isinstance(node.value, str):
        kind = node.value
    elif isinstance(node, In):
        if not WRITTEN[function][0].takes_value:
            hint = f"write '{function}({example})', or 'distinct(x in {example})' for values"
            return "", Fault(node.span, "E310", f"'{function}' takes kinds of event, not values", hint)
        return "", Fault(
            node.span, "E310", "'x in' stands once, before all kinds", f"write '{function}(x in kind, kind)'"
        )
    else:
        return "", Fault(node.span, "E310", "a kind of event is expected", f"write '{function}({example})'")
    if kind not in scope.kinds:
        hint = did_you_mean(kind, {*scope.kinds, *GROUPS}, listed=False)
        carrier = next((k for k, names in sorted(scope.kinds.items()) if kind in names), None)
        if carrier is not None:
            hint = f"it is a field: write 'distinct({kind} in {kind_text(carrier)})', or count(kind where {kind} ...)"
        return kind, Fault(node.span, "E308", f"unknown kind of event '{kind}'", hint)
    return kind, None


def result_type(node: Aggregate, word: str) -> Type:
    """The type of a resolved aggregate, which is written with a word.

    Raises:
        RefusalError: its value or weight is not of a sort it can take.
    """
    function = function_of(node)
    if node.by is not None and type_of(node.by).base is not Base.NUMBER:
        raise RefusalError(node.by.span, "E305", f"the weight is a number, not {described(type_of(node.by))}")
    if node.value is None:
        return function.type(None)
    kind = type_of(node.value)
    if kind.base is not Base.NUMBER and not isinstance(node.value, Ref):
        message = f"{described(kind)} that is computed cannot be aggregated"
        raise RefusalError(node.value.span, "E311", message, "name a field of the events")
    if function.bases and kind.base not in function.bases:
        wanted = "numbers" if len(function.bases) == 1 else "numbers, dates or instants"
        raise RefusalError(node.value.span, "E305", f"'{word}' takes {wanted}, not {described(kind)}")
    return function.type(kind)
