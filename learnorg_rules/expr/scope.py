"""What names mean in one place of a rule file."""

from collections.abc import Mapping, Sequence

from attrs import evolve, field, frozen

from .nodes import Ref, Span

__all__ = ["Common", "ExpressionError", "Fault", "Scope"]


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
class Common:
    """What some kinds of event have in common.

    Attributes:
        names: the names that all of them have; what one of them may lack a value of can be missing.
        lacking: name -> the kinds that do not have it, though others of them do.
        clash: a name of different types in two of them, of which no use can be made then; "" if there is none.
    """

    names: Mapping[str, Ref] = field(factory=dict)
    lacking: Mapping[str, Sequence[str]] = field(factory=dict)
    clash: str = ""


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
        elsewhere: name -> what it is ("an attribute of units"), of names that mean something in other places.
        takes: what may stand here instead, for hints.
        own: names that the rule binds for its subject alone, so that they mean nothing for others of a group.
    """

    what: str
    names: Mapping[str, Ref] = field(factory=dict)
    kinds: Mapping[str, Mapping[str, Ref]] = field(factory=dict)
    persons: Mapping[str, Ref] = field(factory=dict)
    functions: frozenset[str] = frozenset()
    duties: frozenset[str] = frozenset()
    own: frozenset[str] = frozenset()
    elsewhere: Mapping[str, str] = field(factory=dict)
    takes: str = ""
    _common: dict[Sequence[str], Common] = field(factory=dict, init=False, eq=False, repr=False)

    def common(self, kinds: Sequence[str]) -> Common:
        """What the kinds have in common; many aggregates are over the same kinds."""
        key = tuple(kinds)
        if key not in self._common:
            self._common[key] = _common([(kind, self.kinds[kind]) for kind in key])
        return self._common[key]


def _common(kinds: Sequence[tuple[str, Mapping[str, Ref]]]) -> Common:
    names: dict[str, Ref] = {}
    lacking: dict[str, Sequence[str]] = {}
    for name in sorted({name for _, known in kinds for name in known}):
        found = [known[name] for _, known in kinds if name in known]
        first = found[0]
        if len(found) < len(kinds):
            lacking[name] = [kind for kind, known in kinds if name not in known]
        elif all(ref.type is first.type for ref in found):
            names[name] = first
        else:
            sorts = [evolve(ref.type, nullable=False) for ref in found if ref.type is not None]
            if any(sort != sorts[0] for sort in sorts):
                return Common(clash=name)
            missing = any(ref.type is not None and ref.type.nullable for ref in found)
            names[name] = evolve(first, type=evolve(sorts[0], nullable=missing))
    return Common(names, lacking)
