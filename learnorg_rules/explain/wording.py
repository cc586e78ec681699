"""How values, names, events and conditions are written for people."""

from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime, timedelta
from fractions import Fraction
from pathlib import PurePath

from attrs import frozen

from ..errors import Source
from ..expr.nodes import IsMissing, Literal, Name, Node, Ref
from ..expr.render import render, render_number
from ..expr.rewrite import substitute
from ..judging.faults import Fault
from ..model.decision import DecisionRule
from ..model.definitions import Definition
from ..tracing.traces import AggregateTrace, Condition, EventSeen, Failed, Leaf, Trace
from ..values import Rounding, Value, Wrong
from ..words import say, state

__all__ = ["AggregateQuery", "Wording", "equal", "python_call"]

MOST_DIGITS = 9  # behind the point; a number with more of them is rounded, and says so

AggregateQuery = Callable[[str, str, str], str]


def python_call(subject: str, rule: str, period: str) -> str:
    """How more is asked for in Python."""
    return f'why("{subject}", "{rule}", "{period}")' if period else f'why("{subject}", "{rule}")'


def equal(*steps: str) -> str:
    """The steps of a calculation, joined by `=`, or by `≈` alone before one that is rounded; what repeats is said once."""
    return " = ".join(dict.fromkeys(steps)).replace("= ≈", "≈ ")


