"""The words of tables, in English and Chinese."""

from collections.abc import Mapping

__all__ = ["word"]

_WORDS: Mapping[str, tuple[str, str]] = {
    # headings
    "judged": ("judged at the end of {day}", "截至{day}结束"),
    "known": ("known at {time}", "已知截至{time}"),
    "scorecard": ("{title}, {period}", "{title}，{period}"),
    "unmet": ("Unmet duties of the last periods", "近期未履行的职责"),
    "unmet_in": ("Unmet duties of {period}", "{period}未履行的职责"),
    "with_persons": (" (with those of its persons: {n})", "（含其{n}名人员）"),
    "duties_decided": ("Waived, or changed on appeal", "豁免或经申诉更改"),
    "changed": ("{first} -> {now} by {by}: {reason}", "由{by}从“{first}”改为“{now}”：{reason}"),
    "waived_by": ("waived until {until} by {by}: {reason}", "由{by}豁免至{until}：{reason}"),
    "decisions": ("Decisions ({n}, by {by})", "决定（{n}项，由{by}得出）"),
    "award": (
        "{title}, {period} (candidates {candidates}, quota {quota}, granted {granted})",
        "{title}，{period}（候选{candidates}，名额{quota}，授予{granted}）",
    ),
    "award_free": (
        "{title}, {period} (candidates {candidates}, no quota, granted {granted})",
        "{title}，{period}（候选{candidates}，不设名额，授予{granted}）",
    ),
    "award_within": (
        "{title}, {period} (candidates {candidates}, granted {granted}; by group, without those not granted)",
        "{title}，{period}（候选{candidates}，授予{granted}；分组定额，未授予者从略）",
    ),
    "no_candidates": ("{title}, {period}: no candidates", "{title}，{period}：无候选"),
    "findings": ("For a person to settle", "需由人决定"),
    "assumed": ("Assumed parameters these results used", "所用的假定参数"),
    "events": ("Events", "事件"),
    "rejected": ("Events set aside", "未采用的事件"),
    # columns
    "subject": ("subject", "对象"),
    "subject_name": ("name", "名称"),
    "title": ("title", "职责名称"),
    "total": ("total", "总分"),
    "grade": ("grade", "等级"),
    "vetoes": ("veto", "否决"),
    "lost": ("most lost", "失分最多"),
    "status": ("status", "状态"),
    "duty": ("duty", "职责"),
    "period": ("period", "期间"),
    "due": ("due", "期限"),
    "responsible": ("responsible", "责任人"),
    "rank": ("rank", "名次"),
    "outcome": ("outcome", "结果"),
    "within": ("within", "范围"),
    "code": ("code", "代码"),
    "count": ("count", "数量"),
    "first": ("first at", "首见于"),
    "reason": ("reason", "原因"),
    "name": ("parameter", "参数"),
    "value": ("value", "取值"),
    "note": ("note", "说明"),
    "then": ("then", "结论"),
    "because": ("because", "理由"),
    "do_veto": ("veto", "否决"),
    "do_cap": ("cap", "限制等级"),
    "do_escalate": ("escalate", "提交上级"),
    "do_notify": ("notify", "通知"),
    "do_propose": ("propose", "建议"),
    # statuses and outcomes
    "missed": ("missed", "未履行"),
    "at_risk": ("at risk", "有风险"),
    "open": ("open", "进行中"),
    "met": ("met", "已履行"),
    "met_late": ("met late", "逾期履行"),
    "not_yet_due": ("not yet due", "尚未开始"),
    "waived": ("waived", "豁免"),
    "excused": ("excused", "免除"),
    "not_required": ("not required", "不作要求"),
    "granted": ("granted", "授予"),
    "not_granted": ("not granted", "未授予"),
    "tied": ("tied", "并列待定"),
    "unranked": ("unranked", "无法排名"),
    # events
    "read": ("read", "读入"),
    "counted": ("counted", "计入"),
    "outside": ("outside the days judged", "评定期外"),
    "duplicate": ("resent", "重复"),
    "conflicting": ("in conflict", "冲突"),
    "superseded": ("superseded", "被更正"),
    "voided": ("voided", "被撤销"),
    "voids": ("voids", "撤销"),
    "not_yet_known": ("not yet known", "当时未知"),
    "rejected_count": ("rejected", "拒收"),
    "accepted": ("accepted", "采用"),
    # phases
    "step": ("step", "阶段"),
    "from": ("from", "自"),
    "to": ("to", "至"),
    "state": ("state", "状态"),
    "lacking": ("missing", "未完成"),
    "not_begun": ("not begun", "未开始"),
    "waiting": ("waiting", "待启动"),
    "running": ("running", "进行中"),
    "done": ("done", "完成"),
    "done_late": ("done late", "逾期完成"),
    "carried_over": ("carried over", "结转"),
    "extended": ("extended", "延期"),
    "closed": ("closed", "未完成而结束"),
    # notes
    "comma": (", ", "，"),
    "colon": (": ", "："),
    "itself": ("itself", "本身"),
    "nobody": ("nobody ({edge})", "无人（{edge}）"),
    "provisional": ("* provisional: the period still runs", "* 暂定：期间尚未结束"),
    "rounded": (
        "points shown to 2 decimals; --csv and --json give them exactly",
        "分数显示两位小数；--csv 和 --json 给出精确值",
    ),
    "more": ("… and {n} more (use --csv)", "……另有{n}行（用 --csv 查看）"),
    "none_unmet": ("No unmet duties in the last periods.", "近期没有未履行的职责。"),
    "none_unmet_in": ("No unmet duties in {period}.", "{period}没有未履行的职责。"),
    "no_results": ("The rules judge nothing here yet.", "规则尚无可评定的结果。"),
    "missing": ("missing", "缺失"),
}


def word(key: str, language: str, **values: object) -> str:
    """The word or sentence in the language, filled in.

    Raises:
        KeyError: there is none of this key.
    """
    english, chinese = _WORDS[key]
    text = chinese if language == "zh" else english
    return text.format(**values) if values else text
