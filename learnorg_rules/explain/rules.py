"""Why a duty, a score, an award or a measure came out as it did, as a tree of sentences."""

from datetime import timedelta
from fractions import Fraction

from attrs import frozen

from ..model.award import Grant
from ..model.definitions import Award, Band, Duty, Measure
from ..model.duty import Status
from ..model.results import AwardResult, DecisionResult, DutyResult
from ..tracing.traces import AggregateTrace, AwardTrace, CardTrace, Formula, ItemTrace, MeasureTrace, Trace, VetoTrace
from ..values import Value
from ..words import say
from .decisions import Decisions
from .parts import Parts
from .plans import Plans
from .tree import Reason
from .wording import AggregateQuery, Wording, python_call

__all__ = ["reason"]


def reason(trace: Trace, language: str = "en", ask: AggregateQuery = python_call) -> Reason:
    """The trace as a tree of sentences.

    Args:
        trace: of one result.
        language: "en" or "zh".
        ask: how more is asked for about a subject, rule and period, as the hints say it.

    Raises:
        LookupError: explanations do not come in this language.
    """
    say("comma", language)  # an unknown language is refused before anything is written
    words = Wording(trace, language, ask)
    return _Rules(words, Parts(words)).reason()


@frozen
class _Rules:
    words: Wording
    parts: Parts

    def reason(self) -> Reason:
        trace = self.words.trace
        if trace.duty is not None:
            value, children = self._duty_value(), self._duty()
        elif trace.award is not None:
            value, children = self._outcome(trace.award.result), self._award(trace.award)
        elif trace.item is not None:
            value, children = self._points(trace.item), self._behind_item(trace.item)
        elif trace.card is not None:
            value, children = self._card_value(trace.card), self._card(trace.card)
        elif trace.plan is not None:
            plans = Plans(self.words, self.parts)
            value, children = plans.value(trace.plan), plans.reasons(trace.plan)
        elif trace.decision is not None:
            decisions = Decisions(self.words)
            value, children = decisions.value(trace.decision), decisions.reasons(trace.decision)
        else:
            fault = None if trace.formula is None else trace.formula.fault
            value, children = self.words.found(trace.value, fault), self._measure()
        children = [*children, *self.parts.idle(), *self.parts.parameters()]
        is_met = (
            trace.duty is not None and trace.duty.status.is_fulfilled
        )  # more events would change nothing to ask about
        if trace.unread and not is_met and any(isinstance(part, AggregateTrace) for part in trace.parts):
            children.append(Reason(self.words.say("unread", n=trace.unread)))
        return self._heading(value, children)

    def _heading(self, value: str, children: list[Reason]) -> Reason:
        words, trace = self.words, self.words.trace
        definition, period = trace.definition, trace.period.name
        name = words.title(definition)
        if trace.kind == "indicator":
            title = definition.title.say(words.language)
            name = words.say("named", name=title, id=trace.rule) if title else trace.rule
        elif trace.kind in ("total", "grade"):
            part = words.say(f"{trace.kind}_name")
            name = words.say("named", name=f"{words.short(definition)} · {part}", id=trace.rule)
        elif trace.plan is not None:
            period = ""
            if not trace.plan.whole:
                name = words.say(
                    "step_of", step=words.title(trace.plan.steps[0].definition), plan=words.short(definition)
                )
        phrase = "heading" if period else "heading_without_period"
        text = words.say(phrase, subject=words.subject(), rule=name, period=period, value=value)
        return Reason(text, children, words.place(trace.source), kind=trace.kind, reference=definition.reference)

    # ---- duties

    def _duty_value(self) -> str:
        words, duty = self.words, self.words.trace.duty
        assert duty is not None
        return words.state("duty", duty.status.value) + (words.say("above_range") if duty.above else "")

    def _duty(self) -> list[Reason]:
        words, trace = self.words, self.words.trace
        assert trace.duty is not None
        assert isinstance(trace.definition, Duty)
        if trace.formula is None:
            unseen = self.parts.waiver(trace.duty.waiver) or [Reason(self._unseen(trace.definition))]
            return [*unseen, *self._appealed(trace.duty)]
        settled = (trace.duty.first or trace.duty.status).is_settled
        said = self._needs(trace.formula, "needs" if settled else "needs_so_far")
        children = [Reason(said, kind="formula")]
        if trace.formula.value is None:
            fault = trace.formula.fault
            children.append(Reason(words.say("unknown") if fault is None else words.fault(fault)))
        children += self.parts.behind(trace.formula)
        if trace.later is not None:
            text = words.say("needs_later", day=trace.at.isoformat(), was=words.filled(trace.later))
            children.append(Reason(text, self.parts.behind(trace.later), kind="formula"))
        return [*children, *self._appealed(trace.duty), *self._who(trace.duty)]

    def _appealed(self, duty: DutyResult) -> list[Reason]:
        if duty.first is None:
            return []
        first, now = (self.words.state("duty", status.value) for status in (duty.first, duty.status))
        return self.parts.appeal(duty.appeal, first, now)

    def _who(self, duty: DutyResult) -> list[Reason]:
        """Who must act, where that is not the subject itself, and who hears if nobody does."""
        words, found = self.words, []
        if duty.responsible and tuple(duty.responsible) != (duty.subject,):
            names = words.list(words.node(n) for n in duty.responsible)
            found.append(Reason(words.say("responsible_are", names=names), kind="responsible"))
        if duty.hears_next:
            names = words.list(words.node(n) for n in duty.hears_next)
            found.append(Reason(words.say("reports_to", names=names), kind="responsible"))
        return found

    def _needs(self, formula: Formula, phrase: str) -> str:
        words = self.words
        return words.say(phrase, needs=words.text(formula), was=words.filled(formula))

    def _unseen(self, duty: Duty) -> str:
        """Why the requirement was not looked at."""
        words, trace = self.words, self.words.trace
        assert trace.duty is not None
        period = trace.period
        if trace.duty.status is Status.NOT_YET_DUE:
            return words.say("because_future", start=period.start.isoformat(), at=trace.at.isoformat())
        if trace.duty.status is Status.EXCUSED:
            days = {period.start + timedelta(i) for i in range(period.days)}
            named = [h.name for h in trace.ruleset.calendar.holidays if any(h.from_ <= d <= h.to for d in days)]
            return words.say("because_holidays", names=words.list(named))
        subject, cut = words.node(trace.subject), trace.cut
        assert cut is not None  # a duty judges the subject
        share = words.value(trace.ruleset.header.required_share)
        return words.say("because_partial", days=cut.days, of=cut.whole, subject=subject, share=share)

    # ---- scorecards

    def _points(self, item: ItemTrace) -> str:
        words, result = self.words, item.result
        if result.points is None:
            return words.say("no_data") if item.fault is None else words.say("invalid")
        return words.say("points_of", points=words.number(result.points), of=words.number(item.worth))

    def _behind_item(self, item: ItemTrace) -> list[Reason]:
        children = []
        if item.result.state != "scored":
            children.append(Reason(self._item_text(item)))
        text = self.parts.equation(item.formula, item.result.value)
        return [*children, *self._decided(item), Reason(text, kind="formula"), *self.parts.behind(item.formula)]

    def _decided(self, item: ItemTrace) -> list[Reason]:
        """The waiver and the appeal that the points follow from, where there were any."""
        words, result = self.words, item.result
        first = words.value(result.first)
        if result.first is None and result.waiver is not None:
            first = words.state("indicator", "excused")
        decided = None if result.appeal is None else result.appeal.points
        changed = self.parts.appeal(result.appeal, first, words.value(decided))
        if decided is not None and result.out_of != item.declared:
            said = words.say("scaled", points=words.number(decided), of=words.number(item.declared))
            changed.append(Reason(said, kind="appeal"))
        return [*self.parts.waiver(result.waiver), *changed]

    def _item_text(self, item: ItemTrace) -> str:
        words, result = self.words, item.result
        name, of = words.title(item.definition), words.number(item.worth)
        if item.fault is not None:
            return words.say("item_invalid", name=name, why=words.fault(item.fault))
        if (
            result.points is None
            and item.lacking in ("excused", "excluded")
            and result.state in ("excused", "excluded")
        ):
            return words.say("item_state", name=name, state=words.state("indicator", result.state))
        if result.state == "excused":
            phrase = "item_excused_out" if result.points is None else "item_excused"
            return words.say(phrase, name=name, of=of, points=words.value(result.points))
        if result.state == "zero":
            return words.say("item_zero", name=name, of=of)
        if result.state != "scored" or result.points is None:
            return words.say(f"item_{result.state}", name=name)
        lost = item.lost or Fraction()
        phrase = "item" if lost else "item_full"
        return words.say(phrase, name=name, points=words.number(result.points), of=of, lost=words.number(lost))

    def _card_value(self, card: CardTrace) -> str:
        words, result, kind = self.words, card.result, self.words.trace.kind
        if kind == "grade" and result.grade is None and result.total is None:
            value = words.say(f"no_total_{result.lacking}")
        elif kind == "grade":
            value = words.value(result.grade)
        else:
            value = words.say("no_total", why=words.total(result.total, result.lacking))
            if result.total is not None:
                value = words.say("total_of", total=words.number(result.total), of=words.number(result.out_of))
            if kind == "scorecard" and result.grade is not None:
                value += words.say("comma") + words.say("result", what=words.say("grade_name"), value=result.grade)
        return value + (words.say("provisional") if result.provisional else "")

    def _card(self, card: CardTrace) -> list[Reason]:
        words, kind = self.words, self.words.trace.kind
        children = [self._item(item) for item in card.items]
        if (kind != "total" and card.result.grade is not None) or card.vetoes:
            children += self._grade(card)
        if card.items:
            result = card.result
            indicator = card.items[0].definition.id
            call = words.ask(result.subject, f"{result.rule}.{indicator}", result.period)
            children.append(Reason(words.say("ask_item", call=call)))
        return children

    def _item(self, item: ItemTrace) -> Reason:
        words, indicator = self.words, item.definition
        text = self.parts.equation(item.formula, item.result.value)
        children = [*self._decided(item), Reason(text, kind="formula")]
        place = words.place(indicator.source)
        return Reason(self._item_text(item), children, place, kind="indicator", reference=indicator.reference)

    def _grade(self, card: CardTrace) -> list[Reason]:
        words, children = self.words, []
        if card.band is not None:
            name, band = card.band
            bounds = words.say("band", grade=name, bounds=self._bounds(band))
            children.append(Reason(bounds, (), words.place(band.source), kind="grade"))
        elif card.definition.grades and words.trace.kind != "total" and card.result.total is not None:
            children.append(Reason(words.say("no_band"), kind="grade"))
        children += [self._veto(veto) for veto in card.vetoes]
        result = card.result
        for decision, grade in card.lowered if words.trace.kind != "total" else ():
            children.append(self._by_decision("lowered_by", decision, grade=words.value(grade)))
        if result.first is not None and words.trace.kind != "total":
            children += self.parts.appeal(result.appeal, result.first, words.value(result.grade))
        return children

    def _by_decision(self, phrase: str, decision: DecisionResult, **values: str) -> Reason:
        """What a decision did, with its reason."""
        words, ruleset = self.words, self.words.trace.ruleset
        text = words.say(phrase, rule=words.title(ruleset.decisions[decision.rule]), **values)
        because = decision.because.say(words.language)
        text += words.say("colon") + because if because else ""
        call = words.ask(decision.subject, decision.rule, "")
        place = words.place(ruleset.decision_sources[decision.rule])
        return Reason(text, [Reason(words.say("ask", call=call))], place, kind="decision")

    def _bounds(self, band: Band) -> str:
        words = self.words
        ends = (("bound_from", band.from_), ("above_bound", band.above), ("up_to", band.to), ("below", band.below))
        return words.list(words.say(phrase, bound=words.number(bound)) for phrase, bound in ends if bound is not None)

    def _veto(self, veto: VetoTrace) -> Reason:
        words, rule = self.words, veto.definition
        because = rule.because.say(words.language)
        name = because or words.title(rule)
        was = words.say("condition", text=words.text(veto.formula), was=words.filled(veto.formula))
        held = veto.formula.value is True
        text = words.say("veto_held" if held else "veto_not", name=name, grade=rule.grade, why=was)
        whole = words.trace.kind == "scorecard"  # of everything its value is enough; the grade tells the rest
        children, place = () if whole else self.parts.behind(veto.formula), words.place(rule.source)
        return Reason(text, children, place, kind="veto", reference=rule.reference)

    # ---- awards

    def _outcome(self, result: AwardResult | None) -> str:
        award = self.words.trace.award
        if result is not None and result.rank is None and award is not None and any(key.fault for key in award.keys):
            return self.words.say("invalid")
        return self.words.state("award", None if result is None else result.outcome.value)

    def _award(self, award: AwardTrace) -> list[Reason]:
        words, result, rule = self.words, award.result, award.definition
        children: list[Reason] = []
        if award.when is not None:
            if award.when.fault is not None:
                children.append(Reason(words.fault(award.when.fault), kind="not_counted"))
            single = [f.text for f in award.failed] == [award.when.text]  # the line above says it already
            whys = [] if single else [Reason(words.failed(f), kind="not_counted") for f in award.failed]
            text = self._needs(award.when, "needs_award")
            children.append(Reason(text, [*whys, *self.parts.behind(award.when)], kind="formula"))
        children += [self._by_decision("withdrawn_by", decision) for decision in award.withdrawn]
        if result is not None and result.rank is not None:
            children.append(Reason(words.say("rank_among", rank=result.rank, n=award.candidates), kind="rank"))
        if rule.within and result is not None and result.peers:
            children.append(Reason(words.say("peers", peers=words.node(result.peers))))
        for key in award.keys:
            if key.text != "id":
                text = words.say("ranked_by", text=key.text, value=words.found(key.value, key.fault))
                why = [] if key.fault is None else [Reason(words.fault(key.fault), kind="not_counted")]
                text += words.say("descending" if key.descending else "ascending")
                children.append(Reason(text, why, kind="rank"))
        children.append(self._quota(award))
        children.append(Reason(words.say("granted_count", n=award.granted)))
        children += self._line(award)
        if award.around.total:
            phrase = "around" if award.around.more else "all_candidates"
            places = [self._place(r, rule) for r in award.around.shown]
            if award.around.more:
                places.append(Reason(words.say("more_candidates", n=award.around.more), kind="more"))
            children.append(Reason(words.say(phrase, n=award.around.total), places, kind="candidates"))
        return children

    def _quota(self, award: AwardTrace) -> Reason:
        words = self.words
        if award.quota is None:
            return Reason(words.say("no_quota"), kind="quota")
        value, result = award.quota.value, award.result
        steps = self.parts.equation(award.quota, value)
        children = self.parts.behind(award.quota)
        if result is not None and result.outcome is Grant.UNDECIDED:
            shown = str(value) if isinstance(value, int | Fraction) else words.found(value, award.quota.fault)
            phrase = "bad_quota_of" if result.peers else "bad_quota"
            peers = words.node(result.peers) if result.peers else ""
            children.insert(0, Reason(words.say(phrase, value=shown, peers=peers), kind="quota"))
        return Reason(words.say("quota", formula=steps), children, kind="quota")

    def _line(self, award: AwardTrace) -> list[Reason]:
        """By how much the last who gets it is ahead of the first who does not, in the key that tells them apart."""
        words, ranked = self.words, [r for r in award.around.shown if r.rank is not None]
        got = [r for r in ranked if r.granted]
        after = [r for r in ranked if r.outcome is Grant.NOT_GRANTED]
        if not got or not after:
            return []
        for entry, last, following in zip(award.keys, got[-1].keys, after[0].keys, strict=True):
            if last == following:
                continue
            if not (isinstance(last, int | Fraction) and isinstance(following, int | Fraction)):
                return []
            phrase = "line" if entry.descending else "line_ascending"
            margin = words.number(abs(Fraction(last) - Fraction(following)))
            ends = {"last": words.number(last), "following": words.number(following)}
            return [Reason(words.say(phrase, **ends, margin=margin), kind="quota")]
        return []

    def _place(self, result: AwardResult, rule: Award) -> Reason:
        words = self.words
        shown: list[Value] = [k for k, e in zip(result.keys, rule.rank_by, strict=True) if e.text.strip() != "id"]
        text = words.say(
            "place_unranked" if result.rank is None else "place",
            rank=result.rank,
            subject=words.node(result.subject),
            keys=words.list(words.value(k) for k in shown),
            outcome=words.state("award", result.outcome.value),
        )
        return Reason(text, kind="granted" if result.outcome is Grant.GRANTED else "candidate")

    # ---- measures

    def _measure(self) -> list[Reason]:
        trace = self.words.trace
        assert trace.formula is not None
        assert isinstance(trace.definition, Measure)
        without_events = trace.value is None and trace.formula.value is not None
        whole = self.parts.measure(MeasureTrace(trace.definition, trace.value, trace.formula, without_events))
        text = self.parts.equation(trace.formula, trace.formula.value)
        return [Reason(text, kind="formula"), *whole.children]
