"""Waivers and appeals that change nothing, because what they are about does not exist: somebody has to put them right."""

from collections.abc import Iterator

from ..errors import Issue, did_you_mean
from ..model.kinds import SORTS, rules_in
from ..model.ruleset import Ruleset
from .context import JudgingContext

__all__ = ["CODES", "dangling_effects"]

CODES = {
    "E608": (
        "a waiver or appeal about nothing",
        "The `rule` or `period` of a waiver or appeal is none of the ruleset, so it has no effect. A waiver is about a duty "
        "or an indicator (`card.indicator`); an appeal also about a scorecard, and names the period of its result.",
    ),
}


def dangling_effects(judging_context: JudgingContext) -> Iterator[Issue]:
    """A finding for each waiver and appeal whose rule or period is unknown, in the order of events' ids."""
    ruleset, dataflow, effects = judging_context.binding.ruleset, judging_context.dataflow, judging_context.effects
    if not (effects.waivers or effects.appeals):
        return
    waivable, waivable_names = _about(ruleset, "waiver")
    appealable, appealable_names = _about(ruleset, "appeal")
    periods: dict[str, set[str]] = {}
    for node in dataflow.rules:
        periods.setdefault(node.id, set()).update(p.name for p in dataflow.schedules[node.schedule].periods)
    found: list[tuple[str, str, str]] = []
    for (_, rule), waivers in effects.waivers.items():
        if rule not in waivable:
            hint = did_you_mean(rule, sorted(waivable))
            found += [(w.event, f"the waiver {w.event} is about '{rule}', no {waivable_names}", hint) for w in waivers]
    for (_, rule, period), appeal in effects.appeals.items():
        names = periods.get(rule.partition(".")[0], set())
        if rule not in appealable:
            said = f"the appeal {appeal.event} is about '{rule}', no {appealable_names}"
            found.append((appeal.event, said, did_you_mean(rule, sorted(appealable))))
        elif period not in names:
            said = f"the appeal {appeal.event} is about the period '{period}' of {rule}, which has none of this name"
            found.append((appeal.event, said, did_you_mean(period, sorted(names))))
    place = next(kind.source for kind in ruleset.events.values() if kind.effect)
    for _, message, hint in sorted(found):
        yield Issue(place, "E608", message, hint)


def _about(ruleset: Ruleset, effect: str) -> tuple[set[str], str]:
    """What a waiver or an appeal can be about, and the names of its sorts: those whose results say which took effect."""
    sorts = [sort for sort in SORTS if sort.has(effect)]
    found: set[str] = set()
    for kind, _, rule in rules_in(ruleset):
        if kind in sorts:
            found.add(rule.id)
        if kind.part in sorts and kind.part is not None:
            found.update(f"{rule.id}.{name}" for name in kind.part.ids(rule))
    *names, last = [sort.name for sort in sorts]
    return found, f"{', '.join(names)} or {last}"
