"""What a scenario file says: attrs classes whose fields are its keys."""

from collections.abc import Mapping, Sequence
from datetime import date
from fractions import Fraction

from attrs import field, frozen

from ..errors import Source
from ..expr.nodes import Subjects
from ..model.definitions import Text
from ..model.ruleset import Ruleset
from ..org.organisation import Organisation

__all__ = ["Behaviour", "Draw", "Errors", "Policy", "Response", "Scenario"]


@frozen
class Draw:
    """How a field's value is drawn.

    Attributes:
        sort: "range" (uniform between `low` and `high`, both included: integers, decimals or dates), "chance" (true with
            `chance`), "choice" (one of `options`, each as likely) or "normal" (`mean`, `deviation`, limited to `low`..`high`,
            rounded to the places of the field).
    """

    sort: str
    low: Fraction | date | None = None
    high: Fraction | date | None = None
    chance: Fraction | None = None
    options: Sequence[str] = ()
    mean: Fraction | None = None
    deviation: Fraction | None = None


@frozen
class Errors:
    """Events recorded wrongly: with the id of another unit of the same level. `corrected_after`: days; None: never."""

    chance: Fraction
    corrected_after: int | None = None


@frozen
class Response:
    """How results change a rate: times `factor` while, or in the step or period after, `to` holds for the subject."""

    to: str = field(metadata={"options": ("missed", "at_risk", "award", "no_award", "distance", "rank")})
    rule: str
    factor: Fraction
    within: Fraction | None = None
    source: Source = field(default=Source(""), eq=False, metadata={"file": True})


@frozen
class Behaviour:
    """How often, and how, one sort of event happens to each subject. Meaning of the fields: docs/reference/scenarios.md."""

    id: str
    subjects: Subjects
    event: str
    rate: Fraction
    every: str
    season: Mapping[int, Fraction] = field(factory=dict)
    spread: Fraction = Fraction()
    attendance: Fraction | None = None
    attendance_spread: Fraction = Fraction()
    fields: Mapping[str, Draw] = field(factory=dict)
    recorded_after: Fraction | None = None
    errors: Errors | None = None
    responds: Sequence[Response] = ()
    source: Source = field(default=Source(""), eq=False)


@frozen
class Policy:
    """One set of rules to be tried: the scenario's ruleset with `set` applied."""

    id: str
    set: Mapping[str, str]
    ruleset: Ruleset = field(repr=False)


@frozen
class Scenario:
    """A whole scenario, read and checked. The first policy is what others are compared with."""

    id: str
    title: Text
    from_: date
    to: date
    step: str
    repetitions: int
    seed: int
    organisation: Organisation = field(repr=False)
    behaviours: Mapping[str, Behaviour]
    policies: Mapping[str, Policy]
    source: Source = field(default=Source(""), eq=False)
