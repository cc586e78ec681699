"""The library's calls: load rules, read an organisation, scan events, assess, ask why."""

import warnings
from collections.abc import Callable
from datetime import date, datetime
from typing import TYPE_CHECKING

from attrs import define

from .adapters.events.sources import FileEvents
from .counting.cells import wanted
from .counting.port import EventSource
from .judging import batch
from .judging.batch import EventsWithEngine, Outcome
from .model.ruleset import Ruleset
from .org.organisation import Organisation
from .outofcore import bounded
from .outofcore.memory import bytes_of, machine_memory, needed, running, shown
from .periods import day_of, moment_of
from .texts import nfc
from .values import Value

if TYPE_CHECKING:
    from .explain import Reason
    from .planning.answers import Missing

__all__ = ["Result", "assess"]

SMALL = 100  # times its bytes no file of events takes in memory


@define(slots=False, repr=False)
class Result(Outcome):
    """What one run found, and why. Tables: `duties`, `scorecards`, `indicators`, `awards`, `plans`, `decisions`; `rejected`, `counts`, `findings`, `assumed`."""

    @classmethod
    def of(cls, outcome: Outcome) -> "Result":
        """What a run found, with the way back to why."""
        return Result(**{name: getattr(outcome, name) for name in Outcome.__annotations__})

    def why(self, subject: str, rule: str, period: str | None = None, language: str = "en") -> "Reason":
        """Why the subject has this result: formula with its values, measures, events that count and those that do not.

        Args:
            subject: id of a unit, body or person.
            rule: a rule of any kind; `card.indicator`, `card.total`, `card.grade`, `plan.step`; or a measure with the schedule it
                is wanted for (`rate@year`).
            period: name of the period, of a plan the step; default: the last one that has begun, a plan with all its steps, every
                decision.
            language: of the text, "en" or "zh".

        Raises:
            LookupError: there is no such rule, or no such result; the message names the nearest.
        """
        from .explain import reason
        from .tracing.trace import trace  # explaining takes a fifth of what there is to import; runs need none of it

        return reason(trace(self, subject, rule, period), language)

    def missing(self, subject: str, rule: str | None = None) -> "list[Missing]":
        """The fewest future events that clear the subject's open duties and lift its running scorecards by a grade.

        Every proposal was judged by the rule itself; what cannot be told says why. `explain.missing_lines` writes them out.

        Args:
            subject: id of a unit, body or person.
            rule: a duty or scorecard; default: all of them.

        Raises:
            LookupError: there is no such subject or rule; the message names the nearest.
        """
        from .planning.missing import missing

        return missing(self, subject, rule)

    def attribute(self, subject: str, name: str) -> Value:
        """A typed attribute of a unit or person on the day judged; None where it has none."""
        return self.run.evaluation.binding.attribute(nfc(subject), nfc(name), self.at)


def assess(
    rules: Ruleset,
    org: Organisation,
    events: EventSource,
    at: date | str | None = None,
    known_at: date | datetime | str | None = None,
    progress: Callable[[int, int], None] | None = None,
    decider: str = "",
    memory: int | str | None = None,
) -> Result:
    """Judge every rule at the end of day `at`, with what was known at `known_at`.

    Args:
        rules: from `load`.
        org: from `read_org` or `Organisation.of`.
        events: from `scan_events`, `events_from` or your own `EventSource`. Those of `spark_events` are read and counted by
            Spark; the results are the same.
        at: the day judged, all of it included, as a date or "2005-12-31"; default: the last day of the rules.
        known_at: events recorded later are not looked at: a date (its whole local day), an aware datetime, or one of them as text.
        progress: called with (bytes done, bytes in all); where events are cut into temporary files each byte counts twice.
            Spark shows how far it is by itself.
        decider: "durable_rules" or "reference"; default: what the ruleset says, else the first where it can be imported.
        memory: about how much of it this process may take, all that it holds, such as "2GiB" or a number of bytes: where
            the events of `scan_events` need more, they are counted bucket by bucket from temporary files; default: as much
            as it takes. What is more than there is likely to be for files is said by a `RuntimeWarning` before.

    Raises:
        InputError: the organisation does not fit the rules, or a source cannot be read. A single bad event does not
            raise; it is in `rejected`. Or `memory` is no amount (R101) or too little (R102), or the disk is too full for
            temporary files (R103).
        TypeError: `memory` is given for events that are not those of `scan_events`.
        ImportError: the events are those of `spark_events`, and Spark is not installed.
    """
    day = None if at is None else day_of(at)
    known = None if known_at is None else moment_of(known_at)
    if memory is not None:
        bytes_of(memory)  # one that is none is said first
    if isinstance(events, EventsWithEngine):
        if memory is not None:
            raise TypeError("memory is a limit for this process; how much Spark takes is in its configuration")
        return Result.of(events.assess(rules, org, day, known, decider))
    if memory is not None:
        return Result.of(bounded.assess(rules, org, events, memory, day, known, progress, decider))
    _warn_where_memory_is_short(rules, events)
    with running():
        return Result.of(batch.assess(rules, org, events, day, known, progress, decider))


def _warn_where_memory_is_short(rules: Ruleset, events: EventSource) -> None:
    there = machine_memory()
    if there is None or not isinstance(events, FileEvents) or not isinstance(rules, Ruleset):
        return
    if events.bytes * SMALL < there:
        return
    need = needed(events.size(wanted(rules)))
    if need > there:
        said = f"about {shown(need)} of memory are needed, {shown(there)} are there, and the run goes on all the same"
        limit = f"{there * 3 // 4 >> 20}MiB"
        warnings.warn(
            f'{said}; memory="{limit}" (learnorg run --memory {limit}) takes about that', RuntimeWarning, stacklevel=3
        )
