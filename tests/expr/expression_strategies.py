"""Random expressions, random rows, and the vocabulary they speak of: for any test of expressions over events."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction

import polars as pl
from attrs import evolve
from hypothesis import strategies as st

from learnorg_rules.expr.lexemes import is_name
from learnorg_rules.expr.nodes import (
    Binary,
    Bool,
    Call,
    Compare,
    In,
    IsMissing,
    Literal,
    Logic,
    Name,
    Negate,
    Node,
    Not,
    Order,
    Pair,
    Range,
    Ref,
    Subjects,
)
from learnorg_rules.expr.scope import Scope
from learnorg_rules.expr.types import BOOLEAN, DATE, INSTANT, NUMBER, RATIO, TEXT, Base, Type, choice, listing, number

CARRIERS = ("forum", "salon", "study")
RANKS = ("ke", "chu", "ju")
KIND = "meeting"


def _field(name: str, kind: Type, scope: str = "event") -> Ref:
    return Ref(scope, name, type=evolve(kind, nullable=True))


EVENT_NAMES = {
    "visits": _field("visits", number()),
    "guests": _field("guests", number()),
    "score": _field("score", number(places=1)),
    "price": _field("price", number(places=2)),
    "passed": _field("passed", BOOLEAN),
    "open": _field("open", BOOLEAN),
    "topic": _field("topic", TEXT),
    "place": _field("place", TEXT),
    "carrier": _field("carrier", choice(CARRIERS)),
    "due": _field("due", DATE),
    "date": _field("date", DATE),
    "occurred_at": _field("occurred_at", INSTANT),
    "recorded_at": _field("recorded_at", INSTANT),
    "person.age": _field("age", number(), "person"),
    "rank": _field("rank", choice(RANKS), "person"),
}
"""Every name of the events, as written -> what it refers to. All can be missing."""

MEMBER = Ref("event", "member", type=BOOLEAN)
PARAMETERS = {
    "threshold": Ref("parameter", "threshold", type=NUMBER),
    "deadline": Ref("parameter", "deadline", type=DATE),
    "topics": Ref("parameter", "topics", type=listing(TEXT)),
    "numbers": Ref("parameter", "numbers", type=listing(NUMBER)),
}
SCOPE = Scope(
    "a measure",
    {
        "headcount": Ref("subject", "headcount", type=number("persons")),
        "forums": Ref("measure", "forums", type=evolve(RATIO, non_negative=True)),
        **PARAMETERS,
    },
    {KIND: {**EVENT_NAMES, "rank": EVENT_NAMES["rank"], "member": MEMBER, **PARAMETERS}},
    {"age": EVENT_NAMES["person.age"]},
    frozenset({"previous", "base", "streak", "met", "persons", "across"}),
    frozenset({"salon_duty"}),
)
EVENT_SCOPE = evolve(SCOPE, names={**EVENT_NAMES, "member": MEMBER, **PARAMETERS})
"""The same names at the top level, to resolve a condition over events without an aggregate around it."""

# ---- leaves

_of = {
    base: st.sampled_from([Name(tuple(n.split("."))) for n, r in EVENT_NAMES.items() if r.type.base is base])
    for base in (Base.NUMBER, Base.BOOLEAN, Base.TEXT, Base.CHOICE, Base.DATE, Base.INSTANT)
}
finite = st.builds(lambda n: Literal(Fraction(n)), st.integers(-3, 3)) | st.builds(
    lambda n, d: Literal(Fraction(n, 10**d)), st.integers(-300, 300), st.integers(0, 3)
)
endless = st.builds(lambda n, d: Literal(Fraction(n, d)), st.integers(-20, 20), st.sampled_from([3, 7, 6, 2**80]))
huge = st.sampled_from([Literal(Fraction(10**25 + 1)), Literal(Fraction(-(2**63))), Literal(Fraction(2**63))])
texts = st.sampled_from(["", "a", "b", "论坛", 'quo"te', "back\\slash"])
days = st.dates(date(2004, 12, 1), date(2006, 2, 1)) | st.sampled_from([date(2005, 10, 16), date(2006, 2, 19)])
durations = st.builds(lambda d: Literal(timedelta(d)), st.integers(-40, 400))


# ---- surface trees in the form that `parse` gives


def negated(node: Node) -> Node:
    """`-x` as `parse` builds it: a number literal takes the sign itself."""
    if isinstance(node, Literal) and isinstance(node.value, Fraction | timedelta):
        return Literal(-node.value, node.unit)
    return Negate(node)


def logic(op: str, operands: list[Node]) -> Node:
    """`a and b`, flat."""
    flat: list[Node] = []
    for operand in operands:
        flat += operand.operands if isinstance(operand, Logic) and operand.op == op else [operand]
    return Logic(op, tuple(flat))


def divided(left: Node, right: Node) -> Node:
    """`a / b`; of two whole numbers it is one literal."""
    whole = [
        isinstance(n, Literal) and isinstance(n.value, Fraction) and not n.unit and n.value.denominator == 1
        for n in (left, right)
    ]
    if all(whole) and right.value:
        return Literal(left.value / right.value)
    return Binary("/", left, right)


def event_numbers(
    depth: int = 2, constants: st.SearchStrategy[Node] = finite | endless | huge
) -> st.SearchStrategy[Node]:
    """Numbers over events as a condition may use them."""
    leaf = _of[Base.NUMBER] | constants
    if not depth:
        return leaf
    inner = event_numbers(depth - 1, constants)
    return st.one_of(
        leaf,
        st.builds(Binary, st.sampled_from("+-*"), inner, inner),
        st.builds(divided, inner, constants | st.just(Literal(Fraction(0)))),
        inner.map(negated),
        inner.map(lambda x: Call("abs", (x,))),
        st.builds(lambda f, a, b: Call(f, (a, b)), st.sampled_from(["min", "max", "coalesce"]), inner, inner),
        st.builds(lambda c, a, b: Call("if", (c, a, b)), event_conditions(0), inner, inner),
    )


def event_values(depth: int = 2) -> st.SearchStrategy[Node]:
    """Numbers over events as an aggregate may sum: + - * and finite decimals."""
    leaf = _of[Base.NUMBER] | finite
    if not depth:
        return leaf
    inner = event_values(depth - 1)
    return leaf | st.builds(Binary, st.sampled_from("+-*"), inner, inner) | inner.map(negated)


def event_dates() -> st.SearchStrategy[Node]:
    """Dates over events."""
    leaf = _of[Base.DATE] | days.map(Literal)
    return leaf | st.builds(Binary, st.sampled_from("+-"), leaf, durations)


def event_conditions(depth: int = 2) -> st.SearchStrategy[Node]:
    """Conditions over events, of every sort of value, without `member` and parameters."""
    comparisons = st.sampled_from(["==", "!=", "<", "<=", ">", ">="])
    equals = st.sampled_from(["==", "!="])
    numbers = event_numbers(1 if depth else 0)
    dates, text_values = event_dates(), _of[Base.TEXT] | texts.map(Literal)
    carriers = st.sampled_from([Name((c,)) for c in CARRIERS])
    ranks = st.sampled_from([Name((r,)) for r in RANKS] + [Literal(r) for r in RANKS])
    moments = _of[Base.INSTANT] | _of[Base.DATE] | days.map(Literal)
    signs = st.booleans()

    def listed(operand: st.SearchStrategy[Node], items: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
        return st.builds(In, operand, st.lists(items, min_size=1, max_size=3).map(tuple), signs)

    leaf = st.one_of(
        st.builds(Bool, signs),
        _of[Base.BOOLEAN],
        st.builds(Compare, comparisons, numbers, numbers),
        st.builds(Compare, comparisons, dates, dates),
        st.builds(Compare, comparisons, _of[Base.INSTANT], moments),
        st.builds(Compare, comparisons, moments, _of[Base.INSTANT]),
        st.builds(Compare, equals, text_values, text_values),
        st.builds(Compare, comparisons, st.just(Name(("carrier",))), carriers),
        st.builds(Compare, comparisons, ranks, st.just(Name(("rank",)))),
        st.builds(Compare, comparisons, st.builds(Binary, st.just("-"), dates, dates), durations),
        listed(numbers, numbers),
        listed(text_values, text_values),
        listed(st.just(Name(("carrier",))), carriers),
        listed(dates, dates),
        st.builds(In, numbers, st.builds(Range, numbers, numbers), signs),
        st.builds(In, dates, st.builds(Range, dates, dates), signs),
        st.builds(In, st.just(Name(("rank",))), st.builds(Range, ranks, ranks), signs),
        st.builds(IsMissing, numbers | dates | text_values | _of[Base.CHOICE] | _of[Base.BOOLEAN], signs),
    )
    if not depth:
        return leaf
    inner = event_conditions(depth - 1)
    return st.one_of(
        leaf,
        inner.map(Not),
        st.builds(logic, st.sampled_from(["and", "or"]), st.lists(inner, min_size=2, max_size=3)),
        st.builds(Compare, equals, inner, inner),
        st.builds(lambda c, a, b: Call("if", (c, a, b)), inner, inner, inner),
        inner.map(IsMissing),
    )


words = st.from_regex(r"[a-z_论坛é][a-z0-9_论]{0,6}", fullmatch=True).filter(
    lambda w: is_name(w) and w not in ("null", "nil", "day", "days", "week", "weeks")
)


def surface_trees(depth: int = 3) -> st.SearchStrategy[Node]:
    """Any tree `parse` can give for an expression, whether it means something or not."""
    names = st.lists(words, min_size=1, max_size=2).map(lambda parts: Name(tuple(parts)))
    leaf = st.one_of(
        names,
        finite,
        endless,
        st.builds(lambda n, unit: Literal(n.value, unit), finite, words),
        durations,
        days.map(Literal),
        st.text(max_size=5).map(Literal),
        st.builds(Bool, st.booleans()),
    )
    if not depth:
        return leaf
    inner = surface_trees(depth - 1)
    arguments = st.lists(inner | st.builds(Pair, inner, inner), max_size=3).map(tuple)
    clause = st.none() | inner
    in_what = st.one_of(
        st.lists(inner, min_size=1, max_size=3).map(tuple),
        st.builds(Range, inner, inner),
        names,
        st.text(max_size=3).map(Literal),
    )
    return st.one_of(
        leaf,
        inner.map(negated),
        inner.map(Not),
        st.builds(logic, st.sampled_from(["and", "or"]), st.lists(inner, min_size=2, max_size=3)),
        st.builds(Binary, st.sampled_from("+-*"), inner, inner),
        st.builds(divided, inner, inner),
        st.builds(Compare, st.sampled_from(["==", "!=", "<", "<=", ">", ">="]), inner, inner),
        st.builds(In, inner, in_what, st.booleans()),
        st.builds(IsMissing, inner, st.booleans()),
        st.builds(Call, words, arguments, clause, clause),
    )


def selectors() -> st.SearchStrategy[Node]:
    """Any selector."""
    ids = words | st.sampled_from(["Group 1", "units", "of", "where", 'a"b', "3"])
    family = st.builds(
        lambda f, of, that, where: Subjects(f, of=of, by=that[0], edge=that[1], where=where),
        st.sampled_from(["units", "bodies", "persons"]),
        st.just("") | ids,
        st.just(("", "")) | st.tuples(ids, ids),
        st.none() | surface_trees(1),
    )
    return family | st.lists(ids, min_size=1, max_size=3).map(lambda i: Subjects(ids=tuple(i)))


def orders() -> st.SearchStrategy[Node]:
    """Any entry of a ranking."""
    return st.builds(Order, surface_trees(2), st.booleans())


# ---- rows

instants = st.integers(0, 10**11).map(
    lambda us: datetime(2005, 10, 15, 20, tzinfo=UTC) + timedelta(microseconds=us)
) | st.builds(lambda d, h: datetime(d.year, d.month, d.day, h, tzinfo=UTC), days, st.sampled_from([0, 3, 16]))
_VALUES: dict[Base, st.SearchStrategy[object]] = {
    Base.BOOLEAN: st.booleans(),
    Base.TEXT: texts,
    Base.DATE: days,
    Base.INSTANT: instants,
}
_DTYPES: dict[Base, pl.DataType] = {
    Base.NUMBER: pl.Int64(),
    Base.BOOLEAN: pl.Boolean(),
    Base.TEXT: pl.String(),
    Base.CHOICE: pl.String(),
    Base.DATE: pl.Date(),
    Base.INSTANT: pl.Datetime("us", "UTC"),
}


def _value(kind: Type) -> st.SearchStrategy[object]:
    if kind.base is Base.NUMBER:
        scale = 10 ** (kind.places or 0)
        cells = st.integers(-3, 3).map(lambda n: n * scale) | st.integers(-300, 300)
        return (cells | cells | st.sampled_from([2**63 - 1, -(2**63)])).map(lambda c: Fraction(c, scale))
    return st.sampled_from(kind.options) if kind.base is Base.CHOICE else _VALUES[kind.base]


_one_in_four = st.sampled_from([True, False, False, False])
rows = st.fixed_dictionaries(
    {
        name: _one_in_four.flatmap(lambda gone, kind=ref.type: st.none() if gone else _value(kind))
        for name, ref in EVENT_NAMES.items()
    }
)
"""One event: name as written -> value, None where missing."""


def frame(events: list[dict[str, object]]) -> pl.DataFrame:
    """The events in the columns `frames` reads."""
    columns = {}
    for name, ref in EVENT_NAMES.items():
        values = [event[name] for event in events]
        if ref.type.base is Base.NUMBER:
            values = [None if v is None else int(v * 10 ** (ref.type.places or 0)) for v in values]
        column = f"{ref.scope}.{ref.name}" if ref.scope in ("person", "unit") else ref.name
        columns[column] = pl.Series(values, dtype=_DTYPES[ref.type.base])
    return pl.DataFrame(columns)


def lookup(event: dict[str, object]) -> Callable[[Node], object]:
    """The values of one event's names, as `evaluate` asks for them."""
    by_ref = {(ref.scope, ref.name): event[name] for name, ref in EVENT_NAMES.items()}
    return lambda node: by_ref[node.scope, node.name]  # type: ignore[attr-defined]
