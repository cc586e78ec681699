"""Attributes of an organisation in the types that the ruleset declares for them."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from itertools import compress, repeat

from attrs import field, frozen

from ..errors import Issues, did_you_mean
from ..expr.cells import NARROW
from ..model.definitions import FieldType
from ..notation import day_hint, day_in, number_hint, number_in
from ..org.organisation import Organisation
from ..org.timeline import ALWAYS
from ..values import Value

__all__ = ["TypedColumn", "typed_column"]

_PLAIN = frozenset((str, int))


@frozen(eq=False)
class TypedColumn:
    """One attribute, a row for each of its versions: by node, in the order of the records, then by date.

    Attributes:
        nodes: the node of each row.
        values: the value of each row; None where nothing was written.
        spans: the first day of each row and the day after its last; None where every row holds on every day, and no node
            has two.
    """

    nodes: Sequence[str] = field(repr=False)
    values: Sequence[Value] = field(repr=False)
    spans: Sequence[tuple[date, date]] | None = field(repr=False)

    def on(self, node: str, day: date) -> Value:
        """The value of a node on a day; None where it has none."""
        if self.spans is None:
            return self._only.get(node)
        row = self._last.get(node, -1)
        while row >= 0 and self.nodes[row] == node:
            start, end = self.spans[row]
            if start <= day:
                return self.values[row] if day < end else None
            row -= 1
        return None

    def of(self, nodes: Sequence[str], day: date) -> Sequence[Value]:
        """The value of each of the nodes on a day."""
        if self.spans is not None:
            return [self.on(node, day) for node in nodes]
        return self.values if nodes == self.nodes else list(map(self._only.get, nodes))

    def of_kind(self, kind: str, organisation: Organisation) -> "TypedColumn":
        """The rows of one kind of node."""
        return self.picked([of_node == kind for of_node in map(organisation.kinds.__getitem__, self.nodes)])

    def picked(self, wanted: Sequence[bool]) -> "TypedColumn":
        """The rows that are wanted."""
        spans = None if self.spans is None else list(compress(self.spans, wanted))
        return TypedColumn(list(compress(self.nodes, wanted)), list(compress(self.values, wanted)), spans)

    def sorted_rows(self) -> list[tuple[str, date, date, Value]]:
        """(node, first day, end, value) of each row, sorted by node and day."""
        spans = repeat(ALWAYS, len(self.nodes)) if self.spans is None else self.spans
        rows = [(node, *span, value) for node, span, value in zip(self.nodes, spans, self.values, strict=True)]
        return sorted(rows, key=lambda row: row[:2])

    @cached_property
    def _only(self) -> Mapping[str, Value]:
        return dict(zip(self.nodes, self.values, strict=True))

    @cached_property
    def _last(self) -> Mapping[str, int]:
        return {node: row for row, node in enumerate(self.nodes)}


def typed_column(
    organisation: Organisation, name: str, declared: Mapping[str, FieldType], issues: Issues
) -> TypedColumn:
    """An attribute, with its type by kind of node. Nodes of other kinds are left out, and so is, as O201, what does not fit.

    What is written alike for nodes of one kind is looked at once: a million persons are of a hundred ages.
    """
    recorded = organisation.attribute_columns(name)
    # Equal values of other types may be written differently: 1.0 and 1.00, or True and 1.
    texts = [value if type(value) in _PLAIN else (type(value), str(value)) for value in recorded.values]
    kinds = list(map(organisation.kinds.__getitem__, recorded.nodes))
    distinct = dict(zip(zip(kinds, texts, strict=True), recorded.values, strict=True))
    typed: dict[tuple[str, object], Value] = {}
    faults: dict[tuple[str, object], ValueError] = {}
    for key, value in distinct.items():
        type_ = declared.get(key[0])
        if type_ is not None:
            try:
                typed[key] = typed_value(value, type_)
            except ValueError as fault:
                faults[key] = fault
    for row, key in enumerate(zip(kinds, texts, strict=True)) if faults else ():
        if key in faults:
            said, *hint = faults[key].args
            issues.error(recorded.source(row), "O201", f"{name} of {recorded.nodes[row]}: {said}", *hint)
    values = list(map(typed.get, zip(kinds, texts, strict=True)))
    column = TypedColumn(recorded.nodes, values, recorded.spans)
    if len(typed) == len(distinct):
        return column
    return column.picked([key in typed for key in zip(kinds, texts, strict=True)])


def typed_value(value: object, kind: FieldType) -> Value:
    """An attribute's value in its declared type.

    Raises:
        ValueError: it is not of that type: what was found and expected, and perhaps what to write.
    """
    text = str(value)
    if text == "":
        return None
    if kind.type == "boolean":
        if isinstance(value, bool):
            return value
        if text in ("true", "false"):
            return text == "true"
        raise ValueError(f"{text!r} is not true or false")
    if kind.type in ("integer", "decimal"):
        if isinstance(value, bool):
            raise ValueError(f"{text!r} is not a number")
        number = number_in(f"{value:f}" if _is_json(value) else text)
        if number is None:
            raise ValueError(f"{text!r} is not a number", number_hint(text))
        if (number * 10**kind.scale).denominator != 1:
            many = "decimal" if kind.scale == 1 else "decimals"
            what = f"has more than {kind.scale} {many}" if kind.scale else "is not a whole number"
            raise ValueError(f"{text!r} {what}")
        if abs(number * 10**kind.scale) > NARROW:  # a column holds 64 bits
            raise ValueError(f"{text} needs more than 64 bits")
        _check_range(number, kind)
        return int(number) if kind.type == "integer" else number
    if kind.type == "date":
        day = day_in(text)
        if day is None:
            raise ValueError(f"{text!r} is not a date like 2005-04-01", day_hint(text, ""))
        return day
    if kind.type == "choice" and text not in kind.of:
        hint = did_you_mean(text, kind.of)
        raise ValueError(f"{text!r} is not one of {', '.join(kind.of)}", hint)
    return text


def _is_json(value: object) -> bool:
    """Whether it is a number as JSON writes it, perhaps with an exponent, of which the digits can be written out."""
    return isinstance(value, Decimal) and abs(value.adjusted()) < 100


def _check_range(number: Fraction, kind: FieldType) -> None:
    if kind.min is not None and number < kind.min:
        raise ValueError(f"{number} is below {kind.min}")
    if kind.max is not None and number > kind.max:
        raise ValueError(f"{number} is above {kind.max}")
