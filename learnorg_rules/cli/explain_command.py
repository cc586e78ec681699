"""`learnorg explain`: why a subject has a result, down to the events that count and those that do not."""

import shlex
from collections.abc import Callable, Sequence
from datetime import date, datetime

import click
from rich.text import Text
from rich.tree import Tree

from ..explain import Reason, reason
from ..texts import visible
from ..tracing.trace import trace
from .inputs import Name, loss_code, read_inputs, result_of, with_inputs
from .screen import echo, echo_json, json_option, lang_option, screen

__all__ = ["command"]


@click.command("explain")
@click.argument("ruleset", type=click.Path())
@click.argument("subject")
@click.argument("rule")
@click.option(
    "--period",
    metavar="NAME",
    type=Name(),
    help="Such as 2005, 2005-Q1 or 2005-08.  [default: the last that has begun]",
)
@with_inputs
@lang_option
@click.option("--limit", type=click.IntRange(min=0), default=20, show_default=True, help="Entries of each list shown.")
@json_option
def command(
    ruleset: str, subject: str, rule: str, period: str | None, org: str | None, events: Sequence[str], at: date | None,
    known_at: date | datetime | None, settings: dict[str, str], lang: str, limit: int, as_json: bool,
) -> int:  # fmt: skip
    """Explain a result: why SUBJECT has this result of RULE.

    SUBJECT is the id of a unit, body or person; RULE a duty, scorecard, award, plan or decision rule, an indicator
    (card.indicator), a step (plan.step), or a measure over a schedule (rate@year).

    Exit code 3: no record counts, or more are rejected than `records: max_rejected` allows.
    """
    result = result_of(read_inputs(ruleset, org, events, at, known_at, settings))
    try:
        found = reason(trace(result, subject, rule, period, limit), lang, _command(ruleset, lang))
    except LookupError as error:
        raise click.ClickException(str(error.args[0])) from None
    console, code = screen(), loss_code(result, err=as_json)
    if as_json:
        echo_json(found.to_dict())
    elif console.is_terminal:
        console.print(_tree(found))
    else:
        echo(str(found))
    return code


def _command(ruleset: str, lang: str) -> Callable[[str, str, str], str]:
    """How more is asked for: this command, with the options it was given, for another rule."""
    context = click.get_current_context()
    options: list[str] = []
    for option in ("org", "events", "at", "known_at", "settings"):
        value = context.params[option]
        name = "--set" if option == "settings" else f"--{option.replace('_', '-')}"
        given = [f"{k}={v}" for k, v in value.items()] if isinstance(value, dict) else value
        for one in given if isinstance(given, list | tuple) else () if given is None else (given,):
            options += [name, one.isoformat() if isinstance(one, date) else str(one)]
    options += ["--lang", lang] if lang != "en" else []

    def command(subject: str, rule: str, period: str) -> str:
        place = ["--period", period] if period else []  # a plan has none, and a decision not always
        return shlex.join(["learnorg", "explain", ruleset, subject, rule, *place, *options])

    return command


def _tree(found: Reason, under: Tree | None = None) -> Tree:
    label = Text(visible(found.text))
    if found.place:
        label.append(f"  {visible(found.place)}", "dim")
    tree = Tree(label, guide_style="dim") if under is None else under.add(label)
    for child in found.children:
        _tree(child, tree)
    return tree
