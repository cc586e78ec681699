"""Duties for people: what is missed, at risk or open, who answers for it, and what was decided otherwise."""

from collections.abc import Sequence
from itertools import groupby

from rich.text import Text

from ..model.duty import Status
from ..model.results import DutyResult
from .layout import Cell, fits
from .page import ROWS, Page

__all__ = ["print_duties"]

UNMET = (Status.MISSED, Status.INVALID, Status.AT_RISK, Status.OPEN)  # the order they are shown in
_STYLES = {"missed": "red", "invalid": "red", "at_risk": "yellow", "open": ""}


def print_duties(page: Page) -> bool:
    """Those unmet of the last period that has begun and the last that is over, or of the period asked for."""
    if not len(page.result.duties):
        return False
    recent = _recent(page)
    by_status = {status: [d for d in recent if d.status is status] for status in UNMET}
    if not by_status[Status.INVALID]:  # rare, and no group that shares the rows where there is none
        del by_status[Status.INVALID]
    unmet = _first(list(by_status.values()), ROWS)
    period = page.only.period
    if not unmet:
        page.console.print()
        page.line(page.word("all_met_in", period=period) if period else page.word("all_met"))
    else:
        counts = [
            page.word("count_results", n=len(found), state=page.state("duty", status.value))
            for status, found in by_status.items()
            if found
        ]
        head = page.word("not_met_in", period=period) if period else page.word("not_met_recent")
        if page.only.persons:
            head += page.word("with_persons", n=len(page.only.persons))
        page.heading(f"{head}{page.word('colon')}{page.word('comma').join(counts)}")
        _table(page, unmet)
    decided = [d for d in recent if d.appeal is not None or d.waiver is not None]
    if decided:
        page.heading(page.word("duties_decided"))
        for d in decided[:ROWS]:
            page.line(_decided(page, d))
        if len(decided) > ROWS:
            page.line(page.word("more_rows", n=len(decided) - ROWS), "dim")
    return True


def _table(page: Page, unmet: Sequence[DutyResult]) -> None:
    duties = page.result.ruleset.duties
    titles = [duties[d.rule][d.version].title.say(page.language) for d in unmet]
    who = [_responsible(page, d) for d in unmet]
    if all(d.responsible == (d.subject,) for d in unmet):
        who = [""] * len(unmet)  # that is what everybody expects
    rows: list[list[Cell]] = []
    for d, names, title in zip(unmet, who, titles, strict=True):
        status = Text(page.state("duty", d.status.value), _STYLES[d.status.value])
        period = "" if d.period.startswith("by ") else d.period
        rows.append([status, d.rule, *page.subject(d.subject), period, d.due.isoformat(), names, title])
    columns = [
        page.column("status"), page.column("duty"), *page.subject_columns(), page.column("period", optional=True),
        page.column("due"), page.column("responsible", spare=2, optional=True),
        page.column("title", spare=1, optional=True),
    ]  # fmt: skip
    both = page.language == "en" and fits(columns, rows, page.console.width)
    if not both and any(titles):  # a title says more than an id
        rows = [[row[0], title or d.rule, *row[2:-1]] for row, d, title in zip(rows, unmet, titles, strict=True)]
        columns = [columns[0], page.column("duty", spare=1), *columns[2:-1]]
    page.table(columns, rows)


def _recent(page: Page) -> list[DutyResult]:
    """For each duty the last period that has begun, and the last that is over; with a period, all that lie in it."""
    kept: list[DutyResult] = []
    only, at = page.only, page.result.at
    for _, group in groupby(page.result.duties, key=lambda d: d.rule):
        records = [d for d in group if only.wants(d)]
        if only.period is not None:
            kept.extend(records)
            continue
        begun = sorted({(d.start, d.period) for d in records if d.start <= at})
        over = sorted({(d.due, d.period) for d in records if d.due <= at})
        names = {periods[-1][1] for periods in (begun, over) if periods}
        kept.extend(d for d in records if d.period in names)
    return sorted(kept, key=lambda d: not only.subject(d.subject))  # a unit's own before those of its persons


def _responsible(page: Page, d: DutyResult) -> str:
    """Who must act on that day: the subject itself, those named, or nobody."""
    if d.responsible == (d.subject,):
        return page.itself(d.subject)
    edge = page.result.ruleset.duties[d.rule][d.version].responsible
    return page.word("list").join(map(page.name, d.responsible)) or page.word("vacant", edge=edge)


def _decided(page: Page, d: DutyResult) -> str:
    duty = page.result.ruleset.duties[d.rule][d.version]
    about = page.word("comma").join(filter(None, (page.name(d.subject), page.title(duty), d.period)))
    if d.appeal is not None:
        first = page.state("duty", d.first.value) if d.first is not None else page.word("no_data")
        return f"{about}{page.word('colon')}{page.changed(d.appeal, first, page.state('duty', d.status.value))}"
    assert d.waiver is not None  # one of the two, asked for by the caller
    return f"{about}{page.word('colon')}{page.waived(d.waiver)}"


def _first(groups: Sequence[Sequence[DutyResult]], most: int) -> list[DutyResult]:
    """All of the groups in order, but what stands among the first `most` is from each of them."""
    fair = most // len(groups)
    shown = [min(len(g), fair) for g in groups]
    for i, group in enumerate(groups):
        shown[i] += min(len(group) - shown[i], most - sum(shown))
    head = [d for g, n in zip(groups, shown, strict=True) for d in g[:n]]
    return head + [d for g, n in zip(groups, shown, strict=True) for d in g[n:]]
