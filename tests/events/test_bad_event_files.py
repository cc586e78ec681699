"""Refusal: every bad file of `bad/` with its whole message beside it."""

from pathlib import Path

import polars as pl
import pytest

from learnorg_rules.adapters.events import FrameEvents, scan_events
from learnorg_rules.engine.port import REJECTED, Read, Wanted
from learnorg_rules.errors import InputError
from learnorg_rules.events.codes import CODES
from learnorg_rules.model.definitions import FieldType

BAD = Path(__file__).parent / "bad"
FILES = sorted(path.name for path in BAD.iterdir() if path.suffix != ".txt")
FIELDS = {
    "minutes": FieldType("integer"),
    "score": FieldType("decimal", places=1),
    "passed": FieldType("boolean"),
    "carrier": FieldType("choice", of=("forum", "salon")),
    "topic": FieldType("text"),
    "day": FieldType("date"),
    "held_at": FieldType("instant"),
}
WANTED = Wanted(FIELDS)
XES = Wanted(
    FIELDS,
    {"id": "xes:id", "kind": "concept:name", "unit": "org:group", "occurred_at": "time:timestamp"},
)


def message(read: Read) -> str:
    """What is said of a file that was read: each row put aside, and how many were not."""
    lines = []
    for file, row, id_, code, reason in read.rejected.iter_rows():
        lines.append(f"{file}:{row}: {code} {reason}" + (f"  [id {id_}]" if id_ is not None else ""))
    return "\n".join([*lines, f"rows read: {read.frame.height} of {read.rows}"]) + "\n"


def of_file(name: str) -> str:
    try:
        return message(scan_events(name).read(XES if ".xes" in name else WANTED))
    except InputError as error:
        return f"{error}\n"


