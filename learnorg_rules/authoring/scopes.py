"""Which names an expression may use, place by place in a rule file."""

from collections import ChainMap
from collections.abc import Mapping, Sequence

from attrs import evolve, field, frozen

from ..expr.nodes import Ref
from ..expr.scope import Scope
from ..expr.types import BOOLEAN, DATE, INSTANT, NUMBER, TEXT, Base, Type, choice, number
from ..model.definitions import EventKind, FieldType, OrganisationSchema, Scorecard

__all__ = ["ENVELOPE", "FAMILIES", "RESERVED_NAMES", "Names", "type_of"]

FAMILIES = ("units", "bodies", "persons")

ENVELOPE: Mapping[str, Type] = {
    "id": TEXT,
    "source": TEXT,
    "kind": TEXT,
    "unit": TEXT,
    "person": evolve(TEXT, nullable=True),
    "occurred_at": INSTANT,
    "recorded_at": evolve(INSTANT, nullable=True),
    "date": DATE,
    "member": BOOLEAN,
}
"""What every event has besides the fields of its kind."""

RESERVED_NAMES = frozenset({"period_start", "period_end", "total", "grade", "candidates", "participants"})
"""Names that a place binds itself, so that no measure or parameter may take them."""

_FUNCTIONS = frozenset({"previous", "base", "streak", "met", "persons", "present", "person_days", "across"})


def type_of(declared: FieldType, nullable: bool = False) -> Type:
    """The type of the values of a declared field or attribute."""
    if declared.type == "integer":
        return number(declared.unit, 0, nullable)
    if declared.type == "decimal":
        return number(declared.unit, declared.scale, nullable)
    if declared.type == "choice":
        return choice(declared.of, nullable)
    simple = {"boolean": BOOLEAN, "text": TEXT, "date": DATE, "instant": INSTANT}[declared.type]
    return evolve(simple, nullable=nullable)


