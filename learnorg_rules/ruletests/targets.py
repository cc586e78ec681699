"""What keys of expectations name: one result of the rules and the organisation of a test."""

import re
from collections.abc import Sequence
from datetime import date, timedelta
from functools import cached_property

from attrs import define, frozen

from ..errors import Issues, Source, did_you_mean
from ..model.definitions import Award, Duty, Scorecard
from ..model.ruleset import Ruleset
from ..org.organisation import Organisation
from ..periods import Period

__all__ = ["DECISIONS", "PARTS", "Target", "Targets"]

DECISIONS = "decisions"
PARTS = ("total", "grade", "vetoes")


@frozen
class Target:
    """One result: `kind` is duty, award, measure, total, grade, vetoes, indicator or step; `part` the id of the last two.

    Of kind "decision" what one decision rule says, of kind "decisions" which rules fired.

    `schedule` is what a measure is asked over. `period` "" means the last that has begun.
    """

    subject: str
    kind: str
    rule: str
    part: str = ""
    schedule: str = ""
    period: str = ""

    @property
    def asked(self) -> str:
        """The rule as an explanation is asked for."""
        if self.kind == "measure":
            return f"{self.rule}@{self.schedule}"
        if self.kind in ("total", "grade", "vetoes"):
            return f"{self.rule}.{'grade' if self.kind == 'vetoes' else self.kind}"
        return f"{self.rule}.{self.part}" if self.part else self.rule

    @property
    def name(self) -> str:
        """The key, as it is written in `expect`."""
        end = ".vetoes" if self.kind == "vetoes" else ""
        return f"{self.subject}.{self.rule if end else self.asked}{end}"


