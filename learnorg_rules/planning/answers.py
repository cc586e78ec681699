"""What is missing, as returned: events by class, the days by which they help, or why nothing can be proposed."""

from collections.abc import Mapping
from datetime import date
from fractions import Fraction

from attrs import field, frozen

from ..values import Value
from .search import Events

__all__ = ["Missing", "Needed", "Undecided"]


@frozen
class Needed:
    """Some events of one class.

    `where`: the conditions they have to meet, as the rules say them with their parameters filled in; "" if none. `by`: the
    last day on which the last of them still helps, None where none is set; `first_by`: that of the first, earlier where
    they have to lie in different sub-periods. `fields`: a value of each field the rule looks at that is enough; of a sum
    that of the first. `grain`: they have to lie in different ones of these ("month"), none of which has been hit yet.
    `element`: each needs a new one of these ("person"). `person`: whom one of them may be about, where that matters.
    """

    kind: str
    count: int
    where: str = ""
    by: date | None = None
    first_by: date | None = None
    fields: Mapping[str, Value] = field(factory=dict)
    grain: str = ""
    element: str = ""
    person: str = ""


@frozen
class Missing:
    """What one duty or scorecard of the subject still needs.

    `target`: "met", or the grade to be reached. `state`: "needed"; "out_of_reach": no events can do it any more;
    "undecided": it cannot be told. `why` is then a code (`explain.missing` has the words), `detail` the part of the rule
    it is about. `needs`: the events; `events`: the same one by one, as they were tried. `gain`: points, of a scorecard.
    `last_day`: the day by which the first of them must have happened. `fewest`: no smaller number is enough; False where
    too many combinations were possible to try all. `held`: indicators taken as they are, for their values lie with others.
    `steady`: the duty cannot be undone by further events.
    """

    rule: str
    period: str
    target: str
    state: str = "needed"
    needs: tuple[Needed, ...] = ()
    gain: Fraction | None = None
    last_day: date | None = None
    why: str = ""
    detail: str = ""
    fewest: bool = True
    held: tuple[str, ...] = ()
    steady: bool = True
    events: Events = field(default=(), repr=False)


class Undecided(Exception):  # noqa: N818 - an answer, not an error
    """Raised inside the search only: there is no proposal, and why."""

    def __init__(self, why: str, detail: str = "", state: str = "undecided", held: tuple[str, ...] = ()) -> None:
        super().__init__(why)
        self.why, self.detail, self.state, self.held = why, detail, state, held
