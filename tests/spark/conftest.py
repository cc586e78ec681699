"""One Spark for all tests here: two executors in processes of their own, as on a cluster."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import learnorg_rules as lr

ROOT = Path(__file__).resolve().parents[2]
CLUSTER = "local-cluster[2,1,1024]"


def pytest_collection_modifyitems(items):
    reason = None
    if shutil.which("java") is None:
        reason = "Java is not here, without which Spark does not run"
    elif os.environ.get("PYTEST_XDIST_WORKER"):
        reason = "one Spark is enough for all of them: `make test-spark` runs these in one process"
    for item in items if reason else ():
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.skip(reason=reason))


@pytest.fixture(scope="session")
def spark():
    os.environ["PYSPARK_PYTHON"] = sys.executable
    from pyspark.sql import SparkSession

    builder = SparkSession.builder.master(CLUSTER).appName("tests")
    for name, value in {
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.sql.shuffle.partitions": "3",
        "spark.executorEnv.POLARS_MAX_THREADS": "1",
        "spark.task.maxFailures": "6",
    }.items():
        builder = builder.config(name, value)
    session = builder.getOrCreate()
    session.sparkContext.setLogLevel("ERROR")
    yield session
    session.stop()


@pytest.fixture(scope="session")
def district(tmp_path_factory):
    """(rules, organisation, folder with events.parquet) of a generated year."""
    folder = tmp_path_factory.mktemp("district")
    generate = ROOT / "tests" / "bench" / "district_year" / "generate.py"
    org, parquet = folder / "org.json", folder / "events.parquet"
    arguments = [
        "-n",
        "30000",
        "--departments",
        "10",
        "--org",
        org,
        "--parquet",
        parquet,
        "--ndjson",
        folder / "events.ndjson",
    ]
    subprocess.run([sys.executable, generate, *map(str, arguments)], check=True, capture_output=True)
    rules = lr.load(ROOT / "rulesets" / "district-year")
    return rules, lr.read_org(org, columns=rules.organisation.columns), folder
