"""Reports and pictures of simulations."""

from collections.abc import Mapping

__all__ = ["WORDS"]

WORDS: Mapping[str, tuple[str, str]] = {
    "facts": (
        "From {first} to {last}, {done} of {asked} {asked:run|runs}, random seed {seed}. {subjects} {subjects:unit or body|units and bodies}, {persons} {persons:person|persons}.",
        "{first}至{last}，完成{done}/{asked}次模拟，随机种子{seed}。单位和机构{subjects}个，人员{persons}人。",
    ),
    "stopped": (
        "**The simulation was stopped early.** Everything below rests on the {done} {done:run|runs} that were done.",
        "**模拟提前停止。**以下结果仅依据已完成的{done}次模拟。",
    ),
    "options": ("Options", "方案"),
    "option": ("option", "方案"),
    "sets": ("what it sets", "设定"),
    "current_rules": ("current rules", "现行规则"),
    "sure": ("Reliability", "结果的可靠程度"),
    "enough": (
        "Every probability is known to within {precision} percentage points and every median to within {points} points, in 95 of 100 such simulations.",
        "每个概率的误差不超过{precision}个百分点，每个中位数的误差不超过{points}分（95%置信）。",
    ),
    "too_few": (
        "{done} {done:run is|runs are} too few to know every probability to within {precision} percentage points and every median to within {points} points. About **{needed}** would do; the least certain is: {widest}.",
        "{done}次模拟不足以使每个概率的误差不超过{precision}个百分点、每个中位数的误差不超过{points}分。约需**{needed}**次；最不确定的是：{widest}。",
    ),
    "probability_note": (
        "With so many rows, about one interval in twenty misses by accident alone: look for patterns, not for single rows.",
        "行数很多，约二十分之一的区间仅因偶然而不含真值：请看整体规律，勿看个别行。",
    ),
    "unsettled": (
        "These results were left open or not given; the results below take them as they are. One message of each rule:",
        "下列结果未能得出或有待裁定，后文结果以此现状为准。每条规则仅列一条信息：",
    ),
    "finding": ("finding", "问题"),
    "in_runs": ("in runs", "出现次数（模拟）"),
    "option_changes": ("What each option changes against {base}", "各方案与{base}相比的变化"),
    "paired": (
        "Run by run, all options are compared under the same random events, apart from what an option itself changes.",
        "各方案用同一组随机情形逐次对照，仅方案改变之处不同。",
    ),
    "measured": ("what", "项目"),
    "interval": ("95 % interval", "95%置信区间"),
    "verdict": ("verdict", "结论"),
    "more": ("more", "增加"),
    "less": ("less", "减少"),
    "same": ("the same", "相同"),
    "unclear": ("no clear difference", "无明显差异"),
    "mean_total": ("mean total, {card} {period}", "平均总分，{card}{period}"),
    "missed_share": ("share missed in percentage points, {duty}", "未完成比例（百分点），{duty}"),
    "happened": ("records, {behaviour}", "记录数，{behaviour}"),
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
    "award_probability": ("Probability of {award}, {period}", "入选{award}的概率，{period}"),
    "probability_column": ("{policy}: probability (95 % interval)", "{policy}：概率（95%置信区间）"),
    "duties": ("Duties most likely to be missed", "最可能未完成的任务"),
    "costs": ("Cost of the awards", "评选奖励费用"),
    "year": ("year", "年度"),
    "cost": ("median (least to most)", "中位数（最少至最多）"),
    "pictures": ("Pictures", "图"),
    "tables": ("Tables", "数据表"),
    "tables_are": (
        "Everything above and all the rest, as CSV and as Parquet: {names}.",
        "以上及其余全部结果，有CSV与Parquet两种格式：{names}。",
    ),
    "rows_left": ("{n} {n:more row is|more rows are} in the tables.", "另有{n}行见数据表。"),
    "assumes": (
        "All of this follows from the behaviour that the scenario assumes. How people really respond to a rule is not known here.",
        "以上结果均取决于情景中的行为假设；人们对规则的真实反应此处并不知道。",
    ),
    # pictures
    "fan": ("{card}: totals over time", "{card}：总分走势"),
    "fan_key": (
        "{policy}: band holds 90 % of the runs, inner band half, line the median",
        "{policy}：浅色带含90%的模拟，深色带含一半，线为中位数",
    ),
    "other_key": ("{policy}: median; dotted: 5 and 95 %", "{policy}：中位数；点线：5%与95%"),
    "ranks": ("{card}, {period}: how steady the ranks are", "{card}，{period}：名次稳定程度"),
    "rank_key": (
        "thin: 90 % of the runs, thick: half, mark: median",
        "细线：90%的模拟，粗线：一半，标记：中位数",
    ),
    "gets": ("{chance}: probability of {award}", "{chance}：入选{award}的概率"),
    "tornado": ("{card}: effect of one setting alone", "{card}：单个参数变动的影响"),
    "tornado_x": ("mean change of a total, points", "总分平均变化（分）"),
    "lower": ("lower value", "调低"),
    "higher": ("higher value", "调高"),
    "awards": ("awards {n}", "入选变化{n}"),
    "more_numbers": ("{n} more with less effect", "另有{n}项影响更小"),
    "heat": ("Probability that a due duty is missed, {policy}", "任务未完成的概率，{policy}"),
    "heat_one": ("{duty}: probability that it is missed, {policy}", "{duty}：未完成的概率，{policy}"),
    "due_in": ("due in", "完成期限所在月份"),
    "part": ("part {i} of {n}", "第{i}部分，共{n}部分"),
    "percent": ("numbers: per cent; empty: nothing was due", "数字：百分比；空白：无到期任务"),
}
