"""What every table of a run has in common: words, titles, names, headings."""

from collections.abc import Iterable, Sequence
from fractions import Fraction

from attrs import field, frozen
from rich.console import Console
from rich.text import Text

from ..api import Result
from ..model.decision import DecisionRule
from ..model.definitions import Definition
from ..model.results import Appeal, Waiver
from ..texts import visible
from ..values import Number, shown_decimal
from ..words import say, state
from .layout import Cell, Column, print_table
from .selection import Selection

__all__ = ["ROWS", "Page", "points"]

ROWS = 15  # of a table on the terminal; the rest are counted


@frozen
class Page:
    """Where a run is printed to, in which language, and what of it."""

    result: Result
    console: Console
    language: str = "en"
    only: Selection = field(kw_only=True)

    # ---- words and names

    def word(self, key: str, **values: object) -> str:
        """A word of the tables in the language."""
        return say(key, self.language, **values)

    def state(self, kind: str, value: str, n: int = 1) -> str:
        """The word for the state of a result or a record, or of `n` of them."""
        return state(kind, value, self.language, n)

    def title(self, rule: Definition | DecisionRule) -> str:
        """The rule's title, or its id."""
        return rule.title.say(self.language) or rule.id

    def label(self, rule: Definition) -> str:
        """The id, which is what `explain` takes; in other languages than English the title."""
        return rule.id if self.language == "en" else rule.title.by_language.get(self.language, rule.id)

    def name(self, node: str) -> str:
        """The node's name where it has one; of units with a name in two languages the one asked for."""
        return self.result.organisation.names(node, self.language) if node in self.result.organisation.nodes else node

    # ---- layout

    def line(self, text: str, style: str = "") -> None:
        """A line of its own."""
        self.console.print(Text(visible(text), style), soft_wrap=True)

    def heading(self, text: str) -> None:
        """The heading of a part."""
        self.console.print()
        self.line(text, "bold")

    def table(self, columns: Sequence[Column], rows: Sequence[Sequence[Cell]], most: int | None = ROWS) -> None:
        """The rows, cut after `most`, with how many are left."""
        first = rows if most is None else rows[:most]
        print_table(self.console, columns, first)
        if len(rows) > len(first):
            self.line(self.word("more_rows", n=len(rows) - len(first)), "dim")

    def column(self, key: str, **layout: object) -> Column:
        """A column whose title is this word."""
        return Column(self.word(key), **layout)  # type: ignore[arg-type]

    def subject(self, node: str) -> list[Cell]:
        """Id and name; the name is empty where it says no more than the id."""
        name = self.name(node)
        return [node, "" if _plain(name) == _plain(node) else name]

    def subject_columns(self) -> list[Column]:
        """The columns of `subject`."""
        return [self.column("id"), self.column("subject_name", spare=2, optional=True)]

    def itself(self, node: str) -> str:
        """That the unit, body or person answers for itself."""
        return self.word(f"itself.{self.result.organisation.nodes[node].kind}")

    def changed(self, appeal: Appeal, first: str, now: str) -> str:
        """What an appeal changed, by whom and why."""
        by = self.name(appeal.decided_by)
        return self.word("changed_by", first=first, now=now, by=by, reason=appeal.reason)

    def waived(self, waiver: Waiver) -> str:
        """Until when, by whom and why the subject is let off."""
        by = self.name(waiver.granted_by)
        return self.word("waived_by", by=by, until=waiver.until.isoformat(), reason=waiver.reason)


def points(value: Fraction | None, beside: Iterable[Number] = ()) -> str:
    """Points to two decimals, and to more where two would show one of the numbers `beside` instead, or the wrong side of it."""
    return "-" if value is None else f"{shown_decimal(value, 2, beside)}"


def _plain(text: str) -> str:
    return text.casefold().replace(" ", "_")
