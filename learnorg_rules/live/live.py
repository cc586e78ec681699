"""An assessment that is kept up to date: a log of what came, and results that follow it.

Everything that came is in the log before anything is said about it. Results, changes and restatements are computed from
the log and the rules alone, so whatever was lost of them can be had again.
"""

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import date
from types import TracebackType
from typing import Self
from weakref import ref

from attrs import evolve

from ..adapters.events.single import ReadRow, RowReader
from ..api import Result, assess
from ..counting.admission import Admission
from ..counting.cells import wanted
from ..counting.ingest import Ingested, ingest
from ..errors import InputError, Issue, Source, with_hint
from ..events.event import Event
from ..explain import Reason
from ..judging.batch import Run
from ..judging.changes import Cause, Change, changes_of, differences
from ..model.kinds import KINDS
from ..model.ruleset import Ruleset
from ..org.organisation import Organisation
from ..periods import ONE_DAY, day_of
from ..store import Appended, Entry, Log, New, Publication, Restatement
from ..texts import nfc
from .codec import renewed
from .codes import refuse, refuse_another
from .follower import Counted, Follower
from .history import InputHistory
from .inputs import Inputs
from .log_events import LogEvents
from .posted import Posted
from .published import changed_by
from .publishing import Ledger, publication_of, standing_results
from .settling import Arrival, Settling
from .snapshots import pack, unpack
from .subscribers import Subscribers

__all__ = ["Given", "Live"]

RESTATED = "restated"  # the mark that says up to which entry the ledger is kept

Given = Event | Mapping[str, object] | str
"""An event, a row like those of event files, or a line of NDJSON."""


