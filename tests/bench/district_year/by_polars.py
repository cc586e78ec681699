"""district-year by hand in Polars: the events are read into one frame, summed into two small tables, and scored on those.

Quarters, months and weeks are bits that are or-ed together, so the first table has a row for each department and kind and not
for each of their weeks; the second has one for each department and person. The district is added up from both. One query that
asks for everything at once reads more elegantly and takes nearly twice as long: what the tables share is worked out twice.
"""

import json
from pathlib import Path

import polars as pl
from polars import col, lit, when
from workload import AFTER, APRIL, AWARD, FIRST, GRADES, MAXIMA, MILLION, arguments, calendar

SCHEMA = {
    "id": pl.String, "time": pl.String, "unit": pl.String, "person": pl.String, "kind": pl.String, "minutes": pl.Int64,
    "score": pl.Float64, "passed": pl.Boolean,
}  # fmt: skip
PERSONAL = ["forum", "salon", "study_session", "exam"]
COUNTS = ("quarters", "months", "weeks")


def scan(events: str) -> pl.LazyFrame:
    """The events of a file; `time` is a text in NDJSON and a time in Parquet."""
    return pl.scan_parquet(events) if events.endswith(".parquet") else pl.scan_ndjson(events, schema=SCHEMA)


def read_org(path: str) -> tuple[str, pl.DataFrame, pl.DataFrame]:
    """The district, units with their department (null for the district itself), and persons with theirs."""
    given = json.loads(Path(path).read_bytes())
    units, persons = pl.DataFrame(given["units"], infer_schema_length=None), pl.DataFrame(given["persons"])
    units = units.select(
        unit="id",
        department=when(col("kind") == "section").then("parent").when(col("kind") == "department").then("id"),
        rated=col("kind") != "section",
    )
    persons = persons.join(units, on="unit", how="left").select("age", person="id", home="department")
    return units.filter(col("rated") & col("department").is_null())["unit"].item(), units, persons


def instant(text: str, as_text: bool) -> pl.Expr:
    """A moment to compare `time` with."""
    return lit(text) if as_text else lit(text).str.to_datetime(time_unit="ms", time_zone="UTC")


