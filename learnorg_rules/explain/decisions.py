"""Why a decision follows: from which facts, pattern by pattern; what follows, who decided, and what it lowered."""

from collections.abc import Iterator, Mapping

from attrs import frozen

from ..model.decision import FACT_TYPES, DecisionRule, Fact, value_shown
from ..model.kinds import rules_in
from ..model.results import DecisionResult
from ..tracing.traces import DecisionTrace, Followed, Matched
from .tree import Reason
from .wording import Wording

__all__ = ["Decisions"]

_ASKED = {  # how more is asked for about a fact: by which of its fields
    "duty": "{duty}", "score": "{scorecard}", "grade": "{scorecard}", "award": "{award}", "measure": "{measure}@year",
}  # fmt: skip


@frozen
class Decisions:
    """Writes decisions of one trace."""

    words: Wording

    def value(self, decision: DecisionTrace) -> str:
        """What follows; how often, where it follows several times; or that nothing does."""
        followed = decision.followed
        if not followed.total:
            return self.words.say("nothing_follows")
        if followed.total > 1:
            return self.words.say("follows_often", n=followed.total)
        return self._what(followed.shown[0].result)

    def reasons(self, decision: DecisionTrace) -> list[Reason]:
        """What each decision rests on; where nothing follows, what fits each pattern alone."""
        words, followed = self.words, decision.followed
        found: list[Reason] = []
        if followed.total == 1:
            found += self._behind(decision.definition, followed.shown[0])
        else:
            for one in followed.shown:
                period = one.result.period
                what = self._what(one.result)
                text = words.say("result", what=period, value=what) if period else what
                found.append(Reason(text, list(self._behind(decision.definition, one)), kind="decision"))
            if followed.more:
                found.append(Reason(words.say("more", n=followed.more), kind="more"))
        found += [self._pattern(decision.definition, pattern) for pattern in decision.patterns]
        found.append(Reason(words.say("decided_with", decider=decision.decider)))
        return found

    def _what(self, result: DecisionResult) -> str:
        """What follows, as a clause."""
        words = self.words
        values = {"subject": "", "to": "", "about": "", "grade": "", **result.values}
        names = {name: words.node(value) for name, value in values.items()}
        return words.say(f"follows.{result.do}", **names)

    def _behind(self, rule: DecisionRule, one: Followed) -> Iterator[Reason]:
        words = self.words
        matched = {seen.alias: seen.fact for seen in one.facts if seen.fact is not None}
        because = one.result.because.say(words.language)
        if because:
            yield Reason(words.say("follows_because", because=because))
        for seen in one.facts:
            said = seen.id if seen.fact is None else self._values(rule, seen.alias, seen.fact, matched)
            text = words.say("fact", alias=seen.alias, pattern=seen.pattern, fact=said)
            yield Reason(text, list(self._more(seen.fact)), kind="fact")
        named = {name: value for name, value in one.result.values.items() if name not in ("subject", "to", "about")}
        if named:
            said = words.list(words.say("result", what=name, value=value) for name, value in named.items())
            yield Reason(words.say("follows_with", values=said))
        for card in one.lowered:
            definition = words.trace.ruleset.scorecards[card.rule][card.version]
            grades = {"by_total": words.value(card.grade_by_total), "grade": words.value(card.grade)}
            yield Reason(
                words.say("follows_lowered", card=words.title(definition), period=card.period, **grades), kind="grade"
            )

    def _more(self, fact: Fact | None) -> Iterator[Reason]:
        """How to ask for the records behind a fact, where it is a result."""
        by_year = any(rule.every == "year" for _, _, rule in rules_in(self.words.trace.ruleset))
        if fact is not None and fact.type in _ASKED and (by_year or fact.type != "measure"):
            values = {name: str(value) for name, value in fact.values.items()}
            call = self.words.ask(values["subject"], _ASKED[fact.type].format(**values), values["period"])
            yield Reason(self.words.say("ask", call=call))

    def _values(self, rule: DecisionRule, alias: str, fact: Fact, matched: Mapping[str, Fact]) -> str:
        """The fact's values, by name; its subject only where it is another."""
        words, said = self.words, []
        for name in FACT_TYPES[fact.type].fields:
            value = fact.values.get(name)
            if value is not None and not (name == "subject" and value == words.trace.subject):
                text = (
                    words.value(value)
                    if isinstance(value, bool)
                    else value_shown(value, rule.beside(alias, name, matched))
                )
                said.append(words.say("is", name=name, value=text))
        return words.list(said)

    def _pattern(self, rule: DecisionRule, pattern: Matched) -> Reason:
        """How many facts fit a pattern alone."""
        words = self.words
        if pattern.facts.total:
            phrase = "exception_fits" if pattern.is_exception else "pattern_fits"
        else:
            phrase = "exception_fits_none" if pattern.is_exception else "pattern_fits_none"
        text = words.say(phrase, alias=pattern.alias, pattern=pattern.pattern, n=pattern.facts.total)
        inner = [
            Reason(seen.id if seen.fact is None else self._values(rule, seen.alias, seen.fact, {}))
            for seen in pattern.facts.shown
        ]
        if pattern.facts.more:
            inner.append(Reason(words.say("more", n=pattern.facts.more), kind="more"))
        return Reason(text, inner, kind="fact")
