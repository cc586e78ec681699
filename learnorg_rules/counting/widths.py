"""How wide the numbers of some events are, and so whether 64 bits hold their sums, or 128, or neither."""

from collections.abc import Iterable, Mapping

import polars as pl
from attrs import frozen

from ..dataflow.nodes import ScanGroup
from ..expr.cells import NARROW, WIDE, decimal_size, size
from ..expr.nodes import Literal, Node, Ref, walk
from ..model.definitions import FieldType
from .kernel_cells import is_number

__all__ = ["Widths", "declared_widths", "widths_of"]


@frozen
class Widths:
    """What is known of the numbers of some events: by column, the largest magnitude; and how many events there can be."""

    largest: Mapping[str, int]
    rows: int

    def bound(self, how: str, value: Node) -> int:
        """What joining a value by `how` over all events cannot exceed, either sign."""
        bound = decimal_size(value, self.largest)[0].bound
        if how == "sum":
            return bound * self.rows
        return min(bound, NARROW) if isinstance(value, Ref) else bound  # a column is no wider than it is


MOST_ROWS = 2**33 - 1
"""Events that pieces of numbers can be added up over."""


def declared_widths(fields: Mapping[str, FieldType]) -> Widths:
    """What is known before any event: what the fields declare. Tables of parts that are merged are laid out by this."""
    ends = {n: (f.min, f.max) for n, f in fields.items() if f.min is not None and f.max is not None}
    return Widths(
        {n: int(max(abs(low), abs(high)) * 10 ** fields[n].scale) for n, (low, high) in ends.items()}, MOST_ROWS
    )


def widths_of(frame: pl.DataFrame, scans: Iterable[ScanGroup]) -> Widths:
    """What is known of events in memory: the largest magnitude of each field whose size matters to some scan."""
    names: set[str] = set()
    for scan in scans:
        names.update(name for value in scan.values if is_number(value) for name in _fields(value))
        for node in (*scan.conditions, *([] if scan.key.element is None else [scan.key.element])):
            wide = (
                n for n in walk(node) if not isinstance(n, Ref | Literal) and is_number(n) and size(n, {}).bound > WIDE
            )
            names.update(name for n in wide for name in _fields(n))
    known = sorted(names & set(frame.columns))
    ends = frame.lazy().select(
        *(pl.col(n).min().alias(f"{n}.0") for n in known), *(pl.col(n).max().alias(f"{n}.1") for n in known)
    )
    found = ends.collect().row(0, named=True) if known else {}
    return Widths({n: max(abs(found[f"{n}.0"] or 0), abs(found[f"{n}.1"] or 0)) for n in known}, frame.height)


def _fields(value: Node) -> list[str]:
    return [node.name for node in walk(value) if isinstance(node, Ref) and node.scope == "event"]
