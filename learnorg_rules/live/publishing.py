"""The ledger of what was published: what a period's results were, and what became of them since."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from hashlib import sha256

from attrs import evolve, frozen

from ..dataflow.build import in_force
from ..judging.batch import Outcome
from ..judging.changes import Change, RecordKey, key_of
from ..model.kinds import KINDS, appeals_of, kind_of, rules_in
from ..model.results import Record
from ..model.ruleset import Ruleset
from ..periods import ONE_DAY, Period, period_hint
from ..store import Publication, Restatement
from .codec import NOTHING, line_of, lines_of, record_of, renewed
from .codes import refuse

__all__ = ["Ledger", "publication_of", "published_in", "standing_results"]

APPEALED = "decided on appeal"


@frozen
class _Belonging:
    """Which results belong to a period: those of the periods that lie in it with most of their days, what is due in it by a
    day, and decisions that name one of these periods. Plans have days of their own and belong to none.
    """

    period: Period
    names: Mapping[tuple[str, str, int], frozenset[str]]
    last: date  # the last day that rules judge in one of them

    @classmethod
    def of(cls, ruleset: Ruleset, name: str) -> "_Belonging | None":
        """For the period of this name in the schedule of some rule; None where there is none."""
        every, in_days = {}, {}
        for kind, number, rule in rules_in(ruleset):
            if rule.every:
                schedule = ruleset.calendar.schedule(rule.every, ruleset.first_day, ruleset.end)
                every[kind.name, rule.id, number] = schedule.periods
                in_days[kind.name, rule.id, number] = in_force(ruleset, rule)
        period = next((p for periods in every.values() for p in periods if p.name == name), None)
        if period is None:
            return None
        inside = {of: [p for p in found if p.is_of(period)] for of, found in every.items()}
        ends = [
            min(p.end, end) for of, found in inside.items() for p in found for start, end, _ in in_days[of]
            if p.overlap(start, end)
        ]  # fmt: skip
        last = max(min(period.end, ruleset.end), *ends) - ONE_DAY
        return cls(period, {of: frozenset(p.name for p in found) for of, found in inside.items()}, last)

    def __contains__(self, record: Record) -> bool:
        kind = kind_of(record)
        names = self.names.get((kind.name, record.rule, record.version))
        if names is not None:
            return record.period in names
        if kind.dated == "named":
            return any(record.period in names for names in self.names.values())
        due = getattr(record, "due", None)
        return due is not None and due in self.period


def _belonging(outcome: Outcome, name: str) -> _Belonging:
    belonging = _Belonging.of(outcome.ruleset, name)
    if belonging is None:
        nodes, schedules = outcome.run.dataflow.rules, outcome.run.dataflow.schedules
        known = sorted((p for node in nodes for p in schedules[node.schedule].periods), key=lambda p: p.name)
        raise refuse("--period", "L104", f"no rule is judged in a period '{name}'", period_hint(name, known))
    return belonging


def published_in(outcome: Outcome, name: str) -> list[Record]:
    """The results that belong to the period of this name, in the order of the rules.

    Raises:
        InputError: no rule has such a period (L104).
    """
    return _results_in(outcome, _belonging(outcome, name))


def _results_in(outcome: Outcome, belonging: _Belonging) -> list[Record]:
    return [record for kind in KINDS for record in outcome.run.judging.of(kind) if record in belonging]


@frozen
class _Standing:
    """A publication, what it says by now of each result it holds, and what else belongs to its period."""

    publication: Publication
    lines: dict[RecordKey, str]
    belonging: _Belonging | None


class Ledger:
    """What was published of one ruleset's results, and how a change touches it."""

    def __init__(self, ruleset: Ruleset) -> None:
        self.ruleset = ruleset
        self._standing: dict[int, _Standing] = {}

    def __len__(self) -> int:
        return len(self._standing)

    def add(self, publication: Publication, restated: Iterable[Restatement] = ()) -> None:
        """Take note of a publication, and of what was restated since, in order."""
        said = {_key_of_line(line): renewed(line) for line in publication.results.splitlines()}
        for restatement in restated:
            line = restatement.old if restatement.new == NOTHING else restatement.new
            said[_key_of_line(line)] = renewed(restatement.new)
        self._standing[publication.number] = _Standing(
            publication, said, _Belonging.of(self.ruleset, publication.period)
        )

    def become(self, ruleset: Ruleset) -> None:
        """What belongs to a published period, and what may move it, goes by these rules from now on."""
        self.ruleset = ruleset
        for number, standing in self._standing.items():
            belonging = _Belonging.of(ruleset, standing.publication.period)
            self._standing[number] = evolve(standing, belonging=belonging)

    def outdated(self, now: Iterable[Record]) -> list[tuple[Record | None, Record | None]]:
        """What publications say by now and results do not, as pairs of both: all that can be known without results before."""
        current = {key_of(record): record for record in now}
        found: dict[RecordKey, tuple[Record | None, Record | None]] = {}
        for standing in self._standing.values():
            belong = () if standing.belonging is None else (k for k, r in current.items() if r in standing.belonging)
            for key in dict.fromkeys((*standing.lines, *belong)):
                line, record = standing.lines.get(key, NOTHING), current.get(key)
                if line != line_of(record):
                    found.setdefault(key, (record_of(line), record))
        return list(found.values())

    def restatements(self, changes: Iterable[Change], seq: int, at: date, is_appeal: bool) -> list[Restatement]:
        """What the changes do to published results. Where one entry changes a result several times, the last counts."""
        found: dict[tuple[int, RecordKey], Restatement] = {}
        for change in changes:
            key, records = change.key, [record for record in (change.old, change.new) if record is not None]
            for number, standing in self._standing.items():
                if key in standing.lines or any(
                    record in standing.belonging for record in records if standing.belonging
                ):
                    old = standing.lines.get(key, NOTHING)
                    new = line_of(change.new)
                    before = found.get((number, key))
                    appealed = is_appeal or _is_appealed(change) or (before is not None and before.reason == APPEALED)
                    allowed, reason = self._may_move(standing.publication, at, appealed)
                    found[number, key] = Restatement(
                        number, seq, change.subject, change.rule, change.period, old if before is None else before.old,
                        new, str(change.cause), allowed, reason,
                    )  # fmt: skip
        moved = {at: r for at, r in found.items() if r.old != r.new}
        for (number, key), restatement in moved.items():
            self._standing[number].lines[key] = restatement.new
        return list(moved.values())

    def _may_move(self, publication: Publication, at: date, is_appeal: bool) -> tuple[bool, str]:
        days = self.ruleset.header.publication.correctable_days
        if days is None:
            return True, "corrections move published results at any time"
        if is_appeal:
            return True, APPEALED
        last = date.fromisoformat(publication.at) + timedelta(days)
        if days and at <= last:
            return True, f"corrected within {days} days of publication, until {last}"
        said = (
            f"the {days} days for corrections ended on {last}" if days else "corrections do not move what is published"
        )
        return False, f"{said}: only an appeal moves it"


