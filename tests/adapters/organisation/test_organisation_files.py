"""Organisations in files: what each format says, what is refused, and the way there and back."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from org_notation import NOWHERE, day

from learnorg_rules.adapters.organisation.reading import CODES, read_org, write_org
from learnorg_rules.errors import InputError
from learnorg_rules.org.organisation import Organisation
from learnorg_rules.org.records import Attribute, Edge, Node


def folder(tmp_path, **files):
    """A folder with these files: `units_csv="..."` is units.csv; `__` stands for `-`."""
    for name, content in files.items():
        stem, _, ending = name.replace("__", "-").rpartition("_")
        data = content if isinstance(content, bytes) else content.encode()
        (tmp_path / f"{stem}.{ending}").write_bytes(data)
    return tmp_path


def records(org):
    """Everything an organisation says, without order."""
    return (
        sorted(org.nodes.values(), key=lambda n: n.id),
        sorted((e for edges in org.edges.values() for e in edges), key=repr),
        sorted((a for by in org.versions.values() for versions in by.values() for a in versions), key=repr),
    )


def refused(path, columns=None):
    with pytest.raises(InputError) as caught:
        read_org(path, columns)
    root = str(path if path.is_dir() else path.parent)
    return str(caught.value).replace(root + "/", "").replace(root, "ORG").splitlines()


CSV = {
    "units_csv": (
        "id,name.en,name_zh,level,parent,from,to,closed\n"
        "district,District,区,district,,,,\n"
        "office,Office,,department,district,2003-01-01,2007-12-31,true\n"
    ),
    "persons_csv": 'id,name,unit,rank\nann,"Ann, Dr.",office,chu\nbo,,,\n',
    "bodies_csv": "id,name,hosted_by\nleague,League,office\n",
    "edges_csv": "kind,source,target,from,to,function\nserves,ann,league,2005-01-01,,press\n",
    "attributes_csv": "node,name,value,from,to\nann,grade,3,2005-01-01,2005-06-30\nann,grade,4,2005-07-01,\n",
}
JSON = """
{
  "units": [
    {"id": "district", "name": {"en": "District", "zh": "区"}, "level": "district"},
    {"id": "office", "name": "Office", "level": "department", "parent": "district",
     "from": "2003-01-01", "to": "2007-12-31", "closed": "true"}
  ],
  "bodies": [{"id": "league", "name": "League", "hosted_by": "office"}],
  "persons": [
    {"id": "ann", "name": "Ann, Dr.", "unit": "office", "rank": "chu", "grade": [
      {"value": "3", "from": "2005-01-01", "to": "2005-06-30"}, {"value": "4", "from": "2005-07-01"}]},
    {"id": "bo", "unit": null}
  ],
  "edges": [{"kind": "serves", "source": "ann", "target": "league", "from": "2005-01-01", "function": "press"}]
}
"""
YAML = """
units:
  - {id: district, name: {en: District, zh: 区}, level: district}
  - {id: office, name: Office, level: department, parent: district, from: 2003-01-01, to: 2007-12-31, closed: true}
bodies:
  - {id: league, name: League, hosted_by: office}
persons:
  - id: ann
    name: Ann, Dr.
    unit: office
    rank: chu
    grade: [{value: 3, from: 2005-01-01, to: 2005-06-30}, {value: 4, from: 2005-07-01}]
  - {id: bo, unit: null}
edges:
  - {kind: serves, source: ann, target: league, from: 2005-01-01, function: press}