@define(slots=False)
class Targets:
    """Resolves keys by the rules of one ruleset and the ids of one organisation."""

    ruleset: Ruleset
    organisation: Organisation
    issues: Issues

    def find(self, source: Source, text: str, period: str) -> Target | None:
        """The result that a key names; None after a report."""
        subject = self._subject(source, text)
        if subject is None:
            return None
        rest = text[len(subject) + 1 :]
        rule, _, part = rest.partition(".")
        rules = self.ruleset
        sections = (("duty", rules.duties), ("card", rules.scorecards), ("award", rules.awards))
        kinds = [k for k, s in (*sections, ("decision", rules.decisions)) if rule in s]
        if rest == DECISIONS and rules.decisions and not kinds:
            return Target(subject, DECISIONS, DECISIONS)
        if part and part in {step for plan in rules.plans.get(rule, ()) for step in plan.steps}:
            return Target(subject, "step", rule, part)
        if "@" in rule:
            return self._measure(source, subject, rule, period)
        if part:
            kinds = [k for k in kinds if k == "card"]
        elif len(kinds) > 1 and "card" in kinds:
            kinds.remove("card")  # a scorecard alone is not one value
        if not kinds:
            self._unknown(source, subject, rest)
        elif len(kinds) > 1:
            self.issues.error(
                source, "T120", f"'{rule}' is both a {' and an '.join(kinds)}", "give one of them another id"
            )
        elif kinds == ["card"]:
            return self._card(source, subject, rule, part, period)
        elif kinds == ["decision"]:
            return Target(subject, "decision", rule)
        else:
            return Target(subject, kinds[0], rule, period=self._period(source, rule, kinds[0], period))
        return None

    def _subject(self, source: Source, text: str) -> str | None:
        ends = [m.start() for m in re.finditer(r"\.", text)]
        for end in reversed(ends):
            if text[:end] in self.organisation.nodes:
                return text[:end]
        first = text[: ends[0]] if ends else text
        if ends:
            hint = did_you_mean(first, self.organisation.nodes)
            self.issues.error(source, "T120", f"the organisation has no '{first}'", hint)
        else:
            hint = "write subject.duty, subject.card.total, subject.award or subject.measure@year"
            self.issues.error(source, "T120", f"'{text}' names no rule", hint)
        return None

    def _unknown(self, source: Source, subject: str, rest: str) -> None:
        rules = self.ruleset
        bare = rest.partition(".")[0]
        if bare in rules.measures:
            hint = f"a measure is asked over a schedule: {subject}.{bare}@year"
        else:
            known = [*rules.duties, *rules.scorecards, *rules.awards, *rules.plans, *rules.decisions]
            hint = did_you_mean(bare, [*known, *([DECISIONS] if rules.decisions else [])])
        what = "step of the plan" if bare in rules.plans else "duty, scorecard or award"
        self.issues.error(source, "T120", f"there is no {what} '{rest if bare in rules.plans else bare}'", hint)

    def _measure(self, source: Source, subject: str, rest: str, period: str) -> Target | None:
        name, _, schedule = rest.partition("@")
        if name not in self.ruleset.measures:
            hint = did_you_mean(name, self.ruleset.measures)
            self.issues.error(source, "T120", f"there is no measure '{name}'", hint)
            return None
        return Target(subject, "measure", name, schedule=schedule, period=period)

    def _card(self, source: Source, subject: str, card: str, part: str, period: str) -> Target | None:
        indicators = self.indicators(card)
        if part in PARTS or part in indicators:
            kind = part if part in PARTS else "indicator"
            where = "" if part in PARTS else part
            return Target(subject, kind, card, where, period=self._period(source, card, "card", period))
        if not part:
            self.issues.error(
                source,
                "T120",
                f"which part of the scorecard '{card}' is not said",
                f"one of {', '.join(PARTS)}, or an indicator",
            )
        else:
            hint = did_you_mean(part, [*PARTS, *indicators])
            self.issues.error(source, "T120", f"the scorecard '{card}' has no indicator '{part}'", hint)
        return None

    def indicators(self, card: str) -> list[str]:
        """The ids of the indicators of all versions of a scorecard."""
        found: dict[str, None] = {}
        for version in self.ruleset.scorecards[card]:
            found.update(dict.fromkeys(version.all_indicators))
        return list(found)

    # ---- periods

    def periods(self, kind: str, rule: str) -> Sequence[Period]:
        """The periods of a rule, by date; () for a duty with a last day."""
        rules = self.ruleset
        versions: Sequence[Duty | Scorecard | Award]
        versions = (
            rules.duties[rule] if kind == "duty" else rules.awards[rule] if kind == "award" else rules.scorecards[rule]
        )
        schedule = self.ruleset.calendar.schedule
        found = {
            p for v in versions if v.every for p in schedule(v.every, self.ruleset.first_day, self.ruleset.end).periods
        }
        return sorted(found)

    def _period(self, source: Source, rule: str, kind: str, period: str) -> str:
        known = self.periods(kind, rule)
        if period and known and period not in [p.name for p in known]:
            self.issues.error(source, "T122", f"'{rule}' has no period '{period}'", _nearest(period, known))
        return period

    def last_begun(self, target: Target, at: date) -> str:
        """The name of the last period of the rule that has begun; "" where there is none."""
        begun = [p.name for p in self.periods(target.kind, target.rule) if p.start <= at]
        return begun[-1] if begun else ""

    @cached_property
    def by_id(self) -> frozenset[str]:
        """The ids of duties with a last day instead of periods."""
        return frozenset(
            id_ for id_, versions in self.ruleset.duties.items() if any(v.by is not None for v in versions)
        )


def _nearest(name: str, known: Sequence[Period]) -> str:
    """Which periods there are: the first, the last, and the one nearest to the day that the name speaks of."""
    said = f"its periods are {known[0].name}" + (f" to {known[-1].name}" if len(known) > 1 else "")
    match = re.match(r"([0-9]{4})(?:-(?:Q(\d)|H(\d)|W(\d\d)|(\d\d))(?:-(\d\d))?)?$", name, re.ASCII)
    if match is None or not int(match[1]):
        return f"{said}; {did_you_mean(name, [p.name for p in known])}"
    most = (3, 1, 52, 11)  # 2005-Q5 is near the end of 2005, not in 2006
    quarter, half, week, month = (min(int(n or 1) - 1, m) for n, m in zip(match.groups()[1:5], most, strict=True))
    day = date(int(match[1]), 1, 1) + timedelta(91 * quarter + 182 * half + 7 * week + 30 * month)
    near = min(known, key=lambda p: (abs((p.start - day).days), p.start))
    return f"{said}; nearest: '{near.name}'"
