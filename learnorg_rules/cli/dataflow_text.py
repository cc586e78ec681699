"""The dataflow as text: what is read once, what is cut from it, and in which order rules are judged."""

from collections.abc import Iterator, Sequence

from ..dataflow.nodes import AggregateQuery, Dataflow, ScanGroup
from ..expr.nodes import Node
from ..expr.render import render
from ..model.ruleset import Ruleset
from ..periods import Schedule

__all__ = ["describe"]

WIDTH = 96  # an expression that is longer stands on several lines, cut at spaces


def describe(dataflow: Dataflow, ruleset: Ruleset) -> str:
    """The plan of a run for people, ending in a line break.

    Schedules first, then scans (one pass over the events each) with their conditions, values and aggregates, then
    the rules in the order of evaluation.
    """
    lines = [f"plan of {ruleset.id}: {_counted(len(dataflow.scans), 'pass', 'passes')} over the events, "
             f"{_counted(len(dataflow.queries), 'aggregate')}, {_counted(len(dataflow.rules), 'rule')}"]  # fmt: skip
    lines += ["", "schedules"]
    lines += [f"  {name}: {_periods(schedule)}" for name, schedule in dataflow.schedules.items()]
    lines += ["", "columns read"]
    for what, names in (
        ("event fields", dataflow.fields),
        ("attributes of persons", dataflow.person_attributes),
        ("attributes of units", dataflow.unit_attributes),
    ):
        lines.append(f"  {what}: {', '.join(names) or 'none'}")
    for number, scan in enumerate(dataflow.scans, start=1):
        lines += ["", *_scan(number, scan, dataflow)]
    lines += ["", "rules in order"]
    lines += _rules(dataflow)
    return "\n".join(lines) + "\n"


def _counted(number: int, one: str, many: str = "") -> str:
    return f"{number} {one if number == 1 else many or f'{one}s'}"


def _periods(schedule: Schedule) -> str:
    periods = schedule.periods
    if len(periods) == 1:
        return f"{periods[0].name}, {periods[0].start.isoformat()} to {periods[0].last.isoformat()}"
    return f"{len(periods)} periods, {periods[0].name} to {periods[-1].name}" if periods else "no period"


def _scan(number: int, scan: ScanGroup, dataflow: Dataflow) -> Iterator[str]:
    key = scan.key
    title = f"pass {number}: for {'persons' if key.subjects == 'persons' else 'units and bodies'}"
    if key.element is not None:
        title += f", by each {render(key.element)}"
    if key.by_person:
        title += ", knowing who is a member"
    yield title
    yield from _wrapped("events", ", ".join(scan.kinds))
    yield from _wrapped(
        "cut by", ", ".join((*scan.schedules, *(f"each {g}" for g in scan.grains if g not in scan.schedules)))
    )
    yield from _nodes("conditions", scan.conditions)
    yield from _nodes("values", scan.values)
    yield "  aggregates"
    by_days: dict[str, list[AggregateQuery]] = {}
    for query in scan.queries:
        by_days.setdefault(_days(query, dataflow), []).append(query)
    for days, queries in by_days.items():
        yield f"    over {days}"
        for query in queries:
            yield from _wrapped(f"    #{query.number}", render(query.aggregate))


def _days(query: AggregateQuery, dataflow: Dataflow) -> str:
    """The schedule and the periods of it that are asked for."""
    periods = dataflow.schedules[query.schedule].periods
    if len(query.periods) == len(periods):
        return query.schedule
    first, last = periods[query.periods[0]].name, periods[query.periods[-1]].name
    return f"{query.schedule}, {first}" if first == last else f"{query.schedule}, {first} to {last}"


def _nodes(title: str, nodes: Sequence[Node]) -> Iterator[str]:
    if nodes:
        yield f"  {title}"
        for i, node in enumerate(nodes, start=1):
            yield from _wrapped(f"  {i}", render(node))


def _wrapped(label: str, text: str) -> Iterator[str]:
    """The label and the text; where that is too long, the rest below, under the beginning of the text."""
    indent = " " * (len(label) + 4)
    line = f"  {label}:"
    for word in text.split(" "):
        if len(line) + 1 + len(word) > WIDTH and line.strip() != f"{label.strip()}:":
            yield line
            line = indent + word
        else:
            line += f" {word}"
    yield line


def _rules(dataflow: Dataflow) -> Iterator[str]:
    for i, node in enumerate(dataflow.rules, start=1):
        version = f", version {node.version + 1}" if node.version else ""
        after = f", after {', '.join(node.after)}" if node.after else ""
        over = "" if node.schedule.startswith("by ") else f" every {node.schedule}"
        day = f" {dataflow.schedules[node.schedule].periods[0].name}" if node.schedule.startswith("by ") else ""
        yield f"  {i}. {node.kind} {node.id}{version}{over}{day}{after}"
