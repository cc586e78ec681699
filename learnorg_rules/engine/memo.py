"""Values computed once, and, where asked for, what each was computed from, so that a change forgets what rests on it."""

from collections.abc import Callable, Hashable, Iterable
from typing import Any, TypeVar

__all__ = ["Memo", "TrackedMemo"]

Found = TypeVar("Found")
Key = tuple[Hashable, ...]


class Memo:
    """Remembers values by key. A batch run needs no more: nothing changes under it."""

    def __init__(self) -> None:
        self.values: dict[Key, Any] = {}

    def get(self, key: Key, compute: Callable[[], Found]) -> Found:
        """The value of the key, computed when it is first asked for."""
        if key not in self.values:
            self.values[key] = compute()
        return self.values[key]  # type: ignore[no-any-return]

    def read(self, key: Key) -> None:
        """Say that what is being computed reads something that may change."""

    def forget(self, changed: Iterable[Key]) -> set[Key]:
        """Forget every value that rests on the changed keys; the keys forgotten."""
        raise TypeError("this memo does not know what rests on what")


class TrackedMemo(Memo):
    """A memo that knows who read what: a live run forgets exactly what an event changes."""

    def __init__(self) -> None:
        super().__init__()
        self._readers: dict[Key, set[Key]] = {}
        self._computing: list[Key] = []

    def get(self, key: Key, compute: Callable[[], Found]) -> Found:
        """As `Memo.get`; what asks is noted as a reader of the key."""
        computing, values = self._computing, self.values
        if computing:
            readers = self._readers.get(key)
            if readers is None:
                readers = self._readers[key] = set()
            readers.add(computing[-1])
        if key in values:
            return values[key]  # type: ignore[no-any-return]
        computing.append(key)
        try:
            value = values[key] = compute()
        finally:
            computing.pop()
        return value

    def read(self, key: Key) -> None:
        """Note what is being computed as a reader of the key."""
        if self._computing:
            self._readers.setdefault(key, set()).add(self._computing[-1])

    def forget(self, changed: Iterable[Key]) -> set[Key]:
        """Forget every value that rests on the changed keys, directly or not; the keys forgotten."""
        forgotten: set[Key] = set()
        todo = list(changed)
        while todo:
            for reader in self._readers.pop(todo.pop(), ()):
                if reader not in forgotten:
                    forgotten.add(reader)
                    self.values.pop(reader, None)
                    todo.append(reader)
        return forgotten
