"""The ledger of what was published: what a period's results were, and what became of them since."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from hashlib import sha256

from attrs import frozen

from ..judging.batch import Outcome
from ..judging.changes import Change, RecordKey, key_of
from ..model.kinds import KINDS, Kind, appeals_of, kind_named
from ..model.results import Record
from ..model.ruleset import Ruleset
from ..periods import Period, period_hint
from ..store import Publication, Restatement
from .codec import NOTHING, line_of, lines_of, record_of, renewed
from .codes import refuse

__all__ = ["Ledger", "period_named", "published_in"]

APPEALED = "decided on appeal"


def period_named(outcome: Outcome, name: str) -> Period:
    """The period of this name in some rule's schedule.

    Raises:
        InputError: no rule has such a period (L104).
    """
    periods = {
        p.name: p for n in outcome.run.dataflow.rules for p in outcome.run.dataflow.schedules[n.schedule].periods
    }
    if name not in periods:
        raise refuse("--period", "L104", f"no rule is judged in a period '{name}'", period_hint(name, list(periods)))
    return periods[name]


def published_in(outcome: Outcome, period: Period) -> list[Record]:
    """The results of every period inside this one, in the order of the rules; not of rules with days of their own."""
    schedules = outcome.run.dataflow.schedules
    inside = {
        (node.kind, node.id, node.version): {
            p.name for p in schedules[node.schedule].periods if period.start <= p.start and p.end <= period.end
        }
        for node in outcome.run.dataflow.rules
    }
    names = {name for found in inside.values() for name in found}  # a decision may name any of them
    judging = outcome.run.judging
    return [
        record
        for kind in KINDS
        if kind.dated != "own"
        for record in judging.of(kind)
        if record.period in inside.get((kind.name, record.rule, record.version), names)
    ]


@frozen
class _Standing:
    """A publication and what it says by now of each result it holds."""

    publication: Publication
    said: dict[RecordKey, str]
    rules: frozenset[tuple[str, str, int, str]]  # kind, rule, version, period


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
        rules = frozenset((*key[:3], key[4]) for key in said)
        for restatement in restated:
            line = restatement.old if restatement.new == NOTHING else restatement.new
            said[_key_of_line(line)] = renewed(restatement.new)
        self._standing[publication.number] = _Standing(publication, said, rules)

    def restatements(self, changes: Iterable[Change], seq: int, at: date, is_appeal: bool) -> list[Restatement]:
        """What the changes do to published results. Where one entry changes a result several times, the last counts."""
        found: dict[tuple[int, RecordKey], Restatement] = {}
        for change in changes:
            kind = kind_named(change.kind)
            if kind.dated == "own":
                continue
            key = change.key
            for number, standing in self._standing.items():
                if key in standing.said or (*key[:3], key[4]) in standing.rules or _is_named(kind, change, standing):
                    old = standing.said.get(key, NOTHING)
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
            self._standing[number].said[key] = restatement.new
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


def _is_named(kind: Kind, change: Change, standing: _Standing) -> bool:
    return kind.dated == "named" and change.period in {period for *_, period in standing.rules}


def _is_appealed(change: Change) -> bool:
    """Whether an appeal takes effect in this very result; one of a later day does so when time passes, not when it comes."""
    return bool(appeals_of(change.new) - appeals_of(change.old))


def _key_of_line(line: str) -> RecordKey:
    record = record_of(line)
    assert record is not None  # NOTHING is no line of a publication
    return key_of(record)


def publication_of(outcome: Outcome, name: str, seq: int, rules_digest: str, organisation_digest: str) -> Publication:
    """A publication of a period, not yet written.

    Raises:
        InputError: there is no such period (L104), or it is not over on the day judged (L102).
    """
    period = period_named(outcome, name)
    if outcome.at < period.last:
        raise refuse(
            "--period", "L102", f"{name} runs until {period.last}, and it is {outcome.at}", f"advance to {period.last}"
        )
    results = lines_of(published_in(outcome, period))
    ruleset = outcome.ruleset
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
