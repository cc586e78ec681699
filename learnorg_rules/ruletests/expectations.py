"""What a case expects: keys that name a result, and the value it must have."""

import re
from collections.abc import Iterator, Sequence
from datetime import date
from fractions import Fraction
from functools import cached_property

from attrs import define, frozen

from ..documents import Broken, Mapping_, Scalar, Sequence_, Tree, kind_of, reads_as_scalar
from ..errors import Issues, Source, did_you_mean
from ..expr.render import render_number
from ..expr.types import Base
from ..model.award import Grant
from ..model.definitions import Award, Duty, Scorecard
from ..model.duty import Status
from ..model.phase import StepState
from ..model.ruleset import Ruleset
from ..org.organisation import Organisation
from ..periods import Period
from ..values import Value

__all__ = ["NO_RESULT", "Expectation", "Target", "Targets", "read_expectations", "read_reasons", "show"]

NO_RESULT = "no result"
PARTS = ("total", "grade", "vetoes")
ABSENT = ("missing", "excluded")

Expected = str | bool | Fraction | tuple[str, ...]


@frozen
class Target:
    """One result: `kind` is duty, award, measure, total, grade, vetoes, indicator or step; `part` the id of the last two.

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


@frozen
class Expectation:
    """A target and the value it must have: a word, truth value or number; vetoes are a tuple of ids."""

    source: Source
    target: Target
    expected: Expected


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
        kinds = [
            k for k, s in (("duty", rules.duties), ("card", rules.scorecards), ("award", rules.awards)) if rule in s
        ]
        if part and part in {step for plan in rules.phases.get(rule, ()) for step in plan.steps}:
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
            hint = did_you_mean(bare, [*rules.duties, *rules.scorecards, *rules.awards, *rules.phases])
        what = "step of the plan" if bare in rules.phases else "duty, scorecard or award"
        self.issues.error(source, "T120", f"there is no {what} '{rest if bare in rules.phases else bare}'", hint)

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
            found.update(dict.fromkeys(version.indicators))
            for category in version.categories.values():
                found.update(dict.fromkeys(category.indicators))
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
        names = [p.name for p in self.periods(kind, rule)]
        if period and names and period not in names:
            hint = did_you_mean(period, names) or f"such as {names[0]}"
            self.issues.error(source, "T122", f"'{rule}' has no period '{period}'", hint)
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


def read_expectations(tree: Tree, targets: Targets, period: str) -> Iterator[Expectation]:
    """What `expect` says, in order; faults go to the targets' issues. `period` holds where a key names none."""
    issues = targets.issues
    if not isinstance(tree, Mapping_):
        if not isinstance(tree, Broken):
            issues.error(tree.source, "E203", f"'expect' takes a mapping from results to values; found {kind_of(tree)}")
        return
    for key, value in tree.entries:
        if isinstance(value, Mapping_) and _is_card(key.text, targets):
            for part, inner in value.entries:
                yield from _under(Scalar(f"{key.text}.{part.text}", part.source), inner, targets, period)
        else:
            yield from _under(key, value, targets, period)


def _is_card(text: str, targets: Targets) -> bool:
    subject, _, rule = text.rpartition(".")
    rules = targets.ruleset
    return (
        subject in targets.organisation.nodes
        and rule in rules.scorecards
        and rule not in {**rules.duties, **rules.awards}
    )


def _under(key: Scalar, value: Tree, targets: Targets, period: str) -> Iterator[Expectation]:
    if isinstance(value, Mapping_):
        for name, inner in value.entries:
            yield from _one(key, name.source, name.text, inner, targets)
    else:
        yield from _one(key, key.source, period, value, targets)


def _one(key: Scalar, source: Source, period: str, value: Tree, targets: Targets) -> Iterator[Expectation]:
    before = len(targets.issues.found)
    target = targets.find(key.source if source is key.source else source, key.text, period)
    if target is None or isinstance(value, Broken):
        return
    expected = _expected(target, value, targets)
    if expected is not None and len(targets.issues.found) == before:
        yield Expectation(source, target, expected)


# ---- values


