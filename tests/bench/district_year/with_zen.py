"""district-year with zen-engine: one decision table that collects every row that matches, evaluated once for each event.

The table comes from a static loader, which compiles it once; a decision made by `create_decision` is prepared anew at every
evaluation, and takes many times as long.
"""

from collections.abc import Sequence

from per_event import Effects, Event, Fire, run
from workload import APRIL, Sheet
from zen import ZenEngine

COLUMNS = ("kind", "scored", "passed", "age", "time")
ROWS: dict[str, dict[str, str]] = {
    "forum": {"kind": '"forum"'},
    "salon": {"kind": '"salon"'},
    "study_week": {"kind": '"study_session"'},
    "attendance": {"kind": '"study_session", "forum", "salon"', "age": "> 0"},
    "study_time": {"kind": '"study_session"', "age": "> 0"},
    "passed_to_35": {"kind": '"exam"', "passed": "true", "age": "[1..35]"},
    "passed_to_45": {"kind": '"exam"', "passed": "true", "age": "[1..45]"},
    "meeting": {"kind": '"meeting"'},
    "resource": {"kind": '"resource_shared"'},
    "report": {"kind": '"report_heard"'},
    "plan": {"kind": '"plan_filed"'},
    "early_plan": {"kind": '"plan_filed"', "time": "true"},
    "funds": {"kind": '"funds_allocated"', "scored": "true"},
    "poll": {"kind": '"poll"', "scored": "true"},
    "inspection": {"kind": '"inspection"', "scored": "true"},
}


def graph() -> dict[str, object]:
    """A decision of one table, in the engine's own format."""
    place = {"x": 0, "y": 0}
    table = {
        "hitPolicy": "collect",
        "inputs": [{"id": column, "name": column, "field": column} for column in COLUMNS],
        "outputs": [{"id": "effect", "name": "effect", "field": "effect"}],
        "rules": [
            {"_id": name, **{c: tests.get(c, "") for c in COLUMNS}, "effect": f'"{name}"'}
            for name, tests in ROWS.items()
        ],
    }
    nodes = [
        {"id": "event", "name": "event", "type": "inputNode", "position": place},
        {"id": "table", "name": "table", "type": "decisionTableNode", "position": place, "content": table},
        {"id": "effects", "name": "effects", "type": "outputNode", "position": place},
    ]
    edges = [
        {"id": "in", "type": "edge", "sourceId": "event", "targetId": "table"},
        {"id": "out", "type": "edge", "sourceId": "table", "targetId": "effects"},
    ]
    return {"nodes": nodes, "edges": edges}


def engine(effects: Effects) -> Fire:
    """The table on one event; `age` is 0 where the organisation does not know the person."""
    evaluate = ZenEngine({"loader": {"type": "static", "content": {"year": graph()}}}).evaluate
    does = dict(zip(ROWS, effects.named(*ROWS), strict=True))
    age = effects.age

    def fire(event: Event, sheets: Sequence[Sheet]) -> None:
        values = {
            "kind": event["kind"], "time": event["time"] < APRIL, "scored": event["score"] is not None,
            "passed": event["passed"], "age": age.get(event["person"], 0),
        }  # fmt: skip
        for row in evaluate("year", values)["result"]:
            does[row["effect"]](event, sheets)

    return fire


if __name__ == "__main__":
    run(engine)
