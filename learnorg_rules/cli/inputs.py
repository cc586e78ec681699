"""What commands are given: options that several share, and the files a ruleset brings along."""

import signal
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from types import FrameType
from typing import Any, TypeVar

import click
from attrs import frozen
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

from ..adapters.events.sources import FileEvents, scan_events
from ..adapters.organisation.reading import read_org
from ..api import Result, assess
from ..authoring.load import load
from ..errors import InputError, with_hint
from ..model.ruleset import Ruleset
from ..notation import day_hint, day_in, is_instant
from ..org.organisation import Organisation
from ..outofcore.memory import bytes_of, machine_memory, shown
from ..periods import moment_of
from ..spark.events import SparkEvents, spark_events
from ..texts import nfc
from .screen import FINDINGS, FINE, echo, screen

__all__ = ["Day", "Inputs", "Memory", "Name", "check_units", "loss_code", "read_inputs", "result_of", "with_inputs"]

Command = TypeVar("Command", bound=Callable[..., Any])
TERMINATED = 143  # as shells report the signal
LARGE = 8_000_000  # bytes of events; less is read before a bar could be looked at


class Day(click.ParamType[date]):
    """A day on the command line."""

    name = "date"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> date:
        """The day, written 2005-12-31."""
        found = day_in(str(value))
        if found is None:
            self.fail(f"'{value}' is not a day, {day_hint(str(value), 'write it as 2005-12-31')}", param, ctx)
        return found


class Name(click.ParamType[str]):
    """An id or another name on the command line."""

    name = "text"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """The name in NFC, as all names are compared."""
        return nfc(str(value))


class _Moment(click.ParamType[date | datetime]):
    name = "time"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> date | datetime:
        """A day, or a time with its zone."""
        text = str(value)
        try:
            return moment_of(text)
        except ValueError as error:
            if is_instant(f"{text}Z"):
                self.fail(f"'{text}' has no time zone, add Z or an offset such as +08:00", param, ctx)
            self.fail(str(error), param, ctx)


class Memory(click.ParamType[str]):
    """An amount of memory on the command line."""

    name = "size"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """The amount as it is written."""
        try:
            bytes_of(str(value))
        except InputError as error:
            issue = error.issues[0]
            self.fail(f"{issue.message}; {issue.hint}" if issue.hint else issue.message, param, ctx)
        return str(value)


def _settings(_: click.Context, __: click.Parameter, values: Sequence[str]) -> dict[str, str]:
    found = {}
    for value in values:
        name, sign, text = value.partition("=")
        if not sign or not name:
            raise click.BadParameter(f"'{value}' is not name=value")
        if name in found:
            raise click.BadParameter(f"'{name}' is set twice")
        found[name] = text
    return found


def with_inputs(command: Command) -> Command:
    """Give a command the options that say what is judged, and when."""
    options = (
        click.option(
            "--org", type=click.Path(), help="Organisation: a folder or file.  [default: RULESET/example/org]"
        ),
        click.option(
            "--events", multiple=True, type=click.Path(),
            help="Event file or pattern; may be repeated.  [default: RULESET/example/events/*]",
        ),
        click.option("--at", type=Day(), help="Date of the results; the whole day counts.  [default: last day of the rules]"),
        click.option(
            "--known-at", type=_Moment(), help="Leave out what was recorded later: a day, or a time with zone."
        ),
        click.option(
            "--set", "settings", multiple=True, metavar="NAME=VALUE", callback=_settings, help="Replace a parameter, or the value at a path such as card.indicator.points; may be repeated."
        ),
    )  # fmt: skip
    for option in reversed(options):
        command = option(command)
    return command


@frozen
class Inputs:
    """Everything a run takes. `events` None: only the rules and the organisation were asked for."""

    rules: Ruleset
    organisation: Organisation
    events: FileEvents | SparkEvents | None
    at: date | None
    known_at: date | datetime | None
    memory: str | None = None


