"""Where everything a command shows goes through: consoles, texts and JSON; exit codes, width and colours.

What comes from files of others (titles, ids, names of folders, values, options) never reaches a terminal as it is: `Screen`, `echo` and `echo_json`
show escapes for what a terminal obeys, or shows in another order (decision 0039). No other module of the room prints.
"""

import json
import sys
from collections.abc import Iterable
from datetime import date
from decimal import Decimal

import click
from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment

from ..texts import visible, visible_lines

__all__ = [
    "BROKEN", "FINDINGS", "FINE", "PAPER_WIDTH", "Screen", "counted", "echo", "echo_json", "force_option", "json_option", "lang_option", "raw_csv_option",
    "screen",
]  # fmt: skip

FINE, BROKEN, FINDINGS = 0, 1, 3
PAPER_WIDTH = 100  # columns where the output is no terminal


class Screen(Console):
    """A console that obeys itself only: what is printed holds no control characters but those of its own styles."""

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        """The pieces of which everything that is printed is put together."""
        for piece in super().render(renderable, options):
            if piece.control or piece.text.isprintable() or piece.text == "\n":
                yield piece
            else:
                yield Segment(visible_lines(piece.text), piece.style)


def echo(text: str, err: bool = False, nl: bool = True) -> None:
    """Print a text of some lines."""
    click.echo(visible_lines(text), err=err, nl=nl)


def echo_json(value: object, indent: int | None = 2) -> None:
    """Print a value as JSON: exact, with JSON's own escapes for what no terminal should get. Without `indent`, in one line.

    Decimals are texts, so that no reader makes binary floats of them; days are 2005-12-31.
    """
    text = json.dumps(
        value, ensure_ascii=False, indent=indent, separators=None if indent else (",", ":"), default=_plain
    )
    if not all(line.isprintable() for line in text.split("\n")):
        text = "".join(c if c == "\n" or visible(c) == c else json.dumps(c)[1:-1] for c in text)
    click.echo(text)


def _plain(value: object) -> object:
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, date):  # datetimes, too
        return value.isoformat()
    raise TypeError(f"no JSON form of {value!r}")  # a table got a new type of column


def screen(stderr: bool = False) -> Screen:
    """A console as wide as the terminal, or 100 columns without colours where there is none."""
    stream = sys.stderr if stderr else sys.stdout
    width = None if stream.isatty() else PAPER_WIDTH
    return Screen(file=stream, width=width, highlight=False, markup=False, emoji=False, soft_wrap=False)


def counted(number: int, one: str, many: str = "") -> str:
    """A number with its noun: "1 duty", "3 duties"."""
    return f"{number} {one if number == 1 else many or f'{one}s'}"


force_option = click.option("--force", is_flag=True, help="Replace files that an earlier run did not write, too.")
raw_csv_option = click.option(
    "--raw-csv",
    is_flag=True,
    help="Write texts into CSV as they are, also those that a spreadsheet takes for formulas.",
)
json_option = click.option("--json", "as_json", is_flag=True, help="Write JSON instead of text.")
lang_option = click.option(
    "--lang", type=click.Choice(["en", "zh"]), default="en", show_default=True, help="Language of titles and texts."
)
