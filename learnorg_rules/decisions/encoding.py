"""Rules and facts as durable-rules can bear them: integers under names of our own making, in definitions of one form.

The engine behind is unsafe with texts, floats, nulls, missing fields, late vetoes and names that share a hash (the cases
are listed in decision 0011). None of these is filtered out here; none can be said at all. A text is a number given out
when it is first seen, a missing field is `ABSENT`, and every name in a definition or fact is a letter and a number.
"""

import json
from bisect import bisect
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from fractions import Fraction

from attrs import Factory, define, field, frozen

from ..model.decision import FACT_TYPES, LARGEST, DecisionRule, Fact, FactField, FactValue, Pattern, Test
from .port import MOST_FACTS, EngineFailedError

__all__ = ["ABSENT", "BOOT", "END", "SID", "Codes", "Shard", "fact_ids", "require_different_hashes", "shards"]

ABSENT = -LARGEST - 1  # below every value, so that only `!=`, `<` and `<=` have to look out for it

_ROOM = 2 * MOST_FACTS  # between two decimals of the rules, for those of a case; a fact has one at most

SID = "s"  # one session, made and deleted for every case
BOOT = f'{{"id":"b","sid":"{SID}","t":0}}'  # deleting a session in which nothing ever fired frees memory it never got
END = f'{{"id":"z","sid":"{SID}","t":1}}'  # last of the batch and first to fire: says that the batch was read whole
_FIRST_CODE = 2  # of the types of fact; 0 and 1 are the two above

# Limits of one ruleset of the engine, with room to its own (64 conditions of one node that hold together, 511 conditions
# of one node, 255 rules on one, 251 properties of a fact), beyond which it hangs or writes where it should not. Every
# pattern begins with its type, so a node has at most as many conditions, and rules, as the type has patterns.
_MOST_OF_A_TYPE = 60
_MOST_RULES = 200
_MOST_LISTS = 150


class Codes:
    """Values as integers: those of the rules for ever, those of a case until the next.

    A text is a number given out when it is first seen. A decimal, which may have any digits, is its place among the decimals
    of the rules and of the case: places compare as the decimals do, and nothing else is ever asked of them.
    """

    def __init__(self, rules: Iterable[DecisionRule]) -> None:
        self._lasting: dict[str, int] = {}
        self._passing: dict[str, int] = {}
        tests = (test for rule in rules for pattern in rule.all_patterns for test in pattern.tests)
        self._constants = sorted({c for test in tests for c in test.constants if isinstance(c, Fraction)})
        self._kept = {constant: (n + 1) * _ROOM for n, constant in enumerate(self._constants)}
        self._places = self._kept

    def begin(self, facts: Iterable[Fact]) -> None:
        """A case begins: give its decimals their places, and forget what the one before had."""
        self._passing.clear()
        found = {v for fact in facts for v in fact.values.values() if isinstance(v, Fraction)}
        self._places = dict(self._kept)
        for n, value in enumerate(sorted(found - self._kept.keys())):
            self._places[value] = bisect(self._constants, value) * _ROOM + n + 1

    def number(self, value: FactValue) -> int:
        """The value's number in this case."""
        if isinstance(value, str):
            found = self._lasting.get(value)
            return self._passing.setdefault(value, -1 - len(self._passing)) if found is None else found
        if isinstance(value, Fraction):
            return self._places[value]
        return value.toordinal() if isinstance(value, date) else int(value)

    def keep(self, value: FactValue) -> int:
        """The number of a constant of the rules."""
        return self._lasting.setdefault(value, len(self._lasting)) if isinstance(value, str) else self.number(value)


@define
class _Sort:
    """How facts of one type are written for a shard: codes of the two roles (0: not wanted), then properties."""

    name: str
    code: int = 0
    exception_code: int = 0
    properties: dict[str, str] = Factory(dict)  # field -> property
    lists: dict[tuple[str, frozenset[FactValue]], str] = Factory(dict)  # `field in list` -> property

    def body(self, values: Mapping[str, FactValue], codes: Codes) -> str:
        """The properties of a fact: `,"a0":5,"l0":1`."""
        parts = []
        for name, written in self.properties.items():
            value = values.get(name)
            number = ABSENT if value is None else codes.number(value)
            parts.append(f',"{written}":{number}')
        for (name, listed), written in self.lists.items():
            value = values.get(name)
            parts.append(f',"{written}":{2 if value is None else int(value in listed)}')
        return "".join(parts)


