"""Agree: what Spark counts is what this process counts, for every table, count and rejected row."""

from datetime import date
from pathlib import Path

import polars as pl
import pytest
from messy_programme import lines, programme
from same_results import assert_same

import learnorg_rules as lr
from learnorg_rules.counting.cells import wanted

pytest.importorskip("pyspark", reason="Spark is not installed: make test-spark")

ROOT = Path(__file__).resolve().parents[2]


def test_a_district_year_in_parquet_files_whose_columns_have_other_types_and_orders(spark, district):
    rules, org, folder = district
    whole = pl.read_parquet(folder / "events.parquet")
    parts = folder / "parts"
    parts.mkdir()
    third = whole.height // 3
    whole[:third].write_parquet(parts / "one.parquet", row_group_size=3000)
    whole[third : 2 * third].select(reversed(whole.columns)).with_columns(
        pl.col("minutes").cast(pl.Float64), pl.col("score").cast(pl.Decimal(12, 1))
    ).write_parquet(parts / "three [1].parquet")
    whole[2 * third :].with_columns(pl.col("minutes").cast(pl.Int16), odd=pl.lit(1)).write_parquet(
        parts / "two 100%.parquet"
    )
    (parts / "_SUCCESS").touch()
    result = lr.assess(rules, org, lr.spark_events(parts))
    assert_same(lr.assess(rules, org, lr.scan_events(f"{parts}/*.parquet")), result)
    assert result.counts["duplicate"] > 0
    assert result.counts["rejected"] > 0
    assert "column 'odd' is not declared and was not read" in result.notes


@pytest.mark.parametrize("name", ["zhabei-2003", "permit-intake"])
def test_the_shipped_rulesets_with_their_examples(spark, name):
    folder = ROOT / "rulesets" / name
    rules, org = lr.load(folder), lr.read_org(folder / "example" / "org")
    path = str(folder / "example" / "events" / "*")
    assert_same(lr.assess(rules, org, lr.scan_events(path)), lr.assess(rules, org, lr.spark_events(path)))


def test_a_file_of_text_larger_than_the_memory_of_a_task_whose_rows_come_in_parts(spark, tmp_path):
    rules, org = programme(tmp_path)
    row = '{{"id": "e{}", "kind": "salon", "unit": "{}", "occurred_at": "2005-05-0{}T00:00:00Z", "minutes": 5, "note": "{}"}}'
    texts = [
        row.format(i, "a" if i % 7 else "nowhere", 1 + i % 9, "x" * (3_000_000 if i < 70 else 3))
        for i in range(120_000)
    ]
    (tmp_path / "e.ndjson").write_text("\n".join([*texts[:60_000], "{", *texts[60_000:], "}"]) + "\n", encoding="utf-8")
    there = lr.assess(rules, org, lr.spark_events(tmp_path / "e.ndjson"))
    assert_same(lr.assess(rules, org, lr.scan_events(tmp_path / "e.ndjson")), there)
    assert there.rejected["row"].to_list()[-1] == 120_002


def test_files_of_text_on_another_file_system(spark, tmp_path):
    rules, org = programme(tmp_path)
    spark._jsc.hadoopConfiguration().set("fs.viewfs.mounttable.t.link./there", f"file://{tmp_path}")
    (tmp_path / "a b.ndjson").write_text("\n".join(lines(3, 300)) + "\n", encoding="utf-8")
    there = lr.assess(rules, org, lr.spark_events("viewfs://t/there/*.ndjson"))
    assert_same(lr.assess(rules, org, lr.scan_events(tmp_path / "a b.ndjson")), there, rows=False)
    assert set(there.rejected["file"]) == {"viewfs://t/there/a b.ndjson"}


