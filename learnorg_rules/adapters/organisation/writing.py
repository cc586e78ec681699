"""Organisations to files: five CSV files that `read_org` reads back."""

import os
from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path

from ...files import Writer, write_folder
from ...org.organisation import Organisation
from ...org.records import Edge
from ...sheets import write_rows
from .rows import NAME, NODE_KIND, RESERVED, SECTIONS, SHORTHAND, as_text

__all__ = ["write_org"]


def write_org(
    organisation: Organisation, folder: str | os.PathLike[str], force: bool = False, raw: bool = False
) -> None:
    """Write the organisation as five CSV files that `read_org` reads back: the same nodes, edges and attributes.

    What has no dates is written into the columns of the nodes, the rest into edges.csv and attributes.csv. Numbers and truth
    values become texts.

    Args:
        organisation: what to write.
        folder: created where it does not exist.
        force: replace files that `write_org` did not write, or that were changed since.
        raw: write texts as they are. Without it, those that a spreadsheet takes for formulas get an apostrophe in front.

    Raises:
        InputError: a file there is not ours, and `force` is false (F1xx).
        FileExistsError: the folder holds other files, which would be read together with these.
        ValueError: a value that no CSV file can hold: an empty text, a binary float.
    """
    path = Path(folder)
    ours = {f"{section}.csv" for section in SECTIONS}
    others = sorted(
        entry.name
        for entry in (path.iterdir() if path.is_dir() else ())
        if entry.name not in ours and entry.name[0] != "."
    )
    if others:
        raise FileExistsError(f"{folder} holds other files: {', '.join(others)}")
    cells: dict[str, dict[str, str]] = {
        id_: {"id": id_, **{f"name.{language}": _cell(text) for language, text in node.name.items()},
              "from": _day_cell(node.from_), "to": _day_cell(node.to)}
        for id_, node in organisation.nodes.items()
    }  # fmt: skip
    edges = _spread_edges(organisation, cells)
    attributes = _spread_attributes(organisation, cells)
    files: dict[str, Writer] = {}
    for section, kind in NODE_KIND.items():
        rows = [cells[id_] for id_ in organisation.nodes.of_kind(kind)]
        files[f"{section}.csv"] = _writer(RESERVED[section], rows, raw)
    files["edges.csv"] = _writer(RESERVED["edges"], edges, raw)
    files["attributes.csv"] = _writer(RESERVED["attributes"], attributes, raw)
    write_folder(path, files, force)


def _spread_edges(organisation: Organisation, cells: Mapping[str, dict[str, str]]) -> list[dict[str, str]]:
    """Write edges into the cells of their nodes where a column can express them; the rows of the other edges."""
    rows = []
    for kind, edges in organisation.edges.items():
        for edge in edges:
            own = {name: _cell(value) for name, value in edge.attributes.items()}
            if reserved := set(own) & set(RESERVED["edges"]):
                raise ValueError(f"an edge cannot have the attribute {sorted(reserved)[0]!r}")
            column, node = _shorthand_of(organisation, edge)
            if column and not own and edge.from_ is None and edge.to is None and column not in cells[node]:
                cells[node][column] = edge.target_id if node == edge.source_id else edge.source_id
            else:
                days = {"from": _day_cell(edge.from_), "to": _day_cell(edge.to)}
                rows.append({"kind": kind, "source": edge.source_id, "target": edge.target_id, **days, **own})
    return rows


def _shorthand_of(organisation: Organisation, edge: Edge) -> tuple[str, str]:
    """The column that can express this edge, and the node in whose row it stands; both "" where there is none."""
    for section, shorthand in SHORTHAND.items():
        for column, (kind, is_source) in shorthand.items():
            node = edge.source_id if is_source else edge.target_id
            if kind == edge.kind and organisation.kind(node) == NODE_KIND[section]:
                return column, node
    return "", ""


def _spread_attributes(organisation: Organisation, cells: Mapping[str, dict[str, str]]) -> list[dict[str, str]]:
    """Write undated values into the cells of their nodes; the rows of the others."""
    reserved = {NODE_KIND[s]: set(RESERVED[s]) - {"level" if s == "units" else ""} for s in NODE_KIND}
    rows = []
    for name in sorted(organisation.versions):
        for node, _, _, value, record in organisation.attribute_versions(name):
            undated = record.from_ is None and record.to is None
            if undated and name and name not in reserved[organisation.kind(node)] and not NAME.fullmatch(name):
                cells[node][name] = _cell(value)
            else:
                days = {"from": _day_cell(record.from_), "to": _day_cell(record.to)}
                rows.append({"node": node, "name": _cell(name), "value": _cell(value), **days})
    return rows


def _writer(first: Iterable[str], rows: list[dict[str, str]], raw: bool) -> Writer:
    columns = [*first, *sorted({column for row in rows for column in row} - set(first))]
    return lambda stream: write_rows(stream, columns, rows, raw)


def _day_cell(day: date | None) -> str:
    return "" if day is None else day.isoformat()


def _cell(value: object) -> str:
    if value is None or value == "" or isinstance(value, float):
        raise ValueError(f"no CSV file can hold {value!r}")
    return value.isoformat() if isinstance(value, date) else as_text(value)
