"""Files of an organisation as rows: CSV, JSON and YAML, each row with its place."""

from collections.abc import Iterator
from pathlib import Path

from ...documents import Broken, Mapping_, Scalar, Sequence_, Tree, kind_of, read_yaml
from ...errors import Issues, Source, did_you_mean
from .csv import csv_rows
from .json import json_rows
from .rows import SECTIONS, Batch, Row

__all__ = ["ENDINGS", "files_of", "rows_of"]

ENDINGS = (".csv", ".json", ".yaml", ".yml")
_ALLOWED = f"allowed: {', '.join(SECTIONS)}, with something behind a '-' if wanted, ending in {', '.join(ENDINGS)}"


def section_of(path: Path) -> str | None:
    """The section a file holds by its name: what stands before the first "-" or "."."""
    stem = path.name.replace("-", ".").split(".")[0]
    return stem if stem in SECTIONS else None


def files_of(path: Path, issues: Issues) -> list[Path]:
    """The files to read, sorted: one file, or those of a folder. Whatever else lies in the folder is a fault."""
    if not path.exists():
        near = did_you_mean(path.name, [p.name for p in path.parent.iterdir()]) if path.parent.is_dir() else ""
        issues.error(Source(str(path)), "O130", "there is no such file or folder", near)
        return []
    if not path.is_dir():
        if path.suffix not in ENDINGS:
            message = f"a file that ends in '{path.suffix}' is no organisation file"
            issues.error(Source(str(path)), "O132", message, f"allowed: {', '.join(ENDINGS)}")
            return []
        if path.suffix == ".csv" and section_of(path) is None:
            issues.error(Source(str(path)), "O132", "the name of a CSV file says what is in it", _ALLOWED)
            return []
        return [path]
    found = []
    for entry in sorted(path.iterdir()):
        if entry.name.startswith("."):
            continue
        if entry.is_dir():
            issues.error(Source(str(entry)), "O132", "a folder inside an organisation folder is not read", _ALLOWED)
        elif section_of(entry) is None or entry.suffix not in ENDINGS:
            message = f"'{entry.name}' is no organisation file"
            issues.error(Source(str(entry)), "O132", message, _ALLOWED)
        else:
            found.append(entry)
    if not found and not issues.errors:
        issues.error(Source(str(path)), "O131", "there is no organisation file in the folder", _ALLOWED)
    return found


def rows_of(path: Path, issues: Issues, at_once: int) -> Iterator[tuple[str, Row | Batch]]:
    """Every row of a file with its section. What cannot be read is a fault, and the rest of the file goes on.

    Plain rows of CSV and JSON come in batches of some `at_once` characters; with 0, each comes alone.
    """
    file, section = str(path), section_of(path)
    try:
        data = path.read_bytes()
    except OSError as error:
        issues.error(Source(file), "O133", f"cannot be read: {error.strerror}")
        return
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        message = f"byte 0x{data[error.start]:02x} is no UTF-8"
        issues.error(Source(file, line), "O133", message, "save the file as UTF-8")
        return
    if path.suffix == ".csv":
        assert section is not None  # files_of let it through
        del text
        yield from ((section, row) for row in csv_rows(data, file, issues, at_once))
    elif path.suffix == ".json":
        del data
        yield from json_rows(text, file, section, issues, at_once)
    else:
        yield from _yaml(text, file, section, issues)


def _yaml(text: str, file: str, section: str | None, issues: Issues) -> Iterator[tuple[str, Row]]:
    tree = read_yaml(text, file, issues)
    if isinstance(tree, Sequence_) and section is not None:
        yield from _yaml_rows(tree, section, issues)
    elif isinstance(tree, Mapping_):
        for key, value in tree.entries:
            if key.text not in SECTIONS:
                hint = did_you_mean(key.text, SECTIONS)
                issues.error(key.source, "O138", f"a file of the organisation has no key '{key.text}'", hint)
            elif isinstance(value, Sequence_):
                yield from _yaml_rows(value, key.text, issues)
            elif not isinstance(value, Broken):
                issues.error(value.source, "O137", f"'{key.text}' is a list of rows, not {kind_of(value)}")
    elif tree is not None and not isinstance(tree, Broken):
        wanted = f"the keys {', '.join(SECTIONS)}" + (", or a list of rows" if section else "")
        issues.error(tree.source, "O137", f"the file holds {wanted}, not {kind_of(tree)}")


def _yaml_rows(rows: Sequence_, section: str, issues: Issues) -> Iterator[tuple[str, Row]]:
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
