"""Why: a trace as sentences, in English and Chinese."""

from .missing import missing_lines, missing_record
from .rules import reason
from .summary import summary
from .tree import Reason

__all__ = ["Reason", "missing_lines", "missing_record", "reason", "summary"]
