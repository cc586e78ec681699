"""Texts are compared in NFC, and two that look the same are told apart in words (decision 0037).

Source: wasp-lang/wasp#4698; permissionlesstech/bitchat#214
"""

import json
import random
from datetime import date
from pathlib import Path
from unicodedata import combining, decomposition, normalize

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import learnorg_rules as lr
from learnorg_rules.adapters.events.collector import NOT_PLAIN
from learnorg_rules.errors import InputError, did_you_mean
from learnorg_rules.store import Log, New
from learnorg_rules.texts import difference, looks, nfc, same_looking

RULES = """
ruleset: {id: forms, title: Forms, version: "1", time_zone: UTC, effective: {from: 2024-01-01, to: 2024-12-31}}
organisation: {levels: [top, büro], units: {größe: integer}}
fields:
  träger: {type: choice, of: [café, forum]}
  dauer: integer
events: {übung: [person?, träger, dauer?]}
duties:
  treffen: {for: units where level == büro, require: count(übung where träger == café) >= 1, every: year}
measures:
  leute: distinct(person in übung) + sum(dauer in übung) / größe
scorecards:
  jährlich:
    for: units where level == büro
    every: year
    round: {decimals: 2}
    missing: missing
    indicators:
      leute: {points: 100, value: leute}
"""
ORG = {
    "units": [
        {"id": "top", "level": "top"},
        {"id": "Bürgeramt", "level": "büro", "parent": "top", "größe": 2},
        {"id": "Ärztehaus", "level": "büro", "parent": "top", "größe": 4},
    ],
    "persons": [{"id": "jürgen", "unit": "Bürgeramt"}, {"id": "zoë", "unit": "Ärztehaus"}],
}
EVENTS = [
    {"id": "é1", "unit": "Bürgeramt", "träger": "café", "person": "jürgen", "dauer": 6},
    {"id": "é1", "unit": "Bürgeramt", "träger": "café", "person": "jürgen", "dauer": 6},
    {"id": "é2", "unit": "Ärztehaus", "träger": "forum", "person": "zoë", "dauer": 8},
    {"id": "é3", "unit": "Ärztehaus", "träger": "café", "person": "zoë", "dauer": 9},
    {"id": "é4", "unit": "Ärztehaus", "träger": "café", "corrects": "é2", "person": "zoë", "dauer": 4},
    {"id": "é5", "unit": "Bürgeramt", "träger": "forum", "voids": "é3"},
    {"id": "é6", "unit": "Bürgeramt", "träger": "forum", "source": "Quelle ñ"},
    {"id": "é7", "unit": "Bürgeramt", "träger": "forum", "source": "Quelle ñ", "corrects": "é6"},
]
EVENTS = [{"kind": "übung", "occurred_at": f"2024-02-0{i + 1}T09:00:00Z", **e} for i, e in enumerate(EVENTS)]
EVENTS[1]["occurred_at"] = EVENTS[0]["occurred_at"]  # a resend


def spelled(value, form):
    """The value with each of its texts, keys included, as `form` spells it."""
    if isinstance(value, dict):
        return {form(k): spelled(v, form) for k, v in value.items()}
    if isinstance(value, list):
        return [spelled(v, form) for v in value]
    return form(value) if isinstance(value, str) else value


def results(result: lr.Result) -> tuple:
    tables = (result.duties, result.scorecards, result.indicators, result.rejected.drop("file").rows())
    return (*map(tuple, tables), dict(result.counts), result.notes)


def written(
    folder: Path, form, format_: str = "ndjson", escaped: bool = False
) -> tuple[lr.Ruleset, lr.Organisation, list]:
    """Rules, organisation and rows of events, each text spelled by `form`."""
    folder.mkdir(exist_ok=True)
    (folder / "ruleset.yaml").write_text(form(RULES), encoding="utf-8")
    (folder / "org.json").write_text(json.dumps(spelled(ORG, form), ensure_ascii=escaped), encoding="utf-8")
    return lr.load(folder / "ruleset.yaml"), lr.read_org(folder / "org.json"), spelled(EVENTS, form)


def in_file(folder: Path, rows: list, format_: str, escaped: bool = False):
    path = folder / f"events.{format_}"
    columns = list(dict.fromkeys(key for row in rows for key in row))
    frame = pl.DataFrame([{c: row.get(c) for c in columns} for row in rows], infer_schema_length=None)
    if format_ == "csv":
        frame.write_csv(path)
    elif format_ == "parquet":
        frame.write_parquet(path)
    else:
        path.write_text("".join(json.dumps(r, ensure_ascii=escaped) + "\n" for r in rows), encoding="utf-8")
    return lr.scan_events(path)


def nfd(text: str) -> str:
    return normalize("NFD", text)


