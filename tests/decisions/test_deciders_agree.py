"""durable-rules and the reference decide alike: random rulesets and facts, in child processes, because it may crash."""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from learnorg_rules.decisions.durable import durable_available

HERE = Path(__file__).parent
RULESETS = int(os.environ.get("RULESETS", "20000"))
BATCH = 2500  # rulesets of one child; a crash ends only its child

needs_durable = pytest.mark.skipif(not durable_available(), reason="durable-rules cannot be imported here")


def run(*arguments: str, seconds: int = 300) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-X", "faulthandler", *arguments], capture_output=True, text=True, timeout=seconds, check=False
    )


@needs_durable
def test_random_rulesets_are_decided_alike():
    def batch(first):
        return first, run(str(HERE / "agreeing.py"), str(first), str(BATCH))

    with ThreadPoolExecutor(2) as pool:
        for first, child in pool.map(batch, range(0, RULESETS, BATCH)):
            seeds = [line for line in child.stdout.splitlines() if line.startswith("seed ")]
            last = seeds[-1] if seeds else f"before seed {first}"
            assert child.returncode == 0, (
                f"child ended with {child.returncode} at {last}:\n{child.stdout[-4000:]}{child.stderr[-2000:]}"
            )
            assert child.stdout.splitlines()[-1].startswith(f"done {BATCH} fired ")


@needs_durable
def test_larger_rules_and_cases_are_decided_alike():
    child = run("-c", f"""
import random, sys
sys.path.insert(0, {str(HERE)!r})
from agreeing import outcome
from deciding import random_case, random_ruleset
from learnorg_rules.decisions.durable import DurableDecider
from learnorg_rules.decisions.reference import ReferenceDecider
for seed in range(250):
    print("seed", seed, flush=True)
    rng = random.Random(f"large {{seed}}")
    rules = random_ruleset(rng, 25, rng.random() < 0.5, size=6)
    cases = [random_case(rng, rules, False, most=25), random_case(rng, rules, True, most=80)]
    assert outcome(DurableDecider(), rules, cases) == outcome(ReferenceDecider(), rules, cases), seed
""")  # fmt: skip
    assert child.returncode == 0, child.stdout[-100:] + child.stderr[-3000:]


@needs_durable
def test_ten_thousand_units_are_decided_with_flat_memory():
    child = run("-c", f"""
import sys
sys.path.insert(0, {str(HERE)!r})
from deciding import duty, edge, rule
from learnorg_rules.decisions.durable import DurableDecider

def resident():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * 4096 / 1e6

rules = [rule(
    {{"m": f"duty(status == missed, in_a_row >= {{n % 5}})", "e": "edge(kind == leads, to == m.subject)"}},
    {{"w": "waiver(subject == m.subject)"}}, rule_id=f"r{{n}}") for n in range(10)]

def unit(u):
    own = [duty(f"unit{{u}}", period=f"{{u}} {{n}}", status="missed" if n % 7 == 0 else "met", in_a_row=n % 4) for n in range(40)]
    return own + [edge("leads" if n == 3 else "guides", f"body{{n}}", f"unit{{u}}") for n in range(10)]

decided, start = 0, None
for number, decisions in enumerate(DurableDecider().decide(rules, (unit(u) for u in range(10000)))):
    decided += len(decisions)
    if number == 1000:
        start = resident()
assert decided == 10000 * 30, decided
grown = resident() - start
assert grown < 20, f"{{grown}} MB more after 9000 units"
print("ok")
""")  # fmt: skip
    assert child.returncode == 0, child.stdout[-300:] + child.stderr[-3000:]


def test_without_durable_rules_the_reference_decides():
    child = run("-c", f"""
import sys
sys.modules["durable_rules_engine"] = None          # what an import that fails looks like to `import`
import pytest
sys.path.insert(0, {str(HERE)!r})
from learnorg_rules.decisions.choice import best_decider
from learnorg_rules.decisions.durable import DurableDecider, durable_available
assert not durable_available()
assert best_decider().name == "reference"
with pytest.raises(ImportError, match="durable-rules cannot be imported; take the ReferenceDecider"):
    DurableDecider()
sys.exit(pytest.main(["-q", "-p", "no:cacheprovider", {str(HERE / "test_decision_meaning.py")!r}, {str(HERE / "test_decision_refusals.py")!r}]))
""")  # fmt: skip
    assert child.returncode == 0, child.stdout[-3000:] + child.stderr[-3000:]
    assert "[100%]" in child.stdout
