"""`learnorg missing`: the events that open duties and running scorecards still need."""

from collections.abc import Sequence
from datetime import date, datetime

import click

from ..explain.missing import missing_lines, missing_record
from ..texts import visible
from ..words import say
from .inputs import loss_code, read_inputs, result_of, with_inputs
from .screen import echo, echo_json, json_option, lang_option

__all__ = ["command"]


@click.command("missing")
@click.argument("ruleset", type=click.Path())
@click.argument("unit")
@click.option("--rule", metavar="ID", help="Only this duty or scorecard.")
@with_inputs
@lang_option
@json_option
def command(
    ruleset: str, unit: str, rule: str | None, org: str | None, events: Sequence[str], at: date | None,
    known_at: date | datetime | None, settings: dict[str, str], lang: str, as_json: bool,
) -> int:  # fmt: skip
    """Show the fewest records that UNIT still needs.

    UNIT is the id of a unit, body or person. Shown is what clears each open duty and lifts each running scorecard to its
    next grade, with the last day on which it helps, or why that cannot be told.

    Exit code 3: no record counts, or more are rejected than `records: max_rejected` allows.
    """
    result = result_of(read_inputs(ruleset, org, events, at, known_at, settings))
    try:
        found = result.missing(unit, rule)
    except LookupError as error:
        raise click.ClickException(str(error.args[0])) from None
    code = loss_code(result, err=as_json)
    if as_json:
        echo_json([missing_record(m) for m in found])
        return code
    for line in missing_lines(result, found, lang) or [say("nothing_needed", lang)]:
        echo(visible(line))
    return code
