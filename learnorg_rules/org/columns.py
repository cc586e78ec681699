"""Records as columns, for whoever looks at all of them."""

from collections.abc import Callable, Sequence
from datetime import date

from attrs import frozen

from ..errors import Source

__all__ = ["AttributeColumns"]


@frozen(eq=False)
class AttributeColumns:
    """The values of one attribute, a row for each of its versions: by node in the order of the records, then by date.

    Attributes:
        nodes: the node of each row.
        values: the value of each row, as it was recorded.
        spans: the first day of each row and the day after its last; None where every row holds on every day.
        source: the place of the record of a row.
    """

    nodes: Sequence[str]
    values: Sequence[object]
    spans: Sequence[tuple[date, date]] | None
    source: Callable[[int], Source]
