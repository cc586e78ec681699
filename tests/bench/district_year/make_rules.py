"""Rulesets of any size over the events of district-year: `python make_rules.py FOLDER --count 200 --every year`.

With no count, the shipped rules. Otherwise so many indicators, each over an aggregate of its own: its kinds, what it adds up and
its conditions are drawn from a seed, and no two are the same. The fields, kinds and organisation are those of the shipped ruleset.
"""

import argparse
import random
from pathlib import Path

SHIPPED = Path(__file__).resolve().parents[3] / "rulesets" / "district-year"
PERSONAL = ("forum", "salon", "study_session", "exam")
SCORED = ("exam", "poll", "inspection", "funds_allocated")
OTHERS = ("briefing", "meeting", "resource_shared", "report_heard", "plan_filed")


def indicator(draw: random.Random) -> str:
    """What one indicator awards points for."""
    family = draw.choice((PERSONAL, SCORED, OTHERS))
    kinds = ", ".join(draw.sample(family, draw.randint(1, 3)))
    conditions = [f"minutes {draw.choice(('>=', '<'))} {draw.randrange(20, 180)}"]
    if family is PERSONAL:
        conditions.append(
            draw.choice(("member", f"age <= {draw.randint(25, 60)}", f"member and age > {draw.randint(22, 55)}"))
        )
    elif family is SCORED:
        conditions.append(f"score >= {draw.randint(100, 990) / 10}")
    else:
        conditions.append(f"date {draw.choice(('>=', '<'))} 2005-{draw.randint(2, 11):02}-{draw.randint(1, 28):02}")
    over = f"{kinds} where {' and '.join(draw.sample(conditions, draw.randint(1, 2)))}"
    forms = [
        f"share: count({over}) / {draw.randint(5, 500)}",
        f"share: sum(minutes in {over}) / {draw.randint(500, 50_000)}",
        f"share: months({over}) / 12",
        f"share: weeks({over}) / 52",
        f"when: any({over})",
        *([f"share: distinct(person in {over}) / {draw.randint(5, 80)}"] if family is PERSONAL else []),
        *([f"share: mean(score in {over}) / 100"] if family is SCORED else []),
    ]
    return draw.choice(forms)


def scorecard(count: int, every: str, seed: int) -> str:
    """A scorecard of so many indicators, as YAML."""
    draw = random.Random(seed)
    drawn: dict[str, None] = {}
    while len(drawn) < count:
        drawn[indicator(draw)] = None
    lines = "".join(
        f'      i{n}: {{points: 1, {text.replace(": ", ": " + chr(34), 1)}"}}\n' for n, text in enumerate(drawn)
    )
    return f"""scorecards:
  year:
    for: units where level in [district, department]
    every: {every}
    round: {{decimals: 6, mode: half_up}}
    missing: zero
    indicators:
{lines}    grades: {{high: {count}, low: 0}}
"""


def make(folder: Path, count: int | None, every: str, seed: int = 2005) -> Path:
    """Write a ruleset; its folder."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "ruleset.yaml").write_text((SHIPPED / "ruleset.yaml").read_text(encoding="utf-8"), encoding="utf-8")
    shipped = (SHIPPED / "scorecard.yaml").read_text(encoding="utf-8").replace("every: year", f"every: {every}")
    text = shipped if count is None else scorecard(count, every, seed)
    (folder / "scorecard.yaml").write_text(text, encoding="utf-8")
    return folder


def main() -> None:
    """Read the arguments, write the folder."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--count", type=int)
    parser.add_argument("--every", default="year")
    parser.add_argument("--seed", type=int, default=2005)
    given = parser.parse_args()
    make(given.folder, given.count, given.every, given.seed)


if __name__ == "__main__":
    main()
