"""Collects the rows of all files of a run: typed columns, single rows, and rows that are rejected."""

from collections.abc import Iterable, Mapping, Sequence

import polars as pl
from attrs import define, field

from ...counting.port import ENVELOPE, REJECTED, Read
from ...texts import nfc_keys
from .exact import Cell, Problem, row
from .plan import ReadPlan

__all__ = ["RowCollector", "reason_of", "shown_id"]


def shown_id(id_: object) -> str | None:
    """The id of a rejected row; None where it has none that can be shown."""
    return id_ if isinstance(id_, str) and id_ and id_.isprintable() else None


def reason_of(problems: Iterable[Problem]) -> str:
    """All that is wrong with a row, as one text."""
    return "; ".join(problem.reason for problem in problems)


NOT_PLAIN = (
    r"[^\x00-\x{2ff}\x{2002}-\x{203f}\x{3001}-\x{3029}\x{3030}-\x{3098}\x{309b}-\x{30ff}\x{3400}-\x{9fff}\x{ac00}-\x{d7a3}"
    r"\x{ff01}-\x{ffee}]"
)
"""A character that NFC may change or join with another: none of Latin, Chinese, Japanese, Hangul and usual signs."""


def one_form(column: pl.Series) -> pl.Series:
    """The column, with texts in NFC. Of texts in ASCII no more is looked at than their lengths."""
    if column.dtype != pl.String or column.str.len_bytes().sum() == column.str.len_chars().sum():
        return column
    return column.str.normalize("NFC") if column.str.contains(NOT_PLAIN).any() else column


@define
class RowCollector:
    """Collects what is read, file after file.

    Attributes:
        plan: what is read of each row.
        cases: what is read of each case of a log; None where cases do not become events.
        files: names of the files begun, in order; rows refer to a file by its index.
        frames: rows that were read as columns.
        exact: rows that were read one by one: file, number of the row, cells by our names.
        rejected: rows that could not be read: file, number of the row, id, code, reason.
        seen_columns: the names of columns that the files have (a set that keeps its order).
    """

    plan: ReadPlan
    cases: ReadPlan | None = None
    files: list[str] = field(factory=list)
    frames: list[pl.DataFrame] = field(factory=list)
    rejected: list[tuple[int, int, str | None, str, str]] = field(factory=list)
    exact: list[tuple[int, int, Mapping[str, Cell]]] = field(factory=list)
    seen_columns: dict[str, None] = field(factory=dict)

    def begin_file(self, file: str) -> int:
        """Start on a file; its index, which the other methods take."""
        self.files.append(file)
        return len(self.files) - 1

    def note_columns(self, names: Iterable[str]) -> None:
        """Remember that the files have these columns."""
        self.seen_columns.update(dict.fromkeys(names))

    def add_columns(self, file: int, columns: Sequence[pl.Series], rows: pl.Series, in_nfc: bool = False) -> None:
        """Add rows that were read as columns: one series for each column of the plan, and the numbers of the rows.

        `in_nfc`: all texts are known to be in NFC.
        """
        if len(rows):
            columns = columns if in_nfc else [one_form(column) for column in columns]
            fixed = [(name, value, column.dtype) for name, (column, value) in self.plan.constants.items()]
            same = [
                pl.Series(name, [value], dtype=dtype).new_from_index(0, len(rows))
                for name, value, dtype in [*fixed, ("file", file, pl.UInt32())]
            ]
            # (Not by with_columns, which copies columns that are in several chunks.)
            self.frames.append(pl.DataFrame([*columns, *same, rows.cast(pl.UInt32).alias("row")]))

    def reject(self, file: int, row: int, id_: object, problems: Sequence[Problem]) -> None:
        """Reject a row, with the code of its first problem and the reasons of all."""
        self.rejected.append((file, row, shown_id(id_), problems[0].code, reason_of(problems)))

    def add_row(
        self, file: int, number: int, given: Mapping[str, object], as_text: bool = False, plan: ReadPlan | None = None
    ) -> None:
        """Add one row through the exact reader, or reject it.

        Args:
            file: index of its file.
            number: of the row in its file, from 1.
            given: the file's column names -> values.
            as_text: the values are texts because the format knows only texts.
            plan: another than that of most rows.
        """
        plan, given = plan or self.plan, nfc_keys(given)
        self.note_columns(given)
        values, problems = row(plan.columns, given, as_text)
        if problems:
            self.reject(file, number, given.get(plan.id_key or ""), problems)
            return
        by_name = {column.name: value for column, value in zip(plan.columns, values, strict=True)}
        by_name.update((name, value) for name, (_, value) in plan.constants.items())
        self.exact.append((file, number, by_name))

    def read(self, known: Iterable[str] = ()) -> Read:
        """All rows that are held, ordered by file and row.

        Args:
            known: columns of the files that are not undeclared though neither plan reads them.
        """
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
        asked = {*self.plan.keys, *(self.cases.keys if self.cases is not None else ()), *known}
        return Read(
            frame=frame.select([*ENVELOPE, *names, *place]),
            rejected=rejected,
            rows=frame.height + rejected.height,
            files=tuple(self.files),
            undeclared=tuple(sorted(key for key in self.seen_columns if key not in asked)),
        )

    @property
    def height(self) -> int:
        """How many rows it holds, rejected ones included."""
        return sum(frame.height for frame in self.frames) + len(self.exact) + len(self.rejected)

    def drop_rows(self) -> None:
        """Forget all rows, but not the files and columns."""
        self.frames, self.exact, self.rejected = [], [], []

    def _rejected(self) -> pl.DataFrame:
        rows = sorted(self.rejected, key=lambda r: r[:2])
        return pl.DataFrame([(self.files[file], *rest) for file, *rest in rows], schema=dict(REJECTED), orient="row")
