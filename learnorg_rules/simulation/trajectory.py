"""The events of a simulation: who does what how often, repetition by repetition, step by step.

Expected events are known for every behaviour, subject and day (`Profile`). A repetition adds how its subjects differ and
a stream of arrivals (`Randomness`); a policy adds factors, step by step (`Trajectory`). Where the cumulative rate reaches the next
arrival, something happens, and the mark of that number says what.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from math import log1p
from typing import Any

import numpy as np
import polars as pl
from attrs import define, field, frozen

from ..counting.binding import Binding, bind
from ..counting.port import ENVELOPE, REJECTED, Read, dtype_of
from ..model.definitions import FieldType
from ..periods import ONE_DAY, Grain, Period
from .definitions import Behaviour, Response, Scenario
from .draws import cells
from .streams import Arrivals, Marks, generator

__all__ = ["EventModel", "Profile", "Randomness", "Trajectory"]

_OF_ALL = 3  # numbers of a mark before those of each person: is it recorded wrongly, where, and how late


@frozen
class Profile:
    """One behaviour of one subject.

    `daily`: for each step the expected events of each of its days, before anybody differs or responds; None where the
    subject is not selected. `members`: everybody who ever belongs to it, where members attend.
    """

    behaviour: Behaviour
    subject: str
    daily: Sequence[np.ndarray | None]
    members: Sequence[str] = ()


class EventModel:
    """What a scenario has happen, as far as it can be computed without chance: the expected events of every subject and day."""

    def __init__(self, scenario: Scenario) -> None:
        self.scenario = scenario
        self.rules = next(iter(scenario.policies.values())).ruleset
        self.organisation = scenario.organisation
        self.along = self.rules.header.roll_up.along
        self._present: dict[tuple[str, date], np.ndarray] = {}
        binding = bind(self.rules, self.organisation, scenario.to)
        end = scenario.to + ONE_DAY
        periods = self.rules.calendar.schedule(scenario.step, scenario.from_, end).periods
        self.steps = [Period(max(p.start, scenario.from_), min(p.end, end), p.name) for p in periods]
        self.profiles = [profile for b in scenario.behaviours.values() for profile in self._profiles(b, binding)]

    @property
    def responds(self) -> bool:
        """Whether any behaviour looks at results."""
        return bool(self.responses)

    @property
    def responses(self) -> Sequence[Response]:
        """All responses, each once."""
        return tuple(dict.fromkeys(r for b in self.scenario.behaviours.values() for r in b.responds))

    def expected(self) -> float:
        """The events to be expected in one repetition, without spread and responses."""
        return sum(
            float(day.sum()) * max(1, len(p.members)) for p in self.profiles for day in p.daily if day is not None
        )

    def _profiles(self, behaviour: Behaviour, binding: Binding) -> list[Profile]:
        usual = [[self._expected(behaviour, day) for day in _days(step)] for step in self.steps]
        daily: dict[str, list[np.ndarray | None]] = {}
        for number, step in enumerate(self.steps):
            first = Period(step.start, step.start + ONE_DAY, step.name)
            for subject, _ in binding.select(behaviour.subjects, first):
                of_steps = daily.setdefault(subject, [None] * len(self.steps))
                there = [self._is_there(subject, day) for day in _days(step)]
                of_steps[number] = np.array(usual[number]) * np.array(there)
        return [Profile(behaviour, s, days, self._members(behaviour, s)) for s, days in sorted(daily.items())]

    def _expected(self, behaviour: Behaviour, day: date) -> float:
        per_day = behaviour.rate / self.rules.calendar.period(Grain(behaviour.every), day).days
        return float(per_day * behaviour.season.get(day.month, 1))

    def _is_there(self, subject: str, day: date) -> bool:
        return any(start <= day < end for start, end in self.organisation.stays(subject))

    def _members(self, behaviour: Behaviour, subject: str) -> Sequence[str]:
        if behaviour.attendance is None:
            return ()
        scenario = self.scenario
        segments = self.organisation.segments(self.along, scenario.from_, scenario.to + ONE_DAY)
        found = {p for start, _ in segments for p in self.organisation.as_of(start).members(subject, self.along)}
        return tuple(sorted(found))

    def present(self, profile: Profile, day: date) -> np.ndarray:
        """Which of the profile's members belong to it on the day."""
        snapshot = self.organisation.as_of(day)
        key = (profile.subject, snapshot.start)
        if key not in self._present:
            here = set(snapshot.members(profile.subject, self.along))
            self._present[key] = np.array([person in here for person in profile.members], dtype=bool)
        return self._present[key]

    def randomness(self, repetition: int) -> list["Randomness"]:
        """The random effects and streams of each profile in a repetition."""
        return [Randomness(self.scenario.seed, repetition, profile) for profile in self.profiles]


