"""Scorecards for people: points by category or indicator where they fit, else what cost most."""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from itertools import groupby

from rich.cells import cell_len

from ..model.definitions import Scorecard
from ..model.results import ScorecardResult
from ..model.scorecard import thresholds, worths
from .layout import GAP, Cell, Column, fits
from .page import Page, points

__all__ = ["print_scorecards"]

SCORES_SHARE = 0.6  # of the width, which columns of points may take


def print_scorecards(page: Page) -> bool:
    """Every scorecard for its last period; those with grades, which awards and people look at, first."""
    found: list[tuple[Scorecard, Sequence[ScorecardResult]]] = []
    for id_, group in groupby(page.result.scorecards, key=lambda r: r.rule):
        records = [r for r in group if page.only.subject(r.subject)]
        period = page.only.last([r.period for r in records])
        last = sorted((r for r in records if r.period == period), key=_best_first)
        if last:
            found.append((page.result.ruleset.scorecards[id_][last[0].version], last))
    for card, ranked in sorted(found, key=lambda pair: not pair[0].grades):
        _scorecard(page, card, ranked)
    return bool(found)


def _best_first(r: ScorecardResult) -> tuple[bool, Fraction]:
    return (r.total is None, -(r.total or Fraction()))


def _scorecard(page: Page, card: Scorecard, records: Sequence[ScorecardResult]) -> None:
    page.heading(page.word("scorecard", title=page.title(card), period=records[0].period))
    parts = _parts(page, card, records)
    names = list(parts[""])
    rows: list[list[Cell]] = []
    limits = thresholds(card.grades)
    for r in records:
        lacking = page.word(f"no_total_{r.lacking}") if r.total is None else ""
        total, grade = lacking or points(r.total, limits), (r.grade or page.word(_no_grade(r))) if card.grades else ""
        mine = [_points(page, parts[r.subject].get(name)) for name in names]
        vetoes = page.word("list").join(
            (*(page.label(card.veto[v]) if v in card.veto else v for v in r.vetoes), *r.decided_by)
        )
        rows.append([*page.subject(r.subject), *mine, total + ("*" if r.provisional else ""), grade, vetoes])
    scores = [*(Column(name, right=True) for name in names), page.column("total", right=True)]
    after = [page.column("grade", optional=True), page.column("vetoes", optional=True)]
    lengths = [max(cell_len(c.title), *(cell_len(str(row[i + 2])) for row in rows)) for i, c in enumerate(scores)]
    if sum(lengths) + GAP * len(lengths) > page.console.width * SCORES_SHARE:  # what cost most says more
        rows = [[*row[:2], *row[-3:], _lost(page, card, r)] for row, r in zip(rows, records, strict=True)]
        columns = [
            *page.subject_columns(),
            scores[-1],
            *after,
            page.column("lost", spare=1, separator=page.word("list")),
        ]
        if page.language == "en" and not fits(columns, rows, page.console.width):
            rows = [[row[0], "", *row[2:]] for row in rows]  # a second name says less than what was lost
        page.table(columns, rows)
    else:
        page.table([*page.subject_columns(), *scores, *after], rows)
    _changes(page, card, records)
    if any(r.provisional for r in records):
        page.line(page.word("provisional_note"), "dim")
    if any(_is_long(i.points) for r in records for i in r.indicators) or any(_is_long(r.total) for r in records):
        page.line(page.word("rounded"), "dim")


def _changes(page: Page, card: Scorecard, records: Sequence[ScorecardResult]) -> None:
    """What appeals changed, and which indicators the subject was let off, a line for each."""
    for r in records:
        if r.appeal is not None:
            grade = page.word("grade")
            said = page.changed(r.appeal, r.first or page.word("no_data"), r.grade or page.word("no_data"))
            page.line(f"{page.name(r.subject)}, {grade}{page.word('colon')}{said}")
        for item in r.indicators:
            name = _indicator(page, card, item.indicator)
            if item.appeal is not None:
                waived = item.waiver is not None and item.first is None
                first = page.state("indicator", "excused") if waived else points(item.first)
                said = page.changed(item.appeal, first, points(item.appeal.points))
                page.line(f"{page.name(r.subject)}, {name}{page.word('colon')}{said}")
            elif item.waiver is not None:
                page.line(f"{page.name(r.subject)}, {name}{page.word('colon')}{page.waived(item.waiver)}")


def _parts(
    page: Page, card: Scorecard, records: Sequence[ScorecardResult]
) -> Mapping[str, Mapping[str, Fraction | str | None]]:
    """Subject -> points by category, or by indicator where there are no categories; under "" the names of all.

    Of a category without points: None where something is missing, "invalid" where something is wrong.
    """
    found: dict[str, dict[str, Fraction | str | None]] = {"": {}}
    for r in records:
        mine, missing = found.setdefault(r.subject, {}), set[str]()
        for item in r.indicators:
            name = _indicator(page, card, item.indicator)
            if item.category:
                name = card.categories[item.category].title.say(page.language) or item.category
            before = mine.setdefault(name, None)
            if "invalid" in (item.state, before):
                mine[name] = "invalid"
            elif name in missing or item.state == "missing":
                missing.add(name)
                mine[name] = None
            elif item.points is not None:
                mine[name] = (Fraction() if before is None else Fraction(before)) + item.points
            found[""][name] = None
    return found


def _indicator(page: Page, card: Scorecard, id_: str) -> str:
    return page.label(card.all_indicators[id_])


def _lost(page: Page, card: Scorecard, r: ScorecardResult) -> str:
    """The two indicators that cost most."""
    worth = worths(r.indicators, card.round)
    lost = [(worth[i.indicator] - i.points, i) for i in r.indicators if i.points is not None]
    worst = sorted((pair for pair in lost if pair[0] > 0), key=lambda pair: -pair[0])[:2]
    return page.word("list").join(
        page.word("lost_by", name=_indicator(page, card, i.indicator), points=points(by)) for by, i in worst
    )


def _no_grade(r: ScorecardResult) -> str:
    return "invalid" if r.lacking == "invalid" else "no_data"


def _points(page: Page, value: Fraction | str | None) -> str:
    return page.word(value) if isinstance(value, str) else points(value)


def _is_long(value: Fraction | None) -> bool:
    return value is not None and (value * 100).denominator != 1
