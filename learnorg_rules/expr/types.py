"""Types of expressions: what may be compared with, added to and multiplied by what."""

import enum
from collections.abc import Mapping, Sequence

from attrs import field, frozen

__all__ = [
    "BOOLEAN", "COUNT", "DATE", "DURATION", "INSTANT", "NUMBER", "RATIO", "TEXT", "Base", "Type", "choice", "listing", "number",
    "unit_text",
]  # fmt: skip


class Base(enum.Enum):
    """The sorts of value."""

    NUMBER = "number"
    BOOLEAN = "boolean"
    TEXT = "text"
    CHOICE = "choice"
    DATE = "date"
    INSTANT = "instant"
    DURATION = "duration"
    LIST = "list"


def _in_order(unit: Mapping[str, int] | None) -> Mapping[str, int] | None:
    return None if unit is None else dict(sorted(unit.items()))


@frozen
class Type:
    """A sort of value and what more is known of it.

    Attributes:
        unit: of a number: its units of measure with their powers, `{"minutes": 1, "persons": -1}`; empty for a pure
            ratio or count; None where a bare literal is in play, which agrees with every unit.
        places: of an event field's number: decimal digits kept (the integer cell is value * 10**places); None where
            that means nothing.
        options: of a choice: its symbols, in their declared order, which is the order `<` compares by.
        item: of a list: the type of its items.
        nullable: whether it can be missing.
        non_negative: of a number: whether it is known never to be below zero.
    """

    base: Base
    unit: Mapping[str, int] | None = field(default=None, converter=_in_order)
    places: int | None = None
    options: Sequence[str] = ()
    item: "Type | None" = None
    nullable: bool = False
    non_negative: bool = False

    def __str__(self) -> str:
        if self.base is Base.CHOICE:
            return f"one of {', '.join(self.options)}"
        if self.base is Base.LIST:
            return f"list of {self.item}"
        if self.base is Base.NUMBER and self.unit:
            return f"number of {unit_text(self.unit)}"
        return str(self.base.value)


def unit_text(unit: Mapping[str, int] | None) -> str:
    """The unit as a person writes it: "minutes/persons"; "" for none."""
    if not unit:
        return ""

    def power(name: str, exponent: int) -> str:
        return name if exponent == 1 else f"{name}^{exponent}"

    above = " ".join(power(n, e) for n, e in unit.items() if e > 0)
    below = " ".join(power(n, -e) for n, e in unit.items() if e < 0)
    return f"{above or '1'}/{below}" if below else above


BOOLEAN = Type(Base.BOOLEAN)
NUMBER = Type(Base.NUMBER)
RATIO = Type(Base.NUMBER, unit={})
COUNT = Type(Base.NUMBER, unit={}, non_negative=True)
TEXT = Type(Base.TEXT)
DATE = Type(Base.DATE)
INSTANT = Type(Base.INSTANT)
DURATION = Type(Base.DURATION)


def number(unit: str = "", places: int | None = None, nullable: bool = False) -> Type:
    """A number in one unit of measure; "" for a pure number."""
    return Type(Base.NUMBER, {unit: 1} if unit else {}, places, nullable=nullable)


def choice(options: Sequence[str], nullable: bool = False) -> Type:
    """One of some declared symbols."""
    return Type(Base.CHOICE, options=tuple(options), nullable=nullable)


def listing(item: Type) -> Type:
    """A list, the value of a list parameter."""
    return Type(Base.LIST, item=item)
