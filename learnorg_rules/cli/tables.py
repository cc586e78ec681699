"""A run as tables for people: scores, duties, awards, plans, decisions, and what to know about parameters and events."""

from collections.abc import Iterator
from itertools import groupby
from pathlib import PurePath

from ..api import Result
from .award_tables import print_awards, print_decisions, print_phases
from .duty_tables import print_duties
from .layout import Cell
from .page import ROWS, Page
from .score_tables import print_scorecards

__all__ = ["print_run"]

PARTS = (print_scorecards, print_duties, print_awards, print_phases, print_decisions)  # as people ask for them


def print_run(page: Page) -> None:
    """Everything; of assumptions and events set aside only how many, where a part of the run was asked for."""
    _head(page)
    _warned(page)
    shown = [show(page) for show in PARTS]  # each of them is printed, also behind the first that had something
    if not any(shown):
        page.line(page.word("no_results"))
    _findings(page)
    _assumed(page)
    _events(page)


def _head(page: Page) -> None:
    ruleset, result = page.result.ruleset, page.result
    said = [ruleset.header.title.say(page.language) or ruleset.id, page.word("judged", day=result.at.isoformat())]
    if result.known_at is not None:
        said.append(page.word("known", time=result.known_at.isoformat()))
    page.line(page.word("comma").join(said), "bold")


def _warned(page: Page) -> None:
    """That the results rest on too few records: first of all, for everything below it looks as usual."""
    for issue in page.result.findings[:1]:
        if issue.code == "V601":
            page.line(f"{issue.source}: {issue.code} {issue.message}", "bold red")
            page.line(f"    hint: {issue.hint}")


def _findings(page: Page) -> None:
    findings = [issue for issue in page.result.findings if issue.code != "V601"]  # which was said first
    if findings:
        page.heading(page.word("needs_decision"))
        for issue in findings[:ROWS]:
            page.line(f"{issue.source}: {issue.code} {issue.message}")
            if issue.hint:
                page.line(f"    hint: {issue.hint}", "dim")
        if len(findings) > ROWS:
            page.line(page.word("more_rows", n=len(findings) - ROWS), "dim")


def _assumed(page: Page) -> None:
    assumed = page.result.assumed
    if not assumed:
        return
    if page.only:
        page.heading(f"{page.word('assumed_values')}{page.word('colon')}{len(assumed)}")
        return
    page.heading(page.word("assumed_values"))
    columns = [page.column("name"), page.column("value", spare=2), page.column("note", spare=1, optional=True)]
    rows: list[list[Cell]] = [[a.name, a.value, " ".join(a.note.split())] for a in assumed]
    page.table(columns, rows, most=None)


def _events(page: Page) -> None:
    counts = page.result.counts
    first = ("read", "counted", "outside")
    order = (*first, *(k for k in counts if k not in (*first, "accepted")))
    said = [
        page.word("count_records", n=counts[k], state=page.state("record", k, counts[k]))
        for k in order
        if counts.get(k)
    ]
    page.heading(f"{page.word('records')}{page.word('colon')}{page.word('comma').join(said)}")
    rows = list(_by_code(page.result))
    if page.only:
        if rows:
            codes = page.word("comma").join(f"{row[0]} {row[1]}" for row in rows)
            page.line(f"{page.word('not_used')}{page.word('colon')}{codes}")
        return
    for note in page.result.notes:
        page.line(note)
    if rows:
        page.heading(page.word("not_used"))
        columns = [page.column("code"), page.column("count", right=True), page.column("first", spare=1)]
        page.table([*columns, page.column("reason", spare=1, wraps=True)], rows)


def _by_code(result: Result) -> Iterator[list[Cell]]:
    """One row per code: how many, the first place, and the first reason."""
    ordered = sorted(result.rejected.iter_rows(named=True), key=lambda r: r["code"])
    for code, group in groupby(ordered, key=lambda r: r["code"]):
        rows = list(group)
        yield [code, f"{len(rows):,}", f"{PurePath(rows[0]['file']).name}:{rows[0]['row']}", rows[0]["reason"]]
