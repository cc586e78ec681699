"""XES, the exchange format of process mining (IEEE 1849): a log of traces (cases), each with its events.

A row is a mapping of texts. A row of an event has the attributes of the event by their keys, those of its trace as
`case:<key>`, and those nested below another as `<key>/<nested key>`. A row of a trace has only `case:<key>`. Besides:

    xes:row   "event" or "trace"
    xes:id    of a trace: its `concept:name`; of an event: that, "#", and its place in the trace from 1

`xes:id` identifies an event in a log whose events have no id of their own.
"""

import re
from collections.abc import Iterator, Mapping
from fractions import Fraction
from pathlib import Path
from xml.etree import ElementTree

from attrs import define, evolve, field, frozen

from ...notation import written
from ...texts import encoding_of, is_utf_8
from .collector import RowCollector
from .exact import LINE_LIMIT, Problem
from .files import OpenFile, refuse
from .plan import ReadPlan
from .sampling import Sample, sample_text

__all__ = ["Attribute", "read_xes", "sample_xes", "xes_totals"]

_VALUES = frozenset({"string", "date", "int", "float", "boolean", "id"})
_HOLDERS = frozenset({"list", "container"})
_DEPTH = 64  # of nested elements
EVENTS = 250_000  # of a trace, which are held until its end
OBJECTS = 2_000  # bytes of a row, which is objects before it is columns


@frozen
class Attribute:
    """An attribute of the log as a whole: a text, and nested attributes by their keys."""

    value: str
    nested: Mapping[str, "Attribute"] = field(factory=dict)

    def __getitem__(self, key: str) -> "Attribute":
        return self.nested[key]


class _Refused(Exception):  # noqa: N818
    """The document is not read at all. The arguments are the code, the reason, and perhaps a hint."""


_FLOAT = re.compile(r"-?[0-9]+(?:\.[0-9]+)?[eE][+-]?[0-9]{1,2}")


@define
class _Element:
    """An element that is open: its name, its key, the attributes read in it so far, and a key of theirs that is repeated."""

    tag: str
    key: str = ""
    value: str = ""
    attributes: dict[str, str] = field(factory=dict)
    repeated: str | None = None


def _plain(element: _Element) -> str:
    """The value as a text; of a float with an exponent, which XML has for numbers as JSON does, the number in full."""
    is_short = element.tag == "float" and _FLOAT.fullmatch(element.value)
    return written(Fraction(element.value)) if is_short else element.value


class _LogParser:
    """Receives the document element by element and keeps no more of it than one trace."""

    def __init__(self, log: bool = False) -> None:
        self.rows: list[tuple[Mapping[str, str], str | None]] = []
        self.open_elements: list[_Element] = []
        self.events: list[_Element] = []
        self.trace: _Element | None = None
        self.loose = 0  # events outside traces
        self.piece = b""  # the part of the file that is being read
        self.keep_log = log
        self.log: dict[str, Attribute] = {}
        self.log_parts: list[tuple[_Element, dict[str, Attribute]]] = []

    def doctype(self, name: str, public: str | None, system: str | None) -> None:
        raise _Refused("V109", "the file has a DOCTYPE, which is not allowed")

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        name = tag.rpartition("}")[2]
        if name == "event" and len(self.events) >= EVENTS:
            raise _Refused(
                "V113", f"a trace has more than {EVENTS:,} events", "split it, or write the events as NDJSON or CSV"
            )
        if len(attributes.get("value", "")) > LINE_LIMIT:
            raise _Refused("V113", "a value is longer than 1 MiB", "shorten it, or leave it out")
        if len(self.open_elements) >= _DEPTH:
            raise _Refused("V104", f"elements are nested more than {_DEPTH} deep")
        if not self.open_elements and name != "log":
            raise _Refused("V104", f"this is no XES: it begins with <{name}>, expected <log>")
        element = _Element(name, attributes.get("key", ""), attributes.get("value", ""))
        self.open_elements.append(element)
        if name == "trace":
            self.trace = element
        if name in _VALUES | _HOLDERS and self._inside_log_only():
            self.log_parts.append((element, {}))

    def end(self, tag: str) -> None:
        element = self.open_elements.pop()
        if element.tag == "event":
            self._event(element)
        elif element.tag == "trace":
            self._trace(element)
        elif element.tag in _VALUES | _HOLDERS:
            self._attribute(element)

    def data(self, text: str) -> None:
        """Text between elements means nothing in XES."""

    def close(self) -> None:
        """The document is at its end."""

    def interrupted(self) -> None:
        """Keep the events of a trace that has no end; the trace itself is not whole."""
        self._events_of(self.trace)

    def _inside_log_only(self) -> bool:
        return all(outer.tag in _VALUES | _HOLDERS | {"log", "values"} for outer in self.open_elements)

    def _attribute(self, element: _Element) -> None:
        if self.log_parts and self.log_parts[-1][0] is element:
            _, nested = self.log_parts.pop()
            if self.keep_log:
                (self.log_parts[-1][1] if self.log_parts else self.log)[element.key] = Attribute(element.value, nested)
            return
        path = [element.key]
        for outer in reversed(self.open_elements):
            if outer.tag in ("event", "trace"):
                key = "/".join(reversed(path))
                if key in outer.attributes:
                    outer.repeated = outer.repeated or key
                if element.tag in _VALUES:
                    outer.attributes[key] = _plain(element)
                return
            if outer.tag in _VALUES | _HOLDERS:
                path.append(outer.key)
            elif outer.tag != "values":
                return  # in <global> and the like, which say nothing of any event

    def _event(self, element: _Element) -> None:
        if self.trace is not None:
            self.events.append(element)
            return
        self.loose += 1
        row = {**element.attributes, "xes:row": "event", "xes:id": f"#{self.loose}"}
        self.rows.append((row, element.repeated))

    def _trace(self, element: _Element) -> None:
        self._events_of(element)
        row = {f"case:{key}": value for key, value in element.attributes.items()}
        row["xes:row"] = "trace"
        if "concept:name" in element.attributes:
            row["xes:id"] = element.attributes["concept:name"]
        self.rows.append((row, element.repeated))
        self.trace = None

    def _events_of(self, trace: _Element | None) -> None:
        if trace is None:
            return
        case = {f"case:{key}": value for key, value in trace.attributes.items()}
        name = trace.attributes.get("concept:name")
        for number, event in enumerate(self.events, start=1):
            row = {**event.attributes, **case, "xes:row": "event"}
            if name is not None:
                row["xes:id"] = f"{name}#{number}"
            self.rows.append((row, event.repeated))
        self.events = []


