"""Parts of the reasons of a comparison: a phrase and its values, written in a language only when it is asked for."""

from collections.abc import Iterable, Mapping
from datetime import date
from fractions import Fraction
from typing import Any

from attrs import frozen

from ..expr.render import render_number
from ..model.duty import Status
from ..values import Number, shown_decimal
from ..words import say, state

__all__ = ["Phrase", "shown", "signed"]

_MINUS = "−"
DECIMALS = 2


@frozen
class Phrase:
    """A part of a reason: a phrase and its values, numbers exact."""

    key: str
    values: Mapping[str, Any]

    def say(self, language: str = "en") -> str:
        """As text."""
        numbers = [v for v in self.values.values() if isinstance(v, int | Fraction) and not isinstance(v, bool)]
        return say(self.key, language, **{n: shown(value, language, numbers) for n, value in self.values.items()})


@frozen
class signed:  # noqa: N801 - it is used like a function
    """A difference in points, which is written with its sign."""

    points: Fraction


def shown(value: object, language: str, beside: Iterable[Number] = ()) -> str:
    """A value for people: numbers to two decimals where they have more, `missing` for what there is not.

    With more decimals where two would show a number as one of those `beside` it, or on the wrong side of it.
    """
    if isinstance(value, Phrase):
        return value.say(language)
    if isinstance(value, signed):
        sign = "+" if value.points > 0 else _MINUS if value.points < 0 else "±"
        return f"{sign}{shown_decimal(abs(value.points), DECIMALS, [Fraction()])}"
    if value is None or value == ():
        return say("no_data", language) if value is None else "-"
    if isinstance(value, bool):
        return say("true" if value else "false", language)
    if isinstance(value, Status):
        return state("duty", value.value, language)
    if isinstance(value, int | Fraction):
        text = render_number(value)
        exact = "/" not in text and len(text.partition(".")[2]) <= DECIMALS
        return text if exact else f"{shown_decimal(value, DECIMALS, beside)}"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, tuple | list):
        return say("list", language).join(shown(v, language) for v in value)
    return str(value)
