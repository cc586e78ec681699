"""`learnorg simulate`: a scenario played many times under each policy, and what that says, as a folder to hand on."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path

import click
from attrs import evolve
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from ..errors import with_hint
from ..files import check_folder
from ..notation import number_in
from ..outofcore.memory import bytes_of
from ..reports.report import SUMMARY, Report, report_of, summary_of, write_report
from ..simulation.api import simulate
from ..simulation.checks import MOST
from ..simulation.reading import read_scenario
from .inputs import Memory
from .screen import FINE, echo, echo_json, force_option, json_option, lang_option, raw_csv_option, screen

__all__ = ["command"]

STOPPED = 130  # as shells report the signal


def _amounts(_: click.Context, __: click.Parameter, values: Sequence[str]) -> dict[str, Decimal]:
    found: dict[str, Decimal] = {}
    for value in values:
        name, _sign, text = value.partition("=")
        amount = Decimal(text) if number_in(text) is not None else Decimal(-1)
        if not name or amount < 0:
            raise click.BadParameter(f"'{value}' is not award=amount, with an amount such as 500 or 99.50")
        if name in found:
            raise click.BadParameter(f"'{name}' is given twice")
        found[name] = amount
    return found


def _percent(_: click.Context, __: click.Parameter, value: float) -> float:
    if not 0 < value < 50:
        raise click.BadParameter(f"{value:g} is not above 0 and below 50")
    return value / 100


@click.command("simulate")
@click.argument("scenario", type=click.Path())
@click.option("--out", type=click.Path(file_okay=False), help="Folder for the results.  [default: the scenario's id]")
@click.option("--processes", type=click.IntRange(1), default=1, show_default=True, help="Processes that work at once.")
@click.option(
    "--repetitions", type=click.IntRange(1, MOST), help="How often to try.  [default: what the scenario says]"
)
@click.option(
    "--cost", "amounts", multiple=True, metavar="AWARD=AMOUNT", callback=_amounts,
    help="What one award costs, for the budget; may be repeated.",
)  # fmt: skip
@click.option(
    "--precision", type=float, default=5, show_default=True, callback=_percent,
    help="Percentage points to which chances should be known; says how many repetitions that takes.",
)  # fmt: skip
@click.option(
    "--memory", type=Memory(), help="How much memory it may take, such as 2GiB.  [default: what the machine has]"
)
@raw_csv_option
@force_option
@lang_option
@json_option
def command(
    scenario: str, out: str | None, processes: int, repetitions: int | None, amounts: dict[str, Decimal],
    precision: float, memory: str | None, raw_csv: bool, force: bool, lang: str, as_json: bool,
) -> int:  # fmt: skip
    """Simulate SCENARIO many times under each of its options, and write a summary, pictures and tables.

    The summary goes to standard output, too. With --json that is one JSON document, and files are written only with --out.
    Ctrl-C ends the run; what was done by then is written.
    """
    read = read_scenario(scenario)
    if repetitions is not None:
        read = evolve(read, repetitions=repetitions)
    known = sorted({award for policy in read.policies.values() for award in policy.ruleset.awards})
    for name in amounts:
        if name not in known:
            raise click.UsageError(with_hint(f"--cost: there is no award '{name}'", name, known))
    folder = Path(out or read.id) if out is not None or not as_json else None
    if folder is not None:
        check_folder(folder, [SUMMARY], force)  # before the work
    with _bar(read.repetitions) as progress:
        done = simulate(read, processes, progress=progress, memory=None if memory is None else bytes_of(memory))
    if not done.done:
        screen(stderr=True).print("stopped before the first repetition was done; nothing is written")
        return STOPPED
    report = report_of(done, amounts, precision)
    if folder is not None:
        _write(report, folder, lang, force, raw_csv)
    if as_json:
        echo_json(_record(report))
    else:
        echo(summary_of(report, lang), nl=False)
    return FINE if done.done == read.repetitions else STOPPED


def _write(report: Report, folder: Path, language: str, force: bool, raw: bool) -> None:
    console = screen(stderr=True)
    try:
        files, note = write_report(report, folder, language, force, raw)
    except OSError as error:
        raise click.FileError(str(error.filename or folder), error.strerror or str(error)) from None
    console.print(f"written: {files[0]} and {len(files) - 1} files in {folder}", soft_wrap=True)
    if note:
        console.print(note, soft_wrap=True)


@contextmanager
def _bar(repetitions: int) -> Iterator[Callable[[int, int], None] | None]:
    console = screen(stderr=True)
    if not console.is_terminal:
        yield None
        return
    columns = (TextColumn("repetitions"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("", total=repetitions)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def _record(report: Report) -> dict[str, object]:
    """The report as plain values: what was played, how sure it is, every table of answers and comparisons."""
    scenario, found = report.simulation.scenario, report.answers
    return {
        "scenario": scenario.id,
        "from": scenario.from_.isoformat(),
        "to": scenario.to.isoformat(),
        "seed": scenario.seed,
        "repetitions": scenario.repetitions,
        "done": report.simulation.done,
        "policies": {p.id: dict(p.set) for p in scenario.policies.values()},
        "precision": found.precision,
        "needed": found.needed,
        "least_sure": found.widest,
        "findings": report.findings.to_dicts(),
        **{name: frame.to_dicts() for name, frame in report.tables.items() if not name.startswith("raw_")},
    }
