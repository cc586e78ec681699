"""Refusal: every bad file of `bad/` with its whole message beside it."""

import gzip
from pathlib import Path

import polars as pl
import pytest

from learnorg_rules.adapters.events.sources import FrameEvents, scan_events
from learnorg_rules.counting.event_codes import CODES
from learnorg_rules.counting.port import REJECTED, Read, Wanted
from learnorg_rules.errors import InputError
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
        (
            "_*",
            "_SUCCESS: V103 its name, without ending, says nothing known of the format\n"
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
    Path("_SUCCESS").touch()
    with pytest.raises(InputError) as error:
        scan_events(given)
    assert str(error.value) == said


@pytest.mark.parametrize(
    ("name", "pattern"),
    [
        ("events/part-0.parquet", "events/*.parquet"),
        ("events/a.b.ndjson.gz", "events/*.ndjson.gz"),
        ("events/kind=forum/part-0.parquet", "events/**/*.parquet"),
        ("events/readme.txt", "events/*.ndjson"),
    ],
)
def test_the_hint_for_a_folder_names_the_files_that_are_there(
    name: str, pattern: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path(name).parent.mkdir(parents=True)
    Path(name).touch()
    with pytest.raises(InputError) as error:
        scan_events("events")
    assert str(error.value) == (
        f"events: V101 this is a folder, expected files\n    hint: name its files, such as '{pattern}'"
    )


PLAIN = '{"id":"a1","kind":"forum","unit":"u1","occurred_at":"2005-04-01T09:30:00Z"}\n'


def test_what_is_wrong_with_any_of_many_files_is_told_at_once_before_a_row_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    good = pl.DataFrame({**GOOD, "minutes": [5, 6]})
    Path("1.ndjson").write_text(PLAIN, encoding="utf-8")
    good.write_parquet("2.parquet")
    good.drop("unit").write_parquet("3.parquet")
    good.with_columns(pl.col("minutes").cast(pl.String)).write_parquet("4.parquet")
    good.with_columns(pl.col("occurred_at").dt.replace_time_zone(None)).write_parquet("5.parquet")
    Path("6.csv").write_text("id,id\n", encoding="utf-8")
    Path("7.csv").touch()
    Path("8.csv.gz").write_bytes(gzip.compress(f"id,kind,unit,{'x' * 5000}\n".encode()))
    Path("9.csv.gz").write_bytes(gzip.compress(b"id,kind,unit,occurred_at\n")[:-12])  # no fault of the file as a whole
    Path("a.parquet").write_text("id,kind\n", encoding="utf-8")
    read: list[tuple[int, int]] = []
    with pytest.raises(InputError) as error:
        scan_events("*").read(WANTED, lambda done, total: read.append((done, total)))
    *known, last = str(error.value).splitlines()
    assert known == [
        "3.parquet: V108 there is no column for unit",
        "    hint: the columns are: id, kind, occurred_at, minutes; name the right ones in records.columns",
        "4.parquet: V106 minutes is of type String, expected a column of integers",
        "5.parquet: V107 occurred_at has times without zone, expected UTC or a zone",
        "    hint: say which zone they are of where the file is made",
        "6.csv: V105 the header names the column 'id' twice",
        "7.csv: V105 the file is empty, expected a header",
        "8.csv.gz: V108 there is no column for occurred_at",
        f"    hint: the columns are: id, kind, unit, {'x' * 5000}; name the right ones in records.columns",
    ]
    assert last.startswith("a.parquet: V104 cannot be read as Parquet: ")
    assert read == []


def test_a_file_that_was_removed_is_told_with_what_is_wrong_with_the_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("1.ndjson", "2.csv", "3.xes"):
        Path(name).touch()
    events = scan_events("*")
    Path("1.ndjson").unlink()
    Path("3.xes").unlink()
    with pytest.raises(InputError) as error:
        events.read(WANTED)
    assert str(error.value) == (
        "1.ndjson: V104 cannot be read: no such file or directory\n"
        "2.csv: V105 the file is empty, expected a header\n"
        "3.xes: V104 cannot be read: no such file or directory"
    )


def test_a_column_that_only_the_folder_names_is_said_to_be_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("events/type=forum").mkdir(parents=True)
    pl.DataFrame(GOOD).drop("kind").write_parquet("events/type=forum/part-0.parquet")
    with pytest.raises(InputError) as error:
        scan_events("events/**/*.parquet").read(Wanted(FIELDS, {"kind": "type"}))
    assert str(error.value) == (
        "events/type=forum/part-0.parquet: V108 there is no column for kind (column 'type')\n"
        "    hint: the name of the folder 'type=forum' is not read; write the column into the files, or give "
        "constants={'kind': 'forum'} where all events have it"
    )
    read = scan_events("events/**/*.parquet", constants={"kind": "forum"}).read(Wanted(FIELDS))
    assert read.frame["kind"].to_list() == ["forum"] * len(GOOD["id"])


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ('{"id": "a1', "no JSON: unterminated string starting at column 8"),
        ('{"id": "a\t1"}', "no JSON: invalid control character at column 10"),
        ('{"id": 1', "no JSON: expecting ',' delimiter at column 9"),
    ],
)
def test_a_line_that_is_no_json_says_where(line: str, reason: str, tmp_path: Path) -> None:
    (tmp_path / "e.ndjson").write_text(f"{line}\n", encoding="utf-8")
    assert scan_events(tmp_path / "e.ndjson").read(WANTED).rejected["reason"].to_list() == [reason]


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
