"""Agree: the parts of files are together what is read of them at once."""

import gzip
import json
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from learnorg_rules.adapters.events.sources import FileEvents, scan_events
from learnorg_rules.counting.port import Read, Wanted
from learnorg_rules.errors import InputError
from learnorg_rules.model.definitions import FieldType

WANTED = Wanted({"minutes": FieldType("integer"), "score": FieldType("decimal", places=1), "topic": FieldType("text")})
AT = "2005-04-01T09:30:00Z"


def agree(events: FileEvents, rows: int) -> list[Read]:
    """The parts, which were found to be the whole."""
    whole, parts = events.read(WANTED), list(events.parts(WANTED, rows))
    assert pl.concat([part.frame for part in parts]).equals(whole.frame)
    assert pl.concat([part.rejected for part in parts]).equals(whole.rejected)
    assert sum(part.rows for part in parts) == whole.rows
    assert (parts[-1].files, parts[-1].undeclared) == (whole.files, whole.undeclared)
    return parts


def line(number: int, **more: object) -> str:
    return json.dumps({"id": f"e{number}", "kind": "forum", "unit": "u1", "occurred_at": AT} | more)


def ndjson(drawn: list[str]) -> str:
    lines = {"bad": "{", "blank": "", "other": '{"else":1}', "twice": '{"id":"a","id":"a"}'}
    return "\n".join(lines.get(sort, line(i, minutes=i, topic="长\u00e9")) for i, sort in enumerate(drawn))


def csv(drawn: list[str]) -> str:
    lines = {"bad": 'x,"y', "blank": "", "other": "1,2", "twice": f'q,forum,u1,{AT},1,"two\nlines, ""quoted"""'}
    good = f"forum,u1,{AT},1,长"
    return "\n".join(
        ["id,kind,unit,occurred_at,minutes,topic"] + [lines.get(s, f"e{i},{good}") for i, s in enumerate(drawn)]
    )


DRAWN = st.lists(st.sampled_from(["good"] * 9 + ["bad", "blank", "other", "twice"]), max_size=60)


@settings(max_examples=60, deadline=None)
@given(DRAWN, DRAWN, st.integers(1, 30), st.booleans(), st.booleans())
def test_parts_of_lines_are_together_the_files(
    tmp_path_factory: pytest.TempPathFactory, one: list[str], two: list[str], rows: int, packed: bool, cut: bool
) -> None:
    folder = tmp_path_factory.mktemp("parts")
    for name, text in (("a.csv", csv(one)), ("b.csv", csv(two)), ("c.ndjson", ndjson(one)), ("d.jsonl", ndjson(two))):
        data = gzip.compress(text.encode()) if packed else text.encode()
        (folder / (f"{name}.gz" if packed else name)).write_bytes(data[:-9] if packed and cut else data)
    agree(scan_events(folder / "*"), rows)


@pytest.mark.parametrize("rows", [1, 7, 100])
def test_parts_of_parquet_have_the_numbers_of_their_rows(tmp_path: Path, rows: int) -> None:
    scores = [None if i % 5 == 0 else 0.1 + i if i % 7 else 0.55 for i in range(50)]
    frame = pl.DataFrame(
        {"id": [f"e{i}" for i in range(50)], "kind": "k", "unit": "u", "occurred_at": AT, "score": scores}
    )
    frame.write_parquet(tmp_path / "a.parquet", row_group_size=20)
    frame.clear().with_columns(weather=pl.lit(1)).write_parquet(tmp_path / "b.parquet")
    parts = agree(scan_events(tmp_path / "*.parquet"), rows)
    assert max(part.rows for part in parts) == min(rows, 50)


def test_a_part_has_about_the_rows_it_was_asked_for(tmp_path: Path) -> None:
    for name in ("a.ndjson", "b.ndjson"):
        (tmp_path / name).write_text("\n".join(line(i, minutes=i) for i in range(1000)), encoding="utf-8")
    parts = agree(scan_events(tmp_path / "*.ndjson"), 100)
    assert all(100 <= part.rows < 200 for part in parts[:-1])


def test_no_file_and_no_row_are_one_part_without_rows(tmp_path: Path) -> None:
    (tmp_path / "e.ndjson").touch()
    assert [part.rows for part in agree(scan_events(tmp_path / "e.ndjson"), 5)] == [0]


def test_a_log_is_one_part(tmp_path: Path) -> None:
    text = Path(__file__).with_name("bad").joinpath("bad_events.xes").read_text(encoding="utf-8")
    (tmp_path / "e.xes").write_text(text, encoding="utf-8")
    log, rest = agree(scan_events(tmp_path / "e.xes"), 1)
    assert (log.rows > 1, rest.rows) == (True, 0)


def test_a_file_that_cannot_be_read_refuses_the_parts_as_well(tmp_path: Path) -> None:
    (tmp_path / "a.ndjson").write_text(line(1), encoding="utf-8")
    (tmp_path / "b.csv").write_text("id,kind\n", encoding="utf-8")
    with pytest.raises(InputError) as whole:
        scan_events(tmp_path / "*").read(WANTED)
    with pytest.raises(InputError) as parts:
        list(scan_events(tmp_path / "*").parts(WANTED, 1))
    assert str(parts.value) == str(whole.value)
