"""Which decider to take."""

from .durable import DurableDecider, durable_available
from .port import Decider
from .reference import ReferenceDecider

__all__ = ["best_decider"]


def best_decider() -> Decider:
    """The one through durable-rules where it can be imported, else the reference. Both decide alike; `name` tells."""
    return DurableDecider() if durable_available() else ReferenceDecider()
