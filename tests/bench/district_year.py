"""district-year through the public API: the ruleset in rulesets/district-year, the CSV of that workload's specification."""

import argparse
import csv
import sys
from pathlib import Path

import learnorg_rules as lr

RULESET = Path(__file__).parents[2] / "rulesets" / "district-year"


def main() -> None:
    """Read the arguments, assess, write the CSV."""
    parser = argparse.ArgumentParser()
    for name in ("events", "org", "out"):
        parser.add_argument(f"--{name}", required=True)
    arguments = parser.parse_args()
    rules = lr.load(RULESET)
    organisation = lr.read_org(arguments.org, columns=rules.organisation.columns)
    result = lr.assess(rules, organisation, lr.scan_events(arguments.events), at="2005-12-31")
    awarded = {a.subject: "civilised organ" for a in result.awards if a.granted}
    rows = sorted(result.totals, key=lambda t: (result.attribute(t.subject, "level") != "district", t.subject))
    indicators = [i.indicator for i in rows[0].items] if rows else []
    with open(arguments.out, "w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(["unit", *indicators, "total", "grade", "award"])
        for total in rows:
            points = [lr.to_decimal(i.points, 6) for i in total.items]
            writer.writerow(
                [total.subject, *points, lr.to_decimal(total.total, 6), total.grade, awarded.get(total.subject, "")]
            )
        counts = result.counts
        for name in ("counted", "duplicate", "rejected", "outside"):
            writer.writerow([f"#{'accepted' if name == 'counted' else name}", counts[name]])
    print(f"{len(rows)} units", file=sys.stderr)


if __name__ == "__main__":
    main()