def small_tables(events: pl.DataFrame, as_text: bool) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Sums by (department, kind), and by (department, person), of the events that count."""
    day = col("time").str.head(10).str.to_date("%Y-%m-%d") if as_text else col("time").dt.date()
    bits = pl.DataFrame(
        [tuple(bits) for bits in calendar().values()], schema=dict.fromkeys(COUNTS, pl.Int64), orient="row"
    )
    tenths, scored = (col("score") * 10).round().cast(pl.Int64), col("score").is_not_null()
    number = events.select(day.dt.ordinal_day().cast(pl.UInt32) - 1).to_series()
    wide = events.select(
        "department", "kind", "person",
        *(bits[name].gather(number) for name in COUNTS),
        early=col("time") < instant(APRIL, as_text), tenths=tenths, weighted=tenths * col("minutes"),
        minutes=when(scored).then("minutes"),
        study=when(col("kind") == "study_session").then("minutes"), passed=(col("kind") == "exam") & col("passed"),
        took_part=col("kind") != "exam",
    )  # fmt: skip
    by_kind = wide.group_by("department", "kind").agg(
        *(col(name).bitwise_or() for name in COUNTS), col("early").any(), col("tenths", "weighted", "minutes").sum(),
        scored=col("tenths").count(), events=pl.len().cast(pl.Int64),
    )  # fmt: skip
    personal = wide.filter(col("person").is_not_null() & col("kind").is_in(PERSONAL))
    by_person = personal.group_by("department", "person").agg(
        col("took_part", "passed").any(), minutes=col("study").sum()
    )
    return by_kind.with_columns(col("department", "kind").cast(pl.String)), by_person.with_columns(
        col("department", "person").cast(pl.String)
    )


def of_units(by_kind: pl.DataFrame, by_person: pl.DataFrame, persons: pl.DataFrame, district: str) -> pl.DataFrame:
    """What the indicators speak of, a row for each unit that has any of it."""

    def both(frame: pl.DataFrame, department: str) -> pl.DataFrame:
        """The rows for their department, and once more for the district."""
        own = frame.filter(col(department).is_not_null()).with_columns(unit=department)
        return pl.concat([own, frame.with_columns(unit=lit(district))])

    def kind(value: str, name: str) -> pl.Expr:
        return col(value).filter(col("kind") == name)

    def ones(value: str, name: str) -> pl.Expr:
        return kind(value, name).bitwise_or().bitwise_count_ones().cast(pl.Int64)

    heads = both(persons, "home").group_by("unit").agg(
        heads=pl.len().cast(pl.Int64), heads_35=(col("age") <= 35).sum().cast(pl.Int64),
        heads_45=(col("age") <= 45).sum().cast(pl.Int64),
    )  # fmt: skip
    sums = both(by_kind, "department").group_by("unit").agg(
        forums=ones("quarters", "forum"), salons=ones("months", "salon"), studied=ones("weeks", "study_session"),
        shared=ones("months", "resource_shared"), meetings=ones("quarters", "meeting"),
        early=kind("early", "plan_filed").any().cast(pl.Int64), plans=kind("events", "plan_filed").sum(),
        reports=kind("events", "report_heard").sum(), granted=kind("tenths", "funds_allocated").sum(),
        polled=kind("weighted", "poll").sum(), weight=kind("minutes", "poll").sum(),
        found=kind("tenths", "inspection").sum(), inspections=kind("scored", "inspection").sum().cast(pl.Int64),
    )  # fmt: skip
    known = by_person.join(persons, on="person")
    at_home = known.filter(col("department") == col("home")).with_columns(unit="home")
    anywhere = known.group_by("person").agg(col("took_part", "passed").any(), col("minutes").sum(), col("age").first())
    columns = ["unit", "took_part", "passed", "minutes", "age"]
    members = pl.concat([at_home.select(columns), anywhere.with_columns(unit=lit(district)).select(columns)])
    people = members.group_by("unit").agg(
        attended=col("took_part").sum().cast(pl.Int64), minutes=col("minutes").sum(),
        passed_35=(col("passed") & (col("age") <= 35)).sum().cast(pl.Int64),
        passed_45=(col("passed") & (col("age") <= 45)).sum().cast(pl.Int64),
    )  # fmt: skip
    return heads.join(sums, on="unit", how="full", coalesce=True).join(people, on="unit", how="full", coalesce=True)


def points(frame: pl.DataFrame) -> pl.DataFrame:
    """Points of all indicators in millionths, their total, the grade."""
    heads, weight, reports = col("heads"), col("weight"), col("reports")

    def clamp(value: pl.Expr, low: pl.Expr, high: pl.Expr) -> pl.Expr:
        return pl.min_horizontal(pl.max_horizontal(value, low), high)

    shares = {
        "r1": (col("forums"), lit(4)),
        "r2": (col("salons"), lit(12)),
        "r3": (pl.min_horizontal("studied", lit(48)), lit(48)),
        "r4": (col("early"), lit(1)),
        "r5": ((col("granted") >= 125 * heads).cast(pl.Int64), lit(1)),
        "r6": (clamp(20 * col("attended") - 10 * heads, lit(0), 9 * heads), 9 * heads),
        "r7": (pl.min_horizontal("minutes", 2400 * heads), 2400 * heads),
        "r8a": (col("passed_35"), col("heads_35")),
        "r8b": (col("passed_45"), col("heads_45")),
        "r9": (clamp(col("polled") - 600 * weight, lit(0), 350 * weight), 350 * weight),
        "r10": (col("shared"), lit(12)),
        "r11": (col("found"), 1000 * col("inspections")),
        "r12a": (col("meetings"), lit(4)),
        "r12b": (when(reports == 0).then(0).when(reports < 3).then(2).otherwise(1), lit(2)),
    }
    earned = [
        when(den > 0).then((2 * MILLION * MAXIMA[name] * num + den) // (2 * den)).otherwise(0).alias(name)
        for name, (num, den) in shares.items()
    ]
    frame = frame.select("unit", "plans", *earned).with_columns(total=pl.sum_horizontal(*MAXIMA))
    grade = lit("fail")
    for name, bound in reversed(GRADES):
        grade = when(col("total") >= bound).then(lit(name)).otherwise(grade)
    return frame.with_columns(grade=when(col("plans") == 0).then(lit("fail")).otherwise(grade))


def main() -> None:
    """Read, sum, score, write."""
    given = arguments()
    as_text = not given.events.endswith(".parquet")
    district, units, persons = read_org(given.org)
    lines = scan(given.events).collect()
    # The lines are copied once, without the texts that are no longer needed: three filters in turn take a fifth more.
    first = lines["id"].is_first_distinct()
    placed = lines.select("unit").join(units.with_columns(known=True), on="unit", how="left", maintain_order="left")
    known = first & placed["known"].fill_null(value=False)
    counted = (
        known
        & lines.select(
            col("time").is_between(instant(FIRST, as_text), instant(AFTER, as_text), closed="left")
        ).to_series()
    )
    narrow = lines.drop("id", "unit").with_columns(placed["department"])
    inside = narrow.with_columns(col("department", "kind", "person").cast(pl.Categorical)).filter(counted)
    counts = {
        "accepted": len(inside), "duplicate": len(lines) - first.sum(), "rejected": first.sum() - known.sum(),
        "outside": known.sum() - len(inside),
    }  # fmt: skip
    sums = of_units(*small_tables(inside, as_text), persons, district)
    scored = points(units.filter("rated").select("unit").join(sums, on="unit", how="left").fill_null(0))
    good = scored.filter(col("grade").is_in(["excellent", "good"]) & (col("unit") != district))
    awarded = good.sort("total", "unit", descending=[True, False]).head(-(-len(good) // 10))["unit"]

    def decimals(name: str) -> pl.Expr:
        whole, rest = col(name) // MILLION, col(name) % MILLION
        return pl.format("{}.{}", whole, rest.cast(pl.String).str.zfill(6)).alias(name)

    award = when(col("unit").is_in(awarded.implode())).then(lit(AWARD)).otherwise(lit(""))
    rows = scored.sort(col("unit") != district, "unit").select(
        "unit", *map(decimals, [*MAXIMA, "total"]), "grade", award=award
    )
    text = rows.write_csv(quote_style="never") + "".join(f"#{name},{n}\n" for name, n in counts.items())
    Path(given.out).write_text(text, encoding="utf-8", newline="")


if __name__ == "__main__":
    main()
