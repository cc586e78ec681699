"""Agree: the fast reader takes what the exact reader takes; and meaning: formats, names, progress."""

import gzip
import json
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from learnorg_rules.adapters.events import files as events_files
from learnorg_rules.adapters.events import ndjson as events_ndjson
from learnorg_rules.adapters.events.sources import events_from, scan_events
from learnorg_rules.counting.port import ENVELOPE, Read, Wanted
from learnorg_rules.events import Event
from learnorg_rules.model.definitions import FieldType

FIELDS = {
    "minutes": FieldType("integer"),
    "score": FieldType("decimal", places=1),
    "money": FieldType("decimal"),
    "passed": FieldType("boolean"),
    "topic": FieldType("text"),
    "day": FieldType("date"),
    "held_at": FieldType("instant"),
}
WANTED = Wanted(FIELDS)


def line(id_: str, rest: str = "", kind: str = "forum", unit: str = "u1", at: str = "2005-04-01T09:30:00Z") -> str:
    return f'{{"id":"{id_}","kind":"{kind}","unit":"{unit}","occurred_at":"{at}"{rest and ","}{rest}}}'


LINES = [
    line("a1", '"minutes":60,"score":75.5', at="2005-04-01T09:30:00+08:00"),
    line("a2", '"topic":"a, \\"b\\" \\u4e2d","money":12.34', unit="机关", at="2005-04-01T09:30:00.25Z"),
    line("a3", '"person":"ann","passed":true,"day":"2005-04-02"', kind="exam"),
    line(
        "a4", '"source":"s","recorded_at":"2005-05-01T00:00:00Z","corrects":"a3","held_at":"2005-04-01T00:00:00-01:30"'
    ),
]


def written(folder: Path, text: str | bytes, name: str = "e.ndjson") -> Path:
    path = folder / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def values(read: Read) -> list[tuple[object, ...]]:
    return read.frame.drop("file", "row").rows()


def test_every_column_has_its_type_and_value(tmp_path: Path) -> None:
    read = scan_events(written(tmp_path, "\n".join(LINES))).read(WANTED)
    assert read.frame.schema == {
        **ENVELOPE,
        "minutes": pl.Int64,
        "score": pl.Int64,
        "money": pl.Int64,
        "passed": pl.Boolean,
        "topic": pl.String,
        "day": pl.Date,
        "held_at": pl.Datetime("us", "UTC"),
        "file": pl.UInt32,
        "row": pl.UInt32,
    }
    by_id = {row["id"]: row for row in read.frame.iter_rows(named=True)}
    assert by_id["a1"]["occurred_at"] == datetime(2005, 4, 1, 1, 30, tzinfo=UTC)
    assert (by_id["a1"]["minutes"], by_id["a1"]["score"], by_id["a1"]["source"]) == (60, 755, "")
    assert (by_id["a2"]["unit"], by_id["a2"]["topic"], by_id["a2"]["money"]) == ("机关", 'a, "b" 中', 1234)
    assert by_id["a2"]["occurred_at"] == datetime(2005, 4, 1, 9, 30, 0, 250_000, tzinfo=UTC)
    assert (by_id["a3"]["passed"], by_id["a3"]["day"]) == (True, date(2005, 4, 2))
    assert by_id["a4"]["held_at"] == datetime(2005, 4, 1, 1, 30, tzinfo=UTC)
    assert read.frame["row"].to_list() == [1, 2, 3, 4]
    assert (read.rows, read.rejected.height, read.undeclared) == (4, 0, ())


# ---- the fast reader and the exact one

NUMBERS = [
    "0",
    "-0",
    "7",
    "-12",
    "7.0",
    "7.5",
    "7.50",
    "7.55",
    "1e2",
    "1E-1",
    "0.1",
    "999999999999999",
    "9" * 16,
    "1.05",
]
TIMES = [
    "2005-04-01T09:30:00Z",
    "2005-02-30T09:30:00Z",
    "2005-04-01T09:30:00",
    "2005-04-01",
    "2005-04-01T09:30:00.123456+08:00",
    "2005-04-01T09:30:00.1-11:45",
    "2005-04-01T09:30:60Z",
    "2005-04-01T24:00:00Z",
    "2024-02-29T00:00:00+23:59",
    "",
]
SCALARS = st.one_of(
    st.sampled_from(NUMBERS),
    st.sampled_from(["null", "true", "false", "[]", "{}", '{"a":1}', "[1,2]", "NaN", "nonsense", ""]),
    st.sampled_from(TIMES).map(json.dumps),
    st.sampled_from(["2005-04-01", "2005-02-29", "x"]).map(json.dumps),
    st.text(max_size=6).map(json.dumps),
    st.text(max_size=6, alphabet=st.characters(exclude_categories=["Cs"])).map(
        lambda t: json.dumps(t, ensure_ascii=False)
    ),
    st.sampled_from(['"\\ud83d"', '"\\ud83d\\ude00"', '"\\u0000"', '"\\x"', '"\\/"', '"tab\there"']),
)
PLAIN = {
    "id": ['"e1"', '"e2"'],
    "kind": ['"forum"'],
    "unit": ['"u1"'],
    "occurred_at": ['"2005-04-01T09:30:00Z"', '"2005-04-01T09:30:00.5+08:00"'],
    "minutes": ["60", "null"],
    "score": ["75.5", "98.0", "null"],
    "passed": ["true", "null"],
    "topic": ['"x"', "null"],
    "day": ['"2005-04-01"', "null"],
    "held_at": ['"2005-04-01T09:30:00Z"', "null"],
    "extra": ["1", '"x"', "null"],
}