@pytest.mark.parametrize("name", FILES)
def test_a_bad_file_says_what_is_wrong_with_it(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(BAD)
    assert of_file(name) == (BAD / f"{name}.txt").read_text(encoding="utf-8")


def test_every_code_in_the_messages_is_explained() -> None:
    words = {word for path in BAD.glob("*.txt") for word in path.read_text(encoding="utf-8").split()}
    used = {word for word in words if len(word) == 4 and word[0] == "V" and word[1:].isdigit()}
    assert used <= CODES.keys()
    assert len(used) > 15


def test_there_is_no_message_without_its_file() -> None:
    assert {path.name for path in BAD.glob("*.txt")} == {f"{name}.txt" for name in FILES}


GOOD = {
    "id": ["a1", "a2"],
    "kind": ["forum", "forum"],
    "unit": ["u1", "u1"],
    "occurred_at": pl.Series(["2005-04-01T09:30:00", "2005-04-02T09:30:00"]).str.to_datetime(time_zone="UTC"),
}


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        ({"minutes": ["1", "2"]}, "e.parquet: V106 minutes is of type String, expected a column of integers"),
        ({"passed": [1, 0]}, "e.parquet: V106 passed is of type Int64, expected a column of booleans"),
        ({"topic": [1, 0]}, "e.parquet: V106 topic is of type Int64, expected a column of texts"),
        ({"id": [1, 2]}, "e.parquet: V106 id is of type Int64, expected a column of texts"),
        ({"day": GOOD["occurred_at"]}, "is of type Datetime(time_unit='us', time_zone='UTC'), expected a column of da"),
        ({"score": pl.Series([1.5, 2.5], dtype=pl.Float32)}, "score is of type Float32, expected a column of numbers"),
        (
            {"occurred_at": pl.Series(["2005-04-01T09:30:00"] * 2).str.to_datetime()},
            "e.parquet: V107 occurred_at has times without zone, expected UTC or a zone\n"
            "    hint: say which zone they are of where the file is made",
        ),
    ],
)
def test_a_parquet_column_of_a_wrong_type_refuses_the_file(
    columns: dict[str, object], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    frame = pl.DataFrame({**GOOD, **columns})
    for rows in (frame, frame.clear()):
        rows.write_parquet("e.parquet")
        with pytest.raises(InputError) as error:
            scan_events("e.parquet").read(WANTED)
        assert said in str(error.value)


def test_all_wrong_columns_of_a_frame_are_told_at_once() -> None:
    frame = pl.DataFrame({**GOOD, "minutes": ["1", "2"], "passed": [1, 0]})
    with pytest.raises(InputError) as error:
        FrameEvents(frame).read(WANTED)
    assert [issue.code for issue in error.value.issues] == ["V106", "V106"]


def test_a_parquet_file_without_a_needed_column_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    pl.DataFrame(GOOD).rename({"occurred_at": "time"}).write_parquet("e.parquet")
    with pytest.raises(InputError) as error:
        scan_events("e.parquet").read(WANTED)
    assert str(error.value) == (
        "e.parquet: V108 there is no column for occurred_at\n"
        "    hint: the columns are: id, kind, unit, time; name the right ones in records.columns"
    )


def test_single_bad_values_of_a_parquet_file_are_put_aside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    scores = [75.6, 75.66, float("nan"), 57.2, 1e300, None]
    frame = pl.DataFrame(
        {
            "id": [f"a{i}" for i in range(6)],
            "kind": ["forum", None, "forum", "forum", "forum", "forum"],
            "unit": ["u1"] * 6,
            "occurred_at": [GOOD["occurred_at"][0]] * 6,
            "score": scores,
            "minutes": pl.Series([1, 2, 3, 4, 5, 2**60], dtype=pl.UInt64),
        }
    )
    frame.write_parquet("e.parquet")
    read = scan_events("e.parquet").read(WANTED)
    assert message(read) == (
        "e.parquet:2: V206 kind is missing; score: 75.66 has more than 1 decimal  [id a1]\n"
        "e.parquet:3: V306 score: nan is no number  [id a2]\n"
        "e.parquet:5: V305 score: 1e+300 is too large  [id a4]\n"
        "e.parquet:6: V305 minutes: 1152921504606846976 is too large  [id a5]\n"
        "rows read: 2 of 6\n"
    )
    assert read.frame["score"].to_list() == [756, 572]
    assert read.rejected.schema == REJECTED


def test_a_file_that_is_no_parquet_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("e.parquet").write_text("id,kind\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"^e\.parquet: V104 cannot be read as Parquet: "):
        scan_events("e.parquet").read(WANTED)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("evnts.ndjson", "evnts.ndjson: V101 there is no such file\n    hint: did you mean 'events.ndjson'?"),
        ("*.csv", "*.csv: V102 no file matches the pattern"),
        (
            "events.txt",
            "events.txt: V103 its ending '.txt' says nothing known of the format\n"
            "    hint: allowed: .ndjson, .jsonl, .csv, .xes (each also .gz) and .parquet, or say the format",
        ),
        (".", ".: V101 this is a folder, expected files\n    hint: name its files, such as '*.ndjson'"),
    ],
)
def test_a_path_that_leads_to_no_events_is_refused_at_once(
    given: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("events.ndjson").touch()
    Path("events.txt").touch()
    with pytest.raises(InputError) as error:
        scan_events(given)
    assert str(error.value) == said


def test_a_constant_that_does_not_fit_its_field_is_refused() -> None:
    with pytest.raises(InputError) as error:
        FrameEvents(pl.DataFrame(GOOD)).read(Wanted(FIELDS, {}, {"minutes": "many"}))
    assert str(error.value) == "records.constants: V110 minutes: found the text 'many', expected a whole number"


def test_an_over_long_line_is_put_aside_and_the_others_are_read(tmp_path: Path) -> None:
    line = '{{"id":"{}","kind":"forum","unit":"u1","occurred_at":"2005-04-01T09:30:00Z","topic":"{}"}}\n'
    path = tmp_path / "long.ndjson"
    path.write_text(line.format("a1", "x") + line.format("a2", "长" * 6_000_000) + line.format("a3", "y"), "utf-8")
    read = scan_events(path).read(WANTED)
    assert read.rejected.rows() == [(str(path), 2, None, "V205", "the line is longer than 1 MiB")]
    assert read.frame["id"].to_list() == ["a1", "a3"]
