"""Importing what a program turns out to need."""

from importlib import import_module
from types import ModuleType

from .uncollected import uncollected

__all__ = ["imported"]


def imported(name: str, package: str | None) -> ModuleType:
    """The module of this name, relative to the package."""
    with uncollected():  # classes and functions are made by the ten thousand
        return import_module(name, package)
