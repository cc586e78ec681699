"""What others wrote is shown, and never obeyed: escapes, bells, and characters that turn the order of the line round."""

import json
import re
from pathlib import Path

import pytest
from conftest import CASES, EVENTS, RULES, build
from programmes import READING_UNITS

import learnorg_rules.cli

RAW = "\x1b[31mred\x07\x9b2J\u202eesrever\u2066x\u2069\u200f\u061c\u200b"
YAML = '"\\e[31mred\\a\\x9b2J\\u202eesrever\\u2066x\\u2069\\u200f\\u061c\\u200b"'
SHOWN = "\\x1b[31mred\\x07\\x9b2J\\u202eesrever\\u2066x\\u2069\\u200f\\u061c\\u200b"
SCENARIO = f"""\
scenario: {{id: tried, title: {YAML}, ruleset: ., from: 2005-01-01, to: 2005-12-31, step: quarter, repetitions: 2, seed: 3}}
organisation: {{files: example/org/units.yaml}}
behaviours: {{reads: {{for: units where level == office, event: session, rate: 0.5, every: month, fields: {{minutes: 30..90}}}}}}
policies: {{as_it_is: {{}}}}
"""
FOLDER = "read\x1b[1m\u202eing"


@pytest.fixture
def world(tmp_path):
    """A ruleset whose titles, names, ids of events, values and folder hold all of it."""
    rules = re.sub(r"title: \{.*\}", lambda _: f"title: {YAML}", RULES).replace("nobody said how many", YAML)
    units = re.sub(r"name: (Town|\{.*?\})", lambda _: f"name: {YAML}", READING_UNITS)
    assert (rules.count(YAML), units.count(YAML)) == (4, 3)
    late = {"id": RAW, "kind": RAW, "unit": RAW, "occurred_at": "2005-06-11T10:00:00+08:00", RAW: 1}
    events = (
        EVENTS + json.dumps(late) + "\n" + json.dumps({**late, "id": "9", "kind": "session", "minutes": RAW}) + "\n"
    )
    cases = CASES.replace("north.meets: met", "north.meets: missed").replace("two sessions are enough", YAML)
    folder = build(tmp_path, rules_yaml=rules, example__org__units_yaml=units, tests__meets_yaml=cases)
    (folder / "example/events/all.ndjson").write_text(events, encoding="utf-8")
    (folder / "example/events" / f"{RAW}.csv").write_text(
        f"id,kind,unit,occurred_at,{RAW}\n{RAW},session,{RAW},{RAW},1\n", encoding="utf-8"
    )
    (folder / "requirements.csv").write_text(f'number,en\n1,"{RAW}"\n', encoding="utf-8")
    (tmp_path / "tried.yaml").write_text(
        SCENARIO.replace("ruleset: .", "ruleset: reading").replace("example", "reading/example"), encoding="utf-8"
    )
    folder.rename(tmp_path / FOLDER)
    (tmp_path / "reading").symlink_to(tmp_path / FOLDER)
    return tmp_path


COMMANDS = [
    ("check", FOLDER), ("check", FOLDER, "--json"), ("check", RAW), ("run", FOLDER), ("run", FOLDER, "--lang", "zh"), ("run", FOLDER, "--json"),
    ("run", FOLDER, "--plan"), ("run", FOLDER, "--csv", RAW), ("run", FOLDER, "--at", RAW), ("run", FOLDER, "--known-at", RAW), ("run", FOLDER, "--set", RAW),
    ("run", FOLDER, "--set", f"enough={RAW}"), ("run", FOLDER, "--unit", RAW), ("run", FOLDER, "--period", RAW), ("run", FOLDER, "--memory", RAW),
    ("run", FOLDER, "--events", RAW), ("run", FOLDER, "--org", RAW), ("run", FOLDER, f"--{RAW}"), (RAW,),
    ("explain", FOLDER, "north", "meets"), ("explain", FOLDER, "north", "meets", "--json"), ("explain", FOLDER, RAW, RAW), ("explain", FOLDER, "north", RAW),
    ("missing", FOLDER, "north", "--at", "2005-06-01"), ("missing", FOLDER, RAW), ("missing", FOLDER, "north", "--json"),
    ("diff", FOLDER, "--set", "enough=3"), ("diff", FOLDER, "--set", "enough=3", "--markdown"), ("diff", FOLDER, "--set", "enough=3", "--json"),
    ("test", FOLDER), ("test", FOLDER, "--json"), ("test", FOLDER, "--run", f"({RAW}"), ("trace", FOLDER), ("trace", FOLDER, "--json"),
    ("sweep", FOLDER), ("sweep", FOLDER, "--json"), ("sweep", FOLDER, "--number", RAW), ("sweep", FOLDER, "--margins"),
    ("fit", FOLDER, "--from", "2005-01-01", "--to", "2005-12-31"), ("fit", FOLDER, "--from", RAW, "--to", RAW),
    ("simulate", "tried.yaml"), ("simulate", "tried.yaml", "--json"), ("simulate", RAW), ("simulate", "tried.yaml", "--cost", f"{RAW}=1"),
    ("watch", FOLDER, "--events", f"{FOLDER}/example/events/all.ndjson", "--at", "2005-12-31", "--no-follow"),
    ("watch", FOLDER, "--events", f"{FOLDER}/example/events/all.ndjson", "--at", "2005-12-31", "--no-follow", "--json"),
    ("publish", FOLDER, "--store", RAW, "--period", RAW), ("published", FOLDER, "--store", RAW),
]  # fmt: skip


def raw(text):
    return sorted({c for c in text if not c.isprintable() and c not in "\n\u00a0\u3000"})


@pytest.mark.parametrize("arguments", COMMANDS, ids=lambda a: "-".join(a).encode("unicode_escape").decode()[:60])
def test_what_others_wrote_is_shown_and_not_obeyed(world, learnorg, arguments):
    _, out, err = learnorg(*arguments)
    assert "Traceback" not in err
    assert out + err
    assert (raw(out), raw(err)) == ([], [])


def test_json_says_exactly_what_was_written(world, learnorg):
    code, out, err = learnorg("run", FOLDER, "--json")
    assert code == 0, err
    rows = json.loads(out)["rejected"]
    assert RAW in "".join(row["reason"] for row in rows)
    assert f"{FOLDER}/example/events/{RAW}.csv" in {row["file"] for row in rows}


def test_an_escape_is_shown_by_what_it_is(world, learnorg):
    out = learnorg("run", FOLDER)[1]
    assert SHOWN in out
    assert learnorg("check", RAW)[1].splitlines()[0].startswith(f"{SHOWN}: E114 ")


def test_only_one_module_prints():
    room = Path(learnorg_rules.cli.__file__).parent
    printing = re.compile(r"click\.(s?echo|secho)\(|(?<![\w.])print\(|\bConsole\(|\bstd(out|err)\.write")
    found = {p.name for p in room.glob("*.py") if printing.search(p.read_text(encoding="utf-8"))}
    assert found == {"screen.py"}
