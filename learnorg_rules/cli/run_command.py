"""`learnorg run`: judge every rule, and show or write what was found."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

import click

from ..api import Result
from ..counting.binding import bind
from ..dataflow.build import build
from ..errors import hinted
from ..periods import period_hint
from .dataflow_text import describe
from .inputs import Memory, Name, check_units, read_inputs, result_of, with_inputs
from .output import frames, to_record, write_files
from .page import Page
from .screen import (
    FINDINGS,
    FINE,
    counted,
    echo,
    echo_json,
    force_option,
    json_option,
    lang_option,
    raw_csv_option,
    screen,
)
from .selection import Selection
from .tables import print_run

__all__ = ["command"]


@click.command("run")
@click.argument("ruleset", type=click.Path())
@with_inputs
@click.option(
    "--unit",
    "units",
    multiple=True,
    metavar="ID",
    type=Name(),
    help="Only this subject, and the duties of a unit's persons; may be repeated.",
)
@click.option(
    "--period",
    metavar="NAME",
    type=Name(),
    help="Only this period, and those inside it.  [default on the terminal: the last that has begun]",
)
@click.option(
    "--engine",
    type=click.Choice(["spark"]),
    help="Count the events on Spark; the results are the same.  [default: in this process]",
)
@click.option("--master", default="", metavar="URL", help="Where Spark runs, such as local[2] or yarn.")
@click.option(
    "--memory",
    type=Memory(),
    help="Limit memory to about SIZE, such as 2GiB; what does not fit goes to temporary files.",
)
@lang_option
@click.option("--plan", is_flag=True, help="Show what would be computed, and read no events.")
@json_option
@click.option(
    "--csv", "csv_folder", metavar="DIR", type=click.Path(file_okay=False), help="Write each table as DIR/NAME.csv."
)
@click.option(
    "--parquet",
    "parquet_folder",
    metavar="DIR",
    type=click.Path(file_okay=False),
    help="Write each table as DIR/NAME.parquet.",
)
@raw_csv_option
@force_option
def command(
    ruleset: str, org: str | None, events: Sequence[str], at: date | None, known_at: date | datetime | None,
    settings: dict[str, str], units: Sequence[str], period: str | None, lang: str, plan: bool, as_json: bool,
    csv_folder: str | None, parquet_folder: str | None, raw_csv: bool, force: bool, engine: str | None, master: str, memory: str | None,
) -> int:  # fmt: skip
    """Compute all results of RULESET as of one day.

    Exit code 3: something needs a decision, such as a tie at the cut-off of an award, or no record counts, or more are
    rejected than `records: max_rejected` allows. Fewer rejected records are shown, and do not change the exit code.
    """
    if engine and memory:
        raise click.UsageError("--memory is a limit for this process; Spark's is in its configuration")
    if master and not engine:
        raise click.UsageError("--master needs --engine spark")
    inputs = read_inputs(ruleset, org, events, at, known_at, settings, not plan, engine or "", master, memory)
    check_units(units, inputs.organisation)
    if plan:
        day = at or inputs.rules.end - timedelta(days=1)
        parameters = bind(inputs.rules, inputs.organisation, day).parameters
        echo(describe(build(inputs.rules, inputs.organisation, day, parameters), inputs.rules), nl=False)
        return FINE
    result = result_of(inputs)
    _check_period(period, result)
    only = Selection(result, units, period)
    tables = frames(only) if csv_folder or parquet_folder else {}
    for folder, form in ((csv_folder, "csv"), (parquet_folder, "parquet")):
        if folder:
            for file, rows in write_files(tables, folder, form, force, raw_csv).items():
                echo(f"{file}: {counted(rows, 'row')}", err=True)
    if as_json:
        echo_json(to_record(only))
    elif not tables:
        print_run(Page(result, screen(), lang, only=only))
    return FINDINGS if any(issue.severity == "error" for issue in result.findings) else FINE


def _check_period(period: str | None, result: Result) -> None:
    known = [p for schedule in result.run.dataflow.schedules.values() for p in schedule.periods]
    if period is not None and all(p.name != period for p in known):
        raise click.UsageError(hinted(f"no rule has a period '{period}'", period_hint(period, known)))
