"""Bytes of memory: how they are written, how many this process holds, and how many a run takes."""

import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path, PurePosixPath

from attrs import define

from ..counting.port import Size
from ..errors import InputError, Issue, Source

__all__ = ["CODES", "SLACK", "bytes_of", "container_limits", "held", "machine_memory", "needed", "running", "shown"]

CODES = {
    "R101": ("no amount of memory", "A limit of memory is a number with B, KB, MB, GB, TB, KiB, MiB, GiB or TiB, such as 2GiB, or a number of bytes."),
    "R102": ("too little memory", "Rules, organisation and results alone, with the smallest bucket of events, take more than the limit. The least that would do is estimated."),
    "R103": ("too little disk", "Under a limit of memory events are cut into buckets in temporary files (in TMPDIR), for which there is no room, or which cannot be written there."),
}  # fmt: skip

SLACK = 112 << 20  # bytes for threads, and for what the allocator does not give back, however little is held
GROUPS = Path("/sys/fs/cgroup")
_UNITS = {"B": 1, "KB": 10**3, "MB": 10**6, "GB": 10**9, "TB": 10**12}
_UNITS |= {"KiB": 2**10, "MiB": 2**20, "GiB": 2**30, "TiB": 2**40}
_WRITTEN = re.compile(r"([0-9]+(?:\.[0-9]+)?) ?([A-Za-z]*)")


def bytes_of(given: int | str) -> int:
    """The bytes of an amount such as "2GiB", "1.5 GB" or 2147483648.

    Raises:
        InputError: it is none (R101).
    """
    written = _WRITTEN.fullmatch(str(given).strip())
    units = {name.lower(): size for name, size in _UNITS.items()}
    size = units.get(written[2].lower() or "b") if written else None
    if written is None or size is None or int(Fraction(written[1]) * size) == 0:
        near = f"did you mean '{given}iB'?" if written and written[2].upper() in ("K", "M", "G", "T") else ""
        message = f"'{given}' is no amount of memory, expected one such as 2GiB, 800MB or a number of bytes"
        raise InputError([Issue(Source("memory"), "R101", message, near)])
    return int(Fraction(written[1]) * size)


def shown(size: int) -> str:
    """The bytes for people, rounded up: "1.5 GiB", "300 MiB", "256 bytes"."""
    if size < _UNITS["MiB"]:
        return f"{size:,} bytes"
    if size >= _UNITS["GiB"]:
        tenths = -(-size * 10 // _UNITS["GiB"])
        return f"{tenths // 10}.{tenths % 10} GiB"
    return f"{-(-size // _UNITS['MiB'])} MiB"


@define
class _Process:
    """What the allocators of this process kept of earlier runs: `kept` bytes, when `resident` were held."""

    kept: int = 0
    resident: int = 0


_process = _Process()


@contextmanager
def running(used: int | None = None) -> Iterator[None]:
    """Around a run: what it leaves behind, which allocators do not give back to the system, the next one takes again.

    Args:
        used: about the bytes that its results go on using, which are not free; what is less than `SLACK` does not matter.
            None where nobody knows: no more than `SLACK` is taken to be free then.
    """
    before = _resident()
    kept = _kept(before)
    yield
    after = _resident()
    grown = after - before
    free = min(SLACK, kept + grown) if used is None else kept + grown - max(0, used - SLACK)
    _process.kept, _process.resident = max(0, free), after


def held() -> int:
    """Bytes of memory this process holds, but for those that earlier runs left behind and the next one takes again."""
    there = _resident()
    return there - _kept(there)


def _kept(resident: int) -> int:
    """What is still there of what earlier runs left behind; where less is held than then, some was given back."""
    return max(0, _process.kept - max(0, _process.resident - resident))


def _resident() -> int:
    """Bytes of memory this process holds; where only that is told, the most it held so far."""
    try:
        return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        import resource  # not on Windows, which is not asked: it has no sysconf

        most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return most if sys.platform == "darwin" else most * 1024


def machine_memory() -> int | None:
    """Bytes of memory that this process may have: those of the machine, or of its container; None where nobody tells."""
    if not hasattr(os, "sysconf"):
        return None
    limits = [os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")]
    groups = Path("/proc/self/cgroup")
    if groups.exists():  # on Linux
        limits += container_limits(groups.read_text(), GROUPS)
    return min(limits)


def container_limits(groups: str, mounted: Path) -> Iterator[int]:
    """The limits of the control group of a process, and of those above it.

    Args:
        groups: its `/proc/self/cgroup`.
        mounted: the folder of control groups.
    """
    for line in groups.splitlines():
        _, controllers, path = line.split(":", 2)
        if controllers and "memory" not in controllers.split(","):
            continue
        root, name = (mounted / "memory", "memory.limit_in_bytes") if controllers else (mounted, "memory.max")
        inside = PurePosixPath(path.lstrip("/"))
        for group in dict.fromkeys((inside, *inside.parents)):
            try:
                yield int((root / group / name).read_text())
            except (OSError, ValueError):  # not to be seen from inside the container, or "max"
                continue


def needed(size: Size) -> int:
    """About the bytes this process holds at most in a run that has all events in memory: their columns, and half as much."""
    return held() + SLACK + size.rows * size.width * 3 // 2