@frozen
class Wording:
    """One trace in one language."""

    trace: Trace
    language: str
    ask: AggregateQuery = python_call

    def say(self, phrase: str, **values: object) -> str:
        """The phrase in the language, filled in."""
        return say(phrase, self.language, **values)

    def state(self, kind: str, value: str | None) -> str:
        """The word for the state of a result."""
        return state(kind, value, self.language)

    def list(self, items: Iterable[str]) -> str:
        """Items of a list, with the language's comma."""
        return self.say("list").join(items)

    # ---- values

    def value(self, value: Value) -> str:
        """A value as people write it; a number without a short finite form is rounded and marked."""
        if value is None or isinstance(value, Wrong):
            return self.say("no_data" if value is None else "invalid")
        if isinstance(value, bool):
            return self.say("true" if value else "false")
        if isinstance(value, int | Fraction):
            return self.number(value)
        if isinstance(value, timedelta):
            return self.say("days", n=value.days)
        if isinstance(value, datetime):
            local = value.astimezone(self.trace.ruleset.time_zone)
            return local.strftime("%Y-%m-%d %H:%M:%S" if local.second else "%Y-%m-%d %H:%M")
        if isinstance(value, date):
            return value.isoformat()
        if isinstance(value, tuple | list):
            return f"[{', '.join(self.value(v) for v in value)}]"
        return str(value)

    def found(self, value: Value, fault: Fault | None) -> str:
        """A value; where there is none because something is wrong, that."""
        return self.say("invalid") if value is None and fault is not None else self.value(value)

    def fault(self, fault: Fault) -> str:
        """What is wrong."""
        value = "" if fault.value is None else self.number(fault.value)
        said = self.say(f"fault_{fault.kind}", text=fault.text, value=value, most=self.number(fault.most))
        said = self.say("result", what=fault.text, value=said) if fault.kind == "range" and fault.text else said
        whose = self.node(fault.of)
        return self.say("result", what=whose, value=said) if whose else said

    def total(self, total: int | Fraction | None, lacking: str) -> str:
        """The total, or why there is none."""
        return self.say(f"no_total_{lacking}") if total is None else self.number(total)

    def number(self, value: int | Fraction) -> str:
        """A number: "12.5", or "≈0.333333" for 1/3."""
        text = render_number(value)
        _, _, digits = text.partition(".")
        if "/" not in text and len(digits) <= max(MOST_DIGITS, self.trace.decimals):
            return text
        return self.say("about", value=render_number(Rounding(self.trace.decimals).apply(value)))

    # ---- names

    def title(self, definition: Definition | DecisionRule) -> str:
        """The rule's title with its id, or its id alone."""
        title = definition.title.say(self.language)
        return self.say("named", name=title, id=definition.id) if title and title != definition.id else definition.id

    def short(self, definition: Definition | DecisionRule) -> str:
        """The rule's title, or its id."""
        return definition.title.say(self.language) or definition.id

    def node(self, name: str) -> str:
        """The name of a unit, body or person, or its id where none is known."""
        return self.trace.organisation.names(name, self.language) if name in self.trace.organisation.nodes else name

    def subject(self) -> str:
        """The name of the subject with its id, or its id alone."""
        name = self.node(self.trace.subject)
        return self.say("named", name=name, id=self.trace.subject) if name != self.trace.subject else name

    def kind(self, kind: str) -> str:
        """The title of a kind of event, or its id."""
        return self.trace.ruleset.events[kind].title.say(self.language) or kind

    def kinds(self, kinds: Sequence[str]) -> str:
        """The titles of some kinds."""
        return self.list(self.kind(kind) for kind in kinds)

    def place(self, source: Source) -> Source | None:
        """A place in the rule files as the ruleset was loaded: relative, or from the ruleset's folder on."""
        if not source.file:
            return None
        path, above = PurePath(source.file), PurePath(self.trace.ruleset.folder).parent
        if path.is_absolute() and path.is_relative_to(above):
            return Source(str(path.relative_to(above)), source.line, source.column)
        return source

    # ---- expressions

    def text(self, condition: Condition) -> str:
        """The expression as written, on one line."""
        return " ".join(condition.text.split())

    def condition_of(self, part: AggregateTrace) -> str:
        """The condition of an aggregate, as written: what stands behind its `where`."""
        where = part.node.where
        if where is None:
            return ""
        start, end = (offset - part.node.span.start for offset in (where.span.start, where.span.end))
        written = part.node.text[start:end] if 0 <= start < end <= len(part.node.text) else ""
        return " ".join(written.split()) or render(where)

    def filled(self, condition: Condition) -> str:
        """The expression with the value of each name in its place."""
        text, at = "", 0
        for leaf in condition.leaves:
            if not at <= leaf.start < leaf.end <= len(condition.text):  # not written there, so canonical text it is
                return self._canonical(condition)
            said = self._as_set(leaf) or self.found(leaf.value, leaf.fault)
            text += condition.text[at : leaf.start] + said
            at = leaf.end
        return " ".join((text + condition.text[at:]).split())

    def _as_set(self, leaf: Leaf) -> str:
        """A number that is a parameter, as its author wrote it: 2%, not 0.02; "" for all else."""
        if not (
            isinstance(leaf.node, Ref) and leaf.node.scope == "parameter" and isinstance(leaf.value, int | Fraction)
        ):
            return ""
        name = leaf.node.name
        return next((u.dated.value.text for u in self.trace.parameters if u.name == name and u.dated is not None), "")

    def _canonical(self, condition: Condition) -> str:
        values = {leaf.node: self._as_set(leaf) or self.found(leaf.value, leaf.fault) for leaf in condition.leaves}

        def filled(part: Node) -> Node | None:
            return Name((values[part],)) if part in values else None

        return self.text(condition) if condition.tree is None else render(substitute(condition.tree, filled))

    def failed(self, failed: Failed, person: str | None = None) -> str:
        """Why a condition does not hold: the condition, and the values of what it names."""
        tree = failed.tree
        if isinstance(tree, IsMissing) and tree.negated:
            name = " ".join(failed.text.removesuffix(" is not missing").split())
            return self.say("about_nobody") if name == "person" else self.say("lacks_field", name=name)
        names = [leaf.node for leaf in failed.leaves if isinstance(leaf.node, Ref)]
        if len(names) == 1 and names[0].scope == "event" and names[0].name == "member":
            subject = self.node(self.trace.subject)
            if failed.leaves[0].value is True:
                return self.say("member", person=self.node(person or ""), subject=subject)
            if person is None:
                return self.say("about_nobody")
            return self.say("not_member", person=self.node(person), subject=subject)
        values: dict[str, None] = {}
        for leaf in failed.leaves:
            if not isinstance(leaf.node, Literal):
                written = failed.text[leaf.start : leaf.end] if leaf.end else render(leaf.node)
                values[self.say("is", name=" ".join(written.split()), value=self.value(leaf.value))] = None
        said = self.list(values)
        if isinstance(tree, Ref) and values:
            return said
        phrase = "unknown_condition" if failed.value is None else "fails" if values else "fails_bare"
        return self.say(phrase, condition=self.text(failed), values=said)

    # ---- events

    def event(self, event: EventSeen, kinds: int = 1) -> str:
        """An event on one line: id, day, what it says; its kind where there are several, its unit where another."""
        fields: list[str] = []
        if kinds > 1:
            fields.append(self.kind(event.kind))
        if event.unit != self.trace.subject:
            fields.append(self.say("unit_field", value=self.node(event.unit)))
        if event.person is not None and event.person != self.trace.subject:
            fields.append(self.say("person_field", value=self.node(event.person)))
        fields += [self.say("field_value", name=name, value=self.value(value)) for name, value in event.fields.items()]
        phrase = "seen_with" if fields else "seen"
        return self.say(phrase, id=event.id, date=event.date.isoformat(), fields=self.list(fields))

    def seen(self, event: EventSeen, kinds: int = 1) -> str:
        """Id and day of an event; its kind where there are several."""
        day = event.date.isoformat()
        return self.say("seen_kind" if kinds > 1 else "seen", id=event.id, date=day, kind=self.kind(event.kind))
