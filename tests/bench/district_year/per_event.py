"""What the peers that evaluate rules event by event share: which lines count, and what a rule that holds does.

A peer gives `fire(event, sheets)`: it asks its engine which rules hold for the event, and calls their effects. An effect takes
the event and the sheets it counts on; membership is looked at there, sheet by sheet, because it differs between a department
and its district. So an engine decides about an event, and Python counts: none of these engines counts over events by itself.
"""

from collections.abc import Callable, Sequence
from typing import Any, Protocol

from workload import AFTER, FIRST, Organisation, Sheet, arguments, calendar, rows, write

Event = dict[str, Any]
Effect = Callable[[Event, Sequence[Sheet]], None]


class Fire(Protocol):
    """An engine at work on one event."""

    def __call__(self, event: Event, sheets: Sequence[Sheet], /) -> None: ...


class Effects:
    """What rules do, by name. Each is called for an event that counts."""

    def __init__(self, organisation: Organisation) -> None:
        self.age = organisation.age
        self._sheets_of_member = organisation.sheets_of_member
        self._bits = calendar()

    def named(self, *names: str) -> list[Effect]:
        """The effects of these names, in their order."""
        return [getattr(self, name) for name in names]

    def _own(self, event: Event, sheets: Sequence[Sheet]) -> Sequence[Sheet]:
        """Those of the sheets that the event's person, whom the organisation knows, is a member of."""
        member = self._sheets_of_member[event["person"]]
        return sheets if sheets == member else [sheet for sheet in sheets if sheet in member]

    def forum(self, event: Event, sheets: Sequence[Sheet]) -> None:
        """A quarter with a forum."""
        bit = self._bits[event["time"][:10]].quarter
        for sheet in sheets:
            sheet.forum_quarters |= bit

    def salon(self, event: Event, sheets: Sequence[Sheet]) -> None:
        """A month with a salon."""
        bit = self._bits[event["time"][:10]].month
        for sheet in sheets:
            sheet.salon_months |= bit

    def study_week(self, event: Event, sheets: Sequence[Sheet]) -> None:
        """A week with a study session."""
        bit = self._bits[event["time"][:10]].week
        for sheet in sheets:
            sheet.study_weeks |= bit

    def meeting(self, event: Event, sheets: Sequence[Sheet]) -> None:
        """A quarter with a meeting."""
        bit = self._bits[event["time"][:10]].quarter
        for sheet in sheets:
            sheet.meeting_quarters |= bit

    def resource(self, event: Event, sheets: Sequence[Sheet]) -> None:
        """A month in which something was shared."""
        bit = self._bits[event["time"][:10]].month
        for sheet in sheets:
            sheet.shared_months |= bit

    def plan(self, event: Event, sheets: Sequence[Sheet]) -> None:
        """A plan was filed."""
        for sheet in sheets:
            sheet.plans += 1

    def early_plan(self, event: Event, sheets: Sequence[Sheet]) -> None:
        """A plan was filed before April."""
        for sheet in sheets:
            sheet.early_plans += 1

    def report(self, event: Event, sheets: Sequence[Sheet]) -> None:
        """A report was heard."""
        for sheet in sheets:
            sheet.reports += 1

    def funds(self, event: Event, sheets: Sequence[Sheet]) -> None:
        """Money was given."""
        tenths = round(event["score"] * 10)
        for sheet in sheets:
            sheet.granted_tenths += tenths

    def poll(self, event: Event, sheets: Sequence[Sheet]) -> None:
        """People were asked, weighed by minutes."""
        tenths, minutes = round(event["score"] * 10), event["minutes"]
        for sheet in sheets:
            sheet.poll_weighted += tenths * minutes
            sheet.poll_minutes += minutes

    def inspection(self, event: Event, sheets: Sequence[Sheet]) -> None:
        """An inspection gave a score."""
        tenths = round(event["score"] * 10)
        for sheet in sheets:
            sheet.inspected_tenths += tenths
            sheet.inspections += 1

    def attendance(self, event: Event, sheets: Sequence[Sheet]) -> None:
        """Somebody took part."""
        for sheet in self._own(event, sheets):
            sheet.attended.add(event["person"])

    def study_time(self, event: Event, sheets: Sequence[Sheet]) -> None:
        """Somebody studied."""
        for sheet in self._own(event, sheets):
            sheet.study_minutes += event["minutes"]

    def passed_to_35(self, event: Event, sheets: Sequence[Sheet]) -> None:
        """Somebody of at most 35 passed an exam."""
        for sheet in self._own(event, sheets):
            sheet.passed_to_35.add(event["person"])

    def passed_to_45(self, event: Event, sheets: Sequence[Sheet]) -> None:
        """Somebody of at most 45 passed an exam."""
        for sheet in self._own(event, sheets):
            sheet.passed_to_45.add(event["person"])


def run(engine: Callable[[Effects], Fire]) -> None:
    """Read the command line, send every line that counts through the engine, write the sheets."""
    given = arguments()
    organisation = Organisation(given.org)
    fire = engine(Effects(organisation))
    sheets_of_unit = organisation.sheets_of_unit
    seen: set[str] = set()
    counts = dict.fromkeys(("accepted", "duplicate", "rejected", "outside"), 0)
    for event in rows(given.events):
        if event["id"] in seen:
            counts["duplicate"] += 1
            continue
        seen.add(event["id"])
        sheets = sheets_of_unit.get(event["unit"])
        if sheets is None:
            counts["rejected"] += 1
        elif not FIRST <= event["time"] < AFTER:
            counts["outside"] += 1
        else:
            counts["accepted"] += 1
            fire(event, sheets)
    write(given.out, organisation.rated, counts)
