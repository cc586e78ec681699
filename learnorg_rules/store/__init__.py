"""The durable log of one assessment: entries, snapshots and what was published, in one SQLite file and back.

It turns records into bytes and bytes into records; what an entry or a result means is decided above it.
"""

from .codes import CODES
from .log import Log
from .records import Appended, Entry, InForce, New, Publication, Restatement, Snapshot

__all__ = ["CODES", "Appended", "Entry", "InForce", "Log", "New", "Publication", "Restatement", "Snapshot"]
