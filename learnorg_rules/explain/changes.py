"""One change as one sentence: what is different, from what to what, and because of what."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from fractions import Fraction
from typing import Any

from attrs import field, fields, frozen

from ..expr.render import render_number
from ..judging.changes import Change
from ..model.definitions import Definition
from ..model.kinds import kind_of
from ..model.results import (
    Appeal,
    AwardResult,
    DecisionResult,
    DutyResult,
    IndicatorResult,
    Record,
    ScorecardResult,
    StepResult,
    Waiver,
)
from ..model.ruleset import Ruleset
from ..model.scorecard import thresholds
from ..values import Number, Value, shown
from ..words import say, state

__all__ = ["change_sentence"]

MOST_ITEMS = 4  # indicators named in a sentence, those that moved most; the rest are counted
MOST_DIGITS = 4  # behind the point; a number with more of them is rounded, and says so
_ABOUT = "≈"

Names = Callable[[str], str]


def change_sentence(change: Change, language: str, ruleset: Ruleset, names: Names = str) -> str:
    """The change in one line without a full stop.

    Args:
        change: from `Live`.
        language: "en" or "zh".
        ruleset: the rules, for titles.
        names: unit, body or person -> its name.

    Raises:
        LookupError: sentences do not come in this language.
    """
    return _Sentence(change, language, ruleset, names).text()


@frozen
class _Sentence:
    change: Change
    language: str
    ruleset: Ruleset
    names: Names
    details: list[str] = field(factory=list, init=False)  # what goes behind the main clause

    def text(self) -> str:
        """All of it."""
        old, new = self.change.old, self.change.new
        match old if new is None else new:
            case DutyResult() as duty:
                what, body = self._what(self._title_of(duty), duty.period), self._duty(old, new)
            case ScorecardResult() as score:
                what, body = self._what(self._title_of(score), score.period), self._score(old, new)
            case AwardResult() as award:
                what, body = self._what(self._title_of(award), award.period), self._award(old, new)
            case StepResult() as phase:
                step = self._title_in(self._steps(phase), phase.step)
                what = self._what(self._say("step_of", step=step, plan=self._title_of(phase)))
                body = self._phase(old, new)
            case DecisionResult() as decision:
                what = self.names(self.change.subject) + self._say("colon").rstrip()
                body = self._decision(decision, old, new)
            case _:
                raise AssertionError("a change has a result before or after")
        body = self._say("semicolon").join((body, *self.details))
        return self._say("change", what=what, body=body, cause=self._cause())

    def _cause(self) -> str:
        cause = self.change.cause
        if cause.sort == "event":
            phrase = "cause_event_of" if cause.source else "cause_event"
            return self._say(phrase, id=cause.id, source=cause.source)
        return self._say(f"cause_{cause.sort}", day=self.change.at.isoformat())

    def _what(self, title: str, period: str = "") -> str:
        said = self._say("change_what", subject=self.names(self.change.subject), title=title, period=period)
        return said.rstrip()

    # ---- duties

    def _duty(self, old: object, new: object) -> str:
        if not isinstance(new, DutyResult) or not isinstance(old, DutyResult):
            return self._one_sided(
                *(self._state("duty", r.status.value) if isinstance(r, DutyResult) else "" for r in (old, new))
            )
        if new.above != old.above:
            self._add("now_above" if new.above else "not_above")
        if new.due != old.due:
            self._add("now_due", old=old.due.isoformat(), new=new.due.isoformat())
        self._decided(old.waiver, new.waiver, old.appeal, new.appeal)
        if new.status != old.status:
            return self._say(
                "went", old=self._state("duty", old.status.value), new=self._state("duty", new.status.value)
            )
        if new.value != old.value:
            self._add({True: "now_holds", False: "now_fails", None: "now_unknown"}[new.value])
        if new.responsible != old.responsible:
            self._people("now_responsible", "none_responsible", new.responsible)
        if new.hears_next != old.hears_next:
            self._people("now_reports_to", "reports_to_nobody", new.hears_next)
        return self._still(self._state("duty", new.status.value))

    def _people(self, phrase: str, nobody: str, people: Sequence[str]) -> None:
        names = self._list([self.names(person) for person in people])
        self._add(phrase, names=names) if people else self._add(nobody)

    # ---- scores

    def _score(self, old: object, new: object) -> str:
        if not isinstance(new, ScorecardResult) or not isinstance(old, ScorecardResult):
            return self._one_sided(*(self._total(r) if isinstance(r, ScorecardResult) else "" for r in (old, new)))
        if old.total == new.total:
            body = self._say("stays", new=self._points(new))
        elif old.total is None or new.total is None:
            body = self._say("went", old=self._points(old), new=self._points(new))
        else:
            phrase = "rose" if new.total > old.total else "fell"
            before = self._number(old.total, [new.total, *self._thresholds(old)])
            body = self._say(phrase, old=before, new=self._points(new, old.total))
        moved = self._items(old, new)
        body += moved
        if old.grade != new.grade:
            body += self._say("grade_moved", old=self._grade(old.grade), new=self._grade(new.grade))
        elif new.grade is not None:
            body += self._say("grade_same", new=new.grade)
        card = self._definition(new)
        vetoes = {} if card is None else {name: self._title(veto) for name, veto in card.veto.items()}
        self._moved("veto_holds", "veto_ends", old.vetoes, new.vetoes, vetoes)
        rules = {name: rule.title.say(self.language) or name for name, rule in self.ruleset.decisions.items()}
        self._moved("lowered", "not_lowered", old.decided_by, new.decided_by, rules)
        if old.provisional != new.provisional:
            self._add("now_provisional" if new.provisional else "now_final")
        self._decided(None, None, old.appeal, new.appeal)
        if not self.details and (old.total, old.grade) == (new.total, new.grade) and not moved:
            self._other()
        return body

    def _items(self, old: ScorecardResult, new: ScorecardResult) -> str:
        """The indicators that moved, in brackets, the largest first; else what was counted otherwise, behind."""
        before = {(i.category, i.indicator): i for i in old.indicators}
        pairs = [(before.get((i.category, i.indicator)), i) for i in new.indicators]
        moved = [(a, b) for a, b in pairs if a is None or _has_moved(a, b) or _counts(a) != _counts(b)]
        titles = self._indicators(new)
        said = [
            self._item(titles.get(b.indicator, b.indicator), a, b) for a, b in sorted(moved, key=_size, reverse=True)
        ]
        if len(said) > MOST_ITEMS:
            said[MOST_ITEMS:] = [self._say("more_items", n=len(said) - MOST_ITEMS)]
        for a, b in pairs if not moved and old.total == new.total else ():
            if a is not None and a.value != b.value:
                self._add(
                    "item_value",
                    name=titles.get(b.indicator, b.indicator),
                    old=self._value(a.value),
                    new=self._value(b.value),
                )
        return self._say("items", items=self._list(said)) if said else ""

    def _item(self, name: str, old: IndicatorResult | None, new: IndicatorResult) -> str:
        newly = new.waiver if old is None or not old.waiver else None
        let_off = {"excluded", "excused"} & {new.state, "" if old is None else old.state}
        if old is None or old.points is None or new.points is None or old.points == new.points or let_off:
            before = self._state("indicator", "missing") if old is None else self._item_points(old)
            now = self._item_points(new) if newly is None else self._waived(newly)
            said = self._say("item_moved", name=name, old=before, new=now)
        else:
            said = self._say("item_by", name=name, by=self._signed(new.points - old.points))
        if new.appeal is not None and (old is None or new.appeal != old.appeal):
            said += self._say("comma") + self._appealed(new.appeal)
        return said

    def _item_points(self, item: IndicatorResult) -> str:
        if item.points is None or item.state in ("excluded", "excused"):
            return self._state("indicator", item.state)
        return self._number(item.points)

    def _indicators(self, score: ScorecardResult) -> Mapping[str, str]:
        card = self._definition(score)
        return {} if card is None else {name: self._title(indicator) for name, indicator in card.all_indicators.items()}

    def _total(self, score: ScorecardResult) -> str:
        said = self._points(score)
        return said if score.grade is None else said + self._say("with_grade", grade=score.grade)

    # ---- awards, plans, decisions

    def _award(self, old: object, new: object) -> str:
        if not isinstance(new, AwardResult) or not isinstance(old, AwardResult):
            none = self._state("award", None)
            before, now = (self._rank(r) if isinstance(r, AwardResult) else none for r in (old, new))
            return self._say("went", old=before, new=now)
        if old.quota != new.quota:
            self._add("quota_moved", old=self._value(old.quota), new=self._value(new.quota))
        if self._rank(old) != self._rank(new):
            return self._say("went", old=self._rank(old), new=self._rank(new))
        if old.keys != new.keys:
            by, instead = (self._list([self._value(key) for key in record.keys]) for record in (new, old))
            self._add("keys_moved", new=by, old=instead)
        return self._still(self._rank(new))

    def _rank(self, award: AwardResult) -> str:
        outcome = self._state("award", award.outcome.value)
        if award.rank is None:
            return outcome
        return self._say("rank_of", rank=award.rank, n=award.candidates, outcome=outcome)

    def _phase(self, old: object, new: object) -> str:
        if not isinstance(new, StepResult) or not isinstance(old, StepResult):
            states = [self._state("plan", r.state.value) if isinstance(r, StepResult) else "" for r in (old, new)]
            return self._one_sided(*states)
        if old.missing != new.missing:
            step = self._steps(new).get(new.step)
            gates = {} if step is None else {**step.enter, **step.done}
            names = [self._title_in(gates, gate) for gate in new.missing]
            self._add("now_missing", names=self._list(names)) if names else self._add("none_missing")
        if (old.from_, old.to) != (new.from_, new.to):
            self._add("now_due", old=old.to.isoformat(), new=new.to.isoformat())
        state = self._state("plan", new.state.value)
        if old.state != new.state:
            return self._say("went", old=self._state("plan", old.state.value), new=state)
        return self._still(state)

    def _decision(self, decision: DecisionResult, old: object, new: object) -> str:
        phrase = "decided_no_more" if new is None else "decided_now" if old is None else "decided_still"
        because = decision.because.say(self.language).rstrip(".。 ")
        if isinstance(old, DecisionResult) and isinstance(new, DecisionResult) and old.because == new.because:
            phrase = "decided_same"
        known = self.ruleset.decisions.get(decision.rule)
        rule = (known and known.title.say(self.language)) or decision.rule
        return self._say(phrase, because=because or decision.then, rule=rule)

    # ---- what several have

    def _still(self, state: str) -> str:
        """That the main thing is the same; then something else has to be told."""
        if not self.details:
            self._other()
        return self._say("still", new=state)

    def _other(self) -> None:
        """What has no words of its own, by the name it has in results."""
        old, new = self.change.old, self.change.new
        names = [f.name for f in fields(type(new)) if f.eq and getattr(old, f.name) != getattr(new, f.name)]  # type: ignore[arg-type]
        self._add("other", names=self._list(names))

    def _one_sided(self, old: str, new: str) -> str:
        return self._say("now_judged", new=new) if new else self._say("not_judged", old=old)

    def _decided(
        self, waived: Waiver | None, waiver: Waiver | None, before: Appeal | None, appeal: Appeal | None
    ) -> None:
        if waiver is not None and waiver != waived:
            self.details.append(self._waived(waiver))
        if appeal is not None and appeal != before:
            self.details.append(self._appealed(appeal))

    def _waived(self, waiver: Waiver) -> str:
        by = self.names(waiver.granted_by)
        return self._say("waived_by", until=waiver.until.isoformat(), by=by, reason=waiver.reason)

    def _appealed(self, appeal: Appeal) -> str:
        return self._say("appealed_by", by=self.names(appeal.decided_by), reason=appeal.reason)

    def _moved(self, now: str, no_more: str, old: Sequence[str], new: Sequence[str], titles: Mapping[str, str]) -> None:
        for phrase, names, others in ((now, new, old), (no_more, old, new)):
            found = [titles.get(name, name) for name in names if name not in others]
            if found:
                self._add(phrase, names=self._list(found))

    def _add(self, phrase: str, **values: object) -> None:
        self.details.append(self._say(phrase, **values))

    def _say(self, phrase: str, **values: object) -> str:
        return say(phrase, self.language, **values)

    def _state(self, kind: str, value: str | None) -> str:
        return state(kind, value, self.language)

    def _list(self, items: Sequence[str]) -> str:
        return self._say("list").join(items)

    def _definition(self, record: Record) -> Any:
        """The version of the rule that judged; None where the rules do not have it any more."""
        versions = getattr(self.ruleset, kind_of(record).section).get(record.rule, ())
        return versions[record.version] if record.version < len(versions) else None

    def _title_of(self, record: Record) -> str:
        definition = self._definition(record)
        return record.rule if definition is None else self._title(definition)

    def _steps(self, phase: StepResult) -> Mapping[str, Any]:
        plan = self._definition(phase)
        return {} if plan is None else plan.steps

    def _title_in(self, definitions: Mapping[str, Definition], name: str) -> str:
        return self._title(definitions[name]) if name in definitions else name

    def _title(self, definition: Definition) -> str:
        return definition.title.say(self.language) or definition.id

    def _grade(self, grade: str | None) -> str:
        return self._say("no_grade") if grade is None else grade

    def _thresholds(self, score: ScorecardResult) -> list[Number]:
        return thresholds(self.ruleset.scorecards[score.rule][score.version].grades)

    def _points(self, score: ScorecardResult, *beside: Number) -> str:
        if score.total is None:
            why = "" if score.lacking == "missing" else f"no_total_{score.lacking}"
            return self._say("no_total", why=self._say(why)) if why else self._say("no_points")
        return self._say("points", n=self._number(score.total, [*beside, *self._thresholds(score)]))

    def _number(self, value: int | Fraction, beside: Iterable[Number] = ()) -> str:
        text = render_number(value)
        if "/" not in text and len(text.partition(".")[2]) <= MOST_DIGITS:
            return text
        return f"{_ABOUT}{render_number(shown(value, 2, beside))}"

    def _signed(self, by: Fraction) -> str:
        text, sign = self._number(abs(by), [0]), "+" if by > 0 else "−"  # a minus, which a hyphen is not
        number = text.removeprefix(_ABOUT)
        return f"{_ABOUT}{sign}{number}" if number != text else f"{sign}{number}"

    def _value(self, value: Value) -> str:
        if value is None:
            return self._say("no_data")
        if isinstance(value, bool):
            return self._say("true" if value else "false")
        return self._number(value) if isinstance(value, int | Fraction) else str(value)


def _has_moved(old: IndicatorResult, new: IndicatorResult) -> bool:
    """Whether its points are others, and not only the part that is shown of a total which others moved."""
    return old.points != new.points and (None in (old.exact, new.exact) or old.exact != new.exact)


def _counts(item: IndicatorResult) -> str:
    """How the indicator counts: none of its points for want of a value is as good as none scored."""
    return "scored" if item.state == "zero" else item.state


def _size(pair: tuple[IndicatorResult | None, IndicatorResult]) -> Fraction:
    """By how much an indicator moved; one that came or went counts whole."""
    old, new = pair
    before = Fraction(0) if old is None or old.points is None else old.points
    return abs((Fraction(0) if new.points is None else new.points) - before)
