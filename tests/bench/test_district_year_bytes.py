"""The district-year workload: everybody writes the same bytes, and the input is the one that the workload's own generator makes."""

import importlib.util
import os
import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import polars as pl
import pytest

import learnorg_rules as lr

HERE = Path(__file__).resolve().parent
WORKLOAD = HERE / "district_year"
SHARED = HERE.parents[2] / "shared" / "bench" / "district-year"
PEERS = {
    "ours": None, "plain_python": None, "by_polars": "polars", "by_duckdb": "duckdb", "with_cel": "cel", "with_zen": "zen",
    "with_clips": "clips", "with_durable_rules": "durable",
}  # fmt: skip

pytestmark = pytest.mark.skipif(importlib.util.find_spec("numpy") is None, reason="the generator needs numpy")
beside_the_workload = pytest.mark.skipif(
    not SHARED.exists(), reason="the workload's own files are not beside the project"
)


def run(*command: object, **environment: str) -> None:
    environment = {**os.environ, **environment}
    done = subprocess.run([sys.executable, *map(str, command)], capture_output=True, text=True, env=environment)
    assert done.returncode == 0, done.stderr


def generated(folder, generator, **arguments):
    names = {"org": "json", "ndjson": "ndjson", "parquet": "parquet"}
    files = {name: folder / f"{generator.stem}.{ending}" for name, ending in names.items()}
    run(
        generator,
        *(
            x
            for key, value in {**arguments, **files}.items()
            for x in (f"--{key}" if len(key) > 1 else f"-{key}", value)
        ),
    )
    return files


@pytest.fixture(scope="module")
def district(tmp_path_factory):
    folder = tmp_path_factory.mktemp("district")
    files = generated(folder, WORKLOAD / "generate.py", n=10_000)
    run(WORKLOAD / "plain_python.py", "--events", files["ndjson"], "--org", files["org"], "--out", folder / "want.csv")
    return files, (folder / "want.csv").read_bytes()


@pytest.mark.parametrize("form", ["ndjson", "parquet"])
@pytest.mark.parametrize(("peer", "package"), PEERS.items())
def test_every_peer_writes_the_bytes_of_plain_python(tmp_path, district, peer, package, form):
    if package is not None and importlib.util.find_spec(package) is None:
        pytest.skip(f"{package} is not installed")
    files, want = district
    run(WORKLOAD / f"{peer}.py", "--events", files[form], "--org", files["org"], "--out", tmp_path / "got.csv")
    assert (tmp_path / "got.csv").read_bytes() == want


@pytest.mark.parametrize("seed", [1, 2])
def test_the_rule_files_give_those_bytes_on_other_districts(tmp_path, seed):
    files = generated(tmp_path, WORKLOAD / "generate.py", n=20_000, seed=seed, departments=100, sections=4, persons=3)
    for peer, form in (("plain_python", "ndjson"), ("ours", "ndjson"), ("ours", "parquet")):
        out = tmp_path / f"{peer}.{form}.csv"
        run(WORKLOAD / f"{peer}.py", "--events", files[form], "--org", files["org"], "--out", out)
        assert out.read_bytes() == (tmp_path / "plain_python.ndjson.csv").read_bytes(), form


@pytest.mark.parametrize("threads", [1, 2, 5])
@pytest.mark.parametrize("files", [1, 3, 40])
def test_the_bytes_are_those_for_any_number_of_threads_and_files_in_any_form(tmp_path, district, threads, files):
    given, want = district
    lines = given["ndjson"].read_bytes().splitlines(keepends=True)
    rows = pl.read_parquet(given["parquet"])
    for number in range(files):
        part = slice(number * len(lines) // files, (number + 1) * len(lines) // files)
        if number % 2:
            rows[part].write_parquet(tmp_path / f"part-{number}.parquet")
        else:
            (tmp_path / f"part-{number}.ndjson").write_bytes(b"".join(lines[part]))
    out = tmp_path / "got.csv"
    arguments = ("--events", tmp_path / "part-*", "--org", given["org"], "--out", out)
    run(WORKLOAD / "ours.py", *arguments, POLARS_MAX_THREADS=str(threads))
    assert out.read_bytes() == want


@beside_the_workload
@pytest.mark.parametrize(
    "arguments",
    [
        {"n": 10_000},
        {"n": 3, "departments": 3},
        {"n": 5_000, "departments": 200, "sections": 3, "persons": 2, "seed": 7},
    ],
)
def test_the_generator_writes_the_bytes_of_the_workloads_own(tmp_path, arguments):
    ours = generated(tmp_path, WORKLOAD / "generate.py", **arguments)
    theirs = generated(tmp_path, SHARED / "gen.py", **arguments)
    for name, file in ours.items():
        assert file.read_bytes() == theirs[name].read_bytes(), name


@beside_the_workload
def test_plain_python_writes_the_bytes_of_the_workloads_own_reference(tmp_path, district):
    files, want = district
    out = tmp_path / "theirs.csv"
    run(SHARED / "baselines" / "reference.py", "--events", files["ndjson"], "--org", files["org"], "--out", out)
    assert out.read_bytes() == want


@pytest.mark.parametrize("count", [2, 60])
def test_a_made_ruleset_has_as_many_rules_as_asked_for_and_no_two_alike(tmp_path, count):
    run(WORKLOAD / "make_rules.py", tmp_path / "rules", "--count", count)
    lr.load(tmp_path / "rules")
    text = (tmp_path / "rules" / "scorecard.yaml").read_text(encoding="utf-8")
    bodies = [line.partition(":")[2] for line in text.splitlines() if line.startswith("      i")]
    assert len(bodies) == len(set(bodies)) == count


def test_a_made_ruleset_scores_alike_from_both_forms(tmp_path, district):
    files, _ = district
    run(WORKLOAD / "make_rules.py", tmp_path / "rules", "--count", 60)
    rules = lr.load(tmp_path / "rules")
    org = lr.read_org(files["org"], columns=rules.organisation.columns)
    results = [
        lr.assess(rules, org, lr.scan_events(str(files[form])), at="2005-12-31") for form in ("ndjson", "parquet")
    ]
    points = [[(s.subject, s.indicator, s.points) for s in result.indicators] for result in results]
    assert points[0] == points[1]
    assert len(points[0]) == 60 * 41
    assert any(0 < point < Fraction(1) for _, _, point in points[0])