"""


def test_csv_json_and_yaml_say_the_same(tmp_path):
    for name in ("csv", "json", "yaml"):
        (tmp_path / name).mkdir()
    in_csv = read_org(folder(tmp_path / "csv", **CSV))
    in_json = read_org(folder(tmp_path / "json", org_json=JSON) / "org.json")
    in_yaml = read_org(folder(tmp_path / "yaml", org_yaml=YAML) / "org.yaml")
    assert records(in_csv) == records(in_json) == records(in_yaml)
    assert in_csv.as_of(day("2005-07-01")).attribute("ann", "grade") == "4"
    for org in (in_csv, in_json, in_yaml):
        assert [w.message for w in org.warnings] == [
            "'ann' has no home from 2008-01-01 on, when 'office' is there no longer"
        ]


def test_several_files_of_a_section_are_read_together(tmp_path):
    org = read_org(folder(tmp_path, units_csv="id\na\n", units__2_json='[{"id": "b"}]', units__3_yml="- {id: c}\n"))
    assert org.units == ("a", "b", "c")


def test_texts_stay_texts_and_only_json_has_numbers(tmp_path):
    org = read_org(
        folder(
            tmp_path,
            units_yaml="- {id: a, code: 010, closed: no}\n",
            units__2_json='[{"id": 7, "size": 12, "rate": 0.10, "closed": false}]',
        )
    )
    snapshot = org.as_of(date(2005, 1, 1))
    assert [snapshot.attribute("a", name) for name in ("code", "closed")] == ["010", "no"]
    assert [snapshot.attribute("7", name) for name in ("size", "rate", "closed")] == [12, Decimal("0.10"), False]
    assert isinstance(snapshot.attribute("7", "rate"), Decimal)


def test_columns_name_what_the_files_call_otherwise(tmp_path):
    path = folder(
        tmp_path,
        units_csv="key,kind,above\na,district,\nb,office,a\n",
        edges_csv="kind,source,target\nleads,a,b\n",
    )
    org = read_org(path, {"id": "key", "level": "kind", "parent": "above"})
    snapshot = org.as_of(date(2005, 1, 1))
    assert snapshot.attribute("b", "level") == "office"
    assert snapshot.targets("a", "leads") == ("b",)
    assert snapshot.parent("b") == "a"


def test_a_column_to_rename_that_no_file_has_is_a_warning(tmp_path):
    org = read_org(folder(tmp_path, units_csv="id,kind\na,x\n"), {"level": "kinds"})
    assert [str(w).split(": ", 1)[1] for w in org.warnings] == [
        "O121 `columns` reads 'level' from 'kinds', but no row has it\n    hint: did you mean 'kind'?"
    ]


def test_a_column_that_is_nearly_a_known_one_is_a_warning_once_per_file(tmp_path):
    org = read_org(folder(tmp_path, units_csv="id,parnet\na,\nb,a\nc,a\n"))
    assert [(w.source.line, w.code, w.message, w.hint) for w in org.warnings] == [
        (3, "O120", "'parnet' in units is taken as an attribute", "did you mean 'parent'?")
    ]


def test_a_key_of_a_json_file_that_is_not_read_is_a_warning(tmp_path):
    path = folder(tmp_path, org_json='{"version": 2,\n "units": [{"id": "a"}]}') / "org.json"
    assert [(w.source.line, w.source.column, w.code, w.message) for w in read_org(path).warnings] == [
        (1, 2, "O121", "'version' is not read")
    ]


def test_a_byte_order_mark_windows_line_ends_and_blank_lines_are_fine(tmp_path):
    org = read_org(folder(tmp_path, units_csv=b'\xef\xbb\xbfid,note\r\na,"two\r\nlines"\r\n\r\nb,x\r\n'))
    assert org.units == ("a", "b")
    assert org.nodes["b"].source.line == 5
    assert org.nodes["a"].source.line == 2


def test_an_odd_line_separator_inside_a_csv_cell_is_no_new_row(tmp_path):
    org = read_org(folder(tmp_path, units_csv="id,note\na,one\u2028two\nb,\n"))
    assert org.units == ("a", "b")


def test_every_row_has_its_line(tmp_path):
    path = folder(tmp_path, org_json=JSON) / "org.json"
    org = read_org(path)
    assert [(org.nodes[n].source.line, org.nodes[n].source.column) for n in ("district", "office", "bo")] == [
        (4, 5), (5, 5), (12, 5),
    ]  # fmt: skip


# ---- refusals


def test_a_path_that_is_not_there(tmp_path):
    (tmp_path / "organisation").mkdir()
    assert refused(tmp_path / "organisatoin") == [
        "organisatoin: O130 there is no such file or folder",
        "    hint: did you mean 'organisation'?",
    ]


def test_what_was_not_read_is_not_said_to_lack_a_column(tmp_path):
    columns = {"level": "kind"}
    with pytest.raises(InputError) as error:
        read_org(tmp_path / "none", columns)
    assert [issue.code for issue in error.value.issues] == ["O130"]
    with pytest.raises(InputError) as error:
        read_org(folder(tmp_path, units_csv=b"id,kind\n\xff,x\n"), columns)
    assert [issue.code for issue in error.value.issues] == ["O133"]


ALLOWED = (
    "    hint: allowed: units, bodies, persons, edges, attributes, with something behind a '-' if wanted, "
    "ending in .csv, .json, .yaml, .yml"
)


def test_an_empty_folder(tmp_path):
    assert refused(tmp_path) == ["ORG: O131 there is no organisation file in the folder", ALLOWED]


def test_files_that_do_not_belong(tmp_path):
    (tmp_path / "more").mkdir()
    path = folder(tmp_path, units_csv="id\na\n", unit_csv="id\nb\n", units_xlsx="", _hidden="")
    assert refused(path) == [
        "more: O132 a folder inside an organisation folder is not read",
        ALLOWED,
        "unit.csv: O132 'unit.csv' is no organisation file",
        ALLOWED,
        "units.xlsx: O132 'units.xlsx' is no organisation file",
        ALLOWED,
    ]


def test_a_single_file_with_a_foreign_ending_or_name(tmp_path):
    path = folder(tmp_path, org_xml="", org_csv="id\n")
    assert refused(path / "org.xml") == [
        "org.xml: O132 a file that ends in '.xml' is no organisation file",
        "    hint: allowed: .csv, .json, .yaml, .yml",
    ]
    assert refused(path / "org.csv") == ["org.csv: O132 the name of a CSV file says what is in it", ALLOWED]


def test_a_file_that_is_no_utf_8(tmp_path):
    assert refused(folder(tmp_path, units_csv="id,name\na,x\nb,区\n".encode("gbk"))) == [
        "units.csv:3: O133 byte 0xc7 is no UTF-8",
        "    hint: it looks like GBK: save the file as UTF-8",
    ]


def test_a_file_with_a_byte_order_mark_that_is_no_utf_8(tmp_path):
    assert refused(folder(tmp_path, units_csv=b"\xef\xbb\xbf" + "id,name\na,x\n区,b\n".encode("gbk"))) == [
        "units.csv:3: O133 byte 0xc7 is no UTF-8",
        "    hint: it looks like GBK: save the file as UTF-8",
    ]


def test_an_empty_csv_file(tmp_path):
    assert refused(folder(tmp_path, units_csv="\n")) == [
        "units.csv: O133 the file is empty",
        "    hint: the first line names the columns",
    ]


def test_a_quote_that_never_closes(tmp_path):
    assert refused(folder(tmp_path, units_csv='id,name\na,x\nb,"y\nc,z\n')) == [
        "units.csv:3: O133 no CSV from here on: unexpected end of data",
        "    hint: look for a quote without its other",
    ]


def test_rows_with_too_many_and_too_few_cells_are_all_told(tmp_path):
    assert refused(folder(tmp_path, units_csv="id,name\na,Finance, Budget\nb\nc,C\n")) == [
        "units.csv:2: O134 3 cells for 2 columns",
        "    hint: a text with a comma in it stands in quotes",
        "units.csv:3: O134 1 cells for 2 columns",
        "    hint: a cell that is empty still needs its comma",
    ]


def test_columns_without_a_name_or_with_the_same(tmp_path):
    assert refused(folder(tmp_path, units_csv="id,,id\na,b,c\n")) == [
        "units.csv:1: O134 column 2 has no name",
        "units.csv:1: O139 there are two columns 'id'",
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('[{"id": "a"},\n {"id": }]', "units.json:2:9: O133 no JSON from here on: Expecting value"),
        ('[{"id": "a"}\n {"id": "b"}]', "units.json:2:2: O133 no JSON from here on: ',' expected, not '{'"),
        ('[{"id": "a"}] x', "units.json:1:15: O133 no JSON from here on: the end expected, not 'x'"),
        ('[{"id": "a"}', "units.json:1:13: O133 no JSON from here on: ',' expected, not the end"),
        ('[{"id": "a",\n"size": NaN}]', "units.json:1:2: O133 no JSON from here on: NaN is no number"),
        ('[{"id": "a", "id": "b"}]', "units.json:1:2: O139 the key 'id' is given twice in this object"),
        ('{"units": [], "units": [{"id": "a"}]}', "units.json:1:15: O139 the key 'units' is given twice"),
        ('{"units": {"id": "a"}}', "units.json:1:11: O137 'units' is a list of rows"),
        ('["a"]', "units.json:1:2: O137 a row of units is an object"),
        ("3", "units.json:1:1: O137 the file holds one object with the keys units, bodies, persons, edges, "
              "attributes, or a list of rows"),
    ],
)  # fmt: skip
def test_broken_json(tmp_path, text, message):
    assert refused(folder(tmp_path, units_json=text))[0] == message


def test_yaml_of_the_wrong_shape(tmp_path):
    path = folder(tmp_path, org_yaml="title: x\nunit: []\nunits: 3\npersons:\n  - ann\n") / "org.yaml"
    assert refused(path) == [
        "org.yaml:1:1: O138 a file of the organisation has no key 'title'",
        "    hint: known: units, bodies, persons, edges, attributes",
        "org.yaml:2:1: O138 a file of the organisation has no key 'unit'",
        "    hint: did you mean 'units'?",
        "org.yaml:3:8: O137 'units' is a list of rows, not '3'",
        "org.yaml:5:5: O137 a row of persons is a mapping, not 'ann'",
    ]


def test_rows_that_lack_something(tmp_path):
    path = folder(
        tmp_path,
        units_csv="id,name\n,Office\na,A\n",
        edges_csv="kind,source,target\n,a,a\nleads,a,\n",
        attributes_csv="node,name,value\na,level,\n",
    )
    assert refused(path) == [
        "attributes.csv:2: O135 a row of attributes has no 'value'",
        "edges.csv:2: O135 a row of edges has no 'kind'",
        "edges.csv:3: O135 a row of edges has no 'target'",
        "units.csv:2: O135 a row of units has no 'id'",
    ]


def test_days_that_are_none(tmp_path):
    path = folder(
        tmp_path,
        units_yaml="- {id: a, from: 2005-02-30, to: 1.1.2006}\n",
        persons_json='[{"id": "ann", "from": 2005, "unit": [{"of": "a", "from": "20050101"}]}]',
    )
    iso = "    hint: write it as 2005-01-31"
    assert refused(path) == [
        "persons.json:1:2: O136 '2005' is no day",
        iso,
        "persons.json:1:2: O136 '20050101' is no day",
        "    hint: write 2005-01-01",
        "units.yaml:1:17: O136 there is no day '2005-02-30'",
        "units.yaml:1:33: O136 '1.1.2006' is no day",
        "    hint: write 2006-01-01",
    ]


def test_values_of_the_wrong_shape(tmp_path):
    path = folder(
        tmp_path,
        units_yaml="""
