"""A run as tables for people: what was scored, what is unmet, who is awarded, and what to know about the events."""

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import groupby
from pathlib import PurePath

from attrs import frozen
from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from ..api import Result
from ..engine.results import AwardResult, DutyResult, ScoreResult
from ..model.award import Grant
from ..model.definitions import Award, Duty, Rule, Scorecard
from ..model.duty import Status
from ..values import Rounding, to_decimal
from .layout import GAP, Cell, Column, print_table, printable
from .words import word

__all__ = ["Tables"]

ROWS = 15  # of a table on the terminal; the rest are counted
SCORES_SHARE = 0.6  # of the width, which columns of points may take
UNMET = (Status.MISSED, Status.AT_RISK, Status.OPEN)  # the order they are shown in
_STYLES = {"missed": "red", "at_risk": "yellow", "open": "", "granted": "green", "tied": "yellow", "unranked": "yellow"}
_TWO = Rounding(2)


@frozen
class Tables:
    """Prints a run. `units`: only these subjects, all where empty; `period`: this one instead of the last."""

    result: Result
    console: Console
    language: str = "en"
    units: Sequence[str] = ()
    period: str | None = None

    def print(self) -> None:
        """Everything, in the order people ask for it."""
        self._head()
        shown = [self._scorecards(), self._duties(), self._awards(), self._phases()]
        if not any(shown):
            self._line(self.word("no_results"))
        self._findings()
        self._assumed()
        self._events()

    # ---- words and names

    def word(self, key: str, **values: object) -> str:
        """A word of the tables in the language."""
        return word(key, self.language, **values)

    def _title(self, rule: Rule) -> str:
        return rule.title.say(self.language) or rule.id

    def _name(self, node: str) -> str:
        """The node's name where it has one; of units with a name in two languages the one asked for."""
        return self.result.organisation.names(node, self.language) if node in self.result.organisation.nodes else node

    def _wanted(self, subject: str) -> bool:
        return not self.units or subject in self.units

    # ---- layout

    def _line(self, text: str, style: str = "") -> None:
        self.console.print(Text(printable(text), style), soft_wrap=True)

    def _heading(self, text: str) -> None:
        self.console.print()
        self._line(text, "bold")

    def _table(self, columns: Sequence[Column], rows: Sequence[Sequence[Cell]]) -> None:
        print_table(self.console, columns, rows[:ROWS])
        if len(rows) > ROWS:
            self._line(self.word("more", n=len(rows) - ROWS), "dim")

    def _column(self, key: str, **layout: int) -> Column:
        return Column(self.word(key), **layout)  # type: ignore[arg-type]

    def _subject(self, node: str) -> list[Cell]:
        """Id and name; the name is empty where it says no more than the id."""
        name = self._name(node)
        return [node, "" if _plain(name) == _plain(node) else name]

    def _subject_columns(self) -> list[Column]:
        return [self._column("subject"), self._column("subject_name", spare=2, optional=True)]

    # ---- parts

    def _head(self) -> None:
        ruleset, result = self.result.ruleset, self.result
        said = [ruleset.header.title.say(self.language) or ruleset.id, self.word("judged", day=result.at.isoformat())]
        if result.known_at is not None:
            said.append(self.word("known", time=result.known_at.isoformat()))
        self._line(self.word("comma").join(said), "bold")

    def _scorecards(self) -> bool:
        found = False
        for id_, records in groupby(self.result.totals, key=lambda r: r.scorecard):
            last = self._last([r for r in records if self._wanted(r.subject)])
            if last:
                found = True
                card = self.result.ruleset.scorecards[id_][last[0].version]
                self._scorecard(card, last)
        return found

    def _last(self, records: Sequence[ScoreResult]) -> Sequence[ScoreResult]:
        """Those of the period asked for, else of the last one."""
        period = self.period or (records[-1].period if records else "")
        return [r for r in records if r.period == period]

    def _scorecard(self, card: Scorecard, records: Sequence[ScoreResult]) -> None:
        self._heading(self.word("scorecard", title=self._title(card), period=records[0].period))
        parts = self._parts(card, records)
        names = list(parts[""])
        rows: list[list[Cell]] = []
        for r in records:
            total = self.word("missing") if r.total is None else _points(r.total)
            grade = (r.grade or self.word("missing")) if card.grades else ""
            points = [_points(parts[r.subject].get(name)) for name in names]
            rows.append(
                [*self._subject(r.subject), *points, total + ("*" if r.provisional else ""), grade, ", ".join(r.vetoes)]
            )
        scores = [*(Column(name, right=True) for name in names), self._column("total", right=True)]
        after = [self._column("grade", optional=True), self._column("vetoes", optional=True)]
        lengths = [max(cell_len(c.title), *(cell_len(str(row[i + 2])) for row in rows)) for i, c in enumerate(scores)]
        if (
            sum(lengths) + GAP * len(lengths) > self.console.width * SCORES_SHARE
        ):  # too many columns: what cost most says more
            rows = [[*row[:2], *row[-3:], self._lost(card, r)] for row, r in zip(rows, records, strict=True)]
            self._table([*self._subject_columns(), scores[-1], *after, self._column("lost", spare=1)], rows)
        else:
            self._table([*self._subject_columns(), *scores, *after], rows)
        if any(r.provisional for r in records):
            self._line(self.word("provisional"), "dim")
        if any(_is_long(i.points) for r in records for i in r.items) or any(_is_long(r.total) for r in records):
            self._line(self.word("rounded"), "dim")

    def _parts(self, card: Scorecard, records: Sequence[ScoreResult]) -> Mapping[str, Mapping[str, Fraction | None]]:
        """Subject -> points by category, or by indicator where there are no categories; under "" the names of all."""
        found: dict[str, dict[str, Fraction | None]] = {"": {}}
        for r in records:
            mine = found.setdefault(r.subject, {})
            for item in r.items:
                name = self._indicator(card, item.indicator)
                if item.category:
                    name = card.categories[item.category].title.say(self.language) or item.category
                if item.state == "missing" or (name in mine and mine[name] is None and item.state != "excluded"):
                    mine[name] = None
                elif item.points is not None:
                    mine[name] = (mine.get(name) or Fraction()) + item.points
                else:
                    mine.setdefault(name, None)
                found[""][name] = None
        return found

    def _indicator(self, card: Scorecard, id_: str) -> str:
        """The id, which is what `explain` takes; in other languages than English the title."""
        groups = [card.indicators, *(category.indicators for category in card.categories.values())]
        title = next(group[id_].title for group in groups if id_ in group)
        return id_ if self.language == "en" else title.by_language.get(self.language, id_)

    def _lost(self, card: Scorecard, r: ScoreResult) -> str:
        """The two indicators that cost most."""
        lost = [(i.out_of - i.points, i) for i in r.items if i.points is not None and i.points < i.out_of]
        worst = sorted(lost, key=lambda pair: -pair[0])[:2]
        return ", ".join(
            f"{self._indicator(card, i.indicator)} {_points(i.points)}/{_short(i.out_of)}" for _, i in worst
        )

    def _duties(self) -> bool:
        if not len(self.result.duties):
            return False
        recent = self._recent()
        by_status = {status: [d for d in recent if d.status is status] for status in UNMET}
        unmet = _first(list(by_status.values()), ROWS)
        if not unmet:
            self.console.print()
            self._line(self.word("none_unmet"))
            return True
        counts = [f"{len(found):,} {self.word(status.value)}" for status, found in by_status.items() if found]
        head = self.word("unmet_in", period=self.period) if self.period else self.word("unmet")
        self._heading(f"{head}{self.word('colon')}{self.word('comma').join(counts)}")
        columns = [
            self._column("status"), self._column("duty"), *self._subject_columns(),
            self._column("period", optional=True),
            self._column("due"), self._column("responsible", spare=1, optional=True),
            self._column("title", spare=3, optional=True),
        ]  # fmt: skip
        rows: list[list[Cell]] = []
        for d in unmet:
            duty = self.result.ruleset.duties[d.duty][d.version]
            status = Text(self.word(d.status.value), _STYLES[d.status.value])
            period = "" if d.period.startswith("by ") else d.period
            title = duty.title.say(self.language)
            rows.append(
                [
                    status,
                    d.duty,
                    *self._subject(d.subject),
                    period,
                    d.due.isoformat(),
                    self._responsible(duty, d),
                    title,
                ]
            )
        self._table(columns, rows)
        return True

    def _recent(self) -> list[DutyResult]:
        """For each duty and subject the last period that has begun, and the last that is over."""
        kept: list[DutyResult] = []
        at = self.result.at
        for _, group in groupby(self.result.duties, key=lambda d: d.duty):
            records = [d for d in group if self._wanted(d.subject)]
            if self.period is not None:
                kept.extend(d for d in records if d.period == self.period)
                continue
            begun = sorted({(d.start, d.period) for d in records if d.start <= at})
            over = sorted({(d.due, d.period) for d in records if d.due <= at})
            names = {periods[-1][1] for periods in (begun, over) if periods}
            kept.extend(d for d in records if d.period in names)
        return kept

    def _responsible(self, duty: Duty, d: DutyResult) -> str:
        """Who answers for it: the node named, or whoever the named edge leads to on that day; "" for nobody."""
        who = duty.responsible
        if not who or who in self.result.organisation.nodes:
            return self._name(who) if who else ""
        snapshot = self.result.organisation.as_of(min(d.due, self.result.at))
        found = snapshot.sources(d.subject, who) or snapshot.targets(d.subject, who)
        return ", ".join(map(self._name, found)) or self.word("nobody", edge=who)

    def _awards(self) -> bool:
        found = False
        for id_, group in groupby(self.result.awards, key=lambda r: r.award):
            records = list(group)
            period = self.period or records[-1].period
            mine = [r for r in records if r.period == period]
            if mine:
                found = True
                self._award(self.result.ruleset.awards[id_], period, mine)
        return found

    def _award(self, versions: Sequence[Award], period: str, records: Sequence[AwardResult]) -> None:
        """All candidates; where there are groups of peers, only those who get it or whose case is open."""
        award = versions[records[0].version]
        grouped = bool(award.within)
        quota = records[0].quota
        granted = sum(r.granted for r in records)
        key = "award_within" if grouped else "award_free" if quota is None else "award"
        values = {
            "title": self._title(award),
            "period": period,
            "granted": granted,
            "candidates": len(records),
            "quota": quota,
        }
        shown = [
            r
            for r in records
            if self._wanted(r.subject) and (self.units or not grouped or r.outcome is not Grant.NOT_GRANTED)
        ]
        if self.units and not shown:
            return
        self._heading(self.word(key, **values))
        if not shown:
            return
        keys = [e.text.removesuffix(" descending").removesuffix(" ascending") for e in award.rank_by]
        columns = [
            self._column("within", optional=True), self._column("rank", right=True), *self._subject_columns(),
            *(Column(k, right=True, optional=k == "id") for k in keys), self._column("outcome"),
        ]  # fmt: skip
        rows: list[list[Cell]] = []
        whole = [all(_is_whole(r.keys[i]) for r in shown) for i in range(len(keys))]
        for r in shown:
            points = ["" if k == "id" else _value(r.keys[i], whole[i]) for i, k in enumerate(keys)]
            outcome = Text(self.word(r.outcome.value), _STYLES.get(r.outcome.value, ""))
            rows.append([r.peers, "" if r.rank is None else str(r.rank), *self._subject(r.subject), *points, outcome])
        self._table(columns, rows)

    def _phases(self) -> bool:
        records = [r for r in self.result.phases if self._wanted(r.subject)]
        for id_, group in groupby(records, key=lambda r: r.plan):
            steps = list(group)
            plan = self.result.ruleset.phases[id_][steps[0].version]
            self._heading(self._title(plan))
            columns = [
                self._column("step"), *self._subject_columns(), self._column("from"), self._column("to"),
                self._column("state"), self._column("lacking", spare=1, optional=True),
            ]  # fmt: skip
            rows: list[list[Cell]] = [
                [
                    r.step, *self._subject(r.subject), r.from_.isoformat(), r.to.isoformat(), self.word(r.state.value),
                    ", ".join(r.missing),
                ]
                for r in steps
            ]  # fmt: skip
            self._table(columns, rows)
        return bool(records)

    def _findings(self) -> None:
        if self.result.findings:
            self._heading(self.word("findings"))
            for issue in self.result.findings[:ROWS]:
                self._line(f"{issue.source}: {issue.code} {issue.message}")
                if issue.hint:
                    self._line(f"    hint: {issue.hint}", "dim")
            if len(self.result.findings) > ROWS:
                self._line(self.word("more", n=len(self.result.findings) - ROWS), "dim")

    def _assumed(self) -> None:
        if self.result.assumed:
            self._heading(self.word("assumed"))
            columns = [self._column("name"), self._column("value", spare=1), self._column("note", spare=1, wraps=True)]
            self._table(columns, [[a.name, a.value, a.note] for a in self.result.assumed])

    def _events(self) -> None:
        counts = self.result.counts
        order = (
            "read",
            "counted",
            "outside",
            *(k for k in counts if k not in ("read", "counted", "outside", "accepted")),
        )
        said = [
            f"{counts[k]:,} {self.word('rejected_count' if k == 'rejected' else k)}" for k in order if counts.get(k)
        ]
        self._heading(f"{self.word('events')}{self.word('colon')}{self.word('comma').join(said)}")
        for note in self.result.ingested.notes:
            self._line(note)
        rows = list(_by_code(self.result))
        if rows:
            self._heading(self.word("rejected"))
            columns = [self._column("code"), self._column("count", right=True), self._column("first", spare=1)]
            self._table([*columns, self._column("reason", spare=1, wraps=True)], rows)


