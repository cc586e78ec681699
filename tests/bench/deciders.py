"""How many units a second each decider settles: python tests/bench/deciders.py [UNITS].

Each unit has 50 facts (40 duties, 10 edges); with 10 rules three of them match something, with 50 and 200 the same share.
"""

import sys
import time
from collections.abc import Sequence

from learnorg_rules.authoring.decision_reading import read_rule
from learnorg_rules.decisions.durable import DurableDecider, durable_available
from learnorg_rules.decisions.port import Decider
from learnorg_rules.decisions.reference import ReferenceDecider
from learnorg_rules.expr.parse import parse
from learnorg_rules.model.decision import DecisionRule, Fact

UNITS = int(sys.argv[1]) if len(sys.argv) > 1 else 2000


def rules(count: int) -> list[DecisionRule]:
    """Rules of two patterns and an exception; three of ten can fire."""
    made = []
    for n in range(count):
        status = "missed" if n % 10 < 3 else "excused"
        when = {"m": f"duty(status == {status}, in_a_row >= {n % 4})", "e": "edge(kind == leads, to == m.subject)"}
        unless = {"w": "waiver(subject == m.subject, rule == m.duty)"}
        then = {"do": "escalate", "to": "e.from", "about": "m.subject"}
        trees = [{k: parse(v) for k, v in part.items()} for part in (when, unless, then)]
        rule, faults = read_rule(f"r{n}", *trees, {"en": "{m.duty} missed {m.in_a_row} times"})
        if rule is None:
            raise ValueError(faults)
        made.append(rule)
    return made


def unit(number: int) -> list[Fact]:
    """The facts of one unit."""
    name = f"unit{number}"
    facts = [Fact("edge", {"kind": "leads" if n == 3 else "guides", "from": f"body{n}", "to": name}) for n in range(10)]
    for n in range(40):
        status = "missed" if n % 7 == 0 else "met"
        values = {"subject": name, "duty": f"d{n % 5}", "period": str(n), "status": status, "in_a_row": n % 4}
        facts.append(Fact("duty", {**values, "above": False}))
    return facts


def measure(decider: Decider, ruleset: Sequence[DecisionRule], cases: Sequence[Sequence[Fact]]) -> tuple[float, int]:
    """Seconds, and how many decisions there were."""
    start = time.perf_counter()
    count = sum(len(decisions) for decisions in decider.decide(ruleset, cases))
    return time.perf_counter() - start, count


def main() -> None:
    """Print a table."""
    start = time.perf_counter()
    cases = [unit(n) for n in range(UNITS)]
    for case in cases:
        for fact in case:
            _ = fact.key
    print(f"{UNITS} units of 50 facts, made in {time.perf_counter() - start:.1f} s")
    deciders: list[Decider] = [ReferenceDecider(), *([DurableDecider()] if durable_available() else [])]
    for count in (10, 50, 200):
        ruleset = rules(count)
        for decider in deciders:
            seconds, found = measure(decider, ruleset, cases)
            rate = UNITS / seconds
            print(
                f"{count:4} rules  {decider.name:14} {rate:8.0f} units/s {rate * 50:10.0f} facts/s  {found} decisions"
            )


if __name__ == "__main__":
    main()
