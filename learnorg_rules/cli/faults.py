"""Issues as people read them: place, code, message, hint, and the line itself with a caret under the column."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from ..errors import AT_MOST, Issue, Source
from ..texts import nfc, visible

__all__ = ["issue_record", "print_issues", "tally"]

LINE_WIDTH = 88  # cells shown of a source line
BEFORE_CARET = 60  # cells kept before the caret of a line that is cut
_STYLES = {"error": "bold red", "warning": "bold yellow"}


def print_issues(issues: Sequence[Issue], console: Console) -> None:
    """Write the issues, sorted by place; those beyond 50 are counted."""
    shown = sorted(issues)[:AT_MOST]
    files = {file: _lines(file) for file in {issue.source.file for issue in shown}}
    for issue in shown:
        text = Text.assemble(
            (f"{visible(str(issue.source))}:", "bold"),
            " ",
            (issue.code, _STYLES[issue.severity]),
            " ",
            visible(issue.message),
        )
        if issue.hint:
            text.append("\n    hint: ", "cyan").append(visible(issue.hint))
        excerpt = _excerpt(issue.source, files[issue.source.file])
        if excerpt is not None:
            gutter, line, caret = excerpt
            text.append(f"\n{gutter} | ", "dim").append(line)
            text.append(f"\n{' ' * len(gutter)} | ", "dim").append(caret, _STYLES[issue.severity])
        console.print(text, soft_wrap=True)
    if len(issues) > AT_MOST:
        console.print(f"... and {len(issues) - AT_MOST} more", soft_wrap=True)


def _excerpt(source: Source, lines: Sequence[str]) -> tuple[str, str, str] | None:
    """(line number, the line, the caret's line); None where there is no such line.

    The caret stands under the column as a terminal shows it: a Chinese character takes two cells.
    """
    if not source.column or not 1 <= source.line <= len(lines):
        return None
    line = "".join(c if c.isprintable() else " " for c in lines[source.line - 1])
    start = min(source.column - 1, len(line))
    cut = max(0, start - BEFORE_CARET)  # a character takes one cell or two; a line may be megabytes long
    while cell_len(line[cut:start]) > BEFORE_CARET:
        cut += 1
    shown = line[cut : cut + LINE_WIDTH + 1].rstrip()
    head = "..." if cut else ""
    if cell_len(head + shown) > LINE_WIDTH:
        while cell_len(head + shown) > LINE_WIDTH - 3:
            shown = shown[:-1]
        shown += "..."
    return f"{source.line:5}", head + shown, " " * (len(head) + cell_len(line[cut:start])) + "^"


def _lines(file: str) -> Sequence[str]:
    path = Path(file)
    try:
        if (
            not path.is_file()
            or path.suffix not in (".yaml", ".yml", ".csv", ".json")
            or path.stat().st_size > 4_000_000
        ):
            return ()
        return nfc(path.read_text(encoding="utf-8-sig", errors="replace")).split("\n")  # as columns are counted
    except OSError:
        return ()


def issue_record(issue: Issue) -> Mapping[str, object]:
    """The issue as plain values, for JSON."""
    return {
        "file": issue.source.file, "line": issue.source.line, "column": issue.source.column, "code": issue.code,
        "severity": issue.severity, "message": issue.message, "hint": issue.hint,
    }  # fmt: skip


def tally(issues: Sequence[Issue]) -> str:
    """How many: "3 errors, 1 warning"."""
    errors = sum(issue.severity == "error" for issue in issues)
    warnings = len(issues) - errors
    parts = [f"{n} {word}{'' if n == 1 else 's'}" for n, word in ((errors, "error"), (warnings, "warning")) if n]
    return ", ".join(parts)
