"""district-year with durable-rules: events are posted to one ruleset, and the actions of its rules count in Python.

A rule consumes the event it fires for, so the rules exclude each other and an action does all that follows. Sums are kept in
Python and not in the engine's state: its state is written anew for every event, a state of more than 255 properties is an
error, and so is the 1024th state. What an action raises is put into the state and not raised, hence the look at the end.
"""

import sys
from collections.abc import Callable, Sequence
from typing import Any

from durable.engine import MessageNotHandledException  # type: ignore[import-untyped]
from durable.lang import get_state, m, post, ruleset, when_all  # type: ignore[import-untyped]
from per_event import Effects, Event, Fire, run
from workload import APRIL, Sheet


def engine(effects: Effects) -> Fire:
    """durable-rules on one event; `age` is 0 where the organisation does not know the person."""
    now: list[tuple[Event, Sequence[Sheet]]] = []
    known, kind = m.age > 0, m.kind
    follows = [
        ((kind == "study_session") & known, ("study_week", "attendance", "study_time")),
        ((kind == "study_session") & (m.age == 0), ("study_week",)),
        ((kind == "forum") & known, ("forum", "attendance")),
        ((kind == "forum") & (m.age == 0), ("forum",)),
        ((kind == "salon") & known, ("salon", "attendance")),
        ((kind == "salon") & (m.age == 0), ("salon",)),
        ((kind == "exam") & (m.passed == 1) & known & (m.age <= 35), ("passed_to_35", "passed_to_45")),
        ((kind == "exam") & (m.passed == 1) & (m.age > 35) & (m.age <= 45), ("passed_to_45",)),
        (kind == "meeting", ("meeting",)),
        (kind == "resource_shared", ("resource",)),
        (kind == "report_heard", ("report",)),
        ((kind == "plan_filed") & (m.early == 1), ("plan", "early_plan")),
        ((kind == "plan_filed") & (m.early == 0), ("plan",)),
        ((kind == "funds_allocated") & (m.scored == 1), ("funds",)),
        ((kind == "poll") & (m.scored == 1), ("poll",)),
        ((kind == "inspection") & (m.scored == 1), ("inspection",)),
    ]

    def action(names: Sequence[str]) -> Callable[[Any], None]:
        does = effects.named(*names)

        def act(_: Any) -> None:
            for effect in does:
                effect(*now[0])

        return act

    with ruleset("year"):
        for condition, names in follows:
            when_all(condition)(action(names))
    age = effects.age

    def fire(event: Event, sheets: Sequence[Sheet]) -> None:
        now[:] = [(event, sheets)]
        try:  # noqa: SIM105 - this runs for every event
            post("year", {
                "kind": event["kind"], "age": age.get(event["person"], 0), "passed": int(event["passed"] is True),
                "scored": int(event["score"] is not None), "early": int(event["time"] < APRIL),
            })  # fmt: skip
        except MessageNotHandledException:  # no rule speaks of such an event
            pass

    return fire


if __name__ == "__main__":
    run(engine)
    if wrong := get_state("year").get("exception"):
        sys.exit(f"an action failed: {wrong}")
