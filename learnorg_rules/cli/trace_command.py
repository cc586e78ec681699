"""`learnorg trace`: from requirements to rules to tests."""

from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from ..ruletests.tracing import Requirement, Trace, trace_requirements
from .screen import BROKEN, FINE, counted, echo_json, json_option, lang_option, screen

__all__ = ["command"]


@click.command("trace")
@click.argument("ruleset", type=click.Path())
@json_option
@lang_option
def command(ruleset: str, as_json: bool, lang: str) -> int:
    """List the requirements of RULESET with the rules that answer them and the tests of those rules.

    The requirements stand in RULESET/requirements.csv (number, en, zh); a rule answers one by `reference: R12`. The tests
    are not run. Exit code 1: a requirement without a rule or a test, a rule without a requirement or a test, or a
    reference to a requirement that there is not.
    """
    found = trace_requirements(ruleset)
    if as_json:
        echo_json(found.to_record())
    else:
        _print(found, lang, screen())
    return BROKEN if found.gaps else FINE


def _print(found: Trace, language: str, console: Console) -> None:
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("", justify="right", no_wrap=True)
    table.add_column("requirement", ratio=4)
    table.add_column("rules", ratio=5)
    table.add_column("tests", justify="right", no_wrap=True)
    for requirement in found.requirements:
        table.add_row(
            f"R{requirement.number}", requirement.text.say(language), _names(requirement), str(len(requirement.tests))
        )
    console.print(table)
    console.print()
    for source, text in found.gaps:
        console.print(f"{source}: {text}", style="bold red", soft_wrap=True)
    said = f"{Path(found.folder).name or found.folder}: {found}"
    if found.gaps:
        said += f"; {counted(len(found.gaps), 'gap')}"
    console.print(said, style="bold red" if found.gaps else "green", soft_wrap=True)


def _names(requirement: Requirement) -> str:
    """The rules by id; what cannot be tested by itself is left out where there is more."""
    judged = [rule for rule in requirement.rules if rule.testable] or requirement.rules
    return ", ".join(dict.fromkeys(rule.name.split(" ", 1)[-1] for rule in judged)) or "none"
