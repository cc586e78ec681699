"""No rule text and no value of a fact reaches a known crash, hang or silent mistake of durable-rules.

D1 to D29 are the numbers of decision 0011. Each case runs in a child with a time limit, decides with both deciders, and
must find them agreeing; what can only be said in the package's own language (regular expressions, arithmetic, events,
timers, statecharts) cannot be said here at all, which the last test looks at.
"""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from learnorg_rules.decisions.durable import durable_available

HERE = Path(__file__).parent
pytestmark = pytest.mark.skipif(not durable_available(), reason="durable-rules cannot be imported here")

START = f"""
import random, sys
sys.path.insert(0, {str(HERE)!r})
from datetime import date
from agreeing import outcome
from deciding import duty, edge, rule
from learnorg_rules.decisions.durable import DurableDecider
from learnorg_rules.decisions.reference import ReferenceDecider
from learnorg_rules.model.decision import Fact, LARGEST
from fractions import Fraction

def both(rules, *cases):
    found = outcome(DurableDecider(), rules, cases)
    assert found == outcome(ReferenceDecider(), rules, cases), found
    return [len(decisions) for decisions in found]

def measure(value=None, subject="a", **more):
    given = {{}} if value is None else {{"value": Fraction(value)}}
    return Fact("measure", {{"subject": subject, "measure": "m", "period": "p", **given, **more}})

one = [rule({{"d": "duty()"}})]
"""

