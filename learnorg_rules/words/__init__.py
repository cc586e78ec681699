"""The words that people read, in every language: one catalogue for tables, explanations, reports and pictures.

A concept has one key here, and every room asks `say` for it. Keys of JSON and CSV are not words: they never change.
"""

from .catalogue import CATALOGUE, LANGUAGES, say, state

__all__ = ["CATALOGUE", "LANGUAGES", "say", "state"]
