"""Long sequences whose members are made when they are looked at, so that a million records are no million objects."""

from abc import abstractmethod
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from typing import TypeVar, overload

__all__ = ["Made", "Picked", "Pieces"]

T = TypeVar("T")


class Made(Sequence[T]):
    """A sequence whose members are made when they are looked at. Equal to any sequence of equal members."""

    @abstractmethod
    def _at(self, index: int) -> T:
        """The member at a position, which is counted from 0 and is there."""

    @overload
    def __getitem__(self, index: int) -> T: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[T]: ...
    def __getitem__(self, index: int | slice) -> T | Sequence[T]:
        positions = range(len(self))[index]
        return self._at(positions) if isinstance(positions, int) else [self._at(i) for i in positions]

    def __iter__(self) -> Iterator[T]:
        return map(self._at, range(len(self)))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and len(self) == len(other) and all(map(_equal, self, other))

    __hash__ = None  # type: ignore[assignment]


class Picked(Made[T]):
    """Some members of a sequence, by position."""

    def __init__(self, whole: Sequence[T], positions: Sequence[int]) -> None:
        self.whole, self.positions = whole, positions

    def __len__(self) -> int:
        return len(self.positions)

    def _at(self, index: int) -> T:
        return self.whole[self.positions[index]]


class Pieces(Made[T]):
    """Sequences of any sort, one behind the other."""

    def __init__(self) -> None:
        self._pieces: list[Sequence[T]] = []
        self._starts: list[int] = []
        self._size = 0

    def __len__(self) -> int:
        return self._size

    def _at(self, index: int) -> T:
        piece = bisect_right(self._starts, index) - 1
        return self._pieces[piece][index - self._starts[piece]]

    def append(self, member: T) -> None:
        """Put one behind the last."""
        last = self._pieces[-1] if self._pieces else None
        if isinstance(last, list):  # only this method puts lists there
            last.append(member)
            self._size += 1
        else:
            self._put([member])

    def extend(self, piece: Sequence[T]) -> None:
        """Put a whole sequence behind the last. It is kept as it is, and must not change."""
        if len(piece):
            self._put(tuple(piece) if isinstance(piece, list) else piece)

    def _put(self, piece: Sequence[T]) -> None:
        self._starts.append(self._size)
        self._pieces.append(piece)
        self._size += len(piece)


def _equal(one: object, other: object) -> bool:
    return one == other