@frozen
class Shard:
    """A part of the rules that one ruleset of the engine can hold.

    `definition`: for the engine; rule `r3` is `rules[3]`, alias `m2` its third pattern. `sorts`: by type of fact.
    """

    rules: Sequence[DecisionRule]
    sorts: Mapping[str, _Sort]
    definition: str
    wanted: Sequence[frozenset[str]] = field(default=())  # of each rule, the types without which it cannot fire

    def batch(self, facts: Sequence[tuple[str, Mapping[str, FactValue]]], ids: Sequence[str], codes: Codes) -> str:
        """The facts that some rule looks at, as one batch; "" if no rule can fire.

        A fact that an exception may match is written twice: first for the exceptions, then for the patterns, because the
        engine does not take back what fired before its exception came. Property `n` is the place in `facts`.
        """
        present = {kind for kind, _ in facts}
        if not any(wanted <= present for wanted in self.wanted):
            return ""
        exceptions, patterns = [], []
        for n, (kind, values) in enumerate(facts):
            sort = self.sorts.get(kind)
            if sort is None:
                continue
            rest = f'{sort.body(values, codes)},"n":{n},"k":1}}'
            if sort.exception_code:
                exceptions.append(f'{{"id":"{ids[2 * n]}","sid":"{SID}","t":{sort.exception_code}{rest}')
            if sort.code:
                patterns.append(f'{{"id":"{ids[2 * n + 1]}","sid":"{SID}","t":{sort.code}{rest}')
        return f"[{','.join((*exceptions, *patterns, END))}]"


def shards(rules: Sequence[DecisionRule], codes: Codes) -> list[Shard]:
    """The rules, in order, in as few shards as the limits of the engine allow."""
    found: list[Shard] = []
    held: list[DecisionRule] = []
    for rule in rules:
        if held and not _fits([*held, rule]):
            found.append(_shard(held, codes))
            held = []
        held.append(rule)
    return [*found, _shard(held, codes)] if held else found


def _fits(rules: Sequence[DecisionRule]) -> bool:
    roles: dict[tuple[str, str], int] = {}
    lists: dict[str, set[tuple[str, object]]] = {}
    for rule in rules:
        for section, pattern in rule.sections:
            role = (pattern.type, section)
            roles[role] = roles.get(role, 0) + 1
            lists.setdefault(pattern.type, set()).update((t.field, t.value) for t in pattern.tests if _is_list(t))
    return (
        len(rules) <= _MOST_RULES
        and max(roles.values()) <= _MOST_OF_A_TYPE
        and max(map(len, lists.values())) <= _MOST_LISTS
    )


def _is_list(test: Test) -> bool:
    return isinstance(test.value, tuple)


def _shard(rules: Sequence[DecisionRule], codes: Codes) -> Shard:
    sorts: dict[str, _Sort] = {}
    numbers = iter(range(_FIRST_CODE, 2**16))
    written: dict[str, object] = {
        "y": {"pri": 0, "all": [{"m": {"t": 0}}]},
        "z": {"pri": 0, "all": [{"m": {"t": 1}}]},
    }
    for rule in rules:
        for section, pattern in rule.sections:
            sort = sorts.setdefault(pattern.type, _Sort(pattern.type))
            if section == "unless":
                sort.exception_code = sort.exception_code or next(numbers)
            else:
                sort.code = sort.code or next(numbers)
            _note_properties(sort, pattern)
    for index, rule in enumerate(rules):
        written[f"r{index}"] = {"pri": 1, "all": list(_patterns(rule, sorts, codes))}
    properties = {p for sort in sorts.values() for p in (*sort.properties.values(), *sort.lists.values())}
    require_different_hashes(["id", "sid", "t", "k", "n", "$s", *sorted(properties)])
    wanted = [frozenset(pattern.type for pattern in rule.patterns) for rule in rules]
    return Shard(tuple(rules), sorts, json.dumps(written), wanted)


def _note_properties(sort: _Sort, pattern: Pattern) -> None:
    for test in pattern.tests:
        if isinstance(test.value, tuple):
            sort.lists.setdefault((test.field, frozenset(test.value)), f"l{len(sort.lists)}")
    for name in sorted(pattern.needs):
        sort.properties.setdefault(name, f"a{len(sort.properties)}")