def _is_appealed(change: Change) -> bool:
    """Whether an appeal takes effect in this very result; one of a later day does so when time passes, not when it comes."""
    return bool(appeals_of(change.new) - appeals_of(change.old))


def _key_of_line(line: str) -> RecordKey:
    record = record_of(line)
    assert record is not None  # NOTHING is no line of a publication
    return key_of(record)


def publication_of(
    outcome: Outcome, name: str, seq: int, rules_digest: str, organisation_digest: str, is_new: bool = True
) -> Publication:
    """A publication of a period, not yet written; or one that was made before, computed again.

    Raises:
        InputError: there is no such period (L104); or, of a new one, it or what belongs to it is not over on the day judged (L102).
    """
    ruleset, belonging = outcome.ruleset, _belonging(outcome, name)
    if is_new and outcome.at < belonging.last:
        what, last = f"what belongs to {name}", belonging.last
        if last == min(belonging.period.last, ruleset.end - ONE_DAY):
            what = name
        raise refuse("--period", "L102", f"{what} runs until {last}, and it is {outcome.at}", f"advance to {last}")
    results = lines_of(_results_in(outcome, belonging))
    return Publication(
        0, name, outcome.at.isoformat(), None, seq, ruleset.id, ruleset.header.version, rules_digest, organisation_digest,
        results, sha256(results.encode()).hexdigest(),
    )  # fmt: skip


def standing_results(publication: Publication, restated: Iterable[Restatement]) -> Sequence[str]:
    """What the publication says by now: its lines, with those that restatements were allowed to move."""
    said = {line: line for line in map(renewed, publication.results.splitlines())}
    stands = dict(said)
    for restatement in restated:
        old, new = renewed(restatement.old), renewed(restatement.new)
        first = next((line for line, now in said.items() if now == old != NOTHING), new)
        stands.setdefault(first, NOTHING)  # there was no such result when it was published
        said[first] = new
        if restatement.allowed:
            stands[first] = new
    return [line for line in stands.values() if line != NOTHING]
