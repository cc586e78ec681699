"""The one place where a key becomes a word or a sentence."""

from collections.abc import Mapping
from string import Formatter

from ..errors import did_you_mean
from . import changes, comparisons, explanations, missing, plans, simulation, states, tables

__all__ = ["CATALOGUE", "LANGUAGES", "say", "state"]

LANGUAGES = ("en", "zh")

MODULES = (states, tables, explanations, plans, changes, comparisons, missing, simulation)

CATALOGUE: Mapping[str, tuple[str, str]] = {key: texts for module in MODULES for key, texts in module.WORDS.items()}
"""Key -> the text in each of `LANGUAGES`, with `{names}` for what is filled in."""


def say(key: str, language: str = "en", **values: object) -> str:
    """The word or sentence in the language, filled in.

    Args:
        key: of the catalogue.
        language: one of `LANGUAGES`.
        values: what is filled in. `{n:one|many}` in a text is its first form where `n` is 1, else its second.

    Raises:
        LookupError: there are no words in this language.
        KeyError: the catalogue has no such key, or a value is missing. Both are faults of the caller.
    """
    if language not in LANGUAGES:
        raise LookupError(f"there are no words in the language '{language}'; {did_you_mean(language, LANGUAGES)}")
    text = CATALOGUE[key][LANGUAGES.index(language)]
    return _FORMATTER.vformat(text, (), values) if values else text


def state(kind: str, value: str | None, language: str = "en", n: int = 1) -> str:
    """The word for how something stands.

    Args:
        kind: what has the state: "duty", "award", "plan", "indicator", "record", or "action" for what a decision does.
        value: its state as the results have it, such as "met_late"; None for an award that somebody is not eligible for.
        language: one of `LANGUAGES`.
        n: of how many it is said.
    """
    return say(f"{kind}.{value or 'none'}", language, n=n)


class _Forms(Formatter):
    """Fills in texts; `{n:month|months}` takes the form that goes with the number."""

    def format_field(self, value: object, format_spec: str) -> str:
        one, bar, many = format_spec.partition("|")
        if bar:
            return one if str(value) == "1" else many
        return format(value, format_spec)


_FORMATTER = _Forms()