EXPECTED = [("Bürgeramt", 4), ("Ärztehaus", 2)]  # 1 + 6 / 2; é4 in place of é2, é3 voided: 1 + 4 / 4


@pytest.mark.parametrize("escaped", [False, True])
@pytest.mark.parametrize("format_", ["ndjson", "csv", "parquet"])
def test_what_is_spelled_in_two_forms_is_one(tmp_path: Path, format_: str, escaped: bool) -> None:
    rules, organisation, rows = written(tmp_path, nfd, escaped=escaped)
    result = lr.assess(rules, organisation, in_file(tmp_path, rows, format_, escaped))
    assert {(s.subject, s.total) for s in result.scorecards} == set(EXPECTED)
    assert result.counts["duplicate"] == 1
    assert result.rejected.is_empty()
    composed = written(tmp_path / "nfc", str)
    assert results(result) == results(lr.assess(*composed[:2], in_file(tmp_path / "nfc", composed[2], format_)))


@settings(max_examples=12, deadline=None)
@given(st.randoms(use_true_random=False))
def test_any_mix_of_forms_gives_the_same_results_in_batch_and_live(tmp_path_factory, random_: random.Random) -> None:
    def mixed(text: str) -> str:
        return normalize(random_.choice(("NFC", "NFD")), text)

    folder = tmp_path_factory.mktemp("mixed")
    plain = written(folder / "plain", str)
    expected = results(lr.assess(*plain[:2], lr.events_from(plain[2])))
    rules, organisation, rows = written(folder / "mixed", mixed, escaped=random_.random() < 0.5)
    assert results(lr.assess(rules, organisation, lr.events_from(rows))) == expected
    lines = [json.dumps(row, ensure_ascii=random_.random() < 0.5) for row in rows]
    with lr.Live(rules, organisation, at=date(2024, 12, 31)) as live:
        states = [live.post(random_.choice((row, line))).state for row, line in zip(rows, lines, strict=True)]
        assert results(live.result()) == expected
    assert states == ["accepted", "duplicate", "accepted", "accepted", "accepted", "voids", "accepted", "accepted"]


def test_an_organisation_in_every_format_is_read_in_one_form(tmp_path: Path) -> None:
    records = []
    for format_ in ("csv", "json", "yaml"):
        folder = tmp_path / format_
        folder.mkdir()
        for section, rows in spelled(ORG, nfd).items():
            columns = list(dict.fromkeys(key for row in rows for key in row))
            table = [",".join(columns), *(",".join(str(row.get(c, "")) for c in columns) for row in rows)]
            texts = {
                "csv": "\n".join(table) + "\n",
                "json": json.dumps(rows),
                "yaml": json.dumps(rows, ensure_ascii=False),
            }
            (folder / f"{section}.{format_}").write_text(texts[format_], encoding="utf-8")
        read = lr.read_org(folder)
        records.append((read.units, read.persons, [str(v) for v in read.attribute_columns("größe").values]))
    assert records[0] == records[1] == records[2] == (("Bürgeramt", "top", "Ärztehaus"), ("jürgen", "zoë"), ["2", "4"])


def test_a_character_that_is_not_looked_at_has_one_form_only() -> None:
    """Columns of such characters are taken as they are: NFC changes none of them, and joins none with the one before."""
    every = [chr(i) for i in range(0x110000) if not 0xD800 <= i < 0xE000]
    plain = pl.Series(every).filter(~pl.Series(every).str.contains(NOT_PLAIN)).to_list()
    pairs = (decomposition(char).split() for char in every)
    seconds = {chr(int(pair[1], 16)) for pair in pairs if len(pair) == 2 and pair[0][0] != "<"}
    assert len(plain) > 40_000
    assert all(normalize("NFC", char) == char and not combining(char) and char not in seconds for char in plain)


def test_two_rows_with_one_id_are_there_twice(tmp_path: Path) -> None:
    (tmp_path / "units.csv").write_text(f"id\njürgen\n{nfd('jürgen')}\n", encoding="utf-8")
    with pytest.raises(InputError) as refused:
        lr.read_org(tmp_path / "units.csv")
    assert [issue.code for issue in refused.value.issues] == ["O101"]


def test_questions_may_be_spelled_in_either_form(tmp_path: Path) -> None:
    rules, organisation, rows = written(tmp_path, str)
    result = lr.assess(rules, organisation, lr.events_from(rows), at="2024-06-30")
    assert str(result.why(nfd("Bürgeramt"), nfd("jährlich"))) == str(result.why("Bürgeramt", "jährlich"))
    assert result.attribute(nfd("Bürgeramt"), nfd("größe")) == 2
    assert result.missing(nfd("Ärztehaus"), "treffen") == result.missing("Ärztehaus", "treffen")


# ---- logs