@frozen
class Names:
    """Everything that has a name in a ruleset, with its type, and the scopes made of it.

    `parameters`, measures and `scores` are filled while a ruleset is resolved; a scope sees what is there when it is used.
    """

    organisation: OrganisationSchema
    fields: Mapping[str, FieldType]
    events: Mapping[str, EventKind]
    duties: frozenset[str] = frozenset()
    parameters: dict[str, Type] = field(factory=dict)
    scores: dict[str, Ref] = field(factory=dict, init=False)
    measure_refs: dict[str, Ref] = field(factory=dict, init=False)
    _kinds: dict[str, Mapping[str, Ref]] = field(factory=dict, init=False)

    def set_measure(self, name: str, kind: Type) -> None:
        """Make the type of a measure known, also in scopes that were made before."""
        self.measure_refs[name] = Ref("measure", name, type=kind)

    # ---- attributes

    def unit_attributes(self) -> dict[str, Type]:
        """Attributes of a unit, bare names; what files need not hold can be missing."""
        levels = self.organisation.levels
        built_in = {"id": TEXT, "level": choice(levels) if levels else TEXT, "name": evolve(TEXT, nullable=True)}
        return built_in | {name: type_of(t, nullable=True) for name, t in self.organisation.units.items()}

    def person_attributes(self) -> dict[str, Type]:
        """Attributes of a person, bare names; all can be missing but the id."""
        declared = {name: type_of(t, nullable=True) for name, t in self.organisation.persons.items()}
        built_in = {"id": TEXT, "name": evolve(TEXT, nullable=True)}
        if "birth_date" in declared:
            built_in["age"] = number(nullable=True)
        return built_in | declared

    def attributes(self, family: str) -> dict[str, Type]:
        """Attributes of a subject of a family; of a list of ids, those of units."""
        if family == "persons":
            return self.person_attributes()
        return {"id": TEXT, "name": evolve(TEXT, nullable=True)} if family == "bodies" else self.unit_attributes()

    # ---- scopes

    def constant(self, what: str) -> Scope:
        """Parameters only."""
        takes = "a number or a parameter stands here; what depends on the subject is a measure"
        return Scope(what, _refs("parameter", self.parameters), elsewhere=self.elsewhere(), takes=takes)

    def selector(self, family: str) -> Scope:
        """Attributes of the subjects, parameters, and the ends of the period."""
        names = _refs("parameter", self.parameters) | _refs("subject", self.attributes(family))
        names |= _refs("local", {"period_start": DATE, "period_end": DATE})
        takes = f"attributes of {family or 'units'} and parameters stand here"
        return Scope(f"a selector of {family or 'units'}", names, elsewhere=self.elsewhere(), takes=takes)

    def measure(self, what: str, family: str = "", more: Mapping[str, Ref] | None = None) -> Scope:
        """Measures, parameters, attributes of the subject, aggregates; `more` hides others of its names."""
        names = _refs("subject", self.attributes(family)) | _refs("parameter", self.parameters)
        if not family:  # a measure serves units and persons alike: what a subject does not have is missing for it
            names = _refs("subject", self.person_attributes()) | names
        return Scope(
            what,
            # A view, not a copy: measures get their types one after another, and there may be many.
            ChainMap(dict(more or {}), self.measure_refs, self.scores, names),
            self.kinds(),
            self.in_persons(),
            _FUNCTIONS,
            self.duties,
            elsewhere=self._of_persons() if family and family != "persons" else {},
            takes="count the members with 'persons(condition)', or average a measure with 'mean(x in members)'",
        )

    def veto(self, family: str, card: Scorecard) -> Scope:
        """A measure's names, `total`, and the points of the card's indicators."""
        points = evolve(NUMBER, nullable=True)
        more = {name: Ref("score", f"{card.id}.{name}", type=points) for name in card.all_indicators}
        more |= _refs("local", {"total": points})
        return evolve(self.measure("a veto", family, more), own=frozenset(more))

    def award(self, what: str, family: str) -> Scope:
        """A measure's names, of which those of the scorecards come first (see `scores`)."""
        return self.measure(what, family, self.scores)

    def quota(self) -> Scope:
        """Parameters, and how many take part."""
        counts = {"candidates": number(places=0), "participants": number(places=0)}
        takes = "a number, a parameter, 'candidates' or 'participants' stands here"
        names = _refs("parameter", self.parameters) | _refs("local", counts)
        return Scope("a quota", names, elsewhere=self.elsewhere(), takes=takes)

    def _of_persons(self) -> dict[str, str]:
        return dict.fromkeys(self.person_attributes().keys() - self.unit_attributes().keys(), "an attribute of persons")

    def elsewhere(self) -> dict[str, str]:
        """What a name is that means nothing where only constants or attributes may stand."""
        return {
            **dict.fromkeys(self.fields, "a field of events"), **dict.fromkeys(self.measure_refs, "a measure"),
            **dict.fromkeys(self.person_attributes(), "an attribute of persons"),
            **dict.fromkeys(self.unit_attributes(), "an attribute of units"),
        }  # fmt: skip

    def kinds(self) -> Mapping[str, Mapping[str, Ref]]:
        """For each kind of event the names that may stand inside an aggregate over it."""
        if not self._kinds:
            persons = _refs("person", self.person_attributes())
            units = self.unit_attributes()
            for kind in self.events.values():
                names = _refs("parameter", self.parameters)
                names |= {name: ref for name, ref in persons.items() if name not in ENVELOPE}
                names |= {f"person.{name}": ref for name, ref in persons.items()}
                names |= {f"unit.{name}": Ref("unit", name, type=t) for name, t in units.items()}
                names |= _refs("event", ENVELOPE)
                takes = kind.takes
                if takes.get("person"):
                    names["person"] = Ref("event", "person", type=TEXT)
                names |= {
                    name: Ref("event", name, type=type_of(self.fields[name], nullable=not required))
                    for name, required in takes.items()
                    if name in self.fields
                }
                self._kinds[kind.id] = names
        return self._kinds

    def in_persons(self) -> Mapping[str, Ref]:
        """Names inside `persons(...)`."""
        return _refs("parameter", self.parameters) | _refs("person", self.person_attributes())


def _refs(scope: str, types: Mapping[str, Type]) -> dict[str, Ref]:
    return {name: Ref(scope, name, type=kind) for name, kind in types.items()}


def scores(cards: Mapping[str, Sequence[Scorecard]]) -> dict[str, Ref]:
    """`card.total`, `card.grade` and `card.indicator` of every scorecard, over all its versions.

    Grades compare from the worst up, so that `year.grade >= good` means good or better.
    """
    points = evolve(NUMBER, nullable=True)
    names: dict[str, Ref] = {}
    for card, versions in cards.items():
        grades = [grade for version in reversed(versions) for grade in reversed(list(version.grades))]
        for version in versions:
            names |= {f"{card}.{i}": Ref("score", f"{card}.{i}", type=points) for i in version.all_indicators}
        names[f"{card}.total"] = Ref("score", f"{card}.total", type=points)
        if grades:
            options = tuple(dict.fromkeys(grades))
            names[f"{card}.grade"] = Ref(
                "score", f"{card}.grade", type=Type(Base.CHOICE, options=options, nullable=True)
            )
    return names
