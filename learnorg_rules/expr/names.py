"""What a name means at one place of an expression, and what to say where it means nothing."""

from collections.abc import Mapping, Sequence
from typing import Literal as OneOf

from attrs import evolve, frozen

from ..errors import did_you_mean
from .algebra import RefusalError, type_of
from .lexemes import is_name
from .nodes import Name, Ref, Span
from .scope import Scope
from .types import Base

__all__ = ["EVENT_LEVELS", "Level", "Place", "event_place", "kind_text"]

Level = OneOf["subject", "condition", "value"]
EVENT_LEVELS = ("condition", "value")


@frozen
class Place:
    """The names at one place.

    Attributes:
        level: "subject" outside aggregates; inside, "condition" (`where`) or "value" (before `in`, and `by`).
        names: what is visible.
        inside: the aggregate, for messages; "" outside.
        lacking: name -> the kinds of event that do not have it, though others of the aggregate do.
        outer: inside a group of subjects, the place where the group stands; its names stand behind `subject.`.
    """

    names: Mapping[str, Ref]
    level: Level = "subject"
    inside: str = ""
    lacking: Mapping[str, Sequence[str]] = {}
    outer: "Place | None" = None

    def find(self, name: str) -> Ref | None:
        """What the name refers to, or None."""
        return self.names.get(name)

    def ref(self, node: Name, scope: Scope) -> Ref:
        """What the name refers to, at its place in the text.

        Raises:
            RefusalError: it means nothing here; the hint has the nearest name, or where the name would have a meaning.
        """
        name = ".".join(node.parts)
        found = self.find(name)
        if found is not None:
            return evolve(found, span=node.span)
        raise RefusalError(node.span, "E304", *self._unknown(name, scope))

    def _unknown(self, name: str, scope: Scope) -> tuple[str, str]:
        if name in self.lacking:
            kinds = ", ".join(f"'{k}'" for k in self.lacking[name])
            return f"'{name}' is not a field of {kinds}", "inside an aggregate every kind of event needs the field"
        if self.outer is not None and self.outer.find(name) is not None:
            return f"'{name}' is of the subject itself, not of each in '{self.inside}'", f"write 'subject.{name}'"
        near = _BOOLEANS.get(name.casefold()) or did_you_mean(name, self.names, listed=False)
        if name.startswith("subject."):
            rest = name.removeprefix("subject.")
            hint = f"write '{rest}'" if self.find(rest) is not None else near
            return "'subject.' stands inside a group of subjects only", hint
        if self.level != "subject":
            if name in scope.names:
                return (
                    f"'{name}' is not known inside '{self.inside}'",
                    near or "fields of events and parameters stand here",
                )
            return f"unknown name '{name}' inside '{self.inside}'", near
        if name in scope.kinds:
            return f"'{name}' is a kind of event, not a value", f"write 'count({kind_text(name)})'"
        if name in scope.elsewhere and self.level == "subject":
            return f"'{name}' is {scope.elsewhere[name]}, which {scope.what} does not know", scope.takes
        carriers = sorted(kind for kind, names in scope.kinds.items() if name in names)
        if carriers:
            return f"'{name}' is known of events only", f"write '{_aggregate_of(scope, name, carriers[0])}'"
        return f"unknown name '{name}'", near or ("" if scope.kinds else scope.takes)


_BOOLEANS = {**dict.fromkeys(("yes", "on"), "write true"), **dict.fromkeys(("no", "off"), "write false")}


def _aggregate_of(scope: Scope, name: str, kind: str) -> str:
    """An aggregate that suits the name, as an example."""
    written = kind_text(kind)
    base = type_of(scope.kinds[kind][name]).base
    if base is Base.BOOLEAN:
        return f"any({written} where {name})"
    return f"{'sum' if base is Base.NUMBER else 'distinct'}({name} in {written})"


def kind_text(kind: str) -> str:
    """A kind of event as it stands in an expression: in quotes where it is no name."""
    return kind if is_name(kind) else f'"{kind}"'


def event_place(scope: Scope, kinds: Sequence[str], level: Level, inside: str, span: Span) -> Place:
    """The names that all the kinds have.

    Raises:
        RefusalError: a name has different types in two of them.
    """
    common = scope.common(kinds)
    if common.clash:
        raise RefusalError(span, "E305", f"'{common.clash}' has different types in {' and '.join(kinds)}")
    return Place(common.names, level, inside, common.lacking)
