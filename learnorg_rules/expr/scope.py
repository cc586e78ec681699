"""What names mean in one place of a rule file."""

from collections.abc import Mapping

from attrs import field, frozen

from .nodes import Ref, Span

__all__ = ["ExpressionError", "Fault", "Scope"]


@frozen(order=True)
class Fault:
    """What is wrong in an expression, with its place in the text."""

    span: Span
    code: str
    message: str
    hint: str = ""


class ExpressionError(Exception):
    """The text is no expression. `faults` says why; there is at least one."""

    def __init__(self, *faults: Fault) -> None:
        self.faults = faults
        super().__init__(faults)


@frozen
class Scope:
    """The names, kinds and functions an expression may use.

    Attributes:
        what: where the expression stands, for messages: "a measure", "the condition of a selector".
        names: name as written (dots included) -> a `Ref` with its type. A name of a set of subjects is not here.
        kinds: event kind -> names visible in an aggregate over it (event fields and envelope, `member`, attributes of
            the person, bare and as `person.x`, `unit.level`, parameters). Empty where aggregates are not allowed.
        persons: names visible inside `persons(...)`: attributes of a person, parameters.
        functions: what is allowed here besides scalar functions and aggregates: "previous", "base", "streak", "met",
            "persons", "present", "person_days", and "across" for numbers over a group of subjects.
        duties: what `met(...)` may name.
    """

    what: str
    names: Mapping[str, Ref] = field(factory=dict)
    kinds: Mapping[str, Mapping[str, Ref]] = field(factory=dict)
    persons: Mapping[str, Ref] = field(factory=dict)
    functions: frozenset[str] = frozenset()
    duties: frozenset[str] = frozenset()
