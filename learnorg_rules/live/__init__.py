"""Live: one event in, every change out, nothing lost, the same answer as batch."""

from .cloudevents import cloudevent
from .live import Live
from .posted import Posted

__all__ = ["Live", "Posted", "cloudevent"]
