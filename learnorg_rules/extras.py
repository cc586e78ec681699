"""Packages that only an extra installs, and the error where one is missing."""

from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["MissingExtraError", "extra_for"]

EXTRAS = {
    "matplotlib": "simulate",
    "numpy": "simulate",
    "scipy": "simulate",
    "pandas": "spark",
    "py4j": "spark",
    "pyarrow": "spark",
    "pyspark": "spark",
}


class MissingExtraError(ImportError):
    """A package is needed that a plain installation does not have; the message names the extra to install."""


@contextmanager
def extra_for(what: str) -> Iterator[None]:
    """Around the import statements of what needs an extra; they stand in the function that needs it, not above it.

    Args:
        what: the call or command, for the message.

    Raises:
        MissingExtraError: a package of an extra is not installed.
    """
    try:
        yield
    except ModuleNotFoundError as error:
        package = str(error.name).partition(".")[0]
        if package not in EXTRAS:
            raise
        advice = f"pip install 'learnorg-rules[{EXTRAS[package]}]'"
        raise MissingExtraError(f"{what} needs {package}, which is not installed: {advice}", name=package) from None
