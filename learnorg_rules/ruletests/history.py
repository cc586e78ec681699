"""Histories of a case: lines become events, each knowing the line it came from."""

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal

from attrs import define, field, frozen

from ..documents import Broken, Mapping_, Scalar, Sequence_, Tree, kind_of, place
from ..errors import Issues, Source, did_you_mean
from ..events.event import Event
from ..model.definitions import FieldType
from ..model.ruleset import Ruleset
from ..notation import number_in
from ..org.organisation import Organisation
from .lines import Line, LineError, Word, read_line
from .moments import Moments
from .wide import find_wide

__all__ = ["History", "read_history"]


@frozen
class History:
    """Events in the order they are written, repetitions written out, and the line each id came from."""

    events: tuple[Event, ...] = ()
    places: Mapping[str, Source] = field(factory=dict)


def read_history(trees: Iterable[Tree], ruleset: Ruleset, organisation: Organisation, issues: Issues) -> History:
    """The events of some histories, each a mapping from subjects to lines; faults go to `issues` (codes T11x).

    Whether the ruleset takes the events (ranges, required fields, lives of units) is for the engine to say.
    """
    reader = _Reader(ruleset, organisation, issues, Moments(ruleset.calendar, ruleset.time_zone))
    for tree in trees:
        reader.histories(tree)
    reader.check_targets()
    return History(tuple(reader.events), reader.places)


