"""The files of an organisation, and their rows with their places."""

from collections.abc import Iterable
from pathlib import Path

from ...errors import Issues, Source, did_you_mean
from ...texts import nfc, utf_8_hint
from .formats import SUFFIXES, format_of
from .rows import SECTIONS, Batch, Row

__all__ = ["files_of", "rows_of"]

_ALLOWED = f"allowed: {', '.join(SECTIONS)}, with something behind a '-' if wanted, ending in {', '.join(SUFFIXES)}"


def section_of(path: Path) -> str | None:
    """The section a file holds by its name: what stands before the first "-" or "."."""
    stem = path.name.replace("-", ".").split(".")[0]
    return stem if stem in SECTIONS else None


def files_of(path: Path, issues: Issues) -> list[Path]:
    """The files to read, sorted: one file, or those of a folder. Anything else in the folder is an error."""
    if not path.exists():
        near = did_you_mean(path.name, [p.name for p in path.parent.iterdir()]) if path.parent.is_dir() else ""
        issues.error(Source(str(path)), "O130", "there is no such file or folder", near)
        return []
    if not path.is_dir():
        format_ = format_of(path)
        if format_ is None:
            message = f"a file that ends in '{path.suffix}' is no organisation file"
            issues.error(Source(str(path)), "O132", message, f"allowed: {', '.join(SUFFIXES)}")
            return []
        if format_.one_section and section_of(path) is None:
            message = f"the name of a {format_.name} file says what is in it"
            issues.error(Source(str(path)), "O132", message, _ALLOWED)
            return []
        return [path]
    files = []
    for entry in sorted(path.iterdir()):
        if entry.name.startswith("."):
            continue
        if entry.is_dir():
            issues.error(Source(str(entry)), "O132", "a folder inside an organisation folder is not read", _ALLOWED)
        elif section_of(entry) is None or format_of(entry) is None:
            message = f"'{entry.name}' is no organisation file"
            issues.error(Source(str(entry)), "O132", message, _ALLOWED)
        else:
            files.append(entry)
    if not files and not issues.errors:
        issues.error(Source(str(path)), "O131", "there is no organisation file in the folder", _ALLOWED)
    return files


def rows_of(path: Path, issues: Issues, at_once: int) -> Iterable[tuple[str, Row | Batch]]:
    """Every row of one of the `files_of`, with its section. What cannot be read is an error, and the rest of the file goes on.

    Rows of CSV and JSON in which nothing is unusual come in batches of about `at_once` characters; with 0, each row
    comes alone.
    """
    format_ = format_of(path)
    assert format_ is not None  # files_of lists no others
    data = _utf8(path, issues)
    return () if data is None else format_.rows(data, str(path), section_of(path), issues, at_once)


def _utf8(path: Path, issues: Issues) -> bytes | None:
    """What the file holds; None, and an error, where it cannot be read or is not UTF-8."""
    file = str(path)
    try:
        data = path.read_bytes()
    except OSError as error:
        issues.error(Source(file), "O133", f"cannot be read: {error.strerror}")
        return None
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        message = f"byte 0x{data[error.start]:02x} is no UTF-8"
        issues.error(Source(file, line), "O133", message, utf_8_hint(data))
        return None
    one_form = nfc(text)
    return data if one_form is text else one_form.encode()
