"""A simulation as a folder: a summary to decide by, pictures to show, tables to go on with."""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from functools import partial
from pathlib import Path

import polars as pl
from attrs import define, field, frozen

from ..files import Writer, write_folder
from ..model.ruleset import Ruleset
from ..sheets import write_frame
from ..simulation.answers import Answers, answers, award_costs
from ..simulation.comparisons import PolicyComparison, compare_policies
from ..simulation.results import Simulation
from ..words import say
from .pictures import Labels, Picture, picture_files
from .pictures_duties import duty_maps
from .pictures_totals import fans, rank_pictures

__all__ = ["SUMMARY", "Report", "report_of", "summary_of", "write_report"]

SUMMARY = "summary.md"
ROWS = 20  # of a table in the summary; the tables have all


@frozen
class Report:
    """What is said of a simulation. `costs`: None where no amounts were given."""

    simulation: Simulation
    answers: Answers
    comparison: PolicyComparison
    costs: pl.DataFrame | None = None

    @property
    def tables(self) -> Mapping[str, pl.DataFrame]:
        """Every table by the name of its file."""
        found = {
            **{f"answers_{name}": frame for name, frame in self.answers.frames.items()},
            **{f"compared_{name}": frame for name, frame in self.comparison.frames.items()},
            **{f"raw_{name}": frame for name, frame in self.simulation.frames.items()},
        }
        return found if self.costs is None else {"answers_costs": self.costs, **found}

    @property
    def findings(self) -> pl.DataFrame:
        """What a person has to settle, by policy, code and place of the rule: in how many repetitions, and one of its messages."""
        found = self.simulation.frames["findings"]
        return found.group_by("policy", "code", "place", maintain_order=True).agg(
            pl.col("repetition").n_unique().cast(pl.Int64).alias("repetitions"), pl.col("message").first()
        )


def report_of(
    simulation: Simulation, amounts: Mapping[str, int | Decimal | Fraction] | None = None, precision: float = 0.05,
    points: float = 5.0,
) -> Report:  # fmt: skip
    """Everything that is said of a simulation; parameters as those of `answers` and `award_costs`.

    Raises:
        ValueError, LookupError: as they do.
    """
    costs = award_costs(simulation, amounts) if amounts else None
    return Report(simulation, answers(simulation, precision, points), compare_policies(simulation), costs)


def write_report(
    report: Report, folder: Path, language: str = "en", force: bool = False, raw: bool = False
) -> tuple[Sequence[Path], str]:
    """Write summary.md, pictures/*.svg and *.png, tables/*.csv and *.parquet; same simulation, same bytes.

    `raw`: texts in CSV as they are, also those that a spreadsheet takes for formulas.

    Returns:
        The files in the order of their making, and a note about the pictures' labels or "".

    Raises:
        InputError: a file there is not ours, and `force` is false (F1xx); nothing was written.
        OSError: a file cannot be written.
    """
    labels = Labels(_rules(report.simulation), report.simulation.scenario.organisation, language)
    pictures = list(_pictures(report))
    drawn, note = picture_files(pictures, labels)
    summary = _Summary(report, labels, [p.name for p in pictures]).text().encode()
    files: dict[str, Writer] = {SUMMARY: lambda stream: stream.write(summary)}
    files |= {f"pictures/{name}": write for name, write in drawn.items()}
    for name, frame in report.tables.items():
        files |= {
            f"tables/{name}.csv": partial(write_frame, frame, raw=raw),
            f"tables/{name}.parquet": frame.write_parquet,
        }
    return write_folder(folder, files, force), note


def summary_of(report: Report, language: str = "en") -> str:
    """The summary alone, as Markdown without pictures."""
    return _Summary(
        report, Labels(_rules(report.simulation), report.simulation.scenario.organisation, language), ()
    ).text()


def _rules(simulation: Simulation) -> Ruleset:
    return next(iter(simulation.scenario.policies.values())).ruleset


def _pictures(report: Report) -> Iterator[Picture]:
    simulation = report.simulation
    rules = _rules(simulation)
    for card in sorted(simulation.frames["totals"]["scorecard"].unique()):
        yield from fans(simulation, card)
        judged = {s for v in rules.scorecards.get(card, ()) for s in (v.every,)}
        subjects = set(simulation.frames["totals"].filter(pl.col("scorecard") == card)["subject"])
        award = next(
            (name for name, versions in rules.awards.items() for v in versions
             if v.every in judged and subjects & set(_candidates(simulation, name))), "",
        )  # fmt: skip
        yield from rank_pictures(simulation, report.answers, card, award)
    yield from duty_maps(simulation, report.answers)