@st.composite
def lines(draw: st.DrawFn) -> str:
    """A line that is plain, or nearly."""
    pairs = [(key, draw(st.sampled_from(options))) for key, options in PLAIN.items()]
    if draw(st.booleans()):
        at = draw(st.integers(0, len(pairs) - 1))
        pairs[at] = (pairs[at][0], draw(SCALARS))
    change = draw(st.sampled_from(["", "", "", "twice", "without", "order", "spaces", "cut", "blank"]))
    if change == "twice":
        pairs.append(draw(st.sampled_from(pairs)))
    elif change == "without":
        del pairs[draw(st.integers(0, len(pairs) - 1))]
    elif change == "order":
        pairs.reverse()
    comma, colon = (", ", ": ") if change == "spaces" else (",", ":")
    line = "{" + comma.join(f"{json.dumps(key)}{colon}{value}" for key, value in pairs) + "}"
    return "" if change == "blank" else line[: len(line) // 2] if change == "cut" else line


@settings(max_examples=150, deadline=None)
@given(st.lists(lines(), min_size=1, max_size=6), st.sampled_from(["\n", "\r\n"]), st.booleans())
def test_the_fast_reader_takes_what_the_exact_reader_takes(
    tmp_path_factory: pytest.TempPathFactory, given_: list[str], end: str, last: bool
) -> None:
    path = written(tmp_path_factory.mktemp("lines"), end.join(given_) + (end if last else ""))
    fast = scan_events(path).read(WANTED)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(events_ndjson, "_pattern", lambda *_: events_ndjson._Template(None))
        patch.setattr(events_ndjson, "layout_of", lambda *_: None)
        exact = scan_events(path).read(WANTED)
    assert fast.frame.equals(exact.frame)
    assert fast.rejected.equals(exact.rejected)
    assert (fast.rows, fast.undeclared) == (exact.rows, exact.undeclared)


def test_a_plain_file_is_read_without_the_exact_reader(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: object) -> None:
        raise AssertionError("the exact reader was asked")

    path = written(tmp_path, "\n".join(LINES))
    monkeypatch.setattr(events_ndjson, "_read_exact", never)
    monkeypatch.setattr(events_ndjson, "_read_mixed", never)
    assert scan_events(path).read(WANTED).frame.height == 4


def test_one_bad_line_leaves_the_others_to_the_fast_reader(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[int] = []
    exact = events_ndjson._read_exact
    monkeypatch.setattr(events_ndjson, "_read_exact", lambda *a: (seen.append(a[3]), exact(*a))[1])
    read = scan_events(written(tmp_path, "\n".join([*LINES[:2], "bad", *LINES[2:]]))).read(WANTED)
    assert seen == [3]
    assert read.frame["row"].to_list() == [1, 2, 4, 5]


@pytest.mark.parametrize("block", [1, 100, 300])
def test_a_file_read_in_blocks_is_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, block: int) -> None:
    path = written(tmp_path, "\n".join([*LINES, "bad", "", LINES[0], '{"id":5}']))
    whole = scan_events(path).read(WANTED)
    monkeypatch.setattr(events_files, "BLOCK", block)
    monkeypatch.setattr(events_files, "PIECE", 7)
    parts = scan_events(path).read(WANTED)
    assert parts.frame.equals(whole.frame)
    assert parts.rejected.equals(whole.rejected)
    assert parts.rows == whole.rows == 7


def test_a_path_with_the_signs_of_a_pattern_is_a_path(tmp_path: Path) -> None:
    path = written(tmp_path, LINES[0], "e[1].ndjson")
    assert scan_events(path).read(WANTED).frame.height == 1


# ---- formats


def as_csv(rows: list[Mapping[str, object]], folder: Path) -> Path:
    frame = pl.DataFrame(rows).with_columns(pl.col(pl.Boolean).cast(pl.String))
    path = folder / "e.csv"
    frame.write_csv(path)
    return path


def test_all_formats_give_the_same_events(tmp_path: Path) -> None:
    rows = [json.loads(line) for line in LINES]
    ndjson = written(tmp_path, "\n".join(LINES))
    csv = as_csv(
        [
            {
                name: row.get(name)
                for name in (
                    "id",
                    "kind",
                    "unit",
                    "occurred_at",
                    "source",
                    "recorded_at",
                    "person",
                    "corrects",
                    *FIELDS,
                )
            }
            for row in rows
        ],
        tmp_path,
    )
    typed = [pl.col("score", "money").cast(pl.Float64)]
    pl.read_csv(csv, schema_overrides={"passed": pl.Boolean, "minutes": pl.Int64}).with_columns(typed).write_parquet(
        tmp_path / "e.parquet"
    )
    expected = values(scan_events(ndjson).read(WANTED))
    for path in (csv, tmp_path / "e.parquet"):
        assert values(scan_events(path).read(WANTED)) == expected
    for path in (ndjson, csv):
        packed = written(tmp_path, gzip.compress(path.read_bytes()), f"{path.name}.gz")
        assert values(scan_events(packed).read(WANTED)) == expected
    assert values(events_from(rows).read(WANTED)) == expected
    named = written(tmp_path, ndjson.read_bytes(), "e.log")
    assert values(scan_events(named, format="ndjson").read(WANTED)) == expected


def test_gzip_members_follow_one_another(tmp_path: Path) -> None:
    data = b"".join(gzip.compress(f"{line}\n".encode()) for line in LINES) + b"\0" * 9
    assert scan_events(written(tmp_path, data, "e.ndjson.gz")).read(WANTED).frame.height == 4


def test_a_byte_order_mark_is_no_part_of_the_first_line(tmp_path: Path) -> None:
    mark = b"\xef\xbb\xbf"
    assert scan_events(written(tmp_path, mark + LINES[0].encode())).read(WANTED).frame.height == 1
    text = b"id,kind,unit,occurred_at\na,forum,u1,2005-04-01T09:30:00Z\n"
    assert scan_events(written(tmp_path, mark + text, "e.csv")).read(WANTED).frame.height == 1


def test_a_csv_cell_may_hold_lines_and_is_numbered_by_its_first(tmp_path: Path) -> None:
    text = (
        "id,kind,unit,occurred_at,topic\n"
        'a1,forum,u1,2005-04-01T09:30:00Z,"two\nlines"\n'
        "a2,forum,u1,2005-04-01T09:30:00Z,\n"
        "\n"
        "a3,forum,u1,2005-04-01,\n"
    )
    read = scan_events(written(tmp_path, text, "e.csv")).read(WANTED)
    assert read.frame.select("id", "topic", "row").rows() == [("a1", "two\nlines", 2), ("a2", None, 4)]
    assert read.rejected["row"].to_list() == [6]


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["60", "-3", "", "6.0", "06", "x", "9" * 16, "7.0"]),
            st.sampled_from(["75.5", "75.50", "75.55", "", "nan", "10"]),
            st.sampled_from(["true", "false", "", "True"]),
            st.sampled_from(["", "plain", "with, comma", 'with "quotes"', "with\nline", "中文"]),
        ),
        min_size=1,
        max_size=5,
    )
)
def test_csv_cells_are_what_json_values_of_that_text_are(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, str, str, str]]
) -> None:
    folder = tmp_path_factory.mktemp("csv")
    same_for_all = {"kind": "k", "unit": "u", "occurred_at": "2005-04-01T09:30:00Z"}
    given_ = [
        {"id": f"a{i}", **same_for_all, "minutes": m, "score": s, "passed": p, "topic": t}
        for i, (m, s, p, t) in enumerate(rows)
    ]
    path = as_csv(given_, folder)
    read = scan_events(path).read(WANTED)
    json_lines = []
    for row in given_:
        bare = {key: row[key] for key in ("minutes", "score", "passed") if row[key]}
        text = json.dumps(
            {key: value for key, value in row.items() if key not in ("minutes", "score", "passed") and value}
        )
        json_lines.append(text[:-1] + "".join(f',"{key}":{value}' for key, value in bare.items()) + "}")
    same = scan_events(written(folder, "\n".join(json_lines))).read(WANTED)
    assert values(read) == values(same)


