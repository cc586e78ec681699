"""The call that fits behaviours to events."""

from collections.abc import Sequence
from datetime import date
from fractions import Fraction

from ..counting.port import EventSource
from ..extras import extra_for
from ..model.ruleset import Ruleset
from ..org.organisation import Organisation
from ..periods import day_of
from .results import Fitted

__all__ = ["BY", "fit"]

BY = ("level", "unit", "person")
LEVEL = Fraction(95, 100)


def fit(
    rules: Ruleset,
    org: Organisation,
    events: EventSource,
    from_: date | str,
    to: date | str,
    kinds: Sequence[str] = (),
    by: str = "level",
    selectors: Sequence[str] = (),
    level: Fraction = LEVEL,
) -> Fitted:
    """Behaviours for the events of the days `from_` to `to`, both included.

    Args:
        rules: whose kinds of event, fields and levels are meant.
        org: who was there, and when.
        events: what was recorded.
        from_: the first day, as a date or "2005-01-01".
        to: the last day.
        kinds: of events; default: all that happened.
        by: "level": the units of a level behave alike, but for their spread; "unit": each unit has a behaviour of its own;
            "person": persons are the subjects.
        selectors: instead of `by`: whom a behaviour is for, as in a rule, or by the name of a selector of the ruleset.
        level: the share of intervals that should hold the true value.

    Raises:
        InputError: a kind or selector is unknown, or nothing happened; all faults at once.
        ImportError: NumPy or SciPy is not installed.
        ValueError: `by` is none of `BY`, or `level` not between 0 and 1.
    """
    if by not in BY or not 0 < level < 1:
        raise ValueError(f"by={by!r}, level={level}: expected one of {', '.join(BY)} and a level between 0 and 1")
    with extra_for("fit"):
        from .fit import fit_behaviours
    return fit_behaviours(rules, org, events, day_of(from_), day_of(to), kinds, by, selectors, level)