def _patterns(rule: DecisionRule, sorts: Mapping[str, _Sort], codes: Codes) -> Iterator[dict[str, object]]:
    """The patterns, exceptions last. In each: type, constants, joins by inequality, joins by equality, and `k`.

    Of `n` no two may be equal, as no two patterns stand for one fact: the engine sees to that among patterns, but an
    exception looks at a second copy. The join by `k`, which is always 1, is there because the engine reads past the end
    of a list of joins that breaks off before an equality.
    """
    place = {pattern.alias: f"m{index}" for index, pattern in enumerate(rule.patterns)}
    types = {pattern.alias: pattern.type for pattern in rule.patterns}
    for index, (section, pattern) in enumerate(rule.sections):
        sort, is_exception = sorts[pattern.type], section == "unless"
        conditions: list[object] = [{"t": sort.exception_code if is_exception else sort.code}]
        for condition in _constants(pattern, sort, codes):
            if condition not in conditions:
                conditions.append(condition)
        unequal = [join for join in pattern.joins if join.op != "=="]
        equal = [join for join in pattern.joins if join.op == "=="]
        if is_exception:
            conditions += [{"$neq": {"n": {m: "n"}}} for alias, m in place.items() if types[alias] == pattern.type]
        for join in (*unequal, *equal):
            theirs = {place[join.alias]: sorts[types[join.alias]].properties[join.other]}
            conditions.append(_condition(join.op, sort.properties[join.field], theirs))
        if index:
            conditions.append({"k": {"m0": "k"}})
        alias = f"m{index}$not" if is_exception else f"m{index}"
        yield {alias: {"$and": conditions} if len(conditions) > 1 else conditions[0]}


_OPERATORS = {"!=": "$neq", "<": "$lt", "<=": "$lte", ">": "$gt", ">=": "$gte"}


def _condition(op: str, name: str, value: object) -> dict[str, object]:
    return {name: value} if op == "==" else {_OPERATORS[op]: {name: value}}


def _constants(pattern: Pattern, sort: _Sort, codes: Codes) -> Iterator[dict[str, object]]:
    declared: Mapping[str, FactField] = FACT_TYPES[pattern.type].fields
    present = set()
    for test in pattern.tests:
        if isinstance(test.value, tuple):
            listed = sort.lists[test.field, frozenset(test.value)]
            yield {listed: int(test.op == "in")}
            present.add(test.field)
            continue
        number = codes.keep(test.value)
        if test.op in ("==", ">", ">="):
            present.add(test.field)  # ABSENT never meets these
        yield _condition(test.op, sort.properties[test.field], number)
    for name in sorted(pattern.needs - present):
        if declared[name].optional:
            yield {"$neq": {sort.properties[name]: ABSENT}}


# ---- names


def _fnv1a(text: str) -> int:
    """The 32-bit hash that the engine takes for the identity of a name."""
    value = 0x811C9DC5
    for byte in text.encode("ascii"):  # its `char` may be signed; ASCII is the same either way
        value = (value ^ byte) * 0x01000193 & 0xFFFFFFFF
    return value


def require_different_hashes(names: Iterable[str]) -> None:
    """See to it that the engine can tell the names apart.

    Raises:
        EngineFailedError: it cannot. With the names we make this does not happen.
    """
    seen: dict[int, str] = {}
    for name in names:
        other = seen.setdefault(_fnv1a(name), name)
        if other != name:
            raise EngineFailedError(f"durable-rules cannot tell the names '{other}' and '{name}' apart")


_IDS: list[str] = []
_TAKEN = {_fnv1a(name) for name in ("b", "z", f"sid-{SID}")}  # ids of the two messages above and of the session


def fact_ids(count: int) -> Sequence[str]:
    """At least so many ids, no two of one hash: the engine would take them for one fact. The same ones every time."""
    tried = int(_IDS[-1][1:]) if _IDS else -1
    while len(_IDS) < count:
        tried += 1
        name = f"f{tried}"
        value = _fnv1a(name)
        if value not in _TAKEN:
            _TAKEN.add(value)
            _IDS.append(name)
    return _IDS
