"""The records that a duty or a scorecard still needs, or why that cannot be said."""

from collections.abc import Mapping

__all__ = ["WORDS"]

WORDS: Mapping[str, tuple[str, str]] = {
    "nothing_needed": ("nothing more is needed for a duty or a scorecard", "任务和评分表均无待补事项"),
    "needed_head": ("{title} {period}: ", "{title} {period}："),
    "to_meet": ("still needed", "尚需"),
    "to_grade": ("still needed for {grade} (+{gain} points)", "达到{grade}（+{gain}分）尚需"),
    "undecided": ("cannot be determined: {why}", "无法确定：{why}"),
    "out_of_reach": ("no longer possible: {why}", "已无法达到：{why}"),
    "needed_records": ("{count} × {kind}", "{kind} {count}条"),
    "needed_where": (" where {where}", "，符合 {where}"),
    "needed_values": (" ({values})", "（{values}）"),
    "needed_element": (", each with a {element} not counted yet", "，每条须有尚未计入的 {element}"),
    "needed_grain": (", each in a {grain} without one", "，须分别在尚无记录的{grain}内"),
    "needed_person": (", for example of {person}", "，如{person}"),
    "needed_by": (", by {by}", "，最迟{by}"),
    "needed_first_by": (", the first by {first}, the last by {by}", "，第一条最迟{first}，最后一条最迟{by}"),
    "needed_late": (", late", "，逾期补办"),
    "unsteady": (
        "if no other record counts against it",
        "以不发生其他不利情况为前提",
    ),
    "not_fewest": ("fewer may be enough: not every combination was tried", "可能更少即可：未能试遍所有组合"),
    "held": ("other scores kept at their current values: {held}", "其他指标按现值计算：{held}"),
    # why not
    "why_not.elsewhere": ("depends on other units or persons: {detail}", "取决于其他单位/人员：{detail}"),
    "why_not.values": ("depends on the values of records to come: {detail}", "取决于今后记录的数值：{detail}"),
    "why_not.inherits": (
        "the rule counts records of predecessors (succession: inherit)",
        "规则计入前身的记录（succession: inherit）",
    ),
    "why_not.over": ("too late, the days for it are over", "可办理的日期已过"),
    "why_not.over_of": ("too late, the days for it are over: {detail}", "可办理的日期已过：{detail}"),
    "why_not.spent": ("not enough is left to be counted: {detail}", "剩余可计入的不足：{detail}"),
    "why_not.many": (
        "not reached with the numbers of records that were tried: {detail}",
        "在所试的记录数内未能达到：{detail}",
    ),
    "why_not.no_event": ("no record was found that counts for {detail}", "未找到可计入 {detail} 的记录"),
    "why_not.interplay": ("improving one part lowers another", "提高一部分会降低另一部分"),
    "why_not.no_total": ("no total, for there is no data for {detail}", "以下各项无数据，尚无总分：{detail}"),
    "why_not.decided": ("the grade was decided by people: {detail}", "等次已由人裁定：{detail}"),
    "why_not.veto": ("a grade limit applies: {detail}", "等次限制已触发：{detail}"),
    "why_not.points": ("records give no more than {detail} points", "通过补充记录最多可得{detail}分"),
    "why_not.no_grades": (
        "it has no grades, so there is none to reach; `explain` shows what each indicator lacks",
        "该评分表未设等次，没有可提升的等次；各项所缺见 `explain`",
    ),
    "why_not.held": (
        "no better grade with the records that were tried, which give {detail} points",
        "所试的记录可得{detail}分，未能达到更高等次",
    ),
}
