"""The command line: arguments in, one call of the library, its answer on the terminal. Nothing is computed here."""

from .main import main

__all__ = ["main"]