def _by_code(result: Result) -> Iterator[list[Cell]]:
    """One row per code: how many, the first place, and the first reason."""
    for code, group in groupby(
        sorted(result.rejected.iter_rows(named=True), key=lambda r: r["code"]), key=lambda r: r["code"]
    ):
        rows = list(group)
        yield [code, f"{len(rows):,}", f"{PurePath(rows[0]['file']).name}:{rows[0]['row']}", rows[0]["reason"]]


def _first(groups: Sequence[Sequence[DutyResult]], most: int) -> list[DutyResult]:
    """All of the groups in order, but what stands among the first `most` is from each of them."""
    fair = most // len(groups)
    shown = [min(len(g), fair) for g in groups]
    for i, group in enumerate(groups):
        shown[i] += min(len(group) - shown[i], most - sum(shown))
    head = [d for g, n in zip(groups, shown, strict=True) for d in g[:n]]
    return head + [d for g, n in zip(groups, shown, strict=True) for d in g[n:]]


def _is_long(value: Fraction | None) -> bool:
    return value is not None and (value * 100).denominator != 1


def _points(value: Fraction | None) -> str:
    return "-" if value is None else f"{to_decimal(_TWO.apply(value), 2)}"


def _short(value: Fraction) -> str:
    """At most two decimals, without zeros at the end."""
    text = _points(value)
    return text.rstrip("0").rstrip(".") if "." in text else text


def _is_whole(value: object) -> bool:
    return value is None or (isinstance(value, int | Fraction) and Fraction(value).denominator == 1)


def _value(value: object, whole: bool) -> str:
    if isinstance(value, int | Fraction) and not isinstance(value, bool):
        return str(int(value)) if whole else _points(Fraction(value))
    return "-" if value is None else str(value)


def _plain(text: str) -> str:
    return text.casefold().replace(" ", "_")
