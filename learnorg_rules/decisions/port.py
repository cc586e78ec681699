"""What the engine asks of whoever decides, and what may go wrong while deciding."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Protocol

from ..model.decision import Decision, DecisionRule, Fact

__all__ = ["MOST_FACTS", "MOST_STEPS", "Decider", "DecisionLimitError", "EngineFailedError"]

MOST_FACTS = 10_000
"""Facts of one case, decisions of earlier strata included; the engine behind takes about 8 KB for each."""

MOST_STEPS = 250_000
"""Facts that may be looked at to match one rule in one case; a join without a telling `==` reaches it first."""


class DecisionLimitError(Exception):
    """A case has too many facts, or a rule too many combinations of them. Says which, and the numbers."""


class EngineFailedError(Exception):
    """The engine behind a decider reported an error or broke its promise; none of its decisions on the case are used."""


class Decider(Protocol):
    """Something that says which rules fire."""

    @property
    def name(self) -> str:
        """What results say decided: "reference" or "durable_rules"."""
        ...

    def decide(self, rules: Sequence[DecisionRule], cases: Iterable[Sequence[Fact]]) -> Iterator[list[Decision]]:
        """The decisions on each case, in the order of the cases, each list ordered by `in_order`.

        A case holds all facts of one judged subject, those of its edges and waivers included, in any order; a fact given
        twice counts once. Rules of later strata see the decisions of earlier ones. Cases are taken one at a time.

        Raises:
            DecisionCycleError: the rules rest on each other in a circle.
            DecisionLimitError: a case is beyond `MOST_FACTS` or `MOST_STEPS`; the same cases for every decider.
            EngineFailedError: the engine behind failed. Another decider is never asked instead in silence.
        """
        ...
