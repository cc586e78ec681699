"""Events and days as tables: how many happenings each unit had in each month, and how much of the month it was there."""

from collections.abc import Mapping
from datetime import date

import numpy as np
import polars as pl
from attrs import field, frozen
from numpy.typing import NDArray

from ..periods import Schedule
from .groups import Group

__all__ = ["Counts", "Floats", "count", "inside"]

Floats = NDArray[np.float64]


@frozen(eq=False)
class Counts:
    """Happenings of one kind in one group.

    Attributes:
        units: ids, of persons where they are fitted, sorted; those without any happening included.
        months: first days of the months, by date.
        n: units x months: how many.
        exposure: units x months: how much of the month the unit was in the group, 0 to 1.
    """

    units: tuple[str, ...]
    months: tuple[date, ...]
    n: Floats = field(repr=False)
    exposure: Floats = field(repr=False)

    @property
    def of_year(self) -> NDArray[np.int64]:
        """The month of the year, 1 to 12, of each column."""
        return np.array([day.month for day in self.months])


def inside(frame: pl.DataFrame, group: Group, subject: str) -> pl.DataFrame:
    """The events that happened to one of the group while it was in it; `subject` is the column that says to whom."""
    stretches = pl.DataFrame(
        [(unit, start, end) for unit, days in group.days.items() for start, end in days],
        schema={subject: pl.String(), "_start": pl.Date(), "_end": pl.Date()},
        orient="row",
    )
    joined = frame.join(stretches, on=subject)
    return joined.filter((pl.col("date") >= pl.col("_start")) & (pl.col("date") < pl.col("_end"))).drop(
        "_start", "_end"
    )


def count(frame: pl.DataFrame, group: Group, subject: str, months: Schedule) -> Counts:
    """The happenings of the frame (columns `date` and `subject`), all inside the group, by unit and month."""
    units = tuple(sorted(group.days))
    rows: Mapping[str, int] = {unit: i for i, unit in enumerate(units)}
    columns = {month.start: j for j, month in enumerate(months.periods)}
    n = np.zeros((len(units), len(columns)))
    found = frame.group_by(subject, pl.col("date").dt.month_start()).len()
    for unit, month, number in found.iter_rows():
        n[rows[unit], columns[month]] = number
    exposure = np.zeros_like(n)
    for unit, days in group.days.items():
        for j, month in enumerate(months.periods):
            exposure[rows[unit], j] = sum(month.overlap(*stretch) for stretch in days) / month.days
    return Counts(units, tuple(columns), n, exposure)
