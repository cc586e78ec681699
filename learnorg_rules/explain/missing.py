"""What is missing, as lines of text, in English and Chinese."""

from collections.abc import Sequence
from datetime import timedelta
from fractions import Fraction

from ..expr.render import render_number
from ..judging.batch import Outcome
from ..model.definitions import Definition
from ..planning.answers import Missing, Needed
from ..values import Value
from ..words import say

__all__ = ["missing_lines", "missing_record"]


def missing_lines(outcome: Outcome, found: Sequence[Missing], language: str = "en") -> list[str]:
    """A line for each rule and period, and below it, indented, one for each sort of event and each caveat."""
    return [line for m in found for line in _lines(outcome, m, language)]


def missing_record(found: Missing) -> dict[str, object]:
    """The same for machines: numbers as texts, days as 2005-12-31, None where there is none."""
    return {
        "rule": found.rule, "period": found.period, "target": found.target, "state": found.state, "why": found.why,
        "detail": found.detail, "gain": None if found.gain is None else render_number(found.gain),
        "last_day": None if found.last_day is None else found.last_day.isoformat(), "fewest": found.fewest,
        "steady": found.steady, "held": list(found.held),
        "needs": [
            {
                "kind": n.kind, "count": n.count, "where": n.where, "by": None if n.by is None else n.by.isoformat(),
                "first_by": None if n.first_by is None else n.first_by.isoformat(),
                "fields": {name: _plain(v) for name, v in n.fields.items()}, "grain": n.grain, "element": n.element,
                "person": n.person,
            }
            for n in found.needs
        ],
    }  # fmt: skip


def _lines(outcome: Outcome, found: Missing, language: str) -> list[str]:
    ruleset = outcome.ruleset
    versions: Sequence[Definition] = ruleset.duties.get(found.rule) or ruleset.scorecards[found.rule]
    title = versions[-1].title.say(language)
    name = say("named", language, name=title, id=found.rule) if title and title != found.rule else found.rule
    head = say("needed_head", language, title=name, period=found.period)
    if found.state != "needed":
        phrase = "over_of" if found.why == "over" and found.detail else found.why
        phrase = "held" if (found.why, found.state) == ("points", "undecided") else phrase
        caveats = [say("held", language, held=say("list", language).join(found.held))] if found.held else []
        return [
            head + say(found.state, language, why=say(f"why_not.{phrase}", language, detail=found.detail)),
            *(f"  {c}" for c in caveats),
        ]
    gain = render_number(found.gain) if found.gain is not None else ""
    target = (
        say("to_meet", language) if found.target == "met" else say("to_grade", language, grade=found.target, gain=gain)
    )
    caveats = [say("held", language, held=say("list", language).join(found.held))] if found.held else []
    caveats += [] if found.steady else [say("unsteady", language)]
    caveats += [] if found.fewest else [say("not_fewest", language)]
    return [head + target, *(f"  {_need(outcome, n, language)}" for n in found.needs), *(f"  ({c})" for c in caveats)]


def _need(outcome: Outcome, need: Needed, language: str) -> str:
    title = outcome.ruleset.events[need.kind].title.say(language) or need.kind
    kind = say("named", language, name=title, id=need.kind) if title != need.kind else need.kind
    text = say("needed_records", language, count=need.count, kind=kind)
    text += say("needed_where", language, where=need.where) if need.where else ""
    shown = {
        n: v for n, v in need.fields.items() if n != need.element and isinstance(v, int | Fraction) and v is not True
    }
    shown = {n: v for n, v in shown.items() if not isinstance(v, bool)}
    values = say("list", language).join(f"{n} {_plain(v)}" for n, v in shown.items())
    text += say("needed_values", language, values=values) if values else ""
    text += say("needed_element", language, element=need.element) if need.element else ""
    grain = say(f"grain.{need.grain}", language) if need.grain else ""
    text += say("needed_grain", language, grain=grain) if need.grain else ""
    text += (
        say("needed_person", language, person=outcome.organisation.names(need.person, language)) if need.person else ""
    )
    if need.by is None:
        return text + say("needed_late", language)
    if need.first_by != need.by:
        return text + say("needed_first_by", language, first=need.first_by, by=need.by)
    return text + say("needed_by", language, by=need.by)


def _plain(value: Value) -> object:
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, int | Fraction):
        return render_number(value)
    if isinstance(value, timedelta):
        return f"{value.days} days"
    return str(value)
