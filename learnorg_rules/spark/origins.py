"""Where events that Spark reads come from."""

import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from attrs import frozen

from ..adapters.events.formats import check_format_name
from ..adapters.events.sources import FileEvents, scan_events
from ..errors import InputError, Issue, Source

__all__ = ["REMOTE", "Origins", "origins_of"]

REMOTE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:/")
"""How a path begins that is not on this machine."""


@frozen
class Origins:
    """Files, patterns and tables that Spark reads.

    Attributes:
        files: those on this machine; None where there are none.
        remote: (URI or pattern, its format or None where names tell).
        tables: names that Spark knows.
        columns: our name -> the source's name.
        constants: our name -> the value of every row.
    """

    files: FileEvents | None
    remote: tuple[tuple[str, str | None], ...]
    tables: tuple[str, ...]
    columns: Mapping[str, str]
    constants: Mapping[str, str]


def origins_of(
    paths: Sequence[str | os.PathLike[str]],
    tables: Sequence[str],
    columns: Mapping[str, str] | None,
    constants: Mapping[str, str] | None,
    form: str | None,
) -> Origins:
    """What `spark_events` is given, with the files on this machine looked up.

    Raises:
        InputError: there is no such file (V101, V102), or its format is not known (V103).
    """
    check_format_name(form)
    issues: list[Issue] = []
    given = [os.fspath(path) for path in paths]
    local: list[str] = []
    for path in (p for p in given if not REMOTE.match(p)):
        if not Path(path).is_dir():
            local.append(path)
            continue
        below = [p for p in sorted(Path(path).rglob("*")) if p.is_file() and not _hidden(p.relative_to(path))]
        local += map(str, below)
        if not below:
            issues.append(Issue(Source(path), "V102", "there is no file in this folder"))
    if issues:
        raise InputError(issues)
    files = scan_events(*local, format=form) if local else None
    remote = tuple((p, form) for p in given if REMOTE.match(p))
    return Origins(files, remote, tuple(tables), dict(columns or {}), dict(constants or {}))


def _hidden(path: Path) -> bool:
    return any(part.startswith(("_", ".")) for part in path.parts)
