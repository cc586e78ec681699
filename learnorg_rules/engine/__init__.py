"""Running a ruleset: batch is the definition of the answer."""

from .batch import Outcome, assess

__all__ = ["Outcome", "assess"]
