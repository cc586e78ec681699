"""Rows read many at once, in columns, say what they say one by one: the same organisation, or the same faults."""

import csv
import io
import json
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from learnorg_rules.adapters.organisation.files import rows_of
from learnorg_rules.adapters.organisation.reading import read_org
from learnorg_rules.adapters.organisation.rows import Batch, Row
from learnorg_rules.errors import InputError, Issues

SECTIONS = ("units", "bodies", "persons", "edges", "attributes")
KEYS = {
    "units": ("id", "name", "name.zh", "level", "parent", "from", "to", "size", "levle"),
    "bodies": ("id", "name", "part_of", "hosted_by", "kind"),
    "persons": ("id", "unit", "from", "to", "age", "rank", "name"),
    "edges": ("kind", "source", "target", "from", "to", "share", "form"),
    "attributes": ("node", "name", "value", "from", "to"),
}
IDS = [f"{letter}{n}" for letter in "ubp" for n in range(4)]
WORTH = {
    "kind": st.sampled_from(["leads", "supports", "leads", "member_of", "part_of", "reports_to"]),
    "name": st.sampled_from(["Ann", "区", "size", "age"]),
    "from": st.sampled_from(["2005-01-01", "2006-03-31"]),
    "to": st.sampled_from(["2005-01-01", "2007-12-31"]),
    "value": st.sampled_from(["x", 3, True]),
    "age": st.integers(20, 22),
}
ODD = st.sampled_from(
    [None, "", "u9", "u1", "p0", "2005-02-30", 7, True, "a]b", "a{b", "a}, {b", 'say "so"', "back\\slash", "two\nlines",
     "区", {"en": "x"}, {"fr": "x", "de": "y"}, ["x"], [{"value": "u0", "to": "2005-06-30"}, {"of": "u1", "from": "2005-07-01"}]]
)  # fmt: skip


@st.composite
def rows(draw, section, number, often):
    """Rows of a section as lists of keys and values; every `often`-th or so is odd."""
    found = []
    optional = [key for key in KEYS[section][1:] if draw(st.booleans())]
    prefix = {"units": "u", "bodies": "b", "persons": "p"}.get(section)
    for i in range(number):
        row = [("id", f"{prefix}{i}")] if prefix else []
        for key in optional if prefix else KEYS[section]:
            if key in ("source", "target", "node"):
                value = draw(st.sampled_from(["u0", "p0", *IDS][: 2 if often > 40 else None]))
            elif key in ("parent", "unit", "part_of", "hosted_by"):
                value = "u0" if (section, i) != ("units", 0) else None
            elif not prefix and key in ("from", "to") and draw(st.booleans()):
                continue
            else:
                value = draw(WORTH.get(key, st.sampled_from(["x", "y"])))
            row.append((key, value))
        if draw(st.integers(0, often)) == 0:
            key = draw(st.sampled_from([*KEYS[section], "id", "unit"]))
            row = [pair for pair in row if pair[0] != key or draw(st.booleans())]
            row.insert(draw(st.integers(0, len(row))), (key, draw(ODD)))
        found.append(row)
    return found


@st.composite
def organisations(draw):
    often = draw(st.sampled_from([4, 40, 10_000, 10_000]))
    return {
        section: draw(rows(section, draw(st.integers(1, 4)), often))
        for section in draw(st.permutations(SECTIONS))
        if section in ("units", "persons") or draw(st.booleans())
    }


def as_json(draw, sections):
    """One file, keys twice and all."""
    colon, comma = draw(st.sampled_from([(": ", ", "), (":", ","), (" : ", ",\n  ")]))
    between = draw(st.sampled_from([", ", ",\n", ",\r\n   "]))
    escaped = draw(st.booleans())

    def row(pairs):
        cells = (json.dumps(key) + colon + json.dumps(value, ensure_ascii=escaped) for key, value in pairs)
        return "{" + comma.join(cells) + "}"

    text = ",\n".join(f'"{name}": [{between.join(map(row, found))}]' for name, found in sections.items())
    return "{" + draw(st.sampled_from(["", '"year": 2005, '])) + text + "}"


def as_csv(draw, found):
    columns = list(dict.fromkeys(key for row in found for key, _ in row))
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator=draw(st.sampled_from(["\n", "\r\n"])))
    writer.writerow(columns)
    for row in found:
        cells = {key: value if isinstance(value, str) else "" if value is None else str(value) for key, value in row}
        if draw(st.integers(0, 20)) == 0:
            text.write(draw(st.sampled_from(["\n", "x\n", 'x,"y\n'])))
        writer.writerow([cells.get(column, "") for column in columns])
    return text.getvalue()


def said(path, columns, at_once):
    """Everything an organisation says, with all places and in all its order; or its faults."""
    try:
        org = read_org(path, columns, at_once=at_once)
    except InputError as refused:
        return [str(issue) for issue in refused.issues]
    attributes = [a for by_node in org.versions.values() for versions in by_node.values() for a in versions]
    records = [*org.nodes.values(), *(e for edges in org.edges.values() for e in edges), *attributes]
    return [*map(repr, records), *(record.source for record in records), *map(str, org.warnings)]


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_rows_in_columns_say_what_they_say_one_by_one(data):
    sections, in_json = data.draw(organisations()), data.draw(st.booleans())
    with TemporaryDirectory() as folder:
        if in_json:
            (Path(folder) / "org.json").write_text(as_json(data.draw, sections), encoding="utf-8", newline="")
        for section, found in {} if in_json else sections.items():
            text = as_csv(data.draw, found)
            (Path(folder) / f"{section}.csv").write_text(text, encoding="utf-8", newline="")
        path = Path(folder) / "org.json" if in_json else Path(folder)
        columns = data.draw(st.sampled_from([None, {"level": "rank"}, {"id": "name", "level": "kinds"}]))
        singly = said(path, columns, 0)
        event("refused" if singly and "Node" not in singly[0] else "read")
        for at_once in (64, 200, 1 << 17):
            assert said(path, columns, at_once) == singly


def test_plain_rows_are_read_in_columns_and_only_the_others_one_by_one(tmp_path):
    plain = [{"id": f"u{i}", "name": "区", "size": i} for i in range(100)]
    (tmp_path / "units.json").write_text(json.dumps([*plain, {"id": "odd", "size": [{"value": 1}]}, *plain]))
    (tmp_path / "persons.csv").write_text("id,unit,name\n" + "p,u0,\n" * 100 + 'p,u0,"two\nlines"\n' + "p,u0,\n" * 100)
    for name in ("units.json", "persons.csv"):
        read = [found for _, found in rows_of(tmp_path / name, Issues(), 1000)]
        rows = sum(len(found.places) for found in read if isinstance(found, Batch))
        assert rows > 150
        assert rows + sum(isinstance(found, Row) for found in read) == 201


def test_a_binary_float_never_comes_of_a_decimal(tmp_path):
    (tmp_path / "units.json").write_text('[{"id": "a", "rate": 0.1}, {"id": "b", "rate": 1e400}]')
    org = read_org(tmp_path)
    assert org.attribute_columns("rate").values == [Decimal("0.1"), Decimal("1e400")]


def test_a_key_that_is_there_twice_is_told_where_texts_make_up_for_it(tmp_path):
    (tmp_path / "units.json").write_text('[{"id" : "a", "size": 1, "size": 2}, {"id": "\\":", "note": "\\":"}]')
    with pytest.raises(InputError, match=r"units\.json:1:2: O139 the key 'size' is given twice"):
        read_org(tmp_path)
