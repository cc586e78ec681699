"""The reference page of all codes, made from the rooms' `CODES` and the corpus of bad files and what mends them."""

import difflib
from collections.abc import Mapping
from pathlib import Path

__all__ = ["errors_page"]

_INTRODUCTION = """\
# Errors

<!-- Made by learnorg_rules/authoring/errors_page.py from the CODES of each room and from tests/authoring. -->

Every message about an input says `file:line:column: CODE what is wrong`, then `hint:` what to do. All faults of all
files are reported at once, sorted by place. A code that begins with W is a finding: it is shown, and refuses nothing.

In the examples a line that begins with `-` is refused, and the lines that begin with `+` stand in its place.
"""


def errors_page(codes: Mapping[str, tuple[str, str]], corpus: Path) -> str:
    """The page: one section for each code, sorted, with an example where the corpus has one.

    Args:
        codes: code -> (title, explanation), of all rooms.
        corpus: the folder with `bad/NAME.yaml`, `bad/NAME.txt` (the message) and `good/NAME.yaml` (mended).
    """
    examples = _examples(corpus)
    parts = [_INTRODUCTION]
    for code in sorted(codes, key=lambda c: (c[0] != "E", c)):
        title, explanation = codes[code]
        parts.append(f"## {code}: {title}\n\n{explanation}\n")
        if code in examples:
            parts.append(examples[code])
    return "\n".join(parts)


def _examples(corpus: Path) -> dict[str, str]:
    """Code -> an example in Markdown: of each code the first mended file in alphabetical order."""
    examples: dict[str, str] = {}
    for good in sorted((corpus / "good").glob("*.yaml")):
        bad = corpus / "bad" / good.name
        message = bad.with_suffix(".txt").read_text(encoding="utf-8").rstrip()
        code = message.partition(": ")[2].split(" ", 1)[0]
        if code not in examples:
            change = _change(bad.read_text(encoding="utf-8"), good.read_text(encoding="utf-8"))
            examples[code] = f"```diff\n{change}\n```\n\n```text\n{message}\n```\n"
    return examples


def _change(bad: str, good: str) -> str:
    """The lines that differ, with one line around them."""
    lines = list(difflib.unified_diff(bad.splitlines(), good.splitlines(), lineterm="", n=1))[2:]
    return "\n".join(line for line in lines if not line.startswith("@@")).rstrip()
