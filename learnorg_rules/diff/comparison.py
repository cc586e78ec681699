"""What-if on recorded events: both rulesets judged over the same organisation and events, and laid side by side."""

from collections.abc import Callable, Sequence
from datetime import date, datetime
from functools import cached_property

from attrs import define, field

from ..api import Result, assess
from ..counting.binding import bind
from ..counting.port import EventSource, Read, Wanted
from ..errors import InputError, Issue
from ..judging.batch import EventsWithEngine
from ..model.results import AwardResult, ScorecardResult
from ..model.ruleset import Ruleset
from ..org.organisation import Organisation
from ..periods import ONE_DAY, day_of
from .changes import RuleChange, changes_between
from .moves import Move, OneSided, Tally, moved
from .reasons import Reasons
from .rests import Rests

__all__ = ["Comparison", "compare"]


@define
class _ReadOnce:
    """An event source that is not read again for a ruleset that reads it alike."""

    events: EventSource
    _last: tuple[Wanted, Read] | None = field(default=None, init=False)

    def read(self, wanted: Wanted, progress: Callable[[int, int], None] | None = None) -> Read:
        """Read everything, or give what was read."""
        if self._last is None or self._last[0] != wanted:
            self._last = (wanted, self.events.read(wanted, progress))
        return self._last[1]


@define(slots=False, repr=False)
class Comparison:
    """What differs between two rulesets, and whom it moves.

    `old`, `new`: both runs whole, for `why`. `changes`: the rules that differ. `moves`: each result that is another now, by kind (scorecard, indicator, award, duty, plan, decision); of each kind awards gained and lost come first, then the
    largest difference of points, then ids.
    `one_sided`: results of rules that only one side has, which are no moves. `tallies`: moved and unmoved by rule.
    """

    old: Result
    new: Result
    changes: Sequence[RuleChange]
    moves: Sequence[Move] = field(repr=False)
    one_sided: Sequence[OneSided]
    tallies: Sequence[Tally]

    def __repr__(self) -> str:
        return (
            f"<Comparison at {self.new.at}: changes of rules: {len(self.changes)}, moves: {len(self.moves)}, "
            f"subjects moved: {len(self.subjects)}>"
        )

    @property
    def is_same(self) -> bool:
        """Whether every result is what it was, and neither side has results that the other lacks."""
        return not self.moves and not self.one_sided

    @cached_property
    def subjects(self) -> Sequence[str]:
        """Who is moved, by id."""
        return sorted({move.subject for move in self.moves})

    @property
    def unmoved(self) -> int:
        """How many results of rules on both sides are what they were."""
        return sum(tally.unmoved for tally in self.tallies)

    @property
    def event_kinds(self) -> Sequence[str]:
        """Kinds of events that the two do not declare alike, themselves or by the type of one of their fields."""
        differing = [c for c in self.changes if not c.is_for_readers]
        fields = {change.id for change in differing if change.section == "fields"}
        kinds = dict.fromkeys(change.id for change in differing if change.section == "events")
        for ruleset in (self.old.ruleset, self.new.ruleset):
            kinds |= {name: None for name, kind in ruleset.events.items() if not fields.isdisjoint(kind.takes)}
        return sorted(kinds)

    @property
    def new_findings(self) -> Sequence[Issue]:
        """What a person has to settle under the new rules only."""
        known = {(issue.code, issue.message) for issue in self.old.findings}
        return tuple(issue for issue in self.new.findings if (issue.code, issue.message) not in known)

    def of(self, kind: str, rule: str = "") -> Sequence[Move]:
        """The moves of a kind, and of one rule where one is named."""
        return tuple(m for m in self.moves if m.kind == kind and rule in ("", m.rule))

    @property
    def gained(self) -> Sequence[Move]:
        """Who gets an award now and did not."""
        return tuple(m for m in self.of("award") if _granted(m.new) and not _granted(m.old))

    @property
    def lost(self) -> Sequence[Move]:
        """Who got an award and does not now."""
        return tuple(m for m in self.of("award") if _granted(m.old) and not _granted(m.new))

    @property
    def regraded(self) -> Sequence[Move]:
        """Whose grade is another."""
        return tuple(m for m in self.of("scorecard") if _grade(m.old) != _grade(m.new))


def compare(
    old: Ruleset,
    new: Ruleset,
    org: Organisation,
    events: EventSource,
    at: date | str | None = None,
    known_at: date | datetime | str | None = None,
) -> Comparison:
    """Judge the same organisation and events by both rulesets, and say what differs and why.

    Args:
        old: the rules that are in force, from `load`.
        new: those that are to be.
        org: from `read_org`; it has to fit both.
        events: from `scan_events`, `events_from` or `spark_events`; read once where both rulesets read alike.
        at: the day judged, all of it included; default: the last day that both rulesets judge.
        known_at: events recorded later are not looked at: a date (its whole local day) or an aware datetime.

    Raises:
        InputError: the organisation does not fit one of them, with the faults of both; or a source cannot be read.
    """
    day = min(old.end, new.end) - ONE_DAY if at is None else day_of(at)
    _check_fits((old, new), org, day)
    source = events if isinstance(events, EventsWithEngine) else _ReadOnce(events)
    before = assess(old, org, source, day, known_at)
    after = assess(new, org, source, day, known_at)
    changes = changes_between(old, new)
    moves, sides, tallies = moved(before, after)
    reasons = Reasons(before, after, Rests(old, new, changes))
    return Comparison(before, after, changes, tuple(map(reasons.explained, moves)), tuple(sides), tuple(tallies))


def _check_fits(rulesets: Sequence[Ruleset], org: Organisation, day: date) -> None:
    issues: list[Issue] = []
    for ruleset in rulesets:
        try:
            bind(ruleset, org, day)
        except InputError as error:
            issues += error.issues
    if issues:
        raise InputError(issues)


def _granted(record: object) -> bool:
    return isinstance(record, AwardResult) and record.granted


def _grade(record: object) -> str | None:
    return record.grade if isinstance(record, ScorecardResult) else None
