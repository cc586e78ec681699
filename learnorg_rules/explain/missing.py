"""What is missing, as lines of text, in English and Chinese."""

from collections.abc import Sequence
from datetime import timedelta
from fractions import Fraction

from ..expr.render import render_number
from ..judging.batch import Outcome
from ..model.definitions import Definition
from ..planning.answers import Missing, Needed
from ..values import Value

__all__ = ["missing_lines", "missing_record"]

_TEXTS = {
    "head": {"en": "{title} {period}: ", "zh": "{title} {period}："},
    "named": {"en": "{name} ({id})", "zh": "{name}（{id}）"},
    "met": {"en": "met with", "zh": "完成尚需"},
    "grade": {"en": "{grade} (+{gain} points) with", "zh": "达到{grade}（+{gain}分）尚需"},
    "undecided": {"en": "cannot be told: {why}", "zh": "无法断定：{why}"},
    "out_of_reach": {"en": "out of reach: {why}", "zh": "已无法达到：{why}"},
    "event": {"en": "{count} × {kind}", "zh": "{kind}{count}件"},
    "where": {"en": " where {where}", "zh": "，满足 {where}"},
    "values": {"en": " ({values})", "zh": "（{values}）"},
    "element": {"en": ", each with a {element} not counted yet", "zh": "，每件须有尚未计入的 {element}"},
    "grain": {"en": ", each in a {grain} without one", "zh": "，须分别在尚无记录的{grain}内"},
    "person": {"en": ", such as of {person}", "zh": "，如{person}"},
    "by": {"en": ", by {by}", "zh": "，最迟{by}"},
    "first_by": {"en": ", the first by {first}, the last by {by}", "zh": "，第一件最迟{first}，最后一件最迟{by}"},
    "late": {"en": ", late", "zh": "，逾期补办"},
    "steady": {"en": "", "zh": ""},
    "unsteady": {"en": "if nothing else happens that counts against it", "zh": "以不发生其他不利事件为前提"},
    "not_fewest": {"en": "fewer may be enough: not every combination was tried", "zh": "可能更少即可：未能试遍所有组合"},
    "held": {"en": "taken as they stand: {held}", "zh": "按现状计：{held}"},
    "list": {"en": ", ", "zh": "、"},
    # why not
    "elsewhere": {
        "en": "depends on other subjects: {detail}", "zh": "取决于其他对象：{detail}",
    },
    "values_of_others": {
        "en": "depends on the values of events to come: {detail}", "zh": "取决于今后事件的数值：{detail}",
    },
    "inherits": {
        "en": "the rule counts what predecessors had (succession: inherit)", "zh": "规则计入前身的事件（succession: inherit）",
    },
    "over": {"en": "the days in which it could be done are over", "zh": "可办理的日期已过"},
    "over_of": {"en": "the days in which it could be done are over: {detail}", "zh": "可办理的日期已过：{detail}"},
    "spent": {"en": "not enough is left to be counted: {detail}", "zh": "剩余可计入的不足：{detail}"},
    "many": {"en": "not with the numbers of events that were tried: {detail}", "zh": "在所试的事件数内未能达到：{detail}"},
    "no_event": {"en": "no event was found that counts for {detail}", "zh": "未找到可计入 {detail} 的事件"},
    "interplay": {"en": "what helps one part harms another", "zh": "有利于一部分者不利于另一部分"},
    "no_total": {"en": "there is no total while values are missing: {detail}", "zh": "数值缺失，尚无总分：{detail}"},
    "decided": {"en": "the grade was decided by people: {detail}", "zh": "等级已由人裁定：{detail}"},
    "veto": {"en": "a veto holds: {detail}", "zh": "已被一票否决：{detail}"},
    "points": {"en": "events give no more than {detail} points", "zh": "通过事件最多可得 {detail} 分"},
    "best_found": {"en": "the events that were tried give {detail} points", "zh": "所试的事件可得 {detail} 分"},
}  # fmt: skip
_WHY = {"values": "values_of_others", "held": "best_found"}
_GRAINS = {"year": "年", "half": "半年", "quarter": "季度", "month": "月", "week": "周", "day": "日"}


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
    def say(phrase: str, **values: object) -> str:
        return _TEXTS[phrase][language].format(**values)

    ruleset = outcome.ruleset
    versions: Sequence[Definition] = ruleset.duties.get(found.rule) or ruleset.scorecards[found.rule]
    title = versions[-1].title.say(language)
    name = say("named", name=title, id=found.rule) if title and title != found.rule else found.rule
    head = say("head", title=name, period=found.period)
    if found.state != "needed":
        phrase = "over_of" if found.why == "over" and found.detail else _WHY.get(found.why, found.why)
        phrase = "best_found" if (found.why, found.state) == ("points", "undecided") else phrase
        caveats = [say("held", held=say("list").join(found.held))] if found.held else []
        return [head + say(found.state, why=say(phrase, detail=found.detail)), *(f"  {c}" for c in caveats)]
    gain = render_number(found.gain) if found.gain is not None else ""
    target = say("met") if found.target == "met" else say("grade", grade=found.target, gain=gain)
    caveats = [say("held", held=say("list").join(found.held))] if found.held else []
    caveats += [] if found.steady else [say("unsteady")]
    caveats += [] if found.fewest else [say("not_fewest")]
    return [head + target, *(f"  {_need(outcome, n, language)}" for n in found.needs), *(f"  ({c})" for c in caveats)]


def _need(outcome: Outcome, need: Needed, language: str) -> str:
    def say(phrase: str, **values: object) -> str:
        return _TEXTS[phrase][language].format(**values)

    title = outcome.ruleset.events[need.kind].title.say(language) or need.kind
    kind = say("named", name=title, id=need.kind) if title != need.kind else need.kind
    text = say("event", count=need.count, kind=kind)
    text += say("where", where=need.where) if need.where else ""
    shown = {
        n: v for n, v in need.fields.items() if n != need.element and isinstance(v, int | Fraction) and v is not True
    }
    shown = {n: v for n, v in shown.items() if not isinstance(v, bool)}
    values = say("list").join(f"{n} {_plain(v)}" for n, v in shown.items())
    text += say("values", values=values) if values else ""
    text += say("element", element=need.element) if need.element else ""
    grain = _GRAINS.get(need.grain, "") if language == "zh" else need.grain
    text += say("grain", grain=grain) if need.grain else ""
    text += say("person", person=outcome.organisation.names(need.person, language)) if need.person else ""
    if need.by is None:
        return text + say("late")
    if need.first_by != need.by:
        return text + say("first_by", first=need.first_by, by=need.by)
    return text + say("by", by=need.by)


def _plain(value: Value) -> object:
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, int | Fraction):
        return render_number(value)
    if isinstance(value, timedelta):
        return f"{value.days} days"
    return str(value)
