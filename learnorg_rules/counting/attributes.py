"""Attributes of an event's person and unit, as they were on its day, as columns; only those some condition reads."""

from collections.abc import Sequence

import polars as pl

from ..dataflow.nodes import Dataflow
from ..model.definitions import FieldType
from ..values import Value
from .binding import Binding

__all__ = ["with_attributes"]

TYPES = {"boolean": pl.Boolean(), "date": pl.Date(), "integer": pl.Int64(), "decimal": pl.Int64()}


def with_attributes(rows: pl.LazyFrame, binding: Binding, dataflow: Dataflow) -> pl.LazyFrame:
    """The rows with a column `person.<name>` and `unit.<name>` for each attribute read; null where there is none."""
    schema = binding.ruleset.organisation
    for name in dataflow.person_attributes:
        if name == "age" and "age" not in schema.persons:
            rows = _join(rows, binding, "person", "birth_date", FieldType("date"))
            rows = rows.with_columns(_age(pl.col("person.birth_date"), pl.col("date")).alias("person.age"))
        else:
            rows = _join(rows, binding, "person", name, schema.persons[name])
    for name in dataflow.unit_attributes:
        kind = FieldType("choice", of=schema.levels) if name == "level" else schema.units[name]
        rows = _join(rows, binding, "unit", name, kind)
    return rows


def _join(rows: pl.LazyFrame, binding: Binding, who: str, name: str, kind: FieldType) -> pl.LazyFrame:
    column = f"{who}.{name}"
    schema, values = binding.ruleset.organisation, binding.attributes[name]
    if name in ("level", *schema.units) and name in schema.persons:  # they may be of two types
        values = values.of_kind(who, binding.organisation)
    cells = pl.Series(column, _cells(values.values, kind), TYPES.get(kind.type, pl.String()))
    table = pl.DataFrame([pl.Series(who, values.nodes, pl.String()), cells])
    if values.spans is None:
        return rows.join(table.lazy(), on=who, how="left")
    # No field can be called as these two.
    table = table.with_columns(
        pl.Series(":from", [start for start, _ in values.spans], pl.Date()),
        pl.Series(":end", [end for _, end in values.spans], pl.Date()),
    )
    joined = rows.sort("date").join_asof(
        table.lazy().sort(":from"),
        left_on="date",
        right_on=":from",
        by=who,
        strategy="backward",
        check_sortedness=False,
    )
    inside = pl.col("date") < pl.col(":end")
    return joined.with_columns(pl.when(inside).then(pl.col(column))).drop(":from", ":end", strict=False)


def _cells(values: Sequence[Value], kind: FieldType) -> Sequence[Value]:
    """Numbers in units of their last declared decimal, the rest as it is."""
    if kind.type not in ("integer", "decimal"):
        return values
    of = {value: None if value is None else int(value * 10**kind.scale) for value in set(values)}
    return [of[value] for value in values]


def _age(born: pl.Expr, day: pl.Expr) -> pl.Expr:
    """Full years, as `binding.age` counts them."""
    before = (day.dt.month() < born.dt.month()) | ((day.dt.month() == born.dt.month()) & (day.dt.day() < born.dt.day()))
    years = day.dt.year().cast(pl.Int64) - born.dt.year() - before.cast(pl.Int64)
    return pl.when(years >= 0).then(years)