CASES = {
    "D1 D13 empty batches": "assert both(one, [], [duty()], [], []) == [0, 1, 0, 0]",
    "D2 an inequality join that fails": """
rules = [rule({"a": "measure()", "b": "measure(value > a.value, subject == a.subject)"})]
facts = [measure(n, period=str(n)) for n in (5, -1, 3, 0)]
assert both(rules, facts) == [6]""",
    "D2 D28 joins on a field that is left out": """
rules = [rule({"a": "award()", "b": "award(rank == a.rank)"}), rule({"a": "award()", "b": "award(award == a.award, rank > a.rank)"}, rule_id="b")]
awards = [Fact("award", {"subject": str(n), "award": "x", "period": "p", "outcome": "granted", **({"rank": n} if n % 2 else {})}) for n in range(6)]
assert both(rules, awards, [awards[0]], [awards[0], awards[2]]) == [3, 0, 0]""",
    "D3 numbers whose floats have exponents": """
rules = [rule({"a": "measure(value < 0.00001)"}), rule({"a": "measure(value > 1000000000000)"}, rule_id="b")]
assert both(rules, [measure(n, period=str(n)) for n in (Fraction("1e-6"), Fraction("1e-5"), 10**12, 10**17, LARGEST, -10**40, 10**400)]) == [5]""",
    "D6 D8 D12 more units than the engine has sessions, some in which nothing fires": """
assert sum(both(one, *([duty(f"u{n}")] if n % 3 else [edge()] for n in range(3000)))) == 2000""",
    "D9 D14 hundreds of rules with one condition, and with different ones on one field": """
rules = [rule({"d": "duty(status == missed)"}, rule_id=f"same{n}") for n in range(257)]
rules += [rule({"d": f"duty(in_a_row > {n})"}, rule_id=f"other{n}") for n in range(600)]
assert both(rules, [duty(in_a_row=1000)]) == [857]""",
    "D10 D26 long texts": """
long = "A" * 5_000_000
rules = [rule({"a": "edge()", "b": "edge(from == a.from, kind == a.kind)"}), rule({"a": 'edge(from == "A")'}, rule_id="b"), rule({"a": 'edge(from == "")'}, rule_id="c")]
assert both(rules, [edge(from_=long), edge(from_="A" + "x" * 65536), edge(from_="x" * 65536), edge(from_=long, to="b")]) == [2]""",
    "D11 D17 texts that look like patterns": """
rules = [rule({"a": 'edge(from == "((a*)*)*")'}), rule({"a": 'edge(from != "[一-龥]+")'}, rule_id="b")]
assert both(rules, [edge(from_=t) for t in ("((a*)*)*", "[一-龥]+", "a" * 40)]) == [3]""",
    "D15 D16 rules without conditions, and with exceptions only to themselves": """
rules = [rule({"a": "duty()"}), rule({"a": "duty()"}, {"x": "duty()"}, rule_id="b"), rule({"a": "edge()"}, {"x": "waiver()"}, rule_id="c")]
assert both(rules, [duty()], [edge()], [duty(), duty(period="q")]) == [2, 1, 2]""",
    "D18 decisions that make decisions": """
rules = [rule({"a": "duty()"}, rule_id="r0")] + [rule({"d": f"decision(rule == r{n})"}, rule_id=f"r{n + 1}") for n in range(30)]
assert both(rules, [duty()]) == [31]""",
    "D19 facts that no rule wants": "assert both(one, [edge(), duty(), edge(to='x'), edge(to='y')]) == [1]",
    "D20 texts that share a hash": """
rules = [rule({"a": "edge(from == liquid)"}), rule({"a": "edge()", "b": "edge(from == a.from)"}, rule_id="b"), rule({"a": "edge()"}, {"x": "waiver(subject == a.from)"}, rule_id="c")]
facts = [edge(from_="liquid"), edge(from_="costarring"), Fact("waiver", {"subject": "costarring", "rule": "x"})]
assert both(rules, facts) == [2]
assert both([rule({"d": "duty()"}, rule_id=i) for i in ("liquid", "costarring")], [duty("liquid")], [duty("costarring")]) == [2, 2]""",
    "D20 thousands of facts": "assert both(one, [duty(period=str(n)) for n in range(9000)]) == [9000]",
    "D21 an exception that sorts behind what it prevents": """
rules = [rule({"person": "duty(status == missed)"}, {"x": "waiver(subject == person.subject)"}), rule({"z": "waiver()"}, {"a": "duty(subject == z.subject)"}, rule_id="b"),
         rule({"a": "duty(status == missed)"}, {"b": "duty(subject == a.subject, status == met)"}, rule_id="c")]
waiver = Fact("waiver", {"subject": "league", "rule": "x"})
met = duty(period="z", status="met")
assert both(rules, [duty(), waiver], [waiver, duty()], [waiver], [duty(), met], [met, duty(period="zz")]) == [1, 1, 1, 1, 1]""",
    "D23 lists beside joins": """
rules = [rule({"a": "duty(status in [missed, met])", "b": "duty(status in [missed, met], subject == a.subject, in_a_row > a.in_a_row)"})]
assert both(rules, [duty(in_a_row=n, status=s) for n in range(3) for s in ("missed", "met", "open")]) == [12]""",
    "D24 only an exception could match": """
assert both([rule({"a": "edge()"}, {"x": "duty()"})], [duty()]) == [0]""",
    "D25 texts that look like numbers and booleans": """
rules = [rule({"a": f'edge(from == "{t}")'}, rule_id=f"r{t}") for t in ("5", "true", "1", "null", "NaN", "1.0")]
assert both(rules, [edge(from_=t) for t in ("5", "5.0", "true", "True", "1", "1.0", "null", "NaN", "01", " 5")]) == [6]
assert both([rule({"a": "duty(above)", "b": "duty(subject == a.subject, in_a_row == 1)"})], [duty(above=True, in_a_row=1)]) == [0]""",
    "D26 integers at the limit": """
rules = [rule({"d": f"duty(in_a_row >= {LARGEST})"}), rule({"d": f"duty(in_a_row == {LARGEST - 1})"}, rule_id="b"), rule({"d": f"duty(in_a_row < -{LARGEST - 1})"}, rule_id="c")]
assert both(rules, [duty(in_a_row=n) for n in (LARGEST, LARGEST - 1, LARGEST - 2, -LARGEST, 1 - LARGEST)]) == [3]""",
    "D27 quotes, backslashes, control characters, lone surrogates, dots and dollars": """
texts = ['"', "\\\\", "\\n", "\\x00", "\\ud800", "a.b", "$s", "$not", "m0", '","t":2,"x":"', "'", "}", "]", "é", "\\x80", "字", "sid", "id"]
rules = [rule({"a": "edge()", "b": "edge(from == a.to)"}), rule({"a": 'edge(from == "\\\\"")'}, rule_id="b"), rule({"a": 'edge(from == "$not")'}, rule_id="c")]
assert both(rules, [edge(from_=t, to=u) for t, u in zip(texts, texts[1:])]) == [len(texts) - 2 + 2]""",
    "D29 a caller who stops in the middle, and errors of the caller": """
decider = DurableDecider()
for _ in range(200):
    found = decider.decide(one, ([duty(str(n))] for n in range(10)))
    next(found)
    found.close()
def broken():
    yield [duty()]
    raise KeyError("mine")
try:
    list(decider.decide(one, broken()))
    raise SystemExit("lost")
except KeyError:
    pass""",
    "D3 a batch that the engine does not read to its end fails the case and drops the ruleset": """
from learnorg_rules.decisions.durable import _Ruleset
from learnorg_rules.decisions.encoding import END, Codes, shards
from learnorg_rules.decisions.port import EngineFailedError
codes = Codes(one)
[shard] = shards(one, codes)
ruleset = _Ruleset(shard)
said = []
for _ in range(2):
    try:
        list(ruleset.matches('[{"id":"f0","sid":"s","t":1e-05},' + END + "]", []))
    except EngineFailedError as error:
        said.append(str(error))
assert said == ["durable-rules failed: the facts were not read to their end (code 0)",
                "durable-rules failed before; its ruleset was dropped"], said""",
    "aliases and ids of any name": """
rules = [rule({"m0": "duty()", "all": "edge(to == m0.subject)", "any": "edge(to == m0.subject)", "字": "edge(to == m0.subject)", "sid": "edge(to == m0.subject)"}, {"id": "waiver(subject == sid.to)"}, rule_id="$state")]
assert both(rules, [duty(), *(edge(from_=str(n)) for n in range(4))]) == [24]""",
}


