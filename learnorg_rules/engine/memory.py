"""Bytes of memory: how they are written, how many this process holds, and how many a run takes."""

import os
import re
import sys
from fractions import Fraction
from importlib import import_module
from pathlib import Path

from ..errors import InputError, Issue, Source
from .port import Size

__all__ = ["CODES", "SLACK", "bytes_of", "machine_memory", "needed", "resident", "shown"]

CODES = {
    "R101": ("no amount of memory", "A limit of memory is a number with B, KB, MB, GB, TB, KiB, MiB, GiB or TiB, such as 2GiB, or a number of bytes."),
    "R102": ("too little memory", "Rules, organisation and results alone, with the smallest bucket of events, take more than the limit. The least that would do is estimated."),
    "R103": ("too little disk", "Under a limit of memory events are cut into buckets in temporary files (in TMPDIR), for which there is no room."),
}  # fmt: skip

SLACK = 112 << 20  # bytes for threads, and for what the allocator does not give back, however little is held
CONTAINER = ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes")
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
    """The bytes for people, rounded up: "1.5 GiB", "300 MiB"."""
    if size >= _UNITS["GiB"]:
        tenths = -(-size * 10 // _UNITS["GiB"])
        return f"{tenths // 10}.{tenths % 10} GiB"
    return f"{-(-size // _UNITS['MiB'])} MiB"


def resident() -> int:
    """Bytes of memory this process holds; where only that is told, the most it held so far."""
    try:
        return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        usage = import_module("resource")  # which Windows has not
        most: int = usage.getrusage(usage.RUSAGE_SELF).ru_maxrss
        return most if sys.platform == "darwin" else most * 1024


def machine_memory() -> int | None:
    """Bytes of memory that this process may have: those of the machine, or of its container; None where nobody tells."""
    if not hasattr(os, "sysconf"):
        return None
    limits = [os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")]
    for path in CONTAINER:
        try:
            limits.append(int(Path(path).read_text()))
        except (OSError, ValueError):  # not in one, or "max"
            continue
    return min(limits)


def needed(size: Size) -> int:
    """About the bytes this process holds at most in a run that has all events in memory: their columns, and half as much."""
    return resident() + SLACK + size.rows * size.width * 3 // 2
