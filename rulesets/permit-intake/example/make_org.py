"""Write `org/` from the event log: the municipality, its departments and groups, and everybody who works in it.

    python make_org.py

Ids are those of the log. The log says who did a task for which group, not who belongs where; so a home is assumed: the
named group for which the person did most tasks (of equals the first by name), else "EMPTY", which is what the log
writes where it names no group. Who is only responsible for cases is at home in the department of most of them.
"""

import csv
import gzip
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from xml.etree import ElementTree

HERE = Path(__file__).parent
LOG = HERE / "events" / "receipt.xes.gz"
XES = "{http://www.xes-standard.org/}"
NO_GROUP = "EMPTY"
ROOT = "municipality"
DEPARTMENTS = {"General": "综合", "Customer contact": "客户联络", "Experts": "专家"}

Row = Mapping[str, object]


def traces() -> Iterator[tuple[Mapping[str, str], Sequence[Mapping[str, str]]]]:
    """Of each case its attributes and those of its events."""
    with gzip.open(LOG) as opened:
        for _, element in ElementTree.iterparse(opened):
            if element.tag == f"{XES}trace":
                yield attributes(element), [attributes(event) for event in element.iter(f"{XES}event")]
                element.clear()


def attributes(element: ElementTree.Element) -> Mapping[str, str]:
    """Key to value."""
    return {one.attrib["key"]: one.attrib["value"] for one in element if one.tag != f"{XES}event"}


def in_order(name: str) -> tuple[str, int]:
    """Groups by their number."""
    word, _, number = name.rpartition(" ")
    return (word, int(number)) if number.isdigit() else (name, 0)


def most(counts: Counter[str]) -> str:
    """The most frequent name; of equals the first."""
    return min(counts, key=lambda name: (-counts[name], in_order(name)))


def write(name: str, rows: Sequence[Row]) -> None:
    """Write one file; the first row has all columns."""
    with (HERE / "org" / name).open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def main() -> None:
    """Read the log once, write `units.csv` and `persons.csv`."""
    tasks: defaultdict[str, Counter[str]] = defaultdict(Counter)  # resource -> group -> tasks
    cases: defaultdict[str, Counter[str]] = defaultdict(Counter)  # responsible -> department -> cases
    case_groups: set[str] = set()
    for case, events in traces():
        cases[case["responsible"]][case["department"]] += 1
        case_groups |= {case["group"]} if "group" in case else set()
        for event in events:
            tasks[event["org:resource"]][event["org:group"]] += 1
    of_group = Counter[str]()
    for counts in tasks.values():
        of_group.update(counts)

    units: list[Row] = [unit(ROOT, "Municipality", "市政府", "municipality", "", "")]
    units += [unit(id_, id_, zh, "department", ROOT, "") for id_, zh in DEPARTMENTS.items()]
    for group in sorted({*of_group, *case_groups}, key=in_order):
        number = group.removeprefix("Group ")
        if group == NO_GROUP:
            units.append(unit(group, "No group recorded", "未记录小组", "unrecorded", ROOT, of_group[group]))
        else:
            level = "group" if group in of_group else "case_group"
            units.append(unit(group, group, f"第{number}组", level, ROOT, of_group[group]))
    write("units.csv", units)

    persons: list[Row] = []
    for person in sorted({*tasks, *cases}):
        named = Counter({group: n for group, n in tasks[person].items() if group != NO_GROUP})
        home = most(named or tasks[person] or cases[person])
        account = "test" if person.lower() == "test" else "administrator" if person.startswith("admin") else "staff"
        responsible = "true" if person in cases else "false"
        persons.append(
            {"id": person, "name": person, "unit": home, "account": account, "responsible_for_cases": responsible}
        )
    write("persons.csv", persons)


def unit(id_: str, en: str, zh: str, level: str, parent: str, tasks: object) -> Row:
    """One row of units.csv."""
    return {"id": id_, "name.en": en, "name.zh": zh, "level": level, "parent": parent, "tasks_in_log": tasks}


if __name__ == "__main__":
    main()