# ---- names


def test_columns_and_constants_of_the_call_go_before_those_of_the_ruleset(tmp_path: Path) -> None:
    path = written(tmp_path, '{"nr":"a","ort":"u1","wann":"2005-04-01T09:30:00Z","min":5}')
    wanted = Wanted({"minutes": FieldType("integer")}, {"id": "x", "unit": "ort", "minutes": "min"}, {"kind": "forum"})
    read = scan_events(path, columns={"id": "nr", "occurred_at": "wann"}, constants={"kind": "salon"}).read(wanted)
    assert read.frame.select("id", "kind", "unit", "minutes").rows() == [("a", "salon", "u1", 5)]
    assert read.undeclared == ()


def test_one_column_may_be_read_under_two_names(tmp_path: Path) -> None:
    path = written(tmp_path, LINES[2] + "\n" + LINES[0])
    read = scan_events(path, columns={"topic": "person", "source": "id", "held_at": "occurred_at"}).read(WANTED)
    assert read.frame.select("id", "source", "topic").rows() == [("a3", "a3", "ann"), ("a1", "a1", None)]
    assert read.frame["held_at"].equals(read.frame["occurred_at"])


def test_columns_that_nobody_asked_for_are_named(tmp_path: Path) -> None:
    path = written(tmp_path, LINES[0].replace("}", ',"weather":"fine","deep":{"a":[1]}}') + "\n" + LINES[1])
    assert scan_events(path).read(WANTED).undeclared == ("deep", "weather")
    table = "id,kind,unit,occurred_at,weather\n"
    assert scan_events(written(tmp_path, table, "e.csv")).read(WANTED).undeclared == ("weather",)


