"""`learnorg published`: what was given out, what became of it, and whether it can be computed again."""

import json
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import click
from attrs import frozen
from rich.console import Console
from rich.text import Text

from ..errors import InputError, Issue, hinted
from ..explain.changes import change_sentence
from ..live import Live
from ..live.codes import refuse_another
from ..live.published import change_of
from ..live.publishing import standing_results
from ..periods import period_hint
from ..store import Log, Publication, Restatement
from ..texts import visible
from ..words import say
from .inputs import Inputs, Name, read_inputs
from .publish_command import existing, print_opening
from .screen import FINE, echo_json, json_option, lang_option, screen

__all__ = ["command"]


@click.command("published")
@click.argument("ruleset", type=click.Path())
@click.option("--org", type=click.Path(), help="Organisation: a folder or file.  [default: RULESET/example/org]")
@click.option("--store", metavar="FILE", required=True, type=click.Path(dir_okay=False), help="The log.")
@click.option("--period", metavar="NAME", type=Name(), help="Only what was published of this period.")
@click.option("--verify", is_flag=True, help="Compute each publication again and compare the digests.")
@json_option
@lang_option
def command(
    ruleset: str, org: str | None, store: str, period: str | None, verify: bool, as_json: bool, lang: str
) -> int:
    """Show what was published of RULESET, and what later events would change in it.

    Exit code 1: --verify found a publication that cannot be had again.
    """
    inputs = read_inputs(ruleset, org, (), None, None, {}, need_events=False)
    found, issues = _read(inputs, existing(store), period, verify, lang, as_json)
    if as_json:
        echo_json([one.record() for one in found])
    else:
        _print(found, inputs, screen(), lang)
    if issues:
        raise InputError(issues)
    return FINE


@frozen
class _Published:
    """A publication and what became of it; `verified` None where that was not asked for."""

    publication: Publication
    restatements: Sequence[Restatement]
    verified: bool | None

    def record(self) -> Mapping[str, Any]:
        """As plain values, for JSON."""
        p = self.publication
        plain = ("number", "period", "at", "seq", "ruleset", "version", "rules_digest", "organisation_digest", "digest")
        restated = [
            {
                "seq": r.seq, "subject": r.subject, "rule": r.rule, "period": r.period, "old": json.loads(r.old),
                "new": json.loads(r.new), "cause": r.cause, "allowed": r.allowed, "reason": r.reason,
            }
            for r in self.restatements
        ]  # fmt: skip
        return {
            **{name: getattr(p, name) for name in plain},
            "verified": self.verified,
            "results": [json.loads(line) for line in p.results.splitlines()],
            "restatements": restated,
            "standing": [json.loads(line) for line in standing_results(p, self.restatements)],
        }


def _read(
    inputs: Inputs, store: str, period: str | None, verify: bool, language: str, as_json: bool
) -> tuple[list[_Published], list[Issue]]:
    """All that was published of the period, and what does not verify.

    The log is opened for writing, which brings restatements up to date; where another process does that already, such as
    `learnorg watch`, it is read beside it.
    """
    issues: list[Issue] = []
    try:
        live = Live(inputs.rules, inputs.organisation, store)
    except InputError as error:
        if verify or any(issue.code != "S106" for issue in error.issues):
            raise
        with Log.open(store, writer=False) as log:
            refuse_another(store, str(log.mark("ruleset")), inputs.rules.id)
            return [_Published(p, log.restatements(p.number), None) for p in _of(period, log.publications())], []
    with live:
        print_opening(live, language, as_json)
        found = []
        for publication in _of(period, live.publications()):
            verified: bool | None = None
            if verify:
                verified = False
                try:
                    live.verify(publication)
                    verified = True
                except InputError as error:
                    issues += error.issues
            found.append(_Published(publication, live.restatements(publication), verified))
    return found, issues


def _of(period: str | None, publications: Sequence[Publication]) -> list[Publication]:
    """Those of the period; all of them where none is given.

    Raises:
        click.UsageError: nothing was published of it.
    """
    found = [p for p in publications if period in (None, p.period)]
    if period is not None and not found:
        hint = period_hint(period, [p.period for p in publications])
        raise click.UsageError(hinted(f"nothing was published of a period '{period}'", hint))
    return found


def _print(found: Sequence[_Published], inputs: Inputs, console: Console, language: str) -> None:
    rules, org = inputs.rules, inputs.organisation

    def line(text: str, style: str = "") -> None:
        console.print(Text(visible(text), style), soft_wrap=True)

    def name(node: str) -> str:
        return org.names(node, language) if node in org.nodes else node

    line(say("publications", language, title=rules.header.title.say(language) or rules.id), "bold")
    if not found:
        line(say("nothing_published", language))
    for one in found:
        p = one.publication
        n = len(p.results.splitlines())
        console.print()
        line(say("publication", language, number=p.number, period=p.period, day=p.at, n=n), "bold")
        line(f"    {say('digest', language, digest=p.digest)}", "dim")
        if one.verified is not None:
            key = "verified" if one.verified else "not_verified"
            line(f"    {say(key, language)}", "green" if one.verified else "red")
        if not one.restatements:
            line(f"    {say('unmoved', language)}")
        for r in one.restatements:
            change = change_of(r, date.fromisoformat(p.at))
            if change is not None:
                line(f"    {change_sentence(change, language, rules, name)}", "yellow" if r.allowed else "")
                key = "takes_effect" if r.allowed else "takes_no_effect"
                line(f"        {say(key, language, reason=r.reason)}", "dim")
