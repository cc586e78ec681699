"""`learnorg diff`: whom a change of the rules moves, by how much, and why, on events that were recorded."""

from collections.abc import Sequence
from datetime import date, datetime

import click

from ..authoring.load import load
from ..diff import compare
from ..diff.records import to_record
from ..errors import InputError, Issue
from ..model.ruleset import Ruleset
from .diff_markdown import markdown
from .diff_tables import Sides, print_comparison
from .inputs import Inputs, loss_code, read_inputs, with_inputs
from .page import Page
from .screen import FINDINGS, echo, echo_json, json_option, lang_option, screen
from .selection import Selection

__all__ = ["command"]


@click.command("diff")
@click.argument("old", type=click.Path())
@click.argument("new", required=False, type=click.Path())
@with_inputs
@lang_option
@json_option
@click.option("--markdown", "as_markdown", is_flag=True, help="Write Markdown for a merge request instead of text.")
def command(
    old: str, new: str | None, org: str | None, events: Sequence[str], at: date | None,
    known_at: date | datetime | None, settings: dict[str, str], lang: str, as_json: bool, as_markdown: bool,
) -> int:  # fmt: skip
    """Compute the results of the same records under the rulesets OLD and NEW, and show whose results change, by how much, and why.

    Without NEW, OLD is compared with itself under --set; with it, --set changes NEW. NAME is a parameter, or the path
    of a value: card.indicator.points, duty.require. Organisation and events default to those of OLD.

    Exit code 3: a result is another, or only one of the two gives it; or no record counts, or more are rejected than
    `records: max_rejected` allows.
    """
    if new is None and not settings:
        raise click.UsageError("there is nothing to compare: give NEW, or change a value of OLD with --set")
    if as_json and as_markdown:
        raise click.UsageError("--json and --markdown do not go together")
    inputs, changed = _read(old, new, org, events, at, known_at, settings)
    assert inputs.events is not None  # asked for when the inputs were read
    found = compare(inputs.rules, changed, inputs.organisation, inputs.events, at, known_at)
    sides = Sides(old, new, settings)
    code = loss_code(found.old, found.new, err=as_json or as_markdown)
    if as_json:
        echo_json(to_record(found))
    elif as_markdown:
        echo(markdown(found, sides, lang))
    else:
        print_comparison(found, sides, Page(found.new, screen(), lang, only=Selection(found.new)))
    return code if found.is_same else FINDINGS


def _read(
    old: str, new: str | None, org: str | None, events: Sequence[str], at: date | None,
    known_at: date | datetime | None, settings: dict[str, str],
) -> tuple[Inputs, Ruleset]:  # fmt: skip
    """What is compared, or the faults of both rulesets at once."""
    issues: list[Issue] = []
    inputs: Inputs | None = None
    changed: Ruleset | None = None
    try:
        inputs = read_inputs(old, org, events, at, known_at, {})
    except InputError as error:
        issues += error.issues
    try:
        changed = load(new or old, set=settings)
    except InputError as error:
        issues += error.issues
    if inputs is None or changed is None:
        raise InputError(issues)
    if inputs.rules.organisation.columns != changed.organisation.columns:
        raise click.UsageError("OLD and NEW name the columns of organisation files differently (organisation.columns)")
    return inputs, changed
