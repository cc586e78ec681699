"""Why: a trace as sentences, in English and Chinese."""

from .rules import reason
from .summary import summary
from .tree import Reason

__all__ = ["Reason", "reason", "summary"]
