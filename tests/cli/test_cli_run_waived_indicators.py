"""`learnorg run`: an indicator that somebody was let off says by whom, until when and why."""

import csv
import json

from conftest import RULES, build

WAIVING = RULES.replace(
    "  topic: text\n", "  topic: text\n  rule: text\n  reason: text\n  granted_by: text\n  until: date\n"
).replace(
    "  session: [person?, minutes, topic?]\n",
    "  session: [person?, minutes, topic?]\n  let_off: {effect: waiver, fields: [rule, reason, granted_by, until]}\n",
)
EVENTS = """\
{"id":"1","kind":"session","unit":"north","occurred_at":"2005-05-10T10:00:00+08:00","minutes":60}
{"id":"2","kind":"let_off","unit":"south","occurred_at":"2005-01-10T10:00:00+08:00","rule":"year.often","reason":"moving","granted_by":"town","until":"2005-12-31"}
"""


def test_a_waived_indicator_names_its_waiver_on_the_page_and_in_the_tables(tmp_path, learnorg):
    build(tmp_path, rules_yaml=WAIVING)
    events = tmp_path / "reading/example/events/all.ndjson"
    events.write_text(EVENTS, encoding="utf-8")
    _, out, _ = learnorg("run", "reading")
    assert [line for line in out.splitlines() if "waived" in line] == [
        "South office, often: waived until 2005-12-31 by Town: moving"
    ]
    _, out, _ = learnorg("run", "reading", "--json", "--csv", "out")
    scores = {s["subject"]: s for s in json.loads(out)["indicators"] if s["indicator"] == "often"}
    assert [scores[u][c] for u in ("north", "south") for c in ("waiver", "waiver_by", "waiver_reason")] == [
        None, None, None, "2", "town", "moving",
    ]  # fmt: skip
    with (tmp_path / "out" / "indicators.csv").open(encoding="utf-8", newline="") as file:
        assert {row["waiver_reason"] for row in csv.DictReader(file)} == {"", "moving"}
