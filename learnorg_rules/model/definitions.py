"""What a rule file can define: one class per kind of rule, its YAML keys being its field names.

Shared by every definition: `id`, `source` (where its key stands) and `places` (where each of its own keys stands).
Expressions are `Expression`s: text, surface tree and place; `resolved` trees live beside them in the `Ruleset`.
Metadata on a field tells the reader of files what one annotation cannot: `key` where the YAML key is no Python name,
`scope` for the names an expression may use (see `learnorg_rules.authoring.scopes`), `short` for the field that a bare
value stands for, `single` where a bare text is a list of one, `file` for what the reader fills in.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from fractions import Fraction

from attrs import field, frozen

from ..errors import Source
from ..expr.nodes import Node, Subjects
from ..values import Rounding

__all__ = [
    "Award",
    "Band",
    "CardRounding",
    "CaseColumns",
    "Category",
    "Columns",
    "Dated",
    "Definition",
    "Duty",
    "Effective",
    "EventKind",
    "Expression",
    "FieldType",
    "Header",
    "HolidaySpan",
    "Indicator",
    "Measure",
    "NamedPeriod",
    "OrganisationSchema",
    "Parameter",
    "RejectedLimit",
    "RollUp",
    "Rule",
    "Scorecard",
    "Selector",
    "Text",
    "Veto",
]  # fmt: skip


@frozen
class Text:
    """A text for people, by language: `{"en": ..., "zh": ...}`. A bare text is English."""

    by_language: Mapping[str, str] = field(factory=dict)

    def say(self, language: str = "en") -> str:
        """The text in the language, else in English, else in any; "" if empty."""
        texts = self.by_language
        return texts.get(language) or texts.get("en") or next(iter(texts.values()), "")


@frozen
class Expression:
    """An expression as written. `tree` is the surface tree until the ruleset is resolved, then the resolved one.

    Two are equal where their trees are. `at(offset)` gives the place in the file of an offset into `text`.
    """

    tree: Node
    text: str = field(default="", eq=False)
    source: Source = field(default=Source(""), eq=False)


@frozen
class Effective:
    """The days a rule is in force, both ends included; None is open."""

    from_: date | None = field(default=None, metadata={"key": "from"})
    to: date | None = None

    def __contains__(self, day: date) -> bool:
        return (self.from_ is None or self.from_ <= day) and (self.to is None or day <= self.to)


@frozen(kw_only=True)
class Definition:
    """What every rule has."""

    id: str = ""
    title: Text = Text()
    reference: Sequence[str] = field(default=(), metadata={"single": True})
    note: str = ""
    effective: Effective = Effective()
    responsible: str = ""
    source: Source = field(default=Source(""), eq=False, metadata={"file": True})
    places: Mapping[str, Source] = field(factory=dict, eq=False, repr=False, metadata={"file": True})

    def place(self, key: str) -> Source:
        """Where this key's value stands, else where the rule begins."""
        return self.places.get(key, self.source)


# ---- the ruleset itself


@frozen
class RollUp:
    """An event counts for its unit and the unit's ancestors `along` an edge kind: the ancestors of its day, or of now."""

    along: str = "part_of"
    as_: str = field(default="as_it_was", metadata={"key": "as", "options": ("as_it_was", "as_now")})


@frozen
class HolidaySpan:
    """Days on which nothing is expected, both ends included."""

    from_: date = field(metadata={"key": "from"})
    to: date
    name: str = ""


@frozen
class NamedPeriod:
    """One period of a list the ruleset names, both ends included."""

    name: str
    from_: date = field(metadata={"key": "from"})
    to: date


@frozen
class CaseColumns:
    """How the cases of a log, such as one application with all its steps, become one event each. Without `columns` they do not."""

    columns: Mapping[str, str] = field(factory=dict)
    constants: Mapping[str, str] = field(factory=dict)


@frozen
class RejectedLimit:
    """How many records may be rejected before a run says that its results cannot be used: so many, or a share of all."""

    most: Fraction
    is_share: bool = False

    def is_passed(self, rejected: int, read: int) -> bool:
        """Whether more than that were rejected, of those that were read."""
        return rejected > (self.most * read if self.is_share else self.most)


@frozen
class Columns:
    """How rows of event files become events: our name -> the file's name, and columns that no file has."""

    columns: Mapping[str, str] = field(factory=dict)
    constants: Mapping[str, str] = field(factory=dict)
    unknown_person: str = field(default="reject", metadata={"options": ("reject", "accept")})
    cases: CaseColumns = CaseColumns()
    max_rejected: RejectedLimit | None = None


@frozen
class PublicationTerms:
    """What may move a published result: any correction (None), one in the days after publishing, or (0) only an appeal."""

    correctable_days: int | None = None