@pytest.mark.parametrize("case", CASES)
def test_a_known_defect_is_out_of_reach(case):
    child = subprocess.run(
        [sys.executable, "-X", "faulthandler", "-c", START + CASES[case]],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert child.returncode == 0, child.stdout[-1000:] + child.stderr[-3000:]


def test_definitions_and_facts_hold_nothing_but_integers_and_names_of_ours():
    """So regular expressions, arithmetic, null, floats, texts, arrays, `$or`, `$ex` and events of authors cannot occur."""
    source = (
        START
        + """
from deciding import random_case, random_ruleset
from learnorg_rules.decisions.encoding import Codes, fact_ids, shards
for seed in range(300):
    rng = random.Random(seed)
    rules = random_ruleset(rng, 6, wide=True)
    codes = Codes(rules)
    for shard in shards(rules, codes):
        print(shard.definition)
        facts = random_case(rng, rules, True)
        codes.begin(facts)
        print(shard.batch([(f.type, f.values) for f in facts], fact_ids(2 * len(facts)), codes))
"""
    )
    lines = subprocess.run(
        [sys.executable, "-c", source], capture_output=True, text=True, timeout=60, check=True
    ).stdout
    names = set(re.findall(r'"([^"]*)"', lines))
    known = r"pri|all|m|t|y|z|s|k|n|id|sid|\$(and|neq|lt|lte|gt|gte)|[almrf]\d+|m\d+\$not"
    assert sorted(name for name in names if not re.fullmatch(known, name)) == []
    assert set(re.sub(r'"[^"]*"', "", lines)) <= set("0123456789-[]{}:, \n")
