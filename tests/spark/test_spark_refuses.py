"""Refusal: what Spark cannot read is said with its place, before or instead of a crash."""

import os
import re
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest
from messy_programme import programme

import learnorg_rules as lr

pytest.importorskip("pyspark", reason="Spark is not installed: make test-spark")

ROOT = Path(__file__).resolve().parents[2]
GOOD = {
    "id": ["e1"],
    "kind": ["plan"],
    "unit": ["a"],
    "occurred_at": [datetime(2005, 3, 1, tzinfo=UTC)],
    "minutes": [5],
}


def refused(rules, org, events) -> str:
    with pytest.raises(lr.InputError) as error:
        lr.assess(rules, org, events)
    return str(error.value)


def test_files_whose_columns_drift_are_named_all_at_once(spark, tmp_path):
    rules, org = programme(tmp_path)
    good = pl.DataFrame(GOOD)
    good.write_parquet(tmp_path / "1.parquet")
    good.drop("unit").write_parquet(tmp_path / "2.parquet")
    good.with_columns(pl.col("minutes").cast(pl.String)).write_parquet(tmp_path / "3.parquet")
    good.with_columns(pl.col("occurred_at").dt.replace_time_zone(None)).write_parquet(tmp_path / "4.parquet")
    good.with_columns(pl.col("occurred_at").dt.cast_time_unit("ns")).write_parquet(tmp_path / "5.parquet")
    good.with_columns(minutes=pl.lit(None)).write_parquet(tmp_path / "6.parquet")
    (tmp_path / "7.parquet").write_bytes(b"not Parquet")
    said = refused(rules, org, lr.spark_events(tmp_path / "*.parquet")).replace(f"{tmp_path}/", "")
    *known, last = said.splitlines()
    assert known == [
        "2.parquet: V108 there is no column for unit",
        "    hint: the columns are: id, kind, occurred_at, minutes; name the right ones in records.columns",
        "3.parquet: V106 minutes is of type String, expected a column of integers",
        "4.parquet: V107 occurred_at has times without zone, expected UTC or a zone",
        "    hint: say which zone they are of where the file is made",
        "5.parquet: K103 column 'occurred_at' has times in nanoseconds",
        "    hint: write them with microseconds",
    ]
    assert last.startswith("7.parquet: V104 cannot be read as Parquet: ")


def test_a_text_file_that_cannot_be_read_is_refused_by_its_own_name(spark, tmp_path):
    rules, org = programme(tmp_path)
    (tmp_path / "a.csv").write_text("id,id\n1,2\n", encoding="utf-8")
    (tmp_path / "b.csv").write_text("id,kind\n1,2\n", encoding="utf-8")
    events = lr.spark_events(tmp_path / "a.csv", tmp_path / "b.csv")
    with pytest.raises(lr.InputError) as here:
        lr.assess(rules, org, lr.scan_events(tmp_path / "a.csv"))
    with pytest.raises(lr.InputError) as also:
        lr.assess(rules, org, lr.scan_events(tmp_path / "b.csv"))
    assert refused(rules, org, events) == f"{here.value}\n{also.value}"


def test_a_file_elsewhere_that_is_too_large_for_the_memory_of_a_task_is_refused_before_it_is_read(spark, tmp_path):
    rules, org = programme(tmp_path)
    spark._jsc.hadoopConfiguration().set("fs.viewfs.mounttable.u.link./there", f"file://{tmp_path}")
    with (tmp_path / "a.ndjson").open("wb") as file:
        file.truncate(200_000_000)
    said = refused(rules, org, lr.spark_events("viewfs://u/there/a.ndjson"))
    assert said == (
        "viewfs://u/there/a.ndjson: K104 has 200,000,000 bytes, expected at most 153,391,689 in the memory that each task "
        "of Spark has\n    hint: cut it into several, write Parquet, or give Spark more memory (spark.driver.memory where it "
        "is local, else spark.executor.memory)"
    )


