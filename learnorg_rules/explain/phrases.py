"""Every phrase of an explanation, in every language it comes in."""

from collections.abc import Mapping

from ..errors import did_you_mean

__all__ = ["LANGUAGES", "PHRASES", "say"]

LANGUAGES = ("en", "zh")

PHRASES: Mapping[str, Mapping[str, str]] = {
    # what a rule came to
    "missed": {"en": "missed", "zh": "未完成"},
    "met": {"en": "met", "zh": "已完成"},
    "met_late": {"en": "met late", "zh": "逾期完成"},
    "open": {"en": "open", "zh": "进行中"},
    "at_risk": {"en": "at risk", "zh": "有风险"},
    "not_yet_due": {"en": "not yet due", "zh": "尚未开始"},
    "excused": {"en": "excused", "zh": "免除"},
    "waived": {"en": "waived", "zh": "豁免"},
    "not_required": {"en": "not required", "zh": "不作要求"},
    "granted": {"en": "granted", "zh": "授予"},
    "not_granted": {"en": "not granted", "zh": "未授予"},
    "tied": {"en": "tied across the quota line, so not granted", "zh": "在名额线上并列，未授予"},
    "unranked": {"en": "cannot be ranked, for want of a value", "zh": "缺少数值，无法排名"},
    "not_candidate": {"en": "no candidate", "zh": "不是候选"},
    "result": {"en": "{what}: {value}", "zh": "{what}：{value}"},
    "heading": {"en": "{subject} · {rule} {period}: {value}", "zh": "{subject} · {rule} {period}：{value}"},
    "above": {"en": ", more than the range asks for", "zh": "，超出规定范围"},
    "no_value": {"en": "no value", "zh": "无数值"},
    # duties
    "needs": {"en": "needs: {needs}, was: {was}", "zh": "要求：{needs}；实际：{was}"},
    "needs_so_far": {"en": "needs: {needs}, so far: {was}", "zh": "要求：{needs}；目前：{was}"},
    "needs_later": {"en": "up to {day}: {was}", "zh": "截至{day}：{was}"},
    "unknown": {"en": "for want of a value this could not be computed", "zh": "缺少数值，无法计算"},
    "because_future": {
        "en": "the period begins on {start}, after the day judged, {at}",
        "zh": "该期{start}开始，晚于评定日{at}",
    },
    "because_holidays": {"en": "the whole period is holiday: {names}", "zh": "整期均为假期：{names}"},
    "because_partial": {
        "en": "only {days} of {of} days lie in the days of {subject}, rule and ruleset; the share must be {share}",
        "zh": "该期{of}天中只有{days}天在“{subject}”存续期、规则有效期和评定期内，比例须达{share}",
    },
    "because_waived": {
        "en": "waived from {start} to {until} by {by}: {reason} (event {event})",
        "zh": "{by}豁免{start}至{until}：{reason}（事件{event}）",
    },
    "appeal": {
        "en": "changed on appeal from {first} to {now} by {by}: {reason} (event {event})",
        "zh": "经申诉由{by}从“{first}”改为“{now}”：{reason}（事件{event}）",
    },
    "responsible": {"en": "responsible: {names}", "zh": "责任方：{names}"},
    "hears_next": {"en": "hears next: {names}", "zh": "上报：{names}"},
    "because_absent": {"en": "{subject} is not there on {day}", "zh": "{day}“{subject}”不存在"},
    # formulas and what stands behind them
    "formula": {"en": "{name} = {formula}", "zh": "{name} = {formula}"},
    "condition": {"en": "{text}, was: {was}", "zh": "{text}；实际：{was}"},
    "condition_value": {"en": "{said}: {value}", "zh": "{said}：{value}"},
    "holds": {"en": "it holds", "zh": "成立"},
    "holds_not": {"en": "it does not hold", "zh": "不成立"},
    "holds_unknown": {"en": "it cannot be told", "zh": "无法判断"},
    "without_events": {
        "en": "no event counted, and without events it is missing",
        "zh": "没有计入的事件，无事件时为缺失",
    },
    "counted": {"en": "counted: {n} of {of} {events}", "zh": "计入：{events}{of}件中的{n}件"},
    "counted_all": {"en": "counted: all {of} {events}", "zh": "计入：{events}{of}件，全部计入"},
    "counted_none": {"en": "counted: none of {of} {events}", "zh": "计入：{events}{of}件，无一计入"},
    "counted_nothing": {"en": "counted: none, for there are no {events}", "zh": "计入：无，没有{events}"},
    "events": {"en": "events of kind {kinds} between {start} and {last}", "zh": "{start}至{last}的“{kinds}”事件"},
    "event": {"en": "event of kind {kinds} between {start} and {last}", "zh": "{start}至{last}的“{kinds}”事件"},
    "seen": {"en": "{id} {date}", "zh": "{id} {date}"},
    "seen_with": {"en": "{id} {date}: {fields}", "zh": "{id} {date}：{fields}"},
    "field": {"en": "{name} {value}", "zh": "{name} {value}"},
    "person_field": {"en": "person {value}", "zh": "人员 {value}"},
    "unit_field": {"en": "unit {value}", "zh": "单位 {value}"},
    "not_counted": {"en": "not counted: {event}: {why}", "zh": "未计入：{event}：{why}"},
    "fails": {"en": "{condition} fails ({values})", "zh": "不满足 {condition}（{values}）"},
    "fails_bare": {"en": "{condition} fails", "zh": "不满足 {condition}"},
    "unknown_condition": {"en": "{condition} cannot be told ({values})", "zh": "{condition} 无法判断（{values}）"},
    "is": {"en": "{name} is {value}", "zh": "{name} 为 {value}"},
    "not_member": {"en": "{person} did not belong to {subject} that day", "zh": "当日{person}不属于“{subject}”"},
    "member": {"en": "{person} belonged to {subject} that day", "zh": "当日{person}属于“{subject}”"},
    "nobody": {"en": "it is about nobody", "zh": "事件未涉及人员"},
    "lacks": {"en": "it has no {name}", "zh": "没有 {name}"},
    "elsewhere": {"en": "its week, {sub}, belongs to another period", "zh": "所在周{sub}属于另一期"},
    "more": {"en": "and {n} more", "zh": "另有{n}件"},
    "more_not_counted": {"en": "and {n} more not counted", "zh": "另有{n}件未计入"},
    "more_persons": {"en": "and {n} more", "zh": "另有{n}人"},
    "more_persons_not": {"en": "and {n} more not counted", "zh": "另有{n}人未计入"},
    "more_values": {"en": "and {n} more", "zh": "另有{n}个"},
    "more_periods": {"en": "and {n} more", "zh": "另有{n}期"},
    "seen_kind": {"en": "{id} {date} ({kind})", "zh": "{id} {date}（{kind}）"},
    "set_aside": {"en": "set aside: {event}: {why}", "zh": "搁置：{event}：{why}"},
    "rejected": {"en": "{code} {reason}", "zh": "{code} {reason}"},
    "superseded": {"en": "corrected by {by}", "zh": "已由{by}更正"},
    "voided": {"en": "voided by {by}", "zh": "已由{by}撤销"},
    "not_yet_known": {"en": "recorded only after {known_at}", "zh": "{known_at}之后才记录"},
    "values": {"en": "values: {values}", "zh": "取值：{values}"},
    "value_times": {"en": "{value} ({n}×)", "zh": "{value}（{n}次）"},
    "hit": {"en": "an event in {n} of {of} {grain}: {names}", "zh": "{of}{grain}中有{n}{grain}有事件：{names}"},
    "not_hit": {
        "en": "an event in {n} of {of} {grain}; none in {names}",
        "zh": "{of}{grain}中有{n}{grain}有事件；没有事件的：{names}",
    },
    "hit_all": {"en": "an event in each of the {of} {grain}", "zh": "{of}{grain}每期都有事件"},
    "hit_none": {"en": "an event in none of the {of} {grain}", "zh": "{of}{grain}均无事件"},
    "year": {"en": "years", "zh": "年"},
    "quarter": {"en": "quarters", "zh": "个季度"},
    "month": {"en": "months", "zh": "个月"},
    "week": {"en": "weeks", "zh": "周"},
    "grain_day": {"en": "days", "zh": "天"},
    "decided_by": {"en": "decided by {event}", "zh": "取自{event}"},
    "persons": {"en": "persons on {day}: {n} of {of} members", "zh": "{day}人员：{of}名成员中的{n}名"},
    "persons_named": {"en": "counted: {names}", "zh": "计入：{names}"},
    "person_not": {"en": "not counted: {person}: {why}", "zh": "未计入：{person}：{why}"},
    "elsewhere_value": {"en": "{text}: {value}", "zh": "{text}：{value}"},
    "no_period_before": {"en": "there is no period before", "zh": "此前没有时期"},
    "nobody_else": {"en": "the group is empty", "zh": "该组为空"},
    "met_rate": {"en": "{name}: {n} of {of} required periods met", "zh": "{name}：应完成{of}期，完成{n}期"},
    "met_none": {"en": "{name}: no period was required and over", "zh": "{name}：没有已结束的应完成时期"},
    "unmet": {"en": "missed: {names}", "zh": "未完成：{names}"},
    "score": {"en": "{card}: total {total}, grade {grade}", "zh": "{card}：总分{total}，等级{grade}"},
    "score_plain": {"en": "{card}: total {total}", "zh": "{card}：总分{total}"},
    "no_score": {"en": "{card}: no score", "zh": "{card}：无得分"},
    # scorecards
    "points": {"en": "{points} of {of} points", "zh": "{of}分得{points}分"},
    "item": {"en": "{name}: {points} of {of} points, {lost} lost", "zh": "{name}：{of}分得{points}分，失{lost}分"},
    "item_full": {"en": "{name}: {points} of {of} points", "zh": "{name}：{of}分得{points}分"},
    "item_zero": {
        "en": "{name}: 0 of {of} points, for want of a value",
        "zh": "{name}：{of}分得0分，因缺少数值",
    },
    "item_excluded": {
        "en": "{name}: left out for want of a value; the others are scaled",
        "zh": "{name}：缺少数值，不计，其余按比例放大",
    },
    "item_excused": {"en": "{name}: excused, {points} of {of} points", "zh": "{name}：免除，{of}分得{points}分"},
    "item_excused_out": {
        "en": "{name}: excused and left out; the others are scaled",
        "zh": "{name}：免除，不计，其余按比例放大",
    },
    "item_missing": {"en": "{name}: no points, for want of a value", "zh": "{name}：缺少数值，无得分"},
    "total": {"en": "total {total} of {of}", "zh": "总分{total}，满分{of}"},
    "no_total": {"en": "no total: a value is missing", "zh": "无总分：缺少数值"},
    "provisional": {"en": " (the period still runs)", "zh": "（该期尚未结束）"},
    "total_name": {"en": "total", "zh": "总分"},
    "grade_name": {"en": "grade", "zh": "等级"},
    "band": {"en": "the total gives {grade}: {bounds}", "zh": "总分对应等级{grade}：{bounds}"},
    "no_band": {"en": "the total gives no grade", "zh": "总分不对应任何等级"},
    "from": {"en": "from {bound}", "zh": "{bound}及以上"},
    "below": {"en": "below {bound}", "zh": "{bound}以下（不含）"},
    "above_bound": {"en": "above {bound}", "zh": "{bound}以上（不含）"},
    "up_to": {"en": "up to {bound}", "zh": "{bound}及以下"},
    "veto_held": {
        "en": 'veto "{name}": the grade is at most {grade}: {why}',
        "zh": "否决“{name}”：等级至多为{grade}：{why}",
    },
    "veto_not": {"en": 'veto "{name}" does not hold: {why}', "zh": "否决“{name}”不成立：{why}"},
    "ask_item": {"en": "for the events behind an indicator: {call}", "zh": "各项指标所依据的事件见：{call}"},
    "ask": {"en": "for the events behind it: {call}", "zh": "其依据的事件见：{call}"},
    # awards
    "rank": {"en": "rank {rank} of {n} candidates", "zh": "{n}名候选中列第{rank}"},
    "peers": {"en": "among the candidates of {peers}", "zh": "范围：{peers}的候选"},
    "key": {"en": "ranked by {text}: {value}", "zh": "排名依据 {text}：{value}"},
    "descending": {"en": " (more is better)", "zh": "（大者优先）"},
    "quota": {"en": "quota: {formula}", "zh": "名额：{formula}"},
    "no_quota": {"en": "no quota: every candidate gets it", "zh": "无名额限制：候选均授予"},
    "granted_count": {"en": "granted to {n}", "zh": "共授予{n}名"},
    "line": {
        "en": "the line: {last}; the next has {following}, {margin} less",
        "zh": "分界：{last}；下一名为{following}，少{margin}",
    },
    "line_ascending": {
        "en": "the line: {last}; the next has {following}, {margin} more",
        "zh": "分界：{last}；下一名为{following}，多{margin}",
    },
    "needs_award": {"en": "candidates need: {needs}, was: {was}", "zh": "候选条件：{needs}；实际：{was}"},
    "place": {"en": "{rank}. {subject}: {keys} {outcome}", "zh": "{rank}. {subject}：{keys} {outcome}"},
    "place_unranked": {"en": "–. {subject}: {keys} {outcome}", "zh": "–. {subject}：{keys} {outcome}"},
    "around": {
        "en": "next to the quota line and the subject, of {n} candidates:",
        "zh": "名额线和本单位前后（共{n}名候选）：",
    },
    "all_candidates": {"en": "the candidates:", "zh": "全部候选："},
    # parameters
    "assumed": {"en": "assumed: {name} = {value}", "zh": "假定：{name} = {value}"},
    "assumed_note": {"en": "assumed: {name} = {value} ({note})", "zh": "假定：{name} = {value}（{note}）"},
    "unread": {
        "en": "rows that could not be read as events, and may be missing here: {n} (see rejected)",
        "zh": "无法读作事件、此处可能缺少的记录：{n}行（见 rejected）",
    },
    # one line
    "no_event": {"en": "no {kinds} between {start} and {last}", "zh": "{start}至{last}没有“{kinds}”"},
    "no_event_with": {
        "en": "no {kinds} with {condition} between {start} and {last}",
        "zh": "{start}至{last}没有满足 {condition} 的“{kinds}”",
    },
    # values and marks
    "none": {"en": "missing", "zh": "缺失"},
    "true": {"en": "true", "zh": "是"},
    "false": {"en": "false", "zh": "否"},
    "days": {"en": "{n} days", "zh": "{n}天"},
    "day": {"en": "1 day", "zh": "1天"},
    "about": {"en": "≈{value}", "zh": "≈{value}"},
    "comma": {"en": ", ", "zh": "，"},
    "list": {"en": ", ", "zh": "、"},
    "semicolon": {"en": "; ", "zh": "；"},
    "named": {"en": "{name} ({id})", "zh": "{name}（{id}）"},
}
"""Name of the phrase -> language -> text, with `{names}` for what is filled in."""


def say(language: str, phrase: str, **values: object) -> str:
    """The phrase in the language, filled in.

    Raises:
        LookupError: explanations do not come in this language.
    """
    if language not in LANGUAGES:
        raise LookupError(f"explanations come in no language '{language}'; {did_you_mean(language, LANGUAGES)}")
    return PHRASES[phrase][language].format(**values)
