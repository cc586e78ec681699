"""A comparison for people on a terminal: changes of the rules, counts, and who moves, each with the reason below."""

from collections.abc import Sequence

from rich.text import Text

from ..diff import Comparison
from ..diff.moves import Move
from ..model.kinds import AS_ASKED, Kind
from ..texts import visible
from .diff_texts import Sides, between, by, change_rows, summary, who
from .layout import Cell
from .page import ROWS, Page

__all__ = ["Sides", "print_comparison"]

MOVES = 10  # of each kind; each takes two lines or more, for all periods in which a subject moved alike
INDENT = 4
PERIODS = 3


def print_comparison(found: Comparison, sides: Sides, page: Page) -> None:
    """Everything, indicators only counted: what they moved by stands in the reason of their total."""
    title = page.result.ruleset.header.title.say(page.language) or page.result.ruleset.id
    page.line(page.word("comma").join((title, page.word("judged", day=page.result.at.isoformat()))), "bold")
    page.line(sides.say(page.language))
    _changes(found, page)
    page.heading(summary(found, page.language))
    _tallies(found, page)
    for kind in AS_ASKED:
        if isinstance(kind, Kind):  # what moves in a part moves the whole
            _moves(found, kind.name, found.of(kind.name), page)
    _one_sided(found, page)
    if found.new_findings:
        page.heading(page.word("new_findings"))
        for issue in found.new_findings[:ROWS]:
            page.line(f"{issue.source}: {issue.code} {issue.message}")
        _more(len(found.new_findings) - ROWS, page)


def _changes(found: Comparison, page: Page) -> None:
    if not found.changes:
        page.heading(page.word("no_rule_changes"))
        return
    page.heading(f"{page.word('rule_changes')}{page.word('colon')}{len(found.changes)}")
    columns = [
        page.column("rule"), page.column("what"), page.column("field", spare=2, wraps=True, optional=True),
        page.column("old", spare=1, wraps=True, optional=True), page.column("new", spare=1, wraps=True, optional=True),
    ]  # fmt: skip
    rows: list[list[Cell]] = [[*row] for row in change_rows(found.changes, page.language)]
    page.table(columns, rows, most=None)
    if found.event_kinds:
        page.line(f"{page.word('kinds_differ')}{page.word('colon')}{', '.join(found.event_kinds)}")
    before, after = (result.counts["accepted"] for result in (found.old, found.new))
    if before != after:
        page.line(f"{page.word('records_side')}{page.word('colon')}{before:,} → {after:,}")


def _tallies(found: Comparison, page: Page) -> None:
    rows: list[list[Cell]] = [[t.rule, f"{t.moved:,}", f"{t.unmoved:,}"] for t in found.tallies if t.moved]
    if rows:
        columns = [page.column("rule"), page.column("moved_count", right=True), page.column("same_count", right=True)]
        page.table(columns, rows, most=None)


def _moves(found: Comparison, kind: str, moves: Sequence[Move], page: Page) -> None:
    if not moves:
        return
    page.heading(f"{page.word(f'moves_{kind}')}{page.word('colon')}{len(moves):,}")
    groups: dict[tuple[str, ...], list[str]] = {}
    for move in moves:
        subject = who(found, move.subject, page.language)
        same = (by(move), move.rule, subject, between(found, move, page.language), move.why(page.language))
        groups.setdefault(same, []).append(move.period)
    for (points, rule, subject, standing, why), periods in list(groups.items())[:MOVES]:
        said = (points, rule, _periods(periods, page), subject, standing)
        page.line("  ".join(part for part in said if part))
        for line in Text(visible(why), "dim").wrap(page.console, page.console.width - INDENT):
            line.rstrip()
            page.console.print(Text(" " * INDENT) + line, soft_wrap=True)
    _more(sum(len(periods) for periods in list(groups.values())[MOVES:]), page)


def _periods(periods: Sequence[str], page: Page) -> str:
    """The period; of several that moved alike the first three, or the first with their number."""
    if len(periods) <= PERIODS:
        return page.word("comma").join(periods)
    more = len(periods) - (1 if page.language == "en" else 0)
    return page.word("periods", first=periods[0], n=more)


def _one_sided(found: Comparison, page: Page) -> None:
    if not found.one_sided:
        return
    page.heading(page.word("one_sided"))
    rows: list[list[Cell]] = [
        [page.word(s.side), s.rule, page.word("results_of", results=s.results, subjects=s.subjects)]
        for s in found.one_sided
    ]
    page.table([page.column("what"), page.column("rule"), page.column("results")], rows, most=None)


def _more(number: int, page: Page) -> None:
    if number > 0:
        page.line(page.word("more_moves", n=f"{number:,}"), "dim")
