"""A small programme and events with everything that can be wrong with events, drawn from a seed."""

import json
import random

from programmes import DISTRICT, SCORED, over, write

import learnorg_rules as lr

RULES = over(
    SCORED,
    """
ruleset:
  id: messy
  effective: {from: 2005-01-01, to: 2005-12-31}
fields:
  minutes: {type: integer, min: 0, max: 100}
  way: {type: choice, of: [talk, walk]}
events:
  salon: [person?, minutes, score?, way?]
duties:
  plan: {for: units where level == department, require: any(plan), every: quarter}
  came: {for: persons, require: any(salon), every: year}
""",
)

ORG = DISTRICT.replace("{id: c, level: department, parent: d}", "{id: c, level: department, parent: d, to: 2005-06-30}")


def programme(folder):
    """(rules, organisation)."""
    return lr.load(write(folder, RULES)), lr.read_org(write(folder, ORG, "organisation.yaml"))


def lines(seed: int, number: int) -> list[str]:
    """Lines of NDJSON: good events, resends, conflicts, corrections of corrections, voids, circles, and much that is refused."""
    draw = random.Random(seed)
    rows: list[dict[str, object]] = []
    for i in range(number):
        day = f"2005-{draw.randint(1, 12):02}-{draw.randint(1, 28):02}"
        row: dict[str, object] = {
            "id": f"e{i}", "source": draw.choice(["", "x"]), "kind": draw.choice(["salon"] * 6 + ["plan"]),
            "unit": draw.choice(["d", "a", "b", "a1", "c"]), "person": draw.choice([None, "ann", "bo", "eve"]),
            "occurred_at": f"{day}T{draw.randint(0, 23):02}:00:00Z", "minutes": draw.randint(0, 90),
            "score": draw.randint(0, 1000) / 10, "way": draw.choice(["talk", None]),
        }  # fmt: skip
        if draw.random() < 0.5:
            row["recorded_at"] = f"2005-12-{draw.randint(1, 28):02}T00:00:00Z"
        if rows and draw.random() < 0.15:
            row[draw.choice(["corrects", "corrects", "voids"])] = draw.choice([*rows, row])["id"]
        fault = draw.random()
        if fault < 0.04:
            row["unit"] = f"nowhere{draw.randint(1, 15)}"
        elif fault < 0.06:
            row["person"] = f"nobody{draw.randint(1, 15)}"
        elif fault < 0.08:
            row["minutes"] = draw.choice([101, None, "ten", 1.5])
        elif fault < 0.10:
            row["way"] = f"run{draw.randint(1, 15)}"
        elif fault < 0.12:
            row["kind"] = f"salon{draw.randint(1, 15)}"
        rows.append(row)
    said = list(rows)
    said += [dict(draw.choice(rows)) for _ in range(number // 10)]  # resends
    said += [{**draw.choice(rows), "recorded_at": "2005-11-30T00:00:00Z"} for _ in range(number // 20)]
    said += [{**draw.choice(rows), "minutes": 7} for _ in range(number // 20)]  # conflicts
    when = "2005-03-01T00:00:00Z"
    said += [
        {"id": f"o{i}", "kind": "plan", "unit": "a", "occurred_at": when, "corrects": f"o{(i + 1) % 3}"}
        for i in range(3)
    ]
    said.append(
        {"id": "w", "kind": "let_off", "unit": "b", "occurred_at": when, "rule": "plan", "reason": "flood",
         "granted_by": "ann", "until": "2005-07-01"}
    )  # fmt: skip
    said.append(
        {"id": "r", "kind": "ruling", "unit": "a", "occurred_at": when, "rule": "year", "period": "2005", "reason": "late",
         "decided_by": "bo", "decided": "good"}
    )  # fmt: skip
    draw.shuffle(said)
    texts = [json.dumps({name: value for name, value in row.items() if value is not None}) for row in said]
    return [*texts[:5], "{", '{"id": "v", "kind": "plan"}', *texts[5:], '{"id": "u", "colour": "red"}']
