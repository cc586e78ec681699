"""The district-year ruleset writes the same bytes as the workload's reference, on fresh input of several shapes."""

import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
SHARED = HERE.parents[2] / "shared" / "bench" / "district-year"

pytestmark = pytest.mark.skipif(
    not SHARED.exists(), reason="the workload's generator and reference are not beside the project"
)


def run(*command: object) -> None:
    subprocess.run([sys.executable, *map(str, command)], check=True, capture_output=True)


@pytest.mark.parametrize("departments", [40, 200])
@pytest.mark.parametrize("events", [10_000, 100_000])
@pytest.mark.parametrize("seed", [2005, 1, 2, 3, 4])
def test_the_rule_files_give_the_bytes_of_the_reference(tmp_path, seed, events, departments):
    org, ndjson, parquet, want, got = (
        tmp_path / n for n in ("org.json", "e.ndjson", "e.parquet", "want.csv", "got.csv")
    )
    run(
        SHARED / "gen.py",
        "-n",
        events,
        "--departments",
        departments,
        "--seed",
        seed,
        "--org",
        org,
        "--ndjson",
        ndjson,
        "--parquet",
        parquet,
    )
    run(SHARED / "baselines" / "reference.py", "--events", ndjson, "--org", org, "--out", want)
    for file in (ndjson, parquet):
        run(HERE / "district_year.py", "--events", file, "--org", org, "--out", got)
        assert got.read_bytes() == want.read_bytes(), file.suffix
