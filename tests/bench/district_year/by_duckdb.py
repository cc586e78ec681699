"""district-year by hand in DuckDB: the events are stored once without resends, summed into two small tables, and scored in SQL.

Quarters, months and weeks are bits that are or-ed together, so the first table has a row for each department and kind and not
for each of their weeks; the second has one for each department and person. The district is added up from both.
"""

from pathlib import Path

import duckdb
from workload import AFTER, APRIL, AWARD, FIRST, GRADES, KINDS, MAXIMA, MILLION, arguments

ORGANISATION = """
CREATE TEMP TABLE given AS FROM read_json($org, format = 'unstructured', maximum_object_size = 2147483647, columns = {
  units: 'STRUCT(id VARCHAR, parent VARCHAR, kind VARCHAR)[]', persons: 'STRUCT(id VARCHAR, unit VARCHAR, age INTEGER)[]'
});
CREATE TEMP TABLE units AS
  SELECT u.id AS unit, u.kind, CASE u.kind WHEN 'section' THEN u.parent WHEN 'department' THEN u.id END AS department
  FROM (SELECT unnest(units) AS u FROM given);
CREATE TEMP TABLE persons AS
  SELECT p.id AS person, department AS home, p.age
  FROM (SELECT unnest(persons) AS p FROM given) JOIN units ON unit = p.unit;
SET VARIABLE district = (SELECT unit FROM units WHERE kind = 'district');
"""
COLUMNS = """{id: 'VARCHAR', time: 'TIMESTAMP', unit: 'VARCHAR', person: 'VARCHAR', kind: 'VARCHAR', minutes: 'INTEGER',
  score: 'DOUBLE', passed: 'BOOLEAN'}"""
SOURCES = {
    ".ndjson": f"read_json($events, format = 'newline_delimited', columns = {COLUMNS})",
    ".parquet": "(SELECT * REPLACE (time AT TIME ZONE 'UTC' AS time) FROM read_parquet($events))",
}
EVENTS = """
CREATE TEMP TABLE events AS
  SELECT department, kind, person, time, minutes, tenths, passed, copies, kind_of_unit IS NOT NULL AS known,
    time >= TIMESTAMP '{first}' AND time < TIMESTAMP '{after}' AS inside
  FROM (SELECT id, time, unit, person, kind::ENUM({kinds}) AS kind, minutes::SMALLINT AS minutes,
      round(score * 10)::SMALLINT AS tenths, passed, count(*) AS copies
    FROM {source} GROUP BY ALL)
  LEFT JOIN (SELECT unit, department, kind AS kind_of_unit FROM units) USING (unit);
"""
SUMS = """
CREATE TEMP TABLE by_kind AS
  SELECT department, kind, bit_or(1 << quarter(time)) AS quarters, bit_or(1 << month(time)) AS months,
    bit_or(CASE WHEN isoyear(time) = 2005 THEN 1::BIGINT << week(time) ELSE 0 END) AS weeks, bool_or(time < TIMESTAMP '{april}') AS early,
    count(*) AS events, count(tenths) AS scored, sum(tenths)::BIGINT AS tenths, sum(tenths::INTEGER * minutes)::BIGINT AS weighted,
    sum(minutes) FILTER (tenths IS NOT NULL)::BIGINT AS minutes
  FROM events WHERE known AND inside GROUP BY department, kind;
CREATE TEMP TABLE by_person AS
  SELECT department, person, bool_or(kind <> 'exam') AS took_part, bool_or(kind = 'exam' AND passed) AS passed,
    sum(minutes) FILTER (kind = 'study_session')::BIGINT AS minutes
  FROM events
  WHERE known AND inside AND person IS NOT NULL AND kind IN ('forum', 'salon', 'study_session', 'exam')
  GROUP BY department, person;
"""
UNITS = """
CREATE TEMP TABLE twice AS SELECT getvariable('district') AS unit, * FROM by_kind
  UNION ALL SELECT department, * FROM by_kind WHERE department IS NOT NULL;
CREATE TEMP TABLE sums AS SELECT unit,
    coalesce(bit_count(bit_or(quarters) FILTER (kind = 'forum')), 0)::BIGINT AS forums,
    coalesce(bit_count(bit_or(months) FILTER (kind = 'salon')), 0)::BIGINT AS salons,
    coalesce(bit_count(bit_or(weeks) FILTER (kind = 'study_session')), 0)::BIGINT AS studied,
    coalesce(bit_count(bit_or(months) FILTER (kind = 'resource_shared')), 0)::BIGINT AS shared,
    coalesce(bit_count(bit_or(quarters) FILTER (kind = 'meeting')), 0)::BIGINT AS meetings,
    coalesce(bool_or(early) FILTER (kind = 'plan_filed'), false)::BIGINT AS early,
    sum(events) FILTER (kind = 'plan_filed')::BIGINT AS plans, sum(events) FILTER (kind = 'report_heard')::BIGINT AS reports,
    sum(tenths) FILTER (kind = 'funds_allocated')::BIGINT AS granted, sum(weighted) FILTER (kind = 'poll')::BIGINT AS polled,
    sum(minutes) FILTER (kind = 'poll')::BIGINT AS weight, sum(tenths) FILTER (kind = 'inspection')::BIGINT AS found,
    sum(scored) FILTER (kind = 'inspection')::BIGINT AS inspections
  FROM twice GROUP BY unit;
CREATE TEMP TABLE heads AS
  SELECT unit, count(*) AS heads, count(*) FILTER (age <= 35) AS heads_35, count(*) FILTER (age <= 45) AS heads_45
  FROM (SELECT home AS unit, age FROM persons WHERE home IS NOT NULL UNION ALL SELECT getvariable('district'), age FROM persons)
  GROUP BY unit;
CREATE TEMP TABLE people AS
  WITH known AS (SELECT * FROM by_person JOIN persons USING (person)),
  members AS (
    SELECT home AS unit, took_part, passed, minutes, age FROM known WHERE department = home
    UNION ALL
    SELECT getvariable('district'), bool_or(took_part), bool_or(passed), sum(minutes), any_value(age) FROM known GROUP BY person)
  SELECT unit, count(*) FILTER (took_part) AS attended, sum(minutes)::BIGINT AS minutes,
    count(*) FILTER (passed AND age <= 35) AS passed_35, count(*) FILTER (passed AND age <= 45) AS passed_45
  FROM members GROUP BY unit;
CREATE TEMP TABLE facts AS
  SELECT unit, coalesce(COLUMNS(* EXCLUDE (unit)), 0)
  FROM (SELECT unit FROM units WHERE kind <> 'section')
  LEFT JOIN sums USING (unit) LEFT JOIN heads USING (unit) LEFT JOIN people USING (unit);
"""
SHARES = {
    "r1": ("forums", "4"),
    "r2": ("salons", "12"),
    "r3": ("least(studied, 48)", "48"),
    "r4": ("early", "1"),
    "r5": ("(granted >= 125 * heads)::BIGINT", "1"),
    "r6": ("greatest(0, least(20 * attended - 10 * heads, 9 * heads))", "9 * heads"),
    "r7": ("least(minutes, 2400 * heads)", "2400 * heads"),
    "r8a": ("passed_35", "heads_35"),
    "r8b": ("passed_45", "heads_45"),
    "r9": ("greatest(0, least(polled - 600 * weight, 350 * weight))", "350 * weight"),
    "r10": ("shared", "12"),
    "r11": ("found", "1000 * inspections"),
    "r12a": ("meetings", "4"),
    "r12b": ("CASE WHEN reports = 0 THEN 0 WHEN reports < 3 THEN 2 ELSE 1 END", "2"),
}


