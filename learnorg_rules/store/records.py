"""What the log keeps: entries, snapshots, publications, and the restatements of publications."""

from collections.abc import Mapping

from attrs import frozen

__all__ = ["Appended", "Entry", "InForce", "New", "Publication", "Restatement", "Snapshot"]


@frozen
class New:
    """An entry to be written. The fields are those of `Entry`."""

    sort: str
    source: str
    id: str | None
    names: str | None
    line: str


@frozen
class Entry:
    """One line of the log.

    Attributes:
        seq: place in the log, from 1 without gaps.
        sort: "event" or "advance" (of the day up to which everything is known).
        source: who sent the event; "" for an advance.
        id: of the event, unique within its source; None where it could not be read, and for an advance.
        names: id of the event, of the same source, that this one corrects or voids; None where it does neither.
        line: the event as given, one line of NDJSON, or the ISO day of an advance.
        copies: how often this very line came.
    """

    seq: int
    sort: str
    source: str
    id: str | None
    names: str | None
    line: str
    copies: int


@frozen
class Appended:
    """Where an entry stands. `is_new` is False where the line was there before, and only its copies rose."""

    seq: int
    is_new: bool


@frozen
class InForce:
    """From the end of entry `seq` on the rules and the organisation are those of these digests."""

    seq: int
    rules: str
    organisation: str

    @property
    def digests(self) -> tuple[str, str]:
        """Of the rules and of the organisation."""
        return self.rules, self.organisation


@frozen
class Snapshot:
    """A computed state after entry `seq`. `key` says what it was computed by; a state is of use under the same key only."""

    seq: int
    key: str
    parts: Mapping[str, bytes]


@frozen
class Publication:
    """Results as they were given out. They never change; what changes later is a `Restatement`.

    Attributes:
        number: 1, 2, ... in the order of publishing; 0 before it is published.
        period: name of the period the results are of.
        at: instant of publishing, ISO 8601.
        known_at: what was recorded later was left aside, ISO 8601; None where all that had arrived was used.
        seq: last entry of the log that was used; 0 where there was none.
        ruleset: id of the ruleset.
        version: of the ruleset.
        rules_digest: of what the rules say.
        organisation_digest: of the organisation's records.
        results: canonical JSON, one result a line.
        digest: SHA-256 of `results` in UTF-8, in hexadecimal.
    """

    number: int
    period: str
    at: str
    known_at: str | None
    seq: int
    ruleset: str
    version: str
    rules_digest: str
    organisation_digest: str
    results: str
    digest: str


@frozen
class Restatement:
    """A published result that would be another today.

    Attributes:
        publication: number of the publication that holds the result.
        seq: entry of the log that changed it.
        subject: who was judged.
        rule: by which rule.
        period: name of the period.
        old: the result before, canonical JSON.
        new: the result now, canonical JSON.
        cause: what the entry did.
        allowed: whether the change may take effect.
        reason: why it may, or may not.
    """

    publication: int
    seq: int
    subject: str
    rule: str
    period: str
    old: str
    new: str
    cause: str
    allowed: bool
    reason: str
