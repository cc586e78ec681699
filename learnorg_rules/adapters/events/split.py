"""Text without quotes as columns: lines split at their commas, and equal texts converted only once."""

from collections.abc import Sequence

import polars as pl
from attrs import frozen
from polars.exceptions import PolarsError

from .exact import LINE_LIMIT

__all__ = ["Distinct", "distinct", "split"]

SAMPLE = 1 << 13  # texts that show whether many are equal


def split(data: bytes, names: Sequence[str]) -> pl.DataFrame | None:
    """The pieces of every line, null where they are empty; None where a line has another number of pieces, or is too long.

    Args:
        data: lines, ended by line feeds; quotation marks and carriage returns are characters like any other.
        names: what the columns are called.
    """
    height = data.count(b"\n") + (not data.endswith(b"\n"))
    if data.count(b",") != height * (len(names) - 1):  # a line of a million commas would take gigabytes
        return None
    try:
        pieces = pl.read_csv(data, has_header=False, quote_char=None, schema=dict.fromkeys(names, pl.String()))
    except PolarsError:
        return None
    sizes = pieces.select(pl.all().str.len_bytes())
    # Every byte is in a piece, or a comma or line feed behind one: so no line was skipped, and none has fewer pieces.
    whole = sum(size or 0 for size in sizes.sum().row(0)) + pieces.height * len(names)
    if whole != len(data) + (not data.endswith(b"\n")):
        return None
    longest = sum(size or 0 for size in sizes.max().row(0)) + len(names)
    return pieces if longest <= LINE_LIMIT else None


@frozen
class Distinct:
    """The texts of a column.

    Attributes:
        texts: each text once where many are equal, else all of them.
        places: for each row the index of its text in `texts`; None where `texts` has one for each row.
    """

    texts: pl.Series
    places: pl.Series | None

    def by_row(self, values: pl.Series) -> pl.Series:
        """Values that were computed for `texts`, one for each row."""
        return values if self.places is None else values.gather(self.places)


def distinct(texts: pl.Series) -> Distinct:
    """The texts, each once where that pays; null is a text too."""
    sample = texts.head(SAMPLE)
    if 2 * sample.n_unique() > len(sample):
        return Distinct(texts, None)
    unique = texts.unique().sort(nulls_last=True)
    places = texts.cast(pl.Enum(unique.drop_nulls())).to_physical().cast(pl.UInt32)
    return Distinct(unique, places.fill_null(len(unique) - 1) if unique.null_count() else places)
