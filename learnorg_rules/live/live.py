"""An assessment that is kept up to date: a log of what came, and results that follow it.

Everything that came is in the log before anything is said about it. Results, changes and restatements are computed from
the log and the rules alone, so whatever was lost of them can be had again.
"""

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from types import TracebackType
from typing import Self

from attrs import evolve

from ..adapters.events.single import ReadRow, RowReader
from ..api import Result, assess
from ..counting.admission import Admission
from ..counting.cells import wanted
from ..counting.ingest import Ingested, ingest
from ..errors import Issue
from ..events.event import Event
from ..explain import Reason
from ..judging.changes import Cause, Change
from ..model.ruleset import Ruleset
from ..org.organisation import Organisation
from ..periods import ONE_DAY, day_of
from ..store import Appended, Entry, Log, New, Publication, Restatement
from .codec import renewed
from .codes import refuse
from .follower import Counted, Follower
from .log_events import LogEvents
from .plain import digest
from .posted import Posted
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
        replayed: the changes of the log's entries after `since`, where that was given.
        notices: warnings about what was damaged in the file and could be done without, and about what is different since
            it was last used.
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
                ruleset's (L101).
        """
        self.rules, self.org, self._decider = rules, org, decider
        self._follower = Follower(rules, org, decider)
        self._reader, self._admission = RowReader(wanted(rules)), Admission(rules, org)
        self._log = Log.open(":memory:" if store is None else store)
        self._subscribers = Subscribers()
        self._ledger = Ledger(rules)
        self.notices: list[Issue] = []
        try:
            self._digests = digest(evolve(rules, folder="", warnings=())), _organisation_digest(org)
            self._claim(str(store))
            self._settling = Settling(self._log, self._reader, self._admission)
            self.replayed = self._catch_up(since)
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
        self._subscribers.tell(changes)
        return changes

    def reorganise(self, org: Organisation) -> list[Change]:
        """The organisation is, and was, as this says: a transfer, a merger, an attribute put right.

        The log holds events only, so the same organisation has to be given when it is opened again.

        Raises:
            InputError: it does not fit the rules; nothing is changed.
        """
        Follower(self.rules, org)  # refuses what does not fit, before anything is changed
        digest_now = _organisation_digest(org)
        if self.at is not None:  # an entry at which no time passes, so that its changes have a place of their own
            (place,) = self._log.append(
                [New("advance", "", None, None, self.at.isoformat())], {"organisation": digest_now}
            )
            self._seq = place.seq
        else:
            self._log.set_marks({"organisation": digest_now})
        self._admission = self._settling.admission = Admission(self.rules, org)
        self.org, self._digests = org, (self._digests[0], digest_now)
        changes = self._follower.reorganise(org, self._counted, self._seq)
        self._restate(changes, self._seq, False)
        self._subscribers.tell(changes)
        return changes

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
        return Result.of(self._follower.outcome(self._ingested))

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
        """
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
        publication = publication_of(self.result(), period, self._seq, *self._digests)
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
        known = LogEvents(self._log, publication.seq)
        result = assess(self.rules, self.org, known, publication.at, decider=self._decider)
        again = publication_of(result, publication.period, publication.seq, *self._digests)
        if again.digest != publication.digest and again.results.splitlines() != [
            renewed(line) for line in publication.results.splitlines()
        ]:
            different = [
                what
                for what, then, now in (
                    ("the rules", publication.rules_digest, self._digests[0]),
                    ("the organisation", publication.organisation_digest, self._digests[1]),
                )
                if then != now
            ]
            hint = f"not as they were when it was published: {', '.join(different)}" if different else ""
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
        """Close the file."""
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

    def _take(self, row: ReadRow, place: Appended) -> Posted:
        self._seq = max(self._seq, place.seq)
        arrival = self._settling.arrived(row, place)
        changes = self._follow(row, place.seq, arrival)
        return Posted(place.seq, arrival.state, arrival.code, arrival.reason, tuple(changes))

    def _follow(self, row: ReadRow, seq: int, arrival: Arrival) -> list[Change]:
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

    # ---- from the log

    def _claim(self, name: str) -> None:
        """See that the log is of this ruleset, and say what is different since it was last used."""
        owner = self._log.mark("ruleset")
        if owner is not None and owner != self.rules.id:
            raise refuse(name, "L101", f"the log is of the ruleset '{owner}', not of '{self.rules.id}'")
        self._log.set_marks({"ruleset": self.rules.id, "rules": self._digests[0], "organisation": self._digests[1]})

    def _catch_up(self, since: int | None) -> list[Change]:
        """Results as they are after the log's last entry; changes of those after `since`."""
        last, publications = self._log.last(), self._log.publications()
        self._restated = int(self._log.mark(RESTATED) or 0)
        start = min(last if since is None else since, self._restated if publications else last, last)
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
        return [] if since is None else [change for change in changes if change.position[0] > since]

    def _replay(self, entries: Iterable[Entry]) -> list[Change]:
        changes: list[Change] = []
        for entry in entries:
            self._seq = entry.seq
            if entry.sort == "advance":
                passed = list(self._follower.advance(date.fromisoformat(entry.line), self._counted, entry.seq))
                changes += passed
                self._restate(passed, entry.seq, False)
            else:
                row = self._reader.read(entry.line)
                changes += self._follow(row, entry.seq, self._settling.arrived(row, Appended(entry.seq, True)))
        return changes

    def _ingested(self) -> Ingested:
        return ingest(LogEvents(self._log, self._seq).read(wanted(self.rules)), self.rules, self.org)

    def _counted(self) -> Iterator[Counted]:
        """All events that count, by the log up to the entry that is being followed."""
        return self._ingested().events()

    def _key(self) -> str:
        return " ".join(("state 3", *self._digests))  # a state of another form is not found


def _organisation_digest(org: Organisation) -> str:
    return digest(org.nodes, org.edges, org.versions)
