"""What is still missing: the fewest future events that clear a unit's open duties and lift its scorecards by a grade.

Nothing is read off formulas. Classes of events that the rule would count are found (`future_events`), the smallest number
of them that is enough is searched for (`search`), and what is proposed was judged by the rule itself with those events added
(`trial`): as if they had come by the day judged, everything else as it is. Where no proposal can be made, the answer says
why.
"""

from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from functools import partial

from attrs import evolve

from ..counting.cells import rule_of
from ..dataflow.nodes import AggregateQuery, RuleNode
from ..expr.nodes import Node, Ref, walk
from ..expr.render import render, render_number
from ..expr.rewrite import conjuncts
from ..judging.batch import Outcome
from ..judging.duties import needed
from ..model.definitions import Duty, Scorecard
from ..model.duty import Status
from ..model.kinds import KINDS, measure_expressions
from ..model.results import DutyResult, ScorecardResult
from ..model.scorecard import grade_of
from ..texts import nfc
from ..tracing.evidence import written
from .answers import Missing, Needed, Undecided
from .future_events import FRESH, CandidateFinder, EventClass, FutureEvent, conditions
from .outlook import Outlook, formula, known
from .search import Events, best_by_count, bisect, fewest, grouped, together

__all__ = ["Missing", "Needed", "missing"]

_LOOKED_AT = ("duty", "scorecard")


def missing(outcome: Outcome, subject: str, rule: str | None = None) -> list[Missing]:
    """What the subject's open duties and running scorecards still need, in the order of the rules.

    Args:
        outcome: a run.
        subject: id of a unit, body or person.
        rule: id of a duty or scorecard; default: all of them.

    Raises:
        LookupError: there is no such subject or rule; the message names the nearest.
    """
    ruleset, subject, rule = outcome.ruleset, nfc(subject), None if rule is None else nfc(rule)
    known("unit, body or person", subject, list(outcome.organisation.nodes))
    if rule is not None:
        card = rule.partition(".")[0]
        if card != rule and card in ruleset.scorecards:
            raise LookupError(f"'{rule}' is a part of a scorecard; ask for the whole, '{card}'")
        section = next(
            (k.section for k in KINDS if k.name not in _LOOKED_AT and rule in getattr(ruleset, k.section)), ""
        )
        if section and rule not in (*ruleset.duties, *ruleset.scorecards):  # one name may be that of several kinds
            raise LookupError(f"'{rule}' stands under '{section}'; only duties and scorecards are looked at")
        known("duty or scorecard", rule, [*ruleset.duties, *ruleset.scorecards])
    answers: list[Missing] = []
    for node in outcome.run.dataflow.rules:
        if node.kind not in _LOOKED_AT or rule not in (None, node.id):
            continue
        judged = rule_of(ruleset, node)
        if isinstance(judged, Duty):
            answers += [_Search(outcome, node, judged, r).duty(r) for r in _open(outcome, node, judged, subject)]
        elif isinstance(judged, Scorecard) and judged.grades:
            answers += [_Search(outcome, node, judged, r).card(r) for r in _running(outcome, node, judged, subject)]
    if not answers or rule is not None:  # else a card without grades would be passed over without a word
        answers += list(_without_grades(outcome, subject, rule))
    return answers


def _without_grades(outcome: Outcome, subject: str, rule: str | None) -> Iterator[Missing]:
    """What is said of running scorecards that have no grade to reach."""
    for r in outcome.scorecards.where(subject=subject):
        if r.provisional and rule in (None, r.rule) and not outcome.ruleset.scorecards[r.rule][r.version].grades:
            yield Missing(r.rule, r.period, "", "undecided", why="no_grades")


