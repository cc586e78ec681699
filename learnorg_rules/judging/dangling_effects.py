"""Waivers and appeals that change nothing: somebody has to put right what they are about.

Each either takes effect, which the results say, or is a finding here that says why not. One about a period to come waits.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial

from ..errors import Issue, did_you_mean
from ..model.kinds import SORTS, rules_in, sort_of, with_parts
from ..model.results import Appeal, Record, Waiver
from ..model.ruleset import Ruleset
from ..periods import Period, period_hint
from .context import JudgingContext

__all__ = ["CODES", "dangling_effects"]

CODES = {
    "E608": (
        "a waiver or appeal about nothing",
        "The `rule` or `period` of a waiver or appeal is none of the ruleset, so it has no effect. A waiver is about a duty "
        "or an indicator (`card.indicator`); an appeal also about a scorecard, and names the period of its result.",
    ),
    "E620": (
        "a waiver or appeal without effect",
        "What a waiver or an appeal is about exists, but it changes nothing: the rule does not judge its subject or asks nothing "
        "of it there, the waiver covers the last day of no period, or another decision stands in its place.",
    ),
}


def dangling_effects(judging_context: JudgingContext, of_subject: Callable[[str], Iterable[Record]]) -> Iterator[Issue]:
    """A finding for each waiver and appeal that changes no result of its subject, in the order of events' ids."""
    ruleset, effects = judging_context.binding.ruleset, judging_context.effects
    if not (effects.waivers or effects.appeals or effects.overruled):
        return
    decided: list[Waiver | Appeal] = [w for of in effects.waivers.values() for w in of]
    decided += effects.appeals.values()
    by_rule: dict[tuple[str, str], list[Record]] = {}
    for record in (record for subject in sorted({d.subject for d in decided}) for record in of_subject(subject)):
        for part in with_parts(record):
            by_rule.setdefault((part.subject, sort_of(part).id(part)), []).append(part)
    effective = {d.event for of in by_rule.values() for r in of for d in _decisions(r)} | effects.refused
    found = [
        (d.event, *reason)
        for d in decided
        if d.event not in effective
        and (reason := _why(judging_context, d, by_rule.get((d.subject, d.rule), ()))) is not None
    ]
    found += [
        (a.event, "E620", f"the appeal {a.event} has no effect: {why}", "") for a, why in effects.overruled.items()
    ]
    place = next(kind.source for kind in ruleset.events.values() if kind.effect)
    for _, code, message, hint in sorted(found):
        yield Issue(place, code, message, hint)


def _decisions(record: Record) -> Iterator[Waiver | Appeal]:
    """The waiver and the appeal that took effect in a result."""
    return filter(None, (getattr(record, "waiver", None), getattr(record, "appeal", None)))


def _why(
    judging_context: JudgingContext, decision: Waiver | Appeal, records: Iterable[Record]
) -> tuple[str, str, str] | None:
    """Code, message and hint; None where the decision waits for a period to come."""
    what = "waiver" if isinstance(decision, Waiver) else "appeal"
    known, names = _about(judging_context.binding.ruleset, what)
    name = f"the {what} {decision.event}"
    if decision.rule not in known:
        return "E608", f"{name} is about '{decision.rule}', no {names}", did_you_mean(decision.rule, sorted(known))
    periods = _periods(judging_context, decision.rule)
    nothing = partial("{} of {} has no effect: {}".format, name, decision.subject)
    if isinstance(decision, Appeal):
        if decision.period not in periods:
            message = f"{name} is about the period '{decision.period}' of {decision.rule}, which has none of this name"
            return "E608", message, period_hint(decision.period, periods.values())
        if not judging_context.clock.has_begun(periods[decision.period]):
            return None
        if all(r.period != decision.period for r in records):
            return "E620", nothing(f"{decision.rule} does not judge it in {decision.period}"), ""
        return (
            "E620",
            nothing("it decides nothing that this result has"),
            "say `points` of an indicator, `decided` of others",
        )
    if decision.until < decision.from_:
        hint = "say `from_day` where it is granted after the days it covers"
        return "E620", nothing(f"it begins on {decision.from_} and ends on {decision.until}, before that"), hint
    covered = [period for period in periods.values() if decision.covers(period)]
    if any(not judging_context.clock.has_begun(period) for period in covered):
        return None
    if not records:
        return "E620", nothing(f"{decision.rule} does not judge {decision.subject}"), ""
    last_days = {r.period: getattr(r, "due", periods[r.period].last) for r in records}
    names_covered = [name for name, day in sorted(last_days.items()) if decision.from_ <= day <= decision.until]
    if not names_covered:
        hint = f"it covers {decision.from_} to {decision.until}; what it lets off must have its last day in it"
        return "E620", nothing(f"it covers the last day of no period of {decision.rule}"), hint
    where = ", ".join(names_covered)
    return "E620", nothing(f"in {where} nothing was required, or another decision stands"), ""


def _periods(judging_context: JudgingContext, rule: str) -> Mapping[str, Period]:
    """The periods in which the rule, or the scorecard of the indicator, is judged, by name."""
    dataflow, id_ = judging_context.dataflow, rule.partition(".")[0]
    return {p.name: p for node in dataflow.rules if node.id == id_ for p in dataflow.schedules[node.schedule].periods}


def _about(ruleset: Ruleset, effect: str) -> tuple[set[str], str]:
    """What a waiver or an appeal can be about, and the names of its sorts: those whose results say which took effect."""
    sorts = [sort for sort in SORTS if sort.has(effect)]
    ids: set[str] = set()
    for kind, _, rule in rules_in(ruleset):
        if kind in sorts:
            ids.add(rule.id)
        if kind.part in sorts and kind.part is not None:
            ids.update(f"{rule.id}.{name}" for name in kind.part.ids(rule))
    *names, last = [sort.name for sort in sorts]
    return ids, f"{', '.join(names)} or {last}"
