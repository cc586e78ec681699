"""YAML files of an organisation as rows."""

from collections.abc import Iterator

from ...documents import Broken, Mapping_, Scalar, Sequence_, Tree, kind_of, read_yaml
from ...errors import Issues, did_you_mean
from .rows import SECTIONS, Row

__all__ = ["yaml_rows"]


def yaml_rows(data: bytes, file: str, section: str | None, issues: Issues, at_once: int) -> Iterator[tuple[str, Row]]:
    """The rows of a YAML file, each with its section: `section` where the file is a list. Each row comes alone."""
    tree = read_yaml(data.decode("utf-8-sig"), file, issues)
    if isinstance(tree, Sequence_) and section is not None:
        yield from _rows_of_list(tree, section, issues)
    elif isinstance(tree, Mapping_):
        for key, value in tree.entries:
            if key.text not in SECTIONS:
                hint = did_you_mean(key.text, SECTIONS)
                issues.error(key.source, "O138", f"a file of the organisation has no key '{key.text}'", hint)
            elif isinstance(value, Sequence_):
                yield from _rows_of_list(value, key.text, issues)
            elif not isinstance(value, Broken):
                issues.error(value.source, "O137", f"'{key.text}' is a list of rows, not {kind_of(value)}")
    elif tree is not None and not isinstance(tree, Broken):
        wanted = f"the keys {', '.join(SECTIONS)}" + (", or a list of rows" if section else "")
        issues.error(tree.source, "O137", f"the file holds {wanted}, not {kind_of(tree)}")


def _rows_of_list(rows: Sequence_, section: str, issues: Issues) -> Iterator[tuple[str, Row]]:
    for row in rows.items:
        if isinstance(row, Mapping_):
            values = {key.text: _plain(value) for key, value in row.entries}
            places = {key.text: value.source for key, value in row.entries}
            yield section, Row({k: v for k, v in values.items() if v is not None and v != ""}, row.source, places)
        elif not isinstance(row, Broken):
            issues.error(row.source, "O137", f"a row of {section} is a mapping, not {kind_of(row)}")


def _plain(tree: Tree) -> object:
    """The tree without places. Texts stay texts; nothing, `null` and `~` are None."""
    if isinstance(tree, Scalar):
        return None if not tree.style and tree.text in ("", "null", "~") else tree.text
    if isinstance(tree, Sequence_):
        return [_plain(item) for item in tree.items]
    return {key.text: _plain(value) for key, value in tree.entries} if isinstance(tree, Mapping_) else None