def test_a_log_written_before_texts_were_compared_in_nfc_means_the_same(tmp_path: Path) -> None:
    """Its index has ids as they came; events that come now are settled with those."""
    rules, organisation, rows = written(tmp_path, nfd)
    path = tmp_path / "log"
    with Log.open(path) as log:
        for row in rows[:4]:
            log.append([New("event", "", row["id"], row.get("corrects", row.get("voids")), json.dumps(row))])
        log.append([New("advance", "", None, None, "2024-12-31")])
        log._execute("PRAGMA user_version = 2")
    with lr.Live(rules, organisation, path) as live:
        assert [live.post(spelled(row, nfc)).state for row in rows[4:]] == ["accepted", "voids", "accepted", "accepted"]
        assert results(live.result()) == results(lr.assess(rules, organisation, lr.events_from(rows)))
        assert [e.line for e in live._log.entries(until=3)] == [json.dumps(rows[i]) for i in (0, 2, 3)]


# ---- what looks the same

ALIKE = [
    ("Büro", "Bürο", "U+006F (latin small letter o) is not U+03BF (greek small letter omicron)"),
    ("Büro ", "Büro", "'Büro' as it is given has a blank at the end"),
    ("ａ1", "a1", "U+FF41 (fullwidth latin small letter a) is not U+0061 (latin small letter a)"),
    ("a  b", "a b", "'a b' as it is given has a blank behind 2 characters"),
    ("a\u00a0b", "a b", "U+00A0 (no-break space) is not a blank"),
    ("ab\u200bc", "abc", "'abc' as it is given has U+200B (zero width space) behind 2 characters"),
    ("с1", "c1", "U+0441 (cyrillic small letter es) is not U+0063 (latin small letter c)"),
]


@pytest.mark.parametrize(("one", "other", "words"), ALIKE)
def test_a_hint_never_shows_two_texts_that_look_the_same(one: str, other: str, words: str) -> None:
    assert difference(one, other) == words
    assert did_you_mean(one, [other, "something"]) == f"did you mean '{other}'? {words}"
    assert list(same_looking([other, "x", one])) == [(one, other)]


def test_what_looks_different_is_left_alone() -> None:
    different = [
        "office",
        "Office",
        "büro",
        "buro",
        "u1",
        "ul",
        "一",
        "-",
        "сорт",
        "sort",
        "人事科",
        "人事处",
        "a b",
        "a_b",
        "ab",
    ]
    assert list(same_looking(different)) == []


@given(st.text(max_size=12), st.text(max_size=12))
def test_what_is_seen_is_seen_the_same_again(one: str, other: str) -> None:
    one, other = nfc(one), nfc(other)
    assert looks(looks(one)) == looks(one)
    assert bool(difference(one, other)) == (one != other and looks(one) == looks(other))
    assert bool(list(same_looking([one, other]))) == bool(difference(one, other))


def test_ids_that_look_the_same_are_pointed_out(tmp_path: Path) -> None:
    rules_text = RULES.replace("of: [café, forum]", "of: [café, forum, fοrum]")  # a Greek letter
    (tmp_path / "ruleset.yaml").write_text(rules_text, encoding="utf-8")
    rules = lr.load(tmp_path / "ruleset.yaml")
    assert [f"{w.code} {w.message} | {w.hint}" for w in rules.warnings] == [
        "E218 'fοrum' and 'forum' look the same and are two | U+03BF (greek small letter omicron) is not U+006F (latin small letter o)"
    ]
    (tmp_path / "units.csv").write_text(
        "id,level,größe\ntop,top,\nBürgeramt,büro,1\nBürgeramt ,büro,1\n", encoding="utf-8"
    )
    organisation = lr.read_org(tmp_path / "units.csv")
    assert [f"{w.source.line} {w.code} {w.message} | {w.hint}" for w in organisation.warnings] == [
        "4 O113 'Bürgeramt ' and 'Bürgeramt' look the same and are two | 'Bürgeramt' as it is given has a blank at the end"
    ]
    common = {"kind": "übung", "unit": "Bürgeramt", "träger": "forum", "occurred_at": "2024-02-01T09:00:00Z"}
    rows = [{"id": "e1", **common}, {"id": "е1", **common}, {"id": "e2", **common, "unit": "Bürgeramt\u00a0"}]
    result = lr.assess(rules, organisation, lr.events_from(rows))
    assert result.notes == (
        "events 'е1' and 'e1' look the same and are two: "
        "U+0435 (cyrillic small letter ie) is not U+0065 (latin small letter e)",
    )
    assert result.rejected["reason"].to_list() == [
        "there is no unit 'Bürgeramt\u00a0' (did you mean 'Bürgeramt'? "
        "'Bürgeramt' as it is given has U+00A0 (no-break space) at the end)"
    ]
