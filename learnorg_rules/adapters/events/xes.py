"""XES, the exchange format of process mining (IEEE 1849): a log of traces (cases), each with its events.

A row is a mapping of texts. A row of an event has the attributes of the event by their keys, those of its trace as
`case:<key>`, and those nested below another as `<key>/<nested key>`. A row of a trace has only `case:<key>`. Besides:

    xes:row   "event" or "trace"
    xes:id    of a trace: its `concept:name`; of an event: that, "#", and its place in the trace from 1

`xes:id` identifies an event in a log whose events have no id of their own.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from xml.etree import ElementTree

from attrs import define, field, frozen

from .exact import Problem
from .files import Opened, refuse
from .plan import Gathered, Plan

__all__ = ["Attribute", "read_xes", "xes_totals"]

_VALUES = frozenset({"string", "date", "int", "float", "boolean", "id"})
_HOLDERS = frozenset({"list", "container"})
_DEPTH = 64  # of nested elements


@frozen
class Attribute:
    """What a log says of itself under one key: a text, and further attributes by their keys."""

    value: str
    nested: Mapping[str, "Attribute"] = field(factory=dict)

    def __getitem__(self, key: str) -> "Attribute":
        return self.nested[key]


class _Refused(Exception):  # noqa: N818
    """The document is not read at all. The arguments are the code and the reason."""


@define
class _Frame:
    """An element that is open: its name, its key, the keys and values found in it."""

    tag: str
    key: str = ""
    value: str = ""
    found: dict[str, str] = field(factory=dict)
    twice: str | None = None


class _Reader:
    """Gets the document element by element and keeps no more of it than one trace."""

    def __init__(self, log: bool = False) -> None:
        self.rows: list[tuple[Mapping[str, str], str | None]] = []
        self.open: list[_Frame] = []
        self.events: list[_Frame] = []
        self.trace: _Frame | None = None
        self.loose = 0  # events outside traces
        self.keep_log = log
        self.log: dict[str, Attribute] = {}
        self.parts: list[tuple[_Frame, dict[str, Attribute]]] = []

    def doctype(self, name: str, public: str | None, system: str | None) -> None:
        raise _Refused("V109", "the file has a DOCTYPE, which is not allowed")

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        name = tag.rpartition("}")[2]
        if len(self.open) >= _DEPTH:
            raise _Refused("V104", f"elements are nested more than {_DEPTH} deep")
        if not self.open and name != "log":
            raise _Refused("V104", f"this is no XES: it begins with <{name}>, expected <log>")
        element = _Frame(name, attributes.get("key", ""), attributes.get("value", ""))
        self.open.append(element)
        if name == "trace":
            self.trace = element
        if name in _VALUES | _HOLDERS and self._inside_log_only():
            self.parts.append((element, {}))

    def end(self, tag: str) -> None:
        element = self.open.pop()
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
        """Keep the events of a trace that never ended; the trace itself is not whole."""
        self._events_of(self.trace)

    def _inside_log_only(self) -> bool:
        return all(frame.tag in _VALUES | _HOLDERS | {"log", "values"} for frame in self.open)

    def _attribute(self, element: _Frame) -> None:
        if self.parts and self.parts[-1][0] is element:
            _, nested = self.parts.pop()
            if self.keep_log:
                (self.parts[-1][1] if self.parts else self.log)[element.key] = Attribute(element.value, nested)
            return
        path = [element.key]
        for frame in reversed(self.open):
            if frame.tag in ("event", "trace"):
                key = "/".join(reversed(path))
                if key in frame.found:
                    frame.twice = frame.twice or key
                if element.tag in _VALUES:
                    frame.found[key] = element.value
                return
            if frame.tag in _VALUES | _HOLDERS:
                path.append(frame.key)
            elif frame.tag != "values":
                return  # in <global> and the like, which say nothing of any event

    def _event(self, element: _Frame) -> None:
        if self.trace is not None:
            self.events.append(element)
            return
        self.loose += 1
        row = {**element.found, "xes:row": "event", "xes:id": f"#{self.loose}"}
        self.rows.append((row, element.twice))

    def _trace(self, element: _Frame) -> None:
        self._events_of(element)
        row = {f"case:{key}": value for key, value in element.found.items()}
        row["xes:row"] = "trace"
        if "concept:name" in element.found:
            row["xes:id"] = element.found["concept:name"]
        self.rows.append((row, element.twice))
        self.trace = None

    def _events_of(self, trace: _Frame | None) -> None:
        if trace is None:
            return
        case = {f"case:{key}": value for key, value in trace.found.items()}
        name = trace.found.get("concept:name")
        for number, event in enumerate(self.events, start=1):
            row = {**event.found, **case, "xes:row": "event"}
            if name is not None:
                row["xes:id"] = f"{name}#{number}"
            self.rows.append((row, event.twice))
        self.events = []


@frozen
class _Broken:
    """The document is not well formed from here on."""

    reason: str


def _rows(opened: Opened) -> Iterator[tuple[Mapping[str, str], str | None] | _Broken]:
    reader = _Reader()
    parser = ElementTree.XMLParser(target=reader)
    broken: _Broken | None = None
    try:
        for piece in opened.pieces():
            parser.feed(piece)
            yield from reader.rows
            reader.rows.clear()
        if opened.broken is None:
            parser.close()
        else:
            broken = _Broken(opened.broken)
    except ElementTree.ParseError as error:
        broken = _Broken(f"broken XML: {error}")
    except _Refused as refused:
        raise refuse(opened.path, *refused.args) from None
    if broken is not None:
        reader.interrupted()
    yield from reader.rows
    if broken is not None:
        yield broken


def read_xes(opened: Opened, gathered: Gathered, cases: Plan | None = None) -> None:
    """Read one file into `gathered`: an event for each event, and with `cases` one for each trace.

    A row is numbered by its place among all events and traces of the file, a trace standing behind its events.

    Raises:
        InputError: the file cannot be read at all (V104, V109).
    """
    file = gathered.begin(str(opened.path))
    for number, entry in enumerate(_rows(opened), start=1):
        if isinstance(entry, _Broken):
            code = "V210" if opened.broken is None else "V209"
            gathered.reject(file, number, None, [Problem(code, f"{entry.reason}: what follows is lost")])
            return
        given, twice = entry
        plan = gathered.plan if given["xes:row"] == "event" else cases
        if plan is None:
            gathered.keys(given)
        elif twice is not None:
            gathered.reject(
                file, number, given.get(plan.id_key or ""), [Problem("V203", f"the key {twice!r} is there twice")]
            )
        else:
            gathered.row(file, number, given, as_text=True, plan=plan)


def xes_totals(path: str | Path) -> Mapping[str, Attribute]:
    """What a log says of itself, by key: attributes of the log as a whole, such as the publisher's `meta_...` totals.

    Raises:
        InputError: the file cannot be read, or is broken (V104, V109).
    """
    opened = Opened(Path(path))
    reader = _Reader(log=True)
    parser = ElementTree.XMLParser(target=reader)
    try:
        for piece in opened.pieces():
            parser.feed(piece)
            reader.rows.clear()
        if opened.broken is not None:
            raise refuse(opened.path, "V104", opened.broken)
        parser.close()
    except ElementTree.ParseError as error:
        raise refuse(opened.path, "V104", f"broken XML: {error}") from None
    except _Refused as refused:
        raise refuse(opened.path, *refused.args) from None
    return reader.log