def _open(outcome: Outcome, node: RuleNode, duty: Duty, subject: str) -> Iterator[DutyResult]:
    for r in outcome.duties.where(rule=duty.id, subject=subject, version=node.version):
        late = (
            r.status in (Status.MISSED, Status.INVALID)
            and duty.by is not None
            and duty.late == "accepted"
            and r.appeal is None
        )
        if (r.status in (Status.OPEN, Status.AT_RISK) and r.value is not True) or late:
            yield r


def _running(outcome: Outcome, node: RuleNode, card: Scorecard, subject: str) -> Iterator[ScorecardResult]:
    best = next(iter(card.grades))
    for r in outcome.scorecards.where(rule=card.id, subject=subject, version=node.version):
        if r.provisional and r.grade != best:
            yield r


class _Search(Outlook):
    """The search for one rule and period of one subject."""

    # ---- duties

    def duty(self, result: DutyResult) -> Missing:
        """What clears the duty."""
        base = Missing(result.rule, result.period, "met")
        assert isinstance(self.rule, Duty)
        try:
            condition = needed(self.rule)
            classes, complete = self.classes(self.dependencies([condition]))
            events, smallest = self._enough_for(list(self._conjuncts(condition)), classes, complete)
        except Undecided as answer:
            return evolve(base, state=answer.state, why=answer.why, detail=answer.detail)

        def holds(tried: Sequence[FutureEvent]) -> bool:
            judged = self.trial.judged(tried)
            return isinstance(judged, DutyResult) and (judged.status.is_fulfilled or judged.value is True)

        if not holds(events):
            return evolve(base, state="undecided", why="interplay")
        events = self._least(events, holds)
        judged = self.trial.judged(events)
        assert isinstance(judged, DutyResult)  # it held just now
        steady = judged.status.is_fulfilled
        return self._proposed(evolve(base, fewest=smallest and complete, steady=steady), events, classes)

    def _conjuncts(self, tree: Node) -> Iterator[Node]:
        """The conditions that must all hold, looked for inside measures too."""
        for part in conjuncts(tree):
            if isinstance(part, Ref) and part.scope == "measure":
                yield from self._conjuncts(self.outcome.ruleset.measures[part.name].value.tree)
            elif part is tree:
                yield part
            else:
                yield from self._conjuncts(part)

    def _enough_for(self, parts: Sequence[Node], classes: Sequence[EventClass], complete: bool) -> tuple[Events, bool]:
        """The fewest events with which all conditions hold; conditions that share events are searched together."""
        groups = grouped([(p, self._of_tree(p, classes)) for p in parts])
        events: list[FutureEvent] = []
        smallest = True
        for wanted, ours in groups:

            def holds(events: Sequence[FutureEvent], wanted: Sequence[Node] = wanted) -> bool:
                return all(self.trial.value(c, events) is True for c in wanted)

            if holds(()):
                continue
            best, tried_all = fewest(ours, holds)
            if best is None:
                unmet = [c for c in wanted if self.trial.value(c, ()) is not True]
                raise self._hopeless(unmet, ours, holds, complete and tried_all)
            events.extend(best)
            smallest = smallest and tried_all
        return tuple(events), smallest

    def _hopeless(
        self, unmet: Sequence[Node], classes: Sequence[EventClass], holds: Callable[[Events], bool], complete: bool
    ) -> Undecided:
        """Why no events were found that make the conditions hold; out of reach only where that is certain."""
        of = self.dependencies(unmet)
        text = "; ".join(self._written(c) for c in unmet)
        obstacle = self.obstacle(of)
        if obstacle is not None:
            return obstacle
        queries = self.queries(of.own)
        taken = {n for c in classes for n in c.queries}
        if all(q.number in taken for q in queries):
            everything = tuple(e for c in classes for e in c.events)
            spent = all(c.limited and len(c.events) < FRESH for c in classes) and not holds(everything)
            return Undecided("spent", text, "out_of_reach") if spent and complete else Undecided("many", text)
        finder = self.trial.finder
        before = CandidateFinder(finder.evidence, finder.context, self.context.period.start, self.outcome.at)
        possible = {n for c in before.classes(queries, {})[0] for n in c.queries} | taken
        over = all(q.number in possible for q in queries) and not classes and complete
        return Undecided("over", text, "out_of_reach") if over else Undecided("no_event", text)

    # ---- scorecards

    def card(self, result: ScorecardResult) -> Missing:
        """What lifts the scorecard to a better grade."""
        card = self.rule
        assert isinstance(card, Scorecard)
        order = list(card.grades)
        target = order[-1] if result.grade is None else order[order.index(result.grade) - 1]
        base = Missing(result.rule, result.period, target)
        try:
            if result.grade is None:
                raise Undecided("no_total", ", ".join(i.indicator for i in result.indicators if i.points is None))
            if result.appeal is not None or result.decided_by:
                raise Undecided("decided", ", ".join(result.decided_by) or result.appeal.event)  # type: ignore[union-attr]
            return self._lifted(card, result, base, order[: order.index(target) + 1])
        except Undecided as answer:
            return evolve(base, state=answer.state, why=answer.why, detail=answer.detail, held=answer.held)

    def _lifted(self, card: Scorecard, result: ScorecardResult, base: Missing, good: Sequence[str]) -> Missing:
        indicators = card.all_indicators
        trees = {i.indicator: formula(indicators[i.indicator]) for i in result.indicators}
        vetoes = [v.when.tree for v in card.veto.values()]
        classes, complete = self.classes(self.dependencies([*trees.values(), *vetoes]))
        start = self.trial.judged(())
        assert isinstance(start, ScorecardResult)  # it is judged in the run
        held = tuple(
            i.indicator for i in start.indicators
            if not i.is_full and self.is_held(indicators[i.indicator])
        )  # fmt: skip

        def reaches(events: Sequence[FutureEvent]) -> bool:
            judged = self.trial.judged(events)
            return isinstance(judged, ScorecardResult) and judged.grade in good

        if start.vetoes and grade_of(start.total, card.grades) in good:
            raise Undecided("veto", ", ".join(start.vetoes), "out_of_reach")
        by_group = grouped([(t, self._of_tree(t, classes)) for t in trees.values()])
        groups = [(nodes, ours) for nodes, ours in by_group if ours]
        if any(i.state == "excluded" for i in start.indicators) and groups:  # the points of all hang together
            groups = [(list(trees.values()), [c for c in classes if any(c in ours for _, ours in groups)])]

        def total(events: Sequence[FutureEvent]) -> Fraction:
            judged = self.trial.judged(events)
            if not isinstance(judged, ScorecardResult) or judged.total is None:
                return Fraction(-1)
            parts = (i.points if card.round.of == "parts" else i.exact for i in judged.indicators)
            return sum((p for p in parts if p is not None), Fraction())  # exact: what groups gain can be added

        def lifts(points: Fraction) -> bool:
            return grade_of(card.round.apply(points), card.grades) in good

        started = total(())

        def full(nodes: Sequence[Node], events: Events) -> bool:
            judged = self.trial.judged(events)
            assert isinstance(judged, ScorecardResult)  # it was judged for its total
            return all(i.is_full for i in judged.indicators if any(trees[i.indicator] is n for n in nodes))

        options = [best_by_count(ours, total, lifts, partial(full, nodes)) for nodes, ours in groups]
        chosen, smallest = together(options, started, lifts)
        if chosen is None:
            best = started + sum((max(p for p, _ in o.values()) - started for o, _ in options), Fraction())
            why = "held" if held else "points"
            decided = all(tried_all for _, tried_all in options) and complete and not held
            detail = f"{render_number(card.round.apply(best))}/{render_number(start.out_of)}"
            raise Undecided(why, detail, "out_of_reach" if decided else "undecided", held)
        if not reaches(chosen):
            if start.vetoes:
                raise Undecided("veto", ", ".join(start.vetoes), "out_of_reach")
            raise Undecided("interplay", "", held=held)
        events = self._least(chosen, reaches)
        judged = self.trial.judged(events)
        assert isinstance(judged, ScorecardResult)  # it was reached just now
        gain = None if judged.total is None or start.total is None else judged.total - start.total
        scaled = any(i.state == "excluded" for i in start.indicators)
        answer = evolve(
            base,
            target=judged.grade or "",
            gain=gain,
            held=held,
            fewest=smallest and complete and not scaled,
            steady=False,
        )
        return self._proposed(answer, events, classes)

    def _of_tree(self, tree: Node, classes: Sequence[EventClass]) -> list[EventClass]:
        """The classes that the tree looks at."""
        numbers = {q.number for q in self.queries(self.dependencies([tree]).own)}
        return [c for c in classes if c.queries & numbers]

    # ---- the proposal

    def _least(self, events: Events, holds: Callable[[Sequence[FutureEvent]], bool]) -> Events:
        """The same events with the smallest amounts that are still enough."""
        ruleset = self.outcome.ruleset
        reduced = list(events)
        for i, event in enumerate(events):
            for name, value in event.fields.items():
                kind = ruleset.fields[name]
                if not self.is_amount(event.kind, name) or not isinstance(value, Fraction):
                    continue
                step = Fraction(1, 10**kind.scale)
                low = kind.min if kind.min is not None else min(Fraction(), value)

                def enough(
                    steps: int, i: int = i, name: str = name, low: Fraction = low, step: Fraction = step
                ) -> bool:
                    tried = [*reduced[:i], reduced[i].with_field(name, low + steps * step), *reduced[i + 1 :]]
                    return holds(tried)

                least = bisect(int((value - low) / step), enough)
                reduced[i] = reduced[i].with_field(name, low + least * step)
        return tuple(reduced)

    def _proposed(self, base: Missing, events: Events, classes: Sequence[EventClass]) -> Missing:
        """The answer with its events, those of one class together."""
        finder = self.trial.finder
        by_class: dict[tuple[str, frozenset[int]], list[FutureEvent]] = {}
        for event in events:
            taking = [q for q in self.trial.queries if finder.contribution(q.aggregate, event) is not None]
            by_class.setdefault((event.kind, frozenset(q.number for q in taking)), []).append(event)
        needs = tuple(
            self._need(ours, [q for q in self.trial.queries if q.number in numbers], classes)
            for (_, numbers), ours in by_class.items()
        )
        last_day = None if self.is_late else min(e.day for e in events)  # once late there is no day to name
        return evolve(base, needs=needs, events=events, last_day=last_day)

    def _need(
        self, events: Sequence[FutureEvent], queries: Sequence[AggregateQuery], classes: Sequence[EventClass]
    ) -> Needed:
        first, days = events[0], [e.day for e in events]
        numbers = {q.number for q in queries}
        possible = [c for c in classes if c.kind == first.kind and c.queries == numbers]
        theirs = next((c for c in possible if any(e.key == first.key for e in c.events)), next(iter(possible), None))
        new = theirs if theirs is not None and len(events) <= len(theirs.events) else None
        parts = [p for q in queries for p in (q.aggregate.where, q.aggregate.value) if p is not None]
        refs = [n for p in parts for n in walk(p) if isinstance(n, Ref)]
        personal = any(r.scope == "person" or r.name in ("person", "member") for r in refs)
        return Needed(
            first.kind, len(events), conditions(queries), None if self.is_late else max(days),
            None if self.is_late else min(days), first.present, "" if new is None else new.grain,
            "" if new is None else new.element, (first.person or "") if personal else "",
        )  # fmt: skip

    def _written(self, node: Node) -> str:
        for expression in measure_expressions(self.rule):
            text = written(node, expression.text)
            if any(part is node for part in walk(expression.tree)):
                return text
        return render(node)
