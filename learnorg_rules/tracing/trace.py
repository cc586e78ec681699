"""The way back from a result: the rule, its formula with the values in it, and the events behind every value."""

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import Any

from attrs import define, evolve

from ..counting.cells import rule_of
from ..dataflow.build import deadline_names, family_of
from ..errors import hinted, with_hint
from ..expr.nodes import Aggregate, Order
from ..judging.awards import peer_group
from ..judging.batch import Outcome
from ..judging.deciding import limit_of
from ..judging.evaluation import Context
from ..judging.faults import Fault
from ..judging.scorecards import declared_points
from ..model.award import Grant
from ..model.decision import DecisionRule
from ..model.definitions import Award, Definition, Duty, Expression, Indicator, Measure, Plan, Rule, Scorecard
from ..model.duty import Status
from ..model.kinds import KINDS
from ..model.references import formulas_of, reached
from ..model.results import Appeal, AwardResult, DecisionResult, DutyResult, ScorecardResult, Waiver
from ..model.scorecard import in_band, worths
from ..periods import ONE_DAY, Period, period_hint
from ..texts import nfc
from .absence import why_not_judged
from .decision_traces import decision_trace
from .evidence import failing
from .formulas import Formulas
from .plan_traces import plan_trace
from .traces import (
    AwardTrace,
    CardTrace,
    ItemTrace,
    Key,
    Listed,
    Trace,
    VetoTrace,
    listed,
)

__all__ = ["Trace", "trace"]

NEIGHBOURS = 2  # candidates shown on either side of the subject and of the quota line
UNSEEN = (Status.NOT_REQUIRED, Status.NOT_YET_DUE, Status.EXCUSED, Status.WAIVED)  # the requirement was not looked at


def trace(outcome: Outcome, subject: str, rule: str, period: str | None = None, limit: int = 20) -> Trace:
    """Why the subject has this result of the rule.

    Args:
        outcome: a run.
        subject: id of a unit, body or person.
        rule: id of a rule of any kind, or of a measure; `card.indicator`, `card.total`, `card.grade`, `plan.step`;
            `measure@schedule` (`rate@year`). A bare measure is taken for the first schedule of a rule that uses it.
        period: name of the period, of a plan the step; default: the last that has begun, all steps of a plan, all decisions.
        limit: entries per list of events or persons; how many there are in all is always told.

    Raises:
        LookupError: there is no such subject, rule or period, or the rule does not judge the subject then; the message
            names the nearest, or says why.
    """
    subject, rule, period = nfc(subject), nfc(rule), None if period is None else nfc(period)
    if subject not in outcome.organisation.nodes:
        raise LookupError(
            with_hint(f"there is no unit, body or person '{subject}'", subject, outcome.organisation.nodes)
        )
    return _Tracer(outcome, subject, rule, limit).trace(period)


