"""`learnorg publish`: give out the results of a period, for good."""

from datetime import date
from pathlib import Path

import click

from ..live import Live
from ..store.codes import refusal
from ..words import say
from .faults import print_issues
from .inputs import Day, Name, read_inputs
from .screen import FINE, echo, lang_option, screen
from .watch_printing import ChangePrinter

__all__ = ["command", "existing", "print_opening"]


@click.command("publish")
@click.argument("ruleset", type=click.Path())
@click.option("--org", type=click.Path(), help="Organisation: a folder or file.  [default: RULESET/example/org]")
@click.option("--store", metavar="FILE", required=True, type=click.Path(dir_okay=False), help="The log.")
@click.option(
    "--period", metavar="NAME", type=Name(), required=True, help="The period; the shorter ones inside it go with it."
)
@click.option("--at", type=Day(), help="Let time pass to the end of this day first.")
@lang_option
def command(ruleset: str, org: str | None, store: str, period: str, at: date | None, lang: str) -> int:
    """Publish the results of a finished period: keep them in the log of RULESET, with their check value.

    What is published never changes. What later events would change in it is kept as restatements, each with its cause;
    `learnorg published` shows them.
    """
    inputs = read_inputs(ruleset, org, (), None, None, {}, need_events=False)
    with Live(inputs.rules, inputs.organisation, existing(store)) as live:
        print_opening(live, lang)
        if at is not None and (live.at is None or at > live.at):
            live.advance(at)
        if live.at is None:
            raise click.UsageError("no day was judged yet; say how far time has passed: --at")
        publication = live.publish(period)
        n = len(publication.results.splitlines())
        said = {"number": publication.number, "period": publication.period, "day": publication.at, "n": n}
        echo(say("publication", lang, **said))
        echo(f"    {say('digest', lang, digest=publication.digest)}")
    return FINE


def print_opening(live: Live, language: str, to_errors: bool = False) -> None:
    """Print what is worth knowing about the file, and what other rules or another organisation than the last time change."""
    errors = screen(stderr=True)
    print_issues(live.notices, errors)
    ChangePrinter(live, errors if to_errors else screen(), errors, language, False).changes(live.replayed)


def existing(store: str) -> str:
    """The path of a log that is there; these commands do not begin one.

    Raises:
        InputError: it is not (S101).
    """
    if not Path(store).exists():
        raise refusal(store, "S101", "there is no such log", "begin one with `learnorg watch ... --store`")
    return store
