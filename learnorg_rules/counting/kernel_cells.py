"""Partial tables to cells: who the rows count for, in which period, added up once more."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import polars as pl
from attrs import frozen

from ..dataflow.nodes import AggregateQuery, Lowered, ScanGroup
from ..expr.aggregates import AggregateFunction, Cell
from ..expr.cells import decimal_size
from ..expr.nodes import Node, Ref
from ..expr.types import Base
from .atoms import Atoms
from .closure import Closure
from .frames import whole_of
from .kernel_columns import Column, Need, found_in, joined

__all__ = ["Cells", "cells_of", "is_number", "scale_of", "scales_of"]


@frozen
class Cells:
    """What the events give for one query: `values[(subject, index of period)]` is (events counted, *parts of the value).

    Absent keys counted nothing. `scale`, `weight_scale`: decimal digits in the integer parts.
    """

    values: Mapping[tuple[str, int], tuple[object, ...]]
    scale: int = 0
    weight_scale: int = 0


def cells_of(
    partial: pl.DataFrame, scan: ScanGroup, columns: Mapping[Need, Column], atoms: Atoms, closure: Closure | None
) -> dict[int, Cells]:
    """For every query of the scan, its cells by subject and period."""
    rows = _with_subjects(partial.lazy().join(atoms.table.lazy(), on=":atom"), scan, closure)
    found: dict[int, Cells] = {}
    for schedule in scan.schedules:
        here = _of_schedule(rows, scan, schedule, atoms).with_columns(_period=pl.col(f"period:{schedule}"))
        queries = [query for query in scan.queries if query.schedule == schedule]
        tables = [_table(here, name, members, columns) for name, members in _apart(queries).items()]
        for (made, _), table in zip(tables, pl.collect_all([plan for _, plan in tables]), strict=True):
            names = table["_subject"].to_list()
            subjects = names if closure is None else [closure.names[i] for i in names]
            keys = list(zip(subjects, table["_period"].to_list(), strict=True))
            for query, parts in made:
                rows_ = zip(keys, zip(*(_listed(table, part) for part in parts), strict=True), strict=True)
                values = {key: row for key, row in rows_ if row[0]} if parts else {}
                function = query.lowered.function
                if function.cell is Cell.ELEMENTS and not function.frame:
                    number = is_number(query.lowered.scan.element)  # type: ignore[arg-type] # an element is counted
                    values = {key: (row[0], function.of_counts(_counts(row[1], number))) for key, row in values.items()}
                found[query.number] = Cells(values, *scales_of(query.lowered))
    return found


def _listed(table: pl.DataFrame, names: Sequence[str]) -> list[Any]:
    """A part of every cell; of one in pieces the whole number."""
    if len(names) == 1:
        return table[names[0]].to_list()
    return [whole_of(pieces) for pieces in table.select(names).iter_rows()]


def _with_subjects(rows: pl.LazyFrame, scan: ScanGroup, closure: Closure | None) -> pl.LazyFrame:
    """The rows once for each subject they count for, with `_since`; and whether their person is a member, if that is asked."""
    if closure is None:
        return rows.with_columns(_subject=pl.col(":who"))
    subjects = closure.subjects.lazy()
    if not scan.key.by_person:
        return rows.join(subjects, left_on=[":who", "_segment"], right_on=["_anchor", "_segment"])
    assert closure.homes is not None
    element = scan.key.element
    person = (
        ":element" if isinstance(element, Ref) and (element.scope, element.name) == ("event", "person") else "person"
    )
    rows = rows.join(closure.homes.lazy(), left_on=[person, "_segment"], right_on=["person", "_segment"], how="left")
    rows = rows.join(subjects, left_on=[":who", "_segment"], right_on=["_anchor", "_segment"])
    rows = rows.join(closure.members.lazy(), on=["_home", "_segment", "_subject"], how="left")
    if closure.of_bodies is not None:
        here = closure.of_bodies.lazy().with_columns(_body_since=pl.lit(date.min))
        rows = rows.join(
            here, left_on=[person, "_segment", "_subject"], right_on=["person", "_segment", "_subject"], how="left"
        )
        rows = rows.with_columns(_member_since=pl.coalesce("_body_since", "_member_since")).drop("_body_since")
    return rows.with_columns(_member=pl.col("_member_since").is_not_null())


def _of_schedule(rows: pl.LazyFrame, scan: ScanGroup, schedule: str, atoms: Atoms) -> pl.LazyFrame:
    period = pl.col(f"period:{schedule}")
    rows = rows.filter(period.is_not_null())
    if scan.key.subjects == "successors":  # a period that was over before the succession is not changed by it
        due = pl.lit(pl.Series(atoms.due[schedule], dtype=pl.Date)).gather(period)
        rows = rows.filter(pl.col("_since") <= due)
        if scan.key.by_person:
            inherited = (pl.col("_member_since") <= due).fill_null(value=False)
            rows = rows.with_columns(_member=pl.col("_member") & inherited)
    return rows


def _apart(queries: Sequence[AggregateQuery]) -> dict[str, list[AggregateQuery]]:
    """The queries by what they count apart: sub-periods of a grain, elements, or nothing."""
    found: dict[str, list[AggregateQuery]] = {}
    for query in queries:
        low = query.lowered
        found.setdefault(":element" if low.function.cell is Cell.ELEMENTS else low.grain, []).append(query)
    return found


def _table(
    rows: pl.LazyFrame, apart: str, queries: Sequence[AggregateQuery], columns: Mapping[Need, Column]
) -> tuple[list[tuple[AggregateQuery, list[list[str]]]], pl.LazyFrame]:
    """The cells of queries that count the same apart: each ask with its columns (how many events counted, then the value)."""
    made: list[tuple[AggregateQuery, list[list[str]]]] = []
    counts: list[pl.Expr] = []
    cells: list[pl.Expr] = []
    for query in queries:
        found = list(found_in(query.lowered, columns))
        parts = [joined(how, of_rows)[: -2 if how in ("first", "last") else None] for how, of_rows in found]
        if apart and found:
            count = f"{query.number}"
            counts.append(parts[0][0].alias(count))
            parts = [[pl.col(count).sum()], [_counted_apart(query.lowered.function, pl.col(count))]]
        names = [[f"{query.number}.{i}.{piece}" for piece in range(len(part))] for i, part in enumerate(parts)]
        for part, of_part in zip(parts, names, strict=True):
            cells += [piece.alias(name) for piece, name in zip(part, of_part, strict=True)]
        made.append((query, names))
    if apart == ":element":
        rows = rows.filter(pl.col(apart).is_not_null()).group_by("_subject", "_period", apart).agg(counts)
    elif apart:
        inside = pl.col(f"in:{apart}:{queries[0].schedule}").alias("_inside")
        rows = rows.group_by("_subject", "_period", f"hit:{apart}", inside).agg(counts)
    return made, rows.group_by("_subject", "_period").agg(cells)


def _counted_apart(function: AggregateFunction, count: pl.Expr) -> pl.Expr:
    """What a function keeps of how many events each element had, or each sub-period that belongs to the period."""
    if function.cell is Cell.SUB_PERIODS:
        return ((count > 0) & pl.col("_inside")).sum()
    if function.frame == "number":
        return (count > 0).sum()
    if function.frame == "largest":
        return count.max()
    return pl.struct(pl.col(":element").alias("element"), count.alias("count")).implode()


def is_number(node: Node) -> bool:
    """Whether a value over events is a number."""
    return node.type is None or node.type.base is Base.NUMBER


def scales_of(low: Lowered) -> tuple[int, int]:
    """Decimal digits of an aggregate's cells, and of their weights."""
    counts = low.function.cell is Cell.ELEMENTS
    value = low.value if not counts or low.function.frame else low.scan.element
    return scale_of(value), scale_of(low.weight)


def _counts(elements: Sequence[Mapping[str, Any]], number: bool) -> Mapping[object, int]:
    return {int(row["element"]) if number else row["element"]: row["count"] for row in elements if row["count"]}


def scale_of(value: Node | None) -> int:
    """Decimal digits in the integer cells of a value; 0 for what is no number."""
    return 0 if value is None or not is_number(value) else decimal_size(value, {})[1]
