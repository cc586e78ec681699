"""Rules for assessment and incentive mechanisms: written as files, judged over an organisation and its events, explained.

    import learnorg_rules as lr

    rules = lr.load("rulesets/zhabei-2003")
    org = lr.read_org("rulesets/zhabei-2003/example/org")
    events = lr.scan_events("rulesets/zhabei-2003/example/events/*.ndjson")
    result = lr.assess(rules, org, events, at="2005-12-31")
    result.totals.to_polars()
    print(result.why("publicity_department", "arts_salon", "2005-08"))

Names are imported when first used, so that a program which only checks rule files does not load the engine.
"""

from typing import TYPE_CHECKING

from .importing import imported

if TYPE_CHECKING:  # what `__getattr__` gives, for type checkers and editors
    from .adapters.events.sources import FrameEvents, events_from, scan_events
    from .adapters.organisation.reading import read_org, write_org
    from .api import Result, assess
    from .authoring import load
    from .diff import Comparison, compare
    from .errors import InputError, Issue
    from .events import Event
    from .live import Live, Posted, cloudevent
    from .model.ruleset import Ruleset
    from .org.organisation import Organisation
    from .simulation.api import simulate
    from .simulation.reading import read_scenario
    from .spark.sources import spark_events
    from .spark.stream import Stream
    from .values import to_decimal

__all__ = [
    "Comparison",
    "Event",
    "FrameEvents",
    "InputError",
    "Issue",
    "Live",
    "Organisation",
    "Posted",
    "Result",
    "Ruleset",
    "Stream",
    "assess",
    "cloudevent",
    "compare",
    "events_from",
    "load",
    "read_org",
    "read_scenario",
    "scan_events",
    "simulate",
    "spark_events",
    "to_decimal",
    "write_org",
]

_HOMES = {
    "Comparison": "diff",
    "Event": "events",
    "FrameEvents": "adapters.events.sources",
    "InputError": "errors",
    "Issue": "errors",
    "Live": "live",
    "Organisation": "org.organisation",
    "Posted": "live",
    "Result": "api",
    "Ruleset": "model.ruleset",
    "Stream": "spark.stream",
    "assess": "api",
    "cloudevent": "live",
    "compare": "diff",
    "events_from": "adapters.events.sources",
    "load": "authoring",
    "read_org": "adapters.organisation.reading",
    "read_scenario": "simulation.reading",
    "scan_events": "adapters.events.sources",
    "spark_events": "spark.sources",
    "simulate": "simulation.api",
    "to_decimal": "values",
    "write_org": "adapters.organisation.reading",
}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(imported(f".{_HOMES[name]}", __name__), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
