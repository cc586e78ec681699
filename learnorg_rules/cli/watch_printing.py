"""Changes as they are printed while watching: a line each for people, or CloudEvents for programs."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import date

from attrs import field, frozen
from rich.console import Console
from rich.text import Text

from ..explain.changes import change_sentence
from ..judging.changes import Change
from ..live import Live, Posted, cloudevent
from ..model.decision import ACTIONS
from ..model.kinds import KINDS, kind_named
from ..texts import visible
from ..words import say, state
from .screen import echo_json

__all__ = ["FIRST", "ChangePrinter"]

FIRST = "first day"  # the mark that says which entry was the first day judged; whatever it gives was not there before

_STYLES = {
    "missed": "red",
    "invalid": "red",
    "at_risk": "yellow",
    "met": "green",
    "met_late": "green",
    "granted": "green",
    "tied": "yellow",
    **dict.fromkeys(ACTIONS, "bold"),
}
BEGINNING = frozenset(kind.name for kind in KINDS if kind.of_everyone)  # there as soon as time reaches them


@frozen
class ChangePrinter:
    """Where changes are printed to, in which language, and those of which subjects (all where `units` is empty).

    For people, results that are there because time reached them are counted, for there are as many as subjects, rules
    and periods, and so is all that the first day judged gives; programs get each.
    """

    live: Live
    console: Console
    errors: Console
    language: str
    as_json: bool
    units: Sequence[str] = ()
    counts: Counter[str] = field(factory=Counter)

    def changes(self, changes: Iterable[Change]) -> None:
        """Print changes in their order; when this returns they are handed to whoever reads the output."""
        for change in self._without_beginnings(c for c in changes if not self.units or c.subject in self.units):
            self.counts["changes"] += 1
            if self.as_json:
                record = cloudevent(change, self.live.rules.id)
                echo_json(record, indent=None)
            else:
                sentence = change_sentence(change, self.language, self.live.rules, self._name)
                self._line(change.at, sentence, _style(change))

    def posted(self, posted: Posted, place: str) -> None:
        """Print what an event changed; of one that does not count the reason, to standard error."""
        self.counts[posted.state] += 1
        if posted.code:
            self.errors.print(Text(visible(f"{place}: {posted.code} {posted.reason}")), soft_wrap=True)
        self.changes(posted)

    def summary(self) -> None:
        """Say what was taken in, to standard error."""
        states = [s for s in self.counts if s != "changes"]
        said = [
            say(
                "count_records",
                self.language,
                n=self.counts[s],
                state=state("record", s, self.language, self.counts[s]),
            )
            for s in states
        ]
        events = say("comma", self.language).join(said) or "0"
        at = "-" if self.live.at is None else self.live.at.isoformat()
        line = say("watched", self.language, events=events, changes=f"{self.counts['changes']:,}", day=at)
        self.errors.print(Text(line), soft_wrap=True)

    def _without_beginnings(self, changes: Iterable[Change]) -> Iterator[Change]:
        day, begun = date.min, 0
        first = int(self.live.mark(FIRST) or 0)
        for change in changes:
            if begun and change.at != day:
                self._begun(day, begun)
                begun = 0
            is_counted = not self.as_json and change.old is None and change.cause.sort == "time"
            if is_counted and (change.kind in BEGINNING or change.position[0] == first):
                day, begun = change.at, begun + 1
            else:
                yield change
        if begun:
            self._begun(day, begun)

    def _begun(self, day: date, number: int) -> None:
        self.counts["changes"] += number
        self._line(day, say("begun", self.language, n=number), "dim")

    def _line(self, day: date, text: str, style: str) -> None:
        self.console.print(Text.assemble((f"{day}  ", "dim"), (visible(text), style)), soft_wrap=True)

    def _name(self, node: str) -> str:
        return self.live.org.names(node, self.language) if node in self.live.org.nodes else node


def _style(change: Change) -> str:
    kind, old, new = kind_named(change.kind), change.old, change.new
    before, now = (None if record is None else kind.points(record) for record in (old, new))
    if before is not None and now is not None:
        return "green" if now > before else "red" if now < before else ""
    return "" if new is None or kind.has_points else _STYLES.get(kind.standing(new), "")
