import csv
import io
import json
import re
from decimal import Decimal

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from learnorg_rules.adapters.organisation.reading import read_org, write_org
from learnorg_rules.sheets import cell_of, text_of, write_frame, write_rows

LIVE = [
    "=1+1",
    "+1",
    "-1+1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "\n=1",
    "\uff1d1",
    "'=1",
    "-",
    "-5-",
    '=HYPERLINK("http://x/")',
    "+5",
    "-05",
]
STILL = ["", "5", "-5", "-0.5", "a=1", " =1", "'a", "a-b", "2005-04-01", "O'Brien", "\u2212\u4e94"]  # fmt: skip
TEXTS = st.text(st.sampled_from("'=+-@\t\r\n\uff1d\uff0b\uff0d\uff20,\" a5."), max_size=6)


def as_csv(frame, raw=False):
    stream = io.BytesIO()
    write_frame(frame, stream, raw)
    return list(csv.reader(io.StringIO(stream.getvalue().decode(), newline="")))


@pytest.mark.parametrize("text", LIVE)
def test_a_text_that_a_spreadsheet_takes_for_a_formula_has_an_apostrophe_in_front(text):
    assert cell_of(text) == f"'{text}"
    assert text_of(f"'{text}") == text


@pytest.mark.parametrize("text", STILL)
def test_numbers_and_all_other_texts_are_left_alone(text):
    assert cell_of(text) == text == text_of(text)


@given(TEXTS)
def test_every_text_comes_back_as_it_was_and_no_cell_is_live(text):
    cell = cell_of(text)
    assert text_of(cell) == text
    assert (
        cell[:1] not in tuple("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20")
        or re.fullmatch(r"-(0|[1-9][0-9]*)(\.[0-9]+)?", cell)
        or not cell
    )


@given(st.lists(TEXTS, min_size=1))
def test_frames_and_rows_are_guarded_alike(texts):
    frame = as_csv(pl.DataFrame({"=head": texts, "end": "."}))
    stream = io.BytesIO()
    write_rows(stream, ["=head", "end"], [{"=head": text, "end": "."} for text in texts])
    assert frame == list(csv.reader(io.StringIO(stream.getvalue().decode(), newline="")))
    assert frame == [["'=head", "end"], *([cell_of(text), "."] for text in texts)]


def test_numbers_of_a_frame_stay_numbers_and_lists_are_guarded_as_one_text():
    frame = pl.DataFrame(
        {"n": [-5], "d": [Decimal("-0.50")], "f": [-1.5], "who": [["=a", "b"]], "none": [None], "t": ["@x"]}
    )
    assert as_csv(frame) == [["n", "d", "f", "who", "none", "t"], ["-5", "-0.50", "-1.5", "'=a b", "", "'@x"]]
    assert as_csv(frame, raw=True)[1][3:] == ["=a b", "", "@x"]


def test_an_organisation_reads_back_the_same_with_its_formulas(tmp_path):
    ids = ["=cmd", "+1", "-5", "@x", "'=y", "a"]
    rows = [{"id": id_, "name": f"={id_}", "level": "-office", "=rate": "-0.5", "note": "'=1"} for id_ in ids]
    (tmp_path / "units.json").write_text(json.dumps(rows))
    org = read_org(tmp_path / "units.json")
    write_org(org, tmp_path / "out")
    text = (tmp_path / "out" / "units.csv").read_text(encoding="utf-8")
    cells = [cell for row in csv.reader(io.StringIO(text, newline="")) for cell in row]
    assert {cell for cell in cells if cell[:1] in "=+-@" and cell} == {"-5", "-0.5"}
    again = read_org(tmp_path / "out")
    assert set(again.nodes) == set(ids)
    assert [again.names(id_, "en") for id_ in ids] == [f"={id_}" for id_ in ids]
    write_org(org, tmp_path / "raw", raw=True)
    assert "=cmd," in (tmp_path / "raw" / "units.csv").read_text(encoding="utf-8")
    assert set(read_org(tmp_path / "raw").nodes) == {*ids[:4], "=y", "a"}  # raw files are for other readers
