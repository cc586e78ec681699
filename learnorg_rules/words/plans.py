"""Why a phase of a plan stands where it stands, and why a decision follows."""

from collections.abc import Mapping

__all__ = ["WORDS"]

WORDS: Mapping[str, tuple[str, str]] = {
    "heading_without_period": ("{subject} · {rule}: {value}", "{subject} · {rule}：{value}"),
    # phases of plans; a gate is a condition to begin a phase or to finish it
    "planned_days": ("planned from {start} to {last}", "计划时间：{start}至{last}"),
    "phase_blocked": (
        "waits for the phase before, {phase}, which is not over",
        "上一阶段“{phase}”尚未结束，待其结束后启动",
    ),
    "gate_enter": ("condition to begin, {name}", "启动条件“{name}”"),
    "gate_done": ("condition to finish, {name}", "完成条件“{name}”"),
    "gate.held": ("met on {day}", "{day}符合"),
    "gate.holds_before": ("met on {at}, required on {day}", "{at}符合，要求{day}符合"),
    "gate.not_yet": ("not met on {at}, required on {day}", "{at}尚不符合，要求{day}符合"),
    "gate.held_late": ("not met on {day}, met on {at}", "{day}不符合，{at}符合"),
    "gate.missing": ("not met on {day}, nor on {at}", "{day}不符合，至{at}仍不符合"),
    "gate.missing_on_day": ("not met on {day}", "{day}不符合"),
    "gate.unknown": ("cannot be determined, for there is no data", "无数据，无法确定"),
    "gate_nothing_before": ("the plan has no days before this phase", "本阶段之前没有计划时间，无从查证"),
    "unmet.carry_over": ("what is not met by the last day is carried over", "到期未达条件转入下阶段"),
    "unmet.extend": ("the phase is extended until everything is met", "本阶段延期至条件全部达到"),
    "unmet.close": ("the phase ends on its last day, whatever is not met", "本阶段到期即结束，不再补办"),
    "transition": ("{day}: {before} → {after}", "{day}：{before} → {after}"),
    "transition_later": ("after {day}: {before} → {after}", "{day}之后：{before} → {after}"),
    "transition_lacking": ("; not met: {names}", "；未达条件：{names}"),
    "ask_phase": ("a phase down to its records: {call}", "逐条查看某阶段的记录：{call}"),
    # decisions
    "follows_often": ("applies {n} times", "触发{n}次"),
    "nothing_follows": ("does not apply", "未触发"),
    "follows_because": ("reason: {because}", "理由：{because}"),
    "follows_with": ("with {values}", "涉及：{values}"),
    "follows_lowered": (
        "the grade of {card} {period} is lowered from {by_total} to {grade}",
        "{card}{period}的等次由{by_total}降为{grade}",
    ),
    "lowered_by": ("lowered to {grade} by {rule}", "按规则“{rule}”降为{grade}"),
    "withdrawn_by": ("kept from the award by {rule}", "按规则“{rule}”取消参评资格"),
    "fact": ("{alias}: {pattern}; found: {fact}", "{alias}：{pattern}；查得：{fact}"),
    "pattern_fits": ("{alias}: {pattern}; {n} found on its own", "{alias}：{pattern}；单独查得{n}项"),
    "pattern_fits_none": ("{alias}: {pattern}; nothing found", "{alias}：{pattern}；未查得"),
    "exception_fits": ("exception {alias}: {pattern}; {n} found on its own", "例外{alias}：{pattern}；单独查得{n}项"),
    "exception_fits_none": ("exception {alias}: {pattern}; nothing found", "例外{alias}：{pattern}；未查得"),
    "decided_with": ("decided with: {decider}", "判定程序：{decider}"),
}