@frozen(kw_only=True)
class Header(Definition):
    """The section `ruleset`. Its `effective` needs both ends: they are the days that are judged."""

    version: str = ""
    time_zone: str = "UTC"
    roll_up: RollUp = RollUp()
    required_share: Fraction = Fraction(1, 2)
    year_starts: int = 1
    holidays: Sequence[HolidaySpan] = ()
    periods: Mapping[str, Sequence[NamedPeriod]] = field(factory=dict)
    records: Columns = Columns()
    languages: Sequence[str] = ("en",)
    decider: str = field(default="", metadata={"options": ("", "durable_rules", "reference")})
    publication: PublicationTerms = PublicationTerms()


@frozen
class FieldType:
    """The type of an event field or of an attribute."""

    type: str = field(
        metadata={"options": ("integer", "decimal", "boolean", "text", "choice", "date", "instant"), "short": True}
    )
    unit: str = ""
    places: int | None = None  # digits kept; decimals only, 2 where not given
    of: Sequence[str] = ()
    min: Fraction | None = None
    max: Fraction | None = None
    title: Text = Text()
    source: Source = field(default=Source(""), eq=False, metadata={"file": True})

    @property
    def scale(self) -> int:
        """Decimal digits of the integer that a cell holds: value * 10**scale."""
        return (2 if self.places is None else self.places) if self.type == "decimal" else 0


@frozen
class OrganisationSchema:
    """The attributes rules may speak of."""

    levels: Sequence[str] = ()
    units: Mapping[str, FieldType] = field(factory=dict)
    persons: Mapping[str, FieldType] = field(factory=dict)
    columns: Mapping[str, str] = field(factory=dict)  # our name -> the name in organisation files


@frozen(kw_only=True)
class EventKind(Definition):
    """A declared kind of event. `fields` are names of declared fields, `?` behind what may be missing."""

    fields: Sequence[str] = field(default=(), metadata={"short": True})
    effect: str = field(default="", metadata={"options": ("", "waiver", "appeal")})

    @property
    def takes(self) -> Mapping[str, bool]:
        """Field name -> whether it must be there."""
        return {name.rstrip("?"): not name.endswith("?") for name in self.fields}


# ---- values and subjects


@frozen
class Dated:
    """One value of a parameter, from a day on."""

    value: Expression = field(metadata={"scope": "constant", "short": True})
    assumed: bool = False
    reference: Sequence[str] = field(default=(), metadata={"single": True})
    note: str = ""
    source: Source = field(default=Source(""), eq=False, metadata={"file": True})


@frozen(kw_only=True)
class Parameter(Definition):
    """A named value with a history: (first day or None for always, value), by day."""

    values: Sequence[tuple[date | None, Dated]] = ()

    def on(self, day: date) -> Dated | None:
        """The value in force on the day; None before the first."""
        found = None
        for first, value in self.values:
            if first is None or first <= day:
                found = value
        return found


@frozen(kw_only=True)
class Selector(Definition):
    """A named set of subjects."""

    select: Expression = field(metadata={"scope": "selector", "short": True})


@frozen(kw_only=True)
class Measure(Definition):
    """A number or condition for any subject and period."""

    value: Expression = field(metadata={"scope": "measure", "short": True})
    without_events: str = field(default="zero", metadata={"options": ("zero", "missing")})
    provisional: bool = False  # whether `streak` counts a period that is not over


@frozen(kw_only=True)
class Rule(Definition):
    """A rule that judges subjects."""

    for_: Expression = field(metadata={"key": "for", "scope": "selector"})
    succession: str = field(default="restart", metadata={"options": ("restart", "inherit")})
    escalate: str = ""  # edge kind along which a failure goes up; default: who leads the subject, else what is above it

    @property
    def every(self) -> str:
        """The schedule it is judged by; "" where it has days of its own."""
        raise TypeError("every class of rule says it")

    @property
    def subjects(self) -> Subjects:
        """Whom it judges, resolved."""
        assert isinstance(self.for_.tree, Subjects)  # what the scope `selector` parses to
        return self.for_.tree


@frozen(kw_only=True)
class Duty(Rule):
    """A condition that must hold in every period, or by a day."""

    require: Expression = field(metadata={"scope": "measure"})
    every: str = ""
    from_: Expression | None = field(default=None, metadata={"key": "from", "scope": "constant"})
    by: Expression | None = field(default=None, metadata={"scope": "constant"})
    late: str = field(default="accepted", metadata={"options": ("accepted", "refused")})
    at_risk: Expression | None = field(default=None, metadata={"scope": "constant"})
    above: str = field(default="missed", metadata={"options": ("missed", "note")})
    excused: str = field(default="", metadata={"options": ("", "holidays")})


