"""What docs/reference/organisation.md shows is what the library does."""

import re
from pathlib import Path

from org_notation import day, organisation

from learnorg_rules.adapters.organisation.reading import read_org
from learnorg_rules.org.records import EDGE_KINDS

PAGE = (Path(__file__).parents[2] / "docs" / "reference" / "organisation.md").read_text(encoding="utf-8")


def blocks(language):
    return re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)


def test_the_examples_are_read_without_a_warning():
    for text in blocks("yaml"):
        org = organisation(text)
        assert org.warnings == ()
    assert org.as_of(day("2005-03-31")).home("ann") == "old_office"
    assert org.as_of(day("2005-04-01")).home("ann") == "new_office"


def test_the_example_in_csv_says_the_same_of_the_units(tmp_path):
    (tmp_path / "units.csv").write_text(blocks("csv")[0], encoding="utf-8")
    in_csv, in_yaml = read_org(tmp_path), organisation(blocks("yaml")[0])
    assert [in_csv.nodes[u] for u in in_csv.units] == [in_yaml.nodes[u] for u in in_yaml.units]
    assert in_csv.versions["headcount"] == in_yaml.versions["headcount"]


def test_the_table_of_edge_kinds_is_the_register():
    order = ("unit", "body", "person")

    def cell(kinds):
        return ", ".join(kinds if kinds == ("person", "unit") else sorted(kinds, key=order.index))

    rows = [f"| `{k.name}` | {k.sentence} | {cell(k.sources)} | {cell(k.targets)} |" for k in EDGE_KINDS]
    assert "\n".join(rows) in PAGE
