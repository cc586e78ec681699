"""Rule files to typed rules: text in, a checked `Ruleset` or every fault at once out."""

from .codes import CODES
from .load import load

__all__ = ["CODES", "load"]
