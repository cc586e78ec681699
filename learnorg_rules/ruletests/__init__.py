"""Tests beside the rules: an organisation and its events in a compact notation, and what must follow from them."""

from .codes import CODES
from .report import CaseResult, Failure, Report, junit
from .running import run_tests

__all__ = ["CODES", "CaseResult", "Failure", "Report", "junit", "run_tests"]
