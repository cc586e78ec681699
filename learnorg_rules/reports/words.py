"""The words of a simulation's report, in English and Chinese."""

from collections.abc import Mapping

__all__ = ["say"]

_WORDS: Mapping[str, tuple[str, str]] = {
    "facts": (
        "From {first} to {last}, {done} of {asked} repetitions, seed {seed}. Subjects: {subjects} units and bodies, {persons} persons.",
        "{first}至{last}，完成{done}/{asked}次重复，随机种子{seed}。对象：{subjects}个单位，{persons}名人员。",
    ),
    "stopped": (
        "**The run was stopped early.** Everything below rests on the {done} repetitions that were done.",
        "**运行提前停止。**以下结果仅依据已完成的{done}次重复。",
    ),
    "policies": ("Policies", "政策方案"),
    "policy": ("policy", "方案"),
    "sets": ("what it sets", "设定"),
    "as_is": ("the rules as they are", "规则原样"),
    "sure": ("How sure this is", "结果有多可靠"),
    "enough": (
        "Every chance is known to within {precision} percentage points and every median to within {points} points, in 95 of 100 such simulations.",
        "每个概率的误差不超过{precision}个百分点，每个中位数的误差不超过{points}分（95%置信）。",
    ),
    "too_few": (
        "{done} repetitions are too few to know every chance to within {precision} percentage points and every median to within {points} points. About **{needed}** would do; the least sure is: {widest}.",
        "{done}次重复不足以使每个概率的误差不超过{precision}个百分点、每个中位数的误差不超过{points}分。约需**{needed}**次；最不确定的是：{widest}。",
    ),
    "chance_note": (
        "With so many rows, about one interval in twenty misses by chance alone: look for patterns, not for single rows.",
        "行数很多，约二十分之一的区间仅因偶然而不含真值：请看整体规律，勿看个别行。",
    ),
    "findings": ("For a person to settle", "待人工处理"),
    "unsettled": (
        "These results were left open or not given; what follows rests on them as they are. One message of each rule:",
        "下列结果未能得出或有待裁定，后文结果以此现状为准。每条规则仅列一条信息：",
    ),
    "finding": ("finding", "问题"),
    "in_repetitions": ("in repetitions", "出现的重复次数"),
    "changes": ("What each policy changes against {base}", "各方案与{base}相比的变化"),
    "paired": (
        "Each repetition is compared with itself: the same events would have happened but for what the policy changes.",
        "每次重复与自身比较：除方案改变之处外，随机事件相同。",
    ),
    "what": ("what", "项目"),
    "difference": ("difference", "差异"),
    "interval": ("95 % interval", "95%区间"),
    "verdict": ("verdict", "结论"),
    "more": ("more", "增加"),
    "less": ("less", "减少"),
    "same": ("the same", "相同"),
    "unclear": ("no clear difference", "无明显差异"),
    "mean_total": ("mean total, {card} {period}", "平均总分，{card}{period}"),
    "missed_share": ("share missed in percentage points, {duty}", "未履行比例（百分点），{duty}"),
    "happened": ("events, {behaviour}", "事件数，{behaviour}"),
    "gains": (
        "Clearly more points under {policy} in some period, and clearly fewer in none: {who}.",
        "{policy}下至少一期总分明显增加、且无一期明显减少：{who}。",
    ),
    "loses": (
        "Clearly fewer points under {policy} in some period, and clearly more in none: {who}.",
        "{policy}下至少一期总分明显减少、且无一期明显增加：{who}。",
    ),
    "nobody": ("nobody", "无"),
    "and_more": ("{names} and {n} more", "{names}等另{n}个"),
    "totals": ("Totals: {card}, {period}", "总分：{card}，{period}"),
    "median": ("{policy}: median (5 to 95 %)", "{policy}：中位数（5%至95%）"),
    "subject": ("subject", "对象"),
    "award": ("Chance of {award}, {period}", "获得{award}的概率，{period}"),
    "chance": ("{policy}: chance (95 % interval)", "{policy}：概率（95%区间）"),
    "duties": ("Duties most likely to be missed", "最可能未履行的职责"),
    "duty": ("duty", "职责"),
    "period": ("period", "期间"),
    "costs": ("Cost of the awards", "称号奖励费用"),
    "year": ("year", "年度"),
    "cost": ("median (least to most)", "中位数（最少至最多）"),
    "pictures": ("Pictures", "图"),
    "tables": ("Tables", "数据表"),
    "tables_are": (
        "Everything above and all the rest, as CSV and as Parquet: {names}.",
        "以上及其余全部结果，有CSV与Parquet两种格式：{names}。",
    ),
    "rows_left": ("{n} rows more are in the tables.", "另有{n}行见数据表。"),
    "assumes": (
        "All of this follows from the behaviours the scenario assumes. How people really respond to a rule is not known here.",
        "以上结果均取决于情景所假定的行为；人们对规则的真实反应此处并不知道。",
    ),
}


def say(key: str, language: str, **values: object) -> str:
    """The word or sentence in the language, filled in."""
    english, chinese = _WORDS[key]
    text = chinese if language == "zh" else english
    return text.format(**values) if values else text
