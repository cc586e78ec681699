"""What became of an event that was posted."""

from collections.abc import Iterator, Sequence

from attrs import frozen

from ..judging.changes import Change

__all__ = ["Posted"]


@frozen
class Posted:
    """An event that is in the log for good, and what it changed. Iterating gives the changes.

    Attributes:
        seq: its place in the log.
        state: "accepted", "duplicate", "conflicting", "rejected", "superseded", "voided", or "voids" (it took another back).
        code: why it does not count, where it was rejected or is in conflict; "" else.
        reason: the same in a sentence.
        changes: what is different now, in order.
    """

    seq: int
    state: str
    code: str = ""
    reason: str = ""
    changes: Sequence[Change] = ()

    def __iter__(self) -> Iterator[Change]:
        return iter(self.changes)

    def __len__(self) -> int:
        return len(self.changes)