@define
class _Reader:
    ruleset: Ruleset
    organisation: Organisation
    issues: Issues
    moments: Moments
    events: list[Event] = field(factory=list)
    places: dict[str, Source] = field(factory=dict)
    targets: list[tuple[str, Source]] = field(factory=list)

    def histories(self, tree: Tree) -> None:
        if isinstance(tree, Broken):
            return
        if not isinstance(tree, Mapping_):
            self.issues.error(
                tree.source, "E203", f"'history' takes a mapping from subjects to lines; found {kind_of(tree)}"
            )
            return
        for key, value in tree.entries:
            subjects = list(self._subjects(key))
            lines = value.items if isinstance(value, Sequence_) else (value,)
            for line in lines:
                if isinstance(line, Broken):
                    continue
                if not isinstance(line, Scalar) or line.is_empty:
                    self.issues.error(
                        line.source, "E203", f"a line of a history is a text; found {kind_of(line)}",
                        "such as: forum(minutes=60) 2005-02-10",
                    )  # fmt: skip
                    continue
                self._line(line, subjects)

    def _subjects(self, key: Scalar) -> Iterator[str]:
        for match in re.finditer(r"[^\s,](?:[^,]*[^\s,])?", key.text):
            wide = find_wide(match[0])
            if match[0] in self.organisation.nodes:
                yield match[0]
            elif wide is not None:
                self.issues.error(place(key, match.start() + wide.offset), "T114", wide.message, wide.hint)
            else:
                self.issues.error(
                    place(key, match.start()), "T114", f"the organisation has no '{match[0]}'",
                    did_you_mean(match[0], self.organisation.nodes),
                )  # fmt: skip

    def _line(self, scalar: Scalar, subjects: list[str]) -> None:
        before = len(self.issues.found)
        try:
            line = read_line(scalar.text)
            moments = self.moments.of(line)
            recorded = self.moments.moment(line.recorded) if line.recorded else None
        except LineError as fault:
            self.issues.error(place(scalar, fault.offset), fault.code, fault.message, fault.hint)
            self._told_as_wide(scalar, before)
            return
        given = self._fields(line, scalar)
        if len(self.issues.found) > before:
            self._told_as_wide(scalar, before)
        else:
            for subject in subjects:
                self._events(line, scalar, subject, moments, recorded, given)

    def _told_as_wide(self, scalar: Scalar, before: int) -> None:
        """Where a line with full-width signs has faults, they are what to mend; the rest only follows from them."""
        wide = find_wide(scalar.text)
        if wide is not None:
            del self.issues.found[before:]
            self.issues.error(place(scalar, wide.offset), "T110", wide.message, wide.hint)

    # ---- what is said

    def _fault(self, scalar: Scalar, word: Word, code: str, message: str, hint: str = "") -> None:
        self.issues.error(place(scalar, word.offset), code, message, hint)

    def _fields(self, line: Line, scalar: Scalar) -> dict[str, object]:
        """Typed values by field; None where the line says `missing`. The envelope's own names stay."""
        kinds = self.ruleset.events
        if line.kind.text not in kinds:
            hint = did_you_mean(line.kind.text, kinds)
            self._fault(scalar, line.kind, "T111", f"there is no kind of event '{line.kind.text}'", hint)
            return {}
        takes = kinds[line.kind.text].takes
        found: dict[str, object] = {}
        for name, value in line.fields:
            if name.text in ("id", "source", "person"):
                if value.text == "missing" and not value.quoted and name.text != "person":
                    self._fault(scalar, value, "T113", f"'{name.text}' cannot be missing", "leave it out")
                found[name.text] = None if value.text == "missing" and not value.quoted else value.text
            elif name.text not in takes:
                hint = did_you_mean(name.text, takes) or f"'{line.kind.text}' takes no field"
                self._fault(scalar, name, "T112", f"'{line.kind.text}' does not take '{name.text}'", hint)
            elif value.text == "missing" and not value.quoted:
                found[name.text] = None
            else:
                found[name.text] = self._value(scalar, name.text, value)
        return found

    def _value(self, scalar: Scalar, name: str, word: Word) -> object:
        declared = self.ruleset.fields[name]
        try:
            return _typed(word, declared, self.moments)
        except ValueError as fault:
            self._fault(scalar, word, "T113", f"{name}: {fault}")
            return None

    # ---- events

    def _events(
        self, line: Line, scalar: Scalar, subject: str, moments: list[datetime], recorded: datetime | None,
        given: Mapping[str, object],
    ) -> None:  # fmt: skip
        is_person = self.organisation.kind(subject) == "person"
        if is_person and (line.persons or line.everybody or "person" in given):
            word = (*line.persons, *((line.everybody,) if line.everybody else ()), line.kind)[0]
            self._fault(scalar, word, "T110", f"'{subject}' is a person already", "put the line under a unit")
            return
        explicit = given.get("id")
        number = 0
        for moment in moments:
            snapshot = self.organisation.as_of(moment.date())
            unit = snapshot.home(subject) if is_person else subject
            if unit is None:
                self._fault(scalar, line.kind, "T114", f"'{subject}' belongs to no unit on {moment.date().isoformat()}")
                return
            for person in self._persons(line, subject, is_person, moment.date(), given):
                for _ in range(line.times):
                    number += 1
                    self._event(line, scalar, subject, unit, person, moment, recorded, given, number)
        if number > 1 and explicit is not None:
            word = line.kind
            self._fault(
                scalar,
                word,
                "T116",
                f"the id '{explicit}' is given to {number} events",
                "give it on a line for one event",
            )

    def _persons(
        self, line: Line, subject: str, is_person: bool, day: date, given: Mapping[str, object]
    ) -> Iterable[str | None]:
        if is_person:
            return (subject,)
        if line.everybody is not None:
            return self.organisation.as_of(day).members(subject, self.ruleset.header.roll_up.along)
        if line.persons:
            return [word.text for word in line.persons]
        person = given.get("person")
        return (None if person is None else str(person),)

    def _event(
        self, line: Line, scalar: Scalar, subject: str, unit: str, person: str | None, moment: datetime,
        recorded: datetime | None, given: Mapping[str, object], number: int,
    ) -> None:  # fmt: skip
        source = scalar.source
        id_ = given.get("id") or f"line {source.line}.{source.column} {subject} {number}"
        assert isinstance(id_, str)  # read as a text
        if id_ in self.places and number == 1 and given.get("id"):
            first = self.places[id_]
            if given.get("source") is None:
                self._fault(
                    scalar,
                    line.kind,
                    "T116",
                    f"the id '{id_}' is given twice",
                    f"first on line {first.line}; say 'resent' there for a resend",
                )
        self.places.setdefault(id_, source)
        event = Event(
            id=id_, kind=line.kind.text, unit=unit, occurred_at=moment, source=str(given.get("source") or ""),
            person=person, recorded_at=recorded, corrects=line.corrects.text if line.corrects else None,
            voids=line.voids.text if line.voids else None,
            fields={n: v for n, v in given.items() if n not in ("id", "source", "person") and v is not None},
        )  # fmt: skip
        self.events.extend((event, event) if line.resent else (event,))
        self.targets.extend((w.text, place(scalar, w.offset)) for w in (line.corrects, line.voids) if w)

    def check_targets(self) -> None:
        """Report each `corrects` and `voids` of an id that no line gives."""
        for target, where in self.targets:
            if target not in self.places:
                given = [e.id for e in self.events if not e.id.startswith("line ")]
                self.issues.error(
                    where, "T116", f"no line gives the id '{target}'", did_you_mean(target, given) or "give it with id="
                )


def _typed(word: Word, declared: FieldType, moments: Moments) -> object:
    """The word as a value of the declared type.

    Raises:
        ValueError: it is none; the text says what was expected.
    """
    text = word.text
    if declared.type in ("text", "choice"):
        return text
    if word.quoted:
        raise ValueError(f"the text '{text}' is in quotes, and {_SAID[declared.type]} is expected")
    if declared.type == "boolean" and text in ("true", "false"):
        return text == "true"
    if declared.type in ("integer", "decimal") and number_in(text) is not None:
        return Decimal(text)  # that it has no more decimals than declared is for the reader of events to say
    if declared.type in ("date", "instant"):
        try:
            moment = moments.moment(word)
        except LineError as fault:
            raise ValueError(fault.message) from None
        return moment if declared.type == "instant" else moment.date()
    raise ValueError(f"'{text}' is not {_SAID[declared.type]}")


_SAID = {
    "boolean": "true or false", "integer": "a whole number", "decimal": "a number", "date": "a date",
    "instant": "a time",
}  # fmt: skip
