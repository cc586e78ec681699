"""What the table and the Markdown of a comparison say alike: sides, summary, and a result on one side."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction

from attrs import frozen

from ..diff import Comparison
from ..diff.changes import RuleChange
from ..diff.moves import Compared, Move
from ..model.results import AwardResult, DecisionResult, DutyResult, IndicatorResult, ScorecardResult, StepResult
from ..model.ruleset import Ruleset
from ..model.scorecard import thresholds
from ..values import Number
from ..words import say, state
from .page import points

__all__ = ["Sides", "between", "by", "change_rows", "summary", "who"]


@frozen
class Sides:
    """What was compared, as the command was given it. `new` None: `old` with the settings."""

    old: str
    new: str | None
    settings: Mapping[str, str]

    def say(self, language: str) -> str:
        """Both sides on one line."""
        settings = ", ".join(f"{name}={value}" for name, value in self.settings.items())
        new = self.new or say("with", language, settings=settings)
        if self.new and settings:
            new = f"{new} ({settings})"
        return say("compared", language, old=self.old, new=new)


def summary(found: Comparison, language: str) -> str:
    """How many move, how many grades get better or worse, and how many awards are gained and lost."""
    unmoved = f"{found.unmoved:,}"
    if not found.moves:
        return say("nobody_moves", language, unmoved=unmoved)
    moved, subjects = f"{len(found.moves):,}", f"{len(found.subjects):,}"
    said = [say("moved", language, moved=moved, subjects=subjects, unmoved=unmoved)]
    if found.regraded:
        better, worse = _grade_moves(found)
        said.append(say("grades_moved", language, better=better, worse=worse))
    if found.gained or found.lost:
        said.append(say("awards_moved", language, gained=len(found.gained), lost=len(found.lost)))
    return say("semicolon", language).join(said)


def _grade_moves(found: Comparison) -> tuple[int, int]:
    """How many grades are better and how many worse, by the order of the new card; others are neither."""
    better = worse = 0
    for move in found.regraded:
        old, new = move.old, move.new
        if not isinstance(old, ScorecardResult) or not isinstance(new, ScorecardResult):
            continue
        order = list(found.new.ruleset.scorecards[move.rule][new.version].grades)
        if old.grade in order and new.grade in order:
            better += order.index(new.grade) < order.index(old.grade)
            worse += order.index(new.grade) > order.index(old.grade)
    return better, worse


def change_rows(changes: Sequence[RuleChange], language: str) -> Iterator[list[str]]:
    """Rule, what became of it, key, old and new value: one row for each key that changed."""
    for change in changes:
        what = say("changed_rule" if change.what == "changed" else change.what, language)
        if not change.fields:
            yield [change.name, what, "", "", ""]
        for i, f in enumerate(change.fields):
            yield ["" if i else change.name, "" if i else what, f.path, f.old or "", f.new or ""]


def who(found: Comparison, subject: str, language: str) -> str:
    """The subject's id, with its name where that says more."""
    nodes = found.new.organisation
    name = nodes.names(subject, language) if subject in nodes.nodes else subject
    return subject if name.casefold().replace(" ", "_") == subject.casefold() else f"{subject} ({name})"


def by(move: Move) -> str:
    """The difference in points with its sign; "" for results without points, and where it is none."""
    difference = move.points
    if not difference:
        return ""
    return f"{'+' if difference > 0 else '−'}{points(abs(difference), [Fraction()])}"


def between(found: Comparison, move: Move, language: str) -> str:
    """The result before and after, what stays the same said once."""
    numbers = {*_numbers(found.old.ruleset, move.old), *_numbers(found.new.ruleset, move.new)}
    old, new = _standing(move.old, numbers, language), _standing(move.new, numbers, language)
    if len(old) == len(new):
        pairs = [(a, b) for a, b in zip(old, new, strict=True) if a != b]
        return say("comma", language).join(f"{a} → {b}" for a, b in pairs)
    comma = say("comma", language)
    return f"{comma.join(old)} → {comma.join(new)}"


def _numbers(ruleset: Ruleset, record: Compared | None) -> list[Number]:
    """The points of a result, and what a total is compared with: what the other side must not look like."""
    if isinstance(record, ScorecardResult):
        limits = thresholds(ruleset.scorecards[record.rule][record.version].grades)
        return limits if record.total is None else [record.total, *limits]
    return [record.points] if isinstance(record, IndicatorResult) and record.points is not None else []


def _standing(record: Compared | None, beside: Iterable[Number], language: str) -> list[str]:
    """A result in words, part by part; one part where there is none."""
    missing = say("no_data", language)
    match record:
        case ScorecardResult():
            total = missing if record.total is None else points(record.total, beside)
            return [total, record.grade or "-"]
        case IndicatorResult():
            return [missing if record.points is None else points(record.points, beside)]
        case AwardResult():
            rank = "-" if record.rank is None else say("rank_is", language, rank=record.rank)
            return [state("award", record.outcome.value, language), rank]
        case DutyResult():
            return [state("duty", record.status.value, language) + (" +" if record.above else "")]
        case StepResult():
            gates = say("lacks_conditions", language, gates=" ".join(record.missing)) if record.missing else "-"
            return [state("plan", record.state.value, language), gates, f"{record.from_}..{record.to}"]
        case DecisionResult():
            known = {record.subject, record.values.get("period")}
            said = ", ".join(f"{name}: {value}" for name, value in record.values.items() if value not in known)
            return [f"{state('action', record.do, language)} {said}".rstrip()]
    return [say("no_result", language)]
