"""`learnorg sweep`: each number of the rules moved alone, on recorded events: what moves whom, and how far it may go."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from fractions import Fraction

import click
import polars as pl
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.text import Text

from ..notation import number_in
from ..sensitivity.margins import award_margins, margin_table
from ..sensitivity.sweeps import Sweep, sweep
from ..texts import visible
from .inputs import Name, read_inputs, with_inputs
from .layout import Column, print_table
from .screen import FINE, echo_json, json_option, screen

__all__ = ["command"]

ROWS = 40


def _step(_: click.Context, __: click.Parameter, value: str) -> Fraction:
    number = number_in(value.removesuffix("%")) or 0
    share = Fraction(number) / (100 if value.endswith("%") else 1)
    if share <= 0:
        raise click.BadParameter(f"'{value}' is not a share above 0 such as 10% or 0.1")
    return share


@click.command("sweep")
@click.argument("ruleset", type=click.Path())
@with_inputs
@click.option(
    "--number",
    "numbers",
    multiple=True,
    metavar="NAME",
    type=Name(),
    help="Move this parameter, or the value at a path as for --set; may be repeated.  [default: all]",
)
@click.option(
    "--step", default="10%", show_default=True, callback=_step, help="How far each is moved, as a share of itself."
)
@click.option("--margins", is_flag=True, help="Show instead how far each can move before somebody else gets an award.")
@json_option
def command(
    ruleset: str, org: str | None, events: Sequence[str], at: date | None, known_at: date | datetime | None,
    settings: dict[str, str], numbers: Sequence[str], step: Fraction, margins: bool, as_json: bool,
) -> int:  # fmt: skip
    """Change each number of RULESET alone, down and up, compute the results again, and show what changes.

    A number is a parameter, the points of an indicator, the bound of a grade, or a quota. Points are not shared out again.
    """
    inputs = read_inputs(ruleset, org, events, at, known_at, settings)
    assert inputs.events is not None  # asked for when the inputs were read
    wanted = list(numbers) or None
    try:
        if margins:
            with _bar() as progress:
                found = award_margins(
                    inputs.rules, inputs.organisation, inputs.events, at, wanted, progress=progress, known_at=known_at
                )
            table = margin_table(found)
            echo_json(table.to_dicts()) if as_json else _print_margins(table)
        else:
            with _bar() as progress:
                swept = sweep(
                    inputs.rules, inputs.organisation, inputs.events, at, wanted, step, progress, known_at=known_at
                )
            echo_json(swept.table().to_dicts()) if as_json else _print_sweep(swept)
    except LookupError as error:
        raise click.UsageError(str(error.args[0])) from None
    return FINE


def _print_sweep(swept: Sweep) -> None:
    table, console = swept.table(), screen()
    heads = ("number", "is", "tried", "totals", "mean", "most", "whom", "ranks", "grades", "awards")
    right = {"totals", "mean", "most", "ranks", "grades", "awards"}
    columns = [  # a number is set by its name, so that may go onto further lines and is never cut
        Column(h, h in right, wraps=h == "number", spare={"number": 1, "whom": 2}.get(h, 0), optional=h == "whom")
        for h in heads
    ]
    moving = table.filter((pl.col("moved") > 0) | (pl.col("grades") > 0) | (pl.col("awards") > 0))
    rows = [
        [r["number"], r["old"], r["new"], _count(r["moved"]), f"{r['mean']:.2f}", f"{r['points']:+.2f}", r["whom"],
         _count(r["ranks"]), _count(r["grades"]), _count(r["awards"])]
        for r in moving.head(ROWS).iter_rows(named=True)
    ]  # fmt: skip
    _line(f"judged at the end of {swept.at}; totals, ranks, grades and awards: how many are another")
    print_table(console, columns, rows)
    if moving.height > ROWS:
        _line(f"… and {moving.height - ROWS} more (use --json)")
    still = table.height - moving.height
    if still:
        _line(f"values tried that move no total, grade or award: {still}")
    for name, why in swept.left_out.items():
        _line(f"not moved: {name}, {why}")


def _print_margins(table: pl.DataFrame) -> None:
    heads = ("number", "is", "awards change below", "above", "room", "what changes first")
    columns = [Column(h, right=h == "room", spare=2 if h == heads[-1] else 0) for h in heads]
    rows = []
    for r in table.iter_rows(named=True):
        room = "-" if r["room"] is None else f"{r['room']:.1f} %"
        first = "; ".join(r["changes_below"] or r["changes_above"])
        rows.append([r["number"], r["value"], r["below"] or "-", r["above"] or "-", room, first])
    print_table(screen(), columns, rows)
    _line("below, above: the nearest value found at which the list of awards is another; -: none as far as was looked")


def _line(text: str) -> None:
    screen().print(Text(visible(text)), soft_wrap=True)


def _count(value: float) -> str:
    return f"{value:.0f}" if value == int(value) else f"{value:.1f}"


@contextmanager
def _bar() -> Iterator[Callable[[int, int], None] | None]:
    console = screen(stderr=True)
    if not console.is_terminal:
        yield None
        return
    columns = (TextColumn("values tried"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("", total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)
