"""`learnorg check`: whether rule files can be used, and every reason why not."""

from collections.abc import Mapping
from pathlib import Path

import click

from ..authoring.load import load
from ..errors import InputError, Issue
from ..model.kinds import JUDGED
from ..model.ruleset import Ruleset
from .faults import issue_record, print_issues, tally
from .screen import BROKEN, FINDINGS, FINE, counted, echo_json, json_option, screen

__all__ = ["command"]


@click.command("check")
@click.argument("rulesets", nargs=-1, required=True, type=click.Path())
@json_option
def command(rulesets: tuple[str, ...], as_json: bool) -> int:
    """Load each RULESET and show every fault of its files at once.

    A RULESET is a folder of rule files. Exit code 3: there are only warnings.
    """
    console = screen()
    records, worst = [], FINE
    for path in rulesets:
        ruleset, issues = _load(path)
        code = BROKEN if ruleset is None else FINDINGS if issues else FINE
        worst = worst if worst == BROKEN or code == FINE else code
        if as_json:
            contents = None if ruleset is None else _contents(ruleset)
            records.append(
                {
                    "path": path,
                    "id": ruleset.id if ruleset else None,
                    "contents": contents,
                    "issues": [issue_record(i) for i in issues],
                }
            )
            continue
        print_issues(issues, console)
        said = "" if ruleset is None else f"{_summary(ruleset)}: "
        console.print(f"{Path(path).name or path}: {said}{tally(issues) or 'fine'}", soft_wrap=True)
    if as_json:
        echo_json({"rulesets": records})
    return worst


def _load(path: str) -> tuple[Ruleset | None, tuple[Issue, ...]]:
    try:
        ruleset = load(path)
    except InputError as error:
        return None, tuple(error.issues)
    return ruleset, tuple(ruleset.warnings)


def _contents(ruleset: Ruleset) -> Mapping[str, int]:
    return {
        **{kind.section: len(getattr(ruleset, kind.section)) for kind in JUDGED},
        "measures": len(ruleset.measures), "parameters": len(ruleset.parameters),
        "assumed": sum(any(dated.assumed for _, dated in p.values) for p in ruleset.parameters.values()),
    }  # fmt: skip


def _summary(ruleset: Ruleset) -> str:
    number = _contents(ruleset)
    parts = [
        counted(number[key], one, many)
        for key, one, many in (
            *((kind.section, kind.name, kind.section) for kind in JUDGED),
            ("measures", "measure", ""), ("parameters", "parameter", ""),
        )
        if number[key]
    ]  # fmt: skip
    assumed = f" ({number['assumed']} assumed)" if number["assumed"] else ""
    return ", ".join(parts) + assumed if parts else "no rules"
