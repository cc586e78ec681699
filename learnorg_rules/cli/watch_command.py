"""`learnorg watch`: take in events as they come, and say what each changes."""

import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from datetime import date, datetime
from pathlib import Path
from types import FrameType

import click

from ..adapters.events.single import RowReader
from ..counting.admission import Admission
from ..counting.cells import wanted
from ..errors import InputError
from ..live import Live
from ..periods import ONE_DAY
from ..store import Log
from .faults import print_issues
from .inputs import Day, Name, check_units, read_inputs
from .screen import FINE, lang_option, screen
from .watch_lines import Line, Lines
from .watch_printing import FIRST, ChangePrinter

__all__ = ["command"]

BATCH = 100  # lines made durable together
SNAPSHOT_EVERY = 10_000  # events
WATCHED = "watched"  # the mark that says up to which entry changes were printed


@click.command("watch")
@click.argument("ruleset", type=click.Path())
@click.option("--org", type=click.Path(), help="Organisation: a folder or file.  [default: RULESET/example/org]")
@click.option("--events", metavar="FILE", help="NDJSON to follow; - is standard input.  [default: only let time pass]")
@click.option(
    "--store",
    metavar="FILE",
    type=click.Path(dir_okay=False),
    help="The log, begun where there is none.  [default: in memory]",
)
@click.option("--at", type=Day(), help="Let time pass to the end of this day first.")
@click.option(
    "--advance-with-events",
    "with_events",
    is_flag=True,
    help="Let time pass to the day before each event, as events come.",
)
@click.option("--today", is_flag=True, help="Let time pass to today, and on at midnight.")
@click.option("--follow/--no-follow", default=True, show_default=True, help="Wait for more at the end of the file.")
@click.option("--json", "--cloudevents", "as_json", is_flag=True, help="Write changes as CloudEvents, one a line.")
@click.option(
    "--unit", "units", multiple=True, metavar="ID", type=Name(), help="Only changes of this subject; may be repeated."
)
@lang_option
def command(
    ruleset: str, org: str | None, events: str | None, store: str | None, at: date | None, with_events: bool, today: bool,
    follow: bool, as_json: bool, units: Sequence[str], lang: str,
) -> int:  # fmt: skip
    """Read the records of a file or pipe as they come, and show what each changes.

    With --store, a watch that was ended or killed goes on where it was: no event is lost or taken in twice, and changes
    that may not have been printed are printed again.
    """
    if today and (with_events or at is not None):
        raise click.UsageError(
            "--today goes neither with --at nor with --advance-with-events: each says how time passes"
        )
    inputs = read_inputs(ruleset, org, (), None, None, {}, need_events=False)
    check_units(units, inputs.organisation)
    with _stopping() as stop, nullcontext() if events is None else Lines(events, follow, stop) as lines:
        since = _watched(store)
        with Live(inputs.rules, inputs.organisation, store, since=since) as live:
            print_issues(live.notices, screen(stderr=True))
            if live.at is None and at is None and not (today or with_events):
                raise click.UsageError(
                    "no day was judged yet; say how time passes: --at, --advance-with-events or --today"
                )
            printer = ChangePrinter(live, screen(), screen(stderr=True), lang, as_json, units)
            _Watch(live, printer, lines, stop, with_events).run(at, today)
            if store is not None:
                live.snapshot()
            printer.summary()
    return FINE


class _Watch:
    """One run of the command."""

    def __init__(
        self, live: Live, printer: ChangePrinter, lines: Lines | None, stop: threading.Event, with_events: bool
    ) -> None:
        self.live, self.printer, self.lines, self.stop = live, printer, lines, stop
        self._reader = RowReader(wanted(live.rules)) if with_events else None
        self._admission = Admission(live.rules, live.org)
        self._unsaved = 0  # events since the last snapshot

    def run(self, at: date | None, today: bool) -> None:
        """Until the lines end or it is stopped."""
        self.printer.changes(self.live.replayed)
        self._printed()
        if at is not None:
            self._advance(at)
        if self.lines is not None and self.lines.mark_name:
            self.lines.resume(self.live.mark(self.lines.mark_name))
        while not self.stop.is_set():
            if today:
                self._advance(datetime.now(self.live.rules.time_zone).date())
            found = [] if self.lines is None else self.lines.read(BATCH)
            if found:
                self._take(found)
            elif self.lines is None or self.lines.ended:
                break

    def _take(self, lines: Sequence[Line]) -> None:
        batch: list[Line] = []
        for line in lines:
            day = None if self._reader is None else self._day_before(line)
            if day is not None and (self.live.at is None or day > self.live.at):
                self._post(batch)
                batch = []
                self._advance(day)
            batch.append(line)
        self._post(batch)

    def _post(self, lines: Sequence[Line]) -> None:
        if not lines or self.lines is None:
            return
        written = [line for line in lines if line.text.strip()]
        posted = self.live.post_many([line.text for line in written], self.lines.mark(lines[-1]))
        for line, one in zip(written, posted, strict=True):
            self.printer.posted(one, f"{self.lines.name}:{line.number}")
        self._printed()
        self._unsaved += len(written)
        if self._unsaved >= SNAPSHOT_EVERY:
            self.live.snapshot()
            self._unsaved = 0

    def _advance(self, day: date) -> None:
        """Let time pass, unless it has."""
        if self.live.at is None or day > self.live.at:
            if self.live.at is None:
                self.live.set_marks({FIRST: str(self.live.seq + 1)})
            self.printer.changes(self.live.advance(day))
            self._printed()

    def _printed(self) -> None:
        self.live.set_marks({WATCHED: str(self.live.seq)})

    def _day_before(self, line: Line) -> date | None:
        """The day before an event's; None for what cannot count, so that no misspelt year moves time."""
        assert self._reader is not None  # time passes with events
        event = self._reader.read(line.text).event
        if event is None or self._admission.check(event) is not None:
            return None
        day, rules = self._admission.day(event), self.live.rules
        return day - ONE_DAY if rules.first_day <= day < rules.end else None


def _watched(store: str | None) -> int | None:
    """Up to which entry of the log changes were printed; None where it was never watched, or is not there yet."""
    if store is None or not Path(store).exists():
        return None
    try:
        with Log.open(store, writer=False) as log:
            mark = log.mark(WATCHED)
    except InputError as error:
        if any(issue.code not in ("S101", "S103") for issue in error.issues):  # these two a writer puts right
            raise
        return None
    return None if mark is None else int(mark)


@contextmanager
def _stopping() -> Iterator[threading.Event]:
    """An event that the first SIGINT or SIGTERM sets; the second has its usual effect."""
    stop = threading.Event()
    before: dict[int, Callable[[int, FrameType | None], object] | int | None] = {}

    def end(number: int, frame: FrameType | None) -> None:
        stop.set()
        signal.signal(number, before[number])

    for number in (signal.SIGINT, signal.SIGTERM):
        before[number] = signal.signal(number, end)
    try:
        yield stop
    finally:
        for caught, handler in before.items():
            signal.signal(caught, handler)
