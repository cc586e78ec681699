"""`frozen`: attrs' own, whose comparison, hash and repr need no code that is written and compiled for each class.

A run imports some two hundred classes, and compiling these three methods of each took a quarter of the import.
"""

from collections.abc import Callable
from operator import attrgetter
from typing import TYPE_CHECKING, Any

import attrs

if TYPE_CHECKING:
    from attrs import frozen
else:

    def frozen(cls: type | None = None, /, **options: Any) -> Any:
        """What `attrs.frozen` makes, with the same options. Fields are compared as they are: none has a key of its own."""
        if cls is None:
            return lambda cls: frozen(cls, **options)
        own = vars(cls).keys()
        if own & {"__eq__", "__hash__"} or options.keys() & {"eq", "order"}:
            return attrs.frozen(cls, **options)
        made = attrs.frozen(cls, eq=False, repr=False, **options)
        made.__eq__, made.__hash__ = _comparison(made)
        if "__repr__" not in own:
            made.__repr__ = _repr
        return made


__all__ = ["frozen"]


def _comparison(cls: Any) -> tuple[Callable[[Any, Any], Any], Callable[[Any], int]]:
    """Equal are objects of one class whose compared fields are equal."""
    compared = _values([a.name for a in attrs.fields(cls) if a.eq])
    salt = f"{cls.__module__}.{cls.__qualname__}"

    def __eq__(self: Any, other: Any) -> Any:  # noqa: N807
        return compared(self) == compared(other) if other.__class__ is self.__class__ else NotImplemented

    def __hash__(self: Any) -> int:  # noqa: N807
        return hash((salt, compared(self)))

    return __eq__, __hash__


def _values(names: list[str]) -> Callable[[Any], Any]:
    return attrgetter(*names) if names else lambda _: ()


def _repr(self: Any) -> str:
    shown = ", ".join(f"{a.name}={getattr(self, a.name)!r}" for a in attrs.fields(self.__class__) if a.repr)
    return f"{self.__class__.__qualname__.rsplit('>.', 1)[-1]}({shown})"
