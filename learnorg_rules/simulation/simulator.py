"""Running a scenario: events are drawn, the rules judge them, and the results change the rates of the next step.

There are two ways to the same results. *Together*: all repetitions of a block in one pass over their events, and policies
that ask the same share the counts. *Alone*: each repetition as any other stream of events, judged by a batch run or
followed live. Both end in the shared judging, and the tests hold them to each other.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date

import polars as pl
from attrs import frozen

from ..counting.binding import Binding, bind
from ..counting.ingest import Ingested, ingest
from ..counting.port import Read, Wanted
from ..events.event import Identity
from ..judging.batch import assess
from ..judging.changes import Cause
from ..judging.judging import Judging
from ..live.follower import Counted, Follower
from ..model.ruleset import Ruleset
from .aggregate import RulesOnDay
from .definitions import Policy
from .responses import Holding, holding, rate_factor
from .sharing import same_rules
from .tables import Tables
from .trajectory import EventModel, Profile, Randomness, Trajectory
from .windows import Windows, windows_of

__all__ = ["Simulator"]


class Simulator:
    """Runs blocks of repetitions of one scenario; keeps what does not depend on chance."""

    def __init__(self, model: EventModel, level: str) -> None:
        self.model, self.level = model, level
        self._bindings: dict[str, Binding] = {}
        self._days: dict[tuple[str, date], RulesOnDay] = {}
        self._known_windows: dict[tuple[str, int], Windows | None] = {}
        self._shared: dict[str, frozenset[int]] = {}
        self._groups: list[list[str]] | None = None

    def run(self, repetitions: Sequence[int]) -> dict[str, pl.DataFrame]:
        """The tables of some repetitions, all policies."""
        tables = Tables()
        if self.level == "event":
            for repetition in repetitions:
                self._alone(repetition, tables)
        elif self.model.responds:
            self._together_in_steps(repetitions, tables)
        else:
            self._together(repetitions, tables)
        return tables.frames()

    @property
    def _policies(self) -> Mapping[str, Policy]:
        return self.model.scenario.policies

    def _randomness(self, repetitions: Sequence[int]) -> list[list[Randomness]]:
        return [self.model.randomness(repetition) for repetition in repetitions]

    def _whole(self, repetitions: Sequence[int]) -> Trajectory:
        """All steps, where nobody responds to anything."""
        trajectory = Trajectory(self.model, repetitions, self._randomness(repetitions))
        for number in range(len(self.model.steps)):
            trajectory.step(number, lambda place, profile: 1.0)
        return trajectory

    # ---- together

    def on_day(self, policy: str, day: date) -> RulesOnDay:
        """The rules of a policy on a day."""
        if policy not in self._bindings:
            last = self.model.scenario.to
            self._bindings[policy] = bind(self._policies[policy].ruleset, self.model.organisation, last)
        if (policy, day) not in self._days:
            self._days[policy, day] = RulesOnDay.of(self._bindings[policy], day)
        return self._days[policy, day]

    def groups(self) -> list[list[str]]:
        """The policies that ask the same of events, together."""
        if self._groups is None:
            self._groups, last = [], self.model.scenario.to
            for policy in self._policies:
                on_day = self.on_day(policy, last)
                for group in self._groups:
                    if on_day.asks_the_same(self.on_day(group[0], last)):
                        group.append(policy)
                        break
                else:
                    self._groups.append([policy])
        return self._groups

    def _together(self, repetitions: Sequence[int], tables: Tables) -> None:
        trajectory, last = self._whole(repetitions), self.model.scenario.to
        counted = self._ingested(trajectory.read(), last).frame
        for group in self.groups():
            first, *others = group
            cells = self.on_day(first, last).cells(counted, len(repetitions))
            for repetition, of_repetition in zip(repetitions, cells, strict=True):
                judging = self.on_day(first, last).judge(of_repetition)
                tables.add(first, repetition, judging)
                for policy in others:
                    known = (judging, self._same(first, policy))
                    tables.add(policy, repetition, self.on_day(policy, last).judge(of_repetition, known=known))
        for policy in self._policies:
            tables.add_events(policy, trajectory)

    def _same(self, first: str, policy: str) -> frozenset[int]:
        """The places of the rules that give the same under two policies of a group."""
        if policy not in self._shared:
            dataflow = self.on_day(first, self.model.scenario.to).dataflow
            self._shared[policy] = same_rules(self._policies[first].ruleset, self._policies[policy].ruleset, dataflow)
        return self._shared[policy]

    def _together_in_steps(self, repetitions: Sequence[int], tables: Tables) -> None:
        randomness = self._randomness(repetitions)
        for policy in self._policies:

            def judge(trajectory: Trajectory, number: int, policy: str = policy) -> list[Judging]:
                on_day = self.on_day(policy, self.model.steps[number].last)
                cells = on_day.cells(self._ingested(trajectory.read(), on_day.binding.at).frame, len(repetitions))
                windows = self._windows(policy, number)
                return [on_day.judge(of_repetition, windows) for of_repetition in cells]

            trajectory = Trajectory(self.model, repetitions, randomness)
            for repetition, judging in zip(repetitions, self._respond(trajectory, judge), strict=True):
                tables.add(policy, repetition, judging)
            tables.add_events(policy, trajectory)

    def _windows(self, policy: str, number: int) -> Windows | None:
        """What is looked at after a step; after the last, everything."""
        steps = self.model.steps
        if number + 1 == len(steps):
            return None
        key = (policy, number)
        if key not in self._known_windows:
            rules, dataflow = self._policies[policy].ruleset, self.on_day(policy, steps[number].last).dataflow
            responses = self.model.responses
            self._known_windows[key] = windows_of(responses, rules, dataflow, steps[number], steps[number + 1].start)
        return self._known_windows[key]

    def _ingested(self, read: Read, day: date) -> Ingested:
        return ingest(read, self.model.rules, self.model.organisation, day)

    def _respond(self, trajectory: Trajectory, judge: Callable[[Trajectory, int], list[Judging]]) -> list[Judging]:
        """Step by step: events, their results by repetition, and from these the rates of the next step."""
        steps, responses = self.model.steps, self.model.responses
        holds: list[Holding] = [{} for _ in trajectory.repetitions]

        def factor(place: int, profile: Profile) -> float:
            return rate_factor(profile.behaviour, profile.subject, holds[place])

        found: list[Judging] = []
        for number, step in enumerate(steps):
            trajectory.step(number, factor)
            found = judge(trajectory, number)
            if number + 1 < len(steps):
                holds[:] = [holding(responses, judging, step, steps[number + 1].start) for judging in found]
        return found

    # ---- alone

    def _alone(self, repetition: int, tables: Tables) -> None:
        organisation, last = self.model.organisation, self.model.scenario.to
        randomness = self._randomness([repetition])
        trajectory = None if self.model.responds else self._whole([repetition])
        for name, policy in self._policies.items():
            if trajectory is not None:
                outcome = assess(policy.ruleset, organisation, _DrawnEvents(trajectory.read()), last, last)
                tables.add(name, repetition, outcome.run.judging)
                tables.add_events(name, trajectory)
                continue
            follower = _Following(self.model, policy.ruleset)
            own = Trajectory(self.model, [repetition], randomness)
            (judging,) = self._respond(own, lambda so_far, number, f=follower: [f.judge(so_far, number)])  # type: ignore[misc]
            tables.add(name, repetition, judging)
            tables.add_events(name, own)


@frozen
class _DrawnEvents:
    """Drawn events as a source of events like any other."""

    rows: Read

    def read(self, wanted: Wanted, progress: Callable[[int, int], None] | None = None) -> Read:
        return self.rows


class _Following:
    """One repetition under one policy, followed live, in memory."""

    def __init__(self, model: EventModel, rules: Ruleset) -> None:
        self._model, self._follower = model, Follower(rules, model.organisation)
        self._counted: dict[Identity, Counted] = {}

    def judge(self, trajectory: Trajectory, number: int) -> Judging:
        """The results at the end of a step, by what was recorded until then."""
        day = self._model.steps[number].last
        ingested = ingest(trajectory.read(), self._model.rules, self._model.organisation, day)
        now = {event.identity: (event, on) for event, on in ingested.events()}
        removed = [counted for identity, counted in self._counted.items() if identity not in now]
        added = [counted for identity, counted in now.items() if identity not in self._counted]
        self._counted = now
        self._follower.exchange(removed, added, 0, Cause("event"))
        self._follower.begin(day, now.values)
        return self._follower.outcome(lambda: ingested).run.judging