def read_inputs(
    ruleset: str, org: str | None, events: Sequence[str], at: date | None, known_at: date | datetime | None,
    settings: dict[str, str], need_events: bool = True, engine: str = "", master: str = "", memory: str | None = None,
) -> Inputs:  # fmt: skip
    """The rules and organisation, and where the events are.

    Raises:
        InputError: one of them is refused.
        click.UsageError: none was given, and the ruleset has no example.
    """
    rules = load(ruleset, set=settings)
    example = Path(rules.folder or ruleset) / "example"
    folder = Path(org) if org else example / "org"
    if org is None and not folder.exists():
        raise click.UsageError(f"the ruleset has no example organisation ({folder}); give one with --org")
    paths = list(events)
    if not paths and need_events:
        known = (example / "events").iterdir() if (example / "events").is_dir() else ()
        paths = sorted(str(p) for p in known if p.is_file() and not p.name.startswith("."))
        if not paths:
            raise click.UsageError(
                f"the ruleset has no example events ({example / 'events'}); give files with --events"
            )
    organisation = read_org(folder, columns=rules.organisation.columns)
    found = None
    if need_events:
        found = spark_events(*paths, master=master) if engine else scan_events(*paths)
    return Inputs(rules, organisation, found, at, known_at, memory)


def check_units(units: Sequence[str], organisation: Organisation) -> None:
    """See that the organisation has all of them.

    Raises:
        click.UsageError: it has not.
    """
    for unit in units:
        if unit not in organisation.nodes:
            raise click.UsageError(with_hint(f"the organisation has no '{unit}'", unit, organisation.nodes))


def result_of(inputs: Inputs) -> Result:
    """The run, with a bar on the terminal while many events are read."""
    assert inputs.events is not None  # asked for when the inputs were read
    given = (inputs.rules, inputs.organisation, inputs.events, inputs.at, inputs.known_at)
    if isinstance(inputs.events, SparkEvents):  # Spark shows how far it is by itself
        return assess(*given)
    if inputs.memory is not None:
        _say_what_is_there(inputs.memory)
    with _warnings_said(), _orderly_end(inputs.memory), _bar(inputs.events) as progress:
        return assess(*given, progress, memory=inputs.memory)


def _say_what_is_there(limit: str) -> None:
    """Before a run within a limit that the machine cannot keep."""
    there = machine_memory()
    if there is not None and bytes_of(limit) > there:
        echo(f"the limit of {limit} is more than the {shown(there)} that are there", err=True)


@contextmanager
def _warnings_said() -> Iterator[None]:
    """Warnings are lines on stderr, without the place in our code."""
    with warnings.catch_warnings():
        warnings.showwarning = lambda message, *_, **__: echo(str(message), err=True)
        yield


@contextmanager
def _orderly_end(limit: str | None) -> Iterator[None]:
    """Within a limit there may be temporary files, which SIGTERM must not leave behind."""

    def end(_: int, __: FrameType | None) -> None:
        raise SystemExit(TERMINATED)

    before = signal.signal(signal.SIGTERM, end) if limit else None
    try:
        yield
    finally:
        if limit:
            signal.signal(signal.SIGTERM, before)


@contextmanager
def _bar(events: FileEvents) -> Iterator[Callable[[int, int], None] | None]:
    console = screen(stderr=True)
    size = events.bytes
    if not console.is_terminal or size < LARGE:
        yield None
        return
    columns = (TextColumn("reading events"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("", total=size)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def loss_code(*results: Result, err: bool = False) -> int:
    """Say, before anything that rests on them, that no record counts or too many were rejected; the exit code for it.

    `err`: on standard error, because standard output is for programs.
    """
    code = FINE
    for issue in dict.fromkeys(result.run.ingest_report.finding(result.ruleset) for result in results):
        if issue is not None:
            echo(f"{issue.source}: {issue.code} {issue.message}\n    hint: {issue.hint}", err=err)
            code = FINDINGS
    return code
