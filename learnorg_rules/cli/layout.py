"""Tables that fit: which columns shrink or go where the window is narrow."""

from collections.abc import Sequence

from attrs import evolve, frozen
from rich import box
from rich.cells import cell_len, set_cell_size
from rich.console import Console
from rich.table import Table
from rich.text import Text

from ..texts import visible

__all__ = ["GAP", "Cell", "Column", "fits", "print_table"]

GAP = 3  # cells between columns
NARROWEST = 10  # cells of a column that shrinks

Cell = str | Text


@frozen
class Column:
    """A column: which way it leans, and what becomes of it where the terminal is too narrow."""

    title: str
    right: bool = False
    wraps: bool = False  # onto further lines, else it is cut
    spare: int = 0  # above 0 it may shrink, the highest first, and is left out in the end if it is also optional
    optional: bool = False  # left out where it is empty
    separator: str = ""  # what is too long is cut only here, so that an entry is whole or not there


def fits(columns: Sequence[Column], rows: Sequence[Sequence[Cell]], room: int) -> bool:
    """Whether nothing has to shrink."""
    natural = _natural(columns, rows)
    return sum(natural[i] + GAP for i in natural) <= room + GAP  # none behind the last


def print_table(console: Console, columns: Sequence[Column], rows: Sequence[Sequence[Cell]]) -> None:
    """The rows under their headings, fitted to the width: only columns that may shrink do."""
    columns = [evolve(column, title=visible(column.title)) for column in columns]
    rows = [[cell if isinstance(cell, Text) else visible(cell) for cell in row] for row in rows]
    widths = _fitted(columns, rows, console.width)
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False, header_style="", border_style="dim")
    for i, width in widths.items():
        column = columns[i]
        table.add_column(
            column.title, justify="right" if column.right else "left", width=width, no_wrap=not column.wraps,
            overflow="fold" if column.wraps else "ellipsis",
        )  # fmt: skip
    for row in rows:
        table.add_row(*(_cut(row[i], columns[i], width) for i, width in widths.items()))
    if console.is_terminal:
        console.print(table)
        return
    with console.capture() as captured:
        console.print(table)
    for line in captured.get().splitlines():  # on paper nobody needs the spaces up to the edge
        console.print(Text(line.rstrip()), soft_wrap=True)


def _cut(cell: Cell, column: Column, width: int) -> Text:
    """The cell as it is shown; rich's own ellipsis would stand behind a blank or half a Chinese character."""
    if isinstance(cell, Text):
        return cell
    if column.wraps or cell_len(cell) <= width:
        return Text(cell)
    if column.separator:
        whole = cell
        while column.separator in whole and cell_len(whole) > width:
            whole = whole.rpartition(column.separator)[0]
        if cell_len(whole) <= width:
            return Text(whole)
    return Text(set_cell_size(cell, width - 1).rstrip() + "\u2026")


def _natural(columns: Sequence[Column], rows: Sequence[Sequence[Cell]]) -> dict[int, int]:
    """Width that shows everything, by number of column, of those that are not left out for being empty."""
    kept = [i for i, c in enumerate(columns) if not c.optional or any(str(row[i]) for row in rows)]
    return {i: max(cell_len(text) for text in (columns[i].title, *(str(row[i]) for row in rows))) for i in kept}


def _narrowest(column: Column, cells: Sequence[str]) -> int:
    """How far a column may shrink: to a few letters, but never below its title or its longest first entry."""
    if not column.separator:
        return max(NARROWEST, cell_len(column.title))
    return max(NARROWEST, cell_len(column.title), *(cell_len(cell.partition(column.separator)[0]) for cell in cells))


def _fitted(columns: Sequence[Column], rows: Sequence[Sequence[Cell]], room: int) -> dict[int, int]:
    """Width by number of column, in order, of those that are shown."""
    natural = _natural(columns, rows)
    least = {i: _narrowest(columns[i], [str(row[i]) for row in rows]) for i in natural}
    kept, widths = list(natural), dict(natural)
    while sum(widths[i] + GAP for i in kept) > room + GAP:
        spare = [i for i in kept if columns[i].spare]
        able = [i for i in spare if widths[i] > least[i]]
        if able:
            widths[max(able, key=lambda i: (columns[i].spare, widths[i]))] -= 1
        elif dropped := [i for i in spare if columns[i].optional]:
            kept.remove(max(dropped, key=lambda i: columns[i].spare))
            widths = dict(natural)  # there is room again
        else:
            break
    return {i: widths[i] for i in kept}
