"""A comparison for programs: plain values, numbers as exact decimal texts."""

from collections.abc import Mapping
from datetime import date
from fractions import Fraction

from ..errors import Issue, Source
from ..values import to_decimal
from .changes import RuleChange
from .comparison import Comparison
from .moves import Compared, Move, compared

__all__ = ["to_record"]


def to_record(comparison: Comparison) -> Mapping[str, object]:
    """The comparison as one object; keys and rows have a fixed order, days are `2005-12-31`, places `file:line:column`."""
    old, new = comparison.old, comparison.new
    return {
        "old": {"ruleset": old.ruleset.id, "version": old.ruleset.header.version},
        "new": {"ruleset": new.ruleset.id, "version": new.ruleset.header.version},
        "at": new.at.isoformat(),
        "known_at": None if new.known_at is None else new.known_at.isoformat(),
        "same": comparison.is_same,
        "summary": {
            "moved": len(comparison.moves),
            "subjects": len(comparison.subjects),
            "unmoved": comparison.unmoved,
            "regraded": len(comparison.regraded),
            "awards_gained": len(comparison.gained),
            "awards_lost": len(comparison.lost),
        },
        "changes": [_change(change) for change in comparison.changes],
        "event_kinds": list(comparison.event_kinds),
        "events": {"old": dict(old.counts), "new": dict(new.counts)},
        "moves": [_move(move) for move in comparison.moves],
        "one_sided": [
            {"kind": s.kind, "rule": s.rule, "side": s.side, "results": s.results, "subjects": s.subjects}
            for s in comparison.one_sided
        ],
        "tallies": [
            {"kind": t.kind, "rule": t.rule, "moved": t.moved, "unmoved": t.unmoved} for t in comparison.tallies
        ],
        "new_findings": [_issue(issue) for issue in comparison.new_findings],
    }


def _change(change: RuleChange) -> Mapping[str, object]:
    return {
        "section": change.section,
        "id": change.id,
        "what": change.what,
        "fields": [
            {"path": f.path, "old": f.old, "new": f.new, "for_readers": f.is_for_readers} for f in change.fields
        ],
        "old_place": _place(change.old_place),
        "new_place": _place(change.new_place),
    }


def _move(move: Move) -> Mapping[str, object]:
    return {
        "kind": move.kind,
        "rule": move.rule,
        "subject": move.subject,
        "period": move.period,
        "old": _record(move.old),
        "new": _record(move.new),
        "points": _plain(move.points),
        "reason": move.why(),
        "reason_zh": move.why("zh"),
        "changes": list(move.changes),
    }


def _record(record: Compared | None) -> Mapping[str, object] | None:
    if record is None:
        return None
    return {name: _plain(value) for name, value in compared(record).items()}


def _issue(issue: Issue) -> Mapping[str, object]:
    return {"place": _place(issue.source), "code": issue.code, "message": issue.message, "hint": issue.hint}


def _place(source: Source) -> str | None:
    return str(source) or None


def _plain(value: object) -> object:
    if isinstance(value, Fraction):
        return str(to_decimal(value))
    if isinstance(value, date):
        return value.isoformat()
    return list(value) if isinstance(value, tuple) else value
