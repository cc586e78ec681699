"""From matches to decisions, stratum by stratum: the same for every decider."""

from collections.abc import Iterable, Iterator, Sequence
from operator import attrgetter
from typing import Protocol

from ..model.decision import Decision, DecisionRule, Fact, in_order
from .port import MOST_FACTS, DecisionLimitError

__all__ = ["Match", "Matcher", "decide_case", "each_case"]

_KEY = attrgetter("key")

Match = tuple[DecisionRule, tuple[Fact, ...]]
"""A rule, and the facts that matched its patterns, in their order."""


class Matcher(Protocol):
    """Finds the matches of one stratum."""

    def matches(self, facts: Sequence[Fact]) -> Iterable[Match]:
        """Every match, once, in any order. The facts are sorted and all different."""
        ...


def decide_case(rules: Sequence[DecisionRule], strata: Sequence[Matcher], case: Iterable[Fact]) -> list[Decision]:
    """All decisions on the case, in order. `strata`: one matcher for each stratum of the rules."""
    facts = set(case)
    decisions: list[Decision] = []
    for matcher in strata:
        if len(facts) > MOST_FACTS:
            raise DecisionLimitError(f"a case has {len(facts)} facts; at most {MOST_FACTS} are allowed")
        new = [rule.fire(matched) for rule, matched in matcher.matches(sorted(facts, key=_KEY))]
        decisions += new
        facts.update(decision.as_fact for decision in new)
    return in_order(rules, decisions)


def each_case(
    rules: Sequence[DecisionRule], strata: Sequence[Matcher], cases: Iterable[Sequence[Fact]]
) -> Iterator[list[Decision]]:
    """`decide_case` for one after another."""
    for case in cases:
        yield decide_case(rules, strata, case)