@frozen
class _Broken:
    """The document is not well formed from here on."""

    reason: str


def _encoding(piece: bytes) -> str:
    """What to do about a part of a file that was not read, where its encoding is the reason."""
    found = "" if is_utf_8(piece) else encoding_of(piece)
    return f"; the file looks like {found}: save it as UTF-8" if found else ""


def _rows(opened: OpenFile) -> Iterator[tuple[Mapping[str, str], str | None] | _Broken]:
    target = _LogParser()
    parser = ElementTree.XMLParser(target=target)
    broken: _Broken | None = None
    try:
        for piece in opened.pieces():
            target.piece = piece
            parser.feed(piece)
            yield from target.rows
            target.rows.clear()
        if opened.broken is None:
            parser.close()
        else:
            broken = _Broken(opened.broken)
    except (ElementTree.ParseError, ValueError, LookupError) as error:
        broken = _Broken(f"broken XML: {error}{_encoding(target.piece)}")
    except _Refused as refused:
        raise refuse(opened.path, *refused.args) from None
    if broken is not None:
        target.interrupted()
    yield from target.rows
    if broken is not None:
        yield broken


def read_xes(opened: OpenFile, collector: RowCollector) -> Iterator[None]:
    """Read one file in one step: an event for each event and, where cases become events, one for each trace.

    A row is numbered by its place among all events and traces of the file, a trace standing behind its events.

    Raises:
        InputError: the file cannot be read at all (V104, V109).
    """
    file = collector.begin_file(str(opened.path))
    for number, entry in enumerate(_rows(opened), start=1):
        if isinstance(entry, _Broken):
            code = "V210" if opened.broken is None else "V209"
            collector.reject(file, number, None, [Problem(code, f"{entry.reason}: what follows is lost")])
            break
        given, repeated = entry
        plan = collector.plan if given["xes:row"] == "event" else collector.cases
        if plan is None:
            collector.note_columns(given)
        elif repeated is not None:
            problem = Problem("V203", f"the key {repeated!r} is there twice")
            collector.reject(file, number, given.get(plan.id_key or ""), [problem])
        else:
            collector.add_row(file, number, given, as_text=True, plan=plan)
    yield


def sample_xes(path: Path, plan: ReadPlan) -> Sample:
    """How many events a file has and how long these are; no row is looked at."""
    sample = sample_text(path, lambda first, piece: (), row_end=b"<event")
    return evolve(sample, text=sample.text + OBJECTS)


def xes_totals(path: str | Path) -> Mapping[str, Attribute]:
    """The attributes of the log as a whole, by key, such as the publisher's `meta_...` totals.

    Raises:
        InputError: the file cannot be read, or is broken (V104, V109).
    """
    opened = OpenFile(Path(path))
    target = _LogParser(log=True)
    parser = ElementTree.XMLParser(target=target)
    try:
        for piece in opened.pieces():
            target.piece = piece
            parser.feed(piece)
            target.rows.clear()
        if opened.broken is not None:
            raise refuse(opened.path, "V104", opened.broken)
        parser.close()
    except (ElementTree.ParseError, ValueError, LookupError) as error:
        raise refuse(opened.path, "V104", f"broken XML: {error}{_encoding(target.piece)}") from None
    except _Refused as refused:
        raise refuse(opened.path, *refused.args) from None
    return target.log
