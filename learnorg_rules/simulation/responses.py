"""For whom a response holds: what the results of a step's last day say about the step after it."""

from collections.abc import Collection, Iterable, Mapping
from datetime import date
from fractions import Fraction

from ..judging.judging import Judging
from ..model.definitions import Scorecard
from ..model.duty import Status
from ..model.results import AwardResult
from ..periods import Period, Schedule
from .definitions import Behaviour, Response

__all__ = ["holding", "rate_factor"]

Holding = Mapping[Response, Collection[str]]
"""Response -> the subjects for which it holds."""


def rate_factor(behaviour: Behaviour, subject: str, holds: Holding) -> float:
    """What the subject's rate is multiplied by."""
    product = Fraction(1)
    for response in behaviour.responds:
        if subject in holds.get(response, ()):
            product *= response.factor
    return float(product)


def holding(responses: Iterable[Response], judging: Judging, step: Period, following: date) -> Holding:
    """For whom each response holds in the next step.

    Args:
        responses: which.
        judging: results as of the last day of the step, by what was recorded until then.
        step: the step that is over.
        following: the first day of the next.
    """
    looked = {"missed": _missed, "at_risk": _at_risk, "distance": _distance}
    return {r: looked.get(r.to, _awarded)(r, judging, step, following) for r in responses}


def _missed(response: Response, judging: Judging, step: Period, following: date) -> set[str]:
    return {
        r.subject for r in judging.duties if r.rule == response.rule and r.status is Status.MISSED and r.due in step
    }


def _at_risk(response: Response, judging: Judging, step: Period, following: date) -> set[str]:
    return {r.subject for r in judging.duties if r.rule == response.rule and r.status is Status.AT_RISK}


def _distance(response: Response, judging: Judging, step: Period, following: date) -> set[str]:
    """Those so few points below the next grade, in the period that runs in both steps: a new one begins anew."""
    assert response.within is not None  # checked when the scenario was read
    cards = judging.judging_context.binding.ruleset.scorecards[response.rule]
    schedules = _schedules(judging, "scorecard", response.rule)
    found = set()
    for score in judging.scorecards:
        if score.rule != response.rule or score.total is None:
            continue
        running = schedules[score.version].at(following)
        if running is None or running.name != score.period or step.last not in running:
            continue
        above = _above(cards[score.version], score.total)
        if above is not None and above <= response.within:
            found.add(score.subject)
    return found


def _above(card: Scorecard, total: Fraction) -> Fraction | None:
    """The points up to the next grade; None at the best."""
    bounds = (band.from_ if band.from_ is not None else band.above for band in card.grades.values())
    # A grade that begins above its bound is not reached at it.
    exclusive = {band.above for band in card.grades.values() if band.from_ is None}
    ahead = [b - total for b in bounds if b is not None and (b > total or (b == total and b in exclusive))]
    return min(ahead, default=None)


def _awarded(response: Response, judging: Judging, step: Period, following: date) -> set[str]:
    """By the award's last period: who got it, who was a candidate and did not, who was next in rank."""
    schedules = _schedules(judging, "award", response.rule)
    groups: dict[str, list[AwardResult]] = {}
    for result in judging.awards:
        if result.rule == response.rule and result.period == _before(schedules[result.version], following):
            groups.setdefault(result.peers, []).append(result)
    found = set()
    for results in groups.values():
        if all(r.quota == 0 for r in results):
            continue  # there was none to be had, so nobody won it or just missed it
        last = max((r.rank for r in results if r.granted and r.rank is not None), default=0)
        for result in results:
            if response.to == "award":
                holds = result.granted
            elif response.to == "no_award":
                holds = not result.granted
            else:
                assert response.within is not None  # checked when the scenario was read
                holds = not result.granted and result.rank is not None and result.rank - last <= response.within
            if holds:
                found.add(result.subject)
    return found


def _schedules(judging: Judging, kind: str, rule: str) -> Mapping[int, Schedule]:
    """The schedule of each version of a rule."""
    dataflow = judging.judging_context.dataflow
    return {n.version: dataflow.schedules[n.schedule] for n in dataflow.rules if (n.kind, n.id) == (kind, rule)}


def _before(schedule: Schedule, day: date) -> str | None:
    """The name of the period before the one that holds the day."""
    period = schedule.at(day)
    before = None if period is None else schedule.before(period)
    return None if before is None else before.name