def test_a_spark_that_runs_out_of_memory_says_so(tmp_path):
    programme(tmp_path)
    pl.DataFrame({**GOOD, "id": ["x" * 300_000_000]}).write_parquet(tmp_path / "e.parquet")
    command = ["run", "ruleset.yaml", "--org", "organisation.yaml", "--events", "e.parquet", "--engine", "spark", "--master", "local[1]"]  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-m", "learnorg_rules.cli", *command],
        cwd=tmp_path,
        env={**os.environ, "PYSPARK_SUBMIT_ARGS": "--driver-memory 512m pyspark-shell"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "java.lang.OutOfMemoryError" in done.stderr  # what Spark itself says
    assert re.search(
        r"^spark: K107 (Java ran out of memory|the process of Spark ended while it worked)\n    hint: ",
        done.stderr,
        re.MULTILINE,
    )
    assert "Traceback" not in done.stderr.partition("spark: K107")[2]


def test_a_table_that_is_not_there_and_a_path_that_cannot_be_listed(spark, tmp_path):
    rules, org = programme(tmp_path)
    table = refused(rules, org, lr.spark_events(tables=["nothing"]))
    assert table.startswith("nothing: K102 cannot be read: [TABLE_OR_VIEW_NOT_FOUND]")
    path = refused(rules, org, lr.spark_events(f"file://{tmp_path}/none"))
    assert path.startswith(f"file://{tmp_path}/none: K102 cannot be listed: [PATH_NOT_FOUND]")


def test_paths_are_refused_as_they_are_without_spark(tmp_path):
    (tmp_path / "folder").mkdir()
    (tmp_path / "a.txt").touch()
    for given, message in {
        "folder": f"{tmp_path}/folder: V102 there is no file in this folder",
        "none.csv": f"{tmp_path}/none.csv: V101 there is no such file\n    hint: known: a.txt",
    }.items():
        with pytest.raises(lr.InputError) as error:
            lr.spark_events(tmp_path / given)
        assert str(error.value) == message
    with pytest.raises(lr.InputError, match="V103"):
        lr.spark_events(tmp_path / "a.txt")


def test_a_limit_of_memory_is_not_for_spark(tmp_path):
    rules, org = programme(tmp_path)
    with pytest.raises(
        TypeError, match=r"^memory is a limit for this process; how much Spark takes is in its configuration$"
    ):
        lr.assess(rules, org, lr.spark_events(), memory="1GiB")


@pytest.mark.parametrize(
    "master", ["lokal[2]", "local[0]", "local[]", "local-cluster[2,1]", "spark:host", "yarn-client"]
)
def test_a_master_that_is_no_address_is_refused_before_spark_starts(tmp_path, master):
    rules, org = programme(tmp_path)
    pl.DataFrame(GOOD).write_parquet(tmp_path / "1.parquet")
    with pytest.raises(lr.InputError) as error:
        lr.assess(rules, org, lr.spark_events(tmp_path / "1.parquet", master=master))
    assert str(error.value) == (
        f"spark: K101 '{master}' is no address of Spark, expected local[2], yarn, spark://host:port or k8s://..."
    )


def told(script: str, **environment: str) -> tuple[int, str]:
    command = f"import sys; {script}; from learnorg_rules.cli import main; main(sys.argv[1:])"
    arguments = ["run", str(ROOT / "rulesets" / "permit-intake"), "--engine", "spark", "--master", "local[1]"]
    done = subprocess.run(
        [sys.executable, "-c", command, *arguments],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stderr


def test_where_java_or_spark_is_not_there_it_says_what_to_install():
    code, said = told("pass", JAVA_HOME="/none")
    assert code == 1
    assert "spark: K101 Spark did not start: [JAVA_GATEWAY_EXITED]" in said
    assert said.endswith("    hint: install Java 17, or set JAVA_HOME\n")
    code, said = told("sys.modules['pyspark'] = None")
    assert code == 2
    assert said.endswith("Error: Spark needs pyspark, which is not installed: pip install 'learnorg-rules[spark]'\n")


def test_a_session_started_here_is_quiet_in_a_pipe():
    script = (
        "from learnorg_rules.spark.session import session; spark = session('local[1]'); "
        "print(spark.conf.get('spark.ui.showConsoleProgress'), spark.conf.get('spark.log.level')); spark.stop()"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "false ERROR\n")


def test_a_time_without_zone_is_refused_before_anything_runs(tmp_path):
    rules, org = programme(tmp_path)
    with pytest.raises(ValueError, match=r"^known_at 2005-06-01T00:00:00 has no time zone$"):
        lr.assess(rules, org, lr.spark_events(), known_at=datetime(2005, 6, 1))
