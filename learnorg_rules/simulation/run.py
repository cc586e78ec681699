"""Running a scenario: what happens, what the rules say of it, and what that does to what happens next.

There are two ways to the same results. *Together*: all repetitions of a block in one pass over their events, and policies
that ask the same share what was found. *Alone*: each repetition as any other stream of events, judged by a batch run or
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
from .aggregate import OnDay
from .course import Course, Lot, Plan, Profile
from .definitions import Policy
from .responses import Holding, holding, rate_factor
from .sharing import same_rules
from .tables import Tables
from .windows import Windows, windows_of

__all__ = ["Runner"]


class Runner:
    """Runs blocks of repetitions of one scenario; keeps what does not depend on chance."""

    def __init__(self, plan: Plan, level: str) -> None:
        self.plan, self.level = plan, level
        self._bindings: dict[str, Binding] = {}
        self._days: dict[tuple[str, date], OnDay] = {}
        self._looked: dict[tuple[str, int], Windows | None] = {}
        self._shared: dict[str, frozenset[int]] = {}
        self._groups: list[list[str]] | None = None

    def run(self, repetitions: Sequence[int]) -> dict[str, pl.DataFrame]:
        """The tables of some repetitions, all policies."""
        tables = Tables()
        if self.level == "event":
            for repetition in repetitions:
                self._alone(repetition, tables)
        elif self.plan.responds:
            self._together_in_steps(repetitions, tables)
        else:
            self._together(repetitions, tables)
        return tables.frames()

    @property
    def _policies(self) -> Mapping[str, Policy]:
        return self.plan.scenario.policies

    def _lots(self, repetitions: Sequence[int]) -> list[list[Lot]]:
        return [self.plan.lots(repetition) for repetition in repetitions]

    def _whole(self, repetitions: Sequence[int]) -> Course:
        """All steps, where nobody responds to anything."""
        course = Course(self.plan, repetitions, self._lots(repetitions))
        for number in range(len(self.plan.steps)):
            course.step(number, lambda place, profile: 1.0)
        return course

    # ---- together

    def on_day(self, policy: str, day: date) -> OnDay:
        """The rules of a policy on a day."""
        if policy not in self._bindings:
            last = self.plan.scenario.to
            self._bindings[policy] = bind(self._policies[policy].ruleset, self.plan.organisation, last)
        if (policy, day) not in self._days:
            self._days[policy, day] = OnDay.of(self._bindings[policy], day)
        return self._days[policy, day]

    def groups(self) -> list[list[str]]:
        """The policies that ask the same of events, together."""
        if self._groups is None:
            self._groups, last = [], self.plan.scenario.to
            for policy in self._policies:
                on_day = self.on_day(policy, last)
                for group in self._groups:
                    if on_day.asks_as(self.on_day(group[0], last)):
                        group.append(policy)
                        break
                else:
                    self._groups.append([policy])
        return self._groups

    def _together(self, repetitions: Sequence[int], tables: Tables) -> None:
        course, last = self._whole(repetitions), self.plan.scenario.to
        counted = self._ingested(course.read(), last).frame
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
            tables.add_events(policy, course)

    def _same(self, first: str, policy: str) -> frozenset[int]:
        """The places of the rules that give the same under two policies of a group."""
        if policy not in self._shared:
            dataflow = self.on_day(first, self.plan.scenario.to).dataflow
            self._shared[policy] = same_rules(self._policies[first].ruleset, self._policies[policy].ruleset, dataflow)
        return self._shared[policy]

    def _together_in_steps(self, repetitions: Sequence[int], tables: Tables) -> None:
        lots = self._lots(repetitions)
        for policy in self._policies:

            def judge(course: Course, number: int, policy: str = policy) -> list[Judging]:
                on_day = self.on_day(policy, self.plan.steps[number].last)
                cells = on_day.cells(self._ingested(course.read(), on_day.binding.at).frame, len(repetitions))
                windows = self._windows(policy, number)
                return [on_day.judge(of_repetition, windows) for of_repetition in cells]

            course = Course(self.plan, repetitions, lots)
            for repetition, judging in zip(repetitions, self._respond(course, judge), strict=True):
                tables.add(policy, repetition, judging)
            tables.add_events(policy, course)

    def _windows(self, policy: str, number: int) -> Windows | None:
        """What is looked at after a step; after the last, everything."""
        steps = self.plan.steps
        if number + 1 == len(steps):
            return None
        key = (policy, number)
        if key not in self._looked:
            rules, dataflow = self._policies[policy].ruleset, self.on_day(policy, steps[number].last).dataflow
            responses = self.plan.responses
            self._looked[key] = windows_of(responses, rules, dataflow, steps[number], steps[number + 1].start)
        return self._looked[key]

    def _ingested(self, read: Read, day: date) -> Ingested:
        return ingest(read, self.plan.rules, self.plan.organisation, day)

    def _respond(self, course: Course, judge: Callable[[Course, int], list[Judging]]) -> list[Judging]:
        """Step by step: what happens, the results of it by repetition, and from them the rates of the next step."""
        steps, responses = self.plan.steps, self.plan.responses
        holds: list[Holding] = [{} for _ in course.repetitions]

        def factor(place: int, profile: Profile) -> float:
            return rate_factor(profile.behaviour, profile.subject, holds[place])

        found: list[Judging] = []
        for number, step in enumerate(steps):
            course.step(number, factor)
            found = judge(course, number)
            if number + 1 < len(steps):
                holds[:] = [holding(responses, judging, step, steps[number + 1].start) for judging in found]
        return found

    # ---- alone

    def _alone(self, repetition: int, tables: Tables) -> None:
        organisation, last = self.plan.organisation, self.plan.scenario.to
        lots = self._lots([repetition])
        course = None if self.plan.responds else self._whole([repetition])
        for name, policy in self._policies.items():
            if course is not None:
                outcome = assess(policy.ruleset, organisation, _Drawn(course.read()), last, last)
                tables.add(name, repetition, outcome.judging)
                tables.add_events(name, course)
                continue
            follower = _Following(self.plan, policy.ruleset)
            own = Course(self.plan, [repetition], lots)
            (judging,) = self._respond(own, lambda so_far, number, f=follower: [f.judge(so_far, number)])  # type: ignore[misc]
            tables.add(name, repetition, judging)
            tables.add_events(name, own)


@frozen
class _Drawn:
    """Drawn events as a source of events like any other."""

    rows: Read

    def read(self, wanted: Wanted, progress: Callable[[int, int], None] | None = None) -> Read:
        return self.rows


class _Following:
    """One repetition under one policy, followed live, in memory."""

    def __init__(self, plan: Plan, rules: Ruleset) -> None:
        self._plan, self._follower = plan, Follower(rules, plan.organisation)
        self._counted: dict[Identity, Counted] = {}

    def judge(self, course: Course, number: int) -> Judging:
        """The results at the end of a step, by what was recorded until then."""
        day = self._plan.steps[number].last
        ingested = ingest(course.read(), self._plan.rules, self._plan.organisation, day)
        now = {event.identity: (event, on) for event, on in ingested.events()}
        gone = [counted for identity, counted in self._counted.items() if identity not in now]
        come = [counted for identity, counted in now.items() if identity not in self._counted]
        self._counted = now
        self._follower.exchange(gone, come, 0, Cause("event"))
        self._follower.begin(day, now.values)
        return self._follower.outcome(lambda: ingested).judging
