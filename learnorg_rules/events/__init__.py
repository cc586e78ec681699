"""What happened: events, and which of them count. No rules, no organisation, no frames."""

from .event import Event
from .settle import Settled, settle

__all__ = ["Event", "Settled", "settle"]
