"""What would fill the memory is refused before it does: wide headers, long lines, files that unpack to a thousandfold."""

import gzip
import tracemalloc
from pathlib import Path

import pytest

from learnorg_rules.adapters.events.sources import scan_events
from learnorg_rules.counting.port import Read, Wanted
from learnorg_rules.errors import InputError
from learnorg_rules.model.definitions import FieldType

WANTED = Wanted({"note": FieldType("text")})
HEADER = "id,kind,unit,occurred_at,note\n"
GOOD = [f"g{n},session,north,2005-01-10T10:00:00Z,x\n" for n in range(3)]
MIB = 1 << 20


def read(path: Path) -> Read:
    return scan_events(str(path)).read(WANTED)


def refused(path: Path) -> str:
    with pytest.raises(InputError) as caught:
        read(path)
    return str(caught.value).replace(str(path), path.name)


@pytest.mark.parametrize("name", ["e.csv", "e.csv.gz"])
def test_a_header_of_very_many_columns_is_refused(tmp_path: Path, name: str) -> None:
    data = (HEADER.strip() + "," * 500_000 + "\n").encode()
    (tmp_path / name).write_bytes(gzip.compress(data) if name.endswith("gz") else data)
    said = "V112 the header names more than 10,000 columns\n    hint: leave out columns that the rules do not declare"
    assert refused(tmp_path / name) == f"{name}: {said}"
    (tmp_path / name).with_name("many.csv").write_text(
        HEADER.strip() + "," + ",".join(map("c{}".format, range(9000))) + "\n"
    )
    assert read(tmp_path / "many.csv").rows == 0


def test_a_header_without_end_is_refused(tmp_path: Path) -> None:
    (tmp_path / "e.csv").write_bytes(b"i" * (5 * MIB))
    assert refused(tmp_path / "e.csv").startswith("e.csv: V112 the header is longer than 1 MiB")


@pytest.mark.parametrize("what", [b",", b"\n", b"x", b'"'])
@pytest.mark.parametrize("name", ["e.csv.gz", "e.ndjson.gz", "e.xes.gz"])
def test_a_compressed_file_that_unpacks_to_a_thousandfold_is_refused(tmp_path: Path, name: str, what: bytes) -> None:
    head = {"e.csv.gz": HEADER.encode(), "e.ndjson.gz": b"{}\n", "e.xes.gz": b'<log><trace><string key="a" value="'}[
        name
    ]
    data = what if name != "e.xes.gz" else b"x"
    (tmp_path / name).write_bytes(gzip.compress(head + data * (33 * MIB)))
    hint = "a file that can be trusted is read when it is unpacked first (gunzip)"
    assert refused(tmp_path / name) == f"{name}: V111 it unpacks to more than 200 times its size\n    hint: {hint}"


@pytest.mark.parametrize(
    "long",
    [
        "," * (6 * MIB),
        "l,session,north,2005-01-10T10:00:00Z," + "x" * (6 * MIB),
        'l,session,north,2005-01-10T10:00:00Z,"' + "x" * (6 * MIB) + '"',
        "l" + ',"a"' * MIB,
        "l" + ',"a""b"' * MIB,
        "l" + ',"\u4e2d"' * (MIB // 2),
    ],
)
def test_a_long_line_is_rejected_alone_and_takes_no_more_than_the_limit(tmp_path: Path, long: str) -> None:
    (tmp_path / "e.csv").write_text(HEADER + GOOD[0] + long + "\n" + GOOD[1] + GOOD[2], encoding="utf-8")
    tracemalloc.start()
    found = read(tmp_path / "e.csv")
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert found.frame["id"].to_list() == ["g0", "g1", "g2"]
    assert found.rejected.rows(named=True)[0]["code"] == "V205"
    assert (found.rejected.height, found.rows) == (1, 4)
    assert most < 150 * MIB


def test_what_stands_in_the_quotes_of_a_long_line_never_becomes_an_event(tmp_path: Path) -> None:
    inside = "\n".join(["", GOOD[1].strip(), ""])
    long = "l" + ',"a"' * MIB + ',"' + inside + '"\n'
    (tmp_path / "e.csv").write_text(HEADER + GOOD[0] + long + GOOD[2])
    assert read(tmp_path / "e.csv").frame["id"].to_list() == ["g0", "g2"]


def test_a_trace_of_very_many_events_and_a_huge_value_are_refused(tmp_path: Path) -> None:
    (tmp_path / "e.xes").write_text("<log><trace>" + "<event/>" * 250_001 + "</trace></log>")
    assert refused(tmp_path / "e.xes").startswith(
        "e.xes: V113 a trace has more than 250,000 events\n    hint: split it"
    )
    (tmp_path / "e.xes").write_text(
        "<log><trace><event><string key='a' value='" + "x" * (MIB + 1) + "'/></event></trace></log>"
    )
    assert refused(tmp_path / "e.xes").startswith("e.xes: V113 a value is longer than 1 MiB\n    hint: shorten it")


@pytest.mark.parametrize("name", ["e.csv", "e.ndjson"])
def test_blocks_of_blank_lines_only_count_as_lines(tmp_path: Path, name: str) -> None:
    row = (
        GOOD[0]
        if name == "e.csv"
        else '{"id":"g0","kind":"session","unit":"north","occurred_at":"2005-01-10T10:00:00Z"}\n'
    )
    head = HEADER if name == "e.csv" else ""
    (tmp_path / name).write_bytes((head + row).encode() + b"\r\n" * (100_000) + row.replace("g0", "g1").encode())
    frames = [part.frame for part in scan_events(str(tmp_path / name)).parts(WANTED, 1)]  # in small blocks
    rows = {id_: row for frame in frames for id_, row in frame.select("id", "row").iter_rows()}
    assert list(rows.values()) == [1 + bool(head), 2 + bool(head) + 100_000]