def results() -> str:
    """The query of the result's rows."""
    points = ", ".join(
        f"CASE WHEN {den} = 0 THEN 0 ELSE (2 * {MILLION} * {MAXIMA[name]} * ({num}) + {den}) // (2 * ({den})) END AS {name}"
        for name, (num, den) in SHARES.items()
    )
    grade = " ".join(f"WHEN total >= {bound} THEN '{name}'" for name, bound in GRADES)
    decimals = ", ".join(
        f"{n} // {MILLION} || '.' || lpad(({n} % {MILLION})::VARCHAR, 6, '0') AS {n}" for n in (*MAXIMA, "total")
    )
    return f"""
        WITH scored AS (SELECT unit, plans, {points} FROM facts),
        summed AS (SELECT *, {" + ".join(MAXIMA)} AS total FROM scored),
        graded AS (SELECT *, CASE WHEN plans = 0 THEN 'fail' {grade} ELSE 'fail' END AS grade FROM summed),
        good AS (
          SELECT unit, row_number() OVER (ORDER BY total DESC, unit) AS place, count(*) OVER () AS candidates
          FROM graded WHERE grade IN ('excellent', 'good') AND unit <> getvariable('district'))
        SELECT unit, {decimals}, grade, CASE WHEN place <= (candidates + 9) // 10 THEN '{AWARD}' ELSE '' END AS award
        FROM graded LEFT JOIN good USING (unit) ORDER BY unit <> getvariable('district'), unit"""


COUNTS = """
SELECT count(*) FILTER (known AND inside), sum(copies) - count(*), count(*) FILTER (NOT known), count(*) FILTER (known AND NOT inside)
FROM events"""


def main() -> None:
    """Run the script, write the rows and the counts."""
    given = arguments()
    with duckdb.connect() as db:
        db.execute("SET preserve_insertion_order = false")
        first, after, april = (text.rstrip("Z").replace("T", " ") for text in (FIRST, AFTER, APRIL))
        source = SOURCES[Path(given.events).suffix].replace("$events", quoted(given.events))
        db.execute(ORGANISATION.replace("$org", quoted(given.org)))
        db.execute(EVENTS.format(first=first, after=after, source=source, kinds=str(KINDS)[1:-1]))
        db.execute(SUMS.format(april=april))
        db.execute(UNITS)
        db.execute(f"COPY ({results()}) TO {quoted(given.out)} (HEADER, DELIMITER ',', QUOTE '')")
        counts = db.execute(COUNTS).fetchall()[0]
    with open(given.out, "a", encoding="utf-8", newline="") as out:
        out.writelines(
            f"#{name},{n}\n" for name, n in zip(("accepted", "duplicate", "rejected", "outside"), counts, strict=True)
        )


def quoted(path: str) -> str:
    """A path as a text of SQL."""
    return "'" + path.replace("'", "''") + "'"


if __name__ == "__main__":
    main()
