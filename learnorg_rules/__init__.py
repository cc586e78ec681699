"""Rules for assessment and incentive mechanisms: written as files, judged over an organisation and its events, explained.

    import learnorg_rules as lr

    rules = lr.load("rulesets/zhabei-2003")
    org = lr.read_org("rulesets/zhabei-2003/example/org")
    events = lr.scan_events("rulesets/zhabei-2003/example/events/*.ndjson")
    result = lr.assess(rules, org, events, at="2005-12-31")
    result.scorecards.to_polars()
    print(result.why("publicity_department", "arts_salon", "2005-08"))

Names are imported when first used, so that a program which only checks rule files does not load the engine. `public` has
all of them.
"""

from typing import TYPE_CHECKING

__version__ = "0.1.0"

if TYPE_CHECKING:
    from .public.live import *  # noqa: F403
    from .public.rules import *  # noqa: F403
    from .public.runs import *  # noqa: F403
    from .public.studies import *  # noqa: F403
else:  # hidden from type checkers, which would take any name for one that `__getattr__` gives

    def _modules():
        from .public import rules

        yield rules
        from .public import runs

        yield runs
        from .public import live

        yield live
        from .public import studies

        yield studies

    def __getattr__(name):
        if name == "__all__":
            return [name for module in _modules() for name in vars(module) if not name.startswith("_")]
        if not name.startswith("_"):
            for module in _modules():
                if name in vars(module):
                    globals()[name] = vars(module)[name]
                    return globals()[name]
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}", name=name)

    def __dir__():
        return sorted({*globals(), *__getattr__("__all__")})
