"""What a fit gives: behaviours, what their numbers rest on, and where they do not fit."""

from collections.abc import Mapping
from datetime import date
from fractions import Fraction

from attrs import field, frozen

from ..simulation.definitions import Behaviour
from .estimates import Estimate, Tested
from .yaml import behaviour_lines, shown

__all__ = ["Compared", "Fitted", "FittedBehaviour"]


@frozen
class Compared:
    """What was observed and what the behaviour expects, of a month ("2005-04") or a subject (its id).

    `exposure`: months that subjects were there, in sum. Of a month, what is expected allows for each subject's own rate; of
    a subject it does not.
    """

    name: str
    exposure: Fraction
    observed: int
    expected: Fraction


@frozen
class FittedBehaviour:
    """One behaviour and how it fits.

    Attributes:
        behaviour: as a scenario has it, with those parameters that are needed.
        selector: its subjects, as a text.
        estimates: every parameter, needed or not (`Estimate.used`).
        tests: of season, scatter of months, trend, and difference of units.
        notes: what does not fit, or is left out, and why.
        refused: why a scenario cannot have the behaviour as it is; empty where it can.
        by_month: every month of the days fitted.
        by_subject: every subject, by id.
    """

    behaviour: Behaviour
    selector: str
    estimates: tuple[Estimate, ...]
    tests: tuple[Tested, ...]
    notes: tuple[str, ...]
    refused: tuple[str, ...]
    by_month: tuple[Compared, ...] = field(repr=False)
    by_subject: tuple[Compared, ...] = field(repr=False)

    def __getitem__(self, name: str) -> Estimate:
        """The estimate of this name.

        Raises:
            KeyError: there is none.
        """
        found = next((one for one in self.estimates if one.name == name), None)
        if found is None:
            raise KeyError(name)
        return found


@frozen
class Fitted:
    """Behaviours fitted to recorded events of the days `from_` to `to`, both included.

    `level`: the share of intervals that hold the true value. `notes`: events that no behaviour stands for.
    """

    ruleset: str
    from_: date
    to: date
    level: Fraction
    behaviours: Mapping[str, FittedBehaviour]
    notes: tuple[str, ...] = ()

    def to_yaml(self) -> str:
        """The section `behaviours` of a scenario. What a scenario cannot have stands there as a comment, with the reason."""
        percent = shown(self.level * 100)
        head = f"# Fitted to events of {self.ruleset}, {self.from_} to {self.to}. Behind a number: its {percent} % interval."
        lines = [head, *(f"# {note}" for note in self.notes), "behaviours:"]
        if all(one.refused for one in self.behaviours.values()):
            lines[-1] = "behaviours: {}"
        for one in self.behaviours.values():
            remarks = {e.name: _remark(e) for e in one.estimates if e.used}
            lines += behaviour_lines(one.behaviour, one.selector, remarks, one.notes, one.refused)
        return "\n".join(lines) + "\n"

    def to_record(self) -> dict[str, object]:
        """Everything, of types that JSON has; numbers are texts, exact as they stand."""
        return {
            "ruleset": self.ruleset,
            "from": self.from_.isoformat(),
            "to": self.to.isoformat(),
            "level": shown(self.level),
            "notes": list(self.notes),
            "behaviours": {name: _record(one) for name, one in self.behaviours.items()},
        }


def _remark(one: Estimate) -> str:
    low = "" if one.low is None else _as_written(one.name, one.low)
    high = "" if one.high is None else _as_written(one.name, one.high)
    return f"{low}..{high}, {one.rests_on}"


def _as_written(name: str, value: Fraction | date) -> str:
    return f"{shown(value * 100)}%" if name == "attendance" and isinstance(value, Fraction) else shown(value)


def _record(one: FittedBehaviour) -> dict[str, object]:
    return {
        "for": one.selector,
        "event": one.behaviour.event,
        "estimates": [
            {
                "name": e.name, "value": shown(e.value), "low": None if e.low is None else shown(e.low),
                "high": None if e.high is None else shown(e.high), "n": e.n, "of": e.of, "how": e.how, "used": e.used,
            }
            for e in one.estimates
        ],
        "tests": [
            {"name": t.name, "statistic": shown(t.statistic), "df": shown(t.df), "p": shown(t.p), "says": t.says}
            for t in one.tests
        ],
        "notes": list(one.notes),
        "refused": list(one.refused),
        "by_month": [_compared(c) for c in one.by_month],
        "by_subject": [_compared(c) for c in one.by_subject],
    }  # fmt: skip


def _compared(one: Compared) -> dict[str, object]:
    expected, exposure = shown(one.expected), shown(one.exposure)
    return {"name": one.name, "exposure": exposure, "observed": one.observed, "expected": expected}
