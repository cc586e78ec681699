"""The words of pictures, in English and Chinese."""

from collections.abc import Mapping

__all__ = ["WORDS"]

WORDS: Mapping[str, tuple[str, str]] = {
    "fan": ("{card}: totals over time", "{card}：总分走势"),
    "fan_key": (
        "{policy}: band holds 90 % of the repetitions, inner band half, line the median",
        "{policy}：浅色带含90%的重复，深色带含一半，线为中位数",
    ),
    "other_key": ("{policy}: median; dotted: 5 and 95 %", "{policy}：中位数；点线：5%与95%"),
    "total": ("total", "总分"),
    "ranks": ("{card}, {period}: how steady the ranks are", "{card}，{period}：名次稳定程度"),
    "rank": ("rank", "名次"),
    "rank_key": (
        "thin: 90 % of the repetitions, thick: half, mark: median",
        "细线：90%的重复，粗线：一半，标记：中位数",
    ),
    "gets": ("{chance} get {award}", "{chance}获{award}"),
    "tornado": ("{card}: what one number alone moves", "{card}：单个数值变动的影响"),
    "tornado_x": ("mean change of a total, points", "总分平均变化（分）"),
    "lower": ("lower value", "调低"),
    "higher": ("higher value", "调高"),
    "awards": ("awards {n}", "称号变动{n}"),
    "more_numbers": ("{n} more move less", "另有{n}项影响更小"),
    "heat": ("Chance of missing a duty that is due, {policy}", "职责未履行的概率，{policy}"),
    "heat_one": ("{duty}: chance of missing it, {policy}", "{duty}：未履行的概率，{policy}"),
    "due_in": ("due in", "期限所在月份"),
    "part": ("part {i} of {n}", "第{i}部分，共{n}部分"),
    "percent": ("numbers: per cent; empty: nothing was due", "数字：百分比；空白：无到期职责"),
}
"""Key -> (English, Chinese)."""
