"""What `generate.py` writes into: who belonged where on which day, the working days, and the events so far."""

import json
import random
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from pathlib import Path

HERE = Path(__file__).parent
YEARS = range(2003, 2008)
DAY = timedelta(1)
ZONE = "+08:00"
HOLIDAYS = [(date(2003, 2, 1), date(2003, 2, 7)), (date(2004, 1, 22), date(2004, 1, 28)),
            (date(2005, 2, 9), date(2005, 2, 15)), (date(2006, 1, 29), date(2006, 2, 4)),
            (date(2007, 2, 18), date(2007, 2, 24))] + [(date(y, 10, 1), date(y, 10, 7)) for y in YEARS]  # fmt: skip


def rows(file: str) -> list[dict]:
    """The rows of an organisation file, which `invent.py` wrote as one JSON row a line."""
    lines = (HERE / "org" / file).read_text(encoding="utf-8").splitlines()
    return [json.loads(line[2:]) for line in lines if line.startswith("- ")]


class Organisation:
    """Who belonged where on which day."""

    def __init__(self) -> None:
        self.parents = {u["id"]: _history(u.get("parent"), u["from"]) for u in rows("units.yaml")}
        self.level = {u["id"]: u["level"] for u in rows("units.yaml")}
        self.persons = {p["id"]: p for p in rows("persons.yaml")}
        self.homes = {id: _history(p["unit"], p["from"], p.get("to")) for id, p in self.persons.items()}

    def department(self, unit: str, day: date) -> str:
        """The department, street or branch that holds the unit."""
        while self.level[unit] in ("section", "college"):
            unit = _on(self.parents[unit], day) or ""
        return unit

    def home(self, person: str, day: date) -> str | None:
        """The person's unit on the day, None where there is none."""
        return _on(self.homes[person], day)

    def members(self, department: str, day: date) -> list[str]:
        """Everybody of the department on the day, by id."""
        homes = ((id, self.home(id, day)) for id in self.persons)
        return [id for id, home in homes if home and self.department(home, day) == department]


class Diary:
    """The events so far. `add` gives each its id, in the order they are thought of."""

    def __init__(self, rng: random.Random) -> None:
        self.rng, self.events = rng, []

    def add(self, kind: str, unit: str, day: date, person: str | None = None, hour: int = 14, **fields: object) -> dict:
        """One event; most are recorded within the week, one in forty a month or more later."""
        at = datetime.combine(day, time(hour, self.rng.choice((0, 15, 30, 45))))
        delay = self.rng.randint(30, 75) if self.rng.random() < 0.025 else self.rng.randint(0, 6)
        recorded = datetime.combine(day, time(17, self.rng.randint(0, 59))) + delay * DAY
        event = {"id": f"e{len(self.events) + 1:06}", "kind": kind, "unit": unit}
        if person:
            event["person"] = person
        event |= {"occurred_at": at.isoformat() + ZONE, "recorded_at": recorded.isoformat() + ZONE, **fields}
        self.events.append(event)
        return event


def workday(rng: random.Random, year: int, month: int) -> date:
    """A weekday of the month that is no holiday."""
    while True:
        day = date(year, month, rng.randint(2, 28))  # New Year's Day is a holiday too
        if day.weekday() < 5 and not any(first <= day <= last for first, last in HOLIDAYS):
            return day


def mondays(year: int) -> Iterator[date]:
    """The Mondays of the ISO weeks of the year."""
    day = date.fromisocalendar(year, 1, 1)
    while day.isocalendar().year == year:
        yield day
        day += 7 * DAY


def _history(value: object, first: str, last: str | None = None) -> Sequence[tuple[str, str, str]]:
    """(id, first day, last day) in ISO text, which sorts as the days do."""
    if value is None:
        return ()
    stays = value if isinstance(value, list) else [{"of": value, "from": first, "to": last}]
    return [(s["of"], s["from"], s.get("to") or "9999-12-31") for s in stays]


def _on(history: Sequence[tuple[str, str, str]], day: date) -> str | None:
    return next((id for id, first, last in history if first <= day.isoformat() <= last), None)