def _expected(target: Target, tree: Tree, targets: Targets) -> Expected | None:
    issues = targets.issues
    if target.kind == "vetoes":
        return _vetoes(target, tree, targets)
    if not isinstance(tree, Scalar) or tree.is_empty:
        issues.error(tree.source, "T121", f"'{target.name}' takes a value; found {kind_of(tree)}")
        return None
    text = " ".join(tree.text.split())
    if target.kind == "step":
        return _word(tree, text, text, [s.value for s in StepState], issues)
    if text == NO_RESULT and target.kind != "measure":
        return text
    if target.kind == "duty":
        status, _, above = text.partition(" ")
        return _word(tree, text, status, [s.value for s in Status], issues, above in ("", "above"))
    if target.kind == "grade":
        grades = dict.fromkeys(g for v in targets.ruleset.scorecards[target.rule] for g in v.grades)
        return _word(tree, text, text, [*grades, "missing"], issues)
    if target.kind == "award":
        outcome = re.sub(r" ?\brank \d+$", "", text)
        return _word(
            tree,
            text,
            outcome,
            ["", *(g.value for g in Grant)] if outcome != text else [g.value for g in Grant],
            issues,
        )
    if text in ABSENT:
        return text
    if target.kind == "measure":
        base = targets.ruleset.measures[target.rule].value.tree.type
        if base is not None and base.base is Base.BOOLEAN:
            return text == "true" if _word(tree, text, text, ["true", "false", "missing"], issues) else None
        if base is not None and base.base is not Base.NUMBER:
            return text
    number = reads_as_scalar(Fraction, tree, issues)
    return number if isinstance(number, Fraction) else None


def _word(
    tree: Scalar, text: str, word: str, options: Sequence[str], issues: Issues, well_formed: bool = True
) -> str | None:
    if word in options and well_formed:
        return text
    known = [o for o in options if o]
    hint = did_you_mean(word, known)
    if not hint.startswith("known"):
        hint = "; ".join(filter(None, (hint, f"known: {', '.join(known)}")))
    issues.error(tree.source, "T121", f"'{text}' can never be", hint)
    return None


def _vetoes(target: Target, tree: Tree, targets: Targets) -> tuple[str, ...] | None:
    items = tree.items if isinstance(tree, Sequence_) else (tree,)
    known = list(dict.fromkeys(id_ for v in targets.ruleset.scorecards[target.rule] for id_ in v.veto))
    found = []
    for item in items:
        if isinstance(item, Scalar) and item.text == "none" and len(items) == 1:
            continue
        if not isinstance(item, Scalar) or item.text not in known:
            said = item.text if isinstance(item, Scalar) else kind_of(item)
            hint = did_you_mean(said, [*known, "none"])
            targets.issues.error(item.source, "T121", f"'{target.rule}' has no veto '{said}'", hint)
            return None
        found.append(item.text)
    return tuple(sorted(found))


# ---- reasons


def read_reasons(tree: Tree, targets: Targets, period: str) -> Iterator[tuple[Source, Target, str]]:
    """What `why` says: `subject.rule PERIOD: text` or a list of texts, each of which the reason must hold."""
    issues = targets.issues
    if not isinstance(tree, Mapping_):
        if not isinstance(tree, Broken):
            issues.error(tree.source, "E203", f"'why' takes a mapping from results to texts; found {kind_of(tree)}")
        return
    for key, value in tree.entries:
        subject = next(
            (n for n in sorted(targets.organisation.nodes, key=len, reverse=True) if key.text.startswith(f"{n}.")), ""
        )
        rule, _, named = key.text[len(subject) :].partition(" ")
        target = targets.find(key.source, f"{subject}{rule}", named.strip() or period)
        for item in value.items if isinstance(value, Sequence_) else (value,):
            if isinstance(item, Scalar) and not item.is_empty:
                if target is not None:
                    yield item.source, target, item.text
            elif not isinstance(item, Broken):
                issues.error(item.source, "T121", f"a reason is a text; found {kind_of(item)}")


def show(value: Value) -> str:
    """A value as it is written in `expect`: exact, a ratio without finite decimals as a fraction."""
    if value is None:
        return "missing"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Fraction):
        text = render_number(value)
        return f"{text} (about {float(value):.6f})" if "/" in text else text
    return str(value)
