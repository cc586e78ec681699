"""A child process: durable and reference on random rulesets, seed by seed. Prints each seed before it is tried.

python agreeing.py FIRST COUNT
"""

import random
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from deciding import random_case, random_ruleset

from learnorg_rules.decisions.durable import DurableDecider
from learnorg_rules.decisions.port import DecisionLimitError
from learnorg_rules.decisions.reference import ReferenceDecider


def outcome(decider, rules, cases):
    found = []
    try:
        found.extend(decider.decide(rules, cases))
    except DecisionLimitError as error:
        found.append(str(error))
    return found


def main() -> None:
    first, count = int(sys.argv[1]), int(sys.argv[2])
    durable, reference = DurableDecider(), ReferenceDecider()
    fired = 0
    for seed in range(first, first + count):
        print(f"seed {seed}", flush=True)
        rng = random.Random(seed)
        wide = rng.random() < 0.5
        rules = random_ruleset(rng, rng.choice([1, 1, 2, 3, 5, 9]), wide)
        cases = [random_case(rng, rules, wide) for _ in range(rng.randint(1, 4))]
        expected = outcome(reference, rules, cases)
        found = outcome(durable, rules, cases)
        if found != expected:
            print(f"MISMATCH seed {seed}\nrules: {rules}\ncases: {cases}\nexpected: {expected}\nfound: {found}")
            sys.exit(3)
        fired += sum(len(decisions) for decisions in expected if not isinstance(decisions, str))
    print(f"done {count} fired {fired}")


if __name__ == "__main__":
    main()
