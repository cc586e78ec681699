"""A comparison as Markdown for a merge request: a summary line, who moves most, and the full list folded away."""

from collections.abc import Iterable, Iterator, Sequence

from ..diff import Comparison
from ..diff.moves import Move
from ..words import say
from .diff_texts import Sides, between, by, change_rows, summary, who

__all__ = ["markdown"]

TOP = 10


def markdown(found: Comparison, sides: Sides, language: str) -> str:
    """The page; every cell is escaped, for names and reasons come from files of others."""
    return "\n".join(_lines(found, sides, language))


def _lines(found: Comparison, sides: Sides, language: str) -> Iterator[str]:
    header = found.new.ruleset.header
    title = header.title.say(language) or found.new.ruleset.id
    judged = say("judged", language, day=found.new.at.isoformat())
    yield f"## {_cell(title)}{say('comma', language)}{judged}"
    yield ""
    yield f"**{_cell(summary(found, language))}**"
    yield ""
    yield _cell(sides.say(language))
    yield ""
    if not found.changes:
        yield say("no_rule_changes", language)
    else:
        yield f"### {say('rule_changes', language)}"
        yield ""
        yield from _table(("rule", "what", "field", "old", "new"), change_rows(found.changes, language), language)
    if found.event_kinds:
        yield ""
        kinds = ", ".join(found.event_kinds)
        yield _cell(f"{say('kinds_differ', language)}{say('colon', language)}{kinds}")
    for kind in ("scorecard", "award"):
        moves = found.of(kind)
        if moves:
            yield ""
            yield f"### {say(f'moves_{kind}', language)}"
            yield ""
            yield from _table(_COLUMNS, _rows(found, moves[:TOP], language), language)
    if found.one_sided:
        yield ""
        yield f"### {say('one_sided', language)}"
        yield ""
        rows = (
            [say(s.side, language), s.rule, say("results_of", language, results=s.results, subjects=s.subjects)]
            for s in found.one_sided
        )
        yield from _table(("what", "rule", "results"), rows, language)
    if found.new_findings:
        yield ""
        yield f"### {say('new_findings', language)}"
        yield ""
        yield from (f"- {_cell(f'{issue.source}: {issue.code} {issue.message}')}" for issue in found.new_findings)
    if found.moves:
        yield ""
        yield f"<details><summary>{say('all_moves', language, n=f'{len(found.moves):,}')}</summary>"
        yield ""
        yield from _table(_COLUMNS, _rows(found, found.moves, language), language)
        yield ""
        yield "</details>"


_COLUMNS = ("subject", "rule", "period", "difference", "what", "reason")


def _rows(found: Comparison, moves: Iterable[Move], language: str) -> Iterator[Sequence[str]]:
    for move in moves:
        subject = who(found, move.subject, language)
        yield [subject, move.rule, move.period, by(move), between(found, move, language), move.why(language)]


def _table(titles: Sequence[str], rows: Iterable[Sequence[str]], language: str) -> Iterator[str]:
    yield f"| {' | '.join(say(title, language) for title in titles)} |"
    yield f"|{'---|' * len(titles)}"
    yield from (f"| {' | '.join(map(_cell, row))} |" for row in rows)


def _cell(text: str) -> str:
    """The text where Markdown and HTML take none of it for their own."""
    text = " ".join(text.split()).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return "".join(f"\\{c}" if c in "\\`*_[]|#~" else c for c in text)