class Randomness:
    """The random effects and streams of one profile in one repetition, the same under every policy.

    `rate_factor`: its rate, compared with others (gamma distributed, mean 1). `attendance`: its chance (beta distributed).
    """

    def __init__(self, seed: int, repetition: int, profile: Profile) -> None:
        behaviour = profile.behaviour
        name = (seed, repetition, behaviour.id, profile.subject)
        differ = generator(*name, "differ")
        shape, self.rate_factor = float(behaviour.spread) ** -2 if behaviour.spread else 0.0, 1.0
        if shape:
            self.rate_factor = float(differ.gamma(shape, 1 / shape))
        self.attendance = float(behaviour.attendance or 0)
        if behaviour.attendance_spread:
            chance, variance = self.attendance, float(behaviour.attendance_spread) ** 2
            size = chance * (1 - chance) / variance - 1
            self.attendance = float(generator(*name, "attend").beta(chance * size, (1 - chance) * size))
        self.arrivals = Arrivals(generator(*name, "arrivals"))
        per_person = len(behaviour.fields) + (behaviour.attendance is not None)
        self.shape = (max(1, len(profile.members)), per_person)
        self.marks = Marks(generator(*name, "marks"), _OF_ALL + self.shape[0] * per_person)


@define
class _Rows:
    """Events of several repetitions, by column."""

    columns: dict[str, list[Any]]
    types: Mapping[str, pl.DataType]

    @classmethod
    def of(cls, fields: Mapping[str, FieldType]) -> "_Rows":
        types: dict[str, pl.DataType] = {**ENVELOPE, **{n: dtype_of(t.type) for n, t in fields.items()}}
        types["file"] = pl.UInt32()
        return cls({name: [] for name in types}, types)

    def add(self, count: int, fields: Mapping[str, Sequence[Any]], **values: object) -> None:
        for name, column in self.columns.items():
            if name in fields:
                column.extend(fields[name])
            else:
                value = values.get(name)
                column.extend(value if isinstance(value, list) else [value] * count)

    def frame(self) -> pl.DataFrame:
        return pl.DataFrame(self.columns, schema=dict(self.types))


