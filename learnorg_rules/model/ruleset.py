"""The ruleset: everything a folder of rule files says, checked, with its dates."""

from collections.abc import Mapping, Sequence
from datetime import date, tzinfo
from zoneinfo import ZoneInfo

from attrs import field, frozen

from ..errors import Issue, Source
from ..periods import ONE_DAY, Calendar, Holiday, Period, days_skipped
from .decision import DecisionRule
from .definitions import (
    Award,
    Duty,
    EventKind,
    FieldType,
    Header,
    Measure,
    OrganisationSchema,
    Parameter,
    Plan,
    Scorecard,
    Selector,
)

__all__ = ["RuleTexts", "Ruleset"]


@frozen
class RuleTexts:
    """What a ruleset was read from, and can be read from again: `authoring.load.load_again`.

    `files`: name and text of each. `settings`: what `set` gave: name, value as in a file, and whether it came as a text.
    """

    files: Sequence[tuple[str, str]]
    settings: Sequence[tuple[str, str, bool]] = ()


@frozen(kw_only=True)
class Ruleset:
    """A programme's rules. Made by `learnorg_rules.load`; every expression in it is resolved and typed.

    The mappings keep the order of the files. `duties`, `scorecards`, `awards` and `plans` map an id to its versions, by
    `effective`. `warnings` are findings that did not refuse the files. `folder` is where they were read, `texts` what they
    said; None where the ruleset was not read from files.
    """

    header: Header
    organisation: OrganisationSchema = OrganisationSchema()
    fields: Mapping[str, FieldType] = field(factory=dict)
    events: Mapping[str, EventKind] = field(factory=dict)
    parameters: Mapping[str, Parameter] = field(factory=dict)
    selectors: Mapping[str, Selector] = field(factory=dict)
    measures: Mapping[str, Measure] = field(factory=dict)
    duties: Mapping[str, Sequence[Duty]] = field(factory=dict)
    scorecards: Mapping[str, Sequence[Scorecard]] = field(factory=dict)
    awards: Mapping[str, Sequence[Award]] = field(factory=dict)
    plans: Mapping[str, Sequence[Plan]] = field(factory=dict)
    decisions: Mapping[str, DecisionRule] = field(factory=dict)
    decision_sources: Mapping[str, Source] = field(factory=dict, eq=False)
    warnings: Sequence[Issue] = ()
    folder: str = ""
    texts: RuleTexts | None = field(default=None, eq=False, repr=False)

    @property
    def id(self) -> str:
        """The ruleset's id."""
        return self.header.id

    @property
    def first_day(self) -> date:
        """The first day judged."""
        assert self.header.effective.from_ is not None  # checked when the ruleset is loaded
        return self.header.effective.from_

    @property
    def end(self) -> date:
        """The day after the last day judged."""
        assert self.header.effective.to is not None  # checked when the ruleset is loaded
        return self.header.effective.to + ONE_DAY

    @property
    def effect_kinds(self) -> frozenset[str]:
        """The kinds of events by which people decide: waivers and appeals. They may come when their subject is no longer there."""
        return frozenset(name for name, kind in self.events.items() if kind.effect)

    @property
    def time_zone(self) -> tzinfo:
        """The zone that decides the local day of an instant."""
        return ZoneInfo(self.header.time_zone)

    @property
    def calendar(self) -> Calendar:
        """How periods are cut."""
        header = self.header
        return Calendar(
            header.year_starts,
            tuple(Holiday(h.from_, h.to, h.name) for h in header.holidays),
            {
                name: tuple(Period(p.from_, p.to + ONE_DAY, p.name) for p in periods)
                for name, periods in header.periods.items()
            },
            days_skipped(header.time_zone, self.first_day, self.end),
        )
