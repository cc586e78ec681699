"""The definition of deciding, in plain Python: try every combination of facts, looking up what joins allow."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from attrs import field, frozen

from ..model.decision import Decision, DecisionRule, Fact, Join, Pattern, strata
from .chaining import Match, each_case
from .port import MOST_STEPS, DecisionLimitError

__all__ = ["ReferenceDecider", "RuleMatcher"]


class ReferenceDecider:
    """Decides by `RuleMatcher`. Needs nothing but Python."""

    name = "reference"

    def decide(self, rules: Sequence[DecisionRule], cases: Iterable[Sequence[Fact]]) -> Iterator[list[Decision]]:
        """See `Decider.decide`."""
        steps = [_Stratum([RuleMatcher(rule) for rule in step]) for step in strata(rules)]
        yield from each_case(rules, steps, cases)


@frozen
class _Stratum:
    rules: Sequence["RuleMatcher"]

    def matches(self, facts: Sequence[Fact]) -> Iterator[Match]:
        by_type: defaultdict[str, list[Fact]] = defaultdict(list)
        for fact in facts:
            by_type[fact.type].append(fact)
        for matcher in self.rules:
            for matched in matcher.matches(by_type):
                yield matcher.rule, matched


class RuleMatcher:
    """The matches of one rule."""

    def __init__(self, rule: DecisionRule) -> None:
        self.rule = rule
        place = {pattern.alias: index for index, pattern in enumerate(rule.patterns)}
        self._patterns = [_Joined.of(pattern, place) for pattern in rule.patterns]
        self._exceptions = [_Joined.of(pattern, place) for pattern in rule.unless]

    def matches(self, by_type: dict[str, list[Fact]]) -> Iterator[tuple[Fact, ...]]:
        """Every combination of facts, one for each pattern and none twice, that no exception prevents.

        Raises:
            DecisionLimitError: more than `MOST_STEPS` facts were looked at.
        """
        positive = []
        for joined in self._patterns:
            positive.append(joined.lookup(by_type))
            if not positive[-1]:
                return
        exceptions = [joined.lookup(by_type) for joined in self._exceptions]
        steps = 0
        frames: Iterable[tuple[Fact, ...]] = [()]
        for joined, found in zip(self._patterns, positive, strict=True):
            wider: list[tuple[Fact, ...]] = []
            for frame in frames:
                bucket = found.get(joined.sought(frame), ())
                steps = self._within(steps + len(bucket))
                wider += [(*frame, fact) for fact in bucket if joined.allows(frame, fact)]
            frames = wider
        for frame in frames:
            prevented = False
            for joined, found in zip(self._exceptions, exceptions, strict=True):
                bucket = found.get(joined.sought(frame), ())
                steps = self._within(steps + len(bucket))
                prevented = prevented or any(joined.allows(frame, fact) for fact in bucket)
            if not prevented:
                yield frame

    def most_steps(self, count_by_type: dict[str, int]) -> int:
        """No case with so many facts of each type takes more steps."""
        frames, steps = 1, 0
        for joined in self._patterns:
            frames *= count_by_type.get(joined.pattern.type, 0)
            steps += frames
        return steps + frames * sum(count_by_type.get(joined.pattern.type, 0) for joined in self._exceptions)

    def _within(self, steps: int) -> int:
        if steps > MOST_STEPS:
            raise DecisionLimitError(
                f"the rule '{self.rule.id}' would look at more than {MOST_STEPS} combinations of facts in one case; "
                "join its patterns by more '=='"
            )
        return steps


@frozen
class _Joined:
    """A pattern with the places of the facts that its joins look back at."""

    pattern: Pattern
    equal: Sequence[tuple[str, int, str]]  # (own field, place, other's field)
    unequal: Sequence[tuple[Join, int]]
    own: tuple[str, ...] = field(init=False)

    def __attrs_post_init__(self) -> None:
        object.__setattr__(self, "own", tuple(name for name, _, _ in self.equal))

    @classmethod
    def of(cls, pattern: Pattern, place: dict[str, int]) -> "_Joined":
        equal = [(join.field, place[join.alias], join.other) for join in pattern.joins if join.op == "=="]
        unequal = [(join, place[join.alias]) for join in pattern.joins if join.op != "=="]
        return cls(pattern, equal, unequal)

    def lookup(self, by_type: dict[str, list[Fact]]) -> dict[tuple[object, ...], list[Fact]]:
        """The facts that may match, by the values of the fields that must equal another's."""
        found: dict[tuple[object, ...], list[Fact]] = {}
        for fact in by_type.get(self.pattern.type, ()):
            if self.pattern.admits(fact):
                found.setdefault(tuple(fact.values[name] for name in self.own), []).append(fact)
        return found

    def sought(self, frame: Sequence[Fact]) -> tuple[object, ...]:
        """The values those fields must have beside the facts matched so far."""
        return tuple(frame[place].values[other] for _, place, other in self.equal)

    def allows(self, frame: Sequence[Fact], fact: Fact) -> bool:
        """Whether the fact is a new one and meets the joins that are no equalities."""
        if any(fact is matched for matched in frame):
            return False
        return all(join.holds(fact.values[join.field], frame[p].values[join.other]) for join, p in self.unequal)