@pytest.mark.parametrize(("seed", "known_at"), [(1, None), (2, date(2005, 12, 14))])
def test_events_with_everything_that_can_be_wrong_with_events(spark, tmp_path, seed, known_at):
    rules, org = programme(tmp_path)
    texts = lines(seed, 400)
    for number in range(3):
        (tmp_path / f"{number}.ndjson").write_text("\n".join(texts[number::3]) + "\n", encoding="utf-8")
    path = str(tmp_path / "*.ndjson")
    here = lr.assess(rules, org, lr.scan_events(path), at="2005-12-30", known_at=known_at)
    there = lr.assess(rules, org, lr.spark_events(path), at="2005-12-30", known_at=known_at)
    assert_same(here, there)
    codes = {*(f"V40{i}" for i in range(1, 6)), *(f"V50{i}" for i in range(1, 8)), "V201", "V206", "V207", "V304"}
    assert known_at is not None or codes <= set(here.rejected["code"])
    assert str(here.why("a", "year", "2005")) == str(there.why("a", "year", "2005"))


def test_a_table_that_spark_knows_by_name_whose_rows_have_no_numbers(spark, tmp_path):
    rules, org = programme(tmp_path)
    rows = [
        {"id": f"e{i}", "kind": "salon", "unit": "a" if i % 2 else "nowhere", "occurred_at": f"2005-05-0{1 + i % 9}T00:00:00Z", "minutes": i}
        for i in range(40)
    ]  # fmt: skip
    pl.DataFrame(rows).write_parquet(tmp_path / "t.parquet")
    spark.read.parquet(f"file:{tmp_path}/t.parquet").createOrReplaceTempView("salons")
    there = lr.assess(rules, org, lr.spark_events(tables=["salons"]))
    assert_same(lr.assess(rules, org, lr.scan_events(tmp_path / "t.parquet")), there, rows=False)
    assert there.rejected.select("file", "row").unique().to_dicts() == [{"file": "salons", "row": None}]
    brought = lr.spark_events(tables=["salons"]).read(wanted(rules))
    assert (brought.rows, brought.files, brought.frame.height) == (40, ("salons",), 40)


def test_csv_files_and_a_uri(spark, tmp_path):
    rules, org = programme(tmp_path)
    rows = ["id,kind,unit,occurred_at,minutes", "1,salon,a,2005-02-03T00:00:00Z,5", "2,salon,q,2005-02-03T00:00:00Z,x"]
    (tmp_path / "a b.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    here = lr.assess(rules, org, lr.scan_events(tmp_path / "a b.csv"))
    there = lr.assess(rules, org, lr.spark_events(f"file://{tmp_path}/a b.csv"))
    assert_same(here, there, rows=False)


def test_the_number_of_buckets_does_not_matter(spark, tmp_path):
    rules, org = programme(tmp_path)
    (tmp_path / "all.ndjson").write_text("\n".join(lines(5, 200)) + "\n", encoding="utf-8")
    here = lr.assess(rules, org, lr.scan_events(tmp_path / "all.ndjson"))
    for buckets in (1, 13):
        events = lr.spark_events(tmp_path / "all.ndjson", buckets=buckets)
        assert_same(here, lr.assess(rules, org, events))


def test_no_events_at_all(spark, tmp_path):
    rules, org = programme(tmp_path)
    (tmp_path / "none.ndjson").write_text("", encoding="utf-8")
    path = tmp_path / "none.ndjson"
    assert_same(lr.assess(rules, org, lr.scan_events(path)), lr.assess(rules, org, lr.spark_events(path)))


def test_a_comparison_judges_both_rulesets_on_spark(spark):
    folder = ROOT / "rulesets" / "zhabei-2003"
    old, org = lr.load(folder), lr.read_org(folder / "example" / "org")
    new = lr.load(folder, set={"organ_quota": "30%"})
    path = str(folder / "example" / "events" / "*")
    here, there = (lr.compare(old, new, org, events) for events in (lr.scan_events(path), lr.spark_events(path)))
    assert [(m.rule, m.subject, m.why()) for m in here.moves] == [(m.rule, m.subject, m.why()) for m in there.moves]
    assert here.moves
