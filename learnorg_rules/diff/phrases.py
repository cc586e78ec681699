"""What reasons of a comparison say, in English and Chinese."""

from collections.abc import Mapping
from datetime import date
from enum import Enum
from fractions import Fraction
from typing import Any

from attrs import frozen

from ..expr.render import render_number
from ..values import Rounding, to_decimal

__all__ = ["Phrase", "say", "shown", "signed"]

_MINUS = "−"
_TWO = Rounding(2)

_PHRASES: Mapping[str, tuple[str, str]] = {
    "also": ("; ", "；"),
    "list": (", ", "、"),
    "missing": ("missing", "缺失"),
    # scores and items
    "worth": ("{name} {by} (worth {old} → {new})", "{name} {by}（分值 {old} → {new}）"),
    "value": ("{name} {by} (value {old} → {new})", "{name} {by}（取值 {old} → {new}）"),
    "both": (
        "{name} {by} (worth {old} → {new}, value {value} → {value_new})",
        "{name} {by}（分值 {old} → {new}，取值 {value} → {value_new}）",
    ),
    "points_moved": ("{name} {by}", "{name} {by}"),
    "part_added": ("{name} {by} (scored now)", "{name} {by}（新计分）"),
    "part_removed": ("{name} {by} (no longer scored)", "{name} {by}（不再计分）"),
    "more_parts": ("{n} other indicators, {by}", "其余{n}项指标 {by}"),
    "part_missing": ("{name}: {old} → {new}", "{name}：{old} → {new}"),
    "worth_alone": ("worth {old} → {new} points", "分值 {old} → {new}"),
    "value_alone": ("value {old} → {new}", "取值 {old} → {new}"),
    "veto": ("vetoes: {old} → {new}", "否决：{old} → {new}"),
    "decided_by": ("lowered by decisions: {old} → {new}", "因决定降等：{old} → {new}"),
    "bands": ("the bands of the grades changed", "等级分数线已改"),
    # who is judged
    "now_judged": ("judged for this period now", "该期间新列入评定"),
    "not_judged": ("not judged for this period any more", "该期间不再评定"),
    # awards
    "now_candidate": ("a candidate now", "新成为候选"),
    "no_list": ("nobody is listed for it any more", "该称号不再列出任何人"),
    "no_candidate": ("not a candidate any more", "不再是候选"),
    "key": ("{name} {old} → {new}", "{name} {old} → {new}"),
    "ranking": ("ranked by {old} → {new}", "排名依据 {old} → {new}"),
    "quota": ("quota {old} → {new}", "名额 {old} → {new}"),
    "overtaken": ("overtaken by {who}", "被{who}超过"),
    "overtakes": ("overtakes {who}", "超过{who}"),
    "out_of_way": ("no longer behind {who}", "{who}不再居前"),
    "behind_new": ("now behind {who}", "{who}新列其前"),
    # duties and plans
    "needs": ("needs {new}; before, {old}", "要求 {new}；原为 {old}"),
    "due": ("due {old} → {new}", "期限 {old} → {new}"),
    "above": ("exceeds what is required: {old} → {new}", "超过要求：{old} → {new}"),
    "gates": ("missing gates: {old} → {new}", "未完成条件：{old} → {new}"),
    "days": ("planned {old} → {new}", "计划 {old} → {new}"),
    "let_off": ("{old} → {new} whatever happened", "{old} → {new}，与事件无关"),
    # decisions
    "follows": ("follows now", "新得出"),
    "no_longer": ("does not follow any more", "不再得出"),
    # the change behind it
    "changes": ("because of {changes}", "起因：{changes}"),
    "change": ("{name} {fields}", "{name} {fields}"),
    "added": ("{name} is new", "新增 {name}"),
    "removed": ("{name} is gone", "删除 {name}"),
    "more": ("{n} more", "另有{n}处"),
    "events_differ": ("other events count: {old} → {new}", "计入的事件不同：{old} → {new}"),
    "through": ("through what it rests on", "由其所依据的结果引起"),
}


def say(key: str, language: str, **values: object) -> str:
    """The phrase in the language, filled in."""
    text = _PHRASES[key][language == "zh"]
    return text.format(**{name: shown(value, language) for name, value in values.items()}) if values else text


@frozen
class Phrase:
    """A part of a reason: a phrase and its values, numbers exact."""

    key: str
    values: Mapping[str, Any]

    def say(self, language: str = "en") -> str:
        """As text."""
        return say(self.key, language, **self.values)


@frozen
class signed:  # noqa: N801 - it is used like a function
    """A difference in points, which is written with its sign."""

    points: Fraction


def shown(value: object, language: str) -> str:
    """A value for people: numbers to two decimals where they have more, `missing` for what there is not."""
    if isinstance(value, Phrase):
        return value.say(language)
    if isinstance(value, signed):
        sign = "+" if value.points > 0 else _MINUS if value.points < 0 else "±"
        return f"{sign}{to_decimal(_TWO.apply(abs(value.points)), _TWO.decimals)}"
    if value is None or value == ():
        return say("missing", language) if value is None else "-"
    if isinstance(value, bool):
        return ("false", "true")[value] if language != "zh" else ("否", "是")[value]
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, int | Fraction):
        text = render_number(value)
        exact = "/" not in text and len(text.partition(".")[2]) <= _TWO.decimals
        return text if exact else f"{to_decimal(_TWO.apply(value), _TWO.decimals)}"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, tuple | list):
        return say("list", language).join(shown(v, language) for v in value)
    return str(value)
