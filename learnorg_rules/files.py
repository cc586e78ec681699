"""Files that are written: inside the folder asked for, through no link, and in the place of nothing but what we wrote.

What a folder holds of ours stands in its file `.learnorg`, a digest and a name in each line as `sha256sum -c` reads them: a file that was changed
since is its owner's (decision 0038).
"""

import hashlib
import os
import stat
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import BinaryIO

from .errors import Issue, Issues, Source

__all__ = ["CODES", "LIST", "Writer", "check_file", "check_folder", "write_file", "write_folder"]

CODES: Mapping[str, tuple[str, str]] = {
    "F101": (
        "a file that is not ours",
        "Where the file is to be written there is one that this library did not write, or that was changed since. It was left "
        "as it is, and so were all others of the same command. Name another place, or give `--force` to replace it.",
    ),
    "F102": (
        "a symbolic link",
        "Files are not written through links, which may lead out of the folder. Name the folder or file itself, or delete the link.",
    ),
    "F103": (
        "a place that cannot be written",
        "A folder stands where a file should, or a file where a folder should. Name another place.",
    ),
}  # fmt: skip

LIST = ".learnorg"
"""The file in which a folder keeps what of it is ours."""

Writer = Callable[[BinaryIO], object]
"""What writes one file to a stream of bytes."""

_FORCE = "name another place, or give --force to replace it"
_ANOTHER_PLACE = "delete the link, or name another place"


def write_folder(folder: str | os.PathLike[str], files: Mapping[str, Writer], force: bool = False) -> Sequence[Path]:
    """Write files into a folder, which is made where there is none: all of them, or none where one is refused.

    Args:
        folder: where; what leads to it may have links, but it is none itself.
        files: name inside the folder, with `/` between folders -> what writes it.
        force: replace files that are not ours, too.

    Returns:
        The files, in order.

    Raises:
        InputError: a file there is not ours (F101), a link (F102), or no file or folder where one is needed (F103).
        OSError: the folder cannot be written.
    """
    check_folder(folder, files, force)
    place = Path(folder)
    place.mkdir(parents=True, exist_ok=True)
    ours = _ours(place)
    with TemporaryDirectory(prefix=f"{LIST}-", dir=place) as there:
        parts: dict[str, Path] = {}
        for number, (name, write) in enumerate(files.items()):
            parts[name] = Path(there) / str(number)
            with parts[name].open("xb") as stream:
                write(stream)
            ours[name] = _digest(parts[name])
        listed = Path(there) / LIST  # before the files are: whoever is stopped between them can begin again
        listed.write_text("".join(f"{digest}  {name}\n" for name, digest in sorted(ours.items())), encoding="utf-8")
        os.replace(listed, place / LIST)
        for name, part in parts.items():
            path = place / name
            path.parent.mkdir(exist_ok=True)
            os.replace(part, path)  # of a link that came in between, the link itself
    return [place / name for name in files]


def check_folder(folder: str | os.PathLike[str], names: Iterable[str], force: bool = False) -> None:
    """See that `write_folder` may write files of these names, before much is computed for them.

    Raises:
        InputError: as it does.
    """
    place, issues, names = Path(folder), Issues(), list(names)
    for name in names:
        parts = PurePosixPath(name).parts
        if not parts or any(part in ("..", "/", LIST) or "\\" in part or "\0" in part for part in parts):
            raise ValueError(f"no name inside a folder: {name!r}")  # ids cannot give one
    if _is_folder(place, issues, "name the folder that it leads to"):
        ours = _ours(place)
        for name in names:
            _check(place, name, ours, force, issues)
    issues.raise_errors()


def write_file(path: str | os.PathLike[str], data: bytes, ours: bytes, force: bool = False) -> None:
    """Write one file.

    Args:
        path: where.
        data: what it is to hold.
        ours: how a file begins that may be replaced.
        force: replace any file.

    Raises:
        InputError: as `write_folder` does.
        OSError: it cannot be written.
    """
    check_file(path, ours, force)
    place = Path(path)
    with TemporaryDirectory(prefix=f"{LIST}-", dir=place.parent) as there:
        part = Path(there) / "part"
        part.write_bytes(data)
        os.replace(part, place)


def check_file(path: str | os.PathLike[str], ours: bytes, force: bool = False) -> None:
    """See that `write_file` may write a file.

    Raises:
        InputError: as it does.
    """
    place, issues = Path(path), Issues()
    if _is_file(place, issues) and not force:
        with place.open("rb") as stream:
            if (begin := stream.read(len(ours))) and begin != ours:
                issues.error(Source(str(place)), "F101", "there is a file that is not ours", _FORCE)
    issues.raise_errors()


def _is_folder(place: Path, issues: Issues, hint: str = _ANOTHER_PLACE) -> bool:
    """Whether the folder is there. It may have to be made; what else is there is reported."""
    mode = _mode(place, issues, hint)
    if mode is None or stat.S_ISDIR(mode):
        return mode is not None
    issues.error(Source(str(place)), "F103", "is no folder", "name another place")
    return False


def _is_file(place: Path, issues: Issues) -> bool:
    """Whether the file is there. It may have to be made; what else is there is reported."""
    mode = _mode(place, issues, _ANOTHER_PLACE)
    if mode is None or stat.S_ISREG(mode):
        return mode is not None
    issues.error(Source(str(place)), "F103", "is no file", "name another place")
    return False


def _check(place: Path, name: str, ours: Mapping[str, str], force: bool, issues: Issues) -> None:
    """Whether one file may be written."""
    inner = place
    for part in PurePosixPath(name).parts[:-1]:
        inner = inner / part
        if not _is_folder(inner, issues):
            return
    path = place / name
    if _is_file(path, issues) and not force and (name not in ours or _digest(path) != ours[name]):
        what = "was changed since it was written" if name in ours else "there is a file that is not ours"
        issues.error(Source(str(path)), "F101", what, _FORCE)


def _mode(path: Path, issues: Issues, hint: str) -> int | None:
    """What stands at a path; None for nothing, or for a link, which was reported."""
    try:
        mode = path.lstat().st_mode
    except FileNotFoundError:
        return None
    if not stat.S_ISLNK(mode):
        return mode
    if not any(issue.source.file == str(path) for issue in issues.found):
        issues.found.append(
            Issue(Source(str(path)), "F102", "is a symbolic link, and nothing is written through one", hint)
        )
    return None


def _ours(place: Path) -> dict[str, str]:
    """The names of our files in a folder -> their digests."""
    listed = place / LIST
    if listed.is_symlink() or not listed.is_file():
        return {}
    rows = (line.split("  ", 1) for line in listed.read_text(encoding="utf-8", errors="replace").splitlines())
    return {row[1]: row[0] for row in rows if len(row) == 2}


def _digest(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
