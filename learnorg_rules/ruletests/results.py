"""Results of a run looked up the way expectations name them, and compared."""

from collections.abc import Mapping
from fractions import Fraction

from attrs import define, field

from ..api import Result
from ..model.results import AwardResult, DutyResult, IndicatorResult, ScorecardResult
from ..tracing.trace import trace
from ..values import Value
from .expectations import NO_RESULT, Expected, show
from .targets import DECISIONS, Target

__all__ = ["Lookup"]

NOT_A_CANDIDATE = "not a candidate"


@define
class Lookup:
    """One run's results by rule, subject and period, each in the order of its periods."""

    result: Result
    duties: dict[tuple[str, str], dict[str, DutyResult]] = field(factory=dict)
    totals: dict[tuple[str, str], dict[str, ScorecardResult]] = field(factory=dict)
    awards: dict[tuple[str, str], dict[str, AwardResult]] = field(factory=dict)

    def __attrs_post_init__(self) -> None:
        for duty in self.result.duties:
            self.duties.setdefault((duty.rule, duty.subject), {})[duty.period] = duty
        for score in self.result.scorecards:
            self.totals.setdefault((score.rule, score.subject), {})[score.period] = score
        for award in self.result.awards:
            self.awards.setdefault((award.rule, award.subject), {})[award.period] = award

    def period(self, target: Target, last_begun: str) -> str:
        """The period that is meant: the one named, else the last that has begun for the subject."""
        if target.period or target.kind in ("measure", "step", "decision", DECISIONS):
            return target.period
        if target.kind == "duty":
            known = self.duties.get((target.rule, target.subject), {})
            begun = [d.period for d in known.values() if d.start <= self.result.at]
            return (begun or list(known) or [last_begun])[-1 if begun else 0]
        if target.kind == "award":
            return last_begun
        return ([*self.totals.get((target.rule, target.subject), {})] or [last_begun])[-1]

    def differs(self, target: Target, period: str, expected: Expected) -> str | None:
        """What was found, as it would be written in `expect`; None where it is what was expected."""
        if target.kind == "duty":
            return self._duty(self.duties.get((target.rule, target.subject), {}), period, str(expected))
        if target.kind == "award":
            return self._award(self.awards.get((target.rule, target.subject), {}), period, str(expected))
        if target.kind == "step":
            found = self.result.plans.where(rule=target.rule, subject=target.subject, step=target.part).records
            got = found[0].state.value if found else NO_RESULT
            return None if got == expected else got
        if target.kind in ("decision", DECISIONS):
            return self._decided(target, expected)
        if target.kind == "measure":
            try:
                traced = trace(self.result, target.subject, target.asked, period or None)
            except LookupError as error:
                return f"{NO_RESULT}: {error.args[0]}"
            if traced.formula is not None and traced.formula.fault is not None:
                return None if expected == "invalid" else "invalid"
            return _unequal(traced.value, expected)
        score = self.totals.get((target.rule, target.subject), {}).get(period)
        if score is None:
            return None if expected == NO_RESULT else NO_RESULT
        if target.kind == "vetoes":
            return None if tuple(sorted(score.vetoes)) == expected else (", ".join(score.vetoes) or "none")
        if target.kind in ("total", "grade"):
            value = score.total if target.kind == "total" else score.grade
            if value is None and score.total is None and (expected != "missing" or score.lacking == "invalid"):
                return None if expected == score.lacking else score.lacking
            return _unequal(value, expected)
        return _item(next((i for i in score.indicators if i.indicator == target.part), None), expected)

    def _decided(self, target: Target, expected: Expected) -> str | None:
        """Which rules fired for the subject; of one rule, what it said each time."""
        found = [d for d in self.result.decisions if d.subject == target.subject]
        if target.kind == DECISIONS:
            fired = tuple(sorted({d.rule for d in found}))
            return None if fired == expected else ", ".join(fired) or "none"
        said = [{"do": d.do, **d.values} for d in found if d.rule == target.rule]
        if not said or expected == NO_RESULT:
            got = "; ".join(", ".join(f"{name}: {value}" for name, value in one.items()) for one in said) or NO_RESULT
            return None if not said and expected == NO_RESULT else got
        written = [[f"{name}: {value}" for name, value in one.items()] for one in said]
        if isinstance(expected, tuple) and any(set(expected) <= set(one) for one in written):
            return None
        return "; ".join(", ".join(one) for one in written)

    @staticmethod
    def _duty(known: Mapping[str, DutyResult], period: str, expected: str) -> str | None:
        found = known.get(period)
        if found is None:
            return None if expected == NO_RESULT else NO_RESULT
        got = found.status.value + (" above" if found.above else "")
        return None if expected in (got, found.status.value) else got

    @staticmethod
    def _award(known: Mapping[str, AwardResult], period: str, expected: str) -> str | None:
        found = known.get(period)
        if found is None:
            return None if expected == NO_RESULT else f"{NO_RESULT}: {NOT_A_CANDIDATE}"
        got = found.outcome.value + (f" rank {found.rank}" if found.rank is not None else "")
        return None if expected in (got, found.outcome.value, f"rank {found.rank}") else got


def _item(item: IndicatorResult | None, expected: Expected) -> str | None:
    if item is None:
        return None if expected == NO_RESULT else f"{NO_RESULT}: the indicator is not in force"
    if item.points is None:
        return None if expected == item.state else item.state
    return _unequal(item.points, expected)


def _unequal(value: Value, expected: Expected) -> str | None:
    if isinstance(value, int) and not isinstance(value, bool):
        value = Fraction(value)
    if value == expected and isinstance(value, bool) == isinstance(expected, bool):
        return None
    got = show(value)
    return None if isinstance(expected, str) and got == expected else got