@define
class Trajectory:
    """The events under one policy in some repetitions, up to the step reached.

    `counts[i][p]` are the events of repetition i (its place among `randomness`) and profile p in each step, None where it is not
    selected.
    """

    model: EventModel
    repetitions: Sequence[int]
    randomness: Sequence[Sequence[Randomness]]
    counts: list[list[list[int | None]]] = field(init=False)
    _levels: list[list[float]] = field(init=False)
    _numbers: list[list[int]] = field(init=False)
    _frames: list[pl.DataFrame] = field(factory=list, init=False)

    def __attrs_post_init__(self) -> None:
        profiles = len(self.model.profiles)
        self._levels = [[0.0] * profiles for _ in self.randomness]
        self._numbers = [[0] * profiles for _ in self.randomness]
        self.counts = [[[] for _ in range(profiles)] for _ in self.randomness]

    def step(self, number: int, factor: Callable[[int, Profile], float]) -> None:
        """Draw the events of a step; `factor` says, for the place of a repetition and a profile, how rates are changed."""
        rows, start = _Rows.of(self.model.rules.fields), self.model.steps[number].start
        for i, randomness in enumerate(self.randomness):
            for p, (profile, random) in enumerate(zip(self.model.profiles, randomness, strict=True)):
                daily = profile.daily[number]
                if daily is None:
                    self.counts[i][p].append(None)
                    continue
                level = self._levels[i][p]
                reached = level + np.cumsum(daily * (random.rate_factor * factor(i, profile)))
                self._levels[i][p] = end = float(reached[-1])
                times = random.arrivals.between(self._numbers[i][p], end)
                recorded = 0
                for at, place in zip(times.tolist(), np.searchsorted(reached, times).tolist(), strict=True):
                    before = float(reached[place - 1]) if place else level
                    share = (at - before) / (float(reached[place]) - before)
                    when = start + timedelta(place), min(int(share * 86400), 86399)
                    recorded += self._happens(i, profile, random, self._numbers[i][p], when, rows)
                    self._numbers[i][p] += 1
                self.counts[i][p].append(recorded)
        self._frames.append(rows.frame())

    def read(self) -> Read:
        """All events so far; the repetition of a row is its `file`, by its place among the repetitions."""
        frame = pl.concat(self._frames)
        self._frames = [frame]
        numbered = frame.with_columns(pl.int_range(1, frame.height + 1, dtype=pl.UInt32).alias("row"))
        names = tuple(f"repetition {r}" for r in self.repetitions)
        return Read(numbered, pl.DataFrame(schema=dict(REJECTED)), frame.height, names)

    def _happens(
        self, i: int, profile: Profile, random: Randomness, number: int, when: tuple[date, int], rows: _Rows
    ) -> int:
        """One happening, as an event for everybody who attends, or one; how many."""
        behaviour, subject, day = profile.behaviour, profile.subject, when[0]
        mark = random.marks.row(number)
        people = mark[_OF_ALL:].reshape(random.shape)
        person, unit = None, subject
        slots: list[int] = [0]
        if behaviour.attendance is not None:
            present = self.model.present(profile, day)
            slots = np.flatnonzero((people[:, 0] < random.attendance) & present).tolist()
            people = people[:, 1:]
            if not slots:
                return 0
        elif self.model.organisation.kind(subject) == "person":
            person, unit = subject, self.model.organisation.as_of(day).home(subject) or ""
        types = self.model.rules.fields
        fields: dict[str, Sequence[Any]] = {
            name: cells(draw, types[name], people[slots, j]) for j, (name, draw) in enumerate(behaviour.fields.items())
        }
        tz = self.model.rules.time_zone
        occurred = (datetime.combine(day, time(), tz) + timedelta(seconds=when[1])).astimezone(UTC)
        recorded = None
        if behaviour.recorded_after is not None:
            recorded = occurred + timedelta(seconds=int(float(behaviour.recorded_after) * 86400 * -log1p(-mark[2])))
        name = f"{self.repetitions[i]}.{behaviour.id}.{subject}.{number}"
        persons = [person]
        ids = [name]
        if behaviour.attendance is not None:
            persons, ids = [profile.members[s] for s in slots], [f"{name}.{s}" for s in slots]
        same: dict[str, object] = {
            "source": "", "kind": behaviour.event, "person": persons, "occurred_at": occurred, "file": i,
        }  # fmt: skip
        wrong = self._wrong_unit(behaviour, unit, day, mark)
        rows.add(len(ids), fields, id=ids, unit=wrong or unit, recorded_at=recorded, **same)
        after = None if behaviour.errors is None else behaviour.errors.corrected_after
        if wrong is not None and after is not None:
            put_right = (recorded or occurred) + timedelta(after)
            new = [f"{id_}.corrected" for id_ in ids]
            rows.add(len(ids), fields, id=new, unit=unit, recorded_at=put_right, corrects=ids, **same)
        return len(ids)

    def _wrong_unit(self, behaviour: Behaviour, unit: str, day: date, mark: np.ndarray) -> str | None:
        """Another unit of the same level, where it is recorded wrongly; None where it is not, or there is no other."""
        if behaviour.errors is None or mark[0] >= float(behaviour.errors.chance):
            return None
        snapshot = self.model.organisation.as_of(day)
        level = snapshot.attribute(unit, "level")
        others = [u for u in snapshot.units() if u != unit and snapshot.attribute(u, "level") == level]
        return others[int(mark[1] * len(others))] if others else None


def _days(step: Period) -> list[date]:
    return [step.start + timedelta(i) for i in range(step.days)]
