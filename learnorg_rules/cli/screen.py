"""How output looks: exit codes, width and colours, and long lists cut short."""

import sys

import click
from rich.console import Console

__all__ = [
    "BROKEN",
    "FINDINGS",
    "FINE",
    "PAPER_WIDTH",
    "counted",
    "force_option",
    "json_option",
    "lang_option",
    "screen",
]

FINE, BROKEN, FINDINGS = 0, 1, 3
PAPER_WIDTH = 100  # columns where the output is no terminal


def screen(stderr: bool = False) -> Console:
    """A console as wide as the terminal, or 100 columns without colours where there is none."""
    stream = sys.stderr if stderr else sys.stdout
    width = None if stream.isatty() else PAPER_WIDTH
    return Console(file=stream, width=width, highlight=False, markup=False, emoji=False, soft_wrap=False)


def counted(number: int, one: str, many: str = "") -> str:
    """A number with its noun: "1 duty", "3 duties"."""
    return f"{number} {one if number == 1 else many or f'{one}s'}"


force_option = click.option("--force", is_flag=True, help="Replace files that an earlier run did not write, too.")
json_option = click.option("--json", "as_json", is_flag=True, help="Write JSON instead of text.")
lang_option = click.option(
    "--lang", type=click.Choice(["en", "zh"]), default="en", show_default=True, help="Language of titles and texts."
)