def _candidates(simulation: Simulation, award: str) -> Sequence[str]:
    return simulation.frames["awards"].filter(pl.col("award") == award)["subject"].unique().to_list()


@define
class _Summary:
    report: Report
    labels: Labels
    pictures: Sequence[str]
    lines: list[str] = field(factory=list)

    def say(self, key: str, **values: object) -> str:
        return say(key, self.labels.language, **values)

    def text(self) -> str:
        simulation = self.report.simulation
        scenario = simulation.scenario
        self.lines = [f"# {_escaped(scenario.title.say(self.labels.language) or scenario.id)}", ""]
        kinds = [node.kind for node in scenario.organisation.nodes.values()]
        persons = sum(kind == "person" for kind in kinds)
        self.lines += [self.say(
            "facts", first=scenario.from_, last=scenario.to, done=simulation.done, asked=scenario.repetitions,
            seed=scenario.seed, subjects=len(kinds) - persons, persons=persons,
        ), ""]  # fmt: skip
        if simulation.done < scenario.repetitions:
            self.lines += [self.say("stopped", done=simulation.done), ""]
        self._policies()
        self._sure()
        self._findings()
        self._changes()
        self._totals()
        self._awards()
        self._duties()
        self._costs()
        if self.pictures:
            self.lines += [f"## {self.say('pictures')}", ""]
            self.lines += [f"![{name}](pictures/{name}.svg)\n" for name in self.pictures]
            names = ", ".join(f"`{name}`" for name in self.report.tables)
            self.lines += [f"## {self.say('tables')}", "", self.say("tables_are", names=names), ""]
        self.lines += [self.say("assumes")]
        return "\n".join(self.lines) + "\n"

    # ---- parts

    def _policies(self) -> None:
        rows = []
        for policy in self.report.simulation.scenario.policies.values():
            sets = ", ".join(f"`{name}: {value}`" for name, value in policy.set.items())
            rows.append((policy.id, sets or self.say("current_rules")))
        self._part(self.say("options"), (self.say("option"), self.say("sets")), rows)

    def _sure(self) -> None:
        found = self.report.answers
        values = {"precision": _short(100 * found.precision), "points": _short(found.points)}
        key = "enough" if found.is_enough else "too_few"
        more = {} if found.is_enough else {"done": found.repetitions, "needed": found.needed, "widest": found.widest}
        self.lines += [
            f"## {self.say('sure')}",
            "",
            self.say(key, **values, **more),
            "",
            self.say("probability_note"),
            "",
        ]

    def _findings(self) -> None:
        rows = [
            (r["policy"], f"{r['code']} {r['message']}", f"{r['repetitions']} / {self.report.simulation.done}")
            for r in self.report.findings.iter_rows(named=True)
        ]
        if rows:
            heads = (self.say("option"), self.say("finding"), self.say("in_runs"))
            self._part(self.say("needs_decision"), heads, rows, self.say("unsettled"))

    def _changes(self) -> None:
        compared = self.report.comparison
        if len(self.report.simulation.scenario.policies) < 2:
            return
        rows = []
        last = compared.means.filter(pl.col("period") == pl.col("period").max().over("scorecard"))
        for row in last.iter_rows(named=True):
            card = self.labels.rule("scorecards", row["scorecard"])
            rows.append(self._change(row, self.say("mean_total", card=card, period=row["period"])))
        for row in compared.duties.iter_rows(named=True):
            duty = self.labels.rule("duties", row["duty"])
            rows.append(self._change(row, self.say("missed_share", duty=duty), share=True))
        rows += [
            self._change(row, self.say("happened", behaviour=row["behaviour"]))
            for row in compared.events.iter_rows(named=True)
        ]
        heads = tuple(self.say(k) for k in ("option", "measured", "difference", "interval", "verdict"))
        self._part(self.say("option_changes", base=compared.base), heads, rows, self.say("paired"))
        for policy in list(self.report.simulation.scenario.policies)[1:]:
            for key, who in (("gains", compared.gains(policy)), ("loses", compared.loses(policy))):
                self.lines += [self.say(key, policy=policy, who=self._names(who)), ""]

    def _change(self, row: Mapping[str, object], what: str, share: bool = False) -> tuple[str, ...]:
        def number(value: object) -> str:
            if value is None:
                return "?"
            assert isinstance(value, float)
            return f"{100 * value:+.1f}" if share else f"{value:+.2f}"

        interval = f"{number(row['low'])} … {number(row['high'])}"
        return str(row["policy"]), what, number(row["difference"]), interval, self.say(str(row["verdict"]))

    def _totals(self) -> None:
        totals = self.report.answers.totals
        for card in totals["scorecard"].unique().sort():
            ours = totals.filter(pl.col("scorecard") == card)
            period = str(ours["period"].max())
            cells = {(r["subject"], r["policy"]): f"{_points(r['median'])} ({_points(r['p05'])} … {_points(r['p95'])})"
                     for r in ours.filter(pl.col("period") == period).iter_rows(named=True)}  # fmt: skip
            best = ours.filter((pl.col("period") == period) & (pl.col("policy") == self.report.comparison.base))
            order = best.sort("median", "subject", descending=[True, False], nulls_last=True)["subject"].to_list()
            title = self.say("totals", card=self.labels.rule("scorecards", card), period=period)
            self._by_policy(title, "median", order, cells)

    def _awards(self) -> None:
        awards = self.report.answers.awards
        for award in awards["award"].unique().sort():
            ours = awards.filter(pl.col("award") == award)
            period = str(ours["period"].max())
            ours = ours.filter(pl.col("period") == period)
            cells = {(r["subject"], r["policy"]): _chance(r) for r in ours.iter_rows(named=True)}
            best = ours.group_by("subject").agg(pl.col("chance").max())
            order = best.sort("chance", "subject", descending=[True, False])["subject"].to_list()
            title = self.say("award_probability", award=self.labels.rule("awards", award), period=period)
            self._by_policy(title, "probability_column", order, cells)

    def _by_policy(self, title: str, key: str, order: Sequence[str], cells: Mapping[tuple[str, str], str]) -> None:
        policies = list(self.report.simulation.scenario.policies)
        heads = (self.say("subject"), *(self.say(key, policy=p) for p in policies))
        self._part(title, heads, [(self.labels.subject(s), *(cells.get((s, p), "") for p in policies)) for s in order])

    def _duties(self) -> None:
        duties = self.report.answers.duties
        likely = duties.filter(pl.col("times") > 0).sort(
            "chance", "policy", "duty", "subject", "period", descending=[True, False, False, False, False]
        )
        rows = [
            (r["policy"], self.labels.rule("duties", r["duty"]), self.labels.subject(r["subject"]), r["period"], _chance(r))
            for r in likely.head(ROWS // 2).iter_rows(named=True)
        ]  # fmt: skip
        if rows:
            heads = (*(self.say(k) for k in ("option", "duty", "subject", "period")), self.say("interval"))
            self._part(self.say("duties"), heads, rows, left=likely.height - len(rows))

    def _costs(self) -> None:
        if self.report.costs is not None:
            heads = (self.say("option"), self.say("year"), self.say("cost"))
            self._part(self.say("costs"), heads, [
                (r["policy"], r["year"], f"{r['median']} ({r['least']} … {r['most']})")
                for r in self.report.costs.iter_rows(named=True)
            ])  # fmt: skip

    # ---- Markdown

    def _part(
        self, title: str, heads: Sequence[str], rows: Sequence[Sequence[str]], before: str = "", left: int = 0
    ) -> None:
        self.lines += [f"## {_escaped(title)}", "", *([before, ""] if before else [])]
        self.lines += [_row(heads), "|" + "---|" * len(heads), *map(_row, rows[:ROWS]), ""]
        left += max(0, len(rows) - ROWS)
        if left:
            self.lines += [self.say("rows_left", n=left), ""]

    def _names(self, who: Sequence[str]) -> str:
        shown = self.say("list").join(_escaped(self.labels.subject(s)) for s in who[:ROWS])
        if not who:
            return self.say("nobody")
        return shown if len(who) <= ROWS else self.say("and_more", names=shown, n=len(who) - ROWS)


def _row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(_escaped(c) for c in cells) + " |"


def _escaped(text: str) -> str:
    """Text of others as Markdown shows it, in one line."""
    return " ".join(text.split()).replace("|", "\\|").replace("<", "&lt;")


def _chance(row: Mapping[str, float]) -> str:
    return f"{100 * row['chance']:.0f} % ({100 * row['low']:.0f} … {100 * row['high']:.0f})"


def _points(value: float | None) -> str:
    return "?" if value is None else f"{value:.1f}"


def _short(value: float) -> str:
    return f"{value:g}"
