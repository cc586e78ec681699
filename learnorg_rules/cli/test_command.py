"""`learnorg test`: the tests beside the rules."""

import re
import textwrap
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from ..files import check_file, write_file
from ..ruletests import Report, junit, run_tests
from ..ruletests.files import test_files
from ..ruletests.report import JUNIT, CaseResult
from .screen import BROKEN, FINE, PAPER_WIDTH, counted, echo, echo_json, force_option, json_option, screen

__all__ = ["command"]

UNREACHED_SHOWN = 12  # rules named in the note; the rest are counted


def _pattern(_: click.Context, __: click.Parameter, value: str | None) -> str | None:
    try:
        if value is not None:
            re.compile(value)
    except re.error as error:
        raise click.BadParameter(f"'{value}' is no regular expression: {error}") from None
    return value


@click.command("test")
@click.argument("rulesets", nargs=-1, required=True, type=click.Path())
@click.option(
    "--run", "pattern", metavar="REGEX", callback=_pattern, help="Only cases in whose 'FILE: NAME' this is found."
)
@click.option("--junit", "junit_file", metavar="FILE", type=click.Path(dir_okay=False), help="Write JUnit XML, too.")
@force_option
@json_option
def command(rulesets: tuple[str, ...], pattern: str | None, junit_file: str | None, force: bool, as_json: bool) -> int:
    """Run the tests of each RULESET (RULESET/tests/*.yaml).

    Exit code 1: a case failed, or a file was refused.
    """
    if junit_file is not None:
        check_file(junit_file, JUNIT, force)
    console = screen()
    reports = []
    for path in rulesets:
        with _bar(path) as progress:
            told = progress is None and len(test_files(Path(path))) > 1  # of a single file the summary says it all
            reports.append(run_tests(path, pattern, progress, _line if told else None))
        if not as_json:
            _print(reports[-1], console)
    if junit_file is not None:
        try:
            write_file(junit_file, junit(reports), JUNIT, force)
        except OSError as error:
            raise click.FileError(junit_file, error.strerror or str(error)) from None
    if as_json:
        echo_json({"rulesets": [r.to_record() for r in reports]})
    if pattern is not None and not any(r.cases for r in reports):
        raise click.ClickException(f"no case matches '{pattern}'")
    return BROKEN if any(r.failed for r in reports) else FINE


def _print(report: Report, console: Console) -> None:
    for case in report.cases:
        if case.passed:
            continue
        console.print(f"FAILED {case.name}", style="bold red", soft_wrap=True)
        for failure in case.failures:
            console.print(f"  {failure}".replace("\n", "\n  "), soft_wrap=True)
        console.print()
    name = Path(report.folder).name or report.folder
    said = f"{counted(report.passed, 'case')} passed"
    if report.failed:
        said += f", {report.failed} failed, in {', '.join(report.failed_files)}"
    console.print(f"{name}: {said}", style="bold red" if report.failed else "green", soft_wrap=True)
    if report.unreached:
        shown = ", ".join(report.unreached[:UNREACHED_SHOWN])
        more = len(report.unreached) - UNREACHED_SHOWN
        rest = f" and {more} more" if more > 0 else ""
        note = f"note: no test looks at {shown}{rest}"
        lines = textwrap.wrap(
            note, min(console.width, PAPER_WIDTH), initial_indent="    ", subsequent_indent="        "
        )
        console.print("\n".join(lines), style="dim", soft_wrap=True)


def _line(cases: Sequence[CaseResult]) -> None:
    """One line for a file that was run, so that a log shows how far the tests are."""
    failed = sum(not case.passed for case in cases)
    said = f"{counted(len(cases) - failed, 'case')} passed" + (f", {failed} failed" if failed else "")
    echo(f"{cases[0].file}: {said}", err=True)


@contextmanager
def _bar(path: str) -> Iterator[Callable[[int, int], None] | None]:
    console = screen(stderr=True)
    if not console.is_terminal:
        yield None
        return
    with Progress(
        TextColumn(f"testing {path}"), BarColumn(), MofNCompleteColumn(), console=console, transient=True
    ) as bar:
        task = bar.add_task("", total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)
