"""`learnorg fit`: behaviours for a scenario, from events that were recorded."""

from collections.abc import Sequence
from datetime import date
from fractions import Fraction

import click
from rich.text import Text

from ..fitting.api import BY, fit
from ..fitting.estimates import Estimate
from ..fitting.results import Fitted, FittedBehaviour
from ..texts import visible
from .inputs import Day, Name, read_inputs
from .layout import Cell, Column, print_table
from .screen import FINDINGS, FINE, counted, echo, echo_json, json_option, screen

__all__ = ["command"]

_COLUMNS = (
    Column("parameter", spare=2), Column("estimate", right=True), Column("low", right=True), Column("high", right=True),
    Column("from", right=True), Column("how", spare=3),
)  # fmt: skip
_DIGITS = 4  # shown; the file has more


@click.command("fit")
@click.argument("ruleset", type=click.Path())
@click.option("--org", type=click.Path(), help="Organisation: a folder or file.  [default: RULESET/example/org]")
@click.option(
    "--events", multiple=True, type=click.Path(),
    help="Event file or pattern; may be repeated.  [default: RULESET/example/events/*]",
)  # fmt: skip
@click.option("--from", "from_", required=True, type=Day(), metavar="DATE", help="First day.")
@click.option("--to", required=True, type=Day(), metavar="DATE", help="Last day, all of it included.")
@click.option("--kind", "kinds", multiple=True, type=Name(), help="Only this kind of event; may be repeated.")
@click.option("--by", type=click.Choice(BY), default="level", show_default=True, help="Who behaves alike.")
@click.option(
    "--for", "selectors", multiple=True, metavar="SELECTOR",
    help="Instead of --by, whom a behaviour is for: 'units where level == office', or a selector's name; may be repeated.",
)  # fmt: skip
@click.option("--level", type=click.IntRange(50, 99), default=95, show_default=True, help="Percent of the intervals.")
@json_option
def command(
    ruleset: str, org: str | None, events: Sequence[str], from_: date, to: date, kinds: Sequence[str], by: str,
    selectors: Sequence[str], level: int, as_json: bool,
) -> int:  # fmt: skip
    """Fit the behaviours of a scenario to recorded events.

    The section `behaviours` goes to the output, to be redirected into a file; the table that says how well each number is
    known, and what does not fit, to the terminal (standard error).

    Exit code 3: some behaviour is such that a scenario cannot have it; it stands in the file as a comment.
    """
    inputs = read_inputs(ruleset, org, events, None, None, {})
    assert inputs.events is not None  # asked for when the inputs were read
    days = from_, to
    fitted = fit(
        inputs.rules, inputs.organisation, inputs.events, *days, kinds, by, selectors, Fraction(level, 100)
    )  # fmt: skip
    if as_json:
        echo_json(fitted.to_record())
    else:
        _print(fitted)
        echo(fitted.to_yaml(), nl=False)
    return FINDINGS if any(one.refused for one in fitted.behaviours.values()) else FINE


def _print(fitted: Fitted) -> None:
    console = screen(stderr=True)

    def line(text: str, style: str = "") -> None:
        console.print(Text(visible(text), style), soft_wrap=True)

    behaviours = counted(len(fitted.behaviours), "behaviour")
    percent = f"{float(fitted.level):.0%}"
    line(f"{fitted.ruleset}, {fitted.from_} to {fitted.to}: {behaviours}, {percent} intervals", "bold")
    for note in fitted.notes:
        line(note)
    for one in fitted.behaviours.values():
        line("")
        line(f"{one.behaviour.id}: {one.behaviour.event} of {one.selector}", "bold")
        print_table(console, _COLUMNS, [_row(e) for e in one.estimates if e.used or not e.name.startswith("fields.")])
        for test in one.tests:
            line(f"{test.name}: {test.says} (p {_p(one, test.p)})")
        for note in (*one.notes, *(f"no scenario can have it: {why}" for why in one.refused)):
            line(f"- {note}")
    line("")


def _row(one: Estimate) -> list[Cell]:
    name = one.name if one.used else f"{one.name} (not used)"
    ends = ["" if end is None else _short(end) for end in (one.low, one.high)]
    return [name, _short(one.value), *ends, one.rests_on, one.how]


def _short(value: object) -> str:
    return f"{float(value):.{_DIGITS}g}" if isinstance(value, Fraction) else str(value)


def _p(one: FittedBehaviour, p: Fraction) -> str:
    return "below 0.0001" if p < Fraction(1, 10000) else f"{float(p):.4f}"
