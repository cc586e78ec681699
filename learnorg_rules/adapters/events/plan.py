"""What is read of each row: worked out once for all files of a run."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from attrs import frozen

from ...counting.port import ENVELOPE, Wanted
from ...errors import InputError, Issue, Source
from ...texts import nfc
from .columns import Column
from .exact import Cell, Unfit, text_cell

__all__ = ["ReadPlan", "case_plan_of", "missing_columns", "plan_of"]


@frozen
class ReadPlan:
    """The columns that are read of each row, and the columns that have one value for all rows."""

    columns: tuple[Column, ...]
    constants: Mapping[str, tuple[Column, Cell]]
    zone: str = "UTC"

    @property
    def keys(self) -> tuple[str, ...]:
        """The columns of the file that are read, each once, sorted."""
        return tuple(sorted({column.key for column in self.columns}))

    @property
    def id_key(self) -> str | None:
        """What the file calls the id; None where no column of the file is the id."""
        return next((column.key for column in self.columns if column.name == "id"), None)


def plan_of(
    wanted: Wanted, columns: Mapping[str, str] | None = None, constants: Mapping[str, str] | None = None
) -> ReadPlan:
    """What to read of each row; `columns` and `constants` given here go before those of `wanted`.

    Raises:
        InputError: they name what is no column, or a constant does not fit its type (V110).
    """
    columns, constants = columns or {}, constants or {}
    # A name that is mapped here is no constant there, and the other way round.
    keys = {**{n: k for n, k in wanted.columns.items() if n not in constants}, **columns}
    fixed = {**{n: v for n, v in wanted.constants.items() if n not in columns}, **constants}
    return _plan(wanted, keys, fixed)


def case_plan_of(wanted: Wanted) -> ReadPlan | None:
    """What to read of each case of a log; None where cases are not to become events."""
    cases = wanted.cases
    return _plan(wanted, cases.columns, cases.constants) if cases.columns else None


def _plan(wanted: Wanted, keys: Mapping[str, str], constants: Mapping[str, str]) -> ReadPlan:
    keys = {name: nfc(key) for name, key in keys.items()}
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
    return ReadPlan(tuple(c for c in everything if c.name not in fixed), fixed, wanted.time_zone)


def missing_columns(file: str, plan: ReadPlan, header: Sequence[str], code: str = "V108") -> None:
    """Refuse a file whose header lacks a column that every event needs.

    Raises:
        InputError: it does (V108).
    """
    missing = [c for c in plan.columns if c.needed and c.key not in header]
    if missing:
        shown = ", ".join(header[:20]) + (", ..." if len(header) > 20 else "")
        hint = f"the columns are: {shown}; name the right ones in records.columns"
        raise InputError(
            Issue(Source(file), code, f"there is no column for {c.label}", _folder_hint(file, c) or hint)
            for c in missing
        )


def _folder_hint(file: str, column: Column) -> str:
    """What to do where a folder is called as by Hive, `kind=meeting`; "" where none is."""
    for name, sign, value in (part.partition("=") for part in Path(file).parent.parts):
        if sign and name == column.key:
            fact = f"the name of the folder '{name}={value}' is not read"
            remedy = f"give constants={{'{column.name}': '{value}'}} where all events have it"
            return f"{fact}; write the column into the files, or {remedy}"
    return ""