class Live:
    """Results of a ruleset that follow events and time. A context manager; use it from one thread.

    Attributes:
        replayed: the changes of the log's entries after `since`, where that was given, and of those that opening it wrote:
            what rules or an organisation that differ from the last time change.
        notices: warnings about what was damaged in the file and could be done without, and about rules or an organisation
            that differ from the last time (L108, L109).
    """

    def __init__(
        self,
        rules: Ruleset,
        org: Organisation,
        store: str | os.PathLike[str] | None = None,
        at: date | str | None = None,
        decider: str = "",
        since: int | None = None,
    ) -> None:
        """Open the log, and bring the results to where it ends.

        Args:
            rules: from `load`.
            org: from `read_org`.
            store: the file of the log, made where there is none; None for one in memory that ends with this object.
            at: the first day judged, where the log has none yet; see `advance`.
            decider: as in `assess`.
            since: an entry of the log: the changes of all later ones are computed again, into `replayed`.

        Raises:
            InputError: the organisation does not fit the rules, the file cannot be used (S101 to S112), or is another
                ruleset's (L101), or the rules do not judge the day to which time has passed (L107).
        """
        self._given: list[ref[Run]] = []
        self._decider, self._name = decider, str(store)
        given = Inputs.of(rules, org)
        self._ready = {given.digests: Follower(rules, org, decider)}  # refuses what does not fit
        self._log = Log.open(":memory:" if store is None else store)
        self._subscribers, self._ledger = Subscribers(), Ledger(rules)
        self._is_known = True  # whether the rules and the organisation followed are those in force at that entry
        self.notices: list[Issue] = []
        try:
            self._history = InputHistory(self._log, self._name, given)
            self.replayed = self._catch_up(given, since)
            self.notices += self._log.notices
            if at is not None and self.at is None:
                self.advance(at)
        except BaseException:
            self._log.close()
            raise

    # ---- what comes

    def post(self, event: Given) -> Posted:
        """Take in one event. When this returns the event is durable, and results follow it.

        A row that cannot be used is kept in the log and does not count; `Posted.reason` says why.

        Raises:
            InputError: the log cannot be written; the event was not taken in.
            TypeError: it is neither an event, a mapping nor a text.
        """
        return self.post_many((event,))[0]

    def post_many(self, events: Iterable[Given], marks: Mapping[str, str] | None = None) -> list[Posted]:
        """Take in several events in order, durable together; each says what became of it.

        Args:
            events: as for `post`.
            marks: texts to be kept with them, by name, such as how far a file was read; see `mark`.
        """
        rows = [self._reader.read(event) for event in events]
        news = [New("event", row.source, row.id, row.names, row.line) for row in rows]
        places = self._log.append(news, marks or {})
        posted = [self._take(row, place) for row, place in zip(rows, places, strict=True)]
        self._subscribers.tell(change for one in posted for change in one)
        return posted

    def advance(self, to: date | str, progress: Callable[[date], None] | None = None) -> list[Change]:
        """Time passes up to the end of a day: what falls due, begins, ends or is at risk by then.

        Changes come at each day on which a period, a deadline or the organisation turns, at each for which an event
        waits, and at the last day.

        Args:
            to: the day judged from now on, all of it included.
            progress: called with each day that was judged on the way.

        Raises:
            InputError: the day is before the one judged, or outside the days of the rules (L106).
            ValueError: the text is no day.
        """
        day = day_of(to)
        first, last = self.rules.first_day, self.rules.end - ONE_DAY
        if (self.at is not None and day < self.at) or not first - ONE_DAY <= day <= last:
            said = (
                f"it is {self.at} already"
                if self.at is not None and day < self.at
                else f"the rules judge {first} to {last}"
            )
            raise refuse("--at", "L106", f"{day}: {said}")
        if day == self.at:
            return []
        (place,) = self._log.append([New("advance", "", None, None, day.isoformat())])
        self._seq = place.seq
        changes = list(self._follower.advance(day, self._counted, place.seq, progress))
        self._restate(changes, place.seq, False)
        return self._tell(changes)

    def reorganise(self, org: Organisation) -> list[Change]:
        """The organisation is, and was, as this says: a transfer, a merger, an attribute put right.

        The log keeps it: opening it again with another one is another such change.

        Raises:
            InputError: it does not fit the rules; nothing is changed.
        """
        return self._tell(self._revise(Inputs.of(self.rules, org, self._inputs)))

    def revise(self, rules: Ruleset) -> list[Change]:
        """The rules are, and were, these. The log keeps them, as it does an organisation.

        Raises:
            InputError: the organisation does not fit them, they are another ruleset's (L101), or they do not judge the
                day to which time has passed (L107); nothing is changed.
        """
        refuse_another(self._name, self.rules.id, rules.id)
        return self._tell(self._revise(Inputs.of(rules, self.org, self._inputs)))

    # ---- what is known

    @property
    def at(self) -> date | None:
        """The day judged; None before the first `advance`."""
        return None if self._follower.at == date.min else self._follower.at

    @property
    def seq(self) -> int:
        """The last entry of the log."""
        return self._seq

    def result(self, at: date | str | None = None) -> Result:
        """The results on the day judged, or on another day with all that is known now.

        Raises:
            LookupError: no day was judged yet, and none is given.
        """
        day = None if at is None else day_of(at)
        if day is not None and day != self.at:
            return assess(self.rules, self.org, LogEvents(self._log, self._seq), day, decider=self._decider)
        outcome = self._follower.outcome(self._ingested)
        self._given = [*(given for given in self._given if given() is not None), ref(outcome.run)]
        return Result.of(outcome)

    def why(self, subject: str, rule: str, period: str | None = None, language: str = "en") -> Reason:
        """As `Result.why`, on the day judged."""
        return self.result().why(subject, rule, period, language)

    def subscribe(self, hear: Callable[[Change], None], **which: str) -> Callable[[], None]:
        """Call `hear` with every change from now on; the call that is given back ends it.

        Args:
            hear: called after the event is durable and results follow it. What it raises goes to whoever posted.
            which: only changes with these: `kind`, `rule`, `subject`, `period`.

        Raises:
            TypeError: changes have no such attribute.
            LookupError: there is no such kind or rule, so no change would ever be heard.
        """
        rules = [rule for kind in KINDS for rule in getattr(self.rules, kind.section)]
        for name, options in (("kind", [kind.name for kind in KINDS]), ("rule", rules)):
            if name in which and nfc(which[name]) not in options:
                raise LookupError(with_hint(f"there is no {name} '{which[name]}'", which[name], options))
        return self._subscribers.add(hear, which)

    def mark(self, name: str) -> str | None:
        """A text kept with `post_many`, or None."""
        return self._log.mark(name)

    def set_marks(self, marks: Mapping[str, str]) -> None:
        """Keep texts by name."""
        self._log.set_marks(marks)

    # ---- what was given out

    def publish(self, period: str) -> Publication:
        """Freeze the results of a period, and of all inside it, in the ledger. What changes later is restated.

        Raises:
            InputError: there is no such period (L104), it is not over (L102), or was published already (L103).
        """
        if any(p.period == period for p in self._log.publications()):
            raise refuse("--period", "L103", f"{period} was published already", "see `learnorg published`")
        publication = publication_of(self.result(), period, self._seq, *self._inputs.digests)
        publication = evolve(publication, number=self._log.publish(publication, {RESTATED: str(self._seq)}))
        self._restated = self._seq
        self._ledger.add(publication)
        return publication

    def publications(self) -> list[Publication]:
        """All that was published, in order."""
        return self._log.publications()

    def restatements(self, publication: Publication | None = None) -> list[Restatement]:
        """What would be different today in one publication, or in all, in order."""
        return self._log.restatements(None if publication is None else publication.number)

    def standing(self, publication: Publication) -> Sequence[str]:
        """The publication's results by now, as canonical JSON: with the restatements that were allowed to move them."""
        return standing_results(publication, self.restatements(publication))

    def verify(self, publication: Publication) -> None:
        """Compute the publication again from the log and the rules.

        Raises:
            InputError: the results are others (L105).
        """
        digests = publication.rules_digest, publication.organisation_digest
        used = self._history.inputs(digests) or self._inputs
        known = LogEvents(self._log, publication.seq)
        result = assess(used.rules, used.org, known, publication.at, decider=self._decider)
        again = publication_of(result, publication.period, publication.seq, *digests, is_new=False)
        if again.digest != publication.digest and again.results.splitlines() != [
            renewed(line) for line in publication.results.splitlines()
        ]:
            pairs = zip(("the rules", "the organisation"), digests, used.digests, strict=True)
            different = ", ".join(what for what, then, now in pairs if then != now)
            hint = (
                f"not as they were when it was published, and those are not in the log: {different}"
                if different
                else ""
            )
            said = f"publication {publication.number} of {publication.period} has the digest {publication.digest}, computed again it is {again.digest}"
            raise refuse(publication.period, "L105", said, hint)

    # ---- the file

    def snapshot(self) -> None:
        """Keep the state beside the log, so that opening it again need not count every event."""
        state = self._follower.state()
        if state is not None:
            self._log.save_snapshot(self._seq, self._key(), pack(state))
            self._keep_mark()

    def close(self) -> None:
        """Close the file. Results that are still in use read their events before, so that they can be asked after."""
        in_use = [run for given in self._given if (run := given()) is not None]
        if in_use:
            ingested = self._ingested()  # once for all of them
            for run in in_use:
                run.reading = lambda: ingested
                _ = run.ingest_report
        self._keep_mark()
        self._log.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if kind is None:
            self.close()
        else:  # perhaps in the middle of an entry, which opening again looks at once more
            self._log.close()

    # ---- one entry

    def _tell(self, changes: list[Change]) -> list[Change]:
        self._subscribers.tell(changes)
        return changes

    def _take(self, row: ReadRow, place: Appended) -> Posted:
        self._seq = max(self._seq, place.seq)
        arrival = self._settling.arrived(row, place)
        changes = self._follow_row(row, place.seq, arrival)
        return Posted(place.seq, arrival.state, arrival.code, arrival.reason, tuple(changes))

    def _follow_row(self, row: ReadRow, seq: int, arrival: Arrival) -> list[Change]:
        if not (arrival.gone or arrival.come):
            return []
        cause = Cause("event", row.source, row.id or "")
        changes = self._follower.exchange(arrival.gone, arrival.come, seq, cause)
        kinds = self.rules.events
        self._restate(changes, seq, any(kinds[e.kind].effect == "appeal" for e, _ in (*arrival.gone, *arrival.come)))
        return changes

    def _restate(self, changes: Sequence[Change], seq: int, is_appeal: bool) -> None:
        """Write down what the changes of an entry do to what was published, once."""
        if not len(self._ledger) or not changes or seq <= self._restated:
            return
        assert self.at is not None  # there are no changes before a day is judged
        restatements = self._ledger.restatements(changes, seq, self.at, is_appeal)
        if restatements:
            self._log.restate(restatements, {RESTATED: str(seq)})
            self._restated = seq

    def _keep_mark(self) -> None:
        """Every entry so far was looked at for the ledger; opening again need not look at them once more."""
        if len(self._ledger) and self._restated < self._seq:
            self._log.set_marks({RESTATED: str(self._seq)})
            self._restated = self._seq

    # ---- rules and organisation

    def _follow(self, inputs: Inputs) -> None:
        """Follow by these from now on; nothing is judged by them yet."""
        self.rules, self.org, self._inputs = inputs.rules, inputs.org, inputs
        if inputs.digests not in self._ready:
            self._ready[inputs.digests] = Follower(inputs.rules, inputs.org, self._decider)
        self._follower = self._ready.pop(inputs.digests)
        self._reader, self._admission = RowReader(wanted(inputs.rules)), Admission(inputs.rules, inputs.org)
        self._settling = Settling(self._log, self._reader, self._admission)

    def _revise(self, given: Inputs) -> list[Change]:
        """Rules and organisation are these, and were: write it down, and say what is different now.

        Where both are others, the organisation comes first, so that each change has one cause; unless it does not fit the
        rules before.
        """
        if given.digests == self._history.now:
            return []
        if given.digests not in self._ready:
            self._ready = {given.digests: Follower(given.rules, given.org, self._decider)}  # refuses what does not fit
        self._history.refuse_unjudged(given.rules)
        steps = [given]
        if self._is_known and all(old != new for old, new in zip(self._inputs.digests, given.digests, strict=True)):
            between = Inputs(self.rules, given.org, (self._inputs.digests[0], given.digests[1]))
            with suppress(InputError):
                self._ready[between.digests] = Follower(between.rules, between.org, self._decider)
                steps = [between, given]
        changes: list[Change] = []
        for step in steps:
            number = self._history.take_over(step, self.at)
            self._seq = self._history.turns[number].seq
            changes += self._turn(number)
        self._history.let_go([given])
        return changes

    def _turn(self, number: int) -> list[Change]:
        """Other inputs come into force, of this place among those that did; what is different now."""
        turn, before_turn = self._history.turns[number], self._history.before(number)
        digests = turn.digests
        inputs = self._history.inputs(digests)
        if inputs is None or digests == before_turn:
            self._is_known = self._is_known and inputs is not None
            return []
        before, at = self._follower.records, self.at
        if inputs is not self._inputs:
            self._follow(inputs)
            self._ledger.become(inputs.rules)
            if at is None:
                self._follower.await_first_day(self._counted())
            else:
                self._follower.begin(at, self._counted)
        if at is None:
            pairs = []
        elif self._is_known:
            pairs = list(differences(before, self._follower.records))
        elif turn.seq <= self._restated:
            pairs = changed_by(turn.seq, self._log.restatements())
        else:
            pairs = self._ledger.outdated(self._follower.records)
        self._is_known = True
        changes = [] if at is None else changes_of(pairs, turn.seq, 0, at, Cause(_what_differs(before_turn, digests)))
        self._restate(changes, turn.seq, False)
        return changes

    # ---- from the log

    def _catch_up(self, given: Inputs, since: int | None) -> list[Change]:
        """Results as they are after the log's last entry, by what is given; changes of the entries after `since`."""
        last, publications = self._log.last(), self._log.publications()
        self._restated = int(self._log.mark(RESTATED) or 0)
        start = min(last if since is None else since, self._restated if publications else last, last)
        inputs = None
        for turn in self._history.since(start):
            inputs = self._history.inputs(turn.digests)
            if inputs is not None:
                break
            self._is_known = False  # until the next of them
        self._follow(inputs or given)
        self._ledger.become(self.rules)
        snapshot = self._log.snapshot(self._key())
        self._seq = 0
        if snapshot is not None and snapshot.seq <= start:
            self._seq = snapshot.seq
            self._follower.resume(unpack(snapshot.parts), self._counted)
            self._replay(self._log.entries(self._seq, start))
        else:
            days = [e.line for e in self._log.entries(until=start) if e.sort == "advance"]
            self._seq = start
            if days:
                self._follower.begin(date.fromisoformat(days[-1]), self._counted)
            else:
                self._follower.await_first_day(self._counted())
        for publication in publications:
            self._ledger.add(publication, self._log.restatements(publication.number))
        changes = self._replay(self._log.entries(self._seq, last))
        if self._history.now != given.digests:
            changes += self._opened_with(given)
        return [change for change in changes if change.position[0] > (last if since is None else since)]

    def _opened_with(self, given: Inputs) -> list[Change]:
        """Rules or organisation that are not those of the last time are a change, and a notice."""
        what = _SAID[_what_differs(self._history.now, given.digests)]
        is_known, before = self._is_known, len(self._log.restatements())
        changes = self._revise(given)
        n, restated = len(changes), len(self._log.restatements()) - before
        if is_known:
            code, more = "L108", f"{n} {'change' if n == 1 else 'changes'}"
        else:
            code, more = (
                "L109",
                "the log does not hold what was before, so that changes of published results only are known",
            )
        said = f"opened with {what} than the last time: {more}, {restated} {'restatement' if restated == 1 else 'restatements'}"
        hint = "`learnorg published` shows what was restated" if restated else ""
        self.notices.append(Issue(Source(self._name), code, said, hint, "warning"))
        return changes

    def _replay(self, entries: Iterable[Entry]) -> list[Change]:
        turns = {turn.seq: number for number, turn in enumerate(self._history.turns)}
        changes: list[Change] = []
        for entry in entries:
            self._seq = entry.seq
            if entry.sort == "event":
                row = self._reader.read(entry.line)
                changes += self._follow_row(row, entry.seq, self._settling.arrived(row, Appended(entry.seq, True)))
            elif entry.seq not in turns or date.fromisoformat(entry.line) != self.at:  # no time passes at a turn
                passed = list(self._follower.advance(date.fromisoformat(entry.line), self._counted, entry.seq))
                changes += passed
                self._restate(passed, entry.seq, False)
            if entry.seq in turns:
                changes += self._turn(turns[entry.seq])
        return changes

    def _ingested(self) -> Ingested:
        return ingest(LogEvents(self._log, self._seq).read(wanted(self.rules)), self.rules, self.org)

    def _counted(self) -> Iterator[Counted]:
        """All events that count, by the log up to the entry that is being followed."""
        return self._ingested().events()

    def _key(self) -> str:
        return " ".join(("state 3", *self._inputs.digests))  # a state of another form is not found


def _what_differs(old: tuple[str, str], new: tuple[str, str]) -> str:
    """The sort of cause."""
    return "organisation" if old[0] == new[0] else "rules" if old[1] == new[1] else "inputs"


_SAID = {
    "rules": "other rules", "organisation": "another organisation", "inputs": "other rules and another organisation",
}  # fmt: skip