def test_files_of_several_patterns_are_read_once_in_the_order_of_their_names(tmp_path: Path) -> None:
    for name in ("b", "a", "c"):
        written(tmp_path, LINES[0].replace("a1", name), f"{name}.ndjson")
    read = scan_events(tmp_path / "*.ndjson", tmp_path / "a.ndjson").read(WANTED)
    assert [Path(file).name for file in read.files] == ["a.ndjson", "b.ndjson", "c.ndjson"]
    assert read.frame["id"].to_list() == ["a", "b", "c"]
    assert read.frame["file"].to_list() == [0, 1, 2]


@pytest.mark.parametrize("name", ["e.ndjson", "e.ndjson.gz", "e.csv", "e.parquet"])
def test_progress_ends_with_all_bytes(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    frame = pl.DataFrame({"id": ["a"], "kind": ["k"], "unit": ["u"], "occurred_at": ["2005-04-01T09:30:00Z"]})
    if name == "e.parquet":
        frame.write_parquet(path)
    else:
        text = frame.write_csv() if name == "e.csv" else frame.write_ndjson()
        path.write_bytes(gzip.compress(text.encode()) if name.endswith(".gz") else text.encode())
    written(tmp_path, LINES[0], "z.ndjson")
    calls: list[tuple[int, int]] = []
    scan_events(path, tmp_path / "z.ndjson").read(WANTED, lambda done, all_: calls.append((done, all_)))
    total = path.stat().st_size + len(LINES[0].encode())
    assert calls[-1] == (total, total)
    assert calls == sorted(calls)


# ---- rows in memory


def test_python_values_and_events_are_taken_as_they_are() -> None:
    moment = datetime(2005, 4, 1, 9, 30, tzinfo=UTC)
    numbers = {"minutes": Fraction(60), "score": Decimal("75.5"), "money": 0.07, "day": date(2005, 4, 1)}
    plain = {"id": "a", "kind": "k", "unit": "u", "occurred_at": moment, **numbers}
    read = events_from([plain, Event("a", "k", "u", moment, fields=numbers)]).read(WANTED)
    assert values(read)[0] == values(read)[1]
    assert read.frame.select("minutes", "score", "money").row(0) == (60, 755, 7)


def test_a_double_that_is_no_short_decimal_is_put_aside() -> None:
    moment = datetime(2005, 4, 1, 9, 30, tzinfo=UTC)
    row = {"id": "a", "kind": "k", "unit": "u", "occurred_at": moment}
    read = events_from(
        [{**row, "money": 0.1 + 0.2}, {**row, "money": float("nan")}, {**row, "money": Fraction(1, 3)}]
    ).read(WANTED)
    assert read.rejected["reason"].to_list() == [
        "money: 0.30000000000000004 has more than 2 decimals",
        "money: nan is no number, expected a number",
        "money: 1/3 has more than 2 decimals",
    ]