@frozen(kw_only=True)
class Indicator(Definition):
    """One scored item: exactly one of share, when and value."""

    points: Expression | None = field(default=None, metadata={"scope": "constant"})
    share: Expression | None = field(default=None, metadata={"scope": "measure"})
    when: Expression | None = field(default=None, metadata={"scope": "measure"})
    value: Expression | None = field(default=None, metadata={"scope": "measure"})
    missing: str = field(default="", metadata={"options": ("", "zero", "exclude", "missing")})
    excused: str = field(default="", metadata={"options": ("", "exclude", "full", "zero")})
    only: Expression | None = field(default=None, metadata={"scope": "constant"})


@frozen(kw_only=True)
class Category(Definition):
    """Indicators that belong together; `points` are theirs in sum."""

    points: Expression | None = field(default=None, metadata={"scope": "constant"})
    indicators: Mapping[str, Indicator] = field(factory=dict)
    only: Expression | None = field(default=None, metadata={"scope": "constant"})


@frozen(kw_only=True)
class Band:
    """A grade's totals: from (included) or above (not), to (included) or below (not). Short form: `from`."""

    from_: Fraction | None = field(default=None, metadata={"key": "from", "short": True})
    above: Fraction | None = None
    to: Fraction | None = None
    below: Fraction | None = None
    source: Source = field(default=Source(""), eq=False, metadata={"file": True})


@frozen(kw_only=True)
class Veto(Definition):
    """When it holds, the grade is at most this."""

    when: Expression = field(metadata={"scope": "veto"})
    grade: str
    because: Text = Text()


@frozen
class CardRounding(Rounding):
    """How a scorecard rounds: `of` the total, once, points being shown as parts of it, or of all parts before they are added."""

    of: str = field(default="total", metadata={"options": ("total", "parts")})


@frozen(kw_only=True)
class Scorecard(Rule):
    """Points for a subject and period, their total, and the grade that follows."""

    every: str
    round: CardRounding
    missing: str = field(default="", metadata={"options": ("", "zero", "exclude", "missing")})
    excused: str = field(default="exclude", metadata={"options": ("exclude", "full", "zero")})
    total_points: Expression | None = field(default=None, metadata={"scope": "constant"})
    declared_items: Expression | None = field(default=None, metadata={"scope": "constant"})
    categories: Mapping[str, Category] = field(factory=dict)
    indicators: Mapping[str, Indicator] = field(factory=dict)
    grades: Mapping[str, Band] = field(factory=dict)
    veto: Mapping[str, Veto] = field(factory=dict)

    @property
    def all_indicators(self) -> Mapping[str, Indicator]:
        """Those of the card itself, then those of its categories."""
        groups = (self.indicators, *(category.indicators for category in self.categories.values()))
        return {name: indicator for group in groups for name, indicator in group.items()}


@frozen(kw_only=True)
class Award(Rule):
    """The best of the candidates, as many as the quota allows."""

    every: str
    when: Expression | None = field(default=None, metadata={"scope": "award"})
    rank_by: Sequence[Expression] = field(default=(), metadata={"scope": "ranking", "single": True})
    ranking: str = field(default="competition", metadata={"options": ("competition", "dense")})
    ties: str = field(default="refuse", metadata={"options": ("admit_all", "leave_empty", "refuse")})
    within: str = ""
    quota: Expression | None = field(default=None, metadata={"scope": "quota"})
    provisional: bool = False  # whether it is granted while its period still runs


@frozen(kw_only=True)
class Gate(Definition):
    """A condition on the way into or out of a step."""

    when: Expression = field(metadata={"scope": "measure", "short": True})


@frozen(kw_only=True)
class Step(Definition):
    """One step of a plan: its planned days, both included; what opens it, what has to be done, and what if it is not."""

    from_: date = field(metadata={"key": "from"})
    to: date
    enter: Mapping[str, Gate] = field(factory=dict)
    done: Mapping[str, Gate] = field(factory=dict)
    unmet: str = field(default="", metadata={"options": ("", "carry_over", "extend", "close")})


@frozen(kw_only=True)
class Plan(Rule):
    """A dated plan in steps. `unmet` says what a step does that ends with a gate unmet, where it does not say itself."""

    steps: Mapping[str, Step] = field(factory=dict)
    unmet: str = field(default="close", metadata={"options": ("carry_over", "extend", "close")})

    @property
    def every(self) -> str:
        """Nothing: a plan has days of its own."""
        return ""


@frozen(kw_only=True)
class DecisionText(Definition):
    """A decision as a file says it: patterns of facts by name, what follows, and why. See `learnorg_rules.model.decision`."""

    when: Mapping[str, Expression]
    then: Mapping[str, Expression]
    unless: Mapping[str, Expression] = field(factory=dict)
    because: Text = Text()
    priority: int = 0
    provisional: bool = False  # whether it looks at periods that are not over
