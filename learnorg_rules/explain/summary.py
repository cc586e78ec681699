"""Why, on one line."""

from ..model.results import AwardResult, DutyResult, IndicatorResult, ScorecardResult
from ..tracing.traces import AggregateTrace, Trace
from .rules import reason
from .wording import Wording

__all__ = ["summary"]

Result = DutyResult | IndicatorResult | ScorecardResult | AwardResult | None


def summary(result: Result, trace: Trace, language: str = "en") -> str:
    """One line: what is missing where no event counted, else the requirement with its values.

    "no activity with carrier == salon between 2005-08-01 and 2005-08-31".

    Args:
        result: the record the trace is of; None for a measure.
        trace: of the same result.
        language: "en" or "zh".

    Raises:
        LookupError: explanations do not come in this language.
    """
    words = Wording(trace, language)
    behind = [part for part in trace.parts if isinstance(part, AggregateTrace)]
    unmet = isinstance(result, DutyResult) and not result.value and trace.formula is not None
    if unmet and len(behind) == 1 and not behind[0].counted.total:
        return _nothing(behind[0], words)
    whole = reason(trace, language)
    first = next((child for child in whole.children if child.kind != "parameter"), None)
    return whole.text if first is None else first.text


def _nothing(part: AggregateTrace, words: Wording) -> str:
    where = part.node.where
    kinds = words.kinds(part.node.kinds)
    days = {"start": part.start.isoformat(), "last": part.last.isoformat()}
    if where is None:
        return words.say("no_record", kinds=kinds, **days)
    return words.say("no_record_with", kinds=kinds, condition=words.condition_of(part), **days)
