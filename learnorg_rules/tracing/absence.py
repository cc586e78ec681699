"""Why a rule does not judge a subject: which part of its selector leaves the subject out."""

from datetime import date, datetime
from fractions import Fraction

from ..counting.binding import Binding
from ..expr.nodes import Node, Ref, Subjects
from ..expr.render import render, render_number
from ..model.definitions import Rule
from ..periods import ONE_DAY, Period, common
from ..values import Value
from .evidence import failing
from .traces import Failed

__all__ = ["why_not_judged"]

FAMILIES = {"units": "unit", "bodies": "body", "persons": "person"}


def why_not_judged(binding: Binding, rule: Rule, subject: str, period: Period) -> str:
    """One sentence: the selector, and what about the subject does not fit, with the values on the day looked at."""
    tree = rule.subjects
    text = " ".join(rule.for_.text.split())
    meant = render(tree)
    shown = text if text == meant else f"{text}, that is {meant}"
    day = binding.clock.up_to(period.last)
    reason = _reason(binding, tree, rule.for_.text if text == meant else "", subject, period, day)
    return f"{rule.id} does not judge {subject} ({period.name}): it is for {shown}; {reason}"


def _reason(binding: Binding, tree: Subjects, text: str, subject: str, period: Period, day: date) -> str:
    organisation, along = binding.organisation, binding.ruleset.header.roll_up.along
    stays, kind = organisation.stays(subject), organisation.kind(subject)
    if not common(stays, ((period.start, max(day, period.start) + ONE_DAY),)):
        return f"{subject} is there {' and '.join(_life(start, end) for start, end in stays)}"
    if tree.ids or not tree.family:
        return f"{subject} is not among them"
    if FAMILIES[tree.family] != kind:
        return f"{subject} is a {kind}"
    day = binding.day_in(subject, period)
    snapshot = organisation.as_of(day)
    if tree.of:
        inside = snapshot.members(tree.of, along) if kind == "person" else snapshot.descendants(tree.of, along)
        if subject not in inside:
            return f"{subject} is not in {tree.of} on {day.isoformat()}"
    if tree.edge and subject not in snapshot.targets(tree.by, tree.edge):
        return f"{tree.by} has no edge '{tree.edge}' to {subject} on {day.isoformat()}"
    if tree.where is None:
        return f"{subject} is left out"

    def lookup(node: Node) -> Value:
        assert isinstance(node, Ref)
        if node.scope == "parameter":
            return binding.parameters.value(node.name, period.last)
        if node.scope == "local":
            return {"period_start": period.start, "period_end": period.last}[node.name]
        return binding.attribute(subject, node.name, day)

    failed = failing(tree.where, text, lookup, binding.ruleset.time_zone)
    return f"on {day.isoformat()} {'; '.join(_failure(f) for f in failed)}"


def _failure(failed: Failed) -> str:
    values = dict.fromkeys(f"{render(leaf.node)} is {_shown(leaf.value)}" for leaf in failed.leaves)
    what = "is not met" if failed.value is False else "is unknown"
    return f"{' '.join(failed.text.split())} {what} ({', '.join(values)})" if values else f"{failed.text} {what}"


def _life(start: date, end: date) -> str:
    first = "" if start == date.min else f"from {start.isoformat()} "
    return f"{first}to {(end - ONE_DAY).isoformat()}" if end < date.max else first.strip()


def _shown(value: Value) -> str:
    if value is None:
        return "missing"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | Fraction):
        return render_number(value)
    if isinstance(value, tuple | list):
        return f"[{', '.join(_shown(v) for v in value)}]"
    return value.isoformat() if isinstance(value, date | datetime) else str(value)
