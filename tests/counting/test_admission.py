"""One event at a time: read, admitted or refused exactly as a batch does it, and kept as a line that says the same."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from fractions import Fraction
from functools import cache
from pathlib import Path

import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import learnorg_rules as lr
from learnorg_rules.adapters.events.exact import json_row
from learnorg_rules.adapters.events.single import ReadRow, RowReader
from learnorg_rules.adapters.events.sources import events_from, scan_events
from learnorg_rules.counting.admission import Admission
from learnorg_rules.counting.cells import wanted
from learnorg_rules.counting.ingest import ingest, local_days, refusals
from learnorg_rules.counting.port import ENVELOPE, INSTANT, Read, Wanted
from learnorg_rules.errors import InputError, Source
from learnorg_rules.events import Event
from learnorg_rules.model.definitions import Columns, Effective, EventKind, FieldType, Header
from learnorg_rules.model.ruleset import Ruleset
from learnorg_rules.org.organisation import Organisation
from learnorg_rules.org.records import Node

ROOT = Path(__file__).parents[2]
BAD = sorted((ROOT / "tests" / "adapters" / "events" / "bad").glob("*.ndjson"))
ZHABEI = ROOT / "rulesets" / "zhabei-2003"

FIELDS = {
    "minutes": FieldType("integer", min=Fraction(0), max=Fraction(1201, 2)),
    "score": FieldType("decimal", places=1, min=Fraction(5, 2), max=Fraction(100)),
    "change": FieldType("decimal", min=Fraction(-100, 3)),
    "passed": FieldType("boolean"),
    "carrier": FieldType("choice", of=("forum", "salon", "study")),
    "topic": FieldType("text"),
    "due": FieldType("date"),
    "held_at": FieldType("instant"),
}
KINDS = {
    "forum": EventKind(id="forum", fields=("person?", "minutes", "carrier?", "topic?", "due?", "held_at?")),
    "exam": EventKind(id="exam", fields=("person", "score?", "change?", "passed")),
    "poll": EventKind(id="poll"),
}


def rules(time_zone: str = "Asia/Shanghai", unknown_person: str = "reject") -> Ruleset:
    header = Header(
        id="test",
        time_zone=time_zone,
        effective=Effective(date(2005, 1, 1), date(2005, 12, 31)),
        records=Columns(unknown_person=unknown_person),
    )
    return Ruleset(header=header, fields=FIELDS, events=KINDS)


def node(id_: str, kind: str = "unit", from_: date | None = None, to: date | None = None) -> Node:
    return Node(id_, kind, {}, from_, to, Source("org"))


ORGANISATION = Organisation.of(
    [
        node("u1"),
        node("u2", from_=date(2005, 3, 1), to=date(2005, 6, 30)),
        node("council", "body"),
        node("ann", "person"),
        node("bob", "person"),
    ]
)
RULES = rules()
WANTED = wanted(RULES)
READER = RowReader(WANTED)
ADMISSION = Admission(RULES, ORGANISATION)


def row(**more: object) -> dict[str, object]:
    """An event that counts, but for what is said."""
    found = {"id": "a", "kind": "forum", "unit": "u1", "occurred_at": "2005-04-01T09:30:00Z", "minutes": 60}
    return {**found, **more}


def refusal(given_: Mapping[str, object] | Event | str) -> tuple[str, str] | None:
    read = READER.read(given_)
    return read.problems if read.event is None else ADMISSION.check(read.event)


def cells(read: Read) -> dict[int, Event]:
    """The events of a read frame, by the numbers of their rows."""
    events = {}
    for found in read.frame.iter_rows(named=True):
        envelope = {name: found[name] for name in ENVELOPE}
        fields = {n: v for n, v in found.items() if n not in (*ENVELOPE, "file", "row") and v is not None}
        events[found["row"]] = Event(**envelope, fields=fields)
    return events


def rejected(read: Read) -> dict[int, tuple[str | None, str, str]]:
    return {number: (id_, code, reason) for _, number, id_, code, reason in read.rejected.iter_rows()}


def of_line(line: str, folder: Path, wanted_: Wanted = WANTED) -> tuple[Event | None, tuple[str, str] | None]:
    """What a file says that has this one line."""
    path = folder / "one.ndjson"
    path.write_bytes(line.encode() + b"\n")
    read = scan_events(path).read(wanted_)
    assert read.rows == 1
    refused = rejected(read).get(1)
    return cells(read).get(1), refused and refused[1:]


# ---- agree


class Thing:
    """What no JSON can say."""

    def __repr__(self) -> str:
        return "<Thing\n>"


ZONES = st.sampled_from([UTC, timezone(timedelta(hours=8)), timezone(-timedelta(hours=5, seconds=7))])
TIMES = st.datetimes(datetime(999, 12, 1), datetime(3000, 2, 1), timezones=ZONES)
NUMBERS = (
    st.integers(-(10**17), 10**17)
    | st.decimals(-200, 700, places=2)
    | st.decimals()
    | st.fractions(-50, 700, max_denominator=60)
    | st.floats()
    | st.integers(-50, 700)
)
TEXTS = st.text(max_size=4) | st.sampled_from(
    ["forum", "exam", "u1", "u2", "ann", "2005-04-01", "2005-02-30", "\ud800"]
)
SOME_TIMES = st.sampled_from(
    [
        "2005-02-28T15:59:59Z",
        "2005-02-28T16:00:00Z",
        "2005-06-30T16:00:00.000001Z",
        "2005-06-30T23:59:59+08:00",
        "2005-04-01T24:00:00Z",
        "2005-04-01T09:30:00.1234567Z",
        "2005-04-01T09:30:00",
        "2005-02-29T09:30:00Z",
    ]
)
SIMPLE = NUMBERS | TEXTS | TIMES | SOME_TIMES | st.none() | st.booleans() | st.dates()
ODD = st.sampled_from([Thing(), datetime(2005, 4, 1), {1: 2}, b"x", (1, Decimal("0.50"))])
ANY = SIMPLE | ODD | st.lists(SIMPLE, max_size=2) | st.dictionaries(TEXTS, SIMPLE, max_size=2)
USUAL: dict[str, st.SearchStrategy[object]] = {
    "id": st.sampled_from(["a", "人", "a\n", "", '"\\']),
    "source": st.sampled_from(["", "s", None]),
    "kind": st.sampled_from([*KINDS, "form"]),
    "unit": st.sampled_from(["u1", "u2", "council", "u9"]),
    "person": st.sampled_from(["ann", "bob", None, "anna"]),
    "occurred_at": SOME_TIMES | TIMES,
    "recorded_at": SOME_TIMES | st.none(),
    "minutes": st.sampled_from([0, 600, 600.0, 601, -1, Decimal("6E+1"), None]),
    "score": st.sampled_from([2.5, Decimal("2.4"), Fraction(99, 2), 100.1, None]),
    "change": st.sampled_from([Fraction(-100, 3), Decimal("-33.33"), Decimal("-33.34")]),
    "passed": st.booleans(),
    "carrier": st.sampled_from(["forum", "salons", None]),
    "topic": TEXTS,
    "due": st.sampled_from([date(2005, 4, 1), "2005-04-01", "2005-04-31"]),
    "held_at": TIMES,
}


@st.composite
def rows(draw: st.DrawFn, strange: st.SearchStrategy[object] = ANY) -> dict[str, object]:
    """A row that counts, with some values as they may be, and at most two as nobody would send them."""
    found = row(passed=True, person="ann")
    for name in draw(st.lists(st.sampled_from([*USUAL]), max_size=5)):
        found[name] = draw(USUAL[name])
    for name in draw(st.sampled_from([(), (), *((name,) for name in (*USUAL, "sauce", "\ud800"))])):
        found[name] = draw(strange)
    return found


def carries(found: Mapping[str, object]) -> bool:
    """Whether a line can say it: the one thing that live events must fulfil beyond those of a batch."""
    times = [value for value in found.values() if isinstance(value, date)]
    in_utc = [t.astimezone(UTC) if isinstance(t, datetime) and t.tzinfo is not None else t for t in times]
    return all(1000 <= time.year < 3000 for time in (*times, *in_utc))


@settings(max_examples=600, deadline=None)
@given(rows().filter(carries))
@example(row(minutes=10**40))
@example(row(sauce=[Thing(), Fraction(1, 3), Fraction(1, 4), {"x": datetime(2005, 4, 1)}]))
@example(row(topic="\ud800"))
@example(row(sauce="\ud800"))
@example(row(topic="\ud83d\ude00"))
@example(row(score=float("nan")))
def test_a_row_is_admitted_where_a_batch_accepts_it_and_refused_for_the_same_reason(found: dict[str, object]) -> None:
    read = events_from([found]).read(WANTED)
    ingested = ingest(read, RULES, ORGANISATION)
    expected = ingested.rejected.select("code", "reason").rows()
    live = READER.read(found)
    assert refusal(found) == (expected[0] if expected else None)
    assert live.event == cells(read).get(1)
    assert live.id == (read.frame["id"].to_list() + read.rejected["id"].to_list())[0]
    if not expected:
        assert live.event is not None
        assert ADMISSION.day(live.event) == ingested.frame["date"][0]


@settings(max_examples=300, deadline=None)
@given(rows())
@example(row(id="\ud83d\ude00"))
def test_the_line_says_what_was_given(tmp_path_factory: pytest.TempPathFactory, found: dict[str, object]) -> None:
    live = READER.read(found)
    assert "\n" not in live.line
    event, problems = of_line(live.line, tmp_path_factory.getbasetemp())
    assert event == live.event
    if live.problems is not None:
        assert problems is not None
        assert problems[0] == live.problems[0] or live.line.startswith("unreadable ")
    again = READER.read(live.line)
    assert (again.event, again.problems, again.line) == (event, problems, live.line)


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_a_line_is_read_as_in_a_file(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    line = READER.read(data.draw(rows(SIMPLE))).line
    start = data.draw(st.integers(0, len(line)))
    end = data.draw(st.integers(start, min(len(line), start + 3)))
    spoilt = line[:start] + data.draw(st.sampled_from(["", '"', "0", ",", " ", "\\u", "\r", "\u2028"])) + line[end:]
    if spoilt.strip(" \t\r"):
        expected = of_line(spoilt, tmp_path_factory.getbasetemp())
        live = READER.read(spoilt)
        assert (live.event, live.problems) == expected
        assert of_line(live.line, tmp_path_factory.getbasetemp()) == expected


@pytest.mark.parametrize("path", BAD, ids=lambda path: path.name)
def test_the_lines_of_bad_files_are_refused_as_in_the_files(path: Path) -> None:
    fields = {**FIELDS, "day": FieldType("date")}
    read = scan_events(path).read(Wanted(fields))
    reader = RowReader(Wanted(fields))
    good, bad = cells(read), rejected(read)
    for number, line in enumerate(path.read_bytes().splitlines(), start=1):
        try:
            text = line.decode()
        except UnicodeDecodeError:
            continue
        if text.strip():
            live = reader.read(text)
            assert (live.event, live.problems and (live.id, *live.problems)) == (good.get(number), bad.get(number))


@cache
def zhabei() -> tuple[Ruleset, Organisation, Read, dict[int, str]]:
    ruleset = lr.load(ZHABEI)
    found = ZHABEI / "example" / "events" / "events.ndjson.gz"
    lines = pl.scan_lines(found).collect().to_series().to_list()
    return (
        ruleset,
        lr.read_org(ZHABEI / "example" / "org"),
        scan_events(found).read(wanted(ruleset)),
        dict(enumerate(lines, start=1)),
    )


def test_a_whole_programme_comes_singly_as_it_comes_in_a_file() -> None:
    ruleset, organisation, read, lines = zhabei()
    reader, admission = RowReader(wanted(ruleset)), Admission(ruleset, organisation)
    good, bad = cells(read), rejected(read)
    numbers = read.frame["row"].to_list()
    refused = {numbers[at]: said for at, said in refusals(read.frame, ruleset, organisation).items()}
    days = dict(zip(numbers, local_days(read.frame["occurred_at"], ruleset.header.time_zone), strict=True))
    codes = set()
    for number, line in lines.items():
        live = reader.read(line)
        assert live.event == good.get(number)
        if live.event is None:
            assert live.problems == bad[number][1:]
        else:
            said = admission.check(live.event)
            assert said == refused.get(number)
            assert admission.day(live.event) == days[number]
            codes.add(said and said[0])
            mapped = reader.read(json_row(line))
            assert (mapped.event, mapped.line) == (live.event, line)
    assert codes == {None, "V501", "V502", "V504", "V506", "V507"}


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from(["UTC", "Asia/Shanghai", "Europe/Amsterdam", "Australia/Lord_Howe", "America/Asuncion"]),
    st.lists(st.datetimes(datetime(1000, 1, 1), datetime(2999, 12, 30)), min_size=1, max_size=5),
)
@example(
    "Europe/Amsterdam", [datetime(1890, 1, 1, 23, 40), datetime(1937, 6, 30, 22, 39, 59), datetime(2500, 7, 1, 22)]
)
@example("America/Asuncion", [datetime(2005, 3, 13, 2, 59, 59), datetime(2005, 3, 13, 3), datetime(2005, 3, 13, 4)])
def test_the_local_day_is_that_of_a_batch(time_zone: str, moments: list[datetime]) -> None:
    admission = Admission(rules(time_zone), ORGANISATION)
    instants = pl.Series([moment.replace(tzinfo=UTC) for moment in moments], dtype=INSTANT)
    events = [Event("a", "forum", "u1", moment) for moment in instants]
    assert [admission.day(event) for event in events] == local_days(instants, time_zone).to_list()


# ---- meaning


def test_a_mapping_becomes_its_line_with_numbers_exact_and_times_with_their_zone() -> None:
    given_ = row(
        occurred_at=datetime(2005, 4, 1, 9, 30, tzinfo=timezone(timedelta(hours=8))),
        due=date(2005, 4, 2),
        score=Decimal("75.60"),
        change=Fraction(1, 4),
        topic="学习\u2028",
        sauce=[0.1, Fraction(1, 3)],
    )
    read = READER.read(given_)
    assert read.line == (
        '{"id":"a","kind":"forum","unit":"u1","occurred_at":"2005-04-01T09:30:00+08:00","minutes":60,'
        '"due":"2005-04-02","score":75.60,"change":0.25,"topic":"学习\u2028","sauce":[0.1,"1/3"]}'
    )
    assert read.event == Event(
        "a",
        "forum",
        "u1",
        datetime(2005, 4, 1, 1, 30, tzinfo=UTC),
        fields={"minutes": 60, "due": date(2005, 4, 2), "score": 756, "change": 25, "topic": "学习\u2028"},
    )


def test_an_event_is_read_as_a_row_without_what_it_does_not_say() -> None:
    event = Event("b", "exam", "u1", datetime(2005, 4, 1, tzinfo=UTC), "s", corrects="a", fields={"score": 75})
    read = READER.read(event)
    assert read.line == (
        '{"score":75,"id":"b","source":"s","kind":"exam","unit":"u1","occurred_at":"2005-04-01T00:00:00+00:00",'
        '"corrects":"a"}'
    )
    assert (read.id, read.source, read.names) == ("b", "s", "a")
    assert read.event is not None
    assert read.event.fields == {"score": 750}


def test_a_void_names_what_it_takes_back() -> None:
    assert READER.read(row(voids="b")).names == "b"
    assert READER.read(row()).names is None


def test_columns_and_constants_of_the_ruleset_hold_for_single_rows_too() -> None:
    reader = RowReader(Wanted(FIELDS, {"occurred_at": "time", "topic": "unit"}, {"source": "office", "minutes": "5"}))
    read = reader.read('{"id": "a", "kind": "forum", "unit": "u1", "time": "2005-04-01T09:30:00Z", "minutes": "x"} \n')
    assert read == ReadRow(
        '{"id": "a", "kind": "forum", "unit": "u1", "time": "2005-04-01T09:30:00Z", "minutes": "x"}',
        Event(
            "a",
            "forum",
            "u1",
            datetime(2005, 4, 1, 9, 30, tzinfo=UTC),
            "office",
            fields={"topic": "u1", "minutes": 5},
        ),
        "a",
        "office",
        None,
    )


def test_a_person_nobody_knows_is_admitted_where_the_ruleset_says_so() -> None:
    event = READER.read(row(person="guest")).event
    assert event is not None
    assert Admission(rules(unknown_person="accept"), ORGANISATION).check(event) is None


# ---- refusal


@pytest.mark.parametrize(
    ("given_", "expected"),
    [
        (row(kind="form"), "V501 there is no kind of event 'form' (did you mean 'forum'?)"),
        (row(unit="u9"), "V502 there is no unit 'u9' (known: u1, u2, council)"),
        (
            row(unit="u2", occurred_at="2005-02-28T15:59:59Z"),
            "V503 unit 'u2' began on 2005-03-01, the event is of 2005-02-28",
        ),
        (
            row(unit="u2", occurred_at="2005-06-30T16:00:00Z"),
            "V503 unit 'u2' ended on 2005-06-30, the event is of 2005-07-01",
        ),
        (row(person="anna"), "V504 there is no person 'anna' (did you mean 'ann'?)"),
        (row(kind="exam", passed=True), "V505 person is missing, which kind 'exam' needs"),
        (row(minutes=None), "V505 field 'minutes' is missing, which kind 'forum' needs"),
        (row(minutes=601), "V506 field 'minutes': 601 is above the greatest possible, 600.5"),
        (
            row(kind="exam", person="ann", passed=True, change=Decimal("-33.34")),
            "V506 field 'change': -33.34 is below the least possible, -100/3",
        ),
        (row(carrier="forums"), "V507 field 'carrier': there is no choice 'forums' (did you mean 'forum'?)"),
        (
            row(unit="u9", minutes=-1),
            "V502 there is no unit 'u9' (known: u1, u2, council); field 'minutes': -1 is below the least possible, 0",
        ),
        (row(minutes=Thing()), "V207 minutes: found Thing <Thing\n>, expected a whole number"),
        (row(id=None, score=0.25), "V206 id is missing; score: 0.25 has more than 1 decimal"),
        ("[]", "V202 found a list, expected an object"),
        ("", "V201 no JSON: expecting value at column 1"),
        ('{"id":\n"a"}', "V201 no JSON: found a line break, expected one line"),
        ('{"id": "a", "id": "a"}', "V203 the key 'id' is there twice"),
        (row(topic="x" * (1 << 20)), "V205 the line is longer than 1 MiB"),
        (
            row(occurred_at=datetime(3000, 1, 1, tzinfo=UTC)),
            "V301 occurred_at: '3000-01-01T00:00:00+00:00' is no time, expected one like 2005-04-01T09:30:00+08:00",
        ),
    ],
)
def test_what_is_refused_says_why(given_: Mapping[str, object] | str, expected: str) -> None:
    assert " ".join(refusal(given_) or ()) == expected


def test_a_row_that_json_cannot_say_is_kept_as_a_line_that_nobody_takes_for_one() -> None:
    read = READER.read(row(topic=Thing()))
    assert read.line == (
        'unreadable {"id":"a","kind":"forum","unit":"u1","occurred_at":"2005-04-01T09:30:00Z","minutes":60,'
        '"topic":"<Thing\\n>"}'
    )
    assert (read.event, read.id) == (None, "a")
    assert READER.read(read.line).problems == ("V201", "no JSON: expecting value at column 1")


def test_a_number_of_thousands_of_digits_is_kept_digit_by_digit() -> None:
    read = READER.read(row(sauce=-(10**5000)))
    assert read.line.endswith(f',"sauce":-1{"0" * 5000}}}')
    assert read.problems is None


def test_a_row_nested_too_deep_for_a_line_is_refused() -> None:
    deep: list[object] = []
    deep.append(deep)
    assert READER.read(row(sauce=deep)).problems == ("V201", "no JSON that could be read: nested too deep")


def test_a_row_that_is_no_row_is_a_fault_of_the_program() -> None:
    with pytest.raises(TypeError, match="found list, expected a mapping, an Event or a line of text"):
        READER.read([])  # type: ignore[arg-type]


def test_a_constant_that_does_not_fit_is_told_before_anything_is_read() -> None:
    with pytest.raises(InputError) as error:
        RowReader(Wanted(FIELDS, {}, {"minutes": "many"}))
    assert str(error.value) == "records.constants: V110 minutes: found the text 'many', expected a whole number"
