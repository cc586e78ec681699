"""district-year with CEL: the conditions of all rules compiled into one program, evaluated once for each event.

One program of all conditions is what the engine does best: the event is converted for it once, and there is one call.
"""

from collections.abc import Sequence

from cel import Context, compile  # noqa: A004 - the library's own name
from per_event import Effects, Event, Fire, run
from workload import APRIL, Sheet

RULES = {
    "forum": 'kind == "forum"',
    "salon": 'kind == "salon"',
    "study_week": 'kind == "study_session"',
    "attendance": 'age > 0 && kind in ["study_session", "forum", "salon"]',
    "study_time": 'age > 0 && kind == "study_session"',
    "passed_to_35": 'kind == "exam" && passed && age > 0 && age <= 35',
    "passed_to_45": 'kind == "exam" && passed && age > 0 && age <= 45',
    "meeting": 'kind == "meeting"',
    "resource": 'kind == "resource_shared"',
    "report": 'kind == "report_heard"',
    "plan": 'kind == "plan_filed"',
    "early_plan": f'kind == "plan_filed" && time < "{APRIL}"',
    "funds": 'kind == "funds_allocated" && scored',
    "poll": 'kind == "poll" && scored',
    "inspection": 'kind == "inspection" && scored',
}


def engine(effects: Effects) -> Fire:
    """CEL on one event; `age` is 0 where the organisation does not know the person."""
    program = compile(f"[{', '.join(RULES.values())}]")
    does = effects.named(*RULES)
    age = effects.age

    def fire(event: Event, sheets: Sequence[Sheet]) -> None:
        values = {
            "kind": event["kind"], "time": event["time"], "scored": event["score"] is not None,
            "passed": event["passed"] is True, "age": age.get(event["person"], 0),
        }  # fmt: skip
        for holds, effect in zip(program.execute(Context(variables=values)), does, strict=True):
            if holds:
                effect(event, sheets)

    return fire


if __name__ == "__main__":
    run(engine)