- {id: [a], name: x}
- {id: b, name: [x], level: {en: x}, parent: {of: c}}
- {id: c, level: [{valu: x, from: 2005-01-01}, x, {value: 1, of: 2}, {value: x, till: 3}]}
""",
    )
    assert refused(path) == [
        "units.yaml:2:8: O137 'id' is an id, not a list",
        "units.yaml:3:17: O137 a name is a text, or a map from languages to texts, not a list",
        "units.yaml:3:29: O137 'level' is a text, a number or a history, not a map",
        "units.yaml:3:46: O137 'parent' is an id, not a map",
        "units.yaml:4:18: O135 an entry of the history of 'level' has one of `value` and `of`",
        "units.yaml:4:18: O137 an entry of the history of 'level' is a map with `value` or `of`, not 'x'",
        "units.yaml:4:18: O138 an entry of the history of 'level' has no 'till'",
        "    hint: known: value, of, from, to",
        "units.yaml:4:18: O139 an entry of the history of 'level' has one of `value` and `of`",
    ]


def test_two_columns_that_say_the_same(tmp_path):
    path = folder(tmp_path, units_csv="id,kind,level,name,name.en\na,x,y,A,B\n")
    assert refused(path, {"level": "kind"}) == [
        "units.csv:2: O139 'level' and another column both say what 'level' is",
        "    hint: see `columns`",
        "units.csv:2: O139 there are two names in the language 'en'",
    ]


def test_a_foreign_column_of_attributes(tmp_path):
    path = folder(tmp_path, units_csv="id\na\n", attributes_csv="node,name,value,form\na,level,x,2005-01-01\n")
    assert refused(path) == [
        "attributes.csv:2: O138 a row of attributes has no 'form'",
        "    hint: did you mean 'from'?",
    ]


def test_faults_of_files_and_of_records_are_told_together(tmp_path):
    path = folder(tmp_path, units_csv="id,parent,from\na,b,2005-13-01\nc\n", persons_csv="id,unit\nann,aa\n")
    assert [line.split()[:2] for line in refused(path) if "hint" not in line] == [
        ["persons.csv:2:", "O103"], ["units.csv:2:", "O103"], ["units.csv:2:", "O136"], ["units.csv:3:", "O134"],
    ]  # fmt: skip


def test_every_code_of_the_files_is_explained():
    assert sorted(CODES) == ["O120", "O121", *(f"O{n}" for n in range(130, 140))]


# ---- there and back

text = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=6)
offset = st.none() | st.integers(0, 50)


@st.composite
def organisations(draw):
    def days():
        first, length = draw(offset), draw(offset)
        from_ = None if first is None else date(2005, 1, 1) + timedelta(first)
        return from_, None if length is None else date(2005, 6, 1) + timedelta(length)

    ids = draw(st.lists(text, min_size=3, max_size=6, unique=True))
    kinds = ["unit", "body", "person", *draw(st.lists(st.sampled_from(["unit", "person"]), min_size=3, max_size=3))]
    languages = st.sampled_from(["en", "zh", "zh-Hans"])
    nodes = [
        Node(id_, kind, draw(st.dictionaries(languages, text, max_size=2)), *days(), NOWHERE)
        for id_, kind in zip(ids, kinds, strict=False)
    ]
    of = {kind: [n.id for n in nodes if n.kind == kind] for kind in ("unit", "body", "person")}
    edges = [Edge("member_of", p, of["unit"][0], None, None, {}, NOWHERE) for p in of["person"] if draw(st.booleans())]
    edges += [Edge("part_of", u, of["unit"][0], None, None, {}, NOWHERE) for u in of["unit"][1:]]
    edges += [Edge("part_of", of["body"][0], of["unit"][-1], None, None, {}, NOWHERE)]
    edges += draw(st.sampled_from([[], [Edge("hosts", u, of["body"][0], None, None, {}, NOWHERE) for u in of["unit"]]]))
    own = st.dictionaries(text.filter(lambda t: t not in ("kind", "source", "target", "from", "to")), text, max_size=2)
    edges += [Edge("serves", ids[2], ids[0], date(2005, 6, 1), date(2005, 6, 1), draw(own), NOWHERE)]
    names = st.sampled_from(["level", "name", "name.x", "unit", "parent", "id", "from", "rank", "parnet"]) | text
    attributes = [
        Attribute(id_, name, draw(text), *days(), NOWHERE)
        for id_ in ids
        for name in draw(st.lists(names, max_size=3, unique=True))
    ]
    return Organisation.of(nodes, edges, attributes)


@settings(max_examples=60, deadline=None)
@given(organisations())
def test_what_is_written_reads_back_the_same(tmp_path_factory, organisation):
    path = tmp_path_factory.mktemp("org")
    write_org(organisation, path)
    assert records(read_org(path)) == records(organisation)


def test_numbers_and_truth_values_are_written_as_texts(tmp_path):
    org = read_org(folder(tmp_path, units_json='[{"id": "a", "size": 12, "rate": 0.10, "closed": false}]'))
    write_org(org, tmp_path / "out")
    snapshot = read_org(tmp_path / "out").as_of(date(2005, 1, 1))
    assert [snapshot.attribute("a", name) for name in ("size", "rate", "closed")] == ["12", "0.10", "false"]


def test_nothing_is_written_beside_files_that_would_be_read_with_it(tmp_path):
    org = read_org(folder(tmp_path, units__2_csv="id\na\n"))
    with pytest.raises(FileExistsError, match=r"units-2\.csv"):
        write_org(org, tmp_path)


def test_a_header_of_very_many_columns_is_refused(tmp_path):
    (tmp_path / "units.csv").write_text("id" + "," * 4_000_000 + "\n")
    with pytest.raises(InputError) as caught:
        read_org(tmp_path)
    (issue,) = caught.value.issues
    said = ("O134", "the header names more than 10,000 columns", "leave out what no rule asks for")
    assert (issue.code, issue.message, issue.hint) == said
