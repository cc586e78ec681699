"""How a result or a record stands, by what has the state: "duty.met", "record.counted"; and what a decision does."""

from collections.abc import Mapping

__all__ = ["WORDS"]

WORDS: Mapping[str, tuple[str, str]] = {
    # duties
    "duty.met": ("met", "已完成"),
    "duty.met_late": ("met late", "逾期完成"),
    "duty.missed": ("missed", "未完成"),
    "duty.at_risk": ("due soon", "临期预警"),
    "duty.open": ("open", "进行中"),
    "duty.not_yet_due": ("not started", "尚未开始"),
    "duty.waived": ("waived", "经批准免除"),
    "duty.excused": ("excused by rule", "依规免除"),
    "duty.not_required": ("not required", "本期不要求"),
    "duty.invalid": ("invalid", "数据有误"),
    # awards; none: who is not among those they are given to
    "award.none": ("not eligible", "不符合参评条件"),
    "award.granted": ("selected", "入选"),
    "award.not_granted": ("not selected", "未入选"),
    "award.provisional": ("undecided as yet", "尚未评定"),
    "award.tied": ("tied at the cut-off", "并列待定"),
    "award.unranked": ("not ranked (no data)", "无数据，未排名"),
    "award.undecided": ("undecided", "待裁定"),
    # phases of a plan
    "plan.not_begun": ("not started", "尚未开始"),
    "plan.waiting": ("waiting to start", "待启动"),
    "plan.running": ("running", "进行中"),
    "plan.done": ("finished", "已完成"),
    "plan.done_late": ("finished late", "逾期完成"),
    "plan.carried_over": ("carried over", "未完成事项转入下阶段"),
    "plan.extended": ("extended", "延期"),
    "plan.closed": ("ended unfinished", "到期未完成"),
    # indicators that have no points of their own
    "indicator.missing": ("no points", "无得分"),
    "indicator.invalid": ("invalid", "数据有误"),
    "indicator.excluded": ("left out (no data)", "无数据，不计"),
    "indicator.excused": ("waived", "经批准免除"),
    # what a decision does: as a heading, and in a sentence
    "action.veto": ("limit the grade", "限制等次"),
    "action.cap": ("limit the grade", "限制等次"),
    "action.escalate": ("refer upwards", "提请上级研究"),
    "action.notify": ("notify", "通知"),
    "action.propose": ("for decision", "建议"),
    "follows.veto": ("the grade of {subject} is limited", "限制{subject}的等次"),
    "follows.cap": ("the grade of {subject} is at most {grade}", "{subject}的等次最高为{grade}"),
    "follows.escalate": ("{about} is referred to {to}", "将{about}的情况提请{to}研究"),
    "follows.notify": ("{to} is notified", "通知{to}"),
    "follows.propose": ("{subject} is proposed for a decision", "建议对{subject}作出决定"),
    "by_rule_id": ("rule {rule}", "规则{rule}"),
    # what became of a record
    "record.read": ("read", "读入"),
    "record.counted": ("counted", "计入"),
    "record.outside": ("outside the period", "不在评定期内"),
    "record.duplicate": ("repeated", "重复"),
    "record.conflicting": ("conflicting", "内容冲突"),
    "record.superseded": ("corrected", "已被更正"),
    "record.voided": ("cancelled", "已撤销"),
    "record.voids": ("{n:cancellation|cancellations}", "撤销记录"),
    "record.not_yet_known": ("entered later", "录入较晚（未计）"),
    "record.rejected": ("not accepted", "退回"),
    "record.accepted": ("accepted", "采用"),
    # lengths of time: one of them, and after a number
    "grain.year": ("year", "年度"),
    "grain.half": ("half-year", "半年"),
    "grain.quarter": ("quarter", "季度"),
    "grain.month": ("month", "月"),
    "grain.week": ("week", "周"),
    "grain.day": ("day", "日"),
    "grains.year": ("{n:year|years}", "个年度"),
    "grains.quarter": ("{n:quarter|quarters}", "个季度"),
    "grains.month": ("{n:month|months}", "个月"),
    "grains.week": ("{n:week|weeks}", "周"),
    "grains.day": ("{n:day|days}", "天"),
    # who answers, where that is the one judged
    "itself.unit": ("the unit itself", "本单位"),
    "itself.body": ("the body itself", "本机构"),
    "itself.person": ("the person", "本人"),
}
