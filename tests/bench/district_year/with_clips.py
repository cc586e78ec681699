"""district-year with CLIPS: each event is a fact, rules match it, their right-hand sides call Python.

The fact is asserted and retracted inside CLIPS, by one function that Python calls: clipspy 1.0.6 leaks each fact that Python
asserts (`Fact.__del__` passes ReleaseFact an argument too many), and facts that pile up make every retraction slower.
"""

from collections.abc import Sequence

from clips import Environment, Symbol  # type: ignore[import-untyped]
from per_event import Effect, Effects, Event, Fire, run
from workload import APRIL, Sheet

RULES = {
    "forum": "(kind forum)",
    "salon": "(kind salon)",
    "study_week": "(kind study_session)",
    "attendance": "(kind forum|salon|study_session) (age ~0)",
    "study_time": "(kind study_session) (age ~0)",
    "passed_to_35": "(kind exam) (passed TRUE) (age ?a&~0&:(<= ?a 35))",
    "passed_to_45": "(kind exam) (passed TRUE) (age ?a&~0&:(<= ?a 45))",
    "meeting": "(kind meeting)",
    "resource": "(kind resource_shared)",
    "report": "(kind report_heard)",
    "plan": "(kind plan_filed)",
    "early_plan": "(kind plan_filed) (early TRUE)",
    "funds": "(kind funds_allocated) (scored TRUE)",
    "poll": "(kind poll) (scored TRUE)",
    "inspection": "(kind inspection) (scored TRUE)",
}
TEMPLATE = "(deftemplate event (slot kind) (slot age) (slot passed) (slot scored) (slot early))"
POST = """
(deffunction post (?kind ?age ?passed ?scored ?early)
  (bind ?event (assert (event (kind ?kind) (age ?age) (passed ?passed) (scored ?scored) (early ?early))))
  (run)
  (retract ?event))
"""


def engine(effects: Effects) -> Fire:
    """CLIPS on one event; `age` is 0 where the organisation does not know the person."""
    environment = Environment()
    environment.build(TEMPLATE)
    now: list[tuple[Event, Sequence[Sheet]]] = []

    def bound(effect: Effect) -> object:
        return lambda: effect(*now[0])

    for name, effect in zip(RULES, effects.named(*RULES), strict=True):
        environment.define_function(bound(effect), name=name)
        environment.build(f"(defrule {name} (event {RULES[name]}) => ({name}))")
    environment.build(POST)
    post = environment.find_function("post")
    yes, no = Symbol("TRUE"), Symbol("FALSE")
    kinds: dict[str, Symbol] = {}
    age = effects.age

    def fire(event: Event, sheets: Sequence[Sheet], _keep: Environment = environment) -> None:
        now[:] = [(event, sheets)]
        kind = kinds.get(event["kind"]) or kinds.setdefault(event["kind"], Symbol(event["kind"]))
        post(
            kind,
            age.get(event["person"], 0),
            yes if event["passed"] else no,
            no if event["score"] is None else yes,
            yes if event["time"] < APRIL else no,
        )

    return fire


if __name__ == "__main__":
    run(engine)
