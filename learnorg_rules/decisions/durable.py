"""Deciding through durable-rules: the only module that knows its C core, and the order of calls that is safe.

The Python half of the package is left alone: it starts threads, keeps rulesets for ever and hides errors. A core that
reported an error is not asked again: its ruleset is dropped and `EngineFailedError` raised.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from ..model.decision import Decision, DecisionRule, Fact, strata
from .chaining import Match, each_case
from .encoding import BOOT, SID, Codes, Shard, fact_ids, shards
from .port import MOST_STEPS, EngineFailedError
from .reference import RuleMatcher

try:
    # Source only, and CPython 3.13 removed a function that it calls: it may be absent, or there and not importable.
    import durable_rules_engine
except ImportError:
    durable_rules_engine = None

__all__ = ["DurableDecider", "durable_available"]

_core: Any = durable_rules_engine
_OK, _UNWANTED = 0, 1  # the second: some fact of the batch met no pattern, which is usual


def durable_available() -> bool:
    """Whether durable-rules can be imported here."""
    return _core is not None


class DurableDecider:
    """Decides through durable-rules.

    Raises:
        ImportError: durable-rules cannot be imported; `durable_available` tells beforehand.
    """

    name = "durable_rules"

    def __init__(self) -> None:
        if _core is None:
            raise ImportError("durable-rules cannot be imported; take the ReferenceDecider")

    def decide(self, rules: Sequence[DecisionRule], cases: Iterable[Sequence[Fact]]) -> Iterator[list[Decision]]:
        """See `Decider.decide`. The engine's rulesets live as long as the iterator."""
        codes = Codes(rules)
        steps = [(step, shards(step, codes)) for step in strata(rules)]
        loaded: list[_Ruleset] = []
        try:
            matchers = []
            for step, parts in steps:
                rulesets = []
                for part in parts:
                    rulesets.append(_Ruleset(part))
                    loaded.append(rulesets[-1])
                matchers.append(_Stratum(step, rulesets, codes))
            yield from each_case(rules, matchers, cases)
        finally:
            for ruleset in loaded:
                ruleset.drop()


class _Stratum:
    """The rules of one stratum and the rulesets they were cut into."""

    def __init__(self, rules: Sequence[DecisionRule], rulesets: Sequence["_Ruleset"], codes: Codes) -> None:
        self._limits = [RuleMatcher(rule) for rule in rules]
        self._rulesets, self._codes = rulesets, codes

    def matches(self, facts: Sequence[Fact]) -> Iterator[Match]:
        self._refuse_too_many(facts)
        ids = fact_ids(2 * len(facts))
        written = [(fact.type, fact.values) for fact in facts]
        self._codes.begin(facts)
        for ruleset in self._rulesets:
            batch = ruleset.shard.batch(written, ids, self._codes)
            if batch:
                yield from ruleset.matches(batch, facts)

    def _refuse_too_many(self, facts: Sequence[Fact]) -> None:
        """Ask the definition where a case may be too large: the core cannot be stopped once it joins."""
        counts: dict[str, int] = {}
        by_type: dict[str, list[Fact]] = {}
        for fact in facts:
            counts[fact.type] = counts.get(fact.type, 0) + 1
        for matcher in self._limits:
            if matcher.most_steps(counts) > MOST_STEPS:
                if not by_type:
                    for fact in facts:
                        by_type.setdefault(fact.type, []).append(fact)
                for _ in matcher.matches(by_type):
                    pass


class _Ruleset:
    """One ruleset of the core."""

    def __init__(self, shard: Shard) -> None:
        self.shard = shard
        try:
            self._handle: int | None = _core.create_ruleset("decisions", shard.definition)
        except (_core.error, MemoryError) as error:
            raise EngineFailedError(f"durable-rules refused the rules: {error}") from error

    def matches(self, batch: str, facts: Sequence[Fact]) -> Iterator[Match]:
        """The matches of one case."""
        try:
            fired = self._fire(batch)
        except (_core.error, MemoryError, ValueError) as error:  # ValueError: its answer is no JSON
            self.drop()
            raise EngineFailedError(f"durable-rules failed: {error}") from error
        for name, matched in fired:
            rule = self.shard.rules[int(name[1:])]
            yield rule, tuple(facts[matched[f"m{index}"]["n"]] for index in range(len(rule.patterns)))

    def _fire(self, batch: str) -> list[tuple[str, Mapping[str, Any]]]:
        """What fires, as (rule, alias -> fact). The session is made and deleted here."""
        if self._handle is None:
            raise EngineFailedError("durable-rules failed before; its ruleset was dropped")
        result, session = _core.assert_event(self._handle, BOOT)
        if result != _OK or [name for name, _ in self._drain(session)] != ["y"]:
            raise ValueError(f"the first message was not handled (code {result})")
        # The session it returns is not looked at: if the first fact is refused it is whatever lay in memory.
        result, _ = _core.assert_facts(self._handle, batch)
        fired = list(self._drain(session)) if result in (_OK, _UNWANTED) else []
        if not fired or fired[0][0] != "z":
            raise ValueError(f"the facts were not read to their end (code {result})")
        _core.delete_state(self._handle, SID)
        return fired[1:]

    def _drain(self, session: int) -> Iterator[tuple[str, Mapping[str, Any]]]:
        started = _core.start_action_for_state(self._handle, session)
        text = started[1] if started else None
        while text:
            yield from json.loads(text).items()
            text = _core.complete_and_start_action(self._handle, session)

    def drop(self) -> None:
        """Give the ruleset back. Once is enough; more does nothing."""
        handle, self._handle = self._handle, None
        if handle is not None:
            _core.delete_ruleset(handle)
