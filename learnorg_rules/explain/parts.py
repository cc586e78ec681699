"""What stands behind the names of a formula, as reasons: measures, events, persons, other periods, other rules."""

from collections.abc import Callable, Iterator
from typing import TypeVar

from attrs import frozen

from ..expr.nodes import Aggregate, Ref
from ..expr.types import Base
from ..model.duty import Status
from ..model.kinds import sort_of
from ..model.results import Appeal, Waiver
from ..tracing.traces import (
    AggregateTrace,
    DaysTrace,
    ElsewhereTrace,
    EventSeen,
    Formula,
    Listed,
    MeasureTrace,
    MetTrace,
    NotCounted,
    ParameterUse,
    Part,
    PersonSeen,
    PersonsTrace,
    ScoreTrace,
    SetAside,
)
from ..values import Value
from .tree import Reason
from .wording import Wording, equal

__all__ = ["Parts"]

Entry = TypeVar("Entry")


@frozen
class Parts:
    """Writes the parts of one trace."""

    words: Wording

    def behind(self, formula: Formula) -> list[Reason]:
        """The reasons behind a formula, in the order of its names; of several aggregates each under its own text."""
        named = len({leaf.node for leaf in formula.leaves if isinstance(leaf.node, Aggregate)}) > 1
        found: list[Reason] = []
        for part in formula.parts:
            reasons = list(self.part(part))
            if named and isinstance(part, AggregateTrace | PersonsTrace):
                text = " ".join(part.node.text.split())
                said = self.words.say("result", what=text, value=self.words.value(part.value))
                reasons = [Reason(said, reasons, kind="formula")]
            found += reasons
        return found

    def part(self, part: Part) -> Iterator[Reason]:
        """The reasons that tell of one part."""
        if isinstance(part, AggregateTrace):
            yield from self.aggregate(part)
        elif isinstance(part, PersonsTrace):
            yield self.persons(part)
        elif isinstance(part, MeasureTrace):
            yield self.measure(part)
        elif isinstance(part, DaysTrace):
            yield self.days(part)
        elif isinstance(part, ElsewhereTrace):
            yield self.elsewhere(part)
        elif isinstance(part, MetTrace):
            yield self.met(part)
        else:
            yield self.score(part)

    # ---- measures

    def measure(self, part: MeasureTrace) -> Reason:
        """`rate = attendees / headcount = 31 / 80 = 0.3875`, and what stands behind it."""
        words, rule = self.words, part.definition
        children = self.behind(part.formula)
        if part.without_events:
            children.insert(0, Reason(words.say("without_events")))
        return Reason(
            words.say("formula", name=words.title(rule), formula=self.equation(part.formula, part.value)).replace("= ≈", "≈ "),
            children, words.place(rule.source), kind="measure", reference=rule.reference,
        )  # fmt: skip

    def equation(self, formula: Formula, value: object) -> str:
        """The formula, the formula with its values, and its value; what repeats is said once."""
        words = self.words
        if formula.tree is not None and formula.tree.type is not None and formula.tree.type.base is Base.BOOLEAN:
            return self.verdict(formula, value)
        return equal(words.text(formula), words.filled(formula), words.found(value, formula.fault))

    def verdict(self, formula: Formula, value: object) -> str:
        """A condition, the condition with its values, and whether it holds."""
        words = self.words
        text, was = words.text(formula), words.filled(formula)
        unknown = "holds_unknown" if formula.fault is None else "invalid"
        holds = words.say("holds" if value is True else unknown if value is None else "holds_not")
        alone = was == words.value(value)  # nothing but a name
        said = text if alone else words.say("condition", text=text, was=was)
        return words.say("condition_value", said=said, value=holds)

    # ---- events

    def aggregate(self, part: AggregateTrace) -> Iterator[Reason]:
        """What counted, with the events; and below it what did not, with the reasons."""
        words = self.words
        counted = part.counted.total
        near = counted + part.not_counted.total
        if counted:
            phrase = "counted_all" if counted == near > 1 else "counted_some"
        else:
            phrase = "counted_none" if near else "counted_nothing"
        said = words.say(
            phrase, n=counted, of=near, kinds=words.kinds(part.node.kinds), start=part.start.isoformat(),
            last=part.last.isoformat(),
        )  # fmt: skip
        kinds = len(part.node.kinds)
        children = list(self._made_of(part, kinds))
        children += self._some(part.counted, lambda e: self._event(e, kinds), "more_records")
        children += self._some(part.not_counted, lambda n: self._not_counted(n, kinds), "more_not_counted")
        children += self._some(part.set_aside, lambda s: self._set_aside(s, kinds), "more_records")
        yield Reason(said, children, kind="aggregate")

    def _made_of(self, part: AggregateTrace, kinds: int) -> Iterator[Reason]:
        words = self.words
        if part.values.total:
            names_nodes = isinstance(part.node.value, Ref) and part.node.value.name in ("person", "unit")
            values = []
            for value, n in part.values.shown:
                shown = words.node(str(value)) if names_nodes else words.value(value)
                values.append(words.say("value_times", value=shown, n=n) if n > 1 else shown)
            if part.values.more:
                values.append(words.say("more_values", n=part.values.more))
            yield Reason(words.say("values", values=words.list(values)), kind="values")
        if part.hit or part.not_hit:
            yield Reason(self._hits(part), kind="hits")
        if part.decided_by is not None:
            yield Reason(words.say("taken_from", event=words.event(part.decided_by, kinds)), kind="decided_by")

    def _hits(self, part: AggregateTrace) -> str:
        """In how many months there was an event, and in which, or, where they are fewer, in which there was none."""
        words, n, of = self.words, len(part.hit), len(part.hit) + len(part.not_hit)
        grain = words.say(f"grains.{part.node.grain}", n=of)
        if n in (0, of):
            return words.say("hit_none" if n == 0 else "hit_all", of=of, grain=grain)
        fewer, phrase = (part.hit, "hit") if n <= of - n else (part.not_hit, "not_hit")
        return words.say(phrase, n=n, of=of, grain=grain, names=words.list(fewer))

    def _some(self, entries: Listed[Entry], write: Callable[[Entry], Reason], more: str) -> Iterator[Reason]:
        for entry in entries.shown:
            yield write(entry)
        if entries.more:
            yield Reason(self.words.say(more, n=entries.more), kind="more")

    def _event(self, event: EventSeen, kinds: int) -> Reason:
        return Reason(self.words.event(event, kinds), kind="event")

    def _not_counted(self, entry: NotCounted, kinds: int) -> Reason:
        words = self.words
        whys = list(dict.fromkeys(words.failed(f, entry.event.person) for f in entry.failed))
        if entry.elsewhere:
            whys.append(words.say("week_elsewhere", sub=entry.elsewhere))
        seen = words.seen(entry.event, kinds)
        return Reason(words.say("not_counted", event=seen, why=words.say("semicolon").join(whys)), kind="not_counted")

    def _set_aside(self, entry: SetAside, kinds: int) -> Reason:
        words = self.words
        if entry.what in ("superseded", "voided"):
            phrase = "corrected_by" if entry.what == "superseded" else "cancelled_by"
            why = words.say(phrase, by=words.list(entry.by))
        elif entry.what == "not_yet_known":
            why = words.say("entered_later", known_at=words.value(words.trace.known_at))
        else:
            why = words.say("rejected_with", code=entry.code, reason=entry.reason)
        return Reason(words.say("not_used_record", event=words.event(entry.event, kinds), why=why), kind="set_aside")

    # ---- persons

    def persons(self, part: PersonsTrace) -> Reason:
        """Who of the members counts, and who does not."""
        words = self.words
        of = part.counted.total + part.not_counted.total
        children: list[Reason] = []
        if part.counted.total:
            names = words.list(words.node(p.id) for p in part.counted.shown)
            text = words.say("persons_named", names=names)
            if part.counted.more:
                text += words.say("list") + words.say("more_persons", n=part.counted.more)
            children.append(Reason(text, kind="person"))
        children += self._some(part.not_counted, self._person, "more_persons_not")
        said = words.say("persons", day=part.day.isoformat(), n=part.counted.total, of=of)
        return Reason(said, children, kind="persons")

    def _person(self, person: PersonSeen) -> Reason:
        words = self.words
        why = words.say("semicolon").join(words.failed(f, person.id) for f in person.failed)
        return Reason(words.say("person_not", person=words.node(person.id), why=why), kind="not_counted")

    # ---- other periods, other rules

    def elsewhere(self, part: ElsewhereTrace) -> Reason:
        """A value from other periods or other subjects, and theirs."""
        words = self.words
        said = words.say("elsewhere_value", text=" ".join(part.text.split()), value=words.value(part.value))

        def one(entry: tuple[str, Value]) -> Reason:
            name = words.node(entry[0]) if part.by_subject else entry[0]
            return Reason(words.say("elsewhere_value", text=name, value=words.value(entry[1])), kind="elsewhere")

        children = list(self._some(part.values, one, "more_values"))
        if part.without:
            all_ = part.without == part.values.total
            text = words.say("group_without_all" if all_ else "group_without", n=part.without, of=part.values.total)
            children.insert(0, Reason(text))
        if not part.values.total:
            children = [Reason(words.say("nobody_else" if part.by_subject else "no_period_before"))]
        return Reason(said, children, kind="elsewhere")

    def days(self, part: DaysTrace) -> Reason:
        """On how many days of the period the subject, or its members, were there."""
        phrase = "days_of_members" if part.of is None else "days_present"
        text = self.words.say(phrase, text=part.text, n=part.days, of=part.of or 0, period=part.period.name)
        return Reason(text, kind="days")

    def met(self, part: MetTrace) -> Reason:
        """How many of the duty's periods were met, and which were not."""
        words, duty = self.words, part.definition
        if not part.judged:
            text = words.say("met_none", name=words.title(duty))
        else:
            text = words.say("met_rate", name=words.title(duty), n=part.met, of=part.judged)
        children = []
        if part.missed.total:
            names = words.list(
                words.say("named", name=r.period, id=words.state(sort_of(r).name, r.status.value))
                if r.status is Status.INVALID
                else r.period
                for r in part.missed.shown
            )
            if part.missed.more:
                names += words.say("list") + words.say("more_periods", n=part.missed.more)
            children.append(Reason(words.say("missed_periods", names=names)))
        return Reason(text, children, words.place(duty.source), kind="met", reference=duty.reference)

    def score(self, part: ScoreTrace) -> Reason:
        """Total and grade of a scorecard that the rule looks at, and how to ask for more."""
        words, card = self.words, part.definition
        if part.result is None:
            return Reason(words.say("no_score", card=words.title(card)), (), words.place(card.source), kind="score")
        phrase = "score_plain" if part.result.grade is None else "score"
        total = words.total(part.result.total, part.result.lacking)
        text = words.say(phrase, card=words.title(card), total=total, grade=words.value(part.result.grade))
        call = words.ask(part.result.subject, card.id, part.result.period)
        return Reason(text, [Reason(words.say("ask", call=call))], words.place(card.source), kind="score")

    def appeal(self, appeal: Appeal | None, first: str, now: str) -> list[Reason]:
        """What an appeal changed, by whom and why."""
        if appeal is None:
            return []
        words, by = self.words, self.words.node(appeal.decided_by)
        text = words.say("appeal", first=first, now=now, by=by, reason=appeal.reason, event=appeal.event)
        return [Reason(text, kind="appeal")]

    def waiver(self, waiver: Waiver | None) -> list[Reason]:
        """What let the subject off, who granted it and why."""
        if waiver is None:
            return []
        words = self.words
        text = words.say(
            "because_waived", start=waiver.from_.isoformat(), until=waiver.until.isoformat(),
            by=words.node(waiver.granted_by), reason=waiver.reason, event=waiver.event,
        )  # fmt: skip
        return [Reason(text, kind="waiver")]

    def idle(self) -> list[Reason]:
        """The waivers and appeals that change nothing, and why."""
        words, cut, found = self.words, self.words.trace.cut, []
        for one in words.trace.idle:
            if isinstance(one, Waiver):
                assert cut is not None  # else none is looked for
                start, until = one.from_.isoformat(), one.until.isoformat()
                phrase = "waiver_backwards" if one.until < one.from_ else "waiver_idle"
                text = words.say(phrase, event=one.event, start=start, until=until, due=cut.period.last.isoformat())
            else:
                text = words.say("appeal_idle", event=one.event, by=words.node(one.decided_by), reason=one.reason)
            found.append(Reason(text, kind="idle"))
        return found

    def parameters(self) -> list[Reason]:
        """The assumed parameters that the trace reads: value, note and place."""
        uses = self.words.trace.parameters
        return [self._assumed(use) for use in uses if use.dated is not None and use.dated.assumed]

    def _assumed(self, use: ParameterUse) -> Reason:
        words = self.words
        value = words.value(use.value) if use.dated is None else use.dated.value.text
        text = words.say("assumed_note" if use.note else "assumed", name=use.name, value=value, note=use.note)
        source = use.dated.source if use.dated is not None else None
        place = None if source is None else words.place(source)
        return Reason(text, (), place, kind="parameter", reference=use.reference)
