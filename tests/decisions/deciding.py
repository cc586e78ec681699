"""How tests write decision rules and facts, and how they make random ones."""

import random
from datetime import date, timedelta
from fractions import Fraction

from attrs import evolve

from learnorg_rules.authoring.decision_reading import Misread, read_rule
from learnorg_rules.expr.parse import parse
from learnorg_rules.model.decision import (
    FACT_TYPES,
    LARGEST,
    DecisionRule,
    Fact,
    Join,
    Pattern,
    Reference,
    Test,
    with_needs,
)

NOTIFY = {"do": "notify", "to": "office"}


def read(when, unless=None, then=None, because=None, rule_id="rule", priority=0):
    """The rule of these texts, or None, and its faults."""
    parsed = [
        {k: parse(text) for k, text in (part or {}).items()}
        for part in (when, unless, NOTIFY if then is None else then)
    ]
    return read_rule(rule_id, *parsed, because, priority)


def rule(when, unless=None, then=None, because=None, rule_id="rule", priority=0) -> DecisionRule:
    found, faults = read(when, unless, then, because, rule_id, priority)
    assert found is not None, faults
    return found


def said(misread: Misread, text: str = "") -> str:
    """The fault as one line, with what stands at its place."""
    fault = misread.fault
    at = text[fault.span.start : fault.span.end]
    hint = f" [{fault.hint}]" if fault.hint else ""
    return f"{fault.code} {misread.section}.{misread.key} «{at}» {fault.message}{hint}"


def duty(subject="league", name="salon", period="2005-08", status="missed", in_a_row=1, above=False, **more) -> Fact:
    values = {
        "subject": subject,
        "duty": name,
        "period": period,
        "status": status,
        "in_a_row": in_a_row,
        "above": above,
    }
    return Fact("duty", {**values, **more})


def edge(kind="leads", from_="office", to="league") -> Fact:
    return Fact("edge", {"kind": kind, "from": from_, "to": to})


# ---- random rules and facts over few values, so that much of it matches

TEXTS = ["a", "b", "ab", "甲", 'a"b', "a\\", "", "5", "true", "a\nb", "\x00", "é"]
NUMBERS = [0, 1, 2, 5, -1, LARGEST, -LARGEST, LARGEST - 1]
DECIMALS = [Fraction(n) for n in ("0", "0.9", "0.89999999", "1/3", "0.333333", "-1/7", "1e25", "-1e25")]
DAYS = [date(2005, 1, 1) + timedelta(days=n) for n in range(3)]


def _value(rng: random.Random, declared, wide: bool):
    if declared.type == "text":
        options = list(declared.options) or TEXTS
        return rng.choice(options if wide else options[:3])
    if declared.type == "boolean":
        return rng.random() < 0.5
    if declared.type == "date":
        return rng.choice(DAYS)
    numbers = DECIMALS if declared.type == "decimal" else NUMBERS
    return rng.choice(numbers if wide else numbers[:4])


def random_fact(rng: random.Random, types, wide: bool) -> Fact:
    kind = FACT_TYPES[rng.choice(types)]
    values = {}
    for name, declared in kind.fields.items():
        if not declared.optional or rng.random() < 0.6:
            values[name] = _value(rng, declared, wide)
    return Fact(kind.name, values)


def _test(rng: random.Random, kind, wide: bool) -> Test:
    name = rng.choice(list(kind.fields))
    declared = kind.fields[name]
    if rng.random() < 0.25:
        listed = tuple({_value(rng, declared, wide): None for _ in range(rng.randint(1, 3))})
        return Test(name, rng.choice(["in", "not in"]), listed)
    operators = ["==", "!=", *(["<", "<=", ">", ">="] if declared.is_ordered else [])]
    return Test(name, rng.choice(operators), _value(rng, declared, wide))


def _joins(rng: random.Random, kind, earlier, is_exception: bool):
    joins = []
    for _ in range(rng.choice([0, 1, 1, 1, 2, 2, 3])):
        if not earlier:
            break
        other = rng.choice(earlier)
        theirs = FACT_TYPES[other.type].fields
        pairs = [(n, m) for n, a in kind.fields.items() for m, b in theirs.items() if a.type == b.type]
        ordered = [(n, m) for n, m in pairs if kind.fields[n].is_ordered]
        name, field = rng.choice(pairs)
        joins.append(Join(name, "==", other.alias, field))
        if not is_exception and rng.random() < 0.4:
            if ordered and rng.random() < 0.7:
                name, field = rng.choice(ordered)
                joins.append(Join(name, rng.choice(["<", "<=", ">", ">=", "!="]), other.alias, field))
            else:
                name, field = rng.choice(pairs)
                joins.append(Join(name, "!=", other.alias, field))
    rng.shuffle(joins)
    return tuple(joins)


def random_rule(rng: random.Random, rule_id: str, types, wide: bool, size: int = 3) -> DecisionRule:
    parts = {"when": [], "unless": []}
    counts = {"when": rng.randint(1, size), "unless": rng.choice([0, 0, 1, 1, 2, 3])}
    for section, count in counts.items():
        for index in range(count):
            kind = FACT_TYPES[rng.choice(types)]
            tests = tuple(_test(rng, kind, wide) for _ in range(rng.choice([0, 0, 1, 1, 2, 3])))
            joins = _joins(rng, kind, parts["when"], section == "unless")
            parts[section].append(Pattern(f"{section[0]}{index}", kind.name, tests, joins))
    then = {"to": "office"}
    for pattern in parts["when"]:
        texts = [n for n, declared in FACT_TYPES[pattern.type].fields.items() if declared.type == "text"]
        if rng.random() < 0.5:
            then[rng.choice(["subject", "about", "period"])] = Reference(pattern.alias, rng.choice(texts))
    do = rng.choice(["veto", "notify", "escalate"])
    return with_needs(
        DecisionRule(rule_id, tuple(parts["when"]), tuple(parts["unless"]), do, then, priority=rng.choice([0, 0, 1]))
    )


def random_ruleset(rng: random.Random, count: int, wide: bool, size: int = 3) -> list[DecisionRule]:
    """Rules of which the later may look at decisions of the earlier."""
    names = [n for n in FACT_TYPES if n != "decision"]
    types = rng.sample(names, rng.randint(1, 3))
    rules = []
    for index in range(count):
        allowed = [*types, "decision"] if index and rng.random() < 0.3 else types
        made = random_rule(rng, f"rule{index}", allowed, wide, size)
        if rules:  # a decision looked at is one of a rule above, so that there is no circle

            def above(pattern):
                if pattern.type != "decision":
                    return pattern
                tests = tuple(t for t in pattern.tests if t.field not in ("rule", "do"))
                return evolve(pattern, tests=(*tests, Test("rule", "==", rng.choice(rules).id)))

            made = evolve(made, patterns=tuple(map(above, made.patterns)), unless=tuple(map(above, made.unless)))
            made = with_needs(made)
        rules.append(made)
    return rules


def random_case(rng: random.Random, rules, wide: bool, most: int = 14) -> list[Fact]:
    types = sorted({p.type for r in rules for p in (*r.patterns, *r.unless)})
    return [random_fact(rng, types, wide) for _ in range(rng.randint(0, most))]
