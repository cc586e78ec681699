"""Who hears of which changes."""

from collections.abc import Callable, Iterable, Mapping

from ..errors import with_hint
from ..judging.changes import Change
from ..texts import nfc

__all__ = ["Subscribers"]

SELECTORS = ("kind", "rule", "subject", "period")


class Subscribers:
    """Callables, each with what it wants to hear of."""

    def __init__(self) -> None:
        self._subscribed: dict[int, tuple[Callable[[Change], None], Mapping[str, str]]] = {}
        self._number = 0

    def add(self, hear: Callable[[Change], None], which: Mapping[str, str]) -> Callable[[], None]:
        """Subscribe; the call that is given back ends it.

        Raises:
            TypeError: changes have no such attribute.
        """
        for name in which:
            if name not in SELECTORS:
                raise TypeError(with_hint(f"changes are not selected by '{name}'", name, SELECTORS))
        self._number += 1
        number = self._number
        self._subscribed[number] = (hear, {name: nfc(value) for name, value in which.items()})
        return lambda: self._subscribed.pop(number, None) and None

    def tell(self, changes: Iterable[Change]) -> None:
        """Tell everybody who wants to hear of the changes, in their order."""
        for change in changes if self._subscribed else ():
            for hear, which in list(self._subscribed.values()):
                if all(getattr(change, name) == value for name, value in which.items()):
                    hear(change)
