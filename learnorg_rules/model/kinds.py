"""The register of kinds of rules: what differs from kind to kind, in one place. Everyone else asks it.

A new kind is a definition (`model.definitions`), a result record (`model.results`), an entry here, a judge
(`judging.judging`), and its sentences (`explain`).
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any

from attrs import field, fields_dict, frozen

from ..periods import Clock
from .award import Grant
from .decision import DecisionRule, Fact, FactValue
from .definitions import Award, Duty, Expression, Plan, Rule, Scorecard
from .results import (
    Appeal,
    AwardResult,
    DecisionResult,
    DutyResult,
    IndicatorResult,
    Record,
    ScorecardResult,
    StepResult,
)
from .ruleset import Ruleset

__all__ = [
    "AS_ASKED", "JUDGED", "KINDS", "SORTS", "Kind", "Part", "Sort", "appeals_of", "kind_named", "kind_of", "measure_expressions", "rule_of", "rules_in",
    "sort_in", "sort_of", "with_parts",
]  # fmt: skip


@frozen
class Sort:
    """A sort of result records: those of a kind, or those of its parts.

    Attributes:
        name: what one rule of it is called: "duty".
        section: what several are called: the section of rule files, the attribute of `Ruleset` and of `Result`, the key in
            JSON, the name of a file: "duties". Parts have no section of their own in rule files.
        result: the class of its records.
        columns: of its table, beside rule, subject and period: attribute -> "text", "texts", "date", "boolean", "integer" or
            "points" (decimals of the scorecard).
        more: further columns where a run is written for programs: the same words, or "appeal" and "waiver" (which become
            three columns), or "run" (an attribute of the run, the same in every row).
        standing: the one word that says how a record stands; "" for none.
        compared: what of a record can be another under other rules.
        points: of a record, where it has any.
        dated: what the period of a record is. "schedule": a period of the rule's schedule. "own": the rule has days of its
            own, and no publication of a period holds it. "named": whatever period the record itself names, or none.
        asked: the place in which people ask for it: smaller comes first.
        of_everyone: whether every subject of a rule has a record as soon as its time comes, rather than if something holds.
        goes_with_unit: whether those of a unit's persons are shown with the unit's own.
        id: of a record, as people refer to it: its rule's id, or `card.indicator`.
        key: what tells records apart that have rule, version, subject and period in common; "" where none have.
    """

    name: str
    section: str
    result: type
    columns: Mapping[str, str]
    standing: Callable[[Any], str]
    compared: Callable[[Any], Mapping[str, object]]
    more: Mapping[str, str] = field(factory=dict)
    points: Callable[[Any], Fraction | None] = lambda record: None
    dated: str = "schedule"
    asked: int = 0
    of_everyone: bool = True
    goes_with_unit: bool = False
    id: Callable[[Any], str] = lambda record: str(record.rule)
    key: Callable[[Any], str] = lambda record: ""

    @property
    def has_points(self) -> bool:
        """Whether a column of its table holds points."""
        return "points" in (*self.columns.values(), *self.more.values())

    def has(self, name: str) -> bool:
        """Whether its records have a field of this name."""
        return name in fields_dict(self.result)


@frozen
class Part(Sort):
    """A sort of parts that records of a kind are made of. `of`: the parts of one record. `ids`: those that a rule has."""

    of: Callable[[Any], Sequence[Any]] = lambda record: ()
    ids: Callable[[Any], Iterable[str]] = lambda rule: ()


@frozen
class Kind(Sort):
    """A kind of rule.

    Attributes:
        definition: the class of its rules: a subclass of `Rule` with versions, or `DecisionRule`.
        expressions: those of a rule that may hold aggregates, in the order of the file.
        facts: what decisions may rest on: the facts of one subject's records, on the day judged.
        part: what its records are made of, if anybody may ask for that.
    """

    definition: type = object
    expressions: Callable[[Any], Iterator[Expression]] = lambda rule: iter(())
    facts: Callable[[Iterable[Any], Clock], Iterator[Fact]] = lambda records, clock: iter(())
    part: Part | None = None

    @property
    def is_judged(self) -> bool:
        """Whether subjects are judged by it in periods or days; decisions follow from what was judged."""
        return issubclass(self.definition, Rule)


# ---- expressions that may hold aggregates


def _of_duty(rule: Duty) -> Iterator[Expression]:
    yield rule.require


def _of_scorecard(rule: Scorecard) -> Iterator[Expression]:
    groups = (*(category.indicators for category in rule.categories.values()), rule.indicators)
    for indicator in (indicator for group in groups for indicator in group.values()):
        yield from (e for e in (indicator.share, indicator.when, indicator.value) if e is not None)
    yield from (veto.when for veto in rule.veto.values())


def _of_award(rule: Award) -> Iterator[Expression]:
    yield from (e for e in (rule.when, *rule.rank_by, rule.quota) if e is not None)


def _of_plan(rule: Plan) -> Iterator[Expression]:
    for step in rule.steps.values():
        yield from (gate.when for gate in (*step.enter.values(), *step.done.values()))


# ---- facts for decisions


def _fact(type_: str, **values: FactValue | None) -> Fact:
    return Fact(type_, {name: value for name, value in values.items() if value is not None})


def _duty_facts(records: Iterable[DutyResult], clock: Clock) -> Iterator[Fact]:
    """One fact per duty and period that has begun; `in_a_row` counts periods with this status without a break."""
    last: dict[tuple[str, str], tuple[str, int]] = {}
    for d in sorted(records, key=lambda d: (d.rule, d.subject, d.start)):
        if not clock.has_come(d.start):
            continue
        status, run = last.get((d.rule, d.subject), ("", 0))
        run = run + 1 if status == d.status.value else 1
        if d.status.value != "not_required":  # of such periods there is nothing to say: they break nothing
            last[d.rule, d.subject] = (d.status.value, run)
        yield _fact(
            "duty", subject=d.subject, duty=d.rule, period=d.period, status=d.status.value, in_a_row=run, due=d.due,
            above=d.above,
        )  # fmt: skip


def _scorecard_facts(records: Iterable[ScorecardResult], clock: Clock) -> Iterator[Fact]:
    for s in records:
        total = None if s.total is None else Fraction(s.total)
        yield _fact(
            "score", subject=s.subject, scorecard=s.rule, period=s.period, total=total, provisional=s.provisional
        )
        if s.grade is not None:
            by_total = s.grade_by_total or s.grade
            yield _fact(
                "grade",
                subject=s.subject,
                scorecard=s.rule,
                period=s.period,
                grade=s.grade,
                by_total=by_total,
                provisional=s.provisional,
            )


def _award_facts(records: Iterable[AwardResult], clock: Clock) -> Iterator[Fact]:
    for a in records:
        outcome = Grant.PROVISIONAL if a.is_open else a.outcome
        yield _fact("award", subject=a.subject, award=a.rule, period=a.period, outcome=outcome.value, rank=a.rank)


def _plan_facts(records: Iterable[StepResult], clock: Clock) -> Iterator[Fact]:
    for s in records:
        yield _fact("phase", subject=s.subject, phase=s.rule, step=s.step, state=s.state.value)


# ---- the register


INDICATOR = Part(
    name="indicator",
    section="indicators",
    result=IndicatorResult,
    columns={"category": "text", "indicator": "text", "points": "points", "state": "text"},
    more={"first": "points", "appeal": "appeal", "waiver": "waiver"},
    standing=lambda r: str(r.state),
    compared=lambda r: {"points": r.points},
    points=lambda r: r.points,
    asked=1,
    id=lambda r: f"{r.rule}.{r.indicator}",
    key=lambda r: str(r.indicator),
    of=lambda r: r.indicators,
    ids=lambda rule: rule.all_indicators,
)

KINDS: tuple[Kind, ...] = (
    Kind(
        name="duty",
        section="duties",
        definition=Duty,
        result=DutyResult,
        columns={
            "start": "date", "due": "date", "status": "text", "above": "boolean", "responsible": "texts",
            "hears_next": "texts",
        },
        more={"first": "text", "appeal": "appeal", "waiver": "waiver"},
        standing=lambda r: str(r.status.value),
        compared=lambda r: {"status": r.status.value, "above": r.above},
        asked=3,
        goes_with_unit=True,
        expressions=_of_duty,
        facts=_duty_facts,
    ),
    Kind(
        name="scorecard",
        section="scorecards",
        definition=Scorecard,
        result=ScorecardResult,
        columns={
            "total": "points", "grade": "text", "grade_by_total": "text", "vetoes": "texts", "provisional": "boolean",
        },
        more={"decided_by": "texts", "first": "text", "appeal": "appeal"},
        standing=lambda r: r.grade or "",
        compared=lambda r: {"total": r.total, "grade": r.grade},
        points=lambda r: r.total,
        asked=0,
        expressions=_of_scorecard,
        facts=_scorecard_facts,
        part=INDICATOR,
    ),
    Kind(
        name="award",
        section="awards",
        definition=Award,
        result=AwardResult,
        columns={
            "rank": "integer", "outcome": "text", "quota": "integer", "candidates": "integer", "peers": "text",
        },
        more={"decided_by": "texts"},
        standing=lambda r: str(r.outcome.value),
        compared=lambda r: {"outcome": r.outcome.value, "rank": r.rank},
        asked=2,
        of_everyone=False,
        expressions=_of_award,
        facts=_award_facts,
    ),
    Kind(
        name="plan",
        section="plans",
        definition=Plan,
        result=StepResult,
        columns={"from_": "date", "to": "date", "state": "text", "missing": "texts"},
        standing=lambda r: str(r.state.value),
        compared=lambda r: {"state": r.state.value, "missing": tuple(r.missing), "from": r.from_, "to": r.to},
        dated="own",
        asked=4,
        expressions=_of_plan,
        facts=_plan_facts,
    ),
    Kind(
        name="decision",
        section="decisions",
        definition=DecisionRule,
        result=DecisionResult,
        columns={"do": "text", "then": "text", "reason": "text"},
        more={"facts": "texts", "decider": "run"},
        standing=lambda r: str(r.do),
        compared=lambda r: {"then": r.then},
        dated="named",
        asked=5,
        of_everyone=False,
        key=lambda r: f"{r.do} {sorted(r.values.items())} {r.number}",
    ),
)  # fmt: skip
"""Every kind of rule, in the order in which rules are judged and results are listed."""

JUDGED: tuple[Kind, ...] = tuple(kind for kind in KINDS if kind.is_judged)
"""Kinds whose rules judge subjects; each rule has versions."""

SORTS: tuple[Kind | Part, ...] = tuple(sort for kind in KINDS for sort in (kind, kind.part) if sort is not None)
"""Every table of a run: kinds, each followed by its parts."""

AS_ASKED: tuple[Kind | Part, ...] = tuple(sorted(SORTS, key=lambda sort: sort.asked))
"""The same, in the order in which people ask for them."""

_BY_NAME = {kind.name: kind for kind in KINDS}
_BY_CLASS: Mapping[type, Kind] = {cls: kind for kind in KINDS for cls in (kind.definition, kind.result)}
_SORT_BY_CLASS: Mapping[type, Kind | Part] = {sort.result: sort for sort in SORTS}
_SORT_BY_SECTION: Mapping[str, Kind | Part] = {sort.section: sort for sort in SORTS}


def kind_named(name: str) -> Kind:
    """The kind of this name.

    Raises:
        KeyError: there is none.
    """
    return _BY_NAME[name]


def kind_of(given: object) -> Kind:
    """The kind of a result record or of a definition.

    Raises:
        KeyError: it is neither.
    """
    return _BY_CLASS[type(given)]


def sort_in(section: str) -> Kind | Part:
    """The sort that a table of a run holds: `duties`, `indicators`, ...

    Raises:
        KeyError: there is no such table.
    """
    return _SORT_BY_SECTION[section]


def sort_of(record: object) -> Kind | Part:
    """The sort of a result record, which may be a part.

    Raises:
        KeyError: it is no result record.
    """
    return _SORT_BY_CLASS[type(record)]


def measure_expressions(rule: object) -> Iterator[Expression]:
    """The expressions of a rule that may hold aggregates, in the order of the file; of other definitions none."""
    kind = _BY_CLASS.get(type(rule))
    return iter(()) if kind is None else kind.expressions(rule)


def rule_of(ruleset: Ruleset, kind: Kind, rule: str, version: int = 0) -> Any:
    """The version of a rule of the kind.

    Raises:
        KeyError: there is no such rule.
    """
    found = getattr(ruleset, kind.section)[rule]
    return found[version] if kind.is_judged else found


def rules_in(ruleset: Ruleset) -> Iterator[tuple[Kind, int, Rule]]:
    """Every version of every rule that judges subjects, by kind, in the order of the files: kind, number of the version, rule."""
    for kind in JUDGED:
        for versions in getattr(ruleset, kind.section).values():
            for number, rule in enumerate(versions):
                yield kind, number, rule


def with_parts(record: Record) -> Sequence[Record]:
    """A result of a kind, and its parts."""
    part = kind_of(record).part
    return (record, *(() if part is None else part.of(record)))


def appeals_of(record: Record | None) -> set[Appeal]:
    """The appeals that took effect in a result and in its parts."""
    records = () if record is None else with_parts(record)
    return {appeal for r in records if (appeal := getattr(r, "appeal", None)) is not None}
