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

    def parts(self, key: Key, number: int, compute: Callable[[int], Found]) -> list[Found]:
        """Values that only what is being computed asks for, by place; `compute` takes a place.

        Many small values that are always asked for together are told apart by place much faster than by key.
        """
        return [compute(place) for place in range(number)]  # whoever asks is remembered, and asks once

    def read(self, key: Key) -> None:
        """Say that what is being computed reads something that may change."""

    def forget(self, changed: Iterable[Key]) -> set[Key]:
        """Forget every value that rests on the changed keys; the keys forgotten."""
        raise TypeError("this memo does not know what rests on what")


class TrackedMemo(Memo):
    """A memo that knows who read what: a live run forgets exactly what an event changes."""

    def __init__(self) -> None:
        super().__init__()
        self._readers: dict[Key, set[Key | _Part]] = {}
        self._computing: list[Key | _Part] = []

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

    def parts(self, key: Key, number: int, compute: Callable[[int], Found]) -> list[Found]:
        """As `Memo.parts`; of parts that were computed before, only those whose grounds changed are computed again."""
        parts = self.values.get(key)
        if parts is None:
            parts = self.values[key] = _Parts(number)
        computing = self._computing
        for part in parts.stale:
            part.owner = computing[-1]
            computing.append(part)
            try:
                parts.values[part.place] = compute(part.place)
            finally:
                computing.pop()
            part.is_stale = False
        parts.stale.clear()
        found: list[Found] = parts.values
        return found

    def read(self, key: Key) -> None:
        """Note what is being computed as a reader of the key."""
        if self._computing:
            readers = self._readers.get(key)
            if readers is None:
                readers = self._readers[key] = set()
            readers.add(self._computing[-1])

    def forget(self, changed: Iterable[Key]) -> set[Key]:
        """Forget every value that rests on the changed keys, directly or not; the keys forgotten, without parts."""
        forgotten: set[Key] = set()
        todo: list[Key | _Part] = list(changed)
        while todo:
            key = todo.pop()
            for reader in (key.owner,) if isinstance(key, _Part) else self._readers.pop(key, ()):
                if isinstance(reader, _Part):
                    if not reader.is_stale:
                        reader.is_stale = True
                        reader.parts.stale.append(reader)
                        todo.append(reader)
                elif reader not in forgotten:
                    forgotten.add(reader)
                    self.values.pop(reader, None)
                    todo.append(reader)
        return forgotten


class _Part:
    """One of several values that what is computed under one key asks for, and nothing else: `owner` is its only reader."""

    __slots__ = ("is_stale", "owner", "parts", "place")

    def __init__(self, parts: "_Parts", place: int) -> None:
        self.parts, self.place, self.is_stale = parts, place, True
        self.owner: Any = None


class _Parts:
    """Values by place, and those of them that are to be computed."""

    __slots__ = ("stale", "values")

    def __init__(self, number: int) -> None:
        self.values: list[Any] = [None] * number
        self.stale = [_Part(self, place) for place in range(number)]
