"""Agree: lines that are split at their commas say what the exact reader finds in them, however they are spoiled."""

import gzip
import json
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from learnorg_rules.adapters.events import csv as events_csv
from learnorg_rules.adapters.events import files as events_files
from learnorg_rules.adapters.events import ndjson as events_ndjson
from learnorg_rules.adapters.events import split as events_split
from learnorg_rules.adapters.events.sources import scan_events
from learnorg_rules.counting.port import Read, Wanted
from learnorg_rules.model.definitions import FieldType

WANTED = Wanted(
    {
        "minutes": FieldType("integer"),
        "score": FieldType("decimal", places=1),
        "passed": FieldType("boolean"),
        "topic": FieldType("text"),
        "day": FieldType("date"),
    }
)
ROW: dict[str, object] = {
    "id": "e1",
    "kind": "forum",
    "unit": "机关",
    "occurred_at": "2005-04-01T09:30:00Z",
    "minutes": 60,
    "score": 98.0,
    "passed": True,
    "topic": None,
    "day": "2005-04-02",
    "weather": "fine",
}
SIGNS = list('",:{}\\\n\r\t 01.e-+长\x00\ufeff\u2028')
BITS = [
    "null",
    "true",
    "\\u00e9",
    "\\ud83d",
    '\\"',
    '","a":1',
    "\n\n",
    '"id":"e1",',
    "2005-02-30",
    "9999999999",
    "0.55",
    "",
]
SPOILT = st.sampled_from([*SIGNS, *BITS])


def compact(row: dict[str, object]) -> str:
    return json.dumps(row, ensure_ascii=False, separators=(",", ":"))


def csv(row: dict[str, object]) -> str:
    return ",".join("" if v is None else str(v).lower() if isinstance(v, bool) else str(v) for v in row.values())


def same(one: Read, other: Read) -> None:
    assert one.frame.equals(other.frame)
    assert one.rejected.equals(other.rejected)
    assert (one.rows, one.undeclared) == (other.rows, other.undeclared)


def exactly(path: Path) -> Read:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(events_ndjson, "_read_plain", lambda *_: None)
        patch.setattr(events_ndjson, "_pattern", lambda *_: events_ndjson._Template(None))
        patch.setattr(events_csv, "_read_plain", lambda *_: None)
        return scan_events(path).read(WANTED)


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from(["compact", "spaced", "csv"]),
    st.integers(1, 12),
    st.lists(st.tuples(st.floats(0, 1), st.integers(0, 3), SPOILT), max_size=2),
    st.sampled_from(["\n", "\n", "\r\n"]),
    st.sampled_from([1, 100]),
)
@example("compact", 3, [(1.0, 0, "\n\n")], "\n", 1)
@example("spaced", 3, [], "\n", 100)
def test_spoilt_lines_are_read_as_the_exact_reader_reads_them(
    tmp_path_factory: pytest.TempPathFactory,
    form: str,
    rows: int,
    spoilt: list[tuple[float, int, str]],
    end: str,
    sample: int,
) -> None:
    forms: dict[str, Callable[[dict[str, object]], str]] = {"compact": compact, "spaced": json.dumps, "csv": csv}
    write = forms[form]
    lines = [",".join(ROW)] if form == "csv" else []
    lines += [write(ROW | {"id": f"e{i}", "minutes": None if i % 3 else i}) for i in range(rows)]
    text = end.join(lines)
    for where, gone, put in spoilt:
        at = int(where * len(text))
        text = text[:at] + put + text[at + gone :]
    path = tmp_path_factory.mktemp("lines") / ("e.csv" if form == "csv" else "e.ndjson")
    path.write_text(text, encoding="utf-8", newline="")
    if form == "csv" and not text.startswith(",".join(ROW)):
        return  # the header is spoilt: another matter
    if "\n" not in text and "}\r{" in text:
        return  # no line is left: the file is refused
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(events_ndjson, "SAMPLE_LINES", sample)
        fast = scan_events(path).read(WANTED)
    same(fast, exactly(path))


@pytest.mark.parametrize("write", [compact, json.dumps])
def test_regular_lines_are_never_parsed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, write: Callable[[object], str]
) -> None:
    def never(*_: object) -> None:
        raise AssertionError("the lines were parsed")

    path = tmp_path / "e.ndjson.gz"
    lines = [write(ROW | {"id": f"e{i}", "score": i / 10, "unit": f"u{i % 7}"}) for i in range(1000)]
    path.write_bytes(gzip.compress("\n".join(lines).encode()))
    whole = exactly(path)
    monkeypatch.setattr(events_ndjson, "_parsed", never)
    monkeypatch.setattr(events_ndjson, "_read_mixed", never)
    monkeypatch.setattr(events_files, "BLOCK", 9000)
    monkeypatch.setattr(events_files, "PIECE", 3000)
    same(scan_events(path).read(WANTED), whole)


def test_an_irregular_line_leaves_its_block_and_what_follows_to_the_other_readers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(events_files, "BLOCK", 5000)
    monkeypatch.setattr(events_files, "PIECE", 1000)
    lines = [compact(ROW | {"id": f"e{i}"} | ({"topic": "a, b"} if i == 500 else {})) for i in range(1000)]
    path = tmp_path / "e.ndjson"
    path.write_text("\n".join([*lines, "bad", ""]), encoding="utf-8")
    read = scan_events(path).read(WANTED)
    same(read, exactly(path))
    assert read.rejected["row"].to_list() == [1001]


@given(st.lists(st.sampled_from(["a", "b", "", "长", None]), max_size=50), st.integers(1, 9))
def test_what_is_found_for_distinct_texts_is_found_for_each_row(texts: list[str | None], sample: int) -> None:
    series = pl.Series(texts, dtype=pl.String)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(events_split, "SAMPLE", sample)
        found = events_split.distinct(series)
    assert found.by_row(found.texts).to_list() == texts


@pytest.mark.parametrize("many", [1, 254, 255, 256, 257, 65_535, 65_536])
def test_no_text_is_one_more_of_the_distinct_ones(many: int) -> None:
    texts = pl.Series([*(f"t{i}" for i in range(many)), None] * 3, dtype=pl.String)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(events_split, "SAMPLE", 3 * (many + 1))
        found = events_split.distinct(texts)
    assert len(found.texts) == many + 1
    assert found.by_row(found.texts).equals(texts)