@define(slots=False)
class _Tracer:
    outcome: Outcome
    subject: str
    asked: str
    limit: int

    def __attrs_post_init__(self) -> None:
        outcome = self.outcome
        self.ruleset, self.binding = outcome.ruleset, outcome.run.evaluation.binding
        self.evaluation, self.dataflow, self.at = outcome.run.evaluation, outcome.run.dataflow, outcome.at
        self.judging_context, self.clock = outcome.run.judging.judging_context, self.binding.clock
        self.formulas = Formulas(outcome, self.subject, self.limit)

    def trace(self, period: str | None) -> Trace:
        rule, _, part = self.asked.partition(".")
        kind = next((kind for kind in KINDS if rule in getattr(self.ruleset, kind.section)), None)
        if kind is not None and (not part or kind.name in _WITH_PARTS):
            found = _TRACERS[kind.name](self, getattr(self.ruleset, kind.section)[rule], part, period)
        elif self.asked.partition("@")[0] in self.ruleset.measures:
            found = self.measure(self.asked, period)
        else:
            raise LookupError(with_hint(f"there is no rule '{self.asked}'", self.asked, self._known()))
        return evolve(found, parameters=tuple(self.formulas.parameters[n] for n in sorted(self.formulas.parameters)))

    def _known(self) -> list[str]:
        """Everything that can be asked for; parts of rules only where a part was."""
        ruleset = self.ruleset
        known = [name for kind in KINDS for name in getattr(ruleset, kind.section)] + list(ruleset.measures)
        if "." in self.asked:
            known += [f"{c}.{p}" for c, versions in ruleset.scorecards.items() for p in _parts_of(versions)]
            known += [f"{p}.{s}" for p, versions in ruleset.plans.items() for plan in versions for s in plan.steps]
        return known

    # ---- which version, period and subject

    def judged(self, kind: str, versions: Sequence[Rule], period: str | None) -> tuple[Rule, int, Context]:
        """The version in force for the period, its number, and the subject's place in it.

        Raises:
            LookupError: there is no such period, no version is in force, or the subject is not judged.
        """
        known: dict[str, list[tuple[int, str, int]]] = {}
        in_force: list[tuple[Period, int, str, int]] = []
        every: list[Period] = []
        for node in self.dataflow.rules:
            if (node.kind, node.id) != (kind, versions[0].id):
                continue
            rule = versions[node.version]
            every += self.dataflow.schedules[node.schedule].periods
            for p in self.dataflow.schedules[node.schedule].periods:
                known.setdefault(p.name, [])
            for index, p in self.judging_context.periods(node, rule):
                known[p.name].append((node.version, node.schedule, index))
                in_force.append((p, node.version, node.schedule, index))
        rule_id = versions[0].id
        if period is None:
            begun = [found for found in in_force if self.clock.has_begun(found[0])] or in_force[:1]
            if not begun:
                raise LookupError(f"{rule_id} is in force in no period that the ruleset judges")
            mine = (found for found in reversed(begun) if self._is_judged(versions[found[1]], *found[2:]))
            version, schedule, index = next(mine, begun[-1])[1:]
        elif period not in known:
            raise LookupError(hinted(f"there is no period of {rule_id} '{period}'", period_hint(period, every)))
        elif not known[period]:
            days = " or ".join(_days(rule) for rule in versions)
            raise LookupError(f"{rule_id} is not in force for {period}, only {days}")
        else:  # of several that are in force on some day of the period, the one that judges the subject
            judging = (found for found in known[period] if self._context(versions[found[0]], *found[1:]) is not None)
            version, schedule, index = next(judging, known[period][-1])
        context = self._context(versions[version], schedule, index)
        if context is None:
            place = self._period(schedule, index)
            raise LookupError(why_not_judged(self.binding, versions[version], self.subject, place))
        return versions[version], version, context

    def _period(self, schedule: str, index: int) -> Period:
        return self.dataflow.schedules[schedule].periods[index]

    def _is_judged(self, rule: Rule, schedule: str, index: int) -> bool:
        return self._context(rule, schedule, index) is not None

    def _context(self, rule: Rule, schedule: str, index: int) -> Context | None:
        contexts = self.judging_context.contexts(rule, schedule, index, self._period(schedule, index))
        return next((c for c in contexts if c.subject == self.subject), None)

    def base(self, kind: str, rule: Definition, version: int, context: Context) -> Trace:
        period = context.period
        if isinstance(rule, Rule):
            self.formulas.uses(rule.for_, context)
        return Trace(
            self.ruleset, self.outcome.organisation, self.asked, kind, rule, version, self.subject, context.schedule,
            period, self.at, self.outcome.known_at, cut=context.cut, idle=self._idle(rule, context), unread=self._unread(),
        )  # fmt: skip

    def _idle(self, rule: Definition, context: Context) -> tuple[Waiver | Appeal, ...]:
        """The waivers and appeals about what is asked, on days of the period, that change nothing."""
        if context.cut is None:
            return ()
        effects, own = self.judging_context.effects, context.cut.period
        waivers = effects.waivers.get((self.subject, self.asked), ())
        found = [
            w for w in waivers if not w.covers(own) and (w.until < w.from_ or own.overlap(w.from_, w.until + ONE_DAY))
        ]
        about = (self.subject, self.asked, context.period.name)
        return (*found, *(a for a in effects.overruled if (a.subject, a.rule, a.period) == about))

    def _unread(self) -> int:
        aside = self.outcome.run.ingested.aside
        known = 0 if aside is None else aside.filter(aside["state"].is_in(["rejected", "conflicting"])).height
        return self.outcome.run.ingested.rejected.height - known

    # ---- rules

    def duty(self, versions: Sequence[Duty], part: str, period: str | None) -> Trace:
        duty, version, context = self.judged("duty", versions, period)
        assert isinstance(duty, Duty)
        result: DutyResult = self.outcome.duties.one(
            rule=duty.id, subject=self.subject, period=context.period.name, version=version
        )
        formula = None if (result.first or result.status) in UNSEEN else self.formulas.formula(duty.require, context)
        later = None
        if (
            duty.by is not None
            and duty.late == "accepted"
            and self.clock.has_passed(context.period.last)
            and formula is not None
        ):
            after = evolve(context, schedule=deadline_names(duty, version)[1], index=0)
            later = self.formulas.formula(duty.require, after) if not formula.value else None
        for expression in (duty.from_, duty.by, duty.at_risk):
            self.formulas.uses(expression, context)
        base = self.base("duty", duty, version, context)
        return evolve(base, duty=result, value=result.status.value, formula=formula, later=later)

    def scorecard(self, versions: Sequence[Scorecard], part: str, period: str | None) -> Trace:
        if part not in ("", *_parts_of(versions)):
            raise LookupError(
                with_hint(f"there is no part of scorecard {versions[0].id} '{part}'", part, list(_parts_of(versions)))
            )
        card, version, context = self.judged("scorecard", versions, period)
        assert isinstance(card, Scorecard)
        name = context.period.name
        found = self.outcome.scorecards.where(rule=card.id, subject=self.subject, period=name, version=version).records
        if not found:
            share = self.ruleset.header.required_share
            early = not self.clock.has_begun(context.period)
            partly = f"less than {share} of it lies in the days of the subject, the rule and the ruleset"
            why = "it has not begun" if early else partly
            raise LookupError(f"{self.subject} has no {card.id} for {name}: {why}")
        result = found[0]
        base = evolve(self.base("scorecard", card, version, context), decimals=max(card.round.decimals, 2))
        indicators = card.all_indicators
        if part in indicators:
            item = self.item(indicators[part], result, context, deep=True)
            self.uses_of_plan(card, [indicators[part]], context)
            return evolve(base, kind="indicator", item=item, value=item.result.points, definition=item.definition)
        if part not in ("", "total", "grade"):
            raise LookupError(f"{card.id} has no indicator {part} in {name}: only another version of it has")
        if part != "grade":
            self.uses_of_plan(card, list(indicators.values()), context)
        items = tuple(
            self.item(indicators[i.indicator], result, context, deep=False)
            for i in result.indicators
            if part != "grade" or i.state == "invalid"
        )
        total = result.total
        bands = ((n, band) for n, band in card.grades.items() if total is not None and in_band(total, band))
        bound = {"total": total, "grade": result.grade_by_total}
        judging = evolve(context, bound={**bound, **{i.indicator: i.points for i in result.indicators}})
        vetoes = tuple(
            VetoTrace(v, self.formulas.formula(v.when, judging, deep=v.id in result.vetoes))
            for v in card.veto.values()
            if part != "total"
        )
        return evolve(
            base,
            kind=part or "scorecard",
            card=CardTrace(
                card, result, items, None if part == "total" else next(bands, None), vetoes, self._lowered(card, result)
            ),
            value=result.grade if part == "grade" else total,
        )

    def _about(self, by: Sequence[str]) -> dict[tuple[str, str], DecisionResult]:
        """The decisions of these rules that are about the subject, by rule and reason, in order."""
        found = (d for d in self.outcome.decisions if d.rule in by and d.values.get("subject") == self.subject)
        return {(d.rule, d.because.say()): d for d in found}

    def _lowered(self, card: Scorecard, result: ScorecardResult) -> tuple[tuple[DecisionResult, str], ...]:
        """The decisions that lowered the grade of a result."""
        found = [(d, limit_of(d, result, card)) for d in self._about(result.decided_by).values()]
        return tuple((d, limit) for d, limit in found if limit is not None)

    def uses_of_plan(self, card: Scorecard, indicators: Sequence[Indicator], context: Context) -> None:
        """Remember the parameters that points of these indicators, and their being there, follow from."""
        for category in card.categories.values():
            if any(i.id in category.indicators for i in indicators):
                self.formulas.uses(category.points, context)
                self.formulas.uses(category.only, context)
        for indicator in indicators:
            self.formulas.uses(indicator.points, context)
            self.formulas.uses(indicator.only, context)

    def item(self, indicator: Indicator, result: ScorecardResult, context: Context, deep: bool) -> ItemTrace:
        expression = indicator.share or indicator.when or indicator.value
        assert expression is not None  # checked when the ruleset is loaded: exactly one
        found = next((i for i in result.indicators if i.indicator == indicator.id), None)
        if found is None:
            place = f"{result.rule} in {result.period}"
            raise LookupError(f"indicator {indicator.id} is not in {place}: its `only` leaves it out")
        formula = self.formulas.formula(expression, context, deep=deep)
        card = self.ruleset.scorecards[result.rule][result.version]
        declared = declared_points(self.judging_context, card, context.period)[indicator.id]
        worth = worths(result.indicators, card.round)[indicator.id]
        fault = None
        if found.state == "invalid":
            value = found.value
            outside = isinstance(value, int | Fraction)
            fault = Fault("range", "", value=value, most=declared) if outside else formula.fault  # type: ignore[arg-type]
        return ItemTrace(indicator, found, formula, declared, worth, result.lacking, fault)

    def award(self, versions: Sequence[Award], part: str, period: str | None) -> Trace:
        award, version, context = self.judged("award", versions, period)
        assert isinstance(award, Award)
        name = context.period.name
        group = peer_group(self.judging_context, award, context)
        contexts = self.judging_context.contexts(award, context.schedule, context.index, context.period)
        peers = [c for c in contexts if peer_group(self.judging_context, award, c) == group]
        every = self.outcome.awards.where(rule=award.id, period=name, peers=group, version=version)
        result = next((r for r in every if r.subject == self.subject), None)
        when = None if award.when is None else self.formulas.formula(award.when, context)
        failed = () if award.when is None or result is not None else tuple(
            failing(award.when.tree, award.when.text, context, self.ruleset.time_zone)
        )  # fmt: skip
        orders = [(e, e.tree) for e in award.rank_by if isinstance(e.tree, Order)]
        value = self.evaluation.value
        keys = tuple(self._ranked_by(e, o, context) for e, o in orders)
        participants = sum(all(value(o.key, c) is not None for _, o in orders) for c in peers)
        candidates = every.records[0].candidates if len(every) else 0
        bound = evolve(context, bound={"candidates": candidates, "participants": participants})
        quota = None if award.quota is None else self.formulas.formula(award.quota, bound)
        granted = sum(r.granted for r in every)
        around = self._around(every.records, granted)
        withdrawn = () if result is None else tuple(self._about(result.decided_by).values())
        found = AwardTrace(
            award, result, when, failed, keys, quota, granted, candidates, participants, around, withdrawn
        )
        base = self.base("award", award, version, context)
        return evolve(base, award=found, value=None if result is None else result.outcome.value)

    def _ranked_by(self, entry: Expression, order: Order, context: Context) -> Key:
        value, fault = self.judging_context.places.told(self.evaluation.value(order.key, context))
        return Key(_key(entry), value, order.descending, fault)

    def _around(self, every: Sequence[AwardResult], granted: int) -> Listed[AwardResult]:
        """Candidates next to the subject and to the quota line, and all that are tied across it."""
        if len(every) <= self.limit:
            return listed(every, self.limit)
        places = {granted} | {i for i, r in enumerate(every) if r.outcome is Grant.TIED}
        places |= {i for i, r in enumerate(every) if r.subject == self.subject}
        near = [r for i, r in enumerate(every) if any(abs(i - place) <= NEIGHBOURS for place in places)]
        return Listed(tuple(near[: self.limit]), len(every))

    def plan(self, versions: Sequence[Plan], part: str, period: str | None) -> Trace:
        """A step may be asked for as a part of its plan or as its period."""
        step = part or period or ""
        found, context = plan_trace(self.outcome, self.formulas, versions, self.subject, step)
        first = found.steps[0].result
        base = self.base("step" if step else "plan", found.definition, first.version, context)
        return evolve(base, plan=found, value=first.state.value if step else None)

    def decision(self, rule: DecisionRule, part: str, period: str | None) -> Trace:
        found = decision_trace(self.outcome, rule, self.subject, period, self.limit)
        day = Period(self.at, self.clock.end, period or "")
        value = found.followed.shown[0].result.do if found.followed.shown else None
        return Trace(
            self.ruleset, self.outcome.organisation, self.asked, "decision", rule, 0, self.subject, "", day, self.at,
            self.outcome.known_at, value=value, decision=found,
        )  # fmt: skip

    def measure(self, asked: str, period: str | None) -> Trace:
        name, _, wanted = asked.partition("@")
        definition = self.ruleset.measures[name]
        is_person = self.outcome.organisation.kind(self.subject) == "person"
        families = ("persons",) if is_person else ("units", "successors")
        family = next((f for f in families if self._schedules_of(definition, f)), families[0])
        schedules = self._schedules_of(definition, family)
        if not schedules:
            used = [m.id for m in self.ruleset.measures.values() if any(self._schedules_of(m, f) for f in families)]
            others = f"; what they use: {', '.join(used)}" if used else ""
            raise LookupError(f"no rule for {families[0]} uses {name}, so it was not computed{others}")
        meant = [s for s in schedules if not wanted or s == wanted]
        meant += [
            s for s in schedules if s.startswith(f"{wanted} of ")
        ]  # of a rule that is not in force on all days of it
        if not meant:
            raise LookupError(
                with_hint(f"there is no rule that asks for {name} by schedule '{wanted}'", wanted, schedules)
            )
        self._judged_at_all()
        schedule = meant[0]
        periods = self.dataflow.schedules[schedule].periods
        begun = [p.name for p in periods if self.clock.has_begun(p)]
        if period is not None and period not in begun:
            raise LookupError(with_hint(f"there is no period of {schedule} that has begun '{period}'", period, begun))
        if not begun:
            raise LookupError(f"no period of {schedule} has begun on {self.at.isoformat()}")
        index = begun.index(period) if period is not None else len(begun) - 1
        context = self._as_some_rule_sees(family, schedule, index)
        found = self.formulas.measured(definition, context)
        return evolve(self.base("measure", definition, 0, context), value=found.value, formula=found.formula)

    def _as_some_rule_sees(self, family: str, schedule: str, index: int) -> Context:
        """The context of the first rule with this schedule that judges the subject; it knows the subject's peers."""
        for node in self.dataflow.rules:
            rule = rule_of(self.ruleset, node)
            of_family = family_of(rule, self.outcome.organisation) == family
            if of_family and node.schedule == schedule and self._is_judged(rule, schedule, index):
                found = self._context(rule, schedule, index)
                assert found is not None
                return found
        day = self.binding.day_in(self.subject, self._period(schedule, index))
        return Context(self.evaluation, self.subject, family, schedule, index, day)

    def _schedules_of(self, definition: Measure, family: str) -> list[str]:
        """Schedules for which rules of the family had the measure computed, in the order of the rules."""
        formulas = formulas_of(self.ruleset.measures)
        nodes = reached([definition.value.tree], formulas, True, lambda _group, _own: False)
        asked = [n for n, own in nodes if own and isinstance(n, Aggregate) and n.op != "persons"]
        slots = {(node, schedule, of) for node, schedule, of, _ in self.dataflow.slots}
        found: dict[str, None] = {}
        for node in self.dataflow.rules:
            rule = rule_of(self.ruleset, node)
            if family_of(rule, self.outcome.organisation) == family:
                found[node.schedule] = None
        computed = [s for s in found if all((id(a), s, family) in slots for a in asked)]
        decided = "year" in self.dataflow.schedules and all((id(a), "year", family) in slots for a in asked)
        return computed or (["year"] if asked and decided else [])  # decisions ask for yearly values

    def _judged_at_all(self) -> None:
        """Events are counted for subjects of rules only.

        Raises:
            LookupError: no rule judges the subject.
        """
        for node in self.dataflow.rules:
            rule = rule_of(self.ruleset, node)
            count = len(self.dataflow.schedules[node.schedule].periods)
            if any(self._is_judged(rule, node.schedule, i) for i in range(count)):
                return
        raise LookupError(f"no rule judges {self.subject}, so nothing was computed for it")


_TRACERS: Mapping[str, Callable[[_Tracer, Any, str, str | None], Trace]] = {
    "duty": _Tracer.duty, "scorecard": _Tracer.scorecard, "award": _Tracer.award, "plan": _Tracer.plan,
    "decision": _Tracer.decision,
}  # fmt: skip
_WITH_PARTS = ("scorecard", "plan")


def _parts_of(versions: Sequence[Scorecard]) -> list[str]:
    return list(dict.fromkeys(["total", "grade", *(name for card in versions for name in card.all_indicators)]))


def _key(expression: Expression) -> str:
    tree = expression.tree
    assert isinstance(tree, Order)
    return expression.text.removesuffix("descending").removesuffix("ascending").strip()


def _days(rule: Definition) -> str:
    first, last = rule.effective.from_, rule.effective.to
    parts = [f"from {first.isoformat()}" if first else "", f"to {last.isoformat()}" if last else ""]
    return " ".join(p for p in parts if p)
