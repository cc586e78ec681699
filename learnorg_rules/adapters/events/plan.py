"""What to read, worked out once for all files; and what was read, gathered from all of them."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

import polars as pl
from attrs import define, field, frozen

from ...counting.port import ENVELOPE, REJECTED, Read, Wanted
from ...errors import InputError, Issue, Source
from .columns import Column
from .exact import Cell, Problem, Unfit, row, text_cell

__all__ = ["Gathered", "Plan", "Progress", "case_plan_of", "clean_id", "missing_columns", "plan_of", "reason_of"]

Progress = Callable[[int, int], None]
"""Called with (bytes done, bytes in all)."""


@frozen
class Plan:
    """The columns that files are searched for, and those that have one value for every row."""

    columns: tuple[Column, ...]
    constants: Mapping[str, tuple[Column, Cell]]
    zone: str = "UTC"

    @property
    def keys(self) -> tuple[str, ...]:
        """The columns of the file that are read, each once, sorted."""
        return tuple(sorted({column.key for column in self.columns}))

    @property
    def id_key(self) -> str | None:
        """What the file calls the id."""
        return next((column.key for column in self.columns if column.name == "id"), None)


def plan_of(
    wanted: Wanted, columns: Mapping[str, str] | None = None, constants: Mapping[str, str] | None = None
) -> Plan:
    """What to read of each row; `columns` and `constants` given here go before those wanted.

    Raises:
        InputError: they name what is no column, or a constant does not fit its type (V110).
    """
    columns, constants = columns or {}, constants or {}
    # A name that is mapped here is no constant there, and the other way round.
    keys = {**{n: k for n, k in wanted.columns.items() if n not in constants}, **columns}
    fixed = {**{n: v for n, v in wanted.constants.items() if n not in columns}, **constants}
    return _plan(wanted, keys, fixed)


def case_plan_of(wanted: Wanted) -> Plan | None:
    """What to read of each case of a log; None where nothing is."""
    cases = wanted.cases
    return _plan(wanted, cases.columns, cases.constants) if cases.columns else None


def _plan(wanted: Wanted, keys: Mapping[str, str], constants: Mapping[str, str]) -> Plan:
    everything = [Column.of_envelope(name, keys.get(name, name)) for name in ENVELOPE]
    everything += [Column.of_field(n, keys.get(n, n), t) for n, t in wanted.fields.items() if n not in ENVELOPE]
    issues: list[Issue] = []
    fixed: dict[str, tuple[Column, Cell]] = {}
    for column in everything:
        if column.name in constants:
            plain = Column(column.name, column.name, column.type, column.scale, column.needed)
            try:
                fixed[column.name] = (plain, text_cell(plain, str(constants[column.name])))
            except Unfit as unfit:
                issues.append(Issue(Source("records.constants"), "V110", unfit.problem.reason))
    if issues:
        raise InputError(issues)
    return Plan(tuple(c for c in everything if c.name not in fixed), fixed, wanted.time_zone)


def clean_id(found: object) -> str | None:
    """The id of a row that cannot be used, where it can be shown."""
    return found if isinstance(found, str) and found and found.isprintable() else None


def reason_of(problems: Iterable[Problem]) -> str:
    """All that is wrong with a row, as one text."""
    return "; ".join(problem.reason for problem in problems)


def missing_columns(file: str, plan: Plan, there: Sequence[str], code: str = "V108") -> None:
    """Refuse a file whose header lacks a column that every event needs.

    Raises:
        InputError: it does (V108).
    """
    lacking = [c for c in plan.columns if c.needed and c.key not in there]
    if lacking:
        shown = ", ".join(there[:20]) + (", ..." if len(there) > 20 else "")
        hint = f"the columns are: {shown}; name the right ones in records.columns"
        raise InputError(
            Issue(Source(file), code, f"there is no column for {c.label}", _folder_hint(file, c) or hint)
            for c in lacking
        )


def _folder_hint(file: str, column: Column) -> str:
    """What to do where a folder is called as by Hive, `kind=meeting`; "" where none is."""
    for name, sign, value in (part.partition("=") for part in Path(file).parent.parts):
        if sign and name == column.key:
            told = f"the name of the folder '{name}={value}' is not read"
            given = f"give constants={{'{column.name}': '{value}'}} where all events have it"
            return f"{told}; write the column into the files, or {given}"
    return ""


@define
class Gathered:
    """Collects what is read, file after file."""

    plan: Plan
    files: list[str] = field(factory=list)
    frames: list[pl.DataFrame] = field(factory=list)
    rejected: list[tuple[int, int, str | None, str, str]] = field(factory=list)
    exact: list[tuple[int, int, Mapping[str, Cell]]] = field(factory=list)
    seen_keys: dict[str, None] = field(factory=dict)

    def begin(self, file: str) -> int:
        """Start on a file; its number."""
        self.files.append(file)
        return len(self.files) - 1

    def keys(self, names: Iterable[str]) -> None:
        """Take note of columns that the file has."""
        self.seen_keys.update(dict.fromkeys(names))

    def frame(self, file: int, columns: Sequence[pl.Series], rows: pl.Series) -> None:
        """Take rows that were read as columns: one series for each column of the plan, and the numbers of the rows."""
        if len(rows):
            fixed = [(name, value, column.dtype) for name, (column, value) in self.plan.constants.items()]
            same = [
                pl.Series(name, [value], dtype=dtype).new_from_index(0, len(rows))
                for name, value, dtype in [*fixed, ("file", file, pl.UInt32())]
            ]
            # (Not by with_columns, which copies columns that are in several chunks.)
            self.frames.append(pl.DataFrame([*columns, *same, rows.cast(pl.UInt32).alias("row")]))

    def reject(self, file: int, row: int, id_: object, problems: Sequence[Problem]) -> None:
        """Put a row aside: the code of its first problem, the reasons of all."""
        self.rejected.append((file, row, clean_id(id_), problems[0].code, reason_of(problems)))

    def row(
        self, file: int, number: int, given: Mapping[str, object], as_text: bool = False, plan: Plan | None = None
    ) -> None:
        """Take one row through the exact reader; `plan` where it is another than that of most rows."""
        plan = plan or self.plan
        self.keys(given)
        values, problems = row(plan.columns, given, as_text)
        if problems:
            self.reject(file, number, given.get(plan.id_key or ""), problems)
            return
        by_name = {column.name: value for column, value in zip(plan.columns, values, strict=True)}
        by_name.update((name, value) for name, (_, value) in plan.constants.items())
        self.exact.append((file, number, by_name))

    def read(self, known: Iterable[str] = ()) -> Read:
        """All that was gathered, by file and row. `known`: further columns that were asked for."""
        fixed = [column for column, _ in self.plan.constants.values()]
        schema = {column.name: column.dtype for column in (*self.plan.columns, *fixed)}
        place = {"file": pl.UInt32(), "row": pl.UInt32()}
        frames = [frame.select([*schema, *place]) for frame in self.frames]
        if self.exact or not frames:
            columns: dict[str, list[object]] = {name: [values[name] for _, _, values in self.exact] for name in schema}
            columns["file"] = [file for file, _, _ in self.exact]
            columns["row"] = [number for _, number, _ in self.exact]
            frames.append(pl.DataFrame(columns, schema={**schema, **place}))
        frame = pl.concat(frames)
        if self.exact and frame.height > len(self.exact):
            frame = frame.sort("file", "row")
        if frame["source"].null_count():
            frame = frame.with_columns(pl.col("source").fill_null(""))
        names = [name for name in schema if name not in ENVELOPE]
        rejected = self._rejected()
        asked = {*self.plan.keys, *known}
        return Read(
            frame=frame.select([*ENVELOPE, *names, *place]),
            rejected=rejected,
            rows=frame.height + rejected.height,
            files=tuple(self.files),
            undeclared=tuple(sorted(key for key in self.seen_keys if key not in asked)),
        )

    @property
    def height(self) -> int:
        """How many rows it holds, rejected ones included."""
        return sum(frame.height for frame in self.frames) + len(self.exact) + len(self.rejected)

    def drop_rows(self) -> None:
        """Hold no rows any more, but still all files and keys."""
        self.frames, self.exact, self.rejected = [], [], []

    def _rejected(self) -> pl.DataFrame:
        rows = sorted(self.rejected, key=lambda r: r[:2])
        return pl.DataFrame([(self.files[file], *rest) for file, *rest in rows], schema=dict(REJECTED), orient="row")
